// SPDX-License-Identifier: GPL-2.0
/*
 * The end: say why, in one block that a person can read, and stop the machine.
 * Scripts see it as a non-zero exit status of QEMU when that was started with
 * "-device isa-debug-exit,iobase=0xf4,iosize=0x04".
 */
#include <stdarg.h>
#include <hv/calls.h>
#include <hv/hypercall.h>
#include "hvx.h"

static u32 dying;

static void stop(void) __attribute__((noreturn));

static void stop(void)
{
	hvx_print(HVX_BOTH, "hypervisor: stopped\n");
	out8(HVX_EXIT_PORT, HVX_EXIT_FATAL);
	halt_forever();
	__builtin_unreachable();
}

/* One processor tells the story; the others, and a second disaster, halt. */
static void first_to_die(void)
{
	if (xchg32(&dying, 1))
		halt_forever();
	hvx_smp_stop_others();
}

/**
 * hvx_fatal - the machine cannot be started
 * @fmt: the reason, without a newline
 *
 * Context: boot, or any place where no VP is to blame.
 */
void hvx_fatal(const char *fmt, ...)
{
	va_list args;

	first_to_die();
	hvx_print(HVX_BOTH, "hypervisor: FATAL: ");
	va_start(args, fmt);
	hvx_vprint(HVX_BOTH, fmt, args);
	va_end(args);
	hvx_print(HVX_BOTH, "\n");
	stop();
}

/* What a nested page fault was about: a page that the root has lost, or none. */
static void print_page(u64 address)
{
	static const char *const states[] = {
		[HVC_FRAME_NONE] = "no RAM",
		[HVC_FRAME_HYPERVISOR] = "the hypervisor's",
		[HVC_FRAME_ROOT] = "the root's",
		[HVC_FRAME_POOL] = "in the pool",
		[HVC_FRAME_USED] = "used, from the pool",
	};
	const struct hvc_frame *f = hvx_frame(address / HVX_PAGE_SIZE);
	u32 state = f ? f->state : HVC_FRAME_NONE;

	hvx_print(HVX_BOTH, "  page 0x%llx: %s", address / HVX_PAGE_SIZE,
		  states[state]);
	if (state == HVC_FRAME_POOL || state == HVC_FRAME_USED)
		hvx_print(HVX_BOTH, " in slot %u", f->owner);
	hvx_print(HVX_BOTH, "\n");
}

static void print_guest(struct hvx_cpu *cpu)
{
	const struct vmcb *v = cpu->vmcb;
	const struct hvx_regs *r = &cpu->regs;
	const char *name = hv_call_name(hv_control_code(cpu->call.control));

	hvx_print(HVX_BOTH,
		  "  vp %u  apic id %u  exit 0x%llx  info1 0x%llx  info2 0x%llx  event 0x%llx\n",
		  cpu->vp_index, cpu->apic_id, v->exit_code, v->exit_info1,
		  v->exit_info2, v->exit_interrupt);
	if (v->exit_code == SVM_EXIT_NPF)
		print_page(v->exit_info2);
	hvx_print(HVX_BOTH,
		  "  rip %016llx  rsp %016llx  rflags %08llx  cs %04x  cpl %u\n",
		  v->rip, v->rsp, v->rflags, v->cs.selector, v->cpl);
	hvx_print(HVX_BOTH, "  rax %016llx  rbx %016llx  rcx %016llx  rdx %016llx\n",
		  v->rax, r->rbx, r->rcx, r->rdx);
	hvx_print(HVX_BOTH, "  rsi %016llx  rdi %016llx  rbp %016llx  r8  %016llx\n",
		  r->rsi, r->rdi, r->rbp, r->r8);
	hvx_print(HVX_BOTH, "  r9  %016llx  r10 %016llx  r11 %016llx  r12 %016llx\n",
		  r->r9, r->r10, r->r11, r->r12);
	hvx_print(HVX_BOTH, "  r13 %016llx  r14 %016llx  r15 %016llx\n",
		  r->r13, r->r14, r->r15);
	hvx_print(HVX_BOTH,
		  "  cr0 %llx  cr2 %llx  cr3 %llx  cr4 %llx  efer %llx\n",
		  v->cr0, v->cr2, v->cr3, v->cr4, v->efer);
	hvx_print(HVX_BOTH, "  last hypercall 0x%llx (%s)\n",
		  cpu->call.control,
		  !cpu->call.control ? "none" : name ? name : "unknown code");
}

/**
 * hvx_panic - a processor cannot go on
 * @cpu: the processor; the state of its VP is shown
 * @fmt: the reason, without a newline
 *
 * Context: any.
 */
void hvx_panic(struct hvx_cpu *cpu, const char *fmt, ...)
{
	va_list args;

	first_to_die();
	hvx_print(HVX_BOTH, "hypervisor: FATAL: ");
	va_start(args, fmt);
	hvx_vprint(HVX_BOTH, fmt, args);
	va_end(args);
	hvx_print(HVX_BOTH, "\n");
	print_guest(cpu);
	stop();
}

/* What fault.S has pushed. */
struct fault {
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 rbp, rdi, rsi, rdx, rcx, rbx, rax;
	u64 vector, error;
	u64 rip, cs, rflags, rsp, ss;
};

void hvx_fault(const struct fault *f) __attribute__((noreturn));

void hvx_fault(const struct fault *f)
{
	struct hvx_cpu *cpu;

	first_to_die();
	hvx_print(HVX_BOTH,
		  "hypervisor: FATAL: fault in the hypervisor: vector %llu  error 0x%llx  apic id %u\n",
		  f->vector, f->error, hvx_apic_id());
	hvx_print(HVX_BOTH,
		  "  rip %016llx  rsp %016llx  rflags %08llx  cr2 %016llx\n",
		  f->rip, f->rsp, f->rflags, read_cr2());
	hvx_print(HVX_BOTH, "  rax %016llx  rbx %016llx  rcx %016llx  rdx %016llx\n",
		  f->rax, f->rbx, f->rcx, f->rdx);
	hvx_print(HVX_BOTH, "  rsi %016llx  rdi %016llx  rbp %016llx  r8  %016llx\n",
		  f->rsi, f->rdi, f->rbp, f->r8);
	hvx_print(HVX_BOTH, "  r9  %016llx  r10 %016llx  r11 %016llx  r12 %016llx\n",
		  f->r9, f->r10, f->r11, f->r12);
	hvx_print(HVX_BOTH, "  r13 %016llx  r14 %016llx  r15 %016llx\n",
		  f->r13, f->r14, f->r15);
	cpu = hvx_cpu_by_apic_id(hvx_apic_id());
	if (cpu && cpu->vmcb) {
		hvx_print(HVX_BOTH, " while it served this VP:\n");
		print_guest(cpu);
	}
	stop();
}
