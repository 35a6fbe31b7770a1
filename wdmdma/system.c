// SPDX-License-Identifier: GPL-2.0-only
/*
 * What makes an adapter one for system DMA (system.h): its description, what its controller can do,
 * who owns the channel, and ReadDmaCounter, ConfigureAdapterChannel.
 */
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "internal.h"
#include "irql.h"
#include "ops.h"
#include "status.h"
#include "system.h"
#include "verifier.h"

/* The most map registers: 16 MiB at any offset. Lists for all of them are made in advance. */
#define WD_SYSTEM_REGS_MAX	4097U

#define WD_ISA_CASCADE		4
#define WD_ISA_LAST		7

/* The rules of an ISA controller, of which each channel has one width. */
static bool wd_system_is_isa_good(const DEVICE_DESCRIPTION *description)
{
	if (description->Version == DEVICE_DESCRIPTION_VERSION3 ||
	    (description->InterfaceType != Isa && description->InterfaceType != Eisa))
		return true;
	if (description->DmaChannel == WD_ISA_CASCADE || description->DmaChannel > WD_ISA_LAST)
		return false;
	return description->DmaWidth ==
	       (description->DmaChannel < WD_ISA_CASCADE ? Width8Bits : Width16Bits);
}

/* A width is good enough if one direction can have it: transfers of the other will fail. */
static bool wd_system_has_width(const struct wd_engine *engine, u32 width)
{
	u32 known = engine->widths_to_device | engine->widths_from_device;

	return !known || known & BIT(width);
}

static int wd_system_check(const struct wd_system *system, const DEVICE_DESCRIPTION *description)
{
	if (!wd_system_has_width(system->engine, system->width))
		return -EINVAL;
	if (system->is_cyclic && !system->engine->can_loop)
		return -EOPNOTSUPP;
	return system->engine->dev->dma_mask ? 0 : -EIO;
}

/**
 * wd_system_attach() - give an adapter the channel that its description asks for
 * @adapter: being made
 * @description: with Master FALSE
 *
 * Context: Process, wd_device.mutex held.
 * Return: 0; -ENODEV when no channel serves the line; -EINVAL for a width that there is not;
 * -EOPNOTSUPP when it cannot loop; -EPROBE_DEFER, -ENOMEM, -EIO.
 */
int wd_system_attach(struct wd_adapter *adapter, const DEVICE_DESCRIPTION *description)
{
	struct wd_engine *engine;
	struct wd_system *system;
	int ret;

	if ((u32)description->DmaWidth > Width64Bits || !wd_system_is_isa_good(description))
		return -EINVAL;
	system = kzalloc(sizeof(*system), GFP_KERNEL);
	if (!system)
		return -ENOMEM;
	engine = wd_binding_find(adapter->wdev, description, system);
	if (IS_ERR(engine)) {
		kfree(system);
		return PTR_ERR(engine);
	}
	system->engine = engine;
	system->width = 1U << description->DmaWidth;
	system->is_cyclic = description->AutoInitialize;
	/* The oldest descriptions have neither. */
	if (description->Version == DEVICE_DESCRIPTION_VERSION3)
		system->device_address += description->DeviceAddress.QuadPart;
	system->ignores_count = description->IgnoreCount &&
				description->Version != DEVICE_DESCRIPTION_VERSION;
	ret = wd_system_check(system, description);
	adapter->system = system;
	adapter->dev = engine->dev;
	adapter->scatter_gather = engine->sg_limit > 1;
	return ret;
}

/**
 * wd_system_reserve() - allocate what transfers of an adapter will need
 * @adapter: being made; the number of its map registers is known
 *
 * Context: Process, may sleep.
 * Return: 0 or -ENOMEM; what was allocated then is wd_system_detach()'s to free.
 */
int wd_system_reserve(struct wd_adapter *adapter)
{
	struct wd_system *system = adapter->system;
	u32 regs;

	adapter->max_regs = min(adapter->max_regs, WD_SYSTEM_REGS_MAX);
	regs = adapter->max_regs;
	system->elements = kvzalloc(sizeof(SCATTER_GATHER_LIST) +
				    regs * sizeof(SCATTER_GATHER_ELEMENT), GFP_KERNEL);
	system->sgl = kvcalloc(regs, sizeof(*system->sgl), GFP_KERNEL);
	system->parked_list.sgl = kvcalloc(regs, sizeof(*system->sgl), GFP_KERNEL);
	system->parked = wd_grant_alloc();
	return system->elements && system->sgl && system->parked_list.sgl && system->parked ?
	       0 : -ENOMEM;
}

