// SPDX-License-Identifier: GPL-2.0
/* Memory pools: the driver's deposit, withdraw and balance, and what is true. */
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "sim_test.h"

static struct hv_rootctl_pool withdraw(struct kunit *test, u64 id, u64 pages,
				       u64 proximity)
{
	struct hv_rootctl_pool args = {
		.partition_id = id,
		.proximity_domain_info = proximity,
		.page_count = pages,
	};
	struct sim_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, hvrc_withdraw(t->file, &args), 0);
	return args;
}

static void w3_all_pages_asked_for(struct kunit *test)
{
	struct hv_rootctl_pool args;
	u64 id = sim_test_create(test);

	sim_test_deposit(test, id, 1500);
	sim_test_balance(test, id, 1500, 0);

	args = withdraw(test, id, 1000, 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, args.pages_done, 1000);
	KUNIT_EXPECT_EQ(test, args.hypercalls, 2);
	sim_test_balance(test, id, 500, 0);
}

static void w2_w7_the_pool_runs_dry(struct kunit *test)
{
	struct hv_rootctl_pool args;
	u64 id = sim_test_create(test);

	sim_test_deposit(test, id, 700);
	args = withdraw(test, id, 1000, 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_NO_RESOURCES);
	KUNIT_EXPECT_EQ(test, args.pages_done, 700);

	args = withdraw(test, id, 1, 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_NO_RESOURCES);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0);
	sim_test_balance(test, id, 0, 0);
}

static void w5_no_such_partition(struct kunit *test)
{
	struct sim_test *t = test->priv;
	u64 gone = sim_test_create(test);
	const u64 ids[] = { 0, gone, gone + 1, 1ULL << 63 };
	struct hv_rootctl_pool args;
	int i;

	sim_test_delete(test, gone);
	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		args = withdraw(test, ids[i], 10, 0);
		KUNIT_EXPECT_EQ(test, args.hv_status,
				HV_STATUS_INVALID_PARTITION_ID);
		KUNIT_EXPECT_EQ(test, args.pages_done, 0);

		args.page_count = 10;
		KUNIT_EXPECT_EQ(test, hvrc_deposit(t->file, &args), 0);
		KUNIT_EXPECT_EQ(test, args.hv_status,
				HV_STATUS_INVALID_PARTITION_ID);
		KUNIT_EXPECT_EQ(test, args.pages_done, 0);
	}
}

static void w6_w13_proximity(struct kunit *test)
{
	struct hv_rootctl_pool args;
	u64 id = sim_test_create(test);

	sim_test_deposit(test, id, 30);
	args = withdraw(test, id, 10, hv_proximity(63, false));
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_INVALID_PARAMETER);
	args = withdraw(test, id, 10, HV_PROXIMITY_VALID | 1ULL << 40);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_INVALID_PARAMETER);
	sim_test_balance(test, id, 30, 0);

	/* Without the valid bit the domain means nothing. */
	args = withdraw(test, id, 10, 63);
	KUNIT_EXPECT_EQ(test, args.pages_done, 10);
	args = withdraw(test, id, 10, hv_proximity(0, false));
	KUNIT_EXPECT_EQ(test, args.pages_done, 10);
	args = withdraw(test, id, 10, hv_proximity(0, true));
	KUNIT_EXPECT_EQ(test, args.pages_done, 10);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
}

#define KNOWN_PAGES 20

/* Pages whose numbers the test knows, by hypercalls of its own. */
static void rep_call(struct kunit *test, u16 code, u32 count)
{
	struct hvrc_rep rep = {
		.code = code,
		.count = count,
	};
	struct sim_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, hvrc_rep_step(&t->file->caller, &rep), 0);
	KUNIT_ASSERT_EQ(test, rep.status, HV_STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, rep.done, count);
}

