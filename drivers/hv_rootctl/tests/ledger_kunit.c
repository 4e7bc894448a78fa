// SPDX-License-Identifier: GPL-2.0
/*
 * The ledger: pages come and go in blocks, whole, in part and in any order,
 * and each of them is freed once, when it has come back.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include <hv/memory.h>

#include "fake.h"

static int ledger_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;

	fake->answer = fake_pool;
	return err;
}

static void expect_out(struct kunit *test, u64 pfn)
{
	KUNIT_EXPECT_EQ(test, page_count(pfn_to_page(pfn)), 1);
	KUNIT_EXPECT_TRUE(test, PageOffline(pfn_to_page(pfn)));
}

/* 256 pages are one block, of pages that stand by themselves. */
static void ledger_whole(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u64 first;
	u32 i;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 256, &args), 0);
	first = fake->pool[0];
	for (i = 0; i < 256; i++) {
		KUNIT_EXPECT_EQ(test, fake->pool[i], first + i);
		expect_out(test, first + i);
	}
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 256, &args), 0);
	for (i = 0; i < 256; i++)
		fake_expect_free(test, first + i);
	EXPECT_BOOKS(fake, 0, 0, 256);
}

/* A part of a block: it is free at once, and the rest is as it was. */
static void ledger_in_pieces(struct kunit *test)
{
	static const u32 sizes[] = { 1, 3, 60, 64, 127 };
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u32 i, n, left = 256;
	u64 first;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, left, &args), 0);
	first = fake->pool[0];
	for (n = 0; n < ARRAY_SIZE(sizes); n++) {
		KUNIT_EXPECT_EQ(test, fake_withdraw(fake, sizes[n], &args), 0);
		left -= sizes[n];
		for (i = 0; i < left; i++)
			expect_out(test, first + i);
		for (; i < left + sizes[n]; i++)
			fake_expect_free(test, first + i);
		EXPECT_BOOKS(fake, left, 0, 256 - left);
	}
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, left + 1, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, (u64)left);
	fake_expect_free(test, first);
	EXPECT_BOOKS(fake, 0, 0, 256);
}

/* W9: the second time is no time, before and after the page is freed. */
static void ledger_w9_duplicates(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u64 first;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 16, &args), 0);
	first = fake->pool[0];
	fake->nr_pool = 0;
	fake->pool[fake->nr_pool++] = first + 7;
	fake->pool[fake->nr_pool++] = first + 16; /* behind the block */
	fake->pool[fake->nr_pool++] = first - 1; /* before it */
	fake->pool[fake->nr_pool++] = first + 7;
	fake->pool[fake->nr_pool++] = first + 8;
	fake->pool[fake->nr_pool++] = first + 7;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 3, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 2ULL);
	EXPECT_BOOKS(fake, 14, 1, 2);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 3, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 0ULL);
	EXPECT_BOOKS(fake, 14, 4, 2);

	while (fake->nr_pool < 16) {
		fake->pool[fake->nr_pool] = first + fake->nr_pool;
		fake->nr_pool++;
	}
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 16, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 14ULL);
	EXPECT_BOOKS(fake, 0, 6, 16);
}

/*
 * A page that came back is deposited again, while its neighbours are still in
 * the pool, or in another one.
 */
static void ledger_w9_freed_and_used_again(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u32 i;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 64, &args), 0);
	for (i = 0; i < 40; i++) {
		KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 48, &args), 0);
		KUNIT_EXPECT_EQ(test, args.pages_done, 48ULL);
		KUNIT_EXPECT_EQ(test, fake_deposit(fake, 50, &args), 0);
		args.partition_id = FAKE_CHILD_ID + 1;
		args.page_count = 10;
		KUNIT_EXPECT_EQ(test, hvrc_deposit(fake->file, &args), 0);
		KUNIT_EXPECT_EQ(test, hvrc_withdraw(fake->file, &args), 0);
		KUNIT_EXPECT_EQ(test, args.pages_done, 10ULL);
	}
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 144, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 144ULL);
	EXPECT_BOOKS(fake, 0, 0, 64 + 40 * 60);
}

