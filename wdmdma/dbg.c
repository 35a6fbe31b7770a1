// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug output, and Windows' formats in Linux's words.
 */
#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <wdmdma/dbg.h>
#include <wdmdma/status.h>

#include "runtime.h"

/* Longest format DbgPrint translates, in bytes; what is longer is cut */
#define WD_FORMAT_BYTES 256

/*
 * Writes Linux's form of the conversion that follows a '%' to @to (7 bytes and no end)
 * and returns how much of @from that was; *@to_bytes is how much was written. Only the
 * size and the letter: flags, width and precision mean the same on both sides.
 */
static size_t wd_translate_conversion(char *to, size_t *to_bytes, const char *from)
{
	const char *start = from;
	const char *size = "";
	bool wide = false;
	char letter;

	if (!strncmp(from, "I64", 3) || !strncmp(from, "I32", 3)) {
		size = from[1] == '6' ? "ll" : "";
		from += 3;
	} else if (!strncmp(from, "ll", 2) || !strncmp(from, "hh", 2)) {
		size = from[0] == 'l' ? "ll" : "hh";
		from += 2;
	} else if (*from && strchr("Iztjhlw", *from)) {
		wide = *from == 'l' || *from == 'w';
		size = *from == 'h' ? "h" : wide ? "" : "z";
		from++;
	}

	letter = *from;
	if (!letter)
		letter = '%';
	else if (letter == 's' && wide)
		letter = 'p';
	else if (strchr("SZn", letter))
		letter = 'p';
	else if (letter == 'C')
		letter = 'c';
	else if (!strchr("diouxXcsp", letter))
		letter = '%';
	if (strchr("psc%", letter))
		size = "";

	/* Letters right behind %p would ask printk() for one of its own formats */
	*to_bytes = scnprintf(to, 8, "%s%c%s", size, letter,
			      letter == 'p' && isalnum(from[1]) ? " " : "");
	return from - start + (*from ? 1 : 0);
}

/*
 * Windows' format @from in Linux's words. LONG and its `l` have 32 bits there; wide
 * strings come out as pointers, and what the kernel's printf() has not, which is floating
 * point, as a percent sign that takes no argument.
 */
static void wd_translate_format(char *to, size_t to_bytes, const char *from)
{
	char *end = to + to_bytes - 1;
	size_t prefix, conversion;

	while (*from && to < end) {
		if (*from != '%') {
			*to++ = *from++;
			continue;
		}
		prefix = 1 + strspn(from + 1, "-+ #0123456789.*");
		/* Never half a conversion: the arguments would be taken for others */
		if (to + prefix + 8 > end)
			break;
		memcpy(to, from, prefix);
		to += prefix;
		from += prefix;
		from += wd_translate_conversion(to, &conversion, from);
		to += conversion;
	}
	*to = '\0';
}

/* The text is the driver's own, so nothing is put before it */
static void wd_log(ULONG level, struct va_format *text)
{
	switch (level) {
	case DPFLTR_ERROR_LEVEL:
		pr_err("%pV", text);
		break;
	case DPFLTR_WARNING_LEVEL:
		pr_warn("%pV", text);
		break;
	default:
		pr_info("%pV", text);
	}
}

/**
 * wd_vsnprintf() - print into a string by a format of Windows'
 * @to: where to
 * @bytes: room there, not 0
 * @format: at most 256 bytes
 * @args: its arguments
 *
 * Context: Any.
 * Return: Bytes that all of it takes, without the zero.
 */
int wd_vsnprintf(char *to, size_t bytes, const char *format, va_list args)
{
	char translated[WD_FORMAT_BYTES];

	wd_translate_format(translated, sizeof(translated), format);
	return vsnprintf(to, bytes, translated, args);
}

/**
 * wdmdma_vdbg_print_ex() - write to the kernel log
 * @component: ignored
 * @level: DPFLTR_ERROR_LEVEL, DPFLTR_WARNING_LEVEL or something less important
 * @format: as printf() takes it on Windows, at most 256 bytes
 * @args: its arguments
 *
 * Context: Any IRQL.
 * Return: STATUS_SUCCESS. DDI: vDbgPrintEx
 */
ULONG wdmdma_vdbg_print_ex(ULONG component, ULONG level, const char *format,
			   __builtin_va_list args)
{
	char translated[WD_FORMAT_BYTES];
	struct va_format vaf = { .fmt = translated };
	va_list copy;

	wd_translate_format(translated, sizeof(translated), format);
	va_copy(copy, args);
	vaf.va = &copy;
	wd_log(level, &vaf);
	va_end(copy);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_vdbg_print_ex, WDMDMA);

/**
 * wdmdma_dbg_print_ex() - write to the kernel log
 * @component: ignored
 * @level: DPFLTR_ERROR_LEVEL, DPFLTR_WARNING_LEVEL or something less important
 * @format: as printf() takes it on Windows, at most 256 bytes
 *
 * Context: Any IRQL.
 * Return: STATUS_SUCCESS. DDI: DbgPrint, DbgPrintEx
 */
ULONG wdmdma_dbg_print_ex(ULONG component, ULONG level, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	wdmdma_vdbg_print_ex(component, level, format, args);
	va_end(args);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_dbg_print_ex, WDMDMA);

/**
 * wdmdma_dbg_break_point() - say where a break point was reached, and go on
 *
 * Once: there is no debugger to stop in.
 *
 * Context: Any IRQL. DDI: DbgBreakPoint, DbgBreakPointWithStatus
 */
void wdmdma_dbg_break_point(void)
{
	WARN_ONCE(1, "wdmdma: DbgBreakPoint() reached\n");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_dbg_break_point, WDMDMA);

/**
 * wdmdma_ke_bug_check_ex() - stop the machine
 * @code: why
 * @p1: first parameter
 * @p2: second parameter
 * @p3: third parameter
 * @p4: fourth parameter
 *
 * Context: Any IRQL.
 * Return: Not at all. DDI: KeBugCheckEx, KeBugCheck
 */
void __noreturn wdmdma_ke_bug_check_ex(ULONG code, ULONG_PTR p1, ULONG_PTR p2, ULONG_PTR p3,
				       ULONG_PTR p4)
{
	panic("wdmdma: bug check 0x%08X (0x%lx, 0x%lx, 0x%lx, 0x%lx) by a driver", code, p1, p2, p3,
	      p4);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_bug_check_ex, WDMDMA);
