// SPDX-License-Identifier: GPL-2.0
/* The model: partitions, and what is common to all calls. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_ask.h"

enum who { NOBODY, CHILD, CHILD_OR_ROOT };

#define ANY (MODEL_NEW | MODEL_ACTIVE | MODEL_FINALIZED)

static const struct rule rules[MODEL_RULES] = {
	{ HVCALL_CREATE_PARTITION, NOBODY, 0, 0, 0, 56, 0, 8, 0 },
	{ HVCALL_INITIALIZE_PARTITION, CHILD, MODEL_NEW, 0, 1, 8, 0, 0, 0 },
	{ HVCALL_FINALIZE_PARTITION, CHILD, MODEL_ACTIVE, 0, 1, 8, 0, 0, 0 },
	{ HVCALL_DELETE_PARTITION, CHILD, MODEL_NEW | MODEL_FINALIZED, 0, 1, 8,
	  0, 0, 0 },
	{ HVCALL_GET_PARTITION_PROPERTY, CHILD_OR_ROOT,
	  MODEL_NEW | MODEL_ACTIVE, 0, 0, 16, 0, 8, 0 },
	{ HVCALL_SET_PARTITION_PROPERTY, CHILD_OR_ROOT,
	  MODEL_NEW | MODEL_ACTIVE, 0, 0, 24, 0, 0, 0 },
	{ HVCALL_GET_PARTITION_ID, NOBODY, 0, 0, 0, 0, 0, 8, 0 },
	{ HVCALL_GET_NEXT_CHILD_PARTITION, CHILD_OR_ROOT, ANY, 0, 0, 16, 0, 8,
	  0 },
	{ HVCALL_DEPOSIT_MEMORY, CHILD_OR_ROOT, MODEL_NEW | MODEL_ACTIVE, 1, 0,
	  8, 8, 0, 0 },
	{ HVCALL_WITHDRAW_MEMORY, CHILD_OR_ROOT, ANY, 1, 0, 16, 0, 0, 8 },
	{ HVCALL_GET_MEMORY_BALANCE, CHILD_OR_ROOT, ANY, 0, 0, 16, 0, 16, 0 },
	{ HVCALL_MAP_GPA_PAGES, CHILD_OR_ROOT, MODEL_ACTIVE, 1, 0, 24, 8, 0,
	  0 },
	{ HVCALL_UNMAP_GPA_PAGES, CHILD, MODEL_ACTIVE, 1, 0, 24, 0, 0, 0 },
	{ HVCALL_CREATE_VP, CHILD_OR_ROOT, MODEL_ACTIVE, 0, 0, 40, 0, 0, 0 },
	{ HVCALL_DELETE_VP, CHILD, MODEL_ACTIVE, 0, 1, 16, 0, 0, 0 },
	{ HVCALL_GET_VP_REGISTERS, CHILD, MODEL_ACTIVE, 1, 0, 16, 4, 0, 16 },
	{ HVCALL_SET_VP_REGISTERS, CHILD, MODEL_ACTIVE, 1, 0, 16, 32, 0, 0 },
	{ HVCALL_TRANSLATE_VIRTUAL_ADDRESS, CHILD, MODEL_ACTIVE, 0, 0, 32, 0,
	  16, 0 },
	{ HVCALL_READ_GPA, CHILD, MODEL_ACTIVE, 0, 0, 32, 0, 24, 0 },
	{ HVCALL_WRITE_GPA, CHILD, MODEL_ACTIVE, 0, 0, 48, 0, 8, 0 },
};

void model_check(const struct ask *a, bool good, const char *what, int line)
{
	if (good)
		return;
	fprintf(stderr,
		"# model: call %" PRIu64 ": control %#llx input %#llx output %#llx result %#llx\n",
		(uint64_t)a->m->calls, a->control, a->input, a->output,
		a->result);
	host_stop(what, __FILE__, line);
}

static struct model_partition *find(struct model *m, u64 id)
{
	u32 i;

	if (id == ~0ULL)
		return &m->part[0];
	for (i = 0; id && i < HVC_MAX_PARTITIONS; i++)
		if (m->part[i].id == id)
			return &m->part[i];
	return NULL;
}

static u32 create(struct ask *a)
{
	struct model *m = a->m;
	struct model_partition *p = &m->part[1];

	if ((u64_at(a->in, 0) & ~0x59a713ULL) || u64_at(a->in, 48) ||
	    model_bad_proximity(u64_at(a->in, 8)))
		return HV_STATUS_INVALID_PARAMETER;
	if (m->nr_parts == HVC_MAX_PARTITIONS)
		return HV_STATUS_NO_RESOURCES;
	if (!model_has(a, &m->part[0], u64_at(a->in, 8), 1))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	while (p->id)
		p++;
	CHECK(a, !a->result && u64_at(a->out, 0) > m->last_id);
	memset(p, 0, sizeof(*p));
	p->registers = calloc(64, sizeof(*p->registers));
	p->overlays = calloc(MODEL_OVERLAYS, sizeof(*p->overlays));
	CHECK(a, p->registers && p->overlays);
	p->id = u64_at(a->out, 0);
	p->state = MODEL_NEW;
	model_new_properties(p, u32_at(a->in, 16));
	m->last_id = p->id;
	m->nr_parts++;
	m->part[0].in_use++;
	return 0;
}

static u32 next_child(struct ask *a)
{
	u64 previous = u64_at(a->in, 8), next = 0;
	struct model *m = a->m;
	u32 i, known = 0;

	/* All children are the root's, and ids tell who came first. */
	for (i = 1; i < HVC_MAX_PARTITIONS && a->p == &m->part[0]; i++) {
		u64 id = m->part[i].id;

		known += id && id == previous;
		if (id > previous && (!next || id < next))
			next = id;
	}
	if (previous && !known)
		return HV_STATUS_INVALID_PARTITION_ID;
	CHECK(a, a->result || u64_at(a->out, 0) == next);
	return 0;
}

