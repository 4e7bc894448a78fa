// SPDX-License-Identifier: GPL-2.0
/*
 * --json: one object on standard output, whatever comes of the command. What a
 * command tells is collected here and printed by quit(). All functions but
 * answer_begin() do nothing unless that was called.
 */
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "tool.h"

static struct json_object *object;
static struct json_object *list; /* in it, the one that is being filled */

void answer_begin(void)
{
	if (!object)
		object = json_object_new_object();
}

bool answer_on(void)
{
	return object;
}

void answer_drop(void)
{
	json_object_put(object);
	object = NULL;
	list = NULL;
}

static void add_number(struct json_object *to, const char *key, u64 value)
{
	json_object_object_add(to, key, json_object_new_uint64(value));
}

/* How many bytes a character of UTF-8 has, 0 when @at begins none. */
static size_t utf8_length(const u8 *at)
{
	static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t length, i;
	u32 code;

	if (*at < 0x80)
		return 1;
	length = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
	if (*at < 0xc0 || *at >= 0xf8)
		return 0;
	code = *at & (0x7f >> length);
	for (i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (code < least[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	return length;
}

/* JSON is UTF-8; file names are any bytes. What is no character becomes "?". */
static struct json_object *new_text(const char *text)
{
	struct json_object *string;
	char *copy, *at;
	size_t length;

	copy = text ? strdup(text) : NULL;
	if (!copy)
		return NULL;
	for (at = copy; *at; at += length) {
		length = utf8_length((u8 *)at);
		if (!length) {
			*at = '?';
			length = 1;
		}
	}
	string = json_object_new_string(copy);
	free(copy);
	return string;
}

static void add_text(struct json_object *to, const char *key, const char *text)
{
	json_object_object_add(to, key, new_text(text));
}

void answer_number(const char *key, u64 value)
{
	if (object)
		add_number(object, key, value);
}

void answer_text(const char *key, const char *text)
{
	if (object)
		add_text(object, key, text);
}

void answer_bool(const char *key, bool value)
{
	if (object)
		json_object_object_add(object, key, json_object_new_boolean(value));
}

void answer_partition(const char *key, u64 id)
{
	if (id == HV_ROOTCTL_SELF)
		answer_text(key, "self");
	else
		answer_number(key, id);
}

void answer_list(const char *key)
{
	if (!object)
		return;
	list = json_object_new_array();
	json_object_object_add(object, key, list);
}

void answer_list_number(u64 value)
{
	if (list)
		json_object_array_add(list, json_object_new_uint64(value));
}

void answer_list_text(const char *text)
{
	if (list)
		json_object_array_add(list, new_text(text));
}

static void add_status(struct json_object *to, u32 status)
{
	if (status == HV_ROOTCTL_NO_STATUS)
		return;
	add_number(to, "status", status);
	add_text(to, "status_name", status <= 0xffff ? hv_status_name(status) : NULL);
}

void answer_list_status(u32 status)
{
	struct json_object *entry;

	if (!list)
		return;
	entry = json_object_new_object();
	add_status(entry, status);
	add_text(entry, "text", hv_status_text(status));
	json_object_array_add(list, entry);
}

/* @count bytes, as hex digits. */
void answer_hex(const char *key, const u8 *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	char *text, *at;

	if (!object)
		return;
	text = malloc(2 * count + 1);
	if (text) {
		for (at = text; count--; bytes++) {
			*at++ = digits[*bytes >> 4];
			*at++ = digits[*bytes & 15];
		}
		*at = '\0';
	}
	add_text(object, key, text);
	free(text);
}

/* Whose it is, how much was asked for and how much was done. */
void answer_job(const struct job *job)
{
	if (!object || !job->title[0])
		return;
	if (!json_object_object_get_ex(object, "partition", NULL) && !job->other)
		answer_partition("partition", job->partition_id);
	if (!job->unit)
		return;
	answer_number(job->unit, job->done);
	if (job->total)
		answer_number("requested", job->total);
	if (job->hypercalls)
		answer_number("hypercalls", job->hypercalls);
}

void answer_retry(const struct hvctl_result *r)
{
	const struct hv_rootctl_retry *retry = &r->retry;
	struct json_object *entry;

	if (!object || (!retry->deposit_limit && !retry->time_out_limit))
		return;
	entry = json_object_new_object();
	add_number(entry, "repeated", retry->repeated);
	add_number(entry, "pages_deposited", retry->pages_deposited);
	add_status(entry, retry->deposit_status);
	json_object_object_add(object, "retry", entry);
}

static void add_errno(struct json_object *to, int err)
{
	if (!err)
		return;
	add_number(to, "errno", err);
	add_text(to, "errno_name", strerrorname_np(err));
}

static struct json_object *error(const char *kind)
{
	struct json_object *entry = json_object_new_object();

	add_text(entry, "kind", kind);
	json_object_object_add(object, "error", entry);
	return entry;
}

/* Not of the device: bad usage (@err 0), or an errno of a file. */
void answer_message(const char *kind, const char *message, int err)
{
	struct json_object *entry;

	if (!object)
		return;
	entry = error(kind);
	add_text(entry, "message", message);
	add_errno(entry, err);
}

void answer_failure(const struct hvctl_result *r)
{
	static const char *const kinds[] = {
		[HVCTL_ERRNO] = "errno", [HVCTL_STATUS] = "status",
		[HVCTL_ACCESS] = "access", [HVCTL_MISCOUNT] = "miscount",
	};
	struct json_object *entry;

	if (!object)
		return;
	entry = error(kinds[r->outcome]);
	if (r->call) {
		add_text(entry, "call", hv_call_name(r->call));
		add_number(entry, "call_code", r->call);
	}
	add_status(entry, r->hv_status);
	add_errno(entry, r->err);
	if (r->err)
		add_text(entry, "message", errno_text(r));
	if (r->outcome == HVCTL_ACCESS) {
		add_number(entry, "access_result", r->access_result);
		add_text(entry, "access_name", hv_access_gpa_result_name(r->access_result));
	}
	/* The kernel writes it when there is a refusal, and only then. */
	if ((r->call == HVCALL_READ_GPA || r->call == HVCALL_WRITE_GPA) &&
	    (r->outcome == HVCTL_ACCESS || r->outcome == HVCTL_STATUS) &&
	    r->hv_status != HV_ROOTCTL_NO_STATUS)
		add_number(entry, "gpa", r->fail_gpa);
}

void answer_end(FILE *out, const char *command, int status)
{
	if (!object)
		return;
	answer_text("command", command);
	answer_bool("ok", status == EXIT_DONE);
	answer_number("exit_status", status);
	fprintf(out, "%s\n",
		json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
						       JSON_C_TO_STRING_NOSLASHESCAPE));
}
