// SPDX-License-Identifier: GPL-2.0
/*
 * hv_rootctl_lib: the device /dev/hv_rootctl on whatever transport is there,
 * its files, and the ioctl table.
 */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <hv/memory.h>
#include <hv/partition.h>

#include "api.h"
#include "hvrc.h"
#include "stats.h"

/**
 * hvrc_hold - the hypervisor may use pages of this kernel
 * @hv: the driver
 * @pages: how many more
 *
 * As long as there are any, the transport's module stays: without the driver
 * nobody would know whose they are.
 *
 * Context: any; a file of the driver is open.
 */
void hvrc_hold(struct hvrc *hv, u64 pages)
{
	if (pages && atomic64_fetch_add(pages, &hv->held) == 0)
		__module_get(hv->transport->owner);
}

/**
 * hvrc_drop - the hypervisor cannot use pages any more
 * @hv: the driver
 * @pages: how many fewer
 *
 * Context: any; a file of the driver is open.
 */
void hvrc_drop(struct hvrc *hv, u64 pages)
{
	if (pages && atomic64_sub_return(pages, &hv->held) == 0)
		module_put(hv->transport->owner);
}

static int hvrc_query(struct hvrc_file *file, void *arg)
{
	struct hv_rootctl_query *args = arg;
	struct hvrc *hv = file->hv;
	u64 deposited = atomic64_read(&hv->deposited);
	u64 held = atomic64_read(&hv->held);

	args->transport = hv->transport->id;
	args->page_size = HV_PAGE_SIZE;
	args->partition_id = hv->self_id;
	args->privileges = hv->transport->privileges;
	args->withdraw_batch = HV_WITHDRAW_MAX;
	args->deposit_batch = HV_DEPOSIT_MAX;
	args->map_batch = HV_MAP_GPA_MAX;
	args->access_batch = HV_ACCESS_GPA_MAX;
	args->pages_deposited = deposited;
	/* The two were not read at the same time. */
	args->pages_mapped = held > deposited ? held - deposited : 0;
	args->pages_quarantined = atomic64_read(&hv->quarantined);
	args->pages_withdrawn = atomic64_read(&hv->withdrawn);
	args->pages_held = atomic64_read(&hv->kept);
	args->pages_held_here = file->hold.pages;
	args->auto_deposits = atomic64_read(&hv->feeds);
	args->auto_deposited = atomic64_read(&hv->fed);
	args->features = static_key_enabled(&hvrc_stats_on) ?
				 HV_ROOTCTL_FEATURE_STATS : 0;
	if (READ_ONCE(hvrc_raw_calls))
		args->features |= HV_ROOTCTL_FEATURE_RAW;
	args->write_gpa_form = READ_ONCE(hv->xmm) ? HV_ROOTCTL_FORM_XMM :
						    HV_ROOTCTL_FORM_MEMORY;
	return 0;
}

static int hvrc_progress(struct hvrc_file *file, void *arg)
{
	struct hv_rootctl_progress *args = arg;

	args->command = READ_ONCE(file->command);
	args->done = READ_ONCE(file->caller.progress);
	return 0;
}

/* Every structure begins like this. */
struct hvrc_ioctl_head {
	u32 size;
	u32 flags;
};

union hvrc_ioctl_buffer {
	struct hvrc_ioctl_head head;
	struct hv_rootctl_query query;
	struct hv_rootctl_partition_create create;
	struct hv_rootctl_partition partition;
	struct hv_rootctl_partition_next next;
	struct hv_rootctl_vp vp;
	struct hv_rootctl_pool pool;
	struct hv_rootctl_balance balance;
	struct hv_rootctl_map map;
	struct hv_rootctl_unmap unmap;
	struct hv_rootctl_access access;
	struct hv_rootctl_access_list list;
	struct hv_rootctl_progress progress;
	struct hv_rootctl_raw raw;
};

/**
 * struct hvrc_ioctl_op - the contract of an ioctl
 * @cmd: its number
 * @size: of its structure, as this kernel knows it
 * @min_size: up to the end of the last mandatory field
 * @flags: that are defined
 * @reserved: offset of the u32 that must be 0; 0: there is none
 * @lockless: does not wait for another ioctl of the same file
 * @handler: writes all fields marked [out], whatever it returns
 */
