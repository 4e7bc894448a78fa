/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_LOCKS_H
#define BENCH_LOCKS_H

#include "measure.h"

/* Print which locks two files have in common; @first: driver's partition. */
void locks_measure(u64 first, const u8 *data);

#endif
