// SPDX-License-Identifier: GPL-2.0
/*
 * Long work: it can be interrupted, and shows how far it is.
 *
 * The first SIGINT, SIGTERM or SIGHUP sets a flag, so that what was done can
 * be told; the second one ends the program the hard way.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "tool.h"

static atomic_bool signal_seen;
static bool line_open;

static void on_signal(int number)
{
	(void)number;
	signal_seen = true;
}

void catch_interrupts(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = {
		.sa_handler = on_signal,
		/* No SA_RESTART: a blocked read or ioctl shall return. */
		.sa_flags = SA_RESETHAND,
	};
	struct sigaction old;
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		/* What the parent had ignored (nohup) stays ignored. */
		if (!sigaction(numbers[i], NULL, &old) && old.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
}

bool interrupted(void)
{
	return signal_seen;
}

/*
 * EINTR without one of our signals (the job was stopped and continued, say)
 * is no reason to end: what is left is done by the next ioctl.
 */
bool was_interrupted(const struct hvctl_result *r)
{
	return r->outcome == HVCTL_ERRNO && r->err == EINTR;
}

/*
 * The same for a call of one ioctl: is it to be made again? The kernel has
 * undone what it had begun, or goes on with it the next time. Only what was
 * deposited for it stays: that counts against @retry's limit (NULL where the
 * call has none), and @r tells the sum of all attempts.
 */
bool once_more(struct hvctl_retry *retry, struct hvctl_result *r)
{
	static struct hv_rootctl_retry before;
	struct hv_rootctl_retry *all = &r->retry;

	all->deposit_limit += before.pages_deposited;
	all->pages_deposited += before.pages_deposited;
	all->repeated += before.repeated;
	if (!was_interrupted(r) || interrupted())
		return false;
	before = *all;
	if (retry)
		retry->deposit_limit = all->deposit_limit > all->pages_deposited ?
			all->deposit_limit - all->pages_deposited : 0;
	return true;
}

void show_progress(const struct tool *tool, const struct job *job)
{
	if (!tool->progress && (tool->quiet || !isatty(STDERR_FILENO)))
		return;
	if (job->total)
		fprintf(stderr, "\r%llu of %llu %s %s (%u%%)", job->done, job->total, job->unit,
			job->past, (unsigned int)((double)job->done * 100 / job->total));
	else
		fprintf(stderr, "\r%llu %s %s", job->done, job->unit, job->past);
	line_open = true;
}

void end_progress(void)
{
	if (line_open)
		fputc('\n', stderr);
	line_open = false;
}
