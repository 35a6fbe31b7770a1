// SPDX-License-Identifier: GPL-2.0-only
/*
 * A packet bus master of the old school: no scatter/gather hardware, one request at a time.
 *
 *	dispatch -> IoStartPacket -> StartIo -> AllocateAdapterChannel -> AdapterControl
 *	-> MapTransfer, device -> interrupt -> IoRequestDpc -> FlushAdapterBuffers -> next piece
 *	or IoCompleteRequest and IoStartNextPacket
 */
#include <ntddk.h>

#define PKT_TAG 'tkP '

#define PKT_CONTROL 0x00
#define PKT_STATUS 0x04
#define PKT_ADDRESS 0x08
#define PKT_LENGTH 0x0C

#define PKT_CONTROL_GO 0x01
#define PKT_CONTROL_WRITE 0x02
#define PKT_STATUS_DONE 0x01
#define PKT_STATUS_ERROR 0x02
#define PKT_TIMEOUT_SECONDS 5

typedef struct _PKT_EXTENSION {
	PDEVICE_OBJECT DeviceObject;
	PDEVICE_OBJECT PhysicalDeviceObject;
	PUCHAR Registers;
	ULONG RegistersLength;
	PKINTERRUPT InterruptObject;
	PDMA_ADAPTER AdapterObject;
	ULONG MapRegisterCount;
	PVOID MapRegisterBase;
	PUCHAR CurrentVa;
	ULONG BytesLeft;
	ULONG BytesMapped;
	BOOLEAN WriteToDevice;
	ULONG DeviceStatus;		/* shared with the service routine */
	KTIMER WatchDog;
	KDPC WatchDogDpc;
	LONG SecondsLeft;
} PKT_EXTENSION, *PPKT_EXTENSION;

DRIVER_ADD_DEVICE PktAddDevice;
DRIVER_DISPATCH PktReadWrite;
DRIVER_STARTIO PktStartIo;
DRIVER_CANCEL PktCancel;
KSERVICE_ROUTINE PktInterrupt;
KSYNCHRONIZE_ROUTINE PktTakeStatus;
IO_DPC_ROUTINE PktDpcForIsr;
DRIVER_CONTROL PktAdapterControl;
KDEFERRED_ROUTINE PktWatchDogDpc;
NTSTATUS PktStartDevice(_In_ PPKT_EXTENSION Extension, _In_ PCM_RESOURCE_LIST Translated);
VOID PktStopDevice(_In_ PPKT_EXTENSION Extension);

#ifdef ALLOC_PRAGMA
#pragma alloc_text(PAGE, PktStartDevice)
#pragma alloc_text(PAGE, PktStopDevice)
#endif

static VOID PktWrite(PPKT_EXTENSION Extension, ULONG Offset, ULONG Value)
{
	WRITE_REGISTER_ULONG((PULONG)(Extension->Registers + Offset), Value);
}

_Use_decl_annotations_
BOOLEAN PktInterrupt(PKINTERRUPT Interrupt, PVOID ServiceContext)
{
	PPKT_EXTENSION Extension = (PPKT_EXTENSION)ServiceContext;
	ULONG Status = READ_REGISTER_ULONG((PULONG)(Extension->Registers + PKT_STATUS));

	UNREFERENCED_PARAMETER(Interrupt);

	if ((Status & (PKT_STATUS_DONE | PKT_STATUS_ERROR)) == 0)
		return FALSE;
	PktWrite(Extension, PKT_STATUS, Status);
	Extension->DeviceStatus |= Status;
	IoRequestDpc(Extension->DeviceObject, Extension->DeviceObject->CurrentIrp, Extension);
	return TRUE;
}

typedef struct _PKT_STATUS_CONTEXT {
	PPKT_EXTENSION Extension;
	ULONG Status;
} PKT_STATUS_CONTEXT;

_Use_decl_annotations_
BOOLEAN PktTakeStatus(PVOID SynchronizeContext)
{
	PKT_STATUS_CONTEXT *Context = (PKT_STATUS_CONTEXT *)SynchronizeContext;

	Context->Status = Context->Extension->DeviceStatus;
	Context->Extension->DeviceStatus = 0;
	return TRUE;
}

_Use_decl_annotations_
NTSTATUS PktReadWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
	ULONG Length = Stack->Parameters.Read.Length;

	if (Length == 0 || Irp->MdlAddress == NULL ||
	    (Length & DeviceObject->AlignmentRequirement) != 0) {
		Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
		Irp->IoStatus.Information = 0;
		IoCompleteRequest(Irp, IO_NO_INCREMENT);
		return STATUS_INVALID_PARAMETER;
	}
	IoMarkIrpPending(Irp);
	IoStartPacket(DeviceObject, Irp, NULL, PktCancel);
	return STATUS_PENDING;
}

