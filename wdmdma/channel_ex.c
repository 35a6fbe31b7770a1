// SPDX-License-Identifier: GPL-2.0-only
/*
 * The adapter channel in version 3: AllocateAdapterChannelEx, FreeAdapterObject.
 */
#include "internal.h"
#include "irql.h"
#include "ops.h"
#include "status.h"
#include "system.h"
#include "verifier.h"

/* Which combinations of flags, routine and pointer there are (packet.md). */
static bool wd_channel_ex_is_valid(ULONG flags, PDRIVER_CONTROL routine, PVOID *base_out)
{
	if (flags & ~WD_REQUEST_FLAGS)
		return false;
	if (flags & DMA_SYNCHRONOUS_CALLBACK)
		return routine || base_out;
	return routine && !base_out;
}

/**
 * wdmdma_allocate_adapter_channel_ex() - get the channel and a register set
 * (AllocateAdapterChannelEx)
 * @dma_adapter: the adapter
 * @device_object: gives CurrentIrp; any number of requests may wait
 * @dma_transfer_context: initialised for this adapter; names the request to CancelAdapterChannel,
 * and must stay until it is granted or cancelled
 * @number_of_map_registers: 0 .. the number IoGetDmaAdapter reported
 * @flags: DMA_SYNCHRONOUS_CALLBACK: now or not at all; DMA_FAIL_ON_BOUNCE: what cannot be mapped
 * without wdmdma's copying it fails to map; DMA_ZERO_BUFFERS changes nothing
 * @execution_routine: called at DISPATCH_LEVEL when both are there; only a synchronous request can
 * do without, and then owns the channel until FreeAdapterObject or FreeAdapterChannel
 * @execution_context: for @execution_routine
 * @map_register_base: synchronous only: receives the set, before the routine is called; NULL on
 * failure
 *
 * Context: <= DISPATCH_LEVEL, does not sleep. With interrupts off the routine of a request that is
 * not synchronous runs later.
 * Return: STATUS_SUCCESS: granted, or waiting, or (not synchronous) cancelled before it was made;
 * STATUS_INSUFFICIENT_RESOURCES: more registers than there are, no memory, or synchronous and not
 * to be had now; STATUS_CANCELLED: synchronous and cancelled before; STATUS_INVALID_PARAMETER: the
 * context is NULL, not initialised or in use, flags and pointers do not go together, or the adapter
 * is dead or NULL.
 */
NTSTATUS wdmdma_allocate_adapter_channel_ex(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					    PVOID dma_transfer_context,
					    ULONG number_of_map_registers, ULONG flags,
					    PDRIVER_CONTROL execution_routine,
					    PVOID execution_context, PVOID *map_register_base)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "AllocateAdapterChannelEx");
	const struct wd_channel_request request = {
		.device_object = device_object,
		.regs = number_of_map_registers,
		.routine = execution_routine,
		.context = execution_context,
		.transfer_context = dma_transfer_context,
		.is_synchronous = flags & DMA_SYNCHRONOUS_CALLBACK,
		.no_bounce = flags & DMA_FAIL_ON_BOUNCE,
		.base_out = map_register_base,
	};
	int ret = -EINVAL;

	/* Nobody may have stored there once the routine can have run. */
	if (map_register_base)
		*map_register_base = NULL;
	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (wd_verifies(adapter) &&
	    (wd_check_context(adapter, "AllocateAdapterChannelEx", dma_transfer_context) ||
	     wd_check_channel(adapter, "AllocateAdapterChannelEx", device_object,
			      number_of_map_registers, true)))
		ret = -EINVAL;
	else if (dma_transfer_context &&
		 wd_channel_ex_is_valid(flags, execution_routine, map_register_base))
		ret = number_of_map_registers <= adapter->max_regs ?
		      wd_channel_submit(adapter, &request) : -ENOMEM;
	wd_adapter_leave();
	/* Whoever cancelled it knows, and has cleaned up. */
	if (ret == -ECANCELED && !request.is_synchronous)
		ret = 0;
	return wdmdma_status(ret);
}

/**
 * wdmdma_free_adapter_object() - do what a routine's return value would have (FreeAdapterObject)
 * @dma_adapter: the adapter, which lives on
 * @allocation_action: KeepObject: nothing; DeallocateObject: the channel and its set are free;
 * DeallocateObjectKeepRegisters: the channel is
 *
 * Nothing happens when nobody owns the channel: lists never do. The next waiting routine may run
 * inside this call.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 */
VOID wdmdma_free_adapter_object(PDMA_ADAPTER dma_adapter, IO_ALLOCATION_ACTION allocation_action)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "FreeAdapterObject");

	if (!adapter)
		return;
	switch (allocation_action) {
	case KeepObject:
		break;
	case DeallocateObject:
		wd_channel_release(adapter, "FreeAdapterObject", false);
		break;
	case DeallocateObjectKeepRegisters:
		/* A controller's channel and registers go together. */
		if (wd_channel_release(adapter, "FreeAdapterObject", !adapter->system) &&
		    adapter->system)
			wd_misuse(adapter, WD_REPORT_ACTION, "FreeAdapterObject",
				  allocation_action, 0, 0,
				  "registers of system DMA cannot be kept; they are freed");
		break;
	default:
		wd_misuse(adapter, WD_REPORT_ACTION, "FreeAdapterObject", allocation_action, 0, 0,
			  "called with %d, which is no action", allocation_action);
		break;
	}
	wd_adapter_leave();
}
