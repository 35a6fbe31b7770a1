// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the suites of the IOMMU interface share (mmu.h).
 */
#include "mmu.h"

struct wk_mmu wk_mmu(struct kunit *test, ULONG width)
{
	IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG allocator = {
		.LogicalAllocatorType = IommuDmaLogicalAllocatorBuddy,
		.BuddyAllocatorConfig.AddressWidth = width,
	};
	const IOMMU_DMA_DOMAIN_CREATION_FLAGS no_flags = {};
	struct wk_world *world = test->priv;
	struct wk_mmu mmu = { .test = test, .dev = world->dev, .object = world->object };
	DMA_IOMMU_INTERFACE_EX interface;

	KUNIT_ASSERT_EQ(test, IoGetIommuInterface(1, &mmu.v1), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, IoGetIommuInterfaceEx(2, 0, &interface), STATUS_SUCCESS);
	mmu.v2 = interface.V2;
	KUNIT_ASSERT_EQ(test, mmu.v2.CreateDevice(mmu.object, NULL, &mmu.device), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, mmu.v2.CreateDomainEx(DomainTypeTranslate, no_flags,
						    width ? &allocator : NULL, NULL, &mmu.domain),
			STATUS_SUCCESS);
	return mmu;
}

void wk_mmu_end(struct wk_mmu *mmu)
{
	mmu->v2.DetachDeviceEx(mmu->device);
	KUNIT_EXPECT_EQ(mmu->test, mmu->v2.DeleteDomain(mmu->domain), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(mmu->test, mmu->v2.DeleteDevice(mmu->device), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(mmu->test, wk_mock_iommu.nr_domains, 0);
	KUNIT_EXPECT_EQ(mmu->test, wk_mock_iommu.nr_pages, 0);
}

void wk_mmu_attach(struct wk_mmu *mmu)
{
	KUNIT_ASSERT_EQ(mmu->test, mmu->v2.AttachDeviceEx(mmu->domain, mmu->device),
			STATUS_SUCCESS);
}

IOMMU_MAP_PHYSICAL_ADDRESS wk_of_mdl(PMDL mdl)
{
	return (IOMMU_MAP_PHYSICAL_ADDRESS){
		.MapType = MapPhysicalAddressTypeMdl,
		.Mdl.Mdl = mdl,
	};
}

IOMMU_MAP_PHYSICAL_ADDRESS wk_of_range(u64 base, u64 size)
{
	return (IOMMU_MAP_PHYSICAL_ADDRESS){
		.MapType = MapPhysicalAddressTypeContiguousRange,
		.ContiguousRange.Base.QuadPart = base,
		.ContiguousRange.Size = size,
	};
}

NTSTATUS wk_mmu_map(struct wk_mmu *mmu, IOMMU_MAP_PHYSICAL_ADDRESS what, ULONG permissions,
		    u64 *address)
{
	IOMMU_DMA_LOGICAL_ADDRESS result = *address, explicit = *address;
	NTSTATUS status = mmu->v2.MapLogicalRangeEx(mmu->domain, permissions, &what,
						    *address ? &explicit : NULL, NULL, NULL,
						    &result);

	*address = result;
	return status;
}

void wk_mmu_expect(struct wk_mmu *mmu, u64 address, size_t bytes, u32 seed)
{
	u8 *seen = kunit_kzalloc(mmu->test, bytes, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(mmu->test, seen);
	KUNIT_EXPECT_TRUE(mmu->test, wk_mmu_access(mmu->dev, address, seen, bytes, false));
	wk_expect_pattern(mmu->test, seen, bytes, seed);
	kunit_kfree(mmu->test, seen);
}

void wk_mmu_expect_fault(struct wk_mmu *mmu, u64 address, bool write)
{
	unsigned int before = wk_mock_iommu.nr_faults;
	u8 byte = 0;

	KUNIT_EXPECT_FALSE(mmu->test, wk_mmu_access(mmu->dev, address, &byte, 1, write));
	KUNIT_EXPECT_EQ(mmu->test, wk_mock_iommu.nr_faults, before + 1);
	KUNIT_EXPECT_EQ(mmu->test, wk_mock_iommu.fault_address, address);
}
