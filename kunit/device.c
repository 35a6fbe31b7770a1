// SPDX-License-Identifier: GPL-2.0-only
/*
 * The test's device (fixture.h), as its drivers see it and as it sees memory: through the page
 * table of its IOMMU domain if it has one that translates, else at the physical address.
 */
#include <linux/array_size.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/iommu.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/sizes.h>

#include "fixture.h"

static int wk_probe(struct platform_device *pdev)
{
	return 0;
}

static struct platform_driver wk_platform_driver = {
	.probe = wk_probe,
	.driver = { .name = "wdmdma-kunit" },
};

/* The edu devices that a test may take, the last two in one IOMMU group; and a name for devres */
static struct pci_dev *wk_edus[4];

static int wk_edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int err = pcim_enable_device(pdev);
	unsigned int i;

	if (err)
		return err;
	pci_set_master(pdev);
	for (i = 0; i < ARRAY_SIZE(wk_edus); i++) {
		if (!wk_edus[i])
			wk_edus[i] = pci_dev_get(pdev);
		if (wk_edus[i] == pdev)
			break;
	}
	return 0;
}

static void wk_edu_remove(struct pci_dev *pdev)
{
	pci_clear_master(pdev);
}

static const struct pci_device_id wk_edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{}
};

static struct pci_driver wk_edu_driver = {
	.name = "wdmdma-kunit-edu",
	.id_table = wk_edu_ids,
	.probe = wk_edu_probe,
	.remove = wk_edu_remove,
};

int wk_device_register(void)
{
	int err = platform_driver_register(&wk_platform_driver);

	if (err)
		return err;
	err = pci_register_driver(&wk_edu_driver);
	if (err)
		platform_driver_unregister(&wk_platform_driver);
	return err;
}

void wk_device_unregister(void)
{
	unsigned int i;

	pci_unregister_driver(&wk_edu_driver);
	for (i = 0; i < ARRAY_SIZE(wk_edus); i++) {
		pci_dev_put(wk_edus[i]);
		wk_edus[i] = NULL;
	}
	platform_driver_unregister(&wk_platform_driver);
}

struct platform_device *wk_add_device(struct kunit *test)
{
	const struct platform_device_info info = {
		.name = "wdmdma-kunit",
		.id = PLATFORM_DEVID_AUTO,
		.dma_mask = DMA_BIT_MASK(64),
	};
	struct platform_device *pdev = platform_device_register_full(&info);

	KUNIT_ASSERT_FALSE(test, IS_ERR(pdev));
	KUNIT_ASSERT_NOT_NULL_MSG(test, pdev->dev.driver, "the test device has no driver");
	return pdev;
}

void wk_remove_device(struct platform_device *pdev)
{
	platform_device_unregister(pdev);
}

/*
 * The edu device stays bound from test to test, as binding takes a good part of a second: what its
 * unbinding would undo is in a group of its own. The limits are what the PCI core had set, and not
 * what the test before did.
 */
static struct device *wk_edu_get(struct kunit *test, struct pci_dev **edu)
{
	struct device *dev = &(*edu)->dev;

	if (!dev->driver)
		KUNIT_ASSERT_EQ(test, device_attach(dev), 1);
	dma_set_max_seg_size(dev, SZ_64K);
	dma_set_seg_boundary(dev, DMA_BIT_MASK(32));
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(64)), 0);
	KUNIT_ASSERT_NOT_NULL(test, devres_open_group(dev, wk_edus, GFP_KERNEL));
	return dev;
}

struct device *wk_device_get(struct kunit *test, bool untranslated)
{
	if (!wk_edus[0] || untranslated)
		return &wk_add_device(test)->dev;
	return wk_edu_get(test, &wk_edus[0]);
}

struct device *wk_second_get(struct kunit *test)
{
	struct wk_world *world = test->priv;

	if (!dev_is_pci(world->dev))
		return &wk_add_device(test)->dev;
	KUNIT_ASSERT_NOT_NULL_MSG(test, wk_edus[1], "there is no second edu device");
	return wk_edu_get(test, &wk_edus[1]);
}

struct device *wk_grouped_get(struct kunit *test, unsigned int index)
{
	struct pci_dev **edu = &wk_edus[2 + index];

	KUNIT_ASSERT_NOT_NULL_MSG(test, *edu, "there are no edu devices behind a bridge");
	return wk_edu_get(test, edu);
}

void wk_device_put(struct device *dev)
{
	if (!dev_is_pci(dev))
		wk_remove_device(to_platform_device(dev));
	else if (dev->driver)
		devres_release_group(dev, wk_edus);
}

struct iommu_domain *wk_device_domain(struct device *dev)
{
	struct iommu_domain *domain = iommu_get_domain_for_dev(dev);

	return domain && domain->type != IOMMU_DOMAIN_IDENTITY ? domain : NULL;
}

phys_addr_t wk_memory_of(struct device *dev, u64 address)
{
	struct iommu_domain *domain = wk_device_domain(dev);

	return domain ? iommu_iova_to_phys(domain, address) : address;
}

phys_addr_t wk_memory_at(struct kunit *test, u64 address)
{
	struct wk_world *world = test->priv;

	return world->domain ? iommu_iova_to_phys(world->domain, address) : address;
}

/* Where the device finds @address, and up to @bytes there that stay in one page */
static void *wk_device_va(struct kunit *test, u64 address, size_t *bytes)
{
	phys_addr_t phys = wk_memory_at(test, address);

	KUNIT_ASSERT_TRUE_MSG(test, phys && pfn_valid(PHYS_PFN(phys)),
			      "address 0x%llx is no memory", address);
	*bytes = min_t(size_t, *bytes, PAGE_SIZE - offset_in_page(phys));
	return phys_to_virt(phys);
}

void wk_device_write(struct kunit *test, u64 address, const void *from, size_t bytes)
{
	size_t done, now;

	for (done = 0; done < bytes; done += now) {
		void *to;

		now = bytes - done;
		to = wk_device_va(test, address + done, &now);
		memcpy(to, from + done, now);
	}
}

void wk_device_read(struct kunit *test, u64 address, void *to, size_t bytes)
{
	size_t done, now;

	for (done = 0; done < bytes; done += now) {
		void *from;

		now = bytes - done;
		from = wk_device_va(test, address + done, &now);
		memcpy(to + done, from, now);
	}
}

void wk_device_write_list(struct kunit *test, const SCATTER_GATHER_LIST *list, const void *from)
{
	ULONG i;

	for (i = 0; i < list->NumberOfElements; i++) {
		const SCATTER_GATHER_ELEMENT *element = &list->Elements[i];

		wk_device_write(test, element->Address.QuadPart, from, element->Length);
		from += element->Length;
	}
}

void wk_device_read_list(struct kunit *test, const SCATTER_GATHER_LIST *list, void *to)
{
	ULONG i;

	for (i = 0; i < list->NumberOfElements; i++) {
		const SCATTER_GATHER_ELEMENT *element = &list->Elements[i];

		wk_device_read(test, element->Address.QuadPart, to, element->Length);
		to += element->Length;
	}
}

u64 wk_list_bytes(const SCATTER_GATHER_LIST *list)
{
	u64 bytes = 0;
	ULONG i;

	for (i = 0; i < list->NumberOfElements; i++)
		bytes += list->Elements[i].Length;
	return bytes;
}
