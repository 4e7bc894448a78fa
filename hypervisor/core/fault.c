// SPDX-License-Identifier: GPL-2.0
/*
 * The fault script: answers that are wrong on purpose, so that clients can be
 * tested against them. The language is in Documentation/fault-script.md.
 */
#include "internal.h"

enum key {
	CALL, NTH, TIMES, STATUS, REPS, RUN, DELAY, VALUE, PAGES, OUTPUT,
	NR_KEYS
};

static const char *const key_names[NR_KEYS] = {
	[CALL] = "call",     [NTH] = "nth",   [TIMES] = "times",
	[STATUS] = "status", [REPS] = "reps", [RUN] = "run",
	[DELAY] = "delay",   [VALUE] = "value", [PAGES] = "pages",
	[OUTPUT] = "output",
};

static const u64 key_max[NR_KEYS] = {
	[CALL] = 0xffff,   [NTH] = ~0ULL,	  [TIMES] = ~0ULL,
	[STATUS] = 0xffff, [REPS] = HV_REP_MAX, [RUN] = HV_REP_MAX,
	[DELAY] = 10000000, [VALUE] = ~0ULL,
};

static const char *const pages_names[HVC_NR_PAGES] = {
	[HVC_PAGES_FOREIGN] = "foreign",
	[HVC_PAGES_DUPLICATE] = "duplicate",
	[HVC_PAGES_UNALIGNED] = "unaligned",
	[HVC_PAGES_OUTSIDE] = "outside",
	[HVC_PAGES_HYPERVISOR] = "hypervisor",
	[HVC_PAGES_ZERO] = "zero",
};

/* No frame has this number: RAM ends below it. */
#define NO_PAGE (~0ULL)
/* A number with this bit is lost in a shift to an address, all but the bit. */
#define UNALIGNED (1ULL << 63)

static bool blank(char c)
{
	return c == ' ' || c == ',' || c == '\t' || c == '\n';
}

/* Is this the next thing at *s? Then go on behind it. */
static bool skip(const char **s, const char *what)
{
	size_t n = strlen(what);

	if (strncmp(*s, what, n))
		return false;
	*s += n;
	return true;
}

/* KIND[:COUNT] */
static bool parse_pages(const char **s, u64 *kind, u32 *count)
{
	u64 n = 1;
	u64 k;

	for (k = HVC_PAGES_REAL + 1; k < HVC_NR_PAGES; k++) {
		if (skip(s, pages_names[k]))
			break;
	}
	if (skip(s, ":") && !hvc_parse_number(s, &n))
		return false;
	*kind = k;
	*count = n;
	return k < HVC_NR_PAGES && n && n <= HV_WITHDRAW_MAX;
}

/* Read "key=value" at *s; NR_KEYS when it is not valid. */
static enum key parse_word(const char **s, u64 *value, u32 *count)
{
	enum key key;

	for (key = 0; key < NR_KEYS; key++) {
		const char *behind = *s;

		if (skip(&behind, key_names[key]) && skip(&behind, "=")) {
			*s = behind;
			break;
		}
	}
	if (key == NR_KEYS)
		return key;
	if (key == PAGES) {
		if (!parse_pages(s, value, count))
			return NR_KEYS;
	} else if (key == OUTPUT) {
		if (!skip(s, "stale"))
			return NR_KEYS;
	} else if (key == RUN && skip(s, "all")) {
		*value = HVC_RUN_ALL;
	} else if (!hvc_parse_number(s, value) || *value > key_max[key]) {
		return NR_KEYS;
	}
	return **s && !blank(**s) ? NR_KEYS : key;
}

int hvc_fault_add(struct hvc *hv, const char *line)
{
	struct hvc_fault f = { .active = true, .times = 1 };
	bool has_call = false;
	u64 value;
	u32 i;

	for (;;) {
		while (blank(*line))
			line++;
		if (!*line)
			break;
		switch (parse_word(&line, &value, &f.nr_pages)) {
		case CALL:
			f.code = value;
			has_call = true;
			break;
		case NTH:
			if (!value)
				return -1;
			f.skip = value - 1;
			break;
		case TIMES:
			f.times = value;
			break;
		case STATUS:
			f.status = value;
			f.has_status = true;
			break;
		case REPS:
			f.reps = value;
			f.has_reps = true;
			break;
		case RUN:
			f.run = value;
			break;
		case DELAY:
			f.delay = value;
			break;
		case VALUE:
			f.value = value;
			f.has_value = true;
			break;
		case PAGES:
			f.pages = value;
			break;
		case OUTPUT:
			f.stale = true;
			break;
		default:
			return -1;
		}
	}
	if (!has_call || (f.pages && f.code != HVCALL_WITHDRAW_MEMORY))
		return -1;
	for (i = 0; i < HVC_MAX_FAULTS; i++) {
		if (!hv->faults[i].active) {
			hv->faults[i] = f;
			if (hv->faults_end <= i)
				hv->faults_end = i + 1;
			return 0;
		}
	}
	return -1;
}

