// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compares a scatter/gather list with the pages it was made for, byte by byte.
 *
 * An element's address is followed to physical memory the way the device's access goes: through
 * the IOMMU's tables, if there is one. There the device must find the buffers' own pages, or a copy
 * of them. Of a copy that wdmdma made, the MDL of BuildMdlFromScatterGatherList must describe the
 * very bytes; one that the platform made (swiotlb) has no MDL.
 */
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/highmem.h>
#include <linux/iommu.h>

#include "host.h"
#include "selftest.h"

/* A place in a chain of MDLs */
struct edu_place {
	PMDL mdl;
	u64 offset;		/* from the MDL's first byte */
};

static phys_addr_t edu_place_phys(const struct edu_place *place)
{
	u64 offset = MmGetMdlByteOffset(place->mdl) + place->offset;

	PFN_NUMBER pfn = MmGetMdlPfnArray(place->mdl)[offset >> PAGE_SHIFT];

	return PFN_PHYS(pfn) + offset_in_page(offset);
}

/* Skips what is used up. False: the chain is at its end. */
static bool edu_place_settle(struct edu_place *place)
{
	while (place->mdl && place->offset >= MmGetMdlByteCount(place->mdl)) {
		place->offset -= MmGetMdlByteCount(place->mdl);
		place->mdl = place->mdl->Next;
	}
	return place->mdl;
}

static u64 edu_place_left(const struct edu_place *place)
{
	return MmGetMdlByteCount(place->mdl) - place->offset;
}

/**
 * edu_bus_to_phys() - the memory that a device finds at an address
 * @dev: the device
 * @address: what it is given
 *
 * Return: its physical address; 0 if the IOMMU translates @address to nothing.
 */
phys_addr_t edu_bus_to_phys(struct device *dev, u64 address)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	if (domain && domain->type & __IOMMU_DOMAIN_PAGING)
		return iommu_iova_to_phys(domain, address);
	return dma_to_phys(dev, address);
}

static u64 edu_page_left(u64 address)
{
	return PAGE_SIZE - offset_in_page(address);
}

/* Both stay within their pages. */
static bool edu_same_data(phys_addr_t a, phys_addr_t b, size_t bytes)
{
	u8 *x = kmap_local_page(pfn_to_page(PHYS_PFN(a)));
	u8 *y = kmap_local_page(pfn_to_page(PHYS_PFN(b)));
	bool same = !memcmp(x + offset_in_page(a), y + offset_in_page(b), bytes);

	kunmap_local(y);
	kunmap_local(x);
	return same;
}

/* Bytes of a list that are not in its buffers' own pages */
struct edu_elsewhere {
	u64 bytes;
	u64 small;			/* of them, those that share a cache line with others */
};

/* The platform may copy what is small if the device does not see the caches. */
static bool edu_is_small(struct device *dev, u64 bytes)
{
	return !dev_is_dma_coherent(dev) && bytes < 2 * dma_get_cache_alignment();
}

/*
 * Walks @bytes of list and chain together; @elsewhere is how many of them are not the same memory.
 * With @data these must at least have the same contents.
 */
static const char *edu_list_compare(struct device *dev, PSCATTER_GATHER_LIST list,
				    struct edu_place place, u64 bytes, bool data,
				    struct edu_elsewhere *elsewhere)
{
	ULONG i;

	memset(elsewhere, 0, sizeof(*elsewhere));
	for (i = 0; i < list->NumberOfElements; i++) {
		u64 address = list->Elements[i].Address.QuadPart;
		u64 left = list->Elements[i].Length;

		while (left) {
			phys_addr_t is = edu_bus_to_phys(dev, address);
			phys_addr_t wanted;
			u64 step;

			if (!edu_place_settle(&place))
				return "is longer than its MDLs";
			wanted = edu_place_phys(&place);
			step = min(min(left, edu_place_left(&place)),
				   min(edu_page_left(address), edu_page_left(wanted)));
			if (!is || !pfn_valid(PHYS_PFN(is)))
				return "has an address without memory";
			if (is != wanted && data && !edu_same_data(is, wanted, step))
				return "does not have the buffer's bytes";
			if (is != wanted)
				elsewhere->bytes += step;
			if (is != wanted && edu_is_small(dev, list->Elements[i].Length))
				elsewhere->small += step;
			place.offset += step;
			address += step;
			left -= step;
			bytes -= step;
		}
	}
	return bytes ? "does not have the buffer's length" : NULL;
}

