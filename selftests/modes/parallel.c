// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls of several processors that really run at once (QEMU gives each a
 * thread of its own here): nobody's pages get lost or mixed up, and a page that
 * has changed hands is out of reach for all of them. And what they find when
 * another kernel was there before.
 */
#include "modes.h"
#include "segments.h"

#define OWN_PAGES 60 /* of a processor, for its partition's pool */
/* In ticks of the TSC: how long it goes on, and until it counts as stuck. */
#define A_SECOND 2000000000ULL
#define PATIENCE (80 * A_SECOND)
#define RAM_AT 0x20 /* a page of GPA space */
#define ENOUGH 20 /* looks */

/* A processor's part. The first failed check is kept, for the first processor. */
static struct part {
	u64 in[512], out[512];
	u64 own[OWN_PAGES][512];
	u64 ram[512];
	u64 list[OWN_PAGES]; /* of them, page numbers, and how many */
	u32 listed;
	u64 id; /* of the partition */
	u32 running;
	u32 reached, refused;
	u32 line; /* of the failure */
	u64 is, want;
} __attribute__((aligned(4096))) parts[MAX_PROCESSORS];

static void (*work)(struct part *p);

/* The page that comes and goes, and one beside it. */
static u8 comes_and_goes[2][4096] __attribute__((aligned(8192)));
/* Of four states: here, on its way, gone, on its way. */
static u32 whereabouts;
static u32 enough;

#define CHECK(p, value, wanted) check(p, __LINE__, value, wanted)

static u64 now(void)
{
	u32 low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return (u64)high << 32 | low;
}

static bool check(struct part *p, u32 line, u64 is, u64 want)
{
	if (is != want && !p->line) {
		p->line = line;
		p->is = is;
		p->want = want;
	}
	return is == want;
}

/* Not by the thunks: modes_registers are for one processor at a time. */
static u64 hypercall(struct part *p, u64 control)
{
	register u64 output asm("r8") = gpa(p->out);
	u64 input = gpa(p->in), result;

	asm volatile("vmmcall"
		     : "=a"(result), "+c"(control), "+d"(input), "+r"(output)
		     :
		     : "memory");
	return result;
}

static u64 rep(struct part *p, u16 code, u32 count)
{
	return hypercall(p, hv_control_rep(code, count, 0));
}

/* The pages that are listed, with something in them. */
static void deposit_list(struct part *p)
{
	u64 *page;
	u32 i;

	for (i = 0; i < p->listed; i++) {
		page = (u64 *)(p->list[i] << HV_PAGE_SHIFT);
		page[0] = i;
		page[511] = ~p->id;
		p->in[1 + i] = p->list[i];
	}
	p->in[0] = p->id;
	CHECK(p, rep(p, HVCALL_DEPOSIT_MEMORY, p->listed),
	      hv_result(HV_STATUS_SUCCESS, p->listed));
}

static u64 available(struct part *p, u64 id)
{
	p->in[0] = id;
	p->in[1] = 0;
	CHECK(p, hypercall(p, HVCALL_GET_MEMORY_BALANCE), HV_STATUS_SUCCESS);
	return p->out[0];
}

/* All that the pool can give: the processor's own, each once, and empty. */
static void withdraw_list(struct part *p)
{
	u64 seen = 0, i, n;

	p->listed = available(p, p->id);
	if (!CHECK(p, p->listed <= OWN_PAGES, true))
		return;
	p->in[0] = p->id;
	p->in[1] = 0;
	CHECK(p, rep(p, HVCALL_WITHDRAW_MEMORY, p->listed),
	      hv_result(HV_STATUS_SUCCESS, p->listed));
	for (i = 0; i < p->listed && !p->line; i++) {
		p->list[i] = p->out[i];
		n = p->list[i] - page_number(p->own[0]);
		if (!CHECK(p, n < OWN_PAGES && !(seen >> n & 1), true))
			return;
		seen |= 1ULL << n;
		CHECK(p, p->own[n][0] | p->own[n][511], 0);
	}
}

static void map_and_write(struct part *p, u32 round)
{
	const struct hv_input_map_gpa_pages map = {
		.target_partition_id = p->id,
		.target_gpa_base = RAM_AT,
		.map_flags = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE,
	};
	const struct hv_input_unmap_gpa_pages unmap = {
		.target_partition_id = p->id,
		.target_gpa_base = RAM_AT,
	};
	struct hv_input_write_gpa write = {
		.partition_id = p->id,
		.byte_count = 16,
		.base_gpa = RAM_AT << HV_PAGE_SHIFT,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
	};

	memcpy(p->in, &map, sizeof(map));
	p->in[3] = page_number(p->ram);
	CHECK(p, rep(p, HVCALL_MAP_GPA_PAGES, 1),
	      hv_result(HV_STATUS_SUCCESS, 1));
	memset(write.data, round, 8);
	memset(write.data + 8, (u32)p->id, 8);
	memcpy(p->in, &write, sizeof(write));
	p->out[0] = ~0ULL;
	CHECK(p, hypercall(p, HVCALL_WRITE_GPA), HV_STATUS_SUCCESS);
	CHECK(p, p->out[0], HV_ACCESS_GPA_SUCCESS);
	CHECK(p, p->ram[0], (u8)round * 0x0101010101010101ULL);
	CHECK(p, p->ram[1], (u8)p->id * 0x0101010101010101ULL);
	memcpy(p->in, &unmap, sizeof(unmap));
	CHECK(p, rep(p, HVCALL_UNMAP_GPA_PAGES, 1),
	      hv_result(HV_STATUS_SUCCESS, 1));
}

