// SPDX-License-Identifier: GPL-2.0
/*
 * HvGetPartitionProperty and HvSetPartitionProperty as hypercalls: the
 * C-property rows of Documentation/conformance.md.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <hv/registers.h>
#include "hvtest_harness.h"

#define PROPERTY(name) HV_PARTITION_PROPERTY_##name

FIXTURE(property) {
	struct hvt t;
	struct hvt_child child; /* active */
	u64 fresh; /* not initialized */
	u64 value; /* that the last get() brought */
};

FIXTURE_SETUP(property)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_child_create(&self->t, &self->child));
	ASSERT_EQ(0, hvt_create(&self->t, &self->fresh));
}

FIXTURE_TEARDOWN(property)
{
	EXPECT_EQ(0, hvt_destroy(&self->t, self->fresh));
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &self->child));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static u16 set(struct _test_data_property *self, u64 id, u32 code, u64 value)
{
	const struct hv_input_set_partition_property input = {
		.partition_id = id,
		.property_code = code,
		.property_value = value,
	};

	return hvt_simple(&self->t, HVCALL_SET_PARTITION_PROPERTY, &input,
			  sizeof(input));
}

static u16 get(struct _test_data_property *self, u64 id, u32 code)
{
	const struct hv_input_get_partition_property input = {
		.partition_id = id,
		.property_code = code,
	};
	u16 status = hvt_simple(&self->t, HVCALL_GET_PARTITION_PROPERTY,
				&input, sizeof(input));

	memcpy(&self->value, self->t.out, sizeof(self->value));
	return status;
}

TEST_F(property, C_property_1_get_what_was_set)
{
	static const struct {
		u32 code;
		u64 start, other;
	} cases[] = {
		{ PROPERTY(PRIVILEGE_FLAGS), 0x5ff, 0x200000200 },
		{ PROPERTY(SYNTHETIC_PROC_FEATURES), 0, ~0ULL },
		{ PROPERTY(SUSPEND), 0, 1 },
		{ PROPERTY(CPU_RESERVE), 0, 0x8000 },
		{ PROPERTY(CPU_CAP), 0x10000, 0x8000 },
		{ PROPERTY(CPU_WEIGHT), 100, 10000 },
		{ PROPERTY(UNIMPLEMENTED_MSR_ACTION), 0, 1 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(0, get(self, self->child.id, cases[i].code));
		EXPECT_EQ(cases[i].start, self->value);
		EXPECT_EQ(HVT_OUT_POISON, self->t.out[8]);
		EXPECT_EQ(0, set(self, self->child.id, cases[i].code,
				 cases[i].other));
	}
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(0, get(self, self->child.id, cases[i].code));
		EXPECT_EQ(cases[i].other, self->value);
	}
	/* The guest's identity, and who it is that runs this. */
	ASSERT_EQ(0, hvt_set_register(&self->t, self->child.id, 0,
				      HV_REGISTER_GUEST_OS_ID, 0x1234).status);
	EXPECT_EQ(0, get(self, self->child.id, PROPERTY(GUEST_OS_ID)));
	EXPECT_EQ(0x1234, self->value);
	EXPECT_EQ(0, get(self, HV_PARTITION_ID_SELF, PROPERTY(GUEST_OS_ID)));
	EXPECT_EQ(0x8100, self->value >> 48); /* Linux */
}

TEST_F(property, C_property_2_statuses)
{
	static const struct {
		u32 code;
		bool early;
	} known[] = {
		{ PROPERTY(PRIVILEGE_FLAGS), true },
		{ PROPERTY(SYNTHETIC_PROC_FEATURES), true },
		{ PROPERTY(PHYSICAL_ADDRESS_WIDTH), true },
		{ PROPERTY(CPU_WEIGHT), false },
		{ PROPERTY(REFERENCE_TIME), false },
		{ PROPERTY(GUEST_OS_ID), false },
	};
	static const u32 unknown[] = { 0, 0x10002, 0x60001, ~0U };
	unsigned int i;
	u16 want;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		want = known[i].early ? 0 : HV_STATUS_INVALID_PARTITION_STATE;
		EXPECT_EQ(want, get(self, self->fresh, known[i].code));
		EXPECT_EQ(0, get(self, self->child.id, known[i].code));
	}
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  set(self, self->fresh, PROPERTY(CPU_WEIGHT), 1));
	EXPECT_EQ(0, set(self, self->fresh, PROPERTY(PRIVILEGE_FLAGS), 1));
	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		EXPECT_EQ(HV_STATUS_UNKNOWN_PROPERTY,
			  get(self, self->child.id, unknown[i]));
		EXPECT_EQ(HV_STATUS_UNKNOWN_PROPERTY,
			  set(self, self->child.id, unknown[i], 0));
	}
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  get(self, HVT_UNKNOWN_ID, PROPERTY(CPU_WEIGHT)));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  set(self, 0, PROPERTY(CPU_WEIGHT), 1));
	ASSERT_EQ(0, hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION,
				   self->child.id));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  get(self, self->child.id, PROPERTY(PRIVILEGE_FLAGS)));
}

