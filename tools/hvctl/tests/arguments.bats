#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# Words into values: what is taken, and how what is not is refused. A refused
# command line makes no ioctl at all.

# Bats and common.bash set variables that are not seen here; words are split on
# purpose; bash -c has its own variables.
# shellcheck disable=SC2016,SC2086,SC2154

load common

# A command line that makes no sense: exit 1, these words, nothing done.
refuses()
{
	local text=$1

	shift
	mock "$@"
	exits 1
	says "$text"
	prints ""
	made
}

@test "numbers: decimal, hexadecimal, no octal" {
	mock balance 010
	exits 0
	made "balance $(balance_bytes 10 0)"
	mock balance 0XfF
	exits 0
	made "balance $(balance_bytes 255 0)"
	mock balance 18446744073709551615
	exits 0
	made "balance $(balance_bytes $self 0)"
	mock balance 0x00000000000000000000000000000001
	exits 0
	made "balance $(balance_bytes 1 0)"
	mock balance 0
	exits 0
	made "balance $(balance_bytes 0 0)"
}

@test "numbers: what is none" {
	local word

	for word in 12a 0x 0xg 1x 1.5 1e3 "1 " 3K 0x10M 5kb; do
		refuses "PARTITION '$word' is not a number: decimal or 0x..." balance "$word"
	done
	for word in "" " 1" +1 selfish Self none; do
		refuses "PARTITION '$word' is neither a number nor self or root" balance "$word"
	done
	refuses "no number is negative" balance -1
	refuses "PARTITION '-1' is neither" balance -- -1
}

@test "numbers: beyond 64 bits" {
	local word

	for word in 18446744073709551616 0x10000000000000000 99999999999999999999999999; do
		refuses "PARTITION '$word' is too large: at most 18446744073709551615 (0xffffffffffffffff)" \
			balance $word
	done
}

@test "sizes: K, M, G, in decimal and hexadecimal" {
	local row

	for row in 1K:1024 2k:2048 3M:3145728 1m:1048576 1G:1073741824 2g:2147483648 0x10K:16384 0:0; do
		mock read-gpa 3 ${row%:*} 1
		exits 0
		made "read $(access_bytes 3 ${row#*:} 1 0 6)"
	done
	mock unmap 3 17179869183G --size 4K
	exits 0
	made "unmap $(unmap_bytes 3 0xffffffffc0000000 4096)"
}

@test "sizes: overflow and nonsense" {
	local word

	for word in 17179869184G 0x1000000000000000G 18014398509481984K 17592186044416M; do
		refuses "GPA '$word' is too large: at most 18446744073709551615" unmap 3 $word --size 4K
	done
	for word in 1T 1KB 1KK K 4KiB 1.5G; do
		refuses "GPA '$word' is not a number: decimal or 0x..., with K, M or G" \
			unmap 3 $word --size 4K
	done
}

@test "limits: pages, nodes, processors, flags" {
	refuses "--pages '0' is too small: at least 1" deposit 3 --pages 0
	refuses "--pages '4503599627370496' is too large: at most 4503599627370495" \
		withdraw 3 --pages 4503599627370496
	refuses "--pages '1K' is not a number" withdraw 3 --pages 1K
	refuses "--pages 'all' is not a number" deposit 3 --pages all
	refuses "--pages 'al' is not a number" withdraw 3 --pages al
	refuses "--node '4294967296' is too large: at most 4294967295" \
		withdraw 3 --pages 1 --node 4294967296
	refuses "--node '-1' is not a number" balance 3 --node -1
	refuses "INDEX '0x100000000' is too large: at most 4294967295" vp create 3 0x100000000
	refuses "--vp '4294967296' is too large" read-gpa 3 0 1 --vp 4294967296
	refuses "--vp '4294967296' is too large" write-gpa 3 0 --hex 00 --vp 4294967296
	refuses "--flags '0x10000000000000000' is too large" \
		partition create --flags 0x10000000000000000
	refuses "LENGTH '0' is too small: at least 1" read-gpa 3 0 0
	refuses "--size '0' is too small: at least 1" unmap 3 0 --size 0
}

