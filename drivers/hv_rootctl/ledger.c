// SPDX-License-Identifier: GPL-2.0
/*
 * Who owns which page. A page that is deposited belongs to this driver as far
 * as the kernel is concerned, and the ledger of the pool says that it is
 * there. It is the only witness that is asked when a page comes back: a page
 * number that the hypervisor returns is looked up, never looked at.
 *
 * The books are kept in chunks of 256 pages, aligned to their size, with two
 * bits for each page: "out", in the pool; "back", the driver's again. A page
 * with neither is none of this ledger's. Pages go back to the kernel's
 * allocator in the largest pieces that are there, which may be other pieces
 * than they were taken in: each page has a life of its own.
 *
 * Pages in the ledger are marked PageOffline: nothing may touch them, and a
 * root partition that does gets a fault. The mark keeps away /proc/kcore,
 * hibernation and makedumpfile, lets /proc/kpageflags tell them apart, and
 * makes their memory block refuse to be unplugged.
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
#include <linux/slab.h>

#include "hvrc.h"

/**
 * struct hvrc_chunk - pages that are neighbours
 * @node: in hvrc_ledger.chunks
 * @list: in hvrc_ledger.done or hvrc_ledger.partial, or empty
 * @pfn: of its first page, a multiple of HVRC_CHUNK_PAGES
 * @nr_out: how many pages are out
 * @out: a bit for each page that is in the pool
 * @back: a bit for each page that is to be freed
 */
struct hvrc_chunk {
	struct rb_node node;
	struct list_head list;
	u64 pfn;
	u32 nr_out;
	DECLARE_BITMAP(out, HVRC_CHUNK_PAGES);
	DECLARE_BITMAP(back, HVRC_CHUNK_PAGES);
};

static bool chunk_has(const struct hvrc_chunk *c, u64 pfn)
{
	return pfn - c->pfn < HVRC_CHUNK_PAGES;
}

static struct hvrc_chunk *chunk_new(void)
{
	struct hvrc_chunk *c = kzalloc(sizeof(*c), GFP_KERNEL | __GFP_NOWARN);

	if (c)
		INIT_LIST_HEAD(&c->list);
	return c;
}

static u64 chunk_start(u64 pfn)
{
	return pfn & ~(u64)(HVRC_CHUNK_PAGES - 1);
}

/*
 * Free 2^order pages at once, each of which has a reference. The allocator
 * takes them for a block that it gave out as such: one reference, on the
 * first page.
 */
static void ledger_free_piece(struct page *page, unsigned int order)
{
	unsigned int i;

	for (i = 1; i < 1U << order; i++)
		set_page_count(page + i, 0);
	__free_pages(page, order);
}

static void ledger_unmark(struct page *page, u32 count)
{
	while (count--)
		__ClearPageOffline(page++);
}

/* The largest piece that begins at page @start of a chunk. */
static unsigned int piece_order(unsigned long start, unsigned long end)
{
	unsigned int order = ilog2(end - start);

	return start ? min_t(unsigned int, order, __ffs(start)) : order;
}

static void ledger_free_pages(u64 pfn, const unsigned long *pages, bool marked)
{
	unsigned long start, end;
	unsigned int order;

	for_each_set_bitrange(start, end, pages, HVRC_CHUNK_PAGES) {
		if (marked)
			ledger_unmark(pfn_to_page(pfn + start), end - start);
		for (; start < end; start += 1UL << order) {
			order = piece_order(start, end);
			ledger_free_piece(pfn_to_page(pfn + start), order);
		}
	}
}

/**
 * hvrc_ledger_init - a ledger with nothing in it
 * @ledger: storage
 *
 * Context: any.
 */
void hvrc_ledger_init(struct hvrc_ledger *ledger)
{
	raw_spin_lock_init(&ledger->lock);
	ledger->chunks = RB_ROOT;
	ledger->last = NULL;
	INIT_LIST_HEAD(&ledger->done);
	INIT_LIST_HEAD(&ledger->partial);
	ledger->pages = 0;
}

