// SPDX-License-Identifier: GPL-2.0
/*
 * An HvGetPartitionId that takes its time, for tests of what other processors
 * do meanwhile. It needs no lock, so that the fault script knows nothing of it:
 * between the look at its output page and the store there is nothing but the
 * page itself that anybody could wait for, see hvc_unlocked().
 */
#include <hv/calls.h>
#include <hv/debug.h>
#include <hv/status.h>
#include <unlocked.h>
#include "hvx.h"

#define MAX_DELAY 1000000 /* microseconds */

static const struct hvc_row *usual;
static struct hvc_row slow;
static u32 delay, begun, ended;

static const struct hvc_row **place(void)
{
	return &hvx_core->rows[hvc_row_number(hvx_core,
					      HVCALL_GET_PARTITION_ID) - 1];
}

/* Once, whoever comes first. */
static u64 slow_partition_id(const struct hvc_partition *caller)
{
	u32 microseconds = xchg32(&delay, 0);

	if (microseconds) {
		WRITE_ONCE(*place(), usual);
		fetch_add32(&begun, 1);
		hvx_delay(microseconds);
		fetch_add32(&ended, 1);
	}
	return usual->constant(caller);
}

/**
 * hvx_debug_linger - HV_DEBUG_LINGER
 * @microseconds: what the next HvGetPartitionId will take; 0: leave it
 * @values: as in enum hv_debug_linger
 *
 * Context: under the core's lock.
 * Return: HV_STATUS_*.
 */
u32 hvx_debug_linger(u64 microseconds, u64 *values)
{
	if (microseconds > MAX_DELAY)
		return HV_STATUS_INVALID_PARAMETER;
	if (!usual) {
		usual = *place();
		slow = *usual;
		slow.constant = slow_partition_id;
	}
	if (microseconds) {
		xchg32(&delay, microseconds);
		WRITE_ONCE(*place(), &slow);
	}
	values[HV_DEBUG_LINGER_ENDED] = READ_ONCE(ended);
	values[HV_DEBUG_LINGER_BEGUN] = READ_ONCE(begun);
	return HV_STATUS_SUCCESS;
}
