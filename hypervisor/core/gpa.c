// SPDX-License-Identifier: GPL-2.0
/*
 * A child's GPA space: a four-level nested page table in the format of AMD64
 * (APM volume 2, 15.25 "Nested Paging"), in pages of the child's pool, so
 * that a host with SVM can use it as it is. Mappings are of 4 KiB, or of
 * 2 MiB where the caller asked for it; whatever then concerns a part of such
 * a mapping makes it 512 small ones, with a table of the pool.
 *
 * Bits that the processor leaves to software keep the exact TLFS rights, as
 * the hardware knows fewer: a page may be mapped with no rights at all. A
 * table page's frame counts its entries in use in hvc_frame.link.
 */
#include "internal.h"

#define ENTRY_PRESENT (1ULL << 0)
#define ENTRY_WRITE (1ULL << 1)
#define ENTRY_USER (1ULL << 2) /* nested walks are user accesses */
#define ENTRY_LARGE (1ULL << 7) /* a leaf at level 1 */
#define ENTRY_NX (1ULL << 63)
#define ENTRY_PFN 0x000ffffffffff000ULL
#define ENTRY_RIGHTS_SHIFT 52 /* four bits: HV_MAP_GPA_RIGHTS */
#define ENTRY_MAPPED (1ULL << 56) /* a leaf that maps a page */

#define LEVELS 4
#define ENTRIES 512

/* HvMapGpaPages flags that are understood here. */
#define MAP_FLAGS (HV_MAP_GPA_RIGHTS | HV_MAP_GPA_ADJUSTABLE | \
		   HV_MAP_GPA_NO_ACCESS | HV_MAP_GPA_LARGE_PAGE)
#define UNMAP_FLAGS (HV_UNMAP_GPA_KEEP_PRECOMMITTED | HV_UNMAP_GPA_LARGE_PAGE)

struct walk {
	u64 table[LEVELS]; /* pfn of the table at each level */
	u32 level; /* where the walk ended, or is to end */
	u64 *entries; /* that level's table, mapped; NULL: there is none */
	u32 missing; /* tables that a mapping would need */
};

static u32 index_at(u64 gpfn, u32 level)
{
	return (gpfn >> (9 * level)) & (ENTRIES - 1);
}

static u64 entry_pfn(u64 entry)
{
	return (entry & ENTRY_PFN) >> HV_PAGE_SHIFT;
}

static u32 entry_rights(u64 entry)
{
	return (entry >> ENTRY_RIGHTS_SHIFT) & HV_MAP_GPA_RIGHTS;
}

static u64 table_entry(u64 pfn)
{
	return (pfn << HV_PAGE_SHIFT) | ENTRY_PRESENT | ENTRY_WRITE |
	       ENTRY_USER;
}

static u64 leaf_entry(u64 pfn, u32 rights)
{
	u64 entry = (pfn << HV_PAGE_SHIFT) | ENTRY_USER | ENTRY_MAPPED |
		    ((u64)rights << ENTRY_RIGHTS_SHIFT);

	if (rights & HV_MAP_GPA_READABLE)
		entry |= ENTRY_PRESENT;
	if (rights & HV_MAP_GPA_WRITABLE)
		entry |= ENTRY_WRITE;
	if (!(rights & HV_MAP_GPA_EXECUTABLE))
		entry |= ENTRY_NX;
	return entry;
}

static u64 read_entry(struct hvc *hv, u64 table, u32 index)
{
	u64 *entries = hvc_map(hv, table);
	u64 entry = entries[index];

	hvc_unmap(hv, entries);
	return entry;
}

static void write_entry(struct hvc *hv, u64 table, u32 index, u64 entry)
{
	u64 *entries = hvc_map(hv, table);

	entries[index] = entry;
	hvc_unmap(hv, entries);
}

/*
 * Find the table of a level that is concerned with a page, as far down as
 * there are tables. A large mapping ends the walk at level 1.
 */
static void walk(struct hvc *hv, struct hvc_partition *p, u64 gpfn, u32 to,
		 struct walk *w)
{
	u64 table = p->gpa_table;
	u32 level;

