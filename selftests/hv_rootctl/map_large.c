// SPDX-License-Identifier: GPL-2.0
/*
 * Huge pages of a program, mapped by the driver: as large pages where they
 * can be, as single ones where not, and all of it undone. C-map-7.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "hvtest_harness.h"

#define LARGE HV_LARGE_PAGES
#define LARGE_SIZE (LARGE * HV_PAGE_SIZE)
#define HUGE_PAGES 3
#define SIZE (HUGE_PAGES * LARGE_SIZE)
#define BASE 0x40000000ULL
#define RW (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)

struct counts {
	u64 calls, elements;
};

FIXTURE(map_large) {
	struct hvt t;
	int fd;
	u64 id;
	u8 *va; /* huge pages */
	struct hvt_audit before;
	u64 available; /* in the child's pool at first */
	struct counts map, unmap; /* until now */
};

static int huge_pages(const char *number)
{
	int fd = open("/proc/sys/vm/nr_hugepages", O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, number, 1);

	close(fd);
	return n == 1 ? 0 : -1;
}

static u64 available(struct _test_data_map_large *self)
{
	u64 pages = ~0ULL, used;

	return hvt_drv_balance(self->fd, self->id, &pages, &used) ? ~0ULL :
								    pages;
}

static struct counts counts(struct hvt *t, u16 code)
{
	return (struct counts){ hvt_counter(t, code, HV_DEBUG_CALLS),
				hvt_counter(t, code, HV_DEBUG_REPS) };
}

static void forget(struct _test_data_map_large *self)
{
	self->map = counts(&self->t, HVCALL_MAP_GPA_PAGES);
	self->unmap = counts(&self->t, HVCALL_UNMAP_GPA_PAGES);
}

FIXTURE_SETUP(map_large)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	ASSERT_EQ(0, huge_pages("3"));
	self->va = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB |
			MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->va);
	self->available = available(self);
	ASSERT_EQ(0, hvt_audit(&self->t, &self->before));
	forget(self);
}

FIXTURE_TEARDOWN(map_large)
{
	struct hvt_audit after;
	struct hv_rootctl_query q;

	/* A line of the script that was not used is not for the next program. */
	EXPECT_EQ(0, hvt_debug(&self->t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL));
	/* Whatever there was, it is all undone. */
	EXPECT_EQ(0, hvt_audit(&self->t, &after));
	EXPECT_EQ(self->before.v[HV_DEBUG_MAPPED_PAGES],
		  after.v[HV_DEBUG_MAPPED_PAGES]);
	EXPECT_EQ(self->available, available(self));
	EXPECT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_EQ(0, q.pages_mapped);
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, munmap(self->va, SIZE));
	EXPECT_EQ(0, huge_pages("0"));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static u32 map(struct _test_data_map_large *self, u64 offset, u64 gpa,
	       u64 length, u64 *done)
{
	struct hv_rootctl_map cmd = {
		.size = sizeof(cmd),
		.partition_id = self->id,
		.gpa = gpa,
		.user_addr = (uintptr_t)self->va + offset,
		.length = length,
		.map_flags = RW,
	};
	int ret = ioctl(self->fd, HV_ROOTCTL_MAP, &cmd);

	*done = cmd.bytes_done;
	return ret ? HV_ROOTCTL_NO_STATUS : cmd.hv_status;
}

static u32 unmap(struct _test_data_map_large *self, u64 gpa, u64 length,
		 u64 *done)
{
	struct hv_rootctl_unmap cmd = {
		.size = sizeof(cmd),
		.partition_id = self->id,
		.gpa = gpa,
		.length = length,
	};
	int ret = ioctl(self->fd, HV_ROOTCTL_UNMAP, &cmd);

	*done = cmd.bytes_done;
	return ret ? HV_ROOTCTL_NO_STATUS : cmd.hv_status;
}

/* So many calls of so many elements together since forget(). */
static void expect_counts(struct __test_metadata *_metadata,
			  struct _test_data_map_large *self, u64 map_calls,
			  u64 map_elements, u64 unmap_calls,
			  u64 unmap_elements)
{
	struct counts now = counts(&self->t, HVCALL_MAP_GPA_PAGES);

	EXPECT_EQ(map_calls, now.calls - self->map.calls);
	EXPECT_EQ(map_elements, now.elements - self->map.elements);
	now = counts(&self->t, HVCALL_UNMAP_GPA_PAGES);
	EXPECT_EQ(unmap_calls, now.calls - self->unmap.calls);
	EXPECT_EQ(unmap_elements, now.elements - self->unmap.elements);
	forget(self);
}

/* Writes to pages all over the range arrive where they should. */
static void expect_mapped(struct __test_metadata *_metadata,
			  struct _test_data_map_large *self, u64 offset,
			  u64 gpa, u64 length)
{
	struct hv_rootctl_access done;
	u64 at, data;

	for (at = 0; at < length; at += 73 * HV_PAGE_SIZE) {
		data = at + 0x1234567800000001ULL;
		ASSERT_EQ(0, hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA,
					    self->id, gpa + at, &data,
					    sizeof(data), &done));
		EXPECT_EQ(sizeof(data), done.bytes_done) TH_LOG("%llx", at);
		EXPECT_EQ(0, memcmp(self->va + offset + at, &data,
				    sizeof(data)));
	}
	data = 7;
	ASSERT_EQ(0, hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA, self->id,
				    gpa + length - sizeof(data), &data,
				    sizeof(data), &done));
	EXPECT_EQ(0, memcmp(self->va + offset + length - sizeof(data), &data,
			    sizeof(data)));
	/* And the range ends there. */
	EXPECT_EQ(0, hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA, self->id,
				    gpa + length, &data, sizeof(data), &done));
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, done.access_result);
}

