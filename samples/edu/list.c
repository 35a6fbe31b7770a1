// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that are mapped as a whole and get a scatter/gather list.
 */
#include "private.h"

static VOID EduInspect(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	NTSTATUS Status;

	Request->ListMdl = NULL;
	Status = DmaAdapter->DmaOperations->BuildMdlFromScatterGatherList(DmaAdapter,
									  Request->List,
									  Request->Irp.MdlAddress,
									  &Request->ListMdl);
	if (!NT_SUCCESS(Status))
		Request->ListMdl = NULL;
	Request->Inspect(Request, Request->List, Request->ListMdl, FALSE);
}

/* The request has its list. DISPATCH_LEVEL */
VOID EduTakeList(PEDU_DEVICE Device, PEDU_REQUEST Request, PSCATTER_GATHER_LIST List)
{
	Request->List = List;
	Request->Elements = List->Elements;
	Request->ElementCount = List->NumberOfElements;
	if (Request->Inspect)
		EduInspect(Device, Request);
	if (Request->Method == EduMapOnly)
		EduFinish(Device, Request, STATUS_SUCCESS);
	else
		EduReady(Device, Request);
}

/* AdapterListControl */
static VOID EduAdapterListControl(PDEVICE_OBJECT DeviceObject, PIRP Irp,
				  PSCATTER_GATHER_LIST ScatterGather, PVOID Context)
{
	PEDU_DEVICE Device = (PEDU_DEVICE)DeviceObject->DeviceExtension;

	UNREFERENCED_PARAMETER(Irp);

	InterlockedIncrement(&Device->Counts.Routines);
	EduTakeList(Device, (PEDU_REQUEST)Context, ScatterGather);
}

static NTSTATUS EduBuildRequestList(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	PDMA_OPERATIONS Operations = DmaAdapter->DmaOperations;
	ULONG Size, Registers;
	NTSTATUS Status;

	Status = Operations->CalculateScatterGatherList(DmaAdapter, Request->Irp.MdlAddress,
							Request->CurrentVa, Request->Length,
							&Size, &Registers);
	if (!NT_SUCCESS(Status))
		return Status;
	Request->ListBuffer = ExAllocatePoolWithTag(NonPagedPoolNx, Size, EDU_TAG);
	if (!Request->ListBuffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = Operations->BuildScatterGatherList(DmaAdapter, &Device->Object,
						    Request->Irp.MdlAddress, Request->CurrentVa,
						    Request->Length, EduAdapterListControl, Request,
						    Request->WriteToDevice, Request->ListBuffer,
						    Size);
	return Status;
}

VOID EduRequestList(PEDU_DEVICE Device, PEDU_REQUEST Request)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;
	NTSTATUS Status;
	KIRQL Irql;

	KeRaiseIrql(DISPATCH_LEVEL, &Irql);
	if (Request->Method == EduBuildList)
		Status = EduBuildRequestList(Device, Request);
	else
		Status = DmaAdapter->DmaOperations->GetScatterGatherList(DmaAdapter,
									 &Device->Object,
									 Request->Irp.MdlAddress,
									 Request->CurrentVa,
									 Request->Length,
									 EduAdapterListControl,
									 Request,
									 Request->WriteToDevice);
	if (!NT_SUCCESS(Status))
		EduComplete(Device, Request, Status);
	KeLowerIrql(Irql);
}

/* DISPATCH_LEVEL */
VOID EduFreeList(PEDU_DEVICE Device, PEDU_REQUEST Request, BOOLEAN Finished)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Request->Adapter].DmaAdapter;

	if (Finished && Request->Inspect && Request->Method != EduMapOnly)
		Request->Inspect(Request, Request->List, Request->ListMdl, TRUE);
	DmaAdapter->DmaOperations->PutScatterGatherList(DmaAdapter, Request->List,
							Request->WriteToDevice);
}
