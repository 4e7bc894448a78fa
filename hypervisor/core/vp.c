// SPDX-License-Identifier: GPL-2.0
/*
 * Virtual processors of children: they exist, suspended, and take memory of
 * their partition's pool. TLFS chapter "Virtual Processor Management".
 */
#include "internal.h"

/* HvCreateVp. The root's own processors are the host's business. */
u32 hvc_create_vp(struct hvc_ctx *ctx)
{
	const struct hv_input_create_vp *in = (const void *)ctx->in;
	struct hvc_partition *p = ctx->target;
	u64 proximity = in->proximity_domain_info;
	struct hvc *hv = ctx->hv;
	struct hvc_vp *vp;
	u64 pfn;
	u32 i;

	if (in->vp_index >= HVC_MAX_VPS)
		return HV_STATUS_INVALID_VP_INDEX;
	if (hvc_is_root(p))
		return hv->ops->root_vp_create ?
			       hv->ops->root_vp_create(hv, in->vp_index,
						       in->flags) :
			       HV_STATUS_ACCESS_DENIED;
	if (p->vps[in->vp_index])
		return HV_STATUS_INVALID_VP_INDEX;
	if (in->flags || !hvc_proximity_valid(hv, proximity))
		return HV_STATUS_INVALID_PARAMETER;
	if (!hvc_pool_has(p, proximity, 1 + hv->cfg.vp_pages))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	if (!hvc_reserve_vp(hv, p))
		return HV_STATUS_OPERATION_DENIED;

	pfn = hvc_pool_alloc_near(hv, p, proximity);
	vp = hv->ops->map(hv, pfn); /* for as long as it lives */
	vp->pfn = pfn;
	vp->partition = p;
	vp->index = in->vp_index;
	hvc_reset_registers(vp);
	hvc_overlay_init_vp(vp);
	hvc_apic_reset(vp);
	for (i = 0; i < hv->cfg.vp_pages; i++)
		vp->pages[i] = hvc_pool_alloc_near(hv, p, proximity);
	p->vps[vp->index] = vp;
	if (hv->ops->vp_create)
		hv->ops->vp_create(hv, vp, vp->pages);
	return HV_STATUS_SUCCESS;
}

void hvc_destroy_vp(struct hvc *hv, struct hvc_vp *vp)
{
	struct hvc_partition *p = vp->partition;
	u64 pfn = vp->pfn;
	u32 i;

	if (hv->ops->vp_destroy)
		hv->ops->vp_destroy(hv, vp);
	hvc_overlay_destroy_vp(hv, vp);
	p->vps[vp->index] = NULL;
	hvc_release_vp(hv, p);
	for (i = 0; i < hv->cfg.vp_pages; i++)
		hvc_pool_free(hv, p, vp->pages[i]);
	hv->ops->unmap(hv, vp);
	hvc_pool_free(hv, p, pfn);
}

/* HvDeleteVp: its memory returns to the partition's pool. */
u32 hvc_delete_vp(struct hvc_ctx *ctx)
{
	const struct hv_input_delete_vp *in = (const void *)ctx->in;
	struct hvc_partition *p = ctx->target;

	if (in->vp_index >= HVC_MAX_VPS || !p->vps[in->vp_index])
		return HV_STATUS_INVALID_VP_INDEX;
	hvc_destroy_vp(ctx->hv, p->vps[in->vp_index]);
	return HV_STATUS_SUCCESS;
}
