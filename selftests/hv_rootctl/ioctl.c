// SPDX-License-Identifier: GPL-2.0
/*
 * The general rules of include/uapi/linux/hv_rootctl.h, for every ioctl: its
 * size, its flags, what is reserved, its pointers.
 */
#define HVT_DEVICE HVT_DRIVER
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "hvtest_harness.h"
#include "hvtest_layout.h"

/* All ioctls, each with a structure that is good as far as the form goes. */
static const struct {
	const char *name;
	unsigned long request;
	u32 size;
	u32 min_size; /* with which it was born */
	u32 flags; /* that are defined */
	u32 reserved; /* offset, 0: none */
} ioctls[] = {
#define ENTRY(name, type, flags, reserved) \
	{ #name, HV_ROOTCTL_##name, sizeof(struct type), sizeof(struct type), \
	  flags, reserved }
#define GROWN(name, type, min_size, flags, reserved) \
	{ #name, HV_ROOTCTL_##name, sizeof(struct type), min_size, flags, \
	  reserved }
#define RESERVED(type) offsetof(struct type, __reserved)
	ENTRY(BALANCE, hv_rootctl_balance, 0, RESERVED(hv_rootctl_balance)),
	ENTRY(DEPOSIT, hv_rootctl_pool, HV_ROOTCTL_HOLD,
	      RESERVED(hv_rootctl_pool)),
	GROWN(MAP, hv_rootctl_map, 56, HV_ROOTCTL_DETACHED, 0),
	GROWN(PARTITION_CREATE, hv_rootctl_partition_create, 40,
	      HV_ROOTCTL_DETACHED, 0),
	GROWN(PARTITION_DELETE, hv_rootctl_partition, 24, 0,
	      RESERVED(hv_rootctl_partition)),
	GROWN(PARTITION_FINALIZE, hv_rootctl_partition, 24, 0,
	      RESERVED(hv_rootctl_partition)),
	GROWN(PARTITION_INITIALIZE, hv_rootctl_partition, 24, 0,
	      RESERVED(hv_rootctl_partition)),
	ENTRY(PARTITION_NEXT, hv_rootctl_partition_next, 0,
	      RESERVED(hv_rootctl_partition_next)),
	GROWN(QUERY, hv_rootctl_query, 80, 0, RESERVED(hv_rootctl_query)),
	ENTRY(READ_GPA, hv_rootctl_access, 0, 0),
	GROWN(UNMAP, hv_rootctl_unmap, 48, 0, RESERVED(hv_rootctl_unmap)),
	GROWN(VP_CREATE, hv_rootctl_vp, 32, HV_ROOTCTL_DETACHED, 0),
	GROWN(VP_DELETE, hv_rootctl_vp, 32, 0, 0),
	ENTRY(WITHDRAW, hv_rootctl_pool, HV_ROOTCTL_HOLD,
	      RESERVED(hv_rootctl_pool)),
	ENTRY(WRITE_GPA, hv_rootctl_access, 0, 0),
	ENTRY(ACCESS_LIST, hv_rootctl_access_list, HV_ROOTCTL_LIST_WRITE, 0),
	ENTRY(PROGRESS, hv_rootctl_progress, 0, RESERVED(hv_rootctl_progress)),
	ENTRY(RAW, hv_rootctl_raw, 0, RESERVED(hv_rootctl_raw)),
};

FIXTURE(ioctl) {
	int fd;
	union {
		u32 head[2]; /* size, flags */
		u8 bytes[256];
		struct hv_rootctl_map map;
		struct hv_rootctl_partition_create create;
	} arg;
};

