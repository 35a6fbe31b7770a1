// SPDX-License-Identifier: GPL-2.0-only
/*
 * Scatter/gather lists: Get, Build, Calculate, Put.
 *
 * Put finds a list by its address alone and undoes what the record says; whatever the driver did to
 * the elements or the MDLs meanwhile does not matter.
 */
#include <linux/slab.h>

#include "internal.h"
#include "list.h"
#include "ops.h"
#include "status.h"
#include "walk.h"

/* A list that waits for its mapping so often, some seconds, is reported once. */
#define WD_LIST_TRIES	64

struct wd_list_request {
	PDEVICE_OBJECT device_object;
	PDRIVER_LIST_CONTROL routine;
	PVOID context;
	PVOID buffer;		/* Build's; NULL for Get */
	u32 buffer_bytes;
	u64 offset;		/* of the first byte in the MDL */
	u32 bytes;
	enum dma_data_direction direction;
};

/**
 * wd_list_run() - map a granted list and call its AdapterListControl routine
 * @adapter: the adapter, not locked; the caller is its runner
 * @list: being prepared; the routine may free it
 *
 * Return: 0; -ESHUTDOWN when the adapter died meanwhile and the list is gone; another errno when
 * the list could not be mapped, and still is being prepared.
 */
int wd_list_run(struct wd_adapter *adapter, struct wd_list *list)
{
	const struct wd_request request = list->request;
	PSCATTER_GATHER_LIST driver_list = list->list;
	int ret = wd_list_map(adapter, list);

	if (ret && ret != -ENOMEM)
		wd_report(WD_REPORT_MISC, adapter->dev, "AdapterListControl",
			  "the device can never be given the memory of list %p", driver_list);
	else if (ret && ++list->failures == WD_LIST_TRIES)
		wd_report(WD_REPORT_MISC, adapter->dev, "AdapterListControl",
			  "list %p still cannot be mapped after %u tries", driver_list,
			  WD_LIST_TRIES);
	if (ret)
		return ret;
	/* Before the list becomes live, so that whoever kills the adapter then sees it. */
	WRITE_ONCE(adapter->running, list);
	/* The kill of an adapter leaves a list that is being prepared to us. */
	if (cmpxchg(&list->state, WD_LIST_PREPARING, WD_LIST_LIVE) != WD_LIST_PREPARING) {
		WRITE_ONCE(adapter->running, NULL);
		wd_list_unmap(adapter, list, true);
		wd_list_free(list);
		return -ESHUTDOWN;
	}
	request.list_control(request.device_object, request.irp, driver_list, request.context);
	return 0;
}

/**
 * wd_list_finish() - the routine of the list that was run last has returned
 * @adapter: the adapter, locked; the caller is its runner
 *
 * Its adapter may have died meanwhile; the list was left alone then, for the routine was using it.
 */
void wd_list_finish(struct wd_adapter *adapter)
{
	struct wd_list *list = adapter->running;

	lockdep_assert_held(&adapter->lock);
	adapter->running = NULL;
	if (list && adapter->magic != WD_ADAPTER_LIVE) {
		wd_list_unmap(adapter, list, true);
		wd_list_free(list);
	}
}

/**
 * wd_list_drop() - give up a list that can never be mapped, and whose request was accepted
 * @adapter: the adapter, locked
 * @list: being prepared
 */
void wd_list_drop(struct wd_adapter *adapter, struct wd_list *list)
{
	lockdep_assert_held(&adapter->lock);
	if (list->state != WD_LIST_DOOMED)
		rb_erase(&list->node, &adapter->lists);
	wd_queue_give_back(adapter, &list->request);
	wd_list_free(list);
}

/**
 * wd_list_wait() - make a list that is being prepared wait
 * @adapter: the adapter, locked
 * @list: being prepared
 *
 * Return: true, and the caller puts it into the FIFO; false when the adapter died meanwhile and the
 * list is gone.
 */
bool wd_list_wait(struct wd_adapter *adapter, struct wd_list *list)
{
	lockdep_assert_held(&adapter->lock);
	if (list->state == WD_LIST_DOOMED) {
		wd_list_free(list);
		return false;
	}
	list->state = WD_LIST_WAITING;
	return true;
}

static int wd_list_cmp(const void *key, const struct rb_node *node)
{
	const void *other = rb_entry(node, struct wd_list, node)->list;

	return key < other ? -1 : key > other;
}

static bool wd_list_less(struct rb_node *node, const struct rb_node *other)
{
	return wd_list_cmp(rb_entry(node, struct wd_list, node)->list, other) < 0;
}

