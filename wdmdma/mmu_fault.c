// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU interface: faults of attached devices, handed to their driver.
 *
 * An IOMMU driver reports a fault in an interrupt; the driver's handler runs at PASSIVE_LEVEL, so a
 * few are kept until a work item delivers them. Several IOMMU drivers report nothing this way.
 */
#include <linux/kfifo.h>
#include <linux/kref.h>
#include <linux/slab.h>

#include "internal.h"
#include "irql.h"
#include "mmu.h"
#include "verifier.h"

#define WD_FAULTS 16		/* more at once are lost */

struct wd_fault {
	u64 address;
	bool is_write;
};

/* References: of wd_device.fault_sink, and of its work while that is queued or runs. */
struct wd_fault_sink {
	struct kref ref;
	PDEVICE_OBJECT object;
	struct wd_mmu_domain *domain;		/* its handle only */
	bool is_stopped;
	DEVICE_FAULT_CONFIGURATION to;
	struct work_struct work;
	spinlock_t lock;			/* of faults */
	DECLARE_KFIFO(faults, struct wd_fault, WD_FAULTS);	/* lock */
};

static void wd_fault_release(struct kref *ref)
{
	kfree(container_of(ref, struct wd_fault_sink, ref));
}

static void wd_fault_deliver(struct work_struct *work)
{
	struct wd_fault_sink *sink = container_of(work, struct wd_fault_sink, work);
	struct wd_fault fault;

	while (!READ_ONCE(sink->is_stopped) &&
	       kfifo_out_spinlocked(&sink->faults, &fault, 1, &sink->lock)) {
		FAULT_INFORMATION information = {
			.Type = IS_ENABLED(CONFIG_ARM64) ? FaultInformationArm64 :
							   FaultInformationInvalid,
			.Arm64 = {
				.DomainHandle = sink->domain,
				.FaultAddress = (PVOID)(uintptr_t)fault.address,
				.PhysicalDeviceObject = sink->object,
				.Flags.WriteNotRead = fault.is_write,
				.Flags.FaultAddressValid = 1,
				.Type = TranslationFault,
			},
		};

		sink->to.FaultHandler(sink->to.FaultContext, &information);
	}
	kref_put(&sink->ref, wd_fault_release);
}

/* From an IOMMU driver, in any context */
static int wd_fault_note(struct iommu_domain *linux_domain, struct device *dev,
			 unsigned long address, int flags, void *token)
{
	struct wd_fault fault = { .address = address, .is_write = wd_iommu_is_write(flags) };
	struct wd_mmu_domain *domain = token;
	struct wd_device *wdev;
	unsigned long irq_flags;

	spin_lock_irqsave(&domain->sinks_lock, irq_flags);
	list_for_each_entry(wdev, &domain->sinks, fault_node) {
		if (wdev->dev != dev)
			continue;
		kfifo_in_spinlocked(&wdev->fault_sink->faults, &fault, 1, &wdev->fault_sink->lock);
		kref_get(&wdev->fault_sink->ref);
		if (!queue_work(wd_workqueue, &wdev->fault_sink->work))
			kref_put(&wdev->fault_sink->ref, wd_fault_release);
	}
	spin_unlock_irqrestore(&domain->sinks_lock, irq_flags);
	if (domain->is_verified)
		wd_fault_note_fault(domain, dev, address, fault.is_write);
	return -ENOSYS;	/* which lets the IOMMU driver do what it does otherwise */
}

/**
 * wd_mmu_watch() - report the faults of a domain that is verified
 * @domain: a device has been attached
 *
 * Context: Process, wd_mmu_mutex held.
 */
void wd_mmu_watch(struct wd_mmu_domain *domain)
{
	if (domain->is_verified && domain->linux_domain)
		wd_iommu_on_fault(domain->linux_domain, wd_fault_note, domain);
}

/**
 * wd_mmu_stop_faults() - report no more faults of a device
 * @wdev: the device
 *
 * Context: Process, wd_mmu_mutex held.
 * Return: what wd_fault_end() is to get when that is not held any more; or NULL.
 */
