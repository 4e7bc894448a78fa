// SPDX-License-Identifier: GPL-2.0
/*
 * Who owns which page. A page that is deposited belongs to this driver as far
 * as the kernel is concerned, so the books are kept on the pages themselves,
 * in fields of struct page that are their owner's: each is PageOffline, and
 * has the mark of the ledger in page_private(), a number by chance that no
 * other ledger has. Nothing is allocated to remember a page, and what the
 * hypervisor names is found without a search.
 *
 * A page number that the hypervisor returns is believed when it is that of a
 * page that is online and has both: nobody but the driver writes them both on
 * a page, and it strikes them out, in one atomic step, when the page comes
 * back. So a page that is named twice, of another pool, of another owner, or
 * of none, is not in the ledger, and nothing is written to it. What is asked
 * for is the page's entry in the kernel's own map of memory, never the page.
 *
 * PageOffline also says that nothing may touch the page, and a root partition
 * that does gets a fault. It keeps away /proc/kcore, hibernation and
 * makedumpfile, lets /proc/kpageflags tell such pages apart, and as each has a
 * reference, makes their memory block refuse to be unplugged.
 *
 * What the mark does not stop: the kernel's word-at-a-time string functions
 * may read a few bytes over the end of a page into its neighbour. They
 * survive a page fault there, but not the general protection fault that a
 * hypervisor injects. It takes a string that ends within eight bytes of the
 * end of its page and is not aligned; the kernel's own root partition
 * support lives with the same.
 */
#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/page_ref.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "hvrc.h"

/**
 * hvrc_ledger_init - a ledger with nothing in it
 * @ledger: storage; nothing need be done at its end. Pages that are in the
 *	pool then stay there for ever: better lost than in the allocator
 *
 * Context: any.
 */
void hvrc_ledger_init(struct hvrc_ledger *ledger)
{
	/* Odd: no pointer, such as others keep in this field. */
	ledger->mark = get_random_long() | 1;
	atomic64_set(&ledger->pages, 0);
}

/**
 * hvrc_ledger_pages - how many pages are in the pool
 * @ledger: of it
 *
 * Context: any.
 * Return: that number.
 */
u64 hvrc_ledger_pages(const struct hvrc_ledger *ledger)
{
	return atomic64_read(&ledger->pages);
}

static __always_inline void ledger_mark(unsigned long mark, struct page *page)
{
	__SetPageOffline(page);
	/* Who finds the mark, finds that flag: ledger_strike() takes both. */
	smp_store_release(&page->private, mark);
}

/**
 * hvrc_ledger_add - enter pages, before the hypervisor is told of them
 * @hv: the driver
 * @ledger: of the pool that they are going to
 * @runs: which
 * @count: how many runs
 *
 * Context: may sleep.
 */
void hvrc_ledger_add(struct hvrc *hv, struct hvrc_ledger *ledger,
		     const u64 *runs, u32 count)
{
	const unsigned long mark = ledger->mark;
	struct page *page, *end;
	u64 pages = 0;
	u32 i;

	/* First: a page may come back as soon as it has its mark. */
	for (i = 0; i < count; i++)
		pages += hvrc_run_pages(runs[i]);
	hvrc_hold(hv, pages);
	atomic64_add(pages, &hv->deposited);
	atomic64_add(pages, &ledger->pages);

	page_offline_begin();
	for (i = 0; i < count; i++) {
		page = pfn_to_page(hvrc_run_pfn(runs[i]));
		end = page + hvrc_run_pages(runs[i]);
		for_each_until(page, end)
			ledger_mark(mark, page);
	}
	page_offline_end();
}

/* If the page is in the ledger, it is so no more. */
static __always_inline bool ledger_strike(unsigned long mark, struct page *page)
{
	/* It may be named twice at the same time. */
	if (!PageOffline(page) || !try_cmpxchg(&page->private, &mark, 0))
		return false;
	__ClearPageOffline(page);
	return true;
}

/**
 * hvrc_ledger_take - strike pages out
 * @hv: the driver
 * @ledger: of the pool that they were in
 * @list: page numbers; the hypervisor can write to it meanwhile
 * @count: how many
 * @sorted: room for @count: begins with those that were struck, which are the
 *	caller's from now on, like pages from the allocator. Behind as many
 *	stand the numbers that are not in this ledger, or are in it no more
 *
 * Context: any.
 * Return: how many were struck.
 */
u32 hvrc_ledger_take(struct hvrc *hv, struct hvrc_ledger *ledger,
		     const u64 *list, u32 count, u64 *sorted)
{
	const unsigned long mark = ledger->mark;
	const u64 *end = list + count;
	u64 pfn, *unknown = sorted + count;
	struct hvrc_span span = {};
	unsigned long taken = 0;
	struct page *page;

	for (; list < end; list++) {
		pfn = READ_ONCE(*list);
		page = hvrc_span_page(&span, pfn);
		if (likely(page && ledger_strike(mark, page)))
			sorted[taken++] = pfn;
		else
			*--unknown = pfn;
	}
	atomic64_sub(taken, &ledger->pages);
	atomic64_sub(taken, &hv->deposited);
	hvrc_drop(hv, taken);
	return taken;
}

/* --- pages that a file holds ------------------------------------------------ */

/*
 * In page_private() of each page that is held: that of the first one of a run
 * also says how many they are. Nobody else has a pointer to this.
 */
static const char ledger_held[HVRC_RUN_PAGES + 1];

static void hold_mark(struct page *page, u32 pages)
{
	set_page_private(page, (unsigned long)(ledger_held + pages));
}

static u32 hold_pages(struct page *page)
{
	return page_private(page) - (unsigned long)ledger_held;
}

