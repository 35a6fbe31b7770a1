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
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "buffer.h"
#include "irql.h"
#include "system.h"

#define wd_buffer_start(buffer)	((unsigned long)(buffer)->va)
#define wd_buffer_last(buffer)	(wd_buffer_start(buffer) + (buffer)->extent - 1)

INTERVAL_TREE_DEFINE(struct wd_buffer, node, unsigned long, last_in_subtree, wd_buffer_start,
		     wd_buffer_last, static, wd_buffer_tree)

/**
 * wd_buffer_first() - the common buffer that an address lies in
 * @wdev: whose buffers; its buffers_lock is held
 * @va: the address
 *
 * Return: a record, or NULL.
 */
struct wd_buffer *wd_buffer_first(struct wd_device *wdev, const void *va)
{
	lockdep_assert_held(&wdev->buffers_lock);
	return wd_buffer_tree_iter_first(&wdev->buffers, (unsigned long)va, (unsigned long)va);
}

/**
 * wd_buffer_next() - another one that the address lies in
 * @buffer: from wd_buffer_first() or wd_buffer_next(), under the same hold of the lock
 * @va: the same address
 *
 * Return: a record, or NULL.
 */
struct wd_buffer *wd_buffer_next(struct wd_buffer *buffer, const void *va)
{
	return wd_buffer_tree_iter_next(buffer, (unsigned long)va, (unsigned long)va);
}

static void wd_buffer_insert(struct wd_buffer *buffer)
{
	struct wd_device *wdev = buffer->wdev;
	unsigned long flags;

	spin_lock_irqsave(&wdev->buffers_lock, flags);
	wd_buffer_tree_insert(buffer, &wdev->buffers);
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
}

/**
 * wd_buffer_remove() - take a record away: from here on nobody finds the buffer
 * @buffer: found under its device's buffers_lock, which is held
 */
void wd_buffer_remove(struct wd_buffer *buffer)
{
	lockdep_assert_held(&buffer->wdev->buffers_lock);
	wd_buffer_tree_remove(buffer, &buffer->wdev->buffers);
	/* Whether dead or not, its memory is an adapter's. */
	if (buffer->adapter->id == buffer->adapter_id)
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
	struct wd_device *wdev = buffer->wdev;

	/* A controller that was told to stop may not have stopped yet. */
	if (buffer->engine)
		wd_system_wait(buffer->engine);
	wd_memory_free(buffer);
	put_device(buffer->dev);
	kfree(buffer);
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
	if (RB_EMPTY_ROOT(&wdev->buffers.rb_root) ||
	    !(mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)))
		return -ENOENT;

	va = mdl->MappedSystemVa + offset;
	spin_lock_irqsave(&wdev->buffers_lock, flags);
	buffer = wd_buffer_first(wdev, va);
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
		wd_buffer_free(buffer);
		count++;
	}
}

/*
 * What the adapter can do for a wish: whole pages, and no address that it does not reach. Limits
 * that cannot hold the buffer fail at once.
 */
static int wd_buffer_fit_wish(const struct wd_adapter *adapter, struct wd_buffer_wish *wish)
{
	u64 granule = PAGE_SIZE;
	u64 first, end;

	if (!wish->bytes || check_add_overflow(wish->bytes, granule - 1, &wish->bytes))
		return -EINVAL;
	wish->bytes &= ~(granule - 1);
	if (check_add_overflow(wish->first_address, granule - 1, &first))
		return -EINVAL;
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

/**
 * wd_buffer_alloc() - allocate a common buffer
 * @adapter: its owner
 * @wish: what it is to be like
 *
 * Address and logical address are page-aligned, the contents zero. The buffer crosses no line of
 * 4 GiB.
 *
 * Context: Process, may sleep.
 * Return: its record, which the device's other routines find from now on; ERR_PTR(-EINVAL) when the
 * wish is impossible by itself, ERR_PTR(-ENOMEM) when it cannot be had.
 */
struct wd_buffer *wd_buffer_alloc(struct wd_adapter *adapter, const struct wd_buffer_wish *wish)
{
	struct wd_buffer_wish fitted = *wish;
	struct wd_buffer *buffer;
	int ret = wd_buffer_fit_wish(adapter, &fitted);

	if (ret)
		return ERR_PTR(ret);
	buffer = kzalloc(sizeof(*buffer), GFP_KERNEL);
	if (!buffer)
		return ERR_PTR(-ENOMEM);
	buffer->wdev = adapter->wdev;
	buffer->adapter = adapter;
	buffer->adapter_id = adapter->id;
	buffer->bytes = wish->bytes;
	buffer->extent = fitted.bytes;
	buffer->dev = adapter->dev;
	INIT_WORK(&buffer->free_work, wd_buffer_free_work);
	atomic_inc(&adapter->nr_buffers);
	ret = wd_memory_alloc(buffer, &fitted);
	if (ret) {
		atomic_dec(&adapter->nr_buffers);
		kfree(buffer);
		return ERR_PTR(ret);
	}
	wd_device_hold(adapter->wdev);
	get_device(buffer->dev);
	wd_buffer_insert(buffer);
	return buffer;
}
