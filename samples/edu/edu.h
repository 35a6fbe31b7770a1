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

#include "public.h"

#define EDU_COMMON_BUFFER_LENGTH 16384

#define EDU_ROUND_ELEMENTS 8	/* most MapTransfers of a round of EduMapTransferLoop */

struct _EDU_REQUEST;

/* Called once for each request, at DISPATCH_LEVEL at most. */
typedef VOID EDU_COMPLETION_ROUTINE(struct _EDU_REQUEST *Request);
typedef __typeof__(EDU_COMPLETION_ROUTINE) *PEDU_COMPLETION_ROUTINE;

/*
 * Shows a list and what BuildMdlFromScatterGatherList gave for it, at DISPATCH_LEVEL: when the
 * list has been granted and, unless the request is EduMapOnly, when the device has Finished.
 */
typedef VOID EDU_INSPECT_ROUTINE(struct _EDU_REQUEST *Request, PSCATTER_GATHER_LIST List,
				 PMDL ListMdl, BOOLEAN Finished);
typedef __typeof__(EDU_INSPECT_ROUTINE) *PEDU_INSPECT_ROUTINE;

typedef struct _EDU_REQUEST {
	/*
	 * In: MdlAddress, except for EduCommonBuffer and user buffers; all else zero.
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
	PEDU_COMPLETION_ROUTINE Completion;
	PEDU_INSPECT_ROUTINE Inspect;	/* methods with a list; NULL: nobody wants to see it */
	PVOID Context;			/* the caller's */

	/* Out: how it went */
	ULONG Rounds;			/* FlushAdapterBuffers(Ex) calls */
	ULONG MapTransfers;		/* MapTransfer(Ex) calls */
	ULONG64 HighestAddress;		/* logical, of the last byte given to the device */
	ULONG ElementCount;		/* of the list, or of the last round */
	BOOLEAN Synchronous;		/* it was one that had not to wait for the adapter */

	/* The driver's */
	LIST_ENTRY DeviceEntry;		/* in the device's Requests */
	BOOLEAN UserBuffers;		/* the MDLs are the driver's */
	PSCATTER_GATHER_ELEMENT Elements;	/* of the list, or of this round */
	ULONG ElementIndex;
	ULONG ElementOffset;
	ULONG Done;			/* bytes that are where they belong */
	PMDL RoundMdl;			/* MapTransfer methods: the link of the chain and */
	PUCHAR RoundVa;			/* where in it this round starts, */
	ULONG RoundLength;		/* how much it has mapped, */
	ULONG Left;			/* and what it and the following ones have to do */
	PVOID MapRegisterBase;
	ULONG MapRegisters;
	PSCATTER_GATHER_LIST List;
	PVOID ListBuffer;		/* EduBuildList(Ex, ExNow), EduMapTransferEx */
	UCHAR TransferContext[DMA_TRANSFER_CONTEXT_SIZE_V1];
	PMDL ListMdl;			/* Inspect */
	SCATTER_GATHER_ELEMENT RoundElements[EDU_ROUND_ELEMENTS];
} EDU_REQUEST, *PEDU_REQUEST;

/* Memory of the calling process */
typedef struct _EDU_USER_BUFFER {
	PVOID Address;
	ULONG Length;
} EDU_USER_BUFFER, *PEDU_USER_BUFFER;

/* What has happened since the device was started */
typedef struct _EDU_COUNTS {
	LONG Routines;			/* calls of AdapterControl and AdapterListControl */
	LONG Asked;			/* version 3 requests with a routine: each becomes */
	LONG Granted;			/* one whose routine was called, */
	LONG Cancelled;			/* or one that CancelAdapterChannel took back */
	LONG Repeated;			/* commands that were given again after a suspension */
} EDU_COUNTS, *PEDU_COUNTS;

struct _EDU_DEVICE;
typedef struct _EDU_DEVICE EDU_DEVICE, *PEDU_DEVICE;

/* Two devices that share memory; the driver's, but for Address and Length */
typedef struct _EDU_PAIR {
	PEDU_DEVICE Owner;
	PEDU_DEVICE Joiner;
	PDMA_ADAPTER OwnerAdapter;
	PDMA_ADAPTER JoinerAdapter;
	PUCHAR Buffer;			/* the owner's common buffer */
	PHYSICAL_ADDRESS Address;	/* where the owner reaches it */
	ULONG Length;			/* bytes of a transfer */
	HANDLE Domain;			/* that was joined */
	ULONG Seed;
} EDU_PAIR, *PEDU_PAIR;

