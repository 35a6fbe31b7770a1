// SPDX-License-Identifier: GPL-2.0-only
/*
 * System mappings of MDLs: a kernel address for the buffer.
 *
 * Whatever maps the pages already is used before a mapping is made, as that takes sleeping:
 *
 *	- the mapping made when the pages were locked (hold.c)
 *	- the address of the buffer, if it is a kernel buffer
 *	- the address that IoBuildPartialMdl left in MappedSystemVa: a part of one of the above
 *	- the linear mapping, if each page follows the one before
 *
 * Everything in a header is the driver's, so an address from there counts only if the MDL's frames
 * are behind it. MdlFlags show a mapping when the driver has asked for it and not before.
 *
 * A read-only mapping (MdlMappingNoWrite) is always made; only where that is impossible, at
 * DISPATCH_LEVEL, is a writable one as good as none. No mapping is executable.
 */
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <wdmdma/ex.h>

#include "frames.h"
#include "hold.h"
#include "internal.h"
#include "irql.h"
#include "mdl_map.h"
#include "seh.h"
#include "sysmap.h"
#include "walk.h"

static u32 wd_mdl_pages(const MDL *mdl)
{
	return wd_span_pages(mdl->ByteOffset, mdl->ByteCount);
}

/* The hold of an MDL, if its pages are still those of the MDL */
static struct wd_hold *wd_mdl_hold(const MDL *mdl)
{
	const PFN_NUMBER *pfns = MmGetMdlPfnArray(mdl);
	u32 pages = wd_mdl_pages(mdl), i;
	struct wd_hold *hold;

	if (!(mdl->MdlFlags & MDL_PAGES_LOCKED) || mdl->MdlFlags & MDL_PARTIAL)
		return NULL;
	hold = wd_hold_find(mdl);
	if (!hold || pages > hold->nr_pages - hold->first)
		return NULL;
	for (i = 0; i < pages; i++)
		if (page_to_pfn(hold->pages[hold->first + i]) != pfns[i])
			return NULL;
	return hold;
}

static void *wd_hold_va(const struct wd_hold *hold)
{
	return hold && hold->va ? hold->va + (size_t)hold->first * PAGE_SIZE : NULL;
}

/* Where the linear mapping has the pages, or NULL */
static void *wd_mdl_linear_va(const MDL *mdl)
{
	const PFN_NUMBER *pfns = MmGetMdlPfnArray(mdl);
	u32 pages = wd_mdl_pages(mdl), i;

	for (i = 0; i < pages; i++)
		if (pfns[i] != pfns[0] + i || !pfn_valid(pfns[i]) ||
		    PageHighMem(pfn_to_page(pfns[i])))
			return NULL;
	return page_address(pfn_to_page(pfns[0]));
}

/* An address in a system mapping that is the MDL's to use: becomes a user of the mapping. */
static void *wd_mdl_shared_va(const MDL *mdl, void *va)
{
	if (!wd_sysmap_get(va))
		return NULL;
	if (wd_frames_are_at(mdl, va))
		return va;
	wd_sysmap_put(va);
	return NULL;
}

/* A mapping that exists; to be given back by wd_sysmap_put(). */
static void *wd_mdl_find_mapping(const MDL *mdl, const struct wd_hold *hold)
{
	void *va = wd_hold_va(hold);

	if (va) {
		wd_sysmap_get(va);
		return va;
	}
	if (wd_frames_are_at(mdl, mdl->StartVa)) {
		wd_sysmap_get(mdl->StartVa);
		return mdl->StartVa;
	}
	if (mdl->MdlFlags & MDL_PARTIAL) {
		va = wd_mdl_shared_va(mdl, mdl->MappedSystemVa - mdl->ByteOffset);
		if (va)
			return va;
	}
	if (hold && hold->cache > WD_CACHE_WRITE_BACK)
		return NULL;
	return wd_mdl_linear_va(mdl);
}

static void *wd_mdl_make_mapping(const MDL *mdl, pgprot_t prot)
{
	const PFN_NUMBER *pfns = MmGetMdlPfnArray(mdl);
	u32 nr_pages = wd_mdl_pages(mdl), i;
	struct page **pages = kvmalloc_array(nr_pages, sizeof(*pages), WD_GFP_ANY_LENGTH);
	void *va;

	if (!pages)
		return NULL;
	for (i = 0; i < nr_pages && pfn_valid(pfns[i]); i++)
		pages[i] = pfn_to_page(pfns[i]);
	va = i == nr_pages ? wd_sysmap_create(pages, nr_pages, prot) : NULL;
	kvfree(pages);
	return va;
}

