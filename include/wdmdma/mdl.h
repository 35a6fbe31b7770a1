/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory descriptor lists: a 48-byte header with an array of page frame numbers
 * behind it.
 *
 * The header alone describes a range of virtual addresses; the frame array means
 * nothing until a builder has filled it: MmBuildMdlForNonPagedPool, MmProbeAndLockPages,
 * MmAllocatePagesForMdl, or IoBuildPartialMdl from one of theirs. Drivers write Next,
 * MdlFlags and ByteCount of their own MDLs, so a page count is always computed, never
 * remembered.
 *
 * Files that include this header bring PAGE_SIZE themselves where they use
 * MmInitializeMdl: from linux/mm.h, or from wdmdma/page.h.
 */
#ifndef WDMDMA_MDL_H
#define WDMDMA_MDL_H

#include <wdmdma/types.h>

struct _EPROCESS;
struct _IRP;

typedef struct _MDL {
	struct _MDL *Next;		/* rest of the chain; the driver's to change */
	CSHORT Size;			/* bytes with the array, cut off at 16 bits: do not use */
	CSHORT MdlFlags;		/* MDL_* */
	struct _EPROCESS *Process;	/* owner of a user buffer, else NULL */
	PVOID MappedSystemVa;		/* valid with MAPPED_TO_SYSTEM_VA or ..NONPAGED_POOL */
	PVOID StartVa;			/* page of the first byte; may be NULL */
	ULONG ByteCount;		/* length of the buffer in bytes */
	ULONG ByteOffset;		/* first byte within its page */
} MDL, *PMDL;

#define MDL_MAPPED_TO_SYSTEM_VA 0x0001
#define MDL_PAGES_LOCKED 0x0002
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004
#define MDL_ALLOCATED_FIXED_SIZE 0x0008
#define MDL_PARTIAL 0x0010
#define MDL_PARTIAL_HAS_BEEN_MAPPED 0x0020
#define MDL_IO_PAGE_READ 0x0040
#define MDL_WRITE_OPERATION 0x0080
#define MDL_LOCKED_PAGE_TABLES 0x0100
#define MDL_PARENT_MAPPED_SYSTEM_VA MDL_LOCKED_PAGE_TABLES
#define MDL_FREE_EXTRA_PTES 0x0200
#define MDL_DESCRIBES_AWE 0x0400
#define MDL_IO_SPACE 0x0800
#define MDL_NETWORK_HEADER 0x1000
#define MDL_MAPPING_CAN_FAIL 0x2000
#define MDL_PAGE_CONTENTS_INVARIANT 0x4000
#define MDL_ALLOCATED_MUST_SUCCEED MDL_PAGE_CONTENTS_INVARIANT
#define MDL_INTERNAL 0x8000

#define MDL_MAPPING_FLAGS (MDL_MAPPED_TO_SYSTEM_VA | \
			   MDL_PAGES_LOCKED | \
			   MDL_SOURCE_IS_NONPAGED_POOL | \
			   MDL_PARTIAL_HAS_BEEN_MAPPED | \
			   MDL_PARENT_MAPPED_SYSTEM_VA | \
			   MDL_IO_SPACE)

/* MmAllocatePagesForMdlEx */
#define MM_DONT_ZERO_ALLOCATION 0x00000001
#define MM_ALLOCATE_FROM_LOCAL_NODE_ONLY 0x00000002
#define MM_ALLOCATE_FULLY_REQUIRED 0x00000004
#define MM_ALLOCATE_NO_WAIT 0x00000008
#define MM_ALLOCATE_PREFER_CONTIGUOUS 0x00000010
#define MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS 0x00000020
#define MM_ALLOCATE_FAST_LARGE_PAGES 0x00000040
#define MM_ALLOCATE_TRIM_IF_NECESSARY 0x00000080
#define MM_ALLOCATE_AND_HOT_REMOVE 0x00000100

/* ORed into the page priority of a system mapping */
#define MdlMappingNoWrite 0x80000000U
#define MdlMappingNoExecute 0x40000000U
#define MdlMappingWithGuardPtes 0x20000000U

