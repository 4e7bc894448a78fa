/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One misbehaviour of the hypervisor after the other, by the fault script, and
 * the books after each: the hypervisor's audit of all frames, the driver's
 * counters, and the kernel's own marks on its pages have to agree, exactly.
 *
 * A program that includes this defines its misbehaviours as variants of the
 * fixture, and runs them by misbehave(). It may define MIS_NEEDS, a file
 * without which there is nothing to be done.
 */
#ifndef HVTEST_MISBEHAVE_H
#define HVTEST_MISBEHAVE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "hvtest_harness.h"
#include "hvtest_pages.h"

#define MIS_POOL 1000 /* pages deposited before, besides those of the child */
#define MIS_PAGES 40 /* mapped before, from GPA 0 on */
#define MIS_HELD 200 /* held by the file before, where it is to deposit them */
#define MIS_LINES 3

enum mis_op {
	MIS_WITHDRAW, /* .count pages */
	MIS_DEPOSIT,
	MIS_WITHDRAW_HELD, /* with HV_ROOTCTL_HOLD */
	MIS_DEPOSIT_HELD,
	MIS_MAP, /* .count pages at another GPA */
	MIS_UNMAP, /* the MIS_PAGES */
	MIS_WRITE, /* .count bytes */
	MIS_READ,
	MIS_CREATE, /* with the flags .count */
	MIS_FINALIZE,
	MIS_DELETE, /* of another partition, with nothing in it */
	MIS_NEXT,
	MIS_VP_CREATE, /* VP 1, with .count pages if need be */
	MIS_VP_DELETE, /* VP 0 */
	MIS_CLOSE, /* of the file that owns all this */
	MIS_CLOSE_VP, /* of another one, which has made VP 1 */
};

/*
 * The ioctl, what it says, and what has changed after it.
 *
 * @fault: of the script; %llu in it is the partition's id
 * @err: errno, 0: the ioctl succeeds
 * @done: pages, the bytes of a read or write, an id, VPs that are still there
 * @calls: hypercalls; 0: the ioctl does not say
 * @gone: pages out of pools and the kernel's again, or held; negative: the
 *	other way
 * @doubt: of these, pages that the driver leaves to the pool because the
 *	hypervisor may have taken them, which it has not
 * @some: pages have gone, no matter how many, as long as the books agree
 * @mapped: pages pinned
 * @astray: pages that the partition can reach, beyond those; negative: it
 *	cannot reach so many of those
 */
FIXTURE_VARIANT(misbehave)
{
	enum mis_op op;
	u64 count;
	const char *fault[MIS_LINES];
	int err;
	u32 status;
	u32 access;
	u64 done;
	u64 calls;
	s64 gone;
	u64 doubt;
	bool some;
	u64 quarantined;
	s64 mapped;
	s64 astray;
	s64 partitions;
};

struct mis_books {
	struct hvt_audit audit;
	struct hv_rootctl_query query;
	struct hvt_marks marks;
};

FIXTURE(misbehave)
{
	struct hvt t;
	int fd; /* has the partition */
	int watch; /* asks */
	u64 id;
	u64 other;
	u8 *mem; /* MIS_PAGES, and as many for another mapping */
	struct hvt_audit nothing; /* before there was a partition */
	u64 deposited;
	struct mis_books before;
};

static inline int mis_read_books(struct _test_data_misbehave *self,
				 struct mis_books *b)
{
	return hvt_audit(&self->t, &b->audit) ||
	       hvt_drv_query(self->watch, &b->query) || hvt_scan(&b->marks);
}

/* The books when nothing moves but what the test does. */
static inline int mis_read_calm_books(struct _test_data_misbehave *self,
				      struct mis_books *b)
{
	struct mis_books last;
	time_t patience = hvt_patience();

	/* What reading them takes the first time, it has the second time. */
	if (mis_read_books(self, b))
		return -1;
	do {
		usleep(HVT_PAUSE);
		last = *b;
		if (mis_read_books(self, b))
			return -1;
	} while (!hvt_is_noise(b->marks.unmarked - last.marks.unmarked) &&
		 !hvt_is_over(patience));
	return 0;
}

/* --- the ioctl -------------------------------------------------------------- */

struct mis_result {
	int err;
	u32 status;
	u64 done;
	u64 calls;
	u32 access;
};

static inline int mis_errno(int ret)
{
	return ret ? errno : 0;
}

static inline void mis_pool(struct _test_data_misbehave *self, u64 count,
			    unsigned long request, u32 flags,
			    struct mis_result *r)
{
	struct hv_rootctl_pool cmd = { .size = sizeof(cmd),
				       .flags = flags,
				       .partition_id = self->id,
				       .page_count = count };

