// SPDX-License-Identifier: GPL-2.0-only
/*
 * MDL routines for kernel memory.
 *
 * A driver owns its MDLs and writes their fields, so nothing about an MDL is remembered outside it.
 * The pages behind a kernel address are looked up one by one: it may be in the linear map, in
 * vmalloc space (common buffers behind an IOMMU are) or in a module.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <wdmdma/ex.h>

#include "internal.h"
#include "irql.h"
#include "walk.h"

#define WD_PFN_NONE	(~(PFN_NUMBER)0)

/* Longest buffer of one MDL: 4 GiB less a page. */
#define WD_MDL_BYTES_MAX	(0xFFFFFFFFU & PAGE_MASK)

static bool wd_is_module_address(const void *va)
{
#ifdef MODULES_VADDR
	return (unsigned long)va >= MODULES_VADDR && (unsigned long)va < MODULES_END;
#else
	return false;
#endif
}

/* The page frame behind a kernel address; false when there is none. */
static bool wd_va_to_pfn(const void *va, PFN_NUMBER *pfn)
{
	if (is_vmalloc_addr(va) || wd_is_module_address(va)) {
		struct page *page = vmalloc_to_page(va);

		if (page)
			*pfn = page_to_pfn(page);
		return page;
	}
	if (!virt_addr_valid(va))
		return false;
	*pfn = PHYS_PFN(virt_to_phys((void *)va));
	return true;
}

/**
 * wdmdma_mm_size_of_mdl() - bytes of an MDL for a buffer (MmSizeOfMdl)
 * @base: address of the buffer
 * @length: bytes
 *
 * Context: Any.
 * Return: size of header and page frame numbers in bytes.
 */
SIZE_T wdmdma_mm_size_of_mdl(PVOID base, SIZE_T length)
{
	return sizeof(MDL) + wd_span_pages((ULONG_PTR)base, length) * sizeof(PFN_NUMBER);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_size_of_mdl, WDMDMA);

/* Appends an MDL to a chain; an endless chain is left alone. */
static void wd_mdl_append(PMDL *link, PMDL mdl)
{
	u32 links = WD_CHAIN_MAX;

	while (*link && --links)
		link = &(*link)->Next;
	if (!*link)
		*link = mdl;
}

/**
 * wdmdma_io_allocate_mdl() - allocate an MDL for a buffer (IoAllocateMdl)
 * @virtual_address: of the buffer; may be NULL, is not looked at
 * @length: bytes, at most 4 GiB less a page
 * @secondary_buffer: append the MDL to those of @irp instead of replacing them
 * @charge_quota: ignored
 * @irp: gets the MDL; may be NULL
 *
 * The page frame numbers are undefined until a builder fills them. Free with IoFreeMdl.
 *
 * Context: <= DISPATCH_LEVEL. Buffers above 2 GiB only where sleeping is certainly allowed.
 * Return: the MDL, or NULL when out of memory or @length is too large.
 */
PMDL wdmdma_io_allocate_mdl(PVOID virtual_address, ULONG length, BOOLEAN secondary_buffer,
			    BOOLEAN charge_quota, PIRP irp)
{
	/* A driver may describe a zero-length buffer and fill in a page later. */
	SIZE_T bytes = wdmdma_mm_size_of_mdl(virtual_address, length ? : 1);
	PMDL mdl;

	if (length > WD_MDL_BYTES_MAX)
		return NULL;
	if (wd_may_sleep())
		mdl = kvmalloc(bytes, GFP_KERNEL | __GFP_NOWARN);
	else if (bytes <= KMALLOC_MAX_SIZE)
		mdl = kmalloc(bytes, GFP_ATOMIC | __GFP_NOWARN);
	else
		mdl = NULL;
	if (!mdl)
		return NULL;

	MmInitializeMdl(mdl, virtual_address, length);
	mdl->Process = NULL;
	mdl->MappedSystemVa = NULL;
	if (irp && secondary_buffer)
		wd_mdl_append(&irp->MdlAddress, mdl);
	else if (irp)
		irp->MdlAddress = mdl;
	return mdl;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_allocate_mdl, WDMDMA);

/**
 * wdmdma_io_free_mdl() - free an MDL (IoFreeMdl)
 * @mdl: from IoAllocateMdl; its Next is not followed
 *
 * Context: <= DISPATCH_LEVEL.
 */
VOID wdmdma_io_free_mdl(PMDL mdl)
{
	if (!mdl) {
		wd_report(WD_REPORT_MISC, NULL, "IoFreeMdl", "called with a NULL MDL");
		return;
	}
	ExFreePool(mdl);	/* which takes any memory, in any context */
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_free_mdl, WDMDMA);

/**
 * wdmdma_io_build_partial_mdl() - describe a part of an MDL's buffer (IoBuildPartialMdl)
 * @source: built or locked
 * @target: from IoAllocateMdl for the part
 * @virtual_address: start of the part, counted like the source's own address
 * @length: bytes; 0 for all that is left
 *
 * @target uses the pages of @source and must not outlive it. A part that is not inside @source is
 * cut, with a report. A part of an MDL that was not built is reported, and unfit for DMA as well.
 *
 * Context: <= DISPATCH_LEVEL.
 */
