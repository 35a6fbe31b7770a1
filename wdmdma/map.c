// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only caller of the DMA API but for the memory of common buffers (map_buffer.c). Every address
 * is compared with the adapter's reach before a driver sees it.
 */
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/minmax.h>

#include "inject.h"
#include "internal.h"
#include "irql.h"
#include "trace.h"

/* May @bytes at @dma be given to the adapter's device? */
static bool wd_map_reaches(const struct wd_adapter *adapter, dma_addr_t dma, u64 bytes)
{
	/* Memory that the bus does not cover has the address that means an error: all ones. */
	return dma != DMA_MAPPING_ERROR && bytes - 1 <= adapter->last_address &&
	       dma <= adapter->last_address - (bytes - 1);
}

/*
 * May the platform copy so few bytes? Every length for which dma_kmalloc_needs_bounce() says yes:
 * those below two lines that are no multiple of one. A run of parts that are none of these is none.
 */
static bool wd_map_copies_small(const struct wd_adapter *adapter, u64 bytes)
{
	return unlikely(adapter->copies_small) && bytes < 2 * dma_get_cache_alignment() &&
	       !IS_ALIGNED(bytes, dma_get_cache_alignment());
}

/*
 * ... and is it what the class promises? A page that the platform bounces although nothing said so
 * when the adapter was made (memory was added, the mask narrowed) would never be copied back.
 */
static bool wd_map_is_good(const struct wd_adapter *adapter, dma_addr_t dma, u64 bytes,
			   phys_addr_t phys)
{
	return wd_map_reaches(adapter, dma, bytes) &&
	       (adapter->class == WDMDMA_TRANSLATED || adapter->platform_bounces ||
		wd_map_copies_small(adapter, bytes) ||
		dma == phys_to_dma(adapter->dev, phys));
}

/**
 * wd_map_reaches_run() - does the device of a bounced adapter reach a run where it is?
 * @adapter: of class bounced
 * @pfn: first page frame, which need not be memory
 * @offset: of the first byte in it
 * @bytes: length
 */
bool wd_map_reaches_run(const struct wd_adapter *adapter, unsigned long pfn, u32 offset, u32 bytes)
{
	return !adapter->bounces_all && !wd_map_copies_small(adapter, bytes) &&
	       wd_map_reaches(adapter, phys_to_dma(adapter->dev, PFN_PHYS(pfn) + offset), bytes);
}

/**
 * wd_map_joins_next() - may a run go on from one page frame to the next?
 * @adapter: untranslated
 * @pfn: the first of the two
 *
 * For a bus whose addresses are not those of memory: it may have lines elsewhere, and several
 * windows into memory that do not follow one another.
 */
bool wd_map_joins_next(const struct wd_adapter *adapter, unsigned long pfn)
{
	dma_addr_t dma = phys_to_dma(adapter->dev, PFN_PHYS(pfn));
	dma_addr_t next = phys_to_dma(adapter->dev, PFN_PHYS(pfn + 1));

	return next - dma == PAGE_SIZE && next >> PAGE_SHIFT & adapter->line_pfn_mask;
}

/**
 * wd_map_same_bus() - have two untranslated devices the same addresses for the same memory?
 * @dev: a device
 * @other: another
 */
bool wd_map_same_bus(struct device *dev, struct device *other)
{
	const struct bus_dma_region *a = dev->dma_range_map, *b = other->dma_range_map;

	for (; a && b && a->size; a++, b++)
		if (a->cpu_start != b->cpu_start || a->dma_start != b->dma_start ||
		    a->size != b->size)
			return false;
	return a ? b && !b->size : !b;
}

/**
 * wd_map_is_bounced() - was an entry of a list that is mapped entry by entry bounced?
 * @adapter: with bounce pages
 * @sg: mapped
 *
 * A bounce page is never the driver's, so the address tells.
 */
bool wd_map_is_bounced(const struct wd_adapter *adapter, struct scatterlist *sg)
{
	return adapter->bounces_all || sg_dma_address(sg) != phys_to_dma(adapter->dev, sg_phys(sg));
}

/* By what is really done: a bounced adapter maps what its device reaches directly. */
static void wd_map_count(struct wd_adapter *adapter, u64 bytes)
{
	atomic64_inc(&adapter->maps[adapter->class == WDMDMA_BOUNCED ? WDMDMA_DIRECT :
				    adapter->class]);
	atomic64_add(bytes, &adapter->mapped_bytes);
}

