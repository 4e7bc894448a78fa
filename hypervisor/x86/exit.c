// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a virtual processor: enter the guest, see why it came out.
 */
#include "hvx.h"

/* An exit that changes nothing may come again this often in a row. */
#define MAX_REPEATS 1000U
#define NR_EXCEPTIONS 31 /* vectors; the last one is none */

/*
 * An interrupt whose delivery came to nothing waits until the VP can be
 * interrupted, which is at once. As an injected event QEMU would deliver it
 * twice, whatever RFLAGS.IF says, if something else knocked at the processor
 * before the next exit. Where one waits already there is no other way.
 */
static u64 interrupted_interrupt(struct vmcb *v, u64 vector)
{
	if (v->virtual_interrupt & SVM_VIRQ)
		return SVM_EVENT_VALID | SVM_EVENT_INTERRUPT | vector;
	v->virtual_interrupt = SVM_VIRQ | SVM_VIRQ_ANY_TPR |
			       vector << SVM_VIRQ_VECTOR_SHIFT;
	return 0;
}

/* What an intercepted event delivery was about comes again. */
static u64 interrupted_event(struct vmcb *v)
{
	const u64 event = v->exit_interrupt;
	const u64 type = event & SVM_EVENT_TYPE;
	const u32 vector = event & SVM_EVENT_VECTOR;

	if (!(event & SVM_EVENT_VALID))
		return 0;
	/* Instructions are executed again instead: INT n, INT3, INTO. */
	if (type == SVM_EVENT_SOFTWARE ||
	    (type == SVM_EVENT_EXCEPTION && (vector == 3 || vector == 4)))
		return 0;
	/* Emulators call an interrupt an exception, and refuse it then. */
	if (type == SVM_EVENT_INTERRUPT ||
	    (type == SVM_EVENT_EXCEPTION &&
	     (vector >= NR_EXCEPTIONS || vector == VECTOR_NMI)))
		return interrupted_interrupt(v, vector);
	return event;
}

/* Do what the notes say. */
static void attend(struct hvx_cpu *cpu)
{
	u32 request;

	while (xchg32(&cpu->attention, 0)) {
		if (READ_ONCE(hvx.stopping))
			halt_forever();
		if (cpu->state != HVX_CPU_WAITING &&
		    !(READ_ONCE(cpu->boot) & HVX_BOOT_INIT))
			break;
		WRITE_ONCE(cpu->in_guest, 0);
		hvx_smp_wait_sipi(cpu);
		xchg32(&cpu->in_guest, 1);
		/* Whatever was left while others saw it outside. */
		hvx_smp_note(cpu);
	}
	hvx_nmi_inject(cpu);
	request = READ_ONCE(cpu->flush_request);
	if (request != cpu->flush_done) {
		cpu->vmcb->tlb_control = SVM_TLB_FLUSH_ALL;
		/* No guest instruction comes before the flush. */
		WRITE_ONCE(cpu->flush_done, request);
	}
}

static inline void enter(struct hvx_cpu *cpu)
{
	/* From here on a note comes with a kick. */
	xchg32(&cpu->in_guest, 1);
	if (READ_ONCE(cpu->attention))
		attend(cpu);
}

static inline void leave(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;
	u64 code = v->exit_code;

	barrier();
	WRITE_ONCE(cpu->in_guest, 0);
	v->tlb_control = 0;
	v->event_injection = interrupted_event(v);
	if (code < HVX_EXIT_NPF)
		cpu->exits[code]++;
	else if (code != SVM_EXIT_NPF)
		cpu->exits[HVX_EXIT_OTHER]++;
	else if (!hvx_mmio_covers(v->exit_info2))
		cpu->exits[HVX_EXIT_NPF]++;
	else
		cpu->exits[HVX_EXIT_MMIO]++;
}

static void exit_nmi(struct hvx_cpu *cpu)
{
	hvx_smp_take_nmi(cpu);
	if (!xchg32(&cpu->kick, 0)) {
		WRITE_ONCE(cpu->nmi, 1);
		hvx_smp_note(cpu);
	}
}

static void repeated(struct hvx_cpu *cpu, const char *what)
{
	if (++cpu->repeats > MAX_REPEATS)
		hvx_panic(cpu, "%s, and does not go away", what);
}

/* Is this the state of the hypervisor, and not of a VP? */
static bool is_ours(const struct vmcb *v)
{
	return v->cr3 == read_cr3() && v->rip >= (u64)hvx_text_start &&
	       v->rip < (u64)hvx_text_end;
}

/*
 * QEMU with a thread for each processor loses a VM exit's end of nested paging
 * when another processor writes the same word: "Limits" in
 * Documentation/hypervisor.md. What the VP's state was is lost then.
 */
