// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of an adapter: IoGetDmaAdapter, PutDmaAdapter, and how every other call finds one.
 *
 * Memory of an adapter is only ever used for adapters (grave.c). A stale handle therefore reads a
 * magic that says so, and its table stays callable. Pointers that never were adapters are not
 * protected.
 *
 * Two kinds of calls use an adapter. Those that cannot sleep do so inside an RCU read-side section
 * (wd_adapter_enter()); those that sleep hold a reference (wd_adapter_get()). What an adapter
 * consists of is freed in process context when both have ended.
 */
#include <linux/dma-mapping.h>
#include <linux/minmax.h>
#include <linux/pci.h>

#include "debugfs.h"
#include "domain.h"
#include "inject.h"
#include "internal.h"
#include "irql.h"
#include "ops.h"
#include "system.h"
#include "trace.h"
#include "verifier.h"
#include "walk.h"

static atomic64_t wd_last_adapter_id;

static void wd_adapter_destroy(struct work_struct *work);

static struct wd_adapter *wd_adapter_alloc(void)
{
	struct wd_adapter *adapter = wd_adapter_unbury();

	if (!adapter)
		return NULL;
	adapter->id = atomic64_inc_return(&wd_last_adapter_id);
	refcount_set(&adapter->users, 1);
	INIT_LIST_HEAD(&adapter->waiters);
	INIT_LIST_HEAD(&adapter->free_grants);
	adapter->waiting_objects = RB_ROOT;
	adapter->waiting_contexts = RB_ROOT;
	adapter->lists = RB_ROOT;
	xa_init_flags(&adapter->grants, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);
	tasklet_setup(&adapter->tasklet, wd_queue_tasklet);
	INIT_DELAYED_WORK(&adapter->retry, wd_queue_retry);
	INIT_WORK(&adapter->destroy, wd_adapter_destroy);
	return adapter;
}

/**
 * wd_adapter_is_alive() - has an adapter not been put yet?
 * @adapter: memory that is an adapter's
 */
bool wd_adapter_is_alive(const struct wd_adapter *adapter)
{
	/* Pairs with the release in wd_adapter_publish(): what it shows is complete. */
	return smp_load_acquire(&adapter->magic) == WD_ADAPTER_LIVE;
}

static void wd_adapter_report_dead(PDMA_ADAPTER dma_adapter, const char *routine)
{
	if (!dma_adapter)
		wd_report(WD_REPORT_NULL_ADAPTER, NULL, routine, "called with a NULL adapter");
	else
		wd_misuse_stale(NULL, WD_REPORT_DEAD_ADAPTER, routine, "adapter", dma_adapter,
				dma_adapter, 0, 0,
				"called with adapter %p, which has been released", dma_adapter);
}

/**
 * wd_adapter_find() - begin a call that is allowed everywhere
 * @dma_adapter: the caller's handle
 * @routine: Windows' name of the routine called
 *
 * Context: Any.
 * Return: the adapter, inside an RCU read-side section until wd_adapter_leave(); or NULL after one
 * report.
 */
struct wd_adapter *wd_adapter_find(PDMA_ADAPTER dma_adapter, const char *routine)
{
	struct wd_adapter *adapter = container_of(dma_adapter, struct wd_adapter, public);

	rcu_read_lock();
	if (likely(dma_adapter && wd_adapter_is_alive(adapter))) {
		__release(RCU);
		if (!wd_verifies(adapter) || !wd_check_irql(adapter, routine, true))
			return adapter;
		wd_adapter_leave();
		return NULL;
	}
	rcu_read_unlock();
	wd_adapter_report_dead(dma_adapter, routine);
	return NULL;
}

/**
 * wd_adapter_enter() - begin a call that does not sleep
 * @dma_adapter: the caller's handle
 * @routine: Windows' name of the routine called
 *
 * Context: <= DISPATCH_LEVEL; a hard interrupt is refused.
 * Return: as wd_adapter_find().
 */
struct wd_adapter *wd_adapter_enter(PDMA_ADAPTER dma_adapter, const char *routine)
{
	struct wd_adapter *adapter = wd_adapter_find(dma_adapter, routine);

	if (likely(adapter && wd_irql_is_dispatch(adapter->host, routine)))
		return adapter;
	if (adapter)
		wd_adapter_leave();
	return NULL;
}

/**
 * wd_adapter_leave() - end a call that wd_adapter_enter() began
 */
void wd_adapter_leave(void)
{
	__acquire(RCU);
	rcu_read_unlock();
}

