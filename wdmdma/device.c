// SPDX-License-Identifier: GPL-2.0-only
/*
 * Device objects: one DEVICE_OBJECT for each struct device that a ported driver asks about.
 *
 * It lives as long as the driver's references, its adapters and its common buffers, and no longer
 * than the binding of the device's driver: a devres entry ends everything that is left, with a
 * report. Whoever takes the device off wd_devices frees it, so that the last put and the unbind may
 * meet. DEVICE_OBJECTs are looked up by address, never followed.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "buffer.h"
#include "domain.h"
#include "internal.h"
#include "mmu.h"
#include "runtime.h"
#include "system.h"
#include "verifier.h"

static DEFINE_MUTEX(wd_devices_mutex);
static LIST_HEAD(wd_devices);

struct wd_devres {
	struct wd_device *wdev;
};

static struct wd_device *wd_device_find_object(PDEVICE_OBJECT object)
{
	struct wd_device *wdev;

	lockdep_assert_held(&wd_devices_mutex);
	list_for_each_entry(wdev, &wd_devices, node)
		if (&wdev->object == object)
			return wdev;
	return NULL;
}

static struct wd_device *wd_device_find(struct device *dev)
{
	struct wd_device *wdev;

	lockdep_assert_held(&wd_devices_mutex);
	list_for_each_entry(wdev, &wd_devices, node)
		if (wdev->dev == dev)
			return wdev;
	return NULL;
}

static void wd_device_free(struct wd_device *wdev)
{
	wd_work_flush(&wdev->object);
	wd_domain_forget(wdev);
	wd_binding_free_all(wdev);
	mutex_destroy(&wdev->mutex);
	put_device(wdev->dev);
	kfree(wdev);
	module_put(THIS_MODULE);
}

/* The driver of the device has been unbound: nothing of the device may stay. */
static void wd_device_unbind(struct wd_device *wdev)
{
	struct wd_adapter *adapter;
	unsigned int buffers = 0, vectors;

	wd_work_flush(&wdev->object);
	/* No adapter is made once unbinding is set; each old one leaves the list by itself. */
	mutex_lock(&wdev->mutex);
	list_for_each_entry(adapter, &wdev->adapters, node)
		wd_adapter_kill(adapter, "driver-unbind");
	mutex_unlock(&wdev->mutex);

	wait_event(wdev->refs_dropped, list_empty_careful(&wdev->adapters));
	/* First the vectors, which know their elements. */
	vectors = wd_vector_free_all(wdev, &buffers);
	buffers += wd_buffer_free_all(wdev);
	wd_domain_unbind(wdev);
	wd_mmu_unbind(wdev);
	wd_graves_open(wdev);
	wait_event(wdev->refs_dropped, !READ_ONCE(wdev->refs));

	if (buffers || vectors)
		wd_report(WD_REPORT_BUFFERS_LEFT, wdev->dev, "driver-unbind",
			  "%u common buffers and %u vectors were never freed, freed now", buffers,
			  vectors);
	if (wdev->object_refs)
		wd_report(WD_REPORT_DEVICE_OBJECT, wdev->dev, "driver-unbind",
			  "the device object still had %u references", wdev->object_refs);
}

static void wd_devres_release(struct device *dev, void *res)
{
	struct wd_devres *devres = res;
	struct wd_device *wdev;
	bool found = false;

	mutex_lock(&wd_devices_mutex);
	list_for_each_entry(wdev, &wd_devices, node) {
		if (wdev == devres->wdev && wdev->dev == dev) {
			wdev->unbinding = true;
			found = true;
			break;
		}
	}
	mutex_unlock(&wd_devices_mutex);
	if (!found)	/* the last put was faster and frees it */
		return;

	wd_device_unbind(wdev);
	mutex_lock(&wd_devices_mutex);
	list_del(&wdev->node);
	mutex_unlock(&wd_devices_mutex);
	wd_device_free(wdev);
}

static int wd_devres_match(struct device *dev, void *res, void *data)
{
	struct wd_devres *devres = res;

	return devres->wdev == data;
}

/* Without a driver, or while it is losing it, nothing would end what belongs to a device. */
static bool wd_device_has_driver(const struct device *dev)
{
	return dev->driver && (dev->links.status == DL_DEV_PROBING ||
			       dev->links.status == DL_DEV_DRIVER_BOUND);
}

static struct wd_device *wd_device_create(struct device *dev)
{
	struct wd_devres *devres;
	struct wd_device *wdev;

	if (!wd_device_has_driver(dev) || !dev->dma_mask || !try_module_get(THIS_MODULE))
		return NULL;
	wdev = kzalloc(sizeof(*wdev), GFP_KERNEL);
	devres = devres_alloc(wd_devres_release, sizeof(*devres), GFP_KERNEL);
	if (!wdev || !devres) {
		devres_free(devres);
		kfree(wdev);
		module_put(THIS_MODULE);
		return NULL;
	}

