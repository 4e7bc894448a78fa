// SPDX-License-Identifier: GPL-2.0
/* Partitions that belong to files, and what is done when those are closed. */
#include <linux/completion.h>
#include <linux/console.h>
#include <linux/kthread.h>
#include <linux/string.h>

#include <hv/memory.h>
#include <hv/partition.h>

#include "fake.h"

/*
 * A hypervisor with one child that lets all happen, but for one call. It
 * deletes only what has an empty pool.
 */
static u64 partition_answer(struct fake *fake, u64 control, const void *in,
			    void *out)
{
	u32 count = hv_control_count(control);
	u16 code = hv_control_code(control);
	const u64 *input = in;
	u64 *output = out;
	u32 i;

	if (code == fake->arg ||
	    (code == HVCALL_DELETE_PARTITION && fake->nr_pool))
		return hv_result(HV_STATUS_OPERATION_DENIED, 0);
	switch (code) {
	case HVCALL_CREATE_PARTITION:
		output[0] = FAKE_CHILD_ID;
		break;
	case HVCALL_DEPOSIT_MEMORY:
		for (i = 0; i < count; i++)
			fake->pool[fake->nr_pool++] = input[1 + i];
		break;
	case HVCALL_WITHDRAW_MEMORY:
		for (i = 0; i < count; i++) {
			if (!fake->nr_pool)
				return hv_result(HV_STATUS_NO_RESOURCES, i);
			output[i] = fake->pool[--fake->nr_pool];
		}
		break;
	case HVCALL_GET_NEXT_CHILD_PARTITION:
		output[0] = input[1] ? 0 : FAKE_CHILD_ID;
		break;
	}
	return hv_result(HV_STATUS_SUCCESS, count);
}

static u64 create_what_is_told(struct fake *fake, u64 control, const void *in,
			       void *out)
{
	*(u64 *)out = fake->arg;
	return HV_STATUS_SUCCESS;
}

static int partition_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;

	fake->answer = partition_answer;
	return err;
}

static void create(struct fake *fake, u32 flags)
{
	struct hv_rootctl_partition_create args = { .flags = flags };

	KUNIT_ASSERT_EQ(fake->test, hvrc_partition_create(fake->file, &args),
			0);
	KUNIT_ASSERT_EQ(fake->test, args.hv_status, 0U);
	KUNIT_ASSERT_EQ(fake->test, args.partition_id, FAKE_CHILD_ID);
}

static void deposit(struct fake *fake, u64 pages)
{
	struct hv_rootctl_pool args = {
		.partition_id = FAKE_CHILD_ID,
		.page_count = pages,
	};

	KUNIT_ASSERT_EQ(fake->test, hvrc_deposit(fake->file, &args), 0);
	KUNIT_ASSERT_EQ(fake->test, args.pages_done, pages);
}

