// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fake controller (fake_dma.h). Its cookies are its own, as the helpers for them are not
 * public: they count up in each channel, and those below the first unfinished one are complete.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/dmaengine.h>
#include <linux/io.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "fake_dma.h"

static int wk_dma_probe(struct platform_device *pdev)
{
	return 0;
}

/* dmaengine looks at the driver of its device. */
static struct platform_driver wk_dma_driver = {
	.probe = wk_dma_probe,
	.driver = { .name = "wdmdma-kunit-dma" },
};

static struct wk_dma_chan *wk_chan(struct dma_chan *chan)
{
	return container_of(chan, struct wk_dma_chan, chan);
}

static struct wk_dma_desc *wk_desc(struct dma_async_tx_descriptor *tx)
{
	return container_of(tx, struct wk_dma_desc, tx);
}

static void wk_desc_free(struct wk_dma_desc *desc)
{
	lockdep_assert_held(&desc->chan->lock);
	list_del_init(&desc->node);
	desc->in_use = false;
}

static dma_cookie_t wk_dma_submit(struct dma_async_tx_descriptor *tx)
{
	struct wk_dma_desc *desc = wk_desc(tx);
	struct wk_dma_chan *chan = desc->chan;
	unsigned long flags;

	spin_lock_irqsave(&chan->lock, flags);
	chan->nr_submits++;
	WARN(!desc->is_prepared, "submitted after it was terminated\n");
	desc->is_prepared = false;
	if (chan->fail_submit) {
		wk_desc_free(desc);
		spin_unlock_irqrestore(&chan->lock, flags);
		return -ENOMEM;
	}
	tx->cookie = ++chan->chan.cookie;
	list_add_tail(&desc->node, &chan->submitted);
	spin_unlock_irqrestore(&chan->lock, flags);
	return tx->cookie;
}

static struct wk_dma_desc *wk_desc_get(struct wk_dma_chan *chan)
{
	struct wk_dma_desc *desc = NULL;
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&chan->lock, flags);
	chan->nr_preps++;
	for (i = 0; i < WK_DMA_DESCS && !chan->fail_prep; i++) {
		if (!chan->descs[i].in_use) {
			desc = &chan->descs[i];
			memset(desc, 0, sizeof(*desc));
			desc->in_use = true;
			desc->is_prepared = true;
			break;
		}
	}
	spin_unlock_irqrestore(&chan->lock, flags);
	if (!desc)
		return NULL;
	desc->chan = chan;
	INIT_LIST_HEAD(&desc->node);
	dma_async_tx_descriptor_init(&desc->tx, &chan->chan);
	desc->tx.tx_submit = wk_dma_submit;
	return desc;
}

static struct dma_async_tx_descriptor *
wk_dma_prep_sg(struct dma_chan *c, struct scatterlist *sgl, unsigned int nents,
	       enum dma_transfer_direction direction, unsigned long flags, void *context)
{
	struct wk_dma_chan *chan = wk_chan(c);
	struct wk_dma_desc *desc;
	struct scatterlist *sg;
	unsigned int i;

	if (nents > WK_DMA_SEGMENTS)
		return NULL;
	desc = wk_desc_get(chan);
	if (!desc)
		return NULL;
	chan->seen_nents = nents;
	desc->direction = direction;
	for_each_sg(sgl, sg, nents, i) {
		desc->segments[i].address = sg_dma_address(sg);
		desc->segments[i].bytes = sg_dma_len(sg);
		desc->bytes += sg_dma_len(sg);
	}
	desc->nr_segments = nents;
	return &desc->tx;
}

static struct dma_async_tx_descriptor *
wk_dma_prep_cyclic(struct dma_chan *c, dma_addr_t address, size_t bytes, size_t period,
		   enum dma_transfer_direction direction, unsigned long flags)
{
	struct wk_dma_desc *desc;

