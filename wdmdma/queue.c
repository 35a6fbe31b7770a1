// SPDX-License-Identifier: GPL-2.0-only
/*
 * One FIFO per adapter, and one loop that serves it.
 *
 * Requests for the channel and for lists wait in the order they were made; only the head may be
 * granted, and only while nobody owns the channel. Whoever finds a grant possible becomes the
 * runner (adapter->pumping): it takes the head under the lock, drops the lock, runs the driver's
 * routine with bottom halves off, and looks again. Everybody else leaves the work to the runner,
 * so a routine that frees what the next request needs never recurses, and whoever frees something
 * while a runner is busy is seen by it: it gives up its role under the lock, after a last look.
 *
 * With interrupts off no routine can run as the driver expects it; a tasklet does it then.
 */
#include <linux/bottom_half.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>

#include "inject.h"
#include "internal.h"
#include "system.h"
#include "trace.h"

#define WD_RETRY_MS_MAX	64

/* So many routines run in one go; then the tasklet continues. */
#define WD_DRAIN_BUDGET	256

/**
 * wd_request_init() - start a request
 * @request: to be initialised
 * @device_object: the caller's; its CurrentIrp is read now (A5). May be NULL
 * @context: for the routine
 * @regs: map registers wanted
 * @bounce_pages: pages of the adapter's own that it may need with them
 */
void wd_request_init(struct wd_request *request, PDEVICE_OBJECT device_object, PVOID context,
		     u32 regs, u32 bounce_pages)
{
	INIT_LIST_HEAD(&request->node);
	RB_CLEAR_NODE(&request->key);
	INIT_LIST_HEAD(&request->ticket);
	request->transfer_context = NULL;
	request->regs = regs;
	request->bounce_pages = bounce_pages;
	request->device_object = device_object;
	request->irp = device_object ? device_object->CurrentIrp : NULL;
	request->context = context;
}

/**
 * wd_queue_begin() - prepare to run routines
 *
 * Return: true when bottom halves are off now; false when interrupts are, and no routine may run.
 */
bool wd_queue_begin(void)
{
	if (irqs_disabled())
		return false;
	local_bh_disable();
	return true;
}

/**
 * wd_queue_end() - undo wd_queue_begin()
 * @bh_off: what it returned
 */
void wd_queue_end(bool bh_off)
{
	if (bh_off)
		local_bh_enable();
}

/* What a waiting request can be found by, if anything. */
static const void *wd_request_key(const struct wd_request *request)
{
	if (request->transfer_context)
		return request->transfer_context;
	return request->is_list ? NULL : request->device_object;
}

static struct rb_root *wd_request_keys(struct wd_adapter *adapter, const struct wd_request *request)
{
	return request->transfer_context ? &adapter->waiting_contexts : &adapter->waiting_objects;
}

static int wd_request_cmp_key(const void *key, const struct rb_node *node)
{
	const void *other = wd_request_key(rb_entry(node, struct wd_request, key));

	return key < other ? -1 : key > other;
}

static int wd_request_cmp(struct rb_node *node, const struct rb_node *other)
{
	return wd_request_cmp_key(wd_request_key(rb_entry(node, struct wd_request, key)), other);
}

/* False when something else waits with that key; the request is not found by it then. */
static bool wd_request_add_key(struct wd_adapter *adapter, struct wd_request *request)
{
	if (!wd_request_key(request))
		return true;
	if (!rb_find_add(&request->key, wd_request_keys(adapter, request), wd_request_cmp))
		return true;
	RB_CLEAR_NODE(&request->key);
	return false;
}

/* The registers of a request, and a controller's channel. False: not now; nothing is taken. */
static bool wd_queue_take(struct wd_adapter *adapter, struct wd_request *request)
{
	if (adapter->pool_regs && request->regs > adapter->pool_regs - adapter->pool_used)
		return false;
	if (adapter->system && !wd_gate_take(adapter, request))
		return false;
	if (adapter->bounce.nr_pages && !wd_bounce_reserve(adapter, request)) {
		if (adapter->system)
			wd_gate_untake(adapter);
		return false;
	}
	adapter->pool_used += request->regs;
	return true;
}