/* Lists whose memory overlaps are equal to this one; the key is a range of two ends. */
static int wd_list_cmp_range(const void *key, const struct rb_node *node)
{
	const struct wd_list *list = rb_entry(node, struct wd_list, node);
	const void * const *range = key;

	if (range[1] <= (void *)list->list)
		return -1;
	return range[0] >= (void *)list->list + wd_list_size(list->max_elements);
}

static bool wd_list_overlaps(struct wd_adapter *adapter, const void *memory, size_t bytes)
{
	const void *range[] = { memory, memory + bytes };

	lockdep_assert_held(&adapter->lock);
	return rb_find(range, &adapter->lists, wd_list_cmp_range);
}

/**
 * wd_list_find_live() - find the list that a driver names
 * @adapter: the adapter, locked
 * @address: any pointer
 *
 * Return: the list, mapped and not put; or NULL.
 */
struct wd_list *wd_list_find_live(struct wd_adapter *adapter, PSCATTER_GATHER_LIST address)
{
	struct rb_node *node = rb_find(address, &adapter->lists, wd_list_cmp);
	struct wd_list *list = node ? rb_entry(node, struct wd_list, node) : NULL;

	lockdep_assert_held(&adapter->lock);
	return list && list->state == WD_LIST_LIVE ? list : NULL;
}

/* Gives up a list that is being prepared, unless the kill of the adapter has taken it away. */
static void wd_list_withdraw(struct wd_adapter *adapter, struct wd_list *list, bool granted)
{
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	if (list->state != WD_LIST_DOOMED)
		rb_erase(&list->node, &adapter->lists);
	if (granted)
		wd_queue_give_back(adapter, &list->request);
	spin_unlock_irqrestore(&adapter->lock, flags);
	wd_list_free(list);
}

/* The list is granted, the caller the runner: fill, map and run it, then serve who waits. */
static int wd_list_submit_granted(struct wd_adapter *adapter, struct wd_list *list,
				  struct wd_range *range)
{
	bool may_wait = !list->own_memory;	/* Get can say that it failed; Build waits */
	int ret = wd_list_fill(adapter, list, range);

	if (ret) {
		wd_list_withdraw(adapter, list, true);
		wd_queue_leave(adapter, NULL);
		return ret;
	}
	ret = wd_list_run(adapter, list);
	if (!ret || ret == -ESHUTDOWN) {
		wd_queue_leave(adapter, NULL);
		return 0;
	}
	if (may_wait && ret == -ENOMEM) {
		wd_queue_leave(adapter, &list->request);
		return 0;
	}
	wd_list_withdraw(adapter, list, true);
	wd_queue_leave(adapter, NULL);
	return ret;
}

/* Somebody is in the way: fill the list, then let it wait. */
static int wd_list_submit_waiting(struct wd_adapter *adapter, struct wd_list *list,
				  struct wd_range *range)
{
	int ret = wd_list_fill(adapter, list, range);
	unsigned long flags;

	if (ret) {
		wd_list_withdraw(adapter, list, false);
		return ret;
	}
	spin_lock_irqsave(&adapter->lock, flags);
	if (wd_list_wait(adapter, list))
		wd_queue_append(adapter, &list->request);
	spin_unlock_irqrestore(&adapter->lock, flags);
	/* What was in the way may have gone meanwhile. */
	wd_queue_run(adapter);
	return 0;
}

static int wd_list_submit(struct wd_adapter *adapter, const struct wd_list_request *request,
			  struct wd_range *range, PVOID memory, u32 max_elements,
			  u32 bounce_pages)
{
	struct wd_list *list = wd_list_of(memory, max_elements);
	bool bh_off, granted;
	unsigned long flags;
	int ret = 0;

	bh_off = wd_queue_begin();
	spin_lock_irqsave(&adapter->lock, flags);
	if (adapter->magic != WD_ADAPTER_LIVE)
		ret = -EINVAL;
	else if (wd_list_overlaps(adapter, memory, wd_list_size(max_elements)))
		ret = -EEXIST;
	if (ret) {
		spin_unlock_irqrestore(&adapter->lock, flags);
		if (!request->buffer)
			kfree(memory);
		goto out;
	}

	wd_request_init(&list->request, request->device_object, request->context, range->regs,
			bounce_pages);
	list->request.is_list = true;
	list->request.list_control = request->routine;
	list->list = memory;
	list->bytes = request->bytes;
	list->offset = request->offset;
	list->bounce_mdl = NULL;
	list->max_elements = max_elements;
	list->nr_pieces = range->nr_pieces;
	list->nr_sg = 0;
	list->direction = request->direction;
	list->own_memory = !request->buffer;
	list->has_common = false;
	list->each = false;
	list->starved = false;
	list->failures = 0;
	list->state = WD_LIST_PREPARING;
	rb_add(&list->node, &adapter->lists, wd_list_less);
	granted = wd_queue_try_grant(adapter, &list->request, bh_off);
	spin_unlock_irqrestore(&adapter->lock, flags);

	ret = granted ? wd_list_submit_granted(adapter, list, range) :
			wd_list_submit_waiting(adapter, list, range);
out:
	wd_queue_end(bh_off);
	return ret;
}

