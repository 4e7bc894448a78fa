// SPDX-License-Identifier: GPL-2.0
/* HvReadGpa and HvWriteGpa: G1-G9. */
#include "calls.h"

#include <string.h>

#define R HV_MAP_GPA_READABLE
#define W HV_MAP_GPA_WRITABLE
#define PAGE(n) ((u64)(n) << HV_PAGE_SHIFT)

static const u8 pattern[16] = { 1, 2, 3, 4, 5, 6, 7, 8,
				9, 10, 11, 12, 13, 14, 15, 16 };

/* GPA pages 0: RW, 1: R, 2: none, 3: unmapped; 0x10000: RW. */
static u64 child(struct host *h)
{
	u64 id = make_active(h, 100, 10);

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(map(h, id, 0, R | W, 300, 1), HV_STATUS_SUCCESS, 1);
	assert_result(map(h, id, 1, R, 301, 1), HV_STATUS_SUCCESS, 1);
	assert_result(map(h, id, 2, 0, 302, 1), HV_STATUS_SUCCESS, 1);
	assert_result(map(h, id, 0x10000, R | W, 303, 1), HV_STATUS_SUCCESS, 1);
	return id;
}

/* Each count at each place: these bytes, and no byte beside them. */
static void bytes_and_neighbours(void **state)
{
	struct host *h = *state;
	u64 id = child(h);
	u8 *page = host_page(h, 300);
	u8 data[16];
	u32 offset, count, i, code;

	for (count = 1; count <= 16; count++) {
		for (offset = 0; offset < 32; offset++) {
			u64 at = offset < 16 ? offset :
				 HV_PAGE_SIZE - 16 - count + offset - 15;

			memset(page, 0x77, HV_PAGE_SIZE);
			assert_status(write_gpa(h, id, at, count, &code,
						pattern), SUCCESS);
			assert_int_equal(code, HV_ACCESS_GPA_SUCCESS);
			for (i = 0; i < HV_PAGE_SIZE; i++)
				assert_int_equal(page[i],
						 i >= at && i < at + count ?
						 pattern[i - at] : 0x77);
			assert_status(read_gpa(h, id, at, count, &code, data),
				      SUCCESS);
			assert_int_equal(code, HV_ACCESS_GPA_SUCCESS);
			assert_memory_equal(data, pattern, count);
			/* The rest is zero, not what lay about. */
			for (i = count; i < 16; i++)
				assert_int_equal(data[i], 0);
		}
	}
}

static void byte_by_byte_layout(void **state)
{
	struct host *h = *state;
	u64 id = child(h);
	u8 in[48] = {};
	u32 i;

	in[0] = id;
	in[12] = 3;
	memcpy(in + 16, &(u64){ PAGE(0x10000) + 5 }, 8);
	in[24] = HV_CACHE_TYPE_WRITE_BACK;
	for (i = 0; i < 16; i++)
		in[32 + i] = 0xc0 + i;
	assert_status(call_simple(h, HVCALL_WRITE_GPA, in, 48), SUCCESS);
	assert_int_equal(call_output(h)[0], 0);
	assert_true(call_output(h)[1] == JUNK);
	assert_memory_equal((u8 *)host_page(h, 303) + 5, in + 32, 3);
	assert_status(call_simple(h, HVCALL_READ_GPA, in, 32), SUCCESS);
	assert_int_equal(call_output(h)[0], 0);
	assert_int_equal(call_output(h)[1], 0xc2c1c0);
	assert_int_equal(call_output(h)[2], 0);
	assert_true(call_output(h)[3] == JUNK);
}

static void vp_index(void **state)
{
	static const u32 bad[] = { 1, 63, 64, HV_VP_INDEX_SELF, HV_ANY_VP };
	struct host *h = *state;
	u64 id = child(h);
	struct hv_input_write_gpa in = {
		.partition_id = id, .byte_count = 1,
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		in.vp_index = bad[i];
		assert_status(call_simple(h, HVCALL_WRITE_GPA, &in, sizeof(in)),
			      INVALID_VP_INDEX);
		assert_status(call_simple(h, HVCALL_READ_GPA, &in, 32),
			      INVALID_VP_INDEX);
	}
	in.vp_index = 0;
	assert_status(delete_vp(h, id, 0), SUCCESS);
	assert_status(call_simple(h, HVCALL_WRITE_GPA, &in, sizeof(in)),
		      INVALID_VP_INDEX);
}

static void parameters(void **state)
{
	struct host *h = *state;
	const struct hv_input_write_gpa good = {
		.partition_id = child(h), .byte_count = 16,
	};
	struct hv_input_write_gpa in;
	u8 before[HV_PAGE_SIZE];
	u32 bit;

	memcpy(before, host_page(h, 300), HV_PAGE_SIZE);
#define REFUSED(field, value)                                             \
	do {                                                              \
		in = good;                                                \
		in.field = (value);                                       \
		assert_status(call_simple(h, HVCALL_WRITE_GPA, &in, 48),  \
			      INVALID_PARAMETER);                         \
		assert_true(call_output(h)[0] == JUNK);                   \
		assert_status(call_simple(h, HVCALL_READ_GPA, &in, 32),   \
			      INVALID_PARAMETER);                         \
		assert_true(call_output(h)[0] == JUNK);                   \
	} while (0)
	/* (a) beyond the end of the GPA space */
	REFUSED(base_gpa, 1ULL << 48);
	REFUSED(base_gpa, ~0xfULL);
	REFUSED(base_gpa, 1ULL << 63);
	/* (b) crossing a page */
	REFUSED(base_gpa, HV_PAGE_SIZE - 15);
	REFUSED(base_gpa, HV_PAGE_SIZE - 1);
	/* (c) byte count */
	REFUSED(byte_count, 0);
	REFUSED(byte_count, 17);
	REFUSED(byte_count, 0x10001);
	REFUSED(byte_count, ~0U);
	/* (d) reserved flags */
	for (bit = 8; bit < 64; bit++)
		REFUSED(control_flags, 1ULL << bit);
	/* (e) cache types */
	for (bit = 0; bit < 256; bit++)
		if (bit > 6 || bit == 2 || bit == 3)
			REFUSED(control_flags, bit);
#undef REFUSED
	assert_memory_equal(host_page(h, 300), before, HV_PAGE_SIZE);
	for (bit = 0; bit < 7; bit++) {
		in = good;
		in.control_flags = bit;
		if (bit != 2 && bit != 3)
			assert_status(call_simple(h, HVCALL_WRITE_GPA, &in, 48),
				      SUCCESS);
	}
}

