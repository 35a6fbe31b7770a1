/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One misuse, one report: a count per code, a record in the ring that debugfs shows, and a line in
 * the log. The codes are those of bug check 0xE6, parameter 1; 0x100 and up are ours, some of which
 * stand for codes of bug check 0x1DC (report.c).
 */
#ifndef WDMDMA_REPORT_H
#define WDMDMA_REPORT_H

#include <linux/types.h>

struct device;
struct wd_adapter;

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
	WD_REPORT_CHANNELS_HELD		= 0x0B,	/* a second channel wanted */
	WD_REPORT_REGS_HELD		= 0x0C,	/* more than R registers in all wanted */
	WD_REPORT_NOT_FLUSHED		= 0x0D,
	WD_REPORT_NOT_LOCKED		= 0x0E,	/* MDL not built or locked */
	WD_REPORT_OVERRUN		= 0x0F,	/* write outside the buffer */
	WD_REPORT_FREED_MAPPED		= 0x10,
	WD_REPORT_IRQL			= 0x13,
	WD_REPORT_TOO_MANY_REGS		= 0x15,
	WD_REPORT_FLUSH_OTHER		= 0x16,	/* set has mappings, but not this one */
	WD_REPORT_DEAD_ADAPTER		= 0x18,
	WD_REPORT_NULL_ADAPTER		= 0x19,
	WD_REPORT_NOT_IN_MDL		= 0x1B,
	WD_REPORT_MAPPED_TWICE		= 0x1D,
	WD_REPORT_BAD_BUFFER		= 0x1F,
	WD_REPORT_FLUSH_NOTHING		= 0x20,	/* set has no mapping at all */
	WD_REPORT_ZERO_LENGTH		= 0x21,
	WD_REPORT_NO_SYSTEM_ADDRESS	= 0x22,
	WD_REPORT_FLUSH_RUNNING		= 0x23,
	WD_REPORT_TOO_SMALL		= 0x24,	/* buffer for the length */
	WD_REPORT_VERSION		= 0x25,
	WD_REPORT_IOMMU_FAULT		= 0x26,
	WD_REPORT_BUFFER_ARGUMENTS	= 0x100, /* FreeCommonBuffer differs from the allocation */
	WD_REPORT_TWO_MAPS		= 0x101, /* on a slave channel, without a flush */
	WD_REPORT_DIRECTION		= 0x102, /* of flush or put differs from the map's */
	WD_REPORT_ACTION		= 0x103, /* illegal AdapterControl return value */
	WD_REPORT_DOUBLE_WAIT		= 0x104,
	WD_REPORT_CONTEXT		= 0x105, /* not initialised, or in use */
	WD_REPORT_DOMAIN		= 0x106, /* misuse of a DMA domain */
	WD_REPORT_MDL_IN_USE		= 0x107, /* freed, unlocked or changed */
	WD_REPORT_LARGE_BUFFER		= 0x108, /* common buffer of more than R pages */
	WD_REPORT_CANCELLED_TWICE	= 0x109,
	WD_REPORT_LIST_CHANGED		= 0x10A, /* by the driver, before it was put */
	WD_REPORT_IMBALANCE		= 0x10B, /* a routine left with another IRQL */
	WD_REPORT_DEVICE_OBJECT		= 0x10C, /* unknown or still referenced DEVICE_OBJECT */
	WD_REPORT_OBJECT		= 0x10E, /* event, timer, work item, ... misused */
	WD_REPORT_NOTE			= 0x10F, /* without effect, but hardly meant */
	WD_REPORT_VECTOR_INDEX		= 0x110, /* element out of range (bug check 0x1DC, 3) */
	WD_REPORT_VECTOR_ELEMENT	= 0x111, /* element freed before (bug check 0x1DC, 4) */
	WD_REPORT_VECTOR		= 0x112, /* no, or no longer a vector of the adapter */
	WD_REPORT_VECTOR_IRQL		= 0x113, /* bug check 0x1DC, 1 */
	WD_REPORT_VECTOR_LEFT		= 0x114, /* bug check 0x1DC, 5 */
	WD_REPORT_DOMAIN_LEFT		= 0x120, /* a domain ended under one that had joined */
	WD_REPORT_MMU_LEFT		= 0x130, /* handles of the IOMMU interface never deleted */
	WD_REPORT_MMU_KEPT		= 0x131, /* the IOMMU did not unmap: no driver's mistake */
};