/**
 * hvrc_page_is_held - does a file hold this page?
 * @page: any page
 *
 * Context: any.
 * Return: true if so.
 */
bool hvrc_page_is_held(struct page *page)
{
	return page_private(page) - (unsigned long)ledger_held <=
	       HVRC_RUN_PAGES;
}

/* --- where pages go that come back ----------------------------------------- */

/*
 * Free 2^order pages, each of which has a reference, at once: the allocator
 * takes them for a block that it gave out as such, with one reference on the
 * first page. When somebody else has a reference to one of the others, each
 * is freed for itself, and that one when its last reference goes.
 */
static void pages_free_piece(struct page *page, unsigned int order)
{
	struct page *end = page + (1U << order), *at = page + 1;
	u32 frozen = 1;

	for_each_until(at, end)
		frozen += page_ref_freeze(at, 1);
	if (likely(frozen == 1U << order)) {
		__free_pages(page, order);
		return;
	}
	for (at = page; at < end; at++) {
		if (!page_ref_count(at))
			page_ref_unfreeze(at, 1);
		__free_page(at);
	}
}

static void pages_free_run(u64 pfn, u32 pages)
{
	unsigned int order;

	for (; pages; pages -= 1U << order, pfn += 1U << order) {
		order = min_t(unsigned int, ilog2(pages),
			      __ffs(pfn | HVRC_RUN_PAGES));
		pages_free_piece(pfn_to_page(pfn), order);
	}
}

/**
 * hvrc_run_put - give a run of pages to a file, or to the kernel
 * @hold: of the file; NULL: they are freed
 * @pfn: the first page
 * @pages: how many, HVRC_RUN_PAGES at most; each has a reference and no mark
 *
 * Context: process; one caller at a time for a file.
 */
void hvrc_run_put(struct hvrc_hold *hold, u64 pfn, u32 pages)
{
	struct page *page = pfn_to_page(pfn), *end = page + pages, *at;

	if (!hold)
		return pages_free_run(pfn, pages);
	at = page;
	for_each_until(at, end)
		hold_mark(at, 0);
	hold_mark(page, pages);
	list_add_tail(&page->lru, &hold->runs);
	hold->pages += pages;
}

/* Those of HVRC_RUN_PAGES from page @first on that are in the map. */
static void pages_put_map(struct hvrc_hold *hold, u64 first,
			  const unsigned long *map)
{
	unsigned long start, end;

	for_each_set_bitrange(start, end, map, HVRC_RUN_PAGES)
		hvrc_run_put(hold, first + start, end - start);
}

/**
 * hvrc_pages_put - give pages to a file, or to the kernel
 * @hold: of the file; NULL: they are freed
 * @pfns: which: each has a reference and no mark
 * @count: how many
 *
 * Neighbours stay together, in whatever order they are named, as long as they
 * are named one after the other: so they are freed in pieces as large as there
 * are.
 *
 * Context: process; one caller at a time for a file.
 */
void hvrc_pages_put(struct hvrc_hold *hold, const u64 *pfns, u32 count)
{
	DECLARE_BITMAP(map, HVRC_RUN_PAGES) = {};
	const u64 *end = pfns + count;
	u64 first, i;

	while (pfns < end) {
		first = round_down(*pfns, HVRC_RUN_PAGES);
		i = *pfns - first;
		do {
			__set_bit(i, map);
			if (++pfns == end)
				break;
			i = *pfns - first;
		} while (i < HVRC_RUN_PAGES);
		pages_put_map(hold, first, map);
		bitmap_zero(map, HVRC_RUN_PAGES);
	}
}

/**
 * hvrc_hold_init - hold nothing
 * @hold: storage
 *
 * Context: any.
 */
void hvrc_hold_init(struct hvrc_hold *hold)
{
	INIT_LIST_HEAD(&hold->runs);
	hold->pages = 0;
}

/* Take the first run, but no more than @want pages of it; they look held yet. */
static u64 hold_take_run(struct hvrc_hold *hold, u32 want)
{
	struct page *page = list_first_entry(&hold->runs, struct page, lru);
	u32 pages = hold_pages(page);
	u32 take = min(pages, want);

	list_del(&page->lru);
	if (take < pages) {
		hold_mark(page + take, pages - take);
		list_add(&page[take].lru, &hold->runs);
	}
	hold->pages -= take;
	return hvrc_run(page_to_pfn(page), take);
}

/**
 * hvrc_hold_take - take pages out that are held
 * @hold: of the file
 * @runs: which; room for @count. They look held until hvrc_ledger_add()
 * @count: how many pages, at most
 *
 * Context: process; one caller at a time.
 * Return: how many runs.
 */
u32 hvrc_hold_take(struct hvrc_hold *hold, u64 *runs, u32 count)
{
	u32 n = 0;

	for (; count && !list_empty(&hold->runs); n++) {
		runs[n] = hold_take_run(hold, count);
		count -= hvrc_run_pages(runs[n]);
	}
	return n;
}

/**
 * hvrc_hold_free - free all pages that are held
 * @hold: of the file
 *
 * Context: may sleep; one caller at a time.
 */
void hvrc_hold_free(struct hvrc_hold *hold)
{
	struct page *page, *end;
	u64 run;

	while (!list_empty(&hold->runs)) {
		run = hold_take_run(hold, HVRC_RUN_PAGES);
		page = pfn_to_page(hvrc_run_pfn(run));
		end = page + hvrc_run_pages(run);
		for_each_until(page, end)
			set_page_private(page, 0);
		pages_free_run(hvrc_run_pfn(run), hvrc_run_pages(run));
		cond_resched();
	}
}
