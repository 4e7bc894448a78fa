// SPDX-License-Identifier: GPL-2.0
/*
 * hv_rootctl: the kernel's own hypercall page as a transport. The only file
 * that includes the kernel's Hyper-V headers, and it includes nothing of
 * include/hv/, which has the same names.
 */
#include <linux/init.h>
#include <linux/io.h>
#include <linux/module.h>

#include <asm/alternative.h>
#include <asm/asm.h>
#include <asm/cpufeatures.h>
#include <asm/fpu/api.h>
#include <asm/hypervisor.h>
#include <asm/mshyperv.h>

#include <linux/hv_rootctl.h>

#include "transport.h"

static void *hyperv_list(u64 gpa)
{
	return gpa ? phys_to_virt(gpa) : NULL;
}

/*
 * Can hv_do_fast_hypercall16() be called? Where the kernel calls its hypercall
 * page through a static call, that says itself when there is none; else the
 * page is not there during the last step of a suspend, and after the kernel's
 * farewell. hv_is_hyperv_initialized() would read an MSR each time.
 */
static bool hyperv_has_page(void)
{
#ifdef HVRC_HAS_STATIC_HYPERCALL
	return true;
#else
	return hv_hypercall_pg;
#endif
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

	if (!hyperv_has_page())
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

/*
 * The instruction itself, as the kernel has no function for this: what faults
 * is an answer, too. XMM registers need no mention, because the compiler uses
 * none. No call of a function may come between R8's value and its use.
 */
static __always_inline u64 hyperv_vmcall_xmm(u64 control,
					     struct hvrc_xmm *registers)
{
	register u64 r8 asm("r8") = registers->input[1];
	u64 rdx = registers->input[0];
	u64 rax = HV_STATUS_INVALID_HYPERCALL_INPUT;

	asm volatile("movups	%[xmm0], %%xmm0\n\t"
		     "movups	%[xmm1], %%xmm1\n\t"
		     "movq	%[xmm2], %%xmm2\n"
		     "1:\t" ALTERNATIVE("vmcall", "vmmcall",
				      X86_FEATURE_VMMCALL) "\n\t"
		     "movq	%%xmm2, %[xmm2]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : "+a"(rax), "+c"(control), "+d"(rdx), "+r"(r8),
		       [xmm2] "+m"(registers->output)
		     : [xmm0] "m"(registers->input[2]),
		       [xmm1] "m"(registers->input[4])
		     : "cc", "memory", "r9", "r10", "r11");
	return rax;
}

static bool hyperv_call_xmm(u64 control, struct hvrc_xmm *registers,
			    u64 *result)
{
	if (!irq_fpu_usable())
		return false;
	kernel_fpu_begin();
	*result = hyperv_vmcall_xmm(control, registers);
	kernel_fpu_end();
	return true;
}

/* What CPUID says before a fast call may use XMM registers both ways. */
#define HYPERV_XMM \
	(HV_X64_HYPERCALL_XMM_INPUT_AVAILABLE | \
	 HV_X64_HYPERCALL_XMM_OUTPUT_AVAILABLE)

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
	if ((ms_hyperv.misc_features & HYPERV_XMM) == HYPERV_XMM)
		hyperv_transport.call_xmm = hyperv_call_xmm;
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
