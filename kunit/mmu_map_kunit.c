// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU interface: memory that is mapped, by every name that it can have, and what the device
 * then reaches.
 */
#include <linux/sizes.h>

#include "mmu.h"

#define WK_RW (WDMDMA_IOMMU_READ | WDMDMA_IOMMU_WRITE)

static void scattered_memory(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 32);
	struct wk_buffer *memory = wk_alloc_scattered(test, 5);
	PMDL mdl = wk_mdl(test, memory, 0, 5 * PAGE_SIZE);
	u64 address = 0;
	u8 bytes[100];

	wk_mmu_attach(&mmu);
	KUNIT_ASSERT_EQ(test, wk_mmu_map(&mmu, wk_of_mdl(mdl), WK_RW, &address), STATUS_SUCCESS);
	KUNIT_EXPECT_NE(test, address, 0);
	KUNIT_EXPECT_LT(test, address, SZ_4G);
	wk_mmu_expect(&mmu, address, 5 * PAGE_SIZE, 1);
	wk_fill(bytes, 100, 8);
	KUNIT_EXPECT_TRUE(test, wk_mmu_access(mmu.dev, address + PAGE_SIZE + 7, bytes, 100, true));
	wk_expect_pattern(test, memory->va + PAGE_SIZE + 7, 100, 8);
	/* One range, and no more than that. */
	wk_mmu_expect_fault(&mmu, address + 5 * PAGE_SIZE, false);
	wk_mmu_expect_fault(&mmu, address - 1, true);
	/* A part of it goes, and the rest stays. */
	wk_fill(memory->va, 5 * PAGE_SIZE, 1);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address + PAGE_SIZE, 2),
			STATUS_SUCCESS);
	wk_mmu_expect(&mmu, address, PAGE_SIZE, 1);
	wk_mmu_expect_fault(&mmu, address + PAGE_SIZE, false);
	wk_mmu_expect_fault(&mmu, address + 3 * PAGE_SIZE - 1, true);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address, 5),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address, 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address + 3 * PAGE_SIZE, 2),
			STATUS_SUCCESS);
	wk_mmu_expect_fault(&mmu, address, false);
	wk_mmu_end(&mmu);
}

/* What is mapped before a device is attached is there when it is, and stays when it leaves. */
static void mapped_before_it_is_attached(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_buffer *memory = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, memory, 0, 3 * PAGE_SIZE);
	u64 address = 0x40000000, other = 0x50000000;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, wk_mmu_map(&mmu, wk_of_mdl(mdl), WK_RW, &address), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, address, 0x40000000);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_mdl(mdl), WK_RW, &other), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, other, 3), STATUS_SUCCESS);
	for (i = 0; i < 2; i++) {
		wk_mmu_attach(&mmu);
		wk_mmu_expect(&mmu, address, 3 * PAGE_SIZE, 1);
		wk_mmu_expect_fault(&mmu, other, false);
		KUNIT_EXPECT_EQ(test, mmu.v2.DetachDeviceEx(mmu.device), STATUS_SUCCESS);
	}
	wk_mmu_end(&mmu);
}

/* So it is where the IOMMU's driver makes a page table for the first device that uses it. */
static void ready_when_it_is_attached(struct kunit *test)
{
	struct wk_buffer *memory = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, memory, 0, 3 * PAGE_SIZE);
	u64 address = 0x40000000;
	struct wk_mmu mmu;

	/* The machine's own is as it is. */
	wk_mock_iommu.ready_late = true;
	mapped_before_it_is_attached(test);
	if (!wk_mock_iommu.is_there)
		return;
	mmu = wk_mmu(test, 0);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_mdl(mdl), WK_RW, &address), STATUS_SUCCESS);
	wk_mock_iommu.fail_map_after = 2;
	KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(mmu.domain, mmu.device),
			STATUS_INSUFFICIENT_RESOURCES);
	wk_mock_iommu.fail_map_after = -1;
	KUNIT_EXPECT_EQ(test, wk_mock_iommu.nr_domains, 0);
	wk_mock_iommu.fail_attach = true;
	KUNIT_EXPECT_FALSE(test, NT_SUCCESS(mmu.v2.AttachDeviceEx(mmu.domain, mmu.device)));
	wk_mock_iommu.fail_attach = false;
	KUNIT_EXPECT_EQ(test, wk_mock_iommu.nr_domains, 0);
	wk_mmu_attach(&mmu);
	wk_mmu_expect(&mmu, address, 3 * PAGE_SIZE, 1);
	wk_mmu_end(&mmu);
	wk_mock_iommu.ready_late = false;
}

