// SPDX-License-Identifier: GPL-2.0
/*
 * The local APIC of a child's VP: a file of registers, and what reading and
 * writing them does. AMD APM volume 2, "Local APIC". TLFS "Local APIC" for
 * the registers that stand for it.
 *
 * The processor does not run: an interrupt that it is sent waits in IRR, its
 * timer stands still, and INIT, start-up, NMI and SMI find nobody. Registers
 * are 32 bits wide at every 16 bytes. As by the VP itself, they can be read
 * in any piece, and are written as a whole or not at all.
 */
#include "internal.h"

/* Index of a register: its offset in the page / 16, or its name - 0x84800. */
enum {
	ID = 0x02,
	VERSION = 0x03,
	TPR = 0x08,
	APR = 0x09,
	PPR = 0x0a,
	EOI = 0x0b,
	REMOTE_READ = 0x0c,
	LDR = 0x0d,
	DFR = 0x0e,
	SVR = 0x0f,
	ISR = 0x10, /* eight of each */
	TMR = 0x18,
	IRR = 0x20,
	ESR = 0x28,
	ICR = 0x30,
	ICR_HIGH = 0x31,
	LVT_TIMER = 0x32,
	LVT_THERMAL = 0x33,
	LVT_PERFORMANCE = 0x34,
	LVT_LINT0 = 0x35,
	LVT_LINT1 = 0x36,
	LVT_ERROR = 0x37,
	INITIAL_COUNT = 0x38,
	CURRENT_COUNT = 0x39,
	DIVIDE = 0x3e,
};

#define FIRST_NAME 0x84800U
#define NOWHERE (~0ULL)

#define BASE_BSP (1ULL << 8)
#define BASE_X2APIC (1ULL << 10)
#define BASE_ENABLED (1ULL << 11)
#define BASE_VALID (BASE_BSP | BASE_X2APIC | BASE_ENABLED | ~HV_PAGE_MASK)
#define DEFAULT_BASE 0xfee00000ULL

#define VERSION_VALUE 0x00050014U /* six entries in the local vector table */
#define SVR_ENABLED (1U << 8)
#define LVT_MASKED (1U << 16)
#define DFR_ONES 0x0fffffffU
#define DFR_FLAT 0xfU
#define LOWEST_VECTOR 16 /* those below are for exceptions */

#define ESR_SENT_ILLEGAL_VECTOR (1U << 5)
#define ESR_ILLEGAL_REGISTER (1U << 7)

#define ICR_MODE(icr) ((icr) >> 8 & 7)
#define ICR_LOGICAL (1ULL << 11)
#define ICR_SHORTHAND(icr) ((icr) >> 18 & 3)
#define MODE_FIXED 0
#define MODE_LOWEST 1
#define EVERYBODY 0xffU

enum { NO_SHORTHAND, SELF, ALL, ALL_BUT_SELF };

/* Bits that a write changes; registers that are not here have none. */
static u32 writable(u32 index)
{
	switch (index) {
	case TPR:
		return 0xff;
	case LDR:
	case ICR_HIGH:
		return 0xff000000;
	case DFR:
		return ~DFR_ONES;
	case SVR:
		return 0x3ff;
	case ICR:
		return 0xccfff;
	case LVT_TIMER:
		return 0x300ff;
	case LVT_THERMAL:
	case LVT_PERFORMANCE:
		return 0x107ff;
	case LVT_LINT0:
	case LVT_LINT1:
		return 0x1a7ff;
	case LVT_ERROR:
		return 0x100ff;
	case INITIAL_COUNT:
		return ~0U;
	case DIVIDE:
		return 0xb;
	}
	return 0;
}

static bool exists(u32 index)
{
	return writable(index) || index == ID || index == VERSION ||
	       (index >= APR && index <= REMOTE_READ) ||
	       (index >= ISR && index <= ESR) || index == CURRENT_COUNT;
}

/* The highest vector in ISR, TMR or IRR; 0: none. */
static u32 highest(const struct hvc_apic *apic, u32 first)
{
	u32 i;

	for (i = 8; i--;)
		if (apic->regs[first + i])
			return 32 * i + 31 -
			       __builtin_clz(apic->regs[first + i]);
	return 0;
}

static void set_bit(struct hvc_apic *apic, u32 first, u32 vector)
{
	apic->regs[first + vector / 32] |= 1U << vector % 32;
}

static void clear_bit(struct hvc_apic *apic, u32 first, u32 vector)
{
	apic->regs[first + vector / 32] &= ~(1U << vector % 32);
}

static u32 processor_priority(const struct hvc_apic *apic)
{
	u32 tpr = apic->regs[TPR], isr = highest(apic, ISR);

	return tpr >> 4 >= isr >> 4 ? tpr : isr & 0xf0;
}

static u32 arbitration_priority(const struct hvc_apic *apic)
{
	u32 tpr = apic->regs[TPR], isr = highest(apic, ISR);
	u32 irr = highest(apic, IRR);

	if (tpr >> 4 >= irr >> 4 && tpr >> 4 > isr >> 4)
		return tpr;
	if (irr < isr)
		irr = isr;
	return (tpr > irr ? tpr : irr) & 0xf0;
}

