/* SPDX-License-Identifier: GPL-2.0 */
/* Making hypercalls: one at a time, over pages of the driver's own. */
#ifndef HVRC_HYPERCALL_H
#define HVRC_HYPERCALL_H

#include <linux/errno.h>
#include <linux/string.h>
#include <linux/types.h>

#include <hv/calls.h>
#include <hv/hypercall.h>
#include <hv/status.h>
#include <hv/types.h>

#include "stats.h"
#include "transport.h"

struct hvrc_stats;

/*
 * What an output holds before the call. No page number, partition id, count
 * or access result looks like this, so an answer that was not written shows.
 */
#define HVRC_POISON_BYTE 0xa5
#define HVRC_POISON 0xa5a5a5a5a5a5a5a5ULL

/**
 * struct hvrc_caller - what it takes to make hypercalls
 * @transport: how they reach the hypervisor
 * @input: page of the input list; rebuilt for each hypercall, because the
 *	hypervisor can write to it
 * @output: page of the output list
 * @input_gpa: where @input is, as the hypervisor sees it
 * @output_gpa: where @output is
 * @scratch: page that the hypervisor is not told of, for the caller's data
 * @hypercalls: how many were made
 * @progress: pages or bytes done so far, for others to read at any time
 * @stats: where they are counted, or NULL
 * @xmm: may HvWriteGpa be made in XMM registers? hvrc.xmm, or NULL for no
 *
 * For one thread at a time. All pages are allocated beforehand and lie in the
 * kernel's direct map; nothing is allocated on the way to the hypervisor.
 */
struct hvrc_caller {
	const struct hvrc_transport *transport;
	void *input;
	void *output;
	u64 input_gpa;
	u64 output_gpa;
	void *scratch;
	u64 hypercalls;
	u64 progress;
	struct hvrc_stats __percpu *stats;
	bool *xmm;
};

int hvrc_caller_init(struct hvrc_caller *caller,
		     const struct hvrc_transport *transport);
void hvrc_caller_destroy(struct hvrc_caller *caller);

/* @in and @out are the parameter registers, see struct hvrc_transport. */
static __always_inline u64 hvrc_call_registers(struct hvrc_caller *caller,
					       u64 control, u64 in, u64 out)
{
	caller->hypercalls++;
	if (hvrc_watched())
		return hvrc_watch(caller, control, in, out);
	return caller->transport->call(control, in, out);
}

static __always_inline u64 hvrc_call(struct hvrc_caller *caller, u64 control,
				     bool output)
{
	return hvrc_call_registers(caller, control, caller->input_gpa,
				   output ? caller->output_gpa : 0);
}

/**
 * hvrc_call_inline - hvrc_call_poisoned() for a loop where it costs
 * @caller: its input page holds the input, its output page is poisoned
 * @code: call code
 * @out_size: bytes of output, 0 when the call has none
 * @status: HV_STATUS of the answer; left alone when there was none
 *
 * Context: as the transport's call.
 * Return: as hvrc_call_simple().
 */
static __always_inline int hvrc_call_inline(struct hvrc_caller *caller,
					    u16 code, size_t out_size,
					    u32 *status)
{
	u64 result;

	result = hvrc_call(caller, hv_control_simple(code, false), out_size);
	if (result == HV_RESULT_NO_HYPERVISOR)
		return -ENODEV;

	*status = hv_result_status(result);
	if (*status == HV_STATUS_SUCCESS && out_size &&
	    *(u64 *)caller->output == HVRC_POISON)
		return -EPROTO;
	return 0;
}

int hvrc_call_poisoned(struct hvrc_caller *caller, u16 code, size_t out_size,
		       u32 *status);

/**
 * hvrc_call_simple - make a simple hypercall
 * @caller: its input page holds the input
 * @code: call code
 * @out_size: bytes of output, 0 when the call has none
 * @status: HV_STATUS of the answer; left alone when there was none
 *
 * The output is in the caller's output page, and only valid when the status
 * is HV_STATUS_SUCCESS. Inline, because the sizes are constants: a few bytes
 * are poisoned with a few instructions.
 *
 * Context: as the transport's call.
 * Return: 0 when the hypervisor answered, whatever it said; -ENODEV when
 * there is no hypervisor; -EPROTO when it reports success without an output.
 */
static inline int hvrc_call_simple(struct hvrc_caller *caller, u16 code,
				   size_t out_size, u32 *status)
{
	memset(caller->output, HVRC_POISON_BYTE, out_size);
	return hvrc_call_poisoned(caller, code, out_size, status);
}

int hvrc_call_fast(struct hvrc_caller *caller, u16 code, u64 first, u64 second,
		   u32 *status);
int hvrc_call_xmm(struct hvrc_caller *caller, u16 code, u32 *status,
		  u64 *output);

/**
 * hvrc_xmm_in_use - is HvWriteGpa to be made with hvrc_call_xmm()?
 * @caller: who is to make it
 *
 * Context: any.
 * Return: true when that is wanted, and the hypervisor has not refused it.
 */
static inline bool hvrc_xmm_in_use(const struct hvrc_caller *caller)
{
	return caller->xmm && READ_ONCE(*caller->xmm);
}

/**
 * struct hvrc_rep - a rep call on its way
 * @code: call code
 * @count: elements asked for, 1..HV_REP_MAX
 * @done: elements that were completed for certain, from element 0 on
 * @limit: @done, or more when the hypervisor's answer makes no sense, or says
 *	that it goes on with the call: then elements from @done up to here may
 *	have been completed, or not
 * @status: HV_STATUS of the last step
 * @no_output: the call has no output list: the hypervisor gets no page for it
 *
 * Before the first hvrc_rep_step(), @code, @count and @no_output are set, and
 * @status to what shall stay there when there is no answer.
 */
struct hvrc_rep {
	u16 code;
	u32 count;
	u32 done;
	u32 limit;
	u32 status;
	bool no_output;
};

int hvrc_rep_step(struct hvrc_caller *caller, struct hvrc_rep *rep);

/**
 * hvrc_rep_unfinished - is there another step to make?
 * @rep: the call, after a step without error
 *
 * Return: true when the hypervisor stopped early without saying why.
 */
static inline bool hvrc_rep_unfinished(const struct hvrc_rep *rep)
{
	return rep->status == HV_STATUS_SUCCESS && rep->done < rep->count;
}

#endif
