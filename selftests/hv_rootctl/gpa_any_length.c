// SPDX-License-Identifier: GPL-2.0
/*
 * What the driver promises on top of HvWriteGpa and HvReadGpa: G15, and what
 * becomes of G2 to G9 when they travel through the ioctl.
 */
#define HVT_DEVICE HVT_DRIVER
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "hvtest_harness.h"

/* Two pages, a page that cannot be written, two more, and a hole behind. */
#define FIRST_GPA 0x7ff000ULL
#define READ_ONLY 2
#define PAGES 5
#define SIZE (PAGES * HV_PAGE_SIZE)

FIXTURE(gpa_any_length) {
	int fd;
	u64 id;
	u8 *guest; /* the root's view of the child's memory */
	u8 *want; /* what ought to be there */
	u8 *buf;
	struct hv_rootctl_access done;
};

static u8 *anonymous(size_t size)
{
	void *va = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return va == MAP_FAILED ? NULL : va;
}

FIXTURE_SETUP(gpa_any_length)
{
	u32 rw = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;
	unsigned int i;

	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	self->guest = anonymous(SIZE);
	self->want = anonymous(SIZE);
	self->buf = anonymous(SIZE);
	ASSERT_TRUE(self->guest && self->want && self->buf);
	for (i = 0; i < SIZE; i++)
		self->want[i] = i * 7 + i / 256;
	memcpy(self->guest, self->want, SIZE);
	for (i = 0; i < PAGES; i++)
		ASSERT_EQ(0, hvt_drv_map(self->fd, self->id,
					 FIRST_GPA + i * HV_PAGE_SIZE,
					 self->guest + i * HV_PAGE_SIZE,
					 HV_PAGE_SIZE,
					 i == READ_ONLY ? HV_MAP_GPA_READABLE :
							  rw));
}

FIXTURE_TEARDOWN(gpa_any_length)
{
	EXPECT_EQ(0, close(self->fd));
}

static int write_at(struct _test_data_gpa_any_length *self, u64 offset,
		    u64 length)
{
	return hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA, self->id,
			      FIRST_GPA + offset, self->buf, length,
			      &self->done);
}

static int read_at(struct _test_data_gpa_any_length *self, u64 offset,
		   u64 length)
{
	return hvt_drv_access(self->fd, HV_ROOTCTL_READ_GPA, self->id,
			      FIRST_GPA + offset, self->buf, length,
			      &self->done);
}

static bool as_wanted(const struct _test_data_gpa_any_length *self)
{
	return !memcmp(self->guest, self->want, SIZE);
}

static void fill(u8 *buf, size_t size, unsigned int seed)
{
	while (size--)
		*buf++ = seed = seed * 1103515245 + 12345;
}

/* Write @length bytes at @offset, look at all the memory, read them back. */
static void one_length(struct __test_metadata *_metadata,
		       struct _test_data_gpa_any_length *self, u64 offset,
		       u64 length)
{
	fill(self->buf, length, offset + length);
	memcpy(self->want + offset, self->buf, length);
	ASSERT_EQ(0, write_at(self, offset, length));
	ASSERT_EQ(HV_STATUS_SUCCESS, self->done.hv_status);
	ASSERT_EQ(HV_ACCESS_GPA_SUCCESS, self->done.access_result);
	ASSERT_EQ(length, self->done.bytes_done);
	ASSERT_TRUE(as_wanted(self))
		TH_LOG("offset %llu length %llu", offset, length);

	memset(self->buf, 0, length + 16);
	ASSERT_EQ(0, read_at(self, offset, length));
	ASSERT_EQ(HV_STATUS_SUCCESS, self->done.hv_status);
	ASSERT_EQ(length, self->done.bytes_done);
	ASSERT_EQ(0, memcmp(self->buf, self->want + offset, length));
	/* Nothing behind the end of the buffer. */
	ASSERT_EQ(0, self->buf[length]);
}

TEST_F(gpa_any_length, G15_every_short_length_and_alignment)
{
	u64 offset, length;

	for (length = 1; length <= 50; length++)
		for (offset = 0; offset < 16; offset += 3)
			one_length(_metadata, self, offset, length);
}

/* The boundary between the pages at every place in the range. */
TEST_F(gpa_any_length, G15_across_a_page_boundary)
{
	u64 before;

	for (before = 0; before <= 100; before++)
		one_length(_metadata, self, HV_PAGE_SIZE - before, 100);
}

