/* SPDX-License-Identifier: GPL-2.0 */
/*
 * libhvctl: one function per ioctl of /dev/hv_rootctl.
 *
 * An answer has two faces, the kernel's errno and the hypervisor's HV_STATUS,
 * and a count of what was done. struct hvctl_result keeps all of them; the
 * value that each function returns only says which one to look at first.
 *
 * Nothing is printed, retried or split here, and errno is not relied upon by
 * the caller. All functions may be used from any thread.
 */
#ifndef HVCTL_H
#define HVCTL_H

#include <hv/calls.h>
#include <hv/memory.h>
#include <hv/partition.h>
#include <hv/status.h>
#include <hv/types.h>
#include <linux/hv_rootctl.h>

#define HVCTL_DEVICE "/dev/hv_rootctl"
#define HVCTL_DEVICE_ENV "HVCTL_DEVICE"

enum hvctl_outcome {
	HVCTL_OK, /* all that was asked for is done */
	HVCTL_ERRNO, /* the kernel refused or failed: look at err */
	HVCTL_STATUS, /* the hypervisor refused: look at hv_status */
	HVCTL_ACCESS, /* the access was refused: look at access_result */
	HVCTL_MISCOUNT, /* both say success, but done is not what was asked */
};

/**
 * struct hvctl_result - all that is known about one ioctl
 * @outcome: which of the fields below says why it was not done
 * @err: errno of the ioctl, 0 when it returned success
 * @hv_status: HV_STATUS_* of the last hypercall, or HV_ROOTCTL_NO_STATUS; is
 *	valid whatever @err is
 * @access_result: of the last hypercall, when @hv_status is 0; reads and
 *	writes only
 * @call: code of the hypercall behind the ioctl, HVCALL_*; 0 when there is none
 * @done: pages (deposit, withdraw) or bytes (map, unmap, read, write) done,
 *	whatever @err and @hv_status are
 * @hypercalls: how many hypercalls that took; deposit and withdraw only
 * @fail_gpa: the guest physical address of the piece that was refused, when
 *	@hv_status or @access_result is not 0; reads and writes only
 * @retry: the limits that were given, and what was done within them; all zero
 *	where there are none
 */
struct hvctl_result {
	enum hvctl_outcome outcome;
	int err;
	u32 hv_status;
	u32 access_result;
	u16 call;
	u64 done;
	u64 hypercalls;
	u64 fail_gpa;
	struct hv_rootctl_retry retry;
};

/**
 * struct hvctl_retry - when the kernel makes a hypercall again
 * @deposit_limit: pages that it may deposit to that end, 0 for none
 * @time_out_limit: how often after HV_STATUS_TIME_OUT
 *
 * See struct hv_rootctl_retry. Where a function takes a pointer to one, NULL
 * stands for never.
 */
struct hvctl_retry {
	u32 deposit_limit;
	u32 time_out_limit;
};

/**
 * struct hvctl_access - where and how a read or write is made
 * @partition_id: which partition
 * @gpa: guest physical address in bytes, any alignment
 * @vp_index: as which virtual processor
 * @cache_type: HV_CACHE_TYPE_*
 */
struct hvctl_access {
	u64 partition_id;
	u64 gpa;
	u32 vp_index;
	u32 cache_type;
};

/**
 * hvctl_device - which device to open
 * @path: the user's choice, or NULL
 *
 * Return: @path, else the environment's HVCTL_DEVICE, else /dev/hv_rootctl.
 */
const char *hvctl_device(const char *path);

/**
 * hvctl_open - open the device
 * @path: as hvctl_device() returned it
 *
 * Return: a file descriptor that is closed on exec, or -1 with errno set.
 */
int hvctl_open(const char *path);

/**
 * hvctl_ioctl - the one place where an ioctl is made
 * @fd: the open device
 * @request: HV_ROOTCTL_*
 * @arg: its structure
 *
 * It stands alone in its object file, so a program that is linked with
 * libhvctl.a and brings a function of this name gets its own called instead.
 *
 * Return: 0, or -1 with errno set.
 */
int hvctl_ioctl(int fd, unsigned long request, void *arg);

/* Errors of all the following: see struct hvctl_result. */

enum hvctl_outcome hvctl_query(int fd, struct hv_rootctl_query *query, struct hvctl_result *r);

/**
 * hvctl_partition_create - create a child partition
 * @fd: the open device
 * @flags: HV_ROOTCTL_DETACHED to let it outlive @fd
 * @creation_flags: flags of HvCreatePartition
 * @proximity: HV_PROXIMITY_DOMAIN_INFO, 0 for any
 * @partition_id: out: its id, when the outcome is HVCTL_OK; else 0
 * @retry: when it is tried again, or NULL
 * @r: out: the answer
 *
 * Return: @r->outcome.
 */
