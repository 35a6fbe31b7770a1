/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Zero-terminated strings with a bound. Cb counts bytes, Cch characters, both with the
 * zero. What does not fit is cut, terminated and answered by STATUS_BUFFER_OVERFLOW, a
 * warning, so NT_SUCCESS() is false; a size of 0 or above STRSAFE_MAX_CCH characters is
 * STATUS_INVALID_PARAMETER and nothing is written.
 *
 * Windows takes the plain names for CHAR or WCHAR as UNICODE is defined; drivers write A
 * or W. Formats are Windows', see dbg.h.
 */
#ifndef WDMDMA_STRSAFE_H
#define WDMDMA_STRSAFE_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>

#define STRSAFE_MAX_CCH 2147483647
#define NTSTRSAFE_MAX_CCH STRSAFE_MAX_CCH
#define NTSTRSAFE_UNICODE_STRING_MAX_CCH 32767

typedef PSTR NTSTRSAFE_PSTR;
typedef PCSTR NTSTRSAFE_PCSTR;
typedef PWSTR NTSTRSAFE_PWSTR;
typedef PCWSTR NTSTRSAFE_PCWSTR;

#ifdef __cplusplus
extern "C" {
#endif

/* Sizes and counts in characters. Documented in wdmdma/strsafe.c. */
NTSTATUS wdmdma_rtl_string_length_a(PCSTR text, SIZE_T max_chars, PSIZE_T chars);
NTSTATUS wdmdma_rtl_string_length_w(PCWSTR text, SIZE_T max_chars, PSIZE_T chars);
NTSTATUS wdmdma_rtl_string_copy_a(PSTR to, SIZE_T to_chars, PCSTR from, SIZE_T from_chars);
NTSTATUS wdmdma_rtl_string_copy_w(PWSTR to, SIZE_T to_chars, PCWSTR from, SIZE_T from_chars);
NTSTATUS wdmdma_rtl_string_cat_a(PSTR to, SIZE_T to_chars, PCSTR from, SIZE_T from_chars);
NTSTATUS wdmdma_rtl_string_cat_w(PWSTR to, SIZE_T to_chars, PCWSTR from, SIZE_T from_chars);
NTSTATUS wdmdma_rtl_string_printf_a(PSTR to, SIZE_T to_chars, PCSTR format, ...);
NTSTATUS wdmdma_rtl_string_vprintf_a(PSTR to, SIZE_T to_chars, PCSTR format,
				     __builtin_va_list args);

#ifdef __cplusplus
}
#endif

/* Characters of CHAR are bytes */
#define RtlStringCchLengthA wdmdma_rtl_string_length_a
#define RtlStringCbLengthA wdmdma_rtl_string_length_a
#define RtlStringCchLengthW wdmdma_rtl_string_length_w
#define RtlStringCchCopyA(to, chars, from) \
	wdmdma_rtl_string_copy_a((to), (chars), (from), STRSAFE_MAX_CCH)
#define RtlStringCbCopyA RtlStringCchCopyA
#define RtlStringCchCopyNA wdmdma_rtl_string_copy_a
#define RtlStringCbCopyNA wdmdma_rtl_string_copy_a
#define RtlStringCchCatA(to, chars, from) \
	wdmdma_rtl_string_cat_a((to), (chars), (from), STRSAFE_MAX_CCH)
#define RtlStringCbCatA RtlStringCchCatA
#define RtlStringCchCatNA wdmdma_rtl_string_cat_a
#define RtlStringCbCatNA wdmdma_rtl_string_cat_a
#define RtlStringCchPrintfA wdmdma_rtl_string_printf_a
#define RtlStringCbPrintfA wdmdma_rtl_string_printf_a
#define RtlStringCchVPrintfA wdmdma_rtl_string_vprintf_a
#define RtlStringCbVPrintfA wdmdma_rtl_string_vprintf_a

#define RtlStringCchCopyW(to, chars, from) \
	wdmdma_rtl_string_copy_w((to), (chars), (from), STRSAFE_MAX_CCH)
#define RtlStringCbCopyW(to, bytes, from) \
	wdmdma_rtl_string_copy_w((to), (bytes) / sizeof(WCHAR), (from), STRSAFE_MAX_CCH)
#define RtlStringCchCopyNW wdmdma_rtl_string_copy_w
#define RtlStringCbCopyNW(to, bytes, from, from_bytes) \
	wdmdma_rtl_string_copy_w((to), (bytes) / sizeof(WCHAR), (from), \
				 (from_bytes) / sizeof(WCHAR))
#define RtlStringCchCatW(to, chars, from) \
	wdmdma_rtl_string_cat_w((to), (chars), (from), STRSAFE_MAX_CCH)
#define RtlStringCbCatW(to, bytes, from) \
	wdmdma_rtl_string_cat_w((to), (bytes) / sizeof(WCHAR), (from), STRSAFE_MAX_CCH)

/* The length comes out in bytes */
static inline NTSTATUS RtlStringCbLengthW(PCWSTR text, SIZE_T max_bytes, PSIZE_T bytes)
{
	NTSTATUS status = wdmdma_rtl_string_length_w(text, max_bytes / sizeof(WCHAR), bytes);

	if (bytes)
		*bytes *= sizeof(WCHAR);
	return status;
}

#endif /* WDMDMA_STRSAFE_H */
