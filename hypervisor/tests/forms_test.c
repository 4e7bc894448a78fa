// SPDX-License-Identifier: GPL-2.0
/*
 * W17, W16: the forms in which a call's lists may come, in memory or in
 * registers, for 64- and 32-bit callers. Each form goes through every rep
 * start and every way a rep call can end; what is compared is all that the
 * caller can see.
 */
#include "calls.h"

#include <string.h>

#define IN_GPA ((u64)HOST_IN << HV_PAGE_SHIFT)
#define OUT_GPA ((u64)HOST_OUT << HV_PAGE_SHIFT)

/* Codes of this file's own rows. */
#define REP4 0x150 /* no header, elements of 4 bytes in */
#define REP8 0x151 /* no header, elements of 8 bytes in, and out */
#define NO_FAST 0x152 /* REP8, not marked as fast */
#define SIMPLE 0x180 /* SIMPLE + 16 * in / 8 + out / 8: sizes in bytes */
#define MAX_WORDS 16

#define BAD_ELEMENT 0x666U

/* The elements that the handler was given, in order. */
static u64 given[64];
static u32 nr_given;

static u32 rep4(struct hvc_ctx *ctx)
{
	u32 value = ctx->element[0];

	if (value == BAD_ELEMENT)
		return HV_STATUS_NO_DATA;
	given[nr_given++] = value;
	return HV_STATUS_SUCCESS;
}

static u32 rep8(struct hvc_ctx *ctx)
{
	ctx->out_element[0] = ~ctx->element[0];
	if (ctx->element[0] == BAD_ELEMENT)
		return HV_STATUS_NO_DATA;
	given[nr_given++] = ctx->element[0];
	return HV_STATUS_SUCCESS;
}

/* Output word i is the input's word i, turned round, or i where none is. */
static u32 echo(struct hvc_ctx *ctx)
{
	u32 in = ctx->row->in_header / 8, out = ctx->row->out_header / 8, i;

	for (i = 0; i < out; i++)
		ctx->out[i] = i < in ? ~ctx->in[i] : i;
	for (i = 0; i < in; i++)
		given[nr_given++] = ctx->in[i];
	return HV_STATUS_SUCCESS;
}

static struct hvc_row rows[3 + MAX_WORDS * MAX_WORDS] = {
	{ .code = REP4, .kind = HVC_REP, .flags = HVC_ROW_FAST, .in_element = 4,
	  .handler = rep4 },
	{ .code = REP8, .kind = HVC_REP, .flags = HVC_ROW_FAST, .in_element = 8,
	  .out_element = 8, .handler = rep8 },
	{ .code = NO_FAST, .kind = HVC_REP, .in_element = 8, .out_element = 8,
	  .handler = rep8 },
};

/* Of all sizes every other: the table has room for 255 rows. */
static void own_rows(struct hvc_config *cfg)
{
	u32 in, out, n = 3;

	for (in = 0; in < MAX_WORDS; in++)
		for (out = in & 1; out < MAX_WORDS; out += 2)
			rows[n++] = (struct hvc_row){
				.code = SIMPLE + MAX_WORDS * in + out,
				.flags = HVC_ROW_FAST,
				.in_header = 8 * in,
				.out_header = 8 * out,
				.handler = echo,
			};
	cfg->rows = rows;
	cfg->nr_rows = n;
}

/* All that a caller can see, before and after a call. */
struct view {
	u64 control;
	u64 words[HVC_FAST_WORDS]; /* registers in the order of their use */
	u8 in[HV_PAGE_SIZE];
	u8 out[HV_PAGE_SIZE];
};

static void view_put(struct host *h, const struct view *v,
		     struct hvc_call *call)
{
	*call = (struct hvc_call){
		.control = v->control,
		.input = v->words[0],
		.output = v->words[1],
		.caller = hvc_root(&h->hv),
		.bits = call->bits,
	};
	memcpy(h->xmm, &v->words[2], sizeof(h->xmm));
	memcpy(host_page(h, HOST_IN), v->in, HV_PAGE_SIZE);
	memcpy(host_page(h, HOST_OUT), v->out, HV_PAGE_SIZE);
}

static void assert_view(struct host *h, const struct view *v,
			const struct hvc_call *call)
{
	assert_true(call->control == v->control);
	assert_true(call->input == v->words[0]);
	assert_true(call->output == v->words[1]);
	assert_memory_equal(h->xmm, &v->words[2], sizeof(h->xmm));
	assert_memory_equal(host_page(h, HOST_IN), v->in, HV_PAGE_SIZE);
	assert_memory_equal(host_page(h, HOST_OUT), v->out, HV_PAGE_SIZE);
}

