// SPDX-License-Identifier: GPL-2.0
/*
 * The local APIC. It is the root's: interrupts reach the root without an exit.
 * The hypervisor only sends NMIs with it, and looks at what the root sends
 * through the interrupt command register, so that INIT and start-up messages
 * start VPs and not bare processors. That register has three faces: its page,
 * where the root cannot store by itself (mmio.c), the synthetic MSR, and the
 * MSR of x2APIC mode.
 */
#include "hvx.h"

#define APIC_BASE_ADDRESS 0x000ffffffffff000ULL
#define APIC_BASE_X2APIC (1ULL << 10)

#define APIC_ID 0x020U
#define APIC_VERSION 0x030U
#define APIC_LDR 0x0d0U
#define APIC_DFR 0x0e0U
#define APIC_SVR 0x0f0U
#define APIC_ISR 0x100U
#define APIC_ESR 0x280U
#define APIC_ICR 0x300U
#define APIC_ICR2 0x310U
#define APIC_LVT_FIRST 0x320U
#define APIC_LVT_LAST 0x370U
#define APIC_TIMER_INITIAL 0x380U
#define APIC_TIMER_DIVIDE 0x3e0U

#define SVR_ENABLED 0x100U
#define SVR_RESET 0xffU
#define LVT_RESET 0x10000U

#define VERSION_EXTENDED (1U << 31)
#define APIC_EXTENDED_FEATURES 0x400U
#define APIC_EXTENDED_LVT_FIRST 0x500U
#define APIC_EXTENDED_LVT_LAST 0x530U

/* What x2APIC mode takes; one bit more and the processor itself faults. */
#define MSR_X2APIC_LVT_TIMER 0x832U
#define MSR_X2APIC_LVT_THERMAL 0x833U
#define MSR_X2APIC_LVT_PERFORMANCE 0x834U
#define MSR_X2APIC_LVT_ERROR 0x837U
#define LVT_MODE(lvt) (((lvt) >> 8) & 7)
#define LVT_LOCAL_BITS 0x107ffU /* vector, mode, mask */
#define LVT_LINT_BITS 0x1a7ffU /* and polarity, trigger */
#define LVT_ERROR_BITS 0x100ffU
#define LVT_TIMER_BITS 0x300ffU /* vector, mask, periodic */
#define LVT_TIMER_DEADLINE 0x40000U
#define CPUID_TSC_DEADLINE (1U << 24) /* 1 ECX */
#define LVT_READ_ONLY 0x5000U /* delivery status, remote IRR: writes ignored */

#define FORMAT_FLAT 0xfU
#define FORMAT_CLUSTER 0x0U

#define ICR_BITS 0xccfffU
#define ICR_DESTINATION_SHIFT 56
#define ICR_MODE(command) (((command) >> 8) & 7)
#define ICR_FIXED 0U
#define ICR_LOWEST 1U
#define ICR_SMI 2U
#define ICR_NMI 4U
#define ICR_INIT 5U
#define ICR_SIPI 6U
#define ICR_LOGICAL (1U << 11)
#define ICR_BUSY (1U << 12)
#define ICR_ASSERT (1U << 14)
#define ICR_LEVEL (1U << 15)
#define ICR_SHORTHAND(command) (((command) >> 18) & 3)
#define SHORTHAND_NONE 0U
#define SHORTHAND_SELF 1U
#define SHORTHAND_ALL 2U

static bool x2apic(u64 base)
{
	return base & APIC_BASE_X2APIC;
}

u32 hvx_apic_read(u32 reg)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	if (x2apic(base))
		return rdmsr(MSR_X2APIC + reg / 16);
	return mmio_read((base & APIC_BASE_ADDRESS) + reg);
}

void hvx_apic_write(u32 reg, u32 value)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	if (x2apic(base))
		wrmsr(MSR_X2APIC + reg / 16, value);
	else
		mmio_write((base & APIC_BASE_ADDRESS) + reg, value);
}

u32 hvx_apic_id(void)
{
	u32 id = hvx_apic_read(APIC_ID);

	return x2apic(rdmsr(MSR_APIC_BASE)) ? id : id >> 24;
}

void hvx_apic_eoi(void)
{
	hvx_apic_write(HVX_APIC_EOI, 0);
}

/* In the layout of the xAPIC, whatever the mode. */
u64 hvx_apic_icr_read(void)
{
	u64 icr;

	if (!x2apic(rdmsr(MSR_APIC_BASE)))
		return hvx_apic_read(APIC_ICR) |
		       (u64)hvx_apic_read(APIC_ICR2) << 32;
	icr = rdmsr(MSR_X2APIC_ICR);
	return (u32)icr | (icr >> 32) << ICR_DESTINATION_SHIFT;
}

static void wait_idle(void)
{
	u32 patience = 1000000;

	while ((hvx_apic_read(APIC_ICR) & ICR_BUSY) && --patience)
		cpu_relax();
}

