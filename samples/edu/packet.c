// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that are mapped by MapTransfer, in rounds: a round maps what the map registers allow, or
 * one call gives, and ends with FlushAdapterBuffers. It stays within one MDL, for neither routine
 * follows a chain.
 */
#include "private.h"

#define EDU_LOOP_LENGTH 2500		/* EduMapTransferLoop: bytes to map at once */

/* Bytes of the request that are in the round's MDL and have not been moved */
static ULONG EduMdlLeft(PEDU_REQUEST Request)
{
	PUCHAR Start = (PUCHAR)MmGetMdlVirtualAddress(Request->RoundMdl);
	ULONG Left = MmGetMdlByteCount(Request->RoundMdl) - (ULONG)(Request->RoundVa - Start);

	return Left < Request->Left ? Left : Request->Left;
}

NTSTATUS EduMapRound(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	ULONG Registers = Request->MapRegisters;
	ULONG MdlLeft = EduMdlLeft(Request);

	Request->Elements = Request->RoundElements;
	Request->ElementCount = 0;
	Request->RoundLength = 0;
	do {
		PSCATTER_GATHER_ELEMENT Element = &Request->RoundElements[Request->ElementCount];
		PUCHAR Va = Request->RoundVa + Request->RoundLength;
		ULONG Length = MdlLeft - Request->RoundLength;

		if (Length > Registers * PAGE_SIZE - BYTE_OFFSET(Va))
			Length = Registers * PAGE_SIZE - BYTE_OFFSET(Va);
		if (Request->Method == EduMapTransferLoop && Length > EDU_LOOP_LENGTH)
			Length = EDU_LOOP_LENGTH;

		Element->Address = DmaAdapter->DmaOperations->MapTransfer(DmaAdapter,
									  Request->RoundMdl,
									  Request->MapRegisterBase,
									  Va, &Length,
									  Request->WriteToDevice);
		if (Length == 0)
			break;
		Element->Length = Length;
		Registers -= ADDRESS_AND_SIZE_TO_SPAN_PAGES(Va, Length);
		Request->MapTransfers++;
		Request->ElementCount++;
		Request->RoundLength += Length;
	} while (Request->Method == EduMapTransferLoop && Registers > 0 &&
		 Request->RoundLength < MdlLeft &&
		 Request->ElementCount < EDU_ROUND_ELEMENTS);

	return Request->ElementCount ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS EduFlushRound(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	BOOLEAN Flushed;

	Flushed = DmaAdapter->DmaOperations->FlushAdapterBuffers(DmaAdapter,
								 Request->RoundMdl,
								 Request->MapRegisterBase,
								 Request->RoundVa,
								 Request->RoundLength,
								 Request->WriteToDevice);
	Request->Rounds++;
	Request->RoundVa += Request->RoundLength;
	Request->Left -= Request->RoundLength;
	Request->RoundLength = 0;
	if (Request->Left && !EduMdlLeft(Request)) {
		Request->RoundMdl = Request->RoundMdl->Next;
		Request->RoundVa = (PUCHAR)MmGetMdlVirtualAddress(Request->RoundMdl);
	}
	return Flushed ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

/* AdapterControl. The object's CurrentIrp was the request's when the channel was asked for. */
static IO_ALLOCATION_ACTION EduAdapterControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
					      PVOID MapRegisterBase, PVOID Context)
{
	PEDU_REQUEST Request = CONTAINING_RECORD(Irp, EDU_REQUEST, Irp);
	/* Read now: the request may be finished before EduReady returns. */
	BOOLEAN Keep = Request->Method == EduKeepChannel;

	UNREFERENCED_PARAMETER(DeviceObject);

	InterlockedIncrement(&((PEDU_DEVICE)Context)->Counts.Routines);
	Request->MapRegisterBase = MapRegisterBase;
	EduReady((PEDU_DEVICE)Context, Request);
	return Keep ? KeepObject : DeallocateObjectKeepRegisters;
}

/* What the longest of the request's MDLs takes, if the adapter has that many. */
static ULONG EduCountRegisters(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	ULONG Limit = Device->Adapters[Request->Adapter].MapRegisters;
	PUCHAR Va = Request->CurrentVa;
	PMDL Mdl = Request->Irp.MdlAddress;
	ULONG Left = Request->Length;
	ULONG Most = 1;

	while (Mdl && Left) {
		ULONG Length = MmGetMdlByteCount(Mdl) -
			       (ULONG)(Va - (PUCHAR)MmGetMdlVirtualAddress(Mdl));
		ULONG Registers;

		if (Length > Left)
			Length = Left;
		Registers = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Va, Length);
		if (Most < Registers)
			Most = Registers;
		Left -= Length;
		Mdl = Mdl->Next;
		if (Mdl)
			Va = (PUCHAR)MmGetMdlVirtualAddress(Mdl);
	}
	return Most < Limit ? Most : Limit;
}

