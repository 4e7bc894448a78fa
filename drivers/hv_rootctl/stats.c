// SPDX-License-Identifier: GPL-2.0
/*
 * Seeing inside: counts of hypercalls, and debugfs hv_rootctl/ with them and
 * with who owns which pages. Nothing there tells an address.
 */
#include <linux/debugfs.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include <hv/calls.h>
#include <hv/hypercall.h>
#include <hv/status.h>

#include "hvrc.h"
#include "stats.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

DEFINE_STATIC_KEY_FALSE(hvrc_stats_on);

static int stats_param_set(const char *val, const struct kernel_param *kp)
{
	bool on;
	int err;

	err = kstrtobool(val, &on);
	if (err)
		return err;
	if (on)
		static_branch_enable(&hvrc_stats_on);
	else
		static_branch_disable(&hvrc_stats_on);
	return 0;
}

static int stats_param_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%c\n",
			  static_key_enabled(&hvrc_stats_on) ? 'Y' : 'N');
}

static const struct kernel_param_ops stats_param_ops = {
	.set = stats_param_set,
	.get = stats_param_get,
};
module_param_cb(stats, &stats_param_ops, NULL, 0644);
MODULE_PARM_DESC(stats, "count hypercalls for debugfs (default: N)");

/**
 * hvrc_stats_row - which row a call code is counted in
 * @code: call code
 *
 * Context: any.
 * Return: index into hvrc_stats.call.
 */
unsigned int hvrc_stats_row(u16 code)
{
	unsigned int row = (unsigned int)code - HVRC_STATS_FIRST_CODE;

	return min_t(unsigned int, row, HVRC_STATS_CODES);
}

/* Each count is one instruction: an interrupt may make hypercalls as well. */
static void stats_count(struct hvrc_stats __percpu *stats, u64 control,
			u64 result, u64 ns)
{
	struct hvrc_call_stats __percpu *call =
		&stats->call[hvrc_stats_row(hv_control_code(control))];
	u32 start = hv_control_start(control);
	u16 status = hv_result_status(result);
	u32 reps = hv_result_reps(result);

	this_cpu_inc(call->calls);
	if (control & HV_CONTROL_FAST)
		this_cpu_inc(call->fast);
	this_cpu_add(call->ns, ns);
	this_cpu_inc(call->latency[min(ns ? ilog2(ns) : 0,
				       HVRC_LATENCY_BUCKETS - 1)]);
	if (result == HV_RESULT_NO_HYPERVISOR) {
		this_cpu_inc(call->refused);
		this_cpu_inc(stats->unanswered);
		return;
	}
	if (reps > start && reps <= hv_control_count(control))
		this_cpu_add(call->reps, reps - start);
	if (status != HV_STATUS_SUCCESS)
		this_cpu_inc(call->refused);
	if (status < HVRC_STATS_STATUSES)
		this_cpu_inc(stats->status[status]);
	else
		this_cpu_inc(stats->other_status);
}

/**
 * hvrc_watch_start - a hypercall begins that somebody wants to know about
 *
 * Context: any.
 * Return: for hvrc_watch_end().
 */
u64 hvrc_watch_start(void)
{
	return ktime_get_mono_fast_ns();
}

/**
 * hvrc_watch_end - tell about a hypercall that was made
 * @caller: who made it
 * @control: hypercall input value
 * @result: hypercall result value
 * @start: from hvrc_watch_start()
 *
 * Context: any.
 */
void hvrc_watch_end(const struct hvrc_caller *caller, u64 control, u64 result,
		    u64 start)
{
	u64 ns = ktime_get_mono_fast_ns() - start;

	if (static_branch_unlikely(&hvrc_stats_on) && caller->stats)
		stats_count(caller->stats, control, result, ns);
	trace_hv_rootctl_hypercall(control, result, ns);
}