static u32 create_vp(struct ask *a)
{
	u32 vp = u32_at(a->in, 8);
	struct model_partition *p = a->p;

	if (vp >= 64)
		return HV_STATUS_INVALID_VP_INDEX;
	if (p == &a->m->part[0])
		return HV_STATUS_ACCESS_DENIED;
	if (p->vps[vp])
		return HV_STATUS_INVALID_VP_INDEX;
	if (u64_at(a->in, 32) || model_bad_proximity(u64_at(a->in, 24)))
		return HV_STATUS_INVALID_PARAMETER;
	if (!model_has(a, p, u64_at(a->in, 24), 2))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	if (!model_reserve(a->m, p, 1))
		return HV_STATUS_OPERATION_DENIED;
	p->in_use += 2;
	p->vps[vp] = true;
	memset(p->registers[vp], 0, sizeof(p->registers[vp]));
	p->registers[vp][MODEL_APIC_BASE] = vp ? 0xfee00800 : 0xfee00900;
	return 0;
}

static u32 simple(struct ask *a)
{
	struct model_partition *p = a->p;
	u32 vp = u32_at(a->in, 8);

	switch (a->rule->code) {
	case HVCALL_CREATE_PARTITION:
		return create(a);
	case HVCALL_INITIALIZE_PARTITION:
		if (!available(p))
			return HV_STATUS_INSUFFICIENT_MEMORY;
		p->in_use++;
		p->state = MODEL_ACTIVE;
		return 0;
	case HVCALL_FINALIZE_PARTITION:
		model_drop_maps(a);
		model_drop_overlays(p);
		for (vp = 0; vp < 64; vp++)
			if (p->vps[vp])
				model_reserve(a->m, p, -1);
		memset(p->vps, 0, sizeof(p->vps));
		p->in_use = 0;
		p->state = MODEL_FINALIZED;
		return 0;
	case HVCALL_DELETE_PARTITION:
		if (p->deposited)
			return HV_STATUS_OPERATION_DENIED;
		free(p->maps);
		free(p->registers);
		free(p->overlays);
		memset(p, 0, sizeof(*p));
		a->m->nr_parts--;
		a->m->part[0].in_use--;
		return 0;
	case HVCALL_GET_PARTITION_PROPERTY:
		return model_property(a, false);
	case HVCALL_SET_PARTITION_PROPERTY:
		return model_property(a, true);
	case HVCALL_GET_PARTITION_ID:
		CHECK(a, u64_at(a->out, 0) == HVC_ROOT_ID);
		return 0;
	case HVCALL_GET_NEXT_CHILD_PARTITION:
		return next_child(a);
	case HVCALL_GET_MEMORY_BALANCE:
		return model_balance(a);
	case HVCALL_CREATE_VP:
		return create_vp(a);
	case HVCALL_DELETE_VP:
		if (vp >= 64 || !p->vps[vp])
			return HV_STATUS_INVALID_VP_INDEX;
		model_drop_vp_overlays(p, vp);
		p->vps[vp] = false;
		model_reserve(a->m, p, -1);
		p->in_use -= 2;
		return 0;
	case HVCALL_TRANSLATE_VIRTUAL_ADDRESS:
		return model_translate(a);
	case HVCALL_READ_GPA:
		return model_access(a, false);
	}
	return model_access(a, true);
}

