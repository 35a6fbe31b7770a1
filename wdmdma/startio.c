// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device queues and StartIo for ported drivers that serve one request at a time.
 *
 * A queue is busy while a request that it let through is being served; then further ones wait in
 * it. Zeroed memory is an empty queue that is not busy.
 */
#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>

#include <wdmdma/interlocked.h>
#include <wdmdma/rtl.h>
#include <wdmdma/startio.h>

#include "irql.h"

/* One lock for all queues: held for a few instructions, inside a driver's locks */
static DEFINE_SPINLOCK(wd_queues_lock);

static LIST_ENTRY *wd_device_queue_list(PKDEVICE_QUEUE queue)
{
	lockdep_assert_held(&wd_queues_lock);
	if (!queue->DeviceListHead.Flink)
		InitializeListHead(&queue->DeviceListHead);
	return &queue->DeviceListHead;
}

static PKDEVICE_QUEUE_ENTRY wd_queue_entry(LIST_ENTRY *entry)
{
	return CONTAINING_RECORD(entry, KDEVICE_QUEUE_ENTRY, DeviceListEntry);
}

/* The first entry with a key not below @key, or the end */
static LIST_ENTRY *wd_device_queue_find(PKDEVICE_QUEUE queue, ULONG key)
{
	LIST_ENTRY *head = wd_device_queue_list(queue), *entry = head->Flink;

	while (entry != head && wd_queue_entry(entry)->SortKey < key)
		entry = entry->Flink;
	return entry;
}

/**
 * wdmdma_ke_initialize_device_queue() - make memory an empty queue that is not busy
 * @queue: the memory
 *
 * Context: PASSIVE_LEVEL. DDI: KeInitializeDeviceQueue
 */
void wdmdma_ke_initialize_device_queue(PKDEVICE_QUEUE queue)
{
	queue->Type = IO_TYPE_DEVICE_QUEUE;
	queue->Size = sizeof(*queue);
	InitializeListHead(&queue->DeviceListHead);
	queue->Busy = FALSE;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_initialize_device_queue, WDMDMA);

static BOOLEAN wd_device_queue_insert(PKDEVICE_QUEUE queue, PKDEVICE_QUEUE_ENTRY entry,
				      const ULONG *key)
{
	unsigned long flags;
	LIST_ENTRY *head;
	BOOLEAN waits;

	spin_lock_irqsave(&wd_queues_lock, flags);
	head = wd_device_queue_list(queue);
	waits = queue->Busy;
	entry->SortKey = key ? *key : 0;
	entry->Inserted = waits;
	if (waits) {
		/* Behind those with the same key, before those with a higher one */
		while (key && head->Blink != &queue->DeviceListHead &&
		       wd_queue_entry(head->Blink)->SortKey > *key)
			head = head->Blink;
		InsertTailList(head, &entry->DeviceListEntry);
	}
	queue->Busy = TRUE;
	spin_unlock_irqrestore(&wd_queues_lock, flags);
	/* Not from the entry: it may have been taken, served and freed by now. */
	return waits;
}

/**
 * wdmdma_ke_insert_device_queue() - let a request through, or have it wait at the end
 * @queue: an initialised queue, or zeroed memory
 * @entry: the request's entry
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: TRUE if it waits; FALSE if the device was free: it is busy now.
 *	   DDI: KeInsertDeviceQueue
 */
BOOLEAN wdmdma_ke_insert_device_queue(PKDEVICE_QUEUE queue, PKDEVICE_QUEUE_ENTRY entry)
{
	return wd_device_queue_insert(queue, entry, NULL);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_insert_device_queue, WDMDMA);

/**
 * wdmdma_ke_insert_by_key_device_queue() - let a request through, or have it wait by its key
 * @queue: an initialised queue, or zeroed memory
 * @entry: the request's entry
 * @key: it waits behind those with the same key and before those with a higher one
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: As KeInsertDeviceQueue. DDI: KeInsertByKeyDeviceQueue
 */
BOOLEAN wdmdma_ke_insert_by_key_device_queue(PKDEVICE_QUEUE queue, PKDEVICE_QUEUE_ENTRY entry,
					     ULONG key)
{
	return wd_device_queue_insert(queue, entry, &key);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_insert_by_key_device_queue, WDMDMA);

