// SPDX-License-Identifier: GPL-2.0
/*
 * A mapping: pages are pinned as long as the partition may reach them, and
 * not longer, whatever the hypervisor says.
 */
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <hv/memory.h>

#include "fake.h"

#define MAP_GPA 0x40000000ULL
#define MAP_FIRST (MAP_GPA >> HV_PAGE_SHIFT)
#define MAP_PAGES 1200U
#define MAP_SIZE ((u64)MAP_PAGES << PAGE_SHIFT)
#define LARGE_SIZE ((u64)HV_LARGE_PAGES << PAGE_SHIFT)

/* What is mapped at each page from MAP_GPA on, 0: nothing. */
static u64 *mapped;

static u64 map_answer(struct fake *fake, u64 control, const void *in, void *out)
{
	const struct hv_input_map_gpa_pages *map = in;
	bool adds = hv_control_code(control) == HVCALL_MAP_GPA_PAGES;
	u64 base = map->target_gpa_base - MAP_FIRST;
	u32 count = hv_control_count(control);
	u32 i, k, pages;

	if (!adds && hv_control_code(control) != HVCALL_UNMAP_GPA_PAGES)
		return HV_STATUS_SUCCESS;
	KUNIT_EXPECT_NULL(fake->test, out);
	pages = map->map_flags & (adds ? HV_MAP_GPA_LARGE_PAGE :
					 HV_UNMAP_GPA_LARGE_PAGE) ?
			HV_LARGE_PAGES : 1;
	KUNIT_ASSERT_LE(fake->test, base + count * pages, (u64)MAP_PAGES);
	for (i = hv_control_start(control); i < count; i++)
		for (k = 0; k < pages; k++)
			mapped[base + i * pages + k] =
				adds ? map->source_gpa_page_list[i] + k : 0;
	return hv_result(HV_STATUS_SUCCESS, count);
}

/* Maps 700 pages, then there is no more memory. */
static u64 map_answer_short(struct fake *fake, u64 control, const void *in,
			    void *out)
{
	const struct hv_input_map_gpa_pages *map = in;
	u64 base = map->target_gpa_base - MAP_FIRST;
	u32 count = hv_control_count(control);

	if (hv_control_code(control) != HVCALL_MAP_GPA_PAGES ||
	    base + count <= 700)
		return map_answer(fake, control, in, out);
	map_answer(fake, hv_control_rep(HVCALL_MAP_GPA_PAGES, 700 - base, 0),
		   in, out);
	return hv_result(HV_STATUS_INSUFFICIENT_MEMORY, 700 - base);
}

/* Maps 300 pages, then wants a deposit, once. */
static u64 map_answer_in_need(struct fake *fake, u64 control, const void *in,
			      void *out)
{
	u16 code = hv_control_code(control);

	if (code == HVCALL_DEPOSIT_MEMORY || code == HVCALL_WITHDRAW_MEMORY)
		return fake_pool(fake, control, in, out);
	if (code != HVCALL_MAP_GPA_PAGES || fake->arg++)
		return map_answer(fake, control, in, out);
	map_answer(fake, hv_control_rep(HVCALL_MAP_GPA_PAGES, 300, 0), in, out);
	return hv_result(HV_STATUS_INSUFFICIENT_MEMORY, 300);
}

/* Says that 3 pages are mapped, and that it goes on; and so it does. */
static u64 map_answer_pending(struct fake *fake, u64 control, const void *in,
			      void *out)
{
	map_answer(fake, control, in, out);
	if (hv_control_code(control) != HVCALL_MAP_GPA_PAGES)
		return hv_result(HV_STATUS_SUCCESS, hv_control_count(control));
	return hv_result(HV_STATUS_CALL_PENDING, 3);
}

static u64 map_answer_no_unmap(struct fake *fake, u64 control, const void *in,
			       void *out)
{
	if (hv_control_code(control) == HVCALL_UNMAP_GPA_PAGES)
		return hv_result(HV_STATUS_OBJECT_IN_USE, 0);
	return map_answer_short(fake, control, in, out);
}

