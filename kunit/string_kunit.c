// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counted and bounded strings, checked arithmetic, bitmaps, memory helpers, status values.
 */
#include <kunit/test.h>

#include <wdmdma/bitmap.h>
#include <wdmdma/intsafe.h>
#include <wdmdma/rtl.h>
#include <wdmdma/string.h>
#include <wdmdma/strsafe.h>

#include "fixture.h"
#include "inject.h"

static void wk_counted_strings(struct kunit *test)
{
	WCHAR buffer[8];
	UNICODE_STRING a, b, target;
	ANSI_STRING text;

	RtlInitUnicodeString(&a, L"Abc");
	KUNIT_EXPECT_EQ(test, a.Length, 6);
	KUNIT_EXPECT_EQ(test, a.MaximumLength, 8);
	RtlInitUnicodeString(&b, NULL);
	KUNIT_EXPECT_EQ(test, b.Length, 0);
	KUNIT_EXPECT_EQ(test, b.MaximumLength, 0);
	RtlInitAnsiString(&text, "Abc");
	KUNIT_EXPECT_EQ(test, text.Length, 3);
	KUNIT_EXPECT_EQ(test, text.MaximumLength, 4);

	RtlInitEmptyUnicodeString(&target, buffer, sizeof(buffer));
	RtlCopyUnicodeString(&target, &a);
	KUNIT_EXPECT_EQ(test, target.Length, 6);
	KUNIT_EXPECT_EQ(test, buffer[3], 0);
	KUNIT_EXPECT_EQ(test, RtlAppendUnicodeToString(&target, L"defgh"), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, target.Length, sizeof(buffer));	/* no room for a zero */
	KUNIT_EXPECT_EQ(test, RtlAppendUnicodeToString(&target, L"i"), STATUS_BUFFER_TOO_SMALL);
	KUNIT_EXPECT_EQ(test, target.Length, sizeof(buffer));
	RtlCopyUnicodeString(&target, NULL);
	KUNIT_EXPECT_EQ(test, target.Length, 0);
	/* Cut at what there is room for */
	target.MaximumLength = 4;
	RtlCopyUnicodeString(&target, &a);
	KUNIT_EXPECT_EQ(test, target.Length, 4);
}

static void wk_strings_of_nothing(struct kunit *test)
{
	CHAR buffer[4] = "zzz";
	UNICODE_STRING wide;
	ANSI_STRING a, b;

	RtlInitAnsiString(&a, NULL);
	KUNIT_EXPECT_EQ(test, a.Length, 0);
	KUNIT_EXPECT_EQ(test, a.MaximumLength, 0);
	KUNIT_EXPECT_NULL(test, a.Buffer);
	RtlInitEmptyAnsiString(&b, buffer, sizeof(buffer));
	b.Length = 3;
	RtlCopyString(&b, NULL);
	KUNIT_EXPECT_EQ(test, b.Length, 0);
	RtlCopyString(&b, &a);
	KUNIT_EXPECT_EQ(test, b.Length, 0);
	KUNIT_EXPECT_EQ(test, buffer[0], 'z');
	memset(&wide, 0, sizeof(wide));
	RtlFreeUnicodeString(&wide);		/* has no buffer */
	KUNIT_EXPECT_NULL(test, wide.Buffer);
}

static void wk_ansi_strings_are_copied(struct kunit *test)
{
	CHAR buffer[4] = "zzz";
	ANSI_STRING from, to;

	RtlInitAnsiString(&from, "ab");
	RtlInitEmptyAnsiString(&to, buffer, sizeof(buffer));
	RtlCopyString(&to, &from);
	KUNIT_EXPECT_EQ(test, to.Length, 2);
	KUNIT_EXPECT_EQ(test, memcmp(buffer, "abz", 3), 0);	/* and no zero */
	RtlInitAnsiString(&from, "cdefgh");
	RtlCopyString(&to, &from);
	KUNIT_EXPECT_EQ(test, to.Length, 4);			/* cut */
	KUNIT_EXPECT_EQ(test, memcmp(buffer, "cdef", 4), 0);
}

