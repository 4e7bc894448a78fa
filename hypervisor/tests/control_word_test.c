// SPDX-License-Identifier: GPL-2.0
/* W17: the control word and the lists, before any call is looked at. */
#include "calls.h"

#include <string.h>

#define IN_GPA ((u64)HOST_IN << HV_PAGE_SHIFT)
#define OUT_GPA ((u64)HOST_OUT << HV_PAGE_SHIFT)

#define WITHDRAW(count, start) \
	hv_control_rep(HVCALL_WITHDRAW_MEMORY, count, start)
#define BALANCE hv_control_simple(HVCALL_GET_MEMORY_BALANCE, false)

/*
 * The control word is refused with the status, for 64- and for 32-bit
 * callers, and nothing has happened.
 */
static void refused_at(struct host *h, u16 status, u64 control, u64 in, u64 out)
{
	const u8 bits[] = { 64, 32 };
	u32 i;

	for (i = 0; i < sizeof(bits); i++) {
		struct hvc_call call = {
			.control = control,
			.input = in,
			.output = out,
			.caller = hvc_root(&h->hv),
			.bits = bits[i],
		};
		u64 before = host_fingerprint(h);

		assert_int_equal(host_step(h, &call), HVC_DONE);
		assert_int_equal(hv_result_status(call.result), status);
		assert_int_equal(call.control, control);
		assert_true(host_fingerprint(h) == before);
	}
}

static void refused(struct host *h, u16 status, u64 control)
{
	refused_at(h, status, control, IN_GPA, OUT_GPA);
}

/* A root with 8 pages in its pool, and a withdraw or balance ready to go. */
static int setup(void **state)
{
	struct hv_input_withdraw_memory in = { .partition_id = HVC_SELF };
	struct host *h;

	setup_host(state);
	h = *state;
	assert_result(deposit(h, HVC_SELF, HOST_FREE, 8), HV_STATUS_SUCCESS, 8);
	memcpy(host_page(h, HOST_IN), &in, sizeof(in));
	return 0;
}

/* The calls that the others are made from do work. */
static void control(void **state)
{
	struct host *h = *state;

	assert_status(host_call(h, BALANCE, IN_GPA, OUT_GPA), SUCCESS);
	assert_int_equal(call_output(h)[0], 8);
	assert_result(host_call(h, WITHDRAW(2, 0), IN_GPA, OUT_GPA),
		      HV_STATUS_SUCCESS, 2);
}

static void unknown_code(void **state)
{
	static const u16 codes[] = { 0, 1, 0x3f, 0x4d, 0x6e, 0x1ff, 0x200,
				     0x7eff, 0x7fff };
	struct host *h = *state;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		refused(h, HV_STATUS_INVALID_HYPERCALL_CODE, codes[i]);
	/* The code comes first, whatever else is wrong. */
	refused(h, HV_STATUS_INVALID_HYPERCALL_CODE, ~0x8000ULL);
	assert_int_equal(h->hv.unknown.calls, 2 * i + 2);
}

static void extended_codes(void **state)
{
	struct host *h = *state;

	refused(h, HV_STATUS_ACCESS_DENIED, 0x8002);
	hvc_root(&h->hv)->privileges |=
		HV_PRIVILEGE(ENABLE_EXTENDED_HYPERCALLS);
	refused(h, HV_STATUS_INVALID_HYPERCALL_CODE, 0x8002);
}

static void reserved_bits(void **state)
{
	struct host *h = *state;
	u32 bit, n = 0;

	for (bit = 0; bit < 64; bit++) {
		if ((bit >= 27 && bit <= 30) || (bit >= 44 && bit <= 47) ||
		    bit >= 60) {
			refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT,
				WITHDRAW(2, 0) | 1ULL << bit);
			refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT,
				BALANCE | 1ULL << bit);
			n++;
		}
	}
	assert_int_equal(n, 12);
}

