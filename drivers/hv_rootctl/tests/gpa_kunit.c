// SPDX-License-Identifier: GPL-2.0
/*
 * Reading and writing guest memory: how an access is cut into pieces, and
 * what is reported when a piece is refused. G2, G8, G15.
 */
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <hv/memory.h>

#include "fake.h"

#define GPA_MEMORY (4 * HV_PAGE_SIZE)
#define GPA_BASE 0x10000ULL

/* Guest memory at GPA_BASE, and what befell the pieces. */
struct gpa_guest {
	u8 memory[GPA_MEMORY];
	u64 refuse_at; /* call number from 1 on; 0: never */
	u16 status;
	u64 access_result;
};

static struct gpa_guest *guest;

static u64 gpa_answer(struct fake *fake, u64 control, const void *in, void *out)
{
	const struct hv_input_write_gpa *w = in;
	struct hv_output_read_gpa *r = out;
	u8 *at = guest->memory + w->base_gpa - GPA_BASE;

	KUNIT_ASSERT_GE(fake->test, w->base_gpa, GPA_BASE);
	KUNIT_ASSERT_LE(fake->test, w->base_gpa + w->byte_count,
			GPA_BASE + GPA_MEMORY);
	KUNIT_EXPECT_GE(fake->test, w->byte_count, 1U);
	KUNIT_EXPECT_LE(fake->test, w->byte_count, 16U);
	/* G6b: no piece crosses a page. */
	KUNIT_EXPECT_EQ(fake->test, w->base_gpa >> HV_PAGE_SHIFT,
			(w->base_gpa + w->byte_count - 1) >> HV_PAGE_SHIFT);

	if (fake->calls == guest->refuse_at) {
		r->access_result = guest->access_result;
		/* Must not reach the user. */
		memset(r->data, 0xee, sizeof(r->data));
		return guest->status;
	}
	r->access_result = 0;
	if (hv_control_code(control) == HVCALL_WRITE_GPA) {
		memcpy(at, w->data, w->byte_count);
	} else {
		memset(r->data, 0, sizeof(r->data));
		memcpy(r->data, at, w->byte_count);
	}
	return HV_STATUS_SUCCESS;
}

static int gpa_init(struct kunit *test)
{
	int err = fake_init(test);
	struct fake *fake = test->priv;
	u32 i;

	guest = kunit_kzalloc(test, sizeof(*guest), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, guest);
	for (i = 0; i < GPA_MEMORY; i++)
		guest->memory[i] = i * 7 + (i >> 8);
	fake->answer = gpa_answer;
	return err;
}

static struct hv_rootctl_access gpa_args(u64 gpa, u64 length, u64 user)
{
	return (struct hv_rootctl_access){
		.partition_id = FAKE_CHILD_ID,
		.gpa = gpa,
		.length = length,
		.user_addr = user,
		.vp_index = 3,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
		.bytes_done = 99,
		.fail_gpa = 99,
		.access_result = 99,
	};
}

static u64 gpa_user_pattern(struct kunit *test, size_t length, u8 first)
{
	u64 user = fake_user_memory(test, length);
	u8 *data = kunit_kmalloc(test, length, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, data);
	for (i = 0; i < length; i++)
		data[i] = first + i;
	KUNIT_ASSERT_EQ(test, copy_to_user(u64_to_user_ptr(user), data, length),
			0UL);
	return user;
}

/* G1: the input of one piece, bit for bit. */
static void gpa_g1_input(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, 16, 1);
	struct hv_rootctl_access args = gpa_args(GPA_BASE + 5, 11, user);

	/* As left behind by other calls. */
	memset(fake->file->caller.input, 0xee, HV_PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, fake->calls, 1U);
	KUNIT_EXPECT_EQ(test, fake->control[0], 0x54ULL);
	KUNIT_EXPECT_EQ(test, fake->input[0][0], FAKE_CHILD_ID);
	KUNIT_EXPECT_EQ(test, fake->input[0][1], 3 | 11ULL << 32);
	KUNIT_EXPECT_EQ(test, fake->input[0][2], GPA_BASE + 5);
	KUNIT_EXPECT_EQ(test, fake->input[0][3], 6ULL);
	KUNIT_EXPECT_EQ(test, fake->input[0][4], 0x0807060504030201ULL);
	/* Nothing of the scratch page or of other calls goes along. */
	KUNIT_EXPECT_EQ(test, fake->input[0][5], 0x0b0a09ULL);

	KUNIT_EXPECT_EQ(test, hvrc_read_gpa(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, fake->control[1], 0x53ULL);
	KUNIT_EXPECT_EQ(test, fake->input[1][1], 3 | 11ULL << 32);
	KUNIT_EXPECT_EQ(test, fake->input[1][3], 6ULL);
}

