// SPDX-License-Identifier: GPL-2.0
/*
 * What goes into a pool, and what is said of it: C-deposit, C-balance.
 */
#include "hvtest_partition.h"

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

TEST_HARNESS_MAIN