static void drain(struct fake *fake, u64 pages)
{
	struct hv_rootctl_pool args = {
		.partition_id = FAKE_CHILD_ID,
		.page_count = pages,
	};

	KUNIT_EXPECT_EQ(fake->test, hvrc_withdraw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(fake->test, args.pages_done, pages);
}

static void partition_create_input(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_partition_create args = {
		.flags = HV_ROOTCTL_DETACHED,
		.creation_flags = 0x1234,
		.proximity_domain_info = hv_proximity(1, false),
	};

	KUNIT_EXPECT_EQ(test, hvrc_partition_create(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, fake->control[0], 0x40ULL);
	KUNIT_EXPECT_EQ(test, fake->input[0][0], 0x1234ULL);
	KUNIT_EXPECT_EQ(test, fake->input[0][1], hv_proximity(1, false));
	KUNIT_EXPECT_EQ(test, fake->input[0][2],
			(u64)HV_COMPATIBILITY_VERSION);
	KUNIT_EXPECT_PTR_EQ(test, memchr_inv(&fake->input[0][3], 0, 32),
			    (void *)NULL);
	args.compatibility_version = 0x0701;
	KUNIT_EXPECT_EQ(test, hvrc_partition_create(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, fake->input[1][2], 0x0701ULL);
}

/* Finalize, withdraw until empty, delete: in this order, and only once. */
static void partition_close(struct kunit *test)
{
	struct fake *fake = test->priv;

	create(fake, 0);
	deposit(fake, 600);
	fake->calls = 0;
	fake_close(fake);
	EXPECT_CODES(fake, HVCALL_FINALIZE_PARTITION, HVCALL_WITHDRAW_MEMORY,
		     HVCALL_WITHDRAW_MEMORY, HVCALL_DELETE_PARTITION);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->hv->held), 0);
	fake_reopen(fake);
	fake_close(fake);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

static void partition_close_detached(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args = {
		.partition_id = FAKE_CHILD_ID,
		.page_count = 10,
	};

	create(fake, HV_ROOTCTL_DETACHED);
	deposit(fake, 10);
	fake->calls = 0;
	fake_close(fake);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
	KUNIT_EXPECT_EQ(test, atomic64_read(&fake->hv->held), 10);

	/* The driver still knows whose pages these are. */
	fake_reopen(fake);
	KUNIT_EXPECT_EQ(test, hvrc_withdraw(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 10ULL);
}

/* The end of one file is not the end of another file's partition. */
static void partition_close_other(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_file *other = hvrc_file_create(fake->hv);

	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	create(fake, 0);
	fake->calls = 0;
	hvrc_file_destroy(other);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

/* Deleted by hand: nothing is left for the end of the file. */
static void partition_delete_by_hand(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_partition args = { .partition_id = FAKE_CHILD_ID };

	create(fake, 0);
	KUNIT_EXPECT_EQ(test, hvrc_partition_delete(fake->file, &args), 0);
	fake->calls = 0;
	fake_close(fake);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

/* What the hypervisor refuses is kept on record and tried again. */
static void partition_refused(struct kunit *test)
{
	static const u16 refused[] = {
		HVCALL_WITHDRAW_MEMORY,
		HVCALL_DELETE_PARTITION,
	};
	struct fake *fake = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		create(fake, 0);
		deposit(fake, 10);
		fake->arg = refused[i];
		fake_close(fake);
		KUNIT_EXPECT_FALSE(test, xa_empty(&fake->hv->partitions));

		fake->arg = 0;
		fake_reopen(fake);
		KUNIT_EXPECT_EQ(test, fake->calls, 0U);
		fake_close(fake);
		KUNIT_EXPECT_TRUE(test, xa_empty(&fake->hv->partitions));
		KUNIT_EXPECT_EQ(test, atomic64_read(&fake->hv->held), 0);
		fake_reopen(fake);
	}
}

/* A "new" partition that cannot be new does not become the file's. */
static void partition_not_new(struct kunit *test)
{
	static const u64 ids[] = { 0, FAKE_SELF_ID, ~0ULL };
	static const u32 flags[] = { 0, HV_ROOTCTL_DETACHED };
	struct hv_rootctl_partition_create args;
	struct fake *fake = test->priv;
	struct hvrc_file *other;
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		fake->arg = ids[i];
		fake->answer = create_what_is_told;
		for (j = 0; j < ARRAY_SIZE(flags); j++) {
			args = (struct hv_rootctl_partition_create){
				.flags = flags[j],
			};
			KUNIT_EXPECT_EQ(test,
					hvrc_partition_create(fake->file,
							      &args),
					-EPROTO);
		}
	}

	/* Another file's. */
	fake->arg = 0;
	fake->answer = partition_answer;
	create(fake, 0);
	other = hvrc_file_create(fake->hv);
	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	for (j = 0; j < ARRAY_SIZE(flags); j++) {
		args = (struct hv_rootctl_partition_create){
			.flags = flags[j],
		};
		KUNIT_EXPECT_EQ(test, hvrc_partition_create(other, &args),
				-EPROTO);
	}
	fake->calls = 0;
	hvrc_file_destroy(other);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

static void partition_next(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_partition_next args = {
		.parent_id = HV_ROOTCTL_SELF,
	};

	KUNIT_EXPECT_EQ(test, hvrc_partition_next(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.next_id, FAKE_CHILD_ID);
	KUNIT_EXPECT_EQ(test, fake->input[0][0], HV_ROOTCTL_SELF);
	args.previous_id = args.next_id;
	KUNIT_EXPECT_EQ(test, hvrc_partition_next(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.next_id, 0ULL);
	KUNIT_EXPECT_EQ(test, fake->input[1][1], FAKE_CHILD_ID);
}

/* The calls that the TLFS marks as fast. */
static void partition_fast(struct kunit *test)
{
	static int (*const calls[])(struct hvrc_file *file, void *arg) = {
		hvrc_partition_initialize,
		hvrc_partition_finalize,
		hvrc_partition_delete,
	};
	struct hv_rootctl_partition args = { .partition_id = FAKE_CHILD_ID };
	struct fake *fake = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		KUNIT_EXPECT_EQ(test, calls[i](fake->file, &args), 0);
		KUNIT_EXPECT_EQ(test, fake->control[i],
				(HVCALL_INITIALIZE_PARTITION + i) |
					HV_CONTROL_FAST);
		KUNIT_EXPECT_EQ(test, fake->input[i][0], FAKE_CHILD_ID);
	}
}

/* An ioctl of somebody who does not get at the table of partitions. */
struct apart {
	struct fake *fake;
	struct completion done;
	struct hv_rootctl_pool deposit, withdraw;
	int err;
};

static int apart_run(void *data)
{
	struct apart *a = data;
	struct hvrc_file *file = a->fake->file;

	a->err = hvrc_deposit(file, &a->deposit) ?:
		 hvrc_withdraw(file, &a->withdraw);
	complete_all(&a->done);
	return 0;
}

/* To move pages, partitions that have a record need no lock in common. */
static void partition_moves_apart(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct apart a = {
		.fake = fake,
		.deposit = { .partition_id = FAKE_CHILD_ID, .page_count = 600 },
		.withdraw = { .partition_id = FAKE_CHILD_ID, .page_count = 590 },
		.err = -EINPROGRESS,
	};
	struct task_struct *task;
	unsigned long left;

	deposit(fake, 1);
	init_completion(&a.done);
	mutex_lock(&fake->hv->lock);
	task = kthread_run(apart_run, &a, "apart");
	left = IS_ERR(task) ? 0 : wait_for_completion_timeout(&a.done, 100 * HZ);
	mutex_unlock(&fake->hv->lock);

	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	KUNIT_EXPECT_NE(test, left, 0UL);
	wait_for_completion(&a.done);
	KUNIT_EXPECT_EQ(test, a.err, 0);
	KUNIT_EXPECT_EQ(test, a.withdraw.pages_done, 590ULL);
	drain(fake, 11);
}

/* A record lasts as long as it is used or says something. */
static void partition_record_ends(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hvrc_partition *p, *again;

	p = hvrc_partition_get(fake->hv, FAKE_CHILD_ID);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p));
	again = hvrc_partition_get(fake->hv, FAKE_CHILD_ID);
	KUNIT_EXPECT_PTR_EQ(test, again, p);
	hvrc_partition_put(fake->hv, again);
	KUNIT_EXPECT_PTR_EQ(test, xa_load(&fake->hv->partitions, FAKE_CHILD_ID),
			    (void *)p);
	hvrc_partition_put(fake->hv, p);
	KUNIT_EXPECT_TRUE(test, xa_empty(&fake->hv->partitions));

	deposit(fake, 1);
	KUNIT_EXPECT_FALSE(test, xa_empty(&fake->hv->partitions));
	drain(fake, 1);
	KUNIT_EXPECT_TRUE(test, xa_empty(&fake->hv->partitions));
}

static unsigned int leak_lines[3];
static unsigned int told_of_pages;

/* What the log says of leaks while a test listens. */
static void leak_listen(struct console *con, const char *text, unsigned int n)
{
	static const char *const lines[] = {
		"partition 2: 7 pages in its pool and 0 mapped stay",
		"partition 3: 5 pages in its pool and 0 mapped stay",
		"partition 2: 3 page numbers that came out of its pool",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(lines); i++)
		leak_lines[i] += !!strnstr(text, lines[i], n);
	told_of_pages += !!strnstr(text, " stay with the hypervisor", n);
}

static struct console leak_console = {
	.name = "leaks",
	.write = leak_listen,
	.index = -1,
};

static void listen(void)
{
	memset(leak_lines, 0, sizeof(leak_lines));
	told_of_pages = 0;
	leak_console.flags = CON_ENABLED;
	register_console(&leak_console);
}

static void listen_no_more(void)
{
	/* Whoever had the consoles meanwhile has written it by now. */
	console_lock();
	console_unlock();
	unregister_console(&leak_console);
}

static u32 listen_to_leaks(struct hvrc *hv)
{
	u32 leaks;

	listen();
	leaks = hvrc_report_leaks(hv);
	listen_no_more();
	return leaks;
}

/* Each partition of which pages are lost, once, and no other. */
static void partition_leaks(struct kunit *test)
{
	struct hv_rootctl_pool args = {
		.partition_id = FAKE_CHILD_ID + 1,
		.page_count = 5,
	};
	struct fake *fake = test->priv;
	struct hvrc_partition *p;

	KUNIT_EXPECT_EQ(test, listen_to_leaks(fake->hv), 0U);
	KUNIT_EXPECT_EQ(test, told_of_pages, 0U);

	deposit(fake, 7);
	KUNIT_EXPECT_EQ(test, hvrc_deposit(fake->file, &args), 0);
	/* A record alone is no leak. */
	p = hvrc_partition_get(fake->hv, FAKE_CHILD_ID + 2);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p));
	KUNIT_EXPECT_EQ(test, listen_to_leaks(fake->hv), 2U);
	hvrc_partition_put(fake->hv, p);
	KUNIT_EXPECT_EQ(test, told_of_pages, 2U);
	KUNIT_EXPECT_EQ(test, leak_lines[0], 1U);
	KUNIT_EXPECT_EQ(test, leak_lines[1], 1U);

	KUNIT_EXPECT_EQ(test, hvrc_withdraw(fake->file, &args), 0);
	drain(fake, 7);
	KUNIT_EXPECT_EQ(test, listen_to_leaks(fake->hv), 0U);
}

/* Three numbers that are no pages of partition 2 come out of its pool. */
static void quarantine(struct fake *fake)
{
	struct hv_rootctl_pool args;

	fake->pool[fake->nr_pool++] = 0;
	fake->pool[fake->nr_pool++] = ~0ULL;
	fake->pool[fake->nr_pool++] = BIT_ULL(51);
	KUNIT_EXPECT_EQ(fake->test, fake_withdraw(fake, 3, &args), 0);
	KUNIT_EXPECT_EQ(fake->test, args.pages_done, 0ULL);
}

/* W9: of each partition, when it goes or the driver, and once. */
static void partition_w9_quarantine_is_told(struct kunit *test)
{
	struct hv_rootctl_partition args = { .partition_id = FAKE_CHILD_ID };
	struct fake *fake = test->priv;
	typeof(fake->answer) pool = fake->answer;

	deposit(fake, 2);
	quarantine(fake);
	listen_to_leaks(fake->hv);
	KUNIT_EXPECT_EQ(test, leak_lines[2], 1U);
	listen_to_leaks(fake->hv);
	KUNIT_EXPECT_EQ(test, leak_lines[2], 0U);

	quarantine(fake);
	listen();
	fake->answer = fake_scripted;
	FAKE_SCRIPT(fake, HV_STATUS_ACCESS_DENIED, 0);
	KUNIT_EXPECT_EQ(test, hvrc_partition_delete(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_STATUS_ACCESS_DENIED);
	KUNIT_EXPECT_EQ(test, leak_lines[2], 0U);
	KUNIT_EXPECT_EQ(test, hvrc_partition_delete(fake->file, &args), 0);
	listen_no_more();
	KUNIT_EXPECT_EQ(test, leak_lines[2], 1U);
	fake->answer = pool;
	drain(fake, 2);
}

/* W9: the count lasts until then, and is in nobody's way. */
static void partition_w9_quarantine_is_kept(struct kunit *test)
{
	struct hv_rootctl_partition args = { .partition_id = FAKE_CHILD_ID };
	struct fake *fake = test->priv;
	struct hvrc_partition *p;

	quarantine(fake);
	p = xa_load(&fake->hv->partitions, FAKE_CHILD_ID);
	KUNIT_ASSERT_NOT_NULL(test, p);
	KUNIT_EXPECT_EQ(test, atomic64_read(&p->quarantined), 3);
	create(fake, 0);
	KUNIT_EXPECT_EQ(test, hvrc_partition_delete(fake->file, &args), 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&fake->hv->partitions));
}

static struct kunit_case partition_cases[] = {
	KUNIT_CASE(partition_create_input),
	KUNIT_CASE(partition_close),
	KUNIT_CASE(partition_close_detached),
	KUNIT_CASE(partition_close_other),
	KUNIT_CASE(partition_delete_by_hand),
	KUNIT_CASE(partition_refused),
	KUNIT_CASE(partition_not_new),
	KUNIT_CASE(partition_next),
	KUNIT_CASE(partition_fast),
	KUNIT_CASE(partition_moves_apart),
	KUNIT_CASE(partition_record_ends),
	KUNIT_CASE(partition_leaks),
	KUNIT_CASE(partition_w9_quarantine_is_told),
	KUNIT_CASE(partition_w9_quarantine_is_kept),
	{}
};

static struct kunit_suite partition_suite = {
	.name = "hv_rootctl_partition",
	.init = partition_init,
	.exit = fake_exit,
	.test_cases = partition_cases,
};

kunit_test_suite(partition_suite);
