// SPDX-License-Identifier: GPL-2.0
/*
 * Overlay pages of a child, as hypercalls: G8, G10, W12 and C-registers-4 of
 * Documentation/conformance.md.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <hv/registers.h>
#include "hvtest_harness.h"

#define RAM_PAGE 16ULL /* page number in the child's GPA space; two of them */
#define HOLE_PAGE 4096ULL
#define GPA(page) ((page) * HV_PAGE_SIZE)
#define AT(page) (GPA(page) | 1)

static const u32 pages[] = {
	HV_X64_REGISTER_HYPERCALL, HV_REGISTER_REFERENCE_TSC,
	HV_REGISTER_VP_ASSIST_PAGE, HV_REGISTER_SIMP, HV_REGISTER_SIEFP,
};

static const u8 vmmcall_ret[] = {
	0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0x01, 0xd9, 0xc3,
};

FIXTURE(overlay) {
	struct hvt t;
	struct hvt_child child; /* with VPs 0 and 1 */
	struct hvt_mem ram;
	u64 available, in_use; /* of the child, before a test */
};

FIXTURE_SETUP(overlay)
{
	u32 rw = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;

	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_child_create(&self->t, &self->child));
	ASSERT_EQ(0, hvt_create_vp(&self->t, self->child.id, 1));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->ram, 2));
	memset(self->ram.va, 0x77, 2 * HV_PAGE_SIZE);
	ASSERT_EQ(2, hvt_map(&self->t, self->child.id, RAM_PAGE, rw,
			     self->ram.pfn, 2).reps);
	ASSERT_EQ(0, hvt_balance(&self->t, self->child.id, &self->available,
				 &self->in_use));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_set_register(&self->t, self->child.id, 0,
				   HV_REGISTER_GUEST_OS_ID, 1).status);
}

FIXTURE_TEARDOWN(overlay)
{
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &self->child));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static u16 set(struct _test_data_overlay *self, u32 vp, u32 name, u64 value)
{
	return hvt_set_register(&self->t, self->child.id, vp, name, value)
		.status;
}

static u64 get(struct _test_data_overlay *self, u32 vp, u32 name)
{
	return hvt_get_register(&self->t, self->child.id, vp, name);
}

/* Access results; ~0 when the call itself was refused. */
static u64 read_at(struct _test_data_overlay *self, u64 gpa, void *data)
{
	u64 access;

	return hvt_read_gpa(&self->t, self->child.id, gpa, data, 16, &access) ?
	       ~0ULL : access;
}

static u64 write_at(struct _test_data_overlay *self, u64 gpa, const void *data)
{
	u64 access;

	return hvt_write_gpa(&self->t, self->child.id, gpa, data, 16,
			     &access) ? ~0ULL : access;
}

static bool ram_untouched(const struct _test_data_overlay *self)
{
	unsigned int i;

	for (i = 0; i < 2 * HV_PAGE_SIZE; i++)
		if (self->ram.va[i] != 0x77)
			return false;
	return true;
}

TEST_F(overlay, G10_wins_over_ram_and_leaves_it_as_it_was)
{
	static const u8 zero[16], text[16] = "over the RAM";
	u8 data[16], ram[16];
	unsigned int i;

	memset(ram, 0x77, sizeof(ram));
	for (i = 2; i < ARRAY_SIZE(pages); i++) {
		ASSERT_EQ(0, set(self, 1, pages[i], AT(RAM_PAGE)));
		EXPECT_EQ(AT(RAM_PAGE), get(self, 1, pages[i]));
		EXPECT_EQ(0, read_at(self, GPA(RAM_PAGE), data));
		EXPECT_EQ(0, memcmp(data, zero, 16));
		EXPECT_EQ(0, write_at(self, GPA(RAM_PAGE), text));
		EXPECT_EQ(0, read_at(self, GPA(RAM_PAGE), data));
		EXPECT_EQ(0, memcmp(data, text, 16));
		EXPECT_TRUE(ram_untouched(self));
		/* It moves, and its contents with it. */
		ASSERT_EQ(0, set(self, 1, pages[i], AT(RAM_PAGE + 1)));
		EXPECT_EQ(0, read_at(self, GPA(RAM_PAGE), data));
		EXPECT_EQ(0, memcmp(data, ram, 16));
		EXPECT_EQ(0, read_at(self, GPA(RAM_PAGE + 1), data));
		EXPECT_EQ(0, memcmp(data, text, 16));
		ASSERT_EQ(0, set(self, 1, pages[i], 0));
		EXPECT_EQ(0, read_at(self, GPA(RAM_PAGE + 1), data));
		EXPECT_EQ(0, memcmp(data, ram, 16));
		EXPECT_TRUE(ram_untouched(self));
	}
}

