/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Memory: pools (deposit, withdraw, balance), GPA spaces (map, unmap) and
 * access to another partition's GPA space. TLFS chapters "Memory Manager"
 * and "Guest Physical Addresses".
 */
#ifndef HV_MEMORY_H
#define HV_MEMORY_H

#include <hv/types.h>

/*
 * HV_PROXIMITY_DOMAIN_INFO. Not valid: any domain will do. Valid: only that
 * domain. Valid and preferred: that domain first, then any other.
 */
#define HV_PROXIMITY_ID_MASK 0xffffffffULL
#define HV_PROXIMITY_PREFERRED (1ULL << 32)
#define HV_PROXIMITY_VALID (1ULL << 63)
#define HV_PROXIMITY_RESERVED \
	(~(HV_PROXIMITY_ID_MASK | HV_PROXIMITY_PREFERRED | HV_PROXIMITY_VALID))

static inline u64 hv_proximity(u32 domain, bool preferred)
{
	return HV_PROXIMITY_VALID | domain |
	       (preferred ? HV_PROXIMITY_PREFERRED : 0);
}

/* HvDepositMemory, 0x48: header, then one u64 page number per rep. */
struct hv_input_deposit_memory {
	u64 partition_id;
	u64 gpa_page_list[];
};

HV_ASSERT_SIZE(struct hv_input_deposit_memory, 8);
HV_ASSERT_OFFSET(struct hv_input_deposit_memory, gpa_page_list, 8);
#define HV_DEPOSIT_MAX ((HV_PAGE_SIZE - 8) / 8)

/* HvWithdrawMemory, 0x49: the output is one u64 page number per rep. */
struct hv_input_withdraw_memory {
	u64 partition_id;
	u64 proximity_domain_info;
};

HV_ASSERT_SIZE(struct hv_input_withdraw_memory, 16);
HV_ASSERT_OFFSET(struct hv_input_withdraw_memory, proximity_domain_info, 8);
#define HV_WITHDRAW_MAX (HV_PAGE_SIZE / 8)

/* HvGetMemoryBalance, 0x4A. */
struct hv_input_get_memory_balance {
	u64 partition_id;
	u64 proximity_domain_info;
};

HV_ASSERT_SIZE(struct hv_input_get_memory_balance, 16);

struct hv_output_get_memory_balance {
	u64 pages_available;
	u64 pages_in_use;
};

HV_ASSERT_SIZE(struct hv_output_get_memory_balance, 16);
HV_ASSERT_OFFSET(struct hv_output_get_memory_balance, pages_in_use, 8);

/* HvMapGpaPages, 0x4B: header, then one u64 source page number per rep. */
#define HV_MAP_GPA_READABLE 0x1U
#define HV_MAP_GPA_WRITABLE 0x2U
#define HV_MAP_GPA_KERNEL_EXECUTABLE 0x4U
#define HV_MAP_GPA_USER_EXECUTABLE 0x8U
#define HV_MAP_GPA_EXECUTABLE 0xcU
#define HV_MAP_GPA_RIGHTS 0xfU
#define HV_MAP_GPA_ADJUSTABLE 0x8000U
#define HV_MAP_GPA_NO_ACCESS 0x10000U
#define HV_MAP_GPA_LARGE_PAGE 0x80000000U
/* With it, elements and their places are of so many pages. */
#define HV_LARGE_PAGES 512U

struct hv_input_map_gpa_pages {
	u64 target_partition_id;
	u64 target_gpa_base; /* page number */
	u32 map_flags;
	u32 padding;
	u64 source_gpa_page_list[];
};

HV_ASSERT_SIZE(struct hv_input_map_gpa_pages, 24);
HV_ASSERT_OFFSET(struct hv_input_map_gpa_pages, map_flags, 16);
HV_ASSERT_OFFSET(struct hv_input_map_gpa_pages, source_gpa_page_list, 24);
#define HV_MAP_GPA_MAX ((HV_PAGE_SIZE - 24) / 8)

/* HvUnmapGpaPages, 0x4C: a rep call without a list. */
#define HV_UNMAP_GPA_KEEP_PRECOMMITTED 0x1U
#define HV_UNMAP_GPA_LARGE_PAGE 0x2U

struct hv_input_unmap_gpa_pages {
	u64 target_partition_id;
	u64 target_gpa_base; /* page number */
	u32 unmap_flags;
	u32 padding;
};

HV_ASSERT_SIZE(struct hv_input_unmap_gpa_pages, 24);
HV_ASSERT_OFFSET(struct hv_input_unmap_gpa_pages, unmap_flags, 16);
#define HV_UNMAP_GPA_MAX 512U

/* HV_ACCESS_GPA_CONTROL_FLAGS: the cache type, and nothing else is sent. */
#define HV_ACCESS_GPA_CACHE_TYPE_MASK 0xffULL
#define HV_CACHE_TYPE_UNCACHED 0
#define HV_CACHE_TYPE_WRITE_COMBINING 1
#define HV_CACHE_TYPE_WRITE_THROUGH 4
#define HV_CACHE_TYPE_WRITE_PROTECTED 5
#define HV_CACHE_TYPE_WRITE_BACK 6

static inline bool hv_cache_type_valid(u32 type)
{
	return type == HV_CACHE_TYPE_UNCACHED ||
	       type == HV_CACHE_TYPE_WRITE_COMBINING ||
	       (type >= HV_CACHE_TYPE_WRITE_THROUGH &&
		type <= HV_CACHE_TYPE_WRITE_BACK);
}

