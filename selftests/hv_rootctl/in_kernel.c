// SPDX-License-Identifier: GPL-2.0
/*
 * The driver's calls for other modules, on real hypercalls, from a process,
 * with interrupts off, from a softirq and from interrupts. W15, G14.
 */
#define HVT_DEVICE HVT_RAWCALL
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "hvtest_harness.h"
#include "kmod/hv_kapi.h"

#define MODULE "/modules/hv_kapi.ko"
#define DEVICE "/dev/hv_kapi"

/* What the kernel must say of each context. */
static const struct {
	const char *name;
	u32 where;
} contexts[HV_KAPI_CONTEXTS] = {
	[HV_KAPI_PROCESS] = { "process", 0 },
	[HV_KAPI_IRQS_OFF] = { "interrupts off", HV_KAPI_WAS_IRQS_OFF },
	[HV_KAPI_SOFTIRQ] = { "softirq", HV_KAPI_WAS_SOFTIRQ },
	[HV_KAPI_HARDIRQ] = { "hardirq",
			      HV_KAPI_WAS_IRQS_OFF | HV_KAPI_WAS_HARDIRQ },
	[HV_KAPI_IPI] = { "another processor's interrupt",
			  HV_KAPI_WAS_IRQS_OFF | HV_KAPI_WAS_HARDIRQ },
};

/* A processor that leaves its idle loop anyway calls without an interrupt. */
static bool was_in(u32 context, u32 where)
{
	return where == contexts[context].where ||
	       (context == HV_KAPI_IPI && where == HV_KAPI_WAS_IRQS_OFF);
}

FIXTURE(in_kernel) {
	struct hvt t;
	int kapi;
	int fd;
	u64 id;
	struct hv_rootctl_query before;
};

/* Not there all the time: it uses the driver's module. */
static int load(void)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return -1;
	err = syscall(SYS_finit_module, fd, "", 0);
	close(fd);
	return err ? -1 : open(DEVICE, O_RDWR | O_CLOEXEC);
}

FIXTURE_SETUP(in_kernel)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	self->kapi = load();
	ASSERT_LE(0, self->kapi);
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	ASSERT_EQ(0, hvt_drv_query(self->fd, &self->before));
}

FIXTURE_TEARDOWN(in_kernel)
{
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, close(self->kapi));
	EXPECT_EQ(0, syscall(SYS_delete_module, "hv_kapi", O_NONBLOCK));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* False: there is no such context on this machine. */
static bool withdraw(struct __test_metadata *_metadata,
		     struct _test_data_in_kernel *self, u32 context, u32 count,
		     struct hv_kapi_withdraw *args)
{
	*args = (struct hv_kapi_withdraw){
		.partition_id = self->id,
		.context = context,
		.count = count,
	};
	if (ioctl(self->kapi, HV_KAPI_WITHDRAW, args)) {
		EXPECT_EQ(EOPNOTSUPP, errno);
		EXPECT_EQ(HV_KAPI_IPI, context);
		return false;
	}
	EXPECT_TRUE(was_in(context, args->where))
		TH_LOG("%s: where 0x%x", contexts[context].name, args->where);
	EXPECT_EQ(args->count, args->good)
		TH_LOG("%s", contexts[context].name);
	return true;
}

/* The pages of a pool as the driver counts them are those that are there. */
static void expect_books(struct __test_metadata *_metadata,
			 struct _test_data_in_kernel *self, u64 more)
{
	struct hv_rootctl_query q;
	struct hvt_audit audit;

	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_EQ(self->before.pages_deposited + more, q.pages_deposited);
	EXPECT_EQ(self->before.pages_quarantined, q.pages_quarantined);
	ASSERT_EQ(0, hvt_audit(&self->t, &audit));
	EXPECT_EQ(q.pages_deposited, audit.v[HV_DEBUG_POOL_PAGES] +
					     audit.v[HV_DEBUG_USED_PAGES]);
}

TEST_F(in_kernel, W2_W3_W8_W15_withdraw_in_any_context)
{
	struct hv_kapi_withdraw args;
	u32 i;

	for (i = 0; i < HV_KAPI_CONTEXTS; i++) {
		ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT,
					  self->id, 2000, NULL));
		expect_books(_metadata, self, 2000);
		if (withdraw(_metadata, self, i, 1300, &args)) {
			EXPECT_EQ(HV_STATUS_SUCCESS, args.status)
				TH_LOG("%s", contexts[i].name);
			EXPECT_EQ(1300, args.count);
			expect_books(_metadata, self, 700);
		} else {
			args.count = 0;
		}
		ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW,
					  self->id, 2000 - args.count, NULL));
		expect_books(_metadata, self, 0);
	}
}

