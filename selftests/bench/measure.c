// SPDX-License-Identifier: GPL-2.0
/* Measuring: chunks, figures, and a partition to do it with. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "measure.h"

int driver = -1, bench = -1;
struct hvctl_result r;
bool failed;

void die(const char *what)
{
	printf("bench-failed:%s: outcome %d, errno %d, status 0x%x\n", what,
	       r.outcome, r.err, r.hv_status);
	exit(1);
}

void fail(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("bench-failed:");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
	failed = true;
}

void want(enum hvctl_outcome outcome, const char *what)
{
	if (outcome != HVCTL_OK)
		die(what);
}

void add(struct series *s, u64 ticks)
{
	if (!s->count || ticks < s->min)
		s->min = ticks;
	s->sum += ticks;
	s->count++;
}

void figure(const char *kind, const char *id, const char *what,
	    const struct series *s, double n, double minus)
{
	printf("%s:%s:%s:%.1f:%.1f\n", kind, id, what, s->min / n - minus,
	       s->sum / n / s->count - minus);
}

void counted(const char *kind, const char *id, const char *what,
	     enum mark_phase phase, const char *share, int units, int minus)
{
	printf("count:%d:%s:%d:%d:%s:%s:%s\n", phase, share, units, minus, kind,
	       id, what);
}

/* --- a partition to work on ----------------------------------------------- */

u64 new_partition(void)
{
	u64 id;

	want(hvctl_deposit(driver, HV_ROOTCTL_SELF, 0, 16, &r), "deposit self");
	want(hvctl_partition_create(driver, 0, 0, 0, &id, NULL, &r), "create");
	want(hvctl_deposit(driver, id, 0, 64, &r), "deposit");
	want(hvctl_partition_init(driver, id, NULL, &r), "initialize");
	want(hvctl_vp_create(driver, 0, id, 0, 0, NULL, &r), "create a VP");
	return id;
}

void empty(u64 id)
{
	u64 available, in_use;

	want(hvctl_balance(driver, id, 0, &available, &in_use, &r), "balance");
	if (available)
		want(hvctl_withdraw(driver, id, 0, available, &r),
		     "withdraw all");
}

void destroy(u64 id)
{
	want(hvctl_vp_delete(driver, id, 0, NULL, &r), "delete the VP");
	want(hvctl_partition_finalize(driver, id, NULL, &r), "finalize");
	empty(id);
	want(hvctl_partition_delete(driver, id, NULL, &r), "delete");
	empty(HV_ROOTCTL_SELF);
}
