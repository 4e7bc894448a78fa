// SPDX-License-Identifier: GPL-2.0
/*
 * Ioctls by chance, from several threads of several processes, on files that
 * are closed and inherited, with memory that comes and goes, signals at any
 * time, processes that are killed, allocations that fail, and a hypervisor
 * that refuses what it does not refuse elsewhere. After each round all is put
 * away, and the books are exactly as they were before.
 *
 * Where the driver is built with KCOV_INSTRUMENT=y, inputs that reach what no
 * other has reached are kept and varied. Elsewhere all of them are new.
 *
 * On the kernel's command line: hvfuzz_seconds=N plays for so long, or for
 * hvfuzz_rounds=N, if that takes longer; hvfuzz_seed=N begins elsewhere;
 * hvfuzz_alone=1 is one process with one thread, and nothing that disturbs
 * it, so that the same seed does the same again.
 */
#define _GNU_SOURCE
#define HVT_DEVICE HVT_RAWCALL
#include <fcntl.h>
#include <linux/kcov.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include "hvtest_failing.h"
#include "hvtest_fuzz.h"
#include "hvtest_harness.h"
#include "hvtest_pages.h"
#include "hvtest_raw.h"

#define ROUNDS 4U
#define PROCESSES 2U
#define THREADS 3U
#define INPUTS 40U /* of each thread in a round */

/*
 * Pages without a mark that a round may leave: stacks of dead threads, and
 * what a kernel that watches itself writes down, most of it in the beginning.
 */
#define NOISE 32
#define NOISE_WATCHED 128

#define KCOV "/sys/kernel/debug/kcov"
#define KCOV_WORDS (64UL << 10)
#define EDGES (64U << 10)
#define KEPT 2048U

/* What the inputs have reached, and those that were the first to do so. */
struct corpus {
	u8 reached[EDGES];
	u64 edges;
	u32 kept;
	bool ready[KEPT];
	struct fuzz_input inputs[KEPT];
};

struct shared {
	struct fuzz_world world;
	struct corpus corpus;
	u64 inputs;
};

struct coverage {
	int fd;
	u64 *pcs; /* NULL: there is none */
};

struct books {
	struct hvt_audit audit;
	struct hv_rootctl_query query;
	struct hvt_marks marks;
};

FIXTURE(fuzz)
{
	struct hvt t;
	int watch;
	u64 seed;
	u64 seconds;
	u64 rounds;
	s64 noise;
	bool alone;
	struct coverage cov[PROCESSES * THREADS];
	struct fuzz_memory mem;
	struct shared *shared;
	struct books before;
	u64 unmarked; /* after the last round */
};

struct thread {
	pthread_t thread;
	struct _test_data_fuzz *self;
	struct fuzz_player player;
	u64 random;
	bool done;
};

/* --- inputs ------------------------------------------------------------------ */

