/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of hvctl share. */
#ifndef HVCTL_TOOL_H
#define HVCTL_TOOL_H

#include <stdio.h>

#include <libhvctl/hvctl.h>

/* hvctl's exit status; the man page documents the same list. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_USAGE = 1, /* what was asked makes no sense */
	EXIT_SYSTEM = 2, /* an errno, from the device or elsewhere */
	EXIT_REFUSED = 3, /* an HV_STATUS */
	EXIT_ACCESS = 4, /* an access result */
	EXIT_INTERRUPTED = 5,
};

#define PAGES_MAX ((1ULL << 52) - 1) /* 4 KiB pages in 64 bits of addresses */

struct tool {
	const char *name; /* "hvctl withdraw", for messages */
	const struct cmd *cmd; /* being run */
	char **words; /* of its command line, @count of them */
	int count;
	const char *device;
	int fd;
	bool quiet;
	bool verbose;
	bool progress;
};

/* --- commands and their options: cmd.c --------------------------------- */

/* getopt_long() returns @key; keys of command options are above any char. */
struct cmd_option {
	int key;
	const char *name;
	const char *arg; /* NULL: takes none */
	const char *text;
};

enum {
	OPT_PAGES = 0x100,
	OPT_NODE,
	OPT_PREFER,
	OPT_FLAGS,
	OPT_FILE,
	OPT_OFFSET,
	OPT_SIZE,
	OPT_RIGHTS,
	OPT_CREATE,
	OPT_HEX,
	OPT_STRING,
	OPT_VP,
	OPT_CACHE,
	OPT_RAW,
	OPT_OUTPUT,
	OPT_PROGRESS,
	OPT_AUTO_DEPOSIT,
	OPT_TIME_OUTS,
};

#define NODE_SYNTAX "[--node D [--prefer]]"
#define NODE_OPTION \
	{ OPT_NODE, "node", "D", "only memory of proximity domain D (0 to 4294967295)" }
#define PREFER_OPTION \
	{ OPT_PREFER, "prefer", NULL, "memory of the node first, then of any other" }

#define RETRY_SYNTAX "[--auto-deposit N] [--time-outs N]"
#define RETRY_OPTIONS                                                                           \
	{ OPT_AUTO_DEPOSIT, "auto-deposit", "N",                                                \
	  "deposit up to N pages where the hypervisor lacks memory" },                          \
	{ OPT_TIME_OUTS, "time-outs", "N", "try again up to N times when it runs out of time" }

/* A command has either verbs below it (a list that ends with NULL) or a function. */
struct cmd {
	const char *name;
	const char *operands; /* "PARTITION GPA", "[CODE]" for an optional one */
	const char *syntax; /* of the options */
	const char *text;
	const struct cmd_option *options; /* ends with {} */
	const struct cmd *const *verbs;
	bool shows; /* and changes nothing: what is not read may get lost */
	int (*run)(struct tool *tool, int argc, char **argv);
};

