// SPDX-License-Identifier: GPL-2.0
/*
 * Deposit and withdraw: every page has one owner, whatever the hypervisor
 * says. The pages are real ones of the kernel's.
 */
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include <hv/memory.h>

#include "fake.h"

static int pool_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;

	fake->answer = fake_pool;
	return err;
}

/* A page of ours that is in no pool. */
static u64 foreign_page(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page_to_pfn(page);
}

/* W1, W3: 512 in a call and no more, and as few calls as that makes. */
static void pool_w1_w3_batches(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 1023, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 1023ULL);
	KUNIT_EXPECT_EQ(test, args.hypercalls, 3ULL);
	KUNIT_EXPECT_EQ(test, fake->control[0],
			hv_control_rep(HVCALL_DEPOSIT_MEMORY, 511, 0));
	KUNIT_EXPECT_EQ(test, fake->control[2],
			hv_control_rep(HVCALL_DEPOSIT_MEMORY, 1, 0));
	EXPECT_BOOKS(fake, 1023, 0, 0);

	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 1023, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 1023ULL);
	KUNIT_EXPECT_EQ(test, args.hypercalls, 2ULL);
	KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
	KUNIT_EXPECT_EQ(test, fake->control[3],
			hv_control_rep(HVCALL_WITHDRAW_MEMORY, 512, 0));
	KUNIT_EXPECT_EQ(test, fake->control[4],
			hv_control_rep(HVCALL_WITHDRAW_MEMORY, 511, 0));
	EXPECT_BOOKS(fake, 0, 0, 1023);
}

/* Nothing asked for is nothing done, and no hypercall. */
static void pool_none(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 0, &args), 0);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 0, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_ROOTCTL_NO_STATUS);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

/* W13: the domain goes through as it is; W14: so does the id. */
static void pool_w13_input(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args = {
		.partition_id = HV_ROOTCTL_SELF,
		.proximity_domain_info = hv_proximity(63, true) | BIT_ULL(40),
		.page_count = 1,
	};

	KUNIT_EXPECT_EQ(test, hvrc_withdraw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_NO_RESOURCES);
	KUNIT_EXPECT_EQ(test, fake->input[0][0], HV_ROOTCTL_SELF);
	KUNIT_EXPECT_EQ(test, fake->input[0][1],
			hv_proximity(63, true) | BIT_ULL(40));

	/* A deposit does not tell the hypervisor, so the driver has a look. */
	KUNIT_EXPECT_EQ(test, hvrc_deposit(fake->file, &args), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake->calls, 1U);
}

/* W14: the root's pool is the same by its id and by SELF. */
static void pool_w14_self(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args = {
		.partition_id = HV_ROOTCTL_SELF,
		.page_count = 5,
	};

	KUNIT_EXPECT_EQ(test, hvrc_deposit(fake->file, &args), 0);
	args.partition_id = FAKE_SELF_ID;
	KUNIT_EXPECT_EQ(test, hvrc_withdraw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 5ULL);
	EXPECT_BOOKS(fake, 0, 0, 5);
}

/* W2, W7: the pool runs out in the second call. */
static void pool_w7_exhausted(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 600, &args), 0);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 100000, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_NO_RESOURCES);
	KUNIT_EXPECT_EQ(test, args.pages_done, 600ULL);
	KUNIT_EXPECT_EQ(test, args.hypercalls, 2ULL);
	EXPECT_BOOKS(fake, 0, 0, 600);

	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, ~0ULL, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_NO_RESOURCES);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0ULL);
}

/* A page that the driver has freed, of which only @test has a hold. */
static void expect_freed_once(struct kunit *test, u64 pfn)
{
	struct page *page = pfn_to_page(pfn);

	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	KUNIT_EXPECT_FALSE(test, PageOffline(page));
	put_page(page);
}

/* Pages in a pool are marked; when they come back they are freed. */
static void pool_w10_page(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u64 pfn;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 1, &args), 0);
	pfn = fake->pool[0];
	KUNIT_EXPECT_TRUE(test, PageOffline(pfn_to_page(pfn)));
	KUNIT_EXPECT_EQ(test, page_count(pfn_to_page(pfn)), 1);
	get_page(pfn_to_page(pfn));
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 1, &args), 0);
	expect_freed_once(test, pfn);
}