/* Takes what a request needs and makes it the owner. False: there is not enough; nothing is. */
static bool wd_queue_grant(struct wd_adapter *adapter, struct wd_request *request)
{
	if (!wd_queue_take(adapter, request))
		return false;
	trace_wdmdma_request_granted(adapter, request);
	wd_context_granted(adapter, request);
	adapter->regs_granted += request->regs;
	adapter->regs_peak = max(adapter->regs_peak, adapter->pool_used);
	if (request->is_list) {
		adapter->lists_granted++;
		adapter->nr_lists++;
	}
	/* A bus master's list goes without the channel; a controller's starts what it does. */
	if (request->is_list && !adapter->system)
		return true;
	adapter->channel.held = true;
	adapter->channel.by_list = request->is_list;
	adapter->channel.kept = false;
	adapter->channel.ticket++;
	adapter->channel.grant = NULL;
	adapter->channels_granted++;
	if (request->is_list)
		return true;
	adapter->channel.grant = container_of(request, struct wd_grant, request);
	adapter->channel.base = wd_grant_base(adapter->channel.grant);
	adapter->nr_sets++;
	return true;
}

/**
 * wd_queue_give_back() - take back the registers and pages that a request was granted
 * @adapter: the adapter, locked
 * @request: granted; nothing is mapped for it
 *
 * With a controller's list the channel goes as well; then the gate is to be kicked.
 */
void wd_queue_give_back(struct wd_adapter *adapter, const struct wd_request *request)
{
	lockdep_assert_held(&adapter->lock);
	trace_wdmdma_request_released(adapter, request);
	if (adapter->system && request->is_list) {
		adapter->channel.held = false;
		adapter->channel.by_list = false;
		wd_gate_release(adapter);
	}
	adapter->pool_used -= request->regs;
	if (request->bounce_pages)
		wd_bounce_unreserve(adapter, request);
	if (request->is_list)
		adapter->nr_lists--;
	else
		adapter->nr_sets--;
}

/**
 * wd_queue_try_grant() - grant a new request at once, if nothing is in its way
 * @adapter: the adapter, locked
 * @request: the request
 * @bh_off: from wd_queue_begin()
 *
 * Return: true when it was granted and the caller has become the runner, which it stays until
 * wd_queue_drain() or wd_queue_leave().
 */
bool wd_queue_try_grant(struct wd_adapter *adapter, struct wd_request *request, bool bh_off)
{
	lockdep_assert_held(&adapter->lock);
	if (!bh_off || adapter->pumping || adapter->channel.held ||
	    !list_empty(&adapter->waiters) || wd_injects_delay(adapter) ||
	    !wd_queue_grant(adapter, request))
		return false;
	adapter->pumping = true;
	return true;
}

/**
 * wd_queue_grant_now() - grant a request that does not wait
 * @adapter: the adapter, locked
 * @request: the request
 *
 * The caller need not be the runner: the routine of a list may be running.
 *
 * Return: false when somebody owns the channel or waits, or there is not enough.
 */
bool wd_queue_grant_now(struct wd_adapter *adapter, struct wd_request *request)
{
	lockdep_assert_held(&adapter->lock);
	return !adapter->channel.held && list_empty(&adapter->waiters) &&
	       wd_queue_grant(adapter, request);
}

/**
 * wd_queue_enter() - become the runner, to call the routine of a request that did not wait
 * @adapter: the adapter, locked
 * @bh_off: from wd_queue_begin()
 *
 * What the routine asks for is run after it then, by wd_queue_leave().
 *
 * Return: false when there is a runner, perhaps a caller of the caller; or with interrupts off, and
 * then nothing that the routine asks for can run inside it.
 */
bool wd_queue_enter(struct wd_adapter *adapter, bool bh_off)
{
	lockdep_assert_held(&adapter->lock);
	if (!bh_off || adapter->pumping)
		return false;
	adapter->pumping = true;
	return true;
}

/**
 * wd_queue_append() - let a request wait
 * @adapter: the adapter, locked
 * @request: the request
 *
 * Return: 0; -EAGAIN when the DEVICE_OBJECT already waits for this adapter's channel, as each has
 * one wait slot; so has each transfer context.
 */
