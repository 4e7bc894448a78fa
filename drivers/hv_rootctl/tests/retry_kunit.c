// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls that are made again: what is deposited for them, where, how much
 * of it, and that it ends.
 */
#include <linux/sched/signal.h>
#include <linux/string.h>

#include <hv/memory.h>
#include <hv/partition.h>

#include "fake.h"

/* What is wrong, and for how many calls; deposits are another matter. */
static u16 refusal;
static u32 refusals;

/* A hypervisor with one pool, that refuses all the rest so many times. */
static u64 retry_answer(struct fake *fake, u64 control, const void *in,
			void *out)
{
	u16 code = hv_control_code(control);

	if (code == HVCALL_DEPOSIT_MEMORY || code == HVCALL_WITHDRAW_MEMORY)
		return fake_pool(fake, control, in, out);
	if (refusals) {
		refusals--;
		return hv_result(refusal, 0);
	}
	if (code == HVCALL_CREATE_PARTITION)
		*(u64 *)out = FAKE_CHILD_ID;
	return hv_result(HV_STATUS_SUCCESS, hv_control_count(control));
}

static int retry_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;

	fake->answer = retry_answer;
	refusal = HV_STATUS_INSUFFICIENT_MEMORY;
	refusals = 0;
	return err;
}

/* Whatever is in the one pool, whoever's the driver holds it for. */
static void retry_empty(struct fake *fake, u64 id)
{
	struct hv_rootctl_pool args = {
		.partition_id = id,
		.page_count = fake->nr_pool,
	};
	u64 pages = fake->nr_pool;

	KUNIT_EXPECT_EQ(fake->test, hvrc_withdraw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(fake->test, args.pages_done, pages);
}

static struct hv_rootctl_vp retry_vp(u32 deposits, u32 time_outs)
{
	return (struct hv_rootctl_vp){
		.flags = HV_ROOTCTL_DETACHED,
		.partition_id = FAKE_CHILD_ID,
		.retry = {
			.deposit_limit = deposits,
			.time_out_limit = time_outs,
			.deposit_status = 77,
			.repeated = 77,
			.pages_deposited = 77,
		},
	};
}

/* A VP is asked for; the driver makes @calls hypercalls and repeats so many. */
static void retry_vp_create(struct fake *fake, struct hv_rootctl_vp *args,
			    u32 calls, u32 repeated, u64 pages)
{
	fake->calls = 0;
	KUNIT_EXPECT_EQ(fake->test, hvrc_vp_create(fake->file, args), 0);
	KUNIT_EXPECT_EQ(fake->test, fake->calls, calls);
	KUNIT_EXPECT_EQ(fake->test, args->retry.repeated, repeated);
	KUNIT_EXPECT_EQ(fake->test, args->retry.pages_deposited, pages);
}

/* Neighbours, and the first of them where a block of that size can begin. */
static bool retry_are_neighbours(const u64 *pfns, u32 count)
{
	u32 i;

	for (i = 1; i < count; i++)
		if (pfns[i] != pfns[0] + i)
			return false;
	return !(pfns[0] % count);
}

/* Each status has its pool, and those for neighbours get some. */
static void retry_right_pool(struct kunit *test)
{
	static const struct {
		u16 status;
		u64 id;
		bool adjacent;
	} needs[] = {
		{ 0x0b, FAKE_CHILD_ID, false },
		{ 0x73, FAKE_SELF_ID, false },
		{ 0x75, FAKE_CHILD_ID, true },
		{ 0x81, FAKE_CHILD_ID, false },
		{ 0x82, FAKE_CHILD_ID, true },
		{ 0x83, FAKE_SELF_ID, true },
		{ 0x84, FAKE_SELF_ID, false },
		{ 0x85, FAKE_SELF_ID, true },
	};
	struct fake *fake = test->priv;
	struct hv_rootctl_vp args;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(needs); i++) {
		args = retry_vp(100, 0);
		refusal = needs[i].status;
		refusals = 1;
		retry_vp_create(fake, &args, 3, 1, 8);
		KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
		KUNIT_EXPECT_EQ(test, args.retry.deposit_status, 0U);
		KUNIT_EXPECT_EQ(test, fake->control[1],
				hv_control_rep(HVCALL_DEPOSIT_MEMORY, 8, 0));
		KUNIT_EXPECT_EQ(test, fake->input[1][0], needs[i].id);
		if (needs[i].adjacent)
			KUNIT_EXPECT_TRUE(test,
					  retry_are_neighbours(fake->pool, 8));
		/* The same call once more, and not what the deposit left. */
		KUNIT_EXPECT_EQ(test, fake->control[2], 0x4eULL);
		KUNIT_EXPECT_EQ(test, memcmp(fake->input[0], fake->input[2],
					     40), 0);
		retry_empty(fake, needs[i].id);
		KUNIT_EXPECT_TRUE(test, xa_empty(&fake->hv->partitions));
	}
}

