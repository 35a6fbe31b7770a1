// SPDX-License-Identifier: GPL-2.0-only
/*
 * Debug output and, for C++, device registers.
 */
#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <wdmdma/dbg.h>
#include <wdmdma/hal.h>
#include <wdmdma/status.h>

/* Longest format DbgPrint translates, in bytes; what is longer is cut */
#define WD_FORMAT_BYTES 256

/* Device registers */

/**
 * wdmdma_read_register() - read a device register, for C++
 * @reg: the register, in memory of ioremap()
 * @bytes: its width: 1, 2, 4, or 8 on a 64-bit kernel
 *
 * Context: Any IRQL.
 * Return: The value; all ones for a width there is not. DDI: READ_REGISTER_ULONG
 */
ULONG64 wdmdma_read_register(const volatile void *reg, ULONG bytes)
{
	switch (bytes) {
	case 1:
		return READ_REGISTER_UCHAR(reg);
	case 2:
		return READ_REGISTER_USHORT(reg);
	case 4:
		return READ_REGISTER_ULONG(reg);
#ifdef CONFIG_64BIT
	case 8:
		return READ_REGISTER_ULONG64(reg);
#endif
	}
	WARN_ON_ONCE(1);
	return U64_MAX;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_read_register, WDMDMA);

/**
 * wdmdma_write_register() - write a device register, for C++
 * @reg: the register, in memory of ioremap()
 * @value: what to write
 * @bytes: its width: 1, 2, 4, or 8 on a 64-bit kernel
 *
 * Context: Any IRQL. DDI: WRITE_REGISTER_ULONG
 */
void wdmdma_write_register(volatile void *reg, ULONG64 value, ULONG bytes)
{
	switch (bytes) {
	case 1:
		WRITE_REGISTER_UCHAR(reg, value);
		break;
	case 2:
		WRITE_REGISTER_USHORT(reg, value);
		break;
	case 4:
		WRITE_REGISTER_ULONG(reg, value);
		break;
#ifdef CONFIG_64BIT
	case 8:
		WRITE_REGISTER_ULONG64(reg, value);
		break;
#endif
	default:
		WARN_ON_ONCE(1);
	}
}
EXPORT_SYMBOL_NS_GPL(wdmdma_write_register, WDMDMA);

/* Debug output */

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
	char translated[WD_FORMAT_BYTES];
	struct va_format vaf = { .fmt = translated };
	va_list args;

	wd_translate_format(translated, sizeof(translated), format);
	va_start(args, format);
	vaf.va = &args;
	wd_log(level, &vaf);
	va_end(args);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_dbg_print_ex, WDMDMA);
