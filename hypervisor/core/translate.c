// SPDX-License-Identifier: GPL-2.0
/*
 * HvTranslateVirtualAddress: a walk over a child's own page tables, as one of
 * its VPs would do it. TLFS "Translating Guest Virtual Addresses"; AMD APM
 * volume 2, "Page Translation and Protection". At most four tables, each in a
 * page of the child's GPA space. There are no protection keys.
 */
#include "internal.h"

#define CR0_WP (1ULL << 16)
#define CR0_CD (1ULL << 30)
#define CR0_PG (1ULL << 31)
#define CR4_PSE (1ULL << 4)
#define CR4_PAE (1ULL << 5)
#define CR4_SMEP (1ULL << 20)
#define CR4_SMAP (1ULL << 21)
#define EFER_LMA (1ULL << 10)
#define EFER_NXE (1ULL << 11)
#define RFLAGS_VM (1ULL << 17)
#define RFLAGS_AC (1ULL << 18)
#define SEGMENT_DPL(attributes) ((attributes) >> 5 & 3)

#define PTE_PRESENT (1ULL << 0)
#define PTE_WRITE (1ULL << 1)
#define PTE_USER (1ULL << 2)
#define PTE_PWT (1ULL << 3)
#define PTE_PCD (1ULL << 4)
#define PTE_ACCESSED (1ULL << 5)
#define PTE_DIRTY (1ULL << 6)
#define PTE_LARGE (1ULL << 7) /* in a PTE of the lowest level: PAT */
#define PTE_LARGE_PAT (1ULL << 12)
#define PTE_NX (1ULL << 63)
#define PTE_ADDRESS 0x000ffffffffff000ULL

#define MAX_LEVELS 4

static u64 bits(u32 high, u32 low)
{
	return (~0ULL >> (63 - high)) & (~0ULL << low);
}

/* Paging as a VP's control registers have it. */
struct paging {
	u32 levels; /* 0: none */
	u32 width; /* of an entry, in bytes */
	u64 gva_end; /* first address above; 4 levels: of the lower half */
	u64 cr0, cr3, cr4, efer, pat;
	bool user; /* the VP is at CPL 3 */
	bool alignment_check; /* RFLAGS.AC lifts SMAP */
};

/* An entry that was walked over, in case bits are to be set in it. */
struct step {
	u64 pfn;
	u32 offset;
	u32 rights;
	bool overlay;
	u64 set; /* bits */
};

struct walk {
	const struct paging *paging;
	struct hvc *hv;
	struct hvc_vp *vp;
	u64 flags; /* HV_TRANSLATE_GVA_* */
	struct step steps[MAX_LEVELS];
	u32 nr_steps;
	u64 allowed; /* PTE_WRITE, PTE_USER if all entries have them */
	bool nx;
	u64 gpa;
	u8 cache_type;
};

static u64 low(const struct hvc_vp *vp, u32 name)
{
	return hvc_register(vp, name)->low;
}

static void get_paging(const struct hvc_vp *vp, struct paging *p)
{
	u64 rflags = low(vp, HV_X64_REGISTER_RFLAGS);
	const union hv_register_value *ss =
		hvc_register(vp, HV_X64_REGISTER_SS);

	p->cr0 = low(vp, HV_X64_REGISTER_CR0);
	p->cr3 = low(vp, HV_X64_REGISTER_CR3);
	p->cr4 = low(vp, HV_X64_REGISTER_CR4);
	p->efer = low(vp, HV_X64_REGISTER_EFER);
	p->pat = low(vp, HV_X64_REGISTER_PAT);
	p->user = (rflags & RFLAGS_VM) ||
		  SEGMENT_DPL(ss->segment.attributes) == 3;
	p->alignment_check = rflags & RFLAGS_AC;
	p->gva_end = 1ULL << 32;
	p->width = 8;
	if (!(p->cr0 & CR0_PG)) {
		p->levels = 0;
	} else if (p->efer & EFER_LMA) {
		p->levels = 4;
		p->gva_end = 1ULL << 47;
	} else if (p->cr4 & CR4_PAE) {
		p->levels = 3;
	} else {
		p->levels = 2;
		p->width = 4;
	}
}

