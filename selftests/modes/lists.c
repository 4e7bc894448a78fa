// SPDX-License-Identifier: GPL-2.0
/*
 * Lists in memory, in two registers and in XMM registers, for every kind of
 * caller, every place to start, and every way a rep call can end.
 */
#include "modes.h"

#define SELF HV_PARTITION_ID_SELF
#define BAD_PAGE 0xffffff000ULL /* where there is no RAM */
#define JUNK_PAGE 0x1badULL

static const struct mode {
	void (*thunk)(void);
	bool wide; /* 64-bit registers */
} modes[] = {
	{ call_long, true },
	{ call_compat, false },
	{ call_protected, false },
};

#define NR_MODES ARRAY_SIZE(modes)
#define COUNT 9

/* Rep starts and budgets to go through. */
static const u32 starts[] = { 0, 4 };
static const u32 budgets[] = { 64, 2 };

/* Word @i of a fast call's registers, 64-bit code: RDX, R8, XMM0-5. */
static u64 *register_word(struct registers *r, u32 i)
{
	if (i < 2)
		return i ? &r->r8 : &r->rdx;
	return &r->xmm[i - 2];
}

static void put_pair(u64 *high, u64 *low, u64 value)
{
	*high = value >> 32;
	*low = (u32)value;
}

/* Control word and the first two words of a call: lists, or where they are. */
static void put_call(const struct mode *m, u64 control, u64 first, u64 second)
{
	struct registers *r = &modes_registers;

	if (m->wide) {
		r->rcx = control;
		r->rdx = first;
		r->r8 = second;
	} else {
		put_pair(&r->rdx, &r->rax, control);
		put_pair(&r->rbx, &r->rcx, first);
		put_pair(&r->rdi, &r->rsi, second);
	}
}

/* What a call that completes @done elements leaves in those registers. */
static void want_result(struct registers *want, const struct mode *m,
			u16 status, u32 done)
{
	u64 result = hv_result(status, done);

	if (m->wide) {
		want->rax = result;
		want->rcx = hv_control_set_start(want->rcx, done);
	} else {
		put_pair(&want->rdx, &want->rax, result);
	}
}

static u64 rep_control(u16 code, u32 count, u32 start, bool fast)
{
	return hv_control_rep(code, count, start) |
	       (fast ? HV_CONTROL_FAST : 0);
}

/* Plain deposit of the first @count pages, with something in them. */
static void give_pages(u32 count)
{
	u32 i;

	if (!count)
		return;
	put_junk();
	page_in[0] = SELF;
	for (i = 0; i < count; i++) {
		pages[i][0] = JUNK_PAGE;
		pages[i][511] = JUNK_PAGE;
		page_in[1 + i] = page_number(pages[i]);
	}
	put_call(&modes[0], rep_control(HVCALL_DEPOSIT_MEMORY, count, 0, false),
		 gpa(page_in), gpa(page_out));
	call_long();
	EXPECT_EQ(modes_registers.rax, hv_result(HV_STATUS_SUCCESS, count));
}

/* Take whatever is in the root's pool. */
static void take_back(void)
{
	u64 n = root_available();

	if (!n)
		return;
	put_junk();
	page_in[0] = SELF;
	page_in[1] = 0;
	put_call(&modes[0], rep_control(HVCALL_WITHDRAW_MEMORY, n, 0, false),
		 gpa(page_in), gpa(page_out));
	call_long();
	EXPECT_EQ(modes_registers.rax, hv_result(HV_STATUS_SUCCESS, n));
}

/* A page number of @pages, for the first time; a bit each in *seen. */
static void expect_page(u64 number, u64 *seen)
{
	u64 i = number - page_number(pages[0]);

	EXPECT_EQ(i < PAGES, true);
	if (i >= PAGES)
		return;
	EXPECT_EQ(*seen >> i & 1, 0);
	*seen |= 1ULL << i;
	EXPECT_EQ(pages[i][0], 0);
	EXPECT_EQ(pages[i][511], 0);
}

/* Deposit @count pages from @start on; element @bad is no page. */
static void deposit(const struct mode *m, bool fast, u32 count, u32 start,
		    u32 bad)
{
	bool fails = bad >= start && bad < count;
	u32 end = fails ? bad : count, i;
	u64 list[14] = { SELF };
	struct registers want;

	put_junk();
	for (i = 0; i < count; i++)
		list[1 + i] = i < start || i == bad ? BAD_PAGE + i :
						      page_number(pages[i]);
	if (fast) {
		for (i = 2; i <= count; i++)
			*register_word(&modes_registers, i) = list[i];
		put_call(m, rep_control(HVCALL_DEPOSIT_MEMORY, count, start,
					true), list[0], list[1]);
	} else {
		for (i = 0; i <= count; i++)
			page_in[i] = list[i];
		put_call(m, rep_control(HVCALL_DEPOSIT_MEMORY, count, start,
					false), gpa(page_in), ~0ULL);
	}
	want = modes_registers;
	m->thunk();
	want_result(&want, m, fails ? HV_STATUS_OPERATION_DENIED :
				      HV_STATUS_SUCCESS, end);
	expect_registers(&want);
	EXPECT_EQ(root_available(), end - start);
	take_back();
}

