// SPDX-License-Identifier: GPL-2.0
/* Pools: deposit, withdraw, balance. W1-W14. */
#include "calls.h"

#include <string.h>

/* The last withdraw gave pages of [first, end), each once, all zero. */
static void assert_withdrawn(struct host *h, u32 count, u64 first, u64 end)
{
	const u64 *list = call_output(h);
	bool seen[HOST_PAGES] = {};
	u32 i, at;

	for (i = 0; i < count; i++) {
		const u64 *page;

		assert_in_range(list[i], first, end - 1);
		assert_false(seen[list[i]]);
		seen[list[i]] = true;
		page = host_page(h, list[i]); /* the root reaches it again */
		for (at = 0; at < HV_PAGE_SIZE / sizeof(u64); at++)
			assert_int_equal(page[at], 0);
	}
	for (; i < HV_WITHDRAW_MAX; i++)
		assert_true(list[i] == JUNK);
}

static void all_asked_for(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);

	assert_result(deposit(h, id, 100, 20), HV_STATUS_SUCCESS, 20);
	assert_balance(h, id, 20, 0);
	assert_result(withdraw(h, id, 0, 5), HV_STATUS_SUCCESS, 5);
	assert_withdrawn(h, 5, 100, 120);
	assert_balance(h, id, 15, 0);
}

static void a_full_page_of_output(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);

	assert_result(deposit(h, id, 100, 511), HV_STATUS_SUCCESS, 511);
	assert_result(deposit(h, id, 611, 9), HV_STATUS_SUCCESS, 9);
	assert_result(withdraw(h, id, 0, 512), HV_STATUS_SUCCESS, 512);
	assert_withdrawn(h, 512, 100, 620);
	assert_balance(h, id, 8, 0);
}

static void no_resources(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);

	assert_result(deposit(h, id, 100, 7), HV_STATUS_SUCCESS, 7);
	assert_result(withdraw(h, id, 0, 10), HV_STATUS_NO_RESOURCES, 7);
	assert_withdrawn(h, 7, 100, 107);
	assert_result(withdraw(h, id, 0, 10), HV_STATUS_NO_RESOURCES, 0);
	assert_withdrawn(h, 0, 0, 1);
	assert_balance(h, id, 0, 0);
}

/* Elements before the start are not written, nor counted twice. */
static void start_in_the_middle(void **state)
{
	struct host *h = *state;
	struct hv_input_withdraw_memory in = { .partition_id = make_child(h) };
	const u64 *list = call_output(h);
	u32 i;

	assert_result(deposit(h, in.partition_id, 100, 7), HV_STATUS_SUCCESS, 7);
	assert_result(call_rep(h, HVCALL_WITHDRAW_MEMORY, 9, 4, &in, sizeof(in),
			       NULL), HV_STATUS_SUCCESS, 9);
	for (i = 0; i < 4; i++)
		assert_true(list[i] == JUNK);
	for (; i < 9; i++)
		assert_in_range(list[i], 100, 106);
	assert_result(call_rep(h, HVCALL_WITHDRAW_MEMORY, 9, 4, &in, sizeof(in),
			       NULL), HV_STATUS_NO_RESOURCES, 6);
}

static void bad_proximity(void **state)
{
	static const u64 bad[] = {
		1ULL << 33, 1ULL << 62, /* reserved bits, valid or not */
		HV_PROXIMITY_VALID | 1ULL << 47,
		HV_PROXIMITY_VALID | HOST_DOMAINS,
		HV_PROXIMITY_VALID | 64,
		HV_PROXIMITY_VALID | HV_PROXIMITY_PREFERRED | 0xffffffff,
	};
	struct host *h = *state;
	u64 id = make_child(h), a, b;
	u32 i;

	assert_result(deposit(h, id, 100, 7), HV_STATUS_SUCCESS, 7);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_result(withdraw(h, id, bad[i], 2),
			      HV_STATUS_INVALID_PARAMETER, 0);
		assert_withdrawn(h, 0, 0, 1);
		assert_status(balance(h, id, bad[i], &a, &b),
			      INVALID_PARAMETER);
	}
	assert_balance(h, id, 7, 0);
	/* Not valid: the id means nothing, nor does "preferred". */
	assert_result(withdraw(h, id, HV_PROXIMITY_PREFERRED | 63, 7),
		      HV_STATUS_SUCCESS, 7);
}

