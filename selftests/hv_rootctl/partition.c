// SPDX-License-Identifier: GPL-2.0
/*
 * The calls around: a partition's life, its pool, its GPA space, its VPs.
 * The C rows of Documentation/conformance.md, and W12.
 */
#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_harness.h"

#define POOL_PAGES 64

FIXTURE(partition) {
	struct hvt t;
	struct hvt_audit before;
	struct hvt_mem pool;
	u64 id; /* uninitialized, nothing in its pool */
};

FIXTURE_SETUP(partition)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->pool, POOL_PAGES));
	ASSERT_EQ(0, hvt_audit(&self->t, &self->before));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &self->id));
}

/* Whatever a test did, nothing is left over. */
FIXTURE_TEARDOWN(partition)
{
	struct hvt_audit after;

	EXPECT_EQ(0, hvt_destroy(&self->t, self->id));
	EXPECT_EQ(0, hvt_take_back(&self->t));
	EXPECT_EQ(0, hvt_audit(&self->t, &after));
	EXPECT_TRUE(hvt_audit_equal(&self->before, &after));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static u16 move(struct _test_data_partition *self, u16 code)
{
	return hvt_partition(&self->t, code, self->id);
}

static u16 fill(struct _test_data_partition *self)
{
	return hvt_deposit_all(&self->t, self->id, &self->pool);
}

static void activate(struct __test_metadata *_metadata,
		     struct _test_data_partition *self)
{
	ASSERT_EQ(0, fill(self));
	ASSERT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_INITIALIZE_PARTITION));
}

static void drop(struct __test_metadata *_metadata,
		 struct _test_data_partition *self, u64 privilege)
{
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_PRIVILEGES, ~privilege, NULL,
			       NULL));
}

static void restore(struct __test_metadata *_metadata,
		    struct _test_data_partition *self)
{
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_PRIVILEGES, ~0ULL, NULL,
			       NULL));
}

/* --- life cycle ----------------------------------------------------------- */

TEST_F(partition, C_create_1_new_id_and_empty_pool)
{
	u64 other, available, in_use;

	EXPECT_NE(HV_PARTITION_ID_INVALID, self->id);
	EXPECT_NE(HV_PARTITION_ID_SELF, self->id);
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &other));
	EXPECT_NE(self->id, other);
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hvt_balance(&self->t, other, &available, &in_use));
	EXPECT_EQ(0, available);
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_DELETE_PARTITION, other));
}

TEST_F(partition, C_create_2_privilege)
{
	struct hv_input_create_partition input = {
		.compatibility_version = HV_COMPATIBILITY_VERSION,
	};
	u16 status;

	drop(_metadata, self, HV_PRIVILEGE(CREATE_PARTITIONS));
	status = hvt_simple(&self->t, HVCALL_CREATE_PARTITION, &input,
			    sizeof(input));
	restore(_metadata, self);
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, status);
}

TEST_F(partition, C_create_3_parameters)
{
	struct hv_input_create_partition input = {
		.compatibility_version = HV_COMPATIBILITY_VERSION,
		.proximity_domain_info = 1ULL << 40,
	};

	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_simple(&self->t, HVCALL_CREATE_PARTITION, &input,
			     sizeof(input)));
	input.proximity_domain_info = hv_proximity(63, false);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_simple(&self->t, HVCALL_CREATE_PARTITION, &input,
			     sizeof(input)));
	input.proximity_domain_info = 0;
	input.flags = 1ULL << 63;
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_simple(&self->t, HVCALL_CREATE_PARTITION, &input,
			     sizeof(input)));
}

