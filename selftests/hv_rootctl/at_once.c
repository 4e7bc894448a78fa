// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that the hypervisor answers without waiting for others, on one VP, while
 * another VP makes and destroys what they are about. Each has one of the answers
 * that it has before or after, and reaches nothing that is not the root's: who
 * takes a page from the root waits for the calls that have seen it there.
 */
#define HVT_DEVICE HVT_RAWCALL
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include "hvtest_harness.h"

#define ROUNDS 100
#define AUDIT_EVERY 10 /* rounds; it keeps the other from asking */
#define GPA 0x40
#define FILL 0x11111111U
#define WRITTEN 0x22222222U
#define UNKNOWN_CODE 0x7777
/* Pages that come out of the pool and go back while all else is in order. */
#define SOME 8
/* Microseconds of a call that takes its time. */
#define LINGER 200000

#define MAY(status) (1ULL << HV_STATUS_##status)

/* What the other VP asks, over and over. */
enum question {
	OWN_ID, /* into a page of its own */
	OWN_ID_ELSEWHERE, /* into one that is a pool's now and then */
	NO_SUCH_CALL,
	BALANCE,
	FIRST_CHILD,
	NEXT_CHILD,
	WRITE,
	READ,
	NR_QUESTIONS,
};

static const u64 legal[NR_QUESTIONS] = {
	[OWN_ID] = MAY(SUCCESS),
	[OWN_ID_ELSEWHERE] = MAY(SUCCESS) | MAY(INVALID_HYPERCALL_INPUT),
	[NO_SUCH_CALL] = MAY(INVALID_HYPERCALL_CODE),
	[BALANCE] = MAY(SUCCESS) | MAY(INVALID_PARTITION_ID),
	[FIRST_CHILD] = MAY(SUCCESS),
	[NEXT_CHILD] = MAY(SUCCESS) | MAY(INVALID_PARTITION_ID),
	[WRITE] = MAY(SUCCESS) | MAY(INVALID_PARTITION_ID) |
		  MAY(INVALID_PARTITION_STATE) | MAY(INVALID_VP_INDEX),
	[READ] = MAY(SUCCESS) | MAY(INVALID_PARTITION_ID) |
		 MAY(INVALID_PARTITION_STATE) | MAY(INVALID_VP_INDEX),
};

struct other {
	struct hvt t;
	pthread_t thread;
	u64 elsewhere; /* GPA */
	u64 id; /* of the partition that is, or was last */
	u64 rounds; /* all questions asked */
	bool stop;
	u64 seen[NR_QUESTIONS]; /* statuses, bit by bit */
	u64 moved[NR_QUESTIONS]; /* accesses that succeeded */
	u32 wrong; /* answers that cannot be */
};

FIXTURE(at_once) {
	struct hvt t;
	struct hvt_mem pool;
	struct hvt_mem ram;
	struct other o;
	u64 id;
};

static bool run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}

FIXTURE_SETUP(at_once)
{
	int fd = hvt_driver();

	/* What a partition takes of the root's pool is to be ours. */
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_drain_self(fd));
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_open(&self->o.t));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->pool, HVT_CHILD_POOL));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->ram, 1));
	ASSERT_TRUE(run_on(0));
}

