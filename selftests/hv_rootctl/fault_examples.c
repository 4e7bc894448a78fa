// SPDX-License-Identifier: GPL-2.0
/*
 * Every example of Documentation/fault-script.md, as it stands there: what the
 * caller sees, and that the hypervisor's own books are in order afterwards.
 * scripts/check-conformance compares the lines.
 */
#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_harness.h"

#define PAGES 200
#define POISON 0xa5a5a5a5a5a5a5a5ULL

FIXTURE(fault_examples) {
	struct hvt t;
	struct hvt_child child;
	struct hvt_mem more; /* not deposited */
	struct hvt_mem page; /* at page 0 of the child's space */
	u64 *list; /* that a withdraw brings */
	u64 have; /* pages in the child's pool that are not in use */
};

static u64 available(struct _test_data_fault_examples *self)
{
	u64 pages, in_use;

	return hvt_balance(&self->t, self->child.id, &pages, &in_use) ? ~0ULL :
									pages;
}

FIXTURE_SETUP(fault_examples)
{
	const u32 rw = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;
	struct hvt *t = &self->t;

	ASSERT_EQ(0, hvt_open(t));
	ASSERT_EQ(0, hvt_alloc(t, &self->more, PAGES));
	ASSERT_EQ(0, hvt_alloc(t, &self->page, 1));
	ASSERT_EQ(0, hvt_child_create(t, &self->child));
	ASSERT_EQ(1, hvt_map(t, self->child.id, 0, rw, self->page.pfn, 1).reps);
	self->list = (u64 *)t->out;
	self->have = available(self);
	ASSERT_LT(30, self->have);
}

FIXTURE_TEARDOWN(fault_examples)
{
	struct hvt_audit audit;

	EXPECT_EQ(0,
		  hvt_debug(&self->t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL));
	EXPECT_EQ(0, hvt_audit(&self->t, &audit));
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &self->child));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* Withdraw @count: this status, and so many pages said to have come. */
#define WITHDRAW(count, want_status, want_reps)                          \
	do {                                                             \
		struct hvt_done _d = hvt_withdraw(&self->t,              \
						  self->child.id, 0,     \
						  count);                \
		ASSERT_EQ(want_status, _d.status);                       \
		ASSERT_EQ(want_reps, _d.reps);                           \
	} while (0)

/* So many have really left the pool since the test began. */
#define GONE(pages) EXPECT_EQ(self->have - (pages), available(self))

#define ADD(line) ASSERT_EQ(0, hvt_fault(&self->t, line))

/* A page of the child's pool, at least when it began. */
static bool is_pools(struct _test_data_fault_examples *self, u64 number)
{
	unsigned int i;

	for (i = 0; i < HVT_CHILD_POOL; i++)
		if (self->child.pool.pfn[i] == number)
			return true;
	return false;
}

/* Would the hypervisor take it from the root? */
static bool is_roots(struct _test_data_fault_examples *self, u64 number)
{
	bool taken = hvt_deposit(&self->t, self->child.id, &number, 1).reps;

	if (taken)
		hvt_withdraw(&self->t, self->child.id, 0, 1);
	return taken;
}

TEST_F(fault_examples, success_without_progress)
{
	unsigned int i;

	ADD("call=0x49 status=0 reps=0 times=0");
	for (i = 0; i < 20; i++)
		WITHDRAW(8, HV_STATUS_SUCCESS, 0);
	EXPECT_EQ(POISON, self->list[0]);
	GONE(0);
}

TEST_F(fault_examples, more_than_asked_for)
{
	ADD("call=0x49 run=all reps=600");
	WITHDRAW(8, HV_STATUS_SUCCESS, 600);
	EXPECT_TRUE(is_pools(self, self->list[7]));
	EXPECT_EQ(POISON, self->list[8]);
	GONE(8);
	WITHDRAW(8, HV_STATUS_SUCCESS, 8);
}

TEST_F(fault_examples, the_third_runs_dry)
{
	ADD("call=0x49 nth=3 run=5 status=0x1d");
	WITHDRAW(8, HV_STATUS_SUCCESS, 8);
	WITHDRAW(8, HV_STATUS_SUCCESS, 8);
	WITHDRAW(8, HV_STATUS_NO_RESOURCES, 5);
	GONE(21);
	WITHDRAW(8, HV_STATUS_SUCCESS, 8);
}

TEST_F(fault_examples, deposit_short_of_memory)
{
	struct hvt_done d;

	ADD("call=0x48 run=100 status=0x0b");
	d = hvt_deposit(&self->t, self->child.id, self->more.pfn, PAGES);
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, d.status);
	EXPECT_EQ(100, d.reps);
	EXPECT_EQ(self->have + 100, available(self));
	EXPECT_FALSE(is_roots(self, self->more.pfn[99]));
	EXPECT_TRUE(is_roots(self, self->more.pfn[100]));
}

TEST_F(fault_examples, foreign_pages)
{
	unsigned int i;

	ADD("call=0x49 run=5 pages=foreign:3");
	WITHDRAW(20, HV_STATUS_SUCCESS, 8);
	for (i = 0; i < 5; i++)
		EXPECT_TRUE(is_pools(self, self->list[i]));
	/* The first of them is the page of the list. */
	EXPECT_EQ(self->t.output.pfn[0], self->list[5]);
	for (i = 5; i < 8; i++)
		EXPECT_FALSE(is_pools(self, self->list[i]));
	GONE(5);
}

