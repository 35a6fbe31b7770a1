// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device and the requests that have all they need: one after the other gets the device, by
 * commands of at most EDU_COMMAND_LENGTH bytes, and each command's interrupt queues the DPC that
 * starts the next.
 */
#include "private.h"

/* Registers, by their offset in BAR 0 */
#define EDU_ID 0x00
#define EDU_INTERRUPT_STATUS 0x24
#define EDU_INTERRUPT_ACKNOWLEDGE 0x64
#define EDU_DMA_SOURCE 0x80
#define EDU_DMA_DESTINATION 0x88
#define EDU_DMA_COUNT 0x90
#define EDU_DMA_COMMAND 0x98

#define EDU_ID_MASK 0x0000FFFF
#define EDU_ID_VALUE 0x000000ED

#define EDU_COMMAND_START 0x001
#define EDU_COMMAND_TO_MEMORY 0x002
#define EDU_COMMAND_INTERRUPT 0x004

/* The device's memory. Its last byte cannot be used: a command must end before it. */
#define EDU_BUFFER_ADDRESS 0x40000
#define EDU_COMMAND_LENGTH 2048		/* bytes of a command, at most */
#define EDU_BUFFER_SLACK (4095 - EDU_COMMAND_LENGTH)
#define EDU_BUFFER_STEP 37		/* every piece goes somewhere else */

BOOLEAN EduIsPresent(PUCHAR Registers)
{
	return (READ_REGISTER_ULONG((PULONG)(Registers + EDU_ID)) & EDU_ID_MASK) == EDU_ID_VALUE;
}

static VOID EduWriteRegister(PEDU_DEVICE Device, ULONG Offset, ULONG64 Value)
{
	WRITE_REGISTER_ULONG64((volatile ULONG64 *)(Device->Registers + Offset), Value);
}

/* Into the device from wherever the data is; when Draining, out of it to where it goes. */
static VOID EduStartCommand(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PSCATTER_GATHER_ELEMENT Element = &Request->Elements[Request->ElementIndex];
	ULONG64 Memory = Element->Address.QuadPart + Request->ElementOffset;
	ULONG64 Store = Device->StoreAddress.QuadPart + Request->StoreOffset + Request->Done;
	ULONG64 Buffer = EDU_BUFFER_ADDRESS + Device->BufferOffset;
	ULONG Length = Element->Length - Request->ElementOffset;
	ULONG64 Address = Device->Draining == Request->WriteToDevice ? Store : Memory;
	ULONG Command = EDU_COMMAND_START | EDU_COMMAND_INTERRUPT;

	if (Length > EDU_COMMAND_LENGTH)
		Length = EDU_COMMAND_LENGTH;
	if (Request->HighestAddress < Memory + Length - 1)
		Request->HighestAddress = Memory + Length - 1;
	Device->CommandLength = Length;

	if (Device->Draining) {
		EduWriteRegister(Device, EDU_DMA_SOURCE, Buffer);
		EduWriteRegister(Device, EDU_DMA_DESTINATION, Address);
		Command |= EDU_COMMAND_TO_MEMORY;
	} else {
		EduWriteRegister(Device, EDU_DMA_SOURCE, Address);
		EduWriteRegister(Device, EDU_DMA_DESTINATION, Buffer);
	}
	EduWriteRegister(Device, EDU_DMA_COUNT, Length);
	EduWriteRegister(Device, EDU_DMA_COMMAND, Command);
}

/* Returns STATUS_PENDING when a command is under way; else the request is at its end. */
static NTSTATUS EduStartRound(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	NTSTATUS Status = STATUS_SUCCESS;

	if (EduIsCancelled(Device, Request))
		return STATUS_CANCELLED;
	if (Request->Method == EduMapTransferEx)
		Status = EduMapRoundEx(Device, Request);
	else if (EduIsPacket(Request))
		Status = EduMapRound(Device, Request);
	if (!NT_SUCCESS(Status))
		return Status;
	Request->ElementIndex = 0;
	Request->ElementOffset = 0;
	Device->Draining = FALSE;
	EduStartCommand(Device, Request);
	return STATUS_PENDING;
}