/* PASSIVE_LEVEL, and one call at a time for a device */
NTSTATUS EduAddDevice(PDEVICE_OBJECT PhysicalDeviceObject, PUCHAR Registers, BOOLEAN LowMemory,
		      PEDU_DEVICE *Device);
NTSTATUS EduStartDevice(PEDU_DEVICE Device);
PDMA_ADAPTER EduGetAdapter(PEDU_DEVICE Device, EDU_ADAPTER Adapter);
PDMA_ADAPTER EduFindAdapter(PEDU_DEVICE Device, EDU_ADAPTER Adapter);	/* or NULL */
NTSTATUS EduTrySharedMemory(PEDU_DEVICE Device, EDU_ADAPTER Adapter, NTSTATUS *MdlStatus);
NTSTATUS EduTryCommonBuffer(PEDU_DEVICE Device, EDU_ADAPTER Adapter, PPHYSICAL_ADDRESS Address);
PUCHAR EduGetStore(PEDU_DEVICE Device);
PHYSICAL_ADDRESS EduGetStoreAddress(PEDU_DEVICE Device);
PUCHAR EduGetCommonBuffer(PEDU_DEVICE Device);
BOOLEAN EduAnswers(PEDU_DEVICE Device);
VOID EduStopDevice(PEDU_DEVICE Device);
VOID EduRemoveDevice(PEDU_DEVICE Device);

/* Any IRQL up to DISPATCH_LEVEL; every request is completed once, in any case */
VOID EduSubmit(PEDU_DEVICE Device, PEDU_REQUEST Request);

/*
 * The same for a chain of the calling process' buffers, which is locked in memory until the
 * request is completed. MdlAddress, CurrentVa and Length are set here. PASSIVE_LEVEL
 */
VOID EduSubmitUser(PEDU_DEVICE Device, PEDU_REQUEST Request, PEDU_USER_BUFFER Buffers,
		   ULONG Count);

/* Requests that are not yet finished end with STATUS_CANCELLED, soon */
VOID EduCancel(PEDU_REQUEST Request);
VOID EduCancelAll(PEDU_DEVICE Device);

/*
 * The same for a request that EduSubmit has returned from, that nobody has seen completed, and
 * that still waits for the adapter: it ends at once. Returns FALSE if it does not wait there.
 */
BOOLEAN EduCancelWaiting(PEDU_DEVICE Device, PEDU_REQUEST Request);

/*
 * Between these the device is not touched, and may lose all that is in it. Requests are taken as
 * ever and wait; the one that has the device stops where it is and goes on from there.
 * PASSIVE_LEVEL, one call at a time for a device
 */
NTSTATUS EduSuspendDevice(PEDU_DEVICE Device);
VOID EduResumeDevice(PEDU_DEVICE Device);

/*
 * An owner that is suspended and a joiner that was added and not started: see domain.c. EduOpenPair
 * is undone by EduClosePair, also when it fails. PASSIVE_LEVEL
 */
NTSTATUS EduOpenPair(PEDU_PAIR Pair, PEDU_DEVICE Owner, PEDU_DEVICE Joiner);
VOID EduClosePair(PEDU_PAIR Pair);
NTSTATUS EduTryReach(PEDU_PAIR Pair, ULONG Length, BOOLEAN *Reached);
NTSTATUS EduTryAlone(PEDU_PAIR Pair);
NTSTATUS EduTryNarrowJoin(PEDU_PAIR Pair);
NTSTATUS EduJoin(PEDU_PAIR Pair);
NTSTATUS EduLeave(PEDU_PAIR Pair);
NTSTATUS EduTryDomainBuffer(PEDU_PAIR Pair);
NTSTATUS EduTryElements(PEDU_PAIR Pair, PULONG Elements);
NTSTATUS EduTryMdlBuffer(PEDU_PAIR Pair, PMDL Mdl);
NTSTATUS EduTryPrivateDomain(PEDU_PAIR Pair, PMDL Mdl);

/* Any IRQL up to DISPATCH_LEVEL */
ULONG EduCountRequests(PEDU_DEVICE Device);	/* that have not been completed */
VOID EduGetCounts(PEDU_DEVICE Device, PEDU_COUNTS Counts);

/* The device does not answer: its interrupt and its bus mastering are off. PASSIVE_LEVEL */
VOID EduReset(PEDU_DEVICE Device);

/* Returns TRUE if the interrupt was the device's */
BOOLEAN EduInterrupt(PEDU_DEVICE Device);

#endif /* EDU_H */