TEST_F(gpa_any_length, G15_lengths_to_5000)
{
	static const struct {
		u32 offset, length;
	} cases[] = {
		{ 0, 100 }, { 1, 255 }, { 13, 1000 }, { 4095, 2 },
		{ 0, 4095 }, { 0, 4096 }, { 0, 4097 }, { 1, 4095 },
		{ 1, 4096 }, { 15, 4997 }, { 3000, 5000 }, { 3192, 5000 },
		{ 17, 4999 }, { 0, 8192 }, { 1, 8190 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		one_length(_metadata, self, cases[i].offset, cases[i].length);
}

/* The user's buffer has an alignment of its own. */
TEST_F(gpa_any_length, G15_user_buffer_at_any_alignment)
{
	unsigned int shift;
	u8 *buf = self->buf;

	for (shift = 1; shift < 20; shift += 3) {
		self->buf = buf + HV_PAGE_SIZE - shift;
		one_length(_metadata, self, 7, 1234);
	}
	self->buf = buf;
}

TEST_F(gpa_any_length, G15_length_zero)
{
	ASSERT_EQ(0, write_at(self, 0, 0));
	EXPECT_EQ(0, self->done.bytes_done);
	EXPECT_EQ(HV_ROOTCTL_NO_STATUS, self->done.hv_status);
	EXPECT_TRUE(as_wanted(self));
}

/* --- the first refusal ends it, and is told in full ----------------------- */

static void refused_at(struct __test_metadata *_metadata,
		       struct _test_data_gpa_any_length *self, u64 offset,
		       u64 length, u64 refused, u32 access_result)
{
	fill(self->buf, length, 1);
	if (refused > offset)
		memcpy(self->want + offset, self->buf, refused - offset);
	ASSERT_EQ(0, write_at(self, offset, length));
	EXPECT_EQ(HV_STATUS_SUCCESS, self->done.hv_status);
	EXPECT_EQ(access_result, self->done.access_result);
	EXPECT_EQ(refused - offset, self->done.bytes_done);
	EXPECT_EQ(FIRST_GPA + refused, self->done.fail_gpa);
	EXPECT_TRUE(as_wanted(self))
		TH_LOG("offset %llu length %llu", offset, length);
}

TEST_F(gpa_any_length, G8_G15_stops_at_unmapped_memory)
{
	u64 end = SIZE;

	refused_at(_metadata, self, end - 1, 2, end, HV_ACCESS_GPA_UNMAPPED);
	refused_at(_metadata, self, end - 16, 17, end, HV_ACCESS_GPA_UNMAPPED);
	refused_at(_metadata, self, end - 5, 16, end, HV_ACCESS_GPA_UNMAPPED);
	refused_at(_metadata, self, end - 1001, 3000, end,
		   HV_ACCESS_GPA_UNMAPPED);
	refused_at(_metadata, self, end, 16, end, HV_ACCESS_GPA_UNMAPPED);
	refused_at(_metadata, self, end + 100, 1, end + 100,
		   HV_ACCESS_GPA_UNMAPPED);
}

TEST_F(gpa_any_length, G8_G15_stops_at_a_page_not_writable)
{
	u64 ro = READ_ONLY * HV_PAGE_SIZE;

	refused_at(_metadata, self, ro - 1, 2, ro,
		   HV_ACCESS_GPA_READ_INTERCEPT);
	refused_at(_metadata, self, ro - 77, 200, ro,
		   HV_ACCESS_GPA_READ_INTERCEPT);
	/* The page behind it could be written, but is not reached. */
	refused_at(_metadata, self, 0, SIZE, ro, HV_ACCESS_GPA_READ_INTERCEPT);
	refused_at(_metadata, self, ro + 9, 1, ro + 9,
		   HV_ACCESS_GPA_READ_INTERCEPT);
}

TEST_F(gpa_any_length, G15_reads_stop_likewise)
{
	memset(self->buf, 0x55, SIZE);
	ASSERT_EQ(0, read_at(self, SIZE - 21, 50));
	EXPECT_EQ(HV_STATUS_SUCCESS, self->done.hv_status);
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, self->done.access_result);
	EXPECT_EQ(21, self->done.bytes_done);
	EXPECT_EQ(FIRST_GPA + SIZE, self->done.fail_gpa);
	EXPECT_EQ(0, memcmp(self->buf, self->want + SIZE - 21, 21));
	EXPECT_EQ(0x55, self->buf[21]);
	/* Read-only memory can be read. */
	ASSERT_EQ(0, read_at(self, READ_ONLY * HV_PAGE_SIZE, HV_PAGE_SIZE));
	EXPECT_EQ(HV_PAGE_SIZE, self->done.bytes_done);
}

/* --- statuses reach the caller as they are -------------------------------- */

TEST_F(gpa_any_length, G3_G15_not_the_parent)
{
	self->id = HV_ROOTCTL_SELF;
	ASSERT_EQ(0, write_at(self, 0, 100));
	EXPECT_EQ(HV_STATUS_ACCESS_DENIED, self->done.hv_status);
	EXPECT_EQ(0, self->done.bytes_done);
	EXPECT_EQ(FIRST_GPA, self->done.fail_gpa);
}

TEST_F(gpa_any_length, G4_G15_no_such_partition)
{
	self->id = HVT_UNKNOWN_ID;
	ASSERT_EQ(0, write_at(self, 0, 100));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, self->done.hv_status);
	EXPECT_EQ(0, self->done.bytes_done);
}