const struct cmd *find_cmd(const struct tool *tool, const char *word);
void print_help(FILE *out, const char *name, const struct cmd *cmd);
int next_option(struct tool *tool, int argc, char **argv);
char **take_operands(const struct tool *tool, int argc, char **argv);
int open_device(struct tool *tool);
int usage_error(const struct tool *tool, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
int system_error(const struct tool *tool, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Exit, unless what was printed did not get out: then it is an error. */
void quit(const struct tool *tool, int status) __attribute__((noreturn));

extern const struct cmd balance_cmd, deposit_cmd, withdraw_cmd;
extern const struct cmd info_cmd, map_cmd, transfer_cmd, partition_cmd, read_gpa_cmd;
extern const struct cmd status_cmd, unmap_cmd, vp_cmd, write_gpa_cmd;

/* --- words into values: parse.c ---------------------------------------- */

enum number { NUMBER_PLAIN, NUMBER_SIZE /* with K, M or G */ };

bool parse_number(const struct tool *tool, const char *what, const char *word, enum number kind,
		  u64 min, u64 max, u64 *value);
bool parse_u32(const struct tool *tool, const char *what, const char *word, u32 *value);
bool parse_gpa(const struct tool *tool, const char *word, u64 *gpa);
bool parse_partition(const struct tool *tool, const char *word, u64 *id);
bool parse_cache(const struct tool *tool, const char *word, u32 *type);
bool parse_rights(const struct tool *tool, const char *word, u32 *map_flags);
bool parse_hex(const struct tool *tool, char *word, size_t *length);
bool check_aligned(const struct tool *tool, const char *what, const char *word, u64 value);
bool check_range(const struct tool *tool, u64 gpa, u64 length);

/* --node and --prefer, which several commands take. */
struct node {
	bool given;
	bool prefer;
	u32 domain;
};

bool node_option(const struct tool *tool, int key, const char *arg, struct node *node);
bool node_info(const struct tool *tool, const struct node *node, u64 *proximity);

/* --pages N|all, and --auto-deposit with --time-outs. */
bool parse_pages(const struct tool *tool, const char *word, bool *all, u64 *pages);
bool retry_option(const struct tool *tool, int key, const char *arg, struct hvctl_retry *retry);

/* --- what is being done, and what came of it: report.c ------------------ */

/*
 * @done counts over all ioctls of the job. @unit is NULL where there is
 * nothing to count; @total is 0 where it is not known beforehand.
 */
struct job {
	char title[128]; /* "withdraw 5 pages from partition 3" */
	const char *unit; /* "pages" */
	const char *past; /* "withdrawn" */
	u64 partition_id;
	u64 total;
	u64 done;
	u64 hypercalls; /* 0 where they are not counted */
	bool other; /* it is not about one partition */
};

struct text {
	char s[80];
};

/* "partition 3"; the text lives until the end of the full expression. */
struct text partition_text(u64 id);
struct text status_text(u32 hv_status);
/* " (8 pages deposited for it)" where that is so, else nothing. */
struct text retry_text(const struct hvctl_result *r);
const char *errno_text(const struct hvctl_result *r);
void job_title(struct job *job, const char *format, ...) __attribute__((format(printf, 2, 3)));
void trace(const struct tool *tool, const struct hvctl_result *r);
int report(const struct job *job, const struct hvctl_result *r);
void report_done(const struct job *job);
int report_interrupted(const struct job *job);

/* --- long work: work.c --------------------------------------------------- */

void catch_interrupts(void);
bool interrupted(void);
bool was_interrupted(const struct hvctl_result *r);
bool once_more(struct hvctl_retry *retry, struct hvctl_result *r);
void show_progress(const struct tool *tool, const struct job *job);
void end_progress(void);

/* --- --json: json.c ------------------------------------------------------- */

void answer_begin(void);
bool answer_on(void);
void answer_drop(void); /* what is printed is no object after all */
void answer_number(const char *key, u64 value);
void answer_text(const char *key, const char *text);
void answer_bool(const char *key, bool value);
void answer_partition(const char *key, u64 id);
void answer_list(const char *key);
void answer_list_number(u64 value);
void answer_list_text(const char *text);
void answer_list_status(u32 status);
void answer_hex(const char *key, const u8 *bytes, size_t count);
void answer_job(const struct job *job);
void answer_retry(const struct hvctl_result *r);
void answer_message(const char *kind, const char *message, int err);
void answer_failure(const struct hvctl_result *r);
void answer_end(FILE *out, const char *command, int status);

/* --- hexdump.c ------------------------------------------------------------ */

struct hexdump {
	FILE *out;
	u64 addr; /* of the row that is being filled */
	int width; /* digits of an address */
	bool all; /* also rows that repeat the one before */
	bool any, starred;
	unsigned int fill;
	u8 row[16], last[16];
};

void hexdump_feed(struct hexdump *dump, const u8 *data, u64 length);
void hexdump_end(struct hexdump *dump);

#endif
