// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a transfer ends: by the hardware, by a cancel, or because its mapping does (system.h).
 *
 * References to an xfer: of current_xfer, of the hardware until it will not call back any more, of
 * each call of the routine that is due, and of whoever starts it.
 */
#include <linux/jiffies.h>

#include "internal.h"
#include "system.h"
#include "trace.h"
#include "verifier.h"

/* A controller that cannot be stopped is taken to have finished so long after its adapter died. */
#define WD_GIVE_UP_MS	2000

/* So many routines run in one go: one that starts what ends at once must not keep the processor. */
#define WD_CALLS_BUDGET	64

/**
 * wd_system_announce() - have the routine called, by the tasklet
 * @xfer: its engine is locked
 *
 * Never from here: the driver may hold the locks that its routine takes.
 */
void wd_system_announce(struct wd_xfer *xfer)
{
	lockdep_assert_held(&xfer->engine->lock);
	if (!list_empty(&xfer->ready_node))
		return;
	xfer->refs++;
	list_add_tail(&xfer->ready_node, &xfer->engine->ready);
	tasklet_schedule(&xfer->engine->tasklet);
}

/* No call of the routine is due any more. */
static void wd_xfer_hush(struct wd_xfer *xfer)
{
	lockdep_assert_held(&xfer->engine->lock);
	xfer->is_passed = false;
	xfer->is_final = false;
	if (list_empty(&xfer->ready_node))
		return;
	list_del_init(&xfer->ready_node);
	wd_xfer_put(xfer);
}

/* Ends what the hardware does for an ended transfer, as far as that can be done here. */
static void wd_xfer_terminate(struct wd_xfer *xfer)
{
	struct wd_engine *engine = xfer->engine;
	bool lingers = wd_engine_terminate(engine) && xfer->is_issued && !xfer->is_over;

	lockdep_assert_held(&engine->lock);
	list_add_tail(&xfer->node, lingers ? &engine->lingering : &engine->stopping);
	if (!lingers && !xfer->is_parking)
		mod_delayed_work(wd_workqueue, &engine->drain, 0);
}

static void wd_xfer_halt(struct wd_xfer *xfer)
{
	lockdep_assert_held(&xfer->engine->lock);
	if (xfer->is_issued) {
		wd_xfer_pause(xfer);
		wd_xfer_look(xfer, &xfer->residue);
	}
	wd_xfer_terminate(xfer);
}

/**
 * wd_system_stop() - end a transfer before the hardware does
 * @xfer: its engine is locked; nothing happens if it has ended
 * @by_cancel: its routine is to be called, when it has stopped; or as if nothing had happened, if
 * the hardware was faster
 */
void wd_system_stop(struct wd_xfer *xfer, bool by_cancel)
{
	struct wd_engine *engine = xfer->engine;

	lockdep_assert_held(&engine->lock);
	if (!by_cancel && xfer->is_cyclic)
		wd_xfer_hush(xfer);
	if (xfer->ended)
		return;
	xfer->residue = xfer->bytes;
	xfer->status = DmaCancelled;
	if (xfer->is_issued && !xfer->is_starting && wd_xfer_look(xfer, &xfer->residue)) {
		if (by_cancel)
			return;
		/* Only the callback is still to come, for nothing. */
		xfer->ended = true;
		xfer->status = DmaComplete;
		trace_wdmdma_system_completed(xfer);
		list_add_tail(&xfer->node, &engine->trailing);
		return;
	}
	xfer->ended = true;
	xfer->is_final = by_cancel && xfer->routine;
	xfer->is_draining = true;
	engine->nr_draining++;
	if (xfer->is_postponed) {
		list_add_tail(&xfer->node, &engine->stopping);
		mod_delayed_work(wd_workqueue, &engine->drain, 0);
	} else if (!xfer->is_starting) {	/* else whoever starts it does */
		wd_xfer_halt(xfer);
	}
	trace_wdmdma_system_cancelled(xfer);
}

