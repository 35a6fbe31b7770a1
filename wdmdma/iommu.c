// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only caller of the IOMMU API.
 */
#include <linux/iommu.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "internal.h"
#include "mmu.h"

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
 * Return: its name in sysfs, as long as the device's driver is bound; NULL where the kernel does
 * not know.
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

/* Before 6.12 the kernel would give a device another driver's page table. */
static bool wd_iommu_same_driver(const struct device *a, const struct device *b)
{
	return a->iommu && b->iommu && a->iommu->iommu_dev && b->iommu->iommu_dev &&
	       a->iommu->iommu_dev->ops == b->iommu->iommu_dev->ops;
}

/**
 * wd_iommu_join() - give a device the page table of another
 * @owner: has its own
 * @joiner: gets that; it is silent
 *
 * Context: Process, may sleep.
 * Return: 0; -EOPNOTSUPP: the two cannot share one; -EBUSY: @joiner has another one already;
 * -EPERM: firmware reserved addresses for it that the page table has not got; -ENOMEM.
 */
int wd_iommu_join(struct device *owner, struct device *joiner)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(owner);
	int ret;

	if (!domain || !wd_iommu_same_driver(owner, joiner))
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

/**
 * wd_iommu_is_there() - is a device behind an IOMMU, translated or not?
 * @dev: the device
 */
bool wd_iommu_is_there(struct device *dev)
{
	return device_iommu_mapped(dev);
}

static int wd_iommu_count(struct device *dev, void *data)
{
	++*(unsigned int *)data;
	return 0;
}

/**
 * wd_iommu_is_alone() - can the IOMMU tell a device from all others?
 * @dev: the device
 *
 * Context: Process, may sleep.
 */
bool wd_iommu_is_alone(struct device *dev)
{
	struct iommu_group *group = iommu_group_get(dev);
	unsigned int count = 0;

	if (!group)
		return false;
	iommu_group_for_each_dev(group, &count, wd_iommu_count);
	iommu_group_put(group);
	return count == 1;
}

/**
 * wd_iommu_domain_alloc() - make an empty page table
 * @dev: a device that will use it
 *
 * Context: Process, may sleep.
 * Return: the domain; ERR_PTR(-EOPNOTSUPP) when its pages are larger than the processor's; another
 * errno.
 */
struct iommu_domain *wd_iommu_domain_alloc(struct device *dev)
{
	struct iommu_domain *domain = iommu_paging_domain_alloc(dev);

	/* Its smallest pages must make up one of the processor's. */
	if (IS_ERR(domain) || domain->pgsize_bitmap & (PAGE_SIZE | (PAGE_SIZE - 1)))
		return domain;
	iommu_domain_free(domain);
	return ERR_PTR(-EOPNOTSUPP);
}

/**
 * wd_iommu_domain_free() - undo wd_iommu_domain_alloc(); what is mapped goes with it
 * @domain: no device is attached
 */
void wd_iommu_domain_free(struct iommu_domain *domain)
{
	iommu_domain_free(domain);
}

/**
 * wd_iommu_domain_is_ready() - does a page table take mappings already?
 * @domain: from wd_iommu_domain_alloc()
 *
 * With some drivers (virtio-iommu, and the SMMUs' before 6.8) only once a device uses it: until
 * then it has no addresses.
 */
bool wd_iommu_domain_is_ready(const struct iommu_domain *domain)
{
	return domain->geometry.aperture_end;
}

/**
 * wd_iommu_domain_attach() - let a device use a page table
 * @domain: from wd_iommu_domain_alloc()
 * @dev: the device; silent
 *
 * Return: 0, or the IOMMU driver's errno.
 */
int wd_iommu_domain_attach(struct iommu_domain *domain, struct device *dev)
{
	return iommu_attach_device(domain, dev);
}

/**
 * wd_iommu_domain_detach() - let a device use its own page table again
 * @domain: that it is attached to
 * @dev: the device; silent
 */
void wd_iommu_domain_detach(struct iommu_domain *domain, struct device *dev)
{
	iommu_detach_device(domain, dev);
}