/*
 * Where the platform bounces, the driver's bytes go to the device first even if the device is to
 * write: 6.1 clears the bounce buffer of an untrusted device instead, and a short transfer would
 * bring the zeros back.
 */
static enum dma_data_direction wd_map_direction(const struct wd_adapter *adapter,
						enum dma_data_direction direction)
{
	return adapter->platform_bounces ? DMA_BIDIRECTIONAL : direction;
}

static unsigned long wd_unmap_attrs(const struct wd_adapter *adapter, bool skip_sync)
{
	return adapter->attrs | (skip_sync ? DMA_ATTR_SKIP_CPU_SYNC : 0);
}

/**
 * wd_map_page() - map one physically contiguous run
 * @adapter: the adapter
 * @page: its first page
 * @offset: of the first byte in @page
 * @bytes: length, at most max_run_bytes
 * @direction: of the transfer
 * @dma: where to store the device's address; untouched on failure
 *
 * Context: Any.
 * Return: 0; -ENOMEM when the DMA API could not map it; -EIO when the device may not use it there.
 */
int wd_map_page(struct wd_adapter *adapter, struct page *page, u32 offset, u32 bytes,
		enum dma_data_direction direction, dma_addr_t *dma)
{
	dma_addr_t address;

	if (wd_map_is_told_to_fail(adapter))
		return -ENOMEM;
	address = dma_map_page_attrs(adapter->dev, page, offset, bytes,
				     wd_map_direction(adapter, direction), adapter->attrs);
	if (dma_mapping_error(adapter->dev, address))
		return -ENOMEM;
	if (!wd_map_is_good(adapter, address, bytes, page_to_phys(page) + offset)) {
		wd_unmap_page(adapter, address, bytes, direction, true);
		return -EIO;
	}
	*dma = address;
	wd_map_count(adapter, bytes);
	return 0;
}

/**
 * wd_unmap_page() - undo wd_map_page()
 * @adapter: the adapter
 * @dma: device address of the run
 * @bytes: length it was mapped with
 * @direction: it was mapped with
 * @skip_sync: drop what the device wrote into a bounce buffer or behind a cache
 */
void wd_unmap_page(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes,
		   enum dma_data_direction direction, bool skip_sync)
{
	dma_unmap_page_attrs(adapter->dev, dma, bytes, wd_map_direction(adapter, direction),
			     wd_unmap_attrs(adapter, skip_sync));
}

/**
 * wd_map_sg() - map a list of runs
 * @adapter: the adapter
 * @sgl: one entry per run
 * @nents: number of entries
 * @direction: of the transfer
 *
 * Context: Any.
 * Return: number of DMA segments; -ENOMEM when it may work later; another errno when it cannot.
 */
int wd_map_sg(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nents,
	      enum dma_data_direction direction)
{
	struct sg_table table = { .sgl = sgl, .orig_nents = nents };
	struct scatterlist *sg;
	unsigned int i;
	u64 bytes = 0;
	int ret;

	if (wd_map_is_told_to_fail(adapter))
		return -ENOMEM;
	ret = dma_map_sgtable(adapter->dev, &table, wd_map_direction(adapter, direction),
			      adapter->attrs);
	if (ret)	/* -EIO is also what a swiotlb that is full for a while says */
		return ret == -EIO && adapter->can_fail ? -ENOMEM : ret;

	for_each_sg(sgl, sg, table.nents, i) {
		if (!wd_map_is_good(adapter, sg_dma_address(sg), sg_dma_len(sg), sg_phys(sg))) {
			wd_unmap_sg(adapter, sgl, nents, direction, true);
			return -EIO;
		}
		bytes += sg_dma_len(sg);
	}
	wd_map_count(adapter, bytes);
	return table.nents;
}

/**
 * wd_unmap_sg() - undo wd_map_sg()
 * @adapter: the adapter
 * @sgl: as mapped
 * @nents: as mapped, not the number of segments
 * @direction: as mapped
 * @skip_sync: as for wd_unmap_page()
 */
void wd_unmap_sg(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nents,
		 enum dma_data_direction direction, bool skip_sync)
{
	dma_unmap_sg_attrs(adapter->dev, sgl, nents, wd_map_direction(adapter, direction),
			   wd_unmap_attrs(adapter, skip_sync));
}

/**
 * wd_map_sync_page_for_cpu() - let the processor read what the device wrote into a run
 * @adapter: the adapter
 * @dma: as mapped
 * @bytes: at most as mapped
 * @direction: as mapped
 */
