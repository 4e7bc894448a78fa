/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A user-space host of the hypervisor core: RAM is malloc'ed, the nested page
 * table of the root is an array of flags. It checks what the core asks of it,
 * and stops the program where the core breaks the contract of core.h.
 */
#ifndef TESTS_HOST_H
#define TESTS_HOST_H

#include <hv/calls.h>
#include <hv/debug.h>
#include <hv/hypercall.h>
#include <hv/memory.h>
#include <hv/partition.h>
#include <hv/status.h>

#include "../core/core.h"

#define HOST_DOMAINS 4
#define HOST_PROCESSORS 1
#define HOST_PAGES 2048
/* Not the root's: the hypervisor's own, and a hole without RAM behind it. */
#define HOST_HV_FIRST 8
#define HOST_HV_END 16
#define HOST_HOLE_FIRST 16
#define HOST_HOLE_END 18
/* Where the calls of calls.c have their lists; tests use pages from 32 on. */
#define HOST_IN 20
#define HOST_OUT 21
#define HOST_FREE 32

#define HOST_PRIVILEGES                                              \
	(HV_PRIVILEGE(CREATE_PARTITIONS) |                           \
	 HV_PRIVILEGE(ACCESS_PARTITION_ID) |                         \
	 HV_PRIVILEGE(ACCESS_MEMORY_POOL) | HV_PRIVILEGE(CPU_MANAGEMENT))

#define HOST_TSC_SCALE 0x0123456789abcdefULL
#define HOST_TSC_OFFSET (-1000LL)

struct host {
	struct hvc hv;
	u64 base; /* the first pfn */
	u64 nr; /* pages */
	struct hvc_frame *frames;
	u8 *ram; /* each page is followed by a poisoned one */
	bool *root; /* does the root reach the page? */
	/* What the core did. */
	bool locked;
	bool unflushed; /* root access taken, and no flush since */
	int maps; /* pages mapped and not unmapped */
	u64 accesses; /* of the root given or taken: times, not pages */
	u64 flushes; /* of the root */
	u64 child_flushes;
	u64 delayed; /* microseconds */
	u64 time; /* reference time, as a test sets it */
	u64 continued; /* invocations that asked for another */
	u32 vps; /* created and not destroyed */
	u64 quick; /* calls that could go the quick way */
	u64 xmm[HVC_XMM_WORDS]; /* of the processor that calls */
	u64 xmm_moves; /* times the core has read or written them */
	/* Called between two invocations of a call, when set. */
	void (*interrupt)(struct host *h);
};

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define HOST_CHECK(cond) \
	((cond) ? (void)0 : host_stop(#cond, __FILE__, __LINE__))

/* Neighbours in domains of their own, and in the same one. */
static inline u32 host_domain(u64 pfn)
{
	return (pfn & 64 ? pfn / 16 : pfn) % HOST_DOMAINS;
}

/* Ends the program, unless host_on_stop() takes control. */
_Noreturn void host_stop(const char *what, const char *file, int line);
extern void (*host_on_stop)(void);

/*
 * Pages, from the first, that host_new() fills with 0xa5. Those behind are
 * zero, and cost nothing until they are touched.
 */
extern u64 host_filled;

void host_config(struct hvc_config *cfg);
struct host *host_new(const struct hvc_config *cfg, u64 nr, u64 base);
void host_free(struct host *h);

/* The root's view of a page: stops where its access has been taken away. */
void *host_page(struct host *h, u64 pfn);

/* A page whoever has it, for tests that look behind the scenes. */
u8 *host_ram(struct host *h, u64 pfn);

static inline bool host_reaches(struct host *h, u64 pfn)
{
	return h->root[pfn - h->base];
}

/* One invocation. */
enum hvc_outcome host_step(struct host *h, struct hvc_call *call);

/*
 * One invocation without the lock, by the root: did it answer? What it has
 * written to the output is undone, and handed back.
 */
bool host_unlocked(struct host *h, struct hvc_call *call, u64 *output);

/* A whole call of the root: invocations until it is done. */
u64 host_call(struct host *h, u64 control, u64 input, u64 output);
/* The same; *input and *output are what the registers hold afterwards. */
u64 host_call_registers(struct host *h, u64 control, u64 *input, u64 *output);

/* A number that changes when anything the core should not touch does. */
u64 host_fingerprint(struct host *h);

/* Page owners and counts contradict nothing: the core's audit and our own. */
void host_audit(struct host *h, u64 *values);

#endif
