// SPDX-License-Identifier: GPL-2.0
/*
 * Overlay pages of the root: TLFS "GPA Overlay Pages". The hypervisor offers
 * each page at its own address, which the root reads from the MSR; a root that
 * wants it elsewhere writes another page number.
 */
#include "hvx.h"

#define ENABLED 1ULL

static u64 place(u64 msr)
{
	return msr / HVX_PAGE_SIZE;
}

/* RAM that is not the hypervisor's, or the overlay's own page. */
static bool place_ok(const struct hvx_overlay *o, u64 pfn)
{
	const struct hvc_frame *frame = hvx_frame(pfn);

	return frame && !hvx_npt_is_overlay(pfn) &&
	       (frame->state != HVC_FRAME_HYPERVISOR || pfn == place(o->page));
}

/**
 * hvx_overlay_init - prepare an overlay; the root does not see it yet
 * @o: the overlay
 * @writable: may the root write to it
 *
 * Context: boot.
 */
void hvx_overlay_init(struct hvx_overlay *o, bool writable)
{
	o->page = (u64)hvx_alloc_pages(1);
	o->msr = o->page;
	o->writable = writable;
}

/**
 * hvx_overlay_write - the root writes the MSR of an overlay
 * @o: the overlay
 * @value: bit 0 enables, bits 63:12 say where
 *
 * Context: a VP's exit; takes the core's lock.
 * Return: false when the overlay cannot be there: nothing has changed.
 */
bool hvx_overlay_write(struct hvx_overlay *o, u64 value)
{
	bool was, is = value & ENABLED, moves, ok = true;

	hvx_lock(hvx_core);
	was = o->msr & ENABLED;
	moves = place(o->msr) != place(value);
	if (is && (!was || moves))
		ok = place_ok(o, place(value));
	if (ok) {
		if (was && (!is || moves))
			hvx_npt_overlay_end(place(o->msr));
		/* The root has another place for it: this one is ours alone. */
		if (moves && place(o->msr) == place(o->page))
			hvx_npt_access(place(o->page), 1, false);
		if (is && (!was || moves))
			hvx_npt_overlay(place(value), o->page, o->writable);
		o->msr = value;
		if (was != is || moves)
			hvx_flush(hvx_core, hvc_root(hvx_core));
	}
	hvx_unlock(hvx_core);
	return ok;
}

/**
 * hvx_overlay_reset - the overlay as hvx_overlay_init() has left it
 * @o: the overlay
 *
 * Context: a VP's exit; takes the core's lock.
 */
void hvx_overlay_reset(struct hvx_overlay *o)
{
	hvx_overlay_write(o, o->page); /* not enabled */
	if (o->writable)
		memset((void *)o->page, 0, HVX_PAGE_SIZE);
}
