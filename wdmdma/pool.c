// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pool and interlocked lists for ported drivers.
 */
#include <linux/export.h>
#include <linux/llist.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include <wdmdma/ex.h>
#include <wdmdma/ke.h>
#include <wdmdma/rtl.h>

#include "irql.h"
#include "runtime.h"

/* The required flags there are: those below POOL_FLAG_REQUIRED_END */
#define WD_POOL_FLAGS \
	(POOL_FLAG_USE_QUOTA | POOL_FLAG_UNINITIALIZED | POOL_FLAG_SESSION | \
	 POOL_FLAG_CACHE_ALIGNED | POOL_FLAG_RAISE_ON_FAILURE | POOL_FLAG_NON_PAGED | \
	 POOL_FLAG_NON_PAGED_EXECUTE | POOL_FLAG_PAGED)

/* Large blocks freed where vfree() is not allowed; each holds its own link */
static LLIST_HEAD(wd_late_frees);

static void wd_free_late(struct work_struct *work)
{
	struct llist_node *node = llist_del_all(&wd_late_frees);

	while (node) {
		struct llist_node *next = node->next;

		kvfree(node);
		node = next;
	}
}

static DECLARE_WORK(wd_late_free_work, wd_free_late);

/* Pool is legal at DISPATCH_LEVEL, so sleep only where that is right; large blocks need it */
static gfp_t wd_pool_gfp(POOL_FLAGS flags)
{
	if (wd_may_wait())
		return WD_GFP_ANY_LENGTH;
	if ((flags & POOL_FLAG_PAGED) && KeGetCurrentIrql() < DISPATCH_LEVEL)
		return WD_GFP_ANY_LENGTH;
	return GFP_ATOMIC | __GFP_NOWARN;
}

/*
 * kmalloc() aligns powers of two to themselves; the sizes between them that it has, 96
 * and 192, promise less than the 16 bytes (or the cache line) a pool block has.
 */
static size_t wd_pool_bytes(POOL_FLAGS flags, SIZE_T bytes)
{
	size_t least = (flags & POOL_FLAG_CACHE_ALIGNED) ? L1_CACHE_BYTES : 16;

	if (bytes <= least)
		return least;
	return bytes <= 192 ? roundup_pow_of_two(bytes) : bytes;
}

/**
 * wdmdma_ex_allocate_pool2() - allocate memory
 * @flags: POOL_FLAG_*; RAISE_ON_FAILURE raises nothing here; one of the required flags that is
 *	   not known makes the call fail, as on Windows
 * @bytes: length
 * @tag: not kept
 *
 * Cleared unless POOL_FLAG_UNINITIALIZED is given. The caller owes ExFreePool.
 *
 * Context: <= DISPATCH_LEVEL, below it for POOL_FLAG_PAGED; sleeps only where it may.
 * Return: The memory, or NULL. DDI: ExAllocatePool2
 */
PVOID wdmdma_ex_allocate_pool2(POOL_FLAGS flags, SIZE_T bytes, ULONG tag)
{
	gfp_t gfp = wd_pool_gfp(flags);

	if ((flags & (POOL_FLAG_REQUIRED_END - 1)) & ~WD_POOL_FLAGS)
		return NULL;
	if (!(flags & POOL_FLAG_UNINITIALIZED))
		gfp |= __GFP_ZERO;
	return kvmalloc(wd_pool_bytes(flags, bytes), gfp);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_allocate_pool2, WDMDMA);

/**
 * wdmdma_ex_free_pool() - free memory of ExAllocatePool and its like
 * @block: the memory: anything kvfree() takes
 *
 * Context: <= DISPATCH_LEVEL; does not sleep. DDI: ExFreePool
 */
void wdmdma_ex_free_pool(PVOID block)
{
	if (!is_vmalloc_addr(block) || wd_may_sleep()) {
		kvfree(block);
	} else {
		llist_add(block, &wd_late_frees);
		schedule_work(&wd_late_free_work);
	}
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_free_pool, WDMDMA);

/* Interlocked lists: legal at any IRQL, so the lock must not be used otherwise */

/**
 * wdmdma_ex_interlocked_insert_head_list() - put an entry first
 * @head: the list
 * @entry: the entry
 * @lock: lock of this list that is given to these three routines only
 *
 * Context: Any IRQL.
 * Return: The entry that was first, or NULL. DDI: ExInterlockedInsertHeadList
 */
PLIST_ENTRY wdmdma_ex_interlocked_insert_head_list(PLIST_ENTRY head, PLIST_ENTRY entry,
						   PKSPIN_LOCK lock)
{
	PLIST_ENTRY first;
	unsigned long flags;

	spin_lock_irqsave(wdmdma_spinlock(lock), flags);
	first = head->Flink;
	InsertHeadList(head, entry);
	spin_unlock_irqrestore(wdmdma_spinlock(lock), flags);
	return first == head ? NULL : first;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_interlocked_insert_head_list, WDMDMA);

/**
 * wdmdma_ex_interlocked_insert_tail_list() - put an entry last
 * @head: the list
 * @entry: the entry
 * @lock: lock of this list that is given to these three routines only
 *
 * Context: Any IRQL.
 * Return: The entry that was last, or NULL. DDI: ExInterlockedInsertTailList
 */
PLIST_ENTRY wdmdma_ex_interlocked_insert_tail_list(PLIST_ENTRY head, PLIST_ENTRY entry,
						   PKSPIN_LOCK lock)
{
	PLIST_ENTRY last;
	unsigned long flags;

	spin_lock_irqsave(wdmdma_spinlock(lock), flags);
	last = head->Blink;
	InsertTailList(head, entry);
	spin_unlock_irqrestore(wdmdma_spinlock(lock), flags);
	return last == head ? NULL : last;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_interlocked_insert_tail_list, WDMDMA);

/**
 * wdmdma_ex_interlocked_remove_head_list() - take the first entry off
 * @head: the list
 * @lock: lock of this list that is given to these three routines only
 *
 * Context: Any IRQL.
 * Return: The entry, or NULL if there is none. DDI: ExInterlockedRemoveHeadList
 */
PLIST_ENTRY wdmdma_ex_interlocked_remove_head_list(PLIST_ENTRY head, PKSPIN_LOCK lock)
{
	PLIST_ENTRY entry = NULL;
	unsigned long flags;

	spin_lock_irqsave(wdmdma_spinlock(lock), flags);
	if (!IsListEmpty(head))
		entry = RemoveHeadList(head);
	spin_unlock_irqrestore(wdmdma_spinlock(lock), flags);
	return entry;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_interlocked_remove_head_list, WDMDMA);

/**
 * wd_pool_exit() - wait for memory that is freed late
 *
 * For module unload, when no driver is left.
 *
 * Context: Process, may sleep.
 */
void wd_pool_exit(void)
{
	flush_work(&wd_late_free_work);
}
