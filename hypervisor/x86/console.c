// SPDX-License-Identifier: GPL-2.0
/*
 * Where the hypervisor speaks: the debug console (port 0xe9), and for what a
 * person must see also the first serial line, which otherwise is the root's.
 */
#include <stdarg.h>
#include "hvx.h"

#define PORT_DEBUG 0xe9
#define PORT_SERIAL 0x3f8
#define SERIAL_LCR (PORT_SERIAL + 3)
#define SERIAL_LSR (PORT_SERIAL + 5)
#define LSR_THR_EMPTY 0x20

#define MAX_LINES 16 /* of what the root can repeat */

/* A line in the making; it goes out in one piece. */
struct line {
	char text[256];
	u32 length;
	enum hvx_sink sink;
};

static u32 console_busy;

void hvx_console_init(void)
{
	out8(PORT_SERIAL + 1, 0); /* no interrupts */
	out8(SERIAL_LCR, 0x80);
	out8(PORT_SERIAL, 1); /* 115200 */
	out8(PORT_SERIAL + 1, 0);
	out8(SERIAL_LCR, 0x03); /* 8n1 */
	out8(PORT_SERIAL + 2, 0x07);
	out8(PORT_SERIAL + 4, 0x03);
}

static void serial_byte(char c)
{
	u32 patience = 100000;

	while (!(in8(SERIAL_LSR) & LSR_THR_EMPTY) && --patience)
		cpu_relax();
	out8(PORT_SERIAL, c);
}

static void flush(struct line *line)
{
	u32 i;

	for (i = 0; i < line->length; i++) {
		char c = line->text[i];

		out8(PORT_DEBUG, c);
		if (line->sink != HVX_BOTH)
			continue;
		if (c == '\n')
			serial_byte('\r');
		serial_byte(c);
	}
	line->length = 0;
}

static void put(struct line *line, char c)
{
	if (line->length == sizeof(line->text))
		flush(line);
	line->text[line->length++] = c;
}

static void put_string(struct line *line, const char *s, u32 width, bool left)
{
	size_t length = strlen(s);
	size_t pad = length < width ? width - length : 0;

	for (; pad && !left; pad--)
		put(line, ' ');
	while (*s)
		put(line, *s++);
	for (; pad; pad--)
		put(line, ' ');
}

static void put_number(struct line *line, u64 value, u32 base, bool negative,
		       u32 width, bool zero, bool left)
{
	char digits[24], *p = digits + sizeof(digits);
	char text[48], *q = text;

	*--p = '\0';
	do {
		*--p = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	if (negative)
		*q++ = '-';
	if (zero) {
		u32 length = strlen(p) + (q - text);

		for (; length < width && q < text + 20; length++)
			*q++ = '0';
	}
	memcpy(q, p, strlen(p) + 1);
	put_string(line, text, width, left);
}

/**
 * hvx_vprint - print, from a list of arguments
 * @sink: where to
 * @fmt: %c %s %d %i %u %x %p %%, with flags '-' '0' '#', a width, and l, ll or z
 * @args: the arguments
 *
 * Context: any; lines of several processors do not mix, unless one of them
 * holds the console for ever: then they do.
 */
void hvx_vprint(enum hvx_sink sink, const char *fmt, __builtin_va_list args)
{
	struct line line = { .sink = sink };
	u32 patience = 10000000;

	while (xchg32(&console_busy, 1) && --patience)
		cpu_relax();
	for (; *fmt; fmt++) {
		bool left = false, zero = false, alternate = false;
		u32 width = 0, size = 0;
		u64 value;

		if (*fmt != '%') {
			put(&line, *fmt);
			continue;
		}
		for (fmt++; *fmt == '-' || *fmt == '0' || *fmt == '#'; fmt++) {
			left |= *fmt == '-';
			zero |= *fmt == '0';
			alternate |= *fmt == '#';
		}
		for (; *fmt >= '0' && *fmt <= '9'; fmt++)
			width = width * 10 + *fmt - '0';
		for (; *fmt == 'l' || *fmt == 'z'; fmt++)
			size++;
		switch (*fmt) {
		case 'c':
			put(&line, va_arg(args, int));
			break;
		case 's':
			put_string(&line, va_arg(args, const char *), width,
				   left);
			break;
		case 'd':
		case 'i': {
			s64 number = size ? va_arg(args, long) :
					    va_arg(args, int);

			value = number < 0 ? -(u64)number : (u64)number;
			put_number(&line, value, 10, number < 0, width, zero,
				   left);
			break;
		}
		case 'u':
		case 'x':
			value = size ? va_arg(args, unsigned long) :
				       va_arg(args, unsigned int);
			if (alternate)
				put_string(&line, "0x", 0, false);
			put_number(&line, value, *fmt == 'u' ? 10 : 16, false,
				   width, zero, left);
			break;
		case 'p':
			put_number(&line, va_arg(args, unsigned long), 16,
				   false, 16, true, false);
			break;
		case '\0':
			fmt--;
			break;
		default:
			put(&line, *fmt);
		}
	}
	flush(&line);
	WRITE_ONCE(console_busy, 0);
}

/**
 * hvx_may_log - ask before a line that the root can have again and again
 * @lines: how many of that kind there were
 *
 * Context: any.
 * Return: false when it has been said often enough.
 */
bool hvx_may_log(u32 *lines)
{
	return READ_ONCE(*lines) < MAX_LINES &&
	       fetch_add32(lines, 1) < MAX_LINES;
}

/**
 * hvx_print - print
 * @sink: where to
 * @fmt: as hvx_vprint()
 *
 * Context: any.
 */
void hvx_print(enum hvx_sink sink, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	hvx_vprint(sink, fmt, args);
	va_end(args);
}
