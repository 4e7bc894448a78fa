// SPDX-License-Identifier: GPL-2.0
/* The debug call: counters, settings, and an audit that finds what is wrong. */
#include "calls.h"

#include <string.h>

static u64 errors(struct host *h)
{
	assert_status(debug_call(h, HV_DEBUG_AUDIT, 0, NULL), SUCCESS);
	return call_output(h)[HV_DEBUG_AUDIT_ERRORS];
}

static void off_by_default(void **state)
{
	struct host *h = *state;

	assert_int_equal(hvc_option(&h->hv, "debug=off"), 1);
	assert_status(debug_call(h, HV_DEBUG_AUDIT, 0, NULL),
		      INVALID_HYPERCALL_CODE);
	assert_true(call_output(h)[0] == JUNK);
	assert_ptr_equal(hvc_counters(&h->hv, HVCALL_DEBUG), &h->hv.unknown);
	assert_int_equal(hvc_option(&h->hv, "debug=on"), 1);
	/* It was an unknown call, and nothing else. */
	assert_status(debug_call(h, HV_DEBUG_COUNTERS, HVCALL_DEBUG, NULL),
		      SUCCESS);
	assert_int_equal(call_output(h)[HV_DEBUG_CALLS], 0);
	assert_int_equal(call_output(h)[HV_DEBUG_UNKNOWN], 1);
	assert_status(debug_call(h, HV_DEBUG_AUDIT, 0, NULL), SUCCESS);
}

static void arguments(void **state)
{
	struct host *h = *state;
	char text[HV_DEBUG_TEXT_SIZE + 1];

	assert_status(debug_call(h, 0, 0, NULL), INVALID_PARAMETER);
	assert_status(debug_call(h, 8, 0, NULL), INVALID_PARAMETER);
	assert_status(debug_call(h, HV_DEBUG_COUNTERS, 0x10000, NULL),
		      INVALID_PARAMETER);
	assert_status(debug_call(h, HV_DEBUG_ACCESS_CODES, 2, NULL),
		      INVALID_PARAMETER);
	assert_status(debug_call(h, HV_DEBUG_REP_BUDGET, 0, NULL),
		      INVALID_PARAMETER);
	assert_status(debug_call(h, HV_DEBUG_REP_BUDGET, 4096, NULL),
		      INVALID_PARAMETER);
	assert_status(debug_call(h, HV_DEBUG_FAULT_ADD, 0, "call=x"),
		      INVALID_PARAMETER);
	/* A line without its end. */
	memset(text, ' ', sizeof(text));
	text[sizeof(text) - 1] = 0;
	memcpy(text, "call=1", 6);
	assert_status(debug_call(h, HV_DEBUG_FAULT_ADD, 0, text), SUCCESS);

	assert_status(debug_call(h, HV_DEBUG_REP_BUDGET, 7, NULL), SUCCESS);
	assert_int_equal(h->hv.cfg.rep_budget, 7);
	assert_status(debug_call(h, HV_DEBUG_PRIVILEGES, 0, NULL), SUCCESS);
	assert_status(call_simple(h, HVCALL_GET_PARTITION_ID, NULL, 0),
		      ACCESS_DENIED);
	assert_status(debug_call(h, HV_DEBUG_PRIVILEGES, ~0ULL, NULL), SUCCESS);
	assert_status(call_simple(h, HVCALL_GET_PARTITION_ID, NULL, 0),
		      SUCCESS);
}

static void counters(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);
	const u64 *values = call_output(h);

	h->hv.cfg.rep_budget = 4;
	assert_result(deposit(h, id, 100, 10), HV_STATUS_SUCCESS, 10);
	assert_result(withdraw(h, id, 0, 12), HV_STATUS_NO_RESOURCES, 10);
	assert_result(withdraw(h, 77, 0, 1), HV_STATUS_INVALID_PARTITION_ID, 0);
	assert_int_equal(hvc_fault_add(&h->hv, "call=0x49"), 0);
	assert_result(withdraw(h, id, 0, 1), HV_STATUS_SUCCESS, 0);
	host_call(h, 0x3f, 0, 0);
	assert_status(debug_call(h, HV_DEBUG_COUNTERS, 0x49, NULL), SUCCESS);
	assert_int_equal(values[HV_DEBUG_CALLS], 3);
	assert_int_equal(values[HV_DEBUG_FAILED], 2);
	assert_int_equal(values[HV_DEBUG_REPS], 10);
	assert_int_equal(values[HV_DEBUG_CONTINUED], 2);
	assert_int_equal(values[HV_DEBUG_FAULTS], 1);
	assert_int_equal(values[HV_DEBUG_UNKNOWN], 1);
}

