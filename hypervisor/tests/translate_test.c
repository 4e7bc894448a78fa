// SPDX-License-Identifier: GPL-2.0
/* HvTranslateVirtualAddress over page tables that the tests build. */
#include "calls.h"

#include <hv/registers.h>
#include <string.h>

#define R HV_TRANSLATE_GVA_VALIDATE_READ
#define W HV_TRANSLATE_GVA_VALIDATE_WRITE
#define X HV_TRANSLATE_GVA_VALIDATE_EXECUTE
#define EXEMPT HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT
#define SET HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS

#define P 0x1ULL /* of an entry: present, write, user, large, no execute */
#define RW 0x2ULL
#define US 0x4ULL
#define A 0x20ULL
#define D 0x40ULL
#define PS 0x80ULL
#define NX (1ULL << 63)
#define ALL (P | RW | US)

#define PAGE(n) ((u64)(n) << HV_PAGE_SHIFT)

/* GPA pages 0 to 15 are RAM, pages FIRST to FIRST + 15 of the root. */
#define FIRST 300
#define PAGES 16
/* The tables from the top, as far as a mode has them, and a page of data. */
#define TOP 1
#define SECOND 2
#define THIRD 3
#define LOWEST 4
#define DATA 9
#define GVA 0x0000123456789000ULL
#define GVA32 0x56789000ULL

#define CR0 0x80010001ULL /* PG, WP, PE */
#define CR4_PSE 0x10ULL
#define CR4_PAE 0x20ULL
#define CR4_SMEP (1ULL << 20)
#define CR4_SMAP (1ULL << 21)
#define BAD_FLAGS HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS

#define LONG_MODE 0xd00ULL /* NXE, LMA, LME */

static u32 at(u64 gva, u32 shift, u32 bits)
{
	return gva >> shift & ((1U << bits) - 1);
}

static u64 *entry(struct host *h, u32 table, u32 index)
{
	return (u64 *)host_page(h, FIRST + table) + index;
}

static u32 *entry32(struct host *h, u32 table, u32 index)
{
	return (u32 *)host_page(h, FIRST + table) + index;
}

static void set(struct host *h, u64 id, u32 name, u64 value)
{
	assert_result(set_register(h, id, 0, name, value), HV_STATUS_SUCCESS,
		      1);
}

static u64 child(struct host *h)
{
	u64 id = make_active(h, 100, 40);
	u32 i;

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_result(map(h, id, 0, RWX, FIRST, PAGES), 0, PAGES);
	for (i = 0; i < PAGES; i++)
		memset(host_page(h, FIRST + i), 0, HV_PAGE_SIZE);
	return id;
}

/* Long mode, and GVA leads to DATA through tables that allow all. */
static u64 long_mode(struct host *h)
{
	u64 id = child(h);

	set(h, id, HV_X64_REGISTER_CR0, CR0);
	set(h, id, HV_X64_REGISTER_CR3, PAGE(TOP));
	set(h, id, HV_X64_REGISTER_CR4, CR4_PAE);
	set(h, id, HV_X64_REGISTER_EFER, LONG_MODE);
	*entry(h, TOP, at(GVA, 39, 9)) = PAGE(SECOND) | ALL;
	*entry(h, SECOND, at(GVA, 30, 9)) = PAGE(THIRD) | ALL;
	*entry(h, THIRD, at(GVA, 21, 9)) = PAGE(LOWEST) | ALL;
	*entry(h, LOWEST, at(GVA, 12, 9)) = PAGE(DATA) | ALL;
	return id;
}

static u64 call(struct host *h, u64 id, u64 gva, u64 flags)
{
	const struct hv_input_translate_virtual_address in = {
		.partition_id = id,
		.padding = ~0U,
		.control_flags = flags,
		.gva_page = gva >> HV_PAGE_SHIFT,
	};
	u64 result = call_simple(h, HVCALL_TRANSLATE_VIRTUAL_ADDRESS, &in,
				 sizeof(in));

	assert_true(call_output(h)[2] == JUNK);
	return result;
}

static u32 code(struct host *h, u64 id, u64 gva, u64 flags)
{
	assert_status(call(h, id, gva, flags), SUCCESS);
	if ((u32)call_output(h)[0]) {
		assert_int_equal(call_output(h)[0] >> 32, 0);
		assert_int_equal(call_output(h)[1], 0);
	}
	return call_output(h)[0];
}

