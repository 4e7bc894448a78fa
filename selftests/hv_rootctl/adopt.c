// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that another driver has deposited, and that this one withdraws: left
 * alone as it comes; with adopt=Y the kernel's again, when they look like
 * pages that somebody gave away.
 */
#define HVT_DEVICE "/dev/hv_rawpage"
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include "hvtest_failing.h"
#include "hvtest_harness.h"
#include "hvtest_pages.h"
#include "kmod/hv_rawpage.h"

#define SWITCH "/sys/module/hv_rootctl_lib/parameters/adopt"

#define MANY 1200 /* pages, more than two calls' worth */

struct books {
	struct hvt_audit audit;
	struct hv_rootctl_query query;
	struct hvt_marks marks;
};

FIXTURE(adopt) {
	struct hvt t;
	int fd;
	int page;
	u64 id;
	u64 pfns[MANY];
	struct books before;
};

static int read_books(struct _test_data_adopt *self, struct books *b)
{
	return hvt_audit(&self->t, &b->audit) ||
	       hvt_drv_query(self->fd, &b->query) || hvt_scan(&b->marks);
}

/* Another driver's: a page of its own. */
static int get(struct _test_data_adopt *self, u32 kind, u64 *pfn)
{
	struct hv_rawpage args = { .kind = kind };
	int ret = ioctl(self->page, HV_RAWPAGE_GET, &args);

	*pfn = args.gpa >> HV_PAGE_SHIFT;
	return ret;
}

static int put(struct _test_data_adopt *self, u32 kind, u64 pfn)
{
	struct hv_rawpage args = { .kind = kind,
				   .gpa = pfn << HV_PAGE_SHIFT };

	return ioctl(self->page, HV_RAWPAGE_PUT, &args);
}

/* Another driver's deposit; -1 when the hypervisor did not take all. */
static int deposit(struct _test_data_adopt *self, const u64 *pfns, u32 count)
{
	struct hvt_done d;
	u32 n;

	for (; count; count -= n, pfns += n) {
		n = count < HV_DEPOSIT_MAX ? count : HV_DEPOSIT_MAX;
		d = hvt_deposit(&self->t, self->id, pfns, n);
		if (d.status || d.reps != n)
			return -1;
	}
	return 0;
}

static int get_and_deposit(struct _test_data_adopt *self, u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (get(self, HV_RAWPAGE_PLAIN, &self->pfns[i]))
			return -1;
	return deposit(self, self->pfns, count);
}

static int withdraw(struct _test_data_adopt *self, u32 flags, u64 count,
		    struct hv_rootctl_pool *done)
{
	*done = (struct hv_rootctl_pool){ .size = sizeof(*done),
					  .flags = flags,
					  .partition_id = self->id,
					  .page_count = count };
	return ioctl(self->fd, HV_ROOTCTL_WITHDRAW, done);
}

FIXTURE_SETUP(adopt)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	self->page = open(HVT_DEVICE, O_RDWR | O_CLOEXEC);
	self->fd = hvt_driver();
	ASSERT_LE(0, self->page);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_create(self->fd, 0, &self->id));
	ASSERT_EQ(0, hvt_put(SWITCH, "Y"));
	/* What is allocated for that the first time stays. */
	ASSERT_EQ(0, read_books(self, &self->before));
	ASSERT_EQ(0, hvt_scan_calm(&self->before.marks));
}

FIXTURE_TEARDOWN(adopt)
{
	struct hv_rootctl_query q;
	struct hv_rootctl_pool done;

	EXPECT_EQ(0, hvt_put(SWITCH, "N"));
	EXPECT_EQ(0, close(self->fd));
	/* What the root needed for the partition. */
	self->fd = hvt_driver();
	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW,
				  HV_ROOTCTL_SELF, q.pages_deposited, &done));
	EXPECT_EQ(q.pages_deposited, done.pages_done);
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, close(self->page));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* All is as it was, but for what the driver has left alone, or holds. */
static void expect_books(struct __test_metadata *_metadata,
			 struct _test_data_adopt *self, u64 quarantined,
			 u64 held)
{
	const struct books *before = &self->before;
	time_t patience = hvt_patience();
	struct books now;
	s64 more;

	do {
		ASSERT_EQ(0, read_books(self, &now));
		more = hvt_more(&before->marks, &now.marks) - held;
	} while (hvt_is_loss(more) && !hvt_is_over(patience) &&
		 !usleep(HVT_PAUSE));
	EXPECT_FALSE(hvt_is_loss(more)) TH_LOG("%lld pages", more);
	EXPECT_TRUE(hvt_audit_equal(&before->audit, &now.audit));
	EXPECT_EQ(before->query.pages_deposited, now.query.pages_deposited);
	EXPECT_EQ(before->query.pages_quarantined + quarantined,
		  now.query.pages_quarantined);
	EXPECT_EQ(before->query.pages_held + held, now.query.pages_held);
	EXPECT_EQ(now.query.pages_deposited, now.marks.offline);
}

TEST_F(adopt, W9_pages_of_another_driver_are_freed)
{
	struct hv_rootctl_pool done;

	ASSERT_EQ(0, get_and_deposit(self, MANY));
	ASSERT_EQ(0, withdraw(self, 0, MANY, &done));
	EXPECT_EQ(HV_STATUS_SUCCESS, done.hv_status);
	EXPECT_EQ(MANY, done.pages_done);
	expect_books(_metadata, self, 0, 0);
}