/* An interrupt arrives. All that VPs send each other is edge-triggered. */
static void accept(struct hvc_apic *apic, u32 vector)
{
	clear_bit(apic, TMR, vector);
	set_bit(apic, IRR, vector);
}

/* Remembered until ESR is written, and told if the vector table says so. */
static void error(struct hvc_apic *apic, u32 which)
{
	u32 lvt = apic->regs[LVT_ERROR];

	apic->errors |= which;
	if (!(lvt & LVT_MASKED) && (lvt & 0xff) >= LOWEST_VECTOR)
		accept(apic, lvt & 0xff);
}

static bool addressed(const struct hvc_vp *from, const struct hvc_vp *to,
		      u64 icr)
{
	u32 dest = icr >> 56, ldr = to->apic.regs[LDR] >> 24;

	switch (ICR_SHORTHAND(icr)) {
	case SELF:
		return from == to;
	case ALL:
		return true;
	case ALL_BUT_SELF:
		return from != to;
	}
	if (dest == EVERYBODY)
		return true;
	if (!(icr & ICR_LOGICAL))
		return to->apic.regs[ID] >> 24 == dest;
	if (to->apic.regs[DFR] >> 28 == DFR_FLAT)
		return ldr & dest;
	return ldr >> 4 == dest >> 4 && (ldr & dest & 0xf);
}

/* Fixed and lowest-priority interrupts to those who are switched on. */
static void send(struct hvc_vp *vp, u64 icr)
{
	struct hvc_partition *p = vp->partition;
	struct hvc_apic *least = NULL;
	u32 vector = icr & 0xff, i;

	if (ICR_MODE(icr) != MODE_FIXED && ICR_MODE(icr) != MODE_LOWEST)
		return;
	if (vector < LOWEST_VECTOR) {
		error(&vp->apic, ESR_SENT_ILLEGAL_VECTOR);
		return;
	}
	for (i = 0; i < HVC_MAX_VPS; i++) {
		struct hvc_vp *to = p->vps[i];

		if (!to || !(to->apic.base & BASE_ENABLED) ||
		    !(to->apic.regs[SVR] & SVR_ENABLED) ||
		    !addressed(vp, to, icr))
			continue;
		if (ICR_MODE(icr) == MODE_FIXED)
			accept(&to->apic, vector);
		else if (!least || processor_priority(&to->apic) <
					   processor_priority(least))
			least = &to->apic;
	}
	if (least)
		accept(least, vector);
}

/* A software-disabled APIC has its whole vector table masked. */
static void mask_when_disabled(struct hvc_apic *apic)
{
	u32 i;

	if (apic->regs[SVR] & SVR_ENABLED)
		return;
	for (i = LVT_TIMER; i <= LVT_ERROR; i++)
		apic->regs[i] |= LVT_MASKED;
}

static u64 whole_icr(const struct hvc_apic *apic)
{
	return (u64)apic->regs[ICR_HIGH] << 32 | apic->regs[ICR];
}

static u32 read_register(struct hvc_apic *apic, u32 index)
{
	switch (index) {
	case APR:
		return arbitration_priority(apic);
	case PPR:
		return processor_priority(apic);
	}
	if (!exists(index))
		error(apic, ESR_ILLEGAL_REGISTER);
	return apic->regs[index];
}

static void write_register(struct hvc_vp *vp, u32 index, u32 value)
{
	struct hvc_apic *apic = &vp->apic;
	u32 mask = writable(index);

	if (!exists(index))
		error(apic, ESR_ILLEGAL_REGISTER);
	apic->regs[index] = (apic->regs[index] & ~mask) | (value & mask);
	switch (index) {
	case EOI:
		clear_bit(apic, ISR, highest(apic, ISR));
		break;
	case ESR:
		apic->regs[ESR] = apic->errors;
		apic->errors = 0;
		break;
	case ICR:
		send(vp, whole_icr(apic));
		break;
	case INITIAL_COUNT:
		apic->regs[CURRENT_COUNT] = value;
		break;
	}
	mask_when_disabled(apic);
}

/**
 * hvc_apic_read - a VP reads its local APIC's page
 * @vp: a child's
 * @offset: in the page, aligned to @bytes
 * @bytes: 1, 2 or 4
 *
 * Context: under the lock.
 * Return: the value, zero-extended.
 */
u32 hvc_apic_read(struct hvc_vp *vp, u32 offset, u32 bytes)
{
	u32 value = 0;

	if (offset / 16 < HVC_APIC_REGISTERS && !(offset & 0xc))
		value = read_register(&vp->apic, offset / 16) >>
			8 * (offset & 3);
	return bytes == 4 ? value : value & ((1U << 8 * bytes) - 1);
}

