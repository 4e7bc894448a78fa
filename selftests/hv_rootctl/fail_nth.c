// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own failures: in every ioctl the first allocation or copy fails,
 * then the second, and so on until none is left to fail. The books agree after
 * each. And where something is taken apart, all allocations fail. Needs a
 * kernel with fault injection.
 */
#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_failing.h"
#define MIS_NEEDS HVT_FAIL_NTH
#define MIS_OWN_BOOKS
#include "hvtest_misbehave.h"
#include "hvtest_raw.h"

/* More places to fail than any ioctl has. */
#define MOST 400

/* Beyond those that misbehave: with no pages to lose, or in another way. */
enum {
	FAIL_OPEN = 100, /* of the device: another file */
	FAIL_QUERY,
	FAIL_BALANCE,
	FAIL_INITIALIZE, /* of the other partition */
	FAIL_LIST,
	FAIL_PROGRESS,
	FAIL_RAW,
	FAIL_CREATE_DETACHED,
	FAIL_CREATE_RETRY, /* with deposits for the root */
	FAIL_MAP_RETRY, /* with deposits for the partition, into another one */
};

/* Name, ioctl, what is done, how much of it. */
#define SWEEPS(X, sep)                                                  \
	X(withdraw, WITHDRAW, MIS_WITHDRAW, 5) sep                      \
	X(withdraw_held, WITHDRAW, MIS_WITHDRAW_HELD, 5) sep            \
	X(deposit, DEPOSIT, MIS_DEPOSIT, 5) sep                         \
	X(deposit_many, DEPOSIT, MIS_DEPOSIT, 600) sep                  \
	X(deposit_held, DEPOSIT, MIS_DEPOSIT_HELD, 5) sep               \
	X(map, MAP, MIS_MAP, MIS_PAGES) sep                             \
	X(map_retry, MAP, FAIL_MAP_RETRY, MIS_PAGES) sep                \
	X(unmap, UNMAP, MIS_UNMAP, 0) sep                               \
	X(write, WRITE_GPA, MIS_WRITE, 100) sep                         \
	X(read, READ_GPA, MIS_READ, 100) sep                            \
	X(list, ACCESS_LIST, FAIL_LIST, 0) sep                          \
	X(create, PARTITION_CREATE, MIS_CREATE, 0) sep                  \
	X(create_detached, PARTITION_CREATE, FAIL_CREATE_DETACHED, 0) sep\
	X(create_retry, PARTITION_CREATE, FAIL_CREATE_RETRY, 0) sep     \
	X(initialize, PARTITION_INITIALIZE, FAIL_INITIALIZE, 0) sep     \
	X(finalize, PARTITION_FINALIZE, MIS_FINALIZE, 0) sep            \
	X(delete, PARTITION_DELETE, MIS_DELETE, 0) sep                  \
	X(next, PARTITION_NEXT, MIS_NEXT, 0) sep                        \
	X(vp_create, VP_CREATE, MIS_VP_CREATE, 0) sep                   \
	X(vp_delete, VP_DELETE, MIS_VP_DELETE, 0) sep                   \
	X(balance, BALANCE, FAIL_BALANCE, 0) sep                        \
	X(query, QUERY, FAIL_QUERY, 0) sep                              \
	X(progress, PROGRESS, FAIL_PROGRESS, 0) sep                     \
	X(raw, RAW, FAIL_RAW, 0)

#define VARIANT(_name, _request, _op, _count)             \
	FIXTURE_VARIANT_ADD(misbehave, _name) {           \
		.op = (enum mis_op)(_op), .count = _count \
	}
