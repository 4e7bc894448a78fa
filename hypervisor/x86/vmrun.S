/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One visit to the guest, and the way a processor waits inside the hypervisor.
 */

	/* struct hvx_cpu: struct hvx_regs, then vmcb_pa, then host_state. */
#define REG(n) (8 * (n))(%rdi)
#define VMCB_PA REG(14)
#define HOST_STATE REG(15)

	.text
	/*
	 * void hvx_guest(struct hvx_cpu *cpu)
	 *
	 * Visit the guest, let hvx_quick_exit() or hvx_exit() see to what
	 * brought it back, and so on for ever. Global interrupts are off
	 * outside the guest. RAX and RSP are in the VMCB; so are FS, GS, TR,
	 * LDTR and the system call registers, for VMLOAD and VMSAVE. Of those
	 * the hypervisor needs TR: fault stacks. What functions preserve is
	 * the guest's still while hvx_quick_exit() runs.
	 */
	.globl hvx_guest
	.type hvx_guest, @function
hvx_guest:
	pushq %rdi
1:	movq REG(0), %rbx
	movq REG(5), %rbp
	movq REG(10), %r12
	movq REG(11), %r13
	movq REG(12), %r14
	movq REG(13), %r15
2:	movq VMCB_PA, %rax
	vmload
	movq REG(1), %rcx
	movq REG(2), %rdx
	movq REG(3), %rsi
	movq REG(6), %r8
	movq REG(7), %r9
	movq REG(8), %r10
	movq REG(9), %r11
	movq REG(4), %rdi
	vmrun
	vmsave
	pushq %rdi
	movq 8(%rsp), %rdi
	popq REG(4)
	movq %rcx, REG(1)
	movq %rdx, REG(2)
	movq %rsi, REG(3)
	movq %r8, REG(6)
	movq %r9, REG(7)
	movq %r10, REG(8)
	movq %r11, REG(9)
	movq HOST_STATE, %rax
	vmload
	call hvx_quick_exit
	movq (%rsp), %rdi
	testb %al, %al
	jnz 2b
	movq %rbx, REG(0)
	movq %rbp, REG(5)
	movq %r12, REG(10)
	movq %r13, REG(11)
	movq %r14, REG(12)
	movq %r15, REG(13)
	call hvx_exit
	movq (%rsp), %rdi
	jmp 1b
	.size hvx_guest, . - hvx_guest

	/*
	 * void hvx_on_stack(struct hvx_cpu *cpu,
	 *		     void (*function)(struct hvx_cpu *cpu),
	 *		     u8 *stack_end)
	 */
	.globl hvx_on_stack
	.type hvx_on_stack, @function
hvx_on_stack:
	movq %rdx, %rsp
	xorl %ebp, %ebp
	call *%rsi
1:	hlt
	jmp 1b
	.size hvx_on_stack, . - hvx_on_stack

	/*
	 * void hvx_idle(u32 *wake)
	 *
	 * Halt until an NMI comes, unless *wake is set already. May return
	 * without reason. An NMI between the look and the halt would be lost,
	 * so fault.S sends whoever it finds there to the end.
	 */
	.globl hvx_idle, hvx_idle_begin, hvx_idle_end
	.type hvx_idle, @function
hvx_idle:
	stgi
hvx_idle_begin:
	cmpl $0, (%rdi)
	jne hvx_idle_end
	hlt
hvx_idle_end:
	clgi
	ret
	.size hvx_idle, . - hvx_idle

	.section .note.GNU-stack, "", @progbits
