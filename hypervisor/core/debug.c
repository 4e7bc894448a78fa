// SPDX-License-Identifier: GPL-2.0
/* The debug call, include/hv/debug.h: for tests, not a part of Hyper-V. */
#include "internal.h"

static void counters(struct hvc *hv, u16 code, u64 *values)
{
	const struct hvc_counters *c = hvc_counters(hv, code);

	values[HV_DEBUG_CALLS] = c->calls;
	values[HV_DEBUG_FAILED] = c->failed;
	values[HV_DEBUG_REPS] = c->reps;
	values[HV_DEBUG_CONTINUED] = c->continued;
	values[HV_DEBUG_FAULTS] = c->faults;
	values[HV_DEBUG_UNKNOWN] = hv->unknown.calls;
}

/* Each frame once: by state, and to whom it belongs. */
static void audit_frames(struct hvc *hv, u64 *values, u64 *links)
{
	struct hvc_partition *p;
	struct hvc_frame *f;
	u64 pfn;

	for (pfn = 0; pfn < hv->cfg.nr_pfns; pfn++) {
		f = hvc_frame(hv, pfn);
		if (!f)
			continue;
		switch (f->state) {
		case HVC_FRAME_NONE:
			break;
		case HVC_FRAME_HYPERVISOR:
			values[HV_DEBUG_HYPERVISOR_PAGES]++;
			break;
		case HVC_FRAME_ROOT:
			values[HV_DEBUG_ROOT_PAGES]++;
			values[HV_DEBUG_MAPPED_PAGES] += !!f->link;
			*links += f->link;
			break;
		case HVC_FRAME_POOL:
		case HVC_FRAME_USED:
			p = hv->partitions[f->owner % HVC_MAX_PARTITIONS];
			if (!p || p->slot != f->owner) {
				values[HV_DEBUG_AUDIT_ERRORS]++;
			} else if (f->state == HVC_FRAME_POOL) {
				values[HV_DEBUG_POOL_PAGES]++;
				p->audit_available++;
			} else {
				values[HV_DEBUG_USED_PAGES]++;
				p->audit_in_use++;
			}
			break;
		default:
			values[HV_DEBUG_AUDIT_ERRORS]++;
		}
	}
}

/* Are the lists as long as they say, and of the partition's own pages? */
static void audit_pool(struct hvc *hv, struct hvc_partition *p, u64 *errors)
{
	u64 total = 0;
	u32 domain;

	for (domain = 0; domain < HVC_MAX_DOMAINS; domain++) {
		u64 pfn = p->pool[domain].head;
		u32 n = 0;

		while (pfn && n <= p->pool[domain].count) {
			struct hvc_frame *f = hvc_frame(hv, pfn);

			if (!f || f->state != HVC_FRAME_POOL ||
			    f->owner != p->slot)
				break;
			n++;
			pfn = f->link;
		}
		if (pfn || n != p->pool[domain].count ||
		    !n != !(p->nonempty & (1ULL << domain)))
			++*errors;
		total += n;
	}
	if (total != p->available || p->available != p->audit_available ||
	    p->in_use != p->audit_in_use)
		++*errors;
}

static void audit(struct hvc *hv, u64 *values)
{
	u64 *errors = &values[HV_DEBUG_AUDIT_ERRORS];
	u64 links = 0, mapped = 0;
	u32 alive = 0;
	u32 i;

	for (i = 0; i < HVC_MAX_PARTITIONS; i++) {
		if (hv->partitions[i]) {
			hv->partitions[i]->audit_available = 0;
			hv->partitions[i]->audit_in_use = 0;
		}
	}
	audit_frames(hv, values, &links);
	for (i = 0; i < HVC_MAX_PARTITIONS; i++) {
		if (!hv->partitions[i])
			continue;
		alive++;
		audit_pool(hv, hv->partitions[i], errors);
		mapped += hvc_gpa_audit(hv, hv->partitions[i], errors);
		hvc_overlay_audit(hv, hv->partitions[i], errors);
	}
	if (links != mapped || alive != hv->nr_partitions)
		++*errors;
	values[HV_DEBUG_PARTITIONS] = alive;
}

