// SPDX-License-Identifier: GPL-2.0
/* The model: pools, GPA spaces, and access to them. */
#include <stdlib.h>

#include "model_ask.h"

bool model_bad_proximity(u64 proximity)
{
	if (proximity << 1 >> 34)
		return true;
	return proximity >> 63 && (u32)proximity >= HOST_DOMAINS;
}

/* Available pages of a domain, at the most. */
static u64 most_of(const struct model_partition *p, u64 domain)
{
	u64 all = p->by_domain[domain];

	return all < available(p) ? all : available(p);
}

/* And at the least: which pages are in use is the core's choice. */
static u64 least_of(const struct model_partition *p, u64 domain)
{
	u64 all = p->by_domain[domain];

	return all > p->in_use ? all - p->in_use : 0;
}

/* Is there memory for something near? When it may be, the answer says it. */
bool model_has(const struct ask *a, const struct model_partition *p,
	       u64 proximity, u64 pages)
{
	if (!(proximity >> 63) || (proximity >> 32 & 1))
		return available(p) >= pages;
	if (least_of(p, proximity & 3) >= pages)
		return true;
	return most_of(p, proximity & 3) >= pages &&
	       a->result != HV_STATUS_INSUFFICIENT_MEMORY;
}

static u32 deposit(struct ask *a, u32 rep)
{
	u64 pfn = u64_at(a->in, 8 + 8 * rep);
	struct model *m = a->m;

	if (!pfn || !is_roots(m, pfn) || m->mapped[pfn])
		return HV_STATUS_OPERATION_DENIED;
	if (!(a->control & HV_CONTROL_FAST) && pfn == a->input >> 12)
		return HV_STATUS_OBJECT_IN_USE;
	m->owner[pfn] = 1 + (a->p - m->part);
	a->p->deposited++;
	a->p->by_domain[host_domain(pfn)]++;
	return 0;
}

/* A page came out of a pool: was it in there, and is it empty? */
static void withdrawn(struct ask *a, u64 pfn)
{
	static const u8 zero[HV_PAGE_SIZE];
	struct model *m = a->m;
	u64 mark[2] = { pfn, m->calls };

	CHECK(a, pfn < m->nr && m->owner[pfn] == 1 + (a->p - m->part));
	CHECK(a, host_reaches(m->host, pfn));
	CHECK(a, !memcmp(host_ram(m->host, pfn), zero, HV_PAGE_SIZE));
	m->owner[pfn] = MODEL_ROOT;
	a->p->deposited--;
	a->p->by_domain[host_domain(pfn)]--;
	memset(model_page(m, pfn), 0, HV_PAGE_SIZE);
	/* So that the next to have it would see it, were it not cleared. */
	model_poke(m, pfn, 8 * (m->calls % 500), mark, sizeof(mark));
}

/* Which page comes is the core's choice; how many, not always ours to say. */
static u32 withdraw(struct ask *a, u32 start, u32 count, u32 *done)
{
	u64 proximity = u64_at(a->in, 8);
	struct model_partition *p = a->p;
	u32 n = hv_result_reps(a->result) - start, i;
	bool only = proximity >> 63 && !(proximity >> 32 & 1);
	u64 free_pages = available(p), others = 0;
	u64 domain = proximity & 3;

	if (model_bad_proximity(proximity))
		return HV_STATUS_INVALID_PARAMETER;
	count -= start;
	if (only) {
		CHECK(a, n <= most_of(p, domain));
		CHECK(a, n == count || n >= least_of(p, domain));
	} else {
		CHECK(a, n == (count < free_pages ? count : free_pages));
	}
	for (i = 0; i < n; i++) {
		u64 pfn = u64_at(a->out, 8 * (start + i));

		withdrawn(a, pfn);
		if (host_domain(pfn) != domain)
			others++;
		else
			CHECK(a, !(proximity >> 63) || !others);
	}
	CHECK(a, !only || !others);
	*done = start + n;
	return n < count ? HV_STATUS_NO_RESOURCES : 0;
}

