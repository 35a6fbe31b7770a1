// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU interface: addresses that are reserved, and mapped at DISPATCH_LEVEL later.
 */
#include <linux/sizes.h>

#include "inject.h"
#include "mmu.h"
#include "system.h"

#define WK_RW (WDMDMA_IOMMU_READ | WDMDMA_IOMMU_WRITE)

static PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN wk_reserve(struct wk_mmu *mmu, u64 pages, u64 explicit)
{
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token = NULL;
	IOMMU_DMA_LOGICAL_ADDRESS address = explicit;
	NTSTATUS status;

	status = mmu->v2.ReserveLogicalAddressRange(mmu->domain, pages << PAGE_SHIFT,
						    explicit ? &address : NULL, NULL, NULL, &token);
	KUNIT_ASSERT_EQ(mmu->test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_NOT_NULL(mmu->test, token);
	KUNIT_EXPECT_EQ(mmu->test, token->Size, pages << PAGE_SHIFT);
	return token;
}

static NTSTATUS wk_map_segment(struct wk_mmu *mmu, PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token,
			       u64 offset, IOMMU_MAP_PHYSICAL_ADDRESS what,
			       PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment)
{
	return wk_at_dispatch(mmu->v2.MapReservedLogicalRange(token, offset, WK_RW, &what,
							      segment));
}

static NTSTATUS wk_unmap_segment(struct wk_mmu *mmu,
				 PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment)
{
	return wk_at_dispatch(mmu->v2.UnmapReservedLogicalRange(segment));
}

/* Reserved before a device is there, or after */
static void mapped_later(struct kunit *test, bool attach_first)
{
	struct wk_mmu mmu = wk_mmu(test, 32);
	struct wk_buffer *memory = wk_alloc_scattered(test, 4);
	IOMMU_MAP_PHYSICAL_ADDRESS what = wk_of_mdl(wk_mdl(test, memory, 0, 4 * PAGE_SIZE));
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token;
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment = {}, second = {}, copy;
	u64 base;

	if (attach_first)
		wk_mmu_attach(&mmu);
	token = wk_reserve(&mmu, 16, 0);
	base = token->LogicalAddressBase;
	KUNIT_EXPECT_NE(test, base, 0);
	if (!attach_first)
		wk_mmu_attach(&mmu);
	wk_mmu_expect_fault(&mmu, base, false);
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 2 * PAGE_SIZE, what, &segment),
			STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, segment.OwningToken, token);
	KUNIT_EXPECT_EQ(test, segment.Offset, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, segment.Size, 4 * PAGE_SIZE);
	wk_mmu_expect(&mmu, base + 2 * PAGE_SIZE, 4 * PAGE_SIZE, 1);
	wk_mmu_expect_fault(&mmu, base + PAGE_SIZE, false);
	wk_mmu_expect_fault(&mmu, base + 6 * PAGE_SIZE, true);
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 5 * PAGE_SIZE, what, &second),
			STATUS_RESOURCE_IN_USE);
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 6 * PAGE_SIZE, what, &second),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.FreeReservedLogicalAddressRange(token),
			STATUS_RESOURCE_IN_USE);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDomain(mmu.domain), STATUS_RESOURCE_IN_USE);
	/* Nothing but what was mapped in one call is unmapped in one. */
	copy = segment;
	copy.Size = 3 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &copy), STATUS_INVALID_PARAMETER);
	copy.Size = 8 * PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &copy), STATUS_INVALID_PARAMETER);
	copy.Size = ~0UL & PAGE_MASK;
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &copy), STATUS_INVALID_PARAMETER);
	copy = segment;
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &segment), STATUS_SUCCESS);
	KUNIT_EXPECT_NULL(test, segment.OwningToken);
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &segment), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &copy), STATUS_INVALID_PARAMETER);
	wk_mmu_expect_fault(&mmu, base + 2 * PAGE_SIZE, false);
	wk_mmu_expect(&mmu, base + 6 * PAGE_SIZE, 4 * PAGE_SIZE, 1);
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &second), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.FreeReservedLogicalAddressRange(token), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.FreeReservedLogicalAddressRange(token),
			STATUS_INVALID_PARAMETER);
	wk_mmu_end(&mmu);
}

static void reserved_before_it_is_attached(struct kunit *test)
{
	mapped_later(test, false);
}

static void reserved_when_it_is_attached(struct kunit *test)
{
	mapped_later(test, true);
}

/* Neither call allocates anything: the first allocation would fail. */
static void without_memory(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 32);
	struct wk_buffer *memory = wk_alloc_scattered(test, 4);
	IOMMU_MAP_PHYSICAL_ADDRESS what = wk_of_mdl(wk_mdl(test, memory, 0, 4 * PAGE_SIZE));
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token;
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment = {};
	NTSTATUS status;
	u64 page;

	/* The mock's own table has to allocate, so without it only where nothing is attached. */
	if (!wk_mock_iommu.is_there)
		wk_mmu_attach(&mmu);
	token = wk_reserve(&mmu, 1024, 0);
	KUNIT_ASSERT_TRUE(test, wk_inject_begin());
	for (page = 0; page < 1024; page += 100) {
		wk_fail_nth(1);
		status = wk_map_segment(&mmu, token, page << PAGE_SHIFT, what, &segment);
		KUNIT_EXPECT_FALSE(test, wk_failed_nth());
		KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
		wk_fail_nth(1);
		status = wk_unmap_segment(&mmu, &segment);
		KUNIT_EXPECT_FALSE(test, wk_failed_nth());
		KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	}
	wk_inject_end();
	KUNIT_EXPECT_EQ(test, mmu.v2.FreeReservedLogicalAddressRange(token), STATUS_SUCCESS);
	wk_mmu_end(&mmu);
}

