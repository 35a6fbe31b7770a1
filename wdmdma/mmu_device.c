// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU interface: handles of devices, and what domains these can be attached to.
 */
#include <linux/device.h>
#include <linux/slab.h>

#include "internal.h"
#include "irql.h"
#include "mmu.h"

static DEFINE_XARRAY(wd_mmu_devices);	/* wd_mmu_mutex; by address */

/**
 * wd_mmu_find_device() - what a handle of a device is
 * @handle: any pointer
 *
 * Return: it, as long as wd_mmu_mutex is held; or NULL.
 */
struct wd_mmu_device *wd_mmu_find_device(PIOMMU_DMA_DEVICE handle)
{
	lockdep_assert_held(&wd_mmu_mutex);
	return handle ? xa_load(&wd_mmu_devices, (unsigned long)handle) : NULL;
}

/**
 * wd_mmu_types_of() - domains that a device could be attached to
 * @wdev: the device
 *
 * Return: a bit for each IOMMU_DMA_DOMAIN_TYPE. Translate: the IOMMU can tell the device from all
 * others. PassThrough: it is not translated.
 */
ULONG wd_mmu_types_of(struct wd_device *wdev)
{
	bool is_translated = wdev->mmu_domain ? wdev->mmu_was_translated :
						wd_iommu_translates(wdev->dev);
	ULONG types = 0;

	if (wdev->limits.no_remapping)
		return 0;
	if (wd_iommu_is_alone(wdev->dev))
		types |= 1U << DomainTypeTranslate;
	if (!is_translated)
		types |= 1U << DomainTypePassThrough;
	return types;
}

NTSTATUS wd_mmu_create_device(PDEVICE_OBJECT device_object,
			      PIOMMU_DEVICE_CREATION_CONFIGURATION configuration,
			      PIOMMU_DMA_DEVICE *result)
{
	struct wd_mmu_device *device;
	struct wd_device *wdev;
	int ret;

	if (!result || !wd_irql_is_passive(NULL, "CreateDevice"))
		return STATUS_INVALID_PARAMETER;
	wdev = wd_device_get(device_object);
	if (!wdev)
		return STATUS_INVALID_PARAMETER;
	if (configuration) {
		wd_device_put(wdev);
		return STATUS_INVALID_PARAMETER_2;
	}
	if (!wd_iommu_is_there(wdev->dev)) {
		wd_device_put(wdev);
		return STATUS_NOT_FOUND;
	}
	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device) {
		wd_device_put(wdev);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	device->wdev = wdev;
	mutex_lock(&wd_mmu_mutex);
	ret = READ_ONCE(wdev->unbinding) ? -ENODEV :
	      xa_err(xa_store(&wd_mmu_devices, (unsigned long)device, device, GFP_KERNEL));
	mutex_unlock(&wd_mmu_mutex);
	if (ret) {
		wd_device_put(wdev);
		kfree(device);
		return ret == -ENODEV ? STATUS_INVALID_PARAMETER : STATUS_INSUFFICIENT_RESOURCES;
	}
	*result = (PIOMMU_DMA_DEVICE)device;
	return STATUS_SUCCESS;
}

NTSTATUS wd_mmu_delete_device(PIOMMU_DMA_DEVICE handle)
{
	NTSTATUS status = STATUS_SUCCESS;
	struct wd_mmu_device *device;

	if (!wd_irql_is_passive(NULL, "DeleteDevice"))
		return STATUS_INVALID_PARAMETER;
	mutex_lock(&wd_mmu_mutex);
	device = wd_mmu_find_device(handle);
	if (!device)
		status = STATUS_INVALID_PARAMETER_1;
	else if (device->wdev->mmu_domain || device->callback)
		status = STATUS_RESOURCE_IN_USE;
	else
		xa_erase(&wd_mmu_devices, (unsigned long)handle);
	mutex_unlock(&wd_mmu_mutex);
	if (!NT_SUCCESS(status))
		return status;
	wd_device_put(device->wdev);
	kfree(device);
	return status;
}

/**
 * wd_mmu_forget_devices() - end the handles of a device whose driver is gone
 * @wdev: the device
 *
 * Context: Process, wd_mmu_mutex held.
 */
void wd_mmu_forget_devices(struct wd_device *wdev)
{
	struct wd_mmu_device *device;
	unsigned long index;

	lockdep_assert_held(&wd_mmu_mutex);
	xa_for_each(&wd_mmu_devices, index, device) {
		if (device->wdev != wdev)
			continue;
		xa_erase(&wd_mmu_devices, index);
		wd_report(WD_REPORT_MMU_LEFT, wdev->dev, "driver-unbind",
			  "handle %p of the IOMMU interface was never deleted", device);
		kfree(device);
		/* Not the last: the device is being unbound. */
		wd_device_put(wdev);
	}
}

