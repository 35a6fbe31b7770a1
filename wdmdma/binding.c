// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bindings: which channel serves a request line of a device.
 *
 * The host of a ported driver registers what Windows would know from the firmware. A channel is
 * requested when it is bound, so that the host's probe can be deferred until the controller is
 * there, and kept until the device object or the binding of the host's driver ends. What was not
 * bound may be found by ACPI, when an adapter is made.
 *
 * A device link makes the core unbind the host's driver before the controller's: all adapters are
 * gone by then, and the channels released.
 */
#include <linux/acpi.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "internal.h"
#include "irql.h"
#include "system.h"

struct wd_binding {
	struct list_head node;			/* wd_device.bindings */
	struct wdmdma_dma_binding what;
	struct dma_slave_config config;
	struct wd_engine *engine;		/* referenced */
	char name[];				/* empty: none */
};

#ifdef CONFIG_ACPI
/* Looks for the FixedDMA descriptor of a line and channel, counting them. */
struct wd_fixed_dma {
	const struct wdmdma_dma_binding *what;
	size_t index;
	bool found;
};

static int wd_fixed_dma_look(struct acpi_resource *resource, void *data)
{
	const struct acpi_resource_fixed_dma *dma = &resource->data.fixed_dma;
	struct wd_fixed_dma *search = data;

	if (resource->type != ACPI_RESOURCE_TYPE_FIXED_DMA || search->found)
		return 1;	/* and go on */
	search->found = dma->request_lines == search->what->request_line &&
			dma->channels == search->what->channel;
	if (!search->found)
		search->index++;
	return 1;
}

static struct wd_engine *wd_binding_ask_acpi(struct device *dev,
					     const struct wdmdma_dma_binding *what)
{
	struct wd_fixed_dma search = { .what = what };
	LIST_HEAD(resources);
	int ret;

	if (!has_acpi_companion(dev))
		return ERR_PTR(-ENODEV);
	ret = acpi_dev_get_resources(ACPI_COMPANION(dev), &resources, wd_fixed_dma_look, &search);
	if (ret < 0)
		return ERR_PTR(ret);
	acpi_dev_free_resource_list(&resources);
	if (!search.found)
		return ERR_PTR(-ENODEV);
	return wd_engine_request_acpi(dev, search.index);
}
#else
static struct wd_engine *wd_binding_ask_acpi(struct device *dev,
					     const struct wdmdma_dma_binding *what)
{
	return ERR_PTR(-ENODEV);
}
#endif

/* Requests are exclusive, so a name that is bound already is shared. */
static struct wd_engine *wd_binding_engine(struct wd_device *wdev,
					   const struct wdmdma_dma_binding *what)
{
	struct wd_binding *binding;

	if (!what->name)
		return what->chan ? wd_engine_share(what->chan) :
				    wd_binding_ask_acpi(wdev->dev, what);
	list_for_each_entry(binding, &wdev->bindings, node)
		if (!strcmp(binding->name, what->name))
			return wd_engine_get(binding->engine);
	return wd_engine_request(wdev->dev, what->name);
}

static struct wd_binding *wd_binding_alloc(const struct wdmdma_dma_binding *what)
{
	size_t name_bytes = what->name ? strlen(what->name) + 1 : 1;
	struct wd_binding *binding = kzalloc(struct_size(binding, name, name_bytes), GFP_KERNEL);

	if (!binding)
		return NULL;
	binding->what = *what;
	if (what->name)
		strscpy(binding->name, what->name, name_bytes);
	if (what->config)
		binding->config = *what->config;
	else
		binding->config = (struct dma_slave_config){ .src_maxburst = 1, .dst_maxburst = 1 };
	return binding;
}

