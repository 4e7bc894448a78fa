// SPDX-License-Identifier: GPL-2.0
/*
 * A partition's life: the C rows of Documentation/conformance.md from C-create to
 * C-next, and C-ext.
 */
#include "hvtest_partition.h"

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

/* So many mappings that finalizing them is continued: one call all the same. */
TEST_F(partition, C_finalize_3_continued)
{
	struct hvt_mem page;
	u64 continued, gpa;

	ASSERT_EQ(0, hvt_alloc(&self->t, &page, 1));
	activate(_metadata, self);
	/* A leaf table each: more than the usual budget for one invocation. */
	for (gpa = 0; gpa < 10; gpa++)
		ASSERT_EQ(1, hvt_map(&self->t, self->id, gpa * 512,
				     HV_MAP_GPA_READABLE, page.pfn, 1).reps);
	continued = hvt_counter(&self->t, HVCALL_FINALIZE_PARTITION,
				HV_DEBUG_CONTINUED);
	EXPECT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_FINALIZE_PARTITION));
	EXPECT_LE(continued + 9, hvt_counter(&self->t,
					     HVCALL_FINALIZE_PARTITION,
					     HV_DEBUG_CONTINUED));
	EXPECT_EQ(POOL_PAGES, hvt_drain(&self->t, self->id));
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

TEST_HARNESS_MAIN
