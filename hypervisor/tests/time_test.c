// SPDX-License-Identifier: GPL-2.0
/* Clocks and synthetic timers of children. */
#include "calls.h"

#include <hv/registers.h>

#define SINT(n) ((u64)(n) << 16)

static u64 child(struct host *h)
{
	u64 id = make_active(h, 100, 10);

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_status(create_vp(h, id, 1), SUCCESS);
	return id;
}

static u64 get(struct host *h, u64 id, u32 name)
{
	assert_result(get_register(h, id, 0, name), HV_STATUS_SUCCESS, 1);
	assert_int_equal(call_output(h)[1], 0);
	return call_output(h)[0];
}

static void set(struct host *h, u64 id, u32 name, u64 value)
{
	assert_result(set_register(h, id, 0, name, value), HV_STATUS_SUCCESS,
		      1);
}

/* Each partition's own, the same on all of its processors. */
static void reference_time(void **state)
{
	struct host *h = *state;
	u64 old, young;

	h->time = 1000000;
	old = child(h);
	h->time += 500;
	young = make_active(h, 200, 10);
	assert_status(create_vp(h, young, 0), SUCCESS);
	h->time += 30;
	assert_int_equal(get(h, old, HV_REGISTER_TIME_REF_COUNT), 530);
	assert_int_equal(get(h, young, HV_REGISTER_TIME_REF_COUNT), 30);
	assert_result(get_register(h, old, 1, HV_REGISTER_TIME_REF_COUNT), 0,
		      1);
	assert_int_equal(call_output(h)[0], 530);
	assert_result(set_register(h, old, 0, HV_REGISTER_TIME_REF_COUNT, 0),
		      HV_STATUS_INVALID_PARAMETER, 0);
}

static void timers(void **state)
{
	struct host *h = *state;
	u64 id = child(h);
	u32 config, count, i;

	for (i = 0; i < 4; i++) {
		config = HV_REGISTER_STIMER0_CONFIG + 2 * i;
		count = config + 1;
		assert_int_equal(get(h, id, config), 0);
		assert_int_equal(get(h, id, count), 0);
		/* No source, no timer; but a vector of its own will do. */
		set(h, id, config, 1);
		assert_int_equal(get(h, id, config), 0);
		set(h, id, config, 1 | 1 << 12 | 0x31 << 4);
		assert_int_equal(get(h, id, config), 1 | 1 << 12 | 0x31 << 4);
		set(h, id, config, SINT(i + 1) | 3);
		assert_int_equal(get(h, id, config), SINT(i + 1) | 3);
		set(h, id, count, 1000 + i);
		assert_int_equal(get(h, id, count), 1000 + i);
		/* 0 stops it; another count starts it only if told so. */
		set(h, id, count, 0);
		assert_int_equal(get(h, id, config), SINT(i + 1) | 2);
		set(h, id, count, 1000 + i);
		assert_int_equal(get(h, id, config), SINT(i + 1) | 2);
		set(h, id, config, SINT(i + 1) | 8);
		assert_int_equal(get(h, id, config), SINT(i + 1) | 8);
		set(h, id, count, 2000 + i);
		assert_int_equal(get(h, id, config), SINT(i + 1) | 9);
		assert_result(set_register(h, id, 0, config, 1 << 20),
			      HV_STATUS_INVALID_PARAMETER, 0);
		assert_result(set_register(h, id, 0, config, 1 << 13),
			      HV_STATUS_INVALID_PARAMETER, 0);
		assert_int_equal(get(h, id, config), SINT(i + 1) | 9);
	}
	for (i = 0; i < 4; i++)
		assert_int_equal(get(h, id, HV_REGISTER_STIMER0_COUNT + 2 * i),
				 2000 + i);
	assert_result(get_register(h, id, 1, HV_REGISTER_STIMER0_COUNT), 0, 1);
	assert_int_equal(call_output(h)[0], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("C-registers-6 reference time", reference_time),
		HOST_TEST("C-registers-6 timers", timers),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
