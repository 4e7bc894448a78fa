// SPDX-License-Identifier: GPL-2.0
/*
 * The rules that hold for every ioctl: sizes, flags, reserved fields, unknown
 * numbers, and what is written back when.
 */
#include <linux/string.h>
#include <linux/uaccess.h>

#include <hv/partition.h>

#include "fake.h"

#define IOCTL_NO_RESERVED 0

/*
 * Each ioctl with its structure, its first size that had all mandatory fields,
 * defined flags, and its __reserved field.
 */
static const struct ioctl_contract {
	const char *name;
	unsigned int cmd;
	u32 size;
	u32 min_size;
	u32 flags;
	u32 reserved;
} ioctl_contracts[] = {
#define CONTRACT(_name, _type, _flags, _reserved) \
	{ #_name, HV_ROOTCTL_##_name, sizeof(_type), sizeof(_type), _flags, \
	  _reserved }
#define CONTRACT_GROWN(_name, _type, _min_size, _flags, _reserved) \
	{ #_name, HV_ROOTCTL_##_name, sizeof(_type), _min_size, _flags, \
	  _reserved }
	CONTRACT_GROWN(QUERY, struct hv_rootctl_query, 80, 0, 92),
	CONTRACT_GROWN(PARTITION_CREATE, struct hv_rootctl_partition_create, 40,
		       HV_ROOTCTL_DETACHED, IOCTL_NO_RESERVED),
	CONTRACT_GROWN(PARTITION_INITIALIZE, struct hv_rootctl_partition, 24, 0,
		       20),
	CONTRACT_GROWN(PARTITION_FINALIZE, struct hv_rootctl_partition, 24, 0,
		       20),
	CONTRACT_GROWN(PARTITION_DELETE, struct hv_rootctl_partition, 24, 0,
		       20),
	CONTRACT(PARTITION_NEXT, struct hv_rootctl_partition_next, 0, 36),
	CONTRACT_GROWN(VP_CREATE, struct hv_rootctl_vp, 32, HV_ROOTCTL_DETACHED,
		       IOCTL_NO_RESERVED),
	CONTRACT_GROWN(VP_DELETE, struct hv_rootctl_vp, 32, 0,
		       IOCTL_NO_RESERVED),
	CONTRACT(DEPOSIT, struct hv_rootctl_pool, HV_ROOTCTL_HOLD, 52),
	CONTRACT(WITHDRAW, struct hv_rootctl_pool, HV_ROOTCTL_HOLD, 52),
	CONTRACT(BALANCE, struct hv_rootctl_balance, 0, 44),
	CONTRACT_GROWN(MAP, struct hv_rootctl_map, 56, HV_ROOTCTL_DETACHED,
		       IOCTL_NO_RESERVED),
	CONTRACT_GROWN(UNMAP, struct hv_rootctl_unmap, 48, 0, 44),
	CONTRACT(READ_GPA, struct hv_rootctl_access, 0, IOCTL_NO_RESERVED),
	CONTRACT(WRITE_GPA, struct hv_rootctl_access, 0, IOCTL_NO_RESERVED),
	CONTRACT(ACCESS_LIST, struct hv_rootctl_access_list,
		 HV_ROOTCTL_LIST_WRITE, IOCTL_NO_RESERVED),
	CONTRACT(PROGRESS, struct hv_rootctl_progress, 0, 12),
	CONTRACT(RAW, struct hv_rootctl_raw, 0, 52),
};

/* The layouts are for ever, so they are written down a second time here. */
static void ioctl_layouts(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_query), 128UL);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_partition_create), 64UL);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_partition), 48UL);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_partition_next), 40UL);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_vp), 56UL);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_pool), 56UL);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_balance), 48UL);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_map), 80UL);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_unmap), 72UL);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_access), 72UL);
	KUNIT_EXPECT_EQ(test, HV_ROOTCTL_BALANCE, 0xd780U);
	KUNIT_EXPECT_EQ(test, HV_ROOTCTL_WRITE_GPA, 0xd78eU);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_access_entry), 24UL);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_access_list), 64UL);
	KUNIT_EXPECT_EQ(test, HV_ROOTCTL_ACCESS_LIST, 0xd78fU);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_progress), 24UL);
	KUNIT_EXPECT_EQ(test, HV_ROOTCTL_PROGRESS, 0xd790U);
	KUNIT_EXPECT_EQ(test, sizeof(struct hv_rootctl_raw), 56UL);
	KUNIT_EXPECT_EQ(test, HV_ROOTCTL_RAW, 0xd791U);
}

