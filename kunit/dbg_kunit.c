// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug output: Windows' formats, which the bounded strings print by too, and what becomes of it in
 * Linux's log.
 */
#include <linux/kmsg_dump.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <kunit/test.h>

#include <wdmdma/dbg.h>
#include <wdmdma/strsafe.h>

#include "fixture.h"

#define WK_ROOM	400

/* Not known to the compiler as a format: it would check it as Linux's */
static NTSTATUS (*wk_print)(PSTR to, SIZE_T chars, PCSTR format, ...) = wdmdma_rtl_string_printf_a;

#define wk_expect_print(context, expected, ...) ({				\
	CHAR wk_text[WK_ROOM];							\
	struct kunit *wk_test = (context);					\
	NTSTATUS wk_status = wk_print(wk_text, WK_ROOM, __VA_ARGS__);		\
										\
	KUNIT_EXPECT_EQ(wk_test, wk_status, STATUS_SUCCESS);			\
	KUNIT_EXPECT_STREQ(wk_test, wk_text, expected);				\
})

static void wk_sizes_are_windows(struct kunit *test)
{
	wk_expect_print(test, "123456789abcdef0 5", "%I64x %d", 0x123456789abcdef0ULL, 5);
	wk_expect_print(test, "9 5", "%I32d %d", 9, 5);
	wk_expect_print(test, "-1 5", "%lld %d", -1LL, 5);
	wk_expect_print(test, "ff 5", "%hhx %d", 0x1ff, 5);
	wk_expect_print(test, "1234 5", "%hx %d", 0x51234, 5);
	wk_expect_print(test, "7 8 9", "%Iu %zu %d", (SIZE_T)7, (SIZE_T)8, 9);
	/* 32 bits wide, whatever is behind them */
	wk_expect_print(test, "(-1) 7", "(%ld) %lu", (LONG)~0, (ULONG)7);
	wk_expect_print(test, "00ab|ab  | ab", "%04x|%-4x|%*x", 0xab, 0xab, 3, 0xab);
}

static void wk_letters_are_windows(struct kunit *test)
{
	wk_expect_print(test, "x y abc", "%c %C %hs", 'x', 'y', "abc");
	wk_expect_print(test, "100% 5", "100%% %d", 5);
	wk_expect_print(test, "17 0x11 AB", "%o %#x %X", 15, 17, 0xab);
	/* What the kernel has not takes no argument. */
	wk_expect_print(test, "% 5", "%f %d", 5);
	wk_expect_print(test, "% 5", "%lg %d", 5);
	/* Ends in the middle */
	wk_expect_print(test, "50%", "50%");
	wk_expect_print(test, "50%", "50%I64");
	wk_expect_print(test, "50%", "50%l");
}

/* Prints one pointer, somehow; what follows it is in its place. */
static void wk_expect_pointer(struct kunit *test, PCSTR format, const void *argument)
{
	CHAR text[WK_ROOM];
	size_t length;

	KUNIT_EXPECT_EQ(test, wk_print(text, WK_ROOM, format, argument, 5), STATUS_SUCCESS);
	length = strlen(text);
	KUNIT_EXPECT_GE_MSG(test, length, 10, "%s: %s", format, text);
	KUNIT_EXPECT_STREQ_MSG(test, text + length - 2, "-5", "%s: %s", format, text);
}

/* Strings of other characters, and what would be written to, come out as pointers. */
static void wk_wide_strings_are_pointers(struct kunit *test)
{
	static const char * const formats[] = { "%ws-%d", "%ls-%d", "%S-%d", "%wZ-%d", "%Z-%d",
						"%n-%d", "%p-%d", "%I64p-%d", "%ln-%d" };
	WCHAR text[4] = { 'a', 'b' };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(formats); i++)
		wk_expect_pointer(test, formats[i], text);
	KUNIT_EXPECT_EQ(test, text[0], 'a');
}

