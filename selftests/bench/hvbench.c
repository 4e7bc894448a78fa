// SPDX-License-Identifier: GPL-2.0
/*
 * What the driver and the hypervisor cost, in hypercalls and instructions.
 * scripts/bench runs it, on a machine whose TSC counts instructions; see
 * Documentation/bench.md.
 *
 * Everything is done twice: through hv_rootctl.ko, which gives the whole cost,
 * then through hv_bench.ko, which gives the hypervisor's share of it.
 *
 * For each figure a line "bench:ID:WHAT:MIN:MEAN", for each expectation that
 * does not hold a line "bench-failed:WHAT", at the end "bench-done".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

#include <hv/hypercall.h>
#include <hvctl.h>
#include "kmod/hv_bench.h"
#include "mark.h"

#define CHUNKS 100
#define WRITE_CHUNK 16384
#define WRITE_BYTES 0x100000
/* What zeroing takes: "rep stosb" over a page, each iteration is one. */
#define ZERO_PAGE (HV_PAGE_SIZE / 8)

/* A series of chunks of equal size, in instructions. */
struct series {
	u64 min;
	u64 sum;
	unsigned int count;
};

static int driver = -1, bench = -1;
static struct hvctl_result r;
static bool failed;

static void die(const char *what)
{
	printf("bench-failed:%s: outcome %d, errno %d, status 0x%x\n", what,
	       r.outcome, r.err, r.hv_status);
	exit(1);
}

static void want(enum hvctl_outcome outcome, const char *what)
{
	if (outcome != HVCTL_OK)
		die(what);
}

static void add(struct series *s, u64 ticks)
{
	if (!s->count || ticks < s->min)
		s->min = ticks;
	s->sum += ticks;
	s->count++;
}

/* A cost per element, when a chunk has @n. */
static void figure(const char *id, const char *what, const struct series *s,
		   double n, double minus)
{
	printf("bench:%s:%s:%.1f:%.1f\n", id, what, s->min / n - minus,
	       s->sum / n / s->count - minus);
}

static struct hv_bench_share share(void)
{
	struct hv_bench_share s = {};

	if (bench >= 0 && ioctl(bench, HV_BENCH_SHARE, &s))
		die("HV_BENCH_SHARE");
	return s;
}

/* One kind of work, in chunks. */
struct cost {
	struct series whole;
	struct series hypervisor; /* its share; with hv_bench.ko only */
	struct series root; /* the rest */
};

/* A profile shall tell what the real transport does. */
static __always_inline u64 begin(enum mark_phase phase)
{
	share();
	if (bench < 0)
		mark(phase);
	return __rdtsc();
}

static void end(struct cost *c, u64 start)
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
static struct series root_cost(const struct cost *real,
			       const struct cost *watched)
{
	struct series s = watched->root;

	s.min += real->whole.min - watched->whole.min;
	s.sum += s.count * (real->whole.min - watched->whole.min);
	return s;
}

/* --- a partition to work on ----------------------------------------------- */

static u64 new_partition(void)
{
	u64 id;

	want(hvctl_deposit(driver, HV_ROOTCTL_SELF, 0, 16, &r), "deposit self");
	want(hvctl_partition_create(driver, 0, 0, 0, &id, &r), "create");
	want(hvctl_deposit(driver, id, 0, 64, &r), "deposit");
	want(hvctl_partition_init(driver, id, &r), "initialize");
	want(hvctl_vp_create(driver, id, 0, 0, &r), "create a VP");
	return id;
}

static void empty(u64 id)
{
	u64 available, in_use;

	want(hvctl_balance(driver, id, 0, &available, &in_use, &r), "balance");
	want(hvctl_withdraw(driver, id, 0, available, &r), "withdraw all");
}

static void destroy(u64 id)
{
	want(hvctl_vp_delete(driver, id, 0, &r), "delete the VP");
	want(hvctl_partition_finalize(driver, id, &r), "finalize");
	empty(id);
	want(hvctl_partition_delete(driver, id, &r), "delete");
	empty(HV_ROOTCTL_SELF);
}

/* --- costs ---------------------------------------------------------------- */