struct hvrc_ioctl_op {
	unsigned int cmd;
	u16 size;
	u16 min_size;
	u32 flags;
	u16 reserved;
	bool lockless;
	int (*handler)(struct hvrc_file *file, void *arg);
};

#define HVRC_OP(_cmd, _type, _last, _handler)                   \
	.cmd = (_cmd),                                          \
	.size = sizeof(_type) + BUILD_BUG_ON_ZERO(              \
		sizeof(_type) > sizeof(union hvrc_ioctl_buffer)), \
	.min_size = offsetofend(_type, _last),                  \
	.handler = (_handler)

/* In the order of their numbers. */
static const struct hvrc_ioctl_op hvrc_ioctl_ops[] = {
	{ HVRC_OP(HV_ROOTCTL_BALANCE, struct hv_rootctl_balance, __reserved,
		  hvrc_balance),
	  .reserved = offsetof(struct hv_rootctl_balance, __reserved) },
	{ HVRC_OP(HV_ROOTCTL_DEPOSIT, struct hv_rootctl_pool, __reserved,
		  hvrc_deposit),
	  .flags = HV_ROOTCTL_HOLD,
	  .reserved = offsetof(struct hv_rootctl_pool, __reserved) },
	{ HVRC_OP(HV_ROOTCTL_MAP, struct hv_rootctl_map, bytes_done, hvrc_map),
	  .flags = HV_ROOTCTL_DETACHED },
	{ HVRC_OP(HV_ROOTCTL_PARTITION_CREATE,
		  struct hv_rootctl_partition_create, partition_id,
		  hvrc_partition_create),
	  .flags = HV_ROOTCTL_DETACHED },
	{ HVRC_OP(HV_ROOTCTL_PARTITION_DELETE, struct hv_rootctl_partition,
		  __reserved, hvrc_partition_delete),
	  .reserved = offsetof(struct hv_rootctl_partition, __reserved) },
	{ HVRC_OP(HV_ROOTCTL_PARTITION_FINALIZE, struct hv_rootctl_partition,
		  __reserved, hvrc_partition_finalize),
	  .reserved = offsetof(struct hv_rootctl_partition, __reserved) },
	{ HVRC_OP(HV_ROOTCTL_PARTITION_INITIALIZE, struct hv_rootctl_partition,
		  __reserved, hvrc_partition_initialize),
	  .reserved = offsetof(struct hv_rootctl_partition, __reserved) },
	{ HVRC_OP(HV_ROOTCTL_PARTITION_NEXT, struct hv_rootctl_partition_next,
		  __reserved, hvrc_partition_next),
	  .reserved = offsetof(struct hv_rootctl_partition_next, __reserved) },
	{ HVRC_OP(HV_ROOTCTL_QUERY, struct hv_rootctl_query, pages_withdrawn,
		  hvrc_query),
	  .reserved = offsetof(struct hv_rootctl_query, __reserved) },
	{ HVRC_OP(HV_ROOTCTL_READ_GPA, struct hv_rootctl_access, access_result,
		  hvrc_read_gpa) },
	{ HVRC_OP(HV_ROOTCTL_UNMAP, struct hv_rootctl_unmap, __reserved,
		  hvrc_unmap),
	  .reserved = offsetof(struct hv_rootctl_unmap, __reserved) },
	{ HVRC_OP(HV_ROOTCTL_VP_CREATE, struct hv_rootctl_vp,
		  proximity_domain_info, hvrc_vp_create),
	  .flags = HV_ROOTCTL_DETACHED },
	{ HVRC_OP(HV_ROOTCTL_VP_DELETE, struct hv_rootctl_vp,
		  proximity_domain_info, hvrc_vp_delete) },
	{ HVRC_OP(HV_ROOTCTL_WITHDRAW, struct hv_rootctl_pool, __reserved,
		  hvrc_withdraw),
	  .flags = HV_ROOTCTL_HOLD,
	  .reserved = offsetof(struct hv_rootctl_pool, __reserved) },
	{ HVRC_OP(HV_ROOTCTL_WRITE_GPA, struct hv_rootctl_access, access_result,
		  hvrc_write_gpa) },
	{ HVRC_OP(HV_ROOTCTL_ACCESS_LIST, struct hv_rootctl_access_list,
		  access_result, hvrc_access_list),
	  .flags = HV_ROOTCTL_LIST_WRITE },
	{ HVRC_OP(HV_ROOTCTL_PROGRESS, struct hv_rootctl_progress, done,
		  hvrc_progress),
	  .reserved = offsetof(struct hv_rootctl_progress, __reserved),
	  .lockless = true },
	{ HVRC_OP(HV_ROOTCTL_RAW, struct hv_rootctl_raw, __reserved, hvrc_raw),
	  .reserved = offsetof(struct hv_rootctl_raw, __reserved) },
};