static NTSTATUS wk_try_to_reserve(struct wk_mmu *mmu, SIZE_T size,
				  IOMMU_DMA_LOGICAL_ADDRESS *address,
				  PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN *token)
{
	return mmu->v2.ReserveLogicalAddressRange(mmu->domain, size, address, NULL, NULL, token);
}

static void what_is_refused(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 4);
	IOMMU_MAP_PHYSICAL_ADDRESS what = wk_of_range(wk_phys(memory, 0), 4 * PAGE_SIZE);
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token = wk_reserve(&mmu, 4, 0x100000), other = NULL;
	IOMMU_DMA_LOGICAL_ADDRESS address = 0x103000;
	u64 mapped = 0x102000;
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment = {};
	NTSTATUS status;
	ULONG bad;

	KUNIT_EXPECT_EQ(test, token->LogicalAddressBase, 0x100000);
	KUNIT_EXPECT_EQ(test, wk_try_to_reserve(&mmu, PAGE_SIZE, &address, &other), STATUS_IN_USE);
	address = 0x1001;
	KUNIT_EXPECT_EQ(test, wk_try_to_reserve(&mmu, PAGE_SIZE, &address, &other),
			STATUS_INVALID_PARAMETER_3);
	KUNIT_EXPECT_EQ(test, wk_try_to_reserve(&mmu, PAGE_SIZE, NULL, &other),
			STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, wk_try_to_reserve(&mmu, 100, &address, &other),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, wk_try_to_reserve(&mmu, 0, &address, &other),
			STATUS_INVALID_PARAMETER_2);
	status = mmu.v2.ReserveLogicalAddressRange(NULL, PAGE_SIZE, &address, NULL, NULL, &other);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_NULL(test, other);
	/* Its addresses are nobody else's. */
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &mapped), STATUS_IN_USE);

	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 1, what, &segment),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 4 * PAGE_SIZE, what, &segment),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, PAGE_SIZE, what, &segment),
			STATUS_INVALID_PARAMETER_4);
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, NULL, 0, what, &segment),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 0, what, NULL), STATUS_INVALID_PARAMETER);
	for (bad = 0; bad <= 4; bad += 4) {
		status = mmu.v2.MapReservedLogicalRange(token, 0, bad, &what, &segment);
		KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER_3);
	}
	KUNIT_EXPECT_NULL(test, segment.OwningToken);
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &segment), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, NULL), STATUS_INVALID_PARAMETER);
	/* What fails half way leaves nothing. */
	wk_mmu_attach(&mmu);
	if (wk_mock_iommu.is_there) {
		wk_mock_iommu.fail_map_after = 2;
		KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 0, what, &segment),
				STATUS_INSUFFICIENT_RESOURCES);
		wk_mock_iommu.fail_map_after = -1;
		KUNIT_EXPECT_EQ(test, wk_mock_iommu.nr_pages, 0);
	}
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 0, what, &segment), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &segment), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.FreeReservedLogicalAddressRange(token), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &mapped), STATUS_SUCCESS);
	wk_mmu_end(&mmu);
}

/* A page that the IOMMU keeps is nobody's, and goes with the domain; the token can be freed. */
static void an_unmap_that_fails(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 2);
	IOMMU_MAP_PHYSICAL_ADDRESS what = wk_of_range(wk_phys(memory, 0), 2 * PAGE_SIZE);
	IOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment = {}, copy;
	PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN token, other;
	IOMMU_DMA_LOGICAL_ADDRESS address = 0x200000;
	u64 mapped = 0x100000;

	/* Only the mock can be told to fail. */
	if (!wk_mock_iommu.is_there) {
		wk_mmu_end(&mmu);
		return;
	}
	wk_mmu_attach(&mmu);
	token = wk_reserve(&mmu, 4, 0x100000);
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 0, what, &segment), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_MMU_KEPT, 1);
	copy = segment;
	wk_mock_iommu.fail_unmap_at = 0x101000;
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &segment), STATUS_UNSUCCESSFUL);
	wk_mock_iommu.fail_unmap_at = 0;
	KUNIT_EXPECT_NULL(test, segment.OwningToken);
	KUNIT_EXPECT_EQ(test, wk_mock_iommu.nr_pages, 1);
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &copy), STATUS_INVALID_PARAMETER);
	copy.Offset = PAGE_SIZE;
	copy.Size = PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &copy), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 0, what, &segment),
			STATUS_RESOURCE_IN_USE);
	/* The page beside it is as before. */
	what = wk_of_range(wk_phys(memory, 0), PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, wk_map_segment(&mmu, token, 0, what, &segment), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_unmap_segment(&mmu, &segment), STATUS_SUCCESS);
	what = wk_of_range(wk_phys(memory, 0), 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, mmu.v2.FreeReservedLogicalAddressRange(token), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &mapped), STATUS_IN_USE);
	/* The page table is tried when addresses are reserved. */
	wk_mock_iommu.fail_unmap_at = 0x201000;
	KUNIT_EXPECT_EQ(test, wk_try_to_reserve(&mmu, 2 * PAGE_SIZE, &address, &other),
			STATUS_INSUFFICIENT_RESOURCES);
	wk_mock_iommu.fail_unmap_at = 0;
	mapped = 0x200000;
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &mapped), STATUS_IN_USE);
	KUNIT_EXPECT_EQ(test, wk_mock_iommu.nr_pages, 2);
	wk_mmu_end(&mmu);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(reserved_before_it_is_attached),
	KUNIT_CASE(reserved_when_it_is_attached),
	KUNIT_CASE(without_memory),
	KUNIT_CASE(what_is_refused),
	KUNIT_CASE(an_unmap_that_fails),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_mmu_reserve",
	.suite_init = wk_mmu_suite_init,
	.suite_exit = wk_mmu_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
