// SPDX-License-Identifier: GPL-2.0
/*
 * Who owns which page. A page that is deposited belongs to this driver as far
 * as the kernel is concerned, and the ledger says into whose pool it went.
 * It is the only witness that is asked when a page comes back: a page number
 * that the hypervisor returns is looked up, never looked at.
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
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/printk.h>
#include <linux/xarray.h>

#include "hvrc.h"

/**
 * hvrc_ledger_add - enter pages, before the hypervisor is told of them
 * @hv: the driver
 * @p: whose pool they are going to
 * @pfns: pages from the kernel's allocator, order 0, one reference each
 * @count: how many
 *
 * Context: may sleep; @p->lock is held.
 * Return: how many are entered, from the first on; fewer than @count when
 * the kernel is short of memory.
 */
u32 hvrc_ledger_add(struct hvrc *hv, struct hvrc_partition *p, const u64 *pfns,
		    u32 count)
{
	u32 i, added;

	lockdep_assert_held(&p->lock);

	for (added = 0; added < count; added++)
		if (xa_is_err(xa_store(&hv->ledger, pfns[added], p,
				       GFP_KERNEL | __GFP_NOWARN)))
			break;

	page_offline_begin();
	for (i = 0; i < added; i++)
		__SetPageOffline(pfn_to_page(pfns[i]));
	page_offline_end();

	p->pool_pages += added;
	atomic64_add(added, &hv->deposited);
	hvrc_hold(hv, added);
	return added;
}

/**
 * hvrc_ledger_take - strike a page out
 * @hv: the driver
 * @p: whose pool it was in
 * @pfn: its number, as the hypervisor said it
 *
 * Context: @p->lock is held.
 * Return: the page, which is the caller's now; NULL when this page is not in
 * the ledger for this very partition.
 */
struct page *hvrc_ledger_take(struct hvrc *hv, struct hvrc_partition *p,
			      u64 pfn)
{
	struct page *page;

	lockdep_assert_held(&p->lock);

	if (xa_cmpxchg(&hv->ledger, pfn, p, NULL, GFP_KERNEL) != p)
		return NULL;
	page = pfn_to_page(pfn);
	__ClearPageOffline(page);
	p->pool_pages--;
	atomic64_dec(&hv->deposited);
	hvrc_drop(hv, 1);
	return page;
}

/**
 * hvrc_ledger_quarantine - note a page number that cannot be right
 * @hv: the driver
 * @p: whose pool it was said to come from
 *
 * Nothing is done to the page, if there is one: whoever has it keeps it. That
 * also befalls a page that another driver deposited and this one withdrew.
 *
 * Context: any.
 */
void hvrc_ledger_quarantine(struct hvrc *hv, struct hvrc_partition *p)
{
	atomic64_inc(&hv->quarantined);
	pr_warn_once("hv_rootctl: the hypervisor returned a page from the pool of partition %llu that this driver did not put there; such pages are left alone\n",
		     p->id);
}
