/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Singly linked lists, last in first out: bare, under the driver's spin lock, and the
 * sequenced ones (SLIST), which lock themselves.
 *
 * Windows' sequenced lists do without a lock, by a 16-byte compare-and-swap that not every
 * processor has. Here a spin lock of wdmdma's, chosen by the head's address and held with
 * interrupts off, makes each operation one step at any IRQL.
 */
#ifndef WDMDMA_SLIST_H
#define WDMDMA_SLIST_H

#include <wdmdma/types.h>
#include <wdmdma/ke.h>

#define MEMORY_ALLOCATION_ALIGNMENT 16

/* Windows wants 16-byte alignment of these two; here any pointer's does */
typedef struct _SLIST_ENTRY {
	struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;

typedef struct _SLIST_HEADER {
	PSLIST_ENTRY first;
	USHORT depth;		/* wraps, as on Windows */
	USHORT sequence;
} SLIST_HEADER, *PSLIST_HEADER;

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/slist.c */
PSLIST_ENTRY wdmdma_interlocked_push_entry_slist(PSLIST_HEADER head, PSLIST_ENTRY entry);
PSLIST_ENTRY wdmdma_interlocked_push_list_slist(PSLIST_HEADER head, PSLIST_ENTRY first,
						PSLIST_ENTRY last, ULONG count);
PSLIST_ENTRY wdmdma_interlocked_pop_entry_slist(PSLIST_HEADER head);
PSLIST_ENTRY wdmdma_interlocked_flush_slist(PSLIST_HEADER head);
PSINGLE_LIST_ENTRY wdmdma_ex_interlocked_push_entry_list(PSINGLE_LIST_ENTRY head,
							 PSINGLE_LIST_ENTRY entry,
							 PKSPIN_LOCK lock);
PSINGLE_LIST_ENTRY wdmdma_ex_interlocked_pop_entry_list(PSINGLE_LIST_ENTRY head,
							PKSPIN_LOCK lock);

#ifdef __cplusplus
}
#endif

/* Bare: locking is the caller's */
static inline VOID PushEntryList(PSINGLE_LIST_ENTRY head, PSINGLE_LIST_ENTRY entry)
{
	entry->Next = head->Next;
	head->Next = entry;
}

/* NULL if the list is empty */
static inline PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY head)
{
	PSINGLE_LIST_ENTRY first = head->Next;

	if (first)
		head->Next = first->Next;
	return first;
}

#define ExInterlockedPushEntryList wdmdma_ex_interlocked_push_entry_list
#define ExInterlockedPopEntryList wdmdma_ex_interlocked_pop_entry_list

/**
 * ExInitializeSListHead() - make memory an empty sequenced list
 * @head: the memory
 *
 * Context: Any IRQL. DDI: ExInitializeSListHead, InitializeSListHead
 */
static inline VOID ExInitializeSListHead(PSLIST_HEADER head)
{
	head->first = NULL;
	head->depth = 0;
	head->sequence = 0;
}

/**
 * ExQueryDepthSList() - how many entries a sequenced list has
 * @head: the list
 *
 * Context: Any IRQL.
 * Return: The number, modulo 65536; others may change it at once. DDI: ExQueryDepthSList
 */
static inline USHORT ExQueryDepthSList(PSLIST_HEADER head)
{
	return *(volatile USHORT *)&head->depth;
}

#define InitializeSListHead ExInitializeSListHead
#define QueryDepthSList ExQueryDepthSList
#define RtlInitializeSListHead ExInitializeSListHead
#define RtlQueryDepthSList ExQueryDepthSList
#define FirstEntrySList(head) ((head)->first)

#define InterlockedPushEntrySList wdmdma_interlocked_push_entry_slist
#define InterlockedPushListSListEx wdmdma_interlocked_push_list_slist
#define InterlockedPopEntrySList wdmdma_interlocked_pop_entry_slist
#define InterlockedFlushSList wdmdma_interlocked_flush_slist
#define ExInterlockedFlushSList wdmdma_interlocked_flush_slist

/* The lock has not been used since Windows XP */
#define ExInterlockedPushEntrySList(head, entry, lock) \
	((void)(lock), wdmdma_interlocked_push_entry_slist((head), (entry)))
#define ExInterlockedPopEntrySList(head, lock) \
	((void)(lock), wdmdma_interlocked_pop_entry_slist(head))

#endif /* WDMDMA_SLIST_H */
