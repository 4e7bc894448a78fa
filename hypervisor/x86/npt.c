// SPDX-License-Identifier: GPL-2.0
/*
 * The root's GPA space: a nested page table that maps everything one to one,
 * in the largest pages that will do, with holes where RAM is not the root's.
 *
 * Below 4 GiB pages are at most 2 MiB, the first 2 MiB are in 4 KiB pages, as
 * memory types change there. Above, they are 1 GiB where the processor can.
 * For RAM there is a table in reserve for each that can ever be needed, so that
 * taking a page away cannot fail. A table in which everything is one to one
 * again becomes a large page again, and goes back to the reserve.
 */
#include "hvx.h"

#define ENTRY_PRESENT (1ULL << 0)
#define ENTRY_WRITABLE (1ULL << 1)
#define ENTRY_USER (1ULL << 2) /* all nested walks are user accesses */
#define ENTRY_ACCESSED_DIRTY (3ULL << 5)
#define ENTRY_LARGE (1ULL << 7)
/* Free for software: what is known of an entry while an overlay covers it. */
#define ENTRY_OVERLAY (1ULL << 9)
#define ENTRY_DENIED (1ULL << 10)
#define ENTRY_ADDRESS 0x000ffffffffff000ULL
/*
 * Free for software too: of a 2 MiB region in 4 KiB pages, how many of them are
 * not one to one.
 */
#define ENTRY_SPECIAL_SHIFT 52
#define ENTRY_SPECIAL (1ULL << ENTRY_SPECIAL_SHIFT)
#define ENTRY_SPECIAL_MASK (0x3ffULL << ENTRY_SPECIAL_SHIFT)

#define ENTRY_TABLE (ENTRY_PRESENT | ENTRY_WRITABLE | ENTRY_USER)
#define ENTRY_LEAF (ENTRY_TABLE | ENTRY_ACCESSED_DIRTY)

#define SIZE_4K 1 /* the level of a table whose leaves have that size */
#define SIZE_2M 2
#define SIZE_1G 3
#define TOP_LEVEL 4

#define MIB2 (1ULL << 21)
#define GIB (1ULL << 30)
#define FOUR_GIB (4ULL << 30)
/* Tables for the pages in which stores are watched: mmio.c. */
#define MMIO_TABLES (1 + HVX_MAX_IOAPICS)
/* Tables for device memory above all RAM: what the root touches is mapped. */
#define DEVICE_TABLES 32

static u64 *npt;
static u8 *next_table;
static u64 tables_left; /* from there on */
static u64 tables_used;
static u64 *free_tables; /* linked through their first entries */
/* Some processor may still walk these, until all have flushed. */
static u64 *waiting[64];
static u32 nr_waiting;
static u64 device_tables_left;
static u64 address_end;

static u64 level_size(u32 level)
{
	return 1ULL << (3 + 9 * level);
}

static u64 *entry_of(u64 *table, u64 address, u32 level)
{
	return &table[(address >> (3 + 9 * level)) & 511];
}

static u64 *table_of(u64 entry)
{
	return (u64 *)(entry & ENTRY_ADDRESS);
}

static u64 covered_slots(u64 size)
{
	u64 slots = 0, last = 0;
	u32 i;

	/* Regions ascend: a slot that two of them share is counted once. */
	for (i = 0; i < hvx.nr_regions; i++) {
		u64 base = hvx.regions[i].pfn * HVX_PAGE_SIZE / size;
		u64 end = ((hvx.regions[i].pfn + hvx.regions[i].pages) *
				   HVX_PAGE_SIZE + size - 1) / size;

		base = hvx_max(base, last);
		if (end > base)
			slots += end - base;
		last = hvx_max(end, last);
	}
	return slots;
}

/**
 * hvx_npt_reserve - how many tables the root's GPA space can ever need
 *
 * Context: boot, when the regions are known.
 * Return: pages.
 */
u64 hvx_npt_reserve(void)
{
	u64 gib = (hvx_max(hvx.ram_end, FOUR_GIB) + GIB - 1) / GIB;

	/* Top, the first 512 GiB, their directories, and leaves for all RAM. */
	return 2 + gib + covered_slots(MIB2) + MMIO_TABLES +
	       DEVICE_TABLES;
}

