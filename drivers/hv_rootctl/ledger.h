/* SPDX-License-Identifier: GPL-2.0 */
/* Which pages of this kernel are in a partition's pool, or held by a file. */
#ifndef HVRC_LEDGER_H
#define HVRC_LEDGER_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/types.h>

struct hvrc;

/* The largest block of pages that is allocated or freed in one piece. */
#define HVRC_RUN_ORDER 9
#define HVRC_RUN_PAGES (1U << HVRC_RUN_ORDER)

/*
 * A run: 1 to HVRC_RUN_PAGES pages side by side, in one number. Each of them
 * has a reference.
 */
static inline u64 hvrc_run(u64 pfn, u32 pages)
{
	return pfn << 10 | pages;
}

static inline u64 hvrc_run_pfn(u64 run)
{
	return run >> 10;
}

static inline u32 hvrc_run_pages(u64 run)
{
	return run & 0x3ff;
}

/* From one pointer to another, unrolled: else half of it would be the loop. */
#define for_each_until(at, end)      \
	_Pragma("GCC unroll 8")      \
	for (; (at) < (end); (at)++)

/*
 * Memory comes and goes in spans of so many pages, aligned to their number:
 * all of them have a struct page, or none.
 */
#ifdef CONFIG_SPARSEMEM_VMEMMAP
#define HVRC_SPAN_PAGES PAGES_PER_SUBSECTION
#else
#define HVRC_SPAN_PAGES 1UL
#endif

/**
 * struct hvrc_span - the one where a page was found last
 * @first: number of its first page
 * @pages: how many they are; 0: none was found yet
 * @page: its first page
 */
struct hvrc_span {
	u64 first;
	u64 pages;
	struct page *page;
};

/**
 * hvrc_span_page - the struct page of a page that may be none
 * @span: what was found last; begin with {}
 * @pfn: any number
 *
 * Context: any.
 * Return: it, NULL when @pfn is not that of a page of memory that is online.
 */
static inline struct page *hvrc_span_page(struct hvrc_span *span, u64 pfn)
{
	struct page *page;
	u64 i = pfn - span->first;

	if (likely(i < span->pages))
		return span->page + i;
	page = pfn_to_online_page(pfn);
	if (page) {
		i = pfn % HVRC_SPAN_PAGES;
		span->first = pfn - i;
		span->pages = HVRC_SPAN_PAGES;
		span->page = page - i;
	}
	return page;
}

/**
 * struct hvrc_ledger - the pages that went into one pool
 * @mark: what is written on each of them
 * @pages: how many are there
 */
struct hvrc_ledger {
	unsigned long mark;
	atomic64_t pages;
};

/**
 * struct hvrc_hold - pages that a file holds
 * @runs: the first page of each run, which says how many they are
 * @pages: how many, of all
 *
 * One caller at a time.
 */
struct hvrc_hold {
	struct list_head runs;
	u64 pages;
};

void hvrc_ledger_init(struct hvrc_ledger *ledger);
u64 hvrc_ledger_pages(const struct hvrc_ledger *ledger);
void hvrc_ledger_add(struct hvrc *hv, struct hvrc_ledger *ledger,
		     const u64 *runs, u32 count);
u32 hvrc_ledger_take(struct hvrc *hv, struct hvrc_ledger *ledger,
		     const u64 *list, u32 count, u64 *sorted);

bool hvrc_page_is_held(struct page *page);
void hvrc_hold_init(struct hvrc_hold *hold);
u32 hvrc_hold_take(struct hvrc_hold *hold, u64 *runs, u32 count);
void hvrc_hold_free(struct hvrc_hold *hold);

void hvrc_pages_put(struct hvrc_hold *hold, const u64 *pfns, u32 count);
void hvrc_run_put(struct hvrc_hold *hold, u64 pfn, u32 pages);

#endif
