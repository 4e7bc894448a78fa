// SPDX-License-Identifier: GPL-2.0
/*
 * One function per ioctl: fill the structure, make the ioctl, keep the answer.
 *
 * Output fields are set before the ioctl to what they shall mean when the
 * kernel does not get as far as writing them: nothing done, no hypercall made.
 */
#include <errno.h>
#include <stdint.h>

#include "hvctl.h"

static void submit(int fd, unsigned long request, void *arg, u16 call, struct hvctl_result *r)
{
	*r = (struct hvctl_result){
		.hv_status = HV_ROOTCTL_NO_STATUS,
		.call = call,
	};
	if (hvctl_ioctl(fd, request, arg) < 0)
		r->err = errno;
}

static enum hvctl_outcome conclude(struct hvctl_result *r, u64 asked)
{
	if (r->err)
		r->outcome = HVCTL_ERRNO;
	else if (r->hv_status != HV_STATUS_SUCCESS)
		r->outcome = HVCTL_STATUS;
	else if (r->access_result != HV_ACCESS_GPA_SUCCESS)
		r->outcome = HVCTL_ACCESS;
	else if (r->done != asked)
		r->outcome = HVCTL_MISCOUNT;
	else
		r->outcome = HVCTL_OK;
	return r->outcome;
}

/* Without a piece to ask for, no hypercall was made: none was refused either. */
static enum hvctl_outcome conclude_pieces(struct hvctl_result *r, u64 asked)
{
	if (!r->err && !asked && r->hv_status == HV_ROOTCTL_NO_STATUS && !r->done)
		return r->outcome = HVCTL_OK;
	return conclude(r, asked);
}

static struct hv_rootctl_retry retry_limits(const struct hvctl_retry *retry)
{
	return (struct hv_rootctl_retry){
		.deposit_limit = retry ? retry->deposit_limit : 0,
		.time_out_limit = retry ? retry->time_out_limit : 0,
	};
}

enum hvctl_outcome hvctl_query(int fd, struct hv_rootctl_query *query, struct hvctl_result *r)
{
	*query = (struct hv_rootctl_query){ .size = sizeof(*query) };
	submit(fd, HV_ROOTCTL_QUERY, query, 0, r);
	/* The one ioctl without a hypercall behind it. */
	r->outcome = r->err ? HVCTL_ERRNO : HVCTL_OK;
	return r->outcome;
}

enum hvctl_outcome hvctl_partition_create(int fd, u32 flags, u64 creation_flags, u64 proximity,
					  u64 *partition_id, const struct hvctl_retry *retry,
					  struct hvctl_result *r)
{
	struct hv_rootctl_partition_create arg = {
		.size = sizeof(arg),
		.flags = flags,
		.creation_flags = creation_flags,
		.proximity_domain_info = proximity,
		.hv_status = HV_ROOTCTL_NO_STATUS,
		.retry = retry_limits(retry),
	};

	submit(fd, HV_ROOTCTL_PARTITION_CREATE, &arg, HVCALL_CREATE_PARTITION, r);
	r->retry = arg.retry;
	r->hv_status = arg.hv_status;
	conclude(r, 0);
	*partition_id = r->outcome == HVCTL_OK ? arg.partition_id : 0;
	return r->outcome;
}

static enum hvctl_outcome partition_step(int fd, unsigned long request, u16 call, u64 partition_id,
					 const struct hvctl_retry *retry, struct hvctl_result *r)
{
	struct hv_rootctl_partition arg = {
		.size = sizeof(arg),
		.partition_id = partition_id,
		.hv_status = HV_ROOTCTL_NO_STATUS,
		.retry = retry_limits(retry),
	};

	submit(fd, request, &arg, call, r);
	r->hv_status = arg.hv_status;
	r->retry = arg.retry;
	return conclude(r, 0);
}

enum hvctl_outcome hvctl_partition_init(int fd, u64 partition_id, const struct hvctl_retry *retry,
					struct hvctl_result *r)
{
	return partition_step(fd, HV_ROOTCTL_PARTITION_INITIALIZE, HVCALL_INITIALIZE_PARTITION,
			      partition_id, retry, r);
}

