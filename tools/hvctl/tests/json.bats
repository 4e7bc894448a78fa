#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# --json: one object, whatever comes of the command.

# Bats and common.bash set variables that are not seen here; words are split on
# purpose; bash -c has its own variables.
# shellcheck disable=SC2016,SC2086,SC2154

load common

# All that is on standard output is this object.
answers()
{
	[[ $(wc -l <<<"$output") == 1 ]] || fail "not one line"
	diff <(jq -S . <<<"$1") <(jq -S . <<<"$output") || fail "expected: $1"
}

# JQ TEXT: of what was printed.
has()
{
	[[ $(jq -c "$1" <<<"$output") == "$2" ]] || fail "expected $1 to be $2"
}

@test "json: partitions" {
	script "create partition_id=5 retry.pages_deposited=8 retry.repeated=1"
	mock -j partition create --auto-deposit 100
	exits 0
	says_nothing
	answers '{"command": "partition create", "ok": true, "exit_status": 0, "partition": 5,
		"retry": {"repeated": 1, "pages_deposited": 8, "status": 0,
			  "status_name": "SUCCESS"}}'
	unset HVCTL_MOCK_SCRIPT
	mock --json partition init 5
	answers '{"command": "partition init", "ok": true, "exit_status": 0, "partition": 5}'
	mock partition finalize 5 --json
	has .command '"partition finalize"'
	mock partition --json delete self
	has .partition '"self"'
	script "next next_id=5" "next next_id=7" "next next_id=0"
	mock -j partition list
	answers '{"command": "partition list", "ok": true, "exit_status": 0, "parent": "self",
		"children": [5, 7], "partitions": 2}'
	script "next next_id=0"
	mock -j partition list 3
	says_nothing
	answers '{"command": "partition list", "ok": true, "exit_status": 0, "parent": 3,
		"children": [], "partitions": 0}'
}

@test "json: processors, mappings" {
	mock -j vp create 3 1
	answers '{"command": "vp create", "ok": true, "exit_status": 0, "partition": 3, "vp": 1}'
	head -c 8192 /dev/zero >"$BATS_TEST_TMPDIR/file"
	mock -j map 3 4096 --file "$BATS_TEST_TMPDIR/file"
	answers '{"command": "map", "ok": true, "exit_status": 0, "partition": 3, "gpa": 4096,
		"bytes": 8192, "requested": 8192, "file": "'"$BATS_TEST_TMPDIR/file"'"}'
	mock -j unmap 3 4096 --size 8K
	answers '{"command": "unmap", "ok": true, "exit_status": 0, "partition": 3, "gpa": 4096,
		"bytes": 8192, "requested": 8192}'
}

@test "json: pools" {
	script "deposit hypercalls=1"
	mock -j deposit self --pages 64
	says_nothing
	answers '{"command": "deposit", "ok": true, "exit_status": 0, "partition": "self",
		"pages": 64, "requested": 64, "hypercalls": 1}'
	script "withdraw hv_status=0x1d pages_done=5 hypercalls=2"
	mock -j -q withdraw 3 --pages all
	answers '{"command": "withdraw", "ok": true, "exit_status": 0, "partition": 3,
		"pages": 5, "hypercalls": 2}'
	script "balance pages_available=2000 pages_in_use=7"
	mock -j balance 3
	answers '{"command": "balance", "ok": true, "exit_status": 0, "partition": 3,
		"pages_available": 2000, "pages_in_use": 7}'
	script "withdraw" "deposit hv_status=7 pages_done=60" "deposit pages_done=30"
	mock -j transfer self 4 --pages 100
	exits 3
	has '[.from, .to, .pages, .requested, .pages_held, .pages_returned]' \
		'["self",4,60,100,40,30]'
	has .error.call '"HvDepositMemory"'
}

