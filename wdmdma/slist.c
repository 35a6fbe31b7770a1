// SPDX-License-Identifier: GPL-2.0-only
/*
 * Singly linked lists that lock themselves, and those under a driver's lock.
 *
 * The head of a sequenced list has no room for a lock of Linux's, so some locks serve all heads, by
 * address. They are innermost, and held for a few instructions with interrupts off.
 */
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/spinlock.h>

#include <wdmdma/slist.h>

#define WD_SLIST_LOCK_BITS 4

/* Each lock on its own line, so that lists of several devices do not get in each other's way */
static struct {
	spinlock_t lock; /* innermost */
} ____cacheline_aligned_in_smp wd_slist_locks[1 << WD_SLIST_LOCK_BITS] = {
	[0 ... (1 << WD_SLIST_LOCK_BITS) - 1] = { __SPIN_LOCK_UNLOCKED(wd_slist_locks) },
};

static spinlock_t *wd_slist_lock(PSLIST_HEADER head)
{
	return &wd_slist_locks[hash_ptr(head, WD_SLIST_LOCK_BITS)].lock;
}

/**
 * wdmdma_interlocked_push_list_slist() - put a chain of entries first
 * @head: the list
 * @first: first of the chain
 * @last: last of the chain
 * @count: how many they are
 *
 * Context: Any IRQL.
 * Return: The entry that was first, or NULL. DDI: InterlockedPushListSListEx
 */
PSLIST_ENTRY wdmdma_interlocked_push_list_slist(PSLIST_HEADER head, PSLIST_ENTRY first,
						PSLIST_ENTRY last, ULONG count)
{
	PSLIST_ENTRY before;
	unsigned long flags;

	spin_lock_irqsave(wd_slist_lock(head), flags);
	before = head->first;
	last->Next = before;
	head->first = first;
	head->depth += count;
	head->sequence++;
	spin_unlock_irqrestore(wd_slist_lock(head), flags);
	return before;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_interlocked_push_list_slist, WDMDMA);

/**
 * wdmdma_interlocked_push_entry_slist() - put an entry first
 * @head: the list
 * @entry: the entry
 *
 * Context: Any IRQL.
 * Return: The entry that was first, or NULL. DDI: InterlockedPushEntrySList,
 *	   ExInterlockedPushEntrySList
 */
PSLIST_ENTRY wdmdma_interlocked_push_entry_slist(PSLIST_HEADER head, PSLIST_ENTRY entry)
{
	return wdmdma_interlocked_push_list_slist(head, entry, entry, 1);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_interlocked_push_entry_slist, WDMDMA);

/**
 * wdmdma_interlocked_pop_entry_slist() - take the first entry off
 * @head: the list
 *
 * Context: Any IRQL.
 * Return: The entry, or NULL if there is none. DDI: InterlockedPopEntrySList,
 *	   ExInterlockedPopEntrySList
 */
PSLIST_ENTRY wdmdma_interlocked_pop_entry_slist(PSLIST_HEADER head)
{
	PSLIST_ENTRY first;
	unsigned long flags;

	spin_lock_irqsave(wd_slist_lock(head), flags);
	first = head->first;
	if (first) {
		head->first = first->Next;
		head->depth--;
		head->sequence++;
	}
	spin_unlock_irqrestore(wd_slist_lock(head), flags);
	return first;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_interlocked_pop_entry_slist, WDMDMA);

/**
 * wdmdma_interlocked_flush_slist() - take all entries off
 * @head: the list
 *
 * Context: Any IRQL.
 * Return: The entry that was first, with the others behind it, or NULL.
 *	   DDI: InterlockedFlushSList, ExInterlockedFlushSList
 */
PSLIST_ENTRY wdmdma_interlocked_flush_slist(PSLIST_HEADER head)
{
	PSLIST_ENTRY first;
	unsigned long flags;

	spin_lock_irqsave(wd_slist_lock(head), flags);
	first = head->first;
	head->first = NULL;
	head->depth = 0;
	head->sequence++;
	spin_unlock_irqrestore(wd_slist_lock(head), flags);
	return first;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_interlocked_flush_slist, WDMDMA);

/**
 * wdmdma_ex_interlocked_push_entry_list() - put an entry first, under a lock
 * @head: the list
 * @entry: the entry
 * @lock: lock of this list that is given to these two routines only
 *
 * Context: Any IRQL.
 * Return: The entry that was first, or NULL. DDI: ExInterlockedPushEntryList
 */
PSINGLE_LIST_ENTRY wdmdma_ex_interlocked_push_entry_list(PSINGLE_LIST_ENTRY head,
							 PSINGLE_LIST_ENTRY entry,
							 PKSPIN_LOCK lock)
{
	PSINGLE_LIST_ENTRY before;
	unsigned long flags;

	spin_lock_irqsave(wdmdma_spinlock(lock), flags);
	before = head->Next;
	PushEntryList(head, entry);
	spin_unlock_irqrestore(wdmdma_spinlock(lock), flags);
	return before;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_interlocked_push_entry_list, WDMDMA);

/**
 * wdmdma_ex_interlocked_pop_entry_list() - take the first entry off, under a lock
 * @head: the list
 * @lock: lock of this list that is given to these two routines only
 *
 * Context: Any IRQL.
 * Return: The entry, or NULL if there is none. DDI: ExInterlockedPopEntryList
 */
PSINGLE_LIST_ENTRY wdmdma_ex_interlocked_pop_entry_list(PSINGLE_LIST_ENTRY head, PKSPIN_LOCK lock)
{
	PSINGLE_LIST_ENTRY first;
	unsigned long flags;

	spin_lock_irqsave(wdmdma_spinlock(lock), flags);
	first = PopEntryList(head);
	spin_unlock_irqrestore(wdmdma_spinlock(lock), flags);
	return first;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_interlocked_pop_entry_list, WDMDMA);
