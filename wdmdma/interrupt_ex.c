// SPDX-License-Identifier: GPL-2.0-only
/*
 * IoConnectInterruptEx: interrupts found from the device, by line or by message.
 *
 * A line is the one vector of a PCI device, or the first interrupt of a platform device. Messages
 * are the MSI or MSI-X vectors that the host has allocated, with pci_alloc_irq_vectors(), all of
 * them. A device with none falls back to its line, as on Windows.
 */
#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/pci.h>
#include <linux/platform_device.h>
#include <linux/slab.h>

#include "internal.h"
#include "interrupt.h"
#include "irql.h"

static int wd_line_irq(struct device *dev)
{
	if (dev_is_pci(dev))
		return pci_irq_vector(to_pci_dev(dev), 0);
	if (dev_is_platform(dev))
		return platform_get_irq_optional(to_platform_device(dev), 0);
	return -ENXIO;
}

/* How many messages the host has allocated for the device */
static u32 wd_message_count(struct device *dev)
{
	struct pci_dev *pdev;
	u32 count = 0;

	if (!dev_is_pci(dev))
		return 0;
	pdev = to_pci_dev(dev);
	if (!pdev->msi_enabled && !pdev->msix_enabled)
		return 0;
	while (pci_irq_vector(pdev, count) >= 0)
		count++;
	return count;
}

static NTSTATUS wd_connect_line(struct device *dev, PKINTERRUPT *interrupt,
				PKSERVICE_ROUTINE routine, PVOID context, PKSPIN_LOCK lock)
{
	const struct wd_interrupt_template how = {
		.routine = routine,
		.context = context,
		.lock = lock ? wdmdma_spinlock(lock) : NULL,
		.shared = !wd_message_count(dev),	/* lines may be, messages never are */
	};
	int irq = wd_line_irq(dev);

	if (!interrupt || !routine)
		return STATUS_INVALID_PARAMETER;
	if (irq <= 0)
		return STATUS_NOT_FOUND;
	return wd_interrupt_status(wd_interrupt_connect(interrupt, &how, irq, 0));
}

static void wd_messages_disconnect(PIO_INTERRUPT_MESSAGE_INFO table)
{
	IO_INTERRUPT_MESSAGE_INFO_ENTRY *info = &table->MessageInfo[table->MessageCount];

	while (info-- != table->MessageInfo)
		wdmdma_io_disconnect_interrupt(info->InterruptObject);
	kfree(table);
}

static NTSTATUS wd_connect_messages(struct device *dev, u32 count,
				    IO_CONNECT_INTERRUPT_MESSAGE_BASED_PARAMETERS *message)
{
	struct wd_interrupt_template how = {
		.message_routine = message->MessageServiceRoutine,
		.context = message->ServiceContext,
		.lock = message->SpinLock ? wdmdma_spinlock(message->SpinLock) : NULL,
	};
	PIO_INTERRUPT_MESSAGE_INFO table;
	int ret = 0;

	if (!message->ConnectionContext.InterruptMessageTable || !how.message_routine)
		return STATUS_INVALID_PARAMETER;
	table = kzalloc(struct_size(table, MessageInfo, count), GFP_KERNEL);
	if (!table)
		return STATUS_INSUFFICIENT_RESOURCES;
	*message->ConnectionContext.InterruptMessageTable = table;
	table->UnifiedIrql = WDMDMA_DIRQL;
	while (table->MessageCount < count) {
		IO_INTERRUPT_MESSAGE_INFO_ENTRY *info = &table->MessageInfo[table->MessageCount];

		info->Vector = pci_irq_vector(to_pci_dev(dev), table->MessageCount);
		info->Irql = WDMDMA_DIRQL;
		info->Mode = Latched;
		ret = wd_interrupt_connect(&info->InterruptObject, &how, info->Vector,
					   table->MessageCount);
		if (ret)
			break;
		/* The others share the first one's lock, unless the driver has one. */
		how.lock = info->InterruptObject->lock;
		table->MessageCount++;
	}
	if (ret) {
		*message->ConnectionContext.InterruptMessageTable = NULL;
		wd_messages_disconnect(table);
	}
	return wd_interrupt_status(ret);
}

