// SPDX-License-Identifier: GPL-2.0-only
/*
 * The adapter channel: AllocateAdapterChannel, FreeAdapterChannel, FreeMapRegisters.
 *
 * For a bus master the channel is a gate that lets one AdapterControl routine run at a time, and
 * that a routine may keep (KeepObject). What the routine returns is applied to what is still there:
 * it may have freed its set and the channel itself (A4), and somebody else may own the channel by
 * then. The ticket tells.
 */
#include "internal.h"
#include "irql.h"
#include "ops.h"
#include "status.h"
#include "system.h"
#include "verifier.h"

/**
 * wd_channel_run() - run the AdapterControl routine of a granted request
 * @adapter: the adapter, not locked; the caller is its runner
 * @grant: owner of the channel; without a routine, it stays that
 * @base_out: receives the MapRegisterBase before the routine is called; may be NULL
 *
 * Return: what to do about the channel and the set, for wd_channel_finish().
 */
struct wd_outcome wd_channel_run(struct wd_adapter *adapter, struct wd_grant *grant,
				 PVOID *base_out)
{
	const struct wd_balance before = wd_balance_begin(adapter);
	const struct wd_request request = grant->request;
	/* Only the runner changes the ticket. */
	struct wd_outcome outcome = { .ticket = adapter->channel.ticket };
	IO_ALLOCATION_ACTION action = KeepObject;
	PVOID base;

	wd_grant_open(grant, request.regs);
	base = wd_grant_base(grant);
	if (base_out)
		*base_out = base;
	if (request.control)
		action = request.control(request.device_object, request.irp, base, request.context);
	if (wd_verifies(adapter))
		wd_balance_end(adapter, "AdapterControl", &before);
	/* A controller uses both until the driver ends its transfer. */
	if (adapter->system && action != KeepObject) {
		wd_misuse(adapter, WD_REPORT_ACTION, "AdapterControl", action, 0, 0,
			  "returned %d for system DMA, taken as KeepObject", action);
		action = KeepObject;
	}

	switch (action) {
	case KeepObject:
		break;
	case DeallocateObject:
		outcome.release_channel = true;
		outcome.closed = wd_grant_close(adapter, base, "AdapterControl");
		break;
	case DeallocateObjectKeepRegisters:
		outcome.release_channel = true;
		break;
	default:
		wd_misuse(adapter, WD_REPORT_ACTION, "AdapterControl", action, 0, 0,
			  "returned %d, taken as KeepObject", action);
		break;
	}
	return outcome;
}

static void wd_channel_give_back(struct wd_adapter *adapter, struct wd_grant *grant)
{
	lockdep_assert_held(&adapter->lock);
	if (adapter->channel.grant == grant)
		adapter->channel.grant = NULL;
	wd_queue_give_back(adapter, &grant->request);
	wd_grant_drop(adapter, grant);
}

/**
 * wd_channel_finish() - apply what wd_channel_run() returned
 * @adapter: the adapter, locked
 * @outcome: from wd_channel_run()
 */
void wd_channel_finish(struct wd_adapter *adapter, const struct wd_outcome *outcome)
{
	lockdep_assert_held(&adapter->lock);
	if (outcome->closed)
		wd_channel_give_back(adapter, outcome->closed);
	if (adapter->channel.ticket != outcome->ticket)
		return;
	adapter->channel.kept = true;
	if (outcome->release_channel) {
		adapter->channel.held = false;
		adapter->channel.grant = NULL;
	}
}

/* A grant that did not wait: the caller runs it, even if somebody else is the runner. */
static void wd_channel_run_now(struct wd_adapter *adapter, struct wd_grant *grant, PVOID *base_out,
			       bool is_runner)
{
	struct wd_outcome outcome;
	unsigned long flags;

	outcome = wd_channel_run(adapter, grant, base_out);
	spin_lock_irqsave(&adapter->lock, flags);
	wd_channel_finish(adapter, &outcome);
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (is_runner)
		wd_queue_leave(adapter, NULL, NULL);
	else
		wd_queue_run_if_waiting(adapter);
}

static struct wd_grant *wd_channel_init(struct wd_adapter *adapter,
					const struct wd_channel_request *request, u64 context_id)
{
	struct wd_grant *grant = wd_grant_take(adapter, request->regs);

	if (!grant)
		return NULL;
	wd_request_init(&grant->request, request->device_object, request->context, request->regs,
			adapter->bounce.nr_pages ? request->regs : 0);
	grant->request.is_list = false;
	grant->request.stack = wd_stack(adapter);
	grant->request.control = request->routine;
	grant->request.transfer_context = request->transfer_context;
	grant->request.context_id = context_id;
	grant->no_bounce = request->no_bounce;
	return grant;
}

