// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls that the driver makes again, see struct hv_rootctl_retry: what
 * it deposits for them, into which pool, that it ends, and that all of it
 * comes back.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include "hvtest_harness.h"

#define MAP_LENGTH 0x400000ULL

FIXTURE(retry) {
	struct hvt t;
	int fd;
	int watch; /* another file */
	u64 id; /* a child with a VP, once there is one */
	struct hvt_audit audit;
	struct hv_rootctl_query query;
};

FIXTURE_SETUP(retry)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	self->watch = hvt_driver();
	self->fd = hvt_driver();
	ASSERT_LE(0, self->watch);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_drain_self(self->watch));
	ASSERT_EQ(0, hvt_audit(&self->t, &self->audit));
	ASSERT_EQ(0, hvt_drv_query(self->watch, &self->query));
}

/* All that the file had is back where it was before, the root's pool too. */
FIXTURE_TEARDOWN(retry)
{
	struct hv_rootctl_query q;
	struct hvt_audit audit;

	EXPECT_EQ(0, hvt_debug(&self->t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL));
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, hvt_audit(&self->t, &audit));
	EXPECT_TRUE(hvt_audit_equal(&self->audit, &audit));
	EXPECT_EQ(0, hvt_drv_query(self->watch, &q));
	EXPECT_EQ(self->query.pages_deposited, q.pages_deposited);
	EXPECT_EQ(self->query.pages_mapped, q.pages_mapped);
	EXPECT_EQ(self->query.pages_quarantined, q.pages_quarantined);
	EXPECT_EQ(0, close(self->watch));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* What a pool holds, used or not. */
static u64 pool_of(struct _test_data_retry *self, u64 id)
{
	u64 available, in_use;

	return hvt_drv_balance(self->watch, id, &available, &in_use) ?
		       ~0ULL : available + in_use;
}

static int create(struct _test_data_retry *self, u32 limit,
		  struct hv_rootctl_partition_create *cmd)
{
	*cmd = (struct hv_rootctl_partition_create){
		.size = sizeof(*cmd),
		.retry.deposit_limit = limit,
	};
	if (ioctl(self->fd, HV_ROOTCTL_PARTITION_CREATE, cmd))
		return errno;
	self->id = cmd->partition_id;
	return 0;
}

static int initialize(struct _test_data_retry *self, u32 limit,
		      struct hv_rootctl_partition *cmd)
{
	*cmd = (struct hv_rootctl_partition){
		.size = sizeof(*cmd),
		.partition_id = self->id,
		.retry.deposit_limit = limit,
	};
	return ioctl(self->fd, HV_ROOTCTL_PARTITION_INITIALIZE, cmd) ? errno :
								       0;
}

static int vp_create(struct _test_data_retry *self, u32 index, u32 limit,
		     u32 time_outs, struct hv_rootctl_vp *cmd)
{
	*cmd = (struct hv_rootctl_vp){
		.size = sizeof(*cmd),
		.partition_id = self->id,
		.vp_index = index,
		.retry = { .deposit_limit = limit,
			   .time_out_limit = time_outs },
	};
	return ioctl(self->fd, HV_ROOTCTL_VP_CREATE, cmd) ? errno : 0;
}

