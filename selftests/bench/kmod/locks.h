/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOCKS_H
#define LOCKS_H

#include "hv_bench.h"

int locks_watch(struct hv_bench_locks *l);
void locks_end(void);

#endif
