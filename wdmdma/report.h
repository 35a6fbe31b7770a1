/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One misuse, one report: a line in the log that names the routine, the device and what was wrong,
 * and a count per code. The codes are those of bug check 0xE6, parameter 1; 0x100 and up are ours.
 */
#ifndef WDMDMA_REPORT_H
#define WDMDMA_REPORT_H

#include <linux/types.h>

struct device;

enum wd_report_code {
	WD_REPORT_MISC			= 0x00,
	WD_REPORT_BUFFER_FREED		= 0x03,	/* too many common buffers freed */
	WD_REPORT_CHANNEL_FREED		= 0x04,
	WD_REPORT_REGS_FREED		= 0x05,
	WD_REPORT_LIST_FREED		= 0x06,
	WD_REPORT_BUFFERS_LEFT		= 0x07,	/* adapter released with ... */
	WD_REPORT_CHANNEL_LEFT		= 0x08,
	WD_REPORT_REGS_LEFT		= 0x09,
	WD_REPORT_LISTS_LEFT		= 0x0A,
	WD_REPORT_NOT_FLUSHED		= 0x0D,
	WD_REPORT_NOT_LOCKED		= 0x0E,	/* MDL not built or locked */
	WD_REPORT_FREED_MAPPED		= 0x10,
	WD_REPORT_IRQL			= 0x13,
	WD_REPORT_DEAD_ADAPTER		= 0x18,
	WD_REPORT_NULL_ADAPTER		= 0x19,
	WD_REPORT_NOT_IN_MDL		= 0x1B,
	WD_REPORT_ZERO_LENGTH		= 0x21,
	WD_REPORT_BUFFER_ARGUMENTS	= 0x100, /* FreeCommonBuffer differs from the allocation */
	WD_REPORT_ACTION		= 0x103, /* illegal AdapterControl return value */
	WD_REPORT_DOUBLE_WAIT		= 0x104,
	WD_REPORT_CONTEXT		= 0x105, /* not initialised, or in use */
	WD_REPORT_DEVICE_OBJECT		= 0x10C, /* unknown or still referenced DEVICE_OBJECT */
	WD_REPORT_OBJECT		= 0x10E, /* event, timer, work item, ... misused */
	WD_REPORT_VECTOR_INDEX		= 0x110, /* element out of range (bug check 0x1DC, 3) */
	WD_REPORT_VECTOR_ELEMENT	= 0x111, /* element freed before (bug check 0x1DC, 4) */
	WD_REPORT_VECTOR		= 0x112, /* no, or no longer a vector of the adapter */
	WD_REPORT_DOMAIN_LEFT		= 0x120, /* adapter released in a domain it has joined */
	WD_REPORT_MMU_LEFT		= 0x130, /* handles of the IOMMU interface never deleted */
};

__printf(4, 5)
void wd_report(u32 code, struct device *dev, const char *routine, const char *fmt, ...);

#endif