/*
 * W9: a page is believed for two things that are on it, not for one. Others
 * may have either on theirs.
 */
static void ledger_w9_marks(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	struct page *offline = alloc_page(GFP_KERNEL);
	struct page *marked = alloc_page(GFP_KERNEL);
	struct page *other = alloc_page(GFP_KERNEL);
	unsigned long mark;

	KUNIT_ASSERT_TRUE(test, offline && marked && other);
	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 1, &args), 0);
	mark = page_private(pfn_to_page(fake->pool[0]));
	KUNIT_EXPECT_EQ(test, mark & 1, 1UL);
	__SetPageOffline(offline);
	set_page_private(marked, mark);
	__SetPageOffline(other);
	set_page_private(other, mark ^ 2);
	fake->pool[fake->nr_pool++] = page_to_pfn(offline);
	fake->pool[fake->nr_pool++] = page_to_pfn(marked);
	fake->pool[fake->nr_pool++] = page_to_pfn(other);

	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 4, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 1ULL);
	EXPECT_BOOKS(fake, 0, 3, 1);
	/* They are as they were. */
	KUNIT_EXPECT_TRUE(test, PageOffline(offline) && PageOffline(other));
	KUNIT_EXPECT_EQ(test, page_private(offline), 0UL);
	KUNIT_EXPECT_EQ(test, page_private(marked), mark);
	KUNIT_EXPECT_EQ(test, page_private(other), mark ^ 2);

	__ClearPageOffline(offline);
	__ClearPageOffline(other);
	set_page_private(marked, 0);
	set_page_private(other, 0);
	__free_page(offline);
	__free_page(marked);
	__free_page(other);
}

/* Somebody looks at a page while it is freed: it lasts until he is done. */
static void ledger_foreign_reference(struct kunit *test)
{
	static const u32 where[] = { 0, 1, 100, 255 };
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	struct page *page;
	u32 i, n;
	u64 first;

	for (n = 0; n < ARRAY_SIZE(where); n++) {
		KUNIT_EXPECT_EQ(test, fake_deposit(fake, 256, &args), 0);
		first = fake->pool[0];
		page = pfn_to_page(first + where[n]);
		get_page(page);
		KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 256, &args), 0);
		KUNIT_EXPECT_EQ(test, args.pages_done, 256ULL);
		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		KUNIT_EXPECT_FALSE(test, PageOffline(page));
		for (i = 0; i < 256; i++)
			if (i != where[n])
				fake_expect_free(test, first + i);
		put_page(page);
		fake_expect_free(test, first + where[n]);
	}
	EXPECT_BOOKS(fake, 0, 0, 256 * ARRAY_SIZE(where));
}

/* What is over of a block is for the next hypercall, then the kernel's. */
static void ledger_rest_of_a_block(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u64 last;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 1000, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hypercalls, 2ULL);
	KUNIT_EXPECT_EQ(test, fake->pool[0] % 512, 0ULL);
	KUNIT_EXPECT_EQ(test, fake->pool[511], fake->pool[0] + 511);
	last = fake->pool[999];
	KUNIT_EXPECT_EQ(test, last, fake->pool[512] + 487);
	fake_expect_free(test, last + 1);
	fake_expect_free(test, last + 24);
	EXPECT_BOOKS(fake, 1000, 0, 0);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 1000, &args), 0);
	EXPECT_BOOKS(fake, 0, 0, 1000);
}

/* Has no room for more than @arg pages. */
static u64 full_pool(struct fake *fake, u64 control, const void *in, void *out)
{
	u32 room = fake->arg - fake->nr_pool;
	u64 part;

	if (hv_control_code(control) != HVCALL_DEPOSIT_MEMORY ||
	    hv_control_count(control) <= room)
		return fake_pool(fake, control, in, out);
	part = hv_control_rep(HVCALL_DEPOSIT_MEMORY, room, 0);
	fake_pool(fake, part, in, out);
	return hv_result(HV_STATUS_OPERATION_DENIED, room);
}

