// SPDX-License-Identifier: GPL-2.0
/*
 * Seeing inside the driver: the trace event, and debugfs hv_rootctl/. Two
 * withdraws are made, of which the second runs dry, and must be seen so.
 */
#define HVT_DEVICE HVT_DRIVER
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "hvtest_harness.h"

#define DEBUGFS "/sys/kernel/debug/hv_rootctl/"
#define TRACING "/sys/kernel/debug/tracing/"
#define EVENT TRACING "events/hv_rootctl/hv_rootctl_hypercall/"
#define SWITCH "/sys/module/hv_rootctl_lib/parameters/stats"

#define GUEST_PAGES 3

FIXTURE(observe) {
	int fd;
	u64 id;
	char text[65536];
};

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (ssize_t)strlen(text) ? 0 : -1;
}

static char *read_file(struct _test_data_observe *self, const char *path)
{
	int fd = open(path, O_RDONLY);
	size_t size = 0;
	ssize_t n;

	self->text[0] = '\0';
	if (fd < 0)
		return self->text;
	while ((n = read(fd, self->text + size,
			 sizeof(self->text) - 1 - size)) > 0)
		size += n;
	close(fd);
	self->text[size] = '\0';
	return self->text;
}

/* The line of a table that begins with @key, NULL when there is none. */
static char *line_of(struct _test_data_observe *self, const char *file,
		     const char *key)
{
	char path[128];
	char *line;

	snprintf(path, sizeof(path), DEBUGFS "%s", file);
	for (line = strtok(read_file(self, path), "\n"); line;
	     line = strtok(NULL, "\n"))
		if (!strncmp(line, key, strlen(key)))
			return line;
	return NULL;
}

struct call {
	unsigned long long calls, reps, refused, ns, fast;
};

/* All zero when the call has no line. */
static struct call call_of(struct _test_data_observe *self, const char *code)
{
	struct call c = {};
	char *line = line_of(self, "calls", code);

	if (line && sscanf(line, "%*s %*s %llu %llu %llu %llu %llu", &c.calls,
			   &c.reps, &c.refused, &c.ns, &c.fast) != 5)
		c.calls = ~0ULL;
	return c;
}

static unsigned long long status_count(struct _test_data_observe *self,
				       const char *status)
{
	unsigned long long n = 0;
	char *line = line_of(self, "status", status);

	if (line && sscanf(line, "%*s %*s %llu", &n) != 1)
		n = ~0ULL;
	return n;
}

FIXTURE_SETUP(observe)
{
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_create(self->fd, 0, &self->id));
	ASSERT_EQ(0, write_file(SWITCH, "Y"));
}

FIXTURE_TEARDOWN(observe)
{
	EXPECT_EQ(0, write_file(SWITCH, "N"));
	EXPECT_EQ(0, close(self->fd));
}

/* 700 pages go in, 1000 are asked back: 512 and 188 of 488. */
static int work(struct _test_data_observe *self)
{
	struct hv_rootctl_pool done;

	if (hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id, 700, NULL) ||
	    hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, self->id, 1000, &done))
		return -1;
	return done.pages_done == 700 &&
	       done.hv_status == HV_STATUS_NO_RESOURCES ? 0 : -1;
}

TEST_F(observe, one_event_for_each_hypercall)
{
	static const char *const want[] = {
		"code=0x48 form=memory count=511 start=0 status=0x0 reps=511 ns=",
		"code=0x48 form=memory count=189 start=0 status=0x0 reps=189 ns=",
		"code=0x49 form=memory count=512 start=0 status=0x0 reps=512 ns=",
		"code=0x49 form=memory count=488 start=0 status=0x1d reps=188 ns=",
	};
	const char *at, *name;
	unsigned int i;
	char *end;

	if (access(EVENT "enable", W_OK))
		SKIP(return, "the kernel has no trace events");
	ASSERT_EQ(0, write_file(TRACING "trace", ""));
	ASSERT_EQ(0, write_file(EVENT "enable", "1"));
	EXPECT_EQ(0, work(self));
	ASSERT_EQ(0, write_file(EVENT "enable", "0"));

	at = read_file(self, TRACING "trace");
	for (i = 0; i < ARRAY_SIZE(want); i++) {
		at = strstr(at, "hv_rootctl_hypercall: ");
		ASSERT_NE(NULL, at);
		at += strlen("hv_rootctl_hypercall: ");
		EXPECT_EQ(0, strncmp(at, want[i], strlen(want[i])))
			TH_LOG("%.100s", at);
		EXPECT_LT(0, strtoul(at + strlen(want[i]), &end, 10));
		name = i == 3 ? " NO_RESOURCES\n" : " SUCCESS\n";
		EXPECT_EQ(0, strncmp(end, name, strlen(name)))
			TH_LOG("%.100s", at);
	}
	EXPECT_EQ(NULL, strstr(at, "hv_rootctl_hypercall: "));
}

