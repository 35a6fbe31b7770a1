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

struct _DMA_IOMMU_INTERFACE_EX;
struct device;
struct dma_chan;
struct dma_slave_config;

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
 * @buffers_live: common buffers not yet freed, the elements of vectors among them
 * @vectors_live: vectors of common buffers not yet freed
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
	u32 vectors_live;
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
 * @no_remapping: the IOMMU interface must not be used for the device (on Windows a key of the
 *		  driver's service says so)
 */
struct wdmdma_limits {
	u64 last_address;
	u32 pool_registers;
	u32 segment_bytes;
	bool force_bounce;
	bool no_remapping;
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
 * struct wdmdma_verifier - what the verifier does
 * @level: 0 off, 1 on, 2 strict: also what Windows alone forbids; holds for adapters made
 *	   afterwards
 * @action: on a violation: 0 log once per call site, 1 log, 2 log and fail the call where it
 *	    has a failure to return, 3 panic. 2 and 3 only with a @level
 * @guard: fill and check what surrounds buffers
 * @bounce: copy each transfer of bus masters, so that missing flushes are seen
 * @drivers: names of the Linux drivers to verify, separated by commas; empty = all
 */
struct wdmdma_verifier {
	u32 level;
	u32 action;
	bool guard;
	bool bounce;
	char drivers[256];
};

/**
 * wdmdma_set_verifier() - do what the module parameters verifier, verifier_... do
 * @settings: the settings
 *
 * Context: Process context; may sleep.
 * Return: 0, or -EINVAL: no @settings, or a value out of range.
 */
int wdmdma_set_verifier(const struct wdmdma_verifier *settings);

/**
 * wdmdma_get_verifier() - the present settings
 * @settings: where to
 *
 * Context: Process context; may sleep.
 */
void wdmdma_get_verifier(struct wdmdma_verifier *settings);

/**
 * struct wdmdma_violation - the record of one misuse
 * @sequence: counts all records since the module was loaded, from 1
 * @code: as for wdmdma_report_count()
 * @params: parameters 2, 3 and 4 of the bug check
 * @routine: Windows' name of what was misused
 * @adapter: number of the adapter; 0 if none is known
 * @caller: return address of the driver's call; 0 if not known
 * @has_stack: debugfs shows where the object was made
 * @was_freed: ... and where it was released
 * @is_detail: says more about the next record that is none, and counts as no misuse: for each
 *	       object that an adapter of the verifier's leaves, up to 32 of a kind, its handle, its
 *	       bytes (of a set, its registers; of a vector, its elements) and its logical address
 * @object: kind of the object concerned; empty if none is known
 */
struct wdmdma_violation {
	u64 sequence;
	u32 code;
	u64 params[3];
	char routine[40];
	u64 adapter;
	unsigned long caller;
	bool has_stack;
	bool was_freed;
	bool is_detail;
	char object[24];
};

/**
 * wdmdma_get_violation() - the oldest record after one
 * @sequence: of that one; 0 = the oldest of those kept, 256
 * @violation: where to
 *
 * Context: Any but NMI; does not sleep.
 * Return: 0; -ENOENT: there is none; -EINVAL: no @violation.
 */
int wdmdma_get_violation(u64 sequence, struct wdmdma_violation *violation);

/**
 * wdmdma_check_guards() - look for writes beside an adapter's buffers now
 * @adapter: adapter of IoGetDmaAdapter, made while the verifier was on, with guards
 *
 * It is done anyway when a buffer is freed, or its adapter put.
 *
 * Context: Any but a hard interrupt; does not sleep.
 * Return: how many were found, each of which is reported (code 0x0F); -EINVAL: @adapter is no
 *	   adapter, or no longer.
 */
int wdmdma_check_guards(PDMA_ADAPTER adapter);

/**
 * struct wdmdma_translation - whether and how an IOMMU translates a device's DMA
 * @translated: the device uses addresses that an IOMMU translates. Not where there is none, nor
 *		where it lets the device's DMA pass (iommu=pt)
 * @iommu: the IOMMU that the device is behind, as in /sys/class/iommu; empty if there is none, or
 *	   the kernel does not say
 * @domain: handle of the DMA domain that the device uses now, as GetDmaDomain returns it
 * @devices: devices in that domain, those that wdmdma was asked about
 */
struct wdmdma_translation {
	bool translated;
	char iommu[32];
	HANDLE domain;
	u32 devices;
};

/**
 * wdmdma_get_translation() - find out what happens to a device's addresses
 * @device_object: object of wdmdma_get_device_object()
 * @translation: where to
 *
 * Context: Process context; sleeps.
 * Return: 0; -EINVAL: no @translation, or @device_object is none; -ENOMEM.
 */
int wdmdma_get_translation(PDEVICE_OBJECT device_object, struct wdmdma_translation *translation);

/**
 * typedef wdmdma_configure_channel - what a DMA controller does for ConfigureAdapterChannel
 * @chan: the channel
 * @function_number: the caller's
 * @context: the caller's; what it points to is between the driver and this function. May be NULL
 * @config: what the next transfers of the adapter will be configured with. Their direction,
 *	    register address and width are wdmdma's, written over what is there before each
 *	    transfer; the rest (maxburst, device_fc, peripheral_config, ...) stays as this
 *	    function leaves it
 *
 * Not called for %WDMDMA_SET_NOTIFICATION_LENGTH, which wdmdma serves itself.
 *
 * Context: <= DISPATCH_LEVEL, under a spinlock with interrupts off: must not sleep, and must not
 *	    call wdmdma.
 * Return: What ConfigureAdapterChannel returns; STATUS_NOT_IMPLEMENTED for a function it does not
 *	   know.
 */
typedef NTSTATUS wdmdma_configure_channel(struct dma_chan *chan, ULONG function_number,
					  PVOID context, struct dma_slave_config *config);

/**
 * struct wdmdma_dma_binding - which dmaengine channel serves a request line of a device
 * @request_line: DEVICE_DESCRIPTION.DmaRequestLine that it is for; versions 0 to 2 of the
 *		  description have none, and find a binding by @channel alone
 * @channel: DEVICE_DESCRIPTION.DmaChannel that it is for
 * @name: slave channel of the device, as for dma_request_chan(): a name in "dma-names" of the
 *	  device tree, an index's name of ACPI, or one in a dma_slave_map
 * @chan: if there is no @name: a channel that the caller has got, and keeps until its driver is
 *	  unbound. With neither the channel is that of the ACPI FixedDMA descriptor with this line
 *	  and channel
 * @bus_offset: added to the address of the device's register before the controller gets it. 0 where
 *		the controller's driver takes processor addresses, as most do; where it takes bus
 *		addresses (bcm2835-dma), bus address minus processor address
 * @config: what transfers are configured with, but for direction, register address and width;
 *	    copied (not what its peripheral_config points to). NULL: bursts of 1
 * @configure: serves ConfigureAdapterChannel; NULL: no function but wdmdma's own
 */
struct wdmdma_dma_binding {
	u32 request_line;
	u32 channel;
	const char *name;
	struct dma_chan *chan;
	s64 bus_offset;
	const struct dma_slave_config *config;
	wdmdma_configure_channel *configure;
};

/**
 * wdmdma_bind_dma_channel() - say which channel serves a request line, and get hold of it
 * @device_object: object of wdmdma_get_device_object()
 * @binding: the line and its channel; copied
 *
 * To be called by the host's probe function, before the Windows side asks for adapters of that line
 * (IoGetDmaAdapter with Master FALSE). The channel is requested here, so that probing can be
 * deferred until its controller is there; it is released when the last reference to
 * @device_object is put, or when the driver is unbound. wdmdma links the device to the controller:
 * if that goes first, the device's driver is unbound before.
 *
 * Several lines of a device may name one channel; their adapters take turns.
 *
 * Context: Process context; may sleep.
 * Return: 0; -EPROBE_DEFER: there is no such channel yet, or somebody else has it: probe should
 *	   return that; -EEXIST: line and channel are bound already; -EINVAL: no @binding, or
 *	   @device_object is none; -ENOMEM; or another errno of the controller.
 */
int wdmdma_bind_dma_channel(PDEVICE_OBJECT device_object,
			    const struct wdmdma_dma_binding *binding);

/**
 * wdmdma_get_iommu_interface() - the IOMMU interface, for the host part (wdmdma/iommu.h)
 * @version: 1 or 2
 * @interface: filled
 *
 * Context: Any.
 * Return: 0, or -EINVAL: there is no such version, or no @interface.
 */
int wdmdma_get_iommu_interface(u32 version, struct _DMA_IOMMU_INTERFACE_EX *interface);

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
 * Context: Process context; may sleep.
 * Return: 0, or -EINVAL: @adapter is no adapter, or no longer.
 */
int wdmdma_fail_next_maps(PDMA_ADAPTER adapter, u32 count);

/**
 * enum wdmdma_fault - what can be made to happen from time to time
 * @WDMDMA_FAIL_ADAPTERS: IoGetDmaAdapter gives none
 * @WDMDMA_FAIL_BUFFERS: there is no memory for a common buffer
 * @WDMDMA_FAIL_LISTS: there is none for a list that is not in the driver's buffer, or its MDL
 * @WDMDMA_FAIL_SETS: there is none for a register set
 * @WDMDMA_FAIL_MAPS: a mapping fails as if the IOMMU had no address left
 * @WDMDMA_DELAY_GRANTS: a request that could be granted at once waits
 * @WDMDMA_NR_FAULTS: how many there are
 */
enum wdmdma_fault {
	WDMDMA_FAIL_ADAPTERS,
	WDMDMA_FAIL_BUFFERS,
	WDMDMA_FAIL_LISTS,
	WDMDMA_FAIL_SETS,
	WDMDMA_FAIL_MAPS,
	WDMDMA_DELAY_GRANTS,
	WDMDMA_NR_FAULTS
};

/**
 * struct wdmdma_injection - faults for tests of drivers (Documentation/verifier.md)
 * @enabled: without it nothing is injected
 * @filter: names of devices or Linux drivers, separated by commas; empty = all
 * @delay_ms: milliseconds that WDMDMA_DELAY_GRANTS waits; at most 60000
 * @pool_registers: map registers that adapters made from now on have at once; 0 = no limit
 * @force_bounce: they copy all data
 * @fragment: they join no pages: a run of addresses is at most a page. Bus masters with
 *	      scatter/gather only
 * @faults: when each is due: with @faults.probability percent, in one of @faults.interval calls (0
 *	    is 1), and @faults.times times; -1 = no limit
 */
struct wdmdma_injection {
	bool enabled;
	char filter[64];
	u32 delay_ms;
	u32 pool_registers;
	bool force_bounce;
	bool fragment;
	struct {
		u32 probability;
		u32 interval;
		s32 times;
	} faults[WDMDMA_NR_FAULTS];
};

/**
 * wdmdma_set_injection() - inject faults, as the files in debugfs do
 * @injection: all of it; zeros inject nothing
 *
 * Context: Process context; may sleep.
 * Return: 0, or -EINVAL: no @injection, or a value out of range.
 */
int wdmdma_set_injection(const struct wdmdma_injection *injection);

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
