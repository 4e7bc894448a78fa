// SPDX-License-Identifier: GPL-2.0
/*
 * C-map-7: mappings of 2 MiB. They behave as 512 small ones do, and differ in
 * what they take of the pool: no table of leaves, until something concerns a
 * part of them.
 */
#include "calls.h"

#include <string.h>

#define LARGE HV_LARGE_PAGES
#define A 1024ULL /* where large pages of the root's RAM begin */
#define B 1536ULL
#define G 0x40000ULL /* and one of the child's space */

/* An active child with VP 0 and n more pages: top table, VP, VP's page. */
static u64 child(struct host *h, u32 n)
{
	u64 id = make_active(h, 100, 3 + n);

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_balance(h, id, n, 3);
	return id;
}

static u64 map_large(struct host *h, u64 id, u64 gpfn, u32 rights, u64 source)
{
	return map_list(h, id, gpfn, rights | HV_MAP_GPA_LARGE_PAGE, &source,
			1);
}

static u64 unmap_flags(struct host *h, u64 id, u64 gpfn, u32 flags, u32 count)
{
	const struct hv_input_unmap_gpa_pages in = {
		.target_partition_id = id,
		.target_gpa_base = gpfn,
		.unmap_flags = flags,
	};

	return call_rep(h, HVCALL_UNMAP_GPA_PAGES, count, 0, &in, sizeof(in),
			NULL);
}

static u64 unmap_large(struct host *h, u64 id, u64 gpfn)
{
	return unmap_flags(h, id, gpfn, HV_UNMAP_GPA_LARGE_PAGE, 1);
}

/* What is behind a page of the child: an access code, and where a write goes. */
static u32 leads_to(struct host *h, u64 id, u64 gpfn, u64 pfn)
{
	u8 data[16] = {}, *page = host_ram(h, pfn);
	u32 code;

	data[0] = ++page[5];
	page[5] = 0;
	assert_status(write_gpa(h, id, (gpfn << HV_PAGE_SHIFT) + 5, 1, &code,
				data), SUCCESS);
	assert_int_equal(page[5], code ? 0 : data[0]);
	return code;
}

static u32 reads(struct host *h, u64 id, u64 gpfn)
{
	u8 data[16];
	u32 code;

	assert_status(read_gpa(h, id, gpfn << HV_PAGE_SHIFT, 1, &code, data),
		      SUCCESS);
	return code;
}

static void assert_maps(struct host *h, u64 id, u64 gpfn, u64 pfn, u32 first,
			u32 end)
{
	u32 i;

	for (i = first; i < end; i++)
		assert_int_equal(leads_to(h, id, gpfn + i, pfn + i), 0);
}

static void mapping(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 10);

	assert_result(map_large(h, id, G, RWX, A), HV_STATUS_SUCCESS, 1);
	assert_balance(h, id, 8, 5); /* two tables, and none of leaves */
	assert_maps(h, id, G, A, 0, LARGE);
	assert_int_equal(reads(h, id, G - 1), HV_ACCESS_GPA_UNMAPPED);
	assert_int_equal(reads(h, id, G + LARGE), HV_ACCESS_GPA_UNMAPPED);
	/* The next one shares the tables. */
	assert_result(map_large(h, id, G + LARGE, RWX, B), HV_STATUS_SUCCESS,
		      1);
	assert_balance(h, id, 8, 5);
	assert_clean(h);
	/* None of the pages can be given away. */
	assert_result(deposit(h, id, A + 17, 1), HV_STATUS_OPERATION_DENIED, 0);
	assert_result(unmap_large(h, id, G), HV_STATUS_SUCCESS, 1);
	assert_result(deposit(h, id, A + 17, 1), HV_STATUS_SUCCESS, 1);
	assert_int_equal(reads(h, id, G + 17), HV_ACCESS_GPA_UNMAPPED);
	assert_maps(h, id, G + LARGE, B, 0, LARGE);
	assert_result(unmap_large(h, id, G + LARGE), HV_STATUS_SUCCESS, 1);
	assert_balance(h, id, 11, 3);
	assert_result(unmap_large(h, id, G), HV_STATUS_SUCCESS, 1);
}

