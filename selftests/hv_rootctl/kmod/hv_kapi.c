// SPDX-License-Identifier: GPL-2.0
/*
 * A module that makes the driver's calls for other modules where a test wants
 * them made: in a process, with interrupts off, in a softirq, in the interrupt
 * of a timer or of another processor.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/fs.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/uaccess.h>

#include <linux/hv_rootctl_api.h>

#include "compat.h"
#include "hv_kapi.h"

struct work {
	void (*fn)(struct work *work);
	struct hrtimer timer;
	struct tasklet_struct tasklet;
	struct completion done;
	u32 where;
	u64 *pages;
	struct hv_kapi_withdraw withdraw;
	struct hv_kapi_write write;
};

/* An interrupt may have come in the middle of a softirq: what is innermost. */
static void work_run(void *arg)
{
	struct work *w = arg;

	w->where = (irqs_disabled() ? HV_KAPI_WAS_IRQS_OFF : 0) |
		   (in_hardirq() ? HV_KAPI_WAS_HARDIRQ :
		    in_serving_softirq() ? HV_KAPI_WAS_SOFTIRQ : 0);
	w->fn(w);
	complete(&w->done);
}

static void work_tasklet(struct tasklet_struct *t)
{
	work_run(container_of(t, struct work, tasklet));
}

static enum hrtimer_restart work_timer(struct hrtimer *timer)
{
	work_run(container_of(timer, struct work, timer));
	return HRTIMER_NORESTART;
}

static int run_ipi(struct work *w)
{
	unsigned int cpu;
	int err;

	cpu = cpumask_any_but(cpu_online_mask, get_cpu());
	err = cpu < nr_cpu_ids ? smp_call_function_single(cpu, work_run, w, 1) :
				 -EOPNOTSUPP;
	put_cpu();
	return err;
}

static int run(struct work *w, u32 context)
{
	unsigned long flags;

	switch (context) {
	case HV_KAPI_PROCESS:
		work_run(w);
		return 0;
	case HV_KAPI_IRQS_OFF:
		local_irq_save(flags);
		work_run(w);
		local_irq_restore(flags);
		return 0;
	case HV_KAPI_SOFTIRQ:
		tasklet_setup(&w->tasklet, work_tasklet);
		tasklet_schedule(&w->tasklet);
		wait_for_completion(&w->done);
		tasklet_kill(&w->tasklet);
		return 0;
	case HV_KAPI_HARDIRQ:
		hrtimer_setup_on_stack(&w->timer, work_timer, CLOCK_MONOTONIC,
				       HRTIMER_MODE_REL_HARD);
		hrtimer_start(&w->timer, 0, HRTIMER_MODE_REL_HARD);
		wait_for_completion(&w->done);
		hrtimer_cancel(&w->timer);
		destroy_hrtimer_on_stack(&w->timer);
		return 0;
	case HV_KAPI_IPI:
		return run_ipi(w);
	default:
		return -EINVAL;
	}
}

static void fn_withdraw(struct work *w)
{
	w->withdraw.status =
		hv_rootctl_withdraw_memory(w->withdraw.partition_id,
					   w->withdraw.proximity,
					   &w->withdraw.count, w->pages);
}

static int do_withdraw(struct work *w)
{
	struct hv_kapi_withdraw *args = &w->withdraw;
	struct page *page;
	int err;
	u32 i;

	if (args->count > HV_KAPI_MAX)
		return -EINVAL;
	w->pages = kvcalloc(HV_KAPI_MAX, sizeof(*w->pages), GFP_KERNEL);
	if (!w->pages)
		return -ENOMEM;
	w->fn = fn_withdraw;
	err = run(w, args->context);
	args->where = w->where;
	args->good = 0;
	for (i = 0; !err && i < args->count; i++) {
		page = pfn_to_page(w->pages[i]);
		args->good += page_count(page) == 1 &&
			      !memchr_inv(page_address(page), 0, PAGE_SIZE);
		__free_page(page);
	}
	kvfree(w->pages);
	return err;
}

static void fn_write(struct work *w)
{
	w->write.status =
		hv_rootctl_write_gpa(w->write.partition_id, w->write.vp_index,
				     w->write.gpa, w->write.count,
				     w->write.control_flags, w->write.data,
				     &w->write.access_result);
}

static int do_write(struct work *w)
{
	int err;

	w->fn = fn_write;
	w->write.access_result = 99;
	err = run(w, w->write.context);
	w->write.where = w->where;
	return err;
}

static int kapi_dispatch(struct work *w, unsigned int cmd, void __user *arg)
{
	int err;

	switch (cmd) {
	case HV_KAPI_WITHDRAW:
		if (copy_from_user(&w->withdraw, arg, sizeof(w->withdraw)))
			return -EFAULT;
		err = do_withdraw(w);
		if (copy_to_user(arg, &w->withdraw, sizeof(w->withdraw)))
			return -EFAULT;
		return err;
	case HV_KAPI_WRITE:
		if (copy_from_user(&w->write, arg, sizeof(w->write)))
			return -EFAULT;
		err = do_write(w);
		if (copy_to_user(arg, &w->write, sizeof(w->write)))
			return -EFAULT;
		return err;
	default:
		return -ENOTTY;
	}
}

static long kapi_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct work *w;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	init_completion(&w->done);
	err = kapi_dispatch(w, cmd, (void __user *)arg);
	kfree(w);
	return err;
}

static const struct file_operations kapi_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = kapi_ioctl,
};

static struct miscdevice kapi_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hv_kapi",
	.mode = 0600,
	.fops = &kapi_fops,
};

module_misc_device(kapi_misc);

MODULE_DESCRIPTION("The calls of hv_rootctl for other modules, from any context (test)");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
