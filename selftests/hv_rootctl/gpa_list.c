// SPDX-License-Identifier: GPL-2.0
/*
 * Scattered accesses in one ioctl, and how far a long one has come as others
 * see it. G15.
 */
#define HVT_DEVICE HVT_RAWCALL
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include "hvtest_harness.h"

#define GUEST_PAGES 16ULL
#define GUEST_SIZE (GUEST_PAGES * HV_PAGE_SIZE)
/* Of them, the last page is not mapped. */
#define MAPPED (GUEST_SIZE - HV_PAGE_SIZE)

FIXTURE(gpa_list) {
	struct hvt t;
	int fd;
	u64 id;
	u8 *guest;
	u8 *data;
	struct hv_rootctl_access_entry entries[128];
	struct hv_rootctl_access_list list;
};

FIXTURE_SETUP(gpa_list)
{
	unsigned int i;

	ASSERT_EQ(0, hvt_open(&self->t));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	self->guest = mmap(NULL, 2 * GUEST_SIZE, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->guest);
	self->data = self->guest + GUEST_SIZE;
	for (i = 0; i < GUEST_SIZE; i++)
		self->data[i] = i * 13 + (i >> 8);
	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, 0, self->guest, MAPPED,
				 HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE));
	self->list = (struct hv_rootctl_access_list){
		.size = sizeof(self->list),
		.flags = HV_ROOTCTL_LIST_WRITE,
		.partition_id = self->id,
		.entries = (uintptr_t)self->entries,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
}

FIXTURE_TEARDOWN(gpa_list)
{
	EXPECT_EQ(0, hvt_debug(&self->t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL));
	EXPECT_EQ(0, close(self->fd));
	munmap(self->guest, 2 * GUEST_SIZE);
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* Pseudo-random, the same on every run; entries do not overlap. */
static void scatter(struct _test_data_gpa_list *self)
{
	unsigned int seed = 1, i;
	u64 gpa = 0, room = MAPPED / ARRAY_SIZE(self->entries);

	for (i = 0; i < ARRAY_SIZE(self->entries); i++, gpa += room)
		self->entries[i] = (struct hv_rootctl_access_entry){
			.gpa = gpa + rand_r(&seed) % (room / 2),
			.length = rand_r(&seed) % (room / 2),
			.user_addr = (uintptr_t)self->data +
				     rand_r(&seed) % (GUEST_SIZE - room),
		};
	self->list.entry_count = ARRAY_SIZE(self->entries);
}

TEST_F(gpa_list, G15_list_goes_there_and_comes_back)
{
	u8 want[GUEST_SIZE] = {};
	const struct hv_rootctl_access_entry *e;
	u64 sum = 0;
	unsigned int i;

	scatter(self);
	for (i = 0; i < ARRAY_SIZE(self->entries); i++) {
		e = &self->entries[i];
		memcpy(want + e->gpa, (u8 *)(uintptr_t)e->user_addr, e->length);
		sum += e->length;
	}
	ASSERT_EQ(0, ioctl(self->fd, HV_ROOTCTL_ACCESS_LIST, &self->list));
	EXPECT_EQ(HV_STATUS_SUCCESS, self->list.hv_status);
	EXPECT_EQ(ARRAY_SIZE(self->entries), self->list.entries_done);
	EXPECT_EQ(sum, self->list.bytes_done);
	EXPECT_EQ(0, memcmp(want, self->guest, GUEST_SIZE));

	/* Each into a place of its own. */
	memset(self->data, 0, GUEST_SIZE);
	for (i = 0; i < ARRAY_SIZE(self->entries); i++)
		self->entries[i].user_addr = (uintptr_t)self->data +
					     self->entries[i].gpa;
	self->list.flags = 0;
	ASSERT_EQ(0, ioctl(self->fd, HV_ROOTCTL_ACCESS_LIST, &self->list));
	EXPECT_EQ(sum, self->list.bytes_done);
	EXPECT_EQ(0, memcmp(want, self->data, GUEST_SIZE));
}

TEST_F(gpa_list, G15_list_stops_at_the_first_refusal)
{
	u64 user = (uintptr_t)self->data;

	self->entries[0] = (struct hv_rootctl_access_entry){ 10, 30, user };
	self->entries[1] = (struct hv_rootctl_access_entry){ MAPPED - 40, 100,
							     user };
	self->entries[2] = (struct hv_rootctl_access_entry){ 100, 30, user };
	self->list.entry_count = 3;
	ASSERT_EQ(0, ioctl(self->fd, HV_ROOTCTL_ACCESS_LIST, &self->list));
	EXPECT_EQ(HV_STATUS_SUCCESS, self->list.hv_status);
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, self->list.access_result);
	EXPECT_EQ(1, self->list.entries_done);
	EXPECT_EQ(70, self->list.bytes_done);
	EXPECT_EQ(MAPPED, self->list.fail_gpa);
	EXPECT_EQ(0, self->guest[100]);

	self->list.partition_id = HVT_UNKNOWN_ID;
	ASSERT_EQ(0, ioctl(self->fd, HV_ROOTCTL_ACCESS_LIST, &self->list));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, self->list.hv_status);
	EXPECT_EQ(0, self->list.entries_done);
	EXPECT_EQ(0, self->list.bytes_done);
	EXPECT_EQ(10, self->list.fail_gpa);
}