static void *wd_mdl_map(PMDL mdl, MEMORY_CACHING_TYPE type, bool read_only)
{
	struct wd_hold *hold = wd_mdl_hold(mdl);
	bool may_wait = wd_may_wait();
	void *va = NULL;

	if (hold && hold->kind == WD_HOLD_ALLOCATED && hold->cache == WD_CACHE_UNDECIDED &&
	    wd_hold_set_cache(hold, wd_cache_of(type)))
		return NULL;
	if (!read_only || !may_wait)
		va = wd_mdl_find_mapping(mdl, hold);
	if (!va && may_wait)
		va = wd_mdl_make_mapping(mdl, wd_hold_prot(hold, read_only));
	return va;
}

/* What can be mapped for the system: pages that are there, and no mapping so far */
static bool wd_mdl_is_mappable(const MDL *mdl, const char *routine)
{
	const CSHORT mapped = MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL |
			      MDL_PARTIAL_HAS_BEEN_MAPPED;

	if (mdl->MdlFlags & mapped)
		wd_report(WD_REPORT_MISC, NULL, routine,
			  "the MDL has a system address already, flags 0x%04X",
			  (USHORT)mdl->MdlFlags);
	else if (!mdl->ByteCount || !(mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_PARTIAL)))
		wd_report(WD_REPORT_NOT_LOCKED, NULL, routine,
			  "no locked pages in the MDL, flags 0x%04X", (USHORT)mdl->MdlFlags);
	else
		return true;
	return false;
}

static PVOID wd_mdl_map_for_system(PMDL mdl, MEMORY_CACHING_TYPE type, bool must_succeed,
				   ULONG priority, const char *routine)
{
	void *va;

	if (!wd_irql_is_dispatch(NULL, routine) || !wd_mdl_is_mappable(mdl, routine))
		return NULL;
	va = wd_mdl_map(mdl, type, priority & MdlMappingNoWrite);
	if (!va) {
		if (must_succeed && !(mdl->MdlFlags & MDL_MAPPING_CAN_FAIL))
			wd_report(WD_REPORT_MISC, NULL, routine,
				  "failed, which must not happen according to the caller");
		return NULL;
	}
	mdl->MappedSystemVa = va + mdl->ByteOffset;
	mdl->MdlFlags |= MDL_MAPPED_TO_SYSTEM_VA;
	if (mdl->MdlFlags & MDL_PARTIAL)
		mdl->MdlFlags |= MDL_PARTIAL_HAS_BEEN_MAPPED;
	return mdl->MappedSystemVa;
}

/**
 * wd_mdl_unmap() - undo an MDL's own system mapping
 * @mdl: MDL_MAPPED_TO_SYSTEM_VA, and if MDL_PARTIAL, then MDL_PARTIAL_HAS_BEEN_MAPPED
 *
 * Context: Any but an NMI.
 */
void wd_mdl_unmap(PMDL mdl)
{
	PVOID va = mdl->MappedSystemVa;

	mdl->MdlFlags &= ~(MDL_MAPPED_TO_SYSTEM_VA | MDL_PARTIAL_HAS_BEEN_MAPPED |
			   MDL_FREE_EXTRA_PTES);
	/* An MDL of which nothing is left (MmAdvanceMdl) ends where its mapping does. */
	if (!wd_sysmap_put(va) && !offset_in_page(va))
		wd_sysmap_put(va - 1);
}

/**
 * wd_mdl_future_va() - the address an MDL has, or would get at any IRQL, for the system
 * @mdl: the MDL
 *
 * Context: Any but an NMI.
 * Return: the address, not checked against the MDL's frames, or NULL.
 */
PVOID wd_mdl_future_va(const MDL *mdl)
{
	void *va;

	if (mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL))
		return mdl->MappedSystemVa;
	va = wd_hold_va(wd_mdl_hold(mdl));
	return va ? va + mdl->ByteOffset : NULL;
}

