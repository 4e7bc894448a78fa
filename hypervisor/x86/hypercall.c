// SPDX-License-Identifier: GPL-2.0
/*
 * Between VMMCALL and hypervisor/core: registers in, registers out, and what
 * the core wants of its host.
 */
#include <hv/hypercall.h>
#include <hv/partition.h>
#include <hv/status.h>
#include <unlocked.h>
#include "hvx.h"

#define HYPERCALL_ENABLED 1ULL

static struct hvc core;
struct hvc *const hvx_core = &core;

static u32 low(u64 value)
{
	return value;
}

static u64 pair(u64 upper, u64 lower)
{
	return upper << 32 | low(lower);
}

static bool is_64bit(const struct vmcb *v)
{
	return (v->efer & EFER_LMA) && (v->cs.attributes & SVM_CS_LONG);
}

static u8 mode_bits(const struct vmcb *v)
{
	if (is_64bit(v))
		return 64;
	if (!(v->cr0 & CR0_PE) || (v->rflags & RFLAGS_VM))
		return 16;
	return 32;
}

/*
 * Register use: TLFS "Hypercall Inputs" and "Hypercall Outputs". The control
 * word goes back for the rep start that the core has moved on; it changes on
 * rep calls only.
 */
static inline void get_call(struct hvx_cpu *cpu, struct hvc_call *call)
{
	const struct hvx_regs *r = &cpu->regs;
	u64 rax = cpu->vmcb->rax;

	call->bits = mode_bits(cpu->vmcb);
	call->cpl = cpu->vmcb->cpl;
	call->vp_index = cpu->vp_index;
	if (call->bits == 64) {
		call->control = r->rcx;
		call->input = r->rdx;
		call->output = r->r8;
	} else {
		call->control = pair(r->rdx, rax);
		call->input = pair(r->rbx, r->rcx);
		call->output = pair(r->rdi, r->rsi);
	}
}

/* A fast call's output may start in the first two registers. */
static void put_output(struct hvx_cpu *cpu, const struct hvc_call *call)
{
	if (call->control & HV_CONTROL_FAST) {
		cpu->regs.rdx = call->input;
		cpu->regs.r8 = call->output;
	}
}

static inline void put_result(struct hvx_cpu *cpu, const struct hvc_call *call)
{
	if (call->bits == 64) {
		cpu->regs.rcx = call->control;
		cpu->vmcb->rax = call->result;
		put_output(cpu, call);
	} else {
		cpu->vmcb->rax = low(call->result);
		cpu->regs.rdx = call->result >> 32;
	}
}

static void put_control(struct hvx_cpu *cpu, const struct hvc_call *call)
{
	if (call->bits == 64) {
		cpu->regs.rcx = call->control;
		put_output(cpu, call);
	} else {
		cpu->vmcb->rax = low(call->control);
		cpu->regs.rdx = call->control >> 32;
	}
}

static struct hvc_frame *op_frame(struct hvc *hv, u64 pfn)
{
	(void)hv;
	return hvx_frame(pfn);
}

static void *op_map(struct hvc *hv, u64 pfn)
{
	(void)hv;
	return (void *)(pfn * HVX_PAGE_SIZE);
}

static void op_unmap(struct hvc *hv, void *page)
{
	(void)hv;
	(void)page;
}

static void op_root_access(struct hvc *hv, u64 pfn, u32 pages, bool allow)
{
	(void)hv;
	hvx_npt_access(pfn, pages, allow);
}

/*
 * The hypervisor itself is built without vector instructions, so that the
 * registers still hold what the root had in them. The loads and stores leave
 * the upper halves of YMM registers alone.
 */
static void op_get_xmm(struct hvc *hv, u64 *words)
{
	(void)hv;
	asm volatile("movups %%xmm0, (%0)\n\t"
		     "movups %%xmm1, 0x10(%0)\n\t"
		     "movups %%xmm2, 0x20(%0)\n\t"
		     "movups %%xmm3, 0x30(%0)\n\t"
		     "movups %%xmm4, 0x40(%0)\n\t"
		     "movups %%xmm5, 0x50(%0)"
		     : : "r"(words) : "memory");
}

static void op_set_xmm(struct hvc *hv, const u64 *words)
{
	(void)hv;
	asm volatile("movups (%0), %%xmm0\n\t"
		     "movups 0x10(%0), %%xmm1\n\t"
		     "movups 0x20(%0), %%xmm2\n\t"
		     "movups 0x30(%0), %%xmm3\n\t"
		     "movups 0x40(%0), %%xmm4\n\t"
		     "movups 0x50(%0), %%xmm5"
		     : : "r"(words) : "memory");
}

/* One page per child VP, the VMCB it will run with. */
static void op_vp_create(struct hvc *hv, struct hvc_vp *vp, const u64 *pages)
{
	vp->host = op_map(hv, pages[0]);
}

static void op_vp_destroy(struct hvc *hv, struct hvc_vp *vp)
{
	(void)hv;
	vp->host = NULL;
}

static void op_log(struct hvc *hv, const char *fmt, ...)
{
	__builtin_va_list args;

	(void)hv;
	hvx_print(HVX_LOG, "core: ");
	__builtin_va_start(args, fmt);
	hvx_vprint(HVX_LOG, fmt, args);
	__builtin_va_end(args);
	hvx_print(HVX_LOG, "\n");
}

static u64 op_reference_time(struct hvc *hv)
{
	(void)hv;
	return hvx_reference_time();
}

static void op_reference_tsc(struct hvc *hv, u64 *scale, s64 *offset)
{
	(void)hv;
	*scale = hvx.tsc_scale;
	*offset = -(s64)mul_high(hvx.tsc_start, hvx.tsc_scale);
}