/**
 * wd_system_detach() - free what an adapter has for system DMA
 * @adapter: of any kind; nothing uses it any more
 *
 * Context: Process, may sleep.
 */
void wd_system_detach(struct wd_adapter *adapter)
{
	struct wd_system *system = adapter->system;

	if (!system)
		return;
	if (system->parked)
		wd_grant_destroy(adapter, system->parked);
	kvfree(system->parked_list.sgl);
	kvfree(system->sgl);
	kvfree(system->elements);
	wd_engine_put(system->engine);
	kfree(system);
	adapter->system = NULL;
}

/**
 * wd_system_info() - what GetDmaAdapterInfo tells of a controller
 * @adapter: for system DMA
 */
DMA_ADAPTER_INFO_V1 wd_system_info(const struct wd_adapter *adapter)
{
	const struct wd_system *system = adapter->system;
	DMA_ADAPTER_INFO_V1 info = {
		.ReadDmaCounterAvailable = system->engine->counts && !system->ignores_count,
		.ScatterGatherLimit = system->engine->sg_limit,
		.DmaAddressWidth = fls64(adapter->last_address),
		.MinimumTransferUnit = system->width,
	};

	return info;
}

/**
 * wd_system_granted() - note who owns the channel now
 * @adapter: locked; owner of its engine's gate
 * @request: that was granted
 * @is_cancelled: its context bears a mark of CancelMappedTransfer
 */
void wd_system_granted(struct wd_adapter *adapter, const struct wd_request *request,
		       bool is_cancelled)
{
	struct wd_system *system = adapter->system;
	unsigned long flags;

	lockdep_assert_held(&adapter->lock);
	spin_lock_irqsave(&system->engine->lock, flags);
	system->transfer_context = request->transfer_context;
	system->context_id = request->context_id;
	system->is_cancelled = is_cancelled;
	system->device_object = request->device_object;
	system->last_residue = 0;
	spin_unlock_irqrestore(&system->engine->lock, flags);
}

/**
 * wd_system_context_renewed() - a transfer context was initialised
 * @adapter: locked
 * @transfer_context: perhaps the owner's, whose mark is gone then
 * @id: its new number
 */
void wd_system_context_renewed(struct wd_adapter *adapter, PVOID transfer_context, u64 id)
{
	struct wd_system *system = adapter->system;
	unsigned long flags;

	lockdep_assert_held(&adapter->lock);
	spin_lock_irqsave(&system->engine->lock, flags);
	if (system->engine->owner == adapter && system->transfer_context == transfer_context) {
		system->context_id = id;
		system->is_cancelled = false;
	}
	spin_unlock_irqrestore(&system->engine->lock, flags);
}

/**
 * wd_system_cancel() - mark the owner's context, and stop what it has running
 * @adapter: locked
 * @transfer_context: the driver's, of this adapter
 * @id: its number
 *
 * Return: 0; -EALREADY when it was marked; -ENOENT when it is not the owner's.
 */
int wd_system_cancel(struct wd_adapter *adapter, PVOID transfer_context, u64 id)
{
	struct wd_system *system = adapter->system;
	struct wd_engine *engine = system->engine;
	unsigned long flags;
	int ret = 0;

	lockdep_assert_held(&adapter->lock);
	spin_lock_irqsave(&engine->lock, flags);
	if (engine->owner != adapter || system->transfer_context != transfer_context ||
	    system->context_id != id)
		ret = -ENOENT;
	else if (system->is_cancelled)
		ret = -EALREADY;
	if (!ret) {
		system->is_cancelled = true;
		if (engine->current_xfer)
			wd_system_stop(engine->current_xfer, true);
	}
	spin_unlock_irqrestore(&engine->lock, flags);
	return ret;
}

/**
 * wd_system_unmark() - take the cancel mark of the owner away
 * @adapter: the adapter
 */
void wd_system_unmark(struct wd_adapter *adapter)
{
	struct wd_engine *engine = adapter->system->engine;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	if (engine->owner == adapter)
		adapter->system->is_cancelled = false;
	spin_unlock_irqrestore(&engine->lock, flags);
}

/**
 * wd_system_abandon() - end an ownership: stop what runs, unmap what was not flushed
 * @adapter: the adapter
 * @base: of the owner's set; NULL when it has none. Nothing happens if it is none
 * @routine: Windows' name of the routine that does it, for a report; NULL: reported elsewhere
 *
 * Nothing can be mapped afterwards, until the gate was released and taken again.
 *
 * Context: Any but a hard interrupt.
 */
