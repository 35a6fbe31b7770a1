// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device memory, contiguous memory and physical addresses for ported drivers.
 *
 * Each mapping of device memory has a record, so that it can be undone where sleeping is impossible
 * (by a work item in the record), and an address that is none is refused.
 */
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include <wdmdma/memory.h>

#include "frames.h"
#include "internal.h"
#include "irql.h"
#include "runtime.h"

struct wd_io_space {
	struct list_head node;		/* wd_io_spaces_lock */
	void *va;			/* as the driver knows it */
	size_t bytes;
	bool is_memory;			/* of memremap(), not of ioremap() */
	struct work_struct unmap;
};

static DEFINE_SPINLOCK(wd_io_spaces_lock);
static LIST_HEAD(wd_io_spaces);		/* wd_io_spaces_lock */

static void wd_io_space_undo(struct wd_io_space *space)
{
	if (space->is_memory)
		memunmap(space->va);
	else
		iounmap((void __iomem __force *)space->va);
	kfree(space);
}

static void wd_io_space_undo_work(struct work_struct *work)
{
	wd_io_space_undo(container_of(work, struct wd_io_space, unmap));
}

static bool wd_io_space_map(struct wd_io_space *space, phys_addr_t address,
			    MEMORY_CACHING_TYPE caching)
{
	switch (caching) {
	case MmCached:
	case MmHardwareCoherentCached:
		space->is_memory = true;
		space->va = memremap(address, space->bytes, MEMREMAP_WB);
		break;
	case MmWriteCombined:
	case MmUSWCCached:
		space->va = (void __force *)ioremap_wc(address, space->bytes);
		break;
	default:
		space->va = (void __force *)ioremap(address, space->bytes);
	}
	return space->va;
}

/**
 * wdmdma_mm_map_io_space() - map device memory
 * @address: where the device's memory is, as the processor sees it
 * @bytes: its length
 * @caching: MmNonCached for registers; MmWriteCombined; MmCached for what is memory
 *
 * Context: PASSIVE_LEVEL; sleeps (Windows: <= DISPATCH_LEVEL).
 * Return: The memory's address for READ_REGISTER_* and the like, owed an MmUnmapIoSpace; NULL: no
 *	   memory, nothing there that can be mapped so, or sleeping is impossible.
 *	   DDI: MmMapIoSpace
 */
PVOID wdmdma_mm_map_io_space(PHYSICAL_ADDRESS address, SIZE_T bytes, MEMORY_CACHING_TYPE caching)
{
	struct wd_io_space *space;

	if (!wd_irql_is_passive(NULL, "MmMapIoSpace"))
		return NULL;
	if (!bytes || (u64)address.QuadPart + bytes < bytes || caching < MmNonCached ||
	    caching >= MmMaximumCacheType)
		return NULL;
	space = kzalloc(sizeof(*space), GFP_KERNEL);
	if (!space)
		return NULL;
	space->bytes = bytes;
	INIT_WORK(&space->unmap, wd_io_space_undo_work);
	if (!wd_io_space_map(space, address.QuadPart, caching)) {
		kfree(space);
		return NULL;
	}
	spin_lock_irq(&wd_io_spaces_lock);
	list_add(&space->node, &wd_io_spaces);
	spin_unlock_irq(&wd_io_spaces_lock);
	return space->va;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_map_io_space, WDMDMA);

/**
 * wdmdma_mm_map_io_space_ex() - map device memory
 * @address: where the device's memory is, as the processor sees it
 * @bytes: its length
 * @protect: PAGE_READWRITE or PAGE_READONLY, with PAGE_NOCACHE or PAGE_WRITECOMBINE; it is
 *	     always writable, and never executable
 *
 * Context: PASSIVE_LEVEL; sleeps.
 * Return: As MmMapIoSpace. DDI: MmMapIoSpaceEx
 */
PVOID wdmdma_mm_map_io_space_ex(PHYSICAL_ADDRESS address, SIZE_T bytes, ULONG protect)
{
	switch (protect & ~(WDMDMA_PAGE_NOCACHE | WDMDMA_PAGE_WRITECOMBINE)) {
	case WDMDMA_PAGE_READONLY:
	case WDMDMA_PAGE_READWRITE:
		break;
	default:
		return NULL;
	}
	if (protect & WDMDMA_PAGE_NOCACHE)
		return wdmdma_mm_map_io_space(address, bytes, MmNonCached);
	if (protect & WDMDMA_PAGE_WRITECOMBINE)
		return wdmdma_mm_map_io_space(address, bytes, MmWriteCombined);
	return wdmdma_mm_map_io_space(address, bytes, MmCached);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_map_io_space_ex, WDMDMA);

static struct wd_io_space *wd_io_space_remove(void *va)
{
	struct wd_io_space *space, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&wd_io_spaces_lock, flags);
	list_for_each_entry(space, &wd_io_spaces, node) {
		if (space->va == va) {
			list_del(&space->node);
			found = space;
			break;
		}
	}
	spin_unlock_irqrestore(&wd_io_spaces_lock, flags);
	return found;
}

