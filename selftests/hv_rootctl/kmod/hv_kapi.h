/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/hv_kapi: the driver's calls for other modules, in a chosen context. */
#ifndef HV_KAPI_H
#define HV_KAPI_H

#include <linux/ioctl.h>
#include <linux/types.h>

enum hv_kapi_context {
	HV_KAPI_PROCESS,
	HV_KAPI_IRQS_OFF,
	HV_KAPI_SOFTIRQ, /* a tasklet */
	HV_KAPI_HARDIRQ, /* a timer */
	HV_KAPI_IPI, /* of another processor; EOPNOTSUPP when there is none */
	HV_KAPI_CONTEXTS,
};

/* Bits of where: what the kernel says of the place the call was made in. */
#define HV_KAPI_WAS_IRQS_OFF 1
#define HV_KAPI_WAS_SOFTIRQ 2
#define HV_KAPI_WAS_HARDIRQ 4

/**
 * struct hv_kapi_withdraw - ioctl(HV_KAPI_WITHDRAW)
 * @partition_id: whose pool
 * @proximity: HV_PROXIMITY_DOMAIN_INFO
 * @context: enum hv_kapi_context
 * @count: how many pages, at most HV_KAPI_MAX; [out] how many came
 * @status: [out] what the call returned
 * @where: [out] HV_KAPI_WAS_*
 * @good: [out] how many of the pages were zero and had one reference
 * @__reserved: unused
 *
 * The pages are freed.
 */
struct hv_kapi_withdraw {
	__aligned_u64 partition_id;
	__aligned_u64 proximity;
	__u32 context;
	__u32 count;
	__u32 status;
	__u32 where;
	__u32 good;
	__u32 __reserved;
};

#define HV_KAPI_MAX 4096

/**
 * struct hv_kapi_write - ioctl(HV_KAPI_WRITE)
 * @partition_id: which partition
 * @gpa: guest physical address
 * @control_flags: cache type
 * @access_result: [out] what the call wrote there, 99 when nothing
 * @data: the bytes
 * @context: enum hv_kapi_context
 * @vp_index: as which virtual processor
 * @count: how many bytes
 * @status: [out] what the call returned
 * @where: [out] HV_KAPI_WAS_*
 * @__reserved: unused
 */
struct hv_kapi_write {
	__aligned_u64 partition_id;
	__aligned_u64 gpa;
	__aligned_u64 control_flags;
	__aligned_u64 access_result;
	__u8 data[16];
	__u32 context;
	__u32 vp_index;
	__u32 count;
	__u32 status;
	__u32 where;
	__u32 __reserved;
};

#define HV_KAPI_IOCTL_TYPE 0xD9
#define HV_KAPI_WITHDRAW _IOWR(HV_KAPI_IOCTL_TYPE, 0, struct hv_kapi_withdraw)
#define HV_KAPI_WRITE _IOWR(HV_KAPI_IOCTL_TYPE, 1, struct hv_kapi_write)

#endif
