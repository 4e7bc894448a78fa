// SPDX-License-Identifier: GPL-2.0
/*
 * hv_rootctl: the kernel's own hypercall page as a transport. The only file
 * that includes the kernel's Hyper-V headers, and it includes nothing of
 * include/hv/, which has the same names.
 */
#include <linux/init.h>
#include <linux/io.h>
#include <linux/module.h>

#include <asm/hypervisor.h>
#include <asm/mshyperv.h>

#include <linux/hv_rootctl.h>

#include "transport.h"

static void *hyperv_list(u64 gpa)
{
	return gpa ? phys_to_virt(gpa) : NULL;
}

/*
 * The kernel's helpers know two forms: lists in memory, and two registers
 * with nothing but a call code in the control word. The second one does not
 * ask whether there is a hypercall page. Not inline, so that the first one
 * gets along with the registers that are free.
 */
static noinline u64 hyperv_fast_call(u64 control, u64 input, u64 output)
{
	u16 code = (u16)control;

	if (!hv_is_hyperv_initialized())
		return U64_MAX;
	if (control != (code | HV_HYPERCALL_FAST_BIT))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	return hv_do_fast_hypercall16(code, input, output);
}

static u64 hyperv_call(u64 control, u64 input, u64 output)
{
	if (control & HV_HYPERCALL_FAST_BIT)
		return hyperv_fast_call(control, input, output);
	return hv_do_hypercall(control, hyperv_list(input),
			       hyperv_list(output));
}

static struct hvrc_transport hyperv_transport = {
	.id = HV_ROOTCTL_TRANSPORT_HYPERV,
	.name = "Hyper-V",
	.owner = THIS_MODULE,
	.call = hyperv_call,
};

static int __init hvrc_hyperv_init(void)
{
	if (!hypervisor_is_type(X86_HYPER_MS_HYPERV)) {
		pr_err("hv_rootctl: this kernel does not run on Hyper-V\n");
		return -ENODEV;
	}
	if (!hv_is_hyperv_initialized()) {
		pr_err("hv_rootctl: the kernel has set up no hypercall page\n");
		return -ENODEV;
	}
	hyperv_transport.privileges =
		(u64)ms_hyperv.priv_high << 32 | ms_hyperv.features;
	return hvrc_start(&hyperv_transport);
}

static void __exit hvrc_hyperv_exit(void)
{
	hvrc_stop();
}

module_init(hvrc_hyperv_init);
module_exit(hvrc_hyperv_exit);

MODULE_DESCRIPTION("Management hypercalls of a Hyper-V root partition");
MODULE_LICENSE("GPL");
