/* SPDX-License-Identifier: GPL-2.0 */
/* What the model's files need of each other. */
#ifndef TESTS_MODEL_ASK_H
#define TESTS_MODEL_ASK_H

#include <string.h>

#include "model.h"

/* What is checked before a call itself. */
struct rule {
	u16 code;
	u8 who; /* enum who: whom the root may name */
	u8 states;
	bool rep, fast;
	u32 in, in_element, out, out_element;
};

/* A call in the making. */
struct ask {
	struct model *m;
	const struct rule *rule;
	struct model_partition *p;
	u64 control, input, output, result;
	u64 after[HVC_FAST_WORDS]; /* what the registers hold afterwards */
	u8 in[HV_PAGE_SIZE]; /* what was at the input */
	const u8 *out; /* what is at the output */
};

/* Stops the program, saying which call it was. */
void model_check(const struct ask *a, bool good, const char *what, int line);

#define CHECK(a, cond) model_check(a, cond, #cond, __LINE__)

static inline u64 u64_at(const u8 *from, u32 offset)
{
	u64 value;

	memcpy(&value, from + offset, 8);
	return value;
}

static inline u32 u32_at(const u8 *from, u32 offset)
{
	return u64_at(from, offset & ~7U) >> 8 * (offset & 7);
}

static inline bool is_ram(struct model *m, u64 pfn)
{
	return pfn < m->nr && m->owner[pfn] != MODEL_NOT_RAM;
}

static inline bool is_roots(struct model *m, u64 pfn)
{
	return pfn < m->nr && m->owner[pfn] == MODEL_ROOT;
}

static inline u64 available(const struct model_partition *p)
{
	return p->deposited - p->in_use;
}

/* --- model_memory.c --- */
bool model_bad_proximity(u64 proximity);
bool model_has(const struct ask *a, const struct model_partition *p,
	       u64 proximity, u64 pages);
void model_drop_maps(struct ask *a);
u32 model_access(struct ask *a, bool write);
u32 model_translate(struct ask *a);
u32 model_balance(struct ask *a);
u32 model_reps(struct ask *a, u32 *done);

/* --- model_overlay.c --- */
bool model_overlay_register(u32 name);
u64 model_get_overlay(struct model_partition *p, u32 vp, u32 name);
u32 model_set_overlay(struct model_partition *p, u32 vp, u32 name, u64 value);
struct model_overlay *model_find_overlay(struct model_partition *p, u64 gpfn,
					 u32 *rights);
void model_fill_tsc_page(struct model_partition *p);
void model_drop_vp_overlays(struct model_partition *p, u32 vp);

/* --- model_property.c --- */
bool model_reserve(struct model *m, const struct model_partition *p, s64 vps);
u64 model_get_property(const struct model_partition *p, u32 code);
void model_put_property(struct model_partition *p, u32 code, u64 value);
void model_new_properties(struct model_partition *p, u32 version);
u32 model_property(struct ask *a, bool set);

/* --- model_registers.c --- */
u32 model_registers(struct ask *a, u32 *done);
bool model_is_apic(const struct model_partition *p, u32 vp, u64 gpfn);

#endif