static void *memory_to_map(void)
{
	return mmap(NULL, MAP_LENGTH, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}

static int map(struct _test_data_retry *self, void *memory, u32 limit,
	       struct hv_rootctl_map *cmd)
{
	*cmd = (struct hv_rootctl_map){
		.size = sizeof(*cmd),
		.partition_id = self->id,
		.user_addr = (uintptr_t)memory,
		.length = MAP_LENGTH,
		.map_flags = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE,
		.retry.deposit_limit = limit,
	};
	return ioctl(self->fd, HV_ROOTCTL_MAP, cmd) ? errno : 0;
}

/* Nobody deposits, but for the driver; no fault is scripted. */
TEST_F(retry, C_create_4_C_vp_1_C_map_1_nobody_deposits)
{
	struct hv_rootctl_partition_create new;
	struct hv_rootctl_partition partition;
	struct hv_rootctl_query q;
	struct hv_rootctl_map mapped;
	struct hv_rootctl_vp vp;
	u64 root = pool_of(self, HV_ROOTCTL_SELF), pages, times;
	u8 *memory;

	memory = memory_to_map();
	ASSERT_NE(MAP_FAILED, memory);
	ASSERT_EQ(0, create(self, 0, &new));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, new.hv_status);
	EXPECT_EQ(0, new.retry.pages_deposited);
	EXPECT_EQ(HV_ROOTCTL_NO_STATUS, new.retry.deposit_status);

	ASSERT_EQ(0, create(self, 100, &new));
	ASSERT_EQ(HV_STATUS_SUCCESS, new.hv_status);
	EXPECT_EQ(8, new.retry.pages_deposited);
	EXPECT_EQ(1, new.retry.repeated);
	EXPECT_EQ(HV_STATUS_SUCCESS, new.retry.deposit_status);
	EXPECT_EQ(root + 8, pool_of(self, HV_ROOTCTL_SELF));
	EXPECT_EQ(0, pool_of(self, self->id));

	ASSERT_EQ(0, initialize(self, 100, &partition));
	ASSERT_EQ(HV_STATUS_SUCCESS, partition.hv_status);
	ASSERT_EQ(0, vp_create(self, 0, 100, 0, &vp));
	ASSERT_EQ(HV_STATUS_SUCCESS, vp.hv_status);
	ASSERT_EQ(0, map(self, memory, 100, &mapped));
	ASSERT_EQ(HV_STATUS_SUCCESS, mapped.hv_status);
	EXPECT_EQ(MAP_LENGTH, mapped.bytes_done);

	pages = partition.retry.pages_deposited + vp.retry.pages_deposited +
		mapped.retry.pages_deposited;
	times = partition.retry.repeated + vp.retry.repeated +
		mapped.retry.repeated;
	EXPECT_LT(0, pages);
	EXPECT_EQ(pages, pool_of(self, self->id));
	ASSERT_EQ(0, hvt_drv_query(self->watch, &q));
	EXPECT_EQ(self->query.pages_deposited + 8 + pages, q.pages_deposited);
	EXPECT_EQ(self->query.auto_deposited + 8 + pages, q.auto_deposited);
	EXPECT_EQ(self->query.auto_deposits + 1 + times, q.auto_deposits);
	EXPECT_EQ(0, munmap(memory, MAP_LENGTH));
}

/* An active child that can have no more VPs without a deposit. */
static int poor_child(struct _test_data_retry *self)
{
	struct hv_rootctl_partition_create new;
	struct hv_rootctl_partition partition;

	return create(self, 100, &new) || new.hv_status ||
	       initialize(self, 100, &partition) || partition.hv_status;
}

/* The status says whose pool it is, by one call that is short of memory. */
TEST_F(retry, C_vp_1_each_status_has_its_pool)
{
	static const struct {
		u16 status;
		bool root;
	} needs[] = {
		{ HV_STATUS_INSUFFICIENT_MEMORY, false },
		{ HV_STATUS_INSUFFICIENT_MEMORY_MIRRORING, false },
		{ HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY, false },
		{ HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY_MIRRORING, false },
		{ HV_STATUS_INSUFFICIENT_ROOT_MEMORY, true },
		{ HV_STATUS_INSUFFICIENT_ROOT_MEMORY_MIRRORING, true },
		{ HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY, true },
		{ HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY_MIRRORING,
		  true },
	};
	struct hv_rootctl_vp vp;
	u64 child, root;
	char line[64];
	unsigned int i;

	ASSERT_EQ(0, poor_child(self));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 200,
				  NULL));
	for (i = 0; i < ARRAY_SIZE(needs); i++) {
		child = pool_of(self, self->id);
		root = pool_of(self, HV_ROOTCTL_SELF);
		snprintf(line, sizeof(line), "call=0x4e status=%#x",
			 needs[i].status);
		ASSERT_EQ(0, hvt_fault(&self->t, line));
		ASSERT_EQ(0, vp_create(self, i, 10, 0, &vp));
		EXPECT_EQ(HV_STATUS_SUCCESS, vp.hv_status);
		EXPECT_EQ(1, vp.retry.repeated);
		EXPECT_EQ(8, vp.retry.pages_deposited);
		EXPECT_EQ(child + (needs[i].root ? 0 : 8),
			  pool_of(self, self->id));
		EXPECT_EQ(root + (needs[i].root ? 8 : 0),
			  pool_of(self, HV_ROOTCTL_SELF));
	}
}

