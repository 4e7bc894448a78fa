// SPDX-License-Identifier: GPL-2.0
/*
 * A child that has a child: what a partition other than the root may do as the
 * caller. It does not run, so the debug call makes its calls; its lists are in
 * its own GPA space.
 */
#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_harness.h"

#define MAY_ALL (HV_PRIVILEGE(CREATE_PARTITIONS) | HV_PRIVILEGE(ACCESS_MEMORY_POOL))
/* What every child may do. */
#define MAY_PLAIN 0x5ffULL
/* The child's two pages: its lists. */
#define IN_GPA 0
#define OUT_GPA HV_PAGE_SIZE

FIXTURE(generations) {
	struct hvt t;
	struct hvt_child child;
	struct hvt_mem lists;
	u64 sibling, grandchild;
};

static u16 set_privileges(struct _test_data_generations *self, u64 value)
{
	const struct hv_input_set_partition_property input = {
		.partition_id = self->child.id,
		.property_code = HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
		.property_value = value,
	};

	return hvt_simple(&self->t, HVCALL_SET_PARTITION_PROPERTY, &input,
			  sizeof(input));
}

/* A call of partition @id's; the result value, or all ones. */
static u64 call_as(struct _test_data_generations *self, u64 id, u64 control,
		   const void *in, size_t bytes)
{
	struct hv_input_debug input = { .op = HV_DEBUG_CALL_AS, .arg = id };
	const struct hv_debug_call call = { control, IN_GPA, OUT_GPA };

	memcpy(input.text, &call, sizeof(call));
	memset(self->lists.va, 0, HV_PAGE_SIZE);
	memset(self->lists.va + OUT_GPA, HVT_OUT_POISON, HV_PAGE_SIZE);
	if (bytes)
		memcpy(self->lists.va + IN_GPA, in, bytes);
	if (hvt_simple(&self->t, HVCALL_DEBUG, &input, sizeof(input)))
		return ~0ULL;
	return *(u64 *)self->t.out;
}

static u64 child_calls(struct _test_data_generations *self, u64 control,
		       const void *in, size_t bytes)
{
	return call_as(self, self->child.id, control, in, bytes);
}

static u64 child_output(struct _test_data_generations *self)
{
	return *(u64 *)(self->lists.va + OUT_GPA);
}

static u64 child_names(struct _test_data_generations *self, u16 code, u64 id)
{
	return child_calls(self, code, &id, sizeof(id));
}

static u64 child_creates(struct _test_data_generations *self)
{
	const struct hv_input_create_partition input = {
		.compatibility_version = HV_COMPATIBILITY_VERSION,
	};

	return child_calls(self, HVCALL_CREATE_PARTITION, &input,
			   sizeof(input));
}

FIXTURE_SETUP(generations)
{
	const u32 rw = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;
	struct hvt *t = &self->t;

	ASSERT_EQ(0, hvt_open(t));
	ASSERT_EQ(0, hvt_alloc(t, &self->lists, 2));
	ASSERT_EQ(0, hvt_create(t, &self->sibling));
	ASSERT_EQ(0, hvt_child_create(t, &self->child));
	ASSERT_EQ(2, hvt_map(t, self->child.id, 0, rw, self->lists.pfn, 2).reps);
	ASSERT_EQ(0, set_privileges(self, MAY_PLAIN | MAY_ALL));
	ASSERT_EQ(HV_STATUS_SUCCESS, child_creates(self));
	self->grandchild = child_output(self);
}

FIXTURE_TEARDOWN(generations)
{
	/* Whatever a test has left of them. */
	set_privileges(self, MAY_PLAIN | MAY_ALL);
	child_names(self, HVCALL_DELETE_PARTITION, self->grandchild);
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &self->child));
	EXPECT_EQ(0, hvt_destroy(&self->t, self->sibling));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* Every call that names a partition; what ends it comes last. */
static const struct {
	u16 code;
	bool rep;
} calls[] = {
	{ HVCALL_GET_PARTITION_PROPERTY, false },
	{ HVCALL_SET_PARTITION_PROPERTY, false },
	{ HVCALL_GET_NEXT_CHILD_PARTITION, false },
	{ HVCALL_DEPOSIT_MEMORY, true },
	{ HVCALL_WITHDRAW_MEMORY, true },
	{ HVCALL_GET_MEMORY_BALANCE, false },
	{ HVCALL_MAP_GPA_PAGES, true },
	{ HVCALL_UNMAP_GPA_PAGES, true },
	{ HVCALL_CREATE_VP, false },
	{ HVCALL_DELETE_VP, false },
	{ HVCALL_GET_VP_REGISTERS, true },
	{ HVCALL_SET_VP_REGISTERS, true },
	{ HVCALL_TRANSLATE_VIRTUAL_ADDRESS, false },
	{ HVCALL_READ_GPA, false },
	{ HVCALL_WRITE_GPA, false },
	{ HVCALL_INITIALIZE_PARTITION, false },
	{ HVCALL_FINALIZE_PARTITION, false },
	{ HVCALL_DELETE_PARTITION, false },
};

