// SPDX-License-Identifier: GPL-2.0
/*
 * HvTranslateVirtualAddress as a hypercall, over page tables that the test
 * puts into a child's memory: the C-translate rows of
 * Documentation/conformance.md.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <hv/registers.h>
#include "hvtest_harness.h"

/* GPA pages 0 to 7: tables from the top in 1 to 4, data in 6. */
#define PAGES 8
#define TOP 1
#define DATA 6ULL
#define GVA 0x0000123456789000ULL
#define GPA(page) ((u64)(page) * HV_PAGE_SIZE)

#define READ HV_TRANSLATE_GVA_VALIDATE_READ
#define WRITE HV_TRANSLATE_GVA_VALIDATE_WRITE
#define EXECUTE HV_TRANSLATE_GVA_VALIDATE_EXECUTE
#define SET_BITS HV_TRANSLATE_GVA_SET_PAGE_TABLE_BITS

#define PRESENT 1ULL
#define WRITABLE 2ULL
#define USER 4ULL
#define ACCESSED 0x20ULL
#define DIRTY 0x40ULL
#define LARGE 0x80ULL
#define NO_EXECUTE (1ULL << 63)
#define ALL (PRESENT | WRITABLE | USER)

FIXTURE(translate) {
	struct hvt t;
	struct hvt_child child;
	struct hvt_mem ram;
	u64 *entry[4]; /* that GVA goes over, from the top */
};

static u16 set(struct _test_data_translate *self, u32 name, u64 value)
{
	return hvt_set_register(&self->t, self->child.id, 0, name, value)
		.status;
}

/* The VP is in long mode, and its tables lead from GVA to DATA. */
FIXTURE_SETUP(translate)
{
	const u32 rwx = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE |
			HV_MAP_GPA_EXECUTABLE;
	u32 level;

	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_child_create(&self->t, &self->child));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->ram, PAGES));
	ASSERT_EQ(PAGES, hvt_map(&self->t, self->child.id, 0, rwx,
				 self->ram.pfn, PAGES).reps);
	for (level = 0; level < 4; level++) {
		u64 *table = (u64 *)(self->ram.va + GPA(TOP + level));

		self->entry[level] = table + (GVA >> (39 - 9 * level) & 511);
		*self->entry[level] = (level == 3 ? GPA(DATA) :
				       GPA(TOP + level + 1)) | ALL;
	}
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_CR0, 0x80010001));
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_CR3, GPA(TOP)));
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_CR4, 0x20));
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_EFER, 0xd00));
}

FIXTURE_TEARDOWN(translate)
{
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &self->child));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static u16 call(struct _test_data_translate *self, u64 id, u32 vp, u64 gva,
		u64 flags)
{
	const struct hv_input_translate_virtual_address input = {
		.partition_id = id,
		.vp_index = vp,
		.control_flags = flags,
		.gva_page = gva / HV_PAGE_SIZE,
	};

	return hvt_simple(&self->t, HVCALL_TRANSLATE_VIRTUAL_ADDRESS, &input,
			  sizeof(input));
}

/* The result code; ~0 when the call is refused. */
static u32 code(struct _test_data_translate *self, u64 gva, u64 flags)
{
	if (call(self, self->child.id, 0, gva, flags))
		return ~0U;
	return *(u64 *)self->t.out;
}

static const struct hv_output_translate_virtual_address *
output(const struct _test_data_translate *self)
{
	return (const void *)self->t.out;
}

TEST_F(translate, C_translate_1_long_mode)
{
	unsigned int i;

	EXPECT_EQ(0, code(self, GVA, READ | WRITE | EXECUTE));
	EXPECT_EQ(DATA, output(self)->gpa_page);
	EXPECT_EQ((u64)HV_CACHE_TYPE_WRITE_BACK <<
		  HV_TRANSLATE_GVA_CACHE_TYPE_SHIFT,
		  output(self)->translation_result);
	for (i = 16; i < HV_PAGE_SIZE; i++)
		ASSERT_EQ(HVT_OUT_POISON, self->t.out[i]);
	/* 2 MiB at once, then 1 GiB. */
	*self->entry[2] = LARGE | ALL;
	EXPECT_EQ(0, code(self, (GVA & ~0x1fffffULL) + GPA(5), READ));
	EXPECT_EQ(5, output(self)->gpa_page);
	*self->entry[1] = LARGE | ALL;
	EXPECT_EQ(0, code(self, (GVA & ~0x3fffffffULL) + GPA(7), READ));
	EXPECT_EQ(7, output(self)->gpa_page);
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_UNMAPPED,
		  code(self, (GVA & ~0x3fffffffULL) + GPA(8), READ));
	EXPECT_EQ(HV_TRANSLATE_GVA_PAGE_NOT_PRESENT,
		  code(self, GVA | 1ULL << 47, READ));
}

