// SPDX-License-Identifier: GPL-2.0
/*
 * A hypervisor that breaks its word about pools: withdraw, deposit, and what is
 * made of them when the owner goes away.
 */
#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_misbehave.h"

#define MISBEHAVIOUR(name, ...) \
	FIXTURE_VARIANT_ADD(misbehave, name) { __VA_ARGS__ }

/* --- withdraw ------------------------------------------------------------- */

MISBEHAVIOUR(withdraw_no_progress,
	     .op = MIS_WITHDRAW, .count = 100,
	     .fault = { "call=0x49 status=0 reps=0" },
	     .err = EPROTO, .calls = 1);
MISBEHAVIOUR(withdraw_no_progress_by_word_only,
	     .op = MIS_WITHDRAW, .count = 100,
	     .fault = { "call=0x49 status=0 reps=0 run=all" },
	     .err = EPROTO, .done = 100, .calls = 1, .gone = 100);
MISBEHAVIOUR(withdraw_progress_and_then_none,
	     .op = MIS_WITHDRAW, .count = 100,
	     .fault = { "call=0x49 status=0 run=17",
			"call=0x49 nth=2 status=0 reps=17" },
	     .err = EPROTO, .done = 17, .calls = 2, .gone = 17);
MISBEHAVIOUR(withdraw_reps_beyond,
	     .op = MIS_WITHDRAW, .count = 512,
	     .fault = { "call=0x49 status=0 reps=513" },
	     .err = EPROTO, .calls = 1);
MISBEHAVIOUR(withdraw_reps_beyond_the_page,
	     .op = MIS_WITHDRAW, .count = 1,
	     .fault = { "call=0x49 status=0 reps=4095" },
	     .err = EPROTO, .calls = 1);
MISBEHAVIOUR(withdraw_reps_beyond_and_pages,
	     .op = MIS_WITHDRAW, .count = 100,
	     .fault = { "call=0x49 status=0 reps=600 run=40" },
	     .err = EPROTO, .done = 40, .calls = 1, .gone = 40);
MISBEHAVIOUR(withdraw_reps_beyond_and_a_status,
	     .op = MIS_WITHDRAW, .count = 100,
	     .fault = { "call=0x49 status=0x1d reps=600 run=30" },
	     .err = EPROTO, .status = HV_STATUS_NO_RESOURCES, .done = 30, .calls = 1, .gone = 30);
MISBEHAVIOUR(withdraw_reps_without_pages,
	     .op = MIS_WITHDRAW, .count = 50,
	     .fault = { "call=0x49 status=0 reps=50" },
	     .calls = 1, .quarantined = 50);
MISBEHAVIOUR(withdraw_status_and_reps_without_pages,
	     .op = MIS_WITHDRAW, .count = 100,
	     .fault = { "call=0x49 status=0x78 reps=40" },
	     .status = HV_STATUS_TIME_OUT, .calls = 1, .quarantined = 40);
MISBEHAVIOUR(withdraw_foreign,
	     .op = MIS_WITHDRAW, .count = 50,
	     .fault = { "call=0x49 run=20 pages=foreign:30" },
	     .done = 20, .calls = 1, .gone = 20, .quarantined = 30);
MISBEHAVIOUR(withdraw_duplicate,
	     .op = MIS_WITHDRAW, .count = 50,
	     .fault = { "call=0x49 run=20 pages=duplicate:30" },
	     .done = 20, .calls = 1, .gone = 20, .quarantined = 30);
MISBEHAVIOUR(withdraw_unaligned,
	     .op = MIS_WITHDRAW, .count = 50,
	     .fault = { "call=0x49 run=20 pages=unaligned:30" },
	     .done = 20, .calls = 1, .gone = 20, .quarantined = 30);
MISBEHAVIOUR(withdraw_outside,
	     .op = MIS_WITHDRAW, .count = 50,
	     .fault = { "call=0x49 run=20 pages=outside:30" },
	     .done = 20, .calls = 1, .gone = 20, .quarantined = 30);
MISBEHAVIOUR(withdraw_hypervisor,
	     .op = MIS_WITHDRAW, .count = 50,
	     .fault = { "call=0x49 run=20 pages=hypervisor:30" },
	     .done = 20, .calls = 1, .gone = 20, .quarantined = 30);
MISBEHAVIOUR(withdraw_zero,
	     .op = MIS_WITHDRAW, .count = 50,
	     .fault = { "call=0x49 run=20 pages=zero:30" },
	     .done = 20, .calls = 1, .gone = 20, .quarantined = 30);
MISBEHAVIOUR(withdraw_stale_list,
	     .op = MIS_WITHDRAW, .count = 50,
	     .fault = { "call=0x49 run=20 output=stale" },
	     .done = 20, .calls = 1, .gone = 20, .quarantined = 30);
MISBEHAVIOUR(withdraw_duplicates_in_every_call,
	     .op = MIS_WITHDRAW, .count = 512,
	     .fault = { "call=0x49 run=100 pages=duplicate:30 times=0" },
	     .done = 392, .calls = 4, .gone = 392, .quarantined = 120);
