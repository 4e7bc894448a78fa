#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# libhvctl, where hvctl does not go.

# Bats and common.bash set variables that are not seen here.
# shellcheck disable=SC2154

load common

# CALL COUNT prints OUTCOME DONE; 0 is HVCTL_OK, then ERRNO, STATUS, ACCESS, MISCOUNT.
outcome()
{
	run --separate-stderr "$HVCTL_OUTCOME" "$1" "$2"
	exits 0
	prints "$3"
}

@test "nothing at all is done when nothing is asked for [G15]" {
	local call

	for call in write read deposit withdraw; do
		script "$call hv_status=0xffffffff"
		outcome $call 0 "0 0"
	done
}

@test "something that is asked for is not done without a hypercall [G15]" {
	local call

	for call in write read deposit withdraw; do
		script "$call hv_status=0xffffffff"
		outcome $call 5 "2 5"
		script "$call errno=14 hv_status=0xffffffff"
		outcome $call 0 "1 0"
	done
	script "write hv_status=13"
	outcome write 0 "2 0"
	script "write bytes_done=5"
	outcome write 0 "4 5"
}
