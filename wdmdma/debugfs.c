// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/debug/wdmdma: its directory, and the file that shows the records of misuse. Those of
 * the adapters are in adapter_file.c.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/stackdepot.h>
#include <linux/stacktrace.h>

#include "debugfs.h"
#include "record.h"
#include "verifier.h"

struct dentry *wd_debugfs;
struct dentry *wd_debugfs_adapters;

/**
 * wd_debugfs_show_stack() - show where something was made
 * @file: where to; a line each frame, with a tab before it
 * @stack: of wd_stack(); 0 = not known
 */
void wd_debugfs_show_stack(struct seq_file *file, u32 stack)
{
	unsigned long *frames;
	unsigned int nr_frames, i;

	if (!IS_ENABLED(CONFIG_STACKDEPOT) || !stack)
		return;
	nr_frames = stack_depot_fetch(stack, &frames);
	for (i = 0; i < nr_frames; i++)
		seq_printf(file, "\t%pS\n", (void *)frames[i]);
}

static void wd_violation_show(struct seq_file *file, const struct wd_record *record)
{
	static const char * const contexts[] = { "task", "softirq", "hardirq" };
	static const char * const actions[] = { "logged", "logged", "failed", "panic" };
	char params[3][WD_PARAM_TEXT];
	const char *bug_check;
	u32 code = wd_record_name(record->code, &bug_check);

	wd_record_params(record, params);
	seq_printf(file, "seq=%llu time=%llu.%06llu class=%s code=0x%02X p2=%s p3=%s p4=%s",
		   record->sequence, record->time_ns / NSEC_PER_SEC,
		   record->time_ns % NSEC_PER_SEC / NSEC_PER_USEC, bug_check, code, params[0],
		   params[1], params[2]);
	seq_printf(file, " routine=%s adapter=%llu dev=%s driver=%s",
		   record->routine, record->adapter_id, record->device, record->driver);
	if (record->kind)
		seq_printf(file, " object=%s:%p last=%s", record->kind, record->object,
			   record->last ?: "-");
	seq_printf(file, " cpu=%d pid=%d context=%s action=%s caller=\"%s\" text=\"%s\"\n",
		   record->cpu, record->pid, contexts[record->context],
		   record->is_detail ? "detail" : actions[record->action],
		   record->caller_name, record->text);
	wd_debugfs_show_stack(file, record->stack);
	if (record->freed)
		seq_puts(file, "    released:\n");
	wd_debugfs_show_stack(file, record->freed);
}

static int wd_violations_show(struct seq_file *file, void *unused)
{
	struct wd_record *record = kmalloc(sizeof(*record), GFP_KERNEL);
	u64 sequence = 0;

	if (!record)
		return -ENOMEM;
	for (; wd_record_get(sequence, record); sequence = record->sequence)
		wd_violation_show(file, record);
	kfree(record);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(wd_violations);

/**
 * wd_debugfs_init() - make the directory
 *
 * A kernel without debugfs loads the module all the same.
 */
void __init wd_debugfs_init(void)
{
	wd_debugfs = debugfs_create_dir("wdmdma", NULL);
	wd_debugfs_adapters = debugfs_create_dir("adapters", wd_debugfs);
	debugfs_create_file("violations", 0400, wd_debugfs, NULL, &wd_violations_fops);
}

/**
 * wd_debugfs_exit() - remove it, with all that is in it
 */
void wd_debugfs_exit(void)
{
	debugfs_remove(wd_debugfs);
}
