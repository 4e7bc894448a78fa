/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Registers of a virtual processor, and the calls that get and set them. TLFS
 * chapter "Virtual Processor Management", "Virtual Processor Register Names".
 */
#ifndef HV_REGISTERS_H
#define HV_REGISTERS_H

#include <hv/types.h>

/* HV_REGISTER_NAME. Where there are several in a row, the first. */
enum hv_register_name {
	HV_REGISTER_EXPLICIT_SUSPEND = 0x00000000,

	HV_X64_REGISTER_RAX = 0x00020000,
	HV_X64_REGISTER_RCX = 0x00020001,
	HV_X64_REGISTER_RDX = 0x00020002,
	HV_X64_REGISTER_RBX = 0x00020003,
	HV_X64_REGISTER_RSP = 0x00020004,
	HV_X64_REGISTER_RBP = 0x00020005,
	HV_X64_REGISTER_RSI = 0x00020006,
	HV_X64_REGISTER_RDI = 0x00020007,
	HV_X64_REGISTER_R8 = 0x00020008,
	HV_X64_REGISTER_R15 = 0x0002000f,
	HV_X64_REGISTER_RIP = 0x00020010,
	HV_X64_REGISTER_RFLAGS = 0x00020011,

	HV_X64_REGISTER_XMM0 = 0x00030000,
	HV_X64_REGISTER_XMM15 = 0x0003000f,
	HV_X64_REGISTER_FP_MMX0 = 0x00030010,
	HV_X64_REGISTER_FP_CONTROL_STATUS = 0x00030018,
	HV_X64_REGISTER_XMM_CONTROL_STATUS = 0x00030019,

	HV_X64_REGISTER_CR0 = 0x00040000,
	HV_X64_REGISTER_CR2 = 0x00040001,
	HV_X64_REGISTER_CR3 = 0x00040002,
	HV_X64_REGISTER_CR4 = 0x00040003,
	HV_X64_REGISTER_CR8 = 0x00040004,
	HV_X64_REGISTER_XFEM = 0x00040005,

	HV_X64_REGISTER_DR0 = 0x00050000,
	HV_X64_REGISTER_DR6 = 0x00050004,
	HV_X64_REGISTER_DR7 = 0x00050005,

	HV_X64_REGISTER_ES = 0x00060000,
	HV_X64_REGISTER_CS = 0x00060001,
	HV_X64_REGISTER_SS = 0x00060002,
	HV_X64_REGISTER_DS = 0x00060003,
	HV_X64_REGISTER_FS = 0x00060004,
	HV_X64_REGISTER_GS = 0x00060005,
	HV_X64_REGISTER_LDTR = 0x00060006,
	HV_X64_REGISTER_TR = 0x00060007,

	HV_X64_REGISTER_IDTR = 0x00070000,
	HV_X64_REGISTER_GDTR = 0x00070001,

	HV_X64_REGISTER_TSC = 0x00080000,
	HV_X64_REGISTER_EFER = 0x00080001,
	HV_X64_REGISTER_KERNEL_GS_BASE = 0x00080002,
	HV_X64_REGISTER_PAT = 0x00080004,
	HV_X64_REGISTER_SYSENTER_CS = 0x00080005,
	HV_X64_REGISTER_SYSENTER_EIP = 0x00080006,
	HV_X64_REGISTER_SYSENTER_ESP = 0x00080007,
	HV_X64_REGISTER_STAR = 0x00080008,
	HV_X64_REGISTER_LSTAR = 0x00080009,
	HV_X64_REGISTER_CSTAR = 0x0008000a,
	HV_X64_REGISTER_SFMASK = 0x0008000b,
	HV_X64_REGISTER_INITIAL_APIC_ID = 0x0008000c,

	HV_X64_REGISTER_HYPERCALL = 0x00090001,
	HV_REGISTER_GUEST_OS_ID = 0x00090002,
	HV_REGISTER_VP_INDEX = 0x00090003,
	HV_REGISTER_VP_ASSIST_PAGE = 0x00090013,
	HV_REGISTER_REFERENCE_TSC = 0x00090017,

	HV_REGISTER_SINT0 = 0x000a0000,
	HV_REGISTER_SINT15 = 0x000a000f,
	HV_REGISTER_SCONTROL = 0x000a0010,
	HV_REGISTER_SVERSION = 0x000a0011,
	HV_REGISTER_SIEFP = 0x000a0012,
	HV_REGISTER_SIMP = 0x000a0013,
};

/* HV_X64_SEGMENT_REGISTER; attributes as in bits 55:40 of a descriptor. */
struct hv_x64_segment {
	u64 base;
	u32 limit;
	u16 selector;
	u16 attributes;
};

HV_ASSERT_SIZE(struct hv_x64_segment, 16);
HV_ASSERT_OFFSET(struct hv_x64_segment, limit, 8);
HV_ASSERT_OFFSET(struct hv_x64_segment, selector, 12);
HV_ASSERT_OFFSET(struct hv_x64_segment, attributes, 14);

/* HV_X64_TABLE_REGISTER */
struct hv_x64_table {
	u16 padding[3];
	u16 limit;
	u64 base;
};

HV_ASSERT_SIZE(struct hv_x64_table, 16);
HV_ASSERT_OFFSET(struct hv_x64_table, limit, 6);
HV_ASSERT_OFFSET(struct hv_x64_table, base, 8);

/* HV_REGISTER_VALUE; a register of 64 bits is in low, and high is zero. */
union hv_register_value {
	struct {
		u64 low;
		u64 high;
	};
	struct hv_x64_segment segment;
	struct hv_x64_table table;
};

HV_ASSERT_SIZE(union hv_register_value, 16);

/* HvGetVpRegisters, 0x50: header, then one u32 name per rep. */
struct hv_input_get_vp_registers {
	u64 partition_id;
	u32 vp_index;
	u8 input_vtl;
	u8 reserved[3];
	u32 names[];
};

HV_ASSERT_SIZE(struct hv_input_get_vp_registers, 16);
HV_ASSERT_OFFSET(struct hv_input_get_vp_registers, input_vtl, 12);
HV_ASSERT_OFFSET(struct hv_input_get_vp_registers, names, 16);
#define HV_GET_VP_REGISTERS_MAX (HV_PAGE_SIZE / 16)

/* HvSetVpRegisters, 0x51: the same header, then one of these per rep. */
struct hv_register_assoc {
	u32 name;
	u32 padding[3];
	union hv_register_value value;
};

HV_ASSERT_SIZE(struct hv_register_assoc, 32);
HV_ASSERT_OFFSET(struct hv_register_assoc, value, 16);

struct hv_input_set_vp_registers {
	u64 partition_id;
	u32 vp_index;
	u8 input_vtl;
	u8 reserved[3];
	struct hv_register_assoc elements[];
};

HV_ASSERT_SIZE(struct hv_input_set_vp_registers, 16);
HV_ASSERT_OFFSET(struct hv_input_set_vp_registers, elements, 16);
#define HV_SET_VP_REGISTERS_MAX ((HV_PAGE_SIZE - 16) / 32)

#endif
