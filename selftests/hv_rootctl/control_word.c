// SPDX-License-Identifier: GPL-2.0
/*
 * What is wrong with a call before anybody looks at its parameters: W17. A
 * refused call has one status, completes no element, and changes nothing.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include "hvtest_harness.h"

#define POOL_PAGES 16

FIXTURE(control_word) {
	struct hvt t;
	struct hvt_mem pool;
	u64 id;
	u64 in; /* GPAs of the lists */
	u64 out;
	struct hvt_audit before;
};

FIXTURE_SETUP(control_word)
{
	struct hvt *t = &self->t;

	ASSERT_EQ(0, hvt_open(t));
	ASSERT_EQ(0, hvt_alloc(t, &self->pool, POOL_PAGES));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(t, &self->id));
	ASSERT_EQ(0, hvt_deposit_all(t, self->id, &self->pool));
	self->in = t->input.pfn[0] << HV_PAGE_SHIFT;
	self->out = t->output.pfn[0] << HV_PAGE_SHIFT;
	ASSERT_EQ(0, hvt_audit(t, &self->before));
}

FIXTURE_TEARDOWN(control_word)
{
	EXPECT_EQ(0, hvt_destroy(&self->t, self->id));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* The input of a withdraw that would succeed, if only it were well called. */
static void put_input(struct hvt *t, u64 id, u32 offset)
{
	struct hv_input_withdraw_memory input = { .partition_id = id };

	memset(t->in, HVT_IN_POISON, HV_PAGE_SIZE);
	memset(t->out, HVT_OUT_POISON, HV_PAGE_SIZE);
	memcpy(t->in + offset, &input, sizeof(input));
}

/* The output page is as it was, and so is the ownership of every page. */
static bool nothing_happened(struct hvt *t, const struct hvt_audit *before)
{
	struct hvt_audit after;
	unsigned int i;

	for (i = 0; i < HV_PAGE_SIZE; i++)
		if (t->out[i] != HVT_OUT_POISON)
			return false;
	return !hvt_audit(t, &after) && hvt_audit_equal(before, &after);
}

#define EXPECT_REFUSED(status, rcx, rdx, r8)                             \
	do {                                                             \
		u64 _control = (rcx);                                    \
		u64 _result = hvt_registers(&self->t, _control, rdx, r8); \
		EXPECT_EQ(status, hv_result_status(_result))             \
			TH_LOG("control word %#llx", _control);          \
		EXPECT_EQ(0, hv_result_reps(_result));                   \
		EXPECT_TRUE(nothing_happened(&self->t, &self->before));  \
	} while (0)

/* The same call, well made: the refusals below are not for another reason. */
TEST_F(control_word, W17_well_formed_call_succeeds)
{
	u64 result;

	put_input(&self->t, self->id, 0);
	result = hvt_registers(&self->t,
			       hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0),
			       self->in, self->out);
	EXPECT_EQ(hv_result(HV_STATUS_SUCCESS, 2), result);
}

TEST_F(control_word, W17_unknown_call_code)
{
	static const u16 codes[] = { 0x0000, 0x003f, 0x0100, 0x3fff, 0x7eff,
				     0x7fff };
	u64 unknown;
	unsigned int i;

	unknown = hvt_counter(&self->t, 0, HV_DEBUG_UNKNOWN);
	put_input(&self->t, self->id, 0);
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		put_input(&self->t, self->id, 0);
		EXPECT_REFUSED(HV_STATUS_INVALID_HYPERCALL_CODE,
			       hv_control_simple(codes[i], false), self->in,
			       self->out);
		put_input(&self->t, self->id, 0);
		EXPECT_REFUSED(HV_STATUS_INVALID_HYPERCALL_CODE,
			       hv_control_rep(codes[i], 1, 0), self->in,
			       self->out);
	}
	EXPECT_EQ(unknown + 2 * ARRAY_SIZE(codes),
		  hvt_counter(&self->t, 0, HV_DEBUG_UNKNOWN));
}

/* The bit for a nested hypervisor's calls is one of them where none is offered. */
TEST_F(control_word, W17_each_reserved_bit)
{
	const u64 bits = HV_CONTROL_RESERVED_MASK | HV_CONTROL_NESTED;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		if (!(bits & (1ULL << bit)))
			continue;
		put_input(&self->t, self->id, 0);
		EXPECT_REFUSED(HV_STATUS_INVALID_HYPERCALL_INPUT,
			       hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0) |
				       1ULL << bit,
			       self->in, self->out);
	}
}

