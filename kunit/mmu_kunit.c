// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU interface: how it is got, domains and devices, faults, and how all of it ends.
 */
#include <linux/device.h>
#include <linux/sizes.h>

#include "mmu.h"

#define WK_RW (WDMDMA_IOMMU_READ | WDMDMA_IOMMU_WRITE)

static const IOMMU_DMA_DOMAIN_CREATION_FLAGS wk_no_flags;

static void the_tables(struct kunit *test)
{
	DMA_IOMMU_INTERFACE_EX ex = {}, untouched;
	DMA_IOMMU_INTERFACE interface;
	void *const *members;
	ULONG version, i;

	memset(&interface, 0xA5, sizeof(interface));
	KUNIT_EXPECT_EQ(test, IoGetIommuInterface(0, &interface), STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, IoGetIommuInterface(2, &interface), STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, IoGetIommuInterface(1, NULL), STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, interface.Version, 0xA5A5A5A5);
	KUNIT_EXPECT_EQ(test, IoGetIommuInterface(1, &interface), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, interface.Version, 1);
	members = (void *const *)&interface.CreateDomain;
	for (i = 0; i < 13; i++)
		KUNIT_EXPECT_NOT_NULL(test, members[i]);

	memset(&ex, 0xA5, sizeof(ex));
	untouched = ex;
	KUNIT_EXPECT_EQ(test, IoGetIommuInterfaceEx(0, 0, &ex), STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, IoGetIommuInterfaceEx(4, 0, &ex), STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, IoGetIommuInterfaceEx(3, 0, &ex), STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, IoGetIommuInterfaceEx(2, 1, &ex), STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, IoGetIommuInterfaceEx(2, 0, NULL), STATUS_INVALID_PARAMETER_3);
	KUNIT_EXPECT_EQ(test, wdmdma_get_iommu_interface(3, &ex), -EINVAL);
	KUNIT_EXPECT_EQ(test, memcmp(&ex, &untouched, sizeof(ex)), 0);
	for (version = 1; version <= 2; version++) {
		memset(&ex, 0xA5, sizeof(ex));
		KUNIT_EXPECT_EQ(test, IoGetIommuInterfaceEx(version, 0, &ex), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, ex.Version, version);
		KUNIT_EXPECT_EQ(test, ex.Size, version == 1 ? 120 : 192);
		/* Nothing behind its end */
		KUNIT_EXPECT_EQ(test, memcmp((u8 *)&ex + ex.Size, (u8 *)&untouched + ex.Size,
					     sizeof(ex) - ex.Size), 0);
		members = (void *const *)&ex.V1;
		for (i = 0; i < (ex.Size - 16) / 8; i++)
			KUNIT_EXPECT_NOT_NULL(test, members[i]);
	}
	KUNIT_EXPECT_EQ(test, wdmdma_get_iommu_interface(2, &ex), 0);
}

