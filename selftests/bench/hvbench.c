// SPDX-License-Identifier: GPL-2.0
/*
 * What the driver and the hypervisor cost, in hypercalls and instructions.
 * scripts/bench runs it; see Documentation/bench.md.
 *
 * What costs instructions is done through hv_rootctl.ko; hypercalls and
 * allocations are counted by hv_bench.ko in its place.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "locks.h"
#include "measure.h"
#include "peer.h"

#define WRITE_CHUNK 16384
#define WRITE_BYTES 0x100000
/* What zeroing takes: "rep stosq" over a page, each iteration is one. */
#define ZERO_PAGE (HV_PAGE_SIZE / 8)

/* --- costs ---------------------------------------------------------------- */

static void measure_pool(u64 id)
{
	int i;

	for (i = 0; i < CHUNKS; i++) {
		mark(MARK_DEPOSIT);
		hvctl_deposit(driver, id, 0, HV_DEPOSIT_MAX, &r);
		mark(MARK_NONE);
		want(r.outcome, "deposit");
	}
	for (i = 0; i < CHUNKS - 1; i++) {
		mark(MARK_WITHDRAW);
		hvctl_withdraw(driver, id, 0, HV_WITHDRAW_MAX, &r);
		mark(MARK_NONE);
		want(r.outcome, "withdraw");
	}
	counted("bench", "P2", "root, per withdrawn page, freed", MARK_WITHDRAW,
		"root", HV_WITHDRAW_MAX, 0);
	counted("bench", "P2b", "root, per deposited page", MARK_DEPOSIT,
		"root", HV_DEPOSIT_MAX, 0);
	counted("bench", "P4b",
		"hypervisor, per withdrawn page, without zeroing",
		MARK_WITHDRAW, "hypervisor", HV_WITHDRAW_MAX, ZERO_PAGE);
	counted("bench", "P4b", "hypervisor, per withdrawn page, with zeroing",
		MARK_WITHDRAW, "hypervisor", HV_WITHDRAW_MAX, 0);
	counted("bench", "P4b", "hypervisor, per deposited page", MARK_DEPOSIT,
		"hypervisor", HV_DEPOSIT_MAX, 0);
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

static void measure_held(u64 id)
{
	int i;

	want(hvctl_deposit(driver, id, 0, CHUNKS * HV_DEPOSIT_MAX, &r),
	     "deposit");
	for (i = 0; i < CHUNKS - 1; i++) {
		mark(MARK_HOLD);
		hold(HV_ROOTCTL_WITHDRAW, id, HV_WITHDRAW_MAX, "hold");
		mark(MARK_NONE);
	}
	mark(MARK_DEPOSIT_HELD);
	hold(HV_ROOTCTL_DEPOSIT, id, (CHUNKS - 1) * HV_WITHDRAW_MAX,
	     "deposit what is held");
	mark(MARK_NONE);
	counted("bench", "P2", "root, per withdrawn page, held", MARK_HOLD,
		"root", HV_WITHDRAW_MAX, 0);
	counted("bench", "P2b", "root, per deposited page that was held",
		MARK_DEPOSIT_HELD, "root", (CHUNKS - 1) * HV_WITHDRAW_MAX, 0);
}

static void measure_foreign(u64 id)
{
	int i;

	for (i = 0; i < CHUNKS; i++)
		peer_deposit(id);
	for (i = 0; i < CHUNKS - 1; i++) {
		mark(MARK_FOREIGN);
		hvctl_withdraw(driver, id, 0, HV_WITHDRAW_MAX, &r);
		mark(MARK_NONE);
		want(r.outcome, "withdraw what others deposited");
		if (r.done != HV_WITHDRAW_MAX)
			die("pages that others deposited are left alone");
	}
	counted("bench", "P2", "root, per withdrawn page that others deposited",
		MARK_FOREIGN, "root", HV_WITHDRAW_MAX, 0);
}

/* Write all of it, each chunk marked as @phase. */
#define MARKED_WRITE(id, data, phase)                                         \
	do {                                                                  \
		struct hvctl_access at = {                                    \
			.partition_id = (id),                                 \
			.cache_type = HV_CACHE_TYPE_WRITE_BACK,               \
		};                                                            \
									      \
		for (; at.gpa < WRITE_BYTES; at.gpa += WRITE_CHUNK) {         \
			mark(phase);                                          \
			hvctl_write_gpa(driver, &at, data, WRITE_CHUNK, &r);  \
			mark(MARK_NONE);                                      \
			want(r.outcome, "write-gpa");                         \
		}                                                             \
	} while (0)

static void measure_write(u64 id, const u8 *data)
{
	MARKED_WRITE(id, data, MARK_WRITE);
	counted("bench", "P3", "root, per 16 bytes of write-gpa", MARK_WRITE,
		"root", WRITE_CHUNK / HV_ACCESS_GPA_MAX, 0);
	counted("bench", "P4b", "hypervisor, per WriteGpa of 16 bytes",
		MARK_WRITE, "hypervisor", WRITE_CHUNK / HV_ACCESS_GPA_MAX, 0);
}

static void write_in_registers(const char *value, u32 form)
{
	struct hv_rootctl_query q = { .size = sizeof(q) };
	int fd = open("/sys/module/hv_rootctl_lib/parameters/xmm_write_gpa",
		      O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, 1) != 1 || close(fd) ||
	    ioctl(driver, HV_ROOTCTL_QUERY, &q))
		die("xmm_write_gpa");
	if (q.write_gpa_form != form)
		fail("xmm_write_gpa=%s: the form is %u", value,
		     q.write_gpa_form);
}

