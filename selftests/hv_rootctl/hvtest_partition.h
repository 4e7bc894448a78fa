/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A partition that is not initialized, some pages to deposit for it, and a
 * teardown that wants everything as it was.
 */
#ifndef HVTEST_PARTITION_H
#define HVTEST_PARTITION_H

#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_harness.h"

#define POOL_PAGES 64

FIXTURE(partition) {
	struct hvt t;
	struct hvt_audit before;
	struct hvt_mem pool;
	u64 id; /* uninitialized, nothing in its pool */
};

FIXTURE_SETUP(partition)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->pool, POOL_PAGES));
	ASSERT_EQ(0, hvt_audit(&self->t, &self->before));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &self->id));
}

/* Whatever a test did, nothing is left over. */
FIXTURE_TEARDOWN(partition)
{
	struct hvt_audit after;

	EXPECT_EQ(0, hvt_destroy(&self->t, self->id));
	EXPECT_EQ(0, hvt_take_back(&self->t));
	EXPECT_EQ(0, hvt_audit(&self->t, &after));
	EXPECT_TRUE(hvt_audit_equal(&self->before, &after));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static inline u16 move(struct _test_data_partition *self, u16 code)
{
	return hvt_partition(&self->t, code, self->id);
}

static inline u16 fill(struct _test_data_partition *self)
{
	return hvt_deposit_all(&self->t, self->id, &self->pool);
}

static inline void activate(struct __test_metadata *_metadata,
			    struct _test_data_partition *self)
{
	ASSERT_EQ(0, fill(self));
	ASSERT_EQ(HV_STATUS_SUCCESS, move(self, HVCALL_INITIALIZE_PARTITION));
}

static inline void drop(struct __test_metadata *_metadata,
			struct _test_data_partition *self, u64 privilege)
{
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_PRIVILEGES, ~privilege, NULL,
			       NULL));
}

static inline void restore(struct __test_metadata *_metadata,
			   struct _test_data_partition *self)
{
	ASSERT_EQ(0,
		  hvt_debug(&self->t, HV_DEBUG_PRIVILEGES, ~0ULL, NULL, NULL));
}

/* Pages of its pool that are in use; all ones when some are astray. */
static inline u64 in_use(struct _test_data_partition *self)
{
	u64 available, used;

	if (hvt_balance(&self->t, self->id, &available, &used) ||
	    available + used != POOL_PAGES)
		return ~0ULL;
	return used;
}

#endif
