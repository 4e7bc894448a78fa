// SPDX-License-Identifier: GPL-2.0
/*
 * The root's operating system has left, and another may follow: what the one has
 * made goes with it. State and owner of the frames are all the record that there
 * is, so no list needs to be walked to find the pages.
 */
#include "internal.h"

static void destroy_partition(struct hvc *hv, struct hvc_partition *p)
{
	u32 i;

	for (i = 0; i < HVC_MAX_VPS; i++)
		if (p->vps[i])
			hvc_destroy_vp(hv, p->vps[i]);
	hv->partitions[p->slot] = NULL;
	hv->nr_partitions--;
	hv->ops->unmap(hv, p);
}

/* The page is the root's alone; was it in a pool? */
static bool take_back(struct hvc *hv, u64 pfn)
{
	struct hvc_frame *f = hvc_frame(hv, pfn);
	void *page;

	if (!f)
		return false;
	if (f->state == HVC_FRAME_ROOT)
		f->link = 0;
	if (f->state != HVC_FRAME_POOL && f->state != HVC_FRAME_USED)
		return false;
	page = hv->ops->map(hv, pfn);
	memset(page, 0, HV_PAGE_SIZE);
	hv->ops->unmap(hv, page);
	f->state = HVC_FRAME_ROOT;
	f->owner = 0;
	f->link = 0;
	hv->ops->root_access(hv, pfn, 1, true);
	return true;
}

u64 hvc_abandon(struct hvc *hv)
{
	struct hvc_partition *root = &hv->root;
	u64 pfn, pages = 0;
	u32 i;

	hv->ops->lock(hv);
	for (i = 0; i < HVC_MAX_PARTITIONS; i++)
		if (hv->partitions[i] && hv->partitions[i] != root)
			destroy_partition(hv, hv->partitions[i]);
	for (pfn = 0; pfn < hv->cfg.nr_pfns; pfn++)
		pages += take_back(hv, pfn);
	root->first_child = NULL;
	root->last_child = NULL;
	memset(root->pool, 0, sizeof(root->pool));
	root->nonempty = 0;
	root->available = 0;
	root->in_use = 0;
	hvc_property_init(root);
	memset(hv->pending, 0, sizeof(hv->pending));
	hv->nr_pending = 0;
	hv->ops->unlock(hv);
	return pages;
}
