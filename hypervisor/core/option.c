// SPDX-License-Identifier: GPL-2.0
/* Words of the hypervisor's command line that are the core's. */
#include "internal.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

/**
 * hvc_parse_number - read a decimal or (0x) hexadecimal number
 * @s: in: where it starts; out: behind it
 * @value: out
 *
 * Return: false when there is none, or it does not fit 64 bits.
 */
bool hvc_parse_number(const char **s, u64 *value)
{
	const char *p = *s;
	u32 base = 10;
	bool any = false;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	for (*value = 0; (u32)digit(*p) < base; p++) {
		u32 d = digit(*p);

		/* Without a division, which not every host has for 64 bits. */
		if (*value > (base == 16 ? ~0ULL >> 4 : 1844674407370955161ULL))
			return false;
		*value *= base;
		if (*value > ~0ULL - d)
			return false;
		*value += d;
		any = true;
	}
	*s = p;
	return any;
}

/* The value of "name=value" when @word is that option. */
static const char *value_of(const char *word, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(word, name, n) && word[n] == '=' ? word + n + 1 : NULL;
}

/* One of two words: 0 or 1; -1 for anything else. */
static int choice(const char *value, const char *zero, const char *one)
{
	if (!strcmp(value, zero))
		return 0;
	return strcmp(value, one) ? -1 : 1;
}

static int set_flag(bool *flag, int value)
{
	if (value < 0)
		return -1;
	*flag = value;
	return 1;
}

/* Forms of a call in XMM registers: both, input only, or none. */
static int set_xmm(struct hvc *hv, const char *value)
{
	bool output = !strcmp(value, "on");
	bool input = output || !strcmp(value, "input");

	if (input ? !hv->ops->get_xmm : strcmp(value, "off"))
		return -1;
	hv->cfg.xmm_input = input;
	hv->cfg.xmm_output = output;
	return 1;
}

int hvc_option(struct hvc *hv, const char *word)
{
	const char *v;
	u64 n;

	v = value_of(word, "fault");
	if (v)
		return hvc_fault_add(hv, v) ? -1 : 1;
	v = value_of(word, "access-codes");
	if (v)
		return set_flag(&hv->cfg.access_codes_enum,
				choice(v, "call", "enum"));
	v = value_of(word, "fast");
	if (v)
		return set_flag(&hv->cfg.fast_any, choice(v, "table", "any"));
	v = value_of(word, "xmm");
	if (v)
		return set_xmm(hv, v);
	v = value_of(word, "debug");
	if (v)
		return set_flag(&hv->cfg.debug, choice(v, "off", "on"));
	v = value_of(word, "budget");
	if (v) {
		if (!hvc_parse_number(&v, &n) || *v || !n || n > HV_REP_MAX)
			return -1;
		hv->cfg.rep_budget = n;
		return 1;
	}
	return 0;
}
