// SPDX-License-Identifier: GPL-2.0
/*
 * A child that has children: what a partition other than the root may do as
 * the caller. Its lists are in its own GPA space, or in registers.
 */
#include "calls.h"

#include <string.h>

#define CHILD_IN 40 /* RAM behind page 0 of a child's space */
#define CHILD_OUT 41 /* and page 1 */
#define MAY_ALL                                 \
	(HV_PRIVILEGE(CREATE_PARTITIONS) |      \
	 HV_PRIVILEGE(ACCESS_MEMORY_POOL))

/* An active child with a VP and its lists mapped, that may have children. */
static struct hvc_partition *make_parent(struct host *h)
{
	u64 id = make_active(h, 64, 16);

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(map(h, id, 0, HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE,
			  CHILD_IN, 2), HV_STATUS_SUCCESS, 2);
	h->hv.partitions[id]->privileges |= MAY_ALL;
	return h->hv.partitions[id];
}

static u64 child_calls(struct host *h, struct hvc_partition *caller,
		       u64 control, const void *in, u32 bytes)
{
	struct hvc_call call = {
		.control = control,
		.input = 0,
		.output = HV_PAGE_SIZE,
		.caller = caller,
		.bits = 64,
	};

	memset(host_page(h, CHILD_OUT), 0xee, HV_PAGE_SIZE);
	if (bytes)
		memcpy(host_page(h, CHILD_IN), in, bytes);
	while (host_step(h, &call) == HVC_CONTINUE)
		;
	return call.result;
}

static u64 child_output(struct host *h)
{
	return *(u64 *)host_page(h, CHILD_OUT);
}

static u64 child_names(struct host *h, struct hvc_partition *caller, u16 code,
		       u64 id)
{
	return child_calls(h, caller, code, &id, sizeof(id));
}

static u64 child_creates(struct host *h, struct hvc_partition *caller, u64 *id)
{
	const struct hv_input_create_partition in = {};
	u64 result = child_calls(h, caller, HVCALL_CREATE_PARTITION, &in,
				 sizeof(in));

	*id = child_output(h);
	return result;
}

static u64 child_withdraws(struct host *h, struct hvc_partition *caller, u64 id)
{
	const struct hv_input_withdraw_memory in = { .partition_id = id };

	return child_calls(h, caller,
			   hv_control_rep(HVCALL_WITHDRAW_MEMORY, 3, 0), &in,
			   sizeof(in));
}

/* A grandchild is paid by its parent's pool; its child would be too deep. */
static void C_create_5_too_deep(void **state)
{
	struct host *h = *state;
	struct hvc_partition *child = make_parent(h), *grandchild;
	u64 available = child->available, used = child->in_use, id;
	struct hvc_call call = {
		.control = HVCALL_CREATE_PARTITION | HV_CONTROL_FAST,
		.bits = 64,
	};

	assert_status(child_creates(h, child, &id), SUCCESS);
	assert_balance(h, child->id, available - 1, used + 1);
	grandchild = h->hv.partitions[id];
	assert_ptr_equal(grandchild->parent, child);
	/* It has no memory for lists of its own. */
	assert_int_equal(hvc_option(&h->hv, "fast=any"), 1);
	memset(h->xmm, 0, sizeof(h->xmm));
	call.caller = grandchild;
	assert_int_equal(host_step(h, &call), HVC_DONE);
	assert_status(call.result, ACCESS_DENIED);
	grandchild->privileges |= MAY_ALL;
	assert_int_equal(host_step(h, &call), HVC_DONE);
	assert_status(call.result, PARTITION_TOO_DEEP);
	assert_int_equal(grandchild->in_use, 0);
	/* Without memory there is no child, and nothing else either. */
	assert_result(withdraw(h, child->id, 0, available),
		      HV_STATUS_NO_RESOURCES, available - 1);
	assert_status(child_creates(h, child, &id), INSUFFICIENT_MEMORY);
	assert_true(id == JUNK);
}

static u64 child_sets(struct host *h, struct hvc_partition *caller, u64 id)
{
	const struct hv_input_set_partition_property in = {
		.partition_id = id,
		.property_code = HV_PARTITION_PROPERTY_CPU_WEIGHT,
		.property_value = 7,
	};

	return child_calls(h, caller, HVCALL_SET_PARTITION_PROPERTY, &in,
			   sizeof(in));
}

