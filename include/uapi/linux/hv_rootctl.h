/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The ioctl contract of /dev/hv_rootctl: management hypercalls of a Hyper-V
 * root partition. This is the only header that user space needs.
 */
#ifndef _UAPI_LINUX_HV_ROOTCTL_H
#define _UAPI_LINUX_HV_ROOTCTL_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * DOC: General ioctl format
 *
 * Every structure begins with its own size in bytes, as the caller knows it.
 * The kernel accepts a shorter structure than its own as long as it holds all
 * mandatory fields, and a longer one as long as the part that the kernel does
 * not know is zero. New fields are added at the end, where zero means "as
 * before". Flags that are not defined and fields named __reserved must be 0.
 * Fields marked [out] are written by the kernel; what they hold on entry is
 * ignored. Pointers travel as 64-bit numbers, so 32-bit callers need no
 * translation.
 *
 * An answer has two faces. The return value says what the kernel did:
 *
 *  - 0: the kernel did its part. Look at hv_status for the hypervisor's.
 *  - -1 with errno: the kernel refused or failed. Where the structure has a
 *    "done" field (pages_done, bytes_done) and hv_status, they are written
 *    back all the same and say what had been done by then. Where nothing is
 *    begun because of the structure's size, a flag, a reserved field, or a
 *    place that cannot be read, nothing is written back.
 *
 * hv_status is the HV_STATUS of the last hypercall made (0: success), or
 * HV_ROOTCTL_NO_STATUS when no hypercall was made. A call that the hypervisor
 * refused is *not* an errno.
 *
 * errno:
 *
 *  - ENOTTY: no such ioctl.
 *  - E2BIG: the caller's structure is longer than the kernel's, and the
 *    excess is not zero, or it is longer than a page.
 *  - EINVAL: the structure is too short, or a field holds what it cannot.
 *  - EOPNOTSUPP: a known field holds a value that is not supported, such as
 *    an undefined flag or a reserved field that is not 0, or the transport
 *    cannot do this.
 *  - ENOENT: no such object of this file or module (unmap of a range that was
 *    not mapped through this module).
 *  - EEXIST: the guest range is mapped already.
 *  - EFAULT: a pointer in the structure is bad.
 *  - ENOMEM: the kernel is short of memory, or RLIMIT_MEMLOCK is reached.
 *  - EOVERFLOW: a sum of fields does not fit 64 bits.
 *  - EINTR: a signal came before the work was complete; done fields are valid.
 *  - EPROTO: the hypervisor broke the protocol: success without progress,
 *    more repetitions than asked for, or an id of a new partition that cannot
 *    be a new one's. Done fields count what is certain.
 *  - ENODEV: nothing answers behind the transport; at open: it is going away.
 *  - EPERM: no CAP_SYS_ADMIN (at open); a raw call is not allowed.
 */

#define HV_ROOTCTL_IOCTL_TYPE 0xD7

enum {
	HV_ROOTCTL_CMD_BALANCE = 0x80,
	HV_ROOTCTL_CMD_DEPOSIT,
	HV_ROOTCTL_CMD_MAP,
	HV_ROOTCTL_CMD_PARTITION_CREATE,
	HV_ROOTCTL_CMD_PARTITION_DELETE,
	HV_ROOTCTL_CMD_PARTITION_FINALIZE,
	HV_ROOTCTL_CMD_PARTITION_INITIALIZE,
	HV_ROOTCTL_CMD_PARTITION_NEXT,
	HV_ROOTCTL_CMD_QUERY,
	HV_ROOTCTL_CMD_READ_GPA,
	HV_ROOTCTL_CMD_UNMAP,
	HV_ROOTCTL_CMD_VP_CREATE,
	HV_ROOTCTL_CMD_VP_DELETE,
	HV_ROOTCTL_CMD_WITHDRAW,
	HV_ROOTCTL_CMD_WRITE_GPA,
	HV_ROOTCTL_CMD_ACCESS_LIST,
	HV_ROOTCTL_CMD_PROGRESS,
	HV_ROOTCTL_CMD_RAW,
};

/* hv_status when no hypercall was made; no HV_STATUS is wider than 16 bits. */
#define HV_ROOTCTL_NO_STATUS 0xffffffffU

/* partition_id of the caller's own partition. */
#define HV_ROOTCTL_SELF 0xffffffffffffffffULL

