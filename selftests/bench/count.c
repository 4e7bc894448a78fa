// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that counts the instructions of each phase (mark.h), those
 * in the hypervisor and the rest; on request also how often each single one was
 * executed. One processor.
 *
 *   out=FILE           lines "total PHASE ALL HYPERVISOR ROOT TIMES", "least
 *                      PHASE ALL HYPERVISOR ROOT" (over all times, and in the
 *                      best of them), "off PHASE INSTRUCTIONS HYPERCALLS" (the
 *                      most of each in a stretch with interrupts off, the
 *                      hypervisor's instructions left out), and with each=on
 *                      "each PHASE ADDRESS TIMES"
 *   hypervisor=A-B     addresses, hexadecimal, of the hypervisor's text
 *   each=on
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"
#include "plugin.h"

int qemu_plugin_version = 1;

struct totals {
	uint64_t all, hypervisor, root;
};

static struct totals now; /* since the reset */
static struct totals since; /* when the phase began */
static struct totals total[MARK_PHASES], least[MARK_PHASES];
static uint64_t times[MARK_PHASES];
static unsigned int phase = MARK_BOOT;

/*
 * Interrupts are off from a CLI to the next STI: where the kernel restores
 * flags it looks at them, and executes STI or nothing. What ends with a return
 * from an interrupt or a system call is not the work that is measured.
 */
struct stretch {
	uint64_t instructions, hypercalls;
};

static struct stretch longest[MARK_PHASES];
static bool off;
static struct totals off_since;
static uint64_t hypercalls; /* since then */

static const char *path;
static uint64_t hypervisor_start, hypervisor_end;
static bool each;

/* How often the instruction at an address was executed, in each phase. */
struct executions {
	uint64_t vaddr;
	uint64_t n[MARK_PHASES];
	struct executions *next;
};

#define BUCKET_BITS 18

static struct executions *buckets[1U << BUCKET_BITS];

static struct executions *find(uint64_t vaddr)
{
	struct executions **at =
		&buckets[vaddr * 0x9e3779b97f4a7c15ULL >> (64 - BUCKET_BITS)];

	for (; *at; at = &(*at)->next)
		if ((*at)->vaddr == vaddr)
			return *at;
	*at = calloc(1, sizeof(**at));
	if (!*at)
		abort();
	(*at)->vaddr = vaddr;
	return *at;
}

static void executed(unsigned int vcpu, void *data)
{
	struct executions *t = data;

	(void)vcpu;
	if (phase != MARK_NONE)
		t->n[phase]++;
}

static void phase_begins(unsigned int vcpu, void *data)
{
	struct totals *t = &total[phase], *l = &least[phase];
	uint64_t all = now.all - since.all;
	uint64_t hypervisor = now.hypervisor - since.hypervisor;
	uint64_t root = all - hypervisor;
	bool first = !times[phase]++;

	(void)vcpu;
	t->all += all;
	t->hypervisor += hypervisor;
	t->root += root;
	l->all = first || all < l->all ? all : l->all;
	l->hypervisor = first || hypervisor < l->hypervisor ? hypervisor :
							      l->hypervisor;
	l->root = first || root < l->root ? root : l->root;
	since = now;
	phase = (uintptr_t)data;
}

static void interrupts_off(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	if (off)
		return;
	off = true;
	off_since = now;
	hypercalls = 0;
}

static void hypercall(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	hypercalls++;
}

static void interrupts_on(unsigned int vcpu, void *data)
{
	struct stretch *s = &longest[phase];
	uint64_t n = now.all - off_since.all -
		     (now.hypervisor - off_since.hypervisor);

	(void)vcpu;
	(void)data;
	if (!off)
		return;
	off = false;
	if (n > s->instructions)
		s->instructions = n;
	if (hypercalls > s->hypercalls)
		s->hypercalls = hypercalls;
}

static void returned(unsigned int vcpu, void *data)
{
	(void)vcpu;
	(void)data;
	off = false;
}

static const struct {
	const char *bytes;
	size_t size;
	exec_fn fn;
} noted[] = {
	{ "\xfa", 1, interrupts_off }, /* CLI */
	{ "\xfb", 1, interrupts_on }, /* STI */
	{ "\x48\xcf", 2, returned }, /* IRETQ */
	{ "\x48\x0f\x07", 3, returned }, /* SYSRETQ */
	{ "\x0f\x01\xd9", 3, hypercall }, /* VMMCALL */
};

static void note(struct qemu_plugin_insn *insn)
{
	const void *bytes = qemu_plugin_insn_data(insn);
	size_t i, size = qemu_plugin_insn_size(insn);
	exec_fn fn = NULL;

	for (i = 0; i < sizeof(noted) / sizeof(*noted); i++)
		if (size == noted[i].size &&
		    !memcmp(bytes, noted[i].bytes, size))
			fn = noted[i].fn;
	if (fn)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, fn, 0, NULL);
}

