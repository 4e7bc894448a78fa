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

static inline u64 least(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* Of a page and its neighbours up or down: how many descriptors are in a row? */
static inline u64 in_a_row(const struct hvc *hv, u64 pfn, s64 step)
{
	u64 n = pfn - hv->cfg.first_frame;

	if (n >= hv->cfg.nr_frames)
		return 1;
	return step > 0 ? hv->cfg.nr_frames - n : n + 1;
}

/* Pages of one domain join a pool; they are linked up already. */
static inline void joined(struct hvc_partition *p, u32 domain, u64 head,
			  u32 pages)
{
	struct hvc_list *list = &p->pool[domain];

	list->head = head;
	list->count += pages;
	p->nonempty |= 1ULL << domain;
	p->available += pages;
}

static inline void push(struct hvc_partition *p, u64 pfn, struct hvc_frame *f)
{
	u32 domain = f->domain % HVC_MAX_DOMAINS;

	f->state = HVC_FRAME_POOL;
	f->owner = p->slot;
	f->link = p->pool[domain].head;
	joined(p, domain, pfn, 1);
}

/*
 * Take available pages of one of the domains in the mask, as many as the list
 * has next that lie side by side. Their numbers go to a list; the lowest is
 * handed back. 0: there are none.
 */
static u64 pop(struct hvc *hv, struct hvc_partition *p, u64 domains, u64 *to,
	       u64 max, u64 *pages)
{
	struct hvc_list *list;
	u64 pfn, first;
	struct hvc_frame *f;
	u64 *at = to, *last;
	u32 domain, n;
	s64 step;

	domains &= p->nonempty;
	if (!domains)
		return 0;
	domain = __builtin_ctzll(domains);
	list = &p->pool[domain];
	first = list->head;
	pfn = first;
	f = hvc_frame(hv, pfn);
	step = f->link > pfn ? 1 : -1;
	last = to + least(max, least(list->count, in_a_row(hv, pfn, step))) - 1;
	for (;; at++, f += step) {
		__atomic_store_n(at, pfn, __ATOMIC_RELAXED);
		pfn += step;
		if (f->link != pfn || at == last)
			break;
	}
	n = at - to + 1;
	list->head = f->link;
	list->count -= n;
	if (!list->count)
		p->nonempty &= ~(1ULL << domain);
	p->available -= n;
	*pages = n;
	return step > 0 ? first : first - (n - 1);
}

static inline void zero_pages(struct hvc *hv, u64 pfn, u64 pages)
{
	void *page;

	if (HVC_FLAT) {
		memset(hvc_map(hv, pfn), 0, pages * HV_PAGE_SIZE);
		return;
	}
	for (; pages; pages--, pfn++) {
		page = hvc_map(hv, pfn);
		memset(page, 0, HV_PAGE_SIZE);
		hvc_unmap(hv, page);
	}
}

/* The domains that pages are to be of; and those that will do without these. */
static inline void domains_of(u64 proximity, u64 *domains, u64 *others)
{
	*domains = ~0ULL;
	*others = 0;
	if (proximity & HV_PROXIMITY_VALID) {
		*domains = 1ULL << (proximity & HV_PROXIMITY_ID_MASK);
		if (proximity & HV_PROXIMITY_PREFERRED)
			*others = ~0ULL;
	}
}

/**
 * hvc_pool_has - is there a number of pages that hvc_pool_alloc_near() takes?
 * @p: whose pool
 * @proximity: HV_PROXIMITY_DOMAIN_INFO, a valid one
 * @pages: how many
 *
 * Context: under the lock.
 */
bool hvc_pool_has(const struct hvc_partition *p, u64 proximity, u32 pages)
{
	if ((proximity & HV_PROXIMITY_VALID) &&
	    !(proximity & HV_PROXIMITY_PREFERRED))
		return p->pool[proximity & HV_PROXIMITY_ID_MASK].count >= pages;
	return p->available >= pages;
}

/**
 * hvc_pool_alloc_near - a zeroed page for the hypervisor's use, from a pool
 * @hv: the core
 * @p: whose pool
 * @proximity: HV_PROXIMITY_DOMAIN_INFO, a valid one; 0: of any domain
 *
 * Context: under the lock.
 * Return: its pfn, or 0 when the pool has none.
 */
u64 hvc_pool_alloc_near(struct hvc *hv, struct hvc_partition *p, u64 proximity)
{
	u64 domains, others, pfn, pages;
	struct hvc_frame *f;

	domains_of(proximity, &domains, &others);
	if (!(p->nonempty & domains))
		domains = others;
	if (!pop(hv, p, domains, &pfn, 1, &pages))
		return 0;
	f = hvc_frame(hv, pfn);
	f->state = HVC_FRAME_USED;
	f->link = 0;
	p->in_use++;
	zero_pages(hv, pfn, 1);
	return pfn;
}

/**
 * hvc_pool_free - give a page of hvc_pool_alloc_near() back to its pool
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

/* The page that holds the call's own list is locked until the call is over. */
static u64 locked_pfn(const struct hvc_call *call)
{
	return call->control & HV_CONTROL_FAST ? ~0ULL :
						 call->input >> HV_PAGE_SHIFT;
}

static inline u64 element(const u64 *list, u32 rep)
{
	return __atomic_load_n(&list[rep], __ATOMIC_RELAXED);
}

/* The element that is next, and which way the list seems to go. */
struct reader {
	const u64 *list;
	u64 next;
	s64 step;
};

/*
 * Take a page that will do, and those behind it in the list that lie side by
 * side with it and are in every respect as it was; up to @end.
 */
static HVC_INLINE void deposit(struct hvc_ctx *ctx, struct hvc_frame *f,
			       struct reader *r, u32 end)
{
	const u64 locked = locked_pfn(ctx->call), first = r->next;
	const struct hvc_frame usual = *f;
	const u32 domain = usual.domain % HVC_MAX_DOMAINS;
	struct hvc_partition *p = ctx->target;
	u64 pfn = first, link = p->pool[domain].head;
	u64 n, max;

	max = least(end - ctx->rep, in_a_row(ctx->hv, first, r->step));
	for (n = 1;; n++) {
		f->link = link;
		f->owner = p->slot;
		f->state = HVC_FRAME_POOL;
		link = pfn;
		if (n == max)
			break;
		pfn = element(r->list, ctx->rep + n);
		if (pfn != link + r->step || pfn == locked)
			break;
		f += r->step;
		if (f->word != usual.word)
			break;
	}
	ctx->rep += n;
	if (n == max && ctx->rep < end)
		pfn = element(r->list, ctx->rep);
	r->next = pfn;
	if (n == 1)
		r->step = pfn < link ? -1 : 1;
	joined(p, domain, link, n);
	ctx->hv->ops->root_access(ctx->hv, first < link ? first : link, n,
				  false);
}

/* HvDepositMemory. Only pages that are the root's alone will do. */
u32 hvc_deposit_memory(struct hvc_ctx *ctx, const void *in, void *out, u32 end)
{
	struct reader r = { .list = in, .step = 1 };
	struct hvc *hv = ctx->hv;
	struct hvc_frame *f;

	(void)out;
	if (!hvc_is_root(ctx->caller))
		return HV_STATUS_OPERATION_DENIED;
	if (ctx->rep < end)
		r.next = element(r.list, ctx->rep);
	while (ctx->rep < end) {
		f = can_be_pooled(r.next) ? hvc_frame(hv, r.next) : NULL;
		if (!f || f->state != HVC_FRAME_ROOT || f->link)
			return HV_STATUS_OPERATION_DENIED;
		if (r.next == locked_pfn(ctx->call))
			return HV_STATUS_OBJECT_IN_USE;
		deposit(ctx, f, &r, end);
		hv->root.flush = true;
	}
	return HV_STATUS_SUCCESS;
}

/* Nothing that the hypervisor kept in pages is for the root. */
static void give_back(struct hvc *hv, u64 pfn, u64 pages)
{
	struct hvc_frame *f = hvc_frame(hv, pfn), *end = f + pages;
	const struct hvc_frame roots = {
		.state = HVC_FRAME_ROOT,
		.domain = f->domain,
	};

	zero_pages(hv, pfn, pages);
	for (; f < end; f++)
		f->word = roots.word;
	hv->ops->root_access(hv, pfn, pages, true);
}

/* HvWithdrawMemory */
u32 hvc_withdraw_memory(struct hvc_ctx *ctx, const void *in, void *out, u32 end)
{
	const struct hv_input_withdraw_memory *header = (const void *)ctx->in;
	u64 proximity = header->proximity_domain_info;
	struct hvc_partition *p = ctx->target;
	u64 domains, others, pfn, pages;
	struct hvc *hv = ctx->hv;
	u64 *list = out;

	(void)in;
	if (!hvc_proximity_valid(hv, proximity))
		return HV_STATUS_INVALID_PARAMETER;
	domains_of(proximity, &domains, &others);
	for (; ctx->rep < end; ctx->rep += pages) {
		if (!(p->nonempty & domains))
			domains = others;
		pfn = pop(hv, p, domains, &list[ctx->rep], end - ctx->rep,
			  &pages);
		if (!pfn)
			return HV_STATUS_NO_RESOURCES;
		give_back(hv, pfn, pages);
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
