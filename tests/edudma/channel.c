// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channels, as Linux's dmaengine has them. By public headers only.
 */
#include <linux/slab.h>

#include "edudma.h"

#define EDUDMA_WIDTHS	BIT(DMA_SLAVE_BUSWIDTH_4_BYTES)

static struct edudma_chan *to_edudma(struct dma_chan *chan)
{
	return container_of(chan, struct edudma_chan, chan);
}

/**
 * edudma_first() - the descriptor that a channel is at
 * @chan: its engine is locked
 */
struct edudma_desc *edudma_first(struct edudma_chan *chan)
{
	return list_first_entry_or_null(&chan->issued, struct edudma_desc, node);
}

/**
 * edudma_next_burst() - where a descriptor goes on
 * @desc: not done
 * @address: receives the place in memory
 *
 * Return: Bytes, at most EDUDMA_BURST.
 */
u32 edudma_next_burst(struct edudma_desc *desc, dma_addr_t *address)
{
	const struct edudma_piece *piece = desc->pieces;
	u32 offset = desc->done;
	u32 bytes;

	for (; offset >= piece->bytes; piece++)
		offset -= piece->bytes;
	*address = piece->address + offset;
	bytes = min_t(u32, piece->bytes - offset, EDUDMA_BURST);
	return desc->period ? min(bytes, desc->period - desc->done % desc->period) : bytes;
}

/**
 * edudma_advance() - a burst of a descriptor has been moved
 * @chan: its engine is locked
 * @desc: the first of @chan
 * @bytes: so much
 */
void edudma_advance(struct edudma_chan *chan, struct edudma_desc *desc, u32 bytes)
{
	desc->done += bytes;
	if (desc->period && !(desc->done % desc->period)) {
		desc->done %= desc->bytes;
		chan->periods++;
	} else if (!desc->period && desc->done == desc->bytes) {
		chan->chan.completed_cookie = desc->tx.cookie;
		list_move_tail(&desc->node, &chan->finished);
	} else {
		return;
	}
	tasklet_schedule(&chan->tasklet);
}

static void edudma_call_back(const struct dma_async_tx_descriptor *tx)
{
	struct dmaengine_result result = { .result = DMA_TRANS_NOERROR };

	if (tx->callback_result)
		tx->callback_result(tx->callback_param, &result);
	else if (tx->callback)
		tx->callback(tx->callback_param);
}

/* One callback; the tasklet comes again while there are more. */
static void edudma_tasklet(struct tasklet_struct *tasklet)
{
	struct edudma_chan *chan = from_tasklet(chan, tasklet, tasklet);
	struct dma_async_tx_descriptor tx = { };
	struct edudma_desc *desc, *finished;
	unsigned long flags;

	spin_lock_irqsave(&chan->engine->lock, flags);
	finished = list_first_entry_or_null(&chan->finished, struct edudma_desc, node);
	desc = edudma_first(chan);
	if (finished) {
		list_del(&finished->node);
		tx = finished->tx;
	} else if (chan->periods && desc) {
		chan->periods--;
		tx = desc->tx;
	}
	if (chan->periods || !list_empty(&chan->finished))
		tasklet_schedule(tasklet);
	spin_unlock_irqrestore(&chan->engine->lock, flags);
	edudma_call_back(&tx);
	kfree(finished);
}

static dma_cookie_t edudma_submit(struct dma_async_tx_descriptor *tx)
{
	struct edudma_desc *desc = container_of(tx, struct edudma_desc, tx);
	struct edudma_chan *chan = to_edudma(tx->chan);
	dma_cookie_t cookie;
	unsigned long flags;

	spin_lock_irqsave(&chan->engine->lock, flags);
	cookie = chan->chan.cookie + 1;
	if (cookie < DMA_MIN_COOKIE)
		cookie = DMA_MIN_COOKIE;
	tx->cookie = cookie;
	chan->chan.cookie = cookie;
	list_add_tail(&desc->node, &chan->submitted);
	spin_unlock_irqrestore(&chan->engine->lock, flags);
	return cookie;
}