/* Put a structure at the user's @addr: @size is what it says of itself. */
static void ioctl_put(struct kunit *test, u64 addr, u32 size, const void *data,
		      u32 length)
{
	u8 buf[128] = {};

	if (length)
		memcpy(buf, data, length);
	memcpy(buf, &size, sizeof(size));
	KUNIT_ASSERT_EQ(test, copy_to_user(u64_to_user_ptr(addr), buf,
					   sizeof(buf)), 0UL);
}

/* Nothing but the size: it gets as far as the handler. */
static void ioctl_put_zeros(struct kunit *test, u64 addr, u32 size)
{
	ioctl_put(test, addr, size, NULL, 0);
}

static long ioctl_exact(struct kunit *test, u64 addr,
			const struct ioctl_contract *c)
{
	struct fake *fake = test->priv;

	ioctl_put_zeros(test, addr, c->size);
	return hvrc_file_ioctl(fake->file, c->cmd, addr);
}

static void ioctl_lengths(struct kunit *test)
{
	u64 addr = fake_user_memory(test, PAGE_SIZE);
	struct fake *fake = test->priv;
	const struct ioctl_contract *c;
	const u32 too_long = PAGE_SIZE + 1;
	long exact;
	u8 tail = 1;

	for (c = ioctl_contracts;
	     c < ioctl_contracts + ARRAY_SIZE(ioctl_contracts); c++) {
		exact = ioctl_exact(test, addr, c);
		KUNIT_EXPECT_NE_MSG(test, exact, -E2BIG, "%s", c->name);

		/* What was a whole structure once still is. */
		ioctl_put_zeros(test, addr, c->min_size);
		KUNIT_EXPECT_EQ_MSG(test,
				    hvrc_file_ioctl(fake->file, c->cmd, addr),
				    exact, "%s, of old", c->name);
		ioctl_put_zeros(test, addr, c->min_size - 1);
		KUNIT_EXPECT_EQ_MSG(test,
				    hvrc_file_ioctl(fake->file, c->cmd, addr),
				    -EINVAL, "%s, short", c->name);
		ioctl_put_zeros(test, addr, 0);
		KUNIT_EXPECT_EQ_MSG(test,
				    hvrc_file_ioctl(fake->file, c->cmd, addr),
				    -EINVAL, "%s, size 0", c->name);

		ioctl_put_zeros(test, addr, c->size + 1);
		KUNIT_EXPECT_EQ_MSG(test,
				    hvrc_file_ioctl(fake->file, c->cmd, addr),
				    exact, "%s, long", c->name);

		ioctl_put_zeros(test, addr, c->size + 1);
		KUNIT_ASSERT_EQ(test,
				copy_to_user(u64_to_user_ptr(addr + c->size),
					     &tail, 1), 0UL);
		KUNIT_EXPECT_EQ_MSG(test,
				    hvrc_file_ioctl(fake->file, c->cmd, addr),
				    -E2BIG, "%s, long and not zero", c->name);

		KUNIT_ASSERT_EQ(test, clear_user(u64_to_user_ptr(addr),
						 PAGE_SIZE), 0UL);
		ioctl_put_zeros(test, addr, PAGE_SIZE);
		KUNIT_EXPECT_EQ_MSG(test,
				    hvrc_file_ioctl(fake->file, c->cmd, addr),
				    exact, "%s, a page", c->name);
		KUNIT_ASSERT_EQ(test,
				copy_to_user(u64_to_user_ptr(addr), &too_long,
					     sizeof(too_long)), 0UL);
		KUNIT_EXPECT_EQ_MSG(test,
				    hvrc_file_ioctl(fake->file, c->cmd, addr),
				    -E2BIG, "%s, too long", c->name);
	}
}