TEST_F(gpa_any_length, G5_G15_no_such_vp)
{
	struct hv_rootctl_access cmd = {
		.size = sizeof(cmd),
		.partition_id = self->id,
		.gpa = FIRST_GPA,
		.length = 100,
		.user_addr = (uintptr_t)self->buf,
		.vp_index = 1,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};

	ASSERT_EQ(0, ioctl(self->fd, HV_ROOTCTL_WRITE_GPA, &cmd));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX, cmd.hv_status);
	EXPECT_EQ(0, cmd.bytes_done);
	EXPECT_EQ(FIRST_GPA, cmd.fail_gpa);
	EXPECT_TRUE(as_wanted(self));
}

TEST_F(gpa_any_length, G6_G15_beyond_the_gpa_space)
{
	ASSERT_EQ(0, hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA, self->id,
				    1ULL << 52, self->buf, 100, &self->done));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, self->done.hv_status);
	EXPECT_EQ(0, self->done.bytes_done);
	EXPECT_EQ(1ULL << 52, self->done.fail_gpa);
}

TEST_F(gpa_any_length, G7_G15_not_active)
{
	u32 status;

	ASSERT_EQ(0, hvt_drv_partition(self->fd,
				       HV_ROOTCTL_PARTITION_FINALIZE, self->id,
				       &status));
	ASSERT_EQ(HV_STATUS_SUCCESS, status);
	ASSERT_EQ(0, write_at(self, 0, 100));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE, self->done.hv_status);
	EXPECT_EQ(0, self->done.bytes_done);
	EXPECT_TRUE(as_wanted(self));
}

TEST_F(gpa_any_length, G9_G15_unmap_and_remap)
{
	struct hv_rootctl_unmap unmap = {
		.size = sizeof(unmap),
		.partition_id = self->id,
		.gpa = FIRST_GPA,
		.length = HV_PAGE_SIZE,
	};
	u8 *other = anonymous(HV_PAGE_SIZE);

	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, ioctl(self->fd, HV_ROOTCTL_UNMAP, &unmap));
	EXPECT_EQ(HV_STATUS_SUCCESS, unmap.hv_status);
	EXPECT_EQ(HV_PAGE_SIZE, unmap.bytes_done);
	ASSERT_EQ(0, write_at(self, 0, 100));
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, self->done.access_result);
	EXPECT_EQ(0, self->done.bytes_done);

	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, FIRST_GPA, other,
				 HV_PAGE_SIZE,
				 HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE));
	fill(self->buf, 100, 9);
	ASSERT_EQ(0, write_at(self, 50, 100));
	EXPECT_EQ(100, self->done.bytes_done);
	EXPECT_EQ(0, memcmp(other + 50, self->buf, 100));
	EXPECT_TRUE(as_wanted(self));
}

/* --- and the kernel's own refusals ---------------------------------------- */

TEST_F(gpa_any_length, G15_buffer_that_ends_too_soon)
{
	u8 *end = self->buf + SIZE - HV_PAGE_SIZE;

	ASSERT_EQ(0, munmap(end, HV_PAGE_SIZE));
	self->buf = end - 40;
	fill(self->buf, 40, 3);
	ASSERT_EQ(-1, write_at(self, 0, 1000));
	EXPECT_EQ(EFAULT, errno);
	/* Whatever was done is told, and nothing else was. */
	EXPECT_GE(40, self->done.bytes_done);
	memcpy(self->want, self->buf, self->done.bytes_done);
	EXPECT_TRUE(as_wanted(self));

	ASSERT_EQ(-1, read_at(self, 0, 1000));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_GE(40, self->done.bytes_done);
}

TEST_F(gpa_any_length, G15_address_overflow)
{
	ASSERT_EQ(-1, hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA, self->id,
				     ~0ULL - 10, self->buf, 100, &self->done));
	EXPECT_EQ(EOVERFLOW, errno);
}

TEST_HARNESS_MAIN
