// SPDX-License-Identifier: GPL-2.0-only
/*
 * Engines: the only caller of dmaengine.
 *
 * An engine is a channel, and lives as long as a binding or an adapter refers to it. There is one
 * for each channel, so that whoever names the same channel shares its gate.
 *
 * A provider calls back from a tasklet, a few from their hard interrupt, and none may be believed
 * to do so only while a transfer is alive. So callbacks do nothing but note what happened
 * (system_end.c).
 */
#include <linux/acpi_dma.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "internal.h"
#include "system.h"

/* As many as there are when one is mapped while the one before is draining. */
#define WD_XFERS	2

static DEFINE_MUTEX(wd_engines_mutex);
static LIST_HEAD(wd_engines);		/* wd_engines_mutex */

static void wd_engine_read_caps(struct wd_engine *engine)
{
	struct dma_device *controller = engine->chan->device;
	struct dma_slave_caps caps = {};

	engine->sg_limit = U32_MAX;
	engine->can_terminate = controller->device_terminate_all;
	engine->can_synchronize = controller->device_synchronize;
	engine->can_loop = dma_has_cap(DMA_CYCLIC, controller->cap_mask) && engine->can_terminate;
	if (dma_get_slave_caps(engine->chan, &caps))
		return;
	if (caps.max_sg_burst)
		engine->sg_limit = caps.max_sg_burst;
	engine->counts = caps.residue_granularity != DMA_RESIDUE_GRANULARITY_DESCRIPTOR;
	engine->counts_segments = caps.residue_granularity == DMA_RESIDUE_GRANULARITY_SEGMENT;
	engine->can_pause = caps.cmd_pause;
	if (caps.directions & BIT(DMA_MEM_TO_DEV))
		engine->widths_to_device = caps.dst_addr_widths;
	if (caps.directions & BIT(DMA_DEV_TO_MEM))
		engine->widths_from_device = caps.src_addr_widths;
}

static void wd_xfer_add(struct wd_engine *engine)
{
	struct wd_xfer *xfer = kzalloc(sizeof(*xfer), GFP_ATOMIC | __GFP_NOWARN);

	if (!xfer)
		return;
	xfer->engine = engine;
	list_add(&xfer->node, &engine->free);
}

static struct wd_engine *wd_engine_create(struct dma_chan *chan, bool is_requested)
{
	struct wd_engine *engine = kzalloc(sizeof(*engine), GFP_KERNEL);
	unsigned int i;

	if (!engine)
		return ERR_PTR(-ENOMEM);
	kref_init(&engine->ref);
	engine->chan = chan;
	engine->is_requested = is_requested;
	engine->dev = dmaengine_get_dma_device(chan);
	spin_lock_init(&engine->lock);
	INIT_LIST_HEAD(&engine->tickets);
	INIT_LIST_HEAD(&engine->free);
	INIT_LIST_HEAD(&engine->stopping);
	INIT_LIST_HEAD(&engine->lingering);
	INIT_LIST_HEAD(&engine->trailing);
	INIT_LIST_HEAD(&engine->ready);
	init_waitqueue_head(&engine->delivered);
	tasklet_setup(&engine->tasklet, wd_system_tasklet);
	INIT_DELAYED_WORK(&engine->drain, wd_system_drain);
	wd_engine_read_caps(engine);
	for (i = 0; i < WD_XFERS; i++)
		wd_xfer_add(engine);
	return engine;
}

/* The engine of a channel; the channel is released if it is @is_requested and there is none. */
static struct wd_engine *wd_engine_of(struct dma_chan *chan, bool is_requested)
{
	struct wd_engine *engine;

	mutex_lock(&wd_engines_mutex);
	list_for_each_entry(engine, &wd_engines, node) {
		/* One that is just going waits for the mutex. */
		if (engine->chan == chan && kref_get_unless_zero(&engine->ref)) {
			mutex_unlock(&wd_engines_mutex);
			return engine;
		}
	}
	engine = wd_engine_create(chan, is_requested);
	if (!IS_ERR(engine))
		list_add(&engine->node, &wd_engines);
	mutex_unlock(&wd_engines_mutex);
	if (IS_ERR(engine) && is_requested)
		dma_release_channel(chan);
	return engine;
}