void wd_system_abandon(struct wd_adapter *adapter, PVOID base, const char *routine)
{
	struct wd_grant *grant = NULL;
	struct wd_xfer *xfer;
	unsigned long flags;
	u32 mappings = 0;

	if (base) {
		grant = wd_grant_lock(adapter, base, &flags);
		if (!grant)
			return;
	}
	xfer = wd_system_take(adapter, true);
	if (grant) {
		mappings = grant->nr_live;
		if (xfer && xfer->is_parked)
			wd_system_park_set(adapter, grant);
		else
			wd_grant_release_all(adapter, grant, true);
		wd_grant_unlock(grant, flags);
	}
	if (xfer)
		wd_system_parked(xfer);
	if (mappings && routine)
		wd_misuse(adapter, WD_REPORT_NOT_FLUSHED, routine, 0, 0, 0,
			  "the channel's last transfer was not flushed");
}

/* Bytes of the owner's transfer that are left. */
static u32 wd_system_counter(const struct wd_system *system)
{
	struct wd_xfer *xfer = system->engine->current_xfer;
	u32 residue;

	lockdep_assert_held(&system->engine->lock);
	if (!xfer)
		return system->last_residue;
	if (xfer->ended)
		return xfer->residue;
	if (!xfer->is_issued)
		return xfer->bytes;
	if (wd_xfer_look(xfer, &residue))
		return 0;
	/* While it loops, the end of a pass is the start of the next. */
	if (system->ignores_count || (xfer->is_cyclic && !residue))
		return xfer->bytes;
	return residue;
}

/**
 * wdmdma_read_dma_counter() - bytes left of a system-DMA transfer (ReadDmaCounter)
 * @dma_adapter: the adapter
 *
 * Of a looping transfer, bytes to the end of the present pass. Where the controller cannot tell
 * (GetDmaAdapterInfo), the whole length until the end.
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: bytes not yet moved of the transfer that is mapped, or was last while this adapter has
 * owned the channel; 0 when there was none. A bus master has no counter: 0.
 */
ULONG wdmdma_read_dma_counter(PDMA_ADAPTER dma_adapter)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "ReadDmaCounter");
	struct wd_engine *engine;
	unsigned long flags;
	u32 residue = 0;

	if (!adapter)
		return 0;
	if (wd_verifies(adapter))
		wd_check_for_system(adapter, "ReadDmaCounter");
	if (adapter->system) {
		engine = adapter->system->engine;
		spin_lock_irqsave(&engine->lock, flags);
		if (engine->owner == adapter)
			residue = wd_system_counter(adapter->system);
		spin_unlock_irqrestore(&engine->lock, flags);
	}
	wd_adapter_leave();
	return residue;
}

static NTSTATUS wd_system_configure(struct wd_system *system, ULONG function_number, PVOID context)
{
	lockdep_assert_held(&system->engine->lock);
	if (function_number == WDMDMA_SET_NOTIFICATION_LENGTH) {
		if (!context || !system->is_cyclic)
			return STATUS_INVALID_PARAMETER;
		system->notify_bytes = *(const ULONG *)context;
		return STATUS_SUCCESS;
	}
	if (!system->configure)
		return STATUS_NOT_IMPLEMENTED;
	return system->configure(system->engine->chan, function_number, context, &system->config);
}

/**
 * wdmdma_configure_adapter_channel() - set up a DMA controller (ConfigureAdapterChannel)
 * @dma_adapter: the adapter, which need not own its channel
 * @function_number: what to set up: %WDMDMA_SET_NOTIFICATION_LENGTH, or a function of the
 * controller
 * @context: as controller and driver have agreed
 *
 * Counts from the next transfer on.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: what the function of the binding returns; STATUS_NOT_IMPLEMENTED: a bus master has no
 * controller, or the controller has no functions; STATUS_INVALID_PARAMETER: a notification length
 * for an adapter that does not loop, or none.
 */
NTSTATUS wdmdma_configure_adapter_channel(PDMA_ADAPTER dma_adapter, ULONG function_number,
					  PVOID context)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "ConfigureAdapterChannel");
	NTSTATUS status = STATUS_NOT_IMPLEMENTED;
	unsigned long flags;

	if (!adapter)
		return status;
	if (wd_verifies(adapter))
		wd_check_for_system(adapter, "ConfigureAdapterChannel");
	if (adapter->system) {
		spin_lock_irqsave(&adapter->system->engine->lock, flags);
		status = wd_system_configure(adapter->system, function_number, context);
		spin_unlock_irqrestore(&adapter->system->engine->lock, flags);
	}
	wd_adapter_leave();
	return status;
}
