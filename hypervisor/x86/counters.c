// SPDX-License-Identifier: GPL-2.0
/*
 * What the machine's side of the hypervisor counts, for the power-off report
 * and for the root when the debug calls are allowed: include/hv/debug.h.
 */
#include <hv/calls.h>
#include <hv/debug.h>
#include <hv/status.h>
#include "hvx.h"

/* Pairs of call code and failure that have occurred, hashed. */
#define STATUS_SLOTS 512U
#define STATUS_PROBES 16U

struct status_slot {
	u32 key; /* code << 16 | status, plus 1; 0: free */
	u32 count;
};

static struct status_slot slots[STATUS_SLOTS];

/* All codes without a row count as code 0. */
static u32 key_of(u16 code, bool known, u16 status)
{
	return ((known ? (u32)code : 0) << 16 | status) + 1;
}

static inline u32 hash(u32 key)
{
	return key * 2654435761U >> 16;
}

static struct status_slot *slot_of(u32 key, bool add)
{
	u32 i = hash(key), n;

	for (n = 0; n < STATUS_PROBES; n++, i++) {
		struct status_slot *slot = &slots[i % STATUS_SLOTS];
		u32 found = READ_ONCE(slot->key);

		if (!found && add) {
			found = cmpxchg32(&slot->key, 0, key);
			if (!found)
				return slot;
		}
		if (found == key)
			return slot;
		if (!found)
			return NULL;
	}
	return NULL;
}

/**
 * hvx_count_failure - a hypercall was answered with another status than SUCCESS
 * @code: call code
 * @known: is there such a call?
 * @status: HV_STATUS_*
 *
 * Not counted when the table is full, which takes a fault script that makes
 * hundreds of statuses up.
 *
 * Context: any.
 */
void hvx_count_failure(u16 code, bool known, u16 status)
{
	u32 key = key_of(code, known, status);
	struct status_slot *slot = &slots[hash(key) % STATUS_SLOTS];

	if (READ_ONCE(slot->key) != key)
		slot = slot_of(key, true);
	if (slot)
		fetch_add32(&slot->count, 1);
}

static u64 status_count(u16 code, u16 status)
{
	const struct hvc_counters *c = hvc_counters(hvx_core, code);
	bool known = c != hvc_counters(hvx_core, 0);
	const struct status_slot *slot;

	if (status == HV_STATUS_SUCCESS)
		return known ? c->calls - c->failed : 0;
	slot = slot_of(key_of(code, known, status), false);
	return slot ? READ_ONCE(slot->count) : 0;
}

/**
 * hvx_report_failures - print how often a call ended with which status
 * @code: call code
 *
 * Context: as hvx_report().
 */
void hvx_report_failures(u16 code)
{
	u32 i;

	for (i = 0; i < STATUS_SLOTS; i++)
		if (slots[i].key && (slots[i].key - 1) >> 16 == code)
			hvx_print(HVX_BOTH, " 0x%x=%u",
				  (slots[i].key - 1) & 0xffff, slots[i].count);
}

static u32 exit_kind(u32 code)
{
	switch (code) {
	case SVM_EXIT_CPUID:
		return HV_DEBUG_EXIT_CPUID;
	case SVM_EXIT_MSR:
		return HV_DEBUG_EXIT_MSR;
	case SVM_EXIT_VMMCALL:
		return HV_DEBUG_EXIT_VMMCALL;
	case SVM_EXIT_IOIO:
		return HV_DEBUG_EXIT_IOIO;
	case SVM_EXIT_NMI:
		return HV_DEBUG_EXIT_NMI;
	case HVX_EXIT_MMIO:
		return HV_DEBUG_EXIT_MMIO;
	case HVX_EXIT_NPF:
		return HV_DEBUG_EXIT_NPF;
	case SVM_EXIT_IRET:
		return HV_DEBUG_EXIT_IRET;
	case SVM_EXIT_INVD:
		return HV_DEBUG_EXIT_INVD;
	case SVM_EXIT_WRITE_DR0 ... SVM_EXIT_WRITE_DR3:
		return HV_DEBUG_EXIT_WRITE_DR;
	}
	return HV_DEBUG_EXIT_OTHER;
}

/* To values that are 0. */
static u32 exits(u64 vp, u64 *values)
{
	const struct hvx_cpu *cpu = vp < HVX_MAX_CPUS ?
					    hvx_cpu_by_vp_index(vp) : NULL;
	u32 code;

	if (!cpu)
		return HV_STATUS_INVALID_VP_INDEX;
	for (code = 0; code < HVX_NR_EXITS; code++)
		values[exit_kind(code)] += cpu->exits[code];
	return HV_STATUS_SUCCESS;
}

/* HVCALL_DEBUG_MACHINE. */
u32 hvx_debug_machine(struct hvc_ctx *ctx)
{
	const struct hv_input_debug_machine *in = (const void *)ctx->in;
	u32 i;

	if (in->padding)
		return HV_STATUS_INVALID_PARAMETER;
	memset(ctx->out, 0, sizeof(struct hv_output_debug));
	switch (in->op) {
	case HV_DEBUG_EXITS:
		return exits(in->arg, ctx->out);
	case HV_DEBUG_LARGE_PAGES:
		ctx->out[HV_DEBUG_SPLITS] = hvx.npt_splits;
		ctx->out[HV_DEBUG_MERGES] = hvx.npt_merges;
		return HV_STATUS_SUCCESS;
	case HV_DEBUG_LINGER:
		return hvx_debug_linger(in->arg, ctx->out);
	case HV_DEBUG_STATUSES:
		if (in->arg >> 32)
			return HV_STATUS_INVALID_PARAMETER;
		for (i = 0; i < HV_DEBUG_VALUES; i++)
			ctx->out[i] = status_count(in->arg, (in->arg >> 16) + i);
		return HV_STATUS_SUCCESS;
	}
	return HV_STATUS_INVALID_PARAMETER;
}
