// SPDX-License-Identifier: GPL-2.0
/*
 * The words of the command line into values. A function that returns false has
 * told the user which argument is wrong, what it held, and what the limit is.
 */
#include <ctype.h>
#include <string.h>

#include "tool.h"

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

static unsigned int suffix_shift(const char *suffix)
{
	if (!suffix[0] || suffix[1])
		return 0;
	switch (suffix[0]) {
	case 'K':
	case 'k':
		return 10;
	case 'M':
	case 'm':
		return 20;
	case 'G':
	case 'g':
		return 30;
	default:
		return 0;
	}
}

/* Decimal, or hexadecimal after 0x; a leading 0 alone does not mean octal. */
bool parse_number(const struct tool *tool, const char *what, const char *word, enum number kind,
		  u64 min, u64 max, u64 *value)
{
	int base = 10, digit;
	bool fits = true;
	const char *c = word;
	unsigned int shift;
	u64 sum = 0;

	if (c[0] == '0' && (c[1] == 'x' || c[1] == 'X') && digit_value(c[2]) < 16) {
		base = 16;
		c += 2;
	}
	if (digit_value(*c) >= base)
		goto bad;
	for (; (digit = digit_value(*c)) < base; c++) {
		if (__builtin_mul_overflow(sum, (u64)base, &sum) ||
		    __builtin_add_overflow(sum, (u64)digit, &sum))
			fits = false;
	}
	if (*c) {
		shift = kind == NUMBER_SIZE ? suffix_shift(c) : 0;
		if (!shift)
			goto bad;
		if (sum >> (64 - shift))
			fits = false;
		sum <<= shift;
	}
	if (!fits || sum > max) {
		usage_error(tool, "%s '%s' is too large: at most %llu (0x%llx)", what, word, max,
			    max);
		return false;
	}
	if (sum < min) {
		usage_error(tool, "%s '%s' is too small: at least %llu", what, word, min);
		return false;
	}
	*value = sum;
	return true;
bad:
	usage_error(tool, "%s '%s' is not a number: decimal or 0x...%s", what, word,
		    kind == NUMBER_SIZE ? ", with K, M or G behind it at most" : "");
	return false;
}

bool parse_u32(const struct tool *tool, const char *what, const char *word, u32 *value)
{
	u64 number;

	if (!parse_number(tool, what, word, NUMBER_PLAIN, 0, 0xffffffff, &number))
		return false;
	*value = number;
	return true;
}

bool parse_gpa(const struct tool *tool, const char *word, u64 *gpa)
{
	return parse_number(tool, "GPA", word, NUMBER_SIZE, 0, ~0ULL, gpa);
}

bool parse_partition(const struct tool *tool, const char *word, u64 *id)
{
	if (!strcmp(word, "self") || !strcmp(word, "root")) {
		*id = HV_ROOTCTL_SELF;
		return true;
	}
	if (!isdigit((unsigned char)word[0])) {
		usage_error(tool, "PARTITION '%s' is neither a number nor self or root", word);
		return false;
	}
	return parse_number(tool, "PARTITION", word, NUMBER_PLAIN, 0, ~0ULL, id);
}

struct word_value {
	const char *word;
	u32 value;
};

static bool parse_word(const struct word_value *list, const char *word, u32 *value)
{
	for (; list->word; list++) {
		if (!strcmp(list->word, word)) {
			*value = list->value;
			return true;
		}
	}
	return false;
}

bool parse_cache(const struct tool *tool, const char *word, u32 *type)
{
	static const struct word_value types[] = {
		{ "wb", HV_CACHE_TYPE_WRITE_BACK },
		{ "wt", HV_CACHE_TYPE_WRITE_THROUGH },
		{ "wp", HV_CACHE_TYPE_WRITE_PROTECTED },
		{ "wc", HV_CACHE_TYPE_WRITE_COMBINING },
		{ "uc", HV_CACHE_TYPE_UNCACHED },
		{}
	};

	if (parse_word(types, word, type))
		return true;
	usage_error(tool, "--cache '%s' is none of wb, wt, wp, wc, uc", word);
	return false;
}

bool parse_rights(const struct tool *tool, const char *word, u32 *map_flags)
{
	/* The combinations that exist: write and execute go with read. */
	static const struct word_value rights[] = {
		{ "none", 0 },
		{ "r", HV_MAP_GPA_READABLE },
		{ "rw", HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE },
		{ "rx", HV_MAP_GPA_READABLE | HV_MAP_GPA_EXECUTABLE },
		{ "rwx", HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE | HV_MAP_GPA_EXECUTABLE },
		{}
	};

	if (parse_word(rights, word, map_flags))
		return true;
	usage_error(tool, "--rights '%s' is none of none, r, rw, rx, rwx", word);
	return false;
}

/*
 * Pairs of digits become bytes, in their place: @word holds @length bytes
 * afterwards. Spaces and colons may stand between pairs.
 */
bool parse_hex(const struct tool *tool, char *word, size_t *length)
{
	const char *c = word;

	*length = 0;
	for (;;) {
		c += strspn(c, " :\t\n");
		if (!*c)
			return true;
		if (digit_value(c[0]) > 15 || digit_value(c[1]) > 15) {
			usage_error(tool, "--hex is not made of pairs of hex digits, at '%.8s'", c);
			return false;
		}
		word[(*length)++] = digit_value(c[0]) << 4 | digit_value(c[1]);
		c += 2;
	}
}

bool check_aligned(const struct tool *tool, const char *what, const char *word, u64 value)
{
	if (!(value & HV_PAGE_MASK))
		return true;
	usage_error(tool, "%s '%s' is not a multiple of the page size, %llu", what, word,
		    HV_PAGE_SIZE);
	return false;
}

bool check_range(const struct tool *tool, u64 gpa, u64 length)
{
	if (!length || length - 1 <= ~0ULL - gpa)
		return true;
	usage_error(tool, "%llu bytes at GPA 0x%llx run past the last address, 0x%llx", length,
		    gpa, ~0ULL);
	return false;
}

/* "all" where the caller takes it: @pages is 0 then. */
bool parse_pages(const struct tool *tool, const char *word, bool *all, u64 *pages)
{
	*pages = 0;
	*all = !strcmp(word, "all");
	return *all || parse_number(tool, "--pages", word, NUMBER_PLAIN, 1, PAGES_MAX, pages);
}

bool retry_option(const struct tool *tool, int key, const char *arg, struct hvctl_retry *retry)
{
	switch (key) {
	case OPT_AUTO_DEPOSIT:
		return parse_u32(tool, "--auto-deposit", arg, &retry->deposit_limit);
	case OPT_TIME_OUTS:
		return parse_u32(tool, "--time-outs", arg, &retry->time_out_limit);
	default:
		return false;
	}
}

bool node_option(const struct tool *tool, int key, const char *arg, struct node *node)
{
	if (key == OPT_PREFER) {
		node->prefer = true;
		return true;
	}
	if (key != OPT_NODE)
		return false;
	node->given = true;
	return parse_u32(tool, "--node", arg, &node->domain);
}

bool node_info(const struct tool *tool, const struct node *node, u64 *proximity)
{
	if (node->prefer && !node->given) {
		usage_error(tool, "--prefer says how strict --node is, and that is missing");
		return false;
	}
	*proximity = node->given ? hv_proximity(node->domain, node->prefer) : 0;
	return true;
}
