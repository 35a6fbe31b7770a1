// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of a scatter/gather list, from the driver's MDLs to the device's addresses.
 *
 * A list is one block, wdmdma's own (Get) or the driver's (Build):
 *
 *	SCATTER_GATHER_LIST, elements	what the driver sees, at offset 0
 *	struct wd_list			wdmdma's record
 *	struct scatterlist []		one entry per run, for wd_map_sg()
 *
 * The request fills the scatterlist, the grant maps it and writes the elements. An element lies in
 * one piece (MDL) although the IOMMU may join pieces to one segment, so the bounds of the pieces
 * are needed when the elements are written. Until then they stand in the last element slots: piece
 * j of p in slot max_elements - p + j. Each piece gives at least one element, so writing elements
 * from the front never overtakes reading pieces.
 *
 * An adapter that bounces maps entry by entry: directly what the device reaches, the rest through
 * a page of the pool each, or the list's part of the window. Entries whose addresses follow one
 * another then make one element.
 */
#include <linux/minmax.h>
#include <linux/slab.h>

#include "buffer.h"
#include "inject.h"
#include "internal.h"
#include "list.h"
#include "system.h"
#include "verifier.h"
#include "walk.h"

/* Address of a piece slot whose memory is not a common buffer's */
#define WD_PIECE_IS_MEMORY	(-1LL)

/**
 * wd_list_size() - bytes of a list's block
 * @elements: at most 0xFFFFF
 */
size_t wd_list_size(u32 elements)
{
	/* No overflow, also in 32 bits. */
	return sizeof(SCATTER_GATHER_LIST) + elements * sizeof(SCATTER_GATHER_ELEMENT) +
	       sizeof(struct wd_list) + elements * sizeof(struct scatterlist);
}

/* Drivers pack lists at the distance that Calculate reports. */
static_assert(sizeof(struct wd_list) % 8 == 0);
static_assert(sizeof(struct scatterlist) % 8 == 0);

/**
 * wd_list_capacity() - most elements that a block can hold
 * @bytes: size of the block
 * @wanted: no more than that
 *
 * Return: 0 when not even one fits.
 */
u32 wd_list_capacity(u32 bytes, u32 wanted)
{
	size_t fixed = wd_list_size(0);
	size_t each = wd_list_size(1) - fixed;

	return bytes < fixed ? 0 : min_t(size_t, (bytes - fixed) / each, wanted);
}

/**
 * wd_list_of() - the record of a list
 * @buffer: its block
 * @max_elements: what the block was laid out for
 */
struct wd_list *wd_list_of(PVOID buffer, u32 max_elements)
{
	return buffer + sizeof(SCATTER_GATHER_LIST) + max_elements * sizeof(SCATTER_GATHER_ELEMENT);
}

/**
 * wd_list_free() - free a list that wdmdma allocated
 * @list: unmapped, and not found by anybody any more
 */
void wd_list_free(struct wd_list *list)
{
	if (list->own_memory)
		kfree(list->list);
}

static void wd_list_unmap_each(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nents,
			       u8 direction, bool skip_sync)
{
	struct scatterlist *sg;
	u32 i;

	for_each_sg(sgl, sg, nents, i) {
		dma_addr_t dma = sg_dma_address(sg);

		if (!wd_map_is_bounced(adapter, sg)) {
			wd_unmap_page(adapter, dma, sg->length, direction, skip_sync);
			continue;
		}
		if (direction == DMA_FROM_DEVICE && !skip_sync)
			wd_bounce_store(adapter, dma, sg, 1, sg->length);
		wd_bounce_give(adapter, dma, sg->length);
	}
}

/**
 * wd_list_unmap_sg() - undo the mapping of a scatterlist
 * @adapter: the adapter
 * @sgl: as mapped
 * @nr_sg: as mapped; may be 0
 * @direction: as mapped
 * @each: entry by entry
 * @skip_sync: drop what the device wrote wherever it was copied
 */
void wd_list_unmap_sg(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nr_sg, u8 direction,
		      bool each, bool skip_sync)
{
	if (each)
		wd_list_unmap_each(adapter, sgl, nr_sg, direction, skip_sync);
	else if (nr_sg)
		wd_unmap_sg(adapter, sgl, nr_sg, direction, skip_sync);
}

/**
 * wd_list_unmap() - undo wd_list_map()
 * @adapter: the adapter
 * @list: mapped
 * @skip_sync: drop what the device wrote wherever it was copied
 */
