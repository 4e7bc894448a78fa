// SPDX-License-Identifier: GPL-2.0
/*
 * HvWriteGpa with its parameters in XMM registers: only when it is asked for,
 * only while the hypervisor takes it, and no program ever notices.
 */
#define HVT_DEVICE HVT_RAWCALL
#include <cpuid.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include "hvtest_harness.h"

#define PARAMETERS "/sys/module/hv_rootctl_lib/parameters/"
#define CALLS "/sys/kernel/debug/hv_rootctl/calls"

/* Two pages, and a hole behind. */
#define FIRST_GPA 0x7ff000ULL
#define PAGES 2
#define SIZE (PAGES * HV_PAGE_SIZE)

FIXTURE(xmm) {
	struct hvt t;
	int fd;
	u64 id;
	u8 *guest; /* the root's view of the child's memory */
	u8 *buf;
	struct hv_rootctl_access done;
};

static int parameter(const char *name, const char *value)
{
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	n = write(fd, value, 1);
	close(fd);
	return n == 1 ? 0 : -1;
}

static int option(struct _test_data_xmm *self, const char *word)
{
	return hvt_debug(&self->t, HV_DEBUG_OPTION, 0, word, NULL) ? -1 : 0;
}

static u32 form(struct _test_data_xmm *self)
{
	struct hv_rootctl_query q;

	return hvt_drv_query(self->fd, &q) ? 0 : q.write_gpa_form;
}

/* HvWriteGpa calls that were counted, and those of them in registers. */
struct count {
	unsigned long long calls, fast;
};

static struct count count(void)
{
	struct count c = {};
	char line[256];
	FILE *f = fopen(CALLS, "r");

	if (!f)
		return c;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "0x0054", 6) &&
		    sscanf(line, "%*s %*s %llu %*u %*u %*u %llu", &c.calls,
			   &c.fast) != 2)
			c.calls = ~0ULL;
	fclose(f);
	return c;
}

static u8 *anonymous(size_t size)
{
	void *va = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return va == MAP_FAILED ? NULL : va;
}

static bool offered(void)
{
	unsigned int a, b, c, d = 0;

	__cpuid(0x40000003, a, b, c, d);
	return (d & HV_FEATURE_XMM_INPUT) && (d & HV_FEATURE_XMM_OUTPUT);
}

FIXTURE_SETUP(xmm)
{
	unsigned int i;

	if (!offered())
		SKIP(return, "the hypervisor offers no XMM registers");
	ASSERT_EQ(0, hvt_open(&self->t));
	ASSERT_EQ(0, option(self, "fast=any"));
	ASSERT_EQ(0, option(self, "xmm=on"));
	ASSERT_EQ(0, parameter("stats", "Y"));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	self->guest = anonymous(SIZE);
	self->buf = anonymous(SIZE);
	ASSERT_TRUE(self->guest && self->buf);
	for (i = 0; i < SIZE; i++)
		self->buf[i] = 1 + i % 251;
	ASSERT_EQ(0, hvt_drv_map(self->fd, self->id, FIRST_GPA, self->guest,
				 SIZE, HV_MAP_GPA_READABLE |
				 HV_MAP_GPA_WRITABLE));
}

FIXTURE_TEARDOWN(xmm)
{
	if (!self->guest)
		return;
	EXPECT_EQ(0, parameter("xmm_write_gpa", "N"));
	EXPECT_EQ(0, parameter("stats", "N"));
	EXPECT_EQ(0, option(self, "fast=table"));
	EXPECT_EQ(0, option(self, "xmm=on"));
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, hvt_close(&self->t));
}

static int write_at(struct _test_data_xmm *self, u64 offset, u64 length)
{
	return hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA, self->id,
			      FIRST_GPA + offset, self->buf, length,
			      &self->done);
}

static bool zero(const u8 *p, size_t size)
{
	while (size--)
		if (*p++)
			return false;
	return true;
}

/* A write that does what it should, and nothing besides. */
static void expect_write(struct __test_metadata *_metadata,
			 struct _test_data_xmm *self, u64 offset, u64 length)
{
	memset(self->guest, 0, SIZE);
	EXPECT_EQ(0, write_at(self, offset, length));
	EXPECT_EQ(HV_STATUS_SUCCESS, self->done.hv_status);
	EXPECT_EQ(HV_ACCESS_GPA_SUCCESS, self->done.access_result);
	EXPECT_EQ(length, self->done.bytes_done);
	EXPECT_EQ(0, memcmp(self->guest + offset, self->buf, length));
	EXPECT_TRUE(zero(self->guest, offset));
	EXPECT_TRUE(zero(self->guest + offset + length,
			 SIZE - offset - length));
}

