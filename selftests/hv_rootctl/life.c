// SPDX-License-Identifier: GPL-2.0
/*
 * Many threads on one file and on many, while processors come and go, while
 * the machine is suspended, and while the file is closed.
 */
#define _GNU_SOURCE
#define HVT_DEVICE HVT_RAWCALL
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "hvtest_harness.h"

#define WORKERS 4
#define POWER "/sys/power/"
#define PM_DELAY "/sys/module/suspend/parameters/pm_test_delay"
#define CPU1 "/sys/devices/system/cpu/cpu1/online"

struct worker {
	pthread_t thread;
	int fd;
	u64 id;
	unsigned int nr;
	u8 *page; /* mapped at GPA nr pages */
	bool *stop;
	u64 rounds;
	u64 wrong;
};

FIXTURE(life) {
	int fd;
	int watch;
	u64 id;
	u8 *pages;
	bool stop;
	struct worker workers[WORKERS];
	struct hv_rootctl_query before;
};

FIXTURE_SETUP(life)
{
	self->watch = hvt_driver();
	self->fd = hvt_driver();
	ASSERT_LE(0, self->watch);
	ASSERT_LE(0, self->fd);
	/* What the root needs for a partition stays with it from here on. */
	ASSERT_EQ(0, hvt_drv_pool(self->watch, HV_ROOTCTL_DEPOSIT,
				  HV_ROOTCTL_SELF, 4, NULL));
	ASSERT_EQ(0, hvt_drv_query(self->watch, &self->before));
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	self->pages = mmap(NULL, 2 * WORKERS * HV_PAGE_SIZE,
			   PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->pages);
	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, 0, self->pages,
				 WORKERS * HV_PAGE_SIZE,
				 HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE));
}

/* With the file goes all that was made, whatever happened meanwhile. */
FIXTURE_TEARDOWN(life)
{
	struct hv_rootctl_query q;

	if (self->fd >= 0)
		EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, hvt_drv_query(self->watch, &q));
	EXPECT_EQ(self->before.pages_deposited, q.pages_deposited);
	EXPECT_EQ(self->before.pages_mapped, q.pages_mapped);
	EXPECT_EQ(self->before.pages_quarantined, q.pages_quarantined);
	EXPECT_EQ(0, hvt_drv_pool(self->watch, HV_ROOTCTL_WITHDRAW,
				  HV_ROOTCTL_SELF, 4, NULL));
	EXPECT_EQ(0, close(self->watch));
}

/* A signal may come at any time: then a call says what it did. */
static bool interrupted(int ret)
{
	return ret && errno == EINTR;
}

/* Put pages in, take as many out: never more than are there. */
static bool move_pages(struct worker *w)
{
	struct hv_rootctl_pool in, out;
	int ret;

	ret = hvt_drv_pool(w->fd, HV_ROOTCTL_DEPOSIT, w->id, 600, &in);
	if (ret ? !interrupted(ret) : in.hv_status || in.pages_done != 600)
		return false;
	if (!in.pages_done)
		return true;
	ret = hvt_drv_pool(w->fd, HV_ROOTCTL_WITHDRAW, w->id, in.pages_done,
			   &out);
	return ret ? interrupted(ret) :
		     !out.hv_status && out.pages_done == in.pages_done;
}

/* Each worker has a page that nobody else writes to. */
static bool write_and_read(struct worker *w)
{
	u64 gpa = w->nr * HV_PAGE_SIZE;
	struct hv_rootctl_access done;
	u8 data[256], back[256];
	int ret;

	memset(data, w->rounds + w->nr, sizeof(data));
	ret = hvt_drv_access(w->fd, HV_ROOTCTL_WRITE_GPA, w->id, gpa, data,
			     sizeof(data), &done);
	if (ret)
		return interrupted(ret);
	ret = hvt_drv_access(w->fd, HV_ROOTCTL_READ_GPA, w->id, gpa, back,
			     sizeof(back), &done);
	if (ret)
		return interrupted(ret);
	return done.bytes_done == sizeof(back) && !done.access_result &&
	       !memcmp(data, back, sizeof(data)) &&
	       !memcmp(data, w->page, sizeof(data));
}