int wd_queue_append(struct wd_adapter *adapter, struct wd_request *request)
{
	lockdep_assert_held(&adapter->lock);
	if (!wd_request_add_key(adapter, request))
		return -EAGAIN;
	if (request->transfer_context)
		wd_context_waits(request);
	list_add_tail(&request->node, &adapter->waiters);
	adapter->nr_waiting++;
	trace_wdmdma_request_queued(adapter, request);
	if (adapter->system)
		wd_gate_wait(adapter, request, false);
	return 0;
}

/**
 * wd_queue_find() - find the request that waits with a transfer context
 * @adapter: the adapter, locked
 * @transfer_context: any pointer
 *
 * Return: the request, or NULL.
 */
struct wd_request *wd_queue_find(struct wd_adapter *adapter, PVOID transfer_context)
{
	struct rb_node *node = rb_find(transfer_context, &adapter->waiting_contexts,
				       wd_request_cmp_key);

	lockdep_assert_held(&adapter->lock);
	return node ? rb_entry(node, struct wd_request, key) : NULL;
}

/**
 * wd_queue_remove() - take a request out of the FIFO
 * @adapter: the adapter, locked
 * @request: waits
 */
void wd_queue_remove(struct wd_adapter *adapter, struct wd_request *request)
{
	lockdep_assert_held(&adapter->lock);
	list_del_init(&request->node);
	adapter->nr_waiting--;
	if (adapter->system)
		wd_gate_forget(adapter, request);
	if (!RB_EMPTY_NODE(&request->key))
		rb_erase(&request->key, wd_request_keys(adapter, request));
	RB_CLEAR_NODE(&request->key);
}

/* The head could not be mapped: it stays the head, and is tried again later. */
static void wd_queue_push_back(struct wd_adapter *adapter, struct wd_request *request)
{
	wd_queue_give_back(adapter, request);
	adapter->lists_granted--;
	adapter->regs_granted -= request->regs;
	if (!wd_list_wait(adapter, container_of(request, struct wd_list, request)))
		return;
	container_of(request, struct wd_list, request)->starved = true;
	/* If another request waits with its context by now, that is the one to be cancelled. */
	if (wd_request_add_key(adapter, request) && request->transfer_context)
		wd_context_waits(request);
	list_add(&request->node, &adapter->waiters);
	adapter->nr_waiting++;
	trace_wdmdma_request_queued(adapter, request);
	if (adapter->system)
		wd_gate_wait(adapter, request, true);
	adapter->starved = true;
	adapter->retry_ms = clamp(adapter->retry_ms * 2, 1U, (u32)WD_RETRY_MS_MAX);
	queue_delayed_work(wd_workqueue, &adapter->retry, msecs_to_jiffies(adapter->retry_ms));
}

static struct wd_request *wd_queue_next(struct wd_adapter *adapter)
{
	struct wd_request *request;

	if (adapter->magic != WD_ADAPTER_LIVE || adapter->channel.held || wd_is_held_back(adapter))
		return NULL;
	request = list_first_entry_or_null(&adapter->waiters, struct wd_request, node);
	if (!request || !wd_queue_grant(adapter, request))
		return NULL;

	wd_queue_remove(adapter, request);
	if (request->is_list)
		container_of(request, struct wd_list, request)->state = WD_LIST_PREPARING;
	return request;
}

/* Runs one granted request. Returns false when it could not be mapped and is the head again. */
static bool wd_queue_run_one(struct wd_adapter *adapter, struct wd_request *request,
			     unsigned long *flags)
	__must_hold(&adapter->lock)
{
	struct wd_outcome outcome = {};
	struct wd_running running;
	bool is_list = request->is_list;
	int ret = 0;

	spin_unlock_irqrestore(&adapter->lock, *flags);
	if (is_list)
		ret = wd_list_run(adapter, container_of(request, struct wd_list, request), &running,
				  NULL);
	else
		outcome = wd_channel_run(adapter, container_of(request, struct wd_grant, request),
					 NULL);
	spin_lock_irqsave(&adapter->lock, *flags);

	/* From here on the request may be gone, unless it could not be mapped. */
	if (!is_list)
		wd_channel_finish(adapter, &outcome);
	else if (!ret)
		wd_list_finish(adapter, &running);
	else if (ret == -ENOMEM)
		wd_queue_push_back(adapter, request);
	else if (ret != -ESHUTDOWN)
		wd_list_drop(adapter, container_of(request, struct wd_list, request));
	if (!ret)
		adapter->retry_ms = 0;
	return ret != -ENOMEM;
}

