// SPDX-License-Identifier: GPL-2.0
/*
 * A test's own hypercalls. The product refuses to hand on what it does not
 * understand; a test must do just that: wrong control words, wild pointers,
 * pages that are taken away while somebody uses them.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <asm/asm.h>
#include <asm/irq_regs.h>
#include <asm/mshyperv.h>

#include "compat.h"
#include "hv_rawcall.h"

struct pins {
	struct list_head node;
	unsigned long count;
	struct page *pages[];
};

struct rawcall_file {
	struct mutex lock; /* serializes changes of pins */
	struct list_head pins;
};

/* An access that the hypervisor refuses is a #GP, which this survives. */
static int read_word(const u64 *from, u64 *value)
{
	int refused = 1;
	u64 word = 0;

	asm volatile("1:	mov	%[from], %[word]\n"
		     "	xor	%[refused], %[refused]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : [word] "+&r"(word), [refused] "+&r"(refused)
		     : [from] "m"(*from)
		     : "cc");
	*value = word;
	return refused ? -EFAULT : 0;
}

/*
 * The instruction itself, as in the hypercall page: not every kernel lets a
 * module call its page. The registers that a call uses are all here; the page
 * is called by the driver.
 */
static noinline void hypercall(struct hv_rawcall_regs *regs)
{
	register u64 r8 asm("r8") = regs->r8;

	asm volatile("vmmcall"
		     : "+a"(regs->rax), "+c"(regs->rcx), "+d"(regs->rdx),
		       "+r"(r8)
		     :
		     : "cc", "memory", "r9", "r10", "r11");
	regs->r8 = r8;
}

/* The function above is no longer than this, instrumented or not. */
#define HYPERCALL_BYTES 512

/*
 * A continued call returns to its own instruction, so that an interrupt finds
 * the processor there, with the instruction still to be executed.
 */
static bool at_hypercall(const struct pt_regs *regs)
{
	static const u8 vmmcall[] = { 0x0f, 0x01, 0xd9 };

	return regs->ip - (unsigned long)hypercall < HYPERCALL_BYTES &&
	       !memcmp((void *)regs->ip, vmmcall, sizeof(vmmcall));
}

struct watch {
	struct hrtimer timer;
	ktime_t period;
	u64 interrupts;
	u64 rcx;
};

static enum hrtimer_restart watch_tick(struct hrtimer *timer)
{
	struct watch *w = container_of(timer, struct watch, timer);
	const struct pt_regs *regs = get_irq_regs();

	if (regs && at_hypercall(regs)) {
		w->interrupts++;
		w->rcx = regs->cx;
	}
	hrtimer_forward_now(timer, w->period);
	return HRTIMER_RESTART;
}

static void hypercall_watched(struct hv_rawcall_regs *regs)
{
	struct watch w = { .period = ns_to_ktime(regs->timer_ns) };

	hrtimer_setup_on_stack(&w.timer, watch_tick, CLOCK_MONOTONIC,
			       HRTIMER_MODE_REL_PINNED_HARD);
	preempt_disable();
	hrtimer_start(&w.timer, w.period, HRTIMER_MODE_REL_PINNED_HARD);
	hypercall(regs);
	preempt_enable();
	hrtimer_cancel(&w.timer);
	destroy_hrtimer_on_stack(&w.timer);
	regs->interrupts = w.interrupts;
	regs->interrupted_rcx = w.rcx;
}

static long rawcall_call(struct hv_rawcall_regs __user *arg)
{
	struct hv_rawcall_regs regs;

	if (copy_from_user(&regs, arg, sizeof(regs)))
		return -EFAULT;
	/* A period too short would leave no time for anything else. */
	if (regs.timer_ns && regs.timer_ns < 50 * NSEC_PER_USEC)
		return -EINVAL;

	regs.rax = HV_RAWCALL_POISON;
	regs.interrupts = 0;
	if (regs.timer_ns)
		hypercall_watched(&regs);
	else
		hypercall(&regs);

	return copy_to_user(arg, &regs, sizeof(regs)) ? -EFAULT : 0;
}

