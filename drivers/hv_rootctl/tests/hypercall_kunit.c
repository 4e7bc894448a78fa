// SPDX-License-Identifier: GPL-2.0
/* The simple and the rep runner against answers of every kind. */
#include <linux/string.h>

#include "fake.h"

#define SUCCESS HV_STATUS_SUCCESS

/* Run a rep call of @count elements to its end, as the driver's loops do. */
static int run(struct fake *fake, struct hvrc_rep *rep, u32 count)
{
	int err;

	*rep = (struct hvrc_rep){
		.code = HVCALL_WITHDRAW_MEMORY,
		.count = count,
		.status = HV_ROOTCTL_NO_STATUS,
	};
	do {
		err = hvrc_rep_step(&fake->file->caller, rep);
	} while (!err && hvrc_rep_unfinished(rep));
	return err;
}

static void hypercall_rep_whole(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_rep rep;

	FAKE_SCRIPT(fake, hv_result(SUCCESS, 512));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 512), 0);
	KUNIT_EXPECT_EQ(test, rep.done, 512U);
	KUNIT_EXPECT_EQ(test, rep.limit, 512U);
	KUNIT_EXPECT_EQ(test, rep.status, 0U);
	KUNIT_EXPECT_EQ(test, fake->calls, 1U);
	KUNIT_EXPECT_EQ(test, fake->control[0],
			hv_control_rep(HVCALL_WITHDRAW_MEMORY, 512, 0));
}

/* W16: fewer reps than asked is resumed, with rep start moved on. */
static void hypercall_w16_continuation(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_rep rep;

	FAKE_SCRIPT(fake, hv_result(SUCCESS, 5), hv_result(SUCCESS, 6),
		    hv_result(SUCCESS, 10));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), 0);
	KUNIT_EXPECT_EQ(test, rep.done, 10U);
	KUNIT_EXPECT_EQ(test, fake->calls, 3U);
	KUNIT_EXPECT_EQ(test, fake->file->caller.hypercalls, 3ULL);
	KUNIT_EXPECT_EQ(test, hv_control_start(fake->control[0]), 0U);
	KUNIT_EXPECT_EQ(test, hv_control_start(fake->control[1]), 5U);
	KUNIT_EXPECT_EQ(test, hv_control_start(fake->control[2]), 6U);
	/* The count stays that of the whole call. */
	KUNIT_EXPECT_EQ(test, hv_control_count(fake->control[2]), 10U);
}

/* W7: the status comes with what was done before it. */
static void hypercall_w7_partial(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_rep rep;

	FAKE_SCRIPT(fake, hv_result(HV_STATUS_NO_RESOURCES, 7));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), 0);
	KUNIT_EXPECT_EQ(test, rep.done, 7U);
	KUNIT_EXPECT_EQ(test, rep.limit, 7U);
	KUNIT_EXPECT_EQ(test, rep.status, HV_STATUS_NO_RESOURCES);
}

/* W7: also with nothing done, and after a continuation. */
static void hypercall_w7_after_continuation(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_rep rep;

	FAKE_SCRIPT(fake, hv_result(HV_STATUS_NO_RESOURCES, 0));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), 0);
	KUNIT_EXPECT_EQ(test, rep.done, 0U);

	FAKE_SCRIPT(fake, hv_result(SUCCESS, 4),
		    hv_result(HV_STATUS_NO_RESOURCES, 4));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), 0);
	KUNIT_EXPECT_EQ(test, rep.done, 4U);
	KUNIT_EXPECT_EQ(test, rep.status, HV_STATUS_NO_RESOURCES);

	/* A status that counts from the rep start takes nothing back. */
	FAKE_SCRIPT(fake, hv_result(SUCCESS, 4),
		    hv_result(HV_STATUS_NO_RESOURCES, 0));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), 0);
	KUNIT_EXPECT_EQ(test, rep.done, 4U);
	KUNIT_EXPECT_EQ(test, rep.limit, 4U);
}

