/* SPDX-License-Identifier: GPL-2.0 */
/* A program's memory, pinned. */
#ifndef HVRC_PIN_H
#define HVRC_PIN_H

#include <linux/types.h>

struct hvrc_caller;
struct mm_struct;

/**
 * struct hvrc_pin - a range of a program's memory, pinned
 * @mm: whose locked memory it is, by the books
 * @count: pages
 * @writable: they may be written to as long as they are pinned
 * @blocks: pages that follow each other in memory are one number here
 * @nr_blocks: how many numbers there are
 * @room: how many fit
 */
struct hvrc_pin {
	struct mm_struct *mm;
	u64 count;
	bool writable;
	u64 *blocks;
	u64 nr_blocks;
	u64 room;
};

/* A place in such a range; all zero is its beginning. */
struct hvrc_pin_place {
	u64 block;
	u64 page;
};

int hvrc_pin(struct hvrc_pin *pin, void *scratch, unsigned long addr,
	     u64 count, bool writable);
void hvrc_unpin(struct hvrc_pin *pin);
u64 hvrc_pin_run(const struct hvrc_pin *pin, struct hvrc_pin_place at,
		 u64 most, u64 *pfn);
void hvrc_pin_skip(const struct hvrc_pin *pin, struct hvrc_pin_place *at,
		   u64 count);
void hvrc_pin_list(const struct hvrc_pin *pin, struct hvrc_pin_place *at,
		   u64 *pfns, u32 count);

#endif
