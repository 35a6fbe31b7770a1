// SPDX-License-Identifier: GPL-2.0-only
/* System DMA, with AdapterControl routines of a bus master. */
#include <ntddk.h>

PDMA_ADAPTER SlvGetAdapter(PSLV_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	DEVICE_DESCRIPTION Description = { .Version = DEVICE_DESCRIPTION_VERSION, .Master = FALSE };

	return IoGetDmaAdapter(DeviceObject, &Description, &Device->MapRegisters);
}

DRIVER_CONTROL SlvControl;

IO_ALLOCATION_ACTION SlvControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Base, PVOID Context)
{
	PSLV_DEVICE Device = Context;

	if (Device->Cancelled)
		return DeallocateObject; /* FOUND action-of-slave */
	Device->MapRegisterBase = Base;
	return KeepObject; /* CLEAR action-of-master release-missing */
}

VOID SlvStartIo(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	PSLV_DEVICE Device = DeviceObject->DeviceExtension;
	KLOCK_QUEUE_HANDLE Handle;

	KeAcquireInStackQueuedSpinLock(Device->Lock, &Handle);
	Device->Adapter->DmaOperations->AllocateAdapterChannel( /* FOUND status-ignored */
		Device->Adapter, DeviceObject, Device->MapRegisters, SlvControl, Device);
	if (Device->Again)
		(void)IoAllocateAdapterChannel(Device->Adapter, /* FOUND status-ignored */
					       DeviceObject, 1, SlvControl, Device);
	KeReleaseInStackQueuedSpinLock(&Handle);
}

VOID SlvEnd(PSLV_DEVICE Device)
{
	PDMA_ADAPTER Adapter = Device->Adapter;

	IoFreeMapRegisters(Adapter, Device->MapRegisterBase, 1); /* FOUND action-of-slave */
	Adapter->DmaOperations->FreeAdapterChannel(Adapter);
	Adapter->DmaOperations->PutDmaAdapter(Adapter);
}
