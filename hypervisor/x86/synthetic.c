// SPDX-License-Identifier: GPL-2.0
/*
 * The synthetic MSRs of the root partition and its VPs. TLFS appendix
 * "Synthetic MSRs". One that is not here does not exist: #GP.
 */
#include "hvx.h"

#define MSR_GUEST_OS_ID 0x40000000U
#define MSR_HYPERCALL 0x40000001U
#define MSR_VP_INDEX 0x40000002U
#define MSR_RESET 0x40000003U
#define MSR_TIME_REF_COUNT 0x40000020U
#define MSR_REFERENCE_TSC 0x40000021U
#define MSR_TSC_FREQUENCY 0x40000022U
#define MSR_APIC_FREQUENCY 0x40000023U
#define MSR_EOI 0x40000070U
#define MSR_ICR 0x40000071U
#define MSR_TPR 0x40000072U
#define MSR_VP_ASSIST 0x40000073U
#define MSR_SCONTROL 0x40000080U
#define MSR_SVERSION 0x40000081U
#define MSR_SIEFP 0x40000082U
#define MSR_SIMP 0x40000083U
#define MSR_EOM 0x40000084U
#define MSR_SIRBP 0x40000085U
#define MSR_SINT0 0x40000090U
#define MSR_SINT15 0x4000009fU
#define MSR_GUEST_IDLE 0x400000f0U
#define MSR_CRASH_P0 0x40000100U
#define MSR_CRASH_P4 0x40000104U
#define MSR_CRASH_CTL 0x40000105U
#define MSR_TSC_INVARIANT 0x40000118U

#define HYPERCALL_ENABLED 1ULL
#define HYPERCALL_LOCKED 2ULL
#define RESET_NOW 1ULL
#define SYNIC_VERSION 1ULL
#define SINT_MASKED (1ULL << 16)
#define SINT_VECTOR(value) ((value) & 0xff)
#define CRASH_NOTIFY (1ULL << 63)
#define CRASH_MESSAGE (1ULL << 62)

/*
 * Linux looks at it on each interrupt as soon as it knows where it is, which is
 * before it switches it on.
 */
static void show_assist_page(const struct hvx_cpu *cpu)
{
	hvx_npt_access(cpu->assist.page / HVX_PAGE_SIZE, 1, true);
}

static void reset_synic(struct hvx_cpu *cpu)
{
	u32 sint;

	cpu->scontrol = 0;
	for (sint = 0; sint < ARRAY_SIZE(cpu->sint); sint++)
		cpu->sint[sint] = SINT_MASKED;
}

/**
 * hvx_synthetic_init - pages and values before the root's first instruction
 *
 * Context: boot, after hvx_time_init().
 */
void hvx_synthetic_init(void)
{
	struct hv_reference_tsc_page *tsc;
	u32 i;

	hvx_overlay_init(&hvx.hypercall, false);
	hvc_fill_hypercall_page((void *)hvx.hypercall.page);

	hvx_overlay_init(&hvx.reference_tsc, false);
	tsc = (void *)hvx.reference_tsc.page;
	tsc->tsc_sequence = 1;
	tsc->tsc_scale = hvx.tsc_scale;
	tsc->tsc_offset = -(s64)mul_high(hvx.tsc_start, hvx.tsc_scale);

	for (i = 0; i < hvx.nr_cpus; i++) {
		struct hvx_cpu *cpu = &hvx.cpus[i];

		hvx_overlay_init(&cpu->assist, true);
		show_assist_page(cpu);
		hvx_overlay_init(&cpu->simp, true);
		hvx_overlay_init(&cpu->siefp, true);
		hvx_overlay_init(&cpu->sirbp, true);
		reset_synic(cpu);
	}
}

/**
 * hvx_synthetic_read - the root reads a synthetic MSR
 * @cpu: the VP
 * @msr: its number
 * @value: the answer
 *
 * Context: a VP's exit.
 * Return: false: #GP.
 */
bool hvx_synthetic_read(struct hvx_cpu *cpu, u32 msr, u64 *value)
{
	switch (msr) {
	case MSR_GUEST_OS_ID:
		*value = hvx.guest_os_id;
		return true;
	case MSR_HYPERCALL:
		*value = hvx.hypercall.msr;
		return true;
	case MSR_VP_INDEX:
		*value = cpu->vp_index;
		return true;
	case MSR_RESET:
		*value = 0;
		return true;
	case MSR_TIME_REF_COUNT:
		*value = hvx_reference_time();
		return true;
	case MSR_REFERENCE_TSC:
		*value = hvx.reference_tsc.msr;
		return true;
	case MSR_TSC_FREQUENCY:
		*value = hvx.tsc_hz;
		return true;
	case MSR_APIC_FREQUENCY:
		*value = hvx.apic_hz;
		return true;
	case MSR_ICR:
		*value = hvx_apic_icr_read();
		return true;
	case MSR_TPR:
		*value = hvx_apic_read(HVX_APIC_TPR);
		return true;
	case MSR_VP_ASSIST:
		*value = cpu->assist.msr;
		return true;
	case MSR_SCONTROL:
		*value = cpu->scontrol;
		return true;
	case MSR_SVERSION:
		*value = SYNIC_VERSION;
		return true;
	case MSR_SIEFP:
		*value = cpu->siefp.msr;
		return true;
	case MSR_SIMP:
		*value = cpu->simp.msr;
		return true;
	case MSR_EOM:
		*value = 0;
		return true;
	case MSR_SIRBP:
		*value = cpu->sirbp.msr;
		return true;
	case MSR_SINT0 ... MSR_SINT15:
		*value = cpu->sint[msr - MSR_SINT0];
		return true;
	case MSR_GUEST_IDLE:
		/* Waking up at once is allowed, and all there is to do. */
		*value = 0;
		return true;
	case MSR_CRASH_P0 ... MSR_CRASH_P4:
		*value = hvx.crash[msr - MSR_CRASH_P0];
		return true;
	case MSR_CRASH_CTL:
		*value = CRASH_NOTIFY;
		return true;
	case MSR_TSC_INVARIANT:
		*value = hvx.tsc_invariant;
		return true;
	}
	return false;
}

