// SPDX-License-Identifier: GPL-2.0
/*
 * SVM: switching it on, what is intercepted, and the state a VP starts with.
 * AMD APM volume 2, chapter 15.
 */
#include "hvx.h"

#define CPUID_SVM (1U << 2) /* 80000001 ECX */
#define CPUID_1G (1U << 26) /* 80000001 EDX */
#define CPUID_NPT (1U << 0) /* 8000000A EDX */
#define CPUID_NRIP (1U << 3)

/* Two bits per MSR, in three ranges of 0x2000 MSRs; the rest always exits. */
#define MSRPM_PAGES 2
#define MSRPM_READ 1U
#define MSRPM_WRITE 2U
#define IOPM_PAGES 3

#define ROOT_ASID 1U
#define PAT_RESET 0x0007040600070406ULL

#define SEG_CODE16 0x09b
#define SEG_DATA16 0x093
#define SEG_LDT 0x082
#define SEG_TSS 0x08b
#define SEG_CODE32 0xc9b
#define SEG_DATA32 0xc93
/* Of no descriptor: VMLOAD takes the hidden part as it is. */
#define TSS_SELECTOR 0x18

static u8 *msrpm;
static u8 *iopm;

/**
 * hvx_svm_check - can this machine do it?
 *
 * Context: boot. Does not return when it cannot.
 */
void hvx_svm_check(void)
{
	struct cpuid features = { 0 };

	if (cpuid(0x80000000, 0).eax >= 0x8000000a)
		features = cpuid(0x80000001, 0);
	if (!(features.ecx & CPUID_SVM))
		hvx_fatal("this processor has no SVM (with QEMU: -cpu EPYC-v2)");
	if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS)
		hvx_fatal("SVM is switched off by the firmware");
	hvx.has_1g = features.edx & CPUID_1G;
	features = cpuid(0x8000000a, 0);
	if (!(features.edx & CPUID_NPT))
		hvx_fatal("this processor has no nested paging");
	hvx.has_nrip = features.edx & CPUID_NRIP;
}

static void intercept_msr(u32 msr, u32 what)
{
	u32 range = msr >= 0xc0010000 ? 2 : msr >= 0xc0000000 ? 1 : 0;
	u32 bit = range * 0x4000 + (msr & 0x1fff) * 2;

	msrpm[bit / 8] |= what << bit % 8;
}

/**
 * hvx_svm_init - permission maps that all VPs share
 *
 * Context: boot, once.
 */
void hvx_svm_init(void)
{
	u32 msr;

	msrpm = hvx_alloc_pages(MSRPM_PAGES);
	iopm = hvx_alloc_pages(IOPM_PAGES);
	intercept_msr(MSR_EFER, MSRPM_READ | MSRPM_WRITE);
	intercept_msr(MSR_APIC_BASE, MSRPM_WRITE);
	intercept_msr(MSR_X2APIC_ICR, MSRPM_WRITE);
	for (msr = MSR_X2APIC_LVT_FIRST; msr <= MSR_X2APIC_LVT_LAST; msr++)
		intercept_msr(msr, MSRPM_WRITE);
	for (msr = MSR_X2APIC_EXTENDED_LVT_FIRST;
	     msr <= MSR_X2APIC_EXTENDED_LVT_LAST; msr++)
		intercept_msr(msr, MSRPM_WRITE);
	/* VM_CR, IGNNE, SMM_CTL, VM_HSAVE_PA, SVM_KEY: as if not there. */
	for (msr = MSR_VM_CR; msr <= MSR_SVM_KEY; msr++)
		intercept_msr(msr, MSRPM_READ | MSRPM_WRITE);
}

/**
 * hvx_intercept_port - let accesses to a port exit
 * @port: its number
 *
 * Context: boot.
 */
void hvx_intercept_port(u16 port)
{
	iopm[port / 8] |= 1U << port % 8;
}

/*
 * What VMRUN leaves of the guest's in the processor, and a fault of ours must
 * not use: its task register says where the fault stack is, its GS is for the
 * NMI handler.
 */
static void load_host_state(struct hvx_cpu *cpu)
{
	cpu->tss.ist[0] = (u64)cpu->fault_stack + HVX_FAULT_STACK_SIZE;
	cpu->tss.io_map = sizeof(cpu->tss);
	cpu->host_state->tr = (struct vmcb_segment){
		TSS_SELECTOR, SEG_TSS, sizeof(cpu->tss) - 1, (u64)&cpu->tss,
	};
	cpu->host_state->gs.base = (u64)cpu;
	asm volatile("vmload" :: "a"(cpu->host_state) : "memory");
}

/**
 * hvx_svm_cpu_init - switch SVM on, and begin to watch the APIC
 * @cpu: this processor; its pages are allocated
 *
 * Context: each processor, once. Global interrupts are off from here on.
 */
void hvx_svm_cpu_init(struct hvx_cpu *cpu)
{
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, (u64)cpu->host_save);
	clgi();
	load_host_state(cpu);
	hvx_smp_note(cpu);
	hvx_apic_logical_reset(cpu);
}

