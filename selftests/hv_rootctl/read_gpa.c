// SPDX-License-Identifier: GPL-2.0
/* HvReadGpa as a hypercall: the C-read rows of Documentation/conformance.md. */
#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_harness.h"

/* The child's GPA space: page 16 readable, 17 mapped without rights. */
#define FIRST_PAGE 16

FIXTURE(read_gpa) {
	struct hvt t;
	struct hvt_child child;
	struct hvt_mem mem;
	struct hv_input_read_gpa input; /* of a read that would succeed */
};

FIXTURE_SETUP(read_gpa)
{
	unsigned int i;

	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_child_create(&self->t, &self->child));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->mem, 2));
	for (i = 0; i < 2 * HV_PAGE_SIZE; i++)
		self->mem.va[i] = i * 11 + i / 256;
	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, FIRST_PAGE,
			     HV_MAP_GPA_READABLE, self->mem.pfn, 1).reps);
	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, FIRST_PAGE + 1, 0,
			     self->mem.pfn + 1, 1).reps);
	self->input = (struct hv_input_read_gpa){
		.partition_id = self->child.id,
		.byte_count = 16,
		.base_gpa = FIRST_PAGE * HV_PAGE_SIZE,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
	};
}

FIXTURE_TEARDOWN(read_gpa)
{
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &self->child));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static u16 read_gpa(struct _test_data_read_gpa *self)
{
	return hvt_simple(&self->t, HVCALL_READ_GPA, &self->input,
			  sizeof(self->input));
}

static const struct hv_output_read_gpa *
output(const struct _test_data_read_gpa *self)
{
	return (const void *)self->t.out;
}

/* Every count at every alignment; what is behind reads as zero. */
TEST_F(read_gpa, C_read_1_data)
{
	static const u8 zeroes[16];
	u32 count, offset, i;

	for (count = 1; count <= 16; count++) {
		for (offset = 0; offset < 16; offset++) {
			self->input.byte_count = count;
			self->input.base_gpa = FIRST_PAGE * HV_PAGE_SIZE +
					       HV_PAGE_SIZE - 16 - offset;
			ASSERT_EQ(HV_STATUS_SUCCESS, read_gpa(self));
			ASSERT_EQ(0, output(self)->access_result);
			ASSERT_EQ(0, memcmp(output(self)->data,
					    self->mem.va + HV_PAGE_SIZE - 16 -
						    offset, count));
			ASSERT_EQ(0, memcmp(output(self)->data + count, zeroes,
					    16 - count));
			for (i = 24; i < HV_PAGE_SIZE; i++)
				ASSERT_EQ(HVT_OUT_POISON, self->t.out[i]);
		}
	}
}

#define EXPECT_STATUS(status, field, value)                                \
	do {                                                               \
		typeof(self->input.field) _good = self->input.field;       \
		self->input.field = (value);                               \
		EXPECT_EQ(status, read_gpa(self)) TH_LOG("%s", #value);    \
		self->input.field = _good;                                 \
	} while (0)

TEST_F(read_gpa, C_read_2_statuses)
{
	EXPECT_EQ(HV_STATUS_SUCCESS, read_gpa(self));
	EXPECT_STATUS(HV_STATUS_ACCESS_DENIED, partition_id,
		      HV_PARTITION_ID_SELF);
	EXPECT_STATUS(HV_STATUS_ACCESS_DENIED, partition_id,
		      hvt_own_id(&self->t));
	EXPECT_STATUS(HV_STATUS_INVALID_PARTITION_ID, partition_id, 0);
	EXPECT_STATUS(HV_STATUS_INVALID_PARTITION_ID, partition_id,
		      HVT_UNKNOWN_ID);
	EXPECT_STATUS(HV_STATUS_INVALID_VP_INDEX, vp_index, 1);
	EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, byte_count, 0);
	EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, byte_count, 17);
	EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, base_gpa,
		      self->input.base_gpa + HV_PAGE_SIZE - 15);
	EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, base_gpa, 1ULL << 52);
	EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, control_flags,
		      HV_CACHE_TYPE_WRITE_BACK | 1ULL << 8);
	EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, control_flags,
		      HV_CACHE_TYPE_WRITE_BACK | 1ULL << 63);
	EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, control_flags, 2);
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION,
				self->child.id));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_STATE, read_gpa(self));
}

/* Nothing of the page comes out, in either reading of the codes. */
TEST_F(read_gpa, C_read_3_access_results)
{
	u32 reading, i;

	for (reading = 0; reading < 2; reading++) {
		ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_ACCESS_CODES,
				       reading, NULL, NULL));
		self->input.base_gpa = (FIRST_PAGE + 1) * HV_PAGE_SIZE;
		ASSERT_EQ(HV_STATUS_SUCCESS, read_gpa(self));
		EXPECT_EQ(HV_ACCESS_GPA_READ_INTERCEPT,
			  output(self)->access_result);
		for (i = 0; i < 16; i++)
			EXPECT_EQ(0, output(self)->data[i]);
		self->input.base_gpa = (FIRST_PAGE + 2) * HV_PAGE_SIZE;
		ASSERT_EQ(HV_STATUS_SUCCESS, read_gpa(self));
		EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, output(self)->access_result);
	}
	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_ACCESS_CODES, 0, NULL, NULL));
}

TEST_HARNESS_MAIN
