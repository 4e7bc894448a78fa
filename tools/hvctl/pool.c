// SPDX-License-Identifier: GPL-2.0
/* hvctl deposit, balance, withdraw: the memory pools of partitions. */
#include <getopt.h>
#include <string.h>

#include "tool.h"

/* Pages per ioctl: few enough to show progress, many enough not to matter. */
#define CHUNK 0x10000ULL

typedef enum hvctl_outcome move_fn(int fd, u64 id, u64 proximity, u64 pages,
				   struct hvctl_result *r);

/* @job->total 0: until the pool has no more. */
static int move_pages(struct tool *tool, struct job *job, move_fn *move, u64 proximity)
{
	const bool all = !job->total;
	struct hvctl_result r;
	u64 pages;

	while (all || job->done < job->total) {
		if (interrupted())
			return report_interrupted(job);
		if (job->done)
			show_progress(tool, job);
		pages = CHUNK;
		if (!all && job->total - job->done < CHUNK)
			pages = job->total - job->done;
		move(tool->fd, job->partition_id, proximity, pages, &r);
		trace(tool, &r);
		job->done += r.done;
		job->hypercalls += r.hypercalls;
		if (all && r.outcome == HVCTL_STATUS && r.hv_status == HV_STATUS_NO_RESOURCES)
			break;
		if (r.outcome != HVCTL_OK && !was_interrupted(&r))
			return report(job, &r);
	}
	end_progress();
	return EXIT_DONE;
}

static int do_move(struct tool *tool, int argc, char **argv, bool withdraw)
{
	struct job job = { .unit = "pages", .past = withdraw ? "withdrawn" : "deposited" };
	bool pages_given = false, all = false;
	struct node node = {};
	u64 proximity;
	int key, status;

	while ((key = next_option(tool, argc, argv)) != -1) {
		if (key == OPT_PAGES) {
			pages_given = true;
			/* There is no end to what may be deposited. */
			if (withdraw ? !parse_pages(tool, optarg, &all, &job.total) :
				       !parse_number(tool, "--pages", optarg, NUMBER_PLAIN, 1,
						     PAGES_MAX, &job.total))
				return EXIT_USAGE;
		} else if (!node_option(tool, key, optarg, &node)) {
			return EXIT_USAGE;
		}
	}
	argv = take_operands(tool, argc, argv);
	if (!argv || !parse_partition(tool, argv[0], &job.partition_id) ||
	    !node_info(tool, &node, &proximity))
		return EXIT_USAGE;
	if (!pages_given)
		return usage_error(tool, "--pages is missing");
	if (open_device(tool))
		return EXIT_SYSTEM;

	job_title(&job, "%s pages %s %s", withdraw ? "withdraw" : "deposit",
		  withdraw ? "from" : "to", partition_text(job.partition_id).s);
	status = move_pages(tool, &job, withdraw ? hvctl_withdraw : hvctl_deposit, proximity);
	answer_job(&job);
	if (answer_on())
		return status;
	if (tool->quiet)
		printf("%llu\n", job.done);
	else if (status == EXIT_DONE)
		printf("%s %llu pages %s %s (hypercalls: %llu)\n",
		       withdraw ? "withdrew" : "deposited", job.done, withdraw ? "from" : "to",
		       partition_text(job.partition_id).s, job.hypercalls);
	return status;
}

static int do_deposit(struct tool *tool, int argc, char **argv)
{
	return do_move(tool, argc, argv, false);
}

static int do_withdraw(struct tool *tool, int argc, char **argv)
{
	return do_move(tool, argc, argv, true);
}

static int do_balance(struct tool *tool, int argc, char **argv)
{
	u64 available, in_use, proximity;
	struct node node = {};
	struct hvctl_result r;
	struct job job = {};
	int key;

	while ((key = next_option(tool, argc, argv)) != -1) {
		if (!node_option(tool, key, optarg, &node))
			return EXIT_USAGE;
	}
	argv = take_operands(tool, argc, argv);
	if (!argv || !parse_partition(tool, argv[0], &job.partition_id) ||
	    !node_info(tool, &node, &proximity))
		return EXIT_USAGE;
	if (open_device(tool))
		return EXIT_SYSTEM;

	job_title(&job, "get the balance of %s", partition_text(job.partition_id).s);
	do {
		hvctl_balance(tool->fd, job.partition_id, proximity, &available, &in_use, &r);
		trace(tool, &r);
	} while (once_more(NULL, &r));
	if (r.outcome != HVCTL_OK)
		return report(&job, &r);
	answer_job(&job);
	answer_number("pages_available", available);
	answer_number("pages_in_use", in_use);
	if (answer_on())
		return EXIT_DONE;
	if (tool->quiet)
		printf("%llu %llu\n", available, in_use);
	else
		printf("%s: %llu pages available, %llu in use\n",
		       partition_text(job.partition_id).s, available, in_use);
	return EXIT_DONE;
}

static const struct cmd_option deposit_options[] = {
	{ OPT_PAGES, "pages", "N", "how many pages of 4 KiB (1 to 4503599627370495)" },
	NODE_OPTION,
	PREFER_OPTION,
	{}
};

const struct cmd deposit_cmd = {
	.name = "deposit",
	.operands = "PARTITION",
	.syntax = "--pages N " NODE_SYNTAX,
	.text = "move free memory of this machine into a partition's pool",
	.options = deposit_options,
	.run = do_deposit,
};

static const struct cmd_option withdraw_options[] = {
	{ OPT_PAGES, "pages", "N|all", "how many pages of 4 KiB (1 to 4503599627370495), or all" },
	NODE_OPTION,
	PREFER_OPTION,
	{}
};

const struct cmd withdraw_cmd = {
	.name = "withdraw",
	.operands = "PARTITION",
	.syntax = "--pages N|all " NODE_SYNTAX,
	.text = "take unused memory out of a partition's pool",
	.options = withdraw_options,
	.run = do_withdraw,
};

static const struct cmd_option balance_options[] = {
	NODE_OPTION,
	{}
};

const struct cmd balance_cmd = {
	.name = "balance",
	.operands = "PARTITION",
	.syntax = "[--node D]",
	.text = "tell how many pages of a partition's pool are available and in use",
	.options = balance_options,
	.shows = true,
	.run = do_balance,
};
