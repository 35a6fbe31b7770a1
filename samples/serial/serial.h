/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A Windows driver for a UART (PL011) that a channel of a system DMA controller serves, as whoever
 * sends it requests sees it.
 *
 * The driver moves no character itself. The controller writes to the UART's data register, or reads
 * from it, 32 bits at a time: a buffer has a word for each character, in its lowest byte.
 *
 * The includer brings the Windows types: <ntddk.h>, or on the Linux side <wdmdma/wdmdma.h>.
 */
#ifndef SERIAL_H
#define SERIAL_H

/* Request lines, as the host binds them */
#define SERIAL_TRANSMIT_LINE 0
#define SERIAL_RECEIVE_LINE 1
#define SERIAL_NO_LINE 0x1000		/* nobody serves it */

/* Registers, by their offset */
#define SERIAL_DATA_REGISTER 0x00
#define SERIAL_DIVISOR_REGISTER 0x24	/* keeps the 16 bits that are written to it */
#define SERIAL_FIFO_LENGTH 16		/* characters that wait to be received, at most */

struct _SERIAL_REQUEST;

/* Called once for each request, at DISPATCH_LEVEL at most. */
typedef VOID SERIAL_COMPLETION_ROUTINE(struct _SERIAL_REQUEST *Request);
typedef __typeof__(SERIAL_COMPLETION_ROUTINE) *PSERIAL_COMPLETION_ROUTINE;

typedef struct _SERIAL_REQUEST {
	/* In; all else zero */
	BOOLEAN Transmit;
	ULONG Register;			/* offset of the one that is read or written */
	PMDL Mdl;			/* may be the first of a chain */
	ULONG Length;			/* bytes, a multiple of 4 */
	PSERIAL_COMPLETION_ROUTINE Completion;
	PVOID Context;			/* the caller's */

	/* Out */
	NTSTATUS Status;
	ULONG Done;			/* bytes moved */
	ULONG Rounds;			/* MapTransferEx calls */

	/* The driver's */
	PDEVICE_OBJECT DeviceObject;
	PVOID MapRegisterBase;
	ULONG RoundLength;		/* MapTransferEx may shorten it */
	UCHAR TransferContext[DMA_TRANSFER_CONTEXT_SIZE_V1];
} SERIAL_REQUEST, *PSERIAL_REQUEST;

/* What there is to know about a device before it is started */
typedef struct _SERIAL_RESOURCES {
	PHYSICAL_ADDRESS RegisterAddress;
	PUCHAR Registers;		/* the same, mapped; NULL: the UART needs no programming */
} SERIAL_RESOURCES, *PSERIAL_RESOURCES;

struct _SERIAL_DEVICE;
typedef struct _SERIAL_DEVICE SERIAL_DEVICE, *PSERIAL_DEVICE;

/* PASSIVE_LEVEL */
NTSTATUS SerialAddDevice(PDEVICE_OBJECT PhysicalDeviceObject, PSERIAL_RESOURCES Resources,
			 PSERIAL_DEVICE *Device);
BOOLEAN SerialLineExists(PSERIAL_DEVICE Device, ULONG Line);
PDMA_ADAPTER SerialAdapter(PSERIAL_DEVICE Device, BOOLEAN Transmit);
VOID SerialRemoveDevice(PSERIAL_DEVICE Device);

/* What the UART itself knows */
VOID SerialSetDivisor(PSERIAL_DEVICE Device, USHORT Divisor);
BOOLEAN SerialReceiveFifoIsFull(PSERIAL_DEVICE Device);

/* Any IRQL up to DISPATCH_LEVEL; every request is completed once, in any case */
VOID SerialSubmit(PSERIAL_DEVICE Device, PSERIAL_REQUEST Request);
ULONG SerialBytesLeft(PSERIAL_DEVICE Device, BOOLEAN Transmit);

/* Nobody has seen the request completed. It ends soon, if it does not end by itself before. */
VOID SerialCancel(PSERIAL_DEVICE Device, PSERIAL_REQUEST Request);

/*
 * A buffer is transmitted over and over. Each time that NotificationLength more bytes of it have
 * gone, a pass is counted. PASSIVE_LEVEL
 */
NTSTATUS SerialStartLoop(PSERIAL_DEVICE Device, ULONG Length, ULONG NotificationLength,
			 PULONG *Buffer);
ULONG SerialLoopPosition(PSERIAL_DEVICE Device);
LONG SerialLoopPasses(PSERIAL_DEVICE Device);
NTSTATUS SerialStopLoop(PSERIAL_DEVICE Device);

#endif /* SERIAL_H */
