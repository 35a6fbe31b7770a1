/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The nouns of wdmdma, and who protects them.
 *
 * Lock order, outermost first; each comment below names the protector of the fields under it:
 *
 *	wd_mmu_mutex > wd_domains_mutex > wd_devices_mutex > wd_device.mutex >
 *	wd_device.mutex of the device that maps for it > wd_engines_mutex > wd_grant.lock >
 *	wd_grant.lock of a parked set > wd_adapter.lock >
 *	wd_bounce.lock, wd_slots.lock, wd_device.buffers_lock, wd_engine.lock
 *
 * The lock of the vectors' numbers (buffer_vector.c) is taken alone.
 *
 * The spinlocks are taken with interrupts off, because a ported driver's own locks may be. None of
 * them is held while a driver's routine runs.
 *
 * A call on an adapter runs inside an RCU read-side section (wd_adapter_enter()), so that what an
 * adapter consists of goes away only after every call that found the adapter alive has ended.
 * Register sets and lists are found through the adapter, never by following the driver's pointer.
 *
 * Errors inside are errnos; status.c alone turns them into NTSTATUS.
 */
#ifndef WDMDMA_INTERNAL_H
#define WDMDMA_INTERNAL_H

#include <linux/device.h>
#include <linux/dma-direction.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <wdmdma/types.h>
#include <wdmdma/status.h>
#include <wdmdma/io.h>
#include <wdmdma/mdl.h>
#include <wdmdma/dma.h>
#include <wdmdma/wdmdma.h>

#include "compat.h"
#include "report.h"

struct wd_adapter;
struct wd_domain;
struct wd_engine;
struct wd_fault_sink;
struct wd_mmu_domain;
struct wd_slots;
struct wd_system;

/* Flags of the Ex routines that make requests */
#define WD_REQUEST_FLAGS \
	(DMA_SYNCHRONOUS_CALLBACK | DMA_ZERO_BUFFERS | DMA_FAIL_ON_BOUNCE)

/* Limits of types.md and adapter.md */
#define WD_REGS_FLOOR	2U		/* KMDF computes its largest fragment as (R - 1) pages */
#define WD_REGS_CEILING	0xFFFFFU	/* R * PAGE_SIZE is computed in 32 bits by clients */
#define WD_EAGER_REGS	1024U		/* a set has memory for so many when it is granted */
#define WD_CHAIN_MAX	0x100000U	/* MDLs looked at in one chain: bounds a circular one */

/*
 * The DMA side of a struct device: the DEVICE_OBJECT its driver holds, and everything that must be
 * gone when that driver unbinds.
 */
struct wd_device {
	DEVICE_OBJECT object;
	struct device *dev;			/* pinned; immutable */

	/* wd_devices_mutex */
	struct list_head node;
	unsigned int refs;			/* adapters, common buffers, calls */
	unsigned int object_refs;		/* the driver's */
	bool unbinding;
	wait_queue_head_t refs_dropped;

	struct mutex mutex;			/* also serialises changes of the DMA masks */
	struct list_head adapters;		/* mutex */
	struct list_head bindings;		/* mutex; struct wd_binding (binding.c) */
	struct wdmdma_limits limits;		/* mutex */
	u64 host_mask;				/* mutex; dev's mask before wdmdma narrowed it */
	u64 claimed_mask;			/* mutex; dev's mask as wdmdma left it */
	u64 host_boundary;			/* mutex */
	unsigned int host_max_seg;		/* mutex; dma_parms value, 0 = unset */

	bool blocked;				/* mutex; block.c */
	bool evicted;				/* mutex; gets no adapter; domain.c */

