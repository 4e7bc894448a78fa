// SPDX-License-Identifier: GPL-2.0
/* What the driver says in the kernel's log, and how often. */
#define HVT_DEVICE HVT_RAWCALL
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include "hvtest_failing.h"
#include "hvtest_harness.h"

#define QUARANTINE "hv_rootctl: the hypervisor returned page 0x"
#define FROM_POOL " from the pool of partition "
#define TOLD_AT_THE_END "hv_rootctl: partition %llu: "
#define NOBODYS "hv_rootctl: partition %llu can neither be noted down "
#define PAGES_BY_OWNER "/sys/kernel/debug/hv_rootctl/pages"
#define PAGES 100

FIXTURE(log) {
	struct hvt t;
	int fd;
	u64 id;
};

FIXTURE_SETUP(log)
{
	ASSERT_EQ(0, hvt_open(&self->t));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, hvt_drv_child(self->fd, &self->id));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, self->id,
				  PAGES, NULL));
}

FIXTURE_TEARDOWN(log)
{
	EXPECT_EQ(0,
		  hvt_debug(&self->t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL));
	EXPECT_EQ(0, close(self->fd));
	EXPECT_EQ(0, hvt_close(&self->t));
}

/* The records that begin with @text; the last of them, and is any lost? */
static unsigned int records(const char *text, char *last, size_t size,
			    bool *lost)
{
	char record[8192], *message;
	unsigned int found = 0;
	bool first = true;
	ssize_t n;
	int fd;

	fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		perror("/dev/kmsg");
		exit(1);
	}
	*lost = false;
	while ((n = read(fd, record, sizeof(record) - 1)) > 0 ||
	       (n < 0 && errno == EPIPE)) {
		if (n < 0) {
			*lost = true;
			continue;
		}
		record[n] = '\0';
		/* "priority,number,..." and, behind a semicolon, the message. */
		if (first && strtoul(strchr(record, ',') + 1, NULL, 10))
			*lost = true;
		first = false;
		message = strchr(record, ';') + 1;
		if (strncmp(message, text, strlen(text)))
			continue;
		found++;
		snprintf(last, size, "%s", message);
	}
	close(fd);
	return found;
}

static u64 quarantined(struct _test_data_log *self)
{
	struct hv_rootctl_query q;

	return hvt_drv_query(self->fd, &q) ? ~0ULL : q.pages_quarantined;
}

/*
 * Page numbers that cannot be right are counted each time, and told of once,
 * with the partition and the number: a hypervisor cannot fill the log.
 */
TEST_F(log, W9_quarantine_is_told_once)
{
	const u64 counted = quarantined(self);
	unsigned int before, after, i;
	char message[512] = "";
	char *partition;
	bool lost;

	before = records(QUARANTINE, message, sizeof(message), &lost);
	EXPECT_GE(1, before);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0,
			  hvt_fault(&self->t, "call=0x49 run=1 pages=outside:2"));
		hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, self->id, 3, NULL);
	}
	EXPECT_EQ(counted + 10, quarantined(self));
	after = records(QUARANTINE, message, sizeof(message), &lost);
	EXPECT_GE(1, after);
	if (!after && lost)
		SKIP(return, "the log begins later than the message");
	ASSERT_EQ(1, after);
	EXPECT_NE(0, strtoull(message + strlen(QUARANTINE), NULL, 16));
	partition = strstr(message, FROM_POOL);
	ASSERT_NE(NULL, partition);
	if (!before)
		EXPECT_EQ(self->id, strtoull(partition + strlen(FROM_POOL),
					     NULL, 10));
}

/* What debugfs says of a partition, or ~0. */
static unsigned long long quarantined_of(u64 id)
{
	unsigned long long of, n, found = ~0ULL;
	FILE *file = fopen(PAGES_BY_OWNER, "re");
	char line[256];

	if (!file) {
		perror(PAGES_BY_OWNER);
		exit(1);
	}
	while (fgets(line, sizeof(line), file))
		if (sscanf(line, "%llu %*u %*u %*u %llu", &of, &n) == 2 &&
		    of == id)
			found = n;
	fclose(file);
	return found;
}

