// SPDX-License-Identifier: GPL-2.0
/*
 * Does a page cost the same whether a partition gets few or many, and however
 * many partitions there are? scripts/bench runs it; see Documentation/bench.md.
 */
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "measure.h"

#define ROUNDS 5
#define MAX_PARTITIONS 64
/* Zeroing what a withdraw returns is left out. */
#define ZERO_PAGE (HV_PAGE_SIZE / 8)
/* More than the kernel keeps in a processor's list. */
#define OTHER_PAGES (128 << 10)

static u64 partitions[MAX_PARTITIONS];
static int nr_partitions;

static void have_partitions(int n)
{
	while (nr_partitions < n)
		partitions[nr_partitions++] = new_partition();
}

static u64 deposit(u64 id, u64 pages)
{
	u64 start = __rdtsc();

	want(hvctl_deposit(driver, id, 0, pages, &r), "deposit");
	return __rdtsc() - start;
}

static u64 withdraw(u64 id, u64 pages)
{
	u64 start = __rdtsc();

	want(hvctl_withdraw(driver, id, 0, pages, &r), "withdraw");
	return __rdtsc() - start;
}

/*
 * The kernel keeps some thousand free pages in a list of each processor, and
 * gives them out without a look: a page of a few is cheaper than one of many.
 * With @others that list is empty before the deposit and full before the
 * withdraw, however many pages these are about.
 */
static void once(u64 id, u64 pages, bool others, struct series *s)
{
	u64 ticks;

	if (others)
		deposit(HV_ROOTCTL_SELF, OTHER_PAGES);
	ticks = deposit(id, pages);
	if (others)
		withdraw(HV_ROOTCTL_SELF, OTHER_PAGES);
	ticks += withdraw(id, pages);
	add(s, ticks);
}

/* How many pages may be in these lists, at most. */
static u64 kernel_keeps(void)
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	unsigned long long high;
	char line[128];
	u64 sum = 0;

	if (!file)
		die("/proc/zoneinfo");
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, " high: %llu", &high) == 1)
			sum += high;
	fclose(file);
	return sum;
}

/* The best of some rounds, per page, with @n partitions alive. */
static double cost(int n, u64 pages, bool others, const char *what)
{
	struct series s = {};
	u64 keeps;
	int i;

	have_partitions(n);
	once(partitions[n - 1], pages, others, &(struct series){});
	for (i = 0; i < ROUNDS; i++)
		once(partitions[n - 1], pages, others, &s);
	keeps = kernel_keeps();
	if (!keeps || keeps >= OTHER_PAGES)
		die("the kernel keeps too many pages, or does not say how many");
	figure("shown", "P6", what, &s, pages, ZERO_PAGE);
	return (double)s.min / pages - ZERO_PAGE;
}

static void spread(const char *what, const double *costs, int n)
{
	double least = costs[0], most = costs[0];
	int i;

	for (i = 1; i < n; i++) {
		least = costs[i] < least ? costs[i] : least;
		most = costs[i] > most ? costs[i] : most;
	}
	printf("bench:P6:%s:%.3f:%.3f\n", what, most / least, most / least);
}

int main(void)
{
	double sizes[3], numbers[3];

	driver = hvctl_open(hvctl_device(NULL));
	if (driver < 0)
		die("open the driver");
	cost(1, 1 << 10, false, "per page of 1 k that the kernel has at hand");
	sizes[0] =
		cost(1, 1 << 10, true, "deposit and withdraw, per page of 1 k");
	sizes[1] = cost(1, 32 << 10, true,
			"deposit and withdraw, per page of 32 k");
	sizes[2] = cost(1, 512 << 10, true,
			"deposit and withdraw, per page of 512 k");
	spread("dearest / cheapest page of 1 k, 32 k, 512 k", sizes, 3);

	numbers[0] = cost(1, 32 << 10, true, "per page of 32 k, 1 partition");
	numbers[1] = cost(8, 32 << 10, true, "per page of 32 k, 8 partitions");
	numbers[2] =
		cost(64, 32 << 10, true, "per page of 32 k, 64 partitions");
	spread("dearest / cheapest page with 1, 8, 64 partitions", numbers, 3);

	while (nr_partitions)
		destroy(partitions[--nr_partitions]);
	printf("bench-done\n");
	return 0;
}
