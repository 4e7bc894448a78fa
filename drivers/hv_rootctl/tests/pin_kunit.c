// SPDX-License-Identifier: GPL-2.0
/* Memory of a program that is pinned: where its pages are. */
#include <linux/uaccess.h>

#include "../pin.h"
#include "fake.h"

#define PIN_PAGES 1200U

/* Runs of neighbours, in a block and over blocks, as the list has them. */
static void pin_runs(struct kunit *test)
{
	u64 user = fake_user_memory(test, PIN_PAGES * PAGE_SIZE);
	u64 *pfns = kunit_kcalloc(test, PIN_PAGES, sizeof(*pfns), GFP_KERNEL);
	struct hvrc_pin_place place = {}, there;
	struct fake *fake = test->priv;
	u32 i, run, wrong = 0;
	struct hvrc_pin pin;
	u64 pfn;

	KUNIT_ASSERT_NOT_NULL(test, pfns);
	for (i = 0; i < PIN_PAGES; i += 77)
		KUNIT_ASSERT_EQ(test,
				put_user(1, (int __user *)(user + i * PAGE_SIZE)),
				0);
	KUNIT_ASSERT_EQ(test,
			hvrc_pin(&pin, fake->file->caller.scratch, user,
				 PIN_PAGES, true),
			0);
	hvrc_pin_list(&pin, &place, pfns, PIN_PAGES);
	for (i = 0; i < PIN_PAGES; i++) {
		run = 1;
		while (i + run < PIN_PAGES && run < 600 &&
		       pfns[i + run] == pfns[i] + run)
			run++;
		there = (struct hvrc_pin_place){};
		hvrc_pin_skip(&pin, &there, i);
		wrong += hvrc_pin_run(&pin, there, 600, &pfn) != run;
		wrong += pfn != pfns[i];
		wrong += hvrc_pin_run(&pin, there, 1, &pfn) != 1;
	}
	hvrc_unpin(&pin);
	KUNIT_EXPECT_EQ(test, wrong, 0U);
	EXPECT_PINNED(fake, 0);
}

static struct kunit_case pin_cases[] = {
	KUNIT_CASE(pin_runs),
	{}
};

static struct kunit_suite pin_suite = {
	.name = "hv_rootctl_pin",
	.init = fake_init,
	.exit = fake_exit,
	.test_cases = pin_cases,
};

kunit_test_suite(pin_suite);