/* Its structures come out of the caller's pool: when that is empty, 0x0B. */
TEST_F(partition, C_create_4_W12_memory_of_the_caller)
{
	struct hv_input_create_partition input = {
		.compatibility_version = HV_COMPATIBILITY_VERSION,
	};
	u64 before, used_before, after, used_after, id;
	u64 list[HV_WITHDRAW_MAX];
	struct hvt_done d;
	u32 i;

	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &id));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_balance(&self->t, HV_PARTITION_ID_SELF, &before,
			      &used_before));
	EXPECT_LT(0, used_before);
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_DELETE_PARTITION, id));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_balance(&self->t, HV_PARTITION_ID_SELF, &after,
			      &used_after));
	EXPECT_LT(before, after);
	EXPECT_EQ(after - before, used_before - used_after);

	d = hvt_withdraw(&self->t, HV_PARTITION_ID_SELF, 0, HV_WITHDRAW_MAX);
	ASSERT_EQ(after, d.reps);
	memcpy(list, self->t.out, sizeof(list));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY,
		  hvt_simple(&self->t, HVCALL_CREATE_PARTITION, &input,
			     sizeof(input)));
	for (i = 0; i < d.reps; i++)
		ASSERT_EQ(1, hvt_deposit(&self->t, HV_PARTITION_ID_SELF,
					 list + i, 1).reps);
	/* Deposited, it succeeds. */
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_simple(&self->t, HVCALL_CREATE_PARTITION, &input,
			     sizeof(input)));
	memcpy(&id, self->t.out, sizeof(id));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_DELETE_PARTITION, id));
}

TEST_F(partition, C_initialize_1_only_once)
{
	activate(_metadata, self);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  move(self, HVCALL_INITIALIZE_PARTITION));
	ASSERT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_FINALIZE_PARTITION));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  move(self, HVCALL_INITIALIZE_PARTITION));
}

/* The partition's own pool pays for its GPA space. */
TEST_F(partition, C_initialize_2_insufficient_memory)
{
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY,
		  move(self, HVCALL_INITIALIZE_PARTITION));
	ASSERT_EQ(0, fill(self));
	EXPECT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_INITIALIZE_PARTITION));
}

static const u16 life[] = { HVCALL_INITIALIZE_PARTITION,
			    HVCALL_FINALIZE_PARTITION,
			    HVCALL_DELETE_PARTITION };

TEST_F(partition, C_life_1_no_such_partition)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(life); i++) {
		EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
			  hvt_partition(&self->t, life[i], 0));
		EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
			  hvt_partition(&self->t, life[i], HVT_UNKNOWN_ID));
	}
}

/* The root is not its own child: it cannot end itself. */
TEST_F(partition, C_life_2_not_the_parent)
{
	u64 own = hvt_own_id(&self->t);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(life); i++) {
		EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
			  hvt_partition(&self->t, life[i], own));
		EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
			  hvt_partition(&self->t, life[i],
					HV_PARTITION_ID_SELF));
	}
}

/* The id in a register instead of memory. */
static u16 fast(struct _test_data_partition *self, u16 code)
{
	u64 control = hv_control_simple(code, true);

	return hv_result_status(hvt_registers(&self->t, control, self->id, 0));
}

TEST_F(partition, C_life_3_register_form)
{
	ASSERT_EQ(0, fill(self));
	EXPECT_EQ(HV_STATUS_SUCCESS, fast(self, HVCALL_INITIALIZE_PARTITION));
	EXPECT_EQ(HV_STATUS_SUCCESS, fast(self, HVCALL_FINALIZE_PARTITION));
	ASSERT_EQ(POOL_PAGES, hvt_drain(&self->t, self->id));
	EXPECT_EQ(HV_STATUS_SUCCESS, fast(self, HVCALL_DELETE_PARTITION));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  fast(self, HVCALL_DELETE_PARTITION));
	/* Something for the teardown to delete. */
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &self->id));
}

TEST_F(partition, C_finalize_1_not_before_active)
{
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  move(self, HVCALL_FINALIZE_PARTITION));
	activate(_metadata, self);
	ASSERT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_FINALIZE_PARTITION));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  move(self, HVCALL_FINALIZE_PARTITION));
}

TEST_F(partition, C_delete_1_not_while_active)
{
	activate(_metadata, self);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  move(self, HVCALL_DELETE_PARTITION));
}

TEST_F(partition, C_delete_2_not_with_pages_in_the_pool)
{
	ASSERT_EQ(0, fill(self));
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED,
		  move(self, HVCALL_DELETE_PARTITION));
	ASSERT_EQ(POOL_PAGES - 1,
		  hvt_withdraw(&self->t, self->id, 0, POOL_PAGES - 1).reps);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED,
		  move(self, HVCALL_DELETE_PARTITION));
	ASSERT_EQ(1, hvt_drain(&self->t, self->id));
}

