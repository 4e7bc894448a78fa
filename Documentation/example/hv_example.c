// SPDX-License-Identifier: GPL-2.0
/*
 * A client of the hypervisor, to begin with: a module that makes hypercalls by
 * the kernel's own means, and needs nothing else of this tree. own-code.md
 * says how it gets into a root partition.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/types.h>

#include <asm/mshyperv.h>

#define CALL_WITHDRAW_MEMORY 0x49
#define PAGES 4

/* The input of HvWithdrawMemory: whose pool, and any proximity domain. */
struct withdraw_input {
	__le64 partition_id;
	__le64 proximity_domain_info;
};

static int __init hv_example_init(void)
{
	struct withdraw_input *in;
	u64 *out, result;

	if (!hv_is_hyperv_initialized())
		return -ENODEV;

	/* A list may not cross a page: these are one each, from kmalloc(). */
	in = kzalloc(PAGE_SIZE, GFP_KERNEL);
	out = kzalloc(PAGE_SIZE, GFP_KERNEL);
	if (!in || !out) {
		kfree(in);
		kfree(out);
		return -ENOMEM;
	}

	result = hv_do_hypercall(HVCALL_GET_PARTITION_ID, NULL, out);
	pr_info("hv_example: status 0x%llx, partition %llu\n",
		result & HV_HYPERCALL_RESULT_MASK, out[0]);

	in->partition_id = cpu_to_le64(out[0]);
	result = hv_do_hypercall(CALL_WITHDRAW_MEMORY |
				 (u64)PAGES << HV_HYPERCALL_REP_COMP_OFFSET,
				 in, out);
	pr_info("hv_example: status 0x%llx, %u of %u pages withdrawn\n",
		result & HV_HYPERCALL_RESULT_MASK, hv_repcomp(result), PAGES);

	kfree(in);
	kfree(out);
	return 0;
}
module_init(hv_example_init);

static void __exit hv_example_exit(void)
{
}
module_exit(hv_example_exit);

MODULE_DESCRIPTION("Two hypercalls, to begin with");
MODULE_LICENSE("GPL");