static void deny(struct hvx_cpu *cpu, u64 address)
{
	static u32 lines;

	if (is_ours(cpu->vmcb))
		hvx_panic(cpu, "the processor took the hypervisor's state for the VP's");
	if (hvx_may_log(&lines))
		hvx_print(HVX_LOG,
			  "hypervisor: vp %u: access to 0x%llx denied (rip 0x%llx, error 0x%llx)\n",
			  cpu->vp_index, address, cpu->vmcb->rip,
			  cpu->vmcb->exit_info1);
	hvx_inject(cpu, VECTOR_GP, true, 0);
}

static void exit_npf(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;
	u64 address = v->exit_info2;
	bool allowed = false, mapped = false;

	if ((v->exit_info1 & (SVM_NPF_WRITE | SVM_NPF_WALK)) == SVM_NPF_WRITE &&
	    hvx_mmio_covers(address)) {
		cpu->repeats = 0;
		if (!hvx_mmio_store(cpu, address))
			deny(cpu, address);
		return;
	}
	hvx_lock(hvx_core);
	if (!(address >> 48)) {
		allowed = hvx_npt_allows(address,
					 v->exit_info1 & SVM_NPF_WRITE);
		mapped = !allowed && !hvx_frame(address / HVX_PAGE_SIZE) &&
			 hvx_npt_map_device(address);
	}
	hvx_unlock(hvx_core);
	if (allowed) {
		/* By now: try again without the old entry. */
		fetch_add32(&cpu->flush_request, 1);
		hvx_smp_note(cpu);
		repeated(cpu, "nested page fault on a page that is present");
		return;
	}
	cpu->repeats = 0;
	if (!mapped)
		deny(cpu, address);
}

/*
 * Emulators also say that a state is not valid when MOV CR4 sets a reserved bit:
 * #GP. They mean it where they have refused to enter the guest: it is the
 * hypervisor's own state then that they have saved, or the event for that entry
 * is still there.
 */
static void exit_invalid(struct hvx_cpu *cpu)
{
	if ((cpu->vmcb->exit_interrupt & SVM_EVENT_VALID) || is_ours(cpu->vmcb))
		hvx_panic(cpu, "the VP's state is not valid");
	cpu->repeats = 0;
	hvx_inject(cpu, VECTOR_GP, true, 0);
}

static void handle(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;

	if ((u32)v->exit_code == (u32)SVM_EXIT_INVALID) {
		exit_invalid(cpu);
		return;
	}
	if (v->exit_code == SVM_EXIT_NPF) {
		exit_npf(cpu);
		return;
	}
	cpu->repeats = 0;
	switch (v->exit_code) {
	case SVM_EXIT_NMI:
		exit_nmi(cpu);
		break;
	case SVM_EXIT_WRITE_DR0 ... SVM_EXIT_WRITE_DR3:
		hvx_exit_write_dr(cpu, v->exit_code - SVM_EXIT_WRITE_DR0);
		break;
	case SVM_EXIT_EXCEPTION_0 ... SVM_EXIT_EXCEPTION_31:
		hvx_nmi_exit_exception(cpu, v->exit_code - SVM_EXIT_EXCEPTION_0);
		break;
	case SVM_EXIT_CPUID:
		hvx_exit_cpuid(cpu);
		break;
	case SVM_EXIT_IRET:
		hvx_nmi_exit_iret(cpu);
		break;
	case SVM_EXIT_INVD:
		/* INVD would throw away what others have written. */
		wbinvd();
		hvx_advance(cpu, HVX_OP_INVD);
		break;
	case SVM_EXIT_IOIO:
		hvx_exit_ioio(cpu);
		break;
	case SVM_EXIT_MSR:
		hvx_exit_msr(cpu);
		break;
	case SVM_EXIT_INVLPGA:
	case SVM_EXIT_VMRUN:
	case SVM_EXIT_VMLOAD:
	case SVM_EXIT_VMSAVE:
	case SVM_EXIT_STGI:
	case SVM_EXIT_CLGI:
	case SVM_EXIT_SKINIT:
		hvx_inject(cpu, VECTOR_UD, false, 0);
		break;
	case SVM_EXIT_SHUTDOWN:
		hvx_panic(cpu, "the root has shut down (triple fault)");
	case SVM_EXIT_INIT:
		hvx_panic(cpu, "a bare INIT hit a VP");
	default:
		hvx_panic(cpu, "unexpected exit");
	}
}

/**
 * hvx_exit - see to what brought a VP out of the guest
 * @cpu: this processor
 *
 * Context: hvx_guest(), which visits the guest again when it returns.
 */
void hvx_exit(struct hvx_cpu *cpu)
{
	leave(cpu);
	if (cpu->vmcb->exit_code == SVM_EXIT_VMMCALL)
		hvx_exit_vmmcall(cpu);
	else
		handle(cpu);
	enter(cpu);
}

/**
 * hvx_run - be a virtual processor of the root, for ever
 * @cpu: this processor
 *
 * Context: each processor, with global interrupts off.
 */
void hvx_run(struct hvx_cpu *cpu)
{
	enter(cpu);
	hvx_guest(cpu);
}
