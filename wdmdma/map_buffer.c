// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of common buffers. With map.c the only caller of the DMA API.
 *
 * The DMA API has one limit for the addresses it gives, the device's mask, which is lowered for the
 * duration of an allocation. What it has no word for (a lowest address, lines not to be crossed) is
 * left to luck: an address that will not do is kept until there is one that does, or the same would
 * come back.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/scatterlist.h>
#include <linux/set_memory.h>
#include <linux/swiotlb.h>

#include "buffer.h"
#include "inject.h"
#include "irql.h"

#define WD_MEMORY_REJECTS	16
#define WD_LARGE_PAGE_PAGES	512

/* What the DMA API gave. */
struct wd_memory_piece {
	void *va;
	dma_addr_t dma;
};

/* Neither at address 0 nor across a line of 4 GiB (B3, B5), and where it was wanted. */
static bool wd_memory_fits(const struct wd_buffer *buffer, const struct wd_buffer_wish *wish,
			   dma_addr_t dma)
{
	const struct wd_adapter *adapter = buffer->adapter;
	u64 last = dma + buffer->extent - 1;

	/* Nor across a line that a controller's segments do not cross */
	if (adapter->system && (dma ^ last) >> PAGE_SHIFT & ~(u64)adapter->line_pfn_mask)
		return false;
	return dma && last >= dma && dma >= wish->first_address && last <= wish->last_address &&
	       !(((u64)dma ^ last) >> 32) &&
	       !(wish->large_pages && (dma >> PAGE_SHIFT) % WD_LARGE_PAGE_PAGES);
}

/* What is allocated: the verifier wants something on both sides of a buffer. */
static size_t wd_memory_bytes(const struct wd_buffer *buffer)
{
	return buffer->extent + 2 * buffer->guard_bytes;
}

static bool wd_memory_get(struct wd_buffer *buffer, struct wd_memory_piece *piece)
{
	size_t bytes = wd_memory_bytes(buffer);
	struct page *page;

	if (buffer->memory == WD_MEMORY_COHERENT) {
		piece->va = dma_alloc_coherent(buffer->dev, bytes, &piece->dma, WD_GFP_ANY_LENGTH);
		return piece->va;
	}
	/* Cached, and of the linear map, where that can be changed: coherent memory need not be. */
	page = dma_alloc_pages(buffer->dev, bytes, &piece->dma, DMA_BIDIRECTIONAL,
			       WD_GFP_ANY_LENGTH);
	/* To dma-debug on 6.1 this is a mapping like others. */
	if (!page || dma_mapping_error(buffer->dev, piece->dma))
		return false;
	piece->va = page_address(page);
	return true;
}

static void wd_memory_give_back(struct wd_buffer *buffer, const struct wd_memory_piece *piece)
{
	size_t bytes = wd_memory_bytes(buffer);

	if (buffer->memory == WD_MEMORY_COHERENT)
		dma_free_coherent(buffer->dev, bytes, piece->va, piece->dma);
	else
		dma_free_pages(buffer->dev, bytes, virt_to_page(piece->va), piece->dma,
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
		found = wd_memory_fits(buffer, wish, piece.dma + buffer->guard_bytes);
		if (!found)
			rejects[nr_rejects++] = piece;
	}
	while (nr_rejects--)
		wd_memory_give_back(buffer, &rejects[nr_rejects]);
	if (found) {
		buffer->va = piece.va + buffer->guard_bytes;
		buffer->dma = piece.dma + buffer->guard_bytes;
	}
	return found;
}

/* A controller's mask and node are its driver's and of others': what it gives is only looked at. */
static bool wd_memory_alloc_limited(struct wd_buffer *buffer, const struct wd_buffer_wish *wish)
{
	struct wd_adapter *adapter = buffer->adapter;
	int host_node = dev_to_node(buffer->dev);
	struct wd_device *wdev = buffer->wdev->map_as;
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
 * The memory is zeroed. Not to cache is a wish where the processor is coherent with the device:
 * without uncached memory, for want of it or of an architecture that has it, one line is logged and
 * the buffer is cached.
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
	buffer->memory = wish->cache == WD_CACHE_CACHED && !is_coherent ? WD_MEMORY_CACHED :
									WD_MEMORY_COHERENT;
	if (!wd_memory_alloc_limited(buffer, wish))
		return -ENOMEM;
	/* The zeros are the device's as well, and must not overwrite what it writes later. */
	if (buffer->memory == WD_MEMORY_CACHED)
		wd_memory_sync(buffer, 0, buffer->extent, false);
	return 0;
}