static const struct hvrc_ioctl_op *hvrc_ioctl_op(unsigned int cmd)
{
	unsigned int i = _IOC_NR(cmd) - HV_ROOTCTL_CMD_BALANCE;

	if (i >= ARRAY_SIZE(hvrc_ioctl_ops) || hvrc_ioctl_ops[i].cmd != cmd)
		return NULL;
	return &hvrc_ioctl_ops[i];
}

static bool hvrc_ioctl_supported(const struct hvrc_ioctl_op *op,
				 const union hvrc_ioctl_buffer *buf)
{
	if (buf->head.flags & ~op->flags)
		return false;
	return !op->reserved || !*(u32 *)((void *)buf + op->reserved);
}

/* One at a time, and known to those who ask for its progress. */
static int hvrc_ioctl_locked(struct hvrc_file *file,
			     const struct hvrc_ioctl_op *op, void *arg)
{
	int err;

	if (mutex_lock_killable(&file->lock))
		return -EINTR;
	WRITE_ONCE(file->caller.progress, 0);
	WRITE_ONCE(file->command, _IOC_NR(op->cmd));
	err = op->handler(file, arg);
	WRITE_ONCE(file->command, 0);
	mutex_unlock(&file->lock);
	return err;
}

/**
 * hvrc_file_ioctl - one ioctl
 * @file: of which file
 * @cmd: HV_ROOTCTL_*
 * @arg: address of its structure in the caller's memory
 *
 * Context: process.
 * Return: 0 or -errno as documented in the UAPI header.
 */
long hvrc_file_ioctl(struct hvrc_file *file, unsigned int cmd,
		     unsigned long arg)
{
	const struct hvrc_ioctl_op *op = hvrc_ioctl_op(cmd);
	struct hvrc_ioctl_head __user *user = (void __user *)arg;
	union hvrc_ioctl_buffer buf = {};
	u32 size;
	int err;

	if (!op)
		return -ENOIOCTLCMD;
	if (get_user(size, &user->size))
		return -EFAULT;
	if (size < op->min_size)
		return -EINVAL;
	/* All of what this kernel does not know is looked at. */
	if (size > PAGE_SIZE)
		return -E2BIG;
	err = copy_struct_from_user(&buf, op->size, user, size);
	if (err)
		return err;
	if (!hvrc_ioctl_supported(op, &buf))
		return -EOPNOTSUPP;

	err = op->lockless ? op->handler(file, &buf) :
			     hvrc_ioctl_locked(file, op, &buf);

	/* What was done is told also when the end was not reached. */
	if (copy_to_user(user, &buf, min_t(u32, size, op->size)))
		return -EFAULT;
	return err;
}

/**
 * hvrc_file_create - an open file
 * @hv: the driver
 *
 * Context: may sleep.
 * Return: the file, or ERR_PTR(-ENOMEM).
 */
struct hvrc_file *hvrc_file_create(struct hvrc *hv)
{
	struct hvrc_file *file;

	file = kzalloc(sizeof(*file), GFP_KERNEL);
	if (!file)
		return ERR_PTR(-ENOMEM);
	if (hvrc_caller_init(&file->caller, hv->transport)) {
		kfree(file);
		return ERR_PTR(-ENOMEM);
	}
	file->caller.stats = hv->stats;
	file->caller.xmm = &hv->xmm;
	file->hv = hv;
	mutex_init(&file->lock);
	hvrc_hold_init(&file->hold);
	xa_init(&file->touched);
	return file;
}

/**
 * hvrc_file_destroy - close a file, and end what belongs to it
 * @file: from hvrc_file_create()
 *
 * Context: may sleep; no ioctl is under way.
 */
void hvrc_file_destroy(struct hvrc_file *file)
{
	hvrc_partitions_close(file->hv, &file->caller, file);
	atomic64_sub(file->hold.pages, &file->hv->kept);
	hvrc_hold_free(&file->hold);
	xa_destroy(&file->touched);
	hvrc_caller_destroy(&file->caller);
	mutex_destroy(&file->lock);
	kfree(file);
}