/* Takes the first three. */
static u64 accept_three(struct fake *fake, u64 control, const void *in,
			void *out)
{
	u64 part = hv_control_rep(hv_control_code(control), 3, 0);

	if (hv_control_code(control) != HVCALL_DEPOSIT_MEMORY)
		return fake_pool(fake, control, in, out);
	fake_pool(fake, part, in, out);
	return hv_result(fake->arg, 3);
}

/* Half way refused: the accepted part stays, the rest is the kernel's. */
static void pool_deposit_partial(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	fake->answer = accept_three;
	fake->arg = HV_STATUS_OPERATION_DENIED;
	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 10, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_OPERATION_DENIED);
	KUNIT_EXPECT_EQ(test, args.pages_done, 3ULL);
	EXPECT_BOOKS(fake, 3, 0, 0);
	KUNIT_EXPECT_TRUE(test, PageOffline(pfn_to_page(fake->pool[0])));
	KUNIT_EXPECT_TRUE(test, PageOffline(pfn_to_page(fake->pool[2])));
	fake_expect_free(test, fake->input[0][1 + 3]);

	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 10, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 3ULL);
	EXPECT_BOOKS(fake, 0, 0, 3);
}

/* Takes all of them, and says for ever that it was three. */
static u64 belittle(struct fake *fake, u64 control, const void *in, void *out)
{
	if (hv_control_code(control) != HVCALL_DEPOSIT_MEMORY)
		return fake_pool(fake, control, in, out);
	if (!hv_control_start(control))
		fake_pool(fake, control, in, out);
	return hv_result(HV_STATUS_SUCCESS, 3);
}

/*
 * W16: a deposit is continued with the same list, then goes nowhere. Whether
 * the rest was taken is in doubt: it is not freed, and may come back.
 */
static void pool_w16_deposit_no_progress(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	fake->answer = belittle;
	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 10, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.pages_done, 3ULL);
	KUNIT_EXPECT_EQ(test, args.hypercalls, 2ULL);
	KUNIT_EXPECT_EQ(test, hv_control_start(fake->control[1]), 3U);
	KUNIT_EXPECT_EQ(test, memcmp(fake->input[0], fake->input[1], 64), 0);
	EXPECT_BOOKS(fake, 10, 0, 0);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 10, &args), 0);
	EXPECT_BOOKS(fake, 0, 0, 10);
}

static u64 accept_too_many(struct fake *fake, u64 control, const void *in,
			   void *out)
{
	if (hv_control_code(control) != HVCALL_DEPOSIT_MEMORY)
		return fake_pool(fake, control, in, out);
	fake_pool(fake, control, in, out);
	return hv_result(HV_STATUS_SUCCESS, hv_control_count(control) + 1);
}

/* In doubt whether it has them: not freed, and taken when they come back. */
static void pool_deposit_in_doubt(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	fake->answer = accept_too_many;
	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 10, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0ULL);
	EXPECT_BOOKS(fake, 10, 0, 0);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 10, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 10ULL);
	EXPECT_BOOKS(fake, 0, 0, 10);
}

static u64 accept_and_go_on(struct fake *fake, u64 control, const void *in,
			    void *out)
{
	u64 result = fake_pool(fake, control, in, out);

	if (hv_control_code(control) != HVCALL_DEPOSIT_MEMORY)
		return result;
	return hv_result(HV_STATUS_CALL_PENDING, 4);
}

/* The same for what the hypervisor says it goes on with. */
static void pool_deposit_pending(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	fake->answer = accept_and_go_on;
	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 10, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, (u32)HV_STATUS_CALL_PENDING);
	KUNIT_EXPECT_EQ(test, args.pages_done, 4ULL);
	EXPECT_BOOKS(fake, 10, 0, 0);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 10, &args), 0);
	EXPECT_BOOKS(fake, 0, 0, 10);
}

