// SPDX-License-Identifier: GPL-2.0
/*
 * A hypervisor that breaks its word about memory, partitions and processors.
 */
#define HVT_DEVICE HVT_RAWCALL
#include "hvtest_misbehave.h"

#define MISBEHAVIOUR(name, ...) \
	FIXTURE_VARIANT_ADD(misbehave, name) { __VA_ARGS__ }

/* --- map ------------------------------------------------------------------ */

MISBEHAVIOUR(map_no_progress,
	     .op = MIS_MAP, .count = MIS_PAGES,
	     .fault = { "call=0x4b status=0 reps=0" },
	     .err = EPROTO);
MISBEHAVIOUR(map_no_progress_after_all,
	     .op = MIS_MAP, .count = MIS_PAGES,
	     .fault = { "call=0x4b status=0 reps=0 run=all" },
	     .err = EPROTO);
MISBEHAVIOUR(map_refused_half_way,
	     .op = MIS_MAP, .count = MIS_PAGES,
	     .fault = { "call=0x4b status=0x0b run=7" },
	     .status = HV_STATUS_INSUFFICIENT_MEMORY);
MISBEHAVIOUR(map_refused_after_all,
	     .op = MIS_MAP, .count = MIS_PAGES,
	     .fault = { "call=0x4b status=0x78 run=all" },
	     .status = HV_STATUS_TIME_OUT);
MISBEHAVIOUR(map_goes_on_behind_the_back,
	     .op = MIS_MAP, .count = MIS_PAGES,
	     .fault = { "call=0x4b status=0x79 reps=7 run=20" },
	     .status = HV_STATUS_CALL_PENDING);
MISBEHAVIOUR(map_reps_beyond,
	     .op = MIS_MAP, .count = MIS_PAGES,
	     .fault = { "call=0x4b status=0 reps=4095 run=7" },
	     .err = EPROTO);
MISBEHAVIOUR(map_by_word_only,
	     .op = MIS_MAP, .count = MIS_PAGES,
	     .fault = { "call=0x4b status=0 reps=40" },
	     .done = MIS_PAGES, .mapped = MIS_PAGES, .astray = -MIS_PAGES);
MISBEHAVIOUR(map_in_small_steps,
	     .op = MIS_MAP, .count = MIS_PAGES,
	     .fault = { "call=0x4b status=0 run=3 times=0" },
	     .done = MIS_PAGES, .mapped = MIS_PAGES);
MISBEHAVIOUR(map_refused_and_kept,
	     .op = MIS_MAP, .count = MIS_PAGES,
	     .fault = { "call=0x4b status=0x0b run=7", "call=0x4c status=0x07" },
	     .status = HV_STATUS_INSUFFICIENT_MEMORY, .mapped = MIS_PAGES, .astray = 7 - MIS_PAGES);

/* --- unmap ---------------------------------------------------------------- */

MISBEHAVIOUR(unmap_refused,
	     .op = MIS_UNMAP,
	     .fault = { "call=0x4c status=0x07" },
	     .status = HV_STATUS_INVALID_PARTITION_STATE);
MISBEHAVIOUR(unmap_refused_half_way,
	     .op = MIS_UNMAP,
	     .fault = { "call=0x4c status=0x07 run=10" },
	     .status = HV_STATUS_INVALID_PARTITION_STATE, .done = 10, .astray = -10);
MISBEHAVIOUR(unmap_no_progress,
	     .op = MIS_UNMAP,
	     .fault = { "call=0x4c status=0 reps=0" },
	     .err = EPROTO);
MISBEHAVIOUR(unmap_reps_beyond,
	     .op = MIS_UNMAP,
	     .fault = { "call=0x4c status=0 reps=4095" },
	     .err = EPROTO);
MISBEHAVIOUR(unmap_reps_beyond_after_all,
	     .op = MIS_UNMAP,
	     .fault = { "call=0x4c status=0 reps=4095 run=all" },
	     .err = EPROTO, .astray = -MIS_PAGES);
MISBEHAVIOUR(unmap_by_word_only,
	     .op = MIS_UNMAP,
	     .fault = { "call=0x4c status=0 reps=40" },
	     .done = MIS_PAGES, .mapped = -MIS_PAGES, .astray = MIS_PAGES);
MISBEHAVIOUR(unmap_says_no_such_partition,
	     .op = MIS_UNMAP,
	     .fault = { "call=0x4c status=0x0d" },
	     .status = HV_STATUS_INVALID_PARTITION_ID, .mapped = -MIS_PAGES, .astray = MIS_PAGES);