/* Grants the request or lets it wait. True: it is granted, and the caller is to run it. */
static int wd_channel_admit(struct wd_adapter *adapter, const struct wd_channel_request *request,
			    bool bh_off, struct wd_grant **result)
{
	struct wd_grant *grant;
	u64 context_id = 0;
	int ret = 0;

	lockdep_assert_held(&adapter->lock);
	if (adapter->magic != WD_ADAPTER_LIVE)
		return -EINVAL;
	if (unlikely(adapter->blocked))
		return -ENOMEM;
	if (request->transfer_context)
		ret = wd_context_check(adapter, request->transfer_context, &context_id);
	if (ret)
		return ret;
	grant = wd_channel_init(adapter, request, context_id);
	if (!grant)
		return -ENOMEM;

	*result = grant;
	if (request->is_synchronous && !wd_queue_grant_now(adapter, &grant->request))
		ret = -ENOMEM;
	if (request->is_synchronous || wd_queue_try_grant(adapter, &grant->request, bh_off))
		goto out;
	*result = NULL;
	ret = wd_queue_append(adapter, &grant->request);
	if (!ret && !bh_off)
		tasklet_schedule(&adapter->tasklet);
out:
	if (ret)
		wd_grant_drop(adapter, grant);
	return ret;
}

/**
 * wd_channel_submit() - ask for the channel and a register set
 * @adapter: the adapter
 * @request: what is wanted, with no more registers than the adapter has
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: 0: the routine has run or will, or there is none and the set is the caller's; an errno of
 * status.c, and the routine is never called. -ECANCELED: by its transfer context; -EAGAIN: the
 * device object waits already.
 */
int wd_channel_submit(struct wd_adapter *adapter, const struct wd_channel_request *request)
{
	bool bh_off = wd_queue_begin();
	struct wd_grant *grant = NULL;
	bool is_runner = false;
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&adapter->lock, flags);
	ret = wd_channel_admit(adapter, request, bh_off, &grant);
	if (!ret && request->is_synchronous)
		is_runner = wd_queue_enter(adapter, bh_off);
	else if (!ret && grant)
		wd_queue_drain(adapter, &grant->request, &flags);
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (!ret && request->is_synchronous)
		wd_channel_run_now(adapter, grant, request->base_out, is_runner);
	/*
	 * The gate is not under the adapter's lock: it may have opened before the ticket was drawn.
	 */
	else if (!ret && !grant && adapter->system)
		wd_gate_kick(adapter->system->engine);
	wd_queue_end(bh_off);
	return ret;
}

/**
 * wdmdma_allocate_adapter_channel() - get the channel and a register set (AllocateAdapterChannel)
 * @dma_adapter: the adapter
 * @device_object: gives CurrentIrp and the wait slot: one waiting request for each
 * @number_of_map_registers: 0 .. the number IoGetDmaAdapter reported
 * @execution_routine: called at DISPATCH_LEVEL when both are there, perhaps before this returns
 * @context: for @execution_routine
 *
 * Context: <= DISPATCH_LEVEL, does not sleep. With interrupts off the routine runs later.
 * Return: STATUS_SUCCESS: the routine has run or will; STATUS_INSUFFICIENT_RESOURCES: too many
 * registers, no memory (may work later), or @device_object is waiting already;
 * STATUS_INVALID_PARAMETER: no routine, or a dead or NULL adapter.
 */
NTSTATUS wdmdma_allocate_adapter_channel(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					 ULONG number_of_map_registers,
					 PDRIVER_CONTROL execution_routine, PVOID context)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "AllocateAdapterChannel");
	const struct wd_channel_request request = {
		.device_object = device_object,
		.regs = number_of_map_registers,
		.routine = execution_routine,
		.context = context,
	};
	int ret = -ENOMEM;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (!execution_routine ||
	    (wd_verifies(adapter) &&
	     wd_check_channel(adapter, "AllocateAdapterChannel", device_object,
			      number_of_map_registers, false)))
		ret = -EINVAL;
	else if (number_of_map_registers <= adapter->max_regs)
		ret = wd_channel_submit(adapter, &request);
	if (wd_verifies(adapter) && ret == -EAGAIN)
		wd_check_waits(adapter, "AllocateAdapterChannel", device_object);
	wd_adapter_leave();
	return wdmdma_status(ret);
}

