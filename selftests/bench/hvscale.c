// SPDX-License-Identifier: GPL-2.0
/*
 * Does a page cost the same whether a partition gets few or many, and however
 * many partitions there are? scripts/bench runs it; see Documentation/bench.md.
 */
#include <stdio.h>
#include <unistd.h>

#include "measure.h"

#define ROUNDS 5
#define MAX_PARTITIONS 64
/* Zeroing what a withdraw returns is left out. */
#define ZERO_PAGE (HV_PAGE_SIZE / 8)

static u64 partitions[MAX_PARTITIONS];
static int nr_partitions;

static void have_partitions(int n)
{
	while (nr_partitions < n)
		partitions[nr_partitions++] = new_partition();
}

static void once(u64 id, u64 pages, struct series *s)
{
	u64 start = __rdtsc();

	want(hvctl_deposit(driver, id, 0, pages, &r), "deposit");
	want(hvctl_withdraw(driver, id, 0, pages, &r), "withdraw");
	add(s, __rdtsc() - start);
}

/* The best of some rounds, per page, with @n partitions alive. */
static double cost(int n, u64 pages, const char *what)
{
	struct series s = {};
	int i;

	have_partitions(n);
	once(partitions[n - 1], pages, &(struct series){});
	for (i = 0; i < ROUNDS; i++)
		once(partitions[n - 1], pages, &s);
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
	sizes[0] = cost(1, 1 << 10, "deposit and withdraw, per page of 1 k");
	sizes[1] = cost(1, 32 << 10, "deposit and withdraw, per page of 32 k");
	sizes[2] =
		cost(1, 512 << 10, "deposit and withdraw, per page of 512 k");
	spread("dearest / cheapest page of 1 k, 32 k, 512 k", sizes, 3);

	numbers[0] = cost(1, 32 << 10, "per page of 32 k, 1 partition");
	numbers[1] = cost(8, 32 << 10, "per page of 32 k, 8 partitions");
	numbers[2] = cost(64, 32 << 10, "per page of 32 k, 64 partitions");
	spread("dearest / cheapest page with 1, 8, 64 partitions", numbers, 3);

	while (nr_partitions)
		destroy(partitions[--nr_partitions]);
	printf("bench-done\n");
	return 0;
}
