// SPDX-License-Identifier: GPL-2.0-only
/*
 * Transfer contexts of version 3: by which a driver names a request that it may want to cancel.
 *
 * A context is the driver's memory, at any address, and plain data: a mark, a number that no other
 * context has or had, and what has become of its request. It can vanish as soon as the request has
 * been granted, so it is written for the last time before the routine is called; requests that wait
 * are found by its address (queue.c), never through it.
 *
 * The adapter's lock decides between cancel and grant: a request is cancelled, or its routine is
 * called, and never both.
 */
#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/string.h>

#include "internal.h"
#include "irql.h"
#include "ops.h"
#include "status.h"
#include "system.h"
#include "trace.h"
#include "verifier.h"

#define WD_CONTEXT_MARK	0x57445843U	/* CXDW */

enum wd_context_state {
	WD_CONTEXT_IDLE,		/* no request was made with it yet */
	WD_CONTEXT_LATCHED,		/* the next request is cancelled */
	WD_CONTEXT_WAITING,
	WD_CONTEXT_GRANTED,		/* and what became of the transfer is not known here */
	WD_CONTEXT_CANCELLED,		/* to be initialised again */
};

struct wd_context {
	u32 mark;
	u32 state;			/* enum wd_context_state */
	u64 id;
	u64 adapter_id;
	u32 map_cancelled;		/* the next MapTransferEx is cancelled */
	u32 unused;
};

static_assert(sizeof(struct wd_context) <= DMA_TRANSFER_CONTEXT_SIZE_V1);

static atomic64_t wd_last_context_id;

/* The driver's memory has no alignment: it is copied. False: it is no context of the adapter. */
static bool wd_context_read(const struct wd_adapter *adapter, PVOID memory,
			    struct wd_context *context)
{
	memcpy(context, memory, sizeof(*context));
	return context->mark == WD_CONTEXT_MARK && context->adapter_id == adapter->id;
}

static void wd_context_set_state(PVOID memory, u32 state)
{
	memcpy(memory + offsetof(struct wd_context, state), &state, sizeof(state));
}

/**
 * wd_context_check() - may a request be made with a context?
 * @adapter: the adapter, locked
 * @transfer_context: the driver's
 * @id: receives its number
 *
 * Return: 0; -ECANCELED when the request is cancelled already; -EINVAL when it was not initialised
 * for this adapter, or waits.
 */
int wd_context_check(struct wd_adapter *adapter, PVOID transfer_context, u64 *id)
{
	struct wd_context context;

	lockdep_assert_held(&adapter->lock);
	if (!wd_context_read(adapter, transfer_context, &context))
		return -EINVAL;
	switch (context.state) {
	case WD_CONTEXT_IDLE:
	case WD_CONTEXT_GRANTED:
		*id = context.id;
		return 0;
	case WD_CONTEXT_LATCHED:
	case WD_CONTEXT_CANCELLED:
		wd_context_set_state(transfer_context, WD_CONTEXT_CANCELLED);
		return -ECANCELED;
	default:
		return -EINVAL;
	}
}

/**
 * wd_context_find_mistake() - why a request cannot be made with a context
 * @adapter: the adapter, locked
 * @transfer_context: the driver's
 *
 * Return: WD_CONTEXT_FINE if it can, or is cancelled before it is made.
 */
enum wd_context_mistake wd_context_find_mistake(struct wd_adapter *adapter, PVOID transfer_context)
{
	struct wd_context context;

	lockdep_assert_held(&adapter->lock);
	if (!wd_context_read(adapter, transfer_context, &context))
		return WD_CONTEXT_UNKNOWN;
	return context.state == WD_CONTEXT_WAITING ? WD_CONTEXT_REUSED : WD_CONTEXT_FINE;
}

/* Is the memory still the context that the request was made with? */
static bool wd_context_is_of(const struct wd_request *request)
{
	struct wd_context context;

	memcpy(&context, request->transfer_context, sizeof(context));
	return context.mark == WD_CONTEXT_MARK && context.id == request->context_id;
}

/**
 * wd_context_waits() - note that a request waits
 * @request: of a locked adapter, with a transfer context
 */
