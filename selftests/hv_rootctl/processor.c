// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel that owns its APICs cannot lead a processor out of the hypervisor,
 * and instructions that the hypervisor plays are as long as they are.
 */
#define HVT_DEVICE HVT_RAWCPU
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "hvtest_harness.h"
#include "kmod/hv_rawcpu.h"

#define APIC_PAGE 0xfee00000ULL
#define APIC_ID 0x020
#define APIC_LVT_ERROR 0x370
#define APIC_LVT_LINT1 0x360
#define IOAPIC_PAGE 0xfec00000ULL
#define IOAPIC_WINDOW 0x10
#define IOAPIC_LAST_ENTRY (0x10 + 2 * 23)

/* MSRs of x2APIC mode. */
#define X2APIC_LVT_TIMER 0x832
#define X2APIC_LVT_ERROR 0x837
#define X2APIC_EXTENDED_LVT_FIRST 0x850
#define X2APIC_EXTENDED_LVT_LAST 0x853

#define MASKED 0x10000U
#define MODE_SMI 0x200U
#define MODE_NMI 0x400U
#define MODE_INIT 0x500U
#define MODE_SIPI 0x600U
#define ASSERT_LEVEL 0x4000U

FIXTURE(processor) {
	int fd;
	int cpus;
	bool x2apic; /* then there is no APIC page, but an MSR */
};

static int run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static int access_register(int fd, u64 address, u32 form, u32 *value)
{
	struct hv_rawcpu_register r = { address, form, *value };
	int ret = ioctl(fd, HV_RAWCPU_REGISTER, &r);

	*value = r.value;
	return ret ? -errno : 0;
}

static int store(int fd, u64 address, u32 value)
{
	return access_register(fd, address, HV_RAWCPU_STORE, &value);
}

static u32 load(int fd, u64 address)
{
	u32 value = 0;

	return access_register(fd, address, HV_RAWCPU_LOAD, &value) ? ~0U :
								      value;
}

static int send_message(int fd, u32 face, u32 destination, u32 command)
{
	struct hv_rawcpu_icr i = { face, destination, command, 0 };

	return ioctl(fd, HV_RAWCPU_ICR, &i) ? -errno : 0;
}

static int access_msr(int fd, u32 msr, bool write, u64 *value)
{
	struct hv_rawcpu_msr m = { msr, write, *value };
	int ret = ioctl(fd, HV_RAWCPU_MSR, &m);

	*value = m.value;
	return ret ? -errno : 0;
}

static u32 nmis(int fd, u32 cpu)
{
	struct hv_rawcpu_nmis n = { cpu, 0 };

	return ioctl(fd, HV_RAWCPU_NMIS, &n) ? ~0U : n.count;
}

