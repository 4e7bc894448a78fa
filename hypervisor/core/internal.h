/* SPDX-License-Identifier: GPL-2.0 */
/* What the core's files need of each other. */
#ifndef HVC_INTERNAL_H
#define HVC_INTERNAL_H

#ifdef __KERNEL__
#include <linux/string.h>
#else
#include <string.h>
#endif

#include <hv/calls.h>
#include <hv/debug.h>
#include <hv/hypercall.h>
#include <hv/memory.h>
#include <hv/partition.h>
#include <hv/registers.h>
#include <hv/status.h>

#include "core.h"

/* --- table.c --- */
int hvc_table_init(struct hvc *hv);

static inline u32 hvc_row_place(u16 code)
{
	if (code < HVC_INDEXED_CODES)
		return code;
	return HVC_INDEXED_CODES + code % HVC_INDEXED_CODES;
}

/* 0: none; else one more than the index of a call's row and counters. */
static inline u32 hvc_row_number(const struct hvc *hv, u16 code)
{
	u32 n = hv->row_index[hvc_row_place(code)];

	return n && hv->rows[n - 1]->code == code ? n : 0;
}

/*
 * The contract of a call, or NULL, and where it is counted: all unknown codes
 * in one place. A debug call that is not allowed is one of them.
 */
static inline const struct hvc_row *hvc_find_row(struct hvc *hv, u16 code,
						 struct hvc_counters **counters)
{
	u32 n = hvc_row_number(hv, code);

	if (n && (hv->rows[n - 1]->flags & HVC_ROW_DEBUG) && !hv->cfg.debug)
		n = 0;
	*counters = n ? &hv->counters[n - 1] : &hv->unknown;
	return n ? hv->rows[n - 1] : NULL;
}

/* A call has its result. It may not have needed the lock: unlocked.h. */
static inline void hvc_count_call(struct hvc_counters *counters)
{
	__atomic_fetch_add(&counters->calls, 1, __ATOMIC_RELAXED);
}

/* --- dispatch.c --- */

/* A code without a row. */
static inline u32 hvc_unknown_status(const struct hvc_call *call)
{
	if (hv_control_code(call->control) >= HV_EXT_CALL_BASE &&
	    !(call->caller->privileges &
	      HV_PRIVILEGE(ENABLE_EXTENDED_HYPERCALLS)))
		return HV_STATUS_ACCESS_DENIED;
	return HV_STATUS_INVALID_HYPERCALL_CODE;
}

/*
 * Elements of a weight, or what is worth as much, that one invocation may do:
 * one at least.
 */
static inline u32 hvc_budget(const struct hvc *hv, u32 weight)
{
	u32 budget = hv->cfg.rep_budget;

	return budget > weight ? budget / weight : 1;
}

bool hvc_nested_call(struct hvc_ctx *ctx, struct hvc_call *call);

/* What TLFS gives a partition that is not the root: bits 0-8 and 10. */
#define HVC_CHILD_PRIVILEGES 0x5ffULL

/* --- partition.c --- */
static inline struct hvc_partition *hvc_find_partition(struct hvc *hv, u64 id)
{
	struct hvc_partition *p = hv->partitions[id % HVC_MAX_PARTITIONS];

	return p && p->id == id ? p : NULL;
}

u32 hvc_create_partition(struct hvc_ctx *ctx);
u32 hvc_initialize_partition(struct hvc_ctx *ctx);
u32 hvc_finalize_partition(struct hvc_ctx *ctx);
u32 hvc_delete_partition(struct hvc_ctx *ctx);
u64 hvc_partition_id(const struct hvc_partition *p);
u32 hvc_get_partition_id(struct hvc_ctx *ctx);
u32 hvc_get_next_child(struct hvc_ctx *ctx);
u32 hvc_ext_query_capabilities(struct hvc_ctx *ctx);

/* --- property.c --- */
void hvc_property_init(struct hvc_partition *p);
bool hvc_reserve_vp(struct hvc *hv, struct hvc_partition *p);
void hvc_release_vp(struct hvc *hv, struct hvc_partition *p);
u32 hvc_get_partition_property(struct hvc_ctx *ctx);
u32 hvc_set_partition_property(struct hvc_ctx *ctx);

/* --- vp.c --- */
u32 hvc_create_vp(struct hvc_ctx *ctx);
u32 hvc_delete_vp(struct hvc_ctx *ctx);
void hvc_destroy_vp(struct hvc *hv, struct hvc_vp *vp);

/* --- registers.c --- */
void hvc_reset_registers(struct hvc_vp *vp);
const union hv_register_value *hvc_register(const struct hvc_vp *vp, u32 name);
u32 hvc_get_vp_registers(struct hvc_ctx *ctx);
u32 hvc_set_vp_registers(struct hvc_ctx *ctx);

/* --- pool.c --- */
bool hvc_pool_has(const struct hvc_partition *p, u64 proximity, u32 pages);
u64 hvc_pool_alloc_near(struct hvc *hv, struct hvc_partition *p, u64 proximity);
void hvc_pool_free(struct hvc *hv, struct hvc_partition *p, u64 pfn);
bool hvc_proximity_valid(struct hvc *hv, u64 proximity);
u32 hvc_deposit_memory(struct hvc_ctx *ctx, const void *in, void *out, u32 end);
u32 hvc_withdraw_memory(struct hvc_ctx *ctx, const void *in, void *out,
			u32 end);
u32 hvc_get_memory_balance(struct hvc_ctx *ctx);

static inline u64 hvc_pool_alloc(struct hvc *hv, struct hvc_partition *p)
{
	return hvc_pool_alloc_near(hv, p, 0);
}

