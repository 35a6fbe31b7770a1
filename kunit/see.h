/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a user sees: the files in debugfs, and what the trace events leave in a trace buffer of the
 * test's own.
 */
#ifndef WDMDMA_KUNIT_SEE_H
#define WDMDMA_KUNIT_SEE_H

#include "fixture.h"

/* The text of a file; NULL if there is none, or if it cannot be read: @error then says why. */
char *wk_read_file(struct kunit *test, const char *path, long *error);

/* What read() gives of an open file that is a seq_file's, from its position on */
ssize_t wk_read_seq(struct file *file, char *text, size_t bytes);

/* The number of an adapter, as files and events name it */
u64 wk_adapter_id(PDMA_ADAPTER adapter);

/* The text of an adapter's file; asserted to exist */
char *wk_adapter_file(struct kunit *test, u64 id);
/* The number behind "@key: " in it; the test fails if there is no such line. */
u64 wk_file_number(struct kunit *test, const char *text, const char *key);
/* Fails the test unless an adapter's file says so now. */
void wk_expect_number(struct kunit *test, u64 id, const char *key, u64 value);
/* Is there exactly this line? */
bool wk_file_has(const char *text, const char *line);

/* Init and exit functions of a suite whose tests are traced. Others may be used instead of ... */
int wk_init_traced(struct kunit *test);
void wk_exit_traced(struct kunit *test);
/* ... wk_init() and wk_exit() between these. */
int wk_trace_begin(void);
void wk_trace_end(void);
void wk_trace_enable(struct kunit *test, bool on);

/* The events so far */
char *wk_trace(struct kunit *test);
/* How many lines of @event an adapter (0: none) has that contain all of " @fields " */
unsigned int wk_trace_count(const char *trace, const char *event, u64 adapter, const char *fields);
/* The sum of a field of theirs */
u64 wk_trace_sum(const char *trace, const char *event, u64 adapter, const char *field);

#endif
