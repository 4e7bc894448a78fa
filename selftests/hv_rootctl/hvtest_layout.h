/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ioctl structures, byte for byte, written down a second time: what was
 * given away once is for ever. Included by programs of 64 and of 32 bits.
 */
#ifndef HVTEST_LAYOUT_H
#define HVTEST_LAYOUT_H

#include <stddef.h>
#include <linux/hv_rootctl.h>

/* STRUCT(name, bytes), then FIELD(struct, name, offset, bytes) for each. */
#define HVT_LAYOUT(STRUCT, FIELD) \
	STRUCT(query, 128) \
	FIELD(query, size, 0, 4) \
	FIELD(query, flags, 4, 4) \
	FIELD(query, transport, 8, 4) \
	FIELD(query, page_size, 12, 4) \
	FIELD(query, partition_id, 16, 8) \
	FIELD(query, privileges, 24, 8) \
	FIELD(query, withdraw_batch, 32, 4) \
	FIELD(query, deposit_batch, 36, 4) \
	FIELD(query, map_batch, 40, 4) \
	FIELD(query, access_batch, 44, 4) \
	FIELD(query, pages_deposited, 48, 8) \
	FIELD(query, pages_mapped, 56, 8) \
	FIELD(query, pages_quarantined, 64, 8) \
	FIELD(query, pages_withdrawn, 72, 8) \
	FIELD(query, features, 80, 8) \
	FIELD(query, write_gpa_form, 88, 4) \
	FIELD(query, __reserved, 92, 4) \
	FIELD(query, pages_held, 96, 8) \
	FIELD(query, pages_held_here, 104, 8) \
	FIELD(query, auto_deposits, 112, 8) \
	FIELD(query, auto_deposited, 120, 8) \
	STRUCT(retry, 24) \
	FIELD(retry, deposit_limit, 0, 4) \
	FIELD(retry, time_out_limit, 4, 4) \
	FIELD(retry, deposit_status, 8, 4) \
	FIELD(retry, repeated, 12, 4) \
	FIELD(retry, pages_deposited, 16, 8) \
	STRUCT(partition_create, 64) \
	FIELD(partition_create, size, 0, 4) \
	FIELD(partition_create, flags, 4, 4) \
	FIELD(partition_create, creation_flags, 8, 8) \
	FIELD(partition_create, proximity_domain_info, 16, 8) \
	FIELD(partition_create, compatibility_version, 24, 4) \
	FIELD(partition_create, hv_status, 28, 4) \
	FIELD(partition_create, partition_id, 32, 8) \
	FIELD(partition_create, retry, 40, 24) \
	STRUCT(partition, 48) \
	FIELD(partition, size, 0, 4) \
	FIELD(partition, flags, 4, 4) \
	FIELD(partition, partition_id, 8, 8) \
	FIELD(partition, hv_status, 16, 4) \
	FIELD(partition, __reserved, 20, 4) \
	FIELD(partition, retry, 24, 24) \
	STRUCT(partition_next, 40) \
	FIELD(partition_next, size, 0, 4) \
	FIELD(partition_next, flags, 4, 4) \
	FIELD(partition_next, parent_id, 8, 8) \
	FIELD(partition_next, previous_id, 16, 8) \
	FIELD(partition_next, next_id, 24, 8) \
	FIELD(partition_next, hv_status, 32, 4) \
	FIELD(partition_next, __reserved, 36, 4) \
	STRUCT(vp, 56) \
	FIELD(vp, size, 0, 4) \
	FIELD(vp, flags, 4, 4) \
	FIELD(vp, partition_id, 8, 8) \
	FIELD(vp, vp_index, 16, 4) \
	FIELD(vp, hv_status, 20, 4) \
	FIELD(vp, proximity_domain_info, 24, 8) \
	FIELD(vp, retry, 32, 24) \
	STRUCT(pool, 56) \
	FIELD(pool, size, 0, 4) \
	FIELD(pool, flags, 4, 4) \
	FIELD(pool, partition_id, 8, 8) \
	FIELD(pool, proximity_domain_info, 16, 8) \
	FIELD(pool, page_count, 24, 8) \
	FIELD(pool, pages_done, 32, 8) \
	FIELD(pool, hypercalls, 40, 8) \
	FIELD(pool, hv_status, 48, 4) \
	FIELD(pool, __reserved, 52, 4) \
	STRUCT(balance, 48) \
	FIELD(balance, size, 0, 4) \
	FIELD(balance, flags, 4, 4) \
	FIELD(balance, partition_id, 8, 8) \
	FIELD(balance, proximity_domain_info, 16, 8) \
	FIELD(balance, pages_available, 24, 8) \
	FIELD(balance, pages_in_use, 32, 8) \
	FIELD(balance, hv_status, 40, 4) \
	FIELD(balance, __reserved, 44, 4) \
	STRUCT(map, 80) \
	FIELD(map, size, 0, 4) \
	FIELD(map, flags, 4, 4) \
	FIELD(map, partition_id, 8, 8) \
	FIELD(map, gpa, 16, 8) \
	FIELD(map, user_addr, 24, 8) \
	FIELD(map, length, 32, 8) \
	FIELD(map, map_flags, 40, 4) \
	FIELD(map, hv_status, 44, 4) \
	FIELD(map, bytes_done, 48, 8) \
	FIELD(map, retry, 56, 24) \
	STRUCT(unmap, 72) \
	FIELD(unmap, size, 0, 4) \
	FIELD(unmap, flags, 4, 4) \
	FIELD(unmap, partition_id, 8, 8) \
	FIELD(unmap, gpa, 16, 8) \
	FIELD(unmap, length, 24, 8) \
	FIELD(unmap, bytes_done, 32, 8) \
	FIELD(unmap, hv_status, 40, 4) \
	FIELD(unmap, __reserved, 44, 4) \
	FIELD(unmap, retry, 48, 24) \
	STRUCT(access, 72) \
	FIELD(access, size, 0, 4) \
	FIELD(access, flags, 4, 4) \
	FIELD(access, partition_id, 8, 8) \
	FIELD(access, gpa, 16, 8) \
	FIELD(access, length, 24, 8) \
	FIELD(access, user_addr, 32, 8) \
	FIELD(access, vp_index, 40, 4) \
	FIELD(access, cache_type, 44, 4) \
	FIELD(access, bytes_done, 48, 8) \
	FIELD(access, fail_gpa, 56, 8) \
	FIELD(access, hv_status, 64, 4) \
	FIELD(access, access_result, 68, 4) \
	STRUCT(access_entry, 24) \
	FIELD(access_entry, gpa, 0, 8) \
	FIELD(access_entry, length, 8, 8) \
	FIELD(access_entry, user_addr, 16, 8) \
	STRUCT(access_list, 64) \
	FIELD(access_list, size, 0, 4) \
	FIELD(access_list, flags, 4, 4) \
	FIELD(access_list, partition_id, 8, 8) \
	FIELD(access_list, entries, 16, 8) \
	FIELD(access_list, entry_count, 24, 4) \
	FIELD(access_list, vp_index, 28, 4) \
	FIELD(access_list, cache_type, 32, 4) \
	FIELD(access_list, entries_done, 36, 4) \
	FIELD(access_list, bytes_done, 40, 8) \
	FIELD(access_list, fail_gpa, 48, 8) \
	FIELD(access_list, hv_status, 56, 4) \
	FIELD(access_list, access_result, 60, 4) \
	STRUCT(progress, 24) \
	FIELD(progress, size, 0, 4) \
	FIELD(progress, flags, 4, 4) \
	FIELD(progress, command, 8, 4) \
	FIELD(progress, __reserved, 12, 4) \
	FIELD(progress, done, 16, 8) \
	STRUCT(raw, 56) \
	FIELD(raw, size, 0, 4) \
	FIELD(raw, flags, 4, 4) \
	FIELD(raw, code, 8, 4) \
	FIELD(raw, rep_count, 12, 4) \
	FIELD(raw, rep_start, 16, 4) \
	FIELD(raw, input_size, 20, 4) \
	FIELD(raw, output_size, 24, 4) \
	FIELD(raw, reps_done, 28, 4) \
	FIELD(raw, input, 32, 8) \
	FIELD(raw, output, 40, 8) \
	FIELD(raw, hv_status, 48, 4) \
	FIELD(raw, __reserved, 52, 4)

