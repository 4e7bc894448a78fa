// SPDX-License-Identifier: GPL-2.0
/*
 * A hypervisor that breaks its word, by the fault script: the driver ends
 * cleanly, tells exactly what is certain, and loses no page. W2, W7, W16, G8.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <sys/ioctl.h>
#include "hvtest_harness.h"

#define POOL_PAGES 1000

FIXTURE(faults) {
	struct hvt t;
	int fd;
	u64 id;
	u8 *page;
	struct hv_rootctl_query before;
};

FIXTURE_SETUP(faults)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id,
				  POOL_PAGES, NULL));
	self->page = aligned_alloc(HV_PAGE_SIZE, HV_PAGE_SIZE);
	ASSERT_NE(NULL, self->page);
	memset(self->page, 0, HV_PAGE_SIZE);
	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, 0, self->page,
				 HV_PAGE_SIZE,
				 HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE));
	ASSERT_EQ(0, hvt_drv_query(self->fd, &self->before));
}

/* Whatever the hypervisor said, all is gone in the end, and agrees. */
FIXTURE_TEARDOWN(faults)
{
	struct hvt_audit audit;

	EXPECT_EQ(0, hvt_debug(&self->t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL));
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  hvt_withdraw(&self->t, self->id, 0, 1).status);
	EXPECT_EQ(0, hvt_audit(&self->t, &audit));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static u64 available(struct _test_data_faults *self)
{
	u64 pages, in_use;

	return hvt_drv_balance(self->fd, self->id, &pages, &in_use) ? ~0ULL :
								      pages;
}

/* What the driver believes to be in pools, compared with the start. */
static u64 gone(struct _test_data_faults *self)
{
	struct hv_rootctl_query q;

	if (hvt_drv_query(self->fd, &q))
		return ~0ULL;
	return self->before.pages_deposited - q.pages_deposited;
}

static u64 quarantined(struct _test_data_faults *self)
{
	struct hv_rootctl_query q;

	if (hvt_drv_query(self->fd, &q))
		return ~0ULL;
	return q.pages_quarantined - self->before.pages_quarantined;
}

static int withdraw(struct _test_data_faults *self, u64 count,
		    struct hv_rootctl_pool *done)
{
	return hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, self->id, count,
			    done);
}

/* --- withdraw ------------------------------------------------------------- */

TEST_F(faults, W16_withdraw_success_without_progress)
{
	struct hv_rootctl_pool done;
	u64 pool = available(self);

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x49 status=0 reps=0 run=0"));
	EXPECT_EQ(-1, withdraw(self, 100, &done));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(0, done.pages_done);
	EXPECT_EQ(HV_STATUS_SUCCESS, done.hv_status);
	EXPECT_GE(2, done.hypercalls);
	EXPECT_EQ(0, gone(self));
	EXPECT_EQ(pool, available(self));
}

/* Some progress, then none: the part that was made is kept. */
TEST_F(faults, W2_W16_withdraw_success_and_then_no_progress)
{
	struct hv_rootctl_pool done;
	u64 pool = available(self);

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x49 status=0 run=7"));
	ASSERT_EQ(0, hvt_fault(&self->t,
			       "call=0x49 nth=2 status=0 reps=7 run=0"));
	EXPECT_EQ(-1, withdraw(self, 100, &done));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(7, done.pages_done);
	EXPECT_EQ(7, gone(self));
	EXPECT_EQ(pool - 7, available(self));
}

/* Success with fewer than asked is no error: the driver goes on. */
TEST_F(faults, W3_W16_withdraw_in_small_steps)
{
	struct hv_rootctl_pool done;
	u64 pool = available(self);

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x49 status=0 run=9 times=0"));
	EXPECT_EQ(0, withdraw(self, 100, &done));
	EXPECT_EQ(HV_STATUS_SUCCESS, done.hv_status);
	EXPECT_EQ(100, done.pages_done);
	EXPECT_EQ((100 + 8) / 9, done.hypercalls);
	EXPECT_EQ(100, gone(self));
	EXPECT_EQ(pool - 100, available(self));
}

