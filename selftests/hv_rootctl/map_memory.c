// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is mapped into a partition: huge pages stay huge, it counts as
 * locked, and it stays as long as the partition may reach it.
 */
#define HVT_DEVICE HVT_DRIVER
#define _GNU_SOURCE
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "hvtest_harness.h"

#define HUGE_PAGE 0x200000ULL
#define SIZE (2 * HUGE_PAGE)
#define HUGE_PAGES_FILE "/proc/sys/vm/nr_hugepages"
#define RIGHTS (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)
/* Page tables of a partition for all this, and more. */
#define POOL 64

FIXTURE(map_memory) {
	int fd;
	u64 id;
};

FIXTURE_SETUP(map_memory)
{
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, POOL,
				  NULL));
}

FIXTURE_TEARDOWN(map_memory)
{
	if (self->fd >= 0)
		EXPECT_EQ(0, close(self->fd));
}

/* KiB of the mapping at @addr that are in huge pages. */
static long long huge_kib(const void *addr)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long from, to;
	long long n = -1;
	char line[256];
	int inside = 0;

	while (f && n < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = (unsigned long)addr >= from &&
				 (unsigned long)addr < to;
		else if (inside && !strncmp(line, "AnonHugePages:", 14))
			n = strtoll(line + 14, NULL, 10);
	}
	if (f)
		fclose(f);
	return n;
}

struct mapped {
	unsigned long long pages, blocks;
};

static struct mapped mapped_of(u64 id)
{
	FILE *f = fopen("/sys/kernel/debug/hv_rootctl/pages", "r");
	struct mapped m = { ~0ULL, ~0ULL }, at;
	unsigned long long partition;
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llu %*u %llu %llu", &partition, &at.pages,
			   &at.blocks) == 3 && partition == id)
			m = at;
	if (f)
		fclose(f);
	return m;
}

static int unmap(struct _test_data_map_memory *self, u64 gpa, u64 length)
{
	struct hv_rootctl_unmap cmd = {
		.size = sizeof(cmd),
		.partition_id = self->id,
		.gpa = gpa,
		.length = length,
	};

	return ioctl(self->fd, HV_ROOTCTL_UNMAP, &cmd) || cmd.hv_status ? -1 : 0;
}

/* Bytes go to the right place on both sides of each huge page's end. */
static int reaches(struct _test_data_map_memory *self, const u8 *memory)
{
	static const u64 at[] = { 0, HUGE_PAGE - 8, HUGE_PAGE + 4090,
				  SIZE - 100 };
	struct hv_rootctl_access done;
	u8 data[100];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		memset(data, 0x31 + i, sizeof(data));
		if (hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA, self->id,
				   at[i], data, sizeof(data), &done) ||
		    done.bytes_done != sizeof(data) ||
		    memcmp(memory + at[i], data, sizeof(data)))
			return -1;
	}
	return 0;
}

TEST_F(map_memory, transparent_huge_pages_stay_huge)
{
	u8 *area, *memory;

	area = mmap(NULL, SIZE + HUGE_PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)area);
	memory = (u8 *)(((uintptr_t)area + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
	madvise(memory, SIZE, MADV_HUGEPAGE);
	memset(memory, 1, SIZE);
	if (huge_kib(memory) < (long long)(SIZE >> 10))
		SKIP(return, "the kernel has given no huge pages");

	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, 0, memory, SIZE, RIGHTS));
	EXPECT_LE(SIZE >> 10, (u64)huge_kib(memory));
	EXPECT_EQ(SIZE / HV_PAGE_SIZE, mapped_of(self->id).pages);
	EXPECT_GE(SIZE / HUGE_PAGE, mapped_of(self->id).blocks);
	EXPECT_EQ(0, reaches(self, memory));
	ASSERT_EQ(0, unmap(self, 0, SIZE));
	EXPECT_LE(SIZE >> 10, (u64)huge_kib(memory));
	EXPECT_EQ(0, mapped_of(self->id).pages);
	EXPECT_EQ(0, mapped_of(self->id).blocks);
	munmap(area, SIZE + HUGE_PAGE);
}

