// SPDX-License-Identifier: GPL-2.0
/*
 * HvWithdrawMemory and HvWriteGpa for other modules, in any context. Each
 * processor has pages of its own for such calls, and interrupts are off while
 * they are in use: for one hypercall.
 */
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include <linux/hv_rootctl_api.h>
#include <hv/memory.h>

#include "api.h"

/* Who serves the calls; an RCU grace period passes before it goes. */
static struct hvrc __rcu *api_hv;

/**
 * hvrc_api_init - get ready to serve calls
 * @hv: the driver
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int hvrc_api_init(struct hvrc *hv)
{
	struct hvrc_caller *caller;
	int cpu;

	hv->api_callers = alloc_percpu(struct hvrc_caller);
	if (!hv->api_callers)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		caller = per_cpu_ptr(hv->api_callers, cpu);
		if (hvrc_caller_init(caller, hv->transport)) {
			*caller = (struct hvrc_caller){};
			hvrc_api_destroy(hv);
			return -ENOMEM;
		}
		caller->stats = hv->stats;
		caller->xmm = &hv->xmm;
	}
	return 0;
}

/**
 * hvrc_api_destroy - undo hvrc_api_init()
 * @hv: the driver; no call can be under way
 *
 * Context: may sleep.
 */
void hvrc_api_destroy(struct hvrc *hv)
{
	int cpu;

	for_each_possible_cpu(cpu)
		hvrc_caller_destroy(per_cpu_ptr(hv->api_callers, cpu));
	free_percpu(hv->api_callers);
}

/**
 * hvrc_api_offer - serve the calls of other modules
 * @hv: the driver, or NULL to end it: no call is under way then
 *
 * Context: may sleep; one caller at a time.
 */
void hvrc_api_offer(struct hvrc *hv)
{
	rcu_assign_pointer(api_hv, hv);
	if (!hv)
		synchronize_rcu();
}

/*
 * Look up what the hypervisor has returned; how many pages are the caller's.
 * The record is looked for only now: as long as a page of it is in the pool,
 * it is there.
 */
static u32 api_take(struct hvrc *hv, struct hvrc_caller *caller, u64 id,
		    const struct hvrc_rep *rep, u64 *pages)
{
	u32 i, taken = 0, foreign, count = rep->limit;
	u64 *sorted = caller->scratch;
	struct hvrc_partition *p;

	p = xa_load(&hv->partitions,
		    id == HV_ROOTCTL_SELF ? hv->self_id : id);
	if (p)
		taken = hvrc_ledger_take(hv, &p->ledger, caller->output, count,
					 sorted);
	else
		memcpy(sorted, caller->output, count * sizeof(*sorted));
	memcpy(pages, sorted, taken * sizeof(*pages));
	atomic64_add(taken, &hv->withdrawn);

	foreign = count - taken;
	if (rep->done < rep->limit)
		for (i = taken; i < count; i++)
			foreign -= sorted[i] == HVRC_POISON;
	if (foreign)
		hvrc_quarantine(hv, p, id, sorted[taken], foreign);
	return taken;
}

/* One hypercall, with interrupts off. Returns an HV_STATUS. */
static u32 api_withdraw(struct hvrc *hv, u64 id, u64 proximity,
			struct hvrc_rep *rep, u64 *pages, u32 *taken)
{
	struct hvrc_caller *caller = this_cpu_ptr(hv->api_callers);
	struct hv_input_withdraw_memory *in = caller->input;
	int err;

	in->partition_id = id;
	in->proximity_domain_info = proximity;
	memset64(caller->output, HVRC_POISON, rep->count);
	err = hvrc_rep_step(caller, rep);
	*taken = api_take(hv, caller, id, rep, pages);
	return err ? HV_ROOTCTL_NO_STATUS : rep->status;
}

/**
 * hvrc_api_withdraw - hv_rootctl_withdraw_memory(), of a certain driver
 * @hv: the driver
 * @id: as there
 * @proximity: as there
 * @page_count: as there
 * @pages: as there
 *
 * Context: any but NMI; RCU read side.
 * Return: as there.
 */
u32 hvrc_api_withdraw(struct hvrc *hv, u64 id, u64 proximity, u32 *page_count,
		      u64 *pages)
{
	u32 taken, left = *page_count, status = HV_STATUS_SUCCESS;
	struct hvrc_rep rep;
	unsigned long flags;

	*page_count = 0;
	/* Rubbish for pages counts, too: it must not go on for ever. */
	for (; left && status == HV_STATUS_SUCCESS; left -= rep.done) {
		rep = (struct hvrc_rep){
			.code = HVCALL_WITHDRAW_MEMORY,
			.count = min_t(u32, left, HV_WITHDRAW_MAX),
			.status = HV_ROOTCTL_NO_STATUS,
		};
		local_irq_save(flags);
		status = api_withdraw(hv, id, proximity, &rep,
				      pages + *page_count, &taken);
		local_irq_restore(flags);
		*page_count += taken;
	}
	return status;
}

