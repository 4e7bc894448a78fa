// SPDX-License-Identifier: GPL-2.0
/*
 * Calls that are nearly right, by the thousand: the hypervisor answers each of
 * them, keeps its books, and the machine lives. The same seed gives the same
 * calls. W9, W12, W17.
 *
 * Page numbers are those of the test's own pages or of no RAM at all, and the
 * root's own pool is left alone: the kernel under test is not to be hurt.
 */
#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_harness.h"

#define PAGES 512
#define CHILDREN 4
#define CALLS 20000
#define CALLS_PER_AUDIT 500
#define CALLS_PER_CHILD 1000

FIXTURE(random_calls) {
	struct hvt t;
	struct hvt_mem mem;
	u64 ids[CHILDREN];
	u64 state; /* of the generator */
};

FIXTURE_VARIANT(random_calls) {
	u64 seed;
};

FIXTURE_VARIANT_ADD(random_calls, seed_1) { .seed = 1 };
FIXTURE_VARIANT_ADD(random_calls, seed_2) { .seed = 2 };

FIXTURE_SETUP(random_calls)
{
	unsigned int i;

	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->mem, PAGES));
	for (i = 0; i < CHILDREN; i++)
		ASSERT_EQ(HV_STATUS_SUCCESS,
			  hvt_create(&self->t, self->ids + i));
	self->state = variant->seed;
}

