# SPDX-License-Identifier: GPL-2.0
# What this kernel has, asked of its headers and not of its version: the words
# for compat.h. Included by the Makefiles of modules.
hvrc-has = $(if $(shell grep -s '$(2)' '$(srctree)/include/linux/$(1)'),-D$(3))

subdir-ccflags-y += \
	$(call hvrc-has,hrtimer.h,hrtimer_setup_on_stack,HVRC_HAS_HRTIMER_SETUP)
