// SPDX-License-Identifier: GPL-2.0-only
/*
 * A scatter/gather bus master with a queue of its own: cancel-safe, with time-outs, message
 * interrupts and completions in a DPC.
 */
#include <wdm.h>
#include <ntintsafe.h>

#define SG_TAG 'gSdM'
#define SG_SLOTS 32
#define SG_TIMEOUT_MS 3000

typedef struct _SG_DESCRIPTOR {
	ULONG64 Address;
	ULONG Length;
	ULONG Flags;
} SG_DESCRIPTOR, *PSG_DESCRIPTOR;

C_ASSERT(sizeof(SG_DESCRIPTOR) == 16);
C_ASSERT(FIELD_OFFSET(SG_DESCRIPTOR, Length) == 8);

typedef struct _SG_REQUEST {
	LIST_ENTRY Entry;
	PIRP Irp;
	PSCATTER_GATHER_LIST List;
	BOOLEAN WriteToDevice;
	ULONG Slot;
	LARGE_INTEGER Started;
} SG_REQUEST, *PSG_REQUEST;

typedef struct _SG_DEVICE {
	PDEVICE_OBJECT Self;
	PDEVICE_OBJECT PhysicalDeviceObject;
	PDMA_ADAPTER Adapter;
	ULONG MapRegisters;
	PUCHAR Registers;
	_Field_size_(SG_SLOTS) PSG_DESCRIPTOR Ring;
	PHYSICAL_ADDRESS RingAddress;
	KSPIN_LOCK QueueLock;
	_Guarded_by_(QueueLock) LIST_ENTRY Pending;
	_Guarded_by_(QueueLock) LIST_ENTRY Active;
	RTL_BITMAP Slots;
	ULONG SlotBits[(SG_SLOTS + 31) / 32];
	KDPC Dpc;
	KTIMER Timer;
	KDPC TimerDpc;
	PIO_INTERRUPT_MESSAGE_INFO Messages;
	PKINTERRUPT LineInterrupt;
	ULONG InterruptVersion;
	NPAGED_LOOKASIDE_LIST Requests;
	volatile LONG Outstanding;
	KEVENT Idle;
} SG_DEVICE, *PSG_DEVICE;

DRIVER_LIST_CONTROL SgListControl;
DRIVER_DISPATCH SgDispatch;
DRIVER_CANCEL SgCancel;
KDEFERRED_ROUTINE SgDpc;
KDEFERRED_ROUTINE SgTimerDpc;
KMESSAGE_SERVICE_ROUTINE SgMessage;
KSERVICE_ROUTINE SgLine;
NTSTATUS SgStart(PSG_DEVICE Device);
VOID SgStop(PSG_DEVICE Device);

FORCEINLINE PSG_REQUEST SgRequestOf(_In_ PIRP Irp)
{
	return (PSG_REQUEST)Irp->Tail.Overlay.DriverContext[0];
}

static VOID SgRelease(PSG_DEVICE Device)
{
	if (InterlockedDecrement(&Device->Outstanding) == 0)
		KeSetEvent(&Device->Idle, IO_NO_INCREMENT, FALSE);
}

static VOID SgComplete(PSG_DEVICE Device, PSG_REQUEST Request, NTSTATUS Status)
{
	PIRP Irp = Request->Irp;

	if (Request->List)
		Device->Adapter->DmaOperations->PutScatterGatherList(Device->Adapter, Request->List,
								     Request->WriteToDevice);
	ExFreeToNPagedLookasideList(&Device->Requests, Request);
	Irp->IoStatus.Status = Status;
	Irp->IoStatus.Information = NT_SUCCESS(Status) ? MmGetMdlByteCount(Irp->MdlAddress) : 0;
	IoCompleteRequest(Irp, IO_NETWORK_INCREMENT);
	SgRelease(Device);
}

_Use_decl_annotations_
VOID SgListControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PSCATTER_GATHER_LIST ScatterGather,
		   PVOID Context)
{
	PSG_REQUEST Request = (PSG_REQUEST)Context;
	PSG_DEVICE Device = (PSG_DEVICE)DeviceObject->DeviceExtension;
	ULONG i;

	UNREFERENCED_PARAMETER(Irp);

	Request->List = ScatterGather;
	KeAcquireSpinLockAtDpcLevel(&Device->QueueLock);
	Request->Slot = RtlFindClearBitsAndSet(&Device->Slots, 1, 0);
	if (Request->Slot == 0xFFFFFFFF) {
		InsertTailList(&Device->Pending, &Request->Entry);
		KeReleaseSpinLockFromDpcLevel(&Device->QueueLock);
		return;
	}
	for (i = 0; i < ScatterGather->NumberOfElements && i < SG_SLOTS; i++) {
		Device->Ring[i].Address = (ULONG64)ScatterGather->Elements[i].Address.QuadPart;
		Device->Ring[i].Length = ScatterGather->Elements[i].Length;
		Device->Ring[i].Flags = i + 1 == ScatterGather->NumberOfElements;
	}
	KeQueryTickCount(&Request->Started);
	InsertTailList(&Device->Active, &Request->Entry);
	KeMemoryBarrier();
	WRITE_REGISTER_ULONG((PULONG)Device->Registers, 1U << Request->Slot);
	KeReleaseSpinLockFromDpcLevel(&Device->QueueLock);
}

