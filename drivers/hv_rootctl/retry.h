/* SPDX-License-Identifier: GPL-2.0 */
/* Hypercalls that are made again, see struct hv_rootctl_retry. */
#ifndef HVRC_RETRY_H
#define HVRC_RETRY_H

#include "hvrc.h"

/**
 * struct hvrc_retry - one ioctl's hypercall and what it was given so far
 * @file: the caller's file
 * @args: limits, and what became of them
 * @id: whose pool it is that INSUFFICIENT_MEMORY means
 * @locked: record of that partition when its lock is held, or NULL
 * @time_outs: how often it has timed out
 */
struct hvrc_retry {
	struct hvrc_file *file;
	struct hv_rootctl_retry *args;
	u64 id;
	struct hvrc_partition *locked;
	u32 time_outs;
};

void hvrc_retry_init(struct hvrc_retry *r, struct hvrc_file *file,
		     struct hv_rootctl_retry *args, u64 id,
		     struct hvrc_partition *locked);
bool hvrc_retry(struct hvrc_retry *r, int *err, u32 status);
bool hvrc_is_shortage(u32 status);

#endif