/**
 * MmGetMdlVirtualAddress() - the buffer's address, as the MDL was made with it
 * @mdl: an initialised MDL
 *
 * An index for MapTransfer and its kin and nothing else: it can be a user address, or
 * NULL, and must not be dereferenced.
 *
 * Context: Any IRQL.
 * Return: StartVa + ByteOffset. DDI: MmGetMdlVirtualAddress
 */
static inline PVOID MmGetMdlVirtualAddress(const MDL *mdl)
{
	return (PVOID)((ULONG_PTR)mdl->StartVa + mdl->ByteOffset);
}

/**
 * MmGetMdlByteCount() - length of the buffer
 * @mdl: an initialised MDL
 *
 * Context: Any IRQL.
 * Return: Bytes, of this MDL and not of its chain. DDI: MmGetMdlByteCount
 */
static inline ULONG MmGetMdlByteCount(const MDL *mdl)
{
	return mdl->ByteCount;
}

/**
 * MmGetMdlByteOffset() - where in its first page the buffer starts
 * @mdl: an initialised MDL
 *
 * Context: Any IRQL.
 * Return: Bytes, less than a page. DDI: MmGetMdlByteOffset
 */
static inline ULONG MmGetMdlByteOffset(const MDL *mdl)
{
	return mdl->ByteOffset;
}

/**
 * MmGetMdlBaseVa() - the page the buffer starts in
 * @mdl: an initialised MDL
 *
 * Context: Any IRQL.
 * Return: A page-aligned address, or NULL. DDI: MmGetMdlBaseVa
 */
static inline PVOID MmGetMdlBaseVa(const MDL *mdl)
{
	return mdl->StartVa;
}

/**
 * MmGetMdlPfnArray() - the page frame numbers
 * @mdl: an MDL that a builder has filled
 *
 * Context: Any IRQL.
 * Return: The array behind the header, one number (physical address >> PAGE_SHIFT) a
 *	   page. DDI: MmGetMdlPfnArray
 */
static inline PPFN_NUMBER MmGetMdlPfnArray(const MDL *mdl)
{
	return (PPFN_NUMBER)(mdl + 1);
}

/* The work of MmInitializeMdl(); @page_bytes is PAGE_SIZE, unknown to this file */
static inline void wdmdma_mm_initialize_mdl(PMDL mdl, PVOID base_va, SIZE_T length,
					    ULONG_PTR page_bytes)
{
	ULONG_PTR offset = (ULONG_PTR)base_va & (page_bytes - 1);
	ULONGLONG span = ((ULONGLONG)offset + length + page_bytes - 1) / page_bytes;

	mdl->Next = NULL;
	mdl->Size = (CSHORT)((sizeof(MDL) + sizeof(PFN_NUMBER) * span) & 0xffff);
	mdl->MdlFlags = 0;
	mdl->StartVa = (PVOID)((ULONG_PTR)base_va - offset);
	mdl->ByteOffset = (ULONG)offset;
	mdl->ByteCount = (ULONG)length;
}

/**
 * MmInitializeMdl() - write an MDL header into memory the driver has
 * @mdl: nonpaged memory of MmSizeOfMdl() bytes
 * @base_va: address of the buffer
 * @length: length of the buffer in bytes, at most 4 GiB - 1
 *
 * Process, MappedSystemVa and the frame array are left as they are.
 *
 * Context: <= DISPATCH_LEVEL; does not sleep. DDI: MmInitializeMdl
 */
#define MmInitializeMdl(mdl, base_va, length) \
	wdmdma_mm_initialize_mdl((mdl), (base_va), (length), PAGE_SIZE)

