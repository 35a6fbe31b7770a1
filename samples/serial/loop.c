// SPDX-License-Identifier: GPL-2.0-only
/*
 * A common buffer that is transmitted over and over, as a sound device plays one: the controller is
 * started once and goes round by itself (AutoInitialize), until it is flushed.
 */
#include "private.h"

static VOID SerialLoopCompletion(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject,
				 PVOID CompletionContext, DMA_COMPLETION_STATUS DmaStatus)
{
	PSERIAL_DEVICE Device = (PSERIAL_DEVICE)CompletionContext;

	UNREFERENCED_PARAMETER(DmaAdapter);
	UNREFERENCED_PARAMETER(DeviceObject);

	if (DmaStatus == DmaComplete)
		InterlockedIncrement(&Device->Loop.Passes);
}

/* AdapterControl */
static IO_ALLOCATION_ACTION SerialLoopControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
					      PVOID MapRegisterBase, PVOID Context)
{
	PSERIAL_DEVICE Device = (PSERIAL_DEVICE)Context;
	SERIAL_LOOP *Loop = &Device->Loop;
	PDMA_ADAPTER DmaAdapter = Loop->Adapter.DmaAdapter;
	ULONG Length = Loop->Length;

	UNREFERENCED_PARAMETER(DeviceObject);
	UNREFERENCED_PARAMETER(Irp);

	Loop->MapRegisterBase = MapRegisterBase;
	/* A loop is mapped whole, or not at all. wdmdma-lint: ignore length-ignored */
	Loop->Status = DmaAdapter->DmaOperations->MapTransferEx(DmaAdapter, Loop->Mdl,
								MapRegisterBase, 0,
								SERIAL_DATA_REGISTER, &Length,
								TRUE, NULL, 0,
								SerialLoopCompletion, Device);
	KeSetEvent(&Loop->Started, IO_NO_INCREMENT, FALSE);
	return KeepObject;
}

static VOID SerialFreeLoop(SERIAL_LOOP *Loop)
{
	PDMA_ADAPTER DmaAdapter = Loop->Adapter.DmaAdapter;

	if (Loop->Mdl)
		IoFreeMdl(Loop->Mdl);
	if (Loop->Buffer)
		DmaAdapter->DmaOperations->FreeCommonBuffer(DmaAdapter, Loop->Length,
							    Loop->Address, Loop->Buffer, TRUE);
	Loop->Mdl = NULL;
	Loop->Buffer = NULL;
	SerialPutAdapter(&Loop->Adapter);
}

static VOID SerialFreeLoopChannel(SERIAL_LOOP *Loop)
{
	PDMA_ADAPTER DmaAdapter = Loop->Adapter.DmaAdapter;
	KIRQL Irql;

	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	DmaAdapter->DmaOperations->FreeAdapterChannel(DmaAdapter);
	KeLowerIrql(Irql);
}

/* Waits for the channel, and for the transfer to be started */
static NTSTATUS SerialRunLoop(PSERIAL_DEVICE Device)
{
	SERIAL_LOOP *Loop = &Device->Loop;
	PDMA_ADAPTER DmaAdapter = Loop->Adapter.DmaAdapter;
	PDMA_OPERATIONS Operations = DmaAdapter->DmaOperations;
	ULONG Registers = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Loop->Buffer, Loop->Length);
	NTSTATUS Status;
	KIRQL Irql;

	if (Registers > Loop->Adapter.MapRegisters)
		Registers = Loop->Adapter.MapRegisters;
	Status = Operations->InitializeDmaTransferContext(DmaAdapter, Loop->TransferContext);
	if (!NT_SUCCESS(Status))
		return Status;
	KeInitializeEvent(&Loop->Started, NotificationEvent, FALSE);
	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	Status = Operations->AllocateAdapterChannelEx(DmaAdapter, &Device->Object,
						      Loop->TransferContext, Registers, 0,
						      SerialLoopControl, Device, NULL);
	KeLowerIrql(Irql);
	if (!NT_SUCCESS(Status))
		return Status;
	KeWaitForSingleObject(&Loop->Started, Executive, KernelMode, FALSE, NULL);
	if (!NT_SUCCESS(Loop->Status))
		SerialFreeLoopChannel(Loop);
	return Loop->Status;
}

static NTSTATUS SerialPrepareLoop(PSERIAL_DEVICE Device, ULONG NotificationLength)
{
	SERIAL_LOOP *Loop = &Device->Loop;
	PDMA_ADAPTER DmaAdapter = Loop->Adapter.DmaAdapter;
	PDMA_OPERATIONS Operations = DmaAdapter->DmaOperations;

	Loop->Buffer = Operations->AllocateCommonBuffer(DmaAdapter, Loop->Length, &Loop->Address,
							TRUE);
	if (!Loop->Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	Loop->Mdl = IoAllocateMdl(Loop->Buffer, Loop->Length, FALSE, FALSE, NULL);
	if (!Loop->Mdl)
		return STATUS_INSUFFICIENT_RESOURCES;
	MmBuildMdlForNonPagedPool(Loop->Mdl);
	/* Every controller has functions of its own; this one is wdmdma's. */
	return Operations->ConfigureAdapterChannel(DmaAdapter, WDMDMA_SET_NOTIFICATION_LENGTH,
						   &NotificationLength);
}

/* Fills the buffer before it goes out: a character for each word, from '0' on */
static VOID SerialFillLoop(SERIAL_LOOP *Loop)
{
	PULONG Words = (PULONG)Loop->Buffer;
	ULONG Index;

	for (Index = 0; Index < Loop->Length / sizeof(ULONG); Index++)
		Words[Index] = '0' + Index % 64;
}

NTSTATUS SerialStartLoop(PSERIAL_DEVICE Device, ULONG Length, ULONG NotificationLength,
			 PULONG *Buffer)
{
	SERIAL_LOOP *Loop = &Device->Loop;
	NTSTATUS Status;

	PAGED_CODE();

	RtlZeroMemory(Loop, sizeof(*Loop));
	Loop->Length = Length;
	Status = SerialGetAdapter(Device, SERIAL_TRANSMIT_LINE, TRUE, &Loop->Adapter);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = SerialPrepareLoop(Device, NotificationLength);
	if (NT_SUCCESS(Status)) {
		SerialFillLoop(Loop);
		Status = SerialRunLoop(Device);
	}
	if (!NT_SUCCESS(Status)) {
		SerialFreeLoop(Loop);
		return Status;
	}
	*Buffer = (PULONG)Loop->Buffer;
	return STATUS_SUCCESS;
}

/* Byte of the buffer that goes out next */
ULONG SerialLoopPosition(PSERIAL_DEVICE Device)
{
	PDMA_ADAPTER DmaAdapter = Device->Loop.Adapter.DmaAdapter;

	return Device->Loop.Length - DmaAdapter->DmaOperations->ReadDmaCounter(DmaAdapter);
}

LONG SerialLoopPasses(PSERIAL_DEVICE Device)
{
	return *(volatile LONG *)&Device->Loop.Passes;
}

NTSTATUS SerialStopLoop(PSERIAL_DEVICE Device)
{
	SERIAL_LOOP *Loop = &Device->Loop;
	PDMA_ADAPTER DmaAdapter = Loop->Adapter.DmaAdapter;
	NTSTATUS Status;

	PAGED_CODE();

	Status = DmaAdapter->DmaOperations->FlushAdapterBuffersEx(DmaAdapter, Loop->Mdl,
								  Loop->MapRegisterBase, 0,
								  Loop->Length, TRUE);
	SerialFreeLoopChannel(Loop);
	SerialFreeLoop(Loop);
	return Status;
}
