// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only caller of the IOMMU API.
 */
#include <linux/iommu.h>
#include <linux/slab.h>

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

/**
 * wd_iommu_group() - the devices that an IOMMU cannot tell apart from this one
 * @dev: the device
 *
 * Return: their group, to be put with wd_iommu_group_put(); or NULL.
 */
struct iommu_group *wd_iommu_group(struct device *dev)
{
	return iommu_group_get(dev);
}

/**
 * wd_iommu_group_put() - undo wd_iommu_group()
 * @group: may be NULL
 */
void wd_iommu_group_put(struct iommu_group *group)
{
	iommu_group_put(group);
}

/**
 * wd_iommu_name() - which IOMMU translates a device
 * @dev: the device
 *
 * Return: its name in sysfs, as long as the device's driver is bound; NULL where the kernel does not
 * know.
 */
const char *wd_iommu_name(struct device *dev)
{
	struct dev_iommu *iommu = dev->iommu;

	return iommu && iommu->iommu_dev && iommu->iommu_dev->dev ?
	       dev_name(iommu->iommu_dev->dev) : NULL;
}

static bool wd_iommu_contains(struct iommu_domain *domain, const struct iommu_resv_region *region)
{
	u64 last = region->start + region->length - 1;
	u64 address;

	for (address = region->start; address >= region->start && address <= last;
	     address += PAGE_SIZE)
		if (iommu_iova_to_phys(domain, address) != address)
			return false;
	return true;
}

/* Has the domain got what firmware wants mapped for a device, at the address that it has anyway? */
static int wd_iommu_check_reserved(struct iommu_domain *domain, struct device *dev)
{
	struct iommu_resv_region *region, *next;
	struct iommu_group *group = iommu_group_get(dev);
	LIST_HEAD(regions);
	int ret;

	if (!group)
		return -EOPNOTSUPP;
	ret = iommu_get_group_resv_regions(group, &regions);
	list_for_each_entry_safe(region, next, &regions, list) {
		if (!ret && (region->type == IOMMU_RESV_DIRECT ||
			     region->type == IOMMU_RESV_DIRECT_RELAXABLE) &&
		    !wd_iommu_contains(domain, region))
			ret = -EPERM;
		list_del(&region->list);
		kfree(region);
	}
	iommu_group_put(group);
	return ret;
}

/**
 * wd_iommu_join() - give a device the page table of another
 * @owner: has its own
 * @joiner: gets that; it is silent
 *
 * Context: Process, may sleep.
 * Return: 0; -EOPNOTSUPP: the two cannot share one; -EBUSY: @joiner has another one already; -EPERM:
 * firmware reserved addresses for it that the page table has not got; -ENOMEM.
 */
int wd_iommu_join(struct device *owner, struct device *joiner)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(owner);
	int ret;

	if (!domain)
		return -EOPNOTSUPP;
	ret = wd_iommu_check_reserved(domain, joiner);
	if (!ret)
		ret = iommu_attach_device(domain, joiner);
	if (ret == -EINVAL || ret == -ENODEV)
		return -EOPNOTSUPP;
	return ret == -ENOSPC ? -ENOMEM : ret;
}

/**
 * wd_iommu_leave() - undo wd_iommu_join()
 * @owner: the same
 * @joiner: the same; gets its own page table back
 *
 * Context: Process, may sleep.
 */
void wd_iommu_leave(struct device *owner, struct device *joiner)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(joiner);

	if (domain)
		iommu_detach_device(domain, joiner);
}