struct costs {
	struct cost deposit; /* HV_DEPOSIT_MAX pages */
	struct cost withdraw; /* HV_WITHDRAW_MAX pages */
	struct cost write; /* WRITE_CHUNK bytes */
};

static void measure_pool(u64 id, struct costs *c)
{
	u64 start;
	int i;

	for (i = 0; i < CHUNKS; i++) {
		start = begin(MARK_DEPOSIT);
		want(hvctl_deposit(driver, id, 0, HV_DEPOSIT_MAX, &r),
		     "deposit");
		end(&c->deposit, start);
	}
	for (i = 0; i < CHUNKS - 1; i++) {
		start = begin(MARK_WITHDRAW);
		want(hvctl_withdraw(driver, id, 0, HV_WITHDRAW_MAX, &r),
		     "withdraw");
		end(&c->withdraw, start);
	}
}

static void measure_write(u64 id, const u8 *data, struct costs *c)
{
	struct hvctl_access at = {
		.partition_id = id,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
	u64 start;

	for (at.gpa = 0; at.gpa < WRITE_BYTES; at.gpa += WRITE_CHUNK) {
		start = begin(MARK_WRITE);
		want(hvctl_write_gpa(driver, &at, data, WRITE_CHUNK, &r),
		     "write-gpa");
		end(&c->write, start);
	}
}

static void measure_null(const char *what, u16 code, u16 status)
{
	struct hv_bench_null null = { .control =
					      hv_control_simple(code, false) };
	struct series s = {};
	int i;

	for (i = 0; i < CHUNKS; i++) {
		if (ioctl(bench, HV_BENCH_NULL, &null))
			die("HV_BENCH_NULL");
		if (null.result != status) {
			printf("bench-failed:%s: result 0x%llx\n", what,
			       (unsigned long long)null.result);
			failed = true;
		}
		add(&s, null.ticks);
	}
	figure("P4", what, &s, HV_BENCH_CHUNK, 0);
}

/* --- counts --------------------------------------------------------------- */

static void count_is(const char *what, u64 n, u64 ceiling)
{
	u64 calls = share().calls;

	if (calls == ceiling)
		return;
	printf("bench-failed:%s of %llu: %llu hypercalls, not %llu\n", what,
	       (unsigned long long)n, (unsigned long long)calls,
	       (unsigned long long)ceiling);
	failed = true;
}

/* The driver's own word and what has passed the transport. */
static void pool_count(bool deposit, u64 id, u64 n)
{
	u64 most = deposit ? HV_DEPOSIT_MAX : HV_WITHDRAW_MAX;
	const char *what = deposit ? "deposit" : "withdraw";
	u64 ceiling = (n + most - 1) / most;

	share();
	want(deposit ? hvctl_deposit(driver, id, 0, n, &r) :
		       hvctl_withdraw(driver, id, 0, n, &r),
	     what);
	count_is(what, n, ceiling);
	if (r.hypercalls != ceiling) {
		printf("bench-failed:%s of %llu: the driver says %llu\n", what,
		       (unsigned long long)n, (unsigned long long)r.hypercalls);
		failed = true;
	}
}

static u64 pieces(u64 gpa, u64 n)
{
	u64 calls = 0;

	while (n) {
		u64 page = HV_PAGE_SIZE - (gpa & HV_PAGE_MASK);
		u64 part = n < page ? n : page;

		calls += (part + HV_ACCESS_GPA_MAX - 1) / HV_ACCESS_GPA_MAX;
		gpa += part;
		n -= part;
	}
	return calls;
}

static void count_calls(u64 id, const u8 *data)
{
	static const u64 pages[] = { 1,	   2,	 510,  511,  512,  513,	 1021,
				     1022, 1023, 1024, 1025, 4999, 51200 };
	static const u64 bytes[] = { 1,	   15,	 16,   17,    31,	  33,
				     4095, 4096, 4097, 65537, WRITE_BYTES };
	struct hvctl_access at = {
		.partition_id = id,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
	unsigned int i;
	u64 half;

	for (i = 0; i < sizeof(pages) / sizeof(*pages); i++) {
		pool_count(true, id, pages[i]);
		pool_count(false, id, pages[i]);
	}
	printf("bench:P1:hypercalls to withdraw 51200 pages:%llu:%llu\n",
	       (unsigned long long)r.hypercalls,
	       (unsigned long long)r.hypercalls);

	for (i = 0; i < sizeof(bytes) / sizeof(*bytes); i++) {
		at.gpa = 0;
		share();
		want(hvctl_write_gpa(driver, &at, data, bytes[i], &r), "write");
		count_is("write-gpa", bytes[i], pieces(at.gpa, bytes[i]));
		half = bytes[i] / 2 + 1;
		/* Splits at pages as well, where it begins between them. */
		at.gpa = 4091;
		share();
		want(hvctl_write_gpa(driver, &at, data, half, &r), "write");
		count_is("write-gpa at 4091", half, pieces(at.gpa, half));
	}
}

/* -------------------------------------------------------------------------- */

static void measure(u8 *memory, u8 *data, struct costs *c)
{
	u64 id;

	driver = hvctl_open(hvctl_device(NULL));
	if (driver < 0)
		die("open the driver");
	id = new_partition();
	want(hvctl_map(driver, 0, id, 0, memory, WRITE_BYTES,
		       HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE, &r),
	     "map");
	empty(id);
	measure_pool(id, c);
	empty(id);
	measure_write(id, data, c);
	if (memcmp(memory, data, WRITE_CHUNK) ||
	    memcmp(memory + WRITE_BYTES - WRITE_CHUNK, data, WRITE_CHUNK))
		die("write-gpa did not write");
	if (bench >= 0)
		count_calls(id, data);
	destroy(id);
	close(driver);
}

static u8 *allocate(int byte)
{
	u8 *p = mmap(NULL, WRITE_BYTES, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (p == MAP_FAILED)
		die("mmap");
	memset(p, byte, WRITE_BYTES);
	return p;
}

int main(void)
{
	u8 *memory = allocate(0), *data = allocate(0x5a);
	struct costs whole = {}, hv = {};
	struct series root;

	mark(MARK_NONE);
	measure(memory, data, &whole);
	if (system("rmmod hv_rootctl && insmod /modules/hv_bench.ko"))
		die("change the transport");
	bench = open("/dev/hv_bench", O_RDWR | O_CLOEXEC);
	if (bench < 0)
		die("open /dev/hv_bench");
	measure(memory, data, &hv);

	if (hv.withdraw.hypervisor.min < HV_WITHDRAW_MAX * ZERO_PAGE) {
		printf("bench-failed:zeroing: ZERO_PAGE is too much\n");
		failed = true;
	}

	root = root_cost(&whole.withdraw, &hv.withdraw);
	figure("P2", "root, per withdrawn page, freed", &root, HV_WITHDRAW_MAX,
	       0);
	root = root_cost(&whole.deposit, &hv.deposit);
	figure("P2b", "root, per deposited page", &root, HV_DEPOSIT_MAX, 0);
	root = root_cost(&whole.write, &hv.write);
	figure("P3", "root, per 16 bytes of write-gpa", &root, WRITE_CHUNK / 16,
	       0);
	measure_null("GetPartitionId, round trip", HVCALL_GET_PARTITION_ID, 0);
	measure_null("unknown code, round trip", 0x7777,
		     HV_STATUS_INVALID_HYPERCALL_CODE);
	figure("P4b", "hypervisor, per WriteGpa of 16 bytes",
	       &hv.write.hypervisor, WRITE_CHUNK / 16, 0);
	figure("P4b", "hypervisor, per withdrawn page, without zeroing",
	       &hv.withdraw.hypervisor, HV_WITHDRAW_MAX, ZERO_PAGE);
	figure("P4b", "hypervisor, per withdrawn page, with zeroing",
	       &hv.withdraw.hypervisor, HV_WITHDRAW_MAX, 0);
	figure("P4b", "hypervisor, per deposited page", &hv.deposit.hypervisor,
	       HV_DEPOSIT_MAX, 0);
	if (!failed)
		printf("bench-done\n");
	return failed;
}