FIXTURE_SETUP(processor)
{
	self->x2apic = hvt_x2apic();
	self->fd = open(HVT_DEVICE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	self->cpus = sysconf(_SC_NPROCESSORS_ONLN);
	ASSERT_EQ(0, run_on(0));
}

FIXTURE_TEARDOWN(processor)
{
	EXPECT_EQ(0, close(self->fd));
}

/* Each instruction that a kernel stores to its APIC with. */
TEST_F(processor, apic_stores_of_every_form)
{
	const u64 at = APIC_PAGE + APIC_LVT_ERROR;
	u32 good = load(self->fd, at), form;

	if (self->x2apic)
		SKIP(return, "no APIC page in x2APIC mode");
	for (form = HV_RAWCPU_STORE; form < HV_RAWCPU_STORE_8; form++) {
		u32 want = MASKED | (0x80 + form), value = want;

		if (form == HV_RAWCPU_STORE_IMMEDIATE)
			want = HV_RAWCPU_IMMEDIATE;
		ASSERT_EQ(0, store(self->fd, at, MASKED | 0x7f));
		EXPECT_EQ(0, access_register(self->fd, at, form, &value))
			TH_LOG("form %u", form);
		EXPECT_EQ(want, load(self->fd, at))
			TH_LOG("form %u", form);
		if (form == HV_RAWCPU_EXCHANGE)
			EXPECT_EQ(MASKED | 0x7f, value);
	}
	for (; form < HV_RAWCPU_NR_FORMS; form++) {
		u32 value = MASKED | 0x99;

		ASSERT_EQ(0, store(self->fd, at, MASKED | 0x7f));
		EXPECT_EQ(-EFAULT, access_register(self->fd, at, form, &value))
			TH_LOG("form %u", form);
		EXPECT_EQ(MASKED | 0x7f, load(self->fd, at))
			TH_LOG("form %u", form);
	}
	EXPECT_EQ(-EFAULT, store(self->fd, at + 4, MASKED));
	EXPECT_EQ(0, store(self->fd, at, good));
}

TEST_F(processor, apic_id_stays)
{
	u32 id = load(self->fd, APIC_PAGE + APIC_ID);

	if (self->x2apic)
		SKIP(return, "no APIC page in x2APIC mode");
	EXPECT_EQ(0, store(self->fd, APIC_PAGE + APIC_ID, 0x7f000000));
	EXPECT_EQ(id, load(self->fd, APIC_PAGE + APIC_ID));
}

/* INIT, start-up messages and SMI, from whatever can be told to send them. */
TEST_F(processor, sources_that_reach_the_bare_processor)
{
	const u32 modes[] = { MODE_SMI, MODE_INIT, MODE_SIPI };
	u32 lint1 = load(self->fd, APIC_PAGE + APIC_LVT_LINT1);
	u32 entry;
	size_t i;

	ASSERT_EQ(0, store(self->fd, IOAPIC_PAGE, IOAPIC_LAST_ENTRY));
	entry = load(self->fd, IOAPIC_PAGE + IOAPIC_WINDOW);
	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		EXPECT_EQ(-EFAULT, store(self->fd, APIC_PAGE + APIC_LVT_LINT1,
					 MASKED | modes[i]));
		EXPECT_EQ(-EFAULT, store(self->fd, IOAPIC_PAGE + IOAPIC_WINDOW,
					 MASKED | modes[i]));
		/* Beside its page a store is an interrupt message. */
		EXPECT_EQ(-EFAULT, store(self->fd, APIC_PAGE + 0x1000, modes[i]));
	}
	EXPECT_EQ(lint1, load(self->fd, APIC_PAGE + APIC_LVT_LINT1));
	EXPECT_EQ(entry, load(self->fd, IOAPIC_PAGE + IOAPIC_WINDOW));
	EXPECT_EQ(0, store(self->fd, IOAPIC_PAGE + IOAPIC_WINDOW, MASKED | 0x40));
	EXPECT_EQ(MASKED | 0x40, load(self->fd, IOAPIC_PAGE + IOAPIC_WINDOW));
	EXPECT_EQ(0, store(self->fd, IOAPIC_PAGE + IOAPIC_WINDOW, entry));
	EXPECT_EQ(-EFAULT, send_message(self->fd, HV_RAWCPU_SYNTHETIC, 0,
					MODE_SMI));
	EXPECT_EQ(-EFAULT, send_message(self->fd, HV_RAWCPU_PAGE, 0, MODE_SMI));
	EXPECT_EQ(-EFAULT, send_message(self->fd, HV_RAWCPU_X2APIC, 0, MODE_SMI));
}

/* The same by the MSRs of both local vector tables. */
TEST_F(processor, vectors_that_reach_the_bare_processor)
{
	const u32 modes[] = { MODE_SMI, MODE_INIT, MODE_SIPI };
	u64 before = 0, value;
	u32 msr;
	size_t i;

	if (!self->x2apic)
		SKIP(return, "these MSRs are there in x2APIC mode");
	for (msr = X2APIC_LVT_TIMER; msr <= X2APIC_LVT_ERROR; msr++) {
		ASSERT_EQ(0, access_msr(self->fd, msr, false, &before));
		for (i = 0; i < ARRAY_SIZE(modes); i++) {
			value = MASKED | modes[i];
			EXPECT_EQ(-EFAULT, access_msr(self->fd, msr, true, &value))
				TH_LOG("MSR 0x%x, mode 0x%x", msr, modes[i]);
		}
		EXPECT_EQ(0, access_msr(self->fd, msr, false, &value));
		EXPECT_EQ(before, value);
		EXPECT_EQ(0, access_msr(self->fd, msr, true, &before));
	}
	/* Whether it is there or not. */
	for (msr = X2APIC_EXTENDED_LVT_FIRST; msr <= X2APIC_EXTENDED_LVT_LAST;
	     msr++) {
		value = MASKED | MODE_SMI;
		EXPECT_EQ(-EFAULT, access_msr(self->fd, msr, true, &value))
			TH_LOG("MSR 0x%x", msr);
	}
}

/* Every NMI arrives, once, whichever way it was sent. */
TEST_F(processor, nmis_arrive)
{
	u32 other = self->x2apic ? HV_RAWCPU_X2APIC : HV_RAWCPU_PAGE;
	int cpu, i;

	for (i = 0; i < 50; i++) {
		for (cpu = 0; cpu < self->cpus; cpu++) {
			u32 before = nmis(self->fd, cpu), tries = 0;

			ASSERT_EQ(0, send_message(self->fd,
						  i & 1 ? HV_RAWCPU_SYNTHETIC :
							  other,
						  cpu, MODE_NMI | ASSERT_LEVEL));
			while (nmis(self->fd, cpu) == before && ++tries < 30000)
				usleep(1000);
			ASSERT_EQ(before + 1, nmis(self->fd, cpu));
		}
	}
}