static void write_icr(u32 destination, u32 command)
{
	if (x2apic(rdmsr(MSR_APIC_BASE))) {
		wrmsr(MSR_X2APIC_ICR, (u64)destination << 32 | command);
		return;
	}
	wait_idle();
	hvx_apic_write(APIC_ICR2, destination << 24);
	hvx_apic_write(APIC_ICR, command);
}

/**
 * hvx_apic_send - send a message of the hypervisor's own
 * @apic_id: to whom
 * @command: low half of the command register
 *
 * The root may be between the two halves of a command of its own: the upper
 * half is left as it was.
 *
 * Context: any.
 */
void hvx_apic_send(u32 apic_id, u32 command)
{
	u32 upper;

	if (x2apic(rdmsr(MSR_APIC_BASE))) {
		write_icr(apic_id, command);
		return;
	}
	upper = hvx_apic_read(APIC_ICR2);
	write_icr(apic_id, command);
	wait_idle();
	hvx_apic_write(APIC_ICR2, upper);
}

/**
 * hvx_apic_logical_reset - no logical id, flat format
 * @cpu: this processor
 *
 * Context: on that processor.
 */
void hvx_apic_logical_reset(struct hvx_cpu *cpu)
{
	if (x2apic(rdmsr(MSR_APIC_BASE)))
		return;
	hvx_apic_write(APIC_LDR, 0);
	hvx_apic_write(APIC_DFR, ~0U);
	cpu->logical_id = 0;
	cpu->logical_format = FORMAT_FLAT;
}

/**
 * hvx_apic_reset - put the local APIC into the state after an INIT
 * @cpu: this processor
 *
 * What is in service is ended; what is still pending is taken and dropped.
 *
 * Context: on the processor that plays the INIT, with global interrupts off.
 */
void hvx_apic_reset(struct hvx_cpu *cpu)
{
	u32 last = (hvx_apic_read(APIC_VERSION) >> 16) & 0xff;
	u32 i, reg;

	for (i = 0, reg = APIC_LVT_FIRST;
	     i <= last && reg <= APIC_LVT_LAST; i++, reg += 16)
		hvx_apic_write(reg, LVT_RESET);
	hvx_apic_write(APIC_TIMER_INITIAL, 0);
	hvx_apic_write(APIC_TIMER_DIVIDE, 0);
	hvx_apic_write(HVX_APIC_TPR, 0);
	hvx_apic_write(APIC_SVR, SVR_ENABLED | SVR_RESET);
	for (i = 0; i < 256; i++) {
		u32 in_service = 0;

		for (reg = 0; reg < 8; reg++)
			in_service |= hvx_apic_read(APIC_ISR + reg * 16);
		if (!in_service)
			break;
		hvx_apic_eoi();
	}
	/* All that is pending comes in this window: interrupt_drop, fault.S. */
	hvx_idt_load_dropping();
	asm volatile("stgi; sti; nop; nop; cli; clgi" ::: "memory");
	hvx_idt_load();
	hvx_apic_write(APIC_SVR, SVR_RESET);
	hvx_apic_write(APIC_ESR, 0);
	hvx_apic_logical_reset(cpu);
}

/* AMD APM volume 2, section 16.6.1. */
static bool is_logical_target(const struct hvx_cpu *cpu, u32 destination)
{
	if (x2apic(rdmsr(MSR_APIC_BASE)))
		return destination >> 16 == cpu->apic_id >> 4 &&
		       destination >> (cpu->apic_id & 15) & 1;
	switch (cpu->logical_format) {
	case FORMAT_FLAT:
		return destination & cpu->logical_id;
	case FORMAT_CLUSTER:
		return destination >> 4 == cpu->logical_id >> 4 &&
		       destination & cpu->logical_id & 15;
	default:
		return false;
	}
}

static bool is_target(const struct hvx_cpu *from, const struct hvx_cpu *cpu,
		      u32 destination, u32 command)
{
	u32 broadcast = x2apic(rdmsr(MSR_APIC_BASE)) ? ~0U : 0xff;

	switch (ICR_SHORTHAND(command)) {
	case SHORTHAND_NONE:
		if (destination == broadcast)
			return true;
		return command & ICR_LOGICAL ?
			       is_logical_target(cpu, destination) :
			       destination == cpu->apic_id;
	case SHORTHAND_SELF:
		return cpu == from;
	case SHORTHAND_ALL:
		return true;
	default:
		return cpu != from;
	}
}

static void deliver(struct hvx_cpu *from, u32 destination, u32 command)
{
	u32 i;

	for (i = 0; i < hvx.nr_cpus; i++) {
		struct hvx_cpu *cpu = &hvx.cpus[i];

		if (!is_target(from, cpu, destination, command))
			continue;
		switch (ICR_MODE(command)) {
		case ICR_NMI:
			WRITE_ONCE(cpu->nmi, 1);
			hvx_smp_note(cpu);
			if (cpu != from)
				hvx_smp_kick(cpu);
			break;
		case ICR_INIT:
			hvx_smp_send_init(cpu);
			break;
		default:
			hvx_smp_send_sipi(cpu, command);
		}
	}
}

