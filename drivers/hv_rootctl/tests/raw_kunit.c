// SPDX-License-Identifier: GPL-2.0
/* Raw calls: which are let through, and in what form. */
#include <linux/string.h>
#include <linux/uaccess.h>

#include <hv/partition.h>

#include "fake.h"

static int raw_init(struct kunit *test)
{
	hvrc_raw_calls = true;
	return fake_init(test);
}

static void raw_exit(struct kunit *test)
{
	hvrc_raw_calls = false;
	fake_exit(test);
}

/* Input at the start of the user's page, output in its second half. */
static struct hv_rootctl_raw raw_args(u64 user, u32 code, u32 in, u32 out)
{
	return (struct hv_rootctl_raw){
		.code = code,
		.input_size = in,
		.output_size = out,
		.reps_done = 99,
		.input = user,
		.output = user + PAGE_SIZE,
	};
}

static void raw_off(struct kunit *test)
{
	u64 user = fake_user_memory(test, 2 * PAGE_SIZE);
	struct hv_rootctl_raw args =
		raw_args(user, HVCALL_GET_PARTITION_ID, 0, 8);
	struct fake *fake = test->priv;

	hvrc_raw_calls = false;
	KUNIT_EXPECT_EQ(test, hvrc_raw(fake->file, &args), -EPERM);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_ROOTCTL_NO_STATUS);
	hvrc_raw_calls = true;
	KUNIT_EXPECT_EQ(test, hvrc_raw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, fake->calls, 1U);
}

/* What moves pages, or makes or ends a partition, is not for this. */
static void raw_codes(struct kunit *test)
{
	static const u16 let_through[] = { 0x41, 0x44, 0x45, 0x46, 0x47, 0x4a,
					   0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53,
					   0x54 };
	u64 user = fake_user_memory(test, 2 * PAGE_SIZE);
	struct fake *fake = test->priv;
	struct hv_rootctl_raw args;
	u32 code, i = 0;

	for (code = 0; code < 0x20000; code++) {
		int want = -EOPNOTSUPP;

		if (i < ARRAY_SIZE(let_through) && code == let_through[i]) {
			want = -EINVAL; /* no call has such sizes */
			i++;
		}
		args = raw_args(user, code, 3, 3);
		KUNIT_EXPECT_EQ_MSG(test, hvrc_raw(fake->file, &args), want,
				    "code %#x", code);
	}
	KUNIT_EXPECT_EQ(test, i, (u32)ARRAY_SIZE(let_through));
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

static void raw_sizes(struct kunit *test)
{
	static const struct {
		u32 code, count, start, in, out;
		int want;
	} cases[] = {
		{ 0x4a, 0, 0, 16, 16, 0 },
		{ 0x4a, 0, 0, 15, 16, -EINVAL },
		{ 0x4a, 0, 0, 17, 16, -EINVAL },
		{ 0x4a, 0, 0, 16, 8, -EINVAL },
		{ 0x4a, 0, 0, 16, 24, -EINVAL },
		{ 0x4a, 1, 0, 16, 16, -EINVAL },
		{ 0x4a, 0, 1, 16, 16, -EINVAL },
		{ 0x50, 2, 0, 24, 32, 0 },
		{ 0x50, 2, 1, 24, 32, 0 },
		{ 0x50, 2, 2, 24, 32, -EINVAL },
		{ 0x50, 0, 0, 16, 0, -EINVAL },
		{ 0x50, 2, 0, 20, 32, -EINVAL },
		{ 0x50, 2, 0, 24, 16, -EINVAL },
		{ 0x50, 256, 0, 1040, 4096, 0 },
		{ 0x50, 257, 0, 1044, 4112, -EINVAL },
		{ 0x51, 127, 0, 4080, 0, 0 },
		{ 0x51, 128, 0, 4112, 0, -EINVAL },
		/* 16 + 2^27 * 32 is 16 in 32 bits. */
		{ 0x51, 1U << 27, 0, 16, 0, -EINVAL },
	};
	u64 user = fake_user_memory(test, 2 * PAGE_SIZE);
	struct fake *fake = test->priv;
	struct hv_rootctl_raw args;
	u32 i, calls = 0;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		args = raw_args(user, cases[i].code, cases[i].in, cases[i].out);
		args.rep_count = cases[i].count;
		args.rep_start = cases[i].start;
		KUNIT_EXPECT_EQ_MSG(test, hvrc_raw(fake->file, &args),
				    cases[i].want, "case %u", i);
		calls += !cases[i].want;
	}
	KUNIT_EXPECT_EQ(test, fake->calls, calls);
}

/* Writes the first byte of its output, and nothing else. */
static u64 raw_answer(struct fake *fake, u64 control, const void *in, void *out)
{
	if (out)
		*(u8 *)out = 0x77;
	return hv_result(HV_STATUS_SUCCESS, hv_control_count(control));
}

/* Nothing of earlier calls comes back with what the hypervisor wrote. */
static void raw_output(struct kunit *test)
{
	u64 user = fake_user_memory(test, 2 * PAGE_SIZE);
	struct hv_rootctl_raw args =
		raw_args(user, HVCALL_GET_MEMORY_BALANCE, 16, 16);
	struct fake *fake = test->priv;
	const u64 in[2] = { 0x1234, 0x5678 };
	u8 out[24];

	KUNIT_ASSERT_EQ(test, copy_to_user(u64_to_user_ptr(user), in, 16), 0UL);
	memset(fake->file->caller.output, 0xee, HV_PAGE_SIZE);
	fake->answer = raw_answer;
	KUNIT_EXPECT_EQ(test, hvrc_raw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
	KUNIT_EXPECT_EQ(test, fake->input[0][0], in[0]);
	KUNIT_EXPECT_EQ(test, fake->input[0][1], in[1]);
	KUNIT_ASSERT_EQ(test, copy_from_user(out, u64_to_user_ptr(args.output),
					     sizeof(out)), 0UL);
	KUNIT_EXPECT_EQ(test, out[0], (u8)0x77);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(out + 1, 0, sizeof(out) - 1),
			    (void *)NULL);
}

/* A rep call goes on where the hypervisor stopped, and from where it may. */
static void raw_reps(struct kunit *test)
{
	u64 user = fake_user_memory(test, 2 * PAGE_SIZE);
	struct hv_rootctl_raw args =
		raw_args(user, HVCALL_GET_VP_REGISTERS, 36, 80);
	struct fake *fake = test->priv;

	args.rep_count = 5;
	args.rep_start = 1;
	FAKE_SCRIPT(fake, hv_result(0, 3),
		    hv_result(HV_STATUS_INVALID_PARAMETER, 4));
	KUNIT_EXPECT_EQ(test, hvrc_raw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status,
			(u32)HV_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, args.reps_done, 4U);
	KUNIT_EXPECT_EQ(test, fake->control[0],
			hv_control_rep(HVCALL_GET_VP_REGISTERS, 5, 1));
	KUNIT_EXPECT_EQ(test, fake->control[1],
			hv_control_rep(HVCALL_GET_VP_REGISTERS, 5, 3));
}

static struct kunit_case raw_cases[] = {
	KUNIT_CASE(raw_off),
	KUNIT_CASE(raw_codes),
	KUNIT_CASE(raw_sizes),
	KUNIT_CASE(raw_output),
	KUNIT_CASE(raw_reps),
	{}
};

static struct kunit_suite raw_suite = {
	.name = "hv_rootctl_raw",
	.init = raw_init,
	.exit = raw_exit,
	.test_cases = raw_cases,
};

kunit_test_suite(raw_suite);
