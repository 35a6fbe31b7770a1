// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests: each waits for the channel of its direction, keeps it for as many rounds as its length
 * takes, and gives it to the next. MapTransferEx starts the controller, whose interrupt at the end
 * of the round comes back as SerialDmaCompletion.
 */
#include "private.h"

/* DISPATCH_LEVEL, and the channel is the request's */
static VOID SerialFinish(PSERIAL_REQUEST Request, NTSTATUS Status)
{
	PSERIAL_DEVICE Device = (PSERIAL_DEVICE)Request->DeviceObject->DeviceExtension;
	PDMA_ADAPTER DmaAdapter = SerialAdapter(Device, Request->Transmit);

	DmaAdapter->DmaOperations->FreeAdapterChannel(DmaAdapter);
	Request->Status = Status;
	Request->Completion(Request);
}

static DMA_COMPLETION_ROUTINE SerialDmaCompletion;

/*
 * The round may be over, and with it the request gone, when MapTransferEx returns. So RoundLength,
 * which it may shorten, is in the request: it is written before the controller is started.
 */
static NTSTATUS SerialStartRound(PSERIAL_REQUEST Request)
{
	PSERIAL_DEVICE Device = (PSERIAL_DEVICE)Request->DeviceObject->DeviceExtension;
	PDMA_ADAPTER DmaAdapter = SerialAdapter(Device, Request->Transmit);

	Request->Rounds++;
	Request->RoundLength = Request->Length - Request->Done;
	return DmaAdapter->DmaOperations->MapTransferEx(DmaAdapter, Request->Mdl,
							Request->MapRegisterBase, Request->Done,
							Request->Register, &Request->RoundLength,
							Request->Transmit, NULL, 0,
							SerialDmaCompletion, Request);
}

static VOID SerialDmaCompletion(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject,
				PVOID CompletionContext, DMA_COMPLETION_STATUS DmaStatus)
{
	PSERIAL_REQUEST Request = (PSERIAL_REQUEST)CompletionContext;
	PDMA_OPERATIONS Operations = DmaAdapter->DmaOperations;
	ULONG Left = Operations->ReadDmaCounter(DmaAdapter);
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(DeviceObject);

	Status = Operations->FlushAdapterBuffersEx(DmaAdapter, Request->Mdl,
						   Request->MapRegisterBase, Request->Done,
						   Request->RoundLength, Request->Transmit);
	Request->Done += Request->RoundLength - Left;
	if (DmaStatus == DmaCancelled)
		Status = STATUS_CANCELLED;
	else if (DmaStatus != DmaComplete)
		Status = STATUS_IO_DEVICE_ERROR;
	if (NT_SUCCESS(Status) && Request->Done < Request->Length) {
		Status = SerialStartRound(Request);
		if (NT_SUCCESS(Status))
			return;
	}
	SerialFinish(Request, Status);
}

/* AdapterControl */
static IO_ALLOCATION_ACTION SerialAdapterControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
						 PVOID MapRegisterBase, PVOID Context)
{
	PSERIAL_REQUEST Request = (PSERIAL_REQUEST)Context;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(DeviceObject);
	UNREFERENCED_PARAMETER(Irp);

	Request->MapRegisterBase = MapRegisterBase;
	Status = SerialStartRound(Request);
	if (!NT_SUCCESS(Status))
		SerialFinish(Request, Status);
	return KeepObject;
}

static NTSTATUS SerialRequestChannel(PSERIAL_DEVICE Device, PSERIAL_REQUEST Request)
{
	PSERIAL_ADAPTER Adapter = Request->Transmit ? &Device->Transmit : &Device->Receive;
	PDMA_OPERATIONS Operations = Adapter->DmaAdapter->DmaOperations;
	DMA_TRANSFER_INFO Info;
	ULONG Registers;
	NTSTATUS Status;

	Status = Operations->InitializeDmaTransferContext(Adapter->DmaAdapter,
							  Request->TransferContext);
	if (!NT_SUCCESS(Status))
		return Status;
	RtlZeroMemory(&Info, sizeof(Info));
	Info.Version = DMA_TRANSFER_INFO_VERSION1;
	Status = Operations->GetDmaTransferInfo(Adapter->DmaAdapter, Request->Mdl, 0,
						Request->Length, Request->Transmit, &Info);
	if (!NT_SUCCESS(Status))
		return Status;
	Registers = Info.V1.MapRegisterCount;
	if (Registers > Adapter->MapRegisters)
		Registers = Adapter->MapRegisters;
	return Operations->AllocateAdapterChannelEx(Adapter->DmaAdapter, &Device->Object,
						    Request->TransferContext, Registers, 0,
						    SerialAdapterControl, Request, NULL);
}

VOID SerialSubmit(PSERIAL_DEVICE Device, PSERIAL_REQUEST Request)
{
	NTSTATUS Status;
	KIRQL Irql;

	Request->DeviceObject = &Device->Object;
	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	Status = SerialRequestChannel(Device, Request);
	if (!NT_SUCCESS(Status)) {
		Request->Status = Status;
		Request->Completion(Request);
	}
	KeLowerIrql(Irql);
}

VOID SerialCancel(PSERIAL_DEVICE Device, PSERIAL_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = SerialAdapter(Device, Request->Transmit);
	PDMA_OPERATIONS Operations = DmaAdapter->DmaOperations;
	KIRQL Irql;

	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	if (Operations->CancelAdapterChannel(DmaAdapter, &Device->Object,
					     Request->TransferContext)) {
		Request->Status = STATUS_CANCELLED;
		Request->Completion(Request);
	} else {
		/* SerialDmaCompletion will be told, or MapTransferEx fails. */
		Operations->CancelMappedTransfer(DmaAdapter, Request->TransferContext);
	}
	KeLowerIrql(Irql);
}

ULONG SerialBytesLeft(PSERIAL_DEVICE Device, BOOLEAN Transmit)
{
	PDMA_ADAPTER DmaAdapter = SerialAdapter(Device, Transmit);

	return DmaAdapter->DmaOperations->ReadDmaCounter(DmaAdapter);
}
