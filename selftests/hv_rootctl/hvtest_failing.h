/* SPDX-License-Identifier: GPL-2.0 */
/* Fault injection: a task's nth allocation or copy fails, or all allocations. */
#ifndef HVTEST_FAILING_H
#define HVTEST_FAILING_H

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define HVT_FAIL_NTH "/proc/thread-self/fail-nth"
#define HVT_MAKE_IT_FAIL "/proc/thread-self/make-it-fail"
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

/*
 * From here on this task gets nothing from the slab allocators, or as before.
 * @fd is HVT_MAKE_IT_FAIL, opened by this task: opening takes memory.
 */
static inline int hvt_fail_all(int fd, bool on)
{
	if (on && (hvt_put(HVT_FAULTS "failslab/task-filter", "Y") ||
		   hvt_put(HVT_FAULTS "failslab/times", "1000000") ||
		   hvt_put(HVT_FAULTS "failslab/probability", "100")))
		return -1;
	if (pwrite(fd, on ? "1" : "0", 1, 0) != 1)
		return -1;
	return on ? 0 : hvt_put(HVT_FAULTS "failslab/probability", "0");
}

#endif
