/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Debug output to the kernel log.
 *
 * Formats are Windows': an `l` means 32 bits there and 64 here, so they are translated
 * (see wdmdma_dbg_print_ex() in wdmdma/dbg.c) and gcc must not check them.
 */
#ifndef WDMDMA_DBG_H
#define WDMDMA_DBG_H

#include <wdmdma/types.h>

/* DbgPrintEx: who speaks (not used) and how important it is */
#define DPFLTR_IHVDRIVER_ID 77
#define DPFLTR_DEFAULT_ID 101
#define DPFLTR_IHVVIDEO_ID 78
#define DPFLTR_IHVNETWORK_ID 80
#define DPFLTR_IHVBUS_ID 82

#define DPFLTR_ERROR_LEVEL 0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL 2
#define DPFLTR_INFO_LEVEL 3
#define DPFLTR_MASK 0x80000000U

#ifndef DBG
#define DBG 0
#endif

#ifdef __cplusplus
extern "C" {
#endif

ULONG wdmdma_dbg_print_ex(ULONG component, ULONG level, const char *format, ...);
ULONG wdmdma_vdbg_print_ex(ULONG component, ULONG level, const char *format,
			   __builtin_va_list args);
void wdmdma_dbg_break_point(void);
WDMDMA_ATTRIBUTE(noreturn) void wdmdma_ke_bug_check_ex(ULONG code, ULONG_PTR p1, ULONG_PTR p2,
						       ULONG_PTR p3, ULONG_PTR p4);

#ifdef __cplusplus
}
#endif

#define DbgPrintEx wdmdma_dbg_print_ex
#define DbgPrint(...) wdmdma_dbg_print_ex(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL, __VA_ARGS__)

#define vDbgPrintEx wdmdma_vdbg_print_ex

/* A stack trace in the log, once a boot: there is no debugger to break into */
#define DbgBreakPoint wdmdma_dbg_break_point
#define DbgBreakPointWithStatus(status) ((void)(status), wdmdma_dbg_break_point())

/* Stops the machine, as the driver asks for it */
#define KeBugCheckEx wdmdma_ke_bug_check_ex
#define KeBugCheck(code) wdmdma_ke_bug_check_ex((code), 0, 0, 0, 0)

/* Only in a checked build; the argument is a parenthesised list */
#if DBG
#define KdPrint(args) ((void)(DbgPrint args))
#define KdPrintEx(args) ((void)(DbgPrintEx args))
#define KdBreakPoint() wdmdma_dbg_break_point()
#define KdBreakPointWithStatus(status) DbgBreakPointWithStatus(status)
#define TRAP() wdmdma_dbg_break_point()
#else
#define KdPrint(...) ((void)0)
#define KdPrintEx(...) ((void)0)
#define KdBreakPoint() ((void)0)
#define KdBreakPointWithStatus(...) ((void)0)
#define TRAP() ((void)0)
#endif

#endif /* WDMDMA_DBG_H */
