// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounded zero-terminated strings for ported drivers: sizes are characters, with the zero, and what
 * does not fit is cut and terminated.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/stdarg.h>
#include <linux/string.h>

#include <wdmdma/strsafe.h>

#include "runtime.h"

static bool wd_size_is_valid(SIZE_T chars)
{
	return chars && chars <= STRSAFE_MAX_CCH;
}

/* Copy up to @from_chars characters of @width bytes, or up to a zero, and terminate. */
static NTSTATUS wd_string_copy(void *to, SIZE_T to_chars, const void *from, SIZE_T from_chars,
			       SIZE_T width)
{
	bool cut = from_chars >= to_chars;
	SIZE_T chars = cut ? to_chars - 1 : from_chars;

	memcpy(to, from, chars * width);
	memset(to + chars * width, 0, width);
	return cut ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static SIZE_T wd_length_w(PCWSTR text, SIZE_T most)
{
	SIZE_T chars = 0;

	while (chars < most && text[chars])
		chars++;
	return chars;
}

/**
 * wdmdma_rtl_string_length_a() - length of a string, if it ends in time
 * @text: the string
 * @max_chars: most characters it may have, with the zero
 * @chars: NULL, or where to put the length without it; 0 if the call fails
 *
 * Context: Any IRQL (Windows: PASSIVE_LEVEL, as of all of these).
 * Return: STATUS_SUCCESS or STATUS_INVALID_PARAMETER. DDI: RtlStringCchLengthA
 */
NTSTATUS wdmdma_rtl_string_length_a(PCSTR text, SIZE_T max_chars, PSIZE_T chars)
{
	bool valid = text && max_chars <= STRSAFE_MAX_CCH;
	SIZE_T length = valid ? strnlen(text, max_chars) : 0;

	valid = valid && length < max_chars;
	if (chars)
		*chars = valid ? length : 0;
	return valid ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_string_length_a, WDMDMA);

/**
 * wdmdma_rtl_string_length_w() - length of a string, if it ends in time
 * @text: the string
 * @max_chars: most characters it may have, with the zero
 * @chars: NULL, or where to put the length without it; 0 if the call fails
 *
 * Context: Any IRQL.
 * Return: STATUS_SUCCESS or STATUS_INVALID_PARAMETER. DDI: RtlStringCchLengthW
 */
NTSTATUS wdmdma_rtl_string_length_w(PCWSTR text, SIZE_T max_chars, PSIZE_T chars)
{
	bool valid = text && max_chars <= STRSAFE_MAX_CCH;
	SIZE_T length = valid ? wd_length_w(text, max_chars) : 0;

	valid = valid && length < max_chars;
	if (chars)
		*chars = valid ? length : 0;
	return valid ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_string_length_w, WDMDMA);

/**
 * wdmdma_rtl_string_copy_a() - copy a string
 * @to: where to
 * @to_chars: room there, with the zero
 * @from: what
 * @from_chars: most characters to copy, without a zero
 *
 * Context: Any IRQL.
 * Return: STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW if it was cut; STATUS_INVALID_PARAMETER for
 *	   sizes that are 0 or too large. DDI: RtlStringCchCopyA, RtlStringCchCopyNA
 */
NTSTATUS wdmdma_rtl_string_copy_a(PSTR to, SIZE_T to_chars, PCSTR from, SIZE_T from_chars)
{
	if (!wd_size_is_valid(to_chars) || from_chars > STRSAFE_MAX_CCH)
		return STATUS_INVALID_PARAMETER;
	/* More than there is room for need not be looked at. */
	return wd_string_copy(to, to_chars, from, strnlen(from, min(from_chars, to_chars)), 1);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_string_copy_a, WDMDMA);

/**
 * wdmdma_rtl_string_copy_w() - copy a string
 * @to: where to
 * @to_chars: room there, with the zero
 * @from: what
 * @from_chars: most characters to copy, without a zero
 *
 * Context: Any IRQL.
 * Return: As wdmdma_rtl_string_copy_a(). DDI: RtlStringCchCopyW, RtlStringCchCopyNW
 */
NTSTATUS wdmdma_rtl_string_copy_w(PWSTR to, SIZE_T to_chars, PCWSTR from, SIZE_T from_chars)
{
	if (!wd_size_is_valid(to_chars) || from_chars > STRSAFE_MAX_CCH)
		return STATUS_INVALID_PARAMETER;
	return wd_string_copy(to, to_chars, from, wd_length_w(from, min(from_chars, to_chars)),
			      sizeof(WCHAR));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_string_copy_w, WDMDMA);

/**
 * wdmdma_rtl_string_cat_a() - put a string behind another
 * @to: the other
 * @to_chars: room there, with the zero
 * @from: what to append
 * @from_chars: most characters of it
 *
 * Context: Any IRQL.
 * Return: As wdmdma_rtl_string_copy_a(); STATUS_INVALID_PARAMETER also if @to does not end in
 *	   time. DDI: RtlStringCchCatA, RtlStringCchCatNA
 */
NTSTATUS wdmdma_rtl_string_cat_a(PSTR to, SIZE_T to_chars, PCSTR from, SIZE_T from_chars)
{
	SIZE_T length;

	if (wdmdma_rtl_string_length_a(to, to_chars, &length) != STATUS_SUCCESS)
		return STATUS_INVALID_PARAMETER;
	return wdmdma_rtl_string_copy_a(to + length, to_chars - length, from, from_chars);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_string_cat_a, WDMDMA);

/**
 * wdmdma_rtl_string_cat_w() - put a string behind another
 * @to: the other
 * @to_chars: room there, with the zero
 * @from: what to append
 * @from_chars: most characters of it
 *
 * Context: Any IRQL.
 * Return: As wdmdma_rtl_string_cat_a(). DDI: RtlStringCchCatW
 */
NTSTATUS wdmdma_rtl_string_cat_w(PWSTR to, SIZE_T to_chars, PCWSTR from, SIZE_T from_chars)
{
	SIZE_T length;

	if (wdmdma_rtl_string_length_w(to, to_chars, &length) != STATUS_SUCCESS)
		return STATUS_INVALID_PARAMETER;
	return wdmdma_rtl_string_copy_w(to + length, to_chars - length, from, from_chars);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_string_cat_w, WDMDMA);

/**
 * wdmdma_rtl_string_vprintf_a() - print into a string
 * @to: where to
 * @to_chars: room there, with the zero
 * @format: as printf() takes it on Windows, at most 256 bytes; see wdmdma_dbg_print_ex()
 * @args: its arguments
 *
 * Context: Any IRQL.
 * Return: As wdmdma_rtl_string_copy_a(). DDI: RtlStringCchVPrintfA
 */
NTSTATUS wdmdma_rtl_string_vprintf_a(PSTR to, SIZE_T to_chars, PCSTR format,
				     __builtin_va_list args)
{
	if (!wd_size_is_valid(to_chars))
		return STATUS_INVALID_PARAMETER;
	return wd_vsnprintf(to, to_chars, format, args) < (int)to_chars ? STATUS_SUCCESS :
									   STATUS_BUFFER_OVERFLOW;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_string_vprintf_a, WDMDMA);

/**
 * wdmdma_rtl_string_printf_a() - print into a string
 * @to: where to
 * @to_chars: room there, with the zero
 * @format: as printf() takes it on Windows, at most 256 bytes; see wdmdma_dbg_print_ex()
 *
 * Context: Any IRQL.
 * Return: As wdmdma_rtl_string_copy_a(). DDI: RtlStringCchPrintfA
 */
NTSTATUS wdmdma_rtl_string_printf_a(PSTR to, SIZE_T to_chars, PCSTR format, ...)
{
	NTSTATUS status;
	va_list args;

	va_start(args, format);
	status = wdmdma_rtl_string_vprintf_a(to, to_chars, format, args);
	va_end(args);
	return status;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_string_printf_a, WDMDMA);