/* Below 4 GiB, or canonical. */
static bool gva_valid(const struct paging *p, u64 gva)
{
	return gva < p->gva_end || (p->levels == 4 && gva >= -p->gva_end);
}

static u64 read_entry(struct hvc *hv, const struct step *step, u32 width)
{
	u8 *page = hv->ops->map(hv, step->pfn);
	void *at = page + step->offset;
	u64 entry;

	entry = width == 8 ? __atomic_load_n((u64 *)at, __ATOMIC_RELAXED) :
			     __atomic_load_n((u32 *)at, __ATOMIC_RELAXED);
	hv->ops->unmap(hv, page);
	return entry;
}

/* Accessed and dirty are in the low byte, whatever the width. */
static void set_bits(struct hvc *hv, const struct step *step)
{
	u8 *page = hv->ops->map(hv, step->pfn);

	__atomic_fetch_or(page + step->offset, (u8)step->set, __ATOMIC_RELAXED);
	hv->ops->unmap(hv, page);
}

/* The lowest address bit that a page or table at this level has. */
static u32 shift_at(const struct paging *p, u32 level)
{
	return HV_PAGE_SHIFT + level * (p->width == 8 ? 9 : 10);
}

static bool is_leaf(const struct paging *p, u32 level, u64 entry)
{
	if (!level)
		return true;
	if (!(entry & PTE_LARGE) || level > 2)
		return false;
	if (p->levels == 2)
		return p->cr4 & CR4_PSE;
	return level == 1 || p->levels == 4;
}

/* Bits that must be zero in an entry. */
static u64 reserved(const struct walk *w, u32 level, bool leaf)
{
	const struct paging *p = w->paging;
	u64 mask = bits(51, w->hv->cfg.gpa_bits);

	if (p->width == 4)
		return leaf && level ? bits(21, 21) : 0;
	if (p->levels == 3)
		mask |= level == 2 ? bits(63, 52) | bits(8, 5) | bits(2, 1) :
				     bits(62, 52);
	else if (level == 3)
		mask |= bits(8, 7);
	if (leaf && level)
		mask |= bits(shift_at(p, level) - 1, 13);
	if (!(p->efer & EFER_NXE))
		mask |= PTE_NX;
	return mask;
}

/* The page that a leaf maps; a large one of 32 bits has more bits below. */
static u64 leaf_address(const struct paging *p, u32 level, u64 entry)
{
	u64 mask = bits(51, shift_at(p, level));

	if (p->width == 4 && level)
		return (entry & bits(31, 22)) | (entry & bits(20, 13)) << 19;
	return entry & mask;
}

static u8 cache_type(const struct paging *p, u32 level, u64 entry)
{
	u64 pat = level ? PTE_LARGE_PAT : PTE_LARGE;
	u32 index = (entry & pat ? 4 : 0) | (entry & PTE_PCD ? 2 : 0) |
		    (entry & PTE_PWT ? 1 : 0);
	u8 type = p->pat >> 8 * index;

	/* 7: uncached unless an MTRR says otherwise. */
	return type == 7 ? HV_CACHE_TYPE_UNCACHED : type;
}

/* The pages that tables are in: RAM or an overlay page, not an APIC. */
static u32 find_step(struct walk *w, u64 gpa, struct step *step)
{
	u64 gpfn = gpa >> HV_PAGE_SHIFT;

	if (gpfn == w->vp->apic.gpfn)
		return HV_TRANSLATE_GVA_ILLEGAL_OVERLAY_ACCESS;
	if (!hvc_gpa_find(w->hv, w->vp->partition, gpfn, &step->pfn,
			  &step->rights, &step->overlay))
		return HV_TRANSLATE_GVA_GPA_UNMAPPED;
	if (!(step->rights & HV_MAP_GPA_READABLE))
		return HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS;
	step->offset = gpa & HV_PAGE_MASK;
	return HV_TRANSLATE_GVA_SUCCESS;
}