FIXTURE_SETUP(ioctl)
{
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(ioctl)
{
	EXPECT_EQ(0, close(self->fd));
}

/* Returns errno, 0 for success. */
static int try(struct _test_data_ioctl *self, unsigned int i)
{
	return ioctl(self->fd, ioctls[i].request, &self->arg) ? errno : 0;
}

/* A structure that is all right for ioctl @i: all zero where it may be. */
static void good(struct _test_data_ioctl *self, unsigned int i)
{
	memset(&self->arg, 0, sizeof(self->arg));
	self->arg.head[0] = ioctls[i].size;
	/* Not to make partitions by the dozen. */
	if (ioctls[i].request == HV_ROOTCTL_PARTITION_CREATE)
		self->arg.create.creation_flags = 1ULL << 63;
}

/* What a good one gives: not all of them can do anything with zeroes. */
static int good_errno(unsigned int i)
{
	unsigned long request = ioctls[i].request;

	return request == HV_ROOTCTL_RAW ? EPERM :
	       request == HV_ROOTCTL_MAP || request == HV_ROOTCTL_UNMAP ?
		       EINVAL : 0;
}

#define NUMBER_OF(name, number) number,
static const u32 numbers[] = { HVT_NUMBERS(NUMBER_OF) };

/*
 * What the driver knows, whatever its header says, is what is tried below and
 * has its number pinned. Nothing else has the driver look at the argument.
 */
TEST_F(ioctl, all_of_them_are_here)
{
	unsigned int i, nr, here;
	unsigned long request;

	EXPECT_EQ(ARRAY_SIZE(ioctls), ARRAY_SIZE(numbers));
	for (nr = 0; nr < 256; nr++) {
		request = _IO(HV_ROOTCTL_IOCTL_TYPE, nr);
		for (i = 0, here = 0; i < ARRAY_SIZE(ioctls); i++)
			here += ioctls[i].request == request;
		for (i = 0; i < ARRAY_SIZE(numbers); i++)
			here += numbers[i] == request;
		ASSERT_EQ(-1, ioctl(self->fd, request, NULL));
		EXPECT_EQ(errno == ENOTTY ? 0 : 2, here) TH_LOG("%#x", nr);
	}
}

TEST_F(ioctl, size_of_every_ioctl)
{
	unsigned int i, want;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		good(self, i);
		want = try(self, i);
		EXPECT_EQ(good_errno(i), want) TH_LOG("%s", ioctls[i].name);

		/* Too short: the mandatory fields are not all there. */
		good(self, i);
		self->arg.head[0] = ioctls[i].min_size - 1;
		EXPECT_EQ(EINVAL, try(self, i)) TH_LOG("%s", ioctls[i].name);
		self->arg.head[0] = 0;
		EXPECT_EQ(EINVAL, try(self, i)) TH_LOG("%s", ioctls[i].name);
		self->arg.head[0] = 4;
		EXPECT_EQ(EINVAL, try(self, i)) TH_LOG("%s", ioctls[i].name);

		/* As short as it once was, or longer, with zeroes: the same. */
		good(self, i);
		self->arg.head[0] = ioctls[i].min_size;
		EXPECT_EQ(want, (unsigned int)try(self, i))
			TH_LOG("%s", ioctls[i].name);
		good(self, i);
		self->arg.head[0] = ioctls[i].size + 8;
		EXPECT_EQ(want, (unsigned int)try(self, i))
			TH_LOG("%s", ioctls[i].name);

		/* Longer, and it is not. */
		good(self, i);
		self->arg.head[0] = ioctls[i].size + 1;
		self->arg.bytes[ioctls[i].size] = 1;
		EXPECT_EQ(E2BIG, try(self, i)) TH_LOG("%s", ioctls[i].name);
	}
}

TEST_F(ioctl, nothing_is_written_behind_the_caller_s_size)
{
	unsigned int i, byte;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		good(self, i);
		memset(self->arg.bytes + ioctls[i].size, 0x5a,
		       sizeof(self->arg) - ioctls[i].size);
		try(self, i);
		for (byte = ioctls[i].size; byte < sizeof(self->arg); byte++) {
			ASSERT_EQ(0x5a, self->arg.bytes[byte])
				TH_LOG("%s", ioctls[i].name);
		}
	}
}

TEST_F(ioctl, undefined_flags_of_every_ioctl)
{
	unsigned int i, bit;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		for (bit = 0; bit < 32; bit++) {
			if (ioctls[i].flags & (1U << bit))
				continue;
			good(self, i);
			self->arg.head[1] = 1U << bit;
			EXPECT_EQ(EOPNOTSUPP, try(self, i))
				TH_LOG("%s bit %u", ioctls[i].name, bit);
		}
	}
}

TEST_F(ioctl, reserved_fields_of_every_ioctl)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		if (!ioctls[i].reserved)
			continue;
		good(self, i);
		self->arg.bytes[ioctls[i].reserved + 3] = 0x80;
		EXPECT_EQ(EOPNOTSUPP, try(self, i))
			TH_LOG("%s", ioctls[i].name);
	}
}

