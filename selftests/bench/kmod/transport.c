// SPDX-License-Identifier: GPL-2.0
/*
 * hv_bench: a transport in the place of hv_rootctl.ko that counts the driver's
 * hypercalls, and makes some that do nothing. For scripts/bench only: one VP, no
 * locking.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <linux/hv_rootctl.h>

#include "../mark.h"
#include "allocations.h"
#include "locks.h"
#include "transport.h"
#include "hv_bench.h"
#include "hypercall_page.h"

static u64 calls;
static void *input_page, *output_page;

static u64 bench_call(u64 control, u64 input, u64 output)
{
	calls++;
	return hypercall(control, input, output);
}

static struct hvrc_transport bench_transport = {
	.id = HV_ROOTCTL_TRANSPORT_HYPERV,
	.name = "Hyper-V, counted",
	.owner = THIS_MODULE,
	.call = bench_call,
};

static long bench_null(struct hv_bench_null __user *arg)
{
	struct hv_bench_null null;
	unsigned long flags;
	u64 output = virt_to_phys(output_page);
	int i;

	if (copy_from_user(&null, arg, sizeof(null)))
		return -EFAULT;
	local_irq_save(flags);
	if ((u16)null.control == HVCALL_GET_PARTITION_ID)
		mark(MARK_NULL);
	else
		mark(MARK_UNKNOWN);
	for (i = 0; i < HV_BENCH_CHUNK; i++)
		null.result = hypercall(null.control, 0, output);
	mark(MARK_NONE);
	local_irq_restore(flags);
	return copy_to_user(arg, &null, sizeof(null)) ? -EFAULT : 0;
}

static long bench_any(struct hv_bench_call __user *arg)
{
	u64 control, result;

	if (get_user(control, &arg->control) ||
	    copy_from_user(input_page, arg->input, sizeof(arg->input)))
		return -EFAULT;
	memset(output_page, 0, PAGE_SIZE);
	result = hypercall(control, virt_to_phys(input_page),
			   virt_to_phys(output_page));
	if (put_user(result, &arg->result) ||
	    copy_to_user(arg->output, output_page, sizeof(arg->output)))
		return -EFAULT;
	return 0;
}

static long bench_allocations(struct hv_bench_allocations __user *arg)
{
	struct hv_bench_allocations a;
	int err;

	if (copy_from_user(&a, arg, sizeof(a)))
		return -EFAULT;
	err = allocations_watch(&a);
	if (err)
		return err;
	return copy_to_user(arg, &a, sizeof(a)) ? -EFAULT : 0;
}

static long bench_locks(struct hv_bench_locks __user *arg)
{
	struct hv_bench_locks *l = memdup_user(arg, sizeof(*l));
	long err;

	if (IS_ERR(l))
		return PTR_ERR(l);
	err = locks_watch(l);
	if (!err && copy_to_user(arg, l, sizeof(*l)))
		err = -EFAULT;
	kfree(l);
	return err;
}

static long bench_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *argp = (void __user *)arg;
	u64 since = calls;

	switch (cmd) {
	case HV_BENCH_NULL:
		return bench_null(argp);
	case HV_BENCH_CALL:
		return bench_any(argp);
	case HV_BENCH_ALLOCATIONS:
		return bench_allocations(argp);
	case HV_BENCH_LOCKS:
		return bench_locks(argp);
	case HV_BENCH_CALLS:
		calls = 0;
		return put_user(since, (u64 __user *)argp);
	}
	return -ENOIOCTLCMD;
}

static const struct file_operations bench_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = bench_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice bench_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hv_bench",
	.fops = &bench_fops,
	.mode = 0600,
};

static void free_lists(void)
{
	free_page((unsigned long)input_page);
	free_page((unsigned long)output_page);
}

static int __init alloc_lists(void)
{
	input_page = (void *)get_zeroed_page(GFP_KERNEL);
	output_page = (void *)get_zeroed_page(GFP_KERNEL);
	if (input_page && output_page)
		return 0;
	free_lists();
	return -ENOMEM;
}

static int __init bench_init(void)
{
	int err;

	if (!hv_is_hyperv_initialized())
		return -ENODEV;
	err = alloc_lists();
	if (err)
		return err;

	bench_transport.privileges = (u64)ms_hyperv.priv_high << 32 |
				     ms_hyperv.features;
	err = hvrc_start(&bench_transport);
	if (err)
		goto free;
	err = misc_register(&bench_device);
	if (err)
		goto stop;
	return 0;

stop:
	hvrc_stop();
free:
	free_lists();
	return err;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
	misc_deregister(&bench_device);
	allocations_end();
	locks_end();
	hvrc_stop();
	free_lists();
}
module_exit(bench_exit);

MODULE_DESCRIPTION("A counting transport for hv_rootctl");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