/* More than asked for: nobody knows what happened; nothing is overrun. */
TEST_F(faults, W2_withdraw_more_reps_than_asked)
{
	struct hv_rootctl_pool done;
	u64 pool = available(self);

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x49 status=0 reps=513 run=0"));
	EXPECT_EQ(-1, withdraw(self, 512, &done));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(0, done.pages_done);
	EXPECT_EQ(0, gone(self));
	EXPECT_EQ(0, quarantined(self));
	EXPECT_EQ(pool, available(self));

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x49 status=0 reps=4095 run=0"));
	EXPECT_EQ(-1, withdraw(self, 1, &done));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(0, done.pages_done);
	EXPECT_EQ(pool, available(self));
}

/* It did return pages, though it cannot count: they are not lost. */
TEST_F(faults, W2_withdraw_more_reps_than_asked_with_pages)
{
	struct hv_rootctl_pool done;
	u64 pool = available(self);

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x49 status=0 reps=600 run=40"));
	EXPECT_EQ(-1, withdraw(self, 100, &done));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(40, done.pages_done);
	EXPECT_EQ(40, gone(self));
	EXPECT_EQ(0, quarantined(self));
	EXPECT_EQ(pool - 40, available(self));
}

/* Says five and wrote none: what it did not write is no page. */
TEST_F(faults, W2_withdraw_reps_without_pages)
{
	struct hv_rootctl_pool done;
	u64 pool = available(self);

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x49 status=0 reps=5 run=0"));
	EXPECT_EQ(0, withdraw(self, 5, &done));
	EXPECT_EQ(0, done.pages_done);
	EXPECT_EQ(0, gone(self));
	EXPECT_EQ(5, quarantined(self));
	EXPECT_EQ(pool, available(self));
}

/*
 * Pages came, and behind them numbers that are none. The driver takes these
 * pages, and nothing that the numbers may stand for; what is left in the pool
 * can be had afterwards. @kind: what they are; NULL: whatever was there.
 */
static void made_up(struct __test_metadata *_metadata,
		    struct _test_data_faults *self, const char *kind)
{
	static const struct {
		u32 real, made_up;
	} cases[] = { { 5, 3 }, { 1, HV_WITHDRAW_MAX - 1 } };
	u64 real = 0, bad = 0, pool = available(self);
	struct hvt_audit before, after;
	struct hv_rootctl_pool done;
	unsigned int i;
	char line[80];

	ASSERT_EQ(0, hvt_audit(&self->t, &before));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		if (kind)
			snprintf(line, sizeof(line),
				 "call=0x49 run=%u pages=%s:%u", cases[i].real,
				 kind, cases[i].made_up);
		else
			snprintf(line, sizeof(line),
				 "call=0x49 run=%u output=stale",
				 cases[i].real);
		ASSERT_EQ(0, hvt_fault(&self->t, line));
		EXPECT_EQ(0, withdraw(self, cases[i].real + cases[i].made_up,
				      &done));
		EXPECT_EQ(HV_STATUS_SUCCESS, done.hv_status);
		EXPECT_EQ(cases[i].real, done.pages_done);
		EXPECT_EQ(1, done.hypercalls);
		real += cases[i].real;
		bad += cases[i].made_up;
		EXPECT_EQ(bad, quarantined(self));
		EXPECT_EQ(real, gone(self));
		EXPECT_EQ(pool - real, available(self));
	}
	ASSERT_EQ(0, hvt_audit(&self->t, &after));
	EXPECT_EQ(before.v[HV_DEBUG_POOL_PAGES] - real,
		  after.v[HV_DEBUG_POOL_PAGES]);
	EXPECT_EQ(before.v[HV_DEBUG_ROOT_PAGES] + real,
		  after.v[HV_DEBUG_ROOT_PAGES]);

	EXPECT_EQ(0, withdraw(self, pool - real, &done));
	EXPECT_EQ(pool - real, done.pages_done);
	EXPECT_EQ(bad, quarantined(self));
	EXPECT_EQ(0, available(self));
}

