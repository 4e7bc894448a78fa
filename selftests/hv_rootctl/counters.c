// SPDX-License-Identifier: GPL-2.0
/* What the hypervisor counts, beside what the test knows that it did. */
#define HVT_DEVICE HVT_RAWCALL
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include "hvtest_harness.h"
#include "kmod/hv_rawcpu.h"

#define ROUNDS 100
#define BLOCKS 25 /* of HV_RAWCALL_PIN_MAX pages */
#define NMI_TO_ONESELF 0x44400

FIXTURE(counters) {
	struct hvt t;
	u64 before[HV_DEBUG_VALUES];
	u64 after[HV_DEBUG_VALUES];
};

FIXTURE_SETUP(counters)
{
	cpu_set_t first;

	CPU_ZERO(&first);
	CPU_SET(0, &first);
	ASSERT_EQ(0, sched_setaffinity(0, sizeof(first), &first));
	ASSERT_EQ(0, hvt_open(&self->t));
}

FIXTURE_TEARDOWN(counters)
{
	EXPECT_EQ(0, hvt_close(&self->t));
}

TEST_F(counters, exits_of_a_vp)
{
	u32 i, a, b, c, d;

	ASSERT_EQ(0, hvt_debug_machine(&self->t, HV_DEBUG_EXITS, 0, self->before));
	for (i = 0; i < ROUNDS; i++) {
		asm volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d)
			     : "a"(0), "c"(0));
		hvt_own_id(&self->t);
	}
	ASSERT_EQ(0, hvt_debug_machine(&self->t, HV_DEBUG_EXITS, 0, self->after));
	/* Others use this processor too. */
	EXPECT_LE(self->before[HV_DEBUG_EXIT_CPUID] + ROUNDS,
		  self->after[HV_DEBUG_EXIT_CPUID]);
	EXPECT_LE(self->before[HV_DEBUG_EXIT_VMMCALL] + ROUNDS + 1,
		  self->after[HV_DEBUG_EXIT_VMMCALL]);
	EXPECT_GT(self->before[HV_DEBUG_EXIT_VMMCALL] + 100 * ROUNDS,
		  self->after[HV_DEBUG_EXIT_VMMCALL]);
	for (i = HV_DEBUG_NR_EXITS; i < HV_DEBUG_VALUES; i++)
		EXPECT_EQ(0, self->after[i]);
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
		  hvt_debug_machine(&self->t, HV_DEBUG_EXITS, 63, self->after));
	EXPECT_EQ(HV_STATUS_INVALID_VP_INDEX,
		  hvt_debug_machine(&self->t, HV_DEBUG_EXITS, ~0ULL, self->after));
}

/* A breakpoint on this program, which it does not come to. */
static int set_breakpoint(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_X,
		.bp_len = sizeof(long),
		.bp_addr = (u64)set_breakpoint,
		.exclude_kernel = 1,
	};

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

/* But INVD, for which emulators make no such exit. */
TEST_F(counters, rare_exits_of_a_vp)
{
	const u32 kinds[] = {
		HV_DEBUG_EXIT_IRET, HV_DEBUG_EXIT_WRITE_DR,
		HV_DEBUG_EXIT_OTHER,
	};
	struct hv_rawcpu_icr nmi = { HV_RAWCPU_SYNTHETIC, 0, NMI_TO_ONESELF, 0 };
	struct hv_rawcpu_execute svm = { HV_RAWCPU_STGI, 0 };
	int fd = open(HVT_RAWCPU, O_RDWR | O_CLOEXEC), breakpoint;
	size_t i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_debug_machine(&self->t, HV_DEBUG_EXITS, 0, self->before));
	EXPECT_EQ(0, ioctl(fd, HV_RAWCPU_ICR, &nmi));
	EXPECT_EQ(-1, ioctl(fd, HV_RAWCPU_EXECUTE, &svm));
	breakpoint = set_breakpoint();
	EXPECT_LE(0, breakpoint);
	ASSERT_EQ(0, hvt_debug_machine(&self->t, HV_DEBUG_EXITS, 0, self->after));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		EXPECT_LT(self->before[kinds[i]], self->after[kinds[i]])
			TH_LOG("kind %u", kinds[i]);
	}
	EXPECT_EQ(0, close(breakpoint));
	EXPECT_EQ(0, close(fd));
}

