/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The debug calls: not a part of Hyper-V. They exist on this tree's hypervisor
 * only, for tests, and are unknown codes unless the hypervisor was started with
 * "debug=on".
 */
#ifndef HV_DEBUG_H
#define HV_DEBUG_H

#include <hv/types.h>

/* Simple call; the caller must be the root. */
#define HVCALL_DEBUG 0x7f00

enum hv_debug_op {
	/* Add the line in text to the fault script (Documentation/). */
	HV_DEBUG_FAULT_ADD = 1,
	/* Drop all fault script lines. */
	HV_DEBUG_FAULT_CLEAR = 2,
	/* Counters of call code arg: values[] as in enum hv_debug_counter. */
	HV_DEBUG_COUNTERS = 3,
	/* Count page owners and check them: enum hv_debug_audit. */
	HV_DEBUG_AUDIT = 4,
	/* Choose the reading of access codes: arg 0 call page, 1 enum. */
	HV_DEBUG_ACCESS_CODES = 5,
	/* Elements per invocation before a rep call is continued: arg. */
	HV_DEBUG_REP_BUDGET = 6,
	/* Set the root's privileges to arg; all ones: as configured. */
	HV_DEBUG_PRIVILEGES = 7,
	/* Apply the word in text, one of the command line's (hvc_option()). */
	HV_DEBUG_OPTION = 8,
	/*
	 * Pieces in which pages with side effects were accessed: values[0]
	 * all that there were, then two for each of the recorded ones, the
	 * arg-th first: its GPA, and HV_DEBUG_PIECE(). The first 64 are
	 * recorded. arg all ones: forget them.
	 */
	HV_DEBUG_ACCESS_LOG = 9,
	/*
	 * Make the call in text, a struct hv_debug_call, as if 64-bit code of
	 * the child arg had made it: lists are in its GPA space. values[0] is
	 * the result value. INVALID_PARAMETER where the child would have #UD.
	 */
	HV_DEBUG_CALL_AS = 10,
};

#define HV_DEBUG_PIECE(vp, write, bytes, value)      \
	((u64)(vp) << 48 | (u64)(write) << 40 | \
	 (u64)(bytes) << 32 | (value))
#define HV_DEBUG_ACCESS_LOG_STEP 7U /* pieces in one answer */

enum hv_debug_counter {
	HV_DEBUG_CALLS, /* completed calls */
	HV_DEBUG_FAILED, /* of them, status other than SUCCESS */
	HV_DEBUG_REPS, /* elements completed, in all */
	HV_DEBUG_CONTINUED, /* invocations that ended in a continuation */
	HV_DEBUG_FAULTS, /* answers that the fault script made */
	HV_DEBUG_UNKNOWN, /* calls with an unknown code, of any code */
	HV_DEBUG_NR_COUNTERS,
};

enum hv_debug_audit {
	HV_DEBUG_ROOT_PAGES, /* RAM that the root can use */
	HV_DEBUG_POOL_PAGES, /* available in the pools, all partitions */
	HV_DEBUG_USED_PAGES, /* of the pools, in use by the hypervisor */
	HV_DEBUG_HYPERVISOR_PAGES, /* the hypervisor's own */
	HV_DEBUG_MAPPED_PAGES, /* of the root's, mapped into a child */
	HV_DEBUG_PARTITIONS, /* partitions alive, the root included */
	HV_DEBUG_AUDIT_ERRORS, /* frames or counts that do not agree: 0 */
	HV_DEBUG_NR_AUDIT,
};

#define HV_DEBUG_TEXT_SIZE 240
#define HV_DEBUG_VALUES 16

struct hv_input_debug {
	u32 op;
	u32 padding;
	u64 arg;
	char text[HV_DEBUG_TEXT_SIZE]; /* ends with a zero byte */
};

HV_ASSERT_SIZE(struct hv_input_debug, 256);

/* RCX, RDX and R8 of a call; XMM registers are the caller's own. */
struct hv_debug_call {
	u64 control;
	u64 input;
	u64 output;
};

HV_ASSERT_SIZE(struct hv_debug_call, 24);

struct hv_output_debug {
	u64 values[HV_DEBUG_VALUES];
};

HV_ASSERT_SIZE(struct hv_output_debug, 128);

/*
 * Simple call, likewise: what only the machine's side of the hypervisor knows.
 * The output is struct hv_output_debug; a hypervisor without a machine has no
 * such call.
 */
#define HVCALL_DEBUG_MACHINE 0x7f01

enum hv_debug_machine_op {
	/* Exits of the root's VP arg: values[] as in enum hv_debug_exit. */
	HV_DEBUG_EXITS = 1,
	/*
	 * Statuses of call code arg bits 15:0, from the one in bits 31:16 on:
	 * values[i] calls have ended with that + i. Code 0: all unknown ones.
	 */
	HV_DEBUG_STATUSES = 2,
	/* The root's own large pages: values[] as in enum hv_debug_large. */
	HV_DEBUG_LARGE_PAGES = 3,
	/*
	 * Let the next HvGetPartitionId that is answered without the lock take
	 * arg microseconds, up to a second, when its output page has been
	 * looked at and not yet been written to. values[] as in enum
	 * hv_debug_linger, until now; arg 0: only that.
	 */
	HV_DEBUG_LINGER = 4,
};

enum hv_debug_large {
	HV_DEBUG_SPLITS, /* large pages that were made tables */
	HV_DEBUG_MERGES, /* tables that were made large pages */
};

enum hv_debug_linger {
	HV_DEBUG_LINGER_BEGUN, /* calls that have taken their time, or do */
	HV_DEBUG_LINGER_ENDED, /* of them, those that do not any more */
};

enum hv_debug_exit {
	HV_DEBUG_EXIT_CPUID,
	HV_DEBUG_EXIT_MSR,
	HV_DEBUG_EXIT_VMMCALL,
	HV_DEBUG_EXIT_IOIO, /* of the ports that are watched */
	HV_DEBUG_EXIT_NMI,
	HV_DEBUG_EXIT_MMIO, /* stores to APICs */
	HV_DEBUG_EXIT_NPF, /* other nested page faults */
	HV_DEBUG_EXIT_IRET, /* of NMIs */
	HV_DEBUG_EXIT_INVD,
	HV_DEBUG_EXIT_WRITE_DR, /* stores to DR0 to DR3 */
	HV_DEBUG_EXIT_OTHER, /* all the rest */
	HV_DEBUG_NR_EXITS,
};

struct hv_input_debug_machine {
	u32 op;
	u32 padding; /* 0 */
	u64 arg;
};

HV_ASSERT_SIZE(struct hv_input_debug_machine, 16);

#endif