static NTSTATUS wd_connect_message_based(PIO_CONNECT_INTERRUPT_PARAMETERS parameters,
					 struct device *dev)
{
	IO_CONNECT_INTERRUPT_MESSAGE_BASED_PARAMETERS *message = &parameters->MessageBased;
	u32 count = wd_message_count(dev);

	if (count)
		return wd_connect_messages(dev, count, message);
	if (!message->FallBackServiceRoutine)
		return STATUS_NOT_FOUND;
	parameters->Version = CONNECT_LINE_BASED;
	return wd_connect_line(dev, message->ConnectionContext.InterruptObject,
			       message->FallBackServiceRoutine, message->ServiceContext,
			       message->SpinLock);
}

static NTSTATUS wd_connect_by_device(PIO_CONNECT_INTERRUPT_PARAMETERS parameters)
{
	IO_CONNECT_INTERRUPT_LINE_BASED_PARAMETERS *line = &parameters->LineBased;
	struct wd_device *wdev;
	NTSTATUS status;

	/* In both structures the device object comes first. */
	wdev = wd_device_get(line->PhysicalDeviceObject);
	if (!wdev)
		return STATUS_INVALID_PARAMETER;
	if (parameters->Version == CONNECT_LINE_BASED)
		status = wd_connect_line(wdev->dev, line->InterruptObject, line->ServiceRoutine,
					 line->ServiceContext, line->SpinLock);
	else
		status = wd_connect_message_based(parameters, wdev->dev);
	wd_device_put(wdev);
	return status;
}

/**
 * wdmdma_io_connect_interrupt_ex() - have a routine called on a device's interrupts
 * @parameters: what to connect; Version tells afterwards what IoDisconnectInterruptEx must be told
 *
 * PhysicalDeviceObject is that of wdmdma_get_device_object().
 *
 * Context: PASSIVE_LEVEL; sleeps.
 * Return: STATUS_SUCCESS; STATUS_NOT_FOUND for a device without such an interrupt;
 *	   STATUS_INVALID_PARAMETER; STATUS_NOT_SUPPORTED for a version there is not;
 *	   STATUS_INSUFFICIENT_RESOURCES; STATUS_UNSUCCESSFUL where sleeping is impossible.
 *	   DDI: IoConnectInterruptEx
 */
NTSTATUS wdmdma_io_connect_interrupt_ex(PIO_CONNECT_INTERRUPT_PARAMETERS parameters)
{
	IO_CONNECT_INTERRUPT_FULLY_SPECIFIED_PARAMETERS *full = &parameters->FullySpecified;

	if (!wd_irql_is_passive(NULL, "IoConnectInterruptEx"))
		return STATUS_UNSUCCESSFUL;
	switch (parameters->Version) {
	case CONNECT_FULLY_SPECIFIED:
	case CONNECT_FULLY_SPECIFIED_GROUP:
		return wdmdma_io_connect_interrupt(full->InterruptObject, full->ServiceRoutine,
						   full->ServiceContext, full->SpinLock,
						   full->Vector, full->ShareVector);
	case CONNECT_LINE_BASED:
	case CONNECT_MESSAGE_BASED:
		return wd_connect_by_device(parameters);
	}
	/* Windows leaves its own highest version in Version; drivers then try with that. */
	parameters->Version = CONNECT_CURRENT_VERSION;
	return STATUS_NOT_SUPPORTED;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_connect_interrupt_ex, WDMDMA);

/**
 * wdmdma_io_disconnect_interrupt_ex() - undo IoConnectInterruptEx
 * @parameters: Version as IoConnectInterruptEx left it, and what it connected
 *
 * Context: PASSIVE_LEVEL; sleeps. Where that is impossible the interrupts stay connected.
 * DDI: IoDisconnectInterruptEx
 */
void wdmdma_io_disconnect_interrupt_ex(PIO_DISCONNECT_INTERRUPT_PARAMETERS parameters)
{
	if (parameters->Version != CONNECT_MESSAGE_BASED)
		wdmdma_io_disconnect_interrupt(parameters->ConnectionContext.InterruptObject);
	else if (wd_irql_is_passive(NULL, "IoDisconnectInterruptEx"))
		wd_messages_disconnect(parameters->ConnectionContext.InterruptMessageTable);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_disconnect_interrupt_ex, WDMDMA);
