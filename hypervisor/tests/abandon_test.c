// SPDX-License-Identifier: GPL-2.0
/* The root's operating system leaves: nothing of what it made stays. */
#include "calls.h"

#include <string.h>

static void nothing_to_do(void **state)
{
	struct host *h = *state;
	u64 before = host_fingerprint(h);

	assert_int_equal(hvc_abandon(&h->hv), 0);
	assert_true(host_fingerprint(h) == before);
	assert_clean(h);
}

static void everything_goes(void **state)
{
	struct host *h = *state;
	u64 id = make_active(h, HOST_FREE, 64);
	u64 other = make_child(h);
	u64 next, pfn, values[HV_DEBUG_VALUES];

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(map(h, id, 0, RWX, HOST_FREE + 100, 8),
		      HV_STATUS_SUCCESS, 8);
	assert_result(deposit(h, other, HOST_FREE + 200, 8), HV_STATUS_SUCCESS,
		      8);
	assert_result(deposit(h, HVC_SELF, HOST_FREE + 300, 8),
		      HV_STATUS_SUCCESS, 8);
	/* 64 and 8 and 8, and those that the partitions themselves are in. */
	assert_int_equal(hvc_abandon(&h->hv), 64 + 8 + 8 + 2);
	assert_balance(h, HVC_SELF, 0, 0);
	assert_status(get_next_child(h, HVC_SELF, 0, &next), SUCCESS);
	assert_int_equal(next, 0);
	host_audit(h, values);
	for (pfn = HOST_FREE; pfn < HOST_FREE + 400; pfn++) {
		u8 *page = host_page(h, pfn); /* in the root's reach */

		if (pfn < HOST_FREE + 64)
			assert_true(!page[0] && !memcmp(page, page + 1,
							HV_PAGE_SIZE - 1));
	}
	/* Ids are not used again, and pages that were mapped are free. */
	assert_int_equal(on_partition(h, HVCALL_INITIALIZE_PARTITION, id),
			 HV_STATUS_INVALID_PARTITION_ID);
	assert_result(deposit(h, HVC_SELF, HOST_FREE + 100, 8),
		      HV_STATUS_SUCCESS, 8);
	assert_true(make_active(h, HOST_FREE, 64) > other);
	assert_clean(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("abandon: nothing to do", nothing_to_do),
		HOST_TEST("W9 W12 abandon: everything goes", everything_goes),
	};

	return cmocka_run_group_tests_name("abandon", tests, NULL, NULL);
}