TEST_F(observe, calls_reps_and_statuses)
{
	struct call deposit = call_of(self, "0x0048");
	struct call withdraw = call_of(self, "0x0049");
	unsigned long long dry = status_count(self, "0x001d");
	struct call now;

	ASSERT_EQ(0, work(self));
	now = call_of(self, "0x0048");
	EXPECT_EQ(deposit.calls + 2, now.calls);
	EXPECT_EQ(deposit.reps + 700, now.reps);
	EXPECT_EQ(deposit.refused, now.refused);
	EXPECT_LT(deposit.ns, now.ns);
	now = call_of(self, "0x0049");
	EXPECT_EQ(withdraw.calls + 2, now.calls);
	EXPECT_EQ(withdraw.reps + 700, now.reps);
	EXPECT_EQ(withdraw.refused + 1, now.refused);
	EXPECT_EQ(dry + 1, status_count(self, "0x001d"));
}

/* The calls that the TLFS marks as fast have their input in registers. */
TEST_F(observe, C_life_3_calls_in_registers)
{
	static const char *const codes[] = { "0x0041", "0x004f", "0x0042",
					     "0x0043" };
	struct call before[ARRAY_SIZE(codes)], now, withdraw;
	unsigned int i;
	u32 status;
	u64 id;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		before[i] = call_of(self, codes[i]);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &id));
	ASSERT_EQ(0, hvt_drv_vp(self->fd, HV_ROOTCTL_VP_DELETE, id, 0,
				&status));
	EXPECT_EQ(HV_STATUS_SUCCESS, status);
	ASSERT_EQ(0, hvt_drv_partition(self->fd, HV_ROOTCTL_PARTITION_FINALIZE,
				       id, &status));
	EXPECT_EQ(HV_STATUS_SUCCESS, status);
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, id,
				  HVT_CHILD_POOL, NULL));
	ASSERT_EQ(0, hvt_drv_partition(self->fd, HV_ROOTCTL_PARTITION_DELETE,
				       id, &status));
	EXPECT_EQ(HV_STATUS_SUCCESS, status);
	for (i = 0; i < ARRAY_SIZE(codes); i++) {
		now = call_of(self, codes[i]);
		EXPECT_EQ(before[i].calls + 1, now.calls) TH_LOG("%s", codes[i]);
		EXPECT_EQ(before[i].fast + 1, now.fast) TH_LOG("%s", codes[i]);
		EXPECT_EQ(before[i].refused, now.refused);
	}
	withdraw = call_of(self, "0x0049");
	EXPECT_LT(0, withdraw.calls);
	EXPECT_EQ(0, withdraw.fast);
}

static unsigned long long fed(struct _test_data_observe *self)
{
	unsigned long long pages = ~0ULL, times;
	const char *line = strstr(read_file(self, DEBUGFS "pages"),
				  "deposited automatically ");

	if (line && sscanf(line, "%*s %*s %llu, in %llu", &pages, &times) != 2)
		pages = ~0ULL;
	return pages;
}

