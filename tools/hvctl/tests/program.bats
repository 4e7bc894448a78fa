#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# The program as it is shipped.

# Bats and common.bash set variables that are not seen here; words are split on
# purpose; bash -c has its own variables.
# shellcheck disable=SC2016,SC2086,SC2154

load common

@test "hvctl is linked statically" {
	run readelf -lW "$HVCTL"
	[[ $status == 0 && $output == *LOAD* ]]
	[[ $output != *INTERP* && $output != *DYNAMIC* ]]
}

@test "hvctl has no test code, and the mock is not blind to that" {
	run ! grep -qi mock "$HVCTL"
	grep -qi mock "$HVCTL_MOCK"
}

@test "hvctl knows no hypervisor but through libhvctl and the shared headers" {
	run ! grep -rnE '#include [<"](hv|linux|asm)/' "$BATS_TEST_DIRNAME"/../*.[ch]
	run ! grep -rnE '#include [<"](linux|asm)/' --include='*.[ch]' \
		--exclude=hvctl.h "$BATS_TEST_DIRNAME/../../libhvctl"
}

@test "install: tool, manual, completion, and who may open the device" {
	local d=$BATS_TEST_TMPDIR/root
	make -s -C "$BATS_TEST_DIRNAME/../.." O="$(dirname "$HVCTL")" DESTDIR="$d" install
	[[ $(cd "$d" && find . -type f | sort) == "./usr/lib/sysusers.d/hv_rootctl.conf
./usr/lib/udev/rules.d/70-hv_rootctl.rules
./usr/local/sbin/hvctl
./usr/local/share/bash-completion/completions/hvctl
./usr/local/share/man/man8/hvctl.8" ]]
	# The rule names the group that the other file makes, and no mode for all.
	grep -qx "g hv_rootctl -" "$d/usr/lib/sysusers.d/hv_rootctl.conf"
	grep -qE 'KERNEL=="hv_rootctl".*GROUP="hv_rootctl", MODE="0660"$' \
		"$d/usr/lib/udev/rules.d/70-hv_rootctl.rules"
}
