// SPDX-License-Identifier: GPL-2.0
/* Ioctls by chance: see hvtest_fuzz.h. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hvtest_chance.h"

/* --- the ioctls -------------------------------------------------------------- */

/* What a field is for, so what it is filled with. */
enum kind {
	ID = 1,
	GPA,
	ADDRESS,
	BYTES,
	SPAN, /* bytes, whole pages */
	PAGES,
	PROXIMITY,
	VP,
	CACHE,
	RIGHTS,
	ENTRIES,
	ENTRY_COUNT,
	SELDOM, /* 0, nearly always */
	FLAGS, /* those that are defined */
	LIMIT, /* of what is done unasked */
};

struct field {
	u8 offset;
	u8 bytes;
	u8 kind;
};

struct fuzz_ioctl {
	const char *name;
	unsigned long request;
	u16 size;
	u16 status; /* where the hypervisor's is, 0: nowhere */
	u8 weight; /* how often, of all weights */
	u32 flags; /* that are defined */
	struct field fields[10];
};

#define FIELD(type, member, kind)                                \
	{                                                        \
		offsetof(struct type, member),                   \
			sizeof(((struct type *)0)->member), kind \
	}
#define RETRY_FIELDS(type)                       \
	FIELD(type, retry.deposit_limit, LIMIT), \
		FIELD(type, retry.time_out_limit, LIMIT)
#define STATUS(type) .status = offsetof(struct type, hv_status)
#define IOCTL(_name, type, _weight)                    \
	.name = #_name, .request = HV_ROOTCTL_##_name, \
	.size = sizeof(struct type), .weight = (_weight)

#define POOL_FIELDS                                                           \
	.fields = { FIELD(hv_rootctl_pool, flags, FLAGS),                     \
		    FIELD(hv_rootctl_pool, partition_id, ID),                 \
		    FIELD(hv_rootctl_pool, proximity_domain_info, PROXIMITY), \
		    FIELD(hv_rootctl_pool, page_count, PAGES),                \
		    FIELD(hv_rootctl_pool, __reserved, SELDOM) },             \
	.flags = HV_ROOTCTL_HOLD, STATUS(hv_rootctl_pool)
#define ACCESS_FIELDS                                              \
	.fields = { FIELD(hv_rootctl_access, flags, SELDOM),       \
		    FIELD(hv_rootctl_access, partition_id, ID),    \
		    FIELD(hv_rootctl_access, gpa, GPA),            \
		    FIELD(hv_rootctl_access, length, BYTES),       \
		    FIELD(hv_rootctl_access, user_addr, ADDRESS),  \
		    FIELD(hv_rootctl_access, vp_index, VP),        \
		    FIELD(hv_rootctl_access, cache_type, CACHE) }, \
	STATUS(hv_rootctl_access)
#define PARTITION_FIELDS                                             \
	.fields = { FIELD(hv_rootctl_partition, flags, SELDOM),      \
		    FIELD(hv_rootctl_partition, partition_id, ID),   \
		    FIELD(hv_rootctl_partition, __reserved, SELDOM), \
		    RETRY_FIELDS(hv_rootctl_partition) },            \
	STATUS(hv_rootctl_partition)
#define VP_FIELDS                                                        \
	.fields = { FIELD(hv_rootctl_vp, flags, FLAGS),                  \
		    FIELD(hv_rootctl_vp, partition_id, ID),              \
		    FIELD(hv_rootctl_vp, vp_index, VP),                  \
		    FIELD(hv_rootctl_vp, proximity_domain_info, SELDOM), \
		    RETRY_FIELDS(hv_rootctl_vp) },                       \
	STATUS(hv_rootctl_vp)