static void parameters(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 10), list[2] = { A, B }, end = 1ULL << 36;
	u32 rights;

	for (rights = 0; rights < 16; rights++) {
		bool valid = !rights || (rights & HV_MAP_GPA_READABLE);

		assert_result(map_large(h, id, G, rights, A),
			      valid ? HV_STATUS_SUCCESS :
				      HV_STATUS_INVALID_PARAMETER, valid);
		if (!valid)
			continue;
		assert_int_equal(reads(h, id, G + 3),
				 rights ? 0 : HV_ACCESS_GPA_READ_INTERCEPT);
		assert_int_equal(leads_to(h, id, G + 9, A + 9),
				 rights & HV_MAP_GPA_WRITABLE ?
					 0 : HV_ACCESS_GPA_READ_INTERCEPT);
	}
	assert_status(map_large(h, id, G + 1, RWX, A), INVALID_PARAMETER);
	assert_status(map_large(h, id, G + 256, RWX, A), INVALID_PARAMETER);
	assert_status(map_large(h, id, G, RWX, A + 256), INVALID_PARAMETER);
	assert_status(map_large(h, id, end, RWX, A), INVALID_PARAMETER);
	assert_status(map_large(h, id, ~511ULL, RWX, end), INVALID_PARAMETER);
	assert_result(map_large(h, id, end - LARGE, RWX, A), HV_STATUS_SUCCESS,
		      1);
	/* The element behind the last place, and the one behind all numbers. */
	assert_result(map_list(h, id, end - LARGE,
			       RWX | HV_MAP_GPA_LARGE_PAGE, list, 2),
		      HV_STATUS_INVALID_PARAMETER, 1);
	assert_status(map_list(h, id, ~511ULL, RWX | HV_MAP_GPA_LARGE_PAGE,
			       list, 2), INVALID_PARAMETER);
	assert_status(unmap_large(h, id, G + 1), INVALID_PARAMETER);
	assert_status(unmap_large(h, id, end), INVALID_PARAMETER);
	assert_status(unmap_flags(h, id, G, 4, 1), INVALID_PARAMETER);
	assert_status(map_large(h, HVC_SELF, A + 1, RWX, A), INVALID_PARAMETER);
}

/* Every page must be the root's: the first, the last, one between. */
static void sources(void **state)
{
	static const u32 at[] = { 0, 200, LARGE - 1 };
	struct host *h = *state;
	u64 id = child(h, 10), before;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		assert_result(deposit(h, HVC_SELF, A + at[i], 1),
			      HV_STATUS_SUCCESS, 1);
		before = h->hv.root.available;
		assert_status(map_large(h, id, G, RWX, A), OPERATION_DENIED);
		assert_status(map_large(h, HVC_SELF, A, RWX, A), ACCESS_DENIED);
		assert_balance(h, id, 10, 3);
		assert_clean(h);
		assert_int_equal(h->hv.root.available, before);
		assert_result(withdraw(h, HVC_SELF, 0, 1), HV_STATUS_SUCCESS,
			      1);
	}
	/* The first large page of RAM is not all RAM, and not all the root's. */
	assert_status(map_large(h, id, G, RWX, 0), OPERATION_DENIED);
	assert_status(map_large(h, id, G, RWX, HOST_PAGES), OPERATION_DENIED);
	assert_result(map_large(h, HVC_SELF, A, RWX, A), HV_STATUS_SUCCESS, 1);
	assert_status(map_large(h, HVC_SELF, A, HV_MAP_GPA_READABLE, A),
		      OPERATION_DENIED);
	assert_status(map_large(h, HVC_SELF, A, RWX, B), ACCESS_DENIED);
}