static void all_counters(void **state)
{
	struct host *h = *state;
	const struct hvc_counters *c;
	u64 calls = 0;
	u16 code;
	u32 i;

	make_child(h); /* a deposit and a creation */
	host_call(h, 0x3f, 0, 0);
	for (i = 0; (c = hvc_counters_at(&h->hv, i, &code)); i++) {
		assert_ptr_equal(c, hvc_counters(&h->hv, code));
		calls += c->calls;
	}
	assert_int_equal(calls, 2);
	assert_int_equal(i, h->hv.nr_rows);
}

static void audit_counts(void **state)
{
	struct host *h = *state;
	const u64 *values = call_output(h);
	const u64 ram = HOST_PAGES - (HOST_HV_END - HOST_HV_FIRST) -
			(HOST_HOLE_END - HOST_HOLE_FIRST);
	u64 id;

	assert_int_equal(errors(h), 0);
	assert_int_equal(values[HV_DEBUG_ROOT_PAGES], ram);
	id = make_active(h, 100, 10);
	assert_result(map(h, id, 0, RWX, 300, 5), HV_STATUS_SUCCESS, 5);
	assert_result(map(h, id, 9, RWX, 300, 1), HV_STATUS_SUCCESS, 1);
	assert_int_equal(errors(h), 0);
	assert_int_equal(values[HV_DEBUG_ROOT_PAGES], ram - 11);
	assert_int_equal(values[HV_DEBUG_POOL_PAGES], 6);
	assert_int_equal(values[HV_DEBUG_USED_PAGES], 5);
	assert_int_equal(values[HV_DEBUG_HYPERVISOR_PAGES],
			 HOST_HV_END - HOST_HV_FIRST);
	assert_int_equal(values[HV_DEBUG_MAPPED_PAGES], 5);
	assert_int_equal(values[HV_DEBUG_PARTITIONS], 2);
}

static u64 call_as(struct host *h, u64 id, u64 control)
{
	struct hv_input_debug in = { .op = HV_DEBUG_CALL_AS, .arg = id };
	const struct hv_debug_call call = { control, 0, HV_PAGE_SIZE };

	memcpy(in.text, &call, sizeof(call));
	return call_simple(h, HVCALL_DEBUG, &in, sizeof(in));
}

/* A child calls; the rest is selftests/hv_rootctl/generations.c. */
static void calls_of_a_child(void **state)
{
	const u64 withdraw9 = hv_control_rep(HVCALL_WITHDRAW_MEMORY, 9, 0);
	struct host *h = *state;
	u64 id = make_active(h, 100, 10);
	u64 *in = host_page(h, 40);
	u32 i;

	assert_status(call_as(h, 77, HVCALL_GET_PARTITION_ID),
		      INVALID_PARTITION_ID);
	assert_status(call_as(h, 0, HVCALL_GET_PARTITION_ID),
		      INVALID_PARTITION_ID);
	assert_status(call_as(h, HVC_ROOT_ID, HVCALL_GET_PARTITION_ID),
		      OPERATION_DENIED);
	assert_true(call_output(h)[0] == JUNK);
	/* Not the debug call, nor one that is there for nobody. */
	assert_status(call_as(h, id, HVCALL_DEBUG), SUCCESS);
	assert_result(call_output(h)[0], HV_STATUS_INVALID_HYPERCALL_INPUT, 0);
	assert_status(call_as(h, id, 0x3f), SUCCESS);
	assert_result(call_output(h)[0], HV_STATUS_INVALID_HYPERCALL_CODE, 0);
	for (i = 1; i < HV_DEBUG_VALUES; i++)
		assert_int_equal(call_output(h)[i], 0);

	assert_result(map(h, id, 0, RWX, 40, 2), HV_STATUS_SUCCESS, 2);
	assert_status(call_as(h, id, HVCALL_DEBUG), SUCCESS);
	assert_result(call_output(h)[0], HV_STATUS_ACCESS_DENIED, 0);
	h->hv.partitions[id]->privileges |= HV_PRIVILEGE(ACCESS_PARTITION_ID);
	assert_status(call_as(h, id, HVCALL_GET_PARTITION_ID), SUCCESS);
	assert_result(call_output(h)[0], HV_STATUS_SUCCESS, 0);
	assert_int_equal(*(u64 *)host_page(h, 41), id);
	/* However often it is continued: one call, and not counted. */
	h->hv.cfg.rep_budget = 2;
	memset(in, 0, HV_PAGE_SIZE);
	in[0] = make_child(h);
	assert_result(deposit(h, in[0], 300, 9), HV_STATUS_SUCCESS, 9);
	h->hv.partitions[in[0]]->parent = h->hv.partitions[id];
	h->hv.partitions[id]->privileges |= HV_PRIVILEGE(ACCESS_MEMORY_POOL);
	assert_status(call_as(h, id, withdraw9), SUCCESS);
	assert_result(call_output(h)[0], HV_STATUS_SUCCESS, 9);
	h->hv.partitions[in[0]]->parent = hvc_root(&h->hv);
	assert_int_equal(hvc_counters(&h->hv, HVCALL_WITHDRAW_MEMORY)->calls, 0);
	/* #UD of the child's is none of the root's. */
	assert_int_equal(hvc_option(&h->hv, "fast=any"), 1);
	assert_int_equal(hvc_option(&h->hv, "xmm=off"), 1);
	assert_status(call_as(h, id, HVCALL_CREATE_PARTITION | HV_CONTROL_FAST),
		      INVALID_PARAMETER);
}

