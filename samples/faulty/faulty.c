// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mistakes one after another, each with an adapter of its own.
 */
#include <ntddk.h>

#include "faulty.h"

#define FAULTY_TAG 0x746C7546	/* "Fult" */

static IO_ALLOCATION_ACTION FaultyAdapterControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
						 PVOID MapRegisterBase, PVOID Context)
{
	PFAULTY_DEVICE Device = (PFAULTY_DEVICE)Context;

	UNREFERENCED_PARAMETER(DeviceObject);
	UNREFERENCED_PARAMETER(Irp);

	Device->MapRegisterBase = MapRegisterBase;
	return DeallocateObjectKeepRegisters;
}

static VOID FaultyListControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
			      PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
{
	PFAULTY_DEVICE Device = (PFAULTY_DEVICE)Context;

	UNREFERENCED_PARAMETER(DeviceObject);
	UNREFERENCED_PARAMETER(Irp);

	Device->List = ScatterGather;
}

VOID FaultyTakeRegisters(PFAULTY_DEVICE Device, ULONG Registers)
{
	Device->Operations->AllocateAdapterChannel(Device->DmaAdapter, Device->DeviceObject,
						   Registers, FaultyAdapterControl, Device);
}

VOID FaultyTakeList(PFAULTY_DEVICE Device)
{
	Device->Operations->GetScatterGatherList(Device->DmaAdapter, Device->DeviceObject,
						 Device->Mdl, Device->Buffer,
						 FAULTY_PAGES * PAGE_SIZE, FaultyListControl,
						 Device, TRUE);
}

VOID FaultyPut(PFAULTY_DEVICE Device)
{
	Device->Operations->PutDmaAdapter(Device->DmaAdapter);
	Device->DmaAdapter = NULL;
}

static NTSTATUS FaultyGetAdapter(PFAULTY_DEVICE Device)
{
	DEVICE_DESCRIPTION Description;

	RtlZeroMemory(&Description, sizeof(Description));
	Description.Version = DEVICE_DESCRIPTION_VERSION3;
	Description.Master = TRUE;
	Description.ScatterGather = TRUE;
	Description.DmaAddressWidth = 64;
	Description.InterfaceType = PCIBus;
	Description.MaximumLength = FAULTY_PAGES * PAGE_SIZE;
	Device->DmaAdapter = IoGetDmaAdapter(Device->DeviceObject, &Description,
					     &Device->MapRegisters);
	if (!Device->DmaAdapter)
		return STATUS_INSUFFICIENT_RESOURCES;
	Device->Operations = Device->DmaAdapter->DmaOperations;
	return STATUS_SUCCESS;
}

static NTSTATUS FaultyMake(PFAULTY_DEVICE Device, const FAULTY_MISTAKE *Mistake)
{
	NTSTATUS Status = FaultyGetAdapter(Device);
	KIRQL Irql;

	if (!NT_SUCCESS(Status))
		return Status;
	Device->MapRegisterBase = NULL;
	Device->List = NULL;
	DbgPrint("wdmdma_faulty: mistake: %s; expect %s in %s\n", Mistake->Text, Mistake->Expect,
		 Mistake->Function);
	if (Mistake->Irql == DISPATCH_LEVEL) {
		KeRaiseIrql(DISPATCH_LEVEL, &Irql);
		Mistake->Make(Device);
		KeLowerIrql(Irql);
	} else {
		Mistake->Make(Device);
	}
	if (Device->DmaAdapter)
		FaultyPut(Device);
	DbgPrint("wdmdma_faulty: made: %s\n", Mistake->Text);
	return STATUS_SUCCESS;
}

NTSTATUS FaultyRun(PFAULTY_DEVICE Device, PDEVICE_OBJECT DeviceObject)
{
	static const FAULTY_MISTAKE *const Kinds[] = {
		FaultyPacketMistakes, FaultyListMistakes, FaultyBufferMistakes,
	};
	NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;
	const FAULTY_MISTAKE *Mistake;
	ULONG Kind, Count = 0;

	PAGED_CODE();

	Device->DeviceObject = DeviceObject;
	Device->Buffer = ExAllocatePoolWithTag(NonPagedPoolNx, FAULTY_PAGES * PAGE_SIZE,
					       FAULTY_TAG);
	if (!Device->Buffer)
		return Status;
	Device->Mdl = IoAllocateMdl(Device->Buffer, FAULTY_PAGES * PAGE_SIZE, FALSE, FALSE, NULL);
	if (Device->Mdl) {
		MmBuildMdlForNonPagedPool(Device->Mdl);
		Status = STATUS_SUCCESS;
		for (Kind = 0; Kind < RTL_NUMBER_OF(Kinds); Kind++)
			for (Mistake = Kinds[Kind]; Mistake->Make; Mistake++) {
				if (NT_SUCCESS(Status))
					Status = FaultyMake(Device, Mistake);
				Count++;
			}
		IoFreeMdl(Device->Mdl);
	}
	ExFreePoolWithTag(Device->Buffer, FAULTY_TAG);
	if (NT_SUCCESS(Status))
		DbgPrint("wdmdma_faulty: done: %u mistakes\n", Count);
	return Status;
}
