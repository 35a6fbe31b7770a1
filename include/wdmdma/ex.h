/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pool memory, interlocked arithmetic and interlocked lists.
 *
 * Pool memory is kmalloc() memory, or vmalloc() memory where a large piece is wanted and
 * the caller may sleep; it is never paged out. As on Windows a block is aligned to 16
 * bytes, and to a page from a page's size on. Tags are accepted and not kept.
 */
#ifndef WDMDMA_EX_H
#define WDMDMA_EX_H

#include <wdmdma/types.h>
#include <wdmdma/ke.h>

typedef enum _POOL_TYPE {
	NonPagedPool = 0,
	NonPagedPoolExecute = NonPagedPool,
	PagedPool = 1,
	NonPagedPoolMustSucceed = 2,
	DontUseThisType = 3,
	NonPagedPoolCacheAligned = 4,
	PagedPoolCacheAligned = 5,
	NonPagedPoolNx = 512,
	NonPagedPoolNxCacheAligned = 516
} POOL_TYPE;

typedef ULONG64 POOL_FLAGS;

#define POOL_FLAG_USE_QUOTA 0x0000000000000001ULL
#define POOL_FLAG_UNINITIALIZED 0x0000000000000002ULL
#define POOL_FLAG_SESSION 0x0000000000000004ULL
#define POOL_FLAG_CACHE_ALIGNED 0x0000000000000008ULL
#define POOL_FLAG_RAISE_ON_FAILURE 0x0000000000000020ULL
#define POOL_FLAG_NON_PAGED 0x0000000000000040ULL
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0000000000000080ULL
#define POOL_FLAG_PAGED 0x0000000000000100ULL

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/pool.c */
PVOID wdmdma_ex_allocate_pool2(POOL_FLAGS flags, SIZE_T bytes, ULONG tag);
void wdmdma_ex_free_pool(PVOID block);
PLIST_ENTRY wdmdma_ex_interlocked_insert_head_list(PLIST_ENTRY head, PLIST_ENTRY entry,
						   PKSPIN_LOCK lock);
PLIST_ENTRY wdmdma_ex_interlocked_insert_tail_list(PLIST_ENTRY head, PLIST_ENTRY entry,
						   PKSPIN_LOCK lock);
PLIST_ENTRY wdmdma_ex_interlocked_remove_head_list(PLIST_ENTRY head, PKSPIN_LOCK lock);

#ifdef __cplusplus
}
#endif

#define ExAllocatePool2 wdmdma_ex_allocate_pool2
#define ExFreePool wdmdma_ex_free_pool
#define ExFreePoolWithTag(block, tag) ((void)(tag), wdmdma_ex_free_pool(block))
#define ExInterlockedInsertHeadList wdmdma_ex_interlocked_insert_head_list
#define ExInterlockedInsertTailList wdmdma_ex_interlocked_insert_tail_list
#define ExInterlockedRemoveHeadList wdmdma_ex_interlocked_remove_head_list

/* The flags of ExAllocatePool2 that a pool type amounts to */
static inline POOL_FLAGS wdmdma_pool_flags(POOL_TYPE type)
{
	POOL_FLAGS flags = (type & PagedPool) ? POOL_FLAG_PAGED : POOL_FLAG_NON_PAGED;

	return (type & NonPagedPoolCacheAligned) ? flags | POOL_FLAG_CACHE_ALIGNED : flags;
}

/**
 * ExAllocatePoolWithTag() - allocate memory and leave its contents as they are
 * @type: paged types only below DISPATCH_LEVEL
 * @bytes: length
 * @tag: not kept
 *
 * Context: <= DISPATCH_LEVEL; sleeps only where it may.
 * Return: The memory, or NULL. DDI: ExAllocatePoolWithTag
 */
static inline PVOID ExAllocatePoolWithTag(POOL_TYPE type, SIZE_T bytes, ULONG tag)
{
	return wdmdma_ex_allocate_pool2(wdmdma_pool_flags(type) | POOL_FLAG_UNINITIALIZED,
					bytes, tag);
}

/**
 * ExAllocatePoolZero() - allocate memory and clear it
 * @type: paged types only below DISPATCH_LEVEL
 * @bytes: length
 * @tag: not kept
 *
 * Context: <= DISPATCH_LEVEL; sleeps only where it may.
 * Return: The memory, or NULL. DDI: ExAllocatePoolZero
 */
static inline PVOID ExAllocatePoolZero(POOL_TYPE type, SIZE_T bytes, ULONG tag)
{
	return wdmdma_ex_allocate_pool2(wdmdma_pool_flags(type), bytes, tag);
}

#define ExAllocatePoolUninitialized ExAllocatePoolWithTag
#define ExAllocatePool(type, bytes) ExAllocatePoolWithTag((type), (bytes), 0)

/*
 * Interlocked arithmetic: full barriers, as on Windows. The __sync builtins promise just
 * that on every processor, where the __atomic ones do not (arm64).
 */
static inline LONG InterlockedIncrement(LONG volatile *target)
{
	return __sync_add_and_fetch(target, 1);
}

static inline LONG InterlockedDecrement(LONG volatile *target)
{
	return __sync_sub_and_fetch(target, 1);
}

/* From here on: the value before */
static inline LONG InterlockedExchangeAdd(LONG volatile *target, LONG value)
{
	return __sync_fetch_and_add(target, value);
}

static inline LONG InterlockedOr(LONG volatile *target, LONG value)
{
	return __sync_fetch_and_or(target, value);
}

static inline LONG InterlockedAnd(LONG volatile *target, LONG value)
{
	return __sync_fetch_and_and(target, value);
}

static inline LONG InterlockedXor(LONG volatile *target, LONG value)
{
	return __sync_fetch_and_xor(target, value);
}

static inline LONG InterlockedCompareExchange(LONG volatile *target, LONG value, LONG comparand)
{
	return __sync_val_compare_and_swap(target, comparand, value);
}

/* __sync_lock_test_and_set alone would be an acquire barrier only */
static inline LONG InterlockedExchange(LONG volatile *target, LONG value)
{
	__sync_synchronize();
	value = __sync_lock_test_and_set(target, value);
	__sync_synchronize();
	return value;
}

static inline PVOID InterlockedExchangePointer(PVOID volatile *target, PVOID value)
{
	__sync_synchronize();
	value = __sync_lock_test_and_set(target, value);
	__sync_synchronize();
	return value;
}

static inline PVOID InterlockedCompareExchangePointer(PVOID volatile *target, PVOID value,
						      PVOID comparand)
{
	return __sync_val_compare_and_swap(target, comparand, value);
}

#endif /* WDMDMA_EX_H */
