// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU interface: routines that map memory to logical addresses, and unmap it.
 */
#include <linux/minmax.h>
#include <linux/mm.h>

#include "internal.h"
#include "irql.h"
#include "mmu.h"
#include "walk.h"

#define WD_LAST_PAGE (U64_MAX >> PAGE_SHIFT)
/* No processor has more physical addresses. */
#define WD_PHYSICAL_PAGES BIT_ULL(52 - PAGE_SHIFT)

/**
 * wd_physical_init() - understand how a caller names memory
 * @physical: filled
 * @from: any pointer of the caller's that may be read; or NULL
 *
 * Return: false when it is not memory in whole pages.
 */
bool wd_physical_init(struct wd_physical *physical, const IOMMU_MAP_PHYSICAL_ADDRESS *from)
{
	const MDL *mdl;
	u64 base, size, i;

	if (!from)
		return false;
	*physical = (struct wd_physical){};
	switch (from->MapType) {
	case MapPhysicalAddressTypeMdl:
		mdl = from->Mdl.Mdl;
		if (!mdl || !wd_mdl_is_ready(mdl) || MmGetMdlByteOffset(mdl) ||
		    MmGetMdlByteCount(mdl) & ~PAGE_MASK)
			return false;
		physical->pfns = MmGetMdlPfnArray(mdl);
		physical->pages = MmGetMdlByteCount(mdl) >> PAGE_SHIFT;
		break;
	case MapPhysicalAddressTypeContiguousRange:
		base = from->ContiguousRange.Base.QuadPart;
		size = from->ContiguousRange.Size;
		if ((base | size) & ~PAGE_MASK)
			return false;
		physical->first_pfn = base >> PAGE_SHIFT;
		physical->pages = size >> PAGE_SHIFT;
		break;
	case MapPhysicalAddressTypePfn:
		physical->pfns = from->PfnArray.PageFrame;
		physical->pages = from->PfnArray.NumberOfPages;
		if (!physical->pfns)
			return false;
		break;
	default:
		return false;
	}
	if (!physical->pages || physical->pages > WD_PHYSICAL_PAGES)
		return false;
	if (!physical->pfns)
		return physical->first_pfn <= WD_PHYSICAL_PAGES - physical->pages;
	for (i = 0; i < physical->pages; i++)
		if (physical->pfns[i] >= WD_PHYSICAL_PAGES)
			return false;
	return true;
}

/**
 * wd_permissions_are_good() - are these permissions to map with?
 * @permissions: the caller's
 */
bool wd_permissions_are_good(ULONG permissions)
{
	return permissions && !(permissions & ~(WDMDMA_IOMMU_READ | WDMDMA_IOMMU_WRITE));
}

/**
 * wd_mmu_choose() - which addresses a range gets
 * @domain: the domain; wd_mmu_mutex is held
 * @pages: how many
 * @explicit: the caller's choice; NULL: the allocator's
 * @min: lowest address for that, or NULL
 * @max: address of the last byte for that, or NULL
 * @unaligned: status for an @explicit that is not of a page
 * @first: receives the number of the first page
 *
 * Return: STATUS_SUCCESS, or what MapLogicalRangeEx says.
 */
NTSTATUS wd_mmu_choose(struct wd_mmu_domain *domain, u64 pages,
		       const IOMMU_DMA_LOGICAL_ADDRESS *explicit,
		       const IOMMU_DMA_LOGICAL_ADDRESS *min, const IOMMU_DMA_LOGICAL_ADDRESS *max,
		       NTSTATUS unaligned, u64 *first)
{
	u64 low, high;
	int ret;

	lockdep_assert_held(&wd_mmu_mutex);
	/* Whoever chooses addresses chooses all of them. */
	if (!explicit == !domain->has_allocator)
		return STATUS_NOT_SUPPORTED;
	if (explicit) {
		if (*explicit & ~PAGE_MASK)
			return unaligned;
		*first = *explicit >> PAGE_SHIFT;
		if (pages - 1 > WD_LAST_PAGE - *first || !wd_range_is_free(domain, *first, pages))
			return STATUS_IN_USE;
		return STATUS_SUCCESS;
	}
	low = min ? *min : 0;
	high = max ? *max : U64_MAX;
	if (low > high || low > U64_MAX - (PAGE_SIZE - 1) || high < PAGE_SIZE - 1)
		return STATUS_INVALID_PARAMETER_MIX;
	/* Whole pages between the two */
	high = high == U64_MAX ? WD_LAST_PAGE : ((high + 1) >> PAGE_SHIFT) - 1;
	ret = wd_range_find(domain, pages, PFN_UP(low), high, first);
	if (ret == -ERANGE)
		return min || max ? STATUS_INVALID_PARAMETER_MIX : STATUS_INSUFFICIENT_RESOURCES;
	return ret ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS;
}