static const struct gpa_cut {
	u64 offset;
	u64 length;
	struct {
		u16 offset;
		u16 count;
	} pieces[9];
} gpa_cuts[] = {
	{ 0, 1, { { 0, 1 } } },
	{ 0, 16, { { 0, 16 } } },
	{ 0, 17, { { 0, 16 }, { 16, 1 } } },
	{ 3, 16, { { 3, 16 } } },
	{ 4095, 1, { { 4095, 1 } } },
	{ 4095, 2, { { 4095, 1 }, { 4096, 1 } } },
	{ 4080, 16, { { 4080, 16 } } },
	{ 4081, 16, { { 4081, 15 }, { 4096, 1 } } },
	{ 4090, 100,
	  { { 4090, 6 }, { 4096, 16 }, { 4112, 16 }, { 4128, 16 },
	    { 4144, 16 }, { 4160, 16 }, { 4176, 14 } } },
	{ 4060, 100,
	  { { 4060, 16 }, { 4076, 16 }, { 4092, 4 }, { 4096, 16 },
	    { 4112, 16 }, { 4128, 16 }, { 4144, 16 } } },
};

/* G15: exactly these pieces, no more of them than needed. */
static void gpa_g15_pieces(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, PAGE_SIZE, 0x40);
	struct hv_rootctl_access args;
	u32 i, n;

	for (i = 0; i < ARRAY_SIZE(gpa_cuts); i++) {
		const struct gpa_cut *cut = &gpa_cuts[i];

		args = gpa_args(GPA_BASE + cut->offset, cut->length, user);
		fake->calls = 0;
		KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), 0);
		KUNIT_EXPECT_EQ(test, args.bytes_done, cut->length);
		KUNIT_EXPECT_EQ(test, args.fail_gpa, 0ULL);
		KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
		KUNIT_EXPECT_EQ(test, args.access_result, 0U);
		for (n = 0; n < ARRAY_SIZE(cut->pieces) && cut->pieces[n].count;
		     n++) {
			KUNIT_EXPECT_EQ(test, fake->input[n][2],
					GPA_BASE + cut->pieces[n].offset);
			KUNIT_EXPECT_EQ(test, fake->input[n][1] >> 32,
					(u64)cut->pieces[n].count);
		}
		KUNIT_EXPECT_EQ(test, fake->calls, n);
	}
}

/* G15: any length; the bytes arrive, and no others change. */
static void gpa_g15_contents(struct kunit *test)
{
	const u64 length = 2 * HV_PAGE_SIZE + 333, offset = 77;
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, length, 0x21);
	struct hv_rootctl_access args = gpa_args(GPA_BASE + offset, length,
						 user);
	u8 *before = kunit_kmalloc(test, GPA_MEMORY, GFP_KERNEL);
	u8 *back = kunit_kmalloc(test, length, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, before);
	KUNIT_ASSERT_NOT_NULL(test, back);
	memcpy(before, guest->memory, GPA_MEMORY);
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.bytes_done, length);
	for (i = 0; i < GPA_MEMORY; i++) {
		u8 want = before[i];

		if (i >= offset && i < offset + length)
			want = 0x21 + (i - offset);
		if (guest->memory[i] != want) {
			KUNIT_FAIL(test, "byte %u is %#x, not %#x", i,
				   guest->memory[i], want);
			break;
		}
	}

	KUNIT_ASSERT_EQ(test, clear_user(u64_to_user_ptr(user), length), 0UL);
	KUNIT_EXPECT_EQ(test, hvrc_read_gpa(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.bytes_done, length);
	KUNIT_ASSERT_EQ(test, copy_from_user(back, u64_to_user_ptr(user),
					     length), 0UL);
	KUNIT_EXPECT_EQ(test, memcmp(back, guest->memory + offset, length), 0);
}