static void assert_domain(struct host *h, u32 first, u32 end, u32 domain)
{
	for (; first < end; first++)
		assert_int_equal(host_domain(call_output(h)[first]), domain);
}

static void proximity(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);
	u64 available, in_use;
	u32 d;

	assert_result(deposit(h, id, 128, 40), HV_STATUS_SUCCESS, 40);
	for (d = 0; d < HOST_DOMAINS; d++) {
		assert_status(balance(h, id, hv_proximity(d, false), &available,
				      &in_use), SUCCESS);
		assert_int_equal(available, 10);
		/* Only that domain, though others have pages. */
		assert_result(withdraw(h, id, hv_proximity(d, false), 4),
			      HV_STATUS_SUCCESS, 4);
		assert_domain(h, 0, 4, d);
	}
	assert_result(withdraw(h, id, hv_proximity(2, false), 8),
		      HV_STATUS_NO_RESOURCES, 6);
	assert_domain(h, 0, 6, 2);
	assert_balance(h, id, 18, 0);
	/* That domain first, then others. */
	assert_result(withdraw(h, id, hv_proximity(3, true), 8),
		      HV_STATUS_SUCCESS, 8);
	assert_domain(h, 0, 6, 3);
	assert_true(host_domain(call_output(h)[6]) < 2);
	assert_true(host_domain(call_output(h)[7]) < 2);
	assert_result(withdraw(h, id, hv_proximity(3, true), 20),
		      HV_STATUS_NO_RESOURCES, 10);
	assert_balance(h, id, 0, 0);
}

/* While deposited: out of the root's reach, and that before the call ends. */
static void access_taken_and_given_back(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h);
	u64 flushes = h->flushes;
	u32 i;

	assert_result(deposit(h, id, 100, 3), HV_STATUS_SUCCESS, 3);
	assert_true(h->flushes > flushes);
	for (i = 100; i < 103; i++)
		assert_false(host_reaches(h, i));
	assert_true(host_reaches(h, 99));
	assert_true(host_reaches(h, 103));
	assert_result(withdraw(h, id, 0, 3), HV_STATUS_SUCCESS, 3);
	for (i = 100; i < 103; i++)
		assert_true(host_reaches(h, i));
}

/* What the hypervisor kept in used pages does not come out with them. */
static void zero_filled(void **state)
{
	struct host *h = *state;
	u64 id, page;
	u32 at;

	for (page = 100; page < 120; page++)
		memset(host_page(h, page), 0x5a, HV_PAGE_SIZE);
	assert_result(deposit(h, HVC_SELF, 119, 1), HV_STATUS_SUCCESS, 1);
	assert_status(create_partition(h, &id), SUCCESS);
	assert_result(deposit(h, id, 100, 19), HV_STATUS_SUCCESS, 19);
	assert_status(on_partition(h, HVCALL_INITIALIZE_PARTITION, id), SUCCESS);
	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(map(h, id, 5, RWX, 200, 9), HV_STATUS_SUCCESS, 9);
	assert_result(withdraw(h, id, 0, 19), HV_STATUS_NO_RESOURCES, 13);
	assert_withdrawn(h, 13, 100, 119);
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, id), SUCCESS);
	assert_result(withdraw(h, id, 0, 7), HV_STATUS_NO_RESOURCES, 6);
	assert_withdrawn(h, 6, 100, 119);
	assert_status(on_partition(h, HVCALL_DELETE_PARTITION, id), SUCCESS);
	assert_result(withdraw(h, HVC_SELF, 0, 1), HV_STATUS_SUCCESS, 1);
	assert_withdrawn(h, 1, 119, 120);
	/* Nor was any of it visible in between. */
	for (page = 100; page < 120; page++)
		for (at = 0; at < HV_PAGE_SIZE; at++)
			assert_int_equal(((u8 *)host_page(h, page))[at], 0);
}