	if (!period || bytes % period || bytes / period < wk_chan(c)->dma->kind.min_periods)
		return NULL;
	desc = wk_desc_get(wk_chan(c));
	if (!desc)
		return NULL;
	desc->direction = direction;
	desc->segments[0].address = address;
	desc->segments[0].bytes = bytes;
	desc->nr_segments = 1;
	desc->bytes = bytes;
	desc->period = period;
	desc->cyclic = true;
	return &desc->tx;
}

static int wk_dma_config(struct dma_chan *c, struct dma_slave_config *config)
{
	struct wk_dma_chan *chan = wk_chan(c);

	chan->nr_configs++;
	if (chan->fail_config)
		return -EINVAL;
	chan->config = *config;
	return 0;
}

static struct wk_dma_desc *wk_dma_in_hand(struct wk_dma_chan *chan)
{
	struct wk_dma_desc *desc;

	lockdep_assert_held(&chan->lock);
	list_for_each_entry(desc, &chan->issued, node)
		if (!desc->is_called)
			return desc;
	return NULL;
}

/* What a driver can see of the rest, which depends on what the controller counts */
static u32 wk_desc_residue(const struct wk_dma_desc *desc)
{
	u32 end = 0;
	unsigned int i;

	switch (desc->chan->dma->kind.granularity) {
	case DMA_RESIDUE_GRANULARITY_DESCRIPTOR:
		return desc->bytes;
	case DMA_RESIDUE_GRANULARITY_SEGMENT:
		if (desc->cyclic)
			return desc->bytes - rounddown(desc->moved, desc->period);
		for (i = 0; i < desc->nr_segments; i++) {
			if (end + desc->segments[i].bytes > desc->moved)
				break;
			end += desc->segments[i].bytes;
		}
		return desc->bytes - end;
	default:
		return desc->bytes - desc->moved;
	}
}

static enum dma_status wk_dma_tx_status(struct dma_chan *c, dma_cookie_t cookie,
					struct dma_tx_state *state)
{
	struct wk_dma_chan *chan = wk_chan(c);
	enum dma_status status = DMA_IN_PROGRESS;
	struct wk_dma_desc *desc;
	unsigned long flags;
	u32 residue = 0;

	spin_lock_irqsave(&chan->lock, flags);
	if (cookie <= c->completed_cookie)
		status = DMA_COMPLETE;
	list_for_each_entry(desc, &chan->submitted, node)
		if (desc->tx.cookie == cookie)
			residue = desc->bytes;
	list_for_each_entry(desc, &chan->issued, node) {
		if (desc->tx.cookie != cookie)
			continue;
		residue = wk_desc_residue(desc);
		if (desc->failed)
			status = DMA_ERROR;
	}
	dma_set_tx_state(state, c->completed_cookie, c->cookie, residue);
	if (state)
		state->in_flight_bytes = chan->in_flight;
	spin_unlock_irqrestore(&chan->lock, flags);
	return status;
}

static void wk_dma_finish(struct wk_dma_chan *chan, enum dmaengine_tx_result result)
{
	struct dmaengine_result outcome = { .result = result };
	struct dma_async_tx_descriptor tx = {};
	struct wk_dma_desc *desc;
	unsigned long flags;

	spin_lock_irqsave(&chan->lock, flags);
	desc = wk_dma_in_hand(chan);
	if (desc) {
		tx = desc->tx;
		outcome.residue = result == DMA_TRANS_NOERROR ? 0 : desc->bytes - desc->moved;
		desc->failed = result != DMA_TRANS_NOERROR;
		desc->is_called = !desc->cyclic;
		if (!desc->cyclic && !desc->failed)
			chan->chan.completed_cookie = desc->tx.cookie;
		chan->nr_callbacks++;
		chan->calling++;
	}
	spin_unlock_irqrestore(&chan->lock, flags);
	if (!desc)
		return;

	if (tx.callback_result && !chan->dma->kind.no_results)
		tx.callback_result(tx.callback_param, &outcome);
	else if (tx.callback)
		tx.callback(tx.callback_param);
	spin_lock_irqsave(&chan->lock, flags);
	chan->calling--;
	/* Somebody may have terminated it meanwhile. */
	if (desc->in_use && desc->tx.cookie == tx.cookie && !desc->cyclic)
		wk_desc_free(desc);
	spin_unlock_irqrestore(&chan->lock, flags);
}