/* Of each partition, how many: while it is there, and in the end. */
TEST_F(log, W9_quarantine_is_counted_by_partition)
{
	char message[512] = "", text[64];
	bool lost;
	u64 other;

	ASSERT_EQ(0, hvt_drv_child(self->fd, &other));
	EXPECT_EQ(0, quarantined_of(self->id));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x49 run=1 pages=outside:2"));
	hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, self->id, 3, NULL);
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x49 run=1 pages=outside:1"));
	hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, self->id, 1, NULL);
	EXPECT_EQ(3, quarantined_of(self->id));
	EXPECT_EQ(0, quarantined_of(other));

	snprintf(text, sizeof(text), TOLD_AT_THE_END,
		 (unsigned long long)self->id);
	EXPECT_EQ(0, records(text, message, sizeof(message), &lost));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(1, records(text, message, sizeof(message), &lost));
	EXPECT_EQ(3, strtoull(message + strlen(text), NULL, 10));
	snprintf(text, sizeof(text), TOLD_AT_THE_END,
		 (unsigned long long)other);
	EXPECT_EQ(0, records(text, message, sizeof(message), &lost));
	self->fd = hvt_driver();
	ASSERT_LE(0, self->fd);
}

/* Also when there is nothing else to be known of it. */
TEST_F(log, W9_quarantine_is_counted_until_it_is_deleted)
{
	char message[512] = "", text[64];
	u32 status;
	bool lost;
	u64 id;

	ASSERT_EQ(0, hvt_drv_create(self->fd, HV_ROOTCTL_DETACHED, &id));
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, id, 1, NULL));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x49 run=1 pages=outside:2"));
	hvt_drv_pool(self->fd, HV_ROOTCTL_WITHDRAW, id, 3, NULL);
	EXPECT_EQ(2, quarantined_of(id));

	ASSERT_EQ(0, hvt_drv_partition(self->fd, HV_ROOTCTL_PARTITION_DELETE,
				       id, &status));
	EXPECT_EQ(HV_STATUS_SUCCESS, status);
	EXPECT_EQ(~0ULL, quarantined_of(id));
	snprintf(text, sizeof(text), TOLD_AT_THE_END, (unsigned long long)id);
	EXPECT_EQ(1, records(text, message, sizeof(message), &lost));
	EXPECT_EQ(2, strtoull(message + strlen(text), NULL, 10));
}

/* Create a partition, and let the nth chance to fail be one that fails. */
static u64 create_failing(struct _test_data_log *self, int fail, unsigned int nth)
{
	struct hv_rootctl_partition_create cmd = { .size = sizeof(cmd) };
	char text[16];
	int ret;

	snprintf(text, sizeof(text), "%u", nth);
	if (pwrite(fail, text, strlen(text), 0) < 0)
		return 0;
	ret = ioctl(self->fd, HV_ROOTCTL_PARTITION_CREATE, &cmd);
	if (pwrite(fail, "0", 1, 0) < 0)
		return 0;
	return ret && errno == ENOMEM ? cmd.partition_id : 0;
}

/* A partition is there, and no memory to note it down, and it stays there. */
TEST_F(log, partition_that_is_nobodys)
{
	int fail = open(HVT_FAIL_NTH, O_RDWR | O_CLOEXEC);
	char message[512] = "", text[128];
	unsigned int nth;
	u32 status;
	bool lost;
	u64 id = 0;

	if (fail < 0)
		SKIP(return, "no fault injection in this kernel");
	ASSERT_EQ(0, hvt_arm_kernel());
	ASSERT_EQ(0, hvt_drv_pool(self->fd, HV_ROOTCTL_DEPOSIT, HV_ROOTCTL_SELF,
				  1, NULL));
	ASSERT_EQ(0, hvt_fault(&self->t, "call=0x43 status=0x07"));
	for (nth = 1; !id && nth < 10; nth++)
		id = create_failing(self, fail, nth);
	ASSERT_NE(0, id);
	snprintf(text, sizeof(text), NOBODYS, (unsigned long long)id);
	EXPECT_EQ(1, records(text, message, sizeof(message), &lost));
	EXPECT_NE(NULL, strstr(message, "INVALID_PARTITION_STATE"));
	EXPECT_EQ(0, hvt_drv_partition(self->fd, HV_ROOTCTL_PARTITION_DELETE,
				       id, &status));
	EXPECT_EQ(HV_STATUS_SUCCESS, status);
	close(fail);
}

TEST_HARNESS_MAIN
