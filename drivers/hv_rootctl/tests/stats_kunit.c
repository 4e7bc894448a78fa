// SPDX-License-Identifier: GPL-2.0
/* What is counted of hypercalls. */
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "fake.h"

#include "../stats.h"

/* The suite's own switch: nothing else of this kernel counts meanwhile. */
static int stats_init(struct kunit *test)
{
	static_branch_enable(&hvrc_stats_on);
	return fake_init(test);
}

static void stats_exit(struct kunit *test)
{
	fake_exit(test);
	static_branch_disable(&hvrc_stats_on);
}

static const struct hvrc_stats *stats_sum(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_stats *sum;

	sum = kunit_kzalloc(test, sizeof(*sum), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sum);
	hvrc_stats_sum(fake->hv, sum);
	return sum;
}

static const struct hvrc_call_stats *stats_of(const struct hvrc_stats *sum,
					      u16 code)
{
	return &sum->call[hvrc_stats_row(code)];
}

static void stats_withdraw(struct fake *fake, u32 count)
{
	struct hvrc_rep rep = {
		.code = HVCALL_WITHDRAW_MEMORY,
		.count = count,
	};

	do {
		if (hvrc_rep_step(&fake->file->caller, &rep))
			break;
	} while (hvrc_rep_unfinished(&rep));
}

/* Repetitions count once, though results count them from element 0. */
static void stats_counts(struct kunit *test)
{
	struct fake *fake = test->priv;
	const struct hvrc_call_stats *call;
	const struct hvrc_stats *sum;
	u32 status;

	FAKE_SCRIPT(fake, hv_result(0, 5), hv_result(0, 12), hv_result(0, 20),
		    hv_result(HV_STATUS_NO_RESOURCES, 7),
		    HV_STATUS_ACCESS_DENIED, 0);
	stats_withdraw(fake, 20);
	stats_withdraw(fake, 10);
	hvrc_call_simple(&fake->file->caller, HVCALL_DELETE_VP, 0, &status);
	hvrc_call_simple(&fake->hv->caller, HVCALL_DELETE_VP, 0, &status);

	sum = stats_sum(test);
	call = stats_of(sum, HVCALL_WITHDRAW_MEMORY);
	KUNIT_EXPECT_EQ(test, call->calls, 4ULL);
	KUNIT_EXPECT_EQ(test, call->reps, 27ULL);
	KUNIT_EXPECT_EQ(test, call->refused, 1ULL);
	call = stats_of(sum, HVCALL_DELETE_VP);
	KUNIT_EXPECT_EQ(test, call->calls, 2ULL);
	KUNIT_EXPECT_EQ(test, call->reps, 0ULL);
	KUNIT_EXPECT_EQ(test, call->refused, 1ULL);
	KUNIT_EXPECT_EQ(test, sum->status[HV_STATUS_SUCCESS], 4ULL);
	KUNIT_EXPECT_EQ(test, sum->status[HV_STATUS_NO_RESOURCES], 1ULL);
	KUNIT_EXPECT_EQ(test, sum->status[HV_STATUS_ACCESS_DENIED], 1ULL);
	KUNIT_EXPECT_EQ(test, sum->unanswered, 0ULL);
}

/* Which form it was, refused or not. */
static void stats_forms(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_caller *caller = &fake->file->caller;
	const struct hvrc_call_stats *call;
	u32 status;

	FAKE_SCRIPT(fake, 0, HV_STATUS_ACCESS_DENIED, 0);
	hvrc_call_fast(caller, HVCALL_DELETE_VP, 1, 2, &status);
	hvrc_call_fast(caller, HVCALL_DELETE_VP, 1, 2, &status);
	hvrc_call_simple(caller, HVCALL_DELETE_VP, 0, &status);
	call = stats_of(stats_sum(test), HVCALL_DELETE_VP);
	KUNIT_EXPECT_EQ(test, call->calls, 3ULL);
	KUNIT_EXPECT_EQ(test, call->refused, 1ULL);
	KUNIT_EXPECT_EQ(test, call->fast, 2ULL);
}

