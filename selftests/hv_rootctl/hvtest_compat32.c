// SPDX-License-Identifier: GPL-2.0
/*
 * A program of 32 bits on the device, for compat.c. It stands alone, without
 * a C library, because there may be none of 32 bits: system calls are
 * made by hand. It exits with 0, or with the number of what went wrong.
 */
#include <asm/unistd_32.h>

#include "hvtest_layout.h"

#define O_RDWR 2
#define ENOTTY 25

/* include/hv/ wants a C library around it. */
#define HV_PAGE_SIZE 4096
#define HV_STATUS_INSUFFICIENT_MEMORY 0xb
#define HV_MAP_GPA_READABLE 1
#define HV_MAP_GPA_WRITABLE 2
#define HV_CACHE_TYPE_WRITE_BACK 6

_Static_assert(sizeof(void *) == 4, "this is no program of 32 bits");

static long call(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("int $0x80"
		     : "=a"(ret) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}

static long ioctl(int fd, unsigned long cmd, void *arg)
{
	return call(__NR_ioctl, fd, cmd, (long)arg);
}

static __u64 address(const void *p)
{
	return (unsigned long)p;
}

static struct hv_rootctl_query query;
static struct hv_rootctl_partition_create create;
static struct hv_rootctl_pool pool;
static struct hv_rootctl_balance balance;
static struct hv_rootctl_partition partition;
static struct hv_rootctl_vp vp;
static struct hv_rootctl_map map;
static struct hv_rootctl_access access;
static struct hv_rootctl_access_list list;
static struct hv_rootctl_access_entry entry;
static unsigned char guest[2 * HV_PAGE_SIZE]
	__attribute__((aligned(HV_PAGE_SIZE)));
static unsigned char data[32] = "thirty-two bits, thirty-two byte";
static unsigned char back[32];

static int deposit(int fd, __u64 id, __u64 pages)
{
	pool = (struct hv_rootctl_pool){ .size = sizeof(pool),
					 .partition_id = id,
					 .page_count = pages };
	return ioctl(fd, HV_ROOTCTL_DEPOSIT, &pool) || pool.hv_status ||
	       pool.pages_done != pages;
}

static int differ(const unsigned char *a, const unsigned char *b)
{
	unsigned int i;

	for (i = 0; i < sizeof(data) && a[i] == b[i]; i++)
		;
	return i < sizeof(data);
}

/* An active partition with a VP and two pages of memory. */
static int make_child(int fd)
{
	create.size = sizeof(create);
	if (ioctl(fd, HV_ROOTCTL_PARTITION_CREATE, &create))
		return 20;
	if (create.hv_status == HV_STATUS_INSUFFICIENT_MEMORY &&
	    (deposit(fd, HV_ROOTCTL_SELF, 16) ||
	     ioctl(fd, HV_ROOTCTL_PARTITION_CREATE, &create)))
		return 21;
	if (create.hv_status || deposit(fd, create.partition_id, 64))
		return 22;

	balance.size = sizeof(balance);
	balance.partition_id = create.partition_id;
	if (ioctl(fd, HV_ROOTCTL_BALANCE, &balance) || balance.hv_status ||
	    balance.pages_available != 64)
		return 23;
	partition.size = sizeof(partition);
	partition.partition_id = create.partition_id;
	if (ioctl(fd, HV_ROOTCTL_PARTITION_INITIALIZE, &partition) ||
	    partition.hv_status)
		return 24;
	vp.size = sizeof(vp);
	vp.partition_id = create.partition_id;
	if (ioctl(fd, HV_ROOTCTL_VP_CREATE, &vp) || vp.hv_status)
		return 25;
	map = (struct hv_rootctl_map){
		.size = sizeof(map),
		.partition_id = create.partition_id,
		.user_addr = address(guest),
		.length = sizeof(guest),
		.map_flags = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE,
	};
	if (ioctl(fd, HV_ROOTCTL_MAP, &map) || map.hv_status)
		return 26;
	return 0;
}

static int access_child(int fd)
{
	access = (struct hv_rootctl_access){
		.size = sizeof(access),
		.partition_id = create.partition_id,
		.gpa = HV_PAGE_SIZE - 10,
		.length = sizeof(data),
		.user_addr = address(data),
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
	if (ioctl(fd, HV_ROOTCTL_WRITE_GPA, &access) || access.hv_status ||
	    access.bytes_done != sizeof(data))
		return 30;
	if (differ(guest + HV_PAGE_SIZE - 10, data))
		return 31;

	entry = (struct hv_rootctl_access_entry){ HV_PAGE_SIZE - 10,
						  sizeof(back), address(back) };
	list = (struct hv_rootctl_access_list){
		.size = sizeof(list),
		.partition_id = create.partition_id,
		.entries = address(&entry),
		.entry_count = 1,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
	if (ioctl(fd, HV_ROOTCTL_ACCESS_LIST, &list) || list.hv_status ||
	    list.entries_done != 1)
		return 32;
	return differ(back, data) ? 33 : 0;
}

static int run(void)
{
	long fd = call(__NR_open, (long)"/dev/hv_rootctl", O_RDWR, 0);
	int err;

	if (fd < 0)
		return 10;
	query.size = sizeof(query);
	if (ioctl(fd, HV_ROOTCTL_QUERY, &query))
		return 11;
	if (query.page_size != HV_PAGE_SIZE || query.access_batch != 16)
		return 12;
	if (ioctl(fd, HV_ROOTCTL_QUERY + 0x40, &query) != -ENOTTY)
		return 13;
	err = make_child(fd);
	if (!err)
		err = access_child(fd);
	return call(__NR_close, fd, 0, 0) ? 14 : err;
}

/* 4 more than a multiple of 16, as after a call. */
__attribute__((force_align_arg_pointer)) void _start(void)
{
	call(__NR_exit, run(), 0, 0);
	for (;;)
		;
}
