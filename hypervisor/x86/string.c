// SPDX-License-Identifier: GPL-2.0
/* The few string functions that a freestanding program has to bring. */
#include "hvx.h"

/*
 * In words of eight bytes, and what is left in bytes. memmove() relies on the
 * ascending order.
 */
void *memcpy(void *to, const void *from, size_t n)
{
	size_t words = n / 8, bytes = n % 8;
	void *start = to;

	asm volatile("rep movsq; mov %[bytes], %%rcx; rep movsb"
		     : "+D"(to), "+S"(from), "+c"(words)
		     : [bytes] "r"(bytes) : "memory");
	return start;
}

void *memmove(void *to, const void *from, size_t n)
{
	const u8 *last_from = (const u8 *)from + n - 1;
	u8 *last_to = (u8 *)to + n - 1;

	if (to <= from || (const u8 *)to > last_from)
		return memcpy(to, from, n);
	asm volatile("std; rep movsb; cld"
		     : "+D"(last_to), "+S"(last_from), "+c"(n) :: "memory");
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	u64 word = (u8)byte * 0x0101010101010101ULL;
	size_t words = n / 8, bytes = n % 8;
	void *start = to;

	asm volatile("rep stosq; mov %[bytes], %%rcx; rep stosb"
		     : "+D"(to), "+c"(words)
		     : "a"(word), [bytes] "r"(bytes) : "memory");
	return start;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, ~(size_t)0);
}

int strncmp(const char *a, const char *b, size_t n)
{
	while (n && *a && *a == *b)
		a++, b++, n--;
	return n ? (u8)*a - (u8)*b : 0;
}
