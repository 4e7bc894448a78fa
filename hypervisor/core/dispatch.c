// SPDX-License-Identifier: GPL-2.0
/*
 * From a control word to a handler and back: everything that is common to all
 * calls. TLFS chapter "Hypercall Interface".
 *
 * The order of checks: mode, code, control word, lists, privilege, partition,
 * relationship, state; then the handler's own. Input is copied before it is
 * looked at, so nothing changes between a check and its use. Input and output
 * lists that overlap are undefined in the TLFS: here the input wins, as it is
 * read first.
 */
#include "internal.h"

/* Memory of the caller's in words, whatever else it is. */
typedef u64 __attribute__((may_alias)) word_t;

/* One list of a call, in memory or registers. */
struct list {
	u64 pfn;
	u32 offset;
	u32 bytes;
	u8 *page; /* NULL: no list */
};

static bool control_valid(const struct hvc_row *row, u64 control)
{
	u32 count = hv_control_count(control);
	u32 start = hv_control_start(control);

	if (control & (HV_CONTROL_RESERVED_MASK | HV_CONTROL_NESTED))
		return false;
	if (hv_control_varhead(control) && !(row->flags & HVC_ROW_VARHEAD))
		return false;
	if (row->kind == HVC_REP)
		return start < count;
	return !count && !start;
}

/*
 * The page of RAM behind a caller's GPA. Status when the caller may not use
 * it for a list: outside its GPA space is "alignment" in the TLFS; for a page
 * that exists and is out of the caller's reach it wants an intercept to the
 * parent, and a root has none.
 */
static u32 resolve(struct hvc *hv, struct hvc_partition *p, u64 gpfn,
		   bool write, u64 *pfn)
{
	u32 need = write ? HV_MAP_GPA_WRITABLE : HV_MAP_GPA_READABLE;
	struct hvc_frame *f;
	bool overlay;
	u32 rights;

	if (!hvc_gpa_inside(hv, gpfn))
		return HV_STATUS_INVALID_ALIGNMENT;
	if (!hvc_is_root(p)) {
		if (!hvc_gpa_find(hv, p, gpfn, pfn, &rights, &overlay) ||
		    !(rights & need))
			return HV_STATUS_INVALID_HYPERCALL_INPUT;
		return HV_STATUS_SUCCESS;
	}
	f = hvc_frame(hv, gpfn);
	if (!f || f->state == HVC_FRAME_NONE ||
	    f->state == HVC_FRAME_HYPERVISOR)
		return HV_STATUS_INVALID_ALIGNMENT;
	if (f->state != HVC_FRAME_ROOT)
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	*pfn = gpfn;
	return HV_STATUS_SUCCESS;
}

/* Check a list in memory; it is mapped later, when both are known good. */
static u32 check_list(struct hvc *hv, struct hvc_call *call, u64 gpa,
		      u32 bytes, bool write, struct list *list)
{
	list->page = NULL;
	list->bytes = bytes;
	if (!bytes)
		return HV_STATUS_SUCCESS;
	list->offset = gpa & HV_PAGE_MASK;
	if ((gpa & 7) || list->offset + bytes > HV_PAGE_SIZE)
		return HV_STATUS_INVALID_ALIGNMENT;
	return resolve(hv, call->caller, gpa >> HV_PAGE_SHIFT, write,
		       &list->pfn);
}

static void map_list(struct hvc *hv, struct list *list)
{
	if (list->bytes)
		list->page = hvc_map(hv, list->pfn);
}

static void unmap_list(struct hvc *hv, struct list *list)
{
	if (list->page)
		hvc_unmap(hv, list->page);
}

/* A partition names itself: may it? */
static bool may_itself(const struct hvc_row *row,
		       const struct hvc_partition *caller,
		       const struct hvc_partition *target)
{
	return target == caller &&
	       (row->who == HVC_PARENT_OR_SELF ||
		(row->who == HVC_PARENT_OR_ROOT_SELF && hvc_is_root(caller)));
}

/* Privilege, identity, relationship and state, as the row wants them. */
static HVC_INLINE u32 check_caller(struct hvc *hv, struct hvc_ctx *ctx,
				   const struct hvc_row *row,
				   struct hvc_partition *caller)
{
	struct hvc_partition *target;

