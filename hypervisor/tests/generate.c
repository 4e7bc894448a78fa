// SPDX-License-Identifier: GPL-2.0
/*
 * Calls by chance, for the stress test and the fuzzer: mostly sensible ones,
 * so that they get somewhere, and now and then one bit wrong. The model knows
 * what to answer to each.
 */
#include <hv/registers.h>

#include "model.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

u32 roll(struct dice *d, u32 n)
{
	u32 value = 0, i;

	if (!d->data) {
		d->seed ^= d->seed << 13;
		d->seed ^= d->seed >> 7;
		d->seed ^= d->seed << 17;
		return (d->seed >> 20) % n;
	}
	for (i = n - 1; i && d->left; i >>= 8, d->left--)
		value = value << 8 | *d->data++;
	return value % n;
}

static bool once_in(struct dice *d, u32 n)
{
	return !roll(d, n);
}

static u64 any_u64(struct dice *d)
{
	return (u64)roll(d, 0x10000) << 48 | (u64)roll(d, 0x10000) << 32 |
	       (u64)roll(d, 0x10000) << 16 | roll(d, 0x10000);
}

static u64 some_partition(struct model *m, struct dice *d)
{
	u32 wanted = roll(d, 24), i;

	if (wanted < 3)
		return wanted ? HV_PARTITION_ID_SELF : HVC_ROOT_ID;
	if (wanted == 3)
		return roll(d, 2) ? m->last_id + roll(d, 3) : 0;
	/* The nth child that is there. */
	wanted = roll(d, m->nr_parts);
	for (i = 1; i < HVC_MAX_PARTITIONS && wanted; i++)
		if (m->part[i].id && !--wanted)
			return m->part[i].id;
	return HV_PARTITION_ID_SELF;
}

/* Mostly one of the first: others are there to be mapped by large pages. */
static u64 some_page(struct model *m, struct dice *d)
{
	if (once_in(d, 200))
		return any_u64(d);
	if (m->nr > m->small && !once_in(d, 1000))
		return roll(d, m->small);
	return roll(d, m->nr + 2);
}

static u64 some_large_page(struct model *m, struct dice *d)
{
	return (1 + roll(d, m->nr >> 9)) << 9;
}

/* More often than not one that the root has, and nobody else. */
static u64 free_page(struct model *m, struct dice *d)
{
	u64 pfn = some_page(m, d), i;

	if (once_in(d, 4))
		return pfn;
	for (i = 0; i < 64; i++, pfn++)
		if (pfn < m->nr && m->owner[pfn] == MODEL_ROOT &&
		    !m->mapped[pfn])
			break;
	return pfn;
}

/* Places that share more or fewer tables, some at the end of the space. */
static u64 some_gpfn(struct dice *d)
{
	static const u64 bases[] = {
		0, 504, 512, 0x3fff8, 1ULL << 27, (1ULL << 27) + 0x200,
		(1ULL << 36) - 12, ~0ULL - 7,
	};

	return bases[roll(d, once_in(d, 16) ? 8 : 6)] + roll(d, 16);
}

/* Where overlay pages and accesses meet. */
static u64 near_gpfn(struct dice *d)
{
	if (once_in(d, 8))
		return 0xfee00; /* where local APICs are at first */
	return roll(d, 2) ? roll(d, 16) : some_gpfn(d);
}

static u64 some_proximity(struct dice *d)
{
	u32 kind = roll(d, 16);

	if (kind < 8)
		return 0;
	if (kind == 15)
		return any_u64(d);
	return hv_proximity(roll(d, HOST_DOMAINS), kind & 1);
}

