// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests for lists: from the call that makes one to the call of its routine, or to its end.
 *
 * A request that nothing is in the way of is mapped at once by the caller, who is the runner of the
 * queue (queue.c) until its routine has returned. Others are filled, which reads the driver's MDLs
 * for the last time, and wait. A synchronous one is granted or refused, also while somebody else is
 * the runner.
 *
 * The state of a list says whom it belongs to. One that is being prepared is the preparing
 * thread's, and dies with it even if its adapter does; a live one is the driver's.
 */
#include <linux/slab.h>

#include "inject.h"
#include "internal.h"
#include "list.h"
#include "system.h"
#include "trace.h"
#include "verifier.h"
#include "walk.h"

/* A list that waits for its mapping so often, some seconds, is reported once. */
#define WD_LIST_TRIES	64

/**
 * wd_list_run() - map a granted list and call its AdapterListControl routine
 * @adapter: the adapter, not locked; the caller is its runner
 * @list: being prepared; the routine may free it
 * @running: for wd_list_finish() after a return of 0; NULL when the list has no routine
 * @list_out: receives the driver's list before the routine is called; may be NULL
 *
 * Return: 0; -ESHUTDOWN when the adapter died meanwhile and the list is gone; another errno when
 * the list could not be mapped, and still is being prepared.
 */
int wd_list_run(struct wd_adapter *adapter, struct wd_list *list, struct wd_running *running,
		PSCATTER_GATHER_LIST *list_out)
{
	const struct wd_balance before = wd_balance_begin(adapter);
	const struct wd_request request = list->request;
	PSCATTER_GATHER_LIST driver_list = list->list;
	int ret = wd_list_map(adapter, list);

	if (!ret && adapter->system) {
		ret = wd_system_start_list(adapter, list);
		if (ret)
			wd_list_unmap(adapter, list, true);
		/* The adapter is dying, which takes its channel away. */
		if (ret == -ENOENT)
			return -EINVAL;
	}
	if (ret && ret != -ENOMEM)
		wd_misuse(adapter, WD_REPORT_MISC, "AdapterListControl", 0, 0, 0,
			  "the device can never be given the memory of list %p", driver_list);
	else if (ret && ++list->failures == WD_LIST_TRIES)
		wd_misuse(adapter, WD_REPORT_MISC, "AdapterListControl", 0, 0, 0,
			  "list %p still cannot be mapped after %u tries", driver_list,
			  WD_LIST_TRIES);
	if (ret)
		return ret;
	if (wd_verifies(adapter))
		wd_check_handed_out(list);
	trace_wdmdma_list_built(adapter, list);
	/* Before the list becomes live, so that whoever kills the adapter then sees it. */
	list->running = running;
	if (running)
		running->list = list;
	/* The kill of an adapter leaves a list that is being prepared to us. */
	if (cmpxchg(&list->state, WD_LIST_PREPARING, WD_LIST_LIVE) != WD_LIST_PREPARING) {
		wd_system_end_list(adapter, list, true);
		wd_list_free(list);
		return -ESHUTDOWN;
	}
	if (list_out)
		*list_out = driver_list;
	if (running)
		request.list_control(request.device_object, request.irp, driver_list,
				     request.context);
	if (wd_verifies(adapter))
		wd_balance_end(adapter, "AdapterListControl", &before);
	return 0;
}

/**
 * wd_list_finish() - the routine of a list has returned
 * @adapter: the adapter, locked
 * @running: of wd_list_run()
 *
 * Its adapter may have died meanwhile; the list was left alone then, for the routine was using it.
 */
