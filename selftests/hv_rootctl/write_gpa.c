// SPDX-License-Identifier: GPL-2.0
/*
 * HvWriteGpa as a hypercall: G1 to G9, G13 in part. What a write does is seen
 * in the root's pages behind the child's mapping.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include "hvtest_harness.h"

/* The child's GPA space: pages 16, 17 writable, 18 read-only, 19 a hole. */
#define FIRST_PAGE 16
#define READ_ONLY 2
#define GUEST_PAGES 3
#define HOLE 3
#define SPARE 3 /* of the memory: mapped nowhere at first */

#define OLD 0x11 /* what the pages hold before */

FIXTURE(write_gpa) {
	struct hvt t;
	struct hvt_child child;
	struct hvt_mem mem;
	u64 gpa; /* of the first page, in bytes */
};

FIXTURE_SETUP(write_gpa)
{
	u32 rw = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;

	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, hvt_child_create(&self->t, &self->child));
	ASSERT_EQ(0, hvt_alloc(&self->t, &self->mem, GUEST_PAGES + 1));
	memset(self->mem.va, OLD, (GUEST_PAGES + 1) * HV_PAGE_SIZE);
	ASSERT_EQ(2, hvt_map(&self->t, self->child.id, FIRST_PAGE, rw,
			     self->mem.pfn, 2).reps);
	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, FIRST_PAGE + READ_ONLY,
			     HV_MAP_GPA_READABLE, self->mem.pfn + READ_ONLY, 1)
			     .reps);
	self->gpa = FIRST_PAGE * HV_PAGE_SIZE;
}

FIXTURE_TEARDOWN(write_gpa)
{
	EXPECT_EQ(0, hvt_child_destroy(&self->t, &self->child));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* A write that would succeed, for a test to spoil. */
static struct hv_input_write_gpa good(const struct _test_data_write_gpa *self)
{
	struct hv_input_write_gpa input = {
		.partition_id = self->child.id,
		.byte_count = 16,
		.base_gpa = self->gpa,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
	};

	memset(input.data, 0x77, sizeof(input.data));
	return input;
}

static u16 write_gpa(struct hvt *t, const struct hv_input_write_gpa *input)
{
	return hvt_simple(t, HVCALL_WRITE_GPA, input, sizeof(*input));
}

static u64 access_result(const struct hvt *t)
{
	return *(const u64 *)t->out;
}

/* All pages hold what they held, but for @count bytes of @value at @offset. */
static bool memory_is(const struct hvt_mem *mem, size_t offset, size_t count,
		      u8 value)
{
	size_t i;

	for (i = 0; i < mem->pages * HV_PAGE_SIZE; i++) {
		u8 want = i >= offset && i < offset + count ? value : OLD;

		if (mem->va[i] != want) {
			fprintf(stderr, "# byte %zu is %#x, not %#x\n", i,
				mem->va[i], want);
			return false;
		}
	}
	return true;
}

static bool unchanged(const struct hvt_mem *mem)
{
	return memory_is(mem, 0, 0, 0);
}

#define EXPECT_STATUS(status, input)                              \
	do {                                                      \
		EXPECT_EQ(status, write_gpa(&self->t, input));    \
		EXPECT_TRUE(unchanged(&self->mem));               \
	} while (0)

#define EXPECT_ACCESS(result, input)                              \
	do {                                                      \
		EXPECT_EQ(HV_STATUS_SUCCESS,                      \
			  write_gpa(&self->t, input));            \
		EXPECT_EQ(result, access_result(&self->t));       \
		EXPECT_TRUE(unchanged(&self->mem));               \
	} while (0)

/* --- layout and data ------------------------------------------------------ */

static void put(u8 *at, u64 value, unsigned int bytes)
{
	while (bytes--) {
		*at++ = value;
		value >>= 8;
	}
}

TEST_F(write_gpa, G1_input_and_output_bytes)
{
	u8 input[48];
	u32 i;

	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_create_vp(&self->t, self->child.id, 1));
	put(input + 0, self->child.id, 8);
	put(input + 8, 1, 4); /* VP index */
	put(input + 12, 11, 4); /* byte count */
	put(input + 16, self->gpa + HV_PAGE_SIZE + 5, 8);
	put(input + 24, 6, 8); /* write-back, all other bits 0 */
	for (i = 0; i < 16; i++)
		input[32 + i] = 0xc0 + i;
	EXPECT_EQ(0, hvt_call(&self->t, 0x54, input, sizeof(input)));
	EXPECT_EQ(0, access_result(&self->t));
	for (i = 8; i < HV_PAGE_SIZE; i++)
		ASSERT_EQ(HVT_OUT_POISON, self->t.out[i]);

	for (i = 0; i < 11; i++) {
		EXPECT_EQ(0xc0 + i, self->mem.va[HV_PAGE_SIZE + 5 + i]);
		self->mem.va[HV_PAGE_SIZE + 5 + i] = OLD;
	}
	EXPECT_TRUE(unchanged(&self->mem));
}