/* A looping transfer has come to the end of a period: of what the driver is to be told? */
static void wd_xfer_period(struct wd_xfer *xfer)
{
	u32 last = xfer->position;

	if (xfer->engine->counts)
		xfer->position = wd_xfer_position(xfer);
	else
		xfer->position = (last + xfer->period_bytes) % xfer->bytes;
	/* A whole pass ends where it began. */
	if (xfer->position > last &&
	    xfer->position / xfer->notify_bytes == last / xfer->notify_bytes)
		return;
	if (!xfer->routine)
		return;
	xfer->is_passed = true;
	wd_system_announce(xfer);
}

static void wd_xfer_finish(struct wd_xfer *xfer, DMA_COMPLETION_STATUS status, u32 residue)
{
	struct wd_engine *engine = xfer->engine;

	lockdep_assert_held(&engine->lock);
	xfer->ended = true;
	xfer->status = status;
	xfer->residue = residue;
	trace_wdmdma_system_completed(xfer);
	xfer->is_final = xfer->routine;
	if (!xfer->is_cyclic) {
		if (xfer->is_final)
			wd_system_announce(xfer);
		wd_xfer_put(xfer);
		return;
	}
	/* One that loops goes on after an error, for all that is known. */
	xfer->is_draining = true;
	engine->nr_draining++;
	wd_xfer_terminate(xfer);
}

/**
 * wd_system_fail() - end a transfer that could not be started after all
 * @xfer: its engine is locked
 */
void wd_system_fail(struct wd_xfer *xfer)
{
	wd_xfer_finish(xfer, DmaError, xfer->bytes);
}

/**
 * wd_system_complete() - the provider has called back
 * @xfer: of the callback
 * @status: DmaComplete or DmaError
 * @residue: bytes not moved
 *
 * Context: Any, also a hard interrupt, or inside the call that started the transfer.
 */
void wd_system_complete(struct wd_xfer *xfer, DMA_COMPLETION_STATUS status, u32 residue)
{
	struct wd_engine *engine = xfer->engine;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	if (!xfer->refs || !xfer->is_issued) {
		;	/* too late: see wd_engine_is_late() */
	} else if (xfer->is_cyclic && status == DmaComplete) {
		if (!xfer->ended)
			wd_xfer_period(xfer);
	} else if (!xfer->ended) {
		wd_xfer_finish(xfer, status, residue);
	} else if (!xfer->is_draining) {
		list_del_init(&xfer->node);	/* trailing */
		wd_xfer_put(xfer);
	} else if (!engine->can_terminate && !xfer->is_over) {
		xfer->is_over = true;
		if (!xfer->is_starting) {
			list_move_tail(&xfer->node, &engine->stopping);
			mod_delayed_work(wd_workqueue, &engine->drain, 0);
		}
	}
	spin_unlock_irqrestore(&engine->lock, flags);
}

/**
 * wd_system_start() - start a transfer that has been submitted
 * @xfer: is_starting, with a reference of the caller's, which is dropped
 *
 * Context: Any but a hard interrupt; the engine is not locked, as the provider may call back.
 */
void wd_system_start(struct wd_xfer *xfer)
{
	struct wd_engine *engine = xfer->engine;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	/* One that was stopped already, and can be terminated, need not begin. */
	xfer->is_issued = !xfer->ended || !engine->can_terminate;
	spin_unlock_irqrestore(&engine->lock, flags);

	if (xfer->is_issued)
		wd_xfer_issue(xfer);

	spin_lock_irqsave(&engine->lock, flags);
	xfer->is_starting = false;
	if (xfer->is_draining && list_empty(&xfer->node))
		wd_xfer_halt(xfer);
	wd_xfer_put(xfer);
	spin_unlock_irqrestore(&engine->lock, flags);
}

/**
 * wd_system_tasklet() - call the routines that are due, and serve who waits for the gate
 * @tasklet: of an engine
 */