TEST_F(control_word, W17_rep_fields_of_rep_call)
{
	static const struct {
		u32 count, start;
	} bad[] = { { 0, 0 }, { 0, 1 }, { 1, 1 }, { 2, 3 }, { 5, 0xfff } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		put_input(&self->t, self->id, 0);
		EXPECT_REFUSED(HV_STATUS_INVALID_HYPERCALL_INPUT,
			       hv_control_rep(HVCALL_WITHDRAW_MEMORY,
					      bad[i].count, bad[i].start),
			       self->in, self->out);
	}
}

TEST_F(control_word, W17_rep_fields_of_simple_call)
{
	static const struct {
		u32 count, start;
	} bad[] = { { 1, 0 }, { 0, 1 }, { 2, 1 }, { 0xfff, 0 } };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		put_input(&self->t, self->id, 0);
		EXPECT_REFUSED(HV_STATUS_INVALID_HYPERCALL_INPUT,
			       hv_control_rep(HVCALL_GET_MEMORY_BALANCE,
					      bad[i].count, bad[i].start),
			       self->in, self->out);
	}
}

TEST_F(control_word, W17_variable_header_not_accepted)
{
	u64 rep = hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0);
	unsigned int bit;

	for (bit = 0; bit < 10; bit++) {
		put_input(&self->t, self->id, 0);
		EXPECT_REFUSED(HV_STATUS_INVALID_HYPERCALL_INPUT,
			       rep | 1ULL << (HV_CONTROL_VARHEAD_SHIFT + bit),
			       self->in, self->out);
	}
}

/* No public table marks these calls as fast. */
TEST_F(control_word, W17_register_form_not_accepted)
{
	put_input(&self->t, self->id, 0);
	EXPECT_REFUSED(HV_STATUS_INVALID_HYPERCALL_INPUT,
		       hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0) |
			       HV_CONTROL_FAST,
		       self->id, 0);
	put_input(&self->t, self->id, 0);
	EXPECT_REFUSED(HV_STATUS_INVALID_HYPERCALL_INPUT,
		       hv_control_simple(HVCALL_WRITE_GPA, true), self->id, 0);
	put_input(&self->t, self->id, 0);
	EXPECT_REFUSED(HV_STATUS_INVALID_HYPERCALL_INPUT,
		       hv_control_simple(HVCALL_GET_MEMORY_BALANCE, true),
		       self->id, 0);
}

#define DIED_OF_SIGILL 42

static void sigill(int number)
{
	(void)number;
	_exit(DIED_OF_SIGILL);
}

/* Ring 3 has no hypercalls: SIGILL, whatever the registers hold. */
TEST_F(control_word, W17_user_space)
{
	u64 control = HVCALL_GET_PARTITION_ID;
	int status;
	pid_t pid;

	put_input(&self->t, self->id, 0);
	pid = fork();
	ASSERT_NE(-1, pid);
	if (!pid) {
		register u64 r8 asm("r8") = self->out;

		signal(SIGILL, sigill);
		asm volatile("vmmcall"
			     : "+c"(control), "+r"(r8)
			     : "d"(self->in) : "rax", "memory");
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(DIED_OF_SIGILL, WEXITSTATUS(status));
	EXPECT_TRUE(nothing_happened(&self->t, &self->before));
}

TEST_F(control_word, W17_misaligned_input)
{
	u32 offset;

	for (offset = 1; offset < 8; offset++) {
		put_input(&self->t, self->id, offset);
		EXPECT_REFUSED(HV_STATUS_INVALID_ALIGNMENT,
			       hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0),
			       self->in + offset, self->out);
	}
}

TEST_F(control_word, W17_misaligned_output)
{
	u32 offset;

	for (offset = 1; offset < 8; offset++) {
		put_input(&self->t, self->id, 0);
		EXPECT_REFUSED(HV_STATUS_INVALID_ALIGNMENT,
			       hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0),
			       self->in, self->out + offset);
	}
}

