// SPDX-License-Identifier: GPL-2.0
/* The control word, the result, and the names: include/hv/ as tests see it. */
#include <kunit/test.h>

#include <hv/calls.h>
#include <hv/hypercall.h>
#include <hv/memory.h>
#include <hv/partition.h>
#include <hv/status.h>

static void abi_control_simple(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, hv_control_simple(HVCALL_WRITE_GPA, false),
			0x54ULL);
	KUNIT_EXPECT_EQ(test, hv_control_simple(HVCALL_DELETE_VP, true),
			0x1004fULL);
	KUNIT_EXPECT_EQ(test, hv_control_simple(0xffff, false), 0xffffULL);
}

/* W1: count in bits 43:32, start in bits 59:48. */
static void abi_control_rep(struct kunit *test)
{
	u64 control = hv_control_rep(HVCALL_WITHDRAW_MEMORY, 512, 5);

	KUNIT_EXPECT_EQ(test, control, 0x0005020000000049ULL);
	KUNIT_EXPECT_EQ(test, hv_control_code(control), 0x49);
	KUNIT_EXPECT_EQ(test, hv_control_count(control), 512U);
	KUNIT_EXPECT_EQ(test, hv_control_start(control), 5U);
	KUNIT_EXPECT_EQ(test, hv_control_varhead(control), 0U);
}

/* No field spills into its neighbour, whatever it is given. */
static void abi_control_cut(struct kunit *test)
{
	u64 control = hv_control_rep(0xffff, ~0U, ~0U);

	KUNIT_EXPECT_EQ(test, control & HV_CONTROL_RESERVED_MASK, 0ULL);
	KUNIT_EXPECT_EQ(test, control, 0x0fff0fff0000ffffULL);
	control = hv_control_set_start(hv_control_rep(1, 7, 3), ~0U);
	KUNIT_EXPECT_EQ(test, control, 0x0fff000700000001ULL);
}

static void abi_control_set_start(struct kunit *test)
{
	u64 control = hv_control_rep(HVCALL_DEPOSIT_MEMORY, 511, 0xabc);

	control = hv_control_set_start(control, 0x123);
	KUNIT_EXPECT_EQ(test, control,
			hv_control_rep(HVCALL_DEPOSIT_MEMORY, 511, 0x123));
}

static void abi_result(struct kunit *test)
{
	u64 result = hv_result(HV_STATUS_NO_RESOURCES, 300);

	KUNIT_EXPECT_EQ(test, result, 0x0000012c0000001dULL);
	KUNIT_EXPECT_EQ(test, hv_result_status(result), 0x1d);
	KUNIT_EXPECT_EQ(test, hv_result_reps(result), 300U);
}

/* Bits 31:16 and 63:44 of a result are reserved and mean nothing. */
static void abi_result_reserved(struct kunit *test)
{
	u64 result = 0xfffff000ffff0000ULL | hv_result(6, 17);

	KUNIT_EXPECT_EQ(test, hv_result_status(result), 6);
	KUNIT_EXPECT_EQ(test, hv_result_reps(result), 17U);
}

static void abi_batches(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, HV_WITHDRAW_MAX, 512ULL);
	KUNIT_EXPECT_EQ(test, HV_DEPOSIT_MAX, 511ULL);
	KUNIT_EXPECT_EQ(test, HV_MAP_GPA_MAX, 509ULL);
}

/* W1, G1: what lies where, seen through the bytes. */
static void abi_layouts(struct kunit *test)
{
	struct hv_input_withdraw_memory withdraw = { 1, 2 };
	struct hv_input_write_gpa write = {
		.partition_id = 1,
		.vp_index = 2,
		.byte_count = 3,
		.base_gpa = 4,
		.control_flags = 5,
		.data = { 6, [8] = 7 },
	};
	const u64 withdraw_bytes[] = { 1, 2 };
	const u64 write_bytes[] = { 1, 2 | 3ULL << 32, 4, 5, 6, 7 };

	KUNIT_ASSERT_EQ(test, sizeof(withdraw), sizeof(withdraw_bytes));
	KUNIT_EXPECT_EQ(test, memcmp(&withdraw, withdraw_bytes, 16), 0);
	KUNIT_ASSERT_EQ(test, sizeof(write), sizeof(write_bytes));
	KUNIT_EXPECT_EQ(test, memcmp(&write, write_bytes, 48), 0);
}

