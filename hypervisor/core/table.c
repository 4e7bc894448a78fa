// SPDX-License-Identifier: GPL-2.0
/*
 * The contract of every call, one row each: what dispatch checks before a
 * handler runs. Layouts, callers and states as the TLFS lists them per call;
 * where its editions disagree, see Documentation/abi-notes.md.
 */
#include "internal.h"

#define ACTIVE HVC_IN(HVC_ACTIVE)
#define POOL_PRIVILEGE HV_PRIVILEGE(ACCESS_MEMORY_POOL)

static const struct hvc_row core_rows[] = {
	{
		.code = HVCALL_CREATE_PARTITION,
		.who = HVC_NO_TARGET,
		.privilege = HV_PRIVILEGE(CREATE_PARTITIONS),
		.in_header = sizeof(struct hv_input_create_partition),
		.out_header = sizeof(struct hv_output_create_partition),
		.handler = hvc_create_partition,
	},
	{
		.code = HVCALL_INITIALIZE_PARTITION,
		.flags = HVC_ROW_FAST,
		.who = HVC_PARENT,
		.states = HVC_IN(HVC_UNINITIALIZED),
		.in_header = sizeof(struct hv_input_partition),
		.handler = hvc_initialize_partition,
	},
	{
		.code = HVCALL_FINALIZE_PARTITION,
		.flags = HVC_ROW_FAST,
		.who = HVC_PARENT,
		.states = ACTIVE | HVC_IN(HVC_FINALIZING),
		.in_header = sizeof(struct hv_input_partition),
		.handler = hvc_finalize_partition,
	},
	{
		.code = HVCALL_DELETE_PARTITION,
		.flags = HVC_ROW_FAST,
		.who = HVC_PARENT,
		.states = HVC_IN(HVC_UNINITIALIZED) | HVC_IN(HVC_FINALIZED),
		.in_header = sizeof(struct hv_input_partition),
		.handler = hvc_delete_partition,
	},
	{
		.code = HVCALL_GET_PARTITION_PROPERTY,
		.who = HVC_PARENT_OR_ROOT_SELF,
		.states = ACTIVE | HVC_IN(HVC_UNINITIALIZED),
		.in_header = sizeof(struct hv_input_get_partition_property),
		.out_header = sizeof(struct hv_output_get_partition_property),
		.handler = hvc_get_partition_property,
	},
	{
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.who = HVC_PARENT_OR_ROOT_SELF,
		.states = ACTIVE | HVC_IN(HVC_UNINITIALIZED),
		.in_header = sizeof(struct hv_input_set_partition_property),
		.handler = hvc_set_partition_property,
	},
	{
		.code = HVCALL_GET_PARTITION_ID,
		.who = HVC_NO_TARGET,
		.privilege = HV_PRIVILEGE(ACCESS_PARTITION_ID),
		.out_header = sizeof(struct hv_output_get_partition_id),
		.handler = hvc_get_partition_id,
		.constant = hvc_partition_id,
	},
	{
		.code = HVCALL_EXT_QUERY_CAPABILITIES,
		.who = HVC_NO_TARGET,
		.privilege = HV_PRIVILEGE(ENABLE_EXTENDED_HYPERCALLS),
		.out_header = sizeof(struct hv_output_ext_query_capabilities),
		.handler = hvc_ext_query_capabilities,
	},
	{
		.code = HVCALL_GET_NEXT_CHILD_PARTITION,
		.flags = HVC_ROW_QUICK,
		.who = HVC_PARENT_OR_SELF,
		.states = HVC_ANY_STATE,
		.in_header = sizeof(struct hv_input_get_next_child_partition),
		.out_header = sizeof(struct hv_output_get_next_child_partition),
		.handler = hvc_get_next_child,
	},
	{
		.code = HVCALL_DEPOSIT_MEMORY,
		.kind = HVC_REP,
		.who = HVC_PARENT_OR_ROOT_SELF,
		.privilege = POOL_PRIVILEGE,
		.states = ACTIVE | HVC_IN(HVC_UNINITIALIZED),
		.in_header = sizeof(struct hv_input_deposit_memory),
		.in_element = sizeof(u64),
		.batch = hvc_deposit_memory,
	},
	{
		.code = HVCALL_WITHDRAW_MEMORY,
		.kind = HVC_REP,
		.who = HVC_PARENT_OR_ROOT_SELF,
		.privilege = POOL_PRIVILEGE,
		.states = HVC_ANY_STATE,
		.in_header = sizeof(struct hv_input_withdraw_memory),
		.out_element = sizeof(u64),
		.batch = hvc_withdraw_memory,
	},
	{
		.code = HVCALL_GET_MEMORY_BALANCE,
		.flags = HVC_ROW_QUICK,
		.who = HVC_PARENT_OR_ROOT_SELF,
		.privilege = POOL_PRIVILEGE,
		.states = HVC_ANY_STATE,
		.in_header = sizeof(struct hv_input_get_memory_balance),
		.out_header = sizeof(struct hv_output_get_memory_balance),
		.handler = hvc_get_memory_balance,
	},
	{
		.code = HVCALL_MAP_GPA_PAGES,
		.kind = HVC_REP,
		.who = HVC_PARENT_OR_ROOT_SELF,
		.states = ACTIVE,
		.in_header = sizeof(struct hv_input_map_gpa_pages),
		.in_element = sizeof(u64),
		.handler = hvc_map_gpa_pages,
		.weight = hvc_map_weight,
	},
	{
		.code = HVCALL_UNMAP_GPA_PAGES,
		.kind = HVC_REP,
		.who = HVC_PARENT,
		.states = ACTIVE,
		.in_header = sizeof(struct hv_input_unmap_gpa_pages),
		.handler = hvc_unmap_gpa_pages,
		.weight = hvc_unmap_weight,
	},
	{
		.code = HVCALL_CREATE_VP,
		.who = HVC_PARENT_OR_ROOT_SELF,
		.states = ACTIVE,
		.in_header = sizeof(struct hv_input_create_vp),
		.handler = hvc_create_vp,
	},
	{
		.code = HVCALL_DELETE_VP,
		.flags = HVC_ROW_FAST,
		.who = HVC_PARENT,
		.states = ACTIVE,
		.in_header = sizeof(struct hv_input_delete_vp),
		.handler = hvc_delete_vp,
	},
	{
		.code = HVCALL_GET_VP_REGISTERS,
		.kind = HVC_REP,
		.who = HVC_PARENT,
		.states = ACTIVE,
		.in_header = sizeof(struct hv_input_get_vp_registers),
		.in_element = sizeof(u32),
		.out_element = sizeof(union hv_register_value),
		.handler = hvc_get_vp_registers,
	},
	{
		.code = HVCALL_SET_VP_REGISTERS,
		.kind = HVC_REP,
		.who = HVC_PARENT,
		.states = ACTIVE,
		.in_header = sizeof(struct hv_input_set_vp_registers),
		.in_element = sizeof(struct hv_register_assoc),
		.handler = hvc_set_vp_registers,
	},
	{
		.code = HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
		.who = HVC_PARENT,
		.states = ACTIVE,
		.in_header = sizeof(struct hv_input_translate_virtual_address),
		.out_header =
			sizeof(struct hv_output_translate_virtual_address),
		.handler = hvc_translate_virtual_address,
	},
	{
		.code = HVCALL_READ_GPA,
		.flags = HVC_ROW_QUICK,
		.who = HVC_PARENT,
		.states = ACTIVE,
		.in_header = sizeof(struct hv_input_read_gpa),
		.out_header = sizeof(struct hv_output_read_gpa),
		.handler = hvc_read_gpa,
	},
	{
		.code = HVCALL_WRITE_GPA,
		.flags = HVC_ROW_QUICK,
		.who = HVC_PARENT,
		.states = ACTIVE,
		.in_header = sizeof(struct hv_input_write_gpa),
		.out_header = sizeof(struct hv_output_write_gpa),
		.handler = hvc_write_gpa,
	},
	{
		.code = HVCALL_DEBUG,
		.flags = HVC_ROW_ROOT | HVC_ROW_DEBUG,
		.who = HVC_NO_TARGET,
		.in_header = sizeof(struct hv_input_debug),
		.out_header = sizeof(struct hv_output_debug),
		.handler = hvc_debug_call,
	},
};