/**
 * hvrc_ledger_destroy - forget a ledger
 * @ledger: nobody uses it any more
 *
 * Pages that are in the pool stay there for ever: better lost than in the
 * allocator.
 *
 * Context: may sleep.
 */
void hvrc_ledger_destroy(struct hvrc_ledger *ledger)
{
	struct hvrc_chunk *c, *next;

	hvrc_ledger_free(ledger, true);
	rbtree_postorder_for_each_entry_safe(c, next, &ledger->chunks, node)
		kfree(c);
}

/**
 * hvrc_ledger_empty - does the ledger say nothing about any page?
 * @ledger: it
 *
 * Context: any.
 * Return: true when it may be destroyed.
 */
bool hvrc_ledger_empty(struct hvrc_ledger *ledger)
{
	unsigned long flags;
	bool empty;

	raw_spin_lock_irqsave(&ledger->lock, flags);
	empty = RB_EMPTY_ROOT(&ledger->chunks);
	raw_spin_unlock_irqrestore(&ledger->lock, flags);
	return empty;
}

/* The chunk that has @pfn, or else @new in its place, which may be NULL. */
static struct hvrc_chunk *ledger_find(struct hvrc_ledger *ledger, u64 pfn,
				      struct hvrc_chunk *new)
{
	struct rb_node **link = &ledger->chunks.rb_node;
	struct hvrc_chunk *c = ledger->last;
	struct rb_node *parent = NULL;

	if (c && chunk_has(c, pfn))
		return c;
	while (*link) {
		parent = *link;
		c = rb_entry(parent, struct hvrc_chunk, node);
		if (chunk_has(c, pfn)) {
			ledger->last = c;
			return c;
		}
		link = pfn < c->pfn ? &parent->rb_left : &parent->rb_right;
	}
	if (!new)
		return NULL;
	new->pfn = chunk_start(pfn);
	rb_link_node(&new->node, parent, link);
	rb_insert_color(&new->node, &ledger->chunks);
	ledger->last = new;
	return new;
}

static bool ledger_add_run(struct hvrc_ledger *ledger, u64 run,
			   struct hvrc_chunk **new)
{
	struct hvrc_chunk *c;
	unsigned long flags;

	raw_spin_lock_irqsave(&ledger->lock, flags);
	c = ledger_find(ledger, hvrc_run_pfn(run), *new);
	if (c) {
		if (c == *new)
			*new = NULL;
		bitmap_set(c->out, hvrc_run_pfn(run) - c->pfn,
			   hvrc_run_pages(run));
		c->nr_out += hvrc_run_pages(run);
		ledger->pages += hvrc_run_pages(run);
	}
	raw_spin_unlock_irqrestore(&ledger->lock, flags);
	return c;
}

static void ledger_mark(const u64 *runs, u32 count)
{
	struct page *page, *end;

	page_offline_begin();
	for (; count; count--, runs++) {
		page = pfn_to_page(hvrc_run_pfn(*runs));
		end = page + hvrc_run_pages(*runs);
		for (; page < end; page++)
			__SetPageOffline(page);
	}
	page_offline_end();
}

/**
 * hvrc_ledger_add - enter pages, before the hypervisor is told of them
 * @hv: the driver
 * @ledger: of the pool that they are going to
 * @runs: which, of at most HVRC_CHUNK_PAGES each
 * @count: how many runs
 *
 * Context: may sleep.
 * Return: how many runs are entered, from the first on; fewer than @count
 * when the kernel is short of memory.
 */
u32 hvrc_ledger_add(struct hvrc *hv, struct hvrc_ledger *ledger,
		    const u64 *runs, u32 count)
{
	struct hvrc_chunk *new = NULL;
	u32 i, added = 0;
	u64 pages = 0;

	ledger_mark(runs, count);
	while (added < count) {
		if (ledger_add_run(ledger, runs[added], &new)) {
			pages += hvrc_run_pages(runs[added++]);
			continue;
		}
		new = chunk_new();
		if (!new)
			break;
	}
	kfree(new);
	for (i = added; i < count; i++)
		ledger_unmark(pfn_to_page(hvrc_run_pfn(runs[i])),
			      hvrc_run_pages(runs[i]));

	atomic64_add(pages, &hv->deposited);
	hvrc_hold(hv, pages);
	return added;
}

