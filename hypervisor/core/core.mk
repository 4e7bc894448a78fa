# SPDX-License-Identifier: GPL-2.0
# The core's sources, for every build that hosts it.
CORE_SRCS := core.c dispatch.c table.c partition.c abandon.c property.c vp.c pool.c gpa.c overlay.c apic.c time.c access.c translate.c \
	registers.c fault.c debug.c option.c
