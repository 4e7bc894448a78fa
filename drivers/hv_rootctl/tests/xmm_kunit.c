// SPDX-License-Identifier: GPL-2.0
/* HvWriteGpa in XMM registers: when it is used, and when it is not. */
#include <linux/string.h>
#include <linux/uaccess.h>

#include <hv/memory.h>

#include "../api.h"
#include "../stats.h"
#include "fake.h"

#define XMM_GPA 0x40000ff5ULL /* 11 bytes before the end of a page */
#define XMM_BYTES 50

/**
 * struct xmm_far - the far end of the calls in XMM registers
 * @test: the case
 * @calls: how many there were
 * @input: what the last of them carried
 * @result: what they answer
 * @access_result: and what their output is
 * @refuse_from: of them, those from this one on are refused
 * @silent: they answer, and leave XMM2 as it is
 * @busy: the registers cannot be used
 * @memory: of the child, two pages from that of XMM_GPA on
 */
static struct xmm_far {
	struct kunit *test;
	u32 calls;
	struct hv_input_write_gpa input;
	u64 result;
	u64 access_result;
	u32 refuse_from;
	bool silent;
	bool busy;
	u8 memory[2 * HV_PAGE_SIZE];
} *far_end;

static void xmm_write(const struct hv_input_write_gpa *in)
{
	u64 at = in->base_gpa - (XMM_GPA & ~HV_PAGE_MASK);

	if (in->partition_id == FAKE_CHILD_ID &&
	    at + in->byte_count <= sizeof(far_end->memory))
		memcpy(far_end->memory + at, in->data, in->byte_count);
}

static bool xmm_call(u64 control, struct hvrc_xmm *registers, u64 *result)
{
	if (far_end->busy)
		return false;
	far_end->calls++;
	KUNIT_EXPECT_EQ(far_end->test, control,
			HVCALL_WRITE_GPA | HV_CONTROL_FAST);
	memcpy(&far_end->input, registers->input, sizeof(far_end->input));
	if (far_end->refuse_from && far_end->calls >= far_end->refuse_from) {
		*result = HV_STATUS_INVALID_HYPERCALL_INPUT;
		return true;
	}
	*result = far_end->input.partition_id ? far_end->result :
						HV_STATUS_INVALID_PARTITION_ID;
	if (*result || far_end->silent)
		return true;
	registers->output = far_end->access_result;
	if (!far_end->access_result)
		xmm_write(&far_end->input);
	return true;
}

/* And in memory. */
static u64 xmm_answer(struct fake *fake, u64 control, const void *in, void *out)
{
	const struct hv_input_write_gpa *input = in;

	if (hv_control_code(control) != HVCALL_WRITE_GPA)
		return 0;
	if (!input->partition_id)
		return fake->arg;
	memset(out, 0, sizeof(u64));
	xmm_write(input);
	return 0;
}

static int xmm_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;

	far_end = kunit_kzalloc(test, sizeof(*far_end), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, far_end);
	far_end->test = test;
	fake->answer = xmm_answer;
	fake->arg = HV_STATUS_INVALID_PARTITION_ID;
	fake->transport.call_xmm = xmm_call;
	return err;
}

static void xmm_exit(struct kunit *test)
{
	WRITE_ONCE(hvrc_xmm_wanted, false);
	fake_exit(test);
}

/* Somebody wants it; does it work? Forgets the calls that took. */
static bool xmm_start(struct fake *fake)
{
	WRITE_ONCE(hvrc_xmm_wanted, true);
	hvrc_xmm_start(fake->hv);
	far_end->calls = 0;
	fake->calls = 0;
	return READ_ONCE(fake->hv->xmm);
}

/* The query ioctl says the same. */
static void expect_form(struct fake *fake, u32 form)
{
	struct hv_rootctl_query q = { .size = sizeof(q) };
	u64 user = fake_user_memory(fake->test, PAGE_SIZE);

	KUNIT_ASSERT_EQ(fake->test,
			copy_to_user(u64_to_user_ptr(user), &q, sizeof(q)),
			0UL);
	KUNIT_ASSERT_EQ(fake->test,
			hvrc_file_ioctl(fake->file, HV_ROOTCTL_QUERY, user),
			0L);
	KUNIT_ASSERT_EQ(fake->test,
			copy_from_user(&q, u64_to_user_ptr(user), sizeof(q)),
			0UL);
	KUNIT_EXPECT_EQ(fake->test, q.write_gpa_form, form);
}

static struct hv_rootctl_access xmm_args(struct kunit *test)
{
	u64 user = fake_user_memory(test, PAGE_SIZE);
	u8 data[XMM_BYTES];
	u32 i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = i + 1;
	KUNIT_ASSERT_EQ(test,
			copy_to_user(u64_to_user_ptr(user), data, sizeof(data)),
			0UL);
	return (struct hv_rootctl_access){
		.partition_id = FAKE_CHILD_ID,
		.gpa = XMM_GPA,
		.length = XMM_BYTES,
		.user_addr = user,
		.vp_index = 3,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
		.bytes_done = 99,
	};
}

