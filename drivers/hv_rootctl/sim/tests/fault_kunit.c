// SPDX-License-Identifier: GPL-2.0
/* A hypervisor that misbehaves: what the driver makes of it. */
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "sim_test.h"

static int withdraw(struct kunit *test, u64 id, u64 pages,
		    struct hv_rootctl_pool *args)
{
	struct sim_test *t = test->priv;

	*args = (struct hv_rootctl_pool){
		.partition_id = id,
		.page_count = pages,
	};
	return hvrc_withdraw(t->file, args);
}

static int deposit(struct kunit *test, u64 id, u64 pages,
		   struct hv_rootctl_pool *args)
{
	struct sim_test *t = test->priv;

	*args = (struct hv_rootctl_pool){
		.partition_id = id,
		.page_count = pages,
	};
	return hvrc_deposit(t->file, args);
}

/* For ever "done", and nothing is: that must not go on for ever. */
static void w16_success_without_progress(struct kunit *test)
{
	struct hv_rootctl_pool args;
	u64 id = sim_test_create(test);

	sim_test_deposit(test, id, 100);
	sim_test_fault(test, "call=0x49 times=0 status=0 run=0 reps=0");
	KUNIT_EXPECT_EQ(test, withdraw(test, id, 100, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0);
	KUNIT_EXPECT_LE(test, args.hypercalls, 2);
	sim_test_balance(test, id, 100, 0);

	/* It has them, and does not say so. */
	sim_test_fault(test, "call=0x48 times=0 status=0 run=all reps=0");
	KUNIT_EXPECT_EQ(test, deposit(test, id, 100, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0);
	sim_test_balance(test, id, 200, 0);
}

/* All pages did come back; what the count says is rubbish. */
static void w2_more_reps_than_asked_for(struct kunit *test)
{
	struct hv_rootctl_pool args;
	u64 id = sim_test_create(test);

	sim_test_deposit(test, id, 100);
	sim_test_fault(test, "call=0x49 run=all status=0 reps=4095");
	KUNIT_EXPECT_EQ(test, withdraw(test, id, 60, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.pages_done, 60);
	sim_test_balance(test, id, 40, 0);

	/* Nothing came back, and the count says "more than all". */
	sim_test_fault(test, "call=0x49 run=0 status=0 reps=61");
	KUNIT_EXPECT_EQ(test, withdraw(test, id, 40, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0);
	sim_test_balance(test, id, 40, 0);
}

/* Early "success": the driver goes on from there, and the user sees one. */
static void w16_early_return_is_resumed(struct kunit *test)
{
	struct hv_rootctl_pool args;
	u64 id = sim_test_create(test);

	sim_test_deposit(test, id, 100);
	sim_test_fault(test, "call=0x49 run=30 status=0");
	sim_test_fault(test, "call=0x49 nth=2 run=30 status=0");
	KUNIT_EXPECT_EQ(test, withdraw(test, id, 100, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, args.pages_done, 100);
	KUNIT_EXPECT_EQ(test, args.hypercalls, 3);
}

/* A refusal half way: what was done before it counts, both ways. */
static void w2_refused_half_way(struct kunit *test)
{
	struct hv_rootctl_pool args;
	u64 id = sim_test_create(test);

	sim_test_fault(test, "call=0x48 nth=2 run=200 status=0x0b");
	KUNIT_EXPECT_EQ(test, deposit(test, id, 1000, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_INSUFFICIENT_MEMORY);
	KUNIT_EXPECT_EQ(test, args.pages_done, HV_DEPOSIT_MAX + 200);
	sim_test_balance(test, id, HV_DEPOSIT_MAX + 200, 0);

	sim_test_fault(test, "call=0x49 nth=2 run=100 status=6");
	KUNIT_EXPECT_EQ(test, withdraw(test, id, 700, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_ACCESS_DENIED);
	KUNIT_EXPECT_EQ(test, args.pages_done, HV_WITHDRAW_MAX + 100);
	sim_test_balance(test, id, HV_DEPOSIT_MAX - HV_WITHDRAW_MAX + 100, 0);
}

/* A withdraw that says it has given what it has not. */
static void w9_pages_that_were_never_given(struct kunit *test)
{
	struct hv_rootctl_pool args;
	struct sim_test *t = test->priv;
	u64 id = sim_test_create(test);

	sim_test_deposit(test, id, 50);
	sim_test_fault(test, "call=0x49 run=20 status=0x1d reps=30");
	withdraw(test, id, 50, &args);
	KUNIT_EXPECT_EQ(test, args.pages_done, 20);
	t->quarantined = 10;
	sim_test_balance(test, id, 30, 0);
}

/* A map that fails half way leaves nothing mapped. */
static void map_refused_half_way(struct kunit *test)
{
	struct sim_test *t = test->priv;
	struct hv_rootctl_map args = {
		.gpa = SIM_TEST_GPA,
		.user_addr = (uintptr_t)sim_test_user(test, 600),
		.length = 600 << HV_PAGE_SHIFT,
		.map_flags = HV_MAP_GPA_RIGHTS,
	};
	u64 values[HV_DEBUG_VALUES];

	args.partition_id = sim_test_active_child(test);
	sim_test_fault(test, "call=0x4b nth=2 run=10 status=0x0b");
	KUNIT_EXPECT_EQ(test, hvrc_map(t->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_INSUFFICIENT_MEMORY);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 0);
	sim_test_audit(test, values);
	KUNIT_EXPECT_EQ(test, values[HV_DEBUG_MAPPED_PAGES], 0);
}

/* The third piece of a page is refused: two are written, and no more. */
static void g15_refused_within_a_page(struct kunit *test)
{
	struct hv_rootctl_access args = {
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
	u8 __user *ram = sim_test_user(test, 1);
	struct sim_test *t = test->priv;
	u64 id = sim_test_active_child(test);
	u8 data[64], got[64];
	u32 done;

	memset(data, 0x77, sizeof(data));
	args.partition_id = id;
	sim_test_map(test, id, SIM_TEST_GPA, ram, 1, HV_MAP_GPA_RIGHTS);
	sim_test_fault(test, "call=0x54 nth=3 status=8");
	KUNIT_EXPECT_EQ(test,
			hvrc_gpa_page(&t->file->caller, &args, true,
				      SIM_TEST_GPA + 8, data, sizeof(data),
				      &done), 0);
	KUNIT_EXPECT_EQ(test, done, 32);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_OPERATION_DENIED);
	KUNIT_EXPECT_EQ(test, args.fail_gpa, SIM_TEST_GPA + 8 + 32);
	KUNIT_ASSERT_EQ(test, copy_from_user(got, ram + 8, sizeof(got)), 0);
	KUNIT_EXPECT_EQ(test, memcmp(got, data, 32), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(got + 32, 0, 32));
}

/* The partition outlives its file's end; the next end finishes the job. */
static void teardown_is_tried_again(struct kunit *test)
{
	struct sim_test *t = test->priv;

	sim_test_active_child(test);
	sim_test_fault(test, "call=0x43 run=0 status=8");
	hvrc_file_destroy(t->file);
	t->file = hvrc_file_create(t->hv);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->file);
	KUNIT_EXPECT_GT(test, sim_test_in_use(test, HV_ROOTCTL_SELF), 0);
}

static void script_lines(struct kunit *test)
{
	static const char *const bad[] = {
		"status=6", "call=0x49 status=", "call=0x10000", "call=0x49 x=1",
		"call=0x48;call=nothing", "nonsense",
	};
	struct sim_test *t = test->priv;
	char *line;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		line = kunit_kmalloc(test, strlen(bad[i]) + 1, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, line);
		memcpy(line, bad[i], strlen(bad[i]) + 1);
		KUNIT_EXPECT_EQ(test, hvrc_sim_add_faults(t->sim, line),
				-EINVAL);
	}
	sim_test_fault(test, " call=0x49 ;\n\n; call=0x48 nth=3;");
}

static struct kunit_case fault_cases[] = {
	KUNIT_CASE(w16_success_without_progress),
	KUNIT_CASE(w2_more_reps_than_asked_for),
	KUNIT_CASE(w16_early_return_is_resumed),
	KUNIT_CASE(w2_refused_half_way),
	KUNIT_CASE(w9_pages_that_were_never_given),
	KUNIT_CASE(map_refused_half_way),
	KUNIT_CASE(g15_refused_within_a_page),
	KUNIT_CASE(teardown_is_tried_again),
	KUNIT_CASE(script_lines),
	{}
};

static struct kunit_suite fault_suite = {
	.name = "hv_rootctl_sim_fault",
	.init = sim_test_init,
	.exit = sim_test_exit,
	.test_cases = fault_cases,
};

kunit_test_suite(fault_suite);