static void ioctl_flags(struct kunit *test)
{
	u64 addr = fake_user_memory(test, PAGE_SIZE);
	struct fake *fake = test->priv;
	const struct ioctl_contract *c;
	u32 bit, calls;
	long err;

	for (c = ioctl_contracts;
	     c < ioctl_contracts + ARRAY_SIZE(ioctl_contracts); c++)
		for (bit = 0; bit < 32; bit++) {
			u32 head[2] = { c->size, 1U << bit };

			calls = fake->calls;
			ioctl_put(test, addr, c->size, head, sizeof(head));
			err = hvrc_file_ioctl(fake->file, c->cmd, addr);
			if (head[1] & c->flags) {
				KUNIT_EXPECT_NE_MSG(test, err, -EOPNOTSUPP,
						    "%s, flag %u", c->name, bit);
				continue;
			}
			KUNIT_EXPECT_EQ_MSG(test, err, -EOPNOTSUPP,
					    "%s, flag %u", c->name, bit);
			KUNIT_EXPECT_EQ(test, fake->calls, calls);
		}
}

static void ioctl_reserved(struct kunit *test)
{
	u64 addr = fake_user_memory(test, PAGE_SIZE);
	struct fake *fake = test->priv;
	const struct ioctl_contract *c;
	u32 one = 1;

	for (c = ioctl_contracts;
	     c < ioctl_contracts + ARRAY_SIZE(ioctl_contracts); c++) {
		if (c->reserved == IOCTL_NO_RESERVED)
			continue;
		ioctl_put_zeros(test, addr, c->size);
		KUNIT_ASSERT_EQ(test,
				copy_to_user(u64_to_user_ptr(addr + c->reserved),
					     &one, 4), 0UL);
		KUNIT_EXPECT_EQ_MSG(test,
				    hvrc_file_ioctl(fake->file, c->cmd, addr),
				    -EOPNOTSUPP, "%s", c->name);
	}
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

static void ioctl_unknown(struct kunit *test)
{
	u64 addr = fake_user_memory(test, PAGE_SIZE);
	struct fake *fake = test->priv;
	static const unsigned int unknown[] = {
		0,
		_IO(HV_ROOTCTL_IOCTL_TYPE + 1, HV_ROOTCTL_CMD_QUERY),
		_IOWR(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_QUERY, u32),
		~0U,
	};
	u32 i, nr, here;
	long err;

	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		KUNIT_EXPECT_EQ(test,
				hvrc_file_ioctl(fake->file, unknown[i], addr),
				-ENOIOCTLCMD);

	/* An ioctl without a contract above is none, and the other way round. */
	for (nr = 0; nr < 256; nr++) {
		for (i = 0, here = 0; i < ARRAY_SIZE(ioctl_contracts); i++)
			here += _IOC_NR(ioctl_contracts[i].cmd) == nr;
		err = hvrc_file_ioctl(fake->file,
				      _IO(HV_ROOTCTL_IOCTL_TYPE, nr), 0);
		KUNIT_EXPECT_EQ_MSG(test, here, err != -ENOIOCTLCMD, "%#x", nr);
	}
}

static void ioctl_bad_pointer(struct kunit *test)
{
	u64 addr = fake_user_memory(test, PAGE_SIZE);
	struct fake *fake = test->priv;
	const struct ioctl_contract *c;

	for (c = ioctl_contracts;
	     c < ioctl_contracts + ARRAY_SIZE(ioctl_contracts); c++) {
		u32 size = c->size;

		KUNIT_EXPECT_EQ(test, hvrc_file_ioctl(fake->file, c->cmd, 0),
				-EFAULT);
		/* The size can be read, the rest lies behind the end. */
		KUNIT_ASSERT_EQ(test,
				copy_to_user(u64_to_user_ptr(addr + PAGE_SIZE - 4),
					     &size, 4), 0UL);
		KUNIT_EXPECT_EQ_MSG(test,
				    hvrc_file_ioctl(fake->file, c->cmd,
						    addr + PAGE_SIZE - 4),
				    -EFAULT, "%s", c->name);
	}
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

/* Two faces: an error in errno, and what had been done by then. */
static void ioctl_writes_back(struct kunit *test)
{
	u64 addr = fake_user_memory(test, PAGE_SIZE);
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args = {
		.size = sizeof(args),
		.partition_id = FAKE_CHILD_ID,
		.page_count = 10,
		.pages_done = 77,
		.hypercalls = 77,
		.hv_status = 77,
	};

	FAKE_SCRIPT(fake, hv_result(0, 4), hv_result(0, 4));
	KUNIT_ASSERT_EQ(test, copy_to_user(u64_to_user_ptr(addr), &args,
					   sizeof(args)), 0UL);
	KUNIT_EXPECT_EQ(test,
			hvrc_file_ioctl(fake->file, HV_ROOTCTL_WITHDRAW, addr),
			-EPROTO);
	KUNIT_ASSERT_EQ(test, copy_from_user(&args, u64_to_user_ptr(addr),
					     sizeof(args)), 0UL);
	KUNIT_EXPECT_EQ(test, args.hypercalls, 2ULL);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0ULL);
	KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
	KUNIT_EXPECT_EQ(test, args.page_count, 10ULL);
}

/* A longer structure comes back with its tail as it was: zero. */
static void ioctl_query(struct kunit *test)
{
	u64 addr = fake_user_memory(test, PAGE_SIZE);
	struct hv_rootctl_query query;

	KUNIT_EXPECT_EQ(test, ioctl_exact(test, addr, &ioctl_contracts[0]), 0);
	KUNIT_ASSERT_EQ(test, copy_from_user(&query, u64_to_user_ptr(addr),
					     sizeof(query)), 0UL);
	KUNIT_EXPECT_EQ(test, query.size, (u32)sizeof(query));
	KUNIT_EXPECT_EQ(test, query.transport, 99U);
	KUNIT_EXPECT_EQ(test, query.page_size, 4096U);
	KUNIT_EXPECT_EQ(test, query.partition_id, FAKE_SELF_ID);
	KUNIT_EXPECT_EQ(test, query.privileges, 0x0000100500000000ULL);
	KUNIT_EXPECT_EQ(test, query.withdraw_batch, 512U);
	KUNIT_EXPECT_EQ(test, query.deposit_batch, 511U);
	KUNIT_EXPECT_EQ(test, query.map_batch, 509U);
	KUNIT_EXPECT_EQ(test, query.access_batch, 16U);
	KUNIT_EXPECT_EQ(test, query.features, 0ULL);
	KUNIT_EXPECT_EQ(test, query.write_gpa_form,
			(u32)HV_ROOTCTL_FORM_MEMORY);
}

/* Without one of a root's privileges there is no device. */
static void ioctl_not_root(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 root = fake->transport.privileges;
	u32 bit;

	for (bit = 0; bit < 64; bit++) {
		if (!(root & BIT_ULL(bit)))
			continue;
		fake->transport.privileges = root & ~BIT_ULL(bit);
		KUNIT_EXPECT_EQ(test, hvrc_start(&fake->transport), -ENODEV);
	}
	fake->transport.privileges = root | HV_PRIVILEGE(ISOLATION);
	KUNIT_EXPECT_EQ(test, hvrc_start(&fake->transport), -ENODEV);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

static struct kunit_case ioctl_cases[] = {
	KUNIT_CASE(ioctl_layouts),
	KUNIT_CASE(ioctl_lengths),
	KUNIT_CASE(ioctl_flags),
	KUNIT_CASE(ioctl_reserved),
	KUNIT_CASE(ioctl_unknown),
	KUNIT_CASE(ioctl_bad_pointer),
	KUNIT_CASE(ioctl_writes_back),
	KUNIT_CASE(ioctl_query),
	KUNIT_CASE(ioctl_not_root),
	{}
};

static struct kunit_suite ioctl_suite = {
	.name = "hv_rootctl_ioctl",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = ioctl_cases,
};

kunit_test_suite(ioctl_suite);
