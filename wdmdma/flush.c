// SPDX-License-Identifier: GPL-2.0-only
/*
 * FlushAdapterBuffers: the end of a packet transfer.
 *
 * A flush undoes what was mapped, as it was mapped; the caller's Length only says how much of it
 * the device filled. A mapping is released whole or not at all.
 *
 * For system DMA it also stops the controller, if need be. Then the driver gets its data at once,
 * but what was mapped is parked until the channel has drained (system_drain.c). A caller who may
 * sleep waits for that.
 */
#include <linux/minmax.h>

#include "internal.h"
#include "irql.h"
#include "ops.h"
#include "system.h"
#include "trace.h"
#include "verifier.h"
#include "walk.h"

/* What one flush is about. */
struct wd_flush {
	PMDL mdl;
	u64 start, end;		/* bytes that the device transferred */
	u64 behind;		/* where a mapping starts that the device did not get to */
	u32 call;		/* the MapTransferEx whose mappings it ends, all of them; 0: none */
	u32 number;		/* of this flush in the set */
};

/* Does this flush end a mapping, and how much of it did the device transfer? */
static bool wd_flush_selects(const struct wd_flush *flush, const struct wd_mapping *mapping,
			     u32 *valid_bytes)
{
	*valid_bytes = 0;
	if (mapping->kind == WD_MAPPING_FREE || mapping->mdl != flush->mdl)
		return false;
	if (mapping->va == flush->start ||
	    (flush->call && mapping->call == flush->call) ||
	    (mapping->va > flush->start && mapping->va < flush->end)) {
		if (mapping->va < flush->end)
			*valid_bytes = min_t(u64, flush->end - mapping->va, mapping->bytes);
		return true;
	}
	return mapping->va == flush->behind &&
	       (!mapping->seen_by || mapping->seen_by == flush->number);
}

/*
 * Releases what one pass over the set's mappings finds: those that start in [start, end), or at
 * start. When the range ends inside a mapping the transfer was short, so what lies behind it in
 * this MDL, and was mapped since its last flush, is done with, too. Returns true if there may be
 * more of that.
 */
static bool wd_flush_pass(struct wd_adapter *adapter, struct wd_grant *grant,
			  struct wd_flush *flush, bool backwards)
{
	const u32 first = grant->first, end = grant->nr_maps;
	bool again = false;
	u32 i, valid_bytes;

	for (i = first; i < end; i++) {
		struct wd_mapping *mapping =
			wd_grant_mapping(grant, backwards ? end - 1 - (i - first) : i);
		u64 next = mapping->va + mapping->bytes;

		if (wd_flush_selects(flush, mapping, &valid_bytes)) {
			if (valid_bytes < mapping->bytes) {
				flush->behind = next;
				again = true;
			}
			wd_grant_release_mapping(adapter, grant, mapping, valid_bytes, false);
		} else if (mapping->kind != WD_MAPPING_FREE && mapping->mdl == flush->mdl &&
			   !mapping->seen_by) {
			mapping->seen_by = flush->number;
		}
	}
	return again && grant->nr_live;
}

/* The MapTransferEx whose first mapping starts where the flush does, if there is one. */
static u32 wd_flush_find_call(struct wd_grant *grant, const struct wd_flush *flush)
{
	u32 i;

	if (!grant->nr_calls)
		return 0;
	for (i = grant->first; i < grant->nr_maps; i++) {
		const struct wd_mapping *mapping = wd_grant_mapping(grant, i);

		if (mapping->kind != WD_MAPPING_FREE && mapping->mdl == flush->mdl &&
		    mapping->va == flush->start)
			return mapping->call;
	}
	return 0;
}

static void wd_flush(struct wd_adapter *adapter, struct wd_grant *grant, struct wd_flush *flush)
{
	bool backwards = false;

	lockdep_assert_held(&grant->lock);
	trace_wdmdma_flush(adapter, grant, flush->mdl, flush->start, flush->end - flush->start);
	flush->number = ++grant->nr_flushes;
	if (!flush->call)
		flush->call = wd_flush_find_call(grant, flush);
	/* Mostly one pass. What lies behind may have been mapped before, often in reverse order. */
	while (wd_flush_pass(adapter, grant, flush, backwards))
		backwards = !backwards;
	/* Flushing in order keeps the next search short. */
	while (grant->nr_live && wd_grant_mapping(grant, grant->first)->kind == WD_MAPPING_FREE)
		grant->first++;
}

/* Does the flush concern what is mapped? */
static bool wd_flush_finds(struct wd_grant *grant, const struct wd_flush *flush)
{
	u32 i, unused;

	for (i = grant->first; i < grant->nr_maps; i++)
		if (wd_flush_selects(flush, wd_grant_mapping(grant, i), &unused))
			return true;
	return false;
}

static void wd_flush_park(struct wd_adapter *adapter, struct wd_grant *grant,
			  const struct wd_flush *flush)
{
	u32 i, valid_bytes;

	trace_wdmdma_flush(adapter, grant, flush->mdl, flush->start, flush->end - flush->start);
	for (i = grant->first; i < grant->nr_maps; i++) {
		const struct wd_mapping *mapping = wd_grant_mapping(grant, i);

		if (wd_flush_selects(flush, mapping, &valid_bytes))
			wd_grant_sync_mapping(adapter, grant, mapping, valid_bytes);
	}
	wd_system_park_set(adapter, grant);
}

