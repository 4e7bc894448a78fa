// SPDX-License-Identifier: GPL-2.0
/* Overlay pages of children: G8, G10, W12. */
#include "calls.h"

#include <hv/registers.h>
#include <string.h>

#define R HV_MAP_GPA_READABLE
#define W HV_MAP_GPA_WRITABLE
#define PAGE(n) ((u64)(n) << HV_PAGE_SHIFT)
#define AT(page) (PAGE(page) | 1) /* a register that enables */

#define HYPERCALL HV_X64_REGISTER_HYPERCALL
#define TSC HV_REGISTER_REFERENCE_TSC
#define ASSIST HV_REGISTER_VP_ASSIST_PAGE
#define SIMP HV_REGISTER_SIMP
#define SIEFP HV_REGISTER_SIEFP

/* Available pages of a child as child() makes it. */
#define POOL 30

static const u8 zero[16];
static const u8 pattern[16] = "written by root";

/* Two VPs; GPA pages 0 to 3 are RAM of 0x77, readable and writable. */
static u64 child(struct host *h)
{
	u64 id = make_active(h, 100, POOL + 8);
	u32 i;

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_status(create_vp(h, id, 1), SUCCESS);
	assert_result(map(h, id, 0, R | W, 300, 4), HV_STATUS_SUCCESS, 4);
	for (i = 0; i < 4; i++)
		memset(host_page(h, 300 + i), 0x77, HV_PAGE_SIZE);
	assert_balance(h, id, POOL, 8);
	return id;
}

static void set(struct host *h, u64 id, u32 vp, u32 name, u64 value)
{
	assert_result(set_register(h, id, vp, name, value), HV_STATUS_SUCCESS,
		      1);
}

static u64 get(struct host *h, u64 id, u32 vp, u32 name)
{
	assert_result(get_register(h, id, vp, name), HV_STATUS_SUCCESS, 1);
	assert_int_equal(call_output(h)[1], 0);
	return call_output(h)[0];
}

static void assert_reads(struct host *h, u64 id, u64 gpa, const void *bytes)
{
	u8 data[16];
	u32 code;

	assert_status(read_gpa(h, id, gpa, 16, &code, data), SUCCESS);
	assert_int_equal(code, HV_ACCESS_GPA_SUCCESS);
	assert_memory_equal(data, bytes, 16);
}

static void write_code(struct host *h, u64 id, u64 gpa, const void *bytes,
		       u32 expected)
{
	u32 code;

	assert_status(write_gpa(h, id, gpa, 16, &code, bytes), SUCCESS);
	assert_int_equal(code, expected);
}

/* All of a page of the root, as the root sees it. */
static void assert_untouched(struct host *h, u64 pfn)
{
	const u8 *page = host_page(h, pfn);
	u32 i;

	for (i = 0; i < HV_PAGE_SIZE; i++)
		assert_int_equal(page[i], 0x77);
}

/* Over RAM, moved to other RAM, moved to where there is none, and gone. */
static void wins_over_ram(void **state)
{
	static const u32 names[] = { ASSIST, SIMP, SIEFP };
	struct host *h = *state;
	u64 id = child(h);
	u8 ram[16], data[16];
	u32 i, code;

	memset(ram, 0x77, sizeof(ram));
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		set(h, id, 1, names[i], AT(1));
		assert_int_equal(get(h, id, 1, names[i]), AT(1));
		assert_int_equal(get(h, id, 0, names[i]), 0);
		/* A new page is empty, whatever its frame was before. */
		assert_reads(h, id, PAGE(1) + 64, zero);
		write_code(h, id, PAGE(1) + 64, pattern, HV_ACCESS_GPA_SUCCESS);
		assert_reads(h, id, PAGE(1) + 64, pattern);
		assert_reads(h, id, PAGE(0) + 64, ram);
		/* What was written moves along. */
		set(h, id, 1, names[i], AT(2));
		assert_reads(h, id, PAGE(1) + 64, ram);
		assert_reads(h, id, PAGE(2) + 64, pattern);
		set(h, id, 1, names[i], AT(1000));
		assert_reads(h, id, PAGE(2) + 64, ram);
		assert_reads(h, id, PAGE(1000) + 64, pattern);
		write_code(h, id, PAGE(1000) + 4080, pattern,
			   HV_ACCESS_GPA_SUCCESS);
		/* Mapping and unmapping happens below. */
		assert_result(map(h, id, 1000, R, 310, 1), 0, 1);
		assert_reads(h, id, PAGE(1000) + 64, pattern);
		assert_result(unmap(h, id, 1000, 1), 0, 1);
		assert_reads(h, id, PAGE(1000) + 4080, pattern);
		set(h, id, 1, names[i], PAGE(1000));
		assert_status(read_gpa(h, id, PAGE(1000), 16, &code, data),
			      SUCCESS);
		assert_int_equal(code, HV_ACCESS_GPA_UNMAPPED);
		assert_int_equal(get(h, id, 1, names[i]), PAGE(1000));
	}
	for (i = 0; i < 4; i++)
		assert_untouched(h, 300 + i);
	assert_clean(h);
}

