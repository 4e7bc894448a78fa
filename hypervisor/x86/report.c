// SPDX-License-Identifier: GPL-2.0
/*
 * The counters, printed before power-off when "report=on" is given: exits by
 * reason and VP, calls by code, their statuses, pages by pool.
 */
#include <hv/calls.h>
#include "hvx.h"

static const char *exit_name(u32 code)
{
	switch (code) {
	case SVM_EXIT_NMI:
		return "nmi";
	case SVM_EXIT_INIT:
		return "init";
	case SVM_EXIT_CPUID:
		return "cpuid";
	case SVM_EXIT_IRET:
		return "iret";
	case SVM_EXIT_INVD:
		return "invd";
	case SVM_EXIT_IOIO:
		return "ioio";
	case SVM_EXIT_MSR:
		return "msr";
	case SVM_EXIT_VMMCALL:
		return "vmmcall";
	case HVX_EXIT_NPF:
		return "npf";
	case HVX_EXIT_MMIO:
		return "mmio";
	case HVX_EXIT_OTHER:
		return "other";
	}
	return NULL;
}

static void print_exits(u32 code)
{
	const char *name = exit_name(code);
	u64 sum = 0;
	u32 i;

	for (i = 0; i < hvx.nr_cpus; i++)
		sum += hvx.cpus[i].exits[code];
	if (!sum)
		return;
	if (name)
		hvx_print(HVX_BOTH, "report: exits %s %llu", name, sum);
	else
		hvx_print(HVX_BOTH, "report: exits 0x%02x %llu", code, sum);
	for (i = 0; hvx.nr_cpus > 1 && i < hvx.nr_cpus; i++)
		hvx_print(HVX_BOTH, " vp%u=%llu", hvx.cpus[i].vp_index,
			  hvx.cpus[i].exits[code]);
	hvx_print(HVX_BOTH, "\n");
}

static void print_calls(u16 code, const struct hvc_counters *c)
{
	const char *name = hv_call_name(code);

	if (!c->calls && !c->continued)
		return;
	hvx_print(HVX_BOTH,
		  "report: calls 0x%04x %s %llu failed=%llu reps=%llu continued=%llu faults=%llu\n",
		  code, name ? name : "-", c->calls, c->failed, c->reps,
		  c->continued, c->faults);
	hvx_print(HVX_BOTH, "report: statuses 0x%04x", code);
	if (c->calls > c->failed)
		hvx_print(HVX_BOTH, " 0x0=%llu", c->calls - c->failed);
	hvx_report_failures(code);
	hvx_print(HVX_BOTH, "\n");
}

static void print_pools(void)
{
	u32 i;

	for (i = 0; i < HVC_MAX_PARTITIONS; i++) {
		const struct hvc_partition *p = hvx_core->partitions[i];

		if (p)
			hvx_print(HVX_BOTH,
				  "report: pool 0x%llx available=%llu used=%llu\n",
				  p->id, p->available, p->in_use);
	}
}

/**
 * hvx_report - print the counters
 *
 * Context: a VP's exit, under the core's lock; other VPs may go on counting.
 */
void hvx_report(void)
{
	const struct hvc_counters *c;
	u32 i;
	u16 code;

	for (i = 0; i < HVX_NR_EXITS; i++)
		print_exits(i);
	for (i = 0; (c = hvc_counters_at(hvx_core, i, &code)); i++)
		print_calls(code, c);
	/* All codes without a row share one set of counters; 0 is one. */
	c = hvc_counters(hvx_core, 0);
	if (c->calls)
		hvx_print(HVX_BOTH, "report: calls unknown %llu\n", c->calls);
	print_pools();
	hvx_print(HVX_BOTH, "report: large pages split=%llu merged=%llu\n",
		  hvx.npt_splits, hvx.npt_merges);
}