	if ((caller->privileges & row->privilege) != row->privilege ||
	    ((row->flags & HVC_ROW_ROOT) && !hvc_is_root(caller)))
		return HV_STATUS_ACCESS_DENIED;
	ctx->target = NULL;
	if (row->who == HVC_NO_TARGET)
		return HV_STATUS_SUCCESS;

	target = ctx->in[0] == HV_PARTITION_ID_SELF ?
			 caller : hvc_find_partition(hv, ctx->in[0]);
	if (!target)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (target->parent != caller && !may_itself(row, caller, target))
		return HV_STATUS_ACCESS_DENIED;
	if (!(row->states & HVC_IN(target->state)))
		return HV_STATUS_INVALID_PARTITION_STATE;
	ctx->target = target;
	return HV_STATUS_SUCCESS;
}

/* A few words are not worth a call. @bytes is a multiple of 8. */
static inline void copy_words(void *to, const void *from, u32 bytes)
{
	const word_t *source = from;
	word_t *target = to;

	for (; bytes > 8; bytes -= 16) {
		target[0] = source[0];
		target[1] = source[1];
		target += 2;
		source += 2;
		if (bytes == 16)
			return;
	}
	if (bytes)
		*target = *source;
}

static inline void put_words(void *to, const void *from, u32 bytes)
{
	if (bytes & 7)
		memcpy(to, from, bytes);
	else
		copy_words(to, from, bytes);
}

/* Where a list's elements begin; NULL when there is none. */
static void *elements(const struct list *list, u32 header)
{
	return list->page ? list->page + list->offset + header : NULL;
}

/* Process elements [first, end); returns the first that was not done. */
static u32 run_reps(struct hvc_ctx *ctx, struct list *in, struct list *out,
		    u32 first, u32 end, u32 *status)
{
	const struct hvc_row *row = ctx->row;
	u32 header = row->in_header + ctx->varhead;
	u32 i;

	*status = HV_STATUS_SUCCESS;
	if (row->batch) {
		ctx->rep = first;
		*status = row->batch(ctx, elements(in, header),
				     elements(out, 0), end);
		return ctx->rep;
	}
	for (i = first; i < end; i++) {
		ctx->rep = i;
		if (row->in_element)
			memcpy(ctx->element,
			       in->page + in->offset + header +
				       i * row->in_element,
			       row->in_element);
		*status = row->handler(ctx);
		if (*status != HV_STATUS_SUCCESS)
			break;
		if (row->out_element)
			memcpy(out->page + out->offset + i * row->out_element,
			       ctx->out_element, row->out_element);
	}
	return i;
}

/* The simple call itself; its output is the caller's only on success. */
static u32 run_simple(struct hvc_ctx *ctx, struct list *out)
{
	u32 status, i;

	for (i = 0; i < ctx->row->out_header; i += 8)
		ctx->out[i / 8] = 0;
	status = ctx->row->handler(ctx);
	if (status == HV_STATUS_SUCCESS && out->page)
		put_words(out->page + out->offset, ctx->out, out->bytes);
	return status;
}

/*
 * A call that the fault script answers. Never continued: it has no budget.
 * The line is a copy, as the debug call may change the script under it.
 */
static void run_faulty(struct hvc_ctx *ctx, struct list *in, struct list *out,
		       struct hvc_fault fault, struct hvc_counters *counters)
{
	struct hvc_call *call = ctx->call;
	u32 start = hv_control_start(call->control);
	u32 status = HV_STATUS_SUCCESS;
	u32 done = start;

	if (fault.delay && ctx->hv->ops->delay)
		ctx->hv->ops->delay(ctx->hv, fault.delay);
	if (ctx->row->kind == HVC_REP) {
		u32 todo = ctx->count - start;

		/* Numbers that are made up need their places in the list. */
		if (fault.pages)
			todo -= fault.nr_pages < todo ? fault.nr_pages : todo;
		if (fault.run < todo)
			todo = fault.run;
		done = run_reps(ctx, in, out, start, start + todo, &status);
		counters->reps += done - start;
		if (fault.pages)
			done = hvc_fault_pages(ctx, &fault,
					       (u64 *)(out->page + out->offset),
					       out->pfn, done);
		if (fault.stale)
			done = ctx->count;
	} else if (fault.run) {
		struct list nowhere = {};

		do
			status = run_simple(ctx, fault.stale ? &nowhere : out);
		while (status == HVC_AGAIN);
	}
	if (fault.has_value && ctx->row->kind == HVC_SIMPLE &&
	    out->bytes >= sizeof(fault.value))
		memcpy(out->page + out->offset, &fault.value,
		       sizeof(fault.value));
	if (fault.has_status)
		status = fault.status;
	if (fault.has_reps)
		done = fault.reps;
	call->result = hv_result(status, done);
}

