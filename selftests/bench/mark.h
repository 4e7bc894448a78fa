/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Marks in the instruction stream: NOPs whose operand says which phase begins.
 * A processor does not mind them, selftests/bench/count.c sees them.
 */
#ifndef MARK_H
#define MARK_H

#define MARK_MAGIC 0x48560000

/* What is being done; scripts/bench-profile has the names and how often. */
enum mark_phase {
	MARK_NONE,
	MARK_BOOT, /* from the machine's reset to the first process */
	MARK_FORK,
	MARK_DEPOSIT,
	MARK_WITHDRAW,
	MARK_WRITE,
	MARK_NULL,
	MARK_UNKNOWN,
	MARK_FOREIGN,
	MARK_HOLD,
	MARK_DEPOSIT_HELD,
	MARK_PEER_DEPOSIT,
	MARK_PEER_WITHDRAW,
	MARK_PEER_WRITE,
	MARK_WRITE_XMM,
	MARK_PHASES,
};

#define mark(phase) \
	asm volatile("nopl %c0(%%rax)" : : "i"(MARK_MAGIC + (phase)) : "memory")

#endif
