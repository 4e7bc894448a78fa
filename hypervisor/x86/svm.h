/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The virtual machine control block: AMD APM volume 2, appendix B.
 */
#ifndef HVX_SVM_H
#define HVX_SVM_H

#include <hv/types.h>

struct vmcb_segment {
	u16 selector;
	u16 attributes;
	u32 limit;
	u64 base;
};

struct vmcb {
	/* Control area. */
	u32 intercept_cr;
	u32 intercept_dr;
	u32 intercept_exceptions;
	u32 intercept_misc1;
	u32 intercept_misc2;
	u32 intercept_misc3;
	u8 reserved_018[0x040 - 0x018];
	u64 iopm_base;
	u64 msrpm_base;
	u64 tsc_offset;
	u32 asid;
	u32 tlb_control;
	u64 virtual_interrupt;
	u64 interrupt_shadow;
	u64 exit_code;
	u64 exit_info1;
	u64 exit_info2;
	u64 exit_interrupt;
	u64 nested_control;
	u8 reserved_098[0x0a8 - 0x098];
	u64 event_injection;
	u64 nested_cr3;
	u64 lbr_control;
	u64 clean;
	u64 next_rip;
	u8 reserved_0d0[0x400 - 0x0d0];
	/* State save area. */
	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved_4a0[0x4cb - 0x4a0];
	u8 cpl;
	u32 reserved_4cc;
	u64 efer;
	u8 reserved_4d8[0x548 - 0x4d8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u8 reserved_580[0x5d8 - 0x580];
	u64 rsp;
	u8 reserved_5e0[0x5f8 - 0x5e0];
	u64 rax;
	u64 star, lstar, cstar, sfmask, kernel_gs_base;
	u64 sysenter_cs, sysenter_esp, sysenter_eip;
	u64 cr2;
	u8 reserved_648[0x668 - 0x648];
	u64 g_pat;
	u8 reserved_670[0x1000 - 0x670];
};

HV_ASSERT_SIZE(struct vmcb, 0x1000);
HV_ASSERT_OFFSET(struct vmcb, iopm_base, 0x040);
HV_ASSERT_OFFSET(struct vmcb, asid, 0x058);
HV_ASSERT_OFFSET(struct vmcb, exit_code, 0x070);
HV_ASSERT_OFFSET(struct vmcb, nested_control, 0x090);
HV_ASSERT_OFFSET(struct vmcb, event_injection, 0x0a8);
HV_ASSERT_OFFSET(struct vmcb, next_rip, 0x0c8);
HV_ASSERT_OFFSET(struct vmcb, es, 0x400);
HV_ASSERT_OFFSET(struct vmcb, cpl, 0x4cb);
HV_ASSERT_OFFSET(struct vmcb, efer, 0x4d0);
HV_ASSERT_OFFSET(struct vmcb, cr4, 0x548);
HV_ASSERT_OFFSET(struct vmcb, rip, 0x578);
HV_ASSERT_OFFSET(struct vmcb, rsp, 0x5d8);
HV_ASSERT_OFFSET(struct vmcb, rax, 0x5f8);
HV_ASSERT_OFFSET(struct vmcb, cr2, 0x640);
HV_ASSERT_OFFSET(struct vmcb, g_pat, 0x668);

#define SVM_DR_WRITE_0_TO_3 (0xfU << 16)

#define SVM_MISC1_NMI (1U << 1)
#define SVM_MISC1_INIT (1U << 3)
#define SVM_MISC1_CPUID (1U << 18)
#define SVM_MISC1_IRET (1U << 20)
#define SVM_MISC1_INVD (1U << 22)
#define SVM_MISC1_INVLPGA (1U << 26)
#define SVM_MISC1_IOIO (1U << 27)
#define SVM_MISC1_MSR (1U << 28)
#define SVM_MISC1_SHUTDOWN (1U << 31)

#define SVM_MISC2_VMRUN (1U << 0)
#define SVM_MISC2_VMMCALL (1U << 1)
#define SVM_MISC2_VMLOAD (1U << 2)
#define SVM_MISC2_VMSAVE (1U << 3)
#define SVM_MISC2_STGI (1U << 4)
#define SVM_MISC2_CLGI (1U << 5)
#define SVM_MISC2_SKINIT (1U << 6)

#define SVM_CS_LONG 0x200 /* in the attributes of CS */
#define SVM_CS_32 0x400
#define SVM_TLB_FLUSH_ALL 1U
#define SVM_NESTED_PAGING 1ULL

/* virtual_interrupt */
#define SVM_VIRQ (1ULL << 8)
#define SVM_VIRQ_ANY_TPR (1ULL << 20)
#define SVM_VIRQ_VECTOR_SHIFT 32

#define SVM_EVENT_VALID (1ULL << 31)
#define SVM_EVENT_VECTOR 0xffULL
#define SVM_EVENT_TYPE (7ULL << 8)
#define SVM_EVENT_HAS_ERROR (1ULL << 11)
#define SVM_EVENT_INTERRUPT (0ULL << 8)
#define SVM_EVENT_EXCEPTION (3ULL << 8)
#define SVM_EVENT_NMI (2ULL << 8)
#define SVM_EVENT_SOFTWARE (4ULL << 8)

#define SVM_IOIO_IN (1ULL << 0)
#define SVM_IOIO_STRING (1ULL << 2)
#define SVM_IOIO_SIZE(info) (((info) >> 4) & 7)
#define SVM_IOIO_PORT(info) ((u16)((info) >> 16))

#define SVM_NPF_WRITE (1ULL << 1)
#define SVM_NPF_WALK (1ULL << 33) /* of the guest's page tables */

#define SVM_EXIT_WRITE_DR0 0x30ULL
#define SVM_EXIT_WRITE_DR3 0x33ULL
#define SVM_EXIT_EXCEPTION_0 0x40ULL
#define SVM_EXIT_EXCEPTION_31 0x5fULL
#define SVM_EXIT_NMI 0x61ULL
#define SVM_EXIT_INIT 0x63ULL
#define SVM_EXIT_CPUID 0x72ULL
#define SVM_EXIT_IRET 0x74ULL
#define SVM_EXIT_INVD 0x76ULL
#define SVM_EXIT_INVLPGA 0x7aULL
#define SVM_EXIT_IOIO 0x7bULL
#define SVM_EXIT_MSR 0x7cULL
#define SVM_EXIT_SHUTDOWN 0x7fULL
#define SVM_EXIT_VMRUN 0x80ULL
#define SVM_EXIT_VMMCALL 0x81ULL
#define SVM_EXIT_VMLOAD 0x82ULL
#define SVM_EXIT_VMSAVE 0x83ULL
#define SVM_EXIT_STGI 0x84ULL
#define SVM_EXIT_CLGI 0x85ULL
#define SVM_EXIT_SKINIT 0x86ULL
#define SVM_EXIT_NPF 0x400ULL
#define SVM_EXIT_INVALID (~0ULL)

#endif
