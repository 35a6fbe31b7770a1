// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of common buffers, and how they end.
 *
 * The records of a device are found by the processor's address. A buffer is freed by its record;
 * what the driver passes only serves to find it. Behind an IOMMU the memory is in vmalloc space and
 * freeing it sleeps, so a free with bottom halves off removes the record at once and leaves the
 * rest to a work item.
 *
 * A record outlives its adapter: the device may still be using the buffer. It ends with the binding
 * of the device's driver at the latest.
 */
#include <linux/interval_tree_generic.h>
#include <linux/minmax.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/rculist.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "buffer.h"
#include "domain.h"
#include "inject.h"
#include "irql.h"
#include "system.h"
#include "trace.h"
#include "verifier.h"

#define WD_LARGE_PAGE	(512 * PAGE_SIZE)	/* B8 */

static unsigned long wd_buffer_start(const struct wd_buffer *buffer)
{
	return (unsigned long)buffer->va;
}

static unsigned long wd_buffer_last(const struct wd_buffer *buffer)
{
	return wd_buffer_start(buffer) + buffer->extent - 1;
}

INTERVAL_TREE_DEFINE(struct wd_buffer, node, unsigned long, last_in_subtree, wd_buffer_start,
		     wd_buffer_last, static, wd_buffer_tree)

/**
 * wd_buffer_first() - a common buffer that a range of addresses touches
 * @wdev: whose buffers; its buffers_lock is held
 * @va: first byte
 * @bytes: length, not 0
 *
 * Buffers of one adapter do not overlap, but two adapters may have made one of the same MDL.
 *
 * Return: a record, the one with the lowest address; or NULL.
 */
struct wd_buffer *wd_buffer_first(struct wd_device *wdev, const void *va, size_t bytes)
{
	unsigned long start = (unsigned long)va;

	lockdep_assert_held(&wdev->buffers_lock);
	return wd_buffer_tree_iter_first(&wdev->buffers, start, start + bytes - 1);
}

/**
 * wd_buffer_next() - another one that the range touches
 * @buffer: from wd_buffer_first() or wd_buffer_next(), under the same hold of the lock
 * @va: as there
 * @bytes: as there
 *
 * Return: a record, or NULL.
 */
struct wd_buffer *wd_buffer_next(struct wd_buffer *buffer, const void *va, size_t bytes)
{
	unsigned long start = (unsigned long)va;

	return wd_buffer_tree_iter_next(buffer, start, start + bytes - 1);
}

/**
 * wd_buffer_remove() - take a record away: from here on nobody finds the buffer
 * @buffer: found under its device's buffers_lock, which is held
 */
void wd_buffer_remove(struct wd_buffer *buffer)
{
	lockdep_assert_held(&buffer->wdev->buffers_lock);
	wd_buffer_tree_remove(buffer, &buffer->wdev->buffers);
	WRITE_ONCE(buffer->removed, true);
	trace_wdmdma_common_buffer_freed(buffer);
	/* Dead or not, it is still the same adapter (grave.c), until the count is gone. */
	buffer->adapter->buffers_freed++;
	atomic_dec(&buffer->adapter->nr_buffers);
}

/**
 * wd_buffer_free() - free a buffer whose record has been removed
 * @buffer: the buffer
 *
 * Context: Process, may sleep.
 */
void wd_buffer_free(struct wd_buffer *buffer)
{
	struct wd_device *wdev = buffer->wdev, *map_as = buffer->map_as;

	/* A controller that was told to stop may not have stopped yet. */
	if (buffer->engine)
		wd_system_wait(buffer->engine);
	if (buffer->memory == WD_MEMORY_MDL)
		wd_buffer_unmap(buffer);
	else
		wd_memory_free(buffer);
	if (buffer->domain)
		wd_domain_drop_buffer(buffer);
	put_device(buffer->dev);
	kfree(buffer);
	if (map_as != wdev)
		wd_device_put(map_as);
	wd_device_put(wdev);
}

static void wd_buffer_free_work(struct work_struct *work)
{
	wd_buffer_free(container_of(work, struct wd_buffer, free_work));
}

/**
 * wd_buffer_free_soon() - wd_buffer_free() at once, or a little later where the caller cannot sleep
 * @buffer: the buffer
 *
 * Context: <= DISPATCH_LEVEL.
 */
void wd_buffer_free_soon(struct wd_buffer *buffer)
{
	if (wd_may_sleep())
		wd_buffer_free(buffer);
	else
		queue_work(wd_workqueue, &buffer->free_work);
}

/*
 * May the addresses of this buffer, of @wdev's, be used for a transfer of the adapter? It is the
 * adapter's device, or another that shares a domain with that.
 */
