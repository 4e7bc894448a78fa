// SPDX-License-Identifier: GPL-2.0
/*
 * Who can touch a page while it is deposited, and after: W8, W9, W10. The
 * page is one of the test's own address space, so the refusal is that of the
 * nested page tables: #GP in the reader, which becomes its SIGSEGV.
 */
#define HVT_DEVICE HVT_RAWCALL
#define _GNU_SOURCE
#include <cpuid.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include "hvtest_harness.h"

#define PAGES 8
#define RET 0xc3 /* the x86 instruction */

/* --- an access that may be refused ---------------------------------------- */

enum access { READ, WRITE, EXECUTE };

static __thread sigjmp_buf refused;
static __thread int refused_code;

static void on_segv(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	refused_code = info->si_code;
	siglongjmp(refused, 1);
}

/* Returns 0, or the si_code of the SIGSEGV. */
static int access_page(u8 *va, enum access how)
{
	if (sigsetjmp(refused, 1))
		return refused_code;
	switch (how) {
	case READ:
		(void)__atomic_load_n(va, __ATOMIC_RELAXED);
		break;
	case WRITE:
		__atomic_store_n(va, RET, __ATOMIC_RELAXED);
		break;
	case EXECUTE:
		((void (*)(void))va)();
		break;
	}
	return 0;
}

FIXTURE(withdraw_access) {
	struct hvt t;
	u64 id;
	struct hvt_mem mem;
};

FIXTURE_SETUP(withdraw_access)
{
	struct sigaction action = {
		.sa_sigaction = on_segv,
		.sa_flags = SA_SIGINFO,
	};

	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->mem, PAGES));
	memset(self->mem.va, RET, PAGES * HV_PAGE_SIZE);
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &self->id));
	ASSERT_EQ(0, sigaction(SIGSEGV, &action, NULL));
}

