/* SPDX-License-Identifier: GPL-2.0 */
/* The same work, done as others do it: kmod/hv_peer.c. */
#ifndef PEER_H
#define PEER_H

#include "measure.h"

#define CHUNKS 100

/* Pages that the driver knows nothing of: HV_DEPOSIT_MAX of them. */
void peer_deposit(u64 id);
/* Does the driver give such pages to the kernel? Takes an empty pool. */
bool peer_is_accepted(u64 id);
/* Print what deposit, withdraw and write-gpa cost there; @data: 16 bytes. */
void peer_measure(u64 id, const u8 *data);

#endif