/* G8, G15: a piece in the middle of the second page is refused. */
static void gpa_g15_refused(struct kunit *test)
{
	static const struct {
		u16 status;
		u64 access_result;
		u32 told;
	} refusals[] = {
		{ HV_STATUS_SUCCESS, HV_ACCESS_GPA_UNMAPPED, 1 },
		{ HV_STATUS_SUCCESS, HV_ACCESS_GPA_WRITE_INTERCEPT, 3 },
		/* Upper half reserved; an unknown code is still a refusal. */
		{ HV_STATUS_SUCCESS, 0xabcdef0000000077ULL, 0x77 },
		{ HV_STATUS_INVALID_PARTITION_STATE, 0, 0 },
		{ 0x7777, 0, 0 },
	};
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, PAGE_SIZE, 0x40);
	struct hv_rootctl_access args;
	u8 back[32];
	u32 i;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		/* Pieces of 6, 16, 16 and the one that is refused. */
		guest->refuse_at = 4;
		guest->status = refusals[i].status;
		guest->access_result = refusals[i].access_result;
		args = gpa_args(GPA_BASE + 4090, 100, user);

		fake->calls = 0;
		KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), 0);
		KUNIT_EXPECT_EQ(test, fake->calls, 4U);
		KUNIT_EXPECT_EQ(test, args.bytes_done, 38ULL);
		KUNIT_EXPECT_EQ(test, args.fail_gpa, GPA_BASE + 4090 + 38);
		KUNIT_EXPECT_EQ(test, args.hv_status, (u32)refusals[i].status);
		if (!refusals[i].status)
			KUNIT_EXPECT_EQ(test, args.access_result,
					refusals[i].told);

		fake->calls = 0;
		KUNIT_ASSERT_EQ(test, clear_user(u64_to_user_ptr(user), 100),
				0UL);
		KUNIT_EXPECT_EQ(test, hvrc_read_gpa(fake->file, &args), 0);
		KUNIT_EXPECT_EQ(test, args.bytes_done, 38ULL);
		KUNIT_EXPECT_EQ(test, args.fail_gpa, GPA_BASE + 4090 + 38);
		/* Only what is certain has reached the user. */
		KUNIT_ASSERT_EQ(test,
				copy_from_user(back,
					       u64_to_user_ptr(user + 22), 32),
				0UL);
		KUNIT_EXPECT_EQ(test,
				memcmp(back, guest->memory + 4090 + 22, 16), 0);
		KUNIT_EXPECT_PTR_EQ(test, memchr_inv(back + 16, 0, 16),
				    (void *)NULL);
	}
}

/* Success without an access result is no success. */
static void gpa_no_access_result(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, PAGE_SIZE, 0x40);
	struct hv_rootctl_access args = gpa_args(GPA_BASE, 48, user);

	guest->refuse_at = 2;
	guest->access_result = HVRC_POISON;
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 16ULL);
	fake->calls = 0;
	KUNIT_EXPECT_EQ(test, hvrc_read_gpa(fake->file, &args), -EPROTO);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 16ULL);
}

static void gpa_arguments(struct kunit *test)
{
	struct fake *fake = test->priv;
	struct hv_rootctl_access args;

	args = gpa_args(GPA_BASE, 0, 0);
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 0ULL);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_ROOTCTL_NO_STATUS);

	args = gpa_args(~0ULL, 1, 0);
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), -EOVERFLOW);
	args = gpa_args(GPA_BASE, ~0ULL, 0);
	KUNIT_EXPECT_EQ(test, hvrc_read_gpa(fake->file, &args), -EOVERFLOW);
	args = gpa_args(0, 16, ~0ULL);
	KUNIT_EXPECT_EQ(test, hvrc_read_gpa(fake->file, &args), -EOVERFLOW);

	/* Reserved control flags cannot be reached through the cache type. */
	args = gpa_args(GPA_BASE, 16, 0);
	args.cache_type = 0x106;
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

