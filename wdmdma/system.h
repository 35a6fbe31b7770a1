/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System DMA: an adapter (DEVICE_DESCRIPTION.Master FALSE) whose transfers a dmaengine channel
 * makes.
 *
 *	binding		says which channel serves a request line of a device
 *	engine		a channel, for all adapters that share it: one owns it, in turn
 *	system		what an adapter needs to own an engine
 *	xfer		one transfer, from MapTransfer until nobody asks or waits for it any more
 *
 * A transfer is ended once: by the hardware, by CancelMappedTransfer, or by a flush, a release of
 * the channel or the end of the adapter. Whoever takes xfer->ended has ended it, and only the first
 * two call the driver's routine, from the engine's tasklet.
 *
 * Terminating a channel does not stop it at once. An xfer that was terminated is draining until a
 * work item has waited for that. Until then the hardware may use its memory, which stays mapped;
 * nothing is started on the channel, and no other request is granted it.
 *
 * Lock order: see internal.h. An engine's lock is taken inside an adapter's, and the controller's
 * own locks inside that; no routine runs under it.
 */
#ifndef WDMDMA_SYSTEM_H
#define WDMDMA_SYSTEM_H

#include <linux/dmaengine.h>
#include <linux/interrupt.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <wdmdma/types.h>
#include <wdmdma/dma.h>
#include <wdmdma/wdmdma.h>

struct wd_adapter;
struct wd_device;
struct wd_grant;
struct wd_list;
struct wd_request;

/* One transfer. Everything but the first group: wd_engine.lock. */
struct wd_xfer {
	/* immutable while referenced */
	struct wd_engine *engine;
	struct wd_adapter *adapter;		/* referenced */
	PDEVICE_OBJECT device_object;
	PDMA_COMPLETION_ROUTINE routine;
	PVOID context;
	u64 va;					/* of the mapping, as a flush names it */
	u32 bytes;
	u32 notify_bytes;			/* of a looping one: see wdmdma.h */
	u32 period_bytes;			/* of a looping one */
	enum dma_data_direction direction;
	bool is_cyclic;
	u64 device_address;			/* of the register, as the controller sees it */
	u32 nents;				/* of the adapter's sgl */
	struct dma_slave_config config;		/* the rest of it */

	/* wd_engine.lock, as all that follows */
	struct dma_async_tx_descriptor *desc;

	struct list_head node;			/* engine's free, stopping, ... ones */
	struct list_head ready_node;		/* engine's ready ones */
	unsigned int refs;
	dma_cookie_t cookie;
	bool is_postponed;			/* waits for the channel to drain */
	bool is_starting;			/* its MapTransfer is about to issue it */
	bool is_issued;
	bool is_draining;
	bool is_parking;			/* ... and its memory is being parked */
	bool is_parked;				/* the end of draining releases its memory */
	bool is_released;			/* ... and has */
	bool is_over;				/* the hardware does nothing for it any more */
	bool ended;
	bool is_final;				/* the last call of the routine is due */
	bool is_passed;				/* a looping one passed a boundary: a call is due */
	u32 position;				/* of a looping one, when it was looked at last */
	u32 residue;				/* once ended */
	DMA_COMPLETION_STATUS status;		/* once ended */
};

/* A channel. */
struct wd_engine {
	struct kref ref;
	struct list_head node;			/* wd_engines_mutex (engine.c) */

	/* immutable */
	struct dma_chan *chan;
	bool is_requested;			/* by us, so to be released */
	struct device *dev;			/* memory is mapped for it */
	u32 sg_limit;				/* elements of one transfer; U32_MAX: any number */
	u32 widths_to_device, widths_from_device;	/* BIT(bytes); 0: not known */
	bool counts;				/* the residue moves while a transfer runs */
	bool counts_segments;			/* ... from segment to segment only */
	bool can_pause, can_terminate, can_synchronize, can_loop;

	spinlock_t lock;			/* of all that follows */
	struct wd_adapter *owner;
	bool is_leaving;			/* the owner is being released: it maps no more */
	struct list_head tickets;		/* waiting requests of all adapters, in order */
	struct wd_xfer *current_xfer;		/* mapped, and not flushed */
	struct list_head free;
	struct list_head stopping;		/* draining, terminated */
	struct list_head lingering;		/* draining, cannot be terminated */
	struct list_head trailing;		/* over, but for the provider's callback */
	struct list_head ready;			/* a call of the routine is due */
	unsigned int nr_draining;
	unsigned int delivering;		/* routines that run */
	bool gives_up;				/* on the lingering ones ... */
	unsigned long gives_up_at;		/* ... then; jiffies */
	wait_queue_head_t delivered;

	struct tasklet_struct tasklet;
	struct delayed_work drain;
};

/* The memory of a list that was put while the hardware might use it. */
struct wd_parked_list {
	struct scatterlist *sgl;		/* as many as the adapter has registers */
	u32 nr_sg;
	bool each;
	u8 direction;				/* enum dma_data_direction */
};

/* What makes an adapter one for system DMA. */
struct wd_system {
	struct wd_engine *engine;		/* referenced; immutable, as all of this group */
	u64 device_address;			/* of the register, as the controller sees it */
	u32 width;				/* bytes of the register */
	bool ignores_count;
	bool is_cyclic;				/* AutoInitialize */
	wdmdma_configure_channel *configure;
	PSCATTER_GATHER_LIST elements;		/* wd_grant.lock, or of the list being started */
	struct scatterlist *sgl;		/* ... or the current xfer's, until submitted */

