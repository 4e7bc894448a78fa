// SPDX-License-Identifier: GPL-2.0
/* GPA spaces: the driver's map, read and write, and the memory behind. */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "sim_test.h"

#define RW (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)

static struct hv_rootctl_access access_args(u64 id, u64 gpa, u64 length,
					    u8 __user *user)
{
	return (struct hv_rootctl_access){
		.partition_id = id,
		.gpa = gpa,
		.length = length,
		.user_addr = (uintptr_t)user,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
}

/* One byte of value @byte to @gpa. */
static struct hv_rootctl_access poke(struct kunit *test, u64 id, u64 gpa,
				     u8 __user *user, u8 byte)
{
	struct hv_rootctl_access args = access_args(id, gpa, 1, user);
	struct sim_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, put_user(byte, user), 0);
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(t->file, &args), 0);
	return args;
}

static u8 peek(struct kunit *test, const u8 __user *user)
{
	u8 byte = 0;

	KUNIT_ASSERT_EQ(test, get_user(byte, user), 0);
	return byte;
}

/* Is this page of the user's all @byte but for @length bytes at @at? */
static bool untouched(struct kunit *test, const u8 __user *user, u32 at,
		      u32 length, u8 byte)
{
	u8 *page = kunit_kmalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, copy_from_user(page, user, PAGE_SIZE), 0);
	return !memchr_inv(page, byte, at) &&
	       !memchr_inv(page + at + length, byte,
			   PAGE_SIZE - at - length);
}

/* Every length, at every place of 16 bytes; what is beyond is ignored. */
static void one_to_sixteen_bytes(struct kunit *test)
{
	struct sim_test *t = test->priv;
	u8 __user *ram = sim_test_user(test, 1);
	u64 id = sim_test_active_child(test);
	struct hv_rootctl_access args = access_args(id, 0, 0, NULL);
	u8 data[16], got[16];
	u32 at, length, done;
	int i;

	for (i = 0; i < 16; i++)
		data[i] = 0x80 + i;
	sim_test_map(test, id, SIM_TEST_GPA, ram, 1, RW);
	for (length = 1; length <= 16; length++) {
		for (at = 64; at < 64 + 16; at += 5) {
			KUNIT_ASSERT_EQ(test, clear_user(ram, PAGE_SIZE), 0);
			KUNIT_ASSERT_EQ(test,
					hvrc_gpa_page(&t->file->caller, &args,
						      true, SIM_TEST_GPA + at,
						      data, length, &done), 0);
			KUNIT_EXPECT_EQ(test, done, length);
			KUNIT_EXPECT_EQ(test, args.access_result, 0);
			KUNIT_ASSERT_EQ(test, copy_from_user(got, ram + at,
							     length), 0);
			KUNIT_EXPECT_EQ(test, memcmp(got, data, length), 0);
			KUNIT_EXPECT_TRUE(test, untouched(test, ram, at,
							  length, 0));
		}
	}
}

static void g2_one_to_sixteen_bytes(struct kunit *test)
{
	one_to_sixteen_bytes(test);
}

/* The core takes the same in XMM registers, where it is told to. */
static void g1_g2_in_registers(struct kunit *test)
{
	struct sim_test *t = test->priv;

	WRITE_ONCE(hvrc_xmm_wanted, true);
	hvrc_xmm_start(t->hv);
	KUNIT_EXPECT_FALSE(test, t->hv->xmm);
	t->sim->hv.cfg.fast_any = true;
	t->sim->hv.cfg.xmm_output = false;
	hvrc_xmm_start(t->hv);
	KUNIT_EXPECT_FALSE(test, t->hv->xmm);
	t->sim->hv.cfg.xmm_output = true;
	hvrc_xmm_start(t->hv);
	KUNIT_EXPECT_TRUE(test, t->hv->xmm);
	WRITE_ONCE(hvrc_xmm_wanted, false);
	one_to_sixteen_bytes(test);
	KUNIT_EXPECT_TRUE(test, t->hv->xmm);
	t->sim->hv.cfg.fast_any = false;
	one_to_sixteen_bytes(test);
	KUNIT_EXPECT_FALSE(test, t->hv->xmm);
}

