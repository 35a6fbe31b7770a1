// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counted strings for ported drivers.
 *
 * Case and character sets: letters of ASCII and Latin-1 have cases, and ANSI is Latin-1. Windows
 * has tables for the rest, and a code page, neither of which the kernel has at hand.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include <wdmdma/ex.h>
#include <wdmdma/string.h>

#define WD_STRING_TAG 0x72747357U

static size_t wd_wcslen(PCWSTR text, size_t most)
{
	size_t n = 0;

	while (n < most && text[n])
		n++;
	return n;
}

/**
 * wdmdma_rtl_init_ansi_string() - make a counted string of a terminated one
 * @string: the string; it uses @text, which must stay
 * @text: zero-terminated, or NULL for an empty string
 *
 * Context: Any IRQL. DDI: RtlInitAnsiString, RtlInitString
 */
void wdmdma_rtl_init_ansi_string(PANSI_STRING string, PCSTR text)
{
	size_t bytes = text ? strnlen(text, U16_MAX - 1) : 0;

	string->Length = bytes;
	string->MaximumLength = text ? bytes + 1 : 0;
	string->Buffer = (PCHAR)text;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_init_ansi_string, WDMDMA);

/**
 * wdmdma_rtl_init_unicode_string() - make a counted string of a terminated one
 * @string: the string; it uses @text, which must stay
 * @text: zero-terminated, or NULL for an empty string
 *
 * Context: Any IRQL. DDI: RtlInitUnicodeString
 */
void wdmdma_rtl_init_unicode_string(PUNICODE_STRING string, PCWSTR text)
{
	size_t chars = text ? wd_wcslen(text, UNICODE_STRING_MAX_CHARS - 1) : 0;

	string->Length = chars * sizeof(WCHAR);
	string->MaximumLength = text ? string->Length + sizeof(WCHAR) : 0;
	string->Buffer = (PWSTR)text;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_init_unicode_string, WDMDMA);

/**
 * wdmdma_rtl_copy_string() - copy as much of a string as there is room for
 * @to: string with a buffer
 * @from: what to copy; NULL for nothing
 *
 * Context: Any IRQL. DDI: RtlCopyString
 */
void wdmdma_rtl_copy_string(PSTRING to, const STRING *from)
{
	to->Length = from ? min(from->Length, to->MaximumLength) : 0;
	if (to->Length)
		memmove(to->Buffer, from->Buffer, to->Length);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_copy_string, WDMDMA);

static void wd_terminate(PUNICODE_STRING string)
{
	if (string->Length + sizeof(WCHAR) <= string->MaximumLength)
		string->Buffer[string->Length / sizeof(WCHAR)] = 0;
}

/**
 * wdmdma_rtl_copy_unicode_string() - copy as much of a string as there is room for
 * @to: string with a buffer; terminated if there is room
 * @from: what to copy; NULL for nothing
 *
 * Context: Any IRQL. DDI: RtlCopyUnicodeString
 */
void wdmdma_rtl_copy_unicode_string(PUNICODE_STRING to, PCUNICODE_STRING from)
{
	to->Length = from ? min(from->Length, to->MaximumLength) : 0;
	if (to->Length)
		memmove(to->Buffer, from->Buffer, to->Length);
	wd_terminate(to);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_copy_unicode_string, WDMDMA);

/**
 * wdmdma_rtl_append_unicode_string_to_string() - put a string behind another
 * @to: string with a buffer; terminated if there is room
 * @from: what to append
 *
 * Context: Any IRQL.
 * Return: STATUS_SUCCESS; STATUS_BUFFER_TOO_SMALL, and @to as it was.
 *	   DDI: RtlAppendUnicodeStringToString
 */
NTSTATUS wdmdma_rtl_append_unicode_string_to_string(PUNICODE_STRING to, PCUNICODE_STRING from)
{
	if (from->Length > to->MaximumLength - to->Length)
		return STATUS_BUFFER_TOO_SMALL;
	memmove((char *)to->Buffer + to->Length, from->Buffer, from->Length);
	to->Length += from->Length;
	wd_terminate(to);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_append_unicode_string_to_string, WDMDMA);

/**
 * wdmdma_rtl_append_unicode_to_string() - put a terminated string behind a counted one
 * @to: string with a buffer; terminated if there is room
 * @text: what to append; NULL for nothing
 *
 * Context: Any IRQL.
 * Return: STATUS_SUCCESS; STATUS_BUFFER_TOO_SMALL, and @to as it was.
 *	   DDI: RtlAppendUnicodeToString
 */
NTSTATUS wdmdma_rtl_append_unicode_to_string(PUNICODE_STRING to, PCWSTR text)
{
	UNICODE_STRING from;

	wdmdma_rtl_init_unicode_string(&from, text);
	return wdmdma_rtl_append_unicode_string_to_string(to, &from);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_append_unicode_to_string, WDMDMA);

/**
 * wdmdma_rtl_upcase_unicode_char() - the upper case of a letter
 * @c: the letter
 *
 * Context: Any IRQL.
 * Return: The upper-case letter for ASCII and Latin-1, else @c. DDI: RtlUpcaseUnicodeChar
 */
