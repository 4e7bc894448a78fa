#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# What cannot be done is told in full, and the exit status says whose fault.

# Bats and common.bash set variables that are not seen here; words are split on
# purpose; bash -c has its own variables.
# shellcheck disable=SC2016,SC2086,SC2154

load common

@test "withdraw beyond the pool: NO_RESOURCES with the exact count, exit 3 [W2 W7]" {
	script "withdraw hv_status=0x1d pages_done=1000 hypercalls=2"
	mock withdraw 3 --pages 2000
	exits 3
	prints ""
	[[ $stderr == "hvctl: withdraw pages from partition 3: failed
  call:    HvWithdrawMemory (0x49)
  status:  HV_STATUS_NO_RESOURCES (0x1d): nothing more to be had
  done:    1000 of 2000 pages withdrawn (hypercalls: 2)" ]] || fail "wrong words"
}

@test "withdraw from an empty pool: 0 pages [W7]" {
	script "withdraw hv_status=0x1d pages_done=0 hypercalls=1"
	mock withdraw 3 --pages 1
	exits 3
	says "done:    0 of 1 pages withdrawn (hypercalls: 1)"
}

@test "deposit, withdraw -q: the count on stdout even on failure [W2]" {
	script "withdraw hv_status=0x1d pages_done=1000"
	mock -q withdraw 3 --pages 2000
	exits 3
	prints 1000
	script "deposit hv_status=0x08 pages_done=17"
	mock -q deposit 3 --pages 2000
	exits 3
	prints 17
	script "deposit errno=12 hv_status=0 pages_done=511"
	mock -q deposit 3 --pages 2000
	exits 2
	prints 511
}

# COMMAND... -- IOCTL CALL: every status of a command is named, by exit status 3.
refused()
{
	local words=() hex name

	while [[ $1 != -- ]]; do
		words+=("$1")
		shift
	done
	for hex in 2 3 4 5 6 7 8 b d e 1d 71; do
		script "$2 hv_status=0x$hex"
		mock "${words[@]}"
		exits 3
		name=$("$HVCTL_MOCK" status 0x$hex)
		says ": failed" "call:    $3" "status:  $name"
		[[ $stderr != *errno:* ]] || fail "no errno was returned"
	done
}

@test "every command names the call and the HV_STATUS, exit 3 [W4 W5 W6 W17 G3 G4 G5 G6 G7]" {
	head -c 4096 /dev/zero >"$BATS_TEST_TMPDIR/file"
	refused partition create -- create "HvCreatePartition (0x40)"
	refused partition init 3 -- init "HvInitializePartition (0x41)"
	refused partition finalize 3 -- finalize "HvFinalizePartition (0x42)"
	refused partition delete 3 -- delete "HvDeletePartition (0x43)"
	refused partition list -- next "HvGetNextChildPartition (0x47)"
	refused deposit 3 --pages 1 -- deposit "HvDepositMemory (0x48)"
	refused withdraw 3 --pages 1 -- withdraw "HvWithdrawMemory (0x49)"
	refused balance 3 -- balance "HvGetMemoryBalance (0x4a)"
	refused map 3 0 --file "$BATS_TEST_TMPDIR/file" -- map "HvMapGpaPages (0x4b)"
	refused unmap 3 0 --size 4K -- unmap "HvUnmapGpaPages (0x4c)"
	refused vp create 3 0 -- vp-create "HvCreateVp (0x4e)"
	refused vp delete 3 0 -- vp-delete "HvDeleteVp (0x4f)"
	refused read-gpa 3 0 1 -- read "HvReadGpa (0x53)"
	refused write-gpa 3 0 --hex 00 -- write "HvWriteGpa (0x54)"
}

@test "a status without a name is shown by number" {
	script "balance hv_status=0x1013"
	mock balance 3
	exits 3
	says "status:  unknown HV_STATUS (0x1013)"
}

@test "success of the kernel without a hypercall is no success" {
	script "init hv_status=0xffffffff"
	mock partition init 3
	exits 3
	says "status:  none, no hypercall was made"
	prints ""
}

@test "each errno in words, exit 2" {
	local row number

	while IFS='|' read -r number row; do
		script "balance errno=$number hv_status=0xffffffff"
		mock balance 3
		exits 2
		says "hvctl: get the balance of partition 3: failed" \
			"errno:   $row" "call:    HvGetMemoryBalance (0x4a)" \
			"status:  none, no hypercall was made"
	done <<-END
		25|ENOTTY (25): the device has no such ioctl
		7|E2BIG (7): the module is older than hvctl
		22|EINVAL (22): the kernel refused an argument
		95|EOPNOTSUPP (95): not supported by this module
		2|ENOENT (2): the module knows no such object
		17|EEXIST (17): the guest range, or a part of it, is mapped already
		14|EFAULT (14): the kernel could not reach hvctl's buffer
		12|ENOMEM (12): the kernel is short of memory
		75|EOVERFLOW (75): address and length go beyond 64 bits
		71|EPROTO (71): the hypervisor broke the protocol: success without progress
		1|EPERM (1): hvctl needs CAP_SYS_ADMIN
		19|ENODEV (19): no hypervisor answers behind the module
		5|EIO (5): Input/output error
		517|unknown (517): Unknown error 517
	END
}

@test "an errno that means something else in a map or unmap" {
	head -c 4096 /dev/zero >"$BATS_TEST_TMPDIR/file"
	script "map errno=12 bytes_done=0"
	mock map 3 0 --file "$BATS_TEST_TMPDIR/file"
	exits 2
	says "ENOMEM (12): the kernel is short of memory, or the limit of locked memory" \
		"done:    0 of 4096 bytes mapped"
	script "map errno=14 bytes_done=0"
	mock map 3 0 --file "$BATS_TEST_TMPDIR/file"
	says "EFAULT (14): the kernel cannot pin this memory" tmpfs
	script "unmap errno=2 bytes_done=0"
	mock unmap 3 0 --size 4K
	exits 2
	says "ENOENT (2): this range was not mapped through this module"
}

@test "both faces at once: errno, last status and what was done [W2 W16]" {
	script "withdraw errno=71 hv_status=0 pages_done=512 hypercalls=2"
	mock withdraw 3 --pages 1024
	exits 2
	says "errno:   EPROTO (71)" "status:  HV_STATUS_SUCCESS (0x0)" \
		"done:    512 of 1024 pages withdrawn (hypercalls: 2)"
	script "deposit errno=12 hv_status=0x8 pages_done=511 hypercalls=2"
	mock deposit 3 --pages 1024
	exits 2
	says "errno:   ENOMEM (12)" "status:  HV_STATUS_OPERATION_DENIED (0x8)" \
		"done:    511 of 1024 pages deposited (hypercalls: 2)"
}

@test "an ioctl that fails before the kernel writes anything back" {
	run --separate-stderr "$HVCTL" -d /dev/null withdraw 3 --pages 5
	exits 2
	says "errno:   ENOTTY (25)" "status:  none, no hypercall was made" \
		"done:    0 of 5 pages withdrawn"
}

@test "success with another count than asked for is no success" {
	script "withdraw pages_done=4"
	mock withdraw 3 --pages 5
	exits 2
	says "kernel:  reports success, but not what was asked for" \
		"done:    4 of 5 pages withdrawn"
	script "write bytes_done=3"
	mock write-gpa 3 0 --hex 00010203
	exits 2
	says "done:    3 of 4 bytes written"
}

@test "INSUFFICIENT_MEMORY: which pool to deposit into" {
	local name

	script "create hv_status=0xb"
	mock partition create
	exits 3
	says "hint: " "hvctl deposit self --pages N"
	for name in "init:partition init 7" "vp-create:vp create 7 0"; do
		script "${name%%:*} hv_status=0xb"
		# shellcheck disable=SC2086 # words
		mock ${name#*:}
		exits 3
		says "hint: " "hvctl deposit 7 --pages N"
		script "${name%%:*} hv_status=0x75"
		# shellcheck disable=SC2086
		mock ${name#*:}
		says "hvctl deposit 7 --pages N"
		# INSUFFICIENT_ROOT_MEMORY and its contiguous relative
		for code in 0x73 0x83; do
			script "${name%%:*} hv_status=$code"
			# shellcheck disable=SC2086
			mock ${name#*:}
			says "hvctl deposit self --pages N"
		done
	done
}

@test "other hints: what must come first" {
	script "delete hv_status=8"
	mock partition delete 7
	says "hvctl withdraw 7 --pages all"
	script "delete hv_status=7"
	mock partition delete 7
	says "hvctl partition finalize 7"
	script "write hv_status=7"
	mock write-gpa 7 0 --hex 00
	says "hvctl partition init 7"
	script "read hv_status=0xe"
	mock read-gpa 7 0 1
	says "hvctl vp create 7 INDEX"
	script "vp-delete hv_status=0xe"
	mock vp delete 7 0
	[[ $stderr != *hint:* ]] || fail "a hint that does not help"
}

@test "a parameter that only the hypervisor can judge: which one it was" {
	local answer words hint

	head -c 4096 /dev/zero >"$BATS_TEST_TMPDIR/file"
	while IFS='|' read -r answer words hint; do
		script "$answer"
		mock $words
		exits 3
		says "  hint:    $hint"
	done <<-END
		create hv_status=5|partition create --flags 1|--flags that the hypervisor does not know
		vp-create hv_status=5|vp create 7 0 --node 9|a --node that the machine has not
		withdraw hv_status=5|withdraw 7 --pages 1 --node 9|a --node that the machine has not
		balance hv_status=5|balance 7 --node 9|a --node that the machine has not
		map hv_status=5|map 7 0 --file $BATS_TEST_TMPDIR/file|a GPA beyond the partition's
		read hv_status=5|read-gpa 7 0 1|a GPA beyond the partition's
		write hv_status=5|write-gpa 7 0 --hex 00|a GPA beyond the partition's
		vp-create hv_status=0xe|vp create 7 0|INDEX is there already
		vp-create hv_status=8|vp create 7 0|its partition reserves processors
	END
	script "init hv_status=5"
	mock partition init 7
	[[ $stderr != *hint:* ]] || fail "a hint that does not help"
}

@test "map --create that fails leaves the file as it was, or none" {
	local file=$BATS_TEST_TMPDIR/file

	script "map errno=14 bytes_done=0"
	mock map 3 0 --file "$file" --create --size 1G
	exits 2
	[[ ! -e $file ]] || fail "a file is left"
	printf 123 >"$file"
	mock map 3 0 --file "$file" --create --size 1G
	exits 2
	[[ $(stat -c %s "$file") == 3 ]] || fail "the file is longer"
	mock map 3 0xfffffffffffff000 --file "$file" --create --size 8K
	exits 1
	[[ $(stat -c %s "$file") == 3 ]] || fail "the file is longer"
	# Long enough before: it stays.
	mock map 3 0 --file "$file" --create --size 0x100000000000000
	exits 2
	says "cannot extend"
	[[ $(cat "$file") == 123 ]] || fail "not the file that was"
	# A part of it is mapped: that memory is in use.
	script "map errno=14 bytes_done=4096"
	mock map 3 0 --file "$file" --create --size 8K
	exits 2
	[[ $(stat -c %s "$file") == 8192 ]] || fail "mapped memory was cut off"
}

@test "write-gpa: access refused, exit 4, the GPA and the bytes before it [G8 G15]" {
	script "write access_result=1 bytes_done=16 fail_gpa=0x1000"
	mock write-gpa 3 0xff0 --string "across a page boundary"
	exits 4
	prints ""
	[[ $stderr == "hvctl: write at GPA 0xff0 of partition 3: failed
  call:    HvWriteGpa (0x54)
  status:  HV_STATUS_SUCCESS (0x0): the access result counts
  access:  Unmapped (1): nothing was written at GPA 0x1000
  done:    16 of 22 bytes written" ]] || fail "wrong words"
	mock -q write-gpa 3 0xff0 --string "across a page boundary"
	exits 4
	prints 16
}

@test "access results by name, in words true under either reading [G8]" {
	local row

	for row in 2:ReadIntercept 3:WriteIntercept 4:IllegalOverlayAccess "9:unknown result"; do
		script "write access_result=${row%%:*} bytes_done=0 fail_gpa=0x2000"
		mock write-gpa 3 0x2000 --hex 0011
		exits 4
		says "access:  ${row#*:} (${row%%:*}): nothing was written at GPA 0x2000"
		script "read access_result=${row%%:*} bytes_done=0 fail_gpa=0x2000"
		mock read-gpa 3 0x2000 2
		exits 4
		says "access:  ${row#*:} (${row%%:*}): nothing was read at GPA 0x2000"
	done
}

@test "a status in the middle of a write names the GPA too [G6 G15]" {
	script "write hv_status=5 bytes_done=32 fail_gpa=0xfffffffff000"
	mock write-gpa 3 0xffffffffefe0 --hex "$(printf '00%.0s' {1..64})"
	exits 3
	says "status:  HV_STATUS_INVALID_PARAMETER (0x5)" \
		"at:      GPA 0xfffffffff000: nothing was written there" \
		"done:    32 of 64 bytes written"
}

@test "read-gpa: what was read before the refusal is printed [G8]" {
	script "read access_result=1 bytes_done=4 fail_gpa=0x1000"
	mock read-gpa 3 0xffc 8
	exits 4
	prints "00000ffc  4c 4d 4e 4f                                       |LMNO|
00001000"
	says "done:    4 of 8 bytes read"
	mock read-gpa 3 0xffc 8 --output "$BATS_TEST_TMPDIR/file"
	exits 4
	cmp "$BATS_TEST_TMPDIR/file" <(guest_memory 0xffc 4)
}

@test "partition list: a hypervisor that goes in circles" {
	script "next next_id=2" "next next_id=3" "next next_id=4" "next next_id=2" \
		"next next_id=3" "next next_id=4" "next next_id=2" "next next_id=3"
	mock partition list
	exits 2
	says "the hypervisor's list is a circle, at"
	script "next next_id=2" "next next_id=2"
	mock partition list
	exits 2
	# The circle need not lead back to the first.
	script "next next_id=9" "next next_id=2" "next next_id=3" "next next_id=2" \
		"next next_id=3" "next next_id=2" "next next_id=3"
	mock partition list
	exits 2
	says "the hypervisor's list is a circle, at"
}

@test "partition list: refused on the way" {
	script "next next_id=2" "next hv_status=0xd"
	mock partition list
	exits 3
	prints 2
	says "HvGetNextChildPartition" "done:    1 partitions listed"
}

@test "the device: not there, not for us, not hv_rootctl" {
	run --separate-stderr "$HVCTL" -d "$BATS_TEST_TMPDIR/none" info
	exits 2
	says "cannot open $BATS_TEST_TMPDIR/none: No such file" "module is not loaded" \
		"modprobe hv_rootctl"
	run --separate-stderr "$HVCTL" -d /dev/null info
	exits 2
	says "hvctl: query the device: failed" "ENOTTY (25)"
	# It is opened for reading and writing: nothing else fails on a directory.
	run --separate-stderr "$HVCTL" -d / info
	exits 2
	says "cannot open /: Is a directory"
	touch "$BATS_TEST_TMPDIR/locked"
	chmod 0600 "$BATS_TEST_TMPDIR/locked"
	setpriv --reuid=65534 --clear-groups test -x "$HVCTL" 2>/dev/null || skip "cannot become nobody"
	chmod -R a+X "$BATS_RUN_TMPDIR"
	run --separate-stderr setpriv --reuid=65534 --clear-groups \
		"$HVCTL" -d "$BATS_TEST_TMPDIR/locked" info
	exits 2
	says "Permission denied" CAP_SYS_ADMIN
}

@test "files: missing, not readable, not long enough" {
	mock write-gpa 3 0 --file /nowhere
	exits 2
	says "cannot open /nowhere: No such file"
	mock write-gpa 3 0 --file /
	exits 2
	says "cannot read /: Is a directory" "done:    0 bytes written"
	mock map 3 0 --file /nowhere
	exits 2
	says "cannot open /nowhere: No such file"
	mock read-gpa 3 0 1 --output /nowhere/file
	exits 2
	says "cannot create /nowhere/file"
	head -c 6000 /dev/zero >"$BATS_TEST_TMPDIR/file"
	mock map 3 0 --file "$BATS_TEST_TMPDIR/file"
	exits 1
	says "6000 bytes, ends within a page: give --size"
	mock map 3 0 --file "$BATS_TEST_TMPDIR/file" --size 8K
	exits 1
	says "has 6000 bytes, 8192 are needed: --create extends it"
	mock map 3 0 --file "$BATS_TEST_TMPDIR/file" --offset 8K
	exits 1
	says "--offset 8192 is not inside"
	made
}

@test "output that does not get out is an error, and no id is lost" {
	run --separate-stderr bash -c '"$HVCTL_MOCK" info >/dev/full'
	exits 2
	says "cannot write to standard output: No space left"
	run --separate-stderr bash -c '"$HVCTL_MOCK" read-gpa 3 0 16 >/dev/full'
	exits 2
	says "cannot write to standard output: No space left"
	mock read-gpa 3 0 16 --output /dev/full
	exits 2
	says "cannot write to /dev/full: No space left"
	script "create partition_id=77"
	run --separate-stderr bash -c '"$HVCTL_MOCK" partition create >/dev/full'
	exits 2
	[[ $stderr == "hvctl partition create: created partition 77, but cannot print that: No space left on device" ]] ||
		fail "other words"
	unset HVCTL_MOCK_SCRIPT
	run --separate-stderr bash -c '"$HVCTL_MOCK" deposit 3 --pages 5 >/dev/full'
	exits 2
	says "hvctl: all was done, but cannot write to standard output: No space left"
}

@test "a reader that is gone: what was changed is told, what is only shown is not" {
	local command

	for command in "partition create" "deposit 3 --pages 5" "-q withdraw 3 --pages 5" \
		"-j transfer 3 4 --pages 5" "write-gpa 3 0 --string x"; do
		run --separate-stderr bash -c 'exec 9> >(:); wait $!; "$HVCTL_MOCK" '"$command >&9"
		exits 2
		says "Broken pipe"
	done
	for command in info "balance 3" "read-gpa 3 0 1M"; do
		run --separate-stderr bash -c 'exec 9> >(:); wait $!; "$HVCTL_MOCK" '"$command >&9"
		exits 141
		says_nothing
	done
}

@test "closed standard streams: nothing else gets what was meant for them" {
	local file=$BATS_TEST_TMPDIR/file

	script "read bytes_done=4" "read access_result=1 bytes_done=0"
	run bash -c '"$HVCTL_MOCK" -v read-gpa 3 0 8 --output "$1" 2>&-' - "$file"
	exits 2
	[[ $(stat -c %s "$file") == 4 ]] || fail "messages are in the file"
	unset HVCTL_MOCK_SCRIPT
	run --separate-stderr bash -c '"$HVCTL_MOCK" info >&-'
	exits 2
	says "cannot write to standard output: Bad file descriptor"
	run --separate-stderr bash -c '"$HVCTL_MOCK" write-gpa 3 0 <&-'
	exits 2
	says "cannot read standard input: Bad file descriptor"
}
