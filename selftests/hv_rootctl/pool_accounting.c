// SPDX-License-Identifier: GPL-2.0
/*
 * Every page has one owner at all times, and nothing is lost: not when a
 * program is killed in the middle, not when it just goes away. W2, W11, W12 on
 * the scale of a machine.
 *
 * Three sources are compared: the hypervisor's audit of all frames, the
 * driver's counters, and the kernel's free memory.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sched.h>
#include <sys/time.h>
#include <sys/wait.h>
#include "hvtest_harness.h"

#define MANY_PAGES 100000ULL
/* What a deposit leaves of a small machine, in bytes. */
#define RESERVE (32UL << 20)
/* Time enough to come in between, on any machine. */
#define SLOW_DEPOSIT "call=0x48 run=all delay=10000 times=40"
#define SLOW_WITHDRAW "call=0x49 run=all delay=10000 times=40"
/* What a machine's free memory moves by itself: 4 MiB. */
#define TOLERANCE 1024

struct books {
	struct hvt_audit audit;
	struct hv_rootctl_query query;
	u64 free;
};

FIXTURE(pool_accounting) {
	struct hvt t;
	int fd;
	u64 id;
	struct books before;
};

static int read_books(struct _test_data_pool_accounting *self, struct books *b)
{
	b->free = hvt_free_pages();
	return hvt_audit(&self->t, &b->audit) ||
	       hvt_drv_query(self->fd, &b->query);
}

FIXTURE_SETUP(pool_accounting)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_create(self->fd, 0, &self->id));
	ASSERT_EQ(0, read_books(self, &self->before));
}

FIXTURE_TEARDOWN(pool_accounting)
{
	if (self->fd >= 0)
		EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* The sum over all owners: what no call can change. */
static u64 all_pages(const struct books *b)
{
	return b->audit.v[HV_DEBUG_ROOT_PAGES] +
	       b->audit.v[HV_DEBUG_POOL_PAGES] +
	       b->audit.v[HV_DEBUG_USED_PAGES] +
	       b->audit.v[HV_DEBUG_HYPERVISOR_PAGES];
}

/* @moved pages have gone from the root into pools since the beginning. */
static void expect_moved(struct __test_metadata *_metadata,
			 struct _test_data_pool_accounting *self, u64 moved)
{
	const struct books *a = &self->before;
	struct books b;

	ASSERT_EQ(0, read_books(self, &b));
	EXPECT_EQ(all_pages(a), all_pages(&b));
	EXPECT_EQ(a->audit.v[HV_DEBUG_ROOT_PAGES] - moved,
		  b.audit.v[HV_DEBUG_ROOT_PAGES]);
	EXPECT_EQ(a->audit.v[HV_DEBUG_POOL_PAGES] +
			  a->audit.v[HV_DEBUG_USED_PAGES] + moved,
		  b.audit.v[HV_DEBUG_POOL_PAGES] +
			  b.audit.v[HV_DEBUG_USED_PAGES]);
	EXPECT_EQ(a->query.pages_deposited + moved, b.query.pages_deposited);
	EXPECT_EQ(a->query.pages_quarantined, b.query.pages_quarantined);
	EXPECT_LE(a->free, b.free + moved + TOLERANCE);
	EXPECT_GE(a->free + TOLERANCE, b.free + moved);
}

static u64 balance(struct _test_data_pool_accounting *self)
{
	u64 available, in_use;

	if (hvt_drv_balance(self->fd, self->id, &available, &in_use))
		return ~0ULL;
	return available + in_use;
}

TEST_F(pool_accounting, W2_W12_deposit_and_withdraw_add_up)
{
	static const u64 counts[] = { 1, 511, 512, 513, 5000, 1023 };
	u64 moved = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT,
					  self->id, counts[i], NULL));
		moved += counts[i];
		EXPECT_EQ(moved, balance(self));
		expect_moved(_metadata, self, moved);
	}
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW,
					  self->id, counts[i], NULL));
		moved -= counts[i];
		EXPECT_EQ(moved, balance(self));
		expect_moved(_metadata, self, moved);
	}
}

/*
 * What the kernel can come to refuse to give, in bytes: one and a half of the
 * high watermarks, as they are when they are not raised.
 */
