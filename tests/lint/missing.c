// SPDX-License-Identifier: GPL-2.0-only
/* Nothing that is begun here is ended. */
#include <ntddk.h>

NTSTATUS MisStart(PMIS_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	DEVICE_DESCRIPTION Description = { 0 };

	Description.Version = DEVICE_DESCRIPTION_VERSION3;
	Description.Master = TRUE;
	Device->Adapter = IoGetDmaAdapter(DeviceObject, &Description,
	/* FOUND-BEFORE put-adapter-missing */
					  &Device->MapRegisters);
	return Device->Adapter ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

static IO_ALLOCATION_ACTION MisControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Base,
				       PVOID Context)
{
	PMIS_DEVICE Device = Context;
	ULONG Length = MmGetMdlByteCount(Device->Mdl);

	Device->Address = Device->Adapter->DmaOperations->MapTransfer( /* FOUND flush-missing */
		Device->Adapter, Device->Mdl, Base, MmGetMdlVirtualAddress(Device->Mdl), &Length,
		TRUE);
	MisProgram(Device, Length);
	return DeallocateObjectKeepRegisters; /* FOUND release-missing */
}

_IRQL_requires_(DISPATCH_LEVEL)
NTSTATUS MisRequest(PMIS_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	PDMA_OPERATIONS Operations = Device->Adapter->DmaOperations;
	NTSTATUS Status;

	Status = Operations->AllocateAdapterChannelEx( /* FOUND context-not-initialised */
		Device->Adapter, DeviceObject, Device->Context, min(2, Device->MapRegisters), 0,
		MisControl, Device, NULL);
	if (!NT_SUCCESS(Status))
		return Status;
	return Operations->GetScatterGatherList( /* FOUND put-list-missing */
		Device->Adapter, DeviceObject, Device->Mdl, Device->CurrentVa, Device->Length,
		MisListControl, Device, TRUE);
}