	/* DMA domains (domain.c): wd_domains_mutex */
	struct wd_domain *own_domain;		/* NULL until somebody asks */
	struct list_head own_node;		/* of its devices, RCU */
	struct wd_domain *joined;		/* mutex as well for writing */
	struct list_head joined_node;		/* of its joiners, RCU */
	u64 joiner_id;				/* of the adapter that joined; 0: it is gone */
	u64 ousted_id;				/* ... of one whose join the owner's unbind ended */
	struct wd_domain __rcu *shared;		/* the current one, if others have its addresses */
	/* ... and, for writing, the mutex */
	struct wd_device *map_as;		/* whose struct device memory is mapped for */
	unsigned int nr_mapped_as;		/* other devices for which this one's is */
	u64 mapped_as_reach;			/* ... and what their adapters need */
	unsigned int mapped_as_max_seg;

	atomic_t nr_live;			/* adapters */

	/* The IOMMU interface (mmu.h): wd_mmu_mutex */
	struct wd_mmu_domain *mmu_domain;	/* that it is attached to; NULL: none */
	struct list_head mmu_node;		/* of its devices */
	bool mmu_was_translated;		/* before it was attached */
	struct wd_fault_sink *fault_sink;	/* the domain's sinks_lock as well for writing */
	struct list_head fault_node;		/* sinks_lock; of its sinks */

	spinlock_t buffers_lock;		/* also the buffers' node */
	struct rb_root_cached buffers;		/* buffers_lock; struct wd_buffer by address */
	struct list_head mdl_buffers;		/* mutex; those made of an MDL */
};

/* A request for the channel or for a list: the node that waits in the adapter's FIFO. */
struct wd_request {
	struct list_head node;			/* wd_adapter.lock */
	struct rb_node key;			/* lock; while it waits: by object or context */
	struct list_head ticket;		/* wd_engine.lock; while it waits for a gate */
	struct wd_adapter *adapter;		/* ... whose it is */
	PVOID transfer_context;			/* version 3: the driver's, until granted */
	u64 context_id;				/* ... and what it must still contain */
	u32 regs;
	u32 bounce_pages;			/* of the adapter's own, to be had with the regs */
	u32 window;				/* first of them, if they are to be contiguous */
	bool is_list;
	u32 stack;				/* where it was made (verifier.h) */
	PDEVICE_OBJECT device_object;
	PIRP irp;				/* CurrentIrp when the request was made */
	PVOID context;
	union {
		PDRIVER_CONTROL control;
		PDRIVER_LIST_CONTROL list_control;
	};
};

enum wd_mapping_kind {
	WD_MAPPING_FREE,			/* released by a flush */
	WD_MAPPING_RUN,				/* one dma_map_page() */
	WD_MAPPING_SG,				/* one dma_map_sgtable(), one segment */
	WD_MAPPING_COMMON,			/* inside a common buffer: nothing to undo */
	WD_MAPPING_SPARE,			/* copied through the set's spare page */
	WD_MAPPING_BOUNCE,			/* copied through the adapter's bounce pages */
};

/* What one MapTransfer mapped, with all that undoing it needs. */
struct wd_mapping {
	PMDL mdl;				/* identity only */
	u64 va;					/* CurrentVa: an index, see MapTransfer */
	u32 bytes;
	u32 nents;				/* of @sgl */
	union {
		struct scatterlist *sgl;	/* WD_MAPPING_SG, WD_MAPPING_BOUNCE */
		struct page *page;		/* others but COMMON: the driver's first page */
	};
	dma_addr_t dma;
	u32 seen_by;				/* number of the first flush that left it */
	u32 call;				/* number of the MapTransferEx; 0: MapTransfer */
	u16 page_offset;			/* ... and the first byte in it */
	u8 direction;				/* enum dma_data_direction */
	u8 kind;				/* enum wd_mapping_kind */
};

/* Mappings and scatterlist entries of WD_CHUNK_REGS map registers, a page at a time. */
struct wd_chunk;

/* A page that can_fail adapters keep mapped for each set, so that MapTransfer always progresses. */
struct wd_spare {
	struct page *page;
	dma_addr_t dma;
	bool busy;
};

/*
 * A register set, and before that the wait node of the request that will get it. Grants live as
 * long as their adapter: a released one goes to the free list under a new generation.
 */
struct wd_grant {
	struct wd_request request;
	u32 index;				/* in wd_adapter.grants; immutable */

