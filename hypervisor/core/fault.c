// SPDX-License-Identifier: GPL-2.0
/*
 * The fault script: answers that are wrong on purpose, so that clients can be
 * tested against them. The language is in Documentation/fault-script.md.
 */
#include "internal.h"

enum key { CALL, NTH, TIMES, STATUS, REPS, RUN, DELAY, NR_KEYS };

static const char *const key_names[NR_KEYS] = {
	[CALL] = "call",     [NTH] = "nth",   [TIMES] = "times",
	[STATUS] = "status", [REPS] = "reps", [RUN] = "run",
	[DELAY] = "delay",
};

static const u64 key_max[NR_KEYS] = {
	[CALL] = 0xffff,   [NTH] = ~0ULL,	  [TIMES] = ~0ULL,
	[STATUS] = 0xffff, [REPS] = HV_REP_MAX, [RUN] = HV_REP_MAX,
	[DELAY] = 10000000,
};

static bool blank(char c)
{
	return c == ' ' || c == ',' || c == '\t' || c == '\n';
}

/* Read "key=value" at *s; NR_KEYS when it is not valid. */
static enum key parse_word(const char **s, u64 *value)
{
	enum key key;

	for (key = 0; key < NR_KEYS; key++) {
		size_t n = strlen(key_names[key]);

		if (!strncmp(*s, key_names[key], n) && (*s)[n] == '=') {
			*s += n + 1;
			break;
		}
	}
	if (key == NR_KEYS)
		return key;
	if (key == RUN && !strncmp(*s, "all", 3)) {
		*s += 3;
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
		switch (parse_word(&line, &value)) {
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
		default:
			return -1;
		}
	}
	if (!has_call)
		return -1;
	for (i = 0; i < HVC_MAX_FAULTS; i++) {
		if (!hv->faults[i].active) {
			hv->faults[i] = f;
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

	for (i = 0; i < HVC_MAX_FAULTS; i++) {
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
	return match;
}

void hvc_fault_clear(struct hvc *hv)
{
	memset(hv->faults, 0, sizeof(hv->faults));
}
