// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that others deposited: freed when they look right and somebody wants
 * it, left alone otherwise.
 */
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/slab.h>

#include <hv/memory.h>

#include "fake.h"

static int adopt_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;

	fake->answer = fake_pool;
	hvrc_adopt = true;
	return err;
}

static void adopt_exit(struct kunit *test)
{
	hvrc_adopt = false;
	fake_exit(test);
}

/* A page as another driver would deposit it, and get it back. */
static u64 adopt_page(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page_to_pfn(page);
}

static void adopt_w9_freed(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u64 *pfns = fake->pool + FAKE_MAX_POOL - 300;
	u32 i;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 100, &args), 0);
	for (i = 0; i < 300; i++) {
		pfns[i] = adopt_page(test);
		fake->pool[fake->nr_pool++] = pfns[i];
	}
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 400, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 400ULL);
	EXPECT_BOOKS(fake, 0, 0, 400);
	for (i = 0; i < 300; i++)
		fake_expect_free(test, pfns[i]);
}

static void adopt_w9_held(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args = {
		.flags = HV_ROOTCTL_HOLD,
		.partition_id = FAKE_CHILD_ID,
		.page_count = 1,
	};
	u64 pfn = adopt_page(test);

	fake->pool[fake->nr_pool++] = pfn;
	KUNIT_EXPECT_EQ(test, hvrc_withdraw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 1ULL);
	KUNIT_EXPECT_EQ(test, fake->file->hold.pages, 1ULL);
	KUNIT_EXPECT_EQ(test, page_count(pfn_to_page(pfn)), 1);
	KUNIT_EXPECT_FALSE(test, PageOffline(pfn_to_page(pfn)));
}

/* Each is alone in the list, then named twice. */
static void adopt_expect_refused(struct kunit *test, u64 pfn, const char *what)
{
	struct fake *fake = test->priv;
	s64 before = atomic64_read(&fake->hv->quarantined);
	struct hv_rootctl_pool args;

	fake->pool[fake->nr_pool++] = pfn;
	fake->pool[fake->nr_pool++] = pfn;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 2, &args), 0);
	KUNIT_EXPECT_EQ_MSG(test, args.pages_done, 0ULL, "%s", what);
	KUNIT_EXPECT_EQ_MSG(test, atomic64_read(&fake->hv->quarantined),
			    before + 2, "%s", what);
}

static void adopt_w9_refused(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	struct page *page, *huge;
	u64 pfn = adopt_page(test);
	void *slab;
	u32 i;

	page = pfn_to_page(pfn);
	get_page(page);
	adopt_expect_refused(test, pfn, "two references");
	put_page(page);

	SetPageReserved(page);
	adopt_expect_refused(test, pfn, "reserved");
	ClearPageReserved(page);

	for (i = 0; i < PAGE_SIZE; i += PAGE_SIZE / 2) {
		((u8 *)page_address(page))[i + 7] = 1;
		adopt_expect_refused(test, pfn, "not zero");
		((u8 *)page_address(page))[i + 7] = 0;
	}

	slab = kzalloc(64, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, slab);
	adopt_expect_refused(test, page_to_pfn(virt_to_page(slab)), "slab");
	kfree(slab);

	huge = alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_COMP, 2);
	KUNIT_ASSERT_NOT_NULL(test, huge);
	adopt_expect_refused(test, page_to_pfn(huge), "compound");
	adopt_expect_refused(test, page_to_pfn(huge) + 1, "compound tail");
	__free_pages(huge, 2);

	adopt_expect_refused(test, 0, "page 0");
	adopt_expect_refused(test, ~0ULL, "all ones");
	adopt_expect_refused(test, BIT_ULL(51), "no RAM");

	/* In another pool: it is known, and not of this one. */
	args = (struct hv_rootctl_pool){
		.partition_id = FAKE_CHILD_ID + 1,
		.page_count = 1,
	};
	KUNIT_EXPECT_EQ(test, hvrc_deposit(fake->file, &args), 0);
	adopt_expect_refused(test, fake->pool[--fake->nr_pool], "deposited");
	fake->nr_pool = 1;
	KUNIT_EXPECT_EQ(test, hvrc_withdraw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 1ULL);

	/* Nothing was done to it all the time; now it is switched off. */
	hvrc_adopt = false;
	adopt_expect_refused(test, pfn, "not wanted");
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	__free_page(page);
	hvrc_adopt = true;
	adopt_expect_refused(test, pfn, "free");
}

/* Twice in one answer: it is freed once. */
static void adopt_w9_duplicate(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u64 pfn = adopt_page(test);
	u32 i;

	for (i = 0; i < 3; i++)
		fake->pool[fake->nr_pool++] = pfn;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 3, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 1ULL);
	EXPECT_BOOKS(fake, 0, 2, 1);
	fake_expect_free(test, pfn);
}

/* Pages of its own, which look as right as any: named twice, and once more. */
static void adopt_w9_own(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	u64 pfns[2];
	u32 i;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 2, &args), 0);
	for (i = 0; i < 2; i++) {
		pfns[i] = fake->pool[i];
		clear_page(page_address(pfn_to_page(pfns[i])));
		fake->pool[2 + i] = pfns[i];
	}
	fake->nr_pool = 4;
	args = (struct hv_rootctl_pool){
		.flags = HV_ROOTCTL_HOLD,
		.partition_id = FAKE_CHILD_ID,
		.page_count = 4,
	};
	KUNIT_EXPECT_EQ(test, hvrc_withdraw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 2ULL);
	KUNIT_EXPECT_EQ(test, fake->file->hold.pages, 2ULL);
	EXPECT_BOOKS(fake, 0, 2, 2);

	adopt_expect_refused(test, pfns[0], "held");
	adopt_expect_refused(test, pfns[1], "held behind another");
	fake_close(fake);
	fake_expect_free(test, pfns[0]);
	fake_expect_free(test, pfns[1]);
}

static struct kunit_case adopt_cases[] = {
	KUNIT_CASE(adopt_w9_freed),
	KUNIT_CASE(adopt_w9_held),
	KUNIT_CASE(adopt_w9_refused),
	KUNIT_CASE(adopt_w9_duplicate),
	KUNIT_CASE(adopt_w9_own),
	{}
};

static struct kunit_suite adopt_suite = {
	.name = "hv_rootctl_adopt",
	.init = adopt_init,
	.exit = adopt_exit,
	.test_cases = adopt_cases,
};

kunit_test_suite(adopt_suite);
