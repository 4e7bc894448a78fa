// SPDX-License-Identifier: GPL-2.0
/*
 * hvctl transfer: from one pool into another. The pages are held by the open
 * file in between: the kernel does not get them, and nobody else does.
 */
#include <getopt.h>
#include <string.h>

#include "tool.h"

/* Pages that are held at a time. */
#define CHUNK 0x10000ULL

struct transfer {
	struct job job;
	u64 from, to;
	u64 proximity;
	bool all;
};

static void count(struct tool *tool, struct job *job, const struct hvctl_result *r)
{
	trace(tool, r);
	job->hypercalls += r->hypercalls;
}

/* What cannot go on goes back to where it came from, or else to the kernel. */
static void go_back(struct tool *tool, struct transfer *t, u64 pages)
{
	struct hvctl_result r = {};

	if (!pages)
		return;
	answer_number("pages_held", pages);
	hvctl_deposit_held(tool->fd, t->from, pages, &r);
	count(tool, &t->job, &r);
	answer_number("pages_returned", r.done);
	end_progress();
	if (r.done)
		fprintf(stderr, "hvctl: %s: %llu pages went back to %s\n", t->job.title,
			r.done, partition_text(t->from).s);
	if (r.done < pages)
		fprintf(stderr, "hvctl: %s: %llu pages went to this machine's kernel\n",
			t->job.title, pages - r.done);
}

/* Deposit @pages that are held. */
static int put(struct tool *tool, struct transfer *t, u64 pages)
{
	struct job *job = &t->job;
	struct hvctl_result r;

	while (pages) {
		if (interrupted()) {
			go_back(tool, t, pages);
			return report_interrupted(job);
		}
		hvctl_deposit_held(tool->fd, t->to, pages, &r);
		count(tool, job, &r);
		job->done += r.done;
		pages -= r.done < pages ? r.done : pages;
		if (r.outcome != HVCTL_OK && !was_interrupted(&r)) {
			go_back(tool, t, pages);
			return report(job, &r);
		}
	}
	return EXIT_DONE;
}

static int transfer_pages(struct tool *tool, struct transfer *t)
{
	struct job *job = &t->job;
	struct hvctl_result r;
	int status;
	u64 pages;

	while (t->all || job->done < job->total) {
		if (interrupted())
			return report_interrupted(job);
		if (job->done)
			show_progress(tool, job);
		pages = CHUNK;
		if (!t->all && job->total - job->done < CHUNK)
			pages = job->total - job->done;
		hvctl_withdraw_held(tool->fd, t->from, t->proximity, pages, &r);
		count(tool, job, &r);
		status = put(tool, t, r.done);
		if (status != EXIT_DONE)
			return status;
		if (t->all && r.outcome == HVCTL_STATUS &&
		    r.hv_status == HV_STATUS_NO_RESOURCES)
			break;
		if (r.outcome != HVCTL_OK && !was_interrupted(&r))
			return report(job, &r);
	}
	end_progress();
	return EXIT_DONE;
}

static int do_transfer(struct tool *tool, int argc, char **argv)
{
	struct transfer t = { .job = { .unit = "pages", .past = "transferred", .other = true } };
	struct job *job = &t.job;
	bool pages_given = false;
	struct node node = {};
	int key, status;

	while ((key = next_option(tool, argc, argv)) != -1) {
		if (key == OPT_PAGES) {
			pages_given = true;
			if (!parse_pages(tool, optarg, &t.all, &job->total))
				return EXIT_USAGE;
		} else if (!node_option(tool, key, optarg, &node)) {
			return EXIT_USAGE;
		}
	}
	argv = take_operands(tool, argc, argv);
	if (!argv || !parse_partition(tool, argv[0], &t.from) ||
	    !parse_partition(tool, argv[1], &t.to) || !node_info(tool, &node, &t.proximity))
		return EXIT_USAGE;
	if (!pages_given)
		return usage_error(tool, "--pages is missing");
	if (t.from == t.to)
		return usage_error(tool, "FROM and TO are the same partition");
	if (open_device(tool))
		return EXIT_SYSTEM;

	job->partition_id = t.from;
	job_title(job, "transfer pages from %s to %s", partition_text(t.from).s,
		  partition_text(t.to).s);
	answer_partition("from", t.from);
	answer_partition("to", t.to);
	status = transfer_pages(tool, &t);
	answer_job(job);
	if (answer_on())
		return status;
	if (tool->quiet)
		printf("%llu\n", job->done);
	else if (status == EXIT_DONE)
		printf("transferred %llu pages from %s to %s (hypercalls: %llu)\n", job->done,
		       partition_text(t.from).s, partition_text(t.to).s, job->hypercalls);
	return status;
}

static const struct cmd_option transfer_options[] = {
	{ OPT_PAGES, "pages", "N|all", "how many pages of 4 KiB (1 to 4503599627370495), or all" },
	NODE_OPTION,
	PREFER_OPTION,
	{}
};

const struct cmd transfer_cmd = {
	.name = "transfer",
	.operands = "FROM TO",
	.syntax = "--pages N|all " NODE_SYNTAX,
	.text = "move unused memory out of one partition's pool into another's",
	.options = transfer_options,
	.run = do_transfer,
};
