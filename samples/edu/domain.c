// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two devices that share memory: the *joiner* is let into the domain of the *owner*, whose common
 * buffer it reaches then. Also the other memory of later versions of the table, with transfers.
 *
 * The owner is suspended, and may have common buffers. The joiner was not started and has nothing.
 */
#include "private.h"

#define EDU_TRY_LENGTH 1024
#define EDU_ELEMENTS 4
#define EDU_FEW_BITS 24		/* fewer than the owner has */

static PDMA_ADAPTER EduPairAdapter(PEDU_DEVICE Device, ULONG Bits)
{
	DEVICE_DESCRIPTION Description;
	ULONG MapRegisters;

	RtlZeroMemory(&Description, sizeof(Description));
	Description.Version = DEVICE_DESCRIPTION_VERSION3;
	Description.Master = TRUE;
	Description.ScatterGather = TRUE;
	Description.DmaAddressWidth = Bits;
	Description.InterfaceType = PCIBus;
	Description.MaximumLength = EDU_COMMON_BUFFER_LENGTH;
	return IoGetDmaAdapter(Device->PhysicalDeviceObject, &Description, &MapRegisters);
}

static VOID EduPutPairAdapter(PDMA_ADAPTER DmaAdapter)
{
	if (DmaAdapter)
		DmaAdapter->DmaOperations->PutDmaAdapter(DmaAdapter);
}

/* Bytes that are not those of any time before */
static VOID EduFillTry(PEDU_PAIR Pair, PUCHAR Buffer)
{
	ULONG Index;

	Pair->Seed++;
	for (Index = 0; Index < EDU_TRY_LENGTH; Index++)
		Buffer[Index] = (UCHAR)((Index * 7) ^ (Index >> 8) ^ (Pair->Seed * 37));
}

static BOOLEAN EduIsSame(const UCHAR *Buffer, const UCHAR *Other)
{
	return RtlCompareMemory(Buffer, Other, EDU_TRY_LENGTH) == EDU_TRY_LENGTH;
}

static BOOLEAN EduIsZero(const UCHAR *Buffer)
{
	ULONG Index;

	for (Index = 0; Index < EDU_TRY_LENGTH; Index++)
		if (Buffer[Index])
			return FALSE;
	return TRUE;
}