void wd_list_unmap(struct wd_adapter *adapter, struct wd_list *list, bool skip_sync)
{
	wd_list_unmap_sg(adapter, list->sgl, list->nr_sg, list->direction, list->each, skip_sync);
	wd_list_free_mdls(list);
}

/**
 * wd_list_sync() - give the driver the data of a list that stays mapped for a while
 * @adapter: the adapter
 * @list: mapped; to be unmapped without data later
 */
void wd_list_sync(struct wd_adapter *adapter, struct wd_list *list)
{
	struct scatterlist *sg;
	u32 i;

	if (list->direction != DMA_FROM_DEVICE || !list->nr_sg)
		return;
	if (!list->each) {
		wd_map_sync_sg_for_cpu(adapter, list->sgl, list->nr_sg, list->direction);
		return;
	}
	for_each_sg(list->sgl, sg, list->nr_sg, i) {
		if (wd_map_is_bounced(adapter, sg))
			wd_bounce_store(adapter, sg_dma_address(sg), sg, 1, sg->length);
		else
			wd_map_sync_page_for_cpu(adapter, sg_dma_address(sg), sg->length,
						 list->direction);
	}
}

static int wd_list_find_common(struct wd_adapter *adapter, const struct wd_piece *piece,
			       enum dma_data_direction direction, dma_addr_t *dma)
{
	return wd_buffer_find(adapter, piece->mdl, piece->byte - piece->mdl->ByteOffset,
			      piece->left, direction, dma);
}

/**
 * wd_list_count() - elements and bounce pages that a range needs
 * @adapter: the adapter
 * @range: not changed
 * @direction: of the transfer; DMA_NONE: not known yet, which may need more
 * @elements: receives one for each run, and for each piece in a common buffer
 * @bounce_pages: receives the pages out of the device's reach; without scatter/gather, all
 * @bounces: receives whether it is certain that some are used
 *
 * Return: 0, or -EIO when a common buffer cannot be used.
 */
int wd_list_count(struct wd_adapter *adapter, struct wd_range range,
		  enum dma_data_direction direction, u32 *elements, u32 *bounce_pages,
		  bool *bounces)
{
	u32 count = 0;

	*bounces = false;
	*bounce_pages = adapter->bounce.is_window ? range.regs : 0;

	while (range.nr_pieces) {
		struct wd_piece piece;
		struct wd_run run;
		dma_addr_t dma;
		int ret;

		wd_range_next(&range, &piece);
		ret = wd_list_find_common(adapter, &piece, direction, &dma);
		if (!ret)
			count++;
		else if (ret != -ENOENT)
			return ret;
		for (; ret && piece.left; count++) {
			wd_piece_next(&piece, adapter, &run);
			*bounce_pages += run.bounced;
			*bounces |= run.bounced ||
				    (adapter->class == WDMDMA_BOUNCED && !adapter->scatter_gather &&
				     (piece.left || !wd_run_reaches(adapter, &run)));
		}
	}
	*elements = count;
	return 0;
}

static int wd_list_add_runs(struct wd_adapter *adapter, struct wd_list *list,
			    struct wd_piece *piece, u32 elements_left, u32 *bounce_left)
{
	while (piece->left) {
		struct scatterlist *sg = &list->sgl[list->nr_sg];
		struct wd_run run;

		if (!elements_left--)
			return -E2BIG;
		wd_piece_next(piece, adapter, &run);
		if (!wd_run_is_memory(piece, &run))
			return -EINVAL;
		/* Unless the driver changed its MDL meanwhile, that was counted. */
		if (run.bounced && !(*bounce_left)--)
			return -EINVAL;
		memset(sg, 0, sizeof(*sg));
		sg_set_page(sg, pfn_to_page(run.pfn), run.bytes, run.offset);
		list->nr_sg++;
	}
	return 0;
}

/**
 * wd_list_fill() - fill the scatterlist and the piece slots of a list
 * @adapter: the adapter
 * @list: being prepared
 * @range: used up
 *
 * Maps nothing.
 *
 * Return: 0; -E2BIG when the block is too small; -EINVAL for page frames that are not memory; -EIO
 * when a common buffer cannot be used.
 */