static void g3_g4_g5_g7_who_and_where(struct kunit *test)
{
	u8 __user *user = sim_test_user(test, 1);
	struct sim_test *t = test->priv;
	struct hv_rootctl_access args;
	u64 id = sim_test_active_child(test);
	u64 idle = sim_test_create(test);

	args = poke(test, HV_ROOTCTL_SELF, 0x1000, user, 1);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_ACCESS_DENIED);
	args = poke(test, idle + 1, 0x1000, user, 1);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_INVALID_PARTITION_ID);
	args = poke(test, idle, 0x1000, user, 1);
	KUNIT_EXPECT_EQ(test, args.hv_status,
			HV_STATUS_INVALID_PARTITION_STATE);

	args = access_args(id, 0x1000, 1, user);
	args.vp_index = 1;
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(t->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_INVALID_VP_INDEX);
	KUNIT_EXPECT_EQ(test, args.fail_gpa, 0x1000);
}

static void g6_parameters(struct kunit *test)
{
	u8 __user *user = sim_test_user(test, 1);
	struct sim_test *t = test->priv;
	u64 id = sim_test_active_child(test);
	struct hv_rootctl_access args = access_args(id, 0x1000, 1, user);

	args.gpa = 1ULL << 52;
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(t->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_INVALID_PARAMETER);

	args = access_args(id, 0x1000, 1, user);
	args.cache_type = 2;
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(t->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_INVALID_PARAMETER);
}

static void g8_access_results(struct kunit *test)
{
	u8 __user *user = sim_test_user(test, 3);
	u8 __user *ram = user + PAGE_SIZE;
	struct sim_test *t = test->priv;
	struct hv_rootctl_access args;
	u64 id = sim_test_active_child(test);

	sim_test_map(test, id, SIM_TEST_GPA, ram, 1, HV_MAP_GPA_READABLE);
	KUNIT_ASSERT_EQ(test, clear_user(ram, PAGE_SIZE), 0);

	args = poke(test, id, SIM_TEST_GPA, user, 1);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, args.access_result, HV_ACCESS_GPA_READ_INTERCEPT);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 0);

	args = poke(test, id, SIM_TEST_GPA + PAGE_SIZE, user, 1);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, args.access_result, HV_ACCESS_GPA_UNMAPPED);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 0);
	KUNIT_EXPECT_EQ(test, args.fail_gpa, SIM_TEST_GPA + PAGE_SIZE);

	/* The other reading of the TLFS. */
	hvrc_sim_debug(t->sim, HV_DEBUG_ACCESS_CODES, 1, NULL);
	args = poke(test, id, SIM_TEST_GPA, user, 1);
	KUNIT_EXPECT_EQ(test, args.access_result,
			HV_ACCESS_GPA_WRITE_INTERCEPT);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 0);

	KUNIT_EXPECT_TRUE(test, untouched(test, ram, 0, 0, 0));
}

static void g9_the_current_mapping(struct kunit *test)
{
	u8 __user *user = sim_test_user(test, 3);
	u8 __user *old = user + PAGE_SIZE, __user *new = old + PAGE_SIZE;
	u64 id = sim_test_active_child(test);
	struct hv_rootctl_access args;

	sim_test_map(test, id, SIM_TEST_GPA, old, 1, RW);
	args = poke(test, id, SIM_TEST_GPA, user, 1);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 1);
	sim_test_unmap(test, id, SIM_TEST_GPA, 1);
	args = poke(test, id, SIM_TEST_GPA, user, 2);
	KUNIT_EXPECT_EQ(test, args.access_result, HV_ACCESS_GPA_UNMAPPED);

	sim_test_map(test, id, SIM_TEST_GPA, new, 1, RW);
	args = poke(test, id, SIM_TEST_GPA, user, 3);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 1);
	KUNIT_EXPECT_EQ(test, peek(test, old), 1);
	KUNIT_EXPECT_EQ(test, peek(test, new), 3);
}

#define LONG (2 * PAGE_SIZE + 100)

