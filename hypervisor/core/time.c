// SPDX-License-Identifier: GPL-2.0
/*
 * A child's clocks. TLFS "Timers": the partition's reference time, the page
 * that makes it out of the TSC, and the synthetic timers.
 *
 * A timer belongs to a processor, which does not run: it holds what it is
 * told, and does not expire.
 */
#include "internal.h"

/* HV_X64_MSR_STIMERx_CONFIG */
#define TIMER_ENABLED (1ULL << 0)
#define TIMER_AUTO_ENABLE (1ULL << 3)
#define TIMER_DIRECT (1ULL << 12)
#define TIMER_SINT(config) ((config) >> 16 & 0xf)
#define TIMER_VALID 0xf1fffULL

/**
 * hvc_reference_time - the reference time of the host
 * @hv: the core
 *
 * Context: under the lock.
 * Return: units of 100 ns; 0 when the host has no clock.
 */
u64 hvc_reference_time(struct hvc *hv)
{
	return hv->ops->reference_time ? hv->ops->reference_time(hv) : 0;
}

/**
 * hvc_partition_time - a partition's own reference time
 * @hv: the core
 * @p: any
 *
 * Context: under the lock.
 * Return: units of 100 ns for which it has been there and not frozen.
 */
u64 hvc_partition_time(struct hvc *hv, struct hvc_partition *p)
{
	return p->time_frozen ? p->frozen_time :
				hvc_reference_time(hv) - p->created;
}

/* Values of the sequence that say "do not use this page". */
static bool sequence_invalid(u32 sequence)
{
	return !sequence || sequence == ~0U;
}

/**
 * hvc_fill_reference_tsc_page - what makes a partition's time out of the TSC
 * @hv: the core
 * @p: a child
 * @pfn: its page
 *
 * While the time is frozen, and where the host's clock is not made out of the
 * TSC, the page has a sequence of 0: it is not to be used.
 *
 * Context: under the lock.
 */
void hvc_fill_reference_tsc_page(struct hvc *hv, struct hvc_partition *p,
				 u64 pfn)
{
	struct hv_reference_tsc_page *page = hv->ops->map(hv, pfn);
	s64 offset;
	u64 scale;

	__atomic_store_n(&page->tsc_sequence, 0, __ATOMIC_RELEASE);
	if (hv->ops->reference_tsc && !p->time_frozen) {
		hv->ops->reference_tsc(hv, &scale, &offset);
		page->tsc_scale = scale;
		page->tsc_offset = offset - (s64)p->created;
		do
			p->tsc_sequence++;
		while (sequence_invalid(p->tsc_sequence));
		__atomic_store_n(&page->tsc_sequence, p->tsc_sequence,
				 __ATOMIC_RELEASE);
	}
	hv->ops->unmap(hv, page);
}

/**
 * hvc_freeze_time - stop a partition's reference time, or let it go on
 * @hv: the core
 * @p: a child
 * @freeze: which
 *
 * Context: under the lock.
 */
void hvc_freeze_time(struct hvc *hv, struct hvc_partition *p, bool freeze)
{
	u64 now = hvc_partition_time(hv, p);

	if (freeze)
		p->frozen_time = now;
	else
		p->created = hvc_reference_time(hv) - now;
	p->time_frozen = freeze;
	if (p->reference_tsc.pfn)
		hvc_fill_reference_tsc_page(hv, p, p->reference_tsc.pfn);
}

/* --- as registers of a VP ------------------------------------------------- */

u64 hvc_get_time(struct hvc *hv, struct hvc_vp *vp, u32 name)
{
	(void)name;
	return hvc_partition_time(hv, vp->partition);
}

/* Configuration and count of timer n are at 2n and 2n + 1. */
u64 hvc_get_timer(struct hvc *hv, struct hvc_vp *vp, u32 name)
{
	(void)hv;
	return vp->timers[name - HV_REGISTER_STIMER0_CONFIG];
}

/*
 * A message needs an interrupt source to arrive by: without one the timer is
 * not enabled. A count of 0 stops it; another starts it, if it says so.
 */
u32 hvc_set_timer(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value)
{
	u32 index = name - HV_REGISTER_STIMER0_CONFIG;
	u64 *config = &vp->timers[index & ~1U];

	(void)hv;
	if (index & 1) {
		vp->timers[index] = value;
		if (!value)
			*config &= ~TIMER_ENABLED;
		else if (*config & TIMER_AUTO_ENABLE)
			*config |= TIMER_ENABLED;
	} else {
		if (value & ~TIMER_VALID)
			return HV_STATUS_INVALID_PARAMETER;
		*config = value;
	}
	if (!(*config & TIMER_DIRECT) && !TIMER_SINT(*config))
		*config &= ~TIMER_ENABLED;
	return HV_STATUS_SUCCESS;
}