TEST_F(property, C_property_3_value_out_of_range)
{
	static const struct {
		u32 code;
		u64 bad;
	} cases[] = {
		{ PROPERTY(PRIVILEGE_FLAGS), 1ULL << 63 }, /* not defined */
		{ PROPERTY(PRIVILEGE_FLAGS), 1ULL << 43 }, /* not the root's */
		{ PROPERTY(SUSPEND), 2 },
		{ PROPERTY(CPU_RESERVE), 0x10001 },
		{ PROPERTY(CPU_CAP), 1ULL << 32 },
		{ PROPERTY(CPU_WEIGHT), 0 },
		{ PROPERTY(CPU_WEIGHT), 10001 },
		{ PROPERTY(TIME_FREEZE), 2 },
		{ PROPERTY(COMPATIBILITY_VERSION), 1 },
		{ PROPERTY(PHYSICAL_ADDRESS_WIDTH), 20 },
		{ PROPERTY(GUEST_OS_ID), 1 },
	};
	unsigned int i;
	u64 before;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(0, get(self, self->child.id, cases[i].code));
		before = self->value;
		EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
			  set(self, self->child.id, cases[i].code,
			      cases[i].bad));
		EXPECT_EQ(0, get(self, self->child.id, cases[i].code));
		EXPECT_EQ(before, self->value);
	}
	/* The root keeps what it has. */
	EXPECT_EQ(0, get(self, HV_PARTITION_ID_SELF,
			 PROPERTY(PRIVILEGE_FLAGS)));
	EXPECT_TRUE(hv_privileges_are_root(self->value));
	EXPECT_EQ(HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE,
		  set(self, HV_PARTITION_ID_SELF, PROPERTY(PRIVILEGE_FLAGS),
		      0));
}

static u64 counter(struct _test_data_property *self)
{
	return hvt_get_register(&self->t, self->child.id, 0,
				HV_REGISTER_TIME_REF_COUNT);
}

TEST_F(property, C_property_4_time_stands_still)
{
	u64 stopped, gone_on, access;
	u32 sequence;

	ASSERT_EQ(0, hvt_set_register(&self->t, self->child.id, 0,
				      HV_REGISTER_REFERENCE_TSC, 1).status);
	EXPECT_EQ(HV_STATUS_OBJECT_IN_USE,
		  set(self, self->child.id, PROPERTY(REFERENCE_TIME), 5));
	EXPECT_EQ(0, set(self, self->child.id, PROPERTY(TIME_FREEZE), 1));
	ASSERT_EQ(0, hvt_read_gpa(&self->t, self->child.id, 0, &sequence, 4,
				  &access));
	EXPECT_EQ(0, sequence);
	stopped = counter(self);
	usleep(2000);
	EXPECT_EQ(stopped, counter(self));
	EXPECT_EQ(0, set(self, self->child.id, PROPERTY(REFERENCE_TIME),
			 1ULL << 50));
	EXPECT_EQ(1ULL << 50, counter(self));
	EXPECT_EQ(0, set(self, self->child.id, PROPERTY(TIME_FREEZE), 0));
	ASSERT_EQ(0, hvt_read_gpa(&self->t, self->child.id, 0, &sequence, 4,
				  &access));
	EXPECT_NE(0, sequence);
	usleep(2000);
	EXPECT_EQ(0, get(self, self->child.id, PROPERTY(REFERENCE_TIME)));
	gone_on = self->value;
	EXPECT_LT(1ULL << 50, gone_on);
	/* Less than an hour of 100 ns. */
	EXPECT_LT(gone_on, (1ULL << 50) + 36000000000ULL);
}

TEST_HARNESS_MAIN
