// SPDX-License-Identifier: GPL-2.0
/* HvGetPartitionProperty and HvSetPartitionProperty. */
#include "calls.h"

#include <hv/registers.h>
#include <string.h>

#define PROPERTY(name) HV_PARTITION_PROPERTY_##name
#define GRANTED (0x5ffULL | HOST_PRIVILEGES)

static u64 set(struct host *h, u64 id, u32 code, u64 value)
{
	const struct hv_input_set_partition_property in = {
		.partition_id = id,
		.property_code = code,
		.padding = ~0U,
		.property_value = value,
	};

	return call_simple(h, HVCALL_SET_PARTITION_PROPERTY, &in, sizeof(in));
}

static u64 get(struct host *h, u64 id, u32 code)
{
	const struct hv_input_get_partition_property in = {
		.partition_id = id,
		.property_code = code,
	};
	u64 result = call_simple(h, HVCALL_GET_PARTITION_PROPERTY, &in,
				 sizeof(in));

	assert_true(call_output(h)[1] == JUNK);
	assert_true(!result || call_output(h)[0] == JUNK);
	return result;
}

static void has(struct host *h, u64 id, u32 code, u64 value)
{
	assert_status(get(h, id, code), SUCCESS);
	assert_int_equal(call_output(h)[0], value);
}

static void values(void **state)
{
	static const struct {
		u32 code;
		u64 start, good, bad[2];
	} cases[] = {
		{ PROPERTY(PRIVILEGE_FLAGS), 0x5ff, GRANTED,
		  { GRANTED | 1ULL << 43, 1ULL << 63 } },
		{ PROPERTY(PRIVILEGE_FLAGS), GRANTED, 0,
		  { 1 << 12, 1ULL << 35 } },
		{ PROPERTY(SUSPEND), 0, 1, { 2, ~0ULL } },
		{ PROPERTY(CPU_RESERVE), 0, 0x10000, { 0x10001, ~0ULL } },
		{ PROPERTY(CPU_CAP), 0x10000, 0, { 0x10001, 1ULL << 32 } },
		{ PROPERTY(CPU_WEIGHT), 100, 10000, { 0, 10001 } },
		{ PROPERTY(CPU_WEIGHT), 10000, 1, { 0, 10001 } },
		{ PROPERTY(UNIMPLEMENTED_MSR_ACTION), 0, 1, { 2, ~0ULL } },
		{ PROPERTY(TIME_FREEZE), 0, 0, { 2, ~0ULL } },
		/* Read-only. */
		{ PROPERTY(COMPATIBILITY_VERSION), HV_COMPATIBILITY_VERSION,
		  HV_COMPATIBILITY_VERSION, { 0, 0x60a } },
		{ PROPERTY(PHYSICAL_ADDRESS_WIDTH), 48, 48, { 47, 49 } },
		{ PROPERTY(GUEST_OS_ID), 0, 0, { 1, ~0ULL } },
	};
	struct host *h = *state;
	u64 id = make_active(h, 100, 10), other = make_active(h, 200, 10);
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		has(h, id, cases[i].code, cases[i].start);
		for (n = 0; n < 2; n++) {
			assert_status(set(h, id, cases[i].code,
					  cases[i].bad[n]),
				      PROPERTY_VALUE_OUT_OF_RANGE);
			has(h, id, cases[i].code, cases[i].start);
		}
		assert_status(set(h, id, cases[i].code, cases[i].good),
			      SUCCESS);
		has(h, id, cases[i].code, cases[i].good);
	}
	/* All bits of this one. */
	assert_status(set(h, id, PROPERTY(SYNTHETIC_PROC_FEATURES), ~0ULL),
		      SUCCESS);
	has(h, id, PROPERTY(SYNTHETIC_PROC_FEATURES), ~0ULL);
	/* Each partition has its own. */
	has(h, other, PROPERTY(CPU_WEIGHT), 100);
	has(h, other, PROPERTY(PRIVILEGE_FLAGS), 0x5ff);
	has(h, HVC_SELF, PROPERTY(CPU_WEIGHT), 100);
	/* The identity is that of the guest's register. */
	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(set_register(h, id, 0, HV_REGISTER_GUEST_OS_ID, 77), 0,
		      1);
	has(h, id, PROPERTY(GUEST_OS_ID), 77);
	has(h, other, PROPERTY(GUEST_OS_ID), 0);
}

/* The root's own: what it may do is not for itself to decide. */
static void of_the_root(void **state)
{
	struct host *h = *state;

	has(h, HVC_SELF, PROPERTY(PRIVILEGE_FLAGS), HOST_PRIVILEGES);
	has(h, HVC_ROOT_ID, PROPERTY(PRIVILEGE_FLAGS), HOST_PRIVILEGES);
	assert_status(set(h, HVC_SELF, PROPERTY(PRIVILEGE_FLAGS),
			  HOST_PRIVILEGES), SUCCESS);
	assert_status(set(h, HVC_SELF, PROPERTY(PRIVILEGE_FLAGS), 0),
		      PROPERTY_VALUE_OUT_OF_RANGE);
	assert_status(set(h, HVC_SELF, PROPERTY(TIME_FREEZE), 1),
		      PROPERTY_VALUE_OUT_OF_RANGE);
	assert_status(set(h, HVC_SELF, PROPERTY(TIME_FREEZE), 0), SUCCESS);
	has(h, HVC_SELF, PROPERTY(PRIVILEGE_FLAGS), HOST_PRIVILEGES);
	h->time = 1234;
	has(h, HVC_SELF, PROPERTY(REFERENCE_TIME), 1234);
}

