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

#define DPFLTR_ERROR_LEVEL 0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL 2
#define DPFLTR_INFO_LEVEL 3

#ifndef DBG
#define DBG 0
#endif

#ifdef __cplusplus
extern "C" {
#endif

ULONG wdmdma_dbg_print_ex(ULONG component, ULONG level, const char *format, ...);

#ifdef __cplusplus
}
#endif

#define DbgPrintEx wdmdma_dbg_print_ex
#define DbgPrint(...) wdmdma_dbg_print_ex(DPFLTR_DEFAULT_ID, DPFLTR_INFO_LEVEL, __VA_ARGS__)

/* Only in a checked build; the argument is a parenthesised list */
#if DBG
#define KdPrint(args) ((void)(DbgPrint args))
#define KdPrintEx(args) ((void)(DbgPrintEx args))
#else
#define KdPrint(...) ((void)0)
#define KdPrintEx(...) ((void)0)
#endif

#endif /* WDMDMA_DBG_H */
