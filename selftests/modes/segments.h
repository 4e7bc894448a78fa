/* SPDX-License-Identifier: GPL-2.0 */
/* What the assembly files share: selectors, places in low memory. */
#ifndef SEGMENTS_H
#define SEGMENTS_H

#define CODE64 0x08
#define DATA 0x10
#define CODE32 0x18
#define CODE16 0x20
#define DATA16 0x28
#define USER_CODE32 0x33
#define USER_DATA 0x3b
#define USER_CODE64 0x43
#define TSS 0x48

/* The real mode's: stack below, registers, code. */
#define LOW_REGS 0x7800
#define LOW_CODE 0x8000
/* The other processors'. */
#define LOW_OTHER 0x9000

#define MAX_PROCESSORS 3 /* of the machine */

/* A GiB where there is neither RAM nor a device, and where it is mapped. */
#define NOWHERE 0x140000000
#define NOWHERE_AT 0x40000000

#define INTERRUPT 64 /* the vector that is taken */

/* struct registers in modes.h: GPRs without RSP, RFLAGS, XMM0-XMM15. */
#define REGS_FLAGS (15 * 8)
#define REGS_XMM (16 * 8)

#define RFLAGS_RF 0x10000
#define CR0_PE 0x1
#define CR0_PG 0x80000000

#endif
