// SPDX-License-Identifier: GPL-2.0
/* Raw hypercalls, and partitions to try them on: see hvtest.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "hvtest.h"
#include "kmod/hv_rawcpu.h"

#define HVT_ROOT_PAGES 64

/* --- memory --------------------------------------------------------------- */

int hvt_alloc(struct hvt *t, struct hvt_mem *mem, unsigned int pages)
{
	size_t size = pages * HV_PAGE_SIZE;
	struct hv_rawcall_pin pin = { .pages = pages };
	unsigned int i;

	mem->pages = pages;
	mem->pfn = calloc(pages, sizeof(*mem->pfn));
	mem->va = mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!mem->pfn || mem->va == MAP_FAILED)
		return -1;
	/*
	 * A fork or a dump would read pages that may be the hypervisor's by
	 * then, and a page of a huge one would take its neighbours along.
	 */
	if (madvise(mem->va, size, MADV_NOHUGEPAGE) && errno != EINVAL)
		return -1;
	if (madvise(mem->va, size, MADV_DONTFORK) ||
	    madvise(mem->va, size, MADV_DONTDUMP))
		return -1;

	pin.user_addr = (uintptr_t)mem->va;
	pin.gpas = (uintptr_t)mem->pfn;
	if (ioctl(t->raw, HV_RAWCALL_PIN, &pin)) {
		perror("pin");
		return -1;
	}
	for (i = 0; i < pages; i++)
		mem->pfn[i] >>= HV_PAGE_SHIFT;
	return 0;
}

long hvt_page_index(const struct hvt_mem *mem, u64 pfn)
{
	unsigned int i;

	for (i = 0; i < mem->pages; i++)
		if (mem->pfn[i] == pfn)
			return i;
	return -1;
}

int hvt_open(struct hvt *t)
{
	memset(t, 0, sizeof(*t));
	t->raw = open(HVT_RAWCALL, O_RDWR | O_CLOEXEC);
	if (t->raw < 0) {
		perror(HVT_RAWCALL);
		return -1;
	}
	if (hvt_alloc(t, &t->input, 1) || hvt_alloc(t, &t->output, 1) ||
	    hvt_alloc(t, &t->root, HVT_ROOT_PAGES))
		return -1;
	t->in = t->input.va;
	t->out = t->output.va;

	/* A test that died may have left them otherwise. */
	if (hvt_debug(t, HV_DEBUG_FAULT_CLEAR, 0, NULL, NULL) ||
	    hvt_debug(t, HV_DEBUG_ACCESS_CODES, 0, NULL, NULL) ||
	    hvt_debug(t, HV_DEBUG_REP_BUDGET, HVT_REP_BUDGET, NULL, NULL) ||
	    hvt_debug(t, HV_DEBUG_PRIVILEGES, ~0ULL, NULL, NULL)) {
		fprintf(stderr, "the hypervisor was not started with debug=on\n");
		return -1;
	}
	return 0;
}

int hvt_close(struct hvt *t)
{
	int ret = hvt_take_back(t);

	close(t->raw);
	return ret;
}

/* --- calls as they are ---------------------------------------------------- */

u64 hvt_registers(struct hvt *t, u64 rcx, u64 rdx, u64 r8)
{
	t->regs = (struct hv_rawcall_regs){ .rcx = rcx, .rdx = rdx, .r8 = r8 };
	if (ioctl(t->raw, HV_RAWCALL_CALL, &t->regs)) {
		perror("raw hypercall");
		exit(1);
	}
	return t->regs.rax;
}

u64 hvt_call(struct hvt *t, u64 control, const void *input, size_t size)
{
	memset(t->in, HVT_IN_POISON, HV_PAGE_SIZE);
	memset(t->out, HVT_OUT_POISON, HV_PAGE_SIZE);
	if (size)
		memcpy(t->in, input, size);
	return hvt_registers(t, control, t->input.pfn[0] << HV_PAGE_SHIFT,
			     t->output.pfn[0] << HV_PAGE_SHIFT);
}

u16 hvt_simple(struct hvt *t, u16 code, const void *input, size_t size)
{
	return hv_result_status(hvt_call(t, hv_control_simple(code, false),
					 input, size));
}

struct hvt_done hvt_rep(struct hvt *t, u16 code, u32 count, const void *input,
			size_t size)
{
	u64 result = hvt_call(t, hv_control_rep(code, count, 0), input, size);

	return (struct hvt_done){ hv_result_status(result),
				  hv_result_reps(result) };
}