/**
 * hvrc_watch - make a hypercall that somebody wants to know about
 * @caller: who makes it
 * @control: hypercall input value
 * @input: as for the transport
 * @output: as for the transport
 *
 * Context: as the transport's call.
 * Return: the hypercall result value.
 */
u64 hvrc_watch(const struct hvrc_caller *caller, u64 control, u64 input,
	       u64 output)
{
	u64 start = hvrc_watch_start();
	u64 result = caller->transport->call(control, input, output);

	hvrc_watch_end(caller, control, result, start);
	return result;
}

/**
 * hvrc_stats_sum - add up what all processors have counted
 * @hv: the driver
 * @sum: the result; not of one instant when calls are under way
 *
 * Context: any.
 */
void hvrc_stats_sum(const struct hvrc *hv, struct hvrc_stats *sum)
{
	const u64 *from;
	u64 *to = (u64 *)sum;
	size_t i;
	int cpu;

	BUILD_BUG_ON(sizeof(*sum) % sizeof(*to));

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		from = (const u64 *)per_cpu_ptr(hv->stats, cpu);
		for (i = 0; i < sizeof(*sum) / sizeof(*to); i++)
			to[i] += READ_ONCE(from[i]);
	}
}

/* The sum is too large for the stack: each open file has one. */
static int stats_open(struct inode *inode, struct file *filp,
		      int (*show)(struct seq_file *seq, void *unused))
{
	struct hvrc_stats *sum;
	int err;

	sum = kvmalloc(sizeof(*sum), GFP_KERNEL);
	if (!sum)
		return -ENOMEM;
	hvrc_stats_sum(inode->i_private, sum);
	err = single_open(filp, show, sum);
	if (err)
		kvfree(sum);
	return err;
}

static int stats_release(struct inode *inode, struct file *filp)
{
	kvfree(((struct seq_file *)filp->private_data)->private);
	return single_release(inode, filp);
}

static void stats_show_code(struct seq_file *seq, unsigned int row)
{
	u16 code = HVRC_STATS_FIRST_CODE + row;

	if (row == HVRC_STATS_CODES)
		seq_printf(seq, "%-6s %-28s", "-", "others");
	else
		seq_printf(seq, "%#06x %-28s", code, hv_call_name(code) ?: "-");
}

static int calls_show(struct seq_file *seq, void *unused)
{
	const struct hvrc_stats *sum = seq->private;
	const struct hvrc_call_stats *call;
	unsigned int row;

	seq_printf(seq, "%-6s %-28s %12s %12s %12s %15s %12s\n", "code",
		   "call", "calls", "reps", "refused", "ns", "fast");
	for (row = 0; row < HVRC_STATS_ROWS; row++) {
		call = &sum->call[row];
		if (!call->calls)
			continue;
		stats_show_code(seq, row);
		seq_printf(seq, " %12llu %12llu %12llu %15llu %12llu\n",
			   call->calls, call->reps, call->refused, call->ns,
			   call->fast);
	}
	return 0;
}

static int latency_show(struct seq_file *seq, void *unused)
{
	const struct hvrc_stats *sum = seq->private;
	unsigned int row, i;

	seq_printf(seq, "%-6s %-28s %s\n", "code", "call",
		   "calls that took so many ns or more, but not twice as many");
	for (row = 0; row < HVRC_STATS_ROWS; row++) {
		if (!sum->call[row].calls)
			continue;
		stats_show_code(seq, row);
		for (i = 0; i < HVRC_LATENCY_BUCKETS; i++)
			if (sum->call[row].latency[i])
				seq_printf(seq, " %llu:%llu", BIT_ULL(i),
					   sum->call[row].latency[i]);
		seq_putc(seq, '\n');
	}
	return 0;
}