TEST_F(fault_examples, a_duplicate)
{
	ADD("call=0x49 run=all pages=duplicate");
	WITHDRAW(8, HV_STATUS_SUCCESS, 8);
	EXPECT_EQ(self->list[0], self->list[7]);
	EXPECT_NE(self->list[0], self->list[6]);
	GONE(7);
}

TEST_F(fault_examples, an_unaligned_number)
{
	ADD("call=0x49 run=2 pages=unaligned");
	WITHDRAW(8, HV_STATUS_SUCCESS, 3);
	EXPECT_TRUE(is_pools(self, self->list[1]));
	EXPECT_EQ(1, self->list[2] >> 63);
	EXPECT_TRUE(is_pools(self, self->list[2] & ~(1ULL << 63)));
	GONE(2);
}

TEST_F(fault_examples, outside_of_ram)
{
	unsigned int round, i;

	ADD("call=0x49 pages=outside:512 times=0");
	for (round = 0; round < 3; round++) {
		WITHDRAW(HV_WITHDRAW_MAX, HV_STATUS_SUCCESS, HV_WITHDRAW_MAX);
		for (i = 0; i < PAGES; i++)
			ASSERT_LT(self->more.pfn[i], self->list[0]);
		for (i = 1; i < HV_WITHDRAW_MAX; i++)
			ASSERT_LT(self->list[i - 1], self->list[i]);
	}
	GONE(0);
}

TEST_F(fault_examples, a_page_of_the_hypervisor)
{
	u64 number;

	ADD("call=0x49 pages=hypervisor");
	WITHDRAW(8, HV_STATUS_SUCCESS, 1);
	number = self->list[0];
	EXPECT_NE(POISON, number);
	EXPECT_FALSE(is_pools(self, number));
	EXPECT_FALSE(is_roots(self, number));
	GONE(0);
}

TEST_F(fault_examples, page_0_in_the_second_list)
{
	ADD("call=0x49 nth=2 run=all pages=zero");
	WITHDRAW(8, HV_STATUS_SUCCESS, 8);
	EXPECT_NE(0, self->list[7]);
	WITHDRAW(8, HV_STATUS_SUCCESS, 8);
	EXPECT_NE(0, self->list[6]);
	EXPECT_EQ(0, self->list[7]);
	GONE(15);
}

TEST_F(fault_examples, a_stale_list)
{
	ADD("call=0x49 run=3 output=stale");
	WITHDRAW(8, HV_STATUS_SUCCESS, 8);
	EXPECT_TRUE(is_pools(self, self->list[2]));
	EXPECT_EQ(POISON, self->list[3]);
	EXPECT_EQ(POISON, self->list[7]);
	GONE(3);
}

TEST_F(fault_examples, a_read_that_returns_nothing)
{
	u64 access = 0, data = 0;

	ADD("call=0x53 run=1 output=stale");
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hvt_read_gpa(&self->t, self->child.id, 0, &data,
			       sizeof(data), &access));
	EXPECT_EQ(POISON, *(u64 *)self->t.out);
	EXPECT_EQ(POISON, *(u64 *)(self->t.out + 8));
}

/* There is one more partition than anybody was told. */
TEST_F(fault_examples, a_partition_that_is_called_0)
{
	struct hvt_audit before, after;
	u64 id = 1, next = 0, unknown;

	ASSERT_EQ(0, hvt_create(&self->t, &id));
	ASSERT_EQ(0, hvt_partition(&self->t, HVCALL_DELETE_PARTITION, id));
	ASSERT_EQ(0, hvt_audit(&self->t, &before));
	ADD("call=0x40 run=1 value=0");
	EXPECT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &id));
	EXPECT_EQ(0, id);
	ASSERT_EQ(0, hvt_audit(&self->t, &after));
	EXPECT_EQ(before.v[HV_DEBUG_PARTITIONS] + 1,
		  after.v[HV_DEBUG_PARTITIONS]);
	/* The youngest comes last. */
	do {
		unknown = next;
		ASSERT_EQ(0, hvt_next_child(&self->t, HV_PARTITION_ID_SELF,
					    next, &next));
	} while (next);
	EXPECT_NE(self->child.id, unknown);
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_DELETE_PARTITION, unknown));
}

TEST_F(fault_examples, a_write_said_to_be_refused)
{
	const u64 data = 0x1122334455667788ULL;
	u64 access = 0;

	ADD("call=0x54 status=0 value=2");
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hvt_write_gpa(&self->t, self->child.id, 0, &data,
				sizeof(data), &access));
	EXPECT_EQ(HV_ACCESS_GPA_READ_INTERCEPT, access);
	EXPECT_EQ(0, *(u64 *)self->page.va);
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hvt_write_gpa(&self->t, self->child.id, 0, &data,
				sizeof(data), &access));
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, access);
	EXPECT_EQ(data, *(u64 *)self->page.va);
}

TEST_F(fault_examples, a_write_times_out)
{
	const u64 data = 0x1122334455667788ULL;
	u64 access;

	ADD("call=0x54 status=0x78");
	EXPECT_EQ(HV_STATUS_TIME_OUT,
		  hvt_write_gpa(&self->t, self->child.id, 0, &data,
				sizeof(data), &access));
	EXPECT_EQ(0, *(u64 *)self->page.va);
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hvt_write_gpa(&self->t, self->child.id, 0, &data,
				sizeof(data), &access));
}

TEST_HARNESS_MAIN
