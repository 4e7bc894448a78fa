// SPDX-License-Identifier: GPL-2.0
/*
 * The calls a root kernel makes because it owns the machine: processors,
 * device interrupts, sleep. They follow the contract of the core's own table.
 */
#include <hv/calls.h>
#include <hv/debug.h>
#include <hv/partition.h>
#include <hv/status.h>
#include "hvx.h"

/* --- processors ------------------------------------------------------------ */

/* HvGetLogicalProcessorRunTime: here it tells which LPs there are. */
static u32 lp_run_time(struct hvc_ctx *ctx)
{
	u32 lp = ctx->in[0];
	u32 i;

	for (i = 0; i < hvx.nr_cpus; i++)
		if (hvx.cpus[i].lp_known && hvx.cpus[i].lp_index == lp)
			break;
	if (i == hvx.nr_cpus)
		return HV_STATUS_INVALID_LP_INDEX;
	/* Global, local, group and hypervisor time: all of it is the root's. */
	ctx->out[0] = hvx_reference_time();
	ctx->out[1] = ctx->out[0];
	ctx->out[2] = 0;
	ctx->out[3] = 0;
	return HV_STATUS_SUCCESS;
}

struct add_logical_processor {
	u32 lp_index;
	u32 apic_id;
	u64 proximity; /* newer kernels end here, 6.1 sends flags before it */
};

/* HvAddLogicalProcessor: the processor has been in the hypervisor all along. */
static u32 add_logical_processor(struct hvc_ctx *ctx)
{
	const struct add_logical_processor *in = (const void *)ctx->in;
	struct hvx_cpu *cpu = hvx_cpu_by_apic_id(in->apic_id);
	u32 i;

	if (!cpu)
		return HV_STATUS_INVALID_PARAMETER;
	if (in->lp_index >= HVX_MAX_CPUS ||
	    (cpu->lp_known && cpu->lp_index != in->lp_index))
		return HV_STATUS_INVALID_LP_INDEX;
	for (i = 0; i < hvx.nr_cpus; i++)
		if (&hvx.cpus[i] != cpu && hvx.cpus[i].lp_known &&
		    hvx.cpus[i].lp_index == in->lp_index)
			return HV_STATUS_INVALID_LP_INDEX;
	cpu->lp_index = in->lp_index;
	cpu->lp_known = true;
	/* Seven words of start-up status: no hypervisor, no processor error. */
	return HV_STATUS_SUCCESS;
}

/**
 * hvx_root_vp_create - HvCreateVp on the root itself
 * @hv: the core
 * @vp_index: the VP to be
 * @flags: the logical processor it is bound to
 *
 * Context: a handler, under the core's lock.
 * Return: HV_STATUS_*.
 */
