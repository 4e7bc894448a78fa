// SPDX-License-Identifier: GPL-2.0
/* hvctl: management hypercalls of a Hyper-V root partition, from the shell. */
#include <fcntl.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "tool.h"

static int do_help(struct tool *tool, int argc, char **argv);

static const struct cmd help_cmd = {
	.name = "help",
	.operands = "[COMMAND] [VERB]",
	.text = "explain hvctl or one of its commands",
	.run = do_help,
};

static const struct cmd *const commands[] = {
	&info_cmd, &partition_cmd, &vp_cmd, &map_cmd, &unmap_cmd, &deposit_cmd, &balance_cmd,
	&withdraw_cmd, &transfer_cmd, &write_gpa_cmd, &read_gpa_cmd, &status_cmd, &help_cmd, NULL,
};

static const struct cmd hvctl_cmd = {
	.name = "hvctl",
	.text = "Management hypercalls of a Hyper-V root partition.",
	.verbs = commands,
};

static char full_name[64]; /* the longest is "hvctl partition finalize" */

/* Go down by one word; false after a message. */
static bool enter(struct tool *tool, const char *word)
{
	const size_t length = strlen(full_name);
	const struct cmd *cmd = find_cmd(tool, word);

	if (!cmd)
		return false;
	tool->cmd = cmd;
	snprintf(full_name + length, sizeof(full_name) - length, " %s", cmd->name);
	return true;
}

static void start(struct tool *tool)
{
	snprintf(full_name, sizeof(full_name), "%s", hvctl_cmd.name);
	tool->name = full_name;
	tool->cmd = &hvctl_cmd;
}

static int do_help(struct tool *tool, int argc, char **argv)
{
	if (next_option(tool, argc, argv) != -1)
		return EXIT_USAGE;
	argv = take_operands(tool, argc, argv);
	if (!argv)
		return EXIT_USAGE;
	start(tool);
	for (; *argv; argv++) {
		if (!tool->cmd->verbs)
			return usage_error(tool, "no command '%s' below it", *argv);
		if (!enter(tool, *argv))
			return EXIT_USAGE;
	}
	print_help(stdout, tool->name, tool->cmd);
	return EXIT_DONE;
}

/*
 * Whoever has closed a standard stream shall not find there what is opened
 * next: the device, or a file that messages would be written into.
 */
static void occupy_streams(void)
{
	int fd;

	/* Opened so that it cannot be used: that is an error, as if it were closed. */
	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

int main(int argc, char **argv)
{
	struct tool tool = { .fd = -1 };

	occupy_streams();
	start(&tool);
	while (tool.cmd->verbs) {
		optind = 0; /* begin anew */
		if (next_option(&tool, argc, argv) != -1)
			quit(&tool, EXIT_USAGE);
		if (optind >= argc) {
			usage_error(&tool, "a command is missing");
			quit(&tool, EXIT_USAGE);
		}
		if (!enter(&tool, argv[optind]))
			quit(&tool, EXIT_USAGE);
		argc -= optind;
		argv += optind;
	}
	optind = 0;
	quit(&tool, tool.cmd->run(&tool, argc, argv));
}