	spinlock_t lock;			/* and what is mapped with the set */
	/* lock */
	u32 generation;
	bool granted;
	u32 regs;
	u32 regs_used;
	u32 first, nr_maps;			/* live mappings are in [first, nr_maps) */
	u32 nr_live;
	u64 live_bytes;				/* of those mappings */
	u32 nr_sg;
	u32 nr_flushes;
	u32 nr_calls;				/* of MapTransferEx */
	u32 window_shift;			/* pages to its part of a window; system DMA */
	bool no_bounce;				/* DMA_FAIL_ON_BOUNCE */

	/* owner: whoever took it off the free list, then lock */
	struct wd_chunk *chunks;
	u32 capacity;				/* registers that @chunks hold */
	struct wd_chunk *near;			/* chunk looked at last */
	u32 near_index;				/* of its first register */
	struct wd_spare spare;
};

enum wd_list_state {
	WD_LIST_PREPARING,	/* being filled or mapped by the one who runs its request */
	WD_LIST_WAITING,	/* in the FIFO */
	WD_LIST_LIVE,		/* mapped: the driver's until Put, even while its routine runs */
	WD_LIST_DOOMED,		/* the adapter died while it was being prepared */
};

/*
 * On the stack of whoever calls the routine of a list, which may put the list and so free it; or
 * the adapter may die meanwhile, and then the list is freed when the routine has returned.
 */
struct wd_running {
	struct wd_list *list;			/* lock; NULL once somebody else took it */
};

/* A scatter/gather list from request to Put: private to wdmdma, behind the driver's elements. */
struct wd_list {
	struct wd_request request;
	struct rb_node node;			/* wd_adapter.lists, adapter lock */
	PSCATTER_GATHER_LIST list;		/* what the driver knows it by */
	PMDL mdl;				/* ... and what it was made from; identity only */
	u32 handed_elements, handed_sum;	/* verifier_mdl.c; 0 elements: not verified */
	u32 bytes;
	u32 max_elements;
	u32 nr_pieces;
	u32 nr_sg;
	u8 direction;				/* enum dma_data_direction */
	bool own_memory;			/* from Get...: freed by Put */
	bool has_common;			/* a piece lies in a common buffer */
	bool each;				/* mapped entry by entry: some bounce */
	bool no_bounce;				/* DMA_FAIL_ON_BOUNCE */
	bool starved;				/* was granted, but could not be mapped yet */
	u32 failures;				/* ... so often */
	int state;				/* enum wd_list_state, by cmpxchg() */
	u64 offset;				/* of the first byte in the MDL it was made from */
	PMDL bounce_mdl;			/* lock; from BuildMdlFromScatterGatherList */
	struct wd_running *running;		/* lock; its routine runs */
	struct scatterlist sgl[];		/* max_elements */
};

/* Who owns the channel; for a bus master it only serialises AdapterControl routines. */
struct wd_channel {
	bool held;
	bool by_list;				/* until the list is put; system DMA */
	bool kept;				/* no routine of the owner runs (any more) */
	u64 ticket;				/* counts owners: tells a late action */
	struct wd_grant *grant;			/* NULL once the owner freed its set */
	PVOID base;				/* of the set as it was granted */
};

/* A page that the device reaches, for the data of one that it does not. */
struct wd_bounce_page {
	struct page *page;
	dma_addr_t dma;
	u32 block_pages;			/* of the block that starts here; 0 inside one */
};

/* The pages of an adapter's own (bounce.c). */
struct wd_bounce {
	struct wd_bounce_page *pages;		/* immutable; by ascending DMA address */
	u32 nr_pages;				/* immutable; 0 = none */
	bool is_window;				/* immutable; one block, handed out in runs */
	u32 reserved;				/* wd_adapter.lock; promised to sets and lists */
	spinlock_t lock;
	unsigned long *busy;			/* lock; a bit for each page */
};

#define WD_ADAPTER_LIVE	0x57444d41U
#define WD_ADAPTER_DEAD	0x64656164U

/*
 * A DMA adapter. The memory stays an adapter for as long as the module is loaded (grave.c), so
 * that a stale handle can be told by its magic.
 */
