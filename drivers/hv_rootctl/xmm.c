// SPDX-License-Identifier: GPL-2.0
/*
 * HvWriteGpa in registers. Its input fills RDX, R8, XMM0 and XMM1, its output
 * comes in XMM2. No public table marks the call as fast, so this is only done
 * where somebody asked for it, the hypervisor offers XMM registers, and has
 * shown that it takes the form.
 */
#include <linux/kstrtox.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <hv/memory.h>
#include <hv/partition.h>

#include "hvrc.h"

bool hvrc_xmm_wanted;

/*
 * A write into a partition that cannot be, in both forms: a hypervisor that
 * takes both gives the same answer to both, and nothing is written.
 */
static bool xmm_try(struct hvrc_caller *caller)
{
	const struct hv_input_write_gpa input = {
		.partition_id = HV_PARTITION_ID_INVALID,
		.byte_count = HV_ACCESS_GPA_MAX,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
	};
	u32 in_memory, in_registers;
	u64 output;

	*(struct hv_input_write_gpa *)caller->input = input;
	if (hvrc_call_simple(caller, HVCALL_WRITE_GPA, sizeof(output),
			     &in_memory))
		return false;
	*(struct hv_input_write_gpa *)caller->input = input;
	if (hvrc_call_xmm(caller, HVCALL_WRITE_GPA, &in_registers, &output))
		return false;
	return in_memory == in_registers && in_memory != HV_STATUS_SUCCESS;
}

/**
 * hvrc_xmm_start - write to guests in registers, if that is wanted and works
 * @hv: the driver; nobody else uses @hv->caller
 *
 * Context: may sleep.
 */
void hvrc_xmm_start(struct hvrc *hv)
{
	bool xmm;

	if (READ_ONCE(hv->xmm) || !READ_ONCE(hvrc_xmm_wanted))
		return;
	xmm = hv->transport->call_xmm && xmm_try(&hv->caller);
	WRITE_ONCE(hv->xmm, xmm);
	pr_info("hv_rootctl: HvWriteGpa in XMM registers: %s\n",
		xmm			 ? "yes" :
		hv->transport->call_xmm ? "refused, parameters are in memory" :
					  "not offered, parameters are in memory");
}

static void xmm_switch(struct hvrc *hv)
{
	if (READ_ONCE(hvrc_xmm_wanted))
		hvrc_xmm_start(hv);
	else
		WRITE_ONCE(hv->xmm, false);
}

static int xmm_param_set(const char *val, const struct kernel_param *kp)
{
	bool on;
	int err;

	err = kstrtobool(val, &on);
	if (err)
		return err;
	WRITE_ONCE(hvrc_xmm_wanted, on);
	hvrc_started_do(xmm_switch);
	return 0;
}

static const struct kernel_param_ops xmm_param_ops = {
	.set = xmm_param_set,
	.get = param_get_bool,
};
module_param_cb(xmm_write_gpa, &xmm_param_ops, &hvrc_xmm_wanted, 0644);
MODULE_PARM_DESC(xmm_write_gpa, "write to guests with parameters in XMM registers, where the hypervisor takes that (default: N)");
