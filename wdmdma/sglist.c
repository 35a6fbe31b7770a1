// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter/gather lists of versions 1 and 2: Get, Build, Calculate, Put.
 *
 * Put finds a list by its address alone and undoes what the record says; whatever the driver did to
 * the elements or the MDLs meanwhile does not matter.
 */
#include "internal.h"
#include "list.h"
#include "ops.h"
#include "status.h"
#include "system.h"
#include "verifier.h"
#include "walk.h"

/* CurrentVa counts as the MDL's address does; below it there is nothing. */
static NTSTATUS wd_list_submit_va(PDMA_ADAPTER dma_adapter, PMDL mdl, PVOID current_va,
				  struct wd_list_request *request)
{
	bool in_mdl = mdl && request->routine && (ULONG_PTR)current_va >= wd_mdl_va(mdl);

	request->va = current_va;
	request->is_before = mdl && (ULONG_PTR)current_va < wd_mdl_va(mdl);
	/* Without bytes the request is refused, after the adapter was looked at. */
	if (in_mdl)
		request->offset = (ULONG_PTR)current_va - wd_mdl_va(mdl);
	else
		request->bytes = 0;
	return wdmdma_status(wd_list_submit_request(dma_adapter, mdl, request));
}

/**
 * wdmdma_get_scatter_gather_list() - map a range and hand out its list (GetScatterGatherList)
 * @dma_adapter: the adapter
 * @device_object: gives CurrentIrp; any number of requests may wait
 * @mdl: first MDL of a chain, built or locked; it must stay so until Put
 * @current_va: index into @mdl: MmGetMdlVirtualAddress() plus an offset
 * @length: bytes, not 0
 * @execution_routine: called at DISPATCH_LEVEL with the list, perhaps before this returns
 * @context: for @execution_routine
 * @write_to_device: TRUE: memory to device
 *
 * The list, its mapping and its registers last until PutScatterGatherList.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep. With interrupts off the routine runs later.
 * Return: STATUS_SUCCESS: the routine has run or will; STATUS_INSUFFICIENT_RESOURCES: more
 * registers than IoGetDmaAdapter reported (never works), or no memory (may work later);
 * STATUS_BUFFER_TOO_SMALL: the range ends behind the chain; STATUS_INVALID_PARAMETER.
 */
NTSTATUS wdmdma_get_scatter_gather_list(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					PMDL mdl, PVOID current_va, ULONG length,
					PDRIVER_LIST_CONTROL execution_routine, PVOID context,
					BOOLEAN write_to_device)
{
	struct wd_list_request request = {
		.name = "GetScatterGatherList",
		.device_object = device_object,
		.routine = execution_routine,
		.context = context,
		.bytes = length,
		.direction = write_to_device ? DMA_TO_DEVICE : DMA_FROM_DEVICE,
	};

	return wd_list_submit_va(dma_adapter, mdl, current_va, &request);
}

/**
 * wdmdma_build_scatter_gather_list() - GetScatterGatherList in the driver's memory
 * (BuildScatterGatherList)
 * @dma_adapter: the adapter
 * @device_object: gives CurrentIrp
 * @mdl: first MDL of a chain
 * @current_va: index into @mdl
 * @length: bytes, not 0
 * @execution_routine: called at DISPATCH_LEVEL with the list
 * @context: for @execution_routine
 * @write_to_device: TRUE: memory to device
 * @scatter_gather_buffer: becomes the list; wdmdma's until Put, or the adapter's own end: freeing
 * it before corrupts memory
 * @scatter_gather_length: bytes, at least what CalculateScatterGatherList reported
 *
 * Nothing is allocated.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep. With interrupts off the routine runs later.
 * Return: as GetScatterGatherList; STATUS_BUFFER_TOO_SMALL also when the buffer is, and
 * STATUS_INVALID_PARAMETER when it is in use by a list.
 */
NTSTATUS wdmdma_build_scatter_gather_list(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					  PMDL mdl, PVOID current_va, ULONG length,
					  PDRIVER_LIST_CONTROL execution_routine, PVOID context,
					  BOOLEAN write_to_device, PVOID scatter_gather_buffer,
					  ULONG scatter_gather_length)
{
	struct wd_list_request request = {
		.name = "BuildScatterGatherList",
		.device_object = device_object,
		.routine = execution_routine,
		.context = context,
		.buffer = scatter_gather_buffer,
		.buffer_bytes = scatter_gather_length,
		.bytes = length,
		.direction = write_to_device ? DMA_TO_DEVICE : DMA_FROM_DEVICE,
	};

	if (!scatter_gather_buffer)
		return STATUS_INVALID_PARAMETER;
	return wd_list_submit_va(dma_adapter, mdl, current_va, &request);
}

