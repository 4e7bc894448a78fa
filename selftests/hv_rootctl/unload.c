// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading the driver: not while it is in use, not while the
 * hypervisor has pages whose owner only the driver knows.
 */
#define HVT_DEVICE HVT_DRIVER
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include "hvtest_harness.h"

#define RELOADS 100
#define OPENERS 2

#define MODULE "hv_rootctl"
#define MODULE_FILE "/modules/" MODULE ".ko"

static int unload(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) ? errno : 0;
}

static int load(void)
{
	int fd, ret;

	fd = open(MODULE_FILE, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	ret = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	return ret;
}

/* Take back what earlier programs left with the root itself. */
static int empty_own_pool(int fd)
{
	struct hv_rootctl_query q;
	struct hv_rootctl_pool done;

	if (hvt_drv_query(fd, &q))
		return -1;
	if (q.pages_deposited &&
	    hvt_drv_pool(fd, HV_ROOTCTL_WITHDRAW, HV_ROOTCTL_SELF,
			 q.pages_deposited, &done))
		return -1;
	return hvt_drv_query(fd, &q) || q.pages_deposited ? -1 : 0;
}

struct opener {
	pthread_t thread;
	bool stop;
	u64 opened;
	u64 absent;
	u64 wrong;
};

FIXTURE(unload) {
	int fd;
};

FIXTURE_SETUP(unload)
{
	ASSERT_EQ(0, access(MODULE_FILE, R_OK));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, empty_own_pool(self->fd));
}

FIXTURE_TEARDOWN(unload)
{
	/* The next program finds it loaded. */
	if (access(HVT_DRIVER, F_OK))
		EXPECT_EQ(0, load());
}

TEST_F(unload, refused_while_a_file_is_open)
{
	EXPECT_EQ(EAGAIN, unload());
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, unload());
}

TEST_F(unload, refused_while_pages_are_deposited)
{
	u32 status;
	u64 id;

	ASSERT_EQ(0, hvt_drv_create(self->fd, HV_ROOTCTL_DETACHED, &id));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, id, 3, NULL));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(EAGAIN, unload());
	ASSERT_EQ(0, access(HVT_DRIVER, F_OK));

	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, id, 3, NULL));
	ASSERT_EQ(0, hvt_drv_partition(self->fd, HV_ROOTCTL_PARTITION_DELETE,
				       id, &status));
	ASSERT_EQ(HV_STATUS_SUCCESS, status);
	ASSERT_EQ(0, empty_own_pool(self->fd));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(0, unload());
	EXPECT_NE(0, access(HVT_DRIVER, F_OK));
}

/* A partition that comes and goes. */
static int use_it(void)
{
	int fd = hvt_driver();
	u64 id;

	if (fd < 0 || hvt_drv_child(fd, &id) || close(fd))
		return -1;
	/* With it went the use of what the root had deposited. */
	fd = hvt_driver();
	return fd < 0 || empty_own_pool(fd) || close(fd);
}

/*
 * A partition whose pages the hypervisor keeps: refused for as long as it
 * does. The partition is done away with when a file is closed after that.
 */
static int hold_it_back(struct hvt *t)
{
	int fd = hvt_driver();
	u64 id;

	if (fd < 0 || hvt_drv_child(fd, &id) ||
	    hvt_fault(t, "call=0x49 status=0x78 times=0") || close(fd))
		return -1;
	if (unload() != EAGAIN || access(HVT_DRIVER, F_OK) ||
	    hvt_debug(t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL))
		return -1;
	/* Left-overs are seen to when a file is closed, the root's remain. */
	if (close(hvt_driver()))
		return -1;
	fd = hvt_driver();
	return fd < 0 || empty_own_pool(fd) || close(fd);
}

TEST_F(unload, again_and_again)
{
	struct hvt_audit before, after;
	struct hvt t;
	unsigned int i;

	ASSERT_EQ(0, hvt_open(&t));
	ASSERT_EQ(0, hvt_audit(&t, &before));
	ASSERT_EQ(0, close(self->fd));
	for (i = 0; i < RELOADS; i++) {
		ASSERT_EQ(0, unload()) TH_LOG("time %u", i);
		ASSERT_EQ(0, load()) TH_LOG("time %u", i);
		ASSERT_EQ(0, i % 4 ? use_it() : hold_it_back(&t))
			TH_LOG("time %u", i);
	}
	ASSERT_EQ(0, hvt_audit(&t, &after));
	EXPECT_TRUE(hvt_audit_equal(&before, &after));
	EXPECT_EQ(0, hvt_close(&t));
}

/* Opens, asks and closes, whenever there is something to be opened. */
static void *open_and_ask(void *arg)
{
	struct opener *o = arg;
	struct hv_rootctl_query q;
	int fd;

	while (!__atomic_load_n(&o->stop, __ATOMIC_RELAXED)) {
		fd = hvt_driver();
		if (fd < 0) {
			/* Not yet, not any more, or on its way out. */
			o->wrong += errno != ENOENT && errno != ENODEV &&
				    errno != ENXIO;
			__atomic_fetch_add(&o->absent, 1, __ATOMIC_RELAXED);
			continue;
		}
		o->wrong += hvt_drv_query(fd, &q) || q.page_size != HV_PAGE_SIZE;
		o->wrong += !!close(fd);
		__atomic_fetch_add(&o->opened, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Has somebody found the device, and somebody found none? */
static bool both_seen(const struct opener *openers)
{
	u64 absent = 0, opened = 0;
	unsigned int i;

	for (i = 0; i < OPENERS; i++) {
		absent += __atomic_load_n(&openers[i].absent, __ATOMIC_RELAXED);
		opened += __atomic_load_n(&openers[i].opened, __ATOMIC_RELAXED);
	}
	return absent && opened;
}

TEST_F(unload, while_others_open_it)
{
	struct opener openers[OPENERS] = { 0 };
	unsigned int i, done = 0, err;

	ASSERT_EQ(0, close(self->fd));
	for (i = 0; i < OPENERS; i++)
		ASSERT_EQ(0, pthread_create(&openers[i].thread, NULL,
					    open_and_ask, &openers[i]));
	while (done < RELOADS / 10 || !both_seen(openers)) {
		err = unload();
		/* A file is open, or the last one is being closed. */
		if (err == EAGAIN || err == EBUSY) {
			sched_yield();
			continue;
		}
		ASSERT_EQ(0, err);
		ASSERT_EQ(0, load());
		done++;
	}
	for (i = 0; i < OPENERS; i++) {
		__atomic_store_n(&openers[i].stop, true, __ATOMIC_RELAXED);
		ASSERT_EQ(0, pthread_join(openers[i].thread, NULL));
		EXPECT_EQ(0, openers[i].wrong);
	}
}

/* The module that is loaded already is not loaded twice. */
TEST_F(unload, twice)
{
	EXPECT_EQ(EEXIST, load());
	ASSERT_EQ(0, close(self->fd));
}

TEST_HARNESS_MAIN
