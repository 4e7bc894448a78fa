// SPDX-License-Identifier: GPL-2.0
/* Virtual processors of children: HvCreateVp and HvDeleteVp. */
#include "calls.h"

#include <string.h>

static u64 child(struct host *h, u32 pages)
{
	return make_active(h, 100, pages + 1);
}

static void life(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 5);
	struct hvc_vp *vp;

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_status(create_vp(h, id, 63), SUCCESS);
	assert_int_equal(h->vps, 2);
	assert_balance(h, id, 1, 5);
	vp = h->hv.partitions[id]->vps[63];
	assert_int_equal(vp->index, 63);
	assert_status(create_vp(h, id, 63), INVALID_VP_INDEX);
	assert_status(delete_vp(h, id, 63), SUCCESS);
	assert_int_equal(h->vps, 1);
	assert_balance(h, id, 3, 3);
	assert_status(delete_vp(h, id, 63), INVALID_VP_INDEX);
	assert_status(create_vp(h, id, 63), SUCCESS);
}

static void indexes(void **state)
{
	static const u32 bad[] = { 64, 65, 0x100, HV_VP_INDEX_SELF, HV_ANY_VP };
	struct host *h = *state;
	u64 id = child(h, 4);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_status(create_vp(h, id, bad[i]), INVALID_VP_INDEX);
		assert_status(delete_vp(h, id, bad[i]), INVALID_VP_INDEX);
		assert_status(create_vp(h, HVC_SELF, bad[i]), INVALID_VP_INDEX);
	}
	assert_balance(h, id, 4, 1);
}

static void parameters(void **state)
{
	struct host *h = *state;
	struct hv_input_create_vp in = { .partition_id = child(h, 4) };

	in.flags = 1;
	assert_status(call_simple(h, HVCALL_CREATE_VP, &in, sizeof(in)),
		      INVALID_PARAMETER);
	in.flags = 0;
	in.proximity_domain_info = HV_PROXIMITY_VALID | HOST_DOMAINS;
	assert_status(call_simple(h, HVCALL_CREATE_VP, &in, sizeof(in)),
		      INVALID_PARAMETER);
	in.proximity_domain_info = 1ULL << 33;
	assert_status(call_simple(h, HVCALL_CREATE_VP, &in, sizeof(in)),
		      INVALID_PARAMETER);
	in.proximity_domain_info = hv_proximity(1, true);
	assert_status(call_simple(h, HVCALL_CREATE_VP, &in, sizeof(in)),
		      SUCCESS);
}

/* One page too few for the structure and the host's part: nothing is taken. */
static void memory(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 0);

	assert_status(create_vp(h, id, 0), INSUFFICIENT_MEMORY);
	assert_result(deposit(h, id, 200, 1), HV_STATUS_SUCCESS, 1);
	assert_status(create_vp(h, id, 0), INSUFFICIENT_MEMORY);
	assert_balance(h, id, 1, 1);
	assert_int_equal(h->vps, 0);
	assert_result(deposit(h, id, 201, 1), HV_STATUS_SUCCESS, 1);
	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_balance(h, id, 0, 3);
}

static u64 create_near(struct host *h, u64 id, u32 index, u64 proximity)
{
	const struct hv_input_create_vp in = {
		.partition_id = id,
		.vp_index = index,
		.proximity_domain_info = proximity,
	};

	return call_simple(h, HVCALL_CREATE_VP, &in, sizeof(in));
}

/* All of its pages are of the domain that was wished for, or none is taken. */
static void C_vp_6_proximity(void **state)
{
	const u64 pages[] = { 65, 66, 80, 81, 82, 112 }; /* of domains 0, 1, 3 */
	struct host *h = *state;
	u64 id = make_active(h, 64, 1);
	struct hvc_vp **vps = h->hv.partitions[id]->vps;

	assert_result(deposit_list(h, id, pages, 6), HV_STATUS_SUCCESS, 6);
	assert_status(create_near(h, id, 0, hv_proximity(3, false)),
		      INSUFFICIENT_MEMORY);
	assert_balance(h, id, 6, 1);
	assert_status(create_near(h, id, 0, hv_proximity(1, false)), SUCCESS);
	assert_int_equal(host_domain(vps[0]->pfn), 1);
	assert_int_equal(host_domain(vps[0]->pages[0]), 1);
	assert_status(create_near(h, id, 1, hv_proximity(1, false)),
		      INSUFFICIENT_MEMORY);
	assert_status(create_near(h, id, 1, hv_proximity(1, true)), SUCCESS);
	assert_int_equal(host_domain(vps[1]->pfn), 1);
	assert_int_equal(host_domain(vps[1]->pages[0]), 0);
	/* Not valid: it says nothing. */
	assert_status(create_near(h, id, 2, 2), SUCCESS);
	assert_balance(h, id, 0, 7);
}

static void finalize_destroys(void **state)
{
	struct host *h = *state;
	u64 id = child(h, 128);
	u32 i;

	for (i = 0; i < HVC_MAX_VPS; i++)
		assert_status(create_vp(h, id, i), SUCCESS);
	assert_balance(h, id, 0, 129);
	assert_status(on_partition(h, HVCALL_FINALIZE_PARTITION, id), SUCCESS);
	assert_int_equal(h->vps, 0);
	assert_balance(h, id, 129, 0);
}

static u32 given_index;

static u32 root_vp_create(struct hvc *hv, u32 vp_index, u64 flags)
{
	(void)hv;
	given_index = vp_index;
	return flags == 5 ? HV_STATUS_SUCCESS : HV_STATUS_NO_RESOURCES;
}

/* Linux passes the index of the logical processor as the flags there. */
static void of_the_root(void **state)
{
	struct host *h = *state;
	struct hvc_host_ops ops = *h->hv.ops;
	struct hv_input_create_vp in = {
		.partition_id = HVC_SELF, .vp_index = 3, .flags = 5,
	};

	assert_status(create_vp(h, HVC_SELF, 1), ACCESS_DENIED);
	ops.root_vp_create = root_vp_create;
	h->hv.ops = &ops;
	assert_status(call_simple(h, HVCALL_CREATE_VP, &in, sizeof(in)),
		      SUCCESS);
	assert_int_equal(given_index, 3);
	in.flags = 6;
	assert_status(call_simple(h, HVCALL_CREATE_VP, &in, sizeof(in)),
		      NO_RESOURCES);
	teardown_host(state);
	setup_host(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("W12 C-vp create and delete", life),
		HOST_TEST("C-vp indexes", indexes),
		HOST_TEST("C-vp parameters", parameters),
		HOST_TEST("W12 C-vp insufficient memory takes nothing", memory),
		HOST_TEST("C-vp-6 proximity", C_vp_6_proximity),
		HOST_TEST("W12 C-vp finalize destroys them all",
			  finalize_destroys),
		HOST_TEST("C-vp the root's are the host's business",
			  of_the_root),
	};

	return cmocka_run_group_tests_name("vp", tests, NULL, NULL);
}
