/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The DMA adapter and its table of operations, as ported drivers see them.
 *
 * Words: a *map register* stands for one page of a transfer; a *set* is what one
 * allocation gives, named by its MapRegisterBase; the *grant* is the moment a request
 * gets channel and registers; a *logical address* is what the device uses, a
 * dma_addr_t and never a physical address; *system DMA* is a device served by a shared
 * controller (DEVICE_DESCRIPTION.Master FALSE).
 *
 * Offsets are those of x64 Windows and are asserted in abi.c.
 */
#ifndef WDMDMA_DMA_H
#define WDMDMA_DMA_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>
#include <wdmdma/mdl.h>
#include <wdmdma/io.h>

/* DEVICE_DESCRIPTION.Version: which table the adapter gets */
#define DEVICE_DESCRIPTION_VERSION 0
#define DEVICE_DESCRIPTION_VERSION1 1
#define DEVICE_DESCRIPTION_VERSION2 2
#define DEVICE_DESCRIPTION_VERSION3 3

/* Versions of the structures a caller hands in */
#define DMA_ADAPTER_INFO_VERSION1 1
#define DMA_TRANSFER_INFO_VERSION1 1
#define DMA_TRANSFER_INFO_VERSION2 2
#define DMA_TRANSFER_CONTEXT_VERSION1 1

/* DMA_ADAPTER_INFO_V1.Flags. API_BYPASS is never set here: it would skip mapping. */
#define ADAPTER_INFO_SYNCHRONOUS_CALLBACK 0x0001
#define ADAPTER_INFO_API_BYPASS 0x0002

/*
 * ConfigureAdapterChannel: bytes after which a looping transfer (AutoInitialize) calls its
 * completion routine. Context points to a ULONG, which must divide the length of the transfer; 0 is
 * the length itself, as at first. Holds from the next transfer of the adapter on.
 */
#define WDMDMA_SET_NOTIFICATION_LENGTH 0x57440001

/* Flags of AllocateAdapterChannelEx and Get/BuildScatterGatherListEx */
#define DMA_SYNCHRONOUS_CALLBACK 0x01	/* grant now or fail; never wait */
#define DMA_ZERO_BUFFERS 0x02		/* accepted, changes nothing */
#define DMA_FAIL_ON_BOUNCE 0x04		/* fail if wdmdma would have to copy */

/* Flags of AllocateDomainCommonBuffer and AllocateCommonBufferWithBounds */
#define DOMAIN_COMMON_BUFFER_LARGE_PAGE 0x1

/* Bytes a caller provides for a transfer context; no alignment is needed */
#if __SIZEOF_POINTER__ == 8
#define DMA_TRANSFER_CONTEXT_SIZE_V1 128
#else
#define DMA_TRANSFER_CONTEXT_SIZE_V1 64
#endif

typedef struct _DEVICE_DESCRIPTION {
	ULONG Version;			/* DEVICE_DESCRIPTION_VERSION* */
	BOOLEAN Master;			/* FALSE: system DMA */
	BOOLEAN ScatterGather;		/* bus master only */
	BOOLEAN DemandMode;
	BOOLEAN AutoInitialize;		/* cyclic */
	BOOLEAN Dma32BitAddresses;	/* versions 0 to 2 */
	BOOLEAN IgnoreCount;		/* the controller's counter is not reliable */
	BOOLEAN Reserved1;		/* must be FALSE */
	BOOLEAN Dma64BitAddresses;	/* versions 0 to 2; wins over 32 */
	ULONG BusNumber;
	ULONG DmaChannel;
	INTERFACE_TYPE InterfaceType;
	DMA_WIDTH DmaWidth;
	DMA_SPEED DmaSpeed;
	ULONG MaximumLength;		/* bytes in one transfer */
	ULONG DmaPort;			/* versions 0 to 2 end here */
	ULONG DmaAddressWidth;		/* bits, 1 to 64 */
	ULONG DmaControllerInstance;
	ULONG DmaRequestLine;
	PHYSICAL_ADDRESS DeviceAddress;	/* data register, for system DMA */
} DEVICE_DESCRIPTION, *PDEVICE_DESCRIPTION;

struct _DMA_OPERATIONS;

typedef struct _DMA_ADAPTER {
	USHORT Version;			/* 1, whatever the DEVICE_DESCRIPTION's */
	USHORT Size;			/* bytes of this structure */
	struct _DMA_OPERATIONS *DmaOperations;
} DMA_ADAPTER, *PDMA_ADAPTER;

/* What drivers older than the table called it */
typedef struct _DMA_ADAPTER *PADAPTER_OBJECT;

