// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter/gather lists of version 3: GetScatterGatherListEx, BuildScatterGatherListEx.
 */
#include "internal.h"
#include "list.h"
#include "ops.h"
#include "status.h"

/* Which combinations of flags, routine and pointer there are (scatter-gather.md). */
static bool wd_list_ex_is_valid(ULONG flags, const struct wd_list_request *request)
{
	if (flags & ~WD_REQUEST_FLAGS || !request->transfer_context)
		return false;
	return request->routine || (request->is_synchronous && request->list_out);
}

static NTSTATUS wd_list_submit_ex(PDMA_ADAPTER dma_adapter, PMDL mdl, ULONG flags,
				  struct wd_list_request *request)
{
	int ret;

	if (request->list_out)
		*request->list_out = NULL;
	request->is_synchronous = flags & DMA_SYNCHRONOUS_CALLBACK;
	request->no_bounce = flags & DMA_FAIL_ON_BOUNCE;
	request->is_ex = true;
	/* ... after the adapter was looked at */
	request->is_refused |= !wd_list_ex_is_valid(flags, request);
	ret = wd_list_submit_request(dma_adapter, mdl, request);
	if (ret == -ERANGE)
		ret = -EINVAL;
	/* Whoever cancelled it knows, and has cleaned up. */
	if (ret == -ECANCELED && !request->is_synchronous)
		ret = 0;
	return wdmdma_status(ret);
}

/**
 * wdmdma_get_scatter_gather_list_ex() - map a range and hand out its list (GetScatterGatherListEx)
 * @dma_adapter: the adapter
 * @device_object: gives CurrentIrp
 * @dma_transfer_context: initialised for this adapter; names the request to CancelAdapterChannel,
 * and must stay until it is granted or cancelled
 * @mdl: first MDL of a chain, built or locked; it must stay so until Put
 * @offset: of the first byte, counted from the start of @mdl over the chain
 * @length: bytes, not 0
 * @flags: DMA_SYNCHRONOUS_CALLBACK: now or not at all; DMA_FAIL_ON_BOUNCE: fail where wdmdma would
 * have to copy; DMA_ZERO_BUFFERS changes nothing
 * @execution_routine: called at DISPATCH_LEVEL with the list; only a synchronous request can do
 * without
 * @context: for @execution_routine
 * @write_to_device: TRUE: memory to device
 * @dma_completion_routine: ignored: for system DMA only
 * @completion_context: ignored
 * @scatter_gather_list: receives the list when it is granted in this call, before the routine is
 * called; else NULL. May be NULL with a routine
 *
 * The list, its mapping and its registers last until PutScatterGatherList.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep. With interrupts off the routine of a request that is
 * not synchronous runs later.
 * Return: STATUS_SUCCESS: granted, or waiting, or (not synchronous) cancelled before it was made;
 * STATUS_INSUFFICIENT_RESOURCES: more registers than there are (never works), no memory, or
 * synchronous and not to be had now; STATUS_BUFFER_TOO_SMALL: the range ends behind the chain;
 * STATUS_CANCELLED: synchronous and cancelled before; STATUS_INVALID_PARAMETER: anything else.
 */
NTSTATUS wdmdma_get_scatter_gather_list_ex(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					   PVOID dma_transfer_context, PMDL mdl, ULONGLONG offset,
					   ULONG length, ULONG flags,
					   PDRIVER_LIST_CONTROL execution_routine, PVOID context,
					   BOOLEAN write_to_device,
					   PDMA_COMPLETION_ROUTINE dma_completion_routine,
					   PVOID completion_context,
					   PSCATTER_GATHER_LIST *scatter_gather_list)
{
	struct wd_list_request request = {
		.name = "GetScatterGatherListEx",
		.device_object = device_object,
		.routine = execution_routine,
		.context = context,
		.offset = offset,
		.bytes = length,
		.direction = write_to_device ? DMA_TO_DEVICE : DMA_FROM_DEVICE,
		.transfer_context = dma_transfer_context,
		.list_out = scatter_gather_list,
	};

	return wd_list_submit_ex(dma_adapter, mdl, flags, &request);
}

/**
 * wdmdma_build_scatter_gather_list_ex() - GetScatterGatherListEx in the driver's memory
 * (BuildScatterGatherListEx)
 * @dma_adapter: the adapter
 * @device_object: gives CurrentIrp
 * @dma_transfer_context: as GetScatterGatherListEx
 * @mdl: first MDL of a chain
 * @offset: of the first byte, counted from the start of @mdl over the chain
 * @length: bytes, not 0
 * @flags: as GetScatterGatherListEx
 * @execution_routine: called at DISPATCH_LEVEL with the list; only a synchronous request can do
 * without
 * @context: for @execution_routine
 * @write_to_device: TRUE: memory to device
 * @scatter_gather_buffer: becomes the list; wdmdma's until Put, cancel, or the adapter's own end
 * @scatter_gather_length: bytes, at least what GetDmaTransferInfo or CalculateScatterGatherList
 * reported
 * @dma_completion_routine: ignored: for system DMA only
 * @completion_context: ignored
 * @scatter_gather_list: a PSCATTER_GATHER_LIST *; receives @scatter_gather_buffer when the list is
 * granted in this call, else NULL. May be NULL with a routine
 *
 * Nothing is allocated.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: as GetScatterGatherListEx; STATUS_BUFFER_TOO_SMALL also when the buffer is.
 */
NTSTATUS wdmdma_build_scatter_gather_list_ex(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					     PVOID dma_transfer_context, PMDL mdl, ULONGLONG offset,
					     ULONG length, ULONG flags,
					     PDRIVER_LIST_CONTROL execution_routine, PVOID context,
					     BOOLEAN write_to_device, PVOID scatter_gather_buffer,
					     ULONG scatter_gather_length,
					     PDMA_COMPLETION_ROUTINE dma_completion_routine,
					     PVOID completion_context, PVOID scatter_gather_list)
{
	struct wd_list_request request = {
		.name = "BuildScatterGatherListEx",
		.device_object = device_object,
		.routine = execution_routine,
		.context = context,
		.buffer = scatter_gather_buffer,
		.buffer_bytes = scatter_gather_length,
		.offset = offset,
		.bytes = length,
		.is_refused = !scatter_gather_buffer,
		.direction = write_to_device ? DMA_TO_DEVICE : DMA_FROM_DEVICE,
		.transfer_context = dma_transfer_context,
		.list_out = scatter_gather_list,
	};

	return wd_list_submit_ex(dma_adapter, mdl, flags, &request);
}