/* The same in XMM registers: what P3 and P4b would be then. */
static void measure_write_xmm(u64 id, const u8 *data)
{
	write_in_registers("Y", HV_ROOTCTL_FORM_XMM);
	MARKED_WRITE(id, data, MARK_WRITE_XMM);
	write_in_registers("N", HV_ROOTCTL_FORM_MEMORY);
	counted("bench", "P3", "root, the same in XMM registers",
		MARK_WRITE_XMM, "root", WRITE_CHUNK / HV_ACCESS_GPA_MAX, 0);
	counted("bench", "P4b", "hypervisor, WriteGpa in XMM registers",
		MARK_WRITE_XMM, "hypervisor", WRITE_CHUNK / HV_ACCESS_GPA_MAX,
		0);
}

static void measure_null(const char *what, enum mark_phase phase, u16 code,
			 u16 status)
{
	struct hv_bench_null null = {
		.control = hv_control_simple(code, false),
	};
	int i;

	for (i = 0; i < CHUNKS; i++) {
		if (ioctl(bench, HV_BENCH_NULL, &null))
			die("HV_BENCH_NULL");
		if (null.result != status)
			fail("%s: result 0x%llx", what,
			     (unsigned long long)null.result);
	}
	counted("bench", "P4", what, phase, "all", HV_BENCH_CHUNK, 0);
}

/* --- counts --------------------------------------------------------------- */

/* Hypercalls that the driver has made since the last time. */
static u64 hypercalls(void)
{
	__u64 calls;

	if (ioctl(bench, HV_BENCH_CALLS, &calls))
		die("HV_BENCH_CALLS");
	return calls;
}