u32 model_balance(struct ask *a)
{
	u64 proximity = u64_at(a->in, 8), answer = u64_at(a->out, 0);
	struct model_partition *p = a->p;

	if (model_bad_proximity(proximity))
		return HV_STATUS_INVALID_PARAMETER;
	CHECK(a, a->result || u64_at(a->out, 8) == p->in_use);
	if (proximity >> 63)
		CHECK(a, a->result ||
		      (answer <= most_of(p, proximity & 3) &&
		       answer >= least_of(p, proximity & 3)));
	else
		CHECK(a, a->result || answer == available(p));
	return 0;
}

static struct model_map *find_map(struct model_partition *p, u64 gpfn)
{
	u32 i;

	for (i = 0; i < p->nr_maps; i++)
		if (gpfn - p->maps[i].gpfn < p->maps[i].pages)
			return &p->maps[i];
	return NULL;
}

/*
 * Tables below the top one that only this mapping needs, or would need. A
 * large one has none of leaves.
 */
static u32 tables_for(struct model_partition *p, u64 gpfn, u32 pages)
{
	u32 first = pages > 1, least = 3, i, level;

	for (i = 0; i < p->nr_maps && least > first; i++) {
		level = p->maps[i].pages > 1 ? 1 : first;
		for (; level < least; level++)
			if (!((p->maps[i].gpfn ^ gpfn) >> 9 * (level + 1)))
				least = level;
	}
	return least - first;
}

static void count_map(struct model *m, struct model_map *map, int by)
{
	u32 i;

	for (i = 0; i < map->pages; i++)
		m->mapped[map->pfn + i] += by;
}

static void drop_map(struct model *m, struct model_partition *p,
		     struct model_map *map)
{
	struct model_map gone = *map;

	count_map(m, map, -1);
	*map = p->maps[--p->nr_maps];
	p->in_use -= tables_for(p, gone.gpfn, gone.pages);
}

static void add_map(struct ask *a, struct model_map map)
{
	struct model_partition *p = a->p;

	if (p->nr_maps == p->room) {
		p->room = 2 * p->room + 16;
		p->maps = realloc(p->maps, p->room * sizeof(map));
		CHECK(a, p->maps);
	}
	count_map(a->m, &map, 1);
	p->maps[p->nr_maps++] = map;
}

/* A large mapping becomes small ones, for a table of the pool. */
static u32 split(struct ask *a, struct model_map *map)
{
	struct model_map one = *map;
	u32 i;

	if (!available(a->p))
		return HV_STATUS_INSUFFICIENT_MEMORY;
	a->m->splits++;
	a->p->in_use++;
	count_map(a->m, map, -1);
	*map = a->p->maps[--a->p->nr_maps];
	one.pages = 1;
	for (i = 0; i < 512; i++, one.gpfn++, one.pfn++)
		add_map(a, one);
	return 0;
}

/* All in the place of a large page goes. */
static void clear_large(struct ask *a, u64 gpfn)
{
	u32 i = 0;

	while (i < a->p->nr_maps) {
		if (a->p->maps[i].gpfn >> 9 == gpfn >> 9)
			drop_map(a->m, a->p, &a->p->maps[i]);
		else
			i++;
	}
}

/* The same, when something else comes there: upper tables stay. */
static void remove_small(struct ask *a, u64 gpfn)
{
	struct model_partition *p = a->p;
	u32 i = 0;

	while (i < p->nr_maps) {
		if (p->maps[i].gpfn >> 9 == gpfn >> 9) {
			count_map(a->m, &p->maps[i], -1);
			p->maps[i] = p->maps[--p->nr_maps];
		} else {
			i++;
		}
	}
}