#define IS_SWEPT(_name, _request, _op, _count) \
	(known[_IOC_NR(HV_ROOTCTL_##_request)] = true)

SWEEPS(VARIANT, ;);
VARIANT(open, 0, FAIL_OPEN, 0);
VARIANT(close, 0, MIS_CLOSE, 0);

static int create(struct _test_data_misbehave *self, u32 flags, u32 deposit)
{
	struct hv_rootctl_partition_create cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.retry.deposit_limit = deposit,
	};

	return ioctl(self->fd, HV_ROOTCTL_PARTITION_CREATE, &cmd);
}

/* The other partition has nothing in its pool: all has to be deposited. */
static int map_retry(struct _test_data_misbehave *self, u64 count)
{
	struct hv_rootctl_map cmd = {
		.size = sizeof(cmd),
		.partition_id = self->other,
		.user_addr = (uintptr_t)self->mem + MIS_PAGES * HV_PAGE_SIZE,
		.length = count * HV_PAGE_SIZE,
		.map_flags = HV_MAP_GPA_READABLE,
		.retry.deposit_limit = 100,
	};

	return ioctl(self->fd, HV_ROOTCTL_MAP, &cmd);
}

static int access_list(struct _test_data_misbehave *self)
{
	static u8 data[2][200];
	struct hv_rootctl_access_entry entries[] = {
		{ 0, sizeof(data[0]), (uintptr_t)data[0] },
		{ HV_PAGE_SIZE, sizeof(data[1]), (uintptr_t)data[1] },
	};
	struct hv_rootctl_access_list cmd = {
		.size = sizeof(cmd),
		.partition_id = self->id,
		.entries = (uintptr_t)entries,
		.entry_count = ARRAY_SIZE(entries),
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};

	return ioctl(self->fd, HV_ROOTCTL_ACCESS_LIST, &cmd);
}

static int run_other(struct _test_data_misbehave *self, int op, u64 count)
{
	struct hv_rootctl_balance balance = { .size = sizeof(balance),
					      .partition_id = self->id };
	struct hv_rootctl_progress progress = { .size = sizeof(progress) };
	struct hv_rootctl_query query;
	u32 status;
	u64 id;
	int fd;

	switch (op) {
	case FAIL_OPEN:
		fd = hvt_driver();
		return fd < 0 ? -1 : close(fd);
	case FAIL_QUERY:
		return hvt_drv_query(self->fd, &query);
	case FAIL_BALANCE:
		return ioctl(self->fd, HV_ROOTCTL_BALANCE, &balance);
	case FAIL_INITIALIZE:
		return hvt_drv_partition(self->fd,
					 HV_ROOTCTL_PARTITION_INITIALIZE,
					 self->other, &status);
	case FAIL_LIST:
		return access_list(self);
	case FAIL_PROGRESS:
		return ioctl(self->fd, HV_ROOTCTL_PROGRESS, &progress);
	case FAIL_RAW:
		return hvt_raw_own_id(self->fd, &id);
	case FAIL_CREATE_DETACHED:
		return create(self, HV_ROOTCTL_DETACHED, 0);
	case FAIL_CREATE_RETRY:
		return create(self, 0, 100);
	case FAIL_MAP_RETRY:
		return map_retry(self, count);
	}
	errno = EINVAL;
	return -1;
}

/* What is there before anything fails. */
static int prepare(struct _test_data_misbehave *self, int op)
{
	u32 status;

	switch (op) {
	case FAIL_INITIALIZE:
		return hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->other,
				    HVT_CHILD_POOL, NULL);
	case FAIL_MAP_RETRY:
		return hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->other,
				    1, NULL) ||
		       hvt_drv_partition(self->fd,
					 HV_ROOTCTL_PARTITION_INITIALIZE,
					 self->other, &status);
	case FAIL_RAW:
		return hvt_raw_allow(1);
	}
	return 0;
}

/* Without waiting for calm: the marks of deposited pages do not come and go. */
static int read_books(struct _test_data_misbehave *self, struct mis_books *b)
{
	return hvt_audit(&self->t, &b->audit) ||
	       hvt_drv_query(self->watch, &b->query) ||
	       hvt_scan_once(&b->marks);
}

/* Pages that count as locked memory of this program. */
static u64 locked_pages(void)
{
	return hvt_number_in("/proc/self/status", "VmLck:") * 1024 /
	       HV_PAGE_SIZE;
}