/* Answers that make no sense: counted as calls, never beyond an array. */
static void stats_nonsense(struct kunit *test)
{
	struct fake *fake = test->priv;
	const struct hvrc_stats *sum;
	u32 status;

	FAKE_SCRIPT(fake, ~0ULL, hv_result(0, 0xfff), HVRC_STATS_STATUSES - 1,
		    HVRC_STATS_STATUSES, 0xfffe, 0);
	stats_withdraw(fake, 3);
	stats_withdraw(fake, 3);
	hvrc_call_simple(&fake->file->caller, 0, 0, &status);
	hvrc_call_simple(&fake->file->caller, 0x3f, 0, &status);
	hvrc_call_simple(&fake->file->caller, 0x55, 0, &status);
	hvrc_call_simple(&fake->file->caller, 0xffff, 0, &status);

	sum = stats_sum(test);
	KUNIT_EXPECT_EQ(test, stats_of(sum, HVCALL_WITHDRAW_MEMORY)->calls,
			2ULL);
	KUNIT_EXPECT_EQ(test, stats_of(sum, HVCALL_WITHDRAW_MEMORY)->reps,
			0ULL);
	KUNIT_EXPECT_EQ(test, stats_of(sum, HVCALL_WITHDRAW_MEMORY)->refused,
			1ULL);
	KUNIT_EXPECT_EQ(test, sum->call[HVRC_STATS_CODES].calls, 4ULL);
	KUNIT_EXPECT_EQ(test, sum->status[HVRC_STATS_STATUSES - 1], 1ULL);
	KUNIT_EXPECT_EQ(test, sum->other_status, 2ULL);
	KUNIT_EXPECT_EQ(test, sum->unanswered, 1ULL);
	KUNIT_EXPECT_EQ(test, sum->status[HV_STATUS_SUCCESS], 2ULL);
}

static u64 stats_slow(struct fake *fake, u64 control, const void *in, void *out)
{
	u64 start = ktime_get_mono_fast_ns();

	while (ktime_get_mono_fast_ns() - start < 2000000)
		cpu_relax();
	return 0;
}

/* Each call is in the bucket of its duration. */
static void stats_latency(struct kunit *test)
{
	struct fake *fake = test->priv;
	const struct hvrc_call_stats *call;
	u64 calls = 0;
	u32 status;
	u32 i;

	fake->answer = stats_slow;
	for (i = 0; i < 3; i++)
		hvrc_call_simple(&fake->file->caller, HVCALL_CREATE_VP, 0,
				 &status);
	call = stats_of(stats_sum(test), HVCALL_CREATE_VP);
	KUNIT_EXPECT_EQ(test, call->calls, 3ULL);
	KUNIT_EXPECT_GE(test, call->ns, 6000000ULL);
	/* 2 ms lie in the bucket that begins with 2^20 ns. */
	for (i = 0; i < HVRC_LATENCY_BUCKETS; i++) {
		if (i < 20)
			KUNIT_EXPECT_EQ(test, call->latency[i], 0ULL);
		calls += call->latency[i];
	}
	KUNIT_EXPECT_EQ(test, calls, 3ULL);
}

/* Switched off, nothing is counted. */
static void stats_off(struct kunit *test)
{
	struct fake *fake = test->priv;
	u32 status;

	static_branch_disable(&hvrc_stats_on);
	hvrc_call_simple(&fake->file->caller, HVCALL_DELETE_VP, 0, &status);
	KUNIT_EXPECT_EQ(test, fake->calls, 1U);
	KUNIT_EXPECT_EQ(test,
			stats_of(stats_sum(test), HVCALL_DELETE_VP)->calls,
			0ULL);
	static_branch_enable(&hvrc_stats_on);
}

static struct kunit_case stats_cases[] = {
	KUNIT_CASE(stats_counts),
	KUNIT_CASE(stats_forms),
	KUNIT_CASE(stats_nonsense),
	KUNIT_CASE(stats_latency),
	KUNIT_CASE(stats_off),
	{}
};

static struct kunit_suite stats_suite = {
	.name = "hv_rootctl_stats",
	.init = stats_init,
	.exit = stats_exit,
	.test_cases = stats_cases,
};

kunit_test_suite(stats_suite);
