// SPDX-License-Identifier: GPL-2.0-only
/*
 * The parts of a driver that wait: work items, a thread, semaphores, mutexes, several objects at
 * once, pool in its many forms, strings.
 */
#include <ntddk.h>
#include <ntstrsafe.h>

#define WRK_TAG 'kroW'
#define WRK_EVENTS 4

#ifndef __drv_maxIRQL
#error "annotations are missing"
#endif

typedef struct _WRK_DEVICE {
	PDEVICE_OBJECT DeviceObject;
	PIO_WORKITEM WorkItem;
	HANDLE ThreadHandle;
	PVOID ThreadObject;
	KEVENT StopEvent;
	KEVENT WorkDone;
	KSEMAPHORE Jobs;
	KMUTEX Mutex;
	FAST_MUTEX ListMutex;
	LIST_ENTRY JobList;
	SLIST_HEADER FreeJobs;
	LOOKASIDE_LIST_EX Lookaside;
	LONG64 BytesDone;
	UNICODE_STRING Name;
	WCHAR NameBuffer[32];
} WRK_DEVICE, *PWRK_DEVICE;

typedef struct _WRK_JOB {
	SLIST_ENTRY FreeLink;
	LIST_ENTRY Link;
	PMDL Mdl;
	ULONG Length;
} WRK_JOB, *PWRK_JOB;

IO_WORKITEM_ROUTINE WrkRoutine;
IO_WORKITEM_ROUTINE_EX WrkRoutineEx;
KSTART_ROUTINE WrkThread;
NTSTATUS WrkStart(_Inout_ PWRK_DEVICE Device);
VOID WrkStop(_Inout_ PWRK_DEVICE Device);
_Must_inspect_result_ NTSTATUS WrkQueueJob(_Inout_ PWRK_DEVICE Device, _In_ PMDL Mdl);

_Use_decl_annotations_
VOID WrkRoutine(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
	PWRK_DEVICE Device = (PWRK_DEVICE)Context;
	LARGE_INTEGER Delay;

	PAGED_CODE();
	UNREFERENCED_PARAMETER(DeviceObject);

	Delay.QuadPart = -10 * 1000;
	KeDelayExecutionThread(KernelMode, FALSE, &Delay);
	KeSetEvent(&Device->WorkDone, EVENT_INCREMENT, FALSE);
}

_Use_decl_annotations_
VOID WrkRoutineEx(PVOID IoObject, PVOID Context, PIO_WORKITEM IoWorkItem)
{
	WrkRoutine((PDEVICE_OBJECT)IoObject, Context);
	IoFreeWorkItem(IoWorkItem);
}

static PWRK_JOB WrkNextJob(PWRK_DEVICE Device)
{
	PWRK_JOB Job = NULL;

	ExAcquireFastMutex(&Device->ListMutex);
	if (!IsListEmpty(&Device->JobList))
		Job = CONTAINING_RECORD(RemoveHeadList(&Device->JobList), WRK_JOB, Link);
	ExReleaseFastMutex(&Device->ListMutex);
	return Job;
}

_Use_decl_annotations_
VOID WrkThread(PVOID StartContext)
{
	PWRK_DEVICE Device = (PWRK_DEVICE)StartContext;
	PVOID Objects[2];
	NTSTATUS Status;
	PWRK_JOB Job;

	Objects[0] = &Device->StopEvent;
	Objects[1] = &Device->Jobs;
	KeSetPriorityThread(KeGetCurrentThread(), LOW_REALTIME_PRIORITY);
	for (;;) {
		Status = KeWaitForMultipleObjects(ARRAYSIZE(Objects), Objects, WaitAny, Executive,
						  KernelMode, FALSE, NULL, NULL);
		if (Status != STATUS_WAIT_1)
			break;
		Job = WrkNextJob(Device);
		if (Job == NULL)
			continue;
		InterlockedAdd64(&Device->BytesDone, Job->Length);
		InterlockedPushEntrySList(&Device->FreeJobs, &Job->FreeLink);
	}
	PsTerminateSystemThread(STATUS_SUCCESS);
}

_Use_decl_annotations_
NTSTATUS WrkQueueJob(PWRK_DEVICE Device, PMDL Mdl)
{
	PSLIST_ENTRY Free = InterlockedPopEntrySList(&Device->FreeJobs);
	PWRK_JOB Job;

	if (Free != NULL)
		Job = CONTAINING_RECORD(Free, WRK_JOB, FreeLink);
	else
		Job = (PWRK_JOB)ExAllocateFromLookasideListEx(&Device->Lookaside);
	if (!Job)
		return STATUS_INSUFFICIENT_RESOURCES;
	Job->Mdl = Mdl;
	Job->Length = MmGetMdlByteCount(Mdl);
	ExAcquireFastMutex(&Device->ListMutex);
	InsertTailList(&Device->JobList, &Job->Link);
	ExReleaseFastMutex(&Device->ListMutex);
	KeReleaseSemaphore(&Device->Jobs, SEMAPHORE_INCREMENT, 1, FALSE);
	return STATUS_SUCCESS;
}

