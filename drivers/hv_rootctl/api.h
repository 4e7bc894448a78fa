/* SPDX-License-Identifier: GPL-2.0 */
/* The calls for other modules, on a driver that one can choose. */
#ifndef HVRC_API_H
#define HVRC_API_H

#include "hvrc.h"

int hvrc_api_init(struct hvrc *hv);
void hvrc_api_destroy(struct hvrc *hv);
void hvrc_api_offer(struct hvrc *hv);

u32 hvrc_api_withdraw(struct hvrc *hv, u64 id, u64 proximity, u32 *page_count,
		      u64 *pages);
u32 hvrc_api_write(struct hvrc *hv, const struct hv_input_write_gpa *input,
		   u64 *access_result);

#endif