/* A child with an empty pool is initialized. */
TEST_F(observe, what_is_deposited_automatically)
{
	struct hv_rootctl_partition cmd = {
		.size = sizeof(cmd),
		.partition_id = self->id,
		.retry.deposit_limit = 100,
	};
	unsigned long long before = fed(self);

	EXPECT_NE(~0ULL, before);
	ASSERT_EQ(0, ioctl(self->fd, HV_ROOTCTL_PARTITION_INITIALIZE, &cmd));
	EXPECT_EQ(0, cmd.hv_status);
	EXPECT_LT(0, cmd.retry.pages_deposited);
	EXPECT_EQ(before + cmd.retry.pages_deposited, fed(self));
}

/* As many calls in the buckets as there are. */
TEST_F(observe, latencies_are_those_of_the_calls)
{
	struct call withdraw;
	unsigned long long from, n, sum = 0;
	char *line, *at;

	ASSERT_EQ(0, work(self));
	withdraw = call_of(self, "0x0049");
	line = line_of(self, "latency", "0x0049");
	ASSERT_NE(NULL, line);
	for (at = strchr(line, ':'); at; at = strchr(at + 1, ':')) {
		n = strtoull(at + 1, NULL, 10);
		while (at > line && at[-1] != ' ')
			at--;
		from = strtoull(at, &at, 10);
		EXPECT_EQ(0, from & (from - 1));
		EXPECT_LE(from * n, withdraw.ns);
		sum += n;
	}
	EXPECT_EQ(withdraw.calls, sum);
}

TEST_F(observe, off_unless_asked_for)
{
	struct hv_rootctl_query q;
	struct call before;

	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_TRUE(q.features & HV_ROOTCTL_FEATURE_STATS);
	ASSERT_EQ(0, write_file(SWITCH, "N"));
	ASSERT_EQ(0, hvt_drv_query(self->fd, &q));
	EXPECT_FALSE(q.features & HV_ROOTCTL_FEATURE_STATS);
	before = call_of(self, "0x0049");
	ASSERT_EQ(0, work(self));
	EXPECT_EQ(before.calls, call_of(self, "0x0049").calls);
}

/* Who has which pages, and nobody after the end of the file. */
TEST_F(observe, pages_by_owner)
{
	struct hv_rootctl_pool hold = { .size = sizeof(hold),
					.flags = HV_ROOTCTL_HOLD,
					.page_count = 3 };
	unsigned long long pool, mapped;
	char key[32], owner[16];
	char *line;
	void *va;
	u64 id;
	int fd;

	va = mmap(NULL, GUEST_PAGES * HV_PAGE_SIZE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, va);
	fd = hvt_driver();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, hvt_drv_child(fd, &id));
	snprintf(key, sizeof(key), "%llu ", (unsigned long long)id);
	ASSERT_EQ(0, hvt_drv_map(fd, id, 0, va, GUEST_PAGES * HV_PAGE_SIZE,
				 HV_MAP_GPA_READABLE));
	line = line_of(self, "pages", key);
	ASSERT_NE(NULL, line);
	if (sscanf(line, "%*u %llu %llu %*u %*u %15s", &pool, &mapped, owner) != 3)
		line = NULL;
	ASSERT_NE(NULL, line);
	EXPECT_EQ(HVT_CHILD_POOL, pool);
	EXPECT_EQ(GUEST_PAGES, mapped);
	EXPECT_STREQ("file", owner);

	hold.partition_id = id;
	ASSERT_EQ(0, ioctl(fd, HV_ROOTCTL_WITHDRAW, &hold));
	EXPECT_NE(NULL, line_of(self, "pages", "held by files 3"));

	ASSERT_EQ(0, close(fd));
	EXPECT_NE(NULL, line_of(self, "pages", "held by files 0"));
	EXPECT_EQ(NULL, line_of(self, "pages", key));
	EXPECT_NE(NULL, line_of(self, "pages", "quarantined "));
}

TEST_F(observe, not_for_everybody)
{
	static const char *const files[] = { "calls", "latency", "pages",
					     "status" };
	char path[128];
	struct stat st;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s", files[i]);
		ASSERT_EQ(0, stat(path, &st)) TH_LOG("%s", path);
		EXPECT_EQ(0400, st.st_mode & 07777);
		EXPECT_EQ(0, st.st_uid);
	}
}

TEST_HARNESS_MAIN