static u64 map_answer_gone(struct fake *fake, u64 control, const void *in,
			   void *out)
{
	return HV_STATUS_INVALID_PARTITION_ID;
}

static int map_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;

	mapped = kunit_kcalloc(test, MAP_PAGES, sizeof(*mapped), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mapped);
	fake->answer = map_answer;
	return err;
}

/*
 * Memory of a program in which no neighbours follow each other: every other
 * page is there before the rest. So there is no large page in it.
 */
static u64 map_memory(struct kunit *test)
{
	u64 user = fake_user_memory(test, MAP_SIZE);
	u32 i;

	for (i = 1; i < MAP_PAGES; i += 2)
		KUNIT_ASSERT_EQ(test,
				put_user(1, (int __user *)(user + i * PAGE_SIZE)),
				0);
	return user;
}

static u64 count_mapped(void)
{
	u64 i, n = 0;

	for (i = 0; i < MAP_PAGES; i++)
		n += mapped[i] != 0;
	return n;
}

static struct hv_rootctl_map map_args(u64 user)
{
	return (struct hv_rootctl_map){
		.partition_id = FAKE_CHILD_ID,
		.gpa = MAP_GPA,
		.user_addr = user,
		.length = MAP_SIZE,
		.map_flags = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE,
		.bytes_done = 99,
	};
}

static struct hv_rootctl_unmap unmap_args(void)
{
	return (struct hv_rootctl_unmap){
		.partition_id = FAKE_CHILD_ID,
		.gpa = MAP_GPA,
		.length = MAP_SIZE,
		.bytes_done = 99,
	};
}

/* The page behind a user address, and whether it is pinned. */
static u64 user_pfn(struct kunit *test, u64 user, bool *pinned)
{
	struct page *page;
	u64 pfn;

	KUNIT_ASSERT_EQ(test, get_user_pages_fast(user, 1, 0, &page), 1);
	pfn = page_to_pfn(page);
	*pinned = page_count(page) >= GUP_PIN_COUNTING_BIAS;
	put_page(page);
	return pfn;
}

/* The right pages at the right places, in as few calls as that makes. */
static void map_and_unmap(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = map_memory(test);
	struct hv_rootctl_map map = map_args(user);
	struct hv_rootctl_unmap unmap = unmap_args();
	bool pinned;

	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	KUNIT_EXPECT_EQ(test, map.hv_status, 0U);
	KUNIT_EXPECT_EQ(test, map.bytes_done, MAP_SIZE);
	KUNIT_EXPECT_EQ(test, fake->calls, 3U);
	KUNIT_EXPECT_EQ(test, fake->control[0],
			hv_control_rep(HVCALL_MAP_GPA_PAGES, 509, 0));
	KUNIT_EXPECT_EQ(test, fake->input[1][1], MAP_FIRST + 509);
	KUNIT_EXPECT_EQ(test, fake->input[1][2], 3ULL);
	KUNIT_EXPECT_EQ(test, count_mapped(), (u64)MAP_PAGES);
	KUNIT_EXPECT_EQ(test, mapped[0], user_pfn(test, user, &pinned));
	KUNIT_EXPECT_TRUE(test, pinned);
	KUNIT_EXPECT_EQ(test, mapped[777],
			user_pfn(test, user + 777 * PAGE_SIZE, &pinned));
	EXPECT_PINNED(fake, MAP_PAGES);

	KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
	KUNIT_EXPECT_EQ(test, unmap.hv_status, 0U);
	KUNIT_EXPECT_EQ(test, unmap.bytes_done, MAP_SIZE);
	KUNIT_EXPECT_EQ(test, fake->calls, 6U);
	KUNIT_EXPECT_EQ(test, fake->control[3],
			hv_control_rep(HVCALL_UNMAP_GPA_PAGES, 512, 0));
	KUNIT_EXPECT_EQ(test, count_mapped(), 0ULL);
	user_pfn(test, user, &pinned);
	KUNIT_EXPECT_FALSE(test, pinned);
	EXPECT_PINNED(fake, 0);
}

