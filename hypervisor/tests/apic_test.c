// SPDX-License-Identifier: GPL-2.0
/* The local APIC of children's processors: G11, G12. */
#include "calls.h"

#include <hv/registers.h>
#include <string.h>

#define APIC 0xfee00000ULL
#define BASE HV_X64_REGISTER_APIC_BASE
#define TPR 0x80
#define PPR 0xa0
#define EOI 0xb0
#define LDR 0xd0
#define DFR 0xe0
#define SVR 0xf0
#define ISR 0x100
#define TMR 0x180
#define IRR 0x200
#define ESR 0x280
#define ICR 0x300
#define ICR_HIGH 0x310
#define LVT_TIMER 0x320
#define LVT_ERROR 0x370
#define VPS 4
#define SINCE_RESET 0xfee00800ULL

static u64 child(struct host *h)
{
	u64 id = make_active(h, 100, 40);
	u32 i;

	for (i = 0; i < VPS; i++)
		assert_status(create_vp(h, id, i), SUCCESS);
	return id;
}

static u64 access(struct host *h, u64 id, u32 vp, bool write, u64 gpa,
		  u32 bytes, void *data)
{
	struct hv_input_write_gpa in = {
		.partition_id = id,
		.vp_index = vp,
		.byte_count = bytes,
		.base_gpa = gpa,
	};

	memcpy(in.data, data, bytes);
	if (write) {
		assert_status(call_simple(h, HVCALL_WRITE_GPA, &in,
					  sizeof(in)), SUCCESS);
	} else {
		assert_status(call_simple(h, HVCALL_READ_GPA, &in,
					  sizeof(struct hv_input_read_gpa)),
			      SUCCESS);
		memcpy(data, &call_output(h)[1], bytes);
	}
	return call_output(h)[0];
}

static u32 rd(struct host *h, u64 id, u32 vp, u32 offset)
{
	u32 value = 0;

	assert_int_equal(access(h, id, vp, false, APIC + offset, 4, &value), 0);
	return value;
}

static void wr(struct host *h, u64 id, u32 vp, u32 offset, u32 value)
{
	assert_int_equal(access(h, id, vp, true, APIC + offset, 4, &value), 0);
}

static void set(struct host *h, u64 id, u32 vp, u32 name, u64 value)
{
	assert_result(set_register(h, id, vp, name, value), HV_STATUS_SUCCESS,
		      1);
}

static u64 get(struct host *h, u64 id, u32 vp, u32 name)
{
	assert_result(get_register(h, id, vp, name), HV_STATUS_SUCCESS, 1);
	return call_output(h)[0];
}

/* Every register: after reset, and what sticks when all ones are written. */
static void registers(void **state)
{
	static const struct {
		u32 offset, reset, ones;
	} regs[] = {
		{ 0x20, 0x03000000, 0x03000000 }, /* id */
		{ 0x30, 0x00050014, 0x00050014 }, /* version */
		{ 0x90, 0, 0 }, /* arbitration priority */
		{ PPR, 0, 0 },
		{ TPR, 0, 0xff },
		{ EOI, 0, 0 },
		{ 0xc0, 0, 0 },
		{ LDR, 0, 0xff000000 },
		{ DFR, 0xffffffff, 0xffffffff },
		{ SVR, 0xff, 0x3ff },
		{ ISR, 0, 0 }, { ISR + 0x70, 0, 0 },
		{ TMR, 0, 0 }, { TMR + 0x70, 0, 0 },
		{ IRR, 0, 0 }, { IRR + 0x70, 0, 0 },
		{ ESR, 0, 0 },
		{ ICR_HIGH, 0, 0xff000000 },
		{ LVT_TIMER, 0x10000, 0x300ff },
		{ 0x330, 0x10000, 0x107ff },
		{ 0x340, 0x10000, 0x107ff },
		{ 0x350, 0x10000, 0x1a7ff },
		{ 0x360, 0x10000, 0x1a7ff },
		{ LVT_ERROR, 0x10000, 0x100ff },
		{ 0x380, 0, 0xffffffff },
		{ 0x3e0, 0, 0xb },
	};
	struct host *h = *state;
	u64 id = child(h);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(regs); i++) {
		assert_int_equal(rd(h, id, 3, regs[i].offset), regs[i].reset);
		wr(h, id, 3, regs[i].offset, ~0U);
		assert_int_equal(rd(h, id, 3, regs[i].offset), regs[i].ones);
		assert_int_equal(rd(h, id, 2, regs[i].offset),
				 i ? regs[i].reset : 0x02000000);
	}
	wr(h, id, 3, DFR, 0);
	assert_int_equal(rd(h, id, 3, DFR), 0x0fffffff);
	/* The timer of a suspended processor does not count. */
	assert_int_equal(rd(h, id, 3, 0x390), 0xffffffff);
	wr(h, id, 3, 0x390, 5);
	assert_int_equal(rd(h, id, 3, 0x390), 0xffffffff);
	/* Switched off, it has everything masked. */
	wr(h, id, 3, LVT_TIMER, 0x40);
	assert_int_equal(rd(h, id, 3, LVT_TIMER), 0x40);
	wr(h, id, 3, SVR, 0xff);
	assert_int_equal(rd(h, id, 3, LVT_TIMER), 0x10040);
	wr(h, id, 3, LVT_TIMER, 0x41);
	assert_int_equal(rd(h, id, 3, LVT_TIMER), 0x10041);
}