/* The order that overlay.c describes, whoever enabled first, whoever looks. */
static void one_over_the_other(void **state)
{
	static const struct {
		u32 vp, name;
	} order[] = {
		{ 0, ASSIST }, { 0, SIMP }, { 0, SIEFP },
		{ 1, ASSIST }, { 1, SIMP }, { 1, SIEFP },
	};
	struct hv_input_read_gpa in = {
		.vp_index = 1, .byte_count = 1, .base_gpa = PAGE(3),
	};
	struct host *h = *state;
	u64 id = child(h);
	u8 mark[16];
	u32 i, n;

	in.partition_id = id;
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		n = i * 5 % 6; /* not in their order */
		set(h, id, order[n].vp, order[n].name, AT(100));
		memset(mark, 0x10 + n, sizeof(mark));
		write_code(h, id, PAGE(100), mark, HV_ACCESS_GPA_SUCCESS);
		set(h, id, order[n].vp, order[n].name, AT(10 + n));
	}
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		n = i * 5 % 6;
		set(h, id, order[n].vp, order[n].name, AT(3));
	}
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		memset(mark, 0x10 + i, sizeof(mark));
		assert_reads(h, id, PAGE(3), mark);
		assert_status(call_simple(h, HVCALL_READ_GPA, &in, sizeof(in)),
			      SUCCESS);
		assert_int_equal(call_output(h)[1], 0x10 + i);
		set(h, id, order[i].vp, order[i].name, 0);
	}
	assert_untouched(h, 303);
}

/* Partition-wide, read-only, and on top. */
static void hypercall_page(void **state)
{
	static const u8 code[16] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x01, 0xd9,
				     0xc3, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc, 0xcc,
				     0xcc, 0xcc };
	struct host *h = *state;
	u64 id = child(h), other = make_active(h, 200, 10);
	u8 ram[16];

	memset(ram, 0x77, sizeof(ram));
	/* Without an identity it is not enabled. */
	set(h, id, 0, HYPERCALL, AT(2));
	assert_int_equal(get(h, id, 0, HYPERCALL), PAGE(2));
	assert_reads(h, id, PAGE(2), ram);
	assert_balance(h, id, POOL, 8);

	set(h, id, 1, HV_REGISTER_GUEST_OS_ID, 0x8100000000000001);
	assert_int_equal(get(h, id, 0, HV_REGISTER_GUEST_OS_ID),
			 0x8100000000000001);
	set(h, id, 0, HYPERCALL, AT(2));
	assert_int_equal(get(h, id, 1, HYPERCALL), AT(2));
	assert_reads(h, id, PAGE(2), code);
	assert_balance(h, id, POOL - 1, 9);
	set(h, id, 0, ASSIST, AT(2));
	assert_reads(h, id, PAGE(2), code);
	/* The identity goes, and the page with it. */
	set(h, id, 0, HV_REGISTER_GUEST_OS_ID, 0);
	assert_int_equal(get(h, id, 1, HYPERCALL), PAGE(2));
	assert_reads(h, id, PAGE(2), zero);
	set(h, id, 0, ASSIST, 0);
	assert_balance(h, id, POOL, 8);
	/* Locked, it stays where it is. */
	set(h, id, 0, HV_REGISTER_GUEST_OS_ID, 1);
	set(h, id, 0, HYPERCALL, AT(1) | 2);
	assert_result(set_register(h, id, 1, HYPERCALL, AT(2)),
		      HV_STATUS_INVALID_PARAMETER, 0);
	assert_result(set_register(h, id, 0, HYPERCALL, 0),
		      HV_STATUS_INVALID_PARAMETER, 0);
	assert_int_equal(get(h, id, 0, HYPERCALL), AT(1) | 2);
	assert_reads(h, id, PAGE(1), code);
	assert_untouched(h, 302);
	/* Another partition has its own. */
	assert_status(create_vp(h, other, 0), SUCCESS);
	assert_int_equal(get(h, other, 0, HYPERCALL), 0);
	assert_int_equal(get(h, other, 0, HV_REGISTER_GUEST_OS_ID), 0);
}