/**
 * hvx_apic_icr - the root writes the interrupt command register
 * @cpu: the VP that does
 * @destination: APIC id, or logical destination
 * @command: the lower half
 *
 * Interrupts go to the hardware; NMI, INIT and start-up messages go to VPs, so
 * that none is lost in a kick of ours.
 *
 * Context: a VP's exit.
 * Return: false when the root may not send that: #GP.
 */
bool hvx_apic_icr(struct hvx_cpu *cpu, u32 destination, u32 command)
{
	command &= ICR_BITS;
	switch (ICR_MODE(command)) {
	case ICR_FIXED:
	case ICR_LOWEST:
		write_icr(destination, command);
		return true;
	case ICR_INIT:
		/* The old de-assert message does nothing on this hardware. */
		if ((command & ICR_LEVEL) && !(command & ICR_ASSERT))
			return true;
		fallthrough;
	case ICR_NMI:
	case ICR_SIPI:
		deliver(cpu, destination, command);
		return true;
	default:
		return false;
	}
}

/* The page of this processor's APIC; MSR writes cannot move it. */
u64 hvx_apic_page(void)
{
	return rdmsr(MSR_APIC_BASE) & APIC_BASE_ADDRESS;
}

/**
 * hvx_apic_mode_ok - may an interrupt source be given this delivery mode?
 * @mode: as in a local vector table, a redirection entry or a message
 *
 * INIT and start-up messages would reach the bare processor, SMI the firmware.
 *
 * Context: any.
 */
bool hvx_apic_mode_ok(u32 mode)
{
	return mode != ICR_SMI && mode != ICR_INIT && mode != ICR_SIPI;
}

/**
 * hvx_apic_store - the root stores to its APIC's page
 * @cpu: the VP
 * @reg: offset in the page, a multiple of 16
 * @value: the value
 *
 * All but the command register goes through: it is the root's APIC.
 *
 * Context: a VP's exit.
 * Return: false when the root may not do that: #GP.
 */
bool hvx_apic_store(struct hvx_cpu *cpu, u32 reg, u32 value)
{
	if (x2apic(rdmsr(MSR_APIC_BASE)))
		return false;
	switch (reg) {
	case 0:
		/* Not a register, and a message for QEMU. */
	case APIC_ID:
		/* Ours to send NMIs to; processors of today ignore it too. */
		return true;
	case APIC_ICR:
		return hvx_apic_icr(cpu, hvx_apic_read(APIC_ICR2) >> 24, value);
	case APIC_LDR:
		cpu->logical_id = value >> 24;
		break;
	case APIC_DFR:
		cpu->logical_format = value >> 28;
		break;
	case APIC_LVT_FIRST ... APIC_LVT_LAST:
	case APIC_EXTENDED_LVT_FIRST ... APIC_EXTENDED_LVT_LAST:
		if (!hvx_apic_mode_ok(LVT_MODE(value)))
			return false;
		break;
	}
	hvx_apic_write(reg, value);
	return true;
}

/* Entries of the extended local vector table. */
static u32 extended_lvts(void)
{
	if (!(hvx_apic_read(APIC_VERSION) & VERSION_EXTENDED))
		return 0;
	return hvx_apic_read(APIC_EXTENDED_FEATURES) >> 16 & 0xff;
}

/**
 * hvx_apic_x2apic_write - the root writes a watched MSR of x2APIC mode
 * @cpu: the VP
 * @msr: the command register, or of the local vector tables
 * @value: the value
 *
 * Context: a VP's exit, in x2APIC mode.
 * Return: false: #GP.
 */
bool hvx_apic_x2apic_write(struct hvx_cpu *cpu, u32 msr, u64 value)
{
	u64 bits = LVT_LINT_BITS;

	switch (msr) {
	case MSR_X2APIC_ICR:
		return !((u32)value & ~ICR_BITS) &&
		       hvx_apic_icr(cpu, value >> 32, value);
	case MSR_X2APIC_LVT_TIMER:
		bits = LVT_TIMER_BITS;
		if (cpuid(1, 0).ecx & CPUID_TSC_DEADLINE)
			bits |= LVT_TIMER_DEADLINE;
		break;
	case MSR_X2APIC_EXTENDED_LVT_FIRST ... MSR_X2APIC_EXTENDED_LVT_LAST:
		if (msr - MSR_X2APIC_EXTENDED_LVT_FIRST >= extended_lvts())
			return false;
		fallthrough;
	case MSR_X2APIC_LVT_THERMAL:
	case MSR_X2APIC_LVT_PERFORMANCE:
		bits = LVT_LOCAL_BITS;
		break;
	case MSR_X2APIC_LVT_ERROR:
		bits = LVT_ERROR_BITS;
		break;
	}
	value &= ~(u64)LVT_READ_ONLY;
	if (value & ~bits || !hvx_apic_mode_ok(LVT_MODE(value)))
		return false;
	wrmsr(msr, value);
	return true;
}