/* What creates a partition is paid by the caller's pool, and goes back there. */
static void retry_create(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_partition_create create = {
		.retry.deposit_limit = 100,
	};
	struct hv_rootctl_partition end = { .partition_id = FAKE_CHILD_ID };

	refusals = 2;
	KUNIT_EXPECT_EQ(test, hvrc_partition_create(fake->file, &create), 0);
	KUNIT_EXPECT_EQ(test, create.hv_status, 0U);
	KUNIT_EXPECT_EQ(test, create.partition_id, FAKE_CHILD_ID);
	KUNIT_EXPECT_EQ(test, create.retry.pages_deposited, 16ULL);
	KUNIT_EXPECT_EQ(test, fake->calls, 5U);
	KUNIT_EXPECT_EQ(test, fake->input[1][0], FAKE_SELF_ID);
	KUNIT_EXPECT_EQ(test, fake->input[3][0], FAKE_SELF_ID);
	EXPECT_BOOKS(fake, 16, 0, 0);

	/* The hypervisor still needs 3 of them: these stay. */
	fake->nr_pool = 13;
	KUNIT_EXPECT_EQ(test, hvrc_partition_delete(fake->file, &end), 0);
	EXPECT_BOOKS(fake, 3, 0, 13);

	/* And come back with the next one, but none that was not fed. */
	fake->nr_pool = 16;
	KUNIT_EXPECT_EQ(test, hvrc_partition_delete(fake->file, &end), 0);
	EXPECT_BOOKS(fake, 0, 0, 16);
	KUNIT_EXPECT_EQ(test, fake->nr_pool, 13U);
	fake->nr_pool = 0;
}

/* A user's own deposit there is the user's to withdraw. */
static void retry_feeds_only(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool pool = {
		.partition_id = HV_ROOTCTL_SELF,
		.page_count = 30,
	};
	struct hv_rootctl_partition_create create = {
		.flags = HV_ROOTCTL_DETACHED,
		.retry.deposit_limit = 100,
	};
	struct hv_rootctl_partition end = { .partition_id = FAKE_CHILD_ID };

	KUNIT_EXPECT_EQ(test, hvrc_deposit(fake->file, &pool), 0);
	refusals = 1;
	KUNIT_EXPECT_EQ(test, hvrc_partition_create(fake->file, &create), 0);
	EXPECT_BOOKS(fake, 38, 0, 0);
	KUNIT_EXPECT_EQ(test, hvrc_partition_delete(fake->file, &end), 0);
	EXPECT_BOOKS(fake, 30, 0, 8);
	KUNIT_EXPECT_EQ(test, hvrc_partition_delete(fake->file, &end), 0);
	EXPECT_BOOKS(fake, 30, 0, 8);

	/* What was fed and withdrawn by hand is not asked for again. */
	refusals = 1;
	KUNIT_EXPECT_EQ(test, hvrc_partition_create(fake->file, &create), 0);
	retry_empty(fake, HV_ROOTCTL_SELF);
	KUNIT_EXPECT_EQ(test, hvrc_deposit(fake->file, &pool), 0);
	KUNIT_EXPECT_EQ(test, hvrc_partition_delete(fake->file, &end), 0);
	EXPECT_BOOKS(fake, 30, 0, 46);
	retry_empty(fake, HV_ROOTCTL_SELF);
}