enum hv_rootctl_transport {
	HV_ROOTCTL_TRANSPORT_HYPERV = 1, /* the kernel's hypercall page */
	HV_ROOTCTL_TRANSPORT_SIM = 2, /* emulated inside the kernel */
};

/* How the parameters of a hypercall travel. */
enum hv_rootctl_form {
	HV_ROOTCTL_FORM_MEMORY = 1, /* lists in memory */
	HV_ROOTCTL_FORM_XMM = 2, /* in registers, XMM registers among them */
};

/* Hypercalls are being counted, see debugfs hv_rootctl/. */
#define HV_ROOTCTL_FEATURE_STATS (1ULL << 0)
/* HV_ROOTCTL_RAW is switched on. */
#define HV_ROOTCTL_FEATURE_RAW (1ULL << 1)

/**
 * struct hv_rootctl_query - ioctl(HV_ROOTCTL_QUERY)
 * @size: sizeof(struct hv_rootctl_query)
 * @flags: must be 0
 * @transport: [out] enum hv_rootctl_transport
 * @page_size: [out] bytes of a page in every page count of this interface
 * @partition_id: [out] id of the caller's own partition; HV_ROOTCTL_SELF when
 *	the privileges do not allow to ask
 * @privileges: [out] the partition privilege mask (CPUID 0x40000003 EAX, EBX)
 * @withdraw_batch: [out] most pages that one hypercall withdraws
 * @deposit_batch: [out] most pages that one hypercall deposits
 * @map_batch: [out] most pages that one hypercall maps; where they can be
 *	large ones, of 2 MiB, as many of these
 * @access_batch: [out] most bytes that one hypercall reads or writes
 * @pages_deposited: [out] pages in pools, put there through this module
 * @pages_mapped: [out] pages pinned for mappings made through this module
 * @pages_quarantined: [out] pages that a hypervisor returned although it
 *	cannot have had them; never given to anyone
 * @pages_withdrawn: [out] pages that withdraws took out of pools, ever
 * @features: [out] HV_ROOTCTL_FEATURE_*: what is switched on
 * @write_gpa_form: [out] enum hv_rootctl_form: how writes to guests are made
 * @__reserved: must be 0
 * @pages_held: [out] withdrawn pages that files hold, see HV_ROOTCTL_HOLD
 * @pages_held_here: [out] of them, those of this file
 * @auto_deposits: [out] deposits made for &struct hv_rootctl_retry, ever
 * @auto_deposited: [out] pages that they put into pools
 *
 * What is at the other end, and what one call can do.
 */
struct hv_rootctl_query {
	__u32 size;
	__u32 flags;
	__u32 transport;
	__u32 page_size;
	__aligned_u64 partition_id;
	__aligned_u64 privileges;
	__u32 withdraw_batch;
	__u32 deposit_batch;
	__u32 map_batch;
	__u32 access_batch;
	__aligned_u64 pages_deposited;
	__aligned_u64 pages_mapped;
	__aligned_u64 pages_quarantined;
	__aligned_u64 pages_withdrawn;
	__aligned_u64 features;
	__u32 write_gpa_form;
	__u32 __reserved;
	__aligned_u64 pages_held;
	__aligned_u64 pages_held_here;
	__aligned_u64 auto_deposits;
	__aligned_u64 auto_deposited;
};

#define HV_ROOTCTL_QUERY _IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_QUERY)

/*
 * The object outlives the file that made it. Without this flag it is torn
 * down when the file is closed.
 */
#define HV_ROOTCTL_DETACHED (1U << 0)

/*
 * Pages are withdrawn to be held by the file, and not given to the kernel; or
 * deposited out of those that it holds. What it holds at its end is freed.
 */
#define HV_ROOTCTL_HOLD (1U << 1)

