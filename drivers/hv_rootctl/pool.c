// SPDX-License-Identifier: GPL-2.0
/*
 * Memory pools: HvDepositMemory, HvWithdrawMemory, HvGetMemoryBalance.
 * TLFS chapter "Memory Manager".
 */
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/sched/signal.h>

#include <hv/memory.h>

#include "hvrc.h"
#include "source.h"

/* Pages on their way into a partition's pool or out of it. */
struct pool_work {
	struct hvrc *hv;
	struct hvrc_caller *caller;
	struct hvrc_partition *p;
	struct hvrc_hold *hold; /* where else they are, NULL: the kernel */
};

/* Returns how many page numbers it wrote. */
static u32 pool_list(const u64 *runs, u32 nr_runs, u64 *pfns)
{
	u64 *at = pfns, *end, pfn;

	for (; nr_runs; nr_runs--, runs++) {
		pfn = hvrc_run_pfn(*runs);
		end = at + hvrc_run_pages(*runs);
		for_each_until(at, end)
			at[0] = pfn++;
	}
	return at - pfns;
}

/* Pages that are nobody's: the file's, where it holds some, or the kernel's. */
static void pool_put(struct pool_work *w, const u64 *pfns, u32 count)
{
	hvrc_pages_put(w->hold, pfns, count);
	if (w->hold)
		atomic64_add(count, &w->hv->kept);
}

/*
 * One hypercall, or more where the hypervisor stops early. The pages that it
 * has accepted stay in the ledger, and so do those of which its answer leaves
 * in doubt whether it has. The others are the kernel's again.
 */
static int pool_deposit_batch(struct pool_work *w, u64 id, u32 nr_runs,
			      struct hvrc_rep *rep)
{
	struct hv_input_deposit_memory *in = w->caller->input;
	u64 *pfns = w->caller->output; /* which the hypervisor is not told of */
	u64 *runs = w->caller->scratch;
	u32 refused;
	int err;

	*rep = (struct hvrc_rep){
		.code = HVCALL_DEPOSIT_MEMORY,
		.no_output = true,
		.status = HV_ROOTCTL_NO_STATUS,
	};
	do {
		in->partition_id = id;
		rep->count = pool_list(runs, nr_runs, in->gpa_page_list);
		err = hvrc_rep_step(w->caller, rep);
	} while (!err && hvrc_rep_unfinished(rep));

	refused = rep->count - rep->limit;
	if (!refused)
		return err;
	pool_list(runs, nr_runs, pfns);
	refused = hvrc_ledger_take(w->hv, &w->p->ledger, pfns + rep->limit,
				   refused, runs);
	pool_put(w, runs, refused);
	return err;
}

/*
 * Get pages for one hypercall, of @want that there shall be at last; how many
 * runs that are, or -errno.
 */
static int pool_get(struct pool_work *w, struct hvrc_source *src, u64 want)
{
	u32 count = min_t(u64, want, HV_DEPOSIT_MAX);
	u64 *runs = w->caller->scratch;
	u64 before;
	u32 got;

	if (w->hold) {
		before = w->hold->pages;
		got = hvrc_hold_take(w->hold, runs, count);
		atomic64_sub(before - w->hold->pages, &w->hv->kept);
		return got ?: -ENOENT;
	}
	return hvrc_source_get(src, runs, count, want) ?: -ENOMEM;
}

/*
 * Deposit what one hypercall can of @want pages. What @rep holds beforehand is
 * left where there was no hypercall.
 */
static int pool_deposit_some(struct pool_work *w, struct hvrc_source *src,
			     u64 id, u64 want, struct hvrc_rep *rep)
{
	int got;

	lockdep_assert_held(&w->p->lock);

	got = pool_get(w, src, want);
	if (got < 0)
		return got;
	hvrc_ledger_add(w->hv, &w->p->ledger, w->caller->scratch, got);
	return pool_deposit_batch(w, id, got, rep);
}

static int pool_deposit_all(struct pool_work *w, struct hvrc_source *src,
			    struct hv_rootctl_pool *args)
{
	struct hvrc_rep rep;
	int err;