static NTSTATUS WrkMakeName(PWRK_DEVICE Device, ULONG Number)
{
	DECLARE_CONST_UNICODE_STRING(Prefix, L"\\Device\\Worker");
	UNICODE_STRING Digits;
	WCHAR Buffer[12];
	CHAR Text[40];
	size_t Length;
	NTSTATUS Status;

	RtlInitEmptyUnicodeString(&Device->Name, Device->NameBuffer, sizeof(Device->NameBuffer));
	RtlCopyUnicodeString(&Device->Name, &Prefix);
	RtlInitEmptyUnicodeString(&Digits, Buffer, sizeof(Buffer));
	Status = RtlIntegerToUnicodeString(Number, 10, &Digits);
	if (NT_SUCCESS(Status))
		Status = RtlAppendUnicodeStringToString(&Device->Name, &Digits);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = RtlStringCbPrintfA(Text, sizeof(Text), "worker%lu", Number);
	if (NT_SUCCESS(Status))
		Status = RtlStringCbLengthA(Text, sizeof(Text), &Length);
	if (NT_SUCCESS(Status))
		DbgPrint("%s (%Iu)\n", Text, Length);
	return Status;
}

static VOID WrkUsePool(VOID)
{
	PULONG Values = (PULONG)ExAllocatePool2(POOL_FLAG_NON_PAGED, 16 * sizeof(ULONG), WRK_TAG);
	PVOID Other = ExAllocatePoolWithTag(PagedPool, 100, WRK_TAG);
	SIZE_T i;

	if (Values != NULL) {
		for (i = 0; i < 16; i++)
			Values[i] = max((ULONG)i, 4u);
		NT_ASSERT(Values[0] == 4);
		RtlSecureZeroMemory(Values, 16 * sizeof(ULONG));
		ExFreePoolWithTag(Values, WRK_TAG);
	}
	if (Other != NULL)
		ExFreePool(Other);
}

_Use_decl_annotations_
NTSTATUS WrkStart(PWRK_DEVICE Device)
{
	OBJECT_ATTRIBUTES Attributes;
	LARGE_INTEGER Timeout;
	NTSTATUS Status;

	PAGED_CODE();

	KeInitializeEvent(&Device->StopEvent, NotificationEvent, FALSE);
	KeInitializeEvent(&Device->WorkDone, SynchronizationEvent, FALSE);
	KeInitializeSemaphore(&Device->Jobs, 0, MAXLONG);
	KeInitializeMutex(&Device->Mutex, 0);
	ExInitializeFastMutex(&Device->ListMutex);
	InitializeListHead(&Device->JobList);
	InitializeSListHead(&Device->FreeJobs);
	Status = ExInitializeLookasideListEx(&Device->Lookaside, NULL, NULL, NonPagedPoolNx, 0,
					     sizeof(WRK_JOB), WRK_TAG, 0);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = WrkMakeName(Device, 7);
	if (!NT_SUCCESS(Status))
		return Status;
	WrkUsePool();

	Device->WorkItem = IoAllocateWorkItem(Device->DeviceObject);
	if (Device->WorkItem == NULL)
		return STATUS_INSUFFICIENT_RESOURCES;
	IoQueueWorkItem(Device->WorkItem, WrkRoutine, DelayedWorkQueue, Device);
	Timeout.QuadPart = -5 * 1000 * 1000 * 10LL;
	Status = KeWaitForSingleObject(&Device->WorkDone, Executive, KernelMode, FALSE, &Timeout);
	if (Status == STATUS_TIMEOUT)
		return STATUS_IO_TIMEOUT;
	IoQueueWorkItemEx(Device->WorkItem, WrkRoutineEx, DelayedWorkQueue, Device);

	InitializeObjectAttributes(&Attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
	Status = PsCreateSystemThread(&Device->ThreadHandle, THREAD_ALL_ACCESS, &Attributes, NULL,
				      NULL, WrkThread, Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = ObReferenceObjectByHandle(Device->ThreadHandle, THREAD_ALL_ACCESS, *PsThreadType,
					   KernelMode, &Device->ThreadObject, NULL);
	ZwClose(Device->ThreadHandle);
	return Status;
}

_Use_decl_annotations_
VOID WrkStop(PWRK_DEVICE Device)
{
	PSLIST_ENTRY Free;

	KeWaitForSingleObject(&Device->Mutex, Executive, KernelMode, FALSE, NULL);
	KeSetEvent(&Device->StopEvent, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(Device->ThreadObject, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(Device->ThreadObject);
	KeReleaseMutex(&Device->Mutex, FALSE);
	KeWaitForSingleObject(&Device->WorkDone, Executive, KernelMode, FALSE, NULL);
	while ((Free = InterlockedPopEntrySList(&Device->FreeJobs)) != NULL)
		ExFreeToLookasideListEx(&Device->Lookaside,
					CONTAINING_RECORD(Free, WRK_JOB, FreeLink));
	ExDeleteLookasideListEx(&Device->Lookaside);
}