/* Its own among them are its own, as ever. */
TEST_F(adopt, W9_pages_of_two_drivers)
{
	struct hv_rootctl_pool done;

	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 300,
				  NULL));
	ASSERT_EQ(0, get_and_deposit(self, 300));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 300,
				  NULL));
	ASSERT_EQ(0, withdraw(self, 0, 1000, &done));
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, done.hv_status);
	EXPECT_EQ(900, done.pages_done);
	expect_books(_metadata, self, 0, 0);
}

/* Named twice, they are so once: as much as they look like anybody's. */
TEST_F(adopt, W9_its_own_pages_named_twice)
{
	static const u32 flags[] = { 0, HV_ROOTCTL_HOLD };
	struct hv_rootctl_pool done;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT,
					  self->id, 280, NULL));
		ASSERT_EQ(0, hvt_fault(&self->t,
				       "call=0x49 run=all pages=duplicate:20"));
		ASSERT_EQ(0, withdraw(self, flags[i], 300, &done));
		EXPECT_EQ(HV_STATUS_SUCCESS, done.hv_status);
		EXPECT_EQ(280, done.pages_done);
		expect_books(_metadata, self, 20 * (i + 1),
			     flags[i] ? 280 : 0);
	}
}

TEST_F(adopt, W9_pages_of_another_driver_are_held)
{
	struct hv_rootctl_pool done;

	ASSERT_EQ(0, get_and_deposit(self, MANY));
	ASSERT_EQ(0, withdraw(self, HV_ROOTCTL_HOLD, MANY, &done));
	EXPECT_EQ(MANY, done.pages_done);
	expect_books(_metadata, self, 0, MANY);

	/* From here on they are as any other. */
	done.page_count = MANY;
	ASSERT_EQ(0, ioctl(self->fd, HV_ROOTCTL_DEPOSIT, &done));
	EXPECT_EQ(MANY, done.pages_done);
	ASSERT_EQ(0, hvt_put(SWITCH, "N"));
	ASSERT_EQ(0, withdraw(self, 0, MANY, &done));
	EXPECT_EQ(MANY, done.pages_done);
	expect_books(_metadata, self, 0, 0);
}

/* With the partition go also those. */
TEST_F(adopt, W9_pages_of_another_driver_at_the_end)
{
	struct hvt_audit *audit = &self->before.audit;

	ASSERT_EQ(0, get_and_deposit(self, MANY));
	ASSERT_EQ(0, close(self->fd));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	audit->v[HV_DEBUG_PARTITIONS]--;
	/* What it took of the root's pool is available again. */
	audit->v[HV_DEBUG_POOL_PAGES] += audit->v[HV_DEBUG_USED_PAGES];
	audit->v[HV_DEBUG_USED_PAGES] = 0;
	expect_books(_metadata, self, 0, 0);
}

/* The hypervisor names each of them twice, or thrice: once is enough. */
TEST_F(adopt, W9_page_named_twice_is_freed_once)
{
	struct hv_rootctl_pool done;

	ASSERT_EQ(0, get_and_deposit(self, 5));
	ASSERT_EQ(0, hvt_fault(&self->t,
			       "call=0x49 run=all pages=duplicate:3"));
	ASSERT_EQ(0, withdraw(self, 0, 8, &done));
	EXPECT_EQ(5, done.pages_done);
	expect_books(_metadata, self, 3, 0);
}

TEST_F(adopt, W9_not_unless_it_is_wanted)
{
	struct hv_rootctl_pool done;
	u32 i;

	ASSERT_EQ(0, hvt_put(SWITCH, "N"));
	ASSERT_EQ(0, get_and_deposit(self, 10));
	ASSERT_EQ(0, withdraw(self, 0, 10, &done));
	EXPECT_EQ(0, done.pages_done);
	for (i = 0; i < 10; i++)
		EXPECT_EQ(0, put(self, HV_RAWPAGE_PLAIN, self->pfns[i]));
	expect_books(_metadata, self, 10, 0);
}

/*
 * A page that somebody uses is whose it was, and its owner can put it away;
 * neither is it held, as if it had been withdrawn.
 */
TEST_F(adopt, W9_pages_that_somebody_uses)
{
	static const u32 flags[] = { 0, HV_ROOTCTL_HOLD };
	struct hv_rootctl_pool done;
	u32 kind, i;
	u64 pfn;

	for (kind = HV_RAWPAGE_SHARED; kind < HV_RAWPAGE_KINDS; kind++) {
		for (i = 0; i < ARRAY_SIZE(flags); i++) {
			ASSERT_EQ(0, get(self, kind, &pfn));
			ASSERT_EQ(0, deposit(self, &pfn, 1));
			ASSERT_EQ(0, withdraw(self, flags[i], 1, &done));
			EXPECT_EQ(HV_STATUS_SUCCESS, done.hv_status);
			EXPECT_EQ(0, done.pages_done) TH_LOG("kind %u", kind);
			ASSERT_EQ(0, put(self, kind, pfn));
		}
	}
	expect_books(_metadata, self, 2 * (kind - HV_RAWPAGE_SHARED), 0);
}

TEST_HARNESS_MAIN