static void switch_on(struct host *h, u64 id)
{
	u32 i;

	for (i = 0; i < VPS; i++) {
		wr(h, id, i, SVR, 0x1ff);
		wr(h, id, i, LDR, 1U << (24 + i));
	}
}

/* Bit n: VP n has the vector waiting; and nobody has anything else. */
static u32 waiting(struct host *h, u64 id, u32 vector)
{
	u32 mask = 0, vp, i, irr;

	for (vp = 0; vp < VPS; vp++) {
		for (i = 0; i < 8; i++) {
			irr = rd(h, id, vp, IRR + 0x10 * i);
			assert_int_equal(irr & ~(vector / 32 == i ?
						 1U << vector % 32 : 0), 0);
			mask |= !!irr << vp;
		}
		set(h, id, vp, HV_X64_REGISTER_APIC_IRR0 + vector / 32, 0);
	}
	return mask;
}

static void interrupts(void **state)
{
	static const struct {
		u32 high, low, mask;
	} cases[] = {
		{ 0x02000000, 0x00031, 1 << 2 }, /* physical */
		{ 0x09000000, 0x00031, 0 }, /* nobody */
		{ 0xff000000, 0x00010, 0xf },
		{ 0x05000000, 0x008ff, 0x5 }, /* logical, flat */
		{ 0x00000000, 0x00831, 0 },
		{ 0x02000000, 0x40031, 1 << 1 }, /* self */
		{ 0x02000000, 0x800fe, 0xf }, /* all */
		{ 0x02000000, 0xc0040, 0xd }, /* but self */
		{ 0xff000000, 0x00131, 1 << 0 }, /* lowest priority */
		{ 0x0c000000, 0x00931, 1 << 3 },
		{ 0x02000000, 0x00431, 0 }, /* NMI, INIT, start-up, SMI */
		{ 0x02000000, 0x04500, 0 },
		{ 0x02000000, 0x00608, 0 },
		{ 0x02000000, 0x00200, 0 },
	};
	struct host *h = *state;
	u64 id = child(h);
	u32 i;

	switch_on(h, id);
	wr(h, id, 2, TPR, 0x20);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		wr(h, id, 1, ICR_HIGH, cases[i].high);
		wr(h, id, 1, ICR, cases[i].low);
		assert_int_equal(waiting(h, id, cases[i].low & 0xff),
				 cases[i].mask);
		assert_int_equal(rd(h, id, 1, ICR), cases[i].low);
		assert_int_equal(rd(h, id, 1, ICR_HIGH), cases[i].high);
		/* The MSR does the same in one. */
		set(h, id, 1, HV_X64_REGISTER_ICR,
		    (u64)cases[i].high << 32 | cases[i].low);
		assert_int_equal(waiting(h, id, cases[i].low & 0xff),
				 cases[i].mask);
		/* Loading the state sends nothing. */
		set(h, id, 1, HV_X64_REGISTER_APIC_ICR,
		    (u64)cases[i].high << 32 | cases[i].low);
		assert_int_equal(waiting(h, id, cases[i].low & 0xff), 0);
	}
	/* In clusters of four. */
	for (i = 0; i < VPS; i++) {
		wr(h, id, i, DFR, 0);
		wr(h, id, i, LDR, (i / 2) << 28 | 1U << (24 + i % 2));
	}
	wr(h, id, 0, ICR_HIGH, 0x13000000);
	wr(h, id, 0, ICR, 0x831);
	assert_int_equal(waiting(h, id, 0x31), 0xc);
	wr(h, id, 0, ICR_HIGH, 0x02000000);
	wr(h, id, 0, ICR, 0x831);
	assert_int_equal(waiting(h, id, 0x31), 0x2);
	/* Who is switched off hears nothing. */
	wr(h, id, 2, SVR, 0xff);
	set(h, id, 3, BASE, 0xfee00000);
	wr(h, id, 0, ICR, 0x80031);
	set(h, id, 3, BASE, SINCE_RESET);
	assert_int_equal(waiting(h, id, 0x31), 0x3);
}

