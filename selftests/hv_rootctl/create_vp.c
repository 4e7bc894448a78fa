// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual processors come and go, and who pays for them: C-vp, W12.
 */
#include "hvtest_partition.h"

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

static u16 set_reserve(struct _test_data_partition *self, u64 value)
{
	const struct hv_input_set_partition_property input = {
		.partition_id = self->id,
		.property_code = HV_PARTITION_PROPERTY_CPU_RESERVE,
		.property_value = value,
	};

	return hvt_simple(&self->t, HVCALL_SET_PARTITION_PROPERTY, &input,
			  sizeof(input));
}

/* What VPs reserve of processors is no more than the machine has of them. */
TEST_F(partition, C_vp_5_C_property_3_reserve)
{
	const u32 whole = 0x10000, processors = sysconf(_SC_NPROCESSORS_CONF);
	u64 used;
	u32 i;

	activate(_metadata, self);
	ASSERT_EQ(0, set_reserve(self, whole));
	for (i = 0; i < processors; i++)
		EXPECT_EQ(HV_STATUS_SUCCESS,
			  hvt_create_vp(&self->t, self->id, i));
	used = in_use(self);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED,
		  hvt_create_vp(&self->t, self->id, processors));
	EXPECT_EQ(used, in_use(self));
	/* Half as much for each: twice as many, and no more for any. */
	EXPECT_EQ(0, set_reserve(self, whole / 2));
	for (; i < 2 * processors; i++)
		EXPECT_EQ(HV_STATUS_SUCCESS,
			  hvt_create_vp(&self->t, self->id, i));
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED,
		  hvt_create_vp(&self->t, self->id, i));
	EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
		  set_reserve(self, whole / 2 + 1));
	/* One that goes leaves its share to another. */
	EXPECT_EQ(HV_STATUS_SUCCESS, hvt_delete_vp(&self->t, self->id, 0));
	EXPECT_EQ(HV_STATUS_SUCCESS, hvt_create_vp(&self->t, self->id, i));
	/* So does a whole partition. */
	ASSERT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_FINALIZE_PARTITION));
	ASSERT_EQ(0, hvt_destroy(&self->t, self->id));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &self->id));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->pool, POOL_PAGES));
	activate(_metadata, self);
	ASSERT_EQ(0, set_reserve(self, whole));
	EXPECT_EQ(HV_STATUS_SUCCESS, hvt_create_vp(&self->t, self->id, 0));
}

TEST_HARNESS_MAIN