/* The next contiguous bytes of what a channel does, or should no longer do, at most @bytes */
static u32 wk_dma_step(struct wk_dma_chan *chan, u32 bytes, bool terminated)
{
	struct wk_dma_desc *desc;
	unsigned long flags;
	u32 start = 0, here = 0;
	unsigned int i;
	u8 *device;
	void *va;

	spin_lock_irqsave(&chan->lock, flags);
	desc = terminated ? list_first_entry_or_null(&chan->terminated, struct wk_dma_desc, node) :
			    wk_dma_in_hand(chan);
	if (!desc || desc->moved == desc->bytes)
		goto out;
	for (i = 0; desc->moved >= start + desc->segments[i].bytes; i++)
		start += desc->segments[i].bytes;
	here = min(bytes, start + desc->segments[i].bytes - desc->moved);
	va = phys_to_virt(desc->segments[i].address + desc->moved - start);
	device = chan->dma->memory + chan->position % WK_DMA_BYTES;
	here = min_t(u32, here, WK_DMA_BYTES - chan->position % WK_DMA_BYTES);
	if (desc->direction == DMA_MEM_TO_DEV)
		memcpy(device, va, here);
	else
		memcpy(va, device, here);
	chan->position += here;
	desc->moved += here;
	if (desc->cyclic && desc->moved == desc->bytes)
		desc->moved = 0;
out:
	spin_unlock_irqrestore(&chan->lock, flags);
	return here;
}

static void wk_dma_issue(struct dma_chan *c)
{
	struct wk_dma_chan *chan = wk_chan(c);
	unsigned long flags;

	spin_lock_irqsave(&chan->lock, flags);
	chan->nr_issues++;
	chan->nr_misissued += chan->unsynchronized;
	list_splice_tail_init(&chan->submitted, &chan->issued);
	spin_unlock_irqrestore(&chan->lock, flags);
	if (!chan->auto_complete)
		return;
	while (wk_dma_step(chan, U32_MAX, false))
		;
	wk_dma_finish(chan, DMA_TRANS_NOERROR);
}

static int wk_dma_pause(struct dma_chan *c)
{
	wk_chan(c)->nr_pauses++;
	return 0;
}

static int wk_dma_terminate(struct dma_chan *c)
{
	struct wk_dma_chan *chan = wk_chan(c);
	unsigned long flags;
	unsigned int i;

	spin_lock_irqsave(&chan->lock, flags);
	chan->nr_terminates++;
	/* Many providers drop what was only prepared as well; it is not reused, to be noticed. */
	for (i = 0; i < WK_DMA_DESCS; i++)
		chan->descs[i].is_prepared = false;
	chan->unsynchronized = !chan->dma->kind.no_synchronize;
	/* What was issued goes on, as hardware may, until synchronized. */
	list_splice_tail_init(&chan->issued, &chan->terminated);
	list_splice_tail_init(&chan->submitted, &chan->terminated);
	while (chan->dma->kind.no_synchronize && !list_empty(&chan->terminated)) {
		struct wk_dma_desc *desc = list_first_entry(&chan->terminated, struct wk_dma_desc,
							    node);

		chan->late = desc->tx;
		wk_desc_free(desc);
	}
	spin_unlock_irqrestore(&chan->lock, flags);
	return 0;
}

