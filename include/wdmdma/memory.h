/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mapping device memory, contiguous memory, and the physical address behind a pointer.
 *
 * None of this is for DMA: a device must be given the logical addresses of DMA_OPERATIONS,
 * never a physical one.
 */
#ifndef WDMDMA_MEMORY_H
#define WDMDMA_MEMORY_H

#include <wdmdma/types.h>

/* MmMapIoSpaceEx: PAGE_* of port.h, under names that Linux has no other use for */
#define WDMDMA_PAGE_READONLY 0x02
#define WDMDMA_PAGE_READWRITE 0x04
#define WDMDMA_PAGE_EXECUTE 0x10
#define WDMDMA_PAGE_EXECUTE_READ 0x20
#define WDMDMA_PAGE_EXECUTE_READWRITE 0x40
#define WDMDMA_PAGE_NOCACHE 0x200
#define WDMDMA_PAGE_WRITECOMBINE 0x400

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/memory.c */
PVOID wdmdma_mm_map_io_space(PHYSICAL_ADDRESS address, SIZE_T bytes, MEMORY_CACHING_TYPE caching);
PVOID wdmdma_mm_map_io_space_ex(PHYSICAL_ADDRESS address, SIZE_T bytes, ULONG protect);
void wdmdma_mm_unmap_io_space(PVOID va, SIZE_T bytes);
PHYSICAL_ADDRESS wdmdma_mm_get_physical_address(PVOID va);
PVOID wdmdma_mm_allocate_contiguous_memory(SIZE_T bytes, PHYSICAL_ADDRESS lowest,
					   PHYSICAL_ADDRESS highest, PHYSICAL_ADDRESS boundary);
void wdmdma_mm_free_contiguous_memory(PVOID va);

#ifdef __cplusplus
}
#endif

#define MmMapIoSpace wdmdma_mm_map_io_space
#define MmMapIoSpaceEx wdmdma_mm_map_io_space_ex
#define MmUnmapIoSpace wdmdma_mm_unmap_io_space
#define MmGetPhysicalAddress wdmdma_mm_get_physical_address

/**
 * MmAllocateContiguousMemory() - allocate physically contiguous memory
 * @bytes: length, at most what Linux's page allocator has in one piece (4 MiB mostly)
 * @highest: highest physical address that will do
 *
 * Context: <= DISPATCH_LEVEL; sleeps only where it may.
 * Return: Page-aligned memory, not cleared, owed an MmFreeContiguousMemory, or NULL.
 *	   DDI: MmAllocateContiguousMemory
 */
static inline PVOID MmAllocateContiguousMemory(SIZE_T bytes, PHYSICAL_ADDRESS highest)
{
	PHYSICAL_ADDRESS none;

	none.QuadPart = 0;
	return wdmdma_mm_allocate_contiguous_memory(bytes, none, highest, none);
}

/*
 * The memory is always cached: Linux has no portable way to change that for allocated
 * memory, and common buffers are what devices share.
 */
#define MmAllocateContiguousMemorySpecifyCache(bytes, lowest, highest, boundary, caching) \
	((void)(caching), \
	 wdmdma_mm_allocate_contiguous_memory((bytes), (lowest), (highest), (boundary)))
#define MmAllocateContiguousMemorySpecifyCacheNode(bytes, lowest, highest, boundary, caching, \
						   node) \
	((void)(caching), (void)(node), \
	 wdmdma_mm_allocate_contiguous_memory((bytes), (lowest), (highest), (boundary)))
#define MmAllocateContiguousNodeMemory(bytes, lowest, highest, boundary, protect, node) \
	((void)(protect), (void)(node), \
	 wdmdma_mm_allocate_contiguous_memory((bytes), (lowest), (highest), (boundary)))

#define MmFreeContiguousMemory wdmdma_mm_free_contiguous_memory
#define MmFreeContiguousMemorySpecifyCache(va, bytes, caching) \
	((void)(bytes), (void)(caching), wdmdma_mm_free_contiguous_memory(va))

#endif /* WDMDMA_MEMORY_H */