static u64 some_register(struct dice *d)
{
	static const u32 pages[] = {
		HV_X64_REGISTER_HYPERCALL, HV_REGISTER_GUEST_OS_ID,
		HV_REGISTER_VP_ASSIST_PAGE, HV_REGISTER_REFERENCE_TSC,
		HV_REGISTER_SIMP, HV_REGISTER_SIEFP,
	};

	if (once_in(d, 4))
		return pages[roll(d, ARRAY_SIZE(pages))];
	switch (roll(d, 12)) {
	case 0:
		return HV_X64_REGISTER_APIC_BASE;
	case 1:
		return HV_X64_REGISTER_APIC_ID + roll(d, 62);
	case 2:
		return HV_REGISTER_VP_RUNTIME + roll(d, 24);
	case 3:
		return HV_X64_REGISTER_MTRR_CAP + roll(d, 120);
	case 4:
		return HV_REGISTER_SINT0 + roll(d, 24);
	case 5:
		return HV_REGISTER_STIMER0_CONFIG + roll(d, 9);
	}
	return HV_X64_REGISTER_RAX + (once_in(d, 50) ? (any_u64(d) & 0xffff) :
						       roll(d, 16));
}

/* One that the register takes, mostly. */
static u64 some_value(struct dice *d, u64 name, u32 vp)
{
	u64 page = near_gpfn(d) << HV_PAGE_SHIFT;

	if (once_in(d, 20))
		return any_u64(d);
	if (name == HV_X64_REGISTER_APIC_BASE)
		return page | (vp ? 0 : 0x100) | 0x400 * roll(d, 4);
	if (name > HV_X64_REGISTER_APIC_BASE &&
	    name < HV_X64_REGISTER_HYPERCALL)
		return roll(d, 0x200);
	return page | !once_in(d, 4) | once_in(d, 200) << 1;
}

static u64 some_property(struct dice *d)
{
	static const u32 some[] = {
		HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
		HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
		HV_PARTITION_PROPERTY_SUSPEND,
		HV_PARTITION_PROPERTY_CPU_WEIGHT,
		HV_PARTITION_PROPERTY_TIME_FREEZE,
		HV_PARTITION_PROPERTY_REFERENCE_TIME,
		HV_PARTITION_PROPERTY_COMPATIBILITY_VERSION,
		HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH,
		HV_PARTITION_PROPERTY_GUEST_OS_ID,
	};

	return once_in(d, 8) ? 0x10000 * roll(d, 10) + roll(d, 8) :
			       some[roll(d, ARRAY_SIZE(some))];
}

static const u16 codes[] = {
	HVCALL_CREATE_PARTITION, HVCALL_INITIALIZE_PARTITION,
	HVCALL_INITIALIZE_PARTITION, HVCALL_FINALIZE_PARTITION,
	HVCALL_DELETE_PARTITION, HVCALL_GET_PARTITION_ID,
	HVCALL_GET_NEXT_CHILD_PARTITION, HVCALL_GET_MEMORY_BALANCE,
	HVCALL_GET_MEMORY_BALANCE, HVCALL_CREATE_VP, HVCALL_CREATE_VP,
	HVCALL_DELETE_VP, HVCALL_GET_VP_REGISTERS, HVCALL_SET_VP_REGISTERS,
	HVCALL_SET_VP_REGISTERS,
	HVCALL_DEPOSIT_MEMORY, HVCALL_DEPOSIT_MEMORY, HVCALL_DEPOSIT_MEMORY,
	HVCALL_DEPOSIT_MEMORY, HVCALL_WITHDRAW_MEMORY, HVCALL_WITHDRAW_MEMORY,
	HVCALL_WITHDRAW_MEMORY, HVCALL_MAP_GPA_PAGES, HVCALL_MAP_GPA_PAGES,
	HVCALL_MAP_GPA_PAGES, HVCALL_MAP_GPA_PAGES, HVCALL_UNMAP_GPA_PAGES,
	HVCALL_UNMAP_GPA_PAGES, HVCALL_READ_GPA, HVCALL_READ_GPA,
	HVCALL_WRITE_GPA, HVCALL_WRITE_GPA, HVCALL_WRITE_GPA,
	HVCALL_TRANSLATE_VIRTUAL_ADDRESS, HVCALL_GET_PARTITION_PROPERTY,
	HVCALL_SET_PARTITION_PROPERTY,
};

#define WORDS 80

