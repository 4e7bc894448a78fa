// SPDX-License-Identifier: GPL-2.0
/*
 * What a locked-down kernel refuses. A kernel stays that way until it is
 * booted again, so this is the last program of all.
 */
#define HVT_DEVICE HVT_DRIVER
#include <sys/mount.h>
#include "hvtest_harness.h"
#include "hvtest_raw.h"

#define SECURITYFS "/sys/kernel/security"

static int lock_down(void)
{
	int fd;
	ssize_t n;

	mount("none", SECURITYFS, "securityfs", 0, NULL);
	fd = open(SECURITYFS "/lockdown", O_WRONLY);
	if (fd < 0)
		return -1;
	n = write(fd, "integrity\n", 10);
	close(fd);
	return n == 10 ? 0 : -1;
}

TEST(no_raw_calls_when_locked_down)
{
	struct hv_rootctl_query q;
	u64 id;
	int fd;

	ASSERT_EQ(0, hvt_raw_allow(1));
	fd = hvt_driver();
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, hvt_raw_own_id(fd, &id));
	if (lock_down())
		SKIP(goto out, "the kernel cannot be locked down");
	EXPECT_EQ(-1, hvt_raw_own_id(fd, &id));
	EXPECT_EQ(EPERM, errno);
	/* All else goes on. */
	EXPECT_EQ(0, hvt_drv_query(fd, &q));
out:
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, hvt_raw_allow(0));
}

TEST_HARNESS_MAIN
