// SPDX-License-Identifier: GPL-2.0-only
/*
 * From kernel addresses to page frames.
 *
 * The pages behind a kernel address are looked up one by one: it may be in the linear map, in
 * vmalloc space (common buffers behind an IOMMU are) or in a module. No two need be neighbours.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>

#include "frames.h"
#include "walk.h"

static bool wd_is_module_address(const void *va)
{
#ifdef MODULES_VADDR
	return (unsigned long)va >= MODULES_VADDR && (unsigned long)va < MODULES_END;
#else
	return false;
#endif
}

/**
 * wd_va_to_pfn() - the page frame behind a kernel address
 * @va: any address
 * @pfn: set when there is one
 *
 * Context: Any.
 * Return: is there a page?
 */
bool wd_va_to_pfn(const void *va, PFN_NUMBER *pfn)
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
 * wd_frames_find() - fill in the frames of a kernel buffer
 * @mdl: of the buffer; gets MDL_IO_SPACE if a frame is no RAM
 *
 * Context: Any.
 * Return: 0, or -EFAULT when there is no page; then the frame of that place is WD_PFN_NONE.
 */
int wd_frames_find(PMDL mdl)
{
	u32 pages = wd_span_pages(mdl->ByteOffset, mdl->ByteCount);
	PPFN_NUMBER pfns = MmGetMdlPfnArray(mdl);
	bool io_space = false;
	u32 i;

	for (i = 0; i < pages; i++) {
		if (!wd_va_to_pfn(mdl->StartVa + (size_t)i * PAGE_SIZE, &pfns[i])) {
			pfns[i] = WD_PFN_NONE;
			return -EFAULT;
		}
		io_space |= !pfn_valid(pfns[i]);
	}
	if (io_space)
		mdl->MdlFlags |= MDL_IO_SPACE;
	return 0;
}

/**
 * wd_frames_are_at() - is an address a mapping of an MDL's pages?
 * @mdl: built or locked
 * @va: page-aligned kernel address, or any other
 *
 * Context: Any.
 * Return: does every page from @va on have the MDL's frame?
 */
bool wd_frames_are_at(const MDL *mdl, const void *va)
{
	u32 pages = wd_span_pages(mdl->ByteOffset, mdl->ByteCount);
	const PFN_NUMBER *pfns = MmGetMdlPfnArray(mdl);
	PFN_NUMBER pfn;
	u32 i;

	for (i = 0; i < pages; i++)
		if (!wd_va_to_pfn(va + (size_t)i * PAGE_SIZE, &pfn) || pfn != pfns[i])
			return false;
	return true;
}
