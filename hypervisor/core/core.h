/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypervisor core as its hosts see it: partitions, pools, GPA spaces,
 * virtual processors and the hypercalls on them, in plain freestanding C.
 *
 * A host (bare metal, the sim module, host tests, fuzzers) provides struct
 * hvc_host_ops, embeds a struct hvc, and hands every hypercall to
 * hvc_hypercall(). The core has no globals and calls nothing but the ops.
 */
#ifndef HVC_CORE_H
#define HVC_CORE_H

#include <hv/types.h>

struct hvc;
struct hvc_partition;
struct hvc_vp;
struct hvc_ctx;

#define HVC_MAX_PARTITIONS 1024 /* alive at once; a power of two */
#define HVC_MAX_VPS 64 /* per partition */
#define HVC_MAX_DOMAINS 64 /* proximity domain ids are below this */
#define HVC_MAX_ROWS 256
#define HVC_MAX_FAULTS 16
#define HVC_ROOT_ID 1ULL

/*
 * Who has a page of RAM. Every frame has exactly one state; the pair
 * (state, owner) is the only record of ownership.
 */
enum hvc_frame_state {
	HVC_FRAME_NONE, /* not RAM, or not ours to hand out */
	HVC_FRAME_HYPERVISOR, /* the hypervisor's own, for ever */
	HVC_FRAME_ROOT, /* in the root's GPA space; may be mapped to children */
	HVC_FRAME_POOL, /* in the owner's pool, available */
	HVC_FRAME_USED, /* of the owner's pool, used by the hypervisor */
};

struct hvc_frame {
	union {
		struct {
			/* ROOT: times mapped into children; POOL: next pfn, 0 ends */
			u32 link;
			u16 owner; /* POOL, USED: index of the partition's slot */
			u8 state; /* enum hvc_frame_state */
			u8 domain; /* proximity domain */
		};
		u64 word; /* all of it */
	};
};

static_assert(sizeof(struct hvc_frame) == 8, "one frame, eight bytes");

/* One hypercall, as a virtual processor made it. */
struct hvc_call {
	u64 control; /* hypercall input value; rep start is moved on */
	/* GPAs; of a fast call two registers, which output may change. */
	u64 input;
	u64 output;
	u64 result; /* out: hypercall result value */
	bool known; /* out: there is a row for its code */
	struct hvc_partition *caller;
	u32 vp_index;
	u8 cpl;
	u8 bits; /* 16: real mode, 32, or 64 */
};

enum hvc_outcome {
	HVC_DONE, /* result is valid: advance the instruction pointer */
	HVC_CONTINUE, /* control was updated: execute the instruction again */
	HVC_UD, /* inject #UD */
};

/* --- the contract of a call, one row each ------------------------------ */

enum hvc_kind { HVC_SIMPLE, HVC_REP };

/* Who may name which partition in the first 8 bytes of the input. */
enum hvc_who {
	HVC_NO_TARGET, /* the call names no partition */
	HVC_PARENT, /* caller is the target's parent */
	HVC_PARENT_OR_ROOT_SELF, /* or the caller is the root and the target */
	HVC_PARENT_OR_SELF, /* or the caller is the target */
};

enum hvc_state {
	HVC_UNINITIALIZED,
	HVC_ACTIVE,
	HVC_FINALIZING,
	HVC_FINALIZED,
};

#define HVC_IN(state) (1U << (state))
#define HVC_ANY_STATE 0xffU

#define HVC_ROW_FAST 0x1U /* may be called in the register form */
#define HVC_ROW_VARHEAD 0x2U /* takes a variable header */
#define HVC_ROW_ROOT 0x4U /* only the root may call it at all */
#define HVC_ROW_QUICK 0x8U /* simple, and never takes rights away: hvc_quick() */
#define HVC_ROW_DEBUG 0x10U /* without cfg.debug there is no such call */

