// SPDX-License-Identifier: GPL-2.0
/*
 * Partitions: the records that the driver keeps of them, their life cycle,
 * and their end when the file that made them is closed. TLFS chapter
 * "Partition Management".
 */
#include <linux/err.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include <hv/partition.h>

#include "retry.h"

static void partition_init(struct hvrc_partition *p)
{
	atomic_set(&p->users, 1);
	mutex_init(&p->lock);
	hvrc_ledger_init(&p->ledger);
	p->mappings = RB_ROOT;
	INIT_LIST_HEAD(&p->vps);
}

/**
 * hvrc_partition_free - free a record that is in no table
 * @p: it
 *
 * Context: may sleep.
 */
void hvrc_partition_free(struct hvrc_partition *p)
{
	hvrc_vps_release(p);
	mutex_destroy(&p->lock);
	kfree_rcu(p, rcu);
}

/*
 * Is the record there, and stays? No lock is taken: partitions that have a
 * record do not get into each other's way.
 */
static struct hvrc_partition *partition_find(struct hvrc *hv, u64 id)
{
	struct hvrc_partition *p;

	rcu_read_lock();
	p = xa_load(&hv->partitions, id);
	if (p && !atomic_inc_unless_negative(&p->users))
		p = NULL;
	rcu_read_unlock();
	return p;
}

/* The record that is in the table by now, or a new one. */
static struct hvrc_partition *partition_make(struct hvrc *hv, u64 id)
{
	struct hvrc_partition *p;
	int err;

	lockdep_assert_held(&hv->lock);

	p = partition_find(hv, id);
	if (p)
		return p;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return ERR_PTR(-ENOMEM);
	partition_init(p);
	p->id = id;
	err = xa_insert(&hv->partitions, id, p, GFP_KERNEL);
	if (!err)
		return p;
	hvrc_partition_free(p);
	return ERR_PTR(err);
}

/**
 * hvrc_partition_get - the record of a partition, made on demand
 * @hv: the driver
 * @id: any number, HV_ROOTCTL_SELF too
 *
 * Context: may sleep.
 * Return: the record, for hvrc_partition_put(); or ERR_PTR(-ENOMEM).
 */
struct hvrc_partition *hvrc_partition_get(struct hvrc *hv, u64 id)
{
	struct hvrc_partition *p;

	if (id == HV_ROOTCTL_SELF)
		id = hv->self_id;

	p = partition_find(hv, id);
	if (p)
		return p;
	mutex_lock(&hv->lock);
	p = partition_make(hv, id);
	mutex_unlock(&hv->lock);
	return p;
}

/* Is it nobody's, and nothing in it, as far as is known here? */
static bool partition_is_empty(struct hvrc_partition *p)
{
	return !READ_ONCE(p->owner) && !READ_ONCE(p->orphan) &&
	       RB_EMPTY_ROOT(&p->mappings) && list_empty(&p->vps) &&
	       !hvrc_ledger_pages(&p->ledger);
}

/* Does nothing but its number keep this record? */
static bool partition_is_blank(struct hvrc_partition *p)
{
	return partition_is_empty(p) && !atomic64_read(&p->quarantined);
}

/*
 * Take a record out of the table that nobody uses and that says nothing.
 * First the door is shut, then it is looked at: so nobody can write something
 * into it that is overlooked.
 */
static struct hvrc_partition *partition_erase(struct hvrc *hv, u64 id)
{
	struct hvrc_partition *p;

	mutex_lock(&hv->lock);
	p = xa_load(&hv->partitions, id);
	if (p && atomic_cmpxchg(&p->users, 0, HVRC_PARTITION_GONE) != 0)
		p = NULL;
	if (p && !partition_is_blank(p)) {
		atomic_set(&p->users, 0);
		p = NULL;
	}
	if (p)
		xa_erase(&hv->partitions, id);
	mutex_unlock(&hv->lock);
	return p;
}

/**
 * hvrc_partition_put - end a call on a partition
 * @hv: the driver
 * @p: from hvrc_partition_get()
 *
 * Context: may sleep; @p->lock is not held.
 */
void hvrc_partition_put(struct hvrc *hv, struct hvrc_partition *p)
{
	u64 id = p->id;
	bool blank;

	/* Once it has no users, another put may free it. */
	rcu_read_lock();
	blank = atomic_dec_and_test(&p->users) && partition_is_blank(p);
	rcu_read_unlock();
	if (!blank)
		return;
	p = partition_erase(hv, id);
	if (p)
		hvrc_partition_free(p);
}