/* And in so many calls, of which so many are in registers. */
static void expect_calls(struct __test_metadata *_metadata,
			 struct _test_data_xmm *self, u64 offset, u64 length,
			 u64 calls, u64 fast)
{
	struct count before = count(), after;

	expect_write(_metadata, self, offset, length);
	after = count();
	EXPECT_EQ(calls, after.calls - before.calls);
	EXPECT_EQ(fast, after.fast - before.fast);
}

TEST_F(xmm, off_unless_asked_for)
{
	EXPECT_EQ(HV_ROOTCTL_FORM_MEMORY, form(self));
	expect_calls(_metadata, self, 0, 4096, 256, 0);
}

TEST_F(xmm, G1_G2_G15_every_length_and_alignment)
{
	u64 length, offset;

	ASSERT_EQ(0, parameter("xmm_write_gpa", "Y"));
	ASSERT_EQ(HV_ROOTCTL_FORM_XMM, form(self));
	for (length = 1; length <= 35; length++)
		for (offset = 4096 - 20; offset <= 4096 + 16; offset += 3)
			expect_write(_metadata, self, offset, length);
	/* 3 bytes, 4096, and one: 1 + 256 + 1 pieces, all in registers. */
	expect_calls(_metadata, self, 4093, 4099, 257, 257);
}

TEST_F(xmm, G8_G15_stops_at_the_first_refusal)
{
	ASSERT_EQ(0, parameter("xmm_write_gpa", "Y"));
	EXPECT_EQ(0, write_at(self, SIZE - 40, 100));
	EXPECT_EQ(HV_STATUS_SUCCESS, self->done.hv_status);
	EXPECT_EQ(HV_ACCESS_GPA_UNMAPPED, self->done.access_result);
	EXPECT_EQ(40, self->done.bytes_done);
	EXPECT_EQ(FIRST_GPA + SIZE, self->done.fail_gpa);
	EXPECT_EQ(0, memcmp(self->guest + SIZE - 40, self->buf, 40));

	self->done.hv_status = 0;
	EXPECT_EQ(0, hvt_drv_access(self->fd, HV_ROOTCTL_WRITE_GPA,
				    HVT_UNKNOWN_ID, FIRST_GPA, self->buf, 20,
				    &self->done));
	EXPECT_EQ(HV_STATUS_INVALID_PARTITION_ID, self->done.hv_status);
	EXPECT_EQ(0, self->done.bytes_done);
	EXPECT_EQ(HV_ROOTCTL_FORM_XMM, form(self));
}

/* What the tables say: the call has no fast form. */
TEST_F(xmm, refused_at_first)
{
	ASSERT_EQ(0, option(self, "fast=table"));
	ASSERT_EQ(0, parameter("xmm_write_gpa", "Y"));
	EXPECT_EQ(HV_ROOTCTL_FORM_MEMORY, form(self));
	expect_calls(_metadata, self, 0, 4096, 256, 0);
}

/* Offered by CPUID, and then it is #UD. */
TEST_F(xmm, faults_at_first)
{
	static const char *const words[] = { "xmm=off", "xmm=input" };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		ASSERT_EQ(0, option(self, words[i]));
		ASSERT_EQ(0, parameter("xmm_write_gpa", "Y"));
		EXPECT_EQ(HV_ROOTCTL_FORM_MEMORY, form(self));
		expect_calls(_metadata, self, 0, 4096, 256, 0);
		ASSERT_EQ(0, parameter("xmm_write_gpa", "N"));
	}
}

/*
 * The form is taken no longer. The write is complete all the same, and nobody
 * tries again until somebody asks for it.
 */
static void later(struct __test_metadata *_metadata,
		  struct _test_data_xmm *self, const char *no, const char *yes)
{
	ASSERT_EQ(0, parameter("xmm_write_gpa", "Y"));
	expect_calls(_metadata, self, 0, 4096, 256, 256);
	ASSERT_EQ(0, option(self, no));
	expect_calls(_metadata, self, 0, 4096, 257, 1);
	EXPECT_EQ(HV_ROOTCTL_FORM_MEMORY, form(self));
	ASSERT_EQ(0, option(self, yes));
	expect_calls(_metadata, self, 0, 4096, 256, 0);
	ASSERT_EQ(0, parameter("xmm_write_gpa", "Y"));
	EXPECT_EQ(HV_ROOTCTL_FORM_XMM, form(self));
	expect_calls(_metadata, self, 0, 4096, 256, 256);
}

TEST_F(xmm, refused_later)
{
	later(_metadata, self, "fast=table", "fast=any");
}

TEST_F(xmm, faults_later)
{
	later(_metadata, self, "xmm=off", "xmm=on");
}

/* Success is claimed, and XMM2 is as it was. */
TEST_F(xmm, success_without_an_output)
{
	ASSERT_EQ(0, parameter("xmm_write_gpa", "Y"));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x54 nth=2 output=stale"));
	EXPECT_EQ(-1, write_at(self, 0, 64));
	EXPECT_EQ(EPROTO, errno);
	EXPECT_EQ(16, self->done.bytes_done);
	EXPECT_EQ(HV_ROOTCTL_FORM_XMM, form(self));
	expect_calls(_metadata, self, 0, 64, 4, 4);
}