/* For ever "not enough": it ends at the limit, to the page. */
static void retry_limit(struct kunit *test)
{
	static const u32 plain[] = { 8, 8, 16, 32, 36 };
	static const u32 blocks[] = { 8, 8, 16, 32, 32 };
	struct fake *fake = test->priv;
	struct hv_rootctl_vp args = retry_vp(100, 0);
	u32 i;

	refusals = U32_MAX;
	retry_vp_create(fake, &args, 11, 5, 100);
	KUNIT_EXPECT_EQ(test, args.hv_status,
			(u32)HV_STATUS_INSUFFICIENT_MEMORY);
	for (i = 0; i < ARRAY_SIZE(plain); i++)
		KUNIT_EXPECT_EQ(test, fake->control[1 + 2 * i],
				hv_control_rep(HVCALL_DEPOSIT_MEMORY, plain[i],
					       0));
	EXPECT_BOOKS(fake, 100, 0, 0);
	retry_empty(fake, FAKE_CHILD_ID);

	args = retry_vp(100, 0);
	refusal = HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY;
	retry_vp_create(fake, &args, 11, 5, 96);
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		KUNIT_EXPECT_EQ(test, fake->control[1 + 2 * i],
				hv_control_rep(HVCALL_DEPOSIT_MEMORY, blocks[i],
					       0));
	retry_empty(fake, FAKE_CHILD_ID);

	/* Fewer than a first deposit brings: what there is, but no part of a block. */
	args = retry_vp(7, 0);
	retry_vp_create(fake, &args, 1, 0, 0);
	KUNIT_EXPECT_EQ(test, args.retry.deposit_status, HV_ROOTCTL_NO_STATUS);
	refusal = HV_STATUS_INSUFFICIENT_MEMORY;
	retry_vp_create(fake, &args, 3, 1, 7);
	retry_empty(fake, FAKE_CHILD_ID);
}

/* No deposit is larger than a hypercall, no block larger than the books have. */
static void retry_large(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_vp args = retry_vp(1500, 0);

	refusals = U32_MAX;
	retry_vp_create(fake, &args, 19, 9, 1500);
	KUNIT_EXPECT_EQ(test, hv_control_count(fake->control[13]), 256U);
	KUNIT_EXPECT_EQ(test, hv_control_count(fake->control[15]), 511U);
	KUNIT_EXPECT_EQ(test, hv_control_count(fake->control[17]), 477U);
	retry_empty(fake, FAKE_CHILD_ID);

	args = retry_vp(1100, 0);
	refusal = HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY;
	retry_vp_create(fake, &args, 23, 11, 1096);
	KUNIT_EXPECT_EQ(test, hv_control_count(fake->control[15]), 256U);
	KUNIT_EXPECT_EQ(test, hv_control_count(fake->control[17]), 256U);
	retry_empty(fake, FAKE_CHILD_ID);
}

/* Without a limit, and for any other status, the first answer is the answer. */
static void retry_no_reason(struct kunit *test)
{
	static const u16 others[] = {
		HV_STATUS_CALL_PENDING, HV_STATUS_NO_RESOURCES,
		HV_STATUS_INSUFFICIENT_BUFFERS, HV_STATUS_ACCESS_DENIED,
		0x40, 0x1016, 0xfffe,
	};
	struct fake *fake = test->priv;
	struct hv_rootctl_vp args = retry_vp(0, 5);
	u32 i;

	refusals = U32_MAX;
	retry_vp_create(fake, &args, 1, 0, 0);
	refusal = HV_STATUS_TIME_OUT;
	args = retry_vp(100, 0);
	retry_vp_create(fake, &args, 1, 0, 0);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		refusal = others[i];
		args = retry_vp(100, 5);
		retry_vp_create(fake, &args, 1, 0, 0);
		KUNIT_EXPECT_EQ(test, args.hv_status, (u32)others[i]);
	}
}