TEST_F(translate, C_translate_1_other_modes)
{
	u32 *table = (u32 *)(self->ram.va + GPA(5));
	u64 *top = (u64 *)(self->ram.va + GPA(TOP));

	/* Two levels of 32-bit entries; page 2 is the second one. */
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_EFER, 0));
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_CR4, 0));
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_CR3, GPA(5)));
	table[3] = GPA(7) | ALL;
	table = (u32 *)(self->ram.va + GPA(7));
	table[9] = GPA(DATA) | ALL;
	EXPECT_EQ(0, code(self, (3ULL << 22) + GPA(9), READ));
	EXPECT_EQ(DATA, output(self)->gpa_page);
	/* PAE: three levels. */
	top[3] = GPA(3) | PRESENT;
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_CR4, 0x20));
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_CR3, GPA(TOP)));
	EXPECT_EQ(0, code(self, 0xc0000000 | (GVA & 0x3fffffff), READ));
	EXPECT_EQ(DATA, output(self)->gpa_page);
	/* None. */
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_CR0, 0x11));
	EXPECT_EQ(0, code(self, GPA(4), READ));
	EXPECT_EQ(4, output(self)->gpa_page);
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_UNMAPPED, code(self, GPA(8), READ));
}

TEST_F(translate, C_translate_2_each_level)
{
	u32 level;

	for (level = 0; level < 4; level++) {
		u64 good = *self->entry[level];

		*self->entry[level] = good & ~PRESENT;
		EXPECT_EQ(HV_TRANSLATE_GVA_PAGE_NOT_PRESENT,
			  code(self, GVA, READ));
		*self->entry[level] = good & ~USER;
		EXPECT_EQ(0, code(self, GVA, READ | WRITE));
		*self->entry[level] = good & ~WRITABLE;
		EXPECT_EQ(0, code(self, GVA, READ | EXECUTE));
		EXPECT_EQ(HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION,
			  code(self, GVA, WRITE));
		*self->entry[level] = good | NO_EXECUTE;
		EXPECT_EQ(0, code(self, GVA, READ | WRITE));
		EXPECT_EQ(HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION,
			  code(self, GVA, EXECUTE));
		*self->entry[level] = good | 1ULL << 51;
		EXPECT_EQ(HV_TRANSLATE_GVA_INVALID_PAGE_TABLE_FLAGS,
			  code(self, GVA, READ));
		*self->entry[level] = good;
		/* The table itself is not there, or not to be read. */
		ASSERT_EQ(1, hvt_unmap(&self->t, self->child.id, TOP + level,
				       1).reps);
		EXPECT_EQ(HV_TRANSLATE_GVA_GPA_UNMAPPED,
			  code(self, GVA, READ));
		ASSERT_EQ(1, hvt_map(&self->t, self->child.id, TOP + level, 0,
				     self->ram.pfn + TOP + level, 1).reps);
		EXPECT_EQ(HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS,
			  code(self, GVA, READ));
		ASSERT_EQ(1, hvt_map(&self->t, self->child.id, TOP + level, 3,
				     self->ram.pfn + TOP + level, 1).reps);
		EXPECT_EQ(0, code(self, GVA, READ));
	}
	/* At CPL 3 a page that is not the user's. */
	ASSERT_EQ(0, set(self, HV_X64_REGISTER_RFLAGS, 0x20002));
	EXPECT_EQ(0, code(self, GVA, READ));
	*self->entry[3] &= ~USER;
	EXPECT_EQ(HV_TRANSLATE_GVA_PRIVILEGE_VIOLATION, code(self, GVA, READ));
	EXPECT_EQ(0, code(self, GVA,
			  READ | HV_TRANSLATE_GVA_PRIVILEGE_EXEMPT));
}