static void use_pool(struct part *p)
{
	u64 end = now() + A_SECOND;
	u32 i = 0, all = p->listed;

	do {
		deposit_list(p);
		map_and_write(p, i);
		withdraw_list(p);
		/* The page tables of the first round stay. */
		if (i++)
			CHECK(p, p->listed, all);
		all = p->listed;
	} while (now() < end && !p->line);
}

/* Behind start.S: do what is to be done, and halt. */
void parallel_other(u64 index)
{
	struct part *p = &parts[index];

	work(p);
	write_once(&p->running, false);
}

extern const u8 other16[], other16_end[];

static void start_others(void (*function)(struct part *p))
{
	u32 i;

	memcpy((void *)LOW_OTHER, other16, other16_end - other16);
	work = function;
	for (i = 1; i < MAX_PROCESSORS; i++) {
		write_once(&parts[i].running, true);
		wrmsr(MSR_ICR, ICR_DESTINATION(i) | ICR_INIT);
		wrmsr(MSR_ICR, ICR_DESTINATION(i) | ICR_STARTUP |
			       LOW_OTHER >> 12);
	}
}

static void wait_for_others(void)
{
	u64 end = now() + PATIENCE;
	u32 i;

	for (i = 1; i < MAX_PROCESSORS; i++) {
		while (read_once(&parts[i].running) && now() < end)
			asm volatile("pause");
		EXPECT_EQ(read_once(&parts[i].running), false);
	}
}

static void expect_parts(void)
{
	struct part *p;

	for (p = parts; p < parts + MAX_PROCESSORS; p++) {
		if (p->line)
			fail(__FILE__, p->line, "in one of them it",
			     p->is, p->want);
		p->line = 0;
	}
}

/* All pages have one owner, and the pools' counts are right. */
static void expect_order(void)
{
	const struct hv_input_debug in = { .op = HV_DEBUG_AUDIT };
	u64 values[HV_DEBUG_NR_AUDIT] = { 0 };

	EXPECT_EQ(call_simple(HVCALL_DEBUG, &in, sizeof(in), values,
			      HV_DEBUG_NR_AUDIT), HV_STATUS_SUCCESS);
	EXPECT_EQ(values[HV_DEBUG_AUDIT_ERRORS], 0);
}

/* What the root pays for a partition comes back when that is gone. */
static void withdraw_self(struct part *p)
{
	u64 count = available(p, HV_PARTITION_ID_SELF);

	p->in[0] = HV_PARTITION_ID_SELF;
	p->in[1] = 0;
	CHECK(p, rep(p, HVCALL_WITHDRAW_MEMORY, count),
	      hv_result(HV_STATUS_SUCCESS, count));
}

static void end_partition(struct part *p)
{
	deposit_list(p);
	EXPECT_EQ(call_simple(HVCALL_FINALIZE_PARTITION, &p->id,
			      sizeof(p->id), NULL, 0), HV_STATUS_SUCCESS);
	withdraw_list(p);
	CHECK(p, p->listed, OWN_PAGES);
	EXPECT_EQ(call_simple(HVCALL_DELETE_PARTITION, &p->id, sizeof(p->id),
			      NULL, 0), HV_STATUS_SUCCESS);
}

#define MSR_REFERENCE_TSC 0x40000021
#define MSR_SCONTROL 0x40000080
#define MSR_SINT0 0x40000090
#define SINT_MASKED 0x10000
#define PAGE_ENABLED 1

static const u32 page_msrs[] = {
	0x40000073, /* VP assist */
	0x40000082, /* SIEFP */
	0x40000083, /* SIMP */
	0x40000085, /* SIRBP */
};

/* What there is to leave behind: pages of the hypervisor's cover memory. */
static void cover(struct part *p)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(page_msrs); i++) {
		p->list[i] = rdmsr(page_msrs[i]);
		p->own[i][0] = JUNK_IN;
		wrmsr(page_msrs[i], gpa(p->own[i]) | PAGE_ENABLED);
		CHECK(p, p->own[i][0], 0);
		p->own[i][0] = JUNK_OUT;
	}
	wrmsr(MSR_SCONTROL, 1);
	wrmsr(MSR_SINT0, INTERRUPT);
}

/* Nothing of that is left, nor what was in those pages. */
static void expect_uncovered(struct part *p)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(page_msrs); i++) {
		CHECK(p, rdmsr(page_msrs[i]), p->list[i]);
		CHECK(p, p->own[i][0], JUNK_IN);
		wrmsr(page_msrs[i], gpa(p->own[i]) | PAGE_ENABLED);
		CHECK(p, p->own[i][0], 0);
		wrmsr(page_msrs[i], p->list[i]);
	}
	CHECK(p, rdmsr(MSR_SCONTROL), 0);
	CHECK(p, rdmsr(MSR_SINT0), SINT_MASKED);
}