static int status_show(struct seq_file *seq, void *unused)
{
	const struct hvrc_stats *sum = seq->private;
	unsigned int i;

	seq_printf(seq, "%-6s %-36s %12s\n", "status", "name", "calls");
	for (i = 0; i < HVRC_STATS_STATUSES; i++)
		if (sum->status[i])
			seq_printf(seq, "%#06x %-36s %12llu\n", i,
				   hv_status_name(i) ?: "-", sum->status[i]);
	if (sum->other_status)
		seq_printf(seq, "%-6s %-36s %12llu\n", "-", "others",
			   sum->other_status);
	if (sum->unanswered)
		seq_printf(seq, "%-6s %-36s %12llu\n", "-", "unanswered",
			   sum->unanswered);
	return 0;
}

#define STATS_FOPS(name)                                                   \
	static int name##_open(struct inode *inode, struct file *filp)     \
	{                                                                  \
		return stats_open(inode, filp, name##_show);               \
	}                                                                  \
	static const struct file_operations name##_fops = {                \
		.owner = THIS_MODULE,                                      \
		.open = name##_open,                                       \
		.read = seq_read,                                          \
		.llseek = seq_lseek,                                       \
		.release = stats_release,                                  \
	}

STATS_FOPS(calls);
STATS_FOPS(latency);
STATS_FOPS(status);

static const char *pages_owner(const struct hvrc_partition *p)
{
	if (p->owner)
		return "file";
	return p->orphan ? "orphan" : "detached";
}

static int pages_show(struct seq_file *seq, void *unused)
{
	struct hvrc *hv = seq->private;
	struct hvrc_partition *p;
	unsigned long id;

	seq_printf(seq, "%-18s %12s %12s %12s %12s %s\n", "partition", "pool",
		   "mapped", "blocks", "quarantined", "owner");
	mutex_lock(&hv->lock);
	xa_for_each(&hv->partitions, id, p)
		seq_printf(seq, "%-18llu %12llu %12llu %12llu %12llu %s\n",
			   p->id, hvrc_ledger_pages(&p->ledger),
			   READ_ONCE(p->mapped_pages),
			   READ_ONCE(p->mapped_blocks),
			   atomic64_read(&p->quarantined), pages_owner(p));
	mutex_unlock(&hv->lock);
	seq_printf(seq, "deposited %llu\nwithdrawn %llu\nheld by files %llu\nquarantined %llu\nwith the hypervisor %llu\n",
		   atomic64_read(&hv->deposited), atomic64_read(&hv->withdrawn),
		   atomic64_read(&hv->kept), atomic64_read(&hv->quarantined),
		   atomic64_read(&hv->held));
	seq_printf(seq, "deposited automatically %llu, in %llu deposits\n",
		   atomic64_read(&hv->fed), atomic64_read(&hv->feeds));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pages);

/**
 * hvrc_stats_init - make room for the counts
 * @hv: the driver
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int hvrc_stats_init(struct hvrc *hv)
{
	hv->stats = alloc_percpu(struct hvrc_stats);
	return hv->stats ? 0 : -ENOMEM;
}

/**
 * hvrc_stats_destroy - end of the counts
 * @hv: the driver; no hypercall is under way
 *
 * Context: may sleep.
 */
void hvrc_stats_destroy(struct hvrc *hv)
{
	free_percpu(hv->stats);
}

/**
 * hvrc_debugfs_create - show the driver in debugfs
 * @hv: the driver
 *
 * Context: may sleep.
 */
void hvrc_debugfs_create(struct hvrc *hv)
{
	hv->debugfs = debugfs_create_dir("hv_rootctl", NULL);
	debugfs_create_file("calls", 0400, hv->debugfs, hv, &calls_fops);
	debugfs_create_file("latency", 0400, hv->debugfs, hv, &latency_fops);
	debugfs_create_file("pages", 0400, hv->debugfs, hv, &pages_fops);
	debugfs_create_file("status", 0400, hv->debugfs, hv, &status_fops);
}

/**
 * hvrc_debugfs_destroy - take it out of debugfs
 * @hv: the driver
 *
 * Context: may sleep; waits for those who read.
 */
void hvrc_debugfs_destroy(struct hvrc *hv)
{
	debugfs_remove(hv->debugfs);
}
