/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The few basic types that the ABI headers need, for every environment that
 * includes them: the kernel, a freestanding hypervisor, and user space.
 */
#ifndef HV_TYPES_H
#define HV_TYPES_H

#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>
#else
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The kernel's choice on every 64-bit port, so that %llu fits everywhere. */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char s8;
typedef signed short s16;
typedef signed int s32;
typedef signed long long s64;
#endif

/*
 * The kernel has headers of its own for a part of this ABI, with the same
 * names. A file sees one or the other; in the module, the only file that
 * includes the kernel's is the one that reaches the kernel's hypercall page.
 */
#ifdef __KERNEL__
#if defined(HV_STATUS_SUCCESS) || defined(HVCALL_WITHDRAW_MEMORY)
#error "include/hv/ and the kernel's Hyper-V headers cannot meet in one file"
#endif
#endif

#define HV_ASSERT_SIZE(type, bytes) \
	static_assert(sizeof(type) == (bytes), #type " has the wrong size")
#define HV_ASSERT_OFFSET(type, field, bytes)               \
	static_assert(offsetof(type, field) == (bytes), \
		       #type "." #field " is at the wrong offset")

#define HV_PAGE_SHIFT 12
#define HV_PAGE_SIZE (1ULL << HV_PAGE_SHIFT)
#define HV_PAGE_MASK (HV_PAGE_SIZE - 1)

#endif
