// SPDX-License-Identifier: GPL-2.0
/*
 * HvGetVpRegisters and HvSetVpRegisters: the state of a child's virtual
 * processor, kept in its page. TLFS "Virtual Processor Register Names"; the
 * values after creation and the bits that there are as in AMD APM vol. 2,
 * "Processor Initialization" and "System Resources".
 */
#include "internal.h"

#define ALL (~0ULL)

#define CR0_VALID 0xe005003fULL
#define CR0_PE 0x00000001ULL
#define CR0_NW 0x20000000ULL
#define CR0_CD 0x40000000ULL
#define CR0_PG 0x80000000ULL
/* Eight variable ranges, fixed ones, write-combining. */
#define MTRR_CAP 0x508ULL
#define MTRR_ADDRESS 0x000ffffffffff000ULL
#define MTRR_ENABLE 0xc00ULL /* fixed ranges, all */
#define MTRR_RANGE_VALID 0x800ULL
#define CRASH_NOTIFY (1ULL << 63)
#define SINT_VECTOR 0xffULL
#define SINT_MASKED 0x10000ULL
#define SINT_VALID 0x700ffULL

#define SEGMENT_HIGH(limit, selector, attributes)     \
	((u64)(attributes) << 48 | (u64)(selector) << 32 | (limit))
/* All but attribute bits 11:8. */
#define SEGMENT_VALID 0xf0ffffffffffffffULL
#define TABLE_LIMIT 0xffff000000000000ULL

static bool canonical(u64 address)
{
	return (u64)((s64)(address << 16) >> 16) == address;
}

static bool canonical_low(const union hv_register_value *v)
{
	return canonical(v->low);
}

static bool table_valid(const union hv_register_value *v)
{
	return canonical(v->table.base);
}

static bool cr0_valid(const union hv_register_value *v)
{
	return (v->low & (CR0_PG | CR0_PE)) != CR0_PG &&
	       (v->low & (CR0_NW | CR0_CD)) != CR0_NW;
}

/* Memory types: uncached, write-combining, -through, -protected, -back. */
static bool memory_type(u8 type)
{
	return type < 7 && type != 2 && type != 3;
}

static bool mtrr_valid(const union hv_register_value *v)
{
	return memory_type(v->low);
}

/* Besides, "uncached unless an MTRR says otherwise". */
static bool pat_valid(const union hv_register_value *v)
{
	u32 i;

	for (i = 0; i < 64; i += 8)
		if (!memory_type(v->low >> i) && (u8)(v->low >> i) != 7)
			return false;
	return true;
}

static bool mtrr_fixed_valid(const union hv_register_value *v)
{
	u32 i;

	for (i = 0; i < 64; i += 8)
		if (!memory_type(v->low >> i))
			return false;
	return true;
}

/* HV_X64_PENDING_INTERRUPTION_REGISTER: type 1 is reserved; 256 vectors. */
static bool interruption_valid(const union hv_register_value *v)
{
	return (v->low >> 1 & 7) != 1 && (v->low >> 16 & 0xffff) < 256;
}

/* Vectors below 16 are for exceptions. */
static bool sint_valid(const union hv_register_value *v)
{
	return (v->low & SINT_MASKED) || (v->low & SINT_VECTOR) >= 16;
}

static u64 get_guest_os_id(struct hvc *hv, struct hvc_vp *vp, u32 name)
{
	(void)hv;
	(void)name;
	return vp->partition->guest_os_id;
}

static u32 set_guest_os_id(struct hvc *hv, struct hvc_vp *vp, u32 name,
			   u64 value)
{
	(void)name;
	hvc_set_guest_os_id(hv, vp->partition, value);
	return HV_STATUS_SUCCESS;
}

/* As in CPUID leaf 0x40000003, EAX and EBX; no other features. */
static u64 get_privileges(struct hvc *hv, struct hvc_vp *vp, u32 name)
{
	(void)hv;
	(void)name;
	return vp->partition->privileges;
}

/* To write to EOM asks for the next message, and there are none. */
static u64 get_nothing(struct hvc *hv, struct hvc_vp *vp, u32 name)
{
	(void)hv;
	(void)vp;
	(void)name;
	return 0;
}

