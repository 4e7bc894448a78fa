// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>

#include "kmod/hv_peer.h"
#include "peer.h"

/* Calls in a chunk. */
#define CALLS 100

static int peer = -1;

static void peer_open(void)
{
	if (peer < 0)
		peer = open("/dev/hv_peer", O_RDWR | O_CLOEXEC);
	if (peer < 0)
		die("open /dev/hv_peer");
}

static void pool(unsigned long cmd, u64 id, u64 count)
{
	struct hv_peer_pool args = { .partition = id, .count = count };

	peer_open();
	if (ioctl(peer, cmd, &args) || args.count != count)
		die("hv_peer.ko");
}

void peer_deposit(u64 id)
{
	pool(HV_PEER_DEPOSIT, id, HV_DEPOSIT_MAX);
}

bool peer_is_accepted(u64 id)
{
	peer_deposit(id);
	hvctl_withdraw(driver, id, 0, HV_DEPOSIT_MAX, &r);
	return r.done == HV_DEPOSIT_MAX;
}

static void measure_write(u64 id, const u8 *data)
{
	struct hv_input_write_gpa in = {
		.partition_id = id,
		.byte_count = HV_ACCESS_GPA_MAX,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
	};
	struct hv_output_write_gpa out;
	struct hv_peer_call call = {
		.control = hv_control_simple(HVCALL_WRITE_GPA, false),
		.input = (uintptr_t)&in,
		.output = (uintptr_t)&out,
		.input_size = sizeof(in),
		.output_size = sizeof(out),
	};
	int i, k;

	memcpy(in.data, data, HV_ACCESS_GPA_MAX);
	for (i = 0; i < CHUNKS; i++) {
		mark(MARK_PEER_WRITE);
		for (k = 0; k < CALLS; k++)
			if (ioctl(peer, HV_PEER_CALL, &call) || call.result ||
			    out.access_result != HV_ACCESS_GPA_SUCCESS)
				die("HV_PEER_CALL");
		mark(MARK_NONE);
	}
	counted("peer", "P3", "root, per 16 bytes of write-gpa",
		MARK_PEER_WRITE, "root", CALLS, 0);
}

void peer_measure(u64 id, const u8 *data)
{
	int i;

	peer_open();
	empty(id);
	for (i = 0; i < CHUNKS; i++) {
		mark(MARK_PEER_DEPOSIT);
		pool(HV_PEER_DEPOSIT, id, HV_DEPOSIT_MAX);
		mark(MARK_NONE);
	}
	for (i = 0; i < CHUNKS - 1; i++) {
		mark(MARK_PEER_WITHDRAW);
		pool(HV_PEER_WITHDRAW, id, HV_WITHDRAW_MAX);
		mark(MARK_NONE);
	}
	/* What does not fill a chunk. */
	pool(HV_PEER_WITHDRAW, id,
	     CHUNKS * HV_DEPOSIT_MAX - (CHUNKS - 1) * HV_WITHDRAW_MAX);
	measure_write(id, data);

	counted("peer", "P2", "root, per withdrawn page, freed",
		MARK_PEER_WITHDRAW, "root", HV_WITHDRAW_MAX, 0);
	counted("peer", "P2", "root, per withdrawn page, held",
		MARK_PEER_WITHDRAW, "root", HV_WITHDRAW_MAX, 0);
	counted("peer", "P2", "root, per withdrawn page that others deposited",
		MARK_PEER_WITHDRAW, "root", HV_WITHDRAW_MAX, 0);
	counted("peer", "P2b", "root, per deposited page", MARK_PEER_DEPOSIT,
		"root", HV_DEPOSIT_MAX, 0);
}