static long rawcall_pin(struct rawcall_file *rf,
			struct hv_rawcall_pin __user *arg)
{
	u64 __user *gpas;
	struct hv_rawcall_pin pin;
	struct pins *pins;
	long done, i;
	int ret = 0;

	if (copy_from_user(&pin, arg, sizeof(pin)))
		return -EFAULT;
	if (!pin.pages || pin.pages > HV_RAWCALL_PIN_MAX ||
	    !PAGE_ALIGNED(pin.user_addr))
		return -EINVAL;

	gpas = u64_to_user_ptr(pin.gpas);
	pins = kvzalloc(struct_size(pins, pages, pin.pages), GFP_KERNEL);
	if (!pins)
		return -ENOMEM;

	done = pin_user_pages_fast(pin.user_addr, pin.pages,
				   FOLL_WRITE | FOLL_LONGTERM, pins->pages);
	if (done <= 0) {
		kvfree(pins);
		return done ?: -EFAULT;
	}
	pins->count = done;
	for (i = 0; i < done && !ret; i++)
		ret = put_user((u64)page_to_phys(pins->pages[i]), gpas + i);
	if (!ret && done < pin.pages)
		ret = -EFAULT;

	mutex_lock(&rf->lock);
	list_add(&pins->node, &rf->pins);
	mutex_unlock(&rf->lock);
	return ret;
}

static long rawcall_peek(struct hv_rawcall_peek __user *arg)
{
	struct hv_rawcall_peek peek;
	int ret;

	if (copy_from_user(&peek, arg, sizeof(peek)))
		return -EFAULT;
	if (!IS_ALIGNED(peek.gpa, sizeof(u64)) || !pfn_valid(PHYS_PFN(peek.gpa)))
		return -EINVAL;

	ret = read_word(phys_to_virt(peek.gpa), &peek.value);
	if (ret)
		return ret;
	return copy_to_user(arg, &peek, sizeof(peek)) ? -EFAULT : 0;
}

static long rawcall_ioctl(struct file *file, unsigned int cmd,
			  unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	switch (cmd) {
	case HV_RAWCALL_CALL:
		return rawcall_call(argp);
	case HV_RAWCALL_PIN:
		return rawcall_pin(file->private_data, argp);
	case HV_RAWCALL_PEEK:
		return rawcall_peek(argp);
	}
	return -ENOIOCTLCMD;
}

static int rawcall_open(struct inode *inode, struct file *file)
{
	struct rawcall_file *rf;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	rf = kzalloc(sizeof(*rf), GFP_KERNEL);
	if (!rf)
		return -ENOMEM;
	mutex_init(&rf->lock);
	INIT_LIST_HEAD(&rf->pins);
	file->private_data = rf;
	return 0;
}

static int rawcall_release(struct inode *inode, struct file *file)
{
	struct rawcall_file *rf = file->private_data;
	struct pins *pins, *next;
	unsigned long kept = 0, i;
	u64 word;

	list_for_each_entry_safe(pins, next, &rf->pins, node) {
		for (i = 0; i < pins->count; i++) {
			if (read_word(page_to_virt(pins->pages[i]), &word))
				kept++;
			else
				unpin_user_page(pins->pages[i]);
		}
		kvfree(pins);
	}
	if (kept)
		pr_info("%lu pages are still the hypervisor's: kept\n", kept);
	kfree(rf);
	return 0;
}

static const struct file_operations rawcall_fops = {
	.owner = THIS_MODULE,
	.open = rawcall_open,
	.release = rawcall_release,
	.unlocked_ioctl = rawcall_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice rawcall_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hv_rawcall",
	.fops = &rawcall_fops,
	.mode = 0600,
};

static int __init rawcall_init(void)
{
	if (!hv_is_hyperv_initialized())
		return -ENODEV;
	return misc_register(&rawcall_device);
}
module_init(rawcall_init);

static void __exit rawcall_exit(void)
{
	misc_deregister(&rawcall_device);
}
module_exit(rawcall_exit);

MODULE_DESCRIPTION("Raw hypercalls for the hv_rootctl selftests");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
