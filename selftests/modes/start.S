/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From the 32-bit entry of the Linux/x86 boot protocol into 64-bit C, with a
 * table of segments for every mode that thunks.S wants.
 */
#include "segments.h"

	.section .header, "a"
	.org 0x1f1
	.byte 1 /* setup sectors behind this one */
	.org 0x1fe
	.word 0xaa55
	.byte 0xeb, 0x62 /* the header ends 0x62 bytes behind this */
	.ascii "HdrS"
	.word 0x020c /* protocol */
	.org 0x211
	.byte 1 /* loaded high */
	.org 0x214
	.long start32
	.org 0x22c
	.long 0x7fffffff /* initrd's end */
	.long 0x1000 /* alignment */
	.byte 0 /* not relocatable */
	.org 0x238
	.long 255 /* command line */
	.org 0x258
	.quad start32 /* preferred address */
	.long init_size
	.org 0x400

	.section .text.start, "ax"
	.code32
	.globl start32
start32:
	cli
	cld
	movl $bss_start, %edi
	movl $bss_end, %ecx
	subl %edi, %ecx
	xorl %eax, %eax
	rep stosb
	movl 0x228(%esi), %eax /* struct boot_params: cmd_line_ptr */
	movl %eax, modes_command_line

	/* The first GiB one to one, for the user as well. */
	movl $page_directory, %edi
	movl $0x87, %eax /* present, writable, user, 2 MiB */
	movl $512, %ecx
1:	movl %eax, (%edi)
	addl $0x200000, %eax
	addl $8, %edi
	loop 1b
	movl $page_directory + 7, pdpt
	/* And a GiB of GPAs where nothing is. */
	movl $(NOWHERE & 0xffffffff) + 0x87, pdpt + 8 * (NOWHERE_AT >> 30)
	movl $NOWHERE >> 32, pdpt + 8 * (NOWHERE_AT >> 30) + 4
	movl $pdpt + 7, pml4

	movl $0x220, %eax /* PAE, OSFXSR */
	movl %eax, %cr4
	movl $pml4, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x100, %eax /* LME */
	wrmsr
	movl %cr0, %eax
	andl $~0xc, %eax /* EM, TS: XMM registers can be used */
	orl $0x80000003, %eax /* PG, MP, PE */
	movl %eax, %cr0
	lgdt gdt_pointer
	ljmp $CODE64, $start64

	.code64
start64:
	movl $DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movq $stack_end, %rsp

	/* The task state segment's address is scattered over its descriptor. */
	movl $tss, %eax
	movw %ax, gdt_tss + 2
	shrl $16, %eax
	movb %al, gdt_tss + 4
	movb %ah, gdt_tss + 7
	movq $trap_stack_end, tss + 4
	movw $TSS, %ax
	ltr %ax

	call fill_idt
	lidt idt_pointer
	call modes_main
2:	cli
	hlt
	jmp 2b

	/* A further processor, from the copy of this at LOW_OTHER. */
	.globl other16, other16_end
	.code16
other16:
	cli
	movl $0x220, %eax
	movl %eax, %cr4
	movl $pml4, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $0x100, %eax
	wrmsr
	lgdtl %cs:other_gdt_pointer - other16
	movl $0x80000013, %eax /* PG, ET, MP, PE */
	movl %eax, %cr0
	ljmpl $CODE64, $other64
other_gdt_pointer:
	.word gdt_end - gdt - 1
	.long gdt
other16_end:

	.code64
other64:
	movl $DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	lidt idt_pointer
	movl $1, %eax
	cpuid
	shrl $24, %ebx /* APIC id: 1 and up */
	movl %ebx, %edi
	shll $12, %ebx
	leaq other_stacks(%rbx), %rsp
	call parallel_other
1:	hlt
	jmp 1b

	/*
	 * Every vector stops the machine, but #DB, NMI, #UD, #GP where it may be,
	 * the interrupt, and the way out of ring 3.
	 */
fill_idt:
	xorl %ecx, %ecx
	movl $unexpected, %edx
3:	call set_gate
	incl %ecx
	cmpl $129, %ecx
	jb 3b
	movl $1, %ecx
	movl $breakpoint, %edx
	call set_gate
	movl $2, %ecx
	movl $nmi, %edx
	call set_gate
	movl $6, %ecx
	movl $undefined_opcode, %edx
	call set_gate
	movl $13, %ecx
	movl $general_protection, %edx
	call set_gate
	movl $INTERRUPT, %ecx
	movl $leave_interrupt, %edx
	call set_gate
	movl $128, %ecx
	movl $leave_ring3, %edx
	call set_gate
	movb $0xee, idt + 128 * 16 + 5 /* ring 3 may */
	ret
set_gate: /* vector in ecx, handler in edx, below 4 GiB */
	movq %rcx, %rdi
	shlq $4, %rdi
	addq $idt, %rdi
	movl %edx, %eax
	movw %ax, (%rdi)
	movw $CODE64, 2(%rdi)
	movw $0x8e00, 4(%rdi)
	shrl $16, %eax
	movw %ax, 6(%rdi)
	movq $0, 8(%rdi)
	ret

unexpected:
	movq %rsp, %rdi
	movq $last_stack_end, %rsp
	call modes_unexpected

breakpoint:
	incl modes_breakpoints
	orl $RFLAGS_RF, 16(%rsp)
	iretq

	/* Its IRET is the one instruction to which these flags apply. */
nmi:
	.irp reg, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	pushq %\reg
	.endr
	leaq 9 * 8(%rsp), %rdi
	call hostile_take_nmi
	.irp reg, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	popq %\reg
	.endr
	pushq modes_nmi_flags
	popfq
	iretq
	/* Had hostile_take_nmi() made that impossible. */
	movq $CODE64, 8(%rsp)
	iretq

	/* If there may be one at all: of an instruction of so many bytes. */
general_protection:
	cmpl $0, modes_may_refuse
	je unexpected
	incl modes_refused
	movq %rax, (%rsp) /* in place of the error code */
	movl modes_may_refuse, %eax
	addq %rax, 8(%rsp)
	popq %rax
	iretq

	/* The instruction is always VMMCALL, without prefixes. */
undefined_opcode:
	incl modes_undefined
	addq $3, (%rsp)
	iretq

	.data
	.balign 8
	.globl gdt_pointer, idt_pointer, real_idt_pointer
gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* CODE64 */
	.quad 0x00cf93000000ffff /* DATA */
	.quad 0x00cf9b000000ffff /* CODE32 */
	.quad 0x00009b000000ffff /* CODE16 */
	.quad 0x000093000000ffff /* DATA16 */
	.quad 0x00cffb000000ffff /* USER_CODE32 */
	.quad 0x00cff3000000ffff /* USER_DATA */
	.quad 0x00affb000000ffff /* USER_CODE64 */
gdt_tss:
	.quad 0x0000890000000067
	.quad 0
gdt_end:
gdt_pointer:
	.word gdt_end - gdt - 1
	.quad gdt
idt_pointer:
	.word 129 * 16 - 1
	.quad idt
real_idt_pointer:
	.word 0x3ff
	.quad 0

	.bss
	.balign 4096
	.globl pml4
pml4:
	.skip 4096
pdpt:
	.skip 4096
page_directory:
	.skip 4096
idt:
	.skip 4096
tss:
	.skip 104
	.balign 16
	.skip 16384
stack_end:
	.skip 4096
trap_stack_end:
	.skip 4096
last_stack_end:
other_stacks:
	.skip 4096 * (MAX_PROCESSORS - 1)

	.section .note.GNU-stack, "", @progbits