#define HVT_STRUCT_IS(name, bytes) \
	sizeof(struct hv_rootctl_##name) == (bytes) &&
#define HVT_FIELD_IS(name, field, offset, bytes) \
	offsetof(struct hv_rootctl_##name, field) == (offset) && \
		sizeof(((struct hv_rootctl_##name *)0)->field) == (bytes) &&
_Static_assert(HVT_LAYOUT(HVT_STRUCT_IS, HVT_FIELD_IS) 1,
	       "an ioctl structure is not what it was");

#define HVT_STRUCT_BYTES(name, bytes) + (bytes)
#define HVT_FIELD_BYTES(name, field, offset, bytes) + (bytes)
#define HVT_NO_STRUCT(name, bytes)
#define HVT_NO_FIELD(name, field, offset, bytes)
_Static_assert(HVT_LAYOUT(HVT_STRUCT_BYTES, HVT_NO_FIELD) ==
		       HVT_LAYOUT(HVT_NO_STRUCT, HVT_FIELD_BYTES),
	       "an ioctl structure has bytes that are in no field above");

#define HVT_NUMBERS(NUMBER) \
	NUMBER(BALANCE, 0xd780) \
	NUMBER(DEPOSIT, 0xd781) \
	NUMBER(MAP, 0xd782) \
	NUMBER(PARTITION_CREATE, 0xd783) \
	NUMBER(PARTITION_DELETE, 0xd784) \
	NUMBER(PARTITION_FINALIZE, 0xd785) \
	NUMBER(PARTITION_INITIALIZE, 0xd786) \
	NUMBER(PARTITION_NEXT, 0xd787) \
	NUMBER(QUERY, 0xd788) \
	NUMBER(READ_GPA, 0xd789) \
	NUMBER(UNMAP, 0xd78a) \
	NUMBER(VP_CREATE, 0xd78b) \
	NUMBER(VP_DELETE, 0xd78c) \
	NUMBER(WITHDRAW, 0xd78d) \
	NUMBER(WRITE_GPA, 0xd78e) \
	NUMBER(ACCESS_LIST, 0xd78f) \
	NUMBER(PROGRESS, 0xd790) \
	NUMBER(RAW, 0xd791)

#define HVT_NUMBER_IS(name, number) HV_ROOTCTL_##name == (number) &&
_Static_assert(HVT_NUMBERS(HVT_NUMBER_IS) 1,
	       "an ioctl has another number than it had");

#endif