/* A hole in the caller's memory: all before its page is done, and said. */
static void gpa_user_fault(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, PAGE_SIZE, 0x40);
	struct hv_rootctl_access args =
		gpa_args(GPA_BASE, 2 * PAGE_SIZE, user);

	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), -EFAULT);
	KUNIT_EXPECT_EQ(test, args.bytes_done, (u64)PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, fake->calls, (u32)PAGE_SIZE / 16);
	KUNIT_EXPECT_EQ(test, hvrc_read_gpa(fake->file, &args), -EFAULT);
	KUNIT_EXPECT_EQ(test, args.bytes_done, (u64)PAGE_SIZE);
}

static u64 gpa_answer_and_signal(struct fake *fake, u64 control, const void *in,
				 void *out)
{
	if (fake->calls == 3)
		set_tsk_thread_flag(current, TIF_SIGPENDING);
	return gpa_answer(fake, control, in, out);
}

/* A signal ends it at the next page, with a count that is right. */
static void gpa_signal(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, 2 * PAGE_SIZE, 0x40);
	struct hv_rootctl_access args =
		gpa_args(GPA_BASE + 16, 2 * PAGE_SIZE, user);

	fake->answer = gpa_answer_and_signal;
	KUNIT_EXPECT_EQ(test, hvrc_write_gpa(fake->file, &args), -EINTR);
	clear_tsk_thread_flag(current, TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, args.bytes_done, (u64)PAGE_SIZE - 16);
	KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
}

#define LIST_AT(user, i) ((user) + 3 * PAGE_SIZE + (i) * 24)

/* Put @count entries behind three pages for their data. */
static struct hv_rootctl_access_list
gpa_list(struct kunit *test, u64 user, u32 flags,
	 const struct hv_rootctl_access_entry *entries, u32 count)
{
	KUNIT_ASSERT_EQ(test,
			copy_to_user(u64_to_user_ptr(LIST_AT(user, 0)), entries,
				     count * sizeof(*entries)), 0UL);
	return (struct hv_rootctl_access_list){
		.flags = flags,
		.partition_id = FAKE_CHILD_ID,
		.entries = LIST_AT(user, 0),
		.entry_count = count,
		.vp_index = 3,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
		.entries_done = 99,
		.bytes_done = 99,
		.fail_gpa = 99,
	};
}

/* G15: what is scattered in both memories arrives where it belongs. */
static void gpa_g15_list(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, 4 * PAGE_SIZE, 0x21);
	const struct hv_rootctl_access_entry entries[] = {
		{ GPA_BASE + 4090, 20, user + 7 },
		{ ~0ULL, 0, ~0ULL },
		{ GPA_BASE + 100, 16, user + 4099 },
		{ GPA_BASE + 3 * PAGE_SIZE, PAGE_SIZE, user },
	};
	struct hv_rootctl_access_list args =
		gpa_list(test, user, HV_ROOTCTL_LIST_WRITE, entries, 4);
	u8 *want = kunit_kmalloc(test, GPA_MEMORY, GFP_KERNEL);
	u8 back[20];
	u32 i;

	KUNIT_ASSERT_NOT_NULL(test, want);
	memcpy(want, guest->memory, GPA_MEMORY);
	for (i = 0; i < ARRAY_SIZE(entries); i++)
		if (entries[i].length)
			KUNIT_ASSERT_EQ(test,
					copy_from_user(want + entries[i].gpa - GPA_BASE,
						       u64_to_user_ptr(entries[i].user_addr),
						       entries[i].length), 0UL);

	KUNIT_EXPECT_EQ(test, hvrc_access_list(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.entries_done, 4U);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 36ULL + PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, args.fail_gpa, 0ULL);
	KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
	KUNIT_EXPECT_EQ(test, fake->calls, 2 + 1 + (u32)PAGE_SIZE / 16);
	KUNIT_EXPECT_EQ(test, fake->input[0][1], 3 | 6ULL << 32);
	KUNIT_EXPECT_EQ(test, fake->input[0][3], 6ULL);
	KUNIT_EXPECT_EQ(test, memcmp(want, guest->memory, GPA_MEMORY), 0);

	/* And back. */
	KUNIT_ASSERT_EQ(test, clear_user(u64_to_user_ptr(user), 3 * PAGE_SIZE),
			0UL);
	args.flags = 0;
	args.entry_count = 3;
	KUNIT_EXPECT_EQ(test, hvrc_access_list(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, args.entries_done, 3U);
	KUNIT_ASSERT_EQ(test, copy_from_user(back, u64_to_user_ptr(user + 7),
					     20), 0UL);
	KUNIT_EXPECT_EQ(test, memcmp(back, want + 4090, 20), 0);
}

/* G15: the first refusal ends it; the entry, the bytes and the GPA are told. */
static void gpa_g15_list_refused(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, 4 * PAGE_SIZE, 0x21);
	const struct hv_rootctl_access_entry entries[] = {
		{ GPA_BASE, 17, user },
		{ GPA_BASE + 4090, 50, user + 64 },
		{ GPA_BASE + 64, 16, user + 64 },
	};
	struct hv_rootctl_access_list args =
		gpa_list(test, user, HV_ROOTCTL_LIST_WRITE, entries, 3);

	/* Pieces of 16 and 1; 6, 16 and the one that is refused. */
	guest->refuse_at = 5;
	guest->access_result = HV_ACCESS_GPA_UNMAPPED;
	KUNIT_EXPECT_EQ(test, hvrc_access_list(fake->file, &args), 0);
	KUNIT_EXPECT_EQ(test, fake->calls, 5U);
	KUNIT_EXPECT_EQ(test, args.entries_done, 1U);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 17ULL + 22);
	KUNIT_EXPECT_EQ(test, args.fail_gpa, GPA_BASE + 4090 + 22);
	KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
	KUNIT_EXPECT_EQ(test, args.access_result, 1U);
}

/* What is wrong with an entry comes up when its turn has come. */
static void gpa_list_arguments(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, 4 * PAGE_SIZE, 0x21);
	const struct hv_rootctl_access_entry entries[] = {
		{ GPA_BASE, 32, user },
		{ ~0ULL, 2, user },
		{ GPA_BASE, 16, 8 },
	};
	struct hv_rootctl_access_list args =
		gpa_list(test, user, HV_ROOTCTL_LIST_WRITE, entries, 3);

	KUNIT_EXPECT_EQ(test, hvrc_access_list(fake->file, &args), -EOVERFLOW);
	KUNIT_EXPECT_EQ(test, args.entries_done, 1U);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 32ULL);
	KUNIT_EXPECT_EQ(test, args.hv_status, 0U);

	args.entries = LIST_AT(user, 2);
	args.entry_count = 1;
	KUNIT_EXPECT_EQ(test, hvrc_access_list(fake->file, &args), -EFAULT);
	KUNIT_EXPECT_EQ(test, args.entries_done, 0U);
	KUNIT_EXPECT_EQ(test, args.hv_status, HV_ROOTCTL_NO_STATUS);

	fake->calls = 0;
	args.entry_count = 0;
	KUNIT_EXPECT_EQ(test, hvrc_access_list(fake->file, &args), 0);
	args.entry_count = 2;
	args.entries = ~0ULL - 40;
	KUNIT_EXPECT_EQ(test, hvrc_access_list(fake->file, &args), -EOVERFLOW);
	/* The array itself goes over the end of memory. */
	args.entries = user + 4 * PAGE_SIZE - 8;
	KUNIT_EXPECT_EQ(test, hvrc_access_list(fake->file, &args), -EFAULT);
	args.entries = LIST_AT(user, 0);
	args.cache_type = 0x106;
	KUNIT_EXPECT_EQ(test, hvrc_access_list(fake->file, &args), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake->calls, 0U);
}

/* A signal counts between entries, too. */
static void gpa_list_signal(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, 4 * PAGE_SIZE, 0x21);
	const struct hv_rootctl_access_entry entries[] = {
		{ GPA_BASE, 32, user },
		{ GPA_BASE, 16, user },
		{ GPA_BASE, 16, user },
	};
	struct hv_rootctl_access_list args =
		gpa_list(test, user, HV_ROOTCTL_LIST_WRITE, entries, 3);

	fake->answer = gpa_answer_and_signal;
	KUNIT_EXPECT_EQ(test, hvrc_access_list(fake->file, &args), -EINTR);
	clear_tsk_thread_flag(current, TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, args.entries_done, 2U);
	KUNIT_EXPECT_EQ(test, args.bytes_done, 48ULL);
	KUNIT_EXPECT_EQ(test, args.hv_status, 0U);
}

static u64 progress_user;
static struct hv_rootctl_progress progress_seen[4];

/* In the middle of an ioctl, ask how far it is. */
static u64 gpa_answer_and_ask(struct fake *fake, u64 control, const void *in,
			      void *out)
{
	const u32 each = PAGE_SIZE / 16;

	if (fake->calls % each == 1 &&
	    fake->calls / each < ARRAY_SIZE(progress_seen)) {
		KUNIT_EXPECT_EQ(fake->test,
				hvrc_file_ioctl(fake->file, HV_ROOTCTL_PROGRESS,
						progress_user), 0);
		KUNIT_EXPECT_EQ(fake->test,
				copy_from_user(&progress_seen[fake->calls / each],
					       u64_to_user_ptr(progress_user),
					       sizeof(*progress_seen)), 0UL);
	}
	return gpa_answer(fake, control, in, out);
}

static void gpa_progress(struct kunit *test)
{
	struct fake *fake = test->priv;
	u64 user = gpa_user_pattern(test, 4 * PAGE_SIZE, 0x40);
	struct hv_rootctl_access args = gpa_args(GPA_BASE, 3 * PAGE_SIZE, user);
	struct hv_rootctl_progress p = { .size = sizeof(p) };
	u64 at = user + 3 * PAGE_SIZE;
	u32 i;

	memset(progress_seen, 0, sizeof(progress_seen));
	progress_user = at + sizeof(args);
	args.size = sizeof(args);
	KUNIT_ASSERT_EQ(test, copy_to_user(u64_to_user_ptr(at), &args,
					   sizeof(args)), 0UL);
	KUNIT_ASSERT_EQ(test, copy_to_user(u64_to_user_ptr(progress_user), &p,
					   sizeof(p)), 0UL);
	fake->answer = gpa_answer_and_ask;
	KUNIT_EXPECT_EQ(test,
			hvrc_file_ioctl(fake->file, HV_ROOTCTL_WRITE_GPA, at),
			0);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, progress_seen[i].command,
				(u32)HV_ROOTCTL_CMD_WRITE_GPA);
		KUNIT_EXPECT_EQ(test, progress_seen[i].done, i * PAGE_SIZE);
	}

	/* When it is over, that can be seen, and how far it came. */
	KUNIT_EXPECT_EQ(test,
			hvrc_file_ioctl(fake->file, HV_ROOTCTL_PROGRESS,
					progress_user), 0);
	KUNIT_ASSERT_EQ(test, copy_from_user(&p, u64_to_user_ptr(progress_user),
					     sizeof(p)), 0UL);
	KUNIT_EXPECT_EQ(test, p.command, 0U);
	KUNIT_EXPECT_EQ(test, p.done, 3 * PAGE_SIZE);
}

static struct kunit_case gpa_cases[] = {
	KUNIT_CASE(gpa_g1_input),
	KUNIT_CASE(gpa_g15_pieces),
	KUNIT_CASE(gpa_g15_contents),
	KUNIT_CASE(gpa_g15_refused),
	KUNIT_CASE(gpa_no_access_result),
	KUNIT_CASE(gpa_arguments),
	KUNIT_CASE(gpa_user_fault),
	KUNIT_CASE(gpa_signal),
	KUNIT_CASE(gpa_g15_list),
	KUNIT_CASE(gpa_g15_list_refused),
	KUNIT_CASE(gpa_list_arguments),
	KUNIT_CASE(gpa_list_signal),
	KUNIT_CASE(gpa_progress),
	{}
};

static struct kunit_suite gpa_suite = {
	.name = "hv_rootctl_gpa",
	.init = gpa_init,
	.exit = fake_exit,
	.test_cases = gpa_cases,
};

kunit_test_suite(gpa_suite);
