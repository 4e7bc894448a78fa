// SPDX-License-Identifier: GPL-2.0
/*
 * A test's own way to APICs, MSRs and instructions: hv_rawcpu.h. For a machine
 * that nobody needs: what the hypervisor permits, this permits.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/uaccess.h>
#include <asm/apic.h>
#include <asm/asm.h>
#include <asm/mshyperv.h>
#include <asm/msr.h>
#include <asm/nmi.h>

#include "hv_rawcpu.h"

static DEFINE_PER_CPU(unsigned int, nmis);

static int count_nmi(unsigned int type, struct pt_regs *regs)
{
	this_cpu_inc(nmis);
	return NMI_HANDLED;
}

/* One instruction that may be refused; false then. */
#define ATTEMPT(insn, address, v)                                           \
	({                                                                  \
		bool _ok = false;                                           \
		asm volatile("1:	" insn "\n"                         \
			     "	movb $1, %[ok]\n"                           \
			     "2:\n"                                         \
			     _ASM_EXTABLE(1b, 2b)                           \
			     : [ok] "+r"(_ok), [value] "+r"(v)              \
			     : [at] "r"(address), [index] "r"(16UL),        \
			       [number] "i"(HV_RAWCPU_IMMEDIATE)            \
			     : "memory", "cc");                             \
		_ok;                                                        \
	})

/* The address is a part of the instruction: one register can be reached. */
static bool store_offset(u32 v)
{
	bool ok = false;

	asm volatile("1:	movabsl %%eax, %c[at]\n"
		     "	movb $1, %[ok]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : [ok] "+r"(ok)
		     : [at] "i"(APIC_BASE + APIC_LVTERR), "a"(v)
		     : "memory");
	return ok;
}

static bool access_register(u32 form, void __iomem *at, u32 *value)
{
	register void __iomem *r12 asm("r12") = at;
	register u32 r9 asm("r9") = *value;
	u64 wide = *value;

	switch (form) {
	case HV_RAWCPU_LOAD:
		return ATTEMPT("movl (%[at]), %[value]", at, *value);
	case HV_RAWCPU_STORE:
		return ATTEMPT("movl %[value], (%[at])", at, *value);
	case HV_RAWCPU_STORE_R12:
		return ATTEMPT("movl %[value], (%[at])", r12, r9);
	case HV_RAWCPU_STORE_DISP8:
		return ATTEMPT("movl %[value], 0x40(%[at])", at - 0x40, *value);
	case HV_RAWCPU_STORE_DISP32:
		return ATTEMPT("movl %[value], 0x12345678(%[at], %[index], 4)",
			       at - 0x12345678 - 64, *value);
	case HV_RAWCPU_STORE_IMMEDIATE:
		return ATTEMPT("movl %[number], (%[at])", at, *value);
	case HV_RAWCPU_STORE_OFFSET:
		return store_offset(*value);
	case HV_RAWCPU_EXCHANGE:
		return ATTEMPT("xchgl %[value], (%[at])", at, *value);
	case HV_RAWCPU_STORE_8:
		return ATTEMPT("movb %b[value], (%[at])", at, *value);
	case HV_RAWCPU_STORE_16:
		return ATTEMPT("movw %w[value], (%[at])", at, *value);
	case HV_RAWCPU_STORE_64:
		return ATTEMPT("movq %[value], (%[at])", at, wide);
	case HV_RAWCPU_OR:
		return ATTEMPT("orl %[value], (%[at])", at, *value);
	}
	return false;
}

static long rawcpu_register(struct hv_rawcpu_register __user *arg)
{
	struct hv_rawcpu_register r;
	void __iomem *page, *at;
	bool ok;

	if (copy_from_user(&r, arg, sizeof(r)))
		return -EFAULT;
	if (r.form >= HV_RAWCPU_NR_FORMS || page_is_ram(PHYS_PFN(r.address)))
		return -EINVAL;
	page = ioremap(r.address & PAGE_MASK, PAGE_SIZE);
	if (!page)
		return -ENOMEM;
	at = page + offset_in_page(r.address);
	ok = access_register(r.form, at, &r.value);
	iounmap(page);
	if (!ok)
		return -EFAULT;
	return copy_to_user(arg, &r, sizeof(r)) ? -EFAULT : 0;
}

