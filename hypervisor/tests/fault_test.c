// SPDX-License-Identifier: GPL-2.0
/* The fault script and the core's options. */
#include "calls.h"

#include <stdio.h>
#include <string.h>

static void add(struct host *h, const char *line)
{
	assert_int_equal(hvc_fault_add(&h->hv, line), 0);
}

static void language(void **state)
{
	static const char *const bad[] = {
		"", " ", "status=1", "call", "call=", "call=x", "call=0x",
		"call=0x10000", "call=1x", "call =1", "call=1 foo=2",
		"call=1 nth=0", "call=1 status=0x10000", "call=1 status=-1",
		"call=1 reps=4096", "call=1 run=4096", "call=1 run=allx",
		"call=1 run=al", "call=1 delay=10000001", "call=1;nth=2",
		"call=1 times=18446744073709551616",
		"call=1 times=0x10000000000000000", "calls=1", "call=1 nth",
		"call=1nth=2", "call=0x49 pages=", "call=0x49 pages=foreignx",
		"call=0x49 pages=foreign:", "call=0x49 pages=zero:0",
		"call=0x49 pages=zero:513", "call=0x49 pages=zero:4294967297",
		"call=0x49 pages=:1", "call=0x49 pages=1",
		"call=0x48 pages=zero", "pages=zero", "call=1 output=",
		"call=1 output=stalex", "call=1 output=1", "output=stale",
		"call=1 value=", "call=1 value=x", "value=1",
	};
	static const char *const good[] = {
		"call=1", "call=0xffff", "  call=0x49\tnth=3\n",
		"call=73,nth=3,times=0,status=0x1D,reps=5,run=all,delay=5",
		"status=1 call=1", "call=1 times=18446744073709551615",
		"call=1 times=0xffffffffffffffff", "call=1 reps=4095 run=4095",
		"call=0X1f", "call=1 delay=10000000",
		"pages=duplicate:512,call=0x49", "call=1 output=stale",
		"call=0x49 pages=unaligned output=stale",
	};
	struct host *h = *state;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(hvc_fault_add(&h->hv, bad[i]), -1);
	for (i = 0; i < HVC_MAX_FAULTS; i++)
		assert_false(h->hv.faults[i].active);
	for (i = 0; i < ARRAY_SIZE(good); i++)
		add(h, good[i]);
	for (; i < HVC_MAX_FAULTS; i++)
		add(h, "call=1");
	assert_int_equal(hvc_fault_add(&h->hv, "call=1"), -1); /* full */
	assert_int_equal(h->hv.faults[3].code, 73);
	assert_int_equal(h->hv.faults[3].skip, 2);
	assert_int_equal(h->hv.faults[3].status, 0x1d);
	assert_int_equal(h->hv.faults[3].delay, 5);
	assert_status(debug_call(h, HV_DEBUG_FAULT_CLEAR, 0, NULL), SUCCESS);
	add(h, "call=1");
}

static void nth_and_times(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);
	u32 i;

	assert_result(deposit(h, id, 100, 50), HV_STATUS_SUCCESS, 50);
	add(h, "call=0x49 nth=3 times=2 status=0x78");
	for (i = 1; i <= 6; i++) {
		bool faulty = i == 3 || i == 4;

		assert_result(withdraw(h, id, 0, 2),
			      faulty ? HV_STATUS_TIME_OUT : HV_STATUS_SUCCESS,
			      faulty ? 0 : 2);
		/* Other calls are not concerned, nor counted. */
		assert_balance(h, id, 50 - 2 * (i < 3 ? i : i < 5 ? 2 : i - 2),
			       0);
	}
	assert_int_equal(hvc_counters(&h->hv, 0x49)->faults, 2);
	assert_false(h->hv.faults[0].active);
	/* A line counts from when it was added; the first that matches. */
	add(h, "call=0x49 nth=2 status=8");
	add(h, "call=0x49 times=0 status=9");
	assert_result(withdraw(h, id, 0, 2), 9, 0);
	assert_result(withdraw(h, id, 0, 2), 8, 0);
	for (i = 0; i < 5; i++)
		assert_result(withdraw(h, id, 0, 2), 9, 0);
	assert_balance(h, id, 42, 0);
}