/**
 * wd_engine_request() - request the slave channel of a device
 * @dev: the device
 * @name: of the channel
 *
 * Context: Process, may sleep.
 * Return: the engine, referenced; or an errno as a pointer.
 */
struct wd_engine *wd_engine_request(struct device *dev, const char *name)
{
	struct dma_chan *chan = dma_request_chan(dev, name);

	return IS_ERR(chan) ? ERR_CAST(chan) : wd_engine_of(chan, true);
}

/**
 * wd_engine_request_acpi() - request the channel of a FixedDMA descriptor
 * @dev: an ACPI device
 * @index: of the descriptor among those of the device
 *
 * Context: Process, may sleep.
 * Return: as wd_engine_request().
 */
struct wd_engine *wd_engine_request_acpi(struct device *dev, size_t index)
{
	struct dma_chan *chan = acpi_dma_request_slave_chan_by_index(dev, index);

	return IS_ERR(chan) ? ERR_CAST(chan) : wd_engine_of(chan, true);
}

/**
 * wd_engine_share() - use a channel that somebody else has requested
 * @chan: theirs as long as the engine lives
 *
 * Context: Process, may sleep.
 * Return: as wd_engine_request().
 */
struct wd_engine *wd_engine_share(struct dma_chan *chan)
{
	return wd_engine_of(chan, false);
}

/**
 * wd_engine_get() - take one more reference
 * @engine: the caller is sure that it is referenced
 */
struct wd_engine *wd_engine_get(struct wd_engine *engine)
{
	kref_get(&engine->ref);
	return engine;
}

static void wd_engine_release(struct kref *ref)
{
	struct wd_engine *engine = container_of(ref, struct wd_engine, ref);
	struct wd_xfer *xfer, *next;

	mutex_lock(&wd_engines_mutex);
	list_del(&engine->node);
	mutex_unlock(&wd_engines_mutex);
	/* Calls that ended the last transfer may not have returned yet, nor callbacks. */
	synchronize_rcu();
	dmaengine_synchronize(engine->chan);
	cancel_delayed_work_sync(&engine->drain);
	tasklet_kill(&engine->tasklet);
	if (engine->is_requested)
		dma_release_channel(engine->chan);
	list_for_each_entry_safe(xfer, next, &engine->free, node)
		kfree(xfer);
	kfree(engine);
}

/**
 * wd_engine_put() - drop a reference; the last one releases the channel
 * @engine: no adapter of the caller's uses it
 *
 * Context: Process, may sleep.
 */
void wd_engine_put(struct wd_engine *engine)
{
	kref_put(&engine->ref, wd_engine_release);
}

/**
 * wd_engine_controller() - the device whose driver serves the channel
 * @engine: the engine
 */
struct device *wd_engine_controller(const struct wd_engine *engine)
{
	return engine->chan->device->dev;
}

/**
 * wd_xfer_take() - take a transfer off the free ones
 * @engine: locked
 * @adapter: the caller is in a call on it
 *
 * In steady state nothing is allocated.
 *
 * Return: the transfer, with one reference, and cleared; NULL without memory, or when the adapter
 * has died.
 */
struct wd_xfer *wd_xfer_take(struct wd_engine *engine, struct wd_adapter *adapter)
{
	struct wd_xfer *xfer;

	lockdep_assert_held(&engine->lock);
	if (list_empty(&engine->free))
		wd_xfer_add(engine);
	xfer = list_first_entry_or_null(&engine->free, struct wd_xfer, node);
	if (!xfer || !refcount_inc_not_zero(&adapter->users))
		return NULL;
	list_del(&xfer->node);
	*xfer = (struct wd_xfer){ .engine = engine, .adapter = adapter, .refs = 1 };
	INIT_LIST_HEAD(&xfer->node);
	INIT_LIST_HEAD(&xfer->ready_node);
	return xfer;
}