static void partition_set_owner(struct hvrc *hv, struct hvrc_partition *p,
				struct hvrc_file *owner, bool orphan)
{
	mutex_lock(&hv->lock);
	WRITE_ONCE(p->owner, owner);
	WRITE_ONCE(p->orphan, orphan);
	mutex_unlock(&hv->lock);
}

/* Initialize, finalize and delete: all that they take is the partition. */
static int partition_call(struct hvrc_caller *caller, u16 code, u64 id,
			  u32 *status, struct hvrc_retry *retry)
{
	int err;

	BUILD_BUG_ON(sizeof(struct hv_input_partition) != sizeof(id));

	do {
		err = hvrc_call_fast(caller, code, id, 0, status);
	} while (hvrc_retry(retry, &err, *status));
	return err;
}

/*
 * A finalized partition accesses no memory, and none of its VPs can be deleted
 * any more: what was mapped is free, and they go with the partition.
 */
static int partition_finalize(struct hvrc *hv, struct hvrc_caller *caller,
			      struct hvrc_partition *p, u64 id, u32 *status,
			      struct hvrc_retry *retry)
{
	int err;

	err = partition_call(caller, HVCALL_FINALIZE_PARTITION, id, status,
			     retry);
	if (!err && *status == HV_STATUS_SUCCESS) {
		hvrc_vps_release(p);
		hvrc_mappings_release(hv, p);
	}
	return err;
}

/* A partition that the hypervisor does not know is as good as deleted. */
static int partition_delete(struct hvrc *hv, struct hvrc_caller *caller,
			    struct hvrc_partition *p, u64 id, u32 *status,
			    struct hvrc_retry *retry)
{
	int err;

	err = partition_call(caller, HVCALL_DELETE_PARTITION, id, status,
			     retry);
	if (err || (*status != HV_STATUS_SUCCESS &&
		    *status != HV_STATUS_INVALID_PARTITION_ID))
		return err;

	hvrc_vps_release(p);
	hvrc_mappings_release(hv, p);
	partition_set_owner(hv, p, NULL, false);
	hvrc_report_quarantine(p);
	hvrc_feed_back(hv, caller, p);
	if (hvrc_ledger_pages(&p->ledger))
		pr_warn_ratelimited("hv_rootctl: there is no partition %llu any more, but %llu pages did not come back from its pool\n",
				    p->id, hvrc_ledger_pages(&p->ledger));
	return 0;
}

/*
 * Finalize, drain, delete, as far as the hypervisor goes along; VPs go with it.
 * Finalize is refused for a partition that was never initialized or is
 * finalized already; both can be drained and deleted.
 */
static void partition_teardown(struct hvrc *hv, struct hvrc_caller *caller,
			       struct hvrc_partition *p)
{
	u32 status = HV_ROOTCTL_NO_STATUS;
	const char *name;
	int err;

	hvrc_vps_release(p);
	err = partition_finalize(hv, caller, p, p->id, &status, NULL);
	if (!err)
		err = hvrc_drain(hv, caller, p, U64_MAX, &status);
	if (!err)
		err = partition_delete(hv, caller, p, p->id, &status, NULL);
	if (!err && (status == HV_STATUS_SUCCESS ||
		     status == HV_STATUS_INVALID_PARTITION_ID))
		return;

	partition_set_owner(hv, p, NULL, true);
	name = hv_status_name(status);
	pr_warn_ratelimited("hv_rootctl: partition %llu cannot be deleted (error %d, status %#x %s), %llu pages in its pool; will be tried again\n",
			    p->id, err, status, name ?: "unknown",
			    hvrc_ledger_pages(&p->ledger));
}

/* The partition from number *@id on, with one more user. */
static struct hvrc_partition *partition_from(struct hvrc *hv, unsigned long *id)
{
	struct hvrc_partition *p;

	mutex_lock(&hv->lock);
	p = xa_find(&hv->partitions, id, ULONG_MAX, XA_PRESENT);
	if (p)
		atomic_inc(&p->users);
	mutex_unlock(&hv->lock);
	return p;
}

/**
 * hvrc_partition_touch - remember that something in a partition is a file's
 * @file: of which it will be
 * @id: of the partition; not the caller's own
 *
 * To be called before it is made, so that nothing need be undone.
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -ENOMEM.
 */
int hvrc_partition_touch(struct hvrc_file *file, u64 id)
{
	return xa_err(xa_store(&file->touched, id, xa_mk_value(0), GFP_KERNEL));
}