NTSTATUS EduOpenPair(PEDU_PAIR Pair, PEDU_DEVICE Owner, PEDU_DEVICE Joiner)
{
	PDMA_ADAPTER DmaAdapter;

	PAGED_CODE();

	RtlZeroMemory(Pair, sizeof(*Pair));
	Pair->Owner = Owner;
	Pair->Joiner = Joiner;
	Pair->Length = EDU_TRY_LENGTH;
	Pair->OwnerAdapter = EduPairAdapter(Owner, 64);
	Pair->JoinerAdapter = EduPairAdapter(Joiner, 64);
	if (!Pair->OwnerAdapter || !Pair->JoinerAdapter)
		return STATUS_INSUFFICIENT_RESOURCES;
	DmaAdapter = Pair->OwnerAdapter;
	/* Where the table ends earlier there is none of this. */
	if (DmaAdapter->DmaOperations->Size <=
	    FIELD_OFFSET(DMA_OPERATIONS, CreateCommonBufferFromMdl))
		return STATUS_NOT_SUPPORTED;
	Pair->Buffer = DmaAdapter->DmaOperations->AllocateCommonBuffer(DmaAdapter, PAGE_SIZE,
								       &Pair->Address, TRUE);
	return Pair->Buffer ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

VOID EduClosePair(PEDU_PAIR Pair)
{
	PDMA_ADAPTER DmaAdapter = Pair->OwnerAdapter;

	PAGED_CODE();

	if (Pair->Buffer)
		DmaAdapter->DmaOperations->FreeCommonBuffer(DmaAdapter, PAGE_SIZE, Pair->Address,
							    Pair->Buffer, TRUE);
	EduPutPairAdapter(Pair->JoinerAdapter);
	EduPutPairAdapter(Pair->OwnerAdapter);
}

/* Fills the joiner with what it finds in memory of its own, of whatever domain it is in. */
static NTSTATUS EduFillJoiner(PEDU_PAIR Pair, PUCHAR Expected)
{
	PDMA_ADAPTER DmaAdapter = Pair->JoinerAdapter;
	PHYSICAL_ADDRESS Address;
	NTSTATUS Status;
	PUCHAR Buffer;

	Buffer = DmaAdapter->DmaOperations->AllocateCommonBuffer(DmaAdapter, EDU_TRY_LENGTH,
								 &Address, TRUE);
	if (!Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	EduFillTry(Pair, Buffer);
	RtlCopyMemory(Expected, Buffer, EDU_TRY_LENGTH);
	Status = EduTake(Pair->Joiner, Address.QuadPart, EDU_TRY_LENGTH);
	DmaAdapter->DmaOperations->FreeCommonBuffer(DmaAdapter, EDU_TRY_LENGTH, Address, Buffer,
						    TRUE);
	return Status;
}

/* The joiner uses its own memory, where only its adapter is asked for. */
NTSTATUS EduTryAlone(PEDU_PAIR Pair)
{
	PDMA_ADAPTER DmaAdapter = Pair->JoinerAdapter;
	PHYSICAL_ADDRESS Address;
	NTSTATUS Status;
	PUCHAR Buffer;

	PAGED_CODE();

	Buffer = DmaAdapter->DmaOperations->AllocateCommonBuffer(DmaAdapter, 2 * EDU_TRY_LENGTH,
								 &Address, TRUE);
	if (!Buffer)
		return STATUS_INSUFFICIENT_RESOURCES;
	EduFillTry(Pair, Buffer);
	RtlZeroMemory(Buffer + EDU_TRY_LENGTH, EDU_TRY_LENGTH);
	Status = EduCopy(Pair->Joiner, Address.QuadPart, Address.QuadPart + EDU_TRY_LENGTH,
			 EDU_TRY_LENGTH);
	if (NT_SUCCESS(Status) && !EduIsSame(Buffer, Buffer + EDU_TRY_LENGTH))
		Status = STATUS_DATA_ERROR;
	DmaAdapter->DmaOperations->FreeCommonBuffer(DmaAdapter, 2 * EDU_TRY_LENGTH, Address, Buffer,
						    TRUE);
	return Status;
}

/* Does what the joiner writes arrive in the owner's common buffer? All of it, or nothing. */
NTSTATUS EduTryReach(PEDU_PAIR Pair, ULONG Length, BOOLEAN *Reached)
{
	PUCHAR Expected = Pair->Buffer + PAGE_SIZE / 2;
	NTSTATUS Status;

	PAGED_CODE();

	RtlZeroMemory(Pair->Buffer, PAGE_SIZE);
	Status = EduFillJoiner(Pair, Expected);
	if (NT_SUCCESS(Status))
		Status = EduGive(Pair->Joiner, Pair->Address.QuadPart, Length);
	if (!NT_SUCCESS(Status))
		return Status;
	*Reached = RtlCompareMemory(Pair->Buffer, Expected, Length) == Length;
	return *Reached || EduIsZero(Pair->Buffer) ? STATUS_SUCCESS : STATUS_DATA_ERROR;
}

/* Behind an IOMMU; the joiner has an adapter that does not reach all that the owner is given. */
NTSTATUS EduTryNarrowJoin(PEDU_PAIR Pair)
{
	PDMA_ADAPTER DmaAdapter = EduPairAdapter(Pair->Joiner, EDU_FEW_BITS);
	HANDLE Domain;
	NTSTATUS Status;

	PAGED_CODE();

	if (!DmaAdapter)
		return STATUS_INSUFFICIENT_RESOURCES;
	Domain = Pair->OwnerAdapter->DmaOperations->GetDmaDomain(Pair->OwnerAdapter);
	Status = DmaAdapter->DmaOperations->JoinDmaDomain(DmaAdapter, Domain);
	if (NT_SUCCESS(Status))
		DmaAdapter->DmaOperations->LeaveDmaDomain(DmaAdapter);
	EduPutPairAdapter(DmaAdapter);
	return Status;
}

NTSTATUS EduJoin(PEDU_PAIR Pair)
{
	PDMA_ADAPTER DmaAdapter = Pair->JoinerAdapter;
	NTSTATUS Status;

	PAGED_CODE();

	Pair->Domain = Pair->OwnerAdapter->DmaOperations->GetDmaDomain(Pair->OwnerAdapter);
	if (!Pair->Domain)
		return STATUS_INSUFFICIENT_RESOURCES;
	Status = DmaAdapter->DmaOperations->JoinDmaDomain(DmaAdapter, Pair->Domain);
	if (NT_SUCCESS(Status) &&
	    DmaAdapter->DmaOperations->GetDmaDomain(DmaAdapter) != Pair->Domain)
		Status = STATUS_UNSUCCESSFUL;
	return Status;
}

NTSTATUS EduLeave(PEDU_PAIR Pair)
{
	PAGED_CODE();

	return Pair->JoinerAdapter->DmaOperations->LeaveDmaDomain(Pair->JoinerAdapter);
}

/* The owner writes what the joiner reads, at one address; the joiner answers beside it. */
static NTSTATUS EduPassOn(PEDU_PAIR Pair, PUCHAR Buffer, ULONG64 Address)
{
	NTSTATUS Status;

	RtlZeroMemory(Buffer, PAGE_SIZE);
	EduFillTry(Pair, Pair->Buffer);
	Status = EduCopy(Pair->Owner, Pair->Address.QuadPart, Address, EDU_TRY_LENGTH);
	if (NT_SUCCESS(Status))
		Status = EduCopy(Pair->Joiner, Address, Address + PAGE_SIZE / 2, EDU_TRY_LENGTH);
	if (NT_SUCCESS(Status) && (!EduIsSame(Buffer, Pair->Buffer) ||
				   !EduIsSame(Buffer + PAGE_SIZE / 2, Pair->Buffer)))
		Status = STATUS_DATA_ERROR;
	return Status;
}

NTSTATUS EduTryDomainBuffer(PEDU_PAIR Pair)
{
	PDMA_ADAPTER DmaAdapter = Pair->OwnerAdapter;
	PHYSICAL_ADDRESS Address;
	NTSTATUS Status;
	PVOID Buffer;

	PAGED_CODE();

	Status = DmaAdapter->DmaOperations->AllocateDomainCommonBuffer(DmaAdapter, Pair->Domain,
								       NULL, PAGE_SIZE, 0, NULL,
								       MM_ANY_NODE_OK, &Address,
								       &Buffer);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = EduPassOn(Pair, Buffer, Address.QuadPart);
	DmaAdapter->DmaOperations->FreeCommonBuffer(DmaAdapter, PAGE_SIZE, Address, Buffer, TRUE);
	return Status;
}

static NTSTATUS EduGetElement(PEDU_PAIR Pair, PDMA_COMMON_BUFFER_VECTOR Vector, ULONG Index,
			      PUCHAR *Buffer, PPHYSICAL_ADDRESS Address)
{
	PDMA_ADAPTER DmaAdapter = Pair->JoinerAdapter;

	DmaAdapter->DmaOperations->GetCommonBufferFromVectorByIndex(DmaAdapter, Vector,
								    Index % EDU_ELEMENTS,
								    (PVOID *)Buffer, Address);
	return *Buffer ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

/* Out of an element, and into the second half of the next. */
static NTSTATUS EduCopyElement(PEDU_PAIR Pair, PDMA_COMMON_BUFFER_VECTOR Vector, ULONG Index)
{
	PHYSICAL_ADDRESS Source, Destination;
	PUCHAR From, To;
	NTSTATUS Status;

	Status = EduGetElement(Pair, Vector, Index, &From, &Source);
	if (NT_SUCCESS(Status))
		Status = EduGetElement(Pair, Vector, Index + 1, &To, &Destination);
	if (!NT_SUCCESS(Status))
		return Status;
	EduFillTry(Pair, From);
	RtlZeroMemory(To + EDU_TRY_LENGTH, EDU_TRY_LENGTH);
	Status = EduCopy(Pair->Joiner, Source.QuadPart, Destination.QuadPart + EDU_TRY_LENGTH,
			 EDU_TRY_LENGTH);
	if (NT_SUCCESS(Status) && !EduIsSame(From, To + EDU_TRY_LENGTH))
		Status = STATUS_DATA_ERROR;
	return Status;
}

NTSTATUS EduTryElements(PEDU_PAIR Pair, PULONG Elements)
{
	PDMA_ADAPTER DmaAdapter = Pair->JoinerAdapter;
	PDMA_COMMON_BUFFER_VECTOR Vector;
	PHYSICAL_ADDRESS Low, High;
	NTSTATUS Status;
	ULONG Index;

	PAGED_CODE();

	Low.QuadPart = 0;
	High.QuadPart = -1;
	Status = DmaAdapter->DmaOperations->AllocateCommonBufferVector(DmaAdapter, Low, High,
								       MmNonCached, 0, 0,
								       EDU_ELEMENTS,
								       2 * EDU_TRY_LENGTH,
								       &Vector);
	if (!NT_SUCCESS(Status))
		return Status;
	for (Index = 0; NT_SUCCESS(Status) && Index < EDU_ELEMENTS; Index++)
		Status = EduCopyElement(Pair, Vector, Index);
	*Elements = Index;
	DmaAdapter->DmaOperations->FreeCommonBufferVector(DmaAdapter, Vector);
	return Status;
}

/*
 * Out of the first page of an MDL and into the last one, of which the device knows only where in
 * one range of addresses they are.
 */
static NTSTATUS EduCopyPages(PEDU_PAIR Pair, PMDL Mdl, ULONG64 Address)
{
	PUCHAR First = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority | MdlMappingNoExecute);
	ULONG Offset = MmGetMdlByteCount(Mdl) - PAGE_SIZE;
	NTSTATUS Status;

	if (!First)
		return STATUS_INSUFFICIENT_RESOURCES;
	EduFillTry(Pair, First);
	RtlZeroMemory(First + Offset, PAGE_SIZE);
	/* For a device that does not see the caches */
	KeFlushIoBuffers(Mdl, FALSE, TRUE);
	Status = EduCopy(Pair->Joiner, Address, Address + Offset, EDU_TRY_LENGTH);
	KeFlushIoBuffers(Mdl, TRUE, TRUE);
	if (NT_SUCCESS(Status) && !EduIsSame(First, First + Offset))
		Status = STATUS_DATA_ERROR;
	return Status;
}

/* Whole pages. Without an IOMMU they must lie in one piece. */
NTSTATUS EduTryMdlBuffer(PEDU_PAIR Pair, PMDL Mdl)
{
	PDMA_ADAPTER DmaAdapter = Pair->JoinerAdapter;
	PHYSICAL_ADDRESS Address;
	NTSTATUS Status;
	PVOID Buffer;

	PAGED_CODE();

	Status = DmaAdapter->DmaOperations->CreateCommonBufferFromMdl(DmaAdapter, Mdl, NULL, 0,
								      &Address);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = EduCopyPages(Pair, Mdl, Address.QuadPart);
	Buffer = MmGetSystemAddressForMdlSafe(Mdl, NormalPagePriority | MdlMappingNoExecute);
	DmaAdapter->DmaOperations->FreeCommonBuffer(DmaAdapter, MmGetMdlByteCount(Mdl), Address,
						    Buffer, TRUE);
	return Status;
}

static NTSTATUS EduTryMapped(PEDU_PAIR Pair, PDMA_IOMMU_INTERFACE_V2 Iommu,
			     PIOMMU_DMA_DOMAIN Domain, PMDL Mdl)
{
	ULONG64 Pages = MmGetMdlByteCount(Mdl) / PAGE_SIZE;
	IOMMU_MAP_PHYSICAL_ADDRESS Memory;
	IOMMU_DMA_LOGICAL_ADDRESS Address;
	NTSTATUS Status, Unmapped;

	RtlZeroMemory(&Memory, sizeof(Memory));
	Memory.MapType = MapPhysicalAddressTypeMdl;
	Memory.Mdl.Mdl = Mdl;
	Status = Iommu->MapLogicalRangeEx(Domain, WDMDMA_IOMMU_READ | WDMDMA_IOMMU_WRITE, &Memory,
					  NULL, NULL, NULL, &Address);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = EduCopyPages(Pair, Mdl, Address);
	Unmapped = Iommu->UnmapLogicalRange(Domain, Address, Pages);
	return NT_SUCCESS(Status) ? Unmapped : Status;
}

/* While the device is attached its adapters give nothing. */
static NTSTATUS EduTryAttached(PEDU_PAIR Pair, PDMA_IOMMU_INTERFACE_V2 Iommu,
			       PIOMMU_DMA_DEVICE Device, PIOMMU_DMA_DOMAIN Domain, PMDL Mdl)
{
	NTSTATUS Status, Detached;

	Status = Iommu->AttachDeviceEx(Domain, Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = STATUS_UNSUCCESSFUL;
	if (EduFillJoiner(Pair, Pair->Buffer) == STATUS_INSUFFICIENT_RESOURCES)
		Status = EduTryMapped(Pair, Iommu, Domain, Mdl);
	Detached = Iommu->DetachDeviceEx(Device);
	return NT_SUCCESS(Status) ? Detached : Status;
}

static NTSTATUS EduTryOwnDomain(PEDU_PAIR Pair, PDMA_IOMMU_INTERFACE_V2 Iommu,
				PIOMMU_DMA_DEVICE Device, PMDL Mdl)
{
	IOMMU_DMA_LOGICAL_ALLOCATOR_CONFIG Allocator;
	IOMMU_DMA_DOMAIN_CREATION_FLAGS Flags;
	PIOMMU_DMA_DOMAIN Domain;
	NTSTATUS Status, Deleted;

	RtlZeroMemory(&Allocator, sizeof(Allocator));
	Allocator.LogicalAllocatorType = IommuDmaLogicalAllocatorBuddy;
	Allocator.BuddyAllocatorConfig.AddressWidth = 32;
	Flags.AsUlonglong = 0;
	Status = Iommu->CreateDomainEx(DomainTypeTranslate, Flags, &Allocator, NULL, &Domain);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = EduTryAttached(Pair, Iommu, Device, Domain, Mdl);
	Deleted = Iommu->DeleteDomain(Domain);
	return NT_SUCCESS(Status) ? Deleted : Status;
}

/*
 * The device uses a domain that the driver has made and filled. STATUS_NOT_FOUND: the machine has
 * no IOMMU.
 */
NTSTATUS EduTryPrivateDomain(PEDU_PAIR Pair, PMDL Mdl)
{
	DMA_IOMMU_INTERFACE_EX Interface;
	PIOMMU_DMA_DEVICE Device;
	NTSTATUS Status, Deleted;

	PAGED_CODE();

	Status = IoGetIommuInterfaceEx(DMA_IOMMU_INTERFACE_EX_VERSION_2, 0, &Interface);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = Interface.V2.CreateDevice(Pair->Joiner->PhysicalDeviceObject, NULL, &Device);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = EduTryOwnDomain(Pair, &Interface.V2, Device, Mdl);
	Deleted = Interface.V2.DeleteDevice(Device);
	return NT_SUCCESS(Status) ? Deleted : Status;
}