static void permissions(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 3);
	u64 base = wk_phys(memory, 0), address = 0x100000;
	u8 byte = 0;

	wk_mmu_attach(&mmu);
	KUNIT_ASSERT_EQ(test, wk_mmu_map(&mmu, wk_of_range(base, PAGE_SIZE), WDMDMA_IOMMU_READ,
					 &address), STATUS_SUCCESS);
	address = 0x200000;
	KUNIT_ASSERT_EQ(test, wk_mmu_map(&mmu, wk_of_range(base + PAGE_SIZE, PAGE_SIZE),
					 WDMDMA_IOMMU_WRITE, &address), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_mmu_access(mmu.dev, 0x100000, &byte, 1, false));
	KUNIT_EXPECT_TRUE(test, wk_mmu_access(mmu.dev, 0x200000, &byte, 1, true));
	/* What hardware makes of it differs; the mock is strict. */
	if (wk_mock_iommu.is_there) {
		wk_mmu_expect_fault(&mmu, 0x100000, true);
		wk_mmu_expect_fault(&mmu, 0x200000, false);
	}
	address = 0x300000;
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_range(base, PAGE_SIZE), 0, &address),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_range(base, PAGE_SIZE), 4, &address),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_range(base, PAGE_SIZE), 0x80000001, &address),
			STATUS_INVALID_PARAMETER_2);
	wk_mmu_end(&mmu);
}

static void what_is_no_memory(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 2);
	PFN_NUMBER pfns[] = { PHYS_PFN(wk_phys(memory, 0)), ~0UL, 1UL << 59 };
	IOMMU_MAP_PHYSICAL_ADDRESS what = { .MapType = MapPhysicalAddressTypePfn };
	PMDL odd = wk_mdl(test, memory, 4, PAGE_SIZE), shorter = wk_mdl(test, memory, 0, 100);
	PMDL unbuilt = IoAllocateMdl(memory->va, PAGE_SIZE, FALSE, FALSE, NULL);
	u64 address = 0x100000, i;
	const struct { u64 base, size; } ranges[] = {
		{ 0x1000, 0 }, { 0x1001, PAGE_SIZE }, { 0x1000, PAGE_SIZE + 1 },
		{ (u64)-PAGE_SIZE, 2 * PAGE_SIZE }, { 0, (u64)-PAGE_SIZE },
		{ 1ULL << 52, PAGE_SIZE }, { 1ULL << 63, PAGE_SIZE },
	};

	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_range(ranges[i].base, ranges[i].size),
						 WK_RW, &address), STATUS_INVALID_PARAMETER_3);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_mdl(odd), WK_RW, &address),
			STATUS_INVALID_PARAMETER_3);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_mdl(shorter), WK_RW, &address),
			STATUS_INVALID_PARAMETER_3);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_mdl(unbuilt), WK_RW, &address),
			STATUS_INVALID_PARAMETER_3);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_mdl(NULL), WK_RW, &address),
			STATUS_INVALID_PARAMETER_3);
	KUNIT_EXPECT_EQ(test, mmu.v2.MapLogicalRangeEx(mmu.domain, WK_RW, NULL, NULL, NULL, NULL,
						       &address), STATUS_INVALID_PARAMETER_3);
	for (i = 0; i < ARRAY_SIZE(pfns); i++) {
		what.PfnArray.PageFrame = pfns;
		what.PfnArray.NumberOfPages = i + 1;
		KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &address),
				i ? STATUS_INVALID_PARAMETER_3 : STATUS_SUCCESS);
	}
	what.MapType = MapPhysicalAddressTypeMax;
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &address), STATUS_INVALID_PARAMETER_3);
	IoFreeMdl(unbuilt);
	wk_mmu_end(&mmu);
}

