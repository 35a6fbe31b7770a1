// SPDX-License-Identifier: GPL-2.0-only
/*
 * Request packets for ported drivers.
 *
 * An IRP is followed in memory by its stack locations, the last of which belongs to the driver that
 * is called first. Completing walks back up: each location holds the completion routine of the
 * driver above. At the top UserIosb and UserEvent are served, and the IRP is its maker's again.
 */
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <wdmdma/irp.h>
#include <wdmdma/rtl.h>

#include "irql.h"

/* One for all requests, as on Windows: outermost of wdmdma's locks, held while drivers cancel */
static DEFINE_SPINLOCK(wd_cancel_lock);

static PIO_STACK_LOCATION wd_irp_stack(PIRP irp)
{
	return (PIO_STACK_LOCATION)(irp + 1);
}

/**
 * wdmdma_io_initialize_irp() - make memory an IRP
 * @irp: the memory
 * @bytes: its length, IoSizeOfIrp(@stack_size)
 * @stack_size: stack locations
 *
 * Context: <= DISPATCH_LEVEL. DDI: IoInitializeIrp
 */
void wdmdma_io_initialize_irp(PIRP irp, USHORT bytes, CHAR stack_size)
{
	RtlZeroMemory(irp, bytes);
	irp->Type = IO_TYPE_IRP;
	irp->Size = bytes;
	irp->StackCount = stack_size;
	irp->CurrentLocation = stack_size + 1;
	irp->Tail.Overlay.CurrentStackLocation = wd_irp_stack(irp) + stack_size;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_initialize_irp, WDMDMA);

/**
 * wdmdma_io_allocate_irp() - allocate an IRP
 * @stack_size: stack locations: DEVICE_OBJECT.StackSize of who gets it first
 *
 * Context: <= DISPATCH_LEVEL; does not sleep.
 * Return: The IRP, owed an IoFreeIrp, or NULL: no memory, or @stack_size below 1 or above 125.
 *	   DDI: IoAllocateIrp
 */
PIRP wdmdma_io_allocate_irp(CHAR stack_size)
{
	PIRP irp;

	/* CurrentLocation goes two beyond it, in a CHAR. */
	if (stack_size < 1 || stack_size > 125)
		return NULL;
	irp = kmalloc(IoSizeOfIrp(stack_size), GFP_ATOMIC | __GFP_NOWARN);
	if (irp)
		wdmdma_io_initialize_irp(irp, IoSizeOfIrp(stack_size), stack_size);
	return irp;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_allocate_irp, WDMDMA);

/**
 * wdmdma_io_free_irp() - free an IRP
 * @irp: IRP of IoAllocateIrp that is back with its maker; NULL is tolerated
 *
 * Context: <= DISPATCH_LEVEL. DDI: IoFreeIrp
 */
void wdmdma_io_free_irp(PIRP irp)
{
	kfree(irp);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_free_irp, WDMDMA);

/**
 * wdmdma_io_call_driver() - hand a request to a device's driver
 * @device_object: the device object
 * @irp: request whose next stack location is filled in
 *
 * A device object without a driver, or whose driver has no routine for the request (such as that
 * of wdmdma_get_device_object()), completes it with STATUS_INVALID_DEVICE_REQUEST. A request that
 * has no stack location left is not touched, with a report.
 *
 * Context: <= DISPATCH_LEVEL, as the driver demands.
 * Return: What the driver's dispatch routine returns. DDI: IoCallDriver
 */
NTSTATUS wdmdma_io_call_driver(PDEVICE_OBJECT device_object, PIRP irp)
{
	PDRIVER_DISPATCH dispatch = NULL;
	PIO_STACK_LOCATION stack;

	if (irp->CurrentLocation <= 1) {
		wd_report(WD_REPORT_OBJECT, NULL, "IoCallDriver", "%p has no stack location left",
			  irp);
		return STATUS_INVALID_PARAMETER;
	}
	IoSetNextIrpStackLocation(irp);
	stack = IoGetCurrentIrpStackLocation(irp);
	stack->DeviceObject = device_object;
	if (device_object->DriverObject && stack->MajorFunction <= IRP_MJ_MAXIMUM_FUNCTION)
		dispatch = device_object->DriverObject->MajorFunction[stack->MajorFunction];
	if (dispatch)
		return dispatch(device_object, irp);
	irp->IoStatus.Status = STATUS_INVALID_DEVICE_REQUEST;
	irp->IoStatus.Information = 0;
	wdmdma_io_complete_request(irp);
	return STATUS_INVALID_DEVICE_REQUEST;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_call_driver, WDMDMA);