/**
 * wd_adapter_get() - begin a call that may sleep
 * @dma_adapter: the caller's handle
 * @routine: Windows' name of the routine called
 *
 * Context: Process; anything else is refused.
 * Return: the adapter, until wd_adapter_put(); or NULL after one report.
 */
struct wd_adapter *wd_adapter_get(PDMA_ADAPTER dma_adapter, const char *routine)
{
	struct wd_adapter *adapter = container_of(dma_adapter, struct wd_adapter, public);
	struct device *dev = NULL;
	bool alive = false;

	rcu_read_lock();
	if (dma_adapter && wd_adapter_is_alive(adapter))
		alive = refcount_inc_not_zero(&adapter->users);
	if (alive)
		dev = adapter->host;
	rcu_read_unlock();

	if (!alive) {
		wd_adapter_report_dead(dma_adapter, routine);
		return NULL;
	}
	/* Under a spinlock there is nothing that it could do. */
	if (wd_verifies(adapter) && wd_irql() == PASSIVE_LEVEL &&
	    (wd_check_irql(adapter, routine, false) || !wd_may_wait())) {
		wd_adapter_put(adapter);
		return NULL;
	}
	if (wd_irql_is_passive(dev, routine)) {
		might_sleep();
		return adapter;
	}
	wd_adapter_put(adapter);
	return NULL;
}

/**
 * wd_adapter_put() - end a call that wd_adapter_get() began
 * @adapter: the adapter
 *
 * Context: Any.
 */
void wd_adapter_put(struct wd_adapter *adapter)
{
	if (refcount_dec_and_test(&adapter->users))
		queue_work(wd_workqueue, &adapter->destroy);
}

static void wd_adapter_destroy(struct work_struct *work)
{
	struct wd_adapter *adapter = container_of(work, struct wd_adapter, destroy);
	struct wd_device *wdev = adapter->wdev;
	bool is_last;

	wd_adapter_file_remove(adapter);
	synchronize_rcu();
	tasklet_kill(&adapter->tasklet);
	cancel_delayed_work_sync(&adapter->retry);
	/* Who moves the device's adapters to another domain finds it whole, or not at all. */
	mutex_lock(&wdev->mutex);
	wd_grant_free_all(adapter);
	wd_bounce_destroy(adapter);
	wd_slots_destroy(adapter);
	list_del(&adapter->node);
	wd_class_claim_masks(wdev);
	is_last = list_empty(&wdev->adapters);
	mutex_unlock(&wdev->mutex);
	if (is_last)
		wd_graves_open(wdev);
	wd_system_detach(adapter);
	wd_domain_adapter_gone(wdev, adapter->id);

	wd_inject_end(adapter);
	wd_verifier_end(adapter);
	wd_adapter_bury(adapter);
	wd_device_put(wdev);
}

/*
 * Takes the lists of a dying adapter. Those being prepared, and the one whose routine runs, are
 * left to whoever runs it; but if the latter is in the driver's memory, that may be gone soon.
 */
static void wd_adapter_take_lists(struct wd_adapter *adapter, struct rb_root *lists, u32 *running)
{
	struct rb_node *node, *next;

	*running = 0;

	lockdep_assert_held(&adapter->lock);
	*lists = adapter->lists;
	adapter->lists = RB_ROOT;
	for (node = rb_first(lists); node; node = next) {
		struct wd_list *list = rb_entry(node, struct wd_list, node);

		next = rb_next(node);
		if (cmpxchg(&list->state, WD_LIST_PREPARING, WD_LIST_DOOMED) == WD_LIST_PREPARING) {
			rb_erase(node, lists);
			continue;
		}
		smp_rmb();	/* pairs with cmpxchg() in wd_list_run(): live, so running is set */
		if (!list->running)
			continue;
		if (list->own_memory) {
			rb_erase(node, lists);
			++*running;
		} else {
			list->running->list = NULL;
		}
	}
}

static u32 wd_adapter_drop_lists(struct wd_adapter *adapter, struct rb_root *lists,
				 const char *routine)
{
	struct wd_list *list, *next;
	u32 count = 0;

	rbtree_postorder_for_each_entry_safe(list, next, lists, node) {
		if (list->state == WD_LIST_LIVE)
			wd_system_end_list(adapter, list, true);
		/* A starved one was promised its routine; one that merely waits may be dropped. */
		if (list->state == WD_LIST_LIVE || list->starved)
			wd_leak_list(adapter, list, routine, count++);
		wd_list_free(list);
	}
	return count;
}

