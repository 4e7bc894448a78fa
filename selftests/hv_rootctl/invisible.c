// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's own means are not there for the root: SVM, and the memory
 * that the hypervisor lives in. To ask for them does no harm.
 */
#define HVT_DEVICE HVT_RAWCPU
#define _GNU_SOURCE
#include <cpuid.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include "hvtest_harness.h"
#include "kmod/hv_rawcpu.h"

#define PAGE 4096ULL
#define MIB (1ULL << 20)

#define CPUID_SVM (1U << 2) /* ECX of 0x80000001 */
#define MSR_EFER 0xc0000080U
#define EFER_SVME (1ULL << 12)
#define MSR_VM_CR 0xc0010114U
#define MSR_SVM_KEY 0xc0010118U

/* What is hidden is at one of the ends of RAM: no wider gap is of interest. */
#define MAX_GAP (32 * MIB)
#define HIDDEN_MAX (16 * MIB)

/* Pages that the hypervisor and the root share have a register each. */
static const u32 shared_msr[] = {
	0x40000001, /* hypercall page */
	0x40000021, /* reference TSC page */
	0x40000073, /* VP assist page */
	0x40000082, /* SIEFP */
	0x40000083, /* SIMP */
};

#define NR_SHARED (sizeof(shared_msr) / sizeof(*shared_msr))
#define SHARED_ENABLED 1
#define MAX_CPUS 64

struct shared {
	u64 page[MAX_CPUS * NR_SHARED];
	u32 count;
};

FIXTURE(invisible) {
	struct hvt t;
	int fd;
};

FIXTURE_SETUP(invisible)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	self->fd = open(HVT_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(invisible)
{
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static bool run_on(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof(set), &set);
}

static int access_msr(int fd, u32 msr, bool write, u64 *value)
{
	struct hv_rawcpu_msr m = { msr, write, *value };
	int err = ioctl(fd, HV_RAWCPU_MSR, &m) ? -errno : 0;

	*value = m.value;
	return err;
}

TEST_F(invisible, svm_in_no_processor)
{
	unsigned int a, b, c, d, cpu;
	u64 efer = 0, value;
	u32 msr, insn;

	for (cpu = 0; run_on(cpu); cpu++) {
		ASSERT_TRUE(__get_cpuid(0x80000001, &a, &b, &c, &d));
		EXPECT_EQ(0, c & CPUID_SVM);
		__cpuid_count(0x8000000a, 0, a, b, c, d);
		EXPECT_EQ(0, a | b | c | d);

		ASSERT_EQ(0, access_msr(self->fd, MSR_EFER, false, &efer));
		EXPECT_EQ(0, efer & EFER_SVME);
		value = efer | EFER_SVME;
		EXPECT_EQ(-EFAULT, access_msr(self->fd, MSR_EFER, true, &value));
		EXPECT_EQ(0, access_msr(self->fd, MSR_EFER, true, &efer));

		for (msr = MSR_VM_CR; msr <= MSR_SVM_KEY; msr++) {
			value = 0;
			EXPECT_EQ(-EFAULT,
				  access_msr(self->fd, msr, false, &value))
				TH_LOG("read of 0x%x", msr);
			EXPECT_EQ(-EFAULT,
				  access_msr(self->fd, msr, true, &value))
				TH_LOG("write of 0x%x", msr);
		}

		for (insn = HV_RAWCPU_VMRUN; insn <= HV_RAWCPU_INVLPGA;
		     insn++) {
			struct hv_rawcpu_execute e = { insn, 0 };

			EXPECT_EQ(-1, ioctl(self->fd, HV_RAWCPU_EXECUTE, &e));
			EXPECT_EQ(EFAULT, errno)
				TH_LOG("instruction %u", insn);
		}
	}
	EXPECT_LT(0, cpu);
}

static void find_shared(int fd, struct shared *s)
{
	u64 value = 0;
	u32 cpu, i;

	for (cpu = 0; cpu < MAX_CPUS && run_on(cpu); cpu++)
		for (i = 0; i < NR_SHARED; i++)
			if (!access_msr(fd, shared_msr[i], false, &value) &&
			    (value & SHARED_ENABLED))
				s->page[s->count++] = value & ~(PAGE - 1);
}

static bool is_shared(const struct shared *s, u64 page)
{
	u32 i;

	for (i = 0; i < s->count; i++)
		if (s->page[i] == page)
			return true;
	return false;
}

static int touch(int fd, u64 address, u32 form)
{
	struct hv_rawcpu_register r = { address, form, 0x5a5a5a5a };

	return ioctl(fd, HV_RAWCPU_REGISTER, &r) ? -errno : 0;
}

/*
 * Look for pages that cannot be read, and are not to be written either. What
 * the kernel has mapped in a way of its own cannot be tried: it can be read.
 *
 * Returns how many pages are the hypervisor's.
 */
static u64 probe(struct __test_metadata *_metadata, int fd,
		 const struct shared *shared, u64 from, u64 to)
{
	u64 found = 0;
	int err;

	if (to > from + MAX_GAP)
		return 0;
	for (; from < to; from += PAGE) {
		if (is_shared(shared, from)) {
			found++;
			continue;
		}
		err = touch(fd, from, HV_RAWCPU_LOAD);
		if (!err || err == -ENOMEM)
			continue;
		EXPECT_EQ(-EFAULT, err);
		EXPECT_EQ(-EFAULT, touch(fd, from, HV_RAWCPU_STORE))
			TH_LOG("0x%llx can be written", from);
		found++;
	}
	return found;
}

TEST_F(invisible, memory_of_the_hypervisor)
{
	u64 start, end, last = MIB, found = 0;
	struct shared shared = {};
	struct hvt_audit audit;
	char line[256];
	FILE *iomem;

	ASSERT_EQ(0, hvt_audit(&self->t, &audit));
	find_shared(self->fd, &shared);
	iomem = fopen("/proc/iomem", "r");
	ASSERT_NE(NULL, iomem);
	while (fgets(line, sizeof(line), iomem)) {
		if (sscanf(line, "%llx-%llx", &start, &end) != 2 ||
		    !strstr(line, ": System RAM") || end < MIB)
			continue;
		if (start > last)
			found += probe(_metadata, self->fd, &shared, last,
				       start);
		last = end + 1;
	}
	fclose(iomem);
	found += probe(_metadata, self->fd, &shared, last,
		       last + HIDDEN_MAX);

	EXPECT_EQ(audit.v[HV_DEBUG_HYPERVISOR_PAGES], found);
	EXPECT_LT(shared.count, found);
	EXPECT_GE(HIDDEN_MAX / PAGE, found);
}

TEST_HARNESS_MAIN
