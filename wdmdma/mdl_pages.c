// SPDX-License-Identifier: GPL-2.0-only
/*
 * MDLs that come with their pages: MmAllocatePagesForMdl(Ex) and MmFreePagesFromMdl.
 *
 *	window	addresses that a page may have: LowAddress to HighAddress, and if SkipBytes is
 *		not 0, every range that far behind another
 *	chunk	pages that must follow each other: one, all, or SkipBytes
 *	reject	a page outside the window. It is kept until the end, so that the page allocator
 *		does not offer it again
 *
 * The page allocator knows zones, not windows: it is asked for pages of the zone that the window's
 * end lies in until there are enough, or it has none, or too much of what there is has been
 * rejected.
 */
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/topology.h>

#include <wdmdma/ex.h>

#include "frames.h"
#include "hold.h"
#include "internal.h"
#include "irql.h"
#include "mdl_map.h"
#include "walk.h"

#define WD_KNOWN_FLAGS	(MM_DONT_ZERO_ALLOCATION | MM_ALLOCATE_FROM_LOCAL_NODE_ONLY | \
			 MM_ALLOCATE_FULLY_REQUIRED | MM_ALLOCATE_NO_WAIT | \
			 MM_ALLOCATE_PREFER_CONTIGUOUS | MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS | \
			 MM_ALLOCATE_TRIM_IF_NECESSARY)

#define WD_BYTES_MAX	(0xFFFFFFFFU & PAGE_MASK)	/* of one MDL */
#define WD_ORDER_MAX	(get_order(SZ_4M))		/* of one attempt for neighbours */
#define WD_REJECTS_ATOMIC	1024			/* pages, where nobody can wait long */

struct wd_page_request {
	u64 low, last, skip;	/* bytes; a page lies in [low, last], or skip bytes further ... */
	u32 nr_pages;
	u32 chunk_pages;	/* this many must be neighbours */
	u32 best_pages;		/* this many are asked for first; a power of two */
	gfp_t gfp;
	bool local_only;

	struct wd_hold *hold;	/* gets the pages */
	u32 found;
	struct list_head rejects;
	unsigned long rejects_left;	/* so many pages more may be rejected */
};

/* Is all of the memory from @start on in one range of the window? */
static bool wd_in_window(const struct wd_page_request *request, u64 start, u64 bytes)
{
	u64 window_bytes = request->last - request->low + 1;	/* 0: all there is */
	u64 offset;

	if (start < request->low)
		return false;
	offset = start - request->low;
	if (!window_bytes || offset + bytes <= window_bytes)
		return true;
	if (!request->skip)
		return false;
	/* Ranges that overlap or touch are one */
	return request->skip <= window_bytes || offset % request->skip + bytes <= window_bytes;
}

static gfp_t wd_zone_for(u64 last)
{
	if (IS_ENABLED(CONFIG_ZONE_DMA) && last < DMA_BIT_MASK(32))
		return IS_ENABLED(CONFIG_ZONE_DMA32) && last > DMA_BIT_MASK(24) ? GFP_DMA32 :
										  GFP_DMA;
	if (IS_ENABLED(CONFIG_ZONE_DMA32) && last <= DMA_BIT_MASK(32))
		return GFP_DMA32;
	return 0;
}

static struct page *wd_ask_for_pages(const struct wd_page_request *request, gfp_t zone,
				     unsigned int order)
{
	gfp_t gfp = request->gfp | zone;
	struct page *page;

	/* Neighbours are not worth a search if single pages will do. */
	if (order && request->chunk_pages == 1)
		gfp = (gfp & ~(__GFP_RECLAIM | __GFP_RETRY_MAYFAIL)) | __GFP_NORETRY;
	page = request->local_only ? alloc_pages_node(numa_mem_id(), gfp | __GFP_THISNODE, order) :
				     alloc_pages(gfp, order);
	if (page && order)
		split_page(page, order);
	return page;
}

static void wd_reject(struct wd_page_request *request, struct page *page, u32 pages)
{
	u32 i;

	for (i = 0; i < pages; i++)
		list_add(&page[i].lru, &request->rejects);
	request->rejects_left -= min_t(unsigned long, pages, request->rejects_left);
}

/* Takes @wanted pages of a block, frees those behind them. */
static void wd_accept(struct wd_page_request *request, struct page *page, u32 wanted, u32 pages)
{
	u32 i;

	for (i = 0; i < wanted; i++)
		request->hold->pages[request->found++] = &page[i];
	for (; i < pages; i++)
		__free_page(&page[i]);
}

/* Fills the request from one zone with blocks of @block pages, as far as that goes. */
static void wd_fill_from(struct wd_page_request *request, gfp_t zone, u32 block)
{
	unsigned int order = get_order((size_t)block * PAGE_SIZE);

	while (request->found < request->nr_pages && request->rejects_left) {
		u32 wanted = min(block, request->nr_pages - request->found);
		struct page *page = wd_ask_for_pages(request, zone, order);

		if (!page)
			return;
		if (wd_in_window(request, page_to_phys(page), (u64)wanted * PAGE_SIZE))
			wd_accept(request, page, wanted, 1 << order);
		else
			wd_reject(request, page, 1 << order);
		if (wd_may_sleep())
			cond_resched();
	}
}

