// SPDX-License-Identifier: GPL-2.0
/* Registers of children's processors: HvGetVpRegisters, HvSetVpRegisters. */
#include "calls.h"

#include <hv/registers.h>
#include <string.h>

static u64 get_list(struct host *h, u64 id, u32 vp, const u32 *names, u32 count)
{
	struct hv_input_get_vp_registers in = {
		.partition_id = id,
		.vp_index = vp,
	};
	u64 list[512] = {};

	memcpy(list, names, count * sizeof(*names));
	return call_rep(h, HVCALL_GET_VP_REGISTERS, count, 0, &in, sizeof(in),
			list);
}

static u64 set_list(struct host *h, u64 id, u32 vp,
		    const struct hv_register_assoc *elements, u32 count)
{
	struct hv_input_set_vp_registers in = {
		.partition_id = id,
		.vp_index = vp,
	};
	u64 list[512] = {};

	memcpy(list, elements, count * sizeof(*elements));
	return call_rep(h, HVCALL_SET_VP_REGISTERS, count, 0, &in, sizeof(in),
			list);
}

static u64 set(struct host *h, u64 id, u32 name, u64 low, u64 high)
{
	struct hv_register_assoc in = {
		.name = name,
		.padding = { ~0U, ~0U, ~0U },
		.value = { { low, high } },
	};

	return set_list(h, id, 0, &in, 1);
}

static void assert_register(struct host *h, u64 id, u32 vp, u32 name, u64 low,
			    u64 high)
{
	assert_result(get_list(h, id, vp, &name, 1), HV_STATUS_SUCCESS, 1);
	assert_int_equal(call_output(h)[0], low);
	assert_int_equal(call_output(h)[1], high);
	assert_true(call_output(h)[2] == JUNK);
}

static u64 child(struct host *h)
{
	u64 id = make_active(h, 100, 10);

	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_status(create_vp(h, id, 5), SUCCESS);
	return id;
}

/* As after INIT. */
static void start(void **state)
{
	static const struct {
		u32 name;
		u64 low, high;
	} values[] = {
		{ HV_REGISTER_EXPLICIT_SUSPEND, 1, 0 },
		{ HV_X64_REGISTER_RAX, 0, 0 },
		{ HV_X64_REGISTER_RIP, 0xfff0, 0 },
		{ HV_X64_REGISTER_RFLAGS, 2, 0 },
		{ HV_X64_REGISTER_CR0, 0x60000010, 0 },
		{ HV_X64_REGISTER_CR4, 0, 0 },
		{ HV_X64_REGISTER_XFEM, 1, 0 },
		{ HV_X64_REGISTER_DR6, 0xffff0ff0, 0 },
		{ HV_X64_REGISTER_DR7, 0x400, 0 },
		{ HV_X64_REGISTER_CS, 0xffff0000, 0x009bf0000000ffff },
		{ HV_X64_REGISTER_GS, 0, 0x009300000000ffff },
		{ HV_X64_REGISTER_LDTR, 0, 0x008200000000ffff },
		{ HV_X64_REGISTER_TR, 0, 0x008b00000000ffff },
		{ HV_X64_REGISTER_GDTR, 0xffff000000000000, 0 },
		{ HV_X64_REGISTER_EFER, 0, 0 },
		{ HV_X64_REGISTER_PAT, 0x0007040600070406, 0 },
		{ HV_X64_REGISTER_XMM_CONTROL_STATUS, 0, 0x1f80 },
		{ HV_X64_REGISTER_INITIAL_APIC_ID, 5, 0 },
		{ HV_REGISTER_VP_INDEX, 5, 0 },
		{ HV_REGISTER_SINT0, 0x10000, 0 },
		{ HV_REGISTER_SINT15, 0x10000, 0 },
		{ HV_REGISTER_SCONTROL, 0, 0 },
		{ HV_REGISTER_SVERSION, 1, 0 },
		{ HV_X64_REGISTER_MTRR_CAP, 0x508, 0 },
		{ HV_X64_REGISTER_MTRR_DEF_TYPE, 0, 0 },
		{ HV_X64_REGISTER_MTRR_PHYS_BASE0 + 7, 0, 0 },
		{ HV_X64_REGISTER_MTRR_PHYS_MASK0 + 7, 0, 0 },
		{ HV_X64_REGISTER_MTRR_FIX4KF8000, 0, 0 },
		{ HV_REGISTER_VP_RUNTIME, 0, 0 },
		{ HV_REGISTER_PRIVILEGES_AND_FEATURES_INFO, 0x5ff, 0 },
		{ HV_REGISTER_GUEST_CRASH_P4, 0, 0 },
		{ HV_REGISTER_GUEST_CRASH_CTL, 1ULL << 63, 0 },
		{ HV_REGISTER_PENDING_INTERRUPTION, 0, 0 },
		{ HV_REGISTER_INTERRUPT_STATE, 0, 0 },
		{ HV_REGISTER_EOM, 0, 0 },
	};
	struct host *h = *state;
	u64 id = child(h);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(values); i++)
		assert_register(h, id, 5, values[i].name, values[i].low,
				values[i].high);
	/* The last of all has the last place. */
	assert_int_equal(h->hv.partitions[id]->vps[5]
				 ->registers[HVC_NR_REGISTERS - 1].low, 1);
	/* A new processor knows nothing of the old one. */
	assert_result(set(h, id, HV_X64_REGISTER_RAX, 7, 0), 0, 1);
	assert_status(delete_vp(h, id, 0), SUCCESS);
	assert_status(create_vp(h, id, 0), SUCCESS);
	assert_register(h, id, 0, HV_X64_REGISTER_RAX, 0, 0);
}

/* Each has a place of its own, on each processor. */
static void each_by_itself(void **state)
{
	struct host *h = *state;
	u64 id = child(h);
	u32 name, i;

	for (i = 0; i < 2; i++) {
		for (name = HV_X64_REGISTER_RAX; name <= HV_X64_REGISTER_RIP;
		     name++) {
			if (!i)
				assert_result(set(h, id, name, name * 3, 0),
					      0, 1);
			else
				assert_register(h, id, 0, name, name * 3, 0);
		}
		for (name = HV_X64_REGISTER_XMM0; name <= HV_X64_REGISTER_XMM15;
		     name++) {
			if (!i)
				assert_result(set(h, id, name, name, ~name),
					      0, 1);
			else
				assert_register(h, id, 0, name, name,
						(u32)~name);
		}
		for (name = HV_X64_REGISTER_ES; name <= HV_X64_REGISTER_TR;
		     name++) {
			if (!i)
				assert_result(set(h, id, name, name, name), 0,
					      1);
			else
				assert_register(h, id, 0, name, name, name);
		}
	}
	assert_register(h, id, 5, HV_X64_REGISTER_RIP, 0xfff0, 0);
}

static void values(void **state)
{
	static const struct {
		u32 name;
		u64 low, high;
		bool good;
	} cases[] = {
		{ HV_REGISTER_EXPLICIT_SUSPEND, 1, 0, true },
		{ HV_REGISTER_EXPLICIT_SUSPEND, 0, 0, false },
		{ HV_REGISTER_EXPLICIT_SUSPEND, 3, 0, false },
		{ HV_X64_REGISTER_RAX, ~0ULL, 0, true },
		{ HV_X64_REGISTER_RAX, 0, 1, false },
		{ HV_X64_REGISTER_RFLAGS, 0x202, 0, true },
		{ HV_X64_REGISTER_RFLAGS, 0x200, 0, false },
		{ HV_X64_REGISTER_RFLAGS, 0x20a, 0, false },
		{ HV_X64_REGISTER_CR0, 0x80000011, 0, true },
		{ HV_X64_REGISTER_CR0, 0x80000010, 0, false },
		{ HV_X64_REGISTER_CR0, 0x20000010, 0, false },
		{ HV_X64_REGISTER_CR0, 0x100000011, 0, false },
		{ HV_X64_REGISTER_CR3, 0x1000, 0, true },
		{ HV_X64_REGISTER_CR3, 1ULL << 52, 0, false },
		{ HV_X64_REGISTER_CR4, 0x620, 0, true },
		{ HV_X64_REGISTER_CR4, 0x2000, 0, false },
		{ HV_X64_REGISTER_CR8, 0xf, 0, true },
		{ HV_X64_REGISTER_CR8, 0x10, 0, false },
		{ HV_X64_REGISTER_XFEM, 7, 0, true },
		{ HV_X64_REGISTER_XFEM, 6, 0, false },
		{ HV_X64_REGISTER_EFER, 0xd01, 0, true },
		{ HV_X64_REGISTER_EFER, 0x1000, 0, false }, /* SVME */
		{ HV_X64_REGISTER_DR7, 1ULL << 32, 0, false },
		{ HV_X64_REGISTER_KERNEL_GS_BASE, 0xffff800000000000, 0, true },
		{ HV_X64_REGISTER_KERNEL_GS_BASE, 0x800000000000, 0, false },
		{ HV_X64_REGISTER_CSTAR, 0x800000000000, 0, false },
		{ HV_X64_REGISTER_FS, 0x800000000000, 0, false },
		{ HV_X64_REGISTER_ES, 0, 0x0f00ULL << 48, false },
		{ HV_X64_REGISTER_ES, 0, 0xf0ffULL << 48, true },
		{ HV_X64_REGISTER_PAT, 0x0706050401000706, 0, true },
		{ HV_X64_REGISTER_PAT, 2ULL << 56, 0, false },
		{ HV_X64_REGISTER_PAT, 3, 0, false },
		{ HV_X64_REGISTER_PAT, 8, 0, false },
		{ HV_X64_REGISTER_GDTR, 0x1000ULL << 48, 0x5000, true },
		{ HV_X64_REGISTER_GDTR, 0, 0x800000000000, false },
		{ HV_X64_REGISTER_SFMASK, 1ULL << 32, 0, false },
		{ HV_X64_REGISTER_INITIAL_APIC_ID, 0, 0, false },
		{ HV_REGISTER_VP_INDEX, 0, 0, false },
		{ HV_REGISTER_SVERSION, 1, 0, false },
		{ HV_REGISTER_SINT0, 0x30, 0, true },
		{ HV_REGISTER_SINT0, 0xf, 0, false },
		{ HV_REGISTER_SINT15, 0x1000f, 0, true },
		{ HV_REGISTER_SINT15, 0x80030, 0, false },
		{ HV_REGISTER_GUEST_CRASH_P0, ~0ULL, 0, true },
		{ HV_REGISTER_GUEST_CRASH_P4, 5, 0, true },
		{ HV_REGISTER_GUEST_CRASH_CTL, 1ULL << 63, 0, false },
		{ HV_REGISTER_PRIVILEGES_AND_FEATURES_INFO, 0x5ff, 0, false },
		/* A pending page fault with an error code. */
		{ HV_REGISTER_PENDING_INTERRUPTION, 0x5000e0017, 0, true },
		{ HV_REGISTER_PENDING_INTERRUPTION, 0x00ff0001, 0, true },
		{ HV_REGISTER_PENDING_INTERRUPTION, 0x01000001, 0, false },
		{ HV_REGISTER_PENDING_INTERRUPTION, 3, 0, false },
		{ HV_REGISTER_PENDING_INTERRUPTION, 0x400, 0, false },
		{ HV_REGISTER_INTERRUPT_STATE, 3, 0, true },
		{ HV_REGISTER_INTERRUPT_STATE, 4, 0, false },
		{ HV_X64_REGISTER_TSC_AUX, 0xffffffff, 0, true },
		{ HV_X64_REGISTER_TSC_AUX, 1ULL << 32, 0, false },
		{ HV_X64_REGISTER_MTRR_CAP, 0x508, 0, false },
		{ HV_X64_REGISTER_MTRR_DEF_TYPE, 0xc06, 0, true },
		{ HV_X64_REGISTER_MTRR_DEF_TYPE, 0x1000, 0, false },
		{ HV_X64_REGISTER_MTRR_DEF_TYPE, 0xc07, 0, false },
		{ HV_X64_REGISTER_MTRR_PHYS_BASE0, 0xfffffffff005, 0, true },
		{ HV_X64_REGISTER_MTRR_PHYS_BASE0, 2, 0, false },
		{ HV_X64_REGISTER_MTRR_PHYS_BASE0, 0x100, 0, false },
		{ HV_X64_REGISTER_MTRR_PHYS_BASE0, 1ULL << 52, 0, false },
		{ HV_X64_REGISTER_MTRR_PHYS_MASK0, 0xfffffffff800, 0, true },
		{ HV_X64_REGISTER_MTRR_PHYS_MASK0, 0x801, 0, false },
		{ HV_X64_REGISTER_MTRR_FIX64K00000, 0x0605040100060606, 0,
		  true },
		{ HV_X64_REGISTER_MTRR_FIX4KF8000, 0x0300000000000000, 0,
		  false },
		{ HV_X64_REGISTER_MTRR_FIX4KF8000, 0x86, 0, false },
		{ HV_REGISTER_VP_RUNTIME, 0, 0, false },
		{ HV_REGISTER_SCONTROL, 1, 0, true },
		{ HV_REGISTER_SCONTROL, 2, 0, false },
	};
	struct host *h = *state;
	u64 id = child(h), low, high, result;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_result(get_list(h, id, 0, &cases[i].name, 1), 0, 1);
		low = call_output(h)[0];
		high = call_output(h)[1];
		result = set(h, id, cases[i].name, cases[i].low, cases[i].high);
		if (cases[i].good) {
			assert_result(result, HV_STATUS_SUCCESS, 1);
			low = cases[i].low;
			high = cases[i].high;
		} else {
			assert_result(result, HV_STATUS_INVALID_PARAMETER, 0);
		}
		assert_register(h, id, 0, cases[i].name, low, high);
	}
	/* Padding is nobody's, and is not kept. */
	assert_result(set(h, id, HV_X64_REGISTER_IDTR, 0x123456789abc1234,
			  0x9000), 0, 1);
	assert_register(h, id, 0, HV_X64_REGISTER_IDTR, 0x1234ULL << 48,
			0x9000);
}

static void names(void **state)
{
	static const u32 bad[] = {
		1, 0x20f, 0x216, 0x10001, 0x10004, 0x1ffff, 0x20012, 0x3001a,
		0x40006, 0x4ffff, 0x50006, 0x60008, 0x70002, 0x8000f, 0x80018,
		0x80048, 0x8007c, 0x84804, 0x84840, 0x90005, 0xa0015, 0xb0008,
		~0U,
	};
	struct host *h = *state;
	u64 id = child(h);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_result(get_list(h, id, 0, &bad[i], 1),
			      HV_STATUS_INVALID_PARAMETER, 0);
		assert_true(call_output(h)[0] == JUNK);
		assert_result(set(h, id, bad[i], 0, 0),
			      HV_STATUS_INVALID_PARAMETER, 0);
	}
}

/* In order, up to the first that is refused; and through continuations. */
static void lists(void **state)
{
	struct hv_register_assoc in[HV_SET_VP_REGISTERS_MAX] = {};
	u32 name[HV_GET_VP_REGISTERS_MAX];
	struct host *h = *state;
	u64 id = child(h);
	u32 i;

	h->hv.cfg.rep_budget = 7;
	for (i = 0; i < HV_SET_VP_REGISTERS_MAX; i++) {
		in[i].name = HV_X64_REGISTER_RAX + i % 16;
		in[i].value.low = 1000 + i;
	}
	assert_result(set_list(h, id, 0, in, HV_SET_VP_REGISTERS_MAX), 0, 127);
	for (i = 0; i < HV_GET_VP_REGISTERS_MAX; i++)
		name[i] = HV_X64_REGISTER_RAX + i % 16;
	assert_result(get_list(h, id, 0, name, HV_GET_VP_REGISTERS_MAX), 0,
		      256);
	for (i = 0; i < HV_GET_VP_REGISTERS_MAX; i++)
		assert_int_equal(call_output(h)[2 * i],
				 1000 + (i % 16 == 15 ? 111 : 112 + i % 16));
	in[20].name = 1;
	in[19].value.low = 5;
	in[21].value.low = 6;
	assert_result(set_list(h, id, 0, in, 30), HV_STATUS_INVALID_PARAMETER,
		      20);
	assert_register(h, id, 0, HV_X64_REGISTER_RBX, 5, 0);
	assert_register(h, id, 0, HV_X64_REGISTER_RBP, 1005, 0);
	name[3] = 1;
	assert_result(get_list(h, id, 0, name, 9), HV_STATUS_INVALID_PARAMETER,
		      3);
	assert_true(call_output(h)[6] == JUNK);
}

static void statuses(void **state)
{
	static const u32 bad_vp[] = { 1, 63, 64, HV_VP_INDEX_SELF, HV_ANY_VP };
	struct hv_input_get_vp_registers in = {};
	struct hv_register_assoc rax = { .name = HV_X64_REGISTER_RAX };
	const u32 name = HV_X64_REGISTER_RAX;
	u64 list[512] = { name };
	struct host *h = *state;
	u64 id = child(h), fresh;
	u32 i;

	assert_result(get_list(h, 77, 0, &name, 1),
		      HV_STATUS_INVALID_PARTITION_ID, 0);
	assert_result(set_list(h, 77, 0, &rax, 1),
		      HV_STATUS_INVALID_PARTITION_ID, 0);
	assert_result(get_list(h, HVC_SELF, 0, &name, 1),
		      HV_STATUS_ACCESS_DENIED, 0);
	assert_result(set_list(h, HVC_SELF, 0, &rax, 1),
		      HV_STATUS_ACCESS_DENIED, 0);
	for (i = 0; i < ARRAY_SIZE(bad_vp); i++) {
		assert_result(get_list(h, id, bad_vp[i], &name, 1),
			      HV_STATUS_INVALID_VP_INDEX, 0);
		assert_result(set_list(h, id, bad_vp[i], &rax, 1),
			      HV_STATUS_INVALID_VP_INDEX, 0);
	}
	/* The trust level and the bytes behind it. */
	for (i = 12; i < 16; i++) {
		in = (struct hv_input_get_vp_registers){ .partition_id = id };
		((u8 *)&in)[i] = 1;
		assert_result(call_rep(h, HVCALL_GET_VP_REGISTERS, 1, 0, &in,
				       sizeof(in), list),
			      HV_STATUS_INVALID_PARAMETER, 0);
	}
	fresh = make_child(h);
	assert_result(get_list(h, fresh, 0, &name, 1),
		      HV_STATUS_INVALID_PARTITION_STATE, 0);
	assert_result(set_list(h, fresh, 0, &rax, 1),
		      HV_STATUS_INVALID_PARTITION_STATE, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HOST_TEST("C-registers-1 at the start", start),
		HOST_TEST("C-registers-1 each by itself", each_by_itself),
		HOST_TEST("C-registers-2 values", values),
		HOST_TEST("C-registers-2 names", names),
		HOST_TEST("C-registers-1 lists", lists),
		HOST_TEST("C-registers-3 statuses", statuses),
	};

	return cmocka_run_group_tests_name("registers", tests, NULL, NULL);
}
