// SPDX-License-Identifier: GPL-2.0
/*
 * Pinning a program's memory for as long as somebody else may reach it.
 *
 * Huge pages stay huge: nothing splits them, and pages that follow each other
 * in memory are noted down, handed on and given back as one block. A gigabyte
 * of huge pages takes 4 KiB of notes at most, without any it is 2 MiB.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pin.h"

/* As many as there is room for in a page, one huge page of x86. */
#define PIN_CHUNK (PAGE_SIZE / sizeof(struct page *))

/*
 * A block: the first page number, and how many pages less one. It is no
 * larger than what can be given back between two looks at the clock: 4 MiB.
 */
#define PIN_COUNT_BITS 10
#define PIN_BLOCK_MAX (1UL << PIN_COUNT_BITS)

static u64 pin_block(u64 pfn, u64 count)
{
	return pfn << PIN_COUNT_BITS | (count - 1);
}

static u64 pin_block_pfn(u64 block)
{
	return block >> PIN_COUNT_BITS;
}

static u64 pin_block_pages(u64 block)
{
	return (block & (PIN_BLOCK_MAX - 1)) + 1;
}

static int pin_resize(struct hvrc_pin *pin, u64 room)
{
	u64 *blocks;

	/* kvmalloc() knows no sizes beyond that. */
	if (room > INT_MAX / sizeof(*blocks))
		return -ENOMEM;
	blocks = kvmalloc_array(room, sizeof(*blocks),
				GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!blocks)
		return -ENOMEM;
	if (pin->nr_blocks)
		memcpy(blocks, pin->blocks, pin->nr_blocks * sizeof(*blocks));
	kvfree(pin->blocks);
	pin->blocks = blocks;
	pin->room = room;
	return 0;
}

/* Room for @more blocks, so that nothing can fail when they are pinned. */
static int pin_make_room(struct hvrc_pin *pin, u64 more)
{
	if (pin->room - pin->nr_blocks >= more)
		return 0;
	return pin_resize(pin, max(pin->nr_blocks + more, pin->nr_blocks * 2));
}

static void pin_add(struct hvrc_pin *pin, u64 pfn)
{
	u64 *last;
	u64 pages;

	if (pin->nr_blocks) {
		last = &pin->blocks[pin->nr_blocks - 1];
		pages = pin_block_pages(*last);
		if (pfn == pin_block_pfn(*last) + pages &&
		    pages < PIN_BLOCK_MAX) {
			*last = pin_block(pin_block_pfn(*last), pages + 1);
			return;
		}
	}
	pin->blocks[pin->nr_blocks++] = pin_block(pfn, 1);
}

static void pin_drop(struct hvrc_pin *pin)
{
	u64 i;

	for (i = 0; i < pin->nr_blocks; i++) {
		unpin_user_page_range_dirty_lock(pfn_to_page(pin_block_pfn(pin->blocks[i])),
						 pin_block_pages(pin->blocks[i]),
						 pin->writable);
		cond_resched();
	}
	kvfree(pin->blocks);
	*pin = (struct hvrc_pin){};
}

/* How many of @most pages from @addr on its owner sees in the same way. */
static int pin_alike(unsigned long addr, int most)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int n = 1;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, addr);
	if (vma)
		n = min_t(u64, most, (vma->vm_end - addr) >> PAGE_SHIFT);
	mmap_read_unlock(mm);
	return n;
}

/*
 * A private page is pinned as if for writing where its owner may write to it.
 * Otherwise the next write would give the owner another page, and part it
 * from what the partition sees.
 */
static int pin_some(const struct hvrc_pin *pin, struct page **pages,
		    unsigned long addr, int count)
{
	int n;

	n = pin_user_pages_fast(addr, count, FOLL_LONGTERM | FOLL_WRITE, pages);
	if (n == -EFAULT && !pin->writable)
		n = pin_user_pages_fast(addr, pin_alike(addr, count),
					FOLL_LONGTERM, pages);
	return n ?: -EFAULT;
}

static int pin_range(struct hvrc_pin *pin, struct page **pages,
		     unsigned long addr, u64 count)
{
	int i, n, err;
	u64 done;

	for (done = 0; done < count; done += n) {
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
		n = min_t(u64, count - done, PIN_CHUNK);
		err = pin_make_room(pin, n);
		if (err)
			return err;
		n = pin_some(pin, pages, addr + done * PAGE_SIZE, n);
		if (n < 0)
			return n;
		for (i = 0; i < n; i++)
			pin_add(pin, page_to_pfn(pages[i]));
	}
	return 0;
}