struct wd_adapter {
	DMA_ADAPTER public;
	u32 magic;				/* lock for writing */
	spinlock_t lock;			/* never initialised twice */

	/* From here on zeroed when the memory is used again (grave.c) */
	refcount_t users;			/* alive + calls that sleep */

	/* immutable while alive */
	u64 id;					/* no other adapter has, had or will have it */
	struct wd_system *system;		/* system.h; NULL: a bus master */
	struct wd_device *wdev;
	struct device *host;			/* wdev's: what reports name */
	struct device *dev;			/* that masters the bus: the same or a controller */
	enum wdmdma_mapping_class class;
	bool scatter_gather;
	bool is_translated;			/* by an IOMMU, even if its data is bounced */
	bool can_fail;				/* mapping may fail for want of IOVA or swiotlb */
	unsigned long attrs;			/* DMA_ATTR_* of every mapping */
	u64 last_address;			/* highest address the device may be given */
	bool platform_bounces;			/* swiotlb is forced: mappings are copies */
	bool copies_small;			/* swiotlb takes what shares a cache line */
	bool bounces_pages;			/* pages out of reach go through own pages */
	bool bounces_all;			/* no page goes to the DMA API by itself */
	u32 max_seg;				/* longest run of addresses that it takes */
	u32 max_run_bytes;			/* ... and that is mapped: whole pages */
	unsigned long line_pfn_mask;		/* runs must not cross where it is 0 */
	bool bus_differs;			/* untranslated addresses are not those of memory */
	u32 max_regs;				/* R of IoGetDmaAdapter */
	u32 pool_regs;				/* map registers to be had at once; 0 = unlimited */

	u8 verifier;				/* verifier.h: its level; 0 = not verified */
	bool verifier_guards;
	bool verifier_bounces;
	struct list_head verified_node;		/* verifier_mdl.c */
	u32 stack;				/* where it was made */
	unsigned long rests_until;		/* jiffies; when dead. 0: not at all */
	struct wd_slots *slots;			/* verifier_bounce.c; NULL: none */

	/* lock */
	struct list_head waiters;
	struct rb_root waiting_objects;		/* v1 waits, by DEVICE_OBJECT */
	struct rb_root waiting_contexts;	/* v3 waits, by transfer context */
	struct rb_root lists;			/* struct wd_list by address */
	struct list_head free_grants;
	struct wd_channel channel;
	bool blocked;				/* nothing is granted; block.c */
	bool pumping;				/* somebody runs granted routines */
	bool starved;				/* the head could not be mapped */
	bool holds_back;			/* inject.c: the head is not granted ... */
	unsigned long held_until;		/* ... before that; jiffies */
	u32 pool_used;
	u32 retry_ms;
	u32 nr_sets, nr_lists, nr_waiting;
	u64 channels_granted;
	u64 lists_granted, regs_granted;	/* ... and not taken back because mapping failed */
	u32 regs_peak;
	u64 buffers_made, buffers_freed;	/* wd_device.buffers_lock */

	struct wd_bounce bounce;
	struct wd_adapter *next_home;		/* wd_device.mutex; domain_attach.c */

	atomic_t nr_buffers;			/* with those being made, and elements of */
	atomic_t nr_vectors;			/* ... so many vectors */
	atomic_t fail_maps;			/* inject.c: so many mappings fail */
	bool injects;				/* ... its mutex: holds the key */
	bool fragments;				/* inject.c; immutable while alive */
	atomic64_t maps[WDMDMA_BOUNCED + 1];	/* statistics */
	atomic64_t common_maps;
	atomic64_t mapped_bytes;
	atomic64_t bounced_bytes;
	u16 violations[WD_NR_CODES];		/* the lock of the records (report.c) */

	struct xarray grants;			/* index -> struct wd_grant, RCU */
	struct tasklet_struct tasklet;		/* grants that came with interrupts off */
	struct delayed_work retry;		/* the head could not be mapped */
	struct work_struct destroy;
	struct list_head node;			/* wd_device.mutex; graveyard when dead */