	w->entries = NULL;
	w->missing = 0;
	w->level = to;
	for (level = LEVELS - 1; level > to; level--) {
		u64 entry;

		w->table[level] = table;
		entry = read_entry(hv, table, index_at(gpfn, level));
		if (entry & ENTRY_LARGE)
			break;
		table = entry_pfn(entry);
		if (!table) {
			w->missing = level - to;
			return;
		}
	}
	w->table[level] = table;
	w->level = level;
	w->entries = hvc_map(hv, table);
}

static u64 *walk_entry(const struct walk *w, u64 gpfn)
{
	return &w->entries[index_at(gpfn, w->level)];
}

static void walk_end(struct hvc *hv, struct walk *w)
{
	if (w->entries)
		hvc_unmap(hv, w->entries);
}

/* Create the tables that a walk found missing; the pool has enough. */
static void grow(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		 struct walk *w)
{
	u32 level;

	for (level = w->level + w->missing; level > w->level; level--) {
		u64 pfn = hvc_pool_alloc(hv, p);

		write_entry(hv, w->table[level], index_at(gpfn, level),
			    table_entry(pfn));
		hvc_frame(hv, w->table[level])->link++;
		w->table[level - 1] = pfn;
	}
	if (w->missing)
		w->entries = hvc_map(hv, w->table[w->level]);
	w->missing = 0;
}

/* Make the large mapping where a walk ended 512 small ones. */
static u32 split_leaf(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		      struct walk *w)
{
	u64 *large = walk_entry(w, gpfn);
	u64 small = *large & ~ENTRY_LARGE;
	u64 pfn = hvc_pool_alloc(hv, p);
	u64 *entries;
	u32 i;

	if (!pfn)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	entries = hvc_map(hv, pfn);
	for (i = 0; i < ENTRIES; i++)
		entries[i] = small + ((u64)i << HV_PAGE_SHIFT);
	hvc_frame(hv, pfn)->link = ENTRIES;
	*large = table_entry(pfn);
	hvc_unmap(hv, w->entries);
	w->table[0] = pfn;
	w->level = 0;
	w->entries = entries;
	return HV_STATUS_SUCCESS;
}

/* Drop tables that have become empty, from the walk's up; never the top one. */
static void shrink(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		   const struct walk *w)
{
	u32 level;

	for (level = w->level; level < LEVELS - 1; level++) {
		if (hvc_frame(hv, w->table[level])->link)
			return;
		hvc_pool_free(hv, p, w->table[level]);
		write_entry(hv, w->table[level + 1],
			    index_at(gpfn, level + 1), 0);
		hvc_frame(hv, w->table[level + 1])->link--;
	}
}

/* A leaf stops mapping its pages. */
static void drop_leaf(struct hvc *hv, struct hvc_partition *p, u64 entry)
{
	u32 pages = entry & ENTRY_LARGE ? HV_LARGE_PAGES : 1;
	u64 pfn = entry_pfn(entry);
	u32 i;

	for (i = 0; i < pages; i++)
		hvc_frame(hv, pfn + i)->link--;
	p->gpa_pages -= pages;
	p->flush = true;
}

/* Whatever an entry at level 1 leads to: a large page, or a table of leaves. */
static void drop_large(struct hvc *hv, struct hvc_partition *p, u64 entry)
{
	u64 table = entry_pfn(entry);
	u64 *entries;
	u32 i;

	if (entry & ENTRY_LARGE) {
		drop_leaf(hv, p, entry);
		return;
	}
	entries = hvc_map(hv, table);
	for (i = 0; i < ENTRIES; i++)
		if (entries[i] & ENTRY_MAPPED)
			drop_leaf(hv, p, entries[i]);
	hvc_unmap(hv, entries);
	hvc_pool_free(hv, p, table);
}

static HVC_NOINLINE bool lookup_slowly(struct hvc *hv, struct hvc_partition *p,
				       u64 gpfn, u64 *pfn, u32 *rights)
{
	struct walk w;
	u64 entry;

	if (!p->gpa_table || !hvc_gpa_inside(hv, gpfn))
		return false;
	walk(hv, p, gpfn, 0, &w);
	if (!w.entries)
		return false;
	entry = *walk_entry(&w, gpfn);
	walk_end(hv, &w);
	if (!w.level) {
		p->leaves_at = (gpfn >> 9) + 1;
		p->leaves = w.table[0];
	}
	*pfn = entry_pfn(entry);
	if (entry & ENTRY_LARGE)
		*pfn += index_at(gpfn, 0);
	*rights = entry_rights(entry);
	return entry & ENTRY_MAPPED;
}