typedef struct _SCATTER_GATHER_ELEMENT {
	PHYSICAL_ADDRESS Address;	/* logical address of the first byte */
	ULONG Length;			/* bytes */
	ULONG_PTR Reserved;
} SCATTER_GATHER_ELEMENT, *PSCATTER_GATHER_ELEMENT;

/* A list of n elements takes 16 + 24 * n bytes; sizeof is the 16 */
__extension__ typedef struct _SCATTER_GATHER_LIST {
	ULONG NumberOfElements;
	ULONG_PTR Reserved;
	SCATTER_GATHER_ELEMENT Elements[];
} SCATTER_GATHER_LIST, *PSCATTER_GATHER_LIST;

typedef struct _DMA_ADAPTER_INFO_V1 {
	ULONG ReadDmaCounterAvailable;
	ULONG ScatterGatherLimit;	/* elements */
	ULONG DmaAddressWidth;		/* bits */
	ULONG Flags;			/* ADAPTER_INFO_* */
	ULONG MinimumTransferUnit;	/* bytes */
} DMA_ADAPTER_INFO_V1, *PDMA_ADAPTER_INFO_V1;

typedef struct _DMA_ADAPTER_INFO {
	ULONG Version;			/* in: DMA_ADAPTER_INFO_VERSION1 */
	union {
		DMA_ADAPTER_INFO_V1 V1;
	};
} DMA_ADAPTER_INFO, *PDMA_ADAPTER_INFO;

typedef struct _DMA_TRANSFER_INFO_V1 {
	ULONG MapRegisterCount;
	ULONG ScatterGatherElementCount;
	ULONG ScatterGatherListSize;	/* bytes */
} DMA_TRANSFER_INFO_V1, *PDMA_TRANSFER_INFO_V1;

typedef struct _DMA_TRANSFER_INFO_V2 {
	ULONG MapRegisterCount;
	ULONG ScatterGatherElementCount;
	ULONG ScatterGatherListSize;	/* bytes */
	ULONG LogicalPageCount;
} DMA_TRANSFER_INFO_V2, *PDMA_TRANSFER_INFO_V2;

typedef struct _DMA_TRANSFER_INFO {
	ULONG Version;			/* in: DMA_TRANSFER_INFO_VERSION* */
	union {
		DMA_TRANSFER_INFO_V1 V1;
		DMA_TRANSFER_INFO_V2 V2;
	};
} DMA_TRANSFER_INFO, *PDMA_TRANSFER_INFO;

typedef struct _DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION {
	DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_TYPE ConfigType;
	union {
		struct {
			PHYSICAL_ADDRESS MinimumAddress;
			PHYSICAL_ADDRESS MaximumAddress;	/* inclusive */
		} LogicalAddressLimits;
		struct {
			ULONGLONG Offset;
			ULONG Length;
		} SubSection;
		DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_ACCESS_TYPE HardwareAccessType;
		ULONGLONG Reserved[4];
	};
} DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION, *PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION;

struct _DMA_COMMON_BUFFER_VECTOR;
typedef struct _DMA_COMMON_BUFFER_VECTOR DMA_COMMON_BUFFER_VECTOR, *PDMA_COMMON_BUFFER_VECTOR;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Callbacks: function types, so that `DRIVER_CONTROL MyRoutine;` declares one. All run
 * at DISPATCH_LEVEL in an arbitrary thread, with no lock of wdmdma held.
 */
typedef IO_ALLOCATION_ACTION DRIVER_CONTROL(PDEVICE_OBJECT DeviceObject, PIRP Irp,
					    PVOID MapRegisterBase, PVOID Context);
typedef __typeof__(DRIVER_CONTROL) *PDRIVER_CONTROL;

typedef VOID DRIVER_LIST_CONTROL(PDEVICE_OBJECT DeviceObject, PIRP Irp,
				 PSCATTER_GATHER_LIST ScatterGather, PVOID Context);
typedef __typeof__(DRIVER_LIST_CONTROL) *PDRIVER_LIST_CONTROL;

typedef VOID DMA_COMPLETION_ROUTINE(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject,
				    PVOID CompletionContext, DMA_COMPLETION_STATUS Status);
typedef __typeof__(DMA_COMPLETION_ROUTINE) *PDMA_COMPLETION_ROUTINE;

/*
 * The signatures of the table, in its order: the function type, then the pointer to it
 * that the table holds (__typeof__ only tells checkpatch that a type follows). "opt"
 * marks what may be NULL.
 */

/* Version 1 */
typedef VOID PUT_DMA_ADAPTER(PDMA_ADAPTER DmaAdapter);
typedef __typeof__(PUT_DMA_ADAPTER) *PPUT_DMA_ADAPTER;

