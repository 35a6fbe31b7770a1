// SPDX-License-Identifier: GPL-2.0-only
/*
 * Buffers of a user process, which come as bare addresses (METHOD_NEITHER): what to trust of them
 * is decided here, in the context of that process.
 */
#include "private.h"

/* What the device reads has to be readable, what it writes writable. */
static NTSTATUS EduLockBuffer(PMDL Mdl, BOOLEAN WriteToDevice)
{
	NTSTATUS Status = STATUS_SUCCESS;

	__try {
		MmProbeAndLockPages(Mdl, UserMode, WriteToDevice ? IoReadAccess : IoWriteAccess);
	} __except(EXCEPTION_EXECUTE_HANDLER) {
		Status = GetExceptionCode();
	}
	return Status;
}

/* Leaves it to EduUnlockBuffers to clean up after a failure. */
static NTSTATUS EduLockBuffers(PEDU_REQUEST Request, PEDU_USER_BUFFER Buffers, ULONG Count)
{
	NTSTATUS Status;
	ULONG i;

	for (i = 0; i < Count; i++) {
		/* The first becomes the IRP's, the others are chained to it. */
		PMDL Mdl = IoAllocateMdl(Buffers[i].Address, Buffers[i].Length, i > 0, FALSE,
					 &Request->Irp);

		if (!Mdl)
			return STATUS_INSUFFICIENT_RESOURCES;
		Status = EduLockBuffer(Mdl, Request->WriteToDevice);
		if (!NT_SUCCESS(Status))
			return Status;
	}
	return STATUS_SUCCESS;
}

VOID EduUnlockBuffers(PEDU_REQUEST Request)
{
	PMDL Mdl = Request->Irp.MdlAddress;

	while (Mdl) {
		PMDL Next = Mdl->Next;

		if (Mdl->MdlFlags & MDL_PAGES_LOCKED)
			MmUnlockPages(Mdl);
		IoFreeMdl(Mdl);
		Mdl = Next;
	}
	Request->Irp.MdlAddress = NULL;
}

static NTSTATUS EduCheckLengths(PEDU_REQUEST Request, PEDU_USER_BUFFER Buffers, ULONG Count)
{
	ULONG64 Limit = EDU_MAP_LENGTH;
	ULONG64 Length = 0;
	ULONG i;

	if (Count == 0 || Count > EDU_MAXIMUM_BUFFERS)
		return STATUS_INVALID_PARAMETER;
	for (i = 0; i < Count; i++)
		Length += Buffers[i].Length;
	if (Request->Method == EduCommonBuffer)
		return STATUS_INVALID_PARAMETER;
	if (Request->Method != EduMapOnly) {
		if (Request->StoreOffset > EDU_STORE_LENGTH)
			return STATUS_INVALID_PARAMETER;
		Limit = EDU_STORE_LENGTH - Request->StoreOffset;
	}
	if (Length > Limit)
		return STATUS_INVALID_PARAMETER;
	Request->Length = (ULONG)Length;
	return STATUS_SUCCESS;
}

VOID EduSubmitUser(PEDU_DEVICE Device, PEDU_REQUEST Request, PEDU_USER_BUFFER Buffers,
		   ULONG Count)
{
	NTSTATUS Status;

	PAGED_CODE();

	EduBegin(Device, Request);
	Request->Irp.RequestorMode = UserMode;
	Request->Irp.MdlAddress = NULL;
	Request->UserBuffers = TRUE;
	Status = EduCheckLengths(Request, Buffers, Count);
	if (NT_SUCCESS(Status))
		Status = EduLockBuffers(Request, Buffers, Count);
	if (!NT_SUCCESS(Status)) {
		EduComplete(Device, Request, Status);
		return;
	}
	Request->CurrentVa = (PUCHAR)MmGetMdlVirtualAddress(Request->Irp.MdlAddress);
	EduStart(Device, Request);
}