/* Refused before the call is looked at: neither faulty nor counted. */
static void refused_calls_do_not_count(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);

	assert_result(deposit(h, id, 100, 5), HV_STATUS_SUCCESS, 5);
	add(h, "call=0x49 nth=2 status=0x78");
	assert_result(withdraw(h, 77, 0, 2), HV_STATUS_INVALID_PARTITION_ID, 0);
	assert_result(withdraw(h, id, 0, 0), HV_STATUS_INVALID_HYPERCALL_INPUT,
		      0);
	assert_result(withdraw(h, id, 0, 1), HV_STATUS_SUCCESS, 1);
	assert_result(withdraw(h, id, 0, 1), HV_STATUS_TIME_OUT, 0);
}

/* run, status and reps: what is done, what is answered, what is claimed. */
static void run_status_reps(void **state)
{
	static const struct {
		const char *line;
		u32 done, status, reps;
	} cases[] = {
		{ "call=0x49", 0, 0, 0 },
		{ "call=0x49 status=0 reps=0", 0, 0, 0 },
		{ "call=0x49 run=all", 10, 0, 10 },
		{ "call=0x49 run=all reps=600", 10, 0, 600 },
		{ "call=0x49 run=5 status=0x1d", 5, 0x1d, 5 },
		{ "call=0x49 run=5", 5, 0, 5 },
		{ "call=0x49 run=20", 10, 0, 10 },
		{ "call=0x49 run=5 reps=2", 5, 0, 2 },
		{ "call=0x49 run=all status=0xffff reps=4095", 10, 0xffff,
		  4095 },
		{ "call=0x49 reps=3", 0, 0, 3 },
	};
	struct host *h = *state;
	u32 i, at;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 id = make_child(h), reps;

		assert_result(deposit(h, id, 100, 30), HV_STATUS_SUCCESS, 30);
		reps = hvc_counters(&h->hv, 0x49)->reps;
		add(h, cases[i].line);
		assert_result(withdraw(h, id, 0, 10), cases[i].status,
			      cases[i].reps);
		for (at = 0; at < 600 && at < HV_WITHDRAW_MAX; at++)
			assert_int_equal(call_output(h)[at] == JUNK,
					 at >= cases[i].done);
		assert_int_equal(hvc_counters(&h->hv, 0x49)->reps - reps,
				 cases[i].done);
		assert_balance(h, id, 30 - cases[i].done, 0);
		withdraw(h, id, 0, 30 - cases[i].done);
		on_partition(h, HVCALL_DELETE_PARTITION, id);
	}
}

#define REAL 5
#define MADE_UP 3

static enum hvc_frame_state state_of(struct host *h, u64 pfn)
{
	return h->frames[pfn - h->base].state;
}

/* Is this what a line says of its kind? @list has @at elements before. */
static bool of_kind(struct host *h, const char *kind, const u64 *list, u32 at)
{
	u64 pfn = list[at];
	u32 i;

	if (!strcmp(kind, "zero"))
		return !pfn;
	if (!strcmp(kind, "duplicate"))
		return pfn == list[0];
	for (i = 0; i < at; i++) {
		if (list[i] == pfn)
			return false;
	}
	if (!strcmp(kind, "outside"))
		return pfn >= HOST_PAGES && pfn < 2 * HOST_PAGES;
	if (!strcmp(kind, "hypervisor"))
		return pfn < HOST_PAGES &&
		       state_of(h, pfn) == HVC_FRAME_HYPERVISOR;
	if (!strcmp(kind, "foreign"))
		return pfn < HOST_PAGES && state_of(h, pfn) == HVC_FRAME_ROOT;
	/* unaligned */
	pfn ^= 1ULL << 63;
	return pfn < HOST_PAGES && state_of(h, pfn) == HVC_FRAME_POOL &&
	       pfn >= 100 && pfn < 130;
}

