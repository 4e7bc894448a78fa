// SPDX-License-Identifier: GPL-2.0
/* What the suites share. */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "sim_test.h"

/* Tests run one after another. */
static struct hvrc_sim *sim_test_sim;

static u64 sim_test_call(u64 control, u64 input, u64 output)
{
	return hvrc_sim_call(sim_test_sim, control, input, output);
}

static bool sim_test_call_xmm(u64 control, struct hvrc_xmm *registers,
			      u64 *result)
{
	*result = hvrc_sim_call_xmm(sim_test_sim, control, registers);
	return true;
}

static struct hvrc_transport sim_test_transport = {
	.id = HV_ROOTCTL_TRANSPORT_SIM,
	.name = "test",
	.call = sim_test_call,
	.call_xmm = sim_test_call_xmm,
};

int sim_test_init(struct kunit *test)
{
	u64 values[HV_DEBUG_VALUES];
	struct hvc_config cfg;
	struct sim_test *t;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;

	hvrc_sim_default_config(&cfg);
	t->sim = hvrc_sim_new(&cfg);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->sim);
	sim_test_sim = t->sim;
	sim_test_audit(test, values);
	t->ram = values[HV_DEBUG_ROOT_PAGES];

	sim_test_transport.privileges = cfg.root_privileges;
	t->hv = hvrc_create(&sim_test_transport);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->hv);
	t->file = hvrc_file_create(t->hv);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, t->file);
	return 0;
}

/*
 * What a test has left behind goes as when a program ends: its partitions
 * with the file, then what is in the root's own pool.
 */
static void sim_test_clean_up(struct kunit *test)
{
	struct hv_rootctl_pool args = {
		.partition_id = HV_ROOTCTL_SELF,
		.page_count = U64_MAX,
	};
	struct sim_test *t = test->priv;

	hvrc_sim_debug(t->sim, HV_DEBUG_FAULT_CLEAR, 0, NULL);
	hvrc_file_destroy(t->file);
	t->file = hvrc_file_create(t->hv);
	KUNIT_EXPECT_FALSE(test, IS_ERR(t->file));
	if (IS_ERR(t->file))
		return;
	KUNIT_EXPECT_EQ(test, hvrc_withdraw(t->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_NO_RESOURCES);
	hvrc_file_destroy(t->file);
}

static void sim_test_check_books(struct kunit *test)
{
	u64 values[HV_DEBUG_VALUES] = {};
	struct sim_test *t = test->priv;

	sim_test_audit(test, values);
	KUNIT_EXPECT_EQ(test, values[HV_DEBUG_ROOT_PAGES], t->ram);
	KUNIT_EXPECT_EQ(test, values[HV_DEBUG_POOL_PAGES], 0);
	KUNIT_EXPECT_EQ(test, values[HV_DEBUG_USED_PAGES], 0);
	KUNIT_EXPECT_EQ(test, values[HV_DEBUG_MAPPED_PAGES], 0);
	KUNIT_EXPECT_EQ(test, values[HV_DEBUG_PARTITIONS], 1);

	KUNIT_EXPECT_EQ(test, atomic64_read(&t->hv->held), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&t->hv->deposited), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&t->hv->quarantined),
			t->quarantined);
	KUNIT_EXPECT_EQ(test, t->sim->trespasses, t->trespasses);
}

/* A test that was aborted ends in another thread: its own took @mm along. */
static void sim_test_return_mm(struct sim_test *t)
{
	if (!t->mm || current->mm != t->mm)
		return;
	kthread_unuse_mm(t->mm);
	mmput(t->mm);
}

/* Also called when sim_test_init() has failed half way. */
void sim_test_exit(struct kunit *test)
{
	struct sim_test *t = test->priv;

	if (!t || IS_ERR_OR_NULL(t->sim))
		return;
	if (!IS_ERR_OR_NULL(t->hv)) {
		if (!IS_ERR_OR_NULL(t->file)) {
			sim_test_clean_up(test);
			sim_test_check_books(test);
		}
		hvrc_destroy(t->hv);
	}
	sim_test_return_mm(t);
	hvrc_sim_free(t->sim);
}

/**
 * sim_test_audit - let the hypervisor check its books
 * @test: the test
 * @values: HV_DEBUG_VALUES numbers, enum hv_debug_audit
 */
void sim_test_audit(struct kunit *test, u64 *values)
{
	struct sim_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, hvrc_sim_debug(t->sim, HV_DEBUG_AUDIT, 0, values),
			HV_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, values[HV_DEBUG_AUDIT_ERRORS], 0);
}

/**
 * sim_test_fault - add a line to the fault script
 * @test: the test
 * @line: the line
 */
void sim_test_fault(struct kunit *test, const char *line)
{
	struct sim_test *t = test->priv;
	char *copy = kunit_kmalloc(test, strlen(line) + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, line, strlen(line) + 1);
	KUNIT_ASSERT_EQ(test, hvrc_sim_add_faults(t->sim, copy), 0);
}

