/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ioctls by chance. What is done is spelled out by a string of bytes: each
 * choice takes the next one, and the end of the string is the end. So an
 * input can be kept, changed here and there, and tried again, whatever it
 * means.
 *
 * All of a machine's players share the partitions' numbers and a memory file;
 * the threads of a process share its files, as slots of fixed numbers.
 */
#ifndef HVTEST_FUZZ_H
#define HVTEST_FUZZ_H

#include "hvtest.h"

#define FUZZ_BYTES 192U /* of an input */
#define FUZZ_SLOTS 5U
#define FUZZ_SLOT_FD 100 /* descriptor of the first */
#define FUZZ_IDS 7U
#define FUZZ_ACTIVE_IDS 4U /* of them, those of partitions made active at once */
#define FUZZ_MAPS 8U
#define FUZZ_PLAYERS 16U /* threads, in all processes */
#define FUZZ_IOCTLS 32U /* room for more than there are */

struct fuzz_input {
	u32 length;
	u8 bytes[FUZZ_BYTES];
};

/* What has become of an ioctl. */
struct fuzz_tally {
	u64 calls;
	u64 accepted; /* errno was 0 */
	u64 done; /* and the hypervisor's status, too */
};

/* What was mapped: nothing else can be unmapped. */
struct fuzz_map {
	u64 id;
	u64 gpa;
	u64 length;
};

/* Seen by all processes. What is torn makes another try, and no harm. */
struct fuzz_world {
	u64 self_id;
	u64 ids[FUZZ_IDS]; /* of partitions, alive or not */
	struct fuzz_map maps[FUZZ_MAPS];
	struct fuzz_tally tally[FUZZ_IOCTLS];
	u64 failures; /* that the kernel was told to have */
};

/*
 * Memory for arguments and to be mapped, in the same place in each process.
 * Three views of one file: one to write to, one that cannot be written to,
 * and one that comes and goes.
 */
struct fuzz_memory {
	u8 *steady; /* a page for each player, then FUZZ_PAGES for all */
	u8 *readonly;
	u8 *fleeting;
	u8 *own; /* FUZZ_PAGES, each process has its own after a fork */
	u8 *edge; /* two pages, and nothing behind them */
	u8 *huge; /* FUZZ_HUGE bytes that may be huge pages */
	int file;
};

#define FUZZ_PAGES 48U
#define FUZZ_VIEW ((FUZZ_PLAYERS + FUZZ_PAGES) * HV_PAGE_SIZE)
#define FUZZ_HUGE (4UL << 20)

struct fuzz_player {
	struct fuzz_world *world;
	const struct fuzz_memory *mem;
	unsigned int nr; /* of all players */
	int fail; /* descriptor of its fail-nth, or -1 */
	const u8 *next;
	const u8 *end;
};

int fuzz_memory_init(struct fuzz_memory *mem);
/* Make the fleeting view go away, come back, or lose its pages. */
void fuzz_memory_shake(const struct fuzz_memory *mem, unsigned int how);

/* Have all that an input says done. */
void fuzz_run(struct fuzz_player *p, const struct fuzz_input *input);

/* How many ioctls are known here, what they are called, and their number. */
extern const unsigned int fuzz_nr_ioctls;
const char *fuzz_ioctl_name(unsigned int i);
unsigned int fuzz_ioctl_nr(unsigned int i);

#endif