void wd_list_finish(struct wd_adapter *adapter, struct wd_running *running)
{
	struct wd_list *list = running->list;

	lockdep_assert_held(&adapter->lock);
	if (!list)
		return;
	list->running = NULL;
	if (adapter->magic != WD_ADAPTER_LIVE) {
		wd_system_end_list(adapter, list, true);
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
 * wd_list_cancel() - forget a list that waits
 * @adapter: the adapter, locked
 * @list: out of the FIFO
 */
void wd_list_cancel(struct wd_adapter *adapter, struct wd_list *list)
{
	lockdep_assert_held(&adapter->lock);
	rb_erase(&list->node, &adapter->lists);
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
				  struct wd_range *range, PSCATTER_GATHER_LIST *list_out)
{
	bool may_wait = !list->own_memory;	/* Get can say that it failed; Build waits */
	struct wd_running running;
	int ret = wd_list_fill(adapter, list, range);

	if (ret) {
		wd_list_withdraw(adapter, list, true);
		wd_queue_leave(adapter, NULL, NULL);
		return ret;
	}
	ret = wd_list_run(adapter, list, &running, list_out);
	if (!ret || ret == -ESHUTDOWN) {
		wd_queue_leave(adapter, NULL, ret ? NULL : &running);
		return 0;
	}
	if (may_wait && ret == -ENOMEM) {
		wd_queue_leave(adapter, &list->request, NULL);
		return 0;
	}
	wd_list_withdraw(adapter, list, true);
	wd_queue_leave(adapter, NULL, NULL);
	return ret;
}

/* The list is granted and did not wait: it is mapped now or not at all, whoever the runner is. */
static int wd_list_submit_now(struct wd_adapter *adapter, struct wd_list *list,
			      struct wd_range *range, PSCATTER_GATHER_LIST *list_out,
			      bool is_runner)
{
	bool has_routine = list->request.list_control;
	struct wd_running running;
	unsigned long flags;
	int ret = wd_list_fill(adapter, list, range);

	if (!ret)
		ret = wd_list_run(adapter, list, has_routine ? &running : NULL, list_out);
	if (ret && ret != -ESHUTDOWN)
		wd_list_withdraw(adapter, list, true);
	if (is_runner) {
		wd_queue_leave(adapter, NULL, ret ? NULL : &running);
	} else if (ret) {
		wd_queue_run_if_waiting(adapter);
	} else if (has_routine) {
		spin_lock_irqsave(&adapter->lock, flags);
		wd_list_finish(adapter, &running);
		spin_unlock_irqrestore(&adapter->lock, flags);
	}
	return ret == -ESHUTDOWN ? -EINVAL : ret;
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
	/* It may have been cancelled since it was looked at. */
	if (list->request.transfer_context)
		ret = wd_context_check(adapter, list->request.transfer_context,
				       &list->request.context_id);
	if (!ret && wd_list_wait(adapter, list)) {
		ret = wd_queue_append(adapter, &list->request);
		if (ret)
			list->state = WD_LIST_PREPARING;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (ret) {
		wd_list_withdraw(adapter, list, false);
		return ret;
	}
	/* What was in the way may have gone meanwhile. */
	wd_queue_run_next(adapter);
	return 0;
}

/* May the request be made, with its list in @memory? */
static int wd_list_admit(struct wd_adapter *adapter, const struct wd_list_request *request,
			 const void *memory, u32 max_elements, u64 *context_id)
{
	lockdep_assert_held(&adapter->lock);
	if (adapter->magic != WD_ADAPTER_LIVE)
		return -EINVAL;
	if (unlikely(adapter->blocked))
		return -ENOMEM;
	if (wd_list_overlaps(adapter, memory, wd_list_size(max_elements)))
		return -EEXIST;
	if (!request->transfer_context)
		return 0;
	return wd_context_check(adapter, request->transfer_context, context_id);
}

static struct wd_list *wd_list_init(struct wd_adapter *adapter,
				    const struct wd_list_request *request,
				    const struct wd_range *range, PVOID memory, u32 max_elements,
				    u32 bounce_pages)
{
	struct wd_list *list = wd_list_of(memory, max_elements);

	wd_request_init(&list->request, request->device_object, request->context, range->regs,
			bounce_pages);
	list->request.transfer_context = request->transfer_context;
	list->request.is_list = true;
	list->request.stack = wd_stack(adapter);
	list->request.list_control = request->routine;
	list->list = memory;
	list->mdl = range->mdl;
	list->handed_elements = 0;
	list->bytes = request->bytes;
	list->offset = request->offset;
	list->bounce_mdl = NULL;
	list->running = NULL;
	list->max_elements = max_elements;
	list->nr_pieces = range->nr_pieces;
	list->nr_sg = 0;
	list->direction = request->direction;
	list->own_memory = !request->buffer;
	list->has_common = false;
	list->each = false;
	list->no_bounce = request->no_bounce;
	list->starved = false;
	list->failures = 0;
	list->state = WD_LIST_PREPARING;
	return list;
}

static int wd_list_submit(struct wd_adapter *adapter, const struct wd_list_request *request,
			  struct wd_range *range, PVOID memory, u32 max_elements,
			  u32 bounce_pages)
{
	bool bh_off = wd_queue_begin();
	struct wd_list *list = NULL;
	unsigned long flags;
	u64 context_id = 0;
	bool granted = false, is_runner = false;
	int ret;

	spin_lock_irqsave(&adapter->lock, flags);
	ret = wd_list_admit(adapter, request, memory, max_elements, &context_id);
	if (!ret) {
		list = wd_list_init(adapter, request, range, memory, max_elements, bounce_pages);
		list->request.context_id = context_id;
		if (request->is_synchronous)
			granted = wd_queue_grant_now(adapter, &list->request);
		else
			granted = wd_queue_try_grant(adapter, &list->request, bh_off);
		if (request->is_synchronous && !granted)
			ret = -ENOMEM;
		else if (request->is_synchronous && request->routine)
			is_runner = wd_queue_enter(adapter, bh_off);
	}
	if (!ret)
		rb_add(&list->node, &adapter->lists, wd_list_less);
	spin_unlock_irqrestore(&adapter->lock, flags);

	if (ret) {
		if (!request->buffer)
			kfree(memory);
	} else if (request->is_synchronous) {
		ret = wd_list_submit_now(adapter, list, range, request->list_out, is_runner);
	} else if (granted) {
		ret = wd_list_submit_granted(adapter, list, range, request->list_out);
	} else {
		ret = wd_list_submit_waiting(adapter, list, range);
	}
	wd_queue_end(bh_off);
	return ret;
}

/* Get: the list gets memory of its own, for as many elements as there are. */
static int wd_list_get(struct wd_adapter *adapter, const struct wd_list_request *request,
		       struct wd_range *range)
{
	void *memory;
	u32 elements, bounce_pages;
	bool bounces;
	int ret = wd_list_count(adapter, *range, request->direction, &elements, &bounce_pages,
				&bounces);

	if (!ret && bounces && request->no_bounce)
		ret = -EAGAIN;
	if (ret)
		return ret;
	if (wd_injects(adapter->host, WDMDMA_FAIL_LISTS))
		return -ENOMEM;
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
	bool bounces = false;
	int ret = 0;

	/* Room for the bounds of the pieces is needed even if they were to need no more. */
	if (elements < range->nr_pieces)
		return -E2BIG;
	if (unlikely(adapter->bounce.nr_pages))
		ret = wd_list_count(adapter, *range, request->direction, &unused, &bounce_pages,
				    &bounces);
	if (!ret && bounces && request->no_bounce)
		ret = -EAGAIN;
	if (!ret)
		ret = wd_list_submit(adapter, request, range, request->buffer, elements,
				     bounce_pages);
	if (ret == -EEXIST) {
		wd_misuse(adapter, WD_REPORT_MISC, request->name, 0, 0, 0,
			  "the buffer %p is in use by a list", request->buffer);
		ret = -EINVAL;
	}
	return ret;
}

/**
 * wd_list_submit_request() - map a range and give its list to the routine, now or later
 * @dma_adapter: the caller's handle
 * @mdl: first MDL of the chain
 * @request: what is wanted
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: 0: the routine has run or will, or there is none and the list is mapped; an errno of
 * status.c, and the routine is never called. -ECANCELED: by its transfer context.
 */
int wd_list_submit_request(PDMA_ADAPTER dma_adapter, PMDL mdl,
			   const struct wd_list_request *request)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, request->name);
	struct wd_range range;
	int ret;

	if (!adapter)
		return -EINVAL;
	if (wd_verifies(adapter) && wd_check_list(adapter, mdl, request)) {
		ret = -EINVAL;
		goto leave;
	}
	/* What loops is not for lists, nor are version 3's for a controller. */
	ret = -EINVAL;
	if (request->is_refused ||
	    (adapter->system && (request->is_ex || adapter->system->is_cyclic)))
		goto leave;
	ret = wd_range_init(&range, mdl, request->offset, request->bytes);
	if (!ret && !range.is_ready) {
		wd_misuse(adapter, WD_REPORT_NOT_LOCKED, request->name, 0, 0, 0,
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
	wd_slots_report(adapter, request->name);
leave:
	wd_adapter_leave();
	return ret;
}
