// SPDX-License-Identifier: GPL-2.0
/* The tests of modes, and what all tests need. TAP goes to the serial line. */
#include "modes.h"

#define COM1 0x3f8
#define SLEEP_S5 0x2000 /* of QEMU's PIIX4 */

/* CF, PF, AF, ZF, SF, OF, and the bit that is always set. */
#define ARITHMETIC_FLAGS 0x8d7

struct registers modes_registers;
u32 modes_undefined, modes_breakpoints, modes_interrupts, modes_command_line;
u32 modes_may_refuse, modes_refused;
u64 modes_nmi_flags = RFLAGS_FIXED;
u64 modes_hypervisor_code;
u64 page_in[512] __attribute__((aligned(4096)));
u64 page_out[512] __attribute__((aligned(4096)));
u64 pages[PAGES][512] __attribute__((aligned(4096)));

static bool failed;

void *memcpy(void *to, const void *from, size_t n)
{
	void *at = to;

	asm volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(n) : : "memory");
	return to;
}

void *memset(void *to, int value, size_t n)
{
	void *at = to;

	asm volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(value) : "memory");
	return to;
}

static void print(const char *s)
{
	for (; *s; s++) {
		while (!(in_8(COM1 + 5) & 0x20))
			;
		out_8(COM1, *s);
	}
}

static void print_hex(u64 value)
{
	char text[19] = "0x0";
	int shift = 60;
	u32 n = 2;

	while (shift && !(value >> shift))
		shift -= 4;
	for (; shift >= 0; shift -= 4)
		text[n++] = "0123456789abcdef"[value >> shift & 15];
	text[n] = 0;
	print(text);
}

static void print_number(u32 value)
{
	char text[11];
	u32 n = sizeof(text) - 1;

	text[n] = 0;
	do
		text[--n] = '0' + value % 10;
	while (value /= 10);
	print(&text[n]);
}

static void power_off(void)
{
	out_16(PM1A_CONTROL, SLEEP_S5);
	for (;;)
		asm volatile("cli; hlt");
}

void fail(const char *file, int line, const char *what, u64 is, u64 want)
{
	failed = true;
	print("# ");
	print(file);
	print(":");
	print_number(line);
	print(": ");
	print(what);
	print(" is ");
	print_hex(is);
	print(", not ");
	print_hex(want);
	print("\n");
}

void modes_unexpected(const u64 *frame)
{
	u32 i;

	print("not ok - an exception that nobody expects; stack:");
	for (i = 0; i < 6; i++) {
		print(" ");
		print_hex(frame[i]);
	}
	print("\n");
	power_off();
	for (;;)
		;
}

void put_junk(void)
{
	u64 *r = (u64 *)&modes_registers;
	u32 i;

	for (i = 0; i < sizeof(modes_registers) / sizeof(u64); i++)
		r[i] = 0xc0ffee0000000000ULL + i * 0x100000001ULL;
	modes_registers.rflags = ARITHMETIC_FLAGS;
	for (i = 0; i < 512; i++) {
		page_in[i] = JUNK_IN;
		page_out[i] = JUNK_OUT;
	}
}

u16 call_simple(u16 code, const void *in, u32 bytes, u64 *out, u32 words)
{
	put_junk();
	if (bytes)
		memcpy(page_in, in, bytes);
	modes_registers.rcx = hv_control_simple(code, false);
	modes_registers.rdx = gpa(page_in);
	modes_registers.r8 = gpa(page_out);
	call_long();
	if (out)
		memcpy(out, page_out, 8 * words);
	return hv_result_status(modes_registers.rax);
}

u16 debug(u32 op, u64 arg, const char *text)
{
	struct hv_input_debug in = { .op = op, .arg = arg };
	u32 i;

	for (i = 0; text && text[i]; i++)
		in.text[i] = text[i];
	return call_simple(HVCALL_DEBUG, &in, sizeof(in), NULL, 0);
}

u64 root_available(void)
{
	const struct hv_input_get_memory_balance in = {
		.partition_id = HV_PARTITION_ID_SELF,
	};
	u64 out[2] = { ~0ULL, ~0ULL };

	EXPECT_EQ(call_simple(HVCALL_GET_MEMORY_BALANCE, &in, sizeof(in), out,
			      2), HV_STATUS_SUCCESS);
	return out[0];
}

static u32 features(void)
{
	u32 a = 0x40000003, b, c = 0, d;

	asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	return d;
}

