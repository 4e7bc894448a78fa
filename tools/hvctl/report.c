// SPDX-License-Identifier: GPL-2.0
/*
 * What came of a job, in words: which call, both faces of the answer, what was
 * done so far, and what to do next where that is known. Returns exit statuses.
 */
#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "tool.h"

static struct text partition_word(u64 id)
{
	struct text text;

	if (id == HV_ROOTCTL_SELF)
		snprintf(text.s, sizeof(text.s), "self");
	else
		snprintf(text.s, sizeof(text.s), "%llu", id);
	return text;
}

struct text partition_text(u64 id)
{
	struct text text;

	if (id == HV_ROOTCTL_SELF)
		snprintf(text.s, sizeof(text.s), "partition self");
	else
		snprintf(text.s, sizeof(text.s), "partition %llu", id);
	return text;
}

struct text status_text(u32 hv_status)
{
	const char *name = NULL;
	struct text text;

	if (hv_status <= 0xffff)
		name = hv_status_name(hv_status);
	if (hv_status == HV_ROOTCTL_NO_STATUS)
		snprintf(text.s, sizeof(text.s), "none, no hypercall was made");
	else if (name)
		snprintf(text.s, sizeof(text.s), "HV_STATUS_%s (0x%x)", name, hv_status);
	else
		snprintf(text.s, sizeof(text.s), "unknown HV_STATUS (0x%x)", hv_status);
	return text;
}

struct text retry_text(const struct hvctl_result *r)
{
	struct text text = {};

	if (r->retry.pages_deposited)
		snprintf(text.s, sizeof(text.s), " (%llu pages deposited for it)",
			 r->retry.pages_deposited);
	return text;
}

void job_title(struct job *job, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(job->title, sizeof(job->title), format, args);
	va_end(args);
}

/* What an errno of the device means; @call 0 is for every call without own. */
static const struct {
	int err;
	u16 call;
	const char *text;
} errno_texts[] = {
	{ ENOTTY, 0, "the device has no such ioctl: not hv_rootctl, or an old one" },
	{ E2BIG, 0, "the module is older than hvctl and lacks what was asked for" },
	{ EINVAL, 0, "the kernel refused an argument" },
	{ EOPNOTSUPP, 0, "not supported by this module or transport" },
	{ ENOENT, HVCALL_UNMAP_GPA_PAGES,
	  "this range was not mapped through this module: unmap a range as it was mapped" },
	{ ENOENT, HVCALL_DEPOSIT_MEMORY,
	  "fewer pages are held than were withdrawn: the kernel was short of memory" },
	{ ENOENT, 0, "the module knows no such object" },
	{ EEXIST, 0, "the guest range, or a part of it, is mapped already" },
	{ EFAULT, HVCALL_MAP_GPA_PAGES,
	  "the kernel cannot pin this memory: is the file on a tmpfs, with room for it?" },
	{ EFAULT, 0, "the kernel could not reach hvctl's buffer" },
	{ ENOMEM, HVCALL_MAP_GPA_PAGES,
	  "the kernel is short of memory, or the limit of locked memory is reached (ulimit -l)" },
	{ ENOMEM, 0, "the kernel is short of memory" },
	{ EOVERFLOW, 0, "address and length go beyond 64 bits" },
	{ EPROTO, 0,
	  "the hypervisor broke the protocol: success without progress, or more than asked for" },
	{ EPERM, 0, "hvctl needs CAP_SYS_ADMIN" },
	{ ENODEV, 0, "no hypervisor answers behind the module" },
};

const char *errno_text(const struct hvctl_result *r)
{
	size_t i;

	for (i = 0; i < sizeof(errno_texts) / sizeof(*errno_texts); i++)
		if (errno_texts[i].err == r->err &&
		    (!errno_texts[i].call || errno_texts[i].call == r->call))
			return errno_texts[i].text;
	return strerror(r->err);
}

static void print_errno(const struct hvctl_result *r)
{
	const char *name = strerrorname_np(r->err);

	fprintf(stderr, "  errno:   %s (%d): %s\n", name ? name : "unknown", r->err,
		errno_text(r));
}

