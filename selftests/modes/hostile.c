// SPDX-License-Identifier: GPL-2.0
/*
 * What a root partition can do to the machine, and must not do to the
 * hypervisor: were it to succeed, nobody would be there to say so.
 */
#include "modes.h"
#include "segments.h"

#define PORT_DATA 0x60 /* of the keyboard controller */
#define PORT_COMMAND 0x64
#define PORT_PIC1_MASK 0x21
#define PORT_PIC2_MASK 0xa1
#define PORT_CONTROL 0x92 /* "system control port A" */

#define CONTROL_A20 0x02
#define STATUS_OUTPUT_FULL 0x01
#define STATUS_INPUT_FULL 0x02
#define COMMAND_READ_OUTPUT 0xd0
#define COMMAND_WRITE_OUTPUT 0xd1
#define COMMAND_DISABLE_A20 0xdd
#define OUTPUT_NO_RESET 0x01
#define OUTPUT_A20 0x02

/* PM1A_CONTROL */
#define SLEEP_TYPE_MASK 0x1c00
#define SLEEP_TYPE_S3 0x0400 /* of QEMU's PIIX4 */
#define SLEEP_ENABLE 0x2000

#define CR0_NW 0x20000000
#define CR4_RESERVED 0x80000000

#define MSR_EFER 0xc0000080
#define MSR_EOI 0x40000070
#define ICR_FIXED 0x4000ULL
#define ICR_NMI 0x4400ULL
#define ICR_SELF 0x40000ULL

/* modes_may_refuse */
#define WRMSR_BYTES 2
#define MOV_CR4_BYTES 3
#define IRETQ_BYTES 2

static void wait_status(u8 bit, bool set)
{
	u32 patience = 100000;

	while (!(in_8(PORT_COMMAND) & bit) == set && --patience)
		;
}

static u8 output_port(void)
{
	wait_status(STATUS_INPUT_FULL, false);
	out_8(PORT_COMMAND, COMMAND_READ_OUTPUT);
	wait_status(STATUS_OUTPUT_FULL, true);
	return in_8(PORT_DATA);
}

/*
 * Address line 20 masked would put the root's memory in place of the
 * hypervisor's code.
 */
void hostile_a20_by_the_control_port(void)
{
	u8 before = in_8(PORT_CONTROL);

	EXPECT_EQ(before & CONTROL_A20, CONTROL_A20);
	out_8(PORT_CONTROL, before & ~CONTROL_A20);
	EXPECT_EQ(in_8(PORT_CONTROL), before);
	/* As a part of something wider. */
	out_16(PORT_CONTROL - 1, (before & ~CONTROL_A20) << 8);
	EXPECT_EQ(in_8(PORT_CONTROL), before);
	/* QEMU gives all bytes of it to the port that it begins with. */
	out_16(PORT_CONTROL, before);
	EXPECT_EQ(in_8(PORT_CONTROL), before);
	out_32(PORT_CONTROL, before);
	EXPECT_EQ(in_8(PORT_CONTROL), before);
}

void hostile_a20_by_the_keyboard_controller(void)
{
	u8 before = output_port();

	EXPECT_EQ(before & OUTPUT_A20, OUTPUT_A20);
	out_8(PORT_COMMAND, COMMAND_DISABLE_A20);
	EXPECT_EQ(output_port(), before);
	out_8(PORT_COMMAND, COMMAND_WRITE_OUTPUT);
	out_8(PORT_DATA, OUTPUT_NO_RESET);
	EXPECT_EQ(output_port() & OUTPUT_A20, OUTPUT_A20);
	out_16(PORT_COMMAND, COMMAND_WRITE_OUTPUT);
	out_16(PORT_DATA, OUTPUT_NO_RESET);
	EXPECT_EQ(output_port() & OUTPUT_A20, OUTPUT_A20);
}

/*
 * In real mode: cli; incw %cs:0xff0; 1: hlt; jmp 1b. And what it does when an
 * NMI comes: incw %cs:0xff2; iret.
 */
static const u8 other_code[] = {
	0xfa, 0x2e, 0xff, 0x06, 0xf0, 0x0f, 0xf4, 0xeb, 0xfd,
	0x2e, 0xff, 0x06, 0xf2, 0x0f, 0xcf,
};

#define OTHER_NMI 9 /* where that is */

static u16 *const other_starts = (u16 *)(LOW_OTHER + 0xff0);
static u16 *const other_nmis = (u16 *)(LOW_OTHER + 0xff2);