/* The id is gone for good: the next partition has another. */
TEST_F(partition, C_delete_3_id_is_not_used_again)
{
	u64 old = self->id, id;

	ASSERT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_DELETE_PARTITION));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  move(self, HVCALL_DELETE_PARTITION));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &id));
	EXPECT_NE(old, id);
	self->id = id;
}

/* So many mappings that finalizing them is continued: one call all the same. */
TEST_F(partition, C_finalize_3_continued)
{
	struct hvt_mem page;
	u64 continued, gpa;

	ASSERT_EQ(0, hvt_alloc(&self->t, &page, 1));
	activate(_metadata, self);
	/* A leaf table each. */
	for (gpa = 0; gpa < 10; gpa++)
		ASSERT_EQ(1, hvt_map(&self->t, self->id, gpa * 512,
				     HV_MAP_GPA_READABLE, page.pfn, 1).reps);
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, 1, NULL, NULL));
	continued = hvt_counter(&self->t, HVCALL_FINALIZE_PARTITION,
				HV_DEBUG_CONTINUED);
	EXPECT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_FINALIZE_PARTITION));
	EXPECT_LE(continued + 9, hvt_counter(&self->t,
					     HVCALL_FINALIZE_PARTITION,
					     HV_DEBUG_CONTINUED));
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, HVT_REP_BUDGET,
			       NULL, NULL));
	EXPECT_EQ(POOL_PAGES, hvt_drain(&self->t, self->id));
}

TEST_F(partition, C_getid_1_privilege)
{
	u64 id;

	EXPECT_NE(HV_PARTITION_ID_INVALID, hvt_own_id(&self->t));
	drop(_metadata, self, HV_PRIVILEGE(ACCESS_PARTITION_ID));
	id = hvt_own_id(&self->t);
	restore(_metadata, self);
	EXPECT_EQ(HV_PARTITION_ID_INVALID, id);
}

TEST_F(partition, C_next_1_every_child_once)
{
	u64 ids[3] = { self->id }, next = 0;
	unsigned int seen[3] = { 0 }, i, steps = 0;
	u64 own = hvt_own_id(&self->t);

	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, ids + 1));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, ids + 2));
	do {
		ASSERT_EQ(HV_STATUS_SUCCESS,
			  hvt_next_child(&self->t, own, next, &next));
		EXPECT_NE(own, next);
		for (i = 0; i < 3; i++)
			seen[i] += next == ids[i];
		ASSERT_GT(2000, ++steps);
	} while (next);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(1, seen[i]);
	for (i = 1; i < 3; i++)
		ASSERT_EQ(HV_STATUS_SUCCESS,
			  hvt_partition(&self->t, HVCALL_DELETE_PARTITION,
					ids[i]));
}

TEST_F(partition, C_next_2_statuses)
{
	u64 own = hvt_own_id(&self->t);
	u64 next;

	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hvt_next_child(&self->t, HV_PARTITION_ID_SELF, 0, &next));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  hvt_next_child(&self->t, HVT_UNKNOWN_ID, 0, &next));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  hvt_next_child(&self->t, own, HVT_UNKNOWN_ID, &next));
	/* The root is no child of itself. */
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  hvt_next_child(&self->t, own, own, &next));
}

/* --- deposit and balance -------------------------------------------------- */

TEST_F(partition, C_deposit_1_in_order_and_counted)
{
	u64 list[4] = { self->pool.pfn[0], self->pool.pfn[1], 1ULL << 51,
			self->pool.pfn[2] };
	u64 available, in_use;
	struct hvt_done d;

	d = hvt_deposit(&self->t, self->id, list, 4);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, d.status);
	EXPECT_EQ(2, d.reps);
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_balance(&self->t, self->id, &available, &in_use));
	EXPECT_EQ(2, available);
	EXPECT_EQ(0, in_use);
}

TEST_F(partition, C_deposit_2_privilege_and_id)
{
	struct hvt_done d;

	drop(_metadata, self, HV_PRIVILEGE(ACCESS_MEMORY_POOL));
	d = hvt_deposit(&self->t, self->id, self->pool.pfn, 1);
	restore(_metadata, self);
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, d.status);
	EXPECT_EQ(0, d.reps);
	d = hvt_deposit(&self->t, 0, self->pool.pfn, 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, d.status);
	d = hvt_deposit(&self->t, HVT_UNKNOWN_ID, self->pool.pfn, 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, d.status);
}