MISBEHAVIOUR(unmap_in_small_steps,
	     .op = MIS_UNMAP,
	     .fault = { "call=0x4c status=0 run=3 times=0" },
	     .done = MIS_PAGES, .mapped = -MIS_PAGES);

/* --- write and read ------------------------------------------------------- */

MISBEHAVIOUR(write_time_out_in_the_middle,
	     .op = MIS_WRITE, .count = 100,
	     .fault = { "call=0x54 nth=4 status=0x78" },
	     .status = HV_STATUS_TIME_OUT, .done = 48);
MISBEHAVIOUR(write_no_access_result,
	     .op = MIS_WRITE, .count = 16,
	     .fault = { "call=0x54 status=0" },
	     .err = EPROTO);
MISBEHAVIOUR(write_stale_access_result,
	     .op = MIS_WRITE, .count = 16,
	     .fault = { "call=0x54 run=1 output=stale" },
	     .err = EPROTO);
MISBEHAVIOUR(write_refused,
	     .op = MIS_WRITE, .count = 100,
	     .fault = { "call=0x54 status=0 value=2" },
	     .access = 2);
MISBEHAVIOUR(write_unknown_access_result,
	     .op = MIS_WRITE, .count = 100,
	     .fault = { "call=0x54 nth=2 run=1 value=0x12345678" },
	     .done = 16, .access = 0x12345678);
MISBEHAVIOUR(read_status_in_the_middle,
	     .op = MIS_READ, .count = 100,
	     .fault = { "call=0x53 nth=2 status=0x07" },
	     .status = HV_STATUS_INVALID_PARTITION_STATE, .done = 16);
MISBEHAVIOUR(read_stale_output,
	     .op = MIS_READ, .count = 100,
	     .fault = { "call=0x53 run=1 output=stale" },
	     .err = EPROTO);
MISBEHAVIOUR(read_refused,
	     .op = MIS_READ, .count = 100,
	     .fault = { "call=0x53 status=0 value=3" },
	     .access = 3);

/* --- partitions ----------------------------------------------------------- */

MISBEHAVIOUR(create_no_id,
	     .op = MIS_CREATE,
	     .fault = { "call=0x40 status=0" },
	     .err = EPROTO);
MISBEHAVIOUR(create_id_zero,
	     .op = MIS_CREATE,
	     .fault = { "call=0x40 run=1 value=0" },
	     .err = EPROTO, .partitions = 1);
MISBEHAVIOUR(create_id_of_self,
	     .op = MIS_CREATE,
	     .fault = { "call=0x40 run=1 value=0xffffffffffffffff" },
	     .err = EPROTO, .partitions = 1);
MISBEHAVIOUR(create_id_of_the_root,
	     .op = MIS_CREATE,
	     .fault = { "call=0x40 run=1 value=1" },
	     .err = EPROTO, .partitions = 1);
MISBEHAVIOUR(create_id_of_another,
	     .op = MIS_CREATE,
	     .fault = { "call=0x40 run=1 value=%llu" },
	     .err = EPROTO, .partitions = 1);
MISBEHAVIOUR(create_detached_id_zero,
	     .op = MIS_CREATE, .count = HV_ROOTCTL_DETACHED,
	     .fault = { "call=0x40 run=1 value=0" },
	     .err = EPROTO, .partitions = 1);
MISBEHAVIOUR(create_detached_id_of_self,
	     .op = MIS_CREATE, .count = HV_ROOTCTL_DETACHED,
	     .fault = { "call=0x40 run=1 value=0xffffffffffffffff" },
	     .err = EPROTO, .partitions = 1);
MISBEHAVIOUR(create_detached_id_of_the_root,
	     .op = MIS_CREATE, .count = HV_ROOTCTL_DETACHED,
	     .fault = { "call=0x40 run=1 value=1" },
	     .err = EPROTO, .partitions = 1);
MISBEHAVIOUR(create_detached_id_of_another,
	     .op = MIS_CREATE, .count = HV_ROOTCTL_DETACHED,
	     .fault = { "call=0x40 run=1 value=%llu" },
	     .err = EPROTO, .partitions = 1);
MISBEHAVIOUR(create_made_but_refused,
	     .op = MIS_CREATE,
	     .fault = { "call=0x40 run=1 status=0x0b" },
	     .status = HV_STATUS_INSUFFICIENT_MEMORY, .partitions = 1);
