// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only caller of the IOMMU API.
 */
#include <linux/iommu.h>

#include "internal.h"

/**
 * wd_iommu_translates() - does an IOMMU translate this device's DMA?
 * @dev: the device
 *
 * A device behind an IOMMU whose domain is the identity (iommu=pt) is not translated, which
 * device_iommu_mapped() would not tell.
 *
 * Context: Process or atomic.
 * Return: true if the DMA API gives the device IOVAs instead of physical addresses.
 */
bool wd_iommu_translates(struct device *dev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	return domain && domain->type & __IOMMU_DOMAIN_PAGING;
}
