// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounce pages: memory of wdmdma's own that a device reaches, for data in memory that it does not.
 *
 * The kernel does not bounce for devices that reach less than 32 bits, and nothing in it bounces
 * scattered pages into one range of addresses. So an adapter that may need either has pages of its
 * own, taken when it is made. IoGetDmaAdapter() reports no more map registers than there are pages,
 * and what a request may need is reserved when it is granted: what was granted can be mapped.
 *
 *	pool	with scatter/gather. Any page serves any page of a driver; a request reserves a
 *		number of pages and takes them one by one.
 *	window	without. One block of contiguous addresses; a request reserves a run of it, page for
 *		map register, and takes nothing further.
 *
 * A bounce page holds the driver's bytes at their own offset. It is loaded with them whatever the
 * direction, so that a device that writes less than it was asked to leaves the rest as it was.
 */
#include <linux/bitmap.h>
#include <linux/bsearch.h>
#include <linux/dma-mapping.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "internal.h"
#include "trace.h"
#include "verifier.h"

/* Pages of a block of a pool, at most: larger ones are hard to come by */
#define WD_BOUNCE_BLOCK	8U
/* Blocks out of reach that are kept until better ones were found */
#define WD_BOUNCE_REJECTS	256
/* Devices that reach 24 bits share 16 MiB: they get a quarter */
#define WD_BOUNCE_NARROW_SHARE	4

static unsigned int bounce_pages_max = 257;	/* 1 MiB at any offset */
module_param(bounce_pages_max, uint, 0444);
MODULE_PARM_DESC(bounce_pages_max,
		 "most bounce pages of an adapter (default 257; a quarter of it in 24 bits)");

static int wd_bounce_cmp(const void *a, const void *b)
{
	const struct wd_bounce_page *x = a, *y = b;

	return x->dma < y->dma ? -1 : x->dma > y->dma;
}

static u32 wd_bounce_index(const struct wd_bounce *bounce, dma_addr_t dma)
{
	const struct wd_bounce_page key = { .dma = dma - offset_in_page(dma) };
	const struct wd_bounce_page *page;

	if (bounce->is_window)
		return (dma - bounce->pages->dma) >> PAGE_SHIFT;
	page = bsearch(&key, bounce->pages, bounce->nr_pages, sizeof(key), wd_bounce_cmp);
	return page - bounce->pages;
}

static void wd_bounce_add_block(struct wd_bounce *bounce, struct page *page, dma_addr_t dma,
				u32 pages)
{
	u32 i;

	for (i = 0; i < pages; i++)
		bounce->pages[bounce->nr_pages++] = (struct wd_bounce_page){
			.page = pfn_to_page(page_to_pfn(page) + i),
			.dma = dma + (dma_addr_t)i * PAGE_SIZE,
			.block_pages = i ? 0 : pages,
		};
}

/**
 * wd_bounce_block_is_good() - can the device use a block, and its runs be of any pages of it?
 * @adapter: the adapter
 * @dma: of the block
 * @pages: of the block
 */
bool wd_bounce_block_is_good(const struct wd_adapter *adapter, dma_addr_t dma, u32 pages)
{
	u64 last = dma + (u64)pages * PAGE_SIZE - 1;

	return dma && last <= adapter->last_address &&
	       !((dma ^ last) >> PAGE_SHIFT & ~adapter->line_pfn_mask);
}

/* A block within reach; what was found out of reach goes to @rejects. */
static struct page *wd_bounce_find_block(struct wd_adapter *adapter, u32 pages,
					 struct list_head *rejects, unsigned int *nr_rejects,
					 dma_addr_t *dma)
{
	while (*nr_rejects < WD_BOUNCE_REJECTS) {
		struct page *page = wd_map_alloc_block(adapter, pages, dma);

		if (!page || wd_bounce_block_is_good(adapter, *dma, pages))
			return page;
		/* The memory itself says what it is: it is nobody else's. */
		*(dma_addr_t *)page_address(page) = *dma;
		set_page_private(page, pages);
		list_add(&page->lru, rejects);
		++*nr_rejects;
	}
	return NULL;
}

static void wd_bounce_free_rejects(struct wd_adapter *adapter, struct list_head *rejects,
				   unsigned int *nr_rejects)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, rejects, lru) {
		u32 pages = page_private(page);

		list_del(&page->lru);
		set_page_private(page, 0);
		wd_map_free_block(adapter, pages, page, *(dma_addr_t *)page_address(page));
	}
	*nr_rejects = 0;
}

/* Pages of a block that may lie between two lines of addresses */
static u32 wd_bounce_most_pages(const struct wd_adapter *adapter, u32 pages)
{
	u32 most = min_t(u64, pages, (u64)adapter->line_pfn_mask + 1);

	return adapter->bounce.is_window ? most : min(most, WD_BOUNCE_BLOCK);
}