static bool wd_irp_wants_completion(PIRP irp, UCHAR control)
{
	if (irp->Cancel && (control & SL_INVOKE_ON_CANCEL))
		return true;
	return control & (NT_SUCCESS(irp->IoStatus.Status) ? SL_INVOKE_ON_SUCCESS :
							     SL_INVOKE_ON_ERROR);
}

/* Leave the current location for the one above. Returns false if a routine took the request. */
static bool wd_irp_pop(PIRP irp)
{
	PIO_STACK_LOCATION left = IoGetCurrentIrpStackLocation(irp);
	PDEVICE_OBJECT above = NULL;
	UCHAR control = left->Control;

	irp->PendingReturned = !!(control & SL_PENDING_RETURNED);
	IoSkipCurrentIrpStackLocation(irp);
	if (irp->CurrentLocation <= irp->StackCount)
		above = IoGetCurrentIrpStackLocation(irp)->DeviceObject;
	if (left->CompletionRoutine && wd_irp_wants_completion(irp, control))
		return left->CompletionRoutine(above, irp, left->Context) !=
		       STATUS_MORE_PROCESSING_REQUIRED;
	/* A routine would have to do this itself. */
	if (irp->PendingReturned && above)
		IoMarkIrpPending(irp);
	return true;
}

/**
 * wdmdma_io_complete_request() - finish a request
 * @irp: the request, its IoStatus filled in; not the driver's afterwards
 *
 * Completing a request that nobody has, or that is pending by its status, is refused with a report.
 *
 * Context: <= DISPATCH_LEVEL. DDI: IoCompleteRequest
 */
void wdmdma_io_complete_request(PIRP irp)
{
	PIO_STATUS_BLOCK iosb;
	PKEVENT event;

	if (irp->CurrentLocation > irp->StackCount + 1 || irp->IoStatus.Status == STATUS_PENDING) {
		wd_report(WD_REPORT_OBJECT, NULL, "IoCompleteRequest",
			  "%p was completed before, or has STATUS_PENDING", irp);
		return;
	}
	while (irp->CurrentLocation <= irp->StackCount)
		if (!wd_irp_pop(irp))
			return;

	/* Marks it completed: whoever waits for the event may free it */
	irp->CurrentLocation = irp->StackCount + 2;
	iosb = irp->UserIosb;
	event = irp->UserEvent;
	if (iosb)
		*iosb = irp->IoStatus;
	if (event)
		wdmdma_ke_set_event(event, IO_NO_INCREMENT, FALSE);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_complete_request, WDMDMA);

/* Cancelling */

/**
 * wdmdma_io_acquire_cancel_spin_lock() - take the lock that cancel routines are called with
 *
 * Context: <= DISPATCH_LEVEL; DISPATCH_LEVEL afterwards.
 * Return: The IRQL before. DDI: IoAcquireCancelSpinLock
 */
KIRQL wdmdma_io_acquire_cancel_spin_lock(void)
	__acquires(&wd_cancel_lock)
{
	KIRQL irql = KeRaiseIrqlToDpcLevel();

	spin_lock(&wd_cancel_lock);
	return irql;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_acquire_cancel_spin_lock, WDMDMA);

/**
 * wdmdma_io_release_cancel_spin_lock() - give the cancel spin lock back
 * @irql: what IoAcquireCancelSpinLock stored, or IRP.CancelIrql in a cancel routine
 *
 * Context: DISPATCH_LEVEL. DDI: IoReleaseCancelSpinLock
 */
void wdmdma_io_release_cancel_spin_lock(KIRQL irql)
	__releases(&wd_cancel_lock)
{
	spin_unlock(&wd_cancel_lock);
	KeLowerIrql(irql);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_release_cancel_spin_lock, WDMDMA);

/**
 * wdmdma_io_cancel_irp() - ask the driver that has a request to give it up
 * @irp: the request; it must not be freed meanwhile
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: TRUE if a cancel routine was called; else only IRP.Cancel was set.
 *	   DDI: IoCancelIrp
 */
BOOLEAN wdmdma_io_cancel_irp(PIRP irp)
{
	KIRQL irql = wdmdma_io_acquire_cancel_spin_lock();
	PIO_STACK_LOCATION stack = NULL;
	PDRIVER_CANCEL routine;

	irp->Cancel = TRUE;
	routine = IoSetCancelRoutine(irp, NULL);
	if (!routine) {
		wdmdma_io_release_cancel_spin_lock(irql);
		return FALSE;
	}
	irp->CancelIrql = irql;
	if (irp->CurrentLocation <= irp->StackCount)
		stack = IoGetCurrentIrpStackLocation(irp);
	routine(stack ? stack->DeviceObject : NULL, irp);	/* releases the lock */
	return TRUE;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_cancel_irp, WDMDMA);
