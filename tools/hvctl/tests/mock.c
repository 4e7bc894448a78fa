// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel for the tests: it stands in for the library's hvctl_ioctl(), writes
 * down every ioctl, and answers as a script says. Never part of hvctl itself.
 *
 * HVCTL_MOCK_LOG    file that gets a line per ioctl: its name, all bytes of its
 *                   structure in hex (user_addr as zeros: it is nobody's
 *                   business), and for a write or map the user's first bytes
 * HVCTL_MOCK_DATA   file to which all bytes of writes are appended
 * HVCTL_MOCK_SCRIPT file with a line per expected ioctl, in order:
 *                   NAME [errno=N] [signal=N] [fill=N] [FIELD=N ...]
 *
 * A field is set to N (0x... for hex); an ioctl with errno=N fails with it,
 * its fields written back, and fill is what every byte that is read holds.
 * hv_status is 0 and the done field what was asked for unless the line says
 * otherwise. Without a script every ioctl succeeds; one that the script does
 * not expect ends the program with status 99.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <hvctl/tool.h>

#define USER_BYTES_LOGGED 64

struct field {
	const char *name;
	unsigned int offset;
	unsigned int size;
};

#define RETRY_FIELDS(type)                                                            \
	FIELD(type, retry.deposit_status), FIELD(type, retry.repeated),               \
	FIELD(type, retry.pages_deposited)

#define FIELD(type, name) { #name, offsetof(struct type, name), sizeof(((struct type *)0)->name) }

static const struct field query_fields[] = {
	FIELD(hv_rootctl_query, transport), FIELD(hv_rootctl_query, page_size),
	FIELD(hv_rootctl_query, partition_id), FIELD(hv_rootctl_query, privileges),
	FIELD(hv_rootctl_query, withdraw_batch), FIELD(hv_rootctl_query, deposit_batch),
	FIELD(hv_rootctl_query, map_batch), FIELD(hv_rootctl_query, access_batch),
	FIELD(hv_rootctl_query, pages_deposited), FIELD(hv_rootctl_query, pages_mapped),
	FIELD(hv_rootctl_query, pages_quarantined), FIELD(hv_rootctl_query, pages_withdrawn),
	FIELD(hv_rootctl_query, features), FIELD(hv_rootctl_query, write_gpa_form),
	FIELD(hv_rootctl_query, pages_held),
	FIELD(hv_rootctl_query, auto_deposits), FIELD(hv_rootctl_query, auto_deposited),
	{}
};

static const struct field create_fields[] = {
	FIELD(hv_rootctl_partition_create, hv_status),
	FIELD(hv_rootctl_partition_create, partition_id),
	RETRY_FIELDS(hv_rootctl_partition_create),
	{}
};

static const struct field partition_fields[] = {
	FIELD(hv_rootctl_partition, hv_status), RETRY_FIELDS(hv_rootctl_partition), {}
};

static const struct field next_fields[] = {
	FIELD(hv_rootctl_partition_next, hv_status), FIELD(hv_rootctl_partition_next, next_id), {}
};

static const struct field vp_fields[] = {
	FIELD(hv_rootctl_vp, hv_status), RETRY_FIELDS(hv_rootctl_vp), {}
};

static const struct field pool_fields[] = {
	FIELD(hv_rootctl_pool, hv_status), FIELD(hv_rootctl_pool, pages_done),
	FIELD(hv_rootctl_pool, page_count), FIELD(hv_rootctl_pool, hypercalls), {}
};

static const struct field balance_fields[] = {
	FIELD(hv_rootctl_balance, hv_status), FIELD(hv_rootctl_balance, pages_available),
	FIELD(hv_rootctl_balance, pages_in_use), {}
};

static const struct field map_fields[] = {
	FIELD(hv_rootctl_map, hv_status), FIELD(hv_rootctl_map, bytes_done),
	FIELD(hv_rootctl_map, length), FIELD(hv_rootctl_map, user_addr),
	RETRY_FIELDS(hv_rootctl_map), {}
};

static const struct field unmap_fields[] = {
	FIELD(hv_rootctl_unmap, hv_status), FIELD(hv_rootctl_unmap, bytes_done),
	FIELD(hv_rootctl_unmap, length), RETRY_FIELDS(hv_rootctl_unmap), {}
};

static const struct field access_fields[] = {
	FIELD(hv_rootctl_access, hv_status), FIELD(hv_rootctl_access, bytes_done),
	FIELD(hv_rootctl_access, length), FIELD(hv_rootctl_access, user_addr),
	FIELD(hv_rootctl_access, gpa), FIELD(hv_rootctl_access, fail_gpa),
	FIELD(hv_rootctl_access, access_result), {}
};

static const struct call {
	unsigned long request;
	const char *name;
	const struct field *fields;
	const char *asked; /* what done becomes by itself */
	const char *done;
} calls[] = {
	{ HV_ROOTCTL_QUERY, "query", query_fields, NULL, NULL },
	{ HV_ROOTCTL_PARTITION_CREATE, "create", create_fields, NULL, NULL },
	{ HV_ROOTCTL_PARTITION_INITIALIZE, "init", partition_fields, NULL, NULL },
	{ HV_ROOTCTL_PARTITION_FINALIZE, "finalize", partition_fields, NULL, NULL },
	{ HV_ROOTCTL_PARTITION_DELETE, "delete", partition_fields, NULL, NULL },
	{ HV_ROOTCTL_PARTITION_NEXT, "next", next_fields, NULL, NULL },
	{ HV_ROOTCTL_VP_CREATE, "vp-create", vp_fields, NULL, NULL },
	{ HV_ROOTCTL_VP_DELETE, "vp-delete", vp_fields, NULL, NULL },
	{ HV_ROOTCTL_DEPOSIT, "deposit", pool_fields, "page_count", "pages_done" },
	{ HV_ROOTCTL_WITHDRAW, "withdraw", pool_fields, "page_count", "pages_done" },
	{ HV_ROOTCTL_BALANCE, "balance", balance_fields, NULL, NULL },
	{ HV_ROOTCTL_MAP, "map", map_fields, "length", "bytes_done" },
	{ HV_ROOTCTL_UNMAP, "unmap", unmap_fields, "length", "bytes_done" },
	{ HV_ROOTCTL_READ_GPA, "read", access_fields, "length", "bytes_done" },
	{ HV_ROOTCTL_WRITE_GPA, "write", access_fields, "length", "bytes_done" },
};

