// SPDX-License-Identifier: GPL-2.0
/*
 * HvGetPartitionProperty and HvSetPartitionProperty. TLFS "Partition
 * Properties". What is for a scheduler, or for processors that run, is kept
 * for the day when there are such.
 */
#include "internal.h"

#define WHOLE_CPU 0x10000 /* of reserve and cap */

enum { EARLY = 1 }; /* there before the partition is initialized */

static u64 get_privileges(struct hvc *hv, struct hvc_partition *p)
{
	(void)hv;
	return p->privileges;
}

/*
 * What every child may have, and beyond that no more than its parent has.
 * Those of the root are what they are.
 */
static u32 set_privileges(struct hvc *hv, struct hvc_partition *p, u64 value)
{
	(void)hv;
	if (hvc_is_root(p) ? value != p->privileges :
			     value & ~(p->parent->privileges |
				       HVC_CHILD_PRIVILEGES))
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	p->privileges = value;
	return HV_STATUS_SUCCESS;
}

static u64 get_time_freeze(struct hvc *hv, struct hvc_partition *p)
{
	(void)hv;
	return p->time_frozen;
}

static u32 set_time_freeze(struct hvc *hv, struct hvc_partition *p, u64 value)
{
	if (value > 1 || (value && hvc_is_root(p)))
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	hvc_freeze_time(hv, p, value);
	return HV_STATUS_SUCCESS;
}

/* It can be set while it does not run. */
static u32 set_reference_time(struct hvc *hv, struct hvc_partition *p,
			      u64 value)
{
	(void)hv;
	if (!p->time_frozen)
		return HV_STATUS_OBJECT_IN_USE;
	p->frozen_time = value;
	return HV_STATUS_SUCCESS;
}

static u64 get_compatibility_version(struct hvc *hv, struct hvc_partition *p)
{
	(void)hv;
	return p->compatibility_version;
}

static u64 get_address_width(struct hvc *hv, struct hvc_partition *p)
{
	(void)p;
	return hv->cfg.gpa_bits;
}

static u64 get_guest_os_id(struct hvc *hv, struct hvc_partition *p)
{
	(void)hv;
	return p->guest_os_id;
}

/*
 * What a VP is promised of a processor is promised once: all that the children's
 * VPs reserve is no more than there is.
 */
static bool reserve(struct hvc *hv, u64 less, u64 more)
{
	u64 reserved = hv->cpu_reserved - less + more;

	if (more > less && reserved > (u64)hv->cfg.processors * WHOLE_CPU)
		return false;
	hv->cpu_reserved = reserved;
	return true;
}

static u64 *cpu_reserve(struct hvc_partition *p)
{
	return &p->properties[HVC_PROPERTY_CPU_RESERVE];
}

/**
 * hvc_reserve_vp - reserve for one more VP what its partition's VPs have
 * @hv: the core
 * @p: a child
 *
 * Context: under the lock.
 * Return: false when there is not so much left.
 */
bool hvc_reserve_vp(struct hvc *hv, struct hvc_partition *p)
{
	if (!reserve(hv, 0, *cpu_reserve(p)))
		return false;
	p->nr_vps++;
	return true;
}

/**
 * hvc_release_vp - undo hvc_reserve_vp()
 * @hv: the core
 * @p: a child
 *
 * Context: under the lock.
 */
void hvc_release_vp(struct hvc *hv, struct hvc_partition *p)
{
	p->nr_vps--;
	reserve(hv, *cpu_reserve(p), 0);
}

static u32 set_cpu_reserve(struct hvc *hv, struct hvc_partition *p, u64 value)
{
	if (value > WHOLE_CPU ||
	    !reserve(hv, p->nr_vps * *cpu_reserve(p), p->nr_vps * value))
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	*cpu_reserve(p) = value;
	return HV_STATUS_SUCCESS;
}

