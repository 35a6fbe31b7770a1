/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory and doubly linked lists, and the macros that go with them.
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
#define RtlCopyBytes RtlCopyMemory
#define RtlZeroBytes RtlZeroMemory
#define RtlFillBytes RtlFillMemory
#define RtlCopyVolatileMemory(dst, src, bytes) \
	RtlCopyMemory((void *)(dst), (const void *)(src), (bytes))

/**
 * RtlSecureZeroMemory() - clear memory even if nobody looks at it again
 * @dst: the memory
 * @bytes: its length
 *
 * Context: Any IRQL.
 * Return: @dst. DDI: RtlSecureZeroMemory
 */
static inline PVOID RtlSecureZeroMemory(PVOID dst, SIZE_T bytes)
{
	RtlZeroMemory(dst, bytes);
	/* The compiler must take the cleared memory to be read here */
	__asm__ __volatile__("" : : "r" (dst) : "memory");
	return dst;
}

/**
 * RtlIsZeroMemory() - is a piece of memory clear?
 * @memory: the memory
 * @bytes: its length
 *
 * Context: Any IRQL.
 * Return: TRUE if every byte is 0. DDI: RtlIsZeroMemory
 */
static inline BOOLEAN RtlIsZeroMemory(const VOID *memory, SIZE_T bytes)
{
	const UCHAR *byte = (const UCHAR *)memory;

	while (bytes--)
		if (*byte++)
			return FALSE;
	return TRUE;
}

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
#ifndef ARRAYSIZE
#define ARRAYSIZE(array) RTL_NUMBER_OF(array)
#endif
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field) \
	(__builtin_offsetof(type, field) + RTL_FIELD_SIZE(type, field))
#define RTL_CONTAINS_FIELD(structure, size, field) \
	((size) >= RTL_SIZEOF_THROUGH_FIELD(__typeof__(*(structure)), field))
#define TYPE_ALIGNMENT(name) __alignof__(name)
#define ROUND_TO_SIZE(length, alignment) \
	(((ULONG_PTR)(length) + ((alignment) - 1)) & ~((ULONG_PTR)(alignment) - 1))

#define PtrToUlong(pointer) ((ULONG)(ULONG_PTR)(pointer))
#define PtrToLong(pointer) ((LONG)(LONG_PTR)(pointer))
#define UlongToPtr(value) ((PVOID)(ULONG_PTR)(ULONG)(value))
#define ULongToPtr UlongToPtr
#define LongToPtr(value) ((PVOID)(LONG_PTR)(LONG)(value))
#define UlongToHandle(value) ((HANDLE)(ULONG_PTR)(ULONG)(value))
#define HandleToUlong PtrToUlong
#define Int32x32To64(a, b) ((LONGLONG)(LONG)(a) * (LONG)(b))
#define UInt32x32To64(a, b) ((ULONGLONG)(ULONG)(a) * (ULONG)(b))

#ifndef LOWORD
#define LOWORD(value) ((USHORT)((ULONG_PTR)(value) & 0xffff))
#define HIWORD(value) ((USHORT)((ULONG_PTR)(value) >> 16 & 0xffff))
#define LOBYTE(value) ((UCHAR)((ULONG_PTR)(value) & 0xff))
#define HIBYTE(value) ((UCHAR)((ULONG_PTR)(value) >> 8 & 0xff))
#endif

#define FlagOn(flags, mask) ((flags) & (mask))
#define BooleanFlagOn(flags, mask) ((BOOLEAN)(((flags) & (mask)) != 0))
#define SetFlag(flags, mask) ((flags) |= (mask))
#define ClearFlag(flags, mask) ((flags) &= ~(mask))

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

/**
 * AppendTailList() - join two rings of entries
 * @head: the list
 * @more: an entry of a ring that has no head of its own; it comes behind the last
 *
 * Context: Any IRQL. DDI: AppendTailList
 */
static inline VOID AppendTailList(PLIST_ENTRY head, PLIST_ENTRY more)
{
	PLIST_ENTRY last = head->Blink;

	head->Blink->Flink = more;
	head->Blink = more->Blink;
	more->Blink->Flink = head;
	more->Blink = last;
}

#endif /* WDMDMA_RTL_H */
