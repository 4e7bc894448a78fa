// SPDX-License-Identifier: GPL-2.0
/* Memory as rows of bytes, in the format of hexdump -C. */
#include <string.h>

#include "tool.h"

static void print_row(struct hexdump *dump)
{
	unsigned int i;

	if (!dump->all && dump->any && dump->fill == sizeof(dump->row) &&
	    !memcmp(dump->row, dump->last, sizeof(dump->row))) {
		if (!dump->starred)
			fputs("*\n", dump->out);
		dump->starred = true;
	} else {
		fprintf(dump->out, "%0*llx ", dump->width, dump->addr);
		for (i = 0; i < sizeof(dump->row); i++) {
			if (i % 8 == 0)
				fputc(' ', dump->out);
			if (i < dump->fill)
				fprintf(dump->out, "%02x ", dump->row[i]);
			else
				fputs("   ", dump->out);
		}
		fputs(" |", dump->out);
		for (i = 0; i < dump->fill; i++)
			fputc(dump->row[i] >= ' ' && dump->row[i] <= '~' ? dump->row[i] : '.',
			      dump->out);
		fputs("|\n", dump->out);
		dump->starred = false;
		dump->any = true;
		memcpy(dump->last, dump->row, sizeof(dump->last));
	}
	dump->addr += dump->fill;
	dump->fill = 0;
}

void hexdump_feed(struct hexdump *dump, const u8 *data, u64 length)
{
	while (length--) {
		dump->row[dump->fill++] = *data++;
		if (dump->fill == sizeof(dump->row))
			print_row(dump);
	}
}

/* The last line is the address behind the last byte. */
void hexdump_end(struct hexdump *dump)
{
	if (dump->fill)
		print_row(dump);
	if (dump->any)
		fprintf(dump->out, "%0*llx\n", dump->width, dump->addr);
}