/* Refused in the middle of a block: what was accepted stays. */
static void ledger_c_deposit_5_half_way(struct kunit *test)
{
	static const u32 rooms[] = { 510, 511, 512, 513, 600, 767, 768, 769 };
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u64 ever = 0;
	u32 i;

	fake->answer = full_pool;
	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		fake->arg = rooms[i];
		KUNIT_EXPECT_EQ(test, fake_deposit(fake, 1024, &args), 0);
		KUNIT_EXPECT_EQ(test, args.hv_status,
				HV_STATUS_OPERATION_DENIED);
		KUNIT_EXPECT_EQ(test, args.pages_done, (u64)rooms[i]);
		EXPECT_BOOKS(fake, rooms[i], 0, ever);
		KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 1024, &args), 0);
		ever += rooms[i];
		EXPECT_BOOKS(fake, 0, 0, ever);
	}
}

/* W9: in no order at all, and none is missing at the end. */
static void ledger_w9_any_order(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u32 i, j, seed = 1;
	u64 sum = 0;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 2000, &args), 0);
	for (i = 1999; i; i--) {
		seed = seed * 1103515245 + 12345;
		j = (seed >> 8) % (i + 1);
		swap(fake->pool[i], fake->pool[j]);
	}
	while (sum < 2000) {
		KUNIT_ASSERT_EQ(test, fake_withdraw(fake, 1 + sum, &args), 0);
		sum += args.pages_done;
		EXPECT_BOOKS(fake, 2000 - sum, 0, sum);
	}
	KUNIT_EXPECT_EQ(test, sum, 2000ULL);
}

/* --- pages that a file holds ------------------------------------------------ */

static int hold(struct fake *fake, int (*fn)(struct hvrc_file *file, void *arg),
		u64 pages, struct hv_rootctl_pool *args)
{
	*args = (struct hv_rootctl_pool){
		.flags = HV_ROOTCTL_HOLD,
		.partition_id = FAKE_CHILD_ID,
		.page_count = pages,
	};
	return fn(fake->file, args);
}

#define EXPECT_HELD(fake, held)                                             \
	do {                                                                \
		KUNIT_EXPECT_EQ((fake)->test,                               \
				atomic64_read(&(fake)->hv->kept), held);    \
		KUNIT_EXPECT_EQ((fake)->test, (fake)->file->hold.pages,     \
				held ## ULL);                               \
	} while (0)

/* They are the file's: no mark, one reference; and go back as they came. */
static void ledger_hold(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u64 *pfns = fake->pool + FAKE_MAX_POOL - 600;
	u32 i;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 600, &args), 0);
	memcpy(pfns, fake->pool, 600 * sizeof(*pfns));
	KUNIT_EXPECT_EQ(test, hold(fake, hvrc_withdraw, 550, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 550ULL);
	EXPECT_BOOKS(fake, 50, 0, 550);
	EXPECT_HELD(fake, 550);
	for (i = 50; i < 600; i++) {
		struct page *page = pfn_to_page(pfns[i]);

		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		KUNIT_EXPECT_FALSE(test, PageOffline(page));
	}

	KUNIT_EXPECT_EQ(test, hold(fake, hvrc_deposit, 500, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 500ULL);
	EXPECT_BOOKS(fake, 550, 0, 550);
	EXPECT_HELD(fake, 50);
	for (i = 50; i < fake->nr_pool; i++)
		expect_out(test, fake->pool[i]);
	/* No more than it holds, and none of the kernel's. */
	KUNIT_EXPECT_EQ(test, hold(fake, hvrc_deposit, 51, &args), -ENOENT);
	KUNIT_EXPECT_EQ(test, args.pages_done, 50ULL);
	EXPECT_BOOKS(fake, 600, 0, 550);
	EXPECT_HELD(fake, 0);

	/* The same 600 pages, each of them once, of this pool again. */
	for (i = 0; i < 600; i++)
		KUNIT_EXPECT_TRUE(test, PageOffline(pfn_to_page(pfns[i])));
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 600, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 600ULL);
	EXPECT_BOOKS(fake, 0, 0, 1150);
}