	while (args->pages_done < args->page_count) {
		if (signal_pending(current))
			return -EINTR;
		cond_resched();

		if (mutex_lock_interruptible(&w->p->lock))
			return -EINTR;
		rep = (struct hvrc_rep){ .status = args->hv_status };
		err = pool_deposit_some(w, src, args->partition_id,
					args->page_count - args->pages_done,
					&rep);
		mutex_unlock(&w->p->lock);
		args->pages_done += rep.done;
		WRITE_ONCE(w->caller->progress, args->pages_done);
		args->hv_status = rep.status;
		if (err || rep.status != HV_STATUS_SUCCESS)
			return err;
	}
	return 0;
}

static int pool_deposit(struct pool_work *w, struct hv_rootctl_pool *args)
{
	struct hvrc_source src;
	int err;

	/* The hypervisor is not told the domain, so it cannot object. */
	if (args->proximity_domain_info & HV_PROXIMITY_RESERVED)
		return -EINVAL;
	/* What is held is held, wherever it is. */
	if (args->proximity_domain_info && w->hold)
		return -EINVAL;

	hvrc_source_init(&src, args->proximity_domain_info, 0);
	err = pool_deposit_all(w, &src, args);
	hvrc_source_end(&src);
	return err;
}

/**
 * hvrc_quarantine - page numbers that cannot be right
 * @hv: the driver
 * @p: the partition whose pool they were said to come from; NULL where there
 *	is no record
 * @id: its id
 * @pfn: one of them
 * @count: how many
 *
 * Nothing is done to the pages, if there are any: whoever has them keeps them.
 * That also befalls pages that another driver deposited, see adopt.c.
 *
 * Context: any but NMI.
 */
void hvrc_quarantine(struct hvrc *hv, struct hvrc_partition *p, u64 id, u64 pfn,
		     u32 count)
{
	atomic64_add(count, &hv->quarantined);
	if (p)
		atomic64_add(count, &p->quarantined);
	pr_warn_once("hv_rootctl: the hypervisor returned page %#llx from the pool of partition %llu, where this driver did not put it; such pages are left alone\n",
		     pfn, id);
}

/**
 * hvrc_report_quarantine - say in the log how many there were, once
 * @p: a partition that is no more, or whose record goes with the driver
 *
 * Context: any but NMI.
 */
void hvrc_report_quarantine(struct hvrc_partition *p)
{
	u64 count = atomic64_xchg(&p->quarantined, 0);

	if (count)
		pr_notice("hv_rootctl: partition %llu: %llu page numbers that came out of its pool were not believed\n",
			  p->id, count);
}

/*
 * Look up what a withdraw has returned, elements @first to @limit of the
 * list. Up to @done they were reported in good form; else all of them are
 * dubious and count only where the hypervisor wrote something.
 *
 * Returns how many pages are the driver's again, or the file's.
 */
static u32 pool_take_list(struct pool_work *w, u32 first,
			  const struct hvrc_rep *rep)
{
	u32 i, taken, foreign, count = rep->limit - first;
	const u64 *list = w->caller->output;
	u64 *sorted = w->caller->scratch;

	taken = hvrc_ledger_take(w->hv, &w->p->ledger, list + first, count,
				 sorted);
	if (taken < count)
		taken += hvrc_adopt_pages(sorted, taken, count - taken);
	pool_put(w, sorted, taken);
	atomic64_add(taken, &w->hv->withdrawn);
	w->p->fed -= min_t(u64, w->p->fed, taken);

	foreign = count - taken;
	if (rep->done < rep->limit)
		for (i = taken; i < count; i++)
			foreign -= sorted[i] == HVRC_POISON;
	if (foreign)
		hvrc_quarantine(w->hv, w->p, w->p->id, sorted[taken], foreign);
	return taken;
}

/*
 * One hypercall, or more where the hypervisor stops early. Every page that
 * comes back is dealt with before anybody looks at the status.
 */
static int pool_withdraw_batch(struct pool_work *w, u64 id, u64 proximity,
			       struct hvrc_rep *rep, u64 *taken)
{
	struct hv_input_withdraw_memory *in = w->caller->input;
	u64 *list = w->caller->output;
	u32 first;
	int err;