/**
 * wdmdma_mm_unmap_io_space() - undo MmMapIoSpace
 * @va: the memory's address
 * @bytes: its length
 *
 * Where sleeping is impossible it is undone a little later.
 *
 * Context: <= DISPATCH_LEVEL; sleeps only where it may. DDI: MmUnmapIoSpace
 */
void wdmdma_mm_unmap_io_space(PVOID va, SIZE_T bytes)
{
	static const char routine[] = "MmUnmapIoSpace";
	struct wd_io_space *space = wd_io_space_remove(va);

	if (!space) {
		wd_report(WD_REPORT_OBJECT, NULL, routine, "%p is not mapped", va);
		return;
	}
	if (bytes != space->bytes)
		wd_report(WD_REPORT_OBJECT, NULL, routine, "%lu bytes are unmapped, not %lu",
			  (unsigned long)space->bytes, (unsigned long)bytes);
	if (wd_may_sleep())
		wd_io_space_undo(space);
	else
		queue_work(wd_workqueue, &space->unmap);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_unmap_io_space, WDMDMA);

/**
 * wdmdma_mm_get_physical_address() - where in physical memory an address lies
 * @va: address of pool, contiguous, common buffer or mapped device memory, or in a module
 *
 * Context: Any IRQL.
 * Return: The physical address; 0 for what is no such address. DDI: MmGetPhysicalAddress
 */
PHYSICAL_ADDRESS wdmdma_mm_get_physical_address(PVOID va)
{
	PHYSICAL_ADDRESS physical = { .QuadPart = 0 };
	PFN_NUMBER pfn;

	if (wd_va_to_pfn(va, &pfn))
		physical.QuadPart = PFN_PHYS(pfn) + offset_in_page(va);
	return physical;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_get_physical_address, WDMDMA);

/* Contiguous memory */

static bool wd_pages_fit(struct page *page, size_t bytes, PHYSICAL_ADDRESS lowest,
			 PHYSICAL_ADDRESS highest)
{
	u64 first = page_to_phys(page), last = first + bytes - 1;

	return first >= (u64)lowest.QuadPart && last <= (u64)highest.QuadPart;
}

/**
 * wdmdma_mm_allocate_contiguous_memory() - allocate physically contiguous memory
 * @bytes: length
 * @lowest: lowest physical address that will do
 * @highest: highest physical address that will do
 * @boundary: multiples of this power of two must not be crossed; 0 for none
 *
 * Taken from the zones of memory that reach as low as @highest asks for. Within a zone Linux cannot
 * be asked for a range: memory that happens to lie outside of it is given back, and the call fails.
 *
 * Context: <= DISPATCH_LEVEL; sleeps only where it may.
 * Return: Page-aligned memory, not cleared, owed an MmFreeContiguousMemory, or NULL.
 *	   DDI: MmAllocateContiguousMemorySpecifyCache, MmAllocateContiguousMemory
 */
PVOID wdmdma_mm_allocate_contiguous_memory(SIZE_T bytes, PHYSICAL_ADDRESS lowest,
					   PHYSICAL_ADDRESS highest, PHYSICAL_ADDRESS boundary)
{
	static const gfp_t zones[] = { 0, GFP_DMA32, GFP_DMA };
	gfp_t gfp = (wd_may_wait() ? GFP_KERNEL : GFP_ATOMIC) | __GFP_NOWARN | __GFP_COMP;
	unsigned int i, order;

	if (!bytes || (boundary.QuadPart && bytes > (u64)boundary.QuadPart))
		return NULL;
	/* A block of this order is aligned to its size, so it crosses no larger power of two. */
	order = get_order(bytes);
	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		struct page *page = alloc_pages(gfp | zones[i], order);

		if (!page)
			continue;
		if (wd_pages_fit(page, bytes, lowest, highest))
			return page_address(page);
		__free_pages(page, order);
	}
	return NULL;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_allocate_contiguous_memory, WDMDMA);

/**
 * wdmdma_mm_free_contiguous_memory() - free contiguous memory
 * @va: its address
 *
 * Context: <= DISPATCH_LEVEL (Windows: PASSIVE_LEVEL). DDI: MmFreeContiguousMemory
 */
void wdmdma_mm_free_contiguous_memory(PVOID va)
{
	struct page *page = virt_addr_valid(va) ? virt_to_page(va) : NULL;

	if (!page || PageSlab(page) || PageTail(page) || offset_in_page(va)) {
		wd_report(WD_REPORT_OBJECT, NULL, "MmFreeContiguousMemory",
			  "%p was not allocated", va);
		return;
	}
	__free_pages(page, compound_order(page));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_free_contiguous_memory, WDMDMA);

/**
 * wd_memory_exit() - report device memory that is still mapped, and undo it
 *
 * For module unload, when no driver is left and wd_workqueue is gone.
 *
 * Context: Process, may sleep.
 */
void wd_memory_exit(void)
{
	struct wd_io_space *space, *next;

	list_for_each_entry_safe(space, next, &wd_io_spaces, node) {
		wd_report(WD_REPORT_OBJECT, NULL, "MmUnmapIoSpace", "%p was never unmapped",
			  space->va);
		list_del(&space->node);
		wd_io_space_undo(space);
	}
}
