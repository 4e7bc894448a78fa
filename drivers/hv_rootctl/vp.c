// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual processors: HvCreateVp, HvDeleteVp. TLFS chapter "Virtual Processor
 * Management".
 */
#include <linux/errno.h>

#include <hv/partition.h>

#include "retry.h"

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
	struct hv_rootctl_vp *args = arg;
	struct hvrc_retry retry;
	int err;

	args->hv_status = HV_ROOTCTL_NO_STATUS;
	hvrc_retry_init(&retry, file, &args->retry, args->partition_id, NULL);
	do {
		*(struct hv_input_create_vp *)file->caller.input =
			(struct hv_input_create_vp){
				.partition_id = args->partition_id,
				.vp_index = args->vp_index,
				.proximity_domain_info =
					args->proximity_domain_info,
			};
		err = hvrc_call_simple(&file->caller, HVCALL_CREATE_VP, 0,
				       &args->hv_status);
	} while (hvrc_retry(&retry, &err, args->hv_status));
	return err;
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
	struct hv_rootctl_vp *args = arg;
	struct hvrc_retry retry;
	int err;

	args->hv_status = HV_ROOTCTL_NO_STATUS;
	hvrc_retry_init(&retry, file, &args->retry, args->partition_id, NULL);
	if (args->proximity_domain_info)
		return -EINVAL;
	BUILD_BUG_ON(offsetof(struct hv_input_delete_vp, vp_index) !=
		     sizeof(args->partition_id));
	do {
		err = hvrc_call_fast(&file->caller, HVCALL_DELETE_VP,
				     args->partition_id, args->vp_index,
				     &args->hv_status);
	} while (hvrc_retry(&retry, &err, args->hv_status));
	return err;
}