/* The highest in service ends; priorities follow. */
static void end_of_interrupt(void **state)
{
	struct host *h = *state;
	u64 id = child(h);

	set(h, id, 0, HV_X64_REGISTER_APIC_ISR0 + 1, 1 << 5); /* 0x25 */
	set(h, id, 0, HV_X64_REGISTER_APIC_ISR0 + 6, 1 << 3); /* 0xc3 */
	set(h, id, 1, HV_X64_REGISTER_APIC_ISR0 + 1, 1 << 5);
	wr(h, id, 0, TPR, 0xc5);
	assert_int_equal(rd(h, id, 0, PPR), 0xc5);
	wr(h, id, 0, TPR, 0x31);
	assert_int_equal(rd(h, id, 0, PPR), 0xc0);
	wr(h, id, 0, EOI, 0);
	assert_int_equal(rd(h, id, 0, ISR + 0x60), 0);
	assert_int_equal(rd(h, id, 0, ISR + 0x10), 1 << 5);
	assert_int_equal(rd(h, id, 0, PPR), 0x31);
	wr(h, id, 0, TPR, 0x1f);
	assert_int_equal(rd(h, id, 0, PPR), 0x20);
	set(h, id, 0, HV_X64_REGISTER_EOI, 0);
	assert_int_equal(rd(h, id, 0, ISR + 0x10), 0);
	assert_int_equal(rd(h, id, 0, PPR), 0x1f);
	wr(h, id, 0, EOI, 0);
	assert_int_equal(rd(h, id, 1, ISR + 0x10), 1 << 5);
	/* CR8 and TPR are one. */
	assert_int_equal(get(h, id, 0, HV_X64_REGISTER_CR8), 1);
	set(h, id, 0, HV_X64_REGISTER_CR8, 9);
	assert_int_equal(rd(h, id, 0, TPR), 0x90);
	set(h, id, 0, HV_X64_REGISTER_TPR, 0xa5);
	assert_int_equal(get(h, id, 0, HV_X64_REGISTER_CR8), 0xa);
	assert_int_equal(get(h, id, 0, HV_X64_REGISTER_TPR), 0xa5);
}

static void errors(void **state)
{
	struct host *h = *state;
	u64 id = child(h);

	switch_on(h, id);
	wr(h, id, 0, ICR, 0x4000f); /* vector 15 to itself */
	assert_int_equal(waiting(h, id, 0x20), 0);
	assert_int_equal(rd(h, id, 0, ESR), 0);
	wr(h, id, 0, ESR, 0);
	assert_int_equal(rd(h, id, 0, ESR), 0x20);
	rd(h, id, 0, 0x40);
	wr(h, id, 0, ESR, ~0U);
	assert_int_equal(rd(h, id, 0, ESR), 0x80);
	wr(h, id, 0, ESR, 0);
	assert_int_equal(rd(h, id, 0, ESR), 0);
	wr(h, id, 0, 0x3f0, 0);
	wr(h, id, 0, LVT_ERROR, 0x77);
	wr(h, id, 0, 0x290, 0);
	assert_int_equal(waiting(h, id, 0x77), 1);
	wr(h, id, 0, ESR, 0);
	assert_int_equal(rd(h, id, 0, ESR), 0x80);
}

/* The log of the debug call against a list of the same pieces. */
static void assert_log(struct host *h, u32 count, const u64 (*pieces)[2])
{
	u32 i;

	for (i = 0; i < count; i++) {
		assert_status(debug_call(h, HV_DEBUG_ACCESS_LOG, i, NULL),
			      SUCCESS);
		assert_int_equal(call_output(h)[0], count);
		assert_int_equal(call_output(h)[1], pieces[i][0]);
		assert_int_equal(call_output(h)[2], pieces[i][1]);
	}
	assert_status(debug_call(h, HV_DEBUG_ACCESS_LOG, ~0ULL, NULL), SUCCESS);
	assert_status(debug_call(h, HV_DEBUG_ACCESS_LOG, 0, NULL), SUCCESS);
	assert_int_equal(call_output(h)[0], 0);
}

