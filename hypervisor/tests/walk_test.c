// SPDX-License-Identifier: GPL-2.0
/*
 * HvTranslateVirtualAddress by chance: page tables, control registers and
 * rights at random, each answer compared with a second walk that is written
 * down as a table of levels. WALKS=n: more of them.
 */
#include "calls.h"

#include <hv/registers.h>
#include <stdlib.h>
#include <string.h>

#define FIRST 300 /* the root's page that is the child's page 0 */
#define PAGES 8
#define USED 64 /* bytes of each page that have entries in them */
#define WALKS 200000
#define PAGE(n) ((u64)(n) << HV_PAGE_SHIFT)
#define APIC 0xfee00ULL

struct level {
	u8 shift, bits;
	bool large; /* may be the last */
	u64 zero; /* bits that have to be */
	u64 zero_if_last; /* likewise, in a large page */
};

static const struct level four[] = {
	{ 39, 9, false, 0x000f000000000180, 0 },
	{ 30, 9, true, 0x000f000000000000, 0x3fffe000 },
	{ 21, 9, true, 0x000f000000000000, 0x001fe000 },
	{ 12, 9, false, 0x000f000000000000, 0 },
	{ 0 },
};

static const struct level three[] = {
	{ 30, 2, false, 0xffff0000000001e6, 0 },
	{ 21, 9, true, 0x7fff000000000000, 0x001fe000 },
	{ 12, 9, false, 0x7fff000000000000, 0 },
	{ 0 },
};

static const struct level two[] = {
	{ 22, 10, true, 0, 0x00200000 },
	{ 12, 10, false, 0, 0 },
	{ 0 },
};

/* What the VP and its memory are like. */
struct world {
	const struct level *levels;
	u64 cr0, cr3, cr4, efer, rflags, pat;
	bool cpl3;
	u32 rights[PAGES]; /* 16: not mapped */
	u8 ram[PAGES][USED]; /* afterwards, if all goes well */
	u64 gva, flags;
};

static u64 seed = 1;

static u32 roll(u32 n)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % n;
}

static u64 some_bit(u32 chance)
{
	return roll(chance) ? 0 : 1ULL << roll(64);
}

static u32 rights_of(const struct world *w, u64 page)
{
	return page < PAGES ? w->rights[page] : 16;
}

static u64 entry_at(const struct world *w, u64 gpa, u32 width)
{
	u64 entry = 0;

	if ((gpa & 4095) < USED)
		memcpy(&entry, &w->ram[gpa >> 12][gpa & 4095], width);
	return entry;
}

