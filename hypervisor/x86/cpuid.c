// SPDX-License-Identifier: GPL-2.0
/*
 * CPUID as the root sees it: the processor's, without SVM, and with the leaves
 * by which a kernel knows that it runs as Hyper-V's root partition. TLFS
 * "Feature and Interface Discovery".
 */
#include <hv/hypercall.h>
#include "hvx.h"

#define HYPERVISOR_FIRST 0x40000000U
#define HYPERVISOR_LAST 0x40000007U
#define HYPERVISOR_END 0x40010000U

#define BUILD 27744U /* newer kernels warn outside 27744..27751 */
#define VERSION_MAJOR 10U
#define SERVICE_NUMBER 1U

/* 0x40000003 EDX. */
#define FEATURE_FREQUENCY_MSRS (1U << 8)
#define FEATURE_CRASH_MSRS (1U << 10)

/* 0x40000004 EAX. */
#define HINT_RELAXED_TIMING (1U << 5)
#define HINT_NO_AUTO_EOI (1U << 9)
#define SPINLOCK_NEVER_NOTIFY 0xffffffffU

static struct cpuid hypervisor_leaf(u32 leaf)
{
	struct cpuid r = { 0 };

	switch (leaf) {
	case 0x40000000:
		r.eax = HYPERVISOR_LAST;
		r.ebx = 0x7263694d; /* "Micr" */
		r.ecx = 0x666f736f; /* "osof" */
		r.edx = 0x76482074; /* "t Hv" */
		break;
	case 0x40000001:
		r.eax = 0x31237648; /* "Hv#1" */
		break;
	case 0x40000002:
		r.eax = BUILD;
		r.ebx = VERSION_MAJOR << 16;
		r.edx = SERVICE_NUMBER;
		break;
	case 0x40000003:
		r.eax = (u32)HVX_ROOT_PRIVILEGES;
		r.ebx = HVX_ROOT_PRIVILEGES >> 32;
		r.edx = FEATURE_FREQUENCY_MSRS | FEATURE_CRASH_MSRS;
		if (hvx_core->cfg.xmm_input)
			r.edx |= HV_FEATURE_XMM_INPUT;
		if (hvx_core->cfg.xmm_output)
			r.edx |= HV_FEATURE_XMM_OUTPUT;
		break;
	case 0x40000004:
		/*
		 * Not the one for the APIC's synthetic MSRs: in x2APIC mode
		 * they make exits of what makes none; and Linux, when it takes
		 * a processor offline, unmaps the VP assist page while it may
		 * still end an interrupt, for which it looks there.
		 */
		r.eax = HINT_RELAXED_TIMING | HINT_NO_AUTO_EOI;
		r.ebx = SPINLOCK_NEVER_NOTIFY;
		break;
	case 0x40000005:
		r.eax = HVX_MAX_CPUS;
		r.ebx = HVX_MAX_CPUS;
		break;
	case 0x40000007:
		/* CPU management: start LPs, create root VPs, as a root may. */
		r.eax = 0x80000003;
		break;
	}
	return r;
}

static u32 with_bit(u32 value, u32 bit, bool set)
{
	return set ? value | bit : value & ~bit;
}

/**
 * hvx_exit_cpuid - the root executes CPUID
 * @cpu: the VP
 *
 * Context: a VP's exit.
 */
void hvx_exit_cpuid(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;
	u32 leaf = v->rax, subleaf = cpu->regs.rcx;
	struct cpuid r;

	if (leaf >= HYPERVISOR_FIRST && leaf < HYPERVISOR_END)
		r = hypervisor_leaf(leaf);
	else
		r = cpuid(leaf, subleaf);
	switch (leaf) {
	case 1:
		r.ecx = with_bit(r.ecx, 1U << 31, true);
		r.ecx = with_bit(r.ecx, 1U << 27, v->cr4 & CR4_OSXSAVE);
		break;
	case 7:
		if (!subleaf)
			r.ecx = with_bit(r.ecx, 1U << 4, v->cr4 & CR4_PKE);
		break;
	case 0x80000001:
		r.ecx = with_bit(r.ecx, 1U << 2, false); /* SVM */
		r.ecx = with_bit(r.ecx, 1U << 12, false); /* SKINIT */
		break;
	case 0x80000007:
		r.edx = with_bit(r.edx, 1U << 8, true); /* invariant TSC */
		break;
	case 0x8000000a: /* SVM */
	case 0x8000001f: /* memory encryption */
		r = (struct cpuid){ 0 };
		break;
	}
	v->rax = r.eax;
	cpu->regs.rbx = r.ebx;
	cpu->regs.rcx = r.ecx;
	cpu->regs.rdx = r.edx;
	hvx_advance(cpu, HVX_OP_CPUID);
}
