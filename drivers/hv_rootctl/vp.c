// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual processors: HvCreateVp, HvDeleteVp. TLFS chapter "Virtual Processor
 * Management".
 */
#include <linux/err.h>
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <hv/partition.h>

#include "retry.h"

/**
 * struct hvrc_vp - a virtual processor that ends with a file
 * @list: in hvrc_partition.vps
 * @index: which of the partition
 * @owner: file whose end is its end; NULL when that is closed, but the
 *	hypervisor did not delete it
 *
 * Guarded by the partition's lock. Of one that is detached nothing is known.
 */
struct hvrc_vp {
	struct list_head list;
	u32 index;
	struct hvrc_file *owner;
};

static void vp_erase(struct hvrc_vp *vp)
{
	list_del(&vp->list);
	kfree(vp);
}

/* There is no such VP, or another one: what was known of it is void. */
static void vp_forget(struct hvrc_partition *p, u32 index)
{
	struct hvrc_vp *vp, *next;

	list_for_each_entry_safe(vp, next, &p->vps, list)
		if (vp->index == index)
			vp_erase(vp);
}

/* A VP that is to be the file's, but is in no list yet. */
static struct hvrc_vp *vp_alloc(struct hvrc_file *file, u64 id, u32 index)
{
	struct hvrc_vp *vp;
	int err;

	err = hvrc_partition_touch(file, id);
	if (err)
		return ERR_PTR(err);
	vp = kzalloc(sizeof(*vp), GFP_KERNEL);
	if (!vp)
		return ERR_PTR(-ENOMEM);
	vp->index = index;
	vp->owner = file;
	return vp;
}

static int vp_create_call(struct hvrc_caller *caller, struct hv_rootctl_vp *args,
			  struct hvrc_retry *retry)
{
	int err;

	do {
		*(struct hv_input_create_vp *)caller->input =
			(struct hv_input_create_vp){
				.partition_id = args->partition_id,
				.vp_index = args->vp_index,
				.proximity_domain_info =
					args->proximity_domain_info,
			};
		err = hvrc_call_simple(caller, HVCALL_CREATE_VP, 0,
				       &args->hv_status);
	} while (hvrc_retry(retry, &err, args->hv_status));
	return err;
}

static int vp_delete_call(struct hvrc_caller *caller, u64 id, u32 index,
			  u32 *status, struct hvrc_retry *retry)
{
	int err;

	BUILD_BUG_ON(offsetof(struct hv_input_delete_vp, vp_index) !=
		     sizeof(id));
	do {
		err = hvrc_call_fast(caller, HVCALL_DELETE_VP, id, index,
				     status);
	} while (hvrc_retry(retry, &err, *status));
	return err;
}

/* Was it deleted, or is it as good as that? */
static bool vp_is_gone(int err, u32 status)
{
	return !err && (status == HV_STATUS_SUCCESS ||
			status == HV_STATUS_INVALID_VP_INDEX ||
			status == HV_STATUS_INVALID_PARTITION_ID);
}

/* Its file is closed. What the hypervisor refuses is tried again. */
static void vp_end(struct hvrc_caller *caller, struct hvrc_partition *p,
		   struct hvrc_vp *vp)
{
	u32 status = HV_ROOTCTL_NO_STATUS;
	const char *name;
	int err;

	err = vp_delete_call(caller, p->id, vp->index, &status, NULL);
	if (vp_is_gone(err, status)) {
		vp_erase(vp);
		return;
	}
	if (vp->owner) {
		name = hv_status_name(status);
		pr_warn_ratelimited("hv_rootctl: VP %u of partition %llu cannot be deleted (error %d, status %#x %s); will be tried again\n",
				    vp->index, p->id, err, status,
				    name ?: "unknown");
	}
	vp->owner = NULL;
}

/**
 * hvrc_vps_close - delete the VPs of a file, and what is left over
 * @caller: to make hypercalls
 * @p: partition
 * @owner: the file that is being closed, or NULL to see to left-overs only
 *
 * Context: may sleep; @p->lock is held.
 */
void hvrc_vps_close(struct hvrc_caller *caller, struct hvrc_partition *p,
		    struct hvrc_file *owner)
{
	struct hvrc_vp *vp, *next;

	lockdep_assert_held(&p->lock);

	list_for_each_entry_safe(vp, next, &p->vps, list)
		if (!vp->owner || vp->owner == owner)
			vp_end(caller, p, vp);
}

/**
 * hvrc_vps_release - forget all VPs of a partition
 * @p: a partition with which they go, or went
 *
 * Context: any; @p->lock is held, or @p is in no table.
 */
void hvrc_vps_release(struct hvrc_partition *p)
{
	struct hvrc_vp *vp, *next;

	list_for_each_entry_safe(vp, next, &p->vps, list)
		vp_erase(vp);
}

static int vp_create(struct hvrc_file *file, struct hvrc_partition *p,
		     struct hv_rootctl_vp *args, struct hvrc_retry *retry)
{
	struct hvrc_vp *vp = NULL;
	int err;

	if (!(args->flags & HV_ROOTCTL_DETACHED)) {
		/* Nobody can delete those of the caller's own partition. */
		if (p->id == file->hv->self_id)
			return -EOPNOTSUPP;
		vp = vp_alloc(file, p->id, args->vp_index);
		if (IS_ERR(vp))
			return PTR_ERR(vp);
	}
	err = vp_create_call(&file->caller, args, retry);
	if (err || args->hv_status != HV_STATUS_SUCCESS) {
		kfree(vp);
		return err;
	}
	vp_forget(p, args->vp_index);
	if (vp)
		list_add(&vp->list, &p->vps);
	return 0;
}

static int vp_delete(struct hvrc_file *file, struct hvrc_partition *p,
		     struct hv_rootctl_vp *args, struct hvrc_retry *retry)
{
	int err;

	if (args->proximity_domain_info)
		return -EINVAL;
	err = vp_delete_call(&file->caller, args->partition_id, args->vp_index,
			     &args->hv_status, retry);
	if (vp_is_gone(err, args->hv_status))
		vp_forget(p, args->vp_index);
	return err;
}

typedef int (*vp_fn)(struct hvrc_file *file, struct hvrc_partition *p,
		     struct hv_rootctl_vp *args, struct hvrc_retry *retry);

static int vp_run(struct hvrc_file *file, struct hv_rootctl_vp *args, vp_fn fn)
{
	struct hvrc_partition *p;
	struct hvrc_retry retry;
	int err = -EINTR;

	args->hv_status = HV_ROOTCTL_NO_STATUS;
	hvrc_retry_init(&retry, file, &args->retry, args->partition_id, NULL);
	p = hvrc_partition_get(file->hv, args->partition_id);
	if (IS_ERR(p))
		return PTR_ERR(p);
	if (!mutex_lock_interruptible(&p->lock)) {
		retry.locked = p;
		err = fn(file, p, args, &retry);
		mutex_unlock(&p->lock);
	}
	hvrc_partition_put(file->hv, p);
	return err;
}

/**
 * hvrc_vp_create - ioctl(HV_ROOTCTL_VP_CREATE)
 * @file: the caller's file
 * @arg: struct hv_rootctl_vp
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno.
 */
int hvrc_vp_create(struct hvrc_file *file, void *arg)
{
	return vp_run(file, arg, vp_create);
}

/**
 * hvrc_vp_delete - ioctl(HV_ROOTCTL_VP_DELETE)
 * @file: the caller's file
 * @arg: struct hv_rootctl_vp
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno.
 */
int hvrc_vp_delete(struct hvrc_file *file, void *arg)
{
	return vp_run(file, arg, vp_delete);
}