void wd_context_waits(const struct wd_request *request)
{
	if (wd_context_is_of(request))
		wd_context_set_state(request->transfer_context, WD_CONTEXT_WAITING);
}

static void wd_context_set_map_cancelled(PVOID memory, u32 cancelled)
{
	memcpy(memory + offsetof(struct wd_context, map_cancelled), &cancelled, sizeof(cancelled));
}

/* Moves the mark of CancelMappedTransfer from a context to who owns the channel with it. */
static bool wd_context_take_mark(PVOID memory)
{
	struct wd_context context;

	memcpy(&context, memory, sizeof(context));
	wd_context_set_map_cancelled(memory, false);
	return context.map_cancelled;
}

/**
 * wd_context_granted() - note that a request can no longer be cancelled
 * @adapter: the adapter, locked
 * @request: of @adapter
 */
void wd_context_granted(struct wd_adapter *adapter, struct wd_request *request)
{
	bool is_cancelled = false;

	lockdep_assert_held(&adapter->lock);
	if (request->transfer_context && wd_context_is_of(request)) {
		wd_context_set_state(request->transfer_context, WD_CONTEXT_GRANTED);
		is_cancelled = wd_context_take_mark(request->transfer_context);
	}
	if (adapter->system)
		wd_system_granted(adapter, request, is_cancelled);
}

/* Takes a waiting request out of the queue, and gives back what it consists of. */
static void wd_context_drop_request(struct wd_adapter *adapter, struct wd_request *request)
{
	lockdep_assert_held(&adapter->lock);
	wd_queue_remove(adapter, request);
	trace_wdmdma_request_cancelled(adapter, request);
	if (request->is_list)
		wd_list_cancel(adapter, container_of(request, struct wd_list, request));
	else
		wd_grant_drop(adapter, container_of(request, struct wd_grant, request));
}

static bool wd_context_cancel(struct wd_adapter *adapter, PVOID memory, bool *foreign)
{
	struct wd_request *request;
	struct wd_context context;

	lockdep_assert_held(&adapter->lock);
	*foreign = !wd_context_read(adapter, memory, &context);
	if (*foreign)
		return false;
	switch (context.state) {
	case WD_CONTEXT_IDLE:
	case WD_CONTEXT_LATCHED:
		wd_context_set_state(memory, WD_CONTEXT_LATCHED);
		return true;
	case WD_CONTEXT_WAITING:
		request = wd_queue_find(adapter, memory);
		if (!request)
			return false;
		wd_context_drop_request(adapter, request);
		wd_context_set_state(memory, WD_CONTEXT_CANCELLED);
		return true;
	default:
		return false;
	}
}

/**
 * wdmdma_initialize_dma_transfer_context() - make memory an idle transfer context
 * (InitializeDmaTransferContext)
 * @dma_adapter: the adapter it will be used with
 * @dma_transfer_context: DMA_TRANSFER_CONTEXT_SIZE_V1 bytes of the driver's, at any address
 *
 * Takes a cancel that was not used up yet away. A request that still waits with it is cancelled,
 * with a report. Allocates nothing, so nothing is to be undone.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER: no context, or a dead or NULL adapter.
 */
NTSTATUS wdmdma_initialize_dma_transfer_context(PDMA_ADAPTER dma_adapter,
						PVOID dma_transfer_context)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "InitializeDmaTransferContext");
	struct wd_context context = {
		.mark = WD_CONTEXT_MARK,
		.state = WD_CONTEXT_IDLE,
		.id = atomic64_inc_return(&wd_last_context_id),
	};
	struct wd_request *request;
	unsigned long flags;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (!dma_transfer_context) {
		wd_adapter_leave();
		return STATUS_INVALID_PARAMETER;
	}
	context.adapter_id = adapter->id;
	spin_lock_irqsave(&adapter->lock, flags);
	request = wd_queue_find(adapter, dma_transfer_context);
	if (request)
		wd_context_drop_request(adapter, request);
	memcpy(dma_transfer_context, &context, sizeof(context));
	if (adapter->system)
		wd_system_context_renewed(adapter, dma_transfer_context, context.id);
	spin_unlock_irqrestore(&adapter->lock, flags);

	if (request) {
		wd_misuse(adapter, WD_REPORT_CONTEXT, "InitializeDmaTransferContext",
			  WD_CONTEXT_RENEWED, dma_transfer_context, 0,
			  "a request waits with context %p; it is cancelled", dma_transfer_context);
		wd_queue_run_if_waiting(adapter);
	}
	wd_adapter_leave();
	return STATUS_SUCCESS;
}