static void states(void **state)
{
	static const u32 early[] = {
		PROPERTY(PRIVILEGE_FLAGS), PROPERTY(SYNTHETIC_PROC_FEATURES),
		PROPERTY(PHYSICAL_ADDRESS_WIDTH),
	};
	static const u32 late[] = {
		PROPERTY(SUSPEND), PROPERTY(CPU_RESERVE), PROPERTY(CPU_CAP),
		PROPERTY(CPU_WEIGHT), PROPERTY(TIME_FREEZE),
		PROPERTY(REFERENCE_TIME), PROPERTY(UNIMPLEMENTED_MSR_ACTION),
		PROPERTY(COMPATIBILITY_VERSION), PROPERTY(GUEST_OS_ID),
	};
	static const u32 unknown[] = {
		0, 0x10002, 0x20004, 0x60001, 0x70001, 0x10001000, ~0U,
	};
	struct host *h = *state;
	u64 id = make_child(h), active, value;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(early); i++) {
		assert_status(get(h, id, early[i]), SUCCESS);
		value = call_output(h)[0];
		assert_status(set(h, id, early[i], value), SUCCESS);
	}
	for (i = 0; i < ARRAY_SIZE(late); i++) {
		assert_status(get(h, id, late[i]), INVALID_PARTITION_STATE);
		assert_status(set(h, id, late[i], 0), INVALID_PARTITION_STATE);
	}
	active = make_active(h, 100, 3);
	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		assert_status(get(h, id, unknown[i]), UNKNOWN_PROPERTY);
		assert_status(set(h, id, unknown[i], 0), UNKNOWN_PROPERTY);
		assert_status(get(h, active, unknown[i]), UNKNOWN_PROPERTY);
		assert_status(set(h, active, unknown[i], 0), UNKNOWN_PROPERTY);
	}
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, active),
		      SUCCESS);
	assert_status(get(h, active, early[0]), INVALID_PARTITION_STATE);
	assert_status(set(h, active, early[0], 0), INVALID_PARTITION_STATE);
	assert_status(get(h, 77, early[0]), INVALID_PARTITION_ID);
	assert_status(set(h, 77, early[0], 0), INVALID_PARTITION_ID);
}

/* The first words of the reference TSC page, at GPA 0. */
static const struct hv_reference_tsc_page *page(struct host *h, u64 id)
{
	static struct hv_reference_tsc_page p;
	u8 data[16];
	u32 code;

	assert_status(read_gpa(h, id, 0, 16, &code, data), SUCCESS);
	assert_int_equal(code, 0);
	memcpy(&p, data, 16);
	assert_status(read_gpa(h, id, 16, 8, &code, data), SUCCESS);
	memcpy(&p.tsc_offset, data, 8);
	return &p;
}

static void time_frozen(void **state)
{
	struct host *h = *state;
	u32 before;
	u64 id;

	h->time = 1000;
	id = make_active(h, 100, 10);
	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(set_register(h, id, 0, HV_REGISTER_REFERENCE_TSC, 1), 0,
		      1);
	before = page(h, id)->tsc_sequence;
	assert_int_not_equal(before, 0);
	h->time = 1500;
	has(h, id, PROPERTY(REFERENCE_TIME), 500);
	assert_status(set(h, id, PROPERTY(REFERENCE_TIME), 7), OBJECT_IN_USE);
	assert_status(set(h, id, PROPERTY(TIME_FREEZE), 1), SUCCESS);
	has(h, id, PROPERTY(TIME_FREEZE), 1);
	h->time = 9000;
	has(h, id, PROPERTY(REFERENCE_TIME), 500);
	assert_result(get_register(h, id, 0, HV_REGISTER_TIME_REF_COUNT), 0,
		      1);
	assert_int_equal(call_output(h)[0], 500);
	assert_int_equal(page(h, id)->tsc_sequence, 0);
	/* It goes on from where it was. */
	assert_status(set(h, id, PROPERTY(TIME_FREEZE), 0), SUCCESS);
	h->time = 9010;
	has(h, id, PROPERTY(REFERENCE_TIME), 510);
	assert_int_equal(page(h, id)->tsc_sequence, before + 1);
	assert_int_equal(page(h, id)->tsc_offset, HOST_TSC_OFFSET - 8500);
	/* Or from elsewhere; and the sequence leaves out what is invalid. */
	h->hv.partitions[id]->tsc_sequence = ~0U - 1;
	assert_status(set(h, id, PROPERTY(TIME_FREEZE), 1), SUCCESS);
	assert_status(set(h, id, PROPERTY(REFERENCE_TIME), 1ULL << 40),
		      SUCCESS);
	assert_status(set(h, id, PROPERTY(TIME_FREEZE), 1), SUCCESS);
	has(h, id, PROPERTY(REFERENCE_TIME), 1ULL << 40);
	assert_status(set(h, id, PROPERTY(TIME_FREEZE), 0), SUCCESS);
	assert_int_equal(page(h, id)->tsc_sequence, 1);
	h->time += 5;
	has(h, id, PROPERTY(REFERENCE_TIME), (1ULL << 40) + 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("C-property-1 C-property-3 values", values),
		HOST_TEST("C-property-3 of the root", of_the_root),
		HOST_TEST("C-property-2 states", states),
		HOST_TEST("C-property-4 time frozen", time_frozen),
	};

	return cmocka_run_group_tests_name("property", tests, NULL, NULL);
}