static bool is_access(const struct hvctl_result *r)
{
	return r->call == HVCALL_READ_GPA || r->call == HVCALL_WRITE_GPA;
}

static void print_status(const struct hvctl_result *r)
{
	const char *text = r->hv_status <= 0xffff ? hv_status_text(r->hv_status) : NULL;

	if (is_access(r) && r->hv_status == HV_STATUS_SUCCESS)
		text = "the access result counts";
	fprintf(stderr, "  call:    %s (0x%x)\n", hv_call_name(r->call), r->call);
	fprintf(stderr, "  status:  %s%s%s\n", status_text(r->hv_status).s, text ? ": " : "",
		text ? text : "");
}

/*
 * The TLFS has two readings of what codes 2 to 4 say about the page. In both,
 * a code other than 0 means that this piece was not read or written.
 */
static void print_access(const struct hvctl_result *r)
{
	const char *past = r->call == HVCALL_READ_GPA ? "read" : "written";
	const char *name = hv_access_gpa_result_name(r->access_result);

	if (r->hv_status == HV_ROOTCTL_NO_STATUS)
		return;
	if (r->hv_status != HV_STATUS_SUCCESS)
		fprintf(stderr, "  at:      GPA 0x%llx: nothing was %s there\n", r->fail_gpa, past);
	else if (r->access_result)
		fprintf(stderr, "  access:  %s (%u): nothing was %s at GPA 0x%llx\n",
			name ? name : "unknown result", r->access_result, past, r->fail_gpa);
}

/* What to do next: @why, and an hvctl command on the partition @id. */
static void advise(const char *why, const char *before, u64 id, const char *after)
{
	fprintf(stderr, "  hint:    %s: hvctl %s %s%s\n", why, before, partition_word(id).s, after);
}

static void hint_deposit(u64 id)
{
	advise("deposit into that pool, then try again", "deposit", id, " --pages N");
}

/* Which argument it was, of those that hvctl could not judge itself. */
static const struct {
	u32 hv_status;
	u16 call;
	const char *text;
} argument_hints[] = {
	{ HV_STATUS_INVALID_PARAMETER, HVCALL_CREATE_PARTITION,
	  "--flags that the hypervisor does not know, or a --node that the machine has not" },
	{ HV_STATUS_INVALID_PARAMETER, HVCALL_CREATE_VP, "a --node that the machine has not" },
	{ HV_STATUS_INVALID_PARAMETER, HVCALL_WITHDRAW_MEMORY,
	  "a --node that the machine has not" },
	{ HV_STATUS_INVALID_PARAMETER, HVCALL_GET_MEMORY_BALANCE,
	  "a --node that the machine has not" },
	{ HV_STATUS_INVALID_PARAMETER, HVCALL_MAP_GPA_PAGES,
	  "a GPA beyond the partition's address space" },
	{ HV_STATUS_INVALID_PARAMETER, HVCALL_READ_GPA,
	  "a GPA beyond the partition's address space" },
	{ HV_STATUS_INVALID_PARAMETER, HVCALL_WRITE_GPA,
	  "a GPA beyond the partition's address space" },
	{ HV_STATUS_INVALID_VP_INDEX, HVCALL_CREATE_VP,
	  "INDEX is there already, or above the hypervisor's limit" },
	{ HV_STATUS_OPERATION_DENIED, HVCALL_CREATE_VP,
	  "its partition reserves processors, and so much is not left" },
};

static void print_argument_hint(const struct hvctl_result *r)
{
	size_t i;

	for (i = 0; i < sizeof(argument_hints) / sizeof(*argument_hints); i++)
		if (argument_hints[i].hv_status == r->hv_status &&
		    argument_hints[i].call == r->call)
			fprintf(stderr, "  hint:    %s\n", argument_hints[i].text);
}

/* Where a limit was given: how much of it went, and why no more. */
static void print_retry(const struct hvctl_result *r)
{
	const struct hv_rootctl_retry *retry = &r->retry;

	if (!retry->deposit_limit && !retry->time_out_limit)
		return;
	fprintf(stderr, "  retry:   the call was made again %u times", retry->repeated);
	if (retry->deposit_limit)
		fprintf(stderr, ", %llu of at most %u pages deposited", retry->pages_deposited,
			retry->deposit_limit);
	fprintf(stderr, "\n");
	if (retry->deposit_status && retry->deposit_status != HV_ROOTCTL_NO_STATUS)
		fprintf(stderr, "  deposit: %s\n", status_text(retry->deposit_status).s);
}

