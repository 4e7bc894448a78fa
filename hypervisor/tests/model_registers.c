// SPDX-License-Identifier: GPL-2.0
/*
 * The model: registers. It knows the general ones, RAX to R15, those of
 * overlay pages, and where a local APIC is.
 */
#include <hv/registers.h>

#include "model_ask.h"

/*
 * Of other registers it takes the hypervisor's word that there is one and
 * that it may have this value: registers_test.c looks at them.
 */
static bool base_valid(u32 vp, u64 base)
{
	return !(base & 0x2ff) && !(base >> 48) && (base >> 8 & 1) == !vp &&
	       (base >> 10 & 3) != 1;
}

/* Is it the page of the VP's local APIC, in xAPIC mode? */
bool model_is_apic(const struct model_partition *p, u32 vp, u64 gpfn)
{
	u64 base = p->registers[vp][MODEL_APIC_BASE];

	return (base >> 10 & 3) == 2 && base >> HV_PAGE_SHIFT == gpfn;
}

u32 model_registers(struct ask *a, u32 *done)
{
	bool set = a->rule->code == HVCALL_SET_VP_REGISTERS;
	u32 count = a->control >> 32 & 0xfff, reps = a->result >> 32;
	u32 vp = u32_at(a->in, 8);

	if (vp >= 64 || !a->p->vps[vp])
		return HV_STATUS_INVALID_VP_INDEX;
	if (u32_at(a->in, 12))
		return HV_STATUS_INVALID_PARAMETER;
	for (; *done < count; ++*done) {
		u32 at = 16 + *done * a->rule->in_element;
		u32 name = u32_at(a->in, at), n = name - HV_X64_REGISTER_RAX;
		bool base = name == HV_X64_REGISTER_APIC_BASE;
		u32 status;

		if (base)
			n = MODEL_APIC_BASE;
		if (model_overlay_register(name) && set) {
			if (u64_at(a->in, at + 24))
				return HV_STATUS_INVALID_PARAMETER;
			status = model_set_overlay(a->p, vp, name,
						   u64_at(a->in, at + 16));
			if (status)
				return status;
		} else if (model_overlay_register(name)) {
			CHECK(a, u64_at(a->out, *done * 16) ==
				 model_get_overlay(a->p, vp, name));
			CHECK(a, !u64_at(a->out, *done * 16 + 8));
		} else if (n >= MODEL_REGISTERS && !base) {
			if (*done >= reps)
				return HV_STATUS_INVALID_PARAMETER;
		} else if (!set) {
			CHECK(a, u64_at(a->out, *done * 16) ==
				 a->p->registers[vp][n]);
			CHECK(a, !u64_at(a->out, *done * 16 + 8));
		} else {
			if (u64_at(a->in, at + 24) ||
			    (base && !base_valid(vp, u64_at(a->in, at + 16))))
				return HV_STATUS_INVALID_PARAMETER;
			a->p->registers[vp][n] = u64_at(a->in, at + 16);
		}
	}
	return HV_STATUS_SUCCESS;
}