typedef PVOID ALLOCATE_COMMON_BUFFER(PDMA_ADAPTER DmaAdapter, ULONG Length,
				     PPHYSICAL_ADDRESS LogicalAddress /* out */,
				     BOOLEAN CacheEnabled);
typedef __typeof__(ALLOCATE_COMMON_BUFFER) *PALLOCATE_COMMON_BUFFER;

typedef VOID FREE_COMMON_BUFFER(PDMA_ADAPTER DmaAdapter, ULONG Length,
				PHYSICAL_ADDRESS LogicalAddress, PVOID VirtualAddress,
				BOOLEAN CacheEnabled);
typedef __typeof__(FREE_COMMON_BUFFER) *PFREE_COMMON_BUFFER;

typedef NTSTATUS ALLOCATE_ADAPTER_CHANNEL(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject,
					  ULONG NumberOfMapRegisters,
					  PDRIVER_CONTROL ExecutionRoutine, PVOID Context);
typedef __typeof__(ALLOCATE_ADAPTER_CHANNEL) *PALLOCATE_ADAPTER_CHANNEL;

typedef BOOLEAN FLUSH_ADAPTER_BUFFERS(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase,
				      PVOID CurrentVa, ULONG Length, BOOLEAN WriteToDevice);
typedef __typeof__(FLUSH_ADAPTER_BUFFERS) *PFLUSH_ADAPTER_BUFFERS;

typedef VOID FREE_ADAPTER_CHANNEL(PDMA_ADAPTER DmaAdapter);
typedef __typeof__(FREE_ADAPTER_CHANNEL) *PFREE_ADAPTER_CHANNEL;

typedef VOID FREE_MAP_REGISTERS(PDMA_ADAPTER DmaAdapter, PVOID MapRegisterBase,
				ULONG NumberOfMapRegisters);
typedef __typeof__(FREE_MAP_REGISTERS) *PFREE_MAP_REGISTERS;

typedef PHYSICAL_ADDRESS MAP_TRANSFER(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase,
				      PVOID CurrentVa, PULONG Length /* in, out */,
				      BOOLEAN WriteToDevice);
typedef __typeof__(MAP_TRANSFER) *PMAP_TRANSFER;

typedef ULONG GET_DMA_ALIGNMENT(PDMA_ADAPTER DmaAdapter);
typedef __typeof__(GET_DMA_ALIGNMENT) *PGET_DMA_ALIGNMENT;

typedef ULONG READ_DMA_COUNTER(PDMA_ADAPTER DmaAdapter);
typedef __typeof__(READ_DMA_COUNTER) *PREAD_DMA_COUNTER;

typedef NTSTATUS GET_SCATTER_GATHER_LIST(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject,
					 PMDL Mdl, PVOID CurrentVa, ULONG Length,
					 PDRIVER_LIST_CONTROL ExecutionRoutine, PVOID Context,
					 BOOLEAN WriteToDevice);
typedef __typeof__(GET_SCATTER_GATHER_LIST) *PGET_SCATTER_GATHER_LIST;

typedef VOID PUT_SCATTER_GATHER_LIST(PDMA_ADAPTER DmaAdapter, PSCATTER_GATHER_LIST ScatterGather,
				     BOOLEAN WriteToDevice);
typedef __typeof__(PUT_SCATTER_GATHER_LIST) *PPUT_SCATTER_GATHER_LIST;

/* Version 2 */
typedef NTSTATUS CALCULATE_SCATTER_GATHER_LIST_SIZE(PDMA_ADAPTER DmaAdapter, PMDL Mdl /* opt */,
						    PVOID CurrentVa, ULONG Length,
						    PULONG ScatterGatherListSize,
						    PULONG pNumberOfMapRegisters /* opt */);
typedef __typeof__(CALCULATE_SCATTER_GATHER_LIST_SIZE) *PCALCULATE_SCATTER_GATHER_LIST_SIZE;

typedef NTSTATUS BUILD_SCATTER_GATHER_LIST(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject,
					   PMDL Mdl, PVOID CurrentVa, ULONG Length,
					   PDRIVER_LIST_CONTROL ExecutionRoutine, PVOID Context,
					   BOOLEAN WriteToDevice, PVOID ScatterGatherBuffer,
					   ULONG ScatterGatherLength);
typedef __typeof__(BUILD_SCATTER_GATHER_LIST) *PBUILD_SCATTER_GATHER_LIST;

