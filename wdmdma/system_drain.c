// SPDX-License-Identifier: GPL-2.0-only
/*
 * What follows when a transfer was stopped: its channel drains, in a work item, and what was
 * flushed before that is parked until then.
 *
 * Parking moves the mappings of a set, with the memory that records them, to a set of wdmdma's own,
 * so that the driver's set is empty and can be mapped again. The driver has its data then; if it
 * frees the pages, references keep them from being used for something else. That works for pages
 * only: pool memory may be handed out again, as Documentation/porting.md says.
 */
#include <linux/jiffies.h>
#include <linux/mm.h>

#include "internal.h"
#include "list.h"
#include "system.h"
#include "trace.h"

/* So long a flush that may sleep waits for the hardware to have stopped. */
#define WD_WAIT_MS	1000

/* Keeps, or no longer keeps, the pages of one entry from being used for something else. */
static void wd_park_pages(struct scatterlist *sg, bool keep)
{
	unsigned long pfn = page_to_pfn(sg_page(sg));
	unsigned long last = pfn + ((sg->offset + sg->length - 1) >> PAGE_SHIFT);

	for (; pfn <= last; pfn++) {
		struct page *page = pfn_to_page(pfn);

		/* Slab pages have no references of their own. */
		if (PageSlab(compound_head(page)))
			continue;
		if (keep)
			get_page(page);
		else
			put_page(page);
	}
}

static void wd_park_mapping(const struct wd_mapping *mapping, bool keep)
{
	struct scatterlist *sg, run = {};
	u32 i;

	if (mapping->kind == WD_MAPPING_RUN) {
		sg_set_page(&run, mapping->page, mapping->bytes, mapping->page_offset);
		wd_park_pages(&run, keep);
	} else if (mapping->kind == WD_MAPPING_SG) {
		for_each_sg(mapping->sgl, sg, mapping->nents, i)
			wd_park_pages(sg, keep);
	}
}

static void wd_park_set(struct wd_grant *grant, bool keep)
{
	u32 i;

	for (i = grant->first; i < grant->nr_maps; i++)
		wd_park_mapping(wd_grant_mapping(grant, i), keep);
}

/**
 * wd_system_park_set() - take the mappings of a set away, to be released when the channel has
 * drained
 * @adapter: the adapter
 * @grant: locked; the driver has the data already, as far as it is to have it
 */
void wd_system_park_set(struct wd_adapter *adapter, struct wd_grant *grant)
{
	struct wd_grant *parked = adapter->system->parked;

	lockdep_assert_held(&grant->lock);
	spin_lock_nested(&parked->lock, SINGLE_DEPTH_NESTING);
	wd_park_set(grant, true);
	wd_grant_swap(grant, parked);
	/* Its part of the window may still be written: the other half is free. */
	grant->window_shift = grant->window_shift ? 0 : adapter->max_regs;
	spin_unlock(&parked->lock);
}

static void wd_park_release_set(struct wd_adapter *adapter)
{
	struct wd_grant *parked = adapter->system->parked;
	unsigned long flags;

	spin_lock_irqsave(&parked->lock, flags);
	wd_park_set(parked, false);
	wd_grant_release_all(adapter, parked, true);
	spin_unlock_irqrestore(&parked->lock, flags);
}

static void wd_park_list(struct wd_adapter *adapter, const struct wd_list *list)
{
	struct wd_parked_list *parked = &adapter->system->parked_list;
	u32 i;

	*parked = (struct wd_parked_list){
		.sgl = parked->sgl,
		.nr_sg = list->nr_sg,
		.each = list->each,
		.direction = list->direction,
	};
	memcpy(parked->sgl, list->sgl, list->nr_sg * sizeof(*parked->sgl));
	for (i = 0; i < parked->nr_sg; i++)
		wd_park_pages(&parked->sgl[i], true);
}

static void wd_park_release_list(struct wd_adapter *adapter)
{
	struct wd_parked_list *parked = &adapter->system->parked_list;
	u32 i;

	if (!parked->nr_sg)
		return;
	wd_list_unmap_sg(adapter, parked->sgl, parked->nr_sg, parked->direction, parked->each,
			 true);
	for (i = 0; i < parked->nr_sg; i++)
		wd_park_pages(&parked->sgl[i], false);
	parked->nr_sg = 0;
}

/**
 * wd_system_end_list() - end the transfer of a list, and unmap it
 * @adapter: the adapter, of any kind
 * @list: live, and taken
 * @skip_sync: drop what the device wrote wherever it was copied
 *
 * Context: Any but a hard interrupt.
 */
void wd_system_end_list(struct wd_adapter *adapter, struct wd_list *list, bool skip_sync)
{
	struct wd_xfer *xfer = adapter->system ? wd_system_take(adapter, true) : NULL;

	trace_wdmdma_list_put(adapter, list);
	if (xfer && xfer->is_parked) {
		if (!skip_sync)
			wd_list_sync(adapter, list);
		wd_park_list(adapter, list);
		wd_list_free_mdls(list);
	} else {
		wd_list_unmap(adapter, list, skip_sync);
	}
	if (xfer)
		wd_system_parked(xfer);
}