TEST_F(translate, C_translate_2_rights_of_the_page)
{
	u64 *pfn = self->ram.pfn + DATA;

	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, DATA,
			     HV_MAP_GPA_READABLE, pfn, 1).reps);
	EXPECT_EQ(0, code(self, GVA, READ));
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS,
		  code(self, GVA, WRITE));
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS,
		  code(self, GVA, EXECUTE));
	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, DATA, 0, pfn, 1).reps);
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_NO_READ_ACCESS, code(self, GVA, READ));
	/* Overlay pages: they say what they are. */
	ASSERT_EQ(0, set(self, HV_REGISTER_SIMP, GPA(DATA) | 1));
	EXPECT_EQ(0, code(self, GVA, READ | WRITE));
	EXPECT_TRUE(output(self)->translation_result &
		    HV_TRANSLATE_GVA_OVERLAY_PAGE);
	ASSERT_EQ(0, set(self, HV_REGISTER_REFERENCE_TSC, GPA(DATA) | 1));
	EXPECT_EQ(0, code(self, GVA, READ));
	EXPECT_EQ(HV_TRANSLATE_GVA_ILLEGAL_OVERLAY_ACCESS,
		  code(self, GVA, WRITE));
}

TEST_F(translate, C_translate_3_accessed_and_dirty)
{
	u32 level;

	EXPECT_EQ(0, code(self, GVA, READ | WRITE));
	for (level = 0; level < 4; level++)
		EXPECT_EQ(0, *self->entry[level] & (ACCESSED | DIRTY));
	EXPECT_EQ(0, code(self, GVA, READ | SET_BITS));
	for (level = 0; level < 4; level++)
		EXPECT_EQ(ACCESSED,
			  *self->entry[level] & (ACCESSED | DIRTY));
	EXPECT_EQ(0, code(self, GVA, WRITE | SET_BITS));
	for (level = 0; level < 3; level++)
		EXPECT_EQ(0, *self->entry[level] & DIRTY);
	EXPECT_EQ(GPA(DATA) | ALL | ACCESSED | DIRTY, *self->entry[3]);
	/* All of them or none: a table that cannot be written. */
	for (level = 0; level < 4; level++)
		*self->entry[level] &= ~(ACCESSED | DIRTY);
	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, TOP + 3,
			     HV_MAP_GPA_READABLE, self->ram.pfn + TOP + 3,
			     1).reps);
	EXPECT_EQ(HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS,
		  code(self, GVA, READ | SET_BITS));
	for (level = 0; level < 4; level++)
		EXPECT_EQ(0, *self->entry[level] & (ACCESSED | DIRTY));
}

TEST_F(translate, C_translate_4_statuses)
{
	const struct {
		u64 id;
		u32 vp;
		u64 flags;
		u16 status;
	} cases[] = {
		{ 0, 0, READ, HV_STATUS_INVALID_PARTITION_ID },
		{ HVT_UNKNOWN_ID, 0, READ, HV_STATUS_INVALID_PARTITION_ID },
		{ HV_PARTITION_ID_SELF, 0, READ, HV_STATUS_ACCESS_DENIED },
		{ self->child.id, 1, READ, HV_STATUS_INVALID_VP_INDEX },
		{ self->child.id, 0, 0, HV_STATUS_INVALID_PARAMETER },
		{ self->child.id, 0, SET_BITS, HV_STATUS_INVALID_PARAMETER },
		{ self->child.id, 0, READ | 0x40,
		  HV_STATUS_INVALID_PARAMETER },
		{ self->child.id, 0, READ | 1ULL << 63,
		  HV_STATUS_INVALID_PARAMETER },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		EXPECT_EQ(cases[i].status,
			  call(self, cases[i].id, cases[i].vp, GVA,
			       cases[i].flags));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION,
				self->child.id));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE,
		  call(self, self->child.id, 0, GVA, READ));
}

TEST_HARNESS_MAIN