TEST_F(in_kernel, W2_W5_W7_W15_statuses_in_any_context)
{
	struct hv_kapi_withdraw args;
	u64 available, in_use, id = self->id;
	u32 i;

	for (i = 0; i < HV_KAPI_CONTEXTS; i++) {
		ASSERT_EQ(0, hvt_drv_balance(self->fd, id, &available,
					     &in_use));
		if (!withdraw(_metadata, self, i, 4000, &args))
			continue;
		EXPECT_EQ(HV_STATUS_NO_RESOURCES, args.status)
			TH_LOG("%s", contexts[i].name);
		EXPECT_EQ(available, args.count);
		ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, id,
					  available, NULL));
		self->id = HVT_UNKNOWN_ID;
		withdraw(_metadata, self, i, 1, &args);
		EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, args.status)
			TH_LOG("%s", contexts[i].name);
		EXPECT_EQ(0, args.count);
		self->id = id;
	}
	expect_books(_metadata, self, 0);
}

static bool write_gpa(struct __test_metadata *_metadata,
		      struct _test_data_in_kernel *self, u32 context, u64 gpa,
		      struct hv_kapi_write *args)
{
	*args = (struct hv_kapi_write){
		.partition_id = self->id,
		.gpa = gpa,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
		.context = context,
		.count = 13,
	};
	memcpy(args->data, "thirteen byte", 13);
	args->data[0] += context;
	if (ioctl(self->kapi, HV_KAPI_WRITE, args)) {
		EXPECT_EQ(EOPNOTSUPP, errno);
		EXPECT_EQ(HV_KAPI_IPI, context);
		return false;
	}
	EXPECT_TRUE(was_in(context, args->where))
		TH_LOG("%s: where 0x%x", contexts[context].name, args->where);
	return true;
}

static void write_everywhere(struct __test_metadata *_metadata,
			     struct _test_data_in_kernel *self)
{
	struct hv_kapi_write args;
	u8 *page;
	u32 i;

	page = mmap(NULL, HV_PAGE_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, (void *)page);
	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, 0x10000, page,
				 HV_PAGE_SIZE,
				 HV_MAP_GPA_READABLE | HV_MAP_GPA_WRITABLE));
	for (i = 0; i < HV_KAPI_CONTEXTS; i++) {
		if (!write_gpa(_metadata, self, i, 0x10123, &args))
			continue;
		EXPECT_EQ(HV_STATUS_SUCCESS, args.status)
			TH_LOG("%s", contexts[i].name);
		EXPECT_EQ(0, args.access_result);
		EXPECT_EQ(0, memcmp(page + 0x123, args.data, 13));
		EXPECT_EQ(0, page[0x123 + 13]);

		write_gpa(_metadata, self, i, 0x20000, &args);
		EXPECT_EQ(HV_STATUS_SUCCESS, args.status);
		EXPECT_EQ(1, args.access_result) TH_LOG("%s", contexts[i].name);

		write_gpa(_metadata, self, i, 0x10fff, &args);
		EXPECT_EQ(HV_STATUS_INVALID_PARAMETER, args.status)
			TH_LOG("%s", contexts[i].name);
		EXPECT_EQ(99, args.access_result);
	}
}

TEST_F(in_kernel, G2_G6_G8_G14_write_in_any_context)
{
	write_everywhere(_metadata, self);
}

static int write_in_registers(const char *value)
{
	int fd = open("/sys/module/hv_rootctl_lib/parameters/xmm_write_gpa",
		      O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, value, 1);

	close(fd);
	return n == 1 ? 0 : -1;
}

/* With XMM registers where they can be used, and without where not. */
TEST_F(in_kernel, G14_write_in_any_context_in_registers)
{
	struct hv_rootctl_query q;

	ASSERT_EQ(0, hvt_debug(&self->t, HV_DEBUG_OPTION, 0, "fast=any", NULL));
	ASSERT_EQ(0, write_in_registers("Y"));
	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_EQ(HV_ROOTCTL_FORM_XMM, q.write_gpa_form);
	write_everywhere(_metadata, self);
	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_EQ(HV_ROOTCTL_FORM_XMM, q.write_gpa_form);
	EXPECT_EQ(0, write_in_registers("N"));
	EXPECT_EQ(0, hvt_debug(&self->t, HV_DEBUG_OPTION, 0, "fast=table",
			       NULL));
}

TEST_HARNESS_MAIN