/* The phase that an instruction begins, or MARK_PHASES. */
static uintptr_t marked(const struct qemu_plugin_insn *insn)
{
	const uint8_t *bytes = qemu_plugin_insn_data(insn);
	uint32_t operand;

	if (qemu_plugin_insn_size(insn) != 7 ||
	    memcmp(bytes, "\x0f\x1f\x80", 3))
		return MARK_PHASES;
	memcpy(&operand, bytes + 3, sizeof(operand));
	operand -= MARK_MAGIC;
	return operand < MARK_PHASES ? operand : MARK_PHASES;
}

static void watch(struct qemu_plugin_insn *insn)
{
	uint64_t vaddr = qemu_plugin_insn_vaddr(insn);
	bool hypervisor = vaddr >= hypervisor_start && vaddr < hypervisor_end;
	uintptr_t begins = marked(insn);

	if (begins != MARK_PHASES) {
		qemu_plugin_register_vcpu_insn_exec_cb(insn, phase_begins, 0,
						       (void *)begins);
		return;
	}
	qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64,
						   &now.all, 1);
	if (hypervisor)
		qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64,
							   &now.hypervisor, 1);
	else
		note(insn);
	if (each)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, 0,
						       find(vaddr));
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (i = 0; i < n; i++)
		watch(qemu_plugin_tb_get_insn(tb, i));
}

static void print_each(FILE *f)
{
	struct executions *t;
	unsigned int i, k;

	for (i = 0; i < 1U << BUCKET_BITS; i++)
		for (t = buckets[i]; t; t = t->next)
			for (k = 0; k < MARK_PHASES; k++)
				if (t->n[k])
					fprintf(f,
						"each %u %016" PRIx64
						" %" PRIu64 "\n",
						k, t->vaddr, t->n[k]);
}

static void print_phase(FILE *f, unsigned int k)
{
	const struct totals *t = &total[k], *l = &least[k];

	fprintf(f, "total %u %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		k, t->all, t->hypervisor, t->root, times[k]);
	fprintf(f, "least %u %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", k, l->all,
		l->hypervisor, l->root);
	fprintf(f, "off %u %" PRIu64 " %" PRIu64 "\n", k,
		longest[k].instructions, longest[k].hypercalls);
}

static void ended(uint64_t id, void *data)
{
	FILE *f = fopen(path, "w");
	unsigned int k;

	(void)id;
	(void)data;
	if (!f) {
		perror(path);
		return;
	}
	for (k = 0; k < MARK_PHASES; k++)
		print_phase(f, k);
	print_each(f);
	if (fclose(f))
		perror(path);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	int i;

	(void)info;
	for (i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4))
			path = strdup(argv[i] + 4);
		else if (!strcmp(argv[i], "each=on"))
			each = true;
		else if (sscanf(argv[i], "hypervisor=%" SCNx64 "-%" SCNx64,
				&hypervisor_start, &hypervisor_end) != 2)
			return -1;
	}
	if (!path)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, ended, NULL);
	return 0;
}
