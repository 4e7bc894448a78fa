// SPDX-License-Identifier: GPL-2.0
/*
 * How fast the time stamp counter and the local APIC's timer run, measured
 * against the PIT, and the partition's reference time made of it.
 */
#include "hvx.h"

#define PIT_HZ 1193182ULL
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND 0x43
#define PIT_GATE 0x61
#define PIT_ONE_SHOT 0xb0 /* channel 2, low and high byte, mode 0 */
#define PIT_LATCH 0x80
#define PIT_TICKS 50000ULL /* 42 ms; the counter has 16 bits */
#define PIT_OUTPUT 0x20 /* of channel 2, read at the gate's port */
#define MAX_TRIES 50

#define APIC_SVR 0x0f0U
#define APIC_SVR_ENABLED 0x100U
#define APIC_LVT_TIMER 0x320U
#define APIC_LVT_MASKED 0x10000U
#define APIC_TIMER_INITIAL 0x380U
#define APIC_TIMER_CURRENT 0x390U
#define APIC_TIMER_DIVIDE 0x3e0U
#define APIC_DIVIDE_BY_1 0x0bU

#define REFERENCE_HZ 10000000ULL /* units of 100 ns */

struct sample {
	u64 tsc;
	u32 apic;
	u16 pit;
};

/* All three clocks at one moment: the best of some tries. */
static struct sample take_sample(void)
{
	struct sample best = { 0 };
	u64 window = ~0ULL;
	u32 i;

	for (i = 0; i < 8; i++) {
		struct sample s;
		u64 before = rdtsc(), after;

		out8(PIT_COMMAND, PIT_LATCH);
		s.apic = hvx_apic_read(APIC_TIMER_CURRENT);
		after = rdtsc();
		s.pit = in8(PIT_CHANNEL2);
		s.pit |= in8(PIT_CHANNEL2) << 8;
		s.tsc = before + (after - before) / 2;
		if (after - before < window) {
			window = after - before;
			best = s;
		}
	}
	return best;
}

/**
 * hvx_time_init - measure the clocks
 *
 * Context: boot.
 */
void hvx_time_init(void)
{
	u32 svr = hvx_apic_read(APIC_SVR);
	u8 gate = in8(PIT_GATE);
	struct sample a, b;
	u32 tries = 0;
	u64 ticks;

	hvx_apic_write(APIC_SVR, svr | APIC_SVR_ENABLED);
	hvx_apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED | 0xff);
	hvx_apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
	out8(PIT_GATE, (gate & ~2) | 1);
	hvx_apic_write(APIC_TIMER_INITIAL, 0xffffffff);
	do {
		if (tries++ == MAX_TRIES)
			hvx_fatal("the clocks cannot be measured");
		out8(PIT_COMMAND, PIT_ONE_SHOT);
		out8(PIT_CHANNEL2, 0xff);
		out8(PIT_CHANNEL2, 0xff);
		a = take_sample();
		do {
			cpu_relax();
			b = take_sample();
		} while ((u16)(a.pit - b.pit) < PIT_TICKS && b.pit <= a.pit);
		/* An emulator may be held up until the counter has run out. */
	} while (b.pit > a.pit || (in8(PIT_GATE) & PIT_OUTPUT));
	ticks = a.pit - b.pit;

	hvx_apic_write(APIC_TIMER_INITIAL, 0);
	hvx_apic_write(APIC_SVR, svr);
	out8(PIT_GATE, gate);

	hvx.tsc_hz = (b.tsc - a.tsc) * PIT_HZ / ticks;
	/* A bus clock is a whole number of MHz. */
	hvx.apic_hz = (u64)(a.apic - b.apic) * PIT_HZ / ticks;
	hvx.apic_hz = (hvx.apic_hz + 500000) / 1000000 * 1000000;
	if (hvx.tsc_hz <= REFERENCE_HZ || !hvx.apic_hz)
		hvx_fatal("the clocks do not run: TSC %llu Hz, APIC %llu Hz",
			  hvx.tsc_hz, hvx.apic_hz);
	hvx.tsc_scale = div128(REFERENCE_HZ, 0, hvx.tsc_hz);
	hvx.tsc_start = rdtsc();
}

/**
 * hvx_delay - let time pass
 * @microseconds: how much
 *
 * Context: any, after hvx_time_init().
 */
void hvx_delay(u64 microseconds)
{
	u64 start = rdtsc();
	u64 ticks = hvx.tsc_hz / 1000000 * microseconds;

	while (rdtsc() - start < ticks)
		cpu_relax();
}

/**
 * hvx_reference_time - the partition's reference time
 *
 * Context: any.
 * Return: units of 100 ns since the partition began.
 */
u64 hvx_reference_time(void)
{
	return mul_high(rdtsc() - hvx.tsc_start, hvx.tsc_scale);
}
