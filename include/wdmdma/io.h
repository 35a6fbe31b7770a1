/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Driver object, device object, request packet and its stack, as far as DMA code looks
 * into them.
 *
 * The DMA routines read CurrentIrp and write MdlAddress (IoAllocateMdl); the routines of
 * irp.h and startio.h use what they need, and the rest is the ported driver's. The
 * structures hold the documented members only and promise no offsets: both sides of every
 * use are compiled from this file.
 */
#ifndef WDMDMA_IO_H
#define WDMDMA_IO_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>
#include <wdmdma/mdl.h>
#include <wdmdma/ke.h>
#include <wdmdma/resource.h>

struct _IRP;
struct _DEVICE_OBJECT;
struct _DRIVER_OBJECT;
struct _KEVENT;
struct _UNICODE_STRING;

struct _EPROCESS;
typedef struct _EPROCESS *PEPROCESS;

struct _ETHREAD;
typedef struct _ETHREAD *PETHREAD;

struct _FILE_OBJECT;
typedef struct _FILE_OBJECT FILE_OBJECT, *PFILE_OBJECT;

typedef struct _IO_STATUS_BLOCK {
	union {
		NTSTATUS Status;
		PVOID Pointer;
	};
	ULONG_PTR Information;	/* bytes moved, for a transfer */
} IO_STATUS_BLOCK, *PIO_STATUS_BLOCK;

/* The driver's routines */
typedef NTSTATUS DRIVER_INITIALIZE(struct _DRIVER_OBJECT *DriverObject,
				   struct _UNICODE_STRING *RegistryPath);
typedef __typeof__(DRIVER_INITIALIZE) *PDRIVER_INITIALIZE;
typedef NTSTATUS DRIVER_ADD_DEVICE(struct _DRIVER_OBJECT *DriverObject,
				   struct _DEVICE_OBJECT *PhysicalDeviceObject);
typedef __typeof__(DRIVER_ADD_DEVICE) *PDRIVER_ADD_DEVICE;
typedef VOID DRIVER_UNLOAD(struct _DRIVER_OBJECT *DriverObject);
typedef __typeof__(DRIVER_UNLOAD) *PDRIVER_UNLOAD;
typedef NTSTATUS DRIVER_DISPATCH(struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp);
typedef __typeof__(DRIVER_DISPATCH) *PDRIVER_DISPATCH;
typedef VOID DRIVER_STARTIO(struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp);
typedef __typeof__(DRIVER_STARTIO) *PDRIVER_STARTIO;
typedef VOID DRIVER_CANCEL(struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp);
typedef __typeof__(DRIVER_CANCEL) *PDRIVER_CANCEL;
typedef NTSTATUS IO_COMPLETION_ROUTINE(struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp,
				       PVOID Context);
typedef __typeof__(IO_COMPLETION_ROUTINE) *PIO_COMPLETION_ROUTINE;
typedef VOID IO_DPC_ROUTINE(PKDPC Dpc, struct _DEVICE_OBJECT *DeviceObject, struct _IRP *Irp,
			    PVOID Context);
typedef __typeof__(IO_DPC_ROUTINE) *PIO_DPC_ROUTINE;

/* Major functions */
#define IRP_MJ_CREATE 0x00
#define IRP_MJ_CLOSE 0x02
#define IRP_MJ_READ 0x03
#define IRP_MJ_WRITE 0x04
#define IRP_MJ_FLUSH_BUFFERS 0x09
#define IRP_MJ_DEVICE_CONTROL 0x0e
#define IRP_MJ_INTERNAL_DEVICE_CONTROL 0x0f
#define IRP_MJ_SHUTDOWN 0x10
#define IRP_MJ_CLEANUP 0x12
#define IRP_MJ_POWER 0x16
#define IRP_MJ_SYSTEM_CONTROL 0x17
#define IRP_MJ_PNP 0x1b
#define IRP_MJ_MAXIMUM_FUNCTION 0x1b
#define IRP_MJ_SCSI IRP_MJ_INTERNAL_DEVICE_CONTROL

/* Minor functions of IRP_MJ_PNP */
#define IRP_MN_START_DEVICE 0x00
#define IRP_MN_QUERY_REMOVE_DEVICE 0x01
#define IRP_MN_REMOVE_DEVICE 0x02
#define IRP_MN_CANCEL_REMOVE_DEVICE 0x03
#define IRP_MN_STOP_DEVICE 0x04
#define IRP_MN_QUERY_STOP_DEVICE 0x05
#define IRP_MN_CANCEL_STOP_DEVICE 0x06
#define IRP_MN_SURPRISE_REMOVAL 0x17

/* Control codes */
#define METHOD_BUFFERED 0
#define METHOD_IN_DIRECT 1
#define METHOD_OUT_DIRECT 2
#define METHOD_NEITHER 3
#define FILE_ANY_ACCESS 0
#define FILE_READ_ACCESS 1
#define FILE_WRITE_ACCESS 2
#define FILE_DEVICE_CONTROLLER 0x00000004
#define FILE_DEVICE_DISK 0x00000007
#define FILE_DEVICE_NETWORK 0x00000012
#define FILE_DEVICE_UNKNOWN 0x00000022
#define FILE_DEVICE_BUS_EXTENDER 0x0000002a
#define FILE_DEVICE_SECURE_OPEN 0x00000100
#define CTL_CODE(type, function, method, access) \
	((ULONG)(type) << 16 | (ULONG)(access) << 14 | (ULONG)(function) << 2 | (ULONG)(method))