/* Header and list of a call, in 8-byte words; returns the rep count. */
static u32 fill(struct model *m, struct dice *d, u16 code, u64 *in)
{
	u32 count = 0, i;
	bool down;
	u64 page;

	in[0] = some_partition(m, d);
	switch (code) {
	case HVCALL_CREATE_PARTITION:
		/* Not too many: the interesting things happen in them. */
		if (m->nr_parts > 10 && !once_in(d, 20))
			return 0xffff;
		in[0] = once_in(d, 8) ? 1ULL << roll(d, 64) : 0;
		in[1] = some_proximity(d);
		break;
	case HVCALL_GET_PARTITION_PROPERTY:
	case HVCALL_SET_PARTITION_PROPERTY:
		in[1] = some_property(d);
		in[2] = once_in(d, 3) ? any_u64(d) : roll(d, 50);
		/* Or what VPs cannot all have. */
		if (once_in(d, 4)) {
			in[1] = HV_PARTITION_PROPERTY_CPU_RESERVE;
			in[2] = 0x8000 + roll(d, 0x8001);
		}
		break;
	case HVCALL_FINALIZE_PARTITION:
		if (!once_in(d, 8))
			return 0xffff;
		break;
	case HVCALL_GET_NEXT_CHILD_PARTITION:
		in[1] = once_in(d, 3) ? 0 : some_partition(m, d);
		break;
	case HVCALL_GET_MEMORY_BALANCE:
		in[1] = some_proximity(d);
		break;
	case HVCALL_CREATE_VP:
	case HVCALL_DELETE_VP:
		in[1] = once_in(d, 10) ? any_u64(d) :
			roll(d, code == HVCALL_CREATE_VP ? 3 : 20);
		in[3] = code == HVCALL_CREATE_VP ? some_proximity(d) : 0;
		in[4] = once_in(d, 20);
		break;
	case HVCALL_GET_VP_REGISTERS:
		count = 1 + roll(d, 40);
		in[1] = roll(d, 3);
		for (i = 0; i < count; i++)
			in[2 + i / 2] |= some_register(d) << 32 * (i & 1);
		break;
	case HVCALL_SET_VP_REGISTERS:
		count = 1 + roll(d, 18);
		in[1] = roll(d, 2);
		for (i = 0; i < count; i++) {
			in[2 + 4 * i] = some_register(d);
			in[4 + 4 * i] = some_value(d, in[2 + 4 * i], in[1]);
			in[5 + 4 * i] = once_in(d, 50);
		}
		break;
	case HVCALL_DEPOSIT_MEMORY:
		count = 1 + roll(d, roll(d, 4) ? 12 : 60);
		page = free_page(m, d);
		down = once_in(d, 4);
		for (i = 0; i < count; i++)
			in[1 + i] = down ? page - i : page + i;
		if (once_in(d, 3))
			in[1 + roll(d, count)] = some_page(m, d);
		break;
	case HVCALL_WITHDRAW_MEMORY:
		count = 1 + roll(d, roll(d, 4) ? 6 : 60);
		in[1] = some_proximity(d);
		break;
	case HVCALL_MAP_GPA_PAGES:
		count = 1 + roll(d, 20);
		in[1] = some_gpfn(d);
		in[2] = once_in(d, 4) ? roll(d, 16) : roll(d, 2) ? 15 : 3;
		if (once_in(d, 20))
			in[2] |= 1U << roll(d, 32);
		page = free_page(m, d);
		if (once_in(d, 8)) {
			in[1] &= ~511ULL;
			in[2] |= HV_MAP_GPA_LARGE_PAGE;
			count = 1 + roll(d, 2);
			page = some_large_page(m, d);
		}
		if (in[0] == HVC_ROOT_ID || in[0] == HV_PARTITION_ID_SELF)
			in[1] = page;
		for (i = 0; i < count; i++)
			in[3 + i] = page + i * (in[2] >> 31 & 1 ? 512 : 1);
		if (once_in(d, 3))
			in[3 + roll(d, count)] = some_page(m, d);
		break;
	case HVCALL_UNMAP_GPA_PAGES:
		count = 1 + roll(d, 40);
		in[1] = some_gpfn(d);
		in[2] = once_in(d, 20) ? 1U << roll(d, 32) : 0;
		if (once_in(d, 8)) {
			in[1] &= ~511ULL;
			in[2] |= HV_UNMAP_GPA_LARGE_PAGE;
			count = 1 + roll(d, 3);
		}
		break;
	case HVCALL_TRANSLATE_VIRTUAL_ADDRESS:
		in[1] = roll(d, 3);
		in[2] = once_in(d, 8) ? any_u64(d) : 1 + roll(d, 63);
		in[3] = once_in(d, 8) ? any_u64(d) : near_gpfn(d);
		break;
	case HVCALL_READ_GPA:
	case HVCALL_WRITE_GPA:
		in[1] = roll(d, once_in(d, 4) ? 5 : 2) |
			(u64)roll(d, 18) << 32;
		in[2] = near_gpfn(d) << 12 | roll(d, 4096);
		in[3] = once_in(d, 6) ? roll(d, 10) : HV_CACHE_TYPE_WRITE_BACK;
		in[4] = any_u64(d);
		in[5] = any_u64(d);
		break;
	}
	return count;
}