	/* immutable while alive; what is only shown (adapter_file.c) */
	DEVICE_DESCRIPTION description;		/* as passed; zeroes where its version ends */
	const void *owner;			/* return address of IoGetDmaAdapter's caller */
	struct dentry *file;			/* in debugfs */
};

/* main.c */
extern struct workqueue_struct *wd_workqueue;

/* device.c: DEVICE_OBJECTs and the life of struct wd_device */
struct wd_device *wd_device_get(PDEVICE_OBJECT object);
void wd_device_put(struct wd_device *wdev);
void wd_device_hold(struct wd_device *wdev);

/* adapter.c: life of an adapter */
void wd_adapter_kill(struct wd_adapter *adapter, const char *routine);
bool wd_adapter_is_alive(const struct wd_adapter *adapter);
struct wd_adapter *wd_adapter_find(PDMA_ADAPTER dma_adapter, const char *routine);
struct wd_adapter *wd_adapter_enter(PDMA_ADAPTER dma_adapter, const char *routine);
void wd_adapter_leave(void);
struct wd_adapter *wd_adapter_get(PDMA_ADAPTER dma_adapter, const char *routine);
void wd_adapter_put(struct wd_adapter *adapter);

/* grave.c: dead adapters */
struct wd_adapter *wd_adapter_unbury(void);
void wd_adapter_bury(struct wd_adapter *adapter);
void wd_adapter_exit_module(void);

/* mapreg.c: register sets */
struct wd_grant *wd_grant_take(struct wd_adapter *adapter, u32 regs);
void wd_grant_drop(struct wd_adapter *adapter, struct wd_grant *grant);
int wd_grant_reserve(struct wd_adapter *adapter, struct wd_grant *grant, u32 regs);
void wd_grant_open(struct wd_grant *grant, u32 regs);
struct wd_grant *wd_grant_close(struct wd_adapter *adapter, PVOID base, const char *routine);
u32 wd_grant_close_all(struct wd_adapter *adapter, const char *routine, u32 *regs);
void wd_grant_free_all(struct wd_adapter *adapter);
PVOID wd_grant_base(const struct wd_grant *grant);
struct wd_grant *wd_grant_lock(struct wd_adapter *adapter, PVOID base, unsigned long *flags);
void wd_grant_unlock(struct wd_grant *grant, unsigned long flags);
struct wd_mapping *wd_grant_mapping(struct wd_grant *grant, u32 index);
struct scatterlist *wd_grant_sg(struct wd_grant *grant, u32 index);
void wd_grant_sync_mapping(struct wd_adapter *adapter, struct wd_grant *grant,
			   const struct wd_mapping *mapping, u32 valid_bytes);
void wd_grant_sync_for_device(struct wd_adapter *adapter, struct wd_grant *grant,
			      const struct wd_mapping *mapping);
u64 wd_grant_release_all(struct wd_adapter *adapter, struct wd_grant *grant, bool discard);
void wd_grant_swap(struct wd_grant *grant, struct wd_grant *other);
struct wd_grant *wd_grant_alloc(void);
void wd_grant_destroy(struct wd_adapter *adapter, struct wd_grant *grant);
void wd_grant_release_mapping(struct wd_adapter *adapter, struct wd_grant *grant,
			      struct wd_mapping *mapping, u32 valid_bytes, bool discard);

/* queue.c: the FIFO and the loop that runs granted routines */
void wd_request_init(struct wd_request *request, PDEVICE_OBJECT device_object, PVOID context,
		     u32 regs, u32 bounce_pages);