typedef NTSTATUS BUILD_MDL_FROM_SCATTER_GATHER_LIST(PDMA_ADAPTER DmaAdapter,
						    PSCATTER_GATHER_LIST ScatterGather,
						    PMDL OriginalMdl, PMDL *TargetMdl /* out */);
typedef __typeof__(BUILD_MDL_FROM_SCATTER_GATHER_LIST) *PBUILD_MDL_FROM_SCATTER_GATHER_LIST;

/* Version 3 */
typedef NTSTATUS GET_DMA_ADAPTER_INFO(PDMA_ADAPTER DmaAdapter,
				      PDMA_ADAPTER_INFO AdapterInfo /* in, out */);
typedef __typeof__(GET_DMA_ADAPTER_INFO) *PGET_DMA_ADAPTER_INFO;

typedef NTSTATUS GET_DMA_TRANSFER_INFO(PDMA_ADAPTER DmaAdapter, PMDL Mdl, ULONGLONG Offset,
				       ULONG Length, BOOLEAN WriteOnly,
				       PDMA_TRANSFER_INFO TransferInfo /* in, out */);
typedef __typeof__(GET_DMA_TRANSFER_INFO) *PGET_DMA_TRANSFER_INFO;

typedef NTSTATUS INITIALIZE_DMA_TRANSFER_CONTEXT(PDMA_ADAPTER DmaAdapter,
						 PVOID DmaTransferContext /* out */);
typedef __typeof__(INITIALIZE_DMA_TRANSFER_CONTEXT) *PINITIALIZE_DMA_TRANSFER_CONTEXT;

typedef PVOID ALLOCATE_COMMON_BUFFER_EX(PDMA_ADAPTER DmaAdapter,
					PPHYSICAL_ADDRESS MaximumAddress /* opt */, ULONG Length,
					PPHYSICAL_ADDRESS LogicalAddress /* out */,
					BOOLEAN CacheEnabled, NODE_REQUIREMENT PreferredNode);
typedef __typeof__(ALLOCATE_COMMON_BUFFER_EX) *PALLOCATE_COMMON_BUFFER_EX;

typedef NTSTATUS ALLOCATE_ADAPTER_CHANNEL_EX(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject,
					     PVOID DmaTransferContext, ULONG NumberOfMapRegisters,
					     ULONG Flags,
					     PDRIVER_CONTROL ExecutionRoutine /* opt */,
					     PVOID ExecutionContext /* opt */,
					     PVOID *MapRegisterBase /* out, opt */);
typedef __typeof__(ALLOCATE_ADAPTER_CHANNEL_EX) *PALLOCATE_ADAPTER_CHANNEL_EX;

typedef NTSTATUS CONFIGURE_ADAPTER_CHANNEL(PDMA_ADAPTER DmaAdapter, ULONG FunctionNumber,
					   PVOID Context);
typedef __typeof__(CONFIGURE_ADAPTER_CHANNEL) *PCONFIGURE_ADAPTER_CHANNEL;

typedef BOOLEAN CANCEL_ADAPTER_CHANNEL(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject,
				       PVOID DmaTransferContext);
typedef __typeof__(CANCEL_ADAPTER_CHANNEL) *PCANCEL_ADAPTER_CHANNEL;

typedef NTSTATUS MAP_TRANSFER_EX(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase,
				 ULONGLONG Offset, ULONG DeviceOffset, PULONG Length /* in, out */,
				 BOOLEAN WriteToDevice,
				 PSCATTER_GATHER_LIST ScatterGatherBuffer /* out, opt */,
				 ULONG ScatterGatherBufferLength,
				 PDMA_COMPLETION_ROUTINE DmaCompletionRoutine /* opt */,
				 PVOID CompletionContext /* opt */);
typedef __typeof__(MAP_TRANSFER_EX) *PMAP_TRANSFER_EX;

/* ScatterGatherList is stored through, unless it is NULL */
typedef NTSTATUS GET_SCATTER_GATHER_LIST_EX(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject,
					    PVOID DmaTransferContext, PMDL Mdl, ULONGLONG Offset,
					    ULONG Length, ULONG Flags,
					    PDRIVER_LIST_CONTROL ExecutionRoutine /* opt */,
					    PVOID Context /* opt */, BOOLEAN WriteToDevice,
					    PDMA_COMPLETION_ROUTINE DmaCompletionRoutine /* opt */,
					    PVOID CompletionContext /* opt */,
					    struct _SCATTER_GATHER_LIST **ScatterGatherList);
typedef __typeof__(GET_SCATTER_GATHER_LIST_EX) *PGET_SCATTER_GATHER_LIST_EX;

