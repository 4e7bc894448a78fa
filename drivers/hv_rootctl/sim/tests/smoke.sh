#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# The main flow through hvctl against the simulated hypervisor, TAP on
# standard output. Wants root, the driver and the simulation loaded, hvctl in
# the path, a tmpfs on /dev/shm; debugfs if there is one. busybox's sh will do.
#
# Conformance: W2 W3 W7 W12 W14 G2 G8 G9 G15

set -u

work=/dev/shm/hv_rootctl.$$
gpa=0x10000
out=$work/out
n=0
failed=0

mkdir "$work" || exit 1
trap 'rm -rf "$work"' EXIT

# result STATUS NAME
result() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$out"
		failed=$((failed + 1))
	fi
}

# exits WANTED NAME COMMAND...: its exit status is as wanted
exits() {
	wanted=$1
	name=$2
	shift 2
	"$@" >"$out" 2>&1
	status=$?
	[ "$status" -eq "$wanted" ]
	result $? "$name"
	[ "$status" -eq "$wanted" ] || echo "# exit status $status"
}

# same WANTED GOT NAME
same() {
	echo "wanted '$1', got '$2'" >"$out"
	[ "$1" = "$2" ]
	result $? "$3"
}

# says PATTERN NAME: the output of the last exits has this
says() {
	grep -q "$1" "$out"
	result $? "$2"
}

balance() {
	hvctl -q balance "$1"
}

# Deposit to the root until a partition can be had; its number to stdout.
create() {
	for _ in 1 2 3 4 5 6 7 8; do
		hvctl -q partition create 2>/dev/null && return
		hvctl -q deposit self --pages 8 >/dev/null || return
	done
	return 1
}

echo "TAP version 13"

exits 0 "info" hvctl info
says "^transport:.*sim" "info names the transport"

root_before=$(balance self)
exits 0 "deposit to the root" hvctl deposit self --pages 64
exits 0 "withdraw from the root (W3 W14)" hvctl withdraw self --pages 64
same "$root_before" "$(balance self)" "the root's pool is as it was (W14)"

child=$(create)
: >"$out"
[ -n "$child" ]
result $? "create"
same "0 0" "$(balance "$child")" "a new pool is empty"

exits 0 "deposit 600 pages" hvctl deposit "$child" --pages 600
same "600 0" "$(balance "$child")" "and they are there"
exits 0 "initialize" hvctl partition init "$child"
exits 0 "create a VP" hvctl vp create "$child" 0

dd if=/dev/zero of="$work/ram" bs=4096 count=4 2>/dev/null
exits 0 "map a file" hvctl map "$child" $gpa --file "$work/ram" --rights rwx
used=$(balance "$child" | cut -d' ' -f2)
: >"$out"
[ "$used" -gt 0 ]
result $? "VP and mapping take pages of the pool (W12)"

text="a string of one hundred bytes or so that is written over the end of one page into the next, in pieces"
exits 0 "write across a page boundary (G15)" \
	hvctl write-gpa "$child" 0x10fd0 --string "$text"
same "$text" "$(hvctl read-gpa "$child" 0x10fd0 ${#text} --raw)" \
	"read it back from the partition"
same "$text" "$(dd if="$work/ram" bs=1 skip=4048 count=${#text} 2>/dev/null)" \
	"and from the memory behind"
exits 4 "a write that runs off the mapping is refused (G8)" \
	hvctl write-gpa "$child" 0x13ff8 --string 0123456789abcdef
says "Unmapped" "and says why"
same 01234567 "$(hvctl read-gpa "$child" 0x13ff8 8 --raw)" \
	"what came before the end was written (G15)"

exits 0 "unmap" hvctl unmap "$child" $gpa --size 16K
exits 4 "a write to what was unmapped is refused (G9)" \
	hvctl write-gpa "$child" $gpa --hex 00
exits 3 "a write as a VP that is not there is refused" \
	hvctl write-gpa "$child" $gpa --vp 7 --hex 00

exits 0 "finalize" hvctl partition finalize "$child"
exits 3 "withdraw more than there is" hvctl withdraw "$child" --pages 1000
says "NO_RESOURCES" "and hvctl says so (W7)"
says "\<600\>" "and that 600 pages came back (W2)"
exits 0 "delete" hvctl partition delete "$child"
exits 3 "and it is gone" hvctl balance "$child"

# Two partitions for which nobody deposits, but for 50 pages that change hands.
hvctl withdraw self --pages all >/dev/null 2>&1
exits 0 "create, with what it takes" hvctl -q partition create --auto-deposit 100
first=$(cat "$out")
exits 0 "initialize likewise" hvctl partition init "$first" --auto-deposit 100
exits 0 "create a VP likewise" hvctl vp create "$first" 0 --auto-deposit 100
exits 0 "map likewise" hvctl map "$first" $gpa --file "$work/ram" --auto-deposit 100
exits 0 "create another" hvctl -q partition create --auto-deposit 100
second=$(cat "$out")
exits 0 "deposit 50 pages there" hvctl deposit "$second" --pages 50
before=$(balance "$first" | cut -d' ' -f1)
exits 0 "transfer them" hvctl transfer "$second" "$first" --pages all
says "transferred 50 pages" "all of them"
same "0 0" "$(balance "$second")" "they are not here any more"
same $((before + 50)) "$(balance "$first" | cut -d' ' -f1)" "but there"
exits 0 "finalize" hvctl partition finalize "$first"
exits 0 "transfer back what there is" hvctl transfer "$first" "$second" --pages all
exits 0 "delete" hvctl partition delete "$first"
exits 0 "withdraw" hvctl withdraw "$second" --pages all
exits 0 "delete" hvctl partition delete "$second"
same "0 0" "$(balance self)" "the root's pool needs none, and has none"

hvctl withdraw self --pages all >/dev/null 2>&1
same "0 0" "$(balance self)" "nothing is left in the root's pool (W12)"
exits 0 "info at the end" hvctl info
says "pages deposited: *0$" "no page is missing"
says "pages mapped: *0$" "no mapping is left"

debug=/sys/kernel/debug/hv_rootctl_sim
if [ -d "$debug" ]; then
	exits 0 "counters" cat "$debug/counters"
	says "0x0049 HvWithdrawMemory *[1-9]" "the calls are counted"
	exits 0 "audit" cat "$debug/audit"
	says "^errors 0$" "the simulated hypervisor's books agree"
	says "^trespasses 0$" "nobody wrote to deposited pages"
fi

echo "1..$n"
[ "$failed" -eq 0 ]
