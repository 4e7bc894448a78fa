/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * How a hypercall is asked and answered: the hypercall input value (the
 * control word) and the result value. TLFS chapter "Hypercall Interface".
 */
#ifndef HV_HYPERCALL_H
#define HV_HYPERCALL_H

#include <hv/types.h>

#define HV_CONTROL_CODE_MASK 0xffffULL
#define HV_CONTROL_FAST (1ULL << 16)
#define HV_CONTROL_VARHEAD_SHIFT 17
#define HV_CONTROL_VARHEAD_MASK (0x3ffULL << HV_CONTROL_VARHEAD_SHIFT)
#define HV_CONTROL_NESTED (1ULL << 31)
#define HV_CONTROL_REP_COUNT_SHIFT 32
#define HV_CONTROL_REP_COUNT_MASK (0xfffULL << HV_CONTROL_REP_COUNT_SHIFT)
#define HV_CONTROL_REP_START_SHIFT 48
#define HV_CONTROL_REP_START_MASK (0xfffULL << HV_CONTROL_REP_START_SHIFT)
/* Bits 30:27, 47:44 and 63:60. */
#define HV_CONTROL_RESERVED_MASK \
	((0xfULL << 27) | (0xfULL << 44) | (0xfULL << 60))

#define HV_REP_MAX 0xfffU

#define HV_RESULT_STATUS_MASK 0xffffULL
#define HV_RESULT_REPS_SHIFT 32
#define HV_RESULT_REPS_MASK (0xfffULL << HV_RESULT_REPS_SHIFT)

/* What a kernel's call helper returns when it has no hypercall page. */
#define HV_RESULT_NO_HYPERVISOR (~0ULL)

/* The most that a register-based (fast) call carries: RDX, R8, XMM0-XMM5. */
#define HV_FAST_BYTES 16
#define HV_XMM_FAST_BYTES 112

/* Of CPUID leaf 0x40000003, EDX: a fast call may use XMM0-XMM5. */
#define HV_FEATURE_XMM_INPUT (1U << 4)
#define HV_FEATURE_XMM_OUTPUT (1U << 15)

/* Codes from here on are extended calls. */
#define HV_EXT_CALL_BASE 0x8000

/**
 * hv_control_simple - the control word of a simple call
 * @code: call code
 * @fast: input in registers instead of memory
 *
 * Context: any.
 * Return: the hypercall input value.
 */
static inline u64 hv_control_simple(u16 code, bool fast)
{
	return code | (fast ? HV_CONTROL_FAST : 0);
}

/**
 * hv_control_rep - the control word of a rep call
 * @code: call code
 * @count: elements in the list, 1..HV_REP_MAX
 * @start: first element to process, below @count
 *
 * Larger values are cut to the 12 bits of their field, never spilled into a
 * neighbour.
 *
 * Context: any.
 * Return: the hypercall input value.
 */
static inline u64 hv_control_rep(u16 code, u32 count, u32 start)
{
	return code |
	       (((u64)count << HV_CONTROL_REP_COUNT_SHIFT) &
		HV_CONTROL_REP_COUNT_MASK) |
	       (((u64)start << HV_CONTROL_REP_START_SHIFT) &
		HV_CONTROL_REP_START_MASK);
}

static inline u16 hv_control_code(u64 control)
{
	return control & HV_CONTROL_CODE_MASK;
}

static inline u32 hv_control_varhead(u64 control)
{
	return (control & HV_CONTROL_VARHEAD_MASK) >> HV_CONTROL_VARHEAD_SHIFT;
}

static inline u32 hv_control_count(u64 control)
{
	return (control & HV_CONTROL_REP_COUNT_MASK) >>
	       HV_CONTROL_REP_COUNT_SHIFT;
}

static inline u32 hv_control_start(u64 control)
{
	return (control & HV_CONTROL_REP_START_MASK) >>
	       HV_CONTROL_REP_START_SHIFT;
}

static inline u64 hv_control_set_start(u64 control, u32 start)
{
	return (control & ~HV_CONTROL_REP_START_MASK) |
	       (((u64)start << HV_CONTROL_REP_START_SHIFT) &
		HV_CONTROL_REP_START_MASK);
}

/**
 * hv_result - build a result value
 * @status: HV_STATUS_*
 * @reps: elements completed, counted from element 0 whatever the rep start
 *
 * Context: any.
 * Return: the hypercall result value.
 */
static inline u64 hv_result(u16 status, u32 reps)
{
	return status | (((u64)reps << HV_RESULT_REPS_SHIFT) &
			 HV_RESULT_REPS_MASK);
}

/* Bits 31:16 and 63:44 of a result are reserved: ignored here. */
static inline u16 hv_result_status(u64 result)
{
	return result & HV_RESULT_STATUS_MASK;
}

static inline u32 hv_result_reps(u64 result)
{
	return (result & HV_RESULT_REPS_MASK) >> HV_RESULT_REPS_SHIFT;
}

#endif
