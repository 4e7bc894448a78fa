// SPDX-License-Identifier: GPL-2.0
/*
 * HvWithdrawMemory, how many pages of which pool: W2 to W7, W11, W13, W14. As
 * these reach the user, they are tested on both sides: the hypercall and the
 * ioctl. For the list of pages see withdraw_list.c.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <sys/ioctl.h>
#include "hvtest_harness.h"

/* More than one call can withdraw. */
#define POOL_PAGES 600

/* --- both sides ----------------------------------------------------------- */

FIXTURE(withdraw) {
	struct hvt t;
	int fd; /* the driver, or -1 */
	u64 id; /* uninitialized, with a pool */
	struct hvt_mem pool; /* what is in it, when the driver is not used */
};

FIXTURE_VARIANT(withdraw) {
	bool driver;
};

FIXTURE_VARIANT_ADD(withdraw, hypercall) {
	.driver = false,
};

FIXTURE_VARIANT_ADD(withdraw, ioctl) {
	.driver = true,
};

FIXTURE_SETUP(withdraw)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	self->fd = -1;
	if (variant->driver) {
		self->fd = hvt_driver();
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, hvt_drv_create(self->fd, 0, &self->id));
		ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT,
					  self->id, POOL_PAGES, NULL));
	} else {
		ASSERT_EQ(0, hvt_alloc(&self->t, &self->pool, POOL_PAGES));
		ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &self->id));
		ASSERT_EQ(0, hvt_deposit_all(&self->t, self->id, &self->pool));
	}
}

FIXTURE_TEARDOWN(withdraw)
{
	/* Closing the file deletes what was made through it. */
	EXPECT_EQ(0, self->fd >= 0 ? close(self->fd) :
				     hvt_destroy(&self->t, self->id));
	EXPECT_EQ(0, hvt_close(&self->t));
}

struct answer {
	u64 pages;
	u16 status;
};

/* As many pages as wanted: one ioctl, or calls until a status ends it. */
static struct answer withdraw(struct _test_data_withdraw *self, u64 id,
			      u64 proximity, u64 count)
{
	struct answer a = { 0, HV_STATUS_SUCCESS };
	struct hvt_done d;

	if (self->fd >= 0) {
		struct hv_rootctl_pool cmd = {
			.size = sizeof(cmd),
			.partition_id = id,
			.proximity_domain_info = proximity,
			.page_count = count,
		};

		if (ioctl(self->fd, HV_ROOTCTL_WITHDRAW, &cmd))
			cmd.hv_status = 0xffff;
		return (struct answer){ cmd.pages_done, cmd.hv_status };
	}
	while (a.pages < count && !a.status) {
		u64 left = count - a.pages;

		d = hvt_withdraw(&self->t, id, proximity,
				 left < HV_WITHDRAW_MAX ? left :
							  HV_WITHDRAW_MAX);
		a.pages += d.reps;
		a.status = d.status;
	}
	return a;
}

static u64 available(struct hvt *t, u64 id)
{
	u64 pages, in_use;

	return hvt_balance(t, id, &pages, &in_use) ? ~0ULL : pages;
}

TEST_F(withdraw, W2_W3_success_means_all_of_them)
{
	static const u64 counts[] = { 1, 2, 7, 512, 1, 63 };
	u64 left = POOL_PAGES;
	struct answer a;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		a = withdraw(self, self->id, 0, counts[i]);
		EXPECT_EQ(HV_STATUS_SUCCESS, a.status);
		EXPECT_EQ(counts[i], a.pages);
		left -= counts[i];
		EXPECT_EQ(left, available(&self->t, self->id));
	}
}

TEST_F(withdraw, W2_W3_more_than_one_call_withdraws)
{
	struct answer a = withdraw(self, self->id, 0, POOL_PAGES);

	EXPECT_EQ(HV_STATUS_SUCCESS, a.status);
	EXPECT_EQ(POOL_PAGES, a.pages);
	EXPECT_EQ(0, available(&self->t, self->id));
}

TEST_F(withdraw, W2_W7_more_than_the_pool_holds)
{
	struct answer a = withdraw(self, self->id, 0, POOL_PAGES + 1);

	EXPECT_EQ(HV_STATUS_NO_RESOURCES, a.status);
	EXPECT_EQ(POOL_PAGES, a.pages);
	EXPECT_EQ(0, available(&self->t, self->id));
}

TEST_F(withdraw, W2_W7_partial_within_one_call)
{
	struct answer a = withdraw(self, self->id, 0, POOL_PAGES - 37);

	ASSERT_EQ(POOL_PAGES - 37, a.pages);
	a = withdraw(self, self->id, 0, 100);
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, a.status);
	EXPECT_EQ(37, a.pages);
}