static void ledger_erase(struct hvrc_ledger *ledger, struct hvrc_chunk *c)
{
	rb_erase(&c->node, &ledger->chunks);
	ledger->last = NULL;
}

/* All of a chunk is with the driver, or with its callers. */
static void ledger_chunk_done(struct hvrc_ledger *ledger, struct hvrc_chunk *c,
			      struct list_head *empty)
{
	if (!bitmap_empty(c->back, HVRC_CHUNK_PAGES)) {
		list_move_tail(&c->list, &ledger->done);
		return;
	}
	ledger_erase(ledger, c);
	list_move(&c->list, empty);
}

/* Inline, because this is what a withdrawn page costs. */
static __always_inline u32 ledger_take(struct hvrc_ledger *ledger,
				       const u64 *list, u32 count, u64 *sorted,
				       struct list_head *empty, const bool mine)
{
	u64 *unknown = sorted + count;
	struct hvrc_chunk *c = NULL;
	u32 i, taken = 0;
	u64 pfn;

	for (i = 0; i < count; i++) {
		pfn = READ_ONCE(list[i]);
		if (!c || !chunk_has(c, pfn))
			c = ledger_find(ledger, pfn, NULL);
		if (!c || !__test_and_clear_bit(pfn - c->pfn, c->out)) {
			*--unknown = pfn;
			continue;
		}
		if (mine) {
			sorted[taken] = pfn;
			__ClearPageOffline(pfn_to_page(pfn));
		} else {
			__set_bit(pfn - c->pfn, c->back);
			if (list_empty(&c->list))
				list_add_tail(&c->list, &ledger->partial);
		}
		taken++;
		if (--c->nr_out)
			continue;
		ledger_chunk_done(ledger, c, empty);
		c = NULL;
	}
	ledger->pages -= taken;
	return taken;
}

/**
 * hvrc_ledger_take - strike pages out
 * @hv: the driver
 * @ledger: of the pool that they were in
 * @list: page numbers; the hypervisor can write to it meanwhile
 * @count: how many
 * @sorted: room for @count: behind as many as were struck stand the numbers
 *	that are not in this ledger, or are in it no more
 * @mine: @sorted begins with those that were struck; they are the caller's
 *	from now on, like pages from the allocator. Otherwise they are the
 *	driver's, until hvrc_ledger_free()
 *
 * Context: any.
 * Return: how many were struck.
 */
u32 hvrc_ledger_take(struct hvrc *hv, struct hvrc_ledger *ledger,
		     const u64 *list, u32 count, u64 *sorted, bool mine)
{
	struct hvrc_chunk *c, *next;
	unsigned long flags;
	LIST_HEAD(empty);
	u32 taken;

	raw_spin_lock_irqsave(&ledger->lock, flags);
	if (mine)
		taken = ledger_take(ledger, list, count, sorted, &empty, true);
	else
		taken = ledger_take(ledger, list, count, sorted, &empty, false);
	raw_spin_unlock_irqrestore(&ledger->lock, flags);

	list_for_each_entry_safe(c, next, &empty, list)
		kfree(c);
	atomic64_sub(taken, &hv->deposited);
	hvrc_drop(hv, taken);
	return taken;
}

/* The next chunk of which there is something to free. */
static struct hvrc_chunk *ledger_next(struct hvrc_ledger *ledger, bool all)
{
	struct hvrc_chunk *c;

	c = list_first_entry_or_null(&ledger->done, struct hvrc_chunk, list);
	if (!c && all)
		c = list_first_entry_or_null(&ledger->partial,
					     struct hvrc_chunk, list);
	return c;
}

/**
 * hvrc_ledger_free - free the pages that came back
 * @ledger: it
 * @all: also those of chunks that are not complete. The longer these wait,
 *	the larger the pieces are in which they are freed
 *
 * Context: may sleep.
 */
