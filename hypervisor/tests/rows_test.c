// SPDX-License-Identifier: GPL-2.0
/* What a host adds to the core: its configuration and its own calls. */
#include "calls.h"

#include <string.h>

#define FIRST 0x150
#define DEBUG_ONLY (FIRST + 3)
#define FAR_AWAY 0x7123 /* found by search, not by index */

/* Answers the size of the variable header and its first word. */
static u32 echo_varhead(struct hvc_ctx *ctx)
{
	ctx->out[0] = ctx->varhead;
	ctx->out[1] = ctx->varhead ? ctx->in[ctx->row->in_header / 8] : 0;
	return HV_STATUS_SUCCESS;
}

static u32 add_one(struct hvc_ctx *ctx)
{
	ctx->out_element[0] = ctx->element[0] + 1;
	return ctx->element[0] == 99 ? HV_STATUS_NO_DATA : HV_STATUS_SUCCESS;
}

static u32 fail_with_output(struct hvc_ctx *ctx)
{
	ctx->out[0] = 1;
	return HV_STATUS_NO_DATA;
}

static const struct hvc_row rows[] = {
	{ .code = FIRST, .flags = HVC_ROW_VARHEAD, .in_header = 16,
	  .out_header = 16, .handler = echo_varhead },
	{ .code = FIRST + 1, .kind = HVC_REP, .flags = HVC_ROW_VARHEAD,
	  .in_header = 8, .in_element = 8, .out_element = 8,
	  .handler = add_one },
	{ .code = FIRST + 2, .flags = HVC_ROW_ROOT, .out_header = 8,
	  .handler = fail_with_output },
	{ .code = DEBUG_ONLY, .flags = HVC_ROW_DEBUG, .in_header = 8,
	  .out_header = 8, .handler = fail_with_output },
	{ .code = FAR_AWAY, .flags = HVC_ROW_FAST | HVC_ROW_VARHEAD,
	  .in_header = 8, .handler = echo_varhead },
};

static void own_rows(struct hvc_config *cfg)
{
	cfg->rows = rows;
	cfg->nr_rows = ARRAY_SIZE(rows);
}

static u64 with_varhead(u16 code, u32 count, u32 words)
{
	return hv_control_rep(code, count, 0) |
	       (u64)words << HV_CONTROL_VARHEAD_SHIFT;
}

static u64 call(struct host *h, u64 control)
{
	return host_call(h, control, HOST_IN << HV_PAGE_SHIFT,
			 HOST_OUT << HV_PAGE_SHIFT);
}

static void variable_header(void **state)
{
	struct host *h = *state;
	u64 *in = host_page(h, HOST_IN);
	u32 i;

	for (i = 0; i < 512; i++)
		in[i] = 1000 + i;
	assert_status(call(h, with_varhead(FIRST, 0, 0)), SUCCESS);
	assert_int_equal(call_output(h)[0], 0);
	assert_status(call(h, with_varhead(FIRST, 0, 1)), SUCCESS);
	assert_int_equal(call_output(h)[0], 8);
	assert_int_equal(call_output(h)[1], 1002);
	/* Two words of header and 62 more fill the copy. */
	assert_status(call(h, with_varhead(FIRST, 0, 62)), SUCCESS);
	assert_int_equal(call_output(h)[0], 496);
	assert_status(call(h, with_varhead(FIRST, 0, 63)),
		      INVALID_HYPERCALL_INPUT);
	assert_status(call(h, with_varhead(FIRST, 0, 0x3ff)),
		      INVALID_HYPERCALL_INPUT);
	/* In registers: the header and 13 words. */
	assert_status(host_call(h, with_varhead(FAR_AWAY, 0, 1) |
				HV_CONTROL_FAST, 5, 6), SUCCESS);
	assert_status(host_call(h, with_varhead(FAR_AWAY, 0, 13) |
				HV_CONTROL_FAST, 5, 6), SUCCESS);
	assert_status(host_call(h, with_varhead(FAR_AWAY, 0, 14) |
				HV_CONTROL_FAST, 5, 6),
		      INVALID_HYPERCALL_INPUT);
}

/* Elements follow the whole header; both lists in one page. */
static void elements(void **state)
{
	struct host *h = *state;
	u64 *in = host_page(h, HOST_IN);
	u64 control = with_varhead(FIRST + 1, 20, 3);
	u32 i;

	h->hv.cfg.rep_budget = 7;
	for (i = 0; i < 512; i++)
		in[i] = 1000 + i;
	assert_result(call(h, control), HV_STATUS_SUCCESS, 20);
	for (i = 0; i < 20; i++)
		assert_int_equal(call_output(h)[i], 1005 + i);
	in[4 + 15] = 99;
	memset(host_page(h, HOST_OUT), 0xee, HV_PAGE_SIZE);
	assert_result(call(h, control), HV_STATUS_NO_DATA, 15);
	assert_int_equal(call_output(h)[14], 1019);
	assert_true(call_output(h)[15] == JUNK);
	/* The output right behind the input. */
	assert_result(host_call(h, control, HOST_IN << HV_PAGE_SHIFT,
				(HOST_IN << HV_PAGE_SHIFT) + 24 * 8),
		      HV_STATUS_NO_DATA, 15);
	assert_int_equal(in[24], 1005);
	assert_int_equal(in[23], 1023);
	assert_int_equal(in[24 + 15], 1000 + 39);
}