/* --- gpa.c --- */
u32 hvc_gpa_init(struct hvc *hv, struct hvc_partition *p);
bool hvc_gpa_teardown(struct hvc *hv, struct hvc_partition *p, u32 budget);
bool hvc_gpa_lookup(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		    u64 *pfn, u32 *rights);
u64 hvc_gpa_audit(struct hvc *hv, struct hvc_partition *p, u64 *errors);
u32 hvc_map_gpa_pages(struct hvc_ctx *ctx);
u32 hvc_unmap_gpa_pages(struct hvc_ctx *ctx);
u32 hvc_map_weight(const struct hvc_ctx *ctx);
u32 hvc_unmap_weight(const struct hvc_ctx *ctx);

/* --- overlay.c --- */
void hvc_overlay_init(struct hvc_partition *p);
void hvc_overlay_init_vp(struct hvc_vp *vp);
void hvc_overlay_destroy(struct hvc *hv, struct hvc_partition *p);
void hvc_overlay_destroy_vp(struct hvc *hv, struct hvc_vp *vp);
bool hvc_gpa_find(struct hvc *hv, struct hvc_partition *p, u64 gpfn, u64 *pfn,
		  u32 *rights, bool *overlay);
u64 hvc_overlay_get_register(struct hvc *hv, struct hvc_vp *vp, u32 name);
u32 hvc_overlay_set_register(struct hvc *hv, struct hvc_vp *vp, u32 name,
			     u64 value);
void hvc_set_guest_os_id(struct hvc *hv, struct hvc_partition *p, u64 id);
struct hvc_overlay *hvc_overlay_find(struct hvc_partition *p, u64 gpfn);
void hvc_overlay_audit(struct hvc *hv, struct hvc_partition *p, u64 *errors);

/* Most partitions have none: no search then. */
static inline struct hvc_overlay *hvc_overlay_at(struct hvc_partition *p,
						 u64 gpfn)
{
	return p->overlays ? hvc_overlay_find(p, gpfn) : NULL;
}

/* --- time.c --- */
u64 hvc_reference_time(struct hvc *hv);
u64 hvc_partition_time(struct hvc *hv, struct hvc_partition *p);
void hvc_freeze_time(struct hvc *hv, struct hvc_partition *p, bool freeze);
void hvc_fill_reference_tsc_page(struct hvc *hv, struct hvc_partition *p,
				 u64 pfn);
/* Registers of a VP, by name: see registers.c. */
u64 hvc_get_time(struct hvc *hv, struct hvc_vp *vp, u32 name);
u64 hvc_get_timer(struct hvc *hv, struct hvc_vp *vp, u32 name);
u32 hvc_set_timer(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value);

/* --- apic.c --- */
void hvc_apic_reset(struct hvc_vp *vp);
u32 hvc_apic_read(struct hvc_vp *vp, u32 offset, u32 bytes);
void hvc_apic_write(struct hvc_vp *vp, u32 offset, u32 bytes, u32 value);
/* Registers of a VP, by name: see registers.c. */
u64 hvc_apic_get_base(struct hvc *hv, struct hvc_vp *vp, u32 name);
u32 hvc_apic_set_base(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value);
u64 hvc_apic_get(struct hvc *hv, struct hvc_vp *vp, u32 name);
u32 hvc_apic_set(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value);
u64 hvc_apic_get_msr(struct hvc *hv, struct hvc_vp *vp, u32 name);
u32 hvc_apic_set_msr(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value);
u64 hvc_apic_get_cr8(struct hvc *hv, struct hvc_vp *vp, u32 name);
u32 hvc_apic_set_cr8(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value);

/* --- access.c --- */
u32 hvc_read_gpa(struct hvc_ctx *ctx);
u32 hvc_write_gpa(struct hvc_ctx *ctx);

/* --- translate.c --- */
u32 hvc_translate_virtual_address(struct hvc_ctx *ctx);

/* --- fault.c --- */
const struct hvc_fault *hvc_fault_match(struct hvc *hv, u16 code);
u32 hvc_fault_pages(struct hvc_ctx *ctx, const struct hvc_fault *fault,
		    u64 *list, u64 list_pfn, u32 done);
void hvc_fault_clear(struct hvc *hv);

/* --- debug.c --- */
u32 hvc_debug_call(struct hvc_ctx *ctx);

/* --- option.c --- */
bool hvc_parse_number(const char **s, u64 *value);

/* One that the compiler may take for dear, but knows an argument of. */
#define HVC_INLINE inline __attribute__((__always_inline__))
/* And one that would only make the usual way longer. */
#define HVC_NOINLINE __attribute__((__noinline__))

static inline struct hvc_frame *hvc_frame(struct hvc *hv, u64 pfn)
{
	u64 n = pfn - hv->cfg.first_frame;

	return n < hv->cfg.nr_frames ? &hv->cfg.frames[n] :
				       hv->ops->frame(hv, pfn);
}

/*
 * RAM is at its own address, and map() and unmap() may be left out: said by the
 * host's build, as it would be asked for more often than anything else.
 */
#ifndef HVC_FLAT
#define HVC_FLAT 0
#endif

static inline void *hvc_map(struct hvc *hv, u64 pfn)
{
	if (HVC_FLAT)
		return (void *)(unsigned long)(pfn << HV_PAGE_SHIFT);
	return hv->ops->map(hv, pfn);
}

static inline void hvc_unmap(struct hvc *hv, void *page)
{
	if (!HVC_FLAT)
		hv->ops->unmap(hv, page);
}

static inline bool hvc_gpa_inside(struct hvc *hv, u64 gpfn)
{
	return !(gpfn >> (hv->cfg.gpa_bits - HV_PAGE_SHIFT));
}

static inline bool hvc_is_root(const struct hvc_partition *p)
{
	return !p->parent;
}

#endif
