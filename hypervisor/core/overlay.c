// SPDX-License-Identifier: GPL-2.0
/*
 * Overlay pages of children: pages of the hypervisor that lie over a GPA
 * space, on top of what is mapped there. TLFS "GPA Overlay Pages".
 *
 * A page is taken from the partition's pool when its register enables it, is
 * the same page wherever it is moved, and returns to the pool when it is
 * disabled. The GPA map below knows nothing of it. One processor's pages are
 * in the GPA space of all, and the TLFS leaves open which one is on top where
 * several meet: here that does not depend on who looks, so that one nested
 * page table will do for a partition.
 */
#include "internal.h"

#define ENABLED 1ULL

/* MSR HYPERCALL */
#define HYPERCALL_LOCKED 2ULL

/* endbr64; vmmcall; ret: position independent, kernels run a copy of it. */
static const u8 hypercall_code[] = {
	0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x01, 0xd9, 0xc3,
};

#define INT3 0xcc

/* The first on the list is the one on top. */
static void cover(struct hvc_partition *p, struct hvc_overlay *o)
{
	struct hvc_overlay **at = &p->overlays;

	while (*at && (*at)->order < o->order)
		at = &(*at)->next;
	o->next = *at;
	*at = o;
}

static void uncover(struct hvc_partition *p, struct hvc_overlay *o)
{
	struct hvc_overlay **at = &p->overlays;

	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
}

void hvc_fill_hypercall_page(void *page)
{
	memset(page, INT3, HV_PAGE_SIZE);
	memcpy(page, hypercall_code, sizeof(hypercall_code));
}

/* What a page starts with, if it is not empty. */
static void fill(struct hvc *hv, struct hvc_partition *p, struct hvc_overlay *o)
{
	void *page;

	if (o == &p->hypercall) {
		page = hv->ops->map(hv, o->pfn);
		hvc_fill_hypercall_page(page);
		hv->ops->unmap(hv, page);
	} else if (o == &p->reference_tsc) {
		hvc_fill_reference_tsc_page(hv, p, o->pfn);
	}
}

/* Enable, move or disable; on failure nothing has changed. */
static u32 set(struct hvc *hv, struct hvc_partition *p, struct hvc_overlay *o,
	       u64 value)
{
	u64 gpfn = value >> HV_PAGE_SHIFT;

	if (value & ENABLED) {
		if (!hvc_gpa_inside(hv, gpfn))
			return HV_STATUS_INVALID_PARAMETER;
		if (!o->pfn) {
			o->pfn = hvc_pool_alloc(hv, p);
			if (!o->pfn)
				return HV_STATUS_INSUFFICIENT_MEMORY;
			fill(hv, p, o);
			cover(p, o);
		}
		o->gpfn = gpfn;
	} else if (o->pfn) {
		uncover(p, o);
		hvc_pool_free(hv, p, o->pfn);
		o->pfn = 0;
	}
	o->value = value;
	p->flush = true;
	return HV_STATUS_SUCCESS;
}

static struct hvc_overlay *find(struct hvc_vp *vp, u32 name)
{
	switch (name) {
	case HV_X64_REGISTER_HYPERCALL:
		return &vp->partition->hypercall;
	case HV_REGISTER_REFERENCE_TSC:
		return &vp->partition->reference_tsc;
	case HV_REGISTER_VP_ASSIST_PAGE:
		return &vp->overlays[HVC_VP_ASSIST];
	case HV_REGISTER_SIMP:
		return &vp->overlays[HVC_VP_MESSAGES];
	}
	return &vp->overlays[HVC_VP_EVENTS];
}

/**
 * hvc_overlay_get_register - the register of an overlay page
 * @hv: the core
 * @vp: a child's
 * @name: hypercall, reference TSC, VP assist page, SIMP or SIEFP
 *
 * Context: under the lock.
 * Return: its value.
 */
u64 hvc_overlay_get_register(struct hvc *hv, struct hvc_vp *vp, u32 name)
{
	(void)hv;
	return find(vp, name)->value;
}

/**
 * hvc_overlay_set_register - enable, move or disable an overlay page
 * @hv: the core
 * @vp: a child's
 * @name: as for hvc_overlay_get_register()
 * @value: bit 0 enables, bits 63:12 say where
 *
 * Context: under the lock.
 * Return: SUCCESS; INVALID_PARAMETER when it cannot be there or is locked;
 *	INSUFFICIENT_MEMORY of the partition's pool: nothing has changed.
 */
