// SPDX-License-Identifier: GPL-2.0
/*
 * MSRs that the root does not reach by itself: those of SVM, which are not
 * there; those that would lead out of the hypervisor; and the synthetic ones,
 * which are in synthetic.c.
 */
#include "hvx.h"

#define SYNTHETIC_FIRST 0x40000000U
#define SYNTHETIC_END 0x40010000U

#define CPUID_TCE (1U << 17) /* 80000001 ECX */
#define CPUID_NX (1U << 20) /* 80000001 EDX */
#define CPUID_FFXSR (1U << 25)

#define APIC_BASE_ENABLE (1ULL << 11)
#define APIC_BASE_X2APIC (1ULL << 10)

/* A processor refuses what CPUID does not offer, and to run with it. */
static u64 efer_bits(void)
{
	const struct cpuid features = cpuid(0x80000001, 0);
	u64 bits = EFER_SCE | EFER_LME | EFER_LMA;

	if (features.edx & CPUID_NX)
		bits |= EFER_NXE;
	if (features.edx & CPUID_FFXSR)
		bits |= EFER_FFXSR;
	if (features.ecx & CPUID_TCE)
		bits |= EFER_TCE;
	return bits;
}

static bool write_efer(struct hvx_cpu *cpu, u64 value)
{
	struct vmcb *v = cpu->vmcb;

	if (value & ~efer_bits())
		return false;
	if (((value ^ v->efer) & EFER_LME) && (v->cr0 & CR0_PG))
		return false;
	/* LMA is the processor's to set; SVME stays. */
	v->efer = (value & ~EFER_LMA) | (v->efer & (EFER_LMA | EFER_SVME));
	return true;
}

/* The APIC stays where it is and on; it may go to x2APIC mode. */
static bool write_apic_base(u64 value)
{
	u64 now = rdmsr(MSR_APIC_BASE);

	if ((value ^ now) & ~APIC_BASE_X2APIC)
		return false;
	if (value == now)
		return true;
	if (!(value & APIC_BASE_X2APIC) || !(now & APIC_BASE_ENABLE) ||
	    !(cpuid(1, 0).ecx & (1U << 21)))
		return false;
	wrmsr(MSR_APIC_BASE, value);
	return true;
}

static bool read_msr(struct hvx_cpu *cpu, u32 msr, u64 *value)
{
	if (msr == MSR_EFER) {
		*value = cpu->vmcb->efer & ~EFER_SVME;
		return true;
	}
	if (msr >= SYNTHETIC_FIRST && msr < SYNTHETIC_END)
		return hvx_synthetic_read(cpu, msr, value);
	return false;
}

static bool write_msr(struct hvx_cpu *cpu, u32 msr, u64 value)
{
	switch (msr) {
	case MSR_EFER:
		return write_efer(cpu, value);
	case MSR_APIC_BASE:
		return write_apic_base(value);
	case MSR_X2APIC_ICR:
	case MSR_X2APIC_LVT_FIRST ... MSR_X2APIC_LVT_LAST:
	case MSR_X2APIC_EXTENDED_LVT_FIRST ... MSR_X2APIC_EXTENDED_LVT_LAST:
		return (rdmsr(MSR_APIC_BASE) & APIC_BASE_X2APIC) &&
		       hvx_apic_x2apic_write(cpu, msr, value);
	}
	if (msr >= SYNTHETIC_FIRST && msr < SYNTHETIC_END)
		return hvx_synthetic_write(cpu, msr, value);
	return false;
}

/**
 * hvx_exit_msr - the root executes RDMSR or WRMSR on an intercepted MSR
 * @cpu: the VP
 *
 * Context: a VP's exit.
 */
void hvx_exit_msr(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;
	struct hvx_regs *r = &cpu->regs;
	u32 msr = r->rcx;
	u64 value = (u32)v->rax | r->rdx << 32;

	if (v->exit_info1) {
		if (!write_msr(cpu, msr, value))
			goto refused;
	} else {
		if (!read_msr(cpu, msr, &value))
			goto refused;
		v->rax = (u32)value;
		r->rdx = value >> 32;
	}
	hvx_advance(cpu, v->exit_info1 ? HVX_OP_WRMSR : HVX_OP_RDMSR);
	return;

refused:
	hvx_inject(cpu, VECTOR_GP, true, 0);
}
