// SPDX-License-Identifier: GPL-2.0
/* The model: overlay pages, and the registers that put them in place. */
#include <hv/registers.h>
#include <stdlib.h>

#include "model_ask.h"

/* In this order they lie over each other. */
enum { HYPERCALL, TSC, FIRST_OF_VP, PER_VP = 3 };

static u32 index_of(u32 vp, u32 name)
{
	switch (name) {
	case HV_X64_REGISTER_HYPERCALL:
		return HYPERCALL;
	case HV_REGISTER_REFERENCE_TSC:
		return TSC;
	case HV_REGISTER_VP_ASSIST_PAGE:
		return FIRST_OF_VP + PER_VP * vp;
	case HV_REGISTER_SIMP:
		return FIRST_OF_VP + PER_VP * vp + 1;
	case HV_REGISTER_SIEFP:
		return FIRST_OF_VP + PER_VP * vp + 2;
	}
	return MODEL_OVERLAYS;
}

static void drop(struct model_partition *p, struct model_overlay *o)
{
	if (!o->bytes)
		return;
	free(o->bytes);
	o->bytes = NULL;
	p->in_use--;
}

static void fill(struct model_partition *p, struct model_overlay *o)
{
	static const u8 code[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x01, 0xd9,
				   0xc3 };

	if (o == &p->overlays[HYPERCALL]) {
		memset(o->bytes, 0xcc, HV_PAGE_SIZE);
		memcpy(o->bytes, code, sizeof(code));
	} else if (o == &p->overlays[TSC]) {
		model_fill_tsc_page(p);
	}
}

/* The time was frozen or goes on, or the page is new. */
void model_fill_tsc_page(struct model_partition *p)
{
	struct hv_reference_tsc_page *page;

	if (!p->overlays || !p->overlays[TSC].bytes)
		return;
	page = (void *)p->overlays[TSC].bytes;
	page->tsc_sequence = 0;
	if (model_get_property(p, HV_PARTITION_PROPERTY_TIME_FREEZE))
		return;
	page->tsc_sequence = ++p->tsc_sequence;
	page->tsc_scale = HOST_TSC_SCALE;
	page->tsc_offset =
		HOST_TSC_OFFSET +
		model_get_property(p, HV_PARTITION_PROPERTY_REFERENCE_TIME);
}

static u32 set_overlay(struct model_partition *p, struct model_overlay *o,
		       u64 value)
{
	bool hypercall = o == &p->overlays[HYPERCALL];

	if (hypercall && (o->value & 2))
		return HV_STATUS_INVALID_PARAMETER;
	if (hypercall &&
	    !model_get_property(p, HV_PARTITION_PROPERTY_GUEST_OS_ID))
		value &= ~1ULL;
	if ((value & 1) && value >> 48)
		return HV_STATUS_INVALID_PARAMETER;
	if (!(value & 1)) {
		drop(p, o);
	} else if (!o->bytes) {
		if (!available(p))
			return HV_STATUS_INSUFFICIENT_MEMORY;
		o->bytes = calloc(1, HV_PAGE_SIZE);
		HOST_CHECK(o->bytes);
		fill(p, o);
		p->in_use++;
	}
	o->value = value;
	return 0;
}

bool model_overlay_register(u32 name)
{
	return name == HV_REGISTER_GUEST_OS_ID ||
	       index_of(0, name) < MODEL_OVERLAYS;
}

u64 model_get_overlay(struct model_partition *p, u32 vp, u32 name)
{
	if (name == HV_REGISTER_GUEST_OS_ID)
		return model_get_property(p, HV_PARTITION_PROPERTY_GUEST_OS_ID);
	return p->overlays[index_of(vp, name)].value;
}

u32 model_set_overlay(struct model_partition *p, u32 vp, u32 name, u64 value)
{
	if (name != HV_REGISTER_GUEST_OS_ID)
		return set_overlay(p, &p->overlays[index_of(vp, name)], value);
	model_put_property(p, HV_PARTITION_PROPERTY_GUEST_OS_ID, value);
	if (!value) {
		p->overlays[HYPERCALL].value &= ~1ULL;
		drop(p, &p->overlays[HYPERCALL]);
	}
	return 0;
}

/* The overlay on top at a page, and the rights to it; NULL: none. */
struct model_overlay *model_find_overlay(struct model_partition *p, u64 gpfn,
					 u32 *rights)
{
	u32 i;

	for (i = 0; i < MODEL_OVERLAYS; i++) {
		if (!p->overlays[i].bytes ||
		    p->overlays[i].value >> HV_PAGE_SHIFT != gpfn)
			continue;
		*rights = i == HYPERCALL ? 0xd : i == TSC ? 1 : 3;
		return &p->overlays[i];
	}
	return NULL;
}

void model_drop_vp_overlays(struct model_partition *p, u32 vp)
{
	struct model_overlay *own = &p->overlays[FIRST_OF_VP + PER_VP * vp];
	u32 i;

	for (i = 0; i < PER_VP; i++) {
		drop(p, &own[i]);
		own[i].value = 0;
	}
}

void model_drop_overlays(struct model_partition *p)
{
	u32 i;

	for (i = 0; p->overlays && i < MODEL_OVERLAYS; i++) {
		drop(p, &p->overlays[i]);
		p->overlays[i].value = 0;
	}
}