int wd_list_fill(struct wd_adapter *adapter, struct wd_list *list, struct wd_range *range)
{
	PSCATTER_GATHER_ELEMENT slot = &list->list->Elements[list->max_elements - list->nr_pieces];
	u32 bounce_left = list->request.bounce_pages;
	u32 nr_common = 0;

	for (; range->nr_pieces; slot++) {
		struct wd_piece piece;
		dma_addr_t dma;
		int ret;

		wd_range_next(range, &piece);
		slot->Length = piece.left;
		slot->Address.QuadPart = WD_PIECE_IS_MEMORY;
		ret = wd_list_find_common(adapter, &piece, list->direction, &dma);
		if (!ret) {
			slot->Address.QuadPart = dma;
			list->has_common = true;
			nr_common++;
		} else if (ret == -ENOENT) {
			ret = wd_list_add_runs(adapter, list, &piece,
					       list->max_elements - list->nr_sg - nr_common,
					       &bounce_left);
		}
		if (!ret && list->nr_sg + nr_common > list->max_elements)
			ret = -E2BIG;
		if (ret)
			return ret;
	}
	if (list->nr_sg)
		sg_mark_end(&list->sgl[list->nr_sg - 1]);
	return 0;
}

/* May bytes at @address be added to an element that was written before? */
static bool wd_list_joins(const struct wd_adapter *adapter, const SCATTER_GATHER_ELEMENT *element,
			  u64 address, u32 bytes)
{
	u64 start = element->Address.QuadPart;
	u64 last = address + bytes - 1;

	return start + element->Length == address &&
	       last - start < adapter->max_run_bytes - offset_in_page(start) &&
	       !((start ^ last) >> PAGE_SHIFT & ~adapter->line_pfn_mask);
}

/*
 * Writes the elements of a mapped list, over the slots of its pieces. But a controller may refuse
 * it for now, and then it is mapped again, so its elements go where the controller's are made.
 * Returns -EIO when there are more than were counted.
 */
static int wd_list_write_elements(const struct wd_adapter *adapter, struct wd_list *list,
				  u32 segments)
{
	PSCATTER_GATHER_LIST out = adapter->system ? adapter->system->elements : list->list;
	u32 room = adapter->system ? min(list->max_elements, adapter->max_regs) :
				     list->max_elements;
	PSCATTER_GATHER_ELEMENT elements = out->Elements;
	struct scatterlist *sg = list->sgl;
	u32 piece_index, n = 0;
	u32 taken = 0;		/* bytes of the present segment that have been written */

	for (piece_index = 0; piece_index < list->nr_pieces; piece_index++) {
		const SCATTER_GATHER_ELEMENT slot =
			list->list->Elements[list->max_elements - list->nr_pieces + piece_index];
		bool is_memory = slot.Address.QuadPart == WD_PIECE_IS_MEMORY;
		u64 address = slot.Address.QuadPart;
		u32 left = slot.Length;
		u32 first = n;

		while (left) {
			u32 bytes = left;

			if (is_memory && !segments)
				return -EIO;
			if (is_memory) {
				address = sg_dma_address(sg) + taken;
				bytes = min(bytes, sg_dma_len(sg) - taken);
				if (wd_fragments(adapter))
					bytes = min_t(u32, bytes,
						      PAGE_SIZE - offset_in_page(address));
				taken += bytes;
			}
			if (list->each && n > first &&
			    wd_list_joins(adapter, &elements[n - 1], address, bytes))
				elements[n - 1].Length += bytes;
			else if (n < room)
				elements[n++] = (SCATTER_GATHER_ELEMENT){
					.Address.QuadPart = address,
					.Length = bytes,
				};
			else
				return -EIO;
			left -= bytes;
			if (is_memory && taken == sg_dma_len(sg)) {
				sg = sg_next(sg);
				segments--;
				taken = 0;
			}
		}
	}
	out->NumberOfElements = n;
	out->Reserved = 0;
	return 0;
}

static int wd_list_map_entry(struct wd_adapter *adapter, struct wd_list *list,
			     struct scatterlist *sg, u32 window_page, bool may_be_direct)
{
	dma_addr_t dma;
	int ret;