	r->err = mis_errno(ioctl(self->fd, request, &cmd));
	r->status = cmd.hv_status;
	r->done = cmd.pages_done;
	r->calls = cmd.hypercalls;
}

static inline void mis_map(struct _test_data_misbehave *self, u64 count,
			   struct mis_result *r)
{
	struct hv_rootctl_map cmd = {
		.size = sizeof(cmd),
		.partition_id = self->id,
		.gpa = 0x100000,
		.user_addr = (uintptr_t)self->mem + MIS_PAGES * HV_PAGE_SIZE,
		.length = count * HV_PAGE_SIZE,
		.map_flags = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE,
	};

	r->err = mis_errno(ioctl(self->fd, HV_ROOTCTL_MAP, &cmd));
	r->status = cmd.hv_status;
	r->done = cmd.bytes_done / HV_PAGE_SIZE;
}

static inline void mis_unmap(struct _test_data_misbehave *self,
			     struct mis_result *r)
{
	struct hv_rootctl_unmap cmd = {
		.size = sizeof(cmd),
		.partition_id = self->id,
		.length = MIS_PAGES * HV_PAGE_SIZE,
	};

	r->err = mis_errno(ioctl(self->fd, HV_ROOTCTL_UNMAP, &cmd));
	r->status = cmd.hv_status;
	r->done = cmd.bytes_done / HV_PAGE_SIZE;
}

static inline void mis_access(struct _test_data_misbehave *self, u64 count,
			      unsigned long request, struct mis_result *r)
{
	struct hv_rootctl_access cmd;
	static u8 data[HV_PAGE_SIZE];

	r->err = mis_errno(hvt_drv_access(self->fd, request, self->id, 0, data,
					  count, &cmd));
	r->status = cmd.hv_status;
	r->done = cmd.bytes_done;
	r->access = cmd.access_result;
}

static inline void mis_create(struct _test_data_misbehave *self, u32 flags,
			      struct mis_result *r)
{
	struct hv_rootctl_partition_create cmd = { .size = sizeof(cmd),
						   .flags = flags };

	r->err = mis_errno(ioctl(self->fd, HV_ROOTCTL_PARTITION_CREATE, &cmd));
	r->status = cmd.hv_status;
}

static inline void mis_next(struct _test_data_misbehave *self,
			    struct mis_result *r)
{
	struct hv_rootctl_partition_next cmd = { .size = sizeof(cmd),
						 .parent_id = HV_ROOTCTL_SELF };

	r->err = mis_errno(ioctl(self->fd, HV_ROOTCTL_PARTITION_NEXT, &cmd));
	r->status = cmd.hv_status;
	r->done = cmd.next_id;
}

static inline void mis_partition(struct _test_data_misbehave *self,
				 unsigned long request, u64 id,
				 struct mis_result *r)
{
	r->err =
		mis_errno(hvt_drv_partition(self->fd, request, id, &r->status));
}

static inline void mis_vp(struct _test_data_misbehave *self,
			  unsigned long request, u32 index, u32 limit,
			  struct mis_result *r)
{
	struct hv_rootctl_vp cmd = { .size = sizeof(cmd),
				     .partition_id = self->id,
				     .vp_index = index,
				     .retry.deposit_limit = limit };

	r->err = mis_errno(ioctl(self->fd, request, &cmd));
	r->status = cmd.hv_status;
	r->done = cmd.retry.pages_deposited;
}

/* It took pages of the pool, and gives them back when it is deleted. */
static inline void mis_close_vp(struct _test_data_misbehave *self,
				struct mis_result *r)
{
	u64 available, before = 0, in_use = 0;
	int fd = hvt_driver();

	r->err = mis_errno(hvt_drv_balance(self->fd, self->id, &available,
					   &before) ||
			   hvt_drv_vp(fd, HV_ROOTCTL_VP_CREATE, self->id, 1,
				      &r->status) ||
			   close(fd) ||
			   hvt_drv_balance(self->fd, self->id, &available,
					   &in_use));
	r->done = in_use != before;
}

