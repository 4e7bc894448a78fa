/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/hv_peer: what the driver does, the way that others do it. */
#ifndef HV_PEER_H
#define HV_PEER_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * struct hv_peer_pool - ioctl(HV_PEER_DEPOSIT), ioctl(HV_PEER_WITHDRAW)
 * @partition: its id
 * @count: pages; [out] how many were done
 */
struct hv_peer_pool {
	__aligned_u64 partition;
	__aligned_u64 count;
};

/**
 * struct hv_peer_call - ioctl(HV_PEER_CALL)
 * @control: hypercall input value
 * @input: address of the input list
 * @output: address for the output list
 * @input_size: bytes, at most a page
 * @output_size: bytes, at most a page
 * @result: [out] hypercall result value
 */
struct hv_peer_call {
	__aligned_u64 control;
	__aligned_u64 input;
	__aligned_u64 output;
	__u32 input_size;
	__u32 output_size;
	__aligned_u64 result;
};

#define HV_PEER_IOCTL_TYPE 0xDA
#define HV_PEER_DEPOSIT _IOWR(HV_PEER_IOCTL_TYPE, 0, struct hv_peer_pool)
#define HV_PEER_WITHDRAW _IOWR(HV_PEER_IOCTL_TYPE, 1, struct hv_peer_pool)
#define HV_PEER_CALL _IOWR(HV_PEER_IOCTL_TYPE, 2, struct hv_peer_call)

#endif
