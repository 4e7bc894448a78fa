// SPDX-License-Identifier: GPL-2.0
/* Partitions: life cycle, who may do what, ids, enumeration, limits. */
#include "calls.h"

#include <string.h>

#define INITIALIZE(h, id) on_partition(h, HVCALL_INITIALIZE_PARTITION, id)
#define FINALIZE(h, id) on_partition(h, HVCALL_FINALIZE_PARTITION, id)
#define DELETE(h, id) on_partition(h, HVCALL_DELETE_PARTITION, id)

static const u64 nobody[] = { 0, 77, 1ULL << 32 | 2, HVC_MAX_PARTITIONS + 1 };

static void life_cycle(void **state)
{
	struct host *h = *state;
	u64 id;

	assert_result(deposit(h, HVC_SELF, ROOT_POOL, 1), HV_STATUS_SUCCESS, 1);
	assert_status(create_partition(h, &id), SUCCESS);
	assert_int_equal(id, HVC_ROOT_ID + 1);
	assert_balance(h, HVC_SELF, 0, 1);
	assert_balance(h, id, 0, 0);
	assert_result(deposit(h, id, HOST_FREE, 4), HV_STATUS_SUCCESS, 4);
	assert_status(INITIALIZE(h, id), SUCCESS);
	assert_balance(h, id, 3, 1);
	assert_status(FINALIZE(h, id), SUCCESS);
	assert_balance(h, id, 4, 0);
	assert_status(DELETE(h, id), OPERATION_DENIED);
	assert_result(withdraw(h, id, 0, 4), HV_STATUS_SUCCESS, 4);
	assert_status(DELETE(h, id), SUCCESS);
	assert_balance(h, HVC_SELF, 1, 0);
	assert_status(DELETE(h, id), INVALID_PARTITION_ID);
}

/* Which states take which call; all the others answer with the state. */
static void states(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);
	u32 code;
	u8 data[16] = {};

	/* Uninitialized. */
	assert_status(FINALIZE(h, id), INVALID_PARTITION_STATE);
	assert_status(INITIALIZE(h, id), INSUFFICIENT_MEMORY);
	assert_result(map(h, id, 0, RWX, 64, 1),
		      HV_STATUS_INVALID_PARTITION_STATE, 0);
	assert_result(unmap(h, id, 0, 1), HV_STATUS_INVALID_PARTITION_STATE, 0);
	assert_status(create_vp(h, id, 0), INVALID_PARTITION_STATE);
	assert_status(delete_vp(h, id, 0), INVALID_PARTITION_STATE);
	assert_status(write_gpa(h, id, 0, 1, &code, data),
		      INVALID_PARTITION_STATE);
	assert_status(read_gpa(h, id, 0, 1, &code, data),
		      INVALID_PARTITION_STATE);
	assert_result(deposit(h, id, HOST_FREE, 8), HV_STATUS_SUCCESS, 8);
	assert_result(withdraw(h, id, 0, 1), HV_STATUS_SUCCESS, 1);

	/* Active. */
	assert_status(INITIALIZE(h, id), SUCCESS);
	assert_status(INITIALIZE(h, id), INVALID_PARTITION_STATE);
	assert_status(DELETE(h, id), INVALID_PARTITION_STATE);
	assert_result(withdraw(h, id, 0, 1), HV_STATUS_SUCCESS, 1);
	assert_result(deposit(h, id, 64, 1), HV_STATUS_SUCCESS, 1);

	/* Finalized. */
	assert_status(FINALIZE(h, id), SUCCESS);
	assert_status(FINALIZE(h, id), INVALID_PARTITION_STATE);
	assert_status(INITIALIZE(h, id), INVALID_PARTITION_STATE);
	assert_result(deposit(h, id, 65, 1), HV_STATUS_INVALID_PARTITION_STATE,
		      0);
	assert_status(create_vp(h, id, 0), INVALID_PARTITION_STATE);
	assert_status(write_gpa(h, id, 0, 1, &code, data),
		      INVALID_PARTITION_STATE);
	assert_result(map(h, id, 0, RWX, 64, 1),
		      HV_STATUS_INVALID_PARTITION_STATE, 0);
	assert_balance(h, id, 7, 0);
}

static void delete_uninitialized(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);

	assert_result(deposit(h, id, HOST_FREE, 1), HV_STATUS_SUCCESS, 1);
	assert_status(DELETE(h, id), OPERATION_DENIED);
	assert_result(withdraw(h, id, 0, 1), HV_STATUS_SUCCESS, 1);
	assert_status(DELETE(h, id), SUCCESS);
}