static bool apic_store(u32 reg, u32 value)
{
	return access_register(HV_RAWCPU_STORE,
			       (void __iomem *)(APIC_BASE + reg), &value);
}

static long rawcpu_icr(const struct hv_rawcpu_icr __user *arg)
{
	struct hv_rawcpu_icr i;
	unsigned long flags;
	bool ok;

	if (copy_from_user(&i, arg, sizeof(i)))
		return -EFAULT;
	local_irq_save(flags);
	switch (i.face) {
	case HV_RAWCPU_PAGE:
		ok = apic_store(APIC_ICR2, i.destination << 24) &&
		     apic_store(APIC_ICR, i.command);
		break;
	case HV_RAWCPU_SYNTHETIC:
		ok = !wrmsr_safe(HV_X64_MSR_ICR, i.command,
				 i.destination << 24);
		break;
	case HV_RAWCPU_X2APIC:
		ok = !wrmsr_safe(APIC_BASE_MSR + (APIC_ICR >> 4), i.command,
				 i.destination);
		break;
	default:
		ok = false;
	}
	local_irq_restore(flags);
	return ok ? 0 : -EFAULT;
}

static long rawcpu_nmis(struct hv_rawcpu_nmis __user *arg)
{
	struct hv_rawcpu_nmis n;

	if (copy_from_user(&n, arg, sizeof(n)))
		return -EFAULT;
	if (n.cpu >= nr_cpu_ids || !cpu_possible(n.cpu))
		return -EINVAL;
	n.count = per_cpu(nmis, n.cpu);
	return copy_to_user(arg, &n, sizeof(n)) ? -EFAULT : 0;
}

/* The last MSR of SVM, after MSR_VM_CR, MSR_VM_IGNNE and MSR_VM_HSAVE_PA. */
#define SVM_KEY 0xc0010118U

#define MARK 0x5eedU
/* Segment overrides, which mean nothing to them. */
#define PREFIXES ".byte 0x2e, 0x3e, 0x26; "
#define EXECUTE(insn, number)                                               \
	asm volatile(insn "; movl %[mark_value], %[mark]"                   \
		     : "=a"(e.result), "=d"(rdx), [mark] "=&r"(mark)        \
		     : "c"(number), "a"(0), "d"(0), [mark_value] "i"(MARK)  \
		     : "memory", "cc", "r8")

/* They are all refused, so it does not matter what they are about. */
static bool execute_svm(u32 instruction)
{
	u32 nothing = 0;

	switch (instruction) {
	case HV_RAWCPU_VMRUN:
		return ATTEMPT("vmrun", 0, nothing);
	case HV_RAWCPU_VMLOAD:
		return ATTEMPT("vmload", 0, nothing);
	case HV_RAWCPU_VMSAVE:
		return ATTEMPT("vmsave", 0, nothing);
	case HV_RAWCPU_STGI:
		return ATTEMPT("stgi", 0, nothing);
	case HV_RAWCPU_CLGI:
		return ATTEMPT("clgi", 0, nothing);
	case HV_RAWCPU_SKINIT:
		return ATTEMPT("skinit", 0, nothing);
	case HV_RAWCPU_INVLPGA:
		return ATTEMPT("invlpga", 0, nothing);
	}
	return false;
}

