/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bare-metal host of hypervisor/core: what its files share.
 *
 * One machine, one root partition whose virtual processors are the
 * processors of the machine, one to one.
 */
#ifndef HVX_H
#define HVX_H

#include <string.h>
#include <core.h>
#include <hv/types.h>
#include "svm.h"
#include "x86.h"

#define HVX_MAX_CPUS HVC_MAX_VPS
#define HVX_MAX_REGIONS 32
#define HVX_MAX_MAP 64
#define HVX_MAX_IOAPICS 8
#define HVX_MAX_INSN 15 /* bytes */
#define HVX_CMDLINE_SIZE 2048
#define HVX_STACK_SIZE 0x4000
#define HVX_FAULT_STACK_SIZE 0x2000
/* Both stacks, each with a hole below it. */
#define HVX_STACK_PAGES \
	((HVX_STACK_SIZE + HVX_FAULT_STACK_SIZE) / HVX_PAGE_SIZE + 2)
/* VMCB, host save area, host state, stacks, and four overlay pages. */
#define HVX_CPU_PAGES (3 + HVX_STACK_PAGES + 4)
#define HVX_PAGE_SIZE 4096ULL
/* Memory above this is left alone: one page directory pointer table's worth. */
#define HVX_MAX_ADDRESS (512ULL << 30)
/* Exits are counted by exit code; the codes above these share three slots. */
#define HVX_EXIT_NPF 0x8d
#define HVX_EXIT_MMIO 0x8e
#define HVX_EXIT_OTHER 0x8f
#define HVX_NR_EXITS 0x90

/* Leave QEMU with a non-zero status, if it has an isa-debug-exit device. */
#define HVX_EXIT_PORT 0xf4
#define HVX_EXIT_FATAL 0x31

static inline u64 hvx_page_up(u64 address)
{
	return (address + HVX_PAGE_SIZE - 1) & ~(HVX_PAGE_SIZE - 1);
}

static inline u64 hvx_page_down(u64 address)
{
	return address & ~(HVX_PAGE_SIZE - 1);
}

static inline u64 hvx_min(u64 a, u64 b)
{
	return a < b ? a : b;
}

