// SPDX-License-Identifier: GPL-2.0
/* Measuring: chunks, figures, and a partition to do it with. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>

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

struct hv_bench_share share(void)
{
	struct hv_bench_share s = {};

	if (bench >= 0 && ioctl(bench, HV_BENCH_SHARE, &s))
		die("HV_BENCH_SHARE");
	return s;
}

void end(struct cost *c, u64 start)
{
	u64 whole = __rdtsc() - start;
	u64 ticks;

	mark(MARK_NONE);
	ticks = share().ticks;
	add(&c->whole, whole);
	add(&c->hypervisor, ticks);
	add(&c->root, whole - ticks);
}

/*
 * What the root pays through hv_rootctl.ko. The watch excludes an interrupt
 * that comes with the hypercall's return, but the transport that has it costs
 * something else than the real one: the best chunks of the
 * whole, which no interrupt has hit, tell how much.
 */
struct series root_cost(const struct cost *real, const struct cost *watched)
{
	struct series s = watched->root;

	s.min += real->whole.min - watched->whole.min;
	s.sum += s.count * (real->whole.min - watched->whole.min);
	return s;
}

/* --- a partition to work on ----------------------------------------------- */

u64 new_partition(void)
{
	u64 id;

	want(hvctl_deposit(driver, HV_ROOTCTL_SELF, 0, 16, &r), "deposit self");
	want(hvctl_partition_create(driver, 0, 0, 0, &id, &r), "create");
	want(hvctl_deposit(driver, id, 0, 64, &r), "deposit");
	want(hvctl_partition_init(driver, id, &r), "initialize");
	want(hvctl_vp_create(driver, id, 0, 0, &r), "create a VP");
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
	want(hvctl_vp_delete(driver, id, 0, &r), "delete the VP");
	want(hvctl_partition_finalize(driver, id, &r), "finalize");
	empty(id);
	want(hvctl_partition_delete(driver, id, &r), "delete");
	empty(HV_ROOTCTL_SELF);
}