TEST_F(partition, C_deposit_3_not_after_finalize)
{
	struct hvt_done d;
	u64 pfn;

	activate(_metadata, self);
	ASSERT_EQ(1, hvt_withdraw(&self->t, self->id, 0, 1).reps);
	pfn = *(u64 *)self->t.out;
	d = hvt_deposit(&self->t, self->id, &pfn, 1);
	EXPECT_EQ(HV_STATUS_SUCCESS, d.status);
	ASSERT_EQ(1, hvt_withdraw(&self->t, self->id, 0, 1).reps);
	pfn = *(u64 *)self->t.out;
	ASSERT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_FINALIZE_PARTITION));
	d = hvt_deposit(&self->t, self->id, &pfn, 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE, d.status);
}

/* A page that a child can see is not free to be given away. */
TEST_F(partition, C_deposit_4_not_while_mapped)
{
	struct hvt_mem page;
	struct hvt_done d;

	ASSERT_EQ(0, hvt_alloc(&self->t, &page, 1));
	activate(_metadata, self);
	ASSERT_EQ(1, hvt_map(&self->t, self->id, 5, HV_MAP_GPA_READABLE,
			     page.pfn, 1).reps);
	d = hvt_deposit(&self->t, self->id, page.pfn, 1);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, d.status);
	EXPECT_EQ(0, d.reps);
	ASSERT_EQ(1, hvt_unmap(&self->t, self->id, 5, 1).reps);
	EXPECT_EQ(1, hvt_deposit(&self->t, self->id, page.pfn, 1).reps);
}

/* The page that holds the call's own list is in use, for this call. */
TEST_F(partition, C_deposit_6_the_list_itself)
{
	u64 list[3] = { self->pool.pfn[0], self->t.input.pfn[0],
			self->pool.pfn[1] };
	struct hvt_done d;

	d = hvt_deposit(&self->t, self->id, list, 3);
	EXPECT_EQ(HV_STATUS_OBJECT_IN_USE, d.status);
	EXPECT_EQ(1, d.reps);
}

TEST_F(partition, C_balance_1_statuses)
{
	struct hv_input_get_memory_balance input = {
		.partition_id = self->id,
	};
	u64 available, in_use;
	u16 status;

	drop(_metadata, self, HV_PRIVILEGE(ACCESS_MEMORY_POOL));
	status = hvt_balance(&self->t, self->id, &available, &in_use);
	restore(_metadata, self);
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, status);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  hvt_balance(&self->t, 0, &available, &in_use));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  hvt_balance(&self->t, HVT_UNKNOWN_ID, &available, &in_use));
	input.proximity_domain_info = 1ULL << 33;
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_simple(&self->t, HVCALL_GET_MEMORY_BALANCE, &input,
			     sizeof(input)));
	input.proximity_domain_info = hv_proximity(63, false);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_simple(&self->t, HVCALL_GET_MEMORY_BALANCE, &input,
			     sizeof(input)));
}

/* --- the pool is really used ---------------------------------------------- */

static u64 in_use(struct _test_data_partition *self)
{
	u64 available, used;

	if (hvt_balance(&self->t, self->id, &available, &used) ||
	    available + used != POOL_PAGES)
		return ~0ULL;
	return used;
}

TEST_F(partition, W12_vp_comes_out_of_the_pool)
{
	u64 before;

	activate(_metadata, self);
	before = in_use(self);
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create_vp(&self->t, self->id, 0));
	EXPECT_LT(before, in_use(self));
	EXPECT_NE(~0ULL, in_use(self));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_delete_vp(&self->t, self->id, 0));
	EXPECT_EQ(before, in_use(self));
}