/* Letters behind a pointer are the driver's text, not one of the kernel's own formats. */
static void wk_pointers_have_no_formats_of_their_own(struct kunit *test)
{
	CHAR text[WK_ROOM], plain[WK_ROOM];

	KUNIT_EXPECT_EQ(test, wk_print(text, WK_ROOM, "%pS-end", &wk_print), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_print(plain, WK_ROOM, "%p", &wk_print), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, strncmp(text, plain, strlen(plain)), 0);
	KUNIT_EXPECT_STREQ(test, text + strlen(plain), " S-end");
}

/* What is longer than 256 bytes is cut, in front of a conversion rather than inside of it. */
static void wk_long_formats_are_cut(struct kunit *test)
{
	static const size_t blanks[] = { 240, 244, 246, 247, 248, 252, 254, 300 };
	CHAR format[WK_ROOM], text[WK_ROOM];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(blanks); i++) {
		size_t length;

		memset(format, '.', blanks[i]);
		strscpy(format + blanks[i], "%I64d%d", WK_ROOM - blanks[i]);
		KUNIT_EXPECT_EQ(test, wk_print(text, WK_ROOM, format, 7777LL, 55), STATUS_SUCCESS);
		length = strspn(text, ".");
		KUNIT_EXPECT_EQ(test, length, min_t(size_t, blanks[i], 255));
		KUNIT_EXPECT_TRUE_MSG(test, !strcmp(text + length, "777755") ||
				      !strcmp(text + length, "7777") || !text[length],
				      "%zu: %s", blanks[i], text + length);
		if (i == 0)
			KUNIT_EXPECT_STREQ(test, text + length, "777755");
	}
}

/* The next line of the log, with Linux's level in front, since *@log was set */
static void wk_next_line(struct kunit *test, struct kmsg_dump_iter *log, char *line, size_t room)
{
	size_t length = 0;

	do {
		KUNIT_ASSERT_TRUE(test, kmsg_dump_get_line(log, true, line, room - 1, &length));
		line[length] = '\0';
	} while (!strstr(line, "wk_level"));
}

static void wk_expect_level(struct kunit *test, ULONG level, const char *expected)
{
	struct kmsg_dump_iter log;
	char line[128];

	kmsg_dump_rewind(&log);
	log.cur_seq = log.next_seq;	/* what comes from here on */
	KUNIT_EXPECT_EQ(test, DbgPrintEx(DPFLTR_IHVDRIVER_ID, level, "wk_level %u\n", level),
			STATUS_SUCCESS);
	wk_next_line(test, &log, line, sizeof(line));
	KUNIT_EXPECT_EQ_MSG(test, strncmp(line, expected, strlen(expected)), 0, "%u: %s", level,
			    line);
}

static void wk_levels_are_linuxs(struct kunit *test)
{
	wk_expect_level(test, DPFLTR_ERROR_LEVEL, "<3>");
	wk_expect_level(test, DPFLTR_WARNING_LEVEL, "<4>");
	wk_expect_level(test, DPFLTR_TRACE_LEVEL, "<6>");
	wk_expect_level(test, DPFLTR_INFO_LEVEL, "<6>");
	wk_expect_level(test, DPFLTR_MASK | 4, "<6>");
}

/* There is no debugger: it is said once, and execution goes on. */
static void wk_break_points_do_not_stop(struct kunit *test)
{
	pr_info("wdmdma_kunit: expect WARNING 1: DbgBreakPoint() reached\n");
	DbgBreakPoint();
	DbgBreakPointWithStatus(STATUS_UNSUCCESSFUL);
}

static struct kunit_case wk_dbg_cases[] = {
	KUNIT_CASE(wk_sizes_are_windows),
	KUNIT_CASE(wk_letters_are_windows),
	KUNIT_CASE(wk_wide_strings_are_pointers),
	KUNIT_CASE(wk_pointers_have_no_formats_of_their_own),
	KUNIT_CASE(wk_long_formats_are_cut),
	KUNIT_CASE(wk_levels_are_linuxs),
	KUNIT_CASE(wk_break_points_do_not_stop),
	{}
};

static struct kunit_suite wk_dbg_suite = {
	.name = "wdmdma_dbg",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_dbg_cases,
};

kunit_test_suite(wk_dbg_suite);
