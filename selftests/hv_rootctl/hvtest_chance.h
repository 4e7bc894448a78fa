/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an input makes of a field: a number, an address, a partition. Most of
 * it makes sense, some of it nearly does.
 */
#ifndef HVTEST_CHANCE_H
#define HVTEST_CHANCE_H

#include <stdint.h>

#include "hvtest_fuzz.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* One of @n, at most 256; the first when the input is at its end. */
static inline unsigned int pick(struct fuzz_player *p, unsigned int n)
{
	return p->next < p->end ? *p->next++ % n : 0;
}

static inline u64 any_bytes(struct fuzz_player *p, unsigned int bytes)
{
	u64 v = 0;

	while (bytes--)
		v = v << 8 | pick(p, 256);
	return v;
}

/* A number that is small, or near a power of two, or anything. */
static inline u64 any_number(struct fuzz_player *p)
{
	switch (pick(p, 4)) {
	case 0:
		return (1ULL << pick(p, 64)) - 1 + pick(p, 3);
	case 1:
		return any_bytes(p, 8);
	case 2:
		return 500 + pick(p, 20);
	}
	return pick(p, 256);
}

static inline u64 any_child(struct fuzz_player *p)
{
	return __atomic_load_n(&p->world->ids[pick(p, FUZZ_IDS)],
			       __ATOMIC_RELAXED);
}

static inline u64 any_id(struct fuzz_player *p)
{
	switch (pick(p, 24)) {
	case 0:
		return any_number(p);
	case 1:
		return HVT_UNKNOWN_ID;
	case 2:
		return p->world->self_id;
	case 3:
	case 4:
		return HV_ROOTCTL_SELF;
	}
	return any_child(p);
}

static inline u8 *own_page(struct fuzz_player *p)
{
	return p->mem->steady + p->nr * HV_PAGE_SIZE;
}

/* Where there is memory, where there is none, and where there will be none. */
static inline u64 any_place(struct fuzz_player *p)
{
	const struct fuzz_memory *mem = p->mem;
	u64 page = pick(p, FUZZ_PAGES) * HV_PAGE_SIZE;
	u64 shared = FUZZ_PLAYERS * HV_PAGE_SIZE;

	switch (pick(p, 16)) {
	case 0:
		return any_number(p);
	case 1: /* the kernel's */
		return 0xffff888000000000ULL + page;
	case 2:
		return (uintptr_t)mem->readonly + shared + page;
	case 3:
		return (uintptr_t)mem->edge + 2 * HV_PAGE_SIZE - pick(p, 64);
	case 4:
		return (uintptr_t)mem->edge + HV_PAGE_SIZE;
	case 5:
	case 6:
		return (uintptr_t)mem->fleeting + shared + page;
	case 7:
	case 8:
		return (uintptr_t)mem->huge + page * 16;
	case 9:
	case 10:
		return (uintptr_t)mem->own + page;
	}
	return (uintptr_t)mem->steady + shared + page;
}

static inline u64 any_address(struct fuzz_player *p)
{
	u64 place = any_place(p);

	return pick(p, 8) ? place : place + pick(p, 256) * 17;
}

static inline u64 any_gpa(struct fuzz_player *p)
{
	u64 page = pick(p, 256) * HV_PAGE_SIZE;

	switch (pick(p, 24)) {
	case 0:
		return any_number(p);
	case 1:
		return any_number(p) << HV_PAGE_SHIFT;
	case 2:
		return page + pick(p, 256) * 16 + pick(p, 16);
	case 3:
	case 4:
		return page << 9;
	}
	return page;
}

static inline u64 any_span(struct fuzz_player *p)
{
	switch (pick(p, 24)) {
	case 0:
		return any_number(p);
	case 1:
		return any_number(p) << HV_PAGE_SHIFT;
	case 2:
		return FUZZ_HUGE / 2;
	}
	return (1 + pick(p, FUZZ_PAGES / 4)) * HV_PAGE_SIZE;
}

static inline u64 any_length(struct fuzz_player *p)
{
	return pick(p, 4) ? pick(p, 256) : any_span(p);
}

static inline u64 any_count(struct fuzz_player *p)
{
	switch (pick(p, 32)) {
	case 0:
		return any_number(p);
	case 1:
		return 1000 + pick(p, 100);
	case 2:
	case 3:
		return 505 + pick(p, 12);
	}
	return pick(p, 40);
}

static inline u64 any_flags(struct fuzz_player *p, u32 defined)
{
	switch (pick(p, 32)) {
	case 0:
		return 1U << pick(p, 32);
	case 1:
	case 2:
	case 3:
	case 4:
	case 5:
	case 6:
	case 7:
	case 8:
		return defined;
	}
	return 0;
}

static inline u64 any_rights(struct fuzz_player *p)
{
	switch (pick(p, 16)) {
	case 0:
		return 1U << pick(p, 32) | pick(p, 16);
	case 1:
	case 2:
		return pick(p, HV_MAP_GPA_RIGHTS + 1);
	case 3:
	case 4:
	case 5:
		return HV_MAP_GPA_READABLE;
	}
	return HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;
}

static inline u64 any_entries(struct fuzz_player *p)
{
	struct hv_rootctl_access_entry *e;
	unsigned int i;

	if (!pick(p, 8))
		return any_address(p);
	/* The ioctl's own structure may be in the first half of the page. */
	e = (void *)(own_page(p) + HV_PAGE_SIZE / 2);
	for (i = pick(p, 6); i--; e++)
		*e = (struct hv_rootctl_access_entry){
			.gpa = any_gpa(p),
			.length = pick(p, 4) ? pick(p, 256) : any_length(p),
			.user_addr = any_address(p),
		};
	return (uintptr_t)own_page(p) + HV_PAGE_SIZE / 2;
}

#endif