@test "alignment: GPA, size, offset" {
	head -c 4096 /dev/zero >"$BATS_TEST_TMPDIR/file"
	refuses "GPA '0x1001' is not a multiple of the page size, 4096" unmap 3 0x1001 --size 4K
	refuses "--size '100' is not a multiple of the page size, 4096" unmap 3 0 --size 100
	refuses "GPA '1K' is not a multiple of the page size, 4096" \
		map 3 1K --file "$BATS_TEST_TMPDIR/file"
	refuses "--size '6K' is not a multiple" map 3 0 --file "$BATS_TEST_TMPDIR/file" --size 6K
	refuses "--offset '1' is not a multiple" map 3 0 --file "$BATS_TEST_TMPDIR/file" --offset 1
}

@test "ranges beyond the last address" {
	head -c 8192 /dev/zero >"$BATS_TEST_TMPDIR/file"
	refuses "2 bytes at GPA 0xffffffffffffffff run past the last address" \
		read-gpa 3 0xffffffffffffffff 2
	refuses "8192 bytes at GPA 0xfffffffffffff000 run past" \
		unmap 3 0xfffffffffffff000 --size 8K
	refuses "8192 bytes at GPA 0xfffffffffffff000 run past" \
		map 3 0xfffffffffffff000 --file "$BATS_TEST_TMPDIR/file"
	refuses "2 bytes at GPA 0xffffffffffffffff run past" \
		write-gpa 3 0xffffffffffffffff --hex 0000
	refuses "8192 bytes at GPA 0xffffffffffffffff run past" \
		write-gpa 3 0xffffffffffffffff --file "$BATS_TEST_TMPDIR/file"
	refuses "--offset and --size add up to more than 9223372036854771712" \
		map 3 0 --file "$BATS_TEST_TMPDIR/file" --offset 9223372036854771712 --size 4096
	mock read-gpa 3 0xfffffffffffffffe 2
	exits 0
	mock unmap 3 0xfffffffffffff000 --size 4K
	exits 0
}

@test "standard input that runs past the last address: told with what was written" {
	run --separate-stderr bash -c 'printf abcd | "$HVCTL_MOCK" write-gpa 3 0xfffffffffffffffe'
	exits 1
	says "the data runs past the last address, 0xffffffffffffffff" "done:    2 bytes written"
	made "write $(access_bytes 3 0xfffffffffffffffe 2 0 6) 6162"
}

@test "data: pairs of hex digits, one source, at least a byte" {
	refuses "--hex is not made of pairs of hex digits, at 'f'" write-gpa 3 0 --hex "00f"
	refuses "at '0xff'" write-gpa 3 0 --hex "0xff"
	refuses "at 'f 00'" write-gpa 3 0 --hex "00 f 00"
	refuses "the data is empty: at least 1 byte" write-gpa 3 0 --hex " "
	refuses "the data is empty: at least 1 byte" write-gpa 3 0 --string ""
	refuses "give one of --hex, --string and --file, once" write-gpa 3 0 --hex 00 --string a
	refuses "give one of --hex, --string and --file, once" write-gpa 3 0 --hex 00 --hex 01
	refuses "/dev/null is empty: at least 1 byte" write-gpa 3 0 --file /dev/null
	refuses "--cache 'WB' is none of wb, wt, wp, wc, uc" write-gpa 3 0 --hex 00 --cache WB
	refuses "--raw and --output exclude each other" read-gpa 3 0 1 --raw --output /dev/null
}

@test "rights that no mapping has" {
	local word

	for word in w x wx xr wr rwxx R ""; do
		refuses "--rights '$word' is none of none, r, rw, rx, rwx" \
			map 3 0 --file /dev/null --rights "$word"
	done
}

@test "options that need each other" {
	refuses "--prefer says how strict --node is" withdraw 3 --pages 1 --prefer
	refuses "--prefer says how strict --node is" partition create --prefer
	refuses "--pages is missing" withdraw 3
	refuses "--pages is missing" deposit 3
	refuses "--size is missing" unmap 3 0
	refuses "--file is missing" map 3 0
	refuses "--create needs --size" map 3 0 --file /tmp/x --create
}

