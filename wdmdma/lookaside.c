// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lookaside lists for ported drivers: pool, or the driver's own routines, and a count of what is
 * outstanding.
 */
#include <linux/export.h>
#include <linux/minmax.h>

#include <wdmdma/interlocked.h>
#include <wdmdma/lookaside.h>
#include <wdmdma/rtl.h>

#include "irql.h"

#define WD_LOOKASIDE_LIVE 0x6c6f6f6bU

static bool wd_lookaside_is_live(PGENERAL_LOOKASIDE lookaside, const char *routine)
{
	if (likely(lookaside->state == WD_LOOKASIDE_LIVE))
		return true;
	wd_report(WD_REPORT_OBJECT, NULL, routine, "%p is no initialised list", lookaside);
	return false;
}

/**
 * wdmdma_ex_initialize_lookaside() - make memory a list
 * @lookaside: the memory
 * @type: kind of pool
 * @size: bytes of a block
 * @tag: not kept by pool
 *
 * Context: <= DISPATCH_LEVEL. DDI: ExInitializeLookasideListEx
 */
void wdmdma_ex_initialize_lookaside(PGENERAL_LOOKASIDE lookaside, POOL_TYPE type, SIZE_T size,
				    ULONG tag)
{
	RtlZeroMemory(lookaside, sizeof(*lookaside));
	lookaside->Type = type;
	lookaside->Tag = tag;
	/* Windows links free blocks through themselves, so they have at least that much */
	lookaside->Size = max(size, sizeof(SLIST_ENTRY));
	lookaside->state = WD_LOOKASIDE_LIVE;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_initialize_lookaside, WDMDMA);

/**
 * wdmdma_ex_delete_lookaside() - end a list
 * @lookaside: the list; blocks not given back are reported and stay the driver's
 * @list_ex: the same as a LOOKASIDE_LIST_EX, or NULL
 *
 * Context: <= DISPATCH_LEVEL. DDI: ExDeleteLookasideListEx
 */
void wdmdma_ex_delete_lookaside(PGENERAL_LOOKASIDE lookaside, PLOOKASIDE_LIST_EX list_ex)
{
	static const char routine[] = "ExDeleteLookasideListEx";

	if (!wd_lookaside_is_live(lookaside, routine))
		return;
	lookaside->state = 0;
	if (lookaside->outstanding)
		wd_report(WD_REPORT_OBJECT, NULL, routine, "%d blocks were never given back",
			  lookaside->outstanding);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_delete_lookaside, WDMDMA);

static PVOID wd_lookaside_allocate(PGENERAL_LOOKASIDE lookaside, PLOOKASIDE_LIST_EX list_ex)
{
	if (lookaside->AllocateEx)
		return lookaside->AllocateEx(lookaside->Type, lookaside->Size, lookaside->Tag,
					     list_ex);
	if (lookaside->Allocate)
		return lookaside->Allocate(lookaside->Type, lookaside->Size, lookaside->Tag);
	return ExAllocatePoolWithTag(lookaside->Type, lookaside->Size, lookaside->Tag);
}

/**
 * wdmdma_ex_allocate_from_lookaside() - get a block
 * @lookaside: an initialised list
 * @list_ex: the same as a LOOKASIDE_LIST_EX, or NULL
 *
 * Context: <= DISPATCH_LEVEL, below it for a paged list.
 * Return: A block, not cleared, or NULL. DDI: ExAllocateFromLookasideListEx
 */
PVOID wdmdma_ex_allocate_from_lookaside(PGENERAL_LOOKASIDE lookaside, PLOOKASIDE_LIST_EX list_ex)
{
	PVOID block;

	if (!wd_lookaside_is_live(lookaside, "ExAllocateFromLookasideListEx"))
		return NULL;
	block = wd_lookaside_allocate(lookaside, list_ex);
	InterlockedIncrement((LONG *)&lookaside->TotalAllocates);
	if (block)
		InterlockedIncrement(&lookaside->outstanding);
	return block;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_allocate_from_lookaside, WDMDMA);

/**
 * wdmdma_ex_free_to_lookaside() - give a block back
 * @lookaside: the list it came from
 * @list_ex: the same as a LOOKASIDE_LIST_EX, or NULL
 * @block: the block
 *
 * Context: <= DISPATCH_LEVEL, below it for a paged list. DDI: ExFreeToLookasideListEx
 */
void wdmdma_ex_free_to_lookaside(PGENERAL_LOOKASIDE lookaside, PLOOKASIDE_LIST_EX list_ex,
				 PVOID block)
{
	if (!wd_lookaside_is_live(lookaside, "ExFreeToLookasideListEx"))
		return;
	InterlockedIncrement((LONG *)&lookaside->TotalFrees);
	InterlockedDecrement(&lookaside->outstanding);
	if (lookaside->FreeEx)
		lookaside->FreeEx(block, list_ex);
	else if (lookaside->Free)
		lookaside->Free(block);
	else
		ExFreePool(block);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_free_to_lookaside, WDMDMA);