/* Every register and both pages hold junk that tells its place. */
static void view_junk(struct view *v)
{
	u32 i;

	for (i = 0; i < HVC_FAST_WORDS; i++)
		v->words[i] = JUNK + i;
	memset(v->in, 0xdd, sizeof(v->in));
	memset(v->out, 0xee, sizeof(v->out));
}

/*
 * Make the call until it is done; returns how many invocations it took. In
 * between nothing but the rep start and the output may differ, so that the
 * expected view at the end is enough.
 */
static u32 finish(struct host *h, struct hvc_call *call)
{
	u32 rounds = 1;

	while (host_step(h, call) != HVC_DONE)
		assert_true(rounds++ < 100);
	return rounds;
}

enum form { MEMORY, FAST, XMM, NR_FORMS };

struct list_case {
	u16 code;
	u32 in_bytes, out_bytes; /* of an element */
	enum form form;
	u8 bits;
	u32 count, start;
	u32 bad; /* the element that fails; count: none */
	u32 budget;
};

static void put_element(u8 *list, u32 bytes, u32 index, u64 value)
{
	memcpy(list + index * bytes, &value, bytes);
}

/* One rep call: what it is given, what it answers, what it leaves alone. */
static void rep_call(struct host *h, const struct list_case *c)
{
	u32 offset = (c->in_bytes * c->count + 15) / 16 * 16;
	u32 todo = c->count - c->start, i, looked_at;
	bool fails = c->bad >= c->start && c->bad < c->count;
	u32 end = fails ? c->bad : c->count;
	struct hvc_call call = { .bits = c->bits };
	u64 moves = h->xmm_moves;
	struct view v;
	u8 *in, *out;

	view_junk(&v);
	v.control = hv_control_rep(c->code, c->count, c->start);
	if (c->form == MEMORY) {
		v.words[0] = IN_GPA;
		v.words[1] = OUT_GPA;
		in = v.in;
		out = v.out;
	} else {
		v.control |= HV_CONTROL_FAST;
		in = (u8 *)v.words;
		out = in + offset;
	}
	for (i = 0; i < c->count; i++)
		put_element(in, c->in_bytes, i,
			    i == c->bad ? BAD_ELEMENT : 0x1000 + i);
	h->hv.cfg.rep_budget = c->budget;
	view_put(h, &v, &call);
	nr_given = 0;

	looked_at = end - c->start + fails;
	assert_int_equal(finish(h, &call), (looked_at + c->budget - 1) /
						   c->budget);
	assert_result(call.result, fails ? HV_STATUS_NO_DATA :
					   HV_STATUS_SUCCESS, end);
	assert_int_equal(nr_given, end - c->start);
	for (i = 0; i < nr_given; i++)
		assert_int_equal(given[i], 0x1000 + c->start + i);
	/* The rep start is moved on; the output is what was done. */
	v.control = hv_control_set_start(v.control, end);
	for (i = c->start; c->out_bytes && i < end; i++)
		put_element(out, c->out_bytes, i, ~(0x1000ULL + i));
	assert_view(h, &v, &call);
	assert_int_equal(h->xmm_moves != moves, c->form == XMM);
	assert_true(todo);
}

static void every_end(struct host *h, struct list_case c)
{
	static const u32 budgets[] = { 1, 2, 3, 64 };
	u32 b;

	for (c.start = 0; c.start < c.count; c.start++)
		for (b = 0; b < ARRAY_SIZE(budgets); b++)
			for (c.bad = 0; c.bad <= c.count; c.bad++) {
				c.budget = budgets[b];
				rep_call(h, &c);
			}
}

static void in_memory(void **state)
{
	static const u32 counts[] = { 1, 2, 5, 9 };
	u32 i, bits;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		for (bits = 32; bits <= 64; bits += 32) {
			every_end(*state, (struct list_case){
				REP4, 4, 0, MEMORY, bits, counts[i], 0, 0, 0 });
			every_end(*state, (struct list_case){
				REP8, 8, 8, MEMORY, bits, counts[i], 0, 0, 0 });
		}
	}
}

static void in_two_registers(void **state)
{
	u32 count, bits;

	for (count = 1; count <= 4; count++)
		for (bits = 32; bits <= 64; bits += 32)
			every_end(*state, (struct list_case){
				REP4, 4, 0, FAST, bits, count, 0, 0, 0 });
}

static void in_xmm(void **state)
{
	u32 count;

	for (count = 5; count <= 28; count += count < 8 ? 1 : 10)
		every_end(*state, (struct list_case){
			REP4, 4, 0, XMM, 64, count, 0, 0, 0 });
	/* In and out: six elements each take 48 bytes. */
	for (count = 1; count <= 6; count++)
		every_end(*state, (struct list_case){
			REP8, 8, 8, XMM, 64, count, 0, 0, 0 });
}

