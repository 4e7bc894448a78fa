// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel as a host of the hypervisor core: what struct hvc_host_ops asks
 * for, and how a call reaches the core.
 *
 * Not emulated: the root's loss of access to deposited pages. It would take
 * the kernel's own mapping away from under it, for which modules have no
 * means. The bare-metal hypervisor refuses such an access; here a write is
 * noticed later, when the page is used or given back, and a read is not.
 */
#include <linux/acpi.h>
#include <linux/bitops.h>
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/time64.h>

#include <hv/hypercall.h>
#include <hv/status.h>

#include "sim.h"

/* Fills a page from its deposit until the core has a use for it. */
#define SIM_POISON 0xdb

/* What this hypervisor grants its root: the bare-metal one's EBX:EAX. */
#define SIM_PRIVILEGES 0x0000103700008a74ULL

static struct sim_chunk *sim_chunk(struct hvc *hv, u64 pfn)
{
	struct hvrc_sim *sim = hvc_host(hv);
	u64 n = pfn >> SIM_CHUNK_SHIFT;

	return n < sim->nr_chunks ? sim->chunks[n] : NULL;
}

static unsigned long sim_chunk_offset(u64 pfn)
{
	return pfn & (SIM_CHUNK_PAGES - 1);
}

static struct hvc_frame *sim_frame(struct hvc *hv, u64 pfn)
{
	struct sim_chunk *chunk = sim_chunk(hv, pfn);
	struct hvc_frame *frame;

	if (!chunk)
		return NULL;
	frame = &chunk->frames[sim_chunk_offset(pfn)];
	return frame->state == HVC_FRAME_NONE ? NULL : frame;
}

/*
 * Without high memory (see Kconfig) a mapping is nothing but an address. For
 * a deposited page this is the last look at what nobody may have changed.
 */
static void *sim_map(struct hvc *hv, u64 pfn)
{
	struct hvrc_sim *sim = hvc_host(hv);
	void *page = page_address(pfn_to_page(pfn));

	if (__test_and_clear_bit(sim_chunk_offset(pfn),
				 sim_chunk(hv, pfn)->poisoned) &&
	    memchr_inv(page, SIM_POISON, PAGE_SIZE)) {
		sim->trespasses++;
		pr_err_ratelimited("hv_rootctl_sim: page %#llx was written to while it was deposited\n",
				   pfn);
	}
	return page;
}

static void sim_unmap(struct hvc *hv, void *page)
{
}

static void sim_root_access(struct hvc *hv, u64 pfn, u32 pages, bool allow)
{
	for (; pages && !allow; pages--, pfn++) {
		memset(page_address(pfn_to_page(pfn)), SIM_POISON, PAGE_SIZE);
		__set_bit(sim_chunk_offset(pfn), sim_chunk(hv, pfn)->poisoned);
	}
}

static void sim_flush(struct hvc *hv, struct hvc_partition *p)
{
}

static void sim_lock(struct hvc *hv)
	__acquires(hv)
{
	struct hvrc_sim *sim = hvc_host(hv);
	unsigned long flags;

	raw_spin_lock_irqsave(&sim->lock, flags);
	sim->flags = flags;
}

static void sim_unlock(struct hvc *hv)
	__releases(hv)
{
	struct hvrc_sim *sim = hvc_host(hv);
	unsigned long flags = sim->flags;

	raw_spin_unlock_irqrestore(&sim->lock, flags);
}

/* No code runs in a child here; the pages are taken all the same. */
static void sim_vp_create(struct hvc *hv, struct hvc_vp *vp, const u64 *pages)
{
}

static void sim_vp_destroy(struct hvc *hv, struct hvc_vp *vp)
{
}

static __printf(2, 3) void sim_log(struct hvc *hv, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_info_ratelimited("hv_rootctl_sim: %pV\n", &vaf);
	va_end(args);
}

static void sim_delay(struct hvc *hv, u64 microseconds)
{
	for (; microseconds > USEC_PER_MSEC; microseconds -= USEC_PER_MSEC)
		mdelay(1);
	udelay(microseconds);
}

/* A call under way, and the XMM registers that it has: none if NULL. */
struct sim_call {
	struct hvc_call call;
	struct hvrc_xmm *registers;
};

/* XMM0 and XMM1 in; what else a call would find there is zero. */
static void sim_get_xmm(struct hvc *hv, u64 *words)
{
	const struct sim_call *c = container_of(hv->ctx.call, struct sim_call,
						call);

	memset(words, 0, HV_XMM_FAST_BYTES - HV_FAST_BYTES);
	if (!c->registers)
		return;
	memcpy(words, &c->registers->input[2], 4 * sizeof(*words));
	words[4] = c->registers->output;
}

