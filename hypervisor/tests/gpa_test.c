// SPDX-License-Identifier: GPL-2.0
/* GPA spaces: HvMapGpaPages and HvUnmapGpaPages. */
#include "calls.h"

#include <string.h>

#define R HV_MAP_GPA_READABLE
#define W HV_MAP_GPA_WRITABLE
#define KX HV_MAP_GPA_KERNEL_EXECUTABLE
#define UX HV_MAP_GPA_USER_EXECUTABLE

/* What a read of one byte answers: an access result code. */
static u32 reads(struct host *h, u64 id, u64 gpfn)
{
	u8 data[16];
	u32 code;

	assert_status(read_gpa(h, id, gpfn << HV_PAGE_SHIFT, 1, &code, data),
		      SUCCESS);
	return code;
}

static u32 writes(struct host *h, u64 id, u64 gpfn)
{
	u8 data[16] = {};
	u32 code;

	assert_status(write_gpa(h, id, gpfn << HV_PAGE_SHIFT, 1, &code, data),
		      SUCCESS);
	return code;
}

/* An active child with VP 0 and n more pages: top table, VP, VP's page. */
static u64 child(struct host *h, u32 n)
{
	u64 id = make_active(h, 100, 3 + n);

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_balance(h, id, n, 3);
	return id;
}

static void rights(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 10);
	u32 flags;

	for (flags = 0; flags < 16; flags++) {
		bool valid = flags == 0 || (flags & R);

		assert_result(map(h, id, 0x40 + flags, flags, 300, 1),
			      valid ? HV_STATUS_SUCCESS :
				      HV_STATUS_INVALID_PARAMETER, valid);
		if (!valid) {
			assert_int_equal(reads(h, id, 0x40 + flags),
					 HV_ACCESS_GPA_UNMAPPED);
			continue;
		}
		assert_int_equal(reads(h, id, 0x40 + flags),
				 flags & R ? HV_ACCESS_GPA_SUCCESS :
					     HV_ACCESS_GPA_READ_INTERCEPT);
		assert_int_equal(writes(h, id, 0x40 + flags),
				 flags & W ? HV_ACCESS_GPA_SUCCESS :
					     HV_ACCESS_GPA_READ_INTERCEPT);
	}
}

static void flags(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 10);
	u32 bit;

	for (bit = 4; bit < 32; bit++) {
		bool known = bit == 15;

		assert_result(map(h, id, 1, R | 1U << bit, 300, 1),
			      known ? HV_STATUS_SUCCESS :
				      HV_STATUS_INVALID_PARAMETER, known);
	}
	/* "No access" takes away what was there. */
	assert_result(map(h, id, 1, HV_MAP_GPA_NO_ACCESS, 300, 1),
		      HV_STATUS_SUCCESS, 1);
	assert_int_equal(reads(h, id, 1), HV_ACCESS_GPA_READ_INTERCEPT);
	assert_int_equal(writes(h, id, 1), HV_ACCESS_GPA_READ_INTERCEPT);
}

static void remap(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 10), flushes;

	assert_result(map(h, id, 7, R | W, 300, 1), HV_STATUS_SUCCESS, 1);
	assert_balance(h, id, 7, 6);
	flushes = h->child_flushes;
	assert_result(map(h, id, 7, R, 301, 1), HV_STATUS_SUCCESS, 1);
	assert_true(h->child_flushes > flushes);
	assert_int_equal(writes(h, id, 7), HV_ACCESS_GPA_READ_INTERCEPT);
	/* The page that was there is free again, the new one is not. */
	assert_result(deposit(h, id, 300, 1), HV_STATUS_SUCCESS, 1);
	assert_result(deposit(h, id, 301, 1), HV_STATUS_OPERATION_DENIED, 0);
	/* To itself. */
	assert_result(map(h, id, 7, R | W, 301, 1), HV_STATUS_SUCCESS, 1);
	assert_balance(h, id, 8, 6);
	assert_clean(h);
}

static void one_page_twice(void **state)
{
	struct host *h = *state;
	u64 a = child(h, 10), b = make_active(h, 200, 10);
	const u64 list[] = { 300, 300 };

	assert_result(map_list(h, a, 7, R | W, list, 2), HV_STATUS_SUCCESS, 2);
	assert_result(map_list(h, b, 9, R, list, 1), HV_STATUS_SUCCESS, 1);
	assert_result(unmap(h, a, 7, 1), HV_STATUS_SUCCESS, 1);
	assert_result(deposit(h, a, 300, 1), HV_STATUS_OPERATION_DENIED, 0);
	assert_result(unmap(h, a, 8, 1), HV_STATUS_SUCCESS, 1);
	assert_result(deposit(h, a, 300, 1), HV_STATUS_OPERATION_DENIED, 0);
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, b), SUCCESS);
	assert_result(deposit(h, a, 300, 1), HV_STATUS_SUCCESS, 1);
}

