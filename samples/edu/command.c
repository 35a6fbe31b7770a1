// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copies by a device that has no request: it was not started, or is suspended. The caller waits.
 */
#include "private.h"

#define EDU_POLL_TIME (10 * 1000 * 10)	/* 100 ns: a command takes 100 ms */
#define EDU_POLLS 500

static NTSTATUS EduWait(PEDU_DEVICE Device)
{
	LARGE_INTEGER Time;
	ULONG Count;

	Time.QuadPart = -EDU_POLL_TIME;
	for (Count = 0; Count < EDU_POLLS; Count++) {
		KeDelayExecutionThread(KernelMode, FALSE, &Time);
		if (!EduIsBusy(Device))
			return STATUS_SUCCESS;
	}
	return STATUS_IO_TIMEOUT;
}

/* From memory into the device */
NTSTATUS EduTake(PEDU_DEVICE Device, ULONG64 Source, ULONG Length)
{
	PAGED_CODE();

	EduCommand(Device, Source, EDU_BUFFER_ADDRESS, Length, EDU_COMMAND_START);
	return EduWait(Device);
}

/* What was taken, out to memory */
NTSTATUS EduGive(PEDU_DEVICE Device, ULONG64 Destination, ULONG Length)
{
	PAGED_CODE();

	EduCommand(Device, EDU_BUFFER_ADDRESS, Destination, Length,
		   EDU_COMMAND_START | EDU_COMMAND_TO_MEMORY);
	return EduWait(Device);
}

NTSTATUS EduCopy(PEDU_DEVICE Device, ULONG64 Source, ULONG64 Destination, ULONG Length)
{
	NTSTATUS Status = EduTake(Device, Source, Length);

	return NT_SUCCESS(Status) ? EduGive(Device, Destination, Length) : Status;
}