static inline void mis_run(struct _test_data_misbehave *self, enum mis_op op,
			   u64 count, struct mis_result *r)
{
	memset(r, 0, sizeof(*r));
	switch (op) {
	case MIS_WITHDRAW:
		return mis_pool(self, count, HV_ROOTCTL_WITHDRAW, 0, r);
	case MIS_DEPOSIT:
		return mis_pool(self, count, HV_ROOTCTL_DEPOSIT, 0, r);
	case MIS_WITHDRAW_HELD:
		return mis_pool(self, count, HV_ROOTCTL_WITHDRAW,
				HV_ROOTCTL_HOLD, r);
	case MIS_DEPOSIT_HELD:
		return mis_pool(self, count, HV_ROOTCTL_DEPOSIT,
				HV_ROOTCTL_HOLD, r);
	case MIS_MAP:
		return mis_map(self, count, r);
	case MIS_UNMAP:
		return mis_unmap(self, r);
	case MIS_WRITE:
		return mis_access(self, count, HV_ROOTCTL_WRITE_GPA, r);
	case MIS_READ:
		return mis_access(self, count, HV_ROOTCTL_READ_GPA, r);
	case MIS_CREATE:
		return mis_create(self, count, r);
	case MIS_FINALIZE:
		return mis_partition(self, HV_ROOTCTL_PARTITION_FINALIZE,
				     self->id, r);
	case MIS_DELETE:
		return mis_partition(self, HV_ROOTCTL_PARTITION_DELETE,
				     self->other, r);
	case MIS_NEXT:
		return mis_next(self, r);
	case MIS_VP_CREATE:
		return mis_vp(self, HV_ROOTCTL_VP_CREATE, 1, count, r);
	case MIS_VP_DELETE:
		return mis_vp(self, HV_ROOTCTL_VP_DELETE, 0, 0, r);
	case MIS_CLOSE:
		close(self->fd);
		self->fd = -1;
		return;
	case MIS_CLOSE_VP:
		return mis_close_vp(self, r);
	}
}

/* --- before, after ---------------------------------------------------------- */

FIXTURE_SETUP(misbehave)
{
	struct hv_rootctl_query q;
	struct mis_result held;

#ifdef MIS_NEEDS
	if (access(MIS_NEEDS, F_OK))
		SKIP(return, "no " MIS_NEEDS);
#endif
	ASSERT_EQ(0, hvt_open(&self->t));
	self->watch = hvt_driver();
	self->fd = hvt_driver();
	ASSERT_LE(0, self->watch);
	ASSERT_LE(0, self->fd);
	/* What the root needs for two partitions stays with it from here on. */
	ASSERT_EQ(0, hvt_drv_pool(self->watch, HV_ROOTCTL_DEPOSIT,
				  HV_ROOTCTL_SELF, 4, NULL));
	ASSERT_EQ(0, hvt_audit(&self->t, &self->nothing));
	ASSERT_EQ(0, hvt_drv_query(self->watch, &q));
	self->deposited = q.pages_deposited;

	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	ASSERT_EQ(0, hvt_drv_create(self->fd, 0, &self->other));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id,
				  MIS_POOL, NULL));
	if (variant->op == MIS_DEPOSIT_HELD) {
		mis_run(self, MIS_WITHDRAW_HELD, MIS_HELD, &held);
		ASSERT_EQ(MIS_HELD, held.done);
	}
	self->mem = mmap(NULL, 2 * MIS_PAGES * HV_PAGE_SIZE,
			 PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, 0, self->mem,
				 MIS_PAGES * HV_PAGE_SIZE,
				 HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE));
	/* Slow: a program that reads the books itself need not wait for it. */
#ifndef MIS_OWN_BOOKS
	ASSERT_EQ(0, mis_read_calm_books(self, &self->before));
	ASSERT_EQ(self->before.marks.offline,
		  self->before.query.pages_deposited);
#endif
}

/* A partition that the driver knows nothing of, or nothing any more. */
static inline void mis_remove_rest(struct _test_data_misbehave *self)
{
	struct hv_rootctl_pool done;
	u64 id;

	while (!hvt_next_child(&self->t, HV_PARTITION_ID_SELF, 0, &id) && id) {
		hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION, id);
		hvt_drv_pool(self->watch, HV_ROOTCTL_WITHDRAW, id, 10000,
			     &done);
		if (hvt_partition(&self->t, HVCALL_DELETE_PARTITION, id))
			break;
	}
}