/* A counted string says 65534 bytes at most. */
static void wk_long_strings_are_cut(struct kunit *test)
{
	size_t chars = 70000;
	CHAR *text = kunit_kmalloc(test, chars + 1, GFP_KERNEL);
	WCHAR *wide = kunit_kmalloc(test, (chars + 1) * sizeof(WCHAR), GFP_KERNEL);
	UNICODE_STRING string;
	ANSI_STRING narrow;
	size_t i;

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_NOT_NULL(test, wide);
	for (i = 0; i <= chars; i++) {
		text[i] = i < chars ? 'x' : 0;
		wide[i] = text[i];
	}
	RtlInitAnsiString(&narrow, text);
	KUNIT_EXPECT_EQ(test, narrow.Length, 65534);
	KUNIT_EXPECT_EQ(test, narrow.MaximumLength, 65535);
	RtlInitUnicodeString(&string, wide);
	KUNIT_EXPECT_EQ(test, string.Length, 65532);
	KUNIT_EXPECT_EQ(test, string.MaximumLength, 65534);
	/* Twice as long in wide characters */
	narrow.Length = 32767;
	KUNIT_EXPECT_EQ(test, RtlAnsiStringToUnicodeString(&string, &narrow, TRUE),
			STATUS_INVALID_PARAMETER_2);
}

static void wk_strings_compare(struct kunit *test)
{
	UNICODE_STRING a, b;
	ANSI_STRING c, d;

	RtlInitUnicodeString(&a, L"Device0");
	RtlInitUnicodeString(&b, L"dEVICE0");
	KUNIT_EXPECT_TRUE(test, RtlEqualUnicodeString(&a, &b, TRUE));
	KUNIT_EXPECT_FALSE(test, RtlEqualUnicodeString(&a, &b, FALSE));
	KUNIT_EXPECT_LT(test, RtlCompareUnicodeString(&a, &b, FALSE), 0);
	b.Length -= 2;
	KUNIT_EXPECT_GT(test, RtlCompareUnicodeString(&a, &b, TRUE), 0);
	KUNIT_EXPECT_TRUE(test, RtlPrefixUnicodeString(&b, &a, TRUE));
	KUNIT_EXPECT_FALSE(test, RtlPrefixUnicodeString(&b, &a, FALSE));
	KUNIT_EXPECT_FALSE(test, RtlPrefixUnicodeString(&a, &b, TRUE));
	RtlInitAnsiString(&c, "ab");
	RtlInitAnsiString(&d, "AB");
	KUNIT_EXPECT_TRUE(test, RtlEqualString(&c, &d, TRUE));
	KUNIT_EXPECT_GT(test, RtlCompareString(&c, &d, FALSE), 0);
	KUNIT_EXPECT_EQ(test, RtlUpcaseUnicodeChar(0xe4), 0xc4);
	KUNIT_EXPECT_EQ(test, RtlUpcaseUnicodeChar(0xf7), 0xf7);	/* no letter */
	KUNIT_EXPECT_EQ(test, RtlUpcaseUnicodeChar(0xff), 0x178);
	KUNIT_EXPECT_EQ(test, RtlUpcaseUnicodeChar('z'), 'Z');
	KUNIT_EXPECT_EQ(test, RtlUpcaseUnicodeChar(0x3b1), 0x3b1);	/* not of Latin-1 */
}