/* Makes a binding of the device, locked. */
static struct wd_binding *wd_binding_add(struct wd_device *wdev,
					 const struct wdmdma_dma_binding *what)
{
	struct wd_binding *binding = wd_binding_alloc(what);
	struct wd_engine *engine;

	lockdep_assert_held(&wdev->mutex);
	if (!binding)
		return ERR_PTR(-ENOMEM);
	engine = wd_binding_engine(wdev, what);
	if (IS_ERR(engine)) {
		kfree(binding);
		return ERR_CAST(engine);
	}
	binding->engine = engine;
	/* No link if the controller depends on the device, or is it. */
	if (!device_link_add(wdev->dev, wd_engine_controller(engine), DL_FLAG_AUTOREMOVE_CONSUMER))
		dev_info(wdev->dev, "wdmdma: no device link to %s\n",
			 dev_name(wd_engine_controller(engine)));
	list_add_tail(&binding->node, &wdev->bindings);
	return binding;
}

static struct wd_binding *wd_binding_lookup(struct wd_device *wdev, bool any_line, u32 request_line,
					    u32 channel)
{
	struct wd_binding *binding;

	lockdep_assert_held(&wdev->mutex);
	list_for_each_entry(binding, &wdev->bindings, node)
		if (binding->what.channel == channel &&
		    (any_line || binding->what.request_line == request_line))
			return binding;
	return NULL;
}

/**
 * wd_binding_find() - the engine that a description asks for
 * @wdev: the device, locked
 * @description: for system DMA
 * @system: receives what the binding says
 *
 * Context: Process, may sleep.
 * Return: the engine, referenced; or an errno as a pointer: -ENODEV when no channel serves the
 * line.
 */
struct wd_engine *wd_binding_find(struct wd_device *wdev, const DEVICE_DESCRIPTION *description,
				  struct wd_system *system)
{
	/* Older descriptions end before the line. */
	bool has_line = description->Version == DEVICE_DESCRIPTION_VERSION3;
	const struct wdmdma_dma_binding by_acpi = {
		.request_line = has_line ? description->DmaRequestLine : 0,
		.channel = description->DmaChannel,
	};
	struct wd_binding *binding = wd_binding_lookup(wdev, !has_line, by_acpi.request_line,
						       by_acpi.channel);

	if (!binding && has_line)
		binding = wd_binding_add(wdev, &by_acpi);
	if (!binding)
		return ERR_PTR(-ENODEV);
	if (IS_ERR(binding))
		return ERR_CAST(binding);
	system->config = binding->config;
	system->configure = binding->what.configure;
	system->device_address = binding->what.bus_offset;
	return wd_engine_get(binding->engine);
}

/**
 * wd_binding_free_all() - release the channels of a device
 * @wdev: the device; it has no adapter, and nobody else knows it any more
 *
 * Context: Process, may sleep.
 */
void wd_binding_free_all(struct wd_device *wdev)
{
	struct wd_binding *binding, *next;

	list_for_each_entry_safe(binding, next, &wdev->bindings, node) {
		list_del(&binding->node);
		wd_engine_put(binding->engine);
		kfree(binding);
	}
}

/**
 * wdmdma_bind_dma_channel() - say which channel serves a request line, and get hold of it
 * @object: the device object
 * @what: the line and its channel; copied
 *
 * See wdmdma.h.
 *
 * Context: Process, may sleep.
 * Return: 0; -EPROBE_DEFER: no such channel yet, or somebody else has it; -EEXIST: line and channel
 * are bound already; -EINVAL without @what, or for an unknown device object; -ENOMEM; another errno
 * of the controller.
 */
int wdmdma_bind_dma_channel(PDEVICE_OBJECT object, const struct wdmdma_dma_binding *what)
{
	struct wd_device *wdev;
	int ret = -EEXIST;

	might_sleep();
	if (!what)
		return -EINVAL;
	wdev = wd_device_get(object);
	if (!wdev)
		return -EINVAL;
	mutex_lock(&wdev->mutex);
	if (!wd_binding_lookup(wdev, false, what->request_line, what->channel))
		ret = PTR_ERR_OR_ZERO(wd_binding_add(wdev, what));
	mutex_unlock(&wdev->mutex);
	wd_device_put(wdev);
	return ret;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_bind_dma_channel, WDMDMA);