NTSTATUS wd_mmu_attach_device_ex(PIOMMU_DMA_DOMAIN domain_handle, PIOMMU_DMA_DEVICE handle)
{
	struct wd_mmu_domain *domain;
	struct wd_mmu_device *device;
	struct wd_device *wdev = NULL;
	NTSTATUS status;

	if (!wd_irql_is_passive(NULL, "AttachDeviceEx"))
		return STATUS_INVALID_PARAMETER;
	mutex_lock(&wd_mmu_mutex);
	device = wd_mmu_find_device(handle);
	if (device) {
		wdev = device->wdev;
		wd_device_hold(wdev);
	}
	mutex_unlock(&wd_mmu_mutex);
	if (wdev)
		wd_device_settle(wdev);
	mutex_lock(&wd_mmu_mutex);
	domain = wd_mmu_find_domain(domain_handle);
	device = wd_mmu_find_device(handle);
	if (!domain)
		status = STATUS_INVALID_PARAMETER_1;
	else if (!device)
		status = STATUS_INVALID_PARAMETER_2;
	else
		status = wd_mmu_attach(domain, device->wdev);
	mutex_unlock(&wd_mmu_mutex);
	if (wdev)
		wd_device_put(wdev);
	return status;
}

NTSTATUS wd_mmu_detach_device_ex(PIOMMU_DMA_DEVICE handle)
{
	NTSTATUS status = STATUS_INVALID_PARAMETER_1;
	struct wd_fault_sink *sink = NULL;
	struct wd_mmu_device *device;

	if (!wd_irql_is_passive(NULL, "DetachDeviceEx"))
		return STATUS_INVALID_PARAMETER;
	mutex_lock(&wd_mmu_mutex);
	device = wd_mmu_find_device(handle);
	if (device)
		status = wd_mmu_detach(device->wdev, &sink);
	mutex_unlock(&wd_mmu_mutex);
	wd_fault_end(sink);
	return status;
}

VOID wd_mmu_query_domain_types(PIOMMU_DMA_DEVICE handle, PULONG available)
{
	struct wd_mmu_device *device;

	if (!available || !wd_irql_is_passive(NULL, "QueryAvailableDomainTypes"))
		return;
	mutex_lock(&wd_mmu_mutex);
	device = wd_mmu_find_device(handle);
	*available = device ? wd_mmu_types_of(device->wdev) : 0;
	mutex_unlock(&wd_mmu_mutex);
}

NTSTATUS wd_mmu_register_callback(PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK callback, PVOID context,
				  PIOMMU_DMA_DEVICE handle,
				  PIOMMU_INTERFACE_STATE_CHANGE_FIELDS fields)
{
	IOMMU_INTERFACE_STATE_CHANGE change = {};
	NTSTATUS status = STATUS_SUCCESS;
	struct wd_mmu_device *device;

	if (!callback || !wd_irql_is_passive(NULL, "RegisterInterfaceStateChangeCallback"))
		return STATUS_INVALID_PARAMETER;
	mutex_lock(&wd_mmu_mutex);
	device = wd_mmu_find_device(handle);
	if (!device)
		status = STATUS_INVALID_PARAMETER_3;
	else if (!fields || !fields->AvailableDomainTypes)
		status = STATUS_INVALID_PARAMETER_4;
	else if (device->callback)
		status = STATUS_UNSUCCESSFUL;
	if (NT_SUCCESS(status)) {
		device->callback = callback;
		change.PresentFields.AvailableDomainTypes = 1;
		change.AvailableDomainTypes = wd_mmu_types_of(device->wdev);
	}
	mutex_unlock(&wd_mmu_mutex);
	/* The state as it is; Linux changes it no more while a driver is bound. */
	if (NT_SUCCESS(status))
		callback(&change, context);
	return status;
}

NTSTATUS wd_mmu_unregister_callback(PIOMMU_INTERFACE_STATE_CHANGE_CALLBACK callback,
				    PIOMMU_DMA_DEVICE handle)
{
	NTSTATUS status = STATUS_UNSUCCESSFUL;
	struct wd_mmu_device *device;

	if (!wd_irql_is_passive(NULL, "UnregisterInterfaceStateChangeCallback"))
		return STATUS_INVALID_PARAMETER;
	mutex_lock(&wd_mmu_mutex);
	device = wd_mmu_find_device(handle);
	if (device && callback && device->callback == callback) {
		device->callback = NULL;
		status = STATUS_SUCCESS;
	}
	mutex_unlock(&wd_mmu_mutex);
	return status;
}
