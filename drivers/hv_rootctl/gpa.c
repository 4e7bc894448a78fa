// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and writing another partition's memory: HvReadGpa, HvWriteGpa.
 * TLFS chapter "Guest Physical Addresses".
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <hv/memory.h>

#include "hvrc.h"

/* Nearly all pieces are as large as can be, and worth two moves. */
static __always_inline void gpa_copy(void *to, const void *from, u32 count)
{
	if (likely(count == HV_ACCESS_GPA_MAX))
		memcpy(to, from, HV_ACCESS_GPA_MAX);
	else
		memcpy(to, from, count);
}

/* The inputs of both calls begin alike; HvWriteGpa's goes on with the data. */
static __always_inline void gpa_input(struct hv_input_read_gpa *in,
				      const struct hv_rootctl_access *args,
				      u64 gpa, u32 count)
{
	in->partition_id = args->partition_id;
	in->vp_index = args->vp_index;
	in->byte_count = count;
	in->base_gpa = gpa;
	in->control_flags = args->cache_type;
}

static __always_inline int gpa_read_piece(struct hvrc_caller *caller,
					  struct hv_rootctl_access *args,
					  u64 gpa, void *data, u32 count)
{
	const struct hv_output_read_gpa *out = caller->output;
	int err;

	gpa_input(caller->input, args, gpa, count);
	memset(caller->output, HVRC_POISON_BYTE, sizeof(*out));
	err = hvrc_call_inline(caller, HVCALL_READ_GPA, sizeof(*out),
			       &args->hv_status);
	if (err || args->hv_status != HV_STATUS_SUCCESS)
		return err;
	args->access_result = out->access_result &
			      HV_ACCESS_GPA_RESULT_CODE_MASK;
	gpa_copy(data, out->data, count);
	return 0;
}

static __always_inline void gpa_write_input(struct hv_input_write_gpa *in,
					    const struct hv_rootctl_access *args,
					    u64 gpa, const void *data,
					    u32 count)
{
	BUILD_BUG_ON(offsetof(struct hv_input_write_gpa, data) !=
		     sizeof(struct hv_input_read_gpa));

	gpa_input((struct hv_input_read_gpa *)in, args, gpa, count);
	if (unlikely(count < HV_ACCESS_GPA_MAX))
		memset(in->data, 0, sizeof(in->data));
	gpa_copy(in->data, data, count);
}

static __always_inline int gpa_write_piece(struct hvrc_caller *caller,
					   struct hv_rootctl_access *args,
					   u64 gpa, void *data, u32 count)
{
	const struct hv_output_write_gpa *out = caller->output;
	int err;

	gpa_write_input(caller->input, args, gpa, data, count);
	memset(caller->output, HVRC_POISON_BYTE, sizeof(*out));
	err = hvrc_call_inline(caller, HVCALL_WRITE_GPA, sizeof(*out),
			       &args->hv_status);
	if (err || args->hv_status != HV_STATUS_SUCCESS)
		return err;
	args->access_result = out->access_result &
			      HV_ACCESS_GPA_RESULT_CODE_MASK;
	return 0;
}

/* In registers where that is possible, see hvrc_call_xmm(). */
static int gpa_write_piece_xmm(struct hvrc_caller *caller,
			       struct hv_rootctl_access *args, u64 gpa,
			       void *data, u32 count)
{
	int err = -EOPNOTSUPP;
	u64 result;

	BUILD_BUG_ON(sizeof(struct hv_input_write_gpa) !=
		     sizeof_field(struct hvrc_xmm, input));

	if (hvrc_xmm_in_use(caller)) {
		gpa_write_input(caller->input, args, gpa, data, count);
		err = hvrc_call_xmm(caller, HVCALL_WRITE_GPA, &args->hv_status,
				    &result);
	}
	if (err == -EOPNOTSUPP)
		return gpa_write_piece(caller, args, gpa, data, count);
	if (!err && args->hv_status == HV_STATUS_SUCCESS)
		args->access_result = result & HV_ACCESS_GPA_RESULT_CODE_MASK;
	return err;
}

static bool gpa_refused(const struct hv_rootctl_access *args)
{
	return args->hv_status != HV_STATUS_SUCCESS ||
	       args->access_result != HV_ACCESS_GPA_SUCCESS;
}

typedef int (*gpa_piece)(struct hvrc_caller *caller,
			 struct hv_rootctl_access *args, u64 gpa, void *data,
			 u32 count);

/* Inline: once for each way, with nothing to decide in the loop. */
static __always_inline int gpa_pieces(struct hvrc_caller *caller,
				      struct hv_rootctl_access *args,
				      gpa_piece piece, u64 gpa, void *data,
				      u32 length, u32 *done)
{
	u32 at, count;
	int err = 0;

	for (at = 0; at < length; at += count) {
		count = min(length - at, HV_ACCESS_GPA_MAX);
		err = piece(caller, args, gpa + at, data + at, count);
		if (err)
			break;
		if (gpa_refused(args)) {
			args->fail_gpa = gpa + at;
			break;
		}
	}
	*done = at;
	return err;
}

/**
 * hvrc_gpa_page - read or write within one page
 * @caller: to make hypercalls
 * @args: whose memory and how; status and result are brought up to date
 * @write: which way
 * @gpa: guest physical address in bytes
 * @data: what to write, or where to put what is read
 * @length: bytes, 1 or more; the range does not cross a page
 * @done: how many bytes were read or written for certain
 *
 * A hypercall moves 16 bytes at most. The first piece that is refused ends
 * it, and is noted in @args->fail_gpa.
 *
 * Context: as the transport's call.
 * Return: 0, even when a piece was refused; or -errno of hvrc_call_simple().
 */
