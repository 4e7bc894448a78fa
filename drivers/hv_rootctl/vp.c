// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual processors: HvCreateVp, HvDeleteVp. TLFS chapter "Virtual Processor
 * Management".
 */
#include <linux/errno.h>

#include <hv/partition.h>

#include "hvrc.h"

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

	args->hv_status = HV_ROOTCTL_NO_STATUS;
	*(struct hv_input_create_vp *)file->caller.input =
		(struct hv_input_create_vp){
			.partition_id = args->partition_id,
			.vp_index = args->vp_index,
			.proximity_domain_info = args->proximity_domain_info,
		};
	return hvrc_call_simple(&file->caller, HVCALL_CREATE_VP, 0,
				&args->hv_status);
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

	args->hv_status = HV_ROOTCTL_NO_STATUS;
	if (args->proximity_domain_info)
		return -EINVAL;
	BUILD_BUG_ON(offsetof(struct hv_input_delete_vp, vp_index) !=
		     sizeof(args->partition_id));
	return hvrc_call_fast(&file->caller, HVCALL_DELETE_VP,
			      args->partition_id, args->vp_index,
			      &args->hv_status);
}