/**
 * hvc_gpa_lookup - what a GPA of a child leads to
 * @hv: the core
 * @p: a child
 * @gpfn: page number in its GPA space
 * @pfn: out: page of RAM
 * @rights: out: HV_MAP_GPA_* rights
 *
 * Context: under the lock.
 * Return: false when nothing is mapped there.
 */
bool hvc_gpa_lookup(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		    u64 *pfn, u32 *rights)
{
	u64 entry;

	if (p->leaves_at != (gpfn >> 9) + 1)
		return lookup_slowly(hv, p, gpfn, pfn, rights);
	entry = read_entry(hv, p->leaves, index_at(gpfn, 0));
	*pfn = entry_pfn(entry);
	*rights = entry_rights(entry);
	return entry & ENTRY_MAPPED;
}

/* The top table, for a partition that becomes active. */
u32 hvc_gpa_init(struct hvc *hv, struct hvc_partition *p)
{
	u64 pfn = hvc_pool_alloc(hv, p);

	if (!pfn)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	p->gpa_table = pfn;
	return HV_STATUS_SUCCESS;
}

/* Drop what the first entry of level 1 leads to; upper tables go with it. */
static void teardown_one(struct hvc *hv, struct hvc_partition *p)
{
	struct walk w = { .table[LEVELS - 1] = p->gpa_table, .level = 1 };
	u64 gpfn = 0;
	u64 entry;
	u32 level, i;

	for (level = LEVELS - 1;; level--) {
		w.entries = hvc_map(hv, w.table[level]);
		for (i = 0; i < ENTRIES - 1 && !w.entries[i]; i++)
			;
		gpfn |= (u64)i << (9 * level);
		entry = w.entries[i];
		if (level == 1)
			break;
		w.table[level - 1] = entry_pfn(entry);
		walk_end(hv, &w);
	}
	drop_large(hv, p, entry);
	w.entries[i] = 0;
	walk_end(hv, &w);
	hvc_frame(hv, w.table[1])->link--;
	shrink(hv, p, gpfn, &w);
}

/**
 * hvc_gpa_teardown - take a GPA space apart, a bounded piece of it
 * @hv: the core
 * @p: a child
 * @budget: how many large pages or tables of small ones at most
 *
 * Context: under the lock.
 * Return: true when nothing is left.
 */
bool hvc_gpa_teardown(struct hvc *hv, struct hvc_partition *p, u32 budget)
{
	if (!p->gpa_table)
		return true;
	while (hvc_frame(hv, p->gpa_table)->link) {
		if (!budget--)
			return false;
		teardown_one(hv, p);
	}
	hvc_pool_free(hv, p, p->gpa_table);
	p->gpa_table = 0;
	return true;
}

/*
 * Rights are none, R, RW, RX or RWX. TLFS HV_MAP_GPA_FLAGS. The special page
 * "no access" is a mapping without rights.
 */
static bool flags_valid(u32 flags)
{
	if (flags & ~MAP_FLAGS)
		return false;
	if ((flags & HV_MAP_GPA_NO_ACCESS) && (flags & HV_MAP_GPA_RIGHTS))
		return false;
	return !(flags & (HV_MAP_GPA_WRITABLE | HV_MAP_GPA_EXECUTABLE)) ||
	       (flags & HV_MAP_GPA_READABLE);
}

/*
 * The pages of an element are the root's to give, and can be mapped once more.
 * 1, or HV_LARGE_PAGES of them.
 */
static bool sources_valid(struct hvc *hv, u64 source, u32 pages)
{
	u32 i;

	for (i = 0; i < pages; i++) {
		struct hvc_frame *f = hvc_frame(hv, source + i);

		if (!f || f->state != HVC_FRAME_ROOT || f->link == ~0U)
			return false;
	}
	return true;
}