/*
 * DmaCompletionRoutine is optional here too. ScatterGatherList is a PSCATTER_GATHER_LIST *
 * in truth, and stored through as one.
 */
typedef NTSTATUS BUILD_SCATTER_GATHER_LIST_EX(PDMA_ADAPTER DmaAdapter, PDEVICE_OBJECT DeviceObject,
					      PVOID DmaTransferContext, PMDL Mdl, ULONGLONG Offset,
					      ULONG Length, ULONG Flags,
					      PDRIVER_LIST_CONTROL ExecutionRoutine /* opt */,
					      PVOID Context /* opt */, BOOLEAN WriteToDevice,
					      PVOID ScatterGatherBuffer, ULONG ScatterGatherLength,
					      PDMA_COMPLETION_ROUTINE DmaCompletionRoutine,
					      PVOID CompletionContext /* opt */,
					      PVOID ScatterGatherList /* out, opt */);
typedef __typeof__(BUILD_SCATTER_GATHER_LIST_EX) *PBUILD_SCATTER_GATHER_LIST_EX;

typedef NTSTATUS FLUSH_ADAPTER_BUFFERS_EX(PDMA_ADAPTER DmaAdapter, PMDL Mdl, PVOID MapRegisterBase,
					  ULONGLONG Offset, ULONG Length, BOOLEAN WriteToDevice);
typedef __typeof__(FLUSH_ADAPTER_BUFFERS_EX) *PFLUSH_ADAPTER_BUFFERS_EX;

typedef VOID FREE_ADAPTER_OBJECT(PDMA_ADAPTER DmaAdapter, IO_ALLOCATION_ACTION AllocationAction);
typedef __typeof__(FREE_ADAPTER_OBJECT) *PFREE_ADAPTER_OBJECT;

typedef NTSTATUS CANCEL_MAPPED_TRANSFER(PDMA_ADAPTER DmaAdapter, PVOID DmaTransferContext);
typedef __typeof__(CANCEL_MAPPED_TRANSFER) *PCANCEL_MAPPED_TRANSFER;

/* Version 3 as Windows 10 extended it */
typedef NTSTATUS ALLOCATE_DOMAIN_COMMON_BUFFER(PDMA_ADAPTER DmaAdapter, HANDLE DomainHandle,
					       PPHYSICAL_ADDRESS MaximumAddress /* opt */,
					       ULONG Length, ULONG Flags,
					       PMEMORY_CACHING_TYPE CacheType /* opt */,
					       NODE_REQUIREMENT PreferredNode,
					       PPHYSICAL_ADDRESS LogicalAddress /* out */,
					       PVOID *VirtualAddress /* out */);
typedef __typeof__(ALLOCATE_DOMAIN_COMMON_BUFFER) *PALLOCATE_DOMAIN_COMMON_BUFFER;

typedef NTSTATUS FLUSH_DMA_BUFFER(PDMA_ADAPTER DmaAdapter, PMDL Mdl, BOOLEAN ReadOperation);
typedef __typeof__(FLUSH_DMA_BUFFER) *PFLUSH_DMA_BUFFER;

typedef NTSTATUS JOIN_DMA_DOMAIN(PDMA_ADAPTER DmaAdapter, HANDLE DomainHandle);
typedef __typeof__(JOIN_DMA_DOMAIN) *PJOIN_DMA_DOMAIN;

typedef NTSTATUS LEAVE_DMA_DOMAIN(PDMA_ADAPTER DmaAdapter);
typedef __typeof__(LEAVE_DMA_DOMAIN) *PLEAVE_DMA_DOMAIN;

typedef HANDLE GET_DMA_DOMAIN(PDMA_ADAPTER DmaAdapter);
typedef __typeof__(GET_DMA_DOMAIN) *PGET_DMA_DOMAIN;

typedef PVOID ALLOCATE_COMMON_BUFFER_WITH_BOUNDS(PDMA_ADAPTER DmaAdapter,
						 PPHYSICAL_ADDRESS MinimumAddress /* opt */,
						 PPHYSICAL_ADDRESS MaximumAddress /* opt */,
						 ULONG Length, ULONG Flags,
						 PMEMORY_CACHING_TYPE CacheType /* opt */,
						 NODE_REQUIREMENT PreferredNode,
						 PPHYSICAL_ADDRESS LogicalAddress /* out */);
typedef __typeof__(ALLOCATE_COMMON_BUFFER_WITH_BOUNDS) *PALLOCATE_COMMON_BUFFER_WITH_BOUNDS;

