/* SPDX-License-Identifier: GPL-2.0 */
/* How a control word reaches a hypervisor, and who may bring one. */
#ifndef HVRC_TRANSPORT_H
#define HVRC_TRANSPORT_H

#include <linux/types.h>

struct module;

/**
 * struct hvrc_xmm - registers of a fast hypercall that uses XMM registers
 * @input: RDX, R8, XMM0, XMM1
 * @output: the lower half of XMM2
 */
struct hvrc_xmm {
	u64 input[6];
	u64 output;
};

/**
 * struct hvrc_transport - a way to a hypervisor
 * @id: enum hv_rootctl_transport, for the query ioctl
 * @name: for messages
 * @owner: module that must stay while the driver uses this
 * @privileges: the partition privilege mask of the caller
 * @call: make one hypercall. @control is the hypercall input value, @input and
 *	@output are the values of the two parameter registers: physical
 *	addresses for a memory-based call (0 where there is no list), data for
 *	a fast one. Returns the hypercall result value, or all ones when there
 *	is no hypervisor behind it. A continued call has been resumed to its
 *	end. Any context, interrupts on or off.
 * @call_xmm: make one with XMM registers; NULL: the hypervisor does not offer
 *	that. False when the vector registers cannot be used here and now:
 *	nothing was done. Where the call faults instead of being answered, the
 *	result is HV_STATUS_INVALID_HYPERCALL_INPUT. Any context but NMI.
 */
struct hvrc_transport {
	u32 id;
	const char *name;
	struct module *owner;
	u64 privileges;
	u64 (*call)(u64 control, u64 input, u64 output);
	bool (*call_xmm)(u64 control, struct hvrc_xmm *registers, u64 *result);
};

int hvrc_start(const struct hvrc_transport *transport);
void hvrc_stop(void);

#endif
