// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate of an engine: one FIFO for the requests of all adapters that share it.
 *
 * Each adapter has its own queue (queue.c). A request that waits in one also has a ticket here,
 * drawn in the same moment, so that the order of an adapter's tickets is that of its queue. A
 * request is granted only if the engine has no owner, is not draining, and no ticket is before its
 * own; its queue asks that last of all, so that nothing it lacks otherwise keeps others waiting.
 *
 * Whoever releases the gate, or withdraws the first ticket, has the queue of the next one looked
 * at: at once with wd_gate_kick(), and by the engine's tasklet where no routine may run.
 */
#include "internal.h"
#include "system.h"

static struct wd_request *wd_gate_first(struct wd_engine *engine)
{
	lockdep_assert_held(&engine->lock);
	return list_first_entry_or_null(&engine->tickets, struct wd_request, ticket);
}

static bool wd_gate_is_open(const struct wd_engine *engine)
{
	return !engine->owner && !engine->nr_draining;
}

/**
 * wd_gate_take() - make an adapter the owner of its engine, if it is a request's turn
 * @adapter: locked
 * @request: of @adapter, waiting or new
 *
 * Return: false when it has to wait.
 */
bool wd_gate_take(struct wd_adapter *adapter, struct wd_request *request)
{
	struct wd_engine *engine = adapter->system->engine;
	struct wd_request *first;
	unsigned long flags;
	bool taken;

	lockdep_assert_held(&adapter->lock);
	spin_lock_irqsave(&engine->lock, flags);
	first = wd_gate_first(engine);
	taken = wd_gate_is_open(engine) && (!first || first == request);
	if (taken) {
		engine->owner = adapter;
		engine->is_leaving = false;
	}
	spin_unlock_irqrestore(&engine->lock, flags);
	return taken;
}

/**
 * wd_gate_untake() - undo wd_gate_take() for a request that cannot be granted after all
 * @adapter: locked
 *
 * Nobody else is told: the request is still, or becomes, the first of its queue.
 */
void wd_gate_untake(struct wd_adapter *adapter)
{
	struct wd_engine *engine = adapter->system->engine;
	unsigned long flags;

	lockdep_assert_held(&adapter->lock);
	spin_lock_irqsave(&engine->lock, flags);
	engine->owner = NULL;
	spin_unlock_irqrestore(&engine->lock, flags);
}

/**
 * wd_gate_release() - end an adapter's ownership of its engine
 * @adapter: nothing of it is mapped through the engine; nothing happens if it is not the owner
 *
 * Context: Any, also under the adapter's lock. wd_gate_kick() serves the next one sooner than the
 * tasklet that is scheduled here.
 */
void wd_gate_release(struct wd_adapter *adapter)
{
	struct wd_engine *engine = adapter->system->engine;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	if (engine->owner == adapter) {
		engine->owner = NULL;
		adapter->system->transfer_context = NULL;
		adapter->system->is_cancelled = false;
		if (!list_empty(&engine->tickets))
			tasklet_schedule(&engine->tasklet);
	}
	spin_unlock_irqrestore(&engine->lock, flags);
}

/**
 * wd_gate_wait() - draw a ticket for a request that begins to wait
 * @adapter: locked
 * @request: of @adapter
 * @first: it had been granted, and is to be the next again
 */
void wd_gate_wait(struct wd_adapter *adapter, struct wd_request *request, bool first)
{
	struct wd_engine *engine = adapter->system->engine;
	unsigned long flags;

	lockdep_assert_held(&adapter->lock);
	request->adapter = adapter;
	spin_lock_irqsave(&engine->lock, flags);
	if (first)
		list_add(&request->ticket, &engine->tickets);
	else
		list_add_tail(&request->ticket, &engine->tickets);
	spin_unlock_irqrestore(&engine->lock, flags);
}

/**
 * wd_gate_forget() - give a ticket back
 * @adapter: locked
 * @request: of @adapter; waits no longer
 */
void wd_gate_forget(struct wd_adapter *adapter, struct wd_request *request)
{
	struct wd_engine *engine = adapter->system->engine;
	unsigned long flags;

	lockdep_assert_held(&adapter->lock);
	spin_lock_irqsave(&engine->lock, flags);
	list_del_init(&request->ticket);
	spin_unlock_irqrestore(&engine->lock, flags);
}

/**
 * wd_gate_kick() - serve whose turn it is
 * @engine: referenced by the caller, or it is in a call on one of its adapters
 *
 * One whose memory could not be mapped is left to its timer.
 *
 * Context: Any but a hard interrupt; no lock held.
 */
void wd_gate_kick(struct wd_engine *engine)
{
	struct wd_adapter *next = NULL;
	struct wd_request *first;
	unsigned long flags;

	/* An adapter that has a ticket now will not go away before the section ends. */
	rcu_read_lock();
	spin_lock_irqsave(&engine->lock, flags);
	first = wd_gate_is_open(engine) ? wd_gate_first(engine) : NULL;
	if (first)
		next = first->adapter;
	spin_unlock_irqrestore(&engine->lock, flags);
	if (next && !READ_ONCE(next->starved))
		wd_queue_run(next);
	rcu_read_unlock();
}
