/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VMMCALL in a mode of the processor: each loads all registers from
 * modes_registers, executes it, and stores them again.
 */
#include "segments.h"

	.macro load64
	movq modes_registers + 0, %rax
	movq modes_registers + 8, %rbx
	movq modes_registers + 16, %rcx
	movq modes_registers + 24, %rdx
	movq modes_registers + 32, %rsi
	movq modes_registers + 40, %rdi
	movq modes_registers + 48, %rbp
	movq modes_registers + 56, %r8
	movq modes_registers + 64, %r9
	movq modes_registers + 72, %r10
	movq modes_registers + 80, %r11
	movq modes_registers + 88, %r12
	movq modes_registers + 96, %r13
	movq modes_registers + 104, %r14
	movq modes_registers + 112, %r15
	pushq modes_registers + REGS_FLAGS
	popfq
	.endm

	.macro store64
	movq %rax, modes_registers + 0
	movq %rbx, modes_registers + 8
	movq %rcx, modes_registers + 16
	movq %rdx, modes_registers + 24
	movq %rsi, modes_registers + 32
	movq %rdi, modes_registers + 40
	movq %rbp, modes_registers + 48
	movq %r8, modes_registers + 56
	movq %r9, modes_registers + 64
	movq %r10, modes_registers + 72
	movq %r11, modes_registers + 80
	movq %r12, modes_registers + 88
	movq %r13, modes_registers + 96
	movq %r14, modes_registers + 104
	movq %r15, modes_registers + 112
	pushfq
	popq modes_registers + REGS_FLAGS
	.endm

	.macro load32 from
	movl \from + 0, %eax
	movl \from + 8, %ebx
	movl \from + 16, %ecx
	movl \from + 24, %edx
	movl \from + 32, %esi
	movl \from + 40, %edi
	movl \from + 48, %ebp
	pushl \from + REGS_FLAGS
	popfl
	.endm

	.macro store32 to
	movl %eax, \to + 0
	movl %ebx, \to + 8
	movl %ecx, \to + 16
	movl %edx, \to + 24
	movl %esi, \to + 32
	movl %edi, \to + 40
	movl %ebp, \to + 48
	pushfl
	popl \to + REGS_FLAGS
	.endm

	.macro xmm move
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	\move \n
	.endr
	.endm
	.macro load_xmm n
	movups modes_registers + REGS_XMM + 16 * \n, %xmm\n
	.endm
	.macro store_xmm n
	movups %xmm\n, modes_registers + REGS_XMM + 16 * \n
	.endm

	/* What C expects to find again. */
	.macro enter
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, saved_rsp
	xmm load_xmm
	.endm
	.macro leave_thunk
	movq saved_rsp, %rsp
	xmm store_xmm
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret
	.endm

	.text
	.code64
	/* 64-bit code, ring 0 */
	.globl call_long
call_long:
	enter
	load64
	vmmcall
	store64
	leave_thunk

	/* 32-bit code of long mode, ring 0 */
	.globl call_compat
call_compat:
	enter
	pushq $CODE32
	pushq $1f
	lretq
	.code32
1:	load32 modes_registers
	vmmcall
	store32 modes_registers
	ljmp $CODE64, $back

	.code64
back:
	leave_thunk

	/* Protected mode without paging, ring 0 */
	.globl call_protected
call_protected:
	enter
	pushq $CODE32
	pushq $2f
	lretq
	.code32
2:	movl %cr0, %eax
	andl $~CR0_PG, %eax
	movl %eax, %cr0
	load32 modes_registers
	vmmcall
	store32 modes_registers
paging_again:
	movl %cr0, %eax
	orl $CR0_PG, %eax
	movl %eax, %cr0
	ljmp $CODE64, $back

	/* Real mode: its code must be in the first 64 KiB. */
	.code64
	.globl call_real
