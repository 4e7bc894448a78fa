#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# Each command makes the right ioctl: every byte of its structure.

# Bats and common.bash set variables that are not seen here; words are split on
# purpose; bash -c has its own variables.
# shellcheck disable=SC2016,SC2086,SC2154

load common

@test "info: query, and all of its answer" {
	script "query transport=1 page_size=4096 partition_id=1 privileges=0x110700000060 \
withdraw_batch=512 deposit_batch=511 map_batch=509 access_batch=16 \
pages_deposited=7 pages_mapped=8 pages_quarantined=0 pages_withdrawn=9 features=1 write_gpa_form=1"
	mock info
	exits 0
	says_nothing
	made "query $(query_bytes)"
	prints "device:            /dev/null
transport:         1 (hyperv, the kernel's hypercall page)
partition:         1
privileges:        0x0000110700000060 (a root's)
page size:         4096
one hypercall:     withdraw 512, deposit 511, map 509 pages; access 16 bytes
write-gpa:         parameters in memory
statistics:        on (debugfs hv_rootctl/)
pages deposited:   7
pages withdrawn:   9
pages mapped:      8
pages quarantined: 0"
}

@test "info: no root, no id, the sim, quarantined pages" {
	script "query transport=2 partition_id=$self privileges=0x40110500000000 pages_quarantined=3 write_gpa_form=2 pages_held=12"
	mock info
	exits 0
	[[ $output == *"2 (sim,"* && $output == *"self (its id"* ]]
	[[ $output == *"0x0040110500000000 (not a root's)"* ]]
	[[ $output == *"parameters in XMM registers"*"statistics:        off"* ]]
	[[ $output == *"pages held:        12"* ]]
	[[ $output == *"pages quarantined: 3"*"cannot have had"* ]]
}

@test "info -v: privileges by name, and only those that are set" {
	script "query privileges=0x1100000020"
	mock info -v
	exits 0
	[[ $output == *" 5 ACCESS_HYPERCALL_MSRS"*"32 CREATE_PARTITIONS"*"36 POST_MESSAGES"* ]]
	[[ $output != *ACCESS_MEMORY_POOL* ]]
}

@test "partition create: detached, id in a sentence" {
	script "create partition_id=18446744073709551613"
	mock partition create
	exits 0
	prints "created partition 18446744073709551613"
	made "create $(create_bytes 0 0)"
}

@test "partition create --quiet: the bare id, wherever the option stands" {
	script "create partition_id=5"
	mock partition create --quiet
	exits 0
	prints 5
	mock -q partition create
	exits 0
	prints 5
}

@test "partition create: flags and proximity domain" {
	mock partition create --flags 0x2002 --node 3
	exits 0
	made "create $(create_bytes 0x2002 0x8000000000000003)"
	mock partition create --node 0xffffffff --prefer
	exits 0
	made "create $(create_bytes 0 0x80000001ffffffff)"
}

@test "partition init, finalize, delete" {
	mock partition init 3
	exits 0
	prints "initialized partition 3"
	made "init $(partition_bytes 3)"
	mock partition finalize 0x10
	exits 0
	prints "finalized partition 16"
	made "finalize $(partition_bytes 16)"
	mock partition delete 0xfffffffffffffff0
	exits 0
	prints "deleted partition 18446744073709551600"
	made "delete $(partition_bytes 0xfffffffffffffff0)"
}

@test "partition list: from child to child" {
	script "next next_id=9" "next next_id=4" "next next_id=0"
	mock partition list
	exits 0
	prints $'9\n4'
	made "next $(next_bytes $self 0)" "next $(next_bytes $self 9)" "next $(next_bytes $self 4)"
}

@test "partition list PARTITION, without children" {
	script "next next_id=0"
	mock partition list 7
	exits 0
	prints ""
	says "partition 7 has no children"
	made "next $(next_bytes 7 0)"
	mock -q partition list root
	says_nothing
	made "next $(next_bytes $self 0)"
}

@test "vp create, vp delete" {
	mock vp create 3 2
	exits 0
	prints "created virtual processor 2 of partition 3"
	made "vp-create $(vp_bytes 1 3 2 0)"
	mock vp create 3 0xffffffff --node 1 --prefer
	exits 0
	made "vp-create $(vp_bytes 1 3 0xffffffff 0x8000000100000001)"
	mock vp delete 3 2
	exits 0
	prints "deleted virtual processor 2 of partition 3"
	made "vp-delete $(vp_bytes 0 3 2 0)"
}

@test "deposit" {
	script "deposit hypercalls=3"
	mock deposit 3 --pages 1000
	exits 0
	says_nothing
	prints "deposited 1000 pages to partition 3 (hypercalls: 3)"
	made "deposit $(pool_bytes 3 0 1000)"
}

@test "withdraw [W1 W3]" {
	script "withdraw hypercalls=2"
	mock withdraw 3 --pages 0x3e8
	exits 0
	says_nothing
	prints "withdrew 1000 pages from partition 3 (hypercalls: 2)"
	made "withdraw $(pool_bytes 3 0 1000)"
}

@test "the own pool, as self and as root [W14]" {
	mock withdraw self --pages 1
	exits 0
	made "withdraw $(pool_bytes $self 0 1)"
	mock deposit root --pages 1
	exits 0
	made "deposit $(pool_bytes $self 0 1)"
	mock balance self
	exits 0
	made "balance $(balance_bytes $self 0)"
}

@test "proximity domain: any, only, preferred; deposit, withdraw, balance [W13]" {
	mock withdraw 3 --pages 1 --node 0
	made "withdraw $(pool_bytes 3 0x8000000000000000 1)"
	mock withdraw 3 --pages 1 --node 63 --prefer
	made "withdraw $(pool_bytes 3 0x800000010000003f 1)"
	mock deposit 3 --prefer --node 2 --pages 1
	made "deposit $(pool_bytes 3 0x8000000100000002 1)"
	mock deposit 3 --node 0xffffffff --pages 1
	made "deposit $(pool_bytes 3 0x80000000ffffffff 1)"
	mock balance 3 --node 1
	made "balance $(balance_bytes 3 0x8000000000000001)"
}

@test "balance" {
	script "balance pages_available=500 pages_in_use=12"
	mock balance 3
	exits 0
	prints "partition 3: 500 pages available, 12 in use"
	made "balance $(balance_bytes 3 0)"
	mock balance 3 -q
	prints "500 12"
}

@test "map: a file's bytes, detached, all rights" {
	printf 'A%.0s' {1..4096} >"$BATS_TEST_TMPDIR/file"
	printf 'B%.0s' {1..8192} >>"$BATS_TEST_TMPDIR/file"
	mock map 3 0x100000 --file "$BATS_TEST_TMPDIR/file"
	exits 0
	prints "mapped 12288 bytes of $BATS_TEST_TMPDIR/file at GPA 0x100000 of partition 3"
	made "map $(map_bytes 3 0x100000 12288 0xf) $(printf '41%.0s' {1..64})"
	# From an offset up to the end, and a part in the middle.
	mock map 3 1M --file "$BATS_TEST_TMPDIR/file" --offset 4K
	made "map $(map_bytes 3 0x100000 8192 0xf) $(printf '42%.0s' {1..64})"
	mock map 3 1M --file "$BATS_TEST_TMPDIR/file" --size 4096
	made "map $(map_bytes 3 0x100000 4096 0xf) $(printf '41%.0s' {1..64})"
}

@test "map: rights" {
	head -c 4096 /dev/zero >"$BATS_TEST_TMPDIR/file"
	for pair in none:0 r:1 rw:3 rx:0xd rwx:0xf; do
		mock map 3 0 --file "$BATS_TEST_TMPDIR/file" --rights ${pair%:*}
		exits 0
		made "map $(map_bytes 3 0 4096 ${pair#*:}) $(printf '00%.0s' {1..64})"
	done
}

@test "map: a file that hvctl may only read, for rights without w" {
	head -c 4096 /dev/zero >"$BATS_TEST_TMPDIR/file"
	chmod 0444 "$BATS_TEST_TMPDIR/file"
	setpriv --reuid=65534 --clear-groups true 2>/dev/null || skip "cannot become nobody"
	chmod -R a+rX "$BATS_RUN_TMPDIR"
	chmod 0666 "$HVCTL_MOCK_LOG"
	setpriv --reuid=65534 --clear-groups test -x "$HVCTL_MOCK" || skip "build is private"
	run --separate-stderr setpriv --reuid=65534 --clear-groups \
		"$HVCTL_MOCK" map 3 0 --file "$BATS_TEST_TMPDIR/file" --rights rx
	exits 0
	run --separate-stderr setpriv --reuid=65534 --clear-groups \
		"$HVCTL_MOCK" map 3 0 --file "$BATS_TEST_TMPDIR/file" --rights rw
	exits 2
	says "cannot open $BATS_TEST_TMPDIR/file: Permission denied"
}

@test "map --create: makes the file, extends it, never cuts it" {
	mock map 3 0 --file "$BATS_TEST_TMPDIR/new" --size 64K --create
	exits 0
	[[ $(stat -c %s:%a "$BATS_TEST_TMPDIR/new") == 65536:600 ]]
	mock map 3 0 --file "$BATS_TEST_TMPDIR/new" --size 64K --offset 64K --create --rights r
	exits 0
	[[ $(stat -c %s "$BATS_TEST_TMPDIR/new") == 131072 ]]
	mock map 3 0 --file "$BATS_TEST_TMPDIR/new" --size 4K --create
	exits 0
	[[ $(stat -c %s "$BATS_TEST_TMPDIR/new") == 131072 ]]
}

@test "unmap" {
	mock unmap 3 0x1000 --size 8K
	exits 0
	prints "unmapped 8192 bytes at GPA 0x1000 of partition 3"
	made "unmap $(unmap_bytes 3 0x1000 8192)"
}

@test "write-gpa: data as hex, text, file, standard input [G1]" {
	mock write-gpa 3 0xff0 --hex "de ad:BE ef"
	exits 0
	prints "wrote 4 bytes at GPA 0xff0 of partition 3"
	made "write $(access_bytes 3 0xff0 4 0 6) deadbeef"
	mock write-gpa 3 0xff0 --string "hi there"
	exits 0
	made "write $(access_bytes 3 0xff0 8 0 6) 6869207468657265"
	printf 'a\0b' >"$BATS_TEST_TMPDIR/file"
	mock write-gpa 3 0xff0 --file "$BATS_TEST_TMPDIR/file"
	exits 0
	made "write $(access_bytes 3 0xff0 3 0 6) 610062"
	mock write-gpa 3 0xff0 <"$BATS_TEST_TMPDIR/file"
	exits 0
	made "write $(access_bytes 3 0xff0 3 0 6) 610062"
	mock write-gpa 3 0xff0 --file - <"$BATS_TEST_TMPDIR/file"
	exits 0
	made "write $(access_bytes 3 0xff0 3 0 6) 610062"
}

@test "write-gpa, read-gpa: virtual processor and cache type" {
	for pair in wb:6 wt:4 wp:5 wc:1 uc:0; do
		mock write-gpa 3 0 --hex 00 --vp 7 --cache ${pair%:*}
		exits 0
		made "write $(access_bytes 3 0 1 7 ${pair#*:}) 00"
		mock read-gpa 3 0 1 --vp 0xffffffff --cache ${pair%:*}
		exits 0
		made "read $(access_bytes 3 0 1 0xffffffff ${pair#*:})"
	done
}

@test "write-gpa: the last byte of the address space" {
	mock write-gpa 3 0xffffffffffffffff --hex 2a
	exits 0
	made "write $(access_bytes 3 0xffffffffffffffff 1 0 6) 2a"
}

@test "read-gpa: a dump" {
	mock read-gpa 3 0x20 20
	exits 0
	made "read $(access_bytes 3 0x20 20 0 6)"
	prints "00000020  20 21 22 23 24 25 26 27  28 29 2a 2b 2c 2d 2e 2f  | !\"#\$%&'()*+,-./|
00000030  30 31 32 33                                       |0123|
00000034"
}

@test "read-gpa: dump of high and unaligned addresses" {
	mock read-gpa 3 0xfffffff8 16
	exits 0
	[[ $output == "00000000fffffff8  "*$'\n'"0000000100000008" ]] || fail "wide addresses"
	mock read-gpa 3 0xfffffff0 16
	[[ $output == "fffffff0  "*$'\n'"100000000" ]] || fail "narrow addresses"
}

@test "read-gpa --raw and --output: the bytes" {
	guest_memory 0x12345 5000 >"$BATS_TEST_TMPDIR/expected"
	"$HVCTL_MOCK" read-gpa 3 0x12345 5000 --raw >"$BATS_TEST_TMPDIR/raw"
	cmp "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/raw"
	mock read-gpa 3 0x12345 5000 --output "$BATS_TEST_TMPDIR/file"
	exits 0
	prints "read 5000 bytes into $BATS_TEST_TMPDIR/file"
	cmp "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/file"
}

@test "-v: a line for each ioctl, with both faces" {
	script "withdraw hv_status=0x1d pages_done=3 hypercalls=1"
	mock -v withdraw 3 --pages 5
	[[ ${stderr%%$'\n'*} == "hvctl: HvWithdrawMemory: errno 0, \
status HV_STATUS_NO_RESOURCES (0x1d), done 3, hypercalls 1" ]]
	script "read errno=71 hv_status=0 access_result=2 bytes_done=0"
	mock -v read-gpa 3 0 1
	[[ ${stderr%%$'\n'*} == "hvctl: HvReadGpa: errno 71, \
status HV_STATUS_SUCCESS (0x0), done 0, access result 2" ]]
	unset HVCTL_MOCK_SCRIPT
	mock info -v
	[[ $stderr == "hvctl: query: errno 0" ]]
}

@test "the device: option before environment before default" {
	HVCTL_DEVICE=/nowhere/env mock -d /nowhere/option info
	exits 2
	says "cannot open /nowhere/option"
	HVCTL_DEVICE=/nowhere/env mock info
	says "cannot open /nowhere/env"
	[[ ! -e /dev/hv_rootctl ]] || skip "this machine has the device"
	HVCTL_DEVICE='' mock info
	says "cannot open /dev/hv_rootctl"
}