/* Is this call coming back to be continued? It is then pending no longer. */
static bool take_pending(struct hvc *hv, const struct hvc_call *call)
{
	u32 i;

	for (i = 0; i < HVC_MAX_PENDING; i++) {
		if (hv->pending[i].control == call->control &&
		    hv->pending[i].input == call->input) {
			hv->pending[i].control = 0;
			hv->nr_pending--;
			return true;
		}
	}
	return false;
}

static enum hvc_outcome send_back(struct hvc *hv, const struct hvc_call *call)
{
	u32 i;

	for (i = 0; i < HVC_MAX_PENDING && hv->pending[i].control; i++)
		;
	if (i == HVC_MAX_PENDING)
		i = hv->next_pending++ % HVC_MAX_PENDING;
	else
		hv->nr_pending++;
	hv->pending[i].control = call->control;
	hv->pending[i].input = call->input;
	return HVC_CONTINUE;
}

static enum hvc_outcome run(struct hvc_ctx *ctx, struct list *in,
			    struct list *out, struct hvc_counters *counters)
{
	struct hvc *hv = ctx->hv;
	struct hvc_call *call = ctx->call;
	u32 start = hv_control_start(call->control);
	u32 status, budget, end, done = 0;

	/*
	 * A call is matched once, however often it is continued, and whatever
	 * an interrupt handler calls in between.
	 */
	if (!hv->nr_pending || !take_pending(hv, call)) {
		const struct hvc_fault *fault = hv->faults_end ?
			hvc_fault_match(hv, ctx->row->code) : NULL;

		if (fault) {
			counters->faults++;
			run_faulty(ctx, in, out, *fault, counters);
			return HVC_DONE;
		}
	}

	if (ctx->row->kind == HVC_SIMPLE) {
		status = run_simple(ctx, out);
		if (status == HVC_AGAIN)
			return send_back(hv, call);
	} else {
		budget = hvc_budget(hv, ctx->row->weight ?
					ctx->row->weight(ctx) : 1);
		end = ctx->count - start > budget ? start + budget : ctx->count;
		done = run_reps(ctx, in, out, start, end, &status);
		call->control = hv_control_set_start(call->control, done);
		counters->reps += done - start;
		if (status == HV_STATUS_SUCCESS && done < ctx->count)
			return send_back(hv, call);
	}
	call->result = hv_result(status, done);
	return HVC_DONE;
}

/*
 * The register form, TLFS "XMM Fast Hypercall Input" and "... Output": RDX,
 * R8 and XMM0-XMM5 in a row carry the input, and the output from the next
 * 16-byte pair on. 32-bit callers have two registers, and no output. TLFS
 * marks few calls so; cfg.fast_any takes every call that fits.
 */
static u32 output_offset(u32 in_bytes)
{
	return (in_bytes + HV_FAST_BYTES - 1) & ~(HV_FAST_BYTES - 1U);
}

static bool fast_allowed(struct hvc *hv, const struct hvc_call *call,
			 const struct hvc_row *row, u32 in_bytes, u32 out_bytes)
{
	if (!(row->flags & HVC_ROW_FAST) && !hv->cfg.fast_any)
		return false;
	if (call->bits != 64)
		return in_bytes <= HV_FAST_BYTES && !out_bytes;
	return output_offset(in_bytes) + out_bytes <= HV_XMM_FAST_BYTES;
}

/* What CPUID does not offer is not there: #UD. */
static bool fast_offered(struct hvc *hv, u32 in_bytes, u32 out_bytes)
{
	return (in_bytes <= HV_FAST_BYTES || hv->cfg.xmm_input) &&
	       (!out_bytes || hv->cfg.xmm_output);
}

