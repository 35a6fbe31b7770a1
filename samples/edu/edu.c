// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver's device object: its adapters and common buffers, and what starts and stops it.
 */
#include "private.h"

static VOID EduDescribe(PEDU_DEVICE Device, EDU_ADAPTER Adapter, PDEVICE_DESCRIPTION Description)
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
	case EduLargeAdapter:
		Description->MaximumLength = EDU_MAP_LENGTH;
		break;
	case EduWindowAdapter:
		Description->ScatterGather = FALSE;
		Description->Dma64BitAddresses = FALSE;
		Description->Dma32BitAddresses = TRUE;
		break;
	case Edu32BitAdapter:
		Description->Dma64BitAddresses = FALSE;
		Description->Dma32BitAddresses = TRUE;
		break;
	case EduNarrowAdapter:
		Description->Dma64BitAddresses = FALSE;
		Description->Dma32BitAddresses = !Device->LowMemory;
		Description->InterfaceType = Internal;
		break;
	case EduExtendedAdapter:
		Description->Version = DEVICE_DESCRIPTION_VERSION3;
		Description->Dma64BitAddresses = FALSE;
		Description->DmaAddressWidth = 64;
		Description->MaximumLength = 5 * PAGE_SIZE;
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
		EduDescribe(Device, Adapter, &Description);
		State->DmaAdapter = IoGetDmaAdapter(Device->PhysicalDeviceObject, &Description,
						    &State->MapRegisters);
	}
	return State->DmaAdapter;
}

PDMA_ADAPTER EduFindAdapter(PEDU_DEVICE Device, EDU_ADAPTER Adapter)
{
	return Device->Adapters[Adapter].DmaAdapter;
}

static VOID EduPutAdapter(PEDU_DEVICE Device, EDU_ADAPTER Adapter)
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

PHYSICAL_ADDRESS EduGetStoreAddress(PEDU_DEVICE Device)
{
	return Device->StoreAddress;
}

PUCHAR EduGetCommonBuffer(PEDU_DEVICE Device)
{
	return Device->CommonBuffer;
}

NTSTATUS EduAddDevice(PDEVICE_OBJECT PhysicalDeviceObject, PUCHAR Registers, BOOLEAN LowMemory,
		      PEDU_DEVICE *Result)
{
	PEDU_DEVICE Device;

	PAGED_CODE();

	if (!EduIsPresent(Registers))
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
	Device->LowMemory = LowMemory;
	Device->StartStatus = STATUS_PENDING;
	KeInitializeDpc(&Device->Dpc, EduDpc, Device);
	KeInitializeSpinLock(&Device->Lock);
	KeInitializeEvent(&Device->Quiet, NotificationEvent, TRUE);
	InitializeListHead(&Device->Requests);
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

BOOLEAN EduAnswers(PEDU_DEVICE Device)
{
	return EduIsPresent(Device->Registers);
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
	EduDropAll(Device);
}

VOID EduRemoveDevice(PEDU_DEVICE Device)
{
	EduStopDevice(Device);
	ExFreePoolWithTag(Device, EDU_TAG);
}
