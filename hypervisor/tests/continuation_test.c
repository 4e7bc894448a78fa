// SPDX-License-Identifier: GPL-2.0
/*
 * W16: however often a call is sent back to be continued, the caller sees one
 * call. host_call() asserts that the control word's start moves on each time.
 */
#include "calls.h"

#include <string.h>

#define COUNT 200

static const u32 budgets[] = { 1, 7, 64, 4095 };
static const u32 starts[] = { 0, 1, 63, COUNT - 1 };

/* How many invocations beyond the first it takes to do n elements and fail. */
static u64 expected_rounds(u32 todo, u32 done, u32 budget)
{
	/* The failing element, when there is one, is looked at as well. */
	u32 looked_at = done < todo ? done + 1 : done;

	return looked_at ? (looked_at - 1) / budget : 0;
}

/* Withdraw COUNT elements from a start, from a pool of @pages. */
static void withdraw_with(struct host *h, u32 budget, u32 start, u32 pages)
{
	struct hv_input_withdraw_memory in = { .partition_id = make_child(h) };
	u32 todo = COUNT - start, done = pages < todo ? pages : todo;
	bool seen[HOST_PAGES] = {};
	u64 continued, result;
	u32 i;

	h->hv.cfg.rep_budget = budget;
	if (pages)
		assert_result(deposit(h, in.partition_id, 100, pages),
			      HV_STATUS_SUCCESS, pages);
	continued = h->continued;
	result = call_rep(h, HVCALL_WITHDRAW_MEMORY, COUNT, start, &in,
			  sizeof(in), NULL);
	assert_result(result, done < todo ? HV_STATUS_NO_RESOURCES :
					    HV_STATUS_SUCCESS, start + done);
	assert_int_equal(h->continued - continued,
			 expected_rounds(todo, done, budget));
	for (i = 0; i < HV_WITHDRAW_MAX; i++) {
		u64 pfn = call_output(h)[i];

		if (i < start || i >= start + done) {
			assert_true(pfn == JUNK);
			continue;
		}
		assert_in_range(pfn, 100, 100 + pages - 1);
		assert_false(seen[pfn]);
		seen[pfn] = true;
	}
	assert_balance(h, in.partition_id, pages - done, 0);
	if (pages > done)
		withdraw(h, in.partition_id, 0, pages - done);
	assert_status(on_partition(h, HVCALL_DELETE_PARTITION, in.partition_id),
		      SUCCESS);
}

static void withdrawing(void **state)
{
	struct host *h = *state;
	u32 b, s;

	for (b = 0; b < ARRAY_SIZE(budgets); b++) {
		for (s = 0; s < ARRAY_SIZE(starts); s++) {
			withdraw_with(h, budgets[b], starts[s], 300);
			withdraw_with(h, budgets[b], starts[s], COUNT - 1);
			withdraw_with(h, budgets[b], starts[s], 64);
			withdraw_with(h, budgets[b], starts[s], 0);
		}
	}
}