@test "json: memory, all its bytes, numbers of 64 bits" {
	mock -j write-gpa 3 0xfffffffffffff000 --hex 010203
	says_nothing
	[[ $output == *'"gpa":18446744073709547520,'* ]] || fail "not exact"
	has '[.command, .bytes, .requested]' '["write-gpa",3,3]'
	mock -j read-gpa 3 249 5
	answers '{"command": "read-gpa", "ok": true, "exit_status": 0, "partition": 3,
		"gpa": 249, "bytes": 5, "requested": 5, "data": "f9fa000102"}'
	mock -j read-gpa 3 0x80ffb 3000000
	has '.data | length' 6000000
	[[ $(jq -r .data <<<"$output" | perl -ne 'chomp; print pack("H*", $_)' | cksum) == \
		"$(guest_memory 0x80ffb 3000000 | cksum)" ]] || fail "other bytes"
	mock -j read-gpa 3 0 5 --output "$BATS_TEST_TMPDIR/file"
	answers '{"command": "read-gpa", "ok": true, "exit_status": 0, "partition": 3, "gpa": 0,
		"bytes": 5, "requested": 5, "file": "'"$BATS_TEST_TMPDIR/file"'"}'
	[[ $(wc -c <"$BATS_TEST_TMPDIR/file") == 5 ]]
}

@test "json: a read that is refused half way has what was read" {
	script "read access_result=1 bytes_done=3 fail_gpa=0x1000"
	mock -j read-gpa 3 0xffd 16
	exits 4
	answers '{"command": "read-gpa", "ok": false, "exit_status": 4, "partition": 3,
		"gpa": 4093, "bytes": 3, "requested": 16, "data": "4d4e4f",
		"error": {"kind": "access", "call": "HvReadGpa", "call_code": 83, "status": 0,
			  "status_name": "SUCCESS", "access_result": 1,
			  "access_name": "Unmapped", "gpa": 4096}}'
}

@test "json: info" {
	script "query transport=2 page_size=4096 partition_id=1 privileges=0x0010103700008a74 \
withdraw_batch=512 write_gpa_form=2 features=1 pages_deposited=17 auto_deposits=2 auto_deposited=16"
	mock -j info
	says_nothing
	has '[.transport, .partition, .root, .page_size, .withdraw_batch]' \
		'["sim",1,true,4096,512]'
	has '[.write_gpa_form, .statistics, .raw_calls]' '["xmm",true,false]'
	has '[.pages_deposited, .auto_deposits, .auto_deposited]' '[17,2,16]'
	[[ $output == *'"privileges":4521428036651636,'* ]] || fail "not exact"
	has '.privilege_names | index("ACCESS_MEMORY_POOL") != null' true
	script "query partition_id=0xffffffffffffffff transport=9"
	mock -j info
	has '[.partition, .transport, .write_gpa_form]' '["self",null,null]'
}

@test "json: statuses" {
	mock -j status 0x1d
	answers '{"command": "status", "ok": true, "exit_status": 0, "statuses": [
		{"status": 29, "status_name": "NO_RESOURCES", "text": "nothing more to be had"}]}'
	mock -j status
	has '.statuses | length > 50' true
	mock -j status 0xfffe
	exits 1
	has '.statuses[0]' '{"status":65534,"status_name":null,"text":null}'
}