/* Every count at every alignment; the bytes around are left alone. */
TEST_F(write_gpa, G2_G13_exactly_the_bytes_asked_for)
{
	u8 data[16];
	u64 access;
	u32 count, offset;

	memset(data, 0x77, sizeof(data));
	for (count = 1; count <= 16; count++) {
		for (offset = 0; offset < 16; offset++) {
			ASSERT_EQ(HV_STATUS_SUCCESS,
				  hvt_write_gpa(&self->t, self->child.id,
						self->gpa + 64 + offset, data,
						count, &access));
			ASSERT_EQ(HV_ACCESS_GPA_SUCCESS, access);
			ASSERT_TRUE(memory_is(&self->mem, 64 + offset, count,
					      0x77));
			memset(self->mem.va + 64, OLD, 64);
		}
	}
}

/* Up to the very end of a page. */
TEST_F(write_gpa, G2_G6_end_of_page)
{
	u8 data[16];
	u64 access;
	u32 count;

	memset(data, 0x77, sizeof(data));
	for (count = 1; count <= 16; count++) {
		size_t offset = HV_PAGE_SIZE - count;

		ASSERT_EQ(HV_STATUS_SUCCESS,
			  hvt_write_gpa(&self->t, self->child.id,
					self->gpa + offset, data, count,
					&access));
		ASSERT_EQ(HV_ACCESS_GPA_SUCCESS, access);
		ASSERT_TRUE(memory_is(&self->mem, offset, count, 0x77));
		memset(self->mem.va + offset, OLD, count);
	}
}

struct reader {
	pthread_t thread;
	const u8 *page;
	size_t offset, count; /* where writes may be seen */
	unsigned long bad;
	atomic_ulong rounds;
	atomic_bool stop;
};

static void *watch_page(void *arg)
{
	struct reader *r = arg;
	size_t i;

	while (!atomic_load(&r->stop)) {
		for (i = 0; i < 256; i++) {
			u8 byte = __atomic_load_n(r->page + i,
						  __ATOMIC_RELAXED);
			bool inside = i >= r->offset &&
				      i < r->offset + r->count;

			if (byte != OLD && !(inside && byte == 0x77))
				r->bad++;
		}
		atomic_fetch_add(&r->rounds, 1);
		sched_yield();
	}
	return NULL;
}

/* Somebody looks on: there is the old, or the new, and nothing elsewhere. */
TEST_F(write_gpa, G13_concurrent_reader)
{
	struct reader r = {
		.page = self->mem.va,
		.offset = 67,
		.count = 13,
	};
	u8 old[16], new[16];
	u64 access;
	u32 i;

	memset(old, OLD, sizeof(old));
	memset(new, 0x77, sizeof(new));
	ASSERT_EQ(0, pthread_create(&r.thread, NULL, watch_page, &r));
	/* Each at least so often. */
	for (i = 0; i < 4000 || atomic_load(&r.rounds) < 10; i++) {
		ASSERT_EQ(HV_STATUS_SUCCESS,
			  hvt_write_gpa(&self->t, self->child.id,
					self->gpa + r.offset,
					i & 1 ? old : new, r.count, &access));
		ASSERT_EQ(HV_ACCESS_GPA_SUCCESS, access);
		if (i % 64 == 0)
			sched_yield();
	}
	atomic_store(&r.stop, true);
	ASSERT_EQ(0, pthread_join(r.thread, NULL));
	EXPECT_EQ(0, r.bad);
	EXPECT_TRUE(unchanged(&self->mem));
}

/* --- whose memory --------------------------------------------------------- */

TEST_F(write_gpa, G3_not_the_parent)
{
	struct hv_input_write_gpa input = good(self);

	input.base_gpa = self->mem.pfn[0] << HV_PAGE_SHIFT;
	input.partition_id = hvt_own_id(&self->t);
	EXPECT_STATUS(HV_STATUS_ACCESS_DENIED, &input);
	input.partition_id = HV_PARTITION_ID_SELF;
	EXPECT_STATUS(HV_STATUS_ACCESS_DENIED, &input);
}

