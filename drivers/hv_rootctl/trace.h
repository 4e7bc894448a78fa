/* SPDX-License-Identifier: GPL-2.0 */
/* The trace event hv_rootctl:hv_rootctl_hypercall: one for each hypercall. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM hv_rootctl

#if !defined(HVRC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define HVRC_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

#include <hv/hypercall.h>
#include <hv/status.h>

#define HVRC_TRACE_STATUS(value, name, text) { value, #name },

/*
 * The fields are those of the hypercall input value and of the result value,
 * and how long it took in nanoseconds. Where nothing answered, status is
 * 0xffff and reps 0xfff. A status is printed with its name, where it has one.
 * No address and no data of a guest is in there.
 */
TRACE_EVENT(hv_rootctl_hypercall,
	    TP_PROTO(u64 control, u64 result, u64 ns),
	    TP_ARGS(control, result, ns),
	    TP_STRUCT__entry(__field(u16, code)
			     __field(u8, fast)
			     __field(u16, count)
			     __field(u16, start)
			     __field(u16, status)
			     __field(u16, reps)
			     __field(u64, ns)
	    ),
	    TP_fast_assign(__entry->code = hv_control_code(control);
			   __entry->fast = !!(control & HV_CONTROL_FAST);
			   __entry->count = hv_control_count(control);
			   __entry->start = hv_control_start(control);
			   __entry->status = hv_result_status(result);
			   __entry->reps = hv_result_reps(result);
			   __entry->ns = ns;
	    ),
	    TP_printk("code=%#x form=%s count=%u start=%u status=%#x reps=%u ns=%llu %s",
		      __entry->code, __entry->fast ? "fast" : "memory",
		      __entry->count, __entry->start, __entry->status,
		      __entry->reps, __entry->ns,
		      __print_symbolic(__entry->status,
				       HV_STATUS_LIST(HVRC_TRACE_STATUS)
				       { 0xffff, "NO_HYPERVISOR" }))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