enum hvctl_outcome hvctl_partition_finalize(int fd, u64 partition_id,
					    const struct hvctl_retry *retry,
					    struct hvctl_result *r)
{
	return partition_step(fd, HV_ROOTCTL_PARTITION_FINALIZE, HVCALL_FINALIZE_PARTITION,
			      partition_id, retry, r);
}

enum hvctl_outcome hvctl_partition_delete(int fd, u64 partition_id,
					  const struct hvctl_retry *retry, struct hvctl_result *r)
{
	return partition_step(fd, HV_ROOTCTL_PARTITION_DELETE, HVCALL_DELETE_PARTITION,
			      partition_id, retry, r);
}

enum hvctl_outcome hvctl_partition_next(int fd, u64 parent_id, u64 *id, struct hvctl_result *r)
{
	struct hv_rootctl_partition_next arg = {
		.size = sizeof(arg),
		.parent_id = parent_id,
		.previous_id = *id,
		.hv_status = HV_ROOTCTL_NO_STATUS,
	};

	submit(fd, HV_ROOTCTL_PARTITION_NEXT, &arg, HVCALL_GET_NEXT_CHILD_PARTITION, r);
	r->hv_status = arg.hv_status;
	conclude(r, 0);
	if (r->outcome == HVCTL_OK)
		*id = arg.next_id;
	return r->outcome;
}

static enum hvctl_outcome vp_step(int fd, unsigned long request, u16 call, u32 flags,
				  u64 partition_id, u32 vp_index, u64 proximity,
				  const struct hvctl_retry *retry, struct hvctl_result *r)
{
	struct hv_rootctl_vp arg = {
		.size = sizeof(arg),
		.flags = flags,
		.partition_id = partition_id,
		.vp_index = vp_index,
		.proximity_domain_info = proximity,
		.hv_status = HV_ROOTCTL_NO_STATUS,
		.retry = retry_limits(retry),
	};

	submit(fd, request, &arg, call, r);
	r->hv_status = arg.hv_status;
	r->retry = arg.retry;
	return conclude(r, 0);
}

enum hvctl_outcome hvctl_vp_create(int fd, u32 flags, u64 partition_id, u32 vp_index,
				   u64 proximity, const struct hvctl_retry *retry,
				   struct hvctl_result *r)
{
	return vp_step(fd, HV_ROOTCTL_VP_CREATE, HVCALL_CREATE_VP, flags, partition_id, vp_index,
		       proximity, retry, r);
}

enum hvctl_outcome hvctl_vp_delete(int fd, u64 partition_id, u32 vp_index,
				   const struct hvctl_retry *retry, struct hvctl_result *r)
{
	return vp_step(fd, HV_ROOTCTL_VP_DELETE, HVCALL_DELETE_VP, 0, partition_id, vp_index, 0,
		       retry, r);
}

static enum hvctl_outcome move_pages(int fd, unsigned long request, u16 call, u32 flags,
				     u64 partition_id, u64 proximity, u64 pages,
				     struct hvctl_result *r)
{
	struct hv_rootctl_pool arg = {
		.size = sizeof(arg),
		.flags = flags,
		.partition_id = partition_id,
		.proximity_domain_info = proximity,
		.page_count = pages,
		.hv_status = HV_ROOTCTL_NO_STATUS,
	};

	submit(fd, request, &arg, call, r);
	r->hv_status = arg.hv_status;
	r->done = arg.pages_done;
	r->hypercalls = arg.hypercalls;
	return conclude_pieces(r, pages);
}

enum hvctl_outcome hvctl_deposit(int fd, u64 partition_id, u64 proximity, u64 pages,
				 struct hvctl_result *r)
{
	return move_pages(fd, HV_ROOTCTL_DEPOSIT, HVCALL_DEPOSIT_MEMORY, 0, partition_id,
			  proximity, pages, r);
}

enum hvctl_outcome hvctl_deposit_held(int fd, u64 partition_id, u64 pages, struct hvctl_result *r)
{
	return move_pages(fd, HV_ROOTCTL_DEPOSIT, HVCALL_DEPOSIT_MEMORY, HV_ROOTCTL_HOLD,
			  partition_id, 0, pages, r);
}

enum hvctl_outcome hvctl_withdraw(int fd, u64 partition_id, u64 proximity, u64 pages,
				  struct hvctl_result *r)
{
	return move_pages(fd, HV_ROOTCTL_WITHDRAW, HVCALL_WITHDRAW_MEMORY, 0, partition_id,
			  proximity, pages, r);
}