MISBEHAVIOUR(withdraw_nothing_but_rubbish,
	     .op = MIS_WITHDRAW, .count = 2000,
	     .fault = { "call=0x49 pages=outside:512 times=0" },
	     .calls = 4, .quarantined = 2000);
MISBEHAVIOUR(withdraw_no_resources_after_some,
	     .op = MIS_WITHDRAW, .count = 512,
	     .fault = { "call=0x49 status=0x1d run=17" },
	     .status = HV_STATUS_NO_RESOURCES, .done = 17, .calls = 1, .gone = 17);
MISBEHAVIOUR(withdraw_time_out_after_one,
	     .op = MIS_WITHDRAW, .count = 512,
	     .fault = { "call=0x49 status=0x78 run=1" },
	     .status = HV_STATUS_TIME_OUT, .done = 1, .calls = 1, .gone = 1);
MISBEHAVIOUR(withdraw_unknown_status_after_some,
	     .op = MIS_WITHDRAW, .count = 100,
	     .fault = { "call=0x49 status=0xbeef run=30" },
	     .status = 0xbeef, .done = 30, .calls = 1, .gone = 30);
MISBEHAVIOUR(withdraw_denied_with_all_of_them,
	     .op = MIS_WITHDRAW, .count = 300,
	     .fault = { "call=0x49 status=0x06 run=all" },
	     .status = HV_STATUS_ACCESS_DENIED, .done = 300, .calls = 1, .gone = 300);
MISBEHAVIOUR(withdraw_in_small_steps,
	     .op = MIS_WITHDRAW, .count = 100,
	     .fault = { "call=0x49 status=0 run=9 times=0" },
	     .done = 100, .calls = 12, .gone = 100);
MISBEHAVIOUR(withdraw_late,
	     .op = MIS_WITHDRAW, .count = 100,
	     .fault = { "call=0x49 delay=100000 run=all" },
	     .done = 100, .calls = 1, .gone = 100);

/* --- deposit -------------------------------------------------------------- */

MISBEHAVIOUR(deposit_no_progress,
	     .op = MIS_DEPOSIT, .count = 100,
	     .fault = { "call=0x48 status=0 reps=0" },
	     .err = EPROTO, .calls = 1, .gone = -100, .doubt = 100);
MISBEHAVIOUR(deposit_no_progress_by_word_only,
	     .op = MIS_DEPOSIT, .count = 100,
	     .fault = { "call=0x48 status=0 reps=0 run=all" },
	     .err = EPROTO, .calls = 1, .gone = -100);
MISBEHAVIOUR(deposit_progress_and_then_none,
	     .op = MIS_DEPOSIT, .count = 100,
	     .fault = { "call=0x48 status=0 run=17",
			"call=0x48 nth=2 status=0 reps=17" },
	     .err = EPROTO, .done = 17, .calls = 2, .gone = -100, .doubt = 83);
MISBEHAVIOUR(deposit_reps_beyond,
	     .op = MIS_DEPOSIT, .count = 100,
	     .fault = { "call=0x48 status=0 reps=4095" },
	     .err = EPROTO, .calls = 1, .gone = -100, .doubt = 100);
MISBEHAVIOUR(deposit_reps_beyond_and_some,
	     .op = MIS_DEPOSIT, .count = 100,
	     .fault = { "call=0x48 status=0 reps=600 run=40" },
	     .err = EPROTO, .calls = 1, .gone = -100, .doubt = 60);
MISBEHAVIOUR(deposit_reps_beyond_and_a_status,
	     .op = MIS_DEPOSIT, .count = 200,
	     .fault = { "call=0x48 status=0x08 reps=4095 run=10" },
	     .err = EPROTO, .status = HV_STATUS_OPERATION_DENIED, .calls = 1,
	     .gone = -200, .doubt = 190);
MISBEHAVIOUR(deposit_taken_by_word_only,
	     .op = MIS_DEPOSIT, .count = 100,
	     .fault = { "call=0x48 status=0 reps=100" },
	     .done = 100, .calls = 1, .gone = -100, .doubt = 100);
MISBEHAVIOUR(deposit_goes_on_behind_the_back,
	     .op = MIS_DEPOSIT, .count = 100,
	     .fault = { "call=0x48 status=0x79 run=30" },
	     .status = HV_STATUS_CALL_PENDING, .done = 30, .calls = 1, .gone = -100,
	     .doubt = 70);
MISBEHAVIOUR(deposit_refused_half_way,
	     .op = MIS_DEPOSIT, .count = 1000,
	     .fault = { "call=0x48 nth=2 status=0x08 run=100" },
	     .status = HV_STATUS_OPERATION_DENIED, .done = 611, .calls = 2, .gone = -611);
MISBEHAVIOUR(deposit_refused_at_once,
	     .op = MIS_DEPOSIT, .count = 500,
	     .fault = { "call=0x48 status=0x06" },
	     .status = HV_STATUS_ACCESS_DENIED, .calls = 1);
