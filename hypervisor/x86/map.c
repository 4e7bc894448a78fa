// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's own page tables, once it is up: nothing is both writable and
 * executable, below each stack there is a hole, and so is page 0. boot.S has
 * mapped all memory in large pages without a difference.
 */
#include "hvx.h"

#define PAGE_PRESENT (1ULL << 0)
#define PAGE_WRITABLE (1ULL << 1)
#define PAGE_LARGE (1ULL << 7)
#define PAGE_NX (1ULL << 63)
#define PAGE_ADDRESS 0x000ffffffffff000ULL
#define MIB2 (1ULL << 21)
#define ENTRIES 512
#define SHIFT_4K 12
#define SHIFT_2M 21
#define SHIFT_1G 30

/**
 * hvx_map_reserve - how many tables hvx_map_protect() needs at most
 *
 * From page 0 to the end of the image, the stacks, and two that are 1 GiB
 * pages in the beginning.
 *
 * Context: boot.
 * Return: pages.
 */
u64 hvx_map_reserve(void)
{
	u64 stacks = hvx.nr_cpus * HVX_CPU_PAGES * HVX_PAGE_SIZE;

	return (u64)hvx_image_end / MIB2 + 1 + stacks / MIB2 + 2 + 2;
}

static u64 *split(u64 *entry, u32 shift)
{
	u64 *table = hvx_alloc_pages(1);
	u64 leaf = *entry, i;

	if (shift == SHIFT_4K)
		leaf &= ~PAGE_LARGE;
	for (i = 0; i < ENTRIES; i++)
		table[i] = leaf + (i << shift);
	*entry = (u64)table | PAGE_PRESENT | PAGE_WRITABLE;
	return table;
}

static u64 *table_below(u64 *entry, u32 shift)
{
	return *entry & PAGE_LARGE ? split(entry, shift) :
				     (u64 *)(*entry & PAGE_ADDRESS);
}

static void set_page(u64 address, u64 flags)
{
	u64 *table = table_below(&hvx_pdpt[address >> 30], SHIFT_2M);

	table = table_below(&table[address >> SHIFT_2M & (ENTRIES - 1)],
			    SHIFT_4K);
	table[address >> SHIFT_4K & (ENTRIES - 1)] =
		flags ? address | flags : 0;
}

static void set_pages(const u8 *from, const u8 *to, u64 flags)
{
	u64 address;

	for (address = (u64)from; address < (u64)to; address += HVX_PAGE_SIZE)
		set_page(address, flags);
}

static void nothing_executable(void)
{
	u32 i, k;

	for (i = 0; i < ENTRIES; i++) {
		u64 *directory = (u64 *)(hvx_pdpt[i] & PAGE_ADDRESS);

		if (hvx_pdpt[i] & PAGE_LARGE)
			hvx_pdpt[i] |= PAGE_NX;
		else if (hvx_pdpt[i] & PAGE_PRESENT)
			for (k = 0; k < ENTRIES; k++)
				directory[k] |= PAGE_NX;
	}
}

/**
 * hvx_map_protect - give every page the rights it needs, and no more
 *
 * Page 0 is not RAM for the hypervisor (memory.c), so no call of the root leads
 * there.
 *
 * Context: boot, when all processors are up. They call hvx_map_load() before
 * they go on.
 */
void hvx_map_protect(void)
{
	u32 i;

	nothing_executable();
	set_page(0, 0);
	set_pages(hvx_text_start, hvx_text_end, PAGE_PRESENT);
	set_pages(hvx_rodata_start, hvx_rodata_end, PAGE_PRESENT | PAGE_NX);
	for (i = 0; i < hvx.nr_cpus; i++) {
		set_page((u64)hvx.cpus[i].stack - HVX_PAGE_SIZE, 0);
		set_page((u64)hvx.cpus[i].fault_stack - HVX_PAGE_SIZE, 0);
	}
	barrier();
	hvx_map_load();
	WRITE_ONCE(hvx.protected, 1);
}

static u64 count_text(const u64 *table, u32 shift, u64 base)
{
	u64 pages = 0, address, i;

	for (i = 0; i < ENTRIES; i++) {
		address = base + (i << shift);
		if (!(table[i] & PAGE_PRESENT) || (table[i] & PAGE_NX))
			continue;
		if (shift > SHIFT_4K && !(table[i] & PAGE_LARGE)) {
			pages += count_text((u64 *)(table[i] & PAGE_ADDRESS),
					    shift - 9, address);
			continue;
		}
		if (table[i] & PAGE_WRITABLE)
			hvx_fatal("0x%llx is writable and executable", address);
		pages += 1ULL << (shift - SHIFT_4K);
	}
	return pages;
}

/**
 * hvx_map_executable - go through all that is mapped
 *
 * Does not return where a page is both writable and executable.
 *
 * Context: any, behind hvx_map_protect().
 * Return: pages that can be executed.
 */
u64 hvx_map_executable(void)
{
	return count_text(hvx_pdpt, SHIFT_1G, 0);
}

/**
 * hvx_map_load - forget what this processor remembers of the tables
 *
 * Context: each processor, once.
 */
void hvx_map_load(void)
{
	asm volatile("movq %0, %%cr3" :: "r"(read_cr3()) : "memory");
}
