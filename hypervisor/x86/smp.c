// SPDX-License-Identifier: GPL-2.0
/*
 * The other processors. All of them are started once, when the hypervisor
 * boots, and stay inside it for ever: the root's INIT and start-up messages
 * are played, so that no INIT ever hits a processor that holds a lock.
 *
 * Whoever wants something of another processor leaves a note (boot, nmi,
 * flush_request, stopping), says so in "attention", and kicks it: an NMI that
 * makes it leave the guest, or wakes it. Attention is looked at with in_guest
 * set already, so either the reader sees the note or the writer sees the reader
 * in the guest. "kick" keeps it to one NMI at a time: it tells ours from the
 * root's. It is taken back by who takes that NMI, and by nobody before: one that
 * is only on its way would look like the root's when it comes.
 */
#include "hvx.h"

/* RAM that every PC has; it is the root's after the processors are up. */
#define TRAMPOLINE 0x8000ULL

#define COMMAND_NMI 0x4400U
#define COMMAND_INIT 0x4500U
#define COMMAND_SIPI 0x4600U

struct trampoline_data {
	u64 cr3, stack, cpu, entry;
};

static void ap_main(struct hvx_cpu *cpu) __attribute__((noreturn));

static void ap_main(struct hvx_cpu *cpu)
{
	hvx_idt_load();
	hvx_svm_cpu_init(cpu);
	WRITE_ONCE(cpu->state, HVX_CPU_WAITING);
	while (!READ_ONCE(hvx.protected)) {
		if (READ_ONCE(hvx.stopping))
			halt_forever();
		cpu_relax();
	}
	hvx_map_load();
	hvx_run(cpu);
}

static bool comes_up(const struct hvx_cpu *cpu)
{
	u32 i;

	for (i = 0; i < 1000; i++) {
		if (READ_ONCE(cpu->state) == HVX_CPU_WAITING)
			return true;
		hvx_delay(200);
	}
	return false;
}

static void bring_up(struct hvx_cpu *cpu)
{
	struct trampoline_data *data = (struct trampoline_data *)
		(TRAMPOLINE + (trampoline_data - trampoline_start));

	data->cr3 = read_cr3();
	data->stack = (u64)cpu->stack + HVX_STACK_SIZE;
	data->cpu = (u64)cpu;
	data->entry = (u64)ap_main;
	barrier();
	hvx_apic_send(cpu->apic_id, COMMAND_SIPI | TRAMPOLINE >> 12);
	if (comes_up(cpu))
		return;
	hvx_apic_send(cpu->apic_id, COMMAND_SIPI | TRAMPOLINE >> 12);
	/* One that came up later would find another's stack. */
	if (!comes_up(cpu))
		hvx_fatal("the processor with apic id %u does not start",
			  cpu->apic_id);
}

/**
 * hvx_smp_start - bring all processors into the hypervisor
 *
 * Context: boot. They wait for the root's start-up messages when it returns.
 */
void hvx_smp_start(void)
{
	const struct hvc_frame *frame = hvx_frame(TRAMPOLINE / HVX_PAGE_SIZE);
	u32 i;

	if (hvx.nr_cpus == 1)
		return;
	if (!frame || frame->state != HVC_FRAME_ROOT)
		hvx_fatal("no RAM at 0x%llx to start processors", TRAMPOLINE);
	memcpy((void *)TRAMPOLINE, trampoline_start,
	       trampoline_end - trampoline_start);
	for (i = 1; i < hvx.nr_cpus; i++)
		hvx_apic_send(hvx.cpus[i].apic_id, COMMAND_INIT);
	hvx_delay(10000);
	for (i = 1; i < hvx.nr_cpus; i++)
		bring_up(&hvx.cpus[i]);
	memset((void *)TRAMPOLINE, 0, HVX_PAGE_SIZE);
}

struct hvx_cpu *hvx_cpu_by_apic_id(u32 apic_id)
{
	u32 i;

	for (i = 0; i < hvx.nr_cpus; i++)
		if (hvx.cpus[i].apic_id == apic_id)
			return &hvx.cpus[i];
	return NULL;
}

struct hvx_cpu *hvx_cpu_by_vp_index(u32 vp_index)
{
	u32 i;

	for (i = 0; i < hvx.nr_cpus; i++)
		if (hvx.cpus[i].vp_created && hvx.cpus[i].vp_index == vp_index)
			return &hvx.cpus[i];
	return NULL;
}

/**
 * hvx_smp_note - a processor has a note to look at
 * @cpu: a processor
 *
 * Context: any, behind the note and before the look at in_guest: a barrier.
 */
void hvx_smp_note(struct hvx_cpu *cpu)
{
	xchg32(&cpu->attention, 1);
}

/**
 * hvx_smp_kick - make a processor look at its notes
 * @cpu: another processor
 *
 * Context: any.
 */
void hvx_smp_kick(struct hvx_cpu *cpu)
{
	if (READ_ONCE(cpu->state) != HVX_CPU_ABSENT && !xchg32(&cpu->kick, 1))
		hvx_apic_send(cpu->apic_id, COMMAND_NMI);
}

/**
 * hvx_smp_take_nmi - let a pending NMI come
 * @cpu: this processor
 *
 * Context: this processor, outside the guest.
 * Return: true when there was one, now or in hvx_idle().
 */
bool hvx_smp_take_nmi(struct hvx_cpu *cpu)
{
	bool taken;

	let_nmi_come();
	taken = READ_ONCE(cpu->nmi_taken);
	WRITE_ONCE(cpu->nmi_taken, 0);
	return taken;
}

/**
 * hvx_smp_stop_others - the machine stops: nobody enters the guest any more
 *
 * Context: any, the processors need not even be counted.
 */
