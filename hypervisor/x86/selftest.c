// SPDX-License-Identifier: GPL-2.0
/*
 * "selftest=..." on the command line: break one of the hypervisor's own
 * protections, to see that it holds, or look through all of them. Does not boot
 * anything.
 */
#include "hvx.h"

#define RET 0xc3 /* the instruction */

static u8 code[16] = { RET };

static void poke(u8 *at)
{
	WRITE_ONCE(*at, RET);
}

static void write_text(void)
{
	poke(hvx_text_start);
}

static void write_rodata(void)
{
	poke(hvx_rodata_start);
}

static void execute_data(void)
{
	((void (*)(void))(u64)code)();
}

static void touch_null(void)
{
	u64 null = 0;

	/* The compiler shall not know. */
	asm("" : "+r"(null));
	poke((u8 *)null);
}

/* Deeper than any stack is. */
static u32 descend(u32 depth)
{
	u8 frame[256];

	WRITE_ONCE(frame[0], depth);
	return depth ? descend(depth - 1) + READ_ONCE(frame[0]) : 0;
}

static void overflow_stack(void)
{
	descend(HVX_STACK_SIZE / 256);
}

static void look_through_map(void)
{
	hvx_fatal("selftest=map: %llu pages are executable, and not writable",
		  hvx_map_executable());
}

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "text", write_text },
	{ "rodata", write_rodata },
	{ "exec", execute_data },
	{ "null", touch_null },
	{ "stack", overflow_stack },
	{ "map", look_through_map },
};

/**
 * hvx_selftest_find - is there such a test?
 * @name: behind "selftest="
 *
 * Return: its number from 1, or 0.
 */
u32 hvx_selftest_find(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		if (!strcmp(tests[i].name, name))
			return i + 1;
	return 0;
}

/**
 * hvx_selftest - run the test that the command line asks for
 *
 * Context: boot, at its end, on the stack that VPs are served on. Does not
 * return when there is one.
 */
void hvx_selftest(void)
{
	if (!hvx.selftest)
		return;
	tests[hvx.selftest - 1].run();
	hvx_fatal("selftest=%s: nothing stopped it",
		  tests[hvx.selftest - 1].name);
}
