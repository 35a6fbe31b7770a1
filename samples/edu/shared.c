// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that driver and device share, beyond the common buffer of each version: a vector of
 * packet buffers, and a buffer made of pages that the driver has already. No command is given.
 */
#include "private.h"

#define EDU_PACKETS 16
#define EDU_PACKET_LENGTH 2048
#define EDU_PAGES_LENGTH (8 * PAGE_SIZE)

/* Each packet buffer is there, and no other's. */
static NTSTATUS EduTryPackets(PDMA_ADAPTER DmaAdapter, PDMA_COMMON_BUFFER_VECTOR Vector)
{
	PHYSICAL_ADDRESS Address;
	PUCHAR Buffer;
	ULONG Index;

	for (Index = 0; Index < EDU_PACKETS; Index++) {
		DmaAdapter->DmaOperations->GetCommonBufferFromVectorByIndex(DmaAdapter, Vector,
									    Index,
									    (PVOID *)&Buffer,
									    &Address);
		if (!Buffer || !Address.QuadPart)
			return STATUS_UNSUCCESSFUL;
		RtlFillMemory(Buffer, EDU_PACKET_LENGTH, (UCHAR)Index);
	}
	for (Index = 0; Index < EDU_PACKETS; Index++) {
		DmaAdapter->DmaOperations->GetCommonBufferFromVectorByIndex(DmaAdapter, Vector,
									    Index,
									    (PVOID *)&Buffer, NULL);
		if (Buffer[0] != Index || Buffer[EDU_PACKET_LENGTH - 1] != Index)
			return STATUS_DATA_ERROR;
	}
	return STATUS_SUCCESS;
}

static NTSTATUS EduTryVector(PDMA_ADAPTER DmaAdapter)
{
	PHYSICAL_ADDRESS Low, High;
	PDMA_COMMON_BUFFER_VECTOR Vector;
	NTSTATUS Status;

	Low.QuadPart = 0;
	High.QuadPart = -1;
	/* Cached even if the device does not see the caches: the driver flushes what it uses. */
	Status = DmaAdapter->DmaOperations->AllocateCommonBufferVector(DmaAdapter, Low, High,
								       MmCached, 0, 0, EDU_PACKETS,
								       EDU_PACKET_LENGTH, &Vector);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = EduTryPackets(DmaAdapter, Vector);
	DmaAdapter->DmaOperations->FreeCommonBufferVector(DmaAdapter, Vector);
	return Status;
}

/* As a driver does that would rather use its own pages than copy. */
static NTSTATUS EduShareMdl(PDMA_ADAPTER DmaAdapter, PMDL Mdl)
{
	PVOID Va = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority | MdlMappingNoExecute);
	PHYSICAL_ADDRESS Address;
	NTSTATUS Status;

	if (!Va)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = DmaAdapter->DmaOperations->CreateCommonBufferFromMdl(DmaAdapter, Mdl, NULL, 0,
								      &Address);
	if (!NT_SUCCESS(Status))
		return Status;
	RtlFillMemory(Va, MmGetMdlByteCount(Mdl), 0x5A);
	Status = DmaAdapter->DmaOperations->FlushDmaBuffer(DmaAdapter, Mdl, FALSE);
	if (NT_SUCCESS(Status))
		Status = DmaAdapter->DmaOperations->FlushDmaBuffer(DmaAdapter, Mdl, TRUE);
	DmaAdapter->DmaOperations->FreeCommonBuffer(DmaAdapter, MmGetMdlByteCount(Mdl), Address,
						    Va, TRUE);
	return Status;
}

static NTSTATUS EduTryMdl(PDMA_ADAPTER DmaAdapter)
{
	PHYSICAL_ADDRESS Low, High, Skip;
	NTSTATUS Status;
	PMDL Mdl;

	Low.QuadPart = 0;
	High.QuadPart = -1;
	Skip.QuadPart = 0;
	Mdl = MmAllocatePagesForMdlEx(Low, High, Skip, EDU_PAGES_LENGTH, MmCached,
				      MM_ALLOCATE_FULLY_REQUIRED);
	if (!Mdl)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = EduShareMdl(DmaAdapter, Mdl);
	MmFreePagesFromMdl(Mdl);
	ExFreePool(Mdl);
	return Status;
}

/*
 * *MdlStatus: of the buffer made of pages. Without an IOMMU they must lie in one piece, which they
 * need not, and a driver allocates a common buffer instead.
 */
NTSTATUS EduTrySharedMemory(PEDU_DEVICE Device, EDU_ADAPTER Adapter, NTSTATUS *MdlStatus)
{
	PDMA_ADAPTER DmaAdapter = Device->Adapters[Adapter].DmaAdapter;

	PAGED_CODE();

	*MdlStatus = STATUS_NOT_SUPPORTED;
	/* Where the table ends earlier there is none of it. */
	if (DmaAdapter->DmaOperations->Size <=
	    FIELD_OFFSET(DMA_OPERATIONS, CreateCommonBufferFromMdl))
		return STATUS_NOT_SUPPORTED;
	*MdlStatus = EduTryMdl(DmaAdapter);
	return EduTryVector(DmaAdapter);
}