static void ids_are_not_reused(void **state)
{
	struct host *h = *state;
	u64 id, last = HVC_ROOT_ID;
	u32 i;

	for (i = 0; i < 2 * HVC_MAX_PARTITIONS; i++) {
		id = make_child(h);
		assert_true(id > last);
		assert_status(DELETE(h, id), SUCCESS);
		last = id;
	}
}

static void unknown_ids(void **state)
{
	struct host *h = *state;
	u64 a, b, gone = make_child(h);
	u8 data[16] = {};
	u32 i, code;

	assert_status(DELETE(h, gone), SUCCESS);
	for (i = 0; i <= ARRAY_SIZE(nobody); i++) {
		u64 id = i < ARRAY_SIZE(nobody) ? nobody[i] : gone;

		assert_status(INITIALIZE(h, id), INVALID_PARTITION_ID);
		assert_status(FINALIZE(h, id), INVALID_PARTITION_ID);
		assert_status(DELETE(h, id), INVALID_PARTITION_ID);
		assert_result(deposit(h, id, HOST_FREE, 2),
			      HV_STATUS_INVALID_PARTITION_ID, 0);
		assert_result(withdraw(h, id, 0, 2),
			      HV_STATUS_INVALID_PARTITION_ID, 0);
		assert_status(balance(h, id, 0, &a, &b), INVALID_PARTITION_ID);
		assert_result(map(h, id, 0, RWX, 64, 1),
			      HV_STATUS_INVALID_PARTITION_ID, 0);
		assert_result(unmap(h, id, 0, 1),
			      HV_STATUS_INVALID_PARTITION_ID, 0);
		assert_status(create_vp(h, id, 0), INVALID_PARTITION_ID);
		assert_status(delete_vp(h, id, 0), INVALID_PARTITION_ID);
		assert_status(read_gpa(h, id, 0, 1, &code, data),
			      INVALID_PARTITION_ID);
		assert_status(write_gpa(h, id, 0, 1, &code, data),
			      INVALID_PARTITION_ID);
		assert_status(get_next_child(h, id, 0, &a),
			      INVALID_PARTITION_ID);
	}
}

/* What only a parent may do, the root may not do to itself. */
static void root_is_nobodys_child(void **state)
{
	static const u64 ids[] = { HVC_ROOT_ID, HVC_SELF };
	struct host *h = *state;
	u8 data[16] = {};
	u32 i, code;

	for (i = 0; i < 2; i++) {
		assert_status(INITIALIZE(h, ids[i]), ACCESS_DENIED);
		assert_status(FINALIZE(h, ids[i]), ACCESS_DENIED);
		assert_status(DELETE(h, ids[i]), ACCESS_DENIED);
		assert_result(unmap(h, ids[i], 64, 1), HV_STATUS_ACCESS_DENIED,
			      0);
		assert_status(create_vp(h, ids[i], 1), ACCESS_DENIED);
		assert_status(delete_vp(h, ids[i], 0), ACCESS_DENIED);
		assert_status(read_gpa(h, ids[i], 0, 1, &code, data),
			      ACCESS_DENIED);
		assert_status(write_gpa(h, ids[i], 0, 1, &code, data),
			      ACCESS_DENIED);
	}
}