/* --- calls by name -------------------------------------------------------- */

struct hvt_done hvt_deposit(struct hvt *t, u64 id, const u64 *pfns, u32 count)
{
	u64 input[1 + HV_DEPOSIT_MAX] = { id };

	memcpy(input + 1, pfns, count * sizeof(*pfns));
	return hvt_rep(t, HVCALL_DEPOSIT_MEMORY, count, input,
		       (1 + count) * sizeof(*input));
}

struct hvt_done hvt_withdraw(struct hvt *t, u64 id, u64 proximity, u32 count)
{
	struct hv_input_withdraw_memory input = { id, proximity };

	return hvt_rep(t, HVCALL_WITHDRAW_MEMORY, count, &input, sizeof(input));
}

u16 hvt_balance(struct hvt *t, u64 id, u64 *available, u64 *in_use)
{
	struct hv_input_get_memory_balance input = { .partition_id = id };
	struct hv_output_get_memory_balance *output = (void *)t->out;
	u16 status;

	status = hvt_simple(t, HVCALL_GET_MEMORY_BALANCE, &input,
			    sizeof(input));
	*available = output->pages_available;
	*in_use = output->pages_in_use;
	return status;
}

struct hvt_done hvt_map(struct hvt *t, u64 id, u64 gpa_page, u32 flags,
			const u64 *pfns, u32 count)
{
	struct {
		struct hv_input_map_gpa_pages header;
		u64 list[HV_MAP_GPA_MAX];
	} input;

	input.header = (struct hv_input_map_gpa_pages){
		.target_partition_id = id,
		.target_gpa_base = gpa_page,
		.map_flags = flags,
	};
	memcpy(input.list, pfns, count * sizeof(*pfns));
	return hvt_rep(t, HVCALL_MAP_GPA_PAGES, count, &input,
		       sizeof(input.header) + count * sizeof(*pfns));
}

struct hvt_done hvt_unmap(struct hvt *t, u64 id, u64 gpa_page, u32 count)
{
	struct hv_input_unmap_gpa_pages input = { id, gpa_page, 0, 0 };

	return hvt_rep(t, HVCALL_UNMAP_GPA_PAGES, count, &input, sizeof(input));
}

u16 hvt_create_vp(struct hvt *t, u64 id, u32 index)
{
	struct hv_input_create_vp input = { .partition_id = id,
					    .vp_index = index };

	return hvt_simple(t, HVCALL_CREATE_VP, &input, sizeof(input));
}

u16 hvt_delete_vp(struct hvt *t, u64 id, u32 index)
{
	struct hv_input_delete_vp input = { .partition_id = id,
					    .vp_index = index };

	return hvt_simple(t, HVCALL_DELETE_VP, &input, sizeof(input));
}

u16 hvt_partition(struct hvt *t, u16 code, u64 id)
{
	struct hv_input_partition input = { id };

	return hvt_simple(t, code, &input, sizeof(input));
}

u16 hvt_next_child(struct hvt *t, u64 parent, u64 previous, u64 *next)
{
	struct hv_input_get_next_child_partition input = { parent, previous };
	u16 status;

	status = hvt_simple(t, HVCALL_GET_NEXT_CHILD_PARTITION, &input,
			    sizeof(input));
	memcpy(next, t->out, sizeof(*next));
	return status;
}

u64 hvt_own_id(struct hvt *t)
{
	u64 id = HV_PARTITION_ID_INVALID;

	if (hvt_simple(t, HVCALL_GET_PARTITION_ID, NULL, 0) == HV_STATUS_SUCCESS)
		memcpy(&id, t->out, sizeof(id));
	return id;
}

u16 hvt_write_gpa(struct hvt *t, u64 id, u64 gpa, const void *data, u32 count,
		  u64 *access)
{
	struct hv_input_write_gpa input = {
		.partition_id = id,
		.byte_count = count,
		.base_gpa = gpa,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
	};
	u16 status;

	memset(input.data, HVT_IN_POISON, sizeof(input.data));
	memcpy(input.data, data,
	       count < sizeof(input.data) ? count : sizeof(input.data));
	status = hvt_simple(t, HVCALL_WRITE_GPA, &input, sizeof(input));
	memcpy(access, t->out, sizeof(*access));
	return status;
}

