// SPDX-License-Identifier: GPL-2.0
/* hvctl write-gpa, read-gpa: memory of a partition, as one of its VPs sees it. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

#define CHUNK 0x100000ULL /* bytes per ioctl at most */
#define JSON_MAX 0x4000000ULL /* bytes in an object at most */

static u8 buffer[CHUNK];

/*
 * How many bytes from @gpa on make a chunk. It ends at a page boundary, so that
 * splitting costs no hypercall, and at the last address.
 */
static u64 chunk_at(u64 gpa)
{
	const u64 left = -gpa; /* 0: all of the 64 bits */
	const u64 length = CHUNK - (gpa & HV_PAGE_MASK);

	return left && left < length ? left : length;
}

static bool access_option(const struct tool *tool, int key, const char *arg,
			  struct hvctl_access *where)
{
	switch (key) {
	case OPT_VP:
		return parse_u32(tool, "--vp", arg, &where->vp_index);
	case OPT_CACHE:
		return parse_cache(tool, arg, &where->cache_type);
	default:
		return false;
	}
}

typedef enum hvctl_outcome access_fn(int fd, const struct hvctl_access *where, u8 *data,
				     u64 length, struct hvctl_result *r);

static enum hvctl_outcome write_piece(int fd, const struct hvctl_access *where, u8 *data,
				      u64 length, struct hvctl_result *r)
{
	return hvctl_write_gpa(fd, where, data, length, r);
}

static enum hvctl_outcome read_piece(int fd, const struct hvctl_access *where, u8 *data,
				     u64 length, struct hvctl_result *r)
{
	return hvctl_read_gpa(fd, where, data, length, r);
}

/*
 * Moves up to a chunk; @done says how much of it was moved, whatever the exit
 * status is. @where moves on with it.
 */
static int access_chunk(struct tool *tool, struct job *job, access_fn *access,
			struct hvctl_access *where, u64 length, u64 *done)
{
	struct hvctl_result r;

	*done = 0;
	if (job->done)
		show_progress(tool, job);
	while (*done < length) {
		if (interrupted())
			return report_interrupted(job);
		access(tool->fd, where, buffer + *done, length - *done, &r);
		trace(tool, &r);
		*done += r.done;
		job->done += r.done;
		where->gpa += r.done;
		if (r.outcome != HVCTL_OK && !was_interrupted(&r))
			return report(job, &r);
	}
	return EXIT_DONE;
}

/* --- write-gpa ------------------------------------------------------------ */

/* Where the data comes from: memory, or a file when @memory is NULL. */
struct source {
	unsigned int given;
	const u8 *memory;
	size_t length;
	const char *path;
	int fd;
};

static bool source_option(const struct tool *tool, int key, char *arg, struct source *source)
{
	switch (key) {
	case OPT_HEX:
		if (!parse_hex(tool, arg, &source->length))
			return false;
		source->memory = (u8 *)arg;
		break;
	case OPT_STRING:
		source->memory = (u8 *)arg;
		source->length = strlen(arg);
		break;
	case OPT_FILE:
		source->memory = NULL;
		source->path = arg;
		break;
	default:
		return false;
	}
	source->given++;
	return true;
}

/* Opens a file; @total becomes the number of bytes, 0 if that is not known. */
static int open_source(struct tool *tool, struct source *source, u64 *total)
{
	struct stat st;

	*total = source->length;
	if (source->memory)
		return EXIT_DONE;
	if (!source->path || !strcmp(source->path, "-")) {
		source->path = "standard input";
		source->fd = STDIN_FILENO;
	} else {
		source->fd = open(source->path, O_RDONLY | O_CLOEXEC);
		if (source->fd < 0)
			return system_error(tool, errno, "cannot open %s", source->path);
		if (!fstat(source->fd, &st) && S_ISREG(st.st_mode))
			*total = st.st_size;
	}
	return EXIT_DONE;
}

/* Fills the buffer with up to @length bytes; -1: error or interrupt, errno. */
static ssize_t fill_buffer(struct source *source, size_t length)
{
	size_t filled = 0;
	ssize_t got;

	if (source->memory) {
		if (length > source->length)
			length = source->length;
		memcpy(buffer, source->memory, length);
		source->memory += length;
		source->length -= length;
		return length;
	}
	while (filled < length) {
		got = read(source->fd, buffer + filled, length - filled);
		if (got < 0 && (errno != EINTR || interrupted()))
			return -1;
		if (!got)
			break;
		if (got > 0)
			filled += got;
	}
	return filled;
}