/**
 * hvrc_pin - pin memory of the current program
 * @pin: storage
 * @scratch: a page that nobody else uses meanwhile
 * @addr: user address, page aligned
 * @count: pages, 1 or more
 * @writable: it will be written to
 *
 * The pages count as locked memory of the program until hvrc_unpin().
 *
 * Context: process; may sleep and take long, a signal ends it.
 * Return: 0; -EFAULT when there is no such memory; -ENOMEM when the kernel is
 * short of it or RLIMIT_MEMLOCK is reached; -EINTR.
 */
int hvrc_pin(struct hvrc_pin *pin, void *scratch, unsigned long addr,
	     u64 count, bool writable)
{
	int err;

	if (count > LONG_MAX >> PAGE_SHIFT)
		return -ENOMEM;
	err = account_locked_vm(current->mm, count, true);
	if (err)
		return err;
	*pin = (struct hvrc_pin){ .writable = writable };
	err = pin_range(pin, scratch, addr, count);
	if (err) {
		pin_drop(pin);
		account_locked_vm(current->mm, count, false);
		return err;
	}
	/* Give back what was room for the worst; if not, it does no harm. */
	if (pin->room > 2 * pin->nr_blocks)
		pin_resize(pin, pin->nr_blocks);
	pin->count = count;
	pin->mm = current->mm;
	mmgrab(pin->mm);
	return 0;
}

/**
 * hvrc_unpin - give the memory back to its owner
 * @pin: from hvrc_pin(); nobody else can reach the memory any more
 *
 * Context: may sleep.
 */
void hvrc_unpin(struct hvrc_pin *pin)
{
	struct mm_struct *mm = pin->mm;
	u64 count = pin->count;

	pin_drop(pin);
	account_locked_vm(mm, count, false);
	mmdrop(mm);
}

/**
 * hvrc_pin_list - page numbers of a part of the range
 * @pin: from hvrc_pin()
 * @at: where the part begins; afterwards, where it ends
 * @pfns: room for @count numbers
 * @count: pages, no more than there are from @at on
 *
 * Context: any.
 */
void hvrc_pin_list(const struct hvrc_pin *pin, struct hvrc_pin_place *at,
		   u64 *pfns, u32 count)
{
	u64 block, left, pfn;
	u32 n;

	while (count) {
		block = pin->blocks[at->block];
		left = pin_block_pages(block) - at->page;
		pfn = pin_block_pfn(block) + at->page;
		n = min_t(u64, left, count);
		count -= n;
		at->page += n;
		if (n == left)
			*at = (struct hvrc_pin_place){ at->block + 1, 0 };
		while (n--)
			*pfns++ = pfn++;
	}
}

/**
 * hvrc_pin_skip - go on in the range
 * @pin: from hvrc_pin()
 * @at: a place in it; moved on
 * @count: pages, no more than there are from @at on
 *
 * Context: any.
 */
void hvrc_pin_skip(const struct hvrc_pin *pin, struct hvrc_pin_place *at,
		   u64 count)
{
	u64 left;

	while (count) {
		left = pin_block_pages(pin->blocks[at->block]) - at->page;
		if (count < left) {
			at->page += count;
			return;
		}
		*at = (struct hvrc_pin_place){ at->block + 1, 0 };
		count -= left;
	}
}

/**
 * hvrc_pin_run - how many pages follow each other in memory
 * @pin: from hvrc_pin()
 * @at: a page of the range, the first of them
 * @most: there is no need to look further
 * @pfn: its number
 *
 * Context: any.
 * Return: 1 to @most.
 */
u64 hvrc_pin_run(const struct hvrc_pin *pin, struct hvrc_pin_place at,
		 u64 most, u64 *pfn)
{
	u64 run = pin_block_pages(pin->blocks[at.block]) - at.page;
	u64 block;

	*pfn = pin_block_pfn(pin->blocks[at.block]) + at.page;
	while (run < most && ++at.block < pin->nr_blocks) {
		block = pin->blocks[at.block];
		if (pin_block_pfn(block) != *pfn + run)
			break;
		run += pin_block_pages(block);
	}
	return min(run, most);
}
