// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Windows driver: no Linux name is used in this file.
 *
 * A request passes three stages:
 *
 *	adapter	   It gets map registers, or a list. List requests all go to the adapter at
 *		   once and wait there; of MapTransfer requests, which need the device
 *		   object's wait slot, one is under way and the others wait in PacketQueue.
 *	ReadyQueue It waits for the device.
 *	device	   It is CurrentRequest. Whoever runs on its behalf owns it, and no lock is
 *		   held then: first the routine that starts it, then the DPC of each command.
 *
 * Lock protects the two queues, CurrentRequest and PacketRequest. It is not held across any call
 * of a DMA operation, for those may call the AdapterControl routines of other requests.
 */
#include <ntddk.h>

#include "edu.h"

#define EDU_TAG 0x75644564	/* "dEdu" */

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

#define EDU_LOOP_LENGTH 2500		/* EduMapTransferLoop: bytes to map at once */

typedef struct _EDU_ADAPTER_STATE {
	PDMA_ADAPTER DmaAdapter;	/* NULL: there is none */
	ULONG MapRegisters;
} EDU_ADAPTER_STATE;

struct _EDU_DEVICE {
	DEVICE_OBJECT Object;		/* the functional one; its CurrentIrp is PacketRequest's */
	PDEVICE_OBJECT PhysicalDeviceObject;
	PUCHAR Registers;
	KDPC Dpc;
	EDU_ADAPTER_STATE Adapters[EduMaximumAdapter];
	PUCHAR Store;
	PHYSICAL_ADDRESS StoreAddress;
	PUCHAR CommonBuffer;
	PHYSICAL_ADDRESS CommonBufferAddress;

	KSPIN_LOCK Lock;
	LIST_ENTRY PacketQueue;
	PEDU_REQUEST PacketRequest;
	LIST_ENTRY ReadyQueue;
	PEDU_REQUEST CurrentRequest;
	volatile BOOLEAN Cancelled;

	/* CurrentRequest's owner */
	NTSTATUS StartStatus;		/* not STATUS_PENDING: it could not be started */
	BOOLEAN Draining;		/* the second of a piece's two commands */
	ULONG CommandLength;
	ULONG BufferOffset;
};

