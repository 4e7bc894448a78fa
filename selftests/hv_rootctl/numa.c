// SPDX-License-Identifier: GPL-2.0
/*
 * Proximity domains on a machine that has two to four: W13, and of what memory
 * the hypervisor builds. QEMU's domain n is the kernel's node n.
 */
#define HVT_DEVICE HVT_RAWCALL
#define _GNU_SOURCE
#include <linux/mempolicy.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include "hvtest_harness.h"

#define NODE_PAGES 10
#define MAX_NODES 4

FIXTURE(numa) {
	struct hvt t;
	u64 id; /* uninitialized */
	int nodes; /* below 2: the tests skip themselves */
	struct hvt_mem mem[MAX_NODES];
	u64 *list; /* what a withdraw returned */
};

static int count_nodes(void)
{
	char path[64];
	int n;

	for (n = 0; n < MAX_NODES; n++) {
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", n);
		if (access(path, F_OK))
			break;
	}
	return n;
}

/* New memory of this thread comes from @node only; -1: from any. */
static long bind_memory(int node)
{
	unsigned long mask = 1UL << node;

	if (node < 0)
		return syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0);
	return syscall(SYS_set_mempolicy, MPOL_BIND, &mask, 64);
}

FIXTURE_SETUP(numa)
{
	int node;

	self->nodes = count_nodes();
	if (self->nodes < 2)
		return;
	ASSERT_EQ(0, hvt_open(&self->t));
	for (node = 0; node < self->nodes; node++) {
		ASSERT_EQ(0, bind_memory(node));
		ASSERT_EQ(0, hvt_alloc(&self->t, &self->mem[node], NODE_PAGES));
	}
	ASSERT_EQ(0, bind_memory(-1));
	ASSERT_EQ(HV_STATUS_SUCCESS, hvt_create(&self->t, &self->id));
	for (node = 0; node < self->nodes; node++)
		ASSERT_EQ(0, hvt_deposit_all(&self->t, self->id,
					     &self->mem[node]));
	self->list = (u64 *)self->t.out;
}

FIXTURE_TEARDOWN(numa)
{
	if (self->nodes < 2)
		return;
	EXPECT_EQ(0, hvt_destroy(&self->t, self->id));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static int node_of(const struct _test_data_numa *self, u64 pfn)
{
	int node, i;

	for (node = 0; node < self->nodes; node++)
		for (i = 0; i < NODE_PAGES; i++)
			if (self->mem[node].pfn[i] == pfn)
				return node;
	return -1;
}

static u64 available(struct hvt *t, u64 id, u64 proximity)
{
	struct hv_input_get_memory_balance input = { id, proximity };
	struct hv_output_get_memory_balance *output = (void *)t->out;

	return hvt_simple(t, HVCALL_GET_MEMORY_BALANCE, &input,
			  sizeof(input)) ? ~0ULL : output->pages_available;
}

TEST_F(numa, W13_only_that_domain)
{
	struct hvt_done d;
	int node;
	u32 i;

	if (self->nodes < 2)
		SKIP(return, "one node");
	for (node = 0; node < self->nodes; node++) {
		d = hvt_withdraw(&self->t, self->id, hv_proximity(node, false),
				 4);
		EXPECT_EQ(HV_STATUS_SUCCESS, d.status);
		ASSERT_EQ(4, d.reps);
		for (i = 0; i < d.reps; i++)
			EXPECT_EQ(node, node_of(self, self->list[i]));
	}
	/* It runs dry although there are others. */
	d = hvt_withdraw(&self->t, self->id, hv_proximity(1, false), 20);
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, d.status);
	ASSERT_EQ(NODE_PAGES - 4, d.reps);
	for (i = 0; i < d.reps; i++)
		EXPECT_EQ(1, node_of(self, self->list[i]));
	EXPECT_EQ((self->nodes - 1) * (NODE_PAGES - 4),
		  available(&self->t, self->id, 0));
}

TEST_F(numa, W13_that_domain_first)
{
	struct hvt_done d;
	u32 i;

	if (self->nodes < 2)
		SKIP(return, "one node");
	d = hvt_withdraw(&self->t, self->id, hv_proximity(1, true), 15);
	EXPECT_EQ(HV_STATUS_SUCCESS, d.status);
	ASSERT_EQ(15, d.reps);
	for (i = 0; i < NODE_PAGES; i++)
		EXPECT_EQ(1, node_of(self, self->list[i]));
	for (; i < d.reps; i++)
		EXPECT_NE(1, node_of(self, self->list[i]));
}

TEST_F(numa, W13_any)
{
	struct hvt_done d;

	if (self->nodes < 2)
		SKIP(return, "one node");
	/* Not valid: the domain says nothing. */
	d = hvt_withdraw(&self->t, self->id, 1, self->nodes * NODE_PAGES);
	EXPECT_EQ(HV_STATUS_SUCCESS, d.status);
	EXPECT_EQ(self->nodes * NODE_PAGES, d.reps);
}

TEST_F(numa, W6_W13_domain_behind_the_last)
{
	struct hvt_done d;

	if (self->nodes < 2)
		SKIP(return, "one node");
	d = hvt_withdraw(&self->t, self->id, hv_proximity(self->nodes, true),
			 1);
	EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, d.status);
	EXPECT_EQ(0, d.reps);
}

TEST_F(numa, C_balance_2_by_domain)
{
	int node;

	if (self->nodes < 2)
		SKIP(return, "one node");
	ASSERT_EQ(3, hvt_withdraw(&self->t, self->id, hv_proximity(1, false),
				  3).reps);
	for (node = 0; node < self->nodes; node++)
		EXPECT_EQ(node == 1 ? NODE_PAGES - 3 : NODE_PAGES,
			  available(&self->t, self->id,
				    hv_proximity(node, false)));
	EXPECT_EQ(self->nodes * NODE_PAGES - 3,
		  available(&self->t, self->id, 0));
}