/* Each privilege alone taken away, and what that stops. */
static void privileges(void **state)
{
	struct host *h = *state;
	struct hvc_partition *root = hvc_root(&h->hv);
	u64 id = make_child(h), a, b;

	assert_result(deposit(h, HVC_SELF, ROOT_POOL + 1, 1), HV_STATUS_SUCCESS,
		      1);
	root->privileges = ~HV_PRIVILEGE(CREATE_PARTITIONS);
	assert_status(create_partition(h, &a), ACCESS_DENIED);

	root->privileges = ~HV_PRIVILEGE(ACCESS_PARTITION_ID);
	assert_status(call_simple(h, HVCALL_GET_PARTITION_ID, NULL, 0),
		      ACCESS_DENIED);
	assert_int_equal(call_output(h)[0], JUNK);

	root->privileges = ~HV_PRIVILEGE(ACCESS_MEMORY_POOL);
	assert_result(deposit(h, id, HOST_FREE, 1), HV_STATUS_ACCESS_DENIED, 0);
	assert_result(deposit(h, HVC_SELF, HOST_FREE, 1),
		      HV_STATUS_ACCESS_DENIED, 0);
	assert_result(withdraw(h, HVC_SELF, 0, 1), HV_STATUS_ACCESS_DENIED, 0);
	assert_result(withdraw(h, id, 0, 1), HV_STATUS_ACCESS_DENIED, 0);
	assert_status(balance(h, id, 0, &a, &b), ACCESS_DENIED);
	/* Without it, an id that exists is not told from one that does not. */
	assert_result(withdraw(h, 77, 0, 1), HV_STATUS_ACCESS_DENIED, 0);

	root->privileges = HV_PRIVILEGE(CREATE_PARTITIONS) |
			   HV_PRIVILEGE(ACCESS_PARTITION_ID) |
			   HV_PRIVILEGE(ACCESS_MEMORY_POOL);
	assert_status(create_partition(h, &a), SUCCESS);
	assert_status(call_simple(h, HVCALL_GET_PARTITION_ID, NULL, 0), SUCCESS);
	assert_int_equal(call_output(h)[0], HVC_ROOT_ID);
	assert_result(deposit(h, a, HOST_FREE, 1), HV_STATUS_SUCCESS, 1);
}

/* A child as the caller: no privileges, no children, nothing of its parent. */
static void a_child_calls(void **state)
{
	struct host *h = *state;
	u64 id = make_active(h, 64, 8), other = make_active(h, 80, 8);
	struct hvc_call call = {
		.input = 0,
		.output = HV_PAGE_SIZE,
		.caller = h->hv.partitions[id],
		.bits = 64,
	};
	static const struct {
		u64 control;
		u16 status;
		u8 target; /* 0: itself, 1: the root, 2: its sibling */
	} cases[] = {
		{ HVCALL_CREATE_PARTITION, HV_STATUS_ACCESS_DENIED, 0 },
		{ HVCALL_GET_PARTITION_ID, HV_STATUS_ACCESS_DENIED, 0 },
		{ HVCALL_FINALIZE_PARTITION, HV_STATUS_ACCESS_DENIED, 0 },
		{ HVCALL_FINALIZE_PARTITION, HV_STATUS_ACCESS_DENIED, 1 },
		{ HVCALL_FINALIZE_PARTITION, HV_STATUS_ACCESS_DENIED, 2 },
		{ HVCALL_GET_NEXT_CHILD_PARTITION, HV_STATUS_SUCCESS, 0 },
		{ HVCALL_GET_NEXT_CHILD_PARTITION, HV_STATUS_ACCESS_DENIED, 1 },
		{ HVCALL_WITHDRAW_MEMORY | 1ULL << 32, HV_STATUS_ACCESS_DENIED,
		  0 },
		{ HVCALL_WITHDRAW_MEMORY | 1ULL << 32, HV_STATUS_ACCESS_DENIED,
		  1 },
		{ HVCALL_MAP_GPA_PAGES | 1ULL << 32, HV_STATUS_ACCESS_DENIED,
		  0 },
		{ HVCALL_WRITE_GPA, HV_STATUS_ACCESS_DENIED, 2 },
		{ HVCALL_DEBUG, HV_STATUS_ACCESS_DENIED, 0 },
	};
	const u64 targets[] = { id, HVC_ROOT_ID, other };
	u32 i;

	assert_result(map(h, id, 0, HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE,
			  40, 2), HV_STATUS_SUCCESS, 2);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(host_page(h, 40), 0, HV_PAGE_SIZE);
		*(u64 *)host_page(h, 40) = targets[cases[i].target];
		call.control = cases[i].control;
		assert_int_equal(host_step(h, &call), HVC_DONE);
		assert_int_equal(call.result, cases[i].status);
	}
	/* Its own privileges do not make it a parent. */
	call.caller->privileges = ~0ULL;
	*(u64 *)host_page(h, 40) = other;
	call.control = HVCALL_WITHDRAW_MEMORY | 1ULL << 32;
	assert_int_equal(host_step(h, &call), HVC_DONE);
	assert_int_equal(call.result, HV_STATUS_ACCESS_DENIED);
	*(u64 *)host_page(h, 40) = HVC_SELF;
	assert_int_equal(host_step(h, &call), HVC_DONE);
	assert_int_equal(call.result, HV_STATUS_ACCESS_DENIED);
}