static bool map_and_unmap(struct worker *w)
{
	struct hv_rootctl_unmap cmd = {
		.size = sizeof(cmd),
		.partition_id = w->id,
		.gpa = 0x100000 + w->nr * HV_PAGE_SIZE,
		.length = HV_PAGE_SIZE,
	};
	int ret;

	ret = hvt_drv_map(w->fd, w->id, cmd.gpa,
			  w->page + WORKERS * HV_PAGE_SIZE, HV_PAGE_SIZE,
			  HV_MAP_GPA_READABLE);
	if (ret)
		return interrupted(ret);
	do
		ret = ioctl(w->fd, HV_ROOTCTL_UNMAP, &cmd);
	while (interrupted(ret));
	return !ret && !cmd.hv_status && cmd.bytes_done == HV_PAGE_SIZE;
}

static void *work(void *arg)
{
	static bool (*const jobs[])(struct worker *) = {
		move_pages, write_and_read, map_and_unmap,
	};
	struct worker *w = arg;

	while (!__atomic_load_n(w->stop, __ATOMIC_RELAXED)) {
		w->wrong += !jobs[w->rounds % ARRAY_SIZE(jobs)](w);
		__atomic_store_n(&w->rounds, w->rounds + 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Half of the workers share the file, the others have their own. */
static int start(struct _test_data_life *self)
{
	unsigned int i;

	for (i = 0; i < WORKERS; i++) {
		struct worker *w = &self->workers[i];

		*w = (struct worker){
			.fd = i % 2 ? self->fd : hvt_driver(),
			.id = self->id,
			.nr = i,
			.page = self->pages + i * HV_PAGE_SIZE,
			.stop = &self->stop,
		};
		if (w->fd < 0 || pthread_create(&w->thread, NULL, work, w))
			return -1;
	}
	return 0;
}

/* Until each of them has done so much more, however long that takes. */
static void let_work(struct _test_data_life *self, u64 rounds)
{
	u64 end[WORKERS];
	unsigned int i;

	for (i = 0; i < WORKERS; i++)
		end[i] = rounds + __atomic_load_n(&self->workers[i].rounds,
						  __ATOMIC_RELAXED);
	for (i = 0; i < WORKERS; i++)
		while (__atomic_load_n(&self->workers[i].rounds,
				       __ATOMIC_RELAXED) < end[i])
			usleep(1000);
}

static void finish(struct __test_metadata *_metadata,
		   struct _test_data_life *self)
{
	unsigned int i;

	__atomic_store_n(&self->stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < WORKERS; i++) {
		struct worker *w = &self->workers[i];

		ASSERT_EQ(0, pthread_join(w->thread, NULL));
		EXPECT_EQ(0, w->wrong) TH_LOG("worker %u", i);
		if (w->fd != self->fd)
			EXPECT_EQ(0, close(w->fd));
	}
}

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	int ret = fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;

	close(fd);
	return ret;
}

TEST_F(life, many_threads)
{
	ASSERT_EQ(0, start(self));
	let_work(self, 30);
	finish(_metadata, self);
}

/*
 * A processor that goes offline moves its interrupts of the I/O APIC. In x2APIC
 * mode a root partition does that by hypercalls, with a page of parameters that
 * the processor has no more by then: Linux 6.1 ends in hv_unmap_interrupt().
 */
TEST_F(life, processors_come_and_go)
{
	unsigned int i;

	if (access(CPU1, W_OK))
		SKIP(return, "one processor");
	if (hvt_x2apic())
		SKIP(return, "Linux as root in x2APIC mode keeps processors on");
	ASSERT_EQ(0, start(self));
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(0, put(CPU1, "0"));
		let_work(self, 3);
		EXPECT_EQ(0, put(CPU1, "1"));
		let_work(self, 3);
	}
	finish(_metadata, self);
}

/* Is the word in the file? */
static bool offered(const char *name, const char *word)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	char text[128] = "";
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	close(fd);
	return n > 0 && strstr(text, word);
}