/* HvGetPartitionId with its output in memory, for 64- or 32-bit code. */
static void ask_for_id(bool wide)
{
	const u64 control = HVCALL_GET_PARTITION_ID;

	put_junk();
	modes_registers.rax = wide ? 0 : control;
	modes_registers.rcx = wide ? control : 0;
	modes_registers.rdx = 0;
	modes_registers.r8 = gpa(page_out);
	modes_registers.rsi = gpa(page_out);
	modes_registers.rdi = 0;
}

void expect_registers(const struct registers *want)
{
	const u64 *is = (const u64 *)&modes_registers;
	u32 i;

	for (i = 0; i < sizeof(*want) / sizeof(u64); i++)
		EXPECT_EQ(is[i], ((const u64 *)want)[i]);
}

/* The call is made, and nothing but the result and the output has changed. */
static void expect_call(void (*thunk)(void), bool wide)
{
	u32 undefined = modes_undefined;
	struct registers want;

	ask_for_id(wide);
	want = modes_registers;
	want.rax = hv_result(HV_STATUS_SUCCESS, 0);
	thunk();
	EXPECT_EQ(modes_undefined, undefined);
	expect_registers(&want);
	EXPECT_EQ(page_out[0], 1);
	EXPECT_EQ(page_out[1], JUNK_OUT);
}

/* #UD: no register has changed, and nothing was written. */
static void expect_undefined(void (*thunk)(void), bool wide)
{
	u32 undefined = modes_undefined;
	struct registers want;

	ask_for_id(wide);
	want = modes_registers;
	thunk();
	EXPECT_EQ(modes_undefined, undefined + 1);
	expect_registers(&want);
	EXPECT_EQ(page_out[0], JUNK_OUT);
}

static void W17_not_before_it_is_enabled(void)
{
	u64 page = rdmsr(MSR_HYPERCALL);

	EXPECT_EQ(page & 1, 0);
	expect_undefined(call_long, true);
	expect_undefined(call_compat, false);
	wrmsr(MSR_GUEST_OS_ID, 0x8100000000000001);
	wrmsr(MSR_HYPERCALL, page | 1);
	expect_call(call_long, true);
}

static void W17_64_bit_code(void)
{
	expect_call(call_long, true);
}

static void W17_32_bit_code_of_long_mode(void)
{
	expect_call(call_compat, false);
}

static void W17_protected_mode_without_paging(void)
{
	expect_call(call_protected, false);
}

static void W17_real_mode(void)
{
	expect_undefined(call_real, false);
}

static void W17_ring_3(void)
{
	expect_undefined(call_user64, true);
	expect_undefined(call_user32, false);
}

/* Output that begins in RDX, and the bits of CPUID that promise it. */
static void W17_xmm_forms_as_offered(void)
{
	static const struct {
		const char *word;
		u32 features;
	} cases[] = {
		{ "xmm=off", 0 },
		{ "xmm=input", HV_FEATURE_XMM_INPUT },
		{ "xmm=on", HV_FEATURE_XMM_INPUT | HV_FEATURE_XMM_OUTPUT },
	};
	u32 i, undefined;

	EXPECT_EQ(debug(HV_DEBUG_OPTION, 0, "fast=any"), 0);
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(debug(HV_DEBUG_OPTION, 0, cases[i].word), 0);
		EXPECT_EQ(features() & (HV_FEATURE_XMM_INPUT |
					HV_FEATURE_XMM_OUTPUT),
			  cases[i].features);
		/* Input: two page numbers behind the id, none of them good. */
		undefined = modes_undefined;
		put_junk();
		modes_registers.rcx =
			hv_control_rep(HVCALL_DEPOSIT_MEMORY, 2, 0) |
			HV_CONTROL_FAST;
		modes_registers.rdx = HV_PARTITION_ID_SELF;
		call_long();
		if (!i) {
			EXPECT_EQ(modes_undefined, undefined + 1);
		} else {
			EXPECT_EQ(modes_undefined, undefined);
			EXPECT_EQ(modes_registers.rax,
				  HV_STATUS_OPERATION_DENIED);
		}
		/* Output: the id in the first pair, as there is no input. */
		undefined = modes_undefined;
		put_junk();
		modes_registers.rcx = HVCALL_GET_PARTITION_ID | HV_CONTROL_FAST;
		modes_registers.rdx = 0;
		modes_registers.r8 = 77;
		call_long();
		EXPECT_EQ(modes_undefined, undefined + (i < 2));
		EXPECT_EQ(modes_registers.rdx, i == 2);
		EXPECT_EQ(modes_registers.r8, 77);
	}
	EXPECT_EQ(debug(HV_DEBUG_OPTION, 0, "fast=table"), 0);
}

