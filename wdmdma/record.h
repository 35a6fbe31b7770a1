/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A record of a misuse, as the ring keeps it (report.c) and debugfs shows it (violations.c).
 */
#ifndef WDMDMA_RECORD_H
#define WDMDMA_RECORD_H

#include "report.h"

#define WD_RECORDS	256U
#define WD_PARAM_TEXT	20

enum wd_context {
	WD_CONTEXT_TASK,
	WD_CONTEXT_SOFTIRQ,
	WD_CONTEXT_HARDIRQ,
};

struct wd_record {
	u64 sequence;			/* counts all records, from 1 */
	u64 time_ns;			/* since boot, as in the log */
	u32 code;			/* enum wd_report_code */
	struct wd_param params[3];
	const char *routine;
	u64 adapter_id;			/* 0: none, or not known */
	char device[32];		/* names; "-" if not known */
	char driver[32];
	const char *kind;		/* of the object; NULL: none */
	const void *object;
	const char *last;		/* NULL: not known */
	u32 stack, freed;		/* 0: none */
	unsigned long caller;		/* in the driver; 0: not known */
	char caller_name[80];		/* ... as long as the driver is loaded */
	int cpu;
	int pid;			/* 0: none */
	enum wd_context context;
	unsigned int action;
	bool is_detail;
	char text[120];
};

bool wd_record_get(u64 sequence, struct wd_record *record);
u32 wd_record_name(u32 code, const char **bug_check);
u32 wd_report_code(u32 index);
void wd_record_params(const struct wd_record *record, char text[3][WD_PARAM_TEXT]);

#endif