static void explicit_addresses(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0), buddy = wk_mmu(test, 32);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 4);
	IOMMU_MAP_PHYSICAL_ADDRESS what = wk_of_range(wk_phys(memory, 0), 4 * PAGE_SIZE);
	u64 address = 0x100000, none = 0, other;
	PMDL mdl;

	wk_mmu_attach(&mmu);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &address), STATUS_SUCCESS);
	/* Any overlap */
	for (other = 0x100000 - 3 * PAGE_SIZE; other < 0x100000 + 4 * PAGE_SIZE; other += PAGE_SIZE)
		KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &other), STATUS_IN_USE);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &other), STATUS_SUCCESS);
	other = 0x100004;
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &other), STATUS_INVALID_PARAMETER_4);
	/* The last page of all, and what the IOMMU has not got */
	other = (u64)-PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &other), STATUS_IN_USE);
	other = 0xfee00000;
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &other), STATUS_IN_USE);
	/* Whoever chooses: the caller here, the allocator there */
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &none), STATUS_NOT_SUPPORTED);
	other = 0x100000;
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&buddy, what, WK_RW, &other), STATUS_NOT_SUPPORTED);
	/* Version 1 */
	wk_fill(memory->va, PAGE_SIZE, 1);
	mdl = wk_mdl(test, memory, 0, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, mmu.v1.MapLogicalRange(mmu.domain, WK_RW, mdl, 0x900000),
			STATUS_SUCCESS);
	wk_mmu_expect(&mmu, 0x900000, PAGE_SIZE, 1);
	KUNIT_EXPECT_EQ(test, mmu.v1.UnmapLogicalRange(mmu.domain, 0x900000, 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDomain(buddy.domain), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, buddy.v2.DetachDeviceEx(buddy.device), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, buddy.v2.DeleteDevice(buddy.device), STATUS_SUCCESS);
	wk_mmu_end(&mmu);
}

static void unmapping(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 2);
	u64 address = 0x100000;

	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_range(wk_phys(memory, 0), 2 * PAGE_SIZE),
					 WK_RW, &address), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address, 0),
			STATUS_INVALID_PARAMETER_3);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address + 1, 1),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address, 3),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address, ~0ULL),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(NULL, address, 2),
			STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address, 2), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address, 2),
			STATUS_INVALID_PARAMETER_2);
	wk_mmu_end(&mmu);
}

/* Half way through the IOMMU driver has no memory: nothing is left of it. */
static void a_map_that_fails(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_buffer *memory = wk_alloc_scattered(test, 4);
	PMDL mdl = wk_mdl(test, memory, 0, 4 * PAGE_SIZE);
	IOMMU_MAP_PHYSICAL_ADDRESS what = wk_of_mdl(mdl);
	u64 address = 0x100000;
	int after;

	/* Only the mock can be told to fail; the statuses are the same elsewhere. */
	wk_mmu_attach(&mmu);
	for (after = 0; wk_mock_iommu.is_there && after < 4; after++) {
		wk_mock_iommu.fail_map_after = after;
		KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &address),
				STATUS_INSUFFICIENT_RESOURCES);
		wk_mock_iommu.fail_map_after = after;
		KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, WK_RW, &what),
				STATUS_INSUFFICIENT_RESOURCES);
		wk_mock_iommu.fail_map_after = -1;
		KUNIT_EXPECT_EQ(test, wk_mock_iommu.nr_pages, 0);
		wk_mmu_expect_fault(&mmu, address, false);
	}
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &address), STATUS_SUCCESS);
	wk_mmu_expect(&mmu, address, 4 * PAGE_SIZE, 1);
	/* And when what was mapped before is given to it */
	KUNIT_EXPECT_EQ(test, mmu.v2.DetachDeviceEx(mmu.device), STATUS_SUCCESS);
	wk_mmu_end(&mmu);
	mmu = wk_mmu(test, 0);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &address), STATUS_SUCCESS);
	if (wk_mock_iommu.is_there) {
		wk_mock_iommu.fail_map_after = 2;
		KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(mmu.domain, mmu.device),
				STATUS_INSUFFICIENT_RESOURCES);
		wk_mock_iommu.fail_map_after = -1;
		KUNIT_EXPECT_EQ(test, wk_mock_iommu.nr_domains, 0);
	}
	wk_mmu_attach(&mmu);
	wk_mmu_expect(&mmu, address, 4 * PAGE_SIZE, 1);
	wk_mmu_end(&mmu);
}