static void leads_to(struct host *h, u64 id, u64 gva, u64 page)
{
	assert_int_equal(code(h, id, gva, R), HV_TRANSLATE_GVA_SUCCESS);
	assert_int_equal(call_output(h)[1], page);
}

static void no_paging(void **state)
{
	struct host *h = *state;
	u64 id = child(h);

	/* Caches are off after reset. */
	leads_to(h, id, PAGE(3), 3);
	assert_int_equal(call_output(h)[0] >> 32, HV_CACHE_TYPE_UNCACHED);
	set(h, id, HV_X64_REGISTER_CR0, 0x10);
	leads_to(h, id, PAGE(3), 3);
	assert_int_equal(call_output(h)[0] >> 32, HV_CACHE_TYPE_WRITE_BACK);
	assert_int_equal(code(h, id, PAGE(16), R),
			 HV_TRANSLATE_GVA_GPA_UNMAPPED);
	assert_int_equal(code(h, id, 1ULL << 32, R),
			 HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
	/* Who runs makes no difference. */
	set(h, id, HV_X64_REGISTER_RFLAGS, 0x20002);
	leads_to(h, id, PAGE(15), 15);
}

static void four_levels(void **state)
{
	const u64 upper = GVA | 0xffffa00000000000;
	struct host *h = *state;
	u64 id = long_mode(h);

	leads_to(h, id, GVA, DATA);
	/* The upper half is another entry of the top table. */
	assert_int_equal(code(h, id, upper, R),
			 HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
	*entry(h, TOP, at(upper, 39, 9)) = PAGE(SECOND) | ALL;
	leads_to(h, id, upper, DATA);
	assert_int_equal(code(h, id, upper & ~(1ULL << 63), R),
			 HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
	assert_int_equal(code(h, id, GVA | 1ULL << 47, R),
			 HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
	/* Large pages: 2 MiB, then 1 GiB. */
	*entry(h, THIRD, at(GVA, 21, 9)) = ALL | PS;
	assert_int_equal(code(h, id, GVA, R), HV_TRANSLATE_GVA_GPA_UNMAPPED);
	leads_to(h, id, GVA - PAGE(at(GVA, 12, 9)) + PAGE(5), 5);
	*entry(h, SECOND, at(GVA, 30, 9)) = ALL | PS;
	leads_to(h, id, GVA - PAGE(at(GVA, 12, 18)) + PAGE(7), 7);
	*entry(h, SECOND, at(GVA, 30, 9)) = 1ULL << 30 | ALL | PS;
	assert_int_equal(code(h, id, GVA - PAGE(at(GVA, 12, 18)), R),
			 HV_TRANSLATE_GVA_GPA_UNMAPPED);
}

/* Each table in turn: not present, bad, not there, not readable. */
static void each_level(void **state)
{
	static const u64 bad[4] = { 1ULL << 7, 1ULL << 13, 1ULL << 13, 0 };
	struct host *h = *state;
	u64 id = long_mode(h);
	u32 level, bit;

	for (level = 0; level < 4; level++) {
		u64 *e = entry(h, TOP + level, at(GVA, 39 - 9 * level, 9));
		u64 good = *e;

		*e &= ~P;
		assert_int_equal(code(h, id, GVA, R),
				 HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
		/* Not present is looked at first. */
		*e |= 1ULL << 48;
		assert_int_equal(code(h, id, GVA, R),
				 HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
		for (bit = 48; bit < 52; bit++) {
			*e = good | 1ULL << bit;
			assert_int_equal(code(h, id, GVA, R), BAD_FLAGS);
		}
		if (bad[level]) {
			*e = good | bad[level] | (level ? PS : 0);
			assert_int_equal(code(h, id, GVA, R), BAD_FLAGS);
		}
		/* Bits that are free. */
		*e = good | 0x7ff0000000000e00 | A;
		leads_to(h, id, GVA, DATA);
		*e = good | NX;
		leads_to(h, id, GVA, DATA);
		set(h, id, HV_X64_REGISTER_EFER, 0x500);
		assert_int_equal(code(h, id, GVA, R), BAD_FLAGS);
		set(h, id, HV_X64_REGISTER_EFER, LONG_MODE);
		*e = good;
		assert_result(unmap(h, id, TOP + level, 1), 0, 1);
		assert_int_equal(code(h, id, GVA, R),
				 HV_TRANSLATE_GVA_GPA_UNMAPPED);
		assert_result(map(h, id, TOP + level, 0, FIRST + TOP + level,
				  1), 0, 1);
		assert_int_equal(code(h, id, GVA, R),
				 HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS);
		assert_result(map(h, id, TOP + level, RWX, FIRST + TOP + level,
				  1), 0, 1);
		leads_to(h, id, GVA, DATA);
	}
	/* A table in an APIC's page, in no page, beyond the GPA space. */
	set(h, id, HV_X64_REGISTER_CR3, 0xfee00000);
	assert_int_equal(code(h, id, GVA, R),
			 HV_TRANSLATE_GVA_ILLEGAL_OVERLAY_ACCESS);
	set(h, id, HV_X64_REGISTER_CR3, PAGE(0x123456));
	assert_int_equal(code(h, id, GVA, R), HV_TRANSLATE_GVA_GPA_UNMAPPED);
	set(h, id, HV_X64_REGISTER_CR3, 1ULL << 50);
	assert_int_equal(code(h, id, GVA, R), HV_TRANSLATE_GVA_GPA_UNMAPPED);
}

static void pae(void **state)
{
	struct host *h = *state;
	u64 id = child(h), *top, *e;
	u32 bit;

	set(h, id, HV_X64_REGISTER_CR0, CR0);
	set(h, id, HV_X64_REGISTER_CR3, PAGE(TOP) + 0x7e0);
	set(h, id, HV_X64_REGISTER_CR4, CR4_PAE);
	set(h, id, HV_X64_REGISTER_EFER, 0x800);
	top = entry(h, TOP, 0x7e0 / 8 + at(GVA32, 30, 2));
	*top = PAGE(THIRD) | P;
	e = entry(h, THIRD, at(GVA32, 21, 9));
	*e = PAGE(LOWEST) | ALL;
	*entry(h, LOWEST, at(GVA32, 12, 9)) = PAGE(DATA) | ALL;
	leads_to(h, id, GVA32, DATA);
	/* The top entries have neither rights nor A. */
	assert_int_equal(code(h, id, GVA32, W | SET), 0);
	assert_int_equal(*top, PAGE(THIRD) | P);
	assert_int_equal(*e, PAGE(LOWEST) | ALL | A);
	assert_int_equal(code(h, id, GVA32 | 1ULL << 32, R),
			 HV_TRANSLATE_GVA_PAGE_NOT_PRESENT);
	for (bit = 1; bit < 64; bit++) {
		if ((bit > 2 && bit < 5) || (bit > 8 && bit < 48))
			continue;
		*top = PAGE(THIRD) | P | 1ULL << bit;
		assert_int_equal(code(h, id, GVA32, R),
				 HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS);
	}
	*top = PAGE(THIRD) | P;
	*e |= 1ULL << 52;
	assert_int_equal(code(h, id, GVA32, R),
			 HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS);
	*e = ALL | PS;
	leads_to(h, id, GVA32 - PAGE(at(GVA32, 12, 9)) + PAGE(6), 6);
}

static void two_levels(void **state)
{
	const u64 base = GVA32 - PAGE(at(GVA32, 12, 10));
	struct host *h = *state;
	u64 id = child(h);
	u32 *e;

	set(h, id, HV_X64_REGISTER_CR0, CR0);
	set(h, id, HV_X64_REGISTER_CR3, PAGE(TOP) | 0x18);
	e = entry32(h, TOP, at(GVA32, 22, 10));
	*e = PAGE(LOWEST) | ALL;
	*entry32(h, LOWEST, at(GVA32, 12, 10)) = PAGE(DATA) | ALL;
	/* The neighbours, which an 8-byte entry would have in it. */
	*entry32(h, LOWEST, at(GVA32, 12, 10) + 1) = ~0U;
	leads_to(h, id, GVA32, DATA);
	assert_int_equal(code(h, id, GVA32, W | SET), 0);
	assert_int_equal(*e, PAGE(LOWEST) | ALL | A);
	assert_int_equal(*entry32(h, LOWEST, at(GVA32, 12, 10)),
			 PAGE(DATA) | ALL | A | D);
	/* Without PSE the bit means nothing, with it 4 MiB. */
	*e |= PS;
	leads_to(h, id, GVA32, DATA);
	*e = ALL | PS;
	set(h, id, HV_X64_REGISTER_CR4, CR4_PSE);
	leads_to(h, id, base + PAGE(8), 8);
	*e = ALL | PS | 1 << 21;
	assert_int_equal(code(h, id, base, R),
			 HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS);
	/* Bits 39:32 of its address are in bits 20:13. */
	*e = ALL | PS | 0xa5 << 13 | 1 << 22;
	assert_result(map(h, id, 0xa500400 + 3, RWX, 400, 1), 0, 1);
	leads_to(h, id, base + PAGE(3), 0xa500400 + 3);
}

#define USER 1 /* the VP's state */
#define NO_WP 2
#define SMEP 4
#define SMAP 8
#define AC 16

static void vp_state(struct host *h, u64 id, u32 vp)
{
	struct hv_input_set_vp_registers in = { .partition_id = id };
	u64 list[512] = { HV_X64_REGISTER_SS, 0, 0, 0x0093ULL << 48 };
	u64 cr4 = CR4_PAE;

	if (vp & USER)
		list[3] = 0x00f3ULL << 48;
	assert_result(call_rep(h, HVCALL_SET_VP_REGISTERS, 1, 0, &in,
			       sizeof(in), list), 0, 1);
	if (vp & SMEP)
		cr4 |= CR4_SMEP;
	if (vp & SMAP)
		cr4 |= CR4_SMAP;
	set(h, id, HV_X64_REGISTER_CR4, cr4);
	set(h, id, HV_X64_REGISTER_CR0, vp & NO_WP ? 0x80000001 : CR0);
	set(h, id, HV_X64_REGISTER_RFLAGS, vp & AC ? 0x40002 : 2);
}

static void privileges(void **state)
{
	static const struct {
		u64 missing; /* in the entries: RW, US; or NX too many */
		u32 vp;
		u64 flags;
		bool good;
	} cases[] = {
		{ 0, 0, R | W | X, true },
		{ 0, USER, R | W | X, true },
		{ US, 0, R | W | X, true },
		{ US, USER, R, false },
		{ US, USER, X, false },
		{ US, USER, R | EXEMPT, true },
		{ RW, 0, R | X, true },
		{ RW, 0, W, false },
		{ RW, NO_WP, W, true },
		{ RW, USER | NO_WP, W, false },
		{ RW, USER | NO_WP, W | EXEMPT, true },
		{ RW, USER, W | EXEMPT, false },
		{ RW, USER, R | X, true },
		{ NX, 0, R | W, true },
		{ NX, 0, X, false },
		{ NX, USER, X, false },
		{ NX, USER, X | EXEMPT, false },
		{ 0, SMEP, R | W, true },
		{ 0, SMEP, X, false },
		{ 0, SMEP, X | EXEMPT, true },
		{ 0, SMEP | USER, X, true },
		{ US, SMEP, X, true },
		{ 0, SMAP, R, false },
		{ 0, SMAP, W, false },
		{ 0, SMAP, X, true },
		{ 0, SMAP | AC, R | W, true },
		{ 0, SMAP, R | W | EXEMPT, true },
		{ 0, SMAP | USER, R | W, true },
		{ US, SMAP, R | W, true },
	};
	struct host *h = *state;
	u64 id = long_mode(h);
	u32 i, level, want;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		vp_state(h, id, cases[i].vp);
		want = HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION;
		if (cases[i].good)
			want = HV_TRANSLATE_GVA_SUCCESS;
		/* One entry is enough, wherever it is. */
		for (level = 0; level < 4; level++) {
			u64 *e = entry(h, TOP + level,
				       at(GVA, 39 - 9 * level, 9));

			*e ^= cases[i].missing;
			assert_int_equal(code(h, id, GVA, cases[i].flags),
					 want);
			*e ^= cases[i].missing;
		}
	}
	/* Virtual 8086 mode is CPL 3. */
	set(h, id, HV_X64_REGISTER_CR4, CR4_PAE);
	*entry(h, LOWEST, at(GVA, 12, 9)) &= ~US;
	assert_int_equal(code(h, id, GVA, R), 0);
	set(h, id, HV_X64_REGISTER_RFLAGS, 0x20002);
	assert_int_equal(code(h, id, GVA, R),
			 HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION);
}

/* Bits set in the four tables: bit n for the n-th. */
static u32 bits_set(struct host *h, u64 bit)
{
	u32 mask = 0, level;

	for (level = 0; level < 4; level++)
		mask |= !!(*entry(h, TOP + level, at(GVA, 39 - 9 * level, 9)) &
			   bit) << level;
	return mask;
}

static void accessed_and_dirty(void **state)
{
	struct host *h = *state;
	u64 id = long_mode(h);

	assert_int_equal(code(h, id, GVA, R | W), 0);
	assert_int_equal(bits_set(h, A | D), 0);
	/* A translation that fails sets nothing. */
	*entry(h, LOWEST, at(GVA, 12, 9)) |= NX;
	assert_int_equal(code(h, id, GVA, X | SET),
			 HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION);
	assert_int_equal(bits_set(h, A | D), 0);
	/* A table that cannot be written: none at all. */
	assert_result(map(h, id, THIRD, HV_MAP_GPA_READABLE, FIRST + THIRD, 1),
		      0, 1);
	assert_int_equal(code(h, id, GVA, R), 0);
	assert_int_equal(code(h, id, GVA, R | SET),
			 HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS);
	assert_int_equal(bits_set(h, A | D), 0);
	/* It need not be where the bits are set. */
	*entry(h, THIRD, at(GVA, 21, 9)) |= A;
	assert_int_equal(code(h, id, GVA, R | SET), 0);
	assert_int_equal(bits_set(h, A), 0xf);
	assert_int_equal(bits_set(h, D), 0);
	assert_int_equal(code(h, id, GVA, W | SET), 0);
	assert_int_equal(bits_set(h, D), 8);
	assert_int_equal(*entry(h, LOWEST, at(GVA, 12, 9)),
			 PAGE(DATA) | ALL | A | D | NX);
	assert_int_equal(*entry(h, LOWEST, at(GVA, 12, 9) + 1), 0);
}

/* What is at the end of the walk. */
static void target(void **state)
{
	struct host *h = *state;
	u64 id = long_mode(h), *e = entry(h, LOWEST, at(GVA, 12, 9));
	u32 rights, flags, need, want;

	/* Mapped with each valid right, asked for each kind of access. */
	for (rights = 0; rights < 16; rights++) {
		if ((rights && !(rights & 1)) || (rights & 12) == 4 ||
		    (rights & 12) == 8)
			continue;
		assert_result(map(h, id, DATA, rights, 400, 1), 0, 1);
		for (flags = 1; flags < 8; flags++) {
			need = (flags & 3) | (flags & 4 ? 4 : 0);
			need &= ~rights;
			want = need & 2 ? HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS :
			       need ? HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS : 0;
			assert_int_equal(code(h, id, GVA, flags), want);
		}
	}
	/* Overlay pages say so. */
	set(h, id, HV_REGISTER_SIMP, PAGE(DATA) | 1);
	leads_to(h, id, GVA, DATA);
	assert_int_equal(call_output(h)[0] >> 40, 1);
	assert_int_equal(code(h, id, GVA, W), 0);
	assert_int_equal(code(h, id, GVA, X),
			 HV_TRANSLATE_GVA_ILLEGAL_OVERLAY_ACCESS);
	set(h, id, HV_REGISTER_GUEST_OS_ID, 1);
	set(h, id, HV_X64_REGISTER_HYPERCALL, PAGE(DATA) | 1);
	assert_int_equal(code(h, id, GVA, R | X), 0);
	assert_int_equal(call_output(h)[0] >> 40, 1);
	assert_int_equal(code(h, id, GVA, W),
			 HV_TRANSLATE_GVA_ILLEGAL_OVERLAY_ACCESS);
	set(h, id, HV_X64_REGISTER_HYPERCALL, 0);
	/* A table in one that cannot be written: its first entry is 1. */
	set(h, id, HV_REGISTER_REFERENCE_TSC, PAGE(LOWEST) | 1);
	leads_to(h, id, GVA - PAGE(at(GVA, 12, 9)), 0);
	assert_int_equal(code(h, id, GVA - PAGE(at(GVA, 12, 9)), R | SET),
			 HV_TRANSLATE_GVA_ILLEGAL_OVERLAY_ACCESS);
	set(h, id, HV_REGISTER_REFERENCE_TSC, 0);
	*e = 0xfee00000 | ALL;
	assert_int_equal(code(h, id, GVA, R | W), 0);
	assert_int_equal(call_output(h)[0] >> 40, 1);
	assert_int_equal(call_output(h)[1], 0xfee00);
	assert_int_equal(code(h, id, GVA, X),
			 HV_TRANSLATE_GVA_ILLEGAL_OVERLAY_ACCESS);
	*e = PAGE(0x1000) | ALL;
	assert_int_equal(code(h, id, GVA, R), HV_TRANSLATE_GVA_GPA_UNMAPPED);
}

static void cache_types(void **state)
{
	static const u8 types[8] = { 6, 4, 0, 1, 5, 7, 6, 0 };
	struct host *h = *state;
	u64 id = long_mode(h), pat;
	u32 i;

	memcpy(&pat, types, sizeof(pat));
	set(h, id, HV_X64_REGISTER_PAT, pat);
	for (i = 0; i < 8; i++) {
		u64 bits = (i & 3) << 3; /* PWT, PCD */
		u8 want = types[i] == 7 ? 0 : types[i];

		*entry(h, THIRD, at(GVA, 21, 9)) = PAGE(LOWEST) | ALL;
		*entry(h, LOWEST, at(GVA, 12, 9)) =
			PAGE(DATA) | ALL | bits | (i & 4 ? 1 << 7 : 0);
		leads_to(h, id, GVA, DATA);
		assert_int_equal(call_output(h)[0] >> 32, want);
		*entry(h, THIRD, at(GVA, 21, 9)) =
			ALL | PS | bits | (i & 4 ? 1 << 12 : 0);
		leads_to(h, id, GVA - PAGE(at(GVA, 12, 9)), 0);
		assert_int_equal(call_output(h)[0] >> 32, want);
	}
	set(h, id, HV_X64_REGISTER_CR0, CR0 | 0x40000000);
	leads_to(h, id, GVA - PAGE(at(GVA, 12, 9)), 0);
	assert_int_equal(call_output(h)[0] >> 32, 0);
}

static void statuses(void **state)
{
	struct host *h = *state;
	u64 id = long_mode(h), fresh;
	struct hv_input_translate_virtual_address in = {
		.partition_id = id, .control_flags = R,
	};
	static const u32 bad_vp[] = { 1, 64, HV_VP_INDEX_SELF, HV_ANY_VP };
	u32 i;

	assert_status(call(h, 77, GVA, R), INVALID_PARTITION_ID);
	assert_status(call(h, HVC_SELF, GVA, R), ACCESS_DENIED);
	for (i = 0; i < ARRAY_SIZE(bad_vp); i++) {
		in.vp_index = bad_vp[i];
		assert_status(call_simple(h, HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
					  &in, sizeof(in)), INVALID_VP_INDEX);
	}
	in.vp_index = 0;
	assert_status(call(h, id, GVA, 0), INVALID_PARAMETER);
	assert_status(call(h, id, GVA, EXEMPT | SET | 0x20),
		      INVALID_PARAMETER);
	for (i = 6; i < 64; i++)
		assert_status(call(h, id, GVA, R | 1ULL << i),
			      INVALID_PARAMETER);
	assert_status(call(h, id, GVA, R | 0x20), SUCCESS);
	in.gva_page = 1ULL << 52;
	assert_status(call_simple(h, HVCALL_TRANSLATE_VIRTUAL_ADDRESS, &in,
				  sizeof(in)), INVALID_PARAMETER);
	fresh = make_child(h);
	assert_status(call(h, fresh, GVA, R), INVALID_PARTITION_STATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("C-translate-1 no paging", no_paging),
		HOST_TEST("C-translate-1 four levels", four_levels),
		HOST_TEST("C-translate-1 PAE", pae),
		HOST_TEST("C-translate-1 two levels", two_levels),
		HOST_TEST("C-translate-2 each level", each_level),
		HOST_TEST("C-translate-2 privileges", privileges),
		HOST_TEST("C-translate-2 target", target),
		HOST_TEST("C-translate-3 accessed and dirty",
			  accessed_and_dirty),
		HOST_TEST("C-translate-1 cache types", cache_types),
		HOST_TEST("C-translate-4 statuses", statuses),
	};

	return cmocka_run_group_tests_name("translate", tests, NULL, NULL);
}
