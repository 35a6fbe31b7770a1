/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Device object, request packet and resource descriptor, as far as DMA code looks
 * into them.
 *
 * wdmdma reads CurrentIrp and writes MdlAddress (IoAllocateMdl); the rest is the
 * ported driver's. The structures hold the documented members only and promise no
 * offsets: both sides of every use are compiled from this file.
 */
#ifndef WDMDMA_IO_H
#define WDMDMA_IO_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>
#include <wdmdma/mdl.h>

struct _DRIVER_OBJECT;
typedef struct _DRIVER_OBJECT DRIVER_OBJECT, *PDRIVER_OBJECT;

struct _EPROCESS;
typedef struct _EPROCESS *PEPROCESS;

struct _ETHREAD;
typedef struct _ETHREAD *PETHREAD;

typedef struct _IO_STATUS_BLOCK {
	union {
		NTSTATUS Status;
		PVOID Pointer;
	};
	ULONG_PTR Information;	/* bytes moved, for a transfer */
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

/* Values of Type in the two objects below */
#define IO_TYPE_DEVICE 3
#define IO_TYPE_IRP 6

typedef struct _IRP {
	CSHORT Type;			/* IO_TYPE_IRP */
	USHORT Size;
	PMDL MdlAddress;		/* first of the chain that describes the buffer */
	ULONG Flags;
	union {
		struct _IRP *MasterIrp;
		LONG IrpCount;
		PVOID SystemBuffer;
	} AssociatedIrp;
	IO_STATUS_BLOCK IoStatus;
	KPROCESSOR_MODE RequestorMode;
	BOOLEAN PendingReturned;
	CHAR StackCount;
	CHAR CurrentLocation;
	BOOLEAN Cancel;
	KIRQL CancelIrql;
	PVOID UserBuffer;
	union {
		struct {
			PVOID DriverContext[4];	/* the driver's, while it owns the IRP */
			PETHREAD Thread;
			LIST_ENTRY ListEntry;	/* the driver's queue */
		} Overlay;
		PVOID CompletionKey;
	} Tail;
} IRP, *PIRP;

typedef struct _DEVICE_OBJECT {
	CSHORT Type;			/* IO_TYPE_DEVICE */
	USHORT Size;
	LONG ReferenceCount;
	PDRIVER_OBJECT DriverObject;
	struct _DEVICE_OBJECT *NextDevice;
	struct _DEVICE_OBJECT *AttachedDevice;
	PIRP CurrentIrp;		/* sampled when a DMA request is made */
	ULONG Flags;			/* DO_* */
	ULONG Characteristics;
	PVOID DeviceExtension;
	ULONG DeviceType;
	CHAR StackSize;
	ULONG AlignmentRequirement;	/* a mask: FILE_*_ALIGNMENT */
} DEVICE_OBJECT, *PDEVICE_OBJECT;

#define DO_BUFFERED_IO 0x00000004
#define DO_DIRECT_IO 0x00000010
#define DO_DEVICE_INITIALIZING 0x00000080
#define DO_POWER_PAGABLE 0x00002000

/* Alignment masks: the alignment in bytes, less one */
#define FILE_BYTE_ALIGNMENT 0x00000000
#define FILE_WORD_ALIGNMENT 0x00000001
#define FILE_LONG_ALIGNMENT 0x00000003
#define FILE_QUAD_ALIGNMENT 0x00000007
#define FILE_OCTA_ALIGNMENT 0x0000000F
#define FILE_32_BYTE_ALIGNMENT 0x0000001F
#define FILE_64_BYTE_ALIGNMENT 0x0000003F
#define FILE_128_BYTE_ALIGNMENT 0x0000007F
#define FILE_256_BYTE_ALIGNMENT 0x000000FF
#define FILE_512_BYTE_ALIGNMENT 0x000001FF

/* CM_PARTIAL_RESOURCE_DESCRIPTOR.Type */
#define CmResourceTypeNull 0
#define CmResourceTypePort 1
#define CmResourceTypeInterrupt 2
#define CmResourceTypeMemory 3
#define CmResourceTypeDma 4
#define CmResourceTypeDeviceSpecific 5
#define CmResourceTypeBusNumber 6

/* CM_PARTIAL_RESOURCE_DESCRIPTOR.Flags of a DMA resource */
#define CM_RESOURCE_DMA_8 0x0000
#define CM_RESOURCE_DMA_16 0x0001
#define CM_RESOURCE_DMA_32 0x0002
#define CM_RESOURCE_DMA_8_AND_16 0x0004
#define CM_RESOURCE_DMA_BUS_MASTER 0x0008
#define CM_RESOURCE_DMA_TYPE_A 0x0010
#define CM_RESOURCE_DMA_TYPE_B 0x0020
#define CM_RESOURCE_DMA_TYPE_F 0x0040
#define CM_RESOURCE_DMA_V3 0x0080

/* u.DmaV3.TransferWidth, with the spelling of the original */
#define DMAV3_TRANFER_WIDTH_8 0
#define DMAV3_TRANFER_WIDTH_16 1
#define DMAV3_TRANFER_WIDTH_32 2
#define DMAV3_TRANFER_WIDTH_64 3
#define DMAV3_TRANFER_WIDTH_128 4
#define DMAV3_TRANFER_WIDTH_256 5

/* Windows packs this one to 4 bytes: what holds a 64-bit member has to say so */
#define WDMDMA_PACKED_TO_4 WDMDMA_ATTRIBUTE(packed, aligned(4))

typedef struct _CM_PARTIAL_RESOURCE_DESCRIPTOR {
	UCHAR Type;
	UCHAR ShareDisposition;
	USHORT Flags;
	union {
		struct {
			PHYSICAL_ADDRESS Start;
			ULONG Length;
		} WDMDMA_PACKED_TO_4 Generic;
		struct {
			PHYSICAL_ADDRESS Start;
			ULONG Length;
		} WDMDMA_PACKED_TO_4 Port;
		struct {
			ULONG Level;
			ULONG Vector;
			KAFFINITY Affinity;
		} WDMDMA_PACKED_TO_4 Interrupt;
		struct {
			PHYSICAL_ADDRESS Start;
			ULONG Length;
		} WDMDMA_PACKED_TO_4 Memory;
		struct {
			ULONG Channel;	/* DEVICE_DESCRIPTION.DmaChannel */
			ULONG Port;	/* DEVICE_DESCRIPTION.DmaRequestLine */
			ULONG Reserved1;
		} Dma;
		struct {
			ULONG Channel;
			ULONG RequestLine;
			UCHAR TransferWidth;	/* DMAV3_TRANFER_WIDTH_* */
			UCHAR Reserved1;
			UCHAR Reserved2;
			UCHAR Reserved3;
		} DmaV3;
		struct {
			ULONG Data[3];
		} DevicePrivate;
	} WDMDMA_PACKED_TO_4 u;
} CM_PARTIAL_RESOURCE_DESCRIPTOR, *PCM_PARTIAL_RESOURCE_DESCRIPTOR;

#endif /* WDMDMA_IO_H */