static const struct fuzz_ioctl ioctls[] = {
	{ IOCTL(BALANCE, hv_rootctl_balance, 3), STATUS(hv_rootctl_balance),
	  .fields = { FIELD(hv_rootctl_balance, flags, SELDOM),
		      FIELD(hv_rootctl_balance, partition_id, ID),
		      FIELD(hv_rootctl_balance, proximity_domain_info,
			    PROXIMITY),
		      FIELD(hv_rootctl_balance, __reserved, SELDOM) } },
	{ IOCTL(DEPOSIT, hv_rootctl_pool, 16), POOL_FIELDS },
	{ IOCTL(MAP, hv_rootctl_map, 14), STATUS(hv_rootctl_map),
	  .flags = HV_ROOTCTL_DETACHED,
	  .fields = { FIELD(hv_rootctl_map, flags, FLAGS),
		      FIELD(hv_rootctl_map, partition_id, ID),
		      FIELD(hv_rootctl_map, gpa, GPA),
		      FIELD(hv_rootctl_map, user_addr, ADDRESS),
		      FIELD(hv_rootctl_map, length, SPAN),
		      FIELD(hv_rootctl_map, map_flags, RIGHTS),
		      RETRY_FIELDS(hv_rootctl_map) } },
	{ IOCTL(PARTITION_CREATE, hv_rootctl_partition_create, 4),
	  STATUS(hv_rootctl_partition_create), .flags = HV_ROOTCTL_DETACHED,
	  .fields = { FIELD(hv_rootctl_partition_create, flags, FLAGS),
		      FIELD(hv_rootctl_partition_create, creation_flags, SELDOM),
		      FIELD(hv_rootctl_partition_create, proximity_domain_info,
			    SELDOM),
		      FIELD(hv_rootctl_partition_create, compatibility_version,
			    SELDOM),
		      RETRY_FIELDS(hv_rootctl_partition_create) } },
	{ IOCTL(PARTITION_DELETE, hv_rootctl_partition, 2), PARTITION_FIELDS },
	{ IOCTL(PARTITION_FINALIZE, hv_rootctl_partition, 2),
	  PARTITION_FIELDS },
	{ IOCTL(PARTITION_INITIALIZE, hv_rootctl_partition, 6),
	  PARTITION_FIELDS },
	{ IOCTL(PARTITION_NEXT, hv_rootctl_partition_next, 3),
	  STATUS(hv_rootctl_partition_next),
	  .fields = { FIELD(hv_rootctl_partition_next, flags, SELDOM),
		      FIELD(hv_rootctl_partition_next, parent_id, ID),
		      FIELD(hv_rootctl_partition_next, previous_id, ID),
		      FIELD(hv_rootctl_partition_next, __reserved, SELDOM) } },
	{ IOCTL(QUERY, hv_rootctl_query, 3),
	  .fields = { FIELD(hv_rootctl_query, flags, SELDOM),
		      FIELD(hv_rootctl_query, __reserved, SELDOM) } },
	{ IOCTL(READ_GPA, hv_rootctl_access, 8), ACCESS_FIELDS },
	{ IOCTL(UNMAP, hv_rootctl_unmap, 10), STATUS(hv_rootctl_unmap),
	  .fields = { FIELD(hv_rootctl_unmap, flags, SELDOM),
		      FIELD(hv_rootctl_unmap, partition_id, ID),
		      FIELD(hv_rootctl_unmap, gpa, GPA),
		      FIELD(hv_rootctl_unmap, length, SPAN),
		      FIELD(hv_rootctl_unmap, __reserved, SELDOM),
		      RETRY_FIELDS(hv_rootctl_unmap) } },
	{ IOCTL(VP_CREATE, hv_rootctl_vp, 6), VP_FIELDS,
	  .flags = HV_ROOTCTL_DETACHED },
	{ IOCTL(VP_DELETE, hv_rootctl_vp, 3), VP_FIELDS },
	{ IOCTL(WITHDRAW, hv_rootctl_pool, 14), POOL_FIELDS },
	{ IOCTL(WRITE_GPA, hv_rootctl_access, 8), ACCESS_FIELDS },
	{ IOCTL(ACCESS_LIST, hv_rootctl_access_list, 8),
	  STATUS(hv_rootctl_access_list), .flags = HV_ROOTCTL_LIST_WRITE,
	  .fields = { FIELD(hv_rootctl_access_list, flags, FLAGS),
		      FIELD(hv_rootctl_access_list, partition_id, ID),
		      FIELD(hv_rootctl_access_list, entries, ENTRIES),
		      FIELD(hv_rootctl_access_list, entry_count, ENTRY_COUNT),
		      FIELD(hv_rootctl_access_list, vp_index, VP),
		      FIELD(hv_rootctl_access_list, cache_type, CACHE) } },
	{ IOCTL(PROGRESS, hv_rootctl_progress, 3),
	  .fields = { FIELD(hv_rootctl_progress, flags, SELDOM),
		      FIELD(hv_rootctl_progress, __reserved, SELDOM) } },
	{ IOCTL(RAW, hv_rootctl_raw, 10), STATUS(hv_rootctl_raw),
	  .fields = { FIELD(hv_rootctl_raw, flags, SELDOM),
		      FIELD(hv_rootctl_raw, __reserved, SELDOM) } },
};

