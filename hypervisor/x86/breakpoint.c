// SPDX-License-Identifier: GPL-2.0
/*
 * Breakpoints are the root's. VMEXIT switches them off: AMD APM volume 2, section
 * 15.6; but emulators forget to, and one on the hypervisor's code would be the
 * end. So none gets there: stores to DR0-DR3 exit, and those that would are
 * stores of 0. DR7 is the root's alone, and watchpoints do not stop the
 * hypervisor even there.
 */
#include "hvx.h"

static void write_dr(u32 n, u64 value)
{
	switch (n) {
	case 0:
		asm volatile("movq %0, %%dr0" :: "r"(value));
		break;
	case 1:
		asm volatile("movq %0, %%dr1" :: "r"(value));
		break;
	case 2:
		asm volatile("movq %0, %%dr2" :: "r"(value));
		break;
	default:
		asm volatile("movq %0, %%dr3" :: "r"(value));
	}
}

/**
 * hvx_exit_write_dr - the root stores to a breakpoint's address
 * @cpu: the VP
 * @n: 0 to 3
 *
 * Context: a VP's exit.
 */
void hvx_exit_write_dr(struct hvx_cpu *cpu, u32 n)
{
	u64 value;
	u32 length;

	hvx_view_begin(cpu);
	length = hvx_insn_mov_dr(cpu, &value);
	hvx_view_end(cpu);
	if (!length) {
		hvx_inject(cpu, VECTOR_GP, true, 0);
		return;
	}
	if (value >= (u64)hvx_text_start && value < (u64)hvx_text_end)
		value = 0;
	write_dr(n, value);
	hvx_advance_to(cpu, cpu->vmcb->rip + length);
}
