// SPDX-License-Identifier: GPL-2.0
/* Do two files, each with a partition of its own, take a lock in common? */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "locks.h"

enum work { DEPOSIT, WITHDRAW, WRITE, NR_WORK };

static struct hv_bench_locks locks(u64 round)
{
	struct hv_bench_locks l = { .round = round };

	if (ioctl(bench, HV_BENCH_LOCKS, &l))
		die("HV_BENCH_LOCKS");
	return l;
}

static void once(enum work work, int fd, u64 id, const u8 *data)
{
	struct hvctl_access at = {
		.partition_id = id,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};

	switch (work) {
	case DEPOSIT:
		hvctl_deposit(fd, id, 0, HV_DEPOSIT_MAX, &r);
		break;
	case WITHDRAW:
		hvctl_withdraw(fd, id, 0, HV_DEPOSIT_MAX, &r);
		break;
	default:
		hvctl_write_gpa(fd, &at, data, HV_ACCESS_GPA_MAX, &r);
		break;
	}
}

static void show(const char *what, const struct hv_bench_locks *l)
{
	unsigned int i, own = 0;

	for (i = 0; i < l->shared && i < 32; i++) {
		own += !!strstr(l->takers[i], "[hv_rootctl");
		printf("shown:locks:%s, shared, %s:1:1\n", what, l->takers[i]);
	}
	printf("bench:locks:%s, the driver's that two partitions share:%u:%u\n",
	       what, own, own);
}

void locks_measure(u64 first, const u8 *data)
{
	static const char *const names[NR_WORK] = {
		[DEPOSIT] = "deposit",
		[WITHDRAW] = "withdraw",
		[WRITE] = "write-gpa",
	};
	int one = driver, two = hvctl_open(hvctl_device(NULL));
	struct hv_bench_locks l;
	enum work work;
	u64 second;

	if (two < 0)
		die("open the driver twice");
	driver = two;
	second = new_partition();
	for (work = DEPOSIT; work < NR_WORK; work++) {
		locks(0);
		once(work, one, first, data);
		locks(1);
		once(work, two, second, data);
		l = locks(HV_BENCH_LOCKS_END);
		if (!l.taken)
			fail("%s takes no lock", names[work]);
		show(names[work], &l);
	}
	destroy(second);
	driver = one;
	close(two);
}
