/* SPDX-License-Identifier: GPL-2.0 */
/* The driver's raw calls, and what allows them. */
#ifndef HVTEST_RAW_H
#define HVTEST_RAW_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "hvtest.h"

#define HVT_RAW_SWITCH "/sys/module/hv_rootctl_lib/parameters/raw_calls"

/* Returns 0 or -1. */
static inline int hvt_raw_allow(int yes)
{
	int fd = open(HVT_RAW_SWITCH, O_WRONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, yes ? "Y" : "N", 1);
	close(fd);
	return n == 1 ? 0 : -1;
}

/* HvGetPartitionId as a raw call. */
static inline int hvt_raw_own_id(int fd, u64 *id)
{
	struct hv_rootctl_raw cmd = {
		.size = sizeof(cmd),
		.code = HVCALL_GET_PARTITION_ID,
		.output_size = sizeof(*id),
		.output = (uintptr_t)id,
	};

	if (ioctl(fd, HV_ROOTCTL_RAW, &cmd))
		return -1;
	return cmd.hv_status == HV_STATUS_SUCCESS ? 0 : -1;
}

#endif