/* Stops after each hundred pages without saying why. */
static u64 map_answer_early(struct fake *fake, u64 control, const void *in,
			    void *out)
{
	u32 count = min(hv_control_count(control),
			hv_control_start(control) + 100);

	if (hv_control_code(control) != HVCALL_MAP_GPA_PAGES)
		return map_answer(fake, control, in, out);
	return map_answer(fake,
			  hv_control_rep(HVCALL_MAP_GPA_PAGES, count,
					 hv_control_start(control)), in, out);
}

/* Every page at its place, in blocks and out of them, and the list again. */
static void map_every_page(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = fake_user_memory(test, MAP_SIZE);
	struct hv_rootctl_map map = map_args(user);
	u32 i, wrong = 0;
	bool pinned;

	/* Not all in one piece. */
	for (i = 0; i < MAP_PAGES; i += 3)
		KUNIT_ASSERT_EQ(test,
				put_user(1, (int __user *)(user + i * PAGE_SIZE)),
				0);
	fake->answer = map_answer_early;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	KUNIT_EXPECT_EQ(test, map.bytes_done, MAP_SIZE);
	for (i = 0; i < MAP_PAGES; i++) {
		wrong += mapped[i] != user_pfn(test, user + i * PAGE_SIZE,
					       &pinned);
		wrong += !pinned;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);

	fake_close(fake);
	for (i = 0; i < MAP_PAGES; i++) {
		user_pfn(test, user + i * PAGE_SIZE, &pinned);
		wrong += pinned;
	}
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	EXPECT_PINNED(fake, 0);
}

/*
 * Neighbours that lie in memory as a large page does, but for where it begins:
 * by half of one, and by a page.
 */
static void map_large_or_not(struct kunit *test)
{
	static const struct {
		u64 gpa, user; /* pages behind the beginnings */
		u32 elements; /* of the first call */
	} cases[] = {
		{ 0, 0, 1 },
		{ 0, HV_LARGE_PAGES, 1 },
		{ 0, HV_LARGE_PAGES / 2, HV_MAP_GPA_MAX },
		{ 0, 1, HV_MAP_GPA_MAX },
		{ 0, HV_LARGE_PAGES - 1, HV_MAP_GPA_MAX },
		{ 1, 0, HV_MAP_GPA_MAX },
		{ 1, 1, HV_MAP_GPA_MAX },
	};
	u64 user = fake_user_block(test, 2 * HV_LARGE_PAGES * PAGE_SIZE);
	struct fake *fake = test->priv;
	u32 i, calls, wrong;
	u64 first, page;
	bool pinned;

	first = user_pfn(test, user, &pinned);
	KUNIT_ASSERT_EQ(test, first % HV_LARGE_PAGES, 0ULL);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct hv_rootctl_map map = map_args(user);
		struct hv_rootctl_unmap unmap = unmap_args();

		map.gpa += cases[i].gpa * PAGE_SIZE;
		map.user_addr += cases[i].user * PAGE_SIZE;
		map.length = HV_LARGE_PAGES * PAGE_SIZE;
		unmap.gpa = map.gpa;
		unmap.length = map.length;
		calls = fake->calls;
		KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
		KUNIT_EXPECT_EQ_MSG(test, fake->control[calls],
				    hv_control_rep(HVCALL_MAP_GPA_PAGES,
						   cases[i].elements, 0),
				    "case %u", i);
		for (page = wrong = 0; page < HV_LARGE_PAGES; page++)
			wrong += mapped[cases[i].gpa + page] !=
				 first + cases[i].user + page;
		KUNIT_EXPECT_EQ_MSG(test, wrong, 0U, "case %u", i);
		KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
		KUNIT_EXPECT_EQ(test, count_mapped(), 0ULL);
	}
	EXPECT_PINNED(fake, 0);
}

/* Memory that ends too soon: what was pinned by then is not any more. */
static void map_half_of_it_missing(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = map_memory(test);
	struct hv_rootctl_map map = map_args(user);
	bool pinned;
	u32 i;

	KUNIT_ASSERT_EQ(test, vm_munmap(user + MAP_SIZE - PAGE_SIZE, PAGE_SIZE),
			0);
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), -EFAULT);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
	EXPECT_PINNED(fake, 0);
	for (i = 0; i < MAP_PAGES - 1; i += 100) {
		user_pfn(test, user + i * PAGE_SIZE, &pinned);
		KUNIT_EXPECT_FALSE(test, pinned);
	}
}

