// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU interface: domains, and the devices attached to them.
 *
 * A Linux domain is one for a device, so it is made when the first is attached; what has been
 * mapped till then is mapped in it, and from then on both go together. A device that is attached
 * uses none of the addresses that its DMA adapters give, so these are blocked (block.c).
 */
#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "domain.h"
#include "internal.h"
#include "irql.h"
#include "mmu.h"
#include "trace.h"
#include "verifier.h"

/* Serialises all that is called at PASSIVE_LEVEL (mmu.h). */
DEFINE_MUTEX(wd_mmu_mutex);

static DEFINE_XARRAY(wd_mmu_domains);	/* wd_mmu_mutex; by address */

/**
 * wd_mmu_find_domain() - the domain of a handle
 * @handle: any pointer
 *
 * Return: the domain, as long as wd_mmu_mutex is held; or NULL.
 */
struct wd_mmu_domain *wd_mmu_find_domain(PIOMMU_DMA_DOMAIN handle)
{
	lockdep_assert_held(&wd_mmu_mutex);
	return handle ? xa_load(&wd_mmu_domains, (unsigned long)handle) : NULL;
}

static void wd_mmu_domain_free(struct wd_mmu_domain *domain)
{
	struct wd_hole *hole, *next;

	wd_fault_domain_end(domain);
	if (domain->linux_domain)
		wd_iommu_domain_free(domain->linux_domain);
	list_for_each_entry_safe(hole, next, &domain->holes, node)
		kfree(hole);
	xa_destroy(&domain->pages);
	kfree(domain);
}

static struct wd_mmu_domain *wd_mmu_domain_new(IOMMU_DMA_DOMAIN_TYPE type, ULONG address_width)
{
	struct wd_mmu_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);

	if (!domain)
		return NULL;
	domain->type = type;
	domain->has_allocator = address_width;
	/* Less than a page has none. */
	domain->last_page = address_width > PAGE_SHIFT ?
			    (1ULL << (address_width - PAGE_SHIFT)) - 1 : 0;
	INIT_LIST_HEAD(&domain->devices);
	INIT_LIST_HEAD(&domain->holes);
	INIT_LIST_HEAD(&domain->tokens);
	INIT_LIST_HEAD(&domain->sinks);
	spin_lock_init(&domain->sinks_lock);
	spin_lock_init(&domain->lock);
	xa_init_flags(&domain->pages, XA_FLAGS_LOCK_IRQ);
	wd_fault_domain_begin(domain);
	return domain;
}

/* The caller's reserved regions: mapped where they are, or never. */
static NTSTATUS wd_mmu_add_regions(struct wd_mmu_domain *domain,
				   const IOMMU_DMA_RESERVED_REGION *region)
{
	int ret;

	for (; region; region = region->RegionNext) {
		struct wd_physical physical = {
			.pages = region->NumberOfPages,
			.first_pfn = region->Base >> PAGE_SHIFT,
		};

		if (region->Base & ~PAGE_MASK || !physical.pages ||
		    physical.pages > (U64_MAX >> PAGE_SHIFT) - physical.first_pfn ||
		    !wd_range_is_free(domain, physical.first_pfn, physical.pages))
			return STATUS_INVALID_PARAMETER_4;
		if (region->ShouldMap)
			ret = wd_range_map(domain, physical.first_pfn, &physical, WD_PAGE_REGION,
					   WDMDMA_IOMMU_READ | WDMDMA_IOMMU_WRITE);
		else
			ret = wd_hole_add(domain, physical.first_pfn,
					  physical.first_pfn + physical.pages - 1);
		if (ret)
			return STATUS_INSUFFICIENT_RESOURCES;
	}
	return STATUS_SUCCESS;
}

