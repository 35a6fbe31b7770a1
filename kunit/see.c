// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a user sees (see.h). A test has no memory of a process to read into, so it reads as splice()
 * does.
 */
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/trace.h>
#include <linux/trace_events.h>
#include <linux/uio.h>

#include "../wdmdma/internal.h"
#include "see.h"

#define WK_TEXT_BYTES	SZ_512K
#define WK_INSTANCE	"wdmdma_kunit"

static struct trace_array *wk_trace_array;

ssize_t wk_read_seq(struct file *file, char *text, size_t bytes)
{
	struct kvec vec = { .iov_base = text, .iov_len = bytes };
	struct iov_iter iter;
	struct kiocb kiocb;

	init_sync_kiocb(&kiocb, file);
	kiocb.ki_pos = file->f_pos;
	iov_iter_kvec(&iter, ITER_DEST, &vec, 1, bytes);
	return seq_read_iter(&kiocb, &iter);
}

static void wk_free_text(void *text)
{
	kvfree(text);
}

char *wk_read_file(struct kunit *test, const char *path, long *error)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	char *text = kvzalloc(WK_TEXT_BYTES, GFP_KERNEL);
	size_t done = 0;
	ssize_t count;

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, wk_free_text, text), 0);
	*error = PTR_ERR_OR_ZERO(file);
	if (*error)
		return NULL;
	do {
		count = wk_read_seq(file, text + done, WK_TEXT_BYTES - 1 - done);
		if (count > 0) {
			done += count;
			file->f_pos += count;
		}
	} while (count > 0);
	filp_close(file, NULL);
	*error = count;
	KUNIT_EXPECT_LT_MSG(test, done, WK_TEXT_BYTES - 1, "%s is longer", path);
	return count ? NULL : text;
}

u64 wk_adapter_id(PDMA_ADAPTER adapter)
{
	return container_of(adapter, struct wd_adapter, public)->id;
}

char *wk_adapter_file(struct kunit *test, u64 id)
{
	char path[64], *text;
	long error;

	snprintf(path, sizeof(path), "/sys/kernel/debug/wdmdma/adapters/%llu", id);
	text = wk_read_file(test, path, &error);
	KUNIT_ASSERT_EQ_MSG(test, error, 0, "%s", path);
	return text;
}

/* The number that a word is; U64_MAX if it is none */
static u64 wk_number(const char *text)
{
	char word[24];
	u64 number;

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(text, "\n "), text);
	return kstrtoull(word, 0, &number) ? U64_MAX : number;
}

/* The rest of the line that begins with @start */
static const char *wk_find_line(const char *text, const char *start)
{
	size_t bytes = strlen(start);

	while (text && strncmp(text, start, bytes)) {
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return text ? text + bytes : NULL;
}

u64 wk_file_number(struct kunit *test, const char *text, const char *key)
{
	char start[64];
	const char *number;

	snprintf(start, sizeof(start), "%s: ", key);
	number = wk_find_line(text, start);
	KUNIT_EXPECT_NOT_NULL_MSG(test, number, "no %s", key);
	return number ? wk_number(number) : U64_MAX;
}

void wk_expect_number(struct kunit *test, u64 id, const char *key, u64 value)
{
	KUNIT_EXPECT_EQ_MSG(test, wk_file_number(test, wk_adapter_file(test, id), key), value, "%s",
			    key);
}

bool wk_file_has(const char *text, const char *line)
{
	const char *rest = wk_find_line(text, line);

	return rest && *rest == '\n';
}

int wk_trace_begin(void)
{
	wk_trace_array = trace_array_get_by_name(WK_INSTANCE, NULL);
	if (!wk_trace_array)
		return -ENOMEM;
	return trace_array_set_clr_event(wk_trace_array, "wdmdma", NULL, true);
}

void wk_trace_end(void)
{
	trace_array_set_clr_event(wk_trace_array, "wdmdma", NULL, false);
	trace_array_put(wk_trace_array);
	trace_array_destroy(wk_trace_array);
}

void wk_trace_enable(struct kunit *test, bool on)
{
	KUNIT_ASSERT_EQ(test, trace_array_set_clr_event(wk_trace_array, "wdmdma", NULL, on), 0);
}

int wk_init_traced(struct kunit *test)
{
	int ret = wk_trace_begin();

	return ret ? : wk_init(test);
}

void wk_exit_traced(struct kunit *test)
{
	wk_exit(test);
	wk_trace_end();
}

char *wk_trace(struct kunit *test)
{
	char *text;
	long error;

	text = wk_read_file(test, "/sys/kernel/debug/tracing/instances/" WK_INSTANCE "/trace",
			    &error);
	KUNIT_ASSERT_EQ(test, error, 0);
	return text;
}

/* The fields of the next line of an event, with a space before and behind each; or NULL */
static const char *wk_trace_next(const char **trace, const char *event, u64 adapter,
				 char line[400])
{
	const char *end;
	char start[64];

	snprintf(start, sizeof(start), ": %s: adapter=%llu ", event, adapter);
	*trace = strstr(*trace, start);
	if (!*trace)
		return NULL;
	end = strchrnul(*trace, '\n');
	/* From the space in front of the adapter on */
	snprintf(line, 400, "%.*s ", (int)(end - *trace - strlen(event) - 3),
		 *trace + strlen(event) + 3);
	*trace = end;
	return line;
}

unsigned int wk_trace_count(const char *trace, const char *event, u64 adapter, const char *fields)
{
	unsigned int count = 0;
	char line[400], part[200];

	snprintf(part, sizeof(part), " %s ", fields);
	while (wk_trace_next(&trace, event, adapter, line))
		count += !*fields || strstr(line, part);
	return count;
}

u64 wk_trace_sum(const char *trace, const char *event, u64 adapter, const char *field)
{
	char line[400], start[40];
	const char *found;
	u64 sum = 0;

	snprintf(start, sizeof(start), " %s=", field);
	while (wk_trace_next(&trace, event, adapter, line)) {
		found = strstr(line, start);
		if (found)
			sum += wk_number(found + strlen(start));
	}
	return sum;
}