void wd_system_tasklet(struct tasklet_struct *tasklet)
{
	struct wd_engine *engine = container_of(tasklet, struct wd_engine, tasklet);
	unsigned int budget = WD_CALLS_BUDGET;
	struct wd_balance before;
	struct wd_xfer *xfer;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	while (budget-- &&
	       (xfer = list_first_entry_or_null(&engine->ready, struct wd_xfer, ready_node))) {
		bool is_passed = xfer->is_passed;
		DMA_COMPLETION_STATUS status = is_passed ? DmaComplete : xfer->status;

		list_del_init(&xfer->ready_node);
		xfer->is_passed = false;
		if (!is_passed)
			xfer->is_final = false;
		else if (xfer->is_final && !xfer->is_draining)
			wd_system_announce(xfer);
		engine->delivering++;
		spin_unlock_irqrestore(&engine->lock, flags);
		before = wd_balance_begin(xfer->adapter);
		xfer->routine(&xfer->adapter->public, xfer->device_object, xfer->context, status);
		if (wd_verifies(xfer->adapter))
			wd_balance_end(xfer->adapter, "DmaCompletionRoutine", &before);
		spin_lock_irqsave(&engine->lock, flags);
		engine->delivering--;
		wd_xfer_put(xfer);
	}
	if (!list_empty(&engine->ready))
		tasklet_schedule(tasklet);
	spin_unlock_irqrestore(&engine->lock, flags);
	wake_up_all(&engine->delivered);
	wd_gate_kick(engine);
}

/**
 * wd_system_take() - end the owner's transfer, if there is one, because its mapping ends
 * @adapter: in a call, or dead
 * @is_leaving: the ownership ends as well: nothing can be mapped any more
 *
 * Also takes a cancel mark away.
 *
 * Return: the transfer, for wd_system_parked(); NULL when nothing is mapped. If its is_parked is
 * set the hardware may go on for a while, and its memory is to be parked first.
 */
struct wd_xfer *wd_system_take(struct wd_adapter *adapter, bool is_leaving)
{
	struct wd_system *system = adapter->system;
	struct wd_engine *engine = system->engine;
	struct wd_xfer *xfer = NULL;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	if (engine->owner == adapter) {
		xfer = engine->current_xfer;
		engine->current_xfer = NULL;
		engine->is_leaving |= is_leaving;
		system->is_cancelled = false;
	}
	if (xfer) {
		xfer->is_parking = true;
		wd_system_stop(xfer, false);
		/* What was only to start after the last one had drained never will. */
		xfer->is_parked = xfer->is_draining && !xfer->is_postponed;
		system->last_residue = xfer->residue;
	}
	spin_unlock_irqrestore(&engine->lock, flags);
	return xfer;
}

/**
 * wd_system_moved() - how much of a transfer has been moved
 * @xfer: ended, and taken
 *
 * Return: bytes; all of them where the controller cannot tell.
 */
u32 wd_system_moved(const struct wd_xfer *xfer)
{
	if (xfer->status == DmaComplete || xfer->adapter->system->ignores_count ||
	    !xfer->engine->counts)
		return xfer->bytes;
	return xfer->bytes - xfer->residue;
}

/**
 * wd_system_parked() - the memory of a transfer was parked or released
 * @xfer: from wd_system_take()
 */
void wd_system_parked(struct wd_xfer *xfer)
{
	struct wd_engine *engine = xfer->engine;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	xfer->is_parking = false;
	if (xfer->is_draining)
		mod_delayed_work(wd_workqueue, &engine->drain, 0);
	wd_xfer_put(xfer);
	spin_unlock_irqrestore(&engine->lock, flags);
}

/**
 * wd_system_killed() - let nobody wait for ever for a dead adapter
 * @adapter: dead; its current transfer has been taken
 */
void wd_system_killed(struct wd_adapter *adapter)
{
	struct wd_engine *engine = adapter->system->engine;
	struct wd_xfer *xfer, *next;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	/*
	 * Callbacks that may have been lost; but somebody else's transfer is not to be terminated.
	 */
	list_for_each_entry_safe(xfer, next, &engine->trailing, node) {
		if (xfer->adapter != adapter || engine->current_xfer || !engine->can_terminate)
			continue;
		list_del_init(&xfer->node);
		xfer->is_draining = true;
		engine->nr_draining++;
		wd_xfer_terminate(xfer);
	}
	list_for_each_entry(xfer, &engine->lingering, node) {
		if (xfer->adapter != adapter)
			continue;
		engine->gives_up = true;
		engine->gives_up_at = jiffies + msecs_to_jiffies(WD_GIVE_UP_MS);
		mod_delayed_work(wd_workqueue, &engine->drain, 0);
	}
	spin_unlock_irqrestore(&engine->lock, flags);
	wd_gate_release(adapter);
	wd_gate_kick(engine);
}
