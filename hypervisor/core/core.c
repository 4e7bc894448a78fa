// SPDX-License-Identifier: GPL-2.0
/* A core comes to life: with the root partition in it. */
#include "internal.h"

#define DEFAULT_REP_BUDGET 64

int hvc_init(struct hvc *hv, const struct hvc_config *cfg,
	     const struct hvc_host_ops *ops, void *host)
{
	memset(hv, 0, sizeof(*hv));
	if (cfg->gpa_bits < 30 || cfg->gpa_bits > 48 ||
	    cfg->vp_pages > HVC_MAX_VP_PAGES || !cfg->domains ||
	    !cfg->processors ||
	    ((cfg->xmm_input || cfg->xmm_output) &&
	     !(ops->get_xmm && ops->set_xmm)))
		return -1;
	hv->cfg = *cfg;
	if (!hv->cfg.rep_budget)
		hv->cfg.rep_budget = DEFAULT_REP_BUDGET;
	hv->ops = ops;
	hv->host = host;
	hv->root.id = HVC_ROOT_ID;
	hv->root.slot = HVC_ROOT_ID;
	hv->root.state = HVC_ACTIVE;
	hv->root.privileges = cfg->root_privileges;
	hvc_property_init(&hv->root);
	hv->partitions[HVC_ROOT_ID] = &hv->root;
	hv->nr_partitions = 1;
	hv->next_id = HVC_ROOT_ID + 1;
	return hvc_table_init(hv);
}

void *hvc_host(struct hvc *hv)
{
	return hv->host;
}

struct hvc_partition *hvc_root(struct hvc *hv)
{
	return &hv->root;
}
