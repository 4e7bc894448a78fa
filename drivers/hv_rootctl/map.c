// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of a program in the guest physical address space of a partition:
 * HvMapGpaPages, HvUnmapGpaPages. TLFS chapter "Guest Physical Addresses".
 *
 * The pages are pinned before the hypervisor hears of them, and stay pinned
 * until it has confirmed that the partition cannot reach them any more.
 *
 * Where 2 MiB of memory lie as 2 MiB of the GPA space do, they are mapped and
 * unmapped by one element, with HV_MAP_GPA_LARGE_PAGE. A hypervisor that
 * does not want that is given single pages.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include <hv/memory.h>

#include "pin.h"
#include "retry.h"

/**
 * struct hvrc_mapping - a range of guest pages with a program's memory
 * @node: in hvrc_partition.mappings
 * @first: guest page number
 * @count: pages
 * @reachable: how many of them, from the first on, the partition may reach
 * @large_end: of them, those from here on are not mapped by large pages
 * @owner: file whose end is the mapping's end, NULL when it is detached
 * @orphan: nobody wants it any more, but the hypervisor has not let go of it
 * @pin: the program's memory
 *
 * Guarded by the partition's lock.
 */
struct hvrc_mapping {
	struct rb_node node;
	u64 first;
	u64 count;
	u64 reachable;
	u64 large_end;
	struct hvrc_file *owner;
	bool orphan;
	struct hvrc_pin pin;
};

/* A mapping that the hypervisor knows nothing of yet. */
static struct hvrc_mapping *mapping_create(struct hvrc_file *file,
					   const struct hv_rootctl_map *args)
{
	struct hvrc_mapping *m;
	int err;

	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return ERR_PTR(-ENOMEM);
	m->first = args->gpa >> HV_PAGE_SHIFT;
	m->count = args->length >> HV_PAGE_SHIFT;
	m->large_end = m->count;
	err = hvrc_pin(&m->pin, file->caller.scratch, args->user_addr, m->count,
		       args->map_flags & HV_MAP_GPA_WRITABLE);
	if (err) {
		kfree(m);
		return ERR_PTR(err);
	}
	hvrc_hold(file->hv, m->count);
	return m;
}

/* The partition cannot reach it: give the memory back to its owner. */
static void mapping_destroy(struct hvrc *hv, struct hvrc_mapping *m)
{
	hvrc_unpin(&m->pin);
	hvrc_drop(hv, m->count);
	kfree(m);
}

/**
 * struct map_piece - what one hypercall maps or unmaps of a mapping
 * @at: its first page
 * @place: where that is pinned
 * @elements: of the hypercall
 * @pages: of an element: 1 or HV_LARGE_PAGES
 */
struct map_piece {
	u64 at;
	struct hvrc_pin_place place;
	u32 elements;
	u32 pages;
};

/* Is the page at @at the first of a large one? @place is where it is pinned. */
static bool mapping_is_large(const struct hvrc_mapping *m, u64 at,
			     struct hvrc_pin_place place)
{
	u64 pfn;

	return !((m->first + at) % HV_LARGE_PAGES) &&
	       at + HV_LARGE_PAGES <= m->large_end &&
	       hvrc_pin_run(&m->pin, place, HV_LARGE_PAGES, &pfn) ==
		       HV_LARGE_PAGES &&
	       !(pfn % HV_LARGE_PAGES);
}

/*
 * As many elements of one kind as there are from @piece->at on and before
 * @end, @most of them at most. What is large is so whatever @end and @most
 * are: a mapping is unmapped as it was mapped.
 */