enum hvctl_outcome hvctl_withdraw_held(int fd, u64 partition_id, u64 proximity, u64 pages,
				       struct hvctl_result *r)
{
	return move_pages(fd, HV_ROOTCTL_WITHDRAW, HVCALL_WITHDRAW_MEMORY, HV_ROOTCTL_HOLD,
			  partition_id, proximity, pages, r);
}

enum hvctl_outcome hvctl_balance(int fd, u64 partition_id, u64 proximity, u64 *available,
				 u64 *in_use, struct hvctl_result *r)
{
	struct hv_rootctl_balance arg = {
		.size = sizeof(arg),
		.partition_id = partition_id,
		.proximity_domain_info = proximity,
		.hv_status = HV_ROOTCTL_NO_STATUS,
	};

	submit(fd, HV_ROOTCTL_BALANCE, &arg, HVCALL_GET_MEMORY_BALANCE, r);
	r->hv_status = arg.hv_status;
	conclude(r, 0);
	*available = r->outcome == HVCTL_OK ? arg.pages_available : 0;
	*in_use = r->outcome == HVCTL_OK ? arg.pages_in_use : 0;
	return r->outcome;
}

enum hvctl_outcome hvctl_map(int fd, u32 flags, u64 partition_id, u64 gpa, void *memory,
			     u64 length, u32 map_flags, const struct hvctl_retry *retry,
			     struct hvctl_result *r)
{
	struct hv_rootctl_map arg = {
		.size = sizeof(arg),
		.flags = flags,
		.partition_id = partition_id,
		.gpa = gpa,
		.user_addr = (uintptr_t)memory,
		.length = length,
		.map_flags = map_flags,
		.hv_status = HV_ROOTCTL_NO_STATUS,
		.retry = retry_limits(retry),
	};

	submit(fd, HV_ROOTCTL_MAP, &arg, HVCALL_MAP_GPA_PAGES, r);
	r->retry = arg.retry;
	r->hv_status = arg.hv_status;
	r->done = arg.bytes_done;
	return conclude(r, length);
}

enum hvctl_outcome hvctl_unmap(int fd, u64 partition_id, u64 gpa, u64 length,
			       const struct hvctl_retry *retry, struct hvctl_result *r)
{
	struct hv_rootctl_unmap arg = {
		.size = sizeof(arg),
		.partition_id = partition_id,
		.gpa = gpa,
		.length = length,
		.hv_status = HV_ROOTCTL_NO_STATUS,
		.retry = retry_limits(retry),
	};

	submit(fd, HV_ROOTCTL_UNMAP, &arg, HVCALL_UNMAP_GPA_PAGES, r);
	r->retry = arg.retry;
	r->hv_status = arg.hv_status;
	r->done = arg.bytes_done;
	return conclude(r, length);
}

static enum hvctl_outcome access_gpa(int fd, unsigned long request, u16 call,
				     const struct hvctl_access *where, const void *data,
				     u64 length, struct hvctl_result *r)
{
	struct hv_rootctl_access arg = {
		.size = sizeof(arg),
		.partition_id = where->partition_id,
		.gpa = where->gpa,
		.length = length,
		.user_addr = (uintptr_t)data,
		.vp_index = where->vp_index,
		.cache_type = where->cache_type,
		.hv_status = HV_ROOTCTL_NO_STATUS,
	};

	submit(fd, request, &arg, call, r);
	r->hv_status = arg.hv_status;
	r->access_result = arg.access_result;
	r->done = arg.bytes_done;
	r->fail_gpa = arg.fail_gpa;
	return conclude_pieces(r, length);
}

enum hvctl_outcome hvctl_read_gpa(int fd, const struct hvctl_access *where, void *data, u64 length,
				  struct hvctl_result *r)
{
	return access_gpa(fd, HV_ROOTCTL_READ_GPA, HVCALL_READ_GPA, where, data, length, r);
}

enum hvctl_outcome hvctl_write_gpa(int fd, const struct hvctl_access *where, const void *data,
				   u64 length, struct hvctl_result *r)
{
	return access_gpa(fd, HV_ROOTCTL_WRITE_GPA, HVCALL_WRITE_GPA, where, data, length, r);
}