static u32 reps(struct ask *a, u32 *done)
{
	if (a->rule->code == HVCALL_GET_VP_REGISTERS ||
	    a->rule->code == HVCALL_SET_VP_REGISTERS)
		return model_registers(a, done);
	return model_reps(a, done);
}

static u32 pointer(struct model *m, u64 gpa, u32 bytes)
{
	if (!bytes)
		return 0;
	if (gpa % 8 || gpa % 4096 + bytes > 4096 || !is_ram(m, gpa >> 12))
		return HV_STATUS_INVALID_ALIGNMENT;
	return is_roots(m, gpa >> 12) ? 0 : HV_STATUS_INVALID_HYPERCALL_INPUT;
}

/* All that is checked before the call itself; *done becomes the rep start. */
static u32 before(struct ask *a, u32 *done)
{
	u32 count = a->control >> 32 & 0xfff, start = a->control >> 48 & 0xfff;
	const struct rule *r;
	u32 status;

	for (r = rules; r < rules + MODEL_RULES; r++)
		if (r->code == (a->control & 0xffff))
			a->rule = r;
	r = a->rule;
	if (!r)
		return a->control & 0x8000 ? HV_STATUS_ACCESS_DENIED :
					     HV_STATUS_INVALID_HYPERCALL_CODE;
	if ((a->control & ~0x0fff0fff0001ffffULL) ||
	    (r->rep ? start >= count : start || count))
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	*done = start;
	if (a->control & HV_CONTROL_FAST) {
		u32 in = (r->in + count * r->in_element + 15) / 16 * 16;

		if ((!r->fast && !a->m->fast_any) ||
		    in + r->out + count * r->out_element > 112)
			return HV_STATUS_INVALID_HYPERCALL_INPUT;
		a->out = (const u8 *)a->after + in;
	} else {
		status = pointer(a->m, a->input, r->in + count * r->in_element);
		if (!status)
			status = pointer(a->m, a->output,
					 r->out + count * r->out_element);
		if (status)
			return status;
	}
	if (r->who == NOBODY)
		return 0;
	a->p = find(a->m, u64_at(a->in, 0));
	if (!a->p)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (r->who == CHILD && a->p == &a->m->part[0])
		return HV_STATUS_ACCESS_DENIED;
	return a->p->state & r->states ? 0 : HV_STATUS_INVALID_PARTITION_STATE;
}

/* The output is where it belongs now: exactly so much of it. */
static void output_written(struct ask *a, u64 *words, u32 status, u32 start,
			   u32 done)
{
	const struct rule *r = a->rule;
	u32 first = start * r->out_element;
	u32 bytes = (done - start) * r->out_element;
	u8 *to;

	if (!status)
		bytes += r->out;
	if (!bytes)
		return;
	if (a->control & HV_CONTROL_FAST)
		to = (u8 *)words + (a->out - (const u8 *)a->after);
	else
		to = model_page(a->m, a->output >> HV_PAGE_SHIFT) +
		     (a->output & HV_PAGE_MASK);
	memcpy(to + first, a->out + first, bytes);
}

void model_call(struct model *m, u64 control, const u64 *words)
{
	static const u8 nothing[HV_PAGE_SIZE];
	struct ask a = {
		.m = m, .control = control, .input = words[0],
		.output = words[1],
	};
	u32 status, start, done = 0;
	u64 want[HVC_FAST_WORDS];

	memcpy(want, words, sizeof(want));
	memcpy(a.after, words, sizeof(want));
	memcpy(m->host->xmm, &words[2], sizeof(m->host->xmm));
	if (control & HV_CONTROL_FAST)
		memcpy(a.in, words, sizeof(want));
	else if (is_ram(m, a.input >> 12))
		memcpy(a.in, host_ram(m->host, a.input >> 12) + a.input % 4096,
		       HV_PAGE_SIZE - a.input % 4096);
	a.out = is_ram(m, a.output >> 12) ?
		host_ram(m->host, a.output >> 12) + a.output % 4096 : nothing;
	a.result = host_call_registers(m->host, control, &a.after[0],
				       &a.after[1]);
	memcpy(&a.after[2], m->host->xmm, sizeof(m->host->xmm));
	m->calls++;

	status = before(&a, &done);
	start = done;
	if (!status) {
		status = a.rule->rep ? reps(&a, &done) : simple(&a);
		output_written(&a, want, status, start, done);
	}
	CHECK(&a, a.result == hv_result(status, done));
	CHECK(&a, !memcmp(a.after, want, sizeof(want)));
	model_check_owners(m);
	if ((control & HV_CONTROL_FAST) && !status &&
	    a.rule->in + a.rule->out > 16)
		m->xmm_calls++;
	if (a.rule && status < MODEL_STATUSES)
		m->seen[a.rule - rules][status]++;
}