TEST_F(overlay, G10_where_nothing_is_mapped)
{
	static const u8 text[16] = "over nothing";
	u8 data[16];

	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, read_at(self, GPA(HOLE_PAGE), data));
	ASSERT_EQ(0, set(self, 0, HV_REGISTER_SIMP, AT(HOLE_PAGE)));
	EXPECT_EQ(0, write_at(self, GPA(HOLE_PAGE) + 4080, text));
	EXPECT_EQ(0, read_at(self, GPA(HOLE_PAGE) + 4080, data));
	EXPECT_EQ(0, memcmp(data, text, 16));
	ASSERT_EQ(0, set(self, 0, HV_REGISTER_SIMP, 0));
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, read_at(self, GPA(HOLE_PAGE), data));
}

/* Documentation/abi-notes.md: VP 0's cover VP 1's, the hypercall page all. */
TEST_F(overlay, G10_two_at_one_place)
{
	static const u8 one[16] = "VP 1", zero_vp[16] = "VP 0";
	u8 data[16];

	ASSERT_EQ(0, set(self, 1, HV_REGISTER_SIEFP, AT(RAM_PAGE)));
	ASSERT_EQ(0, write_at(self, GPA(RAM_PAGE), one));
	ASSERT_EQ(0, set(self, 0, HV_REGISTER_SIEFP, AT(RAM_PAGE)));
	ASSERT_EQ(0, write_at(self, GPA(RAM_PAGE), zero_vp));
	ASSERT_EQ(0, set(self, 1, HV_X64_REGISTER_HYPERCALL, AT(RAM_PAGE)));
	EXPECT_EQ(0, read_at(self, GPA(RAM_PAGE), data));
	EXPECT_EQ(0, memcmp(data, vmmcall_ret, sizeof(vmmcall_ret)));
	ASSERT_EQ(0, set(self, 0, HV_X64_REGISTER_HYPERCALL, 0));
	EXPECT_EQ(0, read_at(self, GPA(RAM_PAGE), data));
	EXPECT_EQ(0, memcmp(data, zero_vp, 16));
	ASSERT_EQ(0, set(self, 0, HV_REGISTER_SIEFP, 0));
	EXPECT_EQ(0, read_at(self, GPA(RAM_PAGE), data));
	EXPECT_EQ(0, memcmp(data, one, 16));
	EXPECT_TRUE(ram_untouched(self));
}

FIXTURE(refused) {
	struct _test_data_overlay o;
};

FIXTURE_VARIANT(refused) {
	u32 reading; /* HV_DEBUG_ACCESS_CODES */
	u32 code;
};

FIXTURE_VARIANT_ADD(refused, call_page) {
	.reading = 0,
	.code = 3,
};

FIXTURE_VARIANT_ADD(refused, enum_page) {
	.reading = 1,
	.code = 4,
};

FIXTURE_SETUP(refused)
{
	overlay_setup(_metadata, &self->o, NULL);
	ASSERT_EQ(0, hvt_debug(&self->o.t, HV_DEBUG_ACCESS_CODES,
			       variant->reading, NULL, NULL));
}

FIXTURE_TEARDOWN(refused)
{
	EXPECT_EQ(0, hvt_debug(&self->o.t, HV_DEBUG_ACCESS_CODES, 0, NULL,
			       NULL));
	overlay_teardown(_metadata, &self->o, NULL);
}

TEST_F(refused, G8_overlay_that_refuses_writes)
{
	static const u8 text[16] = "not to be seen";
	u8 before[16], data[16];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, set(&self->o, 0, pages[i], AT(RAM_PAGE)));
		EXPECT_EQ(0, read_at(&self->o, GPA(RAM_PAGE), before));
		EXPECT_EQ(variant->code,
			  write_at(&self->o, GPA(RAM_PAGE), text));
		EXPECT_EQ(0, read_at(&self->o, GPA(RAM_PAGE), data));
		EXPECT_EQ(0, memcmp(data, before, 16));
		ASSERT_EQ(0, set(&self->o, 0, pages[i], 0));
		EXPECT_TRUE(ram_untouched(&self->o));
	}
}

TEST_F(overlay, W12_overlay_pages_come_out_of_the_pool)
{
	u64 available, in_use;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		ASSERT_EQ(0, set(self, 0, pages[i], AT(HOLE_PAGE + i)));
		ASSERT_EQ(0, hvt_balance(&self->t, self->child.id, &available,
					 &in_use));
		EXPECT_EQ(self->available - i - 1, available);
		EXPECT_EQ(self->in_use + i + 1, in_use);
	}
	/* A VP takes its own away with it: three, and its two pages. */
	ASSERT_EQ(0, hvt_delete_vp(&self->t, self->child.id, 0));
	ASSERT_EQ(0, hvt_balance(&self->t, self->child.id, &available,
				 &in_use));
	EXPECT_EQ(self->available, available);
	EXPECT_EQ(self->in_use, in_use);
	ASSERT_EQ(0, set(self, 1, HV_REGISTER_REFERENCE_TSC, 0));
	ASSERT_EQ(0, set(self, 1, HV_REGISTER_GUEST_OS_ID, 0));
	ASSERT_EQ(0, hvt_balance(&self->t, self->child.id, &available,
				 &in_use));
	EXPECT_EQ(self->available + 2, available);
}