static void deposit_known(struct kunit *test, u64 id, struct page **pages)
{
	struct sim_test *t = test->priv;
	struct hv_input_deposit_memory *in = t->file->caller.input;
	int i;

	in->partition_id = id;
	for (i = 0; i < KNOWN_PAGES; i++)
		in->gpa_page_list[i] = page_to_pfn(pages[i]);
	rep_call(test, HVCALL_DEPOSIT_MEMORY, KNOWN_PAGES);
}

static void withdraw_known(struct kunit *test, u64 id, u64 *pfns)
{
	struct sim_test *t = test->priv;

	*(struct hv_input_withdraw_memory *)t->file->caller.input =
		(struct hv_input_withdraw_memory){ .partition_id = id };
	rep_call(test, HVCALL_WITHDRAW_MEMORY, KNOWN_PAGES);
	memcpy(pfns, t->file->caller.output, KNOWN_PAGES * sizeof(*pfns));
}

/* Dirty pages of two pools come back clean, each once, from its own pool. */
static void w8_w9_zeroed_and_the_same(struct kunit *test)
{
	u64 id[2] = { sim_test_create(test), sim_test_create(test) };
	struct page *pages[2][KNOWN_PAGES];
	u64 pfns[KNOWN_PAGES];
	int pool, i, j;

	for (pool = 0; pool < 2; pool++) {
		for (i = 0; i < KNOWN_PAGES; i++) {
			pages[pool][i] = alloc_page(GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, pages[pool][i]);
			memset(page_address(pages[pool][i]), 0x5a, PAGE_SIZE);
		}
		deposit_known(test, id[pool], pages[pool]);
	}
	for (pool = 0; pool < 2; pool++) {
		withdraw_known(test, id[pool], pfns);
		for (i = 0; i < KNOWN_PAGES; i++) {
			struct page *page = pages[pool][i];
			int times = 0;

			for (j = 0; j < KNOWN_PAGES; j++)
				times += pfns[j] == page_to_pfn(page);
			KUNIT_EXPECT_EQ(test, times, 1);
			KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page),
							   0, PAGE_SIZE));
			__free_page(page);
		}
	}
}

/* A page that is in a pool, or is no RAM at all, cannot be deposited. */
static void w10_what_is_not_the_roots(struct kunit *test)
{
	struct sim_test *t = test->priv;
	struct hv_input_deposit_memory *in = t->file->caller.input;
	u64 id = sim_test_create(test);
	struct page *page = alloc_page(GFP_KERNEL);
	const u64 pfns[] = { page_to_pfn(page), 0, 1ULL << 50, U64_MAX };
	struct hvrc_rep rep;
	u64 result;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	in->partition_id = id;
	in->gpa_page_list[0] = page_to_pfn(page);
	rep_call(test, HVCALL_DEPOSIT_MEMORY, 1);

	for (i = 0; i < ARRAY_SIZE(pfns); i++) {
		rep = (struct hvrc_rep){
			.code = HVCALL_DEPOSIT_MEMORY,
			.count = 1,
		};
		in->gpa_page_list[0] = pfns[i];
		KUNIT_EXPECT_EQ(test, hvrc_rep_step(&t->file->caller, &rep), 0);
		KUNIT_EXPECT_EQ(test, rep.status, HV_STATUS_OPERATION_DENIED);
		KUNIT_EXPECT_EQ(test, rep.done, 0);
	}

	/* Nor can it hold the list of a call. */
	result = hvrc_sim_call(t->sim, HVCALL_GET_MEMORY_BALANCE,
			       page_to_phys(page),
			       virt_to_phys(t->file->caller.output));
	KUNIT_EXPECT_EQ(test, hv_result_status(result),
			HV_STATUS_INVALID_HYPERCALL_INPUT);

	*(struct hv_input_withdraw_memory *)t->file->caller.input =
		(struct hv_input_withdraw_memory){ .partition_id = id };
	rep_call(test, HVCALL_WITHDRAW_MEMORY, 1);
	__free_page(page);
}

/*
 * The simulation cannot refuse the root's access to a page that is deposited,
 * but sees that it was written to.
 */
