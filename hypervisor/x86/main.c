// SPDX-License-Identifier: GPL-2.0
/*
 * From the boot loader to the root's first instruction.
 */
#include "hvx.h"

#define WORD_MAX 256

struct hvx_machine hvx;

struct gate {
	u16 offset_low, selector;
	u8 ist, type;
	u16 offset_middle;
	u32 offset_high, reserved;
};

#define GATE_INTERRUPT 0x8e
#define CODE_SELECTOR 0x08
#define FAULT_IST 1 /* svm.c */

/* The second is for a moment in which there are interrupts, and no faults. */
static struct gate idt[256], dropping_idt[256];

void hvx_main(u32 magic, u64 info) __attribute__((noreturn));

static struct gate gate(u64 entry)
{
	return (struct gate){
		.offset_low = entry,
		.selector = CODE_SELECTOR,
		.type = GATE_INTERRUPT,
		.offset_middle = entry >> 16,
		.offset_high = entry >> 32,
	};
}

static void idt_init(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(idt); i++) {
		idt[i] = gate(hvx_vectors[hvx_min(i, 32)]);
		dropping_idt[i] = gate(hvx_vectors[i == VECTOR_NMI ? i : 32]);
	}
}

/**
 * hvx_idt_use_fault_stacks - from now on each processor has a fault stack
 *
 * Context: boot, when all processors have loaded their host state.
 */
void hvx_idt_use_fault_stacks(void)
{
	idt[VECTOR_DF].ist = FAULT_IST;
	idt[VECTOR_PF].ist = FAULT_IST;
}

static void load_idt(const struct gate *table)
{
	const struct {
		u16 limit;
		u64 base;
	} __attribute__((packed)) pointer = { sizeof(idt) - 1, (u64)table };

	asm volatile("lidt %0" :: "m"(pointer));
}

/**
 * hvx_idt_load - let this processor's faults be seen
 *
 * Context: each processor, first thing; and after hvx_idt_load_dropping().
 */
void hvx_idt_load(void)
{
	load_idt(idt);
}

/**
 * hvx_idt_load_dropping - let this processor drop all interrupts but NMIs
 *
 * Whatever their vectors: the root can send some that are those of faults.
 *
 * Context: global interrupts are off.
 */
void hvx_idt_load_dropping(void)
{
	load_idt(dropping_idt);
}

static void apply_option(const char *word)
{
	switch (hvc_option(hvx_core, word)) {
	case 1:
		return;
	case -1:
		hvx_fatal("command line: \"%s\" has no valid value", word);
	}
	if (!strncmp(word, "selftest=", 9) && hvx_selftest_find(word + 9))
		hvx.selftest = hvx_selftest_find(word + 9);
	else if (!strcmp(word, "report=on"))
		hvx.report = true;
	else if (!strcmp(word, "report=off"))
		hvx.report = false;
	else
		hvx_fatal("command line: \"%s\" is not known", word);
}

/**
 * hvx_options - apply the hypervisor's command line
 * @cmdline: the file name of the image, then words
 *
 * Context: boot, after hvx_core_init(). Does not return on a word it does not
 * know, or a value that is not valid.
 */
void hvx_options(const char *cmdline)
{
	char word[WORD_MAX];
	bool first = true;

	while (*cmdline) {
		u32 length = 0;

		for (; *cmdline == ' '; cmdline++)
			;
		for (; *cmdline && *cmdline != ' '; cmdline++) {
			if (length == WORD_MAX - 1)
				hvx_fatal("command line: a word is longer than %u bytes",
					  WORD_MAX - 1);
			word[length++] = *cmdline;
		}
		word[length] = '\0';
		if (length && !first)
			apply_option(word);
		first = false;
	}
}

static void cpus_init(void)
{
	u32 i;

	for (i = 0; i < hvx.nr_cpus; i++) {
		struct hvx_cpu *cpu = &hvx.cpus[i];

		cpu->vp_index = i;
		cpu->call.caller = hvc_root(hvx_core);
		cpu->code.cr3 = ~0ULL; /* nothing is remembered */
		cpu->vmcb = hvx_alloc_pages(1);
		cpu->vmcb_pa = (u64)cpu->vmcb;
		cpu->host_save = hvx_alloc_pages(1);
		cpu->host_state = hvx_alloc_pages(1);
		cpu->stack = (u8 *)hvx_alloc_pages(HVX_STACK_PAGES) +
			     HVX_PAGE_SIZE;
		cpu->fault_stack = cpu->stack + HVX_STACK_SIZE + HVX_PAGE_SIZE;
	}
	/* The root has its first processor and VP without asking. */
	hvx.cpus[0].lp_known = true;
	hvx.cpus[0].vp_created = true;
	hvx.cpus[0].vp_claimed = true;
}

static void run_root(struct hvx_cpu *cpu)
{
	hvx_selftest();
	WRITE_ONCE(cpu->state, HVX_CPU_RUNNING);
	hvx_run(cpu);
}

/**
 * hvx_main - the boot processor, from boot.S
 * @magic: the loader's magic number
 * @info: address of what it says
 */
void hvx_main(u32 magic, u64 info)
{
	static struct hvx_boot boot;
	struct hvx_cpu *cpu = &hvx.cpus[0];
	u64 npt_pages;

	hvx_console_init();
	idt_init();
	hvx_idt_load();
	hvx_multiboot(&boot, magic, info);
	hvx_svm_check();
	hvx_acpi_init();
	hvx_memory_plan(&boot);
	npt_pages = hvx_npt_reserve();
	hvx_linux_place(&boot);

	hvx_memory_init();
	hvx_npt_init(npt_pages);
	hvx_mmio_init();
	cpus_init();
	hvx_svm_init();
	hvx_time_init();
	hvx_synthetic_init();
	hvx_core_init();
	hvx_options(boot.cmdline);
	hvx_ports_init();
	hvx_print(HVX_LOG,
		  "hypervisor: %u processors, %llu KiB hidden, TSC %llu kHz, APIC %llu kHz\n",
		  hvx.nr_cpus,
		  (hvx.hidden[0].end - hvx.hidden[0].base + hvx.hidden[1].end -
		   hvx.hidden[1].base) / 1024,
		  hvx.tsc_hz / 1000, hvx.apic_hz / 1000);

	hvx_svm_cpu_init(cpu);
	hvx_smp_start();
	hvx_idt_use_fault_stacks();
	hvx_map_protect();
	hvx_linux_start(&boot, cpu);
	hvx_on_stack(cpu, run_root, cpu->stack + HVX_STACK_SIZE);
}