static void wd_adapter_drop_waiters(struct wd_adapter *adapter)
{
	struct wd_request *request;

	lockdep_assert_held(&adapter->lock);
	list_for_each_entry(request, &adapter->waiters, node) {
		trace_wdmdma_request_cancelled(adapter, request);
		if (adapter->system)
			wd_gate_forget(adapter, request);
	}
	/* A call that found the adapter alive may still look for a request. */
	INIT_LIST_HEAD(&adapter->waiters);
	adapter->waiting_objects = RB_ROOT;
	adapter->waiting_contexts = RB_ROOT;
}

/**
 * wd_adapter_kill() - end an adapter: what it still owns is released and reported
 * @adapter: the adapter; nothing happens if it is dead already
 * @routine: on whose behalf, for the reports
 *
 * Waiting requests are dropped, their routines never called. Lists and register sets are unmapped
 * without copying anything back. Common buffers stay: the device may be using them.
 *
 * Context: Any but a hard interrupt.
 */
void wd_adapter_kill(struct wd_adapter *adapter, const char *routine)
{
	struct rb_root lists;
	unsigned long flags;
	PVOID base = NULL;
	u32 count, vectors, running, regs;
	bool held;

	spin_lock_irqsave(&adapter->lock, flags);
	if (!wd_adapter_is_alive(adapter)) {
		spin_unlock_irqrestore(&adapter->lock, flags);
		return;
	}
	WRITE_ONCE(adapter->magic, WD_ADAPTER_DEAD);
	atomic_dec(&adapter->wdev->nr_live);
	trace_wdmdma_adapter_put(adapter);
	held = adapter->channel.held;
	if (adapter->channel.grant)
		base = adapter->channel.base;
	wd_adapter_drop_waiters(adapter);
	wd_adapter_take_lists(adapter, &lists, &running);
	spin_unlock_irqrestore(&adapter->lock, flags);

	count = atomic_read(&adapter->nr_buffers);
	vectors = atomic_read(&adapter->nr_vectors);
	if (wd_verifies(adapter))
		wd_leak_buffers(adapter, routine);
	if (count || vectors)
		wd_misuse(adapter, WD_REPORT_BUFFERS_LEFT, routine, &adapter->public, count,
			  vectors,
			  "adapter released with %u common buffers and %u vectors; they are kept",
			  count, vectors);
	if (READ_ONCE(adapter->wdev->joiner_id) == adapter->id)
		wd_misuse(adapter, WD_REPORT_DOMAIN, routine, WD_DOMAIN_PUT_JOINED, 0, 0,
			  "adapter released in a domain that it has joined; it leaves that");
	if (held)
		wd_misuse(adapter, WD_REPORT_CHANNEL_LEFT, routine, &adapter->public, 1, 0,
			  "adapter released with its channel allocated");
	if (adapter->system)
		wd_system_abandon(adapter, base, NULL);
	count = wd_grant_close_all(adapter, routine, &regs);
	if (count)
		wd_misuse(adapter, WD_REPORT_REGS_LEFT, routine, &adapter->public, regs, 0,
			  "adapter released with %u register sets allocated", count);
	count = wd_adapter_drop_lists(adapter, &lists, routine) + running;
	if (count)
		wd_misuse(adapter, WD_REPORT_LISTS_LEFT, routine, &adapter->public, count, 0,
			  "adapter released with %u scatter/gather lists, live or starved", count);
	if (adapter->system)
		wd_system_killed(adapter);
	if (wd_verifies(adapter))
		wd_verifier_killed(adapter, routine);
	wd_adapter_put(adapter);
}

/* Highest address of a bus master's description (adapter.md, step 3). */
static u64 wd_description_reach(const DEVICE_DESCRIPTION *description, struct device *dev)
{
	INTERFACE_TYPE bus = description->InterfaceType;

	if (description->Version == DEVICE_DESCRIPTION_VERSION3)
		return DMA_BIT_MASK(description->DmaAddressWidth);
	if (bus == InterfaceTypeUndefined || bus == PNPBus)
		bus = dev_is_pci(dev) ? PCIBus : Internal;
	if (description->Dma64BitAddresses)
		return DMA_BIT_MASK(64);
	if ((description->ScatterGather && bus == PCIBus) || description->Dma32BitAddresses)
		return DMA_BIT_MASK(32);
	return DMA_BIT_MASK(24);
}

/*
 * Map registers of one transfer (adapter.md, step 6), and the pages of the adapter's own that they
 * may need.
 */
