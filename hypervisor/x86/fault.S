/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypervisor's own interrupts and exceptions. None of its own faults is
 * expected: they end in hvx_fault(). NMIs are how processors wake each other;
 * their sender has left a note, so there is nothing to do but remember it. Other
 * interrupts are taken only while an INIT is played out (apic.c) and are
 * dropped.
 *
 * Page faults and double faults have a stack of their own, as the reason may be
 * that there is no other left.
 */
	.text

	.macro fault vector, has_error
fault_\vector:
	.if \has_error == 0
	pushq $0
	.endif
	pushq $\vector
	jmp fault_common
	.endm

	.irp vector, 0,1,3,4,5,6,7,9,15,16,18,19,20,22,23,24,25,26,27,28,31
	fault \vector, 0
	.endr
	.irp vector, 8,10,11,12,13,14,17,21,29,30
	fault \vector, 1
	.endr

fault_common:
	pushq %rax
	pushq %rbx
	pushq %rcx
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %rbp
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, %rdi
	cld
	call hvx_fault
1:	hlt
	jmp 1b

	/* struct hvx_cpu: svm.c has let GS begin there. */
#define NMI_TAKEN %gs:128

fault_2:
	movl $1, NMI_TAKEN
	pushq %rax
	movq 8(%rsp), %rax
	cmpq $hvx_idle_begin, %rax
	jb 1f
	cmpq $hvx_idle_end, %rax
	jae 1f
	movq $hvx_idle_end, 8(%rsp)
1:	popq %rax
	iretq

interrupt_drop:
	pushq %rax
	pushq %rcx
	pushq %rdx
	pushq %rsi
	pushq %rdi
	pushq %r8
	pushq %r9
	pushq %r10
	pushq %r11
	cld
	call hvx_apic_eoi
	popq %r11
	popq %r10
	popq %r9
	popq %r8
	popq %rdi
	popq %rsi
	popq %rdx
	popq %rcx
	popq %rax
	iretq

	.section .rodata
	.balign 8
	/* Entry points of vectors 0-31, then the one of all others. */
	.globl hvx_vectors
hvx_vectors:
	.irp vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	.quad fault_\vector
	.endr
	.irp vector, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	.quad fault_\vector
	.endr
	.quad interrupt_drop

	.section .note.GNU-stack, "", @progbits