/*
 * The root maps to itself what it has anyway: identity, pages that it can
 * reach, and every right to them. Nothing changes.
 */
static u32 map_to_root(struct hvc_ctx *ctx, u64 gpfn, u64 source, u32 pages,
		       u32 flags)
{
	if (gpfn != source || !sources_valid(ctx->hv, source, pages))
		return HV_STATUS_ACCESS_DENIED;
	if ((flags & HV_MAP_GPA_RIGHTS) != HV_MAP_GPA_RIGHTS)
		return HV_STATUS_OPERATION_DENIED;
	return HV_STATUS_SUCCESS;
}

static u32 map_small(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		     u64 source, u32 flags)
{
	struct walk w;
	u64 *entry;

	walk(hv, p, gpfn, 0, &w);
	if (w.missing > p->available)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	grow(hv, p, gpfn, &w);
	if (w.level && split_leaf(hv, p, gpfn, &w) != HV_STATUS_SUCCESS) {
		walk_end(hv, &w);
		return HV_STATUS_INSUFFICIENT_MEMORY;
	}
	entry = walk_entry(&w, gpfn);
	hvc_frame(hv, source)->link++;
	p->gpa_pages++;
	if (*entry & ENTRY_MAPPED)
		drop_leaf(hv, p, *entry);
	else
		hvc_frame(hv, w.table[0])->link++;
	*entry = leaf_entry(source, flags & HV_MAP_GPA_RIGHTS);
	walk_end(hv, &w);
	return HV_STATUS_SUCCESS;
}

/* A table of small mappings that is in the way goes back to the pool. */
static u32 map_large(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		     u64 source, u32 flags)
{
	struct walk w;
	u64 *entry;
	u32 i;

	walk(hv, p, gpfn, 1, &w);
	if (w.missing > p->available)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	grow(hv, p, gpfn, &w);
	entry = walk_entry(&w, gpfn);
	for (i = 0; i < HV_LARGE_PAGES; i++)
		hvc_frame(hv, source + i)->link++;
	p->gpa_pages += HV_LARGE_PAGES;
	if (*entry)
		drop_large(hv, p, *entry);
	else
		hvc_frame(hv, w.table[1])->link++;
	*entry = leaf_entry(source, flags & HV_MAP_GPA_RIGHTS) | ENTRY_LARGE;
	walk_end(hv, &w);
	return HV_STATUS_SUCCESS;
}

/*
 * Pages of an element, and where it is. False when it begins outside the GPA
 * space, or is large and does not begin where large pages do.
 */
static bool element_place(struct hvc_ctx *ctx, u64 base, bool large, u64 *gpfn,
			  u32 *pages)
{
	*pages = large ? HV_LARGE_PAGES : 1;
	*gpfn = base + (u64)ctx->rep * *pages;
	return *gpfn >= base && !(*gpfn & (*pages - 1)) &&
	       hvc_gpa_inside(ctx->hv, *gpfn);
}

/* HvMapGpaPages, one page. The source must be the root's to give. */
u32 hvc_map_gpa_pages(struct hvc_ctx *ctx)
{
	const struct hv_input_map_gpa_pages *in = (const void *)ctx->in;
	bool large = in->map_flags & HV_MAP_GPA_LARGE_PAGE;
	struct hvc_partition *p = ctx->target;
	u64 source = ctx->element[0];
	struct hvc *hv = ctx->hv;
	u32 pages;
	u64 gpfn;

	if (!flags_valid(in->map_flags) ||
	    !element_place(ctx, in->target_gpa_base, large, &gpfn, &pages) ||
	    (source & (pages - 1)) || !hvc_gpa_inside(hv, source))
		return HV_STATUS_INVALID_PARAMETER;
	if (hvc_is_root(p))
		return map_to_root(ctx, gpfn, source, pages, in->map_flags);
	if (!hvc_is_root(ctx->caller) || !sources_valid(hv, source, pages))
		return HV_STATUS_OPERATION_DENIED;
	return large ? map_large(hv, p, gpfn, source, in->map_flags) :
		       map_small(hv, p, gpfn, source, in->map_flags);
}