static void own_pool_only(void **state)
{
	struct host *h = *state;
	u64 a = make_child(h), b = make_child(h);

	assert_result(deposit(h, a, 100, 4), HV_STATUS_SUCCESS, 4);
	assert_result(deposit(h, b, 200, 4), HV_STATUS_SUCCESS, 4);
	assert_result(deposit(h, HVC_SELF, 300, 4), HV_STATUS_SUCCESS, 4);
	assert_result(withdraw(h, b, 0, 8), HV_STATUS_NO_RESOURCES, 4);
	assert_withdrawn(h, 4, 200, 204);
	assert_result(withdraw(h, a, 0, 8), HV_STATUS_NO_RESOURCES, 4);
	assert_withdrawn(h, 4, 100, 104);
	assert_result(withdraw(h, HVC_SELF, 0, 8), HV_STATUS_NO_RESOURCES, 4);
	assert_withdrawn(h, 4, 300, 304);
}

static void own_pool_by_either_name(void **state)
{
	struct host *h = *state;

	assert_result(deposit(h, HVC_ROOT_ID, 100, 2), HV_STATUS_SUCCESS, 2);
	assert_result(deposit(h, HVC_SELF, 102, 2), HV_STATUS_SUCCESS, 2);
	assert_balance(h, HVC_ROOT_ID, 4, 0);
	assert_result(withdraw(h, HVC_SELF, 0, 2), HV_STATUS_SUCCESS, 2);
	assert_withdrawn(h, 2, 100, 104);
	assert_result(withdraw(h, HVC_ROOT_ID, 0, 2), HV_STATUS_SUCCESS, 2);
	assert_withdrawn(h, 2, 100, 104);
	assert_balance(h, HVC_SELF, 0, 0);
}

/* Pages in use stay; all can be had once the partition is finalized. */
static void used_pages_stay(void **state)
{
	struct host *h = *state;
	u64 id = make_active(h, 100, 20);

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(map(h, id, 5, RWX, 200, 1), HV_STATUS_SUCCESS, 1);
	/* Top table, three tables below it, VP and its page. */
	assert_balance(h, id, 14, 6);
	assert_result(withdraw(h, id, 0, 20), HV_STATUS_NO_RESOURCES, 14);
	assert_balance(h, id, 0, 6);
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, id), SUCCESS);
	assert_balance(h, id, 6, 0);
	assert_result(withdraw(h, id, 0, 6), HV_STATUS_SUCCESS, 6);
	assert_withdrawn(h, 6, 100, 120);
}

/* Each refusal in the middle of a list: the count is that of what was taken. */
static void deposit_refusals(void **state)
{
	struct host *h = *state;
	u64 id = make_active(h, 100, 8);
	const struct {
		u64 pfn;
		u16 status;
	} bad[] = {
		{ 0, HV_STATUS_OPERATION_DENIED }, /* ends lists */
		{ HOST_HV_FIRST, HV_STATUS_OPERATION_DENIED },
		{ HOST_HOLE_FIRST, HV_STATUS_OPERATION_DENIED },
		{ HOST_PAGES, HV_STATUS_OPERATION_DENIED },
		{ 1ULL << 36, HV_STATUS_OPERATION_DENIED },
		{ 1ULL << 32 | 300, HV_STATUS_OPERATION_DENIED },
		{ ~0ULL, HV_STATUS_OPERATION_DENIED },
		{ 100, HV_STATUS_OPERATION_DENIED }, /* available or used */
		{ 107, HV_STATUS_OPERATION_DENIED },
		{ 200, HV_STATUS_OPERATION_DENIED }, /* mapped */
		{ HOST_IN, HV_STATUS_OBJECT_IN_USE }, /* holds this list */
	};
	u64 list[3], taken = 0;
	u32 i;

	assert_result(map(h, id, 0, 0, 200, 1), HV_STATUS_SUCCESS, 1);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		list[0] = 300 + i;
		list[1] = bad[i].pfn;
		list[2] = 400;
		assert_result(deposit_list(h, id, list, 3), bad[i].status, 1);
		assert_false(host_reaches(h, 300 + i));
		assert_true(host_reaches(h, 400));
		taken++;
		assert_balance(h, id, 4 + taken, 4);
	}
	/* The same page twice in a list, and its second deposit. */
	list[0] = 401;
	list[1] = 401;
	assert_result(deposit_list(h, id, list, 2), HV_STATUS_OPERATION_DENIED,
		      1);
	assert_result(deposit(h, HVC_SELF, 401, 1), HV_STATUS_OPERATION_DENIED,
		      0);
	/* Unmapped, it can go. */
	assert_result(unmap(h, id, 0, 1), HV_STATUS_SUCCESS, 1);
	assert_result(deposit(h, id, 200, 1), HV_STATUS_SUCCESS, 1);
}