/**
 * wd_channel_release() - take the channel away from its owner
 * @adapter: the adapter
 * @routine: Windows' name of the routine that does it, for the report of what was left mapped
 * @keep_registers: leave the owner its set
 *
 * Return: false when nobody owned it.
 */
bool wd_channel_release(struct wd_adapter *adapter, const char *routine, bool keep_registers)
{
	struct wd_grant *grant = NULL;
	unsigned long flags;
	PVOID base = NULL;
	bool held;

	spin_lock_irqsave(&adapter->lock, flags);
	/* A list keeps a controller's channel until it is put. */
	held = adapter->channel.held && !adapter->channel.by_list;
	if (held) {
		/* Not the set's present base: it may be freed, and have another owner soon. */
		if (adapter->channel.grant && !keep_registers)
			base = adapter->channel.base;
		adapter->channel.held = false;
		adapter->channel.grant = NULL;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);

	if (held && adapter->system)
		wd_system_abandon(adapter, base, routine);
	if (base)
		grant = wd_grant_close(adapter, base, routine);
	if (grant) {
		spin_lock_irqsave(&adapter->lock, flags);
		wd_channel_give_back(adapter, grant);
		spin_unlock_irqrestore(&adapter->lock, flags);
	}
	if (held && adapter->system)
		wd_gate_release(adapter);
	if (held)
		wd_queue_run_next(adapter);
	return held;
}

/**
 * wdmdma_free_adapter_channel() - release the channel and its set (FreeAdapterChannel)
 * @dma_adapter: the adapter, whose channel a routine kept with KeepObject
 *
 * Data that was not flushed is lost. The next waiting routine may run inside this call.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 */
VOID wdmdma_free_adapter_channel(PDMA_ADAPTER dma_adapter)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "FreeAdapterChannel");

	if (!adapter)
		return;
	if (!wd_channel_release(adapter, "FreeAdapterChannel", false))
		wd_misuse(adapter, WD_REPORT_CHANNEL_FREED, "FreeAdapterChannel", 1, 0, 0,
			  "nobody owns the channel");
	wd_adapter_leave();
}

/**
 * wdmdma_free_map_registers() - release a set that its routine kept (FreeMapRegisters)
 * @dma_adapter: the adapter
 * @map_register_base: the set; NULL does nothing
 * @number_of_map_registers: as allocated; another number is reported, and the whole set freed
 *
 * Data that was not flushed is lost. The next waiting routine may run inside this call.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 */
VOID wdmdma_free_map_registers(PDMA_ADAPTER dma_adapter, PVOID map_register_base,
			       ULONG number_of_map_registers)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "FreeMapRegisters");
	struct wd_grant *grant;
	bool waiters, owned;
	unsigned long flags;
	u32 regs;

	if (!adapter)
		return;
	if (!map_register_base)
		goto leave;
	if (adapter->system)
		wd_system_abandon(adapter, map_register_base, "FreeMapRegisters");
	grant = wd_grant_close(adapter, map_register_base, "FreeMapRegisters");
	if (!grant) {
		wd_misuse_stale(adapter, WD_REPORT_REGS_FREED, "FreeMapRegisters", "register set",
				map_register_base, map_register_base, 0, 0,
				"%p is not, or no longer, a register set", map_register_base);
		goto leave;
	}
	regs = grant->request.regs;
	if (regs != number_of_map_registers)
		wd_misuse(adapter, WD_REPORT_REGS_FREED, "FreeMapRegisters", map_register_base, 0,
			  0, "%u registers freed of a set of %u; all are", number_of_map_registers,
			  regs);

	spin_lock_irqsave(&adapter->lock, flags);
	/* Inside its routine a driver may free what it got; later the channel's owner may not. */
	owned = adapter->channel.grant == grant && adapter->channel.kept;
	wd_channel_give_back(adapter, grant);
	waiters = !list_empty(&adapter->waiters) && !adapter->pumping;
	spin_unlock_irqrestore(&adapter->lock, flags);
	if (owned)
		wd_misuse(adapter, WD_REPORT_REGS_FREED, "FreeMapRegisters", map_register_base, 0,
			  0, "the set belongs to the owner of the channel, who keeps the channel");
	if (waiters)
		wd_queue_run(adapter);
leave:
	wd_adapter_leave();
}
