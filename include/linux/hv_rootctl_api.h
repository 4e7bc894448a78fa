/* SPDX-License-Identifier: GPL-2.0 */
/* What hv_rootctl_lib.ko offers to other modules: two hypercalls. */
#ifndef _LINUX_HV_ROOTCTL_API_H
#define _LINUX_HV_ROOTCTL_API_H

#include <linux/types.h>

/*
 * Both return an HV_STATUS, or HV_ROOTCTL_NO_STATUS of the UAPI header when
 * there is no answer that makes sense. They may be called in any context but
 * NMI, with interrupts on or off: they neither sleep nor allocate, and have
 * interrupts off for one hypercall at a time.
 */
u32 hv_rootctl_withdraw_memory(u64 partition_id, u64 proximity_domain_info,
			       u32 *page_count, u64 *pages);
u32 hv_rootctl_write_gpa(u64 partition_id, u32 vp_index, u64 base_gpa,
			 u32 byte_count, u64 control_flags, const void *data,
			 u64 *access_result);

#endif
