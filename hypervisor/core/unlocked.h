/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls that need no lock: codes that there are none for, and calls that only
 * tell their caller something that never changes. The checks are dispatch.c's;
 * whatever does not pass them is left to it, to be refused there.
 *
 * Inline, so that what a host's operations are is known where it is used.
 */
#ifndef HVC_UNLOCKED_H
#define HVC_UNLOCKED_H

#include "internal.h"

/**
 * hvc_unlocked - answer a hypercall that needs no lock, if it is one
 * @hv: the core
 * @ops: as given to hvc_init()
 * @call: the call, by the root in 64-bit code at CPL 0; input need not be set
 * @number: hvc_row_number() of its code
 *
 * The page for the output may be taken from the root at any moment: the host
 * sees to it that its flush() does not return before the calls that are under
 * way here have.
 *
 * Context: any.
 * Return: true when @call has its result; false when nothing was done, and
 *	hvc_hypercall() is to be asked.
 */
static inline bool hvc_unlocked(struct hvc *hv, const struct hvc_host_ops *ops,
				struct hvc_call *call, u32 number)
{
	u64 gpa = call->output, pfn = gpa >> HV_PAGE_SHIFT;
	const struct hvc_row *row;
	struct hvc_frame *frame;
	u8 *page;

	if (!number) {
		call->known = false;
		call->result = hvc_unknown_status(call);
		hvc_count_call(&hv->unknown);
		return true;
	}
	row = hv->rows[number - 1];
	if (!row->constant || call->control != row->code ||
	    (row->privilege & ~call->caller->privileges) || (gpa & 7) ||
	    gpa >> hv->cfg.gpa_bits ||
	    __atomic_load_n(&hv->faults_end, __ATOMIC_RELAXED))
		return false;
	frame = ops->frame(hv, pfn);
	if (!frame || __atomic_load_n(&frame->state, __ATOMIC_RELAXED) !=
			      HVC_FRAME_ROOT)
		return false;
	page = ops->map(hv, pfn);
	*(u64 *)(page + (gpa & HV_PAGE_MASK)) = row->constant(call->caller);
	ops->unmap(hv, page);
	call->known = true;
	call->result = HV_STATUS_SUCCESS;
	hvc_count_call(&hv->counters[number - 1]);
	return true;
}

/**
 * hvc_is_quick - may the host ask hvc_quick() about this call?
 * @hv: the core
 * @control: the call's control word; it is of 64-bit code at CPL 0
 * @number: hvc_row_number() of its code
 *
 * Context: any.
 */
static inline bool hvc_is_quick(const struct hvc *hv, u64 control, u32 number)
{
	return number && !(control & ~HV_CONTROL_CODE_MASK) &&
	       (hv->rows[number - 1]->flags & HVC_ROW_QUICK);
}

#endif