/* A partition's time begins with it; and a host may have no such clock. */
static void reference_tsc_page(void **state)
{
	struct hv_reference_tsc_page page = {
		.tsc_sequence = 1,
		.tsc_scale = HOST_TSC_SCALE,
		.tsc_offset = HOST_TSC_OFFSET - 5000,
	};
	const struct hvc_host_ops *own;
	struct host *h = *state;
	struct hvc_host_ops ops;
	u64 id;

	h->time = 5000;
	id = child(h);
	h->time = 6000;
	set(h, id, 1, TSC, AT(5));
	assert_int_equal(get(h, id, 0, TSC), AT(5));
	assert_reads(h, id, PAGE(5), &page);
	assert_reads(h, id, PAGE(5) + 8, &page.tsc_scale);
	write_code(h, id, PAGE(5), pattern, HV_ACCESS_GPA_WRITE_INTERCEPT);
	assert_reads(h, id, PAGE(5), &page);
	set(h, id, 1, TSC, 0);
	own = h->hv.ops;
	ops = *own;
	ops.reference_tsc = NULL;
	h->hv.ops = &ops;
	set(h, id, 1, TSC, AT(5));
	assert_reads(h, id, PAGE(5), zero);
	h->hv.ops = own;
}

/* Codes of a write that an overlay refuses; nothing is written anywhere. */
static void refused(struct host *h, u64 id, u32 expected)
{
	u8 before[HV_PAGE_SIZE];
	u64 pfn = h->hv.partitions[id]->hypercall.pfn;

	memcpy(before, host_ram(h, pfn), HV_PAGE_SIZE);
	write_code(h, id, PAGE(1), pattern, expected);
	write_code(h, id, PAGE(1) + 4080, pattern, expected);
	assert_memory_equal(host_ram(h, pfn), before, HV_PAGE_SIZE);
	assert_untouched(h, 301);
}

static void refuses_writes(void **state)
{
	struct host *h = *state;
	u64 id = child(h);

	set(h, id, 0, HV_REGISTER_GUEST_OS_ID, 1);
	set(h, id, 0, HYPERCALL, AT(1));
	refused(h, id, HV_ACCESS_GPA_WRITE_INTERCEPT);
	assert_status(debug_call(h, HV_DEBUG_ACCESS_CODES, 1, NULL), SUCCESS);
	refused(h, id, HV_ACCESS_GPA_ILLEGAL_OVERLAY_ACCESS);
}

/* INSUFFICIENT_MEMORY changes nothing; after a deposit it succeeds. */
static void memory_of_the_pool(void **state)
{
	static const u32 names[] = { HYPERCALL, TSC, ASSIST, SIMP, SIEFP };
	struct host *h = *state;
	u64 id = child(h);
	u32 i;

	set(h, id, 0, HV_REGISTER_GUEST_OS_ID, 1);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		u64 before = get(h, id, 0, names[i]);

		assert_result(withdraw(h, id, 0, 100),
			      HV_STATUS_NO_RESOURCES, i ? 0 : POOL);
		assert_result(set_register(h, id, 0, names[i], AT(1)),
			      HV_STATUS_INSUFFICIENT_MEMORY, 0);
		assert_int_equal(get(h, id, 0, names[i]), before);
		assert_balance(h, id, 0, 8 + i);
		/* Used memory, that the root has written to. */
		memset(host_page(h, 500 + i), 0x55, HV_PAGE_SIZE);
		assert_result(deposit(h, id, 500 + i, 1), 0, 1);
		set(h, id, 0, names[i], AT(10 + i));
		assert_balance(h, id, 0, 9 + i);
		/* Moving takes no memory. */
		set(h, id, 0, names[i], AT(20 + i));
	}
	assert_reads(h, id, PAGE(22) + 80, zero);
	/* The other VP's die with it, the partition's own with that. */
	assert_result(deposit(h, id, 520, 3), 0, 3);
	for (i = 2; i < ARRAY_SIZE(names); i++)
		set(h, id, 1, names[i], AT(30 + i));
	assert_balance(h, id, 0, 16);
	assert_status(delete_vp(h, id, 1), SUCCESS);
	assert_balance(h, id, 5, 11);
	write_code(h, id, PAGE(32), pattern, HV_ACCESS_GPA_UNMAPPED);
	set(h, id, 0, SIMP, 0);
	assert_balance(h, id, 6, 10);
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, id), SUCCESS);
	assert_balance(h, id, 16, 0);
	assert_result(withdraw(h, id, 0, 100), HV_STATUS_NO_RESOURCES, 16);
	for (i = 0; i < 16; i++)
		assert_memory_equal(host_page(h, call_output(h)[i]),
				    zero, 16);
}