static u64 rnd(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static u32 below(u64 *state, u32 n)
{
	return (rnd(state) >> 16) % n;
}

static void new_input(u64 *random, struct fuzz_input *in)
{
	u32 i;

	in->length = FUZZ_BYTES / 4 + below(random, FUZZ_BYTES * 3 / 4);
	for (i = 0; i < in->length; i++)
		in->bytes[i] = rnd(random) >> 16;
}

/* Another byte, one more, one less, or the end of another input. */
static void vary_input(u64 *random, const struct corpus *c, u32 kept,
		       struct fuzz_input *in)
{
	u32 at = below(random, in->length);
	u32 rest = in->length - at;
	const struct fuzz_input *other = &c->inputs[below(random, kept)];

	switch (below(random, 4)) {
	case 0:
		in->bytes[at] = rnd(random) >> 16;
		break;
	case 1:
		if (in->length == FUZZ_BYTES)
			break;
		memmove(in->bytes + at + 1, in->bytes + at, rest);
		in->bytes[at] = rnd(random) >> 16;
		in->length++;
		break;
	case 2:
		if (in->length < 2)
			break;
		memmove(in->bytes + at, in->bytes + at + 1, rest - 1);
		in->length--;
		break;
	case 3:
		if (other->length <= at)
			break;
		memcpy(in->bytes + at, other->bytes + at, other->length - at);
		in->length = other->length;
	}
}

static void next_input(u64 *random, const struct corpus *c,
		       struct fuzz_input *in)
{
	u32 kept = __atomic_load_n(&c->kept, __ATOMIC_ACQUIRE);
	u32 i, n;

	kept = kept < KEPT ? kept : KEPT;
	i = kept ? below(random, kept) : 0;
	/* One that is being written down is passed over. */
	if (!kept || !below(random, 4) ||
	    !__atomic_load_n(&c->ready[i], __ATOMIC_ACQUIRE))
		return new_input(random, in);
	*in = c->inputs[i];
	for (n = 1 + below(random, 4); n; n--)
		vary_input(random, c, kept, in);
}

/* --- what they reach --------------------------------------------------------- */

/* For a thread that is to come, in this process or after a fork. */
static void coverage_init(struct coverage *cov)
{
	cov->fd = open(KCOV, O_RDWR | O_CLOEXEC);
	if (cov->fd < 0 || ioctl(cov->fd, KCOV_INIT_TRACE, KCOV_WORDS))
		return;
	cov->pcs = mmap(NULL, KCOV_WORDS * sizeof(u64), PROT_READ | PROT_WRITE,
			MAP_SHARED, cov->fd, 0);
	if (cov->pcs == MAP_FAILED)
		cov->pcs = NULL;
}

static void coverage_begin(struct coverage *cov)
{
	if (cov->pcs)
		__atomic_store_n(&cov->pcs[0], 0, __ATOMIC_RELAXED);
}

/* Returns how many steps from one place to the next were never seen before. */
static u32 coverage_end(struct coverage *cov, struct corpus *c)
{
	u64 n, i, last = 0;
	u32 edge, new = 0;

	if (!cov->pcs)
		return 0;
	n = __atomic_load_n(&cov->pcs[0], __ATOMIC_RELAXED);
	for (i = 1; i <= n && i < KCOV_WORDS; i++) {
		edge = (cov->pcs[i] ^ last >> 1) * 0x9e3779b97f4a7c15ULL >> 48;
		last = cov->pcs[i];
		if (!c->reached[edge % EDGES])
			new += !__atomic_exchange_n(&c->reached[edge % EDGES],
						    1, __ATOMIC_RELAXED);
	}
	__atomic_fetch_add(&c->edges, new, __ATOMIC_RELAXED);
	return new;
}

static void keep_input(struct corpus *c, const struct fuzz_input *in)
{
	u32 i = __atomic_fetch_add(&c->kept, 1, __ATOMIC_RELAXED);

	if (i >= KEPT)
		return;
	c->inputs[i] = *in;
	__atomic_store_n(&c->ready[i], true, __ATOMIC_RELEASE);
}

/* --- players ----------------------------------------------------------------- */

static void *play(void *arg)
{
	struct thread *t = arg;
	struct coverage *cov = &t->self->cov[t->player.nr];
	struct shared *shared = t->self->shared;
	struct fuzz_input in;
	u32 i;

	t->player.fail = open(HVT_FAIL_NTH, O_RDWR | O_CLOEXEC);
	if (cov->pcs)
		ioctl(cov->fd, KCOV_ENABLE, KCOV_TRACE_PC);
	for (i = 0; i < INPUTS; i++) {
		next_input(&t->random, &shared->corpus, &in);
		coverage_begin(cov);
		fuzz_run(&t->player, &in);
		__atomic_fetch_add(&shared->inputs, 1, __ATOMIC_RELAXED);
		if (coverage_end(cov, &shared->corpus))
			keep_input(&shared->corpus, &in);
	}
	if (cov->pcs)
		ioctl(cov->fd, KCOV_DISABLE, 0);
	close(t->player.fail);
	__atomic_store_n(&t->done, true, __ATOMIC_RELEASE);
	return NULL;
}

static void no_signal(int nr)
{
	(void)nr;
}

/* Signals, memory that goes away, a structure that changes while it is read. */
static void disturb(struct _test_data_fuzz *self, struct thread *threads,
		    unsigned int first, u64 *random)
{
	unsigned int i = below(random, THREADS);
	u32 *arg = (u32 *)(self->mem.steady + (first + i) * HV_PAGE_SIZE);

	if (!__atomic_load_n(&threads[i].done, __ATOMIC_ACQUIRE))
		pthread_kill(threads[i].thread, SIGUSR1);
	fuzz_memory_shake(&self->mem, below(random, 8));
	if (!below(random, 4))
		__atomic_store_n(arg, below(random, 256), __ATOMIC_RELAXED);
	usleep(500 + below(random, 2000));
}

/* One process. It leaves everything to its end to be put away. */
static int play_all(struct _test_data_fuzz *self, unsigned int nr, u64 random)
{
	unsigned int i, running, threads = self->alone ? 1 : THREADS;
	struct sigaction sa = { .sa_handler = no_signal };
	struct thread t[THREADS];

	sigaction(SIGUSR1, &sa, NULL);
	for (i = 0; i < FUZZ_SLOTS; i++) {
		int fd = hvt_driver();

		if (dup3(fd, FUZZ_SLOT_FD + i, O_CLOEXEC) < 0 || close(fd))
			return 1;
	}
	for (i = 0; i < threads; i++) {
		t[i] = (struct thread){
			.self = self,
			.random = rnd(&random) | 1,
			.player = { .world = &self->shared->world,
				    .mem = &self->mem,
				    .nr = nr * THREADS + i },
		};
		if (pthread_create(&t[i].thread, NULL, play, &t[i]))
			return 1;
	}
	do {
		running = 0;
		for (i = 0; i < threads; i++)
			running +=
				!__atomic_load_n(&t[i].done, __ATOMIC_ACQUIRE);
		if (self->alone)
			usleep(1000);
		else
			disturb(self, t, nr * THREADS, &random);
	} while (running);
	for (i = 0; i < threads; i++)
		pthread_join(t[i].thread, NULL);
	return 0;
}

/* --- the hypervisor ---------------------------------------------------------- */

/*
 * What it says is true, but for page numbers that it makes up: after a lie
 * about what it has done the books could not agree.
 */
static void refuse_something(struct hvt *t, u64 *random)
{
	static const u16 calls[] = {
		HVCALL_CREATE_PARTITION,   HVCALL_INITIALIZE_PARTITION,
		HVCALL_FINALIZE_PARTITION, HVCALL_DELETE_PARTITION,
		HVCALL_DEPOSIT_MEMORY,	   HVCALL_WITHDRAW_MEMORY,
		HVCALL_GET_MEMORY_BALANCE, HVCALL_MAP_GPA_PAGES,
		HVCALL_UNMAP_GPA_PAGES,	   HVCALL_CREATE_VP,
		HVCALL_READ_GPA,	   HVCALL_WRITE_GPA,
	};
	static const u16 statuses[] = {
		HV_STATUS_ACCESS_DENIED,
		HV_STATUS_INVALID_PARTITION_STATE,
		HV_STATUS_INSUFFICIENT_MEMORY,
		HV_STATUS_NO_RESOURCES,
		HV_STATUS_TIME_OUT,
		0xfff,
	};
	static const char *const pages[] = {
		"foreign", "duplicate",	 "unaligned",
		"outside", "hypervisor", "zero",
	};
	u32 nth = 1 + below(random, 4), run = below(random, 9);
	char line[120];

	if (!below(random, 8)) {
		hvt_debug(t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL);
		hvt_debug(t, HV_DEBUG_REP_BUDGET, 1 + below(random, 100), NULL,
			  NULL);
	} else if (!below(random, 4)) {
		snprintf(line, sizeof(line),
			 "call=%#x nth=%u run=%u pages=%s:%u",
			 HVCALL_WITHDRAW_MEMORY, nth, run,
			 pages[below(random, ARRAY_SIZE(pages))],
			 1 + below(random, 9));
		hvt_fault(t, line);
	} else {
		snprintf(line, sizeof(line),
			 "call=%#x nth=%u run=%u status=%#x",
			 calls[below(random, ARRAY_SIZE(calls))], nth, run,
			 statuses[below(random, ARRAY_SIZE(statuses))]);
		hvt_fault(t, line);
	}
}

/* --- a round ----------------------------------------------------------------- */

/*
 * Wait for the players, make life hard for them meanwhile, and end one of them
 * before its time. Returns how many did not end as they should.
 */
static unsigned int attend(struct _test_data_fuzz *self, unsigned int round,
			   pid_t *pids, u64 *random)
{
	unsigned int i, bad = 0, running = self->alone ? 1 : PROCESSES;
	unsigned int patience = round % 4 == 3 ? 20 + below(random, 200) : 0;
	pid_t killed = 0;
	int status;
	pid_t pid;

	while (running) {
		pid = waitpid(-1, &status, WNOHANG);
		if (pid < 0)
			return bad + 1;
		if (pid) {
			bad += pid == killed ? WIFEXITED(status) &&
						       WEXITSTATUS(status) :
					       status != 0;
			for (i = 0; i < PROCESSES; i++)
				pids[i] = pids[i] == pid ? 0 : pids[i];
			running--;
			continue;
		}
		if (round % 2 && !self->alone)
			refuse_something(&self->t, random);
		if (patience && !--patience && pids[0]) {
			killed = pids[0];
			kill(killed, SIGKILL);
		}
		usleep(3000);
	}
	return bad;
}

static unsigned int play_round(struct _test_data_fuzz *self, unsigned int round)
{
	u64 random = (self->seed + round) * 0x9e3779b97f4a7c15ULL | 1;
	unsigned int nr, processes = self->alone ? 1 : PROCESSES;
	pid_t pids[PROCESSES] = { 0 };

	fuzz_memory_shake(&self->mem, 3);
	for (nr = 0; nr < processes; nr++) {
		u64 theirs = rnd(&random);

		pids[nr] = fork();
		if (!pids[nr])
			_exit(play_all(self, nr, theirs));
	}
	return attend(self, round, pids, &random);
}

/* What was detached is there still, and so is the root's own pool. */
static int put_away(struct _test_data_fuzz *self)
{
	struct hvt *t = &self->t;
	struct hv_rootctl_pool done;
	u32 status;
	u64 id;

	if (hvt_debug(t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL) ||
	    hvt_debug(t, HV_DEBUG_REP_BUDGET, HVT_REP_BUDGET, NULL, NULL))
		return -1;
	/* Left-overs are seen to whenever a file is closed. */
	close(hvt_driver());
	while (!hvt_next_child(t, HV_PARTITION_ID_SELF, 0, &id) && id) {
		hvt_drv_partition(self->watch, HV_ROOTCTL_PARTITION_FINALIZE,
				  id, &status);
		hvt_drv_pool(self->watch, HV_ROOTCTL_WITHDRAW, id, ~0ULL,
			     &done);
		if (hvt_drv_partition(self->watch, HV_ROOTCTL_PARTITION_DELETE,
				      id, &status) ||
		    status)
			return -1;
	}
	return hvt_drv_pool(self->watch, HV_ROOTCTL_WITHDRAW, HV_ROOTCTL_SELF,
			    ~0ULL, &done);
}

static int read_books(struct _test_data_fuzz *self, struct books *b)
{
	return hvt_audit(&self->t, &b->audit) ||
	       hvt_drv_query(self->watch, &b->query) || hvt_scan(&b->marks);
}

/* Compared with the round before, because the kernel's own become no fewer. */
static s64 newly_unmarked(const struct _test_data_fuzz *self,
			  const struct books *now)
{
	return now->marks.unmarked - self->unmarked;
}

static void check_books(struct __test_metadata *_metadata,
			struct _test_data_fuzz *self, unsigned int round)
{
	const struct books *before = &self->before;
	time_t patience = hvt_patience();
	struct books now;

	ASSERT_EQ(0, read_books(self, &now));
	while (round && newly_unmarked(self, &now) > self->noise &&
	       !hvt_is_over(patience)) {
		usleep(HVT_PAUSE);
		ASSERT_EQ(0, read_books(self, &now));
	}
	EXPECT_TRUE(hvt_audit_equal(&before->audit, &now.audit));
	EXPECT_EQ(before->query.pages_deposited, now.query.pages_deposited);
	EXPECT_EQ(before->query.pages_mapped, now.query.pages_mapped);
	EXPECT_EQ(before->query.pages_held, now.query.pages_held);
	EXPECT_EQ(now.query.pages_deposited, now.marks.offline);
	/* The first time, things are allocated that stay. */
	if (round)
		EXPECT_GE(self->noise, newly_unmarked(self, &now));
	self->unmarked = now.marks.unmarked;
}

/* --- the test ---------------------------------------------------------------- */

static u64 wanted(const char *name, u64 otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : otherwise;
}

FIXTURE_SETUP(fuzz)
{
	struct hv_rootctl_pool done;
	unsigned int i;

	self->seed = wanted("hvfuzz_seed", 1);
	self->seconds = wanted("hvfuzz_seconds", 0);
	self->rounds = wanted("hvfuzz_rounds", ROUNDS);
	self->alone = wanted("hvfuzz_alone", 0);
	/* Before there is memory that a process must not inherit. */
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	ASSERT_EQ(0, fuzz_memory_init(&self->mem));
	for (i = 0; i < ARRAY_SIZE(self->cov); i++)
		coverage_init(&self->cov[i]);
	ASSERT_EQ(0, hvt_open(&self->t));
	self->watch = hvt_driver();
	ASSERT_LE(0, self->watch);
	ASSERT_EQ(0, hvt_raw_allow(1));
	/* What earlier programs left with the root. */
	ASSERT_EQ(0, hvt_drv_pool(self->watch, HV_ROOTCTL_WITHDRAW,
				  HV_ROOTCTL_SELF, ~0ULL, &done));
	/* Not every kernel can be told to fail: then nothing fails. */
	self->noise = hvt_arm_kernel() ? NOISE : NOISE_WATCHED;
	self->shared->world.self_id = hvt_own_id(&self->t);
	ASSERT_EQ(0, read_books(self, &self->before));
}

FIXTURE_TEARDOWN(fuzz)
{
	EXPECT_EQ(0, hvt_raw_allow(0));
	EXPECT_EQ(0, close(self->watch));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* A test that is refused all the time would not show much. */
static void check_reach(struct __test_metadata *_metadata,
			struct _test_data_fuzz *self)
{
	const struct shared *s = self->shared;
	unsigned int i;

	for (i = 0; i < fuzz_nr_ioctls; i++) {
		const struct fuzz_tally *t = &s->world.tally[i];

		TH_LOG("%-20s %7llu calls %7llu accepted %7llu done",
		       fuzz_ioctl_name(i), t->calls, t->accepted, t->done);
		/* In fewer rounds it may be so, by chance. */
		if (self->rounds < ROUNDS)
			continue;
		EXPECT_LT(0, t->done);
		EXPECT_LT(t->accepted, t->calls);
	}
	TH_LOG("seed %llu: %llu inputs, %u kept, %llu edges, %llu failures of the kernel",
	       self->seed, s->inputs, s->corpus.kept, s->corpus.edges,
	       s->world.failures);
}

TEST_F_TIMEOUT(fuzz, books_agree, 3600)
{
	time_t end = time(NULL) + self->seconds;
	unsigned int round;

	for (round = 0; round < self->rounds || time(NULL) < end; round++) {
		EXPECT_EQ(0, play_round(self, round));
		ASSERT_EQ(0, put_away(self)) TH_LOG("round %u", round);
		check_books(_metadata, self, round);
		if (!HVT_PASSED(_metadata)) {
			TH_LOG("in round %u, seed %llu", round, self->seed);
			return;
		}
	}
	check_reach(_metadata, self);
}

/* An ioctl that is added is added here, too. */
TEST_F(fuzz, knows_every_ioctl)
{
	bool known[256] = { false };
	unsigned int nr, i;

	for (i = 0; i < fuzz_nr_ioctls; i++)
		known[fuzz_ioctl_nr(i)] = true;
	for (nr = 0; nr < ARRAY_SIZE(known); nr++) {
		EXPECT_EQ(known[nr], hvt_drv_knows(self->watch, nr))
			TH_LOG("ioctl %#x", nr);
	}
}

TEST_HARNESS_MAIN
