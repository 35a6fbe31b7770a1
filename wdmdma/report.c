// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports of misuse. A report never changes the result of a call: what a call refuses or tolerates
 * is decided where it is made. Printing is rate-limited, counting is not.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/ratelimit.h>

#include <wdmdma/types.h>
#include <wdmdma/io.h>
#include <wdmdma/dma.h>
#include <wdmdma/wdmdma.h>

#include "report.h"

#define WD_WINDOWS_CODES	0x27	/* 0x00..0x26 */
#define WD_OWN_CODES		0x40	/* 0x100..0x13F */

static atomic64_t wd_report_counts[WD_WINDOWS_CODES + WD_OWN_CODES];

static atomic64_t *wd_report_counter(u32 code)
{
	if (code < WD_WINDOWS_CODES)
		return &wd_report_counts[code];
	if (code >= 0x100 && code < 0x100 + WD_OWN_CODES)
		return &wd_report_counts[WD_WINDOWS_CODES + code - 0x100];
	return NULL;
}

/**
 * wd_report() - report one misuse
 * @code: enum wd_report_code
 * @dev: the device concerned; NULL when not known
 * @routine: Windows' name of the routine that was misused
 * @fmt: what was wrong, printf style, without a newline
 *
 * Context: Any.
 */
void wd_report(u32 code, struct device *dev, const char *routine, const char *fmt, ...)
{
	static DEFINE_RATELIMIT_STATE(limit, 5 * HZ, 50);
	atomic64_t *counter = wd_report_counter(code);
	struct va_format vaf;
	va_list args;

	if (counter)
		atomic64_inc(counter);
	if (!__ratelimit(&limit))
		return;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_warn("wdmdma: %s: %s: %pV (code 0x%02X)\n", routine,
		dev ? dev_name(dev) : "unknown device", &vaf, code);
	va_end(args);
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
	atomic64_t *counter = wd_report_counter(code);

	return counter ? atomic64_read(counter) : 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_report_count, WDMDMA);