/* Refused half way: what was mapped is unmapped, and all is unpinned. */
static void map_refused(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_map map =
		map_args(map_memory(test));

	fake->answer = map_answer_short;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	KUNIT_EXPECT_EQ(test, map.hv_status, HV_STATUS_INSUFFICIENT_MEMORY);
	KUNIT_EXPECT_EQ(test, map.bytes_done, 0ULL);
	KUNIT_EXPECT_EQ(test, count_mapped(), 0ULL);
	EXPECT_PINNED(fake, 0);
}

/* After a deposit it goes on where it was, with what comes there. */
static void map_deposit_and_go_on(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = map_memory(test);
	struct hv_rootctl_map map = map_args(user);
	struct hv_rootctl_unmap unmap = unmap_args();
	struct hv_rootctl_pool pool;
	bool pinned;

	map.retry.deposit_limit = 8;
	fake->answer = map_answer_in_need;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	KUNIT_EXPECT_EQ(test, map.hv_status, 0U);
	KUNIT_EXPECT_EQ(test, map.bytes_done, MAP_SIZE);
	KUNIT_EXPECT_EQ(test, map.retry.repeated, 1U);
	KUNIT_EXPECT_EQ(test, map.retry.pages_deposited, 8ULL);
	KUNIT_EXPECT_EQ(test, fake->calls, 5U);
	KUNIT_EXPECT_EQ(test, fake->input[1][0], FAKE_CHILD_ID);
	KUNIT_EXPECT_EQ(test, fake->control[2],
			hv_control_rep(HVCALL_MAP_GPA_PAGES, 509, 300));
	KUNIT_EXPECT_EQ(test, count_mapped(), (u64)MAP_PAGES);
	KUNIT_EXPECT_EQ(test, mapped[300],
			user_pfn(test, user + 300 * PAGE_SIZE, &pinned));
	KUNIT_EXPECT_EQ(test, mapped[509],
			user_pfn(test, user + 509 * PAGE_SIZE, &pinned));
	KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 8, &pool), 0);

	/* The limit is for all of it: the first refusal then is the end. */
	fake->arg = 0;
	map = map_args(user);
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	KUNIT_EXPECT_EQ(test, map.hv_status,
			(u32)HV_STATUS_INSUFFICIENT_MEMORY);
	KUNIT_EXPECT_EQ(test, map.bytes_done, 0ULL);
	KUNIT_EXPECT_EQ(test, count_mapped(), 0ULL);
	EXPECT_PINNED(fake, 0);
}

/* What a hypervisor goes on with behind our back is unmapped as well. */
static void map_pending(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = map_memory(test);
	struct hv_rootctl_map map = map_args(user);

	fake->answer = map_answer_pending;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	KUNIT_EXPECT_EQ(test, map.hv_status, (u32)HV_STATUS_CALL_PENDING);
	KUNIT_EXPECT_EQ(test, map.bytes_done, 0ULL);
	KUNIT_EXPECT_EQ(test, count_mapped(), 0ULL);
	EXPECT_PINNED(fake, 0);
}

/* And the unmap is refused, too: pinned until the hypervisor lets go. */
static void map_unmap_refused(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_map map =
		map_args(map_memory(test));
	struct hv_rootctl_unmap unmap = unmap_args();

	fake->answer = map_answer_no_unmap;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	KUNIT_EXPECT_EQ(test, map.hv_status, HV_STATUS_INSUFFICIENT_MEMORY);
	KUNIT_EXPECT_EQ(test, count_mapped(), 700ULL);
	EXPECT_PINNED(fake, MAP_PAGES);

	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), -EEXIST);
	KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
	KUNIT_EXPECT_EQ(test, unmap.hv_status, HV_STATUS_OBJECT_IN_USE);
	KUNIT_EXPECT_EQ(test, unmap.bytes_done, 0ULL);
	EXPECT_PINNED(fake, MAP_PAGES);

	/* Closing does not help, closing another file later does. */
	fake_close(fake);
	EXPECT_PINNED(fake, MAP_PAGES);
	fake->answer = map_answer;
	fake->file = hvrc_file_create(fake->hv);
	KUNIT_ASSERT_FALSE(test, IS_ERR(fake->file));
	EXPECT_PINNED(fake, MAP_PAGES);
	fake_close(fake);
	EXPECT_PINNED(fake, 0);
	KUNIT_EXPECT_EQ(test, count_mapped(), 0ULL);
}