TEST_F(gpa_list, G15_list_that_is_not_all_there)
{
	self->entries[0] = (struct hv_rootctl_access_entry){
		0, 10, (uintptr_t)self->data };
	self->entries[1] = (struct hv_rootctl_access_entry){ 0, 10, 8 };
	self->list.entry_count = 2;
	ASSERT_EQ(-1, ioctl(self->fd, HV_ROOTCTL_ACCESS_LIST, &self->list));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(1, self->list.entries_done);
	EXPECT_EQ(10, self->list.bytes_done);

	self->list.entries = 8;
	ASSERT_EQ(-1, ioctl(self->fd, HV_ROOTCTL_ACCESS_LIST, &self->list));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, self->list.entries_done);
	EXPECT_EQ(HV_ROOTCTL_NO_STATUS, self->list.hv_status);
}

/*
 * What is mapped for its progress: the guest's memory over and over, so that
 * none of it is a large page, and it takes several hypercalls.
 */
#define MANY_GPA 0x40000000ULL
#define MANY_SIZE (60 * 2 * GUEST_SIZE)

static int map_many(struct _test_data_gpa_list *self)
{
	u8 *to = mmap(NULL, MANY_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	u64 at;

	for (at = 0; at < MANY_SIZE; at += 2 * GUEST_SIZE)
		if (mremap(self->guest, 0, 2 * GUEST_SIZE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, to + at) != to + at)
			return -1;
	return hvt_drv_map(self->fd, self->id, MANY_GPA, to, MANY_SIZE,
			   HV_MAP_GPA_READABLE);
}

static int unmap_many(struct _test_data_gpa_list *self)
{
	struct hv_rootctl_unmap cmd = {
		.size = sizeof(cmd),
		.partition_id = self->id,
		.gpa = MANY_GPA,
		.length = MANY_SIZE,
	};

	return ioctl(self->fd, HV_ROOTCTL_UNMAP, &cmd) || cmd.hv_status;
}

static int access_many(struct _test_data_gpa_list *self)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(self->entries); i++)
		self->entries[i] = (struct hv_rootctl_access_entry){
			0, MAPPED, (uintptr_t)self->data };
	self->list.entry_count = ARRAY_SIZE(self->entries);
	return ioctl(self->fd, HV_ROOTCTL_ACCESS_LIST, &self->list);
}

static int make_progress(struct _test_data_gpa_list *self, unsigned long cmd)
{
	struct hv_rootctl_pool done;

	switch (cmd) {
	case HV_ROOTCTL_ACCESS_LIST:
		return access_many(self);
	case HV_ROOTCTL_MAP:
		return map_many(self);
	case HV_ROOTCTL_UNMAP:
		return unmap_many(self);
	default:
		return hvt_drv_pool(self->fd, cmd, self->id, 60000, &done);
	}
}

/* See progress between nothing and all; 0 when there was some. */
static int watch(struct _test_data_gpa_list *self, unsigned long cmd, pid_t pid)
{
	struct hv_rootctl_progress p = { .size = sizeof(p) };
	u64 first = 0;

	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (ioctl(self->fd, HV_ROOTCTL_PROGRESS, &p))
			return -1;
		if (p.command && p.command != _IOC_NR(cmd))
			return -2;
		if (p.command && p.done && !first)
			first = p.done;
		if (p.command && first && p.done > first)
			return 0;
		sched_yield();
	}
	return -3;
}

/* A process that shares the file sees it, while the ioctl holds the file. */
TEST_F(gpa_list, progress_of_a_long_ioctl)
{
	static const unsigned long cmds[] = {
		HV_ROOTCTL_ACCESS_LIST,
		HV_ROOTCTL_DEPOSIT,
		HV_ROOTCTL_WITHDRAW,
		HV_ROOTCTL_MAP,
		HV_ROOTCTL_UNMAP,
	};
	unsigned int i;
	int status;
	pid_t pid;

	/* Longer than QEMU stays with one of several processors: 100 ms. */
	ASSERT_EQ(0, hvt_fault(&self->t,
			       "call=0x4b run=all delay=300000 times=0"));
	ASSERT_EQ(0, hvt_fault(&self->t,
			       "call=0x4c run=all delay=300000 times=0"));
	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(make_progress(self, cmds[i]) != 0);
		EXPECT_EQ(0, watch(self, cmds[i], pid)) TH_LOG("%u", i);
		/* What comes after these needs what they have left. */
		if (cmds[i] != HV_ROOTCTL_DEPOSIT && cmds[i] != HV_ROOTCTL_MAP)
			kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
}

TEST_HARNESS_MAIN
