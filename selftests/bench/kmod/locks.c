// SPDX-License-Identifier: GPL-2.0
/*
 * Which locks does a thread take, and which of them also when it does the same
 * for somebody else? Two probes of the same work tell the locks that would be
 * fought over if both ran at once.
 */
#include <linux/kernel.h>
#include <linux/kprobes.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "locks.h"

static struct {
	void *lock;
	void *taker; /* return address of the first one */
	unsigned long rounds; /* bit n: taken in round n */
} taken[256];

static unsigned int nr_taken, missed, round;
static struct task_struct *watched;

static int lock_taken(struct kprobe *probe, struct pt_regs *regs)
{
	void *lock = (void *)regs->di;
	unsigned int i;

	if (current != watched || !in_task())
		return 0;
	for (i = 0; i < nr_taken && taken[i].lock != lock; i++)
		;
	if (i == ARRAY_SIZE(taken)) {
		missed++;
		return 0;
	}
	if (i == nr_taken) {
		nr_taken++;
		taken[i].lock = lock;
		taken[i].taker = *(void **)regs->sp;
		taken[i].rounds = 0;
	}
	taken[i].rounds |= BIT(round);
	return 0;
}

NOKPROBE_SYMBOL(lock_taken);

static struct kprobe probes[] = {
	{ .symbol_name = "_raw_spin_lock" },
	{ .symbol_name = "_raw_spin_lock_irq" },
	{ .symbol_name = "_raw_spin_lock_irqsave" },
	{ .symbol_name = "_raw_spin_lock_bh" },
	{ .symbol_name = "_raw_read_lock" },
	{ .symbol_name = "_raw_write_lock" },
	{ .symbol_name = "mutex_lock" },
	{ .symbol_name = "mutex_lock_interruptible" },
	{ .symbol_name = "mutex_lock_killable" },
	{ .symbol_name = "down_read" },
	{ .symbol_name = "down_write" },
};

static unsigned int nr_probes;

/**
 * locks_end - watch no more
 *
 * Context: may sleep.
 */
void locks_end(void)
{
	watched = NULL;
	while (nr_probes)
		unregister_kprobe(&probes[--nr_probes]);
}

static int begin(void)
{
	int err;

	for (; nr_probes < ARRAY_SIZE(probes); nr_probes++) {
		struct kprobe *p = &probes[nr_probes];
		const char *name = p->symbol_name;

		*p = (struct kprobe){ .symbol_name = name };
		p->pre_handler = lock_taken;
		err = register_kprobe(p);
		if (err) {
			locks_end();
			return err;
		}
	}
	watched = current;
	return 0;
}

/* A variable of the kernel's has a name; what is allocated has its taker's. */
static bool is_kernels(unsigned long lock)
{
	return lock >= __START_KERNEL_map && lock < MODULES_VADDR;
}

static void tell(struct hv_bench_locks *l)
{
	unsigned int i, n = 0;
	void *named;

	l->taken = nr_taken;
	l->shared = 0;
	memset(l->takers, 0, sizeof(l->takers));
	for (i = 0; i < nr_taken; i++) {
		if (taken[i].rounds != (BIT(0) | BIT(1)))
			continue;
		l->shared++;
		if (n == ARRAY_SIZE(l->takers))
			continue;
		named = is_kernels((unsigned long)taken[i].lock) ?
				taken[i].lock :
				taken[i].taker;
		snprintf(l->takers[n++], sizeof(l->takers[0]), "%ps", named);
	}
}

/**
 * locks_watch - begin or end a round
 * @l: as the ioctl has it
 *
 * Context: may sleep.
 * Return: 0, or why no probes could be set; -ENOSPC when there were too many
 * locks.
 */
int locks_watch(struct hv_bench_locks *l)
{
	locks_end();
	tell(l);
	if (missed)
		return -ENOSPC;
	if (l->round == HV_BENCH_LOCKS_END)
		return 0;
	round = l->round & 1;
	if (!round)
		nr_taken = 0;
	return begin();
}
