/* SPDX-License-Identifier: GPL-2.0 */
/* The program of 32 bits, within that of 64. */
#ifndef HVTEST_COMPAT32_H
#define HVTEST_COMPAT32_H

extern const char compat32[], compat32_end[];

#endif
