/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share: a hypervisor, a driver on it and an open file, new
 * for each test. Whatever a test does, all pages must be back after it and
 * the hypervisor's books must agree.
 *
 * Helpers that are named for a call expect it to do all that it is asked to.
 */
#ifndef HVRC_SIM_TEST_H
#define HVRC_SIM_TEST_H

#include <kunit/test.h>

#include <hv/hypercall.h>
#include <hv/memory.h>
#include <hv/partition.h>

#include "../../hvrc.h"
#include "../sim.h"

#define SIM_TEST_GPA 0x10000ULL

/**
 * struct sim_test - a test's world
 * @sim: the hypervisor
 * @hv: the driver
 * @file: opened on it
 * @mm: address space that the test's thread has borrowed, or NULL
 * @ram: pages of the root when nothing was deposited yet
 * @quarantined: how many pages the test makes the driver refuse
 * @trespasses: how many deposited pages the test writes to
 */
struct sim_test {
	struct hvrc_sim *sim;
	struct hvrc *hv;
	struct hvrc_file *file;
	struct mm_struct *mm;
	u64 ram;
	u64 quarantined;
	u64 trespasses;
};

int sim_test_init(struct kunit *test);
void sim_test_exit(struct kunit *test);

void sim_test_audit(struct kunit *test, u64 *values);
void sim_test_fault(struct kunit *test, const char *line);

void sim_test_deposit(struct kunit *test, u64 id, u64 pages);
void sim_test_withdraw(struct kunit *test, u64 id, u64 pages);
void sim_test_balance(struct kunit *test, u64 id, u64 available, u64 in_use);
u64 sim_test_in_use(struct kunit *test, u64 id);

u64 sim_test_create(struct kunit *test);
u64 sim_test_active_child(struct kunit *test);
void sim_test_initialize(struct kunit *test, u64 id);
void sim_test_finalize(struct kunit *test, u64 id);
void sim_test_delete(struct kunit *test, u64 id);
void sim_test_vp_create(struct kunit *test, u64 id, u32 index);
void sim_test_vp_delete(struct kunit *test, u64 id, u32 index);

u8 __user *sim_test_user(struct kunit *test, u64 pages);
void sim_test_map(struct kunit *test, u64 id, u64 gpa, u8 __user *user,
		  u64 pages, u32 rights);
void sim_test_unmap(struct kunit *test, u64 id, u64 gpa, u64 pages);

#endif