MISBEHAVIOUR(finalize_refused,
	     .op = MIS_FINALIZE,
	     .fault = { "call=0x42 status=0x78" },
	     .status = HV_STATUS_TIME_OUT);
MISBEHAVIOUR(finalize_by_word_only,
	     .op = MIS_FINALIZE,
	     .fault = { "call=0x42 status=0" },
	     .mapped = -MIS_PAGES, .astray = MIS_PAGES);
MISBEHAVIOUR(finalize_done_but_refused,
	     .op = MIS_FINALIZE,
	     .fault = { "call=0x42 run=1 status=0x78" },
	     .status = HV_STATUS_TIME_OUT, .astray = -MIS_PAGES);
MISBEHAVIOUR(delete_refused,
	     .op = MIS_DELETE,
	     .fault = { "call=0x43 status=0x78" },
	     .status = HV_STATUS_TIME_OUT);
MISBEHAVIOUR(delete_by_word_only,
	     .op = MIS_DELETE,
	     .fault = { "call=0x43 status=0" });
MISBEHAVIOUR(delete_done_but_refused,
	     .op = MIS_DELETE,
	     .fault = { "call=0x43 run=1 status=0x78" },
	     .status = HV_STATUS_TIME_OUT, .partitions = -1);
MISBEHAVIOUR(next_no_id,
	     .op = MIS_NEXT,
	     .fault = { "call=0x47 status=0" },
	     .err = EPROTO);
MISBEHAVIOUR(next_strange_id,
	     .op = MIS_NEXT,
	     .fault = { "call=0x47 status=0 value=0x7fffffffffffffff" },
	     .done = 0x7fffffffffffffff);

/* --- virtual processors --------------------------------------------------- */

MISBEHAVIOUR(vp_made_by_word_only,
	     .op = MIS_VP_CREATE,
	     .fault = { "call=0x4e status=0" });
MISBEHAVIOUR(vp_made_but_refused,
	     .op = MIS_VP_CREATE,
	     .fault = { "call=0x4e run=1 status=0x0b" },
	     .status = HV_STATUS_INSUFFICIENT_MEMORY);
MISBEHAVIOUR(vp_wants_ever_more,
	     .op = MIS_VP_CREATE, .count = 1000,
	     .fault = { "call=0x4e status=0x0b times=0" },
	     .status = HV_STATUS_INSUFFICIENT_MEMORY, .done = 1000, .gone = -1000);
MISBEHAVIOUR(vp_wants_ever_more_blocks,
	     .op = MIS_VP_CREATE, .count = 1000,
	     .fault = { "call=0x4e status=0x75 times=0" },
	     .status = HV_STATUS_INSUFFICIENT_CONTIGUOUS_MEMORY, .done = 1000, .gone = -1000);
MISBEHAVIOUR(vp_wants_ever_more_of_the_root,
	     .op = MIS_VP_CREATE, .count = 100,
	     .fault = { "call=0x4e status=0x73 times=0" },
	     .status = HV_STATUS_INSUFFICIENT_ROOT_MEMORY, .done = 100, .gone = -100);
MISBEHAVIOUR(vp_wants_more_and_takes_some,
	     .op = MIS_VP_CREATE, .count = 1000,
	     .fault = { "call=0x4e status=0x0b times=0",
			"call=0x48 nth=2 run=3 status=0x08" },
	     .status = HV_STATUS_INSUFFICIENT_MEMORY, .done = 11, .gone = -11);
MISBEHAVIOUR(vp_gone_by_word_only,
	     .op = MIS_VP_DELETE,
	     .fault = { "call=0x4f status=0" });
MISBEHAVIOUR(vp_gone_but_refused,
	     .op = MIS_VP_DELETE,
	     .fault = { "call=0x4f run=1 status=0x78" },
	     .status = HV_STATUS_TIME_OUT);

MISBEHAVIOUR(vp_closed_but_refused,
	     .op = MIS_CLOSE_VP,
	     .fault = { "call=0x4f status=0x78" },
	     .done = 1);
MISBEHAVIOUR(vp_closed_by_word_only,
	     .op = MIS_CLOSE_VP,
	     .fault = { "call=0x4f status=0" },
	     .done = 1);
MISBEHAVIOUR(vp_closed_and_gone_but_refused,
	     .op = MIS_CLOSE_VP,
	     .fault = { "call=0x4f run=1 status=0x78" });

TEST_F(misbehave, page_balance_is_exact)
{
	misbehave(_metadata, self, variant);
}

TEST_HARNESS_MAIN
