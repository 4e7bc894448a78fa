// SPDX-License-Identifier: GPL-2.0
/*
 * HvReadGpa and HvWriteGpa on the local APIC's page of a child's VP: G11, G12
 * and C-registers-5 of Documentation/conformance.md.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <hv/registers.h>
#include "hvtest_harness.h"

#define APIC 0xfee00000ULL
#define TPR 0x80
#define PPR 0xa0
#define EOI 0xb0
#define SVR 0xf0
#define ISR 0x100
#define IRR 0x200
#define ICR 0x300
#define ICR_HIGH 0x310
#define VPS 3

FIXTURE(local_apic) {
	struct hvt t;
	struct hvt_child child;
	u32 vp; /* who accesses */
};

FIXTURE_SETUP(local_apic)
{
	u32 i;

	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_child_create(&self->t, &self->child));
	for (i = 1; i < VPS; i++)
		ASSERT_EQ(0, hvt_create_vp(&self->t, self->child.id, i));
}

FIXTURE_TEARDOWN(local_apic)
{
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &self->child));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* The access result, or ~0 when the call is refused. */
static u64 write_bytes(struct _test_data_local_apic *self, u64 gpa,
		       const void *data, u32 count)
{
	struct hv_input_write_gpa input = {
		.partition_id = self->child.id,
		.vp_index = self->vp,
		.byte_count = count,
		.base_gpa = gpa,
	};

	memcpy(input.data, data, count);
	if (hvt_simple(&self->t, HVCALL_WRITE_GPA, &input, sizeof(input)))
		return ~0ULL;
	return *(u64 *)self->t.out;
}

static u64 read_bytes(struct _test_data_local_apic *self, u64 gpa, void *data,
		      u32 count)
{
	const struct hv_input_read_gpa input = {
		.partition_id = self->child.id,
		.vp_index = self->vp,
		.byte_count = count,
		.base_gpa = gpa,
	};

	if (hvt_simple(&self->t, HVCALL_READ_GPA, &input, sizeof(input)))
		return ~0ULL;
	memcpy(data, self->t.out + 8, count);
	return *(u64 *)self->t.out;
}

static bool wr(struct _test_data_local_apic *self, u32 vp, u32 offset, u32 value)
{
	self->vp = vp;
	return write_bytes(self, APIC + offset, &value, sizeof(value)) == 0;
}

static u32 rd(struct _test_data_local_apic *self, u32 vp, u32 offset)
{
	u32 value = 0xdeadbeef;

	self->vp = vp;
	return read_bytes(self, APIC + offset, &value, sizeof(value)) ?
	       0xdeadbeef : value;
}

static u16 set(struct _test_data_local_apic *self, u32 vp, u32 name, u64 value)
{
	return hvt_set_register(&self->t, self->child.id, vp, name, value)
		.status;
}

/* Each VP finds its own there, without RAM behind it. */
TEST_F(local_apic, G11_the_page_of_each_vp)
{
	u32 i;

	for (i = 0; i < VPS; i++) {
		EXPECT_EQ(i << 24, rd(self, i, 0x20));
		EXPECT_EQ(0xff, rd(self, i, SVR));
		EXPECT_TRUE(wr(self, i, TPR, 0x10 * i));
	}
	for (i = 0; i < VPS; i++) {
		EXPECT_EQ(0x10 * i, rd(self, i, TPR));
		EXPECT_EQ(0x10 * i, hvt_get_register(&self->t, self->child.id,
						     i, HV_X64_REGISTER_TPR));
		EXPECT_EQ(i, hvt_get_register(&self->t, self->child.id, i,
					      HV_X64_REGISTER_CR8));
	}
	/* Read-only. */
	EXPECT_TRUE(wr(self, 1, 0x20, 0));
	EXPECT_EQ(1 << 24, rd(self, 1, 0x20));
}