	sg_dma_len(sg) = sg->length;
	if (may_be_direct &&
	    wd_map_reaches_run(adapter, page_to_pfn(sg_page(sg)), sg->offset, sg->length)) {
		ret = wd_map_page(adapter, sg_page(sg), sg->offset, sg->length, list->direction,
				  &sg_dma_address(sg));
		/* A window has room for all; of a pool only what is out of reach was reserved. */
		if (!ret || !adapter->bounce.is_window)
			return ret;
	}
	if (adapter->bounce.is_window)
		dma = adapter->bounce.pages[window_page].dma;
	else if (!wd_bounce_take(adapter, 1, &dma))
		return -ENOMEM;
	sg_dma_address(sg) = dma + sg->offset;
	wd_bounce_load(adapter, sg_dma_address(sg), sg, 1, sg->length);
	return 0;
}

/* Maps entry by entry; without scatter/gather a piece of several goes through the window whole. */
static int wd_list_map_each(struct wd_adapter *adapter, struct wd_list *list)
{
	const SCATTER_GATHER_ELEMENT *slot =
		&list->list->Elements[list->max_elements - list->nr_pieces];
	const SCATTER_GATHER_ELEMENT *end = slot + list->nr_pieces;
	u32 page = list->request.window;
	u32 pages_left = list->request.bounce_pages;
	struct scatterlist *sg = list->sgl;
	u32 n = 0;
	int ret;

	for (; slot < end; slot++) {
		bool is_memory = slot->Address.QuadPart == WD_PIECE_IS_MEMORY;
		bool may_be_direct = is_memory &&
				     (adapter->scatter_gather || sg->length == slot->Length);
		u32 left = is_memory ? slot->Length : 0;

		for (; left; left -= sg->length, sg = sg_next(sg), n++) {
			u32 pages = wd_span_pages(sg->offset, sg->length);

			ret = -EIO;
			if (!adapter->bounce.is_window || pages <= pages_left)
				ret = wd_list_map_entry(adapter, list, sg, page, may_be_direct);
			if (ret) {
				wd_list_unmap_each(adapter, list->sgl, n, list->direction, true);
				return ret;
			}
			page += pages;
			pages_left -= pages;
		}
	}
	return n;
}

/* Did the IOMMU make each piece one range of addresses? */
static bool wd_list_is_joined(const struct wd_list *list, u32 segments)
{
	const SCATTER_GATHER_ELEMENT *slot =
		&list->list->Elements[list->max_elements - list->nr_pieces];
	const SCATTER_GATHER_ELEMENT *end = slot + list->nr_pieces;
	const struct scatterlist *sg = list->sgl;
	u32 taken = 0;		/* bytes of the present segment that pieces seen cover */

	for (; slot < end; slot++) {
		if (slot->Address.QuadPart != WD_PIECE_IS_MEMORY)
			continue;
		if (segments && taken == sg_dma_len(sg)) {
			sg++;
			segments--;
			taken = 0;
		}
		if (!segments || slot->Length > sg_dma_len(sg) - taken)
			return false;
		taken += slot->Length;
	}
	return true;
}

static int wd_list_map_memory(struct wd_adapter *adapter, struct wd_list *list)
{
	int ret;

	if (wd_verifies(adapter)) {
		ret = wd_slots_map_list(adapter, list);
		list->each = ret;
		if (ret)
			return ret;
	}
	list->each = adapter->class == WDMDMA_BOUNCED;
	if (!list->each) {
		ret = wd_map_sg(adapter, list->sgl, list->nr_sg, list->direction);
		if (adapter->scatter_gather || (ret >= 0 && wd_list_is_joined(list, ret)))
			return ret;
		/* The window is there for what the IOMMU cannot join, or has no addresses for. */
		if (ret >= 0)
			wd_unmap_sg(adapter, list->sgl, list->nr_sg, list->direction, true);
		if (list->no_bounce)
			return ret < 0 ? ret : -EAGAIN;
		list->each = true;
	}
	ret = wd_list_map_each(adapter, list);
	list->each = ret >= 0;
	return ret;
}

/**
 * wd_list_map() - give a filled list its addresses
 * @adapter: the adapter
 * @list: filled
 *
 * Return: 0; -ENOMEM when it may work later; another errno when it cannot.
 */
int wd_list_map(struct wd_adapter *adapter, struct wd_list *list)
{
	int segments = 0;

	if (list->nr_sg) {
		segments = wd_list_map_memory(adapter, list);
		if (segments < 0)
			return segments;
	}
	if (wd_list_write_elements(adapter, list, segments)) {
		wd_list_unmap(adapter, list, true);
		return -EIO;
	}
	if (list->has_common)
		atomic64_inc(&adapter->common_maps);
	return 0;
}
