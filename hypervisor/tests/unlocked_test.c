// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that need no lock. That they are answered as with it, host_step()
 * checks on every call of every test; here, which ones they are.
 */
#include "calls.h"

#include <pthread.h>

#include "../core/unlocked.h"

#define OUT_GPA ((u64)HOST_OUT << HV_PAGE_SHIFT)
#define PARTITION_ID hv_control_simple(HVCALL_GET_PARTITION_ID, false)

static bool unlocked(struct host *h, u64 control, u64 gpa, u64 *result,
		     u64 *output)
{
	struct hvc_call call = {
		.control = control,
		.output = gpa,
		.caller = hvc_root(&h->hv),
		.bits = 64,
	};
	bool done = host_unlocked(h, &call, output);

	*result = call.result;
	return done;
}

static bool is_unlocked(struct host *h, u64 control, u64 gpa)
{
	u64 result, output;

	return unlocked(h, control, gpa, &result, &output);
}

static void answered(void **state)
{
	struct host *h = *state;
	u64 result, output = 0;

	assert_true(unlocked(h, PARTITION_ID, OUT_GPA + 0xff8, &result,
			     &output));
	assert_status(result, SUCCESS);
	assert_int_equal(output, HVC_ROOT_ID);
	assert_true(unlocked(h, 0x7777, OUT_GPA, &result, &output));
	assert_status(result, INVALID_HYPERCALL_CODE);
	/* Without a row, whatever the rest of the control word says. */
	assert_true(unlocked(h, 0x7777 | HV_CONTROL_FAST, OUT_GPA, &result,
			     &output));
	assert_status(result, INVALID_HYPERCALL_CODE);
	assert_true(unlocked(h, HV_EXT_CALL_BASE + 0x777, OUT_GPA, &result,
			     &output));
	assert_status(result, ACCESS_DENIED);
}

/* Everything that would not be a plain success goes the long way. */
static void left_alone(void **state)
{
	struct host *h = *state;
	u32 code;

	for (code = 0; code < 0x10000; code++) {
		const struct hvc_counters *c = hvc_counters(&h->hv, code);

		if (c != &h->hv.unknown && code != HVCALL_GET_PARTITION_ID)
			assert_false(is_unlocked(h, code, OUT_GPA));
	}
	assert_false(is_unlocked(h, PARTITION_ID | HV_CONTROL_FAST, OUT_GPA));
	assert_false(is_unlocked(h, PARTITION_ID | 1ULL << 32, OUT_GPA));
	assert_false(is_unlocked(h, PARTITION_ID | HV_CONTROL_NESTED, OUT_GPA));
	assert_false(is_unlocked(h, PARTITION_ID, OUT_GPA + 4));
	assert_false(is_unlocked(h, PARTITION_ID, 1ULL << 48 | OUT_GPA));
	assert_false(is_unlocked(h, PARTITION_ID,
				 (u64)HOST_HV_FIRST << HV_PAGE_SHIFT));
	assert_false(is_unlocked(h, PARTITION_ID,
				 (u64)HOST_HOLE_FIRST << HV_PAGE_SHIFT));
	assert_result(deposit(h, HVC_SELF, HOST_FREE, 1), HV_STATUS_SUCCESS, 1);
	assert_false(is_unlocked(h, PARTITION_ID,
				 (u64)HOST_FREE << HV_PAGE_SHIFT));
	assert_true(is_unlocked(h, PARTITION_ID, OUT_GPA));
	hvc_root(&h->hv)->privileges &= ~HV_PRIVILEGE(ACCESS_PARTITION_ID);
	assert_false(is_unlocked(h, PARTITION_ID, OUT_GPA));
}

/* A line of the fault script is for the long way, as long as it is there. */
static void faults(void **state)
{
	struct host *h = *state;
	u64 result;

	assert_int_equal(hvc_fault_add(&h->hv, "call=0x46 nth=2 status=0x1d"),
			 0);
	assert_false(is_unlocked(h, PARTITION_ID, OUT_GPA));
	result = call_simple(h, HVCALL_GET_PARTITION_ID, NULL, 0);
	assert_status(result, SUCCESS);
	assert_false(is_unlocked(h, PARTITION_ID, OUT_GPA));
	result = call_simple(h, HVCALL_GET_PARTITION_ID, NULL, 0);
	assert_status(result, NO_RESOURCES);
	assert_true(is_unlocked(h, PARTITION_ID, OUT_GPA));
}

#define UNKNOWN_CODE 0x7777
#define MANY 10000000U

struct other {
	struct host *h;
	bool stop;
	u64 calls;
};

static void *call_unlocked(void *arg)
{
	struct other *other = arg;
	struct hvc *hv = &other->h->hv;
	struct hvc_call call = {
		.control = UNKNOWN_CODE, .caller = hvc_root(hv), .bits = 64,
	};

	while (!__atomic_load_n(&other->stop, __ATOMIC_RELAXED))
		other->calls += hvc_unlocked(hv, hv->ops, &call, 0);
	return NULL;
}

/* With and without the lock at the same time: each call is counted. */
static void counted(void **state)
{
	struct other other = { .h = *state };
	struct hvc *hv = &other.h->hv;
	struct hvc_call call = {
		.control = UNKNOWN_CODE, .caller = hvc_root(hv), .bits = 64,
	};
	pthread_t thread;
	u32 i;

	assert_int_equal(pthread_create(&thread, NULL, call_unlocked, &other),
			 0);
	for (i = 0; i < MANY; i++)
		hvc_hypercall(hv, &call);
	__atomic_store_n(&other.stop, true, __ATOMIC_RELAXED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(hv->unknown.calls, MANY + other.calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("W17 unlocked: answered", answered),
		HOST_TEST("W17 unlocked: left alone", left_alone),
		HOST_TEST("unlocked: fault script", faults),
		HOST_TEST("unlocked: every call is counted", counted),
	};

	return cmocka_run_group_tests_name("unlocked", tests, NULL, NULL);
}