/* A kernel leaves, and the next one finds each VP as the first has found it. */
void parallel_next_kernel(void)
{
	u64 id = rdmsr(MSR_GUEST_OS_ID), hypercalls = rdmsr(MSR_HYPERCALL);
	u64 tsc = rdmsr(MSR_REFERENCE_TSC);

	start_others(cover);
	cover(&parts[0]);
	wait_for_others();
	pages[0][0] = JUNK_IN;
	wrmsr(MSR_REFERENCE_TSC, gpa(pages[0]) | PAGE_ENABLED);
	wrmsr(MSR_GUEST_OS_ID, 0);
	EXPECT_EQ(rdmsr(MSR_HYPERCALL), hypercalls & ~1ULL);
	EXPECT_EQ(rdmsr(MSR_REFERENCE_TSC), tsc);
	EXPECT_EQ(pages[0][0], JUNK_IN);
	wrmsr(MSR_GUEST_OS_ID, id);
	wrmsr(MSR_HYPERCALL, hypercalls);
	start_others(expect_uncovered);
	expect_uncovered(&parts[0]);
	wait_for_others();
	expect_parts();
	expect_order();
}

/* Each in a partition of its own: deposit, map, write, unmap, withdraw. */
void parallel_pools(void)
{
	u32 i;

	/* Each list takes a few invocations. */
	EXPECT_EQ(debug(HV_DEBUG_REP_BUDGET, 16, NULL), HV_STATUS_SUCCESS);
	for (i = 0; i < MAX_PROCESSORS; i++) {
		parts[i].id = make_partition(pages[32 + i], parts[i].own,
					     OWN_PAGES);
		withdraw_list(&parts[i]);
	}
	start_others(use_pool);
	use_pool(&parts[0]);
	wait_for_others();
	expect_order();
	for (i = 0; i < MAX_PROCESSORS; i++)
		end_partition(&parts[i]);
	withdraw_self(&parts[0]);
	expect_order();
	expect_parts();
}

#define REFUSED 0xee /* not in these pages */

/* What is there, or REFUSED: a #GP leaves AL alone. modes_may_refuse is 2. */
static u8 probe(const u8 *at)
{
	u8 value;

	asm volatile("movb (%%rdi), %%al"
		     : "=a"(value)
		     : "0"(REFUSED), "D"(at)
		     : "memory");
	return value;
}

/* A page is there, or it is not; its neighbour always is. */
static void look(struct part *p)
{
	u32 before;
	u8 value;

	while (!read_once(&enough) && !p->line) {
		before = read_once(&whereabouts);
		value = probe(comes_and_goes[0]);
		CHECK(p, probe(comes_and_goes[1]), 0);
		if (read_once(&whereabouts) != before || before & 1)
			continue;
		CHECK(p, value == REFUSED, !!(before & 2));
		if (value == REFUSED)
			write_once(&p->refused, p->refused + 1);
		else
			write_once(&p->reached, p->reached + 1);
	}
}

static bool all_have_seen_both(void)
{
	u32 i;

	for (i = 1; i < MAX_PROCESSORS; i++)
		if (read_once(&parts[i].refused) < ENOUGH ||
		    read_once(&parts[i].reached) < ENOUGH)
			return false;
	return true;
}

/* Time for the others to look. */
static void linger(void)
{
	u32 i;

	for (i = 0; i < 20; i++)
		asm volatile("pause");
}

/*
 * Once HvDepositMemory has returned, no processor reaches the page, whatever it
 * has in its TLB; once HvWithdrawMemory has, each does.
 */
void parallel_gone_is_gone_for_all(void)
{
	struct part *p = &parts[0];
	u64 start = now();
	u32 i = 0;

	modes_may_refuse = 2;
	write_once(&whereabouts, 0);
	write_once(&enough, false);
	start_others(look);
	while (!p->line && now() < start + PATIENCE &&
	       (now() < start + A_SECOND || !all_have_seen_both())) {
		linger();
		write_once(&whereabouts, ++i);
		p->in[0] = HV_PARTITION_ID_SELF;
		p->in[1] = page_number(comes_and_goes[0]);
		CHECK(p, rep(p, HVCALL_DEPOSIT_MEMORY, 1),
		      hv_result(HV_STATUS_SUCCESS, 1));
		write_once(&whereabouts, ++i);
		linger();
		write_once(&whereabouts, ++i);
		p->in[1] = 0;
		CHECK(p, rep(p, HVCALL_WITHDRAW_MEMORY, 1),
		      hv_result(HV_STATUS_SUCCESS, 1));
		CHECK(p, p->out[0], page_number(comes_and_goes[0]));
		write_once(&whereabouts, ++i);
	}
	EXPECT_EQ(all_have_seen_both(), true);
	write_once(&enough, true);
	wait_for_others();
	modes_may_refuse = 0;
	expect_parts();
	expect_order();
}