/* Pages available, and nothing written for those in use. */
static u64 half_a_balance(struct fake *fake, u64 control, const void *in,
			  void *out)
{
	*(u64 *)out = 7;
	return HV_STATUS_SUCCESS;
}

static void pool_half_a_balance(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_balance args = { .partition_id = FAKE_CHILD_ID };

	fake->answer = half_a_balance;
	KUNIT_EXPECT_EQ(test, hvrc_balance(fake->file, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.pages_available, 0ULL);
	KUNIT_EXPECT_EQ(test, args.pages_in_use, 0ULL);
}

/* No hypervisor, no deposit: all pages are the kernel's again. */
static void pool_deposit_all_ones(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	fake->answer = fake_scripted;
	FAKE_SCRIPT(fake, ~0ULL, ~0ULL);
	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 10, &args), -ENODEV);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_ROOTCTL_NO_STATUS);
	EXPECT_BOOKS(fake, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 10, &args), -ENODEV);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0ULL);
	EXPECT_BOOKS(fake, 0, 0, 0);
}

/* W9: foreign and impossible page numbers, and one page twice. */
static void pool_w9_quarantine(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u64 foreign = foreign_page(test);
	u64 good[3];

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 3, &args), 0);
	memcpy(good, fake->pool, sizeof(good));
	fake->nr_pool = 0;
	fake->pool[fake->nr_pool++] = good[2];
	fake->pool[fake->nr_pool++] = ~0ULL;
	fake->pool[fake->nr_pool++] = BIT_ULL(51);
	fake->pool[fake->nr_pool++] = good[1]; /* the second time */
	fake->pool[fake->nr_pool++] = 0;
	fake->pool[fake->nr_pool++] = foreign;
	fake->pool[fake->nr_pool++] = good[1];
	fake->pool[fake->nr_pool++] = good[0];

	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 8, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, args.pages_done, 3ULL);
	EXPECT_BOOKS(fake, 0, 5, 3);
	/* It is as it was: one reference, and no mark. */
	KUNIT_EXPECT_EQ(test, page_count(pfn_to_page(foreign)), 1);
	__free_page(pfn_to_page(foreign));
}

/* W9: a page of one pool that comes back from another is not taken. */
static void pool_w9_wrong_pool(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	struct hvrc_partition *p;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 4, &args), 0);
	args.partition_id = FAKE_CHILD_ID + 1;
	p = hvrc_partition_get(fake->hv, args.partition_id);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p));
	KUNIT_EXPECT_EQ(test, hvrc_withdraw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0ULL);
	EXPECT_BOOKS(fake, 4, 4, 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&p->quarantined), 4);
	hvrc_partition_put(fake->hv, p);

	fake->nr_pool = 4;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 4, &args), 0);
	EXPECT_BOOKS(fake, 0, 4, 4);
}

static u64 rubbish_for_ever(struct fake *fake, u64 control, const void *in,
			    void *out)
{
	memset(out, 0, HV_PAGE_SIZE);
	return hv_result(HV_STATUS_SUCCESS, hv_control_count(control));
}

/* Page number 0 for ever: ends with the count, in an ioctl and a drain. */
static void pool_rubbish_ends(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	struct hvrc_partition *p;
	u32 status;

	fake->answer = rubbish_for_ever;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 2048, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hypercalls, 4ULL);
	EXPECT_BOOKS(fake, 0, 2048, 0);

	p = hvrc_partition_get(fake->hv, FAKE_CHILD_ID);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p));
	mutex_lock(&p->lock);
	KUNIT_EXPECT_EQ(test,
			hvrc_drain(fake->hv, &fake->file->caller, p, U64_MAX,
				   &status),
			0);
	mutex_unlock(&p->lock);
	hvrc_partition_put(fake->hv, p);
	KUNIT_EXPECT_EQ(test, fake->calls, 5U);
}

static u64 withdraw_silently(struct fake *fake, u64 control, const void *in,
			     void *out)
{
	if (hv_control_code(control) != HVCALL_WITHDRAW_MEMORY)
		return fake_pool(fake, control, in, out);
	return hv_result(HV_STATUS_SUCCESS, hv_control_count(control));
}