static bool uses_xmm(u32 in_bytes, u32 out_bytes)
{
	return output_offset(in_bytes) + out_bytes > HV_FAST_BYTES;
}

static void load_registers(struct hvc_ctx *ctx, struct list *in,
			   struct list *out, u32 in_bytes, u32 out_bytes)
{
	u64 *words = ctx->registers;

	words[0] = ctx->call->input;
	words[1] = ctx->call->output;
	if (uses_xmm(in_bytes, out_bytes))
		ctx->hv->ops->get_xmm(ctx->hv, &words[2]);
	in->page = (u8 *)words;
	in->offset = 0;
	out->page = NULL;
	if (!out_bytes)
		return;
	out->page = (u8 *)words;
	out->pfn = 0;
	out->offset = output_offset(in_bytes);
	out->bytes = out_bytes;
}

/* What the output did not reach is written back as it was. */
static void store_registers(struct hvc_ctx *ctx, u32 in_bytes, u32 out_bytes)
{
	u64 *words = ctx->registers;

	ctx->call->input = words[0];
	ctx->call->output = words[1];
	if (uses_xmm(in_bytes, out_bytes))
		ctx->hv->ops->set_xmm(ctx->hv, &words[2]);
}

static enum hvc_outcome dispatch(struct hvc *hv, struct hvc_call *call,
				 const struct hvc_row *row,
				 struct hvc_counters *counters)
{
	u64 control = call->control;
	bool fast = control & HV_CONTROL_FAST;
	u32 header, in_bytes, out_bytes, status;
	struct hvc_ctx *ctx = &hv->ctx;
	u32 done = 0;
	enum hvc_outcome outcome;
	struct list in, out;

	if (!row) {
		status = hvc_unknown_status(call);
		goto refuse;
	}
	if (!control_valid(row, control)) {
		status = HV_STATUS_INVALID_HYPERCALL_INPUT;
		goto refuse;
	}
	/* What was done before a continuation stays done, whatever comes. */
	done = hv_control_start(control);
	ctx->hv = hv;
	ctx->call = call;
	ctx->caller = call->caller;
	ctx->row = row;
	ctx->count = hv_control_count(control);
	ctx->varhead = hv_control_varhead(control) * 8;
	header = row->in_header + ctx->varhead;
	in_bytes = header + row->in_element * ctx->count;
	out_bytes = row->kind == HVC_REP ? row->out_element * ctx->count :
					   row->out_header;
	if (header > sizeof(ctx->in) ||
	    (fast && !fast_allowed(hv, call, row, in_bytes, out_bytes))) {
		status = HV_STATUS_INVALID_HYPERCALL_INPUT;
		goto refuse;
	}
	if (fast) {
		if (!fast_offered(hv, in_bytes, out_bytes))
			return HVC_UD;
		load_registers(ctx, &in, &out, in_bytes, out_bytes);
	} else {
		status = check_list(hv, call, call->input, in_bytes, false,
				    &in);
		if (status == HV_STATUS_SUCCESS)
			status = check_list(hv, call, call->output, out_bytes,
					    true, &out);
		if (status != HV_STATUS_SUCCESS)
			goto refuse;
		map_list(hv, &in);
		map_list(hv, &out);
	}
	if (in.page)
		copy_words(ctx->in, in.page + in.offset, header);

	status = check_caller(hv, ctx, row, call->caller);
	if (status == HV_STATUS_SUCCESS) {
		outcome = run(ctx, &in, &out, counters);
	} else {
		call->result = hv_result(status, done);
		outcome = HVC_DONE;
	}
	if (!fast) {
		unmap_list(hv, &in);
		unmap_list(hv, &out);
	} else if (out_bytes) {
		store_registers(ctx, in_bytes, out_bytes);
	}
	return outcome;

refuse:
	call->result = hv_result(status, done);
	return HVC_DONE;
}

static void flush(struct hvc *hv, struct hvc_partition *p)
{
	if (p && p->flush) {
		p->flush = false;
		hv->ops->flush(hv, p);
	}
}

/* Before anyone else runs: what was taken away is gone. */
static HVC_INLINE void flush_all(struct hvc *hv)
{
	flush(hv, &hv->root);
	flush(hv, hv->ctx.target);
}

