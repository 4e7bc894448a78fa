// SPDX-License-Identifier: GPL-2.0
/*
 * HvWithdrawMemory, the list of pages that comes back: W1, W7, W8, W9, W16. No
 * user sees it: the hypercall alone.
 */
#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_harness.h"

/* More than one call can withdraw. */
#define POOL_PAGES 600

FIXTURE(withdraw_list) {
	struct hvt t;
	u64 id;
	struct hvt_mem pool;
	u64 *list; /* the output */
};

FIXTURE_SETUP(withdraw_list)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->pool, POOL_PAGES));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &self->id));
	/* What is in the pages must not come back. */
	memset(self->pool.va, 0x3c, POOL_PAGES * HV_PAGE_SIZE);
	ASSERT_EQ(0, hvt_deposit_all(&self->t, self->id, &self->pool));
	self->list = (u64 *)self->t.out;
}

FIXTURE_TEARDOWN(withdraw_list)
{
	EXPECT_EQ(0, hvt_destroy(&self->t, self->id));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* The 16 input bytes spelled out, and nothing behind them is looked at. */
TEST_F(withdraw_list, W1_input_bytes)
{
	u8 input[16];
	u64 result;
	u32 i;

	for (i = 0; i < 8; i++)
		input[i] = self->id >> (8 * i);
	/* Byte 15, bit 7: valid; byte 8: domain 0. */
	memset(input + 8, 0, 8);
	input[15] = 0x80;
	result = hvt_call(&self->t, 0x49 | 3ULL << 32, input, sizeof(input));
	EXPECT_EQ(3ULL << 32, result);

	/* Byte 8 is the lowest of the domain: 63 is none. */
	input[8] = 63;
	result = hvt_call(&self->t, 0x49 | 3ULL << 32, input, sizeof(input));
	EXPECT_EQ(5, result);

	/* Byte 12, bit 0: preferred, of no consequence when not valid. */
	input[12] = 1;
	input[15] = 0;
	result = hvt_call(&self->t, 0x49 | 3ULL << 32, input, sizeof(input));
	EXPECT_EQ(3ULL << 32, result);
	/* Byte 12, bit 1: reserved. */
	input[12] = 2;
	result = hvt_call(&self->t, 0x49 | 3ULL << 32, input, sizeof(input));
	EXPECT_EQ(5, result);
}

TEST_F(withdraw_list, W1_element_i_at_byte_8_i)
{
	struct hvt_done d = hvt_withdraw(&self->t, self->id, 0, 5);
	u32 i;

	ASSERT_EQ(HV_STATUS_SUCCESS, d.status);
	ASSERT_EQ(5, d.reps);
	for (i = 0; i < 5; i++) {
		u64 pfn = 0;
		int byte;

		for (byte = 7; byte >= 0; byte--)
			pfn = pfn << 8 | self->t.out[8 * i + byte];
		EXPECT_LE(0, hvt_page_index(&self->pool, pfn));
	}
	for (i = 5 * 8; i < HV_PAGE_SIZE; i++)
		ASSERT_EQ(HVT_OUT_POISON, self->t.out[i]);
}

TEST_F(withdraw_list, W1_a_page_full_of_elements)
{
	struct hvt_done d;
	u32 i;

	d = hvt_withdraw(&self->t, self->id, 0, HV_WITHDRAW_MAX);
	ASSERT_EQ(HV_STATUS_SUCCESS, d.status);
	ASSERT_EQ(512, d.reps);
	for (i = 0; i < 512; i++)
		ASSERT_LE(0, hvt_page_index(&self->pool, self->list[i]));
}

/* The elements completed are valid though the status is not SUCCESS. */
TEST_F(withdraw_list, W1_W7_elements_of_a_partial_answer)
{
	struct hvt_done d;
	u32 i;

	d = hvt_withdraw(&self->t, self->id, 0, HV_WITHDRAW_MAX);
	ASSERT_EQ(512, d.reps);
	d = hvt_withdraw(&self->t, self->id, 0, HV_WITHDRAW_MAX);
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, d.status);
	ASSERT_EQ(POOL_PAGES - 512, d.reps);
	for (i = 0; i < d.reps; i++)
		EXPECT_LE(0, hvt_page_index(&self->pool, self->list[i]));
	for (; i < 512; i++)
		ASSERT_EQ(0xa5a5a5a5a5a5a5a5ULL, self->list[i]);
}