	lockdep_assert_held(&w->p->lock);

	do {
		first = rep->done;
		in->partition_id = id;
		in->proximity_domain_info = proximity;
		memset64(list + first, HVRC_POISON, rep->count - first);
		err = hvrc_rep_step(w->caller, rep);
		*taken += pool_take_list(w, first, rep);
	} while (!err && hvrc_rep_unfinished(rep));
	return err;
}

static int pool_withdraw(struct pool_work *w, struct hv_rootctl_pool *args)
{
	u64 left = args->page_count;
	struct hvrc_rep rep;
	int err;

	/*
	 * What was returned counts against what was asked for even when it
	 * is not taken: rubbish for pages must not keep this going for ever.
	 */
	for (; left; left -= rep.done) {
		if (signal_pending(current))
			return -EINTR;
		cond_resched();

		rep = (struct hvrc_rep){
			.code = HVCALL_WITHDRAW_MEMORY,
			.count = min_t(u64, left, HV_WITHDRAW_MAX),
			.status = HV_ROOTCTL_NO_STATUS,
		};
		if (mutex_lock_interruptible(&w->p->lock))
			return -EINTR;
		err = pool_withdraw_batch(w, args->partition_id,
					  args->proximity_domain_info, &rep,
					  &args->pages_done);
		mutex_unlock(&w->p->lock);
		WRITE_ONCE(w->caller->progress, args->pages_done);
		args->hv_status = rep.status;
		if (err || rep.status != HV_STATUS_SUCCESS)
			return err;
	}
	return 0;
}

/**
 * hvrc_feed - deposit pages because the hypervisor wants them
 * @hv: the driver
 * @caller: to make hypercalls
 * @p: the partition whose pool it is
 * @pages: how many, at most HV_DEPOSIT_MAX
 * @adjacent: as one block of neighbours: @pages is a power of two
 * @done: out: how many went there, whatever is returned
 * @status: HV_STATUS of the last deposit; left alone when there was none
 *
 * Context: process; @p->lock is held.
 * Return: 0 or -errno.
 */
int hvrc_feed(struct hvrc *hv, struct hvrc_caller *caller,
	      struct hvrc_partition *p, u32 pages, bool adjacent, u32 *done,
	      u32 *status)
{
	struct pool_work w = { .hv = hv, .caller = caller, .p = p };
	struct hvrc_source src;
	struct hvrc_rep rep;
	int err = 0;

	*done = 0;
	hvrc_source_init(&src, 0, adjacent ? ilog2(pages) : 0);
	while (!err && *done < pages) {
		rep = (struct hvrc_rep){ .status = *status };
		err = pool_deposit_some(&w, &src, p->id, pages - *done, &rep);
		*status = rep.status;
		*done += rep.done;
		if (rep.status != HV_STATUS_SUCCESS)
			break;
	}
	hvrc_source_end(&src);
	if (*done) {
		p->fed += *done;
		atomic64_inc(&hv->feeds);
		atomic64_add(*done, &hv->fed);
	}
	return err;
}

/**
 * hvrc_feed_back - withdraw what the caller's own pool was fed and needs not
 * @hv: the driver
 * @caller: to make hypercalls
 * @locked: the partition that is no more, and went back to that pool
 *
 * Context: may sleep; @locked->lock is held.
 */
void hvrc_feed_back(struct hvrc *hv, struct hvrc_caller *caller,
		    struct hvrc_partition *locked)
{
	struct hvrc_partition *p;
	u32 status;
	u64 pages;

	/* Where nothing was ever fed there need be no record to look for. */
	if (!atomic64_read(&hv->fed))
		return;
	p = hvrc_partition_get(hv, HV_ROOTCTL_SELF);
	if (IS_ERR(p))
		return;
	if (p != locked) {
		mutex_lock_nested(&p->lock, SINGLE_DEPTH_NESTING);
		pages = min(p->fed, hvrc_ledger_pages(&p->ledger));
		if (pages)
			hvrc_drain(hv, caller, p, pages, &status);
		mutex_unlock(&p->lock);
	}
	hvrc_partition_put(hv, p);
}