const unsigned int fuzz_nr_ioctls = ARRAY_SIZE(ioctls);

const char *fuzz_ioctl_name(unsigned int i)
{
	return ioctls[i].name;
}

unsigned int fuzz_ioctl_nr(unsigned int i)
{
	return _IOC_NR(ioctls[i].request);
}

static u64 any_value(struct fuzz_player *p, const struct fuzz_ioctl *c,
		     enum kind kind)
{
	switch (kind) {
	case ID:
		return any_id(p);
	case GPA:
		return any_gpa(p);
	case ADDRESS:
		return any_address(p);
	case BYTES:
		return any_length(p);
	case SPAN:
		return any_span(p);
	case PAGES:
		return any_count(p);
	case PROXIMITY:
		return pick(p, 8) ? 0 : any_number(p) | (u64)pick(p, 2) << 63;
	case VP:
		return pick(p, 16) ? pick(p, 3) : any_number(p);
	case CACHE:
		return pick(p, 16) ? HV_CACHE_TYPE_WRITE_BACK : any_number(p);
	case RIGHTS:
		return any_rights(p);
	case ENTRIES:
		return any_entries(p);
	case ENTRY_COUNT:
		return pick(p, 16) ? pick(p, 8) : any_number(p);
	case SELDOM:
		return pick(p, 48) ? 0 : any_number(p);
	case LIMIT:
		return pick(p, 4) ? 0 : any_count(p);
	case FLAGS:
		return any_flags(p, c->flags);
	}
	return 0;
}

/*
 * A raw call has to have the right sizes to come through. Those that set
 * something are for children alone: a root that sets its own registers has
 * only itself to blame.
 */
static void fill_raw(struct fuzz_player *p, struct hv_rootctl_raw *raw)
{
	static const struct {
		u16 code, in, element, out;
	} calls[] = {
		{ HVCALL_INITIALIZE_PARTITION, 8, 0, 0 },
		{ HVCALL_GET_PARTITION_PROPERTY, 16, 0, 8 },
		{ HVCALL_SET_PARTITION_PROPERTY, 24, 0, 0 },
		{ HVCALL_GET_PARTITION_ID, 0, 0, 8 },
		{ HVCALL_GET_NEXT_CHILD_PARTITION, 16, 0, 8 },
		{ HVCALL_GET_MEMORY_BALANCE, 16, 0, 16 },
		{ HVCALL_CREATE_VP, 24, 0, 0 },
		{ HVCALL_DELETE_VP, 16, 0, 0 },
		{ HVCALL_GET_VP_REGISTERS, 16, 4, 16 },
		{ HVCALL_SET_VP_REGISTERS, 16, 32, 0 },
		{ HVCALL_TRANSLATE_VIRTUAL_ADDRESS, 32, 0, 16 },
		{ HVCALL_READ_GPA, 32, 0, 24 },
		{ HVCALL_WRITE_GPA, 48, 0, 8 },
		{ HVCALL_WITHDRAW_MEMORY, 16, 0, 8 },
	};
	unsigned int i = pick(p, ARRAY_SIZE(calls));
	u64 *in = (u64 *)(own_page(p) + HV_PAGE_SIZE / 2);
	unsigned int reps = calls[i].element ? 1 + pick(p, 3) : 0;

	in[0] = any_child(p);
	in[1] = pick(p, 8) ? pick(p, 3) : any_number(p);
	in[2] = pick(p, 2) ? 0x20000 + pick(p, 64) : any_gpa(p);
	in[3] = pick(p, 4) ? HV_CACHE_TYPE_WRITE_BACK : any_number(p);
	in[4] = any_number(p);
	in[5] = any_number(p);
	raw->code = calls[i].code;
	raw->rep_count = reps;
	raw->rep_start = pick(p, 8) ? 0 : pick(p, 4);
	raw->input_size = calls[i].in + reps * calls[i].element;
	raw->output_size = calls[i].out * (reps ?: 1);
	raw->input = pick(p, 16) ?
			     (uintptr_t)in :
			     (uintptr_t)p->mem->edge + 2 * HV_PAGE_SIZE - 8;
	raw->output = any_address(p);
	if (!pick(p, 16))
		raw->output_size += 1 + pick(p, 255) * 256;
	if (!pick(p, 32))
		raw->rep_count = any_number(p);
}