/* Fills the pool with blocks, or makes the window one block, half as long each time it fails. */
static void wd_bounce_fill(struct wd_adapter *adapter, u32 pages, u32 least)
{
	struct wd_bounce *bounce = &adapter->bounce;
	u32 block = wd_bounce_most_pages(adapter, pages);
	unsigned int nr_rejects = 0;
	LIST_HEAD(rejects);

	while (block && bounce->nr_pages < pages) {
		struct page *page;
		dma_addr_t dma;

		block = min(block, pages - bounce->nr_pages);
		if (!bounce->is_window)
			block = rounddown_pow_of_two(block);
		page = wd_bounce_find_block(adapter, block, &rejects, &nr_rejects, &dma);
		if (page)
			wd_bounce_add_block(bounce, page, dma, block);
		if (page && bounce->is_window)
			break;
		/* Smaller blocks may lie where none of these did. */
		if (nr_rejects == WD_BOUNCE_REJECTS)
			wd_bounce_free_rejects(adapter, &rejects, &nr_rejects);
		if (!page && bounce->is_window)
			block = block > least ? max(block / 2, least) : 0;
		else if (!page)
			block /= 2;
	}
	wd_bounce_free_rejects(adapter, &rejects, &nr_rejects);
}

/**
 * wd_bounce_create() - give an adapter its own pages
 * @adapter: classified, and its device's masks claimed; not published
 * @pages: wanted
 * @least: fewer are of no use
 *
 * adapter->bounce.nr_pages says how many it got, which may be fewer.
 *
 * Context: Process, wd_device.mutex held.
 * Return: 0 or -ENOMEM.
 */
int wd_bounce_create(struct wd_adapter *adapter, u32 pages, u32 least)
{
	u32 most = max(adapter->last_address <= DMA_BIT_MASK(24) ?
		       bounce_pages_max / WD_BOUNCE_NARROW_SHARE : bounce_pages_max, least);
	struct wd_bounce *bounce = &adapter->bounce;

	lockdep_assert_held(&adapter->wdev->mutex);
	pages = min3(pages, most, WD_REGS_CEILING);
	spin_lock_init(&bounce->lock);
	bounce->is_window = !adapter->scatter_gather;
	bounce->pages = kvcalloc(pages, sizeof(*bounce->pages), GFP_KERNEL);
	bounce->busy = bitmap_zalloc(pages, GFP_KERNEL);
	if (bounce->pages && bounce->busy)
		wd_bounce_fill(adapter, pages, least);
	if (bounce->nr_pages < least) {
		wd_bounce_destroy(adapter);
		return -ENOMEM;
	}
	sort(bounce->pages, bounce->nr_pages, sizeof(*bounce->pages), wd_bounce_cmp, NULL);
	return 0;
}

/**
 * wd_bounce_destroy() - free the pages of an adapter
 * @adapter: nothing of it is mapped
 *
 * Context: Process, may sleep.
 */
void wd_bounce_destroy(struct wd_adapter *adapter)
{
	struct wd_bounce *bounce = &adapter->bounce;
	u32 i;

	for (i = 0; i < bounce->nr_pages; i++) {
		const struct wd_bounce_page *page = &bounce->pages[i];

		if (page->block_pages)
			wd_map_free_block(adapter, page->block_pages, page->page, page->dma);
	}
	kvfree(bounce->pages);
	bitmap_free(bounce->busy);
	*bounce = (struct wd_bounce){};
}

/**
 * wd_bounce_reserve() - promise a request the pages it may need
 * @adapter: has pages of its own, locked
 * @request: receives its part of the window
 *
 * Return: false when there are not enough now, and nothing was reserved.
 */
bool wd_bounce_reserve(struct wd_adapter *adapter, struct wd_request *request)
{
	struct wd_bounce *bounce = &adapter->bounce;
	u32 pages = request->bounce_pages;

	lockdep_assert_held(&adapter->lock);
	if (pages > bounce->nr_pages - bounce->reserved)
		return false;
	if (bounce->is_window && pages) {
		/* Only reservations change the bits of a window, so adapter->lock does. */
		request->window = bitmap_find_next_zero_area(bounce->busy, bounce->nr_pages, 0,
							     pages, 0);
		if (request->window >= bounce->nr_pages)
			return false;
		bitmap_set(bounce->busy, request->window, pages);
	}
	bounce->reserved += pages;
	return true;
}

/**
 * wd_bounce_unreserve() - undo wd_bounce_reserve()
 * @adapter: locked
 * @request: has given back the pages it took
 */
void wd_bounce_unreserve(struct wd_adapter *adapter, const struct wd_request *request)
{
	struct wd_bounce *bounce = &adapter->bounce;

	lockdep_assert_held(&adapter->lock);
	bounce->reserved -= request->bounce_pages;
	if (bounce->is_window)
		bitmap_clear(bounce->busy, request->window, request->bounce_pages);
}

