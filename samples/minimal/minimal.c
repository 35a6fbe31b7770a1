// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Windows driver: an adapter, a common buffer, a scatter/gather list. It has no hardware, so
 * what it would give to the device it only counts.
 */
#include <ntddk.h>

#include "minimal.h"

#define MINIMAL_TAG 0x696E694D	/* "Mini" */

NTSTATUS MinimalStart(PMINIMAL_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	DEVICE_DESCRIPTION Description;
	PDMA_OPERATIONS Operations;

	PAGED_CODE();

	RtlZeroMemory(&Description, sizeof(Description));
	Description.Version = DEVICE_DESCRIPTION_VERSION2;
	Description.Master = TRUE;
	Description.ScatterGather = TRUE;
	Description.Dma32BitAddresses = TRUE;
	Description.InterfaceType = PCIBus;
	Description.MaximumLength = 0x10000;
	Device->DmaAdapter = IoGetDmaAdapter(DeviceObject, &Description, &Device->MapRegisters);
	if (!Device->DmaAdapter)
		return STATUS_INSUFFICIENT_RESOURCES;

	Operations = Device->DmaAdapter->DmaOperations;
	Device->CommonBuffer = Operations->AllocateCommonBuffer(Device->DmaAdapter, PAGE_SIZE,
								&Device->CommonBufferAddress, TRUE);
	if (!Device->CommonBuffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	RtlFillMemory(Device->CommonBuffer, PAGE_SIZE, 0x5A);
	return STATUS_SUCCESS;
}

static VOID MinimalListControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
			       PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
{
	PMINIMAL_DEVICE Device = (PMINIMAL_DEVICE)Context;
	ULONG Index;

	UNREFERENCED_PARAMETER(DeviceObject);
	UNREFERENCED_PARAMETER(Irp);

	Device->ListElements = ScatterGather->NumberOfElements;
	for (Index = 0; Index < ScatterGather->NumberOfElements; Index++)
		Device->ListBytes += ScatterGather->Elements[Index].Length;
	Device->DmaAdapter->DmaOperations->PutScatterGatherList(Device->DmaAdapter, ScatterGather,
								TRUE);
}

/* Nobody else uses the adapter, so the list's routine has run when this returns. */
NTSTATUS MinimalMapBuffer(PMINIMAL_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;
	PVOID Buffer;
	PMDL Mdl;
	KIRQL Irql;

	PAGED_CODE();

	Device->ListElements = 0;
	Device->ListBytes = 0;
	Buffer = ExAllocatePoolWithTag(NonPagedPoolNx, MINIMAL_LENGTH, MINIMAL_TAG);
	if (!Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	Mdl = IoAllocateMdl(Buffer, MINIMAL_LENGTH, FALSE, FALSE, NULL);
	if (Mdl) {
		MmBuildMdlForNonPagedPool(Mdl);
		KeRaiseIrql(DISPATCH_LEVEL, &Irql);
		Status = Device->DmaAdapter->DmaOperations->GetScatterGatherList(Device->DmaAdapter,
										 DeviceObject, Mdl,
										 Buffer,
										 MINIMAL_LENGTH,
										 MinimalListControl,
										 Device, TRUE);
		KeLowerIrql(Irql);
		IoFreeMdl(Mdl);
	}
	ExFreePoolWithTag(Buffer, MINIMAL_TAG);
	return Status;
}

VOID MinimalStop(PMINIMAL_DEVICE Device)
{
	PAGED_CODE();

	if (Device->CommonBuffer)
		Device->DmaAdapter->DmaOperations->FreeCommonBuffer(Device->DmaAdapter, PAGE_SIZE,
								    Device->CommonBufferAddress,
								    Device->CommonBuffer, TRUE);
	if (Device->DmaAdapter)
		Device->DmaAdapter->DmaOperations->PutDmaAdapter(Device->DmaAdapter);
	RtlZeroMemory(Device, sizeof(*Device));
}