static void access_log(struct hvc *hv, u64 first, u64 *values)
{
	const struct hvc_piece *piece;
	u64 i;

	*values++ = hv->nr_pieces;
	for (i = first; i - first < HV_DEBUG_ACCESS_LOG_STEP; i++) {
		if (i >= HVC_MAX_PIECES || i >= hv->nr_pieces)
			return;
		piece = &hv->pieces[i];
		*values++ = piece->gpa;
		*values++ = HV_DEBUG_PIECE(piece->vp_index, piece->write,
					   piece->bytes, piece->value);
	}
}

/* As a child would call, on a processor of its own. */
static u32 call_as(struct hvc_ctx *ctx, u64 id, const char *text)
{
	struct hv_output_debug *out = (void *)ctx->out;
	const struct hv_debug_call *as = (const void *)text;
	struct hvc_call call = {
		.control = as->control,
		.input = as->input,
		.output = as->output,
		.caller = hvc_find_partition(ctx->hv, id),
		.bits = 64,
	};

	if (!call.caller)
		return HV_STATUS_INVALID_PARTITION_ID;
	/* The root calls by itself; and would come back here. */
	if (hvc_is_root(call.caller))
		return HV_STATUS_OPERATION_DENIED;
	if (!hvc_nested_call(ctx, &call))
		return HV_STATUS_INVALID_PARAMETER;
	out->values[0] = call.result;
	return HV_STATUS_SUCCESS;
}

u32 hvc_debug_call(struct hvc_ctx *ctx)
{
	struct hv_input_debug *in = (void *)ctx->in;
	struct hv_output_debug *out = (void *)ctx->out;
	struct hvc *hv = ctx->hv;

	switch (in->op) {
	case HV_DEBUG_FAULT_ADD:
		in->text[HV_DEBUG_TEXT_SIZE - 1] = 0;
		return hvc_fault_add(hv, in->text) ?
			       HV_STATUS_INVALID_PARAMETER : HV_STATUS_SUCCESS;
	case HV_DEBUG_FAULT_CLEAR:
		hvc_fault_clear(hv);
		return HV_STATUS_SUCCESS;
	case HV_DEBUG_COUNTERS:
		if (in->arg > 0xffff)
			return HV_STATUS_INVALID_PARAMETER;
		counters(hv, in->arg, out->values);
		return HV_STATUS_SUCCESS;
	case HV_DEBUG_AUDIT:
		audit(hv, out->values);
		return HV_STATUS_SUCCESS;
	case HV_DEBUG_ACCESS_CODES:
		if (in->arg > 1)
			return HV_STATUS_INVALID_PARAMETER;
		hv->cfg.access_codes_enum = in->arg;
		return HV_STATUS_SUCCESS;
	case HV_DEBUG_REP_BUDGET:
		if (!in->arg || in->arg > HV_REP_MAX)
			return HV_STATUS_INVALID_PARAMETER;
		hv->cfg.rep_budget = in->arg;
		return HV_STATUS_SUCCESS;
	case HV_DEBUG_OPTION:
		in->text[HV_DEBUG_TEXT_SIZE - 1] = 0;
		return hvc_option(hv, in->text) == 1 ?
			       HV_STATUS_SUCCESS : HV_STATUS_INVALID_PARAMETER;
	case HV_DEBUG_PRIVILEGES:
		hv->root.privileges = in->arg == ~0ULL ?
				      hv->cfg.root_privileges : in->arg;
		return HV_STATUS_SUCCESS;
	case HV_DEBUG_ACCESS_LOG:
		if (in->arg == ~0ULL)
			hv->nr_pieces = 0;
		else
			access_log(hv, in->arg, out->values);
		return HV_STATUS_SUCCESS;
	case HV_DEBUG_CALL_AS:
		return call_as(ctx, in->arg, in->text);
	}
	return HV_STATUS_INVALID_PARAMETER;
}
