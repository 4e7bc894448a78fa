/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From a Multiboot (version 1) loader into 64-bit C: eax is the magic number,
 * ebx points to the loader's information. Paging maps the first 4 GiB one to
 * one; memory.c adds what is above.
 */
#define MULTIBOOT_MAGIC 0x1badb002
#define MULTIBOOT_FLAGS 0x00000003 /* page-aligned modules, memory map */

#define CR0_BOOT 0x80010033 /* PG WP NE ET MP PE */
#define CR4_PAE_FXSR 0x220 /* FXSR: XMM registers can be moved */
#define EFER_LME_NXE 0x900
#define PAGE_LARGE 0x83 /* present, writable, 2 MiB */
#define PAGE_TABLE 0x03

	.section .multiboot, "a"
	.balign 4
	.long MULTIBOOT_MAGIC
	.long MULTIBOOT_FLAGS
	.long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.text
	.code32
	.globl _start
_start:
	cli
	cld
	movl $boot_stack_end, %esp
	movl %eax, %edi
	movl %ebx, %esi

	/* Is there a long mode at all? */
	movl $0x80000000, %eax
	cpuid
	cmpl $0x80000001, %eax
	jb no_long_mode
	movl $0x80000001, %eax
	cpuid
	btl $29, %edx
	jnc no_long_mode

	/* Four page directories of 2 MiB pages. */
	movl $hvx_pd, %ebx
	movl $PAGE_LARGE, %eax
	movl $2048, %ecx
1:	movl %eax, (%ebx)
	addl $0x200000, %eax
	addl $8, %ebx
	loop 1b
	movl $hvx_pd + PAGE_TABLE, %eax
	movl $hvx_pdpt, %ebx
	movl $4, %ecx
2:	movl %eax, (%ebx)
	addl $0x1000, %eax
	addl $8, %ebx
	loop 2b
	movl $hvx_pdpt + PAGE_TABLE, hvx_pml4

	movl $CR4_PAE_FXSR, %eax
	movl %eax, %cr4
	movl $hvx_pml4, %eax
	movl %eax, %cr3
	movl $0xc0000080, %ecx
	rdmsr
	orl $EFER_LME_NXE, %eax
	wrmsr
	movl $CR0_BOOT, %eax
	movl %eax, %cr0
	lgdt gdt_pointer
	ljmp $0x08, $start64

no_long_mode:
	movl $message, %esi
3:	lodsb
	testb %al, %al
	jz 4f
	outb %al, $0xe9
	movw $0x3f8, %dx
	outb %al, %dx
	jmp 3b
4:	movb $0x31, %al
	outb %al, $0xf4
5:	hlt
	jmp 5b

	.code64
start64:
	movw $0x10, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	xorl %eax, %eax
	movw %ax, %fs
	movw %ax, %gs
	movq $boot_stack_end, %rsp
	movl %edi, %edi
	movl %esi, %esi
	call hvx_main
6:	hlt
	jmp 6b

	.section .rodata
message:
	.asciz "hypervisor: FATAL: this processor has no long mode\r\n"

	.balign 8
	.globl hvx_gdt
hvx_gdt:
	.quad 0
	.quad 0x00af9b000000ffff /* 0x08: 64-bit code */
	.quad 0x00cf93000000ffff /* 0x10: data */
hvx_gdt_end:
	.globl gdt_pointer
gdt_pointer:
	.word hvx_gdt_end - hvx_gdt - 1
	.quad hvx_gdt

	.section .bss.pages, "aw", @nobits
	.balign 4096
	.globl hvx_pml4, hvx_pdpt
hvx_pml4:
	.skip 4096
hvx_pdpt:
	.skip 4096
hvx_pd:
	.skip 4 * 4096
	.balign 16
	.globl boot_stack
boot_stack:
	.skip 16384
boot_stack_end:

	.section .note.GNU-stack, "", @progbits
