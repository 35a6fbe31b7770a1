/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of the IOMMU interface share: the interface, and the test's device attached to a
 * domain of it.
 */
#ifndef WDMDMA_KUNIT_MMU_H
#define WDMDMA_KUNIT_MMU_H

#include <wdmdma/iommu.h>

#include "mock_iommu.h"
#include "v3.h"

struct wk_mmu {
	struct kunit *test;
	struct device *dev;
	PDEVICE_OBJECT object;
	DMA_IOMMU_INTERFACE_V2 v2;
	DMA_IOMMU_INTERFACE v1;
	PIOMMU_DMA_DEVICE device;
	PIOMMU_DMA_DOMAIN domain;
};

/* Interface and device; a domain with an allocator of @width bits, or without if that is 0 */
struct wk_mmu wk_mmu(struct kunit *test, ULONG width);
/* Detaches if need be, and deletes both. */
void wk_mmu_end(struct wk_mmu *mmu);
void wk_mmu_attach(struct wk_mmu *mmu);

IOMMU_MAP_PHYSICAL_ADDRESS wk_of_mdl(PMDL mdl);
IOMMU_MAP_PHYSICAL_ADDRESS wk_of_range(u64 base, u64 size);
/* MapLogicalRangeEx; @address is the explicit one with a domain that has no allocator */
NTSTATUS wk_mmu_map(struct wk_mmu *mmu, IOMMU_MAP_PHYSICAL_ADDRESS what, ULONG permissions,
		    u64 *address);
/* The device finds a pattern at an address, or does not get there. */
void wk_mmu_expect(struct wk_mmu *mmu, u64 address, size_t bytes, u32 seed);
void wk_mmu_expect_fault(struct wk_mmu *mmu, u64 address, bool write);

#endif
