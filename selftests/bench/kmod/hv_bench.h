/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/hv_bench: what only the kernel can count.
 */
#ifndef HV_BENCH_H
#define HV_BENCH_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Calls that are measured as one. */
#define HV_BENCH_CHUNK 100

/**
 * struct hv_bench_null - ioctl(HV_BENCH_NULL)
 * @control: hypercall input value of a call that has no input
 * @result: [out] the last call's result value
 */
struct hv_bench_null {
	__aligned_u64 control;
	__aligned_u64 result;
};

/**
 * struct hv_bench_call - ioctl(HV_BENCH_CALL)
 * @control: hypercall input value
 * @result: [out] hypercall result value
 * @input: the input list
 * @output: [out] the output list, 0 where nothing was written
 */
struct hv_bench_call {
	__aligned_u64 control;
	__aligned_u64 result;
	__u8 input[256];
	__u8 output[256];
};

/**
 * struct hv_bench_allocations - ioctl(HV_BENCH_ALLOCATIONS)
 * @watch: count what the calling thread allocates from now on, or do not
 * @objects: [out] of the slab allocator, since counting began
 * @blocks: [out] of the page allocator, since counting began
 * @pages: [out] in all of these blocks
 */
struct hv_bench_allocations {
	__aligned_u64 watch;
	__aligned_u64 objects;
	__aligned_u64 blocks;
	__aligned_u64 pages;
};

/* Not a round. */
#define HV_BENCH_LOCKS_END 2

/**
 * struct hv_bench_locks - ioctl(HV_BENCH_LOCKS)
 * @round: 0 or 1: note the locks that the calling thread takes from now on;
 *	HV_BENCH_LOCKS_END: stop
 * @taken: [out] different locks, since round 0 began
 * @shared: [out] of them, those taken in both rounds
 * @takers: [out] for each of those, up to so many, its name when it is a variable
 *	of the kernel's, or else the function that takes it
 */
struct hv_bench_locks {
	__aligned_u64 round;
	__aligned_u64 taken;
	__aligned_u64 shared;
	char takers[32][64];
};

#define HV_BENCH_IOCTL_TYPE 0xD9
#define HV_BENCH_NULL _IOWR(HV_BENCH_IOCTL_TYPE, 0, struct hv_bench_null)
/* Hypercalls that the driver has made since the last time. */
#define HV_BENCH_CALLS _IOR(HV_BENCH_IOCTL_TYPE, 1, __u64)
#define HV_BENCH_CALL _IOWR(HV_BENCH_IOCTL_TYPE, 2, struct hv_bench_call)
#define HV_BENCH_ALLOCATIONS \
	_IOWR(HV_BENCH_IOCTL_TYPE, 3, struct hv_bench_allocations)
#define HV_BENCH_LOCKS _IOWR(HV_BENCH_IOCTL_TYPE, 4, struct hv_bench_locks)

#endif
