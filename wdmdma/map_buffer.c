// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of common buffers. With map.c the only caller of the DMA API.
 *
 * The DMA API has one limit for the addresses it gives, the device's mask, which is lowered for the
 * duration of an allocation. What it has no word for (a lowest address, lines not to be crossed) is
 * left to luck: an address that will not do is kept until there is one that does, or the same would
 * come back.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/set_memory.h>

#include "buffer.h"
#include "irql.h"

#define WD_MEMORY_REJECTS	16

/* What the DMA API gave. */
struct wd_memory_piece {
	void *va;
	dma_addr_t dma;
};

/* Neither at address 0 nor across a line of 4 GiB (B3, B5), and where it was wanted. */
static bool wd_memory_fits(const struct wd_buffer *buffer, const struct wd_buffer_wish *wish,
			   dma_addr_t dma)
{
	u64 last = dma + buffer->extent - 1;

	return dma && last >= dma && dma >= wish->first_address && last <= wish->last_address &&
	       !(((u64)dma ^ last) >> 32);
}

static bool wd_memory_get(struct wd_buffer *buffer, struct wd_memory_piece *piece)
{
	struct page *page;

	if (buffer->memory == WD_MEMORY_COHERENT) {
		piece->va = dma_alloc_coherent(buffer->dev, buffer->extent, &piece->dma,
					       WD_GFP_ANY_LENGTH);
		return piece->va;
	}
	/* Pages of the linear map, whose caching can be changed; coherent memory need not be such. */
	page = dma_alloc_pages(buffer->dev, buffer->extent, &piece->dma, DMA_BIDIRECTIONAL,
			       WD_GFP_ANY_LENGTH);
	/* To dma-debug on 6.1 this is a mapping like others. */
	if (!page || dma_mapping_error(buffer->dev, piece->dma))
		return false;
	piece->va = page_address(page);
	return true;
}

static void wd_memory_give_back(struct wd_buffer *buffer, const struct wd_memory_piece *piece)
{
	if (buffer->memory == WD_MEMORY_COHERENT)
		dma_free_coherent(buffer->dev, buffer->extent, piece->va, piece->dma);
	else
		dma_free_pages(buffer->dev, buffer->extent, virt_to_page(piece->va), piece->dma,
			       DMA_BIDIRECTIONAL);
}

/* Gets memory of the buffer's kind; the device's limits are set. */
static bool wd_memory_search(struct wd_buffer *buffer, const struct wd_buffer_wish *wish)
{
	struct wd_memory_piece rejects[WD_MEMORY_REJECTS];
	unsigned int nr_rejects = 0;
	struct wd_memory_piece piece;
	bool found = false;

	while (!found && nr_rejects < WD_MEMORY_REJECTS && wd_memory_get(buffer, &piece)) {
		found = wd_memory_fits(buffer, wish, piece.dma);
		if (!found)
			rejects[nr_rejects++] = piece;
	}
	while (nr_rejects--)
		wd_memory_give_back(buffer, &rejects[nr_rejects]);
	if (found) {
		buffer->va = piece.va;
		buffer->dma = piece.dma;
	}
	return found;
}

/* A controller's mask and node are its driver's and of others', so what it gives is only looked at. */
static bool wd_memory_alloc_limited(struct wd_buffer *buffer, const struct wd_buffer_wish *wish)
{
	struct wd_adapter *adapter = buffer->adapter;
	int host_node = dev_to_node(buffer->dev);
	struct wd_device *wdev = buffer->wdev;
	bool found = false;
	u64 host_mask;

	mutex_lock(&wdev->mutex);
	if (!wd_map_narrow_coherent(adapter, wish->last_address, &host_mask)) {
		if (wish->node != NUMA_NO_NODE && !adapter->system)
			set_dev_node(buffer->dev, wish->node);
		found = wd_memory_search(buffer, wish);
		if (!adapter->system)
			set_dev_node(buffer->dev, host_node);
		wd_map_restore_coherent(adapter, host_mask);
	}
	mutex_unlock(&wdev->mutex);
	return found;
}

static bool wd_memory_alloc_uncached(struct wd_buffer *buffer, const struct wd_buffer_wish *wish)
{
#ifdef CONFIG_X86
	buffer->memory = WD_MEMORY_UNCACHED;
	if (wd_memory_alloc_limited(buffer, wish)) {
		const struct wd_memory_piece piece = { .va = buffer->va, .dma = buffer->dma };

		if (!set_memory_uc((unsigned long)buffer->va, buffer->extent >> PAGE_SHIFT))
			return true;
		wd_memory_give_back(buffer, &piece);
	}
#endif
	return false;
}

/**
 * wd_memory_alloc() - allocate memory that CPU and device share
 * @buffer: gets its address, its logical address, and the kind of its memory
 * @wish: its limits are within what the device reaches
 *
 * The memory is zeroed. Caching is a wish where the processor is coherent with the device: without
 * uncached memory, for want of it or of an architecture that has it, one line is logged and the
 * buffer is cached.
 *
 * Context: Process, may sleep.
 * Return: 0 or -ENOMEM.
 */
int wd_memory_alloc(struct wd_buffer *buffer, const struct wd_buffer_wish *wish)
{
	bool is_coherent = wd_class_alignment(buffer->adapter) == 1;

	if (wish->cache == WD_CACHE_UNCACHED && is_coherent) {
		if (wd_memory_alloc_uncached(buffer, wish))
			return 0;
		dev_info_once(buffer->wdev->dev,
			      "wdmdma: common buffers: cached memory, uncached is not to be had\n");
	}
	buffer->memory = WD_MEMORY_COHERENT;
	return wd_memory_alloc_limited(buffer, wish) ? 0 : -ENOMEM;
}

/**
 * wd_memory_free() - undo wd_memory_alloc()
 * @buffer: the buffer; its record is in no tree any more
 *
 * Context: Process, may sleep: behind an IOMMU this unmaps a vmalloc address.
 */
void wd_memory_free(struct wd_buffer *buffer)
{
	const struct wd_memory_piece piece = { .va = buffer->va, .dma = buffer->dma };

#ifdef CONFIG_X86
	if (buffer->memory == WD_MEMORY_UNCACHED)
		set_memory_wb((unsigned long)buffer->va, buffer->extent >> PAGE_SHIFT);
#endif
	wd_memory_give_back(buffer, &piece);
}