	wdev->dev = get_device(dev);
	wdev->object.Size = sizeof(wdev->object);
	mutex_init(&wdev->mutex);
	init_waitqueue_head(&wdev->refs_dropped);
	INIT_LIST_HEAD(&wdev->adapters);
	INIT_LIST_HEAD(&wdev->bindings);
	spin_lock_init(&wdev->buffers_lock);
	wdev->buffers = RB_ROOT_CACHED;
	INIT_LIST_HEAD(&wdev->mdl_buffers);
	wdev->map_as = wdev;
	wdev->mapped_as_reach = U64_MAX;
	wdev->mapped_as_max_seg = UINT_MAX;
	devres->wdev = wdev;
	devres_add(dev, devres);
	return wdev;
}

/**
 * wdmdma_get_device_object() - the device object of a Linux device
 * @dev: a device that can do DMA and is bound to, or being probed by, its driver
 *
 * Each call is owed a wdmdma_put_device_object(). What still belongs to the object when the
 * device's driver unbinds (adapters, common buffers) is released then, with a report.
 *
 * Context: Process, may sleep.
 * Return: the same object for the same device; NULL when out of memory, or when @dev has no driver
 * (any more) or cannot do DMA at all.
 */
PDEVICE_OBJECT wdmdma_get_device_object(struct device *dev)
{
	struct wd_device *wdev;

	might_sleep();
	if (!dev)
		return NULL;
	mutex_lock(&wd_devices_mutex);
	wdev = wd_device_find(dev);
	if (!wdev) {
		wdev = wd_device_create(dev);
		if (wdev)
			list_add(&wdev->node, &wd_devices);
	}
	if (wdev && wdev->unbinding)
		wdev = NULL;
	if (wdev)
		wdev->object_refs++;
	mutex_unlock(&wd_devices_mutex);
	return wdev ? &wdev->object : NULL;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_get_device_object, WDMDMA);

/* A reference of either kind went: frees the device with the last, unless its unbind does. */
static void wd_device_dropped_and_unlock(struct wd_device *wdev)
{
	bool free;

	lockdep_assert_held(&wd_devices_mutex);
	free = !wdev->refs && !wdev->object_refs && !wdev->unbinding;
	if (free) {
		/* An unbind that does not find the device any more must not find its channels. */
		wd_binding_free_all(wdev);
		list_del(&wdev->node);
	} else {
		wake_up(&wdev->refs_dropped);	/* its unbind may wait, and needs the mutex next */
	}
	mutex_unlock(&wd_devices_mutex);

	if (free) {
		devres_destroy(wdev->dev, wd_devres_release, wd_devres_match, wdev);
		wd_device_free(wdev);
	}
}

/**
 * wdmdma_put_device_object() - give up a reference to a device object
 * @object: from wdmdma_get_device_object(), or NULL
 *
 * Context: Process, may sleep.
 */
void wdmdma_put_device_object(PDEVICE_OBJECT object)
{
	struct wd_device *wdev;

	might_sleep();
	if (!object)
		return;
	mutex_lock(&wd_devices_mutex);
	wdev = wd_device_find_object(object);
	if (!wdev || !wdev->object_refs) {
		mutex_unlock(&wd_devices_mutex);
		wd_report(WD_REPORT_DEVICE_OBJECT, wdev ? wdev->dev : NULL,
			  "wdmdma_put_device_object", "no reference is held to %p", object);
		return;
	}
	wdev->object_refs--;
	wd_device_dropped_and_unlock(wdev);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_put_device_object, WDMDMA);

/**
 * wd_device_get() - find the device behind a device object and take a reference
 * @object: any pointer
 *
 * Context: Process, may sleep.
 * Return: the device, or NULL for an unknown object or one whose driver is being unbound.
 */
struct wd_device *wd_device_get(PDEVICE_OBJECT object)
{
	struct wd_device *wdev;

	mutex_lock(&wd_devices_mutex);
	wdev = wd_device_find_object(object);
	if (wdev && wdev->unbinding)
		wdev = NULL;
	if (wdev)
		wdev->refs++;
	mutex_unlock(&wd_devices_mutex);
	return wdev;
}

/**
 * wd_device_hold() - take one more reference
 * @wdev: the caller is sure that it is referenced
 *
 * Context: Process, may sleep.
 */
void wd_device_hold(struct wd_device *wdev)
{
	mutex_lock(&wd_devices_mutex);
	wdev->refs++;
	mutex_unlock(&wd_devices_mutex);
}

/**
 * wd_device_put() - drop a reference of wd_device_get()
 * @wdev: the device
 *
 * Context: Process, may sleep.
 */
void wd_device_put(struct wd_device *wdev)
{
	mutex_lock(&wd_devices_mutex);
	wdev->refs--;
	wd_device_dropped_and_unlock(wdev);
}

/**
 * wdmdma_set_limits() - tell what a device can do below its mask
 * @object: the device object
 * @limits: copied; a member that is 0 sets no limit
 *
 * Applies to adapters made afterwards.
 *
 * Context: Process, may sleep.
 * Return: 0; -EINVAL without @limits, or for an unknown device object.
 */
int wdmdma_set_limits(PDEVICE_OBJECT object, const struct wdmdma_limits *limits)
{
	struct wd_device *wdev;

	might_sleep();
	if (!limits)
		return -EINVAL;
	wdev = wd_device_get(object);
	if (!wdev)
		return -EINVAL;
	mutex_lock(&wdev->mutex);
	wdev->limits = *limits;
	mutex_unlock(&wdev->mutex);
	wd_device_put(wdev);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_set_limits, WDMDMA);