/* A write that is done: 11 bytes, and 39 in the next page. */
static void expect_write(struct fake *fake, u32 in_memory, u32 in_registers)
{
	struct hv_rootctl_access args = xmm_args(fake->test);
	u32 i, wrong = 0;

	memset(far_end->memory, 0, sizeof(far_end->memory));
	far_end->calls = 0;
	fake->calls = 0;
	KUNIT_EXPECT_EQ(fake->test, hvrc_write_gpa(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(fake->test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(fake->test, args.access_result, HV_ACCESS_GPA_SUCCESS);
	KUNIT_EXPECT_EQ(fake->test, args.bytes_done, (u64)XMM_BYTES);
	KUNIT_EXPECT_EQ(fake->test, fake->calls, in_memory);
	KUNIT_EXPECT_EQ(fake->test, far_end->calls, in_registers);
	for (i = 0; i < XMM_BYTES; i++)
		wrong += far_end->memory[(XMM_GPA & HV_PAGE_MASK) + i] != i + 1;
	KUNIT_EXPECT_EQ(fake->test, wrong, 0U);
}

static void xmm_not_wanted(struct kunit *test)
{
	struct fake *fake = test->priv;

	hvrc_xmm_start(fake->hv);
	KUNIT_EXPECT_EQ(test, far_end->calls, 0U);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
	expect_form(fake, HV_ROOTCTL_FORM_MEMORY);
	expect_write(fake, 4, 0);
}

static void xmm_not_offered(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->transport.call_xmm = NULL;
	KUNIT_EXPECT_FALSE(test, xmm_start(fake));
	expect_form(fake, HV_ROOTCTL_FORM_MEMORY);
	expect_write(fake, 4, 0);
}

/* G1: the input is the same as in memory, bit for bit. */
static void xmm_g1_used(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_EXPECT_TRUE(test, xmm_start(fake));
	expect_form(fake, HV_ROOTCTL_FORM_XMM);
	expect_write(fake, 0, 4);
	KUNIT_EXPECT_EQ(test, far_end->input.partition_id, FAKE_CHILD_ID);
	KUNIT_EXPECT_EQ(test, far_end->input.vp_index, 3U);
	KUNIT_EXPECT_EQ(test, far_end->input.byte_count, 7U);
	KUNIT_EXPECT_EQ(test, far_end->input.base_gpa, XMM_GPA + 43);
	KUNIT_EXPECT_EQ(test, far_end->input.control_flags, 6ULL);
	KUNIT_EXPECT_EQ(test, far_end->input.data[6], 50);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(&far_end->input.data[7], 0, 9),
			    NULL);
	KUNIT_EXPECT_EQ(test, fake->file->caller.hypercalls, 4ULL);
}

/* Tried once, and what does not give the answer of memory is not used. */
static void xmm_refused_at_first(struct kunit *test)
{
	static const struct {
		u64 memory;
		u32 refuse_from;
		bool busy;
	} cases[] = {
		{ HV_STATUS_INVALID_PARTITION_ID, 1 },
		{ HV_STATUS_INVALID_PARTITION_ID, 0, true },
		{ HV_STATUS_ACCESS_DENIED, 0 },
		{ HV_STATUS_SUCCESS, 0 },
		{ HV_RESULT_NO_HYPERVISOR, 0 },
	};
	struct fake *fake = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		fake->arg = cases[i].memory;
		far_end->refuse_from = cases[i].refuse_from;
		far_end->busy = cases[i].busy;
		KUNIT_EXPECT_FALSE_MSG(test, xmm_start(fake), "case %u", i);
		far_end->refuse_from = 0;
		far_end->busy = false;
		expect_write(fake, 4, 0);
	}
	expect_form(fake, HV_ROOTCTL_FORM_MEMORY);
}

/* The piece that is refused is written in memory, as are all after it. */
static void xmm_refused_later(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_ASSERT_TRUE(test, xmm_start(fake));
	far_end->refuse_from = 3;
	expect_write(fake, 2, 3);
	expect_form(fake, HV_ROOTCTL_FORM_MEMORY);
	far_end->refuse_from = 0;
	expect_write(fake, 4, 0);
	KUNIT_EXPECT_TRUE(test, xmm_start(fake));
	expect_write(fake, 0, 4);
}

/* Where the registers are somebody else's it is memory, this time. */
static void xmm_busy(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_ASSERT_TRUE(test, xmm_start(fake));
	far_end->busy = true;
	expect_write(fake, 4, 0);
	expect_form(fake, HV_ROOTCTL_FORM_XMM);
	far_end->busy = false;
	expect_write(fake, 0, 4);
}

static void xmm_g8_refusals(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_access args = xmm_args(test);

	KUNIT_ASSERT_TRUE(test, xmm_start(fake));
	far_end->access_result = 0xffff000000000003ULL;
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, args.access_result, 3U);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 0ULL);
	KUNIT_EXPECT_EQ(test, args.fail_gpa, XMM_GPA);

	far_end->result = HV_STATUS_INVALID_VP_INDEX;
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_INVALID_VP_INDEX);
	KUNIT_EXPECT_EQ(test, args.access_result, 0U);
	KUNIT_EXPECT_EQ(test, args.fail_gpa, XMM_GPA);

	far_end->result = HV_RESULT_NO_HYPERVISOR;
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), -ENODEV);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_ROOTCTL_NO_STATUS);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 0ULL);

	/* What an earlier call left in XMM2 is not an answer. */
	far_end->result = HV_STATUS_SUCCESS;
	far_end->access_result = 0;
	far_end->silent = true;
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 0ULL);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
	expect_form(fake, HV_ROOTCTL_FORM_XMM);
}

