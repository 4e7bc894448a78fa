// SPDX-License-Identifier: GPL-2.0
/*
 * Registers in memory through which a processor could be led out of the
 * hypervisor: the local APIC's page, the range behind it in which stores become
 * interrupt messages, and the I/O APICs. The root reads them as they are; its
 * stores come here.
 */
#include "hvx.h"

#define MESSAGE_BASE 0xfee00000ULL
#define MESSAGE_END 0xfef00000ULL

#define IOAPIC_SELECT 0x00U
#define IOAPIC_WINDOW 0x10U
#define IOAPIC_EOI 0x40U
#define IOAPIC_FIRST_ENTRY 0x10U
#define ENTRY_MODE(low) (((low) >> 8) & 7)

static bool ioapic_of(u64 page)
{
	u32 i;

	for (i = 0; i < hvx.nr_ioapics; i++)
		if (hvx.ioapics[i] == page)
			return true;
	return false;
}

/**
 * hvx_mmio_init - take the root's right to store there
 *
 * Context: boot, after hvx_npt_init().
 */
void hvx_mmio_init(void)
{
	u64 address;
	u32 i;

	for (address = MESSAGE_BASE; address < MESSAGE_END;
	     address += HVX_PAGE_SIZE)
		hvx_npt_device(address, false);
	hvx_npt_device(hvx_apic_page(), true);
	for (i = 0; i < hvx.nr_ioapics; i++)
		hvx_npt_device(hvx.ioapics[i], true);
}

/**
 * hvx_mmio_covers - does a store there come to hvx_mmio_store()?
 * @address: GPA
 *
 * Context: any.
 */
bool hvx_mmio_covers(u64 address)
{
	u64 page = hvx_page_down(address);

	return page == hvx_apic_page() || ioapic_of(page);
}

/*
 * An entry that sends INIT, a start-up message or SMI would reach a processor,
 * and not a VP. The select register is read back under the lock that all
 * stores to it take.
 */
static bool ioapic_store_locked(u64 page, u32 reg, u32 value)
{
	u32 select;

	switch (reg) {
	case IOAPIC_WINDOW:
		select = mmio_read(page + IOAPIC_SELECT) & 0xff;
		if (select >= IOAPIC_FIRST_ENTRY && !(select & 1) &&
		    !hvx_apic_mode_ok(ENTRY_MODE(value)))
			return false;
		break;
	case IOAPIC_SELECT:
	case IOAPIC_EOI:
		break;
	default:
		return false;
	}
	mmio_write(page + reg, value);
	return true;
}

static bool ioapic_store(u64 page, u32 reg, u32 value)
{
	static u32 lock;
	bool ok;

	while (xchg32(&lock, 1))
		cpu_relax();
	ok = ioapic_store_locked(page, reg, value);
	xchg32(&lock, 0);
	return ok;
}

/**
 * hvx_mmio_store - the root stores to one of these pages
 * @cpu: the VP
 * @address: GPA, hvx_mmio_covers() it
 *
 * Context: a VP's exit.
 * Return: false when that is not allowed or not understood: nothing was done.
 */
bool hvx_mmio_store(struct hvx_cpu *cpu, u64 address)
{
	u64 page = hvx_page_down(address);
	u32 reg = address - page, old = 0;
	struct hvx_store store;
	bool ok;

	hvx_view_begin(cpu);
	/* A push while an event is delivered is no instruction. */
	ok = !(cpu->vmcb->exit_interrupt & SVM_EVENT_VALID) && !(reg & 15) &&
	     hvx_insn_store(cpu, &store);
	if (ok && store.exchange)
		old = mmio_read(address);
	if (ok)
		ok = page == hvx_apic_page() ?
			     hvx_apic_store(cpu, reg, store.value) :
			     ioapic_store(page, reg, store.value);
	hvx_view_end(cpu);
	if (!ok)
		return false;
	if (store.exchange)
		*store.reg = old;
	hvx_advance_to(cpu, cpu->vmcb->rip + store.length);
	return true;
}