static u64 raised_watermarks(void)
{
	FILE *f = fopen("/proc/zoneinfo", "r");
	u64 pages = 0, boost = 0;
	unsigned long long n;
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, " boost %llu", &n) == 1)
			boost = n;
		else if (sscanf(line, " high %llu", &n) == 1)
			pages += n - boost;
	}
	if (f)
		fclose(f);
	return pages * 3 / 2 * HV_PAGE_SIZE;
}

/* Have a program use memory, that the kernel kills where there is none. */
static bool can_use(size_t bytes)
{
	int status = -1;
	u8 *memory;
	pid_t pid;

	pid = fork();
	if (!pid) {
		memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (memory == MAP_FAILED)
			_exit(1);
		memset(memory, 1, bytes);
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/*
 * More than the machine has: what could be had is deposited and counted, and
 * the machine lives, with memory to run programs in.
 */
TEST_F(pool_accounting, deposit_leaves_a_reserve)
{
	const u64 most_of_it = RESERVE - RESERVE / 4;
	struct hv_rootctl_pool done;
	int ret, err;

	/* Each invocation waits for all processors: make few of them. */
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, HV_REP_MAX,
			       NULL, NULL));
	ret = hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 1ULL << 30,
			   &done);
	err = errno;
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_REP_BUDGET, HVT_REP_BUDGET,
			       NULL, NULL));
	EXPECT_EQ(-1, ret);
	EXPECT_EQ(ENOMEM, err);
	EXPECT_LT(MANY_PAGES, done.pages_done);
	EXPECT_EQ(done.pages_done, balance(self));
	EXPECT_LE(most_of_it + raised_watermarks(),
		  hvt_meminfo("MemAvailable:") * 1024);
	EXPECT_TRUE(can_use(most_of_it));
	EXPECT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, self->id,
				  done.pages_done, &done));
	EXPECT_EQ(0, balance(self));
	expect_moved(_metadata, self, 0);
}

/* No more hypercalls than the ABI's limits ask for. */
TEST_F(pool_accounting, W1_calls_for_many_pages)
{
	struct hv_rootctl_pool done;

	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 5000,
				  &done));
	EXPECT_EQ(5000, done.pages_done);
	EXPECT_EQ((5000 + 510) / 511, done.hypercalls);
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, self->id,
				  5000, &done));
	EXPECT_EQ(5000, done.pages_done);
	EXPECT_EQ((5000 + 511) / 512, done.hypercalls);
}

TEST_F(pool_accounting, W12_active_partition_adds_up)
{
	u8 *page = aligned_alloc(HV_PAGE_SIZE, HV_PAGE_SIZE);
	u32 status;

	ASSERT_NE(NULL, page);
	page[0] = 1;
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 200,
				  NULL));
	ASSERT_EQ(0, hvt_drv_partition(self->fd,
				       HV_ROOTCTL_PARTITION_INITIALIZE,
				       self->id, &status));
	ASSERT_EQ(HV_STATUS_SUCCESS, status);
	ASSERT_EQ(0, hvt_drv_vp(self->fd, HV_ROOTCTL_VP_CREATE, self->id, 0,
				&status));
	ASSERT_EQ(HV_STATUS_SUCCESS, status);
	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, 0x10000, page,
				 HV_PAGE_SIZE, HV_MAP_GPA_READABLE));
	EXPECT_EQ(200, balance(self));
	expect_moved(_metadata, self, 200);
}

/* The file's end is the partition's end. */
TEST_F(pool_accounting, W11_close_gives_everything_back)
{
	u64 child, next = 0;
	struct books warm;
	int fd;

	/* The first child makes the root's own pool grow, the second not. */
	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_child(fd, &child));
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, read_books(self, &warm));

	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_child(fd, &child));
	ASSERT_EQ(0, hvt_drv_pool(fd, HV_ROOTCTL_DEPOSIT, child, 3000, NULL));
	ASSERT_EQ(0, close(fd));
	self->before = warm;
	expect_moved(_metadata, self, 0);

	do {
		ASSERT_EQ(HV_STATUS_SUCCESS,
			  hvt_next_child(&self->t, HV_PARTITION_ID_SELF, next,
					 &next));
		EXPECT_NE(child, next);
	} while (next);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  hvt_withdraw(&self->t, child, 0, 1).status);
}

/* --- held ----------------------------------------------------------------- */

static int hold(struct _test_data_pool_accounting *self, unsigned long request,
		u64 pages, struct hv_rootctl_pool *args)
{
	*args = (struct hv_rootctl_pool){
		.size = sizeof(*args),
		.flags = HV_ROOTCTL_HOLD,
		.partition_id = self->id,
		.page_count = pages,
	};
	return ioctl(self->fd, request, args);
}

