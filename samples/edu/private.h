/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the Windows driver share.
 *
 * A request passes three stages:
 *
 *	adapter	   It gets map registers (packet.c), or a list (list.c), or either by routines of
 *		   version 3 (extended.c). List and version 3 requests all go to
 *		   the adapter at once and wait there; of MapTransfer requests, which need the
 *		   device object's wait slot, one is under way and the others wait in PacketQueue.
 *	ReadyQueue It waits for the device.
 *	device	   It is CurrentRequest (engine.c). Whoever runs on its behalf owns it, and no
 *		   lock is held then: first the routine that starts it, then the DPC of each
 *		   command.
 *
 * Lock protects Requests, where it is all the time, the two queues, CurrentRequest, PacketRequest
 * and Suspended. It is not held across any call of a DMA operation, for those may call the
 * AdapterControl routines of other requests.
 */
#ifndef EDU_PRIVATE_H
#define EDU_PRIVATE_H

#include <ntddk.h>

#include "edu.h"

#define EDU_TAG 0x75644564	/* "dEdu" */

/* Commands: engine.c has the other registers */
#define EDU_COMMAND_START 0x001		/* reads so until the command has ended */
#define EDU_COMMAND_TO_MEMORY 0x002
#define EDU_BUFFER_ADDRESS 0x40000	/* of the device's own memory */

typedef struct _EDU_ADAPTER_STATE {
	PDMA_ADAPTER DmaAdapter;	/* NULL: there is none */
	ULONG MapRegisters;
} EDU_ADAPTER_STATE;

struct _EDU_DEVICE {
	DEVICE_OBJECT Object;		/* the functional one; its CurrentIrp is PacketRequest's */
	PDEVICE_OBJECT PhysicalDeviceObject;
	PUCHAR Registers;
	BOOLEAN LowMemory;		/* 24 bits reach something, on this machine */
	KDPC Dpc;
	EDU_ADAPTER_STATE Adapters[EduMaximumAdapter];
	PUCHAR Store;
	PHYSICAL_ADDRESS StoreAddress;
	PUCHAR CommonBuffer;
	PHYSICAL_ADDRESS CommonBufferAddress;

	KSPIN_LOCK Lock;
	LIST_ENTRY Requests;
	LIST_ENTRY PacketQueue;
	PEDU_REQUEST PacketRequest;
	LIST_ENTRY ReadyQueue;
	PEDU_REQUEST CurrentRequest;
	BOOLEAN Suspended;		/* CurrentRequest pauses; no other may take its place */
	KEVENT Quiet;			/* it has paused, or there is none */
	volatile BOOLEAN Cancelled;
	EDU_COUNTS Counts;		/* interlocked */

	/* CurrentRequest's owner */
	NTSTATUS StartStatus;		/* not STATUS_PENDING: it could not be started */
	BOOLEAN Paused;			/* what its last command has done was not looked at */
	BOOLEAN Draining;		/* the second of a piece's two commands */
	ULONG CommandLength;
	ULONG BufferOffset;
};

/* request.c */
BOOLEAN EduIsPacket(PEDU_REQUEST Request);
BOOLEAN EduIsCancelled(PEDU_DEVICE Device, PEDU_REQUEST Request);
VOID EduBegin(PEDU_DEVICE Device, PEDU_REQUEST Request);
VOID EduStart(PEDU_DEVICE Device, PEDU_REQUEST Request);
VOID EduComplete(PEDU_DEVICE Device, PEDU_REQUEST Request, NTSTATUS Status);
VOID EduFinish(PEDU_DEVICE Device, PEDU_REQUEST Request, NTSTATUS Status);
VOID EduDropAll(PEDU_DEVICE Device);

/* packet.c */
NTSTATUS EduMapRound(PEDU_DEVICE Device, PEDU_REQUEST Request);
NTSTATUS EduFlushRound(PEDU_DEVICE Device, PEDU_REQUEST Request);
VOID EduQueuePacket(PEDU_DEVICE Device, PEDU_REQUEST Request);
VOID EduStartPacket(PEDU_DEVICE Device);
VOID EduFreePacket(PEDU_DEVICE Device, PEDU_REQUEST Request);

/* list.c */
VOID EduTakeList(PEDU_DEVICE Device, PEDU_REQUEST Request, PSCATTER_GATHER_LIST List);
VOID EduRequestList(PEDU_DEVICE Device, PEDU_REQUEST Request);
VOID EduFreeList(PEDU_DEVICE Device, PEDU_REQUEST Request, BOOLEAN Finished);

/* extended.c */
BOOLEAN EduIsExtended(PEDU_REQUEST Request);
NTSTATUS EduMapRoundEx(PEDU_DEVICE Device, PEDU_REQUEST Request);
NTSTATUS EduFlushRoundEx(PEDU_DEVICE Device, PEDU_REQUEST Request);
VOID EduRequestEx(PEDU_DEVICE Device, PEDU_REQUEST Request);
VOID EduFreeRegistersEx(PEDU_DEVICE Device, PEDU_REQUEST Request);

/* engine.c */
KDEFERRED_ROUTINE EduDpc;
BOOLEAN EduIsPresent(PUCHAR Registers);
VOID EduReady(PEDU_DEVICE Device, PEDU_REQUEST Request);
VOID EduCommand(PEDU_DEVICE Device, ULONG64 Source, ULONG64 Destination, ULONG Length,
		ULONG Command);
BOOLEAN EduIsBusy(PEDU_DEVICE Device);

/* command.c */
NTSTATUS EduTake(PEDU_DEVICE Device, ULONG64 Source, ULONG Length);
NTSTATUS EduGive(PEDU_DEVICE Device, ULONG64 Destination, ULONG Length);
NTSTATUS EduCopy(PEDU_DEVICE Device, ULONG64 Source, ULONG64 Destination, ULONG Length);

/* user.c */
VOID EduUnlockBuffers(PEDU_REQUEST Request);

#endif /* EDU_PRIVATE_H */