static bool wd_buffer_serves(const struct wd_buffer *buffer, const struct wd_device *wdev,
			     const struct wd_adapter *adapter, enum dma_data_direction direction)
{
	/* One for a controller has an address of the controller's. */
	if (buffer->dev != adapter->dev && (wdev == adapter->wdev || buffer->dev != wdev->dev))
		return false;
	return buffer->direction == DMA_BIDIRECTIONAL || buffer->direction == direction;
}

static int wd_buffer_find_of(struct wd_device *wdev, struct wd_adapter *adapter, const void *va,
			     u32 bytes, enum dma_data_direction direction, dma_addr_t *dma)
{
	struct wd_buffer *buffer;
	unsigned long flags;
	int ret = -ENOENT;

	if (RB_EMPTY_ROOT(&wdev->buffers.rb_root))
		return ret;
	spin_lock_irqsave(&wdev->buffers_lock, flags);
	for (buffer = wd_buffer_first(wdev, va, 1); buffer && ret;
	     buffer = wd_buffer_next(buffer, va, 1)) {
		u64 start = va - buffer->va;
		u64 last = buffer->dma + start + bytes - 1;

		if (!wd_buffer_serves(buffer, wdev, adapter, direction))
			continue;
		if (start + bytes <= buffer->extent && last <= adapter->last_address) {
			*dma = buffer->dma + start;
			ret = 0;
		} else if (buffer->memory != WD_MEMORY_MDL) {
			ret = -EIO;
		}
	}
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
	return ret;
}

/* ... a buffer of another device that shares a domain with the adapter's */
static int wd_buffer_find_shared(struct wd_adapter *adapter, const void *va, u32 bytes,
				 enum dma_data_direction direction, dma_addr_t *dma)
{
	struct wd_domain *domain;
	struct wd_device *wdev;
	int ret = -ENOENT;

	if (adapter->system)
		return ret;
	/* Not only calls on the adapter come here, but work that maps for those which wait, too. */
	rcu_read_lock();
	domain = rcu_dereference(adapter->wdev->shared);
	if (!domain)
		goto unlock;
	list_for_each_entry_rcu(wdev, &domain->devices, own_node) {
		if (wdev != adapter->wdev && rcu_access_pointer(wdev->shared) == domain)
			ret = wd_buffer_find_of(wdev, adapter, va, bytes, direction, dma);
		if (ret != -ENOENT)
			goto unlock;
	}
	list_for_each_entry_rcu(wdev, &domain->joiners, joined_node) {
		if (wdev != adapter->wdev)
			ret = wd_buffer_find_of(wdev, adapter, va, bytes, direction, dma);
		if (ret != -ENOENT)
			goto unlock;
	}
unlock:
	rcu_read_unlock();
	return ret;
}

/* Does an MDL have an address at which a common buffer could be found? */
static bool wd_buffer_may_hold(const struct wd_device *wdev, const MDL *mdl)
{
	/* Most devices have no common buffer, and most MDLs are not in one. */
	return (!RB_EMPTY_ROOT(&wdev->buffers.rb_root) || rcu_access_pointer(wdev->shared)) &&
	       mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL |
				MDL_PARENT_MAPPED_SYSTEM_VA);
}

/**
 * wd_buffer_find() - the device's address of a range that lies in a common buffer (B11)
 * @adapter: whose device
 * @mdl: MDL of the range
 * @offset: first byte, counted from the start of @mdl
 * @bytes: length
 * @direction: of the transfer
 * @dma: receives the address of the first byte
 *
 * Coherent memory must not be given to the streaming DMA API, and has an address already. The pages
 * that a driver made a buffer of are ordinary memory as well: where the buffer does not serve they
 * are mapped like any.
 *
 * Context: Any but a hard interrupt.
 * Return: 0; -ENOENT when the range is ordinary memory; -EIO when it runs over the end of the
 * buffer, or the adapter cannot reach the buffer.
 */
int wd_buffer_find(struct wd_adapter *adapter, const MDL *mdl, u64 offset, u32 bytes,
		   enum dma_data_direction direction, dma_addr_t *dma)
{
	struct wd_device *wdev = adapter->wdev;
	int ret = -ENOENT;
	const void *va;

	if (!wd_buffer_may_hold(wdev, mdl))
		return -ENOENT;

	va = mdl->MappedSystemVa + offset;
	ret = wd_buffer_find_of(wdev, adapter, va, bytes, direction, dma);
	if (ret == -ENOENT && unlikely(rcu_access_pointer(wdev->shared)))
		ret = wd_buffer_find_shared(adapter, va, bytes, direction, dma);
	return ret;
}