/* Each element in reach, and at least one for each MDL */
static const char *edu_list_check_elements(const struct edu_list_check *check,
					   PSCATTER_GATHER_LIST list, PMDL mdl)
{
	ULONG i;

	for (i = 0; i < list->NumberOfElements; i++) {
		u64 address = list->Elements[i].Address.QuadPart;

		if (!list->Elements[i].Length)
			return "has an empty element";
		if (address + list->Elements[i].Length - 1 > check->last_address)
			return "has an address out of reach";
		mdl = mdl ? mdl->Next : NULL;
	}
	return mdl ? "has fewer elements than MDLs" : NULL;
}

/* The MDL for a list that refers to no page of the buffer */
static const char *edu_list_check_copy(struct device *dev, PSCATTER_GATHER_LIST list, PMDL mdl,
				       u64 bytes)
{
	struct edu_place place = { .mdl = mdl };
	struct edu_elsewhere elsewhere;
	u64 length = 0;
	const char *problem;

	problem = edu_list_compare(dev, list, place, bytes, false, &elsewhere);
	if (problem)
		return problem;
	if (elsewhere.bytes)
		return "is not what its own MDL describes";
	for (; mdl; mdl = mdl->Next) {
		length += MmGetMdlByteCount(mdl);
		if (!(mdl->MdlFlags & MDL_PAGES_LOCKED))
			return "has an MDL that cannot be mapped";
	}
	return length == bytes ? NULL : "has an MDL of another length";
}

static const char *edu_list_problem(struct edu_list_check *check, PEDU_REQUEST request,
				    PSCATTER_GATHER_LIST list, PMDL list_mdl)
{
	PMDL mdl = request->Irp.MdlAddress;
	struct edu_place place = { .mdl = mdl };
	struct edu_elsewhere elsewhere = { };
	const char *problem;

	place.offset = request->CurrentVa - (u8 *)MmGetMdlVirtualAddress(mdl);
	problem = edu_list_check_elements(check, list, mdl);
	if (!problem)
		problem = edu_list_compare(check->dev, list, place, request->Length,
					   request->WriteToDevice, &elsewhere);
	check->elsewhere = elsewhere.bytes;
	if (problem)
		return problem;
	if (!list_mdl)
		return "has no MDL";
	if (list_mdl != mdl)
		return edu_list_check_copy(check->dev, list, list_mdl, request->Length);
	/* The platform could not copy to where the narrow adapter reaches. */
	if (elsewhere.bytes > elsewhere.small &&
	    (dma_max_mapping_size(check->dev) == SIZE_MAX || request->Adapter == EduNarrowAdapter))
		return "refers to other memory than its MDL";
	return NULL;
}

/**
 * edu_list_check() - is this the list of these buffers?
 * @check: @dev and @last_address are set; receives the answer, and reports what is bad
 * @request: the request
 * @list: its list
 * @list_mdl: what BuildMdlFromScatterGatherList gave for it, or NULL
 *
 * Context: Any; does not sleep.
 */
void edu_list_check(struct edu_list_check *check, PEDU_REQUEST request, PSCATTER_GATHER_LIST list,
		    PMDL list_mdl)
{
	const char *problem = edu_list_problem(check, request, list, list_mdl);

	if (!problem)
		return;
	check->bad = true;
	dev_err(check->dev, "error: the list of %u elements for %u bytes %s\n",
		list->NumberOfElements, request->Length, problem);
}

/**
 * edu_list_check_data() - does the memory that the list refers to hold a pattern?
 * @check: the list's, after edu_list_check()
 * @request: the request, a read that the device has finished
 * @list_mdl: what BuildMdlFromScatterGatherList gave
 * @seed: of the pattern
 *
 * Context: Any; does not sleep.
 */
void edu_list_check_data(struct edu_list_check *check, PEDU_REQUEST request, PMDL list_mdl,
			 u32 seed)
{
	struct edu_place place = { .mdl = list_mdl };
	u32 i;

	/* The platform's own copy is not to be seen before PutScatterGatherList. */
	if (check->bad || (check->elsewhere && list_mdl == request->Irp.MdlAddress))
		return;
	if (list_mdl == request->Irp.MdlAddress)
		place.offset = request->CurrentVa - (u8 *)MmGetMdlVirtualAddress(list_mdl);
	for (i = 0; i < request->Length; i++, place.offset++) {
		phys_addr_t phys;
		u8 *page, byte;

		if (!edu_place_settle(&place))
			break;
		phys = edu_place_phys(&place);
		page = kmap_local_page(pfn_to_page(PHYS_PFN(phys)));
		byte = page[offset_in_page(phys)];
		kunmap_local(page);
		if (byte != edu_pattern(seed, i))
			break;
	}
	if (i == request->Length)
		return;
	check->bad = true;
	dev_err(check->dev, "error: the MDL of a list does not show byte %u of what was read\n", i);
}
