// SPDX-License-Identifier: GPL-2.0-only
/*
 * FlushAdapterBuffers: the end of a packet transfer.
 *
 * A flush undoes what was mapped, as it was mapped; the caller's Length only says how much of it
 * the device filled. A mapping is released whole or not at all.
 */
#include <linux/minmax.h>

#include "internal.h"
#include "irql.h"
#include "ops.h"

/*
 * Releases the mappings of @mdl that start in [start, start + length), or at @start. When that
 * range ends inside a mapping the transfer was short, so what was mapped behind it since the last
 * flush is done with, too.
 */
static void wd_flush(struct wd_adapter *adapter, struct wd_grant *grant, PMDL mdl, u64 start,
		     u32 length)
{
	const u32 first = grant->first, nr_maps = grant->nr_maps;
	u64 end = start + length;
	u64 behind = U64_MAX;	/* where an abandoned mapping would start */
	u32 i;

	lockdep_assert_held(&grant->lock);
	for (i = first; i < nr_maps; i++) {
		struct wd_mapping *mapping = wd_grant_mapping(grant, i);
		u64 next = mapping->va + mapping->bytes;
		bool selected = mapping->va == start || (mapping->va > start && mapping->va < end);
		bool abandoned = mapping->va == behind && mapping->epoch == grant->epoch;

		if (mapping->kind != WD_MAPPING_FREE && mapping->mdl == mdl &&
		    (selected || abandoned)) {
			wd_grant_release_mapping(adapter, grant, mapping,
						 selected ? min_t(u64, end - mapping->va,
								  mapping->bytes) : 0, false);
			if (abandoned || end < next) {
				behind = next;
				i = first - 1;	/* it may have been mapped earlier */
				continue;
			}
		}
		/* Flushing in order keeps the next search short. */
		if (mapping->kind == WD_MAPPING_FREE && i == grant->first && grant->nr_live)
			grant->first++;
	}
	grant->epoch++;
}

/**
 * wdmdma_flush_adapter_buffers() - end a packet transfer (FlushAdapterBuffers)
 * @dma_adapter: the adapter
 * @mdl: as mapped
 * @map_register_base: as mapped; NULL does nothing
 * @current_va: CurrentVa of the first MapTransfer concerned
 * @length: bytes that the device transferred, which may be fewer than mapped, or none
 * @write_to_device: as mapped; the direction it was mapped with is what counts
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: TRUE, also when there was nothing to flush. FALSE for a dead or NULL adapter.
 */
BOOLEAN wdmdma_flush_adapter_buffers(PDMA_ADAPTER dma_adapter, PMDL mdl, PVOID map_register_base,
				     PVOID current_va, ULONG length, BOOLEAN write_to_device)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "FlushAdapterBuffers");
	struct wd_grant *grant;
	unsigned long flags;

	if (!adapter)
		return FALSE;
	grant = mdl ? wd_grant_lock(adapter, map_register_base, &flags) : NULL;
	if (grant) {
		wd_flush(adapter, grant, mdl, (ULONG_PTR)current_va, length);
		wd_grant_unlock(grant, flags);
	}
	/*
	 * What was unmapped may be what a waiting list could not get. Its routine does not run
	 * here: a driver may hold a lock across a flush that its routines take.
	 */
	if (unlikely(READ_ONCE(adapter->starved)))
		tasklet_schedule(&adapter->tasklet);
	wd_adapter_leave();
	return TRUE;
}