u32 hvc_overlay_set_register(struct hvc *hv, struct hvc_vp *vp, u32 name,
			     u64 value)
{
	struct hvc_partition *p = vp->partition;
	struct hvc_overlay *o = find(vp, name);

	if (name == HV_X64_REGISTER_HYPERCALL) {
		if (o->value & HYPERCALL_LOCKED)
			return HV_STATUS_INVALID_PARAMETER;
		/* Without an identity there are no hypercalls. */
		if (!p->guest_os_id)
			value &= ~ENABLED;
	}
	return set(hv, p, o, value);
}

/**
 * hvc_set_guest_os_id - the identity of what runs in a partition
 * @hv: the core
 * @p: a child
 * @id: 0 takes the hypercall page away
 *
 * Context: under the lock.
 */
void hvc_set_guest_os_id(struct hvc *hv, struct hvc_partition *p, u64 id)
{
	if (!id)
		set(hv, p, &p->hypercall, p->hypercall.value & ~ENABLED);
	p->guest_os_id = id;
}

/**
 * hvc_overlay_init - the overlays of a partition, all of them disabled
 * @p: a child
 *
 * Context: under the lock.
 */
void hvc_overlay_init(struct hvc_partition *p)
{
	p->hypercall.order = 0;
	p->reference_tsc.order = 1;
}

/**
 * hvc_overlay_init_vp - the overlays of a VP, all of them disabled
 * @vp: its index is set
 *
 * Context: under the lock.
 */
void hvc_overlay_init_vp(struct hvc_vp *vp)
{
	u32 i;

	for (i = 0; i < HVC_VP_OVERLAYS; i++) {
		vp->overlays[i].order = 2 + HVC_VP_OVERLAYS * vp->index + i;
		vp->overlays[i].writable = true;
	}
}

/**
 * hvc_overlay_destroy - a partition's own overlays go; those of VPs have gone
 * @hv: the core
 * @p: a child
 *
 * Context: under the lock.
 */
void hvc_overlay_destroy(struct hvc *hv, struct hvc_partition *p)
{
	set(hv, p, &p->hypercall, 0);
	set(hv, p, &p->reference_tsc, 0);
}

/**
 * hvc_overlay_destroy_vp - the overlays of a VP go
 * @hv: the core
 * @vp: a child's
 *
 * Context: under the lock.
 */
void hvc_overlay_destroy_vp(struct hvc *hv, struct hvc_vp *vp)
{
	u32 i;

	for (i = 0; i < HVC_VP_OVERLAYS; i++)
		set(hv, vp->partition, &vp->overlays[i], 0);
}

/**
 * hvc_overlay_find - the overlay that lies over a page
 * @p: a child
 * @gpfn: page number in its GPA space
 *
 * Context: under the lock; hvc_overlay_at() is the quick way.
 * Return: the one on top, or NULL.
 */
struct hvc_overlay *hvc_overlay_find(struct hvc_partition *p, u64 gpfn)
{
	struct hvc_overlay *o;

	for (o = p->overlays; o && o->gpfn != gpfn; o = o->next)
		;
	return o;
}

/**
 * hvc_gpa_find - where a GPA leads: an overlay page, or else what is mapped
 * @hv: the core
 * @p: a child
 * @gpfn: page number in its GPA space
 * @pfn: out: page of RAM
 * @rights: out: HV_MAP_GPA_* rights
 * @overlay: out: is it an overlay page
 *
 * The local APICs' pages are not RAM, and not here.
 *
 * Context: under the lock.
 * Return: false when nothing is there.
 */
bool hvc_gpa_find(struct hvc *hv, struct hvc_partition *p, u64 gpfn, u64 *pfn,
		  u32 *rights, bool *overlay)
{
	struct hvc_overlay *o = hvc_overlay_at(p, gpfn);

	*overlay = o;
	if (!o)
		return hvc_gpa_lookup(hv, p, gpfn, pfn, rights);
	*pfn = o->pfn;
	*rights = HV_MAP_GPA_READABLE;
	if (o->writable)
		*rights |= HV_MAP_GPA_WRITABLE;
	if (o == &p->hypercall)
		*rights |= HV_MAP_GPA_EXECUTABLE;
	return true;
}

/**
 * hvc_overlay_audit - check a partition's overlays
 * @hv: the core
 * @p: any
 * @errors: contradictions are added here
 *
 * Context: under the lock.
 */
void hvc_overlay_audit(struct hvc *hv, struct hvc_partition *p, u64 *errors)
{
	struct hvc_overlay *o;

	for (o = p->overlays; o; o = o->next) {
		struct hvc_frame *f = hvc_frame(hv, o->pfn);

		if (!f || f->state != HVC_FRAME_USED || f->owner != p->slot ||
		    (o->next && o->next->order <= o->order))
			++*errors;
	}
}