static u32 set_nothing(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value)
{
	(void)value;
	get_nothing(hv, vp, name);
	return HV_STATUS_SUCCESS;
}

enum {
	READ_ONLY = 1,
	PADDED = 2, /* bits that are not valid are ignored */
	INDEX = 4, /* starts as the VP's index */
};

/* A register, or @count of a kind with names in a row. */
static const struct reg {
	u32 name;
	u8 count;
	u8 flags;
	union hv_register_value start;
	union hv_register_value valid; /* bits that may be set */
	u64 fixed; /* bits of the low half that must be set */
	bool (*check)(const union hv_register_value *v);
	/* Registers that are kept elsewhere, or do something, have both. */
	u64 (*get)(struct hvc *hv, struct hvc_vp *vp, u32 name);
	u32 (*set)(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value);
} regs[] = {
	/* There is nothing yet that would run it. */
	{ .name = HV_REGISTER_EXPLICIT_SUSPEND, .count = 1, .start.low = 1,
	  .valid.low = 1, .fixed = 1 },
	{ .name = HV_REGISTER_PRIVILEGES_AND_FEATURES_INFO, .count = 1,
	  .flags = READ_ONLY, .get = get_privileges },
	{ .name = HV_REGISTER_GUEST_CRASH_P0, .count = 5, .valid.low = ALL },
	{ .name = HV_REGISTER_GUEST_CRASH_CTL, .count = 1, .flags = READ_ONLY,
	  .start.low = CRASH_NOTIFY },
	{ .name = HV_REGISTER_PENDING_INTERRUPTION, .count = 1,
	  .valid.low = ~0xfc00ULL, .check = interruption_valid },
	{ .name = HV_REGISTER_INTERRUPT_STATE, .count = 1, .valid.low = 3 },
	{ .name = HV_X64_REGISTER_RAX, .count = 16, .valid.low = ALL },
	{ .name = HV_X64_REGISTER_RIP, .count = 1, .start.low = 0xfff0,
	  .valid.low = ALL },
	{ .name = HV_X64_REGISTER_RFLAGS, .count = 1, .start.low = 0x2,
	  .valid.low = 0x3f7fd7, .fixed = 0x2 },
	{ .name = HV_X64_REGISTER_XMM0, .count = 16, .valid.low = ALL,
	  .valid.high = ALL },
	{ .name = HV_X64_REGISTER_FP_MMX0, .count = 8, .valid.low = ALL,
	  .valid.high = 0xffff },
	{ .name = HV_X64_REGISTER_FP_CONTROL_STATUS, .count = 1,
	  .start.low = 0x40, .valid.low = ~0xff0000000000ULL,
	  .valid.high = ALL },
	{ .name = HV_X64_REGISTER_XMM_CONTROL_STATUS, .count = 1,
	  .start.high = 0x1f80, .valid.low = ALL,
	  .valid.high = 0xffffffff0000ffffULL },
	{ .name = HV_X64_REGISTER_CR0, .count = 1, .start.low = 0x60000010,
	  .valid.low = CR0_VALID, .check = cr0_valid },
	{ .name = HV_X64_REGISTER_CR2, .count = 1, .valid.low = ALL },
	{ .name = HV_X64_REGISTER_CR3, .count = 1,
	  .valid.low = 0xfffffffffffffULL },
	{ .name = HV_X64_REGISTER_CR4, .count = 1, .valid.low = 0xf70fff },
	{ .name = HV_X64_REGISTER_CR8, .count = 1, .valid.low = 0xf,
	  .get = hvc_apic_get_cr8, .set = hvc_apic_set_cr8 },
	{ .name = HV_X64_REGISTER_XFEM, .count = 1, .start.low = 1,
	  .valid.low = 0x207, .fixed = 1 },
	{ .name = HV_X64_REGISTER_DR0, .count = 4, .valid.low = ALL },
	{ .name = HV_X64_REGISTER_DR6, .count = 1, .start.low = 0xffff0ff0,
	  .valid.low = 0xffffffff },
	{ .name = HV_X64_REGISTER_DR7, .count = 1, .start.low = 0x400,
	  .valid.low = 0xffffffff },
	{ .name = HV_X64_REGISTER_ES, .count = 1,
	  .start.high = SEGMENT_HIGH(0xffff, 0, 0x93), .valid.low = ALL,
	  .valid.high = SEGMENT_VALID },
	{ .name = HV_X64_REGISTER_CS, .count = 1, .start.low = 0xffff0000,
	  .start.high = SEGMENT_HIGH(0xffff, 0xf000, 0x9b), .valid.low = ALL,
	  .valid.high = SEGMENT_VALID },
	{ .name = HV_X64_REGISTER_SS, .count = 4,
	  .start.high = SEGMENT_HIGH(0xffff, 0, 0x93), .valid.low = ALL,
	  .valid.high = SEGMENT_VALID, .check = canonical_low },
	{ .name = HV_X64_REGISTER_LDTR, .count = 1,
	  .start.high = SEGMENT_HIGH(0xffff, 0, 0x82), .valid.low = ALL,
	  .valid.high = SEGMENT_VALID, .check = canonical_low },
	{ .name = HV_X64_REGISTER_TR, .count = 1,
	  .start.high = SEGMENT_HIGH(0xffff, 0, 0x8b), .valid.low = ALL,
	  .valid.high = SEGMENT_VALID, .check = canonical_low },
	{ .name = HV_X64_REGISTER_IDTR, .count = 2, .flags = PADDED,
	  .start.low = TABLE_LIMIT, .valid.low = TABLE_LIMIT,
	  .valid.high = ALL, .check = table_valid },
	{ .name = HV_X64_REGISTER_TSC, .count = 1, .valid.low = ALL },
	/* SCE, LME, LMA, NXE, FFXSR, TCE: no SVM within a child. */
	{ .name = HV_X64_REGISTER_EFER, .count = 1, .valid.low = 0xcd01 },
	{ .name = HV_X64_REGISTER_KERNEL_GS_BASE, .count = 1, .valid.low = ALL,
	  .check = canonical_low },
	{ .name = HV_X64_REGISTER_PAT, .count = 1,
	  .start.low = 0x0007040600070406, .valid.low = ALL,
	  .check = pat_valid },
	{ .name = HV_X64_REGISTER_SYSENTER_CS, .count = 3, .valid.low = ALL },
	{ .name = HV_X64_REGISTER_STAR, .count = 1, .valid.low = ALL },
	{ .name = HV_X64_REGISTER_LSTAR, .count = 2, .valid.low = ALL,
	  .check = canonical_low },
	{ .name = HV_X64_REGISTER_SFMASK, .count = 1,
	  .valid.low = 0xffffffff },
	{ .name = HV_X64_REGISTER_INITIAL_APIC_ID, .count = 1,
	  .flags = READ_ONLY | INDEX },
	{ .name = HV_X64_REGISTER_MTRR_CAP, .count = 1, .flags = READ_ONLY,
	  .start.low = MTRR_CAP },
	{ .name = HV_X64_REGISTER_MTRR_DEF_TYPE, .count = 1,
	  .valid.low = MTRR_ENABLE | 0xff, .check = mtrr_valid },
	{ .name = HV_X64_REGISTER_MTRR_PHYS_BASE0, .count = MTRR_CAP & 0xff,
	  .valid.low = MTRR_ADDRESS | 0xff, .check = mtrr_valid },
	{ .name = HV_X64_REGISTER_MTRR_PHYS_MASK0, .count = MTRR_CAP & 0xff,
	  .valid.low = MTRR_ADDRESS | MTRR_RANGE_VALID },
	{ .name = HV_X64_REGISTER_MTRR_FIX64K00000, .count = 11,
	  .valid.low = ALL, .check = mtrr_fixed_valid },
	{ .name = HV_X64_REGISTER_TSC_AUX, .count = 1,
	  .valid.low = 0xffffffff },
	/* It has not run yet. */
	{ .name = HV_REGISTER_VP_RUNTIME, .count = 1, .flags = READ_ONLY },
	{ .name = HV_REGISTER_TIME_REF_COUNT, .count = 1, .flags = READ_ONLY,
	  .get = hvc_get_time },
	{ .name = HV_REGISTER_STIMER0_CONFIG, .count = HVC_VP_TIMERS,
	  .valid.low = ALL, .get = hvc_get_timer, .set = hvc_set_timer },
	{ .name = HV_REGISTER_EOM, .count = 1, .valid.low = ALL,
	  .get = get_nothing, .set = set_nothing },
	{ .name = HV_X64_REGISTER_APIC_BASE, .count = 1, .valid.low = ALL,
	  .get = hvc_apic_get_base, .set = hvc_apic_set_base },
	{ .name = HV_X64_REGISTER_APIC_ID, .count = 2, .flags = READ_ONLY,
	  .get = hvc_apic_get },
	{ .name = HV_X64_REGISTER_APIC_TPR, .count = 1, .valid.low = ALL,
	  .get = hvc_apic_get, .set = hvc_apic_set },
	{ .name = HV_X64_REGISTER_APIC_PPR, .count = 1, .flags = READ_ONLY,
	  .get = hvc_apic_get },
	{ .name = HV_X64_REGISTER_APIC_LDR, .count = 1, .valid.low = ALL,
	  .get = hvc_apic_get, .set = hvc_apic_set },
	{ .name = HV_X64_REGISTER_APIC_SPURIOUS, .count = 1, .valid.low = ALL,
	  .get = hvc_apic_get, .set = hvc_apic_set },
	{ .name = HV_X64_REGISTER_APIC_ISR0, .count = 24, .valid.low = ALL,
	  .get = hvc_apic_get, .set = hvc_apic_set },
	{ .name = HV_X64_REGISTER_APIC_ESR, .count = 1, .valid.low = ALL,
	  .get = hvc_apic_get, .set = hvc_apic_set },
	{ .name = HV_X64_REGISTER_APIC_ICR, .count = 1, .valid.low = ALL,
	  .get = hvc_apic_get, .set = hvc_apic_set },
	{ .name = HV_X64_REGISTER_APIC_LVT_TIMER, .count = 6, .valid.low = ALL,
	  .get = hvc_apic_get, .set = hvc_apic_set },
	{ .name = HV_X64_REGISTER_APIC_INIT_COUNT, .count = 2, .valid.low = ALL,
	  .get = hvc_apic_get, .set = hvc_apic_set },
	{ .name = HV_X64_REGISTER_APIC_DIVIDE, .count = 1, .valid.low = ALL,
	  .get = hvc_apic_get, .set = hvc_apic_set },
	{ .name = HV_X64_REGISTER_EOI, .count = 3, .valid.low = ALL,
	  .get = hvc_apic_get_msr, .set = hvc_apic_set_msr },
	{ .name = HV_X64_REGISTER_HYPERCALL, .count = 1, .valid.low = ALL,
	  .get = hvc_overlay_get_register, .set = hvc_overlay_set_register },
	{ .name = HV_REGISTER_GUEST_OS_ID, .count = 1, .valid.low = ALL,
	  .get = get_guest_os_id, .set = set_guest_os_id },
	{ .name = HV_REGISTER_VP_ASSIST_PAGE, .count = 1, .valid.low = ALL,
	  .get = hvc_overlay_get_register, .set = hvc_overlay_set_register },
	{ .name = HV_REGISTER_REFERENCE_TSC, .count = 1, .valid.low = ALL,
	  .get = hvc_overlay_get_register, .set = hvc_overlay_set_register },
	{ .name = HV_REGISTER_SIEFP, .count = 2, .valid.low = ALL,
	  .get = hvc_overlay_get_register, .set = hvc_overlay_set_register },
	{ .name = HV_REGISTER_VP_INDEX, .count = 1,
	  .flags = READ_ONLY | INDEX },
	{ .name = HV_REGISTER_SINT0, .count = 16, .start.low = SINT_MASKED,
	  .valid.low = SINT_VALID, .check = sint_valid },
	{ .name = HV_REGISTER_SCONTROL, .count = 1, .valid.low = 1 },
	{ .name = HV_REGISTER_SVERSION, .count = 1, .flags = READ_ONLY,
	  .start.low = 1 },
	{ .count = 0 }, /* the end */
};