static void w10_writes_to_deposited_pages(struct kunit *test)
{
	struct sim_test *t = test->priv;
	struct page *pages[KNOWN_PAGES];
	u64 id = sim_test_create(test);
	u64 pfns[KNOWN_PAGES];
	int i;

	for (i = 0; i < KNOWN_PAGES; i++) {
		pages[i] = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, pages[i]);
	}
	deposit_known(test, id, pages);
	((u8 *)page_address(pages[3]))[PAGE_SIZE - 1] = 0;
	withdraw_known(test, id, pfns);
	t->trespasses = 1;
	for (i = 0; i < KNOWN_PAGES; i++)
		__free_page(pages[i]);
}

/* The whole pool can be had before a partition is active and after. */
static void w11_states(struct kunit *test)
{
	struct hv_rootctl_pool args;
	u64 id = sim_test_create(test);

	sim_test_deposit(test, id, 100);
	sim_test_withdraw(test, id, 100);

	sim_test_deposit(test, id, 100);
	sim_test_initialize(test, id);
	sim_test_vp_create(test, id, 0);
	KUNIT_EXPECT_GT(test, sim_test_in_use(test, id), 0);
	args = withdraw(test, id, 100, 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_NO_RESOURCES);
	KUNIT_EXPECT_EQ(test, args.pages_done + sim_test_in_use(test, id), 100);

	sim_test_finalize(test, id);
	args = withdraw(test, id, 100 - args.pages_done, 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	sim_test_balance(test, id, 0, 0);
}

static void w12_the_pool_is_used(struct kunit *test)
{
	struct hv_rootctl_partition_create create = {};
	struct sim_test *t = test->priv;
	u8 __user *user = sim_test_user(test, 1);
	u64 id, vp, mapped;

	KUNIT_EXPECT_EQ(test, hvrc_partition_create(t->file, &create), 0);
	KUNIT_EXPECT_EQ(test, create.hv_status, HV_STATUS_INSUFFICIENT_MEMORY);

	id = sim_test_create(test);
	KUNIT_EXPECT_GT(test, sim_test_in_use(test, HV_ROOTCTL_SELF), 0);

	sim_test_deposit(test, id, 50);
	sim_test_initialize(test, id);
	vp = sim_test_in_use(test, id);
	sim_test_vp_create(test, id, 0);
	mapped = sim_test_in_use(test, id);
	KUNIT_EXPECT_GT(test, mapped, vp);
	sim_test_map(test, id, SIM_TEST_GPA, user, 1, HV_MAP_GPA_RIGHTS);
	KUNIT_EXPECT_GT(test, sim_test_in_use(test, id), mapped);
	sim_test_balance(test, id, 50 - sim_test_in_use(test, id),
			 sim_test_in_use(test, id));

	sim_test_unmap(test, id, SIM_TEST_GPA, 1);
	sim_test_vp_delete(test, id, 0);
	sim_test_finalize(test, id);
	sim_test_balance(test, id, 50, 0);
	sim_test_withdraw(test, id, 50);
	sim_test_delete(test, id);
	KUNIT_EXPECT_EQ(test, sim_test_in_use(test, HV_ROOTCTL_SELF), 0);
}

static void w14_the_roots_own_pool(struct kunit *test)
{
	sim_test_balance(test, HV_ROOTCTL_SELF, 0, 0);
	sim_test_deposit(test, HV_ROOTCTL_SELF, 30);
	sim_test_balance(test, HVC_ROOT_ID, 30, 0);
	sim_test_withdraw(test, HVC_ROOT_ID, 10);
	sim_test_withdraw(test, HV_ROOTCTL_SELF, 20);
	sim_test_balance(test, HV_ROOTCTL_SELF, 0, 0);
}

/* The way to the hypervisor is open with interrupts off. */
static void w15_interrupts_off(struct kunit *test)
{
	struct sim_test *t = test->priv;
	struct hvrc_rep rep = {
		.code = HVCALL_WITHDRAW_MEMORY,
		.count = 1,
	};
	u64 id = sim_test_create(test);
	unsigned long flags;
	int err;

	*(struct hv_input_withdraw_memory *)t->file->caller.input =
		(struct hv_input_withdraw_memory){ .partition_id = id };
	local_irq_save(flags);
	err = hvrc_rep_step(&t->file->caller, &rep);
	KUNIT_EXPECT_TRUE(test, irqs_disabled());
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, err, 0);
	KUNIT_EXPECT_EQ(test, rep.status, HV_STATUS_NO_RESOURCES);
}