/* Two files, one pool: each keeps its own, and what it keeps ends with it. */
static void ledger_hold_until_close(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_file *file = fake->file;
	struct hv_rootctl_pool args;
	u64 first;
	u32 i;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 256, &args), 0);
	first = fake->pool[0];
	KUNIT_EXPECT_EQ(test, hold(fake, hvrc_withdraw, 100, &args), 0);
	fake->file = hvrc_file_create(fake->hv);
	KUNIT_ASSERT_FALSE(test, IS_ERR(fake->file));
	KUNIT_EXPECT_EQ(test, hold(fake, hvrc_withdraw, 56, &args), 0);
	EXPECT_BOOKS(fake, 100, 0, 156);
	KUNIT_EXPECT_EQ(test, file->hold.pages, 100ULL);
	KUNIT_EXPECT_EQ(test, fake->file->hold.pages, 56ULL);
	hvrc_file_destroy(file);
	EXPECT_HELD(fake, 56);
	for (i = 0; i < 256; i++) {
		if (i < 100)
			expect_out(test, first + i);
		else if (i < 156)
			KUNIT_EXPECT_EQ(test,
					page_count(pfn_to_page(first + i)), 1);
		else
			fake_expect_free(test, first + i);
	}
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 100, &args), 0);
	EXPECT_BOOKS(fake, 0, 0, 256);
	EXPECT_HELD(fake, 56);
}

/* What the hypervisor refuses is held as before. */
static void ledger_hold_refused(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 300, &args), 0);
	KUNIT_EXPECT_EQ(test, hold(fake, hvrc_withdraw, 300, &args), 0);
	fake->answer = full_pool;
	fake->arg = 123;
	KUNIT_EXPECT_EQ(test, hold(fake, hvrc_deposit, 300, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_OPERATION_DENIED);
	KUNIT_EXPECT_EQ(test, args.pages_done, 123ULL);
	EXPECT_BOOKS(fake, 123, 0, 300);
	EXPECT_HELD(fake, 177);

	/* A signal that is there: nothing is taken, nothing is lost. */
	set_tsk_thread_flag(current, TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, hold(fake, hvrc_deposit, 10, &args), -EINTR);
	clear_tsk_thread_flag(current, TIF_SIGPENDING);
	EXPECT_HELD(fake, 177);

	/* A domain is no choice that is left. */
	args.flags = HV_ROOTCTL_HOLD;
	args.proximity_domain_info = hv_proximity(0, false);
	KUNIT_EXPECT_EQ(test, hvrc_deposit(fake->file, &args), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 123, &args), 0);
	EXPECT_HELD(fake, 177);
}

static struct kunit_case ledger_cases[] = {
	KUNIT_CASE(ledger_whole),
	KUNIT_CASE(ledger_in_pieces),
	KUNIT_CASE(ledger_w9_duplicates),
	KUNIT_CASE(ledger_w9_freed_and_used_again),
	KUNIT_CASE(ledger_c_deposit_5_half_way),
	KUNIT_CASE(ledger_w9_any_order),
	KUNIT_CASE(ledger_w9_marks),
	KUNIT_CASE(ledger_foreign_reference),
	KUNIT_CASE(ledger_rest_of_a_block),
	KUNIT_CASE(ledger_hold),
	KUNIT_CASE(ledger_hold_until_close),
	KUNIT_CASE(ledger_hold_refused),
	{}
};

static struct kunit_suite ledger_suite = {
	.name = "hv_rootctl_ledger",
	.init = ledger_init,
	.exit = fake_exit,
	.test_cases = ledger_cases,
};

kunit_test_suite(ledger_suite);