/**
 * wdmdma_cancel_adapter_channel() - cancel a request that was not granted (CancelAdapterChannel)
 * @dma_adapter: the adapter
 * @device_object: ignored
 * @dma_transfer_context: of the request, or of the one that will be made next
 *
 * Context: <= DISPATCH_LEVEL, does not sleep. What waits behind the request may run inside.
 * Return: TRUE: the routine will not be called; what the request used is the driver's again, and
 * the context must be initialised before it is used again. FALSE: it has been granted, or
 * cancelled before; or the context was not initialised for this adapter, or the adapter is dead or
 * NULL, with a report.
 */
BOOLEAN wdmdma_cancel_adapter_channel(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
				      PVOID dma_transfer_context)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "CancelAdapterChannel");
	bool cancelled = false, foreign = true;
	unsigned long flags;

	if (!adapter)
		return FALSE;
	if (dma_transfer_context) {
		spin_lock_irqsave(&adapter->lock, flags);
		cancelled = wd_context_cancel(adapter, dma_transfer_context, &foreign);
		spin_unlock_irqrestore(&adapter->lock, flags);
	}
	if (foreign)
		wd_misuse(adapter, WD_REPORT_CONTEXT, "CancelAdapterChannel",
			  WD_CONTEXT_UNKNOWN, dma_transfer_context, 0,
			  "%p is no transfer context of this adapter", dma_transfer_context);
	else if (cancelled)
		wd_queue_run_if_waiting(adapter);
	wd_adapter_leave();
	return cancelled;
}

/* The context of the channel's owner is known to the channel; others get a mark. */
static int wd_context_cancel_mapped(struct wd_adapter *adapter, PVOID memory)
{
	struct wd_context context;
	int ret;

	lockdep_assert_held(&adapter->lock);
	if (!wd_context_read(adapter, memory, &context))
		return -EINVAL;
	ret = wd_system_cancel(adapter, memory, context.id);
	if (ret != -ENOENT)
		return ret;
	if (context.map_cancelled)
		return -EALREADY;
	wd_context_set_map_cancelled(memory, true);
	return 0;
}

/**
 * wdmdma_cancel_mapped_transfer() - stop a system-DMA transfer (CancelMappedTransfer)
 * @dma_adapter: the adapter
 * @dma_transfer_context: of the channel, or of the request that waits for it or will
 *
 * Marks the context: until a flush, the release of the channel, or until the context is
 * initialised, MapTransferEx fails with STATUS_CANCELLED. A transfer that runs is stopped, and its
 * completion routine called with DmaCancelled once it has: later, not inside this call. One that
 * had finished completes as if nothing had happened. The flush is owed all the same.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: STATUS_SUCCESS: the mark is set; STATUS_INVALID_DEVICE_STATE: it was;
 * STATUS_INVALID_PARAMETER: not a context of this adapter, or a bus master's, whose transfers are
 * its own to stop; or a dead or NULL adapter.
 */
NTSTATUS wdmdma_cancel_mapped_transfer(PDMA_ADAPTER dma_adapter, PVOID dma_transfer_context)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "CancelMappedTransfer");
	unsigned long flags;
	int ret = -EINVAL;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (adapter->system && dma_transfer_context) {
		spin_lock_irqsave(&adapter->lock, flags);
		ret = wd_context_cancel_mapped(adapter, dma_transfer_context);
		spin_unlock_irqrestore(&adapter->lock, flags);
	}
	if (wd_verifies(adapter) && ret == -EALREADY)
		wd_misuse(adapter, WD_REPORT_CANCELLED_TWICE, "CancelMappedTransfer",
			  dma_transfer_context, 0, 0, "cancelled before, and not flushed since");
	wd_adapter_leave();
	return wdmdma_status(ret);
}