TEST_F(faults, W2_withdraw_returns_foreign_pages)
{
	made_up(_metadata, self, "foreign");
}

TEST_F(faults, W2_withdraw_returns_a_page_twice)
{
	made_up(_metadata, self, "duplicate");
}

TEST_F(faults, W2_withdraw_returns_numbers_with_a_bit_too_many)
{
	made_up(_metadata, self, "unaligned");
}

TEST_F(faults, W2_withdraw_returns_pages_outside_ram)
{
	made_up(_metadata, self, "outside");
}

TEST_F(faults, W2_withdraw_returns_pages_of_the_hypervisor)
{
	made_up(_metadata, self, "hypervisor");
}

TEST_F(faults, W2_withdraw_returns_page_zero)
{
	made_up(_metadata, self, "zero");
}

/* All is claimed, what was not done is not in the list: poison or older. */
TEST_F(faults, W2_withdraw_with_a_stale_list)
{
	made_up(_metadata, self, NULL);
}

TEST_F(faults, W7_withdraw_status_after_some)
{
	static const struct {
		const char *line;
		u32 status, reps;
	} faults[] = {
		{ "call=0x49 status=0x1d run=5", HV_STATUS_NO_RESOURCES, 5 },
		{ "call=0x49 status=0x1a run=0",
		  HV_STATUS_INVALID_PROXIMITY_DOMAIN_INFO, 0 },
		{ "call=0x49 status=0x06 run=511", HV_STATUS_ACCESS_DENIED,
		  511 },
		{ "call=0x49 status=0x78 run=1", HV_STATUS_TIME_OUT, 1 },
		{ "call=0x49 status=0xbeef run=3", 0xbeef, 3 },
	};
	struct hv_rootctl_pool done;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		u64 pool = available(self), before = gone(self);

		ASSERT_EQ(0, hvt_fault(&self->t, faults[i].line));
		EXPECT_EQ(0, withdraw(self, 512, &done));
		EXPECT_EQ(faults[i].status, done.hv_status);
		EXPECT_EQ(faults[i].reps, done.pages_done);
		EXPECT_EQ(1, done.hypercalls);
		EXPECT_EQ(before + faults[i].reps, gone(self));
		EXPECT_EQ(pool - faults[i].reps, available(self));
		/* Back to the beginning, whatever is left. */
		if (faults[i].reps)
			ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT,
						  self->id, faults[i].reps,
						  NULL));
	}
}

/* --- deposit -------------------------------------------------------------- */

/* The accepted part stays deposited, the rest is the kernel's again. */
TEST_F(faults, C_deposit_5_refused_half_way)
{
	struct hv_rootctl_pool done;
	u64 pool = available(self);

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x48 nth=2 status=0x8 run=100"));
	EXPECT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 1000,
				  &done));
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, done.hv_status);
	EXPECT_EQ(511 + 100, done.pages_done);
	EXPECT_EQ(-611ULL, gone(self));
	EXPECT_EQ(pool + 611, available(self));
}

/* What it has taken is in doubt: the pages stay deposited, by the books. */
TEST_F(faults, W16_deposit_success_without_progress)
{
	struct hv_rootctl_pool done;
	u64 pool = available(self);

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x48 status=0 reps=0 run=all"));
	EXPECT_EQ(-1, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 100,
				   &done));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(0, done.pages_done);
	EXPECT_EQ(pool + 100, available(self));
	EXPECT_EQ(-100ULL, gone(self));
}

/* --- map, unmap ----------------------------------------------------------- */

