/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where an application processor starts: copied to a page below 1 MiB, entered
 * in real mode by a SIPI, once for each processor. It goes to long mode in one
 * step and calls the C function that smp.c left for it.
 */
#define CR0_BOOT 0x80010033
#define CR4_PAE_FXSR 0x220 /* FXSR: XMM registers can be moved */
#define EFER_LME_NXE 0x900

	.section .rodata
	.code16
	.balign 16
	.globl trampoline_start, trampoline_end, trampoline_data
trampoline_start:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	/* The page's linear address, for the two pointers that need one. */
	movzwl %ax, %ebx
	shll $4, %ebx
	leal tr_gdt - trampoline_start(%ebx), %eax
	movl %eax, tr_gdt_pointer - trampoline_start + 2
	leal tr_start64 - trampoline_start(%ebx), %eax
	movl %eax, tr_far - trampoline_start
	lgdtl tr_gdt_pointer - trampoline_start
	movl $CR4_PAE_FXSR, %eax
	movl %eax, %cr4
	movl tr_cr3 - trampoline_start, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $EFER_LME_NXE, %eax
	wrmsr
	movl $CR0_BOOT, %eax
	movl %eax, %cr0
	ljmpl *tr_far - trampoline_start

	.code64
tr_start64:
	movw $0x10, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	xorl %eax, %eax
	movw %ax, %fs
	movw %ax, %gs
	movq tr_stack(%rip), %rsp
	movq tr_cpu(%rip), %rdi
	movq tr_entry(%rip), %rax
	lgdt gdt_pointer
	xorl %ebp, %ebp
	call *%rax
1:	hlt
	jmp 1b

	.balign 8
tr_gdt:
	.quad 0
	.quad 0x00af9b000000ffff
	.quad 0x00cf93000000ffff
tr_gdt_pointer:
	.word 23
	.long 0
	.balign 4
tr_far:
	.long 0
	.word 0x08
	/* struct trampoline_data in smp.c */
	.balign 8
trampoline_data:
tr_cr3:	.quad 0
tr_stack:
	.quad 0
tr_cpu:	.quad 0
tr_entry:
	.quad 0
trampoline_end:

	.section .note.GNU-stack, "", @progbits
