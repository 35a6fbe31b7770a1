// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU interface: the tables of functions that a driver gets (include/wdmdma/iommu.h).
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/stddef.h>

#include <wdmdma/wdmdma.h>

#include "irql.h"
#include "mmu.h"
#include "status.h"

#define WD_MMU_MEMBERS_V1						\
	.CreateDomain		= wd_mmu_create_domain,			\
	.DeleteDomain		= wd_mmu_delete_domain,			\
	.AttachDevice		= wd_mmu_attach_device,			\
	.DetachDevice		= wd_mmu_detach_device,			\
	.FlushDomain		= wd_mmu_flush_domain,			\
	.FlushDomainByVaList	= wd_mmu_flush_domain_va_list,		\
	.QueryInputMappings	= wd_mmu_query_input_mappings,		\
	.MapLogicalRange	= wd_mmu_map_logical,			\
	.UnmapLogicalRange	= wd_mmu_unmap_logical,			\
	.MapIdentityRange	= wd_mmu_map_identity,			\
	.UnmapIdentityRange	= wd_mmu_unmap_identity,		\
	.SetDeviceFaultReporting = wd_mmu_set_fault_reporting,		\
	.ConfigureDomain	= wd_mmu_configure_domain

static const DMA_IOMMU_INTERFACE wd_mmu_interface = {
	.Version = DMA_IOMMU_INTERFACE_VERSION_1,
	WD_MMU_MEMBERS_V1,
};

static const DMA_IOMMU_INTERFACE_EX wd_mmu_interface_v1 = {
	.Size = offsetofend(DMA_IOMMU_INTERFACE_EX, V1),
	.Version = DMA_IOMMU_INTERFACE_EX_VERSION_1,
	.V1 = { WD_MMU_MEMBERS_V1 },
};

static const DMA_IOMMU_INTERFACE_EX wd_mmu_interface_v2 = {
	.Size = offsetofend(DMA_IOMMU_INTERFACE_EX, V2),
	.Version = DMA_IOMMU_INTERFACE_EX_VERSION_2,
	.V2 = {
		.CreateDomainEx		= wd_mmu_create_domain_ex,
		.DeleteDomain		= wd_mmu_delete_domain,
		.AttachDeviceEx		= wd_mmu_attach_device_ex,
		.DetachDeviceEx		= wd_mmu_detach_device_ex,
		.FlushDomain		= wd_mmu_flush_domain,
		.FlushDomainByVaList	= wd_mmu_flush_domain_va_list,
		.QueryInputMappings	= wd_mmu_query_input_mappings,
		.MapLogicalRangeEx	= wd_mmu_map_logical_ex,
		.UnmapLogicalRange	= wd_mmu_unmap_logical,
		.MapIdentityRangeEx	= wd_mmu_map_identity_ex,
		.UnmapIdentityRangeEx	= wd_mmu_unmap_identity_ex,
		.SetDeviceFaultReportingEx = wd_mmu_set_fault_reporting_ex,
		.ConfigureDomain	= wd_mmu_configure_domain,
		.QueryAvailableDomainTypes = wd_mmu_query_domain_types,
		.RegisterInterfaceStateChangeCallback = wd_mmu_register_callback,
		.UnregisterInterfaceStateChangeCallback = wd_mmu_unregister_callback,
		.ReserveLogicalAddressRange = wd_mmu_reserve,
		.FreeReservedLogicalAddressRange = wd_mmu_free_reserved,
		.MapReservedLogicalRange = wd_mmu_map_reserved,
		.UnmapReservedLogicalRange = wd_mmu_unmap_reserved,
		.CreateDevice		= wd_mmu_create_device,
		.DeleteDevice		= wd_mmu_delete_device,
	},
};

NTSTATUS wdmdma_io_get_iommu_interface(ULONG version, PDMA_IOMMU_INTERFACE interface)
{
	if (version != DMA_IOMMU_INTERFACE_VERSION_1)
		return STATUS_INVALID_PARAMETER_1;
	if (!interface)
		return STATUS_INVALID_PARAMETER_2;
	*interface = wd_mmu_interface;
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_get_iommu_interface, WDMDMA);

NTSTATUS wdmdma_io_get_iommu_interface_ex(ULONG version, ULONGLONG flags,
					  PDMA_IOMMU_INTERFACE_EX interface)
{
	const DMA_IOMMU_INTERFACE_EX *source;

	switch (version) {
	case DMA_IOMMU_INTERFACE_EX_VERSION_1:
		source = &wd_mmu_interface_v1;
		break;
	case DMA_IOMMU_INTERFACE_EX_VERSION_2:
		source = &wd_mmu_interface_v2;
		break;
	case DMA_IOMMU_INTERFACE_EX_VERSION_3:
		return STATUS_NOT_SUPPORTED;
	default:
		return STATUS_INVALID_PARAMETER_1;
	}
	if (flags)
		return STATUS_INVALID_PARAMETER_2;
	if (!interface)
		return STATUS_INVALID_PARAMETER_3;
	/* The caller's may end with its version's set. */
	memcpy(interface, source, source->Size);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_get_iommu_interface_ex, WDMDMA);

int wdmdma_get_iommu_interface(u32 version, struct _DMA_IOMMU_INTERFACE_EX *interface)
{
	return NT_SUCCESS(wdmdma_io_get_iommu_interface_ex(version, 0, interface)) ? 0 : -EINVAL;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_get_iommu_interface, WDMDMA);