/* A page that the root has, other than one; from where it was on. */
static u64 list_page(struct model *m, u64 from, u64 other)
{
	u64 pfn = from, i;

	for (i = 0; i < m->nr; i++, pfn = (pfn + 1) % m->nr)
		if (pfn != other && m->owner[pfn] == MODEL_ROOT)
			return pfn;
	HOST_CHECK(false);
	return 0;
}

static u64 wrong_pointer(struct model *m, struct dice *d, u64 good)
{
	switch (roll(d, 4)) {
	case 0:
		return good + roll(d, 8);
	case 1:
		return good | (HV_PAGE_SIZE - 8 - 8 * roll(d, 40));
	case 2:
		return some_page(m, d) << HV_PAGE_SHIFT;
	}
	return any_u64(d);
}

void model_step(struct model *m, struct dice *d)
{
	static const u32 budgets[] = { 1, 2, 7, 64, 4095 };
	u16 code = codes[roll(d, ARRAY_SIZE(codes))];
	u64 in[WORDS] = {}, words[HVC_FAST_WORDS], control, input, output;
	u32 count = fill(m, d, code, in), start = 0;
	bool fast = once_in(d, 5);

	if (count == 0xffff)
		return;
	/* Most of what is in registers should fit them. */
	if (fast && count && !once_in(d, 20))
		count = 1 + roll(d, 13);
	if (once_in(d, 300)) {
		m->fast_any = !m->fast_any;
		m->host->hv.cfg.fast_any = m->fast_any;
	}
	if (count && once_in(d, 8))
		start = roll(d, count);
	control = hv_control_rep(code, count, start) |
		  (fast ? HV_CONTROL_FAST : 0);
	if (once_in(d, 50))
		m->host->hv.cfg.rep_budget = budgets[roll(d, 5)];
	if (once_in(d, 30))
		control ^= 1ULL << roll(d, 64);
	if (once_in(d, 30))
		in[roll(d, 6)] ^= 1ULL << roll(d, 64);
	/* The debug call could change what the model does not know. */
	if (hv_control_code(control) == HVCALL_DEBUG)
		return;
	/* The pages of both lists must not overlap: the result is undefined. */
	m->in = list_page(m, m->in, m->out);
	m->out = list_page(m, m->out, m->in);
	input = (m->in << HV_PAGE_SHIFT) + 8 * roll(d, 100);
	output = (m->out << HV_PAGE_SHIFT) + 8 * roll(d, 100);
	model_poke(m, m->in, input & HV_PAGE_MASK, in, sizeof(in));
	memcpy(words, in, sizeof(words));
	if (control & HV_CONTROL_FAST) {
		model_call(m, control, words);
		return;
	}
	if (once_in(d, 40)) {
		u64 wrong = wrong_pointer(m, d, input);

		if (wrong >> HV_PAGE_SHIFT != m->out)
			input = wrong;
	} else if (once_in(d, 40)) {
		u64 wrong = wrong_pointer(m, d, output);

		if (wrong >> HV_PAGE_SHIFT != m->in)
			output = wrong;
	}
	words[0] = input;
	words[1] = output;
	model_call(m, control, words);
}