static void wd_fill(struct wd_page_request *request)
{
	/* A window that begins behind the first range may be met in any zone. */
	gfp_t zone = request->skip ? 0 : wd_zone_for(request->last);
	unsigned long rejects = request->rejects_left;
	u32 block;

	for (block = request->best_pages; block > request->chunk_pages; block /= 2) {
		wd_fill_from(request, zone, block);
		request->rejects_left = rejects;
	}
	wd_fill_from(request, zone, request->chunk_pages);
	if (zone == GFP_DMA32 && request->last < DMA_BIT_MASK(32)) {
		request->rejects_left = rejects;
		wd_fill_from(request, GFP_DMA, request->chunk_pages);
	}
}

static void wd_free_rejects(struct wd_page_request *request)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &request->rejects, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}

/* What SkipBytes and the two flags about neighbours come to; false when they contradict. */
static bool wd_set_chunks(struct wd_page_request *request, u64 skip, u32 flags)
{
	request->chunk_pages = 1;
	request->best_pages = 1;
	if (flags & MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS) {
		request->chunk_pages = request->nr_pages;
		if (!skip)
			return true;
		if (!is_power_of_2(skip) || (u64)request->nr_pages * PAGE_SIZE % skip)
			return false;
		request->chunk_pages = skip >> PAGE_SHIFT;
		return true;
	}
	request->skip = skip;
	if (flags & MM_ALLOCATE_PREFER_CONTIGUOUS)
		request->best_pages = rounddown_pow_of_two(min(request->nr_pages,
							       1U << WD_ORDER_MAX));
	return true;
}

static void wd_set_gfp(struct wd_page_request *request, u32 flags)
{
	bool anywhere = !request->low && request->last == U64_MAX;

	request->local_only = flags & MM_ALLOCATE_FROM_LOCAL_NODE_ONLY;
	if (!wd_may_wait()) {
		/* The emergency reserves are not for looking around in. */
		request->gfp = (anywhere ? GFP_ATOMIC : GFP_NOWAIT) | __GFP_NOWARN;
		request->rejects_left = WD_REJECTS_ATOMIC;
		return;
	}
	request->rejects_left = max_t(long, si_mem_available() / 2, WD_REJECTS_ATOMIC);
	if (flags & MM_ALLOCATE_NO_WAIT)
		request->gfp = GFP_NOWAIT | __GFP_NOWARN;
	else	/* not at the price of killing a process */
		request->gfp = GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;
}

static bool wd_is_enough(const struct wd_page_request *request, u32 flags)
{
	if (!request->found)
		return false;
	if (flags & MM_ALLOCATE_FULLY_REQUIRED)
		return request->found == request->nr_pages;
	return true;
}

static void wd_give_up(struct wd_page_request *request)
{
	u32 i;

	for (i = 0; i < request->found; i++)
		__free_page(request->hold->pages[i]);
}

/* The pages into the MDL, and the MDL's for good; false when their cache type cannot be had. */
static bool wd_finish(PMDL mdl, struct wd_page_request *request, enum wd_cache cache, bool zero)
{
	struct wd_hold *hold = request->hold;
	u32 i;

	hold->nr_pages = request->found;
	if (zero)
		for (i = 0; i < hold->nr_pages; i++)
			clear_highpage(hold->pages[i]);
	if (cache != WD_CACHE_UNDECIDED && wd_hold_set_cache(hold, cache))
		return false;
	for (i = 0; i < hold->nr_pages; i++)
		MmGetMdlPfnArray(mdl)[i] = page_to_pfn(hold->pages[i]);
	mdl->ByteCount = hold->nr_pages * PAGE_SIZE;
	mdl->MdlFlags |= MDL_PAGES_LOCKED;
	if (wd_may_wait())
		wd_hold_map(hold);
	wd_hold_insert(hold);
	return true;
}

static PMDL wd_allocate_pages(struct wd_page_request *request, enum wd_cache cache, u32 flags)
{
	PMDL mdl = IoAllocateMdl(NULL, request->nr_pages * PAGE_SIZE, FALSE, FALSE, NULL);

	if (!mdl)
		return NULL;
	wd_hold_drop_stale(mdl, "MmAllocatePagesForMdlEx");
	request->hold = wd_hold_alloc(mdl, WD_HOLD_ALLOCATED, request->nr_pages);
	if (!request->hold)
		goto free_mdl;
	INIT_LIST_HEAD(&request->rejects);
	wd_fill(request);
	wd_free_rejects(request);
	if (!wd_is_enough(request, flags))
		goto free_pages;
	if (!wd_finish(mdl, request, cache, !(flags & MM_DONT_ZERO_ALLOCATION)))
		goto free_pages;
	return mdl;

free_pages:
	wd_give_up(request);
	ExFreePool(request->hold);
free_mdl:
	ExFreePool(mdl);
	return NULL;
}

