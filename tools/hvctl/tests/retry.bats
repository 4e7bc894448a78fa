#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# What the kernel is allowed to try again, and pages that go from pool to pool.

# Bats and common.bash set variables that are not seen here; words are split on
# purpose; bash -c has its own variables.
# shellcheck disable=SC2016,SC2086,SC2154

load common

chunk=65536

@test "--auto-deposit, --time-outs: the limits go with each call that takes them" {
	mock partition create --auto-deposit 100 --time-outs 3
	exits 0
	made "create $(create_bytes 0 0 100 3)"
	mock partition init 3 --auto-deposit 4294967295
	exits 0
	made "init $(partition_bytes 3 4294967295)"
	mock partition finalize 3 --time-outs 0x10
	exits 0
	made "finalize $(partition_bytes 3 0 16)"
	mock partition delete 3 --time-outs 7
	exits 0
	made "delete $(partition_bytes 3 0 7)"
	mock vp create 3 1 --auto-deposit 8
	exits 0
	made "vp-create $(vp_bytes 1 3 1 0 8)"
	mock vp delete 3 1 --time-outs 1
	exits 0
	made "vp-delete $(vp_bytes 0 3 1 0 0 1)"
	head -c 8192 /dev/zero >"$BATS_TEST_TMPDIR/file"
	mock map 3 0 --file "$BATS_TEST_TMPDIR/file" --rights r --auto-deposit 9 --time-outs 2
	exits 0
	run cut -d ' ' -f 1,2 "$HVCTL_MOCK_LOG"
	prints "map $(map_bytes 3 0 8192 1 9 2)"
	rm "$HVCTL_MOCK_LOG"
	mock unmap 3 0 --size 8K --auto-deposit 10 --time-outs 4
	exits 0
	made "unmap $(unmap_bytes 3 0 8192 10 4)"
}

@test "--auto-deposit: what was deposited is told" {
	script "create partition_id=5 retry.pages_deposited=8 retry.repeated=1"
	mock partition create --auto-deposit 100
	exits 0
	says_nothing
	prints "created partition 5 (8 pages deposited for it)"
	mock -q partition create --auto-deposit 100
	prints 5
	script "init retry.pages_deposited=0 retry.deposit_status=0xffffffff"
	mock partition init 5 --auto-deposit 100
	prints "initialized partition 5"
	script "vp-create retry.pages_deposited=24"
	mock vp create 5 0 --auto-deposit 100
	prints "created virtual processor 0 of partition 5 (24 pages deposited for it)"
}