int hvrc_gpa_page(struct hvrc_caller *caller, struct hv_rootctl_access *args,
		  bool write, u64 gpa, void *data, u32 length, u32 *done)
{
	if (!write)
		return gpa_pieces(caller, args, gpa_read_piece, gpa, data,
				  length, done);
	if (unlikely(hvrc_xmm_in_use(caller)))
		return gpa_pieces(caller, args, gpa_write_piece_xmm, gpa, data,
				  length, done);
	return gpa_pieces(caller, args, gpa_write_piece, gpa, data, length,
			  done);
}

/*
 * The part of the access that lies in one page, through the scratch page. A
 * byte counts as read when it has reached the user.
 */
static int gpa_user_page(struct hvrc_caller *caller,
			 struct hv_rootctl_access *args, bool write, u32 length)
{
	void __user *user = u64_to_user_ptr(args->user_addr + args->bytes_done);
	u64 gpa = args->gpa + args->bytes_done;
	u32 done;
	int err;

	if (write && copy_from_user(caller->scratch, user, length))
		return -EFAULT;
	err = hvrc_gpa_page(caller, args, write, gpa, caller->scratch, length,
			    &done);
	if (!write && copy_to_user(user, caller->scratch, done))
		return -EFAULT;
	args->bytes_done += done;
	return err;
}

/* @before: what counts as progress already. */
static int gpa_access(struct hvrc_caller *caller,
		      struct hv_rootctl_access *args, bool write, u64 before)
{
	u64 end;
	int err;

	args->bytes_done = 0;
	args->fail_gpa = 0;
	args->hv_status = HV_ROOTCTL_NO_STATUS;
	args->access_result = HV_ACCESS_GPA_SUCCESS;

	if (args->cache_type & ~HV_ACCESS_GPA_CACHE_TYPE_MASK)
		return -EINVAL;
	if (check_add_overflow(args->gpa, args->length, &end) ||
	    check_add_overflow(args->user_addr, args->length, &end))
		return -EOVERFLOW;

	while (args->bytes_done < args->length) {
		u64 gpa = args->gpa + args->bytes_done;
		u64 left = args->length - args->bytes_done;

		if (signal_pending(current))
			return -EINTR;
		cond_resched();

		err = gpa_user_page(caller, args, write,
				    min(left, HV_PAGE_SIZE -
					      (gpa & HV_PAGE_MASK)));
		WRITE_ONCE(caller->progress, before + args->bytes_done);
		if (err)
			return err;
		if (gpa_refused(args))
			return 0;
	}
	return 0;
}

/**
 * hvrc_read_gpa - ioctl(HV_ROOTCTL_READ_GPA)
 * @file: the caller's file
 * @arg: struct hv_rootctl_access
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno; @arg's out fields are valid in any case.
 */
int hvrc_read_gpa(struct hvrc_file *file, void *arg)
{
	return gpa_access(&file->caller, arg, false, 0);
}

/**
 * hvrc_write_gpa - ioctl(HV_ROOTCTL_WRITE_GPA)
 * @file: the caller's file
 * @arg: struct hv_rootctl_access
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno; @arg's out fields are valid in any case.
 */
int hvrc_write_gpa(struct hvrc_file *file, void *arg)
{
	return gpa_access(&file->caller, arg, true, 0);
}

/* Entry @args->entries_done, and what came of it. */
static int gpa_list_entry(struct hvrc_caller *caller,
			  struct hv_rootctl_access_list *args)
{
	struct hv_rootctl_access_entry __user *entries =
		u64_to_user_ptr(args->entries);
	struct hv_rootctl_access_entry entry;
	struct hv_rootctl_access access;
	int err;

	if (copy_from_user(&entry, entries + args->entries_done, sizeof(entry)))
		return -EFAULT;
	access = (struct hv_rootctl_access){
		.partition_id = args->partition_id,
		.gpa = entry.gpa,
		.length = entry.length,
		.user_addr = entry.user_addr,
		.vp_index = args->vp_index,
		.cache_type = args->cache_type,
	};
	err = gpa_access(caller, &access, args->flags & HV_ROOTCTL_LIST_WRITE,
			 args->bytes_done);
	args->bytes_done += access.bytes_done;
	args->fail_gpa = access.fail_gpa;
	/* An entry that made no hypercall has no say in this. */
	if (access.hv_status != HV_ROOTCTL_NO_STATUS) {
		args->hv_status = access.hv_status;
		args->access_result = access.access_result;
	}
	if (!err && access.bytes_done == access.length)
		args->entries_done++;
	return err;
}

/**
 * hvrc_access_list - ioctl(HV_ROOTCTL_ACCESS_LIST)
 * @file: the caller's file
 * @arg: struct hv_rootctl_access_list
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno; @arg's out fields are valid in any case.
 */
int hvrc_access_list(struct hvrc_file *file, void *arg)
{
	struct hv_rootctl_access_list *args = arg;
	u32 before;
	u64 end;
	int err;

	args->entries_done = 0;
	args->bytes_done = 0;
	args->fail_gpa = 0;
	args->hv_status = HV_ROOTCTL_NO_STATUS;
	args->access_result = HV_ACCESS_GPA_SUCCESS;

	if (args->cache_type & ~HV_ACCESS_GPA_CACHE_TYPE_MASK)
		return -EINVAL;
	if (check_add_overflow(args->entries,
			       (u64)args->entry_count *
				       sizeof(struct hv_rootctl_access_entry),
			       &end))
		return -EOVERFLOW;

	while (args->entries_done < args->entry_count) {
		/* Also between entries of which none has anything to do. */
		if (signal_pending(current))
			return -EINTR;
		cond_resched();

		before = args->entries_done;
		err = gpa_list_entry(&file->caller, args);
		if (err)
			return err;
		if (args->entries_done == before)
			return 0;
	}
	return 0;
}
