// SPDX-License-Identifier: GPL-2.0
/* libFuzzer: bytes choose the calls, the model says what they must answer. */
#include "model.h"

#define PAGES 1536
#define CALLS 400

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct dice dice = { .data = data, .left = size };
	struct model *m = model_new(PAGES);
	u32 i;

	for (i = 0; i < CALLS && dice.left; i++)
		model_step(m, &dice);
	model_audit(m);
	model_free(m);
	return 0;
}