static void wd_buffer_sync_of(struct wd_device *wdev, const struct wd_adapter *adapter,
			      const MDL *mdl, bool for_cpu)
{
	const void *va = mdl->MappedSystemVa;
	struct wd_buffer *buffer;
	unsigned long flags;

	if (RB_EMPTY_ROOT(&wdev->buffers.rb_root))
		return;
	/* The lock keeps the buffer, however long it takes: it is mostly short. */
	spin_lock_irqsave(&wdev->buffers_lock, flags);
	for (buffer = wd_buffer_first(wdev, va, mdl->ByteCount); buffer;
	     buffer = wd_buffer_next(buffer, va, mdl->ByteCount)) {
		const void *start = max_t(const void *, va, buffer->va);
		const void *end = min_t(const void *, va + mdl->ByteCount,
					buffer->va + buffer->extent);

		if (wd_buffer_serves(buffer, wdev, adapter, buffer->direction))
			wd_memory_sync(buffer, start - buffer->va, end - start, for_cpu);
	}
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
}

/**
 * wd_buffer_sync() - maintain the processor's caches for the common buffers that an MDL touches
 * @adapter: whose device; it is not coherent
 * @mdl: with at least a byte; the rest of its chain is not looked at
 * @for_cpu: what the device wrote is to be seen; otherwise what the processor wrote
 *
 * Those of other devices that share a domain with the adapter's are meant as well.
 *
 * Context: <= DISPATCH_LEVEL.
 */
void wd_buffer_sync(struct wd_adapter *adapter, const MDL *mdl, bool for_cpu)
{
	struct wd_device *wdev = adapter->wdev;
	struct wd_domain *domain;

	if (!wd_buffer_may_hold(wdev, mdl))
		return;
	wd_buffer_sync_of(wdev, adapter, mdl, for_cpu);
	rcu_read_lock();
	domain = adapter->system ? NULL : rcu_dereference(adapter->wdev->shared);
	if (!domain)
		goto unlock;
	list_for_each_entry_rcu(wdev, &domain->devices, own_node)
		if (wdev != adapter->wdev && rcu_access_pointer(wdev->shared) == domain)
			wd_buffer_sync_of(wdev, adapter, mdl, for_cpu);
	list_for_each_entry_rcu(wdev, &domain->joiners, joined_node)
		if (wdev != adapter->wdev)
			wd_buffer_sync_of(wdev, adapter, mdl, for_cpu);
unlock:
	rcu_read_unlock();
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
	struct wd_leak leak = {
		.dev = wdev->dev,
		.code = WD_REPORT_BUFFERS_LEFT,
		.routine = "driver-unbind",
	};
	struct wd_buffer *buffer;
	unsigned int count = 0;

	for (;;) {
		spin_lock_irq(&wdev->buffers_lock);
		buffer = wd_buffer_tree_iter_first(&wdev->buffers, 0, ULONG_MAX);
		if (buffer)
			wd_buffer_remove(buffer);
		spin_unlock_irq(&wdev->buffers_lock);
		if (!buffer)
			return count;
		if (buffer->is_verified)
			wd_leak_buffer(&leak, buffer);
		wd_guard_check_buffer(buffer, NULL, "driver-unbind");
		wd_buffer_free(buffer);
		count++;
	}
}

/**
 * wd_buffer_cache() - what a caching type means for a common buffer
 * @type: the caller's
 * @cache: receives it
 *
 * Return: 0; -EINVAL for a type that common buffers cannot have.
 */
int wd_buffer_cache(MEMORY_CACHING_TYPE type, enum wd_cache *cache)
{
	if (type != MmCached && type != MmNonCached)
		return -EINVAL;
	*cache = type == MmCached ? WD_CACHE_CACHED : WD_CACHE_UNCACHED;
	return 0;
}

/**
 * wd_buffer_node() - Linux' number of a preferred node
 * @node: the caller's: a hint, so any value will do
 */
int wd_buffer_node(NODE_REQUIREMENT node)
{
	return node < nr_node_ids && node_online(node) ? node : NUMA_NO_NODE;
}

/**
 * wd_buffer_fit_wish() - reduce a wish to what the adapter can do
 * @adapter: the adapter
 * @wish: in: the caller's; out: bytes is the extent, and the limits are whole pages that the device
 * reaches
 *
 * Limits that cannot hold the buffer fail at once.
 *
 * Return: 0; -EINVAL when the wish is impossible by itself; -ENOMEM when the adapter cannot do it.
 */
int wd_buffer_fit_wish(const struct wd_adapter *adapter, struct wd_buffer_wish *wish)
{
	u64 granule = wish->large_pages ? WD_LARGE_PAGE : PAGE_SIZE;
	u64 first, end;

	if (!wish->bytes || check_add_overflow(wish->bytes, granule - 1, &wish->bytes) ||
	    check_add_overflow(wish->first_address, granule - 1, &first))
		return -EINVAL;
	wish->bytes &= ~(granule - 1);
	first &= ~(granule - 1);
	if (check_add_overflow(first, wish->bytes - 1, &end) || end > wish->last_address)
		return -EINVAL;
	wish->first_address = first;
	/* The last byte of whole pages only; "no limit" is one already. */
	if (wish->last_address != U64_MAX)
		wish->last_address = round_down(wish->last_address + 1, PAGE_SIZE) - 1;
	wish->last_address = min(wish->last_address, adapter->last_address);
	/* A buffer crosses no line of 4 GiB. */
	return end > wish->last_address || wish->bytes > SZ_4G ? -ENOMEM : 0;
}

