// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports of misuse. A report never changes the result of a call, unless the verifier is told so:
 * what a call refuses or tolerates is decided where it is made. Counting and recording are always
 * done; what the log gets is limited.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/stackdepot.h>
#include <linux/stacktrace.h>
#include <linux/timekeeping.h>

#include "record.h"
#include "trace.h"
#include "verifier.h"

#define WD_LOGGED_BITS	10

static atomic64_t wd_report_counts[WD_NR_CODES];

static DEFINE_RAW_SPINLOCK(wd_records_lock);
static struct wd_record wd_records[WD_RECORDS];		/* lock; by sequence modulo WD_RECORDS */
static u64 wd_last_sequence;				/* lock; 0: none yet */
static unsigned long wd_logged[1 << WD_LOGGED_BITS];	/* lock; call sites, by their hash */

/**
 * wd_report_code() - the code that an index of what counts codes stands for
 * @index: below WD_NR_CODES
 */
u32 wd_report_code(u32 index)
{
	return index < WD_WINDOWS_CODES ? index : 0x100 + index - WD_WINDOWS_CODES;
}

/* ... and the index of a code; -1 for none. */
static int wd_code_index(u32 code)
{
	if (code < WD_WINDOWS_CODES)
		return code;
	if (code >= 0x100 && code < 0x100 + WD_OWN_CODES)
		return WD_WINDOWS_CODES + code - 0x100;
	return -1;
}

/* The driver's call: the first return address behind wdmdma's own, which these are among. */
static unsigned long wd_caller(void)
{
	unsigned long frames[16];
	unsigned int nr_frames, i = 0;

	if (!IS_ENABLED(CONFIG_STACKTRACE))
		return 0;
	nr_frames = stack_trace_save(frames, ARRAY_SIZE(frames), 0);
	while (i < nr_frames && !within_module(frames[i], THIS_MODULE))
		i++;
	while (i < nr_frames && within_module(frames[i], THIS_MODULE))
		i++;
	return i < nr_frames ? frames[i] : 0;
}

static enum wd_context wd_context(void)
{
	if (in_hardirq() || in_nmi())
		return WD_CONTEXT_HARDIRQ;
	return in_serving_softirq() ? WD_CONTEXT_SOFTIRQ : WD_CONTEXT_TASK;
}

static void wd_record_fill(struct wd_record *record, const struct wd_violation *violation)
{
	struct wd_adapter *adapter = violation->adapter;
	struct device *dev = adapter ? adapter->host : violation->dev;

	memset(record, 0, sizeof(*record));
	record->time_ns = ktime_get_mono_fast_ns();
	record->code = violation->code;
	memcpy(record->params, violation->params, sizeof(record->params));
	record->routine = violation->routine;
	record->adapter_id = adapter ? adapter->id : 0;
	strscpy(record->device, dev ? dev_name(dev) : "-", sizeof(record->device));
	strscpy(record->driver, dev && dev->driver ? dev_driver_string(dev) : "-",
		sizeof(record->driver));
	record->kind = violation->kind;
	record->object = violation->object;
	record->last = violation->last;
	record->stack = violation->stack;
	record->freed = violation->freed;
	record->caller = wd_caller();
	scnprintf(record->caller_name, sizeof(record->caller_name), "%pS", (void *)record->caller);
	record->cpu = raw_smp_processor_id();
	record->pid = in_task() ? task_pid_nr(current) : 0;
	record->context = wd_context();
	record->is_detail = violation->is_detail;
	record->action = wd_verifier_level() ? wd_verifier_action() : WD_ACTION_LOG_ONCE;
}

/* Is this the first report of its code from its call site, as far as is remembered? */
static bool wd_is_first(const struct wd_record *record)
{
	unsigned long site = (record->caller ?: (unsigned long)record->routine) ^
			     hash_long(record->code + 1, BITS_PER_LONG);
	unsigned long *slot = &wd_logged[hash_long(site, WD_LOGGED_BITS)];
	bool first = *slot != site;

	*slot = site;
	return first;
}

/* Numbers the record and puts it into the ring; returns whether the log gets it. */
static bool wd_record_keep(struct wd_record *record, struct wd_adapter *adapter, int index)
{
	unsigned long flags;
	bool log;

	raw_spin_lock_irqsave(&wd_records_lock, flags);
	record->sequence = ++wd_last_sequence;
	wd_records[record->sequence % WD_RECORDS] = *record;
	log = !record->is_detail &&
	      (wd_is_first(record) || record->action != WD_ACTION_LOG_ONCE);
	if (adapter && index >= 0 && !record->is_detail)
		adapter->violations[index]++;
	raw_spin_unlock_irqrestore(&wd_records_lock, flags);
	return log;
}

/**
 * wd_record_get() - the oldest record after one
 * @sequence: of that one; 0 = the oldest of all
 * @record: filled
 *
 * Context: Any but NMI.
 * Return: false if there is none.
 */