/**
 * wd_queue_drain() - run every request that can be granted, then stop being the runner
 * @adapter: the adapter, locked; the caller is its runner
 * @request: a granted one to begin with, or NULL
 * @flags: of the adapter's lock, which is dropped while a routine runs
 *
 * Context: Bottom halves off, interrupts on (but for the lock).
 */
void wd_queue_drain(struct wd_adapter *adapter, struct wd_request *request, unsigned long *flags)
	__must_hold(&adapter->lock)
{
	unsigned int budget = WD_DRAIN_BUDGET;

	lockdep_assert_held(&adapter->lock);
	if (!request)
		request = wd_queue_next(adapter);
	while (request && wd_queue_run_one(adapter, request, flags))
		request = --budget ? wd_queue_next(adapter) : NULL;
	adapter->pumping = false;
	/* Somebody who keeps making requests must not keep the caller here for ever. */
	if (!budget)
		tasklet_schedule(&adapter->tasklet);
}

/**
 * wd_queue_leave() - stop being the runner, after serving whoever waits by now
 * @adapter: the adapter, not locked; the caller is its runner
 * @request: a list that could not be mapped and becomes the head; or NULL
 * @running: of a list whose routine has returned; or NULL
 *
 * Context: Bottom halves off, interrupts on.
 */
void wd_queue_leave(struct wd_adapter *adapter, struct wd_request *request,
		    struct wd_running *running)
{
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	if (running)
		wd_list_finish(adapter, running);
	if (request) {
		wd_queue_push_back(adapter, request);
		adapter->pumping = false;
	} else {
		wd_queue_drain(adapter, NULL, &flags);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
}

/**
 * wd_queue_run() - serve the FIFO after something it may wait for was released
 * @adapter: the adapter
 *
 * Context: Any but a hard interrupt.
 */
void wd_queue_run(struct wd_adapter *adapter)
{
	bool bh_off = wd_queue_begin();
	unsigned long flags;

	if (!bh_off) {
		tasklet_schedule(&adapter->tasklet);
		return;
	}
	spin_lock_irqsave(&adapter->lock, flags);
	if (!adapter->pumping) {
		adapter->pumping = true;
		adapter->starved = false;
		wd_queue_drain(adapter, NULL, &flags);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	wd_queue_end(bh_off);
}

/**
 * wd_queue_run_next() - serve whoever may be next after a channel was released
 * @adapter: whose channel it was
 *
 * Context: Any but a hard interrupt.
 */
void wd_queue_run_next(struct wd_adapter *adapter)
{
	if (adapter->system)
		wd_gate_kick(adapter->system->engine);
	else
		wd_queue_run(adapter);
}

/**
 * wd_queue_run_if_waiting() - serve the FIFO, if there is anything to do
 * @adapter: the adapter
 *
 * Context: Any but a hard interrupt.
 */
void wd_queue_run_if_waiting(struct wd_adapter *adapter)
{
	/* What was withdrawn may have kept others from a channel. */
	if (adapter->system) {
		wd_gate_kick(adapter->system->engine);
		return;
	}
	/* Who appends to the FIFO looks whether it can be served, so a stale look does no harm. */
	if (!list_empty_careful(&adapter->waiters))
		wd_queue_run(adapter);
}

/**
 * wd_queue_tasklet() - serve the FIFO when interrupts were off
 * @tasklet: of the adapter
 */
void wd_queue_tasklet(struct tasklet_struct *tasklet)
{
	wd_queue_run(container_of(tasklet, struct wd_adapter, tasklet));
}

/**
 * wd_queue_retry() - try again to map the head
 * @work: of the adapter
 */
void wd_queue_retry(struct work_struct *work)
{
	wd_queue_run(container_of(to_delayed_work(work), struct wd_adapter, retry));
}