/**
 * hvrc_drain - withdraw pages from a partition's pool, whatever comes
 * @hv: the driver
 * @caller: to make hypercalls
 * @p: the partition
 * @pages: how many at most
 * @status: HV_STATUS of the last hypercall
 *
 * Part of a teardown: no signal stops it. It ends when the hypervisor has no
 * more, or returns a batch without a single page of this driver in it.
 *
 * Context: may sleep; @p->lock is held.
 * Return: 0 or -errno of the last hypercall.
 */
int hvrc_drain(struct hvrc *hv, struct hvrc_caller *caller,
	       struct hvrc_partition *p, u64 pages, u32 *status)
{
	struct pool_work w = { .hv = hv, .caller = caller, .p = p };
	struct hvrc_rep rep;
	u64 taken;
	int err;

	do {
		cond_resched();
		taken = 0;
		rep = (struct hvrc_rep){
			.code = HVCALL_WITHDRAW_MEMORY,
			.count = min_t(u64, pages, HV_WITHDRAW_MAX),
			.status = HV_ROOTCTL_NO_STATUS,
		};
		err = pool_withdraw_batch(&w, p->id, 0, &rep, &taken);
		*status = rep.status;
		pages -= rep.done;
	} while (!err && rep.status == HV_STATUS_SUCCESS && taken && pages);
	return err;
}

typedef int (*pool_fn)(struct pool_work *w, struct hv_rootctl_pool *args);

static int pool_run(struct hvrc_file *file, struct hv_rootctl_pool *args,
		    pool_fn fn)
{
	struct pool_work w = { .hv = file->hv, .caller = &file->caller };
	u64 before = file->caller.hypercalls;
	int err;

	args->pages_done = 0;
	args->hypercalls = 0;
	args->hv_status = HV_ROOTCTL_NO_STATUS;

	if (args->flags & HV_ROOTCTL_HOLD)
		w.hold = &file->hold;
	w.p = hvrc_partition_get(file->hv, args->partition_id);
	if (IS_ERR(w.p))
		return PTR_ERR(w.p);
	err = fn(&w, args);
	hvrc_partition_put(file->hv, w.p);
	args->hypercalls = file->caller.hypercalls - before;
	return err;
}

/**
 * hvrc_deposit - ioctl(HV_ROOTCTL_DEPOSIT)
 * @file: the caller's file
 * @arg: struct hv_rootctl_pool
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno; @arg's out fields are valid in any case.
 */
int hvrc_deposit(struct hvrc_file *file, void *arg)
{
	return pool_run(file, arg, pool_deposit);
}

/**
 * hvrc_withdraw - ioctl(HV_ROOTCTL_WITHDRAW)
 * @file: the caller's file
 * @arg: struct hv_rootctl_pool
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno; @arg's out fields are valid in any case.
 */
int hvrc_withdraw(struct hvrc_file *file, void *arg)
{
	return pool_run(file, arg, pool_withdraw);
}

/**
 * hvrc_balance - ioctl(HV_ROOTCTL_BALANCE)
 * @file: the caller's file
 * @arg: struct hv_rootctl_balance
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno.
 */
int hvrc_balance(struct hvrc_file *file, void *arg)
{
	struct hv_rootctl_balance *args = arg;
	struct hvrc_caller *caller = &file->caller;
	const struct hv_output_get_memory_balance *out = caller->output;
	int err;

	args->pages_available = 0;
	args->pages_in_use = 0;
	args->hv_status = HV_ROOTCTL_NO_STATUS;

	*(struct hv_input_get_memory_balance *)caller->input =
		(struct hv_input_get_memory_balance){
			.partition_id = args->partition_id,
			.proximity_domain_info = args->proximity_domain_info,
		};
	err = hvrc_call_simple(caller, HVCALL_GET_MEMORY_BALANCE, sizeof(*out),
			       &args->hv_status);
	if (err || args->hv_status != HV_STATUS_SUCCESS)
		return err;
	if (out->pages_in_use == HVRC_POISON)
		return -EPROTO; /* half an answer */
	args->pages_available = out->pages_available;
	args->pages_in_use = out->pages_in_use;
	return 0;
}
