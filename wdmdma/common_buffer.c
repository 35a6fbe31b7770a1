// SPDX-License-Identifier: GPL-2.0-only
/*
 * Common buffers: memory that CPU and device use at the same time.
 *
 * Each has a record, found by its address among those of the device. A buffer is freed by its
 * record; what the driver passes only serves to find it. Behind an IOMMU the memory is in vmalloc
 * space and freeing it sleeps, so a free with bottom halves off removes the record at once and
 * leaves the rest to a work item.
 *
 * A record outlives its adapter: the device may still be using the buffer. It ends with the binding
 * of the device's driver at the latest.
 */
#include <linux/math.h>
#include <linux/nodemask.h>
#include <linux/slab.h>

#include "internal.h"
#include "irql.h"
#include "ops.h"
#include "system.h"
#include "walk.h"

static int wd_buffer_cmp_va(const void *key, const struct rb_node *node)
{
	const struct wd_buffer *buffer = rb_entry(node, struct wd_buffer, node);

	if (key < buffer->va)
		return -1;
	return key >= buffer->va + buffer->extent;
}

static bool wd_buffer_less(struct rb_node *node, const struct rb_node *other)
{
	return rb_entry(node, struct wd_buffer, node)->va <
	       rb_entry(other, struct wd_buffer, node)->va;
}

static struct wd_buffer *wd_buffer_lookup(struct wd_device *wdev, const void *va)
{
	struct rb_node *node = rb_find(va, &wdev->buffers, wd_buffer_cmp_va);

	lockdep_assert_held(&wdev->buffers_lock);
	return node ? rb_entry(node, struct wd_buffer, node) : NULL;
}

static void wd_buffer_insert(struct wd_buffer *buffer)
{
	struct wd_device *wdev = buffer->wdev;
	unsigned long flags;

	spin_lock_irqsave(&wdev->buffers_lock, flags);
	rb_add(&buffer->node, &wdev->buffers, wd_buffer_less);
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
}

static void wd_buffer_free(struct wd_buffer *buffer)
{
	struct wd_device *wdev = buffer->wdev;

	/* A controller that was told to stop may not have stopped yet. */
	if (buffer->engine)
		wd_system_wait(buffer->engine);
	if (buffer->is_uncached)
		wd_uncached_free(buffer->dev, buffer->extent, buffer->va, buffer->dma);
	else
		wd_coherent_free(buffer->dev, buffer->extent, buffer->va, buffer->dma);
	put_device(buffer->dev);
	kfree(buffer);
	wd_device_put(wdev);
}

static void wd_buffer_free_work(struct work_struct *work)
{
	wd_buffer_free(container_of(work, struct wd_buffer, free_work));
}

/**
 * wd_buffer_find() - the device's address of a range that lies in a common buffer (B11)
 * @adapter: whose device
 * @mdl: MDL of the range
 * @offset: first byte, counted from the start of @mdl
 * @bytes: length
 * @dma: receives the address of the first byte
 *
 * Coherent memory must not be given to the streaming DMA API, and has an address already.
 *
 * Context: Any but a hard interrupt.
 * Return: 0; -ENOENT when the range is ordinary memory; -EIO when it runs over the end of the
 * buffer, or the adapter cannot reach the buffer.
 */
int wd_buffer_find(struct wd_adapter *adapter, const MDL *mdl, u64 offset, u32 bytes,
		   dma_addr_t *dma)
{
	struct wd_device *wdev = adapter->wdev;
	struct wd_buffer *buffer;
	unsigned long flags;
	int ret = -ENOENT;
	const void *va;

	/* Most devices have no common buffer, and most MDLs are not in one. */
	if (RB_EMPTY_ROOT(&wdev->buffers) ||
	    !(mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)))
		return -ENOENT;

	va = mdl->MappedSystemVa + offset;
	spin_lock_irqsave(&wdev->buffers_lock, flags);
	buffer = wd_buffer_lookup(wdev, va);
	/* One for a controller has an address of the controller's. */
	if (buffer && buffer->dev == adapter->dev) {
		u64 start = va - buffer->va;
		u64 last = buffer->dma + start + bytes - 1;

		ret = start + bytes > buffer->extent || last > adapter->last_address ? -EIO : 0;
		if (!ret)
			*dma = buffer->dma + start;
	}
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
	return ret;
}

/**
 * wd_buffer_free_all() - free the buffers of a device whose driver is gone
 * @wdev: the device; it has no adapter any more
 *
 * Context: Process, may sleep.
 * Return: number of buffers freed.
 */
unsigned int wd_buffer_free_all(struct wd_device *wdev)
{
	unsigned int count = 0;
	struct rb_node *node;

	for (;;) {
		spin_lock_irq(&wdev->buffers_lock);
		node = rb_first(&wdev->buffers);
		if (node)
			rb_erase(node, &wdev->buffers);
		spin_unlock_irq(&wdev->buffers_lock);
		if (!node)
			return count;
		wd_buffer_free(rb_entry(node, struct wd_buffer, node));
		count++;
	}
}