/* An unmap of large pages that is refused, and all done: who knows? */
static void map_large_unmap_refused(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_map map = map_args(fake_user_block(test, LARGE_SIZE));
	struct hv_rootctl_unmap unmap = unmap_args();

	map.length = LARGE_SIZE;
	unmap.length = LARGE_SIZE;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	KUNIT_EXPECT_EQ(test, fake->control[0],
			hv_control_rep(HVCALL_MAP_GPA_PAGES, 1, 0));
	fake->answer = fake_scripted;
	FAKE_SCRIPT(fake, hv_result(HV_STATUS_TIME_OUT, 1));
	KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
	KUNIT_EXPECT_EQ(test, unmap.hv_status, (u32)HV_STATUS_TIME_OUT);
	KUNIT_EXPECT_EQ(test, unmap.bytes_done, LARGE_SIZE);
	EXPECT_PINNED(fake, HV_LARGE_PAGES);

	fake->answer = map_answer;
	KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
	KUNIT_EXPECT_EQ(test, count_mapped(), 0ULL);
	EXPECT_PINNED(fake, 0);
}

static u64 progress_seen[8];

/* Before each call, how far it is. */
static u64 map_answer_and_look(struct fake *fake, u64 control, const void *in,
			       void *out)
{
	if (fake->calls <= ARRAY_SIZE(progress_seen))
		progress_seen[fake->calls - 1] =
			READ_ONCE(fake->file->caller.progress);
	return map_answer_short(fake, control, in, out);
}

#define EXPECT_PROGRESS(call, pages)                                   \
	KUNIT_EXPECT_EQ(test, progress_seen[call],                     \
			(u64)(pages) << PAGE_SHIFT)

static void map_progress(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_map map = map_args(map_memory(test));
	struct hv_rootctl_unmap unmap = unmap_args();

	/* Refused at page 700, and undone: that it came so far stays. */
	fake->answer = map_answer_and_look;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	KUNIT_EXPECT_EQ(test, fake->calls, 4U);
	EXPECT_PROGRESS(0, 0);
	EXPECT_PROGRESS(1, HV_MAP_GPA_MAX);
	EXPECT_PROGRESS(2, 700);
	EXPECT_PROGRESS(3, 700);
	KUNIT_EXPECT_EQ(test, fake->file->caller.progress, 700 * PAGE_SIZE);

	map.length = 700 * PAGE_SIZE;
	unmap.length = map.length;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	KUNIT_EXPECT_EQ(test, map.bytes_done, map.length);
	fake->file->caller.progress = 0;
	KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
	KUNIT_EXPECT_EQ(test, fake->calls, 8U);
	EXPECT_PROGRESS(6, 0);
	EXPECT_PROGRESS(7, HV_UNMAP_GPA_MAX);
	KUNIT_EXPECT_EQ(test, fake->file->caller.progress, unmap.length);
	EXPECT_PINNED(fake, 0);
}

/* Where there is no such partition, nothing is mapped. */
static void map_partition_gone(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_map map =
		map_args(map_memory(test));
	struct hv_rootctl_unmap unmap = unmap_args();

	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	fake->answer = map_answer_gone;
	KUNIT_EXPECT_EQ(test, hvrc_unmap(fake->file, &unmap), 0);
	KUNIT_EXPECT_EQ(test, unmap.hv_status, HV_STATUS_INVALID_PARTITION_ID);
	KUNIT_EXPECT_EQ(test, unmap.bytes_done, 0ULL);
	EXPECT_PINNED(fake, 0);
}

