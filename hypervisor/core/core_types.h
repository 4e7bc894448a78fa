/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The core's objects. Hosts embed struct hvc and look at a few fields of
 * partitions and VPs; all else is the core's business.
 */
#ifndef HVC_CORE_TYPES_H
#define HVC_CORE_TYPES_H

#include <hv/registers.h>

/* Available pages of one proximity domain, linked through hvc_frame.link. */
struct hvc_list {
	u32 head; /* pfn, 0: empty */
	u32 count;
};

/* A page over the GPA space of a child. */
struct hvc_overlay {
	struct hvc_overlay *next; /* while enabled: the next below */
	u64 value; /* of its register */
	u64 gpfn; /* where */
	u64 pfn; /* a page of the pool; 0: not enabled */
	u32 order; /* lower ones cover higher ones */
	bool writable;
};

/* Properties that are no more than a value. */
enum hvc_property {
	HVC_PROPERTY_PROC_FEATURES,
	HVC_PROPERTY_SUSPEND,
	HVC_PROPERTY_CPU_RESERVE,
	HVC_PROPERTY_CPU_CAP,
	HVC_PROPERTY_CPU_WEIGHT,
	HVC_PROPERTY_MSR_ACTION,
	HVC_NR_PROPERTIES,
};

/* Lives in a page of its parent's pool; the root in struct hvc. */
struct hvc_partition {
	u64 id;
	u64 pfn; /* the page it lives in, 0 for the root */
	u64 privileges;
	u16 slot;
	u8 state; /* enum hvc_state */
	u8 depth; /* 0: root */
	bool flush; /* rights were reduced in this invocation */
	struct hvc_partition *parent;
	/* Children in order of creation. */
	struct hvc_partition *first_child;
	struct hvc_partition *last_child;
	struct hvc_partition *next;
	struct hvc_partition *prev;
	/* The memory pool. */
	struct hvc_list pool[HVC_MAX_DOMAINS];
	u64 nonempty; /* bit n: pool[n] has pages */
	u64 available;
	u64 in_use;
	/* GPA space of a child: top table of its nested page table, or 0. */
	u64 gpa_table;
	u64 gpa_pages; /* mapped */
	/*
	 * The table of leaves that was used last: which 2 MiB it is for, plus
	 * one, and its pfn. 0: none; so it is after any table has gone.
	 */
	u64 leaves_at;
	u64 leaves;
	struct hvc_overlay *overlays; /* those enabled, the topmost first */
	struct hvc_overlay hypercall;
	struct hvc_overlay reference_tsc;
	u64 guest_os_id;
	u64 created; /* in the host's reference time */
	u64 frozen_time; /* its own reference time, while that stands still */
	bool time_frozen;
	u32 tsc_sequence; /* of the reference TSC page; 0: not filled yet */
	u32 compatibility_version;
	u64 properties[HVC_NR_PROPERTIES];
	struct hvc_vp *vps[HVC_MAX_VPS];
	u32 nr_vps; /* of a child */
	/* The audit's own count of the pool. */
	u64 audit_available;
	u64 audit_in_use;
};

static_assert(sizeof(struct hvc_partition) <= HV_PAGE_SIZE,
	      "a partition lives in one page");

#define HVC_VP_TIMERS 8
#define HVC_NR_REGISTERS 136 /* those that registers.c keeps */

#define HVC_APIC_REGISTERS 64

/* A VP's local APIC. */
struct hvc_apic {
	u64 base; /* MSR APIC_BASE */
	u64 gpfn; /* of its page; all ones when there is none */
	u32 regs[HVC_APIC_REGISTERS]; /* those at each 16 bytes of the page */
	u32 errors; /* since ESR was written */
};

/* The overlays that each VP has. */
enum hvc_vp_overlay {
	HVC_VP_ASSIST,
	HVC_VP_MESSAGES, /* SIMP */
	HVC_VP_EVENTS, /* SIEFP */
	HVC_VP_OVERLAYS,
};

/* Lives in a page of its partition's pool. */
struct hvc_vp {
	struct hvc_partition *partition;
	u64 pfn; /* the page it lives in */
	u32 index;
	u64 pages[HVC_MAX_VP_PAGES]; /* the host's, config.vp_pages of them */
	void *host;
	struct hvc_overlay overlays[HVC_VP_OVERLAYS];
	struct hvc_apic apic;
	u64 timers[HVC_VP_TIMERS]; /* synthetic: configuration, count, ... */
	union hv_register_value registers[HVC_NR_REGISTERS];
};

static_assert(sizeof(struct hvc_vp) <= HV_PAGE_SIZE, "a VP lives in one page");

/* What a faulty withdraw puts behind the pages that it really withdrew. */
enum hvc_pages {
	HVC_PAGES_REAL, /* nothing */
	HVC_PAGES_FOREIGN, /* the root's, and in no pool */
	HVC_PAGES_DUPLICATE, /* the first of the list again */
	HVC_PAGES_UNALIGNED, /* still in the pool, with a bit too many */
	HVC_PAGES_OUTSIDE, /* where there is no RAM */
	HVC_PAGES_HYPERVISOR, /* the hypervisor's own */
	HVC_PAGES_ZERO,
	HVC_NR_PAGES,
};

/* One line of the fault script. */
struct hvc_fault {
	bool active;
	bool has_status;
	bool has_reps;
	bool stale; /* claim what was not done, and write no output for it */
	bool has_value;
	u8 pages; /* enum hvc_pages */
	u16 code;
	u16 status;
	u32 reps;
	u32 run; /* elements really processed, HVC_RUN_ALL for all */
	u32 nr_pages; /* how many of them, at most */
	u64 skip; /* calls to let pass first */
	u64 times; /* calls left, 0: for ever */
	u64 delay; /* microseconds */
	u64 value; /* simple call: what its output begins with */
};

#define HVC_RUN_ALL 0xffffffffU

/*
 * A call that was sent back to be continued. The caller may take interrupts
 * in between, which make calls of their own, and may move to another VP: the
 * control word and the input tell it from others. control 0: none.
 */
struct hvc_pending {
	u64 control;
	u64 input;
};

#define HVC_MAX_PENDING 32

/* Call codes below this have a place each, all above share as many more. */
#define HVC_INDEXED_CODES 0x200

/* One piece of an access to a page with side effects. */
struct hvc_piece {
	u64 gpa;
	u32 value;
	u16 vp_index;
	u8 bytes;
	bool write;
};

#define HVC_MAX_PIECES 64

struct hvc {
	struct hvc_config cfg;
	const struct hvc_host_ops *ops;
	void *host;

	struct hvc_partition root;
	struct hvc_partition *partitions[HVC_MAX_PARTITIONS]; /* id modulo */
	u64 next_id;
	u32 nr_partitions;
	u64 cpu_reserved; /* by all VPs of children, see property.c */

	const struct hvc_row *rows[HVC_MAX_ROWS];
	struct hvc_counters counters[HVC_MAX_ROWS];
	struct hvc_counters unknown; /* calls without a row */
	u32 nr_rows;
	u8 row_index[2 * HVC_INDEXED_CODES]; /* 1 + index, 0: no row */

	struct hvc_fault faults[HVC_MAX_FAULTS];
	u32 faults_end; /* lines from here on are not active */
	struct hvc_pending pending[HVC_MAX_PENDING];
	u32 nr_pending;
	u32 next_pending; /* the oldest, when all are taken */

	struct hvc_piece pieces[HVC_MAX_PIECES]; /* the first, when debug=on */
	u64 nr_pieces; /* all of them */

	struct hvc_ctx ctx; /* of the call in progress, under the lock */
};

#endif
