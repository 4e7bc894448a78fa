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

static u64 pool(unsigned long cmd, u64 id, u64 count)
{
	struct hv_peer_pool args = { .partition = id, .count = count };

	peer_open();
	if (ioctl(peer, cmd, &args) || args.count != count)
		die("hv_peer.ko");
	return args.ticks;
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

static void measure_pool(unsigned long cmd, u64 id, u64 count, int chunks,
			 struct series *s)
{
	u64 start, ticks, whole;

	while (chunks--) {
		start = __rdtsc();
		ticks = pool(cmd, id, count);
		whole = __rdtsc() - start;
		add(s, whole - ticks);
	}
}

static void measure_write(u64 id, const u8 *data, struct series *s)
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
	u64 start, ticks;
	int i, k;

	memcpy(in.data, data, HV_ACCESS_GPA_MAX);
	for (i = 0; i < CHUNKS; i++) {
		start = __rdtsc();
		for (ticks = 0, k = 0; k < CALLS; k++) {
			if (ioctl(peer, HV_PEER_CALL, &call) || call.result ||
			    out.access_result != HV_ACCESS_GPA_SUCCESS)
				die("HV_PEER_CALL");
			ticks += call.ticks;
		}
		add(s, __rdtsc() - start - ticks);
	}
}

void peer_measure(u64 id, const u8 *data)
{
	struct series deposit = {}, withdraw = {}, write = {};

	peer_open();
	empty(id);
	measure_pool(HV_PEER_DEPOSIT, id, HV_DEPOSIT_MAX, CHUNKS, &deposit);
	measure_pool(HV_PEER_WITHDRAW, id, HV_WITHDRAW_MAX, CHUNKS - 1,
		     &withdraw);
	/* What does not fill a chunk. */
	pool(HV_PEER_WITHDRAW, id,
	     CHUNKS * HV_DEPOSIT_MAX - (CHUNKS - 1) * HV_WITHDRAW_MAX);
	measure_write(id, data, &write);

	figure("peer", "P2", "root, per withdrawn page, freed", &withdraw,
	       HV_WITHDRAW_MAX, 0);
	figure("peer", "P2", "root, per withdrawn page that others deposited",
	       &withdraw, HV_WITHDRAW_MAX, 0);
	figure("peer", "P2b", "root, per deposited page", &deposit,
	       HV_DEPOSIT_MAX, 0);
	figure("peer", "P3", "root, per 16 bytes of write-gpa", &write, CALLS,
	       0);
}