static void wk_dma_reap(struct wk_dma_chan *chan)
{
	struct wk_dma_desc *desc, *next;
	unsigned long flags;

	spin_lock_irqsave(&chan->lock, flags);
	list_for_each_entry_safe(desc, next, &chan->terminated, node)
		wk_desc_free(desc);
	chan->unsynchronized = false;
	spin_unlock_irqrestore(&chan->lock, flags);
}

static void wk_dma_synchronize(struct dma_chan *c)
{
	struct wk_dma_chan *chan = wk_chan(c);

	might_sleep();
	if (chan->synchronize_ms)
		msleep(chan->synchronize_ms);
	/* As one whose callbacks come from a tasklet, which is waited for */
	while (READ_ONCE(chan->calling))
		usleep_range(100, 1000);
	chan->nr_synchronizes++;
	wk_dma_reap(chan);
}

static int wk_dma_alloc_chan(struct dma_chan *c)
{
	return 1;
}

static void wk_dma_free_chan(struct dma_chan *c)
{
	struct wk_dma_chan *chan = wk_chan(c);

	wk_dma_terminate(c);
	wk_dma_reap(chan);
}

static bool wk_dma_filter(struct dma_chan *chan, void *param)
{
	return chan == param;
}

static void wk_dma_set_ops(struct wk_dma *dma)
{
	const struct wk_dma_kind *kind = &dma->kind;
	struct dma_device *device = &dma->device;
	u32 widths = kind->widths ? : BIT(1) | BIT(2) | BIT(4) | BIT(8);

	dma_cap_set(DMA_SLAVE, device->cap_mask);
	dma_cap_set(DMA_PRIVATE, device->cap_mask);
	if (!kind->no_cyclic)
		dma_cap_set(DMA_CYCLIC, device->cap_mask);
	if (!kind->no_caps) {
		device->directions = BIT(DMA_MEM_TO_DEV) | BIT(DMA_DEV_TO_MEM);
		device->src_addr_widths = widths;
		device->dst_addr_widths = widths;
		device->residue_granularity = kind->granularity;
		device->max_sg_burst = kind->max_sg_burst;
	}
	device->device_alloc_chan_resources = wk_dma_alloc_chan;
	device->device_free_chan_resources = wk_dma_free_chan;
	device->device_prep_slave_sg = wk_dma_prep_sg;
	device->device_prep_dma_cyclic = wk_dma_prep_cyclic;
	device->device_config = wk_dma_config;
	device->device_tx_status = wk_dma_tx_status;
	device->device_issue_pending = wk_dma_issue;
	if (!kind->no_pause)
		device->device_pause = wk_dma_pause;
	if (!kind->no_terminate)
		device->device_terminate_all = wk_dma_terminate;
	if (!kind->no_synchronize)
		device->device_synchronize = wk_dma_synchronize;
}

static void wk_dma_unregister(void *data)
{
	struct wk_dma *dma = data;

	dma_async_device_unregister(&dma->device);
}

static void wk_dma_add_chan(struct wk_dma *dma, unsigned int i, const char *client)
{
	static const char * const names[] = { "rx", "tx" };
	struct wk_dma_chan *chan = &dma->chans[i];

	chan->dma = dma;
	chan->chan.device = &dma->device;
	chan->chan.cookie = DMA_MIN_COOKIE;
	chan->chan.completed_cookie = DMA_MIN_COOKIE;
	spin_lock_init(&chan->lock);
	INIT_LIST_HEAD(&chan->submitted);
	INIT_LIST_HEAD(&chan->issued);
	INIT_LIST_HEAD(&chan->terminated);
	list_add_tail(&chan->chan.device_node, &dma->device.channels);
	dma->map[i] = (struct dma_slave_map){
		.devname = client,
		.slave = names[i],
		.param = &chan->chan,
	};
}

static void wk_dma_free(void *data)
{
	struct wk_dma *dma = data;

	wk_dma_remove(dma);
	vfree(dma->memory);
	kfree(dma);
}