TEST_F(control_word, W17_input_crosses_page)
{
	put_input(&self->t, self->id, 0);
	EXPECT_REFUSED(HV_STATUS_INVALID_ALIGNMENT,
		       hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0),
		       self->in + HV_PAGE_SIZE - 8, self->out);
}

TEST_F(control_word, W17_output_crosses_page)
{
	put_input(&self->t, self->id, 0);
	EXPECT_REFUSED(HV_STATUS_INVALID_ALIGNMENT,
		       hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0), self->in,
		       self->out + HV_PAGE_SIZE - 8);
	put_input(&self->t, self->id, 0);
	EXPECT_REFUSED(HV_STATUS_INVALID_ALIGNMENT,
		       hv_control_rep(HVCALL_WITHDRAW_MEMORY,
				      HV_WITHDRAW_MAX + 1, 0),
		       self->in, self->out);
}

/* Where a list just fits at the end of a page, it is accepted. */
TEST_F(control_word, W17_lists_at_the_end_of_a_page)
{
	u32 in_offset = HV_PAGE_SIZE - sizeof(struct hv_input_withdraw_memory);
	u32 out_offset = HV_PAGE_SIZE - 2 * sizeof(u64);
	u64 result;
	u32 i;

	put_input(&self->t, self->id, in_offset);
	result = hvt_registers(&self->t,
			       hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0),
			       self->in + in_offset, self->out + out_offset);
	EXPECT_EQ(hv_result(HV_STATUS_SUCCESS, 2), result);
	for (i = 0; i < out_offset; i++)
		ASSERT_EQ(HVT_OUT_POISON, self->t.out[i]);
	EXPECT_NE(HVT_OUT_POISON, self->t.out[out_offset + 7]);
}

TEST_F(control_word, W17_lists_outside_the_gpa_space)
{
	static const u64 outside[] = { 1ULL << 52, 1ULL << 62, 1ULL << 63,
				       ~0ULL & ~HV_PAGE_MASK };
	u64 rep = hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		put_input(&self->t, self->id, 0);
		EXPECT_REFUSED(HV_STATUS_INVALID_ALIGNMENT, rep, outside[i],
			       self->out);
		put_input(&self->t, self->id, 0);
		EXPECT_REFUSED(HV_STATUS_INVALID_ALIGNMENT, rep, self->in,
			       outside[i]);
	}
}

/* A list in memory that is not the caller's: refused, with any status. */
TEST_F(control_word, W17_lists_in_a_deposited_page)
{
	u64 deposited = self->pool.pfn[0] << HV_PAGE_SHIFT;
	u64 rep = hv_control_rep(HVCALL_WITHDRAW_MEMORY, 2, 0);
	u64 result;

	put_input(&self->t, self->id, 0);
	result = hvt_registers(&self->t, rep, deposited, self->out);
	EXPECT_NE(HV_STATUS_SUCCESS, hv_result_status(result));
	EXPECT_EQ(0, hv_result_reps(result));
	EXPECT_TRUE(nothing_happened(&self->t, &self->before));

	put_input(&self->t, self->id, 0);
	result = hvt_registers(&self->t, rep, self->in, deposited);
	EXPECT_NE(HV_STATUS_SUCCESS, hv_result_status(result));
	EXPECT_EQ(0, hv_result_reps(result));
	EXPECT_TRUE(nothing_happened(&self->t, &self->before));
}

/*
 * The hypervisor's own memory is nobody's list. It is somewhere in what the
 * firmware's map calls reserved: each piece above the first MiB is tried at 64
 * places.
 */
TEST_F(control_word, W17_lists_in_reserved_memory)
{
	u64 simple = hv_control_simple(HVCALL_GET_MEMORY_BALANCE, false);
	unsigned long long start, end, step, gpa;
	unsigned int tried = 0;
	char line[256];
	FILE *f;

	f = fopen("/proc/iomem", "r");
	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f)) {
		if (!strstr(line, "Reserved") ||
		    sscanf(line, "%llx-%llx", &start, &end) != 2 ||
		    start < 0x100000)
			continue;
		step = ((end - start) / 64 | HV_PAGE_MASK) + 1;
		for (gpa = start; gpa < end; gpa += step) {
			u64 result;

			put_input(&self->t, self->id, 0);
			result = hvt_registers(&self->t, simple, self->in, gpa);
			EXPECT_NE(HV_STATUS_SUCCESS, hv_result_status(result))
				TH_LOG("output list at %#llx", gpa);
			result = hvt_registers(&self->t, simple, gpa, self->out);
			EXPECT_NE(HV_STATUS_SUCCESS, hv_result_status(result))
				TH_LOG("input list at %#llx", gpa);
			tried++;
		}
	}
	fclose(f);
	ASSERT_LT(0, tried);
	EXPECT_TRUE(nothing_happened(&self->t, &self->before));
}