/* --- one ioctl --------------------------------------------------------------- */

static u32 any_size(struct fuzz_player *p, u32 size)
{
	switch (pick(p, 24)) {
	case 0:
		return size - 1 - pick(p, 16);
	case 1:
		return size + 1 + pick(p, 64);
	case 2:
		return any_number(p);
	}
	return size;
}

/* Put the structure where the kernel is to find it. */
static void *any_argument(struct fuzz_player *p, const u8 *arg, size_t size)
{
	const struct fuzz_memory *mem = p->mem;
	size_t place = p->nr * HV_PAGE_SIZE, part = size;
	u8 *to = own_page(p);

	switch (pick(p, 20)) {
	case 0: /* where it cannot be written back */
		memcpy(to, arg, size);
		return mem->readonly + place;
	case 1: /* where it may be gone in a moment */
		memcpy(to, arg, size);
		return mem->fleeting + place;
	case 2: /* not all of it, perhaps */
		part = pick(p, 2) ? size : pick(p, size);
		to = mem->edge + 2 * HV_PAGE_SIZE - part;
		break;
	case 3: /* across two pages */
		to = mem->edge + HV_PAGE_SIZE - pick(p, size);
		break;
	case 4:
		return (void *)(uintptr_t)any_number(p);
	}
	memcpy(to, arg, part);
	return to;
}

/* A signal that cannot be delivered for lack of memory is deadly: not now. */
static void hold_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(how, &set, NULL);
}

static bool may_fail(struct fuzz_player *p, unsigned int nth)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%u", nth);

	return pwrite(p->fail, text, n, 0) == n;
}

/* The switch itself may be what fails: once, because that is all there is. */
static void did_fail(struct fuzz_player *p)
{
	char text[16] = "";

	/* What is left of the number is 0 when it has happened. */
	if (pread(p->fail, text, sizeof(text) - 1, 0) > 0 && !atoi(text))
		__atomic_fetch_add(&p->world->failures, 1, __ATOMIC_RELAXED);
	if (!may_fail(p, 0) && !may_fail(p, 0))
		abort();
	hold_signals(SIG_UNBLOCK);
}

/* What others can go on from. */
static void remember(struct fuzz_player *p, unsigned long request,
		     const u8 *arg)
{
	const struct hv_rootctl_partition_create *create = (const void *)arg;
	const struct hv_rootctl_map *map = (const void *)arg;
	unsigned int i;

	if (request == HV_ROOTCTL_PARTITION_CREATE) {
		i = FUZZ_ACTIVE_IDS + pick(p, FUZZ_IDS - FUZZ_ACTIVE_IDS);
		__atomic_store_n(&p->world->ids[i], create->partition_id,
				 __ATOMIC_RELAXED);
	} else if (request == HV_ROOTCTL_MAP) {
		p->world->maps[pick(p, FUZZ_MAPS)] =
			(struct fuzz_map){ map->partition_id, map->gpa,
					   map->length };
	}
}

static void keep_books(struct fuzz_player *p, unsigned int i, int ret,
		       const u8 *arg)
{
	struct fuzz_tally *t = &p->world->tally[i];
	u32 status = 0;

	__atomic_fetch_add(&t->calls, 1, __ATOMIC_RELAXED);
	if (ret)
		return;
	__atomic_fetch_add(&t->accepted, 1, __ATOMIC_RELAXED);
	if (ioctls[i].status)
		memcpy(&status, arg + ioctls[i].status, sizeof(status));
	if (status)
		return;
	__atomic_fetch_add(&t->done, 1, __ATOMIC_RELAXED);
	remember(p, ioctls[i].request, arg);
}

/* Mostly a range that was mapped, once; filled in after the fields. */
static void fill_unmap(struct fuzz_player *p, struct hv_rootctl_unmap *unmap)
{
	unsigned int first = pick(p, FUZZ_MAPS), i;
	struct fuzz_map *map = NULL;

	if (!pick(p, 6))
		return;
	for (i = 0; i < FUZZ_MAPS; i++) {
		map = &p->world->maps[(first + i) % FUZZ_MAPS];
		if (map->length)
			break;
	}
	unmap->partition_id = map->id;
	unmap->gpa = map->gpa;
	unmap->length = map->length;
	map->length = 0;
}

