// SPDX-License-Identifier: GPL-2.0-only
/* What raises, what is left in the middle, and what is no lock. */
#include <ntddk.h>

NTSTATUS ExpLock(PMDL Mdl)
{
	NTSTATUS Status = STATUS_SUCCESS;

	MmProbeAndLockPages(Mdl, UserMode, IoWriteAccess); /* FOUND lock-without-try */
	MmUnlockPages(Mdl);
	__try {
		MmProbeAndLockPages(Mdl, UserMode, IoWriteAccess);
		/* CLEAR-BEFORE lock-without-try try-goes-on */
	} __except (EXCEPTION_EXECUTE_HANDLER) {
		Status = GetExceptionCode();
		return Status; /* CLEAR try-left */
	}
	return Status;
}

NTSTATUS ExpFlag(PMDL Mdl)
{
	MmProbeAndLockPages(Mdl, UserMode, IoWriteAccess); /* CLEAR lock-without-try */
	return Mdl->MdlFlags & MDL_PAGES_LOCKED ? STATUS_SUCCESS : STATUS_ACCESS_VIOLATION;
}

NTSTATUS ExpGoesOn(PEXP_DEVICE Device, PMDL Mdl)
{
	KLOCK_QUEUE_HANDLE Handle;
	NTSTATUS Status = STATUS_SUCCESS;

	__try {
		MmProbeAndLockPages(Mdl, UserMode, IoWriteAccess); /* FOUND try-goes-on */
		Device->Buffer = MmMapLockedPagesSpecifyCache(Mdl, UserMode, MmCached, NULL, FALSE,
		/* FOUND-BEFORE user-mapping */
							      NormalPagePriority);
		if (!Device->Buffer)
			return STATUS_NO_MEMORY; /* FOUND try-left */
		if (Device->Stopped)
			__leave; /* FOUND try-left */
	} __finally {
		Device->Locked = TRUE;
	}
	Device->System = MmMapLockedPagesSpecifyCache(Mdl, KernelMode, MmCached, NULL, FALSE,
	/* CLEAR-BEFORE user-mapping */
						      NormalPagePriority);
	KeAcquireInStackQueuedSpinLock(&Device->QueueLock, &Handle);
	/* FOUND-BEFORE lock-not-initialised */
	Device->Count++;
	KeReleaseInStackQueuedSpinLock(&Handle);
	KeAcquireInStackQueuedSpinLock(Device->SharedLock, &Handle);
	/* CLEAR-BEFORE lock-not-initialised */
	KeReleaseInStackQueuedSpinLock(&Handle);
	return Status;
}
