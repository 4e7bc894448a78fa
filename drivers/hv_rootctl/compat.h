/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where kernels differ, 6.1 to 7.2: written as the newest has it, with what
 * older ones lack made up here. compat.mk asks the kernel's headers which of
 * it they have.
 */
#ifndef HVRC_COMPAT_H
#define HVRC_COMPAT_H

#include <linux/hrtimer.h>

#ifndef HVRC_HAS_HRTIMER_SETUP
static inline void
hrtimer_setup_on_stack(struct hrtimer *timer,
		       enum hrtimer_restart (*function)(struct hrtimer *),
		       clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init_on_stack(timer, clock, mode);
	timer->function = function;
}
#endif

#endif