static void mapping_piece(const struct hvrc_mapping *m, struct map_piece *piece,
			  u64 end, u32 most)
{
	struct hvrc_pin_place place = piece->place;
	u64 at = piece->at;

	if (mapping_is_large(m, at, place)) {
		piece->pages = HV_LARGE_PAGES;
		piece->elements = 0;
		do {
			piece->elements++;
			at += HV_LARGE_PAGES;
			hvrc_pin_skip(&m->pin, &place, HV_LARGE_PAGES);
		} while (at < end && piece->elements < most &&
			 mapping_is_large(m, at, place));
		return;
	}
	piece->pages = 1;
	piece->elements = min_t(u64, end - at, most);
	at += HV_LARGE_PAGES - (m->first + at) % HV_LARGE_PAGES;
	if (at >= piece->at + piece->elements)
		return;
	hvrc_pin_skip(&m->pin, &place, at - piece->at);
	if (mapping_is_large(m, at, place))
		piece->elements = at - piece->at;
}

static void mapping_advance(const struct hvrc_mapping *m,
			    struct map_piece *piece, u64 pages)
{
	piece->at += pages;
	hvrc_pin_skip(&m->pin, &piece->place, pages);
}

static void mapping_list(const struct hvrc_mapping *m,
			 const struct map_piece *piece, u64 *pfns)
{
	struct hvrc_pin_place place = piece->place;
	u32 i;

	if (piece->pages == 1) {
		hvrc_pin_list(&m->pin, &place, pfns, piece->elements);
		return;
	}
	for (i = 0; i < piece->elements; i++) {
		hvrc_pin_run(&m->pin, place, 1, &pfns[i]);
		hvrc_pin_skip(&m->pin, &place, HV_LARGE_PAGES);
	}
}

/* Is there another step to make, to go on or to try again? */
static bool map_has_step(struct hvrc_retry *retry, const struct hvrc_rep *rep,
			 int *err)
{
	/* Also what is refused when all is done: no element is left to ask for. */
	if (*err || rep->done == rep->count)
		return false;
	return hvrc_rep_unfinished(rep) || hvrc_retry(retry, err, rep->status);
}

/* Make a piece reachable; the pages that are for certain, or -errno. */
static s64 mapping_map_piece(struct hvrc_caller *caller,
			     struct hvrc_mapping *m,
			     const struct map_piece *piece,
			     const struct hv_rootctl_map *args,
			     struct hvrc_retry *retry, u32 *status)
{
	struct hv_input_map_gpa_pages *in = caller->input;
	struct hvrc_rep rep = {
		.code = HVCALL_MAP_GPA_PAGES,
		.no_output = true,
		.count = piece->elements,
		.status = HV_ROOTCTL_NO_STATUS,
	};
	int err;

	do {
		*in = (struct hv_input_map_gpa_pages){
			.target_partition_id = args->partition_id,
			.target_gpa_base = m->first + piece->at,
			.map_flags = args->map_flags,
		};
		if (piece->pages > 1)
			in->map_flags |= HV_MAP_GPA_LARGE_PAGE;
		mapping_list(m, piece, in->source_gpa_page_list);
		err = hvrc_rep_step(caller, &rep);
		/* What is in doubt, too: nothing is lost by unmapping it. */
		m->reachable = piece->at + (u64)rep.limit * piece->pages;
	} while (map_has_step(retry, &rep, &err));
	*status = rep.status;
	return err ?: (s64)rep.done * piece->pages;
}

/*
 * Large pages refused with this are no reason to try single ones: those need
 * more memory, and where a hypervisor goes on with the large ones it must stay
 * known which they are.
 */
static bool mapping_is_no_reason(u32 status)
{
	return hvrc_is_shortage(status) || status == HV_STATUS_CALL_PENDING;
}

/* Returns 0 also when the hypervisor refused: see @args->hv_status. */
static int mapping_map(struct hvrc_caller *caller, struct hvrc_mapping *m,
		       struct hv_rootctl_map *args, struct hvrc_retry *retry)
{
	struct map_piece piece = {};
	s64 done;

	while (piece.at < m->count) {
		if (signal_pending(current))
			return -EINTR;
		cond_resched();
		mapping_piece(m, &piece, m->count, HV_MAP_GPA_MAX);
		done = mapping_map_piece(caller, m, &piece, args, retry,
					 &args->hv_status);
		if (done < 0)
			return done;
		mapping_advance(m, &piece, done);
		WRITE_ONCE(caller->progress, piece.at << HV_PAGE_SHIFT);
		if (args->hv_status == HV_STATUS_SUCCESS)
			continue;
		if (piece.pages == 1 || mapping_is_no_reason(args->hv_status))
			return 0;
		m->large_end = piece.at;
	}
	return 0;
}

