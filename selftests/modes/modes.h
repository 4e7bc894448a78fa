/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hypercalls from every mode of the processor, made by a program that is the
 * root partition itself: no kernel, interrupts off. Further processors are there
 * for hostile.c and parallel.c.
 */
#ifndef MODES_H
#define MODES_H

#include <hv/calls.h>
#include <hv/debug.h>
#include <hv/hypercall.h>
#include <hv/memory.h>
#include <hv/partition.h>
#include <hv/status.h>

/* thunks.S knows the order. */
struct registers {
	u64 rax, rbx, rcx, rdx, rsi, rdi, rbp;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rflags;
	u64 xmm[32]; /* XMM0 to XMM15 */
};

HV_ASSERT_OFFSET(struct registers, rflags, 15 * 8);
HV_ASSERT_OFFSET(struct registers, xmm, 16 * 8);

extern struct registers modes_registers;
extern u32 modes_undefined; /* #UDs so far */
extern u32 modes_breakpoints;
extern u32 modes_refused; /* #GPs where they may be */
extern u32 modes_may_refuse; /* bytes of such an instruction, 0: nowhere */
extern u64 modes_nmi_flags; /* RFLAGS of the IRET that ends an NMI */
extern u32 modes_interrupts; /* in take_interrupt() */
extern u32 modes_command_line;
extern u64 pml4[512];
extern u64 modes_hypervisor_code; /* an address that it executes for an exit */

#define RFLAGS_FIXED 0x2ULL
#define RFLAGS_TF 0x100ULL

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* --- thunks.S: VMMCALL with modes_registers ------------------------------- */

void call_long(void); /* 64-bit code */
void call_compat(void); /* 32-bit code of long mode */
void call_protected(void); /* protected mode, no paging */
void call_real(void);
void call_user64(void); /* ring 3 */
void call_user32(void);
void take_interrupt(u64 stack); /* when there is one with vector INTERRUPT */

#define MSR_GUEST_OS_ID 0x40000000
#define MSR_HYPERCALL 0x40000001
#define MSR_ICR 0x40000071
#define ICR_DESTINATION(apic_id) ((u64)(apic_id) << 56)
#define ICR_INIT 0x4500ULL
#define ICR_STARTUP 0x4600ULL

/* QEMU's PIIX4. */
#define PM1A_CONTROL 0x604

/* --- modes.c --------------------------------------------------------------- */

void modes_main(void);
void modes_unexpected(const u64 *frame) __attribute__((noreturn));

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);

/* Fail the test that is running, and go on with it. */
void fail(const char *file, int line, const char *what, u64 is, u64 want);

#define EXPECT_EQ(is, want)                                        \
	do {                                                       \
		u64 _is = (is), _want = (want);                    \
		if (_is != _want)                                  \
			fail(__FILE__, __LINE__, #is, _is, _want); \
	} while (0)

/* Something of its own in every register, all flags that arithmetic sets, lists. */
void put_junk(void);
#define JUNK_IN 0xababababababababULL
#define JUNK_OUT 0xcdcdcdcdcdcdcdcdULL

/* After a call: all registers are what they should be. */
void expect_registers(const struct registers *want);

/* Lists of the calls in memory, a page each. */
extern u64 page_in[512], page_out[512];

#define PAGES 64
/* Pages to give away. Nothing is in them. */
extern u64 pages[PAGES][512];

static inline u64 gpa(const void *at)
{
	return (u64)at;
}

static inline u64 page_number(const void *at)
{
	return gpa(at) >> HV_PAGE_SHIFT;
}

/* Simple call from 64-bit code with its lists in memory; @out may be NULL. */
u16 call_simple(u16 code, const void *in, u32 bytes, u64 *out, u32 words);
/* The debug call; @text may be NULL. */
u16 debug(u32 op, u64 arg, const char *text);
u64 root_available(void);

static inline void wrmsr(u32 msr, u64 value)
{
	asm volatile("wrmsr"
		     : : "c"(msr), "a"((u32)value), "d"((u32)(value >> 32))
		     : "memory");
}

/* Memory that other processors change. */
static inline u32 read_once(const u32 *at)
{
	return __atomic_load_n(at, __ATOMIC_ACQUIRE);
}

static inline void write_once(u32 *at, u32 value)
{
	__atomic_store_n(at, value, __ATOMIC_RELEASE);
}

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (u64)high << 32 | low;
}

static inline void out_8(u16 port, u8 value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out_16(u16 port, u16 value)
{
	asm volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void out_32(u16 port, u32 value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline u16 in_16(u16 port)
{
	u16 value;

	asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline u8 in_8(u16 port)
{
	u8 value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

/* --- lists.c: tests -------------------------------------------------------- */

/*
 * An active partition with a VP: a page for the root's pool, which pays for the
 * partition, and @count that lie side by side for its own.
 */
u64 make_partition(const void *for_root, const void *own, u32 count);

void W1_W16_withdraw_in_every_form(void);
void W16_deposit_in_every_form(void);
void W17_forms_that_do_not_fit(void);
void G1_write_gpa_in_registers(void);

/* --- parallel.c: tests ----------------------------------------------------- */

void parallel_next_kernel(void);
void parallel_pools(void);
void parallel_gone_is_gone_for_all(void);
void parallel_other(u64 index); /* where further processors come to; start.S */

/* --- hostile.c: tests ------------------------------------------------------ */

void hostile_a20_by_the_control_port(void);
void hostile_a20_by_the_keyboard_controller(void);
void hostile_starts_again_and_again(void);
void hostile_interrupts_pending_at_init(void);
void hostile_interrupt_on_a_new_page(void);
void hostile_nmi_during_an_nmi(void);
void hostile_nmi_that_ends_in_a_fault(void);
void hostile_nmi_that_is_stepped_through(void);
void hostile_take_nmi(u64 *frame); /* the NMI's handler; start.S */
void hostile_breakpoint_on_the_hypervisor(void);
void hostile_watchpoint_on_a_list(void);
void hostile_sleep_without_the_hypervisor(void);
void hostile_log_without_end(void);
void hostile_far_and_wide(void);
void hostile_efer(void);
void hostile_cr4(void);
void hostile_state_that_is_not_valid(void);

#endif