void wd_map_sync_page_for_cpu(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes,
			      enum dma_data_direction direction)
{
	dma_sync_single_for_cpu(adapter->dev, dma, bytes, wd_map_direction(adapter, direction));
}

/**
 * wd_map_sync_sg_for_cpu() - let the processor read what the device wrote into a list of runs
 * @adapter: the adapter
 * @sgl: as mapped
 * @nents: as mapped
 * @direction: as mapped
 */
void wd_map_sync_sg_for_cpu(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nents,
			    enum dma_data_direction direction)
{
	dma_sync_sg_for_cpu(adapter->dev, sgl, nents, wd_map_direction(adapter, direction));
}

/**
 * wd_map_sync_page_for_device() - let the device read what the processor wrote into a run
 * @adapter: the adapter
 * @dma: as mapped
 * @bytes: at most as mapped
 * @direction: as mapped
 */
void wd_map_sync_page_for_device(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes,
				 enum dma_data_direction direction)
{
	dma_sync_single_for_device(adapter->dev, dma, bytes, wd_map_direction(adapter, direction));
}

/**
 * wd_map_sync_sg_for_device() - let the device read what the processor wrote into a list of runs
 * @adapter: the adapter
 * @sgl: as mapped
 * @nents: as mapped
 * @direction: as mapped
 */
void wd_map_sync_sg_for_device(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nents,
			       enum dma_data_direction direction)
{
	dma_sync_sg_for_device(adapter->dev, sgl, nents, wd_map_direction(adapter, direction));
}

/**
 * wd_map_narrow_coherent() - say whose addresses the next allocation may have
 * @adapter: whose device; a controller's mask is its driver's and of others', and stays
 * @last_address: the highest
 * @host_mask: receives what wd_map_restore_coherent() needs
 *
 * Context: Process, the mutex held of the device that maps: the allocation is the only one.
 * Return: 0; -EIO below the platform's smallest zone: an allocation may give any address.
 */
int wd_map_narrow_coherent(struct wd_adapter *adapter, u64 last_address, u64 *host_mask)
{
	struct device *dev = adapter->dev;

	lockdep_assert_held(&adapter->wdev->map_as->mutex);
	*host_mask = dev->coherent_dma_mask;
	if (adapter->system || last_address >= *host_mask)
		return 0;
	return dma_set_coherent_mask(dev, last_address);
}

/**
 * wd_map_restore_coherent() - undo wd_map_narrow_coherent()
 * @adapter: the adapter
 * @host_mask: from there
 */
void wd_map_restore_coherent(struct wd_adapter *adapter, u64 host_mask)
{
	if (!adapter->system)
		adapter->dev->coherent_dma_mask = host_mask;
}

/**
 * wd_map_alloc_block() - allocate pages for bouncing, mapped for both directions
 * @adapter: claimed
 * @pages: so many, with contiguous addresses
 * @dma: receives the device's address
 *
 * The DMA API looks for memory below the coherent mask, and for addresses behind an IOMMU below the
 * mask that has been claimed; where it cannot go as low as the adapter's reach, the address says
 * what came of it.
 *
 * Context: Process, wd_device.mutex held.
 * Return: the first page, or NULL.
 */
struct page *wd_map_alloc_block(struct wd_adapter *adapter, u32 pages, dma_addr_t *dma)
{
	struct device *dev = adapter->dev;
	struct page *page;
	u64 host_mask;

	lockdep_assert_held(&adapter->wdev->mutex);
	/* Wherever it cannot go, what comes is looked at. */
	wd_map_narrow_coherent(adapter, adapter->last_address, &host_mask);
	page = dma_alloc_pages(dev, (size_t)pages << PAGE_SHIFT, dma, DMA_BIDIRECTIONAL,
			       GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY);
	wd_map_restore_coherent(adapter, host_mask);
	/* To dma-debug on 6.1 this is a mapping like others. */
	if (page && dma_mapping_error(dev, *dma))
		return NULL;
	return page;
}

/**
 * wd_map_free_block() - undo wd_map_alloc_block()
 * @adapter: the adapter
 * @pages: as allocated
 * @page: as allocated
 * @dma: as allocated
 *
 * Context: Process, may sleep.
 */
void wd_map_free_block(struct wd_adapter *adapter, u32 pages, struct page *page, dma_addr_t dma)
{
	dma_free_pages(adapter->dev, (size_t)pages << PAGE_SHIFT, page, dma, DMA_BIDIRECTIONAL);
}

