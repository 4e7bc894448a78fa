/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/hv_rawpage: pages of the kernel, as another driver might have them, for
 * tests of what is done to pages that come out of a pool unexpectedly.
 */
#ifndef HV_RAWPAGE_H
#define HV_RAWPAGE_H

#include <linux/ioctl.h>
#include <linux/types.h>

enum hv_rawpage_kind {
	HV_RAWPAGE_PLAIN, /* allocated, and nobody's: it may be given away */
	HV_RAWPAGE_SHARED, /* with two references */
	HV_RAWPAGE_RESERVED,
	HV_RAWPAGE_LRU, /* looks as if it were on a list of the reclaim */
	HV_RAWPAGE_MAPPED, /* looks as if a process had it in its tables */
	HV_RAWPAGE_COMPOUND, /* the first of two */
	HV_RAWPAGE_TAIL, /* the second of two */
	HV_RAWPAGE_SLAB, /* a whole object of a cache */
	HV_RAWPAGE_KINDS,
};

/**
 * struct hv_rawpage - ioctl(HV_RAWPAGE_GET, HV_RAWPAGE_PUT)
 * @kind: enum hv_rawpage_kind
 * @__reserved: ignored
 * @gpa: guest physical address: of the page that is got, or put
 *
 * Nobody keeps books: a page that is not put is lost, and one that is not as
 * it was got is trouble.
 */
struct hv_rawpage {
	__u32 kind;
	__u32 __reserved;
	__aligned_u64 gpa;
};

#define HV_RAWPAGE_IOCTL_TYPE 0xDA
#define HV_RAWPAGE_GET _IOWR(HV_RAWPAGE_IOCTL_TYPE, 0, struct hv_rawpage)
#define HV_RAWPAGE_PUT _IOWR(HV_RAWPAGE_IOCTL_TYPE, 1, struct hv_rawpage)

#endif
