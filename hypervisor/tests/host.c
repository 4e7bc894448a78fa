// SPDX-License-Identifier: GPL-2.0
#include "../core/unlocked.h"
#include "host.h"

#include <sanitizer/asan_interface.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define STRIDE (2 * HV_PAGE_SIZE)
/* The first page whose descriptor the core finds by itself; one without RAM. */
#define ROW_FIRST (HOST_HOLE_END - 1)

void (*host_on_stop)(void);
u64 host_filled = 512;

_Noreturn void host_stop(const char *what, const char *file, int line)
{
	fprintf(stderr, "# %s:%d: broken: %s\n", file, line, what);
	if (host_on_stop)
		host_on_stop();
	abort();
}

static struct host *host_of(struct hvc *hv)
{
	struct host *h = hvc_host(hv);

	HOST_CHECK(h->locked);
	return h;
}

static bool has(struct host *h, u64 pfn)
{
	return pfn >= h->base && pfn - h->base < h->nr;
}

u8 *host_ram(struct host *h, u64 pfn)
{
	HOST_CHECK(has(h, pfn));
	return h->ram + (pfn - h->base) * STRIDE;
}

static struct hvc_frame *op_frame(struct hvc *hv, u64 pfn)
{
	struct host *h = host_of(hv);

	return has(h, pfn) ? &h->frames[pfn - h->base] : NULL;
}

/* The core never has business in its host's own memory, or where none is. */
static void *op_map(struct hvc *hv, u64 pfn)
{
	struct hvc_frame *f = op_frame(hv, pfn);
	struct host *h = host_of(hv);

	HOST_CHECK(f);
	HOST_CHECK(f->state != HVC_FRAME_NONE);
	HOST_CHECK(f->state != HVC_FRAME_HYPERVISOR);
	h->maps++;
	return host_ram(h, pfn);
}

static void op_unmap(struct hvc *hv, void *page)
{
	struct host *h = host_of(hv);

	HOST_CHECK(!(((u8 *)page - h->ram) % STRIDE));
	HOST_CHECK(h->maps > 0);
	h->maps--;
}

static void op_root_access(struct hvc *hv, u64 pfn, u32 pages, bool allow)
{
	struct host *h = host_of(hv);

	h->accesses++;
	for (; pages; pages--, pfn++) {
		HOST_CHECK(has(h, pfn));
		HOST_CHECK(h->root[pfn - h->base] != allow);
		h->root[pfn - h->base] = allow;
	}
	if (!allow)
		h->unflushed = true;
}

static void op_flush(struct hvc *hv, struct hvc_partition *p)
{
	struct host *h = host_of(hv);

	if (p == hvc_root(hv)) {
		h->unflushed = false;
		h->flushes++;
	} else {
		h->child_flushes++;
	}
}

static void op_lock(struct hvc *hv)
{
	struct host *h = hvc_host(hv);

	HOST_CHECK(!h->locked);
	h->locked = true;
}

static void op_unlock(struct hvc *hv)
{
	struct host *h = host_of(hv);

	HOST_CHECK(!h->unflushed);
	h->locked = false;
}

static void op_vp_create(struct hvc *hv, struct hvc_vp *vp, const u64 *pages)
{
	struct host *h = host_of(hv);
	u32 i, byte;

	h->vps++;
	vp->host = h;
	for (i = 0; i < hv->cfg.vp_pages; i++) {
		struct hvc_frame *f = op_frame(hv, pages[i]);
		u8 *page = host_ram(h, pages[i]);

		HOST_CHECK(f->state == HVC_FRAME_USED);
		HOST_CHECK(f->owner == vp->partition->slot);
		for (byte = 0; byte < HV_PAGE_SIZE; byte++)
			HOST_CHECK(!page[byte]);
		memset(page, 0xc5, HV_PAGE_SIZE);
	}
}