/*
 * The register of that name, and its place in a VP if it has one; NULL: there
 * is none.
 */
static const struct reg *find(u32 name, u32 *place)
{
	const struct reg *r;

	*place = 0;
	for (r = regs; r->count; r++) {
		if (name - r->name < r->count) {
			*place += name - r->name;
			return r;
		}
		if (!r->get)
			*place += r->count;
	}
	return NULL;
}

/**
 * hvc_reset_registers - give a new VP the registers of a processor after INIT
 * @vp: its index is set
 *
 * Context: under the lock.
 */
void hvc_reset_registers(struct hvc_vp *vp)
{
	union hv_register_value *v = vp->registers;
	const struct reg *r;
	u32 n;

	for (r = regs; r->count; r++) {
		for (n = 0; n < r->count && !r->get; n++, v++) {
			*v = r->start;
			if (r->flags & INDEX)
				v->low = vp->index;
		}
	}
}

/**
 * hvc_register - a register that has a place of its own
 * @vp: a child's
 * @name: of one that is kept in the VP as a value, and no other
 *
 * Context: under the lock.
 * Return: its value.
 */
const union hv_register_value *hvc_register(const struct hvc_vp *vp, u32 name)
{
	u32 place;

	find(name, &place);
	return &vp->registers[place];
}