/* Any length and alignment; the first refusal ends it, and is told exactly. */
static void g15_long_writes(struct kunit *test)
{
	u8 __user *user = sim_test_user(test, 3);
	u8 __user *ram = sim_test_user(test, 3);
	u64 id = sim_test_active_child(test);
	u8 *data = kunit_kmalloc(test, LONG, GFP_KERNEL);
	u8 *got = kunit_kmalloc(test, LONG, GFP_KERNEL);
	struct hv_rootctl_access args;
	struct sim_test *t = test->priv;
	u64 fits;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_NOT_NULL(test, got);
	for (i = 0; i < LONG; i++)
		data[i] = i * 7 + 1;
	KUNIT_ASSERT_EQ(test, copy_to_user(user, data, LONG), 0);
	sim_test_map(test, id, SIM_TEST_GPA, ram, 3, RW);

	args = access_args(id, SIM_TEST_GPA + 1000, LONG, user);
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(t->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.bytes_done, LONG);
	KUNIT_ASSERT_EQ(test, copy_from_user(got, ram + 1000, LONG), 0);
	KUNIT_EXPECT_EQ(test, memcmp(got, data, LONG), 0);

	/* Read it back through the partition, to another place. */
	KUNIT_ASSERT_EQ(test, clear_user(user, LONG), 0);
	args = access_args(id, SIM_TEST_GPA + 1000, LONG, user);
	KUNIT_EXPECT_EQ(test, hvrc_read_gpa(t->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.bytes_done, LONG);
	KUNIT_ASSERT_EQ(test, copy_from_user(got, user, LONG), 0);
	KUNIT_EXPECT_EQ(test, memcmp(got, data, LONG), 0);

	/* Off the end of the mapping. */
	fits = 2 * PAGE_SIZE - 3;
	args = access_args(id, SIM_TEST_GPA + PAGE_SIZE + 3, LONG, user);
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(t->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.bytes_done, fits);
	KUNIT_EXPECT_EQ(test, args.fail_gpa, SIM_TEST_GPA + 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, args.access_result, HV_ACCESS_GPA_UNMAPPED);
	KUNIT_ASSERT_EQ(test, copy_from_user(got, ram + PAGE_SIZE + 3, fits), 0);
	KUNIT_EXPECT_EQ(test, memcmp(got, data, fits), 0);
}

/* No page is in a pool and in a partition at the same time. */
static void mapped_pages_cannot_be_deposited(struct kunit *test)
{
	struct sim_test *t = test->priv;
	struct hv_input_deposit_memory *in = t->file->caller.input;
	struct hvrc_rep rep = { .code = HVCALL_DEPOSIT_MEMORY, .count = 1 };
	u8 __user *ram = sim_test_user(test, 1);
	u64 id = sim_test_active_child(test);
	struct page *page;

	sim_test_map(test, id, SIM_TEST_GPA, ram, 1, RW);
	KUNIT_ASSERT_EQ(test, get_user_pages_fast((uintptr_t)ram, 1, 0, &page),
			1);
	in->partition_id = id;
	in->gpa_page_list[0] = page_to_pfn(page);
	put_page(page);
	KUNIT_EXPECT_EQ(test, hvrc_rep_step(&t->file->caller, &rep), 0);
	KUNIT_EXPECT_EQ(test, rep.status, HV_STATUS_OPERATION_DENIED);
}

static struct kunit_case gpa_cases[] = {
	KUNIT_CASE(g2_one_to_sixteen_bytes),
	KUNIT_CASE(g1_g2_in_registers),
	KUNIT_CASE(g3_g4_g5_g7_who_and_where),
	KUNIT_CASE(g6_parameters),
	KUNIT_CASE(g8_access_results),
	KUNIT_CASE(g9_the_current_mapping),
	KUNIT_CASE(g15_long_writes),
	KUNIT_CASE(mapped_pages_cannot_be_deposited),
	{}
};

static struct kunit_suite gpa_suite = {
	.name = "hv_rootctl_sim_gpa",
	.init = sim_test_init,
	.exit = sim_test_exit,
	.test_cases = gpa_cases,
};

kunit_test_suite(gpa_suite);
