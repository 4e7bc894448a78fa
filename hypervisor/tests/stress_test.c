// SPDX-License-Identifier: GPL-2.0
/*
 * A long row of calls by chance, each answer compared with the model's.
 * STRESS_CALLS=n, STRESS_SEED=s: longer, or another.
 */
#include "calls.h"
#include "model.h"

#include <stdlib.h>

#define PAGES 2048
#define SMALL 512
#define CALLS 2000000
#define AUDIT_EVERY 1000

static u64 setting(const char *name, u64 otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : otherwise;
}

static void stress(void **state)
{
	u64 calls = setting("STRESS_CALLS", CALLS), i;
	struct dice dice = { .seed = setting("STRESS_SEED", 1) | 1ULL << 63 };
	struct model *m = model_new(PAGES, SMALL);
	u32 rule;

	(void)state;
	for (i = 0; i < calls; i++) {
		model_step(m, &dice);
		if (!(i % AUDIT_EVERY))
			model_audit(m, true);
	}
	model_audit(m, true);
	/* A call that never gets anywhere shows nothing. */
	for (rule = 0; rule < MODEL_RULES; rule++)
		assert_true(m->seen[rule][HV_STATUS_SUCCESS] >=
			    m->calls / 5000);
	assert_true(m->large_maps >= m->calls / 5000);
	assert_true(m->splits >= m->calls / 5000);
	assert_true(m->xmm_calls >= m->calls / 500);
	assert_true(m->overlay_accesses >= m->calls / 2000);
	assert_true(m->apic_accesses >= m->calls / 2000);
	assert_true(m->reserve_denied >= m->calls / 2000);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "W2 W7 W8 W9 W10 W11 W12 W13 W16 G9 C-map-7 stress against a model",
		  stress, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("stress", tests, NULL, NULL);
}