/* No page of the next kernel's is covered by what this one has put there. */
static void reset_synthetic(void)
{
	u32 i;

	hvx_overlay_reset(&hvx.hypercall);
	hvx_overlay_reset(&hvx.reference_tsc);
	hvx.tsc_invariant = 0;
	for (i = 0; i < hvx.nr_cpus; i++) {
		struct hvx_cpu *cpu = &hvx.cpus[i];

		hvx_overlay_reset(&cpu->assist);
		hvx_overlay_reset(&cpu->simp);
		hvx_overlay_reset(&cpu->siefp);
		hvx_overlay_reset(&cpu->sirbp);
		reset_synic(cpu);
		hvx_lock(hvx_core);
		show_assist_page(cpu);
		hvx_unlock(hvx_core);
	}
}

/*
 * The root's kernel says goodbye before it starts another (kexec), which finds
 * the machine as this one has found it.
 */
static void root_leaves(struct hvx_cpu *cpu)
{
	static u32 lines;
	u64 pages;

	hvx_smp_park_others(cpu);
	reset_synthetic();
	hvx_lock(hvx_core);
	hvx_root_vps_forget();
	hvx_unlock(hvx_core);
	pages = hvc_abandon(hvx_core);
	if (hvx_may_log(&lines))
		hvx_print(HVX_LOG,
			  "hypervisor: vp %u: the root's kernel leaves, %llu pages come back\n",
			  cpu->vp_index, pages);
}

static bool write_guest_os_id(struct hvx_cpu *cpu, u64 value)
{
	/* Without an identity there are no hypercalls. */
	if (!value && (hvx.hypercall.msr & HYPERCALL_ENABLED) &&
	    !hvx_overlay_write(&hvx.hypercall,
			       hvx.hypercall.msr & ~HYPERCALL_ENABLED))
		return false;
	if (!value && hvx.guest_os_id)
		root_leaves(cpu);
	hvx.guest_os_id = value;
	hvc_root(hvx_core)->guest_os_id = value; /* a property, too */
	return true;
}

static bool write_hypercall(u64 value)
{
	if (hvx.hypercall.msr & HYPERCALL_LOCKED)
		return false;
	if (!hvx.guest_os_id)
		value &= ~HYPERCALL_ENABLED;
	return hvx_overlay_write(&hvx.hypercall, value);
}

static bool write_sint(struct hvx_cpu *cpu, u32 index, u64 value)
{
	if (!(value & SINT_MASKED) && SINT_VECTOR(value) < 16)
		return false;
	cpu->sint[index] = value;
	return true;
}

static void log_crash(const struct hvx_cpu *cpu, u64 control)
{
	static u32 lines;

	if (!(control & CRASH_NOTIFY) || !hvx_may_log(&lines))
		return;
	hvx_print(HVX_LOG,
		  "hypervisor: vp %u reports a crash: %llx %llx %llx %llx %llx%s\n",
		  cpu->vp_index, hvx.crash[0], hvx.crash[1], hvx.crash[2],
		  hvx.crash[3], hvx.crash[4],
		  control & CRASH_MESSAGE ? " (with a message)" : "");
}

/**
 * hvx_synthetic_write - the root writes a synthetic MSR
 * @cpu: the VP
 * @msr: its number
 * @value: the value
 *
 * Context: a VP's exit.
 * Return: false: #GP.
 */
bool hvx_synthetic_write(struct hvx_cpu *cpu, u32 msr, u64 value)
{
	switch (msr) {
	case MSR_GUEST_OS_ID:
		return write_guest_os_id(cpu, value);
	case MSR_HYPERCALL:
		return write_hypercall(value);
	case MSR_RESET:
		if (value & RESET_NOW)
			hvx_reset();
		return true;
	case MSR_REFERENCE_TSC:
		return hvx_overlay_write(&hvx.reference_tsc, value);
	case MSR_EOI:
		hvx_apic_eoi();
		return true;
	case MSR_ICR:
		return hvx_apic_icr(cpu, value >> 56, value);
	case MSR_TPR:
		if (value & ~0xffULL)
			return false;
		hvx_apic_write(HVX_APIC_TPR, value);
		return true;
	case MSR_VP_ASSIST:
		return hvx_overlay_write(&cpu->assist, value);
	case MSR_SCONTROL:
		cpu->scontrol = value;
		return true;
	case MSR_SIEFP:
		return hvx_overlay_write(&cpu->siefp, value);
	case MSR_SIMP:
		return hvx_overlay_write(&cpu->simp, value);
	case MSR_EOM:
		return true;
	case MSR_SIRBP:
		return hvx_overlay_write(&cpu->sirbp, value);
	case MSR_SINT0 ... MSR_SINT15:
		return write_sint(cpu, msr - MSR_SINT0, value);
	case MSR_CRASH_P0 ... MSR_CRASH_P4:
		hvx.crash[msr - MSR_CRASH_P0] = value;
		return true;
	case MSR_CRASH_CTL:
		log_crash(cpu, value);
		return true;
	case MSR_TSC_INVARIANT:
		if (value & ~1ULL)
			return false;
		hvx.tsc_invariant = value;
		return true;
	}
	return false;
}