/* Elements per invocation; the caller sees one call all the same. */
static void w16_continued_calls(struct kunit *test)
{
	static const u64 budgets[] = { 1, 7, 511 };
	u64 before[HV_DEBUG_VALUES], after[HV_DEBUG_VALUES];
	struct sim_test *t = test->priv;
	struct hv_rootctl_pool args;
	u64 id = sim_test_create(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(budgets); i++) {
		hvrc_sim_debug(t->sim, HV_DEBUG_REP_BUDGET, budgets[i], NULL);
		hvrc_sim_debug(t->sim, HV_DEBUG_COUNTERS,
			       HVCALL_WITHDRAW_MEMORY, before);
		sim_test_deposit(test, id, 512);
		args = withdraw(test, id, 512, 0);
		hvrc_sim_debug(t->sim, HV_DEBUG_COUNTERS,
			       HVCALL_WITHDRAW_MEMORY, after);

		KUNIT_EXPECT_EQ(test, args.pages_done, 512);
		KUNIT_EXPECT_EQ(test, args.hypercalls, 1);
		KUNIT_EXPECT_EQ(test, after[HV_DEBUG_CALLS],
				before[HV_DEBUG_CALLS] + 1);
		KUNIT_EXPECT_EQ(test, after[HV_DEBUG_REPS],
				before[HV_DEBUG_REPS] + 512);
		KUNIT_EXPECT_EQ(test, after[HV_DEBUG_CONTINUED],
				before[HV_DEBUG_CONTINUED] +
					DIV_ROUND_UP(512, budgets[i]) - 1);
	}
}

/* A program ends with partitions in every state: nothing is lost. */
static void closing_returns_everything(struct kunit *test)
{
	struct sim_test *t = test->priv;
	u64 id;

	sim_test_deposit(test, sim_test_create(test), 600);
	sim_test_active_child(test);
	id = sim_test_active_child(test);
	sim_test_map(test, id, SIM_TEST_GPA, sim_test_user(test, 8), 8,
		     HV_MAP_GPA_RIGHTS);
	id = sim_test_active_child(test);
	sim_test_finalize(test, id);

	hvrc_file_destroy(t->file);
	t->file = hvrc_file_create(t->hv);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->file);
	KUNIT_EXPECT_EQ(test, sim_test_in_use(test, HV_ROOTCTL_SELF), 0);
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(w3_all_pages_asked_for),
	KUNIT_CASE(w2_w7_the_pool_runs_dry),
	KUNIT_CASE(w5_no_such_partition),
	KUNIT_CASE(w6_w13_proximity),
	KUNIT_CASE(w8_w9_zeroed_and_the_same),
	KUNIT_CASE(w10_what_is_not_the_roots),
	KUNIT_CASE(w10_writes_to_deposited_pages),
	KUNIT_CASE(w11_states),
	KUNIT_CASE(w12_the_pool_is_used),
	KUNIT_CASE(w14_the_roots_own_pool),
	KUNIT_CASE(w15_interrupts_off),
	KUNIT_CASE(w16_continued_calls),
	KUNIT_CASE(closing_returns_everything),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "hv_rootctl_sim_pool",
	.init = sim_test_init,
	.exit = sim_test_exit,
	.test_cases = pool_cases,
};

kunit_test_suite(pool_suite);
