// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device: its commands, the line's FIFO, and what arrives on the line, which goes to the log.
 */
#include <linux/dma-mapping.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/platform_device.h>

#include "edudma.h"

#define EDUDMA_INTERRUPT_STATUS	0x24
#define EDUDMA_INTERRUPT_ACK	0x64
#define EDUDMA_SOURCE		0x80
#define EDUDMA_DESTINATION	0x88
#define EDUDMA_COUNT		0x90
#define EDUDMA_COMMAND		0x98
#define EDUDMA_START		0x1
#define EDUDMA_TO_MEMORY	0x2
#define EDUDMA_INTERRUPT	0x4

static void edudma_command(struct edudma *engine, dma_addr_t memory, bool to_memory)
{
	u64 buffer = EDUDMA_REGISTER;

	writeq(to_memory ? buffer : memory, engine->registers + EDUDMA_SOURCE);
	writeq(to_memory ? memory : buffer, engine->registers + EDUDMA_DESTINATION);
	writeq(engine->burst, engine->registers + EDUDMA_COUNT);
	writeq(EDUDMA_START | EDUDMA_INTERRUPT | (to_memory ? EDUDMA_TO_MEMORY : 0),
	       engine->registers + EDUDMA_COMMAND);
}

static dma_addr_t edudma_fifo_place(const struct edudma *engine, u32 word)
{
	return engine->fifo_address + word % EDUDMA_FIFO_WORDS * sizeof(*engine->fifo);
}

/* A burst has one place in the FIFO, and "rx" no more than what is there. */
static u32 edudma_fifo_room(const struct edudma *engine, const struct edudma_chan *chan)
{
	u32 word = chan->to_device ? engine->tail : engine->head;
	u32 room = EDUDMA_FIFO_WORDS - word % EDUDMA_FIFO_WORDS;

	if (!chan->to_device)
		room = min(room, engine->tail - engine->head);
	return room * sizeof(*engine->fifo);
}

static bool edudma_start_burst(struct edudma *engine, struct edudma_chan *chan)
{
	struct edudma_desc *desc = edudma_first(chan);

	if (!desc)
		return false;
	engine->burst = min(edudma_next_burst(desc, &engine->memory),
			    edudma_fifo_room(engine, chan));
	if (!engine->burst)
		return false;
	engine->moving = chan;
	engine->desc = desc;
	engine->second = false;
	edudma_command(engine, chan->to_device ? engine->memory :
		       edudma_fifo_place(engine, engine->head), false);
	return true;
}

/**
 * edudma_start() - start a burst, unless one is under way or there is nothing to be moved
 * @engine: locked
 */
void edudma_start(struct edudma *engine)
{
	if (!engine->moving && !edudma_start_burst(engine, &engine->channels[0]))
		edudma_start_burst(engine, &engine->channels[1]);
}

static void edudma_log_line(struct edudma *engine)
{
	if (engine->line_length)
		dev_info(engine->dma.dev, "line: \"%.*s\"\n", engine->line_length, engine->line);
	engine->line_length = 0;
}

/* Words have come to the line's other end, which keeps the last ones to send them back. */
static void edudma_arrive(struct edudma *engine, u32 words)
{
	for (; words--; engine->tail++) {
		engine->line[engine->line_length++] =
			engine->fifo[engine->tail % EDUDMA_FIFO_WORDS];
		if (engine->line_length == ARRAY_SIZE(engine->line) - 1)
			edudma_log_line(engine);
	}
	if (engine->tail - engine->head > EDUDMA_FIFO_WORDS)
		engine->head = engine->tail - EDUDMA_FIFO_WORDS;
}

/* The burst of a transfer that was terminated meanwhile is lost. */
static void edudma_end_burst(struct edudma *engine)
{
	struct edudma_chan *chan = engine->moving;
	u32 words = engine->burst / sizeof(*engine->fifo);

	if (edudma_first(chan) == engine->desc) {
		if (chan->to_device)
			edudma_arrive(engine, words);
		else
			engine->head += words;
		edudma_advance(chan, engine->desc, engine->burst);
	}
	engine->moving = NULL;
	wake_up(&engine->idle);
	edudma_start(engine);
}