/* A command has ended. Returns as EduStartRound. */
static NTSTATUS EduAdvance(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	NTSTATUS Status;

	if (EduIsCancelled(Device, Request))
		return STATUS_CANCELLED;
	if (!Device->Draining) {
		Device->Draining = TRUE;
		EduStartCommand(Device, Request);
		return STATUS_PENDING;
	}

	Device->Draining = FALSE;
	Device->BufferOffset = (Device->BufferOffset + EDU_BUFFER_STEP) % EDU_BUFFER_SLACK;
	Request->Done += Device->CommandLength;
	Request->ElementOffset += Device->CommandLength;
	if (Request->ElementOffset == Request->Elements[Request->ElementIndex].Length) {
		Request->ElementOffset = 0;
		Request->ElementIndex++;
	}
	if (Request->ElementIndex < Request->ElementCount) {
		EduStartCommand(Device, Request);
		return STATUS_PENDING;
	}

	if (Request->Method == EduMapTransferEx)
		Status = EduFlushRoundEx(Device, Request);
	else if (EduIsPacket(Request))
		Status = EduFlushRound(Device, Request);
	else
		return STATUS_SUCCESS;
	if (!NT_SUCCESS(Status) || Request->Left == 0)
		return Status;
	return EduStartRound(Device, Request);
}

/* The request has all it needs: it starts, or waits for the device. DISPATCH_LEVEL */
VOID EduReady(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	NTSTATUS Status;
	BOOLEAN Idle;

	KeAcquireSpinLockAtDpcLevel(&Device->Lock);
	Idle = !Device->CurrentRequest;
	if (Idle)
		Device->CurrentRequest = Request;
	else
		InsertTailList(&Device->ReadyQueue, &Request->Irp.Tail.Overlay.ListEntry);
	KeReleaseSpinLockFromDpcLevel(&Device->Lock);
	if (!Idle)
		return;

	/* Once a command is under way the request is the DPC's, on whichever processor. */
	Status = EduStartRound(Device, Request);
	if (Status != STATUS_PENDING) {
		Device->StartStatus = Status;
		KeInsertQueueDpc(&Device->Dpc, NULL, NULL);
	}
}

/* Finishes CurrentRequest and starts the next one that can be. DISPATCH_LEVEL */
static VOID EduEndCurrent(PEDU_DEVICE Device, NTSTATUS Status)
{
	PEDU_REQUEST Request;

	do {
		EduFinish(Device, Device->CurrentRequest, Status);

		Request = NULL;
		KeAcquireSpinLockAtDpcLevel(&Device->Lock);
		if (!IsListEmpty(&Device->ReadyQueue))
			Request = CONTAINING_RECORD(RemoveHeadList(&Device->ReadyQueue),
						    EDU_REQUEST, Irp.Tail.Overlay.ListEntry);
		Device->StartStatus = STATUS_PENDING;
		Device->CurrentRequest = Request;
		KeReleaseSpinLockFromDpcLevel(&Device->Lock);

		Status = Request ? EduStartRound(Device, Request) : STATUS_PENDING;
	} while (Status != STATUS_PENDING);
}

VOID EduDpc(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
	PEDU_DEVICE Device = (PEDU_DEVICE)DeferredContext;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(SystemArgument1);
	UNREFERENCED_PARAMETER(SystemArgument2);

	if (!Device->CurrentRequest)
		return;
	Status = Device->StartStatus;
	if (Status == STATUS_PENDING)
		Status = EduAdvance(Device, Device->CurrentRequest);
	if (Status != STATUS_PENDING)
		EduEndCurrent(Device, Status);
}

BOOLEAN EduInterrupt(PEDU_DEVICE Device)
{
	ULONG Cause = READ_REGISTER_ULONG((PULONG)(Device->Registers + EDU_INTERRUPT_STATUS));

	if (Cause == 0)
		return FALSE;
	WRITE_REGISTER_ULONG((PULONG)(Device->Registers + EDU_INTERRUPT_ACKNOWLEDGE), Cause);
	KeInsertQueueDpc(&Device->Dpc, NULL, NULL);
	return TRUE;
}

VOID EduCancel(PEDU_REQUEST Request)
{
	Request->Irp.Cancel = TRUE;
}

VOID EduCancelAll(PEDU_DEVICE Device)
{
	/*
	 * edu cannot abort a command: its DPC sees this, and then every request behind. Those
	 * that wait for the adapter are granted as the others give back what they hold.
	 */
	Device->Cancelled = TRUE;
}

VOID EduReset(PEDU_DEVICE Device)
{
	KIRQL Irql;

	EduCancelAll(Device);
	KeFlushQueuedDpcs();
	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	if (Device->CurrentRequest)
		EduEndCurrent(Device, STATUS_IO_TIMEOUT);
	KeLowerIrql(Irql);
}
