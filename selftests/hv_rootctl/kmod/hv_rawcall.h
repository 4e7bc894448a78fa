/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/hv_rawcall: hypercalls exactly as a test spells them. For tests on a
 * machine that nobody needs: whatever the hypervisor permits, this permits.
 */
#ifndef HV_RAWCALL_H
#define HV_RAWCALL_H

#include <linux/ioctl.h>
#include <linux/types.h>

/**
 * struct hv_rawcall_regs - ioctl(HV_RAWCALL_CALL)
 * @rax: [out] hypercall result value
 * @rcx: hypercall input value, and what the register holds afterwards
 * @rdx: input GPA or first fast parameter, and what is there afterwards
 * @r8: output GPA or second fast parameter, and what is there afterwards
 * @timer_ns: period of a timer that runs during the call, 0 for none
 * @interrupts: [out] how often it found the processor at the vmmcall
 * @interrupted_rcx: [out] what RCX was when it did so last
 *
 * The registers are handed to the hypervisor as they are. rax holds a pattern
 * (HV_RAWCALL_POISON) before the call.
 */
struct hv_rawcall_regs {
	__aligned_u64 rax;
	__aligned_u64 rcx;
	__aligned_u64 rdx;
	__aligned_u64 r8;
	__aligned_u64 timer_ns;
	__aligned_u64 interrupts;
	__aligned_u64 interrupted_rcx;
};

#define HV_RAWCALL_POISON 0x5ca1ab1e0ddba11ULL

/**
 * struct hv_rawcall_pin - ioctl(HV_RAWCALL_PIN)
 * @user_addr: page aligned address in the caller's memory
 * @pages: how many pages, at most HV_RAWCALL_PIN_MAX
 * @gpas: address of an array of @pages u64: their guest physical addresses
 *
 * Pin the caller's pages until the file is closed. Those that the hypervisor
 * has not given back by then stay pinned for ever: the kernel could not use
 * them anyway.
 */
struct hv_rawcall_pin {
	__aligned_u64 user_addr;
	__aligned_u64 pages;
	__aligned_u64 gpas;
};

#define HV_RAWCALL_PIN_MAX 4096

/**
 * struct hv_rawcall_peek - ioctl(HV_RAWCALL_PEEK)
 * @gpa: guest physical address of an aligned u64 in RAM of the kernel
 * @value: [out] what the kernel reads there
 *
 * Fails with EFAULT when the access is refused, EINVAL when the address is not
 * aligned or no page of the kernel's.
 */
struct hv_rawcall_peek {
	__aligned_u64 gpa;
	__aligned_u64 value;
};

#define HV_RAWCALL_IOCTL_TYPE 0xD8
#define HV_RAWCALL_CALL \
	_IOWR(HV_RAWCALL_IOCTL_TYPE, 0, struct hv_rawcall_regs)
#define HV_RAWCALL_PIN _IOW(HV_RAWCALL_IOCTL_TYPE, 1, struct hv_rawcall_pin)
#define HV_RAWCALL_PEEK _IOWR(HV_RAWCALL_IOCTL_TYPE, 2, struct hv_rawcall_peek)

#endif