static irqreturn_t edudma_interrupt(int irq, void *data)
{
	struct edudma *engine = data;
	u32 cause = readl(engine->registers + EDUDMA_INTERRUPT_STATUS);

	if (!cause)
		return IRQ_NONE;
	writel(cause, engine->registers + EDUDMA_INTERRUPT_ACK);
	spin_lock(&engine->lock);
	if (engine->moving && !engine->second) {
		engine->second = true;
		edudma_command(engine, engine->moving->to_device ?
			       edudma_fifo_place(engine, engine->tail) : engine->memory, true);
	} else if (engine->moving) {
		edudma_end_burst(engine);
	}
	spin_unlock(&engine->lock);
	return IRQ_HANDLED;
}

static const struct dma_slave_map edudma_map[] = {
	{ "wdmdma_serial", "tx", (void *)0 },
	{ "wdmdma_serial", "rx", (void *)1 },
};

static bool edudma_filter(struct dma_chan *chan, void *param)
{
	return chan->chan_id == (unsigned long)param;
}

/* The device that the channels serve; its driver may come before or after. */
static int edudma_add_port(struct edudma *engine, struct device *dev)
{
	struct resource resource = DEFINE_RES_MEM(engine->address, sizeof(u32));
	struct platform_device_info info = {
		.name = "wdmdma_serial",
		.id = PLATFORM_DEVID_NONE,
		.parent = dev,
		.res = &resource,
		.num_res = 1,
		.dma_mask = DMA_BIT_MASK(32),
	};

	engine->port = platform_device_register_full(&info);
	return PTR_ERR_OR_ZERO(engine->port);
}

static void edudma_stop(void *data)
{
	struct edudma *engine = data;

	edudma_log_line(engine);
}

static int edudma_attach(struct pci_dev *pdev, struct edudma *engine)
{
	struct device *dev = &pdev->dev;
	int ret = pcim_enable_device(pdev);

	if (ret)
		return ret;
	engine->registers = pcim_iomap(pdev, 0, 0);
	engine->address = pci_resource_start(pdev, 0) + EDUDMA_REGISTER;
	if (!engine->registers)
		return -ENOMEM;
	ret = dma_set_mask_and_coherent(dev, DMA_BIT_MASK(28));	/* what QEMU's default is */
	if (ret)
		return ret;
	engine->fifo = dmam_alloc_coherent(dev, EDUDMA_FIFO_WORDS * sizeof(*engine->fifo),
					   &engine->fifo_address, GFP_KERNEL);
	if (!engine->fifo)
		return -ENOMEM;
	ret = devm_add_action_or_reset(dev, edudma_stop, engine);
	if (ret)
		return ret;
	ret = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_ALL_TYPES);
	if (ret < 0)
		return ret;
	pci_set_master(pdev);
	return devm_request_irq(dev, pci_irq_vector(pdev, 0), edudma_interrupt, IRQF_SHARED,
				KBUILD_MODNAME, engine);
}

static int edudma_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edudma *engine = devm_kzalloc(&pdev->dev, sizeof(*engine), GFP_KERNEL);
	int ret;

	if (!engine)
		return -ENOMEM;
	spin_lock_init(&engine->lock);
	init_waitqueue_head(&engine->idle);
	pci_set_drvdata(pdev, engine);
	ret = edudma_attach(pdev, engine);
	if (ret)
		return ret;
	engine->dma.filter.map = edudma_map;
	engine->dma.filter.mapcnt = ARRAY_SIZE(edudma_map);
	engine->dma.filter.fn = edudma_filter;
	ret = edudma_register(engine, &pdev->dev);
	if (ret)
		return ret;
	ret = edudma_add_port(engine, &pdev->dev);
	if (ret)
		dma_async_device_unregister(&engine->dma);
	return ret;
}

static void edudma_remove(struct pci_dev *pdev)
{
	struct edudma *engine = pci_get_drvdata(pdev);

	platform_device_unregister(engine->port);
	dma_async_device_unregister(&engine->dma);
	pci_clear_master(pdev);
}

static const struct pci_device_id edudma_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};
MODULE_DEVICE_TABLE(pci, edudma_ids);

static struct pci_driver edudma_driver = {
	.name = KBUILD_MODNAME,
	.id_table = edudma_ids,
	.probe = edudma_probe,
	.remove = edudma_remove,
};
module_pci_driver(edudma_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("A DMA controller made of QEMU's edu device, for tests");
