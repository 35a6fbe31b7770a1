/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Page arithmetic in Windows' words, for ported drivers only.
 *
 * PAGE_ALIGN rounds down on Windows and up on Linux. Here Windows wins, so Linux's
 * headers come first: a Linux macro that uses PAGE_ALIGN (VMBUS_RING_SIZE, say) must not
 * be used after this point, and a Linux header whose inlines use it must be included
 * before. wdmdma's own files include neither this header nor wdm.h.
 */
#ifndef WDMDMA_PAGE_H
#define WDMDMA_PAGE_H

#include <wdmdma/types.h>

#if defined(__KERNEL__) && !defined(__cplusplus)
#include <linux/mm.h>
#endif

#ifndef PAGE_SHIFT
#define PAGE_SHIFT 12
#endif
#ifndef PAGE_SIZE
#define PAGE_SIZE 4096UL
#endif

/* Where @va lies within its page, in bytes */
#define BYTE_OFFSET(va) ((ULONG)((ULONG_PTR)(va) & ((ULONG_PTR)PAGE_SIZE - 1)))

/* The page @va lies in: rounds down */
#undef PAGE_ALIGN
#define PAGE_ALIGN(va) ((PVOID)((ULONG_PTR)(va) & ~((ULONG_PTR)PAGE_SIZE - 1)))

/* @bytes rounded up to whole pages, in bytes */
#define ROUND_TO_PAGES(bytes) \
	(((ULONG_PTR)(bytes) + PAGE_SIZE - 1) & ~((ULONG_PTR)PAGE_SIZE - 1))

/* Pages that @bytes take from the start of a page; in a form that cannot overflow */
static inline ULONG wdmdma_bytes_to_pages(ULONGLONG bytes)
{
	return (ULONG)((bytes >> PAGE_SHIFT) + ((bytes & (PAGE_SIZE - 1)) != 0));
}

#define BYTES_TO_PAGES(bytes) wdmdma_bytes_to_pages(bytes)

/*
 * Pages touched by @bytes at @va. The sum is 64 bits wide, as a 32-bit length near
 * 4 GiB would overflow with the offset. No bytes: 0 at a page's start, else 1.
 */
static inline ULONG wdmdma_span_pages(ULONG_PTR va, ULONGLONG bytes)
{
	return (ULONG)(((va & (PAGE_SIZE - 1)) + bytes + PAGE_SIZE - 1) >> PAGE_SHIFT);
}

#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(va, bytes) \
	wdmdma_span_pages((ULONG_PTR)(va), (bytes))

#endif /* WDMDMA_PAGE_H */