/* The result's low 41 bits; *page, and the bits set in w->ram. */
static u64 expected(struct world *w, u64 *page)
{
	bool exempt = w->flags & 8, user = w->cpl3 && !exempt;
	bool paging = w->cr0 >> 31, wide = w->levels != two;
	bool writable = true, users = true, nx = false, no_set = false;
	u64 at[4], table, entry = 0, need = 0, gpa = w->gva, type = 6;
	u64 top = w->levels == four ? 1ULL << 47 : 1ULL << 32;
	u8 bits[4] = {};
	u32 n = 0, i, rights;

	*page = 0;
	if (w->gva >= (paging ? top : 1ULL << 32) &&
	    !(paging && w->levels == four && w->gva >= -top))
		return 1;
	table = w->cr3 & (w->levels == three ? 0xffffffe0ULL :
						0xffffffffff000ULL);
	for (; paging; n++) {
		const struct level *l = &w->levels[n];
		u32 width = wide ? 8 : 4;
		bool last;

		at[n] = table + (w->gva >> l->shift & ((1 << l->bits) - 1)) *
				width;
		if (at[n] >> 12 == APIC)
			return 7;
		rights = rights_of(w, at[n] >> 12);
		if (rights == 16)
			return 4;
		if (!(rights & 1))
			return 5;
		entry = entry_at(w, at[n], width);
		if (!(entry & 1))
			return 1;
		last = !l[1].shift || (l->large && (entry & 0x80) &&
				       (wide || (w->cr4 & 0x10)));
		if ((entry & l->zero) ||
		    (last && l[1].shift && (entry & l->zero_if_last)) ||
		    (entry >> 63 && !(w->efer & 0x800)))
			return 3;
		if (w->levels != three || n) {
			writable &= entry >> 1 & 1;
			users &= entry >> 2 & 1;
			nx |= entry >> 63;
			bits[n] = 0x20 & ~entry;
			no_set |= bits[n] && !(rights & 2);
		}
		table = entry & 0xffffffffff000ULL;
		if (!last)
			continue;
		if ((w->flags & 2) && !(entry & 0x40)) {
			bits[n] |= 0x40;
			no_set |= !(rights & 2);
		}
		gpa = (table & ~((1ULL << l->shift) - 1)) |
		      (w->gva & ((1ULL << l->shift) - 1));
		if (!wide && l[1].shift)
			gpa = (entry & 0xffc00000) |
			      (entry & 0x1fe000) << 19 | (w->gva & 0x3fffff);
		i = (entry >> 3 & 3) |
		    (entry >> (l[1].shift ? 12 : 7) & 1) << 2;
		type = w->pat >> 8 * i & 0xff;
		type = type == 7 ? 0 : type;
		n++;
		break;
	}
	if (paging) {
		if ((user && !users) || ((w->flags & 4) && nx))
			return 2;
		if ((w->flags & 2) && !writable &&
		    (user || (w->cr0 & 0x10000)))
			return 2;
		if (!user && !exempt && users &&
		    (((w->flags & 4) && (w->cr4 >> 20 & 1)) ||
		     ((w->flags & 3) && (w->cr4 >> 21 & 1) &&
		      !(w->rflags >> 18 & 1))))
			return 2;
	}
	rights = gpa >> 12 == APIC ? 3 : rights_of(w, gpa >> 12);
	if (rights == 16)
		return 4;
	need = (w->flags & 3) | (w->flags & 4 ? 4 : 0);
	need &= ~(u64)rights;
	if (need && gpa >> 12 == APIC)
		return 7;
	if (need)
		return need & 2 ? 6 : 5;
	if ((w->flags & 0x10) && no_set)
		return 6;
	for (i = 0; i < n && (w->flags & 0x10); i++)
		w->ram[at[i] >> 12][at[i] & 4095] |= bits[i];
	*page = gpa >> 12;
	if (w->cr0 >> 30 & 1)
		type = 0;
	return type << 32 | (u64)(gpa >> 12 == APIC) << 40;
}

static void set(struct host *h, u64 id, u32 name, u64 low, u64 high)
{
	const struct hv_input_set_vp_registers in = { .partition_id = id };
	const u64 list[512] = { name, 0, low, high };

	assert_result(call_rep(h, HVCALL_SET_VP_REGISTERS, 1, 0, &in,
			       sizeof(in), list), 0, 1);
}

static void new_processor(struct host *h, u64 id, struct world *w)
{
	static const u8 types[] = { 0, 1, 4, 5, 6, 7 };
	u32 mode = roll(10), i;

	w->levels = mode < 5 ? four : mode < 7 ? three : two;
	w->cr0 = (roll(20) ? 0x80000001 : 1) | roll(2) << 16 |
		 (u64)!roll(10) << 30;
	w->cr3 = PAGE(roll(PAGES)) | 0x18;
	if (w->levels == three)
		w->cr3 = PAGE(roll(PAGES)) | roll(2) << 5;
	w->cr4 = (w->levels == two ? 0 : 0x20) | roll(2) << 4 |
		 !roll(3) << 20 | !roll(3) << 21;
	w->efer = (w->levels == four ? 0x500 : 0) | (roll(4) ? 0x800 : 0);
	w->cpl3 = roll(2);
	w->rflags = 2 | roll(2) << 18;
	w->pat = 0;
	for (i = 0; i < 64; i += 8)
		w->pat |= (u64)types[roll(ARRAY_SIZE(types))] << i;
	set(h, id, HV_X64_REGISTER_CR0, w->cr0, 0);
	set(h, id, HV_X64_REGISTER_CR3, w->cr3, 0);
	set(h, id, HV_X64_REGISTER_CR4, w->cr4, 0);
	set(h, id, HV_X64_REGISTER_EFER, w->efer, 0);
	set(h, id, HV_X64_REGISTER_PAT, w->pat, 0);
	set(h, id, HV_X64_REGISTER_RFLAGS, w->rflags, 0);
	set(h, id, HV_X64_REGISTER_SS, 0,
	    (w->cpl3 ? 0x00f3ULL : 0x0093ULL) << 48);
	for (i = 0; i < PAGES; i++) {
		static const u8 some[] = { 0, 1, 3, 0xd, 16 };

		w->rights[i] = roll(5) ? 0xf : some[roll(5)];
		assert_result(unmap(h, id, i, 1), 0, 1);
		if (w->rights[i] != 16)
			assert_result(map(h, id, i, w->rights[i], FIRST + i,
					  1), 0, 1);
	}
}