/* "Done", but nothing written: an earlier call's list must not count. */
static void pool_withdraw_stale(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 4, &args), 0);
	memcpy(fake->file->caller.output, fake->pool, 4 * sizeof(u64));
	fake->answer = withdraw_silently;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 4, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0ULL);
	EXPECT_BOOKS(fake, 4, 4, 0);

	fake->answer = fake_pool;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 4, &args), 0);
	EXPECT_BOOKS(fake, 0, 4, 4);
}

static u64 withdraw_too_many(struct fake *fake, u64 control, const void *in,
			     void *out)
{
	if (hv_control_code(control) != HVCALL_WITHDRAW_MEMORY)
		return fake_pool(fake, control, in, out);
	fake_pool(fake, hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0), in, out);
	/* Behind the end of what was asked for: a page that is deposited. */
	((u64 *)out)[4] = fake->pool[0];
	return hv_result(HV_STATUS_SUCCESS, 5);
}

/* Reps above the count: what was asked for is looked up, no more than that. */
static void pool_withdraw_too_many(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 6, &args), 0);
	fake->answer = withdraw_too_many;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 4, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.pages_done, 2ULL);
	EXPECT_BOOKS(fake, 4, 0, 2);

	fake->answer = fake_pool;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 4, &args), 0);
	EXPECT_BOOKS(fake, 0, 0, 6);
}

static u64 withdraw_three_at_a_time(struct fake *fake, u64 control,
				    const void *in, void *out)
{
	u32 start = hv_control_start(control);
	u32 end = min(start + 3, hv_control_count(control));

	if (hv_control_code(control) != HVCALL_WITHDRAW_MEMORY)
		return fake_pool(fake, control, in, out);
	/* What was there before is nobody's business any more. */
	memset(out, 0, start * sizeof(u64));
	return fake_pool(fake,
			 hv_control_rep(HVCALL_WITHDRAW_MEMORY, end, start), in,
			 out);
}

/* W16: pages count when they come, not when the whole call has ended. */
static void pool_w16_withdraw_steps(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 10, &args), 0);
	fake->answer = withdraw_three_at_a_time;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 10, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 10ULL);
	KUNIT_EXPECT_EQ(test, args.hypercalls, 4ULL);
	EXPECT_BOOKS(fake, 0, 0, 10);
}

/* A signal that is there: nothing begun is left undone, and it is said. */
static void pool_signal(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 5, &args), 0);
	set_tsk_thread_flag(current, TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 5, &args), -EINTR);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0ULL);
	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 5, &args), -EINTR);
	clear_tsk_thread_flag(current, TIF_SIGPENDING);
	EXPECT_BOOKS(fake, 5, 0, 0);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 5, &args), 0);
	EXPECT_BOOKS(fake, 0, 0, 5);
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(pool_w1_w3_batches),
	KUNIT_CASE(pool_none),
	KUNIT_CASE(pool_w13_input),
	KUNIT_CASE(pool_w14_self),
	KUNIT_CASE(pool_w7_exhausted),
	KUNIT_CASE(pool_w10_page),
	KUNIT_CASE(pool_deposit_partial),
	KUNIT_CASE(pool_w16_deposit_no_progress),
	KUNIT_CASE(pool_half_a_balance),
	KUNIT_CASE(pool_deposit_in_doubt),
	KUNIT_CASE(pool_deposit_pending),
	KUNIT_CASE(pool_deposit_all_ones),
	KUNIT_CASE(pool_w9_quarantine),
	KUNIT_CASE(pool_w9_wrong_pool),
	KUNIT_CASE(pool_rubbish_ends),
	KUNIT_CASE(pool_withdraw_stale),
	KUNIT_CASE(pool_withdraw_too_many),
	KUNIT_CASE(pool_w16_withdraw_steps),
	KUNIT_CASE(pool_signal),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "hv_rootctl_pool",
	.init = pool_init,
	.exit = fake_exit,
	.test_cases = pool_cases,
};

kunit_test_suite(pool_suite);