/* The root's pool has a page of two domains, besides what others have left. */
TEST_F(numa, C_create_6_of_that_domain)
{
	struct hv_input_create_partition input = {
		.compatibility_version = HV_COMPATIBILITY_VERSION,
	};
	struct hvt *t = &self->t;
	struct hvt_mem page[2];
	u64 id, before[2];
	int node;

	if (self->nodes < 2)
		SKIP(return, "one node");
	for (node = 0; node < 2; node++) {
		ASSERT_EQ(0, bind_memory(node));
		ASSERT_EQ(0, hvt_alloc(t, &page[node], 1));
		ASSERT_EQ(0, hvt_deposit_all(t, HV_PARTITION_ID_SELF,
					     &page[node]));
		before[node] = available(t, HV_PARTITION_ID_SELF,
					 hv_proximity(node, false));
	}
	ASSERT_EQ(0, bind_memory(-1));
	for (node = 0; node < 2; node++) {
		input.proximity_domain_info = hv_proximity(node, false);
		EXPECT_EQ(HV_STATUS_SUCCESS,
			  hvt_simple(t, HVCALL_CREATE_PARTITION, &input,
				     sizeof(input)));
		id = *(u64 *)t->out;
		EXPECT_EQ(before[node] - 1,
			  available(t, HV_PARTITION_ID_SELF,
				    hv_proximity(node, false)));
		EXPECT_EQ(before[!node],
			  available(t, HV_PARTITION_ID_SELF,
				    hv_proximity(!node, false)));
		EXPECT_EQ(HV_STATUS_SUCCESS,
			  hvt_partition(t, HVCALL_DELETE_PARTITION, id));
	}
	/* What came last goes first: they are ours. */
	for (node = 0; node < 2; node++) {
		EXPECT_EQ(1, hvt_withdraw(t, HV_PARTITION_ID_SELF,
					  hv_proximity(node, false), 1).reps);
		EXPECT_EQ(page[node].pfn[0], self->list[0]);
	}
}

/* Two pages: its own, and its VMCB. */
TEST_F(numa, C_vp_6_of_that_domain)
{
	struct hv_input_create_vp input = {
		.partition_id = self->id,
		.proximity_domain_info = hv_proximity(1, false),
	};
	struct hvt *t = &self->t;

	if (self->nodes < 2)
		SKIP(return, "one node");
	ASSERT_EQ(HV_STATUS_SUCCESS,
		  hvt_partition(t, HVCALL_INITIALIZE_PARTITION, self->id));
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hvt_simple(t, HVCALL_CREATE_VP, &input, sizeof(input)));
	EXPECT_EQ(NODE_PAGES - 2,
		  available(t, self->id, hv_proximity(1, false)));
	/* One page is not enough, and stays. */
	ASSERT_EQ(NODE_PAGES - 3,
		  hvt_withdraw(t, self->id, hv_proximity(1, false),
			       NODE_PAGES - 3).reps);
	input.vp_index = 1;
	EXPECT_EQ(HV_STATUS_INSUFFICIENT_MEMORY,
		  hvt_simple(t, HVCALL_CREATE_VP, &input, sizeof(input)));
	EXPECT_EQ(1, available(t, self->id, hv_proximity(1, false)));
	input.proximity_domain_info = hv_proximity(1, true);
	EXPECT_EQ(HV_STATUS_SUCCESS,
		  hvt_simple(t, HVCALL_CREATE_VP, &input, sizeof(input)));
	EXPECT_EQ(0, available(t, self->id, hv_proximity(1, false)));
}

/* The driver takes the pages from there, and asks for them from there. */
TEST_F(numa, W13_by_ioctl)
{
	struct hv_rootctl_pool cmd = {
		.size = sizeof(cmd),
		.proximity_domain_info = hv_proximity(1, false),
		.page_count = 700,
	};
	u64 id;
	int fd;

	if (self->nodes < 2)
		SKIP(return, "one node");
	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_create(fd, 0, &id));
	cmd.partition_id = id;
	ASSERT_EQ(0, ioctl(fd, HV_ROOTCTL_DEPOSIT, &cmd));
	EXPECT_EQ(HV_STATUS_SUCCESS, cmd.hv_status);
	EXPECT_EQ(700, cmd.pages_done);
	EXPECT_EQ(0, available(&self->t, id, hv_proximity(0, false)));
	EXPECT_EQ(700, available(&self->t, id, hv_proximity(1, false)));

	cmd.proximity_domain_info = hv_proximity(0, false);
	cmd.page_count = 1;
	ASSERT_EQ(0, ioctl(fd, HV_ROOTCTL_WITHDRAW, &cmd));
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, cmd.hv_status);
	EXPECT_EQ(0, cmd.pages_done);
	cmd.proximity_domain_info = hv_proximity(0, true);
	ASSERT_EQ(0, ioctl(fd, HV_ROOTCTL_WITHDRAW, &cmd));
	EXPECT_EQ(HV_STATUS_SUCCESS, cmd.hv_status);
	EXPECT_EQ(1, cmd.pages_done);
	cmd.proximity_domain_info = hv_proximity(1, false);
	cmd.page_count = 700;
	ASSERT_EQ(0, ioctl(fd, HV_ROOTCTL_WITHDRAW, &cmd));
	EXPECT_EQ(HV_STATUS_NO_RESOURCES, cmd.hv_status);
	EXPECT_EQ(699, cmd.pages_done);
	EXPECT_EQ(0, close(fd));
}

TEST_HARNESS_MAIN
