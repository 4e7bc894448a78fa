// SPDX-License-Identifier: GPL-2.0
/*
 * What the library makes of an answer that hvctl itself never asks for, for
 * library.bats: outcome CALL COUNT prints "OUTCOME DONE". Linked with the mock
 * kernel.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libhvctl/hvctl.h>

int main(int argc, char **argv)
{
	static const struct hvctl_access where = { .partition_id = 3 };
	u64 count = argc == 3 ? strtoull(argv[2], NULL, 0) : 0;
	static u8 data[64];
	struct hvctl_result r;

	if (argc != 3 || count > sizeof(data))
		return 1;
	if (!strcmp(argv[1], "write"))
		hvctl_write_gpa(0, &where, data, count, &r);
	else if (!strcmp(argv[1], "read"))
		hvctl_read_gpa(0, &where, data, count, &r);
	else if (!strcmp(argv[1], "deposit"))
		hvctl_deposit(0, 3, 0, count, &r);
	else if (!strcmp(argv[1], "withdraw"))
		hvctl_withdraw(0, 3, 0, count, &r);
	else
		return 1;
	printf("%d %llu\n", r.outcome, r.done);
	return 0;
}