/* A write to EOI ends the highest interrupt in service. */
TEST_F(local_apic, G11_end_of_interrupt)
{
	ASSERT_EQ(0, set(self, 1, HV_X64_REGISTER_APIC_ISR0 + 1, 1 << 5));
	ASSERT_EQ(0, set(self, 1, HV_X64_REGISTER_APIC_ISR0 + 6, 1 << 3));
	EXPECT_EQ(0xc0, rd(self, 1, PPR));
	EXPECT_TRUE(wr(self, 1, EOI, 0));
	EXPECT_EQ(0, rd(self, 1, ISR + 0x60));
	EXPECT_EQ(1 << 5, rd(self, 1, ISR + 0x10));
	EXPECT_EQ(0x20, rd(self, 1, PPR));
	EXPECT_TRUE(wr(self, 1, EOI, 0));
	EXPECT_EQ(0, rd(self, 1, ISR + 0x10));
}

/* A write to ICR sends an interrupt to another VP; one to ICR's half not. */
TEST_F(local_apic, G11_interrupt_to_another_vp)
{
	u32 i;
	u16 half = 0x31;

	for (i = 0; i < VPS; i++)
		EXPECT_TRUE(wr(self, i, SVR, 0x1ff));
	EXPECT_TRUE(wr(self, 0, ICR_HIGH, 2 << 24));
	EXPECT_EQ(0, write_bytes(self, APIC + ICR, &half, sizeof(half)));
	EXPECT_EQ(0, rd(self, 2, IRR + 0x10));
	EXPECT_TRUE(wr(self, 0, ICR, 0x31));
	EXPECT_EQ(0, rd(self, 0, IRR + 0x10));
	EXPECT_EQ(0, rd(self, 1, IRR + 0x10));
	EXPECT_EQ(1 << 17, rd(self, 2, IRR + 0x10));
	EXPECT_EQ(0x31, rd(self, 0, ICR));
	/* All but itself. */
	EXPECT_TRUE(wr(self, 1, ICR, 0xc0041));
	EXPECT_EQ(1 << 1, rd(self, 0, IRR + 0x20));
	EXPECT_EQ(0, rd(self, 1, IRR + 0x20));
	EXPECT_EQ(1 << 1, rd(self, 2, IRR + 0x20));
}

TEST_F(local_apic, G10_G11_wins_over_ram_and_moves)
{
	const u32 rw = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;
	const u64 there = 0x300000;
	struct hvt_mem ram;
	u32 value = 0x55, i;

	ASSERT_EQ(0, hvt_alloc(&self->t, &ram, 1));
	memset(ram.va, 0x77, HV_PAGE_SIZE);
	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, there / HV_PAGE_SIZE,
			     rw, ram.pfn, 1).reps);
	ASSERT_EQ(0, set(self, 1, HV_X64_REGISTER_APIC_BASE, there | 0x800));
	self->vp = 1;
	EXPECT_EQ(0, write_bytes(self, there + TPR, &value, 4));
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED,
		  read_bytes(self, APIC + TPR, &value, 4));
	EXPECT_EQ(0x55, hvt_get_register(&self->t, self->child.id, 1,
					 HV_X64_REGISTER_TPR));
	for (i = 0; i < HV_PAGE_SIZE; i++)
		ASSERT_EQ(0x77, ram.va[i]);
	/* Switched off: the RAM shows. */
	ASSERT_EQ(0, set(self, 1, HV_X64_REGISTER_APIC_BASE, there));
	EXPECT_EQ(0, read_bytes(self, there + TPR, &value, 4));
	EXPECT_EQ(0x77777777, value);
}