@test "options: unknown, of another command, without a value, shortened" {
	refuses "hvctl balance: unrecognized option '--pages'" balance 3 --pages 1
	refuses "hvctl balance: unrecognized option '--prefer'" balance 3 --node 1 --prefer
	refuses "hvctl vp delete: unrecognized option '--node'" vp delete 3 0 --node 1
	refuses "hvctl withdraw: option '--pages' requires an argument" withdraw 3 --pages
	refuses "hvctl withdraw: option '--p' is ambiguous" withdraw 3 --p 1
	refuses "hvctl withdraw: option '--prefer' takes no argument" withdraw 3 --prefer=1
	refuses "hvctl withdraw: option '--quiet' takes no argument" withdraw 3 --quiet=1
	refuses "hvctl: option '-d' requires an argument" -d
	refuses "hvctl balance: unrecognized option '-x'" balance -qx 3
	mock withdraw 3 --pa 4
	exits 0
	made "withdraw $(pool_bytes 3 0 4)"
}

@test "operands: missing, too many" {
	refuses "hvctl withdraw: PARTITION is missing" withdraw --pages 1
	refuses "hvctl vp create: INDEX is missing" vp create 3
	refuses "hvctl read-gpa: LENGTH is missing" read-gpa 3 0
	refuses "hvctl write-gpa: GPA is missing" write-gpa 3
	refuses "hvctl balance: '4' is one word too many" balance 3 4
	refuses "hvctl info: 'x' is one word too many" info x
	refuses "hvctl partition create: '3' is one word too many" partition create 3
	refuses "hvctl partition list: '4' is one word too many" partition list 3 4
}

@test "commands: unique prefixes are enough" {
	mock bal 3
	exits 0
	made "balance $(balance_bytes 3 0)"
	mock p f 3
	exits 0
	made "finalize $(partition_bytes 3)"
	mock wi 3 --pages 1
	exits 0
	made "withdraw $(pool_bytes 3 0 1)"
	mock m 3 0 --file /dev/null
	exits 1
	says "hvctl map: --offset 0 is not inside /dev/null"
}

@test "commands: ambiguous prefixes list the candidates" {
	refuses "hvctl: 'w' is ambiguous, it may be: withdraw write-gpa" w 3
	refuses "hvctl: no command ''" ''
}

@test "commands: unknown, missing" {
	refuses "hvctl: no command 'frobnicate'" frobnicate
	refuses "hvctl: no command 'infos'" infos
	refuses "hvctl partition: no command 'x'" partition x
	refuses "hvctl: a command is missing"
	refuses "hvctl vp: a command is missing" vp
	refuses "hvctl info: no command 'x' below it" help info x
	refuses "hvctl help: 'x' is one word too many" help partition create x
}

@test "status: by number, by name, unknown, all; no device needed" {
	export HVCTL_DEVICE=/nowhere
	mock status 0x1d
	exits 0
	prints "HV_STATUS_NO_RESOURCES (0x1d): nothing more to be had"
	mock status 29
	prints "HV_STATUS_NO_RESOURCES (0x1d): nothing more to be had"
	mock status hv_status_no_resources
	prints "HV_STATUS_NO_RESOURCES (0x1d): nothing more to be had"
	mock status Access_Denied
	exits 0
	[[ $output == "HV_STATUS_ACCESS_DENIED (0x6): "* ]]
	mock status 0x1013
	exits 1
	prints "unknown HV_STATUS (0x1013)"
	mock status 0x10000
	exits 1
	says "CODE '0x10000' is too large: at most 65535"
	mock status NO_SUCH
	exits 1
	says "CODE 'NO_SUCH' is neither a number nor a status name"
	mock status
	exits 0
	[[ $output == "HV_STATUS_SUCCESS (0x0): "*$'\n'"HV_STATUS_UNKNOWN_REGISTER_NAME (0x87): "* ]]
}
