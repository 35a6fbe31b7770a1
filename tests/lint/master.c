// SPDX-License-Identifier: GPL-2.0-only
/* A bus master that keeps the channel. */
#include <ntddk.h>

NTSTATUS MasGetAdapter(PMAS_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	DEVICE_DESCRIPTION Description = { 0 };

	Description.Version = DEVICE_DESCRIPTION_VERSION1;
	Description.Master = TRUE;
	if ((Device->Adapter = IoGetDmaAdapter(DeviceObject, &Description,
	/* CLEAR-BEFORE adapter-unchecked */
					       &Device->MapRegisters)) == NULL)
		return STATUS_INSUFFICIENT_RESOURCES;
	return STATUS_SUCCESS;
}

IO_ALLOCATION_ACTION MasControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Base, PVOID Context)
{
	PMAS_DEVICE Device = Context;

	if (Device->One)
		return KeepObject; /* FOUND action-of-master */
	return Device->Two ? KeepObject : DeallocateObject; /* CLEAR action-of-master */
}

_IRQL_requires_(DISPATCH_LEVEL)
NTSTATUS MasRequest(PMAS_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	return Device->Adapter->DmaOperations->AllocateAdapterChannel( /* CLEAR status-ignored */
		Device->Adapter, DeviceObject, Device->MapRegisters, MasControl, Device);
}

VOID MasEnd(PMAS_DEVICE Device)
{
	Device->Adapter->DmaOperations->FreeAdapterChannel(Device->Adapter);
	Device->Adapter->DmaOperations->PutDmaAdapter(Device->Adapter);
}