static int hvrc_fop_open(struct inode *inode, struct file *filp)
{
	struct hvrc *hv = container_of(filp->private_data, struct hvrc, misc);
	struct hvrc_file *file;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!try_module_get(hv->transport->owner))
		return -ENODEV;
	file = hvrc_file_create(hv);
	if (IS_ERR(file)) {
		module_put(hv->transport->owner);
		return PTR_ERR(file);
	}
	filp->private_data = file;
	return nonseekable_open(inode, filp);
}

static int hvrc_fop_release(struct inode *inode, struct file *filp)
{
	struct hvrc_file *file = filp->private_data;
	struct module *owner = file->hv->transport->owner;

	hvrc_file_destroy(file);
	module_put(owner);
	return 0;
}

static long hvrc_fop_ioctl(struct file *filp, unsigned int cmd,
			   unsigned long arg)
{
	return hvrc_file_ioctl(filp->private_data, cmd, arg);
}

static const struct file_operations hvrc_fops = {
	.owner = THIS_MODULE,
	.open = hvrc_fop_open,
	.release = hvrc_fop_release,
	.unlocked_ioctl = hvrc_fop_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/**
 * hvrc_create - bring the driver to life on a transport, without a device
 * @transport: way to the hypervisor; must outlive the driver
 *
 * Context: may sleep.
 * Return: the driver, or ERR_PTR(-ENOMEM).
 */
struct hvrc *hvrc_create(const struct hvrc_transport *transport)
{
	struct hvrc *hv;

	hv = kzalloc(sizeof(*hv), GFP_KERNEL);
	if (!hv)
		return ERR_PTR(-ENOMEM);
	if (hvrc_caller_init(&hv->caller, transport)) {
		kfree(hv);
		return ERR_PTR(-ENOMEM);
	}
	if (hvrc_stats_init(hv)) {
		hvrc_caller_destroy(&hv->caller);
		kfree(hv);
		return ERR_PTR(-ENOMEM);
	}
	hv->caller.stats = hv->stats;
	hv->transport = transport;
	if (hvrc_api_init(hv)) {
		hvrc_stats_destroy(hv);
		hvrc_caller_destroy(&hv->caller);
		kfree(hv);
		return ERR_PTR(-ENOMEM);
	}
	hv->misc = (struct miscdevice){
		.minor = MISC_DYNAMIC_MINOR,
		.name = "hv_rootctl",
		.mode = 0600,
		.fops = &hvrc_fops,
	};
	mutex_init(&hv->lock);
	xa_init(&hv->partitions);
	hv->self_id = HV_ROOTCTL_SELF;
	if (transport->privileges & HV_PRIVILEGE(ACCESS_PARTITION_ID))
		hv->self_id = hvrc_partition_self(&hv->caller);
	return hv;
}

/**
 * hvrc_report_leaks - say in the log what will not come back
 * @hv: the driver, at its end
 *
 * Numbers of pages, and no page's number.
 *
 * Context: may sleep; no file is open.
 * Return: of how many partitions.
 */
u32 hvrc_report_leaks(struct hvrc *hv)
{
	u64 quarantined = atomic64_read(&hv->quarantined);
	struct hvrc_partition *p;
	unsigned long id;
	u32 leaks = 0;

	xa_for_each(&hv->partitions, id, p) {
		hvrc_report_quarantine(p);
		if (!hvrc_ledger_pages(&p->ledger) && !p->mapped_pages)
			continue;
		pr_err("hv_rootctl: partition %llu: %llu pages in its pool and %llu mapped stay with the hypervisor for ever\n",
		       p->id, hvrc_ledger_pages(&p->ledger), p->mapped_pages);
		leaks++;
	}
	if (quarantined)
		pr_notice("hv_rootctl: %llu page numbers that the hypervisor returned were not believed, and those pages are with whoever has them\n",
			  quarantined);
	return leaks;
}

/**
 * hvrc_destroy - the end of the driver
 * @hv: from hvrc_create(); no file is open
 *
 * What could not be torn down when its file was closed is tried once more.
 * Pages that the hypervisor keeps nevertheless are given up: better lost than
 * in the allocator. That only happens when the driver's module is removed by
 * force, because it does not go while there are any.
 *
 * Context: may sleep.
 */
void hvrc_destroy(struct hvrc *hv)
{
	struct hvrc_partition *p;
	unsigned long id;

	hvrc_debugfs_destroy(hv);
	hvrc_partitions_close(hv, &hv->caller, NULL);
	hvrc_report_leaks(hv);
	xa_for_each(&hv->partitions, id, p)
		hvrc_partition_free(p);
	xa_destroy(&hv->partitions);
	hvrc_api_destroy(hv);
	hvrc_caller_destroy(&hv->caller);
	hvrc_stats_destroy(hv);
	mutex_destroy(&hv->lock);
	kfree(hv);
}

static DEFINE_MUTEX(hvrc_start_lock);
static struct hvrc *hvrc_started; /* guarded by hvrc_start_lock */

/* Name the privileges that a root partition has and this caller has not. */
static void hvrc_log_not_root(const struct hvrc_transport *transport)
{
	u64 lack = ~transport->privileges;

	if (transport->privileges & HV_PRIVILEGE(ISOLATION)) {
		pr_err("hv_rootctl: %s: this is an isolated guest, not the root partition\n",
		       transport->name);
		return;
	}
	pr_err("hv_rootctl: %s: this is not the root partition, it lacks%s%s%s\n",
	       transport->name,
	       lack & HV_PRIVILEGE(CREATE_PARTITIONS) ? " CreatePartitions" : "",
	       lack & HV_PRIVILEGE(ACCESS_MEMORY_POOL) ? " AccessMemoryPool" : "",
	       lack & HV_PRIVILEGE(CPU_MANAGEMENT) ? " CpuManagement" : "");
}

/**
 * hvrc_started_do - do something with the driver, if there is one
 * @fn: what; the driver stays meanwhile
 *
 * Context: may sleep.
 */
void hvrc_started_do(void (*fn)(struct hvrc *hv))
{
	mutex_lock(&hvrc_start_lock);
	if (hvrc_started)
		fn(hvrc_started);
	mutex_unlock(&hvrc_start_lock);
}

static int hvrc_start_on(const struct hvrc_transport *transport)
{
	struct hvrc *hv;
	int err;

	hv = hvrc_create(transport);
	if (IS_ERR(hv))
		return PTR_ERR(hv);
	err = misc_register(&hv->misc);
	if (err) {
		hvrc_destroy(hv);
		return err;
	}
	hvrc_xmm_start(hv);
	hvrc_debugfs_create(hv);
	hvrc_started = hv;
	hvrc_api_offer(hv);
	pr_info("hv_rootctl: /dev/hv_rootctl over %s\n", transport->name);
	return 0;
}

/**
 * hvrc_start - offer /dev/hv_rootctl over a transport
 * @transport: must stay valid until hvrc_stop()
 *
 * Context: may sleep.
 * Return: 0; -ENODEV when the caller is not a root partition, with a line in
 * the log that says why; -EBUSY when there is another transport; -errno.
 */
int hvrc_start(const struct hvrc_transport *transport)
{
	int err;

	if (!hv_privileges_are_root(transport->privileges)) {
		hvrc_log_not_root(transport);
		return -ENODEV;
	}
	mutex_lock(&hvrc_start_lock);
	if (hvrc_started) {
		pr_err("hv_rootctl: %s: the device is there already, over %s\n",
		       transport->name, hvrc_started->transport->name);
		err = -EBUSY;
	} else {
		err = hvrc_start_on(transport);
	}
	mutex_unlock(&hvrc_start_lock);
	return err;
}
EXPORT_SYMBOL_GPL(hvrc_start);

/**
 * hvrc_stop - take /dev/hv_rootctl away
 *
 * For the exit of the module that called hvrc_start() with success. No file
 * is open then: each of them holds that module.
 *
 * Context: may sleep.
 */
void hvrc_stop(void)
{
	mutex_lock(&hvrc_start_lock);
	misc_deregister(&hvrc_started->misc);
	hvrc_api_offer(NULL);
	hvrc_destroy(hvrc_started);
	hvrc_started = NULL;
	mutex_unlock(&hvrc_start_lock);
}
EXPORT_SYMBOL_GPL(hvrc_stop);

MODULE_DESCRIPTION("Management hypercalls of a Hyper-V root partition: the driver");
MODULE_LICENSE("GPL");
