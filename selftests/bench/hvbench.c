// SPDX-License-Identifier: GPL-2.0
/*
 * What the driver and the hypervisor cost, in hypercalls and instructions.
 * scripts/bench runs it, on a machine whose TSC counts instructions; see
 * Documentation/bench.md.
 *
 * Everything is done twice: through hv_rootctl.ko, which gives the whole cost,
 * then through hv_bench.ko, which gives the hypervisor's share of it.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "measure.h"
#include "peer.h"

#define WRITE_CHUNK 16384
#define WRITE_BYTES 0x100000
/* What zeroing takes: "rep stosb" over a page, each iteration is one. */
#define ZERO_PAGE (HV_PAGE_SIZE / 8)

/* --- costs ---------------------------------------------------------------- */

struct costs {
	struct cost deposit; /* HV_DEPOSIT_MAX pages */
	struct cost withdraw; /* HV_WITHDRAW_MAX pages */
	struct cost held; /* the same, held and not freed */
	struct cost foreign; /* the same, of pages that others deposited */
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

static void hold(unsigned long request, u64 id, u64 pages, const char *what)
{
	struct hv_rootctl_pool args = {
		.size = sizeof(args),
		.flags = HV_ROOTCTL_HOLD,
		.partition_id = id,
		.page_count = pages,
	};

	if (ioctl(driver, request, &args) || args.pages_done != pages)
		die(what);
}

static void measure_held(u64 id, struct costs *c)
{
	u64 start;
	int i;

	want(hvctl_deposit(driver, id, 0, CHUNKS * HV_DEPOSIT_MAX, &r),
	     "deposit");
	for (i = 0; i < CHUNKS - 1; i++) {
		start = begin(MARK_NONE);
		hold(HV_ROOTCTL_WITHDRAW, id, HV_WITHDRAW_MAX, "hold");
		end(&c->held, start);
	}
	hold(HV_ROOTCTL_DEPOSIT, id, (CHUNKS - 1) * HV_WITHDRAW_MAX,
	     "deposit what is held");
}

static void measure_foreign(u64 id, struct costs *c)
{
	u64 start;
	int i;

	for (i = 0; i < CHUNKS; i++)
		peer_deposit(id);
	for (i = 0; i < CHUNKS - 1; i++) {
		start = begin(MARK_FOREIGN);
		want(hvctl_withdraw(driver, id, 0, HV_WITHDRAW_MAX, &r),
		     "withdraw what others deposited");
		end(&c->foreign, start);
		if (r.done != HV_WITHDRAW_MAX)
			die("pages that others deposited are left alone");
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
			fail("%s: result 0x%llx", what,
			     (unsigned long long)null.result);
		}
		add(&s, null.ticks);
	}
	figure("bench", "P4", what, &s, HV_BENCH_CHUNK, 0);
}

/* --- counts --------------------------------------------------------------- */