/**
 * hvc_nested_call - make another call from within a handler
 * @ctx: the handler's; afterwards its input is another, its output is empty
 * @call: of a 64-bit caller at CPL 0, whoever that is; not counted as a call
 *
 * Context: a simple call's handler, under the lock.
 * Return: false when the call is #UD.
 */
bool hvc_nested_call(struct hvc_ctx *ctx, struct hvc_call *call)
{
	const struct hvc_row *outer = ctx->row, *row;
	struct hvc_counters *counters;
	enum hvc_outcome outcome;
	struct hvc *hv = ctx->hv;

	row = hvc_find_row(hv, hv_control_code(call->control), &counters);
	do {
		ctx->target = NULL;
		outcome = dispatch(hv, call, row, counters);
		flush_all(hv);
	} while (outcome == HVC_CONTINUE);
	ctx->target = NULL;
	ctx->row = outer;
	memset(ctx->out, 0, sizeof(ctx->out));
	return outcome == HVC_DONE;
}

enum hvc_outcome hvc_hypercall(struct hvc *hv, struct hvc_call *call)
{
	const struct hvc_row *row;
	struct hvc_counters *counters;
	enum hvc_outcome outcome;

	/* TLFS "Legal Hypercall Environments". */
	if (call->bits == 16 || call->cpl)
		return HVC_UD;
	hv->ops->lock(hv);
	row = hvc_find_row(hv, hv_control_code(call->control), &counters);
	call->known = row;
	hv->ctx.target = NULL;
	outcome = dispatch(hv, call, row, counters);
	flush_all(hv);
	if (outcome == HVC_CONTINUE) {
		counters->continued++;
	} else if (outcome == HVC_DONE) {
		hvc_count_call(counters);
		counters->failed += row && hv_result_status(call->result);
	}
	hv->ops->unlock(hv);
	return outcome;
}

/*
 * A list of the root's where nothing is wrong with it, in a page whose
 * descriptor is at hand; else NULL.
 */
static inline u8 *quick_list(struct hvc *hv, u64 gpa, u32 bytes)
{
	u64 n = (gpa >> HV_PAGE_SHIFT) - hv->cfg.first_frame;

	if ((gpa & 7) || (gpa & HV_PAGE_MASK) + bytes > HV_PAGE_SIZE ||
	    n >= hv->cfg.nr_frames ||
	    hv->cfg.frames[n].state != HVC_FRAME_ROOT)
		return NULL;
	return (u8 *)hvc_map(hv, gpa >> HV_PAGE_SHIFT) + (gpa & HV_PAGE_MASK);
}

static inline void quick_list_end(struct hvc *hv, u8 *list)
{
	hvc_unmap(hv, list - ((unsigned long)list & HV_PAGE_MASK));
}

bool hvc_quick(struct hvc *hv, struct hvc_call *call, u32 number)
{
	const struct hvc_row *row = hv->rows[number - 1];
	struct hvc_partition *caller = call->caller;
	const u32 out_bytes = row->out_header;
	struct hvc_ctx *ctx = &hv->ctx;
	u32 status, i;
	u8 *in, *out;

	if (hv->faults_end)
		return false;
	in = quick_list(hv, call->input, row->in_header);
	if (!in)
		return false;
	out = quick_list(hv, call->output, out_bytes);
	if (!out) {
		quick_list_end(hv, in);
		return false;
	}
	ctx->hv = hv;
	ctx->call = call;
	ctx->caller = caller;
	ctx->row = row;
	copy_words(ctx->in, in, row->in_header);
	status = check_caller(hv, ctx, row, caller);
	if (status == HV_STATUS_SUCCESS) {
		for (i = 0; i < out_bytes; i += 8)
			ctx->out[i / 8] = 0;
		status = row->handler(ctx);
	}
	if (status == HV_STATUS_SUCCESS)
		copy_words(out, ctx->out, out_bytes);
	quick_list_end(hv, in);
	quick_list_end(hv, out);
	call->result = status;
	call->known = true;
	hvc_count_call(&hv->counters[number - 1]);
	hv->counters[number - 1].failed += !!status;
	return true;
}