/* For ever short of memory: it ends at the limit, and nothing is lost. */
TEST_F(retry, never_enough)
{
	struct hv_rootctl_vp vp;
	u64 child;

	ASSERT_EQ(0, poor_child(self));
	child = pool_of(self, self->id);
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4e status=0x0b times=0"));
	ASSERT_EQ(0, vp_create(self, 0, 5000, 0, &vp));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, vp.hv_status);
	EXPECT_EQ(5000, vp.retry.pages_deposited);
	EXPECT_EQ(HV_STATUS_SUCCESS, vp.retry.deposit_status);
	EXPECT_EQ(child + 5000, pool_of(self, self->id));
}

/* A deposit that is refused ends it, and what it had done by then is told. */
TEST_F(retry, deposit_is_refused)
{
	struct hv_rootctl_vp vp;
	u64 child;

	ASSERT_EQ(0, poor_child(self));
	child = pool_of(self, self->id);
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4e status=0x0b times=0"));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x48 nth=2 run=3 status=0x08"));
	ASSERT_EQ(0, vp_create(self, 0, 5000, 0, &vp));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, vp.hv_status);
	EXPECT_EQ(HV_STATUS_OPERATION_DENIED, vp.retry.deposit_status);
	EXPECT_EQ(11, vp.retry.pages_deposited);
	EXPECT_EQ(child + 11, pool_of(self, self->id));

	/* Success without progress, of the deposit: it is in doubt, but there. */
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x48 run=all status=0 reps=0"));
	EXPECT_EQ(EPROTO, vp_create(self, 0, 5000, 0, &vp));
	EXPECT_EQ(0, vp.retry.pages_deposited);
	EXPECT_EQ(child + 19, pool_of(self, self->id));
}

/* A map goes on from the page where it was short of memory. */
TEST_F(retry, C_map_1_goes_on_where_it_was)
{
	struct hv_rootctl_map mapped;
	struct hvt_audit audit;
	u8 *memory;

	memory = memory_to_map();
	ASSERT_NE(MAP_FAILED, memory);
	ASSERT_EQ(0, poor_child(self));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 64,
				  NULL));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b run=7 status=0x0b"));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b nth=3 run=9 status=0x75"));
	ASSERT_EQ(0, map(self, memory, 100, &mapped));
	EXPECT_EQ(HV_STATUS_SUCCESS, mapped.hv_status);
	EXPECT_EQ(MAP_LENGTH, mapped.bytes_done);
	EXPECT_EQ(2, mapped.retry.repeated);
	EXPECT_EQ(16, mapped.retry.pages_deposited);
	ASSERT_EQ(0, hvt_audit(&self->t, &audit));
	EXPECT_EQ(self->audit.v[HV_DEBUG_MAPPED_PAGES] +
			  MAP_LENGTH / HV_PAGE_SIZE,
		  audit.v[HV_DEBUG_MAPPED_PAGES]);
	EXPECT_EQ(0, munmap(memory, MAP_LENGTH));
}

static int unmap(struct _test_data_retry *self, u32 limit,
		 struct hv_rootctl_unmap *cmd)
{
	*cmd = (struct hv_rootctl_unmap){
		.size = sizeof(*cmd),
		.partition_id = self->id,
		.length = MAP_LENGTH,
		.retry.deposit_limit = limit,
	};
	return ioctl(self->fd, HV_ROOTCTL_UNMAP, cmd) ? errno : 0;
}