/* What the routines that allocate common buffers can ask for. */
struct wd_buffer_wish {
	u32 bytes;
	u64 last_address;		/* highest wanted; the adapter's own holds as well */
	int node;
	bool uncached;
};

/* The memory of a buffer. Caching is a wish where the processor is coherent with the device. */
static void wd_buffer_alloc_memory(struct wd_buffer *buffer, const struct wd_buffer_wish *wish,
				   u64 last_address)
{
	struct wd_device *wdev = buffer->wdev;

	if (wish->uncached && wd_class_alignment(buffer->adapter) == 1) {
		buffer->va = wd_uncached_alloc(buffer->adapter, last_address, buffer->extent,
					       &buffer->dma);
		buffer->is_uncached = buffer->va;
		if (!buffer->va)
			dev_info_once(wdev->dev, "wdmdma: AllocateCommonBufferEx: cached memory, uncached is not to be had\n");
	}
	if (!buffer->va)
		buffer->va = wd_coherent_alloc(buffer->adapter, last_address, wish->node,
					       buffer->extent, &buffer->dma);
}

static struct wd_buffer *wd_buffer_alloc(struct wd_adapter *adapter,
					 const struct wd_buffer_wish *wish)
{
	/* The last byte of whole pages only, and never "no limit" for one that is too low. */
	u64 last_address = wish->last_address == U64_MAX ? U64_MAX :
			   round_down(wish->last_address + 1, PAGE_SIZE) - 1;
	u32 bytes = wish->bytes;
	struct wd_buffer *buffer;

	if (!bytes || wish->last_address < PAGE_SIZE - 1)
		return NULL;
	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);
	if (!buffer)
		return NULL;
	buffer->wdev = adapter->wdev;
	buffer->adapter = adapter;
	buffer->adapter_id = adapter->id;
	buffer->bytes = bytes;
	buffer->extent = round_up((size_t)bytes, PAGE_SIZE);
	INIT_WORK(&buffer->free_work, wd_buffer_free_work);
	wd_buffer_alloc_memory(buffer, wish, min(adapter->last_address, last_address));
	if (!buffer->va) {
		kfree(buffer);
		return NULL;
	}
	wd_device_hold(adapter->wdev);
	buffer->dev = get_device(adapter->dev);
	atomic_inc(&adapter->nr_buffers);
	wd_buffer_insert(buffer);
	return buffer;
}

static PVOID wd_buffer_alloc_for(PDMA_ADAPTER dma_adapter, const char *routine,
				 const struct wd_buffer_wish *wish,
				 PPHYSICAL_ADDRESS logical_address)
{
	struct wd_adapter *adapter = wd_adapter_get(dma_adapter, routine);
	struct wd_buffer *buffer = NULL;
	PVOID va = NULL;

	if (!adapter)
		return NULL;
	if (logical_address)
		buffer = wd_buffer_alloc(adapter, wish);
	if (buffer) {
		va = buffer->va;
		logical_address->QuadPart = buffer->dma;
	}
	wd_adapter_put(adapter);
	return va;
}

/**
 * wdmdma_allocate_common_buffer() - allocate memory for CPU and device (AllocateCommonBuffer)
 * @dma_adapter: the adapter
 * @length: bytes, not 0
 * @logical_address: receives the device's address, untouched on failure
 * @cache_enabled: ignored, the platform decides
 *
 * Address and logical address are page-aligned, the contents zero. The buffer crosses no line of
 * 4 GiB and is owed a FreeCommonBuffer.
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: the buffer; NULL without memory in reach, for a length of 0, no place for the address, or
 * a dead or NULL adapter.
 */
PVOID wdmdma_allocate_common_buffer(PDMA_ADAPTER dma_adapter, ULONG length,
				    PPHYSICAL_ADDRESS logical_address, BOOLEAN cache_enabled)
{
	const struct wd_buffer_wish wish = {
		.bytes = length,
		.last_address = U64_MAX,
		.node = NUMA_NO_NODE,
	};

	return wd_buffer_alloc_for(dma_adapter, "AllocateCommonBuffer", &wish, logical_address);
}

/**
 * wdmdma_allocate_common_buffer_ex() - AllocateCommonBuffer with wishes (AllocateCommonBufferEx)
 * @dma_adapter: the adapter
 * @maximum_address: highest logical address of the buffer's last page, inclusive; NULL: none but
 * the adapter's
 * @length: bytes, not 0
 * @logical_address: receives the device's address, untouched on failure
 * @cache_enabled: FALSE: the processor is not to cache the buffer. On a coherent device that is
 * done where it can be (x86, in one physical piece of 4 MiB at most); else one line is logged and
 * the buffer is cached, which only a device that does not snoop can tell
 * @preferred_node: node whose memory is wanted; a hint
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: the buffer; NULL as AllocateCommonBuffer, or without memory below @maximum_address.
 */