WCHAR wdmdma_rtl_upcase_unicode_char(WCHAR c)
{
	if (c >= 'a' && c <= 'z')
		return c - 0x20;
	if (c >= 0xe0 && c <= 0xfe && c != 0xf7)
		return c - 0x20;
	return c == 0xff ? 0x178 : c;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_upcase_unicode_char, WDMDMA);

static int wd_compare_chars(WCHAR a, WCHAR b, BOOLEAN ignore_case)
{
	if (ignore_case) {
		a = wdmdma_rtl_upcase_unicode_char(a);
		b = wdmdma_rtl_upcase_unicode_char(b);
	}
	return (int)a - b;
}

/**
 * wdmdma_rtl_compare_string() - which of two strings comes first
 * @a: one
 * @b: the other
 * @ignore_case: TRUE if upper and lower case are the same
 *
 * Context: Any IRQL.
 * Return: Below 0 if @a does, 0 if they are equal, above 0 if @b does.
 *	   DDI: RtlCompareString, RtlEqualString
 */
LONG wdmdma_rtl_compare_string(const STRING *a, const STRING *b, BOOLEAN ignore_case)
{
	unsigned int i, n = min(a->Length, b->Length);

	for (i = 0; i < n; i++) {
		int order = wd_compare_chars((UCHAR)a->Buffer[i], (UCHAR)b->Buffer[i], ignore_case);

		if (order)
			return order;
	}
	return (LONG)a->Length - b->Length;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_compare_string, WDMDMA);

/**
 * wdmdma_rtl_compare_unicode_string() - which of two strings comes first
 * @a: one
 * @b: the other
 * @ignore_case: TRUE if upper and lower case are the same
 *
 * Context: Any IRQL (Windows: PASSIVE_LEVEL).
 * Return: Below 0 if @a does, 0 if they are equal, above 0 if @b does.
 *	   DDI: RtlCompareUnicodeString, RtlEqualUnicodeString
 */
LONG wdmdma_rtl_compare_unicode_string(PCUNICODE_STRING a, PCUNICODE_STRING b,
				       BOOLEAN ignore_case)
{
	unsigned int i, n = min(a->Length, b->Length) / sizeof(WCHAR);

	for (i = 0; i < n; i++) {
		int order = wd_compare_chars(a->Buffer[i], b->Buffer[i], ignore_case);

		if (order)
			return order;
	}
	return (LONG)a->Length - b->Length;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_compare_unicode_string, WDMDMA);

/**
 * wdmdma_rtl_prefix_unicode_string() - does a string begin with another?
 * @prefix: the other
 * @string: the string
 * @ignore_case: TRUE if upper and lower case are the same
 *
 * Context: Any IRQL (Windows: PASSIVE_LEVEL).
 * Return: TRUE if so. DDI: RtlPrefixUnicodeString
 */
BOOLEAN wdmdma_rtl_prefix_unicode_string(PCUNICODE_STRING prefix, PCUNICODE_STRING string,
					 BOOLEAN ignore_case)
{
	UNICODE_STRING begin = *string;

	if (prefix->Length > string->Length)
		return FALSE;
	begin.Length = prefix->Length;
	return !wdmdma_rtl_compare_unicode_string(prefix, &begin, ignore_case);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_prefix_unicode_string, WDMDMA);