/**
 * struct hv_rootctl_retry - when a hypercall is made again
 * @deposit_limit: pages that this ioctl may deposit to that end; 0 for none
 * @time_out_limit: how often it is made again after HV_STATUS_TIME_OUT
 * @deposit_status: [out] status of the last deposit, HV_ROOTCTL_NO_STATUS when
 *	there was none
 * @repeated: [out] how often it was made again, for whatever reason
 * @pages_deposited: [out] pages that went into pools, whatever the status and
 *	the errno
 *
 * Part of other structures. All zero: the first refusal is the answer.
 *
 * A hypervisor that is short of memory says which pool is to be filled, and
 * whether with pages that are neighbours: HV_STATUS_INSUFFICIENT_MEMORY, with
 * ROOT in its name for the pool of the caller's own partition, CONTIGUOUS for
 * neighbours, and MIRRORING, where the kernel alone decides what it takes.
 * For HV_ROOTCTL_PARTITION_CREATE it is always the caller's own. The first
 * deposit is of 8 pages, each later one of as many as went before it, up to
 * what one hypercall takes.
 *
 * It ends with any other status, when a deposit is refused, when the limit
 * leaves too little, or with an errno (EINTR between two hypercalls, ENOMEM).
 * hv_status is that of the hypercall that was to be repeated, never of a
 * deposit. What was deposited stays, and comes back as any other page does.
 * Of the caller's own pool, what went there so and is not in use is withdrawn
 * whenever a partition is deleted.
 */
struct hv_rootctl_retry {
	__u32 deposit_limit;
	__u32 time_out_limit;
	__u32 deposit_status;
	__u32 repeated;
	__aligned_u64 pages_deposited;
};

/**
 * struct hv_rootctl_partition_create - ioctl(HV_ROOTCTL_PARTITION_CREATE)
 * @size: sizeof(struct hv_rootctl_partition_create)
 * @flags: HV_ROOTCTL_DETACHED
 * @creation_flags: flags of HvCreatePartition
 * @proximity_domain_info: HV_PROXIMITY_DOMAIN_INFO; 0 for any
 * @compatibility_version: major << 8 | minor; 0 for the module's choice
 * @hv_status: [out] status of the hypercall
 * @partition_id: [out] id of the new partition, when @hv_status is 0
 * @retry: when the hypercall is made again
 *
 * Create a child partition. Its structures take memory from the pool of the
 * caller's own partition. When a file that holds a partition is closed, the
 * partition is finalized, its pool withdrawn, and it is deleted.
 */
struct hv_rootctl_partition_create {
	__u32 size;
	__u32 flags;
	__aligned_u64 creation_flags;
	__aligned_u64 proximity_domain_info;
	__u32 compatibility_version;
	__u32 hv_status;
	__aligned_u64 partition_id;
	struct hv_rootctl_retry retry;
};

#define HV_ROOTCTL_PARTITION_CREATE \
	_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_PARTITION_CREATE)

/**
 * struct hv_rootctl_partition - ioctl(HV_ROOTCTL_PARTITION_INITIALIZE,
 * HV_ROOTCTL_PARTITION_FINALIZE, HV_ROOTCTL_PARTITION_DELETE)
 * @size: sizeof(struct hv_rootctl_partition)
 * @flags: must be 0
 * @partition_id: which partition
 * @hv_status: [out] status of the hypercall
 * @__reserved: must be 0
 * @retry: when the hypercall is made again
 *
 * Move a partition along its life cycle. Finalizing also releases the memory
 * that was mapped into it through this module.
 */
struct hv_rootctl_partition {
	__u32 size;
	__u32 flags;
	__aligned_u64 partition_id;
	__u32 hv_status;
	__u32 __reserved;
	struct hv_rootctl_retry retry;
};

#define HV_ROOTCTL_PARTITION_INITIALIZE \
	_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_PARTITION_INITIALIZE)
#define HV_ROOTCTL_PARTITION_FINALIZE \
	_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_PARTITION_FINALIZE)
#define HV_ROOTCTL_PARTITION_DELETE \
	_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_PARTITION_DELETE)

/**
 * struct hv_rootctl_partition_next - ioctl(HV_ROOTCTL_PARTITION_NEXT)
 * @size: sizeof(struct hv_rootctl_partition_next)
 * @flags: must be 0
 * @parent_id: whose children; HV_ROOTCTL_SELF for the caller's own
 * @previous_id: the child before, 0 for the first
 * @next_id: [out] the child after @previous_id, 0 when there is none
 * @hv_status: [out] status of the hypercall
 * @__reserved: must be 0
 *
 * Enumerate child partitions, whoever made them.
 */
struct hv_rootctl_partition_next {
	__u32 size;
	__u32 flags;
	__aligned_u64 parent_id;
	__aligned_u64 previous_id;
	__aligned_u64 next_id;
	__u32 hv_status;
	__u32 __reserved;
};

#define HV_ROOTCTL_PARTITION_NEXT \
	_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_PARTITION_NEXT)