/*
 * A call under way is ended by the freezer like by a signal, says what it did,
 * and is made again after that. How far the suspend goes is up to the kernel:
 * without a sleep that turns the processors off, or when they stay on, it ends
 * before them, and a root partition refuses the last step.
 */
TEST_F(life, suspended)
{
	static const struct {
		const char *level;
		bool deep;
		int err;
	} steps[] = {
		{ "freezer", false, 0 },   { "devices", false, 0 },
		{ "platform", false, 0 },  { "processors", true, 0 },
		{ "core", true, EPERM },
	};
	bool deep = !put(POWER "mem_sleep", "deep");
	unsigned int i, reached = 0;

	if (!offered(POWER "pm_test", "freezer"))
		SKIP(return, "this kernel does not suspend for a test");
	if (!deep && !offered(POWER "state", "freeze"))
		SKIP(return, "this kernel does not suspend");
	put(PM_DELAY, "0");
	ASSERT_EQ(0, start(self));
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		if (steps[i].deep && (!deep || hvt_x2apic()))
			continue;
		ASSERT_EQ(0, put(POWER "pm_test", steps[i].level));
		errno = 0;
		EXPECT_EQ(steps[i].err ? -1 : 0,
			  put(POWER "state", deep ? "mem" : "freeze"))
			TH_LOG("%s", steps[i].level);
		reached++;
		let_work(self, 3);
	}
	EXPECT_EQ(0, put(POWER "pm_test", "none"));
	finish(_metadata, self);
	TH_LOG("%u of %zu steps", reached, ARRAY_SIZE(steps));
}

/* --- the file is closed during a call ---------------------------------------- */

#define MUCH 16000 /* pages */
#define PIECES 2000 /* of a list */
#define TRIES 5

struct closing {
	pthread_t thread;
	int fd;
	u64 id;
	u8 *mem; /* a page, mapped at GPA 0; or more, to be mapped */
	bool (*call)(struct closing *c);
	bool right;
	int err;
};

/* Done, or short of memory: what is in the pool then is the file's as well. */
static bool deposit_much(struct closing *c)
{
	struct hv_rootctl_pool done;
	int ret;

	ret = hvt_drv_pool(c->fd, HV_ROOTCTL_DEPOSIT, c->id, MUCH, &done);
	return (!ret || errno == ENOMEM) && done.pages_done;
}

static bool withdraw_much(struct closing *c)
{
	struct hv_rootctl_pool done;

	return !hvt_drv_pool(c->fd, HV_ROOTCTL_WITHDRAW, c->id, MUCH, &done) &&
	       done.pages_done == MUCH;
}