/* Mostly what leads on to another table, or to a page. */
static u64 new_entry(const struct world *w)
{
	u64 entry = PAGE(roll(20) ? roll(PAGES + 1) : APIC);

	entry |= (roll(12) ? 1 : 0) | (roll(4) ? 6 : roll(4) << 1) |
		 roll(256) << 3 | some_bit(12);
	if (w->levels == three && roll(2))
		entry &= ~0x1e6ULL;
	if (roll(4))
		entry &= ~0x180ULL; /* PS, PAT, G */
	return entry | (u64)!roll(10) << 63;
}

static void new_tables(struct host *h, struct world *w)
{
	u32 i, n;

	for (i = 0; i < PAGES; i++) {
		for (n = 0; n < USED; n += w->levels == two ? 4 : 8) {
			u64 entry = new_entry(w);

			memcpy(&w->ram[i][n], &entry,
			       w->levels == two ? 4 : 8);
		}
		memcpy(host_page(h, FIRST + i), w->ram[i], USED);
	}
}

static void by_chance(void **state)
{
	const char *more = getenv("WALKS");
	u32 walks = more ? atoi(more) : WALKS, seen[8] = {}, i, n;
	struct host *h = *state;
	u64 id = make_active(h, 100, 40), want, page;
	struct hv_input_translate_virtual_address in = { .partition_id = id };
	const struct level *l;
	struct world w;

	assert_status(create_vp(h, id, 0), SUCCESS);
	for (i = 0; i < PAGES; i++)
		memset(host_page(h, FIRST + i), 0, HV_PAGE_SIZE);
	for (i = 0; i < walks; i++) {
		if (!(i % 16))
			new_processor(h, id, &w);
		new_tables(h, &w);
		w.gva = 0;
		for (l = w.levels; l->shift; l++)
			w.gva |= (u64)roll(l->bits == 2 ? 4 : 8) << l->shift;
		if (!(w.cr0 >> 31))
			w.gva = PAGE(roll(PAGES + 1));
		w.gva |= some_bit(40) & ~4095ULL;
		w.flags = 1 + roll(7) + 8 * !roll(4) + 0x10 * roll(2);
		in.control_flags = w.flags;
		in.gva_page = w.gva >> HV_PAGE_SHIFT;
		want = expected(&w, &page);
		assert_status(call_simple(h, HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
					  &in, sizeof(in)), SUCCESS);
		assert_int_equal(call_output(h)[0], want);
		assert_int_equal(call_output(h)[1], page);
		for (n = 0; n < PAGES; n++)
			assert_memory_equal(host_page(h, FIRST + n), w.ram[n],
					    USED);
		seen[want & 7]++;
	}
	/* One that never gets anywhere shows nothing. */
	for (i = 0; i < ARRAY_SIZE(seen); i++)
		assert_true(seen[i] >= walks / 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("C-translate-1 C-translate-2 C-translate-3 by chance",
			  by_chance),
	};

	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
