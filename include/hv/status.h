/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * HV_STATUS: the low 16 bits of a hypercall's result.
 *
 * Two generations of the table exist. Most codes that name a single processor
 * feature were withdrawn later; where a value was reused (0x20, 0x33), the
 * newer meaning is listed. Codes above 0x1000 are the hypervisor's internal
 * ones and never meant for a guest.
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
	X(0x21, PROCESSOR_FEATURE_LAHFSAHF_NOT_SUPPORTED,                     \
	  "the processor has no LAHFSAHF")                                    \
	X(0x22, PROCESSOR_FEATURE_SSSE3_NOT_SUPPORTED,                        \
	  "the processor has no SSSE3")                                       \
	X(0x23, PROCESSOR_FEATURE_SSE4_1_NOT_SUPPORTED,                       \
	  "the processor has no SSE4_1")                                      \
	X(0x24, PROCESSOR_FEATURE_SSE4_2_NOT_SUPPORTED,                       \
	  "the processor has no SSE4_2")                                      \
	X(0x25, PROCESSOR_FEATURE_SSE4A_NOT_SUPPORTED,                        \
	  "the processor has no SSE4A")                                       \
	X(0x26, PROCESSOR_FEATURE_SSE5_NOT_SUPPORTED,                         \
	  "the processor has no SSE5")                                        \
	X(0x27, PROCESSOR_FEATURE_POPCNT_NOT_SUPPORTED,                       \
	  "the processor has no POPCNT")                                      \
	X(0x28, PROCESSOR_FEATURE_CMPXCHG16B_NOT_SUPPORTED,                   \
	  "the processor has no CMPXCHG16B")                                  \
	X(0x29, PROCESSOR_FEATURE_ALTMOVCR8_NOT_SUPPORTED,                    \
	  "the processor has no ALTMOVCR8")                                   \
	X(0x2a, PROCESSOR_FEATURE_LZCNT_NOT_SUPPORTED,                        \
	  "the processor has no LZCNT")                                       \
	X(0x2b, PROCESSOR_FEATURE_MISALIGNED_SSE_NOT_SUPPORTED,               \
	  "the processor has no MISALIGNED_SSE")                              \
	X(0x2c, PROCESSOR_FEATURE_MMX_EXT_NOT_SUPPORTED,                      \
	  "the processor has no MMX_EXT")                                     \
	X(0x2d, PROCESSOR_FEATURE_3DNOW_NOT_SUPPORTED,                        \
	  "the processor has no 3DNOW")                                       \
	X(0x2e, PROCESSOR_FEATURE_EXTENDED_3DNOW_NOT_SUPPORTED,               \
	  "the processor has no EXTENDED_3DNOW")                              \
	X(0x2f, PROCESSOR_FEATURE_PAGE_1GB_NOT_SUPPORTED,                     \
	  "the processor has no PAGE_1GB")                                    \
	X(0x30, PROCESSOR_CACHE_LINE_FLUSH_SIZE_INCOMPATIBLE,                 \
	  "cache line flush sizes differ")                                    \
	X(0x31, PROCESSOR_FEATURE_XSAVE_NOT_SUPPORTED,                        \
	  "the processor has no XSAVE")                                       \
	X(0x32, PROCESSOR_FEATURE_XSAVEOPT_NOT_SUPPORTED,                     \
	  "the processor has no XSAVEOPT")                                    \
	X(0x33, INSUFFICIENT_BUFFER, "the buffer is too small")               \
	X(0x34, PROCESSOR_FEATURE_XSAVE_AVX_NOT_SUPPORTED,                    \
	  "the processor has no XSAVE_AVX")                                   \
	X(0x35, PROCESSOR_FEATURE_XSAVE_UNKNOWN_FEATURE_NOT_SUPPORTED,        \
	  "the processor has no such XSAVE feature")                          \
	X(0x36, PROCESSOR_XSAVE_SAVE_AREA_INCOMPATIBLE,                       \
	  "XSAVE areas differ")                                               \
	X(0x37, INCOMPATIBLE_PROCESSOR, "incompatible processor")             \
	X(0x38, INSUFFICIENT_DEVICE_DOMAINS, "not enough device domains")     \
	X(0x39, PROCESSOR_FEATURE_AES_NOT_SUPPORTED,                          \
	  "the processor has no AES")                                         \
	X(0x3a, PROCESSOR_FEATURE_PCLMULQDQ_NOT_SUPPORTED,                    \
	  "the processor has no PCLMULQDQ")                                   \
	X(0x3b, INCOMPATIBLE_XSAVE_FEATURES,                                  \
	  "XSAVE features differ")                                            \
	X(0x3c, CPUID_FEATURE_VALIDATION_ERROR, "CPUID feature check failed") \
	X(0x3d, CPUID_XSAVE_FEATURE_VALIDATION_ERROR,                         \
	  "CPUID XSAVE feature check failed")                                 \
	X(0x3e, PROCESSOR_STARTUP_TIMEOUT, "a processor did not start")       \
	X(0x3f, SMX_ENABLED, "SMX is enabled")                                \
	X(0x41, INVALID_LP_INDEX, "no such logical processor")                \
	X(0x42, PROCESSOR_FEATURE_FMA4_NOT_SUPPORTED,                         \
	  "the processor has no FMA4")                                        \
	X(0x43, PROCESSOR_FEATURE_F16C_NOT_SUPPORTED,                         \
	  "the processor has no F16C")                                        \
	X(0x44, PROCESSOR_FEATURE_RDRAND_NOT_SUPPORTED,                       \
	  "the processor has no RDRAND")                                      \
	X(0x45, PROCESSOR_FEATURE_RDWRFSGS_NOT_SUPPORTED,                     \
	  "the processor has no RDWRFSGS")                                    \
	X(0x46, PROCESSOR_FEATURE_SMEP_NOT_SUPPORTED,                         \
	  "the processor has no SMEP")                                        \
	X(0x47, PROCESSOR_FEATURE_ENHANCED_FAST_STRING_NOT_SUPPORTED,         \
	  "the processor has no ENHANCED_FAST_STRING")                        \
	X(0x48, PROCESSOR_FEATURE_MOVBE_NOT_SUPPORTED,                        \
	  "the processor has no MOVBE")                                       \
	X(0x49, PROCESSOR_FEATURE_BMI1_NOT_SUPPORTED,                         \
	  "the processor has no BMI1")                                        \
	X(0x4a, PROCESSOR_FEATURE_BMI2_NOT_SUPPORTED,                         \
	  "the processor has no BMI2")                                        \
	X(0x4b, PROCESSOR_FEATURE_HLE_NOT_SUPPORTED,                          \
	  "the processor has no HLE")                                         \
	X(0x4c, PROCESSOR_FEATURE_RTM_NOT_SUPPORTED,                          \
	  "the processor has no RTM")                                         \
	X(0x4d, PROCESSOR_FEATURE_XSAVE_FMA_NOT_SUPPORTED,                    \
	  "the processor has no XSAVE_FMA")                                   \
	X(0x4e, PROCESSOR_FEATURE_AVX2_NOT_SUPPORTED,                         \
	  "the processor has no AVX2")                                        \
	X(0x4f, PROCESSOR_FEATURE_NPIEP1_NOT_SUPPORTED,                       \
	  "the processor has no NPIEP1")                                      \
	X(0x50, INVALID_REGISTER_VALUE, "register value not valid")           \
	X(0x51, INVALID_VTL_STATE, "virtual trust level state not valid")     \
	X(0x52, PROCESSOR_FEATURE_RDSEED_NOT_SUPPORTED,                       \
	  "the processor has no RDSEED")                                      \
	X(0x53, PROCESSOR_FEATURE_ADX_NOT_SUPPORTED,                          \
	  "the processor has no ADX")                                         \
	X(0x54, PROCESSOR_FEATURE_SMAP_NOT_SUPPORTED,                         \
	  "the processor has no SMAP")                                        \
	X(0x55, NX_NOT_DETECTED, "no-execute is not available")               \
	X(0x56, PROCESSOR_FEATURE_INTEL_PREFETCH_NOT_SUPPORTED,               \
	  "the processor has no INTEL_PREFETCH")                              \
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