#define NR_CORE_ROWS (sizeof(core_rows) / sizeof(struct hvc_row))

/* Can dispatch carry what the row describes? */
static bool row_valid(const struct hvc_row *row)
{
	struct hvc_ctx *ctx = NULL;

	if ((row->flags & HVC_ROW_QUICK) &&
	    (row->kind != HVC_SIMPLE || (row->flags & HVC_ROW_DEBUG) ||
	     !row->in_header || !row->out_header ||
	     row->out_header % sizeof(u64)))
		return false;
	if (row->constant &&
	    (row->flags || row->kind != HVC_SIMPLE ||
	     row->who != HVC_NO_TARGET || row->in_header ||
	     row->out_header != sizeof(u64)))
		return false;

	if (row->batch ? row->kind != HVC_REP : !row->handler)
		return false;

	return !(row->in_header % sizeof(u64)) &&
	       row->in_header <= sizeof(ctx->in) &&
	       row->in_element <= sizeof(ctx->element) &&
	       row->out_header <= sizeof(ctx->out) &&
	       row->out_element <= sizeof(ctx->out_element) &&
	       (row->who == HVC_NO_TARGET || row->in_header >= sizeof(u64));
}

static int add_row(struct hvc *hv, const struct hvc_row *row)
{
	u8 *place = &hv->row_index[hvc_row_place(row->code)];

	/* row_index is a byte, and 0 means "none". */
	if (hv->nr_rows == HVC_MAX_ROWS - 1 || !row_valid(row) || *place)
		return -1;
	hv->rows[hv->nr_rows++] = row;
	*place = hv->nr_rows;
	return 0;
}

int hvc_table_init(struct hvc *hv)
{
	u32 i;

	for (i = 0; i < NR_CORE_ROWS; i++)
		if (add_row(hv, &core_rows[i]))
			return -1;
	for (i = 0; i < hv->cfg.nr_rows; i++)
		if (add_row(hv, &hv->cfg.rows[i]))
			return -1;
	return 0;
}

const struct hvc_counters *hvc_counters(struct hvc *hv, u16 code)
{
	struct hvc_counters *counters;

	hvc_find_row(hv, code, &counters);
	return counters;
}

const struct hvc_counters *hvc_counters_at(struct hvc *hv, u32 index,
					   u16 *code)
{
	if (index >= hv->nr_rows)
		return NULL;
	*code = hv->rows[index]->code;
	return &hv->counters[index];
}