static void op_vp_destroy(struct hvc *hv, struct hvc_vp *vp)
{
	struct host *h = host_of(hv);

	HOST_CHECK(vp->host == h);
	h->vps--;
}

static void op_get_xmm(struct hvc *hv, u64 *words)
{
	struct host *h = host_of(hv);

	memcpy(words, h->xmm, sizeof(h->xmm));
	h->xmm_moves++;
}

static void op_set_xmm(struct hvc *hv, const u64 *words)
{
	struct host *h = host_of(hv);

	memcpy(h->xmm, words, sizeof(h->xmm));
	h->xmm_moves++;
}

static void op_log(struct hvc *hv, const char *fmt, ...)
{
	va_list args;

	(void)hv;
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
}

static u64 op_reference_time(struct hvc *hv)
{
	return host_of(hv)->time;
}

static void op_reference_tsc(struct hvc *hv, u64 *scale, s64 *offset)
{
	(void)hv;
	*scale = HOST_TSC_SCALE;
	*offset = HOST_TSC_OFFSET;
}

static void op_delay(struct hvc *hv, u64 microseconds)
{
	host_of(hv)->delayed += microseconds;
}

static const struct hvc_host_ops ops = {
	.frame = op_frame,
	.map = op_map,
	.unmap = op_unmap,
	.root_access = op_root_access,
	.flush = op_flush,
	.lock = op_lock,
	.unlock = op_unlock,
	.vp_create = op_vp_create,
	.vp_destroy = op_vp_destroy,
	.get_xmm = op_get_xmm,
	.set_xmm = op_set_xmm,
	.log = op_log,
	.reference_time = op_reference_time,
	.reference_tsc = op_reference_tsc,
	.delay = op_delay,
};

void host_config(struct hvc_config *cfg)
{
	*cfg = (struct hvc_config){
		.root_privileges = HOST_PRIVILEGES,
		.domains = (1ULL << HOST_DOMAINS) - 1,
		.processors = HOST_PROCESSORS,
		.nr_pfns = HOST_PAGES,
		.gpa_bits = 48,
		.vp_pages = 1,
		.debug = true,
		.xmm_input = true,
		.xmm_output = true,
	};
}

/*
 * Zeroed RAM with holes. The last one to go is kept: fuzzers make a host for
 * every input, and poisoning takes longer than most of these.
 */
static struct {
	u8 *ram;
	u64 nr;
} spare;