static void map_arguments(struct kunit *test)
{
	u64 user = map_memory(test);
	struct hv_rootctl_map good = map_args(user), map;
	struct fake *fake = test->priv;

#define EXPECT_MAP(field, value, err)                                       \
	do {                                                                \
		map = good;                                                 \
		map.field = (value);                                        \
		KUNIT_EXPECT_EQ_MSG(test, hvrc_map(fake->file, &map), err,  \
				    #field " = " #value);                   \
		KUNIT_EXPECT_EQ(test, map.bytes_done, 0ULL);                \
		KUNIT_EXPECT_EQ(test, map.hv_status, HV_ROOTCTL_NO_STATUS); \
	} while (0)

	EXPECT_MAP(gpa, MAP_GPA + 8, -EINVAL);
	EXPECT_MAP(user_addr, user + 8, -EINVAL);
	EXPECT_MAP(length, MAP_SIZE - 8, -EINVAL);
	EXPECT_MAP(length, 0, -EINVAL);
	EXPECT_MAP(gpa, ~HV_PAGE_MASK, -EOVERFLOW);
	EXPECT_MAP(user_addr, ~HV_PAGE_MASK, -EOVERFLOW);
	EXPECT_MAP(map_flags, HV_MAP_GPA_LARGE_PAGE, -EOPNOTSUPP);
	EXPECT_MAP(map_flags, HV_MAP_GPA_NO_ACCESS, -EOPNOTSUPP);
	EXPECT_MAP(partition_id, HV_ROOTCTL_SELF, -EOPNOTSUPP);
	EXPECT_MAP(partition_id, FAKE_SELF_ID, -EOPNOTSUPP);
	EXPECT_MAP(user_addr, user + PAGE_SIZE, -EFAULT);
	/* More than there is, whatever the record of it would take. */
	EXPECT_MAP(length, 1ULL << 50, -EFAULT);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
	EXPECT_PINNED(fake, 0);
}

/* Read-only for the partition: fine, also where the user cannot write. */
static void map_read_only(struct kunit *test)
{
	u64 user = map_memory(test);
	struct hv_rootctl_map map = map_args(user);
	struct fake *fake = test->priv;
	bool pinned;
	u64 one = 1;

	map.map_flags = HV_MAP_GPA_READABLE;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	/* The user's first write does not part user and partition. */
	KUNIT_ASSERT_EQ(test, copy_to_user(u64_to_user_ptr(user), &one, 8),
			0UL);
	KUNIT_EXPECT_EQ(test, mapped[0], user_pfn(test, user, &pinned));
	fake_close(fake);

	fake->file = hvrc_file_create(fake->hv);
	KUNIT_ASSERT_FALSE(test, IS_ERR(fake->file));
	user = vm_mmap(NULL, 0, MAP_SIZE, PROT_READ,
		       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(user));
	map.user_addr = user;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	EXPECT_PINNED(fake, MAP_PAGES);
	map.gpa += MAP_SIZE;
	map.map_flags |= HV_MAP_GPA_WRITABLE;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), -EFAULT);
	EXPECT_PINNED(fake, MAP_PAGES);
	fake_close(fake);
	EXPECT_PINNED(fake, 0);
}

static struct kunit_case map_cases[] = {
	KUNIT_CASE(map_and_unmap),
	KUNIT_CASE(map_every_page),
	KUNIT_CASE(map_large_or_not),
	KUNIT_CASE(map_half_of_it_missing),
	KUNIT_CASE(map_refused),
	KUNIT_CASE(map_deposit_and_go_on),
	KUNIT_CASE(map_pending),
	KUNIT_CASE(map_unmap_refused),
	KUNIT_CASE(map_large_unmap_refused),
	KUNIT_CASE(map_progress),
	KUNIT_CASE(map_partition_gone),
	KUNIT_CASE(map_arguments),
	KUNIT_CASE(map_read_only),
	{}
};

static struct kunit_suite map_suite = {
	.name = "hv_rootctl_map",
	.init = map_init,
	.exit = fake_exit,
	.test_cases = map_cases,
};

kunit_test_suite(map_suite);