/* A child's lists go through its GPA space, with its rights. */
static void lists_of_a_child(void **state)
{
	struct host *h = *state;
	u64 id = make_active(h, 64, 8);
	struct hvc_call call = {
		.control = HVCALL_GET_NEXT_CHILD_PARTITION,
		.caller = h->hv.partitions[id],
		.bits = 64,
	};
	static const struct {
		u64 input, output;
		u16 status;
	} cases[] = {
		{ 0x0000, 0x1000, HV_STATUS_SUCCESS },
		{ 0x0000, 0x0800, HV_STATUS_INVALID_HYPERCALL_INPUT },
		{ 0x2000, 0x1000, HV_STATUS_INVALID_HYPERCALL_INPUT },
		{ 0x0000, 0x3000, HV_STATUS_INVALID_HYPERCALL_INPUT },
		{ 1ULL << 48, 0x1000, HV_STATUS_INVALID_ALIGNMENT },
	};
	u32 i;

	/* 0: readable, 1: writable, 2: no rights, 3: nothing. */
	assert_result(map(h, id, 0, HV_MAP_GPA_READABLE, 40, 1),
		      HV_STATUS_SUCCESS, 1);
	assert_result(map(h, id, 1, HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE,
			  41, 1), HV_STATUS_SUCCESS, 1);
	assert_result(map(h, id, 2, 0, 42, 1), HV_STATUS_SUCCESS, 1);
	memset(host_page(h, 40), 0, 16);
	*(u64 *)host_page(h, 40) = id;
	memset(host_page(h, 41), 0xee, 16);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		call.input = cases[i].input;
		call.output = cases[i].output;
		assert_int_equal(host_step(h, &call), HVC_DONE);
		assert_int_equal(call.result, cases[i].status);
	}
	assert_int_equal(((u64 *)host_page(h, 41))[0], 0);
	assert_true(((u64 *)host_page(h, 41))[1] == JUNK);
}

static void creation_parameters(void **state)
{
	struct host *h = *state;
	struct hv_input_create_partition in = {};
	u32 bit;

	assert_result(deposit(h, HVC_SELF, ROOT_POOL, 40), HV_STATUS_SUCCESS,
		      40);
	for (bit = 0; bit < 64; bit++) {
		bool named = 1ULL << bit & 0x59a713;

		in.flags = 1ULL << bit;
		assert_result(call_simple(h, HVCALL_CREATE_PARTITION, &in,
					  sizeof(in)),
			      named ? HV_STATUS_SUCCESS :
				      HV_STATUS_INVALID_PARAMETER, 0);
	}
	in.flags = 0;
	in.isolation_properties = 1;
	assert_status(call_simple(h, HVCALL_CREATE_PARTITION, &in, sizeof(in)),
		      INVALID_PARAMETER);
	in.isolation_properties = 0;
	in.proximity_domain_info = HV_PROXIMITY_VALID | HOST_DOMAINS;
	assert_status(call_simple(h, HVCALL_CREATE_PARTITION, &in, sizeof(in)),
		      INVALID_PARAMETER);
	in.proximity_domain_info = 1ULL << 40;
	assert_status(call_simple(h, HVCALL_CREATE_PARTITION, &in, sizeof(in)),
		      INVALID_PARAMETER);
}

static u64 create_near(struct host *h, u64 proximity, u64 *id)
{
	const struct hv_input_create_partition in = {
		.proximity_domain_info = proximity,
	};
	u64 result = call_simple(h, HVCALL_CREATE_PARTITION, &in, sizeof(in));

	*id = call_output(h)[0];
	return result;
}

/* Its page is of the domain that was wished for. */
static void C_create_6_proximity(void **state)
{
	const u64 pages[] = { 64, 80, 112 }; /* domains 0, 1, 3 */
	struct host *h = *state;
	u64 id;

	assert_result(deposit_list(h, HVC_SELF, pages, 3), HV_STATUS_SUCCESS,
		      3);
	assert_status(create_near(h, hv_proximity(2, false), &id),
		      INSUFFICIENT_MEMORY);
	assert_balance(h, HVC_SELF, 3, 0);
	assert_status(create_near(h, hv_proximity(3, false), &id), SUCCESS);
	assert_int_equal(h->hv.partitions[id]->pfn, 112);
	assert_status(create_near(h, hv_proximity(3, false), &id),
		      INSUFFICIENT_MEMORY);
	assert_status(create_near(h, hv_proximity(1, true), &id), SUCCESS);
	assert_int_equal(h->hv.partitions[id]->pfn, 80);
	assert_status(create_near(h, hv_proximity(1, true), &id), SUCCESS);
	assert_int_equal(h->hv.partitions[id]->pfn, 64);
	assert_status(create_near(h, hv_proximity(1, true), &id),
		      INSUFFICIENT_MEMORY);
}