FIXTURE_TEARDOWN(withdraw_access)
{
	EXPECT_EQ(0, hvt_destroy(&self->t, self->id));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static u8 *page(const struct hvt_mem *mem, unsigned int i)
{
	return mem->va + i * HV_PAGE_SIZE;
}

/* What the kernel sees through its own mapping. */
static int peek(struct hvt *t, u64 pfn, u64 *value)
{
	struct hv_rawcall_peek p = { .gpa = pfn << HV_PAGE_SHIFT };
	int ret = ioctl(t->raw, HV_RAWCALL_PEEK, &p) ? -errno : 0;

	*value = p.value;
	return ret;
}

/*
 * On a CPU with UMIP, Linux reads the instruction that #GP came at, and warns
 * of the #GP that it gets itself: nothing to provoke where warnings count.
 */
static bool kernel_looks_at_instructions(void)
{
	u32 a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && c & (1 << 2);
}

TEST_F(withdraw_access, W10_refused_while_deposited)
{
	static const enum access ways[] = { READ, WRITE, EXECUTE };
	const bool execute = !kernel_looks_at_instructions();
	unsigned int i;
	u64 word;

	for (i = 0; i < ARRAY_SIZE(ways); i++)
		ASSERT_EQ(0, access_page(page(&self->mem, 3), ways[i]));
	ASSERT_EQ(0, peek(&self->t, self->mem.pfn[3], &word));

	ASSERT_EQ(1, hvt_deposit(&self->t, self->id, self->mem.pfn + 3, 1)
			     .reps);
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (ways[i] != EXECUTE || execute)
			EXPECT_EQ(SI_KERNEL, access_page(page(&self->mem, 3),
							 ways[i]));
	EXPECT_EQ(-EFAULT, peek(&self->t, self->mem.pfn[3], &word));

	/* Every byte of it, and not one beside. */
	EXPECT_EQ(SI_KERNEL,
		  access_page(page(&self->mem, 4) - 1, READ));
	EXPECT_EQ(0, access_page(page(&self->mem, 3) - 1, READ));
	EXPECT_EQ(0, access_page(page(&self->mem, 4), READ));
}

TEST_F(withdraw_access, W8_W9_W10_back_after_withdraw)
{
	unsigned int i;
	u64 word;

	ASSERT_EQ(1, hvt_deposit(&self->t, self->id, self->mem.pfn + 3, 1)
			     .reps);
	ASSERT_EQ(SI_KERNEL, access_page(page(&self->mem, 3), READ));
	ASSERT_EQ(1, hvt_withdraw(&self->t, self->id, 0, 1).reps);
	EXPECT_EQ(self->mem.pfn[3], *(u64 *)self->t.out);

	for (i = 0; i < HV_PAGE_SIZE; i++)
		ASSERT_EQ(0, page(&self->mem, 3)[i]);
	EXPECT_EQ(0, access_page(page(&self->mem, 3), WRITE));
	EXPECT_EQ(RET, page(&self->mem, 3)[0]);
	EXPECT_EQ(0, access_page(page(&self->mem, 3), EXECUTE));
	EXPECT_EQ(0, peek(&self->t, self->mem.pfn[3], &word));
	EXPECT_EQ(RET, word);
}

/* A write that was refused has not reached the page. */
TEST_F(withdraw_access, W8_W10_refused_write_leaves_no_trace)
{
	unsigned int i;

	ASSERT_EQ(1, hvt_deposit(&self->t, self->id, self->mem.pfn, 1).reps);
	for (i = 0; i < 64; i++)
		ASSERT_EQ(SI_KERNEL,
			  access_page(page(&self->mem, 0) + i, WRITE));
	ASSERT_EQ(1, hvt_withdraw(&self->t, self->id, 0, 1).reps);
	for (i = 0; i < HV_PAGE_SIZE; i++)
		ASSERT_EQ(0, page(&self->mem, 0)[i]);
}

/* Some of the pages go, the others stay usable, whatever the order. */
TEST_F(withdraw_access, W10_only_the_deposited_pages)
{
	unsigned int gone = 0, round, i;

	for (round = 0; round < PAGES; round++) {
		i = round * 5 % PAGES;
		ASSERT_EQ(1, hvt_deposit(&self->t, self->id,
					 self->mem.pfn + i, 1).reps);
		gone |= 1 << i;
		for (i = 0; i < PAGES; i++)
			ASSERT_EQ(gone & (1 << i) ? SI_KERNEL : 0,
				  access_page(page(&self->mem, i), WRITE));
	}
	while (gone) {
		u64 pfn;

		ASSERT_EQ(1, hvt_withdraw(&self->t, self->id, 0, 1).reps);
		pfn = *(u64 *)self->t.out;
		for (i = 0; i < PAGES; i++)
			if (self->mem.pfn[i] == pfn)
				gone &= ~(1 << i);
		for (i = 0; i < PAGES; i++)
			ASSERT_EQ(gone & (1 << i) ? SI_KERNEL : 0,
				  access_page(page(&self->mem, i), WRITE));
	}
}

/* Pages that the hypervisor uses for a VP are as far away as unused ones. */
TEST_F(withdraw_access, W10_refused_while_in_use)
{
	struct hvt_mem pool;
	unsigned int i;

	ASSERT_EQ(0, hvt_alloc(&self->t, &pool, HVT_CHILD_POOL));
	ASSERT_EQ(0, hvt_deposit_all(&self->t, self->id, &pool));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_INITIALIZE_PARTITION,
				self->id));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create_vp(&self->t, self->id, 0));
	for (i = 0; i < pool.pages; i++)
		ASSERT_EQ(SI_KERNEL, access_page(page(&pool, i), READ));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION, self->id));
	ASSERT_EQ(HVT_CHILD_POOL, hvt_drain(&self->t, self->id));
	for (i = 0; i < pool.pages; i++)
		ASSERT_EQ(0, access_page(page(&pool, i), WRITE));
}

/* --- another processor has the page in its TLB ---------------------------- */

struct reader {
	pthread_t thread;
	u8 *va;
	int cpu;
	atomic_ulong reads;
	atomic_int code; /* si_code that ended it */
	atomic_bool stop;
};

