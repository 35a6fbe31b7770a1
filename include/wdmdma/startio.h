/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Drivers that serve one request at a time: device queues, StartIo routines and the DPC of
 * a device object.
 *
 * A StartIo routine is never called inside itself for the same device: an
 * IoStartNextPacket that it makes, or leads to, is carried out when it has returned. (On
 * Windows that is the DeferredStartIo attribute; here the kernel's stack is too small for
 * anything else.)
 */
#ifndef WDMDMA_STARTIO_H
#define WDMDMA_STARTIO_H

#include <wdmdma/io.h>
#include <wdmdma/irp.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/startio.c */
void wdmdma_ke_initialize_device_queue(PKDEVICE_QUEUE queue);
BOOLEAN wdmdma_ke_insert_device_queue(PKDEVICE_QUEUE queue, PKDEVICE_QUEUE_ENTRY entry);
BOOLEAN wdmdma_ke_insert_by_key_device_queue(PKDEVICE_QUEUE queue, PKDEVICE_QUEUE_ENTRY entry,
					     ULONG key);
PKDEVICE_QUEUE_ENTRY wdmdma_ke_remove_device_queue(PKDEVICE_QUEUE queue);
PKDEVICE_QUEUE_ENTRY wdmdma_ke_remove_by_key_device_queue(PKDEVICE_QUEUE queue, ULONG key);
BOOLEAN wdmdma_ke_remove_entry_device_queue(PKDEVICE_QUEUE queue, PKDEVICE_QUEUE_ENTRY entry);
void wdmdma_io_initialize_dpc_request(PDEVICE_OBJECT device_object, PIO_DPC_ROUTINE routine);
void wdmdma_io_start_packet(PDEVICE_OBJECT device_object, PIRP irp, PULONG key,
			    PDRIVER_CANCEL cancel);
void wdmdma_io_start_next_packet(PDEVICE_OBJECT device_object, BOOLEAN cancelable);
void wdmdma_io_start_next_packet_by_key(PDEVICE_OBJECT device_object, BOOLEAN cancelable,
					ULONG key);

#ifdef __cplusplus
}
#endif

#define KeInitializeDeviceQueue wdmdma_ke_initialize_device_queue
#define KeInsertDeviceQueue wdmdma_ke_insert_device_queue
#define KeInsertByKeyDeviceQueue wdmdma_ke_insert_by_key_device_queue
#define KeRemoveDeviceQueue wdmdma_ke_remove_device_queue
#define KeRemoveByKeyDeviceQueue wdmdma_ke_remove_by_key_device_queue
#define KeRemoveEntryDeviceQueue wdmdma_ke_remove_entry_device_queue
#define IoInitializeDpcRequest wdmdma_io_initialize_dpc_request
#define IoStartPacket wdmdma_io_start_packet
#define IoStartNextPacket wdmdma_io_start_next_packet
#define IoStartNextPacketByKey wdmdma_io_start_next_packet_by_key
/* Both attributes are always on: see above, and cancelling is always possible */
#define IoSetStartIoAttributes(device_object, deferred, non_cancelable) \
	((void)(device_object), (void)(deferred), (void)(non_cancelable))

/**
 * IoRequestDpc() - have the device object's DPC routine called
 * @device_object: the driver's device object
 * @irp: the routine's third argument
 * @context: its fourth
 *
 * Context: Any IRQL; meant for the interrupt routine. DDI: IoRequestDpc
 */
static inline VOID IoRequestDpc(PDEVICE_OBJECT device_object, PIRP irp, PVOID context)
{
	wdmdma_ke_insert_queue_dpc(&device_object->Dpc, irp, context);
}

#endif /* WDMDMA_STARTIO_H */
