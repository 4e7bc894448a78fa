// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that come out of a pool and that this module did not put there:
 * another driver did, or the hypervisor lies. Such a page is only given to the
 * kernel's allocator when the administrator says so, and when it looks like a
 * page that somebody has allocated to give it away: RAM, one reference, no
 * user the kernel knows of, nothing in it.
 *
 * That is no proof. A page in use may look like that, and no check can tell:
 * so it is off unless it is switched on, by somebody who knows that another
 * driver deposits.
 */
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/page-flags.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "hvrc.h"

bool hvrc_adopt;
module_param_named(adopt, hvrc_adopt, bool, 0644);
MODULE_PARM_DESC(adopt, "free withdrawn pages that others deposited, when they look right (default: N)");

/*
 * As much of a page as is looked at, in two places. A hypervisor may withhold
 * the page: that is a fault, and no zero.
 */
static bool sample_is_zero(const void *from)
{
	u64 sample;

	return !copy_from_kernel_nofault(&sample, from, sizeof(sample)) &&
	       !sample;
}

static bool adopt_plausible(struct page *page)
{
	if (!page || page_count(page) != 1 || PageReserved(page) ||
	    PageLRU(page) || PageSlab(page) || PageCompound(page) ||
	    PageHWPoison(page) || hvrc_page_is_held(page))
		return false;
	/* Neither mapped nor of a type, PageOffline for one. */
	if (atomic_read(&page->_mapcount) != -1 || page_folio(page)->mapping)
		return false;
#ifdef CONFIG_MEMCG
	if (page->memcg_data)
		return false;
#endif
	return sample_is_zero(page_address(page)) &&
	       sample_is_zero(page_address(page) + PAGE_SIZE / 2);
}

static void adopt_mark(const u64 *pfns, u32 count)
{
	while (count--)
		__SetPageOffline(pfn_to_page(*pfns++));
}

static void adopt_unmark(const u64 *pfns, u32 count)
{
	while (count--)
		__ClearPageOffline(pfn_to_page(*pfns++));
}

/**
 * hvrc_adopt_pages - find the pages that can be the kernel's
 * @pfns: first the caller's own pages, which came with the others; then page
 *	numbers that are in no ledger, of which those that can, and are from
 *	now on the caller's like pages from the allocator, come first
 * @own: how many are the caller's
 * @count: how many there are behind these
 *
 * Context: may sleep.
 * Return: how many of @count can; none when it is not wanted.
 */
u32 hvrc_adopt_pages(u64 *pfns, u32 own, u32 count)
{
	struct hvrc_span span = {};
	u32 i, n = own, end = own + count;
	struct page *page;

	if (!READ_ONCE(hvrc_adopt))
		return 0;
	/* The mark shows those that are named twice. */
	page_offline_begin();
	adopt_mark(pfns, own);
	for (i = own; i < end; i++) {
		page = hvrc_span_page(&span, pfns[i]);
		if (!adopt_plausible(page))
			continue;
		__SetPageOffline(page);
		swap(pfns[n], pfns[i]);
		n++;
	}
	adopt_unmark(pfns, n);
	page_offline_end();
	return n - own;
}
