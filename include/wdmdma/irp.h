/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Request packets: making, passing down, completing and cancelling them.
 *
 * The host of a ported driver takes the part of the I/O manager: it makes an IRP, fills in
 * the next stack location, sets a completion routine or UserEvent and UserIosb, calls
 * IoCallDriver, and frees the IRP when that has told it that all is done.
 */
#ifndef WDMDMA_IRP_H
#define WDMDMA_IRP_H

#include <wdmdma/interlocked.h>
#include <wdmdma/io.h>
#include <wdmdma/wait.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/irp.c */
PIRP wdmdma_io_allocate_irp(CHAR stack_size);
void wdmdma_io_initialize_irp(PIRP irp, USHORT bytes, CHAR stack_size);
void wdmdma_io_free_irp(PIRP irp);
NTSTATUS wdmdma_io_call_driver(PDEVICE_OBJECT device_object, PIRP irp);
void wdmdma_io_complete_request(PIRP irp);
KIRQL wdmdma_io_acquire_cancel_spin_lock(void);
void wdmdma_io_release_cancel_spin_lock(KIRQL irql);
BOOLEAN wdmdma_io_cancel_irp(PIRP irp);

#ifdef __cplusplus
}
#endif

#define IoSizeOfIrp(stack_size) \
	((USHORT)(sizeof(IRP) + (ULONG_PTR)(stack_size) * sizeof(IO_STACK_LOCATION)))
#define IoAllocateIrp(stack_size, charge_quota) \
	((void)(charge_quota), wdmdma_io_allocate_irp(stack_size))
#define IoInitializeIrp wdmdma_io_initialize_irp
#define IoFreeIrp wdmdma_io_free_irp
#define IoCallDriver wdmdma_io_call_driver
#define IofCallDriver wdmdma_io_call_driver
#define PoCallDriver wdmdma_io_call_driver
/* The boost is for the thread that waits: Linux has no such thing */
#define IoCompleteRequest(irp, boost) ((void)(boost), wdmdma_io_complete_request(irp))
#define IofCompleteRequest IoCompleteRequest
#define IoAcquireCancelSpinLock(irql) ((void)(*(irql) = wdmdma_io_acquire_cancel_spin_lock()))
#define IoReleaseCancelSpinLock wdmdma_io_release_cancel_spin_lock
#define IoCancelIrp wdmdma_io_cancel_irp

/* The stack location of the driver that has the request; NULL in an IRP without any */
static inline PIO_STACK_LOCATION IoGetCurrentIrpStackLocation(PIRP irp)
{
	return irp->Tail.Overlay.CurrentStackLocation;
}

/* That of the driver the request goes to next */
static inline PIO_STACK_LOCATION IoGetNextIrpStackLocation(PIRP irp)
{
	return irp->Tail.Overlay.CurrentStackLocation - 1;
}

static inline VOID IoSetNextIrpStackLocation(PIRP irp)
{
	irp->CurrentLocation--;
	irp->Tail.Overlay.CurrentStackLocation--;
}

/* Lets the next driver have the caller's own location */
static inline VOID IoSkipCurrentIrpStackLocation(PIRP irp)
{
	irp->CurrentLocation++;
	irp->Tail.Overlay.CurrentStackLocation++;
}

static inline VOID IoCopyCurrentIrpStackLocationToNext(PIRP irp)
{
	PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);

	*next = *IoGetCurrentIrpStackLocation(irp);
	next->CompletionRoutine = NULL;
	next->Context = NULL;
	next->Control = 0;
}

/**
 * IoSetCompletionRoutine() - have a routine called when the next driver is done
 * @irp: the request
 * @routine: what to call, at the IRQL of IoCompleteRequest; with
 *	     STATUS_MORE_PROCESSING_REQUIRED it takes the request over
 * @context: its third argument
 * @on_success: call it if the status is a success,
 * @on_error: ... if it is not,
 * @on_cancel: ... if the request was cancelled
 *
 * Context: <= DISPATCH_LEVEL. DDI: IoSetCompletionRoutine
 */
static inline VOID IoSetCompletionRoutine(PIRP irp, PIO_COMPLETION_ROUTINE routine, PVOID context,
					  BOOLEAN on_success, BOOLEAN on_error, BOOLEAN on_cancel)
{
	PIO_STACK_LOCATION next = IoGetNextIrpStackLocation(irp);

	next->CompletionRoutine = routine;
	next->Context = context;
	next->Control = (UCHAR)((on_success ? SL_INVOKE_ON_SUCCESS : 0) |
				(on_error ? SL_INVOKE_ON_ERROR : 0) |
				(on_cancel ? SL_INVOKE_ON_CANCEL : 0));
}

/**
 * IoMarkIrpPending() - say that the request is completed later
 * @irp: the request; the dispatch routine must return STATUS_PENDING
 *
 * Context: <= DISPATCH_LEVEL. DDI: IoMarkIrpPending
 */
static inline VOID IoMarkIrpPending(PIRP irp)
{
	if (irp->Tail.Overlay.CurrentStackLocation)
		irp->Tail.Overlay.CurrentStackLocation->Control |= SL_PENDING_RETURNED;
}

/**
 * IoSetCancelRoutine() - set or clear what cancels a request, in one step
 * @irp: the request
 * @routine: called with the cancel spin lock held, which it releases; or NULL
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: The routine before; NULL if the request is being cancelled by it already.
 *	   DDI: IoSetCancelRoutine
 */
static inline PDRIVER_CANCEL IoSetCancelRoutine(PIRP irp, PDRIVER_CANCEL routine)
{
	return (PDRIVER_CANCEL)InterlockedExchangePointer((PVOID volatile *)&irp->CancelRoutine,
							  (PVOID)routine);
}

/**
 * IoReuseIrp() - make an IRP of IoAllocateIrp as good as new
 * @irp: the IRP, back with its maker
 * @status: what its status becomes
 *
 * Context: <= DISPATCH_LEVEL. DDI: IoReuseIrp
 */
static inline VOID IoReuseIrp(PIRP irp, NTSTATUS status)
{
	wdmdma_io_initialize_irp(irp, irp->Size, irp->StackCount);
	irp->IoStatus.Status = status;
}

#endif /* WDMDMA_IRP_H */