static u64 child_gets(struct host *h, struct hvc_partition *caller, u64 id)
{
	const struct hv_input_get_partition_property in = {
		.partition_id = id,
		.property_code = HV_PARTITION_PROPERTY_CPU_WEIGHT,
	};

	return child_calls(h, caller, HVCALL_GET_PARTITION_PROPERTY, &in,
			   sizeof(in));
}

/* Its parent's are no child's business, nor its own; its children's are. */
static void C_property_2_of_which_partition(void **state)
{
	struct host *h = *state;
	struct hvc_partition *child = make_parent(h);
	u64 id;

	assert_status(child_creates(h, child, &id), SUCCESS);
	/* Initialized, as the weight is no early property. */
	h->hv.partitions[id]->state = HVC_ACTIVE;
	assert_status(child_sets(h, child, HVC_ROOT_ID), ACCESS_DENIED);
	assert_status(child_gets(h, child, HVC_ROOT_ID), ACCESS_DENIED);
	assert_status(child_sets(h, child, HV_PARTITION_ID_SELF),
		      ACCESS_DENIED);
	assert_status(child_gets(h, child, child->id), ACCESS_DENIED);
	assert_status(child_sets(h, child, id), SUCCESS);
	assert_status(child_gets(h, child, id), SUCCESS);
	assert_int_equal(child_output(h), 7);
	/* Not of a grandchild. */
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, id),
		      ACCESS_DENIED);
	h->hv.partitions[id]->state = HVC_UNINITIALIZED;
}

static void C_finalize_4_not_with_children(void **state)
{
	struct host *h = *state;
	struct hvc_partition *child = make_parent(h);
	u64 id, before, parent = child->id;
	u32 i;

	assert_status(child_creates(h, child, &id), SUCCESS);
	before = child->in_use;
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, parent),
		      OPERATION_DENIED);
	assert_int_equal(child->state, HVC_ACTIVE);
	assert_int_equal(child->in_use, before);
	assert_non_null(child->vps[0]);
	/* Only its parent can take it away. */
	assert_status(on_partition(h, HVCALL_DELETE_PARTITION, id),
		      ACCESS_DENIED);
	assert_status(child_names(h, child, HVCALL_DELETE_PARTITION, id),
		      SUCCESS);
	assert_int_equal(child->in_use, before - 1);
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, parent),
		      SUCCESS);
	assert_balance(h, parent, 16, 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(h->frames[CHILD_IN + i].link, 0);
}

/*
 * Parent and privilege, or the root and itself: every other pair of caller and
 * target is refused, and no pool is the smaller for it.
 */
static void W4_a_partition_that_is_not_the_root(void **state)
{
	struct host *h = *state;
	struct hvc_partition *child = make_parent(h);
	u64 sibling = make_active(h, 100, 8), id, others[4];
	u32 i;

	assert_result(deposit(h, HVC_SELF, 300, 4), HV_STATUS_SUCCESS, 4);
	assert_status(child_creates(h, child, &id), SUCCESS);
	others[0] = HVC_SELF;
	others[1] = child->id;
	others[2] = HVC_ROOT_ID;
	others[3] = sibling;
	for (i = 0; i < ARRAY_SIZE(others); i++)
		assert_status(child_withdraws(h, child, others[i]),
			      ACCESS_DENIED);
	/* Of its own child it is the parent: nothing is there to be had. */
	assert_status(child_withdraws(h, child, id), NO_RESOURCES);
	child->privileges &= ~HV_PRIVILEGE(ACCESS_MEMORY_POOL);
	assert_status(child_withdraws(h, child, id), ACCESS_DENIED);
	/* And the root is not. */
	assert_status(withdraw(h, id, 0, 3), ACCESS_DENIED);
	assert_status(balance(h, id, 0, &others[0], &others[1]), ACCESS_DENIED);
	assert_balance(h, HVC_SELF, 4, 2);
	assert_balance(h, sibling, 7, 1);
	assert_clean(h);
}

/* What it has is its parent's: a child has no pages to give away. */
static void C_deposit_7_only_the_root_has_pages(void **state)
{
	struct host *h = *state;
	struct hvc_partition *child = make_parent(h);
	u64 in[2], id;

	assert_status(child_creates(h, child, &id), SUCCESS);
	in[0] = id;
	in[1] = CHILD_OUT;
	assert_status(child_calls(h, child,
				  hv_control_rep(HVCALL_DEPOSIT_MEMORY, 1, 0),
				  in, sizeof(in)), OPERATION_DENIED);
	in[1] = 300;
	assert_status(child_calls(h, child,
				  hv_control_rep(HVCALL_DEPOSIT_MEMORY, 1, 0),
				  in, sizeof(in)), OPERATION_DENIED);
	assert_true(host_reaches(h, 300) && host_reaches(h, CHILD_OUT));
	/* Its child cannot come to life without memory. */
	assert_status(child_names(h, child, HVCALL_INITIALIZE_PARTITION, id),
		      INSUFFICIENT_MEMORY);
	assert_clean(h);
}