/* Room for @bytes: what there is, or new. The two kinds of strings are laid out alike. */
static NTSTATUS wd_string_room(PUNICODE_STRING to, size_t bytes, BOOLEAN allocate)
{
	if (bytes > UNICODE_STRING_MAX_BYTES)
		return STATUS_INVALID_PARAMETER_2;
	if (!allocate)
		return bytes <= to->MaximumLength ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
	to->Buffer = ExAllocatePoolZero(PagedPool, bytes, WD_STRING_TAG);
	to->MaximumLength = to->Buffer ? bytes : 0;
	return to->Buffer ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/**
 * wdmdma_rtl_ansi_string_to_unicode_string() - convert from Latin-1
 * @to: where to; terminated
 * @from: what
 * @allocate: TRUE to allocate @to's buffer, which RtlFreeUnicodeString frees
 *
 * Context: <= DISPATCH_LEVEL (Windows: PASSIVE_LEVEL).
 * Return: STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW without room, STATUS_NO_MEMORY,
 *	   STATUS_INVALID_PARAMETER_2 for a string too long. DDI: RtlAnsiStringToUnicodeString
 */
NTSTATUS wdmdma_rtl_ansi_string_to_unicode_string(PUNICODE_STRING to, const STRING *from,
						  BOOLEAN allocate)
{
	NTSTATUS status = wd_string_room(to, (from->Length + 1) * sizeof(WCHAR), allocate);
	unsigned int i;

	if (status != STATUS_SUCCESS)
		return status;
	for (i = 0; i < from->Length; i++)
		to->Buffer[i] = (UCHAR)from->Buffer[i];
	to->Buffer[i] = 0;
	to->Length = from->Length * sizeof(WCHAR);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_ansi_string_to_unicode_string, WDMDMA);

/**
 * wdmdma_rtl_unicode_string_to_ansi_string() - convert to Latin-1
 * @to: where to; terminated
 * @from: what; a question mark stands for each character that Latin-1 has not
 * @allocate: TRUE to allocate @to's buffer, which RtlFreeAnsiString frees
 *
 * Context: <= DISPATCH_LEVEL (Windows: PASSIVE_LEVEL).
 * Return: STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW without room, STATUS_NO_MEMORY.
 *	   DDI: RtlUnicodeStringToAnsiString
 */
NTSTATUS wdmdma_rtl_unicode_string_to_ansi_string(PANSI_STRING to, PCUNICODE_STRING from,
						  BOOLEAN allocate)
{
	unsigned int i, chars = from->Length / sizeof(WCHAR);
	NTSTATUS status = wd_string_room((PUNICODE_STRING)to, chars + 1, allocate);

	if (status != STATUS_SUCCESS)
		return status;
	for (i = 0; i < chars; i++)
		to->Buffer[i] = from->Buffer[i] < 0x100 ? from->Buffer[i] : '?';
	to->Buffer[i] = 0;
	to->Length = chars;
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_unicode_string_to_ansi_string, WDMDMA);

/**
 * wdmdma_rtl_free_unicode_string() - free a buffer that a conversion allocated
 * @string: the string; it is empty afterwards
 *
 * Context: <= DISPATCH_LEVEL (Windows: PASSIVE_LEVEL).
 * DDI: RtlFreeUnicodeString, RtlFreeAnsiString
 */
void wdmdma_rtl_free_unicode_string(PUNICODE_STRING string)
{
	if (string->Buffer)
		ExFreePool(string->Buffer);
	memset(string, 0, sizeof(*string));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_free_unicode_string, WDMDMA);

static bool wd_base_is_valid(ULONG base)
{
	return base == 2 || base == 8 || base == 10 || base == 16;
}

/**
 * wdmdma_rtl_integer_to_unicode_string() - write a number
 * @value: the number
 * @base: 2, 8, 10 or 16; 0 for 10
 * @string: string with a buffer; terminated if there is room
 *
 * Context: Any IRQL (Windows: PASSIVE_LEVEL).
 * Return: STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW without room, STATUS_INVALID_PARAMETER for a
 *	   base there is not. DDI: RtlIntegerToUnicodeString
 */
NTSTATUS wdmdma_rtl_integer_to_unicode_string(ULONG value, ULONG base, PUNICODE_STRING string)
{
	WCHAR digits[32];
	UNICODE_STRING number;
	unsigned int first = ARRAY_SIZE(digits);

	base = base ? : 10;
	if (!wd_base_is_valid(base))
		return STATUS_INVALID_PARAMETER;
	do {
		digits[--first] = "0123456789ABCDEF"[value % base];
		value /= base;
	} while (value);
	number.Buffer = &digits[first];
	number.Length = (ARRAY_SIZE(digits) - first) * sizeof(WCHAR);
	number.MaximumLength = number.Length;
	if (number.Length > string->MaximumLength)
		return STATUS_BUFFER_OVERFLOW;
	wdmdma_rtl_copy_unicode_string(string, &number);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_integer_to_unicode_string, WDMDMA);

static unsigned int wd_digit(WCHAR c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

static ULONG wd_prefix_base(WCHAR c)
{
	switch (c) {
	case 'x':
		return 16;
	case 'o':
		return 8;
	case 'b':
		return 2;
	}
	return 0;
}

/**
 * wdmdma_rtl_unicode_string_to_integer() - read a number
 * @string: blanks, a sign, digits; what follows them is ignored
 * @base: 2, 8, 10 or 16; 0 to go by a prefix 0x, 0o or 0b, else 10
 * @value: where to put the number; without digits it is 0
 *
 * Context: Any IRQL (Windows: PASSIVE_LEVEL).
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER for a base there is not.
 *	   DDI: RtlUnicodeStringToInteger
 */
NTSTATUS wdmdma_rtl_unicode_string_to_integer(PCUNICODE_STRING string, ULONG base, PULONG value)
{
	PCWSTR c = string->Buffer, end = c + string->Length / sizeof(WCHAR);
	bool negative = false;
	ULONG number = 0;

	while (c < end && *c <= ' ')
		c++;
	if (c < end && (*c == '-' || *c == '+'))
		negative = *c++ == '-';
	if (!base) {
		base = 10;
		if (end - c > 1 && *c == '0' && wd_prefix_base(c[1])) {
			base = wd_prefix_base(c[1]);
			c += 2;
		}
	}
	if (!wd_base_is_valid(base))
		return STATUS_INVALID_PARAMETER;
	for (; c < end && wd_digit(*c) < base; c++)
		number = number * base + wd_digit(*c);
	*value = negative ? 0 - number : number;
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_rtl_unicode_string_to_integer, WDMDMA);
