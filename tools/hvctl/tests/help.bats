#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0
# Help, man page and completion say the same, about every command.

# Bats and common.bash set variables that are not seen here; words are split on
# purpose; bash -c has its own variables.
# shellcheck disable=SC2016,SC2086,SC2154

load common

man=$BATS_TEST_DIRNAME/../man/hvctl.8

# The commands that a help text lists.
listed()
{
	"$HVCTL" help "$@" | sed -n '/^Commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p'
}

# All commands that do something, "partition create" for example.
all_commands()
{
	local noun verb verbs

	for noun in $(listed); do
		verbs=$(listed "$noun")
		for verb in ${verbs:--}; do
			[[ $verb == - ]] && echo "$noun" || echo "$noun $verb"
		done
	done
}

@test "there are the commands that there should be" {
	[[ $(all_commands | sort | tr '\n' ,) == "balance,deposit,help,info,map,partition create,\
partition delete,partition finalize,partition init,partition list,read-gpa,status,transfer,\
unmap,vp create,vp delete,withdraw,write-gpa," ]] || { all_commands >&2; false; }
}

@test "every command has the same help in three ways, on stdout, exit 0" {
	local command help

	all_commands >"$BATS_TEST_TMPDIR/commands"
	printf 'partition\nvp\n' >>"$BATS_TEST_TMPDIR/commands"
	while read -r command; do
		# shellcheck disable=SC2086 # words
		{
			help=$("$HVCTL" help $command 2>&1)
			[[ $help == "Usage: hvctl $command"* ]]
			[[ $("$HVCTL" $command --help) == "$help" ]]
			[[ $("$HVCTL" $command -h) == "$help" ]]
		}
		[[ $help == *"Global options:"*"--device PATH"* ]]
	done <"$BATS_TEST_TMPDIR/commands"
	[[ $("$HVCTL" --help) == "$("$HVCTL" help)" ]]
}

@test "help: every option in a usage line is explained, and the other way round" {
	local command help usage explained

	all_commands >"$BATS_TEST_TMPDIR/commands"
	while read -r command; do
		# shellcheck disable=SC2086 # words
		help=$("$HVCTL" help $command)
		usage=$(head -n 1 <<<"$help" | grep -o -- '--[a-z-]*' | sort)
		explained=$(sed -n '/^Options:/,/^$/s/^ *\(--[a-z-]*\).*/\1/p' <<<"$help" | sort)
		[[ $usage == "$explained" ]] || { echo "$command: $usage / $explained" >&2; false; }
	done <"$BATS_TEST_TMPDIR/commands"
}

@test "man page: the same commands, operands and options as the help" {
	local command

	# .It Cm deposit Ar PARTITION Fl -pages Ar N -> depositPARTITION--pagesN
	sed -n '/^\.Sh COMMANDS/,/^\.El/s/^\.It Cm //p' "$man" |
		sed -E 's/\<(Cm|Ar|Ns)\> ?//g; s/Op (.*)$/[\1]/; s/\<Oo\>/[/g; s/\<Oc\>/]/g
			s/Fl -/--/g; s/ //g' | sort >"$BATS_TEST_TMPDIR/man"
	all_commands | while read -r command; do
		# shellcheck disable=SC2086 # words
		"$HVCTL" help $command | sed -n '1{s/^Usage: hvctl //; s/ //g; p}'
	done | sort >"$BATS_TEST_TMPDIR/help"
	[[ -s $BATS_TEST_TMPDIR/help ]]
	diff "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/man"
}

@test "man page: the same global options as the help" {
	diff <("$HVCTL" help | sed -n '/^Global options:/,$s/^.*\(--[a-z]*\).*/\1/p' | sort) \
		<(sed -n '/^\.Sh OPTIONS/,/^\.El/s/^\.It.*Fl -\([a-z]\{2,\}\).*/--\1/p' "$man" | sort)
}

@test "man page: the exit statuses of the program" {
	diff <(sed -n '/^enum exit_status/,/^}/s/.* = \([0-9]\).*/\1/p' "$BATS_TEST_DIRNAME/../tool.h") \
		<(sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It //p' "$man")
}

@test "man page: mandoc finds nothing to complain about" {
	command -v mandoc >/dev/null || skip "no mandoc"
	run mandoc -T lint -W style "$man"
	[[ $status == 0 && -z $output ]] || { echo "$output" >&2; false; }
}

@test "man page: the failures it shows are what hvctl prints" {
	script "withdraw hv_status=0x1d pages_done=1000 hypercalls=2"
	mock withdraw 3 --pages 2000
	[[ $(cat "$man") == *"$stderr"* ]] || fail "not in the man page"
	script "write access_result=1 bytes_done=16 fail_gpa=0x1000"
	mock write-gpa 3 0xff0 --string "across a page boundary"
	[[ $(cat "$man") == *"$stderr"* ]] || fail "not in the man page"
}

# What the completion offers for the last word of a command line.
complete_line()
{
	PATH=${HVCTL%/*}:$PATH bash -c '
		. "$1"
		shift
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_hvctl "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"' - "$BATS_TEST_DIRNAME/../completion/hvctl" "$@"
}

@test "completion: commands, verbs, options, values" {
	diff <(complete_line "$HVCTL" '' | sort) <(listed | sort)
	diff <(complete_line "$HVCTL" -d /dev/null partition '' | sort) <(listed partition | sort)
	[[ $(complete_line "$HVCTL" w) == $'withdraw\nwrite-gpa' ]]
	[[ $(complete_line "$HVCTL" vp d) == delete ]]
	[[ $(complete_line "$HVCTL" withdraw 3 --p | sort) == $'--pages\n--prefer\n--progress' ]]
	[[ $(complete_line "$HVCTL" read-gpa 3 0 1 --cache w | sort) == $'wb\nwc\nwp\nwt' ]]
	[[ $(complete_line "$HVCTL" map 3 0 --rights rw | sort) == $'rw\nrwx' ]]
	[[ $(complete_line "$HVCTL" balance s) == self ]]
	[[ $(complete_line "$HVCTL" transfer s) == self ]]
	[[ $(complete_line "$HVCTL" vp create 3 0 --a) == --auto-deposit ]]
	[[ -z $(complete_line "$HVCTL" balance 3 s) ]]
	[[ $(complete_line "$HVCTL" map 3 0 --file /dev/nul) == /dev/null ]]
}

@test "version" {
	run --separate-stderr "$HVCTL" --version
	exits 0
	[[ $output =~ ^hvctl\ [^\ ]+$ ]]
	run --separate-stderr "$HVCTL" withdraw -V
	[[ $output =~ ^hvctl\ [^\ ]+$ ]]
}
