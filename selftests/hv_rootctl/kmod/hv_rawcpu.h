/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/hv_rawcpu: what a kernel can do to processors and their APICs, for tests
 * that try to lead them out of the hypervisor. Everything happens on the
 * processor that makes the ioctl; what is refused (#GP) fails with EFAULT.
 */
#ifndef HV_RAWCPU_H
#define HV_RAWCPU_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Instructions that access a register in memory. */
enum hv_rawcpu_form {
	HV_RAWCPU_LOAD,
	HV_RAWCPU_STORE,
	HV_RAWCPU_STORE_R12, /* base R12, source R9: REX and SIB */
	HV_RAWCPU_STORE_DISP8,
	HV_RAWCPU_STORE_DISP32, /* base, index and 32 bits */
	HV_RAWCPU_STORE_IMMEDIATE, /* of HV_RAWCPU_IMMEDIATE, not value */
	HV_RAWCPU_STORE_OFFSET, /* to the APIC's error entry, whatever address */
	HV_RAWCPU_EXCHANGE,
	/* What is not emulated. */
	HV_RAWCPU_STORE_8,
	HV_RAWCPU_STORE_16,
	HV_RAWCPU_STORE_64,
	HV_RAWCPU_OR,
	HV_RAWCPU_NR_FORMS,
};

#define HV_RAWCPU_IMMEDIATE 0x100efU

/**
 * struct hv_rawcpu_register - ioctl(HV_RAWCPU_REGISTER)
 * @address: physical address, not of RAM that the kernel knows
 * @form: enum hv_rawcpu_form
 * @value: [in/out] what is stored; what was loaded or exchanged
 */
struct hv_rawcpu_register {
	__aligned_u64 address;
	__u32 form;
	__u32 value;
};

enum hv_rawcpu_face {
	HV_RAWCPU_PAGE,
	HV_RAWCPU_SYNTHETIC, /* MSR 0x40000071 */
	HV_RAWCPU_X2APIC, /* MSR 0x830 */
};

/**
 * struct hv_rawcpu_icr - ioctl(HV_RAWCPU_ICR): one interprocessor message
 * @face: enum hv_rawcpu_face
 * @destination: APIC id, or logical
 * @command: low half of the register
 */
struct hv_rawcpu_icr {
	__u32 face;
	__u32 destination;
	__u32 command;
	__u32 padding;
};

/**
 * struct hv_rawcpu_nmis - ioctl(HV_RAWCPU_NMIS)
 * @cpu: whose
 * @count: [out] NMIs since the device was opened; they count as handled
 */
struct hv_rawcpu_nmis {
	__u32 cpu;
	__u32 count;
};

enum hv_rawcpu_instruction {
	HV_RAWCPU_RDMSR, /* of the VP index */
	HV_RAWCPU_RDMSR_PREFIXED,
	HV_RAWCPU_VMMCALL, /* an unknown call */
	HV_RAWCPU_VMMCALL_PREFIXED,
	/* Of SVM. What is refused (#UD) fails with EFAULT. */
	HV_RAWCPU_VMRUN,
	HV_RAWCPU_VMLOAD,
	HV_RAWCPU_VMSAVE,
	HV_RAWCPU_STGI,
	HV_RAWCPU_CLGI,
	HV_RAWCPU_SKINIT,
	HV_RAWCPU_INVLPGA,
	HV_RAWCPU_NR_INSTRUCTIONS,
};

/**
 * struct hv_rawcpu_execute - ioctl(HV_RAWCPU_EXECUTE)
 * @instruction: enum hv_rawcpu_instruction
 * @result: [out] EAX behind it; the register that the next instruction sets
 *	is checked, EIO when it was not executed
 */
struct hv_rawcpu_execute {
	__u32 instruction;
	__u32 result;
};

/**
 * struct hv_rawcpu_msr - ioctl(HV_RAWCPU_MSR)
 * @msr: EFER, one of those of SVM or of x2APIC mode, or to read, a synthetic one
 * @write: not 0: write it, else read it
 * @value: [in/out] what is written; what was read
 */
struct hv_rawcpu_msr {
	__u32 msr;
	__u32 write;
	__aligned_u64 value;
};

#define HV_RAWCPU_IOCTL_TYPE 0xD9
#define HV_RAWCPU_REGISTER \
	_IOWR(HV_RAWCPU_IOCTL_TYPE, 0, struct hv_rawcpu_register)
#define HV_RAWCPU_ICR _IOW(HV_RAWCPU_IOCTL_TYPE, 1, struct hv_rawcpu_icr)
#define HV_RAWCPU_NMIS _IOWR(HV_RAWCPU_IOCTL_TYPE, 2, struct hv_rawcpu_nmis)
#define HV_RAWCPU_EXECUTE \
	_IOWR(HV_RAWCPU_IOCTL_TYPE, 3, struct hv_rawcpu_execute)
#define HV_RAWCPU_MSR _IOWR(HV_RAWCPU_IOCTL_TYPE, 4, struct hv_rawcpu_msr)

#endif