/* Get: the list gets memory of its own, for as many elements as there are. */
static int wd_list_get(struct wd_adapter *adapter, const struct wd_list_request *request,
		       struct wd_range *range)
{
	void *memory;
	u32 elements, bounce_pages;
	int ret = wd_list_count(adapter, *range, &elements, &bounce_pages);

	if (ret)
		return ret;
	memory = kmalloc(wd_list_size(elements), GFP_ATOMIC | __GFP_NOWARN);
	if (!memory)
		return -ENOMEM;
	return wd_list_submit(adapter, request, range, memory, elements, bounce_pages);
}

/* Build: the list is the driver's buffer, which must hold the elements there are. */
static int wd_list_build(struct wd_adapter *adapter, const struct wd_list_request *request,
			 struct wd_range *range)
{
	u32 elements = wd_list_capacity(request->buffer_bytes, range->regs);
	u32 bounce_pages = 0, unused;
	int ret = 0;

	/* Room for the bounds of the pieces is needed even if they were to need no more. */
	if (elements < range->nr_pieces)
		return -E2BIG;
	if (unlikely(adapter->bounce.nr_pages))
		ret = wd_list_count(adapter, *range, &unused, &bounce_pages);
	if (!ret)
		ret = wd_list_submit(adapter, request, range, request->buffer, elements,
				     bounce_pages);
	if (ret == -EEXIST) {
		wd_report(WD_REPORT_MISC, adapter->dev, "BuildScatterGatherList",
			  "the buffer %p is in use by a list", request->buffer);
		ret = -EINVAL;
	}
	return ret;
}

static int wd_list_request(PDMA_ADAPTER dma_adapter, const char *routine, PMDL mdl, PVOID va,
			   struct wd_list_request *request)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, routine);
	struct wd_range range;
	int ret = -EINVAL;

	if (!adapter)
		return -EINVAL;
	if (!mdl || !request->routine || (ULONG_PTR)va < wd_mdl_va(mdl))
		goto leave;
	request->offset = (ULONG_PTR)va - wd_mdl_va(mdl);
	ret = wd_range_init(&range, mdl, request->offset, request->bytes);
	if (!ret && !range.is_ready) {
		wd_report(WD_REPORT_NOT_LOCKED, adapter->dev, routine,
			  "the MDL does not describe locked memory");
		ret = -EFAULT;
	}
	if (ret)
		goto leave;
	if (range.regs > adapter->max_regs)
		ret = -ENOMEM;
	else if (request->buffer)
		ret = wd_list_build(adapter, request, &range);
	else
		ret = wd_list_get(adapter, request, &range);
leave:
	wd_adapter_leave();
	return ret;
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
		.device_object = device_object,
		.routine = execution_routine,
		.context = context,
		.bytes = length,
		.direction = write_to_device ? DMA_TO_DEVICE : DMA_FROM_DEVICE,
	};

	return wdmdma_status(wd_list_request(dma_adapter, "GetScatterGatherList", mdl, current_va,
					 &request));
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
	return wdmdma_status(wd_list_request(dma_adapter, "BuildScatterGatherList", mdl, current_va,
					 &request));
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
		if (adapter->running == list)
			WRITE_ONCE(adapter->running, NULL);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (!list) {
		wd_report(WD_REPORT_LIST_FREED, adapter->dev, "PutScatterGatherList",
			  "%p is not, or no longer, a list", scatter_gather);
		goto leave;
	}

	wd_list_unmap(adapter, list, false);
	spin_lock_irqsave(&adapter->lock, flags);
	wd_queue_give_back(adapter, &list->request);
	waiters = !list_empty(&adapter->waiters) && !adapter->pumping;
	spin_unlock_irqrestore(&adapter->lock, flags);
	wd_list_free(list);
	if (waiters)
		wd_queue_run(adapter);
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