/*
 * What the hypervisor has counted of the calls of a code, for a script to
 * compare with the report at power-off.
 */
static void tell_counters(u16 code)
{
	const struct hv_input_debug in = {
		.op = HV_DEBUG_COUNTERS, .arg = code,
	};
	u64 values[HV_DEBUG_NR_COUNTERS];
	u32 i;

	if (call_simple(HVCALL_DEBUG, &in, sizeof(in), values,
			HV_DEBUG_NR_COUNTERS))
		return;
	print("# counters ");
	print_number(code);
	for (i = HV_DEBUG_CALLS; i <= HV_DEBUG_FAULTS; i++) {
		print(" ");
		print_number(values[i]);
	}
	print("\n");
}

/*
 * As if there were none, whatever their form. This is for good, so what has been
 * counted is told first, and the test is the last.
 */
static void W17_debug_calls_switched_off(void)
{
	static const u16 codes[] = { HVCALL_DEBUG, HVCALL_DEBUG_MACHINE };
	static const struct {
		u64 control;
		u32 offset; /* of the input */
	} forms[] = {
		{ 0, 0 },
		{ HV_CONTROL_FAST, 0 },
		{ 1ULL << HV_CONTROL_REP_COUNT_SHIFT, 0 },
		{ 0, 1 },
	};
	u32 i, form;

	tell_counters(HVCALL_DEPOSIT_MEMORY);
	tell_counters(HVCALL_WITHDRAW_MEMORY);
	tell_counters(HVCALL_GET_MEMORY_BALANCE);
	tell_counters(HVCALL_WRITE_GPA);
	EXPECT_EQ(debug(HV_DEBUG_OPTION, 0, "debug=off"), 0);
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		for (form = 0; form < ARRAY_SIZE(forms); form++) {
			put_junk();
			modes_registers.rcx = codes[i] | forms[form].control;
			modes_registers.rdx = gpa(page_in) +
					      forms[form].offset;
			modes_registers.r8 = gpa(page_out);
			call_long();
			EXPECT_EQ(modes_registers.rax,
				  HV_STATUS_INVALID_HYPERCALL_CODE);
		}
	}
}

#define TEST(function) { #function, function }

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	TEST(W17_not_before_it_is_enabled), /* enables it */
	TEST(W17_64_bit_code),
	TEST(W17_32_bit_code_of_long_mode),
	TEST(W17_protected_mode_without_paging),
	TEST(W17_real_mode),
	TEST(W17_ring_3),
	TEST(W17_xmm_forms_as_offered),
	TEST(parallel_next_kernel), /* without partitions */
	TEST(hostile_log_without_end), /* likewise */
	TEST(W16_deposit_in_every_form),
	TEST(W1_W16_withdraw_in_every_form),
	TEST(W17_forms_that_do_not_fit),
	TEST(G1_write_gpa_in_registers),
	TEST(parallel_pools),
	TEST(parallel_gone_is_gone_for_all),
	TEST(hostile_a20_by_the_control_port),
	TEST(hostile_a20_by_the_keyboard_controller),
	TEST(hostile_starts_again_and_again),
	TEST(hostile_interrupts_pending_at_init),
	TEST(hostile_interrupt_on_a_new_page),
	TEST(hostile_nmi_during_an_nmi),
	TEST(hostile_nmi_that_ends_in_a_fault),
	TEST(hostile_nmi_that_is_stepped_through),
	TEST(hostile_breakpoint_on_the_hypervisor),
	TEST(hostile_watchpoint_on_a_list),
	TEST(hostile_sleep_without_the_hypervisor),
	TEST(hostile_far_and_wide),
	TEST(hostile_efer),
	TEST(hostile_cr4),
	TEST(W17_debug_calls_switched_off),
};

void modes_main(void)
{
	const char *word = (const char *)(u64)modes_command_line;
	u32 i;

	/* A number, sixteen hexadecimal digits; or what nobody survives. */
	for (i = 0; i < 16 && word[i]; i++)
		modes_hypervisor_code = modes_hypervisor_code * 16 +
			(word[i] & 15) + (word[i] > '9' ? 9 : 0);
	if (i != 16)
		hostile_state_that_is_not_valid();
	print("TAP version 13\n1..");
	print_number(ARRAY_SIZE(tests));
	print("\n");
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		failed = false;
		tests[i].run();
		print(failed ? "not ok " : "ok ");
		print_number(i + 1);
		print(" - ");
		print(tests[i].name);
		print("\n");
	}
	power_off();
}