/* W16: without progress it never loops for ever; what was done is in doubt. */
static void hypercall_w16_no_progress(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_rep rep;

	FAKE_SCRIPT(fake, hv_result(SUCCESS, 0));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), -EPROTO);
	KUNIT_EXPECT_EQ(test, rep.done, 0U);
	KUNIT_EXPECT_EQ(test, rep.limit, 10U);

	FAKE_SCRIPT(fake, hv_result(SUCCESS, 3), hv_result(SUCCESS, 3));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), -EPROTO);
	KUNIT_EXPECT_EQ(test, rep.done, 3U);
	KUNIT_EXPECT_EQ(test, rep.limit, 10U);

	FAKE_SCRIPT(fake, hv_result(SUCCESS, 3), hv_result(SUCCESS, 2));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), -EPROTO);
	KUNIT_EXPECT_EQ(test, rep.done, 3U);
}

/* More than asked for: what was asked for is in doubt, nothing behind it. */
static void hypercall_too_many(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_rep rep;

	FAKE_SCRIPT(fake, hv_result(SUCCESS, 11));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), -EPROTO);
	KUNIT_EXPECT_EQ(test, rep.done, 0U);
	KUNIT_EXPECT_EQ(test, rep.limit, 10U);

	FAKE_SCRIPT(fake, hv_result(SUCCESS, 4),
		    hv_result(HV_STATUS_NO_RESOURCES, HV_REP_MAX));
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), -EPROTO);
	KUNIT_EXPECT_EQ(test, rep.done, 4U);
	KUNIT_EXPECT_EQ(test, rep.limit, 10U);
	KUNIT_EXPECT_EQ(test, rep.status, HV_STATUS_NO_RESOURCES);
}

/* All ones is what there is when there is no hypervisor: no reps in there. */
static void hypercall_all_ones(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_rep rep;
	u32 status = 42;

	FAKE_SCRIPT(fake, ~0ULL, ~0ULL);
	KUNIT_EXPECT_EQ(test, run(fake, &rep, HV_REP_MAX), -ENODEV);
	KUNIT_EXPECT_EQ(test, rep.done, 0U);
	KUNIT_EXPECT_EQ(test, rep.limit, 0U);
	KUNIT_EXPECT_EQ(test, rep.status, HV_ROOTCTL_NO_STATUS);
	KUNIT_EXPECT_EQ(test,
			hvrc_call_simple(&fake->file->caller,
					 HVCALL_GET_PARTITION_ID, 8, &status),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, status, 42U);
}

static void hypercall_unknown_status(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_rep rep;
	u32 status = 0;

	FAKE_SCRIPT(fake, hv_result(0x7abc, 2), 0xbeef);
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 10), 0);
	KUNIT_EXPECT_EQ(test, rep.status, 0x7abcU);
	KUNIT_EXPECT_EQ(test, rep.done, 2U);
	KUNIT_EXPECT_EQ(test,
			hvrc_call_simple(&fake->file->caller,
					 HVCALL_GET_PARTITION_ID, 8, &status),
			0);
	KUNIT_EXPECT_EQ(test, status, 0xbeefU);
}

static u64 answer_without_output(struct fake *fake, u64 control,
				 const void *in, void *out)
{
	return fake->arg;
}

/* What an earlier call left in the output page is not an answer. */
static void hypercall_stale_output(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_caller *caller = &fake->file->caller;
	u32 status;

	*(u64 *)caller->output = 1234;
	fake->answer = answer_without_output;
	fake->arg = SUCCESS;
	KUNIT_EXPECT_EQ(test,
			hvrc_call_simple(caller, HVCALL_GET_PARTITION_ID, 8,
					 &status),
			-EPROTO);
	KUNIT_EXPECT_NE(test, *(u64 *)caller->output, 1234ULL);

	/* A call without output, and one that fails, write none. */
	KUNIT_EXPECT_EQ(test,
			hvrc_call_simple(caller, HVCALL_DELETE_VP, 0, &status),
			0);
	fake->arg = HV_STATUS_ACCESS_DENIED;
	KUNIT_EXPECT_EQ(test,
			hvrc_call_simple(caller, HVCALL_GET_PARTITION_ID, 8,
					 &status),
			0);
	KUNIT_EXPECT_EQ(test, status, HV_STATUS_ACCESS_DENIED);
}

static u64 answer_has_output(struct fake *fake, u64 control, const void *in,
			     void *out)
{
	if (out)
		memset(out, 0, sizeof(u64));
	fake->arg = !!out;
	return hv_result(SUCCESS, hv_control_count(control));
}