/* The driver does not look for the hypercall page with an exit of its own. */
TEST_F(counters, calls_in_registers_take_one_exit)
{
	const u64 none = 0x7fffffff; /* no partition's id */
	u64 exits[HV_DEBUG_VALUES];
	int fd = hvt_driver();
	u32 i, status;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_debug_machine(&self->t, HV_DEBUG_EXITS, 0, self->before));
	for (i = 0; i < ROUNDS; i++) {
		EXPECT_EQ(0, hvt_drv_partition(fd,
					       HV_ROOTCTL_PARTITION_INITIALIZE,
					       none, &status));
		EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, status);
	}
	ASSERT_EQ(0, hvt_debug_machine(&self->t, HV_DEBUG_EXITS, 0, self->after));
	for (i = 0; i < HV_DEBUG_VALUES; i++)
		exits[i] = self->after[i] - self->before[i];
	EXPECT_LE(ROUNDS + 1, exits[HV_DEBUG_EXIT_VMMCALL]);
	/* Others use this processor too. */
	EXPECT_GT(ROUNDS, exits[HV_DEBUG_EXIT_MSR]);
	EXPECT_EQ(0, close(fd));
}

TEST_F(counters, statuses_of_a_call)
{
	const u64 call = HVCALL_GET_MEMORY_BALANCE;
	u64 available, in_use;
	u32 i;

	ASSERT_EQ(0, hvt_debug_machine(&self->t, HV_DEBUG_STATUSES, call,
				       self->before));
	for (i = 0; i < 7; i++)
		hvt_balance(&self->t, HVT_UNKNOWN_ID, &available, &in_use);
	for (i = 0; i < 5; i++)
		hvt_balance(&self->t, HV_PARTITION_ID_SELF, &available, &in_use);
	ASSERT_EQ(0, hvt_debug_machine(&self->t, HV_DEBUG_STATUSES, call,
				       self->after));
	for (i = 0; i < HV_DEBUG_VALUES; i++)
		EXPECT_EQ(self->before[i] +
			  (i == HV_STATUS_INVALID_PARTITION_ID ? 7 :
			   i == HV_STATUS_SUCCESS ? 5 : 0), self->after[i]);
	/* The same from another status on. */
	ASSERT_EQ(0,
		  hvt_debug_machine(&self->t, HV_DEBUG_STATUSES,
				    call | HV_STATUS_INVALID_PARTITION_ID << 16,
				    self->before));
	EXPECT_EQ(self->after[HV_STATUS_INVALID_PARTITION_ID], self->before[0]);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_debug_machine(&self->t, HV_DEBUG_STATUSES, 1ULL << 32,
				    self->after));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  hvt_debug_machine(&self->t, 99, 0, self->after));
}

/* Large pages of the root that are in pieces now. */
static u64 pieces(struct hvt *t)
{
	u64 values[HV_DEBUG_VALUES];

	if (hvt_debug_machine(t, HV_DEBUG_LARGE_PAGES, 0, values))
		return ~0ULL;
	return values[HV_DEBUG_SPLITS] - values[HV_DEBUG_MERGES];
}

/* All over the root's memory, so that many of its large pages are split. */
TEST_F(counters, large_pages_come_back)
{
	struct hvt_mem mem[BLOCKS];
	u64 before = pieces(&self->t), id;
	u32 round, i;

	for (i = 0; i < BLOCKS; i++)
		ASSERT_EQ(0, hvt_alloc(&self->t, &mem[i], HV_RAWCALL_PIN_MAX));
	for (round = 0; round < 2; round++) {
		ASSERT_EQ(0, hvt_create(&self->t, &id));
		for (i = 0; i < BLOCKS; i++)
			ASSERT_EQ(0, hvt_deposit_all(&self->t, id, &mem[i]));
		EXPECT_LE(before + BLOCKS * HV_RAWCALL_PIN_MAX / 512,
			  pieces(&self->t));
		ASSERT_EQ(BLOCKS * HV_RAWCALL_PIN_MAX, hvt_drain(&self->t, id));
		ASSERT_EQ(0, hvt_destroy(&self->t, id));
		ASSERT_EQ(0, hvt_take_back(&self->t));
		EXPECT_EQ(before, pieces(&self->t));
	}
}

TEST_HARNESS_MAIN