TEST_F(write_gpa, G4_no_such_partition)
{
	struct hv_input_write_gpa input = good(self);
	u64 deleted;

	input.partition_id = HV_PARTITION_ID_INVALID;
	EXPECT_STATUS(HV_STATUS_INVALID_PARTITION_ID, &input);
	input.partition_id = HVT_UNKNOWN_ID;
	EXPECT_STATUS(HV_STATUS_INVALID_PARTITION_ID, &input);

	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &deleted));
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_DELETE_PARTITION, deleted));
	input.partition_id = deleted;
	EXPECT_STATUS(HV_STATUS_INVALID_PARTITION_ID, &input);
}

TEST_F(write_gpa, G5_no_such_vp)
{
	static const u32 indices[] = { 1, 2, 63, 64, 65, 1000, 0x10000,
				       0x80000000 };
	struct hv_input_write_gpa input = good(self);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(indices); i++) {
		input.vp_index = indices[i];
		EXPECT_STATUS(HV_STATUS_INVALID_VP_INDEX, &input);
	}
	/* One that was there, and one that comes. */
	input.vp_index = 1;
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_create_vp(&self->t, self->child.id, 1));
	EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->t, &input));
	memset(self->mem.va, OLD, 16);
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_delete_vp(&self->t, self->child.id, 1));
	EXPECT_STATUS(HV_STATUS_INVALID_VP_INDEX, &input);
}

/* --- parameters ----------------------------------------------------------- */

TEST_F(write_gpa, G6_a_beyond_the_gpa_space)
{
	struct hv_input_write_gpa input = good(self);
	u64 end;

	/* Inside, an address without memory is no error: find the end by it. */
	for (end = 1ULL << 30; end; end <<= 1) {
		input.base_gpa = end;
		if (write_gpa(&self->t, &input) != HV_STATUS_SUCCESS)
			break;
		EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, access_result(&self->t));
	}
	ASSERT_NE(0, end);
	EXPECT_GE(1ULL << 52, end);
	EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, &input);
	input.base_gpa = end - 16;
	EXPECT_ACCESS(HV_ACCESS_GPA_UNMAPPED, &input);

	for (; end; end <<= 1) {
		input.base_gpa = end;
		EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, &input);
		/* The low bits alone would be the child's first page. */
		input.base_gpa = end | self->gpa;
		EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, &input);
	}
	input.base_gpa = ~0ULL - 15;
	EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, &input);
	/* The end of the range wraps round to 0. */
	input.base_gpa = ~0ULL - 7;
	EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, &input);
}

TEST_F(write_gpa, G6_b_crosses_a_page)
{
	struct hv_input_write_gpa input = good(self);
	u32 count, inside;

	for (count = 2; count <= 16; count++) {
		for (inside = 1; inside < count; inside++) {
			input.byte_count = count;
			input.base_gpa = self->gpa + HV_PAGE_SIZE - inside;
			EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, &input);
		}
	}
}

TEST_F(write_gpa, G6_c_byte_count)
{
	static const u32 counts[] = { 0, 17, 18, 32, 4096, 0x10001, 0x80000010,
				      0xffffffff };
	struct hv_input_write_gpa input = good(self);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		input.byte_count = counts[i];
		EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, &input);
	}
}

TEST_F(write_gpa, G6_d_each_reserved_control_flag)
{
	struct hv_input_write_gpa input = good(self);
	unsigned int bit;

	for (bit = 8; bit < 64; bit++) {
		input.control_flags = HV_CACHE_TYPE_WRITE_BACK | 1ULL << bit;
		EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, &input);
	}
}

TEST_F(write_gpa, G6_e_cache_type)
{
	static const u8 valid[] = { 0, 1, 4, 5, 6 };
	struct hv_input_write_gpa input = good(self);
	unsigned int type, i;

	for (type = 0; type < 256; type++) {
		bool is_valid = memchr(valid, type, sizeof(valid));

		input.control_flags = type;
		if (!is_valid) {
			EXPECT_STATUS(HV_STATUS_INVALID_PARAMETER, &input);
			continue;
		}
		EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->t, &input));
		EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, access_result(&self->t));
		for (i = 0; i < 16; i++)
			self->mem.va[i] = OLD;
	}
}

/* --- state ---------------------------------------------------------------- */

TEST_F(write_gpa, G7_not_active)
{
	struct hv_input_write_gpa input = good(self);
	u64 fresh;

	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &fresh));
	input.partition_id = fresh;
	EXPECT_STATUS(HV_STATUS_INVALID_PARTITION_STATE, &input);
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_DELETE_PARTITION, fresh));

	input.partition_id = self->child.id;
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(&self->t, HVCALL_FINALIZE_PARTITION,
				self->child.id));
	EXPECT_STATUS(HV_STATUS_INVALID_PARTITION_STATE, &input);
}

/* --- the mapping now ------------------------------------------------------ */