/* As does an unmap; refused in the end, it can be made once more. */
TEST_F(retry, C_unmap_1_goes_on_where_it_was)
{
	const char *short_of_memory = "call=0x4c run=7 status=0x0b";
	struct hv_rootctl_unmap unmapped;
	struct hv_rootctl_map mapped;
	struct hvt_audit audit;
	u64 child;
	u8 *memory;

	memory = memory_to_map();
	ASSERT_NE(MAP_FAILED, memory);
	ASSERT_EQ(0, poor_child(self));
	ASSERT_EQ(0, map(self, memory, 100, &mapped));
	ASSERT_EQ(HV_STATUS_SUCCESS, mapped.hv_status);
	child = pool_of(self, self->id);

	ASSERT_EQ(0, hvt_fault(&self->t, short_of_memory));
	ASSERT_EQ(0, unmap(self, 0, &unmapped));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, unmapped.hv_status);
	EXPECT_EQ(7 * HV_PAGE_SIZE, unmapped.bytes_done);
	EXPECT_EQ(0, unmapped.retry.pages_deposited);
	EXPECT_EQ(child, pool_of(self, self->id));

	ASSERT_EQ(0, hvt_fault(&self->t, short_of_memory));
	ASSERT_EQ(0, unmap(self, 100, &unmapped));
	EXPECT_EQ(HV_STATUS_SUCCESS, unmapped.hv_status);
	EXPECT_EQ(MAP_LENGTH, unmapped.bytes_done);
	EXPECT_EQ(1, unmapped.retry.repeated);
	EXPECT_EQ(8, unmapped.retry.pages_deposited);
	EXPECT_EQ(HV_STATUS_SUCCESS, unmapped.retry.deposit_status);
	EXPECT_EQ(child + 8, pool_of(self, self->id));
	ASSERT_EQ(0, hvt_audit(&self->t, &audit));
	EXPECT_EQ(self->audit.v[HV_DEBUG_MAPPED_PAGES],
		  audit.v[HV_DEBUG_MAPPED_PAGES]);
	EXPECT_EQ(0, munmap(memory, MAP_LENGTH));
}

/* In the end it is refused: nothing is mapped, what was deposited stays. */
TEST_F(retry, map_is_never_content)
{
	struct hv_rootctl_map mapped;
	struct hv_rootctl_query q;
	struct hvt_audit audit;
	u64 child;
	u8 *memory;

	memory = memory_to_map();
	ASSERT_NE(MAP_FAILED, memory);
	ASSERT_EQ(0, poor_child(self));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 64,
				  NULL));
	child = pool_of(self, self->id);
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b run=7 status=0x0b times=0"));
	ASSERT_EQ(0, map(self, memory, 100, &mapped));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, mapped.hv_status);
	EXPECT_EQ(0, mapped.bytes_done);
	EXPECT_EQ(100, mapped.retry.pages_deposited);
	EXPECT_EQ(child + 100, pool_of(self, self->id));
	ASSERT_EQ(0, hvt_audit(&self->t, &audit));
	EXPECT_EQ(self->audit.v[HV_DEBUG_MAPPED_PAGES],
		  audit.v[HV_DEBUG_MAPPED_PAGES]);
	ASSERT_EQ(0, hvt_drv_query(self->watch, &q));
	EXPECT_EQ(self->query.pages_mapped, q.pages_mapped);
	EXPECT_EQ(0, munmap(memory, MAP_LENGTH));
}

/* Refused with all of it done: nothing is left that could be asked for again. */
TEST_F(retry, refused_when_all_is_done)
{
	struct hv_rootctl_unmap unmapped;
	struct hv_rootctl_map mapped;
	struct hvt_audit audit;
	u8 *memory;

	memory = memory_to_map();
	ASSERT_NE(MAP_FAILED, memory);
	ASSERT_EQ(0, poor_child(self));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 64,
				  NULL));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4b run=all status=0x0b"));
	ASSERT_EQ(0, map(self, memory, 100, &mapped));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, mapped.hv_status);
	EXPECT_EQ(0, mapped.bytes_done);
	EXPECT_EQ(0, mapped.retry.repeated);
	EXPECT_EQ(0, mapped.retry.pages_deposited);
	ASSERT_EQ(0, hvt_audit(&self->t, &audit));
	EXPECT_EQ(self->audit.v[HV_DEBUG_MAPPED_PAGES],
		  audit.v[HV_DEBUG_MAPPED_PAGES]);

	ASSERT_EQ(0, map(self, memory, 100, &mapped));
	ASSERT_EQ(HV_STATUS_SUCCESS, mapped.hv_status);
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4c run=all status=0x0b"));
	ASSERT_EQ(0, unmap(self, 100, &unmapped));
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, unmapped.hv_status);
	EXPECT_EQ(0, unmapped.retry.repeated);
	EXPECT_EQ(0, unmapped.retry.pages_deposited);
	ASSERT_EQ(0, unmap(self, 100, &unmapped));
	EXPECT_EQ(HV_STATUS_SUCCESS, unmapped.hv_status);
	EXPECT_EQ(MAP_LENGTH, unmapped.bytes_done);
	EXPECT_EQ(0, munmap(memory, MAP_LENGTH));
}