static void map_and_unmap(struct __test_metadata *_metadata,
			  struct _test_data_map_large *self, u64 offset,
			  u64 gpa, u64 length)
{
	struct hv_rootctl_access access;
	u64 done, data = 0;

	EXPECT_EQ(HV_STATUS_SUCCESS, map(self, offset, gpa, length, &done));
	EXPECT_EQ(length, done);
	expect_mapped(_metadata, self, offset, gpa, length);
	EXPECT_EQ(HV_STATUS_SUCCESS, unmap(self, gpa, length, &done));
	EXPECT_EQ(length, done);
	ASSERT_EQ(0, hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA, self->id,
				    gpa, &data, sizeof(data), &access));
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, access.access_result);
}

TEST_F(map_large, C_map_7_driver_one_element_for_2_mib)
{
	u64 done;

	EXPECT_EQ(HV_STATUS_SUCCESS, map(self, 0, BASE, SIZE, &done));
	EXPECT_EQ(SIZE, done);
	/* Two tables lead there, and none of leaves. */
	EXPECT_EQ(self->available - 2, available(self));
	EXPECT_EQ(HV_STATUS_SUCCESS, unmap(self, BASE, SIZE, &done));
	expect_counts(_metadata, self, 1, HUGE_PAGES, 1, HUGE_PAGES);
	map_and_unmap(_metadata, self, 0, BASE, SIZE);
}

/* What is before and behind goes page by page. */
TEST_F(map_large, C_map_7_driver_head_and_tail)
{
	map_and_unmap(_metadata, self, 0x5000, BASE + 0x5000, SIZE - 0xa000);
	expect_counts(_metadata, self, 3, 507 + 1 + 507, 3, 507 + 1 + 507);
	map_and_unmap(_metadata, self, LARGE_SIZE - 0x1000,
		      BASE + LARGE_SIZE - 0x1000, LARGE_SIZE + 0x1000);
	expect_counts(_metadata, self, 2, 1 + 1, 2, 1 + 1);
	map_and_unmap(_metadata, self, 0, BASE, LARGE_SIZE - 0x1000);
	expect_counts(_metadata, self, 2, 511, 1, 511);
}

/* Guest and host pages that are not aligned to each other. */
TEST_F(map_large, C_map_7_driver_not_aligned)
{
	map_and_unmap(_metadata, self, 0, BASE + 0x1000, SIZE);
	expect_counts(_metadata, self, 4, 1536, 3, 1536);
	map_and_unmap(_metadata, self, 0x1000, BASE, SIZE - 0x1000);
	expect_counts(_metadata, self, 4, 1535, 3, 1535);
}

/* A hypervisor that wants single pages gets them, at first or later. */
TEST_F(map_large, C_map_7_driver_refused)
{
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b status=5"));
	map_and_unmap(_metadata, self, 0, BASE, SIZE);
	expect_counts(_metadata, self, 1 + 4, 1536, 3, 1536);

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b run=1 status=0x1e"));
	map_and_unmap(_metadata, self, 0, BASE, SIZE);
	expect_counts(_metadata, self, 1 + 3, 1 + 1024, 1 + 2, 1 + 1024);

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4c run=2 status=5"));
	map_and_unmap(_metadata, self, 0, BASE, SIZE);
	expect_counts(_metadata, self, 1, 3, 1 + 1, 2 + 512);
}

/* Without memory for a large page there is none for single ones. */
TEST_F(map_large, C_map_7_driver_no_memory)
{
	u64 done;

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b run=1 status=0x0b"));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY,
		  map(self, 0, BASE, SIZE, &done));
	EXPECT_EQ(0, done);
	expect_counts(_metadata, self, 1, 1, 1, 1);
}

/* More than asked for: whatever was mapped is unmapped. */
TEST_F(map_large, C_map_7_driver_too_many)
{
	u64 done;

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b run=2 reps=9"));
	EXPECT_EQ(HV_ROOTCTL_NO_STATUS, map(self, 0, BASE, SIZE, &done));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(0, done);
	expect_counts(_metadata, self, 1, 2, 1, 3);
}

/* What a hypervisor goes on with may be mapped, and so is unmapped. */
TEST_F(map_large, C_map_7_driver_goes_on_behind_the_back)
{
	u64 done;

	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b run=all reps=1 status=0x79"));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b nth=2 status=5"));
	EXPECT_EQ(HV_STATUS_CALL_PENDING, map(self, 0, BASE, SIZE, &done));
	EXPECT_EQ(0, done);
	expect_counts(_metadata, self, 1, 3, 1, 3);
}

TEST_HARNESS_MAIN