static PKDEVICE_QUEUE_ENTRY wd_device_queue_remove(PKDEVICE_QUEUE queue, ULONG key)
{
	PKDEVICE_QUEUE_ENTRY entry = NULL;
	unsigned long flags;
	LIST_ENTRY *found;

	spin_lock_irqsave(&wd_queues_lock, flags);
	found = wd_device_queue_find(queue, key);
	if (found == &queue->DeviceListHead)
		found = found->Flink;	/* none that high: start over */
	if (found == &queue->DeviceListHead) {
		queue->Busy = FALSE;
	} else {
		RemoveEntryList(found);
		entry = wd_queue_entry(found);
		entry->Inserted = FALSE;
	}
	spin_unlock_irqrestore(&wd_queues_lock, flags);
	return entry;
}

/**
 * wdmdma_ke_remove_device_queue() - take the next request, or make the device free
 * @queue: a busy queue
 *
 * Context: Any IRQL (Windows: DISPATCH_LEVEL).
 * Return: The entry, or NULL: the queue is not busy any more. DDI: KeRemoveDeviceQueue
 */
PKDEVICE_QUEUE_ENTRY wdmdma_ke_remove_device_queue(PKDEVICE_QUEUE queue)
{
	return wd_device_queue_remove(queue, 0);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_remove_device_queue, WDMDMA);

/**
 * wdmdma_ke_remove_by_key_device_queue() - take the next request from a key on
 * @queue: a busy queue
 * @key: the first with this key or a higher one is taken; if there is none, the first of all
 *
 * Context: Any IRQL (Windows: DISPATCH_LEVEL).
 * Return: As KeRemoveDeviceQueue. DDI: KeRemoveByKeyDeviceQueue
 */
PKDEVICE_QUEUE_ENTRY wdmdma_ke_remove_by_key_device_queue(PKDEVICE_QUEUE queue, ULONG key)
{
	return wd_device_queue_remove(queue, key);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_remove_by_key_device_queue, WDMDMA);

/**
 * wdmdma_ke_remove_entry_device_queue() - take a certain request out
 * @queue: the queue
 * @entry: its entry
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: TRUE if it was waiting. DDI: KeRemoveEntryDeviceQueue
 */
BOOLEAN wdmdma_ke_remove_entry_device_queue(PKDEVICE_QUEUE queue, PKDEVICE_QUEUE_ENTRY entry)
{
	unsigned long flags;
	BOOLEAN removed;

	spin_lock_irqsave(&wd_queues_lock, flags);
	removed = entry->Inserted;
	if (removed)
		RemoveEntryList(&entry->DeviceListEntry);
	entry->Inserted = FALSE;
	spin_unlock_irqrestore(&wd_queues_lock, flags);
	return removed;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_remove_entry_device_queue, WDMDMA);

/* StartIo */

/* Take the next request and make it CurrentIrp. */
static PIRP wd_next_packet(PDEVICE_OBJECT device_object, bool cancelable, ULONG key)
{
	PKDEVICE_QUEUE_ENTRY entry;
	KIRQL irql = DISPATCH_LEVEL;
	PIRP irp;

	if (cancelable)
		irql = wdmdma_io_acquire_cancel_spin_lock();
	/* First: once the queue is free CurrentIrp is for whoever starts a request next. */
	device_object->CurrentIrp = NULL;
	entry = wd_device_queue_remove(&device_object->DeviceQueue, key);
	irp = entry ? CONTAINING_RECORD(entry, IRP, Tail.Overlay.DeviceQueueEntry) : NULL;
	if (irp)
		device_object->CurrentIrp = irp;
	if (cancelable)
		wdmdma_io_release_cancel_spin_lock(irql);
	return irp;
}

static void wd_call_start_io(PDEVICE_OBJECT device_object, PIRP irp)
{
	PDRIVER_STARTIO start_io = device_object->DriverObject ?
				   device_object->DriverObject->DriverStartIo : NULL;

	if (start_io)
		start_io(device_object, irp);
	else
		wd_report(WD_REPORT_OBJECT, NULL, "IoStartPacket", "%p has no StartIo routine",
			  device_object);
}

/*
 * Each call owes one StartIo: for the request that IoStartPacket let through, or else for the next
 * that waits. Whoever makes the first carries out those that come while the StartIo routine runs,
 * here or on another processor. At DISPATCH_LEVEL. There is one call for a request that is done,
 * and one that is let through only when no other is being served, so none overwrites what was left
 * in the device object before it is used.
 */
static void wd_start_io(PDEVICE_OBJECT device_object)
{
	if (InterlockedIncrement(&device_object->start_io_calls) > 1)
		return;
	do {
		PIRP irp = device_object->start_io_irp;

		device_object->start_io_irp = NULL;
		if (!irp)
			irp = wd_next_packet(device_object, device_object->start_io_cancelable,
					     device_object->start_io_key);
		if (irp)
			wd_call_start_io(device_object, irp);
	} while (InterlockedDecrement(&device_object->start_io_calls));
}

