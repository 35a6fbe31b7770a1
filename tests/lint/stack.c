// SPDX-License-Identifier: GPL-2.0-only
/* Buffers on the stack, and an alignment that is a mask. */
#include <ntddk.h>

VOID StkMdls(PSTK_DEVICE Device, PVOID Given)
{
	static UCHAR Kept[64];
	STK_COMMAND Command;
	UCHAR Bytes[64];
	PVOID Pool = ExAllocatePoolWithTag(NonPagedPoolNx, 64, 'kts ');

	Device->A = IoAllocateMdl(&Command, 64, FALSE, FALSE, NULL); /* FOUND stack-memory */
	MmInitializeMdl(Device->B, Bytes, 64); /* FOUND stack-memory */
	Device->C = IoAllocateMdl(Kept, sizeof(Kept), FALSE, FALSE, NULL); /* CLEAR stack-memory */
	Device->D = IoAllocateMdl(Pool, 64, FALSE, FALSE, NULL); /* CLEAR stack-memory */
	Device->E = IoAllocateMdl(Given, 64, FALSE, FALSE, NULL); /* CLEAR stack-memory */
	Device->F = IoAllocateMdl(&Device->G, 64, FALSE, FALSE, NULL); /* CLEAR stack-memory */
}

VOID StkAlign(PSTK_DEVICE Device, PDMA_ADAPTER Adapter)
{
	PDEVICE_OBJECT Self = Device->Self;

	Self->AlignmentRequirement = Adapter->DmaOperations->GetDmaAlignment(Adapter);
	/* FOUND-BEFORE alignment-mask */
	Self->AlignmentRequirement = Adapter->DmaOperations->GetDmaAlignment(Adapter) - 1;
	/* CLEAR-BEFORE alignment-mask */
	Device->Alignment = Adapter->DmaOperations->GetDmaAlignment(Adapter);
	/* CLEAR-BEFORE alignment-mask */
}