/* What each page answers, and that a refused write has written nothing. */
static void codes(struct host *h, u64 id, u32 denied_write)
{
	const struct {
		u64 page, pfn;
		u32 write, read;
	} cases[] = {
		{ 0, 300, HV_ACCESS_GPA_SUCCESS, HV_ACCESS_GPA_SUCCESS },
		{ 1, 301, denied_write, HV_ACCESS_GPA_SUCCESS },
		{ 2, 302, denied_write, HV_ACCESS_GPA_READ_INTERCEPT },
		{ 3, 304, HV_ACCESS_GPA_UNMAPPED, HV_ACCESS_GPA_UNMAPPED },
		{ 0x20000, 304, HV_ACCESS_GPA_UNMAPPED,
		  HV_ACCESS_GPA_UNMAPPED },
		{ (1ULL << 36) - 1, 304, HV_ACCESS_GPA_UNMAPPED,
		  HV_ACCESS_GPA_UNMAPPED },
	};
	const u8 zero[16] = {};
	u8 data[16];
	u32 i, code;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		u8 *page = host_page(h, cases[i].pfn);

		memset(page, 0x77, 16);
		assert_status(write_gpa(h, id, PAGE(cases[i].page), 16, &code,
					pattern), SUCCESS);
		assert_int_equal(code, cases[i].write);
		assert_int_equal(page[0], code ? 0x77 : 1);
		assert_int_equal(page[15], code ? 0x77 : 16);
		assert_status(read_gpa(h, id, PAGE(cases[i].page), 16, &code,
				       data), SUCCESS);
		assert_int_equal(code, cases[i].read);
		assert_memory_equal(data, code ? zero : page, 16);
	}
}

static void codes_of_the_call_page(void **state)
{
	codes(*state, child(*state), HV_ACCESS_GPA_READ_INTERCEPT);
}

static void codes_of_the_enum_page(void **state)
{
	struct host *h = *state;
	u64 id = child(h);

	assert_int_equal(hvc_option(&h->hv, "access-codes=enum"), 1);
	codes(h, id, HV_ACCESS_GPA_WRITE_INTERCEPT);
	assert_int_equal(hvc_option(&h->hv, "access-codes=call"), 1);
	codes(h, id, HV_ACCESS_GPA_READ_INTERCEPT);
	assert_status(debug_call(h, HV_DEBUG_ACCESS_CODES, 1, NULL), SUCCESS);
	codes(h, id, HV_ACCESS_GPA_WRITE_INTERCEPT);
}

static void follows_the_mapping(void **state)
{
	const u8 others[16] = { 9 };
	struct host *h = *state;
	u64 id = child(h);
	u8 *old = host_page(h, 300), *new = host_page(h, 310);
	u32 code;

	memset(old, 0x77, 16);
	memset(new, 0x66, 16);
	assert_result(map(h, id, 0, R | W, 310, 1), HV_STATUS_SUCCESS, 1);
	assert_status(write_gpa(h, id, 0, 4, &code, pattern), SUCCESS);
	assert_int_equal(code, HV_ACCESS_GPA_SUCCESS);
	assert_int_equal(old[0], 0x77);
	assert_int_equal(new[0], 1);
	assert_int_equal(new[4], 0x66);
	assert_result(unmap(h, id, 0, 1), HV_STATUS_SUCCESS, 1);
	assert_status(write_gpa(h, id, 0, 4, &code,
				others), SUCCESS);
	assert_int_equal(code, HV_ACCESS_GPA_UNMAPPED);
	assert_int_equal(new[0], 1);
}

static void each_child_its_own(void **state)
{
	struct host *h = *state;
	u64 a = child(h), b = make_active(h, 200, 10);
	u8 data[16];
	u32 code;

	assert_status(create_vp(h, b, 0), SUCCESS);
	assert_result(map(h, b, 0, R | W, 320, 1), HV_STATUS_SUCCESS, 1);
	assert_status(write_gpa(h, a, 0, 16, &code, pattern), SUCCESS);
	assert_status(read_gpa(h, b, 0, 16, &code, data), SUCCESS);
	assert_int_equal(data[0], 0xa5);
	assert_status(read_gpa(h, b, PAGE(1), 16, &code, data), SUCCESS);
	assert_int_equal(code, HV_ACCESS_GPA_UNMAPPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("G2 G13 these bytes and no others",
			  bytes_and_neighbours),
		HOST_TEST("G1 layout, byte by byte", byte_by_byte_layout),
		HOST_TEST("G5 VP index", vp_index),
		HOST_TEST("G6 parameters (a) to (e)", parameters),
		HOST_TEST("G8 codes of the call page", codes_of_the_call_page),
		HOST_TEST("G8 codes of the enum page", codes_of_the_enum_page),
		HOST_TEST("G9 follows the mapping", follows_the_mapping),
		HOST_TEST("G9 each child its own", each_child_its_own),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