static void reap_tables(void)
{
	hvx_flush(hvx_core, hvc_root(hvx_core));
	while (nr_waiting) {
		u64 *table = waiting[--nr_waiting];

		*table = (u64)free_tables;
		free_tables = table;
	}
}

static void retire_table(u64 *table)
{
	if (nr_waiting == ARRAY_SIZE(waiting))
		reap_tables();
	waiting[nr_waiting++] = table;
	tables_used--;
}

static u64 *new_table(void)
{
	u64 *table = (u64 *)next_table;

	tables_used++;
	if (!free_tables && !tables_left && nr_waiting)
		reap_tables();
	if (free_tables) {
		table = free_tables;
		free_tables = (u64 *)*table;
		return memset(table, 0, HVX_PAGE_SIZE);
	}
	if (!tables_left)
		hvx_fatal("the reserve of nested page tables has run out");
	tables_left--;
	next_table += HVX_PAGE_SIZE;
	return table;
}

/* Replace a large leaf by a table of smaller ones that say the same. */
static u64 *split(u64 leaf, u32 level)
{
	u64 *table = new_table();
	u64 flags = leaf & ~ENTRY_ADDRESS;
	u64 i;

	hvx.npt_splits++;
	if (level - 1 == SIZE_4K)
		flags &= ~ENTRY_LARGE;
	for (i = 0; i < 512; i++)
		table[i] = ((leaf & ENTRY_ADDRESS) + i * level_size(level - 1)) |
			   flags;
	return table;
}

/* The entry for an address at a level; tables on the way are made. */
static u64 *entry_at(u64 address, u32 level)
{
	u64 *table = npt;
	u32 l;

	for (l = TOP_LEVEL; l > level; l--) {
		u64 *entry = entry_of(table, address, l);

		if (!(*entry & ENTRY_PRESENT))
			WRITE_ONCE(*entry, (u64)new_table() | ENTRY_TABLE);
		else if (*entry & ENTRY_LARGE)
			WRITE_ONCE(*entry, (u64)split(*entry, l) | ENTRY_TABLE);
		table = table_of(*entry);
	}
	return entry_of(table, address, level);
}

static u64 identity(u64 address, u32 level)
{
	return address | ENTRY_LEAF | (level > SIZE_4K ? ENTRY_LARGE : 0);
}

/* Make a large page of a table, if the processor has such. */
static void merge(u64 address, u32 level)
{
	u64 *entry = entry_at(address, level);
	u64 *table = table_of(*entry);

	address &= ~(level_size(level) - 1);
	WRITE_ONCE(*entry, identity(address, level));
	retire_table(table);
	hvx.npt_merges++;
}

static bool is_whole_gib(u64 address)
{
	const u64 *table = table_of(*entry_at(address, SIZE_1G));
	u64 i;

	address &= ~(GIB - 1);
	for (i = 0; i < 512; i++)
		if (table[i] != identity(address + i * MIB2, SIZE_2M))
			return false;
	return true;
}

/* The region that was changed last: most often the next page is in it too. */
static struct {
	u64 base;
	u64 *upper; /* the entry of its table */
	u64 *table;
} last = { ~0ULL, NULL, NULL };

/* The table of 4 KiB pages for an address; a large page is split. */
static u64 *pages_of(u64 address)
{
	u64 base = address & ~(MIB2 - 1);

	if (last.base != base) {
		entry_at(address, SIZE_4K);
		last.upper = entry_at(address, SIZE_2M);
		last.table = table_of(*last.upper);
		last.base = base;
	}
	return last.table;
}

/*
 * The upper entry of the region that pages_of() was asked for last gets a new
 * count. Where nothing is special any more, it is a large page again.
 */
static void set_special(u64 address, u64 upper)
{
	WRITE_ONCE(*last.upper, upper);
	if ((upper & ENTRY_SPECIAL_MASK) || address < MIB2)
		return;
	last.base = ~0ULL; /* its tables will be others' */
	merge(address, SIZE_2M);
	if (hvx.has_1g && address >= FOUR_GIB && is_whole_gib(address))
		merge(address, SIZE_1G);
}