static void retry_time_out(struct kunit *test)
{
	struct hv_rootctl_vp args = retry_vp(0, 3);
	struct fake *fake = test->priv;

	refusal = HV_STATUS_TIME_OUT;
	refusals = 3;
	retry_vp_create(fake, &args, 4, 3, 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
	refusals = 4;
	args = retry_vp(0, 3);
	retry_vp_create(fake, &args, 4, 3, 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, (u32)HV_STATUS_TIME_OUT);
}

/* An answer that is a reason, but nothing is left to be done. */
static u64 retry_answer_all_done(struct fake *fake, u64 control, const void *in,
				 void *out)
{
	KUNIT_EXPECT_LT(fake->test, hv_control_start(control),
			hv_control_count(control));
	return hv_result(refusal, hv_control_count(control));
}

/* A call that begins behind its last element would be malformed. */
static void retry_all_done(struct kunit *test)
{
	static const u16 reasons[] = { HV_STATUS_TIME_OUT,
				       HV_STATUS_INSUFFICIENT_MEMORY };
	struct hv_rootctl_retry retry = { .deposit_limit = 100,
					  .time_out_limit = 3 };
	struct hv_rootctl_map map = {
		.partition_id = FAKE_CHILD_ID,
		.user_addr = fake_user_memory(test, PAGE_SIZE),
		.length = PAGE_SIZE,
		.map_flags = HV_MAP_GPA_READABLE,
		.retry = retry,
	};
	struct hv_rootctl_unmap unmap = {
		.partition_id = FAKE_CHILD_ID,
		.length = PAGE_SIZE,
		.retry = retry,
	};
	struct fake *fake = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(reasons); i++) {
		refusal = reasons[i];
		fake->answer = retry_answer;
		KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
		KUNIT_EXPECT_EQ(test, map.hv_status, 0U);
		fake->answer = retry_answer_all_done;
		KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
		KUNIT_EXPECT_EQ(test, unmap.hv_status, (u32)reasons[i]);
		KUNIT_EXPECT_EQ(test, unmap.retry.repeated, 0U);
		fake->answer = retry_answer;
		KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
		KUNIT_EXPECT_EQ(test, unmap.hv_status, 0U);

		/* It stays until the hypervisor lets go of it. */
		fake->answer = retry_answer_all_done;
		KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
		KUNIT_EXPECT_EQ(test, map.hv_status, (u32)reasons[i]);
		KUNIT_EXPECT_EQ(test, map.retry.repeated, 0U);
		KUNIT_EXPECT_EQ(test, map.bytes_done, 0ULL);
		fake->answer = retry_answer;
		KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
		KUNIT_EXPECT_EQ(test, unmap.hv_status, 0U);
	}
	EXPECT_BOOKS(fake, 0, 0, 0);
}

/* Every other ioctl that has the limits heeds them. */
static void retry_elsewhere(struct kunit *test)
{
	static int (*const fns[])(struct hvrc_file *file, void *arg) = {
		hvrc_partition_initialize, hvrc_partition_finalize,
		hvrc_partition_delete,
	};
	struct hv_rootctl_partition args;
	struct fake *fake = test->priv;
	struct hv_rootctl_vp vp;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		args = (struct hv_rootctl_partition){
			.partition_id = FAKE_CHILD_ID,
			.retry.deposit_limit = 20,
		};
		refusals = 2;
		fake->calls = 0;
		KUNIT_EXPECT_EQ(test, fns[i](fake->file, &args), 0);
		KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
		KUNIT_EXPECT_EQ(test, args.retry.repeated, 2U);
		KUNIT_EXPECT_EQ(test, args.retry.pages_deposited, 16ULL);
		KUNIT_EXPECT_EQ(test, fake->input[4][0], FAKE_CHILD_ID);
		retry_empty(fake, FAKE_CHILD_ID);
	}
	vp = retry_vp(20, 0);
	refusals = 1;
	KUNIT_EXPECT_EQ(test, hvrc_vp_delete(fake->file, &vp), 0);
	KUNIT_EXPECT_EQ(test, vp.retry.pages_deposited, 8ULL);
	retry_empty(fake, FAKE_CHILD_ID);
}