#ifdef __cplusplus
extern "C" {
#endif

/**
 * wdmdma_io_allocate_mdl() - allocate an MDL header with room for a range's frames
 * @va: address of the buffer, or NULL; only its page and offset matter
 * @length: bytes, at most 4 GiB - PAGE_SIZE; 0 gives room for one page
 * @secondary_buffer: with @irp: append to the IRP's chain instead of replacing it
 * @charge_quota: ignored
 * @irp: NULL, or the IRP to hang the MDL on
 *
 * The frame array is undefined until a builder fills it. The caller owes IoFreeMdl.
 *
 * Context: <= DISPATCH_LEVEL; does not sleep.
 * Return: The MDL, or NULL: no memory (worth a retry) or @length too large.
 *	   DDI: IoAllocateMdl
 */
PMDL wdmdma_io_allocate_mdl(PVOID va, ULONG length, BOOLEAN secondary_buffer,
			    BOOLEAN charge_quota, struct _IRP *irp);
#define IoAllocateMdl wdmdma_io_allocate_mdl

/**
 * wdmdma_io_free_mdl() - free one MDL
 * @mdl: MDL of IoAllocateMdl or MmAllocatePagesForMdl; its chain is not followed
 *
 * Undoes the system mapping a partial MDL has of its own. The pages must have been
 * unlocked or freed before; if not, that is done now and reported.
 *
 * Context: <= DISPATCH_LEVEL; does not sleep. DDI: IoFreeMdl
 */
void wdmdma_io_free_mdl(PMDL mdl);
#define IoFreeMdl wdmdma_io_free_mdl

/**
 * wdmdma_io_build_partial_mdl() - make an MDL describe a part of another
 * @source: MDL whose pages are locked or nonpaged
 * @target: MDL with room for the part's frames
 * @va: first byte of the part, counted as MmGetMdlVirtualAddress(@source) counts
 * @length: bytes; 0 means up to the end of @source
 *
 * @target borrows the pages and, if @source has one, its system mapping: it must go
 * first. A range outside @source is warned about and cut to fit.
 *
 * Context: <= DISPATCH_LEVEL; does not sleep. DDI: IoBuildPartialMdl
 */
void wdmdma_io_build_partial_mdl(PMDL source, PMDL target, PVOID va, ULONG length);
#define IoBuildPartialMdl wdmdma_io_build_partial_mdl

/**
 * wdmdma_mm_build_mdl_for_non_paged_pool() - fill in the frames of a kernel buffer
 * @mdl: initialised MDL of a buffer in pool, vmalloc or common buffer memory
 *
 * Nothing has to be undone but IoFreeMdl. An address without a page is warned about
 * and leaves the MDL unbuilt, so that every DMA routine refuses it.
 *
 * Context: <= DISPATCH_LEVEL; does not sleep. DDI: MmBuildMdlForNonPagedPool
 */
void wdmdma_mm_build_mdl_for_non_paged_pool(PMDL mdl);
#define MmBuildMdlForNonPagedPool wdmdma_mm_build_mdl_for_non_paged_pool

/**
 * wdmdma_mm_get_system_address_for_mdl_safe() - a kernel address for the buffer
 * @mdl: MDL that a builder has filled
 * @priority: an MM_PAGE_PRIORITY, with MdlMapping bits ORed in
 *
 * The same address every time, with the MDL's offset in its page. Scattered pages
 * cannot be mapped where sleeping is impossible, but are mapped already when they were
 * locked (module parameter map_on_lock).
 *
 * Context: <= DISPATCH_LEVEL; sleeps only where it may.
 * Return: The address of the first byte, or NULL.
 *	   DDI: MmGetSystemAddressForMdlSafe
 */
PVOID wdmdma_mm_get_system_address_for_mdl_safe(PMDL mdl, ULONG priority);
#define MmGetSystemAddressForMdlSafe wdmdma_mm_get_system_address_for_mdl_safe

/*
 * Locking pages, mapping them, and MDLs that come with their pages. Documented in
 * wdmdma/mdl_lock.c, mdl_map.c and mdl_pages.c.
 *
 * MmProbeAndLockPages raises what WdmProbeAndLockPages returns: see wdmdma/seh.h for
 * what __try means here. Without __try, ask for MDL_PAGES_LOCKED.
 */
void wdmdma_mm_probe_and_lock_pages(PMDL mdl, KPROCESSOR_MODE mode, LOCK_OPERATION operation);
NTSTATUS wdmdma_wdm_probe_and_lock_pages(PMDL mdl, KPROCESSOR_MODE mode,
					 LOCK_OPERATION operation);
void wdmdma_mm_unlock_pages(PMDL mdl);
NTSTATUS wdmdma_mm_advance_mdl(PMDL mdl, ULONG bytes);
void wdmdma_probe_for_read(const volatile void *va, SIZE_T bytes, ULONG alignment);
void wdmdma_probe_for_write(volatile void *va, SIZE_T bytes, ULONG alignment);
PVOID wdmdma_mm_map_locked_pages_specify_cache(PMDL mdl, KPROCESSOR_MODE mode,
					       MEMORY_CACHING_TYPE type, PVOID requested_address,
					       ULONG bug_check_on_failure, ULONG priority);
void wdmdma_mm_unmap_locked_pages(PVOID base, PMDL mdl);
PMDL wdmdma_mm_allocate_pages_for_mdl(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high,
				      PHYSICAL_ADDRESS skip, SIZE_T bytes);
PMDL wdmdma_mm_allocate_pages_for_mdl_ex(PHYSICAL_ADDRESS low, PHYSICAL_ADDRESS high,
					 PHYSICAL_ADDRESS skip, SIZE_T bytes,
					 MEMORY_CACHING_TYPE type, ULONG flags);
void wdmdma_mm_free_pages_from_mdl(PMDL mdl);

#define MmProbeAndLockPages wdmdma_mm_probe_and_lock_pages
#define WdmProbeAndLockPages wdmdma_wdm_probe_and_lock_pages
#define MmUnlockPages wdmdma_mm_unlock_pages
#define MmAdvanceMdl wdmdma_mm_advance_mdl
#define ProbeForRead wdmdma_probe_for_read
#define ProbeForWrite wdmdma_probe_for_write
#define MmMapLockedPagesSpecifyCache wdmdma_mm_map_locked_pages_specify_cache
#define MmMapLockedPages(mdl, mode) \
	MmMapLockedPagesSpecifyCache((mdl), (mode), MmCached, NULL, TRUE, HighPagePriority)
#define MmUnmapLockedPages wdmdma_mm_unmap_locked_pages
#define MmAllocatePagesForMdl wdmdma_mm_allocate_pages_for_mdl
#define MmAllocatePagesForMdlEx wdmdma_mm_allocate_pages_for_mdl_ex
#define MmFreePagesFromMdl wdmdma_mm_free_pages_from_mdl

/* Windows stops the machine when the plain form fails; here it returns NULL */
#define MmGetSystemAddressForMdl(mdl) \
	MmGetSystemAddressForMdlSafe((mdl), NormalPagePriority)

/**
 * wdmdma_mm_prepare_mdl_for_reuse() - let a partial MDL be built again
 * @mdl: target of an IoBuildPartialMdl
 *
 * Undoes the partial MDL's own system mapping, if it has one.
 *
 * Context: <= DISPATCH_LEVEL; does not sleep. DDI: MmPrepareMdlForReuse
 */
void wdmdma_mm_prepare_mdl_for_reuse(PMDL mdl);
#define MmPrepareMdlForReuse wdmdma_mm_prepare_mdl_for_reuse

/**
 * wdmdma_mm_size_of_mdl() - memory an MDL needs for a range
 * @base: address of the buffer; only its offset in the page matters
 * @length: bytes
 *
 * Context: Any IRQL.
 * Return: Bytes, header and frame array. DDI: MmSizeOfMdl
 */
SIZE_T wdmdma_mm_size_of_mdl(PVOID base, SIZE_T length);
#define MmSizeOfMdl wdmdma_mm_size_of_mdl

/**
 * wdmdma_ke_flush_io_buffers() - cache work for a buffer moved by the processor
 * @mdl: MDL of the buffer, only this one of a chain; NULL is tolerated
 * @read_operation: TRUE if data came from the device
 * @dma_operation: TRUE for DMA, FALSE for programmed I/O
 *
 * Nothing for DMA, as the mapping and flushing routines do all the cache work
 * themselves. After programmed input the data cache is flushed where it must be.
 *
 * Context: <= DISPATCH_LEVEL; does not sleep. DDI: KeFlushIoBuffers
 */
void wdmdma_ke_flush_io_buffers(PMDL mdl, BOOLEAN read_operation, BOOLEAN dma_operation);
#define KeFlushIoBuffers wdmdma_ke_flush_io_buffers

#ifdef __cplusplus
}
#endif

#endif /* WDMDMA_MDL_H */
