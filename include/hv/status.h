/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * HV_STATUS: the low 16 bits of a hypercall's result.
 *
 * Two generations of the table exist. Codes 0x20-0x2F, 0x31-0x36 and
 * 0x42-0x56 once named single processor features and were later withdrawn;
 * where a value was reused (0x20, 0x33), the newer meaning is listed.
 */
#ifndef HV_STATUS_H
#define HV_STATUS_H

#include <hv/types.h>

/* X(value, NAME, "meaning") */
#define HV_STATUS_LIST(X)                                                     \
	X(0x00, SUCCESS, "the call did what was asked")                       \
	X(0x02, INVALID_HYPERCALL_CODE, "no such call")                       \
	X(0x03, INVALID_HYPERCALL_INPUT, "the control word is not valid")     \
	X(0x04, INVALID_ALIGNMENT,                                            \
	  "a list is misaligned, crosses a page or lies outside the GPA space") \
	X(0x05, INVALID_PARAMETER, "a parameter is not valid")                \
	X(0x06, ACCESS_DENIED, "the caller may not do this to that partition") \
	X(0x07, INVALID_PARTITION_STATE,                                      \
	  "the partition is not in a state that allows this")                 \
	X(0x08, OPERATION_DENIED, "the operation is not possible now")        \
	X(0x09, UNKNOWN_PROPERTY, "no such partition property")               \
	X(0x0a, PROPERTY_VALUE_OUT_OF_RANGE, "property value out of range")   \
	X(0x0b, INSUFFICIENT_MEMORY,                                          \
	  "the partition's memory pool is too small: deposit and retry")      \
	X(0x0c, PARTITION_TOO_DEEP, "partitions are nested too deep")         \
	X(0x0d, INVALID_PARTITION_ID, "no such partition")                    \
	X(0x0e, INVALID_VP_INDEX, "no such virtual processor")                \
	X(0x10, NOT_FOUND, "not found")                                       \
	X(0x11, INVALID_PORT_ID, "no such port")                              \
	X(0x12, INVALID_CONNECTION_ID, "no such connection")                  \
	X(0x13, INSUFFICIENT_BUFFERS, "not enough buffers")                   \
	X(0x14, NOT_ACKNOWLEDGED, "the interrupt was not acknowledged")       \
	X(0x15, INVALID_VP_STATE, "the virtual processor's state forbids it") \
	X(0x16, ACKNOWLEDGED, "the interrupt was acknowledged")               \
	X(0x17, INVALID_SAVE_RESTORE_STATE, "save/restore state not valid")   \
	X(0x18, INVALID_SYNIC_STATE, "SynIC state not valid")                 \
	X(0x19, OBJECT_IN_USE, "the object is in use")                        \
	X(0x1a, INVALID_PROXIMITY_DOMAIN_INFO,                                \
	  "the proximity domain information is not valid")                    \
	X(0x1b, NO_DATA, "no data")                                           \
	X(0x1c, INACTIVE, "inactive")                                         \
	X(0x1d, NO_RESOURCES, "nothing more to be had")                       \
	X(0x1e, FEATURE_UNAVAILABLE, "feature not available")                 \
	X(0x1f, PARTIAL_PACKET, "partial packet")                             \
	X(0x20, PROCESSOR_FEATURE_NOT_SUPPORTED,                              \
	  "a processor feature is not supported")                             \
	X(0x30, PROCESSOR_CACHE_LINE_FLUSH_SIZE_INCOMPATIBLE,                 \
	  "cache line flush sizes differ")                                    \
	X(0x33, INSUFFICIENT_BUFFER, "the buffer is too small")               \
	X(0x37, INCOMPATIBLE_PROCESSOR, "incompatible processor")             \
	X(0x38, INSUFFICIENT_DEVICE_DOMAINS, "not enough device domains")     \
	X(0x3c, CPUID_FEATURE_VALIDATION_ERROR, "CPUID feature check failed") \
	X(0x3d, CPUID_XSAVE_FEATURE_VALIDATION_ERROR,                         \
	  "CPUID XSAVE feature check failed")                                 \
	X(0x3e, PROCESSOR_STARTUP_TIMEOUT, "a processor did not start")       \
	X(0x3f, SMX_ENABLED, "SMX is enabled")                                \
	X(0x41, INVALID_LP_INDEX, "no such logical processor")                \
	X(0x50, INVALID_REGISTER_VALUE, "register value not valid")           \
	X(0x51, INVALID_VTL_STATE, "virtual trust level state not valid")     \
	X(0x55, NX_NOT_DETECTED, "no-execute is not available")               \
	X(0x57, INVALID_DEVICE_ID, "no such device")                          \
	X(0x58, INVALID_DEVICE_STATE, "the device's state forbids it")        \
	X(0x59, PENDING_PAGE_REQUESTS, "page requests are pending")           \
	X(0x60, PAGE_REQUEST_INVALID, "page request not valid")               \
	X(0x65, KEY_ALREADY_EXISTS, "the key exists already")                 \
	X(0x66, DEVICE_ALREADY_IN_DOMAIN, "the device is in a domain already") \
	X(0x6f, INVALID_CPU_GROUP_ID, "no such CPU group")                    \
	X(0x70, INVALID_CPU_GROUP_STATE, "the CPU group's state forbids it")  \
	X(0x71, OPERATION_FAILED, "the operation failed")                     \
	X(0x72, NOT_ALLOWED_WITH_NESTED_VIRT_ACTIVE,                          \
	  "not allowed while nested virtualization is active")                \
	X(0x73, INSUFFICIENT_ROOT_MEMORY,                                     \
	  "the root's memory pool is too small: deposit there and retry")     \
	X(0x74, EVENT_BUFFER_ALREADY_FREED, "event buffer already freed")     \
	X(0x75, INSUFFICIENT_CONTIGUOUS_MEMORY,                               \
	  "the pool has no contiguous block: deposit and retry")              \
	X(0x76, DEVICE_NOT_IN_DOMAIN, "the device is not in a domain")        \
	X(0x77, NESTED_VM_EXIT, "nested VM exit")                             \
	X(0x78, TIME_OUT, "timed out")                                        \
	X(0x79, CALL_PENDING, "the call goes on and completes later")         \
	X(0x80, MSR_ACCESS_FAILED, "MSR access failed")                       \
	X(0x81, INSUFFICIENT_MEMORY_MIRRORING, "not enough mirrored memory")  \
	X(0x82, INSUFFICIENT_CONTIGUOUS_MEMORY_MIRRORING,                     \
	  "not enough contiguous mirrored memory")                            \
	X(0x83, INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY,                          \
	  "the root's pool has no contiguous block")                          \
	X(0x84, INSUFFICIENT_ROOT_MEMORY_MIRRORING,                           \
	  "not enough mirrored root memory")                                  \
	X(0x85, INSUFFICIENT_CONTIGUOUS_ROOT_MEMORY_MIRRORING,                \
	  "not enough contiguous mirrored root memory")                       \
	X(0x86, VTL_ALREADY_ENABLED, "the trust level is enabled already")    \
	X(0x87, UNKNOWN_REGISTER_NAME, "no such register")