/* The IOMMU keeps a page: that is told, and the address is nobody's until the domain ends. */
static void an_unmap_that_fails(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 4);
	IOMMU_MAP_PHYSICAL_ADDRESS what = wk_of_range(wk_phys(memory, 0), 4 * PAGE_SIZE);
	IOMMU_MAP_PHYSICAL_ADDRESS page = wk_of_range(wk_phys(memory, 0), PAGE_SIZE);
	u64 address = 0x100000, i;

	/* Only the mock can be told to fail. */
	if (!wk_mock_iommu.is_there) {
		wk_mmu_end(&mmu);
		return;
	}
	wk_mmu_attach(&mmu);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &address), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_MMU_KEPT, 1);
	wk_mock_iommu.fail_unmap_at = address + PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address, 4),
			STATUS_UNSUCCESSFUL);
	wk_mock_iommu.fail_unmap_at = 0;
	/* All but that one are unmapped. */
	KUNIT_EXPECT_EQ(test, wk_mock_iommu.nr_pages, 1);
	for (i = 0; i < 4; i++) {
		u64 again = address + i * PAGE_SIZE;

		KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, again, 1),
				STATUS_INVALID_PARAMETER_2);
		KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, page, WK_RW, &again),
				i == 1 ? STATUS_IN_USE : STATUS_SUCCESS);
	}
	/* An identity mapping that goes, half way and as a whole; it was reported already. */
	wk_mock_iommu.fail_unmap_at = wk_phys(memory, 0);
	wk_mock_iommu.fail_map_after = 2;
	KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, WK_RW, &what),
			STATUS_INSUFFICIENT_RESOURCES);
	wk_mock_iommu.fail_map_after = -1;
	KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, WK_RW, &page), STATUS_IN_USE);
	page = wk_of_range(wk_phys(memory, PAGE_SIZE), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, WK_RW, &page), STATUS_SUCCESS);
	wk_mock_iommu.fail_unmap_at = wk_phys(memory, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapIdentityRangeEx(mmu.domain, &page), STATUS_UNSUCCESSFUL);
	wk_mock_iommu.fail_unmap_at = 0;
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapIdentityRangeEx(mmu.domain, &page),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, wk_mock_iommu.nr_pages, 6);
	wk_mmu_end(&mmu);
}

static void identity(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_buffer *memory = wk_alloc_scattered(test, 3);
	PMDL mdl = wk_mdl(test, memory, 0, 3 * PAGE_SIZE);
	IOMMU_MAP_PHYSICAL_ADDRESS what = wk_of_mdl(mdl), twice;
	PFN_NUMBER pfns[2] = { PHYS_PFN(wk_phys(memory, 0)), PHYS_PFN(wk_phys(memory, 0)) };
	unsigned int i;

	wk_mmu_attach(&mmu);
	KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, WK_RW, &what), STATUS_SUCCESS);
	for (i = 0; i < 3; i++) {
		u8 byte = 0;

		KUNIT_EXPECT_TRUE(test, wk_mmu_access(mmu.dev, wk_phys(memory, i * PAGE_SIZE),
						      &byte, 1, false));
		KUNIT_EXPECT_EQ(test, byte, memory->va[i * PAGE_SIZE]);
	}
	KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, WK_RW, &what), STATUS_IN_USE);
	/* It is none of the logical ones. */
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, wk_phys(memory, 0), 1),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, mmu.v1.UnmapIdentityRange(mmu.domain, mdl), STATUS_SUCCESS);
	wk_mmu_expect_fault(&mmu, wk_phys(memory, 0), false);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapIdentityRangeEx(mmu.domain, &what),
			STATUS_INVALID_PARAMETER_2);
	/* A page that is named twice is in use the second time. */
	twice = (IOMMU_MAP_PHYSICAL_ADDRESS){
		.MapType = MapPhysicalAddressTypePfn,
		.PfnArray.PageFrame = pfns,
		.PfnArray.NumberOfPages = 2,
	};
	KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, WK_RW, &twice), STATUS_IN_USE);
	wk_mmu_expect_fault(&mmu, wk_phys(memory, 0), false);
	KUNIT_EXPECT_EQ(test, mmu.v1.MapIdentityRange(mmu.domain, WK_RW, mdl), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapIdentityRangeEx(mmu.domain, &twice), STATUS_SUCCESS);
	wk_mmu_expect_fault(&mmu, wk_phys(memory, 0), false);
	wk_mmu_end(&mmu);
	/* Where the system chooses addresses it is not to be had. */
	mmu = wk_mmu(test, 32);
	KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, WK_RW, &what),
			STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapIdentityRangeEx(mmu.domain, &what), STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, 0, &what),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, WK_RW, NULL),
			STATUS_INVALID_PARAMETER_3);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapIdentityRangeEx(mmu.domain, NULL),
			STATUS_INVALID_PARAMETER_2);
	wk_mmu_end(&mmu);
}