/**
 * wd_memory_free() - undo wd_memory_alloc() or wd_memory_map()
 * @buffer: the buffer; its record is in no tree any more
 *
 * Context: Process, may sleep: behind an IOMMU this unmaps a vmalloc address.
 */
void wd_memory_free(struct wd_buffer *buffer)
{
	const struct wd_memory_piece piece = {
		.va = buffer->va - buffer->guard_bytes,
		.dma = buffer->dma - buffer->guard_bytes,
	};

	if (buffer->memory == WD_MEMORY_MDL) {
		dma_unmap_sgtable(buffer->dev, &buffer->sgt, buffer->direction, buffer->attrs);
		sg_free_table(&buffer->sgt);
		return;
	}
#ifdef CONFIG_X86
	if (buffer->memory == WD_MEMORY_UNCACHED)
		set_memory_wb((unsigned long)buffer->va, buffer->extent >> PAGE_SHIFT);
#endif
	wd_memory_give_back(buffer, &piece);
}

/**
 * wd_memory_sync() - maintain the processor's caches for a part of a buffer
 * @buffer: the buffer; nothing happens if it needs none
 * @offset: first byte; less than 0: in what is before the buffer
 * @bytes: length
 * @for_cpu: what the device wrote is to be seen; otherwise what the processor wrote
 *
 * Context: Any.
 */
void wd_memory_sync(struct wd_buffer *buffer, long offset, size_t bytes, bool for_cpu)
{
	size_t here;

	if (buffer->memory != WD_MEMORY_CACHED && buffer->memory != WD_MEMORY_MDL)
		return;
	/* Page by page: behind an IOMMU only pages are pieces of memory. */
	for (; bytes; offset += here, bytes -= here) {
		here = min(bytes, PAGE_SIZE - offset_in_page(offset));
		if (for_cpu)
			dma_sync_single_for_cpu(buffer->dev, buffer->dma + offset, here,
						buffer->direction);
		else
			dma_sync_single_for_device(buffer->dev, buffer->dma + offset, here,
						   buffer->direction);
	}
}

/* One entry for each physically contiguous run of pages. */
static int wd_memory_list_pages(struct wd_buffer *buffer, const PFN_NUMBER *pfns)
{
	unsigned long pages = buffer->extent >> PAGE_SHIFT, i, nr_runs = 1;
	unsigned long most = buffer->adapter->max_run_bytes >> PAGE_SHIFT;
	struct scatterlist *sg = NULL;
	int ret;

	/* A run that is longer than the device takes only gives fewer entries. */
	for (i = 1; i < pages; i++)
		nr_runs += pfns[i] != pfns[i - 1] + 1 || !(i % most);
	ret = sg_alloc_table(&buffer->sgt, nr_runs, WD_GFP_ANY_LENGTH);
	if (ret)
		return ret;
	for (i = 0; i < pages; i++) {
		if (i && pfns[i] == pfns[i - 1] + 1 && i % most) {
			sg->length += PAGE_SIZE;
			continue;
		}
		sg = sg ? sg_next(sg) : buffer->sgt.sgl;
		sg_set_page(sg, pfn_to_page(pfns[i]), PAGE_SIZE, 0);
	}
	return 0;
}

/* Addresses without a gap: the DMA API may cut one run into several. */
static bool wd_memory_is_one_range(struct wd_buffer *buffer)
{
	dma_addr_t next = sg_dma_address(buffer->sgt.sgl);
	struct scatterlist *sg;
	unsigned int i;

	for_each_sgtable_dma_sg(&buffer->sgt, sg, i) {
		if (sg_dma_address(sg) != next)
			return false;
		next += sg_dma_len(sg);
	}
	return next - sg_dma_address(buffer->sgt.sgl) == buffer->extent;
}

