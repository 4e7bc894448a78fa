// SPDX-License-Identifier: GPL-2.0
/* Who may open /dev/hv_rootctl: the administrator of the machine, and only. */
#define HVT_DEVICE HVT_DRIVER
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include "hvtest_harness.h"

#define NOBODY 65534

/* Another node of the same device, which anyone may open as far as it goes. */
#define OPEN_NODE "/tmp/hv_rootctl_for_all"

FIXTURE(open_policy) {
	struct stat st;
};

FIXTURE_SETUP(open_policy)
{
	ASSERT_EQ(0, stat(HVT_DRIVER, &self->st));
	unlink(OPEN_NODE);
	ASSERT_EQ(0, mknod(OPEN_NODE, S_IFCHR, self->st.st_rdev));
	ASSERT_EQ(0, chmod(OPEN_NODE, 0666));
}

FIXTURE_TEARDOWN(open_policy)
{
	unlink(OPEN_NODE);
}

static int open_errno(const char *path)
{
	int fd = open(path, O_RDWR);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int drop_capability(unsigned int cap)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &header, data))
		return -1;
	data[cap / 32].effective &= ~(1U << cap % 32);
	data[cap / 32].permitted &= ~(1U << cap % 32);
	return syscall(SYS_capset, &header, data);
}

TEST_F(open_policy, administrator)
{
	EXPECT_EQ(0, open_errno(HVT_DRIVER));
	EXPECT_EQ(0, open_errno(OPEN_NODE));
}

TEST_F(open_policy, mode_of_the_node)
{
	EXPECT_TRUE(S_ISCHR(self->st.st_mode));
	EXPECT_EQ(0600, self->st.st_mode & 07777);
	EXPECT_EQ(0, self->st.st_uid);
}

TEST_F(open_policy, root_without_the_capability)
{
	ASSERT_EQ(0, drop_capability(CAP_SYS_ADMIN));
	EXPECT_EQ(EPERM, open_errno(HVT_DRIVER));
	EXPECT_EQ(EPERM, open_errno(OPEN_NODE));
}

/* In a process of its own: the teardown needs its rights. */
TEST_F(open_policy, other_user)
{
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (setresuid(NOBODY, NOBODY, NOBODY))
			_exit(1);
		if (open_errno(HVT_DRIVER) != EACCES)
			_exit(2);
		_exit(open_errno(OPEN_NODE) == EPERM ? 0 : 3);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

/* All capabilities, but over a user namespace: not over the machine. */
TEST_F(open_policy, user_namespace)
{
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (unshare(CLONE_NEWUSER))
			_exit(errno == EINVAL ? 77 : 1);
		_exit(open_errno(OPEN_NODE) == EPERM ? 0 : 3);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		SKIP(return, "the kernel has no user namespaces");
	EXPECT_EQ(0, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN
