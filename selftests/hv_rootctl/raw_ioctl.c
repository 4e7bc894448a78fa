// SPDX-License-Identifier: GPL-2.0
/* The driver's raw calls: who may make them, and which. */
#define HVT_DEVICE HVT_DRIVER
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <hv/registers.h>
#include "hvtest_harness.h"
#include "hvtest_raw.h"

FIXTURE(raw_ioctl) {
	int fd;
	u64 id;
};

FIXTURE_SETUP(raw_ioctl)
{
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	ASSERT_EQ(0, hvt_raw_allow(1));
}

FIXTURE_TEARDOWN(raw_ioctl)
{
	EXPECT_EQ(0, hvt_raw_allow(0));
	if (self->fd >= 0)
		EXPECT_EQ(0, close(self->fd));
}

TEST_F(raw_ioctl, off_unless_asked_for)
{
	struct hv_rootctl_query q;
	u64 id;

	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_TRUE(q.features & HV_ROOTCTL_FEATURE_RAW);
	EXPECT_EQ(0, hvt_raw_own_id(self->fd, &id));
	EXPECT_EQ(q.partition_id, id);

	ASSERT_EQ(0, hvt_raw_allow(0));
	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_FALSE(q.features & HV_ROOTCTL_FEATURE_RAW);
	EXPECT_EQ(-1, hvt_raw_own_id(self->fd, &id));
	EXPECT_EQ(EPERM, errno);
}

/* Two registers of the child's VP, set and read back. */
TEST_F(raw_ioctl, registers)
{
	struct {
		struct hv_input_set_vp_registers head;
		struct hv_register_assoc list[2];
	} set = {
		.head = { .partition_id = self->id },
		.list = { { .name = HV_X64_REGISTER_RAX,
			    .value.low = 0x1122334455667788ULL },
			  { .name = HV_X64_REGISTER_RAX + 3,
			    .value.low = 0x99 } },
	};
	struct {
		struct hv_input_get_vp_registers head;
		u32 names[2];
	} get = {
		.head = { .partition_id = self->id },
		.names = { HV_X64_REGISTER_RAX + 3, HV_X64_REGISTER_RAX },
	};
	union hv_register_value values[2];
	struct hv_rootctl_raw cmd = {
		.size = sizeof(cmd),
		.code = HVCALL_SET_VP_REGISTERS,
		.rep_count = 2,
		.input_size = sizeof(set),
		.input = (uintptr_t)&set,
	};

	ASSERT_EQ(0, ioctl(self->fd, HV_ROOTCTL_RAW, &cmd));
	ASSERT_EQ(HV_STATUS_SUCCESS, cmd.hv_status);
	EXPECT_EQ(2, cmd.reps_done);
	cmd.code = HVCALL_GET_VP_REGISTERS;
	cmd.input_size = sizeof(get);
	cmd.input = (uintptr_t)&get;
	cmd.output_size = sizeof(values);
	cmd.output = (uintptr_t)values;
	ASSERT_EQ(0, ioctl(self->fd, HV_ROOTCTL_RAW, &cmd));
	ASSERT_EQ(HV_STATUS_SUCCESS, cmd.hv_status);
	EXPECT_EQ(0x99, values[0].low);
	EXPECT_EQ(0x1122334455667788ULL, values[1].low);
}

/* Past the books goes nothing. */
TEST_F(raw_ioctl, no_pages_and_no_partitions)
{
	static const u16 codes[] = {
		HVCALL_CREATE_PARTITION, HVCALL_FINALIZE_PARTITION,
		HVCALL_DELETE_PARTITION, HVCALL_DEPOSIT_MEMORY,
		HVCALL_WITHDRAW_MEMORY, HVCALL_MAP_GPA_PAGES,
		HVCALL_UNMAP_GPA_PAGES,
	};
	u64 input[4] = { self->id };
	u64 available, in_use;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		struct hv_rootctl_raw cmd = {
			.size = sizeof(cmd),
			.code = codes[i],
			.input_size = 8,
			.input = (uintptr_t)input,
		};

		ASSERT_EQ(-1, ioctl(self->fd, HV_ROOTCTL_RAW, &cmd));
		EXPECT_EQ(EOPNOTSUPP, errno);
		EXPECT_EQ(HV_ROOTCTL_NO_STATUS, cmd.hv_status);
	}
	EXPECT_EQ(0, hvt_drv_balance(self->fd, self->id, &available, &in_use));
	EXPECT_EQ(HVT_CHILD_POOL, available + in_use);
}

TEST_F(raw_ioctl, administrator_without_the_capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];
	int status;
	pid_t pid;
	u64 id;

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		if (syscall(SYS_capget, &header, data))
			_exit(1);
		data[0].effective &= ~(1U << CAP_SYS_RAWIO);
		if (syscall(SYS_capset, &header, data))
			_exit(2);
		if (!hvt_raw_own_id(self->fd, &id))
			_exit(3);
		_exit(errno == EPERM ? 0 : 4);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
}

TEST_HARNESS_MAIN