static u8 *ram_new(u64 nr)
{
	u8 *ram;
	u64 i;

	if (spare.ram && spare.nr == nr) {
		ram = spare.ram;
		spare.ram = NULL;
		return ram;
	}
	ram = mmap(NULL, nr * STRIDE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	HOST_CHECK(ram != MAP_FAILED);
	for (i = 0; i < nr; i++)
		ASAN_POISON_MEMORY_REGION(ram + i * STRIDE + HV_PAGE_SIZE,
					  HV_PAGE_SIZE);
	return ram;
}

static void ram_free(u8 *ram, u64 nr)
{
	if (spare.ram) {
		ASAN_UNPOISON_MEMORY_REGION(spare.ram, spare.nr * STRIDE);
		munmap(spare.ram, spare.nr * STRIDE);
	}
	HOST_CHECK(!madvise(ram, nr * STRIDE, MADV_DONTNEED));
	spare.ram = ram;
	spare.nr = nr;
}

struct host *host_new(const struct hvc_config *cfg, u64 nr, u64 base)
{
	struct host *h = calloc(1, sizeof(*h));
	struct hvc_config own = *cfg;
	u64 i;

	HOST_CHECK(h);
	h->nr = nr;
	h->base = base;
	h->frames = calloc(nr, sizeof(*h->frames));
	h->root = calloc(nr, sizeof(*h->root));
	h->ram = ram_new(nr);
	HOST_CHECK(h->frames && h->root);
	for (i = 0; i < nr; i++) {
		struct hvc_frame *f = &h->frames[i];

		if (i < host_filled)
			memset(h->ram + i * STRIDE, 0xa5, HV_PAGE_SIZE);
		f->domain = host_domain(base + i);
		if (i >= HOST_HV_FIRST && i < HOST_HV_END)
			f->state = HVC_FRAME_HYPERVISOR;
		else if (i >= HOST_HOLE_FIRST && i < HOST_HOLE_END)
			f->state = HVC_FRAME_NONE;
		else
			f->state = HVC_FRAME_ROOT;
		h->root[i] = f->state == HVC_FRAME_ROOT;
	}
	/* For a part of them the core need not ask. */
	own.frames = &h->frames[ROW_FIRST];
	own.first_frame = base + ROW_FIRST;
	own.nr_frames = nr * 541 / 1000; /* ends among neighbours of a domain */
	HOST_CHECK(!hvc_init(&h->hv, &own, &ops, h));
	return h;
}

void host_free(struct host *h)
{
	int maps = h->vps + h->hv.nr_partitions - 1;

	HOST_CHECK(!h->locked);
	/* What is left mapped are the structures of partitions and VPs. */
	HOST_CHECK(h->maps == maps);
	ram_free(h->ram, h->nr);
	free(h->root);
	free(h->frames);
	free(h);
}

void *host_page(struct host *h, u64 pfn)
{
	HOST_CHECK(has(h, pfn));
	HOST_CHECK(host_reaches(h, pfn));
	return host_ram(h, pfn);
}

/* The way without the lock; what it has changed is undone. */
bool host_unlocked(struct host *h, struct hvc_call *call, u64 *output)
{
	u64 pfn = call->output >> HV_PAGE_SHIFT, before = 0;
	const struct hvc_call was = *call;
	struct hvc_counters *counters =
		(void *)hvc_counters(&h->hv, hv_control_code(call->control));
	struct hvc_counters counted = *counters;
	u64 *word = NULL;
	bool done;

	if (has(h, pfn) && !(call->output & 7)) {
		word = (void *)(host_ram(h, pfn) + (call->output & HV_PAGE_MASK));
		before = *word;
	}
	h->locked = true; /* for host_of() */
	done = hvc_unlocked(&h->hv, &ops, call,
			    hvc_row_number(&h->hv,
					   hv_control_code(call->control)));
	h->locked = false;
	if (done) {
		counted.calls++;
	} else {
		HOST_CHECK(!memcmp(call, &was, sizeof(was)));
		HOST_CHECK(!word || *word == before);
	}
	HOST_CHECK(!memcmp(counters, &counted, sizeof(counted)));
	counters->calls -= done;
	if (word) {
		*output = *word;
		*word = before;
	}
	return done;
}

/* Every other call that may go the quick way does. */
static bool quick(struct host *h, struct hvc_call *call)
{
	u32 number = hvc_row_number(&h->hv, hv_control_code(call->control));
	bool done;

	if (!hvc_is_quick(&h->hv, call->control, number) || call->bits != 64 ||
	    call->cpl || call->caller != hvc_root(&h->hv) || h->quick++ % 2)
		return false;
	op_lock(&h->hv);
	done = hvc_quick(&h->hv, call, number);
	op_unlock(&h->hv);
	return done;
}

/* A call of a root goes the way without the lock as well, and they agree. */
enum hvc_outcome host_step(struct host *h, struct hvc_call *call)
{
	enum hvc_outcome outcome;
	int maps = h->maps - (int)(h->vps + h->hv.nr_partitions);
	struct hvc_call twin = *call;
	bool done = false;
	u64 output = 0;

	if (call->bits == 64 && !call->cpl && call->caller == hvc_root(&h->hv))
		done = host_unlocked(h, &twin, &output);
	outcome = quick(h, call) ? HVC_DONE : hvc_hypercall(&h->hv, call);
	if (done) {
		HOST_CHECK(outcome == HVC_DONE);
		HOST_CHECK(twin.result == call->result);
		HOST_CHECK(twin.known == call->known);
		HOST_CHECK(!call->known ||
			   !memcmp(host_ram(h, call->output >> HV_PAGE_SHIFT) +
				   (call->output & HV_PAGE_MASK), &output, 8));
	}
	HOST_CHECK(!h->locked);
	HOST_CHECK(h->maps - (int)(h->vps + h->hv.nr_partitions) == maps);
	h->continued += outcome == HVC_CONTINUE;
	return outcome;
}

u64 host_call(struct host *h, u64 control, u64 input, u64 output)
{
	return host_call_registers(h, control, &input, &output);
}

u64 host_call_registers(struct host *h, u64 control, u64 *input, u64 *output)
{
	struct hvc_call call = {
		.control = control,
		.input = *input,
		.output = *output,
		.caller = hvc_root(&h->hv),
		.bits = 64,
	};
	u32 rounds = 0;

	for (;;) {
		u32 start = hv_control_start(call.control);
		enum hvc_outcome outcome = host_step(h, &call);

		/* A call changes nothing of its control word but the start. */
		HOST_CHECK(hv_control_set_start(call.control, 0) ==
			   hv_control_set_start(control, 0));
		*input = call.input;
		*output = call.output;
		if (outcome == HVC_DONE)
			return call.result;
		HOST_CHECK(outcome == HVC_CONTINUE);
		HOST_CHECK(!hv_control_count(control) ||
			   hv_control_start(call.control) > start);
		HOST_CHECK(++rounds < 10000);
		if (h->interrupt)
			h->interrupt(h);
	}
}

static u64 mix(u64 sum, const void *data, size_t bytes)
{
	const u8 *p = data;
	u64 word;

	HOST_CHECK(!(bytes % 8));
	for (; bytes; bytes -= 8, p += 8) {
		memcpy(&word, p, 8);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
		sum ^= sum >> 29;
	}
	return sum;
}

u64 host_fingerprint(struct host *h)
{
	u64 sum = mix(1, h->frames, h->nr * sizeof(*h->frames));
	u64 i;

	sum = mix(sum, &h->hv.root, sizeof(h->hv.root));
	sum = mix(sum, &h->hv.next_id, sizeof(h->hv.next_id));
	for (i = 0; i < h->nr; i++) {
		sum = mix(sum, h->ram + i * STRIDE, HV_PAGE_SIZE);
		sum = sum * 3 + h->root[i];
	}
	return sum;
}

void host_audit(struct host *h, u64 *values)
{
	struct hv_input_debug in = { .op = HV_DEBUG_AUDIT };
	struct hvc_call call = {
		.control = hv_control_simple(HVCALL_DEBUG, false),
		.caller = hvc_root(&h->hv),
		.bits = 64,
	};
	u64 pages[2], saved[2][HV_PAGE_SIZE / 8];
	u32 i, found = 0;

	/* Two pages of the root's are borrowed for the lists. */
	for (i = 0; found < 2; i++) {
		HOST_CHECK(i < h->nr);
		if (h->root[i])
			pages[found++] = h->base + i;
	}
	for (i = 0; i < 2; i++)
		memcpy(saved[i], host_ram(h, pages[i]), HV_PAGE_SIZE);
	memcpy(host_ram(h, pages[0]), &in, sizeof(in));
	call.input = pages[0] << HV_PAGE_SHIFT;
	call.output = pages[1] << HV_PAGE_SHIFT;
	HOST_CHECK(host_step(h, &call) == HVC_DONE);
	HOST_CHECK(!call.result);
	memcpy(values, host_ram(h, pages[1]), HV_DEBUG_NR_AUDIT * sizeof(u64));
	for (i = 0; i < 2; i++)
		memcpy(host_ram(h, pages[i]), saved[i], HV_PAGE_SIZE);

	for (i = 0; i < h->nr; i++)
		HOST_CHECK(h->root[i] ==
			   (h->frames[i].state == HVC_FRAME_ROOT));
}
