/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A second, independent account of who has which page, and of what each call
 * must answer. It shares nothing with the core but the ABI headers: written
 * from the ABI's description, with plain arrays and searches.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include "host.h"

#define MODEL_ROOT 0 /* owner[]: the root itself */
#define MODEL_NOT_RAM 0xffff /* owner[]; any other: 1 + index of the pool */

#define MODEL_RULES 20 /* calls that the model knows */
#define MODEL_STATUSES 0x20
#define MODEL_PROPERTIES 12
#define MODEL_REGISTERS 16 /* RAX to R15 */
#define MODEL_APIC_BASE 16 /* in the same array */

enum model_state { MODEL_NEW = 1, MODEL_ACTIVE = 2, MODEL_FINALIZED = 4 };

struct model_map {
	u64 gpfn;
	u32 pfn;
	u32 pages; /* 1, or 512 */
	u32 rights;
};

/* TLFS overlay pages; bytes NULL: not enabled. */
struct model_overlay {
	u64 value; /* of the register */
	u8 *bytes;
};

#define MODEL_OVERLAYS (2 + 3 * 64)

struct model_partition {
	u64 id; /* 0: this one is free */
	u8 state;
	bool vps[64];
	u64 (*registers)[MODEL_APIC_BASE + 1]; /* of each VP */
	u64 properties[MODEL_PROPERTIES];
	struct model_overlay *overlays; /* MODEL_OVERLAYS, of a child */
	u32 tsc_sequence;
	u64 deposited; /* pages, available or in use */
	u64 by_domain[HOST_DOMAINS]; /* of them */
	u64 in_use;
	struct model_map *maps;
	u32 nr_maps;
	u32 room;
};

struct model {
	struct host *host;
	u64 nr; /* pages */
	u64 small; /* pages below this are mostly dealt with one by one */
	u16 *owner;
	u32 *mapped; /* times, for the root's pages */
	struct model_owners *owners;
	u8 *shadow; /* what the root's pages contain */
	bool *touched; /* pages that may contain anything but zeroes */
	struct model_partition part[HVC_MAX_PARTITIONS]; /* [0]: the root */
	u32 nr_parts;
	u64 last_id;
	u64 reserved; /* of processors, by all VPs: 65536 is a whole one */
	bool fast_any; /* every call may be fast */
	u64 calls;
	u64 seen[MODEL_RULES][MODEL_STATUSES]; /* answers, by call and status */
	/* What happened of the things that are rarer than a status. */
	u64 large_maps, splits, xmm_calls, overlay_accesses;
	u64 apic_accesses;
	u64 reserve_denied;
	/* The generator's list pages. */
	u64 in;
	u64 out;
};

struct model *model_new(u64 pages, u64 small);
void model_free(struct model *m);

/* All of a partition's overlay pages go. */
void model_drop_overlays(struct model_partition *p);

/* Those that the root starts with. */
void model_root_properties(struct model *m);

/* The root changes its own memory. */
void model_poke(struct model *m, u64 pfn, u32 offset, const void *data,
		u32 bytes);

/*
 * Make a call and stop the program if the answer is not the model's.
 * @words: registers in the order of a fast call's: RDX, R8, XMM0 to XMM5
 */
void model_call(struct model *m, u64 control, const u64 *words);

/* Has every page the owner that it should have? model_call() asks that. */
void model_check_owners(struct model *m);
void model_owners_new(struct model *m);
void model_owners_free(struct model *m);

/* What a page should contain, to be changed. */
u8 *model_page(struct model *m, u64 pfn);

/* Compare all that there is; or not the pages that should still be zero. */
void model_audit(struct model *m, bool all);

/* Where choices come from: bytes while there are any, or a seed. */
struct dice {
	const u8 *data; /* NULL: the seed */
	size_t left;
	u64 seed;
};

u32 roll(struct dice *d, u32 n); /* 0..n-1 */

/* One call that the dice choose. */
void model_step(struct model *m, struct dice *d);

#endif