TEST_F(partition, W12_mappings_come_out_of_the_pool)
{
	u64 before, one, far;
	struct hvt_mem page;

	ASSERT_EQ(0, hvt_alloc(&self->t, &page, 1));
	activate(_metadata, self);
	before = in_use(self);
	ASSERT_EQ(1, hvt_map(&self->t, self->id, 0, HV_MAP_GPA_READABLE,
			     page.pfn, 1).reps);
	one = in_use(self);
	EXPECT_LT(before, one);
	/* The neighbour needs no new table, a far one does. */
	ASSERT_EQ(1, hvt_map(&self->t, self->id, 1, HV_MAP_GPA_READABLE,
			     page.pfn, 1).reps);
	EXPECT_EQ(one, in_use(self));
	ASSERT_EQ(1, hvt_map(&self->t, self->id, 1 << 18, HV_MAP_GPA_READABLE,
			     page.pfn, 1).reps);
	far = in_use(self);
	EXPECT_LT(one, far);
	EXPECT_NE(~0ULL, far);
	ASSERT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_FINALIZE_PARTITION));
	EXPECT_EQ(0, in_use(self));
}

/* Too small a pool: INSUFFICIENT_MEMORY, and with more it succeeds. */
TEST_F(partition, W12_C_vp_1_C_map_1_insufficient_memory)
{
	struct hvt_mem page;
	struct hvt_done d;

	ASSERT_EQ(0, hvt_alloc(&self->t, &page, 1));
	activate(_metadata, self);
	hvt_drain(&self->t, self->id);
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY,
		  hvt_create_vp(&self->t, self->id, 0));
	d = hvt_map(&self->t, self->id, 0, HV_MAP_GPA_READABLE, page.pfn, 1);
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, d.status);
	EXPECT_EQ(0, d.reps);
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->pool, POOL_PAGES));
	ASSERT_EQ(0, fill(self));
	EXPECT_EQ(HV_STATUS_SUCCESS, hvt_create_vp(&self->t, self->id, 0));
	d = hvt_map(&self->t, self->id, 0, HV_MAP_GPA_READABLE, page.pfn, 1);
	EXPECT_EQ(HV_STATUS_SUCCESS, d.status);
}

/* --- virtual processors --------------------------------------------------- */

TEST_F(partition, C_vp_2_index)
{
	activate(_metadata, self);
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create_vp(&self->t, self->id, 0));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
		  hvt_create_vp(&self->t, self->id, 0));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
		  hvt_create_vp(&self->t, self->id, 0x10000));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
		  hvt_create_vp(&self->t, self->id, 0x80000000));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
		  hvt_delete_vp(&self->t, self->id, 1));
	EXPECT_EQ(HV_STATUS_SUCCESS, hvt_delete_vp(&self->t, self->id, 0));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
		  hvt_delete_vp(&self->t, self->id, 0));
}

TEST_F(partition, C_vp_4_parameters)
{
	struct hv_input_create_vp input = { .partition_id = self->id };

	activate(_metadata, self);
	for (input.flags = 1; input.flags; input.flags <<= 1)
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
			  hvt_simple(&self->t, HVCALL_CREATE_VP, &input,
				     sizeof(input)));
	input.proximity_domain_info = 1ULL << 40;
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_simple(&self->t, HVCALL_CREATE_VP, &input,
			     sizeof(input)));
	input.proximity_domain_info = hv_proximity(63, true);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_simple(&self->t, HVCALL_CREATE_VP, &input,
			     sizeof(input)));
	EXPECT_EQ(HV_STATUS_SUCCESS, hvt_create_vp(&self->t, self->id, 0));
}

TEST_F(partition, C_vp_3_state_and_id)
{
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  hvt_create_vp(&self->t, self->id, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  hvt_delete_vp(&self->t, self->id, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  hvt_create_vp(&self->t, HVT_UNKNOWN_ID, 0));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  hvt_delete_vp(&self->t, HVT_UNKNOWN_ID, 0));
}

/* Take what a test has given to the root's pool; what is not of it goes back. */
static u64 take_mine(struct hvt *t, const struct hvt_mem *mine)
{
	u64 others[16], number, count = 0;
	u32 n = 0, i;

	while (hvt_withdraw(t, HV_PARTITION_ID_SELF, 0, 1).reps) {
		number = *(u64 *)t->out;
		for (i = 0; i < mine->pages && mine->pfn[i] != number; i++)
			;
		if (i < mine->pages)
			count++;
		else if (n < ARRAY_SIZE(others))
			others[n++] = number;
	}
	for (i = 0; i < n; i++)
		hvt_deposit(t, HV_PARTITION_ID_SELF, &others[i], 1);
	return count;
}