NTSTATUS wd_mmu_create_domain_ex(IOMMU_DMA_DOMAIN_TYPE type, IOMMU_DMA_DOMAIN_CREATION_FLAGS flags,
				 PIOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG allocator,
				 PIOMMU_DMA_RESERVED_REGION regions, PIOMMU_DMA_DOMAIN *result)
{
	NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
	struct wd_mmu_domain *domain;
	ULONG width = 0;

	if (!result || !wd_irql_is_passive(NULL, "CreateDomainEx"))
		return STATUS_INVALID_PARAMETER;
	if (type != DomainTypeTranslate && type != DomainTypePassThrough)
		return STATUS_NOT_SUPPORTED;
	if (flags.AsUlonglong)
		return STATUS_INVALID_PARAMETER_2;
	if (allocator && allocator->LogicalAllocatorType != IommuDmaLogicalAllocatorNone) {
		width = allocator->BuddyAllocatorConfig.AddressWidth;
		if (allocator->LogicalAllocatorType != IommuDmaLogicalAllocatorBuddy || !width ||
		    width > 63)
			return STATUS_INVALID_PARAMETER_3;
	}
	domain = wd_mmu_domain_new(type, width);
	if (!domain)
		return status;
	mutex_lock(&wd_mmu_mutex);
	status = wd_mmu_add_regions(domain, regions);
	if (NT_SUCCESS(status) &&
	    xa_err(xa_store(&wd_mmu_domains, (unsigned long)domain, domain, GFP_KERNEL)))
		status = STATUS_INSUFFICIENT_RESOURCES;
	mutex_unlock(&wd_mmu_mutex);
	if (NT_SUCCESS(status))
		*result = (PIOMMU_DMA_DOMAIN)domain;
	else
		wd_mmu_domain_free(domain);
	return status;
}

NTSTATUS wd_mmu_create_domain(BOOLEAN os_managed_page_table, PIOMMU_DMA_DOMAIN *result)
{
	if (!os_managed_page_table)
		return STATUS_NOT_SUPPORTED;
	return wd_mmu_create_domain_ex(DomainTypeTranslate,
				       (IOMMU_DMA_DOMAIN_CREATION_FLAGS){}, NULL, NULL, result);
}

NTSTATUS wd_mmu_delete_domain(PIOMMU_DMA_DOMAIN handle)
{
	NTSTATUS status = STATUS_SUCCESS;
	struct wd_mmu_domain *domain;

	if (!wd_irql_is_passive(NULL, "DeleteDomain"))
		return STATUS_INVALID_PARAMETER;
	mutex_lock(&wd_mmu_mutex);
	domain = wd_mmu_find_domain(handle);
	if (!domain)
		status = STATUS_INVALID_PARAMETER_1;
	else if (!list_empty(&domain->devices) || !list_empty(&domain->tokens))
		status = STATUS_RESOURCE_IN_USE;
	else
		xa_erase(&wd_mmu_domains, (unsigned long)handle);
	mutex_unlock(&wd_mmu_mutex);
	if (NT_SUCCESS(status))
		wd_mmu_domain_free(domain);
	return status;
}

/* Addresses that a device cannot use, or that firmware has mapped for it. */
static int wd_mmu_add_hardware(void *data, u64 first, u64 last, bool direct)
{
	struct wd_physical physical = { .pages = last - first + 1, .first_pfn = first };
	struct wd_mmu_domain *domain = data;
	struct wd_hole *hole;

	/* The same as for another device, or more: what nobody uses can be kept from all. */
	list_for_each_entry(hole, &domain->holes, node)
		if (!direct && !hole->token && hole->first <= first && last <= hole->last)
			return 0;
	if (!direct)
		return wd_range_is_used(domain, first, last) ? -EBUSY :
		       wd_hole_add(domain, first, last);
	if (physical.pages <= SZ_1G >> PAGE_SHIFT &&
	    wd_range_is_kind(domain, first, physical.pages, WD_PAGE_REGION))
		return 0;
	/* Something is there that the driver has mapped, and may go on using. */
	if (!wd_range_is_free(domain, first, physical.pages))
		return -EBUSY;
	return wd_range_map(domain, first, &physical, WD_PAGE_REGION,
			    WDMDMA_IOMMU_READ | WDMDMA_IOMMU_WRITE);
}

/*
 * The first device brings the Linux domain. Where the IOMMU driver knows what that can hold only
 * once a device uses it, the device is attached first, and all it finds until then are faults.
 */
static int wd_mmu_make_real(struct wd_mmu_domain *domain, struct wd_device *wdev, bool *attached)
{
	struct iommu_domain *linux_domain = wd_iommu_domain_alloc(wdev->dev);
	int ret = 0;

	if (IS_ERR(linux_domain))
		return PTR_ERR(linux_domain);
	domain->is_coherent = dev_is_dma_coherent(wdev->dev);
	if (!wd_iommu_domain_is_ready(linux_domain)) {
		ret = wd_iommu_domain_attach(linux_domain, wdev->dev);
		*attached = !ret;
	}
	if (!ret)
		ret = wd_range_replay(domain, linux_domain);
	if (!ret)
		return wd_mmu_prepare_tokens(domain);
	if (*attached)
		wd_iommu_domain_detach(linux_domain, wdev->dev);
	*attached = false;
	wd_iommu_domain_free(linux_domain);
	return ret;
}