TEST_F(faults, C_map_6_refused_half_way)
{
	struct hv_rootctl_map map = {
		.size = sizeof(map),
		.partition_id = self->id,
		.gpa = 0x100000,
		.length = 16 * HV_PAGE_SIZE,
		.map_flags = HV_MAP_GPA_READABLE,
	};
	struct hv_rootctl_query q;
	struct hvt_audit before, after;
	void *mem = aligned_alloc(HV_PAGE_SIZE, 16 * HV_PAGE_SIZE);

	ASSERT_NE(NULL, mem);
	memset(mem, 0, 16 * HV_PAGE_SIZE);
	map.user_addr = (uintptr_t)mem;
	ASSERT_EQ(0, hvt_audit(&self->t, &before));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b status=0x0b run=7"));
	EXPECT_EQ(0, ioctl(self->fd, HV_ROOTCTL_MAP, &map));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, map.hv_status);
	EXPECT_EQ(0, map.bytes_done);
	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_EQ(self->before.pages_mapped, q.pages_mapped);
	ASSERT_EQ(0, hvt_audit(&self->t, &after));
	EXPECT_EQ(before.v[HV_DEBUG_MAPPED_PAGES],
		  after.v[HV_DEBUG_MAPPED_PAGES]);
}

TEST_F(faults, W16_map_success_without_progress)
{
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b status=0 reps=0 run=0"));
	EXPECT_EQ(-1, hvt_drv_map(self->fd, self->id, 0x100000, self->page,
				  HV_PAGE_SIZE, HV_MAP_GPA_READABLE));
	EXPECT_EQ(EPROTO, errno);
}

/* --- read and write GPA --------------------------------------------------- */

TEST_F(faults, G8_G15_write_refused_in_the_middle)
{
	struct hv_rootctl_access done;
	u8 data[100];
	u32 i;

	memset(data, 0x77, sizeof(data));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x54 nth=4 status=0x7 run=0"));
	EXPECT_EQ(0, hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA, self->id, 3,
				    data, sizeof(data), &done));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE, done.hv_status);
	EXPECT_EQ(done.bytes_done + 3, done.fail_gpa);
	EXPECT_EQ(48, done.bytes_done);
	for (i = 0; i < HV_PAGE_SIZE; i++)
		ASSERT_EQ(i >= 3 && i < 3 + 48 ? 0x77 : 0, self->page[i]);
}

/* Success, but the access result was never written: not a success. */
TEST_F(faults, G8_success_without_an_access_result)
{
	struct hv_rootctl_access done;
	u8 data[16] = { 1 };

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x54 status=0 run=0"));
	EXPECT_EQ(-1, hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA, self->id,
				     0, data, sizeof(data), &done));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(0, done.bytes_done);
	EXPECT_EQ(0, self->page[0]);
}

/* The bytes were read, they say, but nobody put them there. */
TEST_F(faults, C_read_1_success_with_a_stale_output)
{
	struct hv_rootctl_access done;
	u8 data[16];

	memset(self->page, 0x77, sizeof(data));
	ASSERT_EQ(0, hvt_drv_access(self->fd, HV_ROOTCTL_READ_GPA, self->id, 0,
				    data, sizeof(data), &done));
	memset(data, 0, sizeof(data));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x53 run=1 output=stale"));
	EXPECT_EQ(-1, hvt_drv_access(self->fd, HV_ROOTCTL_READ_GPA, self->id, 0,
				     data, sizeof(data), &done));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(0, done.bytes_done);
	EXPECT_EQ(0, data[0]);
}

/* --- and statuses of every kind on every simple call ---------------------- */

TEST_F(faults, C_life_4_unknown_statuses_reach_the_caller)
{
	static const u16 statuses[] = { 0x01, 0x05, 0x0f, 0x78, 0x79, 0x7fff,
					0xfffe };
	unsigned int i;
	char line[64];
	u64 before;
	u32 status;

	before = hvt_counter(&self->t, HVCALL_FINALIZE_PARTITION,
			     HV_DEBUG_FAULTS);
	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		snprintf(line, sizeof(line), "call=0x42 status=%#x run=0",
			 statuses[i]);
		ASSERT_EQ(0, hvt_fault(&self->t, line));
		EXPECT_EQ(0, hvt_drv_partition(self->fd,
					       HV_ROOTCTL_PARTITION_FINALIZE,
					       self->id, &status));
		EXPECT_EQ(statuses[i], status);
	}
	EXPECT_EQ(before + ARRAY_SIZE(statuses),
		  hvt_counter(&self->t, HVCALL_FINALIZE_PARTITION,
			      HV_DEBUG_FAULTS));
}

TEST_HARNESS_MAIN