bool wd_record_get(u64 sequence, struct wd_record *record)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&wd_records_lock, flags);
	if (wd_last_sequence > WD_RECORDS)
		sequence = max(sequence, wd_last_sequence - WD_RECORDS);
	found = sequence < wd_last_sequence;
	if (found)
		*record = wd_records[(sequence + 1) % WD_RECORDS];
	raw_spin_unlock_irqrestore(&wd_records_lock, flags);
	return found;
}

/**
 * wd_record_name() - bug check and code of a report
 * @code: enum wd_report_code
 * @bug_check: receives the name of the bug check
 *
 * Return: the code of that bug check; wdmdma's own where that is "own".
 */
u32 wd_record_name(u32 code, const char **bug_check)
{
	*bug_check = "0x1DC";
	switch (code) {
	case WD_REPORT_VECTOR_IRQL:
		return 1;
	case WD_REPORT_VECTOR_INDEX:
		return 3;
	case WD_REPORT_VECTOR_ELEMENT:
		return 4;
	case WD_REPORT_VECTOR_LEFT:
		return 5;
	}
	*bug_check = code < WD_WINDOWS_CODES ? "0xE6" : "own";
	return code;
}

static int wd_param_print(char *text, size_t bytes, const struct wd_param *param)
{
	if (param->is_pointer && param->value)
		return scnprintf(text, bytes, "%p", (void *)(unsigned long)param->value);
	return scnprintf(text, bytes, "0x%llX", param->value);
}

/**
 * wd_record_params() - parameters 2, 3 and 4 as text
 * @record: the record
 * @text: receives three strings
 */
void wd_record_params(const struct wd_record *record, char text[3][WD_PARAM_TEXT])
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(record->params); i++)
		wd_param_print(text[i], WD_PARAM_TEXT, &record->params[i]);
}

static void wd_record_log(const struct wd_record *record)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 50);
	char params[3][WD_PARAM_TEXT];
	const char *bug_check;
	u32 code;

	if (!__ratelimit(&limit) && record->action != WD_ACTION_PANIC)
		return;
	code = wd_record_name(record->code, &bug_check);
	wd_record_params(record, params);
	pr_warn("wdmdma verifier: %s code 0x%02X (%s,%s,%s) %s adapter %llu dev %s caller %s: %s\n",
		bug_check, code, params[0], params[1], params[2], record->routine,
		record->adapter_id, record->device, record->caller_name, record->text);
}

/**
 * wd_violate() - report one misuse
 * @violation: what happened, to what
 * @fmt: what was wrong, printf style, without a newline
 *
 * Context: Any.
 * Return: whether the call is to fail because of it, if it is one that can.
 */
bool wd_violate(const struct wd_violation *violation, const char *fmt, ...)
{
	int index = wd_code_index(violation->code);
	struct wd_violation known = *violation;
	struct wd_record record;
	va_list args;

	if (known.is_stale)
		wd_dead_find(&known);
	wd_record_fill(&record, &known);
	va_start(args, fmt);
	vscnprintf(record.text, sizeof(record.text), fmt, args);
	va_end(args);

	if (index >= 0 && !record.is_detail)
		atomic64_inc(&wd_report_counts[index]);
	if (wd_record_keep(&record, violation->adapter, index))
		wd_record_log(&record);
	if (record.is_detail)
		return false;
	trace_wdmdma_violation(&record);
	if (record.action == WD_ACTION_PANIC)
		panic("wdmdma: DRIVER_VERIFIER_DMA_VIOLATION, code 0x%02X", record.code);
	return record.action == WD_ACTION_FAIL;
}

/**
 * wdmdma_report_count() - how often a misuse has been reported since the module was loaded
 * @code: bug check 0xE6 code, or 0x100 and up for wdmdma's own
 *
 * Context: Any.
 * Return: the number of reports; 0 for a code that does not exist.
 */
u64 wdmdma_report_count(u32 code)
{
	int index = wd_code_index(code);

	return index < 0 ? 0 : atomic64_read(&wd_report_counts[index]);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_report_count, WDMDMA);

/**
 * wdmdma_get_violation() - the oldest record of a misuse after one
 * @sequence: of that one; 0 = the oldest there is
 * @violation: filled
 *
 * Context: Any but NMI.
 * Return: 0; -ENOENT if there is none; -EINVAL without @violation.
 */
int wdmdma_get_violation(u64 sequence, struct wdmdma_violation *violation)
{
	struct wd_record record;
	unsigned int i;

	if (!violation)
		return -EINVAL;
	if (!wd_record_get(sequence, &record))
		return -ENOENT;
	memset(violation, 0, sizeof(*violation));
	violation->sequence = record.sequence;
	violation->code = record.code;
	for (i = 0; i < ARRAY_SIZE(record.params); i++)
		violation->params[i] = record.params[i].value;
	strscpy(violation->routine, record.routine, sizeof(violation->routine));
	violation->adapter = record.adapter_id;
	violation->caller = record.caller;
	violation->has_stack = record.stack;
	violation->was_freed = record.freed;
	violation->is_detail = record.is_detail;
	if (record.kind)
		strscpy(violation->object, record.kind, sizeof(violation->object));
	return 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_get_violation, WDMDMA);
