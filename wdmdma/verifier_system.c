// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the verifier looks at of system DMA, and of routines that are for it alone.
 */
#include "internal.h"
#include "system.h"
#include "verifier.h"

/* Does the controller still move what the adapter's owner is about to flush, and means to end? */
static bool wd_is_running(struct wd_adapter *adapter)
{
	struct wd_system *system = adapter->system;
	struct wd_engine *engine = system->engine;
	unsigned long flags;
	bool is_running;

	spin_lock_irqsave(&engine->lock, flags);
	is_running = engine->owner == adapter && engine->current_xfer &&
		     !engine->current_xfer->ended && !engine->current_xfer->is_over &&
		     !system->is_cancelled && !system->is_cyclic;
	spin_unlock_irqrestore(&engine->lock, flags);
	return is_running;
}

/**
 * wd_check_running() - look at a flush of a controller's transfer
 * @adapter: verified, system DMA
 * @routine: Windows' name of the routine
 */
bool wd_check_running(struct wd_adapter *adapter, const char *routine)
{
	const struct dma_chan *chan = adapter->system->engine->chan;

	if (!wd_is_running(adapter))
		return false;
	return wd_misuse(adapter, WD_REPORT_FLUSH_RUNNING, routine, 0, chan->device->dev_id,
			 chan->chan_id,
			 "the transfer is flushed, but neither has ended nor is cancelled");
}

/**
 * wd_check_for_system() - look at a call that is for system DMA
 * @adapter: verified
 * @routine: Windows' name of the routine
 */
bool wd_check_for_system(struct wd_adapter *adapter, const char *routine)
{
	return !adapter->system &&
	       wd_misuse(adapter, WD_REPORT_NOTE, routine, 0, 0, 0,
			 "a bus master has no controller");
}