/* W13: domain in bits 31:0, preferred 32, valid 63. */
static void abi_proximity(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, hv_proximity(3, false), 0x8000000000000003ULL);
	KUNIT_EXPECT_EQ(test, hv_proximity(3, true), 0x8000000100000003ULL);
	KUNIT_EXPECT_EQ(test, HV_PROXIMITY_RESERVED, 0x7ffffffe00000000ULL);
}

static void abi_names(struct kunit *test)
{
	u32 i;

	KUNIT_EXPECT_STREQ(test, hv_status_name(0), "SUCCESS");
	KUNIT_EXPECT_STREQ(test, hv_status_name(0x1d), "NO_RESOURCES");
	KUNIT_EXPECT_STREQ(test, hv_status_name(0x0d), "INVALID_PARTITION_ID");
	KUNIT_EXPECT_NULL(test, hv_status_name(1));
	KUNIT_EXPECT_NULL(test, hv_status_name(0xffff));
	KUNIT_EXPECT_STREQ(test, hv_call_name(0x49), "HvWithdrawMemory");
	KUNIT_EXPECT_STREQ(test, hv_call_name(0x54), "HvWriteGpa");
	KUNIT_EXPECT_NULL(test, hv_call_name(0));
	KUNIT_EXPECT_STREQ(test, hv_access_gpa_result_name(1), "Unmapped");
	KUNIT_EXPECT_NULL(test, hv_access_gpa_result_name(5));

	for (i = 0; i <= U16_MAX; i++)
		if (!hv_status_name(i) != !hv_status_text(i))
			KUNIT_FAIL(test, "status %#x has only one of name and text",
				   i);
}

static void abi_root(struct kunit *test)
{
	u64 root = BIT_ULL(32) | BIT_ULL(34) | BIT_ULL(44);

	KUNIT_EXPECT_TRUE(test, hv_privileges_are_root(root));
	KUNIT_EXPECT_TRUE(test, hv_privileges_are_root(root | 0xfff));
	KUNIT_EXPECT_FALSE(test, hv_privileges_are_root(root & ~BIT_ULL(32)));
	KUNIT_EXPECT_FALSE(test, hv_privileges_are_root(root & ~BIT_ULL(34)));
	KUNIT_EXPECT_FALSE(test, hv_privileges_are_root(root & ~BIT_ULL(44)));
	KUNIT_EXPECT_FALSE(test, hv_privileges_are_root(root | BIT_ULL(54)));
	KUNIT_EXPECT_FALSE(test, hv_privileges_are_root(0));
}

static void abi_cache_types(struct kunit *test)
{
	u32 type;

	for (type = 0; type < 0x200; type++)
		KUNIT_EXPECT_EQ(test, hv_cache_type_valid(type),
				type == 0 || type == 1 || type == 4 ||
					type == 5 || type == 6);
}

static struct kunit_case abi_cases[] = {
	KUNIT_CASE(abi_control_simple),
	KUNIT_CASE(abi_control_rep),
	KUNIT_CASE(abi_control_cut),
	KUNIT_CASE(abi_control_set_start),
	KUNIT_CASE(abi_result),
	KUNIT_CASE(abi_result_reserved),
	KUNIT_CASE(abi_batches),
	KUNIT_CASE(abi_layouts),
	KUNIT_CASE(abi_proximity),
	KUNIT_CASE(abi_names),
	KUNIT_CASE(abi_root),
	KUNIT_CASE(abi_cache_types),
	{}
};

static struct kunit_suite abi_suite = {
	.name = "hv_rootctl_abi",
	.test_cases = abi_cases,
};

kunit_test_suite(abi_suite);
