// SPDX-License-Identifier: GPL-2.0
#include "calls.h"

#include <hv/registers.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES (HV_PAGE_SIZE / sizeof(u64))

void (*tests_config)(struct hvc_config *cfg);

/* What is broken fails the test that shows it, and the next one goes on. */
static void fail_test(void)
{
	fail();
}

int setup_host(void **state)
{
	struct hvc_config cfg;

	host_on_stop = fail_test;
	host_config(&cfg);
	if (tests_config)
		tests_config(&cfg);
	*state = host_new(&cfg, HOST_PAGES, 0);
	return 0;
}

/* Whatever a test did: nothing contradicts itself afterwards. */
int teardown_host(void **state)
{
	struct host *h = *state;
	u64 values[HV_DEBUG_NR_AUDIT];

	if (h->locked)
		return 0; /* stopped within the core: leave it alone */
	h->hv.cfg.debug = true;
	memset(h->hv.faults, 0, sizeof(h->hv.faults));
	host_audit(h, values);
	HOST_CHECK(!values[HV_DEBUG_AUDIT_ERRORS]);
	host_free(h);
	return 0;
}

static u64 call(struct host *h, u64 control, const void *in, size_t bytes,
		const u64 *list)
{
	u64 *out = host_page(h, HOST_OUT);
	u8 *page = host_page(h, HOST_IN);
	u32 i;

	for (i = 0; i < ENTRIES; i++)
		out[i] = JUNK;
	memset(page, 0xdd, HV_PAGE_SIZE);
	if (bytes)
		memcpy(page, in, bytes);
	if (list)
		memcpy(page + bytes, list, HV_PAGE_SIZE - bytes);
	return host_call(h, control, HOST_IN << HV_PAGE_SHIFT,
			 HOST_OUT << HV_PAGE_SHIFT);
}

u64 call_simple(struct host *h, u16 code, const void *in, size_t bytes)
{
	return call(h, hv_control_simple(code, false), in, bytes, NULL);
}

/* @list, if any, has ENTRIES entries. */
u64 call_rep(struct host *h, u16 code, u32 count, u32 start, const void *in,
	     size_t bytes, const u64 *list)
{
	return call(h, hv_control_rep(code, count, start), in, bytes, list);
}

const u64 *call_output(struct host *h)
{
	return host_page(h, HOST_OUT);
}

u64 create_partition(struct host *h, u64 *id)
{
	const struct hv_input_create_partition in = {
		.compatibility_version = HV_COMPATIBILITY_VERSION,
	};
	u64 result = call_simple(h, HVCALL_CREATE_PARTITION, &in, sizeof(in));

	*id = call_output(h)[0];
	return result;
}

u64 on_partition(struct host *h, u16 code, u64 id)
{
	const struct hv_input_partition in = { .partition_id = id };

	return call_simple(h, code, &in, sizeof(in));
}

u64 get_next_child(struct host *h, u64 parent, u64 previous, u64 *next)
{
	const struct hv_input_get_next_child_partition in = {
		.parent_id = parent,
		.previous_child_id = previous,
	};
	u64 result = call_simple(h, HVCALL_GET_NEXT_CHILD_PARTITION, &in,
				 sizeof(in));

	*next = call_output(h)[0];
	return result;
}

u64 deposit_list(struct host *h, u64 id, const u64 *pfns, u32 count)
{
	u64 list[ENTRIES] = {};

	memcpy(list, pfns, count * sizeof(u64));
	return call_rep(h, HVCALL_DEPOSIT_MEMORY, count, 0, &id, sizeof(id),
			list);
}

u64 deposit(struct host *h, u64 id, u64 first, u32 count)
{
	u64 list[ENTRIES];
	u32 i;

	for (i = 0; i < ENTRIES; i++)
		list[i] = first + i;
	return deposit_list(h, id, list, count);
}

u64 withdraw(struct host *h, u64 id, u64 proximity, u32 count)
{
	const struct hv_input_withdraw_memory in = {
		.partition_id = id,
		.proximity_domain_info = proximity,
	};

	return call_rep(h, HVCALL_WITHDRAW_MEMORY, count, 0, &in, sizeof(in),
			NULL);
}

u64 balance(struct host *h, u64 id, u64 proximity, u64 *available, u64 *in_use)
{
	const struct hv_input_get_memory_balance in = {
		.partition_id = id,
		.proximity_domain_info = proximity,
	};
	u64 result = call_simple(h, HVCALL_GET_MEMORY_BALANCE, &in, sizeof(in));

	*available = call_output(h)[0];
	*in_use = call_output(h)[1];
	return result;
}