/* Deposit COUNT elements from a start; element @bad cannot be taken. */
static void deposit_with(struct host *h, u32 budget, u32 start, u32 bad)
{
	u64 id = make_child(h), list[HV_PAGE_SIZE / 8], continued, result;
	u32 done = bad < start ? 0 : (bad < COUNT ? bad : COUNT) - start, i;

	h->hv.cfg.rep_budget = budget;
	for (i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = i < start ? HOST_HV_FIRST : 300 + i;
	if (bad >= start)
		list[bad] = HOST_HV_FIRST;
	continued = h->continued;
	result = call_rep(h, HVCALL_DEPOSIT_MEMORY, COUNT, start, &id,
			  sizeof(id), list);
	assert_result(result, bad < COUNT ? HV_STATUS_OPERATION_DENIED :
					    HV_STATUS_SUCCESS, start + done);
	assert_int_equal(h->continued - continued,
			 expected_rounds(COUNT - start, done, budget));
	assert_balance(h, id, done, 0);
	for (i = 0; i < COUNT; i++)
		assert_int_equal(host_reaches(h, 300 + i),
				 i < start || i >= start + done);
	if (done)
		assert_result(withdraw(h, id, 0, done), HV_STATUS_SUCCESS,
			      done);
	assert_status(on_partition(h, HVCALL_DELETE_PARTITION, id), SUCCESS);
}

static void depositing(void **state)
{
	struct host *h = *state;
	u32 b, s;

	for (b = 0; b < ARRAY_SIZE(budgets); b++) {
		for (s = 0; s < ARRAY_SIZE(starts); s++) {
			deposit_with(h, budgets[b], starts[s], COUNT);
			deposit_with(h, budgets[b], starts[s], COUNT - 1);
			deposit_with(h, budgets[b], starts[s], starts[s]);
			if (starts[s] + 64 < COUNT)
				deposit_with(h, budgets[b], starts[s],
					     starts[s] + 64);
		}
	}
}

/* The pool runs dry in the middle of a mapping, between two tables. */
static void mapping(void **state)
{
	struct host *h = *state;
	u32 b, i, code;
	u8 data[16];

	for (b = 0; b < ARRAY_SIZE(budgets); b++) {
		u64 id = make_active(h, 100 + 10 * b, 6);

		h->hv.cfg.rep_budget = budgets[b];
		assert_status(create_vp(h, id, 0), SUCCESS);
		assert_result(map(h, id, 512 - 100, RWX, 300, COUNT),
			      HV_STATUS_INSUFFICIENT_MEMORY, 100);
		for (i = 0; i < COUNT; i++) {
			assert_status(read_gpa(h, id, (412ULL + i) << 12, 1,
					       &code, data), SUCCESS);
			assert_int_equal(code, i < 100 ? HV_ACCESS_GPA_SUCCESS :
							 HV_ACCESS_GPA_UNMAPPED);
		}
		assert_result(unmap(h, id, 412, 4000), HV_STATUS_SUCCESS, 4000);
		assert_balance(h, id, 3, 3);
	}
}

/* A long simple call: finalizing shows between its invocations. */
static void finalizing(void **state)
{
	struct host *h = *state;
	u64 id = make_active(h, 100, 60);
	struct hvc_call call = {
		.control = hv_control_simple(HVCALL_FINALIZE_PARTITION, true),
		.input = id,
		.caller = hvc_root(&h->hv),
		.bits = 64,
	};
	u32 i, rounds = 0;

	h->hv.cfg.rep_budget = 7;
	for (i = 0; i < 40; i++)
		assert_result(map(h, id, i * 512, RWX, 300, 1),
			      HV_STATUS_SUCCESS, 1);
	while (host_step(h, &call) == HVC_CONTINUE) {
		rounds++;
		/* Partly taken apart: only what that state allows. */
		assert_result(map(h, id, 0, RWX, 300, 1),
			      HV_STATUS_INVALID_PARTITION_STATE, 0);
		assert_result(deposit(h, id, 301, 1),
			      HV_STATUS_INVALID_PARTITION_STATE, 0);
		assert_status(on_partition(h, HVCALL_DELETE_PARTITION, id),
			      INVALID_PARTITION_STATE);
		assert_result(withdraw(h, id, 0, 1), HV_STATUS_SUCCESS, 1);
		assert_clean(h);
	}
	/* A table of leaves each time, as that is worth more than 7 elements. */
	assert_int_equal(rounds, 39);
	assert_status(call.result, SUCCESS);
	assert_balance(h, id, 60 - 39, 0);
	assert_result(deposit(h, HVC_SELF, 300, 1), HV_STATUS_SUCCESS, 1);
}

/* 2 MiB of a GPA space are as much work here as when they are unmapped. */
static void finalizing_weighs(void **state)
{
	static const u32 finalize_budgets[] = { 1, 64, 511, 512, 1024, 4095 };
	const u32 large = RWX | HV_MAP_GPA_LARGE_PAGE;
	struct host *h = *state;
	u32 b, i;

	for (b = 0; b < ARRAY_SIZE(finalize_budgets); b++) {
		u32 budget = finalize_budgets[b];
		u64 id = make_active(h, 100 + 30 * b, 30), continued;

		for (i = 0; i < 19; i++)
			assert_result(map(h, id, i * 512, RWX, 300, 1),
				      HV_STATUS_SUCCESS, 1);
		assert_result(map(h, id, i * 512, large, 1024, 1),
			      HV_STATUS_SUCCESS, 1);
		h->hv.cfg.rep_budget = budget;
		continued = h->continued;
		assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, id),
			      SUCCESS);
		assert_int_equal(h->continued - continued,
				 19 / (budget < 1024 ? 1 : budget / 512));
		assert_balance(h, id, 30, 0);
	}
}

static u64 interrupts;

static void do_balance(struct host *h)
{
	struct hv_input_get_memory_balance *in = host_page(h, 40);
	void (*interrupt)(struct host *h) = h->interrupt;

	*in = (struct hv_input_get_memory_balance){ .partition_id = HVC_SELF };
	h->interrupt = NULL;
	assert_status(host_call(h, HVCALL_GET_MEMORY_BALANCE, 40 << 12,
				41 << 12), SUCCESS);
	h->interrupt = interrupt;
	interrupts++;
}