bool wd_queue_begin(void);
void wd_queue_end(bool bh_off);
bool wd_queue_try_grant(struct wd_adapter *adapter, struct wd_request *request, bool bh_off);
bool wd_queue_grant_now(struct wd_adapter *adapter, struct wd_request *request);
bool wd_queue_enter(struct wd_adapter *adapter, bool bh_off);
struct wd_request *wd_queue_find(struct wd_adapter *adapter, PVOID transfer_context);
void wd_queue_remove(struct wd_adapter *adapter, struct wd_request *request);
int wd_queue_append(struct wd_adapter *adapter, struct wd_request *request);
void wd_queue_drain(struct wd_adapter *adapter, struct wd_request *request, unsigned long *flags);
void wd_queue_give_back(struct wd_adapter *adapter, const struct wd_request *request);
void wd_queue_leave(struct wd_adapter *adapter, struct wd_request *request,
		    struct wd_running *running);
void wd_queue_run_if_waiting(struct wd_adapter *adapter);
void wd_queue_run(struct wd_adapter *adapter);
void wd_queue_run_next(struct wd_adapter *adapter);
void wd_queue_tasklet(struct tasklet_struct *tasklet);
void wd_queue_retry(struct work_struct *work);

/* bounce.c: the adapter's own pages */
int wd_bounce_create(struct wd_adapter *adapter, u32 pages, u32 least);
void wd_bounce_destroy(struct wd_adapter *adapter);
bool wd_bounce_reserve(struct wd_adapter *adapter, struct wd_request *request);
void wd_bounce_unreserve(struct wd_adapter *adapter, const struct wd_request *request);
bool wd_bounce_block_is_good(const struct wd_adapter *adapter, dma_addr_t dma, u32 pages);
u32 wd_bounce_take(struct wd_adapter *adapter, u32 pages, dma_addr_t *dma);
void wd_bounce_give(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes);
struct page *wd_bounce_page_of(struct wd_adapter *adapter, dma_addr_t dma);
void wd_bounce_load(struct wd_adapter *adapter, dma_addr_t dma, struct scatterlist *sgl, u32 nents,
		    u32 bytes);
void wd_bounce_reload(struct wd_adapter *adapter, dma_addr_t dma, struct scatterlist *sgl,
		      u32 nents, u32 bytes);
void wd_bounce_store(struct wd_adapter *adapter, dma_addr_t dma, struct scatterlist *sgl, u32 nents,
		     u32 bytes);

/* context.c: transfer contexts of version 3, under the adapter lock */
int wd_context_check(struct wd_adapter *adapter, PVOID transfer_context, u64 *id);
enum wd_context_mistake wd_context_find_mistake(struct wd_adapter *adapter,
						PVOID transfer_context);
void wd_context_waits(const struct wd_request *request);
void wd_context_granted(struct wd_adapter *adapter, struct wd_request *request);

/* channel.c: what a driver asks for with one of the routines that allocate the channel */
struct wd_channel_request {
	PDEVICE_OBJECT device_object;
	u32 regs;
	PDRIVER_CONTROL routine;	/* NULL only if synchronous */
	PVOID context;

	/* version 3 */
	PVOID transfer_context;
	bool is_synchronous;
	bool no_bounce;
	PVOID *base_out;		/* synchronous: written before the routine is called */
};

int wd_channel_submit(struct wd_adapter *adapter, const struct wd_channel_request *request);
bool wd_channel_release(struct wd_adapter *adapter, const char *routine, bool keep_registers);

/* ... and what running one leads to, applied under the adapter lock */
struct wd_outcome {
	u64 ticket;
	bool release_channel;
	struct wd_grant *closed;	/* set that goes back to the free list */
};

struct wd_outcome wd_channel_run(struct wd_adapter *adapter, struct wd_grant *grant,
				 PVOID *base_out);
void wd_channel_finish(struct wd_adapter *adapter, const struct wd_outcome *outcome);

/* sglist.c, list.c */
int wd_list_run(struct wd_adapter *adapter, struct wd_list *list, struct wd_running *running,
		PSCATTER_GATHER_LIST *list_out);
void wd_list_finish(struct wd_adapter *adapter, struct wd_running *running);
void wd_list_drop(struct wd_adapter *adapter, struct wd_list *list);
void wd_list_cancel(struct wd_adapter *adapter, struct wd_list *list);
bool wd_list_wait(struct wd_adapter *adapter, struct wd_list *list);
void wd_list_unmap(struct wd_adapter *adapter, struct wd_list *list, bool skip_sync);
void wd_list_unmap_sg(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nr_sg, u8 direction,
		      bool each, bool skip_sync);
