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

/**
 * wd_iommu_phys() - where a translated device finds what it is given an address of
 * @dev: the device, translated
 * @dma: the address
 *
 * Context: Any.
 * Return: the physical address; 0 when there is nothing.
 */
phys_addr_t wd_iommu_phys(struct device *dev, dma_addr_t dma)
{
	return iommu_iova_to_phys(iommu_get_domain_for_dev(dev), dma);
}