/* HvUnmapGpaPages, one page. Nothing mapped there is fine. */
u32 hvc_unmap_gpa_pages(struct hvc_ctx *ctx)
{
	const struct hv_input_unmap_gpa_pages *in = (const void *)ctx->in;
	bool large = in->unmap_flags & HV_UNMAP_GPA_LARGE_PAGE;
	struct hvc_partition *p = ctx->target;
	u32 status = HV_STATUS_SUCCESS;
	struct hvc *hv = ctx->hv;
	struct walk w;
	u64 *entry;
	u64 gpfn;
	u32 pages;

	if ((in->unmap_flags & ~UNMAP_FLAGS) ||
	    !element_place(ctx, in->target_gpa_base, large, &gpfn, &pages))
		return HV_STATUS_INVALID_PARAMETER;
	walk(hv, p, gpfn, large, &w);
	if (!w.entries)
		return HV_STATUS_SUCCESS;
	if (!large && w.level)
		status = split_leaf(hv, p, gpfn, &w);
	entry = walk_entry(&w, gpfn);
	if (status == HV_STATUS_SUCCESS && *entry) {
		if (large)
			drop_large(hv, p, *entry);
		else
			drop_leaf(hv, p, *entry);
		*entry = 0;
		hvc_frame(hv, w.table[w.level])->link--;
	}
	walk_end(hv, &w);
	shrink(hv, p, gpfn, &w);
	return status;
}

/* Elements of these calls that count as one: large pages take their time. */
u32 hvc_map_weight(const struct hvc_ctx *ctx)
{
	const struct hv_input_map_gpa_pages *in = (const void *)ctx->in;

	return in->map_flags & HV_MAP_GPA_LARGE_PAGE ? HV_LARGE_PAGES : 1;
}

u32 hvc_unmap_weight(const struct hvc_ctx *ctx)
{
	const struct hv_input_unmap_gpa_pages *in = (const void *)ctx->in;

	return in->unmap_flags & HV_UNMAP_GPA_LARGE_PAGE ? HV_LARGE_PAGES : 1;
}

/* The pages that a leaf maps are the root's, and say that they are mapped. */
static u64 audit_leaf(struct hvc *hv, u64 entry, u64 *errors)
{
	u32 pages = entry & ENTRY_LARGE ? HV_LARGE_PAGES : 1;
	u32 i;

	for (i = 0; i < pages; i++) {
		struct hvc_frame *f = hvc_frame(hv, entry_pfn(entry) + i);

		if (!f || f->state != HVC_FRAME_ROOT || !f->link)
			++*errors;
	}
	return pages;
}

/* Count what a table maps, and find tables and pages that contradict it. */
static u64 audit_table(struct hvc *hv, struct hvc_partition *p, u64 table,
		       u32 level, u64 *errors)
{
	struct hvc_frame *f = hvc_frame(hv, table);
	u64 mapped = 0;
	u64 *entries;
	u32 used = 0;
	u32 i;

	if (!f || f->state != HVC_FRAME_USED || f->owner != p->slot) {
		++*errors;
		return 0;
	}
	entries = hvc_map(hv, table);
	for (i = 0; i < ENTRIES; i++) {
		if (!entries[i])
			continue;
		used++;
		if (level && !(entries[i] & ENTRY_LARGE))
			mapped += audit_table(hv, p, entry_pfn(entries[i]),
					      level - 1, errors);
		else
			mapped += audit_leaf(hv, entries[i], errors);
	}
	hvc_unmap(hv, entries);
	if (f->link != used)
		++*errors;
	return mapped;
}

/**
 * hvc_gpa_audit - count and check what is mapped into a child
 * @hv: the core
 * @p: a child
 * @errors: contradictions are added here
 *
 * Context: under the lock.
 * Return: pages mapped.
 */
u64 hvc_gpa_audit(struct hvc *hv, struct hvc_partition *p, u64 *errors)
{
	u64 mapped = 0;

	if (p->gpa_table)
		mapped = audit_table(hv, p, p->gpa_table, LEVELS - 1, errors);
	if (mapped != p->gpa_pages)
		++*errors;
	return mapped;
}
