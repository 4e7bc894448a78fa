// SPDX-License-Identifier: GPL-2.0
/*
 * What a Multiboot (version 1) loader hands over: a copy of all of it, since
 * the originals lie in memory that is about to be used for other things.
 */
#include "hvx.h"

#define LOADER_MAGIC 0x2badb002U
#define INFO_CMDLINE (1U << 2)
#define INFO_MODULES (1U << 3)
#define INFO_MAP (1U << 6)

struct multiboot_info {
	u32 flags;
	u32 mem_lower, mem_upper;
	u32 boot_device;
	u32 cmdline;
	u32 modules_count, modules;
	u32 symbols[4];
	u32 map_length, map;
};

struct multiboot_module {
	u32 start, end, string, reserved;
};

struct multiboot_map {
	u32 size; /* of what follows */
	u64 base, length;
	u32 type;
} __attribute__((packed));

static void *at(u64 address)
{
	return (void *)address;
}

static void copy_string(char *to, u32 from, const char *what)
{
	const char *s = at(from);
	u32 i;

	for (i = 0; from && s[i]; i++) {
		if (i == HVX_CMDLINE_SIZE - 1)
			hvx_fatal("the %s command line is longer than %u bytes",
				  what, HVX_CMDLINE_SIZE - 1);
		to[i] = s[i];
	}
	to[i] = '\0';
}

static void insert(struct hvx_boot *boot, u64 base, u64 size, u32 type)
{
	u32 i;

	if (!size || base + size < base)
		return;
	if (boot->nr_map == HVX_MAX_MAP)
		hvx_fatal("the memory map has more than %u entries",
			  HVX_MAX_MAP);
	for (i = boot->nr_map++; i && boot->map[i - 1].base > base; i--)
		boot->map[i] = boot->map[i - 1];
	boot->map[i] = (struct hvx_range){ base, size, type };
}

static void check_overlaps(const struct hvx_boot *boot)
{
	u32 i;

	for (i = 1; i < boot->nr_map; i++)
		if (boot->map[i - 1].base + boot->map[i - 1].size >
		    boot->map[i].base)
			hvx_fatal("the memory map overlaps itself at 0x%llx",
				  boot->map[i].base);
}

static void copy_module(struct hvx_module *m, const struct multiboot_module *from,
			const char *what)
{
	if (from->end <= from->start)
		hvx_fatal("the %s module is empty", what);
	m->base = from->start;
	m->size = from->end - from->start;
	copy_string(m->string, from->string, what);
}

/**
 * hvx_multiboot - read what the loader has left
 * @boot: filled in
 * @magic: as the loader gave it
 * @info: address of its information
 *
 * Context: boot. Does not return when something is missing or wrong.
 */
void hvx_multiboot(struct hvx_boot *boot, u32 magic, u64 info)
{
	const struct multiboot_info *mbi = at(info);
	const struct multiboot_module *module;
	u32 offset = 0;

	if (magic != LOADER_MAGIC)
		hvx_fatal("not started by a Multiboot loader (magic 0x%x)",
			  magic);
	if (!(mbi->flags & INFO_MAP))
		hvx_fatal("the loader gave no memory map");
	while (offset + sizeof(struct multiboot_map) <= mbi->map_length) {
		const struct multiboot_map *m = at(mbi->map + offset);

		insert(boot, m->base, m->length, m->type);
		offset += m->size + sizeof(m->size);
	}
	check_overlaps(boot);

	if (mbi->flags & INFO_CMDLINE)
		copy_string(boot->cmdline, mbi->cmdline, "hypervisor's");
	if (!(mbi->flags & INFO_MODULES) || !mbi->modules_count)
		hvx_fatal("no kernel given: start with -initrd \"VMLINUZ cmdline,INITRD\"");
	if (mbi->modules_count > 2)
		hvx_fatal("more than two modules given: a kernel and an initrd are known");
	module = at(mbi->modules);
	copy_module(&boot->kernel, module, "kernel");
	if (mbi->modules_count == 2)
		copy_module(&boot->initrd, module + 1, "initrd");
}