/* Both calls have the same header. */
static u32 find_vp(struct hvc_ctx *ctx, struct hvc_vp **vp)
{
	const struct hv_input_get_vp_registers *in = (const void *)ctx->in;

	if (in->vp_index >= HVC_MAX_VPS || !ctx->target->vps[in->vp_index])
		return HV_STATUS_INVALID_VP_INDEX;
	if (in->input_vtl || in->reserved[0] || in->reserved[1] ||
	    in->reserved[2])
		return HV_STATUS_INVALID_PARAMETER;
	*vp = ctx->target->vps[in->vp_index];
	return HV_STATUS_SUCCESS;
}

/* HvGetVpRegisters, one register. */
u32 hvc_get_vp_registers(struct hvc_ctx *ctx)
{
	union hv_register_value v = {};
	const struct reg *reg;
	struct hvc_vp *vp;
	u32 name, place;
	u32 status = find_vp(ctx, &vp);

	if (status != HV_STATUS_SUCCESS)
		return status;
	memcpy(&name, ctx->element, sizeof(name));
	reg = find(name, &place);
	if (!reg)
		return HV_STATUS_INVALID_PARAMETER;
	if (reg->get)
		v.low = reg->get(ctx->hv, vp, name);
	else
		v = vp->registers[place];
	memcpy(ctx->out_element, &v, sizeof(v));
	return HV_STATUS_SUCCESS;
}

/* HvSetVpRegisters, one register. */
u32 hvc_set_vp_registers(struct hvc_ctx *ctx)
{
	const struct hv_register_assoc *in = (const void *)ctx->element;
	union hv_register_value v = in->value;
	const struct reg *reg;
	struct hvc_vp *vp;
	u32 place;
	u32 status = find_vp(ctx, &vp);

	if (status != HV_STATUS_SUCCESS)
		return status;
	reg = find(in->name, &place);
	if (!reg || (reg->flags & READ_ONLY))
		return HV_STATUS_INVALID_PARAMETER;
	if (reg->flags & PADDED) {
		v.low &= reg->valid.low;
		v.high &= reg->valid.high;
	}
	if ((v.low & ~reg->valid.low) || (v.high & ~reg->valid.high) ||
	    (v.low & reg->fixed) != reg->fixed ||
	    (reg->check && !reg->check(&v)))
		return HV_STATUS_INVALID_PARAMETER;
	if (reg->set)
		return reg->set(ctx->hv, vp, in->name, v.low);
	vp->registers[place] = v;
	return HV_STATUS_SUCCESS;
}