/* Counts a buffer among its adapter's, unless that is blocked: nothing may be allocated then. */
static bool wd_buffer_admit(struct wd_adapter *adapter)
{
	unsigned long flags;
	bool admitted;

	spin_lock_irqsave(&adapter->lock, flags);
	admitted = !adapter->blocked;
	if (admitted)
		atomic_inc(&adapter->nr_buffers);
	spin_unlock_irqrestore(&adapter->lock, flags);
	return admitted;
}

/**
 * wd_buffer_new() - begin to make a common buffer
 * @adapter: its owner
 * @bytes: as the driver knows it
 * @extent: what it will occupy
 *
 * It counts from now on, but nobody finds it before wd_buffer_publish().
 *
 * Context: Process, may sleep.
 * Return: a record to fill; or NULL, also while the adapter is blocked.
 */
struct wd_buffer *wd_buffer_new(struct wd_adapter *adapter, u64 bytes, size_t extent)
{
	struct wd_buffer *buffer;

	if (wd_injects(adapter->host, WDMDMA_FAIL_BUFFERS))
		return NULL;
	/* There may be thousands. */
	buffer = kzalloc(sizeof(*buffer), WD_GFP_ANY_LENGTH);
	if (!buffer || !wd_buffer_admit(adapter)) {
		kfree(buffer);
		return NULL;
	}
	buffer->wdev = adapter->wdev;
	buffer->adapter = adapter;
	buffer->adapter_id = adapter->id;
	buffer->bytes = bytes;
	buffer->extent = extent;
	buffer->is_verified = wd_verifies(adapter);
	buffer->stack = wd_stack(adapter);
	/* These stay what they are while the buffer counts. */
	buffer->dev = adapter->dev;
	buffer->map_as = adapter->system ? adapter->wdev : adapter->wdev->map_as;
	buffer->direction = DMA_BIDIRECTIONAL;
	INIT_WORK(&buffer->free_work, wd_buffer_free_work);
	return buffer;
}

/**
 * wd_buffer_publish() - finish making a common buffer: it is found from now on
 * @buffer: has its addresses
 *
 * Nothing of it may be looked at afterwards: a driver with a stale address may free it.
 *
 * Context: Process.
 */
void wd_buffer_publish(struct wd_buffer *buffer)
{
	struct wd_device *wdev = buffer->wdev;
	unsigned long flags;

	wd_device_hold(wdev);
	if (buffer->map_as != wdev)
		wd_device_hold(buffer->map_as);
	get_device(buffer->dev);
	spin_lock_irqsave(&wdev->buffers_lock, flags);
	wd_buffer_tree_insert(buffer, &wdev->buffers);
	buffer->adapter->buffers_made++;
	trace_wdmdma_common_buffer_allocated(buffer);
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
}

/**
 * wd_buffer_abandon() - drop a record that was never published
 * @buffer: owns nothing
 */
void wd_buffer_abandon(struct wd_buffer *buffer)
{
	atomic_dec(&buffer->adapter->nr_buffers);
	kfree(buffer);
}

/**
 * wd_buffer_alloc() - allocate a common buffer
 * @adapter: its owner
 * @wish: what it is to be like
 *
 * Address and logical address are page-aligned, the contents zero. The buffer crosses no line of
 * 4 GiB.
 *
 * Context: Process, may sleep.
 * Return: its record, for wd_buffer_publish(); ERR_PTR(-EINVAL) when the wish is impossible by
 * itself, ERR_PTR(-ENOMEM) when it cannot be had.
 */
struct wd_buffer *wd_buffer_alloc(struct wd_adapter *adapter, const struct wd_buffer_wish *wish)
{
	struct wd_buffer_wish fitted = *wish;
	struct wd_buffer *buffer;
	int ret = wd_buffer_fit_wish(adapter, &fitted);

	if (ret)
		return ERR_PTR(ret);
	buffer = wd_buffer_new(adapter, wish->bytes, fitted.bytes);
	if (!buffer)
		return ERR_PTR(-ENOMEM);
	buffer->vector = wish->vector;
	buffer->domain = wish->domain;
	ret = buffer->is_verified ? wd_guard_alloc(buffer, &fitted) :
				    wd_memory_alloc(buffer, &fitted);
	if (ret) {
		wd_buffer_abandon(buffer);
		return ERR_PTR(ret);
	}
	return buffer;
}
