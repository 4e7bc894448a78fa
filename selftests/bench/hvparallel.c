// SPDX-License-Identifier: GPL-2.0
/*
 * How much more do two processors get done than one, each with a partition of
 * its own? This is about time, so no two runs print the same, and it wants a
 * host with two idle processors. scripts/bench runs it; see Documentation/bench.md.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <hv/calls.h>
#include <hv/memory.h>
#include "measure.h"

#define WORKERS 2
#define SECONDS 3
#define POOL_PAGES 511 /* one hypercall */
#define WRITE_BYTES (16 << 10)

struct shared {
	int ready;
	bool go;
	unsigned int done[WORKERS];
};

static struct shared *shared;
static u8 *memory; /* of the child, and what is written into it */
static u8 data[WRITE_BYTES];

static void pool(u64 id)
{
	want(hvctl_deposit(driver, id, 0, POOL_PAGES, &r), "deposit");
	want(hvctl_withdraw(driver, id, 0, POOL_PAGES, &r), "withdraw");
}

static void write_gpa(u64 id)
{
	struct hvctl_access at = {
		.partition_id = id,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};

	want(hvctl_write_gpa(driver, &at, data, WRITE_BYTES, &r), "write-gpa");
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		die("get a processor of its own");
}

static void worker(int index, void (*work)(u64 id))
{
	double end;
	u64 id;

	pin(index);
	driver = hvctl_open(hvctl_device(NULL));
	if (driver < 0)
		die("open the driver");
	id = new_partition();
	want(hvctl_map(driver, 0, id, 0, memory, WRITE_BYTES,
		       HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE, NULL, &r),
	     "map");
	work(id);
	__atomic_fetch_add(&shared->ready, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&shared->go, __ATOMIC_SEQ_CST))
		sched_yield();
	for (end = now() + SECONDS; now() < end; shared->done[index]++)
		work(id);
	/* Closing the driver takes the partition apart. */
	_exit(0);
}

/* What @workers get done together. */
static unsigned int run(int workers, void (*work)(u64 id))
{
	unsigned int sum = 0;
	int i, status;

	memset(shared, 0, sizeof(*shared));
	for (i = 0; i < workers; i++)
		if (!fork())
			worker(i, work);
	while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) < workers)
		if (waitpid(-1, &status, WNOHANG) > 0)
			die("a worker has given up");
	__atomic_store_n(&shared->go, true, __ATOMIC_SEQ_CST);
	for (i = 0; i < workers; i++) {
		if (wait(&status) < 0 || status)
			die("a worker has given up");
		sum += shared->done[i];
	}
	return sum;
}

static void compare(const char *what, void (*work)(u64 id))
{
	unsigned int one = run(1, work), two = run(WORKERS, work);

	if (!one)
		die("one worker got nothing done");
	printf("parallel:%s:%u:%u:%.2f\n", what, one, two, (double)two / one);
}

int main(void)
{
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memory = mmap(NULL, WRITE_BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || memory == MAP_FAILED)
		die("get memory");
	compare("deposit and withdraw of 511 pages", pool);
	compare("write-gpa of 16 KiB", write_gpa);
	printf("bench-done\n");
	return 0;
}