void wd_list_sync(struct wd_adapter *adapter, struct wd_list *list);
void wd_list_free(struct wd_list *list);

/* class.c: how adapters map, and the masks of their device */
void wd_class_note_host(struct wd_device *wdev);
int wd_class_choose(struct wd_adapter *adapter);
int wd_class_claim_masks(struct wd_device *wdev);
int wd_class_keep_runs(struct wd_adapter *adapter);
int wd_class_claim_as(struct wd_adapter *adapter, struct wd_device *owner);
u32 wd_class_most_regs(const struct wd_adapter *adapter);
u32 wd_class_alignment(const struct wd_adapter *adapter);

/* map.c: with map_buffer.c (buffer.h) the only caller of the DMA API */
bool wd_map_reaches_run(const struct wd_adapter *adapter, unsigned long pfn, u32 offset, u32 bytes);
bool wd_map_joins_next(const struct wd_adapter *adapter, unsigned long pfn);
bool wd_map_same_bus(struct device *dev, struct device *other);
bool wd_map_is_bounced(const struct wd_adapter *adapter, struct scatterlist *sg);
int wd_map_page(struct wd_adapter *adapter, struct page *page, u32 offset, u32 bytes,
		enum dma_data_direction direction, dma_addr_t *dma);
void wd_unmap_page(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes,
		   enum dma_data_direction direction, bool skip_sync);
int wd_map_sg(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nents,
	      enum dma_data_direction direction);
void wd_unmap_sg(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nents,
		 enum dma_data_direction direction, bool skip_sync);
void wd_map_sync_page_for_cpu(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes,
			      enum dma_data_direction direction);
void wd_map_sync_sg_for_cpu(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nents,
			    enum dma_data_direction direction);
void wd_map_sync_page_for_device(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes,
				 enum dma_data_direction direction);
void wd_map_sync_sg_for_device(struct wd_adapter *adapter, struct scatterlist *sgl, u32 nents,
			       enum dma_data_direction direction);
struct page *wd_map_alloc_block(struct wd_adapter *adapter, u32 pages, dma_addr_t *dma);
void wd_map_free_block(struct wd_adapter *adapter, u32 pages, struct page *page, dma_addr_t dma);
void wd_map_sync_for_device(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes);
void wd_map_sync_for_cpu(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes);
int wd_spare_alloc(struct wd_adapter *adapter, struct wd_spare *spare);
void wd_spare_free(struct wd_adapter *adapter, struct wd_spare *spare);
void wd_spare_to_device(struct wd_adapter *adapter, struct wd_spare *spare, struct page *page,
			u32 offset, u32 bytes);
void wd_spare_reload(struct wd_adapter *adapter, struct wd_spare *spare, struct page *page,
		     u32 offset, u32 bytes);
void wd_spare_to_memory(struct wd_adapter *adapter, struct wd_spare *spare, struct page *page,
			u32 offset, u32 bytes);
int wd_map_narrow_coherent(struct wd_adapter *adapter, u64 last_address, u64 *host_mask);
void wd_map_restore_coherent(struct wd_adapter *adapter, u64 host_mask);

/* block.c: devices that must not have anything mapped */
int wd_device_block(struct wd_device *wdev);
void wd_device_unblock(struct wd_device *wdev);
void wd_device_settle(struct wd_device *wdev);

/* iommu.c: the only caller of the IOMMU API */
bool wd_iommu_translates(struct device *dev);
bool wd_iommu_is_there(struct device *dev);
phys_addr_t wd_iommu_phys(struct device *dev, dma_addr_t dma);
struct iommu_group *wd_iommu_group(struct device *dev);
void wd_iommu_group_put(struct iommu_group *group);
int wd_iommu_join(struct device *owner, struct device *joiner);
void wd_iommu_leave(struct device *owner, struct device *joiner);
const char *wd_iommu_name(struct device *dev);

#endif