/* The line that answers this call, if any. Each call is counted once. */
const struct hvc_fault *hvc_fault_match(struct hvc *hv, u16 code)
{
	struct hvc_fault *match = NULL;
	u32 i;

	for (i = 0; i < hv->faults_end; i++) {
		struct hvc_fault *f = &hv->faults[i];

		if (!f->active || f->code != code)
			continue;
		if (f->skip) {
			f->skip--;
			continue;
		}
		if (!match)
			match = f;
	}
	if (match && match->times && !--match->times)
		match->active = false; /* what it says is valid until reused */
	while (hv->faults_end && !hv->faults[hv->faults_end - 1].active)
		hv->faults_end--;
	return match;
}

/* The walk of hvc_fault_pages() over all frames, once round. */
struct walk {
	u64 next;
	u64 left;
};

/* The next page in that state; one in a pool is of the target's. */
static u64 find_page(struct hvc_ctx *ctx, u8 state, struct walk *walk)
{
	u64 end = ctx->hv->cfg.nr_pfns;

	while (walk->left) {
		u64 pfn = walk->next++;
		struct hvc_frame *f = hvc_frame(ctx->hv, pfn);

		if (walk->next >= end)
			walk->next = 0;
		walk->left--;
		if (f && f->state == state && (state != HVC_FRAME_POOL ||
					       f->owner == ctx->target->slot))
			return pfn;
	}
	return NO_PAGE;
}

static bool has(const u64 *list, u32 count, u64 pfn)
{
	while (count--) {
		if (list[count] == pfn)
			return true;
	}
	return false;
}

/**
 * hvc_fault_pages - append page numbers to a withdraw's list that are no pages
 * @ctx: the call
 * @fault: what kind, and how many
 * @list: the whole list; there is room for ctx->count numbers
 * @list_pfn: the page that it is in
 * @done: how many were really withdrawn
 *
 * The numbers come behind those of the pages that were really withdrawn, so
 * that none of these is lost. Where they tell of a page, that page's state
 * and owner stay what they are.
 *
 * Context: under the lock.
 * Return: how many numbers there are in the list now.
 */
u32 hvc_fault_pages(struct hvc_ctx *ctx, const struct hvc_fault *fault,
		    u64 *list, u64 list_pfn, u32 done)
{
	u64 end = ctx->hv->cfg.nr_pfns;
	struct walk walk = { .left = end };
	u32 real = done;
	u64 pfn;

	if (fault->pages == HVC_PAGES_FOREIGN)
		walk.next = list_pfn;
	for (; done < ctx->count && done - real < fault->nr_pages; done++) {
		switch (fault->pages) {
		case HVC_PAGES_FOREIGN:
			do
				pfn = find_page(ctx, HVC_FRAME_ROOT, &walk);
			while (pfn != NO_PAGE && has(list, real, pfn));
			break;
		case HVC_PAGES_DUPLICATE:
			pfn = real ? list[0] : NO_PAGE;
			break;
		case HVC_PAGES_UNALIGNED:
			pfn = find_page(ctx, HVC_FRAME_POOL, &walk);
			if (pfn != NO_PAGE)
				pfn |= UNALIGNED;
			break;
		case HVC_PAGES_OUTSIDE:
			pfn = end + done;
			break;
		case HVC_PAGES_HYPERVISOR:
			pfn = find_page(ctx, HVC_FRAME_HYPERVISOR, &walk);
			break;
		default:
			pfn = 0;
		}
		if (pfn == NO_PAGE)
			break;
		list[done] = pfn;
	}
	return done;
}

void hvc_fault_clear(struct hvc *hv)
{
	memset(hv->faults, 0, sizeof(hv->faults));
	hv->faults_end = 0;
}