/* 1024 partitions are alive at most: the root, the fixture's, 1022 more. */
TEST_F(partition, C_create_5_at_the_limit)
{
	const struct hv_input_create_partition input = {
		.compatibility_version = HV_COMPATIBILITY_VERSION,
	};
	struct hvt_mem memory;
	u64 ids[1024];
	u32 count = 0;
	u16 status;

	ASSERT_EQ(0, hvt_alloc(&self->t, &memory, 1024));
	ASSERT_EQ(0, hvt_deposit_all(&self->t, HV_PARTITION_ID_SELF, &memory));
	while (count < ARRAY_SIZE(ids)) {
		status = hvt_simple(&self->t, HVCALL_CREATE_PARTITION, &input,
				    sizeof(input));
		if (status)
			break;
		ids[count++] = *(u64 *)self->t.out;
	}
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, status);
	EXPECT_EQ(1022, count);
	while (count--)
		EXPECT_EQ(HV_STATUS_SUCCESS,
			  hvt_partition(&self->t, HVCALL_DELETE_PARTITION,
					ids[count]));
	EXPECT_EQ(memory.pages, take_mine(&self->t, &memory));
}

TEST_F(partition, C_ext_1_capabilities)
{
	const u16 code = HVCALL_EXT_QUERY_CAPABILITIES;
	u64 *out = (u64 *)self->t.out;

	EXPECT_EQ(HV_STATUS_SUCCESS, hvt_simple(&self->t, code, NULL, 0));
	EXPECT_EQ(0, out[0]);
	/* A code of the range that is none. */
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE,
		  hvt_simple(&self->t, 0x8fff, NULL, 0));
	drop(_metadata, self, HV_PRIVILEGE(ENABLE_EXTENDED_HYPERCALLS));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  hvt_simple(&self->t, code, NULL, 0));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED,
		  hvt_simple(&self->t, 0x8fff, NULL, 0));
	restore(_metadata, self);
}

/* --- GPA space ------------------------------------------------------------ */

TEST_F(partition, C_map_2_rights)
{
	struct hvt_mem page;
	u32 rights;

	ASSERT_EQ(0, hvt_alloc(&self->t, &page, 1));
	activate(_metadata, self);
	for (rights = 1; rights <= HV_MAP_GPA_RIGHTS; rights++) {
		/* Writing or executing without reading is no right. */
		bool valid = rights & HV_MAP_GPA_READABLE;
		struct hvt_done d;

		if (!valid) {
			d = hvt_map(&self->t, self->id, 7, rights, page.pfn, 1);
			EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, d.status)
				TH_LOG("rights %#x", rights);
			EXPECT_EQ(0, d.reps);
		}
	}
	for (rights = HV_MAP_GPA_READABLE; rights <= HV_MAP_GPA_RIGHTS;
	     rights |= HV_MAP_GPA_EXECUTABLE) {
		EXPECT_EQ(1, hvt_map(&self->t, self->id, 7, rights, page.pfn,
				     1).reps);
		EXPECT_EQ(1, hvt_map(&self->t, self->id, 7,
				     rights | HV_MAP_GPA_WRITABLE, page.pfn,
				     1).reps);
		if (rights & HV_MAP_GPA_EXECUTABLE)
			break;
	}
}

TEST_F(partition, C_map_3_parameters)
{
	struct hvt_mem page;
	struct hvt_done d;

	ASSERT_EQ(0, hvt_alloc(&self->t, &page, 1));
	activate(_metadata, self);
	d = hvt_map(&self->t, self->id, 1ULL << 40, HV_MAP_GPA_READABLE,
		    page.pfn, 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, d.status);
	EXPECT_EQ(0, d.reps);
	d = hvt_map(&self->t, self->id, ~0ULL, HV_MAP_GPA_READABLE, page.pfn,
		    1);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, d.status);
	d = hvt_map(&self->t, self->id, 0, HV_MAP_GPA_READABLE | 0x10,
		    page.pfn, 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, d.status);
	EXPECT_EQ(0, d.reps);
}

