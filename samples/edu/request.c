// SPDX-License-Identifier: GPL-2.0-only
/*
 * A request's beginning and its end.
 */
#include "private.h"

BOOLEAN EduIsPacket(PEDU_REQUEST Request)
{
	return Request->Method == EduMapTransfer || Request->Method == EduMapTransferLoop ||
	       Request->Method == EduKeepChannel;
}

BOOLEAN EduIsCancelled(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	return Device->Cancelled || Request->Irp.Cancel;
}

/* From here on the request is the driver's, which owes its completion. */
VOID EduBegin(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	KIRQL Irql;

	Request->Irp.Type = IO_TYPE_IRP;
	Request->Irp.Size = sizeof(IRP);
	Request->Irp.IoStatus.Status = STATUS_PENDING;
	Request->Rounds = 0;
	Request->MapTransfers = 0;
	Request->HighestAddress = 0;
	Request->ElementCount = 0;
	Request->Synchronous = FALSE;
	Request->UserBuffers = FALSE;
	Request->Done = 0;
	Request->RoundLength = 0;
	Request->ListBuffer = NULL;
	KeAcquireSpinLock(&Device->Lock, &Irql);
	InsertTailList(&Device->Requests, &Request->DeviceEntry);
	KeReleaseSpinLock(&Device->Lock, Irql);
}

static VOID EduStartCommonBuffer(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	KIRQL Irql;

	Request->Elements = Request->RoundElements;
	Request->ElementCount = 1;
	Request->RoundElements[0].Address.QuadPart = Device->CommonBufferAddress.QuadPart +
						     (Request->CurrentVa - Device->CommonBuffer);
	Request->RoundElements[0].Length = Request->Length;
	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	EduReady(Device, Request);
	KeLowerIrql(Irql);
}

VOID EduStart(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	if (!Device->Adapters[Request->Adapter].DmaAdapter)
		EduComplete(Device, Request, STATUS_DEVICE_NOT_READY);
	else if (Request->Method == EduCommonBuffer)
		EduStartCommonBuffer(Device, Request);
	else if (EduIsExtended(Request))
		EduRequestEx(Device, Request);
	else if (EduIsPacket(Request))
		EduQueuePacket(Device, Request);
	else
		EduRequestList(Device, Request);
}

VOID EduSubmit(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	EduBegin(Device, Request);
	EduStart(Device, Request);
}

VOID EduComplete(PEDU_DEVICE Device, PEDU_REQUEST Request, NTSTATUS Status)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Device->Lock, &Irql);
	RemoveEntryList(&Request->DeviceEntry);
	KeReleaseSpinLock(&Device->Lock, Irql);
	if (Request->ListBuffer)
		ExFreePoolWithTag(Request->ListBuffer, EDU_TAG);
	if (Request->UserBuffers)
		EduUnlockBuffers(Request);
	Request->Irp.IoStatus.Status = Status;
	Request->Irp.IoStatus.Information = Request->Done;
	Request->Completion(Request);
}

/* Gives back what the request holds, and the request. DISPATCH_LEVEL */
VOID EduFinish(PEDU_DEVICE Device, PEDU_REQUEST Request, NTSTATUS Status)
{
	BOOLEAN Packet = EduIsPacket(Request);

	if (Packet)
		EduFreePacket(Device, Request);
	else if (Request->Method == EduMapTransferEx)
		EduFreeRegistersEx(Device, Request);
	else if (Request->Method != EduCommonBuffer)
		EduFreeList(Device, Request, NT_SUCCESS(Status));
	EduComplete(Device, Request, Status);
	if (Packet)
		EduStartPacket(Device);
}

ULONG EduCountRequests(PEDU_DEVICE Device)
{
	PLIST_ENTRY Entry;
	ULONG Count = 0;
	KIRQL Irql;

	KeAcquireSpinLock(&Device->Lock, &Irql);
	for (Entry = Device->Requests.Flink; Entry != &Device->Requests; Entry = Entry->Flink)
		Count++;
	KeReleaseSpinLock(&Device->Lock, Irql);
	return Count;
}

VOID EduGetCounts(PEDU_DEVICE Device, PEDU_COUNTS Counts)
{
	*Counts = Device->Counts;
}

/* Completes what waited for an adapter that is gone now, and will never be granted anything. */
VOID EduDropAll(PEDU_DEVICE Device)
{
	while (!IsListEmpty(&Device->Requests))
		EduComplete(Device, CONTAINING_RECORD(Device->Requests.Flink, EDU_REQUEST,
						      DeviceEntry),
			    STATUS_DEVICE_NOT_READY);
}
