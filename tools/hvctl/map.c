// SPDX-License-Identifier: GPL-2.0
/* hvctl map, unmap: the GPA space of a partition. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

/* Offsets of files are signed. */
#define FILE_MAX 0x7ffffffffffff000ULL

struct source {
	const char *path;
	u64 offset;
	u64 size; /* 0: up to the end of the file */
	bool create;
	u32 map_flags;
	/* What --create has done: */
	bool created;
	bool extended;
	u64 old_length;
};

/* Finds out the size, or makes the file that long. */
static int fit_file(struct tool *tool, int fd, struct source *source)
{
	struct stat st;
	u64 length;

	if (fstat(fd, &st))
		return system_error(tool, errno, "cannot stat %s", source->path);
	length = st.st_size;
	if (!source->size) {
		if (length <= source->offset)
			return usage_error(tool, "--offset %llu is not inside %s, %llu bytes",
					   source->offset, source->path, length);
		if (length & HV_PAGE_MASK)
			return usage_error(tool, "%s, %llu bytes, ends within a page: give --size",
					   source->path, length);
		source->size = length - source->offset;
	}
	if (source->size > FILE_MAX - source->offset)
		return usage_error(tool, "--offset and --size add up to more than %llu",
				   FILE_MAX);
	if (length >= source->offset + source->size)
		return EXIT_DONE;
	if (!source->create)
		return usage_error(tool, "%s has %llu bytes, %llu are needed: --create extends it",
				   source->path, length, source->offset + source->size);
	if (ftruncate(fd, source->offset + source->size))
		return system_error(tool, errno, "cannot extend %s to %llu bytes", source->path,
				    source->offset + source->size);
	source->extended = true;
	source->old_length = length;
	return EXIT_DONE;
}

static int open_file(struct source *source, bool writable)
{
	const int flags = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC;
	int fd;

	fd = open(source->path, flags);
	if (fd < 0 && errno == ENOENT && source->create) {
		fd = open(source->path, flags | O_CREAT | O_EXCL, 0600);
		source->created = fd >= 0;
	}
	return fd;
}

/* Nothing was mapped: what --create has made takes no memory any longer. */
static void undo_create(const struct source *source)
{
	if (source->created)
		unlink(source->path);
	else if (source->extended && truncate(source->path, source->old_length))
		fprintf(stderr, "hvctl map: %s keeps its new length\n", source->path);
}

static int map_file(struct tool *tool, struct source *source, void **memory)
{
	const bool writable = source->map_flags & HV_MAP_GPA_WRITABLE || source->create;
	int fd, status;

	*memory = NULL;
	fd = open_file(source, writable);
	if (fd < 0)
		return system_error(tool, errno, "cannot open %s", source->path);
	status = fit_file(tool, fd, source);
	if (status == EXIT_DONE) {
		*memory = mmap(NULL, source->size, PROT_READ | (writable ? PROT_WRITE : 0),
			       MAP_SHARED, fd, source->offset);
		if (*memory == MAP_FAILED)
			status = system_error(tool, errno, "cannot map %llu bytes of %s",
					      source->size, source->path);
	}
	close(fd);
	if (status != EXIT_DONE)
		undo_create(source);
	return status;
}

static bool map_option(struct tool *tool, int key, const char *arg, struct source *source)
{
	switch (key) {
	case OPT_FILE:
		source->path = arg;
		return true;
	case OPT_OFFSET:
		return parse_number(tool, "--offset", arg, NUMBER_SIZE, 0, FILE_MAX,
				    &source->offset) &&
		       check_aligned(tool, "--offset", arg, source->offset);
	case OPT_SIZE:
		return parse_number(tool, "--size", arg, NUMBER_SIZE, 1, FILE_MAX,
				    &source->size) &&
		       check_aligned(tool, "--size", arg, source->size);
	case OPT_RIGHTS:
		return parse_rights(tool, arg, &source->map_flags);
	case OPT_CREATE:
		source->create = true;
		return true;
	default:
		return false;
	}
}