static void *read_all_the_time(void *arg)
{
	struct reader *r = arg;
	cpu_set_t set;
	int code = 0;

	CPU_ZERO(&set);
	CPU_SET(r->cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
	while (!code && !atomic_load(&r->stop)) {
		code = access_page(r->va, READ);
		atomic_fetch_add(&r->reads, 1);
	}
	atomic_store(&r->code, code);
	return NULL;
}

/*
 * When the deposit has returned, no read that starts afterwards succeeds: not
 * even on the processor whose TLB knew the page.
 */
TEST_F(withdraw_access, W10_not_served_stale_on_another_processor)
{
	struct reader r = { .cpu = 1 };
	unsigned long at_deposit;
	cpu_set_t set;
	unsigned int i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one processor");
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(set), &set));

	for (i = 0; i < PAGES; i++) {
		r.va = page(&self->mem, i);
		atomic_store(&r.reads, 0);
		atomic_store(&r.code, 0);
		atomic_store(&r.stop, false);
		ASSERT_EQ(0, pthread_create(&r.thread, NULL, read_all_the_time,
					    &r));
		while (atomic_load(&r.reads) < 1000)
			sched_yield();
		ASSERT_EQ(1, hvt_deposit(&self->t, self->id,
					 self->mem.pfn + i, 1).reps);
		/* The one under way may count still, but no other. */
		at_deposit = atomic_load(&r.reads);
		while (!atomic_load(&r.code) &&
		       atomic_load(&r.reads) < at_deposit + 100000)
			sched_yield();
		EXPECT_GE(at_deposit + 2, atomic_load(&r.reads));
		atomic_store(&r.stop, true);
		ASSERT_EQ(0, pthread_join(r.thread, NULL));
		EXPECT_EQ(SI_KERNEL, atomic_load(&r.code));
	}
}

/* --- the hypervisor does not serve it either ------------------------------ */

TEST_F(withdraw_access, W10_not_deposited_twice)
{
	u64 twice[2] = { self->mem.pfn[0], self->mem.pfn[0] };
	struct hvt_done d;
	u64 other;

	d = hvt_deposit(&self->t, self->id, twice, 2);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, d.status);
	EXPECT_EQ(1, d.reps);

	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &other));
	d = hvt_deposit(&self->t, other, twice, 1);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, d.status);
	EXPECT_EQ(0, d.reps);
	EXPECT_EQ(0, hvt_destroy(&self->t, other));
	ASSERT_EQ(1, hvt_drain(&self->t, self->id));
}

TEST_F(withdraw_access, W10_not_mapped_into_a_child)
{
	struct hvt_child c;
	struct hvt_done d;

	ASSERT_EQ(0, hvt_child_create(&self->t, &c));
	ASSERT_EQ(1, hvt_deposit(&self->t, self->id, self->mem.pfn, 1).reps);
	d = hvt_map(&self->t, c.id, 0,
		    HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE, self->mem.pfn,
		    1);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, d.status);
	EXPECT_EQ(0, d.reps);
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &c));
}

/* Page numbers that are no page of the root's, and no harm done. */
TEST_F(withdraw_access, W9_what_cannot_be_deposited)
{
	static const u64 nowhere[] = { 1ULL << 30, 1ULL << 40, 1ULL << 51,
				       ~0ULL, ~0ULL >> HV_PAGE_SHIFT };
	struct hvt_audit before, after;
	struct hvt_done d;
	unsigned int i;

	ASSERT_EQ(0, hvt_audit(&self->t, &before));
	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		u64 list[2] = { self->mem.pfn[i], nowhere[i] };

		d = hvt_deposit(&self->t, self->id, list, 2);
		EXPECT_EQ(HV_STATUS_OPERATION_DENIED, d.status);
		EXPECT_EQ(1, d.reps);
	}
	ASSERT_EQ(ARRAY_SIZE(nowhere), hvt_drain(&self->t, self->id));
	ASSERT_EQ(0, hvt_audit(&self->t, &after));
	EXPECT_TRUE(hvt_audit_equal(&before, &after));
}

TEST_HARNESS_MAIN
