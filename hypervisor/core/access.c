// SPDX-License-Identifier: GPL-2.0
/*
 * HvReadGpa and HvWriteGpa: up to 16 bytes of a child's GPA space, as one of
 * its virtual processors would reach them.
 */
#include "internal.h"

/*
 * What a refused access is called. The pages of the two calls and the page of
 * the enumeration disagree; cfg.access_codes_enum picks the latter. See
 * Documentation/abi-notes.md.
 */
static u32 refusal(struct hvc *hv, bool write)
{
	if (!write)
		return HV_ACCESS_GPA_READ_INTERCEPT;
	return hv->cfg.access_codes_enum ? HV_ACCESS_GPA_WRITE_INTERCEPT :
					   HV_ACCESS_GPA_READ_INTERCEPT;
}

/* The same for an overlay page that refuses writes. */
static u32 overlay_refusal(struct hvc *hv)
{
	return hv->cfg.access_codes_enum ?
		       HV_ACCESS_GPA_ILLEGAL_OVERLAY_ACCESS :
		       HV_ACCESS_GPA_WRITE_INTERCEPT;
}

/*
 * Where an access leads: an overlay page, or else what is mapped. Result code;
 * the page is valid with SUCCESS only.
 */
static HVC_INLINE u32 resolve(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
			      bool write, u64 *pfn)
{
	u32 need = write ? HV_MAP_GPA_WRITABLE : HV_MAP_GPA_READABLE;
	bool overlay = false, there;
	u32 rights;

	there = p->overlays ?
		hvc_gpa_find(hv, p, gpfn, pfn, &rights, &overlay) :
		hvc_gpa_lookup(hv, p, gpfn, pfn, &rights);
	if (!there)
		return HV_ACCESS_GPA_UNMAPPED;
	if (rights & need)
		return HV_ACCESS_GPA_SUCCESS;
	return overlay ? overlay_refusal(hv) : refusal(hv, write);
}

/* Aligned 4-, 2- and 1-byte pieces, in ascending order. */
static u32 next_piece(unsigned long at, u32 bytes)
{
	if (!(at & 3) && bytes >= 4)
		return 4;
	return !(at & 1) && bytes >= 2 ? 2 : 1;
}

static void record(struct hvc *hv, const struct hvc_piece *piece)
{
	if (!hv->cfg.debug)
		return;
	if (hv->nr_pieces < HVC_MAX_PIECES)
		hv->pieces[hv->nr_pieces] = *piece;
	hv->nr_pieces++;
}

/* The local APIC's page: each piece is what the VP would do. */
static void move_apic(struct hvc *hv, struct hvc_vp *vp, u64 gpa, u8 *data,
		      u32 bytes, bool write)
{
	struct hvc_piece piece = {
		.gpa = gpa, .vp_index = vp->index, .write = write,
	};

	for (; bytes; bytes -= piece.bytes) {
		u32 offset = piece.gpa & HV_PAGE_MASK;

		piece.bytes = next_piece(offset, bytes);
		piece.value = 0;
		if (write) {
			memcpy(&piece.value, data, piece.bytes);
			hvc_apic_write(vp, offset, piece.bytes, piece.value);
		} else {
			piece.value = hvc_apic_read(vp, offset, piece.bytes);
			memcpy(data, &piece.value, piece.bytes);
		}
		record(hv, &piece);
		piece.gpa += piece.bytes;
		data += piece.bytes;
	}
}

/* @page is the guest's and may change under us; each piece is one access. */
static HVC_INLINE void move_word(u8 *page, u8 *data, bool write)
{
	u32 v;

	if (write) {
		__builtin_memcpy(&v, data, 4);
		__atomic_store_n((u32 *)page, v, __ATOMIC_RELAXED);
	} else {
		v = __atomic_load_n((u32 *)page, __ATOMIC_RELAXED);
		__builtin_memcpy(data, &v, 4);
	}
}

static HVC_INLINE void move_half(u8 *page, u8 *data, bool write)
{
	u16 v;

	if (write) {
		__builtin_memcpy(&v, data, 2);
		__atomic_store_n((u16 *)page, v, __ATOMIC_RELAXED);
	} else {
		v = __atomic_load_n((u16 *)page, __ATOMIC_RELAXED);
		__builtin_memcpy(data, &v, 2);
	}
}

static HVC_INLINE void move(u8 *page, u8 *data, u32 bytes, bool write)
{
	u32 piece;

	/* What most callers ask for. */
	if (bytes == HV_ACCESS_GPA_MAX && !((unsigned long)page & 3)) {
		move_word(page, data, write);
		move_word(page + 4, data + 4, write);
		move_word(page + 8, data + 8, write);
		move_word(page + 12, data + 12, write);
		return;
	}
	for (; bytes; bytes -= piece) {
		piece = next_piece((unsigned long)page, bytes);
		if (piece == 4)
			move_word(page, data, write);
		else if (piece == 2)
			move_half(page, data, write);
		else if (write)
			__atomic_store_n(page, *data, __ATOMIC_RELAXED);
		else
			*data = __atomic_load_n(page, __ATOMIC_RELAXED);
		page += piece;
		data += piece;
	}
}

/* Both calls have the same header; data is moved only when all is well. */
static HVC_INLINE u32 access(struct hvc_ctx *ctx,
			     const struct hv_input_read_gpa *in, u8 *data,
			     bool write, u64 *result)
{
	struct hvc_partition *p = ctx->target;
	u64 flags = in->control_flags;
	struct hvc *hv = ctx->hv;
	struct hvc_vp *vp;
	u64 pfn;
	u8 *page;

	if (in->vp_index >= HVC_MAX_VPS || !p->vps[in->vp_index])
		return HV_STATUS_INVALID_VP_INDEX;
	if (!hvc_gpa_inside(hv, in->base_gpa >> HV_PAGE_SHIFT) ||
	    !in->byte_count || in->byte_count > HV_ACCESS_GPA_MAX ||
	    (in->base_gpa & HV_PAGE_MASK) + in->byte_count > HV_PAGE_SIZE ||
	    (flags & ~HV_ACCESS_GPA_CACHE_TYPE_MASK) ||
	    !hv_cache_type_valid(flags))
		return HV_STATUS_INVALID_PARAMETER;

	vp = p->vps[in->vp_index];
	if (in->base_gpa >> HV_PAGE_SHIFT == vp->apic.gpfn) {
		move_apic(hv, vp, in->base_gpa, data, in->byte_count, write);
		*result = HV_ACCESS_GPA_SUCCESS;
		return HV_STATUS_SUCCESS;
	}
	*result = resolve(hv, p, in->base_gpa >> HV_PAGE_SHIFT, write, &pfn);
	if (*result != HV_ACCESS_GPA_SUCCESS)
		return HV_STATUS_SUCCESS;
	page = hvc_map(hv, pfn);
	move(page + (in->base_gpa & HV_PAGE_MASK), data, in->byte_count,
	     write);
	hvc_unmap(hv, page);
	return HV_STATUS_SUCCESS;
}

u32 hvc_read_gpa(struct hvc_ctx *ctx)
{
	struct hv_output_read_gpa *out = (void *)ctx->out;

	return access(ctx, (const void *)ctx->in, out->data, false,
		      &out->access_result);
}

u32 hvc_write_gpa(struct hvc_ctx *ctx)
{
	struct hv_input_write_gpa *in = (void *)ctx->in;
	struct hv_output_write_gpa *out = (void *)ctx->out;

	return access(ctx, (const void *)ctx->in, in->data, true,
		      &out->access_result);
}