_Use_decl_annotations_
VOID PktCancel(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	if (Irp == DeviceObject->CurrentIrp) {
		IoReleaseCancelSpinLock(Irp->CancelIrql);
		IoStartNextPacket(DeviceObject, TRUE);
	} else {
		KeRemoveEntryDeviceQueue(&DeviceObject->DeviceQueue,
					 &Irp->Tail.Overlay.DeviceQueueEntry);
		IoReleaseCancelSpinLock(Irp->CancelIrql);
	}
	Irp->IoStatus.Status = STATUS_CANCELLED;
	Irp->IoStatus.Information = 0;
	IoCompleteRequest(Irp, IO_NO_INCREMENT);
}

_Use_decl_annotations_
VOID PktStartIo(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	PPKT_EXTENSION Extension = (PPKT_EXTENSION)DeviceObject->DeviceExtension;
	PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
	ULONG Registers;
	NTSTATUS Status;
	KIRQL CancelIrql;

	IoAcquireCancelSpinLock(&CancelIrql);
	if (Irp->Cancel || Irp != DeviceObject->CurrentIrp) {
		IoReleaseCancelSpinLock(CancelIrql);
		return;
	}
	(void)IoSetCancelRoutine(Irp, NULL);
	IoReleaseCancelSpinLock(CancelIrql);

	Extension->WriteToDevice = Stack->MajorFunction == IRP_MJ_WRITE;
	Extension->CurrentVa = (PUCHAR)MmGetMdlVirtualAddress(Irp->MdlAddress);
	Extension->BytesLeft = Stack->Parameters.Read.Length;
	Irp->IoStatus.Information = 0;
	KeFlushIoBuffers(Irp->MdlAddress, !Extension->WriteToDevice, TRUE);

	Registers = ADDRESS_AND_SIZE_TO_SPAN_PAGES(Extension->CurrentVa, Extension->BytesLeft);
	Registers = min(Registers, Extension->MapRegisterCount);
	Status = Extension->AdapterObject->DmaOperations->AllocateAdapterChannel(
			Extension->AdapterObject, DeviceObject, Registers, PktAdapterControl,
			Extension);
	if (!NT_SUCCESS(Status)) {
		KdPrint(("packet: AllocateAdapterChannel 0x%08lX\n", Status));
		Irp->IoStatus.Status = Status;
		IoCompleteRequest(Irp, IO_NO_INCREMENT);
		IoStartNextPacket(DeviceObject, TRUE);
	}
}

static VOID PktStartPiece(PPKT_EXTENSION Extension, PIRP Irp)
{
	ULONG Length = min(Extension->BytesLeft, Extension->MapRegisterCount * PAGE_SIZE -
			   BYTE_OFFSET(Extension->CurrentVa));
	PHYSICAL_ADDRESS Address;

	Address = Extension->AdapterObject->DmaOperations->MapTransfer(
			Extension->AdapterObject, Irp->MdlAddress, Extension->MapRegisterBase,
			Extension->CurrentVa, &Length, Extension->WriteToDevice);
	Extension->BytesMapped = Length;
	ASSERT(Address.HighPart == 0);
	InterlockedExchange(&Extension->SecondsLeft, PKT_TIMEOUT_SECONDS);
	PktWrite(Extension, PKT_ADDRESS, Address.LowPart);
	PktWrite(Extension, PKT_LENGTH, Length);
	PktWrite(Extension, PKT_CONTROL,
		 PKT_CONTROL_GO | (Extension->WriteToDevice ? PKT_CONTROL_WRITE : 0));
}

_Use_decl_annotations_
IO_ALLOCATION_ACTION PktAdapterControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
				       PVOID MapRegisterBase, PVOID Context)
{
	PPKT_EXTENSION Extension = (PPKT_EXTENSION)Context;

	UNREFERENCED_PARAMETER(DeviceObject);

	Extension->MapRegisterBase = MapRegisterBase;
	PktStartPiece(Extension, Irp);
	return DeallocateObjectKeepRegisters;
}

_Use_decl_annotations_
VOID PktDpcForIsr(PKDPC Dpc, PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Context)
{
	PPKT_EXTENSION Extension = (PPKT_EXTENSION)Context;
	PKT_STATUS_CONTEXT Taken = { Extension, 0 };
	PDMA_ADAPTER Adapter = Extension->AdapterObject;

	UNREFERENCED_PARAMETER(Dpc);

	KeSynchronizeExecution(Extension->InterruptObject, PktTakeStatus, &Taken);
	if (Taken.Status == 0 || Irp == NULL)
		return;
	InterlockedExchange(&Extension->SecondsLeft, -1);
	Adapter->DmaOperations->FlushAdapterBuffers(Adapter, Irp->MdlAddress,
						    Extension->MapRegisterBase,
						    Extension->CurrentVa, Extension->BytesMapped,
						    Extension->WriteToDevice);
	if ((Taken.Status & PKT_STATUS_ERROR) == 0) {
		Extension->CurrentVa += Extension->BytesMapped;
		Extension->BytesLeft -= Extension->BytesMapped;
		Irp->IoStatus.Information += Extension->BytesMapped;
		if (Extension->BytesLeft != 0) {
			PktStartPiece(Extension, Irp);
			return;
		}
	}
	Adapter->DmaOperations->FreeMapRegisters(Adapter, Extension->MapRegisterBase,
						 Extension->MapRegisterCount);
	Irp->IoStatus.Status = (Taken.Status & PKT_STATUS_ERROR) ? STATUS_IO_DEVICE_ERROR :
								   STATUS_SUCCESS;
	IoStartNextPacket(DeviceObject, TRUE);
	IoCompleteRequest(Irp, IO_DISK_INCREMENT);
}

