/* SPDX-License-Identifier: GPL-2.0 */
/* Watching hypercalls: what is counted of them, and the trace event. */
#ifndef HVRC_STATS_H
#define HVRC_STATS_H

#include <linux/jump_label.h>
#include <linux/tracepoint-defs.h>
#include <linux/types.h>

struct hvrc;
struct hvrc_caller;

/* Bucket n counts calls of 2^n to 2^(n+1) - 1 ns, the last one also longer. */
#define HVRC_LATENCY_BUCKETS 32

/* Each code of the partition and memory calls has a row, all others share one. */
#define HVRC_STATS_FIRST_CODE 0x40
#define HVRC_STATS_CODES 0x15
#define HVRC_STATS_ROWS (HVRC_STATS_CODES + 1)

/* Each status below has a count, all others share one. */
#define HVRC_STATS_STATUSES 0x90

/**
 * struct hvrc_call_stats - the hypercalls of one code
 * @calls: how many were made
 * @reps: repetitions that they completed
 * @refused: of the calls, those that did not end with HV_STATUS_SUCCESS
 * @fast: of the calls, those whose parameters were in registers
 * @ns: how long they took altogether
 * @latency: how many took how long
 */
struct hvrc_call_stats {
	u64 calls;
	u64 reps;
	u64 refused;
	u64 fast;
	u64 ns;
	u64 latency[HVRC_LATENCY_BUCKETS];
};

/**
 * struct hvrc_stats - what was counted, on one processor or on all of them
 * @call: by code, see hvrc_stats_row()
 * @status: by status
 * @other_status: those that are too large for that
 * @unanswered: calls behind which there was no hypervisor
 */
struct hvrc_stats {
	struct hvrc_call_stats call[HVRC_STATS_ROWS];
	u64 status[HVRC_STATS_STATUSES];
	u64 other_status;
	u64 unanswered;
};

DECLARE_STATIC_KEY_FALSE(hvrc_stats_on);
DECLARE_TRACEPOINT(hv_rootctl_hypercall);

/**
 * hvrc_watched - does anybody want to know about hypercalls?
 *
 * Two jumps that are patched out as long as nobody does.
 *
 * Context: any.
 * Return: true when the next one must go through hvrc_watch().
 */
static inline bool hvrc_watched(void)
{
	return static_branch_unlikely(&hvrc_stats_on) ||
	       tracepoint_enabled(hv_rootctl_hypercall);
}

u64 hvrc_watch_start(void);
void hvrc_watch_end(const struct hvrc_caller *caller, u64 control, u64 result,
		    u64 start);
u64 hvrc_watch(const struct hvrc_caller *caller, u64 control, u64 input,
	       u64 output);
unsigned int hvrc_stats_row(u16 code);
void hvrc_stats_sum(const struct hvrc *hv, struct hvrc_stats *sum);
int hvrc_stats_init(struct hvrc *hv);
void hvrc_stats_destroy(struct hvrc *hv);
void hvrc_debugfs_create(struct hvrc *hv);
void hvrc_debugfs_destroy(struct hvrc *hv);

#endif