/* Nothing happens to the boot processor; it would take the firmware along. */
TEST_F(processor, init_to_the_boot_processor)
{
	u32 face;

	for (face = HV_RAWCPU_PAGE; face <= HV_RAWCPU_X2APIC; face++) {
		if (face == (self->x2apic ? HV_RAWCPU_PAGE : HV_RAWCPU_X2APIC))
			continue;
		EXPECT_EQ(0, send_message(self->fd, face, 0,
					  MODE_INIT | ASSERT_LEVEL));
		EXPECT_EQ(0, send_message(self->fd, face, 0, MODE_SIPI | 0x99));
	}
	EXPECT_NE(~0U, nmis(self->fd, 0));
}

static int set_online(int cpu, bool online)
{
	char path[64];
	int fd, ret;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/online", cpu);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	ret = fd < 0 || write(fd, online ? "1" : "0", 1) != 1 ? -1 : 0;
	close(fd);
	return ret;
}

/*
 * A processor that is off gets INIT through the APIC's page. On the bare
 * processor that would leave it outside the hypervisor, deaf to the messages
 * that start it again.
 */
TEST_F(processor, init_through_the_page_stays_inside)
{
	if (self->cpus < 2)
		SKIP(return, "one processor");
	/* There it dies of interrupts of an I/O APIC that it has to move. */
	if (self->x2apic)
		SKIP(return, "Linux as root in x2APIC mode keeps processors on");
	ASSERT_EQ(0, set_online(1, false));
	EXPECT_EQ(0, send_message(self->fd, HV_RAWCPU_PAGE, 1,
				  MODE_INIT | ASSERT_LEVEL));
	usleep(20000);
	ASSERT_EQ(0, set_online(1, true));
	ASSERT_EQ(0, run_on(1));
	ASSERT_EQ(0, run_on(0));
}

/* --- instructions ---------------------------------------------------------- */

#define MARK 0x5eed

/* CPUID leaf 0x40000000: EBX is "Micr". */
#define EXPECT_CPUID(prefixes)                                               \
	do {                                                                \
		u32 _a = 0x40000000, _b, _c = 0, _d, _mark;                 \
		asm volatile(prefixes "cpuid; movl %[value], %[mark]"       \
			     : "+a"(_a), "=&b"(_b), "+c"(_c), "=d"(_d),     \
			       [mark] "=&r"(_mark) : [value] "i"(MARK));    \
		EXPECT_EQ(0x7263694d, _b) TH_LOG("%s", prefixes);           \
		EXPECT_EQ(MARK, _mark) TH_LOG("%s", prefixes);              \
	} while (0)

TEST_F(processor, cpuid_with_prefixes)
{
	EXPECT_CPUID("");
	EXPECT_CPUID(".byte 0x66; ");
	EXPECT_CPUID(".byte 0xf2; ");
	EXPECT_CPUID(".byte 0xf3, 0x48; ");
	EXPECT_CPUID(".byte 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65, 0x67; ");
	EXPECT_CPUID(".fill 12, 1, 0x2e; .byte 0x4f; ");
}

/* The prefix on one page, the opcode on the next. */
TEST_F(processor, cpuid_across_pages)
{
	/* push rbx; mov eax, 0x40000000; cs, cpuid; mov eax, ebx; pop; ret */
	static const u8 code[] = {
		0x53, 0xb8, 0x00, 0x00, 0x00, 0x40, 0x2e, 0x0f, 0xa2,
		0x89, 0xd8, 0x5b, 0xc3,
	};
	size_t split;
	u8 *pages = mmap(NULL, 2 * HV_PAGE_SIZE,
			 PROT_READ | PROT_WRITE | PROT_EXEC,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, pages);
	for (split = 6; split < 10; split++) {
		u8 *at = pages + HV_PAGE_SIZE - split;

		memcpy(at, code, sizeof(code));
		EXPECT_EQ(0x7263694d, ((u32 (*)(void))at)());
	}
	EXPECT_EQ(0, munmap(pages, 2 * HV_PAGE_SIZE));
}

static int execute(int fd, u32 instruction, u32 *result)
{
	struct hv_rawcpu_execute e = { instruction, 0 };
	int ret = ioctl(fd, HV_RAWCPU_EXECUTE, &e);

	*result = e.result;
	return ret ? -errno : 0;
}

TEST_F(processor, msr_and_hypercall_with_prefixes)
{
	u32 result;

	EXPECT_EQ(0, execute(self->fd, HV_RAWCPU_RDMSR, &result));
	EXPECT_EQ(0, result);
	EXPECT_EQ(0, execute(self->fd, HV_RAWCPU_RDMSR_PREFIXED, &result));
	EXPECT_EQ(0, result);
	EXPECT_EQ(0, execute(self->fd, HV_RAWCPU_VMMCALL, &result));
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE, result);
	EXPECT_EQ(0, execute(self->fd, HV_RAWCPU_VMMCALL_PREFIXED, &result));
	EXPECT_EQ(HV_STATUS_INVALID_HYPERCALL_CODE, result);
}

TEST_HARNESS_MAIN