#define PIECE(offset, write, bytes, value) \
	{ APIC + (offset), HV_DEBUG_PIECE(2, write, bytes, value) }

static void pieces(void **state)
{
	static const u64 write[][2] = {
		PIECE(0x305, true, 1, 0x01), PIECE(0x306, true, 2, 0x0302),
		PIECE(0x308, true, 4, 0x07060504),
		PIECE(0x30c, true, 4, 0x0b0a0908),
		PIECE(0x310, true, 2, 0x0d0c), PIECE(0x312, true, 1, 0x0e),
	};
	static const u64 read[][2] = {
		PIECE(0x31, false, 1, 0x00), PIECE(0x32, false, 2, 0x0005),
		PIECE(0x34, false, 4, 0), PIECE(0x38, false, 4, 0),
		PIECE(0x3c, false, 2, 0),
	};
	static const u8 expected[16] = { 0x00, 0x05, 0x00 };
	u8 data[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct host *h = *state;
	u64 id = child(h);
	u32 i;

	assert_int_equal(access(h, id, 2, true, APIC + 0x305, 14, data), 0);
	assert_log(h, ARRAY_SIZE(write), write);
	/* No register was written as a whole. */
	assert_int_equal(rd(h, id, 2, ICR), 0);
	assert_int_equal(rd(h, id, 2, ICR_HIGH), 0);
	debug_call(h, HV_DEBUG_ACCESS_LOG, ~0ULL, NULL);
	memset(data, 0x55, sizeof(data));
	assert_int_equal(access(h, id, 2, false, APIC + 0x31, 13, data), 0);
	assert_memory_equal(data, expected, 13);
	assert_log(h, ARRAY_SIZE(read), read);
	/* More than it holds are counted, and do no harm. */
	for (i = 0; i < 70; i++)
		wr(h, id, 2, TPR, i);
	for (i = 60; i < 70; i++) {
		debug_call(h, HV_DEBUG_ACCESS_LOG, i, NULL);
		assert_int_equal(call_output(h)[0], 70);
		assert_int_equal(call_output(h)[1], i < 64 ? APIC + TPR : 0);
	}
	debug_call(h, HV_DEBUG_ACCESS_LOG, 1ULL << 63, NULL);
	assert_int_equal(call_output(h)[1], 0);
	/* Nobody asked for it: nothing is kept. */
	debug_call(h, HV_DEBUG_ACCESS_LOG, ~0ULL, NULL);
	h->hv.cfg.debug = false;
	wr(h, id, 2, TPR, 0);
	h->hv.cfg.debug = true;
	assert_log(h, 0, NULL);
}

/* A register and what is behind it, which is nothing. */
static void behind_a_register(void **state)
{
	u32 data[4] = { 0x20, ~0U, ~0U, ~0U };
	struct host *h = *state;
	u64 id = child(h);

	switch_on(h, id);
	assert_int_equal(access(h, id, 1, true, APIC + TPR, 16, data), 0);
	assert_int_equal(rd(h, id, 1, TPR), 0x20);
	assert_int_equal(rd(h, id, 1, 0x90), 0x20);
}

/* Where the page is, that it wins, and that each VP has its own there. */
static void base(void **state)
{
	static const u64 bad[] = {
		0xfee00900 | 1, 0xfee00c00 ^ 0x800, 1ULL << 48 | 0x900,
		SINCE_RESET, 0xfee00000, /* not the boot processor any more */
	};
	struct host *h = *state;
	u64 id = child(h), page = 0x300000;
	u32 value = 0x42, i;

	assert_int_equal(get(h, id, 0, BASE), 0xfee00900);
	assert_int_equal(get(h, id, 3, BASE), 0xfee00800);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_result(set_register(h, id, 0, BASE, bad[i]),
			      HV_STATUS_INVALID_PARAMETER, 0);
	assert_int_equal(get(h, id, 0, BASE), 0xfee00900);
	/* Over RAM, and over another overlay page. */
	assert_result(map(h, id, page >> 12, RWX, 300, 1), 0, 1);
	memset(host_page(h, 300), 0x77, HV_PAGE_SIZE);
	set(h, id, 1, HV_REGISTER_SIMP, page | 1);
	set(h, id, 1, BASE, page | 0x800);
	assert_int_equal(access(h, id, 1, true, page + TPR, 4, &value), 0);
	assert_int_equal(get(h, id, 1, HV_X64_REGISTER_TPR), 0x42);
	assert_int_equal(access(h, id, 1, false, APIC + TPR, 4, &value),
			 HV_ACCESS_GPA_UNMAPPED);
	/* Others see what it covers. */
	assert_int_equal(access(h, id, 2, false, page + TPR, 4, &value), 0);
	assert_int_equal(value, 0);
	set(h, id, 1, HV_REGISTER_SIMP, 0);
	assert_int_equal(access(h, id, 2, false, page + TPR, 4, &value), 0);
	assert_int_equal(value, 0x77777777);
	/* Off, and in x2APIC mode: no page. */
	for (i = 0; i < 2; i++) {
		set(h, id, 1, BASE, page | (i ? 0xc00 : 0));
		assert_int_equal(access(h, id, 1, false, page + TPR, 4,
					&value), 0);
		assert_int_equal(value, 0x77777777);
	}
	set(h, id, 1, BASE, SINCE_RESET);
	assert_int_equal(rd(h, id, 1, TPR), 0x42);
	/* A new processor has a new one. */
	assert_status(delete_vp(h, id, 1), SUCCESS);
	assert_status(create_vp(h, id, 1), SUCCESS);
	assert_int_equal(rd(h, id, 1, TPR), 0);
}

/* The state through the names: what cannot be there is refused. */
static void state_registers(void **state)
{
	static const struct {
		u32 name;
		u64 good, bad;
	} cases[] = {
		{ HV_X64_REGISTER_APIC_TPR, 0xff, 0x100 },
		{ HV_X64_REGISTER_APIC_LDR, 0x12000000, 1 },
		{ HV_X64_REGISTER_APIC_SPURIOUS, 0x133, 0x400 },
		{ HV_X64_REGISTER_APIC_ISR0, 0x80010000, 0x8000 },
		{ HV_X64_REGISTER_APIC_ISR0 + 7, 0xffffffff, 1ULL << 32 },
		{ HV_X64_REGISTER_APIC_TMR0, 0x20000, 1 },
		{ HV_X64_REGISTER_APIC_IRR0, 0x40000, 2 },
		{ HV_X64_REGISTER_APIC_IRR7, 0x80000000, 1ULL << 63 },
		{ HV_X64_REGISTER_APIC_ESR, 0x80, 1ULL << 40 },
		{ HV_X64_REGISTER_APIC_ICR, 0x12000000000c4831, 0x1000 },
		{ HV_X64_REGISTER_APIC_ICR, 0xff00000000000031, 1ULL << 32 },
		{ HV_X64_REGISTER_APIC_LVT_TIMER, 0x20030, 0x40000 },
		{ HV_X64_REGISTER_APIC_LVT_ERROR, 0x31, 0x100 },
		{ HV_X64_REGISTER_APIC_INIT_COUNT, 1000, 1ULL << 32 },
		{ HV_X64_REGISTER_APIC_CURRENT_COUNT, 999, 1ULL << 32 },
		{ HV_X64_REGISTER_APIC_DIVIDE, 0xb, 4 },
	};
	static const u32 read_only[] = {
		HV_X64_REGISTER_APIC_ID, HV_X64_REGISTER_APIC_VERSION,
		HV_X64_REGISTER_APIC_PPR,
	};
	struct host *h = *state;
	u64 id = child(h);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		set(h, id, 1, cases[i].name, cases[i].good);
		assert_result(set_register(h, id, 1, cases[i].name,
					   cases[i].bad),
			      HV_STATUS_INVALID_PARAMETER, 0);
		assert_int_equal(get(h, id, 1, cases[i].name), cases[i].good);
	}
	for (i = 0; i < ARRAY_SIZE(read_only); i++)
		assert_result(set_register(h, id, 1, read_only[i], 0),
			      HV_STATUS_INVALID_PARAMETER, 0);
	assert_int_equal(get(h, id, 1, HV_X64_REGISTER_APIC_ID), 0x01000000);
	assert_int_equal(rd(h, id, 1, ISR + 0x70), 0xffffffff);
	assert_int_equal(rd(h, id, 1, 0x390), 999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("G11 registers", registers),
		HOST_TEST("G11 interrupts", interrupts),
		HOST_TEST("G11 end of interrupt", end_of_interrupt),
		HOST_TEST("G11 errors", errors),
		HOST_TEST("G12 pieces", pieces),
		HOST_TEST("G12 behind a register", behind_a_register),
		HOST_TEST("G11 where the page is", base),
		HOST_TEST("C-registers-5 state", state_registers),
	};

	return cmocka_run_group_tests_name("apic", tests, NULL, NULL);
}