static void no_output_on_failure(void **state)
{
	struct host *h = *state;

	memset(host_page(h, HOST_OUT), 0xee, HV_PAGE_SIZE);
	assert_status(call(h, FIRST + 2), NO_DATA);
	assert_true(call_output(h)[0] == JUNK);
	assert_int_equal(hvc_counters(&h->hv, FIRST + 2)->failed, 1);
}

/* A call for tests does not show by any mistake in its form. */
static void debug_only(void **state)
{
	static const u64 controls[] = {
		DEBUG_ONLY,
		DEBUG_ONLY | HV_CONTROL_FAST,
		DEBUG_ONLY | HV_CONTROL_NESTED,
		DEBUG_ONLY | 1ULL << HV_CONTROL_VARHEAD_SHIFT,
		DEBUG_ONLY | 1ULL << 32,
	};
	struct host *h = *state;
	u32 i;

	h->hv.cfg.debug = false;
	for (i = 0; i < ARRAY_SIZE(controls); i++)
		assert_status(call(h, controls[i]), INVALID_HYPERCALL_CODE);
	assert_status(host_call(h, DEBUG_ONLY, 1, HOST_OUT << HV_PAGE_SHIFT),
		      INVALID_HYPERCALL_CODE);
	assert_int_equal(h->hv.unknown.calls, i + 1);
	h->hv.cfg.debug = true;
	assert_int_equal(hvc_counters(&h->hv, DEBUG_ONLY)->calls, 0);
	assert_status(call(h, DEBUG_ONLY), NO_DATA);
	for (i = 1; i < ARRAY_SIZE(controls); i++)
		assert_status(call(h, controls[i]), INVALID_HYPERCALL_INPUT);
	assert_int_equal(hvc_counters(&h->hv, DEBUG_ONLY)->calls, i);
}

static int init(const struct hvc_config *cfg)
{
	static const struct hvc_host_ops no_ops;
	static struct hvc hv;

	return hvc_init(&hv, cfg, &no_ops, NULL);
}

static void configuration(void **state)
{
	static const struct hvc_row bad[] = {
		{ .code = FIRST },
		{ .code = HVCALL_WITHDRAW_MEMORY, .handler = add_one },
		{ .code = FIRST, .in_header = 513, .handler = add_one },
		{ .code = FIRST, .in_element = 33, .handler = add_one },
		{ .code = FIRST, .out_header = 257, .handler = add_one },
		{ .code = FIRST, .out_element = 33, .handler = add_one },
		{ .code = FIRST, .who = HVC_PARENT, .in_header = 4,
		  .handler = add_one },
		/* Headers are copied in words. */
		{ .code = FIRST, .in_header = 4, .handler = add_one },
		{ .code = FIRST, .in_header = 12, .handler = add_one },
		{ .code = FIRST, .flags = HVC_ROW_QUICK | HVC_ROW_DEBUG,
		  .in_header = 16, .out_header = 8, .handler = add_one },
		{ .code = FIRST, .flags = HVC_ROW_QUICK, .in_header = 16,
		  .out_header = 4, .handler = add_one },
		{ .code = FIRST, .flags = HVC_ROW_QUICK, .in_header = 16,
		  .handler = add_one },
		{ .code = FIRST, .flags = HVC_ROW_QUICK, .kind = HVC_REP,
		  .in_header = 16, .out_header = 8, .handler = add_one },
	};
	struct hvc_row many[HVC_MAX_ROWS];
	struct hvc_config good, cfg;
	u32 i;

	(void)state;
	host_config(&good);
	good.xmm_input = false;
	good.xmm_output = false;
	assert_int_equal(init(&good), 0);
#define REFUSED(field, value)                       \
	do {                                        \
		cfg = good;                         \
		cfg.field = value;                  \
		assert_int_equal(init(&cfg), -1);   \
	} while (0)
	REFUSED(gpa_bits, 29);
	REFUSED(gpa_bits, 49);
	REFUSED(vp_pages, HVC_MAX_VP_PAGES + 1);
	REFUSED(domains, 0);
	REFUSED(processors, 0);
	REFUSED(xmm_input, true); /* no_ops cannot reach the registers */
	REFUSED(xmm_output, true);
#undef REFUSED
	cfg = good;
	cfg.nr_rows = 1;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		cfg.rows = &bad[i];
		assert_int_equal(init(&cfg), -1);
	}
	/* As many as there is room for beside the core's own, 0x8001 too. */
	for (i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = (struct hvc_row){
			.code = 0x6002 + i, .handler = add_one,
		};
	cfg.rows = many;
	cfg.nr_rows = HVC_MAX_ROWS - 1 - 21 - 1;
	assert_int_equal(init(&cfg), 0);
	cfg.nr_rows++;
	assert_int_equal(init(&cfg), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("W17 rows: variable header", variable_header),
		HOST_TEST("W1 W16 rows: elements in and out", elements),
		HOST_TEST("rows: no output on failure", no_output_on_failure),
		HOST_TEST("W17 rows: only with debug=on", debug_only),
		HOST_TEST("rows: configuration", configuration),
	};

	tests_config = own_rows;
	return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
