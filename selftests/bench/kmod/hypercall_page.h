/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's hypercall page, called and nothing else. */
#ifndef HYPERCALL_PAGE_H
#define HYPERCALL_PAGE_H

#include <linux/types.h>
#include <asm/mshyperv.h>
#include <asm/nospec-branch.h>

static __always_inline u64 hypercall(u64 control, u64 input, u64 output)
{
#ifdef HVRC_HAS_STATIC_HYPERCALL
	/* Where the page is, only the kernel knows. */
	return static_call_mod(hv_hypercall)(control, input, output);
#else
	register u64 r8 asm("r8") = output;
	u64 result;

	asm volatile(CALL_NOSPEC
		     : "=a"(result), "+c"(control), "+d"(input), "+r"(r8),
		       ASM_CALL_CONSTRAINT
		     : THUNK_TARGET(hv_hypercall_pg)
		     : "cc", "memory", "r9", "r10", "r11");
	return result;
#endif
}

#endif