/* The hypervisor's log: which pieces there were, how wide, in which order. */
TEST_F(local_apic, G12_aligned_pieces_in_ascending_order)
{
	static const struct {
		u32 offset, bytes;
	} want[] = {
		{ 0x383, 1 }, { 0x384, 4 }, { 0x388, 4 }, { 0x38c, 4 },
		{ 0x390, 2 }, { 0x392, 1 },
	};
	u64 values[HV_DEBUG_VALUES], at;
	u8 data[16], write;
	u32 i, value;

	for (i = 0; i < sizeof(data); i++)
		data[i] = 0x10 + i;
	self->vp = 2;
	for (write = 0; write < 2; write++) {
		ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_ACCESS_LOG, ~0ULL,
				       NULL, NULL));
		EXPECT_EQ(0, write ?
			  write_bytes(self, APIC + 0x383, data, 16) :
			  read_bytes(self, APIC + 0x383, data, 16));
		ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_ACCESS_LOG, 0, NULL,
				       values));
		ASSERT_EQ(ARRAY_SIZE(want), values[0]);
		at = 0;
		for (i = 0; i < ARRAY_SIZE(want); i++) {
			value = 0;
			memcpy(&value, data + at, want[i].bytes);
			EXPECT_EQ(APIC + want[i].offset, values[1 + 2 * i]);
			EXPECT_EQ(HV_DEBUG_PIECE(2, write, want[i].bytes,
						 value), values[2 + 2 * i]);
			at += want[i].bytes;
		}
		for (i = 0; i < sizeof(data); i++)
			data[i] = 0x10 + i;
	}
}

/* Through the driver: register by register, and all of the page. */
TEST(G11_G15_through_the_driver)
{
	struct hv_rootctl_access done;
	u8 page[HV_PAGE_SIZE];
	u32 value = 0x35;
	struct hvt t;
	int fd;
	u64 id;

	ASSERT_EQ(0, hvt_open(&t));
	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_child(fd, &id));
	EXPECT_EQ(0, hvt_drv_access(fd, HV_ROOTCTL_WRITE_GPA, id, APIC + TPR,
				    &value, sizeof(value), &done));
	EXPECT_EQ(sizeof(value), done.bytes_done);
	EXPECT_EQ(0x35, hvt_get_register(&t, id, 0, HV_X64_REGISTER_TPR));
	EXPECT_EQ(0, hvt_drv_access(fd, HV_ROOTCTL_READ_GPA, id, APIC, page,
				    sizeof(page), &done));
	EXPECT_EQ(sizeof(page), done.bytes_done);
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, done.access_result);
	EXPECT_EQ(0x35, page[TPR]);
	EXPECT_EQ(0x35, page[PPR]);
	EXPECT_EQ(0xff, page[SVR]);
	EXPECT_EQ(0, close(fd));
	EXPECT_EQ(0, hvt_close(&t));
}

TEST_F(local_apic, C_registers_5_state_and_base)
{
	static const struct {
		u32 name;
		u64 good, bad;
	} cases[] = {
		{ HV_X64_REGISTER_APIC_BASE, 0xfee00900, 0xfee00c00 },
		{ HV_X64_REGISTER_APIC_BASE, 0x200c00 | 0x100, 0x200500 },
		{ HV_X64_REGISTER_APIC_TPR, 0xff, 0x100 },
		{ HV_X64_REGISTER_APIC_SPURIOUS, 0x1ff, 0x10000 },
		{ HV_X64_REGISTER_APIC_IRR0, 0x10000, 1 },
		{ HV_X64_REGISTER_APIC_LVT_TIMER, 0x20040, 0x40000 },
		{ HV_X64_REGISTER_TPR, 0x23, 0x100 },
		{ HV_X64_REGISTER_ICR, 0x0100000000000431, ~0ULL },
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(0, set(self, 0, cases[i].name, cases[i].good));
		if (cases[i].bad != ~0ULL)
			EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
				  set(self, 0, cases[i].name, cases[i].bad));
		EXPECT_EQ(cases[i].good,
			  hvt_get_register(&self->t, self->child.id, 0,
					   cases[i].name));
	}
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER,
		  set(self, 0, HV_X64_REGISTER_APIC_ID, 0));
}

TEST_HARNESS_MAIN
