/* SPDX-License-Identifier: GPL-2.0 */
/* Fault injection: a task's nth allocation or copy fails. */
#ifndef HVTEST_FAILING_H
#define HVTEST_FAILING_H

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define HVT_FAIL_NTH "/proc/thread-self/fail-nth"
#define HVT_FAULTS "/sys/kernel/debug/"

static inline int hvt_put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	int ret = fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;

	close(fd);
	return ret;
}

/*
 * All allocations may fail, also those that may wait; and nothing is said of
 * it, because a trace in the log is a reason to fail.
 */
static inline int hvt_arm_kernel(void)
{
	return hvt_put(HVT_FAULTS "failslab/ignore-gfp-wait", "N") ||
	       hvt_put(HVT_FAULTS "failslab/verbose", "0") ||
	       hvt_put(HVT_FAULTS "fail_page_alloc/ignore-gfp-wait", "N") ||
	       hvt_put(HVT_FAULTS "fail_page_alloc/min-order", "0") ||
	       hvt_put(HVT_FAULTS "fail_page_alloc/verbose", "0") ||
	       hvt_put(HVT_FAULTS "fail_usercopy/verbose", "0");
}

#endif