struct hvc_row {
	u16 code;
	u8 kind; /* enum hvc_kind */
	u8 who; /* enum hvc_who */
	u8 states; /* HVC_IN() of each state the target may be in */
	u8 flags; /* HVC_ROW_* */
	u16 in_header; /* bytes of the fixed input, a multiple of 8 */
	u16 in_element; /* bytes per rep, 0: none */
	u16 out_header; /* bytes of a simple call's output */
	u16 out_element; /* bytes per rep, 0: none */
	u64 privilege; /* bits that the caller must all have */
	/*
	 * Simple: returns HV_STATUS_*, or HVC_AGAIN to be continued.
	 * Rep: is called for each element in ascending order, ctx->rep says
	 * which; anything but SUCCESS ends the call.
	 */
	u32 (*handler)(struct hvc_ctx *ctx);
	/*
	 * Of a simple call that takes nothing, names nobody and has 8 bytes of
	 * output: what these are, when they depend on the caller only, and
	 * never change. Such a call needs no lock: unlocked.h.
	 */
	u64 (*constant)(const struct hvc_partition *caller);
	/*
	 * Rep, in place of a handler: elements from ctx->rep on, up to @end.
	 * The lists are the caller's own memory, from element 0 on: each
	 * element is read once. Leaves in ctx->rep the first that is not done;
	 * anything but SUCCESS ends the call there.
	 */
	u32 (*batch)(struct hvc_ctx *ctx, const void *in, void *out, u32 end);
	/* Rep: how many usual elements one of these is worth; NULL: one. */
	u32 (*weight)(const struct hvc_ctx *ctx);
};

#define HVC_AGAIN 0x10000U

/* What a fast call carries: RDX, R8, XMM0-XMM5, in 8-byte words. */
#define HVC_XMM_WORDS 12
#define HVC_FAST_WORDS (2 + HVC_XMM_WORDS)

/* What a handler works with; the input is a private copy. */
struct hvc_ctx {
	struct hvc *hv;
	struct hvc_call *call;
	struct hvc_partition *caller;
	struct hvc_partition *target; /* NULL for HVC_NO_TARGET */
	const struct hvc_row *row;
	u32 rep; /* index of the element */
	u32 count; /* rep count of the call */
	u32 varhead; /* bytes of the variable header, copied behind in[] */
	/*
	 * Fixed and variable header; or the current element of the list.
	 * 8-byte aligned so that handlers may cast.
	 */
	u64 in[64];
	u64 element[4];
	u64 out[32]; /* simple: copied to the caller on SUCCESS */
	u64 out_element[4]; /* rep: copied to the caller on SUCCESS */
	u64 registers[HVC_FAST_WORDS]; /* of a fast call, in their order */
};

/* --- the host ----------------------------------------------------------- */

struct hvc_host_ops {
	/*
	 * The descriptor of a frame, or NULL where there is no RAM. Constant
	 * over the life of the core; any pfn may be asked for.
	 */
	struct hvc_frame *(*frame)(struct hvc *hv, u64 pfn);
	/* A page of RAM as the hypervisor sees it, and the end of that. */
	void *(*map)(struct hvc *hv, u64 pfn);
	void (*unmap)(struct hvc *hv, void *page);
	/*
	 * Give or take the root's access to frames that lie side by side; all
	 * of them have been otherwise so far. Taking is complete when the
	 * host's flush() has returned. Never fails: what a host needs for it,
	 * it holds in reserve.
	 */
	void (*root_access)(struct hvc *hv, u64 pfn, u32 pages, bool allow);
	/* Make reduced rights effective on every VP of the partition. */
	void (*flush)(struct hvc *hv, struct hvc_partition *p);
	/* One lock round everything; held while any handler runs. */
	void (*lock)(struct hvc *hv);
	void (*unlock)(struct hvc *hv);
	/*
	 * Host part of a child VP. @pages are vp_pages zeroed frames of the
	 * partition's pool. May be NULL when vp_pages is 0.
	 */
	void (*vp_create)(struct hvc *hv, struct hvc_vp *vp, const u64 *pages);
	void (*vp_destroy)(struct hvc *hv, struct hvc_vp *vp);
	/*
	 * XMM0-XMM5 of the processor that makes the call, low half first; all
	 * of them, and only for calls that need them. NULL: hvc_init() takes
	 * no configuration with XMM forms.
	 */
	void (*get_xmm)(struct hvc *hv, u64 *words);
	void (*set_xmm)(struct hvc *hv, const u64 *words);
	/* HvCreateVp on the root itself; NULL: answers ACCESS_DENIED. */
	u32 (*root_vp_create)(struct hvc *hv, u32 vp_index, u64 flags);
	void (*log)(struct hvc *hv, const char *fmt, ...)
		__attribute__((format(printf, 2, 3)));
	/*
	 * Units of 100 ns since whenever; and the same as it is made out of
	 * the TSC: (TSC * scale >> 64) + offset. Either may be NULL.
	 */
	u64 (*reference_time)(struct hvc *hv);
	void (*reference_tsc)(struct hvc *hv, u64 *scale, s64 *offset);
	/* Let time pass, for the fault script's delay. May be NULL. */
	void (*delay)(struct hvc *hv, u64 microseconds);
};

#define HVC_MAX_VP_PAGES 4