/**
 * wd_xfer_put() - drop a reference to a transfer
 * @xfer: its engine is locked
 */
void wd_xfer_put(struct wd_xfer *xfer)
{
	lockdep_assert_held(&xfer->engine->lock);
	if (--xfer->refs)
		return;
	list_add(&xfer->node, &xfer->engine->free);
	/* What its destruction does to the engine comes after a grace period, hence after us. */
	wd_adapter_put(xfer->adapter);
}

/*
 * Where dmaengine_synchronize() waits for nothing, a late callback may come when its xfer serves
 * another transfer, which the channel has not finished then.
 */
static bool wd_engine_is_late(const struct wd_xfer *xfer)
{
	struct wd_engine *engine = xfer->engine;

	return !engine->can_synchronize && !xfer->is_cyclic &&
	       dmaengine_tx_status(engine->chan, xfer->cookie, NULL) == DMA_IN_PROGRESS;
}

/* A provider that knows results. */
static void wd_engine_callback_result(void *data, const struct dmaengine_result *result)
{
	struct wd_xfer *xfer = data;

	if (wd_engine_is_late(xfer))
		return;
	if (!result || result->result == DMA_TRANS_NOERROR)
		wd_system_complete(xfer, DmaComplete, 0);
	else
		wd_system_complete(xfer, DmaError, min(result->residue, xfer->bytes));
}

/* A provider that does not, and calls the older callback by itself. */
static void wd_engine_callback(void *data)
{
	struct wd_xfer *xfer = data;
	struct dma_tx_state state = {};
	enum dma_status status = dmaengine_tx_status(xfer->engine->chan, xfer->cookie, &state);

	if (wd_engine_is_late(xfer))
		return;
	if (status == DMA_ERROR)
		wd_system_complete(xfer, DmaError, min(state.residue, xfer->bytes));
	else
		wd_system_complete(xfer, DmaComplete, 0);
}

static int wd_engine_configure(struct wd_xfer *xfer, u32 width)
{
	struct dma_slave_config config = xfer->config;

	/* Many controllers want a width on the side of the memory as well. */
	config.src_addr_width = width;
	config.dst_addr_width = width;
	if (xfer->direction == DMA_TO_DEVICE) {
		config.direction = DMA_MEM_TO_DEV;
		config.dst_addr = xfer->device_address;
	} else {
		config.direction = DMA_DEV_TO_MEM;
		config.src_addr = xfer->device_address;
	}
	return dmaengine_slave_config(xfer->engine->chan, &config);
}

/* A whole number of periods makes up what the driver wants to be told of. */
static struct dma_async_tx_descriptor *
wd_engine_prep_loop(struct wd_xfer *xfer, const struct scatterlist *sg, u32 width,
		    enum dma_transfer_direction direction)
{
	struct wd_engine *engine = xfer->engine;
	struct dma_async_tx_descriptor *desc = NULL;
	u32 period = xfer->notify_bytes;

	/* Where the counter moves by periods only, let it move. */
	while (engine->counts_segments && period > PAGE_SIZE && !(period % (2 * width)))
		period /= 2;
	for (;;) {
		desc = dmaengine_prep_dma_cyclic(engine->chan, sg_dma_address(sg), xfer->bytes,
						 period, direction, DMA_PREP_INTERRUPT);
		/* Some engines want two periods at least. */
		if (desc || period != xfer->bytes || period % (2 * width))
			break;
		period /= 2;
	}
	xfer->period_bytes = period;
	return desc;
}

