# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# What the tests share. HVCTL is the program as it is shipped; HVCTL_MOCK is the
# same with a mock kernel (mock.c says how it is told what to answer).

bats_require_minimum_version 1.5.0

setup()
{
	export HVCTL_DEVICE=/dev/null
	export HVCTL_MOCK_LOG=$BATS_TEST_TMPDIR/log
	export HVCTL_MOCK_DATA=$BATS_TEST_TMPDIR/data
	unset HVCTL_MOCK_SCRIPT
	: >"$HVCTL_MOCK_LOG"
	: >"$HVCTL_MOCK_DATA"
}

# The kernel's answers to the ioctls of all commands that follow, one a line.
# Each command begins at the first line.
script()
{
	export HVCTL_MOCK_SCRIPT=$BATS_TEST_TMPDIR/script
	printf '%s\n' "$@" >"$HVCTL_MOCK_SCRIPT"
}

# Run hvctl on the mock kernel, with a fresh log; not for ever.
mock()
{
	: >"$HVCTL_MOCK_LOG"
	run --separate-stderr timeout -s KILL 30 "$HVCTL_MOCK" "$@"
}

fail()
{
	printf '%s\n' "$*" "status: $status" "stdout: $output" "stderr: $stderr" \
		"log: $(cat "$HVCTL_MOCK_LOG")" >&2
	return 1
}

exits()
{
	[[ $status == "$1" ]] || fail "expected exit status $1"
}

# All of standard output.
prints()
{
	[[ $output == "$1" ]] || fail "expected on stdout: $1"
}

# Each argument is somewhere on standard error.
says()
{
	local text

	for text; do
		[[ $stderr == *"$text"* ]] || fail "expected on stderr: $text"
	done
}

says_nothing()
{
	[[ -z $stderr ]] || fail "expected nothing on stderr"
}

# The ioctls that were made: all of them, in order.
made()
{
	local expected=''

	(($# == 0)) || expected=$(printf '%s\n' "$@")
	[[ $(cat "$HVCTL_MOCK_LOG") == "$expected" ]] ||
		fail "expected these ioctls:" $'\n' "$expected"
}

# Bytes of a structure in hex, from u32:VALUE and u64:VALUE words.
bytes()
{
	local word value i

	for word; do
		value=${word#*:}
		for ((i = 0; i < ${word:1:2}; i += 8)); do
			printf '%02x' $((value >> i & 255))
		done
	done
}

# The structures, byte by byte as the header has them; fields that the kernel
# writes hold 0, and "no hypercall was made" as the status.
none=u32:0xffffffff
self=0xffffffffffffffff

query_bytes()
{
	bytes u32:128 u32:0 u32:0 u32:0 u64:0 u64:0 u32:0 u32:0 u32:0 u32:0 \
		u64:0 u64:0 u64:0 u64:0 u64:0 u32:0 u32:0 u64:0 u64:0 u64:0 u64:0
}

# Behind some of them: DEPOSIT_LIMIT TIME_OUT_LIMIT
retry_bytes()
{
	bytes u32:"${1:-0}" u32:"${2:-0}" u32:0 u32:0 u64:0
}

# CREATION_FLAGS PROXIMITY [DEPOSIT_LIMIT TIME_OUT_LIMIT]; 1 is HV_ROOTCTL_DETACHED.
create_bytes()
{
	bytes u32:64 u32:1 u64:"$1" u64:"$2" u32:0 $none u64:0
	retry_bytes "${@:3}"
}

# PARTITION [DEPOSIT_LIMIT TIME_OUT_LIMIT]
partition_bytes()
{
	bytes u32:48 u32:0 u64:"$1" $none u32:0
	retry_bytes "${@:2}"
}

# PARENT PREVIOUS
next_bytes()
{
	bytes u32:40 u32:0 u64:"$1" u64:"$2" u64:0 $none u32:0
}

# FLAGS PARTITION INDEX PROXIMITY [DEPOSIT_LIMIT TIME_OUT_LIMIT]; 1 is HV_ROOTCTL_DETACHED.
vp_bytes()
{
	bytes u32:56 u32:"$1" u64:"$2" u32:"$3" $none u64:"$4"
	retry_bytes "${@:5}"
}

# PARTITION PROXIMITY PAGES
pool_bytes()
{
	bytes u32:56 u32:0 u64:"$1" u64:"$2" u64:"$3" u64:0 u64:0 $none u32:0
}

# The same with pages that the file holds: 2 is HV_ROOTCTL_HOLD.
held_bytes()
{
	bytes u32:56 u32:2 u64:"$1" u64:"$2" u64:"$3" u64:0 u64:0 $none u32:0
}

# PARTITION PROXIMITY
balance_bytes()
{
	bytes u32:48 u32:0 u64:"$1" u64:"$2" u64:0 u64:0 $none u32:0
}

# PARTITION GPA LENGTH MAP_FLAGS [DEPOSIT_LIMIT TIME_OUT_LIMIT]; 1 is
# HV_ROOTCTL_DETACHED, user_addr is masked.
map_bytes()
{
	bytes u32:80 u32:1 u64:"$1" u64:"$2" u64:0 u64:"$3" u32:"$4" $none u64:0
	retry_bytes "${@:5}"
}

# PARTITION GPA LENGTH [DEPOSIT_LIMIT TIME_OUT_LIMIT]
unmap_bytes()
{
	bytes u32:72 u32:0 u64:"$1" u64:"$2" u64:"$3" u64:0 $none u32:0
	retry_bytes "${@:4}"
}

# PARTITION GPA LENGTH VP CACHE; user_addr is masked.
access_bytes()
{
	bytes u32:72 u32:0 u64:"$1" u64:"$2" u64:"$3" u64:0 u32:"$4" u32:"$5" \
		u64:0 u64:0 $none u32:0
}

# A file of the mock's partition memory: GPA, LENGTH.
guest_memory()
{
	perl -e 'print pack("C*", map { $_ % 251 } $ARGV[0] .. $ARGV[0] + $ARGV[1] - 1)' \
		$(($1)) $(($2))
}