static const char *const kinds[] = {
	"foreign", "duplicate", "unaligned", "outside", "hypervisor", "zero",
};

/* Behind the pages that came, and nothing but the list is any different. */
static void made_up_pages(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h), other;
	char line[80];
	u32 i, at, k;

	/* Another pool, which is none of this call's business. */
	other = make_child(h);
	assert_result(deposit(h, other, 50, 4), HV_STATUS_SUCCESS, 4);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		const u64 *list = call_output(h);

		assert_result(deposit(h, id, 100, 30), HV_STATUS_SUCCESS, 30);
		for (k = 0; k < 2; k++) {
			u64 reps = hvc_counters(&h->hv, 0x49)->reps;

			snprintf(line, sizeof(line),
				 "call=0x49 run=%s pages=%s:%u",
				 k ? "all" : "5", kinds[i], MADE_UP);
			add(h, line);
			assert_result(withdraw(h, id, 0, k ? 8 : 20), 0,
				      REAL + MADE_UP);
			for (at = 0; at < REAL; at++)
				assert_true(list[at] >= 100 && list[at] < 130 &&
					    host_reaches(h, list[at]));
			for (; at < REAL + MADE_UP; at++)
				assert_true(of_kind(h, kinds[i], list, at));
			assert_int_equal(list[at], JUNK);
			assert_int_equal(hvc_counters(&h->hv, 0x49)->reps,
					 reps + REAL);
			assert_balance(h, id, 30 - (k + 1) * REAL, 0);
			assert_clean(h);
		}
		assert_result(withdraw(h, id, 0, 20), HV_STATUS_SUCCESS, 20);
	}
	assert_balance(h, other, 4, 0);
}

/* Nothing but made-up numbers; and where there are not so many. */
static void made_up_pages_alone(void **state)
{
	static const struct {
		const char *line;
		u32 claimed;
	} cases[] = {
		{ "call=0x49 pages=zero", 1 },
		{ "call=0x49 pages=foreign:512", 10 },
		{ "call=0x49 pages=outside:512 run=all", 10 },
		{ "call=0x49 pages=duplicate:3", 0 },
		{ "call=0x49 pages=hypervisor:512", 8 },
		{ "call=0x49 pages=unaligned:512", 2 },
		{ "call=0x49 pages=zero:2 reps=7", 7 },
		{ "call=0x49 pages=zero:2 output=stale", 10 },
		{ "call=0x49 output=stale", 10 },
	};
	struct host *h = *state;
	u64 id = make_child(h);
	u32 i;

	assert_result(deposit(h, id, 100, 2), HV_STATUS_SUCCESS, 2);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		add(h, cases[i].line);
		assert_result(withdraw(h, id, 0, 10), 0, cases[i].claimed);
		assert_balance(h, id, 2, 0);
		assert_clean(h);
	}
	/* The list's own page first, and none that this very call returned. */
	assert_result(deposit(h, id, HOST_OUT + 1, 1), HV_STATUS_SUCCESS, 1);
	add(h, "call=0x49 run=1 pages=foreign:2");
	assert_result(withdraw(h, id, hv_proximity(host_domain(HOST_OUT + 1),
						   false), 10), 0, 3);
	assert_int_equal(call_output(h)[0], HOST_OUT + 1);
	assert_int_equal(call_output(h)[1], HOST_OUT);
	assert_int_equal(call_output(h)[2], HOST_OUT + 2);
	/* The pool runs dry, and there is still something to tell. */
	add(h, "call=0x49 run=all pages=zero:4");
	assert_result(withdraw(h, id, 0, 10), HV_STATUS_NO_RESOURCES, 6);
	assert_int_equal(call_output(h)[5], 0);
	assert_int_equal(call_output(h)[6], JUNK);
}