@test "--auto-deposit: the limit was not enough, exit 3" {
	script "init hv_status=0x0b retry.pages_deposited=100 retry.repeated=5"
	mock partition init 3 --auto-deposit 100
	exits 3
	prints ""
	[[ $stderr == "hvctl: initialize partition 3: failed
  call:    HvInitializePartition (0x41)
  status:  HV_STATUS_INSUFFICIENT_MEMORY (0xb): the partition's memory pool is too small: deposit and retry
  retry:   the call was made again 5 times, 100 of at most 100 pages deposited
  hint:    deposit into that pool, then try again: hvctl deposit 3 --pages N" ]] || fail "words"
}

@test "--auto-deposit: a deposit was refused, or the kernel had no memory" {
	script "create hv_status=0x73 retry.pages_deposited=3 retry.repeated=0 retry.deposit_status=8"
	mock partition create --auto-deposit 100
	exits 3
	says "HV_STATUS_INSUFFICIENT_ROOT_MEMORY (0x73)" "made again 0 times, 3 of at most 100" \
		"  deposit: HV_STATUS_OPERATION_DENIED (0x8)" "hvctl deposit self --pages N"
	script "create errno=12 hv_status=0x0b retry.pages_deposited=16 retry.repeated=2"
	mock partition create --auto-deposit 100
	exits 2
	says "ENOMEM (12)" "HV_STATUS_INSUFFICIENT_MEMORY (0xb)" "2 times, 16 of at most 100"
	script "create errno=7"
	mock partition create --auto-deposit 100
	exits 2
	says "E2BIG (7): the module is older than hvctl"
}

@test "--time-outs: it timed out once too often, exit 3; a signal, exit 5" {
	script "vp-create hv_status=0x78 retry.repeated=3"
	mock vp create 3 0 --time-outs 3
	exits 3
	says "HV_STATUS_TIME_OUT (0x78)" "  retry:   the call was made again 3 times"
	script "vp-create signal=2 errno=4 hv_status=0x78 retry.repeated=2"
	mock vp create 3 0 --time-outs 3
	exits 5
	says "create virtual processor 0 of partition 3: interrupted" "made again 2 times"
}

@test "CALL_PENDING and statuses without a name are named as such, not tried again" {
	script "init hv_status=0x79"
	mock partition init 3 --auto-deposit 5 --time-outs 5
	exits 3
	says "HV_STATUS_CALL_PENDING (0x79)" "made again 0 times"
	made "init $(partition_bytes 3 5 5)"
	script "init hv_status=0x40"
	mock partition init 3
	exits 3
	says "unknown HV_STATUS (0x40)"
}

@test "--auto-deposit, --time-outs: what is no number" {
	mock partition create --auto-deposit 4294967296
	exits 1
	says "--auto-deposit '4294967296' is too large: at most 4294967295"
	mock vp create 3 0 --time-outs -1
	exits 1
	says "--time-outs '-1' is not a number"
	made
}

@test "transfer: held in between, chunk by chunk" {
	script "withdraw hypercalls=128" "deposit hypercalls=129" "withdraw hypercalls=20" \
		"deposit hypercalls=20"
	mock transfer 3 4 --pages $((chunk + 10000))
	exits 0
	says_nothing
	prints "transferred 75536 pages from partition 3 to partition 4 (hypercalls: 297)"
	made "withdraw $(held_bytes 3 0 $chunk)" "deposit $(held_bytes 4 0 $chunk)" \
		"withdraw $(held_bytes 3 0 10000)" "deposit $(held_bytes 4 0 10000)"
}

@test "transfer --pages all, of a node: until there is no more" {
	script "withdraw hv_status=0x1d pages_done=77" "deposit"
	mock -q transfer self 4 --pages all --node 1
	exits 0
	prints 77
	made "withdraw $(held_bytes $self 0x8000000000000001 $chunk)" "deposit $(held_bytes 4 0 77)"
	script "withdraw hv_status=0x1d pages_done=0"
	mock -q transfer self 4 --pages all
	exits 0
	prints 0
}

@test "transfer: more than there is, exit 3, what there was went over [W2 W7]" {
	script "withdraw hv_status=0x1d pages_done=77 hypercalls=1" "deposit hypercalls=1"
	mock transfer 3 4 --pages 100
	exits 3
	says "HvWithdrawMemory" "HV_STATUS_NO_RESOURCES (0x1d)" \
		"done:    77 of 100 pages transferred (hypercalls: 2)"
}

@test "transfer: refused half way, the rest goes back" {
	script "withdraw" "deposit hv_status=8 pages_done=30" "deposit"
	mock transfer 3 4 --pages 100
	exits 3
	says "70 pages went back to partition 3" "HvDepositMemory" \
		"HV_STATUS_OPERATION_DENIED (0x8)" "done:    30 of 100 pages transferred"
	made "withdraw $(held_bytes 3 0 100)" "deposit $(held_bytes 4 0 100)" \
		"deposit $(held_bytes 3 0 70)"
}

@test "transfer: refused on both sides, the kernel has the rest" {
	script "withdraw" "deposit hv_status=7 pages_done=0" "deposit hv_status=7 pages_done=20"
	mock transfer 3 4 --pages 100
	exits 3
	says "20 pages went back to partition 3" "80 pages went to this machine's kernel" \
		"done:    0 of 100 pages transferred"
}

@test "transfer: a signal, exit 5, nothing is left in between" {
	script "withdraw signal=2" "deposit"
	mock transfer 3 4 --pages 100
	exits 5
	says "100 pages went back to partition 3" "interrupted" "done:    0 of 100 pages transferred"
	made "withdraw $(held_bytes 3 0 100)" "deposit $(held_bytes 3 0 100)"
	script "withdraw" "deposit errno=4 pages_done=40" "deposit"
	mock transfer 3 4 --pages 100
	exits 0
	made "withdraw $(held_bytes 3 0 100)" "deposit $(held_bytes 4 0 100)" \
		"deposit $(held_bytes 4 0 60)"
}

@test "transfer: arguments" {
	mock transfer 3 4
	exits 1
	says "--pages is missing"
	mock transfer 3 3 --pages 1
	exits 1
	says "FROM and TO are the same partition"
	mock transfer 3 --pages 1
	exits 1
	says "TO is missing"
	mock transfer 3 4 --pages 0
	exits 1
	says "--pages '0' is too small"
	made
}
