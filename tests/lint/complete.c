// SPDX-License-Identifier: GPL-2.0-only
/* Everything that is begun here is ended. */
#include <ntddk.h>

NTSTATUS CmpStart(PCMP_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	DEVICE_DESCRIPTION Description;

	RtlZeroMemory(&Description, sizeof(Description));
	Description.Version = DEVICE_DESCRIPTION_VERSION3; /* CLEAR table-version */
	Description.Master = TRUE;
	Device->Adapter = IoGetDmaAdapter(DeviceObject, &Description,
	/* CLEAR-BEFORE put-adapter-missing */
					  &Device->MapRegisters); /* CLEAR registers-ignored */
	if (!Device->Adapter)
		return STATUS_INSUFFICIENT_RESOURCES;
	return Device->Adapter->DmaOperations->InitializeDmaTransferContext(Device->Adapter,
									    Device->Context);
}

static IO_ALLOCATION_ACTION CmpControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PVOID Base,
				       PVOID Context)
{
	PCMP_DEVICE Device = Context;
	ULONG Length = MmGetMdlByteCount(Device->Mdl);

	Device->Address = Device->Adapter->DmaOperations->MapTransfer( /* CLEAR flush-missing */
		Device->Adapter, Device->Mdl, Base, MmGetMdlVirtualAddress(Device->Mdl), &Length,
		TRUE);
	Device->Mapped = Length;
	Device->Base = Base;
	return DeallocateObjectKeepRegisters; /* CLEAR release-missing action-of-slave */
}

static VOID CmpEnd(PCMP_DEVICE Device)
{
	PDMA_ADAPTER Adapter = Device->Adapter;

	Adapter->DmaOperations->FlushAdapterBuffers(Adapter, Device->Mdl, Device->Base,
						    MmGetMdlVirtualAddress(Device->Mdl),
						    Device->Mapped, TRUE);
	(*Adapter->DmaOperations->FreeMapRegisters)(Adapter, Device->Base,
	/* CLEAR-BEFORE action-of-slave */
						    Device->MapRegisters);
}

static VOID CmpListControl(PDEVICE_OBJECT DeviceObject, PIRP Irp, PSCATTER_GATHER_LIST List,
			   PVOID Context)
{
	PCMP_DEVICE Device = Context;

	Device->Adapter->DmaOperations->PutScatterGatherList(Device->Adapter, List, TRUE);
}

static NTSTATUS CmpRequest(PCMP_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	PDMA_OPERATIONS Operations = Device->Adapter->DmaOperations;
	NTSTATUS Status;
	KIRQL Irql;

	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	Status = Operations->AllocateAdapterChannelEx( /* CLEAR context-not-initialised */
		Device->Adapter, DeviceObject, Device->Context, Device->MapRegisters, 0,
		CmpControl, Device, NULL);
	if (NT_SUCCESS(Status))
		Status = Operations->GetScatterGatherList(
		/* CLEAR-BEFORE put-list-missing passive-level */
			Device->Adapter, DeviceObject, Device->Mdl, Device->CurrentVa,
			Device->Length, CmpListControl, Device, TRUE);
	KeLowerIrql(Irql);
	return Status;
}

VOID CmpStop(PCMP_DEVICE Device)
{
	Device->Adapter->DmaOperations->PutDmaAdapter(Device->Adapter);
}