enum hv_status {
#define HV_STATUS_ENUM(value, name, text) HV_STATUS_##name = (value),
	HV_STATUS_LIST(HV_STATUS_ENUM)
#undef HV_STATUS_ENUM
};

struct hv_status_entry {
	u16 value;
	const char *name;
	const char *text;
};

/**
 * hv_status_find - look a status up in the table
 * @status: any 16-bit value
 *
 * Context: any.
 * Return: its name and meaning, or NULL for a value that has no name.
 */
static inline const struct hv_status_entry *hv_status_find(u16 status)
{
	static const struct hv_status_entry table[] = {
#define HV_STATUS_ENTRY(value, name, text) { value, #name, text },
		HV_STATUS_LIST(HV_STATUS_ENTRY)
#undef HV_STATUS_ENTRY
		{ 0, NULL, NULL },
	};
	const struct hv_status_entry *e;

	for (e = table; e->name; e++)
		if (e->value == status)
			return e;
	return NULL;
}

/**
 * hv_status_name - the TLFS name of a status, without the HV_STATUS_ prefix
 * @status: any 16-bit value
 *
 * Context: any.
 * Return: a constant string, or NULL for a value that has no name.
 */
static inline const char *hv_status_name(u16 status)
{
	const struct hv_status_entry *e = hv_status_find(status);

	return e ? e->name : NULL;
}

/**
 * hv_status_text - what a status means, in a few words
 * @status: any 16-bit value
 *
 * Context: any.
 * Return: a constant string, or NULL for a value that has no name.
 */
static inline const char *hv_status_text(u16 status)
{
	const struct hv_status_entry *e = hv_status_find(status);

	return e ? e->text : NULL;
}

#endif