/* Between two limits, both inclusive */
static NTSTATUS wk_map_between(struct wk_mmu *mmu, u64 pages, u64 min, u64 max, u64 *address)
{
	IOMMU_MAP_PHYSICAL_ADDRESS what = wk_of_range(0x1000, pages << PAGE_SHIFT);
	IOMMU_DMA_LOGICAL_ADDRESS low = min, high = max;

	return mmu->v2.MapLogicalRangeEx(mmu->domain, WK_RW, &what, NULL, &low, &high, address);
}

static void limits(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 32);
	u64 address = 7;

	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 1, 0x10000, 0x10fff, &address), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, address, 0x10000);
	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 1, 0x10000, 0x10fff, &address),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 1, 0x20000, 0x20ffe, &address),
			STATUS_INVALID_PARAMETER_MIX);
	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 1, 0x20001, 0x20fff, &address),
			STATUS_INVALID_PARAMETER_MIX);
	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 1, 0x30000, 0x20000, &address),
			STATUS_INVALID_PARAMETER_MIX);
	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 1, 0, 0, &address),
			STATUS_INVALID_PARAMETER_MIX);
	/* Page 0 is nobody's; above the allocator there is nothing. */
	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 1, 0, 0xfff, &address),
			STATUS_INVALID_PARAMETER_MIX);
	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 1, 1ULL << 32, ~0ULL, &address),
			STATUS_INVALID_PARAMETER_MIX);
	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 1, ~0ULL, ~0ULL, &address),
			STATUS_INVALID_PARAMETER_MIX);
	/* Aligned to what they are rounded up to */
	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 5, 0x41000, ~0ULL, &address), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, address, 0x48000);
	KUNIT_EXPECT_EQ(test, wk_map_between(&mmu, 1, 0, 0x1fff, &address), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, address, 0x1000);
	wk_mmu_end(&mmu);
}

/* A few addresses, and all that can be done with them, against a table in the test. */
static void at_random(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 19);	/* 128 pages */
	static u8 used[128], length[128];
	u32 seed = 12345, i, done = 0;

	memset(used, 0, sizeof(used));
	wk_mmu_attach(&mmu);
	for (i = 0; i < 3000; i++) {
		u64 pages, first, last, address = 0, page;
		NTSTATUS status;

		seed = seed * 1664525 + 1013904223;
		pages = 1 + (seed >> 24) % 9;
		first = (seed >> 16) % 128;
		if (length[first] && used[first]) {
			status = mmu.v2.UnmapLogicalRange(mmu.domain, first << PAGE_SHIFT,
							  length[first]);
			KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
			memset(used + first, 0, length[first]);
			length[first] = 0;
			continue;
		}
		last = min(127ULL, first + (seed >> 8) % 40);
		status = wk_map_between(&mmu, pages, first << PAGE_SHIFT,
					((last + 1) << PAGE_SHIFT) - 1, &address);
		if (NT_SUCCESS(status)) {
			page = address >> PAGE_SHIFT;
			KUNIT_ASSERT_GE(test, page, max(first, 1ULL));
			KUNIT_ASSERT_LE(test, page + pages - 1, last);
			KUNIT_ASSERT_PTR_EQ(test, memchr_inv(used + page, 0, pages), NULL);
			memset(used + page, 1, pages);
			length[page] = pages;
			done++;
		} else {
			/* No aligned place of that length was free. */
			u64 align = roundup_pow_of_two(pages);

			for (page = ALIGN(max(first, 1ULL), align); page + pages - 1 <= last;
			     page += align)
				KUNIT_ASSERT_PTR_NE(test, memchr_inv(used + page, 0, pages), NULL);
		}
	}
	KUNIT_EXPECT_GT(test, done, 300);
	memset(length, 0, sizeof(length));
	wk_mmu_end(&mmu);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(scattered_memory),
	KUNIT_CASE(mapped_before_it_is_attached),
	KUNIT_CASE(ready_when_it_is_attached),
	KUNIT_CASE(permissions),
	KUNIT_CASE(what_is_no_memory),
	KUNIT_CASE(explicit_addresses),
	KUNIT_CASE(unmapping),
	KUNIT_CASE(a_map_that_fails),
	KUNIT_CASE(an_unmap_that_fails),
	KUNIT_CASE(identity),
	KUNIT_CASE(limits),
	KUNIT_CASE(at_random),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_mmu_map",
	.suite_init = wk_mmu_suite_init,
	.suite_exit = wk_mmu_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
