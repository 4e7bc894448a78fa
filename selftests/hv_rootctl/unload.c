// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading the driver: not while it is in use, not while the
 * hypervisor has pages whose owner only the driver knows.
 */
#define HVT_DEVICE HVT_DRIVER
#include <fcntl.h>
#include <sys/syscall.h>
#include "hvtest_harness.h"

#define MODULE "hv_rootctl"
#define MODULE_FILE "/modules/" MODULE ".ko"

static int unload(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? errno : 0;
}

static int load(void)
{
	int fd, ret;

	fd = open(MODULE_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	ret = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	return ret;
}

/* Take back what earlier programs left with the root itself. */
static int empty_own_pool(int fd)
{
	struct hv_rootctl_query q;
	struct hv_rootctl_pool done;

	if (hvt_drv_query(fd, &q))
		return -1;
	if (q.pages_deposited &&
	    hvt_drv_pool(fd, HV_ROOTCTL_WITHDRAW, HV_ROOTCTL_SELF,
			 q.pages_deposited, &done))
		return -1;
	return hvt_drv_query(fd, &q) || q.pages_deposited ? -1 : 0;
}

FIXTURE(unload) {
	int fd;
};

FIXTURE_SETUP(unload)
{
	ASSERT_EQ(0, access(MODULE_FILE, R_OK));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, empty_own_pool(self->fd));
}

FIXTURE_TEARDOWN(unload)
{
	/* The next program finds it loaded. */
	if (access(HVT_DRIVER, F_OK))
		EXPECT_EQ(0, load());
}

TEST_F(unload, refused_while_a_file_is_open)
{
	EXPECT_EQ(EAGAIN, unload());
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, unload());
}

TEST_F(unload, refused_while_pages_are_deposited)
{
	u32 status;
	u64 id;

	ASSERT_EQ(0, hvt_drv_create(self->fd, HV_ROOTCTL_DETACHED, &id));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, id, 3, NULL));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(EAGAIN, unload());
	ASSERT_EQ(0, access(HVT_DRIVER, F_OK));

	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, id, 3, NULL));
	ASSERT_EQ(0, hvt_drv_partition(self->fd, HV_ROOTCTL_PARTITION_DELETE,
				       id, &status));
	ASSERT_EQ(HV_STATUS_SUCCESS, status);
	ASSERT_EQ(0, empty_own_pool(self->fd));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(0, unload());
	EXPECT_NE(0, access(HVT_DRIVER, F_OK));
}

TEST_F(unload, again_and_again)
{
	unsigned int i;

	ASSERT_EQ(0, close(self->fd));
	for (i = 0; i < 10; i++) {
		u64 id;
		int fd;

		ASSERT_EQ(0, unload());
		ASSERT_EQ(0, load());
		fd = hvt_driver();
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, hvt_drv_child(fd, &id));
		ASSERT_EQ(0, close(fd));
		/* With it went the use of what the root had deposited. */
		fd = hvt_driver();
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, empty_own_pool(fd));
		ASSERT_EQ(0, close(fd));
	}
}

/* The module that is loaded already is not loaded twice. */
TEST_F(unload, twice)
{
	EXPECT_EQ(EEXIST, load());
	ASSERT_EQ(0, close(self->fd));
}

TEST_HARNESS_MAIN
