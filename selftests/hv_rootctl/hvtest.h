/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the selftests share: raw hypercalls through hv_rawcall.ko, the driver's
 * ioctls in one line each, and partitions to try them on.
 *
 * The raw helpers return what the hypervisor returned; they check nothing, so
 * that a test can. All of them keep the last call's registers in hvt.regs and
 * its output list in hvt.out.
 */
#ifndef HVTEST_H
#define HVTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <hv/calls.h>
#include <hv/debug.h>
#include <hv/hypercall.h>
#include <hv/memory.h>
#include <hv/partition.h>
#include <hv/status.h>
#include <linux/hv_rootctl.h>
#include "kmod/hv_rawcall.h"

#define HVT_DRIVER "/dev/hv_rootctl"
#define HVT_RAWCALL "/dev/hv_rawcall"
#define HVT_RAWCPU "/dev/hv_rawcpu"

/* Elements per invocation, when nobody asks for another number. */
#define HVT_REP_BUDGET 64

/* What an output list holds before a call, and input behind the last byte. */
#define HVT_OUT_POISON 0xa5
#define HVT_IN_POISON 0x5a

/* Memory of the test whose page numbers are known. */
struct hvt_mem {
	u8 *va;
	u64 *pfn;
	unsigned int pages;
};

struct hvt {
	int raw; /* /dev/hv_rawcall */
	struct hvt_mem input; /* one page */
	struct hvt_mem output; /* one page */
	u8 *in; /* = input.va */
	u8 *out; /* = output.va */
	struct hv_rawcall_regs regs;
	struct hvt_mem root; /* what is deposited for the root itself */
	unsigned int root_used;
};

/* A status and the absolute number of elements completed. */
struct hvt_done {
	u16 status;
	u32 reps;
};

/**
 * hvt_open - open the raw device, and put the debug switches on their defaults
 * @t: filled
 *
 * Return: 0, or -1 with errno and a message on stderr.
 */
int hvt_open(struct hvt *t);
/* All partitions are gone: take back what the root holds; 0 or -1. */
int hvt_close(struct hvt *t);
int hvt_take_back(struct hvt *t);

/* Get @pages zeroed pages whose page numbers are known, until hvt_close(). */
int hvt_alloc(struct hvt *t, struct hvt_mem *mem, unsigned int pages);
/* Which of them that is, or -1. */
long hvt_page_index(const struct hvt_mem *mem, u64 pfn);

/* --- calls as they are ---------------------------------------------------- */

/* Registers as given; returns the result value. */
u64 hvt_registers(struct hvt *t, u64 rcx, u64 rdx, u64 r8);

/* Input at the start of a page of its own, output likewise. */
u64 hvt_call(struct hvt *t, u64 control, const void *input, size_t size);
u16 hvt_simple(struct hvt *t, u16 code, const void *input, size_t size);
struct hvt_done hvt_rep(struct hvt *t, u16 code, u32 count, const void *input,
			size_t size);

/* --- calls by name -------------------------------------------------------- */

struct hvt_done hvt_deposit(struct hvt *t, u64 id, const u64 *pfns, u32 count);
/* The page numbers come in (u64 *)t->out. */
struct hvt_done hvt_withdraw(struct hvt *t, u64 id, u64 proximity, u32 count);
u16 hvt_balance(struct hvt *t, u64 id, u64 *available, u64 *in_use);
struct hvt_done hvt_map(struct hvt *t, u64 id, u64 gpa_page, u32 flags,
			const u64 *pfns, u32 count);
struct hvt_done hvt_unmap(struct hvt *t, u64 id, u64 gpa_page, u32 count);
u16 hvt_create_vp(struct hvt *t, u64 id, u32 index);
u16 hvt_delete_vp(struct hvt *t, u64 id, u32 index);
/* HVCALL_INITIALIZE_PARTITION, FINALIZE, DELETE. */
u16 hvt_partition(struct hvt *t, u16 code, u64 id);
u16 hvt_next_child(struct hvt *t, u64 parent, u64 previous, u64 *next);
u64 hvt_own_id(struct hvt *t);
/* Write up to 16 bytes; *access is the access result when SUCCESS. */
u16 hvt_write_gpa(struct hvt *t, u64 id, u64 gpa, const void *data, u32 count,
		  u64 *access);