void W16_deposit_in_every_form(void)
{
	u32 b, s, mode, bad;

	EXPECT_EQ(debug(HV_DEBUG_OPTION, 0, "fast=any"), 0);
	for (b = 0; b < 2; b++) {
		EXPECT_EQ(debug(HV_DEBUG_REP_BUDGET, budgets[b], NULL), 0);
		for (mode = 0; mode < NR_MODES; mode++) {
			for (s = 0; s < 2; s++)
				for (bad = starts[s]; bad <= COUNT; bad++)
					deposit(&modes[mode], false, COUNT,
						starts[s], bad);
			/* RDX and R8, or their like. */
			deposit(&modes[mode], true, 1, 0, 0);
			deposit(&modes[mode], true, 1, 0, 1);
		}
		for (s = 0; s < 2; s++)
			for (bad = starts[s]; bad <= COUNT; bad++)
				deposit(&modes[0], true, COUNT, starts[s], bad);
		deposit(&modes[0], true, 13, 0, 13);
		deposit(&modes[0], true, 13, 12, 13);
	}
}

/* Withdraw @count pages from element @start on, of a pool that has @have. */
static void withdraw(const struct mode *m, bool fast, u32 count, u32 start,
		     u32 have)
{
	u32 done = have < count - start ? have : count - start, i;
	struct registers want;
	u64 seen = 0;

	give_pages(have);
	put_junk();
	page_in[0] = SELF;
	page_in[1] = 0;
	if (fast)
		put_call(m, rep_control(HVCALL_WITHDRAW_MEMORY, count, start,
					true), SELF, 0);
	else
		put_call(m, rep_control(HVCALL_WITHDRAW_MEMORY, count, start,
					false), gpa(page_in), gpa(page_out));
	want = modes_registers;
	m->thunk();
	want_result(&want, m, done < count - start ? HV_STATUS_NO_RESOURCES :
						     HV_STATUS_SUCCESS,
		    start + done);
	for (i = 0; i < COUNT + 3; i++) {
		u64 *is = fast ? &modes_registers.xmm[i] : &page_out[i];

		if (i < start || i >= start + done) {
			EXPECT_EQ(*is, fast ? want.xmm[i] : JUNK_OUT);
		} else {
			expect_page(*is, &seen);
			if (fast)
				want.xmm[i] = *is;
		}
	}
	expect_registers(&want);
	EXPECT_EQ(root_available(), have - done);
	take_back();
}

void W1_W16_withdraw_in_every_form(void)
{
	u32 b, s, mode, have;

	EXPECT_EQ(root_available(), 0);
	EXPECT_EQ(debug(HV_DEBUG_OPTION, 0, "fast=any"), 0);
	for (b = 0; b < 2; b++) {
		EXPECT_EQ(debug(HV_DEBUG_REP_BUDGET, budgets[b], NULL), 0);
		for (s = 0; s < 2; s++) {
			for (have = 0; have <= COUNT + 1; have++) {
				for (mode = 0; mode < NR_MODES; mode++)
					withdraw(&modes[mode], false, COUNT,
						 starts[s], have);
				withdraw(&modes[0], true, COUNT, starts[s],
					 have);
			}
		}
		withdraw(&modes[0], true, 12, 0, 12);
	}
}

static void expect_refused(const struct mode *m, u16 code, u32 count)
{
	struct registers want;

	put_junk();
	put_call(m, rep_control(code, count, 0, true), SELF, 0);
	want = modes_registers;
	m->thunk();
	want_result(&want, m, HV_STATUS_INVALID_HYPERCALL_INPUT, 0);
	expect_registers(&want);
}

