// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mistakes with common buffers and domains.
 */
#include <ntddk.h>

#include "faulty.h"

#define FAULTY_LENGTH	1001	/* of a common buffer, so that something is left of its last page */

static PVOID FaultyTakeBuffer(PFAULTY_DEVICE Device, PHYSICAL_ADDRESS *LogicalAddress)
{
	return Device->Operations->AllocateCommonBuffer(Device->DmaAdapter, FAULTY_LENGTH,
							LogicalAddress, TRUE);
}

static VOID FaultyFreeBuffer(PFAULTY_DEVICE Device, PHYSICAL_ADDRESS LogicalAddress, PVOID Buffer)
{
	Device->Operations->FreeCommonBuffer(Device->DmaAdapter, FAULTY_LENGTH, LogicalAddress,
					     Buffer, TRUE);
}

static VOID FaultyFreeBufferTwice(PFAULTY_DEVICE Device)
{
	PHYSICAL_ADDRESS LogicalAddress;
	PVOID Buffer = FaultyTakeBuffer(Device, &LogicalAddress);

	if (!Buffer)
		return;
	FaultyFreeBuffer(Device, LogicalAddress, Buffer);
	Device->Operations->FreeCommonBuffer(Device->DmaAdapter, FAULTY_LENGTH, LogicalAddress,
					     Buffer, TRUE);
}

static VOID FaultyOtherLength(PFAULTY_DEVICE Device)
{
	PHYSICAL_ADDRESS LogicalAddress;
	PVOID Buffer = FaultyTakeBuffer(Device, &LogicalAddress);

	if (Buffer)
		Device->Operations->FreeCommonBuffer(Device->DmaAdapter, FAULTY_LENGTH + 1,
						     LogicalAddress, Buffer, TRUE);
}

static VOID FaultyOverrun(PFAULTY_DEVICE Device)
{
	PHYSICAL_ADDRESS LogicalAddress;
	PUCHAR Buffer = FaultyTakeBuffer(Device, &LogicalAddress);

	if (!Buffer)
		return;
	Buffer[FAULTY_LENGTH] = 0xEE;
	Device->Operations->FreeCommonBuffer(Device->DmaAdapter, FAULTY_LENGTH, LogicalAddress,
					     Buffer, TRUE);
}

static VOID FaultyAllocateAtDispatch(PFAULTY_DEVICE Device)
{
	PHYSICAL_ADDRESS LogicalAddress;
	PVOID Buffer;

	Buffer = Device->Operations->AllocateCommonBuffer(Device->DmaAdapter, FAULTY_LENGTH,
							  &LogicalAddress, TRUE);
	UNREFERENCED_PARAMETER(Buffer);
}

static VOID FaultyLeaveUnjoined(PFAULTY_DEVICE Device)
{
	NTSTATUS Status = Device->Operations->LeaveDmaDomain(Device->DmaAdapter);

	UNREFERENCED_PARAMETER(Status);
}

static VOID FaultyKeepBuffer(PFAULTY_DEVICE Device)
{
	PHYSICAL_ADDRESS LogicalAddress;
	PVOID Buffer = FaultyTakeBuffer(Device, &LogicalAddress);

	if (!Buffer)
		return;
	Device->Operations->PutDmaAdapter(Device->DmaAdapter);
	Device->DmaAdapter = NULL;
}

const FAULTY_MISTAKE FaultyBufferMistakes[] = {
	FAULTY_MISTAKE_AT(PASSIVE_LEVEL, FaultyFreeBufferTwice, "0x03",
			  "a common buffer is freed twice"),
	FAULTY_MISTAKE_AT(PASSIVE_LEVEL, FaultyOtherLength, "0x100",
			  "a common buffer is freed with another length"),
	FAULTY_MISTAKE_AT(PASSIVE_LEVEL, FaultyOverrun, "0x0F",
			  "a byte is written behind a common buffer"),
	FAULTY_MISTAKE_AT(DISPATCH_LEVEL, FaultyAllocateAtDispatch, "0x13",
			  "a common buffer is allocated at DISPATCH_LEVEL"),
	FAULTY_MISTAKE_AT(PASSIVE_LEVEL, FaultyLeaveUnjoined, "0x106",
			  "a domain is left that was not joined"),
	FAULTY_MISTAKE_AT(PASSIVE_LEVEL, FaultyKeepBuffer, "0x07",
			  "the adapter is put, its common buffer is not freed"),
	{}
};