static int wd_adapter_set_regs(struct wd_adapter *adapter, u32 bytes)
{
	u32 regs = (bytes >> PAGE_SHIFT) + !!(bytes & ~PAGE_MASK) + 1;
	u32 limit = wd_inject_pool(adapter, adapter->wdev->limits.pool_registers);
	int ret;

	regs = min(regs, wd_class_most_regs(adapter));
	if (limit)
		regs = min(regs, limit);
	regs = clamp(regs, WD_REGS_FLOOR, WD_REGS_CEILING);
	if (adapter->class == WDMDMA_BOUNCED || !adapter->scatter_gather) {
		/* Twice as many let two requests overlap. */
		u32 pages = max(min(2 * regs, limit ? : U32_MAX), regs);

		if (adapter->system)
			pages = 2 * regs;
		ret = wd_bounce_create(adapter, pages, (adapter->system ? 2 : 1) * WD_REGS_FLOOR);
		if (ret)
			return ret;
		regs = min(regs, adapter->bounce.nr_pages);
	} else if (limit) {
		adapter->pool_regs = max(limit, WD_REGS_FLOOR);
	}
	/* Of a controller's pages half may still be written while the other half is mapped. */
	if (adapter->system && adapter->bounce.nr_pages)
		regs = min(regs, adapter->bounce.nr_pages / 2);
	adapter->max_regs = regs;
	return adapter->system ? wd_system_reserve(adapter) : 0;
}

/* Last step of making an adapter: from here on calls find it. */
static void wd_adapter_publish(struct wd_adapter *adapter, const DMA_OPERATIONS *ops)
{
	adapter->public.Version = 1;	/* of every table; the description's is another number */
	adapter->public.Size = sizeof(adapter->public);
	adapter->public.DmaOperations = (PDMA_OPERATIONS)ops;
	atomic_inc(&adapter->wdev->nr_live);
	trace_wdmdma_adapter_made(adapter);
	/* Pairs with wd_adapter_is_alive(). */
	smp_store_release(&adapter->magic, WD_ADAPTER_LIVE);
}

static int wd_adapter_create(struct wd_device *wdev, const DEVICE_DESCRIPTION *description,
			     const void *owner, struct wd_adapter **result)
{
	const DMA_OPERATIONS *ops = wd_ops_for_version(description->Version);
	struct wd_adapter *adapter;
	int ret;

	if (!ops)
		return -EOPNOTSUPP;
	if (description->Master && description->Version == DEVICE_DESCRIPTION_VERSION3 &&
	    (description->DmaAddressWidth < 24 || description->DmaAddressWidth > 64))
		return -EINVAL;
	adapter = wd_injects(wdev->dev, WDMDMA_FAIL_ADAPTERS) ? NULL : wd_adapter_alloc();
	if (!adapter)
		return -ENOMEM;
	adapter->wdev = wdev;
	adapter->host = wdev->dev;
	adapter->dev = wdev->dev;
	adapter->scatter_gather = description->ScatterGather;
	adapter->last_address = description->Master ? wd_description_reach(description, wdev->dev) :
						      DMA_BIT_MASK(64);

	wd_verifier_begin(adapter);
	wd_adapter_file_create(adapter, description, owner);
	wd_inject_begin(adapter);
	if (!atomic_read(&wdev->nr_live))
		wd_domain_renew(wdev);
	mutex_lock(&wdev->mutex);
	if (wdev->map_as != wdev)
		mutex_lock_nested(&wdev->map_as->mutex, SINGLE_DEPTH_NESTING);
	ret = READ_ONCE(wdev->unbinding) || wdev->evicted || !wdev->dev->driver ? -ENODEV : 0;
	/* What its addresses are, nobody knows while it uses a page table of the driver's. */
	if (wdev->mmu_domain)
		ret = -EBUSY;
	if (!ret && !description->Master)
		ret = wd_system_attach(adapter, description);
	if (ret)
		goto unlock;
	adapter->blocked = wdev->blocked;
	if (!adapter->system)
		adapter->dev = wdev->map_as->dev;
	if (list_empty(&wdev->adapters) && !wdev->nr_mapped_as)
		wd_class_note_host(wdev);
	ret = wd_class_choose(adapter);
	if (!ret && wd_class_most_regs(adapter) < WD_REGS_FLOOR)
		ret = -EOPNOTSUPP;
	if (ret)
		goto unlock;
	list_add_tail(&adapter->node, &wdev->adapters);
	ret = wd_class_claim_masks(wdev);
	if (!ret && adapter->dev == wdev->map_as->dev && wdev->map_as != wdev)
		ret = wd_class_claim_as(adapter, wdev->map_as);
	if (!ret)
		ret = wd_adapter_set_regs(adapter, description->MaximumLength & 0x7FFFFFFF);
	if (ret) {
		list_del(&adapter->node);
		wd_class_claim_masks(wdev);
		goto unlock;
	}
	wd_slots_create(adapter);
	wd_adapter_publish(adapter, ops);
unlock:
	if (wdev->map_as != wdev)
		mutex_unlock(&wdev->map_as->mutex);
	mutex_unlock(&wdev->mutex);
	if (ret) {
		wd_bounce_destroy(adapter);
		wd_slots_destroy(adapter);
		wd_system_detach(adapter);
		wd_adapter_file_remove(adapter);
		wd_inject_end(adapter);
		wd_verifier_end(adapter);
		wd_adapter_bury(adapter);
	}
	if (!ret)
		*result = adapter;
	return ret;
}