static NTSTATUS wd_mmu_map_status(int err)
{
	return err ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS;
}

/* A call at PASSIVE_LEVEL on a domain that is Translate; NULL, and nothing is locked, else. */
static struct wd_mmu_domain *wd_mmu_begin(PIOMMU_DMA_DOMAIN handle, const char *routine,
					  bool pass_through)
{
	struct wd_mmu_domain *domain;

	if (!wd_irql_is_passive(NULL, routine))
		return NULL;
	mutex_lock(&wd_mmu_mutex);
	domain = wd_mmu_find_domain(handle);
	if (domain && (domain->type == DomainTypeTranslate || pass_through))
		return domain;
	mutex_unlock(&wd_mmu_mutex);
	return NULL;
}

NTSTATUS wd_mmu_map_logical_ex(PIOMMU_DMA_DOMAIN handle, ULONG permissions,
			       PIOMMU_MAP_PHYSICAL_ADDRESS address,
			       PIOMMU_DMA_LOGICAL_ADDRESS explicit, PIOMMU_DMA_LOGICAL_ADDRESS min,
			       PIOMMU_DMA_LOGICAL_ADDRESS max, PIOMMU_DMA_LOGICAL_ADDRESS result)
{
	struct wd_mmu_domain *domain = wd_mmu_begin(handle, "MapLogicalRangeEx", false);
	struct wd_physical physical;
	NTSTATUS status;
	u64 first;

	if (!domain)
		return STATUS_INVALID_PARAMETER_1;
	if (!wd_permissions_are_good(permissions))
		status = STATUS_INVALID_PARAMETER_2;
	else if (!wd_physical_init(&physical, address))
		status = STATUS_INVALID_PARAMETER_3;
	else if (!result)
		status = STATUS_INVALID_PARAMETER;
	else
		status = wd_mmu_choose(domain, physical.pages, explicit, min, max,
				       STATUS_INVALID_PARAMETER_4, &first);
	if (NT_SUCCESS(status))
		status = wd_mmu_map_status(wd_range_map(domain, first, &physical, WD_PAGE_LOGICAL,
							permissions));
	if (NT_SUCCESS(status))
		*result = first << PAGE_SHIFT;
	mutex_unlock(&wd_mmu_mutex);
	return status;
}

NTSTATUS wd_mmu_map_logical(PIOMMU_DMA_DOMAIN handle, ULONG permissions, PMDL mdl,
			    ULONGLONG logical_address)
{
	IOMMU_MAP_PHYSICAL_ADDRESS from = { .MapType = MapPhysicalAddressTypeMdl, .Mdl.Mdl = mdl };
	IOMMU_DMA_LOGICAL_ADDRESS explicit = logical_address, unused;

	return wd_mmu_map_logical_ex(handle, permissions, &from, &explicit, NULL, NULL, &unused);
}

NTSTATUS wd_mmu_unmap_logical(PIOMMU_DMA_DOMAIN handle, ULONGLONG logical_address,
			      ULONGLONG pages)
{
	struct wd_mmu_domain *domain = wd_mmu_begin(handle, "UnmapLogicalRange", false);
	u64 first = logical_address >> PAGE_SHIFT;
	NTSTATUS status = STATUS_SUCCESS;

	if (!domain)
		return STATUS_INVALID_PARAMETER_1;
	if (!pages)
		status = STATUS_INVALID_PARAMETER_3;
	else if (logical_address & ~PAGE_MASK || pages - 1 > WD_LAST_PAGE - first ||
		 !wd_range_is_kind(domain, first, pages, WD_PAGE_LOGICAL))
		status = STATUS_INVALID_PARAMETER_2;
	else if (wd_range_unmap(domain, first, pages))
		status = STATUS_UNSUCCESSFUL;
	mutex_unlock(&wd_mmu_mutex);
	return status;
}

