// SPDX-License-Identifier: GPL-2.0-only
/*
 * Blocking a device: none of its adapters has anything outstanding, and none gets anything.
 *
 * That is what it takes to change the IOMMU domain of a device. Looked at is where requests and
 * common buffers are let in, under the adapter's lock; what is let in is what transfers are made
 * with, so these look at nothing.
 */
#include <linux/delay.h>
#include <linux/rbtree.h>

#include "internal.h"

/* So many milliseconds at least is an adapter that was put waited for. */
#define WD_SETTLE_TRIES	500

static bool wd_adapter_is_idle(struct wd_adapter *adapter)
{
	lockdep_assert_held(&adapter->lock);
	return !adapter->channel.held && !adapter->nr_sets && !adapter->nr_lists &&
	       list_empty(&adapter->waiters) && RB_EMPTY_ROOT(&adapter->lists) &&
	       !atomic_read(&adapter->nr_buffers);
}

static bool wd_adapter_block(struct wd_adapter *adapter)
{
	unsigned long flags;
	bool idle;

	spin_lock_irqsave(&adapter->lock, flags);
	idle = adapter->magic == WD_ADAPTER_LIVE && wd_adapter_is_idle(adapter);
	if (idle)
		adapter->blocked = true;
	spin_unlock_irqrestore(&adapter->lock, flags);
	return idle;
}

/**
 * wd_device_block() - let nobody have anything of a device
 * @wdev: not blocked
 *
 * Requests and allocations fail until wd_device_unblock(), those of new adapters as well.
 *
 * Context: Process, wd_device.mutex held.
 * Return: 0; -EBUSY, and nothing is blocked: there are register sets, lists, waiting requests, a
 * held channel, common buffers, or adapters that have been put and still leave.
 */
int wd_device_block(struct wd_device *wdev)
{
	struct wd_adapter *adapter;
	bool idle = true;

	lockdep_assert_held(&wdev->mutex);
	wdev->blocked = true;
	list_for_each_entry(adapter, &wdev->adapters, node)
		idle = idle && wd_adapter_block(adapter);
	/* Those whose adapters are gone */
	spin_lock_irq(&wdev->buffers_lock);
	idle = idle && RB_EMPTY_ROOT(&wdev->buffers.rb_root);
	spin_unlock_irq(&wdev->buffers_lock);
	if (idle)
		return 0;
	wd_device_unblock(wdev);
	return -EBUSY;
}

/**
 * wd_device_unblock() - undo wd_device_block()
 * @wdev: blocked
 *
 * Context: Process, wd_device.mutex held.
 */
void wd_device_unblock(struct wd_device *wdev)
{
	struct wd_adapter *adapter;

	lockdep_assert_held(&wdev->mutex);
	wdev->blocked = false;
	list_for_each_entry(adapter, &wdev->adapters, node) {
		spin_lock_irq(&adapter->lock);
		adapter->blocked = false;
		spin_unlock_irq(&adapter->lock);
	}
}

static bool wd_device_is_settled(struct wd_device *wdev)
{
	struct wd_adapter *adapter;
	bool is_settled = true;

	mutex_lock(&wdev->mutex);
	list_for_each_entry(adapter, &wdev->adapters, node)
		is_settled = is_settled && wd_adapter_is_alive(adapter);
	mutex_unlock(&wdev->mutex);
	return is_settled;
}

/**
 * wd_device_settle() - wait for adapters that were put
 * @wdev: their device
 *
 * They count as outstanding until they are gone, which is soon.
 *
 * Context: Process, may sleep.
 */
void wd_device_settle(struct wd_device *wdev)
{
	unsigned int tries = WD_SETTLE_TRIES;

	while (!wd_device_is_settled(wdev) && --tries)
		usleep_range(1000, 5000);
}