u64 map_list(struct host *h, u64 id, u64 gpfn, u32 flags, const u64 *pfns,
	     u32 count)
{
	const struct hv_input_map_gpa_pages in = {
		.target_partition_id = id,
		.target_gpa_base = gpfn,
		.map_flags = flags,
	};
	u64 list[ENTRIES] = {};

	memcpy(list, pfns, count * sizeof(u64));
	return call_rep(h, HVCALL_MAP_GPA_PAGES, count, 0, &in, sizeof(in),
			list);
}

u64 map(struct host *h, u64 id, u64 gpfn, u32 flags, u64 first, u32 count)
{
	u64 list[ENTRIES];
	u32 i;

	for (i = 0; i < ENTRIES; i++)
		list[i] = first + i;
	return map_list(h, id, gpfn, flags, list, count);
}

u64 unmap(struct host *h, u64 id, u64 gpfn, u32 count)
{
	const struct hv_input_unmap_gpa_pages in = {
		.target_partition_id = id,
		.target_gpa_base = gpfn,
	};

	return call_rep(h, HVCALL_UNMAP_GPA_PAGES, count, 0, &in, sizeof(in),
			NULL);
}

u64 create_vp(struct host *h, u64 id, u32 index)
{
	const struct hv_input_create_vp in = {
		.partition_id = id,
		.vp_index = index,
	};

	return call_simple(h, HVCALL_CREATE_VP, &in, sizeof(in));
}

u64 delete_vp(struct host *h, u64 id, u32 index)
{
	const struct hv_input_delete_vp in = {
		.partition_id = id,
		.vp_index = index,
	};

	return call_simple(h, HVCALL_DELETE_VP, &in, sizeof(in));
}

u64 get_register(struct host *h, u64 id, u32 vp, u32 name)
{
	const struct hv_input_get_vp_registers in = {
		.partition_id = id,
		.vp_index = vp,
	};
	const u64 list[ENTRIES] = { name };

	return call_rep(h, HVCALL_GET_VP_REGISTERS, 1, 0, &in, sizeof(in),
			list);
}

u64 set_register(struct host *h, u64 id, u32 vp, u32 name, u64 value)
{
	const struct hv_input_set_vp_registers in = {
		.partition_id = id,
		.vp_index = vp,
	};
	const u64 list[ENTRIES] = { name, 0, value };

	return call_rep(h, HVCALL_SET_VP_REGISTERS, 1, 0, &in, sizeof(in),
			list);
}

/* VP 0, write-back. @data has 16 bytes. */
u64 read_gpa(struct host *h, u64 id, u64 gpa, u32 bytes, u32 *code, void *data)
{
	const struct hv_input_read_gpa in = {
		.partition_id = id,
		.byte_count = bytes,
		.base_gpa = gpa,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
	};
	u64 result = call_simple(h, HVCALL_READ_GPA, &in, sizeof(in));

	*code = call_output(h)[0];
	memcpy(data, &call_output(h)[1], HV_ACCESS_GPA_MAX);
	return result;
}

u64 write_gpa(struct host *h, u64 id, u64 gpa, u32 bytes, u32 *code,
	      const void *data)
{
	struct hv_input_write_gpa in = {
		.partition_id = id,
		.byte_count = bytes,
		.base_gpa = gpa,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
	};
	u64 result;

	memcpy(in.data, data, HV_ACCESS_GPA_MAX);
	result = call_simple(h, HVCALL_WRITE_GPA, &in, sizeof(in));
	*code = call_output(h)[0];
	return result;
}

u64 debug_call(struct host *h, u32 op, u64 arg, const char *text)
{
	struct hv_input_debug in = { .op = op, .arg = arg };

	if (text)
		snprintf(in.text, sizeof(in.text), "%s", text);
	return call_simple(h, HVCALL_DEBUG, &in, sizeof(in));
}

u64 make_child(struct host *h)
{
	struct hvc_partition *root = hvc_root(&h->hv);
	u64 id;

	if (!root->available)
		assert_result(deposit(h, HVC_SELF, ROOT_POOL + root->in_use, 1),
			      HV_STATUS_SUCCESS, 1);
	assert_status(create_partition(h, &id), SUCCESS);
	return id;
}

u64 make_active(struct host *h, u64 first, u32 pages)
{
	u64 id = make_child(h);

	assert_result(deposit(h, id, first, pages), HV_STATUS_SUCCESS, pages);
	assert_status(on_partition(h, HVCALL_INITIALIZE_PARTITION, id),
		      SUCCESS);
	return id;
}

void assert_balance(struct host *h, u64 id, u64 available, u64 in_use)
{
	u64 a, u;

	assert_status(balance(h, id, 0, &a, &u), SUCCESS);
	assert_int_equal(a, available);
	assert_int_equal(u, in_use);
}

void assert_clean(struct host *h)
{
	u64 values[HV_DEBUG_NR_AUDIT];

	host_audit(h, values);
	assert_int_equal(values[HV_DEBUG_AUDIT_ERRORS], 0);
}
