// SPDX-License-Identifier: GPL-2.0
/* hvctl info: what is at the other end. */
#include "tool.h"

static const char *transport_text(u32 transport)
{
	switch (transport) {
	case HV_ROOTCTL_TRANSPORT_HYPERV:
		return "hyperv, the kernel's hypercall page";
	case HV_ROOTCTL_TRANSPORT_SIM:
		return "sim, a hypervisor emulated inside the kernel";
	default:
		return "unknown to this hvctl";
	}
}

static const char *form_text(u32 form)
{
	switch (form) {
	case HV_ROOTCTL_FORM_MEMORY:
		return "parameters in memory";
	case HV_ROOTCTL_FORM_XMM:
		return "parameters in XMM registers";
	default:
		return "in a form that the kernel does not tell";
	}
}

static const char *form_word(u32 form)
{
	switch (form) {
	case HV_ROOTCTL_FORM_MEMORY:
		return "memory";
	case HV_ROOTCTL_FORM_XMM:
		return "xmm";
	default:
		return NULL;
	}
}

static const char *transport_word(u32 transport)
{
	switch (transport) {
	case HV_ROOTCTL_TRANSPORT_HYPERV:
		return "hyperv";
	case HV_ROOTCTL_TRANSPORT_SIM:
		return "sim";
	default:
		return NULL;
	}
}

static void print_privileges(u64 privileges)
{
	static const struct {
		int bit;
		const char *name;
	} list[] = {
#define PRIVILEGE_ROW(bit, name) { bit, #name },
		HV_PRIVILEGE_LIST(PRIVILEGE_ROW)
#undef PRIVILEGE_ROW
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(*list); i++) {
		if (!(privileges >> list[i].bit & 1))
			continue;
		answer_list_text(list[i].name);
		if (!answer_on())
			printf("  %2d %s\n", list[i].bit, list[i].name);
	}
}

static void print_query(const struct tool *tool, const struct hv_rootctl_query *q)
{
	printf("device:            %s\n", tool->device);
	printf("transport:         %u (%s)\n", q->transport, transport_text(q->transport));
	if (q->partition_id == HV_ROOTCTL_SELF)
		printf("partition:         self (its id may not be asked for)\n");
	else
		printf("partition:         %llu\n", q->partition_id);
	printf("privileges:        0x%016llx (%s)\n", q->privileges,
	       hv_privileges_are_root(q->privileges) ? "a root's" : "not a root's");
	if (tool->verbose)
		print_privileges(q->privileges);
	printf("page size:         %u\n", q->page_size);
	printf("one hypercall:     withdraw %u, deposit %u, map %u pages; access %u bytes\n",
	       q->withdraw_batch, q->deposit_batch, q->map_batch, q->access_batch);
	printf("write-gpa:         %s\n", form_text(q->write_gpa_form));
	printf("statistics:        %s\n", q->features & HV_ROOTCTL_FEATURE_STATS ?
	       "on (debugfs hv_rootctl/)" : "off");
	printf("pages deposited:   %llu\n", q->pages_deposited);
	printf("pages withdrawn:   %llu\n", q->pages_withdrawn);
	if (q->pages_held)
		printf("pages held:        %llu\n", q->pages_held);
	printf("pages mapped:      %llu\n", q->pages_mapped);
	if (q->auto_deposited)
		printf("auto-deposited:    %llu pages, in %llu deposits\n", q->auto_deposited,
		       q->auto_deposits);
	printf("pages quarantined: %llu\n", q->pages_quarantined);
	if (q->pages_quarantined)
		printf("  the hypervisor returned pages that it cannot have had\n");
}

static void tell_query(const struct tool *tool, const struct hv_rootctl_query *q)
{
	answer_text("device", tool->device);
	answer_text("transport", transport_word(q->transport));
	answer_partition("partition", q->partition_id);
	answer_number("privileges", q->privileges);
	answer_list("privilege_names");
	print_privileges(q->privileges);
	answer_bool("root", hv_privileges_are_root(q->privileges));
	answer_number("page_size", q->page_size);
	answer_number("withdraw_batch", q->withdraw_batch);
	answer_number("deposit_batch", q->deposit_batch);
	answer_number("map_batch", q->map_batch);
	answer_number("access_batch", q->access_batch);
	answer_text("write_gpa_form", form_word(q->write_gpa_form));
	answer_bool("statistics", q->features & HV_ROOTCTL_FEATURE_STATS);
	answer_bool("raw_calls", q->features & HV_ROOTCTL_FEATURE_RAW);
	answer_number("pages_deposited", q->pages_deposited);
	answer_number("pages_withdrawn", q->pages_withdrawn);
	answer_number("pages_held", q->pages_held);
	answer_number("pages_mapped", q->pages_mapped);
	answer_number("pages_quarantined", q->pages_quarantined);
	answer_number("auto_deposits", q->auto_deposits);
	answer_number("auto_deposited", q->auto_deposited);
}

static int do_info(struct tool *tool, int argc, char **argv)
{
	struct job job = { .title = "query the device", .other = true };
	struct hv_rootctl_query query;
	struct hvctl_result r;

	if (next_option(tool, argc, argv) != -1 || !take_operands(tool, argc, argv))
		return EXIT_USAGE;
	if (open_device(tool))
		return EXIT_SYSTEM;
	hvctl_query(tool->fd, &query, &r);
	trace(tool, &r);
	if (r.outcome != HVCTL_OK)
		return report(&job, &r);
	if (answer_on())
		tell_query(tool, &query);
	else
		print_query(tool, &query);
	return EXIT_DONE;
}

const struct cmd info_cmd = {
	.name = "info",
	.text = "tell the transport, the own partition, its privileges, limits and counts",
	.shows = true,
	.run = do_info,
};
