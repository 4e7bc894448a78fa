// SPDX-License-Identifier: GPL-2.0
/* The life of a partition. TLFS chapter "Partition Management". */
#include "internal.h"

/* How deep partitions may be nested below the root; TLFS asks for 2. */
#define MAX_DEPTH 2

/*
 * Creation flags with a name: SMT, nested, super pages, EXO, VTL overrides,
 * LAPIC, PMU, LBR, intercept page, doorbell page, x2APIC.
 */
#define CREATION_FLAGS                                                   \
	((1ULL << 0) | (1ULL << 1) | (1ULL << 4) | (1ULL << 8) |         \
	 (1ULL << 9) | (1ULL << 10) | (1ULL << 13) | (1ULL << 15) |      \
	 (1ULL << 16) | (1ULL << 19) | (1ULL << 20) | (1ULL << 22))

/* The next id whose slot is free; ids are never used again. */
static u64 next_id(struct hvc *hv)
{
	if (hv->nr_partitions == HVC_MAX_PARTITIONS)
		return 0;
	while (hv->partitions[hv->next_id % HVC_MAX_PARTITIONS])
		hv->next_id++;
	return hv->next_id++;
}

/* HvCreatePartition. The structure comes from the caller's own pool. */
u32 hvc_create_partition(struct hvc_ctx *ctx)
{
	const struct hv_input_create_partition *in = (const void *)ctx->in;
	struct hv_output_create_partition *out = (void *)ctx->out;
	struct hvc_partition *parent = ctx->caller;
	struct hvc *hv = ctx->hv;
	struct hvc_partition *p;
	u64 pfn;

	if (parent->depth == MAX_DEPTH)
		return HV_STATUS_PARTITION_TOO_DEEP;
	if ((in->flags & ~CREATION_FLAGS) || in->isolation_properties ||
	    !hvc_proximity_valid(hv, in->proximity_domain_info))
		return HV_STATUS_INVALID_PARAMETER;
	if (hv->nr_partitions == HVC_MAX_PARTITIONS)
		return HV_STATUS_NO_RESOURCES;
	pfn = hvc_pool_alloc_near(hv, parent, in->proximity_domain_info);
	if (!pfn)
		return HV_STATUS_INSUFFICIENT_MEMORY;

	p = hv->ops->map(hv, pfn); /* for as long as it lives */
	p->pfn = pfn;
	p->id = next_id(hv);
	p->slot = p->id % HVC_MAX_PARTITIONS;
	p->state = HVC_UNINITIALIZED;
	p->privileges = HVC_CHILD_PRIVILEGES;
	p->depth = parent->depth + 1;
	p->parent = parent;
	p->created = hvc_reference_time(hv);
	p->compatibility_version = in->compatibility_version;
	hvc_overlay_init(p);
	hvc_property_init(p);
	p->prev = parent->last_child;
	if (p->prev)
		p->prev->next = p;
	else
		parent->first_child = p;
	parent->last_child = p;
	hv->partitions[p->slot] = p;
	hv->nr_partitions++;
	out->partition_id = p->id;
	return HV_STATUS_SUCCESS;
}

/* HvInitializePartition: it gets a GPA space, from its own pool. */
u32 hvc_initialize_partition(struct hvc_ctx *ctx)
{
	u32 status = hvc_gpa_init(ctx->hv, ctx->target);

	if (status == HV_STATUS_SUCCESS)
		ctx->target->state = HVC_ACTIVE;
	return status;
}

/* HvFinalizePartition: all that was built returns to the pool. */
u32 hvc_finalize_partition(struct hvc_ctx *ctx)
{
	struct hvc_partition *p = ctx->target;
	u32 i;

	if (p->first_child)
		return HV_STATUS_OPERATION_DENIED;
	p->state = HVC_FINALIZING;
	for (i = 0; i < HVC_MAX_VPS; i++)
		if (p->vps[i])
			hvc_destroy_vp(ctx->hv, p->vps[i]);
	hvc_overlay_destroy(ctx->hv, p);
	p->flush = true;
	if (!hvc_gpa_teardown(ctx->hv, p, hvc_budget(ctx->hv, HV_LARGE_PAGES)))
		return HVC_AGAIN;
	p->state = HVC_FINALIZED;
	return HV_STATUS_SUCCESS;
}

/* HvDeletePartition: only when its pool has been withdrawn. */
u32 hvc_delete_partition(struct hvc_ctx *ctx)
{
	struct hvc_partition *p = ctx->target;
	struct hvc_partition *parent = p->parent;
	struct hvc *hv = ctx->hv;
	u64 pfn = p->pfn;

	if (p->available || p->in_use || p->first_child)
		return HV_STATUS_OPERATION_DENIED;
	if (p->prev)
		p->prev->next = p->next;
	else
		parent->first_child = p->next;
	if (p->next)
		p->next->prev = p->prev;
	else
		parent->last_child = p->prev;
	hv->partitions[p->slot] = NULL;
	hv->nr_partitions--;
	ctx->target = NULL;
	hv->ops->unmap(hv, p);
	hvc_pool_free(hv, parent, pfn);
	return HV_STATUS_SUCCESS;
}

u64 hvc_partition_id(const struct hvc_partition *p)
{
	return p->id;
}

/* HvGetPartitionId */
u32 hvc_get_partition_id(struct hvc_ctx *ctx)
{
	struct hv_output_get_partition_id *out = (void *)ctx->out;

	out->partition_id = hvc_partition_id(ctx->caller);
	return HV_STATUS_SUCCESS;
}

/*
 * HvExtCallQueryCapabilities. None of the calls that a bit would promise
 * (memory that is zero at boot, memory heat hints, ...) is there.
 */
u32 hvc_ext_query_capabilities(struct hvc_ctx *ctx)
{
	struct hv_output_ext_query_capabilities *out = (void *)ctx->out;

	out->capabilities = 0;
	return HV_STATUS_SUCCESS;
}

/* HvGetNextChildPartition, in order of creation. */
u32 hvc_get_next_child(struct hvc_ctx *ctx)
{
	const struct hv_input_get_next_child_partition *in =
		(const void *)ctx->in;
	struct hv_output_get_next_child_partition *out = (void *)ctx->out;
	struct hvc_partition *next = ctx->target->first_child;

	if (in->previous_child_id) {
		struct hvc_partition *previous =
			hvc_find_partition(ctx->hv, in->previous_child_id);

		if (!previous || previous->parent != ctx->target)
			return HV_STATUS_INVALID_PARTITION_ID;
		next = previous->next;
	}
	out->next_child_id = next ? next->id : HV_PARTITION_ID_INVALID;
	return HV_STATUS_SUCCESS;
}
