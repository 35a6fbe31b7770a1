// SPDX-License-Identifier: GPL-2.0-only
/* How many map registers are asked for. Called at DISPATCH_LEVEL, which RegStartIo is. */
#include <ntddk.h>

#define REG_PAGES 17
#define REG_FEW 2

DRIVER_STARTIO RegStartIo;

static NTSTATUS RegAsk(PREG_DEVICE Device, PDEVICE_OBJECT DeviceObject, PMDL Mdl)
{
	PDMA_ADAPTER Adapter = Device->Adapter;
	PDMA_OPERATIONS Ops = Adapter->DmaOperations;
	ULONG All, Some, Least;
	NTSTATUS Status;

	Status = Ops->AllocateAdapterChannel(Adapter, DeviceObject, REG_PAGES,
	/* FOUND-BEFORE registers-fixed */
					     RegControl, Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = Ops->AllocateAdapterChannel(Adapter, DeviceObject, /* FOUND registers-fixed */
					     (REG_PAGES - 1) * 2, RegControl, Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = Ops->AllocateAdapterChannel(Adapter, DeviceObject, REG_FEW,
	/* CLEAR-BEFORE registers-fixed */
					     RegControl, Device);
	if (!NT_SUCCESS(Status))
		return Status;

	All = ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(Mdl), MmGetMdlByteCount(Mdl));
	Status = Ops->AllocateAdapterChannel(Adapter, DeviceObject, All,
	/* FOUND-BEFORE registers-unchecked */
					     RegControl, Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = Ops->AllocateAdapterChannel(Adapter, DeviceObject, /* FOUND registers-unchecked */
					     BYTES_TO_PAGES(Device->Length), RegControl, Device);
	if (!NT_SUCCESS(Status))
		return Status;

	Some = ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(Mdl), MmGetMdlByteCount(Mdl));
	if (Some > Device->MapRegisters)
		Some = Device->MapRegisters;
	Status = Ops->AllocateAdapterChannel(Adapter, DeviceObject, Some,
	/* CLEAR-BEFORE registers-unchecked */
					     RegControl, Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Least = BYTES_TO_PAGES(Device->Length);
	Least = min(Least, Device->MapRegisters);
	return Ops->AllocateAdapterChannel(Adapter, DeviceObject, Least,
	/* CLEAR-BEFORE registers-unchecked */
					   RegControl, Device);
}

VOID RegStartIo(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	if (!NT_SUCCESS(RegAsk(DeviceObject->DeviceExtension, DeviceObject, Irp->MdlAddress)))
		IoStartNextPacket(DeviceObject, FALSE);
}

PDMA_ADAPTER RegGet(PDEVICE_OBJECT DeviceObject, PDEVICE_DESCRIPTION Description)
{
	ULONG Count;
	PDMA_ADAPTER Adapter = IoGetDmaAdapter(DeviceObject, Description, &Count);
	/* FOUND-BEFORE registers-ignored */

	if (!Adapter)
		DbgPrint("no adapter\n");
	return Adapter;
}

VOID RegPut(PDMA_ADAPTER Adapter)
{
	Adapter->DmaOperations->PutDmaAdapter(Adapter);
}