void sim_test_deposit(struct kunit *test, u64 id, u64 pages)
{
	struct hv_rootctl_pool args = {
		.partition_id = id,
		.page_count = pages,
	};
	struct sim_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, hvrc_deposit(t->file, &args), 0);
	KUNIT_ASSERT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, args.pages_done, pages);
}

void sim_test_withdraw(struct kunit *test, u64 id, u64 pages)
{
	struct hv_rootctl_pool args = {
		.partition_id = id,
		.page_count = pages,
	};
	struct sim_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, hvrc_withdraw(t->file, &args), 0);
	KUNIT_ASSERT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, args.pages_done, pages);
}

static struct hv_rootctl_balance sim_test_get_balance(struct kunit *test,
						      u64 id)
{
	struct hv_rootctl_balance args = { .partition_id = id };
	struct sim_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, hvrc_balance(t->file, &args), 0);
	KUNIT_ASSERT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	return args;
}

void sim_test_balance(struct kunit *test, u64 id, u64 available, u64 in_use)
{
	struct hv_rootctl_balance b = sim_test_get_balance(test, id);

	KUNIT_EXPECT_EQ(test, b.pages_available, available);
	KUNIT_EXPECT_EQ(test, b.pages_in_use, in_use);
}

u64 sim_test_in_use(struct kunit *test, u64 id)
{
	return sim_test_get_balance(test, id).pages_in_use;
}

/* A new child, with what it takes in the root's pool. */
u64 sim_test_create(struct kunit *test)
{
	struct hv_rootctl_partition_create args = {};
	struct sim_test *t = test->priv;

	sim_test_deposit(test, HV_ROOTCTL_SELF, 16);
	KUNIT_ASSERT_EQ(test, hvrc_partition_create(t->file, &args), 0);
	KUNIT_ASSERT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	return args.partition_id;
}

/* A new child that is active, has VP 0, and pages to spare in its pool. */
u64 sim_test_active_child(struct kunit *test)
{
	u64 id = sim_test_create(test);

	sim_test_deposit(test, id, 64);
	sim_test_initialize(test, id);
	sim_test_vp_create(test, id, 0);
	return id;
}

static void sim_test_partition(struct kunit *test, u64 id,
			       int (*fn)(struct hvrc_file *file, void *arg))
{
	struct hv_rootctl_partition args = { .partition_id = id };
	struct sim_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, fn(t->file, &args), 0);
	KUNIT_ASSERT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
}

void sim_test_initialize(struct kunit *test, u64 id)
{
	sim_test_partition(test, id, hvrc_partition_initialize);
}

void sim_test_finalize(struct kunit *test, u64 id)
{
	sim_test_partition(test, id, hvrc_partition_finalize);
}

void sim_test_delete(struct kunit *test, u64 id)
{
	sim_test_partition(test, id, hvrc_partition_delete);
}

static void sim_test_vp(struct kunit *test, u64 id, u32 index,
			int (*fn)(struct hvrc_file *file, void *arg))
{
	struct hv_rootctl_vp args = { .partition_id = id, .vp_index = index };
	struct sim_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, fn(t->file, &args), 0);
	KUNIT_ASSERT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
}

void sim_test_vp_create(struct kunit *test, u64 id, u32 index)
{
	sim_test_vp(test, id, index, hvrc_vp_create);
}

void sim_test_vp_delete(struct kunit *test, u64 id, u32 index)
{
	sim_test_vp(test, id, index, hvrc_vp_delete);
}

/**
 * sim_test_user - memory such as a program has
 * @test: the test
 * @pages: how much
 *
 * The test's thread borrows an address space for it.
 *
 * Return: its address.
 */
u8 __user *sim_test_user(struct kunit *test, u64 pages)
{
	struct sim_test *t = test->priv;
	unsigned long addr;

	if (!t->mm) {
		t->mm = mm_alloc();
		KUNIT_ASSERT_NOT_NULL(test, t->mm);
		arch_pick_mmap_layout(t->mm,
				      &current->signal->rlim[RLIMIT_STACK]);
		kthread_use_mm(t->mm);
	}
	addr = vm_mmap(NULL, 0, pages << PAGE_SHIFT, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	return (u8 __user *)addr;
}

void sim_test_map(struct kunit *test, u64 id, u64 gpa, u8 __user *user,
		  u64 pages, u32 rights)
{
	struct hv_rootctl_map args = {
		.partition_id = id,
		.gpa = gpa,
		.user_addr = (uintptr_t)user,
		.length = pages << HV_PAGE_SHIFT,
		.map_flags = rights,
	};
	struct sim_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, hvrc_map(t->file, &args), 0);
	KUNIT_ASSERT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, args.bytes_done, args.length);
}

void sim_test_unmap(struct kunit *test, u64 id, u64 gpa, u64 pages)
{
	struct hv_rootctl_unmap args = {
		.partition_id = id,
		.gpa = gpa,
		.length = pages << HV_PAGE_SHIFT,
	};
	struct sim_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, hvrc_unmap(t->file, &args), 0);
	KUNIT_ASSERT_EQ(test, args.hv_status, HV_STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, args.bytes_done, args.length);
}