TEST_F(ioctl, pointer_that_leads_nowhere)
{
	u8 *pages = mmap(NULL, 2 * HV_PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i;

	ASSERT_NE(MAP_FAILED, (void *)pages);
	ASSERT_EQ(0, munmap(pages + HV_PAGE_SIZE, HV_PAGE_SIZE));
	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		u8 *arg = pages + HV_PAGE_SIZE - 8;

		ASSERT_EQ(-1, ioctl(self->fd, ioctls[i].request, NULL));
		EXPECT_EQ(EFAULT, errno);
		/* The size can be read, the rest cannot. */
		memcpy(arg, &ioctls[i].size, sizeof(ioctls[i].size));
		memset(arg + 4, 0, 4);
		ASSERT_EQ(-1, ioctl(self->fd, ioctls[i].request, arg));
		EXPECT_EQ(EFAULT, errno) TH_LOG("%s", ioctls[i].name);
	}
}

TEST_F(ioctl, unknown_numbers)
{
	static const unsigned long unknown[] = {
		_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_BALANCE - 1),
		_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_RAW + 1),
		_IO(HV_ROOTCTL_IOCTL_TYPE, 0),
		_IO(HV_ROOTCTL_IOCTL_TYPE, 0xff),
		_IO(HV_ROOTCTL_IOCTL_TYPE + 1, HV_ROOTCTL_CMD_QUERY),
		_IOR(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_QUERY, u64),
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(unknown); i++) {
		memset(&self->arg, 0, sizeof(self->arg));
		ASSERT_EQ(-1, ioctl(self->fd, unknown[i], &self->arg));
		EXPECT_EQ(ENOTTY, errno);
	}
}

/* --- what single fields cannot hold --------------------------------------- */

TEST_F(ioctl, map_alignment_and_overflow)
{
	const struct hv_rootctl_map good_map = {
		.size = sizeof(good_map),
		.partition_id = HVT_UNKNOWN_ID,
		.gpa = 0x1000,
		.user_addr = 0x10000,
		.length = 0x1000,
		.map_flags = HV_MAP_GPA_READABLE,
	};
	struct hv_rootctl_map map;

#define EXPECT_MAP_ERRNO(err, field, value)                           \
	do {                                                          \
		map = good_map;                                       \
		map.field = (value);                                  \
		ASSERT_EQ(-1, ioctl(self->fd, HV_ROOTCTL_MAP, &map)); \
		EXPECT_EQ(err, errno);                                \
		EXPECT_EQ(0, map.bytes_done);                         \
	} while (0)

	EXPECT_MAP_ERRNO(EINVAL, gpa, 0x1008);
	EXPECT_MAP_ERRNO(EINVAL, user_addr, 0x10001);
	EXPECT_MAP_ERRNO(EINVAL, length, 0x1800);
	EXPECT_MAP_ERRNO(EINVAL, length, 0);
	EXPECT_MAP_ERRNO(EOVERFLOW, gpa, ~0xfffULL);
	EXPECT_MAP_ERRNO(EOVERFLOW, user_addr, ~0xfffULL);
	EXPECT_MAP_ERRNO(EOPNOTSUPP, map_flags, HV_MAP_GPA_NO_ACCESS);
	/* A page that is nobody's. */
	EXPECT_MAP_ERRNO(EFAULT, user_addr, 0x7ffffffff000ULL - 0x10000);
}

TEST_F(ioctl, deposit_reserved_proximity)
{
	struct hv_rootctl_pool cmd = {
		.size = sizeof(cmd),
		.partition_id = HV_ROOTCTL_SELF,
		.proximity_domain_info = 1ULL << 40,
		.page_count = 1,
	};

	ASSERT_EQ(-1, ioctl(self->fd, HV_ROOTCTL_DEPOSIT, &cmd));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(0, cmd.pages_done);
	EXPECT_EQ(HV_ROOTCTL_NO_STATUS, cmd.hv_status);
}

TEST_F(ioctl, unmap_of_what_is_not_mapped)
{
	struct hv_rootctl_unmap cmd = {
		.size = sizeof(cmd),
		.partition_id = HVT_UNKNOWN_ID,
		.gpa = 0x1000,
		.length = 0x1000,
	};

	ASSERT_EQ(-1, ioctl(self->fd, HV_ROOTCTL_UNMAP, &cmd));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(0, cmd.bytes_done);
}

/* --- query ---------------------------------------------------------------- */

