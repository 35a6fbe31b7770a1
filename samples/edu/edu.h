/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A Windows driver for QEMU's edu device, as whoever sends it requests sees it.
 *
 * The device has 4 KiB of memory of its own, which no processor sees, and copies between that
 * and main memory. The driver makes a storage device of it: a common buffer is the *store*, and
 * a request moves data between a caller's buffer and the store, always through the device. Each
 * piece takes two commands, one into the device and one out of it.
 *
 * The includer brings the Windows types: <ntddk.h>, or on the Linux side <wdmdma/wdmdma.h>.
 */
#ifndef EDU_H
#define EDU_H

#define EDU_STORE_LENGTH 32768
#define EDU_COMMON_BUFFER_LENGTH 16384

/* One device can have several adapters at the same time */
typedef enum _EDU_ADAPTER {
	EduWideAdapter,		/* scatter/gather, all that the device can reach */
	EduPacketAdapter,	/* the same with few map registers, and a version 1 table */
	EduPoolAdapter,		/* the same, for requests that wait for each other */
	EduWindowAdapter,	/* no scatter/gather: a transfer is one range of addresses */
	EduNarrowAdapter,	/* scatter/gather in the lowest 16 MiB */
	EduMaximumAdapter
} EDU_ADAPTER;

/* How a request's buffer gets its logical addresses */
typedef enum _EDU_METHOD {
	EduCommonBuffer,	/* it lies in the driver's common buffer and has one already */
	EduMapTransfer,		/* MapTransfer, FlushAdapterBuffers, and again for the rest */
	EduMapTransferLoop,	/* several MapTransfers before each FlushAdapterBuffers */
	EduKeepChannel,		/* as EduMapTransfer, the channel is kept to the end */
	EduGetList,		/* GetScatterGatherList */
	EduBuildList		/* BuildScatterGatherList */
} EDU_METHOD;

#define EDU_ROUND_ELEMENTS 8	/* most MapTransfers of a round of EduMapTransferLoop */

struct _EDU_REQUEST;
typedef VOID EDU_COMPLETION_ROUTINE(struct _EDU_REQUEST *Request);
typedef __typeof__(EDU_COMPLETION_ROUTINE) *PEDU_COMPLETION_ROUTINE;

typedef struct _EDU_REQUEST {
	/*
	 * In: MdlAddress, except for EduCommonBuffer.
	 * Out: IoStatus, with the bytes moved in Information.
	 */
	IRP Irp;

	/* In */
	EDU_ADAPTER Adapter;
	EDU_METHOD Method;
	BOOLEAN WriteToDevice;		/* from the buffer to the store */
	PUCHAR CurrentVa;		/* as MmGetMdlVirtualAddress counts */
	ULONG Length;
	ULONG StoreOffset;
	PEDU_COMPLETION_ROUTINE Completion;	/* called at DISPATCH_LEVEL at most */
	PVOID Context;			/* the caller's */

	/* Out: how it went */
	ULONG Rounds;			/* FlushAdapterBuffers calls */
	ULONG MapTransfers;		/* MapTransfer calls */
	ULONG64 HighestAddress;		/* logical, of the last byte given to the device */

	/* The driver's */
	PSCATTER_GATHER_ELEMENT Elements;	/* of the list, or of this round */
	ULONG ElementCount;
	ULONG ElementIndex;
	ULONG ElementOffset;
	ULONG Done;			/* bytes that are where they belong */
	PUCHAR RoundVa;			/* MapTransfer methods: where this round starts, */
	ULONG RoundLength;		/* how much it has mapped, */
	ULONG Left;			/* and what it and the following ones have to do */
	PVOID MapRegisterBase;
	ULONG MapRegisters;
	PSCATTER_GATHER_LIST List;
	PVOID ListBuffer;		/* EduBuildList */
	SCATTER_GATHER_ELEMENT RoundElements[EDU_ROUND_ELEMENTS];
} EDU_REQUEST, *PEDU_REQUEST;

struct _EDU_DEVICE;
typedef struct _EDU_DEVICE EDU_DEVICE, *PEDU_DEVICE;

/* PASSIVE_LEVEL */
NTSTATUS EduAddDevice(PDEVICE_OBJECT PhysicalDeviceObject, PUCHAR Registers, PEDU_DEVICE *Device);
NTSTATUS EduStartDevice(PEDU_DEVICE Device);
PDMA_ADAPTER EduGetAdapter(PEDU_DEVICE Device, EDU_ADAPTER Adapter);
VOID EduPutAdapter(PEDU_DEVICE Device, EDU_ADAPTER Adapter);
NTSTATUS EduTryCommonBuffer(PEDU_DEVICE Device, EDU_ADAPTER Adapter, PPHYSICAL_ADDRESS Address);
PUCHAR EduGetStore(PEDU_DEVICE Device);
PUCHAR EduGetCommonBuffer(PEDU_DEVICE Device);
VOID EduStopDevice(PEDU_DEVICE Device);
VOID EduRemoveDevice(PEDU_DEVICE Device);

/* Any IRQL up to DISPATCH_LEVEL; every request is completed once, in any case */
VOID EduSubmit(PEDU_DEVICE Device, PEDU_REQUEST Request);

/* Requests that are not yet finished end with STATUS_CANCELLED, soon */
VOID EduCancelAll(PEDU_DEVICE Device);

/* The device does not answer: its interrupt and its bus mastering are off. PASSIVE_LEVEL */
VOID EduReset(PEDU_DEVICE Device);

/* Returns TRUE if the interrupt was the device's */
BOOLEAN EduInterrupt(PEDU_DEVICE Device);

#endif /* EDU_H */
