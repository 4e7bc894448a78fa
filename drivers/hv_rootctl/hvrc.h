/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The driver's own view of things: one instance per transport, files that
 * are open on it, and the partitions it has something to do with.
 *
 * Locks, outermost first:
 *   hvrc_file.lock       one ioctl at a time per file
 *   hvrc_partition.lock  what moves into and out of a partition: held from
 *                        before the hypercall until the books agree with it;
 *                        where two are, the caller's own partition's is inner
 *   hvrc.lock            the table of partitions, and who owns them: not for
 *                        the look-up of one that is there
 * Which pages are in a partition's pool is known without a lock, see ledger.c.
 */
#ifndef HVRC_H
#define HVRC_H

#include <linux/atomic.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include <linux/hv_rootctl.h>

#include "hypercall.h"
#include "ledger.h"

struct dentry;

/**
 * struct hvrc - the driver on one transport
 * @transport: way to the hypervisor
 * @misc: /dev/hv_rootctl
 * @caller: for calls that no file makes, at start and at stop
 * @self_id: id of the caller's own partition, HV_ROOTCTL_SELF when unknown
 * @lock: guards what changes in @partitions, and the owner of each; a look-up
 *	is under RCU
 * @partitions: partition id to struct hvrc_partition
 * @held: pages that the hypervisor may use: deposited or mapped; while there
 *	are any, the transport's module cannot go
 * @deposited: of them, those in pools
 * @quarantined: page numbers that withdraws returned and that are not in the
 *	ledger of that pool
 * @withdrawn: pages that withdraws returned to the kernel
 * @kept: pages that files hold
 * @feeds: deposits that no user asked for, made because the hypervisor did
 * @fed: pages that these put into pools
 * @api_callers: for the calls of other modules, with interrupts off
 * @xmm: HvWriteGpa is made in XMM registers; ends when that is refused
 * @stats: of the hypercalls that were made
 * @debugfs: where they can be read
 */
struct hvrc {
	const struct hvrc_transport *transport;
	struct miscdevice misc;
	struct hvrc_caller caller;
	u64 self_id;

	struct mutex lock; /* the table of partitions and who owns them */
	struct xarray partitions;

	atomic64_t held;
	atomic64_t deposited;
	atomic64_t quarantined;
	atomic64_t withdrawn;
	atomic64_t kept;
	atomic64_t feeds;
	atomic64_t fed;
	struct hvrc_caller __percpu *api_callers;
	bool xmm;

	struct hvrc_stats __percpu *stats;
	struct dentry *debugfs;
};

/**
 * struct hvrc_file - an open file
 * @hv: the driver
 * @lock: held by an ioctl from its beginning to its end
 * @caller: guarded by @lock
 * @hold: pages that the file withdrew to keep them; guarded by @lock
 * @command: number of the ioctl under way, 0 for none; anybody may read it
 * @touched: ids of partitions where something is the file's, or was, or was to
 *	be; guarded by @lock
 */
struct hvrc_file {
	struct hvrc *hv;
	struct mutex lock; /* one ioctl at a time */
	struct hvrc_caller caller;
	struct hvrc_hold hold;
	u32 command;
	struct xarray touched;
};

/* Nobody can become a user any more. */
#define HVRC_PARTITION_GONE INT_MIN

/**
 * struct hvrc_partition - what the driver has to do with a partition
 * @id: partition id; the number, also for the caller's own where it is known
 * @users: calls under way; HVRC_PARTITION_GONE when it leaves the table, which
 *	hvrc.lock guards
 * @owner: file whose end is the partition's end; guarded by hvrc.lock
 * @orphan: its owner is closed, but the hypervisor refused a part of the
 *	teardown, to be tried again; guarded by hvrc.lock
 * @lock: held over hypercalls that move something in or out
 * @ledger: which pages are in its pool
 * @fed: how many of them hvrc_feed() put there, as far as is known; guarded
 *	by @lock
 * @quarantined: of hvrc.quarantined, those from its pool; told when the
 *	partition is deleted
 * @rcu: to free the record
 * @mapped_pages: pages pinned for its mappings; guarded by @lock
 * @mapped_blocks: in so many pieces of memory; guarded by @lock
 * @mappings: struct hvrc_mapping, in the order of their guest pages; guarded by
 *	@lock, but whether there are any
 * @vps: struct hvrc_vp of those that end with a file; guarded by @lock, but
 *	whether there are any
 *
 * There is a record for as long as one of these says something. It does not
 * mean that the hypervisor knows such a partition. The memory lasts an RCU
 * grace period longer, for look-ups and for the calls of other modules.
 */
