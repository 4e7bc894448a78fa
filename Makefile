# SPDX-License-Identifier: GPL-2.0
# Everything that is built lies under build/. "make help" lists the targets.

B := $(CURDIR)/build
SERIES ?= 6.1
FLAVOUR ?= cloud-amd64
KNAME := $(SERIES)-$(FLAVOUR)

# The demo's kernel: a distribution package, unpacked under build/.
KERNEL_DIR := $(B)/kernel/$(KNAME)
HEADERS_DIR := $(B)/headers/$(KNAME)
KMOD_DIR := $(B)/kmod/$(KNAME)
SOURCE_DIR := $(B)/source/6.1
INITRAMFS := $(B)/initramfs-$(KNAME).cpio.gz

# What "make run" boots; KERNEL=, INITRD=, APPEND= name anyone's own. FILES=
# (FILE:PATH ...) go into the shell's machine, QEMUARGS= to QEMU.
SMP ?= 1
MEM ?= 1G
APPEND ?=
HVARGS ?=
FILES ?=
QEMUARGS ?=

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

.PHONY: all
all: hypervisor hvctl guest-modules ## hypervisor, modules for the demo's kernel, hvctl

.PHONY: deps-demo deps-check
deps-demo:
	@scripts/install-deps demo
deps-check:
	@scripts/install-deps check

# --- parts ------------------------------------------------------------------

.PHONY: hypervisor
hypervisor: deps-demo ## build/hypervisor.elf
	@$(MAKE) -C hypervisor O=$(B)

.PHONY: hvctl
hvctl: deps-demo ## build/hvctl
	@$(MAKE) -C tools O=$(B)

.PHONY: kernel headers source
kernel: deps-demo
	@scripts/get-kernel image $(SERIES) $(FLAVOUR) $(KERNEL_DIR)
headers: deps-demo
	@scripts/get-kernel headers $(SERIES) $(FLAVOUR) $(HEADERS_DIR)
source: deps-demo
	@scripts/get-kernel source 6.1 - $(SOURCE_DIR)

.PHONY: guest-modules
guest-modules: headers
	@scripts/build-modules $(HEADERS_DIR)/kdir $(KMOD_DIR) . modules

# For an installed kernel: make modules KDIR=..., make modules_install KDIR=...
KDIR ?= /lib/modules/$(shell uname -r)/build
USER_KMOD_DIR := $(B)/kmod/user
.PHONY: modules modules_install
modules: ## the modules for the kernel in KDIR (default: the running one)
	@scripts/build-modules $(KDIR) $(USER_KMOD_DIR) . modules
modules_install: modules ## install them (INSTALL_MOD_PATH= as usual)
	@scripts/build-modules $(KDIR) $(USER_KMOD_DIR) . modules_install

.PHONY: initramfs
initramfs: kernel guest-modules hvctl
	@scripts/make-demo-initramfs $(B) $(KMOD_DIR) $(HEADERS_DIR)/kdir $(INITRAMFS) $(FILES)

# --- the machine --------------------------------------------------------------

.PHONY: demo
demo: hypervisor initramfs ## watch hvctl work on a child partition
	@scripts/run-demo $(B) $(KERNEL_DIR)/vmlinuz $(INITRAMFS)

.PHONY: shell
shell: hypervisor initramfs ## a root shell in that machine, module loaded; FILES= go there
	@KERNEL=$(KERNEL_DIR)/vmlinuz INITRD=$(INITRAMFS) SMP=$(SMP) MEM=$(MEM) \
		APPEND="console=ttyS0 panic=-1 quiet hvmode=shell $(APPEND)" \
		HVARGS="debug=on $(HVARGS)" scripts/run-qemu -- $(QEMUARGS)

# Without KERNEL=, the demo's kernel and a shell.
ifdef KERNEL
.PHONY: run
run: hypervisor ## boot KERNEL= INITRD= APPEND= SMP= MEM= HVARGS= as root
	@KERNEL="$(KERNEL)" INITRD="$(INITRD)" SMP=$(SMP) MEM=$(MEM) \
		APPEND="$(APPEND)" HVARGS="$(HVARGS)" scripts/run-qemu -- $(QEMUARGS)
else
.PHONY: run
run: shell
endif

# --- proof --------------------------------------------------------------------

.PHONY: check
check: deps-check all kernel source ## every test that fits 15 minutes
	@SERIES=$(SERIES) FLAVOUR=$(FLAVOUR) scripts/check quick

.PHONY: check-deep
check-deep: deps-check all kernel source ## debug kernels, other kernels, longer runs
	@SERIES=$(SERIES) FLAVOUR=$(FLAVOUR) scripts/check deep

.PHONY: bench
bench: deps-check all kernel ## costs in hypercalls and instructions, and the baseline
	@SERIES=$(SERIES) FLAVOUR=$(FLAVOUR) scripts/bench

.PHONY: clean distclean
clean: ## remove what was built, keep downloaded kernels
	@cd $(B) 2>/dev/null && find . -mindepth 1 -maxdepth 1 \
		! -name kernel ! -name headers ! -name source -exec rm -rf {} + || true
distclean: ## remove build/ altogether
	@rm -rf $(B)

.PHONY: help
help: ## this text
	@sed -nE 's/^([a-z_-]+):.*## (.*)/  \1\t\2/p' $(MAKEFILE_LIST) | \
		expand -t 20