/* Pages of a domain side by side, and where that ends: host_domain(). */
#define RUN 64 /* 16 pages of domain 0, then of 1, 2, 3 */

/* What lies side by side changes hands in one go, whichever way it is listed. */
static void runs(void **state)
{
	struct host *h = *state;
	u64 id = make_child(h), accesses, list[32];
	u32 i, down;

	for (down = 0; down < 2; down++) {
		for (i = 0; i < 32; i++)
			list[i] = RUN + (down ? 31 - i : i);
		accesses = h->accesses;
		assert_result(deposit_list(h, id, list, 32), HV_STATUS_SUCCESS,
			      32);
		/* Two domains; downwards, the first page tells the way. */
		assert_int_equal(h->accesses - accesses, 2 + down);
		assert_balance(h, id, 32, 0);
		assert_clean(h);
		accesses = h->accesses;
		assert_result(withdraw(h, id, 0, 5), HV_STATUS_SUCCESS, 5);
		assert_withdrawn(h, 5, RUN, RUN + 16);
		assert_clean(h);
		assert_result(withdraw(h, id, 0, 32), HV_STATUS_NO_RESOURCES,
			      27);
		assert_withdrawn(h, 27, RUN, RUN + 32);
		assert_int_equal(h->accesses - accesses, 3);
		assert_clean(h);
	}
}

/* Only as far as their descriptors are known to be in a row. */
static void runs_end(void **state)
{
	struct host *h = *state;
	u64 end = h->hv.cfg.first_frame + h->hv.cfg.nr_frames;
	u64 id = make_child(h), accesses = h->accesses;

	assert_int_equal(host_domain(end - 4), host_domain(end + 3));
	assert_result(deposit(h, id, end - 4, 8), HV_STATUS_SUCCESS, 8);
	assert_int_equal(h->accesses - accesses, 1 + 4);
	accesses = h->accesses;
	assert_result(withdraw(h, id, 0, 8), HV_STATUS_SUCCESS, 8);
	assert_withdrawn(h, 8, end - 4, end + 4);
	assert_int_equal(h->accesses - accesses, 1 + 4);
	/* Page 1 is the last: what ends the list is not its neighbour. */
	h->hv.cfg.frames = h->frames;
	h->hv.cfg.nr_frames += h->hv.cfg.first_frame;
	h->hv.cfg.first_frame = 0;
	assert_result(deposit(h, id, 1, 1), HV_STATUS_SUCCESS, 1);
	assert_result(withdraw(h, id, 0, 2), HV_STATUS_NO_RESOURCES, 1);
	assert_withdrawn(h, 1, 1, 2);
}