static void op_delay(struct hvc *hv, u64 microseconds)
{
	(void)hv;
	hvx_delay(microseconds);
}

static const struct hvc_host_ops host_ops = {
	.frame = op_frame,
	.map = op_map,
	.unmap = op_unmap,
	.root_access = op_root_access,
	.flush = hvx_flush,
	.lock = hvx_lock,
	.unlock = hvx_unlock,
	.vp_create = op_vp_create,
	.vp_destroy = op_vp_destroy,
	.get_xmm = op_get_xmm,
	.set_xmm = op_set_xmm,
	.root_vp_create = hvx_root_vp_create,
	.log = op_log,
	.reference_time = op_reference_time,
	.reference_tsc = op_reference_tsc,
	.delay = op_delay,
};

/**
 * hvx_quick_exit - answer a call that waits for nobody, if that is what it is
 * @cpu: this processor
 *
 * To others the VP has not left the guest: hvx_flush() waits for it, which is
 * what hvc_unlocked() asks for. So it may not wait for anybody here: the lock
 * is taken only when it is free, by calls that need no flush. VMMCALL is
 * never intercepted while an event is delivered; notes, other modes, and
 * instructions with prefixes are left to the long way.
 *
 * Context: hvx_guest(); the VP's RBX, RBP and R12-R15 are not in cpu->regs.
 * Return: true when the call is done; else hvx_exit() has to look.
 */
bool hvx_quick_exit(struct hvx_cpu *cpu)
{
	struct hvc_call *call = &cpu->call;
	struct vmcb *v = cpu->vmcb;
	u32 number;
	bool done;
	u64 next;

	if (v->exit_code != SVM_EXIT_VMMCALL || READ_ONCE(cpu->attention) ||
	    !(READ_ONCE(hvx.hypercall.msr) & HYPERCALL_ENABLED) ||
	    !is_64bit(v) || v->cpl)
		return false;
	if (hvx.has_nrip && v->next_rip)
		next = v->next_rip;
	else if (hvx_insn_is_plain(cpu, v->rip, HVX_OP_VMMCALL, 3))
		next = v->rip + 3;
	else
		return false;
	call->control = cpu->regs.rcx;
	call->output = cpu->regs.r8;
	number = hvc_row_number(&core, hv_control_code(call->control));
	if (!hvc_unlocked(&core, &host_ops, call, number)) {
		if (!hvc_is_quick(&core, call->control, number) ||
		    !hvx_try_lock())
			return false;
		call->input = cpu->regs.rdx;
		call->bits = 64;
		call->cpl = 0;
		done = hvc_quick(&core, call, number);
		hvx_unlock(&core);
		if (!done)
			return false;
	}
	cpu->exits[SVM_EXIT_VMMCALL]++;
	cpu->repeats = 0;
	if (call->result != HV_STATUS_SUCCESS)
		hvx_count_failure(hv_control_code(call->control), call->known,
				  call->result);
	v->rax = call->result;
	v->tlb_control = 0;
	v->event_injection = 0;
	v->interrupt_shadow = 0;
	v->rip = next;
	if (v->rflags & RFLAGS_TF)
		hvx_advance_to(cpu, next);
	return true;
}

/**
 * hvx_exit_vmmcall - the root makes a hypercall
 * @cpu: the VP
 *
 * Before the root has switched the hypercall interface on there is none: #UD.
 * Where the instruction lies does not matter, since kernels execute a copy of
 * the hypercall page.
 *
 * Context: a VP's exit.
 */
void hvx_exit_vmmcall(struct hvx_cpu *cpu)
{
	struct hvc_call *call = &cpu->call;
	u16 status;

	cpu->repeats = 0;
	if (!(READ_ONCE(hvx.hypercall.msr) & HYPERCALL_ENABLED)) {
		hvx_inject(cpu, VECTOR_UD, false, 0);
		return;
	}
	get_call(cpu, call);
	switch (hvc_hypercall(&core, call)) {
	case HVC_DONE:
		status = hv_result_status(call->result);
		if (status != HV_STATUS_SUCCESS)
			hvx_count_failure(hv_control_code(call->control),
					  call->known, status);
		put_result(cpu, call);
		hvx_advance(cpu, HVX_OP_VMMCALL);
		break;
	case HVC_CONTINUE:
		/* The same instruction again, after what interrupts it. */
		put_control(cpu, call);
		break;
	case HVC_UD:
		hvx_inject(cpu, VECTOR_UD, false, 0);
		break;
	}
}

/* The domains that RAM is in. */
static u64 machine_domains(void)
{
	u64 mask = 0;
	u64 pfn;

	for (pfn = 0; pfn < hvx.nr_frames; pfn++)
		if (hvx.frames[pfn].state != HVC_FRAME_NONE)
			mask |= 1ULL << hvx.frames[pfn].domain;
	return mask;
}

/**
 * hvx_core_init - bring the core to life
 *
 * Context: boot, after hvx_memory_init().
 */
void hvx_core_init(void)
{
	u32 width = cpuid(0x80000008, 0).eax & 0xff;
	const struct hvc_config cfg = {
		.root_privileges = HVX_ROOT_PRIVILEGES,
		.domains = machine_domains(),
		.processors = hvx.nr_cpus,
		.nr_pfns = hvx.nr_frames,
		.gpa_bits = width < 48 ? width : 48,
		.vp_pages = 1,
		.frames = hvx.frames,
		.nr_frames = hvx.nr_frames,
		.xmm_input = true,
		.xmm_output = true,
		.rows = hvx_rows,
		.nr_rows = hvx_nr_rows,
	};

	if (hvc_init(&core, &cfg, &host_ops, &hvx))
		hvx_fatal("the core refuses its configuration");
}