/*
 * Lock a partition to end what belongs to a file. What others left over there
 * is no reason to wait until somebody's call on it is over, which may take for
 * ever: another close sees to that.
 */
static bool partition_lock_for(struct hvrc_partition *p,
			       struct hvrc_file *owner)
{
	if (owner && READ_ONCE(p->owner) != owner &&
	    !xa_load(&owner->touched, p->id))
		return mutex_trylock(&p->lock);
	mutex_lock(&p->lock);
	return true;
}

/* Take apart what is to go of a partition: the VPs and mappings, or all. */
static void partition_close(struct hvrc *hv, struct hvrc_caller *caller,
			    struct hvrc_partition *p, struct hvrc_file *owner)
{
	bool all = p->orphan || (owner && p->owner == owner);

	lockdep_assert_held(&p->lock);

	if (!all)
		hvrc_vps_close(caller, p, owner);
	hvrc_mappings_close(hv, caller, p, owner);
	if (all)
		partition_teardown(hv, caller, p);
}

/**
 * hvrc_partitions_close - end what belongs to a file, and what is left over
 * @hv: the driver
 * @caller: to make hypercalls
 * @owner: the file that is being closed, or NULL to see to left-overs only
 *
 * Context: may sleep; no signal stops it.
 */
void hvrc_partitions_close(struct hvrc *hv, struct hvrc_caller *caller,
			   struct hvrc_file *owner)
{
	struct hvrc_partition *p;
	unsigned long id = 0;

	while ((p = partition_from(hv, &id))) {
		if (partition_lock_for(p, owner)) {
			partition_close(hv, caller, p, owner);
			mutex_unlock(&p->lock);
		}
		hvrc_partition_put(hv, p);
		if (id++ == ULONG_MAX)
			break;
	}
}

/**
 * hvrc_partition_self - ask for the id of the caller's own partition
 * @caller: to make hypercalls
 *
 * Context: as the transport's call.
 * Return: the id, HV_ROOTCTL_SELF when the hypervisor does not tell.
 */
u64 hvrc_partition_self(struct hvrc_caller *caller)
{
	const struct hv_output_get_partition_id *out = caller->output;
	u32 status;

	if (hvrc_call_simple(caller, HVCALL_GET_PARTITION_ID, sizeof(*out),
			     &status) ||
	    status != HV_STATUS_SUCCESS)
		return HV_ROOTCTL_SELF;
	return out->partition_id;
}

/*
 * Note down a new partition, which may be nobody's. An id that cannot be new
 * is not handed out as one, and does not make the file the owner of what
 * belongs to somebody else.
 */
static int partition_adopt(struct hvrc *hv, u64 id, struct hvrc_file *owner)
{
	struct hvrc_partition *p;
	int err = 0;

	if (id == HV_PARTITION_ID_INVALID || id == HV_PARTITION_ID_SELF ||
	    id == hv->self_id)
		return -EPROTO;
	p = hvrc_partition_get(hv, id);
	if (IS_ERR(p))
		return PTR_ERR(p);
	mutex_lock(&p->lock);
	mutex_lock(&hv->lock);
	if (partition_is_empty(p))
		WRITE_ONCE(p->owner, owner);
	else
		err = -EPROTO;
	mutex_unlock(&hv->lock);
	mutex_unlock(&p->lock);
	hvrc_partition_put(hv, p);
	return err;
}

/* There is no memory to note down a partition that was just made. */
static void partition_give_up(struct hvrc_caller *caller, u64 id)
{
	u32 status = HV_ROOTCTL_NO_STATUS;
	const char *name;
	int err;

	err = partition_call(caller, HVCALL_DELETE_PARTITION, id, &status,
			     NULL);
	if (!err && status == HV_STATUS_SUCCESS)
		return;
	name = hv_status_name(status);
	pr_warn_ratelimited("hv_rootctl: partition %llu can neither be noted down nor deleted (error %d, status %#x %s): it is nobody's\n",
			    id, err, status, name ?: "unknown");
}

/**
 * hvrc_partition_create - ioctl(HV_ROOTCTL_PARTITION_CREATE)
 * @file: the caller's file
 * @arg: struct hv_rootctl_partition_create
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno.
 */
