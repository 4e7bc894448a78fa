// SPDX-License-Identifier: GPL-2.0
/*
 * A child's GPA space: a four-level nested page table in the format of AMD64
 * (APM volume 2, 15.25 "Nested Paging"), in pages of the child's pool, so
 * that a host with SVM can use it as it is. 4 KiB mappings.
 *
 * Bits that the processor leaves to software keep the exact TLFS rights, as
 * the hardware knows fewer: a page may be mapped with no rights at all. A
 * table page's frame counts its entries in use in hvc_frame.link.
 */
#include "internal.h"

#define ENTRY_PRESENT (1ULL << 0)
#define ENTRY_WRITE (1ULL << 1)
#define ENTRY_USER (1ULL << 2) /* nested walks are user accesses */
#define ENTRY_NX (1ULL << 63)
#define ENTRY_PFN 0x000ffffffffff000ULL
#define ENTRY_RIGHTS_SHIFT 52 /* four bits: HV_MAP_GPA_RIGHTS */
#define ENTRY_MAPPED (1ULL << 56) /* a leaf that maps a page */

#define LEVELS 4
#define ENTRIES 512

/* HvMapGpaPages flags that are understood here. */
#define MAP_FLAGS (HV_MAP_GPA_RIGHTS | HV_MAP_GPA_ADJUSTABLE | \
		   HV_MAP_GPA_NO_ACCESS)

