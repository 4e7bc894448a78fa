// SPDX-License-Identifier: GPL-2.0
/*
 * Memory pools: the pages that a partition's parent deposited for what the
 * hypervisor builds for that partition. TLFS "Memory Pools".
 *
 * A frame's state and owner are the record of ownership; the lists only make
 * it quick to find an available page, by proximity domain.
 */
#include "internal.h"

/* pfn 0 ends a list, and links are 32 bits wide. */
static bool can_be_pooled(u64 pfn)
{
	return pfn && pfn <= 0xffffffffULL;
}

static HVC_INLINE void push(struct hvc_partition *p, u64 pfn,
			    struct hvc_frame *f)
{
	u32 domain = f->domain % HVC_MAX_DOMAINS;
	struct hvc_list *list = &p->pool[domain];

	f->state = HVC_FRAME_POOL;
	f->owner = p->slot;
	f->link = list->head;
	list->head = pfn;
	list->count++;
	p->nonempty |= 1ULL << domain;
	p->available++;
}

/* Take an available page of one of the domains in the mask; 0: none. */
static HVC_INLINE u64 pop(struct hvc *hv, struct hvc_partition *p, u64 domains,
			  struct hvc_frame **frame)
{
	struct hvc_list *list;
	u32 domain;
	u64 pfn;

	domains &= p->nonempty;
	if (!domains)
		return 0;
	domain = __builtin_ctzll(domains);
	list = &p->pool[domain];
	pfn = list->head;
	*frame = hvc_frame(hv, pfn);
	list->head = (*frame)->link;
	if (!--list->count)
		p->nonempty &= ~(1ULL << domain);
	p->available--;
	return pfn;
}

static HVC_INLINE void zero_page(struct hvc *hv, u64 pfn)
{
	void *page = hvc_map(hv, pfn);

	memset(page, 0, HV_PAGE_SIZE);
	hvc_unmap(hv, page);
}

/**
 * hvc_pool_alloc - a zeroed page for the hypervisor's use, from a pool
 * @hv: the core
 * @p: whose pool
 *
 * Context: under the lock.
 * Return: its pfn, or 0 when the pool is empty.
 */
u64 hvc_pool_alloc(struct hvc *hv, struct hvc_partition *p)
{
	struct hvc_frame *f;
	u64 pfn = pop(hv, p, ~0ULL, &f);

	if (!pfn)
		return 0;
	f->state = HVC_FRAME_USED;
	f->link = 0;
	p->in_use++;
	zero_page(hv, pfn);
	return pfn;
}

/**
 * hvc_pool_free - give a page of hvc_pool_alloc() back to its pool
 * @hv: the core
 * @p: whose pool
 * @pfn: the page
 *
 * Context: under the lock.
 */
void hvc_pool_free(struct hvc *hv, struct hvc_partition *p, u64 pfn)
{
	p->in_use--;
	p->leaves_at = 0; /* it may be a table */
	push(p, pfn, hvc_frame(hv, pfn));
}

/* HV_PROXIMITY_DOMAIN_INFO: no reserved bit, and a domain that exists. */
bool hvc_proximity_valid(struct hvc *hv, u64 proximity)
{
	u32 domain = proximity & HV_PROXIMITY_ID_MASK;

	if (proximity & HV_PROXIMITY_RESERVED)
		return false;
	if (!(proximity & HV_PROXIMITY_VALID))
		return true;
	return domain < HVC_MAX_DOMAINS &&
	       (hv->cfg.domains & (1ULL << domain));
}

/* A page that holds the call's own list is locked until the call is over. */
static bool holds_list(const struct hvc_call *call, u64 pfn)
{
	return !(call->control & HV_CONTROL_FAST) &&
	       pfn == call->input >> HV_PAGE_SHIFT;
}

/* One page. Only one that is the root's alone will do. */
static HVC_INLINE u32 deposit(struct hvc_ctx *ctx, u64 pfn)
{
	struct hvc *hv = ctx->hv;
	struct hvc_frame *f = can_be_pooled(pfn) ? hvc_frame(hv, pfn) : NULL;

	if (!f || f->state != HVC_FRAME_ROOT || f->link)
		return HV_STATUS_OPERATION_DENIED;
	if (holds_list(ctx->call, pfn))
		return HV_STATUS_OBJECT_IN_USE;
	hv->ops->root_access(hv, pfn, false);
	push(ctx->target, pfn, f);
	return HV_STATUS_SUCCESS;
}

/* HvDepositMemory */
u32 hvc_deposit_memory(struct hvc_ctx *ctx, const void *in, void *out, u32 end)
{
	const u64 *list = in;
	u32 status;

	(void)out;
	if (!hvc_is_root(ctx->caller))
		return HV_STATUS_OPERATION_DENIED;
	for (; ctx->rep < end; ctx->rep++) {
		status = deposit(ctx, __atomic_load_n(&list[ctx->rep],
						      __ATOMIC_RELAXED));
		if (status != HV_STATUS_SUCCESS)
			return status;
		ctx->hv->root.flush = true;
	}
	return HV_STATUS_SUCCESS;
}

/* HvWithdrawMemory */
u32 hvc_withdraw_memory(struct hvc_ctx *ctx, const void *in, void *out, u32 end)
{
	const struct hv_input_withdraw_memory *header = (const void *)ctx->in;
	u64 proximity = header->proximity_domain_info;
	struct hvc_partition *p = ctx->target;
	u64 domains = ~0ULL, others = 0;
	struct hvc *hv = ctx->hv;
	struct hvc_frame *f;
	u64 *list = out;
	u64 pfn;

	(void)in;
	if (!hvc_proximity_valid(hv, proximity))
		return HV_STATUS_INVALID_PARAMETER;
	if (proximity & HV_PROXIMITY_VALID) {
		domains = 1ULL << (proximity & HV_PROXIMITY_ID_MASK);
		if (proximity & HV_PROXIMITY_PREFERRED)
			others = ~0ULL;
	}
	for (; ctx->rep < end; ctx->rep++) {
		pfn = pop(hv, p, domains, &f);
		if (!pfn)
			pfn = pop(hv, p, others, &f);
		if (!pfn)
			return HV_STATUS_NO_RESOURCES;
		/* Nothing that the hypervisor kept there is for the root. */
		zero_page(hv, pfn);
		f->state = HVC_FRAME_ROOT;
		f->owner = 0;
		f->link = 0;
		hv->ops->root_access(hv, pfn, true);
		__atomic_store_n(&list[ctx->rep], pfn, __ATOMIC_RELAXED);
	}
	return HV_STATUS_SUCCESS;
}

/* HvGetMemoryBalance. In use is not told apart by domain. */
u32 hvc_get_memory_balance(struct hvc_ctx *ctx)
{
	const struct hv_input_get_memory_balance *in = (const void *)ctx->in;
	struct hv_output_get_memory_balance *out = (void *)ctx->out;
	u64 proximity = in->proximity_domain_info;

	if (!hvc_proximity_valid(ctx->hv, proximity))
		return HV_STATUS_INVALID_PARAMETER;
	out->pages_available = ctx->target->available;
	out->pages_in_use = ctx->target->in_use;
	if (proximity & HV_PROXIMITY_VALID)
		out->pages_available =
			ctx->target->pool[proximity & HV_PROXIMITY_ID_MASK]
				.count;
	return HV_STATUS_SUCCESS;
}