static int do_map(struct tool *tool, int argc, char **argv)
{
	struct source source = {
		.map_flags = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE | HV_MAP_GPA_EXECUTABLE,
	};
	struct job job = { .unit = "bytes", .past = "mapped" };
	struct hvctl_retry retry = {};
	struct hvctl_result r;
	void *memory;
	int key, status;
	u64 gpa;

	while ((key = next_option(tool, argc, argv)) != -1) {
		if (!map_option(tool, key, optarg, &source) &&
		    !retry_option(tool, key, optarg, &retry))
			return EXIT_USAGE;
	}
	argv = take_operands(tool, argc, argv);
	if (!argv || !parse_partition(tool, argv[0], &job.partition_id) ||
	    !parse_gpa(tool, argv[1], &gpa) || !check_aligned(tool, "GPA", argv[1], gpa))
		return EXIT_USAGE;
	if (!source.path)
		return usage_error(tool, "--file is missing");
	if (source.create && !source.size)
		return usage_error(tool, "--create needs --size");
	if (!check_range(tool, gpa, source.size))
		return EXIT_USAGE;
	if (open_device(tool))
		return EXIT_SYSTEM;
	status = map_file(tool, &source, &memory);
	if (status != EXIT_DONE)
		return status;
	if (!check_range(tool, gpa, source.size))
		return EXIT_USAGE;

	job.total = source.size;
	answer_partition("partition", job.partition_id);
	answer_number("gpa", gpa);
	answer_text("file", source.path);
	job_title(&job, "map %llu bytes at GPA 0x%llx of %s", source.size, gpa,
		  partition_text(job.partition_id).s);
	do {
		hvctl_map(tool->fd, HV_ROOTCTL_DETACHED, job.partition_id, gpa, memory,
			  source.size, source.map_flags, &retry, &r);
		trace(tool, &r);
	} while (once_more(&retry, &r));
	job.done = r.done;
	if (r.outcome != HVCTL_OK) {
		if (!r.done)
			undo_create(&source);
		return report(&job, &r);
	}
	answer_job(&job);
	answer_retry(&r);
	if (!tool->quiet && !answer_on())
		printf("mapped %llu bytes of %s at GPA 0x%llx of %s%s\n", r.done, source.path, gpa,
		       partition_text(job.partition_id).s, retry_text(&r).s);
	return EXIT_DONE;
}

static int do_unmap(struct tool *tool, int argc, char **argv)
{
	struct job job = { .unit = "bytes", .past = "unmapped" };
	struct hvctl_retry retry = {};
	struct hvctl_result r;
	u64 gpa, size = 0;
	int key;

	while ((key = next_option(tool, argc, argv)) != -1) {
		if (key != OPT_SIZE) {
			if (!retry_option(tool, key, optarg, &retry))
				return EXIT_USAGE;
			continue;
		}
		if (!parse_number(tool, "--size", optarg, NUMBER_SIZE, 1, ~0ULL, &size) ||
		    !check_aligned(tool, "--size", optarg, size))
			return EXIT_USAGE;
	}
	argv = take_operands(tool, argc, argv);
	if (!argv || !parse_partition(tool, argv[0], &job.partition_id) ||
	    !parse_gpa(tool, argv[1], &gpa) || !check_aligned(tool, "GPA", argv[1], gpa))
		return EXIT_USAGE;
	if (!size)
		return usage_error(tool, "--size is missing");
	if (!check_range(tool, gpa, size))
		return EXIT_USAGE;
	if (open_device(tool))
		return EXIT_SYSTEM;

	job.total = size;
	answer_partition("partition", job.partition_id);
	answer_number("gpa", gpa);
	job_title(&job, "unmap %llu bytes at GPA 0x%llx of %s", size, gpa,
		  partition_text(job.partition_id).s);
	do {
		hvctl_unmap(tool->fd, job.partition_id, gpa, size, &retry, &r);
		trace(tool, &r);
	} while (once_more(&retry, &r));
	job.done = r.done;
	if (r.outcome != HVCTL_OK)
		return report(&job, &r);
	answer_job(&job);
	answer_retry(&r);
	if (!tool->quiet && !answer_on())
		printf("unmapped %llu bytes at GPA 0x%llx of %s%s\n", r.done, gpa,
		       partition_text(job.partition_id).s, retry_text(&r).s);
	return EXIT_DONE;
}

static const struct cmd_option map_options[] = {
	{ OPT_FILE, "file", "PATH", "whose memory to map, on a tmpfs such as /dev/shm" },
	{ OPT_OFFSET, "offset", "N", "where in the file to begin, in bytes (default 0)" },
	{ OPT_SIZE, "size", "N", "how many bytes (default: up to the end of the file)" },
	{ OPT_RIGHTS, "rights", "rwx", "of the partition: none, r, rw, rx or rwx (default rwx)" },
	{ OPT_CREATE, "create", NULL, "create or extend the file as needed" },
	RETRY_OPTIONS,
	{}
};

const struct cmd map_cmd = {
	.name = "map",
	.operands = "PARTITION GPA",
	.syntax = "--file PATH [--offset N] [--size N] [--rights rwx] [--create] "
		  RETRY_SYNTAX,
	.text = "map a file's memory into a partition",
	.options = map_options,
	.run = do_map,
};

static const struct cmd_option unmap_options[] = {
	{ OPT_SIZE, "size", "N", "how many bytes: a range as it was mapped" },
	RETRY_OPTIONS,
	{}
};

const struct cmd unmap_cmd = {
	.name = "unmap",
	.operands = "PARTITION GPA",
	.syntax = "--size N " RETRY_SYNTAX,
	.text = "undo a map",
	.options = unmap_options,
	.run = do_unmap,
};
