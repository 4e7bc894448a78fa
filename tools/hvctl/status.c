// SPDX-License-Identifier: GPL-2.0
/* hvctl status: what the HV_STATUS codes mean. Needs no device. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "tool.h"

static void print_status(u32 code)
{
	const char *text = hv_status_text(code);

	answer_list_status(code);
	if (answer_on())
		return;
	printf("%s%s%s\n", status_text(code).s, text ? ": " : "", text ? text : "");
}

static bool find_status(const char *name, u64 *code)
{
	static const char prefix[] = "HV_STATUS_";

	if (!strncasecmp(name, prefix, sizeof(prefix) - 1))
		name += sizeof(prefix) - 1;
	for (*code = 0; *code <= 0xffff; ++*code) {
		if (hv_status_name(*code) && !strcasecmp(hv_status_name(*code), name))
			return true;
	}
	return false;
}

static int do_status(struct tool *tool, int argc, char **argv)
{
	u64 code;

	if (next_option(tool, argc, argv) != -1)
		return EXIT_USAGE;
	argv = take_operands(tool, argc, argv);
	if (!argv)
		return EXIT_USAGE;
	answer_list("statuses");
	if (!argv[0]) {
		for (code = 0; code <= 0xffff; code++) {
			if (hv_status_name(code))
				print_status(code);
		}
		return EXIT_DONE;
	}
	if (isdigit((unsigned char)argv[0][0])) {
		if (!parse_number(tool, "CODE", argv[0], NUMBER_PLAIN, 0, 0xffff, &code))
			return EXIT_USAGE;
	} else if (!find_status(argv[0], &code)) {
		return usage_error(tool, "CODE '%s' is neither a number nor a status name",
				   argv[0]);
	}
	print_status(code);
	if (hv_status_name(code))
		return EXIT_DONE;
	answer_message("usage", "no such HV_STATUS is known", 0);
	return EXIT_USAGE;
}

const struct cmd status_cmd = {
	.name = "status",
	.operands = "[CODE]",
	.text = "explain an HV_STATUS, given as number or name, or list all",
	.run = do_status,
};
