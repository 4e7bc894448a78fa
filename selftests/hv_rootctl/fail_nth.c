// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own failures: in every ioctl the first allocation or copy fails,
 * then the second, and so on until none is left to fail. The books agree after
 * each. Needs a kernel with fault injection.
 */
#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_failing.h"
#include "hvtest_misbehave.h"

/* More places to fail than any ioctl has. */
#define MOST 400

#define IOCTL(name, ...) \
	FIXTURE_VARIANT_ADD(misbehave, name) { __VA_ARGS__ }

IOCTL(withdraw, .op = MIS_WITHDRAW, .count = 5);
IOCTL(deposit, .op = MIS_DEPOSIT, .count = 5);
IOCTL(deposit_many, .op = MIS_DEPOSIT, .count = 600);
IOCTL(map, .op = MIS_MAP, .count = MIS_PAGES);
IOCTL(unmap, .op = MIS_UNMAP);
IOCTL(write, .op = MIS_WRITE, .count = 100);
IOCTL(read, .op = MIS_READ, .count = 100);
IOCTL(create, .op = MIS_CREATE);
IOCTL(finalize, .op = MIS_FINALIZE);
IOCTL(delete, .op = MIS_DELETE);
IOCTL(next, .op = MIS_NEXT);
IOCTL(vp_create, .op = MIS_VP_CREATE);
IOCTL(vp_delete, .op = MIS_VP_DELETE);
IOCTL(close, .op = MIS_CLOSE);

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
	mis_run(self, v->op, v->count, r);
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

	if (fd < 0)
		SKIP(return, "no fault injection in this kernel");
	ASSERT_EQ(0, hvt_arm_kernel());
	for (nth = 1; nth < MOST; nth++) {
		failed = run_failing(self, fd, variant, nth, &r);
		/* The last two: it was done, but the answer did not arrive. */
		EXPECT_TRUE(!r.err || r.err == ENOMEM || r.err == EFAULT ||
			    r.err == EEXIST || r.err == ENOENT)
			TH_LOG("failure %u: errno %d", nth, r.err);
		ASSERT_EQ(0, mis_read_books(self, &after));
		EXPECT_EQ(mis_all(before), mis_all(&after));
		EXPECT_EQ(mis_pools(before) - mis_pools(&after),
			  before->query.pages_deposited -
				  after.query.pages_deposited)
			TH_LOG("failure %u", nth);
		EXPECT_EQ(after.query.pages_deposited, after.marks.offline)
			TH_LOG("failure %u", nth);
		EXPECT_EQ(before->query.pages_quarantined,
			  after.query.pages_quarantined);
		EXPECT_EQ(before->query.pages_mapped - after.query.pages_mapped,
			  before->audit.v[HV_DEBUG_MAPPED_PAGES] -
				  after.audit.v[HV_DEBUG_MAPPED_PAGES])
			TH_LOG("failure %u", nth);
		if (!failed || self->fd < 0)
			break;
	}
	EXPECT_GT(MOST, nth);
	/* Something was there to fail, or else this shows nothing. */
	if (variant->op != MIS_CLOSE)
		EXPECT_LT(1, nth);
	close(fd);
}

TEST_HARNESS_MAIN