/**
 * struct hv_rootctl_vp - ioctl(HV_ROOTCTL_VP_CREATE, HV_ROOTCTL_VP_DELETE)
 * @size: sizeof(struct hv_rootctl_vp)
 * @flags: create: HV_ROOTCTL_DETACHED; delete: must be 0
 * @partition_id: which partition
 * @vp_index: index of the virtual processor
 * @hv_status: [out] status of the hypercall
 * @proximity_domain_info: HV_PROXIMITY_DOMAIN_INFO for create; 0 for delete
 * @retry: when the hypercall is made again
 *
 * A virtual processor goes with its partition, and before that (without
 * HV_ROOTCTL_DETACHED) when the file is closed that made it. Those of the
 * caller's own partition nobody can delete: they are made with that flag, or
 * not at all (EOPNOTSUPP).
 */
struct hv_rootctl_vp {
	__u32 size;
	__u32 flags;
	__aligned_u64 partition_id;
	__u32 vp_index;
	__u32 hv_status;
	__aligned_u64 proximity_domain_info;
	struct hv_rootctl_retry retry;
};

#define HV_ROOTCTL_VP_CREATE \
	_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_VP_CREATE)
#define HV_ROOTCTL_VP_DELETE \
	_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_VP_DELETE)

/**
 * struct hv_rootctl_pool - ioctl(HV_ROOTCTL_DEPOSIT, HV_ROOTCTL_WITHDRAW)
 * @size: sizeof(struct hv_rootctl_pool)
 * @flags: HV_ROOTCTL_HOLD
 * @partition_id: whose pool; HV_ROOTCTL_SELF for the caller's own
 * @proximity_domain_info: deposit: take the pages from this domain where the
 *	kernel knows it; withdraw: handed to the hypervisor. 0 for any
 * @page_count: how many pages
 * @pages_done: [out] how many were deposited or withdrawn, whatever the
 *	status and the errno
 * @hypercalls: [out] how many hypercalls that took
 * @hv_status: [out] status of the last one
 * @__reserved: must be 0
 *
 * Move pages from the kernel's allocator into a partition's pool, or back.
 * Any number of pages goes in one call; it can be interrupted by a signal.
 * A withdraw that finds the pool empty answers HV_STATUS_NO_RESOURCES.
 *
 * A deposit leaves the kernel a 32nd of its memory, 32 MiB at least, and what
 * its watermarks may keep back: it ends with ENOMEM before that is touched.
 *
 * With HV_ROOTCTL_HOLD, withdrawn pages stay with the file, and a deposit
 * takes them from there: it ends with ENOENT when the file holds no more, and
 * no domain can be chosen (EINVAL). Pages that are refused are held as before.
 * HV_ROOTCTL_QUERY tells how many are held.
 *
 * A deposit that is refused half way leaves the accepted part in the pool. A
 * withdraw counts the pages that are the kernel's again; a page that did not
 * come from this pool through this module is left alone and counted as
 * quarantined instead, see HV_ROOTCTL_QUERY. After EPROTO a pool may hold
 * pages that are not counted as done; withdraw takes them out.
 */
struct hv_rootctl_pool {
	__u32 size;
	__u32 flags;
	__aligned_u64 partition_id;
	__aligned_u64 proximity_domain_info;
	__aligned_u64 page_count;
	__aligned_u64 pages_done;
	__aligned_u64 hypercalls;
	__u32 hv_status;
	__u32 __reserved;
};

#define HV_ROOTCTL_DEPOSIT _IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_DEPOSIT)
#define HV_ROOTCTL_WITHDRAW _IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_WITHDRAW)

/**
 * struct hv_rootctl_balance - ioctl(HV_ROOTCTL_BALANCE)
 * @size: sizeof(struct hv_rootctl_balance)
 * @flags: must be 0
 * @partition_id: whose pool; HV_ROOTCTL_SELF for the caller's own
 * @proximity_domain_info: HV_PROXIMITY_DOMAIN_INFO; 0 for all
 * @pages_available: [out] pages that can be had
 * @pages_in_use: [out] pages that the hypervisor uses
 * @hv_status: [out] status of the hypercall
 * @__reserved: must be 0
 */
struct hv_rootctl_balance {
	__u32 size;
	__u32 flags;
	__aligned_u64 partition_id;
	__aligned_u64 proximity_domain_info;
	__aligned_u64 pages_available;
	__aligned_u64 pages_in_use;
	__u32 hv_status;
	__u32 __reserved;
};