static BOOLEAN EduIsPacket(PEDU_REQUEST Request)
{
	return Request->Method == EduMapTransfer || Request->Method == EduMapTransferLoop ||
	       Request->Method == EduKeepChannel;
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

/* Maps as much as the map registers allow, or as one MapTransfer gives. */
static NTSTATUS EduMapRound(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	ULONG Registers = Request->MapRegisters;

	Request->Elements = Request->RoundElements;
	Request->ElementCount = 0;
	Request->RoundLength = 0;
	do {
		PSCATTER_GATHER_ELEMENT Element = &Request->RoundElements[Request->ElementCount];
		PUCHAR Va = Request->RoundVa + Request->RoundLength;
		ULONG Length = Request->Left - Request->RoundLength;

		if (Length > Registers * PAGE_SIZE - BYTE_OFFSET(Va))
			Length = Registers * PAGE_SIZE - BYTE_OFFSET(Va);
		if (Request->Method == EduMapTransferLoop && Length > EDU_LOOP_LENGTH)
			Length = EDU_LOOP_LENGTH;

		Element->Address = DmaAdapter->DmaOperations->MapTransfer(DmaAdapter,
									  Request->Irp.MdlAddress,
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
		 Request->RoundLength < Request->Left &&
		 Request->ElementCount < EDU_ROUND_ELEMENTS);

	return Request->ElementCount ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS EduFlushRound(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	BOOLEAN Flushed;

	Flushed = DmaAdapter->DmaOperations->FlushAdapterBuffers(DmaAdapter,
								 Request->Irp.MdlAddress,
								 Request->MapRegisterBase,
								 Request->RoundVa,
								 Request->RoundLength,
								 Request->WriteToDevice);
	Request->Rounds++;
	Request->RoundVa += Request->RoundLength;
	Request->Left -= Request->RoundLength;
	Request->RoundLength = 0;
	return Flushed ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

/* Returns STATUS_PENDING when a command is under way; else the request is at its end. */
static NTSTATUS EduStartRound(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	NTSTATUS Status = STATUS_SUCCESS;

	if (Device->Cancelled)
		return STATUS_CANCELLED;
	if (EduIsPacket(Request))
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

	if (Device->Cancelled)
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

	if (!EduIsPacket(Request))
		return STATUS_SUCCESS;
	Status = EduFlushRound(Device, Request);
	if (!NT_SUCCESS(Status) || Request->Left == 0)
		return Status;
	return EduStartRound(Device, Request);
}

/* The request has all it needs: it starts, or waits for the device. DISPATCH_LEVEL */
static VOID EduReady(PEDU_DEVICE Device, PEDU_REQUEST Request)
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

/* AdapterControl. The object's CurrentIrp was the request's when the channel was asked for. */
static IO_ALLOCATION_ACTION EduAdapterControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
					      PVOID MapRegisterBase, PVOID Context)
{
	PEDU_REQUEST Request = CONTAINING_RECORD(Irp, EDU_REQUEST, Irp);
	/* Read now: the request may be finished before EduReady returns. */
	BOOLEAN Keep = Request->Method == EduKeepChannel;

	UNREFERENCED_PARAMETER(DeviceObject);

	Request->MapRegisterBase = MapRegisterBase;
	EduReady((PEDU_DEVICE)Context, Request);
	return Keep ? KeepObject : DeallocateObjectKeepRegisters;
}

/* AdapterListControl */
static VOID EduAdapterListControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
				  PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
{
	PEDU_REQUEST Request = (PEDU_REQUEST)Context;

	UNREFERENCED_PARAMETER(Irp);

	Request->List = ScatterGather;
	Request->Elements = ScatterGather->Elements;
	Request->ElementCount = ScatterGather->NumberOfElements;
	EduReady((PEDU_DEVICE)DeviceObject->DeviceExtension, Request);
}

static VOID EduComplete(PEDU_REQUEST Request, NTSTATUS Status)
{
	Request->Irp.IoStatus.Status = Status;
	Request->Irp.IoStatus.Information = Request->Done;
	Request->Completion(Request);
}

static NTSTATUS EduRequestChannel(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	ULONG Limit = Device->Adapters[Request->Adapter].MapRegisters;
	NTSTATUS Status;
	KIRQL Irql;

	Request->MapRegisters = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Request->CurrentVa,
							       Request->Length);
	if (Request->MapRegisters > Limit)
		Request->MapRegisters = Limit;

	KeFlushIoBuffers(Request->Irp.MdlAddress, !Request->WriteToDevice, TRUE);
	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	Status = DmaAdapter->DmaOperations->AllocateAdapterChannel(DmaAdapter, &Device->Object,
								   Request->MapRegisters,
								   EduAdapterControl, Device);
	KeLowerIrql(Irql);
	return Status;
}

/* Asks for the channel on behalf of the next of PacketQueue, as StartIo would. */
static VOID EduStartPacket(PEDU_DEVICE Device)
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
		if (!Device->Cancelled)
			Status = EduRequestChannel(Device, Request);
		if (!NT_SUCCESS(Status)) {
			KeAcquireSpinLock(&Device->Lock, &Irql);
			Device->PacketRequest = NULL;
			Device->Object.CurrentIrp = NULL;
			KeReleaseSpinLock(&Device->Lock, Irql);
			EduComplete(Request, Status);
		}
	} while (!NT_SUCCESS(Status));
}

