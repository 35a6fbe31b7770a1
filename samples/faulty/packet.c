// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mistakes with the channel, with map registers, and with the adapter itself.
 */
#include <ntddk.h>

#include "faulty.h"

static VOID FaultyMap(PFAULTY_DEVICE Device, ULONG Offset, ULONG Bytes)
{
	ULONG Length = Bytes;

	Device->Operations->MapTransfer(Device->DmaAdapter, Device->Mdl, Device->MapRegisterBase,
					Device->Buffer + Offset, &Length, TRUE);
}

static VOID FaultyFlush(PFAULTY_DEVICE Device, ULONG Offset, ULONG Bytes)
{
	Device->Operations->FlushAdapterBuffers(Device->DmaAdapter, Device->Mdl,
						Device->MapRegisterBase, Device->Buffer + Offset,
						Bytes, TRUE);
}

static VOID FaultyFreeRegisters(PFAULTY_DEVICE Device, ULONG Registers)
{
	Device->Operations->FreeMapRegisters(Device->DmaAdapter, Device->MapRegisterBase,
					     Registers);
}

static VOID FaultyFreeChannelUnowned(PFAULTY_DEVICE Device)
{
	Device->Operations->FreeAdapterChannel(Device->DmaAdapter);
}

static VOID FaultyFreeRegistersTwice(PFAULTY_DEVICE Device)
{
	FaultyTakeRegisters(Device, 2);
	FaultyFreeRegisters(Device, 2);
	Device->Operations->FreeMapRegisters(Device->DmaAdapter, Device->MapRegisterBase, 2);
}

static VOID FaultyFreeMapped(PFAULTY_DEVICE Device)
{
	FaultyTakeRegisters(Device, 1);
	FaultyMap(Device, 0, 512);
	Device->Operations->FreeMapRegisters(Device->DmaAdapter, Device->MapRegisterBase, 1);
}

static VOID FaultyKeepRegisters(PFAULTY_DEVICE Device)
{
	FaultyTakeRegisters(Device, 3);
	Device->Operations->PutDmaAdapter(Device->DmaAdapter);
	Device->DmaAdapter = NULL;
}

static VOID FaultyPutTwice(PFAULTY_DEVICE Device)
{
	PDMA_ADAPTER DmaAdapter = Device->DmaAdapter;

	FaultyPut(Device);
	Device->Operations->PutDmaAdapter(DmaAdapter);
}

static VOID FaultyForgetAdapter(PFAULTY_DEVICE Device)
{
	Device->Operations->FreeAdapterChannel(NULL);
}

static VOID FaultyMapOutside(PFAULTY_DEVICE Device)
{
	ULONG Length = 512;

	FaultyTakeRegisters(Device, 1);
	Device->Operations->MapTransfer(Device->DmaAdapter, Device->Mdl, Device->MapRegisterBase,
					Device->Buffer + FAULTY_PAGES * PAGE_SIZE, &Length, TRUE);
	FaultyFreeRegisters(Device, 1);
}

static VOID FaultyMapNothing(PFAULTY_DEVICE Device)
{
	ULONG Length = 0;

	FaultyTakeRegisters(Device, 1);
	Device->Operations->MapTransfer(Device->DmaAdapter, Device->Mdl, Device->MapRegisterBase,
					Device->Buffer, &Length, TRUE);
	FaultyFreeRegisters(Device, 1);
}

static VOID FaultyMapTwice(PFAULTY_DEVICE Device)
{
	ULONG Length = 512;

	FaultyTakeRegisters(Device, 2);
	FaultyMap(Device, 0, 512);
	Device->Operations->MapTransfer(Device->DmaAdapter, Device->Mdl, Device->MapRegisterBase,
					Device->Buffer, &Length, TRUE);
	FaultyFlush(Device, 0, 512);
	FaultyFreeRegisters(Device, 2);
}

static VOID FaultyFlushUnmapped(PFAULTY_DEVICE Device)
{
	FaultyTakeRegisters(Device, 1);
	Device->Operations->FlushAdapterBuffers(Device->DmaAdapter, Device->Mdl,
						Device->MapRegisterBase, Device->Buffer, 512, TRUE);
	FaultyFreeRegisters(Device, 1);
}

static VOID FaultyFlushTooMuch(PFAULTY_DEVICE Device)
{
	FaultyTakeRegisters(Device, 1);
	FaultyMap(Device, 0, 512);
	Device->Operations->FlushAdapterBuffers(Device->DmaAdapter, Device->Mdl,
						Device->MapRegisterBase, Device->Buffer, 1024,
						TRUE);
	FaultyFreeRegisters(Device, 1);
}

static VOID FaultyOtherDirection(PFAULTY_DEVICE Device)
{
	FaultyTakeRegisters(Device, 1);
	FaultyMap(Device, 0, 512);
	Device->Operations->FlushAdapterBuffers(Device->DmaAdapter, Device->Mdl,
						Device->MapRegisterBase, Device->Buffer, 512,
						FALSE);
	FaultyFreeRegisters(Device, 1);
}

static IO_ALLOCATION_ACTION FaultyNoControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
					    PVOID MapRegisterBase, PVOID Context)
{
	UNREFERENCED_PARAMETER(DeviceObject);
	UNREFERENCED_PARAMETER(Irp);
	UNREFERENCED_PARAMETER(MapRegisterBase);
	UNREFERENCED_PARAMETER(Context);

	return DeallocateObject;
}

static VOID FaultyTooManyRegisters(PFAULTY_DEVICE Device)
{
	Device->Operations->AllocateAdapterChannel(Device->DmaAdapter, Device->DeviceObject,
						   Device->MapRegisters + 1, FaultyNoControl,
						   Device);
}

const FAULTY_MISTAKE FaultyPacketMistakes[] = {
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyFreeChannelUnowned, "0x04",
			  "the channel is freed, but nobody owns it"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyFreeRegistersTwice, "0x05",
			  "map registers are freed twice"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyFreeMapped, "0x0D 0x10",
			  "map registers are freed without a flush"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyKeepRegisters, "0x09",
			  "the adapter is put, its map registers are not freed"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyPutTwice, "0x18", "the adapter is put twice"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyForgetAdapter, "0x19", "the adapter is NULL"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyMapOutside, "0x1B",
			  "CurrentVa is at the end of the MDL"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyMapNothing, "0x21", "no bytes are mapped"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyMapTwice, "0x1D",
			  "the same bytes are mapped twice"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyFlushUnmapped, "0x20",
			  "a flush, but nothing is mapped"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyFlushTooMuch, "0x00",
			  "a flush of more than is mapped"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyOtherDirection, "0x102",
			  "mapped for writing, flushed for reading"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyTooManyRegisters, "0x15",
			  "one map register more than there are"),
	{}
};
