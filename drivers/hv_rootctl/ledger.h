/* SPDX-License-Identifier: GPL-2.0 */
/* Which pages of this kernel are in a partition's pool. */
#ifndef HVRC_LEDGER_H
#define HVRC_LEDGER_H

#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct hvrc;
struct hvrc_chunk;

/* The largest block of pages that is allocated or freed in one piece. */
#define HVRC_CHUNK_ORDER 8
#define HVRC_CHUNK_PAGES (1U << HVRC_CHUNK_ORDER)

/*
 * A run: 2^order pages, aligned to their size, in one number. Each of them
 * has a reference.
 */
static inline u64 hvrc_run(u64 pfn, unsigned int order)
{
	return pfn << 8 | order;
}

static inline u64 hvrc_run_pfn(u64 run)
{
	return run >> 8;
}

static inline u32 hvrc_run_pages(u64 run)
{
	return 1U << (run & 0xff);
}

/**
 * struct hvrc_ledger - the pages that went into one pool
 * @lock: guards all of it and every chunk in it; any context, held for no
 *	longer than a hypercall takes
 * @chunks: by page number
 * @last: the chunk that was found last
 * @done: chunks with pages to be freed, and none in the pool
 * @partial: chunks with pages to be freed, and some in the pool
 * @pages: how many pages are in the pool
 */
struct hvrc_ledger {
	raw_spinlock_t lock; /* innermost */
	struct rb_root chunks;
	struct hvrc_chunk *last;
	struct list_head done;
	struct list_head partial;
	u64 pages;
};

void hvrc_ledger_init(struct hvrc_ledger *ledger);
void hvrc_ledger_destroy(struct hvrc_ledger *ledger);
bool hvrc_ledger_empty(struct hvrc_ledger *ledger);
u32 hvrc_ledger_add(struct hvrc *hv, struct hvrc_ledger *ledger,
		    const u64 *runs, u32 count);
u32 hvrc_ledger_take(struct hvrc *hv, struct hvrc_ledger *ledger,
		     const u64 *list, u32 count, u64 *sorted, bool mine);
void hvrc_ledger_free(struct hvrc_ledger *ledger, bool all);

u32 hvrc_hold_add(struct hvrc_ledger *hold, const u64 *pfns, u32 count);
u32 hvrc_hold_take(struct hvrc_ledger *hold, u64 *runs, u32 count);
void hvrc_hold_free(struct hvrc_ledger *hold);

#endif