static u64 top_table(const struct paging *p)
{
	if (p->levels == 3)
		return p->cr3 & bits(31, 5);
	return p->cr3 & (p->levels == 4 ? PTE_ADDRESS : bits(31, 12));
}

static u32 walk(struct walk *w, u64 gva)
{
	const struct paging *p = w->paging;
	u64 table = top_table(p);
	u32 level = p->levels;
	u32 code, index;
	u64 entry;
	bool leaf;

	w->allowed = PTE_WRITE | PTE_USER;
	do {
		struct step *step = &w->steps[w->nr_steps++];

		level--;
		index = gva >> shift_at(p, level) &
			(HV_PAGE_SIZE / p->width - 1);
		code = find_step(w, table + index * p->width, step);
		if (code != HV_TRANSLATE_GVA_SUCCESS)
			return code;
		entry = read_entry(w->hv, step, p->width);
		if (!(entry & PTE_PRESENT))
			return HV_TRANSLATE_GVA_PAGE_NOT_PRESENT;
		leaf = is_leaf(p, level, entry);
		if (entry & reserved(w, level, leaf))
			return HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS;
		/* The four entries at the top of PAE have no rights, nor A. */
		if (p->levels != 3 || level != 2) {
			w->allowed &= entry;
			w->nx |= !!(entry & PTE_NX);
			step->set = PTE_ACCESSED & ~entry;
		}
		table = entry & PTE_ADDRESS;
	} while (!leaf);
	if ((w->flags & HV_TRANSLATE_GVA_VALIDATE_WRITE) &&
	    !(entry & PTE_DIRTY))
		w->steps[w->nr_steps - 1].set |= PTE_DIRTY;
	w->gpa = leaf_address(p, level, entry) |
		 (gva & bits(shift_at(p, level) - 1, 0));
	w->cache_type = cache_type(p, level, entry);
	return HV_TRANSLATE_GVA_SUCCESS;
}

/* May the VP do to the page what the caller asks? */
static bool permitted(const struct walk *w)
{
	bool exempt = w->flags & HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT;
	bool execute = w->flags & HV_TRANSLATE_GVA_VALIDATE_EXECUTE;
	bool write = w->flags & HV_TRANSLATE_GVA_VALIDATE_WRITE;
	bool data = write || (w->flags & HV_TRANSLATE_GVA_VALIDATE_READ);
	const struct paging *p = w->paging;
	bool user = p->user && !exempt;
	bool users_page = w->allowed & PTE_USER;

	if (user && !users_page)
		return false;
	if (execute && w->nx)
		return false;
	if (write && !(w->allowed & PTE_WRITE) && (user || (p->cr0 & CR0_WP)))
		return false;
	if (user || exempt || !users_page)
		return true;
	return !(execute && (p->cr4 & CR4_SMEP)) &&
	       !(data && (p->cr4 & CR4_SMAP) && !p->alignment_check);
}

/* Accessed and dirty, all of them or none. */
static u32 set_page_table_bits(struct walk *w)
{
	u32 i;

	for (i = 0; i < w->nr_steps; i++) {
		const struct step *step = &w->steps[i];

		if (step->set && !(step->rights & HV_MAP_GPA_WRITABLE))
			return step->overlay ?
				       HV_TRANSLATE_GVA_ILLEGAL_OVERLAY_ACCESS :
				       HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS;
	}
	for (i = 0; i < w->nr_steps; i++)
		if (w->steps[i].set)
			set_bits(w->hv, &w->steps[i]);
	return HV_TRANSLATE_GVA_SUCCESS;
}