/* The other processor changes it. */
static u16 read_16(const u16 *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static void send_other(u64 command)
{
	wrmsr(MSR_ICR, ICR_DESTINATION(1) | command);
}

/* The second processor starts, from whatever it is doing. */
static void start_other(void)
{
	u16 before = read_16(other_starts);
	u32 patience = 1000000;

	send_other(ICR_INIT);
	send_other(ICR_STARTUP | LOW_OTHER >> 12);
	while (read_16(other_starts) == before && --patience)
		rdmsr(MSR_ICR);
	EXPECT_EQ(read_16(other_starts), (u16)(before + 1));
}

static void prepare_other(void)
{
	u16 *vector = (u16 *)(u64)(2 * 4);

	memcpy((void *)LOW_OTHER, other_code, sizeof(other_code));
	*other_starts = 0;
	*other_nmis = 0;
	vector[0] = OTHER_NMI;
	vector[1] = LOW_OTHER >> 4;
}

/* Each INIT and each start-up message arrives, and nothing else does. */
void hostile_starts_again_and_again(void)
{
	u32 i;

	prepare_other();
	for (i = 0; i < 1500; i++)
		start_other();
	EXPECT_EQ(read_16(other_nmis), 0);
}

/*
 * INIT drops what is pending. It shall not look like a fault of the
 * hypervisor's.
 */
void hostile_interrupts_pending_at_init(void)
{
	static const u8 vectors[] = { 8, 14, 16, 30, 31, 32, 255 };
	u32 i;

	prepare_other();
	start_other();
	for (i = 0; i < ARRAY_SIZE(vectors); i++) {
		send_other(ICR_FIXED | vectors[i]);
		start_other();
	}
	for (i = 0; i < ARRAY_SIZE(vectors); i++)
		send_other(ICR_FIXED | vectors[i]);
	start_other();
}

/*
 * The stack's page is not in the nested page table until it is touched: what
 * was being delivered then comes again, as what it was, and once: also when
 * another interrupt arrives during its handler.
 */
void hostile_interrupt_on_a_new_page(void)
{
	u32 before = modes_interrupts;

	/* The firmware's timer is not meant. */
	out_8(PORT_PIC1_MASK, 0xff);
	out_8(PORT_PIC2_MASK, 0xff);
	wrmsr(MSR_ICR, ICR_FIXED | ICR_SELF | INTERRUPT);
	take_interrupt(NOWHERE_AT + 0x10000);
	EXPECT_EQ(modes_interrupts, before + 1);
	wrmsr(MSR_EOI, 0);
	wrmsr(MSR_ICR, ICR_FIXED | ICR_SELF | INTERRUPT);
	take_interrupt(NOWHERE_AT + 0x10000);
	EXPECT_EQ(modes_interrupts, before + 2);
	wrmsr(MSR_EOI, 0);
}

static u32 nmis, nmis_wanted;
static bool nmi_spoiled;

/* Another one comes during each but the last. */
void hostile_take_nmi(u64 *frame)
{
	write_once(&nmis, nmis + 1);
	if (nmis < nmis_wanted)
		wrmsr(MSR_ICR, ICR_NMI | ICR_SELF);
	if (nmi_spoiled)
		frame[1] = 0; /* no code segment */
	nmi_spoiled = false;
}

/* All have come when the first is back, though nothing makes the VP exit. */
static void expect_nmis(u32 count)
{
	write_once(&nmis, 0);
	nmis_wanted = count;
	wrmsr(MSR_ICR, ICR_NMI | ICR_SELF);
	EXPECT_EQ(read_once(&nmis), count);
}

void hostile_nmi_during_an_nmi(void)
{
	u32 before = modes_breakpoints;

	expect_nmis(1);
	expect_nmis(2);
	expect_nmis(5);
	EXPECT_EQ(modes_breakpoints, before);
}

/* The IRET is refused, and NMIs come after the one that ends this exception. */
void hostile_nmi_that_ends_in_a_fault(void)
{
	u32 refused = modes_refused, breakpoints = modes_breakpoints;

	modes_may_refuse = IRETQ_BYTES;
	nmi_spoiled = true;
	expect_nmis(3);
	modes_may_refuse = 0;
	EXPECT_EQ(modes_refused, refused + 1);
	EXPECT_EQ(modes_breakpoints, breakpoints);
}

/* The root's own trap behind the IRET comes, too. */
void hostile_nmi_that_is_stepped_through(void)
{
	u32 before = modes_breakpoints;

	modes_nmi_flags = RFLAGS_FIXED | RFLAGS_TF;
	expect_nmis(3);
	modes_nmi_flags = RFLAGS_FIXED;
	EXPECT_EQ(modes_breakpoints, before + 3);
}

#define DR7_LOCAL(n) (1ULL << (2 * (n)))
#define DR7_ACCESS_8(n) (0xbULL << (16 + 4 * (n)))
#define DR7_FIXED 0x400ULL
#define SET_DR(n, reg, value)                                          \
	do {                                                           \
		register u64 _v asm(reg) = (value);                    \
		asm volatile("movq %0, %%dr" #n : : "r"(_v) : "memory"); \
	} while (0)
#define GET_DR(n)                                                      \
	({                                                             \
		u64 _v;                                                \
		asm volatile("movq %%dr" #n ", %0" : "=r"(_v) : : "memory"); \
		_v;                                                    \
	})

static __attribute__((__noinline__)) void landmark(void)
{
	asm volatile("");
}

/*
 * One breakpoint, by each register: on the hypervisor's code, where it has to be
 * without effect, as it is on processors that do not forget to switch it off;
 * and on this code.
 */
#define TRY_BREAKPOINT(n, reg)                                         \
	do {                                                           \
		u32 _before = modes_breakpoints;                       \
		SET_DR(n, reg, modes_hypervisor_code);                 \
		SET_DR(7, "rax", DR7_FIXED | DR7_LOCAL(n));            \
		rdmsr(MSR_ICR);                                        \
		SET_DR(7, "rax", DR7_FIXED);                           \
		SET_DR(n, reg, gpa(landmark));                         \
		EXPECT_EQ(GET_DR(n), gpa(landmark));                   \
		SET_DR(7, "rax", DR7_FIXED | DR7_LOCAL(n));            \
		rdmsr(MSR_ICR);                                        \
		landmark();                                            \
		SET_DR(7, "rax", DR7_FIXED);                           \
		EXPECT_EQ(modes_breakpoints, _before + 1);             \
	} while (0)

void hostile_breakpoint_on_the_hypervisor(void)
{
	TRY_BREAKPOINT(0, "rdx");
	TRY_BREAKPOINT(1, "r9");
	TRY_BREAKPOINT(2, "rbp");
	TRY_BREAKPOINT(3, "rax");
}

/* The hypervisor reads there; only the root's own accesses count. */
void hostile_watchpoint_on_a_list(void)
{
	u64 available = root_available();
	u32 before;

	SET_DR(1, "rdx", gpa(page_in));
	SET_DR(7, "rax", DR7_FIXED | DR7_LOCAL(1) | DR7_ACCESS_8(1));
	before = modes_breakpoints;
	call_long();
	EXPECT_EQ(modes_breakpoints, before);
	EXPECT_EQ(root_available(), available);
	EXPECT_EQ(modes_breakpoints > before, true);
	SET_DR(7, "rax", DR7_FIXED);
}

/*
 * The machine would wake up in the firmware, and that go wherever this says. To
 * write the type alone does no harm.
 */
void hostile_sleep_without_the_hypervisor(void)
{
	u16 before = in_16(PM1A_CONTROL);
	u16 type = (before & ~SLEEP_TYPE_MASK) | SLEEP_TYPE_S3;
	struct {
		u32 id, reserved, state;
		u8 pm1a_type, pm1b_type, rest[58];
	} property = { .id = 3, .state = 5 }; /* sleep state, S5 */

	out_16(PM1A_CONTROL, type);
	EXPECT_EQ(in_16(PM1A_CONTROL), type);
	out_16(PM1A_CONTROL, type | SLEEP_ENABLE);
	out_8(PM1A_CONTROL + 1, (type | SLEEP_ENABLE) >> 8);
	out_32(PM1A_CONTROL, type | SLEEP_ENABLE);
	/* Nor does the hypervisor do it, when told that this was S5. */
	property.pm1a_type = SLEEP_TYPE_S3 >> 10;
	EXPECT_EQ(call_simple(HVCALL_SET_SYSTEM_PROPERTY, &property,
			      sizeof(property), NULL, 0),
		  HV_STATUS_INVALID_PARAMETER);
	property.pm1a_type = 0;
	property.pm1b_type = SLEEP_TYPE_S3 >> 10;
	EXPECT_EQ(call_simple(HVCALL_SET_SYSTEM_PROPERTY, &property,
			      sizeof(property), NULL, 0),
		  HV_STATUS_INVALID_PARAMETER);
	property.pm1b_type = 0;
	EXPECT_EQ(call_simple(HVCALL_SET_SYSTEM_PROPERTY, &property,
			      sizeof(property), NULL, 0), HV_STATUS_SUCCESS);
	/* Whoever sleeps does so once something else is looked at. */
	root_available();
	out_16(PM1A_CONTROL, before);
	EXPECT_EQ(in_16(PM1A_CONTROL), before);
}

#define MSR_CRASH_CTL 0x40000105
#define CRASH_NOTIFY (1ULL << 63)

/* What the hypervisor logs; scripts/test-modes counts the lines. */
void hostile_log_without_end(void)
{
	u64 id = rdmsr(MSR_GUEST_OS_ID), hypercalls = rdmsr(MSR_HYPERCALL);
	u16 before = in_16(PM1A_CONTROL);
	u32 i;

	for (i = 0; i < 40; i++) {
		wrmsr(MSR_ICR, ICR_DESTINATION(0) | ICR_INIT);
		wrmsr(MSR_CRASH_CTL, CRASH_NOTIFY);
		out_16(PM1A_CONTROL, (before & ~SLEEP_TYPE_MASK) |
				     SLEEP_TYPE_S3 | SLEEP_ENABLE);
		wrmsr(MSR_GUEST_OS_ID, 0);
		wrmsr(MSR_GUEST_OS_ID, id);
	}
	out_16(PM1A_CONTROL, before);
	wrmsr(MSR_HYPERCALL, hypercalls);
}

#define GIB (1ULL << 30)
#define PAGE_GIB 0x83ULL /* present, writable, large */
#define PAGE_TABLE 3ULL

/*
 * Each GiB in which there is no RAM is mapped when it is touched, which is no
 * nested page fault that does not go away.
 */
void hostile_far_and_wide(void)
{
	static u64 tables[2][512] __attribute__((aligned(4096)));
	u64 i, value;

	for (i = 0; i < 1024; i++)
		tables[i / 512][i % 512] = i * GIB | PAGE_GIB;
	pml4[1] = gpa(tables[0]) | PAGE_TABLE;
	pml4[2] = gpa(tables[1]) | PAGE_TABLE;
	for (i = 4; i < 1024; i++)
		asm volatile("movq (%1), %0"
			     : "=r"(value) : "r"((512 + i) * GIB) : "memory");
	pml4[1] = 0;
	pml4[2] = 0;
}

/* Bits of EFER with the bits of CPUID leaf 0x80000001 that offer them. */
static const struct {
	u64 bit;
	u32 ecx, edx;
} efer_bits[] = {
	{ 1ULL << 0, 0, 1U << 11 }, /* SCE */
	{ 1ULL << 11, 0, 1U << 20 }, /* NXE */
	{ 1ULL << 14, 0, 1U << 25 }, /* FFXSR */
	{ 1ULL << 15, 1U << 17, 0 }, /* TCE */
	{ 1ULL << 12, 1U << 2, 0 }, /* SVME: not for the root */
	{ 1ULL << 13, 0, 0 }, /* LMSLE */
	{ 1ULL << 63, 0, 0 },
};

/* What CPUID does not offer is refused; a processor would not run with it. */
void hostile_efer(void)
{
	u32 a = 0x80000001, b, c = 0, d, i, before;
	u64 efer = rdmsr(MSR_EFER);

	asm volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
	modes_may_refuse = WRMSR_BYTES;
	for (i = 0; i < ARRAY_SIZE(efer_bits); i++) {
		u64 bit = efer_bits[i].bit;
		bool there = (c & efer_bits[i].ecx) || (d & efer_bits[i].edx);

		before = modes_refused;
		wrmsr(MSR_EFER, efer | bit);
		EXPECT_EQ(modes_refused, before + !there);
		EXPECT_EQ(rdmsr(MSR_EFER), there ? efer | bit : efer);
		wrmsr(MSR_EFER, efer);
	}
	modes_may_refuse = 0;
}

/*
 * A reserved bit of CR4 is #GP each time. Emulators make an exit of it, which
 * looks like an entry that was refused.
 */
void hostile_cr4(void)
{
	u32 i, before = modes_refused;
	u64 cr4, now;

	asm volatile("movq %%cr4, %0" : "=r"(cr4));
	modes_may_refuse = MOV_CR4_BYTES;
	for (i = 0; i < 3000; i++)
		asm volatile("movq %%rax, %%cr4" : : "a"(cr4 | CR4_RESERVED)
			     : "memory");
	modes_may_refuse = 0;
	asm volatile("movq %%cr4, %0" : "=r"(now));
	EXPECT_EQ(modes_refused, before + 3000);
	EXPECT_EQ(now, cr4);
}

/*
 * Cached, and not written through, which processors refuse. Emulators take it,
 * and refuse to enter such a guest.
 */
void hostile_state_that_is_not_valid(void)
{
	u64 cr0;

	asm volatile("movq %%cr0, %0" : "=r"(cr0));
	asm volatile("movq %0, %%cr0" : : "r"(cr0 | CR0_NW));
	rdmsr(MSR_ICR);
}