MISBEHAVIOUR(deposit_short_of_memory_half_way,
	     .op = MIS_DEPOSIT, .count = 500,
	     .fault = { "call=0x48 status=0x0b run=17" },
	     .status = HV_STATUS_INSUFFICIENT_MEMORY, .done = 17, .calls = 1, .gone = -17);
MISBEHAVIOUR(deposit_unknown_status_after_all,
	     .op = MIS_DEPOSIT, .count = 300,
	     .fault = { "call=0x48 status=0xbeef run=all" },
	     .status = 0xbeef, .done = 300, .calls = 1, .gone = -300);
MISBEHAVIOUR(deposit_in_small_steps,
	     .op = MIS_DEPOSIT, .count = 511,
	     .fault = { "call=0x48 status=0 run=50 times=0" },
	     .done = 511, .calls = 11, .gone = -511);

/* --- pages that the file holds --------------------------------------------- */

MISBEHAVIOUR(withdraw_held_reps_beyond_and_pages,
	     .op = MIS_WITHDRAW_HELD, .count = 100,
	     .fault = { "call=0x49 status=0 reps=600 run=40" },
	     .err = EPROTO, .done = 40, .calls = 1, .gone = 40);
MISBEHAVIOUR(withdraw_held_duplicate,
	     .op = MIS_WITHDRAW_HELD, .count = 50,
	     .fault = { "call=0x49 run=20 pages=duplicate:30" },
	     .done = 20, .calls = 1, .gone = 20, .quarantined = 30);
MISBEHAVIOUR(withdraw_held_stale_list,
	     .op = MIS_WITHDRAW_HELD, .count = 50,
	     .fault = { "call=0x49 run=20 output=stale" },
	     .done = 20, .calls = 1, .gone = 20, .quarantined = 30);
MISBEHAVIOUR(withdraw_held_time_out_after_some,
	     .op = MIS_WITHDRAW_HELD, .count = 512,
	     .fault = { "call=0x49 status=0x78 run=17" },
	     .status = HV_STATUS_TIME_OUT, .done = 17, .calls = 1, .gone = 17);
MISBEHAVIOUR(deposit_held_refused_half_way,
	     .op = MIS_DEPOSIT_HELD, .count = MIS_HELD,
	     .fault = { "call=0x48 status=0x08 run=50" },
	     .status = HV_STATUS_OPERATION_DENIED, .done = 50, .calls = 1, .gone = -50);
MISBEHAVIOUR(deposit_held_more_than_there_are,
	     .op = MIS_DEPOSIT_HELD, .count = MIS_HELD + 1,
	     .err = ENOENT, .done = MIS_HELD, .calls = 1, .gone = -MIS_HELD);
MISBEHAVIOUR(deposit_held_no_progress_by_word_only,
	     .op = MIS_DEPOSIT_HELD, .count = 100,
	     .fault = { "call=0x48 status=0 reps=0 run=all" },
	     .err = EPROTO, .calls = 1, .gone = -100);
MISBEHAVIOUR(deposit_held_reps_beyond_and_some,
	     .op = MIS_DEPOSIT_HELD, .count = 100,
	     .fault = { "call=0x48 status=0 reps=600 run=40" },
	     .err = EPROTO, .calls = 1, .gone = -100, .doubt = 60);

/* --- close ---------------------------------------------------------------- */

MISBEHAVIOUR(close_cannot_finalize,
	     .op = MIS_CLOSE,
	     .fault = { "call=0x42 status=0x78" },
	     .some = true, .mapped = -MIS_PAGES, .partitions = -1);
MISBEHAVIOUR(close_withdraw_without_progress,
	     .op = MIS_CLOSE,
	     .fault = { "call=0x49 status=0 reps=0" },
	     .mapped = -MIS_PAGES, .partitions = -1);
MISBEHAVIOUR(close_cannot_delete,
	     .op = MIS_CLOSE,
	     .fault = { "call=0x43 status=0x78 times=0" },
	     .some = true, .mapped = -MIS_PAGES);
MISBEHAVIOUR(close_foreign_pages_in_every_call,
	     .op = MIS_CLOSE,
	     .fault = { "call=0x49 run=20 pages=foreign:30 times=0" },
	     .some = true, .mapped = -MIS_PAGES, .partitions = -2);
/* Both partitions are asked for pages, and the one without is deleted. */
MISBEHAVIOUR(close_nothing_but_rubbish,
	     .op = MIS_CLOSE,
	     .fault = { "call=0x49 pages=outside:512 times=0" },
	     .mapped = -MIS_PAGES, .quarantined = 1024, .partitions = -1);
MISBEHAVIOUR(close_cannot_unmap,
	     .op = MIS_CLOSE,
	     .fault = { "call=0x4c status=0x07 times=0" },
	     .some = true, .mapped = -MIS_PAGES, .partitions = -2);

TEST_F(misbehave, page_balance_is_exact)
{
	misbehave(_metadata, self, variant);
}

TEST_HARNESS_MAIN