/* Makes the controller's descriptor of a transfer. */
static int wd_xfer_prepare(struct wd_xfer *xfer)
{
	const struct wd_system *system = xfer->adapter->system;
	enum dma_transfer_direction direction =
		xfer->direction == DMA_TO_DEVICE ? DMA_MEM_TO_DEV : DMA_DEV_TO_MEM;
	struct dma_chan *chan = xfer->engine->chan;

	if (wd_engine_configure(xfer, system->width))
		return -EIO;
	if (xfer->is_cyclic)
		xfer->desc = wd_engine_prep_loop(xfer, system->sgl, system->width, direction);
	else
		xfer->desc = dmaengine_prep_slave_sg(chan, system->sgl, xfer->nents, direction,
						     DMA_PREP_INTERRUPT | DMA_CTRL_ACK);
	if (!xfer->desc)
		return -ENOMEM;
	xfer->desc->callback_result = wd_engine_callback_result;
	xfer->desc->callback = wd_engine_callback;
	xfer->desc->callback_param = xfer;
	return 0;
}

/**
 * wd_xfer_submit() - make the controller's descriptor of a transfer, and queue it on its channel
 * @xfer: filled, and its adapter's sgl; its engine is locked
 *
 * In one go, and while nothing drains: a terminate drops what is only prepared, and what is never
 * submitted is never given back.
 *
 * Return: 0; -EIO when the controller does not accept the configuration; -ENOMEM when it gives no
 * descriptor, or does not take it.
 */
int wd_xfer_submit(struct wd_xfer *xfer)
{
	int ret;

	lockdep_assert_held(&xfer->engine->lock);
	ret = wd_xfer_prepare(xfer);
	if (ret)
		return ret;
	xfer->cookie = dmaengine_submit(xfer->desc);
	return dma_submit_error(xfer->cookie) ? -ENOMEM : 0;
}

/**
 * wd_xfer_issue() - start what was submitted
 * @xfer: submitted; the provider may call back inside
 */
void wd_xfer_issue(struct wd_xfer *xfer)
{
	dma_async_issue_pending(xfer->engine->chan);
}

/**
 * wd_xfer_look() - ask the hardware how far a transfer is
 * @xfer: issued, not ended
 * @residue: receives the bytes not yet moved
 *
 * Return: true when the transfer is complete.
 */
bool wd_xfer_look(struct wd_xfer *xfer, u32 *residue)
{
	struct dma_tx_state state = {};
	enum dma_status status = dmaengine_tx_status(xfer->engine->chan, xfer->cookie, &state);
	u64 left = state.residue;

	if (status == DMA_COMPLETE && !xfer->is_cyclic) {
		*residue = 0;
		return true;
	}
	/* What the engine still holds has not got to memory. */
	if (xfer->direction == DMA_FROM_DEVICE)
		left += state.in_flight_bytes;
	*residue = xfer->engine->counts ? min_t(u64, left, xfer->bytes) : xfer->bytes;
	return false;
}

/**
 * wd_xfer_position() - how far a looping transfer is in its pass, when the provider calls back
 * @xfer: issued
 *
 * What is in flight then is of the next period: the end of this one is in memory.
 *
 * Return: bytes, fewer than the transfer's.
 */
u32 wd_xfer_position(struct wd_xfer *xfer)
{
	struct dma_tx_state state = {};

	dmaengine_tx_status(xfer->engine->chan, xfer->cookie, &state);
	return state.residue ? xfer->bytes - min(state.residue, xfer->bytes) : 0;
}

/**
 * wd_xfer_pause() - hold a transfer, so that its residue is what it will stay
 * @xfer: issued; to be terminated next
 */
void wd_xfer_pause(struct wd_xfer *xfer)
{
	if (xfer->engine->can_pause)
		dmaengine_pause(xfer->engine->chan);
}

/**
 * wd_engine_terminate() - tell a channel to give up what it does
 * @engine: what it does may go on until wd_engine_synchronize()
 *
 * Return: 0, or an errno when the provider cannot.
 */
int wd_engine_terminate(struct wd_engine *engine)
{
	return dmaengine_terminate_async(engine->chan);
}

/**
 * wd_engine_synchronize() - wait until a channel has given up
 * @engine: terminated
 *
 * Context: Process, may sleep.
 */
void wd_engine_synchronize(struct wd_engine *engine)
{
	dmaengine_synchronize(engine->chan);
}
