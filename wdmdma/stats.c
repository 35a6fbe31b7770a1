// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the Linux side can ask for: an adapter's numbers, failures to order, and how a device's
 * addresses are translated.
 */
#include <linux/string.h>

#include "domain.h"
#include "inject.h"
#include "internal.h"

/**
 * wdmdma_get_adapter_stats() - how an adapter maps and what it has in use
 * @dma_adapter: the adapter
 * @stats: filled
 *
 * Context: Any but a hard interrupt.
 * Return: 0; -EINVAL without @stats, or for a NULL or dead adapter.
 */
int wdmdma_get_adapter_stats(PDMA_ADAPTER dma_adapter, struct wdmdma_adapter_stats *stats)
{
	struct wd_adapter *adapter;
	unsigned long flags;

	if (!stats)
		return -EINVAL;
	adapter = wd_adapter_enter(dma_adapter, "wdmdma_get_adapter_stats");
	if (!adapter)
		return -EINVAL;

	spin_lock_irqsave(&adapter->lock, flags);
	*stats = (struct wdmdma_adapter_stats){
		.mapping = adapter->class,
		.map_registers = adapter->max_regs,
		.last_address = adapter->last_address,
		.direct_maps = atomic64_read(&adapter->maps[WDMDMA_DIRECT]),
		.translated_maps = atomic64_read(&adapter->maps[WDMDMA_TRANSLATED]),
		.bounced_maps = atomic64_read(&adapter->maps[WDMDMA_BOUNCED]),
		.common_maps = atomic64_read(&adapter->common_maps),
		.mapped_bytes = atomic64_read(&adapter->mapped_bytes),
		.bounced_bytes = atomic64_read(&adapter->bounced_bytes),
		.lists_live = adapter->nr_lists,
		.sets_live = adapter->nr_sets,
		.buffers_live = atomic_read(&adapter->nr_buffers),
		.vectors_live = atomic_read(&adapter->nr_vectors),
		.waiting = adapter->nr_waiting,
		.channels_granted = adapter->channels_granted,
	};
	spin_unlock_irqrestore(&adapter->lock, flags);
	wd_adapter_leave();
	return 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_get_adapter_stats, WDMDMA);

/**
 * wdmdma_fail_next_maps() - let mappings fail as if the IOMMU had no address left
 * @dma_adapter: the adapter
 * @count: so many mappings fail from now on
 *
 * For tests. Register sets that get their memory from now on also get the spare page that
 * adapters whose mappings can fail have.
 *
 * Context: Process, may sleep.
 * Return: 0, or -EINVAL for a NULL or dead adapter.
 */
int wdmdma_fail_next_maps(PDMA_ADAPTER dma_adapter, u32 count)
{
	struct wd_adapter *adapter = wd_adapter_get(dma_adapter, "wdmdma_fail_next_maps");

	if (!adapter)
		return -EINVAL;
	wd_inject_next_maps(adapter, count);
	wd_adapter_put(adapter);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_fail_next_maps, WDMDMA);

/**
 * wdmdma_get_translation() - what happens to a device's addresses
 * @object: the device object
 * @translation: filled; unchanged on failure
 *
 * Context: Process, may sleep.
 * Return: 0; -EINVAL without @translation, or for an unknown device object; -ENOMEM.
 */
int wdmdma_get_translation(PDEVICE_OBJECT object, struct wdmdma_translation *translation)
{
	struct wdmdma_translation result = {};
	struct wd_domain *domain;
	struct wd_device *wdev;
	const char *name;

	might_sleep();
	if (!translation)
		return -EINVAL;
	wdev = wd_device_get(object);
	if (!wdev)
		return -EINVAL;
	mutex_lock(&wd_domains_mutex);
	domain = wd_domain_current(wdev);
	if (domain) {
		result.translated = wd_iommu_translates(wdev->dev);
		result.domain = wd_domain_handle(domain);
		result.devices = wd_domain_count(domain);
		name = wd_iommu_name(wdev->dev);
		if (name)
			strscpy(result.iommu, name, sizeof(result.iommu));
	}
	mutex_unlock(&wd_domains_mutex);
	wd_device_put(wdev);
	if (!domain)
		return -ENOMEM;
	*translation = result;
	return 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_get_translation, WDMDMA);