static void print_hint(const struct job *job, const struct hvctl_result *r)
{
	const u64 id = job->partition_id;

	print_argument_hint(r);
	switch (r->hv_status) {
	case HV_STATUS_INSUFFICIENT_MEMORY:
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY:
	case HV_STATUS_INSUFFICIENT_MEMORY_MIRRORING:
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY_MIRRORING:
		hint_deposit(id);
		break;
	case HV_STATUS_INSUFFICIENT_ROOT_MEMORY:
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY:
	case HV_STATUS_INSUFFICIENT_ROOT_MEMORY_MIRRORING:
	case HV_STATUS_INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY_MIRRORING:
		hint_deposit(HV_ROOTCTL_SELF);
		break;
	case HV_STATUS_OPERATION_DENIED:
		if (r->call == HVCALL_DELETE_PARTITION)
			advise("its pool must be empty", "withdraw", id, " --pages all");
		break;
	case HV_STATUS_INVALID_PARTITION_STATE:
		if (r->call == HVCALL_DELETE_PARTITION)
			advise("it must be finalized first", "partition finalize", id, "");
		else if (is_access(r) || r->call == HVCALL_MAP_GPA_PAGES ||
			 r->call == HVCALL_CREATE_VP)
			advise("it must be initialized first", "partition init", id, "");
		break;
	case HV_STATUS_INVALID_VP_INDEX:
		if (is_access(r))
			advise("there must be that virtual processor", "vp create", id, " INDEX");
		break;
	}
}

void report_done(const struct job *job)
{
	if (!job->unit)
		return;
	fprintf(stderr, "  done:    %llu ", job->done);
	if (job->total)
		fprintf(stderr, "of %llu ", job->total);
	fprintf(stderr, "%s %s", job->unit, job->past);
	if (job->hypercalls)
		fprintf(stderr, " (hypercalls: %llu)", job->hypercalls);
	fprintf(stderr, "\n");
}

int report_interrupted(const struct job *job)
{
	answer_job(job);
	answer_message("interrupted", "a signal interrupted the work", 0);
	end_progress();
	fprintf(stderr, "hvctl: %s: interrupted\n", job->title);
	report_done(job);
	return EXIT_INTERRUPTED;
}

int report(const struct job *job, const struct hvctl_result *r)
{
	answer_retry(r);
	if (was_interrupted(r)) {
		report_interrupted(job);
		print_retry(r);
		return EXIT_INTERRUPTED;
	}

	answer_job(job);
	answer_failure(r);
	end_progress();
	fprintf(stderr, "hvctl: %s: failed\n", job->title);
	if (r->outcome == HVCTL_ERRNO)
		print_errno(r);
	if (r->outcome == HVCTL_MISCOUNT)
		fprintf(stderr, "  kernel:  reports success, but not what was asked for\n");
	if (r->call)
		print_status(r);
	if (is_access(r))
		print_access(r);
	print_retry(r);
	report_done(job);
	print_hint(job, r);

	switch (r->outcome) {
	case HVCTL_STATUS:
		return EXIT_REFUSED;
	case HVCTL_ACCESS:
		return EXIT_ACCESS;
	default:
		return EXIT_SYSTEM;
	}
}

/* One line per ioctl, for --verbose. */
void trace(const struct tool *tool, const struct hvctl_result *r)
{
	if (!tool->verbose)
		return;
	end_progress();
	fprintf(stderr, "hvctl: %s: errno %d", r->call ? hv_call_name(r->call) : "query", r->err);
	if (r->call)
		fprintf(stderr, ", status %s, done %llu", status_text(r->hv_status).s, r->done);
	if (is_access(r))
		fprintf(stderr, ", access result %u", r->access_result);
	if (r->hypercalls)
		fprintf(stderr, ", hypercalls %llu", r->hypercalls);
	fputc('\n', stderr);
}
