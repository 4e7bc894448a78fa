// SPDX-License-Identifier: GPL-2.0
/*
 * What is done when a hypervisor refuses a hypercall for now: it is short of
 * memory, or ran out of time. Where the user allows it the pool that the
 * status names gets pages, and the hypercall is made again.
 *
 * All of it ends: each deposit comes out of the user's limit, and each time-out
 * counts against another. No other status is a reason to try again, one with
 * no name as little as HV_STATUS_CALL_PENDING, which no call of this driver is
 * meant to answer: what went on behind it would not be told here.
 */
#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/sched/signal.h>

#include <hv/memory.h>

#include "retry.h"

/* What a first deposit brings; the smallest that is of use where it is a block. */
#define RETRY_FIRST 8

static const struct retry_need {
	u16 status;
	bool root; /* of the caller's own pool, not the partition's */
	bool adjacent;
} retry_needs[] = {
	{ HV_STATUS_INSUFFICIENT_MEMORY },
	{ HV_STATUS_INSUFFICIENT_MEMORY_MIRRORING },
	{ HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY, .adjacent = true },
	{ HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY_MIRRORING,
	  .adjacent = true },
	{ HV_STATUS_INSUFFICIENT_ROOT_MEMORY, .root = true },
	{ HV_STATUS_INSUFFICIENT_ROOT_MEMORY_MIRRORING, .root = true },
	{ HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY, .root = true,
	  .adjacent = true },
	{ HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY_MIRRORING, .root = true,
	  .adjacent = true },
};

static const struct retry_need *retry_need(u32 status)
{
	const struct retry_need *need = retry_needs;

	for (; need < retry_needs + ARRAY_SIZE(retry_needs); need++)
		if (need->status == status)
			return need;
	return NULL;
}

/**
 * hvrc_is_shortage - does a hypervisor say with this that it lacks memory?
 * @status: HV_STATUS
 *
 * Context: any.
 * Return: true for HV_STATUS_INSUFFICIENT_MEMORY and its relatives.
 */
bool hvrc_is_shortage(u32 status)
{
	return retry_need(status);
}

/* How many pages the next deposit has; 0: the limit leaves too few. */
static u32 retry_pages(const struct hv_rootctl_retry *args, bool adjacent)
{
	u64 left = args->deposit_limit - args->pages_deposited;
	u64 pages = clamp_t(u64, args->pages_deposited, RETRY_FIRST,
			    HV_DEPOSIT_MAX);

	if (!adjacent)
		return min(pages, left);
	if (left < RETRY_FIRST)
		return 0;
	return rounddown_pow_of_two(min(pages, left));
}

/* Returns how many of @pages the pool took, or -errno. */
static int retry_feed(struct hvrc_retry *r, struct hvrc_partition *p, u32 pages,
		      bool adjacent)
{
	struct hv_rootctl_retry *args = r->args;
	u32 done = 0;
	int err;

	err = hvrc_feed(r->file->hv, &r->file->caller, p, pages, adjacent,
			&done, &args->deposit_status);
	args->pages_deposited += done;
	return err ?: done;
}

/* The same, for a pool whose lock is not held yet. */
static int retry_feed_other(struct hvrc_retry *r, u64 id, u32 pages,
			    bool adjacent)
{
	struct hvrc_partition *p;
	int ret = -EINTR;

	p = hvrc_partition_get(r->file->hv, id);
	if (IS_ERR(p))
		return PTR_ERR(p);
	if (p == r->locked) {
		ret = retry_feed(r, p, pages, adjacent);
	} else if (!mutex_lock_interruptible_nested(&p->lock,
						    SINGLE_DEPTH_NESTING)) {
		ret = retry_feed(r, p, pages, adjacent);
		mutex_unlock(&p->lock);
	}
	hvrc_partition_put(r->file->hv, p);
	return ret;
}

/* Returns 1 when the hypercall may succeed now, 0 when not, or -errno. */
static int retry_deposit(struct hvrc_retry *r, const struct retry_need *need)
{
	u32 pages = retry_pages(r->args, need->adjacent);
	int ret;

	if (!pages)
		return 0;
	if (signal_pending(current))
		return -EINTR;
	if (!need->root && r->locked)
		ret = retry_feed(r, r->locked, pages, need->adjacent);
	else
		ret = retry_feed_other(r, need->root ? HV_ROOTCTL_SELF : r->id,
				       pages, need->adjacent);
	return ret < 0 ? ret : ret == pages;
}

static int retry_decide(struct hvrc_retry *r, u32 status)
{
	const struct retry_need *need;

	if (status == HV_STATUS_TIME_OUT) {
		if (r->time_outs == r->args->time_out_limit)
			return 0;
		r->time_outs++;
		return signal_pending(current) ? -EINTR : 1;
	}
	need = retry_need(status);
	return need ? retry_deposit(r, need) : 0;
}

/**
 * hvrc_retry_init - before the first hypercall of an ioctl
 * @r: storage
 * @file: the caller's file
 * @args: the ioctl's; its out fields are written from here on
 * @id: whose pool it is that INSUFFICIENT_MEMORY means
 * @locked: record of that partition when its lock is held over the hypercall,
 *	or NULL
 *
 * Context: any.
 */
void hvrc_retry_init(struct hvrc_retry *r, struct hvrc_file *file,
		     struct hv_rootctl_retry *args, u64 id,
		     struct hvrc_partition *locked)
{
	*r = (struct hvrc_retry){
		.file = file,
		.args = args,
		.id = id,
		.locked = locked,
	};
	args->deposit_status = HV_ROOTCTL_NO_STATUS;
	args->repeated = 0;
	args->pages_deposited = 0;
}

/**
 * hvrc_retry - shall a hypercall be made again?
 * @r: from hvrc_retry_init(), or NULL for never
 * @err: of the hypercall; becomes -errno when something comes in between
 * @status: its HV_STATUS
 *
 * Its input has to be built anew: the deposit used the same pages.
 *
 * Context: process; @file->lock is held.
 * Return: true when what was missing is there now.
 */
bool hvrc_retry(struct hvrc_retry *r, int *err, u32 status)
{
	int ret;

	if (!r || *err || status == HV_STATUS_SUCCESS)
		return false;
	ret = retry_decide(r, status);
	if (ret < 0)
		*err = ret;
	if (ret <= 0)
		return false;
	r->args->repeated++;
	cond_resched();
	return true;
}
