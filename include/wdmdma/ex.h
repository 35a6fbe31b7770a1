/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pool memory, and doubly linked lists under a lock (interlocked.h has the arithmetic).
 *
 * Pool memory is kmalloc() memory, or vmalloc() memory where a large piece is wanted and
 * the caller may sleep; it is never paged out. As on Windows a block is aligned to 16
 * bytes, and to a page from a page's size on. Tags are accepted and not kept.
 */
#ifndef WDMDMA_EX_H
#define WDMDMA_EX_H

#include <wdmdma/types.h>
#include <wdmdma/ke.h>
#include <wdmdma/interlocked.h>
#include <wdmdma/slist.h>

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
#define POOL_FLAG_REQUIRED_END 0x0000000080000000ULL	/* above: unknown ones do no harm */

/* POOL_TYPE bits that are not part of the type */
#define POOL_COLD_ALLOCATION 256
#define POOL_NX_ALLOCATION 512
#define POOL_QUOTA_FAIL_INSTEAD_OF_RAISE 8
#define POOL_RAISE_IF_ALLOCATION_FAILURE 16
#define POOL_ZERO_ALLOCATION 1024

typedef enum _EX_POOL_PRIORITY {
	LowPoolPriority,
	LowPoolPrioritySpecialPoolOverrun = 8,
	LowPoolPrioritySpecialPoolUnderrun = 9,
	NormalPoolPriority = 16,
	NormalPoolPrioritySpecialPoolOverrun = 24,
	NormalPoolPrioritySpecialPoolUnderrun = 25,
	HighPoolPriority = 32,
	HighPoolPrioritySpecialPoolOverrun = 40,
	HighPoolPrioritySpecialPoolUnderrun = 41
} EX_POOL_PRIORITY;

/* ExAllocatePool3: nothing that it can carry is known here */
typedef struct _POOL_EXTENDED_PARAMETER {
	ULONG64 Type;		/* bit 8: Optional */
	PVOID Reserved;
} POOL_EXTENDED_PARAMETER, *PPOOL_EXTENDED_PARAMETER;

#define WDMDMA_POOL_PARAMETER_OPTIONAL 0x100ULL

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
static inline POOL_FLAGS wdmdma_pool_flags(ULONG type)
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
	POOL_FLAGS flags = wdmdma_pool_flags((ULONG)type);

	if (!((ULONG)type & POOL_ZERO_ALLOCATION))
		flags |= POOL_FLAG_UNINITIALIZED;
	return wdmdma_ex_allocate_pool2(flags, bytes, tag);
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
	return wdmdma_ex_allocate_pool2(wdmdma_pool_flags((ULONG)type), bytes, tag);
}

#define ExAllocatePoolUninitialized ExAllocatePoolWithTag
#define ExAllocatePool(type, bytes) ExAllocatePoolWithTag((type), (bytes), 0)

/* There is no quota to charge, and so nothing to raise: what fails returns NULL */
#define ExAllocatePoolWithQuotaTag ExAllocatePoolWithTag
#define ExAllocatePoolWithQuota(type, bytes) ExAllocatePoolWithTag((type), (bytes), 0)
#define ExAllocatePoolQuotaZero ExAllocatePoolZero
#define ExAllocatePoolQuotaUninitialized ExAllocatePoolWithTag

/* Priorities say what to give up first when memory is short: nobody is asked here */
#define ExAllocatePoolWithTagPriority(type, bytes, tag, priority) \
	((void)(priority), ExAllocatePoolWithTag((type), (bytes), (tag)))
#define ExAllocatePoolPriorityZero(type, bytes, tag, priority) \
	((void)(priority), ExAllocatePoolZero((type), (bytes), (tag)))
#define ExAllocatePoolPriorityUninitialized ExAllocatePoolWithTagPriority

/**
 * ExAllocatePool3() - ExAllocatePool2 with extended parameters
 * @flags: POOL_FLAG_*
 * @bytes: length
 * @tag: not kept
 * @parameters: optional ones are ignored, others refused: none is known
 * @count: how many
 *
 * Context: <= DISPATCH_LEVEL, below it for POOL_FLAG_PAGED; sleeps only where it may.
 * Return: The memory, or NULL. DDI: ExAllocatePool3
 */
static inline PVOID ExAllocatePool3(POOL_FLAGS flags, SIZE_T bytes, ULONG tag,
				    const POOL_EXTENDED_PARAMETER *parameters, ULONG count)
{
	while (count--)
		if (!(parameters++->Type & WDMDMA_POOL_PARAMETER_OPTIONAL))
			return NULL;
	return wdmdma_ex_allocate_pool2(flags, bytes, tag);
}

#define ExFreePool2(block, tag, parameters, count) \
	((void)(tag), (void)(parameters), (void)(count), wdmdma_ex_free_pool(block))

#endif /* WDMDMA_EX_H */