static u64 control_of(unsigned int i)
{
	return calls[i].rep ? hv_control_rep(calls[i].code, 1, 0) :
			      hv_control_simple(calls[i].code, false);
}

TEST_F(generations, W4_G3_C_who_1_the_parent_and_nobody_else)
{
	const u64 others[] = {
		self->child.id, HV_PARTITION_ID_SELF, hvt_own_id(&self->t),
		self->sibling,
	};
	struct hvt_audit before, after;
	u64 result, input[64] = { 0 };
	unsigned int i, k;

	ASSERT_EQ(0, hvt_audit(&self->t, &before));
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		/* The root is the parent of its parent. */
		input[0] = self->grandchild;
		result = hvt_call(&self->t, control_of(i), input,
				  sizeof(input));
		EXPECT_EQ(HV_STATUS_ACCESS_DENIED, result)
			TH_LOG("call 0x%x by the root", calls[i].code);
		for (k = 0; k < ARRAY_SIZE(others); k++) {
			/* Whose children it may ask for, its own. */
			if (k < 2 &&
			    calls[i].code == HVCALL_GET_NEXT_CHILD_PARTITION)
				continue;
			input[0] = others[k];
			result = child_calls(self, control_of(i), input,
					     sizeof(input));
			EXPECT_EQ(HV_STATUS_ACCESS_DENIED, result)
				TH_LOG("call 0x%x, partition %u",
				       calls[i].code, k);
			EXPECT_EQ(0xa5a5a5a5a5a5a5a5ULL, child_output(self));
		}
	}
	ASSERT_EQ(0, hvt_audit(&self->t, &after));
	EXPECT_TRUE(hvt_audit_equal(&before, &after));
	/* By its parent, each gets as far as its own conditions. */
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		input[0] = self->grandchild;
		result = child_calls(self, control_of(i), input,
				     sizeof(input));
		EXPECT_NE(HV_STATUS_ACCESS_DENIED, result)
			TH_LOG("call 0x%x by the parent", calls[i].code);
		EXPECT_NE(~0ULL, result);
	}
	/* The last one has deleted it. */
	EXPECT_EQ(HV_STATUS_SUCCESS, result);
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  child_names(self, HVCALL_GET_NEXT_CHILD_PARTITION,
			      HV_PARTITION_ID_SELF));
	EXPECT_EQ(HV_PARTITION_ID_INVALID, child_output(self));
}

/* Nor its parent, when that has not the privilege. */
TEST_F(generations, W4_C_deposit_2_C_balance_1_privilege_of_a_child)
{
	const u64 withdraw = hv_control_rep(HVCALL_WITHDRAW_MEMORY, 3, 0);
	const u64 deposit = hv_control_rep(HVCALL_DEPOSIT_MEMORY, 1, 0);
	const u64 input[2] = { self->grandchild, 0 };

	EXPECT_EQ(HV_STATUS_NO_RESOURCES,
		  child_calls(self, withdraw, input, sizeof(input)));
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  child_names(self, HVCALL_GET_MEMORY_BALANCE,
			      self->grandchild));
	ASSERT_EQ(0, set_privileges(self, MAY_PLAIN));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  child_calls(self, withdraw, input, sizeof(input)));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  child_calls(self, deposit, input, sizeof(input)));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  child_names(self, HVCALL_GET_MEMORY_BALANCE,
			      self->grandchild));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, child_creates(self));
}

/* It has no memory for lists of its own: in registers, of any contents. */
TEST_F(generations, C_create_5_too_deep)
{
	const struct hv_input_set_partition_property input = {
		.partition_id = self->grandchild,
		.property_code = HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
		.property_value = MAY_PLAIN | MAY_ALL,
	};
	const u64 create = hv_control_simple(HVCALL_CREATE_PARTITION, true);

	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_OPTION, 0, "fast=any", NULL));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  call_as(self, self->grandchild, create, NULL, 0));
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  child_calls(self, HVCALL_SET_PARTITION_PROPERTY, &input,
			      sizeof(input)));
	EXPECT_EQ(HV_STATUS_PARTITION_TOO_DEEP,
		  call_as(self, self->grandchild, create, NULL, 0));
	ASSERT_EQ(0,
		  hvt_debug(&self->t, HV_DEBUG_OPTION, 0, "fast=table", NULL));
}