static void wk_strings_convert(struct kunit *test)
{
	UNICODE_STRING wide;
	ANSI_STRING narrow, back;
	CHAR small[3];

	RtlInitAnsiString(&narrow, "x\xe4y");
	KUNIT_ASSERT_EQ(test, RtlAnsiStringToUnicodeString(&wide, &narrow, TRUE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wide.Length, 6);
	KUNIT_EXPECT_EQ(test, wide.Buffer[1], 0xe4);
	wide.Buffer[2] = 0x20ac;			/* Latin-1 has it not */
	KUNIT_ASSERT_EQ(test, RtlUnicodeStringToAnsiString(&back, &wide, TRUE), STATUS_SUCCESS);
	KUNIT_EXPECT_STREQ(test, back.Buffer, "x\xe4?");
	RtlFreeAnsiString(&back);
	KUNIT_EXPECT_NULL(test, back.Buffer);
	RtlInitEmptyAnsiString(&back, small, sizeof(small));
	KUNIT_EXPECT_EQ(test, RtlUnicodeStringToAnsiString(&back, &wide, FALSE),
			STATUS_BUFFER_OVERFLOW);
	RtlFreeUnicodeString(&wide);
}

/* Without room, and without memory, nothing is converted. */
static void wk_conversions_that_fail(struct kunit *test)
{
	WCHAR buffer[3] = { 'z', 'z', 'z' };
	UNICODE_STRING wide;
	ANSI_STRING narrow;
	unsigned int n, failed = 0;
	bool more = true;

	RtlInitAnsiString(&narrow, "abc");
	RtlInitEmptyUnicodeString(&wide, buffer, sizeof(buffer));
	KUNIT_EXPECT_EQ(test, RtlAnsiStringToUnicodeString(&wide, &narrow, FALSE),
			STATUS_BUFFER_OVERFLOW);
	KUNIT_EXPECT_EQ(test, wide.Length, 0);
	KUNIT_EXPECT_EQ(test, buffer[0], 'z');
	narrow.Length = 2;
	KUNIT_EXPECT_EQ(test, RtlAnsiStringToUnicodeString(&wide, &narrow, FALSE), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wide.Length, 4);
	KUNIT_EXPECT_EQ(test, buffer[2], 0);
	for (n = 1; more && n < 20; n++) {
		NTSTATUS status;

		wide.Buffer = buffer;
		wk_fail_allocation(n);
		status = RtlAnsiStringToUnicodeString(&wide, &narrow, TRUE);
		more = wk_end_failing();
		if (status == STATUS_SUCCESS) {
			RtlFreeUnicodeString(&wide);
			continue;
		}
		KUNIT_EXPECT_EQ(test, status, STATUS_NO_MEMORY);
		KUNIT_EXPECT_NULL(test, wide.Buffer);
		KUNIT_EXPECT_EQ(test, wide.MaximumLength, 0);
		failed++;
	}
	KUNIT_EXPECT_GE(test, failed, 1);
}

static ULONG wk_to_integer(struct kunit *test, PCWSTR text, ULONG base)
{
	UNICODE_STRING string;
	ULONG value = 0;

	RtlInitUnicodeString(&string, text);
	KUNIT_EXPECT_EQ(test, RtlUnicodeStringToInteger(&string, base, &value), STATUS_SUCCESS);
	return value;
}

static void wk_numbers_in_strings(struct kunit *test)
{
	WCHAR buffer[10];
	UNICODE_STRING string;
	ULONG value;

	RtlInitEmptyUnicodeString(&string, buffer, sizeof(buffer));
	KUNIT_EXPECT_EQ(test, RtlIntegerToUnicodeString(0xBEEF, 16, &string), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, string.Length, 8);
	KUNIT_EXPECT_EQ(test, buffer[0], 'B');
	KUNIT_EXPECT_EQ(test, RtlIntegerToUnicodeString(0, 0, &string), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, string.Length, 2);
	KUNIT_EXPECT_EQ(test, RtlIntegerToUnicodeString(0xffff, 2, &string),
			STATUS_BUFFER_OVERFLOW);
	KUNIT_EXPECT_EQ(test, RtlIntegerToUnicodeString(1, 3, &string), STATUS_INVALID_PARAMETER);

	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L" -12x", 10), 0U - 12);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"0x1F", 0), 0x1f);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"0b101", 0), 5);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"077", 0), 77);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"777", 8), 0777);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"", 0), 0);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"0xbeEF", 0), 0xbeef);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"fg", 16), 0xf);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"0o17", 0), 017);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"1b1", 0), 1);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"0q17", 0), 0);	/* no prefix */
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"0", 0), 0);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"0x10", 16), 0);	/* nor here */
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"\t+128", 2), 1);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"   ", 10), 0);
	KUNIT_EXPECT_EQ(test, wk_to_integer(test, L"-", 10), 0);
	KUNIT_EXPECT_EQ(test, RtlUnicodeStringToInteger(&string, 7, &value),
			STATUS_INVALID_PARAMETER);
}