static inline u64 hvx_max(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* --- console.c ------------------------------------------------------------- */

enum hvx_sink {
	HVX_LOG = 1, /* debug console only: the serial line is the root's */
	HVX_BOTH = 3,
};

void hvx_console_init(void);
bool hvx_may_log(u32 *lines);
void hvx_print(enum hvx_sink sink, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void hvx_vprint(enum hvx_sink sink, const char *fmt, __builtin_va_list args);

/* --- what the boot loader left: multiboot.c -------------------------------- */

struct hvx_range {
	u64 base, size;
	u32 type; /* as in E820: 1 is RAM */
};

#define HVX_RAM 1U
#define HVX_RESERVED 2U

struct hvx_module {
	u64 base, size;
	char string[HVX_CMDLINE_SIZE]; /* file name, blank, command line */
};

struct hvx_boot {
	struct hvx_range map[HVX_MAX_MAP]; /* ascending, no overlaps */
	u32 nr_map;
	struct hvx_module kernel, initrd; /* size 0: none */
	char cmdline[HVX_CMDLINE_SIZE];
};

void hvx_multiboot(struct hvx_boot *boot, u32 magic, u64 info);

/* --- the machine's tables: acpi.c ------------------------------------------ */

void hvx_acpi_init(void);
void hvx_power_off(void);
void hvx_reset(void);
u32 hvx_domain(u64 address);

#define HVX_SLEEP_ENABLE (1U << 13)
#define HVX_SLEEP_TYPE(control) ((control) >> 10 & 7)

struct hvx_sleep {
	u16 pm1a_control; /* ports, 0: none */
	u16 pm1b_control;
	/* Values for soft-off, as the root registered them. */
	u8 s5_type_a, s5_type_b;
	bool s5_known;
	/* Types that turn processors off, and not the memory: a bit each. */
	u8 refused_types;
};

/* --- memory.c -------------------------------------------------------------- */

struct hvx_region {
	u64 pfn, pages;
};

struct hvx_span {
	u64 base, end;
};

/* The linker's. */
extern u8 hvx_image_start[], hvx_image_end[];
extern u8 hvx_text_start[], hvx_text_end[];
extern u8 hvx_rodata_start[], hvx_rodata_end[];
/* boot.S: the hypervisor's own map. */
extern u64 hvx_pdpt[512];

void hvx_memory_plan(const struct hvx_boot *boot);
void hvx_memory_init(void);
void *hvx_alloc_pages(u64 pages);
bool hvx_is_hidden(u64 base, u64 end);

/* --- map.c ----------------------------------------------------------------- */

u64 hvx_map_reserve(void);
void hvx_map_protect(void);
u64 hvx_map_executable(void);
void hvx_map_load(void);

/* --- processors ------------------------------------------------------------ */

/*
 * A page that the hypervisor provides at a place the root may choose, over
 * whatever else is there: TLFS "GPA Overlay Pages".
 */
struct hvx_overlay {
	u64 msr; /* bit 0 enabled, 63:12 page number */
	u64 page; /* where the contents are */
	bool writable;
};

/* Guest registers that neither the VMCB nor VMSAVE keeps; see vmrun.S. */
struct hvx_regs {
	u64 rbx, rcx, rdx, rsi, rdi, rbp;
	u64 r8, r9, r10, r11, r12, r13, r14, r15;
};

enum hvx_cpu_state {
	HVX_CPU_ABSENT, /* has not come up */
	HVX_CPU_WAITING, /* for a SIPI, inside the hypervisor */
	HVX_CPU_RUNNING,
};

/* The root's NMIs are blocked from one to the end of an IRET. */
enum hvx_nmi_block {
	HVX_NMI_OPEN,
	HVX_NMI_BLOCKED,
	HVX_NMI_IRET, /* that instruction is next, and stepped over */
};

#define HVX_BOOT_INIT 0x200U
#define HVX_BOOT_SIPI 0x100U

/* Long mode's task state segment: AMD APM volume 2, section 12.2.5. */
struct hvx_tss {
	u32 reserved1;
	u64 rsp[3];
	u64 reserved2;
	u64 ist[7];
	u64 reserved3;
	u16 reserved4, io_map;
} __attribute__((packed));

struct hvx_cpu {
	struct hvx_regs regs; /* first: vmrun.S */
	u64 vmcb_pa; /* second: vmrun.S */
	struct vmcb *host_state; /* third: what VMLOAD gives the hypervisor */
	u64 nmi_taken; /* fourth: fault.S has met an NMI, outside the guest */
	struct vmcb *vmcb;
	void *host_save;
	u8 *stack;
	u8 *fault_stack; /* for page and double faults */
	struct hvx_tss tss;
	u32 state; /* enum hvx_cpu_state */
	u32 apic_id;
	u32 vp_index;
	u32 lp_index;
	bool lp_known; /* the root has added it as a logical processor */
	bool vp_created;
	bool vp_claimed; /* by the kernel that runs now */
	bool bsp;

	/* Set by others, taken by this processor; see smp.c. */
	u32 in_guest;
	u32 attention; /* there may be a note: look before the next visit */
	u32 idle;
	u32 kick; /* an NMI of ours is on its way */
	u32 boot; /* HVX_BOOT_* and the vector of a start-up message */
	u32 nmi; /* the root sent one */
	u32 flush_request;
	u32 flush_done;

	/* Where the root's code is: insn.c. */
	struct {
		u64 cr3, page;
		const u8 *bytes;
	} code;

	/* Logical APIC id, as the root has set it in xAPIC mode. */
	u8 logical_id, logical_format;

	u32 nmi_block; /* enum hvx_nmi_block */
	/* The root's own before that step. */
	struct {
		u64 rflags, dr6;
	} iret;
	u32 repeats; /* of an exit that may not go on for ever */

	/* Synthetic state of the VP. */
	struct hvx_overlay assist, simp, siefp, sirbp;
	u64 scontrol;
	u64 sint[16];

	u64 exits[HVX_NR_EXITS];
	struct hvc_call call; /* the last hypercall */
};

HV_ASSERT_OFFSET(struct hvx_cpu, nmi_taken, 128);

struct hvx_machine {
	struct hvx_cpu cpus[HVX_MAX_CPUS];
	u32 nr_cpus;
	struct hvx_region regions[HVX_MAX_REGIONS];
	u32 nr_regions;
	struct hvc_frame *frames; /* by page number */
	u64 nr_frames; /* up to the end of RAM */
	/* RAM that is the hypervisor's: its image, and one piece of the rest. */
	struct hvx_span hidden[2];
	u64 ram_end;
	u64 ioapics[HVX_MAX_IOAPICS]; /* addresses */
	u32 nr_ioapics;
	struct hvx_sleep sleep;
	u64 tsc_hz, apic_hz;
	bool has_nrip;
	bool has_1g;
	bool report; /* print the counters before power-off */
	u64 npt_splits, npt_merges; /* of the root's large pages */
	u32 selftest; /* number of the test to run, from 1 */
	u32 protected; /* hvx_map_protect() is done */
	u32 stopping; /* a fatal condition: everyone halts */
	u32 lock_next, lock_owner; /* the core's lock */

	/* Synthetic state of the root partition. */
	u64 guest_os_id;
	struct hvx_overlay hypercall, reference_tsc;
	u64 tsc_scale, tsc_start;
	u64 tsc_invariant;
	u64 crash[5];
};

extern struct hvx_machine hvx;
extern struct hvc *const hvx_core;

/**
 * hvx_frame - the descriptor of a page of RAM
 * @pfn: page number, any value
 *
 * Context: any, after hvx_memory_init().
 * Return: the descriptor, or NULL where there is no RAM.
 */
static inline struct hvc_frame *hvx_frame(u64 pfn)
{
	if (pfn >= hvx.nr_frames || hvx.frames[pfn].state == HVC_FRAME_NONE)
		return NULL;
	return &hvx.frames[pfn];
}

struct hvx_cpu *hvx_cpu_by_apic_id(u32 apic_id);
struct hvx_cpu *hvx_cpu_by_vp_index(u32 vp_index);

/* --- svm.c, exit.c, vmrun.S ------------------------------------------------ */

void hvx_svm_check(void);
void hvx_svm_init(void);
void hvx_svm_cpu_init(struct hvx_cpu *cpu);
void hvx_vmcb_reset(struct hvx_cpu *cpu, u8 sipi_vector);
void hvx_vmcb_linux(struct hvx_cpu *cpu, u32 entry, u32 boot_params);
void hvx_inject(struct hvx_cpu *cpu, u32 vector, bool has_error, u32 error);
void hvx_advance(struct hvx_cpu *cpu, u32 opcode);
void hvx_advance_to(struct hvx_cpu *cpu, u64 next);
void hvx_intercept_port(u16 port);
void hvx_guest(struct hvx_cpu *cpu) __attribute__((noreturn));
void hvx_exit(struct hvx_cpu *cpu);
void hvx_on_stack(struct hvx_cpu *cpu, void (*function)(struct hvx_cpu *cpu),
		  u8 *stack_end) __attribute__((noreturn));
void hvx_run(struct hvx_cpu *cpu) __attribute__((noreturn));

/* --- nmi.c ----------------------------------------------------------------- */

void hvx_nmi_inject(struct hvx_cpu *cpu);
void hvx_nmi_exit_iret(struct hvx_cpu *cpu);
void hvx_nmi_exit_exception(struct hvx_cpu *cpu, u32 vector);
void hvx_nmi_iret_later(struct hvx_cpu *cpu);

/* --- npt.c, overlay.c ------------------------------------------------------ */

u64 hvx_npt_reserve(void);
void hvx_npt_init(u64 pages);
u64 hvx_npt_root(void);
void hvx_npt_access(u64 pfn, u64 pages, bool allow);
void hvx_npt_overlay(u64 pfn, u64 page, bool writable);
void hvx_npt_overlay_end(u64 pfn);
bool hvx_npt_is_overlay(u64 pfn);
bool hvx_npt_allows(u64 address, bool write);
bool hvx_npt_map_device(u64 address);
void hvx_npt_device(u64 address, bool readable);
const void *hvx_npt_memory(u64 address);

void hvx_overlay_init(struct hvx_overlay *o, bool writable);
bool hvx_overlay_write(struct hvx_overlay *o, u64 value);
void hvx_overlay_reset(struct hvx_overlay *o);

/* --- insn.c, mmio.c -------------------------------------------------------- */

/* A store of 32 bits, decoded. */
struct hvx_store {
	u32 length; /* of the instruction */
	u32 value;
	bool exchange; /* what was there before goes to reg */
	u64 *reg;
};

/* Instructions that are intercepted, first byte lowest. */
#define HVX_OP_CPUID 0xa20fU
#define HVX_OP_INVD 0x080fU
#define HVX_OP_WRMSR 0x300fU
#define HVX_OP_RDMSR 0x320fU
#define HVX_OP_VMMCALL 0xd9010fU

u32 hvx_insn_length(struct hvx_cpu *cpu, u32 opcode, u32 size);
/*
 * Is the instruction at a linear address surely what it seems to be, without
 * prefixes? A look at the page that is remembered. It may be another's by now:
 * nobody learns more of it than whether the instruction is there.
 */
static inline bool hvx_insn_is_plain(const struct hvx_cpu *cpu, u64 linear,
				     u32 opcode, u32 size)
{
	u64 offset = linear - cpu->code.page;
	u32 mask = size == 3 ? 0xffffff : 0xffff;

	return cpu->code.cr3 == cpu->vmcb->cr3 &&
	       offset <= HVX_PAGE_SIZE - sizeof(u32) &&
	       !((*(const u32 *)(cpu->code.bytes + offset) ^ opcode) & mask);
}

u32 hvx_insn_mov_dr(struct hvx_cpu *cpu, u64 *value);
bool hvx_insn_store(struct hvx_cpu *cpu, struct hvx_store *store);

void hvx_mmio_init(void);
bool hvx_mmio_covers(u64 address);
bool hvx_mmio_store(struct hvx_cpu *cpu, u64 address);

/* --- what the root asks the processor for: cpuid.c, msr.c, ports.c, ... ---- */

void hvx_exit_cpuid(struct hvx_cpu *cpu);
void hvx_exit_msr(struct hvx_cpu *cpu);
void hvx_ports_init(void);
void hvx_exit_ioio(struct hvx_cpu *cpu);
void hvx_exit_write_dr(struct hvx_cpu *cpu, u32 n);
bool hvx_quick_exit(struct hvx_cpu *cpu);
void hvx_exit_vmmcall(struct hvx_cpu *cpu);

#define HVX_ROOT_PRIVILEGES 0x0010103700008a74ULL

void hvx_synthetic_init(void);
bool hvx_synthetic_read(struct hvx_cpu *cpu, u32 msr, u64 *value);
bool hvx_synthetic_write(struct hvx_cpu *cpu, u32 msr, u64 value);
void hvx_core_init(void);
void hvx_options(const char *cmdline);
extern const struct hvc_row hvx_rows[];
extern const u32 hvx_nr_rows;
u32 hvx_root_vp_create(struct hvc *hv, u32 vp_index, u64 flags);
void hvx_root_vps_forget(void);

/* --- interrupts and other processors: apic.c, smp.c, time.c, fault.S ------- */

u32 hvx_apic_id(void);
u32 hvx_apic_read(u32 reg);
void hvx_apic_write(u32 reg, u32 value);
void hvx_apic_send(u32 apic_id, u32 command);
void hvx_apic_reset(struct hvx_cpu *cpu);
void hvx_apic_logical_reset(struct hvx_cpu *cpu);
void hvx_apic_eoi(void);
u64 hvx_apic_icr_read(void);
bool hvx_apic_icr(struct hvx_cpu *cpu, u32 destination, u32 command);
u64 hvx_apic_page(void);
bool hvx_apic_mode_ok(u32 mode);
bool hvx_apic_store(struct hvx_cpu *cpu, u32 reg, u32 value);
bool hvx_apic_x2apic_write(struct hvx_cpu *cpu, u32 msr, u64 value);
#define HVX_APIC_EOI 0x0b0U
#define HVX_APIC_TPR 0x080U

/* trampoline.S */
extern u8 trampoline_start[], trampoline_data[], trampoline_end[];

void hvx_smp_start(void);
void hvx_smp_note(struct hvx_cpu *cpu);
void hvx_smp_kick(struct hvx_cpu *cpu);
bool hvx_smp_take_nmi(struct hvx_cpu *cpu);
void hvx_smp_stop_others(void);

/*
 * In between, what this processor finds to be the root's memory stays that, and
 * so does the nested page table: hvx_flush() waits, as it does for processors in
 * the guest. So nobody may wait for a lock here that is held across a flush.
 */
static inline void hvx_view_begin(struct hvx_cpu *cpu)
{
	xchg32(&cpu->in_guest, 1);
}

static inline void hvx_view_end(struct hvx_cpu *cpu)
{
	barrier();
	WRITE_ONCE(cpu->in_guest, 0);
}

void hvx_smp_send_init(struct hvx_cpu *target);
void hvx_smp_park_others(const struct hvx_cpu *cpu);
void hvx_smp_send_sipi(struct hvx_cpu *target, u8 vector);
void hvx_smp_wait_sipi(struct hvx_cpu *cpu);
void hvx_flush(struct hvc *hv, struct hvc_partition *p);
void hvx_lock(struct hvc *hv);

/* Take it when nobody has it, and nobody waits. */
static inline bool hvx_try_lock(void)
{
	u32 owner = READ_ONCE(hvx.lock_owner);

	return cmpxchg32(&hvx.lock_next, owner, owner + 1) == owner;
}

static inline void hvx_unlock(struct hvc *hv)
{
	(void)hv;
	barrier();
	WRITE_ONCE(hvx.lock_owner, hvx.lock_owner + 1);
}

void hvx_time_init(void);
void hvx_delay(u64 microseconds);
u64 hvx_reference_time(void);

/* fault.S: vectors 0-31, and the one for all others. */
extern const u64 hvx_vectors[33];

void hvx_idt_load(void);
void hvx_idt_load_dropping(void);
void hvx_idt_use_fault_stacks(void);
void hvx_idle(u32 *wake);

/* --- the rest: linux.c, report.c, selftest.c, panic.c ---------------------- */

void hvx_linux_place(struct hvx_boot *boot);
void hvx_linux_start(const struct hvx_boot *boot, struct hvx_cpu *cpu);

void hvx_report(void);

void hvx_count_failure(u16 code, bool known, u16 status);
void hvx_report_failures(u16 code);
u32 hvx_debug_machine(struct hvc_ctx *ctx);
u32 hvx_debug_linger(u64 microseconds, u64 *values);

u32 hvx_selftest_find(const char *name);
void hvx_selftest(void);

void hvx_fatal(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));
void hvx_panic(struct hvx_cpu *cpu, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

#endif