TEST_F(retry, time_outs)
{
	struct hv_rootctl_vp vp;

	ASSERT_EQ(0, poor_child(self));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 64,
				  NULL));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4e status=0x78 times=3"));
	ASSERT_EQ(0, vp_create(self, 0, 0, 2, &vp));
	EXPECT_EQ(HV_STATUS_TIME_OUT, vp.hv_status);
	EXPECT_EQ(2, vp.retry.repeated);
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4e status=0x78 times=3"));
	ASSERT_EQ(0, vp_create(self, 0, 0, 3, &vp));
	EXPECT_EQ(HV_STATUS_SUCCESS, vp.hv_status);
	EXPECT_EQ(3, vp.retry.repeated);
}

/* The answer of a call that goes on, and one that nobody knows. */
TEST_F(retry, no_other_status_is_a_reason)
{
	static const char *const faults[] = {
		"call=0x4e status=0x79", "call=0x4e status=0x1d",
		"call=0x4e status=0x40", "call=0x4e status=0xfffe",
	};
	static const u16 status[] = { HV_STATUS_CALL_PENDING,
				      HV_STATUS_NO_RESOURCES, 0x40, 0xfffe };
	struct hv_rootctl_vp vp;
	unsigned int i;

	ASSERT_EQ(0, poor_child(self));
	for (i = 0; i < 4; i++) {
		ASSERT_EQ(0, hvt_fault(&self->t, faults[i]));
		ASSERT_EQ(0, vp_create(self, 0, 100, 100, &vp));
		EXPECT_EQ(status[i], vp.hv_status);
		EXPECT_EQ(0, vp.retry.repeated);
		EXPECT_EQ(0, vp.retry.pages_deposited);
	}
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* It would go on for hours; a signal is enough. */
TEST_F(retry, signal_between_two_rounds)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval timer = { { .tv_usec = 20000 }, { .tv_usec = 20000 } };
	struct itimerval off = {};
	struct hv_rootctl_vp vp;
	int err;

	ASSERT_EQ(0, poor_child(self));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x4e status=0x78 times=0"));
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &timer, NULL));
	err = vp_create(self, 0, 0, ~0U, &vp);
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &off, NULL));
	EXPECT_EQ(EINTR, err);
	EXPECT_EQ(HV_STATUS_TIME_OUT, vp.hv_status);
}

/* What the root's pool was fed goes with the partition, not only the file. */
TEST_F(retry, root_pool_is_emptied_by_delete)
{
	struct hv_rootctl_partition_create new;
	u64 root = pool_of(self, HV_ROOTCTL_SELF);
	u32 status;

	ASSERT_EQ(0, create(self, 100, &new));
	ASSERT_EQ(HV_STATUS_SUCCESS, new.hv_status);
	EXPECT_EQ(root + 8, pool_of(self, HV_ROOTCTL_SELF));
	ASSERT_EQ(0, hvt_drv_partition(self->fd, HV_ROOTCTL_PARTITION_DELETE,
				       self->id, &status));
	EXPECT_EQ(HV_STATUS_SUCCESS, status);
	EXPECT_EQ(root, pool_of(self, HV_ROOTCTL_SELF));
}

TEST_HARNESS_MAIN