/* When it behaves again, all is as if nothing had been. */
FIXTURE_TEARDOWN(misbehave)
{
	struct hvt_audit audit;
	struct hv_rootctl_query q;

	if (!self->mem)
		return; /* there is nothing */
	EXPECT_EQ(0, hvt_debug(&self->t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL));
	if (self->fd >= 0)
		EXPECT_EQ(0, close(self->fd));
	/* Left-overs are seen to whenever a file is closed. */
	self->fd = hvt_driver();
	EXPECT_EQ(0, close(self->fd));
	mis_remove_rest(self);
	EXPECT_EQ(0, hvt_audit(&self->t, &audit));
	EXPECT_TRUE(hvt_audit_equal(&self->nothing, &audit));
	EXPECT_EQ(0, hvt_drv_query(self->watch, &q));
	EXPECT_EQ(self->deposited, q.pages_deposited);
	EXPECT_EQ(0, q.pages_mapped);
	EXPECT_EQ(0, hvt_drv_pool(self->watch, HV_ROOTCTL_WITHDRAW,
				  HV_ROOTCTL_SELF, 4, NULL));
	EXPECT_EQ(0, close(self->watch));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static inline u64 mis_pools(const struct mis_books *b)
{
	return b->audit.v[HV_DEBUG_POOL_PAGES] +
	       b->audit.v[HV_DEBUG_USED_PAGES];
}

static inline u64 mis_all(const struct mis_books *b)
{
	return mis_pools(b) + b->audit.v[HV_DEBUG_ROOT_PAGES] +
	       b->audit.v[HV_DEBUG_HYPERVISOR_PAGES];
}

/*
 * Pages that the driver leaves to the pool, and that are not there: put them
 * there, and it can withdraw them again. Returns how many there were.
 */
static inline u64 mis_settle(struct _test_data_misbehave *self)
{
	int f = open("/proc/kpageflags", O_RDONLY);
	static u64 flags[4096];
	u64 pfn, count = 0;
	ssize_t n, i;

	for (pfn = 0; (n = read(f, flags, sizeof(flags))) > 0;)
		for (i = 0; i < n / (ssize_t)sizeof(u64); i++, pfn++)
			if (flags[i] & HVT_KPF_OFFLINE)
				count +=
					hvt_deposit(&self->t, self->id, &pfn, 1)
						.reps;
	close(f);
	return count;
}

/* How many pages that came out of pools, or went there, the file holds. */
static inline s64 mis_held(enum mis_op op, s64 gone)
{
	return op == MIS_WITHDRAW_HELD || op == MIS_DEPOSIT_HELD ? gone : 0;
}

/* Pages that nobody accounts for: those that a file holds bear no mark. */
static inline s64 mis_lost(const struct mis_books *before,
			   const struct mis_books *after)
{
	return hvt_more(&before->marks, &after->marks) -
	       (s64)(after->query.pages_held - before->query.pages_held);
}

static inline void misbehave(struct __test_metadata *_metadata,
			     struct _test_data_misbehave *self,
			     const struct _fixture_variant_misbehave *v)
{
	const struct mis_books *before = &self->before;
	s64 gone = v->gone;
	struct mis_books after;
	struct mis_result r;
	char line[128];
	time_t patience;
	int i;

	for (i = 0; i < MIS_LINES && v->fault[i]; i++) {
		snprintf(line, sizeof(line), v->fault[i], self->id);
		ASSERT_EQ(0, hvt_fault(&self->t, line));
	}
	mis_run(self, v->op, v->count, &r);
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL));

	EXPECT_EQ(v->err, r.err);
	EXPECT_EQ(v->status, r.status);
	EXPECT_EQ(v->done, r.done);
	EXPECT_EQ(v->access, r.access);
	if (v->calls)
		EXPECT_EQ(v->calls, r.calls);

	patience = hvt_patience();
	ASSERT_EQ(0, mis_read_books(self, &after));
	while (hvt_is_loss(mis_lost(before, &after)) &&
	       !hvt_is_over(patience)) {
		usleep(HVT_PAUSE);
		ASSERT_EQ(0, mis_read_books(self, &after));
	}
	EXPECT_EQ(mis_all(before), mis_all(&after));
	if (v->some) {
		gone = mis_pools(before) - mis_pools(&after);
		EXPECT_LT(0, gone);
	}
	EXPECT_EQ(mis_pools(before) - gone - v->doubt, mis_pools(&after));
	EXPECT_EQ(before->query.pages_deposited - gone,
		  after.query.pages_deposited);
	EXPECT_EQ(after.query.pages_deposited, after.marks.offline);
	if (!v->some)
		EXPECT_EQ(before->query.pages_quarantined + v->quarantined,
			  after.query.pages_quarantined);
	EXPECT_EQ(before->query.pages_held + mis_held(v->op, gone),
		  after.query.pages_held);
	EXPECT_FALSE(hvt_is_loss(mis_lost(before, &after)))
		TH_LOG("%lld pages", mis_lost(before, &after));
	EXPECT_EQ(before->query.pages_mapped + v->mapped,
		  after.query.pages_mapped);
	EXPECT_EQ(before->audit.v[HV_DEBUG_MAPPED_PAGES] + v->mapped +
			  v->astray,
		  after.audit.v[HV_DEBUG_MAPPED_PAGES]);
	EXPECT_EQ(before->audit.v[HV_DEBUG_PARTITIONS] + v->partitions,
		  after.audit.v[HV_DEBUG_PARTITIONS]);
	if (v->doubt)
		EXPECT_EQ(v->doubt, mis_settle(self));
}

#endif