FIXTURE_TEARDOWN(random_calls)
{
	unsigned int i;

	/* One that the calls have deleted is gone already. */
	for (i = 0; i < CHILDREN; i++) {
		hvt_destroy(&self->t, self->ids[i]);
		EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID,
			  hvt_withdraw(&self->t, self->ids[i], 0, 1).status);
	}
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* splitmix64, by Sebastiano Vigna: public domain. */
static u64 rnd(struct _test_data_random_calls *self)
{
	u64 z = self->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static u64 below(struct _test_data_random_calls *self, u64 limit)
{
	return rnd(self) % limit;
}

static bool one_in(struct _test_data_random_calls *self, u64 n)
{
	return !below(self, n);
}

static u64 any_pfn(struct _test_data_random_calls *self)
{
	if (one_in(self, 50))
		return 1ULL << (30 + below(self, 34));
	return self->mem.pfn[below(self, PAGES)];
}

static u64 any_id(struct _test_data_random_calls *self)
{
	if (one_in(self, 50))
		return one_in(self, 2) ? 0 : HVT_UNKNOWN_ID;
	return self->ids[below(self, CHILDREN)];
}

/* A number that is small, or has one bit set, or is anything. */
static u64 any_number(struct _test_data_random_calls *self)
{
	switch (below(self, 4)) {
	case 0:
		return 1ULL << below(self, 64);
	case 1:
		return rnd(self);
	}
	return below(self, 20);
}

static const struct {
	u16 code;
	bool rep;
} calls[] = {
	{ HVCALL_INITIALIZE_PARTITION, false },
	{ HVCALL_FINALIZE_PARTITION, false },
	{ HVCALL_DELETE_PARTITION, false },
	{ HVCALL_GET_PARTITION_ID, false },
	{ HVCALL_GET_NEXT_CHILD_PARTITION, false },
	{ HVCALL_DEPOSIT_MEMORY, true },
	{ HVCALL_DEPOSIT_MEMORY, true },
	{ HVCALL_DEPOSIT_MEMORY, true },
	{ HVCALL_WITHDRAW_MEMORY, true },
	{ HVCALL_WITHDRAW_MEMORY, true },
	{ HVCALL_GET_MEMORY_BALANCE, false },
	{ HVCALL_MAP_GPA_PAGES, true },
	{ HVCALL_MAP_GPA_PAGES, true },
	{ HVCALL_UNMAP_GPA_PAGES, true },
	{ HVCALL_CREATE_VP, false },
	{ HVCALL_DELETE_VP, false },
	{ HVCALL_READ_GPA, false },
	{ HVCALL_WRITE_GPA, false },
	{ 0x4d, false }, /* no such call here */
};

/* The parameters of most calls; what is missing is 0. */
static void put_input(struct _test_data_random_calls *self, u16 code)
{
	u64 *in = (u64 *)self->t.in;
	unsigned int i;

	memset(in, 0, HV_PAGE_SIZE);
	in[0] = any_id(self);
	switch (code) {
	case HVCALL_DEPOSIT_MEMORY:
		for (i = 1; i < HV_PAGE_SIZE / sizeof(*in); i++)
			in[i] = any_pfn(self);
		break;
	case HVCALL_WITHDRAW_MEMORY:
	case HVCALL_GET_MEMORY_BALANCE:
		if (one_in(self, 10))
			in[1] = any_number(self);
		break;
	case HVCALL_GET_NEXT_CHILD_PARTITION:
		in[1] = any_id(self);
		break;
	case HVCALL_MAP_GPA_PAGES:
	case HVCALL_UNMAP_GPA_PAGES:
		in[1] = any_number(self);
		in[2] = code == HVCALL_MAP_GPA_PAGES ? below(self, 16) : 0;
		if (one_in(self, 20))
			in[2] = any_number(self);
		for (i = 3; i < HV_PAGE_SIZE / sizeof(*in); i++)
			in[i] = any_pfn(self);
		break;
	case HVCALL_CREATE_VP:
	case HVCALL_DELETE_VP:
		in[1] = any_number(self) & 0xffffffff;
		break;
	case HVCALL_READ_GPA:
	case HVCALL_WRITE_GPA:
		in[1] = below(self, 3) | below(self, 18) << 32;
		in[2] = below(self, 20) * HV_PAGE_SIZE + any_number(self);
		in[3] = HV_CACHE_TYPE_WRITE_BACK;
		if (one_in(self, 20))
			in[3] = any_number(self);
		break;
	}
}

static u64 any_control(struct _test_data_random_calls *self, u16 code, bool rep)
{
	u64 control = code;
	u32 count;

	if (rep != one_in(self, 100)) {
		count = 1 + below(self, one_in(self, 10) ? HV_REP_MAX : 20);
		control = hv_control_rep(code, count, one_in(self, 10) ?
					 below(self, count + 1) : 0);
	}
	if (one_in(self, 100))
		control |= 1ULL << (16 + below(self, 48));
	return control;
}

/* A list in a page of its own, or nearly so, or nowhere. */
static u64 any_list(struct _test_data_random_calls *self, u64 page)
{
	u64 gpa = page << HV_PAGE_SHIFT;

	if (one_in(self, 100))
		gpa += any_number(self) & HV_PAGE_MASK;
	if (one_in(self, 200))
		gpa = any_pfn(self) << HV_PAGE_SHIFT;
	return gpa;
}

TEST_F(random_calls, W9_W12_W17_books_agree)
{
	u64 answers[2] = { 0 }; /* refused, done */
	struct hvt *t = &self->t;
	struct hvt_audit start, now;
	unsigned int i;

	ASSERT_EQ(0, hvt_audit(t, &start));
	for (i = 0; i < CALLS; i++) {
		unsigned int n = below(self, ARRAY_SIZE(calls));
		u64 control = any_control(self, calls[n].code, calls[n].rep);
		u64 result;

		/* Not all of them long dead. */
		if (i % CALLS_PER_CHILD == 0) {
			u64 *id = self->ids + i / CALLS_PER_CHILD % CHILDREN;

			hvt_destroy(t, *id);
			ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(t, id));
		}
		if (calls[n].code == HVCALL_FINALIZE_PARTITION &&
		    !one_in(self, 50))
			continue;
		put_input(self, calls[n].code);
		result = hvt_registers(t, control,
				       any_list(self, t->input.pfn[0]),
				       any_list(self, t->output.pfn[0]));
		answers[!hv_result_status(result)]++;
		ASSERT_GE(hv_control_count(control), hv_result_reps(result))
			TH_LOG("call %u: %#llx gave %#llx", i, control, result);
		if (i % CALLS_PER_AUDIT)
			continue;
		ASSERT_EQ(0, hvt_audit(t, &now)) TH_LOG("after call %u", i);
		ASSERT_EQ(start.v[HV_DEBUG_HYPERVISOR_PAGES],
			  now.v[HV_DEBUG_HYPERVISOR_PAGES]);
		ASSERT_EQ(start.v[HV_DEBUG_ROOT_PAGES] +
				  start.v[HV_DEBUG_POOL_PAGES] +
				  start.v[HV_DEBUG_USED_PAGES],
			  now.v[HV_DEBUG_ROOT_PAGES] +
				  now.v[HV_DEBUG_POOL_PAGES] +
				  now.v[HV_DEBUG_USED_PAGES]);
	}
	/* A test of refusals alone, or of none, would not be one. */
	EXPECT_LT(CALLS / 10, answers[0]);
	EXPECT_LT(CALLS / 10, answers[1]);
}

TEST_HARNESS_MAIN