static u64 held(struct _test_data_pool_accounting *self)
{
	struct hv_rootctl_query q;

	if (hvt_drv_query(self->fd, &q))
		return ~0ULL;
	return q.pages_held == q.pages_held_here ? q.pages_held : ~0ULL;
}

/* Out of the pool, not the kernel's yet, and back into the pool. */
TEST_F(pool_accounting, W2_held_pages_add_up)
{
	struct hv_rootctl_pool args;
	u64 before;

	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id,
				  20000, NULL));
	before = hvt_free_pages();
	ASSERT_EQ(0, hold(self, HV_ROOTCTL_WITHDRAW, 15000, &args));
	EXPECT_EQ(15000, args.pages_done);
	EXPECT_EQ(15000, held(self));
	EXPECT_EQ(5000, balance(self));
	EXPECT_GT(before + TOLERANCE, hvt_free_pages());

	ASSERT_EQ(-1, hold(self, HV_ROOTCTL_DEPOSIT, 15001, &args));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(15000, args.pages_done);
	EXPECT_EQ(0, held(self));
	EXPECT_EQ(20000, balance(self));
	expect_moved(_metadata, self, 20000);

	ASSERT_EQ(0, hold(self, HV_ROOTCTL_WITHDRAW, 20000, &args));
	EXPECT_EQ(20000, held(self));
	/* They end with the file, like the partition. */
	ASSERT_EQ(0, close(self->fd));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(0, held(self));
	EXPECT_GT(hvt_free_pages() + TOLERANCE, before + 20000);
}

/* The answer cannot be written: the pages are where they would be anyhow. */
TEST_F(pool_accounting, W2_withdraw_without_an_answer)
{
	struct hv_rootctl_pool *args;
	unsigned int keep;

	args = mmap(NULL, HV_PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)args);
	for (keep = 0; keep < 2; keep++) {
		ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT,
					  self->id, 3000, NULL));
		ASSERT_EQ(0, mprotect(args, HV_PAGE_SIZE,
				      PROT_READ | PROT_WRITE));
		*args = (struct hv_rootctl_pool){
			.size = sizeof(*args),
			.flags = keep ? HV_ROOTCTL_HOLD : 0,
			.partition_id = self->id,
			.page_count = 3000,
		};
		ASSERT_EQ(0, mprotect(args, HV_PAGE_SIZE, PROT_READ));
		ASSERT_EQ(-1, ioctl(self->fd, HV_ROOTCTL_WITHDRAW, args));
		EXPECT_EQ(EFAULT, errno);
		EXPECT_EQ(0, balance(self));
		EXPECT_EQ(keep ? 3000 : 0, held(self));
		if (!keep)
			expect_moved(_metadata, self, 0);
	}
	ASSERT_EQ(0, munmap(args, HV_PAGE_SIZE));
}

/* --- killed --------------------------------------------------------------- */

/*
 * Let a process of its own make the ioctl, and kill it when the driver's
 * counter says that it is in the middle. Returns its wait status, or -1.
 */
static int kill_in_the_middle(struct _test_data_pool_accounting *self, int fd,
			      unsigned long request, u64 id, bool deposit)
{
	struct hv_rootctl_query start, now;
	int status;
	pid_t pid;

	if (hvt_drv_query(self->fd, &start) ||
	    hvt_fault(&self->t, deposit ? SLOW_DEPOSIT : SLOW_WITHDRAW))
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (!pid) {
		hvt_drv_pool(fd, request, id, MANY_PAGES, NULL);
		_exit(0);
	}
	do {
		sched_yield();
		if (hvt_drv_query(self->fd, &now) ||
		    waitpid(pid, &status, WNOHANG))
			return -1;
	} while (deposit ?
			 now.pages_deposited < start.pages_deposited + 5000 :
			 now.pages_withdrawn < start.pages_withdrawn + 5000);
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return hvt_debug(&self->t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL) ?
		       -1 : status;
}