struct walk {
	u64 table[LEVELS]; /* pfn of the table at each level, [0] the leaf's */
	u64 *entries; /* the leaf's table, mapped; NULL: there is none */
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

bool hvc_gpa_inside(struct hvc *hv, u64 gpfn)
{
	return gpfn < 1ULL << (hv->cfg.gpa_bits - HV_PAGE_SHIFT);
}

static u64 read_entry(struct hvc *hv, u64 table, u32 index)
{
	u64 *entries = hv->ops->map(hv, table);
	u64 entry = entries[index];

	hv->ops->unmap(hv, entries);
	return entry;
}

static void write_entry(struct hvc *hv, u64 table, u32 index, u64 entry)
{
	u64 *entries = hv->ops->map(hv, table);

	entries[index] = entry;
	hv->ops->unmap(hv, entries);
}

/* Find the leaf table of a page, as far down as there are tables. */
static void walk(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		 struct walk *w)
{
	u64 table = p->gpa_table;
	u32 level;

	w->entries = NULL;
	w->missing = 0;
	for (level = LEVELS - 1;; level--) {
		w->table[level] = table;
		if (!level)
			break;
		table = entry_pfn(read_entry(hv, table, index_at(gpfn, level)));
		if (!table) {
			w->missing = level;
			return;
		}
	}
	w->entries = hv->ops->map(hv, w->table[0]);
}

static void walk_end(struct hvc *hv, struct walk *w)
{
	if (w->entries)
		hv->ops->unmap(hv, w->entries);
}

/* Create the tables that a walk found missing; the pool has enough. */
static void grow(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		 struct walk *w)
{
	u32 level;

	for (level = w->missing; level; level--) {
		u64 pfn = hvc_pool_alloc(hv, p);

		write_entry(hv, w->table[level], index_at(gpfn, level),
			    table_entry(pfn));
		hvc_frame(hv, w->table[level])->link++;
		w->table[level - 1] = pfn;
	}
	if (w->missing)
		w->entries = hv->ops->map(hv, w->table[0]);
	w->missing = 0;
}

/* Drop tables that have become empty, from the leaf up; never the top one. */
static void shrink(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		   const struct walk *w)
{
	u32 level;

	for (level = 0; level < LEVELS - 1; level++) {
		if (hvc_frame(hv, w->table[level])->link)
			return;
		hvc_pool_free(hv, p, w->table[level]);
		write_entry(hv, w->table[level + 1],
			    index_at(gpfn, level + 1), 0);
		hvc_frame(hv, w->table[level + 1])->link--;
	}
}

/* A leaf stops mapping its page. */
static void drop_leaf(struct hvc *hv, struct hvc_partition *p, u64 entry)
{
	hvc_frame(hv, entry_pfn(entry))->link--;
	p->gpa_pages--;
	p->flush = true;
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
	struct walk w;
	u64 entry;

	if (!p->gpa_table || !hvc_gpa_inside(hv, gpfn))
		return false;
	walk(hv, p, gpfn, &w);
	if (!w.entries)
		return false;
	entry = w.entries[index_at(gpfn, 0)];
	walk_end(hv, &w);
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

/* Empty one leaf table, the first there is; its upper tables go with it. */
static void teardown_one(struct hvc *hv, struct hvc_partition *p)
{
	struct walk w = { .table[LEVELS - 1] = p->gpa_table };
	u64 gpfn = 0;
	u32 level, i;

	for (level = LEVELS - 1; level; level--) {
		u64 *entries = hv->ops->map(hv, w.table[level]);

		for (i = 0; i < ENTRIES - 1 && !entries[i]; i++)
			;
		w.table[level - 1] = entry_pfn(entries[i]);
		gpfn |= (u64)i << (9 * level);
		hv->ops->unmap(hv, entries);
	}
	w.entries = hv->ops->map(hv, w.table[0]);
	for (i = 0; i < ENTRIES; i++)
		if (w.entries[i] & ENTRY_MAPPED)
			drop_leaf(hv, p, w.entries[i]);
	walk_end(hv, &w);
	hvc_frame(hv, w.table[0])->link = 0;
	shrink(hv, p, gpfn, &w);
}

/**
 * hvc_gpa_teardown - take a GPA space apart, a bounded piece of it
 * @hv: the core
 * @p: a child
 * @budget: how many leaf tables at most
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
 * The root maps to itself what it has anyway: identity, pages that it can
 * reach, and every right to them. Nothing changes.
 */
static u32 map_to_root(struct hvc_ctx *ctx, u64 gpfn, u64 source, u32 flags)
{
	struct hvc_frame *f = hvc_frame(ctx->hv, source);

	if (gpfn != source || !f || f->state != HVC_FRAME_ROOT)
		return HV_STATUS_ACCESS_DENIED;
	if ((flags & HV_MAP_GPA_RIGHTS) != HV_MAP_GPA_RIGHTS)
		return HV_STATUS_OPERATION_DENIED;
	return HV_STATUS_SUCCESS;
}

/* HvMapGpaPages, one page. The source must be the root's to give. */
u32 hvc_map_gpa_pages(struct hvc_ctx *ctx)
{
	const struct hv_input_map_gpa_pages *in = (const void *)ctx->in;
	struct hvc_partition *p = ctx->target;
	u64 gpfn = in->target_gpa_base + ctx->rep;
	u64 source = ctx->element[0];
	struct hvc *hv = ctx->hv;
	struct hvc_frame *f;
	struct walk w;
	u64 *entry;

	if (!flags_valid(in->map_flags) || gpfn < ctx->rep ||
	    !hvc_gpa_inside(hv, gpfn) || !hvc_gpa_inside(hv, source))
		return HV_STATUS_INVALID_PARAMETER;
	if (hvc_is_root(p))
		return map_to_root(ctx, gpfn, source, in->map_flags);
	f = hvc_frame(hv, source);
	if (!hvc_is_root(ctx->caller) || !f || f->state != HVC_FRAME_ROOT ||
	    f->link == ~0U)
		return HV_STATUS_OPERATION_DENIED;
	walk(hv, p, gpfn, &w);
	if (w.missing > p->available)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	grow(hv, p, gpfn, &w);
	entry = &w.entries[index_at(gpfn, 0)];
	f->link++;
	p->gpa_pages++;
	if (*entry & ENTRY_MAPPED)
		drop_leaf(hv, p, *entry);
	else
		hvc_frame(hv, w.table[0])->link++;
	*entry = leaf_entry(source, in->map_flags & HV_MAP_GPA_RIGHTS);
	walk_end(hv, &w);
	return HV_STATUS_SUCCESS;
}

/* HvUnmapGpaPages, one page. Nothing mapped there is fine. */
u32 hvc_unmap_gpa_pages(struct hvc_ctx *ctx)
{
	const struct hv_input_unmap_gpa_pages *in = (const void *)ctx->in;
	struct hvc_partition *p = ctx->target;
	u64 gpfn = in->target_gpa_base + ctx->rep;
	struct hvc *hv = ctx->hv;
	struct walk w;
	u64 *entry;

	if ((in->unmap_flags & ~HV_UNMAP_GPA_KEEP_PRECOMMITTED) ||
	    gpfn < ctx->rep || !hvc_gpa_inside(hv, gpfn))
		return HV_STATUS_INVALID_PARAMETER;
	walk(hv, p, gpfn, &w);
	if (!w.entries)
		return HV_STATUS_SUCCESS;
	entry = &w.entries[index_at(gpfn, 0)];
	if (*entry & ENTRY_MAPPED) {
		drop_leaf(hv, p, *entry);
		*entry = 0;
		hvc_frame(hv, w.table[0])->link--;
	}
	walk_end(hv, &w);
	shrink(hv, p, gpfn, &w);
	return HV_STATUS_SUCCESS;
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
	entries = hv->ops->map(hv, table);
	for (i = 0; i < ENTRIES; i++) {
		struct hvc_frame *page;

		if (!entries[i])
			continue;
		used++;
		if (level) {
			mapped += audit_table(hv, p, entry_pfn(entries[i]),
					      level - 1, errors);
			continue;
		}
		mapped++;
		page = hvc_frame(hv, entry_pfn(entries[i]));
		if (!page || page->state != HVC_FRAME_ROOT || !page->link)
			++*errors;
	}
	hv->ops->unmap(hv, entries);
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