static void nested_bit(void **state)
{
	struct host *h = *state;

	refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT, WITHDRAW(2, 0) | 1ULL << 31);
	refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT, BALANCE | 1ULL << 31);
}

static void variable_header(void **state)
{
	struct host *h = *state;
	u32 bit;

	for (bit = 17; bit <= 26; bit++) {
		refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT,
			WITHDRAW(2, 0) | 1ULL << bit);
		refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT,
			BALANCE | 1ULL << bit);
	}
}

static void rep_fields(void **state)
{
	struct host *h = *state;

	refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT, WITHDRAW(0, 0));
	refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT, WITHDRAW(0, 1));
	refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT, WITHDRAW(2, 2));
	refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT, WITHDRAW(2, 0xfff));
	refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT, BALANCE | 1ULL << 32);
	refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT, BALANCE | 1ULL << 48);
	refused(h, HV_STATUS_INVALID_HYPERCALL_INPUT,
		BALANCE | 2ULL << 32 | 1ULL << 48);
}

static void misaligned(void **state)
{
	struct host *h = *state;
	u32 i;

	for (i = 1; i < 8; i++) {
		refused_at(h, HV_STATUS_INVALID_ALIGNMENT, WITHDRAW(2, 0),
			   IN_GPA + i, OUT_GPA);
		refused_at(h, HV_STATUS_INVALID_ALIGNMENT, WITHDRAW(2, 0),
			   IN_GPA, OUT_GPA + i);
		refused_at(h, HV_STATUS_INVALID_ALIGNMENT, BALANCE, IN_GPA + i,
			   OUT_GPA);
		refused_at(h, HV_STATUS_INVALID_ALIGNMENT, BALANCE, IN_GPA,
			   OUT_GPA + i);
	}
}

static void crossing(void **state)
{
	const u64 end = HV_PAGE_SIZE;
	struct host *h = *state;

	refused_at(h, HV_STATUS_INVALID_ALIGNMENT, WITHDRAW(2, 0),
		   IN_GPA + end - 8, OUT_GPA);
	refused_at(h, HV_STATUS_INVALID_ALIGNMENT, WITHDRAW(2, 0), IN_GPA,
		   OUT_GPA + end - 8);
	refused_at(h, HV_STATUS_INVALID_ALIGNMENT, WITHDRAW(513, 0), IN_GPA,
		   OUT_GPA);
	refused_at(h, HV_STATUS_INVALID_ALIGNMENT, WITHDRAW(4095, 4094), IN_GPA,
		   OUT_GPA);
	refused_at(h, HV_STATUS_INVALID_ALIGNMENT,
		   hv_control_rep(HVCALL_DEPOSIT_MEMORY, 512, 0), IN_GPA,
		   OUT_GPA);
	refused_at(h, HV_STATUS_INVALID_ALIGNMENT, BALANCE, IN_GPA,
		   OUT_GPA + end - 8);
}

/* The last place in a page where a list fits is fine. */
static void at_the_end(void **state)
{
	struct host *h = *state;
	u8 *page = host_page(h, HOST_IN);

	memcpy(page + HV_PAGE_SIZE - 16, page, 16);
	assert_result(host_call(h, WITHDRAW(2, 0), IN_GPA + HV_PAGE_SIZE - 16,
				OUT_GPA + HV_PAGE_SIZE - 16),
		      HV_STATUS_SUCCESS, 2);
	assert_in_range(call_output(h)[510], HOST_FREE, HOST_FREE + 7);
	assert_int_equal(call_output(h)[509], JUNK);
}

static void outside(void **state)
{
	static const u64 gpas[] = {
		(u64)HOST_PAGES << HV_PAGE_SHIFT, /* no RAM */
		(u64)HOST_HOLE_FIRST << HV_PAGE_SHIFT,
		1ULL << 48, /* beyond the end of the GPA space */
		1ULL << 52, /* would be 0, were it cut */
		~0xfffULL,
	};
	struct host *h = *state;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(gpas); i++) {
		refused_at(h, HV_STATUS_INVALID_ALIGNMENT, WITHDRAW(2, 0),
			   gpas[i], OUT_GPA);
		refused_at(h, HV_STATUS_INVALID_ALIGNMENT, WITHDRAW(2, 0),
			   IN_GPA, gpas[i]);
	}
}

