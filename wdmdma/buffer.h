/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Common buffers: the record that each has, and what can be asked for.
 *
 *	extent	what a buffer occupies: its length in whole pages, or in whole large pages
 *
 * Edges allocate with wd_buffer_alloc(), which inserts the record; what frees a buffer takes the
 * record away first, and then nobody else finds it.
 */
#ifndef WDMDMA_BUFFER_H
#define WDMDMA_BUFFER_H

#include <linux/dma-direction.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/scatterlist.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "internal.h"

struct wd_domain;
struct wd_leak;
struct wd_vector;

/* What the processor's caches are to do. Only x86 can choose for a coherent device. */
enum wd_cache {
	WD_CACHE_PLATFORM,		/* cached if the device is coherent */
	WD_CACHE_CACHED,
	WD_CACHE_UNCACHED,
};

/* What the routines that allocate common buffers can ask for. */
struct wd_buffer_wish {
	u64 bytes;
	u64 first_address;		/* lowest address wanted */
	u64 last_address;		/* highest, inclusive; the adapter's own holds as well */
	int node;			/* a hint; or NUMA_NO_NODE */
	enum wd_cache cache;
	bool large_pages;
	struct wd_domain *domain;	/* NULL: none but the device's own */
	struct wd_vector *vector;	/* NULL, or whose element it is to be */
};

/* How the memory of a buffer was obtained, and so how it is released. */
enum wd_memory {
	WD_MEMORY_COHERENT,
	WD_MEMORY_UNCACHED,		/* pages that the processor does not cache any more */
	WD_MEMORY_CACHED,		/* pages that it caches for a device that sees no cache */
	WD_MEMORY_MDL,			/* the driver's pages, mapped for the device */
};

/* One common buffer. */
struct wd_buffer {
	/* wd_device.buffers_lock */
	struct rb_node node;
	unsigned long last_in_subtree;

	/* immutable from insertion to removal */
	struct wd_device *wdev;			/* held, once it is inserted */
	struct wd_device *map_as;		/* ... so is whose page table it is in */
	struct wd_adapter *adapter;		/* it may be dead, or another by now: */
	u64 adapter_id;				/* ... tell by its id */
	void *va;
	dma_addr_t dma;
	u64 bytes;				/* as requested */
	size_t extent;
	bool is_verified;			/* verifier.h */
	bool is_guarded;			/* what is behind its bytes is filled */
	size_t guard_bytes;			/* before and behind its extent; a page or 0 */
	u32 stack, freed;			/* where it was made, and freed */
	struct list_head grave_node;		/* verifier_grave.c */
	unsigned long buried;			/* jiffies */
	struct device *dev;			/* whose address it has */
	struct wd_domain *domain;		/* ... for all devices in it; or NULL */
	struct list_head domain_node;		/* wd_domains_mutex; of its buffers */
	enum wd_memory memory;
	struct wd_vector *vector;		/* whose element it is, or NULL */

	/* ... of WD_MEMORY_MDL */
	struct sg_table sgt;			/* as mapped */
	unsigned long attrs;			/* DMA_ATTR_* it was mapped with */
	enum dma_data_direction direction;	/* what the device may do */
	void *mdl_va;				/* where the driver has all of the MDL mapped */
	u32 mdl_bytes;
	struct list_head mdl_node;		/* wd_device.mutex; wd_device.mdl_buffers */

	/* whoever removed it */
	bool removed;				/* buffers_lock for writing */
	struct wd_engine *engine;		/* may still use it when it is freed; or NULL */
	struct work_struct free_work;
};

/* buffer.c */
int wd_buffer_cache(MEMORY_CACHING_TYPE type, enum wd_cache *cache);
int wd_buffer_node(NODE_REQUIREMENT node);
int wd_buffer_fit_wish(const struct wd_adapter *adapter, struct wd_buffer_wish *wish);
struct wd_buffer *wd_buffer_new(struct wd_adapter *adapter, u64 bytes, size_t extent);
void wd_buffer_publish(struct wd_buffer *buffer);
void wd_buffer_abandon(struct wd_buffer *buffer);
struct wd_buffer *wd_buffer_alloc(struct wd_adapter *adapter, const struct wd_buffer_wish *wish);
struct wd_buffer *wd_buffer_first(struct wd_device *wdev, const void *va, size_t bytes);
struct wd_buffer *wd_buffer_next(struct wd_buffer *buffer, const void *va, size_t bytes);
void wd_buffer_remove(struct wd_buffer *buffer);
void wd_buffer_free(struct wd_buffer *buffer);
void wd_buffer_free_soon(struct wd_buffer *buffer);
int wd_buffer_find(struct wd_adapter *adapter, const MDL *mdl, u64 offset, u32 bytes,
		   enum dma_data_direction direction, dma_addr_t *dma);
void wd_buffer_sync(struct wd_adapter *adapter, const MDL *mdl, bool for_cpu);
unsigned int wd_buffer_free_all(struct wd_device *wdev);

/* map_buffer.c: what common buffers need of the DMA API */
int wd_memory_alloc(struct wd_buffer *buffer, const struct wd_buffer_wish *wish);
void wd_memory_free(struct wd_buffer *buffer);
int wd_memory_map(struct wd_buffer *buffer, const PFN_NUMBER *pfns,
		  const struct wd_buffer_wish *wish);
void wd_memory_sync(struct wd_buffer *buffer, long offset, size_t bytes, bool for_cpu);

/* buffer_mdl.c */
void wd_buffer_unmap(struct wd_buffer *buffer);

/* buffer_vector.c */
void wd_vector_leaks(struct wd_leak *leak);
unsigned int wd_vector_free_all(struct wd_device *wdev, unsigned int *elements);

#endif