/* Every page that went in comes out, once, and no other. */
TEST_F(withdraw_list, W9_each_page_once_and_from_this_pool)
{
	u8 seen[POOL_PAGES] = { 0 };
	struct hvt_mem other;
	struct hvt_done d;
	u64 available, in_use;
	u64 other_id;
	u64 sum = 0;
	u32 i;

	ASSERT_EQ(0, hvt_alloc(&self->t, &other, 50));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &other_id));
	ASSERT_EQ(0, hvt_deposit_all(&self->t, other_id, &other));

	do {
		d = hvt_withdraw(&self->t, self->id, 0, 100);
		for (i = 0; i < d.reps; i++) {
			long at = hvt_page_index(&self->pool, self->list[i]);

			ASSERT_LE(0, at);
			ASSERT_EQ(0, seen[at]);
			seen[at] = 1;
		}
		sum += d.reps;
	} while (d.status == HV_STATUS_SUCCESS);
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, d.status);
	EXPECT_EQ(POOL_PAGES, sum);

	ASSERT_EQ(0, hvt_balance(&self->t, other_id, &available, &in_use));
	EXPECT_EQ(50, available);
	d = hvt_withdraw(&self->t, other_id, 0, 50);
	ASSERT_EQ(50, d.reps);
	for (i = 0; i < 50; i++)
		EXPECT_LE(0, hvt_page_index(&other, self->list[i]));
	EXPECT_EQ(0, hvt_destroy(&self->t, other_id));
}

static bool all_zero(const struct hvt_mem *mem)
{
	const u64 *word = (const u64 *)mem->va;
	size_t i;

	for (i = 0; i < mem->pages * HV_PAGE_SIZE / sizeof(*word); i++)
		if (word[i])
			return false;
	return true;
}

TEST_F(withdraw_list, W8_zero_filled)
{
	ASSERT_EQ(POOL_PAGES, hvt_drain(&self->t, self->id));
	EXPECT_TRUE(all_zero(&self->pool));
}

/* Pages that held a VP and page tables in between. */
TEST_F(withdraw_list, W8_zero_filled_after_use)
{
	struct hvt_mem guest;
	u64 unused, in_use;

	ASSERT_EQ(0, hvt_alloc(&self->t, &guest, 2));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_INITIALIZE_PARTITION,
				self->id));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create_vp(&self->t, self->id, 0));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_map(&self->t, self->id, 0, HV_MAP_GPA_READABLE,
			  guest.pfn, 1).status);
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_map(&self->t, self->id, 1 << 20, HV_MAP_GPA_READABLE,
			  guest.pfn + 1, 1).status);
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_balance(&self->t, self->id, &unused, &in_use));
	EXPECT_LT(0, in_use);
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION, self->id));
	ASSERT_EQ(POOL_PAGES, hvt_drain(&self->t, self->id));
	EXPECT_TRUE(all_zero(&self->pool));
}

/* The caller sees one call, however often it was continued. */
TEST_F(withdraw_list, W16_continued_calls)
{
	static const u32 budgets[] = { 1, 7, 64, 511 };
	u8 seen[POOL_PAGES];
	unsigned int b;
	u64 continued;
	u32 i;

	for (b = 0; b < ARRAY_SIZE(budgets); b++) {
		struct hvt_done d;

		memset(seen, 0, sizeof(seen));
		ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET,
				       budgets[b], NULL, NULL));
		continued = hvt_counter(&self->t, HVCALL_WITHDRAW_MEMORY,
					HV_DEBUG_CONTINUED);
		d = hvt_withdraw(&self->t, self->id, 0, 512);
		ASSERT_EQ(HV_STATUS_SUCCESS, d.status);
		ASSERT_EQ(512, d.reps);
		for (i = 0; i < 512; i++) {
			long at = hvt_page_index(&self->pool, self->list[i]);

			ASSERT_LE(0, at);
			ASSERT_EQ(0, seen[at]);
			seen[at] = 1;
		}
		/* The rest of the list is gone when counters are read. */
		EXPECT_EQ(continued + (512 - 1) / budgets[b],
			  hvt_counter(&self->t, HVCALL_WITHDRAW_MEMORY,
				      HV_DEBUG_CONTINUED));

		for (i = 0; i < POOL_PAGES; i++)
			if (seen[i])
				ASSERT_EQ(1, hvt_deposit(&self->t, self->id,
							 self->pool.pfn + i, 1)
						     .reps);
	}
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, HVT_REP_BUDGET, NULL, NULL));
}

/* A continued call that ends in an error still counts from element 0. */
TEST_F(withdraw_list, W7_W16_continued_call_runs_dry)
{
	struct hvt_done d;

	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, 10, NULL, NULL));
	d = hvt_withdraw(&self->t, self->id, 0, 512);
	ASSERT_EQ(512, d.reps);
	d = hvt_withdraw(&self->t, self->id, 0, 512);
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, d.status);
	EXPECT_EQ(POOL_PAGES - 512, d.reps);
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, HVT_REP_BUDGET, NULL, NULL));
}

TEST_HARNESS_MAIN