/* Unmap, remap, change of rights of one page: 511 others are as they were. */
static void part(void **state)
{
	static const u32 at[] = { 0, 300, LARGE - 1 };
	struct host *h = *state;
	u64 id = child(h, 10);
	u32 i, kind;

	for (kind = 0; kind < 3; kind++) {
		for (i = 0; i < ARRAY_SIZE(at); i++) {
			u32 n = at[i];

			assert_result(map_large(h, id, G, RWX, A),
				      HV_STATUS_SUCCESS, 1);
			assert_balance(h, id, 8, 5);
			if (kind == 0) {
				assert_result(unmap(h, id, G + n, 1),
					      HV_STATUS_SUCCESS, 1);
				assert_int_equal(reads(h, id, G + n),
						 HV_ACCESS_GPA_UNMAPPED);
			} else if (kind == 1) {
				assert_result(map(h, id, G + n, RWX, 50, 1),
					      HV_STATUS_SUCCESS, 1);
				assert_int_equal(leads_to(h, id, G + n, 50), 0);
			} else {
				assert_result(map(h, id, G + n,
						  HV_MAP_GPA_READABLE, A + n,
						  1), HV_STATUS_SUCCESS, 1);
				assert_int_equal(leads_to(h, id, G + n, A + n),
						 HV_ACCESS_GPA_READ_INTERCEPT);
			}
			assert_balance(h, id, 7, 6);
			assert_maps(h, id, G, A, 0, n);
			assert_maps(h, id, G, A, n + 1, LARGE);
			assert_clean(h);
			assert_int_equal(h->frames[A + n].link, kind == 2);
			/* A large mapping on top gives the table back. */
			assert_result(map_large(h, id, G, RWX, B),
				      HV_STATUS_SUCCESS, 1);
			assert_balance(h, id, 8, 5);
			assert_maps(h, id, G, B, 0, LARGE);
			assert_int_equal(h->frames[A + 1].link, 0);
			assert_result(unmap_large(h, id, G), HV_STATUS_SUCCESS,
				      1);
			assert_balance(h, id, 10, 3);
		}
	}
	/* A table of small ones is unmapped by one large element as well. */
	assert_result(map(h, id, G + 5, RWX, 40, 20), HV_STATUS_SUCCESS, 20);
	assert_balance(h, id, 7, 6);
	assert_result(unmap_large(h, id, G), HV_STATUS_SUCCESS, 1);
	assert_balance(h, id, 10, 3);
	assert_int_equal(h->frames[40].link, 0);
	/* And small elements unmap all of a large page. */
	assert_result(map_large(h, id, G, RWX, A), HV_STATUS_SUCCESS, 1);
	assert_result(unmap(h, id, G, LARGE), HV_STATUS_SUCCESS, LARGE);
	assert_balance(h, id, 10, 3);
}

/* A split that cannot be paid for: nothing has changed, and it can be later. */
static void no_memory(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 2), before;

	assert_result(map_large(h, id, G, RWX, A), HV_STATUS_SUCCESS, 1);
	assert_balance(h, id, 0, 5);
	memset(host_page(h, HOST_IN), 0, HV_PAGE_SIZE);
	assert_status(unmap(h, id, G + 7, 1), INSUFFICIENT_MEMORY);
	before = host_fingerprint(h);
	assert_status(unmap(h, id, G + 7, 1), INSUFFICIENT_MEMORY);
	assert_true(host_fingerprint(h) == before);
	assert_status(map(h, id, G + 7, RWX, 50, 1), INSUFFICIENT_MEMORY);
	before = host_fingerprint(h);
	assert_status(map(h, id, G + 7, RWX, 50, 1), INSUFFICIENT_MEMORY);
	assert_true(host_fingerprint(h) == before);
	assert_maps(h, id, G, A, 0, LARGE);
	/* Another large page is free; another place wants tables. */
	assert_result(map_large(h, id, G + LARGE, RWX, B), HV_STATUS_SUCCESS,
		      1);
	assert_status(map_large(h, id, 1ULL << 20, RWX, B),
		      INSUFFICIENT_MEMORY);
	assert_result(deposit(h, id, 300, 1), HV_STATUS_SUCCESS, 1);
	assert_result(unmap(h, id, G + 7, 1), HV_STATUS_SUCCESS, 1);
	assert_int_equal(reads(h, id, G + 7), HV_ACCESS_GPA_UNMAPPED);
	assert_balance(h, id, 0, 6);
	assert_clean(h);
}

