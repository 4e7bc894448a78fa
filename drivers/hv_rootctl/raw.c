// SPDX-License-Identifier: GPL-2.0
/*
 * Hypercalls as they are, for experiments. Not any bytes to any call: each
 * code that is let through is in a table with its sizes, and none that moves
 * pages or ends what the driver keeps books of is in there. Yet who may set
 * the registers of the root's own processors owns the kernel, so this is off
 * by default, wants CAP_SYS_RAWIO, and is refused where the kernel is locked
 * down.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/sched/signal.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <hv/hypercall.h>
#include <hv/memory.h>
#include <hv/partition.h>
#include <hv/registers.h>

#include "hvrc.h"

bool hvrc_raw_calls;
module_param_named(raw_calls, hvrc_raw_calls, bool, 0644);
MODULE_PARM_DESC(raw_calls, "let CAP_SYS_RAWIO make hypercalls of its own (default: N)");

/**
 * struct raw_call - what a call takes and gives
 * @code: call code
 * @rep: it is a rep call
 * @in: bytes of its input, without the list of a rep call
 * @in_element: bytes of each element of the list
 * @out: bytes of its output; of each element where it is a rep call
 */
struct raw_call {
	u16 code;
	bool rep;
	u16 in;
	u16 in_element;
	u16 out;
};

static const struct raw_call raw_table[] = {
	{ HVCALL_INITIALIZE_PARTITION,
	  .in = sizeof(struct hv_input_partition) },
	{ HVCALL_GET_PARTITION_PROPERTY,
	  .in = sizeof(struct hv_input_get_partition_property),
	  .out = sizeof(struct hv_output_get_partition_property) },
	{ HVCALL_SET_PARTITION_PROPERTY,
	  .in = sizeof(struct hv_input_set_partition_property) },
	{ HVCALL_GET_PARTITION_ID,
	  .out = sizeof(struct hv_output_get_partition_id) },
	{ HVCALL_GET_NEXT_CHILD_PARTITION,
	  .in = sizeof(struct hv_input_get_next_child_partition),
	  .out = sizeof(struct hv_output_get_next_child_partition) },
	{ HVCALL_GET_MEMORY_BALANCE,
	  .in = sizeof(struct hv_input_get_memory_balance),
	  .out = sizeof(struct hv_output_get_memory_balance) },
	{ HVCALL_CREATE_VP, .in = sizeof(struct hv_input_create_vp) },
	{ HVCALL_DELETE_VP, .in = sizeof(struct hv_input_delete_vp) },
	{ HVCALL_GET_VP_REGISTERS, true,
	  .in = sizeof(struct hv_input_get_vp_registers),
	  .in_element = sizeof(u32),
	  .out = sizeof(union hv_register_value) },
	{ HVCALL_SET_VP_REGISTERS, true,
	  .in = sizeof(struct hv_input_set_vp_registers),
	  .in_element = sizeof(struct hv_register_assoc) },
	{ HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
	  .in = sizeof(struct hv_input_translate_virtual_address),
	  .out = sizeof(struct hv_output_translate_virtual_address) },
	{ HVCALL_READ_GPA, .in = sizeof(struct hv_input_read_gpa),
	  .out = sizeof(struct hv_output_read_gpa) },
	{ HVCALL_WRITE_GPA, .in = sizeof(struct hv_input_write_gpa),
	  .out = sizeof(struct hv_output_write_gpa) },
};

static const struct raw_call *raw_call(u32 code)
{
	const struct raw_call *c;

	for (c = raw_table; c < raw_table + ARRAY_SIZE(raw_table); c++)
		if (c->code == code)
			return c;
	return NULL;
}

static bool raw_sizes_fit(const struct raw_call *c,
			  const struct hv_rootctl_raw *args)
{
	u32 n = args->rep_count;

	if (c->rep ? !n || n > HV_REP_MAX || args->rep_start >= n :
		     n || args->rep_start)
		return false;
	if (args->input_size > HV_PAGE_SIZE || args->output_size > HV_PAGE_SIZE)
		return false;
	return args->input_size == c->in + n * c->in_element &&
	       args->output_size == c->out * (c->rep ? n : 1);
}

/* Nothing but what the hypervisor wrote is in the output page. */
static int raw_make(struct hvrc_caller *caller, const struct raw_call *c,
		    struct hv_rootctl_raw *args)
{
	struct hvrc_rep rep = {
		.code = c->code,
		.no_output = !c->out,
		.count = args->rep_count,
		.done = args->rep_start,
		.status = HV_ROOTCTL_NO_STATUS,
	};
	int err;

	memset(caller->output, 0, HV_PAGE_SIZE);
	if (!c->rep) {
		memcpy(caller->input, caller->scratch, args->input_size);
		return hvrc_call_poisoned(caller, c->code, c->out,
					  &args->hv_status);
	}
	do {
		memcpy(caller->input, caller->scratch, args->input_size);
		err = hvrc_rep_step(caller, &rep);
		if (!err && hvrc_rep_unfinished(&rep) && signal_pending(current))
			err = -EINTR;
	} while (!err && hvrc_rep_unfinished(&rep));
	args->hv_status = rep.status;
	args->reps_done = rep.done;
	return err;
}

static bool raw_permitted(void)
{
	return READ_ONCE(hvrc_raw_calls) && capable(CAP_SYS_RAWIO) &&
	       !security_locked_down(LOCKDOWN_DEV_MEM);
}

/**
 * hvrc_raw - ioctl(HV_ROOTCTL_RAW)
 * @file: the caller's file
 * @arg: struct hv_rootctl_raw
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno; @arg's out fields are valid in any case.
 */
int hvrc_raw(struct hvrc_file *file, void *arg)
{
	struct hvrc_caller *caller = &file->caller;
	struct hv_rootctl_raw *args = arg;
	const struct raw_call *c;
	int err;

	args->reps_done = 0;
	args->hv_status = HV_ROOTCTL_NO_STATUS;

	if (!raw_permitted())
		return -EPERM;
	c = raw_call(args->code);
	if (!c)
		return -EOPNOTSUPP;
	if (!raw_sizes_fit(c, args))
		return -EINVAL;
	if (copy_from_user(caller->scratch, u64_to_user_ptr(args->input),
			   args->input_size))
		return -EFAULT;
	err = raw_make(caller, c, args);
	if (copy_to_user(u64_to_user_ptr(args->output), caller->output,
			 args->output_size))
		return -EFAULT;
	return err;
}