/* A call with the very control word that the interrupted one waits with. */
static void do_same(struct host *h)
{
	struct hv_input_withdraw_memory *in = host_page(h, 40);
	void (*interrupt)(struct host *h) = h->interrupt;
	u32 start = h->hv.ctx.rep + 1;
	u64 skip = h->hv.faults[0].skip;

	*in = (struct hv_input_withdraw_memory){ .partition_id = HVC_SELF };
	h->interrupt = NULL;
	assert_result(host_call(h, hv_control_rep(HVCALL_WITHDRAW_MEMORY, COUNT,
						  start), 40 << 12, 41 << 12),
		      HV_STATUS_NO_RESOURCES, start);
	/* It was one call itself, not the continuation of the other. */
	assert_int_equal(h->hv.faults[0].skip, skip - 1);
	h->interrupt = interrupt;
	interrupts++;
}

/* One that is itself continued, several times. */
static void do_long(struct host *h)
{
	struct hv_input_unmap_gpa_pages *in = host_page(h, 40);
	void (*interrupt)(struct host *h) = h->interrupt;

	*in = (struct hv_input_unmap_gpa_pages){ .target_partition_id = 2 };
	h->interrupt = NULL;
	assert_result(host_call(h, hv_control_rep(HVCALL_UNMAP_GPA_PAGES, 600,
						  0), 40 << 12, ~0ULL),
		      HV_STATUS_SUCCESS, 600);
	h->interrupt = interrupt;
	interrupts++;
}

/*
 * What happens between two invocations does not make a continuation a new
 * call: the fault script's second call stays the second.
 */
static void interrupted(void **state)
{
	static void (*const handlers[])(struct host *h) = {
		do_balance, do_same, do_long,
	};
	struct host *h = *state;
	u64 other = make_active(h, 90, 2), id;
	u32 i;

	assert_int_equal(other, 2);
	for (i = 0; i < ARRAY_SIZE(handlers); i++) {
		id = make_child(h);
		h->hv.cfg.rep_budget = 64;
		assert_result(deposit(h, id, 300, 300), HV_STATUS_SUCCESS, 300);
		assert_int_equal(hvc_fault_add(&h->hv, "call=0x49 nth=9 status=8"),
				 0);
		interrupts = 0;
		h->interrupt = handlers[i];
		assert_result(withdraw(h, id, 0, COUNT), HV_STATUS_SUCCESS,
			      COUNT);
		h->interrupt = NULL;
		assert_int_equal(interrupts, 3);
		/* Calls of that code: one, and those in between. */
		assert_int_equal(h->hv.faults[0].skip,
				 7 - (handlers[i] == do_same ? 3 : 0));
		debug_call(h, HV_DEBUG_FAULT_CLEAR, 0, NULL);
		assert_result(withdraw(h, id, 0, 100), HV_STATUS_SUCCESS, 100);
	}
}

/* Many calls sent back and none continued: the oldest are forgotten. */
static void abandoned(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);
	struct hv_input_withdraw_memory *in;
	u64 i;

	h->hv.cfg.rep_budget = 1;
	assert_result(deposit(h, id, 300, 300), HV_STATUS_SUCCESS, 300);
	for (i = 0; i < 100; i++) {
		struct hvc_call call = {
			.control = hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0),
			.input = (40 << HV_PAGE_SHIFT) + 16 * i,
			.output = 41 << HV_PAGE_SHIFT,
			.caller = hvc_root(&h->hv),
			.bits = 64,
		};

		in = host_page(h, 40);
		in[i].partition_id = id;
		in[i].proximity_domain_info = 0;
		assert_int_equal(host_step(h, &call), HVC_CONTINUE);
	}
	assert_balance(h, id, 200, 0);
	assert_result(withdraw(h, id, 0, 200), HV_STATUS_SUCCESS, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("W16 W2 W7 withdraw, every budget, start and end",
			  withdrawing),
		HOST_TEST("W16 C-deposit, every budget, start and end",
			  depositing),
		HOST_TEST("W16 C-map short of memory half way", mapping),
		HOST_TEST("W16 C-finalize in pieces", finalizing),
		HOST_TEST("W16 C-finalize by weight", finalizing_weighs),
		HOST_TEST("W16 interrupting calls in between", interrupted),
		HOST_TEST("W16 calls that never come back", abandoned),
	};

	return cmocka_run_group_tests_name("continuation", tests, NULL, NULL);
}