/* --- the registers of programs ----------------------------------------------- */

struct xmm_state {
	u8 reg[16][16];
};

static void fill(struct xmm_state *s, u8 seed)
{
	unsigned int i;

	for (i = 0; i < sizeof(*s); i++)
		((u8 *)s)[i] = seed + i * 3;
}

#define EACH_XMM(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) \
	X(10) X(11) X(12) X(13) X(14) X(15)
#define LOAD(n) "movups " #n "*16(%[in]), %%xmm" #n "\n\t"
#define STORE(n) "movups %%xmm" #n ", " #n "*16(%[out])\n\t"
#define CLOBBERED "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", \
	"xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", \
	"xmm15"

/* An ioctl with all XMM registers live: as they were, or as @out says. */
static long ioctl_with(int fd, unsigned long request, void *arg,
		       const struct xmm_state *in, struct xmm_state *out)
{
	long ret = SYS_ioctl;

	asm volatile(EACH_XMM(LOAD)
		     "syscall\n\t"
		     EACH_XMM(STORE)
		     : "+a"(ret)
		     : "D"(fd), "S"(request), "d"(arg), [in] "r"(in),
		       [out] "r"(out)
		     : "memory", "cc", "rcx", "r11", CLOBBERED);
	return ret;
}

static void write_with(struct __test_metadata *_metadata,
		       struct _test_data_xmm *self, u8 seed)
{
	struct hv_rootctl_access args = {
		.size = sizeof(args),
		.partition_id = self->id,
		.gpa = FIRST_GPA + 5,
		.length = 1000,
		.user_addr = (uintptr_t)self->buf,
		.cache_type = HV_CACHE_TYPE_WRITE_BACK,
	};
	struct xmm_state in, out = {};

	fill(&in, seed);
	EXPECT_EQ(0, ioctl_with(self->fd, HV_ROOTCTL_WRITE_GPA, &args, &in,
				&out));
	EXPECT_EQ(1000, args.bytes_done);
	EXPECT_EQ(0, memcmp(&in, &out, sizeof(in)));
}

TEST_F(xmm, registers_of_the_caller)
{
	unsigned int i;

	ASSERT_EQ(0, parameter("xmm_write_gpa", "Y"));
	for (i = 0; i < 20; i++)
		write_with(_metadata, self, i);
	EXPECT_EQ(HV_ROOTCTL_FORM_XMM, form(self));
	/* And where the hypercall faults. */
	ASSERT_EQ(0, option(self, "xmm=off"));
	write_with(_metadata, self, 77);
	EXPECT_EQ(HV_ROOTCTL_FORM_MEMORY, form(self));
}

struct other {
	pthread_t thread;
	u8 seed;
	unsigned int wrong;
	unsigned long looks;
};

static bool stop;

/* Has live registers for a while, again and again. */
static void *others(void *arg)
{
	struct other *o = arg;
	struct xmm_state in, out;
	long turns;

	fill(&in, o->seed);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		turns = 200000;
		asm volatile(EACH_XMM(LOAD)
			     "1: dec %[turns]\n\t"
			     "jnz 1b\n\t"
			     EACH_XMM(STORE)
			     : [turns] "+r"(turns)
			     : [in] "r"(&in), [out] "r"(&out)
			     : "memory", "cc", CLOBBERED);
		o->wrong += memcmp(&in, &out, sizeof(in)) != 0;
		__atomic_fetch_add(&o->looks, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* Has each had its turn, more than once? */
static bool all_looked(const struct other *o, unsigned int count)
{
	while (count--)
		if (__atomic_load_n(&o[count].looks, __ATOMIC_RELAXED) < 3)
			return false;
	return true;
}

TEST_F(xmm, registers_of_others)
{
	struct other o[3] = {};
	unsigned int i;

	ASSERT_EQ(0, parameter("xmm_write_gpa", "Y"));
	for (i = 0; i < ARRAY_SIZE(o); i++) {
		o[i].seed = 100 + 11 * i;
		ASSERT_EQ(0, pthread_create(&o[i].thread, NULL, others, &o[i]));
	}
	/* Long enough for the others to have their turn in the middle. */
	for (i = 0; i < 40 || !all_looked(o, ARRAY_SIZE(o)); i++)
		expect_write(_metadata, self, i % 40, SIZE - 40);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < ARRAY_SIZE(o); i++) {
		ASSERT_EQ(0, pthread_join(o[i].thread, NULL));
		EXPECT_EQ(0, o[i].wrong);
	}
	EXPECT_EQ(HV_ROOTCTL_FORM_XMM, form(self));
}

TEST_HARNESS_MAIN
