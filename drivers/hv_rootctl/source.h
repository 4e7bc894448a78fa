/* SPDX-License-Identifier: GPL-2.0 */
/* Where pages for a deposit come from. */
#ifndef HVRC_SOURCE_H
#define HVRC_SOURCE_H

#include <linux/gfp.h>
#include <linux/types.h>

/**
 * struct hvrc_source - blocks of the kernel's memory, cut up for hypercalls
 * @nid: the node they are to be of, or NUMA_NO_NODE
 * @gfp: how they are asked for
 * @order: 2^order pages the next block has at most
 * @min_order: none has fewer than 2^min_order
 * @pfn: of the last block, the first page that is not given out yet
 * @left: how many of them there are: for the next hypercall
 * @reserve: pages that are to stay available to the kernel
 */
struct hvrc_source {
	int nid;
	gfp_t gfp;
	unsigned int order;
	unsigned int min_order;
	u64 pfn;
	u32 left;
	long reserve;
};

void hvrc_source_init(struct hvrc_source *src, u64 proximity,
		      unsigned int adjacent);
u32 hvrc_source_get(struct hvrc_source *src, u64 *runs, u32 count, u64 want);
void hvrc_source_end(struct hvrc_source *src);

#endif
