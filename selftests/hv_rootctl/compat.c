// SPDX-License-Identifier: GPL-2.0
/* A program of 32 bits makes the same ioctls, with the same structures. */
#define HVT_DEVICE HVT_DRIVER
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/wait.h>
#include "hvtest_harness.h"
#include "hvtest_layout.h"
#include "hvtest_compat32.h"

/* hvtest_compat32.c, built for 32 bits. */
asm(".pushsection .rodata; compat32: .incbin \"" COMPAT32 "\"; compat32_end: .popsection");

TEST(same_ioctls_from_32_bits)
{
	char *const argv[] = { "compat32", NULL };
	size_t size = compat32_end - compat32;
	int fd, status;
	pid_t pid;

	fd = memfd_create("compat32", MFD_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ((ssize_t)size, write(fd, compat32, size));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		fexecve(fd, argv, argv + 1);
		_exit(errno == ENOEXEC ? 77 : 1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	close(fd);
	ASSERT_TRUE(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		SKIP(return, "the kernel runs no programs of 32 bits");
	EXPECT_EQ(0, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN
