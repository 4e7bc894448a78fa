// SPDX-License-Identifier: GPL-2.0
/* Finding commands, reading their options, help and usage errors. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"
#include "version.h"

#define MAX_OPTIONS 16

static const struct cmd_option global_options[] = {
	{ 'd', "device", "PATH", "device to use instead of " HVCTL_DEVICE },
	{ 'j', "json", NULL, "print one JSON object, whatever comes of it" },
	{ 'q', "quiet", NULL, "print bare values only: ids, counts" },
	{ 'v', "verbose", NULL, "tell each ioctl and its answer; print more" },
	{ OPT_PROGRESS, "progress", NULL, "show progress even if stderr is no terminal" },
	{ 'h', "help", NULL, "print this help" },
	{ 'V', "version", NULL, "print the version" },
	{}
};

/* --json, or a j among single letters; behind a d comes a path. */
static bool asks_for_json(const char *word)
{
	if (word[0] == '-' && word[1] != '-')
		return memchr(word, 'j', strcspn(word, "d"));
	return !strcmp(word, "--json");
}

/* An error ends the reading of words: --json may be one of those behind it. */
static void look_for_json(const struct tool *tool)
{
	char **word;

	for (word = tool->words + optind; word < tool->words + tool->count; word++) {
		if (asks_for_json(*word))
			answer_begin();
	}
}

static void print_error(const struct tool *tool, const char *format, va_list args, int err)
{
	char message[4608]; /* a path, and words around it */

	vsnprintf(message, sizeof(message), format, args);
	look_for_json(tool);
	answer_message(err ? "system" : "usage", message, err);
	end_progress();
	fprintf(stderr, "%s: %s", tool->name, message);
}

int usage_error(const struct tool *tool, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_error(tool, format, args, 0);
	va_end(args);
	fprintf(stderr, "\nTry '%s --help'.\n", tool->name);
	return EXIT_USAGE;
}

int system_error(const struct tool *tool, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_error(tool, format, args, err);
	va_end(args);
	fprintf(stderr, ": %s\n", strerror(err));
	return EXIT_SYSTEM;
}

void quit(const struct tool *tool, int status)
{
	/* "hvctl withdraw" */
	const char *command = strchr(tool->name, ' ');
	int err = 0;

	command = command ? command + 1 : NULL;
	answer_end(stdout, command, status);
	if (fflush(stdout))
		err = errno;
	else if (ferror(stdout))
		err = EIO;
	if (err) {
		fprintf(stderr, "hvctl: %scannot write to standard output: %s\n",
			status == EXIT_DONE && tool->fd >= 0 && !tool->cmd->shows ?
				"all was done, but " : "", strerror(err));
		if (status == EXIT_DONE)
			status = EXIT_SYSTEM;
		/* What was done must not get lost. */
		answer_end(stderr, command, status);
	}
	answer_drop();
	exit(status);
}

/* Among the verbs of the command at hand: an exact name, or a unique prefix. */
const struct cmd *find_cmd(const struct tool *tool, const char *word)
{
	const struct cmd *const *cmd, *found = NULL;
	const size_t length = strlen(word);
	char names[128] = "";
	unsigned int matches = 0;

	for (cmd = tool->cmd->verbs; *cmd; cmd++) {
		if (!strcmp((*cmd)->name, word))
			return *cmd;
		if (!length || strncmp((*cmd)->name, word, length))
			continue;
		found = *cmd;
		matches++;
		snprintf(names + strlen(names), sizeof(names) - strlen(names), " %s",
			 found->name);
	}
	if (matches == 1)
		return found;
	if (matches)
		usage_error(tool, "'%s' is ambiguous, it may be:%s", word, names);
	else
		usage_error(tool, "no command '%s'", word);
	return NULL;
}

static void print_options(FILE *out, const char *title, const struct cmd_option *option)
{
	char left[40];

	fprintf(out, "\n%s:\n", title);
	for (; option->name; option++) {
		snprintf(left, sizeof(left), "--%s%s%s", option->name, option->arg ? " " : "",
			 option->arg ? option->arg : "");
		if (option->key < OPT_PAGES)
			fprintf(out, "  -%c, %-17s %s\n", option->key, left, option->text);
		else
			fprintf(out, "      %-17s %s\n", left, option->text);
	}
}

static void print_words(FILE *out, const char *words)
{
	if (words && *words)
		fprintf(out, " %s", words);
}

void print_help(FILE *out, const char *name, const struct cmd *cmd)
{
	const struct cmd *const *verb;

	answer_drop();
	fprintf(out, "Usage: %s", name);
	if (cmd->verbs) {
		fprintf(out, " COMMAND ...\n%s\n\nCommands:\n", cmd->text);
		for (verb = cmd->verbs; *verb; verb++)
			fprintf(out, "  %-12s %s\n", (*verb)->name, (*verb)->text);
		fprintf(out, "\nCommands may be shortened as long as they are unique.\n");
	} else {
		print_words(out, cmd->operands);
		print_words(out, cmd->syntax);
		fprintf(out, "\n%s\n", cmd->text);
		if (cmd->options)
			print_options(out, "Options", cmd->options);
	}
	print_options(out, "Global options", global_options);
}

static size_t add_options(struct option *list, size_t count, const struct cmd_option *option)
{
	for (; option && option->name && count < MAX_OPTIONS; option++) {
		list[count++] = (struct option){
			.name = option->name,
			.has_arg = option->arg ? required_argument : no_argument,
			.val = option->key,
		};
	}
	return count;
}

/* What getopt_long() has answered with '?', or ':' where a value is missing. */
static void bad_option(const struct tool *tool, const struct option *list, int answer)
{
	const char *word = tool->words[optind - 1];
	const struct option *option;
	unsigned int matches = 0;

	if (answer == ':') {
		usage_error(tool, "option '%s' requires an argument", word);
		return;
	}
	for (option = list; optopt && option->name; option++) {
		if (option->val == optopt) {
			usage_error(tool, "option '--%s' takes no argument", option->name);
			return;
		}
	}
	if (isdigit(optopt)) {
		usage_error(tool, "'-%c' is no option, and no number is negative", optopt);
	} else if (optopt) {
		usage_error(tool, "unrecognized option '-%c'", optopt);
	} else {
		for (option = list; option->name; option++)
			matches += !strncmp(option->name, word + 2, strcspn(word + 2, "="));
		usage_error(tool, matches ? "option '%s' is ambiguous" : "unrecognized option '%s'",
			    word);
	}
}

/*
 * Global options are taken here, wherever they stand. Returns the key of the
 * command's next own option, -1 behind the last, '?' for a bad one, which
 * the user has been told about.
 */
int next_option(struct tool *tool, int argc, char **argv)
{
	struct option list[MAX_OPTIONS + 1] = {};
	size_t count;
	int key;

	tool->words = argv;
	tool->count = argc;
	opterr = 0;
	count = add_options(list, 0, global_options);
	add_options(list, count, tool->cmd->options);
	for (;;) {
		/* "+": before a verb, options end at the first other word. */
		key = getopt_long(argc, argv, tool->cmd->verbs ? "+:d:jqvhV" : ":d:jqvhV", list,
				  NULL);
		switch (key) {
		case 'd':
			tool->device = optarg;
			break;
		case 'j':
			answer_begin();
			break;
		case 'q':
			tool->quiet = true;
			break;
		case 'v':
			tool->verbose = true;
			break;
		case OPT_PROGRESS:
			tool->progress = true;
			break;
		case 'h':
			print_help(stdout, tool->name, tool->cmd);
			quit(tool, EXIT_DONE);
		case 'V':
			if (answer_on())
				answer_text("version", HVCTL_VERSION);
			else
				printf("hvctl %s\n", HVCTL_VERSION);
			quit(tool, EXIT_DONE);
		case ':':
		case '?':
			bad_option(tool, list, key);
			return '?';
		default:
			return key;
		}
	}
}

/* Checks their number; returns them, or NULL after a message. */
char **take_operands(const struct tool *tool, int argc, char **argv)
{
	const char *name = tool->cmd->operands ? tool->cmd->operands : "";
	size_t length;
	int i;

	for (i = optind; *name; i++) {
		length = strcspn(name, " ");
		if (i >= argc && *name != '[') {
			usage_error(tool, "%.*s is missing", (int)length, name);
			return NULL;
		}
		name += length + strspn(name + length, " ");
	}
	if (i < argc) {
		usage_error(tool, "'%s' is one word too many", argv[i]);
		return NULL;
	}
	return argv + optind;
}

static const char *open_advice(int err)
{
	switch (err) {
	case ENOENT:
	case ENXIO:
	case ENODEV:
		return "The module is not loaded. In a root partition: modprobe hv_rootctl\n"
		       "To try hvctl elsewhere: modprobe hv_rootctl_sim\n"
		       "If that fails, dmesg says what is missing.\n";
	case EACCES:
	case EPERM:
		return "The device is for root (CAP_SYS_ADMIN) only: try sudo.\n";
	default:
		return "";
	}
}

int open_device(struct tool *tool)
{
	int err;

	/* What was changed is told, be it on standard error: quit(). */
	if (!tool->cmd->shows)
		signal(SIGPIPE, SIG_IGN);
	catch_interrupts();
	tool->device = hvctl_device(tool->device);
	tool->fd = hvctl_open(tool->device);
	if (tool->fd >= 0)
		return EXIT_DONE;
	err = errno;
	system_error(tool, err, "cannot open %s", tool->device);
	fputs(open_advice(err), stderr);
	return EXIT_SYSTEM;
}