TEST_F(write_gpa, G9_remap)
{
	u32 rw = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;
	struct hv_input_write_gpa input = good(self);

	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, FIRST_PAGE, rw,
			     self->mem.pfn + SPARE, 1).reps);
	EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->t, &input));
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, access_result(&self->t));
	EXPECT_TRUE(memory_is(&self->mem, SPARE * HV_PAGE_SIZE, 16, 0x77));
}

/* The same page at two addresses is one page. */
TEST_F(write_gpa, G9_alias)
{
	u32 rw = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;
	struct hv_input_write_gpa input = good(self);

	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, 4000, rw, self->mem.pfn,
			     1).reps);
	input.base_gpa = 4000 * HV_PAGE_SIZE + 32;
	EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->t, &input));
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, access_result(&self->t));
	EXPECT_TRUE(memory_is(&self->mem, 32, 16, 0x77));
}

TEST_F(write_gpa, G9_unmap)
{
	struct hv_input_write_gpa input = good(self);

	ASSERT_EQ(1, hvt_unmap(&self->t, self->child.id, FIRST_PAGE, 1).reps);
	EXPECT_ACCESS(HV_ACCESS_GPA_UNMAPPED, &input);
	/* Its neighbour is still there. */
	input.base_gpa += HV_PAGE_SIZE;
	EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->t, &input));
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, access_result(&self->t));
}

TEST_F(write_gpa, G9_rights_change)
{
	u32 rw = HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE;
	struct hv_input_write_gpa input = good(self);

	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, FIRST_PAGE,
			     HV_MAP_GPA_READABLE, self->mem.pfn, 1).reps);
	EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->t, &input));
	EXPECT_NE(HV_ACCESS_GPA_SUCCESS, access_result(&self->t));
	EXPECT_TRUE(unchanged(&self->mem));
	ASSERT_EQ(1, hvt_map(&self->t, self->child.id, FIRST_PAGE, rw,
			     self->mem.pfn, 1).reps);
	EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->t, &input));
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, access_result(&self->t));
	EXPECT_TRUE(memory_is(&self->mem, 0, 16, 0x77));
}

/* --- access results, in both readings ------------------------------------- */

FIXTURE(write_gpa_codes) {
	struct _test_data_write_gpa w;
};

FIXTURE_VARIANT(write_gpa_codes) {
	u32 reading; /* HV_DEBUG_ACCESS_CODES */
	u32 not_writable;
};

FIXTURE_VARIANT_ADD(write_gpa_codes, call_page) {
	.reading = 0,
	.not_writable = HV_ACCESS_GPA_READ_INTERCEPT,
};

FIXTURE_VARIANT_ADD(write_gpa_codes, enum_page) {
	.reading = 1,
	.not_writable = HV_ACCESS_GPA_WRITE_INTERCEPT,
};

FIXTURE_SETUP(write_gpa_codes)
{
	write_gpa_setup(_metadata, &self->w, NULL);
	ASSERT_EQ(0, hvt_debug(&self->w.t, HV_DEBUG_ACCESS_CODES,
			       variant->reading, NULL, NULL));
}

FIXTURE_TEARDOWN(write_gpa_codes)
{
	EXPECT_EQ(0, hvt_debug(&self->w.t, HV_DEBUG_ACCESS_CODES, 0, NULL,
			       NULL));
	write_gpa_teardown(_metadata, &self->w, NULL);
}

TEST_F(write_gpa_codes, G8_unmapped)
{
	struct hv_input_write_gpa input = good(&self->w);

	input.base_gpa += HOLE * HV_PAGE_SIZE;
	EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->w.t, &input));
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, access_result(&self->w.t));
	EXPECT_TRUE(unchanged(&self->w.mem));
	input.base_gpa = 0;
	EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->w.t, &input));
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, access_result(&self->w.t));
}

TEST_F(write_gpa_codes, G8_not_writable)
{
	struct hv_input_write_gpa input = good(&self->w);

	input.base_gpa += READ_ONLY * HV_PAGE_SIZE;
	EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->w.t, &input));
	EXPECT_EQ(variant->not_writable, access_result(&self->w.t));
	EXPECT_TRUE(unchanged(&self->w.mem));
}

TEST_F(write_gpa_codes, G8_success_reads_0_in_all_64_bits)
{
	struct hv_input_write_gpa input = good(&self->w);

	EXPECT_EQ(HV_STATUS_SUCCESS, write_gpa(&self->w.t, &input));
	EXPECT_EQ(0, access_result(&self->w.t));
	EXPECT_TRUE(memory_is(&self->w.mem, 0, 16, 0x77));
}

TEST_HARNESS_MAIN
