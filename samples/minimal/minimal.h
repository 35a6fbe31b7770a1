/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the Linux side asks of the Windows driver. The includer brings the Windows types.
 */
#ifndef MINIMAL_H
#define MINIMAL_H

#define MINIMAL_LENGTH 20000	/* bytes of the buffer that is mapped */

typedef struct _MINIMAL_DEVICE {
	PDMA_ADAPTER DmaAdapter;
	ULONG MapRegisters;
	PVOID CommonBuffer;
	PHYSICAL_ADDRESS CommonBufferAddress;

	/* The list that MinimalMapBuffer was given */
	ULONG ListElements;
	ULONG ListBytes;
} MINIMAL_DEVICE, *PMINIMAL_DEVICE;

/* PASSIVE_LEVEL; MinimalStop undoes what MinimalStart has done, whatever that returned */
NTSTATUS MinimalStart(PMINIMAL_DEVICE Device, PDEVICE_OBJECT DeviceObject);
NTSTATUS MinimalMapBuffer(PMINIMAL_DEVICE Device, PDEVICE_OBJECT DeviceObject);
VOID MinimalStop(PMINIMAL_DEVICE Device);

#endif