/* Break one thing, see the audit say so, and repair it. */
#define FINDS(what, broken)                         \
	do {                                        \
		typeof(what) kept = what;           \
						    \
		what = broken;                      \
		assert_int_not_equal(errors(h), 0); \
		what = kept;                        \
		assert_int_equal(errors(h), 0);     \
	} while (0)

static void audit_finds(void **state)
{
	struct host *h = *state;
	struct hvc_partition *p;
	u64 id = make_active(h, 100, 12), *top;

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(map(h, id, 0, RWX, 300, 5), HV_STATUS_SUCCESS, 5);
	p = h->hv.partitions[id];
	assert_int_equal(errors(h), 0);
	/* Counts. */
	FINDS(p->available, p->available + 1);
	FINDS(p->in_use, p->in_use - 1);
	FINDS(p->gpa_pages, p->gpa_pages - 1);
	FINDS(p->pool[2].count, p->pool[3].count + 1);
	FINDS(p->nonempty, 0);
	FINDS(p->nonempty, ~0ULL);
	FINDS(h->hv.nr_partitions, 3);
	/* A page lost, owned by nobody, by somebody else, of no state. */
	FINDS(p->pool[2].head, 0);
	FINDS(h->frames[p->pool[2].head].state, HVC_FRAME_USED);
	FINDS(h->frames[p->pool[2].head].owner, HVC_ROOT_ID);
	FINDS(h->frames[p->pool[2].head].owner, 500);
	FINDS(h->frames[p->pool[2].head].owner, 0xffff);
	FINDS(h->frames[p->pool[2].head].state, 77);
	FINDS(h->frames[p->pool[2].head].link, p->pool[3].head); /* a ring */
	/* A page said to be the pool's, that no list has. */
	h->frames[500].owner = p->slot;
	FINDS(h->frames[500].state, HVC_FRAME_POOL);
	FINDS(h->frames[500].state, HVC_FRAME_USED);
	FINDS(h->frames[p->gpa_table].owner, HVC_ROOT_ID);
	FINDS(h->frames[p->gpa_table].link, 0);
	/* Mapped pages: counted wrongly, or not the root's any more. */
	FINDS(h->frames[300].link, 2);
	FINDS(h->frames[300].link, 0);
	/* Tables that lead astray. */
	top = (u64 *)host_ram(h, p->gpa_table);
	FINDS(top[0], 0);
	FINDS(top[0], (u64)HOST_HV_FIRST << HV_PAGE_SHIFT | 7);
	FINDS(top[0], 1ULL << 51 | 7);
	FINDS(top[1], 300ULL << HV_PAGE_SHIFT | 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("W17 the debug call is off unless asked for",
			  off_by_default),
		HOST_TEST("debug: arguments", arguments),
		HOST_TEST("debug: counters", counters),
		HOST_TEST("debug: all counters", all_counters),
		HOST_TEST("W16 debug: calls of a child", calls_of_a_child),
		HOST_TEST("W12 debug: the audit counts pages", audit_counts),
		HOST_TEST("debug: the audit finds what is broken", audit_finds),
	};

	return cmocka_run_group_tests_name("debug", tests, NULL, NULL);
}