int hvrc_partition_create(struct hvrc_file *file, void *arg)
{
	struct hv_rootctl_partition_create *args = arg;
	struct hvrc_caller *caller = &file->caller;
	const struct hv_output_create_partition *out = caller->output;
	struct hv_input_create_partition *in = caller->input;
	struct hvrc_retry retry;
	int err;

	args->partition_id = HV_PARTITION_ID_INVALID;
	args->hv_status = HV_ROOTCTL_NO_STATUS;
	hvrc_retry_init(&retry, file, &args->retry, HV_ROOTCTL_SELF, NULL);

	do {
		*in = (struct hv_input_create_partition){
			.flags = args->creation_flags,
			.proximity_domain_info = args->proximity_domain_info,
			.compatibility_version = args->compatibility_version ?:
						 HV_COMPATIBILITY_VERSION,
		};
		err = hvrc_call_simple(caller, HVCALL_CREATE_PARTITION,
				       sizeof(*out), &args->hv_status);
	} while (hvrc_retry(&retry, &err, args->hv_status));
	if (err || args->hv_status != HV_STATUS_SUCCESS)
		return err;

	args->partition_id = out->partition_id;
	err = partition_adopt(file->hv, args->partition_id,
			      args->flags & HV_ROOTCTL_DETACHED ? NULL : file);
	if (err == -ENOMEM)
		partition_give_up(caller, args->partition_id);
	return err;
}

/**
 * hvrc_partition_initialize - ioctl(HV_ROOTCTL_PARTITION_INITIALIZE)
 * @file: the caller's file
 * @arg: struct hv_rootctl_partition
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno.
 */
int hvrc_partition_initialize(struct hvrc_file *file, void *arg)
{
	struct hv_rootctl_partition *args = arg;
	struct hvrc_retry retry;

	args->hv_status = HV_ROOTCTL_NO_STATUS;
	hvrc_retry_init(&retry, file, &args->retry, args->partition_id, NULL);
	return partition_call(&file->caller, HVCALL_INITIALIZE_PARTITION,
			      args->partition_id, &args->hv_status, &retry);
}

typedef int (*partition_fn)(struct hvrc *hv, struct hvrc_caller *caller,
			    struct hvrc_partition *p, u64 id, u32 *status,
			    struct hvrc_retry *retry);

static int partition_end(struct hvrc_file *file,
			 struct hv_rootctl_partition *args, partition_fn fn)
{
	struct hvrc_retry retry;
	struct hvrc_partition *p;
	int err = -EINTR;

	args->hv_status = HV_ROOTCTL_NO_STATUS;
	hvrc_retry_init(&retry, file, &args->retry, args->partition_id, NULL);
	p = hvrc_partition_get(file->hv, args->partition_id);
	if (IS_ERR(p))
		return PTR_ERR(p);
	if (!mutex_lock_interruptible(&p->lock)) {
		retry.locked = p;
		err = fn(file->hv, &file->caller, p, args->partition_id,
			 &args->hv_status, &retry);
		mutex_unlock(&p->lock);
	}
	hvrc_partition_put(file->hv, p);
	return err;
}

/**
 * hvrc_partition_finalize - ioctl(HV_ROOTCTL_PARTITION_FINALIZE)
 * @file: the caller's file
 * @arg: struct hv_rootctl_partition
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno.
 */
int hvrc_partition_finalize(struct hvrc_file *file, void *arg)
{
	return partition_end(file, arg, partition_finalize);
}

/**
 * hvrc_partition_delete - ioctl(HV_ROOTCTL_PARTITION_DELETE)
 * @file: the caller's file
 * @arg: struct hv_rootctl_partition
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno.
 */
int hvrc_partition_delete(struct hvrc_file *file, void *arg)
{
	return partition_end(file, arg, partition_delete);
}

/**
 * hvrc_partition_next - ioctl(HV_ROOTCTL_PARTITION_NEXT)
 * @file: the caller's file
 * @arg: struct hv_rootctl_partition_next
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno.
 */
int hvrc_partition_next(struct hvrc_file *file, void *arg)
{
	struct hv_rootctl_partition_next *args = arg;
	struct hvrc_caller *caller = &file->caller;
	const struct hv_output_get_next_child_partition *out = caller->output;
	int err;

	args->next_id = HV_PARTITION_ID_INVALID;
	args->hv_status = HV_ROOTCTL_NO_STATUS;

	*(struct hv_input_get_next_child_partition *)caller->input =
		(struct hv_input_get_next_child_partition){
			.parent_id = args->parent_id,
			.previous_child_id = args->previous_id,
		};
	err = hvrc_call_simple(caller, HVCALL_GET_NEXT_CHILD_PARTITION,
			       sizeof(*out), &args->hv_status);
	if (!err && args->hv_status == HV_STATUS_SUCCESS)
		args->next_id = out->next_child_id;
	return err;
}