static bool write_much(struct closing *c)
{
	struct hv_rootctl_access_entry entries[PIECES];
	struct hv_rootctl_access_list cmd = {
		.size = sizeof(cmd),
		.flags = HV_ROOTCTL_LIST_WRITE,
		.partition_id = c->id,
		.entries = (uintptr_t)entries,
		.entry_count = PIECES,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
	unsigned int i;

	for (i = 0; i < PIECES; i++)
		entries[i] = (struct hv_rootctl_access_entry){
			.length = 256, .user_addr = (uintptr_t)c->mem
		};
	return !ioctl(c->fd, HV_ROOTCTL_ACCESS_LIST, &cmd) &&
	       !cmd.hv_status && cmd.entries_done == PIECES;
}

static bool map_much(struct closing *c)
{
	return !hvt_drv_map(c->fd, c->id, 0x10000000, c->mem,
			    MUCH * HV_PAGE_SIZE, HV_MAP_GPA_READABLE);
}

static void *call(void *arg)
{
	struct closing *c = arg;

	errno = 0;
	c->right = c->call(c);
	c->err = errno;
	return NULL;
}

/*
 * Close the file as soon as the call gets on. Returns 1 when it was in time,
 * 0 when the call was through by then, and -1 when something is wrong.
 */
static int close_during(struct closing *c, u8 command)
{
	struct hv_rootctl_progress p = { .size = sizeof(p) };
	bool done = false;

	c->fd = hvt_driver();
	if (c->fd < 0 || hvt_drv_child(c->fd, &c->id) ||
	    hvt_drv_map(c->fd, c->id, 0, c->mem, HV_PAGE_SIZE,
			HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE))
		return -1;
	if (command == HV_ROOTCTL_CMD_WITHDRAW &&
	    hvt_drv_pool(c->fd, HV_ROOTCTL_DEPOSIT, c->id, MUCH, NULL))
		return -1;
	if (pthread_create(&c->thread, NULL, call, c))
		return -1;
	do {
		if (ioctl(c->fd, HV_ROOTCTL_PROGRESS, &p))
			return -1;
		done = pthread_tryjoin_np(c->thread, NULL) == 0;
	} while (!done && p.command != command);
	if (close(c->fd))
		return -1;
	if (!done && pthread_join(c->thread, NULL))
		return -1;
	return c->right ? p.command == command : -1;
}

/*
 * The call goes on to its end, and the file ends after that, with all that it
 * has: the last reference goes with the call, before its thread ends.
 */
TEST_F(life, closed_during_a_call)
{
	static const struct {
		u8 command;
		bool (*call)(struct closing *c);
		u16 code;
	} calls[] = {
		{ HV_ROOTCTL_CMD_DEPOSIT, deposit_much, HVCALL_DEPOSIT_MEMORY },
		{ HV_ROOTCTL_CMD_WITHDRAW, withdraw_much,
		  HVCALL_WITHDRAW_MEMORY },
		{ HV_ROOTCTL_CMD_ACCESS_LIST, write_much, HVCALL_WRITE_GPA },
		{ HV_ROOTCTL_CMD_MAP, map_much, HVCALL_MAP_GPA_PAGES },
	};
	struct hv_rootctl_query before, after;
	struct closing c = { 0 };
	unsigned int i, tries;
	char slow[64];
	struct hvt t;
	int in_time;

	c.mem = mmap(NULL, MUCH * HV_PAGE_SIZE, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)c.mem);
	ASSERT_EQ(0, hvt_open(&t));
	ASSERT_EQ(0, hvt_drv_query(self->watch, &before));
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		c.call = calls[i].call;
		/* So that it can be met, also by who shares its processor. */
		snprintf(slow, sizeof(slow),
			 "call=%#x run=all delay=20000 times=10", calls[i].code);
		tries = TRIES;
		do {
			ASSERT_EQ(0, hvt_fault(&t, slow));
			in_time = close_during(&c, calls[i].command);
			ASSERT_LE(0, in_time) TH_LOG("call %u", i);
			ASSERT_EQ(0, hvt_debug(&t, HV_DEBUG_FAULT_CLEAR, 0,
					       NULL, NULL));
			ASSERT_EQ(0, hvt_drv_query(self->watch, &after));
			EXPECT_EQ(before.pages_deposited,
				  after.pages_deposited);
			EXPECT_EQ(before.pages_mapped, after.pages_mapped);
		} while (!in_time && --tries);
		EXPECT_EQ(1, in_time) TH_LOG("call %u was never seen", i);
	}
	ASSERT_EQ(0, hvt_close(&t));
}

/* Goes on for as long as the hypervisor wants more time. */
static bool map_at_last(struct closing *c)
{
	struct hv_rootctl_map cmd = {
		.size = sizeof(cmd),
		.partition_id = c->id,
		.user_addr = (uintptr_t)c->mem,
		.length = HV_PAGE_SIZE,
		.map_flags = HV_MAP_GPA_READABLE,
		.retry.time_out_limit = ~0U,
	};

	return !ioctl(c->fd, HV_ROOTCTL_MAP, &cmd) && !cmd.hv_status &&
	       cmd.retry.repeated;
}

