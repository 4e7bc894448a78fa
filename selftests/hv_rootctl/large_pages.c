// SPDX-License-Identifier: GPL-2.0
/* Mappings of 2 MiB: C-map-7. */
#define HVT_DEVICE HVT_RAWCALL
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "hvtest_harness.h"

#define LARGE HV_LARGE_PAGES
#define LARGE_SIZE (LARGE * HV_PAGE_SIZE)
#define GPA_PAGE 0x80000ULL /* where in the child */
#define RW (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE)

FIXTURE(large_pages) {
	struct hvt t;
	struct hvt_child child;
	u8 *va; /* one large page of the kernel's */
	u64 pfn;
	u64 available; /* in the child's pool at first */
};

static int huge_pages(const char *number)
{
	int fd = open("/proc/sys/vm/nr_hugepages", O_WRONLY);
	ssize_t n = fd < 0 ? -1 : write(fd, number, 1);

	close(fd);
	return n == 1 ? 0 : -1;
}

static u64 available(struct hvt *t, u64 id)
{
	u64 pages = ~0ULL, used;

	return hvt_balance(t, id, &pages, &used) ? ~0ULL : pages;
}

FIXTURE_SETUP(large_pages)
{
	struct hv_rawcall_pin pin = { .pages = LARGE };
	u64 gpas[LARGE];
	unsigned int i;

	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_child_create(&self->t, &self->child));
	ASSERT_EQ(0, huge_pages("1"));
	self->va = mmap(NULL, LARGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	ASSERT_NE(MAP_FAILED, self->va);
	ASSERT_EQ(0, madvise(self->va, LARGE_SIZE, MADV_DONTFORK));
	memset(self->va, 0, LARGE_SIZE);
	pin.user_addr = (uintptr_t)self->va;
	pin.gpas = (uintptr_t)gpas;
	ASSERT_EQ(0, ioctl(self->t.raw, HV_RAWCALL_PIN, &pin));
	self->pfn = gpas[0] >> HV_PAGE_SHIFT;
	for (i = 0; i < LARGE; i++)
		ASSERT_EQ(self->pfn + i, gpas[i] >> HV_PAGE_SHIFT);
	self->available = available(&self->t, self->child.id);
}

FIXTURE_TEARDOWN(large_pages)
{
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &self->child));
	EXPECT_EQ(0, hvt_close(&self->t));
	EXPECT_EQ(0, munmap(self->va, LARGE_SIZE));
	EXPECT_EQ(0, huge_pages("0"));
}

static struct hvt_done map_large(struct _test_data_large_pages *self, u64 gpfn,
				 u32 rights, u64 pfn)
{
	return hvt_map(&self->t, self->child.id, gpfn,
		       rights | HV_MAP_GPA_LARGE_PAGE, &pfn, 1);
}

static struct hvt_done unmap_large(struct _test_data_large_pages *self,
				   u64 gpfn)
{
	const struct hv_input_unmap_gpa_pages input = {
		.target_partition_id = self->child.id,
		.target_gpa_base = gpfn,
		.unmap_flags = HV_UNMAP_GPA_LARGE_PAGE,
	};

	return hvt_rep(&self->t, HVCALL_UNMAP_GPA_PAGES, 1, &input,
		       sizeof(input));
}

/* Does a write to page @i of the large one arrive? Its access result. */
static u64 writes(struct _test_data_large_pages *self, u32 i)
{
	u64 *to = (u64 *)(self->va + i * HV_PAGE_SIZE + 16);
	u64 data = i + 0x1234567800000001ULL, access = ~0ULL;

	*to = 0;
	if (hvt_write_gpa(&self->t, self->child.id,
			  ((GPA_PAGE + i) << HV_PAGE_SHIFT) + 16, &data,
			  sizeof(data), &access))
		return ~0ULL;
	return *to == (access ? 0 : data) ? access : ~0ULL;
}

TEST_F(large_pages, W12_C_map_7_takes_no_table_of_leaves)
{
	u32 i;

	EXPECT_EQ(1, map_large(self, GPA_PAGE, RW, self->pfn).reps);
	EXPECT_EQ(self->available - 2, available(&self->t, self->child.id));
	for (i = 0; i < LARGE; i += 73)
		EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, writes(self, i));
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, writes(self, LARGE - 1));
	EXPECT_EQ(1, unmap_large(self, GPA_PAGE).reps);
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, writes(self, 73));
	EXPECT_EQ(self->available, available(&self->t, self->child.id));
}

TEST_F(large_pages, C_map_7_alignment_and_sources)
{
	struct hvt_done d;

	d = map_large(self, GPA_PAGE + 1, RW, self->pfn);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, d.status);
	d = map_large(self, GPA_PAGE, RW, self->pfn + 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, d.status);
	d = unmap_large(self, GPA_PAGE + 256);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, d.status);
	/* The first 2 MiB are not all the root's: the hypervisor is there. */
	d = map_large(self, GPA_PAGE, RW, 0);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, d.status);
	EXPECT_EQ(self->available, available(&self->t, self->child.id));
}

TEST_F(large_pages, C_map_7_one_page_of_it)
{
	const u64 other = self->child.pool.pfn[0];
	struct hvt_done d;
	u32 i;

	EXPECT_EQ(1, map_large(self, GPA_PAGE, RW, self->pfn).reps);
	EXPECT_EQ(1, hvt_unmap(&self->t, self->child.id, GPA_PAGE + 100,
			       1).reps);
	/* 512 small mappings take a table. */
	EXPECT_EQ(self->available - 3, available(&self->t, self->child.id));
	EXPECT_EQ(1, hvt_map(&self->t, self->child.id, GPA_PAGE + 101,
			     HV_MAP_GPA_READABLE, &(u64){ self->pfn + 101 },
			     1).reps);
	for (i = 95; i < 105; i++)
		EXPECT_EQ(i == 100 ? HV_ACCESS_GPA_UNMAPPED :
			  i == 101 ? HV_ACCESS_GPA_READ_INTERCEPT :
				     HV_ACCESS_GPA_SUCCESS, writes(self, i));
	/* What is deposited cannot be mapped, into a piece either. */
	d = hvt_map(&self->t, self->child.id, GPA_PAGE + 7, RW, &other, 1);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, d.status);
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, writes(self, 7));
	EXPECT_EQ(1, unmap_large(self, GPA_PAGE).reps);
	EXPECT_EQ(self->available, available(&self->t, self->child.id));
}

TEST_F(large_pages, W12_C_map_7_no_memory_to_split)
{
	struct hvt_mem more;
	struct hvt_done d;

	ASSERT_EQ(0, hvt_alloc(&self->t, &more, 1));
	EXPECT_EQ(1, map_large(self, GPA_PAGE, RW, self->pfn).reps);
	EXPECT_EQ(self->available - 2, hvt_drain(&self->t, self->child.id));
	d = hvt_unmap(&self->t, self->child.id, GPA_PAGE + 3, 1);
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, d.status);
	EXPECT_EQ(0, d.reps);
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, writes(self, 3));
	ASSERT_EQ(1, hvt_deposit(&self->t, self->child.id, more.pfn, 1).reps);
	EXPECT_EQ(1, hvt_unmap(&self->t, self->child.id, GPA_PAGE + 3,
			       1).reps);
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, writes(self, 3));
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, writes(self, 4));
}

TEST_HARNESS_MAIN