static void domains_that_are_refused(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG allocator = { .LogicalAllocatorType = 1 };
	IOMMU_DMA_DOMAIN_CREATION_FLAGS flags = { .AsUlonglong = 1 };
	IOMMU_DMA_RESERVED_REGION second = { .Base = 0x2000, .NumberOfPages = 1 };
	IOMMU_DMA_RESERVED_REGION first = { &second, 0x1000, 2, FALSE };
	PIOMMU_DMA_DOMAIN domain = (PIOMMU_DMA_DOMAIN)&mmu;
	ULONG widths[] = { 0, 64, 1000 }, i;

	KUNIT_EXPECT_EQ(test, mmu.v1.CreateDomain(FALSE, &domain), STATUS_NOT_SUPPORTED);
	for (i = DomainTypeUnmanaged; i <= DomainTypeMax; i++)
		KUNIT_EXPECT_EQ(test, mmu.v2.CreateDomainEx(i, wk_no_flags, NULL, NULL, &domain),
				STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDomainEx(0, flags, NULL, NULL, &domain),
			STATUS_INVALID_PARAMETER_2);
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		allocator.BuddyAllocatorConfig.AddressWidth = widths[i];
		KUNIT_EXPECT_EQ(test, mmu.v2.CreateDomainEx(0, wk_no_flags, &allocator, NULL,
							    &domain), STATUS_INVALID_PARAMETER_3);
	}
	allocator.LogicalAllocatorType = IommuDmaLogicalAllocatorMax;
	allocator.BuddyAllocatorConfig.AddressWidth = 32;
	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDomainEx(0, wk_no_flags, &allocator, NULL, &domain),
			STATUS_INVALID_PARAMETER_3);
	/* Regions: over one another, of nothing, not of pages, beyond all addresses */
	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDomainEx(0, wk_no_flags, NULL, &first, &domain),
			STATUS_INVALID_PARAMETER_4);
	first.RegionNext = NULL;
	first.NumberOfPages = 0;
	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDomainEx(0, wk_no_flags, NULL, &first, &domain),
			STATUS_INVALID_PARAMETER_4);
	first.NumberOfPages = ~0UL;
	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDomainEx(0, wk_no_flags, NULL, &first, &domain),
			STATUS_INVALID_PARAMETER_4);
	first = (IOMMU_DMA_RESERVED_REGION){ .Base = 0x1001, .NumberOfPages = 1 };
	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDomainEx(0, wk_no_flags, NULL, &first, &domain),
			STATUS_INVALID_PARAMETER_4);
	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDomainEx(0, wk_no_flags, NULL, NULL, NULL),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_PTR_EQ(test, domain, (PIOMMU_DMA_DOMAIN)&mmu);
	/* No domains of the caller's own tables, so nothing to configure or flush */
	KUNIT_EXPECT_EQ(test, mmu.v2.FlushDomain(mmu.domain), STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, mmu.v2.FlushDomainByVaList(mmu.domain, TRUE, 0, NULL),
			STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, mmu.v2.ConfigureDomain(mmu.domain, NULL), STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, mmu.v2.QueryInputMappings(mmu.object, NULL, 0, NULL),
			STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDomain(NULL), STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDomain((PIOMMU_DMA_DOMAIN)&mmu),
			STATUS_INVALID_PARAMETER_1);
	wk_mmu_end(&mmu);
}

static void reserved_regions(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_buffer *memory = wk_alloc_contiguous(test, 2);
	u64 base = wk_phys(memory, 0);
	IOMMU_DMA_RESERVED_REGION hole = { .Base = 0x1000, .NumberOfPages = 15 };
	IOMMU_DMA_RESERVED_REGION mapped = { &hole, base, 2, TRUE };
	IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG allocator = {
		.LogicalAllocatorType = IommuDmaLogicalAllocatorBuddy,
		.BuddyAllocatorConfig.AddressWidth = 32,
	};
	PIOMMU_DMA_DOMAIN plain = mmu.domain;
	u64 address = 0;

	KUNIT_ASSERT_EQ(test, mmu.v2.CreateDomainEx(0, wk_no_flags, &allocator, &mapped,
						    &mmu.domain), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDomain(plain), STATUS_SUCCESS);
	wk_fill(memory->va, 2 * PAGE_SIZE, 1);
	wk_mmu_attach(&mmu);
	wk_mmu_expect(&mmu, base, 2 * PAGE_SIZE, 1);
	wk_mmu_expect_fault(&mmu, 0x1000, false);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_range(base, PAGE_SIZE), WK_RW, &address),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, address, 0x10000);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, base, 1),
			STATUS_INVALID_PARAMETER_2);
	wk_mmu_end(&mmu);
}

static void attaching(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0), other = wk_mmu(test, 0);

	KUNIT_EXPECT_EQ(test, mmu.v2.DetachDeviceEx(mmu.device), STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(NULL, mmu.device), STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(mmu.domain, NULL), STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, mmu.v1.AttachDevice(mmu.domain, mmu.object, 1, 1),
			STATUS_INVALID_PARAMETER_3);
	KUNIT_EXPECT_EQ(test, mmu.v1.AttachDevice(mmu.domain, mmu.object, 0, 2),
			STATUS_INVALID_PARAMETER_4);
	if (wk_mock_iommu.is_there) {
		wk_mock_iommu.fail_attach = true;
		KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(mmu.domain, mmu.device),
				STATUS_RESOURCE_IN_USE);
		wk_mock_iommu.fail_attach = false;
	}
	wk_mmu_attach(&mmu);
	/* By whatever handle, and to whatever domain: once */
	KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(mmu.domain, other.device),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, mmu.v1.AttachDevice(other.domain, mmu.object, 0, 1),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDomain(mmu.domain), STATUS_RESOURCE_IN_USE);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDevice(mmu.device), STATUS_RESOURCE_IN_USE);
	KUNIT_EXPECT_EQ(test, mmu.v1.DetachDevice(other.domain, mmu.object, 0),
			STATUS_INVALID_PARAMETER_1);
	KUNIT_EXPECT_EQ(test, mmu.v1.DetachDevice(mmu.domain, mmu.object, 0), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v1.AttachDevice(other.domain, mmu.object, 0, 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.DetachDeviceEx(mmu.device), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, other.v2.DeleteDomain(other.domain), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, other.v2.DeleteDevice(other.device), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, other.v2.DeleteDevice(other.device), STATUS_INVALID_PARAMETER_1);
	wk_mmu_end(&mmu);
}