/*
 * HV_ACCESS_GPA_RESULT: result code in bits 31:0, the rest reserved.
 *
 * The names are those of the enumeration in the TLFS. What 2, 3 and 4 stand
 * for differs between the TLFS's pages, see Documentation/abi-notes.md: all
 * that is safe to say is that a code other than 0 means "nothing was done".
 */
#define HV_ACCESS_GPA_RESULT_CODE_MASK 0xffffffffULL
enum hv_access_gpa_result_code {
	HV_ACCESS_GPA_SUCCESS = 0,
	HV_ACCESS_GPA_UNMAPPED = 1,
	HV_ACCESS_GPA_READ_INTERCEPT = 2,
	HV_ACCESS_GPA_WRITE_INTERCEPT = 3,
	HV_ACCESS_GPA_ILLEGAL_OVERLAY_ACCESS = 4,
};

/**
 * hv_access_gpa_result_name - the TLFS name of an access result code
 * @code: any value
 *
 * Context: any.
 * Return: a constant string, or NULL for a value that has no name.
 */
static inline const char *hv_access_gpa_result_name(u32 code)
{
	switch (code) {
	case HV_ACCESS_GPA_SUCCESS:
		return "Success";
	case HV_ACCESS_GPA_UNMAPPED:
		return "Unmapped";
	case HV_ACCESS_GPA_READ_INTERCEPT:
		return "ReadIntercept";
	case HV_ACCESS_GPA_WRITE_INTERCEPT:
		return "WriteIntercept";
	case HV_ACCESS_GPA_ILLEGAL_OVERLAY_ACCESS:
		return "IllegalOverlayAccess";
	}
	return NULL;
}

/*
 * HvTranslateVirtualAddress, 0x52. HV_TRANSLATE_GVA_CONTROL_FLAGS: those of
 * the TLFS 2.0, and a kind of access to validate at least.
 */
#define HV_TRANSLATE_GVA_VALIDATE_READ 0x1ULL
#define HV_TRANSLATE_GVA_VALIDATE_WRITE 0x2ULL
#define HV_TRANSLATE_GVA_VALIDATE_EXECUTE 0x4ULL
#define HV_TRANSLATE_GVA_VALIDATE 0x7ULL
#define HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT 0x8ULL
#define HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS 0x10ULL
#define HV_TRANSLATE_GVA_TLB_FLUSH_INHIBIT 0x20ULL
#define HV_TRANSLATE_GVA_FLAGS 0x3fULL

/* HV_TRANSLATE_GVA_RESULT: a code in bits 31:0, cache type in bits 39:32. */
#define HV_TRANSLATE_GVA_CACHE_TYPE_SHIFT 32
#define HV_TRANSLATE_GVA_OVERLAY_PAGE (1ULL << 40)
enum hv_translate_gva_result_code {
	HV_TRANSLATE_GVA_SUCCESS = 0,
	HV_TRANSLATE_GVA_PAGE_NOT_PRESENT = 1,
	HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION = 2,
	HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS = 3,
	HV_TRANSLATE_GVA_GPA_UNMAPPED = 4,
	HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS = 5,
	HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS = 6,
	HV_TRANSLATE_GVA_ILLEGAL_OVERLAY_ACCESS = 7,
	HV_TRANSLATE_GVA_INTERCEPT = 8,
};

struct hv_input_translate_virtual_address {
	u64 partition_id;
	u32 vp_index;
	u32 padding;
	u64 control_flags;
	u64 gva_page;
};

HV_ASSERT_SIZE(struct hv_input_translate_virtual_address, 32);
HV_ASSERT_OFFSET(struct hv_input_translate_virtual_address, control_flags, 16);

struct hv_output_translate_virtual_address {
	u64 translation_result;
	u64 gpa_page;
};

HV_ASSERT_SIZE(struct hv_output_translate_virtual_address, 16);

/* The most that one HvReadGpa or HvWriteGpa moves. */
#define HV_ACCESS_GPA_MAX 16U

/* HvReadGpa, 0x53. */
struct hv_input_read_gpa {
	u64 partition_id;
	u32 vp_index;
	u32 byte_count;
	u64 base_gpa; /* bytes */
	u64 control_flags;
};

HV_ASSERT_SIZE(struct hv_input_read_gpa, 32);
HV_ASSERT_OFFSET(struct hv_input_read_gpa, byte_count, 12);
HV_ASSERT_OFFSET(struct hv_input_read_gpa, control_flags, 24);

struct hv_output_read_gpa {
	u64 access_result;
	u8 data[16];
};

HV_ASSERT_SIZE(struct hv_output_read_gpa, 24);
HV_ASSERT_OFFSET(struct hv_output_read_gpa, data, 8);

/* HvWriteGpa, 0x54. */
struct hv_input_write_gpa {
	u64 partition_id;
	u32 vp_index;
	u32 byte_count;
	u64 base_gpa; /* bytes */
	u64 control_flags;
	u8 data[16];
};

HV_ASSERT_SIZE(struct hv_input_write_gpa, 48);
HV_ASSERT_OFFSET(struct hv_input_write_gpa, vp_index, 8);
HV_ASSERT_OFFSET(struct hv_input_write_gpa, byte_count, 12);
HV_ASSERT_OFFSET(struct hv_input_write_gpa, base_gpa, 16);
HV_ASSERT_OFFSET(struct hv_input_write_gpa, control_flags, 24);
HV_ASSERT_OFFSET(struct hv_input_write_gpa, data, 32);

struct hv_output_write_gpa {
	u64 access_result;
};

HV_ASSERT_SIZE(struct hv_output_write_gpa, 8);

#endif
