// SPDX-License-Identifier: GPL-2.0
/*
 * HvGetVpRegisters and HvSetVpRegisters as hypercalls: the C-registers rows of
 * Documentation/conformance.md.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <hv/registers.h>
#include "hvtest_harness.h"

#define NAMES 16

FIXTURE(vp_registers) {
	struct hvt t;
	struct hvt_child child; /* with VP 0 */
};

FIXTURE_SETUP(vp_registers)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_child_create(&self->t, &self->child));
}

FIXTURE_TEARDOWN(vp_registers)
{
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &self->child));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* The values come in (u64 *)t.out, two words each. */
static struct hvt_done get(struct _test_data_vp_registers *self, u64 id, u32 vp,
			   const u32 *names, u32 count)
{
	u64 in[2 + NAMES / 2] = { id, vp };

	memcpy(&in[2], names, count * sizeof(*names));
	return hvt_rep(&self->t, HVCALL_GET_VP_REGISTERS, count, in,
		       16 + count * sizeof(*names));
}

static struct hvt_done set(struct _test_data_vp_registers *self, u64 id, u32 vp,
			   const struct hv_register_assoc *list, u32 count)
{
	u64 in[2 + NAMES * 4] = { id, vp };

	memcpy(&in[2], list, count * sizeof(*list));
	return hvt_rep(&self->t, HVCALL_SET_VP_REGISTERS, count, in,
		       16 + count * sizeof(*list));
}

TEST_F(vp_registers, C_registers_1_set_and_get)
{
	struct hv_register_assoc in[NAMES] = {};
	const u64 *out = (const u64 *)self->t.out;
	u32 names[NAMES], i;
	struct hvt_done done;

	for (i = 0; i < NAMES; i++) {
		names[i] = HV_X64_REGISTER_RAX + i;
		in[i].name = HV_X64_REGISTER_R15 - i;
		in[i].value.low = 0x0123456789abcdefULL * (i + 1);
	}
	done = set(self, self->child.id, 0, in, NAMES);
	EXPECT_EQ(HV_STATUS_SUCCESS, done.status);
	EXPECT_EQ(NAMES, done.reps);
	done = get(self, self->child.id, 0, names, NAMES);
	EXPECT_EQ(HV_STATUS_SUCCESS, done.status);
	EXPECT_EQ(NAMES, done.reps);
	for (i = 0; i < NAMES; i++) {
		EXPECT_EQ(in[NAMES - 1 - i].value.low, out[2 * i]);
		EXPECT_EQ(0, out[2 * i + 1]);
	}
}

TEST_F(vp_registers, C_registers_1_as_after_init)
{
	static const u32 names[] = {
		HV_REGISTER_EXPLICIT_SUSPEND, HV_X64_REGISTER_RIP,
		HV_X64_REGISTER_RFLAGS, HV_X64_REGISTER_CR0,
		HV_X64_REGISTER_CS,
	};
	const u64 *out = (const u64 *)self->t.out;

	EXPECT_EQ(5, get(self, self->child.id, 0, names, 5).reps);
	EXPECT_EQ(1, out[0]);
	EXPECT_EQ(0xfff0, out[2]);
	EXPECT_EQ(2, out[4]);
	EXPECT_EQ(0x60000010, out[6]);
	EXPECT_EQ(0xffff0000, out[8]);
	EXPECT_EQ(0x009bf0000000ffffULL, out[9]);
}

/* Up to the refused one; the others of the list are not touched. */
TEST_F(vp_registers, C_registers_2_names_and_values)
{
	static const struct hv_register_assoc bad[] = {
		{ .name = 0x00020012 },
		{ .name = HV_REGISTER_VP_INDEX },
		{ .name = HV_X64_REGISTER_RFLAGS },
		{ .name = HV_X64_REGISTER_EFER, .value.low = 1 << 12 },
		{ .name = HV_X64_REGISTER_CR8, .value.low = 16 },
		{ .name = HV_X64_REGISTER_RAX, .value.high = 1 },
	};
	const u64 *out = (const u64 *)self->t.out;
	u32 names[3] = { HV_X64_REGISTER_RBX, HV_X64_REGISTER_RCX, 0x20012 };
	struct hvt_done done;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct hv_register_assoc in[3] = {
			{ .name = HV_X64_REGISTER_RBX, .value.low = 100 + i },
			bad[i],
			{ .name = HV_X64_REGISTER_RCX, .value.low = 5 },
		};

		done = set(self, self->child.id, 0, in, 3);
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, done.status);
		EXPECT_EQ(1, done.reps);
		done = get(self, self->child.id, 0, names, 3);
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, done.status);
		EXPECT_EQ(2, done.reps);
		EXPECT_EQ(100 + i, out[0]);
		EXPECT_EQ(0, out[2]);
	}
}

TEST_F(vp_registers, C_registers_3_statuses)
{
	struct hv_register_assoc rax = { .name = HV_X64_REGISTER_RAX };
	u32 name = HV_X64_REGISTER_RAX;
	struct {
		u64 id;
		u32 vp;
		u16 status;
	} cases[] = {
		{ 0, 0, HV_STATUS_INVALID_PARTITION_ID },
		{ HVT_UNKNOWN_ID, 0, HV_STATUS_INVALID_PARTITION_ID },
		{ HV_PARTITION_ID_SELF, 0, HV_STATUS_ACCESS_DENIED },
		{ self->child.id, 1, HV_STATUS_INVALID_VP_INDEX },
		{ self->child.id, ~0U, HV_STATUS_INVALID_VP_INDEX },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].status,
			  get(self, cases[i].id, cases[i].vp, &name, 1).status);
		EXPECT_EQ(cases[i].status,
			  set(self, cases[i].id, cases[i].vp, &rax, 1).status);
	}
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION,
				self->child.id));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  get(self, self->child.id, 0, &name, 1).status);
}

TEST_HARNESS_MAIN
