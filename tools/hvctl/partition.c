// SPDX-License-Identifier: GPL-2.0
/* hvctl partition: the life cycle of child partitions. */
#include <errno.h>
#include <getopt.h>

#include "tool.h"

static int do_create(struct tool *tool, int argc, char **argv)
{
	/* It is made of its creator's memory. */
	struct job job = {
		.title = "create a partition",
		.partition_id = HV_ROOTCTL_SELF,
		.other = true,
	};
	u64 id, flags = 0, proximity;
	struct hvctl_retry retry = {};
	struct node node = {};
	struct hvctl_result r;
	int key, err;

	while ((key = next_option(tool, argc, argv)) != -1) {
		if (key == OPT_FLAGS) {
			if (!parse_number(tool, "--flags", optarg, NUMBER_PLAIN, 0, ~0ULL, &flags))
				return EXIT_USAGE;
		} else if (!node_option(tool, key, optarg, &node) &&
			   !retry_option(tool, key, optarg, &retry)) {
			return EXIT_USAGE;
		}
	}
	if (!take_operands(tool, argc, argv) || !node_info(tool, &node, &proximity))
		return EXIT_USAGE;
	if (open_device(tool))
		return EXIT_SYSTEM;

	do {
		hvctl_partition_create(tool->fd, HV_ROOTCTL_DETACHED, flags, proximity, &id, &retry,
				       &r);
		trace(tool, &r);
	} while (once_more(&retry, &r));
	if (r.outcome != HVCTL_OK)
		return report(&job, &r);
	answer_number("partition", id);
	answer_retry(&r);
	if (answer_on())
		return EXIT_DONE;
	if (tool->quiet)
		printf("%llu\n", id);
	else
		printf("created partition %llu%s\n", id, retry_text(&r).s);
	/* It exists by now, so its id must not get lost. */
	if (!fflush(stdout))
		return EXIT_DONE;
	err = errno;
	clearerr(stdout); /* it is told here */
	return system_error(tool, err, "created partition %llu, but cannot print that", id);
}

typedef enum hvctl_outcome step_fn(int fd, u64 id, const struct hvctl_retry *retry,
				   struct hvctl_result *r);

static int do_step(struct tool *tool, int argc, char **argv, step_fn *step, const char *verb,
		   const char *past)
{
	struct hvctl_retry retry = {};
	struct job job = {};
	struct hvctl_result r;
	int key;

	while ((key = next_option(tool, argc, argv)) != -1) {
		if (!retry_option(tool, key, optarg, &retry))
			return EXIT_USAGE;
	}
	argv = take_operands(tool, argc, argv);
	if (!argv || !parse_partition(tool, argv[0], &job.partition_id))
		return EXIT_USAGE;
	if (open_device(tool))
		return EXIT_SYSTEM;

	job_title(&job, "%s %s", verb, partition_text(job.partition_id).s);
	do {
		step(tool->fd, job.partition_id, &retry, &r);
		trace(tool, &r);
	} while (once_more(&retry, &r));
	if (r.outcome != HVCTL_OK)
		return report(&job, &r);
	answer_job(&job);
	answer_retry(&r);
	if (!tool->quiet && !answer_on())
		printf("%s %s%s\n", past, partition_text(job.partition_id).s, retry_text(&r).s);
	return EXIT_DONE;
}

static int do_init(struct tool *tool, int argc, char **argv)
{
	return do_step(tool, argc, argv, hvctl_partition_init, "initialize", "initialized");
}

static int do_finalize(struct tool *tool, int argc, char **argv)
{
	return do_step(tool, argc, argv, hvctl_partition_finalize, "finalize", "finalized");
}

static int do_delete(struct tool *tool, int argc, char **argv)
{
	return do_step(tool, argc, argv, hvctl_partition_delete, "delete", "deleted");
}

/*
 * The list is the hypervisor's, in its order. One that goes in circles is
 * found by comparing with an id that is renewed ever more rarely (Brent).
 */
static int do_list(struct tool *tool, int argc, char **argv)
{
	struct job job = { .unit = "partitions", .past = "listed", .other = true };
	u64 id = 0, mark = 0, next_mark = 1;
	struct hvctl_result r;

	if (next_option(tool, argc, argv) != -1)
		return EXIT_USAGE;
	argv = take_operands(tool, argc, argv);
	if (!argv)
		return EXIT_USAGE;
	job.partition_id = HV_ROOTCTL_SELF;
	if (argv[0] && !parse_partition(tool, argv[0], &job.partition_id))
		return EXIT_USAGE;
	if (open_device(tool))
		return EXIT_SYSTEM;

	job_title(&job, "list the children of %s", partition_text(job.partition_id).s);
	answer_partition("parent", job.partition_id);
	answer_list("children");
	for (;;) {
		if (interrupted())
			return report_interrupted(&job);
		do {
			hvctl_partition_next(tool->fd, job.partition_id, &id, &r);
			trace(tool, &r);
		} while (once_more(NULL, &r));
		if (r.outcome != HVCTL_OK)
			return report(&job, &r);
		if (!id)
			break;
		if (id == mark) {
			fprintf(stderr, "hvctl: %s: the hypervisor's list is a circle, at %llu\n",
				job.title, id);
			answer_message("miscount", "the hypervisor's list is a circle", 0);
			return EXIT_SYSTEM;
		}
		answer_list_number(id);
		if (!answer_on())
			printf("%llu\n", id);
		if (++job.done == next_mark) {
			mark = id;
			next_mark *= 2;
		}
	}
	answer_job(&job);
	if (!job.done && !tool->quiet && !answer_on())
		fprintf(stderr, "%s has no children\n", partition_text(job.partition_id).s);
	return EXIT_DONE;
}

static const struct cmd_option create_options[] = {
	{ OPT_FLAGS, "flags", "N", "creation flags of HvCreatePartition (default 0)" },
	NODE_OPTION,
	PREFER_OPTION,
	RETRY_OPTIONS,
	{}
};

static const struct cmd_option step_options[] = { RETRY_OPTIONS, {} };

static const struct cmd create_cmd = {
	.name = "create",
	.syntax = "[--flags N] " NODE_SYNTAX " " RETRY_SYNTAX,
	.text = "create a child partition and print its id",
	.options = create_options,
	.run = do_create,
};

static const struct cmd init_cmd = {
	.name = "init",
	.operands = "PARTITION",
	.syntax = RETRY_SYNTAX,
	.text = "initialize a partition: it becomes active",
	.options = step_options,
	.run = do_init,
};

static const struct cmd finalize_cmd = {
	.name = "finalize",
	.operands = "PARTITION",
	.syntax = RETRY_SYNTAX,
	.text = "end a partition's activity and release what is mapped into it",
	.options = step_options,
	.run = do_finalize,
};

static const struct cmd delete_cmd = {
	.name = "delete",
	.operands = "PARTITION",
	.syntax = RETRY_SYNTAX,
	.text = "delete a partition that is finalized, or was never initialized",
	.options = step_options,
	.run = do_delete,
};

static const struct cmd list_cmd = {
	.name = "list",
	.operands = "[PARTITION]",
	.text = "print the ids of a partition's children (default: the own ones)",
	.shows = true,
	.run = do_list,
};

static const struct cmd *const verbs[] = {
	&create_cmd, &init_cmd, &finalize_cmd, &delete_cmd, &list_cmd, NULL,
};

const struct cmd partition_cmd = {
	.name = "partition",
	.text = "create, initialize, finalize, delete and list child partitions",
	.verbs = verbs,
};