TEST_F(overlay, W12_C_registers_4_insufficient_memory)
{
	struct hvt_mem more;
	struct hvt_done done;
	unsigned int i;

	ASSERT_EQ(0, hvt_alloc(&self->t, &more, ARRAY_SIZE(pages)));
	EXPECT_EQ(HV_STATUS_NO_RESOURCES,
		  hvt_withdraw(&self->t, self->child.id, 0, 512).status);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		memset(more.va + i * HV_PAGE_SIZE, 0x55, HV_PAGE_SIZE);
		done = hvt_set_register(&self->t, self->child.id, 1, pages[i],
					AT(RAM_PAGE));
		EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY, done.status);
		EXPECT_EQ(0, done.reps);
		EXPECT_EQ(0, get(self, 1, pages[i]));
		ASSERT_EQ(1, hvt_deposit(&self->t, self->child.id,
					 more.pfn + i, 1).reps);
		ASSERT_EQ(0, set(self, 1, pages[i], AT(RAM_PAGE)));
	}
}

TEST_F(overlay, C_registers_4_hypercall_page_and_identity)
{
	u8 data[16];

	ASSERT_EQ(0, set(self, 0, HV_X64_REGISTER_HYPERCALL, AT(RAM_PAGE)));
	EXPECT_EQ(AT(RAM_PAGE), get(self, 1, HV_X64_REGISTER_HYPERCALL));
	EXPECT_EQ(0, read_at(self, GPA(RAM_PAGE), data));
	EXPECT_EQ(0, memcmp(data, vmmcall_ret, sizeof(vmmcall_ret)));
	/* No identity, no page. */
	ASSERT_EQ(0, set(self, 1, HV_REGISTER_GUEST_OS_ID, 0));
	EXPECT_EQ(GPA(RAM_PAGE), get(self, 0, HV_X64_REGISTER_HYPERCALL));
	ASSERT_EQ(0, set(self, 0, HV_X64_REGISTER_HYPERCALL, AT(RAM_PAGE)));
	EXPECT_EQ(GPA(RAM_PAGE), get(self, 0, HV_X64_REGISTER_HYPERCALL));
	EXPECT_EQ(0, read_at(self, GPA(RAM_PAGE), data));
	EXPECT_EQ(0x77, data[0]);
	/* Locked. */
	ASSERT_EQ(0, set(self, 0, HV_REGISTER_GUEST_OS_ID, 5));
	ASSERT_EQ(0, set(self, 0, HV_X64_REGISTER_HYPERCALL,
			 AT(RAM_PAGE) | 2));
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  set(self, 0, HV_X64_REGISTER_HYPERCALL, 0));
	EXPECT_EQ(AT(RAM_PAGE) | 2, get(self, 0, HV_X64_REGISTER_HYPERCALL));
}

TEST_F(overlay, C_registers_4_outside_the_gpa_space)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
			  set(self, 0, pages[i], 1ULL << 52 | 1));
		EXPECT_EQ(0, get(self, 0, pages[i]));
	}
}

/* Through the driver: so many bytes, and where and why it stopped. */
TEST(G8_G15_stops_at_an_overlay_that_refuses)
{
	struct hv_rootctl_access done;
	u8 *va, data[64] = {};
	struct hvt t;
	int fd;
	u64 id;

	ASSERT_EQ(0, hvt_open(&t));
	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_child(fd, &id));
	ASSERT_EQ(0, posix_memalign((void **)&va, HV_PAGE_SIZE, HV_PAGE_SIZE));
	memset(va, 0x77, HV_PAGE_SIZE);
	ASSERT_EQ(0, hvt_drv_map(fd, id, GPA(RAM_PAGE), va, HV_PAGE_SIZE,
				 HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE));
	ASSERT_EQ(0, hvt_set_register(&t, id, 0, HV_REGISTER_REFERENCE_TSC,
				      AT(RAM_PAGE + 1)).status);
	hvt_drv_access(fd, HV_ROOTCTL_WRITE_GPA, id, GPA(RAM_PAGE + 1) - 40,
		       data, sizeof(data), &done);
	EXPECT_EQ(HV_STATUS_SUCCESS, done.hv_status);
	EXPECT_EQ(HV_ACCESS_GPA_WRITE_INTERCEPT, done.access_result);
	EXPECT_EQ(40, done.bytes_done);
	EXPECT_EQ(0x77, va[HV_PAGE_SIZE - 41]);
	EXPECT_EQ(0, va[HV_PAGE_SIZE - 1]);
	EXPECT_EQ(0, close(fd));
	free(va);
	EXPECT_EQ(0, hvt_close(&t));
}

TEST_HARNESS_MAIN