/* Parameter 2 of WD_REPORT_DOMAIN */
enum wd_domain_mistake {
	WD_DOMAIN_LEAVE_UNJOINED = 1,
	WD_DOMAIN_JOIN_BUSY,
	WD_DOMAIN_PUT_JOINED,
};

/* Parameter 2 of WD_REPORT_CONTEXT; 3 is the context */
enum wd_context_mistake {
	WD_CONTEXT_FINE,
	WD_CONTEXT_UNKNOWN,		/* not initialised for this adapter */
	WD_CONTEXT_REUSED,		/* a request waits with it */
	WD_CONTEXT_RENEWED,		/* ... and it is initialised again */
};

#define WD_WINDOWS_CODES	0x27	/* 0x00..0x26 */
#define WD_OWN_CODES		0x40	/* 0x100..0x13F */
#define WD_NR_CODES		(WD_WINDOWS_CODES + WD_OWN_CODES)

/* Parameter 2, 3 or 4 of a bug check; a pointer is shown as the kernel shows pointers. */
struct wd_param {
	u64 value;
	bool is_pointer;
};

#define WD_POINTER_CLASS 5	/* of __builtin_classify_type() */
#ifdef __CHECKER__
#define __builtin_classify_type(x) sizeof(x)	/* sparse does not know it */
#endif
#define WD_PARAM(x) { (u64)(x), __builtin_classify_type(x) == WD_POINTER_CLASS }

struct wd_violation {
	u32 code;			/* enum wd_report_code */
	const char *routine;		/* Windows' name of what was misused; a literal */
	struct wd_adapter *adapter;	/* NULL: none, or not known */
	struct device *dev;		/* ... then this, if known */
	struct wd_param params[3];
	const char *kind;		/* of the object concerned, a literal; NULL: none */
	const void *object;
	const char *last;		/* what was done with it last, a literal; NULL: not known */
	u32 stack;			/* where it was made (verifier.h) */
	u32 freed;			/* ... and released */
	bool is_stale;			/* last and the stacks are to be found by kind and object */
	bool is_detail;			/* of the misuse recorded next: not counted nor logged */
};

/* Reports; true if the call is to fail, should it be one that can (action 2 of the verifier). */
__printf(2, 3)
bool wd_violate(const struct wd_violation *violation, const char *fmt, ...);

#define wd_report(code_, dev_, routine_, ...)					\
	((void)wd_violate(&(const struct wd_violation){				\
		.code = (code_), .dev = (dev_), .routine = (routine_) }, __VA_ARGS__))

/* ... of an adapter, with parameters 2, 3 and 4 of the bug check */
#define wd_misuse(adapter_, code_, routine_, p2, p3, p4, ...)			\
	wd_violate(&(const struct wd_violation){				\
		.code = (code_), .adapter = (adapter_), .routine = (routine_),	\
		.params = { WD_PARAM(p2), WD_PARAM(p3), WD_PARAM(p4) } }, __VA_ARGS__)

/* ... with a handle of what has been released before, or never was */
#define wd_misuse_stale(adapter_, code_, routine_, kind_, handle_, p2, p3, p4, ...)	\
	wd_violate(&(const struct wd_violation){				\
		.code = (code_), .adapter = (adapter_), .routine = (routine_),	\
		.params = { WD_PARAM(p2), WD_PARAM(p3), WD_PARAM(p4) },		\
		.kind = (kind_), .object = (handle_), .is_stale = true }, __VA_ARGS__)

#endif
