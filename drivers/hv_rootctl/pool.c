// SPDX-License-Identifier: GPL-2.0
/*
 * Memory pools: HvDepositMemory, HvWithdrawMemory, HvGetMemoryBalance.
 * TLFS chapter "Memory Manager".
 */
#include <linux/acpi.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/sched/signal.h>

#include <hv/memory.h>

#include "hvrc.h"

/*
 * What a deposit leaves to the kernel: the last pages must not go to a pool,
 * where no shrinker and no OOM killer finds them. A 32nd of the memory, but
 * 32 MiB at least.
 */
#define POOL_RESERVE_SHIFT 5
#define POOL_RESERVE_MIN (32UL << (20 - PAGE_SHIFT))

static bool pool_may_take(u32 pages)
{
	unsigned long reserve = max(totalram_pages() >> POOL_RESERVE_SHIFT,
				    POOL_RESERVE_MIN);

	return si_mem_available() >= (long)(reserve + pages);
}

/*
 * Where pages for a deposit come from, the largest blocks there are, and the
 * smallest that will do.
 */
struct pool_source {
	int nid;
	gfp_t gfp;
	unsigned int order;
	unsigned int min_order;
};

/* Pages on their way into a partition's pool or out of it. */
struct pool_work {
	struct hvrc *hv;
	struct hvrc_caller *caller;
	struct hvrc_partition *p;
	struct hvrc_ledger *hold; /* where else they are, NULL: nowhere */
};

/*
 * A proximity domain is the firmware's word for a node. One that the kernel
 * does not know is no wish that the kernel could fulfil.
 */
static int pool_node(u64 proximity)
{
	int nid = NUMA_NO_NODE;

#ifdef CONFIG_ACPI_NUMA
	if (proximity & HV_PROXIMITY_VALID &&
	    (proximity & HV_PROXIMITY_ID_MASK) < MAX_PXM_DOMAINS)
		nid = pxm_to_node(proximity & HV_PROXIMITY_ID_MASK);
#endif
	return nid != NUMA_NO_NODE && node_online(nid) ? nid : NUMA_NO_NODE;
}

static void pool_source_init(struct pool_source *src, u64 proximity)
{
	src->nid = pool_node(proximity);
	src->gfp = GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;
	src->order = HVRC_CHUNK_ORDER;
	src->min_order = 0;
	if (src->nid != NUMA_NO_NODE && !(proximity & HV_PROXIMITY_PREFERRED))
		src->gfp |= __GFP_THISNODE;
}

static struct page *pool_alloc_block(const struct pool_source *src,
				     unsigned int order)
{
	gfp_t gfp = src->gfp;

	/* Larger blocks are nice to have: not worth any effort. */
	if (order > src->min_order)
		gfp &= ~(__GFP_RETRY_MAYFAIL | __GFP_DIRECT_RECLAIM);
	return alloc_pages_node(src->nid, gfp, order);
}

/* Get runs of up to @count new pages; returns how many runs. */
static u32 pool_alloc(struct pool_source *src, u64 *runs, u32 count)
{
	unsigned int order;
	struct page *page;
	u32 n = 0;

	while (count) {
		order = min_t(unsigned int, src->order, ilog2(count));
		page = pool_alloc_block(src, order);
		if (page) {
			split_page(page, order);
			runs[n++] = hvrc_run(page_to_pfn(page), order);
			count -= 1U << order;
		} else if (order > src->min_order) {
			src->order = order - 1;
		} else {
			break;
		}
	}
	return n;
}

/* Returns how many page numbers it wrote. */
static u32 pool_list(const u64 *runs, u32 nr_runs, u64 *pfns)
{
	u32 count = 0, end;
	u64 pfn;

	for (; nr_runs; nr_runs--, runs++) {
		pfn = hvrc_run_pfn(*runs);
		end = count + hvrc_run_pages(*runs);
		while (count < end)
			pfns[count++] = pfn++;
	}
	return count;
}

/* Keep pages in the file; those for which there is no memory are freed. */
static void pool_hold(struct pool_work *w, const u64 *pfns, u32 count)
{
	u32 i, kept = hvrc_hold_add(w->hold, pfns, count);

	atomic64_add(kept, &w->hv->kept);
	for (i = kept; i < count; i++)
		__free_page(pfn_to_page(pfns[i]));
}

/* Give runs back to where they came from. */
static void pool_give_up(struct pool_work *w, const u64 *runs, u32 nr_runs)
{
	u64 *pfns = w->caller->output;
	u32 i, count;

	count = pool_list(runs, nr_runs, pfns);
	if (w->hold)
		return pool_hold(w, pfns, count);
	for (i = 0; i < count; i++)
		__free_page(pfn_to_page(pfns[i]));
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
				   refused, runs, w->hold);
	if (w->hold)
		pool_hold(w, runs, refused);
	return err;
}

/* Get up to @want pages; how many runs that are, or -errno. */
static int pool_get(struct pool_work *w, struct pool_source *src, u32 want)
{
	u64 *runs = w->caller->scratch;
	u64 before;
	u32 got;

	if (w->hold) {
		before = w->hold->pages;
		got = hvrc_hold_take(w->hold, runs, want);
		atomic64_sub(before - w->hold->pages, &w->hv->kept);
		return got ?: -ENOENT;
	}
	got = pool_may_take(want) ? pool_alloc(src, runs, want) : 0;
	return got ?: -ENOMEM;
}

/* Deposit runs that pool_get() has found; @w->p->lock is held. */
static int pool_deposit_runs(struct pool_work *w, u64 id, u32 nr_runs,
			     struct hvrc_rep *rep)
{
	u64 *runs = w->caller->scratch;
	u32 known;