TEST_F(ioctl, query)
{
	struct hv_rootctl_query q;

	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_EQ(HV_PAGE_SIZE, q.page_size);
	EXPECT_TRUE(hv_privileges_are_root(q.privileges));
	EXPECT_EQ(HV_WITHDRAW_MAX, q.withdraw_batch);
	EXPECT_EQ(HV_DEPOSIT_MAX, q.deposit_batch);
	EXPECT_EQ(HV_MAP_GPA_MAX, q.map_batch);
	EXPECT_EQ(HV_ACCESS_GPA_MAX, q.access_batch);
	EXPECT_NE(HV_PARTITION_ID_INVALID, q.partition_id);
}

/* What CPUID says is what the driver says. */
TEST_F(ioctl, query_privileges_are_those_of_cpuid)
{
	struct hv_rootctl_query q;
	u32 eax = 0x40000003, ebx, ecx = 0, edx;

	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	if (q.transport != HV_ROOTCTL_TRANSPORT_HYPERV)
		SKIP(return, "no hypervisor");
	asm("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	EXPECT_EQ(eax, (u32)q.privileges);
	EXPECT_EQ(ebx, (u32)(q.privileges >> 32));
}

/* --- two files ------------------------------------------------------------ */

TEST_F(ioctl, partition_of_another_file)
{
	struct hv_rootctl_pool done;
	u64 id;
	int fd;

	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_create(fd, 0, &id));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, id, 5, &done));
	EXPECT_EQ(HV_STATUS_SUCCESS, done.hv_status);
	ASSERT_EQ(0, close(fd));
	/* It belonged to the file that is gone, and so did what was in it. */
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, id, 5, &done));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, done.hv_status);
}

TEST_F(ioctl, detached_partition_outlives_its_file)
{
	struct hv_rootctl_pool done;
	u32 status;
	u64 id;
	int fd;

	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_create(fd, HV_ROOTCTL_DETACHED, &id));
	ASSERT_EQ(0, hvt_drv_pool(fd, HV_ROOTCTL_DEPOSIT, id, 5, NULL));
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, id, 6, &done));
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, done.hv_status);
	EXPECT_EQ(5, done.pages_done);
	ASSERT_EQ(0, hvt_drv_partition(self->fd, HV_ROOTCTL_PARTITION_DELETE,
				       id, &status));
	EXPECT_EQ(HV_STATUS_SUCCESS, status);
}

/* A VP of one file in another's partition; pages in use tell that it is there. */
TEST_F(ioctl, vp_ends_with_its_file)
{
	static const u32 flags[] = { 0, HV_ROOTCTL_DETACHED };
	struct hv_rootctl_vp cmd;
	u64 available, before, in_use;
	unsigned int i;
	u32 status;
	int fd;
	u64 id;

	ASSERT_EQ(0, hvt_drv_child(self->fd, &id));
	ASSERT_EQ(0, hvt_drv_balance(self->fd, id, &available, &before));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		fd = hvt_driver();
		ASSERT_LE(0, fd);
		cmd = (struct hv_rootctl_vp){ .size = sizeof(cmd),
					      .flags = flags[i],
					      .partition_id = id,
					      .vp_index = 1 };
		ASSERT_EQ(0, ioctl(fd, HV_ROOTCTL_VP_CREATE, &cmd));
		ASSERT_EQ(HV_STATUS_SUCCESS, cmd.hv_status);
		ASSERT_EQ(0, hvt_drv_balance(fd, id, &available, &in_use));
		EXPECT_LT(before, in_use);
		ASSERT_EQ(0, close(fd));
		ASSERT_EQ(0, hvt_drv_balance(self->fd, id, &available,
					     &in_use));
		EXPECT_EQ(!flags[i], in_use == before);
	}
	ASSERT_EQ(0, hvt_drv_vp(self->fd, HV_ROOTCTL_VP_DELETE, id, 1,
				&status));
	EXPECT_EQ(HV_STATUS_SUCCESS, status);
}

/* It can be deleted by nobody, so it cannot end with a file. */
TEST_F(ioctl, vp_of_ones_own_partition)
{
	u32 status;

	errno = 0;
	EXPECT_EQ(-1, hvt_drv_vp(self->fd, HV_ROOTCTL_VP_CREATE,
				 HV_ROOTCTL_SELF, 0, &status));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(HV_ROOTCTL_NO_STATUS, status);
}

TEST_HARNESS_MAIN