/**
 * hv_rootctl_withdraw_memory - HvWithdrawMemory
 * @partition_id: whose pool; HV_ROOTCTL_SELF for the caller's own
 * @proximity_domain_info: HV_PROXIMITY_DOMAIN_INFO, 0 for any
 * @page_count: in: how many pages, any number; out: how many are the caller's
 *	now, whatever is returned
 * @pages: their page frame numbers, room for as many as are asked for
 *
 * The pages are zero and have one reference each, as from alloc_page(). A page
 * that this module did not deposit into that pool is not among them: it is
 * counted as quarantined. The pool is emptied by the hypervisor's own rules,
 * see TLFS, HvWithdrawMemory.
 *
 * Context: any but NMI. Interrupts are off for one hypercall at a time; RCU is
 * held up until the end, so who may sleep asks for very many in parts.
 * Return: HV_STATUS of the last hypercall; HV_ROOTCTL_NO_STATUS when there is
 * no hypervisor, or none that keeps to the protocol.
 */
u32 hv_rootctl_withdraw_memory(u64 partition_id, u64 proximity_domain_info,
			       u32 *page_count, u64 *pages)
{
	u32 status = HV_ROOTCTL_NO_STATUS;
	struct hvrc *hv;

	rcu_read_lock();
	hv = rcu_dereference(api_hv);
	if (hv)
		status = hvrc_api_withdraw(hv, partition_id,
					   proximity_domain_info, page_count,
					   pages);
	else
		*page_count = 0;
	rcu_read_unlock();
	return status;
}
EXPORT_SYMBOL_GPL(hv_rootctl_withdraw_memory);

/* In the form in use; interrupts are off. As hvrc_call_simple(). */
static int api_write(struct hvrc_caller *caller,
		     const struct hv_input_write_gpa *input, u32 *status,
		     u64 *access_result)
{
	const struct hv_output_write_gpa *out = caller->output;
	int err = -EOPNOTSUPP;

	*(struct hv_input_write_gpa *)caller->input = *input;
	if (hvrc_xmm_in_use(caller))
		err = hvrc_call_xmm(caller, HVCALL_WRITE_GPA, status,
				    access_result);
	if (err != -EOPNOTSUPP)
		return err;
	*(struct hv_input_write_gpa *)caller->input = *input;
	err = hvrc_call_simple(caller, HVCALL_WRITE_GPA, sizeof(*out), status);
	if (!err && *status == HV_STATUS_SUCCESS)
		*access_result = READ_ONCE(out->access_result);
	return err;
}

/**
 * hvrc_api_write - HvWriteGpa, of a certain driver
 * @hv: the driver
 * @input: what the hypervisor gets
 * @access_result: as for hv_rootctl_write_gpa()
 *
 * Context: any but NMI; RCU read side.
 * Return: as hv_rootctl_write_gpa().
 */
u32 hvrc_api_write(struct hvrc *hv, const struct hv_input_write_gpa *input,
		   u64 *access_result)
{
	u32 status = HV_ROOTCTL_NO_STATUS;
	unsigned long flags;
	u64 result;

	local_irq_save(flags);
	if (api_write(this_cpu_ptr(hv->api_callers), input, &status, &result))
		status = HV_ROOTCTL_NO_STATUS;
	local_irq_restore(flags);
	if (status == HV_STATUS_SUCCESS)
		*access_result = result;
	return status;
}

/**
 * hv_rootctl_write_gpa - HvWriteGpa
 * @partition_id: which partition
 * @vp_index: as which virtual processor the access is made
 * @base_gpa: guest physical address in bytes
 * @byte_count: how many bytes, 1..16, all in one page: the hypervisor says so
 * @control_flags: HV_ACCESS_GPA_CONTROL_FLAGS: a cache type
 * @data: the bytes
 * @access_result: written only when HV_STATUS_SUCCESS is returned; 0: the
 *	bytes were written, anything else: none were
 *
 * Context: any but NMI. Interrupts are off for the hypercall.
 * Return: HV_STATUS; HV_ROOTCTL_NO_STATUS when there is no hypervisor, or none
 * that keeps to the protocol.
 */
u32 hv_rootctl_write_gpa(u64 partition_id, u32 vp_index, u64 base_gpa,
			 u32 byte_count, u64 control_flags, const void *data,
			 u64 *access_result)
{
	struct hv_input_write_gpa input = {
		.partition_id = partition_id,
		.vp_index = vp_index,
		.byte_count = byte_count,
		.base_gpa = base_gpa,
		.control_flags = control_flags,
	};
	u32 status = HV_ROOTCTL_NO_STATUS;
	struct hvrc *hv;

	memcpy(input.data, data, min_t(size_t, byte_count, sizeof(input.data)));
	rcu_read_lock();
	hv = rcu_dereference(api_hv);
	if (hv)
		status = hvrc_api_write(hv, &input, access_result);
	rcu_read_unlock();
	return status;
}
EXPORT_SYMBOL_GPL(hv_rootctl_write_gpa);
