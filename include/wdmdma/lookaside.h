/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lookaside lists: blocks of one size.
 *
 * Linux's allocator keeps free blocks of each size for each processor, which is what a
 * lookaside list is for; so these go straight to pool, or to the driver's own routines,
 * and hold nothing back. Windows may do the same, as it sets a list's depth by itself.
 * Each block must be given back before the list is deleted; what is not is reported.
 */
#ifndef WDMDMA_LOOKASIDE_H
#define WDMDMA_LOOKASIDE_H

#include <wdmdma/types.h>
#include <wdmdma/ex.h>

struct _LOOKASIDE_LIST_EX;

typedef PVOID ALLOCATE_FUNCTION(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
typedef __typeof__(ALLOCATE_FUNCTION) *PALLOCATE_FUNCTION;
typedef VOID FREE_FUNCTION(PVOID Buffer);
typedef __typeof__(FREE_FUNCTION) *PFREE_FUNCTION;
typedef PVOID ALLOCATE_FUNCTION_EX(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag,
				   struct _LOOKASIDE_LIST_EX *Lookaside);
typedef __typeof__(ALLOCATE_FUNCTION_EX) *PALLOCATE_FUNCTION_EX;
typedef VOID FREE_FUNCTION_EX(PVOID Buffer, struct _LOOKASIDE_LIST_EX *Lookaside);
typedef __typeof__(FREE_FUNCTION_EX) *PFREE_FUNCTION_EX;

typedef struct _GENERAL_LOOKASIDE {
	ULONG state;			/* wdmdma's: tells a list from other memory */
	LONG outstanding;		/* blocks not given back yet */
	ULONG TotalAllocates;
	ULONG TotalFrees;
	POOL_TYPE Type;
	ULONG Tag;
	SIZE_T Size;
	PALLOCATE_FUNCTION Allocate;	/* the driver's, or NULL: pool */
	PFREE_FUNCTION Free;
	PALLOCATE_FUNCTION_EX AllocateEx;
	PFREE_FUNCTION_EX FreeEx;
} GENERAL_LOOKASIDE, *PGENERAL_LOOKASIDE;

typedef struct _NPAGED_LOOKASIDE_LIST {
	GENERAL_LOOKASIDE L;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST;

typedef struct _PAGED_LOOKASIDE_LIST {
	GENERAL_LOOKASIDE L;
} PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST;

typedef struct _LOOKASIDE_LIST_EX {
	GENERAL_LOOKASIDE L;
} LOOKASIDE_LIST_EX, *PLOOKASIDE_LIST_EX;

#define EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL 0x00000001U	/* returns NULL all the same */
#define EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE 0x00000002U

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/lookaside.c */
void wdmdma_ex_initialize_lookaside(PGENERAL_LOOKASIDE lookaside, POOL_TYPE type, SIZE_T size,
				    ULONG tag);
void wdmdma_ex_delete_lookaside(PGENERAL_LOOKASIDE lookaside, PLOOKASIDE_LIST_EX list_ex);
PVOID wdmdma_ex_allocate_from_lookaside(PGENERAL_LOOKASIDE lookaside, PLOOKASIDE_LIST_EX list_ex);
void wdmdma_ex_free_to_lookaside(PGENERAL_LOOKASIDE lookaside, PLOOKASIDE_LIST_EX list_ex,
				 PVOID block);

#ifdef __cplusplus
}
#endif

/**
 * ExInitializeNPagedLookasideList() - make memory a lookaside list of nonpaged blocks
 * @list: the memory
 * @allocate: the driver's routine, or NULL
 * @free: the driver's routine, or NULL
 * @flags: POOL_RAISE_IF_ALLOCATION_FAILURE raises nothing here
 * @size: bytes of a block
 * @tag: passed to @allocate
 * @depth: reserved, 0
 *
 * Context: <= DISPATCH_LEVEL. DDI: ExInitializeNPagedLookasideList
 */
static inline VOID ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST list,
						   PALLOCATE_FUNCTION allocate,
						   PFREE_FUNCTION free, ULONG flags, SIZE_T size,
						   ULONG tag, USHORT depth)
{
	(void)flags;
	(void)depth;
	wdmdma_ex_initialize_lookaside(&list->L, NonPagedPoolNx, size, tag);
	list->L.Allocate = allocate;
	list->L.Free = free;
}

/**
 * ExInitializePagedLookasideList() - make memory a lookaside list of paged blocks
 * @list: the memory
 * @allocate: the driver's routine, or NULL
 * @free: the driver's routine, or NULL
 * @flags: POOL_RAISE_IF_ALLOCATION_FAILURE raises nothing here
 * @size: bytes of a block
 * @tag: passed to @allocate
 * @depth: reserved, 0
 *
 * Context: <= APC_LEVEL. DDI: ExInitializePagedLookasideList
 */
static inline VOID ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST list,
						  PALLOCATE_FUNCTION allocate,
						  PFREE_FUNCTION free, ULONG flags, SIZE_T size,
						  ULONG tag, USHORT depth)
{
	(void)flags;
	(void)depth;
	wdmdma_ex_initialize_lookaside(&list->L, PagedPool, size, tag);
	list->L.Allocate = allocate;
	list->L.Free = free;
}

/**
 * ExInitializeLookasideListEx() - make memory a lookaside list
 * @list: the memory
 * @allocate: the driver's routine, or NULL
 * @free: the driver's routine, or NULL
 * @type: kind of pool
 * @flags: EX_LOOKASIDE_LIST_EX_FLAGS_*
 * @size: bytes of a block
 * @tag: passed to @allocate
 * @depth: reserved, 0
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER for a flag there is not.
 *	   DDI: ExInitializeLookasideListEx
 */
static inline NTSTATUS ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX list,
						   PALLOCATE_FUNCTION_EX allocate,
						   PFREE_FUNCTION_EX free, POOL_TYPE type,
						   ULONG flags, SIZE_T size, ULONG tag,
						   USHORT depth)
{
	(void)depth;
	if (flags & ~(EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL |
		      EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE))
		return STATUS_INVALID_PARAMETER;
	wdmdma_ex_initialize_lookaside(&list->L, type, size, tag);
	list->L.AllocateEx = allocate;
	list->L.FreeEx = free;
	return STATUS_SUCCESS;
}

#define ExAllocateFromNPagedLookasideList(list) wdmdma_ex_allocate_from_lookaside(&(list)->L, NULL)
#define ExFreeToNPagedLookasideList(list, block) \
	wdmdma_ex_free_to_lookaside(&(list)->L, NULL, (block))
#define ExDeleteNPagedLookasideList(list) wdmdma_ex_delete_lookaside(&(list)->L, NULL)
#define ExAllocateFromPagedLookasideList(list) wdmdma_ex_allocate_from_lookaside(&(list)->L, NULL)
#define ExFreeToPagedLookasideList(list, block) \
	wdmdma_ex_free_to_lookaside(&(list)->L, NULL, (block))
#define ExDeletePagedLookasideList(list) wdmdma_ex_delete_lookaside(&(list)->L, NULL)
#define ExAllocateFromLookasideListEx(list) wdmdma_ex_allocate_from_lookaside(&(list)->L, (list))
#define ExFreeToLookasideListEx(list, block) \
	wdmdma_ex_free_to_lookaside(&(list)->L, (list), (block))
#define ExDeleteLookasideListEx(list) wdmdma_ex_delete_lookaside(&(list)->L, (list))
/* There is nothing that could be flushed */
#define ExFlushLookasideListEx(list) ((void)(list))

#endif /* WDMDMA_LOOKASIDE_H */