static long rawcpu_execute(struct hv_rawcpu_execute __user *arg)
{
	struct hv_rawcpu_execute e;
	u32 mark = 0;
	u64 rdx;

	if (copy_from_user(&e, arg, sizeof(e)))
		return -EFAULT;
	switch (e.instruction) {
	case HV_RAWCPU_RDMSR:
		EXECUTE("rdmsr", HV_X64_MSR_VP_INDEX);
		break;
	case HV_RAWCPU_RDMSR_PREFIXED:
		EXECUTE(PREFIXES "rdmsr", HV_X64_MSR_VP_INDEX);
		break;
	case HV_RAWCPU_VMMCALL:
		EXECUTE("vmmcall", 0x7777);
		break;
	case HV_RAWCPU_VMMCALL_PREFIXED:
		EXECUTE(PREFIXES "vmmcall", 0x7777);
		break;
	case HV_RAWCPU_VMRUN ... HV_RAWCPU_INVLPGA:
		return execute_svm(e.instruction) ? 0 : -EFAULT;
	default:
		return -EINVAL;
	}
	if (mark != MARK)
		return -EIO;
	return copy_to_user(arg, &e, sizeof(e)) ? -EFAULT : 0;
}

static long rawcpu_msr(struct hv_rawcpu_msr __user *arg)
{
	struct hv_rawcpu_msr m;
	u32 low, high;
	int err;

	if (copy_from_user(&m, arg, sizeof(m)))
		return -EFAULT;
	if (m.msr != MSR_EFER && (m.msr < MSR_VM_CR || m.msr > SVM_KEY) &&
	    (m.msr < APIC_BASE_MSR || m.msr >= APIC_BASE_MSR + 0x100) &&
	    (m.write || m.msr >> 16 != HV_X64_MSR_GUEST_OS_ID >> 16))
		return -EINVAL;
	/* In halves: the names of the whole ones change between kernels. */
	if (m.write) {
		err = wrmsr_safe(m.msr, lower_32_bits(m.value),
				 upper_32_bits(m.value));
	} else {
		err = rdmsr_safe(m.msr, &low, &high);
		m.value = (u64)high << 32 | low;
	}
	if (err)
		return -EFAULT;
	return copy_to_user(arg, &m, sizeof(m)) ? -EFAULT : 0;
}

static long rawcpu_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	void __user *argp = (void __user *)arg;

	switch (cmd) {
	case HV_RAWCPU_REGISTER:
		return rawcpu_register(argp);
	case HV_RAWCPU_ICR:
		return rawcpu_icr(argp);
	case HV_RAWCPU_NMIS:
		return rawcpu_nmis(argp);
	case HV_RAWCPU_EXECUTE:
		return rawcpu_execute(argp);
	case HV_RAWCPU_MSR:
		return rawcpu_msr(argp);
	}
	return -ENOIOCTLCMD;
}

/* One at a time: misc devices have no open() to refuse the second otherwise. */
static unsigned long is_open;

static int rawcpu_open(struct inode *inode, struct file *file)
{
	int cpu, ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (test_and_set_bit(0, &is_open))
		return -EBUSY;
	for_each_possible_cpu(cpu)
		per_cpu(nmis, cpu) = 0;
	ret = register_nmi_handler(NMI_LOCAL, count_nmi, 0, KBUILD_MODNAME);
	if (ret)
		clear_bit(0, &is_open);
	return ret;
}

static int rawcpu_release(struct inode *inode, struct file *file)
{
	unregister_nmi_handler(NMI_LOCAL, KBUILD_MODNAME);
	clear_bit(0, &is_open);
	return 0;
}

static const struct file_operations rawcpu_fops = {
	.owner = THIS_MODULE,
	.open = rawcpu_open,
	.release = rawcpu_release,
	.unlocked_ioctl = rawcpu_ioctl,
	.llseek = noop_llseek,
};

static struct miscdevice rawcpu_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hv_rawcpu",
	.fops = &rawcpu_fops,
	.mode = 0600,
};

module_misc_device(rawcpu_device);

MODULE_DESCRIPTION("Processor access for the hv_rootctl selftests");
MODULE_LICENSE("GPL");
MODULE_INFO(test, "Y");