/**
 * wd_map_sync_for_device() - hand a part of a block to the device
 * @adapter: the adapter
 * @dma: first byte
 * @bytes: length, within the block
 */
void wd_map_sync_for_device(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes)
{
	dma_sync_single_for_device(adapter->dev, dma, bytes, DMA_BIDIRECTIONAL);
}

/**
 * wd_map_sync_for_cpu() - take a part of a block back from the device
 * @adapter: the adapter
 * @dma: first byte
 * @bytes: length, within the block
 */
void wd_map_sync_for_cpu(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes)
{
	dma_sync_single_for_cpu(adapter->dev, dma, bytes, DMA_BIDIRECTIONAL);
}

/**
 * wd_spare_alloc() - give a register set its premapped page
 * @adapter: the adapter
 * @spare: filled
 *
 * Context: Any.
 * Return: 0 or -ENOMEM.
 */
int wd_spare_alloc(struct wd_adapter *adapter, struct wd_spare *spare)
{
	struct page *page = alloc_page(GFP_ATOMIC | __GFP_NOWARN | __GFP_ZERO);
	dma_addr_t dma;

	if (!page)
		return -ENOMEM;
	dma = dma_map_page_attrs(adapter->dev, page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL,
				 DMA_ATTR_NO_WARN);
	if (dma_mapping_error(adapter->dev, dma)) {
		__free_page(page);
		return -ENOMEM;
	}
	if (!wd_map_reaches(adapter, dma, PAGE_SIZE)) {
		dma_unmap_page(adapter->dev, dma, PAGE_SIZE, DMA_BIDIRECTIONAL);
		__free_page(page);
		return -ENOMEM;
	}
	*spare = (struct wd_spare){ .page = page, .dma = dma };
	return 0;
}

/**
 * wd_spare_free() - undo wd_spare_alloc()
 * @adapter: the adapter
 * @spare: may be empty
 */
void wd_spare_free(struct wd_adapter *adapter, struct wd_spare *spare)
{
	if (!spare->page)
		return;
	dma_unmap_page(adapter->dev, spare->dma, PAGE_SIZE, DMA_BIDIRECTIONAL);
	__free_page(spare->page);
	*spare = (struct wd_spare){};
}

/**
 * wd_spare_reload() - bring the driver's bytes into a spare page once more
 * @adapter: the adapter
 * @spare: in use
 * @page: the driver's page
 * @offset: first byte, the same in both pages
 * @bytes: length, within the page
 */
void wd_spare_reload(struct wd_adapter *adapter, struct wd_spare *spare, struct page *page,
		     u32 offset, u32 bytes)
{
	dma_sync_single_range_for_cpu(adapter->dev, spare->dma, offset, bytes, DMA_BIDIRECTIONAL);
	memcpy_page(spare->page, offset, page, offset, bytes);
	dma_sync_single_range_for_device(adapter->dev, spare->dma, offset, bytes,
					 DMA_BIDIRECTIONAL);
	atomic64_add(bytes, &adapter->bounced_bytes);
	trace_wdmdma_bounce_in(adapter, spare->dma + offset, bytes);
}

/**
 * wd_spare_to_device() - load a spare page with the driver's bytes and hand it to the device
 * @adapter: the adapter
 * @spare: not busy
 * @page: the driver's page
 * @offset: first byte, the same in both pages
 * @bytes: length, within the page
 *
 * Also for device-to-memory: a short transfer then leaves the rest of the driver's bytes alone.
 */
void wd_spare_to_device(struct wd_adapter *adapter, struct wd_spare *spare, struct page *page,
			u32 offset, u32 bytes)
{
	wd_spare_reload(adapter, spare, page, offset, bytes);
	atomic64_inc(&adapter->maps[WDMDMA_BOUNCED]);
	atomic64_add(bytes, &adapter->mapped_bytes);
}

/**
 * wd_spare_to_memory() - bring what the device wrote back to the driver's page
 * @adapter: the adapter
 * @spare: in use
 * @page: the driver's page
 * @offset: first byte, the same in both pages
 * @bytes: length
 */
void wd_spare_to_memory(struct wd_adapter *adapter, struct wd_spare *spare, struct page *page,
			u32 offset, u32 bytes)
{
	dma_sync_single_range_for_cpu(adapter->dev, spare->dma, offset, bytes, DMA_BIDIRECTIONAL);
	memcpy_page(page, offset, spare->page, offset, bytes);
	atomic64_add(bytes, &adapter->bounced_bytes);
	trace_wdmdma_bounce_out(adapter, spare->dma + offset, bytes);
}