struct wk_dma *wk_dma_add(struct kunit *test, struct device *client, struct wk_dma_kind kind)
{
	const struct platform_device_info info = {
		.name = "wdmdma-kunit-dma",
		.id = PLATFORM_DEVID_AUTO,
		.dma_mask = kind.mask ? : DMA_BIT_MASK(64),
	};
	struct wk_dma *dma = kzalloc(sizeof(*dma), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, dma);
	dma->kind = kind;
	dma->memory = vmalloc(WK_DMA_BYTES);
	KUNIT_ASSERT_NOT_NULL(test, dma->memory);
	wk_fill(dma->memory, WK_DMA_BYTES, 7);
	dma->pdev = platform_device_register_full(&info);
	KUNIT_ASSERT_FALSE(test, IS_ERR(dma->pdev));
	KUNIT_ASSERT_NOT_NULL(test, dma->pdev->dev.driver);
	if (kind.max_segment)
		dma_set_max_seg_size(&dma->pdev->dev, kind.max_segment);
	dma->device.dev = &dma->pdev->dev;
	INIT_LIST_HEAD(&dma->device.channels);
	wk_dma_set_ops(dma);
	for (i = 0; i < WK_DMA_CHANNELS; i++)
		wk_dma_add_chan(dma, i, dev_name(client));
	dma->device.filter.fn = wk_dma_filter;
	dma->device.filter.map = dma->map;
	dma->device.filter.mapcnt = WK_DMA_CHANNELS;
	KUNIT_ASSERT_EQ(test, dma_async_device_register(&dma->device), 0);
	/* So that unbinding the driver takes the controller away, as real ones do. */
	KUNIT_ASSERT_EQ(test, devm_add_action_or_reset(&dma->pdev->dev, wk_dma_unregister, dma), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, wk_dma_free, dma), 0);
	return dma;
}

void wk_dma_remove(struct wk_dma *dma)
{
	if (dma->pdev)
		platform_device_unregister(dma->pdev);
	dma->pdev = NULL;
}

static u32 wk_dma_steps(struct wk_dma_chan *chan, u32 bytes, bool terminated)
{
	u32 moved = 0, here;

	do {
		here = wk_dma_step(chan, bytes - moved, terminated);
		moved += here;
	} while (here && moved < bytes);
	return moved;
}

u32 wk_dma_move(struct kunit *test, struct wk_dma_chan *chan, u32 bytes)
{
	return wk_dma_steps(chan, bytes, false);
}

u32 wk_dma_go_on(struct kunit *test, struct wk_dma_chan *chan, u32 bytes)
{
	return wk_dma_steps(chan, bytes, true);
}

void wk_dma_callback(struct kunit *test, struct wk_dma_chan *chan, enum dmaengine_tx_result result)
{
	local_bh_disable();
	wk_dma_finish(chan, result);
	local_bh_enable();
}

void wk_dma_complete(struct kunit *test, struct wk_dma_chan *chan)
{
	KUNIT_ASSERT_TRUE_MSG(test, wk_dma_is_busy(chan), "nothing was issued");
	wk_dma_move(test, chan, U32_MAX);
	wk_dma_callback(test, chan, DMA_TRANS_NOERROR);
}

bool wk_dma_is_busy(struct wk_dma_chan *chan)
{
	unsigned long flags;
	bool busy;

	spin_lock_irqsave(&chan->lock, flags);
	busy = wk_dma_in_hand(chan);
	spin_unlock_irqrestore(&chan->lock, flags);
	return busy;
}

int wk_dma_suite_init(struct kunit_suite *suite)
{
	int ret = wk_suite_init(suite);

	if (ret)
		return ret;
	ret = platform_driver_register(&wk_dma_driver);
	if (ret)
		wk_suite_exit(suite);
	return ret;
}

void wk_dma_suite_exit(struct kunit_suite *suite)
{
	platform_driver_unregister(&wk_dma_driver);
	wk_suite_exit(suite);
}