/* The caller's own pool while another partition's lock is held. */
static void retry_root_pool_when_locked(struct kunit *test)
{
	struct hv_rootctl_partition args = {
		.partition_id = FAKE_CHILD_ID,
		.retry.deposit_limit = 20,
	};
	struct fake *fake = test->priv;

	refusal = HV_STATUS_INSUFFICIENT_ROOT_MEMORY;
	refusals = 1;
	KUNIT_EXPECT_EQ(test, hvrc_partition_finalize(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.retry.pages_deposited, 8ULL);
	KUNIT_EXPECT_EQ(test, fake->input[1][0], FAKE_SELF_ID);
	retry_empty(fake, HV_ROOTCTL_SELF);

	args.partition_id = FAKE_SELF_ID;
	refusals = 1;
	KUNIT_EXPECT_EQ(test, hvrc_partition_finalize(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.retry.pages_deposited, 8ULL);
	retry_empty(fake, HV_ROOTCTL_SELF);

	/* Not that the root could be deleted, but a hypervisor may say so. */
	KUNIT_EXPECT_EQ(test, hvrc_partition_delete(fake->file, &args), 0);
}

/* Deposits succeed, and it says that nothing was done. */
static u64 retry_belittle(struct fake *fake, u64 control, const void *in,
			  void *out)
{
	u64 result = retry_answer(fake, control, in, out);

	return hv_control_code(control) == HVCALL_DEPOSIT_MEMORY ?
		       hv_result(HV_STATUS_SUCCESS, 0) : result;
}

/* Refused, and short of its limit: the status is the call's, not the deposit's. */
static void retry_deposit_refused(struct kunit *test)
{
	struct hv_rootctl_vp args = retry_vp(100, 0);
	struct fake *fake = test->priv;

	fake->answer = fake_scripted;
	FAKE_SCRIPT(fake, hv_result(HV_STATUS_INSUFFICIENT_MEMORY, 0),
		    hv_result(HV_STATUS_OPERATION_DENIED, 3));
	retry_vp_create(fake, &args, 2, 0, 3);
	KUNIT_EXPECT_EQ(test, args.hv_status,
			(u32)HV_STATUS_INSUFFICIENT_MEMORY);
	KUNIT_EXPECT_EQ(test, args.retry.deposit_status,
			(u32)HV_STATUS_OPERATION_DENIED);
	EXPECT_BOOKS(fake, 3, 0, 0);
	memcpy(fake->pool, &fake->input[1][1], 3 * sizeof(u64));
	fake->nr_pool = 3;

	/* Nor is it deposited for certain: it may be, and so can come back. */
	args = retry_vp(100, 0);
	fake->answer = retry_belittle;
	refusals = 1;
	KUNIT_EXPECT_EQ(test, hvrc_vp_create(fake->file, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.retry.pages_deposited, 0ULL);
	EXPECT_BOOKS(fake, 3 + 8, 0, 0);
	fake->answer = retry_answer;
	retry_empty(fake, FAKE_CHILD_ID);
}

static u64 retry_and_signal(struct fake *fake, u64 control, const void *in,
			    void *out)
{
	if (fake->calls == 5)
		set_tsk_thread_flag(current, TIF_SIGPENDING);
	return retry_answer(fake, control, in, out);
}

/* A signal ends it between two rounds; what went there is told. */
static void retry_signal(struct kunit *test)
{
	struct hv_rootctl_vp args = retry_vp(1000, 0);
	struct fake *fake = test->priv;

	fake->answer = retry_and_signal;
	refusals = U32_MAX;
	KUNIT_EXPECT_EQ(test, hvrc_vp_create(fake->file, &args), -EINTR);
	KUNIT_EXPECT_EQ(test, args.retry.pages_deposited, 16ULL);
	KUNIT_EXPECT_EQ(test, args.retry.repeated, 2U);
	KUNIT_EXPECT_EQ(test, args.hv_status,
			(u32)HV_STATUS_INSUFFICIENT_MEMORY);

	/* It is no reason to hide an answer that nothing can be done about. */
	args = retry_vp(0, 0);
	KUNIT_EXPECT_EQ(test, hvrc_vp_create(fake->file, &args), 0);
	fake->calls = 0;
	refusal = HV_STATUS_TIME_OUT;
	args = retry_vp(0, U32_MAX);
	KUNIT_EXPECT_EQ(test, hvrc_vp_create(fake->file, &args), -EINTR);
	KUNIT_EXPECT_EQ(test, fake->calls, 1U);
	clear_tsk_thread_flag(current, TIF_SIGPENDING);
	retry_empty(fake, FAKE_CHILD_ID);
}

static void retry_counted(struct kunit *test)
{
	struct hv_rootctl_vp args = retry_vp(100, 0);
	struct fake *fake = test->priv;

	refusals = 2;
	retry_vp_create(fake, &args, 5, 2, 16);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->hv->feeds), 2);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->hv->fed), 16);
	retry_empty(fake, FAKE_CHILD_ID);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->hv->fed), 16);
}

static struct kunit_case retry_cases[] = {
	KUNIT_CASE(retry_right_pool),
	KUNIT_CASE(retry_create),
	KUNIT_CASE(retry_feeds_only),
	KUNIT_CASE(retry_limit),
	KUNIT_CASE(retry_large),
	KUNIT_CASE(retry_no_reason),
	KUNIT_CASE(retry_time_out),
	KUNIT_CASE(retry_all_done),
	KUNIT_CASE(retry_elsewhere),
	KUNIT_CASE(retry_root_pool_when_locked),
	KUNIT_CASE(retry_deposit_refused),
	KUNIT_CASE(retry_signal),
	KUNIT_CASE(retry_counted),
	{}
};

static struct kunit_suite retry_suite = {
	.name = "hv_rootctl_retry",
	.init = retry_init,
	.exit = fake_exit,
	.test_cases = retry_cases,
};

kunit_test_suite(retry_suite);
