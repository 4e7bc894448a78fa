// SPDX-License-Identifier: GPL-2.0
/* The hypervisor of the unit tests, and user memory for them. */
#include <linux/err.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/page-flags.h>
#include <linux/resource.h>
#include <linux/sched/mm.h>
#include <linux/string.h>

#include <hv/memory.h>
#include <hv/partition.h>

#include "fake.h"

/* KUnit runs one case at a time, and a transport has no data of its own. */
static struct fake *fake_current;

/* A call in registers has what it carries for an input, and no output. */
static u64 fake_call(u64 control, u64 input, u64 output)
{
	const u64 registers[ARRAY_SIZE(fake_current->input[0])] = { input,
								    output };
	bool fast = control & HV_CONTROL_FAST;
	const void *in = fast ? registers : phys_to_virt(input);
	struct fake *fake = fake_current;
	u32 n = fake->calls++;

	if (n < FAKE_MAX_CALLS) {
		fake->control[n] = control;
		memcpy(fake->input[n], in, sizeof(fake->input[n]));
	}
	/* Without a list there is no place to write to. */
	return fake->answer(fake, control, in,
			    output && !fast ? phys_to_virt(output) : NULL);
}

/**
 * fake_scripted - answers from the script, with outputs of zeros
 * @fake: the hypervisor
 * @control: hypercall input value
 * @in: input page
 * @out: output page
 *
 * Return: the next result of the script, full success before there is one.
 */
u64 fake_scripted(struct fake *fake, u64 control, const void *in, void *out)
{
	u64 result;

	if (out)
		memset(out, 0, HV_PAGE_SIZE);
	if (!fake->scripted)
		return hv_result(HV_STATUS_SUCCESS, hv_control_count(control));
	if (!fake->nr_script) {
		KUNIT_FAIL(fake->test, "call %u is not in the script",
			   fake->calls);
		return hv_result(HV_STATUS_OPERATION_FAILED, 0);
	}
	result = fake->script[0];
	fake->nr_script--;
	memmove(fake->script, fake->script + 1,
		fake->nr_script * sizeof(*fake->script));
	return result;
}

/**
 * fake_script - say what the next calls answer
 * @fake: the hypervisor
 * @results: result values of the next calls
 * @count: how many; all calls of an earlier script must have been made
 */
void fake_script(struct fake *fake, const u64 *results, u32 count)
{
	KUNIT_EXPECT_EQ(fake->test, fake->nr_script, 0U);
	KUNIT_ASSERT_LE(fake->test, count, (u32)FAKE_MAX_SCRIPT);
	memcpy(fake->script, results, count * sizeof(*results));
	fake->nr_script = count;
	fake->scripted = true;
}

/**
 * fake_pool - a pool as it should be: last in, first out
 * @fake: the hypervisor; its pool is one for all partitions
 * @control: hypercall input value
 * @in: input page
 * @out: output page
 *
 * Return: the result value.
 */
u64 fake_pool(struct fake *fake, u64 control, const void *in, void *out)
{
	const struct hv_input_deposit_memory *deposit = in;
	u32 i = hv_control_start(control);
	u32 count = hv_control_count(control);
	u64 *list = out;

	switch (hv_control_code(control)) {
	case HVCALL_DEPOSIT_MEMORY:
		KUNIT_EXPECT_NULL(fake->test, out);
		for (; i < count; i++) {
			if (fake->nr_pool == FAKE_MAX_POOL)
				return hv_result(HV_STATUS_NO_RESOURCES, i);
			fake->pool[fake->nr_pool++] = deposit->gpa_page_list[i];
		}
		break;
	case HVCALL_WITHDRAW_MEMORY:
		for (; i < count; i++) {
			if (!fake->nr_pool)
				return hv_result(HV_STATUS_NO_RESOURCES, i);
			list[i] = fake->pool[--fake->nr_pool];
		}
		break;
	default:
		/* Of a teardown: what is torn down is gone. */
		return HV_STATUS_INVALID_PARTITION_ID;
	}
	return hv_result(HV_STATUS_SUCCESS, count);
}

/**
 * fake_deposit - deposit into the child's pool
 * @fake: the hypervisor
 * @pages: how many
 * @args: filled, and what the ioctl says
 *
 * Return: of the ioctl.
 */
int fake_deposit(struct fake *fake, u64 pages, struct hv_rootctl_pool *args)
{
	*args = (struct hv_rootctl_pool){
		.partition_id = FAKE_CHILD_ID,
		.page_count = pages,
	};
	return hvrc_deposit(fake->file, args);
}

/**
 * fake_withdraw - withdraw from the child's pool
 * @fake: the hypervisor
 * @pages: how many
 * @args: filled, and what the ioctl says
 *
 * Return: of the ioctl.
 */
int fake_withdraw(struct fake *fake, u64 pages, struct hv_rootctl_pool *args)
{
	*args = (struct hv_rootctl_pool){
		.partition_id = FAKE_CHILD_ID,
		.page_count = pages,
	};
	return hvrc_withdraw(fake->file, args);
}