/* A huge page of the pool is back there when the last one lets go, not before. */
TEST_F(map_memory, pool_of_huge_pages)
{
	FILE *f = fopen(HUGE_PAGES_FILE, "w");
	long long free;
	u8 *memory;

	if (!f)
		SKIP(return, "the kernel has no pool of huge pages");
	fprintf(f, "%llu\n", SIZE / HUGE_PAGE);
	fclose(f);
	free = hvt_meminfo("HugePages_Free:");
	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (memory == MAP_FAILED)
		SKIP(return, "%lld huge pages are free", free);

	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, 0, memory, SIZE, RIGHTS));
	EXPECT_GE(SIZE / HUGE_PAGE, mapped_of(self->id).blocks);
	EXPECT_EQ(0, reaches(self, memory));
	ASSERT_EQ(0, munmap(memory, SIZE));
	EXPECT_EQ(free - 2, hvt_meminfo("HugePages_Free:"));
	ASSERT_EQ(0, unmap(self, 0, SIZE));
	EXPECT_EQ(free, hvt_meminfo("HugePages_Free:"));
	f = fopen(HUGE_PAGES_FILE, "w");
	fprintf(f, "0\n");
	fclose(f);
	EXPECT_EQ(0, hvt_meminfo("HugePages_Total:"));
}

/* The program's own view ends, the partition's does not. */
TEST_F(map_memory, stays_when_the_program_unmaps_it)
{
	struct hv_rootctl_access done;
	char back[32];
	u8 *memory, *other;

	memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)memory);
	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, 0, memory, SIZE, RIGHTS));
	memcpy(memory + 5000, "what the partition can read", 28);
	ASSERT_EQ(0, munmap(memory, SIZE));

	/* Had the pages gone back to the kernel, these would be some of them. */
	other = mmap(NULL, 4 * SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)other);
	memset(other, 0xee, 4 * SIZE);
	ASSERT_EQ(0, hvt_drv_access(self->fd, HV_ROOTCTL_READ_GPA, self->id,
				    5000, back, 28, &done));
	EXPECT_EQ(28, done.bytes_done);
	EXPECT_STREQ("what the partition can read", back);
	munmap(other, 4 * SIZE);
}

/*
 * Read-only for the partition, and for the program in a part: what it writes
 * to the rest, where it has never been, is what the partition reads.
 */
TEST_F(map_memory, what_is_written_is_read_behind_memory_that_is_not_writable)
{
	const size_t size = 4 * HV_PAGE_SIZE;
	struct hv_rootctl_access done;
	static const char word[] = "and now a word";
	char back[16];
	u8 *memory;

	memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)memory);
	ASSERT_EQ(0, mprotect(memory + HV_PAGE_SIZE, HV_PAGE_SIZE, PROT_READ));
	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, 0, memory, size,
				 HV_MAP_GPA_READABLE));
	memcpy(memory + size - 100, word, sizeof(word));
	ASSERT_EQ(0, hvt_drv_access(self->fd, HV_ROOTCTL_READ_GPA, self->id,
				    size - 100, back, sizeof(back), &done));
	EXPECT_EQ(sizeof(back), done.bytes_done);
	EXPECT_STREQ(word, back);
	munmap(memory, size);
}

/* Without the right to lock all memory: locked memory of this process. */
static int limited(struct _test_data_map_memory *self, u8 *memory)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	struct rlimit limit = { SIZE, SIZE };
	long long before = hvt_number_in("/proc/self/status", "VmLck:");

	if (setrlimit(RLIMIT_MEMLOCK, &limit) ||
	    syscall(SYS_capget, &header, data))
		return 1;
	data[0].effective &= ~(1U << CAP_IPC_LOCK);
	if (syscall(SYS_capset, &header, data))
		return 2;
	if (!hvt_drv_map(self->fd, self->id, 0, memory, SIZE + HV_PAGE_SIZE,
			 RIGHTS) || errno != ENOMEM)
		return 3;
	if (hvt_drv_map(self->fd, self->id, 0, memory, SIZE, RIGHTS))
		return 4;
	if (hvt_number_in("/proc/self/status", "VmLck:") !=
	    before + (long long)(SIZE >> 10))
		return 5;
	if (!hvt_drv_map(self->fd, self->id, SIZE, memory + SIZE, HV_PAGE_SIZE,
			 RIGHTS) || errno != ENOMEM)
		return 6;
	if (unmap(self, 0, SIZE))
		return 7;
	if (hvt_number_in("/proc/self/status", "VmLck:") != before)
		return 8;
	return hvt_drv_map(self->fd, self->id, SIZE, memory + SIZE, HV_PAGE_SIZE,
			   RIGHTS) ? 9 : 0;
}

TEST_F(map_memory, counts_as_locked_memory)
{
	int status;
	u8 *memory;
	pid_t pid;

	memory = mmap(NULL, 2 * SIZE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)memory);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(limited(self, memory));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN
