// SPDX-License-Identifier: GPL-2.0
/*
 * The mappings of a partition, how many they may be: none overlaps another,
 * each is found again, and all of them end.
 */
#include <linux/string.h>

#include <hv/memory.h>

#include "fake.h"

/* So many places for a mapping, side by side. */
#define PLACES 100U
#define PLACE_PAGES 4U
#define PLACE_SIZE (PLACE_PAGES * PAGE_SIZE)

/* Page numbers in the guest, none too large for the test. */
static bool mapped[PLACES * PLACE_PAGES];

static u64 mappings_answer(struct fake *fake, u64 control, const void *in,
			   void *out)
{
	const struct hv_input_map_gpa_pages *map = in;
	u16 code = hv_control_code(control);
	u32 count = hv_control_count(control);

	if (code != HVCALL_MAP_GPA_PAGES && code != HVCALL_UNMAP_GPA_PAGES)
		return HV_STATUS_SUCCESS;
	KUNIT_ASSERT_LE(fake->test, map->target_gpa_base + count,
			(u64)ARRAY_SIZE(mapped));
	memset(mapped + map->target_gpa_base, code == HVCALL_MAP_GPA_PAGES,
	       count);
	return hv_result(HV_STATUS_SUCCESS, count);
}

static int mappings_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;

	memset(mapped, 0, sizeof(mapped));
	fake->answer = mappings_answer;
	return err;
}

static u64 count_mapped(void)
{
	u64 i, n = 0;

	for (i = 0; i < ARRAY_SIZE(mapped); i++)
		n += mapped[i];
	return n;
}

static struct hv_rootctl_map map_args(u64 user)
{
	return (struct hv_rootctl_map){
		.partition_id = FAKE_CHILD_ID,
		.user_addr = user,
		.map_flags = HV_MAP_GPA_READABLE,
	};
}

static int mappings_unmap(struct fake *fake, u64 gpa, u64 length)
{
	struct hv_rootctl_unmap unmap = {
		.partition_id = FAKE_CHILD_ID,
		.gpa = gpa,
		.length = length,
	};
	int err = hvrc_unmap(fake->file, &unmap);

	if (!err)
		KUNIT_EXPECT_EQ(fake->test, unmap.bytes_done, length);
	return err;
}

/* Ranges that share a page with one that is mapped, and those that do not. */
static void mappings_overlap(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_map map = map_args(fake_user_memory(test, PLACE_SIZE));
	u64 i;

	map.gpa = 2 * PAGE_SIZE;
	map.length = 2 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	for (i = 1; i < 4; i++) {
		map.gpa = i * PAGE_SIZE;
		KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), -EEXIST);
		KUNIT_EXPECT_EQ(test, map.bytes_done, 0ULL);
	}
	KUNIT_EXPECT_EQ(test, fake->calls, 1U);
	EXPECT_PINNED(fake, 2);
	/* The neighbours, and the same place in another partition, are free. */
	map.gpa = 0;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	map.gpa = 4 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	map.partition_id++;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	EXPECT_PINNED(fake, 8);

	/* Unmapped is what was mapped: no part of it, and not two at once. */
	KUNIT_EXPECT_EQ(test, mappings_unmap(fake, 0, PAGE_SIZE), -ENOENT);
	KUNIT_EXPECT_EQ(test, mappings_unmap(fake, 0, 4 * PAGE_SIZE), -ENOENT);
	KUNIT_EXPECT_EQ(test, mappings_unmap(fake, PAGE_SIZE, PAGE_SIZE),
			-ENOENT);
	EXPECT_PINNED(fake, 8);

	fake_close(fake);
	EXPECT_PINNED(fake, 0);
	KUNIT_EXPECT_EQ(test, count_mapped(), 0ULL);
}

/* The mapping at each place: from its first page on, 1 page to all of them. */
static u64 place_length(u32 place)
{
	return (1 + place % PLACE_PAGES) * PAGE_SIZE;
}

/* Map all places, in steps of @step around them. */
static void map_places(struct fake *fake, u64 user, u32 step)
{
	struct hv_rootctl_map map = map_args(user);
	u32 i, place;

	for (i = 0; i < PLACES; i++) {
		place = i * step % PLACES;
		map.gpa = place * PLACE_SIZE;
		map.length = place_length(place);
		KUNIT_ASSERT_EQ(fake->test, hvrc_map(fake->file, &map), 0);
	}
}

/* Nothing fits over a place, nor its last page, nor the border of two. */
static void expect_places_taken(struct fake *fake, u64 user)
{
	struct hv_rootctl_map map = map_args(user);
	u64 place;

	for (place = 0; place < PLACES; place++) {
		map.gpa = place * PLACE_SIZE;
		map.length = PLACE_SIZE;
		KUNIT_EXPECT_EQ(fake->test, hvrc_map(fake->file, &map),
				-EEXIST);
		map.gpa += place_length(place) - PAGE_SIZE;
		map.length = PAGE_SIZE;
		KUNIT_EXPECT_EQ(fake->test, hvrc_map(fake->file, &map),
				-EEXIST);
		map.gpa = (place + 1) * PLACE_SIZE - PAGE_SIZE;
		map.length = 2 * PAGE_SIZE;
		if (place + 1 < PLACES)
			KUNIT_EXPECT_EQ(fake->test, hvrc_map(fake->file, &map),
					-EEXIST);
	}
}

/* Made in one order and ended in another, half of them one by one. */
static void mappings_many(struct kunit *test)
{
	static const u32 steps[] = { 1, PLACES - 1, 37, 63, 11 };
	const u64 all = PLACES / PLACE_PAGES * (1 + 2 + 3 + 4);
	u64 user = fake_user_memory(test, PLACE_SIZE), left;
	struct fake *fake = test->priv;
	u32 i, k, place;

	for (k = 0; k < ARRAY_SIZE(steps); k++) {
		map_places(fake, user, steps[k]);
		EXPECT_PINNED(fake, all);
		expect_places_taken(fake, user);
		left = all;
		for (i = 0; i < PLACES / 2; i++) {
			place = i * steps[(k + 1) % ARRAY_SIZE(steps)] % PLACES;
			KUNIT_EXPECT_EQ(test,
					mappings_unmap(fake, place * PLACE_SIZE,
						       place_length(place)), 0);
			KUNIT_EXPECT_EQ(test,
					mappings_unmap(fake, place * PLACE_SIZE,
						       place_length(place)),
					-ENOENT);
			left -= place_length(place) >> PAGE_SHIFT;
			EXPECT_PINNED(fake, left);
		}
		KUNIT_EXPECT_EQ(test, count_mapped(), left);

		fake_close(fake);
		EXPECT_PINNED(fake, 0);
		KUNIT_EXPECT_EQ(test, count_mapped(), 0ULL);
		fake->file = hvrc_file_create(fake->hv);
		KUNIT_ASSERT_FALSE(test, IS_ERR(fake->file));
	}
}

/* A file's mappings end with it, detached ones with the partition. */
static void mappings_detached(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_map map = map_args(fake_user_memory(test, PLACE_SIZE));
	struct hv_rootctl_partition partition = {
		.partition_id = FAKE_CHILD_ID,
	};

	map.length = PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	map.gpa += PAGE_SIZE;
	map.flags = HV_ROOTCTL_DETACHED;
	KUNIT_EXPECT_EQ(test, hvrc_map(fake->file, &map), 0);
	fake_close(fake);
	KUNIT_EXPECT_FALSE(test, mapped[0]);
	KUNIT_EXPECT_TRUE(test, mapped[1]);
	EXPECT_PINNED(fake, 1);

	fake->file = hvrc_file_create(fake->hv);
	KUNIT_ASSERT_FALSE(test, IS_ERR(fake->file));
	KUNIT_EXPECT_EQ(test, hvrc_partition_finalize(fake->file, &partition),
			0);
	EXPECT_PINNED(fake, 0);
}

static struct kunit_case mappings_cases[] = {
	KUNIT_CASE(mappings_overlap),
	KUNIT_CASE(mappings_many),
	KUNIT_CASE(mappings_detached),
	{}
};

static struct kunit_suite mappings_suite = {
	.name = "hv_rootctl_mappings",
	.init = mappings_init,
	.exit = fake_exit,
	.test_cases = mappings_cases,
};

kunit_test_suite(mappings_suite);