/* What the GPA space says to it. The APIC's page is nothing to execute. */
static u32 check_gpa(const struct walk *w, bool *overlay)
{
	u64 gpfn = w->gpa >> HV_PAGE_SHIFT, pfn;
	u32 need = 0, rights;

	*overlay = gpfn == w->vp->apic.gpfn;
	if (*overlay)
		rights = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;
	else if (!hvc_gpa_find(w->hv, w->vp->partition, gpfn, &pfn, &rights,
			       overlay))
		return HV_TRANSLATE_GVA_GPA_UNMAPPED;
	if (w->flags & HV_TRANSLATE_GVA_VALIDATE_READ)
		need |= HV_MAP_GPA_READABLE;
	if (w->flags & HV_TRANSLATE_GVA_VALIDATE_WRITE)
		need |= HV_MAP_GPA_WRITABLE;
	if (w->flags & HV_TRANSLATE_GVA_VALIDATE_EXECUTE)
		need |= w->paging->user ? HV_MAP_GPA_USER_EXECUTABLE :
					  HV_MAP_GPA_KERNEL_EXECUTABLE;
	need &= ~rights;
	if (!need)
		return HV_TRANSLATE_GVA_SUCCESS;
	if (*overlay)
		return HV_TRANSLATE_GVA_ILLEGAL_OVERLAY_ACCESS;
	return need & HV_MAP_GPA_WRITABLE ?
		       HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS :
		       HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS;
}

static u32 translate(struct walk *w, u64 gva, bool *overlay)
{
	const struct paging *p = w->paging;
	u32 code = HV_TRANSLATE_GVA_SUCCESS;

	if (!gva_valid(p, gva))
		return HV_TRANSLATE_GVA_PAGE_NOT_PRESENT;
	if (p->levels) {
		code = walk(w, gva);
		if (code == HV_TRANSLATE_GVA_SUCCESS && !permitted(w))
			code = HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION;
	} else {
		w->gpa = gva;
		w->cache_type = HV_CACHE_TYPE_WRITE_BACK;
	}
	if (p->cr0 & CR0_CD)
		w->cache_type = HV_CACHE_TYPE_UNCACHED;
	if (code == HV_TRANSLATE_GVA_SUCCESS)
		code = check_gpa(w, overlay);
	if (code == HV_TRANSLATE_GVA_SUCCESS &&
	    (w->flags & HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS))
		code = set_page_table_bits(w);
	return code;
}

/* HvTranslateVirtualAddress */
u32 hvc_translate_virtual_address(struct hvc_ctx *ctx)
{
	const struct hv_input_translate_virtual_address *in =
		(const void *)ctx->in;
	struct hv_output_translate_virtual_address *out = (void *)ctx->out;
	struct walk w = { .hv = ctx->hv, .flags = in->control_flags };
	struct paging paging;
	bool overlay = false;
	u32 code;

	if (in->vp_index >= HVC_MAX_VPS || !ctx->target->vps[in->vp_index])
		return HV_STATUS_INVALID_VP_INDEX;
	if ((w.flags & ~HV_TRANSLATE_GVA_FLAGS) ||
	    !(w.flags & HV_TRANSLATE_GVA_VALIDATE) ||
	    in->gva_page >> (64 - HV_PAGE_SHIFT))
		return HV_STATUS_INVALID_PARAMETER;
	w.vp = ctx->target->vps[in->vp_index];
	get_paging(w.vp, &paging);
	w.paging = &paging;
	code = translate(&w, in->gva_page << HV_PAGE_SHIFT, &overlay);
	out->translation_result = code;
	if (code != HV_TRANSLATE_GVA_SUCCESS)
		return HV_STATUS_SUCCESS;
	out->translation_result |=
		(u64)w.cache_type << HV_TRANSLATE_GVA_CACHE_TYPE_SHIFT |
		(overlay ? HV_TRANSLATE_GVA_OVERLAY_PAGE : 0);
	out->gpa_page = w.gpa >> HV_PAGE_SHIFT;
	return HV_STATUS_SUCCESS;
}