u16 hvt_read_gpa(struct hvt *t, u64 id, u64 gpa, void *data, u32 count,
		 u64 *access)
{
	const struct hv_input_read_gpa input = {
		.partition_id = id,
		.byte_count = count,
		.base_gpa = gpa,
		.control_flags = HV_CACHE_TYPE_WRITE_BACK,
	};
	u16 status = hvt_simple(t, HVCALL_READ_GPA, &input, sizeof(input));

	memcpy(access, t->out, sizeof(*access));
	memcpy(data, t->out + sizeof(*access), count);
	return status;
}

struct hvt_done hvt_set_register(struct hvt *t, u64 id, u32 vp, u32 name,
				 u64 value)
{
	const u64 input[6] = { id, vp, name, 0, value };

	return hvt_rep(t, HVCALL_SET_VP_REGISTERS, 1, input, sizeof(input));
}

u64 hvt_get_register(struct hvt *t, u64 id, u32 vp, u32 name)
{
	const u64 input[3] = { id, vp, name };
	u64 value;

	if (hvt_rep(t, HVCALL_GET_VP_REGISTERS, 1, input, sizeof(input)).status)
		return ~0ULL;
	memcpy(&value, t->out, sizeof(value));
	return value;
}

/* --- the debug call ------------------------------------------------------- */

u16 hvt_debug(struct hvt *t, u32 op, u64 arg, const char *text,
	      u64 values[HV_DEBUG_VALUES])
{
	struct hv_input_debug input = { .op = op, .arg = arg };
	u16 status;

	if (text)
		snprintf(input.text, sizeof(input.text), "%s", text);
	status = hvt_simple(t, HVCALL_DEBUG, &input, sizeof(input));
	if (values)
		memcpy(values, t->out, sizeof(struct hv_output_debug));
	return status;
}

u16 hvt_debug_machine(struct hvt *t, u32 op, u64 arg,
		      u64 values[HV_DEBUG_VALUES])
{
	const struct hv_input_debug_machine input = { .op = op, .arg = arg };
	u16 status = hvt_simple(t, HVCALL_DEBUG_MACHINE, &input, sizeof(input));

	if (status == HV_STATUS_SUCCESS)
		memcpy(values, t->out, sizeof(struct hv_output_debug));
	return status;
}

int hvt_fault(struct hvt *t, const char *line)
{
	return hvt_debug(t, HV_DEBUG_FAULT_ADD, 0, line, NULL) ? -1 : 0;
}

u64 hvt_counter(struct hvt *t, u16 code, enum hv_debug_counter counter)
{
	u64 values[HV_DEBUG_VALUES];

	if (hvt_debug(t, HV_DEBUG_COUNTERS, code, NULL, values)) {
		fprintf(stderr, "no counters\n");
		exit(1);
	}
	return values[counter];
}

int hvt_audit(struct hvt *t, struct hvt_audit *a)
{
	u64 values[HV_DEBUG_VALUES];

	if (hvt_debug(t, HV_DEBUG_AUDIT, 0, NULL, values))
		return -1;
	memcpy(a->v, values, sizeof(a->v));
	if (a->v[HV_DEBUG_AUDIT_ERRORS]) {
		fprintf(stderr, "the hypervisor's audit found %llu errors\n",
			a->v[HV_DEBUG_AUDIT_ERRORS]);
		return -1;
	}
	return 0;
}

bool hvt_audit_equal(const struct hvt_audit *a, const struct hvt_audit *b)
{
	static const char *const names[HV_DEBUG_NR_AUDIT] = {
		"root pages", "pool pages", "used pages", "hypervisor pages",
		"mapped pages", "partitions", "errors",
	};
	bool equal = true;
	unsigned int i;

	for (i = 0; i < HV_DEBUG_NR_AUDIT; i++) {
		if (a->v[i] == b->v[i])
			continue;
		fprintf(stderr, "# %s: %llu, then %llu\n", names[i], a->v[i],
			b->v[i]);
		equal = false;
	}
	return equal;
}

/* --- partitions to try things on ------------------------------------------ */

