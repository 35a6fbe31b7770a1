// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device and the requests that have all they need: one after the other gets the device, by
 * commands of at most EDU_COMMAND_LENGTH bytes, and each command's interrupt queues the DPC that
 * starts the next.
 *
 * When the device is suspended the request that has it pauses: its DPC leaves what is to be done to
 * EduResumeDevice. A command whose data was left in the device is given again then.
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

#define EDU_COMMAND_INTERRUPT 0x004

/* The device's memory has a last byte that cannot be used: a command must end before it. */
#define EDU_COMMAND_LENGTH 2048		/* bytes of a command, at most */
#define EDU_BUFFER_SLACK (4095 - EDU_COMMAND_LENGTH)
#define EDU_BUFFER_STEP 37		/* every piece goes somewhere else */

#define EDU_QUIET_TIME (10 * 1000 * 1000 * 5)	/* 100 ns: a command takes 100 ms */

BOOLEAN EduIsPresent(PUCHAR Registers)
{
	return (READ_REGISTER_ULONG((PULONG)(Registers + EDU_ID)) & EDU_ID_MASK) == EDU_ID_VALUE;
}

static VOID EduWriteRegister(PEDU_DEVICE Device, ULONG Offset, ULONG64 Value)
{
	WRITE_REGISTER_ULONG64((volatile ULONG64 *)(Device->Registers + Offset), Value);
}

VOID EduCommand(PEDU_DEVICE Device, ULONG64 Source, ULONG64 Destination, ULONG Length,
		ULONG Command)
{
	EduWriteRegister(Device, EDU_DMA_SOURCE, Source);
	EduWriteRegister(Device, EDU_DMA_DESTINATION, Destination);
	EduWriteRegister(Device, EDU_DMA_COUNT, Length);
	EduWriteRegister(Device, EDU_DMA_COMMAND, Command);
}

BOOLEAN EduIsBusy(PEDU_DEVICE Device)
{
	return READ_REGISTER_ULONG((PULONG)(Device->Registers + EDU_DMA_COMMAND)) &
	       EDU_COMMAND_START;
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

	if (Device->Draining)
		EduCommand(Device, Buffer, Address, Length, Command | EDU_COMMAND_TO_MEMORY);
	else
		EduCommand(Device, Address, Buffer, Length, Command);
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
	Idle = !Device->CurrentRequest && !Device->Suspended;
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

/* Gives the device to the next request, if it can be given. Lock held */
static PEDU_REQUEST EduTakeNext(PEDU_DEVICE Device)
{
	PEDU_REQUEST Request = NULL;

	if (!Device->Suspended && !IsListEmpty(&Device->ReadyQueue))
		Request = CONTAINING_RECORD(RemoveHeadList(&Device->ReadyQueue), EDU_REQUEST,
					    Irp.Tail.Overlay.ListEntry);
	Device->StartStatus = STATUS_PENDING;
	Device->Paused = FALSE;
	Device->CurrentRequest = Request;
	if (Device->Suspended)
		KeSetEvent(&Device->Quiet, IO_NO_INCREMENT, FALSE);
	return Request;
}

/* Finishes CurrentRequest and starts the next one that can be. DISPATCH_LEVEL */
static VOID EduEndCurrent(PEDU_DEVICE Device, NTSTATUS Status)
{
	PEDU_REQUEST Request;

	do {
		EduFinish(Device, Device->CurrentRequest, Status);

		KeAcquireSpinLockAtDpcLevel(&Device->Lock);
		Request = EduTakeNext(Device);
		KeReleaseSpinLockFromDpcLevel(&Device->Lock);

		Status = Request ? EduStartRound(Device, Request) : STATUS_PENDING;
	} while (Status != STATUS_PENDING);
}

/* Returns TRUE if CurrentRequest has to pause, for as long as the device is suspended. */
static BOOLEAN EduPause(PEDU_DEVICE Device)
{
	BOOLEAN Pause;

	KeAcquireSpinLockAtDpcLevel(&Device->Lock);
	Pause = Device->Suspended;
	if (Pause) {
		Device->Paused = TRUE;
		KeSetEvent(&Device->Quiet, IO_NO_INCREMENT, FALSE);
	}
	KeReleaseSpinLockFromDpcLevel(&Device->Lock);
	return Pause;
}

/* CurrentRequest has paused. Returns as EduStartRound. */
static NTSTATUS EduGoOn(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	Device->Paused = FALSE;
	if (Device->Draining || EduIsCancelled(Device, Request))
		return EduAdvance(Device, Request);
	/* What the device had taken in may be lost. */
	InterlockedIncrement(&Device->Counts.Repeated);
	EduStartCommand(Device, Request);
	return STATUS_PENDING;
}

VOID EduDpc(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
	PEDU_DEVICE Device = (PEDU_DEVICE)DeferredContext;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(SystemArgument1);
	UNREFERENCED_PARAMETER(SystemArgument2);

	if (!Device->CurrentRequest || EduPause(Device))
		return;
	Status = Device->StartStatus;
	if (Status == STATUS_PENDING)
		Status = Device->Paused ? EduGoOn(Device, Device->CurrentRequest) :
					  EduAdvance(Device, Device->CurrentRequest);
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

NTSTATUS EduSuspendDevice(PEDU_DEVICE Device)
{
	LARGE_INTEGER Timeout;
	BOOLEAN Quiet;
	KIRQL Irql;

	PAGED_CODE();

	KeAcquireSpinLock(&Device->Lock, &Irql);
	KeClearEvent(&Device->Quiet);
	Device->Suspended = TRUE;
	Quiet = !Device->CurrentRequest;
	KeReleaseSpinLock(&Device->Lock, Irql);
	if (Quiet)
		return STATUS_SUCCESS;

	Timeout.QuadPart = -EDU_QUIET_TIME;
	if (KeWaitForSingleObject(&Device->Quiet, Executive, KernelMode, FALSE, &Timeout) ==
	    STATUS_SUCCESS)
		return STATUS_SUCCESS;
	EduResumeDevice(Device);
	return STATUS_IO_TIMEOUT;
}

VOID EduResumeDevice(PEDU_DEVICE Device)
{
	PEDU_REQUEST Request = NULL;
	NTSTATUS Status;
	KIRQL Irql;

	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	KeAcquireSpinLockAtDpcLevel(&Device->Lock);
	Device->Suspended = FALSE;
	if (!Device->CurrentRequest)
		Request = EduTakeNext(Device);
	KeReleaseSpinLockFromDpcLevel(&Device->Lock);

	if (Request) {
		Status = EduStartRound(Device, Request);
		if (Status != STATUS_PENDING)
			EduEndCurrent(Device, Status);
	} else if (Device->Paused) {
		KeInsertQueueDpc(&Device->Dpc, NULL, NULL);
	}
	KeLowerIrql(Irql);
}

VOID EduReset(PEDU_DEVICE Device)
{
	KIRQL Irql;

	Device->Suspended = FALSE;
	EduCancelAll(Device);
	KeFlushQueuedDpcs();
	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	if (Device->CurrentRequest)
		EduEndCurrent(Device, STATUS_IO_TIMEOUT);
	KeLowerIrql(Irql);
}