/* While the device uses other addresses its adapters give none. */
static void adapters_are_blocked(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_v3 v3 = wk_v3_of(test, wk_description(3, TRUE, 64, SZ_64K),
				   (struct wdmdma_limits){});
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, 64);
	DEVICE_DESCRIPTION description = wk_description(3, TRUE, 64, SZ_64K);
	PVOID base = wk_get_set(&v3, 1);
	PSCATTER_GATHER_LIST list;
	PHYSICAL_ADDRESS address;
	struct wk_context context;
	struct wk_ask ask = {
		.context = &context, .mdl = mdl, .bytes = 64,
		.flags = DMA_SYNCHRONOUS_CALLBACK, .list = &list,
	};
	struct wk_call call;
	ULONG regs;

	KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(mmu.domain, mmu.device),
			STATUS_RESOURCE_IN_USE);
	wk_end_set(&v3, base, 1);
	wk_mmu_attach(&mmu);
	wk_context_init(&v3, &context);
	KUNIT_EXPECT_EQ(test, wk_list_ex(&v3, &ask), STATUS_INSUFFICIENT_RESOURCES);
	wk_call_init(&call, v3.adapter, DeallocateObject);
	KUNIT_EXPECT_EQ(test, wk_channel_ex(&v3, &context, 1, 0, &call, NULL),
			STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_NULL(test, v3.ops->AllocateCommonBuffer(v3.adapter, 64, &address, TRUE));
	KUNIT_EXPECT_NULL(test, IoGetDmaAdapter(mmu.object, &description, &regs));
	KUNIT_EXPECT_EQ(test, mmu.v2.DetachDeviceEx(mmu.device), STATUS_SUCCESS);
	/* And do again afterwards. */
	KUNIT_ASSERT_EQ(test, wk_list_ex(&v3, &ask), STATUS_SUCCESS);
	KUNIT_EXPECT_NE(test, wk_memory_of(mmu.dev, list->Elements[0].Address.QuadPart), 0);
	wk_put_ex(&v3, list);
	wk_mmu_end(&mmu);
}

static void what_is_available(struct kunit *test)
{
	const struct wdmdma_limits no = { .no_remapping = true }, none = {};
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wdmdma_translation translation;
	ULONG types = 0x5A;

	mmu.v2.QueryAvailableDomainTypes(mmu.device, &types);
	KUNIT_EXPECT_EQ(test, types, wk_mock_iommu.is_there ? 3 : 1);
	mmu.v2.QueryAvailableDomainTypes(mmu.device, NULL);
	KUNIT_EXPECT_EQ(test, wdmdma_set_limits(mmu.object, &no), 0);
	mmu.v2.QueryAvailableDomainTypes(mmu.device, &types);
	KUNIT_EXPECT_EQ(test, types, 0);
	KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(mmu.domain, mmu.device), STATUS_ACCESS_DENIED);
	KUNIT_EXPECT_EQ(test, wdmdma_set_limits(mmu.object, &none), 0);
	KUNIT_EXPECT_EQ(test, wdmdma_get_translation(mmu.object, &translation), 0);
	KUNIT_EXPECT_EQ(test, translation.translated, !wk_mock_iommu.is_there);
	KUNIT_EXPECT_STRNEQ(test, translation.iommu, "");
	KUNIT_EXPECT_NOT_NULL(test, translation.domain);
	KUNIT_EXPECT_EQ(test, wdmdma_get_translation(mmu.object, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, wdmdma_get_translation(NULL, &translation), -EINVAL);
	wk_mmu_end(&mmu);
}

static void devices_that_are_refused(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	IOMMU_DEVICE_CREATION_CONFIGURATION configuration = {};
	DEVICE_OBJECT unknown = {};
	PIOMMU_DMA_DEVICE device;

	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDevice(NULL, NULL, &device), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDevice(&unknown, NULL, &device),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDevice(mmu.object, NULL, NULL),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDevice(mmu.object, &configuration, &device),
			STATUS_INVALID_PARAMETER_2);
	wk_mmu_end(&mmu);
}