static void *zeroes(u64 bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	HOST_CHECK(p != MAP_FAILED);
	return p;
}

struct model *model_new(u64 pages, u64 small)
{
	struct model *m = calloc(1, sizeof(*m));
	struct hvc_config cfg;
	u64 i;

	HOST_CHECK(m);
	host_config(&cfg);
	cfg.nr_pfns = pages;
	host_filled = small;
	m->host = host_new(&cfg, pages, 0);
	m->nr = pages;
	m->small = small;
	m->owner = calloc(pages, sizeof(*m->owner));
	m->mapped = calloc(pages, sizeof(*m->mapped));
	m->touched = calloc(pages, sizeof(*m->touched));
	m->shadow = zeroes(pages * HV_PAGE_SIZE);
	HOST_CHECK(m->owner && m->mapped && m->touched);
	for (i = 0; i < pages; i++) {
		if (i >= HOST_HV_FIRST && i < HOST_HOLE_END)
			m->owner[i] = MODEL_NOT_RAM;
		if (i < small)
			memcpy(model_page(m, i), host_ram(m->host, i),
			       HV_PAGE_SIZE);
	}
	m->part[0].id = HVC_ROOT_ID;
	m->part[0].state = MODEL_ACTIVE;
	model_root_properties(m);
	m->nr_parts = 1;
	m->last_id = HVC_ROOT_ID;
	m->in = HOST_IN;
	m->out = HOST_OUT;
	model_owners_new(m);
	return m;
}

void model_free(struct model *m)
{
	u32 i;

	model_owners_free(m);
	host_free(m->host);
	for (i = 0; i < HVC_MAX_PARTITIONS; i++) {
		model_drop_overlays(&m->part[i]);
		free(m->part[i].overlays);
		free(m->part[i].maps);
		free(m->part[i].registers);
	}
	free(m->owner);
	free(m->mapped);
	free(m->touched);
	munmap(m->shadow, m->nr * HV_PAGE_SIZE);
	free(m);
}

u8 *model_page(struct model *m, u64 pfn)
{
	m->touched[pfn] = true;
	return m->shadow + pfn * HV_PAGE_SIZE;
}

void model_poke(struct model *m, u64 pfn, u32 offset, const void *data,
		u32 bytes)
{
	memcpy((u8 *)host_page(m->host, pfn) + offset, data, bytes);
	memcpy(model_page(m, pfn) + offset, data, bytes);
}

void model_audit(struct model *m, bool all)
{
	u64 values[HV_DEBUG_NR_AUDIT], roots = 0, mapped = 0, deposited = 0;
	u64 in_use = 0, i;

	host_audit(m->host, values);
	HOST_CHECK(!values[HV_DEBUG_AUDIT_ERRORS]);
	for (i = 0; i < m->nr; i++) {
		bool is_roots = m->owner[i] == MODEL_ROOT;

		HOST_CHECK(host_reaches(m->host, i) == is_roots);
		roots += is_roots;
		mapped += !!m->mapped[i];
		if (is_roots && (all || m->touched[i]))
			HOST_CHECK(!memcmp(host_ram(m->host, i),
					   m->shadow + i * HV_PAGE_SIZE,
					   HV_PAGE_SIZE));
	}
	for (i = 0; i < HVC_MAX_PARTITIONS; i++) {
		deposited += m->part[i].deposited;
		in_use += m->part[i].in_use;
	}
	HOST_CHECK(values[HV_DEBUG_ROOT_PAGES] == roots);
	HOST_CHECK(values[HV_DEBUG_MAPPED_PAGES] == mapped);
	HOST_CHECK(values[HV_DEBUG_USED_PAGES] == in_use);
	HOST_CHECK(values[HV_DEBUG_POOL_PAGES] == deposited - in_use);
	HOST_CHECK(values[HV_DEBUG_PARTITIONS] == m->nr_parts);
}
