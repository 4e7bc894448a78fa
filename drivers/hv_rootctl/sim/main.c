// SPDX-License-Identifier: GPL-2.0
/* hv_rootctl_sim: the hypervisor core inside the kernel, as a transport. */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <uapi/linux/hv_rootctl.h>

#include "../transport.h"
#include "sim.h"

static char *fault;
module_param(fault, charp, 0400);
MODULE_PARM_DESC(fault, "Fault script: words separated by ',', lines by ';'");

static char *access_codes = "call";
module_param(access_codes, charp, 0400);
MODULE_PARM_DESC(access_codes,
		 "Reading of access results: call (default) or enum");

static char *fast = "table";
module_param(fast, charp, 0400);
MODULE_PARM_DESC(fast,
		 "Calls that may be in registers: table (default) or any");

static unsigned int budget;
module_param(budget, uint, 0400);
MODULE_PARM_DESC(budget,
		 "Repetitions before a call is continued (0: the core's default)");

static unsigned int vp_pages = 1;
module_param(vp_pages, uint, 0400);
MODULE_PARM_DESC(vp_pages,
		 "Pages that a virtual processor takes from its pool (default 1)");

static struct hvrc_sim *sim;

static u64 sim_transport_call(u64 control, u64 input, u64 output)
{
	return hvrc_sim_call(sim, control, input, output);
}

static bool sim_transport_call_xmm(u64 control, struct hvrc_xmm *registers,
				   u64 *result)
{
	*result = hvrc_sim_call_xmm(sim, control, registers);
	return true;
}

static struct hvrc_transport sim_transport = {
	.id = HV_ROOTCTL_TRANSPORT_SIM,
	.name = "simulation",
	.owner = THIS_MODULE,
	.call = sim_transport_call,
	.call_xmm = sim_transport_call_xmm,
};

static int __init sim_configure(struct hvc_config *cfg)
{
	hvrc_sim_default_config(cfg);
	cfg->rep_budget = budget;
	cfg->vp_pages = vp_pages;
	if (!strcmp(fast, "any"))
		cfg->fast_any = true;
	else if (strcmp(fast, "table"))
		return -EINVAL;
	if (!strcmp(access_codes, "enum"))
		cfg->access_codes_enum = true;
	else if (strcmp(access_codes, "call"))
		return -EINVAL;
	return 0;
}

static int __init sim_add_fault_parameter(void)
{
	char *lines;
	int err;

	if (!fault)
		return 0;
	lines = kstrdup(fault, GFP_KERNEL);
	if (!lines)
		return -ENOMEM;
	err = hvrc_sim_add_faults(sim, lines);
	kfree(lines);
	return err;
}

static int __init sim_init(void)
{
	struct hvc_config cfg;
	int err;

	err = sim_configure(&cfg);
	if (err)
		return err;
	sim = hvrc_sim_new(&cfg);
	if (IS_ERR(sim))
		return PTR_ERR(sim);
	err = sim_add_fault_parameter();
	if (err)
		goto err_free;

	sim_transport.privileges = cfg.root_privileges;
	err = hvrc_start(&sim_transport);
	if (err)
		goto err_free;
	hvrc_sim_debugfs_create(sim);
	pr_warn("hv_rootctl_sim: a simulation inside this kernel; it protects nothing\n");
	return 0;

err_free:
	hvrc_sim_free(sim);
	return err;
}

static void __exit sim_exit(void)
{
	hvrc_sim_debugfs_remove();
	hvrc_stop();
	hvrc_sim_free(sim);
}

module_init(sim_init);
module_exit(sim_exit);

MODULE_DESCRIPTION("Simulated hypervisor for hv_rootctl");
MODULE_LICENSE("GPL");