/* Run the ioctl, and let its nth chance to fail be one that fails. */
static bool run_failing(struct _test_data_misbehave *self, int fd,
			const struct _fixture_variant_misbehave *v,
			unsigned int nth, struct mis_result *r)
{
	char text[16];
	ssize_t n;

	snprintf(text, sizeof(text), "%u", nth);
	if (pwrite(fd, text, strlen(text), 0) < 0)
		return false;
	if ((int)v->op < FAIL_OPEN)
		mis_run(self, v->op, v->count, r);
	else
		r->err = mis_errno(run_other(self, v->op, v->count));
	n = pread(fd, text, sizeof(text) - 1, 0);
	if (pwrite(fd, "0", 1, 0) < 0 || n <= 0)
		return false;
	text[n] = 0;
	return !atoi(text);
}

TEST_F(misbehave, every_failure_of_the_kernel)
{
	const struct mis_books *before = &self->before;
	int fd = open(HVT_FAIL_NTH, O_RDWR);
	struct mis_books after;
	struct mis_result r;
	unsigned int nth;
	bool failed;
	u64 locked;

	if (fd < 0)
		SKIP(return, "no fault injection in this kernel");
	ASSERT_EQ(0, hvt_arm_kernel());
	ASSERT_EQ(0, prepare(self, variant->op));
	ASSERT_EQ(0, read_books(self, &self->before));
	locked = locked_pages();
	for (nth = 1; nth < MOST; nth++) {
		failed = run_failing(self, fd, variant, nth, &r);
		/* The last two: it was done, but the answer did not arrive. */
		EXPECT_TRUE(!r.err || r.err == ENOMEM || r.err == EFAULT ||
			    r.err == EEXIST || r.err == ENOENT)
			TH_LOG("failure %u: errno %d", nth, r.err);
		ASSERT_EQ(0, read_books(self, &after));
		EXPECT_EQ(mis_all(before), mis_all(&after));
		EXPECT_EQ(mis_pools(before) - mis_pools(&after),
			  before->query.pages_deposited -
				  after.query.pages_deposited)
			TH_LOG("failure %u", nth);
		EXPECT_EQ(after.query.pages_deposited, after.marks.offline)
			TH_LOG("failure %u", nth);
		EXPECT_EQ(mis_held(variant->op,
				   before->query.pages_deposited -
					   after.query.pages_deposited),
			  (s64)(after.query.pages_held -
				before->query.pages_held))
			TH_LOG("failure %u", nth);
		EXPECT_EQ(before->query.pages_quarantined,
			  after.query.pages_quarantined);
		EXPECT_EQ(before->query.pages_mapped - after.query.pages_mapped,
			  before->audit.v[HV_DEBUG_MAPPED_PAGES] -
				  after.audit.v[HV_DEBUG_MAPPED_PAGES])
			TH_LOG("failure %u", nth);
		EXPECT_EQ(before->query.pages_mapped - after.query.pages_mapped,
			  locked - locked_pages())
			TH_LOG("failure %u", nth);
		if (!failed || self->fd < 0)
			break;
	}
	EXPECT_GT(MOST, nth);
	/* Something was there to fail, or else this shows nothing. */
	if (variant->op != MIS_CLOSE)
		EXPECT_LT(1, nth);
	close(fd);
	if ((int)variant->op == FAIL_RAW)
		EXPECT_EQ(0, hvt_raw_allow(0));
}

/* More than any structure has in one piece; each of a page, and one between. */
#define MANY 64
#define MANY_GPA(i) ((i) * 2 * HV_PAGE_SIZE)

FIXTURE(many_mappings)
{
	struct hvt t;
	int fail; /* HVT_MAKE_IT_FAIL */
	int fd; /* has the partition */
	int watch;
	u64 id;
	u64 locked;
	struct hvt_audit audit;
	struct hv_rootctl_query query;
};

FIXTURE_VARIANT(many_mappings)
{
	unsigned long request; /* by which they end; 0: the file is closed */
};

FIXTURE_VARIANT_ADD(many_mappings, unmap)
{
	.request = HV_ROOTCTL_UNMAP
};

