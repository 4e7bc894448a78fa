/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Partitions and virtual processors: identities, privileges, life cycle.
 * TLFS chapters "Partition Management" and "Virtual Processor Management".
 */
#ifndef HV_PARTITION_H
#define HV_PARTITION_H

#include <hv/types.h>

#define HV_PARTITION_ID_INVALID 0ULL
#define HV_PARTITION_ID_SELF (~0ULL)

#define HV_VP_INDEX_SELF 0xfffffffeU
#define HV_ANY_VP 0xffffffffU

/*
 * The partition privilege mask: CPUID leaf 0x40000003, EAX in bits 31:0 and
 * EBX in bits 63:32. X(bit, NAME)
 */
#define HV_PRIVILEGE_LIST(X)                \
	X(0, ACCESS_VP_RUN_TIME)            \
	X(1, ACCESS_PARTITION_REF_COUNTER)  \
	X(2, ACCESS_SYNIC)                  \
	X(3, ACCESS_SYNTHETIC_TIMERS)       \
	X(4, ACCESS_INTR_CTRL)              \
	X(5, ACCESS_HYPERCALL_MSRS)         \
	X(6, ACCESS_VP_INDEX)               \
	X(7, ACCESS_RESET)                  \
	X(8, ACCESS_STATS_MSR)              \
	X(9, ACCESS_REFERENCE_TSC)          \
	X(10, ACCESS_GUEST_IDLE)            \
	X(11, ACCESS_FREQUENCY)             \
	X(12, ACCESS_DEBUG)                 \
	X(13, ACCESS_REENLIGHTENMENT)       \
	X(14, ACCESS_ROOT_SCHEDULER)        \
	X(15, ACCESS_TSC_INVARIANT)         \
	X(32, CREATE_PARTITIONS)            \
	X(33, ACCESS_PARTITION_ID)          \
	X(34, ACCESS_MEMORY_POOL)           \
	X(35, ADJUST_MESSAGE_BUFFERS)       \
	X(36, POST_MESSAGES)                \
	X(37, SIGNAL_EVENTS)                \
	X(38, CREATE_PORT)                  \
	X(39, CONNECT_PORT)                 \
	X(40, ACCESS_STATS)                 \
	X(43, DEBUGGING)                    \
	X(44, CPU_MANAGEMENT)               \
	X(45, CONFIGURE_PROFILER)           \
	X(46, ACCESS_VP_EXIT_TRACING)       \
	X(47, EXTENDED_GVA_RANGES_FLUSH)    \
	X(48, ACCESS_VSM)                   \
	X(49, ACCESS_VP_REGISTERS)          \
	X(51, FAST_HYPERCALL_OUTPUT)        \
	X(52, ENABLE_EXTENDED_HYPERCALLS)   \
	X(53, START_VIRTUAL_PROCESSOR)      \
	X(54, ISOLATION)

enum hv_privilege_bit {
#define HV_PRIVILEGE_ENUM(bit, name) HV_PRIVILEGE_BIT_##name = (bit),
	HV_PRIVILEGE_LIST(HV_PRIVILEGE_ENUM)
#undef HV_PRIVILEGE_ENUM
};

#define HV_PRIVILEGE(name) (1ULL << HV_PRIVILEGE_BIT_##name)

/**
 * hv_privileges_are_root - do these privileges make the caller a root?
 * @privileges: the partition privilege mask
 *
 * The rule: it may create partitions, access memory pools and manage CPUs,
 * and is not itself an isolated guest.
 *
 * Context: any.
 * Return: true for a root partition.
 */
static inline bool hv_privileges_are_root(u64 privileges)
{
	const u64 need = HV_PRIVILEGE(CREATE_PARTITIONS) |
			 HV_PRIVILEGE(ACCESS_MEMORY_POOL) |
			 HV_PRIVILEGE(CPU_MANAGEMENT);

	return (privileges & need) == need &&
	       !(privileges & HV_PRIVILEGE(ISOLATION));
}

/*
 * HvCreatePartition, 0x40. The TLFS of 2013 knows the first 16 bytes only;
 * today's layout is 56 bytes, and a hypervisor reads all of them.
 */
struct hv_input_create_partition {
	u64 flags;
	u64 proximity_domain_info;
	u32 compatibility_version; /* major << 8 | minor */
	u32 padding;
	u64 disabled_processor_features[2];
	u64 disabled_xsave_features;
	u64 isolation_properties;
};

