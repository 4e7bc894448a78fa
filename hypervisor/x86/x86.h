/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The processor: instructions, registers and ports that C has no words for.
 */
#ifndef HVX_X86_H
#define HVX_X86_H

#include <hv/types.h>

#define CR0_PE (1ULL << 0)
#define CR0_ET (1ULL << 4)
#define CR0_NW (1ULL << 29)
#define CR0_CD (1ULL << 30)
#define CR0_PG (1ULL << 31)
#define CR4_PSE (1ULL << 4)
#define CR4_PAE (1ULL << 5)
#define CR4_LA57 (1ULL << 12)
#define CR4_OSXSAVE (1ULL << 18)
#define CR4_PKE (1ULL << 22)

#define RFLAGS_FIXED (1ULL << 1)
#define RFLAGS_TF (1ULL << 8)
#define RFLAGS_VM (1ULL << 17)

#define EFER_SCE (1ULL << 0)
#define EFER_LME (1ULL << 8)
#define EFER_LMA (1ULL << 10)
#define EFER_NXE (1ULL << 11)
#define EFER_SVME (1ULL << 12)
#define EFER_FFXSR (1ULL << 14)
#define EFER_TCE (1ULL << 15)

#define DR6_FIXED 0xffff0ff0ULL
#define DR6_BS (1ULL << 14)
#define DR7_FIXED 0x400ULL

#define MSR_APIC_BASE 0x1bU
#define MSR_X2APIC 0x800U
#define MSR_X2APIC_ICR 0x830U
#define MSR_X2APIC_LVT_FIRST 0x832U
#define MSR_X2APIC_LVT_LAST 0x837U
#define MSR_X2APIC_EXTENDED_LVT_FIRST 0x850U
#define MSR_X2APIC_EXTENDED_LVT_LAST 0x853U
#define MSR_EFER 0xc0000080U
#define MSR_VM_CR 0xc0010114U
#define MSR_VM_HSAVE_PA 0xc0010117U
#define MSR_SVM_KEY 0xc0010118U

#define VM_CR_SVMDIS (1ULL << 4)

#define VECTOR_DB 1U
#define VECTOR_NMI 2U
#define VECTOR_UD 6U
#define VECTOR_DF 8U
#define VECTOR_GP 13U
#define VECTOR_PF 14U

/* What another processor reads or writes at the same time. */
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value) __atomic_store_n(&(x), value, __ATOMIC_RELAXED)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define fallthrough __attribute__((__fallthrough__))

static inline void barrier(void)
{
	asm volatile("" ::: "memory");
}

/* Nothing moves across: stores before it are seen before loads behind it. */
static inline void full_barrier(void)
{
	asm volatile("mfence" ::: "memory");
}

static inline void cpu_relax(void)
{
	asm volatile("pause" ::: "memory");
}

static inline u32 xchg32(u32 *p, u32 value)
{
	asm volatile("xchgl %0, %1" : "+r"(value), "+m"(*p) :: "memory");
	return value;
}

static inline u32 fetch_add32(u32 *p, u32 value)
{
	asm volatile("lock xaddl %0, %1" : "+r"(value), "+m"(*p) :: "memory");
	return value;
}

/* Returns what was there; the exchange took place if that is @old. */
static inline u32 cmpxchg32(u32 *p, u32 old, u32 value)
{
	asm volatile("lock cmpxchgl %2, %1"
		     : "+a"(old), "+m"(*p) : "r"(value) : "memory", "cc");
	return old;
}

/* Device registers in memory. */
static inline u32 mmio_read(u64 address)
{
	u32 value;

	asm volatile("movl %1, %0"
		     : "=r"(value) : "m"(*(const u32 *)address) : "memory");
	return value;
}

static inline void mmio_write(u64 address, u32 value)
{
	asm volatile("movl %1, %0"
		     : "=m"(*(u32 *)address) : "r"(value) : "memory");
}

static inline void out8(u16 port, u8 value)
{
	asm volatile("outb %0, %1" :: "a"(value), "Nd"(port) : "memory");
}

static inline void out16(u16 port, u16 value)
{
	asm volatile("outw %0, %1" :: "a"(value), "Nd"(port) : "memory");
}

static inline void out32(u16 port, u32 value)
{
	asm volatile("outl %0, %1" :: "a"(value), "Nd"(port) : "memory");
}

static inline u8 in8(u16 port)
{
	u8 value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline u16 in16(u16 port)
{
	u16 value;

	asm volatile("inw %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline u32 in32(u16 port)
{
	u32 value;

	asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline u64 rdmsr(u32 msr)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return low | (u64)high << 32;
}

static inline void wrmsr(u32 msr, u64 value)
{
	asm volatile("wrmsr" :: "c"(msr), "a"((u32)value),
		     "d"((u32)(value >> 32)) : "memory");
}

static inline u64 rdtsc(void)
{
	u32 low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high) :: "memory");
	return low | (u64)high << 32;
}

struct cpuid {
	u32 eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(u32 leaf, u32 subleaf)
{
	struct cpuid r;

	asm volatile("cpuid"
		     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
		     : "a"(leaf), "c"(subleaf));
	return r;
}

static inline u64 read_cr3(void)
{
	u64 value;

	asm volatile("movq %%cr3, %0" : "=r"(value) :: "memory");
	return value;
}

static inline u64 read_cr2(void)
{
	u64 value;

	asm volatile("movq %%cr2, %0" : "=r"(value));
	return value;
}

static inline void wbinvd(void)
{
	asm volatile("wbinvd" ::: "memory");
}

static inline void clgi(void)
{
	asm volatile("clgi" ::: "memory");
}

/* A pending NMI comes now: fault.S. */
static inline void let_nmi_come(void)
{
	asm volatile("stgi; nop; clgi" ::: "memory");
}

static inline void halt_forever(void)
{
	for (;;)
		asm volatile("cli; hlt" ::: "memory");
}

/* (high:low) / divisor, where high < divisor. */
static inline u64 div128(u64 high, u64 low, u64 divisor)
{
	u64 quotient, rest;

	asm("divq %4" : "=a"(quotient), "=d"(rest)
	    : "a"(low), "d"(high), "r"(divisor) : "cc");
	return quotient;
}

/* The upper 64 bits of a product. */
static inline u64 mul_high(u64 a, u64 b)
{
	u64 high;

	asm("mulq %2" : "+a"(a), "=d"(high) : "r"(b) : "cc");
	return high;
}

#endif