/* Likewise; data gets count bytes. */
u16 hvt_read_gpa(struct hvt *t, u64 id, u64 gpa, void *data, u32 count,
		 u64 *access);
/* One register of 64 bits. */
struct hvt_done hvt_set_register(struct hvt *t, u64 id, u32 vp, u32 name,
				 u64 value);
/* All ones when the call is refused. */
u64 hvt_get_register(struct hvt *t, u64 id, u32 vp, u32 name);

/* --- the debug call ------------------------------------------------------- */

/* values may be NULL, text too. */
u16 hvt_debug(struct hvt *t, u32 op, u64 arg, const char *text,
	      u64 values[HV_DEBUG_VALUES]);
/* Likewise, HVCALL_DEBUG_MACHINE; values stay as they are when it fails. */
u16 hvt_debug_machine(struct hvt *t, u32 op, u64 arg,
		      u64 values[HV_DEBUG_VALUES]);
/* Adds a line to the fault script; 0 or -1. */
int hvt_fault(struct hvt *t, const char *line);
u64 hvt_counter(struct hvt *t, u16 code, enum hv_debug_counter counter);

struct hvt_audit {
	u64 v[HV_DEBUG_NR_AUDIT];
};

/* Everything that can be counted; -1 when the counts do not agree. */
int hvt_audit(struct hvt *t, struct hvt_audit *a);
bool hvt_audit_equal(const struct hvt_audit *a, const struct hvt_audit *b);

/* --- partitions to try things on ------------------------------------------ */

/* HvCreatePartition; deposits for the root as long as it wants memory. */
u16 hvt_create(struct hvt *t, u64 *id);

/*
 * Deposit, any number of pages, all of @mem.
 * Return: 0 when all were taken.
 */
int hvt_deposit_all(struct hvt *t, u64 id, const struct hvt_mem *mem);

/* Withdraw until nothing is left; returns how many came. */
u64 hvt_drain(struct hvt *t, u64 id);

/* Finalize if need be, drain, delete. */
int hvt_destroy(struct hvt *t, u64 id);

/* An active partition with a VP, and memory for what may come. */
struct hvt_child {
	u64 id;
	struct hvt_mem pool;
};

#define HVT_CHILD_POOL 64

int hvt_child_create(struct hvt *t, struct hvt_child *c);
int hvt_child_destroy(struct hvt *t, struct hvt_child *c);

/* An id that no partition has, had, or will have in a test's life. */
#define HVT_UNKNOWN_ID 0x7123456789abcdefULL

/* --- the driver ----------------------------------------------------------- */

int hvt_driver(void);
/* Each fills the structure, makes the ioctl, and returns its result. */
int hvt_drv_create(int fd, u32 flags, u64 *id);
int hvt_drv_partition(int fd, unsigned long cmd, u64 id, u32 *status);
int hvt_drv_pool(int fd, unsigned long cmd, u64 id, u64 count,
		 struct hv_rootctl_pool *done);
/* Take what others have left in the root's own pool, so that it is empty. */
int hvt_drv_drain_self(int fd);
int hvt_drv_balance(int fd, u64 id, u64 *available, u64 *in_use);
int hvt_drv_vp(int fd, unsigned long cmd, u64 id, u32 index, u32 *status);
int hvt_drv_map(int fd, u64 id, u64 gpa, void *va, u64 length, u32 flags);
int hvt_drv_access(int fd, unsigned long cmd, u64 id, u64 gpa, void *buf,
		   u64 length, struct hv_rootctl_access *done);
int hvt_drv_query(int fd, struct hv_rootctl_query *q);
/* Is there an ioctl of that number? It is made without a structure. */
bool hvt_drv_knows(int fd, unsigned int nr);
/* An active partition with a VP and a filled pool, owned by the file. */
int hvt_drv_child(int fd, u64 *id);

/* --- and the machine ------------------------------------------------------ */

/* Is the processor's APIC in x2APIC mode? Needs hv_rawcpu.ko. */
bool hvt_x2apic(void);
/* The number behind @key in a file of such lines, -1 when there is none. */
long long hvt_number_in(const char *path, const char *key);
#define hvt_meminfo(key) hvt_number_in("/proc/meminfo", key)
/* Free memory of the kernel, in pages. */
u64 hvt_free_pages(void);

#endif
