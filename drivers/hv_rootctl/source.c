// SPDX-License-Identifier: GPL-2.0
/* Where pages for a deposit come from, and what is left to the kernel. */
#include <linux/acpi.h>
#include <linux/atomic.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/nodemask.h>

#include <hv/memory.h>

#include "hvrc.h"
#include "source.h"

/*
 * What a deposit leaves to the kernel: the last pages must not go to a pool,
 * where no shrinker and no OOM killer finds them. A 32nd of the memory, but
 * 32 MiB at least.
 */
#define RESERVE_SHIFT 5
#define RESERVE_MIN (32UL << (20 - PAGE_SHIFT))

/*
 * What the kernel may refuse to give beyond that: where blocks of other uses
 * have to be broken up, it raises a zone's watermarks by up to one and a half
 * of the high one (vm.watermark_boost_factor), and takes that back when it has
 * reclaimed something. Deposits break up many, and leave nothing to reclaim;
 * si_mem_available() does not know of it.
 */
static long source_boost(void)
{
	long pages = 0;
	const struct zone *zone;
	int nid;

	for_each_online_node(nid) {
		zone = NODE_DATA(nid)->node_zones;
		for (; zone < NODE_DATA(nid)->node_zones + MAX_NR_ZONES; zone++)
			pages += READ_ONCE(zone->_watermark[WMARK_HIGH]);
	}
	return pages + pages / 2;
}

static long source_reserve(void)
{
	return max(totalram_pages() >> RESERVE_SHIFT, RESERVE_MIN) +
	       source_boost();
}

/* Pages that are being taken at this moment, by all callers, at most. */
static atomic_long_t source_taking;

/*
 * A proximity domain is the firmware's word for a node. One that the kernel
 * does not know is no wish that the kernel could fulfil.
 */
static int source_node(u64 proximity)
{
	int nid = NUMA_NO_NODE;

#ifdef CONFIG_ACPI_NUMA
	if (proximity & HV_PROXIMITY_VALID &&
	    (proximity & HV_PROXIMITY_ID_MASK) < MAX_PXM_DOMAINS)
		nid = pxm_to_node(proximity & HV_PROXIMITY_ID_MASK);
#endif
	return nid != NUMA_NO_NODE && node_online(nid) ? nid : NUMA_NO_NODE;
}

/**
 * hvrc_source_init - prepare to get pages from the kernel
 * @src: nothing is taken yet
 * @proximity: the proximity domain they are to be of, as in the ABI; 0: any
 * @adjacent: 2^adjacent of them, aligned, are to be side by side; 0: no wish
 *
 * Context: any.
 */
void hvrc_source_init(struct hvrc_source *src, u64 proximity,
		      unsigned int adjacent)
{
	src->nid = source_node(proximity);
	src->gfp = GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;
	src->order = adjacent ?: HVRC_RUN_ORDER;
	src->min_order = adjacent;
	src->left = 0;
	src->reserve = source_reserve();
	if (src->nid != NUMA_NO_NODE && !(proximity & HV_PROXIMITY_PREFERRED))
		src->gfp |= __GFP_THISNODE;
}

/**
 * hvrc_source_end - give back what is over of the last block
 * @src: from hvrc_source_init()
 *
 * Context: any but NMI.
 */
void hvrc_source_end(struct hvrc_source *src)
{
	/* It was never deposited. */
	if (src->left)
		hvrc_run_put(NULL, src->pfn, src->left);
}

static struct page *source_alloc_block(const struct hvrc_source *src,
				       unsigned int order)
{
	gfp_t gfp = src->gfp;

	/* Larger blocks are nice to have: not worth any effort. */
	if (order > src->min_order)
		gfp &= ~(__GFP_RETRY_MAYFAIL | __GFP_DIRECT_RECLAIM);
	return alloc_pages_node(src->nid, gfp, order);
}

/*
 * Get a new block, for @want pages. One that is a little too large is better
 * than many that fit.
 */
static bool source_refill(struct hvrc_source *src, u64 want)
{
	unsigned int order = min_t(unsigned int, src->order,
				   ilog2(want + want / 16));
	struct page *page;

	while (!(page = source_alloc_block(src, order))) {
		if (order <= src->min_order)
			return false;
		src->order = --order;
	}
	split_page(page, order);
	src->pfn = page_to_pfn(page);
	src->left = 1U << order;
	return true;
}

/**
 * hvrc_source_get - get pages for one hypercall
 * @src: from hvrc_source_init()
 * @runs: out: where they are, see hvrc_run()
 * @count: how many at most, and how many @runs has room for
 * @want: how many there shall be at last
 *
 * Ends early when the kernel has no more to spare.
 *
 * Context: process, may sleep.
 * Return: how many runs.
 */
u32 hvrc_source_get(struct hvrc_source *src, u64 *runs, u32 count, u64 want)
{
	const long most = count + HVRC_RUN_PAGES; /* the rest of a block */
	u32 pages, n = 0;

	if (si_mem_available() <
	    src->reserve + atomic_long_add_return(most, &source_taking))
		count = 0;
	while (count && (src->left || source_refill(src, want))) {
		pages = min(count, src->left);
		runs[n++] = hvrc_run(src->pfn, pages);
		src->pfn += pages;
		src->left -= pages;
		count -= pages;
		want -= pages;
	}
	atomic_long_sub(most, &source_taking);
	return n;
}