struct wd_fault_sink *wd_mmu_stop_faults(struct wd_device *wdev)
{
	struct wd_fault_sink *sink = wdev->fault_sink;
	unsigned long flags;

	lockdep_assert_held(&wd_mmu_mutex);
	if (!sink)
		return NULL;
	WRITE_ONCE(sink->is_stopped, true);
	spin_lock_irqsave(&wdev->mmu_domain->sinks_lock, flags);
	list_del(&wdev->fault_node);
	wdev->fault_sink = NULL;
	spin_unlock_irqrestore(&wdev->mmu_domain->sinks_lock, flags);
	return sink;
}

/**
 * wd_fault_end() - wait until a handler that was stopped does not run
 * @sink: from wd_mmu_stop_faults(); or NULL
 *
 * A handler that stops itself is not waited for.
 *
 * Context: Process, may sleep; wd_mmu_mutex is not held, as handlers call what takes it.
 */
void wd_fault_end(struct wd_fault_sink *sink)
{
	if (!sink)
		return;
	if (current_work() != &sink->work && cancel_work_sync(&sink->work))
		kref_put(&sink->ref, wd_fault_release);
	kref_put(&sink->ref, wd_fault_release);
}

static NTSTATUS wd_mmu_start_faults(struct wd_device *wdev, const DEVICE_FAULT_CONFIGURATION *to,
				    struct wd_fault_sink **old)
{
	struct wd_mmu_domain *domain = wdev->mmu_domain;
	struct wd_fault_sink *sink = kzalloc(sizeof(*sink), GFP_KERNEL);
	unsigned long flags;

	if (!sink)
		return STATUS_INSUFFICIENT_RESOURCES;
	kref_init(&sink->ref);
	sink->object = &wdev->object;
	sink->domain = domain;
	sink->to = *to;
	INIT_WORK(&sink->work, wd_fault_deliver);
	spin_lock_init(&sink->lock);
	INIT_KFIFO(sink->faults);
	*old = wd_mmu_stop_faults(wdev);
	spin_lock_irqsave(&domain->sinks_lock, flags);
	wdev->fault_sink = sink;
	list_add_tail(&wdev->fault_node, &domain->sinks);
	spin_unlock_irqrestore(&domain->sinks_lock, flags);
	if (domain->linux_domain)
		wd_iommu_on_fault(domain->linux_domain, wd_fault_note, domain);
	return STATUS_SUCCESS;
}

NTSTATUS wd_mmu_set_fault_reporting(PDEVICE_OBJECT device_object, ULONG input_mapping_base,
				    BOOLEAN enable, PDEVICE_FAULT_CONFIGURATION to)
{
	NTSTATUS status = STATUS_SUCCESS;
	struct wd_fault_sink *old = NULL;
	struct wd_device *wdev;

	if (!wd_irql_is_passive(NULL, "SetDeviceFaultReporting"))
		return STATUS_INVALID_PARAMETER;
	wdev = wd_device_get(device_object);
	if (!wdev)
		return STATUS_INVALID_PARAMETER_1;
	mutex_lock(&wd_mmu_mutex);
	if (!wdev->mmu_domain)
		status = STATUS_INVALID_DEVICE_STATE;
	else if (input_mapping_base)
		status = STATUS_INVALID_PARAMETER_2;
	else if (!enable)
		old = wd_mmu_stop_faults(wdev);
	else if (!to || !to->FaultHandler)
		status = STATUS_INVALID_PARAMETER_4;
	else
		status = wd_mmu_start_faults(wdev, to, &old);
	mutex_unlock(&wd_mmu_mutex);
	wd_fault_end(old);
	wd_device_put(wdev);
	return status;
}

NTSTATUS wd_mmu_set_fault_reporting_ex(PIOMMU_DMA_DEVICE handle, ULONG input_mapping_base,
				       BOOLEAN enable, PDEVICE_FAULT_CONFIGURATION to)
{
	return STATUS_NOT_IMPLEMENTED;
}