static struct edudma_desc *edudma_alloc(struct edudma_chan *chan, u32 nr_pieces,
					enum dma_transfer_direction direction, unsigned long flags)
{
	struct edudma_desc *desc;

	if (direction != (chan->to_device ? DMA_MEM_TO_DEV : DMA_DEV_TO_MEM) ||
	    chan->address != chan->engine->address)
		return NULL;
	desc = kzalloc(struct_size(desc, pieces, nr_pieces), GFP_NOWAIT);
	if (!desc)
		return NULL;
	dma_async_tx_descriptor_init(&desc->tx, &chan->chan);
	desc->tx.tx_submit = edudma_submit;
	desc->tx.flags = flags;
	desc->nr_pieces = nr_pieces;
	return desc;
}

static struct dma_async_tx_descriptor *edudma_prep_slave_sg(struct dma_chan *dma_chan,
							    struct scatterlist *sgl,
							    unsigned int nents,
							    enum dma_transfer_direction direction,
							    unsigned long flags, void *context)
{
	struct edudma_desc *desc = edudma_alloc(to_edudma(dma_chan), nents, direction, flags);
	struct scatterlist *sg;
	unsigned int i;

	if (!desc)
		return NULL;
	for_each_sg(sgl, sg, nents, i) {
		desc->pieces[i].address = sg_dma_address(sg);
		desc->pieces[i].bytes = sg_dma_len(sg);
		desc->bytes += sg_dma_len(sg);
		if (sg_dma_len(sg) % sizeof(u32)) {
			kfree(desc);
			return NULL;
		}
	}
	return &desc->tx;
}

static struct dma_async_tx_descriptor *edudma_prep_cyclic(struct dma_chan *dma_chan,
							  dma_addr_t address, size_t bytes,
							  size_t period,
							  enum dma_transfer_direction direction,
							  unsigned long flags)
{
	struct edudma_desc *desc;

	if (!period || bytes % period || period % sizeof(u32))
		return NULL;
	desc = edudma_alloc(to_edudma(dma_chan), 1, direction, flags);
	if (!desc)
		return NULL;
	desc->pieces[0] = (struct edudma_piece){ address, bytes };
	desc->bytes = bytes;
	desc->period = period;
	return &desc->tx;
}

static int edudma_config(struct dma_chan *dma_chan, struct dma_slave_config *config)
{
	struct edudma_chan *chan = to_edudma(dma_chan);

	chan->address = chan->to_device ? config->dst_addr : config->src_addr;
	return 0;
}

static void edudma_issue_pending(struct dma_chan *dma_chan)
{
	struct edudma_chan *chan = to_edudma(dma_chan);
	unsigned long flags;

	spin_lock_irqsave(&chan->engine->lock, flags);
	list_splice_tail_init(&chan->submitted, &chan->issued);
	edudma_start(chan->engine);
	spin_unlock_irqrestore(&chan->engine->lock, flags);
}

static enum dma_status edudma_status(struct dma_chan *dma_chan, dma_cookie_t cookie,
				     struct dma_tx_state *state)
{
	struct edudma_chan *chan = to_edudma(dma_chan);
	enum dma_status status;
	struct edudma_desc *desc;
	unsigned long flags;
	u32 residue = 0;

	spin_lock_irqsave(&chan->engine->lock, flags);
	status = dma_async_is_complete(cookie, dma_chan->completed_cookie, dma_chan->cookie);
	list_for_each_entry(desc, &chan->submitted, node)
		if (desc->tx.cookie == cookie)
			residue = desc->bytes;
	list_for_each_entry(desc, &chan->issued, node)
		if (desc->tx.cookie == cookie)
			residue = desc->bytes - desc->done;
	dma_set_tx_state(state, dma_chan->completed_cookie, dma_chan->cookie, residue);
	spin_unlock_irqrestore(&chan->engine->lock, flags);
	return status;
}