/**
 * wdmdma_put_scatter_gather_list() - end a list transfer (PutScatterGatherList)
 * @dma_adapter: the adapter
 * @scatter_gather: the pointer that the routine got
 * @write_to_device: as requested; what was requested is what counts
 *
 * The next waiting routine may run inside this call.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 */
VOID wdmdma_put_scatter_gather_list(PDMA_ADAPTER dma_adapter, PSCATTER_GATHER_LIST scatter_gather,
				    BOOLEAN write_to_device)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "PutScatterGatherList");
	struct wd_list *list;
	unsigned long flags;
	bool waiters;

	if (!adapter)
		return;
	spin_lock_irqsave(&adapter->lock, flags);
	list = wd_list_find_live(adapter, scatter_gather);
	if (list) {
		rb_erase(&list->node, &adapter->lists);
		if (list->running)
			list->running->list = NULL;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (!list) {
		wd_misuse_stale(adapter, WD_REPORT_LIST_FREED, "PutScatterGatherList", "list",
				scatter_gather, scatter_gather, 0, 0,
				"%p is not, or no longer, a list", scatter_gather);
		goto leave;
	}

	if (wd_verifies(adapter))
		wd_check_put(adapter, list, write_to_device);
	wd_system_end_list(adapter, list, false);
	wd_slots_report(adapter, "PutScatterGatherList");
	wd_dead(adapter, "list", scatter_gather, list->request.stack, "PutScatterGatherList");
	spin_lock_irqsave(&adapter->lock, flags);
	wd_queue_give_back(adapter, &list->request);
	waiters = !list_empty(&adapter->waiters) && !adapter->pumping;
	spin_unlock_irqrestore(&adapter->lock, flags);
	wd_list_free(list);
	if (adapter->system || waiters)
		wd_queue_run_next(adapter);
leave:
	wd_adapter_leave();
}

/**
 * wdmdma_calculate_scatter_gather_list() - what a list will need (CalculateScatterGatherList)
 * @dma_adapter: the adapter
 * @mdl: first MDL of a chain, or NULL for the worst case of @length bytes
 * @current_va: index into @mdl; without one only its offset in a page counts
 * @length: bytes
 * @scatter_gather_list_size: receives the bytes to pass to BuildScatterGatherList
 * @number_of_map_registers: receives the map registers; may be NULL
 *
 * Nothing is mapped or allocated. The size is a multiple of 8.
 *
 * Context: Any IRQL.
 * Return: STATUS_SUCCESS; STATUS_INSUFFICIENT_RESOURCES: more registers than IoGetDmaAdapter
 * reported; STATUS_BUFFER_TOO_SMALL: the range ends behind the chain; STATUS_INVALID_PARAMETER.
 * Outputs are untouched on failure.
 */
NTSTATUS wdmdma_calculate_scatter_gather_list(PDMA_ADAPTER dma_adapter, PMDL mdl, PVOID current_va,
					      ULONG length, PULONG scatter_gather_list_size,
					      PULONG number_of_map_registers)
{
	struct wd_adapter *adapter = wd_adapter_find(dma_adapter, "CalculateScatterGatherList");
	struct wd_range range = {};
	int ret = 0;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (!scatter_gather_list_size || (mdl && (ULONG_PTR)current_va < wd_mdl_va(mdl)))
		ret = -EINVAL;
	else if (mdl && length)
		ret = wd_range_init(&range, mdl, (ULONG_PTR)current_va - wd_mdl_va(mdl), length);
	else if (length)
		range.regs = wd_span_pages((ULONG_PTR)current_va, length);

	if (!ret && range.regs > adapter->max_regs)
		ret = -ENOMEM;
	if (!ret) {
		/* A page is the shortest run: never more elements than registers. */
		*scatter_gather_list_size = wd_list_size(range.regs);
		if (number_of_map_registers)
			*number_of_map_registers = range.regs;
	}
	wd_adapter_leave();
	return wdmdma_status(ret);
}
