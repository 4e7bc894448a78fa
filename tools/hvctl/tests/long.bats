#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# Work of many ioctls: nothing is lost between them, it can be interrupted, and
# it shows how far it is.

# Bats and common.bash set variables that are not seen here; words are split on
# purpose; bash -c has its own variables.
# shellcheck disable=SC2016,SC2086,SC2154

load common

chunk=65536

@test "withdraw: 200,000 pages are asked for exactly once [W2 W3]" {
	mock withdraw 3 --pages 200000
	exits 0
	says_nothing
	prints "withdrew 200000 pages from partition 3 (hypercalls: 0)"
	made "withdraw $(pool_bytes 3 0 $chunk)" "withdraw $(pool_bytes 3 0 $chunk)" \
		"withdraw $(pool_bytes 3 0 $chunk)" "withdraw $(pool_bytes 3 0 3392)"
}

@test "deposit: pages and hypercalls of all ioctls are summed up [W2]" {
	script "deposit hypercalls=129" "deposit hypercalls=20"
	mock deposit self --pages $((chunk + 10000)) --node 1
	exits 0
	prints "deposited 75536 pages to partition self (hypercalls: 149)"
	made "deposit $(pool_bytes $self 0x8000000000000001 $chunk)" \
		"deposit $(pool_bytes $self 0x8000000000000001 10000)"
}

@test "withdraw: refused in the second ioctl [W2 W7]" {
	script "withdraw hypercalls=128" "withdraw hv_status=0x1d pages_done=77 hypercalls=1"
	mock withdraw 3 --pages 100000
	exits 3
	says "done:    65613 of 100000 pages withdrawn (hypercalls: 129)"
}

@test "withdraw --pages all: until there is no more, and that is success [W7]" {
	script "withdraw" "withdraw" "withdraw hv_status=0x1d pages_done=5 hypercalls=2"
	mock withdraw 3 --pages all
	exits 0
	says_nothing
	prints "withdrew 131077 pages from partition 3 (hypercalls: 2)"
	made "withdraw $(pool_bytes 3 0 $chunk)" "withdraw $(pool_bytes 3 0 $chunk)" \
		"withdraw $(pool_bytes 3 0 $chunk)"
	script "withdraw hv_status=0x1d pages_done=0"
	mock -q withdraw 3 --pages all
	exits 0
	prints 0
}

@test "withdraw --pages all: another status is no success" {
	script "withdraw" "withdraw hv_status=6 pages_done=0"
	mock withdraw 3 --pages all
	exits 3
	says "HV_STATUS_ACCESS_DENIED (0x6)" "done:    65536 pages withdrawn"
}

@test "write-gpa: 3 MiB from a pipe, every byte, chunks end at page boundaries [G15]" {
	guest_memory 7 3000000 >"$BATS_TEST_TMPDIR/file"
	run --separate-stderr bash -c '"$HVCTL_MOCK" write-gpa 3 0x80ffb < <(cat "$1")' - \
		"$BATS_TEST_TMPDIR/file"
	exits 0
	prints "wrote 3000000 bytes at GPA 0x80ffb of partition 3"
	cmp "$HVCTL_MOCK_DATA" "$BATS_TEST_TMPDIR/file"
	run cut -d ' ' -f 1,2 "$HVCTL_MOCK_LOG"
	prints "write $(access_bytes 3 0x80ffb $((0x100000 - 0xffb)) 0 6)
write $(access_bytes 3 0x180000 0x100000 0 6)
write $(access_bytes 3 0x280000 $((3000000 + 0x80ffb - 0x280000)) 0 6)"
}

@test "write-gpa: refused in the third ioctl, all bytes counted [G15]" {
	head -c 3000000 /dev/zero >"$BATS_TEST_TMPDIR/file"
	script "write" "write" "write access_result=2 bytes_done=4096 fail_gpa=0x201000"
	mock write-gpa 3 0 --file "$BATS_TEST_TMPDIR/file"
	exits 4
	says "nothing was written at GPA 0x201000" "done:    2101248 of 3000000 bytes written"
}

@test "read-gpa: 3 MB, every byte [G15]" {
	guest_memory 0xff001 3000000 >"$BATS_TEST_TMPDIR/expected"
	mock read-gpa 3 0xff001 3000000 --output "$BATS_TEST_TMPDIR/file"
	exits 0
	cmp "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/file"
	made "read $(access_bytes 3 0xff001 0xfffff 0 6)" \
		"read $(access_bytes 3 0x1ff000 0x100000 0 6)" \
		"read $(access_bytes 3 0x2ff000 $((3000000 + 0xff001 - 0x2ff000)) 0 6)"
}