void hvx_smp_stop_others(void)
{
	u32 self = hvx_apic_id();
	u32 i;

	WRITE_ONCE(hvx.stopping, 1);
	for (i = 0; i < hvx.nr_cpus; i++) {
		hvx_smp_note(&hvx.cpus[i]);
		if (hvx.cpus[i].apic_id != self &&
		    READ_ONCE(hvx.cpus[i].state) != HVX_CPU_ABSENT)
			hvx_apic_send(hvx.cpus[i].apic_id, COMMAND_NMI);
	}
}

/**
 * hvx_smp_send_init - the root sends an INIT
 * @target: to whom; the boot processor does not take it, as that would start
 *	the firmware again
 *
 * Context: a VP's exit.
 */
void hvx_smp_send_init(struct hvx_cpu *target)
{
	static u32 lines;

	if (target->bsp) {
		if (hvx_may_log(&lines))
			hvx_print(HVX_LOG, "hypervisor: INIT to the boot processor ignored\n");
		return;
	}
	xchg32(&target->boot, HVX_BOOT_INIT);
	hvx_smp_note(target);
	hvx_smp_kick(target);
}

/**
 * hvx_smp_park_others - the root's kernel leaves, and has stopped its VPs
 * @cpu: the one that goes on
 *
 * Linux stops them by HLT with interrupts off, in memory that is the next
 * kernel's. There a kick of ours would wake them: so they wait for a start-up
 * message instead, the boot processor included.
 *
 * Context: a VP's exit.
 */
void hvx_smp_park_others(const struct hvx_cpu *cpu)
{
	struct hvx_cpu *other;
	u32 i;

	for (i = 0; i < hvx.nr_cpus; i++) {
		other = &hvx.cpus[i];
		if (other == cpu || READ_ONCE(other->state) == HVX_CPU_ABSENT)
			continue;
		xchg32(&other->boot, HVX_BOOT_INIT);
		hvx_smp_note(other);
		hvx_smp_kick(other);
	}
}

/**
 * hvx_smp_send_sipi - the root sends a start-up message
 * @target: to whom; one that does not wait for it ignores it
 * @vector: page to start at
 *
 * Context: a VP's exit.
 */
void hvx_smp_send_sipi(struct hvx_cpu *target, u8 vector)
{
	u32 boot;

	/* It may take its INIT, and say that it waits, while we look. */
	do {
		boot = READ_ONCE(target->boot);
		if (boot & HVX_BOOT_SIPI)
			return;
		if (!(boot & HVX_BOOT_INIT) &&
		    READ_ONCE(target->state) != HVX_CPU_WAITING)
			return;
	} while (cmpxchg32(&target->boot, boot,
			   boot | HVX_BOOT_SIPI | vector) != boot);
	hvx_smp_kick(target);
}

/**
 * hvx_smp_wait_sipi - be a processor that waits for its start-up message
 * @cpu: this processor
 *
 * Context: this processor, between two visits to the guest. When it returns,
 * the VP is ready to start where the message says.
 */
void hvx_smp_wait_sipi(struct hvx_cpu *cpu)
{
	u32 boot;

	if (cpu->state == HVX_CPU_RUNNING)
		hvx_apic_reset(cpu);
	WRITE_ONCE(cpu->state, HVX_CPU_WAITING);
	for (;;) {
		if (hvx_smp_take_nmi(cpu))
			xchg32(&cpu->kick, 0);
		if (READ_ONCE(hvx.stopping))
			halt_forever();
		boot = xchg32(&cpu->boot, 0);
		if (boot & HVX_BOOT_SIPI)
			break;
		hvx_idle(&cpu->boot);
	}
	WRITE_ONCE(cpu->nmi, 0);
	hvx_vmcb_reset(cpu, boot);
	WRITE_ONCE(cpu->state, HVX_CPU_RUNNING);
}

/**
 * hvx_flush - make reduced rights effective on all VPs
 * @hv: the core
 * @p: the partition; only the root's VPs have TLBs so far
 *
 * A VP outside the guest flushes before it enters again, so only those inside,
 * those in hvx_quick_exit(), and those that look at the root's memory
 * (hvx_view_begin()) are waited for. None of them can be waiting for this
 * processor: the lock is taken outside the guest.
 *
 * Context: under the core's lock.
 */
void hvx_flush(struct hvc *hv, struct hvc_partition *p)
{
	u32 self = hvx_apic_id();
	u32 i;

	(void)hv;
	(void)p;
	for (i = 0; i < hvx.nr_cpus; i++) {
		struct hvx_cpu *cpu = &hvx.cpus[i];

		fetch_add32(&cpu->flush_request, 1);
		hvx_smp_note(cpu);
		if (READ_ONCE(cpu->in_guest) && cpu->apic_id != self)
			hvx_smp_kick(cpu);
	}
	for (i = 0; i < hvx.nr_cpus; i++) {
		struct hvx_cpu *cpu = &hvx.cpus[i];

		while (cpu->apic_id != self && READ_ONCE(cpu->in_guest) &&
		       READ_ONCE(cpu->flush_done) !=
			       READ_ONCE(cpu->flush_request))
			cpu_relax();
	}
}

/**
 * hvx_lock - take the core's lock: first come, first served
 * @hv: the core
 *
 * Context: outside the guest.
 */
void hvx_lock(struct hvc *hv)
{
	u32 ticket = fetch_add32(&hvx.lock_next, 1);

	(void)hv;
	while (READ_ONCE(hvx.lock_owner) != ticket) {
		if (READ_ONCE(hvx.stopping))
			halt_forever();
		cpu_relax();
	}
	barrier();
}
