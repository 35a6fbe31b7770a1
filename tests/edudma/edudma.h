/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A Linux DMA controller made of QEMU's edu device, with a serial line behind it that sends back
 * what it gets.
 *
 * The emulated machines that have a DMA controller with a Linux driver make a whole transfer within
 * the write that starts it. edu takes 100 ms for each command and then interrupts, so here a
 * transfer is seen under way, and stopped. It moves a *burst* at a time, by two commands: from
 * memory into the device and from there to the line's FIFO, or from the FIFO into the device and
 * from there to memory. The processor copies nothing.
 *
 * There are two channels, "tx" and "rx" of a platform device wdmdma_serial. A transfer by "rx"
 * waits while the FIFO is empty.
 */
#ifndef EDUDMA_H
#define EDUDMA_H

#include <linux/dmaengine.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#define EDUDMA_REGISTER		0x40000	/* in BAR 0: what the channels write to and read from */
#define EDUDMA_BURST		16	/* bytes */
#define EDUDMA_FIFO_WORDS	256

struct edudma_piece {
	dma_addr_t address;
	u32 bytes;
};

struct edudma_desc {
	struct dma_async_tx_descriptor tx;
	struct list_head node;
	u32 bytes;		/* of the transfer, or of a pass */
	u32 period;		/* 0: not cyclic */
	u32 done;		/* of them */
	u32 nr_pieces;
	struct edudma_piece pieces[];
};

/**
 * struct edudma_chan - a channel
 * @submitted: descriptors that wait for issue_pending
 * @issued: descriptors in their order; the first is being worked on
 * @finished: descriptors whose callback is owed
 * @dead: terminated descriptors; the hardware may still be at one of them
 * @periods: callbacks that a cyclic transfer owes
 *
 * All protected by the engine's lock.
 */
struct edudma_chan {
	struct dma_chan chan;
	struct edudma *engine;
	bool to_device;
	phys_addr_t address;
	struct list_head submitted, issued, finished, dead;
	u32 periods;
	struct tasklet_struct tasklet;
};

struct edudma {
	struct dma_device dma;
	void __iomem *registers;
	phys_addr_t address;		/* of EDUDMA_REGISTER, to the processor */
	struct edudma_chan channels[2];	/* tx, rx */
	struct platform_device *port;

	spinlock_t lock;		/* protects all that follows, and the channels' lists */
	struct edudma_chan *moving;	/* whose burst is under way */
	struct edudma_desc *desc;	/* its */
	dma_addr_t memory;
	u32 burst;
	bool second;			/* of a burst's commands */
	wait_queue_head_t idle;		/* a burst has ended */

	u32 *fifo;			/* shared with the device */
	dma_addr_t fifo_address;
	u32 head, tail;			/* words, counted from the start */
	char line[61];			/* what has arrived and is not logged yet */
	unsigned int line_length;
};

/* edudma.c */
void edudma_start(struct edudma *engine);

/* channel.c */
struct edudma_desc *edudma_first(struct edudma_chan *chan);
u32 edudma_next_burst(struct edudma_desc *desc, dma_addr_t *address);
void edudma_advance(struct edudma_chan *chan, struct edudma_desc *desc, u32 bytes);
int edudma_register(struct edudma *engine, struct device *dev);

#endif