@test "read-gpa: a dump goes on across ioctls" {
	# The first chunk ends in the middle of a row.
	"$HVCTL_MOCK" read-gpa 3 0x7f8 0x100020 >"$BATS_TEST_TMPDIR/dump"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/dump") == $((0x10002 + 1)) ]]
	diff <(guest_memory 0x7f8 0x100020 | od -An -v -tx1 -w16 | tr -d ' ') \
		<(sed '$d; s/^[0-9a-f]*//; s/|.*//; s/ //g' "$BATS_TEST_TMPDIR/dump")
	[[ $(tail -n 1 "$BATS_TEST_TMPDIR/dump") == 00100818 ]]
}

@test "read-gpa: rows that repeat are shown once, with -v all" {
	script "read fill=0"
	mock read-gpa 3 0x1000 70
	exits 0
	prints "00001000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|
*
00001040  00 00 00 00 00 00                                 |......|
00001046"
	mock read-gpa -v 3 0x1000 70
	[[ $(grep -c '^0000.* |' <<<"$output") == 5 ]] || fail "not all rows"
}

@test "EINTR without one of our signals: the rest is done by the next ioctl" {
	script "withdraw errno=4 pages_done=100 hypercalls=1" "withdraw hypercalls=2"
	mock withdraw 3 --pages 1000
	exits 0
	prints "withdrew 1000 pages from partition 3 (hypercalls: 3)"
	made "withdraw $(pool_bytes 3 0 1000)" "withdraw $(pool_bytes 3 0 900)"
	script "write errno=4 bytes_done=3 hv_status=0" "write"
	mock write-gpa 3 0x10 --hex 0011223344
	exits 0
	prints "wrote 5 bytes at GPA 0x10 of partition 3"
	made "write $(access_bytes 3 0x10 5 0 6) 0011223344" "write $(access_bytes 3 0x13 2 0 6) 3344"
}