static const struct property {
	u32 code;
	u8 flags;
	u8 place; /* in hvc_partition.properties, without get */
	u64 start;
	u64 least, most;
	/* Those that are kept elsewhere, or more than kept. get, but no set: read-only. */
	u64 (*get)(struct hvc *hv, struct hvc_partition *p);
	u32 (*set)(struct hvc *hv, struct hvc_partition *p, u64 value);
} properties[] = {
	{ .code = HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, .flags = EARLY,
	  .get = get_privileges, .set = set_privileges },
	{ .code = HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
	  .flags = EARLY, .place = HVC_PROPERTY_PROC_FEATURES,
	  .most = ~0ULL },
	{ .code = HV_PARTITION_PROPERTY_SUSPEND,
	  .place = HVC_PROPERTY_SUSPEND, .most = 1 },
	{ .code = HV_PARTITION_PROPERTY_CPU_RESERVE,
	  .place = HVC_PROPERTY_CPU_RESERVE, .set = set_cpu_reserve },
	{ .code = HV_PARTITION_PROPERTY_CPU_CAP,
	  .place = HVC_PROPERTY_CPU_CAP, .start = WHOLE_CPU,
	  .most = WHOLE_CPU },
	{ .code = HV_PARTITION_PROPERTY_CPU_WEIGHT,
	  .place = HVC_PROPERTY_CPU_WEIGHT, .start = 100, .least = 1,
	  .most = 10000 },
	{ .code = HV_PARTITION_PROPERTY_TIME_FREEZE,
	  .get = get_time_freeze, .set = set_time_freeze },
	{ .code = HV_PARTITION_PROPERTY_REFERENCE_TIME,
	  .get = hvc_partition_time, .set = set_reference_time },
	{ .code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
	  .place = HVC_PROPERTY_MSR_ACTION, .most = 1 },
	{ .code = HV_PARTITION_PROPERTY_COMPATIBILITY_VERSION,
	  .get = get_compatibility_version },
	{ .code = HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH,
	  .flags = EARLY, .get = get_address_width },
	{ .code = HV_PARTITION_PROPERTY_GUEST_OS_ID, .get = get_guest_os_id },
};

#define NR_PROPERTIES (sizeof(properties) / sizeof(struct property))

/**
 * hvc_property_init - give a new partition its properties
 * @p: any
 *
 * Context: under the lock.
 */
void hvc_property_init(struct hvc_partition *p)
{
	u32 i;

	for (i = 0; i < NR_PROPERTIES; i++)
		if (!properties[i].get)
			p->properties[properties[i].place] =
				properties[i].start;
}

/* The property, if it is there in the partition's state. */
static u32 find(const struct hvc_partition *p, u32 code,
		const struct property **property)
{
	u32 i;

	for (i = 0; i < NR_PROPERTIES; i++) {
		if (properties[i].code != code)
			continue;
		*property = &properties[i];
		if (p->state == HVC_ACTIVE || (properties[i].flags & EARLY))
			return HV_STATUS_SUCCESS;
		return HV_STATUS_INVALID_PARTITION_STATE;
	}
	return HV_STATUS_UNKNOWN_PROPERTY;
}

static u64 get(struct hvc *hv, struct hvc_partition *p,
	       const struct property *property)
{
	return property->get ? property->get(hv, p) :
			       p->properties[property->place];
}

/* HvGetPartitionProperty */
u32 hvc_get_partition_property(struct hvc_ctx *ctx)
{
	const struct hv_input_get_partition_property *in =
		(const void *)ctx->in;
	struct hv_output_get_partition_property *out = (void *)ctx->out;
	const struct property *property;
	u32 status = find(ctx->target, in->property_code, &property);

	if (status == HV_STATUS_SUCCESS)
		out->property_value = get(ctx->hv, ctx->target, property);
	return status;
}

/* HvSetPartitionProperty. A read-only one can have the value that it has. */
u32 hvc_set_partition_property(struct hvc_ctx *ctx)
{
	const struct hv_input_set_partition_property *in =
		(const void *)ctx->in;
	struct hvc_partition *p = ctx->target;
	const struct property *property;
	u64 value = in->property_value;
	u32 status = find(p, in->property_code, &property);

	if (status != HV_STATUS_SUCCESS)
		return status;
	if (property->set)
		return property->set(ctx->hv, p, value);
	if (property->get)
		return value == get(ctx->hv, p, property) ?
			       HV_STATUS_SUCCESS :
			       HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	if (value < property->least || value > property->most)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	p->properties[property->place] = value;
	return HV_STATUS_SUCCESS;
}