static void wk_bounded_strings(struct kunit *test)
{
	CHAR buffer[8] = "";
	SIZE_T length;

	KUNIT_EXPECT_EQ(test, RtlStringCbCopyA(buffer, sizeof(buffer), "abc"), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, RtlStringCbCatA(buffer, sizeof(buffer), "defg"), STATUS_SUCCESS);
	KUNIT_EXPECT_STREQ(test, buffer, "abcdefg");
	KUNIT_EXPECT_EQ(test, RtlStringCbCatA(buffer, sizeof(buffer), "h"), STATUS_BUFFER_OVERFLOW);
	KUNIT_EXPECT_STREQ(test, buffer, "abcdefg");
	KUNIT_EXPECT_EQ(test, RtlStringCchCopyA(buffer, 4, "12345"), STATUS_BUFFER_OVERFLOW);
	KUNIT_EXPECT_STREQ(test, buffer, "123");
	KUNIT_EXPECT_EQ(test, RtlStringCchCopyNA(buffer, 8, "12345", 2), STATUS_SUCCESS);
	KUNIT_EXPECT_STREQ(test, buffer, "12");
	KUNIT_EXPECT_EQ(test, RtlStringCchCopyA(buffer, 0, "x"), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, RtlStringCchCopyA(buffer, (SIZE_T)STRSAFE_MAX_CCH + 1, "x"),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_STREQ(test, buffer, "12");
	KUNIT_EXPECT_EQ(test, RtlStringCchLengthA(buffer, 8, &length), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, 2);
	KUNIT_EXPECT_EQ(test, RtlStringCchLengthA(buffer, 2, &length), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(STATUS_BUFFER_OVERFLOW));
}

static void wk_bounded_wide_strings(struct kunit *test)
{
	WCHAR buffer[4] = { 'z', 'z', 'z', 'z' };
	SIZE_T bytes;

	KUNIT_EXPECT_EQ(test, RtlStringCbCopyW(buffer, sizeof(buffer), L"ab"), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, buffer[2], 0);
	KUNIT_EXPECT_EQ(test, buffer[3], 'z');
	KUNIT_EXPECT_EQ(test, RtlStringCbCatW(buffer, sizeof(buffer), L"cd"),
			STATUS_BUFFER_OVERFLOW);
	KUNIT_EXPECT_EQ(test, buffer[2], 'c');
	KUNIT_EXPECT_EQ(test, buffer[3], 0);
	KUNIT_EXPECT_EQ(test, RtlStringCbLengthW(buffer, sizeof(buffer), &bytes), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, bytes, 6);
}

static void wk_bounded_strings_that_are_none(struct kunit *test)
{
	WCHAR wide[2] = { 'a', 'b' };		/* do not end */
	CHAR narrow[2] = { 'a', 'b' };
	SIZE_T length = 7;

	KUNIT_EXPECT_EQ(test, RtlStringCchLengthA(NULL, 8, &length), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, length, 0);
	length = 7;
	KUNIT_EXPECT_EQ(test, RtlStringCchLengthW(NULL, 8, &length), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, length, 0);
	length = 7;
	KUNIT_EXPECT_EQ(test, RtlStringCchLengthW(wide, 2, &length), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, length, 0);
	length = 7;
	KUNIT_EXPECT_EQ(test, RtlStringCchLengthA("ab", STRSAFE_MAX_CCH + 1UL, &length),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, length, 0);
	/* Nobody wants to know how long */
	KUNIT_EXPECT_EQ(test, RtlStringCchLengthA("ab", 3, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, RtlStringCchLengthA("abc", 3, NULL), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, RtlStringCchLengthW(L"ab", 3, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, RtlStringCbLengthW(L"ab", 4, NULL), STATUS_INVALID_PARAMETER);

	KUNIT_EXPECT_EQ(test, RtlStringCchCatA(narrow, 2, "c"), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, narrow[1], 'b');
	KUNIT_EXPECT_EQ(test, RtlStringCchCatW(wide, 2, L"c"), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, RtlStringCchCopyW(wide, 0, L"c"), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, RtlStringCchCopyNW(wide, 2, L"c", STRSAFE_MAX_CCH + 1UL),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, RtlStringCchCopyNA(narrow, 2, "c", STRSAFE_MAX_CCH + 1UL),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, narrow[0], 'a');
	KUNIT_EXPECT_EQ(test, wide[0], 'a');
	KUNIT_EXPECT_EQ(test, RtlStringCchCopyNW(wide, 2, L"cd", 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wide[0], 'c');
	KUNIT_EXPECT_EQ(test, wide[1], 0);
}

static void wk_bounded_printing(struct kunit *test)
{
	CHAR buffer[16];

	KUNIT_EXPECT_EQ(test, RtlStringCbPrintfA(buffer, sizeof(buffer), "%ld-%08lX",
						 MINLONG + MAXLONG, 0xabU), STATUS_SUCCESS);
	KUNIT_EXPECT_STREQ(test, buffer, "-1-000000AB");
	KUNIT_EXPECT_EQ(test, RtlStringCchPrintfA(buffer, 5, "%s", "abcdef"),
			STATUS_BUFFER_OVERFLOW);
	KUNIT_EXPECT_STREQ(test, buffer, "abcd");
	KUNIT_EXPECT_EQ(test, RtlStringCchPrintfA(buffer, 0, "x"), STATUS_INVALID_PARAMETER);
}

static void wk_overflows_are_noticed(struct kunit *test)
{
	ULONGLONG wide;
	USHORT narrow;
	SIZE_T size;
	ULONG value;
	LONG number;

	KUNIT_EXPECT_EQ(test, RtlULongAdd(1, 2, &value), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, value, 3);
	KUNIT_EXPECT_EQ(test, RtlULongAdd(MAXULONG, 1, &value), STATUS_INTEGER_OVERFLOW);
	KUNIT_EXPECT_EQ(test, value, MAXULONG);
	KUNIT_EXPECT_EQ(test, RtlULongSub(1, 2, &value), STATUS_INTEGER_OVERFLOW);
	KUNIT_EXPECT_EQ(test, RtlULongMult(0x10000, 0x10000, &value), STATUS_INTEGER_OVERFLOW);
	KUNIT_EXPECT_EQ(test, RtlULongLongMult(0x10000, 0x10000, &wide), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wide, 0x100000000ULL);
	KUNIT_EXPECT_EQ(test, RtlSizeTAdd(MAXSIZE_T, 1, &size), STATUS_INTEGER_OVERFLOW);
	KUNIT_EXPECT_EQ(test, RtlULongToUShort(0x10000, &narrow), STATUS_INTEGER_OVERFLOW);
	KUNIT_EXPECT_EQ(test, narrow, MAXUSHORT);
	KUNIT_EXPECT_EQ(test, RtlULongLongToULong(5, &value), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, value, 5);
	KUNIT_EXPECT_EQ(test, RtlLongToULong(-1, &value), STATUS_INTEGER_OVERFLOW);
	KUNIT_EXPECT_EQ(test, RtlULongToLong(0x80000000, &number), STATUS_INTEGER_OVERFLOW);
}

static void wk_bitmaps(struct kunit *test)
{
	ULONG words[3] = {};
	RTL_BITMAP map;
	ULONG index;

	RtlInitializeBitMap(&map, words, 70);
	RtlSetBits(&map, 30, 4);
	KUNIT_EXPECT_EQ(test, words[0], 0xc0000000);
	KUNIT_EXPECT_EQ(test, words[1], 3);
	KUNIT_EXPECT_TRUE(test, RtlAreBitsSet(&map, 30, 4));
	KUNIT_EXPECT_FALSE(test, RtlAreBitsSet(&map, 30, 5));
	KUNIT_EXPECT_TRUE(test, RtlAreBitsClear(&map, 0, 30));
	KUNIT_EXPECT_EQ(test, RtlFindClearBits(&map, 31, 0), 34);
	KUNIT_EXPECT_EQ(test, RtlFindClearBits(&map, 5, 40), 40);
	KUNIT_EXPECT_EQ(test, RtlFindClearBits(&map, 30, 45), 0);	/* once round */
	KUNIT_EXPECT_EQ(test, RtlFindClearBits(&map, 37, 0), RTL_BITMAP_NONE);
	KUNIT_EXPECT_EQ(test, RtlFindClearBits(&map, 71, 0), RTL_BITMAP_NONE);
	KUNIT_EXPECT_EQ(test, RtlFindClearBitsAndSet(&map, 30, 0), 0);
	KUNIT_EXPECT_EQ(test, RtlNumberOfSetBits(&map), 34);
	RtlClearBit(&map, 31);
	KUNIT_EXPECT_FALSE(test, RtlTestBit(&map, 31));
	KUNIT_EXPECT_EQ(test, RtlFindSetBits(&map, 2, 31), 32);
	KUNIT_EXPECT_EQ(test, RtlNumberOfClearBits(&map), 37);
	KUNIT_EXPECT_TRUE(test, BitScanReverse(&index, 0x8010));
	KUNIT_EXPECT_EQ(test, index, 15);
	KUNIT_EXPECT_TRUE(test, BitScanForward64(&index, 1ULL << 40));
	KUNIT_EXPECT_EQ(test, index, 40);
	KUNIT_EXPECT_FALSE(test, BitScanForward(&index, 0));
	KUNIT_EXPECT_EQ(test, RtlNumberOfSetBitsUlongPtr(0xf00000001UL), 5);
}

static void wk_memory_helpers(struct kunit *test)
{
	struct {
		ULONG first, second;
		UCHAR third;
	} s;
	UCHAR bytes[16] = { 1, 2, 3 };

	KUNIT_EXPECT_FALSE(test, RtlIsZeroMemory(bytes, sizeof(bytes)));
	KUNIT_EXPECT_PTR_EQ(test, RtlSecureZeroMemory(bytes, sizeof(bytes)), (PVOID)bytes);
	KUNIT_EXPECT_TRUE(test, RtlIsZeroMemory(bytes, sizeof(bytes)));
	KUNIT_EXPECT_TRUE(test, RtlIsZeroMemory(bytes, 0));
	KUNIT_EXPECT_EQ(test, RTL_SIZEOF_THROUGH_FIELD(typeof(s), second), 8);
	KUNIT_EXPECT_TRUE(test, RTL_CONTAINS_FIELD(&s, 8, second));
	KUNIT_EXPECT_FALSE(test, RTL_CONTAINS_FIELD(&s, 8, third));
	KUNIT_EXPECT_EQ(test, RtlUlongByteSwap(0x12345678), 0x78563412);
	KUNIT_EXPECT_EQ(test, ROUND_TO_SIZE(5, 8), 8);
	KUNIT_EXPECT_EQ(test, Int32x32To64(-2, 0x7fffffff), -0xfffffffeLL);
}

/* One value from each corner of the table, and the severities */
static void wk_status_values(struct kunit *test)
{
	static const struct {
		NTSTATUS status;
		u32 value;
	} values[] = {
		{ STATUS_WAIT_63, 0x3f }, { STATUS_ABANDONED, 0x80 }, { STATUS_PENDING, 0x103 },
		{ STATUS_BUS_RESET, 0x8000001d }, { STATUS_NO_MORE_ENTRIES, 0x8000001a },
		{ STATUS_INVALID_PARAMETER_MIX, 0xc0000030 },
		{ STATUS_MUTANT_NOT_OWNED, 0xc0000046 },
		{ STATUS_SEMAPHORE_LIMIT_EXCEEDED, 0xc0000047 },
		{ STATUS_DEVICE_DATA_ERROR, 0xc000009c }, { STATUS_CANCELLED, 0xc0000120 },
		{ STATUS_DEVICE_PROTOCOL_ERROR, 0xc0000186 },
		{ STATUS_DEVICE_REMOVED, 0xc00002b6 }, { STATUS_RESOURCE_IN_USE, 0xc0000708 },
		{ STATUS_DEVICE_HUNG, 0xc0000507 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++)
		KUNIT_EXPECT_EQ(test, (u32)values[i].status, values[i].value);
	KUNIT_EXPECT_TRUE(test, NT_SUCCESS(STATUS_TIMEOUT));
	KUNIT_EXPECT_TRUE(test, NT_INFORMATION(STATUS_OBJECT_NAME_EXISTS));
	KUNIT_EXPECT_TRUE(test, NT_WARNING(STATUS_BUFFER_OVERFLOW));
	KUNIT_EXPECT_TRUE(test, NT_ERROR(STATUS_UNSUCCESSFUL));
	KUNIT_EXPECT_FALSE(test, NT_ERROR(STATUS_BUFFER_OVERFLOW));
}

static struct kunit_case wk_string_cases[] = {
	KUNIT_CASE(wk_counted_strings),
	KUNIT_CASE(wk_strings_of_nothing),
	KUNIT_CASE(wk_ansi_strings_are_copied),
	KUNIT_CASE(wk_long_strings_are_cut),
	KUNIT_CASE(wk_strings_compare),
	KUNIT_CASE(wk_strings_convert),
	KUNIT_CASE(wk_conversions_that_fail),
	KUNIT_CASE(wk_numbers_in_strings),
	KUNIT_CASE(wk_bounded_strings),
	KUNIT_CASE(wk_bounded_wide_strings),
	KUNIT_CASE(wk_bounded_strings_that_are_none),
	KUNIT_CASE(wk_bounded_printing),
	KUNIT_CASE(wk_overflows_are_noticed),
	KUNIT_CASE(wk_bitmaps),
	KUNIT_CASE(wk_memory_helpers),
	KUNIT_CASE(wk_status_values),
	{}
};

static struct kunit_suite wk_string_suite = {
	.name = "wdmdma_string",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_string_cases,
};

kunit_test_suite(wk_string_suite);
