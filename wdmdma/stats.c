// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the Linux side can ask of an adapter: its numbers, and failures to order.
 */
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
 * Context: Any but a hard interrupt.
 * Return: 0, or -EINVAL for a NULL or dead adapter.
 */
int wdmdma_fail_next_maps(PDMA_ADAPTER dma_adapter, u32 count)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "wdmdma_fail_next_maps");

	if (!adapter)
		return -EINVAL;
	adapter->can_fail = true;
	atomic_set(&adapter->fail_maps, count);
	wd_adapter_leave();
	return 0;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_fail_next_maps, WDMDMA);
