// SPDX-License-Identifier: GPL-2.0
/* The model: partition properties. The host's clock stands still. */
#include "model_ask.h"

#define CHILDS_OWN 0x5ffULL /* privileges that any child may have */

static const struct known {
	u32 code;
	bool early;
	u64 start, least, most;
} known[MODEL_PROPERTIES] = {
	{ HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES, true, 0, 0, ~0ULL },
	{ HV_PARTITION_PROPERTY_SUSPEND, false, 0, 0, 1 },
	{ HV_PARTITION_PROPERTY_CPU_RESERVE, false, 0, 0, 65536 },
	{ HV_PARTITION_PROPERTY_CPU_CAP, false, 65536, 0, 65536 },
	{ HV_PARTITION_PROPERTY_CPU_WEIGHT, false, 100, 1, 10000 },
	{ HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION, false, 0, 0, 1 },
	/* Those with rules of their own. */
	{ HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, true, CHILDS_OWN, 0, ~0ULL },
	{ HV_PARTITION_PROPERTY_TIME_FREEZE, false, 0, 0, 1 },
	{ HV_PARTITION_PROPERTY_REFERENCE_TIME, false, 0, 0, ~0ULL },
	/* Read-only. */
	{ HV_PARTITION_PROPERTY_COMPATIBILITY_VERSION, false, 0, 1, 0 },
	{ HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH, true, 48, 1, 0 },
	{ HV_PARTITION_PROPERTY_GUEST_OS_ID, false, 0, 1, 0 },
};

static u32 find(u32 code)
{
	u32 i;

	for (i = 0; i < MODEL_PROPERTIES && known[i].code != code; i++)
		;
	return i;
}

u64 model_get_property(const struct model_partition *p, u32 code)
{
	return p->properties[find(code)];
}

void model_put_property(struct model_partition *p, u32 code, u64 value)
{
	p->properties[find(code)] = value;
}

void model_new_properties(struct model_partition *p, u32 version)
{
	u32 i;

	for (i = 0; i < MODEL_PROPERTIES; i++)
		p->properties[i] = known[i].start;
	model_put_property(p, HV_PARTITION_PROPERTY_COMPATIBILITY_VERSION,
			   version);
}

void model_root_properties(struct model *m)
{
	model_new_properties(&m->part[0], 0);
	model_put_property(&m->part[0], HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
			   HOST_PRIVILEGES);
}

bool model_reserve(struct model *m, const struct model_partition *p, s64 vps)
{
	u64 each = model_get_property(p, HV_PARTITION_PROPERTY_CPU_RESERVE);
	s64 more = vps * (s64)each;

	if (more > 0 && m->reserved + more > HOST_PROCESSORS * 65536ULL) {
		m->reserve_denied++;
		return false;
	}
	m->reserved += more;
	return true;
}

/* The same for all VPs at once, of another reserve. */
static bool reserve_anew(struct ask *a, u64 value)
{
	u64 now = model_get_property(a->p, HV_PARTITION_PROPERTY_CPU_RESERVE);
	u64 vps = 0, sum = 0;
	u32 i;

	for (i = 0; i < 64; i++)
		vps += a->p->vps[i];
	sum = a->m->reserved - vps * now + vps * value;
	if (value > now && vps && sum > HOST_PROCESSORS * 65536ULL)
		return false;
	a->m->reserved = sum;
	return true;
}

u32 model_property(struct ask *a, bool set)
{
	bool is_root = a->p == &a->m->part[0];
	u32 code = u32_at(a->in, 8), i = find(code);
	u64 value = u64_at(a->in, 16), now;

	if (i == MODEL_PROPERTIES)
		return HV_STATUS_UNKNOWN_PROPERTY;
	if (a->p->state != MODEL_ACTIVE && !known[i].early)
		return HV_STATUS_INVALID_PARTITION_STATE;
	now = a->p->properties[i];
	if (!set) {
		CHECK(a, a->result || u64_at(a->out, 0) == now);
		return 0;
	}
	if (code == HV_PARTITION_PROPERTY_REFERENCE_TIME &&
	    !model_get_property(a->p, HV_PARTITION_PROPERTY_TIME_FREEZE))
		return HV_STATUS_OBJECT_IN_USE;
	if (known[i].least > known[i].most ? value != now :
	    value < known[i].least || value > known[i].most)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	if (code == HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS &&
	    (is_root ? value != now : value & ~(CHILDS_OWN | HOST_PRIVILEGES)))
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	if (code == HV_PARTITION_PROPERTY_TIME_FREEZE && is_root && value)
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	if (code == HV_PARTITION_PROPERTY_CPU_RESERVE &&
	    !reserve_anew(a, value))
		return HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	a->p->properties[i] = value;
	if (code == HV_PARTITION_PROPERTY_TIME_FREEZE)
		model_fill_tsc_page(a->p);
	return 0;
}