/* The file is shared and stays open: what was not withdrawn is still there. */
TEST_F(pool_accounting, W2_sigkill_in_the_middle_of_a_withdraw)
{
	struct hv_rootctl_query q;
	int status, fd;
	u64 left;

	/* The killed process uses this file, we use another. */
	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id,
				  MANY_PAGES, NULL));
	EXPECT_EQ(MANY_PAGES, balance(self));
	expect_moved(_metadata, self, MANY_PAGES);

	status = kill_in_the_middle(self, fd, HV_ROOTCTL_WITHDRAW, self->id,
				    false);
	ASSERT_NE(-1, status);
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

	left = balance(self);
	EXPECT_LT(0, left);
	EXPECT_GT(MANY_PAGES, left);
	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_EQ(MANY_PAGES - left,
		  q.pages_withdrawn - self->before.query.pages_withdrawn);
	expect_moved(_metadata, self, left);

	/* What is left can be had as if nothing had been. */
	EXPECT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, self->id,
				  left, NULL));
	EXPECT_EQ(0, balance(self));
	expect_moved(_metadata, self, 0);
	EXPECT_EQ(0, close(fd));
}

TEST_F(pool_accounting, sigkill_in_the_middle_of_a_deposit)
{
	int status, fd;
	u64 done;

	fd = hvt_driver();
	ASSERT_LE(0, fd);
	status = kill_in_the_middle(self, fd, HV_ROOTCTL_DEPOSIT, self->id,
				    true);
	ASSERT_NE(-1, status);
	EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	done = balance(self);
	EXPECT_LT(0, done);
	EXPECT_GT(MANY_PAGES, done);
	expect_moved(_metadata, self, done);
	EXPECT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, self->id,
				  done, NULL));
	expect_moved(_metadata, self, 0);
	EXPECT_EQ(0, close(fd));
}

/* Killed with everything in its hands: the partition goes with it. */
TEST_F(pool_accounting, sigkill_of_the_owner)
{
	struct books b;
	int pipes[2], status;
	pid_t pid;
	char go;
	u64 id;

	ASSERT_EQ(0, pipe(pipes));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		int fd = hvt_driver();

		if (fd < 0 || hvt_drv_child(fd, &id) ||
		    hvt_drv_pool(fd, HV_ROOTCTL_DEPOSIT, id, 20000, NULL) ||
		    write(pipes[1], &id, sizeof(id)) != sizeof(id))
			_exit(1);
		for (;;)
			pause();
	}
	close(pipes[1]);
	ASSERT_EQ(sizeof(id), read(pipes[0], &id, sizeof(id)));
	ASSERT_EQ(0, read_books(self, &b));
	EXPECT_LE(self->before.query.pages_deposited + 20000,
		  b.query.pages_deposited);

	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	/* The file is closed when the last reader of the pipe sees its end. */
	EXPECT_EQ(0, read(pipes[0], &go, 1));
	ASSERT_EQ(0, read_books(self, &b));
	EXPECT_EQ(self->before.audit.v[HV_DEBUG_PARTITIONS],
		  b.audit.v[HV_DEBUG_PARTITIONS]);
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
		  hvt_withdraw(&self->t, id, 0, 1).status);
	/* But for a page that the root's own pool may have grown by. */
	EXPECT_GE(self->before.query.pages_deposited + 8,
		  b.query.pages_deposited);
	EXPECT_EQ(all_pages(&self->before), all_pages(&b));
}

/* An uncaught signal in between: what was done is told. */
static void on_alarm(int sig)
{
	(void)sig;
}

TEST_F(pool_accounting, W2_interrupted_withdraw_tells_what_was_done)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct hv_rootctl_pool done;
	const struct itimerval timer = { { .tv_usec = 20000 },
					 { .tv_usec = 20000 } };
	const struct itimerval off = {};
	unsigned int interrupted = 0;
	u64 sum = 0;
	int err = 0;

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id,
				  MANY_PAGES, NULL));
	/* It would take longer than the timer, if nobody interrupted it. */
	ASSERT_EQ(0, hvt_fault(&self->t, SLOW_WITHDRAW));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	while (sum < MANY_PAGES && !err) {
		err = hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, self->id,
				   MANY_PAGES - sum, &done) ? errno : 0;
		sum += done.pages_done;
		ASSERT_EQ(MANY_PAGES - sum, balance(self));
		if (err != EINTR)
			continue;
		err = 0;
		if (done.pages_done) {
			ASSERT_EQ(0, setitimer(ITIMER_REAL, &off, NULL));
			interrupted++;
		}
	}
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL));
	EXPECT_EQ(0, err);
	EXPECT_EQ(MANY_PAGES, sum);
	EXPECT_EQ(1, interrupted);
	expect_moved(_metadata, self, 0);
}

TEST_HARNESS_MAIN
