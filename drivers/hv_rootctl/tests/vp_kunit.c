// SPDX-License-Identifier: GPL-2.0
/* Virtual processors that belong to files, in a partition of somebody else. */
#include <linux/err.h>

#include <hv/memory.h>
#include <hv/partition.h>

#include "fake.h"

#define VP_INDEX 7

/* HvDeleteVp answers what it is told to, all others succeed. */
static u64 vp_answer(struct fake *fake, u64 control, const void *in, void *out)
{
	switch (hv_control_code(control)) {
	case HVCALL_CREATE_PARTITION:
		*(u64 *)out = FAKE_CHILD_ID;
		break;
	case HVCALL_WITHDRAW_MEMORY:
		return hv_result(HV_STATUS_NO_RESOURCES, 0);
	case HVCALL_DELETE_VP:
		return hv_result(fake->arg, 0);
	}
	return hv_result(HV_STATUS_SUCCESS, hv_control_count(control));
}

static int vp_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;

	fake->answer = vp_answer;
	return err;
}

static void vp_exit(struct kunit *test)
{
	struct fake *fake = test->priv;

	fake->arg = HV_STATUS_SUCCESS;
	fake_exit(test);
}

static void vp_create(struct fake *fake, u32 flags)
{
	struct hv_rootctl_vp args = {
		.flags = flags,
		.partition_id = FAKE_CHILD_ID,
		.vp_index = VP_INDEX,
	};

	KUNIT_ASSERT_EQ(fake->test, hvrc_vp_create(fake->file, &args), 0);
	KUNIT_ASSERT_EQ(fake->test, args.hv_status, 0U);
}

/* By any file; returns the status. */
static u32 vp_delete(struct fake *fake, struct hvrc_file *file)
{
	struct hv_rootctl_vp args = {
		.partition_id = FAKE_CHILD_ID,
		.vp_index = VP_INDEX,
	};

	KUNIT_EXPECT_EQ(fake->test, hvrc_vp_delete(file, &args), 0);
	return args.hv_status;
}

static void vp_expect_close(struct fake *fake, u32 deleted)
{
	fake->calls = 0;
	fake_close(fake);
	KUNIT_EXPECT_EQ(fake->test, fake->calls, deleted);
	KUNIT_EXPECT_TRUE(fake->test, xa_empty(&fake->hv->partitions));
}