/* Claimed and not written: what was in the output before is there still. */
static void stale_output(void **state)
{
	struct host *h = *state;
	u64 id = make_active(h, 100, 20), next;
	u8 data[16];
	u32 code;

	add(h, "call=0x49 run=2 output=stale");
	assert_result(withdraw(h, id, 0, 5), 0, 5);
	assert_int_not_equal(call_output(h)[1], JUNK);
	assert_int_equal(call_output(h)[2], JUNK);
	assert_balance(h, id, 17, 1);
	/* A simple call is made, and only its output is withheld. */
	add(h, "call=0x47 run=1 output=stale");
	assert_status(get_next_child(h, HVC_SELF, 0, &next), SUCCESS);
	assert_int_equal(next, JUNK);
	assert_result(map(h, id, 0, RWX, 300, 1), HV_STATUS_SUCCESS, 1);
	assert_status(create_vp(h, id, 0), SUCCESS);
	memset(data, 0x3c, sizeof(data));
	add(h, "call=0x54 run=1 output=stale");
	assert_status(write_gpa(h, id, 0, 16, &code, data), SUCCESS);
	assert_int_equal(code, (u32)JUNK);
	assert_int_equal(*(u8 *)host_page(h, 300), 0x3c);
}

/* What really came out when the call fails by itself. */
static void run_to_a_failure(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);

	assert_result(deposit(h, id, 100, 4), HV_STATUS_SUCCESS, 4);
	add(h, "call=0x49 run=all");
	assert_result(withdraw(h, id, 0, 10), HV_STATUS_NO_RESOURCES, 4);
	add(h, "call=0x48 run=100 status=0x0b");
	assert_result(deposit(h, id, 100, 200), HV_STATUS_INSUFFICIENT_MEMORY,
		      100);
	assert_balance(h, id, 100, 0);
}

static void simple_calls(void **state)
{
	struct host *h = *state;
	u64 id = make_active(h, 100, 10);
	u8 data[16] = { 0xff };
	u32 code;

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(map(h, id, 0, RWX, 300, 1), HV_STATUS_SUCCESS, 1);
	memset(host_page(h, 300), 0x11, 16);
	/* Not made: nothing written, no output. */
	add(h, "call=0x54 status=0x78");
	assert_status(write_gpa(h, id, 0, 16, &code, data), TIME_OUT);
	assert_int_equal(code, (u32)JUNK);
	assert_int_equal(*(u8 *)host_page(h, 300), 0x11);
	/* Made, and answered wrongly. */
	add(h, "call=0x54 status=0x78 run=1");
	assert_status(write_gpa(h, id, 0, 16, &code, data), TIME_OUT);
	assert_int_equal(*(u8 *)host_page(h, 300), 0xff);
	add(h, "call=0x54 run=1 reps=3");
	assert_result(write_gpa(h, id, 0, 16, &code, data), 0, 3);
	assert_int_equal(code, 0);
	/* No leftovers of other calls in the output. */
	memset(data, 0x55, 16);
	assert_status(read_gpa(h, id, 0, 16, &code, data), SUCCESS);
	add(h, "call=0x53 run=1");
	assert_status(read_gpa(h, id, 0, 1, &code, data), SUCCESS);
	assert_int_equal(data[0], 0xff);
	assert_int_equal(data[1], 0);
	assert_int_equal(data[15], 0);
	/* A long one is run to its end. */
	h->hv.cfg.rep_budget = 1;
	assert_result(map(h, id, 512, RWX, 300, 1), HV_STATUS_SUCCESS, 1);
	add(h, "call=0x42 run=1");
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, id), SUCCESS);
	assert_balance(h, id, 10, 0);
}

