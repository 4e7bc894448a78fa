/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Call codes. X(code, NAME, "TLFS name"): the calls whose layouts are in
 * these headers, and those that a root kernel makes while it boots.
 */
#ifndef HV_CALLS_H
#define HV_CALLS_H

#include <hv/types.h>

#define HV_CALL_LIST(X)                                                    \
	X(0x0002, FLUSH_VIRTUAL_ADDRESS_SPACE, "HvFlushVirtualAddressSpace") \
	X(0x0003, FLUSH_VIRTUAL_ADDRESS_LIST, "HvFlushVirtualAddressList") \
	X(0x0004, GET_LOGICAL_PROCESSOR_RUN_TIME,                          \
	  "HvGetLogicalProcessorRunTime")                                  \
	X(0x0008, NOTIFY_LONG_SPIN_WAIT, "HvNotifyLongSpinWait")           \
	X(0x0040, CREATE_PARTITION, "HvCreatePartition")                   \
	X(0x0041, INITIALIZE_PARTITION, "HvInitializePartition")           \
	X(0x0042, FINALIZE_PARTITION, "HvFinalizePartition")               \
	X(0x0043, DELETE_PARTITION, "HvDeletePartition")                   \
	X(0x0044, GET_PARTITION_PROPERTY, "HvGetPartitionProperty")        \
	X(0x0045, SET_PARTITION_PROPERTY, "HvSetPartitionProperty")        \
	X(0x0046, GET_PARTITION_ID, "HvGetPartitionId")                    \
	X(0x0047, GET_NEXT_CHILD_PARTITION, "HvGetNextChildPartition")     \
	X(0x0048, DEPOSIT_MEMORY, "HvDepositMemory")                       \
	X(0x0049, WITHDRAW_MEMORY, "HvWithdrawMemory")                     \
	X(0x004a, GET_MEMORY_BALANCE, "HvGetMemoryBalance")                \
	X(0x004b, MAP_GPA_PAGES, "HvMapGpaPages")                          \
	X(0x004c, UNMAP_GPA_PAGES, "HvUnmapGpaPages")                      \
	X(0x004e, CREATE_VP, "HvCreateVp")                                 \
	X(0x004f, DELETE_VP, "HvDeleteVp")                                 \
	X(0x0050, GET_VP_REGISTERS, "HvGetVpRegisters")                    \
	X(0x0051, SET_VP_REGISTERS, "HvSetVpRegisters")                    \
	X(0x0052, TRANSLATE_VIRTUAL_ADDRESS, "HvTranslateVirtualAddress")  \
	X(0x0053, READ_GPA, "HvReadGpa")                                   \
	X(0x0054, WRITE_GPA, "HvWriteGpa")                                 \
	X(0x006f, SET_SYSTEM_PROPERTY, "HvSetSystemProperty")              \
	X(0x0076, ADD_LOGICAL_PROCESSOR, "HvAddLogicalProcessor")          \
	X(0x007b, GET_SYSTEM_PROPERTY, "HvGetSystemProperty")              \
	X(0x007c, MAP_DEVICE_INTERRUPT, "HvMapDeviceInterrupt")            \
	X(0x007d, UNMAP_DEVICE_INTERRUPT, "HvUnmapDeviceInterrupt")        \
	X(0x007e, RETARGET_DEVICE_INTERRUPT, "HvRetargetDeviceInterrupt")  \
	X(0x0084, ENTER_SLEEP_STATE, "HvEnterSleepState")                  \
	X(0x0087, NOTIFY_PARTITION_EVENT, "HvNotifyPartitionEvent")        \
	X(0x8001, EXT_QUERY_CAPABILITIES, "HvExtCallQueryCapabilities")

enum hv_call_code {
#define HV_CALL_ENUM(code, name, text) HVCALL_##name = (code),
	HV_CALL_LIST(HV_CALL_ENUM)
#undef HV_CALL_ENUM
};

/**
 * hv_call_name - the TLFS name of a call
 * @code: call code
 *
 * Context: any.
 * Return: a constant string, or NULL for a code that is not in the list.
 */
static inline const char *hv_call_name(u16 code)
{
	static const struct hv_call_entry {
		u16 code;
		const char *name;
	} table[] = {
#define HV_CALL_ENTRY(code, name, text) { code, text },
		HV_CALL_LIST(HV_CALL_ENTRY)
#undef HV_CALL_ENTRY
		{ 0, NULL },
	};
	const struct hv_call_entry *e;

	for (e = table; e->name; e++)
		if (e->code == code)
			return e->name;
	return NULL;
}

#endif
