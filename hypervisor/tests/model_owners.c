// SPDX-License-Identifier: GPL-2.0
/*
 * The model: after each call, every page has the one owner that it should
 * have. What has not changed since the last call, in the core's frames and in
 * the model alike, has been looked at then.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 256 /* pages that are compared at once */
#define MAX_CHUNKS 64 /* bits of a word */

/* As it was after the last call. */
struct model_owners {
	struct hvc_frame *frames;
	u16 *owner;
	u32 *mapped;
	bool *root;
	/* Frames by the slot of their owner. */
	u64 pool[HVC_MAX_PARTITIONS];
	u64 used[HVC_MAX_PARTITIONS];
};

static void count(struct model_owners *o, const struct hvc_frame *f, u64 n)
{
	u32 slot = f->owner % HVC_MAX_PARTITIONS;

	if (f->state == HVC_FRAME_POOL)
		o->pool[slot] += n;
	else if (f->state == HVC_FRAME_USED)
		o->used[slot] += n;
}

static void check_page(struct model *m, u64 pfn)
{
	const struct hvc_frame *f = &m->host->frames[pfn];
	bool reaches = host_reaches(m->host, pfn);
	const struct model_partition *p;

	switch (m->owner[pfn]) {
	case MODEL_ROOT:
		HOST_CHECK(f->state == HVC_FRAME_ROOT && !f->owner && reaches);
		HOST_CHECK(f->link == m->mapped[pfn]);
		return;
	case MODEL_NOT_RAM:
		HOST_CHECK(f->state == HVC_FRAME_HYPERVISOR ||
			   f->state == HVC_FRAME_NONE);
		HOST_CHECK(!reaches);
		return;
	}
	p = &m->part[m->owner[pfn] - 1];
	HOST_CHECK(f->state == HVC_FRAME_POOL || f->state == HVC_FRAME_USED);
	HOST_CHECK(p->id && f->owner == p->id % HVC_MAX_PARTITIONS && !reaches);
}

/* All pages of the owner's: as many as were deposited, and are in use. */
static void check_owner(struct model *m, u64 pfn)
{
	const struct model_owners *o = m->owners;
	const struct model_partition *p;
	u32 slot;

	if (m->owner[pfn] == MODEL_ROOT || m->owner[pfn] == MODEL_NOT_RAM)
		return;
	p = &m->part[m->owner[pfn] - 1];
	slot = p->id % HVC_MAX_PARTITIONS;
	HOST_CHECK(o->used[slot] == p->in_use);
	HOST_CHECK(o->pool[slot] == p->deposited - p->in_use);
}

#define SAME(new, old, at, n) \
	(!memcmp((new) + (at), (old) + (at), (n) * sizeof(*(new))))
#define KEEP(new, old, at, n) \
	memcpy((old) + (at), (new) + (at), (n) * sizeof(*(new)))

void model_check_owners(struct model *m)
{
	struct model_owners *o = m->owners;
	struct host *h = m->host;
	u64 changed = 0, at, i;

	for (at = 0; at < m->nr; at += CHUNK) {
		if (SAME(h->frames, o->frames, at, CHUNK) &&
		    SAME(m->owner, o->owner, at, CHUNK) &&
		    SAME(m->mapped, o->mapped, at, CHUNK) &&
		    SAME(h->root, o->root, at, CHUNK))
			continue;
		for (i = at; i < at + CHUNK; i++) {
			check_page(m, i);
			count(o, &o->frames[i], -1);
			count(o, &h->frames[i], 1);
		}
		KEEP(h->frames, o->frames, at, CHUNK);
		KEEP(m->owner, o->owner, at, CHUNK);
		KEEP(m->mapped, o->mapped, at, CHUNK);
		KEEP(h->root, o->root, at, CHUNK);
		changed |= 1ULL << (at / CHUNK);
	}
	for (; changed; changed &= changed - 1) {
		at = (u64)__builtin_ctzll(changed) * CHUNK;
		for (i = at; i < at + CHUNK; i++)
			check_owner(m, i);
	}
}

void model_owners_new(struct model *m)
{
	struct model_owners *o = calloc(1, sizeof(*o));

	HOST_CHECK(o && !(m->nr % CHUNK) && m->nr / CHUNK <= MAX_CHUNKS);
	o->frames = calloc(m->nr, sizeof(*o->frames));
	o->owner = calloc(m->nr, sizeof(*o->owner));
	o->mapped = calloc(m->nr, sizeof(*o->mapped));
	o->root = calloc(m->nr, sizeof(*o->root));
	HOST_CHECK(o->frames && o->owner && o->mapped && o->root);
	m->owners = o;
	model_check_owners(m);
}

void model_owners_free(struct model *m)
{
	free(m->owners->frames);
	free(m->owners->owner);
	free(m->owners->mapped);
	free(m->owners->root);
	free(m->owners);
}