static void creation_limits(void **state)
{
	struct host *h = *state;
	u64 id;

	assert_status(create_partition(h, &id), INSUFFICIENT_MEMORY);
	assert_int_equal(id, JUNK);
	assert_result(deposit(h, HVC_SELF, ROOT_POOL, 1), HV_STATUS_SUCCESS, 1);
	hvc_root(&h->hv)->depth = 2;
	assert_status(create_partition(h, &id), PARTITION_TOO_DEEP);
	hvc_root(&h->hv)->depth = 0;
	assert_balance(h, HVC_SELF, 1, 0);
}

static void enumeration(void **state)
{
	struct host *h = *state;
	u64 a = make_child(h), b = make_child(h), c = make_child(h), next;

	assert_status(get_next_child(h, HVC_SELF, 0, &next), SUCCESS);
	assert_int_equal(next, a);
	assert_status(get_next_child(h, HVC_ROOT_ID, a, &next), SUCCESS);
	assert_int_equal(next, b);
	assert_status(DELETE(h, b), SUCCESS);
	assert_status(get_next_child(h, HVC_SELF, b, &next),
		      INVALID_PARTITION_ID);
	assert_status(get_next_child(h, HVC_SELF, a, &next), SUCCESS);
	assert_int_equal(next, c);
	assert_status(get_next_child(h, HVC_SELF, c, &next), SUCCESS);
	assert_int_equal(next, 0);
	/* The root is not a child of itself; a child without children. */
	assert_status(get_next_child(h, HVC_SELF, HVC_ROOT_ID, &next),
		      INVALID_PARTITION_ID);
	assert_status(get_next_child(h, a, 0, &next), SUCCESS);
	assert_int_equal(next, 0);
	assert_status(get_next_child(h, a, c, &next), INVALID_PARTITION_ID);
	/* First and last leave. */
	assert_status(DELETE(h, a), SUCCESS);
	assert_status(DELETE(h, c), SUCCESS);
	assert_status(get_next_child(h, HVC_SELF, 0, &next), SUCCESS);
	assert_int_equal(next, 0);
}

/* As many as the table holds, no more, and room again after a deletion. */
static void table_full(void **state)
{
	struct host *h = *state;
	u64 id, next, found = 0;
	u32 i;

	for (i = 1; i < HVC_MAX_PARTITIONS; i++)
		id = make_child(h);
	assert_result(deposit(h, HVC_SELF, HOST_FREE, 1), HV_STATUS_SUCCESS, 1);
	assert_status(create_partition(h, &next), NO_RESOURCES);
	for (next = 0;; found++) {
		assert_status(get_next_child(h, HVC_SELF, next, &next),
			      SUCCESS);
		if (!next)
			break;
	}
	assert_int_equal(found, HVC_MAX_PARTITIONS - 1);
	assert_status(DELETE(h, id), SUCCESS);
	assert_status(create_partition(h, &next), SUCCESS);
	assert_true(next > id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("W12 C-partition life cycle", life_cycle),
		HOST_TEST("C-partition G7 what each state takes", states),
		HOST_TEST("C-delete an uninitialized partition",
			  delete_uninitialized),
		HOST_TEST("C-create ids are never used again",
			  ids_are_not_reused),
		HOST_TEST("W5 G4 C-partition unknown, deleted and zero ids",
			  unknown_ids),
		HOST_TEST("G3 C-partition the root is nobody's child",
			  root_is_nobodys_child),
		HOST_TEST("W4 C-partition privileges", privileges),
		HOST_TEST("W4 G3 C-partition a child as the caller",
			  a_child_calls),
		HOST_TEST("W17 lists of a child", lists_of_a_child),
		HOST_TEST("C-create parameters", creation_parameters),
		HOST_TEST("C-create-6 proximity", C_create_6_proximity),
		HOST_TEST("C-create pool and depth", creation_limits),
		HOST_TEST("C-next enumeration", enumeration),
		HOST_TEST("C-create table full", table_full),
	};

	return cmocka_run_group_tests_name("partition", tests, NULL, NULL);
}
