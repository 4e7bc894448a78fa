// SPDX-License-Identifier: GPL-2.0
/*
 * The calls for other modules, from each context that they may come from:
 * process, interrupts off, softirq, hardirq.
 */
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/mm.h>
#include <linux/page-flags.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>

#include <hv/memory.h>

#include "../api.h"
#include "../compat.h"
#include "fake.h"

#define API_PAGES 600
#define API_GPA 0x12345ULL

/* A call to make, and where it was made. */
struct api_call {
	struct kunit *test;
	void (*fn)(struct api_call *call);
	struct hrtimer timer;
	struct tasklet_struct tasklet;
	struct completion done;
	u64 *pages;
	u32 count;
	u32 status;
	u64 access_result;
	bool hardirq, softirq, irqs_off;
};

static void api_make(struct api_call *call)
{
	call->hardirq = in_hardirq();
	call->softirq = in_serving_softirq();
	call->irqs_off = irqs_disabled();
	call->fn(call);
	complete(&call->done);
}

static void api_tasklet(struct tasklet_struct *t)
{
	api_make(container_of(t, struct api_call, tasklet));
}

static enum hrtimer_restart api_timer(struct hrtimer *timer)
{
	api_make(container_of(timer, struct api_call, timer));
	return HRTIMER_NORESTART;
}

static void api_in_process(struct api_call *call)
{
	api_make(call);
	KUNIT_EXPECT_FALSE(call->test, call->irqs_off);
}

static void api_with_irqs_off(struct api_call *call)
{
	unsigned long flags;

	local_irq_save(flags);
	api_make(call);
	KUNIT_EXPECT_TRUE(call->test, irqs_disabled());
	local_irq_restore(flags);
	KUNIT_EXPECT_TRUE(call->test, call->irqs_off);
}

static void api_in_softirq(struct api_call *call)
{
	reinit_completion(&call->done);
	tasklet_setup(&call->tasklet, api_tasklet);
	tasklet_schedule(&call->tasklet);
	wait_for_completion(&call->done);
	tasklet_kill(&call->tasklet);
	KUNIT_EXPECT_TRUE(call->test, call->softirq);
}

static void api_in_hardirq(struct api_call *call)
{
	reinit_completion(&call->done);
	hrtimer_setup_on_stack(&call->timer, api_timer, CLOCK_MONOTONIC,
			       HRTIMER_MODE_REL_HARD);
	hrtimer_start(&call->timer, 0, HRTIMER_MODE_REL_HARD);
	wait_for_completion(&call->done);
	hrtimer_cancel(&call->timer);
	destroy_hrtimer_on_stack(&call->timer);
	KUNIT_EXPECT_TRUE(call->test, call->hardirq);
	KUNIT_EXPECT_TRUE(call->test, call->irqs_off);
}

static void (*const api_contexts[])(struct api_call *call) = {
	api_in_process,
	api_with_irqs_off,
	api_in_softirq,
	api_in_hardirq,
};

static int api_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;

	fake->answer = fake_pool;
	return err;
}

static struct api_call *api_new(struct kunit *test,
				void (*fn)(struct api_call *call))
{
	struct api_call *call = kunit_kzalloc(test, sizeof(*call), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, call);
	call->pages = kunit_kzalloc(test, 2 * API_PAGES * sizeof(u64),
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, call->pages);
	call->test = test;
	call->fn = fn;
	init_completion(&call->done);
	return call;
}

static void api_withdraw(struct api_call *call)
{
	struct fake *fake = call->test->priv;

	rcu_read_lock();
	call->status = hvrc_api_withdraw(fake->hv, FAKE_CHILD_ID, 0,
					 &call->count, call->pages);
	rcu_read_unlock();
}

/* The pages are the caller's: free them, and see that it could. */
static void api_free(struct api_call *call)
{
	struct kunit *test = call->test;
	u32 i;

	for (i = 0; i < call->count; i++) {
		struct page *page = pfn_to_page(call->pages[i]);

		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		KUNIT_EXPECT_FALSE(test, PageOffline(page));
		__free_page(page);
		fake_expect_free(test, call->pages[i]);
	}
}

/* W2, W7, W15: the exact count, the status, and the pages, from anywhere. */
static void api_w15_withdraw(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	struct api_call *call;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(api_contexts); i++) {
		call = api_new(test, api_withdraw);
		KUNIT_EXPECT_EQ(test, fake_deposit(fake, API_PAGES + 50, &args),
				0);
		call->count = API_PAGES;
		api_contexts[i](call);
		KUNIT_EXPECT_EQ(test, call->status, HV_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, call->count, (u32)API_PAGES);
		EXPECT_BOOKS(fake, 50, 0, i * (API_PAGES + 50) + API_PAGES);
		api_free(call);

		call->count = API_PAGES;
		api_contexts[i](call);
		KUNIT_EXPECT_EQ(test, call->status, HV_STATUS_NO_RESOURCES);
		KUNIT_EXPECT_EQ(test, call->count, 50U);
		EXPECT_BOOKS(fake, 0, 0, (i + 1) * (API_PAGES + 50));
		api_free(call);
	}
}

