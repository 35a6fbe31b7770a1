/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A DMA controller: a dmaengine provider, on public headers only, that moves real bytes through the
 * addresses it is given, when the test says so. Behind its request line is a device with a
 * register, and memory of its own behind that: what is written to the register goes to
 * wk_dma.device, and what is read comes from it.
 *
 * It notes what it was asked for; tests judge that.
 */
#ifndef WDMDMA_KUNIT_FAKE_DMA_H
#define WDMDMA_KUNIT_FAKE_DMA_H

#include <linux/dmaengine.h>

#include "fixture.h"

#define WK_DMA_CHANNELS	2
#define WK_DMA_SEGMENTS	64
#define WK_DMA_DESCS	8
#define WK_DMA_BYTES	SZ_256K
#define WK_DMA_REGISTER	0x70006200ULL

/* What the controller is, and how it misbehaves; set before wk_dma_add() */
struct wk_dma_kind {
	enum dma_residue_granularity granularity;
	u32 max_sg_burst;
	u32 max_segment;	/* bytes; 0: as the DMA API has it */
	u32 widths;		/* 0: 1, 2, 4 and 8 bytes */
	u64 mask;		/* 0: 64 bits */
	u32 min_periods;	/* of a loop; 0: any number */
	bool no_caps;		/* says nothing about itself */
	bool no_cyclic;
	bool no_pause;
	bool no_terminate;
	bool no_synchronize;
	bool no_results;	/* calls the older callback only */
};

struct wk_dma_desc {
	struct dma_async_tx_descriptor tx;
	struct list_head node;
	struct wk_dma_chan *chan;
	enum dma_transfer_direction direction;
	struct { u64 address; u32 bytes; } segments[WK_DMA_SEGMENTS];
	unsigned int nr_segments;
	u32 bytes, period;
	u32 moved;		/* of a looping one: in this pass */
	bool cyclic, failed;
	bool is_called;		/* its callback runs: over, for the hardware */
	bool in_use;
	bool is_prepared;	/* not yet submitted, nor terminated */
};

struct wk_dma_chan {
	struct dma_chan chan;
	struct wk_dma *dma;
	spinlock_t lock;			/* of lists and counts */
	struct list_head submitted, issued, terminated;
	struct wk_dma_desc descs[WK_DMA_DESCS];
	/* what it was asked for */
	struct dma_slave_config config;
	unsigned int nr_configs, nr_preps, nr_submits, nr_issues, nr_pauses, nr_terminates;
	unsigned int nr_synchronizes, nr_callbacks;
	unsigned int nr_misissued;		/* issued between terminate and synchronize */
	unsigned int calling;			/* callbacks that run */
	bool unsynchronized;
	u32 seen_nents;
	u32 position;				/* in the device's memory */
	/* how it misbehaves, from now on */
	bool fail_prep, fail_submit, fail_config;
	bool auto_complete;			/* moves all and calls back when issued */
	unsigned int synchronize_ms;		/* takes so long */
	u32 in_flight;
	struct dma_async_tx_descriptor late;	/* last terminated, if the controller cannot wait */
};

struct wk_dma {
	struct platform_device *pdev;
	struct dma_device device;
	struct wk_dma_kind kind;
	struct wk_dma_chan chans[WK_DMA_CHANNELS];
	struct dma_slave_map map[WK_DMA_CHANNELS];
	u8 *memory;				/* of the device behind the register */
};

/*
 * A controller whose channels serve @client as "rx" (0) and "tx" (1). It is taken down by
 * wk_dma_remove(), or when the test ends.
 */
struct wk_dma *wk_dma_add(struct kunit *test, struct device *client, struct wk_dma_kind kind);
void wk_dma_remove(struct wk_dma *dma);

/* Moves the next @bytes of what a channel does, or as many as are left; calls nobody. */
u32 wk_dma_move(struct kunit *test, struct wk_dma_chan *chan, u32 bytes);
/* Calls back for the transfer in hand, which is over then: as complete, or with an error. */
void wk_dma_callback(struct kunit *test, struct wk_dma_chan *chan, enum dmaengine_tx_result result);
/* Moves all that is left and calls back. */
void wk_dma_complete(struct kunit *test, struct wk_dma_chan *chan);
/* What was terminated goes on, as hardware may: moves its next @bytes, or as many as are left. */
u32 wk_dma_go_on(struct kunit *test, struct wk_dma_chan *chan, u32 bytes);
/* Is there something issued? */
bool wk_dma_is_busy(struct wk_dma_chan *chan);

int wk_dma_suite_init(struct kunit_suite *suite);
void wk_dma_suite_exit(struct kunit_suite *suite);

#endif