enum hvctl_outcome hvctl_partition_create(int fd, u32 flags, u64 creation_flags, u64 proximity,
					  u64 *partition_id, const struct hvctl_retry *retry,
					  struct hvctl_result *r);
enum hvctl_outcome hvctl_partition_init(int fd, u64 partition_id, const struct hvctl_retry *retry,
					struct hvctl_result *r);
enum hvctl_outcome hvctl_partition_finalize(int fd, u64 partition_id,
					    const struct hvctl_retry *retry,
					    struct hvctl_result *r);
enum hvctl_outcome hvctl_partition_delete(int fd, u64 partition_id,
					  const struct hvctl_retry *retry, struct hvctl_result *r);

/**
 * hvctl_partition_next - the next child of a partition
 * @fd: the open device
 * @parent_id: whose child, HV_ROOTCTL_SELF for the caller's own
 * @id: in: the child before, 0 for the first; out: the one after it, 0 for
 *	none; unchanged when the outcome is not HVCTL_OK
 * @r: out: the answer
 *
 * Return: @r->outcome.
 */
enum hvctl_outcome hvctl_partition_next(int fd, u64 parent_id, u64 *id, struct hvctl_result *r);

/**
 * hvctl_vp_create - create a virtual processor
 * @fd: the open device
 * @flags: HV_ROOTCTL_DETACHED to let it outlive @fd
 * @partition_id: in which partition
 * @vp_index: its index
 * @proximity: HV_PROXIMITY_DOMAIN_INFO, 0 for any
 * @retry: when it is tried again, or NULL
 * @r: out: the answer
 *
 * Return: @r->outcome.
 */
enum hvctl_outcome hvctl_vp_create(int fd, u32 flags, u64 partition_id, u32 vp_index,
				   u64 proximity, const struct hvctl_retry *retry,
				   struct hvctl_result *r);
enum hvctl_outcome hvctl_vp_delete(int fd, u64 partition_id, u32 vp_index,
				   const struct hvctl_retry *retry, struct hvctl_result *r);

/* @pages: any number; in @r->done, how many it was. */
enum hvctl_outcome hvctl_deposit(int fd, u64 partition_id, u64 proximity, u64 pages,
				 struct hvctl_result *r);
enum hvctl_outcome hvctl_withdraw(int fd, u64 partition_id, u64 proximity, u64 pages,
				  struct hvctl_result *r);

/*
 * The same with pages that @fd holds (HV_ROOTCTL_HOLD): withdrawn to be held,
 * deposited out of those that are. The kernel gets them when @fd is closed.
 */
enum hvctl_outcome hvctl_deposit_held(int fd, u64 partition_id, u64 pages, struct hvctl_result *r);
enum hvctl_outcome hvctl_withdraw_held(int fd, u64 partition_id, u64 proximity, u64 pages,
				       struct hvctl_result *r);

/* @available, @in_use: out, in pages; 0 when the outcome is not HVCTL_OK. */
enum hvctl_outcome hvctl_balance(int fd, u64 partition_id, u64 proximity, u64 *available,
				 u64 *in_use, struct hvctl_result *r);

/**
 * hvctl_map - map the caller's memory into a partition
 * @fd: the open device
 * @flags: HV_ROOTCTL_DETACHED to let the mapping outlive @fd
 * @partition_id: which partition
 * @gpa: guest physical address in bytes, page aligned
 * @memory: the memory, page aligned
 * @length: bytes, a multiple of the page size
 * @map_flags: HV_MAP_GPA_*
 * @retry: when it is tried again, or NULL
 * @r: out: the answer; @r->done is @length or 0
 *
 * Return: @r->outcome.
 */
enum hvctl_outcome hvctl_map(int fd, u32 flags, u64 partition_id, u64 gpa, void *memory,
			     u64 length, u32 map_flags, const struct hvctl_retry *retry,
			     struct hvctl_result *r);
enum hvctl_outcome hvctl_unmap(int fd, u64 partition_id, u64 gpa, u64 length,
			       const struct hvctl_retry *retry, struct hvctl_result *r);

/* Any length, 0 too; what lies before @r->done in @data is certain. */
enum hvctl_outcome hvctl_read_gpa(int fd, const struct hvctl_access *where, void *data, u64 length,
				  struct hvctl_result *r);
enum hvctl_outcome hvctl_write_gpa(int fd, const struct hvctl_access *where, const void *data,
				   u64 length, struct hvctl_result *r);

#endif