	/* wd_engine.lock */
	struct dma_slave_config config;
	u32 notify_bytes;			/* 0: the length of the transfer */
	PVOID transfer_context;			/* of the owner's request */
	u64 context_id;
	bool is_cancelled;			/* the owner's context bears a cancel mark */
	PDEVICE_OBJECT device_object;
	u32 last_residue;			/* of the last transfer of this ownership */

	struct wd_grant *parked;		/* its lock; mappings flushed too early */
	struct wd_parked_list parked_list;	/* the drain's, while its xfer is_parked */
};

/* engine.c: the only caller of dmaengine */
struct wd_engine *wd_engine_request(struct device *dev, const char *name);
struct wd_engine *wd_engine_request_acpi(struct device *dev, size_t index);
struct wd_engine *wd_engine_share(struct dma_chan *chan);
struct wd_engine *wd_engine_get(struct wd_engine *engine);
void wd_engine_put(struct wd_engine *engine);
struct device *wd_engine_controller(const struct wd_engine *engine);
struct wd_xfer *wd_xfer_take(struct wd_engine *engine, struct wd_adapter *adapter);
void wd_xfer_put(struct wd_xfer *xfer);
int wd_xfer_submit(struct wd_xfer *xfer);
void wd_xfer_issue(struct wd_xfer *xfer);
bool wd_xfer_look(struct wd_xfer *xfer, u32 *residue);
u32 wd_xfer_position(struct wd_xfer *xfer);
void wd_xfer_pause(struct wd_xfer *xfer);
int wd_engine_terminate(struct wd_engine *engine);
void wd_engine_synchronize(struct wd_engine *engine);

/* system_end.c: how transfers end */
void wd_system_complete(struct wd_xfer *xfer, DMA_COMPLETION_STATUS status, u32 residue);
void wd_system_announce(struct wd_xfer *xfer);
void wd_system_fail(struct wd_xfer *xfer);
void wd_system_start(struct wd_xfer *xfer);
void wd_system_tasklet(struct tasklet_struct *tasklet);
void wd_system_stop(struct wd_xfer *xfer, bool by_cancel);
struct wd_xfer *wd_system_take(struct wd_adapter *adapter, bool is_leaving);
void wd_system_parked(struct wd_xfer *xfer);
u32 wd_system_moved(const struct wd_xfer *xfer);
void wd_system_killed(struct wd_adapter *adapter);

/* system_drain.c: what follows when a transfer was stopped */
void wd_system_drain(struct work_struct *work);
void wd_system_wait(struct wd_engine *engine);
void wd_system_park_set(struct wd_adapter *adapter, struct wd_grant *grant);
void wd_system_end_list(struct wd_adapter *adapter, struct wd_list *list, bool skip_sync);

/* gate.c: whose turn it is */
bool wd_gate_take(struct wd_adapter *adapter, struct wd_request *request);
void wd_gate_untake(struct wd_adapter *adapter);
void wd_gate_release(struct wd_adapter *adapter);
void wd_gate_wait(struct wd_adapter *adapter, struct wd_request *request, bool first);
void wd_gate_forget(struct wd_adapter *adapter, struct wd_request *request);
void wd_gate_kick(struct wd_engine *engine);

/* binding.c */
struct wd_engine *wd_binding_find(struct wd_device *wdev, const DEVICE_DESCRIPTION *description,
				  struct wd_system *system);
void wd_binding_free_all(struct wd_device *wdev);

/* system.c: the adapter */
int wd_system_attach(struct wd_adapter *adapter, const DEVICE_DESCRIPTION *description);
int wd_system_reserve(struct wd_adapter *adapter);
void wd_system_detach(struct wd_adapter *adapter);
DMA_ADAPTER_INFO_V1 wd_system_info(const struct wd_adapter *adapter);
void wd_system_granted(struct wd_adapter *adapter, const struct wd_request *request,
		       bool is_cancelled);
void wd_system_context_renewed(struct wd_adapter *adapter, PVOID transfer_context, u64 id);
int wd_system_cancel(struct wd_adapter *adapter, PVOID transfer_context, u64 id);
void wd_system_unmark(struct wd_adapter *adapter);
void wd_system_abandon(struct wd_adapter *adapter, PVOID base, const char *routine);

/* system_transfer.c: how transfers begin */
struct wd_system_request {
	PMDL mdl;
	PVOID base;
	u64 offset;				/* in the MDL; with is_chain, in the chain */
	bool is_chain;
	u32 device_offset;
	enum dma_data_direction direction;
	PSCATTER_GATHER_LIST list;		/* may be NULL */
	u32 capacity;				/* of it, or U32_MAX */
	PDMA_COMPLETION_ROUTINE routine;
	PVOID context;
	PULONG length;				/* in: wanted; out, before the start: mapped */
	u64 address;				/* out: of the first element */
};

int wd_system_map(struct wd_adapter *adapter, struct wd_system_request *request);
int wd_system_check_base(struct wd_adapter *adapter, PVOID base);
int wd_system_start_list(struct wd_adapter *adapter, struct wd_list *list);

#endif
