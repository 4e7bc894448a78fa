/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls as the tests make them: typed, with their lists in the pages
 * HOST_IN and HOST_OUT. All return the result value.
 */
#ifndef TESTS_CALLS_H
#define TESTS_CALLS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "host.h"

#define HVC_SELF HV_PARTITION_ID_SELF
#define RWX (HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE | HV_MAP_GPA_EXECUTABLE)
#define JUNK 0xeeeeeeeeeeeeeeeeULL /* in the output page before each call */

#define assert_result(result, status, reps) \
	assert_int_equal(result, hv_result(status, reps))
#define assert_status(result, status) \
	assert_result(result, HV_STATUS_##status, 0)

/* A test with a host of its own; @name says the IDs that it shows. */
#define HOST_TEST(name, f) { name, f, setup_host, teardown_host, NULL }

int setup_host(void **state);
int teardown_host(void **state);

/* For run_main(): the host's configuration, before each setup_host(). */
extern void (*tests_config)(struct hvc_config *cfg);

/* Put the lists in place and call. NULL and 0: there is no such list. */
u64 call_simple(struct host *h, u16 code, const void *in, size_t bytes);
u64 call_rep(struct host *h, u16 code, u32 count, u32 start, const void *in,
	     size_t bytes, const u64 *list);

/* What the last call left in its output page. */
const u64 *call_output(struct host *h);

u64 create_partition(struct host *h, u64 *id);
u64 on_partition(struct host *h, u16 code, u64 id);
u64 get_next_child(struct host *h, u64 parent, u64 previous, u64 *next);
u64 deposit_list(struct host *h, u64 id, const u64 *pfns, u32 count);
u64 deposit(struct host *h, u64 id, u64 first, u32 count);
u64 withdraw(struct host *h, u64 id, u64 proximity, u32 count);
u64 balance(struct host *h, u64 id, u64 proximity, u64 *available, u64 *in_use);
u64 map_list(struct host *h, u64 id, u64 gpfn, u32 flags, const u64 *pfns,
	     u32 count);
u64 map(struct host *h, u64 id, u64 gpfn, u32 flags, u64 first, u32 count);
u64 unmap(struct host *h, u64 id, u64 gpfn, u32 count);
u64 create_vp(struct host *h, u64 id, u32 index);
u64 delete_vp(struct host *h, u64 id, u32 index);
/* One register of 64 bits; the value of the get is in call_output(). */
u64 get_register(struct host *h, u64 id, u32 vp, u32 name);
u64 set_register(struct host *h, u64 id, u32 vp, u32 name, u64 value);
u64 read_gpa(struct host *h, u64 id, u64 gpa, u32 bytes, u32 *code, void *data);
u64 write_gpa(struct host *h, u64 id, u64 gpa, u32 bytes, u32 *code,
	      const void *data);
u64 debug_call(struct host *h, u32 op, u64 arg, const char *text);

/* The shortest ways to a state; they assert that all goes well. */
u64 make_child(struct host *h); /* uninitialized, root pool used up */
u64 make_active(struct host *h, u64 first, u32 pages); /* deposited to it */
void assert_balance(struct host *h, u64 id, u64 available, u64 in_use);
void assert_clean(struct host *h); /* the audit finds nothing */

/* Pages of the root's own pool come from the end of RAM, one per child. */
#define ROOT_POOL (HOST_PAGES - 1100)

#endif