static bool any_in(struct model_partition *p, u64 gpfn)
{
	u32 i;

	for (i = 0; i < p->nr_maps; i++)
		if (p->maps[i].gpfn >> 9 == gpfn >> 9)
			return true;
	return false;
}

static u32 map_page(struct ask *a, u64 gpfn, u64 source, u32 flags)
{
	struct model_map new = {
		gpfn, source, flags >> 31 ? 512 : 1, flags & 0xf,
	};
	struct model_partition *p = a->p;
	struct model *m = a->m;
	struct model_map *map;
	u32 tables, i, status;

	if ((flags & ~0x8001800f) || (new.rights && !(new.rights & 1)) ||
	    ((flags & 0x10000) && new.rights) || gpfn >> 36 || source >> 36 ||
	    gpfn % new.pages || source % new.pages)
		return HV_STATUS_INVALID_PARAMETER;
	for (i = 0; i < new.pages && is_roots(m, source + i); i++)
		;
	if (p == &m->part[0]) {
		if (gpfn != source || i < new.pages)
			return HV_STATUS_ACCESS_DENIED;
		return new.rights == 0xf ? 0 : HV_STATUS_OPERATION_DENIED;
	}
	if (i < new.pages)
		return HV_STATUS_OPERATION_DENIED;
	map = find_map(p, gpfn);
	if (new.pages == 1 && map && map->pages > 1) {
		status = split(a, map);
		if (status)
			return status;
		map = find_map(p, gpfn);
	}
	if (new.pages == 1 ? !map : !any_in(p, gpfn)) {
		tables = tables_for(p, gpfn, new.pages);
		if (tables > available(p))
			return HV_STATUS_INSUFFICIENT_MEMORY;
		m->large_maps += new.pages > 1;
		p->in_use += tables;
		add_map(a, new);
	} else if (map && map->pages == new.pages) {
		count_map(m, map, -1);
		*map = new;
		count_map(m, map, 1);
	} else {
		/* Small ones give way to a large one, and so does their table. */
		remove_small(a, gpfn);
		p->in_use--;
		add_map(a, new);
	}
	return 0;
}

static u32 unmap_page(struct ask *a, u64 gpfn, u32 flags)
{
	struct model_map *map;
	u32 status;

	if ((flags & ~3U) || gpfn >> 36 || ((flags & 2) && gpfn % 512))
		return HV_STATUS_INVALID_PARAMETER;
	if (flags & 2) {
		clear_large(a, gpfn);
		return 0;
	}
	map = find_map(a->p, gpfn);
	if (map && map->pages > 1) {
		status = split(a, map);
		if (status)
			return status;
		map = find_map(a->p, gpfn);
	}
	if (map)
		drop_map(a->m, a->p, map);
	return 0;
}

/* It is always allowed; apic_test.c looks at what it does. */
static u32 apic_access(struct ask *a, bool write, u32 bytes)
{
	u32 i;

	a->m->apic_accesses++;
	CHECK(a, a->result || !u64_at(a->out, 0));
	for (i = bytes; !write && i < 16; i++)
		CHECK(a, a->result || !a->out[8 + i]);
	return 0;
}