/* Make a piece unreachable; returns as mapping_map_piece(). */
static s64 mapping_unmap_piece(struct hvrc_caller *caller,
			       const struct hvrc_mapping *m,
			       const struct map_piece *piece, u64 id,
			       struct hvrc_retry *retry, u64 *pages_done,
			       u32 *status)
{
	struct hv_input_unmap_gpa_pages *in = caller->input;
	struct hvrc_rep rep = {
		.code = HVCALL_UNMAP_GPA_PAGES,
		.no_output = true,
		.count = piece->elements,
		.status = HV_ROOTCTL_NO_STATUS,
	};
	s64 pages;
	int err;

	do {
		*in = (struct hv_input_unmap_gpa_pages){
			.target_partition_id = id,
			.target_gpa_base = m->first + piece->at,
		};
		if (piece->pages > 1)
			in->unmap_flags = HV_UNMAP_GPA_LARGE_PAGE;
		err = hvrc_rep_step(caller, &rep);
	} while (map_has_step(retry, &rep, &err));
	pages = (s64)rep.done * piece->pages;
	*pages_done += pages;
	*status = rep.status;
	return err ?: pages;
}

/*
 * Make a mapping unreachable, from its first page on. Unmapping what is not
 * mapped succeeds, so after a failure it can be done all over again. In a
 * partition that does not exist nothing is reachable. Where no user waits there
 * is no @retry, and nothing interrupts it.
 */
static int mapping_unmap(struct hvrc_caller *caller, struct hvrc_mapping *m,
			 u64 id, struct hvrc_retry *retry, u64 *pages_done,
			 u32 *status)
{
	struct map_piece piece = {};
	s64 done;

	*pages_done = 0;
	while (piece.at < m->reachable) {
		if (retry && signal_pending(current))
			return -EINTR;
		cond_resched();
		mapping_piece(m, &piece, m->reachable, HV_UNMAP_GPA_MAX);
		done = mapping_unmap_piece(caller, m, &piece, id, retry,
					   pages_done, status);
		/* What is undone for a user is no progress. */
		if (retry)
			WRITE_ONCE(caller->progress,
				   *pages_done << HV_PAGE_SHIFT);
		if (done < 0)
			return done;
		mapping_advance(m, &piece, done);
		if (*status == HV_STATUS_SUCCESS)
			continue;
		if (*status == HV_STATUS_INVALID_PARTITION_ID)
			break;
		if (piece.pages == 1 || piece.at >= m->reachable)
			return 0;
		m->large_end = piece.at;
	}
	m->reachable = 0;
	return 0;
}

static struct hvrc_mapping *mapping_of(const struct rb_node *node)
{
	return rb_entry(node, struct hvrc_mapping, node);
}

/* Is it all below the other one, or above? 0: a page is in both. */
static int mapping_compare(struct rb_node *node, const struct rb_node *other)
{
	const struct hvrc_mapping *a = mapping_of(node), *b = mapping_of(other);

	if (a->first + a->count <= b->first)
		return -1;
	return a->first >= b->first + b->count;
}

/* Returns false when a page of it is in another one. */
static bool mapping_insert(struct hvrc_partition *p, struct hvrc_mapping *m)
{
	if (rb_find_add(&m->node, &p->mappings, mapping_compare))
		return false;
	WRITE_ONCE(p->mapped_pages, p->mapped_pages + m->count);
	WRITE_ONCE(p->mapped_blocks, p->mapped_blocks + m->pin.nr_blocks);
	return true;
}

static int mapping_compare_first(const void *first, const struct rb_node *node)
{
	u64 a = *(const u64 *)first, b = mapping_of(node)->first;

	return a < b ? -1 : a > b;
}

