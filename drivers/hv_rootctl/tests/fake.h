/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hypervisor for unit tests: it keeps a record of what it was asked, and
 * answers what a test tells it to.
 */
#ifndef HVRC_TESTS_FAKE_H
#define HVRC_TESTS_FAKE_H

#include <kunit/test.h>
#include <linux/mm_types.h>
#include <linux/sched.h>

#include <hv/hypercall.h>

#include "../hvrc.h"

#define FAKE_MAX_CALLS 64
#define FAKE_MAX_SCRIPT 16
#define FAKE_MAX_POOL 2048
#define FAKE_SELF_ID 1ULL
#define FAKE_CHILD_ID 2ULL

struct fake;

/*
 * Answers one call: the result value, with the output written to @out, which
 * is NULL when the driver expects none.
 */
typedef u64 (*fake_answer)(struct fake *fake, u64 control, const void *in,
			   void *out);

/**
 * struct fake - the hypervisor of one test case
 * @transport: how the driver reaches it
 * @test: the case
 * @hv: the driver on that transport
 * @file: a file of it
 * @answer: who answers; by default all succeed, with an output of zeros
 * @script: result values of one call after the other
 * @nr_script: how many there are; a call too many fails the test
 * @scripted: use @script
 * @calls: how many calls were made
 * @control: the control words of the first of them
 * @input: the beginnings of their inputs
 * @pool: page numbers, a stack
 * @nr_pool: how many
 * @arg: for the test
 */
struct fake {
	struct hvrc_transport transport;
	struct kunit *test;
	struct hvrc *hv;
	struct hvrc_file *file;

	fake_answer answer;
	u64 script[FAKE_MAX_SCRIPT];
	u32 nr_script;
	bool scripted;

	u32 calls;
	u64 control[FAKE_MAX_CALLS];
	u64 input[FAKE_MAX_CALLS][8];

	u64 pool[FAKE_MAX_POOL];
	u32 nr_pool;
	u64 arg;
};

int fake_init(struct kunit *test);
void fake_exit(struct kunit *test);
void fake_close(struct fake *fake);
void fake_reopen(struct fake *fake);
u64 fake_scripted(struct fake *fake, u64 control, const void *in, void *out);
void fake_script(struct fake *fake, const u64 *results, u32 count);

u64 fake_pool(struct fake *fake, u64 control, const void *in, void *out);
int fake_deposit(struct fake *fake, u64 pages, struct hv_rootctl_pool *args);
int fake_withdraw(struct fake *fake, u64 pages, struct hv_rootctl_pool *args);
void fake_expect_free(struct kunit *test, u64 pfn);

u64 fake_user_memory(struct kunit *test, size_t size);
u64 fake_user_block(struct kunit *test, size_t size);

/* What the next calls answer. */
#define FAKE_SCRIPT(fake, ...)                                             \
	fake_script(fake, (const u64[]){ __VA_ARGS__ },                    \
		    sizeof((const u64[]){ __VA_ARGS__ }) / sizeof(u64))

/* Which calls were made. */
#define EXPECT_CODES(fake, ...)                                           \
	do {                                                              \
		static const u16 codes[] = { __VA_ARGS__ };               \
		u32 n;                                                    \
									  \
		KUNIT_EXPECT_EQ((fake)->test, (fake)->calls,              \
				(u32)ARRAY_SIZE(codes));                  \
		for (n = 0; n < ARRAY_SIZE(codes); n++)                   \
			KUNIT_EXPECT_EQ((fake)->test,                     \
					hv_control_code((fake)->control[n]), \
					codes[n]);                        \
	} while (0)

#define EXPECT_BOOKS(fake, in_pools, in_quarantine, ever)                   \
	do {                                                                \
		KUNIT_EXPECT_EQ((fake)->test,                               \
				atomic64_read(&(fake)->hv->deposited),      \
				in_pools);                                  \
		KUNIT_EXPECT_EQ((fake)->test,                               \
				atomic64_read(&(fake)->hv->held), in_pools); \
		KUNIT_EXPECT_EQ((fake)->test,                               \
				atomic64_read(&(fake)->hv->quarantined),    \
				in_quarantine);                             \
		KUNIT_EXPECT_EQ((fake)->test,                               \
				atomic64_read(&(fake)->hv->withdrawn), ever); \
	} while (0)

/* So many pages of this thread's memory are mapped, and none in pools. */
#define EXPECT_PINNED(fake, pages)                                            \
	do {                                                                  \
		KUNIT_EXPECT_EQ((fake)->test,                                 \
				atomic64_read(&(fake)->hv->held), pages);     \
		KUNIT_EXPECT_EQ((fake)->test, current->mm->locked_vm,         \
				(unsigned long)(pages));                      \
	} while (0)

#endif