static void count_is(const char *what, u64 n, u64 ceiling)
{
	u64 calls = share().calls;

	if (calls != ceiling)
		fail("%s of %llu: %llu hypercalls, not %llu", what,
		     (unsigned long long)n, (unsigned long long)calls,
		     (unsigned long long)ceiling);
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
	if (r.hypercalls != ceiling)
		fail("%s of %llu: the driver says %llu", what,
		     (unsigned long long)n, (unsigned long long)r.hypercalls);
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

/* --- allocations ----------------------------------------------------------- */

static struct hv_bench_allocations allocations(bool watch)
{
	struct hv_bench_allocations a = { .watch = watch };

	if (ioctl(bench, HV_BENCH_ALLOCATIONS, &a))
		die("HV_BENCH_ALLOCATIONS");
	return a;
}

/* What CHUNKS ioctls have allocated, besides @pages that they must. */
static void show_allocations(const char *what, u64 pages)
{
	struct hv_bench_allocations a = allocations(false);
	double n = (double)(a.objects + a.pages - pages) / CHUNKS;

	printf("bench:P8:allocations per ioctl, %s:%.2f:%.2f\n", what, n, n);
}

static void count_allocations(u64 id, u8 *data)
{
	struct hvctl_access at = {
		.partition_id = id,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
	u64 available, in_use;
	int i;

	/* That they are counted at all. */
	allocations(true);
	if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 ||
	    !allocations(false).objects)
		fail("allocations are not counted");

	allocations(true);
	for (i = 0; i < CHUNKS; i++)
		want(hvctl_deposit(driver, id, 0, HV_DEPOSIT_MAX, &r),
		     "deposit");
	show_allocations("deposit of 511 pages, besides them",
			 CHUNKS * HV_DEPOSIT_MAX);
	allocations(true);
	for (i = 0; i < CHUNKS; i++)
		want(hvctl_withdraw(driver, id, 0, HV_DEPOSIT_MAX, &r),
		     "withdraw");
	show_allocations("withdraw of 511 pages", 0);
	allocations(true);
	for (i = 0; i < CHUNKS; i++)
		want(hvctl_write_gpa(driver, &at, data, HV_ACCESS_GPA_MAX, &r),
		     "write");
	show_allocations("write-gpa", 0);
	allocations(true);
	for (i = 0; i < CHUNKS; i++)
		want(hvctl_read_gpa(driver, &at, data, HV_ACCESS_GPA_MAX, &r),
		     "read");
	show_allocations("read-gpa", 0);
	allocations(true);
	for (i = 0; i < CHUNKS; i++)
		want(hvctl_balance(driver, id, 0, &available, &in_use, &r),
		     "balance");
	show_allocations("balance", 0);
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
	measure_held(id, c);
	empty(id);
	if (peer_is_accepted(id))
		measure_foreign(id, c);
	empty(id);
	measure_write(id, data, c);
	if (memcmp(memory, data, WRITE_CHUNK) ||
	    memcmp(memory + WRITE_BYTES - WRITE_CHUNK, data, WRITE_CHUNK))
		die("write-gpa did not write");
	if (bench >= 0) {
		count_calls(id, data);
		count_allocations(id, data);
	} else {
		peer_measure(id, data);
	}
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

	if (hv.withdraw.hypervisor.min < HV_WITHDRAW_MAX * ZERO_PAGE)
		fail("zeroing: ZERO_PAGE is too much");

	root = root_cost(&whole.withdraw, &hv.withdraw);
	figure("bench", "P2", "root, per withdrawn page, freed", &root,
	       HV_WITHDRAW_MAX, 0);
	root = root_cost(&whole.held, &hv.held);
	figure("bench", "P2", "root, per withdrawn page, held", &root,
	       HV_WITHDRAW_MAX, 0);
	if (whole.foreign.whole.count) {
		root = root_cost(&whole.foreign, &hv.foreign);
		figure("bench", "P2",
		       "root, per withdrawn page that others deposited", &root,
		       HV_WITHDRAW_MAX, 0);
	}
	root = root_cost(&whole.deposit, &hv.deposit);
	figure("bench", "P2b", "root, per deposited page", &root,
	       HV_DEPOSIT_MAX, 0);
	root = root_cost(&whole.write, &hv.write);
	figure("bench", "P3", "root, per 16 bytes of write-gpa", &root,
	       WRITE_CHUNK / 16, 0);
	measure_null("GetPartitionId, round trip", HVCALL_GET_PARTITION_ID, 0);
	measure_null("unknown code, round trip", 0x7777,
		     HV_STATUS_INVALID_HYPERCALL_CODE);
	figure("bench", "P4b", "hypervisor, per WriteGpa of 16 bytes",
	       &hv.write.hypervisor, WRITE_CHUNK / 16, 0);
	figure("bench", "P4b",
	       "hypervisor, per withdrawn page, without zeroing",
	       &hv.withdraw.hypervisor, HV_WITHDRAW_MAX, ZERO_PAGE);
	figure("bench", "P4b", "hypervisor, per withdrawn page, with zeroing",
	       &hv.withdraw.hypervisor, HV_WITHDRAW_MAX, 0);
	figure("bench", "P4b", "hypervisor, per deposited page",
	       &hv.deposit.hypervisor, HV_DEPOSIT_MAX, 0);
	if (!failed)
		printf("bench-done\n");
	return failed;
}