TEST_F(partition, C_map_4_source)
{
	u64 list[3];
	struct hvt_mem page;
	struct hvt_done d;

	ASSERT_EQ(0, hvt_alloc(&self->t, &page, 1));
	activate(_metadata, self);
	/* One that is deposited, after one that is not. */
	list[0] = page.pfn[0];
	list[1] = self->pool.pfn[POOL_PAGES - 1];
	list[2] = page.pfn[0];
	d = hvt_map(&self->t, self->id, 0, HV_MAP_GPA_READABLE, list, 3);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, d.status);
	EXPECT_EQ(1, d.reps);
}

TEST_F(partition, C_map_5_state_and_id)
{
	struct hvt_mem page;
	struct hvt_done d;

	ASSERT_EQ(0, hvt_alloc(&self->t, &page, 1));
	d = hvt_map(&self->t, self->id, 0, HV_MAP_GPA_READABLE, page.pfn, 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE, d.status);
	d = hvt_map(&self->t, HVT_UNKNOWN_ID, 0, HV_MAP_GPA_READABLE, page.pfn,
		    1);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, d.status);
	EXPECT_EQ(0, d.reps);
}

/* The root maps to itself what it has, as it has it, and nothing else. */
TEST_F(partition, C_map_8_the_root_itself)
{
	const u64 self_id = HV_PARTITION_ID_SELF, all = HV_MAP_GPA_RIGHTS;
	struct hvt_mem pages;
	struct hvt_done d;

	ASSERT_EQ(0, hvt_alloc(&self->t, &pages, 2));
	EXPECT_EQ(1, hvt_map(&self->t, self_id, pages.pfn[0], all, pages.pfn,
			     1).reps);
	d = hvt_map(&self->t, self_id, pages.pfn[1], all, pages.pfn, 1);
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, d.status);
	d = hvt_map(&self->t, self_id, pages.pfn[0], HV_MAP_GPA_READABLE,
		    pages.pfn, 1);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, d.status);
	/* Not what it has given away. */
	ASSERT_EQ(1, hvt_deposit(&self->t, self->id, pages.pfn, 1).reps);
	d = hvt_map(&self->t, self_id, pages.pfn[0], all, pages.pfn, 1);
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, d.status);
}

TEST_F(partition, C_unmap_1_unmapped_succeeds)
{
	struct hvt_done d;

	activate(_metadata, self);
	d = hvt_unmap(&self->t, self->id, 100, 20);
	EXPECT_EQ(HV_STATUS_SUCCESS, d.status);
	EXPECT_EQ(20, d.reps);
}

TEST_F(partition, C_unmap_2_statuses)
{
	struct hvt_done d;

	d = hvt_unmap(&self->t, self->id, 0, 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE, d.status);
	activate(_metadata, self);
	d = hvt_unmap(&self->t, self->id, 1ULL << 40, 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, d.status);
	d = hvt_unmap(&self->t, HVT_UNKNOWN_ID, 0, 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, d.status);
	d = hvt_unmap(&self->t, HV_PARTITION_ID_SELF, self->pool.pfn[0], 1);
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, d.status);
	EXPECT_EQ(0, d.reps);
}

/* Finalizing takes the mappings away: the root's pages are free again. */
TEST_F(partition, C_finalize_2_mappings_go)
{
	struct hvt_mem page;
	struct hvt_audit a;

	ASSERT_EQ(0, hvt_alloc(&self->t, &page, 1));
	activate(_metadata, self);
	ASSERT_EQ(1, hvt_map(&self->t, self->id, 3, HV_MAP_GPA_READABLE,
			     page.pfn, 1).reps);
	ASSERT_EQ(0, hvt_audit(&self->t, &a));
	EXPECT_EQ(self->before.v[HV_DEBUG_MAPPED_PAGES] + 1,
		  a.v[HV_DEBUG_MAPPED_PAGES]);
	ASSERT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_FINALIZE_PARTITION));
	ASSERT_EQ(0, hvt_audit(&self->t, &a));
	EXPECT_EQ(self->before.v[HV_DEBUG_MAPPED_PAGES],
		  a.v[HV_DEBUG_MAPPED_PAGES]);
}

TEST_HARNESS_MAIN