static void reset_control(struct hvx_cpu *cpu)
{
	struct vmcb *v = cpu->vmcb;

	memset(v, 0, sizeof(*v));
	v->intercept_dr = SVM_DR_WRITE_0_TO_3;
	v->intercept_misc1 = SVM_MISC1_NMI | SVM_MISC1_INIT | SVM_MISC1_CPUID |
			     SVM_MISC1_INVD | SVM_MISC1_INVLPGA |
			     SVM_MISC1_IOIO | SVM_MISC1_MSR |
			     SVM_MISC1_SHUTDOWN;
	v->intercept_misc2 = SVM_MISC2_VMRUN | SVM_MISC2_VMMCALL |
			     SVM_MISC2_VMLOAD | SVM_MISC2_VMSAVE |
			     SVM_MISC2_STGI | SVM_MISC2_CLGI |
			     SVM_MISC2_SKINIT;
	v->iopm_base = (u64)iopm;
	v->msrpm_base = (u64)msrpm;
	v->asid = ROOT_ASID;
	v->nested_control = SVM_NESTED_PAGING;
	v->nested_cr3 = hvx_npt_root();
	v->g_pat = PAT_RESET;
	cpu->nmi_block = HVX_NMI_OPEN;
	fetch_add32(&cpu->flush_request, 1);
	hvx_smp_note(cpu);
}

static struct vmcb_segment segment(u16 selector, u16 attributes, u32 limit,
				   u64 base)
{
	return (struct vmcb_segment){ selector, attributes, limit, base };
}

/**
 * hvx_vmcb_reset - the state after INIT and a start-up message
 * @cpu: this processor
 * @sipi_vector: the page to start at
 *
 * Context: this processor, outside the guest.
 */
void hvx_vmcb_reset(struct hvx_cpu *cpu, u8 sipi_vector)
{
	const struct vmcb_segment data = segment(0, SEG_DATA16, 0xffff, 0);
	struct vmcb *v = cpu->vmcb;

	reset_control(cpu);
	v->es = data;
	v->ss = data;
	v->ds = data;
	v->fs = data;
	v->gs = data;
	v->cs = segment(sipi_vector << 8, SEG_CODE16, 0xffff,
			(u64)sipi_vector << 12);
	v->gdtr.limit = 0xffff;
	v->idtr.limit = 0xffff;
	v->ldtr = segment(0, SEG_LDT, 0xffff, 0);
	v->tr = segment(0, SEG_TSS, 0xffff, 0);
	v->efer = EFER_SVME;
	v->cr0 = CR0_CD | CR0_NW | CR0_ET;
	v->dr6 = DR6_FIXED;
	v->dr7 = DR7_FIXED;
	v->rflags = RFLAGS_FIXED;
	memset(&cpu->regs, 0, sizeof(cpu->regs));
	cpu->regs.rdx = cpuid(1, 0).eax;
}

/**
 * hvx_vmcb_linux - the state of the 32-bit Linux boot protocol
 * @cpu: this processor
 * @entry: where the kernel starts
 * @boot_params: address of its parameters
 *
 * Context: boot.
 */
void hvx_vmcb_linux(struct hvx_cpu *cpu, u32 entry, u32 boot_params)
{
	const struct vmcb_segment data = segment(0x18, SEG_DATA32, ~0U, 0);
	struct vmcb *v = cpu->vmcb;

	hvx_vmcb_reset(cpu, 0);
	v->cs = segment(0x10, SEG_CODE32, ~0U, 0);
	v->ds = data;
	v->es = data;
	v->ss = data;
	v->fs = data;
	v->gs = data;
	v->gdtr.limit = 0;
	v->idtr.limit = 0;
	v->cr0 = CR0_PE | CR0_ET;
	v->rip = entry;
	cpu->regs.rdx = 0;
	cpu->regs.rsi = boot_params;
}

/**
 * hvx_inject - deliver an exception with the next entry
 * @cpu: the VP
 * @vector: its vector
 * @has_error: it pushes an error code
 * @error: the error code
 *
 * Context: a VP's exit. Two events that meet are a double fault, and what meets
 * a double fault stops the machine, as it does on bare metal.
 */
void hvx_inject(struct hvx_cpu *cpu, u32 vector, bool has_error, u32 error)
{
	struct vmcb *v = cpu->vmcb;
	u64 event = SVM_EVENT_VALID | SVM_EVENT_EXCEPTION;

	hvx_nmi_iret_later(cpu);
	if (v->event_injection & SVM_EVENT_VALID) {
		if ((v->event_injection &
		     (SVM_EVENT_TYPE | SVM_EVENT_VECTOR)) ==
		    (SVM_EVENT_EXCEPTION | VECTOR_DF))
			hvx_panic(cpu, "the root has shut down (no double fault handler)");
		vector = VECTOR_DF;
		has_error = true;
		error = 0;
	}
	if (has_error)
		event |= SVM_EVENT_HAS_ERROR | (u64)error << 32;
	v->event_injection = event | vector;
}

/**
 * hvx_advance_to - the instruction that exited is done
 * @cpu: the VP
 * @next: where the next one is
 *
 * Context: a VP's exit.
 */
void hvx_advance_to(struct hvx_cpu *cpu, u64 next)
{
	struct vmcb *v = cpu->vmcb;

	if (!((v->efer & EFER_LMA) && (v->cs.attributes & SVM_CS_LONG)))
		next = (u32)next;
	v->rip = next;
	v->interrupt_shadow = 0;
	if (v->rflags & RFLAGS_TF) {
		v->dr6 |= DR6_BS;
		hvx_inject(cpu, VECTOR_DB, false, 0);
	}
}

/**
 * hvx_advance - as hvx_advance_to(), for an intercepted instruction
 * @cpu: the VP
 * @opcode: which one: HVX_OP_*
 *
 * Context: a VP's exit.
 */
void hvx_advance(struct hvx_cpu *cpu, u32 opcode)
{
	const struct vmcb *v = cpu->vmcb;
	u32 size = opcode >> 16 ? 3 : 2;

	hvx_advance_to(cpu, hvx.has_nrip && v->next_rip ?
				    v->next_rip :
				    v->rip + hvx_insn_length(cpu, opcode, size));
}
