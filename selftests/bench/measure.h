/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs that measure have in common. They run on a machine whose
 * TSC counts instructions, and print, for scripts/bench,
 *
 *   bench:ID:WHAT:MIN:MEAN  a figure that the baseline watches
 *   shown:ID:WHAT:MIN:MEAN  one that is only shown
 *   peer:ID:WHAT:MIN:MEAN   what that costs when it is done as others do it
 *   count:PHASE:SHARE:UNITS:MINUS:KIND:ID:WHAT
 *                           one of these, KIND, from what selftests/bench/count.c
 *                           has counted each time that the phase was gone
 *                           through: all, or the share of root or hypervisor,
 *                           per unit, without what is known and left out
 *   bench-failed:WHAT       an expectation that does not hold
 *   bench-done              in the end
 */
#ifndef MEASURE_H
#define MEASURE_H

#include <stdbool.h>
#include <x86intrin.h>

#include <hv/hypercall.h>
#include <hvctl.h>
#include "kmod/hv_bench.h"
#include "mark.h"

/* A series of chunks of equal size, in instructions. */
struct series {
	u64 min;
	u64 sum;
	unsigned int count;
};

/* The driver, and hv_bench.ko (hv_bench.h); -1 when not open. */
extern int driver, bench;
extern struct hvctl_result r; /* of the last call of libhvctl */
extern bool failed;

/* Give up. */
void die(const char *what);
/* Go on, but the run has failed. */
void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Give up unless all is well; the answer is in r. */
void want(enum hvctl_outcome outcome, const char *what);

/* One more chunk. */
void add(struct series *s, u64 ticks);
/* Print a cost per element, when a chunk has @n, and @minus of it is known. */
void figure(const char *kind, const char *id, const char *what,
	    const struct series *s, double n, double minus);

/* Have a figure counted: @units in each time that a phase was gone through. */
void counted(const char *kind, const char *id, const char *what,
	     enum mark_phase phase, const char *share, int units, int minus);

/* A partition with a VP. */
u64 new_partition(void);
/* Withdraw all that is available. */
void empty(u64 id);
void destroy(u64 id);

#endif