void W17_forms_that_do_not_fit(void)
{
	u32 mode;

	give_pages(20);
	EXPECT_EQ(debug(HV_DEBUG_OPTION, 0, "fast=any"), 0);
	expect_refused(&modes[0], HVCALL_DEPOSIT_MEMORY, 14);
	expect_refused(&modes[0], HVCALL_WITHDRAW_MEMORY, 13);
	/* 32-bit code has two registers, and no output in any. */
	for (mode = 1; mode < NR_MODES; mode++) {
		expect_refused(&modes[mode], HVCALL_DEPOSIT_MEMORY, 2);
		expect_refused(&modes[mode], HVCALL_WITHDRAW_MEMORY, 1);
	}
	EXPECT_EQ(debug(HV_DEBUG_OPTION, 0, "fast=table"), 0);
	for (mode = 0; mode < NR_MODES; mode++) {
		expect_refused(&modes[mode], HVCALL_DEPOSIT_MEMORY, 1);
		expect_refused(&modes[mode], HVCALL_WITHDRAW_MEMORY, 1);
	}
	EXPECT_EQ(root_available(), 20);
	take_back();
}

/* Deposit @count pages that lie side by side to a partition. */
static void deposit_for(u64 id, const void *first, u32 count)
{
	u32 i;

	put_junk();
	page_in[0] = id;
	for (i = 0; i < count; i++)
		page_in[1 + i] = page_number(first) + i;
	put_call(&modes[0], rep_control(HVCALL_DEPOSIT_MEMORY, count, 0, false),
		 gpa(page_in), 0);
	call_long();
	EXPECT_EQ(modes_registers.rax, hv_result(HV_STATUS_SUCCESS, count));
}

u64 make_partition(const void *for_root, const void *own, u32 count)
{
	const struct hv_input_create_partition create = {
		.compatibility_version = HV_COMPATIBILITY_VERSION,
	};
	struct hv_input_create_vp vp = { 0 };
	u64 id = 0;

	deposit_for(SELF, for_root, 1);
	EXPECT_EQ(call_simple(HVCALL_CREATE_PARTITION, &create, sizeof(create),
			      &id, 1), HV_STATUS_SUCCESS);
	deposit_for(id, own, count);
	EXPECT_EQ(call_simple(HVCALL_INITIALIZE_PARTITION, &id, sizeof(id),
			      NULL, 0), HV_STATUS_SUCCESS);
	vp.partition_id = id;
	EXPECT_EQ(call_simple(HVCALL_CREATE_VP, &vp, sizeof(vp), NULL, 0),
		  HV_STATUS_SUCCESS);
	return id;
}

/* An active partition with a VP, and pages[63] mapped at page 5. */
static u64 make_child(void)
{
	u64 id = make_partition(pages[0], pages[1], 20);
	u64 map[4] = { id, 5, HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE,
		       page_number(pages[63]) };

	put_junk();
	memcpy(page_in, map, sizeof(map));
	put_call(&modes[0], rep_control(HVCALL_MAP_GPA_PAGES, 1, 0, false),
		 gpa(page_in), 0);
	call_long();
	EXPECT_EQ(modes_registers.rax, hv_result(HV_STATUS_SUCCESS, 1));
	return id;
}

/* 48 bytes in: RDX to XMM1; 8 bytes out: XMM2's low half. */
void G1_write_gpa_in_registers(void)
{
	u64 id = make_child();
	struct registers want;

	EXPECT_EQ(debug(HV_DEBUG_OPTION, 0, "fast=any"), 0);
	put_junk();
	put_call(&modes[0], HVCALL_WRITE_GPA | HV_CONTROL_FAST, id,
		 16ULL << 32);
	modes_registers.xmm[0] = (5 << HV_PAGE_SHIFT) + 8;
	modes_registers.xmm[1] = HV_CACHE_TYPE_WRITE_BACK;
	want = modes_registers;
	call_long();
	want.rax = HV_STATUS_SUCCESS;
	want.xmm[4] = HV_ACCESS_GPA_SUCCESS;
	expect_registers(&want);
	EXPECT_EQ(pages[63][0], 0);
	EXPECT_EQ(pages[63][1], want.xmm[2]);
	EXPECT_EQ(pages[63][2], want.xmm[3]);
	EXPECT_EQ(pages[63][3], 0);

	/* HvReadGpa: 32 bytes in, result and data from XMM1 on. */
	put_junk();
	pages[63][1] = 0x1122334455667788ULL;
	pages[63][2] = 0x99aabbccddeeff00ULL;
	put_call(&modes[0], HVCALL_READ_GPA | HV_CONTROL_FAST, id, 16ULL << 32);
	modes_registers.xmm[0] = (5 << HV_PAGE_SHIFT) + 8;
	modes_registers.xmm[1] = HV_CACHE_TYPE_WRITE_BACK;
	want = modes_registers;
	call_long();
	want.rax = HV_STATUS_SUCCESS;
	want.xmm[2] = HV_ACCESS_GPA_SUCCESS;
	want.xmm[3] = pages[63][1];
	want.xmm[4] = pages[63][2];
	expect_registers(&want);
}