static NTSTATUS EduRequestChannel(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	NTSTATUS Status;
	PMDL Mdl;
	KIRQL Irql;

	Request->MapRegisters = EduCountRegisters(Device, Request);
	for (Mdl = Request->Irp.MdlAddress; Mdl; Mdl = Mdl->Next)
		KeFlushIoBuffers(Mdl, !Request->WriteToDevice, TRUE);
	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	Status = DmaAdapter->DmaOperations->AllocateAdapterChannel(DmaAdapter, &Device->Object,
								   Request->MapRegisters,
								   EduAdapterControl, Device);
	KeLowerIrql(Irql);
	return Status;
}

static VOID EduClearPacket(PEDU_DEVICE Device)
{
	KIRQL Irql;

	KeAcquireSpinLock(&Device->Lock, &Irql);
	Device->PacketRequest = NULL;
	Device->Object.CurrentIrp = NULL;
	KeReleaseSpinLock(&Device->Lock, Irql);
}

/* Asks for the channel on behalf of the next of PacketQueue, as StartIo would. */
VOID EduStartPacket(PEDU_DEVICE Device)
{
	PEDU_REQUEST Request;
	NTSTATUS Status;
	KIRQL Irql;

	do {
		Request = NULL;
		KeAcquireSpinLock(&Device->Lock, &Irql);
		if (!Device->PacketRequest && !IsListEmpty(&Device->PacketQueue)) {
			Request = CONTAINING_RECORD(RemoveHeadList(&Device->PacketQueue),
						    EDU_REQUEST, Irp.Tail.Overlay.ListEntry);
			Device->PacketRequest = Request;
			Device->Object.CurrentIrp = &Request->Irp;
		}
		KeReleaseSpinLock(&Device->Lock, Irql);
		if (!Request)
			return;

		Status = STATUS_CANCELLED;
		if (!EduIsCancelled(Device, Request))
			Status = EduRequestChannel(Device, Request);
		if (!NT_SUCCESS(Status)) {
			EduClearPacket(Device);
			EduComplete(Device, Request, Status);
		}
	} while (!NT_SUCCESS(Status));
}

VOID EduQueuePacket(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	KIRQL Irql;

	Request->RoundMdl = Request->Irp.MdlAddress;
	Request->RoundVa = Request->CurrentVa;
	Request->Left = Request->Length;
	KeAcquireSpinLock(&Device->Lock, &Irql);
	InsertTailList(&Device->PacketQueue, &Request->Irp.Tail.Overlay.ListEntry);
	KeReleaseSpinLock(&Device->Lock, Irql);
	EduStartPacket(Device);
}

/* Gives back channel and registers; EduStartPacket is to follow. DISPATCH_LEVEL */
VOID EduFreePacket(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;

	if (Request->RoundLength)
		EduFlushRound(Device, Request);		/* cut short */
	if (Request->Method == EduKeepChannel)
		DmaAdapter->DmaOperations->FreeAdapterChannel(DmaAdapter);
	else
		DmaAdapter->DmaOperations->FreeMapRegisters(DmaAdapter, Request->MapRegisterBase,
							    Request->MapRegisters);
	EduClearPacket(Device);
}
