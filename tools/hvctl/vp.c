// SPDX-License-Identifier: GPL-2.0
/* hvctl vp: virtual processors of a partition. */
#include <getopt.h>

#include "tool.h"

static int do_vp(struct tool *tool, int argc, char **argv, bool create)
{
	struct hvctl_retry retry = {};
	struct node node = {};
	struct hvctl_result r;
	struct job job = {};
	u64 proximity;
	u32 index;
	int key;

	while ((key = next_option(tool, argc, argv)) != -1) {
		if (!node_option(tool, key, optarg, &node) &&
		    !retry_option(tool, key, optarg, &retry))
			return EXIT_USAGE;
	}
	argv = take_operands(tool, argc, argv);
	if (!argv || !parse_partition(tool, argv[0], &job.partition_id) ||
	    !parse_u32(tool, "INDEX", argv[1], &index) || !node_info(tool, &node, &proximity))
		return EXIT_USAGE;
	if (open_device(tool))
		return EXIT_SYSTEM;

	answer_partition("partition", job.partition_id);
	answer_number("vp", index);
	job_title(&job, "%s virtual processor %u of %s", create ? "create" : "delete", index,
		  partition_text(job.partition_id).s);
	do {
		if (create)
			hvctl_vp_create(tool->fd, HV_ROOTCTL_DETACHED, job.partition_id, index,
					proximity, &retry, &r);
		else
			hvctl_vp_delete(tool->fd, job.partition_id, index, &retry, &r);
		trace(tool, &r);
	} while (once_more(&retry, &r));
	if (r.outcome != HVCTL_OK)
		return report(&job, &r);
	answer_retry(&r);
	if (!tool->quiet && !answer_on())
		printf("%s virtual processor %u of %s%s\n", create ? "created" : "deleted", index,
		       partition_text(job.partition_id).s, retry_text(&r).s);
	return EXIT_DONE;
}

static int do_create(struct tool *tool, int argc, char **argv)
{
	return do_vp(tool, argc, argv, true);
}

static int do_delete(struct tool *tool, int argc, char **argv)
{
	return do_vp(tool, argc, argv, false);
}

static const struct cmd_option create_options[] = { NODE_OPTION, PREFER_OPTION, RETRY_OPTIONS, {} };

static const struct cmd_option delete_options[] = { RETRY_OPTIONS, {} };

static const struct cmd create_cmd = {
	.name = "create",
	.operands = "PARTITION INDEX",
	.syntax = NODE_SYNTAX " " RETRY_SYNTAX,
	.text = "create a virtual processor in an active partition",
	.options = create_options,
	.run = do_create,
};

static const struct cmd delete_cmd = {
	.name = "delete",
	.operands = "PARTITION INDEX",
	.syntax = RETRY_SYNTAX,
	.text = "delete a virtual processor",
	.options = delete_options,
	.run = do_delete,
};

static const struct cmd *const verbs[] = { &create_cmd, &delete_cmd, NULL };

const struct cmd vp_cmd = {
	.name = "vp",
	.text = "create and delete virtual processors",
	.verbs = verbs,
};