static void die(const char *what, const char *which)
{
	fprintf(stderr, "mock kernel: %s: %s\n", what, which);
	_exit(99);
}

static const struct field *find_field(const struct call *call, const char *name)
{
	const struct field *field;

	for (field = call->fields; field->name; field++) {
		if (!strcmp(field->name, name))
			return field;
	}
	return NULL;
}

static u64 get_field(const struct call *call, const u8 *arg, const char *name)
{
	const struct field *field = find_field(call, name);
	u64 value = 0;

	if (!field)
		die("no such field", name);
	memcpy(&value, arg + field->offset, field->size);
	return value;
}

static void set_field(const struct call *call, u8 *arg, const char *name, u64 value)
{
	const struct field *field = find_field(call, name);

	if (!field)
		die("no such field", name);
	memcpy(arg + field->offset, &value, field->size);
}

static void log_bytes(FILE *log, const u8 *bytes, size_t length)
{
	fputc(' ', log);
	while (length--)
		fprintf(log, "%02x", *bytes++);
}

static void write_log(const struct call *call, const u8 *arg)
{
	const struct field *user = find_field(call, "user_addr");
	const char *path = getenv("HVCTL_MOCK_LOG");
	u8 copy[128] = {};
	u64 length;
	FILE *log;
	u32 size;

	if (!path)
		return;
	log = fopen(path, "a");
	if (!log)
		die("cannot append to", path);
	memcpy(&size, arg, sizeof(size));
	if (size > sizeof(copy))
		die("structure too long", call->name);
	memcpy(copy, arg, size);
	if (user)
		memset(copy + user->offset, 0, user->size);
	fprintf(log, "%s", call->name);
	log_bytes(log, copy, size);
	if (user && call->request != HV_ROOTCTL_READ_GPA) {
		length = get_field(call, arg, "length");
		if (length > USER_BYTES_LOGGED)
			length = USER_BYTES_LOGGED;
		log_bytes(log, (const u8 *)(uintptr_t)get_field(call, arg, "user_addr"), length);
	}
	fputc('\n', log);
	fclose(log);
}

static void write_memory(const struct call *call, const u8 *arg)
{
	const char *path = getenv("HVCTL_MOCK_DATA");
	FILE *data;

	if (!path)
		return;
	data = fopen(path, "a");
	if (!data)
		die("cannot append to", path);
	fwrite((void *)(uintptr_t)get_field(call, arg, "user_addr"), 1,
	       get_field(call, arg, "bytes_done"), data);
	fclose(data);
}

static int fill = -1;

/* The memory of the mock's partitions: byte N holds N mod 251, or fill. */
static void read_memory(const struct call *call, const u8 *arg)
{
	u8 *to = (u8 *)(uintptr_t)get_field(call, arg, "user_addr");
	u64 done = get_field(call, arg, "bytes_done");
	u64 gpa = get_field(call, arg, "gpa");

	for (; done--; gpa++)
		*to++ = fill < 0 ? gpa % 251 : (u64)fill;
}

static const char *next_line(void)
{
	static char line[256];
	static FILE *script;
	const char *path = getenv("HVCTL_MOCK_SCRIPT");

	if (!path)
		return NULL;
	if (!script)
		script = fopen(path, "re");
	if (!script)
		die("cannot open", path);
	if (!fgets(line, sizeof(line), script))
		return "";
	return line;
}

static int answer(const struct call *call, u8 *arg)
{
	const char *line = next_line();
	char words[256] = "", *word, *value, *rest;
	int err = 0;

	if (line) {
		snprintf(words, sizeof(words), "%s", line);
		word = strtok_r(words, "\n ", &rest);
		if (!word || strcmp(word, call->name))
			die("not expected", call->name);
	}
	if (find_field(call, "hv_status"))
		set_field(call, arg, "hv_status", HV_STATUS_SUCCESS);
	if (call->done)
		set_field(call, arg, call->done, get_field(call, arg, call->asked));
	while (line && (word = strtok_r(NULL, "\n ", &rest))) {
		value = strchr(word, '=');
		if (!value)
			die("no value", word);
		*value++ = '\0';
		if (!strcmp(word, "errno"))
			err = strtoul(value, NULL, 0);
		else if (!strcmp(word, "signal"))
			raise(strtoul(value, NULL, 0));
		else if (!strcmp(word, "fill"))
			fill = strtoul(value, NULL, 0);
		else
			set_field(call, arg, word, strtoull(value, NULL, 0));
	}
	return err;
}

int hvctl_ioctl(int fd, unsigned long request, void *arg)
{
	const struct call *call = calls, *const end = calls + sizeof(calls) / sizeof(*calls);
	int err;

	(void)fd;
	while (call < end && call->request != request)
		call++;
	if (call == end)
		die("unknown ioctl", "");
	write_log(call, arg);
	err = answer(call, arg);
	if (request == HV_ROOTCTL_READ_GPA)
		read_memory(call, arg);
	if (request == HV_ROOTCTL_WRITE_GPA)
		write_memory(call, arg);
	if (!err)
		return 0;
	errno = err;
	return -1;
}
