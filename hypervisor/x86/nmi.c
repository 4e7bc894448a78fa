// SPDX-License-Identifier: GPL-2.0
/*
 * The root's NMIs: one at a time. From its delivery until the root has executed
 * an IRET no other comes. That instruction is intercepted, and stepped over: what
 * has waited comes in the moment in which it is done, and nothing before. The
 * root sees nothing of the step, but of its own ones, and of its breakpoints.
 */
#include "hvx.h"

#define ALL_EXCEPTIONS (~0U)
#define WITH_ERROR 0x227d00U /* exceptions that push a code, a bit each */
#define NR_BREAKPOINTS 4

/**
 * hvx_nmi_inject - deliver an NMI that the root was sent, if it can be
 * @cpu: this processor
 *
 * One that cannot be delivered yet stays noted.
 *
 * Context: this processor, before it enters the guest.
 */
void hvx_nmi_inject(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;

	if (!READ_ONCE(cpu->nmi))
		return;
	if (cpu->nmi_block != HVX_NMI_OPEN) {
		hvx_smp_note(cpu);
		return;
	}
	if (v->event_injection & SVM_EVENT_VALID) {
		/* Come out again as soon as that is delivered. */
		hvx_smp_note(cpu);
		hvx_smp_kick(cpu);
		return;
	}
	WRITE_ONCE(cpu->nmi, 0);
	v->event_injection = SVM_EVENT_VALID | SVM_EVENT_NMI | VECTOR_NMI;
	v->intercept_misc1 |= SVM_MISC1_IRET;
	cpu->nmi_block = HVX_NMI_BLOCKED;
}

/**
 * hvx_nmi_exit_iret - the root is at the IRET that ends its NMI
 * @cpu: the VP
 *
 * Context: a VP's exit.
 */
void hvx_nmi_exit_iret(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;

	cpu->iret.rflags = v->rflags;
	cpu->iret.dr6 = v->dr6;
	cpu->nmi_block = HVX_NMI_IRET;
	v->intercept_misc1 &= ~SVM_MISC1_IRET;
	v->intercept_exceptions = ALL_EXCEPTIONS;
	v->rflags |= RFLAGS_TF;
	v->dr6 = DR6_FIXED;
	/* Nor does an interrupt come first: it would save that flag. */
	v->interrupt_shadow = 1;
}

/**
 * hvx_nmi_iret_later - something else is delivered in place of that IRET
 * @cpu: the VP, at any instruction
 *
 * Context: a VP's exit.
 */
void hvx_nmi_iret_later(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;

	if (cpu->nmi_block != HVX_NMI_IRET)
		return;
	cpu->nmi_block = HVX_NMI_BLOCKED;
	v->intercept_misc1 |= SVM_MISC1_IRET;
	v->intercept_exceptions = 0;
	if (!(cpu->iret.rflags & RFLAGS_TF))
		v->rflags &= ~RFLAGS_TF;
	v->dr6 = cpu->iret.dr6 | (v->dr6 & ~DR6_FIXED);
	v->interrupt_shadow = 0;
}

static void iret_done(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;
	u64 traps = v->dr6 & ~DR6_FIXED;
	u32 n;

	cpu->nmi_block = HVX_NMI_OPEN;
	v->intercept_exceptions = 0;
	if (!(cpu->iret.rflags & RFLAGS_TF))
		traps &= ~DR6_BS;
	/* Those that are off match as well. */
	for (n = 0; n < NR_BREAKPOINTS; n++)
		if (!(v->dr7 >> 2 * n & 3))
			traps &= ~(1ULL << n);
	v->dr6 = cpu->iret.dr6 | traps;
	if (traps)
		hvx_inject(cpu, VECTOR_DB, false, 0);
}

/**
 * hvx_nmi_exit_exception - that IRET is done, or has ended in a fault
 * @cpu: the VP
 * @vector: of the exception
 *
 * Context: a VP's exit.
 */
void hvx_nmi_exit_exception(struct hvx_cpu *cpu, u32 vector)
{
	struct vmcb *v = cpu->vmcb;

	if (vector == VECTOR_DB && (v->dr6 & DR6_BS)) {
		iret_done(cpu);
		return;
	}
	if (vector == VECTOR_PF)
		v->cr2 = v->exit_info2;
	hvx_inject(cpu, vector, WITH_ERROR >> vector & 1, v->exit_info1);
}