/* IO_STACK_LOCATION.Control */
#define SL_PENDING_RETURNED 0x01
#define SL_INVOKE_ON_CANCEL 0x20
#define SL_INVOKE_ON_SUCCESS 0x40
#define SL_INVOKE_ON_ERROR 0x80

/* One driver's share of a request */
typedef struct _IO_STACK_LOCATION {
	UCHAR MajorFunction;	/* IRP_MJ_* */
	UCHAR MinorFunction;
	UCHAR Flags;
	UCHAR Control;		/* SL_* */
	union {
		struct {
			ULONG Length;
			ULONG Key;
			LARGE_INTEGER ByteOffset;
		} Read;
		struct {
			ULONG Length;
			ULONG Key;
			LARGE_INTEGER ByteOffset;
		} Write;
		struct {
			ULONG OutputBufferLength;
			ULONG InputBufferLength;
			ULONG IoControlCode;
			PVOID Type3InputBuffer;
		} DeviceIoControl;
		struct {
			PCM_RESOURCE_LIST AllocatedResources;
			PCM_RESOURCE_LIST AllocatedResourcesTranslated;
		} StartDevice;
		struct {
			PVOID Argument1;
			PVOID Argument2;
			PVOID Argument3;
			PVOID Argument4;
		} Others;
	} Parameters;
	struct _DEVICE_OBJECT *DeviceObject;
	PFILE_OBJECT FileObject;
	PIO_COMPLETION_ROUTINE CompletionRoutine;
	PVOID Context;
} IO_STACK_LOCATION, *PIO_STACK_LOCATION;

/* Values of Type in the objects below */
#define IO_TYPE_DEVICE 3
#define IO_TYPE_DRIVER 4
#define IO_TYPE_IRP 6
#define IO_TYPE_DEVICE_QUEUE 20

/* Requests that wait for a device that serves one at a time; wdmdma has the lock */
typedef struct _KDEVICE_QUEUE {
	CSHORT Type;
	CSHORT Size;
	LIST_ENTRY DeviceListHead;
	BOOLEAN Busy;
} KDEVICE_QUEUE, *PKDEVICE_QUEUE, *PRKDEVICE_QUEUE;

typedef struct _KDEVICE_QUEUE_ENTRY {
	LIST_ENTRY DeviceListEntry;
	ULONG SortKey;
	BOOLEAN Inserted;
} KDEVICE_QUEUE_ENTRY, *PKDEVICE_QUEUE_ENTRY, *PRKDEVICE_QUEUE_ENTRY;

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
	CHAR CurrentLocation;		/* StackCount + 1: nobody has the request yet */
	BOOLEAN Cancel;
	KIRQL CancelIrql;
	PDRIVER_CANCEL volatile CancelRoutine;
	PVOID UserBuffer;
	PIO_STATUS_BLOCK UserIosb;	/* the maker's: filled in when all is done */
	struct _KEVENT *UserEvent;	/* the maker's: set then */
	union {
		struct {
			union {
				KDEVICE_QUEUE_ENTRY DeviceQueueEntry;	/* IoStartPacket's */
				PVOID DriverContext[4];	/* the driver's, while it owns the IRP */
			};
			PETHREAD Thread;
			PCHAR AuxiliaryBuffer;
			LIST_ENTRY ListEntry;	/* the driver's queue */
			PIO_STACK_LOCATION CurrentStackLocation;
			PFILE_OBJECT OriginalFileObject;
		} Overlay;
		PVOID CompletionKey;
	} Tail;
} IRP, *PIRP;

typedef struct _DRIVER_EXTENSION {
	struct _DRIVER_OBJECT *DriverObject;
	PDRIVER_ADD_DEVICE AddDevice;
	ULONG Count;
} DRIVER_EXTENSION, *PDRIVER_EXTENSION;

/* The host makes it, zeroed, and calls what the driver puts in */
typedef struct _DRIVER_OBJECT {
	CSHORT Type;			/* IO_TYPE_DRIVER */
	CSHORT Size;
	struct _DEVICE_OBJECT *DeviceObject;	/* first of the driver's, by NextDevice */
	ULONG Flags;
	PDRIVER_EXTENSION DriverExtension;
	PDRIVER_INITIALIZE DriverInit;
	PDRIVER_STARTIO DriverStartIo;
	PDRIVER_UNLOAD DriverUnload;
	PDRIVER_DISPATCH MajorFunction[IRP_MJ_MAXIMUM_FUNCTION + 1];
} DRIVER_OBJECT, *PDRIVER_OBJECT;

typedef ULONG DEVICE_TYPE;

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
	DEVICE_TYPE DeviceType;
	CHAR StackSize;
	ULONG AlignmentRequirement;	/* a mask: FILE_*_ALIGNMENT */
	KDEVICE_QUEUE DeviceQueue;	/* IoStartPacket's; zeroed does */
	KDPC Dpc;			/* IoRequestDpc's */
	PIO_DPC_ROUTINE dpc_routine;	/* the driver's */
	LONG start_io_calls;		/* startio.c, as the next three */
	PIRP start_io_irp;
	ULONG start_io_key;
	BOOLEAN start_io_cancelable;
} DEVICE_OBJECT, *PDEVICE_OBJECT;

#define DO_BUFFERED_IO 0x00000004
#define DO_EXCLUSIVE 0x00000008
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

#endif /* WDMDMA_IO_H */
