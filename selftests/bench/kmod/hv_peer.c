// SPDX-License-Identifier: GPL-2.0
/*
 * hv_peer: deposits, withdraws and passes calls through the way that Linux' own
 * root partition support goes about it, so that scripts/bench can measure both
 * on the same machine. No books, no checks of what comes back, one page freed
 * at a time, two pages allocated for each call that is passed through.
 *
 * It is also somebody else who deposits pages that the driver then withdraws.
 */
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/irqflags.h>
#include <linux/log2.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "hv_peer.h"
#include "hypercall_page.h"

#define CALL_DEPOSIT 0x48ULL
#define CALL_WITHDRAW 0x49ULL
#define COUNT_SHIFT 32
#define DONE(result) ((u32)((result) >> 32) & 0xfff)

/* Page numbers behind the partition id. */
#define DEPOSIT_MAX (PAGE_SIZE / sizeof(u64) - 1)
#define WITHDRAW_MAX (PAGE_SIZE / sizeof(u64))

static unsigned int fill(struct page **pages, unsigned int count)
{
	unsigned int order, i, n = 0;
	struct page *page;

	while (n < count) {
		order = min_t(unsigned int, ilog2(count - n), 9);
		do
			page = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);
		while (!page && order--);
		if (!page)
			break;
		split_page(page, order);
		for (i = 0; i < 1U << order; i++)
			pages[n++] = page + i;
	}
	return n;
}

static int deposit(struct hv_peer_pool *pool, struct page **pages)
{
	u32 count = fill(pages, min_t(u64, pool->count, DEPOSIT_MAX));
	unsigned long flags;
	u64 *input, result;
	u32 i;

	local_irq_save(flags);
	input = *this_cpu_ptr(hyperv_pcpu_input_arg);
	input[0] = pool->partition;
	for (i = 0; i < count; i++)
		input[i + 1] = page_to_pfn(pages[i]);
	result = hypercall(CALL_DEPOSIT | (u64)count << COUNT_SHIFT,
			   virt_to_phys(input), 0);
	local_irq_restore(flags);

	pool->count = DONE(result);
	for (i = DONE(result); i < count; i++)
		__free_page(pages[i]);
	return 0;
}

static int peer_deposit(struct hv_peer_pool *pool)
{
	struct page **pages = (void *)__get_free_page(GFP_KERNEL);
	int err;

	if (!pages)
		return -ENOMEM;
	err = deposit(pool, pages);
	free_page((unsigned long)pages);
	return err;
}

static int peer_withdraw(struct hv_peer_pool *pool)
{
	struct page *list = alloc_page(GFP_KERNEL);
	u64 count = min_t(u64, pool->count, WITHDRAW_MAX);
	unsigned long flags;
	u64 *input, *pfns, result;
	u32 i;

	if (!list)
		return -ENOMEM;
	pfns = page_address(list);

	local_irq_save(flags);
	input = *this_cpu_ptr(hyperv_pcpu_input_arg);
	input[0] = pool->partition;
	input[1] = 0;
	result = hypercall(CALL_WITHDRAW | count << COUNT_SHIFT,
			   virt_to_phys(input), page_to_phys(list));
	local_irq_restore(flags);

	pool->count = DONE(result);
	for (i = 0; i < pool->count; i++)
		__free_page(pfn_to_page(pfns[i]));
	__free_page(list);
	return 0;
}

static int pass_through(struct hv_peer_call *call, void *input, void *output)
{
	if (copy_from_user(input, u64_to_user_ptr(call->input),
			   call->input_size))
		return -EFAULT;
	call->result = hypercall(call->control, virt_to_phys(input),
				 virt_to_phys(output));
	if (copy_to_user(u64_to_user_ptr(call->output), output,
			 call->output_size))
		return -EFAULT;
	return 0;
}

static int peer_call(struct hv_peer_call *call)
{
	void *input, *output;
	int err = -ENOMEM;

	if (call->input_size > PAGE_SIZE || call->output_size > PAGE_SIZE)
		return -EINVAL;
	input = (void *)__get_free_page(GFP_KERNEL);
	output = (void *)__get_free_page(GFP_KERNEL);
	if (input && output)
		err = pass_through(call, input, output);
	free_page((unsigned long)input);
	free_page((unsigned long)output);
	return err;
}

static long peer_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *argp = (void __user *)arg;
	union {
		struct hv_peer_pool pool;
		struct hv_peer_call call;
	} args;
	long err;

	if (_IOC_TYPE(cmd) != HV_PEER_IOCTL_TYPE ||
	    _IOC_SIZE(cmd) > sizeof(args))
		return -ENOIOCTLCMD;
	if (copy_from_user(&args, argp, _IOC_SIZE(cmd)))
		return -EFAULT;
	switch (cmd) {
	case HV_PEER_DEPOSIT:
		err = peer_deposit(&args.pool);
		break;
	case HV_PEER_WITHDRAW:
		err = peer_withdraw(&args.pool);
		break;
	case HV_PEER_CALL:
		err = peer_call(&args.call);
		break;
	default:
		return -ENOIOCTLCMD;
	}
	if (!err && copy_to_user(argp, &args, _IOC_SIZE(cmd)))
		err = -EFAULT;
	return err;
}

static const struct file_operations peer_fops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = peer_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice peer_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hv_peer",
	.fops = &peer_fops,
	.mode = 0600,
};

static int __init peer_init(void)
{
	if (!hv_is_hyperv_initialized() || !hyperv_pcpu_input_arg)
		return -ENODEV;
	return misc_register(&peer_device);
}
module_init(peer_init);

static void __exit peer_exit(void)
{
	misc_deregister(&peer_device);
}
module_exit(peer_exit);

MODULE_DESCRIPTION("Pool calls as Linux makes them, for comparison");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