/* W9: what is not this pool's is not handed out. */
static void api_w9_quarantine(struct kunit *test)
{
	struct api_call *call = api_new(test, api_withdraw);
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;
	struct hvrc_partition *p;
	u64 first;

	/* Nothing is known of this pool at all. */
	fake->pool[fake->nr_pool++] = 0;
	fake->pool[fake->nr_pool++] = ~0ULL;
	call->count = 2;
	api_with_irqs_off(call);
	KUNIT_EXPECT_EQ(test, call->status, HV_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call->count, 0U);
	EXPECT_BOOKS(fake, 0, 2, 0);

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 4, &args), 0);
	first = fake->pool[0];
	fake->pool[fake->nr_pool++] = first + 3; /* a second time */
	fake->pool[fake->nr_pool++] = first + 4;
	p = hvrc_partition_get(fake->hv, FAKE_CHILD_ID);
	KUNIT_ASSERT_FALSE(test, IS_ERR(p));
	call->count = 6;
	api_in_hardirq(call);
	KUNIT_EXPECT_EQ(test, call->count, 4U);
	EXPECT_BOOKS(fake, 0, 4, 4);
	KUNIT_EXPECT_EQ(test, atomic64_read(&p->quarantined), 2);
	hvrc_partition_put(fake->hv, p);
	api_free(call);
}

/* W16: no answer, no progress, no end: each is one, and nothing is lost. */
static void api_w16_protocol(struct kunit *test)
{
	struct api_call *call = api_new(test, api_withdraw);
	struct fake *fake = test->priv;
	struct hv_rootctl_pool args;

	KUNIT_EXPECT_EQ(test, fake_deposit(fake, 4, &args), 0);
	fake->answer = fake_scripted;
	FAKE_SCRIPT(fake, ~0ULL, hv_result(HV_STATUS_SUCCESS, 0),
		    hv_result(HV_STATUS_SUCCESS, 5),
		    hv_result(HV_STATUS_ACCESS_DENIED, 0));
	call->count = 4;
	api_with_irqs_off(call);
	KUNIT_EXPECT_EQ(test, call->status, HV_ROOTCTL_NO_STATUS);
	KUNIT_EXPECT_EQ(test, call->count, 0U);
	call->count = 4;
	api_with_irqs_off(call);
	KUNIT_EXPECT_EQ(test, call->status, HV_ROOTCTL_NO_STATUS);
	call->count = 4;
	api_with_irqs_off(call);
	KUNIT_EXPECT_EQ(test, call->status, HV_ROOTCTL_NO_STATUS);
	KUNIT_EXPECT_EQ(test, call->count, 0U);
	call->count = 4;
	api_with_irqs_off(call);
	KUNIT_EXPECT_EQ(test, call->status, HV_STATUS_ACCESS_DENIED);

	fake->answer = fake_pool;
	KUNIT_EXPECT_EQ(test, fake_withdraw(fake, 4, &args), 0);
	KUNIT_EXPECT_EQ(test, args.pages_done, 4ULL);
}

static u64 api_write_answer(struct fake *fake, u64 control, const void *in,
			    void *out)
{
	const struct hv_input_write_gpa *write = in;
	struct hv_output_write_gpa *answer = out;

	if (hv_control_code(control) != HVCALL_WRITE_GPA)
		return HV_STATUS_INVALID_PARTITION_ID;
	if (write->base_gpa != API_GPA || write->vp_index != 7 ||
	    write->byte_count != 5 || write->control_flags != 6 ||
	    memcmp(write->data, "hello\0\0\0\0\0\0\0\0\0\0", 16))
		return HV_STATUS_INVALID_PARAMETER;
	answer->access_result = fake->arg;
	return fake->nr_pool ? HV_STATUS_INVALID_VP_INDEX : HV_STATUS_SUCCESS;
}

static void api_write(struct api_call *call)
{
	struct fake *fake = call->test->priv;
	struct hv_input_write_gpa input = {
		.partition_id = FAKE_CHILD_ID,
		.vp_index = 7,
		.byte_count = 5,
		.base_gpa = API_GPA,
		.control_flags = 6,
		.data = "hello",
	};

	rcu_read_lock();
	call->status = hvrc_api_write(fake->hv, &input, &call->access_result);
	rcu_read_unlock();
}

/* G8, G14: the bytes, the status and the access result, from anywhere. */
static void api_g14_write(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct api_call *call;
	u32 i;

	fake->answer = api_write_answer;
	for (i = 0; i < ARRAY_SIZE(api_contexts); i++) {
		call = api_new(test, api_write);
		fake->arg = i;
		fake->nr_pool = 0;
		api_contexts[i](call);
		KUNIT_EXPECT_EQ(test, call->status, HV_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, call->access_result, (u64)i);

		/* Refused: what the output says is nothing. */
		call->access_result = 77;
		fake->nr_pool = 1;
		api_contexts[i](call);
		KUNIT_EXPECT_EQ(test, call->status, HV_STATUS_INVALID_VP_INDEX);
		KUNIT_EXPECT_EQ(test, call->access_result, 77ULL);
	}
	fake->nr_pool = 0;
}

static struct kunit_case api_cases[] = {
	KUNIT_CASE(api_w15_withdraw),
	KUNIT_CASE(api_w9_quarantine),
	KUNIT_CASE(api_w16_protocol),
	KUNIT_CASE(api_g14_write),
	{}
};

static struct kunit_suite api_suite = {
	.name = "hv_rootctl_api",
	.init = api_init,
	.exit = fake_exit,
	.test_cases = api_cases,
};

kunit_test_suite(api_suite);