static NTSTATUS EduBuildRequestList(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	PDMA_OPERATIONS Operations = DmaAdapter->DmaOperations;
	ULONG Size, Registers;
	NTSTATUS Status;

	Status = Operations->CalculateScatterGatherList(DmaAdapter, Request->Irp.MdlAddress,
							Request->CurrentVa, Request->Length,
							&Size, &Registers);
	if (!NT_SUCCESS(Status))
		return Status;
	Request->ListBuffer = ExAllocatePoolWithTag(NonPagedPoolNx, Size, EDU_TAG);
	if (!Request->ListBuffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = Operations->BuildScatterGatherList(DmaAdapter, &Device->Object,
						    Request->Irp.MdlAddress, Request->CurrentVa,
						    Request->Length, EduAdapterListControl, Request,
						    Request->WriteToDevice, Request->ListBuffer,
						    Size);
	if (!NT_SUCCESS(Status))
		ExFreePoolWithTag(Request->ListBuffer, EDU_TAG);
	return Status;
}

static VOID EduRequestList(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	NTSTATUS Status;
	KIRQL Irql;

	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	if (Request->Method == EduBuildList)
		Status = EduBuildRequestList(Device, Request);
	else
		Status = DmaAdapter->DmaOperations->GetScatterGatherList(DmaAdapter,
									 &Device->Object,
									 Request->Irp.MdlAddress,
									 Request->CurrentVa,
									 Request->Length,
									 EduAdapterListControl,
									 Request,
									 Request->WriteToDevice);
	if (!NT_SUCCESS(Status))
		EduComplete(Request, Status);
	KeLowerIrql(Irql);
}

VOID EduSubmit(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	KIRQL Irql;

	Request->Irp.Type = IO_TYPE_IRP;
	Request->Irp.Size = sizeof(IRP);
	Request->Irp.IoStatus.Status = STATUS_PENDING;
	Request->Rounds = 0;
	Request->MapTransfers = 0;
	Request->HighestAddress = 0;
	Request->Done = 0;
	Request->RoundVa = Request->CurrentVa;
	Request->RoundLength = 0;
	Request->Left = Request->Length;

	if (!Device->Adapters[Request->Adapter].DmaAdapter) {
		EduComplete(Request, STATUS_DEVICE_NOT_READY);
	} else if (Request->Method == EduCommonBuffer) {
		Request->Elements = Request->RoundElements;
		Request->ElementCount = 1;
		Request->RoundElements[0].Address.QuadPart =
			Device->CommonBufferAddress.QuadPart +
			(Request->CurrentVa - Device->CommonBuffer);
		Request->RoundElements[0].Length = Request->Length;
		KeRaiseIrql(DISPATCH_LEVEL, &Irql);
		EduReady(Device, Request);
		KeLowerIrql(Irql);
	} else if (EduIsPacket(Request)) {
		KeAcquireSpinLock(&Device->Lock, &Irql);
		InsertTailList(&Device->PacketQueue, &Request->Irp.Tail.Overlay.ListEntry);
		KeReleaseSpinLock(&Device->Lock, Irql);
		EduStartPacket(Device);
	} else {
		EduRequestList(Device, Request);
	}
}

/* Gives back what the request holds, and the request. DISPATCH_LEVEL */
static VOID EduFinish(PEDU_DEVICE Device, PEDU_REQUEST Request, NTSTATUS Status)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	BOOLEAN Packet = EduIsPacket(Request);

	if (Packet && Request->RoundLength)
		EduFlushRound(Device, Request);		/* cut short */
	if (Request->Method == EduKeepChannel)
		DmaAdapter->DmaOperations->FreeAdapterChannel(DmaAdapter);
	else if (Packet)
		DmaAdapter->DmaOperations->FreeMapRegisters(DmaAdapter, Request->MapRegisterBase,
							    Request->MapRegisters);
	else if (Request->Method != EduCommonBuffer)
		DmaAdapter->DmaOperations->PutScatterGatherList(DmaAdapter, Request->List,
								Request->WriteToDevice);
	if (Request->Method == EduBuildList)
		ExFreePoolWithTag(Request->ListBuffer, EDU_TAG);

	if (Packet) {
		KeAcquireSpinLockAtDpcLevel(&Device->Lock);
		Device->PacketRequest = NULL;
		Device->Object.CurrentIrp = NULL;
		KeReleaseSpinLockFromDpcLevel(&Device->Lock);
	}
	EduComplete(Request, Status);
	if (Packet)
		EduStartPacket(Device);
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

static VOID EduDpc(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
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

static VOID EduDescribe(EDU_ADAPTER Adapter, PDEVICE_DESCRIPTION Description)
{
	RtlZeroMemory(Description, sizeof(*Description));
	Description->Version = DEVICE_DESCRIPTION_VERSION2;
	Description->Master = TRUE;
	Description->ScatterGather = TRUE;
	Description->Dma64BitAddresses = TRUE;
	Description->InterfaceType = PCIBus;
	Description->MaximumLength = 65536;

	switch (Adapter) {
	case EduPacketAdapter:
		Description->Version = DEVICE_DESCRIPTION_VERSION1;
		Description->MaximumLength = 2 * PAGE_SIZE;
		break;
	case EduWindowAdapter:
		Description->ScatterGather = FALSE;
		Description->Dma64BitAddresses = FALSE;
		Description->Dma32BitAddresses = TRUE;
		break;
	case EduNarrowAdapter:
		Description->Dma64BitAddresses = FALSE;
		Description->InterfaceType = Internal;
		break;
	default:
		break;
	}
}

PDMA_ADAPTER EduGetAdapter(PEDU_DEVICE Device, EDU_ADAPTER Adapter)
{
	EDU_ADAPTER_STATE *State = &Device->Adapters[Adapter];
	DEVICE_DESCRIPTION Description;

	PAGED_CODE();

	if (!State->DmaAdapter) {
		EduDescribe(Adapter, &Description);
		State->DmaAdapter = IoGetDmaAdapter(Device->PhysicalDeviceObject, &Description,
						    &State->MapRegisters);
	}
	return State->DmaAdapter;
}

VOID EduPutAdapter(PEDU_DEVICE Device, EDU_ADAPTER Adapter)
{
	EDU_ADAPTER_STATE *State = &Device->Adapters[Adapter];

	if (!State->DmaAdapter)
		return;
	State->DmaAdapter->DmaOperations->PutDmaAdapter(State->DmaAdapter);
	State->DmaAdapter = NULL;
}

PUCHAR EduGetStore(PEDU_DEVICE Device)
{
	return Device->Store;
}

PUCHAR EduGetCommonBuffer(PEDU_DEVICE Device)
{
	return Device->CommonBuffer;
}

NTSTATUS EduAddDevice(PDEVICE_OBJECT PhysicalDeviceObject, PUCHAR Registers, PEDU_DEVICE *Result)
{
	PEDU_DEVICE Device;

	PAGED_CODE();

	if ((READ_REGISTER_ULONG((PULONG)(Registers + EDU_ID)) & EDU_ID_MASK) != EDU_ID_VALUE)
		return STATUS_NO_SUCH_DEVICE;
	Device = ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(*Device), EDU_TAG);
	if (!Device)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlZeroMemory(Device, sizeof(*Device));
	Device->Object.Type = IO_TYPE_DEVICE;
	Device->Object.Size = sizeof(DEVICE_OBJECT);
	Device->Object.DeviceExtension = Device;
	Device->PhysicalDeviceObject = PhysicalDeviceObject;
	Device->Registers = Registers;
	Device->StartStatus = STATUS_PENDING;
	KeInitializeDpc(&Device->Dpc, EduDpc, Device);
	KeInitializeSpinLock(&Device->Lock);
	InitializeListHead(&Device->PacketQueue);
	InitializeListHead(&Device->ReadyQueue);
	*Result = Device;
	return STATUS_SUCCESS;
}

NTSTATUS EduStartDevice(PEDU_DEVICE Device)
{
	PDMA_ADAPTER DmaAdapter;

	PAGED_CODE();

	DmaAdapter = EduGetAdapter(Device, EduWideAdapter);
	if (!DmaAdapter)
		return STATUS_DEVICE_CONFIGURATION_ERROR;
	Device->Store = DmaAdapter->DmaOperations->AllocateCommonBuffer(DmaAdapter,
									EDU_STORE_LENGTH,
									&Device->StoreAddress,
									TRUE);
	Device->CommonBuffer =
		DmaAdapter->DmaOperations->AllocateCommonBuffer(DmaAdapter,
								EDU_COMMON_BUFFER_LENGTH,
								&Device->CommonBufferAddress,
								TRUE);
	/* EduStopDevice frees what there is. */
	if (!Device->Store || !Device->CommonBuffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	return STATUS_SUCCESS;
}

/* Where an adapter's common buffers lie: one is allocated and freed. */
NTSTATUS EduTryCommonBuffer(PEDU_DEVICE Device, EDU_ADAPTER Adapter, PPHYSICAL_ADDRESS Address)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Adapter].DmaAdapter;
	PVOID Buffer;

	PAGED_CODE();

	Buffer = DmaAdapter->DmaOperations->AllocateCommonBuffer(DmaAdapter, PAGE_SIZE, Address,
								 TRUE);
	if (!Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	DmaAdapter->DmaOperations->FreeCommonBuffer(DmaAdapter, PAGE_SIZE, *Address, Buffer, TRUE);
	return STATUS_SUCCESS;
}

VOID EduStopDevice(PEDU_DEVICE Device)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[EduWideAdapter].DmaAdapter;
	int Adapter;
	KIRQL Irql;

	PAGED_CODE();

	/* Requests are completed by DPCs that may not have returned yet. */
	KeFlushQueuedDpcs();
	/* Older kits allow this one at DISPATCH_LEVEL, and drivers free in a DPC. */
	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	if (Device->CommonBuffer)
		DmaAdapter->DmaOperations->FreeCommonBuffer(DmaAdapter, EDU_COMMON_BUFFER_LENGTH,
							    Device->CommonBufferAddress,
							    Device->CommonBuffer, TRUE);
	KeLowerIrql(Irql);
	if (Device->Store)
		DmaAdapter->DmaOperations->FreeCommonBuffer(DmaAdapter, EDU_STORE_LENGTH,
							    Device->StoreAddress, Device->Store,
							    TRUE);
	Device->CommonBuffer = NULL;
	Device->Store = NULL;
	for (Adapter = 0; Adapter < EduMaximumAdapter; Adapter++)
		EduPutAdapter(Device, Adapter);
}

VOID EduRemoveDevice(PEDU_DEVICE Device)
{
	EduStopDevice(Device);
	ExFreePoolWithTag(Device, EDU_TAG);
}