static void sim_set_xmm(struct hvc *hv, const u64 *words)
{
	const struct sim_call *c = container_of(hv->ctx.call, struct sim_call,
						call);

	if (c->registers)
		c->registers->output = words[4];
}

static const struct hvc_host_ops sim_ops = {
	.frame = sim_frame,
	.map = sim_map,
	.unmap = sim_unmap,
	.root_access = sim_root_access,
	.flush = sim_flush,
	.lock = sim_lock,
	.unlock = sim_unlock,
	.vp_create = sim_vp_create,
	.vp_destroy = sim_vp_destroy,
	.get_xmm = sim_get_xmm,
	.set_xmm = sim_set_xmm,
	.log = sim_log,
	.delay = sim_delay,
};

/*
 * The proximity domain of a node: the firmware's number for it where there is
 * one, as the driver takes it, and the kernel's otherwise.
 */
static u8 sim_domain(int nid)
{
#ifdef CONFIG_ACPI_NUMA
	int pxm;

	for (pxm = 0; pxm < min(HVC_MAX_DOMAINS, MAX_PXM_DOMAINS); pxm++)
		if (pxm_to_node(pxm) == nid)
			return pxm;
#endif
	return nid < HVC_MAX_DOMAINS ? nid : 0;
}

/*
 * Pages that are reserved are not all RAM: struct page also exists for holes.
 * User-mode Linux has no holes, and no resource tree to look into. Page 0 can
 * be in no pool: the core's lists end in 0.
 */
static bool sim_is_ram(int nid, unsigned long pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	if (!pfn || !page || page_to_nid(page) != nid)
		return false;
	return !PageReserved(page) || IS_ENABLED(CONFIG_UML) ||
	       page_is_ram(pfn);
}

static int sim_add_node(struct hvrc_sim *sim, int nid)
{
	u8 domain = sim_domain(nid);
	struct sim_chunk **chunk;
	unsigned long pfn;

	for (pfn = node_start_pfn(nid); pfn < node_end_pfn(nid); pfn++) {
		if (!sim_chunk_offset(pfn))
			cond_resched();
		if (!sim_is_ram(nid, pfn))
			continue;
		chunk = &sim->chunks[pfn >> SIM_CHUNK_SHIFT];
		if (!*chunk)
			*chunk = kvzalloc(sizeof(**chunk), GFP_KERNEL);
		if (!*chunk)
			return -ENOMEM;
		(*chunk)->frames[sim_chunk_offset(pfn)] = (struct hvc_frame){
			.state = HVC_FRAME_ROOT,
			.domain = domain,
		};
	}
	return 0;
}

/*
 * Calls come with interrupts off, so all descriptors are made beforehand: a
 * little over 8 bytes for each page of RAM. Memory that is plugged in later is not known.
 */
static int sim_add_ram(struct hvrc_sim *sim, unsigned long nr_pfns)
{
	int nid, err = 0;

	sim->nr_chunks = DIV_ROUND_UP(nr_pfns, SIM_CHUNK_PAGES);
	sim->chunks = kvcalloc(sim->nr_chunks, sizeof(*sim->chunks),
			       GFP_KERNEL);
	if (!sim->chunks)
		return -ENOMEM;
	for_each_online_node(nid)
		err = err ?: sim_add_node(sim, nid);
	return err;
}

/**
 * hvrc_sim_default_config - what the core is told unless the user says otherwise
 * @cfg: filled in
 */
void hvrc_sim_default_config(struct hvc_config *cfg)
{
	int nid;

	*cfg = (struct hvc_config){
		.root_privileges = SIM_PRIVILEGES,
		.processors = num_possible_cpus(),
		.gpa_bits = 48,
		.vp_pages = 1,
		.xmm_input = true,
		.xmm_output = true,
		/* Only who can load modules can make the call. */
		.debug = true,
	};
	for_each_online_node(nid) {
		cfg->domains |= BIT_ULL(sim_domain(nid));
		cfg->nr_pfns = max_t(u64, cfg->nr_pfns, node_end_pfn(nid));
	}
}

/**
 * hvrc_sim_new - bring a simulated hypervisor to life
 * @cfg: for the core
 *
 * Context: may sleep.
 * Return: it, or an ERR_PTR(): -ENOMEM, -EINVAL when @cfg is not valid.
 */
struct hvrc_sim *hvrc_sim_new(const struct hvc_config *cfg)
{
	struct hvrc_sim *sim = kvzalloc(sizeof(*sim), GFP_KERNEL);
	int err;

	if (!sim)
		return ERR_PTR(-ENOMEM);
	raw_spin_lock_init(&sim->lock);
	err = sim_add_ram(sim, cfg->nr_pfns);
	if (!err && hvc_init(&sim->hv, cfg, &sim_ops, sim))
		err = -EINVAL;
	if (err) {
		hvrc_sim_free(sim);
		return ERR_PTR(err);
	}
	return sim;
}

