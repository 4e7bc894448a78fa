/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypervisor core inside the kernel: a stand-in for a hypervisor where
 * there is none. All RAM of the machine is the root partition's.
 */
#ifndef HVRC_SIM_H
#define HVRC_SIM_H

#include <linux/bits.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include <core.h>
#include <hv/debug.h>

#include "../transport.h"

/* 128 MiB of RAM; 256 KiB of descriptors. */
#define SIM_CHUNK_SHIFT 15
#define SIM_CHUNK_PAGES BIT(SIM_CHUNK_SHIFT)

/**
 * struct sim_chunk - page frames in a row
 * @frames: their descriptors
 * @poisoned: which of them hold SIM_POISON, guarded by the core's lock
 */
struct sim_chunk {
	struct hvc_frame frames[SIM_CHUNK_PAGES];
	DECLARE_BITMAP(poisoned, SIM_CHUNK_PAGES);
};

/**
 * struct hvrc_sim - one simulated hypervisor
 * @hv: the core
 * @lock: what the core takes round everything
 * @flags: interrupt state to go back to, guarded by @lock
 * @chunks: all page frames; NULL: no RAM in there
 * @nr_chunks: how many chunks there are
 * @trespasses: pages that were written to while they were deposited, guarded
 *	by the core's lock
 */
struct hvrc_sim {
	struct hvc hv;
	raw_spinlock_t lock;
	unsigned long flags;
	struct sim_chunk **chunks;
	unsigned long nr_chunks;
	u64 trespasses;
};

struct hvrc_sim *hvrc_sim_new(const struct hvc_config *cfg);
void hvrc_sim_free(struct hvrc_sim *sim);

void hvrc_sim_default_config(struct hvc_config *cfg);
int hvrc_sim_add_faults(struct hvrc_sim *sim, char *lines);

u64 hvrc_sim_call(struct hvrc_sim *sim, u64 control, u64 input, u64 output);
u64 hvrc_sim_call_xmm(struct hvrc_sim *sim, u64 control,
		      struct hvrc_xmm *registers);
u16 hvrc_sim_debug(struct hvrc_sim *sim, u32 op, u64 arg, u64 *values);

#ifdef CONFIG_DEBUG_FS
void hvrc_sim_debugfs_create(struct hvrc_sim *sim);
void hvrc_sim_debugfs_remove(void);
#else
static inline void hvrc_sim_debugfs_create(struct hvrc_sim *sim)
{
}

static inline void hvrc_sim_debugfs_remove(void)
{
}
#endif

#endif
