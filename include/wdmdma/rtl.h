/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory and list helpers.
 */
#ifndef WDMDMA_RTL_H
#define WDMDMA_RTL_H

#include <wdmdma/types.h>

#if defined(__KERNEL__) && !defined(__cplusplus)
/* Linux's own, which check lengths where the kernel is built to */
#include <linux/string.h>

#define RtlFillMemory(dst, bytes, fill) ((void)memset((dst), (fill), (bytes)))
#define RtlCopyMemory(dst, src, bytes) ((void)memcpy((dst), (src), (bytes)))
#define RtlMoveMemory(dst, src, bytes) ((void)memmove((dst), (src), (bytes)))
#define RtlEqualMemory(a, b, bytes) (memcmp((a), (b), (bytes)) == 0)
#else
#define RtlFillMemory(dst, bytes, fill) ((void)__builtin_memset((dst), (fill), (bytes)))
#define RtlCopyMemory(dst, src, bytes) ((void)__builtin_memcpy((dst), (src), (bytes)))
#define RtlMoveMemory(dst, src, bytes) ((void)__builtin_memmove((dst), (src), (bytes)))
#define RtlEqualMemory(a, b, bytes) (__builtin_memcmp((a), (b), (bytes)) == 0)
#endif

#define RtlZeroMemory(dst, bytes) RtlFillMemory(dst, bytes, 0)

/**
 * RtlCompareMemory() - how far two pieces of memory agree
 * @a: one
 * @b: the other
 * @length: bytes to compare
 *
 * Context: Any IRQL.
 * Return: Bytes that are equal before the first that differ, @length if all are.
 *	   DDI: RtlCompareMemory
 */
static inline SIZE_T RtlCompareMemory(const VOID *a, const VOID *b, SIZE_T length)
{
	const UCHAR *x = (const UCHAR *)a;
	const UCHAR *y = (const UCHAR *)b;
	SIZE_T n = 0;

	while (n < length && x[n] == y[n])
		n++;
	return n;
}

/* The structure of type @type whose member @field is at @address */
#define CONTAINING_RECORD(address, type, field) \
	((type *)((ULONG_PTR)(address) - __builtin_offsetof(type, field)))

#define FIELD_OFFSET(type, field) ((LONG)__builtin_offsetof(type, field))
#define RTL_NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Doubly linked lists: the head is a LIST_ENTRY of its own, an empty one points at
 * itself. Locking is the caller's.
 */
static inline VOID InitializeListHead(PLIST_ENTRY head)
{
	head->Flink = head;
	head->Blink = head;
}

static inline BOOLEAN IsListEmpty(const LIST_ENTRY *head)
{
	return head->Flink == head;
}

static inline VOID InsertHeadList(PLIST_ENTRY head, PLIST_ENTRY entry)
{
	entry->Flink = head->Flink;
	entry->Blink = head;
	head->Flink->Blink = entry;
	head->Flink = entry;
}

static inline VOID InsertTailList(PLIST_ENTRY head, PLIST_ENTRY entry)
{
	InsertHeadList(head->Blink, entry);
}

/* Returns TRUE if the list is empty now. The entry keeps its stale links. */
static inline BOOLEAN RemoveEntryList(PLIST_ENTRY entry)
{
	entry->Blink->Flink = entry->Flink;
	entry->Flink->Blink = entry->Blink;
	return entry->Flink == entry->Blink;
}

/* Of an empty list these return the head, as on Windows */
static inline PLIST_ENTRY RemoveHeadList(PLIST_ENTRY head)
{
	PLIST_ENTRY entry = head->Flink;

	RemoveEntryList(entry);
	return entry;
}

static inline PLIST_ENTRY RemoveTailList(PLIST_ENTRY head)
{
	PLIST_ENTRY entry = head->Blink;

	RemoveEntryList(entry);
	return entry;
}

#endif /* WDMDMA_RTL_H */
