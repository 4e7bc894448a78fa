// SPDX-License-Identifier: GPL-2.0
/*
 * libFuzzer: bytes choose the calls, the model says what they must answer. Up
 * to eight bytes are a seed, for as many calls as there may be; more are the
 * choices themselves.
 */
#include "model.h"

#include <string.h>

#define PAGES 1536
#define SMALL 80
#define CALLS 400

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct dice dice = { .data = data, .left = size };
	struct model *m = model_new(PAGES, SMALL);
	u32 i;

	if (size <= sizeof(dice.seed)) {
		dice = (struct dice){ .seed = 0 };
		memcpy(&dice.seed, data, size);
		dice.seed = (dice.seed + 1) * 0x9e3779b97f4a7c15ULL | 1;
	}
	for (i = 0; i < CALLS && (!dice.data || dice.left); i++)
		model_step(m, &dice);
	model_audit(m, false);
	model_free(m);
	return 0;
}