	lockdep_assert_held(&w->p->lock);

	known = hvrc_ledger_add(w->hv, &w->p->ledger, runs, nr_runs);
	pool_give_up(w, runs + known, nr_runs - known);
	if (!known)
		return -ENOMEM;
	return pool_deposit_batch(w, id, known, rep);
}

static int pool_deposit_all(struct pool_work *w, struct pool_source *src,
			    struct hv_rootctl_pool *args)
{
	struct hvrc_rep rep;
	int got, err;

	while (args->pages_done < args->page_count) {
		if (signal_pending(current))
			return -EINTR;
		cond_resched();

		got = pool_get(w, src, min_t(u64, HV_DEPOSIT_MAX,
					     args->page_count -
						     args->pages_done));
		if (got < 0)
			return got;

		if (mutex_lock_interruptible(&w->p->lock)) {
			pool_give_up(w, w->caller->scratch, got);
			return -EINTR;
		}
		rep = (struct hvrc_rep){ .status = args->hv_status };
		err = pool_deposit_runs(w, args->partition_id, got, &rep);
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
	struct pool_source src;
	int err;

	/* The hypervisor is not told the domain, so it cannot object. */
	if (args->proximity_domain_info & HV_PROXIMITY_RESERVED)
		return -EINVAL;
	/* What is held is held, wherever it is. */
	if (args->proximity_domain_info && w->hold)
		return -EINVAL;

	pool_source_init(&src, args->proximity_domain_info);
	err = pool_deposit_all(w, &src, args);
	hvrc_ledger_free(&w->p->ledger, true);
	return err;
}

/**
 * hvrc_quarantine - page numbers that cannot be right
 * @hv: the driver
 * @id: of the partition whose pool they were said to come from
 * @pfn: one of them
 * @count: how many
 *
 * Nothing is done to the pages, if there are any: whoever has them keeps them.
 * That also befalls pages that another driver deposited, see adopt.c.
 *
 * Context: any but NMI.
 */
void hvrc_quarantine(struct hvrc *hv, u64 id, u64 pfn, u32 count)
{
	atomic64_add(count, &hv->quarantined);
	pr_warn_once("hv_rootctl: the hypervisor returned page %#llx from the pool of partition %llu, where this driver did not put it; such pages are left alone\n",
		     pfn, id);
}

/* Take pages that others deposited, where it is wanted; returns how many. */
static u32 pool_adopt(struct pool_work *w, u64 *pfns, u32 count)
{
	struct hvrc_ledger pages;
	u32 i, n;

	count = hvrc_adopt_pages(pfns, count);
	if (w->hold) {
		pool_hold(w, pfns, count);
		return count;
	}
	/* Held for a moment: they are freed in larger pieces then. */
	hvrc_ledger_init(&pages);
	n = hvrc_hold_add(&pages, pfns, count);
	hvrc_hold_free(&pages);
	for (i = n; i < count; i++)
		__free_page(pfn_to_page(pfns[i]));
	return count;
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
				 sorted, w->hold);
	if (w->hold)
		pool_hold(w, sorted, taken);
	if (taken < count)
		taken += pool_adopt(w, sorted + taken, count - taken);
	atomic64_add(taken, &w->hv->withdrawn);
	w->p->fed -= min_t(u64, w->p->fed, taken);

	foreign = count - taken;
	if (rep->done < rep->limit)
		for (i = taken; i < count; i++)
			foreign -= sorted[i] == HVRC_POISON;
	if (foreign)
		hvrc_quarantine(w->hv, w->p->id, sorted[taken], foreign);
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

static int pool_withdraw_all(struct pool_work *w, struct hv_rootctl_pool *args)
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
		hvrc_ledger_free(&w->p->ledger, false);
		WRITE_ONCE(w->caller->progress, args->pages_done);
		args->hv_status = rep.status;
		if (err || rep.status != HV_STATUS_SUCCESS)
			return err;
	}
	return 0;
}

static int pool_withdraw(struct pool_work *w, struct hv_rootctl_pool *args)
{
	int err = pool_withdraw_all(w, args);

	/* What else there is of a chunk may never come back. */
	hvrc_ledger_free(&w->p->ledger, true);
	return err;
}

/**
 * hvrc_feed - deposit pages because the hypervisor wants them
 * @hv: the driver
 * @caller: to make hypercalls
 * @p: the partition whose pool it is
 * @pages: how many, at most HV_DEPOSIT_MAX
 * @adjacent: as one block of neighbours: @pages is a power of two, and at
 *	most HVRC_CHUNK_PAGES
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
	struct hvrc_rep rep = { .status = *status };
	struct pool_source src;
	int got, err = 0;

	*done = 0;
	pool_source_init(&src, 0);
	if (adjacent) {
		src.min_order = ilog2(pages);
		src.order = src.min_order;
	}
	while (!err && *done < pages) {
		got = pool_get(&w, &src, pages - *done);
		if (got < 0) {
			err = got;
			break;
		}
		err = pool_deposit_runs(&w, p->id, got, &rep);
		*status = rep.status;
		*done += rep.done;
		if (rep.status != HV_STATUS_SUCCESS)
			break;
	}
	hvrc_ledger_free(&p->ledger, true);
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
		pages = min(p->fed, p->ledger.pages);
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
		hvrc_ledger_free(&p->ledger, false);
		pages -= rep.done;
	} while (!err && rep.status == HV_STATUS_SUCCESS && taken && pages);
	hvrc_ledger_free(&p->ledger, true);
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
	args->pages_available = out->pages_available;
	args->pages_in_use = out->pages_in_use;
	return 0;
}