static void hypervisor_memory(void **state)
{
	struct host *h = *state;
	u64 pfn;

	for (pfn = HOST_HV_FIRST; pfn < HOST_HV_END; pfn++) {
		refused_at(h, HV_STATUS_INVALID_ALIGNMENT, WITHDRAW(2, 0),
			   pfn << HV_PAGE_SHIFT, OUT_GPA);
		refused_at(h, HV_STATUS_INVALID_ALIGNMENT, BALANCE, IN_GPA,
			   pfn << HV_PAGE_SHIFT);
	}
}

/* Deposited pages, available or in use, are nobody's list. */
static void deposited_page(void **state)
{
	struct host *h = *state;
	u64 pfn;

	make_child(h);
	((u64 *)host_page(h, HOST_IN))[0] = HVC_SELF;
	((u64 *)host_page(h, HOST_IN))[1] = 0;
	for (pfn = HOST_FREE; pfn < HOST_FREE + 8; pfn++) {
		refused_at(h, HV_STATUS_INVALID_HYPERCALL_INPUT, WITHDRAW(2, 0),
			   pfn << HV_PAGE_SHIFT, OUT_GPA);
		refused_at(h, HV_STATUS_INVALID_HYPERCALL_INPUT, WITHDRAW(2, 0),
			   IN_GPA, pfn << HV_PAGE_SHIFT);
	}
}

static void pointer_without_list(void **state)
{
	struct host *h = *state;
	u64 *in = host_page(h, HOST_IN);

	/* No input: any pointer will do. */
	assert_status(host_call(h,
				hv_control_simple(HVCALL_GET_PARTITION_ID, 0),
				~0ULL, OUT_GPA), SUCCESS);
	assert_int_equal(call_output(h)[0], HVC_ROOT_ID);
	/* No output, likewise. */
	in[0] = HVC_SELF;
	in[1] = HOST_FREE + 8;
	assert_result(host_call(h, hv_control_rep(HVCALL_DEPOSIT_MEMORY, 1, 0),
				IN_GPA, 3), HV_STATUS_SUCCESS, 1);
}

static void registers_as_the_table_says(void **state)
{
	static const u16 codes[] = {
		HVCALL_CREATE_PARTITION, HVCALL_GET_PARTITION_ID,
		HVCALL_GET_NEXT_CHILD_PARTITION, HVCALL_GET_MEMORY_BALANCE,
		HVCALL_CREATE_VP, HVCALL_READ_GPA, HVCALL_WRITE_GPA,
	};
	static const u16 reps[] = {
		HVCALL_DEPOSIT_MEMORY, HVCALL_WITHDRAW_MEMORY,
		HVCALL_MAP_GPA_PAGES, HVCALL_UNMAP_GPA_PAGES,
	};
	struct host *h = *state;
	u64 id = make_active(h, 64, 8);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		refused_at(h, HV_STATUS_INVALID_HYPERCALL_INPUT,
			   hv_control_simple(codes[i], true), id, 0);
	for (i = 0; i < ARRAY_SIZE(reps); i++)
		refused_at(h, HV_STATUS_INVALID_HYPERCALL_INPUT,
			   hv_control_rep(reps[i], 1, 0) | HV_CONTROL_FAST, id,
			   80);
	assert_status(create_vp(h, id, 3), SUCCESS);
	assert_status(host_call(h, hv_control_simple(HVCALL_DELETE_VP, true),
				id, 3), SUCCESS);
	assert_status(host_call(h, hv_control_simple(HVCALL_FINALIZE_PARTITION,
						     true), id, ~0ULL),
		      SUCCESS);
	assert_result(withdraw(h, id, 0, 8), HV_STATUS_SUCCESS, 8);
	assert_status(host_call(h, hv_control_simple(HVCALL_DELETE_PARTITION,
						     true), id, 0), SUCCESS);
}