FIXTURE_TEARDOWN(at_once)
{
	EXPECT_EQ(0, hvt_close(&self->o.t));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static void wrong(struct other *o, enum question q, u64 value)
{
	if (!o->wrong++)
		fprintf(stderr, "# question %u: 0x%llx\n", q, value);
}

/* Ask, and see whether the status is one that may be; true: SUCCESS. */
static bool ask(struct other *o, enum question q, u16 code, const void *input,
		size_t size)
{
	u64 output = q == OWN_ID_ELSEWHERE ? o->elsewhere :
					     o->t.output.pfn[0] << HV_PAGE_SHIFT;
	u16 status;

	memcpy(o->t.in, input, size);
	memset(o->t.out, HVT_OUT_POISON, 64);
	status = hv_result_status(hvt_registers(&o->t, code,
						o->t.input.pfn[0] << HV_PAGE_SHIFT,
						output));
	if (status >= 64 || !(legal[q] & (1ULL << status)))
		wrong(o, q, status);
	else
		o->seen[q] |= 1ULL << status;
	return status == HV_STATUS_SUCCESS;
}

static void ask_for_id(struct other *o)
{
	if (ask(o, OWN_ID, HVCALL_GET_PARTITION_ID, NULL, 0) &&
	    *(u64 *)o->t.out != 1)
		wrong(o, OWN_ID, *(u64 *)o->t.out);
	ask(o, OWN_ID_ELSEWHERE, HVCALL_GET_PARTITION_ID, NULL, 0);
	ask(o, NO_SUCH_CALL, UNKNOWN_CODE, NULL, 0);
}

static void ask_about(struct other *o, u64 id)
{
	const struct hv_input_get_memory_balance balance = {
		.partition_id = id,
	};
	const struct hv_input_get_next_child_partition first = {
		.parent_id = HV_PARTITION_ID_SELF,
	}, next = {
		.parent_id = HV_PARTITION_ID_SELF,
		.previous_child_id = id,
	};
	const u64 *out = (u64 *)o->t.out;

	/* Each call that moves pages is one step. */
	if (ask(o, BALANCE, HVCALL_GET_MEMORY_BALANCE, &balance,
		sizeof(balance)) &&
	    out[0] + out[1] && out[0] + out[1] != HVT_CHILD_POOL &&
	    out[0] + out[1] != HVT_CHILD_POOL - SOME)
		wrong(o, BALANCE, out[0] << 32 | out[1]);
	/* There is one child at a time, and ids ascend. */
	if (ask(o, FIRST_CHILD, HVCALL_GET_NEXT_CHILD_PARTITION, &first,
		sizeof(first)) &&
	    out[0] && out[0] < id)
		wrong(o, FIRST_CHILD, out[0]);
	if (ask(o, NEXT_CHILD, HVCALL_GET_NEXT_CHILD_PARTITION, &next,
		sizeof(next)) &&
	    out[0])
		wrong(o, NEXT_CHILD, out[0]);
}

static void reach_into(struct other *o, u64 id)
{
	struct hv_input_write_gpa write = {
		.partition_id = id,
		.byte_count = HV_ACCESS_GPA_MAX,
		.base_gpa = GPA,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
	};
	const u32 *out = (u32 *)o->t.out;
	u32 i;

	for (i = 0; i < HV_ACCESS_GPA_MAX; i++)
		write.data[i] = (u8)WRITTEN;
	if (ask(o, WRITE, HVCALL_WRITE_GPA, &write, sizeof(write))) {
		if (out[0] != HV_ACCESS_GPA_SUCCESS &&
		    out[0] != HV_ACCESS_GPA_UNMAPPED)
			wrong(o, WRITE, out[0]);
		o->moved[WRITE] += out[0] == HV_ACCESS_GPA_SUCCESS;
	}
	/* The header of both is the same. */
	if (!ask(o, READ, HVCALL_READ_GPA, &write,
		 sizeof(struct hv_input_read_gpa)))
		return;
	if (out[0] == HV_ACCESS_GPA_UNMAPPED)
		return;
	if (out[0] != HV_ACCESS_GPA_SUCCESS)
		wrong(o, READ, out[0]);
	o->moved[READ]++;
	for (i = 2; i < 6; i++)
		if (out[i] != FILL && out[i] != WRITTEN)
			wrong(o, READ, out[i]);
}

static void *ask_all(void *arg)
{
	struct other *o = arg;

	run_on(1);
	while (!__atomic_load_n(&o->stop, __ATOMIC_RELAXED)) {
		u64 id = __atomic_load_n(&o->id, __ATOMIC_RELAXED);

		ask_for_id(o);
		ask_about(o, id);
		reach_into(o, id);
		__atomic_fetch_add(&o->rounds, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Until all has been asked at least once as things are now. */
static void let_ask(struct other *o)
{
	u64 rounds = __atomic_load_n(&o->rounds, __ATOMIC_RELAXED);

	while (__atomic_load_n(&o->rounds, __ATOMIC_RELAXED) < rounds + 2)
		sched_yield();
}

/* Of what came back, only the word that the other may write to is not zero. */
static bool came_back_clean(const u8 *page)
{
	const u64 *words = (const u64 *)page;
	u32 i;

	for (i = 1; i < HV_PAGE_SIZE / sizeof(*words); i++)
		if (words[i])
			return false;
	return words[0] <= 1;
}

TEST_F(at_once, W10_C_read_2_calls_that_wait_for_nobody)
{
	struct hvt *t = &self->t;
	struct other *o = &self->o;
	struct hvt_audit audit;
	u32 round, i;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one processor");
	/* Partitions will live in the root's first page, where 0 is their id. */
	o->elsewhere = t->root.pfn[0] << HV_PAGE_SHIFT;
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < HV_PAGE_SIZE / sizeof(u32); i++)
			((u32 *)self->ram.va)[i] = FILL;
		ASSERT_EQ(0, hvt_create(t, &self->id));
		__atomic_store_n(&o->id, self->id, __ATOMIC_RELAXED);
		if (!round)
			ASSERT_EQ(0, pthread_create(&o->thread, NULL, ask_all,
						    o));
		let_ask(o);
		ASSERT_EQ(0, hvt_deposit_all(t, self->id, &self->pool));
		ASSERT_EQ(0, hvt_partition(t, HVCALL_INITIALIZE_PARTITION,
					   self->id));
		ASSERT_EQ(0, hvt_create_vp(t, self->id, 0));
		ASSERT_EQ(0, hvt_map(t, self->id, 0, 3, self->ram.pfn, 1).status);
		let_ask(o);
		ASSERT_EQ(SOME, hvt_withdraw(t, self->id, 0, SOME).reps);
		ASSERT_EQ(SOME, hvt_deposit(t, self->id, (u64 *)t->out,
					    SOME).reps);
		if (!(round % AUDIT_EVERY))
			ASSERT_EQ(0, hvt_audit(t, &audit));
		ASSERT_EQ(0, hvt_partition(t, HVCALL_FINALIZE_PARTITION,
					   self->id));
		ASSERT_EQ(HVT_CHILD_POOL, hvt_drain(t, self->id));
		for (i = 0; i < HVT_CHILD_POOL; i++)
			ASSERT_TRUE(came_back_clean(self->pool.va +
						    i * HV_PAGE_SIZE));
		ASSERT_EQ(0, hvt_partition(t, HVCALL_DELETE_PARTITION,
					   self->id));
		ASSERT_EQ(0, hvt_take_back(t));
		let_ask(o);
		ASSERT_TRUE(came_back_clean(t->root.va));
	}
	ASSERT_EQ(0, hvt_audit(t, &audit));
	__atomic_store_n(&o->stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, pthread_join(o->thread, NULL));

	EXPECT_EQ(0, o->wrong);
	/* It was asked in each state. */
	EXPECT_EQ(legal[OWN_ID_ELSEWHERE], o->seen[OWN_ID_ELSEWHERE]);
	EXPECT_EQ(legal[BALANCE], o->seen[BALANCE]);
	EXPECT_EQ(legal[NEXT_CHILD], o->seen[NEXT_CHILD]);
	for (i = WRITE; i <= READ; i++) {
		EXPECT_EQ(MAY(SUCCESS) | MAY(INVALID_PARTITION_ID) |
			  MAY(INVALID_PARTITION_STATE),
			  o->seen[i] & ~MAY(INVALID_VP_INDEX));
		EXPECT_LE(ROUNDS, o->moved[i]);
	}
}

/* Up to the call that takes its time: nothing is written after that. */
static void *ask_elsewhere(void *arg)
{
	u64 before[HV_DEBUG_VALUES], now[HV_DEBUG_VALUES];
	struct other *o = arg;
	u16 status;

	run_on(1);
	status = hvt_debug_machine(&o->t, HV_DEBUG_LINGER, 0, before);
	do {
		ask(o, OWN_ID_ELSEWHERE, HVCALL_GET_PARTITION_ID, NULL, 0);
		status |= hvt_debug_machine(&o->t, HV_DEBUG_LINGER, 0, now);
	} while (!status && now[HV_DEBUG_LINGER_ENDED] ==
				    before[HV_DEBUG_LINGER_ENDED]);
	if (status)
		wrong(o, OWN_ID_ELSEWHERE, status);
	return NULL;
}

/*
 * The other VP's call has seen that its output page is the root's, and takes
 * its time. The page is no pool's before that call has written to it, and when
 * it comes back nobody writes to it any more.
 */
TEST_F(at_once, W8_W10_deposit_waits_for_a_call_under_way)
{
	u64 before[HV_DEBUG_VALUES], now[HV_DEBUG_VALUES];
	struct hvt *t = &self->t;
	struct other *o = &self->o;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "one processor");
	o->elsewhere = self->pool.pfn[0] << HV_PAGE_SHIFT;
	ASSERT_EQ(0, hvt_create(t, &self->id));
	ASSERT_EQ(0, hvt_debug_machine(t, HV_DEBUG_LINGER, LINGER, before));
	ASSERT_EQ(before[HV_DEBUG_LINGER_BEGUN],
		  before[HV_DEBUG_LINGER_ENDED]);
	ASSERT_EQ(0, pthread_create(&o->thread, NULL, ask_elsewhere, o));
	do {
		ASSERT_EQ(0, hvt_debug_machine(t, HV_DEBUG_LINGER, 0, now));
	} while (now[HV_DEBUG_LINGER_BEGUN] == before[HV_DEBUG_LINGER_BEGUN]);

	ASSERT_EQ(1, hvt_deposit(t, self->id, self->pool.pfn, 1).reps);
	ASSERT_EQ(0, hvt_debug_machine(t, HV_DEBUG_LINGER, 0, now));
	EXPECT_EQ(before[HV_DEBUG_LINGER_ENDED] + 1,
		  now[HV_DEBUG_LINGER_ENDED]);
	ASSERT_EQ(1, hvt_drain(t, self->id));
	ASSERT_EQ(0, pthread_join(o->thread, NULL));
	EXPECT_EQ(0, *(u64 *)self->pool.va);
	EXPECT_EQ(0, o->wrong);
	EXPECT_TRUE(o->seen[OWN_ID_ELSEWHERE] & MAY(SUCCESS));
	ASSERT_EQ(0, hvt_destroy(t, self->id));
}

TEST_HARNESS_MAIN
