// SPDX-License-Identifier: GPL-2.0
/*
 * Simple and rep hypercalls, in memory and in registers. TLFS chapter
 * "Hypercall Interface".
 *
 * The kernel's own per-CPU hypercall pages are not used: they would keep
 * interrupts off for a whole call, and the output page is not there in every
 * kernel. Nor is the kernel's rep loop, which trusts the hypervisor to get on.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include "hypercall.h"

/**
 * hvrc_caller_init - get ready to make hypercalls
 * @caller: storage
 * @transport: way to the hypervisor; must outlive @caller
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int hvrc_caller_init(struct hvrc_caller *caller,
		     const struct hvrc_transport *transport)
{
	BUILD_BUG_ON(PAGE_SIZE != HV_PAGE_SIZE);

	*caller = (struct hvrc_caller){
		.transport = transport,
		.input = (void *)get_zeroed_page(GFP_KERNEL),
		.output = (void *)get_zeroed_page(GFP_KERNEL),
		.scratch = (void *)get_zeroed_page(GFP_KERNEL),
	};
	if (!caller->input || !caller->output || !caller->scratch) {
		hvrc_caller_destroy(caller);
		return -ENOMEM;
	}
	caller->input_gpa = virt_to_phys(caller->input);
	caller->output_gpa = virt_to_phys(caller->output);
	return 0;
}

/**
 * hvrc_caller_destroy - give back what hvrc_caller_init() took
 * @caller: no hypercall is under way
 *
 * Context: any.
 */
void hvrc_caller_destroy(struct hvrc_caller *caller)
{
	free_page((unsigned long)caller->input);
	free_page((unsigned long)caller->output);
	free_page((unsigned long)caller->scratch);
}

/**
 * hvrc_call_poisoned - hvrc_call_simple(), the output is poisoned already
 * @caller: its input page holds the input
 * @code: call code
 * @out_size: bytes of output, 0 when the call has none
 * @status: HV_STATUS of the answer; left alone when there was none
 *
 * Context: as the transport's call.
 * Return: as hvrc_call_simple().
 */
int hvrc_call_poisoned(struct hvrc_caller *caller, u16 code, size_t out_size,
		       u32 *status)
{
	return hvrc_call_inline(caller, code, out_size, status);
}

/**
 * hvrc_call_fast - make a simple hypercall without output, in two registers
 * @caller: its input page is used when the hypervisor wants that
 * @code: call code, of a call that the TLFS marks as fast
 * @first: the first 8 bytes of its input
 * @second: the other 8, or 0
 * @status: HV_STATUS of the answer; left alone when there was none
 *
 * A hypervisor that does not take the form has done nothing, and is asked
 * again in the other one.
 *
 * Context: as the transport's call.
 * Return: as hvrc_call_simple().
 */
int hvrc_call_fast(struct hvrc_caller *caller, u16 code, u64 first, u64 second,
		   u32 *status)
{
	u64 *in = caller->input;
	u64 result;

	result = hvrc_call_registers(caller, hv_control_simple(code, true),
				     first, second);
	if (result == HV_RESULT_NO_HYPERVISOR)
		return -ENODEV;
	*status = hv_result_status(result);
	if (*status != HV_STATUS_INVALID_HYPERCALL_INPUT)
		return 0;
	in[0] = first;
	in[1] = second;
	return hvrc_call_poisoned(caller, code, 0, status);
}

/* Once for a driver: after it, nobody tries any more. */
static void xmm_refused(struct hvrc_caller *caller)
{
	if (caller->xmm && xchg(caller->xmm, false))
		pr_notice("hv_rootctl: the hypervisor refuses HvWriteGpa in XMM registers: parameters are in memory\n");
}

/**
 * hvrc_call_xmm - make a simple hypercall in registers, XMM registers too
 * @caller: its input page begins with struct hvrc_xmm; rebuilt for each call
 * @code: call code, of a call with 48 bytes of input and 8 of output
 * @status: HV_STATUS of the answer; left alone when there was none
 * @output: the output, when the status is HV_STATUS_SUCCESS
 *
 * Context: as the transport's call.
 * Return: as hvrc_call_simple(); or -EOPNOTSUPP: here this form cannot be
 * used, or the hypervisor does not take it. Nothing was done then, and it is
 * to be done in memory.
 */
int hvrc_call_xmm(struct hvrc_caller *caller, u16 code, u32 *status,
		  u64 *output)
{
	u64 control = hv_control_simple(code, true);
	struct hvrc_xmm *registers = caller->input;
	bool watched = hvrc_watched();
	u64 start, result;

	registers->output = HVRC_POISON;
	start = watched ? hvrc_watch_start() : 0;
	if (!caller->transport->call_xmm(control, registers, &result))
		return -EOPNOTSUPP;
	caller->hypercalls++;
	if (watched)
		hvrc_watch_end(caller, control, result, start);
	if (result == HV_RESULT_NO_HYPERVISOR)
		return -ENODEV;

	if (hv_result_status(result) == HV_STATUS_INVALID_HYPERCALL_INPUT) {
		xmm_refused(caller);
		return -EOPNOTSUPP;
	}
	*status = hv_result_status(result);
	*output = registers->output;
	if (*status == HV_STATUS_SUCCESS && *output == HVRC_POISON)
		return -EPROTO;
	return 0;
}

/**
 * hvrc_rep_step - make or continue a rep hypercall
 * @caller: its input page holds header and list, rebuilt for each step; the
 *	output list, from element @rep->done on, was filled with HVRC_POISON
 * @rep: the call; done, limit and status are brought up to date
 *
 * A hypervisor may stop before the end and report success. Such a call is
 * resumed by another step, after what was completed has been dealt with. That
 * ends, because a step that reports success and gets nowhere is an error.
 *
 * Context: as the transport's call.
 * Return: 0 when the hypervisor gave an answer that makes sense; -ENODEV when
 * there is no hypervisor; -EPROTO for success without progress, or more
 * elements than asked for.
 */
int hvrc_rep_step(struct hvrc_caller *caller, struct hvrc_rep *rep)
{
	u64 result;
	u32 reps;

	result = hvrc_call(caller,
			   hv_control_rep(rep->code, rep->count, rep->done),
			   !rep->no_output);
	if (result == HV_RESULT_NO_HYPERVISOR)
		return -ENODEV;

	rep->status = hv_result_status(result);
	reps = hv_result_reps(result);
	/* "All of it is done", and "nothing is": either may be the lie. */
	if (reps > rep->count ||
	    (reps <= rep->done && rep->status == HV_STATUS_SUCCESS)) {
		rep->limit = rep->count;
		return -EPROTO;
	}
	rep->done = max(rep->done, reps);
	rep->limit = rep->done;
	/* What it goes on with, nobody will tell. */
	if (rep->status == HV_STATUS_CALL_PENDING)
		rep->limit = rep->count;
	return 0;
}