static void registers_for_all_that_fits(void **state)
{
	struct host *h = *state;
	u64 deposit_fast = hv_control_rep(HVCALL_DEPOSIT_MEMORY, 1, 0) |
			   HV_CONTROL_FAST;

	assert_int_equal(hvc_option(&h->hv, "fast=any"), 1);
	assert_result(host_call(h, deposit_fast, HVC_SELF, 40),
		      HV_STATUS_SUCCESS, 1);
	assert_false(host_reaches(h, 40));
	/* What no registers hold: forms_test.c has the limits. */
	refused_at(h, HV_STATUS_INVALID_HYPERCALL_INPUT,
		   hv_control_rep(HVCALL_DEPOSIT_MEMORY, 14, 0) |
			   HV_CONTROL_FAST, HVC_SELF, 41);
	refused_at(h, HV_STATUS_INVALID_HYPERCALL_INPUT,
		   WITHDRAW(13, 0) | HV_CONTROL_FAST, HVC_SELF, 0);
}

static void wrong_mode(void **state)
{
	struct host *h = *state;
	struct hvc_call call = {
		.control = WITHDRAW(2, 0),
		.input = IN_GPA,
		.output = OUT_GPA,
		.result = JUNK,
		.caller = hvc_root(&h->hv),
		.bits = 64,
	};
	u64 before = host_fingerprint(h);

	for (call.cpl = 1; call.cpl <= 3; call.cpl++)
		assert_int_equal(host_step(h, &call), HVC_UD);
	call.cpl = 0;
	call.bits = 16;
	assert_int_equal(host_step(h, &call), HVC_UD);
	assert_true(call.result == JUNK);
	assert_true(host_fingerprint(h) == before);
	call.bits = 32;
	assert_int_equal(host_step(h, &call), HVC_DONE);
	assert_result(call.result, HV_STATUS_SUCCESS, 2);
}

/* A refused call keeps what its earlier invocations have done. */
static void refused_late(void **state)
{
	struct host *h = *state;

	assert_result(host_call(h, WITHDRAW(8, 3), IN_GPA, OUT_GPA + 4),
		      HV_STATUS_INVALID_ALIGNMENT, 3);
	((u64 *)host_page(h, HOST_IN))[0] = 77;
	assert_result(host_call(h, WITHDRAW(8, 3), IN_GPA, OUT_GPA),
		      HV_STATUS_INVALID_PARTITION_ID, 3);
}

#define TEST(name, f) { name, f, setup, teardown_host, NULL }

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST("W17 valid control words are accepted", control),
		TEST("W17 unknown code", unknown_code),
		TEST("W17 extended codes need their privilege", extended_codes),
		TEST("W17 reserved bits", reserved_bits),
		TEST("W17 nested bit", nested_bit),
		TEST("W17 variable header", variable_header),
		TEST("W17 rep fields", rep_fields),
		TEST("W17 misaligned lists", misaligned),
		TEST("W17 lists that cross a page", crossing),
		TEST("W17 lists at the end of a page", at_the_end),
		TEST("W17 lists outside the GPA space", outside),
		TEST("W17 lists in the hypervisor's memory", hypervisor_memory),
		TEST("W17 W10 lists in deposited pages", deposited_page),
		TEST("W17 pointer ignored without a list", pointer_without_list),
		TEST("W17 fast as the table says", registers_as_the_table_says),
		TEST("W17 fast=any", registers_for_all_that_fits),
		TEST("W17 user mode and real mode", wrong_mode),
		TEST("W17 W2 a late refusal keeps the count", refused_late),
	};

	return cmocka_run_group_tests_name("control_word", tests, NULL, NULL);
}