/* The burst that is under way goes on: edudma_synchronize() waits for it. */
static int edudma_terminate_all(struct dma_chan *dma_chan)
{
	struct edudma_chan *chan = to_edudma(dma_chan);
	unsigned long flags;

	spin_lock_irqsave(&chan->engine->lock, flags);
	list_splice_tail_init(&chan->submitted, &chan->dead);
	list_splice_tail_init(&chan->issued, &chan->dead);
	list_splice_tail_init(&chan->finished, &chan->dead);
	chan->periods = 0;
	spin_unlock_irqrestore(&chan->engine->lock, flags);
	return 0;
}

static bool edudma_is_moving(struct edudma_chan *chan)
{
	unsigned long flags;
	bool moving;

	spin_lock_irqsave(&chan->engine->lock, flags);
	moving = chan->engine->moving == chan;
	spin_unlock_irqrestore(&chan->engine->lock, flags);
	return moving;
}

static void edudma_synchronize(struct dma_chan *dma_chan)
{
	struct edudma_chan *chan = to_edudma(dma_chan);
	struct edudma_desc *desc, *next;
	unsigned long flags;
	LIST_HEAD(dead);

	wait_event(chan->engine->idle, !edudma_is_moving(chan));
	tasklet_unlock_wait(&chan->tasklet);
	spin_lock_irqsave(&chan->engine->lock, flags);
	list_splice_init(&chan->dead, &dead);
	spin_unlock_irqrestore(&chan->engine->lock, flags);
	list_for_each_entry_safe(desc, next, &dead, node)
		kfree(desc);
}

static void edudma_free_chan_resources(struct dma_chan *dma_chan)
{
	edudma_terminate_all(dma_chan);
	edudma_synchronize(dma_chan);
	tasklet_kill(&to_edudma(dma_chan)->tasklet);
}

static void edudma_add_channel(struct edudma *engine, struct edudma_chan *chan, bool to_device)
{
	chan->engine = engine;
	chan->to_device = to_device;
	INIT_LIST_HEAD(&chan->submitted);
	INIT_LIST_HEAD(&chan->issued);
	INIT_LIST_HEAD(&chan->finished);
	INIT_LIST_HEAD(&chan->dead);
	tasklet_setup(&chan->tasklet, edudma_tasklet);
	chan->chan.device = &engine->dma;
	chan->chan.cookie = DMA_MIN_COOKIE;
	chan->chan.completed_cookie = DMA_MIN_COOKIE;
	list_add_tail(&chan->chan.device_node, &engine->dma.channels);
}

/**
 * edudma_register() - make the controller known
 * @engine: the device is ready
 * @dev: the device, being probed
 *
 * Return: 0 or an errno.
 */
int edudma_register(struct edudma *engine, struct device *dev)
{
	struct dma_device *dma = &engine->dma;

	dma->dev = dev;
	INIT_LIST_HEAD(&dma->channels);
	edudma_add_channel(engine, &engine->channels[0], true);
	edudma_add_channel(engine, &engine->channels[1], false);
	dma_cap_set(DMA_SLAVE, dma->cap_mask);
	dma_cap_set(DMA_CYCLIC, dma->cap_mask);
	dma_cap_set(DMA_PRIVATE, dma->cap_mask);
	dma->directions = BIT(DMA_MEM_TO_DEV) | BIT(DMA_DEV_TO_MEM);
	dma->src_addr_widths = EDUDMA_WIDTHS;
	dma->dst_addr_widths = EDUDMA_WIDTHS;
	dma->residue_granularity = DMA_RESIDUE_GRANULARITY_BURST;
	dma->device_config = edudma_config;
	dma->device_prep_slave_sg = edudma_prep_slave_sg;
	dma->device_prep_dma_cyclic = edudma_prep_cyclic;
	dma->device_issue_pending = edudma_issue_pending;
	dma->device_tx_status = edudma_status;
	dma->device_terminate_all = edudma_terminate_all;
	dma->device_synchronize = edudma_synchronize;
	dma->device_free_chan_resources = edudma_free_chan_resources;
	return dma_async_device_register(dma);
}