FIXTURE_VARIANT_ADD(many_mappings, finalize)
{
	.request = HV_ROOTCTL_PARTITION_FINALIZE
};

FIXTURE_VARIANT_ADD(many_mappings, close)
{
	.request = 0
};

FIXTURE_SETUP(many_mappings)
{
	u8 *mem;
	u64 i;

	self->fail = open(HVT_MAKE_IT_FAIL, O_RDWR | O_CLOEXEC);
	if (self->fail < 0)
		return; /* the test says so */
	ASSERT_EQ(0, hvt_arm_kernel());
	ASSERT_EQ(0, hvt_open(&self->t));
	self->watch = hvt_driver();
	self->fd = hvt_driver();
	ASSERT_LE(0, self->watch);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	ASSERT_EQ(0, hvt_audit(&self->t, &self->audit));
	ASSERT_EQ(0, hvt_drv_query(self->watch, &self->query));
	self->locked = locked_pages();
	mem = mmap(NULL, MANY * HV_PAGE_SIZE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, mem);
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, MANY_GPA(i),
					 mem + i * HV_PAGE_SIZE, HV_PAGE_SIZE,
					 HV_MAP_GPA_READABLE));
}

FIXTURE_TEARDOWN(many_mappings)
{
	if (self->fail < 0)
		return; /* there is nothing */
	if (self->fd >= 0)
		EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, close(self->watch));
	EXPECT_EQ(0, hvt_close(&self->t));
	EXPECT_EQ(0, close(self->fail));
}

/* Every third one, three times. */
static int unmap_many(struct _test_data_many_mappings *self)
{
	struct hv_rootctl_unmap cmd = {
		.size = sizeof(cmd),
		.partition_id = self->id,
		.length = HV_PAGE_SIZE,
	};
	u64 first, i;

	for (first = 0; first < 3; first++) {
		for (i = first; i < MANY; i += 3) {
			cmd.gpa = MANY_GPA(i);
			if (ioctl(self->fd, HV_ROOTCTL_UNMAP, &cmd) ||
			    cmd.hv_status)
				return -1;
		}
	}
	return 0;
}

static int end_many(struct _test_data_many_mappings *self,
		    unsigned long request)
{
	u32 status;
	int fd = self->fd;

	if (request == HV_ROOTCTL_UNMAP)
		return unmap_many(self);
	if (request)
		return hvt_drv_partition(fd, request, self->id, &status) ||
		       status;
	self->fd = -1;
	return close(fd);
}

/* No failure on the way out, because there is nothing that could fail. */
TEST_F(many_mappings, end_without_any_memory)
{
	struct hv_rootctl_query query;
	struct hvt_audit audit;
	int ret;

	if (self->fail < 0)
		SKIP(return, "no fault injection in this kernel");
	ASSERT_EQ(0, hvt_fail_all(self->fail, true));
	ret = end_many(self, variant->request);
	ASSERT_EQ(0, hvt_fail_all(self->fail, false));
	EXPECT_EQ(0, ret);
	ASSERT_EQ(0, hvt_audit(&self->t, &audit));
	EXPECT_EQ(self->audit.v[HV_DEBUG_MAPPED_PAGES],
		  audit.v[HV_DEBUG_MAPPED_PAGES]);
	ASSERT_EQ(0, hvt_drv_query(self->watch, &query));
	EXPECT_EQ(self->query.pages_mapped, query.pages_mapped);
	EXPECT_EQ(self->locked, locked_pages());
}

/* An ioctl that is added is swept, too. */
TEST(every_ioctl_is_swept)
{
	bool known[256] = { false };
	unsigned int nr;
	int fd = hvt_driver();

	ASSERT_LE(0, fd);
	SWEEPS(IS_SWEPT, ;);
	for (nr = 0; nr < ARRAY_SIZE(known); nr++) {
		EXPECT_EQ(known[nr], hvt_drv_knows(fd, nr))
			TH_LOG("ioctl %#x", nr);
	}
	close(fd);
}

TEST_HARNESS_MAIN
