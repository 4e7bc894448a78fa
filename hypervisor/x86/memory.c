// SPDX-License-Identifier: GPL-2.0
/*
 * Who has which RAM. The hypervisor keeps two pieces: its image, and one piece
 * at the top of the largest region for everything whose size depends on the
 * machine (frame descriptors, nested page tables, per-processor pages). All
 * other RAM is the root's. Nothing is ever allocated after boot.
 */
#include "hvx.h"

#define PAGE_PRESENT_WRITABLE 3ULL
#define PAGE_LARGE 0x80ULL
#define GIB (1ULL << 30)
#define FOUR_GIB (4ULL << 30)

/* Permission maps (2 + 3), hypercall page, reference TSC page. */
#define SHARED_PAGES 7

static u64 next_page;

static void find_regions(const struct hvx_boot *boot)
{
	u32 i;

	for (i = 0; i < boot->nr_map; i++) {
		const struct hvx_range *r = &boot->map[i];
		/* Nobody may name page 0: the hypervisor has a hole there. */
		u64 base = hvx_max(hvx_page_up(r->base), HVX_PAGE_SIZE);
		u64 end = hvx_min(hvx_page_down(r->base + r->size),
				  HVX_MAX_ADDRESS);

		if (r->type != HVX_RAM || base >= end)
			continue;
		if (hvx.nr_regions == HVX_MAX_REGIONS)
			hvx_fatal("RAM is in more than %u pieces",
				  HVX_MAX_REGIONS);
		hvx.regions[hvx.nr_regions].pfn = base / HVX_PAGE_SIZE;
		hvx.regions[hvx.nr_regions++].pages =
			(end - base) / HVX_PAGE_SIZE;
		hvx.ram_end = end;
	}
	hvx.nr_frames = hvx.ram_end / HVX_PAGE_SIZE;
}

/* One descriptor for every page below the end of RAM, holes or not. */
static u64 frame_pages(void)
{
	return hvx_page_up(hvx.nr_frames * sizeof(struct hvc_frame)) /
	       HVX_PAGE_SIZE;
}

/* Page directories of the hypervisor's own map, when it has no 1 GiB pages. */
static u64 own_directories(void)
{
	if (hvx.has_1g || hvx.ram_end <= FOUR_GIB)
		return 0;
	return (hvx.ram_end - FOUR_GIB + GIB - 1) / GIB;
}

/**
 * hvx_memory_plan - decide what the hypervisor keeps
 * @boot: the memory map
 *
 * Nothing is touched yet: the loader's modules may still lie there.
 *
 * Context: boot, after the processors are counted.
 */
void hvx_memory_plan(const struct hvx_boot *boot)
{
	const struct hvx_region *largest = NULL;
	u64 pages, end;
	u32 i;

	find_regions(boot);
	pages = hvx_npt_reserve() + own_directories() + hvx_map_reserve() +
		SHARED_PAGES + HVX_CPU_PAGES * hvx.nr_cpus + frame_pages();
	for (i = 0; i < hvx.nr_regions; i++) {
		const struct hvx_region *r = &hvx.regions[i];

		/* What is above 4 GiB has to be mapped first. */
		if (!hvx.has_1g && r->pfn >= FOUR_GIB / HVX_PAGE_SIZE)
			continue;
		if (!largest || r->pages > largest->pages)
			largest = r;
	}
	hvx.hidden[0].base = (u64)hvx_image_start;
	hvx.hidden[0].end = (u64)hvx_image_end;
	if (!largest || largest->pages < pages * 2)
		hvx_fatal("not enough RAM");
	end = (largest->pfn + largest->pages) * HVX_PAGE_SIZE;
	hvx.hidden[1].base = end - pages * HVX_PAGE_SIZE;
	hvx.hidden[1].end = end;
	if (hvx.hidden[1].base < hvx.hidden[0].end)
		hvx_fatal("not enough RAM");
	next_page = hvx.hidden[1].base;
}

/**
 * hvx_is_hidden - is any of this RAM the hypervisor's?
 * @base: first byte
 * @end: first byte behind
 *
 * Context: any, after hvx_memory_plan().
 * Return: true when the ranges meet.
 */
bool hvx_is_hidden(u64 base, u64 end)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(hvx.hidden); i++)
		if (base < hvx.hidden[i].end && end > hvx.hidden[i].base)
			return true;
	return false;
}

/**
 * hvx_alloc_pages - take pages of the hypervisor's piece, for ever
 * @pages: how many
 *
 * Context: boot, after hvx_memory_init().
 * Return: zeroed pages; there are always enough.
 */
void *hvx_alloc_pages(u64 pages)
{
	void *p = (void *)next_page;

	if (pages * HVX_PAGE_SIZE > hvx.hidden[1].end - next_page)
		hvx_fatal("the hypervisor's memory was planned too small");
	next_page += pages * HVX_PAGE_SIZE;
	return memset(p, 0, pages * HVX_PAGE_SIZE);
}

static void map_high_memory(void)
{
	u64 address, i;

	for (address = FOUR_GIB; address < hvx.ram_end; address += GIB) {
		u64 *entry = &hvx_pdpt[address / GIB];
		u64 *directory;

		if (hvx.has_1g) {
			*entry = address | PAGE_LARGE | PAGE_PRESENT_WRITABLE;
			continue;
		}
		directory = hvx_alloc_pages(1);
		for (i = 0; i < 512; i++)
			directory[i] = (address + (i << 21)) | PAGE_LARGE |
				       PAGE_PRESENT_WRITABLE;
		*entry = (u64)directory | PAGE_PRESENT_WRITABLE;
	}
}

/* Those that are in no region stay HVC_FRAME_NONE, which is 0. */
static void init_frames(const struct hvx_region *r)
{
	u64 pfn;

	for (pfn = r->pfn; pfn < r->pfn + r->pages; pfn++) {
		u64 address = pfn * HVX_PAGE_SIZE;

		hvx.frames[pfn].state =
			hvx_is_hidden(address, address + HVX_PAGE_SIZE) ?
				HVC_FRAME_HYPERVISOR : HVC_FRAME_ROOT;
		hvx.frames[pfn].domain = hvx_domain(address);
	}
}

/**
 * hvx_memory_init - carry the plan out
 *
 * Context: boot, after the loader's modules are out of the way.
 */
void hvx_memory_init(void)
{
	u32 i;

	map_high_memory();
	hvx.frames = hvx_alloc_pages(frame_pages());
	for (i = 0; i < hvx.nr_regions; i++)
		init_frames(&hvx.regions[i]);
}
