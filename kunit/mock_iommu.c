// SPDX-License-Identifier: GPL-2.0-only
/*
 * An IOMMU that translates (mock_iommu.h). A page table is an xarray: page of address -> page of
 * memory, and what the device may do there.
 */
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "mock_iommu.h"

struct wk_mock_iommu wk_mock_iommu;

static struct iommu_device wk_mock_device;

struct wk_mock_domain {
	struct iommu_domain domain;
	struct xarray pages;
};

#define WK_ENTRY(pfn, prot)	xa_mk_value((u64)(pfn) << 2 | ((prot) & (IOMMU_READ | IOMMU_WRITE)))

static struct wk_mock_domain *wk_mock_domain(struct iommu_domain *domain)
{
	return container_of(domain, struct wk_mock_domain, domain);
}

static void wk_mock_make_ready(struct iommu_domain *domain)
{
	domain->geometry.aperture_end = DMA_BIT_MASK(40);
	domain->geometry.force_aperture = true;
}

static int wk_mock_attach(struct iommu_domain *domain, struct device *dev)
{
	if (wk_mock_iommu.fail_attach)
		return -EBUSY;
	wk_mock_make_ready(domain);
	return 0;
}

static int wk_mock_attach_static(struct iommu_domain *domain, struct device *dev)
{
	return 0;
}

static int wk_mock_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t phys,
		       size_t pgsize, size_t pgcount, int prot, gfp_t gfp, size_t *mapped)
{
	struct wk_mock_domain *mock = wk_mock_domain(domain);

	if (!domain->geometry.aperture_end)
		return -ENODEV;
	while (pgcount--) {
		unsigned long flags;
		void *old;

		if (!wk_mock_iommu.fail_map_after)
			return -ENOMEM;
		if (wk_mock_iommu.fail_map_after > 0)
			wk_mock_iommu.fail_map_after--;
		xa_lock_irqsave(&mock->pages, flags);
		old = __xa_store(&mock->pages, iova >> PAGE_SHIFT, WK_ENTRY(PHYS_PFN(phys), prot),
				 GFP_ATOMIC);
		xa_unlock_irqrestore(&mock->pages, flags);
		WARN(old, "mapped twice: 0x%lx\n", iova);
		wk_mock_iommu.nr_pages++;
		*mapped += pgsize;
		iova += pgsize;
		phys += pgsize;
	}
	return 0;
}

static size_t wk_mock_unmap(struct iommu_domain *domain, unsigned long iova, size_t pgsize,
			    size_t pgcount, struct iommu_iotlb_gather *gather)
{
	struct wk_mock_domain *mock = wk_mock_domain(domain);
	size_t i;

	for (i = 0; i < pgcount; i++) {
		unsigned long flags;
		void *old;

		if (wk_mock_iommu.fail_unmap_at &&
		    wk_mock_iommu.fail_unmap_at == iova + i * PAGE_SIZE)
			break;
		xa_lock_irqsave(&mock->pages, flags);
		old = __xa_erase(&mock->pages, (iova >> PAGE_SHIFT) + i);
		xa_unlock_irqrestore(&mock->pages, flags);
		WARN(!old, "unmapped, but not mapped: 0x%lx\n", iova + i * PAGE_SIZE);
		wk_mock_iommu.nr_pages--;
	}
	return i * pgsize;
}

static phys_addr_t wk_mock_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	void *entry = xa_load(&wk_mock_domain(domain)->pages, iova >> PAGE_SHIFT);

	return entry ? PFN_PHYS(xa_to_value(entry) >> 2) + offset_in_page(iova) : 0;
}

static void wk_mock_free(struct iommu_domain *domain)
{
	struct wk_mock_domain *mock = wk_mock_domain(domain);
	unsigned long index;
	void *entry;

	xa_for_each(&mock->pages, index, entry)
		wk_mock_iommu.nr_pages--;
	xa_destroy(&mock->pages);
	kfree(mock);
	wk_mock_iommu.nr_domains--;
}

static const struct iommu_domain_ops wk_mock_domain_ops = {
	.attach_dev = wk_mock_attach,
	.map_pages = wk_mock_map,
	.unmap_pages = wk_mock_unmap,
	.iova_to_phys = wk_mock_phys,
	.free = wk_mock_free,
};

static const struct iommu_domain_ops wk_static_ops = { .attach_dev = wk_mock_attach_static };

static struct iommu_domain wk_identity = { .type = IOMMU_DOMAIN_IDENTITY, .ops = &wk_static_ops };
static struct iommu_domain wk_blocked = { .type = IOMMU_DOMAIN_BLOCKED, .ops = &wk_static_ops };

