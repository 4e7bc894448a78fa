/* SPDX-License-Identifier: GPL-2.0 */
/* How a control word reaches a hypervisor, and who may bring one. */
#ifndef HVRC_TRANSPORT_H
#define HVRC_TRANSPORT_H

#include <linux/types.h>

struct module;

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
 */
struct hvrc_transport {
	u32 id;
	const char *name;
	struct module *owner;
	u64 privileges;
	u64 (*call)(u64 control, u64 input, u64 output);
};

int hvrc_start(const struct hvrc_transport *transport);
void hvrc_stop(void);

#endif