/* Read (write false) or write; the data is compared with the shadow. */
u32 model_access(struct ask *a, bool write)
{
	u32 vp = u32_at(a->in, 8), bytes = u32_at(a->in, 12), code, i;
	u64 gpa = u64_at(a->in, 16), flags = u64_at(a->in, 24);
	struct model_overlay *overlay;
	struct model_map *map;
	u8 *shadow;
	u32 rights;

	if (vp >= 64 || !a->p->vps[vp])
		return HV_STATUS_INVALID_VP_INDEX;
	if (gpa >> 48 || !bytes || bytes > 16 || gpa % 4096 + bytes > 4096 ||
	    flags > 6 || flags == 2 || flags == 3)
		return HV_STATUS_INVALID_PARAMETER;
	if (model_is_apic(a->p, vp, gpa >> 12))
		return apic_access(a, write, bytes);
	overlay = model_find_overlay(a->p, gpa >> 12, &rights);
	map = find_map(a->p, gpa >> 12);
	if (overlay)
		code = rights & (write ? 2 : 1) ? 0 : 3;
	else
		code = !map ? 1 : map->rights & (write ? 2 : 1) ? 0 : 2;
	a->m->overlay_accesses += !!overlay;
	CHECK(a, a->result || u64_at(a->out, 0) == code);
	if (code) {
		CHECK(a, write || (!u64_at(a->out, 8) && !u64_at(a->out, 16)));
		return 0;
	}
	if (overlay)
		shadow = overlay->bytes + gpa % 4096;
	else
		shadow = model_page(a->m, map->pfn + (gpa >> 12) - map->gpfn) +
			 gpa % 4096;
	if (write)
		memcpy(shadow, a->in + 32, bytes);
	for (i = 0; !write && i < 16; i++)
		CHECK(a, a->out[8 + i] == (i < bytes ? shadow[i] : 0));
	return 0;
}

/*
 * Without paging: the generator leaves CR0 alone. Which of the two rights to
 * execute counts depends on registers that the model does not know.
 */
u32 model_translate(struct ask *a)
{
	u32 vp = u32_at(a->in, 8), code = 0, rights = 3, need;
	u64 flags = u64_at(a->in, 16), page = u64_at(a->in, 24);
	struct model_map *map;
	u64 overlay = 0;

	if (vp >= 64 || !a->p->vps[vp])
		return HV_STATUS_INVALID_VP_INDEX;
	if (flags >> 6 || !(flags & 7) || page >> 52)
		return HV_STATUS_INVALID_PARAMETER;
	if (a->result)
		return 0;
	map = find_map(a->p, page);
	if (page >> 20)
		code = 1;
	else if (model_is_apic(a->p, vp, page) ||
		 model_find_overlay(a->p, page, &rights))
		overlay = 1ULL << 40;
	else if (!map)
		code = 4;
	else
		rights = map->rights;
	if (!code) {
		need = flags & 3 & ~rights;
		if (need || ((flags & 4) && !(rights & 0xc)))
			code = overlay ? 7 : need & 2 ? 6 : 5;
		else if ((flags & 4) && (rights & 0xc) != 0xc)
			code = u64_at(a->out, 0) ? 5 : 0;
	}
	CHECK(a, u64_at(a->out, 0) == (code ? code : overlay));
	CHECK(a, u64_at(a->out, 8) == (code ? 0 : page));
	return 0;
}

void model_drop_maps(struct ask *a)
{
	while (a->p->nr_maps)
		drop_map(a->m, a->p, a->p->maps);
}

/* The elements of a rep call; *done: in the start, out how far it came. */
u32 model_reps(struct ask *a, u32 *done)
{
	u32 count = a->control >> 32 & 0xfff, status = 0, i;
	u64 base = u64_at(a->in, 8), gpfn, step;
	u32 flags = u32_at(a->in, 16);

	if (a->rule->code == HVCALL_WITHDRAW_MEMORY)
		return withdraw(a, *done, count, done);
	step = a->rule->code == HVCALL_MAP_GPA_PAGES ? flags >> 31 : flags >> 1;
	step = step & 1 ? 512 : 1;
	for (i = *done; i < count && !status; i += !status) {
		gpfn = base + i * step;
		if (a->rule->code == HVCALL_DEPOSIT_MEMORY)
			status = deposit(a, i);
		else if (gpfn < base)
			status = HV_STATUS_INVALID_PARAMETER;
		else if (a->rule->code == HVCALL_MAP_GPA_PAGES)
			status = map_page(a, gpfn, u64_at(a->in, 24 + 8 * i),
					  flags);
		else
			status = unmap_page(a, gpfn, flags);
	}
	*done = i;
	return status;
}
