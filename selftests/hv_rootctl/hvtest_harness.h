/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kselftest harness. A program defines HVT_DEVICE before it includes this:
 * where that file does not exist, the whole program is skipped.
 */
#ifndef HVTEST_HARNESS_H
#define HVTEST_HARNESS_H

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <kselftest_harness.h>

#include "hvtest.h"

/* An emulated machine on a busy host is slow; a hang is found all the same. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

/* Whether nothing has failed so far: newer harnesses have their own word. */
#ifdef XFAIL_ADD
#define HVT_PASSED(metadata) __test_passed(metadata)
#else
#define HVT_PASSED(metadata) ((metadata)->passed)
#endif

static void __attribute__((constructor)) hvt_need_device(void)
{
	if (!access(HVT_DEVICE, F_OK))
		return;
	ksft_print_header();
	ksft_exit_skip("%s: %s\n", HVT_DEVICE, strerror(errno));
}

#endif