/* Set the entry of a page, and keep count of those that are special. */
static void set_page(u64 address, u64 value)
{
	u64 *entry = entry_of(pages_of(address), address, SIZE_4K);
	u64 plain = identity(address, SIZE_4K);
	u64 upper = *last.upper;

	if (*entry != plain)
		upper -= ENTRY_SPECIAL;
	if (value != plain)
		upper += ENTRY_SPECIAL;
	WRITE_ONCE(*entry, value);
	set_special(address, upper);
}

/**
 * hvx_npt_init - build the root's GPA space
 * @pages: what hvx_npt_reserve() said
 *
 * Context: boot.
 */
void hvx_npt_init(u64 pages)
{
	u64 end = hvx_max(hvx.ram_end, FOUR_GIB);
	u64 address, width;
	u32 i;

	next_table = hvx_alloc_pages(pages);
	tables_left = pages;
	device_tables_left = DEVICE_TABLES;
	npt = new_table();

	for (address = 0; address < MIB2; address += HVX_PAGE_SIZE)
		*entry_at(address, SIZE_4K) = identity(address, SIZE_4K);
	for (; address < FOUR_GIB; address += MIB2)
		*entry_at(address, SIZE_2M) = identity(address, SIZE_2M);
	for (; hvx.has_1g && address < end; address += GIB)
		*entry_at(address, SIZE_1G) = identity(address, SIZE_1G);
	for (; address < end; address += MIB2)
		*entry_at(address, SIZE_2M) = identity(address, SIZE_2M);

	for (i = 0; i < ARRAY_SIZE(hvx.hidden); i++)
		hvx_npt_access(hvx.hidden[i].base / HVX_PAGE_SIZE,
			       (hvx.hidden[i].end - hvx.hidden[i].base) /
				       HVX_PAGE_SIZE, false);

	width = cpuid(0x80000008, 0).eax & 0xff;
	address_end = 1ULL << (width < 48 ? width : 48);
}

u64 hvx_npt_root(void)
{
	return (u64)npt;
}

static void access_page(u64 address, bool allow)
{
	u64 entry = *entry_of(pages_of(address), address, SIZE_4K);

	if (entry & ENTRY_OVERLAY)
		set_page(address, allow ? entry & ~ENTRY_DENIED :
					  entry | ENTRY_DENIED);
	else
		set_page(address, allow ? identity(address, SIZE_4K) : 0);
}

/*
 * The same for pages of one 2 MiB region, as long as each is all there or not
 * there at all, and that changes. Returns how many they are.
 */
static u64 access_pages(u64 address, u64 pages, bool allow)
{
	u64 *entry = entry_of(pages_of(address), address, SIZE_4K);
	u64 plain = identity(address, SIZE_4K);
	u64 now = allow ? 0 : plain, now_step = allow ? 0 : HVX_PAGE_SIZE;
	u64 then = plain - now, then_step = HVX_PAGE_SIZE - now_step;
	u64 max = (MIB2 - address % MIB2) / HVX_PAGE_SIZE;
	const u64 *first = entry, *end = entry + hvx_min(max, pages);
	u64 n;

	for (; entry < end && *entry == now; entry++) {
		WRITE_ONCE(*entry, then);
		now += now_step;
		then += then_step;
	}
	n = entry - first;
	if (n)
		set_special(address, *last.upper + (allow ? -n : n) *
						   ENTRY_SPECIAL);
	return n;
}

/**
 * hvx_npt_access - give or take the root's access to pages of RAM
 * @pfn: the first of them
 * @pages: how many, side by side; all have a frame descriptor
 * @allow: give
 *
 * Taking it is complete after hvx_flush().
 *
 * Context: under the core's lock, or boot.
 */
void hvx_npt_access(u64 pfn, u64 pages, bool allow)
{
	u64 address = pfn * HVX_PAGE_SIZE;
	u64 n;

	for (; pages; pages -= n, address += n * HVX_PAGE_SIZE) {
		n = access_pages(address, pages, allow);
		if (!n) {
			access_page(address, allow);
			n = 1;
		}
	}
}

/**
 * hvx_npt_overlay - let another page appear in place of a page of RAM
 * @pfn: where; has a frame descriptor, is not an overlay yet
 * @page: address of the page that appears
 * @writable: may the root write to it
 *
 * Context: under the core's lock, or boot; complete after hvx_flush().
 */