/**
 * wdmdma_io_start_packet() - have the StartIo routine called for a request, now or in its turn
 * @device_object: a device object with a driver
 * @irp: the request, marked pending
 * @key: its place among those that wait, or NULL: the end
 * @cancel: cancel routine to set while it waits, or NULL
 *
 * Context: <= DISPATCH_LEVEL; the StartIo routine is called at DISPATCH_LEVEL.
 * DDI: IoStartPacket
 */
void wdmdma_io_start_packet(PDEVICE_OBJECT device_object, PIRP irp, PULONG key,
			    PDRIVER_CANCEL cancel)
{
	PKDEVICE_QUEUE_ENTRY entry = &irp->Tail.Overlay.DeviceQueueEntry;
	PDRIVER_CANCEL cancel_now = NULL;
	KIRQL irql, cancel_irql = DISPATCH_LEVEL;
	BOOLEAN waits;

	KeRaiseIrql(DISPATCH_LEVEL, &irql);
	if (cancel) {
		cancel_irql = wdmdma_io_acquire_cancel_spin_lock();
		IoSetCancelRoutine(irp, cancel);
	}
	waits = wd_device_queue_insert(&device_object->DeviceQueue, entry, key);
	if (!waits)
		device_object->CurrentIrp = irp;
	else if (cancel && irp->Cancel)
		/* Cancelled before it had a cancel routine: it would never be looked at. */
		cancel_now = IoSetCancelRoutine(irp, NULL);
	if (cancel_now) {
		irp->CancelIrql = cancel_irql;
		cancel_now(device_object, irp);		/* releases the lock */
	} else if (cancel) {
		wdmdma_io_release_cancel_spin_lock(cancel_irql);
	}
	if (!waits) {
		device_object->start_io_irp = irp;
		wd_start_io(device_object);
	}
	KeLowerIrql(irql);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_start_packet, WDMDMA);

/**
 * wdmdma_io_start_next_packet() - have the StartIo routine called for the next request
 * @device_object: a device object whose CurrentIrp is done
 * @cancelable: TRUE if the driver's requests have cancel routines: then the cancel spin lock
 *		is held while the request becomes CurrentIrp
 *
 * Inside the StartIo routine of the same device it takes effect when that returns. When nothing
 * waits CurrentIrp becomes NULL and the device is free.
 *
 * Context: DISPATCH_LEVEL (here <= DISPATCH_LEVEL). DDI: IoStartNextPacket
 */
void wdmdma_io_start_next_packet(PDEVICE_OBJECT device_object, BOOLEAN cancelable)
{
	wdmdma_io_start_next_packet_by_key(device_object, cancelable, 0);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_start_next_packet, WDMDMA);

/**
 * wdmdma_io_start_next_packet_by_key() - have the StartIo routine called for the next request
 * @device_object: a device object whose CurrentIrp is done
 * @cancelable: as of IoStartNextPacket
 * @key: the next is the first with this key or a higher one; if there is none, the first of all
 *
 * Context: DISPATCH_LEVEL (here <= DISPATCH_LEVEL). DDI: IoStartNextPacketByKey
 */
void wdmdma_io_start_next_packet_by_key(PDEVICE_OBJECT device_object, BOOLEAN cancelable,
					ULONG key)
{
	KIRQL irql;

	KeRaiseIrql(DISPATCH_LEVEL, &irql);
	device_object->start_io_key = key;
	device_object->start_io_cancelable = cancelable;
	wd_start_io(device_object);
	KeLowerIrql(irql);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_start_next_packet_by_key, WDMDMA);

static VOID wd_io_dpc(PKDPC dpc, PVOID context, PVOID irp, PVOID argument)
{
	PDEVICE_OBJECT device_object = context;

	device_object->dpc_routine(dpc, device_object, irp, argument);
}

/**
 * wdmdma_io_initialize_dpc_request() - set the DPC routine of a device object (DpcForIsr)
 * @device_object: the driver's device object
 * @routine: called at DISPATCH_LEVEL with what IoRequestDpc was given
 *
 * Context: PASSIVE_LEVEL. DDI: IoInitializeDpcRequest
 */
void wdmdma_io_initialize_dpc_request(PDEVICE_OBJECT device_object, PIO_DPC_ROUTINE routine)
{
	device_object->dpc_routine = routine;
	wdmdma_ke_initialize_dpc(&device_object->Dpc, wd_io_dpc, device_object);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_initialize_dpc_request, WDMDMA);
