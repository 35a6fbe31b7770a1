// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that are mapped by routines of version 3 of the table. Each has a transfer context: any
 * number of them can be at the adapter, and one that waits there can be taken back.
 */
#include "private.h"

/* Fewer than map registers, so that a round can also end because its list is full */
#define EDU_EXTENDED_ELEMENTS 2
#define EDU_EXTENDED_LIST_LENGTH \
	(sizeof(SCATTER_GATHER_LIST) + EDU_EXTENDED_ELEMENTS * sizeof(SCATTER_GATHER_ELEMENT))

BOOLEAN EduIsExtended(PEDU_REQUEST Request)
{
	return Request->Method == EduMapTransferEx || Request->Method == EduGetListEx ||
	       Request->Method == EduGetListExNow || Request->Method == EduBuildListEx ||
	       Request->Method == EduBuildListExNow;
}

/* Where the round's data starts, counted from the chain's first byte */
static ULONG64 EduRoundOffset(PEDU_REQUEST Request)
{
	PUCHAR Start = (PUCHAR)MmGetMdlVirtualAddress(Request->Irp.MdlAddress);

	return (ULONG64)(Request->CurrentVa - Start) + Request->Length - Request->Left;
}

NTSTATUS EduMapRoundEx(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	PSCATTER_GATHER_LIST List = (PSCATTER_GATHER_LIST)Request->ListBuffer;
	ULONG Length = Request->Left;
	NTSTATUS Status;

	Status = DmaAdapter->DmaOperations->MapTransferEx(DmaAdapter, Request->Irp.MdlAddress,
							  Request->MapRegisterBase,
							  EduRoundOffset(Request), 0, &Length,
							  Request->WriteToDevice, List,
							  EDU_EXTENDED_LIST_LENGTH, NULL, NULL);
	if (!NT_SUCCESS(Status))
		return Status;
	Request->Elements = List->Elements;
	Request->ElementCount = List->NumberOfElements;
	Request->RoundLength = Length;
	Request->MapTransfers++;
	return STATUS_SUCCESS;
}

NTSTATUS EduFlushRoundEx(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	NTSTATUS Status;

	Status = DmaAdapter->DmaOperations->FlushAdapterBuffersEx(DmaAdapter,
								  Request->Irp.MdlAddress,
								  Request->MapRegisterBase,
								  EduRoundOffset(Request),
								  Request->RoundLength,
								  Request->WriteToDevice);
	Request->Rounds++;
	Request->Left -= Request->RoundLength;
	Request->RoundLength = 0;
	return Status;
}

/* A request that has a routine has been made. */
static NTSTATUS EduCountAsked(PEDU_DEVICE Device, NTSTATUS Status)
{
	if (NT_SUCCESS(Status))
		InterlockedIncrement(&Device->Counts.Asked);
	return Status;
}

/* AdapterControl */
static IO_ALLOCATION_ACTION EduAdapterControlEx(PDEVICE_OBJECT DeviceObject, PIRP Irp,
						PVOID MapRegisterBase, PVOID Context)
{
	PEDU_DEVICE Device = (PEDU_DEVICE)DeviceObject->DeviceExtension;
	PEDU_REQUEST Request = (PEDU_REQUEST)Context;

	UNREFERENCED_PARAMETER(Irp);

	InterlockedIncrement(&Device->Counts.Routines);
	InterlockedIncrement(&Device->Counts.Granted);
	Request->MapRegisterBase = MapRegisterBase;
	EduReady(Device, Request);
	return DeallocateObjectKeepRegisters;
}

/* AdapterListControl */
static VOID EduAdapterListControlEx(PDEVICE_OBJECT DeviceObject, PIRP Irp,
				    PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
{
	PEDU_DEVICE Device = (PEDU_DEVICE)DeviceObject->DeviceExtension;

	UNREFERENCED_PARAMETER(Irp);

	InterlockedIncrement(&Device->Counts.Routines);
	InterlockedIncrement(&Device->Counts.Granted);
	EduTakeList(Device, (PEDU_REQUEST)Context, ScatterGather);
}

static NTSTATUS EduRequestChannelEx(PEDU_DEVICE Device, PEDU_REQUEST Request, ULONG Registers)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	NTSTATUS Status;

	Request->MapRegisters = Registers;
	if (Request->MapRegisters > Device->Adapters[Request->Adapter].MapRegisters)
		Request->MapRegisters = Device->Adapters[Request->Adapter].MapRegisters;
	Request->Left = Request->Length;
	Request->ListBuffer = ExAllocatePoolWithTag(NonPagedPoolNx, EDU_EXTENDED_LIST_LENGTH,
						    EDU_TAG);
	if (!Request->ListBuffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = DmaAdapter->DmaOperations->AllocateAdapterChannelEx(DmaAdapter, &Device->Object,
								     Request->TransferContext,
								     Request->MapRegisters, 0,
								     EduAdapterControlEx, Request,
								     NULL);
	return EduCountAsked(Device, Status);
}

static NTSTATUS EduGetRequestListEx(PEDU_DEVICE Device, PEDU_REQUEST Request, ULONG64 Offset,
				    ULONG Flags)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	NTSTATUS Status;

	Status = DmaAdapter->DmaOperations->GetScatterGatherListEx(DmaAdapter, &Device->Object,
								   Request->TransferContext,
								   Request->Irp.MdlAddress, Offset,
								   Request->Length, Flags,
								   EduAdapterListControlEx,
								   Request, Request->WriteToDevice,
								   NULL, NULL, NULL);
	return EduCountAsked(Device, Status);
}