/* A page that will not do ends the call there, wherever in a run it lies. */
static void runs_refused(void **state)
{
	struct host *h = *state;
	u64 id = make_active(h, 128, 8), list[16], *in;
	u32 i, bad, down;

	/* The domain of these has no other page available. */
	assert_result(map(h, id, 0, RWX, RUN + 9, 1), HV_STATUS_SUCCESS, 1);
	for (down = 0; down < 2; down++) {
		for (i = 0; i < 16; i++)
			list[i] = RUN + (down ? 15 - i : i);
		bad = down ? 15 - 9 : 9;
		assert_result(deposit_list(h, id, list, 16),
			      HV_STATUS_OPERATION_DENIED, bad);
		for (i = 0; i < 16; i++)
			assert_int_equal(host_reaches(h, list[i]), i >= bad);
		assert_balance(h, id, 4 + bad, 4);
		assert_clean(h);
		assert_result(withdraw(h, id, hv_proximity(0, false), 16),
			      HV_STATUS_NO_RESOURCES, bad);
	}
	/* Forth and back: the second page is in the pool by then. */
	list[0] = RUN;
	list[1] = RUN + 1;
	list[2] = RUN;
	assert_result(deposit_list(h, id, list, 3), HV_STATUS_OPERATION_DENIED,
		      2);
	/* The list's own page in the middle. */
	in = host_page(h, RUN + 4);
	in[0] = id;
	for (i = 0; i < 3; i++)
		in[1 + i] = RUN + 3 + i;
	assert_result(host_call(h, hv_control_rep(HVCALL_DEPOSIT_MEMORY, 3, 0),
				(RUN + 4) << HV_PAGE_SHIFT, 0),
		      HV_STATUS_OBJECT_IN_USE, 1);
	assert_true(host_reaches(h, RUN + 4));
	assert_true(host_reaches(h, RUN + 5));
}

/* Links are 32 bits wide: pages beyond are not taken, the last one is. */
static void pages_beyond_the_links(void **state)
{
	const u64 limit = 1ULL << 32;
	struct hvc_config cfg;
	struct host *h;
	u64 *in;

	(void)state;
	host_config(&cfg);
	h = host_new(&cfg, 64, limit - 32);
	in = host_page(h, limit + 20);
	in[0] = HVC_SELF;
	in[1] = limit - 1;
	in[2] = limit;
	assert_result(host_call(h, hv_control_rep(HVCALL_DEPOSIT_MEMORY, 2, 0),
				(limit + 20) << HV_PAGE_SHIFT, 0),
		      HV_STATUS_OPERATION_DENIED, 1);
	assert_true(host_reaches(h, limit));
	in[1] = 0;
	assert_result(host_call(h, hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0),
				(limit + 20) << HV_PAGE_SHIFT,
				(limit + 21) << HV_PAGE_SHIFT),
		      HV_STATUS_NO_RESOURCES, 1);
	assert_int_equal(*(u64 *)host_page(h, limit + 21), limit - 1);
	host_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("W1 W3 W9 withdraw all asked for", all_asked_for),
		HOST_TEST("W1 W3 withdraw a full page of output",
			  a_full_page_of_output),
		HOST_TEST("W2 W7 no_resources with the exact count",
			  no_resources),
		HOST_TEST("W1 W16 withdraw from a rep start",
			  start_in_the_middle),
		HOST_TEST("W6 W13 bad proximity", bad_proximity),
		HOST_TEST("W13 proximity: any, only, preferred", proximity),
		HOST_TEST("W10 access taken and given back",
			  access_taken_and_given_back),
		HOST_TEST("W8 pages come back zero-filled", zero_filled),
		HOST_TEST("W9 pages come back from their own pool",
			  own_pool_only),
		HOST_TEST("W4 W14 the root's pool by id and by SELF",
			  own_pool_by_either_name),
		HOST_TEST("W11 W12 used pages stay until finalized",
			  used_pages_stay),
		HOST_TEST("W2 C-deposit refusals, with the count",
			  deposit_refusals),
		HOST_TEST("W1 W10 C-deposit pages side by side", runs),
		HOST_TEST("W2 C-deposit where pages side by side end",
			  runs_end),
		HOST_TEST("W2 C-deposit refusals between pages side by side",
			  runs_refused),
		{ "C-deposit pages beyond 32-bit links",
		  pages_beyond_the_links, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