/* A grandchild is paid by the child: by nobody else, and only as it can. */
TEST_F(generations, W12_C_create_4_paid_by_its_parent)
{
	u64 available, used, now, used_now;
	struct hvt_done d;

	ASSERT_EQ(0, hvt_balance(&self->t, self->child.id, &available, &used));
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  child_names(self, HVCALL_DELETE_PARTITION, self->grandchild));
	ASSERT_EQ(0, hvt_balance(&self->t, self->child.id, &now, &used_now));
	EXPECT_EQ(available + 1, now);
	EXPECT_EQ(used - 1, used_now);
	d = hvt_withdraw(&self->t, self->child.id, 0, now);
	ASSERT_EQ(now, d.reps);
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, child_creates(self));
	EXPECT_EQ(0xa5a5a5a5a5a5a5a5ULL, child_output(self));
}

TEST_F(generations, C_finalize_4_not_with_children)
{
	const u64 id = self->child.id;
	u64 available, used, now, used_now;

	ASSERT_EQ(0, hvt_balance(&self->t, id, &available, &used));
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED,
		  hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION, id));
	/* Nothing has been taken apart: it is active, with its VP. */
	ASSERT_EQ(0, hvt_balance(&self->t, id, &now, &used_now));
	EXPECT_EQ(available, now);
	EXPECT_EQ(used, used_now);
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX, hvt_create_vp(&self->t, id, 0));
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  child_names(self, HVCALL_DELETE_PARTITION, self->grandchild));
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION, id));
}

/* What it has is its parent's: a child has no pages to give away. */
TEST_F(generations, C_deposit_7_only_the_root_has_pages)
{
	const u64 deposit = hv_control_rep(HVCALL_DEPOSIT_MEMORY, 1, 0);
	u64 input[2] = { self->grandchild, self->lists.pfn[1] };
	struct hvt_audit before, after;

	ASSERT_EQ(0, hvt_audit(&self->t, &before));
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED,
		  child_calls(self, deposit, input, sizeof(input)));
	/* By the number that the page has in its own space. */
	input[1] = OUT_GPA >> HV_PAGE_SHIFT;
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED,
		  child_calls(self, deposit, input, sizeof(input)));
	/* So its child cannot come to life. */
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY,
		  child_names(self, HVCALL_INITIALIZE_PARTITION,
			      self->grandchild));
	ASSERT_EQ(0, hvt_audit(&self->t, &after));
	EXPECT_TRUE(hvt_audit_equal(&before, &after));
}

/* Nor to map: where it could, its child would have to be active. */
TEST_F(generations, C_map_9_only_the_root_has_pages)
{
	const u64 map = hv_control_rep(HVCALL_MAP_GPA_PAGES, 1, 0);
	struct {
		struct hv_input_map_gpa_pages header;
		u64 pfn;
	} input = {
		.header.target_partition_id = self->grandchild,
		.header.map_flags = HV_MAP_GPA_READABLE,
		.pfn = self->lists.pfn[1],
	};
	struct hvt_audit before, after;

	ASSERT_EQ(0, hvt_audit(&self->t, &before));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  child_calls(self, map, &input, sizeof(input)));
	/* The root is not its parent, and cannot help. */
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  hvt_map(&self->t, self->grandchild, 0, HV_MAP_GPA_READABLE,
			  &self->lists.pfn[1], 1).status);
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  hvt_deposit(&self->t, self->grandchild, &self->lists.pfn[1],
			      1).status);
	ASSERT_EQ(0, hvt_audit(&self->t, &after));
	EXPECT_TRUE(hvt_audit_equal(&before, &after));
}

/* Its lists are where its own GPA space has memory, with the rights for it. */
TEST_F(generations, W17_lists_of_a_child)
{
	const u64 code = HVCALL_GET_MEMORY_BALANCE;
	const u64 id = self->child.id;

	EXPECT_EQ(HV_STATUS_SUCCESS, child_names(self, code, self->grandchild));
	EXPECT_EQ(0, child_output(self));
	/* Not to be written. */
	ASSERT_EQ(1, hvt_map(&self->t, id, OUT_GPA >> HV_PAGE_SHIFT,
			     HV_MAP_GPA_READABLE, &self->lists.pfn[1], 1).reps);
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
		  child_names(self, code, self->grandchild));
	EXPECT_EQ(0xa5a5a5a5a5a5a5a5ULL, child_output(self));
	/* Not there. */
	ASSERT_EQ(1, hvt_unmap(&self->t, id, OUT_GPA >> HV_PAGE_SHIFT, 1).reps);
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_INPUT,
		  child_names(self, code, self->grandchild));
	ASSERT_EQ(1, hvt_map(&self->t, id, OUT_GPA >> HV_PAGE_SHIFT,
			     HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE,
			     &self->lists.pfn[1], 1).reps);
	EXPECT_EQ(HV_STATUS_SUCCESS, child_names(self, code, self->grandchild));
}

TEST_HARNESS_MAIN