/* The hypervisor gets a page to write to only where it has to write. */
static void hypercall_output_page(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_caller *caller = &fake->file->caller;
	struct hvrc_rep rep = {
		.code = HVCALL_DEPOSIT_MEMORY,
		.count = 1,
		.no_output = true,
	};
	u32 status;

	fake->answer = answer_has_output;
	KUNIT_EXPECT_EQ(test, hvrc_rep_step(caller, &rep), 0);
	KUNIT_EXPECT_EQ(test, fake->arg, 0ULL);
	KUNIT_EXPECT_EQ(test, run(fake, &rep, 1), 0);
	KUNIT_EXPECT_EQ(test, fake->arg, 1ULL);
	KUNIT_EXPECT_EQ(test,
			hvrc_call_simple(caller, HVCALL_DELETE_VP, 0, &status),
			0);
	KUNIT_EXPECT_EQ(test, fake->arg, 0ULL);
	KUNIT_EXPECT_EQ(test,
			hvrc_call_simple(caller, HVCALL_GET_PARTITION_ID, 8,
					 &status),
			0);
	KUNIT_EXPECT_EQ(test, fake->arg, 1ULL);
}

/* Two registers, and no list. */
static void hypercall_fast(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_caller *caller = &fake->file->caller;
	u32 status = 42;

	FAKE_SCRIPT(fake, HV_STATUS_ACCESS_DENIED, ~0ULL);
	KUNIT_EXPECT_EQ(test,
			hvrc_call_fast(caller, HVCALL_DELETE_VP, 0x1234567890ULL,
				       7, &status),
			0);
	KUNIT_EXPECT_EQ(test, status, HV_STATUS_ACCESS_DENIED);
	KUNIT_EXPECT_EQ(test, fake->calls, 1U);
	KUNIT_EXPECT_EQ(test, fake->control[0],
			hv_control_simple(HVCALL_DELETE_VP, true));
	KUNIT_EXPECT_EQ(test, fake->input[0][0], 0x1234567890ULL);
	KUNIT_EXPECT_EQ(test, fake->input[0][1], 7ULL);
	status = 42;
	KUNIT_EXPECT_EQ(test,
			hvrc_call_fast(caller, HVCALL_DELETE_VP, 1, 2, &status),
			-ENODEV);
	KUNIT_EXPECT_EQ(test, status, 42U);
}

/* A hypervisor that wants it in memory gets the same there. */
static void hypercall_fast_refused(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_caller *caller = &fake->file->caller;
	u32 status;

	FAKE_SCRIPT(fake, HV_STATUS_INVALID_HYPERCALL_INPUT,
		    HV_STATUS_INVALID_VP_INDEX);
	memset(caller->input, 0xff, 64);
	KUNIT_EXPECT_EQ(test,
			hvrc_call_fast(caller, HVCALL_DELETE_VP, 0x1234567890ULL,
				       7, &status),
			0);
	KUNIT_EXPECT_EQ(test, status, HV_STATUS_INVALID_VP_INDEX);
	KUNIT_EXPECT_EQ(test, fake->calls, 2U);
	KUNIT_EXPECT_EQ(test, fake->control[1],
			hv_control_simple(HVCALL_DELETE_VP, false));
	KUNIT_EXPECT_EQ(test, fake->input[1][0], 0x1234567890ULL);
	KUNIT_EXPECT_EQ(test, fake->input[1][1], 7ULL);
}

static struct kunit_case hypercall_cases[] = {
	KUNIT_CASE(hypercall_rep_whole),
	KUNIT_CASE(hypercall_w16_continuation),
	KUNIT_CASE(hypercall_w7_partial),
	KUNIT_CASE(hypercall_w7_after_continuation),
	KUNIT_CASE(hypercall_w16_no_progress),
	KUNIT_CASE(hypercall_too_many),
	KUNIT_CASE(hypercall_all_ones),
	KUNIT_CASE(hypercall_unknown_status),
	KUNIT_CASE(hypercall_stale_output),
	KUNIT_CASE(hypercall_output_page),
	KUNIT_CASE(hypercall_fast),
	KUNIT_CASE(hypercall_fast_refused),
	{}
};

static struct kunit_suite hypercall_suite = {
	.name = "hv_rootctl_hypercall",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = hypercall_cases,
};

kunit_test_suite(hypercall_suite);