/* Once a second */
_Use_decl_annotations_
VOID PktWatchDogDpc(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
	PPKT_EXTENSION Extension = (PPKT_EXTENSION)DeferredContext;

	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(SystemArgument1);
	UNREFERENCED_PARAMETER(SystemArgument2);

	if (Extension->SecondsLeft >= 0 && InterlockedDecrement(&Extension->SecondsLeft) == 0) {
		DbgPrintEx(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "packet: time-out, %lu left\n",
			   Extension->BytesLeft);
		PktWrite(Extension, PKT_CONTROL, 0);
	}
}

_Use_decl_annotations_
NTSTATUS PktStartDevice(PPKT_EXTENSION Extension, PCM_RESOURCE_LIST Translated)
{
	PCM_PARTIAL_RESOURCE_DESCRIPTOR Resource = NULL, InterruptResource = NULL;
	DEVICE_DESCRIPTION Description;
	LARGE_INTEGER DueTime;
	NTSTATUS Status;
	ULONG i;

	PAGED_CODE();

	for (i = 0; i < Translated->List[0].PartialResourceList.Count; i++) {
		Resource = &Translated->List[0].PartialResourceList.PartialDescriptors[i];
		switch (Resource->Type) {
		case CmResourceTypeMemory:
			Extension->RegistersLength = Resource->u.Memory.Length;
			Extension->Registers = (PUCHAR)MmMapIoSpace(Resource->u.Memory.Start,
								    Resource->u.Memory.Length,
								    MmNonCached);
			break;
		case CmResourceTypeInterrupt:
			InterruptResource = Resource;
			break;
		default:
			break;
		}
	}
	if (Extension->Registers == NULL || InterruptResource == NULL)
		return STATUS_DEVICE_CONFIGURATION_ERROR;

	RtlZeroMemory(&Description, sizeof(DEVICE_DESCRIPTION));
	Description.Version = DEVICE_DESCRIPTION_VERSION;
	Description.Master = TRUE;
	Description.ScatterGather = FALSE;
	Description.Dma32BitAddresses = TRUE;
	Description.InterfaceType = PCIBus;
	Description.MaximumLength = 0x10000;
	Extension->AdapterObject = IoGetDmaAdapter(Extension->PhysicalDeviceObject, &Description,
						   &Extension->MapRegisterCount);
	if (Extension->AdapterObject == NULL)
		return STATUS_INSUFFICIENT_RESOURCES;

	IoInitializeDpcRequest(Extension->DeviceObject, PktDpcForIsr);
	Status = IoConnectInterrupt(&Extension->InterruptObject, PktInterrupt, Extension, NULL,
				    InterruptResource->u.Interrupt.Vector,
				    (KIRQL)InterruptResource->u.Interrupt.Level,
				    (KIRQL)InterruptResource->u.Interrupt.Level,
				    (InterruptResource->Flags & CM_RESOURCE_INTERRUPT_LATCHED) ?
				    Latched : LevelSensitive,
				    InterruptResource->ShareDisposition == CmResourceShareShared,
				    InterruptResource->u.Interrupt.Affinity, FALSE);
	if (!NT_SUCCESS(Status))
		return Status;

	Extension->SecondsLeft = -1;
	KeInitializeTimerEx(&Extension->WatchDog, SynchronizationTimer);
	KeInitializeDpc(&Extension->WatchDogDpc, PktWatchDogDpc, Extension);
	DueTime.QuadPart = -10 * 1000 * 1000;
	KeSetTimerEx(&Extension->WatchDog, DueTime, 1000, &Extension->WatchDogDpc);
	return STATUS_SUCCESS;
}

_Use_decl_annotations_
VOID PktStopDevice(PPKT_EXTENSION Extension)
{
	PAGED_CODE();

	KeCancelTimer(&Extension->WatchDog);
	if (Extension->InterruptObject != NULL)
		IoDisconnectInterrupt(Extension->InterruptObject);
	KeFlushQueuedDpcs();
	if (Extension->AdapterObject != NULL)
		Extension->AdapterObject->DmaOperations->PutDmaAdapter(Extension->AdapterObject);
	if (Extension->Registers != NULL)
		MmUnmapIoSpace(Extension->Registers, Extension->RegistersLength);
	Extension->InterruptObject = NULL;
	Extension->AdapterObject = NULL;
	Extension->Registers = NULL;
}