/* System DMA: one transfer, ended whole. Returns an engine to wait for, referenced, or NULL. */
static struct wd_engine *wd_flush_system(struct wd_adapter *adapter, struct wd_grant *grant,
					 struct wd_flush *flush, bool may_wait)
{
	struct wd_engine *engine = NULL;
	struct wd_xfer *xfer = NULL;

	lockdep_assert_held(&grant->lock);
	if (wd_flush_finds(grant, flush))
		xfer = wd_system_take(adapter, false);
	else
		wd_system_unmark(adapter);
	if (!xfer)
		return NULL;
	flush->call = grant->nr_calls;
	/* What did not arrive is not copied back, whatever the driver says. */
	flush->end = min(flush->end, xfer->va + wd_system_moved(xfer));
	if (xfer->is_parked) {
		if (may_wait)
			engine = wd_engine_get(adapter->system->engine);
		wd_flush_park(adapter, grant, flush);
	} else {
		wd_flush(adapter, grant, flush);
	}
	wd_system_parked(xfer);
	return engine;
}

/*
 * What was unmapped may be what a waiting list could not get. Its routine does not run here: a
 * driver may hold a lock across a flush that its routines take.
 */
static void wd_flush_feed_waiters(struct wd_adapter *adapter)
{
	if (unlikely(READ_ONCE(adapter->starved)))
		tasklet_schedule(&adapter->tasklet);
}

static bool wd_flush_is_refused(struct wd_adapter *adapter, PMDL mdl, PVOID base, u64 offset,
				u32 bytes, bool to_device, bool is_chain)
{
	const struct wd_check_call call = {
		.routine = is_chain ? "FlushAdapterBuffersEx" : "FlushAdapterBuffers",
		.mdl = mdl,
		.base = base,
		.offset = offset,
		.bytes = bytes,
		.to_device = to_device,
		.is_chain = is_chain,
	};

	return wd_check_flush(adapter, &call);
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
	bool may_wait = wd_may_wait();
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "FlushAdapterBuffers");
	struct wd_flush flush = {
		.mdl = mdl,
		.start = (ULONG_PTR)current_va,
		.end = (ULONG_PTR)current_va + min_t(u64, length, U64_MAX - (ULONG_PTR)current_va),
		.behind = U64_MAX,
	};
	struct wd_engine *engine = NULL;
	struct wd_grant *grant;
	unsigned long flags;

	if (!adapter)
		return FALSE;
	if (wd_verifies(adapter) && mdl &&
	    wd_flush_is_refused(adapter, mdl, map_register_base,
				(ULONG_PTR)current_va - wd_mdl_va(mdl), length, write_to_device,
				false)) {
		wd_adapter_leave();
		return FALSE;
	}
	grant = mdl ? wd_grant_lock(adapter, map_register_base, &flags) : NULL;
	if (grant && adapter->system)
		engine = wd_flush_system(adapter, grant, &flush, may_wait);
	else if (grant)
		wd_flush(adapter, grant, &flush);
	if (grant)
		wd_grant_unlock(grant, flags);
	wd_slots_report(adapter, "FlushAdapterBuffers");
	wd_flush_feed_waiters(adapter);
	wd_adapter_leave();
	if (engine)
		wd_system_wait(engine);
	return TRUE;
}

/**
 * wdmdma_flush_adapter_buffers_ex() - end what one MapTransferEx mapped (FlushAdapterBuffersEx)
 * @dma_adapter: the adapter
 * @mdl: as mapped
 * @map_register_base: as mapped; NULL does nothing
 * @offset: as mapped
 * @length: bytes that the device transferred, which may be fewer than mapped, or none
 * @write_to_device: as mapped; the direction it was mapped with is what counts
 *
 * All that the call mapped is released, whatever @length is. It also ends what MapTransfer mapped.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: STATUS_SUCCESS, also when there was nothing to flush; STATUS_INVALID_PARAMETER, and
 * nothing is released: @offset is behind the chain, no MDL although something is mapped, or a dead
 * or NULL adapter.
 */
NTSTATUS wdmdma_flush_adapter_buffers_ex(PDMA_ADAPTER dma_adapter, PMDL mdl,
					 PVOID map_register_base, ULONGLONG offset, ULONG length,
					 BOOLEAN write_to_device)
{
	bool may_wait = wd_may_wait();
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "FlushAdapterBuffersEx");
	struct wd_flush flush = { .mdl = mdl, .behind = U64_MAX };
	struct wd_engine *engine = NULL;
	struct wd_grant *grant = NULL;
	struct wd_range unused;
	unsigned long flags;
	int ret = 0;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (wd_verifies(adapter) && mdl &&
	    wd_flush_is_refused(adapter, mdl, map_register_base, offset, length, write_to_device,
				true)) {
		wd_adapter_leave();
		return STATUS_INVALID_PARAMETER;
	}
	if (mdl) {
		ret = wd_range_init(&unused, mdl, offset, 1);
		flush.start = wd_mdl_va(mdl) + offset;
		flush.end = flush.start + min_t(u64, length, U64_MAX - flush.start);
	}
	if (!ret && map_register_base)
		grant = wd_grant_lock(adapter, map_register_base, &flags);
	if (grant) {
		if (mdl && adapter->system)
			engine = wd_flush_system(adapter, grant, &flush, may_wait);
		else if (mdl)
			wd_flush(adapter, grant, &flush);
		else if (grant->nr_live)
			ret = -EINVAL;
		wd_grant_unlock(grant, flags);
	}
	wd_slots_report(adapter, "FlushAdapterBuffersEx");
	wd_flush_feed_waiters(adapter);
	wd_adapter_leave();
	if (engine)
		wd_system_wait(engine);
	return ret ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}
