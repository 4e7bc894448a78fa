/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's own marks on its pages: which are deposited, and which are in
 * use without anybody who would say what for.
 */
#ifndef HVTEST_PAGES_H
#define HVTEST_PAGES_H

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "hvtest.h"

#define HVT_KPF_OFFLINE (1ULL << 23)

/* Pages with no mark on them that come and go by themselves. */
#define HVT_NOISE 4

/* What the kernel has in passing goes away in a while; what is lost does not. */
#define HVT_PATIENCE 20 /* seconds */
#define HVT_PAUSE 100000 /* microseconds */

struct hvt_marks {
	u64 offline; /* pages that the kernel has marked so */
	u64 unmarked; /* pages in use that bear no mark at all */
	u64 stacks; /* of these, about as many are stacks of threads */
};

/* The time, in seconds, when patience that begins now is at its end. */
static inline time_t hvt_patience(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + HVT_PATIENCE;
}

static inline bool hvt_is_over(time_t patience)
{
	return hvt_patience() > patience + HVT_PATIENCE;
}

/* Free pages that wait on a processor's list: they have no mark either. */
static inline u64 hvt_on_lists(void)
{
	FILE *f = fopen("/proc/zoneinfo", "r");
	u64 pages = 0;
	char line[128];
	unsigned int n;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, " count: %u", &n) == 1)
			pages += n;
	if (f)
		fclose(f);
	return pages;
}

static inline u64 hvt_stacks(void)
{
	return hvt_meminfo("KernelStack:") * 1024 / HV_PAGE_SIZE;
}

static inline bool hvt_is_noise(s64 pages)
{
	return pages >= -HVT_NOISE && pages <= HVT_NOISE;
}

/* How many pages are in use by now without a mark, stacks of new threads apart. */
static inline s64 hvt_more(const struct hvt_marks *before,
			   const struct hvt_marks *now)
{
	s64 stacks = now->stacks - before->stacks;

	return now->unmarked - before->unmarked - (stacks > 0 ? stacks : 0);
}

/* Fewer are none: a thread that ends gives its stack back when it likes. */
static inline bool hvt_is_loss(s64 more)
{
	return more > HVT_NOISE;
}

/*
 * A page that has left a pool and did not reach the allocator is in use and
 * has no mark. There are so few others of that sort that a loss shows.
 */
static inline int hvt_scan_once(struct hvt_marks *m)
{
	int f = open("/proc/kpageflags", O_RDONLY);
	static u64 flags[4096];
	ssize_t n, i;

	m->offline = 0;
	m->unmarked = 0;
	while ((n = read(f, flags, sizeof(flags))) > 0) {
		for (i = 0; i < n / (ssize_t)sizeof(u64); i++) {
			m->offline += !!(flags[i] & HVT_KPF_OFFLINE);
			m->unmarked += !flags[i];
		}
	}
	close(f);
	return n == 0 ? 0 : -1;
}

/* Pages come to those lists and go in batches: not while they are counted. */
static inline int hvt_scan(struct hvt_marks *m)
{
	u64 lists = hvt_on_lists(), before;
	time_t patience = hvt_patience();

	do {
		before = lists;
		if (hvt_scan_once(m))
			return -1;
		lists = hvt_on_lists();
	} while (!hvt_is_noise(lists - before) &&
		 !hvt_is_over(patience));
	m->unmarked -= lists;
	m->stacks = hvt_stacks();
	return 0;
}

/* As hvt_scan(), when what ran before has given back what it will. */
static inline int hvt_scan_calm(struct hvt_marks *m)
{
	struct hvt_marks last;
	time_t patience = hvt_patience();

	if (hvt_scan(m))
		return -1;
	do {
		usleep(HVT_PAUSE);
		last = *m;
		if (hvt_scan(m))
			return -1;
	} while (!hvt_is_noise(m->unmarked - last.unmarked) &&
		 !hvt_is_over(patience));
	return 0;
}

#endif