static void outside_the_gpa_space(void **state)
{
	static const u32 names[] = { HYPERCALL, TSC, ASSIST, SIMP, SIEFP };
	struct host *h = *state;
	u64 id = child(h);
	u32 i;

	set(h, id, 0, HV_REGISTER_GUEST_OS_ID, 1);
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_result(set_register(h, id, 0, names[i], 1ULL << 48 | 1),
			      HV_STATUS_INVALID_PARAMETER, 0);
		assert_int_equal(get(h, id, 0, names[i]), 0);
		set(h, id, 0, names[i], ((1ULL << 48) - HV_PAGE_SIZE) | 1);
		set(h, id, 0, names[i], 1ULL << 48);
		assert_int_equal(get(h, id, 0, names[i]), 1ULL << 48);
	}
	assert_balance(h, id, POOL, 8);
}

/* Lists of a child's own calls are where a child would see them. */
static void lists_of_a_child(void **state)
{
	struct hvc_call call = {
		.control = HVCALL_GET_PARTITION_ID,
		.output = PAGE(1) + 8,
		.bits = 64,
	};
	struct host *h = *state;
	u64 id = child(h), in[2];
	u8 data[16];
	u32 code;

	h->hv.partitions[id]->privileges |= HV_PRIVILEGE(ACCESS_PARTITION_ID);
	call.caller = h->hv.partitions[id];
	/* Output: on the overlay page, not below it. */
	set(h, id, 0, SIMP, AT(1));
	assert_int_equal(host_step(h, &call), HVC_DONE);
	assert_status(call.result, SUCCESS);
	assert_status(read_gpa(h, id, PAGE(1) + 8, 8, &code, data), SUCCESS);
	assert_memory_equal(data, &id, 8);
	assert_untouched(h, 301);
	/* One that refuses writes refuses this one. */
	set(h, id, 0, TSC, AT(1));
	call.control = HVCALL_GET_PARTITION_ID;
	host_step(h, &call);
	assert_status(call.result, INVALID_HYPERCALL_INPUT);
	set(h, id, 0, TSC, 0);
	/* Input: from the overlay page, and the RAM below says otherwise. */
	in[0] = HVC_SELF;
	in[1] = 0;
	write_code(h, id, PAGE(1), in, HV_ACCESS_GPA_SUCCESS);
	call.control = HVCALL_GET_NEXT_CHILD_PARTITION;
	call.input = PAGE(1);
	call.output = PAGE(2);
	host_step(h, &call);
	assert_status(call.result, SUCCESS);
	set(h, id, 0, SIMP, 0);
	call.control = HVCALL_GET_NEXT_CHILD_PARTITION;
	host_step(h, &call);
	assert_status(call.result, INVALID_PARTITION_ID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("G10 wins over RAM, and leaves it", wins_over_ram),
		HOST_TEST("G10 one over the other", one_over_the_other),
		HOST_TEST("G8 G10 hypercall page", hypercall_page),
		HOST_TEST("G8 reference TSC page", reference_tsc_page),
		HOST_TEST("G8 refuses writes", refuses_writes),
		HOST_TEST("G10 lists of a child's calls", lists_of_a_child),
		HOST_TEST("W12 memory of the pool", memory_of_the_pool),
		HOST_TEST("C-registers-2 outside the GPA space",
			  outside_the_gpa_space),
	};

	return cmocka_run_group_tests_name("overlay", tests, NULL, NULL);
}
