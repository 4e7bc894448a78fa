// SPDX-License-Identifier: GPL-2.0
/* The driver's ioctls in one line each: see hvtest.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hvtest.h"

int hvt_driver(void)
{
	return open(HVT_DRIVER, O_RDWR | O_CLOEXEC);
}

int hvt_drv_create(int fd, u32 flags, u64 *id)
{
	struct hv_rootctl_partition_create cmd = { .size = sizeof(cmd),
						   .flags = flags };

	/* The driver takes no memory for the root on its own account. */
	for (;;) {
		if (ioctl(fd, HV_ROOTCTL_PARTITION_CREATE, &cmd))
			return -1;
		if (cmd.hv_status != HV_STATUS_INSUFFICIENT_MEMORY)
			break;
		if (hvt_drv_pool(fd, HV_ROOTCTL_DEPOSIT, HV_ROOTCTL_SELF, 1,
				 NULL))
			return -1;
	}
	*id = cmd.partition_id;
	return cmd.hv_status ? -1 : 0;
}

int hvt_drv_partition(int fd, unsigned long request, u64 id, u32 *status)
{
	struct hv_rootctl_partition cmd = { .size = sizeof(cmd),
					    .partition_id = id };
	int ret;

	ret = ioctl(fd, request, &cmd);
	*status = cmd.hv_status;
	return ret;
}

int hvt_drv_pool(int fd, unsigned long request, u64 id, u64 count,
		 struct hv_rootctl_pool *done)
{
	struct hv_rootctl_pool cmd = { .size = sizeof(cmd),
				       .partition_id = id,
				       .page_count = count };
	int ret;

	ret = ioctl(fd, request, &cmd);
	if (done)
		*done = cmd;
	else if (!ret && (cmd.hv_status || cmd.pages_done != count))
		ret = -1;
	return ret;
}

int hvt_drv_drain_self(int fd)
{
	struct hv_rootctl_pool done;

	if (hvt_drv_pool(fd, HV_ROOTCTL_WITHDRAW, HV_ROOTCTL_SELF, 10000,
			 &done))
		return -1;
	return done.hv_status == HV_STATUS_NO_RESOURCES ? 0 : -1;
}

int hvt_drv_balance(int fd, u64 id, u64 *available, u64 *in_use)
{
	struct hv_rootctl_balance cmd = { .size = sizeof(cmd),
					  .partition_id = id };

	if (ioctl(fd, HV_ROOTCTL_BALANCE, &cmd) || cmd.hv_status)
		return -1;
	*available = cmd.pages_available;
	*in_use = cmd.pages_in_use;
	return 0;
}

int hvt_drv_vp(int fd, unsigned long request, u64 id, u32 index, u32 *status)
{
	struct hv_rootctl_vp cmd = { .size = sizeof(cmd),
				     .partition_id = id,
				     .vp_index = index };
	int ret;

	ret = ioctl(fd, request, &cmd);
	*status = cmd.hv_status;
	return ret;
}

int hvt_drv_map(int fd, u64 id, u64 gpa, void *va, u64 length, u32 flags)
{
	struct hv_rootctl_map cmd = {
		.size = sizeof(cmd),
		.partition_id = id,
		.gpa = gpa,
		.user_addr = (uintptr_t)va,
		.length = length,
		.map_flags = flags,
	};

	if (ioctl(fd, HV_ROOTCTL_MAP, &cmd))
		return -1;
	return cmd.hv_status || cmd.bytes_done != length ? -1 : 0;
}

int hvt_drv_access(int fd, unsigned long request, u64 id, u64 gpa, void *buf,
		   u64 length, struct hv_rootctl_access *done)
{
	*done = (struct hv_rootctl_access){
		.size = sizeof(*done),
		.partition_id = id,
		.gpa = gpa,
		.length = length,
		.user_addr = (uintptr_t)buf,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
	return ioctl(fd, request, done);
}

int hvt_drv_query(int fd, struct hv_rootctl_query *q)
{
	memset(q, 0, sizeof(*q));
	q->size = sizeof(*q);
	return ioctl(fd, HV_ROOTCTL_QUERY, q);
}

bool hvt_drv_knows(int fd, unsigned int nr)
{
	return !ioctl(fd, _IO(HV_ROOTCTL_IOCTL_TYPE, nr), NULL) ||
	       errno != ENOTTY;
}

int hvt_drv_child(int fd, u64 *id)
{
	u32 status;

	if (hvt_drv_create(fd, 0, id) ||
	    hvt_drv_pool(fd, HV_ROOTCTL_DEPOSIT, *id, HVT_CHILD_POOL, NULL))
		return -1;
	if (hvt_drv_partition(fd, HV_ROOTCTL_PARTITION_INITIALIZE, *id,
			      &status) || status)
		return -1;
	return hvt_drv_vp(fd, HV_ROOTCTL_VP_CREATE, *id, 0, &status) || status ?
		       -1 : 0;
}
