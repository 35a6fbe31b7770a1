/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The Linux side: what the host part of a ported driver, the one that knows a struct
 * device, asks of wdmdma. These functions speak errno.
 */
#ifndef WDMDMA_WDMDMA_H
#define WDMDMA_WDMDMA_H

#include <linux/types.h>

#include <wdmdma/types.h>
#include <wdmdma/io.h>
#include <wdmdma/dma.h>

struct device;

/**
 * wdmdma_get_device_object() - the device object that stands for a device
 * @dev: device with its driver bound (probe counts) and its DMA mask set
 *
 * The same object at every call until the last reference is put. wdmdma takes the mask
 * as @dev has it when an adapter is made, narrows it for translated adapters with a
 * shorter reach and gives it back with the last one. Change it while no adapter lives.
 *
 * Context: Process context; sleeps.
 * Return: The object, with a reference for the caller, or NULL: no memory, no driver
 *	   bound, or a device that cannot do DMA.
 */
PDEVICE_OBJECT wdmdma_get_device_object(struct device *dev);

/**
 * wdmdma_put_device_object() - give back a reference
 * @device_object: object of wdmdma_get_device_object(); NULL is tolerated
 *
 * Adapters made for it must be put before.
 *
 * Context: Process context; may sleep.
 */
void wdmdma_put_device_object(PDEVICE_OBJECT device_object);

/**
 * enum wdmdma_mapping_class - how memory got to where the device can reach it
 * @WDMDMA_DIRECT: the device uses the memory at its bus address
 * @WDMDMA_TRANSLATED: an IOMMU gives the memory another address
 * @WDMDMA_BOUNCED: the data is copied through memory that the device can reach
 */
enum wdmdma_mapping_class {
	WDMDMA_DIRECT,
	WDMDMA_TRANSLATED,
	WDMDMA_BOUNCED,
};

/**
 * struct wdmdma_adapter_stats - what an adapter has done and holds
 * @mapping: how the adapter maps; WDMDMA_BOUNCED: directly what the device reaches, the rest copied
 * @map_registers: most registers one request may have
 * @last_address: highest logical address the device can use, inclusive
 * @direct_maps: mappings made so far of class WDMDMA_DIRECT
 * @translated_maps: mappings made so far of class WDMDMA_TRANSLATED
 * @bounced_maps: mappings made so far of class WDMDMA_BOUNCED
 * @common_maps: mappings so far of memory that was a common buffer already
 * @mapped_bytes: bytes of all mappings made so far
 * @bounced_bytes: bytes copied so far, to and from bounce pages
 * @lists_live: scatter/gather lists not yet put
 * @sets_live: sets of map registers not yet freed
 * @buffers_live: common buffers not yet freed
 * @waiting: requests that wait for channel or registers
 * @channels_granted: channel requests granted so far
 */
struct wdmdma_adapter_stats {
	enum wdmdma_mapping_class mapping;
	u32 map_registers;
	u64 last_address;
	u64 direct_maps;
	u64 translated_maps;
	u64 bounced_maps;
	u64 common_maps;
	u64 mapped_bytes;
	u64 bounced_bytes;
	u32 lists_live;
	u32 sets_live;
	u32 buffers_live;
	u32 waiting;
	u32 channels_granted;
};

/**
 * wdmdma_get_adapter_stats() - read an adapter's numbers
 * @adapter: adapter of IoGetDmaAdapter
 * @stats: where to; the counters are read one after another
 *
 * Context: Any but a hard interrupt; does not sleep.
 * Return: 0, or -EINVAL: @adapter is no adapter, or no longer.
 */
int wdmdma_get_adapter_stats(PDMA_ADAPTER adapter, struct wdmdma_adapter_stats *stats);

/**
 * struct wdmdma_limits - what a device cannot do although mask and description say so
 * @last_address: highest address the device can really use, inclusive; 0 = no limit
 * @pool_registers: map registers of an adapter that can be in use at once; 0 = no limit
 * @segment_bytes: longest run of addresses the device takes; 0 = what dma_set_max_seg_size() says,
 *		   but for a PCI device's 64 KiB, which the bus sets for all
 * @force_bounce: copy all data through bounce pages, whatever the device reaches; for tests
 */
struct wdmdma_limits {
	u64 last_address;
	u32 pool_registers;
	u32 segment_bytes;
	bool force_bounce;
};

/**
 * wdmdma_set_limits() - narrow what adapters of a device may use
 * @device_object: object of wdmdma_get_device_object()
 * @limits: the limits; adapters that exist keep theirs
 *
 * Context: Process context; may sleep.
 * Return: 0, or -EINVAL: no @limits, or @device_object is none.
 */
int wdmdma_set_limits(PDEVICE_OBJECT device_object, const struct wdmdma_limits *limits);

/**
 * wdmdma_report_count() - how often wdmdma has reported a kind of misuse
 * @code: code of the report, as in Windows' bug check 0xE6
 *
 * Context: Any.
 * Return: Reports since the module was loaded, those not printed included; 0 for a code
 *	   there is not.
 */
u64 wdmdma_report_count(u32 code);

/**
 * wdmdma_fail_next_maps() - let mappings fail as if the IOMMU had no address left
 * @adapter: adapter of IoGetDmaAdapter
 * @count: so many mappings fail from now on
 *
 * For tests of what a driver does then.
 *
 * Context: Any but a hard interrupt; does not sleep.
 * Return: 0, or -EINVAL: @adapter is no adapter, or no longer.
 */
int wdmdma_fail_next_maps(PDMA_ADAPTER adapter, u32 count);

/**
 * wdmdma_map_on_lock() - choose whether pages are mapped into the kernel when locked
 * @on: map MDLs that are locked or allocated from now on, where that may sleep
 *
 * What the module parameter map_on_lock chooses. With it MmGetSystemAddressForMdlSafe has
 * an address for scattered pages at DISPATCH_LEVEL; without it locking is cheaper.
 *
 * Context: Any.
 * Return: What was chosen before; on at first.
 */
bool wdmdma_map_on_lock(bool on);

#endif /* WDMDMA_WDMDMA_H */