/**
 * fake_expect_free - a page that nobody has
 * @test: the case
 * @pfn: its number
 */
void fake_expect_free(struct kunit *test, u64 pfn)
{
	KUNIT_EXPECT_EQ(test, page_count(pfn_to_page(pfn)), 0);
	KUNIT_EXPECT_FALSE(test, PageOffline(pfn_to_page(pfn)));
}

/**
 * fake_init - the init function of a suite
 * @test: its priv becomes the struct fake
 *
 * Return: 0 or -errno.
 */
int fake_init(struct kunit *test)
{
	struct fake *fake = kunit_kzalloc(test, sizeof(*fake), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->test = test;
	fake->answer = fake_scripted;
	fake->transport = (struct hvrc_transport){
		.id = 99,
		.name = "a test",
		.privileges = HV_PRIVILEGE(CREATE_PARTITIONS) |
			      HV_PRIVILEGE(ACCESS_MEMORY_POOL) |
			      HV_PRIVILEGE(CPU_MANAGEMENT),
		.call = fake_call,
	};
	fake_current = fake;
	test->priv = fake;

	fake->hv = hvrc_create(&fake->transport);
	KUNIT_ASSERT_FALSE(test, IS_ERR(fake->hv));
	fake->hv->self_id = FAKE_SELF_ID;
	fake->file = hvrc_file_create(fake->hv);
	KUNIT_ASSERT_FALSE(test, IS_ERR(fake->file));
	return 0;
}

/**
 * fake_close - close the file before the end of the test
 * @fake: the hypervisor
 */
void fake_close(struct fake *fake)
{
	hvrc_file_destroy(fake->file);
	fake->file = NULL;
}

/**
 * fake_reopen - open another file, and count calls anew
 * @fake: the hypervisor; its file is closed
 */
void fake_reopen(struct fake *fake)
{
	fake->calls = 0;
	fake->file = hvrc_file_create(fake->hv);
	KUNIT_ASSERT_FALSE(fake->test, IS_ERR(fake->file));
}

/* No record is left but to tell what was quarantined. */
static void fake_expect_no_records(struct fake *fake)
{
	struct hvrc_partition *p;
	unsigned long id;

	xa_for_each(&fake->hv->partitions, id, p)
		KUNIT_EXPECT_NE(fake->test, atomic64_read(&p->quarantined), 0);
}

/**
 * fake_exit - the exit function of a suite
 * @test: the case; it must have left nothing with the hypervisor
 */
void fake_exit(struct kunit *test)
{
	struct fake *fake = test->priv;

	KUNIT_EXPECT_EQ(test, fake->nr_script, 0U);
	fake->scripted = false;
	if (!IS_ERR_OR_NULL(fake->file))
		fake_close(fake);
	if (IS_ERR_OR_NULL(fake->hv))
		return;
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->hv->held), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->hv->deposited), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->hv->kept), 0);
	fake_expect_no_records(fake);
	hvrc_destroy(fake->hv);
}

static int fake_user_mm(void)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		return -ENOMEM;
	mm->task_size = TASK_SIZE;
	arch_pick_mmap_layout(mm, &current->signal->rlim[RLIMIT_STACK]);
	/* It goes when this test's thread ends. */
	kthread_use_mm(mm);
	return 0;
}

/**
 * fake_user_memory - memory as a program has it
 * @test: the case; its thread becomes a user of that memory
 * @size: bytes
 *
 * Return: the user address; aborts the test when there is none.
 */
u64 fake_user_memory(struct kunit *test, size_t size)
{
	unsigned long addr;

	if (!current->mm)
		KUNIT_ASSERT_EQ(test, fake_user_mm(), 0);
	addr = vm_mmap(NULL, 0, size, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	return addr;
}

/**
 * fake_user_block - likewise, in one piece
 * @test: the case
 * @size: bytes, a power of two; the first page number is a multiple of them
 *
 * Return: the user address; aborts the test when there is none.
 */
u64 fake_user_block(struct kunit *test, size_t size)
{
	struct vm_area_struct *vma;
	unsigned long addr;
	void *block;
	size_t at;
	int err = 0;

	if (!current->mm)
		KUNIT_ASSERT_EQ(test, fake_user_mm(), 0);
	addr = vm_mmap(NULL, 0, size, PROT_READ | PROT_WRITE,
		       MAP_ANONYMOUS | MAP_SHARED, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(addr));
	block = alloc_pages_exact(size, GFP_USER | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, block);
	mmap_write_lock(current->mm);
	vma = find_vma(current->mm, addr);
	for (at = 0; at < size && !err; at += PAGE_SIZE)
		err = vm_insert_page(vma, addr + at, virt_to_page(block + at));
	mmap_write_unlock(current->mm);
	/* From here on they are the program's alone. */
	free_pages_exact(block, size);
	KUNIT_ASSERT_EQ(test, err, 0);
	return addr;
}