static NTSTATUS EduBuildRequestListEx(PEDU_DEVICE Device, PEDU_REQUEST Request, ULONG64 Offset,
				      ULONG Size)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	NTSTATUS Status;

	Status = DmaAdapter->DmaOperations->BuildScatterGatherListEx(DmaAdapter, &Device->Object,
								     Request->TransferContext,
								     Request->Irp.MdlAddress,
								     Offset, Request->Length, 0,
								     EduAdapterListControlEx,
								     Request,
								     Request->WriteToDevice,
								     Request->ListBuffer, Size,
								     NULL, NULL, NULL);
	return EduCountAsked(Device, Status);
}

static NTSTATUS EduBuildRequestListExNow(PEDU_DEVICE Device, PEDU_REQUEST Request, ULONG64 Offset,
					 ULONG Size)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	PDMA_OPERATIONS Operations = DmaAdapter->DmaOperations;
	PSCATTER_GATHER_LIST List;
	NTSTATUS Status;

	Status = Operations->BuildScatterGatherListEx(DmaAdapter, &Device->Object,
						      Request->TransferContext,
						      Request->Irp.MdlAddress, Offset,
						      Request->Length, DMA_SYNCHRONOUS_CALLBACK,
						      NULL, NULL, Request->WriteToDevice,
						      Request->ListBuffer, Size, NULL, NULL, &List);
	if (!NT_SUCCESS(Status))
		return Status;
	Operations->FreeAdapterObject(DmaAdapter, DeallocateObjectKeepRegisters);
	EduTakeList(Device, Request, List);
	return Status;
}

/* At once; or, if that cannot be, like any other and later. */
static NTSTATUS EduRequestListExNow(PEDU_DEVICE Device, PEDU_REQUEST Request, ULONG64 Offset,
				    ULONG Size)
{
	NTSTATUS Status;

	Request->Synchronous = TRUE;
	if (Request->Method == EduGetListExNow)
		Status = EduGetRequestListEx(Device, Request, Offset, DMA_SYNCHRONOUS_CALLBACK);
	else
		Status = EduBuildRequestListExNow(Device, Request, Offset, Size);
	if (Status != STATUS_INSUFFICIENT_RESOURCES)
		return Status;
	Request->Synchronous = FALSE;
	if (Request->Method == EduGetListExNow)
		return EduGetRequestListEx(Device, Request, Offset, 0);
	return EduBuildRequestListEx(Device, Request, Offset, Size);
}

static NTSTATUS EduRequestListEx(PEDU_DEVICE Device, PEDU_REQUEST Request, ULONG64 Offset,
				 ULONG Size)
{
	BOOLEAN Get = Request->Method == EduGetListEx || Request->Method == EduGetListExNow;

	if (!Get) {
		Request->ListBuffer = ExAllocatePoolWithTag(NonPagedPoolNx, Size, EDU_TAG);
		if (!Request->ListBuffer)
			return STATUS_INSUFFICIENT_RESOURCES;
	}
	if (Request->Method == EduGetListExNow || Request->Method == EduBuildListExNow)
		return EduRequestListExNow(Device, Request, Offset, Size);
	if (Get)
		return EduGetRequestListEx(Device, Request, Offset, 0);
	return EduBuildRequestListEx(Device, Request, Offset, Size);
}

static NTSTATUS EduTryRequestEx(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	PDMA_OPERATIONS Operations = DmaAdapter->DmaOperations;
	DMA_TRANSFER_INFO Info;
	ULONG64 Offset;
	NTSTATUS Status;

	/* No other adapter's table has these routines. */
	if (Request->Adapter != EduExtendedAdapter)
		return STATUS_INVALID_PARAMETER;
	Status = Operations->InitializeDmaTransferContext(DmaAdapter, Request->TransferContext);
	if (!NT_SUCCESS(Status))
		return Status;
	Request->Left = Request->Length;
	Offset = EduRoundOffset(Request);
	RtlZeroMemory(&Info, sizeof(Info));
	Info.Version = DMA_TRANSFER_INFO_VERSION1;
	Status = Operations->GetDmaTransferInfo(DmaAdapter, Request->Irp.MdlAddress, Offset,
						Request->Length, Request->WriteToDevice, &Info);
	if (!NT_SUCCESS(Status))
		return Status;
	if (Request->Method == EduMapTransferEx)
		return EduRequestChannelEx(Device, Request, Info.V1.MapRegisterCount);
	return EduRequestListEx(Device, Request, Offset, Info.V1.ScatterGatherListSize);
}

VOID EduRequestEx(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	NTSTATUS Status;
	KIRQL Irql;

	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	Status = EduTryRequestEx(Device, Request);
	if (!NT_SUCCESS(Status))
		EduComplete(Device, Request, Status);
	KeLowerIrql(Irql);
}

/* DISPATCH_LEVEL */
VOID EduFreeRegistersEx(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;

	if (Request->RoundLength)
		EduFlushRoundEx(Device, Request);	/* cut short */
	DmaAdapter->DmaOperations->FreeMapRegisters(DmaAdapter, Request->MapRegisterBase,
						    Request->MapRegisters);
}

BOOLEAN EduCancelWaiting(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;

	if (!EduIsExtended(Request) ||
	    !DmaAdapter->DmaOperations->CancelAdapterChannel(DmaAdapter, &Device->Object,
							     Request->TransferContext))
		return FALSE;
	InterlockedIncrement(&Device->Counts.Cancelled);
	EduComplete(Device, Request, STATUS_CANCELLED);
	return TRUE;
}