/* Large elements are one per invocation, however many are asked for. */
static void continued(void **state)
{
	u64 list[20], id, continued;
	struct host *h = *state;
	u32 i;

	id = child(h, 10);
	for (i = 0; i < ARRAY_SIZE(list); i++)
		list[i] = i & 1 ? A : B;
	continued = h->continued;
	assert_result(map_list(h, id, G, RWX | HV_MAP_GPA_LARGE_PAGE, list,
			       20), HV_STATUS_SUCCESS, 20);
	assert_int_equal(h->continued - continued, 19);
	assert_maps(h, id, G + 19 * LARGE, A, 0, LARGE);
	continued = h->continued;
	assert_result(unmap_flags(h, id, G, HV_UNMAP_GPA_LARGE_PAGE, 20),
		      HV_STATUS_SUCCESS, 20);
	assert_int_equal(h->continued - continued, 19);
	h->hv.cfg.rep_budget = 4 * LARGE;
	continued = h->continued;
	assert_result(map_list(h, id, G, RWX | HV_MAP_GPA_LARGE_PAGE, list,
			       20), HV_STATUS_SUCCESS, 20);
	assert_int_equal(h->continued - continued, 4);
}

static void teardown(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 20);
	u32 i;

	for (i = 0; i < 3; i++) {
		assert_result(map_large(h, id, G + i * LARGE, RWX, A),
			      HV_STATUS_SUCCESS, 1);
		assert_result(map(h, id, (i + 1) << 27, RWX, 40, 3),
			      HV_STATUS_SUCCESS, 3);
	}
	assert_result(unmap(h, id, G + LARGE, 5), HV_STATUS_SUCCESS, 5);
	h->hv.cfg.rep_budget = 1;
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, id), SUCCESS);
	assert_balance(h, id, 23, 0);
	for (i = 0; i < LARGE; i++)
		assert_int_equal(h->frames[A + i].link, 0);
	assert_result(withdraw(h, id, 0, 23), HV_STATUS_SUCCESS, 23);
}

/* APM: bit 7 in an entry of a page directory. */
static void hardware_format(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 10), table = h->hv.partitions[id]->gpa_table, entry;
	u64 address = (1ULL << 39 | 3ULL << 30 | 5ULL << 21) >> HV_PAGE_SHIFT;

	assert_result(map_large(h, id, address, HV_MAP_GPA_READABLE, A),
		      HV_STATUS_SUCCESS, 1);
	table = ((u64 *)host_ram(h, table))[1] >> HV_PAGE_SHIFT;
	table = ((u64 *)host_ram(h, table))[3] >> HV_PAGE_SHIFT;
	entry = ((u64 *)host_ram(h, table))[5];
	/* Present, user, large; not writable, no execution. */
	assert_int_equal(entry & 0x87, 0x85);
	assert_true(entry >> 63);
	assert_true((entry & 0x000ffffffffff000ULL) == A << HV_PAGE_SHIFT);
	/* Split: the same rights in 512 leaves, none of them large. */
	assert_result(unmap(h, id, address, 1), HV_STATUS_SUCCESS, 1);
	entry = ((u64 *)host_ram(h, table))[5];
	assert_int_equal(entry & 0x87, 0x07);
	table = (entry & 0x000ffffffffff000ULL) >> HV_PAGE_SHIFT;
	entry = ((u64 *)host_ram(h, table))[1];
	assert_int_equal(entry & 0x87, 0x05);
	assert_true((entry & 0x000ffffffffff000ULL) ==
		    (A + 1) << HV_PAGE_SHIFT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("W12 C-map-7 large: mapping", mapping),
		HOST_TEST("C-map-7 large: parameters and rights", parameters),
		HOST_TEST("C-map-7 large: sources", sources),
		HOST_TEST("W12 G9 C-map-7 large: a part", part),
		HOST_TEST("W12 C-map-7 large: no memory", no_memory),
		HOST_TEST("W16 C-map-7 large: continued", continued),
		HOST_TEST("C-map-7 large: finalize", teardown),
		HOST_TEST("C-map-7 large: hardware's format", hardware_format),
	};

	return cmocka_run_group_tests_name("large", tests, NULL, NULL);
}