_Use_decl_annotations_
NTSTATUS SgDispatch(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	PSG_DEVICE Device = (PSG_DEVICE)DeviceObject->DeviceExtension;
	PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
	PSG_REQUEST Request;
	NTSTATUS Status;
	ULONG End;
	KIRQL Irql;

	Status = RtlULongAdd(Stack->Parameters.Write.ByteOffset.LowPart,
			     Stack->Parameters.Write.Length, &End);
	Request = (PSG_REQUEST)ExAllocateFromNPagedLookasideList(&Device->Requests);
	if (!NT_SUCCESS(Status) || Request == NULL) {
		if (Request != NULL)
			ExFreeToNPagedLookasideList(&Device->Requests, Request);
		Status = NT_SUCCESS(Status) ? STATUS_INSUFFICIENT_RESOURCES : Status;
		Irp->IoStatus.Status = Status;
		IoCompleteRequest(Irp, IO_NO_INCREMENT);
		return Status;
	}
	RtlZeroMemory(Request, sizeof(*Request));
	Request->Irp = Irp;
	Request->WriteToDevice = (BOOLEAN)(Stack->MajorFunction == IRP_MJ_WRITE);
	Irp->Tail.Overlay.DriverContext[0] = Request;
	InterlockedIncrement(&Device->Outstanding);
	IoMarkIrpPending(Irp);

	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	Status = Device->Adapter->DmaOperations->GetScatterGatherList(
			Device->Adapter, DeviceObject, Irp->MdlAddress,
			MmGetMdlVirtualAddress(Irp->MdlAddress), Stack->Parameters.Write.Length,
			SgListControl, Request, Request->WriteToDevice);
	KeLowerIrql(Irql);
	if (!NT_SUCCESS(Status))
		SgComplete(Device, Request, Status);
	return STATUS_PENDING;
}

_Use_decl_annotations_
VOID SgCancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	PSG_DEVICE Device = (PSG_DEVICE)DeviceObject->DeviceExtension;
	PSG_REQUEST Request = SgRequestOf(Irp);
	KLOCK_QUEUE_HANDLE Handle;

	IoReleaseCancelSpinLock(Irp->CancelIrql);
	KeAcquireInStackQueuedSpinLock(&Device->QueueLock, &Handle);
	RemoveEntryList(&Request->Entry);
	KeReleaseInStackQueuedSpinLock(&Handle);
	SgComplete(Device, Request, STATUS_CANCELLED);
}

_Use_decl_annotations_
BOOLEAN SgMessage(PKINTERRUPT Interrupt, PVOID ServiceContext, ULONG MessageID)
{
	PSG_DEVICE Device = (PSG_DEVICE)ServiceContext;

	UNREFERENCED_PARAMETER(Interrupt);
	KeInsertQueueDpc(&Device->Dpc, ULongToPtr(MessageID), NULL);
	return TRUE;
}

_Use_decl_annotations_
BOOLEAN SgLine(PKINTERRUPT Interrupt, PVOID ServiceContext)
{
	return SgMessage(Interrupt, ServiceContext, 0);
}

/* Moves to Done what @Mask says has ended, and what has been under way for too long. */
static VOID SgReap(PSG_DEVICE Device, ULONG Mask, BOOLEAN TimedOut, PLIST_ENTRY Done)
{
	LARGE_INTEGER Now;
	PLIST_ENTRY Entry, Next;
	LONGLONG Patience = SG_TIMEOUT_MS * 10000 / KeQueryTimeIncrement();

	KeQueryTickCount(&Now);
	for (Entry = Device->Active.Flink; Entry != &Device->Active; Entry = Next) {
		PSG_REQUEST Request = CONTAINING_RECORD(Entry, SG_REQUEST, Entry);

		Next = Entry->Flink;
		if (!BooleanFlagOn(Mask, 1U << Request->Slot) &&
		    !(TimedOut && Now.QuadPart - Request->Started.QuadPart > Patience))
			continue;
		RemoveEntryList(Entry);
		RtlClearBits(&Device->Slots, Request->Slot, 1);
		InsertTailList(Done, Entry);
	}
}

static VOID SgReapAndComplete(PSG_DEVICE Device, BOOLEAN TimedOut, NTSTATUS Status)
{
	ULONG Mask = READ_REGISTER_ULONG((PULONG)(Device->Registers + 4));
	LIST_ENTRY Done;

	InitializeListHead(&Done);
	KeAcquireSpinLockAtDpcLevel(&Device->QueueLock);
	SgReap(Device, Mask, TimedOut, &Done);
	KeReleaseSpinLockFromDpcLevel(&Device->QueueLock);
	while (!IsListEmpty(&Done))
		SgComplete(Device, CONTAINING_RECORD(RemoveHeadList(&Done), SG_REQUEST, Entry),
			   Status);
}

