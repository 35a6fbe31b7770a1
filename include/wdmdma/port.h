/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Windows' words that mean something else on Linux, for ported drivers only.
 *
 * Here Windows wins, so Linux's headers come first, as with page.h: a Linux macro that
 * uses one of these must not be used after this point. wdmdma's own files include neither
 * this header nor wdm.h.
 */
#ifndef WDMDMA_PORT_H
#define WDMDMA_PORT_H

#include <wdmdma/types.h>
#include <wdmdma/page.h>
#include <wdmdma/memory.h>

#if defined(__KERNEL__) && !defined(__cplusplus)
#include <linux/minmax.h>
#endif

/* Linux's refuse operands of different types, which Windows' source is full of */
#undef min
#undef max
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))

/* Protection of MmMapIoSpaceEx. Linux's are page table entries. */
#undef PAGE_READONLY
#undef PAGE_READWRITE
#undef PAGE_EXECUTE
#undef PAGE_EXECUTE_READ
#undef PAGE_EXECUTE_READWRITE
#undef PAGE_NOCACHE
#undef PAGE_WRITECOMBINE
#define PAGE_READONLY WDMDMA_PAGE_READONLY
#define PAGE_READWRITE WDMDMA_PAGE_READWRITE
#define PAGE_EXECUTE WDMDMA_PAGE_EXECUTE
#define PAGE_EXECUTE_READ WDMDMA_PAGE_EXECUTE_READ
#define PAGE_EXECUTE_READWRITE WDMDMA_PAGE_EXECUTE_READWRITE
#define PAGE_NOCACHE WDMDMA_PAGE_NOCACHE
#define PAGE_WRITECOMBINE WDMDMA_PAGE_WRITECOMBINE

/* Alignment is a type on Windows, a number of bytes on Linux */
#undef ALIGN_DOWN
#undef ALIGN_UP
#define ALIGN_DOWN_BY(length, alignment) ((ULONG_PTR)(length) & ~((ULONG_PTR)(alignment) - 1))
#define ALIGN_UP_BY(length, alignment) \
	ALIGN_DOWN_BY((ULONG_PTR)(length) + (alignment) - 1, alignment)
#define ALIGN_DOWN(length, type) ALIGN_DOWN_BY(length, sizeof(type))
#define ALIGN_UP(length, type) ALIGN_UP_BY(length, sizeof(type))
#define ALIGN_DOWN_POINTER_BY(address, alignment) ((PVOID)ALIGN_DOWN_BY(address, alignment))
#define ALIGN_UP_POINTER_BY(address, alignment) ((PVOID)ALIGN_UP_BY(address, alignment))
#define ALIGN_DOWN_POINTER(address, type) ((PVOID)ALIGN_DOWN(address, type))
#define ALIGN_UP_POINTER(address, type) ((PVOID)ALIGN_UP(address, type))

#endif /* WDMDMA_PORT_H */