static int wd_mmu_attach_translate(struct wd_mmu_domain *domain, struct wd_device *wdev)
{
	bool attached = false;
	int ret = 0;

	if (!domain->linux_domain)
		ret = wd_mmu_make_real(domain, wdev, &attached);
	else if (dev_is_dma_coherent(wdev->dev) != domain->is_coherent)
		ret = -EOPNOTSUPP;
	if (!ret)
		ret = wd_iommu_reserved(wdev->dev, domain->linux_domain, wd_mmu_add_hardware,
					domain);
	if (!ret && !attached)
		return wd_iommu_domain_attach(domain->linux_domain, wdev->dev);
	if (ret && attached)
		wd_iommu_domain_detach(domain->linux_domain, wdev->dev);
	return ret;
}

/**
 * wd_mmu_attach() - let a device use a domain
 * @domain: the domain
 * @wdev: the device
 *
 * Its DMA adapters give nothing until wd_mmu_detach().
 *
 * Context: Process, wd_mmu_mutex held.
 * Return: what AttachDeviceEx says.
 */
NTSTATUS wd_mmu_attach(struct wd_mmu_domain *domain, struct wd_device *wdev)
{
	int ret = 0;

	if (wdev->mmu_domain)
		return STATUS_INVALID_PARAMETER;
	if (!(wd_mmu_types_of(wdev) & 1U << domain->type))
		return STATUS_ACCESS_DENIED;
	mutex_lock(&wd_domains_mutex);
	mutex_lock(&wdev->mutex);
	/* Nobody may map as a device whose page table is another. */
	if (wdev->joined || wdev->nr_mapped_as || READ_ONCE(wdev->unbinding))
		ret = -EBUSY;
	/* Its own domain is found out while it still has that. */
	else if (!wd_domain_current(wdev))
		ret = -ENOMEM;
	wdev->mmu_was_translated = wd_iommu_translates(wdev->dev);
	if (!ret)
		ret = wd_device_block(wdev);
	if (!ret && domain->type == DomainTypeTranslate) {
		ret = wd_mmu_attach_translate(domain, wdev);
		if (ret)
			wd_device_unblock(wdev);
	}
	if (!ret) {
		wdev->mmu_domain = domain;
		wd_mmu_watch(domain);
		list_add_tail(&wdev->mmu_node, &domain->devices);
		trace_wdmdma_domain_attached(wdev, domain, 0);
	}
	mutex_unlock(&wdev->mutex);
	mutex_unlock(&wd_domains_mutex);
	if (!ret)
		wd_device_hold(wdev);
	switch (ret) {
	case 0:
		return STATUS_SUCCESS;
	case -EINVAL:
	case -ENODEV:
	case -EOPNOTSUPP:
		return STATUS_NOT_SUPPORTED;
	case -EBUSY:
		return STATUS_RESOURCE_IN_USE;
	case -EPERM:
		return STATUS_ACCESS_DENIED;
	case -ENOMEM:
	case -ENOSPC:
		return STATUS_INSUFFICIENT_RESOURCES;
	default:
		return STATUS_UNSUCCESSFUL;
	}
}

/**
 * wd_mmu_detach() - undo wd_mmu_attach(); what is mapped stays in the domain
 * @wdev: the device, referenced
 * @sink: receives what wd_fault_end() is to get without the mutex
 *
 * Context: Process, wd_mmu_mutex held.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER_1 when it is not attached.
 */
NTSTATUS wd_mmu_detach(struct wd_device *wdev, struct wd_fault_sink **sink)
{
	struct wd_mmu_domain *domain = wdev->mmu_domain;

	if (!domain)
		return STATUS_INVALID_PARAMETER_1;
	*sink = wd_mmu_stop_faults(wdev);
	mutex_lock(&wdev->mutex);
	if (domain->type == DomainTypeTranslate)
		wd_iommu_domain_detach(domain->linux_domain, wdev->dev);
	list_del(&wdev->mmu_node);
	wdev->mmu_domain = NULL;
	trace_wdmdma_domain_detached(wdev, domain, 0);
	wd_device_unblock(wdev);
	mutex_unlock(&wdev->mutex);
	wd_device_put(wdev);
	return STATUS_SUCCESS;
}

/**
 * wd_mmu_unbind() - take a device out of its domain, and end its handles: its driver is gone
 * @wdev: the device
 *
 * Context: Process, may sleep.
 */