_Use_decl_annotations_
VOID SgDpc(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(SystemArgument1);
	UNREFERENCED_PARAMETER(SystemArgument2);
	SgReapAndComplete((PSG_DEVICE)DeferredContext, FALSE, STATUS_SUCCESS);
}

_Use_decl_annotations_
VOID SgTimerDpc(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(SystemArgument1);
	UNREFERENCED_PARAMETER(SystemArgument2);
	SgReapAndComplete((PSG_DEVICE)DeferredContext, TRUE, STATUS_IO_TIMEOUT);
}

static NTSTATUS SgConnect(PSG_DEVICE Device)
{
	IO_CONNECT_INTERRUPT_PARAMETERS Parameters;
	NTSTATUS Status;

	RtlZeroMemory(&Parameters, sizeof(Parameters));
	Parameters.Version = CONNECT_MESSAGE_BASED;
	Parameters.MessageBased.PhysicalDeviceObject = Device->PhysicalDeviceObject;
	Parameters.MessageBased.ConnectionContext.Generic = (PVOID *)&Device->Messages;
	Parameters.MessageBased.MessageServiceRoutine = SgMessage;
	Parameters.MessageBased.ServiceContext = Device;
	Parameters.MessageBased.SpinLock = NULL;
	Parameters.MessageBased.SynchronizeIrql = 0;
	Parameters.MessageBased.FloatingSave = FALSE;
	Parameters.MessageBased.FallBackServiceRoutine = SgLine;
	Status = IoConnectInterruptEx(&Parameters);
	Device->InterruptVersion = Parameters.Version;
	return Status;
}

NTSTATUS SgStart(PSG_DEVICE Device)
{
	DEVICE_DESCRIPTION Description = { 0 };
	LARGE_INTEGER Period;
	NTSTATUS Status;

	PAGED_CODE();

	KeInitializeSpinLock(&Device->QueueLock);
	InitializeListHead(&Device->Pending);
	InitializeListHead(&Device->Active);
	RtlInitializeBitMap(&Device->Slots, Device->SlotBits, SG_SLOTS);
	RtlClearAllBits(&Device->Slots);
	KeInitializeEvent(&Device->Idle, NotificationEvent, FALSE);
	Device->Outstanding = 1;
	KeInitializeDpc(&Device->Dpc, SgDpc, Device);
	KeSetImportanceDpc(&Device->Dpc, HighImportance);
	KeInitializeDpc(&Device->TimerDpc, SgTimerDpc, Device);
	KeInitializeTimerEx(&Device->Timer, NotificationTimer);
	ExInitializeNPagedLookasideList(&Device->Requests, NULL, NULL, POOL_NX_ALLOCATION,
					sizeof(SG_REQUEST), SG_TAG, 0);

	Description.Version = DEVICE_DESCRIPTION_VERSION2;
	Description.Master = TRUE;
	Description.ScatterGather = TRUE;
	Description.Dma64BitAddresses = TRUE;
	Description.InterfaceType = PCIBus;
	Description.MaximumLength = 1024 * 1024;
	Device->Adapter = IoGetDmaAdapter(Device->PhysicalDeviceObject, &Description,
					  &Device->MapRegisters);
	if (!Device->Adapter)
		return STATUS_INSUFFICIENT_RESOURCES;
	Device->Ring = (PSG_DESCRIPTOR)Device->Adapter->DmaOperations->AllocateCommonBuffer(
			Device->Adapter, SG_SLOTS * sizeof(SG_DESCRIPTOR), &Device->RingAddress,
			TRUE);
	if (!Device->Ring)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = SgConnect(Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Period.QuadPart = Int32x32To64(SG_TIMEOUT_MS, -10000);
	KeSetTimerEx(&Device->Timer, Period, SG_TIMEOUT_MS, &Device->TimerDpc);
	return STATUS_SUCCESS;
}

VOID SgStop(PSG_DEVICE Device)
{
	IO_DISCONNECT_INTERRUPT_PARAMETERS Disconnect;

	SgRelease(Device);
	(VOID)KeWaitForSingleObject(&Device->Idle, Executive, KernelMode, FALSE, NULL);
	if (!KeCancelTimer(&Device->Timer))
		KdPrint(("gather: the timer was not set\n"));
	Disconnect.Version = Device->InterruptVersion;
	Disconnect.ConnectionContext.Generic = Device->Messages;
	IoDisconnectInterruptEx(&Disconnect);
	KeFlushQueuedDpcs();
	Device->Adapter->DmaOperations->FreeCommonBuffer(Device->Adapter,
							 SG_SLOTS * sizeof(SG_DESCRIPTOR),
							 Device->RingAddress, Device->Ring, TRUE);
	Device->Adapter->DmaOperations->PutDmaAdapter(Device->Adapter);
	ExDeleteNPagedLookasideList(&Device->Requests);
}
