/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

#include "hv_bench.h"

int allocations_watch(struct hv_bench_allocations *a);
void allocations_end(void);

#endif