typedef NTSTATUS ALLOCATE_COMMON_BUFFER_VECTOR(PDMA_ADAPTER DmaAdapter, PHYSICAL_ADDRESS LowAddress,
					       PHYSICAL_ADDRESS HighAddress,
					       MEMORY_CACHING_TYPE CacheType, ULONG IdealNode,
					       ULONG Flags, ULONG NumberOfElements,
					       ULONGLONG SizeOfElements,
					       struct _DMA_COMMON_BUFFER_VECTOR **VectorOut);
typedef __typeof__(ALLOCATE_COMMON_BUFFER_VECTOR) *PALLOCATE_COMMON_BUFFER_VECTOR;

typedef VOID GET_COMMON_BUFFER_FROM_VECTOR_BY_INDEX(PDMA_ADAPTER DmaAdapter,
						    PDMA_COMMON_BUFFER_VECTOR Vector, ULONG Index,
						    PVOID *VirtualAddressOut,
						    PPHYSICAL_ADDRESS LogicalAddressOut);
typedef __typeof__(GET_COMMON_BUFFER_FROM_VECTOR_BY_INDEX) *PGET_COMMON_BUFFER_FROM_VECTOR_BY_INDEX;

typedef VOID FREE_COMMON_BUFFER_FROM_VECTOR(PDMA_ADAPTER DmaAdapter,
					    PDMA_COMMON_BUFFER_VECTOR Vector, ULONG Index);
typedef __typeof__(FREE_COMMON_BUFFER_FROM_VECTOR) *PFREE_COMMON_BUFFER_FROM_VECTOR;

typedef VOID FREE_COMMON_BUFFER_VECTOR(PDMA_ADAPTER DmaAdapter, PDMA_COMMON_BUFFER_VECTOR Vector);
typedef __typeof__(FREE_COMMON_BUFFER_VECTOR) *PFREE_COMMON_BUFFER_VECTOR;

typedef NTSTATUS CREATE_COMMON_BUFFER_FROM_MDL(PDMA_ADAPTER DmaAdapter, PMDL Mdl,
					       PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION
						ExtendedConfigs /* opt */,
					       ULONG ExtendedConfigsCount,
					       PPHYSICAL_ADDRESS LogicalAddress /* out */);
typedef __typeof__(CREATE_COMMON_BUFFER_FROM_MDL) *PCREATE_COMMON_BUFFER_FROM_MDL;

/**
 * struct _DMA_OPERATIONS - what can be done with an adapter
 *
 * Every table is as long as this structure. Size says how much of it belongs to the
 * adapter's version: below it no member is NULL, from it on all are. "v" is the
 * DEVICE_DESCRIPTION.Version from which on a member exists, "P" means PASSIVE_LEVEL,
 * "D" means DISPATCH_LEVEL; nothing below but the P members ever sleeps.
 */