/* Releases what is parked for a transfer whose channel has stopped. */
static void wd_drain_release(struct wd_xfer *xfer)
{
	struct wd_engine *engine = xfer->engine;
	unsigned long flags;
	bool release;

	spin_lock_irqsave(&engine->lock, flags);
	release = xfer->is_parked && !xfer->is_parking;
	spin_unlock_irqrestore(&engine->lock, flags);
	if (!release)
		return;
	wd_park_release_set(xfer->adapter);
	wd_park_release_list(xfer->adapter);
	xfer->is_released = true;
}

/* One transfer has drained, unless somebody has begun to park its memory meanwhile. */
static void wd_drain_end(struct wd_xfer *xfer)
{
	struct wd_engine *engine = xfer->engine;

	lockdep_assert_held(&engine->lock);
	list_del_init(&xfer->node);
	if (xfer->is_parking || (xfer->is_parked && !xfer->is_released)) {
		list_add_tail(&xfer->node, &engine->stopping);
		mod_delayed_work(wd_workqueue, &engine->drain, 0);
		return;
	}
	xfer->is_draining = false;
	engine->nr_draining--;
	if (xfer->is_final)
		wd_system_announce(xfer);
	wd_xfer_put(xfer);
}

/* The channel is quiet: what was mapped meanwhile may start. */
static void wd_drain_start(struct wd_engine *engine)
{
	struct wd_xfer *xfer;
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&engine->lock, flags);
	xfer = engine->nr_draining ? NULL : engine->current_xfer;
	if (!xfer || !xfer->is_postponed || xfer->ended) {
		spin_unlock_irqrestore(&engine->lock, flags);
		return;
	}
	xfer->is_postponed = false;
	ret = wd_xfer_submit(xfer);
	if (ret) {
		wd_system_fail(xfer);
	} else {
		xfer->is_starting = true;
		xfer->refs++;
	}
	spin_unlock_irqrestore(&engine->lock, flags);
	if (!ret)
		wd_system_start(xfer);
}

/* The device may never ask for what a controller that cannot be stopped waits to move. */
static void wd_drain_give_up(struct wd_engine *engine, struct list_head *batch)
{
	struct wd_xfer *xfer;

	lockdep_assert_held(&engine->lock);
	if (!engine->gives_up || list_empty(&engine->lingering))
		return;
	if (time_before(jiffies, engine->gives_up_at)) {
		queue_delayed_work(wd_workqueue, &engine->drain, engine->gives_up_at - jiffies);
		return;
	}
	engine->gives_up = false;
	list_for_each_entry(xfer, &engine->lingering, node)
		wd_report(WD_REPORT_MISC, xfer->adapter->host, "system-DMA",
			  "a transfer of %u bytes cannot be stopped; its memory is released",
			  xfer->bytes);
	list_splice_tail_init(&engine->lingering, batch);
}

static void wd_drain_batch(struct wd_engine *engine)
{
	struct wd_xfer *xfer, *next;
	LIST_HEAD(batch);
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	list_splice_init(&engine->stopping, &batch);
	wd_drain_give_up(engine, &batch);
	list_for_each_entry(xfer, &batch, node)
		xfer->is_over = true;
	spin_unlock_irqrestore(&engine->lock, flags);
	if (list_empty(&batch))
		return;

	wd_engine_synchronize(engine);
	list_for_each_entry(xfer, &batch, node)
		wd_drain_release(xfer);

	spin_lock_irqsave(&engine->lock, flags);
	list_for_each_entry_safe(xfer, next, &batch, node)
		wd_drain_end(xfer);
	/* The callbacks of what had finished before it was terminated will not come any more. */
	list_for_each_entry_safe(xfer, next, &engine->trailing, node) {
		list_del_init(&xfer->node);
		wd_xfer_put(xfer);
	}
	spin_unlock_irqrestore(&engine->lock, flags);
}

/**
 * wd_system_drain() - wait until a channel has stopped, and go on with what waits for that
 * @work: of an engine
 */
void wd_system_drain(struct work_struct *work)
{
	struct wd_engine *engine = container_of(to_delayed_work(work), struct wd_engine, drain);

	wd_drain_batch(engine);
	wd_drain_start(engine);
	wake_up_all(&engine->delivered);
	wd_gate_kick(engine);
}

static bool wd_engine_is_quiet(struct wd_engine *engine)
{
	bool quiet;

	spin_lock_irq(&engine->lock);
	quiet = !engine->nr_draining && !engine->delivering;
	spin_unlock_irq(&engine->lock);
	return quiet;
}

/**
 * wd_system_wait() - wait until a channel that was told to stop has stopped
 * @engine: referenced by the caller; the reference is dropped
 *
 * After it no routine of a transfer that was flushed is running, nor will be called. A channel that
 * cannot be stopped is not waited for; nor is any for longer than a second.
 *
 * Context: Process, may sleep.
 */
void wd_system_wait(struct wd_engine *engine)
{
	if (engine->can_terminate)
		wait_event_timeout(engine->delivered, wd_engine_is_quiet(engine),
				   msecs_to_jiffies(WD_WAIT_MS));
	wd_engine_put(engine);
}