static void unmapping(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 10), flushes;
	struct hv_input_unmap_gpa_pages in = { .target_partition_id = id };
	u32 bit;

	assert_result(map(h, id, 7, R | W, 300, 2), HV_STATUS_SUCCESS, 2);
	flushes = h->child_flushes;
	/* One mapped, and pages that never were. */
	assert_result(unmap(h, id, 0, 8), HV_STATUS_SUCCESS, 8);
	assert_true(h->child_flushes > flushes);
	assert_int_equal(reads(h, id, 7), HV_ACCESS_GPA_UNMAPPED);
	assert_int_equal(writes(h, id, 7), HV_ACCESS_GPA_UNMAPPED);
	assert_int_equal(reads(h, id, 8), HV_ACCESS_GPA_SUCCESS);
	/* More than a list would hold: there is none. */
	assert_result(unmap(h, id, 0, 4095), HV_STATUS_SUCCESS, 4095);
	assert_int_equal(reads(h, id, 8), HV_ACCESS_GPA_UNMAPPED);
	for (bit = 0; bit < 32; bit++) {
		bool known = bit < 2; /* bit 1: large_test.c */

		in.unmap_flags = 1U << bit;
		assert_result(call_rep(h, HVCALL_UNMAP_GPA_PAGES, 1, 0, &in,
				       sizeof(in), NULL),
			      known ? HV_STATUS_SUCCESS :
				      HV_STATUS_INVALID_PARAMETER, known);
	}
}

static void size_limit(void **state)
{
	struct host *h = *state;
	const u64 end = 1ULL << (48 - HV_PAGE_SHIFT);
	u64 id = child(h, 10), list[2] = { 300, end };

	assert_result(map(h, id, end - 1, R, 300, 1), HV_STATUS_SUCCESS, 1);
	assert_int_equal(reads(h, id, end - 1), HV_ACCESS_GPA_SUCCESS);
	assert_int_equal(reads(h, id, 0), HV_ACCESS_GPA_UNMAPPED);
	assert_result(map(h, id, end - 1, R, 300, 2),
		      HV_STATUS_INVALID_PARAMETER, 1);
	assert_result(map(h, id, end, R, 300, 1), HV_STATUS_INVALID_PARAMETER,
		      0);
	/* Base and index run over 64 bits. */
	assert_result(map(h, id, ~0ULL, R, 300, 2), HV_STATUS_INVALID_PARAMETER,
		      0);
	assert_result(unmap(h, id, ~0ULL, 2), HV_STATUS_INVALID_PARAMETER, 0);
	assert_result(unmap(h, id, end - 1, 2), HV_STATUS_INVALID_PARAMETER, 1);
	assert_int_equal(reads(h, id, end - 1), HV_ACCESS_GPA_UNMAPPED);
	/* So does the source. */
	assert_result(map_list(h, id, 0, R, list, 2),
		      HV_STATUS_INVALID_PARAMETER, 1);
}

static void sources(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 10);
	const u64 bad[] = {
		HOST_HV_FIRST, HOST_HOLE_FIRST, HOST_PAGES, 1ULL << 32 | 300,
		100, 112, /* deposited */
	};
	u64 list[3] = { 300, 0, 302 };
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		list[1] = bad[i];
		assert_result(map_list(h, id, 0x10, R, list, 3),
			      HV_STATUS_OPERATION_DENIED, 1);
		assert_int_equal(reads(h, id, 0x10), HV_ACCESS_GPA_SUCCESS);
		assert_int_equal(reads(h, id, 0x11), HV_ACCESS_GPA_UNMAPPED);
		assert_int_equal(reads(h, id, 0x12), HV_ACCESS_GPA_UNMAPPED);
	}
}

/* With d pages too few for the tables a mapping needs, nothing is taken. */
static void insufficient_memory(void **state)
{
	struct host *h = *state;
	u64 id = make_active(h, 100, 1);
	u32 pages;

	for (pages = 0; pages < 3; pages++) {
		assert_balance(h, id, pages, 1);
		assert_result(map(h, id, 7, R, 300, 2),
			      HV_STATUS_INSUFFICIENT_MEMORY, 0);
		assert_balance(h, id, pages, 1);
		assert_result(deposit(h, id, 110 + pages, 1),
			      HV_STATUS_SUCCESS, 1);
		assert_result(deposit(h, HVC_SELF, 300, 1), HV_STATUS_SUCCESS,
			      1);
		assert_result(withdraw(h, HVC_SELF, 0, 1), HV_STATUS_SUCCESS,
			      1);
	}
	/* Three tables: the last two pages of one, then another is missing. */
	assert_result(map(h, id, 510, R, 300, 4), HV_STATUS_INSUFFICIENT_MEMORY,
		      2);
	assert_balance(h, id, 0, 4);
	assert_result(deposit(h, id, 120, 1), HV_STATUS_SUCCESS, 1);
	assert_result(map(h, id, 510, R, 300, 4), HV_STATUS_SUCCESS, 4);
	assert_balance(h, id, 0, 5);
}