static PMDL wd_allocate_pages_for_mdl(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high,
				      PHYSICAL_ADDRESS skip, SIZE_T bytes, enum wd_cache cache,
				      u32 flags, const char *routine)
{
	struct wd_page_request request = {
		.low = low.QuadPart,
		.last = high.QuadPart,
	};

	if (!wd_irql_is_dispatch(NULL, routine))
		return NULL;
	if (!bytes || bytes > WD_BYTES_MAX || flags & ~WD_KNOWN_FLAGS ||
	    request.low > request.last || skip.QuadPart & ~PAGE_MASK)
		return NULL;
	request.nr_pages = (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
	if (!wd_set_chunks(&request, skip.QuadPart, flags))
		return NULL;
	wd_set_gfp(&request, flags);
	return wd_allocate_pages(&request, cache, flags);
}

/**
 * wdmdma_mm_allocate_pages_for_mdl_ex() - allocate pages and an MDL for them
 * (MmAllocatePagesForMdlEx)
 * @low: lowest address of a page
 * @high: highest address of a page's last byte; all ones = no limit
 * @skip: bytes; not 0: when [@low, @high] has no more pages, both ends move up by so much. With
 * MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS: size and alignment of a chunk, a power of two
 * @bytes: how much, at most 4 GiB less a page, and rounded up to pages
 * @type: cache type of every mapping of the pages
 * @flags: MM_ALLOCATE_*; no large pages, no hot removal
 *
 * The MDL describes what there was, unless the flags want all of it. Linux has no chunks above
 * 4 MiB. Pages are released with MmFreePagesFromMdl, and then the MDL with ExFreePool or IoFreeMdl.
 *
 * Context: <= DISPATCH_LEVEL; waits only where that is certainly allowed. Cache types other than
 * MmCached only there too.
 * Return: the MDL; NULL when there is no page (worth a retry), or an argument is invalid.
 * DDI: MmAllocatePagesForMdlEx
 */
PMDL wdmdma_mm_allocate_pages_for_mdl_ex(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high,
					 PHYSICAL_ADDRESS skip, SIZE_T bytes,
					 MEMORY_CACHING_TYPE type, ULONG flags)
{
	if (type < MmNotMapped || type >= MmMaximumCacheType)
		return NULL;
	return wd_allocate_pages_for_mdl(low, high, skip, bytes, wd_cache_of(type), flags,
					 "MmAllocatePagesForMdlEx");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_allocate_pages_for_mdl_ex, WDMDMA);

/**
 * wdmdma_mm_allocate_pages_for_mdl() - allocate cleared pages and an MDL for them
 * (MmAllocatePagesForMdl)
 * @low: lowest address of a page
 * @high: highest address of a page's last byte; all ones = no limit
 * @skip: bytes by which the window moves up when it has no more pages; 0 = it does not
 * @bytes: how much, at most 4 GiB less a page, and rounded up to pages
 *
 * As MmAllocatePagesForMdlEx without flags; the first mapping decides the cache type.
 *
 * Context: <= DISPATCH_LEVEL; waits only where that is certainly allowed.
 * Return: the MDL; NULL when there is no page (worth a retry), or an argument is invalid.
 * DDI: MmAllocatePagesForMdl
 */
PMDL wdmdma_mm_allocate_pages_for_mdl(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high,
				      PHYSICAL_ADDRESS skip, SIZE_T bytes)
{
	return wd_allocate_pages_for_mdl(low, high, skip, bytes, WD_CACHE_UNDECIDED, 0,
					 "MmAllocatePagesForMdl");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_allocate_pages_for_mdl, WDMDMA);

/**
 * wdmdma_mm_free_pages_from_mdl() - free the pages of an MDL (MmFreePagesFromMdl)
 * @mdl: from MmAllocatePagesForMdl(Ex)
 *
 * Every page that was allocated, whatever the header says by now, and the system mapping. The
 * header is still to be freed. A second call does nothing.
 *
 * Context: <= DISPATCH_LEVEL. What must sleep is done later where that is not certainly allowed.
 * DDI: MmFreePagesFromMdl
 */
VOID wdmdma_mm_free_pages_from_mdl(PMDL mdl)
{
	struct wd_hold *hold;

	if (!wd_irql_is_dispatch(NULL, "MmFreePagesFromMdl"))
		return;
	hold = wd_hold_find(mdl);
	if (!hold && !(mdl->MdlFlags & MDL_PAGES_LOCKED))
		return;
	if (!hold || hold->kind != WD_HOLD_ALLOCATED) {
		wd_report(WD_REPORT_NOT_LOCKED, NULL, "MmFreePagesFromMdl",
			  "the MDL is not of MmAllocatePagesForMdl, flags 0x%04X",
			  (USHORT)mdl->MdlFlags);
		return;
	}
	if (mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA)
		wd_mdl_unmap(mdl);
	mdl->MdlFlags &= ~MDL_PAGES_LOCKED;
	memset(MmGetMdlPfnArray(mdl), 0xFF, hold->nr_pages * sizeof(PFN_NUMBER));
	wd_hold_release(hold);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_free_pages_from_mdl, WDMDMA);