static int write_all(struct tool *tool, struct job *job, struct hvctl_access *where,
		     struct source *source)
{
	int status = EXIT_DONE;
	ssize_t length;
	u64 done;

	for (;;) {
		length = fill_buffer(source, chunk_at(where->gpa));
		if (length < 0 && interrupted())
			return report_interrupted(job);
		if (length < 0) {
			status = system_error(tool, errno, "cannot read %s", source->path);
			report_done(job);
			return status;
		}
		if (!length)
			return EXIT_DONE;
		/* Only data of unknown length gets as far as the end. */
		if (job->done && !where->gpa) {
			status = usage_error(tool, "the data runs past the last address, 0x%llx",
					     ~0ULL);
			report_done(job);
			return status;
		}
		status = access_chunk(tool, job, write_piece, where, length, &done);
		if (status != EXIT_DONE)
			return status;
	}
}

static int do_write(struct tool *tool, int argc, char **argv)
{
	struct hvctl_access where = { .cache_type = HV_CACHE_TYPE_WRITE_BACK };
	struct job job = { .unit = "bytes", .past = "written" };
	struct source source = {};
	int key, status;

	while ((key = next_option(tool, argc, argv)) != -1) {
		if (!access_option(tool, key, optarg, &where) &&
		    !source_option(tool, key, optarg, &source))
			return EXIT_USAGE;
	}
	argv = take_operands(tool, argc, argv);
	if (!argv || !parse_partition(tool, argv[0], &where.partition_id) ||
	    !parse_gpa(tool, argv[1], &where.gpa))
		return EXIT_USAGE;
	if (source.given > 1)
		return usage_error(tool, "give one of --hex, --string and --file, once");
	if (source.memory && !source.length)
		return usage_error(tool, "the data is empty: at least 1 byte");
	status = open_source(tool, &source, &job.total);
	if (status != EXIT_DONE)
		return status;
	if (!check_range(tool, where.gpa, job.total))
		return EXIT_USAGE;
	if (open_device(tool))
		return EXIT_SYSTEM;

	job.partition_id = where.partition_id;
	answer_partition("partition", where.partition_id);
	answer_number("gpa", where.gpa);
	job_title(&job, "write at GPA 0x%llx of %s", where.gpa,
		  partition_text(job.partition_id).s);
	status = write_all(tool, &job, &where, &source);
	end_progress();
	if (status == EXIT_DONE && !job.done)
		return usage_error(tool, "%s is empty: at least 1 byte", source.path);
	answer_job(&job);
	if (answer_on())
		return status;
	if (tool->quiet)
		printf("%llu\n", job.done);
	else if (status == EXIT_DONE)
		printf("wrote %llu bytes at GPA 0x%llx of %s\n", job.done, where.gpa - job.done,
		       partition_text(job.partition_id).s);
	return status;
}

/* --- read-gpa ------------------------------------------------------------- */

struct sink {
	FILE *out;
	const char *path;
	bool raw;
	u8 *memory; /* all of it, for --json */
	struct hexdump dump;
};

static int read_all(struct tool *tool, struct job *job, struct hvctl_access *where,
		    struct sink *sink)
{
	int status = EXIT_DONE;
	u64 length, done;

	while (status == EXIT_DONE && job->done < job->total) {
		length = chunk_at(where->gpa);
		if (length > job->total - job->done)
			length = job->total - job->done;
		status = access_chunk(tool, job, read_piece, where, length, &done);
		/* What was read before a failure is good, and not read again. */
		if (sink->raw)
			fwrite(buffer, 1, done, sink->out);
		else if (sink->memory)
			memcpy(sink->memory + job->done - done, buffer, done);
		else
			hexdump_feed(&sink->dump, buffer, done);
		if (ferror(sink->out))
			break;
	}
	if (!sink->raw && !sink->memory)
		hexdump_end(&sink->dump);
	return status;
}

static int close_sink(struct tool *tool, struct sink *sink, int status)
{
	int err = 0;

	if (fflush(sink->out))
		err = errno;
	else if (ferror(sink->out))
		err = EIO;
	if (sink->path && fclose(sink->out) && !err)
		err = errno;
	if (!err)
		return status;
	clearerr(stdout);
	status = system_error(tool, err, "cannot write to %s",
			      sink->path ? sink->path : "standard output");
	return interrupted() ? EXIT_INTERRUPTED : status;
}