static void vp_input(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_vp args = {
		.partition_id = FAKE_CHILD_ID,
		.vp_index = VP_INDEX,
		.proximity_domain_info = hv_proximity(2, true),
	};

	KUNIT_EXPECT_EQ(test, hvrc_vp_create(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, fake->control[0], 0x4eULL);
	KUNIT_EXPECT_EQ(test, fake->input[0][0], FAKE_CHILD_ID);
	KUNIT_EXPECT_EQ(test, fake->input[0][1], (u64)VP_INDEX);
	KUNIT_EXPECT_EQ(test, fake->input[0][2], 0ULL);
	KUNIT_EXPECT_EQ(test, fake->input[0][3], hv_proximity(2, true));
	KUNIT_EXPECT_EQ(test, fake->input[0][4], 0ULL);

	KUNIT_EXPECT_EQ(test, hvrc_vp_delete(fake->file, &args), -EINVAL);
	args.proximity_domain_info = 0;
	KUNIT_EXPECT_EQ(test, hvrc_vp_delete(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, fake->control[1], 0x4fULL | HV_CONTROL_FAST);
	KUNIT_EXPECT_EQ(test, fake->input[1][0], FAKE_CHILD_ID);
	KUNIT_EXPECT_EQ(test, fake->input[1][1], (u64)VP_INDEX);
}

/* First the VP, then the memory that it may use. */
static void vp_close(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_map map = {
		.partition_id = FAKE_CHILD_ID,
		.user_addr = fake_user_memory(test, PAGE_SIZE),
		.length = PAGE_SIZE,
		.map_flags = HV_MAP_GPA_READABLE,
	};

	KUNIT_ASSERT_EQ(test, hvrc_map(fake->file, &map), 0);
	vp_create(fake, 0);
	fake->calls = 0;
	fake_close(fake);
	EXPECT_CODES(fake, HVCALL_DELETE_VP, HVCALL_UNMAP_GPA_PAGES);
	KUNIT_EXPECT_EQ(test, fake->input[0][0], FAKE_CHILD_ID);
	KUNIT_EXPECT_EQ(test, fake->input[0][1], (u64)VP_INDEX);
	KUNIT_EXPECT_TRUE(test, xa_empty(&fake->hv->partitions));
}

static void vp_close_detached(struct kunit *test)
{
	struct fake *fake = test->priv;

	vp_create(fake, HV_ROOTCTL_DETACHED);
	vp_expect_close(fake, 0);
}

/* The end of one file is not the end of another file's VP. */
static void vp_close_other(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_file *other = hvrc_file_create(fake->hv);

	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	vp_create(fake, 0);
	fake->calls = 0;
	hvrc_file_destroy(other);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
	vp_expect_close(fake, 1);
}

/* With the partition of the file goes the VP; nothing is deleted twice. */
static void vp_close_with_its_partition(struct kunit *test)
{
	struct hv_rootctl_partition_create args = {};
	struct fake *fake = test->priv;

	KUNIT_ASSERT_EQ(test, hvrc_partition_create(fake->file, &args), 0);
	vp_create(fake, 0);
	fake->calls = 0;
	fake_close(fake);
	EXPECT_CODES(fake, HVCALL_FINALIZE_PARTITION, HVCALL_WITHDRAW_MEMORY,
		     HVCALL_DELETE_PARTITION);
	KUNIT_EXPECT_TRUE(test, xa_empty(&fake->hv->partitions));
}

/* Deleted by hand, by whomever: nothing is left for the end of the file. */
static void vp_deleted_by_hand(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_file *other = hvrc_file_create(fake->hv);

	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	vp_create(fake, 0);
	fake->arg = HV_STATUS_TIME_OUT;
	KUNIT_EXPECT_EQ(test, vp_delete(fake, other), HV_STATUS_TIME_OUT);
	KUNIT_EXPECT_FALSE(test, xa_empty(&fake->hv->partitions));
	fake->arg = HV_STATUS_SUCCESS;
	KUNIT_EXPECT_EQ(test, vp_delete(fake, other), HV_STATUS_SUCCESS);
	hvrc_file_destroy(other);
	vp_expect_close(fake, 0);
}

/* Nor is it where the partition was finalized, or deleted. */
static void vp_partition_ended_by_hand(struct kunit *test)
{
	static int (*const ends[])(struct hvrc_file *file, void *arg) = {
		hvrc_partition_finalize,
		hvrc_partition_delete,
	};
	struct hv_rootctl_partition args = { .partition_id = FAKE_CHILD_ID };
	struct fake *fake = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		vp_create(fake, 0);
		KUNIT_EXPECT_EQ(test, ends[i](fake->file, &args), 0);
		vp_expect_close(fake, 0);
		fake_reopen(fake);
	}
}

/* What the hypervisor refuses is kept on record and tried again. */
static void vp_refused(struct kunit *test)
{
	struct fake *fake = test->priv;

	vp_create(fake, 0);
	fake->arg = HV_STATUS_TIME_OUT;
	fake_close(fake);
	KUNIT_EXPECT_FALSE(test, xa_empty(&fake->hv->partitions));
	fake_reopen(fake);
	fake_close(fake);
	EXPECT_CODES(fake, HVCALL_DELETE_VP);
	KUNIT_EXPECT_FALSE(test, xa_empty(&fake->hv->partitions));

	fake->arg = HV_STATUS_SUCCESS;
	fake_reopen(fake);
	vp_expect_close(fake, 1);
	fake_reopen(fake);
	vp_expect_close(fake, 0);
}

/* One that the hypervisor does not know, or no more, is not tried again. */
static void vp_gone(struct kunit *test)
{
	static const u16 statuses[] = {
		HV_STATUS_INVALID_VP_INDEX,
		HV_STATUS_INVALID_PARTITION_ID,
	};
	struct fake *fake = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		vp_create(fake, 0);
		fake->arg = statuses[i];
		vp_expect_close(fake, 1);
		fake_reopen(fake);
	}
}

/* One of the same number that is made after it is not the file's. */
static void vp_made_again(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_file *first = fake->file;

	vp_create(fake, 0);
	fake_reopen(fake);
	vp_create(fake, HV_ROOTCTL_DETACHED);
	fake->calls = 0;
	hvrc_file_destroy(first);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
	vp_expect_close(fake, 0);
}

/* What was not made is nobody's, and what cannot be deleted is not made. */
static void vp_not_made(struct kunit *test)
{
	static const u64 own[] = { HV_ROOTCTL_SELF, FAKE_SELF_ID };
	struct hv_rootctl_vp args = { .partition_id = FAKE_CHILD_ID };
	struct fake *fake = test->priv;
	u32 i;

	fake->answer = fake_scripted;
	FAKE_SCRIPT(fake, HV_STATUS_INVALID_VP_INDEX);
	KUNIT_EXPECT_EQ(test, hvrc_vp_create(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status,
			(u32)HV_STATUS_INVALID_VP_INDEX);
	KUNIT_EXPECT_TRUE(test, xa_empty(&fake->hv->partitions));

	for (i = 0; i < ARRAY_SIZE(own); i++) {
		args.partition_id = own[i];
		KUNIT_EXPECT_EQ(test, hvrc_vp_create(fake->file, &args),
				-EOPNOTSUPP);
	}
	vp_expect_close(fake, 0);
}

static struct kunit_case vp_cases[] = {
	KUNIT_CASE(vp_input),
	KUNIT_CASE(vp_close),
	KUNIT_CASE(vp_close_detached),
	KUNIT_CASE(vp_close_other),
	KUNIT_CASE(vp_close_with_its_partition),
	KUNIT_CASE(vp_deleted_by_hand),
	KUNIT_CASE(vp_partition_ended_by_hand),
	KUNIT_CASE(vp_refused),
	KUNIT_CASE(vp_gone),
	KUNIT_CASE(vp_made_again),
	KUNIT_CASE(vp_not_made),
	{}
};

static struct kunit_suite vp_suite = {
	.name = "hv_rootctl_vp",
	.init = vp_init,
	.exit = vp_exit,
	.test_cases = vp_cases,
};

kunit_test_suite(vp_suite);
