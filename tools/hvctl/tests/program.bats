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