struct hvc_config {
	u64 root_privileges;
	u64 domains; /* bit n: the machine has proximity domain n */
	u64 nr_pfns; /* every frame's pfn is below this, for the audit */
	u32 processors; /* of the machine: VPs can reserve no more than these */
	u32 gpa_bits; /* width of every GPA space, 30..48 */
	u32 vp_pages; /* see vp_create, at most HVC_MAX_VP_PAGES */
	u32 rep_budget; /* elements per invocation, 0: the default (64) */
	/*
	 * A shortcut that is not needed: descriptors of so many frames from
	 * the first on lie in a row, of what is no RAM in state NONE. frame()
	 * is asked for others only.
	 */
	struct hvc_frame *frames;
	u64 first_frame, nr_frames;
	bool debug; /* rows with HVC_ROW_DEBUG are there */
	bool fast_any; /* every call may be fast whose lists fit */
	bool xmm_input; /* CPUID offers input in XMM registers */
	bool xmm_output; /* CPUID offers output in registers at all */
	bool access_codes_enum; /* the other reading of access codes */
	/* Calls that only this host has; they follow the same contract. */
	const struct hvc_row *rows;
	u32 nr_rows;
};

/**
 * hvc_init - bring a core to life with the root partition in it
 * @hv: storage for it, any contents
 * @cfg: copied
 * @ops: must outlive @hv
 * @host: for the host's own use, found again as hvc_host()
 *
 * All frames must be in a state other than POOL and USED. The root is active,
 * has VP 0 and an empty pool.
 *
 * Context: single-threaded.
 * Return: 0, or -1 when @cfg contradicts itself.
 */
int hvc_init(struct hvc *hv, const struct hvc_config *cfg,
	     const struct hvc_host_ops *ops, void *host);

void *hvc_host(struct hvc *hv);

/* The root partition, for struct hvc_call.caller. */
struct hvc_partition *hvc_root(struct hvc *hv);

/**
 * hvc_hypercall - answer one hypercall
 * @hv: the core
 * @call: the call; control and result are updated
 *
 * Context: any; takes the host's lock.
 * Return: what the host does next.
 */
enum hvc_outcome hvc_hypercall(struct hvc *hv, struct hvc_call *call);

/**
 * hvc_quick - answer a hypercall for which hvc_is_quick() holds
 * @hv: the core
 * @call: the call, by the root; result and known are updated, nothing else is
 * @number: the same that hvc_is_quick() was given
 *
 * Waits for nobody, and needs no flush().
 *
 * Context: under the lock, which the host has taken by itself.
 * Return: true when the call is done; false when nothing was, and
 *	hvc_hypercall() is to be asked.
 */
bool hvc_quick(struct hvc *hv, struct hvc_call *call, u32 number);

/**
 * hvc_abandon - the root's operating system is gone, and another may follow
 * @hv: the core
 *
 * All partitions but the root are destroyed. All pages in pools are the root's
 * again, and zeroed.
 *
 * Context: any; takes the host's lock. Takes as long as there is RAM.
 * Return: how many pages came back.
 */
u64 hvc_abandon(struct hvc *hv);

/**
 * hvc_option - apply one word of the hypervisor's command line
 * @hv: the core
 * @word: "fault=...", "access-codes=call|enum", "fast=any|table",
 *	"xmm=on|input|off", "debug=on|off", "budget=N"; commas separate the
 *	parts of a fault line
 *
 * Return: 1 when it was one of the core's and valid, 0 when it is none of
 *	the core's, -1 when its value is not valid.
 */
int hvc_option(struct hvc *hv, const char *word);

/**
 * hvc_fault_add - add one line to the fault script
 * @hv: the core
 * @line: zero-terminated, for example "call=0x49 nth=3 status=0x1d reps=5"
 *
 * Return: 0, or -1 when the line is not valid or the script is full.
 */
int hvc_fault_add(struct hvc *hv, const char *line);

/**
 * hvc_fill_hypercall_page - the code by which a guest makes hypercalls
 * @page: all of it is written
 *
 * Context: any.
 */
void hvc_fill_hypercall_page(void *page);

/* Counters, for the host's power-off report. Codes without a row share one. */
struct hvc_counters {
	u64 calls, failed, reps, continued, faults;
};

const struct hvc_counters *hvc_counters(struct hvc *hv, u16 code);

/**
 * hvc_counters_at - walk over the calls that there are
 * @hv: the core
 * @index: 0, 1, ...
 * @code: out: the call code
 *
 * Return: its counters, or NULL behind the last.
 */
const struct hvc_counters *hvc_counters_at(struct hvc *hv, u32 index,
					   u16 *code);

#include "core_types.h"

#endif