/* What was done stays done, what is said about it is made up. */
static void made_up_values(void **state)
{
	struct host *h = *state;
	u64 id;

	add(h, "call=0x46 value=0x1234567890abcdef");
	assert_status(call_simple(h, HVCALL_GET_PARTITION_ID, NULL, 0), SUCCESS);
	assert_int_equal(call_output(h)[0], 0x1234567890abcdef);
	add(h, "call=0x46 run=1 value=0 status=0x78");
	assert_status(call_simple(h, HVCALL_GET_PARTITION_ID, NULL, 0), TIME_OUT);
	assert_int_equal(call_output(h)[0], 0);
	/* A call without an output has nowhere to put it. */
	id = make_child(h);
	add(h, "call=0x43 run=1 value=7");
	assert_status(on_partition(h, HVCALL_DELETE_PARTITION, id), SUCCESS);
	assert_int_equal(call_output(h)[0], JUNK);
	/* Nor does a rep call take it for an element. */
	add(h, "call=0x49 value=7 reps=1");
	assert_result(withdraw(h, HVC_ROOT_ID, 0, 1), HV_STATUS_SUCCESS, 1);
	assert_int_equal(call_output(h)[0], JUNK);
}

static void waiting(void **state)
{
	struct host *h = *state;

	add(h, "call=0x46 delay=250 run=1");
	assert_status(call_simple(h, HVCALL_GET_PARTITION_ID, NULL, 0), SUCCESS);
	assert_int_equal(h->delayed, 250);
	assert_int_equal(call_output(h)[0], HVC_ROOT_ID);
	assert_status(call_simple(h, HVCALL_GET_PARTITION_ID, NULL, 0), SUCCESS);
	assert_int_equal(h->delayed, 250);
}

/* A line on the debug call itself, that takes its own place. */
static void under_its_own_feet(void **state)
{
	struct host *h = *state;

	add(h, "call=0x7f00 run=1 status=0x10");
	assert_status(debug_call(h, HV_DEBUG_FAULT_ADD, 0, "call=1 status=7"),
		      NOT_FOUND);
	assert_int_equal(h->hv.faults[0].code, 1);
	assert_true(h->hv.faults[0].active);
}

static void options(void **state)
{
	static const struct {
		const char *word;
		int answer;
	} cases[] = {
		{ "fault=call=0x49,nth=3,run=5,status=0x1d", 1 },
		{ "fault=", -1 }, { "fault=call=x", -1 }, { "fault", 0 },
		{ "access-codes=enum", 1 }, { "access-codes=call", 1 },
		{ "access-codes=", -1 }, { "access-codes=enumx", -1 },
		{ "fast=any", 1 }, { "fast=table", 1 }, { "fast=no", -1 },
		{ "debug=off", 1 }, { "debug=on", 1 }, { "debug=1", -1 },
		{ "budget=1", 1 }, { "budget=4095", 1 }, { "budget=0x40", 1 },
		{ "budget=0", -1 }, { "budget=4096", -1 }, { "budget=", -1 },
		{ "budget=7x", -1 }, { "budgets=7", 0 }, { "", 0 },
		{ "console=ttyS0", 0 },
	};
	struct host *h = *state;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(hvc_option(&h->hv, cases[i].word),
				 cases[i].answer);
	assert_int_equal(h->hv.cfg.rep_budget, 0x40);
	assert_true(h->hv.faults[0].active);
	assert_int_equal(h->hv.faults[0].run, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("fault script: language", language),
		HOST_TEST("fault script: nth and times", nth_and_times),
		HOST_TEST("fault script: refused calls do not count",
			  refused_calls_do_not_count),
		HOST_TEST("W2 fault script: run, status and reps",
			  run_status_reps),
		HOST_TEST("W2 fault script: made-up pages", made_up_pages),
		HOST_TEST("W2 fault script: made-up pages alone",
			  made_up_pages_alone),
		HOST_TEST("fault script: stale output", stale_output),
		HOST_TEST("W7 fault script: run to a failure",
			  run_to_a_failure),
		HOST_TEST("fault script: simple calls", simple_calls),
		HOST_TEST("fault script: made-up values", made_up_values),
		HOST_TEST("fault script: delay", waiting),
		HOST_TEST("fault script: a line on the debug call",
			  under_its_own_feet),
		HOST_TEST("options", options),
	};

	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