struct wk_told {
	unsigned int count;
	IOMMU_INTERFACE_STATE_CHANGE change;
	FAULT_INFORMATION fault;
	struct wk_mmu *mmu;
};

static VOID wk_state_changed(PIOMMU_INTERFACE_STATE_CHANGE change, PVOID context)
{
	struct wk_told *told = context;

	told->count++;
	told->change = *change;
}

static void state_changes(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK callback = wk_state_changed;
	IOMMU_INTERFACE_STATE_CHANGE_FIELDS fields = {}, none = {};
	struct wk_told told = {};
	NTSTATUS status;

	fields.AvailableDomainTypes = 1;
	status = mmu.v2.RegisterInterfaceStateChangeCallback(callback, &told, mmu.device, &none);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER_4);
	status = mmu.v2.UnregisterInterfaceStateChangeCallback(callback, mmu.device);
	KUNIT_EXPECT_EQ(test, status, STATUS_UNSUCCESSFUL);
	status = mmu.v2.RegisterInterfaceStateChangeCallback(callback, &told, mmu.device, &fields);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	/* Once, with the state as it is */
	KUNIT_EXPECT_EQ(test, told.count, 1);
	KUNIT_EXPECT_EQ(test, told.change.PresentFields.AsULONG, 1);
	KUNIT_EXPECT_EQ(test, told.change.AvailableDomainTypes, wk_mock_iommu.is_there ? 3 : 1);
	status = mmu.v2.RegisterInterfaceStateChangeCallback(callback, &told, mmu.device, &fields);
	KUNIT_EXPECT_EQ(test, status, STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDevice(mmu.device), STATUS_RESOURCE_IN_USE);
	status = mmu.v2.UnregisterInterfaceStateChangeCallback(callback, mmu.device);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, told.count, 1);
	wk_mmu_end(&mmu);
}

static VOID wk_faulted(PVOID context, PFAULT_INFORMATION information)
{
	struct wk_told *told = context;

	told->fault = *information;
	WRITE_ONCE(told->count, told->count + 1);
	/* A handler may stop what it handles, from within. */
	if (told->mmu)
		told->mmu->v2.DetachDeviceEx(told->mmu->device);
}

static void faults(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_told told = {};
	DEVICE_FAULT_CONFIGURATION to = { wk_faulted, &told };

	KUNIT_EXPECT_EQ(test, mmu.v1.SetDeviceFaultReporting(mmu.object, 0, TRUE, &to),
			STATUS_INVALID_DEVICE_STATE);
	KUNIT_EXPECT_EQ(test, mmu.v2.SetDeviceFaultReportingEx(mmu.device, 0, TRUE, &to),
			STATUS_NOT_IMPLEMENTED);
	wk_mmu_attach(&mmu);
	KUNIT_EXPECT_EQ(test, mmu.v1.SetDeviceFaultReporting(mmu.object, 0, TRUE, NULL),
			STATUS_INVALID_PARAMETER_4);
	KUNIT_EXPECT_EQ(test, mmu.v1.SetDeviceFaultReporting(mmu.object, 0, TRUE, &to),
			STATUS_SUCCESS);
	wk_mmu_expect_fault(&mmu, 0x123456, true);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(told.count) == 1));
	KUNIT_EXPECT_PTR_EQ(test, told.fault.Arm64.FaultAddress, (void *)0x123456);
	/* A write, and the address is one. */
	KUNIT_EXPECT_EQ(test, told.fault.Arm64.Flags.AsULONG, 0x9);
	KUNIT_EXPECT_EQ(test, told.fault.Arm64.Type, TranslationFault);
	KUNIT_EXPECT_PTR_EQ(test, told.fault.Arm64.PhysicalDeviceObject, mmu.object);
	KUNIT_EXPECT_PTR_EQ(test, told.fault.Arm64.DomainHandle, (void *)mmu.domain);
	KUNIT_EXPECT_EQ(test, told.fault.Type, FaultInformationInvalid);
	/* None after it was turned off */
	KUNIT_EXPECT_EQ(test, mmu.v1.SetDeviceFaultReporting(mmu.object, 0, FALSE, NULL),
			STATUS_SUCCESS);
	wk_mmu_expect_fault(&mmu, 0x1000, false);
	msleep(20);
	KUNIT_EXPECT_EQ(test, told.count, 1);
	/* A handler that detaches */
	told.mmu = &mmu;
	KUNIT_EXPECT_EQ(test, mmu.v1.SetDeviceFaultReporting(mmu.object, 0, TRUE, &to),
			STATUS_SUCCESS);
	wk_mmu_expect_fault(&mmu, 0x2000, false);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(!wk_device_domain(mmu.dev) ||
					    !wk_mock_iommu.is_there));
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(told.count) == 2));
	wk_mmu_end(&mmu);
}