TEST_F(withdraw, W2_W7_none_at_all)
{
	struct answer a = withdraw(self, self->id, 0, POOL_PAGES);

	ASSERT_EQ(POOL_PAGES, a.pages);
	a = withdraw(self, self->id, 0, 1);
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, a.status);
	EXPECT_EQ(0, a.pages);
	a = withdraw(self, self->id, 0, HV_WITHDRAW_MAX);
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, a.status);
	EXPECT_EQ(0, a.pages);
}

/* Without AccessMemoryPool the parent is just anyone. */
TEST_F(withdraw, W4_parent_without_access_memory_pool)
{
	u64 all = ~HV_PRIVILEGE(ACCESS_MEMORY_POOL);
	struct answer a;

	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_PRIVILEGES, all, NULL, NULL));
	a = withdraw(self, self->id, 0, 3);
	EXPECT_EQ(0, hvt_debug(&self->t, HV_DEBUG_PRIVILEGES, ~0ULL, NULL,
			       NULL));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, a.status);
	EXPECT_EQ(0, a.pages);
	EXPECT_EQ(POOL_PAGES, available(&self->t, self->id));

	a = withdraw(self, self->id, 0, 3);
	EXPECT_EQ(HV_STATUS_SUCCESS, a.status);
}

TEST_F(withdraw, W5_zero_and_unknown_id)
{
	struct answer a = withdraw(self, HV_PARTITION_ID_INVALID, 0, 3);

	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, a.status);
	EXPECT_EQ(0, a.pages);
	a = withdraw(self, HVT_UNKNOWN_ID, 0, 3);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, a.status);
	EXPECT_EQ(0, a.pages);
	a = withdraw(self, self->id + (1ULL << 32), 0, 3);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, a.status);
	EXPECT_EQ(0, a.pages);
}

TEST_F(withdraw, W5_deleted_id)
{
	struct answer a;
	u64 deleted;
	u32 status;

	if (variant->driver) {
		ASSERT_EQ(0, hvt_drv_create(self->fd, 0, &deleted));
		ASSERT_EQ(0, hvt_drv_partition(self->fd,
					       HV_ROOTCTL_PARTITION_DELETE,
					       deleted, &status));
		ASSERT_EQ(HV_STATUS_SUCCESS, status);
	} else {
		ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &deleted));
		ASSERT_EQ(HV_STATUS_SUCCESS,
			  hvt_partition(&self->t, HVCALL_DELETE_PARTITION,
					deleted));
	}
	a = withdraw(self, deleted, 0, 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, a.status);
	EXPECT_EQ(0, a.pages);
}

TEST_F(withdraw, W6_each_reserved_proximity_bit)
{
	struct answer a;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		if (!(HV_PROXIMITY_RESERVED & (1ULL << bit)))
			continue;
		a = withdraw(self, self->id, 1ULL << bit, 3);
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, a.status)
			TH_LOG("bit %u", bit);
		EXPECT_EQ(0, a.pages);
	}
	EXPECT_EQ(POOL_PAGES, available(&self->t, self->id));
}

TEST_F(withdraw, W6_domain_that_the_machine_has_not)
{
	static const u32 domains[] = { 63, 64, 255, 0x10000, 0xffffffff };
	struct answer a;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(domains); i++) {
		a = withdraw(self, self->id, hv_proximity(domains[i], false), 3);
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, a.status);
		EXPECT_EQ(0, a.pages);
		a = withdraw(self, self->id, hv_proximity(domains[i], true), 3);
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, a.status);
		EXPECT_EQ(0, a.pages);
	}
	EXPECT_EQ(POOL_PAGES, available(&self->t, self->id));
}

TEST_F(withdraw, W6_W13_domain_is_ignored_unless_valid)
{
	struct answer a = withdraw(self, self->id, 63, 3);

	EXPECT_EQ(HV_STATUS_SUCCESS, a.status);
	EXPECT_EQ(3, a.pages);
}

/* The one domain that every machine has; for those with more see numa.c. */
TEST_F(withdraw, W13_domain_zero)
{
	struct answer a;

	if (!access("/sys/devices/system/node/node1", F_OK))
		SKIP(return, "more than one node");
	a = withdraw(self, self->id, hv_proximity(0, false), 3);
	EXPECT_EQ(HV_STATUS_SUCCESS, a.status);
	EXPECT_EQ(3, a.pages);
	a = withdraw(self, self->id, hv_proximity(0, true), 3);
	EXPECT_EQ(HV_STATUS_SUCCESS, a.status);
	EXPECT_EQ(3, a.pages);
}