static struct hvrc_mapping *mapping_find(struct hvrc_partition *p, u64 first,
					 u64 count)
{
	struct rb_node *node = rb_find(&first, &p->mappings,
				       mapping_compare_first);

	if (!node || mapping_of(node)->count != count)
		return NULL;
	return mapping_of(node);
}

/* Cannot fail, and must not: what is freed here must not be found any more. */
static void mapping_erase(struct hvrc *hv, struct hvrc_partition *p,
			  struct hvrc_mapping *m)
{
	rb_erase(&m->node, &p->mappings);
	WRITE_ONCE(p->mapped_pages, p->mapped_pages - m->count);
	WRITE_ONCE(p->mapped_blocks, p->mapped_blocks - m->pin.nr_blocks);
	mapping_destroy(hv, m);
}

/*
 * Nobody wants this mapping any more. Where the hypervisor does not let go of
 * it, the pages stay pinned and it is tried again when a file is closed.
 */
static void mapping_end(struct hvrc *hv, struct hvrc_caller *caller,
			struct hvrc_partition *p, struct hvrc_mapping *m,
			u64 id)
{
	u32 status = HV_ROOTCTL_NO_STATUS;
	const char *name;
	u64 done;
	int err;

	err = mapping_unmap(caller, m, id, NULL, &done, &status);
	if (!m->reachable) {
		mapping_erase(hv, p, m);
		return;
	}
	if (!m->orphan) {
		name = hv_status_name(status);
		pr_warn_ratelimited("hv_rootctl: cannot unmap %llu pages from partition %llu (error %d, status %#x %s): they stay pinned\n",
				    m->count, p->id, err, status,
				    name ?: "unknown");
	}
	m->owner = NULL;
	m->orphan = true;
}

/**
 * hvrc_mappings_close - end the mappings of a file, and what is left over
 * @hv: the driver
 * @caller: to make hypercalls
 * @p: partition
 * @owner: the file that is being closed, or NULL to see to left-overs only
 *
 * Context: may sleep; @p->lock is held.
 */
void hvrc_mappings_close(struct hvrc *hv, struct hvrc_caller *caller,
			 struct hvrc_partition *p, struct hvrc_file *owner)
{
	struct rb_node *node, *next;
	struct hvrc_mapping *m;

	lockdep_assert_held(&p->lock);

	for (node = rb_first(&p->mappings); node; node = next) {
		next = rb_next(node);
		m = mapping_of(node);
		if (m->orphan || (owner && m->owner == owner))
			mapping_end(hv, caller, p, m, p->id);
	}
}

/**
 * hvrc_mappings_release - forget all mappings of a partition
 * @hv: the driver
 * @p: a partition that is finalized or deleted, and reaches no memory
 *
 * Context: may sleep; @p->lock is held.
 */
void hvrc_mappings_release(struct hvrc *hv, struct hvrc_partition *p)
{
	struct rb_node *node;

	lockdep_assert_held(&p->lock);

	while ((node = rb_first(&p->mappings)))
		mapping_erase(hv, p, mapping_of(node));
}

/* Is this a range of whole pages that ends below the end of 64 bits? */
static int map_check_range(u64 start, u64 length)
{
	u64 end;

	if (!length || (start | length) & HV_PAGE_MASK)
		return -EINVAL;
	return check_add_overflow(start, length, &end) ? -EOVERFLOW : 0;
}

/* Takes over @m, whatever comes of it; @p->lock is held. */
static int map_into(struct hvrc_file *file, struct hvrc_partition *p,
		    struct hvrc_mapping *m, struct hv_rootctl_map *args,
		    struct hvrc_retry *retry)
{
	int err;

	if (!mapping_insert(p, m)) {
		mapping_destroy(file->hv, m);
		return -EEXIST;
	}

	retry->locked = p;
	err = mapping_map(&file->caller, m, args, retry);
	if (err || args->hv_status != HV_STATUS_SUCCESS) {
		mapping_end(file->hv, &file->caller, p, m, args->partition_id);
		return err;
	}
	if (!(args->flags & HV_ROOTCTL_DETACHED))
		m->owner = file;
	args->bytes_done = args->length;
	return 0;
}