@test "json: what was refused, on both streams" {
	script "withdraw hv_status=0x1d pages_done=1000 hypercalls=2"
	mock -j withdraw 3 --pages 2000
	exits 3
	says "done:    1000 of 2000 pages withdrawn (hypercalls: 2)"
	answers '{"command": "withdraw", "ok": false, "exit_status": 3, "partition": 3,
		"pages": 1000, "requested": 2000, "hypercalls": 2,
		"error": {"kind": "status", "call": "HvWithdrawMemory", "call_code": 73,
			  "status": 29, "status_name": "NO_RESOURCES"}}'
	script "init errno=12 hv_status=0x0b retry.pages_deposited=16 retry.repeated=2"
	mock -j partition init 3 --auto-deposit 100
	exits 2
	has '[.error.kind, .error.errno, .error.status_name, .retry.pages_deposited]' \
		'["errno",12,"INSUFFICIENT_MEMORY",16]'
	has '[.error.errno_name, .error.message]' '["ENOMEM","the kernel is short of memory"]'
	script "balance errno=5"
	mock -j balance 3
	has '.error | [.errno, .errno_name, .message]' '[5,"EIO","Input/output error"]'
	script "balance errno=517"
	mock -j balance 3
	has '.error | [.errno, .errno_name]' '[517,null]'
	script "init hv_status=0x40"
	mock -j partition init 3
	has '[.error.status, .error.status_name]' '[64,null]'
	script "deposit pages_done=3"
	mock -j deposit 3 --pages 5
	has '[.error.kind, .pages]' '["miscount",3]'
}

@test "json: interrupted, bad usage, no device" {
	script "withdraw signal=2 pages_done=100 errno=4"
	mock -j withdraw 3 --pages 100000
	exits 5
	has '[.ok, .exit_status, .error.kind, .pages]' '[false,5,"interrupted",100]'
	mock -j withdraw 3
	exits 1
	answers '{"command": "withdraw", "ok": false, "exit_status": 1,
		"error": {"kind": "usage", "message": "--pages is missing"}}'
	mock -j read-gpa 3 0 1 --raw
	exits 1
	mock -j read-gpa 3 0 65M
	exits 1
	has '.error.message' '"LENGTH is more than --json takes, 67108864: give --output"'
	mock -j -d /nowhere/at/all info
	exits 2
	has '.error | [.kind, .errno, .errno_name, .message]' \
		'["system",2,"ENOENT","cannot open /nowhere/at/all"]'
	made
}

@test "json: every usage error is an object, wherever --json stands" {
	local line

	while read -r line; do
		mock $line
		exits 1
		[[ -n $stderr ]] || fail "no words: $line"
		has '[.ok, .exit_status, .error.kind, .error.message == null]' \
			'[false,1,"usage",false]' || fail "$line"
	done <<-'EOF'
		-j
		nonsense -j
		w --json
		partition -j
		partition nonsense 3 -j
		deposit 3 --pages -5 -j
		-j deposit 3 --pages
		-j deposit 3 --pages 1 --nonsense
		deposit -x 3 --pages 1 -j
		deposit -xvj 3 --pages 1
		-j balance -1
		balance 3 --node 1 --node x -j
		-j partition list 3 4
		status nonsense -j
		help --nonsense -j
	EOF
	mock -j status 0xfff0
	exits 1
	has '[.error.kind, .error.message]' '["usage","no such HV_STATUS is known"]'
	# A value is no option.
	mock -xd/dev/j info
	exits 1
	prints ""
	mock write-gpa 3 0 --string -j
	exits 0
	prints "wrote 2 bytes at GPA 0x0 of partition 3"
}

@test "json: file names are any bytes, the object is UTF-8" {
	mock -j write-gpa 3 0 --file $'/no/\xc3\xa9\xff\xed\xa0\x80"\\\n\xf0\x9f\x90\xa7\xc0\x80'
	exits 2
	has '.error.message' '"cannot open /no/é????\"\\\n🐧??"'
	iconv -f UTF-8 -t UTF-8 <<<"$output" >/dev/null
}

@test "json: what does not get out there is told on standard error" {
	script "create partition_id=5"
	run --separate-stderr bash -c '"$HVCTL_MOCK" -j partition create >/dev/full'
	exits 2
	says "cannot write to standard output" '"partition":5' '"exit_status":2'
}

@test "json: help is no object, the version is one" {
	mock -j help status
	exits 0
	[[ $output == "Usage: hvctl status"* && $output != *'{"'* ]]
	mock -j --version
	has '.version | length > 0' true
}
