/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of the Windows driver share.
 *
 * There is an adapter for each direction, with a channel of its own, and for the time of a loop a
 * third that transmits. A request has its channel from its AdapterControl routine to SerialFinish.
 */
#ifndef SERIAL_PRIVATE_H
#define SERIAL_PRIVATE_H

#include <ntddk.h>

#include "serial.h"

#define SERIAL_TAG 0x69726553	/* "Seri" */

typedef struct _SERIAL_ADAPTER {
	PDMA_ADAPTER DmaAdapter;
	ULONG MapRegisters;
} SERIAL_ADAPTER, *PSERIAL_ADAPTER;

typedef struct _SERIAL_LOOP {
	SERIAL_ADAPTER Adapter;
	ULONG Length;
	PVOID Buffer;
	PHYSICAL_ADDRESS Address;
	PMDL Mdl;
	PVOID MapRegisterBase;
	KEVENT Started;
	NTSTATUS Status;		/* of the MapTransferEx */
	LONG Passes;
	UCHAR TransferContext[DMA_TRANSFER_CONTEXT_SIZE_V1];
} SERIAL_LOOP;

struct _SERIAL_DEVICE {
	DEVICE_OBJECT Object;		/* the functional one */
	PDEVICE_OBJECT PhysicalDeviceObject;
	SERIAL_RESOURCES Resources;
	SERIAL_ADAPTER Transmit;
	SERIAL_ADAPTER Receive;
	SERIAL_LOOP Loop;
};

/* serial.c */
NTSTATUS SerialGetAdapter(PSERIAL_DEVICE Device, ULONG Line, BOOLEAN AutoInitialize,
			  PSERIAL_ADAPTER Adapter);
VOID SerialPutAdapter(PSERIAL_ADAPTER Adapter);

#endif /* SERIAL_PRIVATE_H */
