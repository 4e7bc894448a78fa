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

/* Memory type ranges: what there is, what can be in it, what is not there. */
TEST_F(vp_registers, C_registers_2_memory_types)
{
	static const struct {
		u32 name;
		u64 good, bad;
	} cases[] = {
		{ HV_X64_REGISTER_PAT, 0x0007010600070406, 2 },
		{ HV_X64_REGISTER_MTRR_DEF_TYPE, 0xc06, 0xc02 },
		{ HV_X64_REGISTER_MTRR_PHYS_BASE0 + 7, 0x80000000, 3 },
		{ HV_X64_REGISTER_MTRR_PHYS_MASK0 + 7, 0xff80000800, 1 },
		{ HV_X64_REGISTER_MTRR_FIX64K00000, 0x0606060606060606, 7 },
		{ HV_X64_REGISTER_MTRR_FIX4KF8000, 0x0505050505050505,
		  1ULL << 63 },
	};
	unsigned int i;

	EXPECT_EQ(0x508, hvt_get_register(&self->t, self->child.id, 0,
					  HV_X64_REGISTER_MTRR_CAP));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(0, hvt_set_register(&self->t, self->child.id, 0,
					      cases[i].name, cases[i].good)
				     .status);
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
			  hvt_set_register(&self->t, self->child.id, 0,
					   cases[i].name, cases[i].bad)
				  .status);
		EXPECT_EQ(cases[i].good,
			  hvt_get_register(&self->t, self->child.id, 0,
					   cases[i].name));
	}
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_set_register(&self->t, self->child.id, 0,
				   HV_X64_REGISTER_MTRR_PHYS_BASE0 + 8, 0)
			  .status);
}

/* What a processor would take an exit with, and who it is that runs. */
TEST_F(vp_registers, C_registers_1_events_and_identity)
{
	static const u32 kept[] = {
		HV_REGISTER_GUEST_CRASH_P0, HV_REGISTER_GUEST_CRASH_P4,
		HV_REGISTER_PENDING_INTERRUPTION, HV_REGISTER_INTERRUPT_STATE,
		HV_X64_REGISTER_TSC_AUX,
	};
	const struct hv_input_set_partition_property privileges = {
		.partition_id = self->child.id,
		.property_code = HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
		.property_value = 0x7f,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kept); i++) {
		EXPECT_EQ(0, hvt_get_register(&self->t, self->child.id, 0,
					      kept[i]));
		EXPECT_EQ(0, hvt_set_register(&self->t, self->child.id, 0,
					      kept[i], 1).status);
	}
	for (i = 0; i < ARRAY_SIZE(kept); i++)
		EXPECT_EQ(1, hvt_get_register(&self->t, self->child.id, 0,
					      kept[i]));
	/* The same privileges as the property's. */
	EXPECT_EQ(0x5ff,
		  hvt_get_register(&self->t, self->child.id, 0,
				   HV_REGISTER_PRIVILEGES_AND_FEATURES_INFO));
	EXPECT_EQ(0, hvt_simple(&self->t, HVCALL_SET_PARTITION_PROPERTY,
				&privileges, sizeof(privileges)));
	EXPECT_EQ(0x7f,
		  hvt_get_register(&self->t, self->child.id, 0,
				   HV_REGISTER_PRIVILEGES_AND_FEATURES_INFO));
}

static u64 register_of(struct _test_data_vp_registers *self, u32 name)
{
	return hvt_get_register(&self->t, self->child.id, 0, name);
}

/* The counter, and what the page makes of the TSC, are one clock. */
TEST_F(vp_registers, C_registers_6_reference_time)
{
	struct hv_reference_tsc_page page;
	u64 before, after, now, access, tsc;

	ASSERT_EQ(0, hvt_set_register(&self->t, self->child.id, 0,
				      HV_REGISTER_REFERENCE_TSC, 0x5001)
			     .status);
	ASSERT_EQ(0, hvt_read_gpa(&self->t, self->child.id, 0x5000, &page, 16,
				  &access));
	ASSERT_EQ(0, access);
	ASSERT_EQ(0, hvt_read_gpa(&self->t, self->child.id, 0x5010,
				  &page.tsc_offset, 8, &access));
	EXPECT_NE(0, page.tsc_sequence);
	before = register_of(self, HV_REGISTER_TIME_REF_COUNT);
	tsc = __builtin_ia32_rdtsc();
	after = register_of(self, HV_REGISTER_TIME_REF_COUNT);
	now = (u64)((__uint128_t)tsc * page.tsc_scale >> 64) +
	      page.tsc_offset;
	/* Two roundings may differ by one. */
	EXPECT_LE(before, now + 1);
	EXPECT_LE(now, after + 1);
	EXPECT_LT(before, after);
	/* It began when the partition did: not hours ago. */
	EXPECT_LT(after, 10000000ULL * 3600);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_set_register(&self->t, self->child.id, 0,
				   HV_REGISTER_TIME_REF_COUNT, 0).status);
}

TEST_F(vp_registers, C_registers_6_synthetic_timers)
{
	const u32 config = HV_REGISTER_STIMER0_CONFIG + 6;
	const u32 count = HV_REGISTER_STIMER3_COUNT;
	const u64 sint = 2 << 16;
	struct {
		u32 name;
		u64 value, config;
	} steps[] = {
		{ config, 1, 0 }, /* without a source */
		{ config, sint | 1, sint | 1 },
		{ count, 1000, sint | 1 },
		{ count, 0, sint }, /* stops */
		{ count, 5, sint },
		{ config, sint | 8, sint | 8 },
		{ count, 7, sint | 9 }, /* starts by itself */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		EXPECT_EQ(0, hvt_set_register(&self->t, self->child.id, 0,
					      steps[i].name, steps[i].value)
				     .status);
		EXPECT_EQ(steps[i].config, register_of(self, config));
	}
	EXPECT_EQ(7, register_of(self, count));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_set_register(&self->t, self->child.id, 0, config,
				   1 << 20).status);
	EXPECT_EQ(0, hvt_set_register(&self->t, self->child.id, 0,
				      HV_REGISTER_EOM, 0).status);
	EXPECT_EQ(0, register_of(self, HV_REGISTER_VP_RUNTIME));
}

TEST_HARNESS_MAIN
