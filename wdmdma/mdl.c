// SPDX-License-Identifier: GPL-2.0-only
/*
 * MDL headers, and the builders that find pages without taking hold of them.
 *
 * A driver owns its MDLs and writes their fields, so nothing about an MDL is remembered in it. What
 * is remembered outside is what has to be given back: pages (hold.c) and mappings (sysmap.c).
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched/task_stack.h>

#include <wdmdma/ex.h>

#include "frames.h"
#include "hold.h"
#include "internal.h"
#include "irql.h"
#include "mdl_map.h"
#include "verifier.h"
#include "walk.h"

/* Longest buffer of one MDL: 4 GiB less a page. */
#define WD_MDL_BYTES_MAX	(0xFFFFFFFFU & PAGE_MASK)

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
	mdl = wd_alloc_any(bytes);
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

/* What the driver should have undone before it frees the MDL; one report for all of it. */
static void wd_mdl_clean_up(PMDL mdl)
{
	const CSHORT own = mdl->MdlFlags & (MDL_PARTIAL | MDL_SOURCE_IS_NONPAGED_POOL);
	bool is_mapped = mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA && !own;

	if (mdl->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED || is_mapped)
		wd_mdl_unmap(mdl);
	/* Of locked kernel memory nothing is lost. */
	if (!wd_hold_drop_stale(mdl, "IoFreeMdl") && is_mapped)
		wd_report(WD_REPORT_MISC, NULL, "IoFreeMdl", "MDL %p is still mapped", mdl);
}

/**
 * wdmdma_io_free_mdl() - free an MDL (IoFreeMdl)
 * @mdl: from IoAllocateMdl or MmAllocatePagesForMdl; its Next is not followed
 *
 * Undoes the system mapping that a partial MDL has of its own. Pages still locked or allocated, and
 * another MDL's mapping, are given back with a report.
 *
 * Context: <= DISPATCH_LEVEL.
 */
VOID wdmdma_io_free_mdl(PMDL mdl)
{
	if (!wd_irql_is_dispatch(NULL, "IoFreeMdl"))
		return;
	if (!mdl) {
		wd_report(WD_REPORT_MISC, NULL, "IoFreeMdl", "called with a NULL MDL");
		return;
	}
	if (static_branch_unlikely(&wd_verifier_key))
		wd_check_mdl_unused(mdl, "IoFreeMdl");
	wd_mdl_clean_up(mdl);
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
	PVOID va = wd_mdl_future_va(source);

	if (target->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED) {
		wd_report(WD_REPORT_MISC, NULL, "IoBuildPartialMdl",
			  "MmPrepareMdlForReuse was not called for the target");
		wd_mdl_unmap(target);
	}
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
	/* Without MDL_MAPPED_TO_SYSTEM_VA it is only where the part could be mapped. */
	target->MappedSystemVa = va ? va + offset : NULL;
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
 * on the stack reported, although its pages are found. An MDL with pages of another kind is
 * reported and stays as it is.
 *
 * Context: <= DISPATCH_LEVEL.
 */
VOID wdmdma_mm_build_mdl_for_non_paged_pool(PMDL mdl)
{
	PVOID va = (PVOID)wd_mdl_va(mdl);

	if (mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_PARTIAL | MDL_MAPPED_TO_SYSTEM_VA)) {
		wd_report(WD_REPORT_MISC, NULL, "MmBuildMdlForNonPagedPool",
			  "the MDL is locked, mapped or partial, flags 0x%04X",
			  (USHORT)mdl->MdlFlags);
		return;
	}
	if (object_is_on_stack(va))
		wd_report(WD_REPORT_NOT_LOCKED, NULL, "MmBuildMdlForNonPagedPool",
			  "%p is on the stack", va);
	mdl->Process = NULL;
	mdl->MappedSystemVa = va;
	mdl->MdlFlags &= ~(MDL_SOURCE_IS_NONPAGED_POOL | MDL_IO_SPACE);
	if (wd_frames_find(mdl))
		wd_report(WD_REPORT_NOT_LOCKED, NULL, "MmBuildMdlForNonPagedPool",
			  "not every page of %u bytes at %p exists", mdl->ByteCount, va);
	else if (mdl->ByteCount)
		mdl->MdlFlags |= MDL_SOURCE_IS_NONPAGED_POOL;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_build_mdl_for_non_paged_pool, WDMDMA);

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