u32 hvx_root_vp_create(struct hvc *hv, u32 vp_index, u64 flags)
{
	struct hvx_cpu *other = hvx_cpu_by_vp_index(vp_index);
	u32 i;

	(void)hv;
	if (other && other->vp_claimed)
		return HV_STATUS_INVALID_VP_INDEX;
	for (i = 0; i < hvx.nr_cpus; i++) {
		struct hvx_cpu *cpu = &hvx.cpus[i];

		if (!cpu->lp_known || cpu->lp_index != flags)
			continue;
		if (cpu->vp_claimed)
			return HV_STATUS_INVALID_VP_INDEX;
		if (other)
			other->vp_created = false;
		cpu->vp_index = vp_index;
		cpu->vp_created = true;
		cpu->vp_claimed = true;
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_INVALID_LP_INDEX;
}

/**
 * hvx_root_vps_forget - the kernel that has added processors is gone
 *
 * The VPs are there still, one may even run this. Another kernel adds and
 * creates them as if they were not.
 *
 * Context: under the core's lock.
 */
void hvx_root_vps_forget(void)
{
	u32 i;

	for (i = 0; i < hvx.nr_cpus; i++) {
		if (hvx.cpus[i].bsp)
			continue;
		hvx.cpus[i].lp_known = false;
		hvx.cpus[i].vp_claimed = false;
	}
}

/* HvNotifyPartitionEvent: heard; nothing here depends on it. */
static u32 notify_partition_event(struct hvc_ctx *ctx)
{
	(void)ctx;
	return HV_STATUS_SUCCESS;
}

/* HvNotifyLongSpinWait: every VP has a processor of its own. */
static u32 notify_long_spin_wait(struct hvc_ctx *ctx)
{
	(void)ctx;
	return HV_STATUS_SUCCESS;
}

/* --- device interrupts ----------------------------------------------------- */

#define DEVICE_TYPE(id) ((id) >> 62)
#define DEVICE_PCI 1U
#define DEVICE_IOAPIC 2U

#define SOURCE_MSI 1U
#define SOURCE_IOAPIC 2U

#define TARGET_MULTICAST 1U
#define TARGET_PROCESSOR_SET 2U
#define VP_SET_SPARSE 0ULL
#define VP_SET_ALL 1ULL
#define VPS_PER_BANK 64U

#define INTERRUPT_FIXED 0U
#define INTERRUPT_LOWEST 1U
#define TRIGGER_LEVEL 1U

#define MSI_ADDRESS 0xfee00000U
#define MSI_DESTINATION_SHIFT 12
#define RTE_TRIGGER_LEVEL (1ULL << 15)
#define RTE_DESTINATION_SHIFT 56
#define MSI_TRIGGER_LEVEL (1U << 15)
#define MSI_ASSERT (1U << 14)

struct interrupt_entry {
	u32 source;
	u32 reserved;
	union {
		struct {
			u32 address;
			u32 data;
		} msi;
		u64 rte;
	};
};

HV_ASSERT_SIZE(struct interrupt_entry, 16);

struct interrupt_target {
	u32 vector;
	u32 flags;
	u64 set; /* processor mask, or the format of a VP set... */
	u64 bank_mask; /* ...which goes on in the variable header */
	u64 banks[];
};

struct map_device_interrupt {
	u64 partition_id;
	u64 device_id;
	u64 flags;
	struct interrupt_entry logical;
	u32 type;
	u32 trigger;
	u32 vectors;
	u32 reserved;
	struct interrupt_target target;
};

HV_ASSERT_OFFSET(struct map_device_interrupt, target, 56);

#define MAP_FIXED_BYTES 72

struct unmap_device_interrupt {
	u64 partition_id;
	u64 device_id;
	struct interrupt_entry entry;
};

struct retarget_device_interrupt {
	u64 partition_id;
	u64 device_id;
	struct interrupt_entry entry;
	u64 reserved;
	struct interrupt_target target;
};

HV_ASSERT_OFFSET(struct retarget_device_interrupt, target, 40);

#define RETARGET_FIXED_BYTES 56

/* The first VP of a mask that exists, counting from @first. */
static struct hvx_cpu *first_vp(u64 mask, u32 first)
{
	u32 i;

	for (i = 0; i < VPS_PER_BANK; i++) {
		struct hvx_cpu *cpu = NULL;

		if (mask >> i & 1)
			cpu = hvx_cpu_by_vp_index(first + i);
		if (cpu)
			return cpu;
	}
	return NULL;
}

/* Where an interrupt goes, of the places it may go; NULL: nowhere. */
static struct hvx_cpu *choose_vp(const struct interrupt_target *t, u32 varhead)
{
	u32 bank, n = 0;

	if (!(t->flags & TARGET_PROCESSOR_SET))
		return varhead ? NULL : first_vp(t->set, 0);
	if (t->set == VP_SET_ALL)
		return &hvx.cpus[0];
	if (t->set != VP_SET_SPARSE || varhead < sizeof(t->bank_mask))
		return NULL;
	for (bank = 0; bank < VPS_PER_BANK; bank++) {
		struct hvx_cpu *cpu;

		if (!(t->bank_mask >> bank & 1))
			continue;
		if (++n > varhead / sizeof(u64) - 1)
			return NULL;
		cpu = first_vp(t->banks[n - 1], bank * VPS_PER_BANK);
		if (cpu)
			return cpu;
	}
	return NULL;
}

/* The values that real hardware wants: there is no remapping behind them. */
static u32 make_entry(struct interrupt_entry *out, u64 device_id, u32 type,
		      bool level, const struct interrupt_target *t, u32 varhead)
{
	const struct hvx_cpu *cpu = choose_vp(t, varhead);

	if (!cpu || t->vector < 0x10 || t->vector > 0xff || type > INTERRUPT_LOWEST ||
	    t->flags & ~(TARGET_MULTICAST | TARGET_PROCESSOR_SET) ||
	    cpu->apic_id > 0xff)
		return HV_STATUS_INVALID_PARAMETER;
	memset(out, 0, sizeof(*out));
	switch (DEVICE_TYPE(device_id)) {
	case DEVICE_PCI:
		out->source = SOURCE_MSI;
		out->msi.address = MSI_ADDRESS |
				   cpu->apic_id << MSI_DESTINATION_SHIFT;
		out->msi.data = t->vector | type << 8;
		if (level)
			out->msi.data |= MSI_TRIGGER_LEVEL | MSI_ASSERT;
		return HV_STATUS_SUCCESS;
	case DEVICE_IOAPIC:
		out->source = SOURCE_IOAPIC;
		out->rte = t->vector | type << 8 |
			   (u64)cpu->apic_id << RTE_DESTINATION_SHIFT;
		if (level)
			out->rte |= RTE_TRIGGER_LEVEL;
		return HV_STATUS_SUCCESS;
	default:
		return HV_STATUS_INVALID_PARAMETER;
	}
}

/* HvMapDeviceInterrupt. */
static u32 map_device_interrupt(struct hvc_ctx *ctx)
{
	const struct map_device_interrupt *in = (const void *)ctx->in;

	if (in->vectors != 1 || in->trigger > TRIGGER_LEVEL)
		return HV_STATUS_INVALID_PARAMETER;
	return make_entry((struct interrupt_entry *)ctx->out, in->device_id,
			  in->type, in->trigger == TRIGGER_LEVEL, &in->target,
			  ctx->varhead);
}

static u32 check_entry(u64 device_id, const struct interrupt_entry *entry)
{
	u32 type = DEVICE_TYPE(device_id);

	if ((type == DEVICE_PCI && entry->source == SOURCE_MSI) ||
	    (type == DEVICE_IOAPIC && entry->source == SOURCE_IOAPIC))
		return HV_STATUS_SUCCESS;
	return HV_STATUS_INVALID_PARAMETER;
}

/* HvUnmapDeviceInterrupt: nothing is kept of a mapping. */
static u32 unmap_device_interrupt(struct hvc_ctx *ctx)
{
	const struct unmap_device_interrupt *in = (const void *)ctx->in;

	return check_entry(in->device_id, &in->entry);
}

/*
 * HvRetargetDeviceInterrupt. Without interrupt remapping only the device could
 * change where its interrupts go: it can be asked for what is so already.
 */
static u32 retarget_device_interrupt(struct hvc_ctx *ctx)
{
	const struct retarget_device_interrupt *in = (const void *)ctx->in;
	struct interrupt_entry entry;
	u32 status = check_entry(in->device_id, &in->entry);

	if (status == HV_STATUS_SUCCESS)
		status = make_entry(&entry, in->device_id, INTERRUPT_FIXED,
				    false, &in->target, ctx->varhead);
	if (status != HV_STATUS_SUCCESS)
		return status;
	return entry.rte == in->entry.rte ? HV_STATUS_SUCCESS :
					    HV_STATUS_OPERATION_DENIED;
}

/* --- system ---------------------------------------------------------------- */

#define PROPERTY_SLEEP_STATE 3U
#define PROPERTY_SCHEDULER_TYPE 15U
#define SCHEDULER_ROOT 4U
#define SLEEP_S1 1U
#define SLEEP_S5 5U

struct set_system_property {
	u32 id;
	u32 reserved;
	u32 sleep_state;
	u8 pm1a_type;
	u8 pm1b_type;
	u8 rest[58];
};

HV_ASSERT_SIZE(struct set_system_property, 72);

/* HvSetSystemProperty: how the machine is switched off. */
static u32 set_system_property(struct hvc_ctx *ctx)
{
	const struct set_system_property *in = (const void *)ctx->in;

	if (in->id != PROPERTY_SLEEP_STATE || in->sleep_state < SLEEP_S1 ||
	    in->sleep_state > SLEEP_S5 || in->pm1a_type > 7 || in->pm1b_type > 7)
		return HV_STATUS_INVALID_PARAMETER;
	if (in->sleep_state == SLEEP_S5) {
		/* The root may not have another sleep called S5. */
		if (hvx.sleep.refused_types >> in->pm1a_type & 1 ||
		    hvx.sleep.refused_types >> in->pm1b_type & 1)
			return HV_STATUS_INVALID_PARAMETER;
		hvx.sleep.s5_type_a = in->pm1a_type;
		hvx.sleep.s5_type_b = in->pm1b_type;
		hvx.sleep.s5_known = true;
	}
	return HV_STATUS_SUCCESS;
}

/* HvGetSystemProperty. */
static u32 get_system_property(struct hvc_ctx *ctx)
{
	if ((u32)ctx->in[0] != PROPERTY_SCHEDULER_TYPE)
		return HV_STATUS_INVALID_PARAMETER;
	ctx->out[0] = SCHEDULER_ROOT;
	return HV_STATUS_SUCCESS;
}

/* HvEnterSleepState: S5 only, and it does not come back from that. */
static u32 enter_sleep_state(struct hvc_ctx *ctx)
{
	if ((u32)ctx->in[0] != SLEEP_S5)
		return HV_STATUS_INVALID_PARAMETER;
	if (hvx.report)
		hvx_report();
	hvx_power_off();
	return HV_STATUS_OPERATION_DENIED;
}

const struct hvc_row hvx_rows[] = {
	{
		.code = HVCALL_GET_LOGICAL_PROCESSOR_RUN_TIME,
		.flags = HVC_ROW_ROOT,
		.in_header = 8,
		.out_header = 32,
		.handler = lp_run_time,
	}, {
		.code = HVCALL_NOTIFY_LONG_SPIN_WAIT,
		.flags = HVC_ROW_FAST,
		.in_header = 8,
		.handler = notify_long_spin_wait,
	}, {
		.code = HVCALL_SET_SYSTEM_PROPERTY,
		.flags = HVC_ROW_ROOT,
		.in_header = sizeof(struct set_system_property),
		.handler = set_system_property,
	}, {
		.code = HVCALL_ADD_LOGICAL_PROCESSOR,
		.flags = HVC_ROW_ROOT,
		.in_header = sizeof(struct add_logical_processor),
		.out_header = 56,
		.privilege = HV_PRIVILEGE(CPU_MANAGEMENT),
		.handler = add_logical_processor,
	}, {
		.code = HVCALL_GET_SYSTEM_PROPERTY,
		.flags = HVC_ROW_ROOT,
		.in_header = 16,
		.out_header = 8,
		.handler = get_system_property,
	}, {
		.code = HVCALL_MAP_DEVICE_INTERRUPT,
		.who = HVC_PARENT_OR_ROOT_SELF,
		.states = HVC_IN(HVC_ACTIVE),
		.flags = HVC_ROW_ROOT | HVC_ROW_VARHEAD,
		.in_header = MAP_FIXED_BYTES,
		.out_header = sizeof(struct interrupt_entry),
		.privilege = HV_PRIVILEGE(CPU_MANAGEMENT),
		.handler = map_device_interrupt,
	}, {
		.code = HVCALL_UNMAP_DEVICE_INTERRUPT,
		.who = HVC_PARENT_OR_ROOT_SELF,
		.states = HVC_IN(HVC_ACTIVE),
		.flags = HVC_ROW_ROOT,
		.in_header = sizeof(struct unmap_device_interrupt),
		.privilege = HV_PRIVILEGE(CPU_MANAGEMENT),
		.handler = unmap_device_interrupt,
	}, {
		.code = HVCALL_RETARGET_DEVICE_INTERRUPT,
		.who = HVC_PARENT_OR_ROOT_SELF,
		.states = HVC_IN(HVC_ACTIVE),
		.flags = HVC_ROW_ROOT | HVC_ROW_VARHEAD,
		.in_header = RETARGET_FIXED_BYTES,
		.handler = retarget_device_interrupt,
	}, {
		.code = HVCALL_ENTER_SLEEP_STATE,
		.flags = HVC_ROW_ROOT,
		.in_header = 8,
		.privilege = HV_PRIVILEGE(CPU_MANAGEMENT),
		.handler = enter_sleep_state,
	}, {
		.code = HVCALL_NOTIFY_PARTITION_EVENT,
		.flags = HVC_ROW_ROOT,
		.in_header = 8,
		.handler = notify_partition_event,
	}, {
		.code = HVCALL_DEBUG_MACHINE,
		.flags = HVC_ROW_ROOT | HVC_ROW_DEBUG,
		.in_header = sizeof(struct hv_input_debug_machine),
		.out_header = sizeof(struct hv_output_debug),
		.handler = hvx_debug_machine,
	},
};

const u32 hvx_nr_rows = ARRAY_SIZE(hvx_rows);