HV_ASSERT_SIZE(struct hv_input_create_partition, 56);
HV_ASSERT_OFFSET(struct hv_input_create_partition, compatibility_version, 16);
HV_ASSERT_OFFSET(struct hv_input_create_partition, disabled_xsave_features, 40);

#define HV_COMPATIBILITY_VERSION 0x0609U

struct hv_output_create_partition {
	u64 partition_id;
};

HV_ASSERT_SIZE(struct hv_output_create_partition, 8);

/* HvInitializePartition 0x41, HvFinalizePartition 0x42, HvDeletePartition 0x43. */
struct hv_input_partition {
	u64 partition_id;
};

HV_ASSERT_SIZE(struct hv_input_partition, 8);

/* HV_PARTITION_PROPERTY_CODE: those that this tree's hypervisor has. */
enum hv_partition_property_code {
	HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS = 0x00010000,
	HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES = 0x00010001,
	HV_PARTITION_PROPERTY_SUSPEND = 0x00020000,
	HV_PARTITION_PROPERTY_CPU_RESERVE = 0x00020001, /* of 0x10000 */
	HV_PARTITION_PROPERTY_CPU_CAP = 0x00020002, /* of 0x10000 */
	HV_PARTITION_PROPERTY_CPU_WEIGHT = 0x00020003, /* 1 to 10000 */
	HV_PARTITION_PROPERTY_TIME_FREEZE = 0x00030003,
	HV_PARTITION_PROPERTY_REFERENCE_TIME = 0x00030005, /* 100 ns */
	HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION = 0x00050017,
	HV_PARTITION_PROPERTY_COMPATIBILITY_VERSION = 0x00060005,
	HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH = 0x00060006, /* bits */
	HV_PARTITION_PROPERTY_GUEST_OS_ID = 0x00070000,
};

/* HvGetPartitionProperty, 0x44. */
struct hv_input_get_partition_property {
	u64 partition_id;
	u32 property_code;
	u32 padding;
};

HV_ASSERT_SIZE(struct hv_input_get_partition_property, 16);

struct hv_output_get_partition_property {
	u64 property_value;
};

HV_ASSERT_SIZE(struct hv_output_get_partition_property, 8);

/* HvSetPartitionProperty, 0x45. */
struct hv_input_set_partition_property {
	u64 partition_id;
	u32 property_code;
	u32 padding;
	u64 property_value;
};

HV_ASSERT_SIZE(struct hv_input_set_partition_property, 24);
HV_ASSERT_OFFSET(struct hv_input_set_partition_property, property_value, 16);

/* HvGetPartitionId, 0x46. */
struct hv_output_get_partition_id {
	u64 partition_id;
};

HV_ASSERT_SIZE(struct hv_output_get_partition_id, 8);

/* HvGetNextChildPartition, 0x47: 0 asks for the first, 0 answers "no more". */
struct hv_input_get_next_child_partition {
	u64 parent_id;
	u64 previous_child_id;
};

HV_ASSERT_SIZE(struct hv_input_get_next_child_partition, 16);

struct hv_output_get_next_child_partition {
	u64 next_child_id;
};

HV_ASSERT_SIZE(struct hv_output_get_next_child_partition, 8);

/* HvExtCallQueryCapabilities, 0x8001: no input; the extended calls there are. */
struct hv_output_ext_query_capabilities {
	u64 capabilities;
};

HV_ASSERT_SIZE(struct hv_output_ext_query_capabilities, 8);

/* HvCreateVp, 0x4E. */
struct hv_input_create_vp {
	u64 partition_id;
	u32 vp_index;
	u8 padding[3];
	u8 subnode_type;
	u64 subnode_id;
	u64 proximity_domain_info;
	u64 flags;
};

HV_ASSERT_SIZE(struct hv_input_create_vp, 40);
HV_ASSERT_OFFSET(struct hv_input_create_vp, subnode_type, 15);
HV_ASSERT_OFFSET(struct hv_input_create_vp, proximity_domain_info, 24);

/* HvDeleteVp, 0x4F. */
struct hv_input_delete_vp {
	u64 partition_id;
	u32 vp_index;
	u32 padding;
};

HV_ASSERT_SIZE(struct hv_input_delete_vp, 16);

#endif