/* Takes away the first @count pages of an identity mapping. */
static int wd_identity_undo(struct wd_mmu_domain *domain, const struct wd_physical *physical,
			    u64 count)
{
	int ret = 0;

	while (count--) {
		u64 pfn = wd_physical_pfn(physical, count);

		/* It may have been named twice. */
		if (wd_range_is_kind(domain, pfn, 1, WD_PAGE_IDENTITY) &&
		    wd_range_unmap(domain, pfn, 1))
			ret = -EIO;
	}
	return ret;
}

static NTSTATUS wd_identity_map(struct wd_mmu_domain *domain, const struct wd_physical *physical,
				ULONG permissions)
{
	int ret = 0;
	u64 i;

	for (i = 0; i < physical->pages; i++) {
		u64 pfn = wd_physical_pfn(physical, i);
		struct wd_physical page = { .pages = 1, .first_pfn = pfn };

		/* A page that is named twice as well */
		ret = wd_range_is_free(domain, pfn, 1) ?
		      wd_range_map(domain, pfn, &page, WD_PAGE_IDENTITY, permissions) : -EBUSY;
		if (ret)
			break;
	}
	if (!ret)
		return STATUS_SUCCESS;
	wd_identity_undo(domain, physical, i);
	return ret == -EBUSY ? STATUS_IN_USE : STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS wd_mmu_map_identity_ex(PIOMMU_DMA_DOMAIN handle, ULONG permissions,
				PIOMMU_MAP_PHYSICAL_ADDRESS address)
{
	struct wd_mmu_domain *domain = wd_mmu_begin(handle, "MapIdentityRangeEx", true);
	struct wd_physical physical;
	NTSTATUS status;

	if (!domain)
		return STATUS_INVALID_PARAMETER_1;
	if (!wd_permissions_are_good(permissions))
		status = STATUS_INVALID_PARAMETER_2;
	else if (!wd_physical_init(&physical, address))
		status = STATUS_INVALID_PARAMETER_3;
	else if (domain->has_allocator)
		status = STATUS_NOT_SUPPORTED;
	else if (domain->type == DomainTypePassThrough)
		status = STATUS_SUCCESS;
	else
		status = wd_identity_map(domain, &physical, permissions);
	mutex_unlock(&wd_mmu_mutex);
	return status;
}

NTSTATUS wd_mmu_map_identity(PIOMMU_DMA_DOMAIN handle, ULONG permissions, PMDL mdl)
{
	IOMMU_MAP_PHYSICAL_ADDRESS from = { .MapType = MapPhysicalAddressTypeMdl, .Mdl.Mdl = mdl };

	return wd_mmu_map_identity_ex(handle, permissions, &from);
}

static bool wd_identity_is_mapped(struct wd_mmu_domain *domain, const struct wd_physical *physical)
{
	u64 i;

	for (i = 0; i < physical->pages; i++)
		if (!wd_range_is_kind(domain, wd_physical_pfn(physical, i), 1, WD_PAGE_IDENTITY))
			return false;
	return true;
}

NTSTATUS wd_mmu_unmap_identity_ex(PIOMMU_DMA_DOMAIN handle, PIOMMU_MAP_PHYSICAL_ADDRESS address)
{
	struct wd_mmu_domain *domain = wd_mmu_begin(handle, "UnmapIdentityRangeEx", true);
	NTSTATUS status = STATUS_SUCCESS;
	struct wd_physical physical;

	if (!domain)
		return STATUS_INVALID_PARAMETER_1;
	if (!wd_physical_init(&physical, address))
		status = STATUS_INVALID_PARAMETER_2;
	else if (domain->has_allocator)
		status = STATUS_NOT_SUPPORTED;
	else if (domain->type == DomainTypeTranslate && !wd_identity_is_mapped(domain, &physical))
		status = STATUS_INVALID_PARAMETER_2;
	else if (domain->type == DomainTypeTranslate &&
		 wd_identity_undo(domain, &physical, physical.pages))
		status = STATUS_UNSUCCESSFUL;
	mutex_unlock(&wd_mmu_mutex);
	return status;
}

NTSTATUS wd_mmu_unmap_identity(PIOMMU_DMA_DOMAIN handle, PMDL mdl)
{
	IOMMU_MAP_PHYSICAL_ADDRESS from = { .MapType = MapPhysicalAddressTypeMdl, .Mdl.Mdl = mdl };

	return wd_mmu_unmap_identity_ex(handle, &from);
}
