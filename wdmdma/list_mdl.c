// SPDX-License-Identifier: GPL-2.0-only
/*
 * BuildMdlFromScatterGatherList: the CPU's view of the memory that a list really refers to.
 *
 * Where nothing was bounced that is the driver's own memory, so the driver's MDL will do. Else it
 * is a chain of new MDLs, one for each piece, of bounce pages where they took the place of pages of
 * the driver's and of these where they did not. The chain belongs to the list and goes with it.
 */
#include <linux/slab.h>

#include "buffer.h"
#include "inject.h"
#include "internal.h"
#include "list.h"
#include "ops.h"
#include "status.h"
#include "walk.h"

static bool wd_list_has_bounced(struct wd_adapter *adapter, struct wd_list *list)
{
	struct scatterlist *sg;
	u32 i;

	if (!list->each)
		return false;
	for_each_sg(list->sgl, sg, list->nr_sg, i)
		if (wd_map_is_bounced(adapter, sg))
			return true;
	return false;
}

/* The page frames of an entry, one for each page that it touches. */
static void wd_list_entry_pfns(struct wd_adapter *adapter, struct scatterlist *sg, PPFN_NUMBER pfns,
			       u32 pages)
{
	unsigned long first = page_to_pfn(sg_page(sg));
	u32 i;

	if (wd_map_is_bounced(adapter, sg))
		first = page_to_pfn(wd_bounce_page_of(adapter, sg_dma_address(sg)));
	for (i = 0; i < pages; i++)
		pfns[i] = first + i;
}

/*
 * Fills the frames of a piece from the list's entries, the first of which is *@sg, and moves on.
 * Returns false when the piece is not one that the list was made from.
 */
static bool wd_list_piece_pfns(struct wd_adapter *adapter, struct scatterlist **sg, u32 *sg_left,
			       const struct wd_piece *piece, PPFN_NUMBER pfns)
{
	u32 pages_left = wd_span_pages(piece->byte, piece->left);
	u32 left = piece->left;

	/* Another MDL, or the driver has changed where in its first page this one starts. */
	if (!*sg_left || (*sg)->offset != (piece->byte & ~PAGE_MASK))
		return false;
	while (left) {
		u32 pages;

		if (!*sg_left || (*sg)->length > left)
			return false;
		pages = wd_span_pages((*sg)->offset, (*sg)->length);
		/* Entries of several pieces need not follow one another. */
		if (pages > pages_left)
			return false;
		wd_list_entry_pfns(adapter, *sg, pfns, pages);
		pfns += pages;
		pages_left -= pages;
		left -= (*sg)->length;
		*sg = sg_next(*sg);
		--*sg_left;
	}
	return true;
}

static PMDL wd_list_piece_mdl(const struct wd_piece *piece)
{
	PVOID va = (PVOID)(ULONG_PTR)offset_in_page(piece->byte);
	PMDL mdl = kmalloc(wdmdma_mm_size_of_mdl(va, piece->left), GFP_ATOMIC | __GFP_NOWARN);

	if (!mdl)
		return NULL;
	MmInitializeMdl(mdl, va, piece->left);
	mdl->Process = NULL;
	mdl->MappedSystemVa = NULL;
	mdl->MdlFlags = MDL_PAGES_LOCKED;
	return mdl;
}

static int wd_list_build_mdls(struct wd_adapter *adapter, struct wd_list *list,
			      struct wd_range *range, PMDL *link)
{
	struct scatterlist *sg = list->sgl;
	u32 sg_left = list->nr_sg;
	struct wd_piece piece;
	dma_addr_t unused;
	PMDL mdl;

	for (; range->nr_pieces; link = &mdl->Next) {
		wd_range_next(range, &piece);
		mdl = wd_injects(adapter->host, WDMDMA_FAIL_LISTS) ? NULL :
								     wd_list_piece_mdl(&piece);
		*link = mdl;
		if (!mdl)
			return -ENOMEM;
		if (!wd_buffer_find(adapter, piece.mdl, piece.byte - piece.mdl->ByteOffset,
				    piece.left, list->direction, &unused))
			memcpy(MmGetMdlPfnArray(mdl), piece.pfns + (piece.byte >> PAGE_SHIFT),
			       wd_span_pages(piece.byte, piece.left) * sizeof(PFN_NUMBER));
		else if (!wd_list_piece_pfns(adapter, &sg, &sg_left, &piece, MmGetMdlPfnArray(mdl)))
			return -EINVAL;
	}
	return sg_left ? -EINVAL : 0;
}

static int wd_list_mdl(struct wd_adapter *adapter, PSCATTER_GATHER_LIST scatter_gather,
		       PMDL original_mdl, PMDL *target_mdl)
{
	struct wd_list *list = wd_list_find_live(adapter, scatter_gather);
	struct wd_range range;
	int ret;

	lockdep_assert_held(&adapter->lock);
	if (!list || !original_mdl || !target_mdl)
		return -EINVAL;
	if (!wd_list_has_bounced(adapter, list)) {
		*target_mdl = original_mdl;
		return 0;
	}
	if (list->bounce_mdl)
		return -EEXIST;
	if (wd_range_init(&range, original_mdl, list->offset, list->bytes) ||
	    range.nr_pieces != list->nr_pieces)
		return -EINVAL;
	ret = wd_list_build_mdls(adapter, list, &range, &list->bounce_mdl);
	if (ret)
		wd_list_free_mdls(list);
	else
		*target_mdl = list->bounce_mdl;
	return ret;
}

/**
 * wd_list_free_mdls() - free what BuildMdlFromScatterGatherList made for a list
 * @list: the list
 */
void wd_list_free_mdls(struct wd_list *list)
{
	PMDL mdl = list->bounce_mdl;

	list->bounce_mdl = NULL;
	while (mdl) {
		PMDL next = mdl->Next;

		kfree(mdl);
		mdl = next;
	}
}

/**
 * wdmdma_build_mdl_from_scatter_gather_list() - the CPU's view of what a list refers to
 * (BuildMdlFromScatterGatherList)
 * @dma_adapter: the adapter
 * @scatter_gather: a live list
 * @original_mdl: the MDL it was made from
 * @target_mdl: receives @original_mdl, or the first of a chain that Put frees: one MDL for each of
 * the original's that the list covers, locked, not mapped, its buffer starting with the first byte
 * of the transfer
 *
 * The driver neither unlocks nor frees the chain, but unmaps what it mapped of it, before Put.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: STATUS_SUCCESS; STATUS_NONE_MAPPED: a chain was made for this list already;
 * STATUS_INSUFFICIENT_RESOURCES: no memory (may work later); STATUS_INVALID_PARAMETER: an argument
 * is NULL, the list is not live or not made from @original_mdl, or the adapter dead or NULL.
 */
NTSTATUS wdmdma_build_mdl_from_scatter_gather_list(PDMA_ADAPTER dma_adapter,
						   PSCATTER_GATHER_LIST scatter_gather,
						   PMDL original_mdl, PMDL *target_mdl)
{
	struct wd_adapter *adapter;
	unsigned long flags;
	int ret;

	adapter = wd_adapter_enter(dma_adapter, "BuildMdlFromScatterGatherList");
	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	/* Held all the time: the list must not be put meanwhile. */
	spin_lock_irqsave(&adapter->lock, flags);
	ret = wd_list_mdl(adapter, scatter_gather, original_mdl, target_mdl);
	spin_unlock_irqrestore(&adapter->lock, flags);
	wd_adapter_leave();
	return ret == -EEXIST ? STATUS_NONE_MAPPED : wdmdma_status(ret);
}