static int do_read(struct tool *tool, int argc, char **argv)
{
	struct hvctl_access where = { .cache_type = HV_CACHE_TYPE_WRITE_BACK };
	struct job job = { .unit = "bytes", .past = "read" };
	struct sink sink = { .out = stdout };
	int key, status;

	while ((key = next_option(tool, argc, argv)) != -1) {
		if (key == OPT_RAW)
			sink.raw = true;
		else if (key == OPT_OUTPUT)
			sink.path = optarg;
		else if (!access_option(tool, key, optarg, &where))
			return EXIT_USAGE;
	}
	argv = take_operands(tool, argc, argv);
	if (!argv || !parse_partition(tool, argv[0], &where.partition_id) ||
	    !parse_gpa(tool, argv[1], &where.gpa) ||
	    !parse_number(tool, "LENGTH", argv[2], NUMBER_SIZE, 1, ~0ULL, &job.total) ||
	    !check_range(tool, where.gpa, job.total))
		return EXIT_USAGE;
	if (sink.raw && sink.path)
		return usage_error(tool, "--raw and --output exclude each other");
	if (sink.raw && answer_on())
		return usage_error(tool, "--raw and --json exclude each other");
	if (answer_on() && !sink.path && job.total > JSON_MAX)
		return usage_error(tool, "LENGTH is more than --json takes, %llu: give --output",
				   JSON_MAX);
	if (open_device(tool))
		return EXIT_SYSTEM;
	if (sink.path) {
		sink.raw = true;
		sink.out = fopen(sink.path, "we");
		if (!sink.out)
			return system_error(tool, errno, "cannot create %s", sink.path);
	} else if (answer_on()) {
		sink.memory = malloc(job.total);
		if (!sink.memory)
			return system_error(tool, ENOMEM, "cannot hold %llu bytes", job.total);
	}

	job.partition_id = where.partition_id;
	answer_partition("partition", where.partition_id);
	answer_number("gpa", where.gpa);
	job_title(&job, "read at GPA 0x%llx of %s", where.gpa, partition_text(job.partition_id).s);
	sink.dump = (struct hexdump){
		.out = sink.out,
		.addr = where.gpa,
		.width = where.gpa + (job.total - 1) > 0xffffffff ? 16 : 8,
		.all = tool->verbose,
	};
	status = read_all(tool, &job, &where, &sink);
	end_progress();
	status = close_sink(tool, &sink, status);
	answer_job(&job);
	if (sink.memory)
		answer_hex("data", sink.memory, job.done);
	else if (sink.path)
		answer_text("file", sink.path);
	free(sink.memory);
	if (sink.path && !tool->quiet && !answer_on() && status == EXIT_DONE)
		printf("read %llu bytes into %s\n", job.done, sink.path);
	return status;
}

#define VP_OPTION \
	{ OPT_VP, "vp", "N", "access as virtual processor N (default 0)" }
#define CACHE_OPTION \
	{ OPT_CACHE, "cache", "TYPE", "wb, wt, wp, wc or uc (default wb)" }

static const struct cmd_option write_options[] = {
	{ OPT_HEX, "hex", "BYTES", "data as hex digits, such as \"de ad be ef\"" },
	{ OPT_STRING, "string", "TEXT", "data as text, without an end mark" },
	{ OPT_FILE, "file", "PATH", "data from a file (default, or \"-\": standard input)" },
	VP_OPTION,
	CACHE_OPTION,
	{}
};

const struct cmd write_gpa_cmd = {
	.name = "write-gpa",
	.operands = "PARTITION GPA",
	.syntax = "[--hex BYTES | --string TEXT | --file PATH] [--vp N] [--cache TYPE]",
	.text = "write into a partition's memory, any number of bytes",
	.options = write_options,
	.run = do_write,
};

static const struct cmd_option read_options[] = {
	{ OPT_RAW, "raw", NULL, "the bytes themselves to standard output, no dump" },
	{ OPT_OUTPUT, "output", "FILE", "the bytes themselves into a file" },
	VP_OPTION,
	CACHE_OPTION,
	{}
};

const struct cmd read_gpa_cmd = {
	.name = "read-gpa",
	.operands = "PARTITION GPA LENGTH",
	.syntax = "[--raw | --output FILE] [--vp N] [--cache TYPE]",
	.text = "read a partition's memory",
	.options = read_options,
	.shows = true,
	.run = do_read,
};