#define HV_ROOTCTL_BALANCE _IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_BALANCE)

/**
 * struct hv_rootctl_map - ioctl(HV_ROOTCTL_MAP)
 * @size: sizeof(struct hv_rootctl_map)
 * @flags: HV_ROOTCTL_DETACHED
 * @partition_id: which partition
 * @gpa: guest physical address in bytes, page aligned
 * @user_addr: address of the caller's memory, page aligned
 * @length: bytes, a multiple of the page size
 * @map_flags: HV_MAP_GPA_READABLE and so on
 * @hv_status: [out] status of the last hypercall
 * @bytes_done: [out] how many bytes are mapped; on failure what had been
 *	mapped is unmapped again and this is 0
 * @retry: when a hypercall is made again, from where it ended
 *
 * Map the caller's memory into a partition. The memory stays pinned until it
 * is unmapped, the partition is finalized, or (without HV_ROOTCTL_DETACHED)
 * the file is closed; it counts against RLIMIT_MEMLOCK until then.
 *
 * The caller's own partition cannot be the target, and of @map_flags only the
 * rights and HV_MAP_GPA_ADJUSTABLE are supported: EOPNOTSUPP.
 */
struct hv_rootctl_map {
	__u32 size;
	__u32 flags;
	__aligned_u64 partition_id;
	__aligned_u64 gpa;
	__aligned_u64 user_addr;
	__aligned_u64 length;
	__u32 map_flags;
	__u32 hv_status;
	__aligned_u64 bytes_done;
	struct hv_rootctl_retry retry;
};

#define HV_ROOTCTL_MAP _IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_MAP)

/**
 * struct hv_rootctl_unmap - ioctl(HV_ROOTCTL_UNMAP)
 * @size: sizeof(struct hv_rootctl_unmap)
 * @flags: must be 0
 * @partition_id: which partition
 * @gpa: guest physical address in bytes, page aligned
 * @length: bytes, a multiple of the page size; a range as it was mapped
 * @bytes_done: [out] how many bytes were unmapped
 * @hv_status: [out] status of the last hypercall
 * @__reserved: must be 0
 * @retry: when a hypercall is made again, from where it ended
 */
struct hv_rootctl_unmap {
	__u32 size;
	__u32 flags;
	__aligned_u64 partition_id;
	__aligned_u64 gpa;
	__aligned_u64 length;
	__aligned_u64 bytes_done;
	__u32 hv_status;
	__u32 __reserved;
	struct hv_rootctl_retry retry;
};

#define HV_ROOTCTL_UNMAP _IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_UNMAP)

/**
 * struct hv_rootctl_access - ioctl(HV_ROOTCTL_READ_GPA, HV_ROOTCTL_WRITE_GPA)
 * @size: sizeof(struct hv_rootctl_access)
 * @flags: must be 0
 * @partition_id: which partition
 * @gpa: guest physical address in bytes, any alignment
 * @length: bytes, any number
 * @user_addr: the caller's buffer, any alignment
 * @vp_index: as which virtual processor the access is made
 * @cache_type: HV_CACHE_TYPE_*; usually write-back (6)
 * @bytes_done: [out] how many bytes were read or written for certain
 * @fail_gpa: [out] the guest physical address of the piece that was refused,
 *	when @hv_status or @access_result is not 0
 * @hv_status: [out] status of the last hypercall
 * @access_result: [out] its access result; only valid when @hv_status is 0.
 *	0: done. Anything else: that piece was not read or written
 *
 * The access is split at 16 bytes and at page boundaries and stops at the
 * first piece that is refused.
 */
struct hv_rootctl_access {
	__u32 size;
	__u32 flags;
	__aligned_u64 partition_id;
	__aligned_u64 gpa;
	__aligned_u64 length;
	__aligned_u64 user_addr;
	__u32 vp_index;
	__u32 cache_type;
	__aligned_u64 bytes_done;
	__aligned_u64 fail_gpa;
	__u32 hv_status;
	__u32 access_result;
};

#define HV_ROOTCTL_READ_GPA _IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_READ_GPA)
#define HV_ROOTCTL_WRITE_GPA \
	_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_WRITE_GPA)

/* Write the guest's memory; without this flag, read it. */
#define HV_ROOTCTL_LIST_WRITE (1U << 0)

