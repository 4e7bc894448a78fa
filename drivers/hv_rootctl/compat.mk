# SPDX-License-Identifier: GPL-2.0
# What this kernel has, asked of its headers and not of its version: the words
# for compat.h. Included by the Makefiles of modules.
hvrc-has = $(if $(shell grep -s '$(2)' '$(srctree)/$(1)'),-D$(3))

subdir-ccflags-y += \
	$(call hvrc-has,include/linux/hrtimer.h,hrtimer_setup_on_stack,HVRC_HAS_HRTIMER_SETUP) \
	$(call hvrc-has,arch/x86/include/asm/mshyperv.h,hv_std_hypercall,HVRC_HAS_STATIC_HYPERCALL)