static void refused(struct host *h, u64 control, u8 bits)
{
	struct hvc_call call = { .bits = bits };
	u64 calls = hvc_counters(&h->hv, hv_control_code(control))->failed;
	struct view v;

	view_junk(&v);
	v.control = control;
	view_put(h, &v, &call);
	nr_given = 0;
	assert_int_equal(host_step(h, &call), HVC_DONE);
	assert_result(call.result, HV_STATUS_INVALID_HYPERCALL_INPUT,
		      hv_control_start(control));
	assert_int_equal(nr_given, 0);
	assert_view(h, &v, &call);
	assert_int_equal(hvc_counters(&h->hv, hv_control_code(control))->failed,
			 calls + 1);
}

/* #UD: nothing happens, nothing is counted, nothing is answered. */
static void undefined(struct host *h, u64 control, u8 bits, u8 cpl)
{
	const struct hvc_counters *c =
		hvc_counters(&h->hv, hv_control_code(control));
	struct hvc_call call = { .bits = bits };
	u64 calls = c->calls;
	struct view v;

	view_junk(&v);
	v.control = control;
	view_put(h, &v, &call);
	call.cpl = cpl;
	call.result = JUNK;
	nr_given = 0;
	assert_int_equal(host_step(h, &call), HVC_UD);
	assert_true(call.result == JUNK);
	assert_int_equal(nr_given, 0);
	assert_view(h, &v, &call);
	assert_int_equal(c->calls, calls);
}

static void limits_of_lists(void **state)
{
	struct host *h = *state;
	u32 bits;

	refused(h, hv_control_rep(REP4, 29, 0) | HV_CONTROL_FAST, 64);
	refused(h, hv_control_rep(REP4, 4095, 4094) | HV_CONTROL_FAST, 64);
	refused(h, hv_control_rep(REP8, 7, 0) | HV_CONTROL_FAST, 64);
	/* 32-bit callers have 16 bytes, and no output. */
	refused(h, hv_control_rep(REP4, 5, 0) | HV_CONTROL_FAST, 32);
	refused(h, hv_control_rep(REP8, 1, 0) | HV_CONTROL_FAST, 32);
	for (bits = 32; bits <= 64; bits += 32)
		refused(h, hv_control_rep(NO_FAST, 1, 0) | HV_CONTROL_FAST,
			bits);
	assert_int_equal(hvc_option(&h->hv, "fast=any"), 1);
	rep_call(h, &(struct list_case){ NO_FAST, 8, 8, XMM, 64, 3, 1, 9, 64 });
	refused(h, hv_control_rep(NO_FAST, 1, 0) | HV_CONTROL_FAST, 32);
}

/* Every size of input and output that fits, and every one that does not. */
static void sizes(void **state)
{
	struct host *h = *state;
	u32 in, out, i, offset;

	for (in = 0; in < MAX_WORDS; in++) {
		for (out = in & 1; out < MAX_WORDS; out += 2) {
			u16 code = SIMPLE + MAX_WORDS * in + out;
			struct hvc_call call = { .bits = 64 };
			struct view v;

			offset = (in + 1) / 2 * 2;
			if (offset + out > HVC_FAST_WORDS) {
				refused(h, code | HV_CONTROL_FAST, 64);
				continue;
			}
			view_junk(&v);
			v.control = code | HV_CONTROL_FAST;
			view_put(h, &v, &call);
			nr_given = 0;
			assert_int_equal(finish(h, &call), 1);
			assert_status(call.result, SUCCESS);
			assert_int_equal(nr_given, in);
			for (i = 0; i < in; i++)
				assert_true(given[i] == v.words[i]);
			for (i = 0; i < out; i++)
				v.words[offset + i] = i < in ? ~v.words[i] : i;
			assert_view(h, &v, &call);
			if (in > 2 || out)
				refused(h, code | HV_CONTROL_FAST, 32);
		}
	}
}

static void not_offered(void **state)
{
	struct host *h = *state;
	u64 fast = HV_CONTROL_FAST;

	assert_int_equal(hvc_option(&h->hv, "xmm=input"), 1);
	rep_call(h, &(struct list_case){ REP4, 4, 0, XMM, 64, 5, 0, 9, 64 });
	undefined(h, hv_control_rep(REP8, 1, 0) | fast, 64, 0);
	undefined(h, (SIMPLE + MAX_WORDS * 1 + 1) | fast, 64, 0);
	undefined(h, (SIMPLE + MAX_WORDS * 0 + 2) | fast, 64, 0);
	assert_int_equal(hvc_option(&h->hv, "xmm=off"), 1);
	rep_call(h, &(struct list_case){ REP4, 4, 0, FAST, 64, 4, 0, 9, 64 });
	undefined(h, hv_control_rep(REP4, 5, 0) | fast, 64, 0);
	undefined(h, hv_control_rep(REP8, 1, 0) | fast, 64, 0);
	/* A call that may not be fast at all is refused as such. */
	refused(h, hv_control_rep(NO_FAST, 2, 0) | fast, 64);
	refused(h, hv_control_rep(REP4, 5, 0) | fast, 32);
	assert_int_equal(hvc_option(&h->hv, "xmm=on"), 1);
	rep_call(h, &(struct list_case){ REP8, 8, 8, XMM, 64, 2, 0, 9, 64 });
	assert_int_equal(hvc_option(&h->hv, "xmm=maybe"), -1);
}