/**
 * struct hv_rootctl_access_entry - a range of guest memory and its buffer
 * @gpa: guest physical address in bytes, any alignment
 * @length: bytes, any number, 0 too
 * @user_addr: the caller's buffer, any alignment
 */
struct hv_rootctl_access_entry {
	__aligned_u64 gpa;
	__aligned_u64 length;
	__aligned_u64 user_addr;
};

/**
 * struct hv_rootctl_access_list - ioctl(HV_ROOTCTL_ACCESS_LIST)
 * @size: sizeof(struct hv_rootctl_access_list)
 * @flags: HV_ROOTCTL_LIST_WRITE
 * @partition_id: which partition
 * @entries: address of an array of struct hv_rootctl_access_entry
 * @entry_count: how many there are
 * @vp_index: as which virtual processor the accesses are made
 * @cache_type: HV_CACHE_TYPE_*; usually write-back (6)
 * @entries_done: [out] how many entries were completed: the index of the one
 *	that @fail_gpa or the errno is about, when there is one
 * @bytes_done: [out] how many bytes were read or written for certain, of all
 *	entries together
 * @fail_gpa: [out] the guest physical address of the piece that was refused,
 *	when @hv_status or @access_result is not 0
 * @hv_status: [out] status of the last hypercall
 * @access_result: [out] its access result; only valid when @hv_status is 0
 *
 * One HV_ROOTCTL_READ_GPA or HV_ROOTCTL_WRITE_GPA after the other, in the
 * order of the array, up to the first piece that is refused. An entry is
 * looked at when its turn comes: those before one that is not valid are done.
 */
struct hv_rootctl_access_list {
	__u32 size;
	__u32 flags;
	__aligned_u64 partition_id;
	__aligned_u64 entries;
	__u32 entry_count;
	__u32 vp_index;
	__u32 cache_type;
	__u32 entries_done;
	__aligned_u64 bytes_done;
	__aligned_u64 fail_gpa;
	__u32 hv_status;
	__u32 access_result;
};

#define HV_ROOTCTL_ACCESS_LIST \
	_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_ACCESS_LIST)

/**
 * struct hv_rootctl_progress - ioctl(HV_ROOTCTL_PROGRESS)
 * @size: sizeof(struct hv_rootctl_progress)
 * @flags: must be 0
 * @command: [out] HV_ROOTCTL_CMD_* of the ioctl of this file that is under
 *	way, 0 when there is none
 * @__reserved: must be 0
 * @done: [out] how far it has come, or the last one came: pages of a deposit
 *	or withdraw, bytes of anything else that has a number of them
 *
 * The only ioctl that does not wait for another one of the same file: for a
 * second thread, or a process that has inherited the file.
 */
struct hv_rootctl_progress {
	__u32 size;
	__u32 flags;
	__u32 command;
	__u32 __reserved;
	__aligned_u64 done;
};

#define HV_ROOTCTL_PROGRESS \
	_IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_PROGRESS)

/**
 * struct hv_rootctl_raw - ioctl(HV_ROOTCTL_RAW)
 * @size: sizeof(struct hv_rootctl_raw)
 * @flags: must be 0
 * @code: call code
 * @rep_count: repetitions of a rep call; 0 for a simple one
 * @rep_start: the first of them to make
 * @input_size: bytes of input: what the call has, and a list of @rep_count
 *	elements where it has one
 * @output_size: bytes of output, likewise
 * @reps_done: [out] repetitions done for certain, from the first one of all on
 * @input: address of the input
 * @output: address of room for the output; what the hypervisor does not write
 *	is 0
 * @hv_status: [out] status of the hypercall
 * @__reserved: must be 0
 *
 * One hypercall as it is, for experiments. The module knows the sizes of the
 * calls that it lets through, and lets none through that moves pages in or
 * out of anything, or makes or ends a partition: EOPNOTSUPP. Off by default:
 * it takes the parameter raw_calls of the module, CAP_SYS_RAWIO, and a kernel
 * that is not locked down.
 */
struct hv_rootctl_raw {
	__u32 size;
	__u32 flags;
	__u32 code;
	__u32 rep_count;
	__u32 rep_start;
	__u32 input_size;
	__u32 output_size;
	__u32 reps_done;
	__aligned_u64 input;
	__aligned_u64 output;
	__u32 hv_status;
	__u32 __reserved;
};

#define HV_ROOTCTL_RAW _IO(HV_ROOTCTL_IOCTL_TYPE, HV_ROOTCTL_CMD_RAW)

#endif