void wd_mmu_unbind(struct wd_device *wdev)
{
	struct wd_fault_sink *sink = NULL;
	bool was_attached;

	mutex_lock(&wd_mmu_mutex);
	was_attached = NT_SUCCESS(wd_mmu_detach(wdev, &sink));
	wd_mmu_forget_devices(wdev);
	mutex_unlock(&wd_mmu_mutex);
	wd_fault_end(sink);
	/* Handlers that stopped themselves were not waited for. */
	flush_workqueue(wd_workqueue);
	if (was_attached)
		wd_report(WD_REPORT_MMU_LEFT, wdev->dev, "driver-unbind",
			  "the device was attached to a domain of the IOMMU interface");
}

NTSTATUS wd_mmu_attach_device(PIOMMU_DMA_DOMAIN handle, PDEVICE_OBJECT device_object,
			      ULONG input_mapping_base, ULONG mapping_count)
{
	struct wd_mmu_domain *domain;
	struct wd_device *wdev;
	NTSTATUS status;

	if (!wd_irql_is_passive(NULL, "AttachDevice"))
		return STATUS_INVALID_PARAMETER;
	if (input_mapping_base)
		return STATUS_INVALID_PARAMETER_3;
	if (mapping_count != 1)
		return STATUS_INVALID_PARAMETER_4;
	wdev = wd_device_get(device_object);
	if (!wdev)
		return STATUS_INVALID_PARAMETER_2;
	wd_device_settle(wdev);
	mutex_lock(&wd_mmu_mutex);
	domain = wd_mmu_find_domain(handle);
	status = domain ? wd_mmu_attach(domain, wdev) : STATUS_INVALID_PARAMETER_1;
	mutex_unlock(&wd_mmu_mutex);
	wd_device_put(wdev);
	return status;
}

NTSTATUS wd_mmu_detach_device(PIOMMU_DMA_DOMAIN handle, PDEVICE_OBJECT device_object,
			      ULONG input_mapping)
{
	NTSTATUS status = STATUS_INVALID_PARAMETER_1;
	struct wd_fault_sink *sink = NULL;
	struct wd_device *wdev;

	if (!wd_irql_is_passive(NULL, "DetachDevice"))
		return STATUS_INVALID_PARAMETER;
	if (input_mapping)
		return STATUS_INVALID_PARAMETER_3;
	wdev = wd_device_get(device_object);
	if (!wdev)
		return STATUS_INVALID_PARAMETER_2;
	mutex_lock(&wd_mmu_mutex);
	if (wdev->mmu_domain && wdev->mmu_domain == wd_mmu_find_domain(handle))
		status = wd_mmu_detach(wdev, &sink);
	mutex_unlock(&wd_mmu_mutex);
	wd_fault_end(sink);
	wd_device_put(wdev);
	return status;
}

/* Only for domains whose page table is the caller's, of which there are none */
NTSTATUS wd_mmu_flush_domain(PIOMMU_DMA_DOMAIN handle)
{
	return STATUS_INVALID_PARAMETER_1;
}

NTSTATUS wd_mmu_flush_domain_va_list(PIOMMU_DMA_DOMAIN handle, BOOLEAN last_level, ULONG number,
				     PVOID va_list)
{
	return STATUS_INVALID_PARAMETER_1;
}

NTSTATUS wd_mmu_configure_domain(PIOMMU_DMA_DOMAIN handle, PDOMAIN_CONFIGURATION configuration)
{
	if (configuration && configuration->Type == DomainConfigurationX64)
		return STATUS_NOT_SUPPORTED;
	return STATUS_INVALID_PARAMETER_1;
}

/* Only ACPI devices of ARM64 have such, and Linux does not tell. */
NTSTATUS wd_mmu_query_input_mappings(PDEVICE_OBJECT device_object, PINPUT_MAPPING_ELEMENT buffer,
				     ULONG buffer_length, PULONG return_length)
{
	return STATUS_UNSUCCESSFUL;
}

/**
 * wd_mmu_exit() - free the domains that were never deleted
 *
 * Context: Process; no device is attached.
 */
void wd_mmu_exit(void)
{
	struct wd_mmu_domain *domain;
	unsigned long index;

	wd_mmu_free_tokens();
	xa_for_each(&wd_mmu_domains, index, domain)
		wd_mmu_domain_free(domain);
	xa_destroy(&wd_mmu_domains);
}