static void wrong_mode(void **state)
{
	u64 control = hv_control_rep(REP8, 3, 0) | HV_CONTROL_FAST;
	struct host *h = *state;
	u8 cpl;

	for (cpl = 1; cpl <= 3; cpl++) {
		undefined(h, control, 64, cpl);
		undefined(h, hv_control_rep(REP4, 1, 0) | HV_CONTROL_FAST, 32,
			  cpl);
	}
	undefined(h, control, 16, 0);
	undefined(h, hv_control_rep(REP4, 1, 0) | HV_CONTROL_FAST, 16, 0);
}

static u64 fast_call(struct host *h, u64 control, const u64 *words, u64 *after)
{
	struct hvc_call call = { .bits = 64 };
	struct view v;

	view_junk(&v);
	v.control = control | HV_CONTROL_FAST;
	memcpy(v.words, words, sizeof(v.words));
	view_put(h, &v, &call);
	finish(h, &call);
	after[0] = call.input;
	after[1] = call.output;
	memcpy(&after[2], h->xmm, sizeof(h->xmm));
	return call.result;
}

/* The calls that this project is about, where the ABI's rule puts them. */
static void withdraw_and_access(void **state)
{
	u64 w[HVC_FAST_WORDS] = {}, after[HVC_FAST_WORDS];
	struct host *h = *state;
	u64 id = make_active(h, 100, 40), pfn;
	u32 i;

	assert_int_equal(hvc_option(&h->hv, "fast=any"), 1);
	h->hv.cfg.rep_budget = 5;
	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(map(h, id, 7, RWX, 50, 1), HV_STATUS_SUCCESS, 1);

	/* WriteGpa: RDX to XMM1 in, the result in the low half of XMM2. */
	w[0] = id;
	w[1] = 10ULL << 32;
	w[2] = 7 << HV_PAGE_SHIFT | 5;
	w[3] = HV_CACHE_TYPE_WRITE_BACK;
	w[4] = 0x0807060504030201ULL;
	w[5] = 0xffff0a09ULL;
	w[6] = JUNK;
	w[7] = JUNK;
	assert_status(fast_call(h, HVCALL_WRITE_GPA, w, after), SUCCESS);
	w[6] = HV_ACCESS_GPA_SUCCESS;
	assert_memory_equal(after, w, sizeof(w));
	for (i = 0; i < 10; i++)
		assert_int_equal(((u8 *)host_page(h, 50))[5 + i], i + 1);
	assert_int_equal(((u8 *)host_page(h, 50))[15], 0xa5);

	/* ReadGpa: result in XMM1's low half, data from its high half on. */
	assert_status(fast_call(h, HVCALL_READ_GPA, w, after), SUCCESS);
	w[4] = HV_ACCESS_GPA_SUCCESS;
	w[5] = 0x0807060504030201ULL;
	w[6] = 0x0a09;
	assert_memory_equal(after, w, sizeof(w));

	/* WithdrawMemory: twelve page numbers in XMM0 to XMM5. */
	w[1] = 0;
	assert_result(fast_call(h, hv_control_rep(HVCALL_WITHDRAW_MEMORY, 12,
						  0), w, after),
		      HV_STATUS_SUCCESS, 12);
	for (i = 2; i < HVC_FAST_WORDS; i++) {
		pfn = after[i];
		assert_in_range(pfn, 100, 139);
		assert_true(host_reaches(h, pfn));
	}
	assert_true(after[0] == id && !after[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("W16 W17 forms: lists in memory", in_memory),
		HOST_TEST("W16 W17 forms: lists in two registers",
			  in_two_registers),
		HOST_TEST("W16 W17 forms: lists in XMM registers", in_xmm),
		HOST_TEST("W17 forms: limits of lists", limits_of_lists),
		HOST_TEST("W17 forms: every size", sizes),
		HOST_TEST("W17 forms: not offered is #UD", not_offered),
		HOST_TEST("W17 forms: user mode and real mode", wrong_mode),
		HOST_TEST("W1 G1 forms: withdraw and access",
			  withdraw_and_access),
	};

	tests_config = own_rows;
	return cmocka_run_group_tests_name("forms", tests, NULL, NULL);
}