/* After a life as an active partition, whose pages were used in between. */
TEST_F(withdraw, W11_whole_pool_of_a_finalized_partition)
{
	struct answer a;

	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_INITIALIZE_PARTITION,
				self->id));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create_vp(&self->t, self->id, 0));
	EXPECT_GT(POOL_PAGES, available(&self->t, self->id));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION, self->id));
	a = withdraw(self, self->id, 0, POOL_PAGES + 1);
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, a.status);
	EXPECT_EQ(POOL_PAGES, a.pages);
}

/* What is in use cannot be had. */
TEST_F(withdraw, W11_only_unused_pages_of_an_active_partition)
{
	u64 unused, in_use;
	struct answer a;

	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_INITIALIZE_PARTITION,
				self->id));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create_vp(&self->t, self->id, 0));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_balance(&self->t, self->id, &unused, &in_use));
	EXPECT_LT(0, in_use);
	EXPECT_EQ(POOL_PAGES, unused + in_use);
	a = withdraw(self, self->id, 0, POOL_PAGES);
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, a.status);
	EXPECT_EQ(unused, a.pages);
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_delete_vp(&self->t, self->id, 0));
}

/* --- the root's own pool -------------------------------------------------- */

FIXTURE(withdraw_root) {
	struct hvt t;
	struct hvt_mem pool;
};

FIXTURE_SETUP(withdraw_root)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->pool, 3));
}

FIXTURE_TEARDOWN(withdraw_root)
{
	EXPECT_EQ(0, hvt_close(&self->t));
}

/*
 * All that can be had comes out, ours among it; what the kernel had deposited
 * before goes back.
 */
static void own_pool(struct __test_metadata *_metadata,
		     struct _test_data_withdraw_root *self, u64 id)
{
	u64 before, all, ours = 0;
	u64 other[HV_WITHDRAW_MAX];
	u32 i, others = 0;
	struct hvt_done d;

	before = available(&self->t, id);
	ASSERT_GT(HV_WITHDRAW_MAX - 3, before);
	ASSERT_EQ(0, hvt_deposit_all(&self->t, id, &self->pool));
	all = available(&self->t, id);
	EXPECT_EQ(before + 3, all);
	d = hvt_withdraw(&self->t, id, 0, all);
	EXPECT_EQ(HV_STATUS_SUCCESS, d.status);
	ASSERT_EQ(all, d.reps);
	for (i = 0; i < d.reps; i++) {
		u64 pfn = ((u64 *)self->t.out)[i];

		if (hvt_page_index(&self->pool, pfn) >= 0)
			ours++;
		else
			other[others++] = pfn;
	}
	EXPECT_EQ(3, ours);
	EXPECT_EQ(0, available(&self->t, id));
	EXPECT_EQ(HV_STATUS_NO_RESOURCES,
		  hvt_withdraw(&self->t, id, 0, 1).status);
	for (i = 0; i < others; i++)
		EXPECT_EQ(1, hvt_deposit(&self->t, id, other + i, 1).reps);
	EXPECT_EQ(before, available(&self->t, id));
}

TEST_F(withdraw_root, W14_by_self)
{
	own_pool(_metadata, self, HV_PARTITION_ID_SELF);
}

TEST_F(withdraw_root, W14_by_its_id)
{
	u64 id = hvt_own_id(&self->t);

	ASSERT_NE(HV_PARTITION_ID_INVALID, id);
	own_pool(_metadata, self, id);
}

/* Root and its own id: W4's second half, which asks for no privilege. */
TEST_F(withdraw_root, W14_by_ioctl)
{
	struct hv_rootctl_query query;
	u64 before, after, in_use;
	u64 ids[2];
	int fd, i;

	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_query(fd, &query));
	ids[0] = HV_ROOTCTL_SELF;
	ids[1] = query.partition_id;
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, hvt_drv_balance(fd, ids[i], &before, &in_use));
		EXPECT_EQ(0, hvt_drv_pool(fd, HV_ROOTCTL_DEPOSIT, ids[i], 700,
					  NULL));
		ASSERT_EQ(0, hvt_drv_balance(fd, ids[i], &after, &in_use));
		EXPECT_EQ(before + 700, after);
		EXPECT_EQ(0, hvt_drv_pool(fd, HV_ROOTCTL_WITHDRAW, ids[i], 700,
					  NULL));
		ASSERT_EQ(0, hvt_drv_balance(fd, ids[i], &after, &in_use));
		EXPECT_EQ(before, after);
	}
	EXPECT_EQ(0, close(fd));
}

TEST_HARNESS_MAIN