struct hvrc_partition {
	u64 id;
	atomic_t users;
	struct hvrc_file *owner;
	bool orphan;

	struct mutex lock; /* pool, mappings, VPs, and the hypercalls on them */
	struct hvrc_ledger ledger;
	u64 fed;
	atomic64_t quarantined;
	struct rcu_head rcu;
	u64 mapped_pages;
	u64 mapped_blocks;
	struct rb_root mappings;
	struct list_head vps;
};

/* main.c */
struct hvrc *hvrc_create(const struct hvrc_transport *transport);
u32 hvrc_report_leaks(struct hvrc *hv);
void hvrc_destroy(struct hvrc *hv);
struct hvrc_file *hvrc_file_create(struct hvrc *hv);
void hvrc_file_destroy(struct hvrc_file *file);
long hvrc_file_ioctl(struct hvrc_file *file, unsigned int cmd,
		     unsigned long arg);
void hvrc_hold(struct hvrc *hv, u64 pages);
void hvrc_drop(struct hvrc *hv, u64 pages);
void hvrc_started_do(void (*fn)(struct hvrc *hv));

/* adopt.c */
extern bool hvrc_adopt;
u32 hvrc_adopt_pages(u64 *pfns, u32 own, u32 count);

/* pool.c */
int hvrc_deposit(struct hvrc_file *file, void *arg);
int hvrc_withdraw(struct hvrc_file *file, void *arg);
int hvrc_balance(struct hvrc_file *file, void *arg);
void hvrc_quarantine(struct hvrc *hv, struct hvrc_partition *p, u64 id, u64 pfn,
		     u32 count);
void hvrc_report_quarantine(struct hvrc_partition *p);
int hvrc_drain(struct hvrc *hv, struct hvrc_caller *caller,
	       struct hvrc_partition *p, u64 pages, u32 *status);
int hvrc_feed(struct hvrc *hv, struct hvrc_caller *caller,
	      struct hvrc_partition *p, u32 pages, bool adjacent, u32 *done,
	      u32 *status);
void hvrc_feed_back(struct hvrc *hv, struct hvrc_caller *caller,
		    struct hvrc_partition *locked);

/* map.c */
int hvrc_map(struct hvrc_file *file, void *arg);
int hvrc_unmap(struct hvrc_file *file, void *arg);
void hvrc_mappings_close(struct hvrc *hv, struct hvrc_caller *caller,
			 struct hvrc_partition *p, struct hvrc_file *owner);
void hvrc_mappings_release(struct hvrc *hv, struct hvrc_partition *p);

/* gpa.c */
int hvrc_gpa_page(struct hvrc_caller *caller, struct hv_rootctl_access *args,
		  bool write, u64 gpa, void *data, u32 length, u32 *done);
int hvrc_read_gpa(struct hvrc_file *file, void *arg);
int hvrc_write_gpa(struct hvrc_file *file, void *arg);
int hvrc_access_list(struct hvrc_file *file, void *arg);

/* partition.c */
struct hvrc_partition *hvrc_partition_get(struct hvrc *hv, u64 id);
void hvrc_partition_put(struct hvrc *hv, struct hvrc_partition *p);
void hvrc_partition_free(struct hvrc_partition *p);
void hvrc_partitions_close(struct hvrc *hv, struct hvrc_caller *caller,
			   struct hvrc_file *owner);
int hvrc_partition_touch(struct hvrc_file *file, u64 id);
u64 hvrc_partition_self(struct hvrc_caller *caller);
int hvrc_partition_create(struct hvrc_file *file, void *arg);
int hvrc_partition_initialize(struct hvrc_file *file, void *arg);
int hvrc_partition_finalize(struct hvrc_file *file, void *arg);
int hvrc_partition_delete(struct hvrc_file *file, void *arg);
int hvrc_partition_next(struct hvrc_file *file, void *arg);

/* raw.c */
extern bool hvrc_raw_calls; /* the module parameter that allows them */
int hvrc_raw(struct hvrc_file *file, void *arg);

/* xmm.c */
extern bool hvrc_xmm_wanted; /* the module parameter */
void hvrc_xmm_start(struct hvrc *hv);

/* vp.c */
int hvrc_vp_create(struct hvrc_file *file, void *arg);
int hvrc_vp_delete(struct hvrc_file *file, void *arg);
void hvrc_vps_close(struct hvrc_caller *caller, struct hvrc_partition *p,
		    struct hvrc_file *owner);
void hvrc_vps_release(struct hvrc_partition *p);

#endif