call_real:
	enter
	movq $low_code, %rsi
	movq $LOW_CODE, %rdi
	movl $low_code_end - low_code, %ecx
	rep movsb
	movq $modes_registers, %rsi
	movq $LOW_REGS, %rdi
	movl $REGS_XMM, %ecx
	rep movsb
	pushq $CODE32
	pushq $3f
	lretq
	.code32
3:	movl %cr0, %eax
	andl $~CR0_PG, %eax
	movl %eax, %cr0
	lidt real_idt_pointer
	ljmp $CODE16, $LOW_CODE
back_from_real:
	movl $DATA, %eax
	movl %eax, %ds
	movl %eax, %es
	movl %eax, %ss
	movl $LOW_REGS, %esi
	movl $modes_registers, %edi
	movl $REGS_XMM, %ecx
	rep movsb
	movzwl LOW_CODE + low_undefined - low_code, %eax
	addl %eax, modes_undefined
	lidt idt_pointer
	jmp paging_again

	.code16
low_code:
	movl $DATA16, %eax
	movl %eax, %ds
	movl %eax, %ss
	movl %cr0, %eax
	andl $~CR0_PE, %eax
	movl %eax, %cr0
	ljmp $0, $LOW_CODE + 4f - low_code
4:	xorl %eax, %eax
	movl %eax, %ds
	movl %eax, %ss
	movl $LOW_REGS, %esp
	movw $LOW_CODE + low_handler - low_code, 6 * 4
	movw %ax, 6 * 4 + 2
	load32 LOW_REGS
	vmmcall
	store32 LOW_REGS
	movl %cr0, %eax
	orl $CR0_PE, %eax
	movl %eax, %cr0
	ljmpl $CODE32, $back_from_real
low_handler:
	incw LOW_CODE + low_undefined - low_code
	pushl %ebp
	movw %sp, %bp
	addw $3, 4(%bp)
	popl %ebp
	iretw
low_undefined:
	.word 0
low_code_end:

	/* Ring 3: int 0x80 leads back. */
	.code64
	.globl call_user64, call_user32
call_user64:
	enter
	pushq $USER_DATA
	pushq $user_stack_end
	pushq $2 /* RFLAGS */
	pushq $USER_CODE64
	pushq $5f
	iretq
5:	load64
	vmmcall
	store64
	int $0x80

call_user32:
	enter
	movl $USER_DATA, %eax
	movl %eax, %ds
	pushq $USER_DATA
	pushq $user_stack_end
	pushq $2
	pushq $USER_CODE32
	pushq $6f
	iretq
	.code32
6:	load32 modes_registers
	vmmcall
	store32 modes_registers
	int $0x80

	.code64
	.globl leave_ring3
leave_ring3:
	movl $DATA, %eax
	movl %eax, %ds
	movl %eax, %ss
	leave_thunk

#define PORT_PIC1_MASK 0x21
#define HANDLER_TIME 0x18000000 /* longer than the timer's 55 ms */

	.macro read_time /* to RAX */
	rdtsc
	shlq $32, %rdx
	orq %rdx, %rax
	.endm

	/* An interrupt that is pending comes while the stack is elsewhere. */
	.globl take_interrupt, leave_interrupt
take_interrupt: /* RDI: the end of the stack */
	enter
	movq %rdi, %rsp
	sti
	nop
	nop
	cli
	leave_thunk
leave_interrupt:
	incl modes_interrupts
	/* The firmware's timer comes meanwhile, and has to wait. No stack here. */
	movb $0xfe, %al
	outb %al, $PORT_PIC1_MASK
	read_time
	leaq HANDLER_TIME(%rax), %rcx
1:	read_time
	cmpq %rcx, %rax
	jb 1b
	movb $0xff, %al
	outb %al, $PORT_PIC1_MASK
	leave_thunk

	.bss
	.balign 16
saved_rsp:
	.quad 0
	.skip 256
user_stack_end:

	.section .note.GNU-stack, "", @progbits