/**
 * wd_bounce_take() - take contiguous pages out of the pool
 * @adapter: with scatter/gather
 * @pages: wanted, all of them reserved, at least one
 * @dma: receives the device's address of the first
 *
 * Return: how many pages were contiguous: 1 .. @pages; 0 if none was free, which a reservation
 * rules out.
 */
u32 wd_bounce_take(struct wd_adapter *adapter, u32 pages, dma_addr_t *dma)
{
	struct wd_bounce *bounce = &adapter->bounce;
	unsigned long flags;
	u32 first, end;

	spin_lock_irqsave(&bounce->lock, flags);
	first = find_first_zero_bit(bounce->busy, bounce->nr_pages);
	if (WARN_ON_ONCE(first >= bounce->nr_pages)) {	/* all were reserved by others */
		spin_unlock_irqrestore(&bounce->lock, flags);
		return 0;
	}
	/* Not beyond the block, for which cache maintenance is done in one go. */
	for (end = first + 1; end < bounce->nr_pages && end - first < pages; end++)
		if (bounce->pages[end].block_pages || test_bit(end, bounce->busy))
			break;
	bitmap_set(bounce->busy, first, end - first);
	spin_unlock_irqrestore(&bounce->lock, flags);
	*dma = bounce->pages[first].dma;
	return end - first;
}

/**
 * wd_bounce_give() - give pages back that wd_bounce_take() took
 * @adapter: the adapter; nothing happens if its pages are a window
 * @dma: device's address of the first byte used
 * @bytes: length used
 */
void wd_bounce_give(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes)
{
	struct wd_bounce *bounce = &adapter->bounce;
	unsigned long flags;

	if (wd_is_in_slot(adapter, dma)) {
		wd_slots_give(adapter, dma, bytes);
		return;
	}
	if (bounce->is_window)
		return;
	spin_lock_irqsave(&bounce->lock, flags);
	bitmap_clear(bounce->busy, wd_bounce_index(bounce, dma),
		     PFN_UP(offset_in_page(dma) + bytes));
	spin_unlock_irqrestore(&bounce->lock, flags);
}

/**
 * wd_bounce_page_of() - the page behind a device address
 * @adapter: the adapter
 * @dma: inside a bounce page
 */
struct page *wd_bounce_page_of(struct wd_adapter *adapter, dma_addr_t dma)
{
	if (wd_is_in_slot(adapter, dma))
		return virt_to_page(wd_slots_va(adapter, dma));
	return adapter->bounce.pages[wd_bounce_index(&adapter->bounce, dma)].page;
}

/* Blocks are physically contiguous and in the linear map, and no mapping leaves its block. */
static void *wd_bounce_va(struct wd_adapter *adapter, dma_addr_t dma)
{
	return page_address(wd_bounce_page_of(adapter, dma)) + offset_in_page(dma);
}

/**
 * wd_bounce_reload() - bring the driver's bytes into bounce pages once more
 * @adapter: the adapter
 * @dma: first byte in the pages
 * @sgl: the driver's runs
 * @nents: entries of @sgl
 * @bytes: to copy
 */
void wd_bounce_reload(struct wd_adapter *adapter, dma_addr_t dma, struct scatterlist *sgl,
		      u32 nents, u32 bytes)
{
	wd_map_sync_for_cpu(adapter, dma, bytes);
	sg_copy_to_buffer(sgl, nents, wd_bounce_va(adapter, dma), bytes);
	wd_map_sync_for_device(adapter, dma, bytes);
	atomic64_add(bytes, &adapter->bounced_bytes);
	trace_wdmdma_bounce_in(adapter, dma, bytes);
}

/**
 * wd_bounce_load() - copy the driver's bytes into bounce pages and hand these to the device
 * @adapter: the adapter
 * @dma: device's address of the first byte, in one block
 * @sgl: the driver's memory
 * @nents: entries of @sgl
 * @bytes: length of it all
 *
 * Context: Any.
 */
void wd_bounce_load(struct wd_adapter *adapter, dma_addr_t dma, struct scatterlist *sgl, u32 nents,
		    u32 bytes)
{
	wd_bounce_reload(adapter, dma, sgl, nents, bytes);
	atomic64_inc(&adapter->maps[WDMDMA_BOUNCED]);
	atomic64_add(bytes, &adapter->mapped_bytes);
}

/**
 * wd_bounce_store() - copy what the device wrote back to the driver's memory
 * @adapter: the adapter
 * @dma: as loaded
 * @sgl: as loaded
 * @nents: as loaded
 * @bytes: at most as loaded
 *
 * Context: Any.
 */
void wd_bounce_store(struct wd_adapter *adapter, dma_addr_t dma, struct scatterlist *sgl, u32 nents,
		     u32 bytes)
{
	wd_map_sync_for_cpu(adapter, dma, bytes);
	sg_copy_from_buffer(sgl, nents, wd_bounce_va(adapter, dma), bytes);
	atomic64_add(bytes, &adapter->bounced_bytes);
	trace_wdmdma_bounce_out(adapter, dma, bytes);
}