/**
 * wdmdma_mm_map_locked_pages_specify_cache() - map an MDL's pages (MmMapLockedPagesSpecifyCache)
 * @mdl: locked or partial, without a system mapping
 * @mode: KernelMode; UserMode is not supported, which is raised
 * @type: counts only for pages of MmAllocatePagesForMdl, at their first mapping
 * @requested_address: ignored
 * @bug_check_on_failure: a failure is reported, unless the MDL has MDL_MAPPING_CAN_FAIL
 * @priority: MdlMappingNoWrite is heeded where sleeping is certainly allowed, the rest ignored
 *
 * Context: <= DISPATCH_LEVEL. Scattered pages that were not mapped when they were locked can be
 * mapped only where sleeping is certainly allowed.
 * Return: address of the first byte, or NULL. DDI: MmMapLockedPagesSpecifyCache
 */
PVOID wdmdma_mm_map_locked_pages_specify_cache(PMDL mdl, KPROCESSOR_MODE mode,
					       MEMORY_CACHING_TYPE type, PVOID requested_address,
					       ULONG bug_check_on_failure, ULONG priority)
{
	if (mode != KernelMode) {
		wd_raise(STATUS_NOT_SUPPORTED, "MmMapLockedPagesSpecifyCache");
		return NULL;
	}
	return wd_mdl_map_for_system(mdl, type, bug_check_on_failure, priority,
				     "MmMapLockedPagesSpecifyCache");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_map_locked_pages_specify_cache, WDMDMA);

/**
 * wdmdma_mm_unmap_locked_pages() - undo the mapping of an MDL (MmUnmapLockedPages)
 * @base: what the mapping routine returned
 * @mdl: the MDL
 *
 * A mapping that a partial MDL shares with its source stays; the partial MDL only forgets it.
 *
 * Context: <= DISPATCH_LEVEL. DDI: MmUnmapLockedPages
 */
VOID wdmdma_mm_unmap_locked_pages(PVOID base, PMDL mdl)
{
	if (!wd_irql_is_dispatch(NULL, "MmUnmapLockedPages"))
		return;
	if (mdl->MdlFlags & MDL_SOURCE_IS_NONPAGED_POOL ||
	    !(mdl->MdlFlags & MDL_MAPPED_TO_SYSTEM_VA) || base != mdl->MappedSystemVa) {
		wd_report(WD_REPORT_MISC, NULL, "MmUnmapLockedPages",
			  "%p is not a mapping of the MDL, flags 0x%04X", base,
			  (USHORT)mdl->MdlFlags);
		return;
	}
	if (mdl->MdlFlags & MDL_PARTIAL && !(mdl->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED))
		mdl->MdlFlags &= ~MDL_MAPPED_TO_SYSTEM_VA;
	else
		wd_mdl_unmap(mdl);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_unmap_locked_pages, WDMDMA);

/**
 * wdmdma_mm_get_system_address_for_mdl_safe() - kernel address of an MDL's buffer
 * (MmGetSystemAddressForMdlSafe)
 * @mdl: built, locked or partial
 * @priority: MdlMappingNoWrite is heeded where sleeping is certainly allowed, the rest ignored
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: the address, the same one every time; NULL when the pages cannot be mapped here.
 * DDI: MmGetSystemAddressForMdlSafe
 */
PVOID wdmdma_mm_get_system_address_for_mdl_safe(PMDL mdl, ULONG priority)
{
	if (mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL))
		return mdl->MappedSystemVa;
	return wd_mdl_map_for_system(mdl, MmCached, false, priority,
				     "MmGetSystemAddressForMdlSafe");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_get_system_address_for_mdl_safe, WDMDMA);

/**
 * wdmdma_mm_prepare_mdl_for_reuse() - make a partial MDL ready to be built again
 * (MmPrepareMdlForReuse)
 * @mdl: the partial MDL
 *
 * Undoes its own system mapping. One that is shared with the source, or is not a partial MDL's,
 * stays.
 *
 * Context: <= DISPATCH_LEVEL. DDI: MmPrepareMdlForReuse
 */
VOID wdmdma_mm_prepare_mdl_for_reuse(PMDL mdl)
{
	if (mdl->MdlFlags & MDL_PARTIAL_HAS_BEEN_MAPPED)
		wd_mdl_unmap(mdl);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_mm_prepare_mdl_for_reuse, WDMDMA);
