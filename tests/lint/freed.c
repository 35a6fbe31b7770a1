// SPDX-License-Identifier: GPL-2.0-only
/* Common buffers that are freed with other lengths than they were allocated with. */
#include <ntddk.h>

#define FRE_SLOTS 64
#define FRE_SIZE (FRE_SLOTS * 16)

NTSTATUS FreAllocate(PFRE_DEVICE Device, PDMA_ADAPTER Adapter, ULONG Bytes)
{
	PDMA_OPERATIONS Ops = Adapter->DmaOperations;

	Device->A = Ops->AllocateCommonBuffer(Adapter, FRE_SIZE, &Device->AtA, TRUE);
	Device->B = Ops->AllocateCommonBuffer(Adapter, FRE_SIZE, &Device->AtB, TRUE);
	Device->C = Ops->AllocateCommonBuffer(Adapter, Bytes, &Device->AtC, TRUE);
	Device->D = Ops->AllocateCommonBuffer(Adapter, sizeof(FRE_RING), &Device->AtD, TRUE);
	return Device->A && Device->B && Device->C && Device->D ? STATUS_SUCCESS :
								  STATUS_INSUFFICIENT_RESOURCES;
}

VOID FreFree(PFRE_DEVICE Device, PDMA_ADAPTER Adapter)
{
	PDMA_OPERATIONS Ops = Adapter->DmaOperations;

	Ops->FreeCommonBuffer(Adapter, FRE_SLOTS, Device->AtA, Device->A, TRUE);
	/* FOUND-BEFORE common-buffer-length */
	Ops->FreeCommonBuffer(Adapter, 0x400, Device->AtB, Device->B, TRUE);
	/* CLEAR-BEFORE common-buffer-length */
	Ops->FreeCommonBuffer(Adapter, Device->Bytes, Device->AtC, Device->C, TRUE);
	/* CLEAR-BEFORE common-buffer-length */
	Ops->FreeCommonBuffer(Adapter, sizeof(FRE_SLOT), Device->AtD, Device->D, TRUE);
	/* FOUND-BEFORE common-buffer-length */
}