static void count_is(const char *what, u64 n, u64 ceiling)
{
	u64 calls = hypercalls();

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

	hypercalls();
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
		hypercalls();
		want(hvctl_write_gpa(driver, &at, data, bytes[i], &r), "write");
		count_is("write-gpa", bytes[i], pieces(at.gpa, bytes[i]));
		half = bytes[i] / 2 + 1;
		/* Splits at pages as well, where it begins between them. */
		at.gpa = 4091;
		hypercalls();
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

/* @n in CHUNKS ioctls: in one, rounded up. */
static void show_per_ioctl(const char *kind, const char *of, const char *what,
			   u64 n)
{
	n = (n + CHUNKS - 1) / CHUNKS;
	printf("%s:P8:%s per ioctl, %s:%llu:%llu\n", kind, of, what,
	       (unsigned long long)n, (unsigned long long)n);
}

/* What CHUNKS ioctls have allocated. */
static void show_allocations(const char *what)
{
	struct hv_bench_allocations a = allocations(false);

	show_per_ioctl("bench", "allocations", what, a.objects + a.blocks);
}

/* The same of a deposit, which gets its pages in one block. */
static void show_allocations_of_deposit(void)
{
	struct hv_bench_allocations a = allocations(false);

	if (a.blocks < CHUNKS || a.pages < CHUNKS * HV_DEPOSIT_MAX)
		fail("pages are deposited that nobody has allocated");
	show_per_ioctl("bench", "allocations",
		       "deposit of 511 pages, besides their block",
		       a.objects + a.blocks - CHUNKS);
	show_per_ioctl("shown", "pages freed at once",
		       "deposit of 511 pages",
		       a.pages - CHUNKS * HV_DEPOSIT_MAX);
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
	show_allocations_of_deposit();
	allocations(true);
	for (i = 0; i < CHUNKS; i++)
		want(hvctl_withdraw(driver, id, 0, HV_DEPOSIT_MAX, &r),
		     "withdraw");
	show_allocations("withdraw of 511 pages");
	allocations(true);
	for (i = 0; i < CHUNKS; i++)
		want(hvctl_write_gpa(driver, &at, data, HV_ACCESS_GPA_MAX, &r),
		     "write");
	show_allocations("write-gpa");
	allocations(true);
	for (i = 0; i < CHUNKS; i++)
		want(hvctl_read_gpa(driver, &at, data, HV_ACCESS_GPA_MAX, &r),
		     "read");
	show_allocations("read-gpa");
	allocations(true);
	for (i = 0; i < CHUNKS; i++)
		want(hvctl_balance(driver, id, 0, &available, &in_use, &r),
		     "balance");
	show_allocations("balance");
}

/* -------------------------------------------------------------------------- */

static void with_partition(u8 *memory, u8 *data, void (*work)(u64 id, u8 *data))
{
	u64 id;

	driver = hvctl_open(hvctl_device(NULL));
	if (driver < 0)
		die("open the driver");
	id = new_partition();
	want(hvctl_map(driver, 0, id, 0, memory, WRITE_BYTES,
		       HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE, NULL, &r),
	     "map");
	empty(id);
	work(id, data);
	if (memcmp(memory, data, WRITE_BYTES))
		die("write-gpa did not write");
	destroy(id);
	close(driver);
}

static void measure_costs(u64 id, u8 *data)
{
	measure_pool(id);
	empty(id);
	measure_held(id);
	empty(id);
	if (peer_is_accepted(id))
		measure_foreign(id);
	empty(id);
	measure_write(id, data);
	measure_write_xmm(id, data);
	peer_measure(id, data);
}

static void measure_counts(u64 id, u8 *data)
{
	count_calls(id, data);
	count_allocations(id, data);
	locks_measure(id, data);
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

	mark(MARK_NONE);
	with_partition(memory, data, measure_costs);
	if (system("rmmod hv_rootctl && insmod /modules/hv_bench.ko"))
		die("change the transport");
	bench = open("/dev/hv_bench", O_RDWR | O_CLOEXEC);
	if (bench < 0)
		die("open /dev/hv_bench");
	with_partition(memory, data, measure_counts);
	measure_null("GetPartitionId, round trip", MARK_NULL,
		     HVCALL_GET_PARTITION_ID, 0);
	measure_null("unknown code, round trip", MARK_UNKNOWN, 0x7777,
		     HV_STATUS_INVALID_HYPERCALL_CODE);
	if (!failed)
		printf("bench-done\n");
	return failed;
}