/* Are the addresses those of the driver's own pages, and not of a copy? */
static bool wd_memory_is_uncopied(struct wd_buffer *buffer, const PFN_NUMBER *pfns)
{
	bool is_translated = buffer->adapter->is_translated;
	dma_addr_t dma = sg_dma_address(buffer->sgt.sgl);
	unsigned long i;

	for (i = 0; i < buffer->extent >> PAGE_SHIFT; i++, dma += PAGE_SIZE)
		if (is_translated ? wd_iommu_phys(buffer->dev, dma) != PFN_PHYS(pfns[i]) :
				    dma != phys_to_dma(buffer->dev, PFN_PHYS(pfns[i])))
			return false;
	return true;
}

static int wd_memory_map_pages(struct wd_buffer *buffer, const PFN_NUMBER *pfns,
			       const struct wd_buffer_wish *wish)
{
	int ret = dma_map_sgtable(buffer->dev, &buffer->sgt, buffer->direction, buffer->attrs);
	dma_addr_t dma;

	if (ret)
		return ret == -ENOMEM ? -ENOMEM : -EINVAL;
	dma = sg_dma_address(buffer->sgt.sgl);
	if (!wd_memory_is_one_range(buffer) || !wd_memory_is_uncopied(buffer, pfns))
		ret = -EINVAL;
	else if (dma < wish->first_address)
		ret = -EOPNOTSUPP;
	else if (!wd_memory_fits(buffer, wish, dma))
		ret = -ENOMEM;
	if (ret)
		dma_unmap_sgtable(buffer->dev, &buffer->sgt, buffer->direction, buffer->attrs);
	else
		buffer->dma = dma;
	return ret;
}

/* Untranslated, the address is what it is: all is known before anything is mapped. */
static bool wd_memory_is_usable(struct wd_buffer *buffer, const PFN_NUMBER *pfns,
				const struct wd_buffer_wish *wish)
{
	dma_addr_t dma = phys_to_dma(buffer->dev, PFN_PHYS(pfns[0]));
	unsigned long i;

	for (i = 1; i < buffer->extent >> PAGE_SHIFT; i++)
		if (pfns[i] != pfns[0] + i ||
		    phys_to_dma(buffer->dev, PFN_PHYS(pfns[i])) != dma + i * PAGE_SIZE)
			return false;
	return dma != DMA_MAPPING_ERROR && wd_memory_fits(buffer, wish, dma) &&
	       !is_swiotlb_force_bounce(buffer->dev);
}

/**
 * wd_memory_map() - map a driver's pages as one range for the device
 * @buffer: gets its logical address; its direction is what the device may do
 * @pfns: its pages, which are memory
 * @wish: its limits are within what the device reaches
 *
 * Context: Process, wd_device.mutex held.
 * Return: 0; -EINVAL when the pages are no one range that the device may have, or a copy would be
 * made; -EOPNOTSUPP when the DMA API's address is below the lowest wanted; -ENOMEM for want of
 * memory or addresses.
 */
int wd_memory_map(struct wd_buffer *buffer, const PFN_NUMBER *pfns,
		  const struct wd_buffer_wish *wish)
{
	struct device *dev = buffer->dev;
	bool is_translated = buffer->adapter->is_translated;
	u64 host_mask = dma_get_mask(dev);
	bool narrows;
	int ret;

	lockdep_assert_held(&buffer->wdev->mutex);
	buffer->memory = WD_MEMORY_MDL;
	buffer->attrs = buffer->adapter->attrs;
	if (!is_translated && !wd_memory_is_usable(buffer, pfns, wish))
		return -EINVAL;
	if (wd_map_is_told_to_fail(buffer->adapter) || wd_memory_list_pages(buffer, pfns))
		return -ENOMEM;
	/*
	 * Addresses come from below the mask. What others map meanwhile may be refused, which they
	 * are prepared for, but does not go wrong. A controller's mask is its driver's.
	 */
	narrows = is_translated && !buffer->adapter->system && wish->last_address < host_mask;
	if (narrows)
		*dev->dma_mask = wish->last_address;
	ret = wd_memory_map_pages(buffer, pfns, wish);
	if (narrows)
		*dev->dma_mask = host_mask;
	if (ret)
		sg_free_table(&buffer->sgt);
	return ret;
}
