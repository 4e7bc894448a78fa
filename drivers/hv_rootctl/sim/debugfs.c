// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: hv_rootctl_sim/{fault,counters,audit}. One look into the simulated
 * hypervisor for people, and the handle of its fault script.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <hv/calls.h>
#include <hv/status.h>

#include "sim.h"

#define SIM_FAULT_WRITE_MAX (HVC_MAX_FAULTS * HV_DEBUG_TEXT_SIZE)

static struct dentry *sim_dir;

/* Writing replaces the script; an empty line alone ends it. */
static ssize_t sim_fault_write(struct file *file, const char __user *buffer,
			       size_t count, loff_t *pos)
{
	struct hvrc_sim *sim = file->private_data;
	char *text;
	int err;

	if (*pos || count > SIM_FAULT_WRITE_MAX)
		return -EINVAL;
	text = memdup_user_nul(buffer, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	hvrc_sim_debug(sim, HV_DEBUG_FAULT_CLEAR, 0, NULL);
	err = hvrc_sim_add_faults(sim, text);
	kfree(text);
	return err ?: count;
}

static const struct file_operations sim_fault_fops = {
	.owner = THIS_MODULE,
	.open = simple_open,
	.write = sim_fault_write,
};

static int sim_counters_show(struct seq_file *seq, void *unused)
{
	struct hvrc_sim *sim = seq->private;
	const struct hvc_counters *c;
	u32 i;
	u16 code;

	seq_printf(seq, "%-6s %-28s %12s %12s %12s %12s %12s\n", "code", "call",
		   "calls", "failed", "reps", "continued", "faults");
	for (i = 0; (c = hvc_counters_at(&sim->hv, i, &code)); i++)
		seq_printf(seq, "%#06x %-28s %12llu %12llu %12llu %12llu %12llu\n",
			   code, hv_call_name(code) ?: "-", c->calls, c->failed,
			   c->reps, c->continued, c->faults);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sim_counters);

static const char *const sim_audit_names[HV_DEBUG_NR_AUDIT] = {
	[HV_DEBUG_ROOT_PAGES] = "root_pages",
	[HV_DEBUG_POOL_PAGES] = "pool_pages",
	[HV_DEBUG_USED_PAGES] = "used_pages",
	[HV_DEBUG_HYPERVISOR_PAGES] = "hypervisor_pages",
	[HV_DEBUG_MAPPED_PAGES] = "mapped_pages",
	[HV_DEBUG_PARTITIONS] = "partitions",
	[HV_DEBUG_AUDIT_ERRORS] = "errors",
};

static int sim_audit_show(struct seq_file *seq, void *unused)
{
	struct hvrc_sim *sim = seq->private;
	u64 values[HV_DEBUG_VALUES];
	u16 status;
	int i;

	status = hvrc_sim_debug(sim, HV_DEBUG_AUDIT, 0, values);
	if (status) {
		seq_printf(seq, "no audit: %s\n",
			   hv_status_name(status) ?: "unknown status");
		return 0;
	}
	for (i = 0; i < HV_DEBUG_NR_AUDIT; i++)
		seq_printf(seq, "%s %llu\n", sim_audit_names[i], values[i]);
	seq_printf(seq, "trespasses %llu\n", sim->trespasses);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sim_audit);

/**
 * hvrc_sim_debugfs_create - show a simulated hypervisor in debugfs
 * @sim: it; only one at a time
 *
 * Context: may sleep.
 */
void hvrc_sim_debugfs_create(struct hvrc_sim *sim)
{
	sim_dir = debugfs_create_dir("hv_rootctl_sim", NULL);
	debugfs_create_file("fault", 0200, sim_dir, sim, &sim_fault_fops);
	debugfs_create_file("counters", 0400, sim_dir, sim,
			    &sim_counters_fops);
	debugfs_create_file("audit", 0400, sim_dir, sim, &sim_audit_fops);
}

/**
 * hvrc_sim_debugfs_remove - take it away again
 *
 * Context: may sleep; waits for readers and writers.
 */
void hvrc_sim_debugfs_remove(void)
{
	debugfs_remove(sim_dir);
}