void hvrc_ledger_free(struct hvrc_ledger *ledger, bool all)
{
	DECLARE_BITMAP(back, HVRC_CHUNK_PAGES);
	struct hvrc_chunk *c;
	unsigned long flags;
	u64 pfn;

	for (;;) {
		raw_spin_lock_irqsave(&ledger->lock, flags);
		c = ledger_next(ledger, all);
		if (!c)
			break;
		list_del_init(&c->list);
		pfn = c->pfn;
		bitmap_copy(back, c->back, HVRC_CHUNK_PAGES);
		bitmap_zero(c->back, HVRC_CHUNK_PAGES);
		if (c->nr_out)
			c = NULL;
		else
			ledger_erase(ledger, c);
		raw_spin_unlock_irqrestore(&ledger->lock, flags);

		kfree(c);
		ledger_free_pages(pfn, back, true);
		cond_resched();
	}
	raw_spin_unlock_irqrestore(&ledger->lock, flags);
}

/* --- pages that a file holds ---------------------------------------------- */

/**
 * hvrc_hold_add - keep pages
 * @hold: a ledger in which "out" are the pages that are held
 * @pfns: pages with one reference each, and no mark
 * @count: how many
 *
 * Context: may sleep; one caller at a time.
 * Return: how many are kept, from the first on; fewer than @count when the
 * kernel is short of memory.
 */
u32 hvrc_hold_add(struct hvrc_ledger *hold, const u64 *pfns, u32 count)
{
	struct hvrc_chunk *c = NULL, *new = NULL;
	u32 i;

	for (i = 0; i < count; i++) {
		if (!c || !chunk_has(c, pfns[i]))
			c = ledger_find(hold, pfns[i], NULL);
		if (!c) {
			new = chunk_new();
			if (!new)
				break;
			c = ledger_find(hold, pfns[i], new);
		}
		__set_bit(pfns[i] - c->pfn, c->out);
		c->nr_out++;
	}
	hold->pages += i;
	return i;
}

/* Take up to @count pages out of the first chunk; returns how many runs. */
static u32 hold_take_chunk(struct hvrc_ledger *hold, struct hvrc_chunk *c,
			   u64 *runs, u32 *count)
{
	unsigned long start, end;
	unsigned int order;
	u32 n = 0;

	for_each_set_bitrange(start, end, c->out, HVRC_CHUNK_PAGES) {
		while (start < end && *count) {
			order = min_t(unsigned int, piece_order(start, end),
				      ilog2(*count));
			runs[n++] = hvrc_run(c->pfn + start, order);
			bitmap_clear(c->out, start, 1U << order);
			c->nr_out -= 1U << order;
			*count -= 1U << order;
			start += 1UL << order;
		}
		if (!*count)
			break;
	}
	return n;
}

/**
 * hvrc_hold_take - take pages out that are held
 * @hold: from hvrc_hold_add()
 * @runs: which
 * @count: how many pages, at most
 *
 * Context: any; one caller at a time.
 * Return: how many runs.
 */
u32 hvrc_hold_take(struct hvrc_ledger *hold, u64 *runs, u32 count)
{
	u32 n = 0, left = count;
	struct rb_node *node;
	struct hvrc_chunk *c;

	while (left) {
		node = rb_first(&hold->chunks);
		if (!node)
			break;
		c = rb_entry(node, struct hvrc_chunk, node);
		n += hold_take_chunk(hold, c, runs + n, &left);
		if (!c->nr_out) {
			ledger_erase(hold, c);
			kfree(c);
		}
	}
	hold->pages -= count - left;
	return n;
}

/**
 * hvrc_hold_free - free all pages that are held
 * @hold: from hvrc_hold_add()
 *
 * Context: may sleep; one caller at a time.
 */
void hvrc_hold_free(struct hvrc_ledger *hold)
{
	struct hvrc_chunk *c, *next;

	rbtree_postorder_for_each_entry_safe(c, next, &hold->chunks, node) {
		ledger_free_pages(c->pfn, c->out, false);
		kfree(c);
		cond_resched();
	}
	hvrc_ledger_init(hold);
}