typedef struct _DMA_OPERATIONS {
	/** @Size: bytes of the members that belong to the adapter's version */
	ULONG Size;
	/** @PutDmaAdapter: give the adapter back; the pointer is dead. v1, <= D */
	PPUT_DMA_ADAPTER PutDmaAdapter;
	/** @AllocateCommonBuffer: memory that driver and device share. v1, P */
	PALLOCATE_COMMON_BUFFER AllocateCommonBuffer;
	/** @FreeCommonBuffer: free it, with the numbers it was allocated with. v1, P */
	PFREE_COMMON_BUFFER FreeCommonBuffer;
	/**
	 * @AllocateAdapterChannel: ask for the channel and registers; the routine is
	 * called at the grant, at once or later. One wait a device object. v1, D
	 */
	PALLOCATE_ADAPTER_CHANNEL AllocateAdapterChannel;
	/** @FlushAdapterBuffers: end mappings, let the CPU see the data. v1, <= D */
	PFLUSH_ADAPTER_BUFFERS FlushAdapterBuffers;
	/** @FreeAdapterChannel: give up a channel that was kept. v1, D */
	PFREE_ADAPTER_CHANNEL FreeAdapterChannel;
	/** @FreeMapRegisters: give up registers that were kept. v1, D */
	PFREE_MAP_REGISTERS FreeMapRegisters;
	/**
	 * @MapTransfer: map a run and return its logical address; *Length shrinks to
	 * what one address covers. Failure: all ones and *Length 0. v1, <= D
	 */
	PMAP_TRANSFER MapTransfer;
	/** @GetDmaAlignment: alignment buffers should have, in bytes. v1, P */
	PGET_DMA_ALIGNMENT GetDmaAlignment;
	/** @ReadDmaCounter: bytes a system-DMA transfer has still to go. v1, <= D */
	PREAD_DMA_COUNTER ReadDmaCounter;
	/**
	 * @GetScatterGatherList: map a range of an MDL chain and hand the routine the
	 * list; any number may wait. v1, D
	 */
	PGET_SCATTER_GATHER_LIST GetScatterGatherList;
	/** @PutScatterGatherList: end the list's mappings and free it. v1, D */
	PPUT_SCATTER_GATHER_LIST PutScatterGatherList;
	/**
	 * @CalculateScatterGatherList: bytes a list of the range can take; its type is
	 * named ..._SIZE. v2, any IRQL
	 */
	PCALCULATE_SCATTER_GATHER_LIST_SIZE CalculateScatterGatherList;
	/** @BuildScatterGatherList: Get, with the list in the caller's memory. v2, D */
	PBUILD_SCATTER_GATHER_LIST BuildScatterGatherList;
	/** @BuildMdlFromScatterGatherList: an MDL of the pages the device sees. v2, <= D */
	PBUILD_MDL_FROM_SCATTER_GATHER_LIST BuildMdlFromScatterGatherList;
	/** @GetDmaAdapterInfo: limits and abilities of the adapter. v3, <= D */
	PGET_DMA_ADAPTER_INFO GetDmaAdapterInfo;
	/** @GetDmaTransferInfo: registers, elements, bytes a transfer needs. v3, <= D */
	PGET_DMA_TRANSFER_INFO GetDmaTransferInfo;
	/** @InitializeDmaTransferContext: make caller's memory a context. v3, <= D */
	PINITIALIZE_DMA_TRANSFER_CONTEXT InitializeDmaTransferContext;
	/** @AllocateCommonBufferEx: with a highest address and a memory node. v3, P */
	PALLOCATE_COMMON_BUFFER_EX AllocateCommonBufferEx;
	/**
	 * @AllocateAdapterChannelEx: with a transfer context, so that many may wait and
	 * each can be cancelled; or synchronously. v3, D
	 */
	PALLOCATE_ADAPTER_CHANNEL_EX AllocateAdapterChannelEx;
	/** @ConfigureAdapterChannel: a function of the DMA controller's own. v3, <= D */
	PCONFIGURE_ADAPTER_CHANNEL ConfigureAdapterChannel;
	/** @CancelAdapterChannel: TRUE if the wait ended without a grant. v3, <= D */
	PCANCEL_ADAPTER_CHANNEL CancelAdapterChannel;
	/** @MapTransferEx: map a range by offset, along the chain, as a list. v3, <= D */
	PMAP_TRANSFER_EX MapTransferEx;
	/** @GetScatterGatherListEx: by offset, cancellable or synchronous. v3, <= D */
	PGET_SCATTER_GATHER_LIST_EX GetScatterGatherListEx;
	/** @BuildScatterGatherListEx: the same in the caller's memory. v3, D */
	PBUILD_SCATTER_GATHER_LIST_EX BuildScatterGatherListEx;
	/** @FlushAdapterBuffersEx: by offset, along the chain. v3, <= D */
	PFLUSH_ADAPTER_BUFFERS_EX FlushAdapterBuffersEx;
	/** @FreeAdapterObject: give up channel and registers, or one. v3, <= D */
	PFREE_ADAPTER_OBJECT FreeAdapterObject;
	/** @CancelMappedTransfer: stop a running system-DMA transfer. v3, <= D */
	PCANCEL_MAPPED_TRANSFER CancelMappedTransfer;
	/** @AllocateDomainCommonBuffer: for every device of a domain. v3 (Windows 10), P */
	PALLOCATE_DOMAIN_COMMON_BUFFER AllocateDomainCommonBuffer;
	/** @FlushDmaBuffer: cache work only, ends no mapping. v3 (Windows 10), <= D */
	PFLUSH_DMA_BUFFER FlushDmaBuffer;
	/** @JoinDmaDomain: share another adapter's translation. v3 (Windows 10), P */
	PJOIN_DMA_DOMAIN JoinDmaDomain;
	/** @LeaveDmaDomain: go back to the adapter's own. v3 (Windows 10), P */
	PLEAVE_DMA_DOMAIN LeaveDmaDomain;
	/** @GetDmaDomain: handle for another adapter's Join, or NULL. v3 (Windows 10), P */
	PGET_DMA_DOMAIN GetDmaDomain;
	/** @AllocateCommonBufferWithBounds: with both limits. v3 (Windows 10 1803), P */
	PALLOCATE_COMMON_BUFFER_WITH_BOUNDS AllocateCommonBufferWithBounds;
	/** @AllocateCommonBufferVector: many of one size. v3 (Windows 10 2004), P */
	PALLOCATE_COMMON_BUFFER_VECTOR AllocateCommonBufferVector;
	/** @GetCommonBufferFromVectorByIndex: its addresses. v3 (Windows 10 2004), <= D */
	PGET_COMMON_BUFFER_FROM_VECTOR_BY_INDEX GetCommonBufferFromVectorByIndex;
	/** @FreeCommonBufferFromVector: free one of them. v3 (Windows 10 2004), <= D */
	PFREE_COMMON_BUFFER_FROM_VECTOR FreeCommonBufferFromVector;
	/** @FreeCommonBufferVector: free those left, and it. v3 (Windows 10 2004), <= D */
	PFREE_COMMON_BUFFER_VECTOR FreeCommonBufferVector;
	/** @CreateCommonBufferFromMdl: share existing pages. v3 (Server 2022), P */
	PCREATE_COMMON_BUFFER_FROM_MDL CreateCommonBufferFromMdl;
} DMA_OPERATIONS, *PDMA_OPERATIONS;