/**
 * hvc_apic_write - a VP writes to its local APIC's page
 * @vp: a child's
 * @offset: in the page, aligned to @bytes
 * @bytes: 1, 2 or 4; nothing happens unless all of a register is written
 * @value: what
 *
 * Context: under the lock.
 */
void hvc_apic_write(struct hvc_vp *vp, u32 offset, u32 bytes, u32 value)
{
	if (offset / 16 < HVC_APIC_REGISTERS && !(offset & 0xf) && bytes == 4)
		write_register(vp, offset / 16, value);
}

/**
 * hvc_apic_reset - the local APIC as after a reset
 * @vp: its index is set
 *
 * Context: under the lock.
 */
void hvc_apic_reset(struct hvc_vp *vp)
{
	struct hvc_apic *apic = &vp->apic;

	memset(apic, 0, sizeof(*apic));
	apic->base = DEFAULT_BASE | BASE_ENABLED | (vp->index ? 0 : BASE_BSP);
	apic->gpfn = DEFAULT_BASE >> HV_PAGE_SHIFT;
	apic->regs[ID] = vp->index << 24;
	apic->regs[VERSION] = VERSION_VALUE;
	apic->regs[DFR] = ~0U;
	apic->regs[SVR] = 0xff;
	mask_when_disabled(apic);
}

/* --- as registers of the VP ----------------------------------------------- */

u64 hvc_apic_get_base(struct hvc *hv, struct hvc_vp *vp, u32 name)
{
	(void)hv;
	(void)name;
	return vp->apic.base;
}

/* In x2APIC mode, and when it is off, there is no page. */
u32 hvc_apic_set_base(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value)
{
	u64 gpfn = value >> HV_PAGE_SHIFT;

	(void)name;
	if ((value & ~BASE_VALID) || !(value & BASE_BSP) != !!vp->index ||
	    (value & (BASE_ENABLED | BASE_X2APIC)) == BASE_X2APIC ||
	    !hvc_gpa_inside(hv, gpfn))
		return HV_STATUS_INVALID_PARAMETER;
	vp->apic.base = value;
	vp->apic.gpfn = (value & (BASE_ENABLED | BASE_X2APIC)) == BASE_ENABLED ?
			gpfn : NOWHERE;
	return HV_STATUS_SUCCESS;
}

/* The state as it is; ICR in one. */
u64 hvc_apic_get(struct hvc *hv, struct hvc_vp *vp, u32 name)
{
	u32 index = name - FIRST_NAME;

	(void)hv;
	return index == ICR ? whole_icr(&vp->apic) :
			      read_register(&vp->apic, index);
}

/* The state is loaded: nothing is sent, and nothing starts. */
u32 hvc_apic_set(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value)
{
	u32 index = name - FIRST_NAME;
	u32 mask = writable(index);

	(void)hv;
	if ((index >= ISR && index <= ESR) || index == CURRENT_COUNT)
		mask = ~0U;
	if (index == ISR || index == TMR || index == IRR)
		mask = ~0U << LOWEST_VECTOR;
	if (index == ICR && (value >> 32 & ~writable(ICR_HIGH)))
		return HV_STATUS_INVALID_PARAMETER;
	if (((u32)value & ~mask) || (index != ICR && value >> 32))
		return HV_STATUS_INVALID_PARAMETER;
	vp->apic.regs[index] = value;
	if (index == ICR)
		vp->apic.regs[ICR_HIGH] = value >> 32;
	mask_when_disabled(&vp->apic);
	return HV_STATUS_SUCCESS;
}

/* EOI, ICR and TPR of the TLFS's own: as if the VP wrote to these MSRs. */
u64 hvc_apic_get_msr(struct hvc *hv, struct hvc_vp *vp, u32 name)
{
	(void)hv;
	switch (name) {
	case HV_X64_REGISTER_ICR:
		return whole_icr(&vp->apic);
	case HV_X64_REGISTER_TPR:
		return vp->apic.regs[TPR];
	}
	return 0;
}

u32 hvc_apic_set_msr(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value)
{
	(void)hv;
	switch (name) {
	case HV_X64_REGISTER_EOI:
		write_register(vp, EOI, value);
		break;
	case HV_X64_REGISTER_ICR:
		write_register(vp, ICR_HIGH, value >> 32);
		write_register(vp, ICR, value);
		break;
	case HV_X64_REGISTER_TPR:
		if (value & ~0xffULL)
			return HV_STATUS_INVALID_PARAMETER;
		write_register(vp, TPR, value);
		break;
	}
	return HV_STATUS_SUCCESS;
}

/* CR8 is the upper half of TPR. */
u64 hvc_apic_get_cr8(struct hvc *hv, struct hvc_vp *vp, u32 name)
{
	(void)hv;
	(void)name;
	return vp->apic.regs[TPR] >> 4;
}

u32 hvc_apic_set_cr8(struct hvc *hv, struct hvc_vp *vp, u32 name, u64 value)
{
	(void)hv;
	(void)name;
	vp->apic.regs[TPR] = value << 4;
	return HV_STATUS_SUCCESS;
}