/* G14: for other modules, likewise. */
static void xmm_g14_api(struct kunit *test)
{
	const struct hv_input_write_gpa input = {
		.partition_id = FAKE_CHILD_ID,
		.byte_count = 5,
		.base_gpa = XMM_GPA,
		.data = "12345",
	};
	struct fake *fake = test->priv;
	u8 *there = &far_end->memory[XMM_GPA & HV_PAGE_MASK];
	u64 result = 99;

	KUNIT_ASSERT_TRUE(test, xmm_start(fake));
	KUNIT_EXPECT_EQ(test, hvrc_api_write(fake->hv, &input, &result), 0U);
	KUNIT_EXPECT_EQ(test, result, 0ULL);
	KUNIT_EXPECT_EQ(test, far_end->calls, 1U);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
	KUNIT_EXPECT_EQ(test, memcmp(there, "12345", 6), 0);

	memset(there, 0, 5);
	far_end->busy = true;
	KUNIT_EXPECT_EQ(test, hvrc_api_write(fake->hv, &input, &result), 0U);
	KUNIT_EXPECT_EQ(test, fake->calls, 1U);
	KUNIT_EXPECT_EQ(test, memcmp(there, "12345", 6), 0);

	far_end->busy = false;
	far_end->access_result = 1;
	KUNIT_EXPECT_EQ(test, hvrc_api_write(fake->hv, &input, &result), 0U);
	KUNIT_EXPECT_EQ(test, result, 1ULL);
	far_end->silent = true;
	result = 99;
	KUNIT_EXPECT_EQ(test, hvrc_api_write(fake->hv, &input, &result),
			HV_ROOTCTL_NO_STATUS);
	KUNIT_EXPECT_EQ(test, result, 99ULL);

	memset(there, 0, 5);
	far_end->refuse_from = 1;
	KUNIT_EXPECT_EQ(test, hvrc_api_write(fake->hv, &input, &result), 0U);
	KUNIT_EXPECT_EQ(test, result, 0ULL);
	KUNIT_EXPECT_EQ(test, memcmp(there, "12345", 6), 0);
	expect_form(fake, HV_ROOTCTL_FORM_MEMORY);
}

/* The counts tell the forms apart. */
static void xmm_stats(struct kunit *test)
{
	const unsigned int row = hvrc_stats_row(HVCALL_WRITE_GPA);
	struct fake *fake = test->priv;
	struct hvrc_stats *sum;

	sum = kunit_kzalloc(test, sizeof(*sum), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sum);
	KUNIT_ASSERT_TRUE(test, xmm_start(fake));
	static_branch_enable(&hvrc_stats_on);
	far_end->refuse_from = 3;
	expect_write(fake, 2, 3);
	static_branch_disable(&hvrc_stats_on);
	hvrc_stats_sum(fake->hv, sum);
	KUNIT_EXPECT_EQ(test, sum->call[row].calls, 5ULL);
	KUNIT_EXPECT_EQ(test, sum->call[row].fast, 3ULL);
	KUNIT_EXPECT_EQ(test, sum->call[row].refused, 1ULL);
}

static struct kunit_case xmm_cases[] = {
	KUNIT_CASE(xmm_not_wanted),
	KUNIT_CASE(xmm_not_offered),
	KUNIT_CASE(xmm_g1_used),
	KUNIT_CASE(xmm_refused_at_first),
	KUNIT_CASE(xmm_refused_later),
	KUNIT_CASE(xmm_busy),
	KUNIT_CASE(xmm_g8_refusals),
	KUNIT_CASE(xmm_g14_api),
	KUNIT_CASE(xmm_stats),
	{}
};

static struct kunit_suite xmm_suite = {
	.name = "hv_rootctl_xmm",
	.init = xmm_init,
	.exit = xmm_exit,
	.test_cases = xmm_cases,
};

kunit_test_suite(xmm_suite);