/* The driver is unbound with all that it has: the device is free, and said so. */
static void unbound(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	struct wk_told told = {};
	DEVICE_FAULT_CONFIGURATION to = { wk_faulted, &told };
	u64 address = 0x1000;

	wk_mmu_attach(&mmu);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_range(0x1000, PAGE_SIZE), WK_RW, &address),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v1.SetDeviceFaultReporting(mmu.object, 0, TRUE, &to),
			STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_MMU_LEFT, 2);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	KUNIT_EXPECT_EQ(test, !wk_device_domain(mmu.dev), wk_mock_iommu.is_there);
	KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(mmu.domain, mmu.device),
			STATUS_INVALID_PARAMETER_2);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDevice(mmu.device), STATUS_INVALID_PARAMETER_1);
	/* The domain is the driver's, with its mappings. */
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapLogicalRange(mmu.domain, address, 1), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDomain(mmu.domain), STATUS_SUCCESS);
}

/* Addresses that firmware wants mapped as they are */
static void firmwares_regions(struct kunit *test)
{
	struct wk_mmu mmu;
	struct wk_buffer *memory = wk_alloc_contiguous(test, 2);
	u64 base = wk_phys(memory, 0), other = base;

	/* Only the mock can have some. */
	if (!wk_mock_iommu.is_there)
		return;
	wk_mock_iommu.direct_start = base;
	wk_mock_iommu.direct_bytes = 2 * PAGE_SIZE;
	wk_fill(memory->va, 2 * PAGE_SIZE, 1);
	mmu = wk_mmu(test, 0);
	wk_mmu_attach(&mmu);
	wk_mmu_expect(&mmu, base, 2 * PAGE_SIZE, 1);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_range(base, PAGE_SIZE), WK_RW, &other),
			STATUS_IN_USE);
	KUNIT_EXPECT_EQ(test, mmu.v2.DetachDeviceEx(mmu.device), STATUS_SUCCESS);
	wk_mmu_attach(&mmu);
	wk_mmu_expect(&mmu, base, 2 * PAGE_SIZE, 1);
	wk_mmu_end(&mmu);
	/* Where the driver has mapped something there already, the device is not attached. */
	mmu = wk_mmu(test, 0);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, wk_of_range(base, PAGE_SIZE), WK_RW, &other),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(mmu.domain, mmu.device),
			STATUS_RESOURCE_IN_USE);
	wk_mock_iommu.direct_bytes = 0;
	wk_mmu_end(&mmu);
}

static void pass_through(struct kunit *test)
{
	struct wk_mmu mmu = wk_mmu(test, 0);
	PIOMMU_DMA_DOMAIN plain = mmu.domain;
	IOMMU_MAP_PHYSICAL_ADDRESS what = wk_of_range(0x1000, PAGE_SIZE);
	u64 address = 0x1000;

	KUNIT_EXPECT_EQ(test, mmu.v2.CreateDomainEx(DomainTypePassThrough, wk_no_flags, NULL, NULL,
						    &mmu.domain), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.DeleteDomain(plain), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.AttachDeviceEx(mmu.domain, mmu.device),
			wk_mock_iommu.is_there ? STATUS_SUCCESS : STATUS_ACCESS_DENIED);
	KUNIT_EXPECT_EQ(test, mmu.v2.MapIdentityRangeEx(mmu.domain, WK_RW, &what), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, mmu.v2.UnmapIdentityRangeEx(mmu.domain, &what), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_mmu_map(&mmu, what, WK_RW, &address), STATUS_INVALID_PARAMETER_1);
	wk_mmu_end(&mmu);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(the_tables),
	KUNIT_CASE(domains_that_are_refused),
	KUNIT_CASE(reserved_regions),
	KUNIT_CASE(attaching),
	KUNIT_CASE(adapters_are_blocked),
	KUNIT_CASE(what_is_available),
	KUNIT_CASE(devices_that_are_refused),
	KUNIT_CASE(state_changes),
	KUNIT_CASE(faults),
	KUNIT_CASE(unbound),
	KUNIT_CASE(firmwares_regions),
	KUNIT_CASE(pass_through),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_mmu",
	.suite_init = wk_mmu_suite_init,
	.suite_exit = wk_mmu_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