/* Tables come and go with what they map. */
static void tables(void **state)
{
	/* Each shares one level less with the first; tables in use after. */
	static const struct {
		u64 gpfn;
		u32 used;
	} steps[] = {
		{ 0, 4 }, { 1, 4 }, { 511, 4 }, { 512, 5 }, { 1ULL << 18, 7 },
		{ 1ULL << 27, 10 }, { (1ULL << 36) - 1, 13 },
	};
	const int nr = ARRAY_SIZE(steps);
	struct host *h = *state;
	u64 id = make_active(h, 100, 13);
	int i;

	for (i = 0; i < nr; i++) {
		assert_result(map(h, id, steps[i].gpfn, R, 300, 1),
			      HV_STATUS_SUCCESS, 1);
		assert_balance(h, id, 13 - steps[i].used, steps[i].used);
	}
	assert_clean(h);
	for (i = nr - 1; i > 0; i--) {
		assert_result(unmap(h, id, steps[i].gpfn, 1), HV_STATUS_SUCCESS,
			      1);
		assert_balance(h, id, 13 - steps[i - 1].used,
			       steps[i - 1].used);
	}
	assert_result(unmap(h, id, 0, 1), HV_STATUS_SUCCESS, 1);
	assert_balance(h, id, 12, 1);
	assert_result(deposit(h, id, 300, 1), HV_STATUS_SUCCESS, 1);
}

/* The table is one that AMD64's nested paging can walk. */
static void hardware_format(void **state)
{
	static const struct {
		u32 flags;
		u64 bits; /* present, writable, user, NX */
	} cases[] = {
		{ 0, 4 | 1ULL << 63 },
		{ R, 5 | 1ULL << 63 },
		{ R | W, 7 | 1ULL << 63 },
		{ R | KX, 5 },
		{ R | UX, 5 },
		{ RWX, 7 },
	};
	struct host *h = *state;
	u64 id = make_active(h, 100, 10);
	const u64 gpfn = 1ULL << 27 | 2ULL << 18 | 3ULL << 9 | 4;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 table = h->hv.partitions[id]->gpa_table, entry;
		u32 index;

		assert_result(map(h, id, gpfn, cases[i].flags, 300, 1),
			      HV_STATUS_SUCCESS, 1);
		for (index = 1; index < 4; index++) {
			entry = ((u64 *)host_ram(h, table))[index];
			assert_int_equal(entry & 0xfff, 7);
			assert_int_equal(entry >> 52, 0);
			table = entry >> HV_PAGE_SHIFT;
			assert_in_range(table, 100, 109);
		}
		entry = ((u64 *)host_ram(h, table))[4];
		assert_int_equal(entry << 12 >> 24, 300);
		assert_true((entry & (0xfffULL | 1ULL << 63)) ==
			    cases[i].bits);
		/* Bits 59 to 62 are not software's. */
		assert_int_equal(entry >> 59 & 0xf, 0);
	}
}

static void root_on_itself(void **state)
{
	struct host *h = *state;
	u64 list[2] = { 300, 302 };

	assert_result(map(h, HVC_SELF, 300, RWX, 300, 3), HV_STATUS_SUCCESS, 3);
	assert_result(map(h, HVC_SELF, 300, RWX, 301, 1),
		      HV_STATUS_ACCESS_DENIED, 0);
	assert_result(map_list(h, HVC_ROOT_ID, 300, RWX, list, 2),
		      HV_STATUS_ACCESS_DENIED, 1);
	assert_result(map(h, HVC_SELF, HOST_HV_FIRST, RWX, HOST_HV_FIRST, 1),
		      HV_STATUS_ACCESS_DENIED, 0);
	assert_result(deposit(h, HVC_SELF, 301, 1), HV_STATUS_SUCCESS, 1);
	assert_result(map(h, HVC_SELF, 300, RWX, 300, 3),
		      HV_STATUS_ACCESS_DENIED, 1);
	assert_false(host_reaches(h, 301));
	/* It cannot take rights from itself, and is not told that it did. */
	assert_result(map(h, HVC_SELF, 300, R, 300, 1),
		      HV_STATUS_OPERATION_DENIED, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("G8 C-map combinations of rights", rights),
		HOST_TEST("C-map flags", flags),
		HOST_TEST("G9 C-map remap", remap),
		HOST_TEST("C-map one page at several places", one_page_twice),
		HOST_TEST("G9 C-unmap", unmapping),
		HOST_TEST("C-map C-unmap end of the GPA space", size_limit),
		HOST_TEST("C-map sources that are not the root's", sources),
		HOST_TEST("W12 C-map insufficient memory changes nothing",
			  insufficient_memory),
		HOST_TEST("W12 C-map tables come from the pool and go back",
			  tables),
		HOST_TEST("C-map the hardware's table format",
			  hardware_format),
		HOST_TEST("C-map the root on itself", root_on_itself),
	};

	return cmocka_run_group_tests_name("gpa", tests, NULL, NULL);
}