/* Nor to map: its child is not active, and would get nothing if it were. */
static void C_map_9_only_the_root_has_pages(void **state)
{
	const u64 control = hv_control_rep(HVCALL_MAP_GPA_PAGES, 1, 0);
	struct host *h = *state;
	struct hvc_partition *child = make_parent(h), *grandchild;
	struct {
		struct hv_input_map_gpa_pages header;
		u64 pfn;
	} in = { .header.map_flags = HV_MAP_GPA_READABLE };

	assert_status(child_creates(h, child, &in.header.target_partition_id),
		      SUCCESS);
	grandchild = h->hv.partitions[in.header.target_partition_id];
	/* By its number in the child's space, and in the root's. */
	for (in.pfn = 1; in.pfn <= CHILD_OUT; in.pfn += CHILD_OUT - 1) {
		assert_status(child_calls(h, child, control, &in, sizeof(in)),
			      INVALID_PARTITION_STATE);
		grandchild->state = HVC_ACTIVE;
		assert_status(child_calls(h, child, control, &in, sizeof(in)),
			      OPERATION_DENIED);
		grandchild->state = HVC_UNINITIALIZED;
	}
	assert_clean(h);
}

/* A grandchild is no child, for the calls that look into one. */
static void G3_the_parent_and_nobody_else(void **state)
{
	struct host *h = *state;
	struct hvc_partition *child = make_parent(h);
	const struct hv_input_write_gpa in = { .byte_count = 1 };
	struct hv_input_write_gpa own = in;
	u8 data[16] = {};
	u64 id;
	u32 code;

	assert_status(child_creates(h, child, &id), SUCCESS);
	assert_status(write_gpa(h, id, 0, 1, &code, data), ACCESS_DENIED);
	own.partition_id = child->id;
	assert_status(child_calls(h, child, HVCALL_WRITE_GPA, &own,
				  sizeof(own)), ACCESS_DENIED);
	own.partition_id = id;
	assert_status(child_calls(h, child, HVCALL_WRITE_GPA, &own,
				  sizeof(own)), INVALID_PARTITION_STATE);
}

/* 0x8001: what there is beyond the plain calls, for who may ask. */
static void C_ext_1_capabilities(void **state)
{
	struct hvc_partition *root;
	struct host *h = *state;

	root = hvc_root(&h->hv);
	assert_status(call_simple(h, HVCALL_EXT_QUERY_CAPABILITIES, NULL, 0),
		      ACCESS_DENIED);
	assert_true(call_output(h)[0] == JUNK);
	assert_status(call_simple(h, 0x8002, NULL, 0), ACCESS_DENIED);
	root->privileges |= HV_PRIVILEGE(ENABLE_EXTENDED_HYPERCALLS);
	assert_status(call_simple(h, HVCALL_EXT_QUERY_CAPABILITIES, NULL, 0),
		      SUCCESS);
	assert_int_equal(call_output(h)[0], 0);
	assert_true(call_output(h)[1] == JUNK);
	assert_status(call_simple(h, 0x8002, NULL, 0), INVALID_HYPERCALL_CODE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("C-property-2 of which partition",
			  C_property_2_of_which_partition),
		HOST_TEST("C-create-5 W12 too deep", C_create_5_too_deep),
		HOST_TEST("C-finalize-4 not with children",
			  C_finalize_4_not_with_children),
		HOST_TEST("W4 W14 a partition that is not the root",
			  W4_a_partition_that_is_not_the_root),
		HOST_TEST("C-deposit-7 only the root has pages",
			  C_deposit_7_only_the_root_has_pages),
		HOST_TEST("C-map-9 only the root has pages",
			  C_map_9_only_the_root_has_pages),
		HOST_TEST("G3 the parent and nobody else",
			  G3_the_parent_and_nobody_else),
		HOST_TEST("C-ext-1 capabilities", C_ext_1_capabilities),
	};

	return cmocka_run_group_tests_name("generations", tests, NULL, NULL);
}