/**
 * wd_iommu_map_page() - map one page
 * @domain: the page table
 * @address: the device's address
 * @phys: the memory's
 * @permissions: WDMDMA_IOMMU_READ, WDMDMA_IOMMU_WRITE
 * @is_coherent: the device's accesses are to see the processor's caches
 * @gfp: for page tables
 *
 * Return: 0; -ERANGE for an address that the IOMMU has not got; the IOMMU driver's errno.
 */
int wd_iommu_map_page(struct iommu_domain *domain, u64 address, u64 phys, ULONG permissions,
		      bool is_coherent, gfp_t gfp)
{
	int prot = is_coherent ? IOMMU_CACHE : 0;

	/* Not all IOMMU drivers look. */
	if (address < domain->geometry.aperture_start ||
	    address + PAGE_SIZE - 1 > domain->geometry.aperture_end)
		return -ERANGE;
	if (permissions & WDMDMA_IOMMU_READ)
		prot |= IOMMU_READ;
	if (permissions & WDMDMA_IOMMU_WRITE)
		prot |= IOMMU_WRITE;
	return iommu_map(domain, address, phys, PAGE_SIZE, prot, gfp);
}

/**
 * wd_iommu_unmap() - unmap pages; the device does not reach them when this returns
 * @domain: the page table
 * @address: the device's address of the first
 * @bytes: whole pages, each mapped
 *
 * Return: @bytes; less when the IOMMU driver failed: that many from @address on are unmapped.
 */
u64 wd_iommu_unmap(struct iommu_domain *domain, u64 address, u64 bytes)
{
	return min_t(u64, iommu_unmap(domain, address, bytes), bytes);
}

/**
 * wd_iommu_reserved() - look at the addresses that are not free for a device
 * @dev: the device
 * @domain: the page table that it is to use
 * @each: called for each range, by numbers of pages; @direct: firmware wants it mapped as it is.
 * Returns 0, or an errno to stop
 * @data: for @each
 *
 * Context: Process, may sleep.
 * Return: 0, or the errno of @each.
 */
int wd_iommu_reserved(struct device *dev, struct iommu_domain *domain,
		      int (*each)(void *data, u64 first, u64 last, bool direct), void *data)
{
	u64 start = domain->geometry.aperture_start, end = domain->geometry.aperture_end;
	struct iommu_resv_region *region, *next;
	struct iommu_group *group;
	LIST_HEAD(regions);
	int ret = 0;

	if (start)
		ret = each(data, 0, (start - 1) >> PAGE_SHIFT, false);
	if (!ret && end < U64_MAX)
		ret = each(data, (end >> PAGE_SHIFT) + 1, U64_MAX >> PAGE_SHIFT, false);
	group = iommu_group_get(dev);
	if (group && !ret)
		ret = iommu_get_group_resv_regions(group, &regions);
	list_for_each_entry_safe(region, next, &regions, list) {
		bool direct = region->type == IOMMU_RESV_DIRECT ||
			      region->type == IOMMU_RESV_DIRECT_RELAXABLE;

		if (!ret && region->type == IOMMU_RESV_SW_MSI)
			iommu_get_msi_cookie(domain, region->start);
		if (!ret)
			ret = each(data, region->start >> PAGE_SHIFT,
				   (region->start + region->length - 1) >> PAGE_SHIFT, direct);
		list_del(&region->list);
		kfree(region);
	}
	iommu_group_put(group);
	return ret;
}

/**
 * wd_iommu_on_fault() - have the IOMMU driver tell of faults, if it does so at all
 * @domain: the page table
 * @handler: called in any context; returns an errno for the driver to go on as it would
 * @token: for it
 */
void wd_iommu_on_fault(struct iommu_domain *domain,
		       int (*handler)(struct iommu_domain *domain, struct device *dev,
				      unsigned long address, int flags, void *token), void *token)
{
	iommu_set_fault_handler(domain, handler, token);
}

/**
 * wd_iommu_is_write() - did a fault come from a write?
 * @flags: of the fault
 */
bool wd_iommu_is_write(int flags)
{
	return flags & IOMMU_FAULT_WRITE;
}