/**
 * hvrc_map - ioctl(HV_ROOTCTL_MAP)
 * @file: the caller's file
 * @arg: struct hv_rootctl_map
 *
 * The root's own space is not for this: its memory is mapped, and cannot be
 * unmapped again.
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno; @arg's out fields are valid in any case.
 */
int hvrc_map(struct hvrc_file *file, void *arg)
{
	struct hv_rootctl_map *args = arg;
	struct hvrc *hv = file->hv;
	struct hvrc_retry retry;
	struct hvrc_partition *p;
	struct hvrc_mapping *m;
	int err;

	args->bytes_done = 0;
	args->hv_status = HV_ROOTCTL_NO_STATUS;
	hvrc_retry_init(&retry, file, &args->retry, args->partition_id, NULL);

	if (args->map_flags & ~(HV_MAP_GPA_RIGHTS | HV_MAP_GPA_ADJUSTABLE))
		return -EOPNOTSUPP;
	if (args->partition_id == HV_ROOTCTL_SELF ||
	    args->partition_id == hv->self_id)
		return -EOPNOTSUPP;
	err = map_check_range(args->gpa, args->length) ?:
		      map_check_range(args->user_addr, args->length);
	if (err)
		return err;

	if (!(args->flags & HV_ROOTCTL_DETACHED)) {
		err = hvrc_partition_touch(file, args->partition_id);
		if (err)
			return err;
	}

	/* Pinning may take long, and sleep on the user's behalf: no lock. */
	m = mapping_create(file, args);
	if (IS_ERR(m))
		return PTR_ERR(m);
	p = hvrc_partition_get(hv, args->partition_id);
	if (IS_ERR(p)) {
		mapping_destroy(hv, m);
		return PTR_ERR(p);
	}
	if (mutex_lock_interruptible(&p->lock)) {
		mapping_destroy(hv, m);
		err = -EINTR;
	} else {
		err = map_into(file, p, m, args, &retry);
		mutex_unlock(&p->lock);
	}
	hvrc_partition_put(hv, p);
	return err;
}

static int unmap_from(struct hvrc_file *file, struct hvrc_partition *p,
		      struct hv_rootctl_unmap *args, struct hvrc_retry *retry)
{
	struct hvrc_mapping *m;
	u64 done;
	int err;

	m = mapping_find(p, args->gpa >> HV_PAGE_SHIFT,
			 args->length >> HV_PAGE_SHIFT);
	if (!m)
		return -ENOENT;

	retry->locked = p;
	err = mapping_unmap(&file->caller, m, args->partition_id, retry, &done,
			    &args->hv_status);
	args->bytes_done = done << HV_PAGE_SHIFT;
	if (!m->reachable)
		mapping_erase(file->hv, p, m);
	return err;
}

/**
 * hvrc_unmap - ioctl(HV_ROOTCTL_UNMAP)
 * @file: the caller's file
 * @arg: struct hv_rootctl_unmap
 *
 * Any file may unmap any mapping. The pages stay pinned until all of them are
 * unmapped; one that was interrupted or refused half way can be repeated.
 *
 * Context: process; @file->lock is held.
 * Return: 0 or -errno; @arg's out fields are valid in any case.
 */
int hvrc_unmap(struct hvrc_file *file, void *arg)
{
	struct hv_rootctl_unmap *args = arg;
	struct hvrc_retry retry;
	struct hvrc_partition *p;
	int err;

	args->bytes_done = 0;
	args->hv_status = HV_ROOTCTL_NO_STATUS;
	hvrc_retry_init(&retry, file, &args->retry, args->partition_id, NULL);
	err = map_check_range(args->gpa, args->length);
	if (err)
		return err;

	p = hvrc_partition_get(file->hv, args->partition_id);
	if (IS_ERR(p))
		return PTR_ERR(p);
	err = -EINTR;
	if (!mutex_lock_interruptible(&p->lock)) {
		err = unmap_from(file, p, args, &retry);
		mutex_unlock(&p->lock);
	}
	hvrc_partition_put(file->hv, p);
	return err;
}
