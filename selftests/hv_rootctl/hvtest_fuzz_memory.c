// SPDX-License-Identifier: GPL-2.0
/* The memory that ioctls by chance are made on: see hvtest_fuzz.h. */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hvtest_fuzz.h"

/*
 * Nothing lies directly behind anything: what is too long ends in a hole, and
 * not in the memory of somebody else.
 */
#define HOLE (1UL << 20)
#define SPACE (64UL << 20)

static u8 *view(const struct fuzz_memory *mem, u8 *at, int prot)
{
	return mmap(at, FUZZ_VIEW, prot, MAP_SHARED | MAP_FIXED, mem->file, 0);
}

/* Take @size bytes behind the last hole. */
static u8 *place(u8 **next, size_t size)
{
	u8 *at = *next;

	*next += size + HOLE;
	return at;
}

static int writable(u8 *at, size_t size)
{
	return mprotect(at, size, PROT_READ | PROT_WRITE);
}

int fuzz_memory_init(struct fuzz_memory *mem)
{
	u8 *next = mmap(NULL, SPACE, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	mem->file = memfd_create("fuzz", MFD_CLOEXEC);
	if (next == MAP_FAILED || mem->file < 0 ||
	    ftruncate(mem->file, FUZZ_VIEW))
		return -1;
	next += -(uintptr_t)next & (FUZZ_HUGE - 1);
	mem->huge = place(&next, FUZZ_HUGE);
	mem->own = place(&next, FUZZ_PAGES * HV_PAGE_SIZE);
	mem->edge = place(&next, 2 * HV_PAGE_SIZE);
	mem->steady = place(&next, FUZZ_VIEW);
	mem->readonly = place(&next, FUZZ_VIEW);
	mem->fleeting = place(&next, FUZZ_VIEW);
	if (view(mem, mem->steady, PROT_READ | PROT_WRITE) == MAP_FAILED ||
	    view(mem, mem->readonly, PROT_READ) == MAP_FAILED ||
	    view(mem, mem->fleeting, PROT_READ | PROT_WRITE) == MAP_FAILED)
		return -1;
	/* Not every kernel has huge pages. */
	madvise(mem->huge, FUZZ_HUGE, MADV_HUGEPAGE);
	return writable(mem->huge, FUZZ_HUGE) ||
	       writable(mem->own, FUZZ_PAGES * HV_PAGE_SIZE) ||
	       writable(mem->edge, 2 * HV_PAGE_SIZE);
}

void fuzz_memory_shake(const struct fuzz_memory *mem, unsigned int how)
{
	switch (how % 4) {
	case 0: /* a hole, which nobody else gets */
		mmap(mem->fleeting, FUZZ_VIEW, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED,
		     -1, 0);
		break;
	case 1:
		mprotect(mem->fleeting, FUZZ_VIEW, PROT_READ);
		break;
	case 2:
		madvise(mem->own, FUZZ_PAGES * HV_PAGE_SIZE, MADV_DONTNEED);
		madvise(mem->huge, FUZZ_HUGE, MADV_DONTNEED);
		break;
	case 3:
		view(mem, mem->fleeting, PROT_READ | PROT_WRITE);
	}
}