/**
 * wdmdma_io_get_dma_adapter() - make a DMA adapter for a device (IoGetDmaAdapter)
 * @physical_device_object: from wdmdma_get_device_object()
 * @device_description: what the device can do; copied, never modified
 * @number_of_map_registers: receives the most map registers that one transfer may use, always the
 * same for this adapter; untouched on failure
 *
 * The adapter never gives out an address above the description's reach, the host driver's DMA mask
 * and the device's limits. It must be released with PutDmaAdapter; what is left when the host
 * driver unbinds is released then, with a report.
 *
 * With Master FALSE the adapter is for the channel that serves the description's request line
 * (wdmdma_bind_dma_channel(), ACPI), and the controller's limits are what counts.
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: the adapter, or NULL: an argument is NULL or the device object unknown; the version is
 * not offered; no channel serves the line, or it cannot do what is described; version 3 with
 * fewer than 24 or more than 64 address bits; the platform cannot give the reach; out of memory, or
 * of such that the device reaches. But for NULL arguments the log says which device, and the errno.
 */
PDMA_ADAPTER wdmdma_io_get_dma_adapter(PDEVICE_OBJECT physical_device_object,
				       PDEVICE_DESCRIPTION device_description,
				       PULONG number_of_map_registers)
{
	struct wd_adapter *adapter;
	struct wd_device *wdev;
	int ret;

	if (!wd_irql_is_passive(NULL, "IoGetDmaAdapter"))
		return NULL;
	if (wd_verifier_level() && wd_check_irql_to_get())
		return NULL;
	if (!physical_device_object || !device_description || !number_of_map_registers)
		return NULL;
	wdev = wd_device_get(physical_device_object);
	if (!wdev) {
		pr_info("wdmdma: IoGetDmaAdapter: %p is no object of wdmdma_get_device_object()\n",
			physical_device_object);
		return NULL;
	}

	ret = wd_adapter_create(wdev, device_description, __builtin_return_address(0), &adapter);
	if (ret) {
		if (!wd_ops_for_version(device_description->Version) &&
		    wd_verifier_selects(wdev->dev))
			wd_report(WD_REPORT_VERSION, wdev->dev, "IoGetDmaAdapter",
				  "a description of version %u", device_description->Version);
		dev_info(wdev->dev, "wdmdma: IoGetDmaAdapter: no adapter for a version %u %s%s description (%d)\n",
			 device_description->Version,
			 device_description->Master ? "bus master" : "system-DMA",
			 device_description->ScatterGather ? "" : " without scatter/gather", ret);
		wd_device_put(wdev);
		return NULL;
	}
	if (wd_verifies(adapter))
		wd_note_description(adapter, device_description);
	*number_of_map_registers = adapter->max_regs;
	return &adapter->public;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_io_get_dma_adapter, WDMDMA);

/**
 * wdmdma_put_dma_adapter() - release an adapter (PutDmaAdapter)
 * @dma_adapter: from IoGetDmaAdapter; dead afterwards
 *
 * What still belongs to it is reported: requests are dropped, lists and register sets unmapped
 * without copying back, common buffers kept until the host driver unbinds. A routine that another
 * processor has been granting meanwhile may still start, with the buffer of its list if that was
 * built; all its calls on the adapter fail.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 */
VOID wdmdma_put_dma_adapter(PDMA_ADAPTER dma_adapter)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "PutDmaAdapter");

	if (!adapter)
		return;
	wd_adapter_kill(adapter, "PutDmaAdapter");
	wd_adapter_leave();
}

/**
 * wdmdma_get_dma_alignment() - alignment that DMA buffers should have (GetDmaAlignment)
 * @dma_adapter: the adapter
 *
 * Context: Any.
 * Return: bytes, a power of two; 1 on a cache-coherent device. A size, not a mask.
 */
ULONG wdmdma_get_dma_alignment(PDMA_ADAPTER dma_adapter)
{
	struct wd_adapter *adapter = wd_adapter_find(dma_adapter, "GetDmaAlignment");
	ULONG alignment;

	if (!adapter)
		return 1;
	alignment = wd_class_alignment(adapter);
	wd_adapter_leave();
	return alignment;
}