void hvx_npt_overlay(u64 pfn, u64 page, bool writable)
{
	u64 *entry = entry_at(pfn * HVX_PAGE_SIZE, SIZE_4K);
	u64 flags = ENTRY_LEAF | ENTRY_OVERLAY;

	if (!(*entry & ENTRY_PRESENT))
		flags |= ENTRY_DENIED;
	if (!writable)
		flags &= ~ENTRY_WRITABLE;
	set_page(pfn * HVX_PAGE_SIZE, page | flags);
}

/**
 * hvx_npt_overlay_end - let the page of RAM appear again, if it is the root's
 * @pfn: an overlay
 *
 * Context: under the core's lock; complete after hvx_flush().
 */
void hvx_npt_overlay_end(u64 pfn)
{
	u64 address = pfn * HVX_PAGE_SIZE;
	u64 *entry = entry_at(address, SIZE_4K);

	set_page(address, *entry & ENTRY_DENIED ? 0 :
						  identity(address, SIZE_4K));
}

/* The entry that decides about an address, and nothing is made. */
static u64 lookup(u64 address)
{
	u64 *table = npt;
	u64 entry;
	u32 level;

	for (level = TOP_LEVEL;; level--) {
		entry = READ_ONCE(*entry_of(table, address, level));
		if (!(entry & ENTRY_PRESENT) || (entry & ENTRY_LARGE) ||
		    level == SIZE_4K)
			return entry;
		table = table_of(entry);
	}
}

bool hvx_npt_is_overlay(u64 pfn)
{
	u64 entry = lookup(pfn * HVX_PAGE_SIZE);

	return !(entry & ENTRY_LARGE) && (entry & ENTRY_OVERLAY);
}

/**
 * hvx_npt_allows - what the tables say of an access
 * @address: GPA below 2^48
 * @write: it is a write
 *
 * Context: under the core's lock.
 * Return: true when the root may do it now.
 */
bool hvx_npt_allows(u64 address, bool write)
{
	u64 need = ENTRY_PRESENT | (write ? ENTRY_WRITABLE : 0);

	return (lookup(address) & need) == need;
}

/**
 * hvx_npt_map_device - map what is neither RAM nor mapped yet, one to one
 * @address: GPA above all RAM
 *
 * Context: under the core's lock.
 * Return: false when there is no such address, or no table left for it.
 */
bool hvx_npt_map_device(u64 address)
{
	u32 level = hvx.has_1g ? SIZE_1G : SIZE_2M;
	u64 before = tables_used;

	if (address < hvx_max(hvx.ram_end, FOUR_GIB) || address >= address_end)
		return false;
	/* At most two tables are missing on the way. */
	if (device_tables_left < 2)
		return false;
	address &= ~(level_size(level) - 1);
	WRITE_ONCE(*entry_at(address, level), identity(address, level));
	device_tables_left -= tables_used - before;
	return true;
}

/**
 * hvx_npt_device - take rights on a page that is not RAM
 * @address: the page
 * @readable: leave the right to read
 *
 * Context: boot, for pages in at most MMIO_TABLES regions of 2 MiB.
 */
void hvx_npt_device(u64 address, bool readable)
{
	set_page(address, readable ?
			  identity(address, SIZE_4K) & ~ENTRY_WRITABLE : 0);
}

/**
 * hvx_npt_memory - what the root reads at a GPA
 * @address: any
 *
 * Context: between hvx_view_begin() and hvx_view_end(), or under the core's lock.
 * Return: valid to the end of the page; NULL where the root has no memory. What
 * comes of it afterwards may belong to another.
 */
const void *hvx_npt_memory(u64 address)
{
	u64 entry;

	if (address >> 48)
		return NULL;
	entry = lookup(address);
	if (!(entry & ENTRY_PRESENT))
		return NULL;
	if (!(entry & ENTRY_LARGE) && (entry & ENTRY_OVERLAY))
		address = (entry & ENTRY_ADDRESS) | address % HVX_PAGE_SIZE;
	else if (!hvx_frame(address / HVX_PAGE_SIZE))
		return NULL;
	return (const void *)address;
}