static struct iommu_domain *wk_mock_alloc(struct device *dev)
{
	struct wk_mock_domain *mock = kzalloc(sizeof(*mock), GFP_KERNEL);

	if (!mock)
		return NULL;
	xa_init_flags(&mock->pages, XA_FLAGS_LOCK_IRQ);
	mock->domain.pgsize_bitmap = PAGE_SIZE;
	if (!wk_mock_iommu.ready_late)
		wk_mock_make_ready(&mock->domain);
	wk_mock_iommu.nr_domains++;
	return &mock->domain;
}

static struct iommu_device *wk_mock_probe(struct device *dev)
{
	return strstarts(dev_name(dev), "wdmdma-kunit") ? &wk_mock_device : ERR_PTR(-ENODEV);
}

static int wk_mock_type(struct device *dev)
{
	return IOMMU_DOMAIN_IDENTITY;
}

/* As those of interrupts on x86, and one of firmware's if the test wants it. */
static void wk_mock_regions(struct device *dev, struct list_head *list)
{
	struct iommu_resv_region *region;

	region = iommu_alloc_resv_region(0xfee00000, 0x100000, 0, IOMMU_RESV_MSI, GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, list);
	if (!wk_mock_iommu.direct_bytes)
		return;
	region = iommu_alloc_resv_region(wk_mock_iommu.direct_start, wk_mock_iommu.direct_bytes,
					 IOMMU_READ | IOMMU_WRITE, IOMMU_RESV_DIRECT_RELAXABLE,
					 GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, list);
}

static const struct iommu_ops wk_mock_ops = {
	.owner = THIS_MODULE,
	.probe_device = wk_mock_probe,
	.device_group = generic_device_group,
	.def_domain_type = wk_mock_type,
	.get_resv_regions = wk_mock_regions,
	.domain_alloc_paging = wk_mock_alloc,
	.identity_domain = &wk_identity,
	.blocked_domain = &wk_blocked,
	.default_domain_ops = &wk_mock_domain_ops,
	.pgsize_bitmap = PAGE_SIZE,
};

int wk_mmu_suite_init(struct kunit_suite *suite)
{
	struct pci_dev *edu = pci_get_device(0x1234, 0x11e8, NULL);
	int ret;

	wk_mock_iommu = (struct wk_mock_iommu){ .is_there = !edu, .fail_map_after = -1 };
	pci_dev_put(edu);
	if (wk_mock_iommu.is_there) {
		ret = iommu_device_sysfs_add(&wk_mock_device, NULL, NULL, "wdmdma-mock");
		if (ret)
			return ret;
		ret = iommu_device_register(&wk_mock_device, &wk_mock_ops, NULL);
		if (ret) {
			iommu_device_sysfs_remove(&wk_mock_device);
			return ret;
		}
	}
	return wk_suite_init(suite);
}

void wk_mmu_suite_exit(struct kunit_suite *suite)
{
	wk_suite_exit(suite);
	if (!wk_mock_iommu.is_there)
		return;
	iommu_device_unregister(&wk_mock_device);
	iommu_device_sysfs_remove(&wk_mock_device);
}

static bool wk_mmu_fault(struct iommu_domain *domain, struct device *dev, u64 address, bool write)
{
	wk_mock_iommu.nr_faults++;
	wk_mock_iommu.fault_address = address;
	wk_mock_iommu.fault_was_write = write;
	report_iommu_fault(domain, dev, address, write ? IOMMU_FAULT_WRITE : IOMMU_FAULT_READ);
	return false;
}

static bool wk_mmu_is_allowed(struct iommu_domain *domain, u64 address, bool write)
{
	void *entry;

	if (!wk_mock_iommu.is_there)
		return true;
	entry = xa_load(&wk_mock_domain(domain)->pages, address >> PAGE_SHIFT);
	return xa_to_value(entry) & (write ? IOMMU_WRITE : IOMMU_READ);
}

bool wk_mmu_access(struct device *dev, u64 address, void *bytes, size_t count, bool write)
{
	struct iommu_domain *domain = wk_device_domain(dev);
	size_t done, now;

	for (done = 0; done < count; done += now) {
		phys_addr_t phys = wk_memory_of(dev, address + done);

		now = min_t(size_t, count - done, PAGE_SIZE - offset_in_page(address + done));
		if (domain && (!phys || !wk_mmu_is_allowed(domain, address + done, write)))
			return wk_mmu_fault(domain, dev, address + done, write);
		if (write)
			memcpy(phys_to_virt(phys), bytes + done, now);
		else
			memcpy(bytes + done, phys_to_virt(phys), now);
	}
	return true;
}
