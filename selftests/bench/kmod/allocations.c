// SPDX-License-Identifier: GPL-2.0
/* Count a thread's allocations, where the kernel's trace points tell of them. */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tracepoint.h>

#include "allocations.h"

static struct task_struct *watched;
static u64 objects, blocks, pages;

/* More arguments follow, other ones for each of these trace points. */
static void object_allocated(void *data)
{
	if (current == watched && in_task())
		objects++;
}

static void pages_allocated(void *data, struct page *page, unsigned int order)
{
	if (current != watched || !in_task() || !page)
		return;
	blocks++;
	pages += 1UL << order;
}

static struct {
	const char *name;
	void *probe;
	struct tracepoint *tp;
} points[] = {
	{ "kmalloc", object_allocated },
	{ "kmalloc_node", object_allocated },
	{ "kmem_cache_alloc", object_allocated },
	{ "kmem_cache_alloc_node", object_allocated },
	{ "mm_page_alloc", pages_allocated },
};

static void find(struct tracepoint *tp, void *unused)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(points); i++)
		if (!strcmp(tp->name, points[i].name))
			points[i].tp = tp;
}

/**
 * allocations_end - count no more
 *
 * Context: may sleep.
 */
void allocations_end(void)
{
	int i;

	watched = NULL;
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		if (points[i].tp)
			tracepoint_probe_unregister(points[i].tp,
						    points[i].probe, NULL);
		points[i].tp = NULL;
	}
	tracepoint_synchronize_unregister();
}

static int begin(void)
{
	int i, n = 0;

	for_each_kernel_tracepoint(find, NULL);
	for (i = 0; i < ARRAY_SIZE(points); i++) {
		if (points[i].tp &&
		    tracepoint_probe_register(points[i].tp, points[i].probe,
					      NULL))
			points[i].tp = NULL;
		n += !!points[i].tp;
	}
	/* Those for a node are not in every kernel. */
	if (n < 3 || !points[ARRAY_SIZE(points) - 1].tp) {
		allocations_end();
		return -ENOENT;
	}
	watched = current;
	return 0;
}

/**
 * allocations_watch - begin or end counting
 * @a: as the ioctl has it
 *
 * Trace points cost instructions, so they are not used while those count.
 *
 * Context: may sleep.
 * Return: 0, or -ENOENT when this kernel has no such trace points.
 */
int allocations_watch(struct hv_bench_allocations *a)
{
	allocations_end();
	a->objects = objects;
	a->blocks = blocks;
	a->pages = pages;
	objects = 0;
	blocks = 0;
	pages = 0;
	return a->watch ? begin() : 0;
}