VOID wdmdma_io_build_partial_mdl(PMDL source, PMDL target, PVOID virtual_address, ULONG length)
{
	const CSHORT inherited = MDL_IO_PAGE_READ | MDL_SOURCE_IS_NONPAGED_POOL |
				 MDL_MAPPED_TO_SYSTEM_VA | MDL_IO_SPACE;
	u64 offset = (ULONG_PTR)virtual_address - wd_mdl_va(source);
	u32 left = offset < source->ByteCount ? source->ByteCount - offset : 0;
	u64 first_byte = source->ByteOffset + offset;

	if (!wd_mdl_is_ready(source))
		wd_report(WD_REPORT_NOT_LOCKED, NULL, "IoBuildPartialMdl",
			  "the source MDL does not describe locked memory");
	if (length > left || !left) {
		wd_report(WD_REPORT_NOT_IN_MDL, NULL, "IoBuildPartialMdl",
			  "%u bytes wanted, the source has %u left", length, left);
		length = left;
	}
	if (!length)
		length = left;

	target->StartVa = (PVOID)((ULONG_PTR)virtual_address & PAGE_MASK);
	target->ByteOffset = offset_in_page(virtual_address);
	target->ByteCount = length;
	target->Process = source->Process;
	target->MdlFlags = (target->MdlFlags & MDL_ALLOCATED_FIXED_SIZE) |
			   (wd_mdl_is_ready(source) ? MDL_PARTIAL : 0) |
			   (source->MdlFlags & inherited);
	target->MappedSystemVa = source->MappedSystemVa + offset;
	if (length)
		memcpy(MmGetMdlPfnArray(target),
		       MmGetMdlPfnArray(source) + (first_byte >> PAGE_SHIFT),
		       wd_span_pages(first_byte, length) * sizeof(PFN_NUMBER));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_build_partial_mdl, WDMDMA);

/**
 * wdmdma_mm_build_mdl_for_non_paged_pool() - find the pages of a kernel buffer
 * (MmBuildMdlForNonPagedPool)
 * @mdl: initialised for memory that stays where it is: pool, vmalloc space, a common buffer
 *
 * An address without a page behind it is reported and leaves the MDL unfit for DMA. So is a buffer
 * on the stack reported, although its pages are found.
 *
 * Context: <= DISPATCH_LEVEL.
 */
VOID wdmdma_mm_build_mdl_for_non_paged_pool(PMDL mdl)
{
	PVOID va = (PVOID)wd_mdl_va(mdl);
	PPFN_NUMBER pfns = MmGetMdlPfnArray(mdl);
	u32 pages = wd_span_pages(mdl->ByteOffset, mdl->ByteCount);
	u32 i;

	if (object_is_on_stack(va))
		wd_report(WD_REPORT_NOT_LOCKED, NULL, "MmBuildMdlForNonPagedPool",
			  "%p is on the stack", va);
	mdl->Process = NULL;
	mdl->MappedSystemVa = va;
	mdl->MdlFlags &= ~(MDL_SOURCE_IS_NONPAGED_POOL | MDL_IO_SPACE);
	for (i = 0; i < pages; i++) {
		if (!wd_va_to_pfn(mdl->StartVa + (size_t)i * PAGE_SIZE, &pfns[i])) {
			pfns[i] = WD_PFN_NONE;
			wd_report(WD_REPORT_NOT_LOCKED, NULL, "MmBuildMdlForNonPagedPool",
				  "no page behind %p", mdl->StartVa + (size_t)i * PAGE_SIZE);
			return;
		}
		if (!pfn_valid(pfns[i]))
			mdl->MdlFlags |= MDL_IO_SPACE;
	}
	if (pages)
		mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_build_mdl_for_non_paged_pool, WDMDMA);

/**
 * wdmdma_mm_get_system_address_for_mdl_safe() - kernel address of an MDL's buffer
 * (MmGetSystemAddressForMdlSafe)
 * @mdl: built
 * @priority: ignored
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: the address, or NULL for an MDL that has not been built.
 */
PVOID wdmdma_mm_get_system_address_for_mdl_safe(PMDL mdl, ULONG priority)
{
	if (mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL))
		return mdl->MappedSystemVa;
	return NULL;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_get_system_address_for_mdl_safe, WDMDMA);

/**
 * wdmdma_mm_prepare_mdl_for_reuse() - make a partial MDL ready to be built again
 * (MmPrepareMdlForReuse)
 * @mdl: the partial MDL
 *
 * A part shares the mapping of its source, so there is nothing to unmap.
 *
 * Context: <= DISPATCH_LEVEL.
 */
VOID wdmdma_mm_prepare_mdl_for_reuse(PMDL mdl)
{
	if (mdl->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED)
		mdl->MdlFlags &= ~(MDL_PARTIAL_HAS_BEEN_MAPPED | MDL_MAPPED_TO_SYSTEM_VA);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_prepare_mdl_for_reuse, WDMDMA);

/**
 * wdmdma_ke_flush_io_buffers() - make a buffer coherent for I/O (KeFlushIoBuffers)
 * @mdl: one MDL, not its chain; may be NULL
 * @read_operation: TRUE: device to memory
 * @dma_operation: TRUE: by DMA; FALSE: the driver copied the data itself
 *
 * For DMA the map and flush routines of the table do what is needed. After a programmed read the
 * pages are flushed from the data cache where the architecture wants it.
 *
 * Context: <= DISPATCH_LEVEL.
 */
VOID wdmdma_ke_flush_io_buffers(PMDL mdl, BOOLEAN read_operation, BOOLEAN dma_operation)
{
	PPFN_NUMBER pfns;
	u32 pages, i;

	if (!mdl || dma_operation || !read_operation || !wd_mdl_is_ready(mdl))
		return;
	pfns = MmGetMdlPfnArray(mdl);
	pages = wd_span_pages(mdl->ByteOffset, mdl->ByteCount);
	for (i = 0; i < pages; i++)
		if (pfn_valid(pfns[i]))
			flush_dcache_page(pfn_to_page(pfns[i]));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_flush_io_buffers, WDMDMA);