PVOID wdmdma_allocate_common_buffer_ex(PDMA_ADAPTER dma_adapter, PPHYSICAL_ADDRESS maximum_address,
				       ULONG length, PPHYSICAL_ADDRESS logical_address,
				       BOOLEAN cache_enabled, NODE_REQUIREMENT preferred_node)
{
	const struct wd_buffer_wish wish = {
		.bytes = length,
		.last_address = maximum_address ? maximum_address->QuadPart : U64_MAX,
		.node = preferred_node < nr_node_ids && node_online(preferred_node) ?
			preferred_node : NUMA_NO_NODE,
		.uncached = !cache_enabled,
	};

	return wd_buffer_alloc_for(dma_adapter, "AllocateCommonBufferEx", &wish, logical_address);
}

/* Which of the arguments of FreeCommonBuffer are those of the buffer? */
struct wd_free_match {
	bool exists, at_start, length, address, same_adapter;
};

/* Finds the buffer and, when enough fits, takes its record away. */
static struct wd_buffer *wd_buffer_remove(struct wd_adapter *adapter, void *va, u32 bytes,
					  u64 dma, struct wd_free_match *match)
{
	struct wd_device *wdev = adapter->wdev;
	struct wd_buffer *buffer;
	unsigned long flags;

	spin_lock_irqsave(&wdev->buffers_lock, flags);
	buffer = wd_buffer_lookup(wdev, va);
	if (buffer) {
		*match = (struct wd_free_match){
			.exists = true,
			.at_start = buffer->va == va,
			.length = buffer->bytes == bytes,
			.address = buffer->dma == dma,
			.same_adapter = buffer->adapter_id == adapter->id,
		};
		if (match->at_start && (match->length || match->address)) {
			rb_erase(&buffer->node, &wdev->buffers);
			/* Whether dead or not, its memory is an adapter's. */
			if (buffer->adapter->id == buffer->adapter_id)
				atomic_dec(&buffer->adapter->nr_buffers);
		} else {
			buffer = NULL;
		}
	}
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
	return buffer;
}

static void wd_buffer_report(struct wd_adapter *adapter, void *va,
			     const struct wd_free_match *match)
{
	if (!match->exists)
		wd_report(WD_REPORT_BUFFER_FREED, adapter->host, "FreeCommonBuffer",
			  "%p is not, or no longer, a common buffer", va);
	else if (!match->at_start)
		wd_report(WD_REPORT_BUFFER_ARGUMENTS, adapter->host, "FreeCommonBuffer",
			  "%p is inside a common buffer, not its start; nothing is freed", va);
	else if (!match->length && !match->address)
		wd_report(WD_REPORT_BUFFER_ARGUMENTS, adapter->host, "FreeCommonBuffer",
			  "neither length nor logical address are those of %p; nothing is freed",
			  va);
	else if (!match->length || !match->address)
		wd_report(WD_REPORT_BUFFER_ARGUMENTS, adapter->host, "FreeCommonBuffer",
			  "the %s is not that of %p; it is freed",
			  match->length ? "logical address" : "length", va);
	else if (!match->same_adapter)
		wd_report(WD_REPORT_BUFFER_ARGUMENTS, adapter->host, "FreeCommonBuffer",
			  "%p belongs to another adapter; it is freed", va);
}

/**
 * wdmdma_free_common_buffer() - free a common buffer (FreeCommonBuffer)
 * @dma_adapter: the adapter
 * @length: as allocated
 * @logical_address: as allocated
 * @virtual_address: as allocated; it and one of the other two decide, with a report if the third
 * differs
 * @cache_enabled: ignored
 *
 * The device must not use the buffer any more.
 *
 * Context: <= DISPATCH_LEVEL; above PASSIVE_LEVEL the memory is released a little later.
 */
VOID wdmdma_free_common_buffer(PDMA_ADAPTER dma_adapter, ULONG length,
			       PHYSICAL_ADDRESS logical_address, PVOID virtual_address,
			       BOOLEAN cache_enabled)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "FreeCommonBuffer");
	struct wd_free_match match = {};
	struct wd_buffer *buffer = NULL;

	if (!adapter)
		return;
	if (virtual_address)
		buffer = wd_buffer_remove(adapter, virtual_address, length,
					  logical_address.QuadPart, &match);
	wd_buffer_report(adapter, virtual_address, &match);
	if (buffer && adapter->system)
		buffer->engine = wd_engine_get(adapter->system->engine);
	wd_adapter_leave();

	if (!buffer)
		return;
	if (wd_may_sleep())
		wd_buffer_free(buffer);
	else
		queue_work(wd_workqueue, &buffer->free_work);
}
