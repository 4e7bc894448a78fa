/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's hypercall page, called with a stop watch. */
#ifndef HYPERCALL_PAGE_H
#define HYPERCALL_PAGE_H

#include <linux/types.h>
#include <asm/mshyperv.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>

static __always_inline u64 hypercall(u64 control, u64 input, u64 output)
{
	register u64 r8 asm("r8") = output;
	u64 result;

	asm volatile(CALL_NOSPEC
		     : "=a"(result), "+c"(control), "+d"(input), "+r"(r8),
		       ASM_CALL_CONSTRAINT
		     : THUNK_TARGET(hv_hypercall_pg)
		     : "cc", "memory", "r9", "r10", "r11");
	return result;
}

/* What the stop watch itself takes. */
static inline u64 watch_ticks(void)
{
	u64 start = rdtsc();

	return rdtsc() - start;
}

/* The same, and what it took is added to @ticks; @watch: watch_ticks(). */
static __always_inline u64 timed_hypercall(u64 control, u64 input, u64 output,
					   u64 *ticks, u64 watch)
{
	u64 start = rdtsc();
	u64 result = hypercall(control, input, output);

	*ticks += rdtsc() - start - watch;
	return result;
}

#endif