static void one_ioctl(struct fuzz_player *p, unsigned int i)
{
	const struct fuzz_ioctl *c = &ioctls[i];
	u8 arg[512] = { 0 };
	const struct field *f;
	unsigned int nth;
	void *at;
	u64 v;
	int ret, fd;

	if (c->request == HV_ROOTCTL_RAW)
		fill_raw(p, (void *)arg);
	for (f = c->fields; f->kind; f++) {
		v = any_value(p, c, f->kind);
		memcpy(arg + f->offset, &v, f->bytes);
	}
	if (c->request == HV_ROOTCTL_UNMAP)
		fill_unmap(p, (void *)arg);
	v = any_size(p, c->size);
	memcpy(arg, &v, sizeof(u32));
	if (!pick(p, 32))
		arg[pick(p, c->size)] = pick(p, 256);
	at = any_argument(p, arg, c->size);
	fd = FUZZ_SLOT_FD + pick(p, FUZZ_SLOTS);
	nth = pick(p, 4) || p->fail < 0 ? 0 : 1 + pick(p, 24);
	if (nth) {
		hold_signals(SIG_BLOCK);
		may_fail(p, nth);
	}
	ret = ioctl(fd, c->request, at);
	if (nth)
		did_fail(p);
	/* Elsewhere it may be gone, or changed by another player. */
	keep_books(p, i, ret, at == own_page(p) ? at : arg);
}

/* --- what else there is ------------------------------------------------------ */

static void open_slot(unsigned int slot)
{
	int fd = hvt_driver();

	if (fd < 0)
		return;
	dup3(fd, FUZZ_SLOT_FD + slot, O_CLOEXEC);
	close(fd);
}

/* A process that has inherited the files, and asks, and is gone. */
static void fork_once(struct fuzz_player *p)
{
	struct hv_rootctl_query q = { .size = sizeof(q) };
	int fd = FUZZ_SLOT_FD + pick(p, FUZZ_SLOTS);
	pid_t pid = fork();

	if (!pid) {
		ioctl(fd, HV_ROOTCTL_QUERY, &q);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, NULL, 0) != pid)
		;
}

/* A partition in which most calls have something to do. */
static void new_child(struct fuzz_player *p, int fd)
{
	u64 *at = &p->world->ids[pick(p, FUZZ_ACTIVE_IDS)];
	u64 id;

	if (!hvt_drv_child(fd, &id))
		__atomic_store_n(at, id, __ATOMIC_RELAXED);
}

enum { OPEN_SLOT, CLOSE_SLOT, DUP_SLOT, CHILD, FORK, UNKNOWN, OTHERS };

static const u8 other_weights[OTHERS] = { 6, 1, 1, 3, 1, 1 };

static void something_else(struct fuzz_player *p, unsigned int what)
{
	unsigned int slot = pick(p, FUZZ_SLOTS);

	switch (what) {
	case OPEN_SLOT:
		return open_slot(slot);
	case CLOSE_SLOT:
		close(FUZZ_SLOT_FD + slot);
		return;
	case DUP_SLOT:
		dup3(FUZZ_SLOT_FD + slot, FUZZ_SLOT_FD + pick(p, FUZZ_SLOTS),
		     O_CLOEXEC);
		return;
	case CHILD:
		return new_child(p, FUZZ_SLOT_FD + slot);
	case FORK:
		return fork_once(p);
	case UNKNOWN:
		ioctl(FUZZ_SLOT_FD + slot,
		      _IO(HV_ROOTCTL_IOCTL_TYPE, pick(p, 256)), 0);
	}
}

void fuzz_run(struct fuzz_player *p, const struct fuzz_input *input)
{
	unsigned int i, at, sum = 0;

	for (i = 0; i < fuzz_nr_ioctls; i++)
		sum += ioctls[i].weight;
	for (i = 0; i < OTHERS; i++)
		sum += other_weights[i];

	p->next = input->bytes;
	p->end = p->next + input->length;
	while (p->next < p->end) {
		at = pick(p, sum);
		for (i = 0; i < fuzz_nr_ioctls && at >= ioctls[i].weight; i++)
			at -= ioctls[i].weight;
		if (i < fuzz_nr_ioctls) {
			one_ioctl(p, i);
			continue;
		}
		for (i = 0; at >= other_weights[i]; i++)
			at -= other_weights[i];
		something_else(p, i);
	}
}
