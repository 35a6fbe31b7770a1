// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mistakes with scatter/gather lists, with MDLs, and with transfer contexts.
 */
#include <ntddk.h>

#include "faulty.h"

static VOID FaultyNoListControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
				PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
{
	UNREFERENCED_PARAMETER(DeviceObject);
	UNREFERENCED_PARAMETER(Irp);
	UNREFERENCED_PARAMETER(ScatterGather);
	UNREFERENCED_PARAMETER(Context);
}

static VOID FaultyPutList(PFAULTY_DEVICE Device)
{
	Device->Operations->PutScatterGatherList(Device->DmaAdapter, Device->List, TRUE);
}

static VOID FaultyPutListTwice(PFAULTY_DEVICE Device)
{
	FaultyTakeList(Device);
	FaultyPutList(Device);
	Device->Operations->PutScatterGatherList(Device->DmaAdapter, Device->List, TRUE);
}

static VOID FaultyKeepList(PFAULTY_DEVICE Device)
{
	FaultyTakeList(Device);
	Device->Operations->PutDmaAdapter(Device->DmaAdapter);
	Device->DmaAdapter = NULL;
}

static VOID FaultyChangeList(PFAULTY_DEVICE Device)
{
	FaultyTakeList(Device);
	Device->List->NumberOfElements++;
	Device->Operations->PutScatterGatherList(Device->DmaAdapter, Device->List, TRUE);
}

static VOID FaultyListOfNothing(PFAULTY_DEVICE Device)
{
	Device->Operations->GetScatterGatherList(Device->DmaAdapter, Device->DeviceObject,
						 Device->Mdl, Device->Buffer, 0,
						 FaultyNoListControl, Device, TRUE);
}

static VOID FaultyListBefore(PFAULTY_DEVICE Device)
{
	Device->Operations->GetScatterGatherList(Device->DmaAdapter, Device->DeviceObject,
						 Device->Mdl, Device->Buffer - 1, 512,
						 FaultyNoListControl, Device, TRUE);
}

static VOID FaultyUnbuiltMdl(PFAULTY_DEVICE Device)
{
	PMDL Mdl = IoAllocateMdl(Device->Buffer, PAGE_SIZE, FALSE, FALSE, NULL);

	if (!Mdl)
		return;
	Device->Operations->GetScatterGatherList(Device->DmaAdapter, Device->DeviceObject, Mdl,
						 Device->Buffer, PAGE_SIZE, FaultyNoListControl,
						 Device, TRUE);
	IoFreeMdl(Mdl);
}

static VOID FaultyFreeMappedMdl(PFAULTY_DEVICE Device)
{
	PMDL Mdl = IoAllocateMdl(Device->Buffer, PAGE_SIZE, FALSE, FALSE, NULL);
	ULONG Length = 512;

	if (!Mdl)
		return;
	MmBuildMdlForNonPagedPool(Mdl);
	FaultyTakeRegisters(Device, 1);
	Device->Operations->MapTransfer(Device->DmaAdapter, Mdl, Device->MapRegisterBase,
					Device->Buffer, &Length, TRUE);
	IoFreeMdl(Mdl);
	Device->Operations->FreeMapRegisters(Device->DmaAdapter, Device->MapRegisterBase, 1);
}

static VOID FaultyNoContext(PFAULTY_DEVICE Device)
{
	UCHAR Context[DMA_TRANSFER_CONTEXT_SIZE_V1];

	RtlZeroMemory(Context, sizeof(Context));
	Device->Operations->CancelAdapterChannel(Device->DmaAdapter, Device->DeviceObject, Context);
}

const FAULTY_MISTAKE FaultyListMistakes[] = {
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyPutListTwice, "0x06", "a list is put twice"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyKeepList, "0x0A",
			  "the adapter is put, its list is not"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyChangeList, "0x10A",
			  "a list is put that the driver has changed"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyListOfNothing, "0x21", "a list of no bytes"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyListBefore, "0x1F",
			  "a list from before the MDL's first byte"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyUnbuiltMdl, "0x0E",
			  "a list of an MDL that nobody built"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyFreeMappedMdl, "0x0D 0x107 0x10",
			  "an MDL is freed while it is mapped, and nothing flushed"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyNoContext, "0x105",
			  "a transfer context that was not initialised"),
	{}
};