/* A file that has mapped something, and unmapped it, in its own partition. */
static int driver_that_has_mapped(void *va)
{
	struct hv_rootctl_unmap cmd = {
		.size = sizeof(cmd),
		.length = HV_PAGE_SIZE,
	};
	int fd = hvt_driver();
	u64 id;

	if (fd < 0 || hvt_drv_child(fd, &id) ||
	    hvt_drv_map(fd, id, 0, va, HV_PAGE_SIZE, HV_MAP_GPA_READABLE))
		return -1;
	cmd.partition_id = id;
	return ioctl(fd, HV_ROOTCTL_UNMAP, &cmd) || cmd.hv_status ? -1 : fd;
}

/*
 * Who has nothing there does not wait for a call that does not end, whatever it
 * has elsewhere.
 */
TEST_F(life, closed_beside_a_call_without_end)
{
	struct hv_rootctl_progress p = { .size = sizeof(p) };
	struct closing c = { .fd = self->fd, .call = map_at_last };
	int i, fd, elsewhere;
	struct hvt t;

	ASSERT_EQ(0, hvt_open(&t));
	ASSERT_EQ(0, hvt_drv_child(c.fd, &c.id));
	c.mem = self->pages;
	elsewhere = driver_that_has_mapped(self->pages);
	ASSERT_LE(0, elsewhere);
	ASSERT_EQ(0, hvt_fault(&t, "call=0x4b status=0x78 times=1000000000"));
	ASSERT_EQ(0, pthread_create(&c.thread, NULL, call, &c));
	do {
		ASSERT_EQ(0, ioctl(c.fd, HV_ROOTCTL_PROGRESS, &p));
	} while (p.command != HV_ROOTCTL_CMD_MAP);
	for (i = 0; i < 100; i++) {
		fd = hvt_driver();
		ASSERT_LE(0, fd);
		EXPECT_EQ(0, close(fd));
	}
	EXPECT_EQ(0, close(elsewhere));
	EXPECT_EQ(EBUSY, pthread_tryjoin_np(c.thread, NULL));
	ASSERT_EQ(0, hvt_debug(&t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL));
	ASSERT_EQ(0, pthread_join(c.thread, NULL));
	EXPECT_TRUE(c.right) TH_LOG("errno %d", c.err);
	ASSERT_EQ(0, hvt_close(&t));
}

/* Those that wait for their turn get it, all of them, after it is closed. */
TEST_F(life, closed_while_others_wait)
{
	struct hv_rootctl_query before, after;
	struct closing c[WORKERS] = { 0 };
	struct hv_rootctl_progress p = { .size = sizeof(p) };
	unsigned int i;
	int fd;
	u64 id;

	ASSERT_EQ(0, hvt_drv_query(self->watch, &before));
	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_child(fd, &id));
	for (i = 0; i < WORKERS; i++) {
		c[i] = (struct closing){ .fd = fd,
					 .id = id,
					 .call = deposit_much };
		ASSERT_EQ(0, pthread_create(&c[i].thread, NULL, call, &c[i]));
	}
	do {
		ASSERT_EQ(0, ioctl(fd, HV_ROOTCTL_PROGRESS, &p));
	} while (p.command != HV_ROOTCTL_CMD_DEPOSIT);
	EXPECT_EQ(0, close(fd));
	for (i = 0; i < WORKERS; i++) {
		ASSERT_EQ(0, pthread_join(c[i].thread, NULL));
		/* One that had not begun finds no file. */
		EXPECT_TRUE(c[i].right || c[i].err == EBADF)
			TH_LOG("errno %d", c[i].err);
	}
	ASSERT_EQ(0, hvt_drv_query(self->watch, &after));
	EXPECT_EQ(before.pages_deposited, after.pages_deposited);
}

TEST_HARNESS_MAIN