/* RCX holds the new rep start; RDX and R8 carried input, and are not touched. */
TEST_F(control_word, W16_registers_after_a_rep_call)
{
	u64 control = hv_control_rep(HVCALL_WITHDRAW_MEMORY, POOL_PAGES, 0);

	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, 3, NULL, NULL));
	put_input(&self->t, self->id, 0);
	EXPECT_EQ(hv_result(HV_STATUS_SUCCESS, POOL_PAGES),
		  hvt_registers(&self->t, control, self->in, self->out));
	EXPECT_EQ(control & ~HV_CONTROL_REP_START_MASK,
		  self->t.regs.rcx & ~HV_CONTROL_REP_START_MASK);
	EXPECT_EQ(POOL_PAGES, hv_control_start(self->t.regs.rcx));
	EXPECT_EQ(self->in, self->t.regs.rdx);
	EXPECT_EQ(self->out, self->t.regs.r8);
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, HVT_REP_BUDGET, NULL, NULL));
}

TEST_F(control_word, W16_registers_after_a_simple_call)
{
	u64 control = hv_control_simple(HVCALL_GET_MEMORY_BALANCE, false);

	put_input(&self->t, self->id, 0);
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hv_result_status(hvt_registers(&self->t, control, self->in,
						 self->out)));
	EXPECT_EQ(control, self->t.regs.rcx);
	EXPECT_EQ(self->in, self->t.regs.rdx);
	EXPECT_EQ(self->out, self->t.regs.r8);
}

/*
 * In the middle of the call, interrupts are taken: with the instruction still
 * to be executed, and RCX saying how far it has got.
 */
TEST_F(control_word, W16_interrupts_in_the_middle_of_a_call)
{
	struct hv_rawcall_regs regs = {
		.rcx = hv_control_rep(HVCALL_UNMAP_GPA_PAGES, HV_REP_MAX, 0),
		.rdx = self->in,
		.timer_ns = 100000,
	};
	struct hv_input_unmap_gpa_pages input = { .target_partition_id =
							  self->id };

	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_INITIALIZE_PARTITION,
				self->id));
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, 1, NULL, NULL));
	memcpy(self->t.in, &input, sizeof(input));
	ASSERT_EQ(0, ioctl(self->t.raw, HV_RAWCALL_CALL, &regs));
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, HVT_REP_BUDGET,
			       NULL, NULL));
	EXPECT_EQ(hv_result(HV_STATUS_SUCCESS, HV_REP_MAX), regs.rax);
	EXPECT_LT(0, regs.interrupts);
	EXPECT_EQ(HVCALL_UNMAP_GPA_PAGES, hv_control_code(regs.interrupted_rcx));
	EXPECT_LT(0, hv_control_start(regs.interrupted_rcx));
	EXPECT_GT(HV_REP_MAX, hv_control_start(regs.interrupted_rcx));
}

/* A caller that starts in the middle: reps completed still count from 0. */
TEST_F(control_word, W16_rep_start_given_by_the_caller)
{
	u64 *list = (u64 *)self->t.out;
	u32 i;

	put_input(&self->t, self->id, 0);
	EXPECT_EQ(hv_result(HV_STATUS_SUCCESS, 10),
		  hvt_registers(&self->t,
				hv_control_rep(HVCALL_WITHDRAW_MEMORY, 10, 4),
				self->in, self->out));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0xa5a5a5a5a5a5a5a5ULL, list[i]);
	for (i = 4; i < 10; i++)
		EXPECT_NE(0xa5a5a5a5a5a5a5a5ULL, list[i]);
	for (i = 10; i < HV_WITHDRAW_MAX; i++)
		EXPECT_EQ(0xa5a5a5a5a5a5a5a5ULL, list[i]);
}

TEST_HARNESS_MAIN