/**
 * hvrc_sim_free - end a simulated hypervisor
 * @sim: it; pages still in its pools stay with whoever deposited them
 *
 * Context: may sleep; no call is under way.
 */
void hvrc_sim_free(struct hvrc_sim *sim)
{
	unsigned long i;

	if (sim->chunks)
		for (i = 0; i < sim->nr_chunks; i++)
			kvfree(sim->chunks[i]);
	kvfree(sim->chunks);
	kvfree(sim);
}

/* The caller is the root, on the VP that is this processor. */
static enum hvc_outcome sim_call(struct hvrc_sim *sim, u64 control, u64 input,
				 u64 output, struct hvrc_xmm *registers,
				 u64 *result)
{
	struct sim_call c = {
		.call = {
			.control = control,
			.input = input,
			.output = output,
			.caller = hvc_root(&sim->hv),
			.vp_index = raw_smp_processor_id() % HVC_MAX_VPS,
			.bits = 64,
		},
		.registers = registers,
	};
	enum hvc_outcome outcome;

	/* In between the lock is free and interrupts are let in. */
	do {
		outcome = hvc_hypercall(&sim->hv, &c.call);
	} while (outcome == HVC_CONTINUE);
	*result = c.call.result;
	return outcome;
}

/**
 * hvrc_sim_call - make one hypercall
 * @sim: the hypervisor
 * @control: hypercall input value
 * @input: physical address of the input list, or data
 * @output: physical address of the output list, or data
 *
 * Context: any but NMI.
 * Return: hypercall result value; all ones where a processor would fault.
 */
u64 hvrc_sim_call(struct hvrc_sim *sim, u64 control, u64 input, u64 output)
{
	u64 result;

	return sim_call(sim, control, input, output, NULL, &result) == HVC_DONE ?
		       result : ~0ULL;
}

/**
 * hvrc_sim_call_xmm - make one hypercall with XMM registers
 * @sim: the hypervisor
 * @control: hypercall input value
 * @registers: what is in them, and then is
 *
 * Context: any but NMI.
 * Return: hypercall result value; HV_STATUS_INVALID_HYPERCALL_INPUT where a
 * processor would fault.
 */
u64 hvrc_sim_call_xmm(struct hvrc_sim *sim, u64 control,
		      struct hvrc_xmm *registers)
{
	u64 result;

	return sim_call(sim, control, registers->input[0], registers->input[1],
			registers, &result) == HVC_DONE ?
		       result : HV_STATUS_INVALID_HYPERCALL_INPUT;
}

static u16 sim_debug_text(struct hvrc_sim *sim, u32 op, u64 arg,
			  const char *text, u64 *values)
{
	struct hv_input_debug *in;
	struct hv_output_debug *out;
	u64 gpa, result;

	in = (void *)get_zeroed_page(GFP_KERNEL);
	if (!in)
		return HV_STATUS_INSUFFICIENT_MEMORY;
	out = (void *)in + PAGE_SIZE / 2;
	gpa = PFN_PHYS(page_to_pfn(virt_to_page(in)));

	in->op = op;
	in->arg = arg;
	if (text)
		strscpy(in->text, text, sizeof(in->text));
	result = hvrc_sim_call(sim, hv_control_simple(HVCALL_DEBUG, false),
			       gpa, gpa + PAGE_SIZE / 2);
	if (values)
		memcpy(values, out->values, sizeof(out->values));
	free_page((unsigned long)in);
	return hv_result_status(result);
}

/**
 * hvrc_sim_debug - make the debug call
 * @sim: the hypervisor
 * @op: enum hv_debug_op
 * @arg: its argument
 * @values: HV_DEBUG_VALUES numbers of output, or NULL
 *
 * Context: may sleep.
 * Return: HV_STATUS.
 */
u16 hvrc_sim_debug(struct hvrc_sim *sim, u32 op, u64 arg, u64 *values)
{
	return sim_debug_text(sim, op, arg, NULL, values);
}

/**
 * hvrc_sim_add_faults - add to the fault script
 * @sim: the hypervisor
 * @lines: separated by newlines or semicolons; taken to pieces
 *
 * Context: may sleep.
 * Return: 0, or -EINVAL at the first line that is not valid or does not fit.
 */
int hvrc_sim_add_faults(struct hvrc_sim *sim, char *lines)
{
	char *line;

	while ((line = strsep(&lines, "\n;"))) {
		line = strim(line);
		if (!*line)
			continue;
		if (strlen(line) >= HV_DEBUG_TEXT_SIZE ||
		    sim_debug_text(sim, HV_DEBUG_FAULT_ADD, 0, line, NULL)) {
			pr_err("hv_rootctl_sim: not a fault: \"%s\"\n", line);
			return -EINVAL;
		}
	}
	return 0;
}