/**
 * wdmdma_io_get_dma_adapter() - get an adapter for a device
 * @device_object: a device object of wdmdma_get_device_object(); the device must have a
 *		   driver bound
 * @description: what the device can do; never read past its version's end
 * @number_of_map_registers: out: most registers one request may ask for; one register
 *			     a page
 *
 * The caller owes PutDmaAdapter.
 *
 * Context: PASSIVE_LEVEL; sleeps.
 * Return: The adapter, or NULL: the description is refused, the device has no driver, or
 *	   there is no memory. DDI: IoGetDmaAdapter
 */
PDMA_ADAPTER wdmdma_io_get_dma_adapter(PDEVICE_OBJECT device_object,
				       PDEVICE_DESCRIPTION description,
				       PULONG number_of_map_registers);
#define IoGetDmaAdapter wdmdma_io_get_dma_adapter

#ifdef __cplusplus
}
#endif

/*
 * The names drivers used before there was a table. Arguments and results are those of
 * the member each one calls. DDI: getting-an-adapter-object
 */
static inline NTSTATUS IoAllocateAdapterChannel(PDMA_ADAPTER adapter,
						PDEVICE_OBJECT device_object,
						ULONG map_regs,
						PDRIVER_CONTROL execution_routine,
						PVOID context)
{
	return adapter->DmaOperations->AllocateAdapterChannel(adapter, device_object, map_regs,
							      execution_routine, context);
}

static inline PHYSICAL_ADDRESS IoMapTransfer(PDMA_ADAPTER adapter, PMDL mdl,
					     PVOID map_register_base, PVOID current_va,
					     PULONG length, BOOLEAN write_to_device)
{
	return adapter->DmaOperations->MapTransfer(adapter, mdl, map_register_base, current_va,
						   length, write_to_device);
}

static inline BOOLEAN IoFlushAdapterBuffers(PDMA_ADAPTER adapter, PMDL mdl,
					    PVOID map_register_base, PVOID current_va,
					    ULONG length, BOOLEAN write_to_device)
{
	return adapter->DmaOperations->FlushAdapterBuffers(adapter, mdl, map_register_base,
							   current_va, length,
							   write_to_device);
}

static inline VOID IoFreeAdapterChannel(PDMA_ADAPTER adapter)
{
	adapter->DmaOperations->FreeAdapterChannel(adapter);
}

static inline VOID IoFreeMapRegisters(PDMA_ADAPTER adapter, PVOID map_register_base,
				      ULONG map_regs)
{
	adapter->DmaOperations->FreeMapRegisters(adapter, map_register_base, map_regs);
}

static inline PVOID HalAllocateCommonBuffer(PDMA_ADAPTER adapter, ULONG length,
					    PPHYSICAL_ADDRESS logical_address,
					    BOOLEAN cache_enabled)
{
	return adapter->DmaOperations->AllocateCommonBuffer(adapter, length, logical_address,
							    cache_enabled);
}

static inline VOID HalFreeCommonBuffer(PDMA_ADAPTER adapter, ULONG length,
				       PHYSICAL_ADDRESS logical_address, PVOID va,
				       BOOLEAN cache_enabled)
{
	adapter->DmaOperations->FreeCommonBuffer(adapter, length, logical_address, va,
						 cache_enabled);
}

static inline ULONG HalReadDmaCounter(PDMA_ADAPTER adapter)
{
	return adapter->DmaOperations->ReadDmaCounter(adapter);
}

static inline ULONG HalGetDmaAlignment(PDMA_ADAPTER adapter)
{
	return adapter->DmaOperations->GetDmaAlignment(adapter);
}

#endif /* WDMDMA_DMA_H */