@test "a signal within an ioctl: what was done is told, exit 5" {
	local number

	for number in 1 2 15; do
		script "withdraw hypercalls=128" \
			"withdraw signal=$number errno=4 pages_done=512 hypercalls=1"
		mock withdraw 3 --pages 100000
		exits 5
		[[ $stderr == "hvctl: withdraw pages from partition 3: interrupted
  done:    66048 of 100000 pages withdrawn (hypercalls: 129)" ]] || fail "wrong words"
		made "withdraw $(pool_bytes 3 0 $chunk)" "withdraw $(pool_bytes 3 0 34464)"
	done
	script "write signal=2 errno=4 bytes_done=32"
	mock -q write-gpa 3 0 --hex "$(printf '00%.0s' {1..64})"
	exits 5
	prints 32
	says "interrupted" "done:    32 of 64 bytes written"
}

@test "a signal during an ioctl that completes: no further one is made" {
	script "deposit signal=2" "deposit"
	mock deposit 3 --pages 100000
	exits 5
	says "interrupted" "done:    65536 of 100000 pages deposited"
	made "deposit $(pool_bytes 3 0 $chunk)"
}

@test "a signal when nothing is left to do: done" {
	script "withdraw signal=2"
	mock withdraw 3 --pages 10
	exits 0
	prints "withdrew 10 pages from partition 3 (hypercalls: 0)"
}

@test "the second signal ends hvctl at once" {
	script "withdraw signal=2 signal=2"
	mock withdraw 3 --pages 10
	exits 130
	says_nothing
}

@test "EINTR without one of our signals: a command of one ioctl makes it again" {
	local command

	while read -r command; do
		script "${command%% *} errno=4" "${command%% *} errno=4" "${command%% *}"
		mock ${command#* }
		exits 0
		says_nothing
		[[ $(sort -u "$HVCTL_MOCK_LOG" | wc -l) == 1 && $(wc -l <"$HVCTL_MOCK_LOG") == 3 ]] ||
			fail "$command: not the same ioctl three times"
	done <<-EOF
		create partition create
		init partition init 3
		finalize partition finalize 3
		delete partition delete 3
		vp-create vp create 3 0
		vp-delete vp delete 3 0
		map map 3 0 --file $BATS_TEST_TMPDIR/file --create --size 4K
		unmap unmap 3 0 --size 4K
		balance balance 3
	EOF
	script "next next_id=5" "next errno=4 next_id=9" "next next_id=7" "next next_id=0"
	mock partition list
	exits 0
	prints $'5\n7'
	made "next $(next_bytes $self 0)" "next $(next_bytes $self 5)" \
		"next $(next_bytes $self 5)" "next $(next_bytes $self 7)"
}

@test "EINTR without one of our signals: what was deposited counts against the limit" {
	script "init errno=4 retry.pages_deposited=60 retry.repeated=2" \
		"init errno=4 retry.repeated=1" "init retry.pages_deposited=30 retry.repeated=1"
	mock -j partition init 3 --auto-deposit 100 --time-outs 5
	exits 0
	[[ $(jq -c .retry <<<"$output") == *'"repeated":4,"pages_deposited":90,'* ]] ||
		fail "not the sum"
	made "init $(partition_bytes 3 100 5)" "init $(partition_bytes 3 40 5)" \
		"init $(partition_bytes 3 40 5)"
	script "init errno=4 retry.pages_deposited=100 retry.repeated=4" "init hv_status=0xb"
	mock partition init 3 --auto-deposit 100
	exits 3
	says "made again 4 times, 100 of at most 100 pages deposited"
	made "init $(partition_bytes 3 100)" "init $(partition_bytes 3 0)"
}

@test "a command of one ioctl that a signal interrupts: exit 5" {
	local file=$BATS_TEST_TMPDIR/file

	script "finalize signal=2 errno=4"
	mock partition finalize 3
	exits 5
	says "hvctl: finalize partition 3: interrupted"
	script "unmap signal=15 errno=4 bytes_done=4096"
	mock unmap 3 0 --size 1G
	exits 5
	says "done:    4096 of 1073741824 bytes unmapped"
	script "next next_id=5 signal=1" "next next_id=7"
	mock partition list
	exits 5
	prints 5
	says "done:    1 partitions listed"
	# What is not mapped leaves no file behind.
	script "map signal=2 errno=4 bytes_done=0"
	mock map 3 0 --file "$file" --create --size 1G
	exits 5
	[[ ! -e $file ]] || fail "a file is left"
}

@test "a signal during a call that completes: done, and its answer is told" {
	script "create signal=2 partition_id=77"
	mock partition create
	exits 0
	prints "created partition 77"
}

@test "SIGINT while waiting for standard input: what was written is told" {
	mkfifo "$BATS_TEST_TMPDIR/pipe"
	# The shell itself holds the pipe open, so that there is no end of file. When
	# all is in it, the first 1 MiB has been written; asleep, hvctl waits for more.
	run --separate-stderr timeout -s KILL 30 bash -c 'exec 9<>"$1"
		head -c 1572864 /dev/zero >&9 &
		filler=$!
		env --default-signal=INT "$HVCTL_MOCK" write-gpa 3 0 <"$1" &
		wait "$filler"
		until grep -q "^State:.*sleeping" "/proc/$!/status"; do sleep 0.1; done
		kill -INT $!
		wait $!' - "$BATS_TEST_TMPDIR/pipe"
	exits 5
	says "hvctl: write at GPA 0x0 of partition 3: interrupted" "done:    1048576 bytes written"
}

@test "a signal that was ignored from the start stays ignored" {
	script "withdraw signal=1" "withdraw"
	run --separate-stderr bash -c 'trap "" HUP; "$HVCTL_MOCK" withdraw 3 --pages 100000'
	exits 0
}

@test "progress: none on a pipe, with --progress on request, not for one ioctl" {
	mock withdraw 3 --pages 200000
	says_nothing
	mock withdraw 3 --pages 200000 --progress
	exits 0
	says $'\r65536 of 200000 pages withdrawn (32%)\r131072 of 200000 pages withdrawn (65%)'
	mock --progress withdraw 3 --pages 1000
	says_nothing
}

@test "progress: by itself on a terminal, unless --quiet" {
	local tty=$BATS_TEST_TMPDIR/tty

	command -v script >/dev/null || skip "no script(1)"
	command script -qec "$HVCTL_MOCK withdraw 3 --pages 200000" "$tty" >/dev/null
	grep -q "131072 of 200000 pages withdrawn (65%)" "$tty"
	command script -qec "$HVCTL_MOCK -q withdraw 3 --pages 200000" "$tty" >/dev/null
	run ! grep -q "131072 of" "$tty"
}

@test "progress of data of unknown length" {
	run --separate-stderr bash -c 'head -c 2500000 /dev/zero | "$HVCTL_MOCK" --progress write-gpa 3 0'
	exits 0
	says $'\r1048576 bytes written\r2097152 bytes written'
}