u16 hvt_create(struct hvt *t, u64 *id)
{
	struct hv_input_create_partition input = {
		.compatibility_version = HV_COMPATIBILITY_VERSION,
	};
	u16 status;

	for (;;) {
		status = hvt_simple(t, HVCALL_CREATE_PARTITION, &input,
				    sizeof(input));
		memcpy(id, t->out, sizeof(*id));
		if (status != HV_STATUS_INSUFFICIENT_MEMORY ||
		    t->root_used == t->root.pages)
			return status;
		if (hvt_deposit(t, HV_PARTITION_ID_SELF,
				t->root.pfn + t->root_used, 1).status)
			return status;
		t->root_used++;
	}
}

int hvt_deposit_all(struct hvt *t, u64 id, const struct hvt_mem *mem)
{
	unsigned int done, n;

	for (done = 0; done < mem->pages; done += n) {
		struct hvt_done d;

		n = mem->pages - done;
		if (n > HV_DEPOSIT_MAX)
			n = HV_DEPOSIT_MAX;
		d = hvt_deposit(t, id, mem->pfn + done, n);
		if (d.status || d.reps != n)
			return -1;
	}
	return 0;
}

u64 hvt_drain(struct hvt *t, u64 id)
{
	struct hvt_done d;
	u64 sum = 0;

	do {
		d = hvt_withdraw(t, id, 0, HV_WITHDRAW_MAX);
		sum += d.reps;
	} while (d.status == HV_STATUS_SUCCESS && d.reps);
	return sum;
}

int hvt_destroy(struct hvt *t, u64 id)
{
	/* Refused where it is not active: then there is nothing to finalize. */
	hvt_partition(t, HVCALL_FINALIZE_PARTITION, id);
	hvt_drain(t, id);
	return hvt_partition(t, HVCALL_DELETE_PARTITION, id) ? -1 : 0;
}

int hvt_child_create(struct hvt *t, struct hvt_child *c)
{
	if (hvt_alloc(t, &c->pool, HVT_CHILD_POOL) || hvt_create(t, &c->id) ||
	    hvt_deposit_all(t, c->id, &c->pool) ||
	    hvt_partition(t, HVCALL_INITIALIZE_PARTITION, c->id))
		return -1;
	return hvt_create_vp(t, c->id, 0) ? -1 : 0;
}

int hvt_child_destroy(struct hvt *t, struct hvt_child *c)
{
	return hvt_destroy(t, c->id);
}

/* The root's pool also holds what others deposited: that goes back. */
int hvt_take_back(struct hvt *t)
{
	u64 foreign[HV_DEPOSIT_MAX];
	unsigned int strange = 0, found = 0, i, j;
	struct hvt_done d;

	while (found < t->root_used) {
		d = hvt_withdraw(t, HV_PARTITION_ID_SELF, 0, 1);
		if (d.reps != 1)
			return -1;
		i = 0;
		while (i < t->root_used &&
		       t->root.pfn[i] != *(u64 *)t->out)
			i++;
		if (i < t->root_used) {
			found++;
		} else {
			if (strange == HV_DEPOSIT_MAX)
				return -1;
			foreign[strange++] = *(u64 *)t->out;
		}
	}
	t->root_used = 0;
	for (j = 0; j < strange; j++) {
		d = hvt_deposit(t, HV_PARTITION_ID_SELF, foreign + j, 1);
		if (d.status)
			return -1;
	}
	return 0;
}

/* --- and the machine ------------------------------------------------------ */

bool hvt_x2apic(void)
{
	/* INIT, level deasserted: does nothing; elsewhere there is no such MSR. */
	struct hv_rawcpu_icr icr = { HV_RAWCPU_X2APIC, 0, 0x8500, 0 };
	int fd = open(HVT_RAWCPU, O_RDWR | O_CLOEXEC);
	bool on = fd >= 0 && !ioctl(fd, HV_RAWCPU_ICR, &icr);

	close(fd);
	return on;
}

long long hvt_number_in(const char *path, const char *key)
{
	FILE *f = fopen(path, "r");
	long long n = -1;
	char line[256];

	while (f && n < 0 && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			n = strtoll(line + strlen(key), NULL, 10);
	if (f)
		fclose(f);
	return n;
}

u64 hvt_free_pages(void)
{
	unsigned long long pages = 0, n;
	char line[128];
	FILE *f;

	/* Of each zone, and of each processor's lists on top of the zones. */
	f = fopen("/proc/zoneinfo", "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " nr_free_pages %llu", &n) == 1 ||
		    sscanf(line, " count: %llu", &n) == 1)
			pages += n;
	fclose(f);
	return pages;
}
