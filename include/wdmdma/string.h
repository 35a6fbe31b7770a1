/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counted strings. Lengths are bytes, without the zero at the end, which need not be
 * there. L"..." needs the kernel's -fshort-wchar.
 */
#ifndef WDMDMA_STRING_H
#define WDMDMA_STRING_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>

typedef struct _STRING {
	USHORT Length;
	USHORT MaximumLength;
	PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING, OEM_STRING, *POEM_STRING;

typedef const struct _STRING *PCSTRING, *PCANSI_STRING;

typedef struct _UNICODE_STRING {
	USHORT Length;
	USHORT MaximumLength;
	PWSTR Buffer;
} UNICODE_STRING, *PUNICODE_STRING;

typedef const struct _UNICODE_STRING *PCUNICODE_STRING;

#define UNICODE_NULL ((WCHAR)0)
#define ANSI_NULL ((CHAR)0)
#define UNICODE_STRING_MAX_BYTES 65534
#define UNICODE_STRING_MAX_CHARS 32767

#define RTL_CONSTANT_STRING(text) { sizeof(text) - sizeof((text)[0]), sizeof(text), (text) }
#define DECLARE_CONST_UNICODE_STRING(var, text) \
	const WCHAR var##_buffer[] = text; \
	const UNICODE_STRING var = { sizeof(text) - sizeof(WCHAR), sizeof(text), \
				     (PWSTR)var##_buffer }
#define DECLARE_UNICODE_STRING_SIZE(var, chars) \
	WCHAR var##_buffer[chars]; \
	UNICODE_STRING var = { 0, (chars) * sizeof(WCHAR), var##_buffer }

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/string.c */
void wdmdma_rtl_init_ansi_string(PANSI_STRING string, PCSTR text);
void wdmdma_rtl_init_unicode_string(PUNICODE_STRING string, PCWSTR text);
void wdmdma_rtl_copy_string(PSTRING to, const STRING *from);
void wdmdma_rtl_copy_unicode_string(PUNICODE_STRING to, PCUNICODE_STRING from);
NTSTATUS wdmdma_rtl_append_unicode_string_to_string(PUNICODE_STRING to, PCUNICODE_STRING from);
NTSTATUS wdmdma_rtl_append_unicode_to_string(PUNICODE_STRING to, PCWSTR text);
LONG wdmdma_rtl_compare_string(const STRING *a, const STRING *b, BOOLEAN ignore_case);
LONG wdmdma_rtl_compare_unicode_string(PCUNICODE_STRING a, PCUNICODE_STRING b,
				       BOOLEAN ignore_case);
BOOLEAN wdmdma_rtl_prefix_unicode_string(PCUNICODE_STRING prefix, PCUNICODE_STRING string,
					 BOOLEAN ignore_case);
WCHAR wdmdma_rtl_upcase_unicode_char(WCHAR c);
NTSTATUS wdmdma_rtl_ansi_string_to_unicode_string(PUNICODE_STRING to, const STRING *from,
						  BOOLEAN allocate);
NTSTATUS wdmdma_rtl_unicode_string_to_ansi_string(PANSI_STRING to, PCUNICODE_STRING from,
						  BOOLEAN allocate);
void wdmdma_rtl_free_unicode_string(PUNICODE_STRING string);
NTSTATUS wdmdma_rtl_integer_to_unicode_string(ULONG value, ULONG base, PUNICODE_STRING string);
NTSTATUS wdmdma_rtl_unicode_string_to_integer(PCUNICODE_STRING string, ULONG base, PULONG value);

#ifdef __cplusplus
}
#endif

#define RtlInitString wdmdma_rtl_init_ansi_string
#define RtlInitAnsiString wdmdma_rtl_init_ansi_string
#define RtlInitUnicodeString wdmdma_rtl_init_unicode_string
#define RtlCopyString wdmdma_rtl_copy_string
#define RtlCopyUnicodeString wdmdma_rtl_copy_unicode_string
#define RtlAppendUnicodeStringToString wdmdma_rtl_append_unicode_string_to_string
#define RtlAppendUnicodeToString wdmdma_rtl_append_unicode_to_string
#define RtlCompareString wdmdma_rtl_compare_string
#define RtlEqualString(a, b, ignore_case) \
	((BOOLEAN)(wdmdma_rtl_compare_string((a), (b), (ignore_case)) == 0))
#define RtlCompareUnicodeString wdmdma_rtl_compare_unicode_string
#define RtlEqualUnicodeString(a, b, ignore_case) \
	((BOOLEAN)(wdmdma_rtl_compare_unicode_string((a), (b), (ignore_case)) == 0))
#define RtlPrefixUnicodeString wdmdma_rtl_prefix_unicode_string
#define RtlUpcaseUnicodeChar wdmdma_rtl_upcase_unicode_char
#define RtlAnsiStringToUnicodeString wdmdma_rtl_ansi_string_to_unicode_string
#define RtlUnicodeStringToAnsiString wdmdma_rtl_unicode_string_to_ansi_string
#define RtlFreeUnicodeString wdmdma_rtl_free_unicode_string
#define RtlFreeAnsiString(string) wdmdma_rtl_free_unicode_string((PUNICODE_STRING)(string))
#define RtlIntegerToUnicodeString wdmdma_rtl_integer_to_unicode_string
#define RtlUnicodeStringToInteger wdmdma_rtl_unicode_string_to_integer

/**
 * RtlInitEmptyUnicodeString() - an empty string over a buffer
 * @string: the string
 * @buffer: its memory
 * @bytes: the memory's length
 *
 * Context: Any IRQL. DDI: RtlInitEmptyUnicodeString
 */
static inline VOID RtlInitEmptyUnicodeString(PUNICODE_STRING string, PWSTR buffer, USHORT bytes)
{
	string->Length = 0;
	string->MaximumLength = bytes;
	string->Buffer = buffer;
}

/**
 * RtlInitEmptyAnsiString() - an empty string over a buffer
 * @string: the string
 * @buffer: its memory
 * @bytes: the memory's length
 *
 * Context: Any IRQL. DDI: RtlInitEmptyAnsiString
 */
static inline VOID RtlInitEmptyAnsiString(PANSI_STRING string, PCHAR buffer, USHORT bytes)
{
	string->Length = 0;
	string->MaximumLength = bytes;
	string->Buffer = buffer;
}

#endif /* WDMDMA_STRING_H */
