// SPDX-License-Identifier: GPL-2.0
/*
 * What a partition sees at its GPAs, and who pays for it: C-map, C-unmap, W12.
 */
#include "hvtest_partition.h"

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

TEST_HARNESS_MAIN
