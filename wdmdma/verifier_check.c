// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the verifier looks at when a driver asks for channel and registers, maps, flushes, and puts
 * a list. Each function is called before the routine does its work, reports what is wrong, and
 * returns true if the call is to fail because of it.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/minmax.h>

#include "list.h"
#include "verifier.h"
#include "walk.h"

/* Is the end of a transfer to memory where other data may share a line of the processor's cache? */
static bool wd_check_line(struct wd_adapter *adapter, const char *routine, PMDL mdl, u64 va,
			  u32 bytes, bool to_device)
{
	u32 line = dma_get_cache_alignment();
	bool fail = false;

	if (to_device || dev_is_dma_coherent(adapter->dev))
		return false;
	if (va % line)
		fail |= wd_misuse(adapter, WD_REPORT_BAD_BUFFER, routine, 4, va, mdl,
				  "the buffer does not start at a line of the cache");
	if (bytes % line)
		fail |= wd_misuse(adapter, WD_REPORT_BAD_BUFFER, routine, 5, bytes, mdl,
				  "the buffer does not end at a line of the cache");
	return fail;
}

/* Bytes that an MDL, or a chain, has from @offset on, with what is left of its last page. */
static u64 wd_check_room(PMDL mdl, u64 offset, bool is_chain)
{
	u64 bytes = mdl->ByteCount, slack = wd_mdl_slack(mdl);
	u32 count;

	for (count = 1; is_chain && mdl->Next && count < WD_CHAIN_MAX; count++) {
		mdl = mdl->Next;
		bytes += mdl->ByteCount;
		slack = wd_mdl_slack(mdl);
	}
	return bytes > offset ? bytes - offset + slack : 0;
}

/**
 * wd_check_regs() - are there so many map registers?
 * @adapter: verified
 * @routine: Windows' name of the routine
 * @regs: how many are wanted
 */
bool wd_check_regs(struct wd_adapter *adapter, const char *routine, u64 regs)
{
	if (regs <= adapter->max_regs)
		return false;
	return wd_misuse(adapter, WD_REPORT_TOO_MANY_REGS, routine, regs, adapter->max_regs, 0,
			 "%llu map registers wanted, IoGetDmaAdapter reported %u", regs,
			 adapter->max_regs);
}

/**
 * wd_check_channel() - look at a request for the channel
 * @adapter: verified
 * @routine: Windows' name of the routine
 * @device_object: whose request it is
 * @regs: map registers wanted
 * @may_queue: version 3: any number of requests may wait
 */
bool wd_check_channel(struct wd_adapter *adapter, const char *routine, PDEVICE_OBJECT device_object,
		      u32 regs, bool may_queue)
{
	bool fail = wd_check_regs(adapter, routine, regs), held;
	unsigned long flags;
	u32 used;

	spin_lock_irqsave(&adapter->lock, flags);
	held = adapter->channel.held && adapter->channel.kept && adapter->channel.grant &&
	       adapter->channel.grant->request.device_object == device_object;
	used = adapter->pool_used;
	spin_unlock_irqrestore(&adapter->lock, flags);

	if (held && device_object && !may_queue)
		fail |= wd_misuse(adapter, WD_REPORT_CHANNELS_HELD, routine, 1, 0, 0,
				  "the device object has the channel already");
	/* They wait there, as they may: nothing that a driver must not do. */
	if (wd_verifies_strictly(adapter) && used && regs <= adapter->max_regs &&
	    (u64)used + regs > adapter->max_regs)
		fail |= wd_misuse(adapter, WD_REPORT_REGS_HELD, routine, (u64)used + regs,
				  adapter->max_regs, 0,
				  "%u map registers in use, %u more wanted, Windows has %u", used,
				  regs, adapter->max_regs);
	return fail;
}

/* A live mapping that shares bytes with a range; NULL if there is none. */
static struct wd_mapping *wd_check_overlap(struct wd_grant *grant, PMDL mdl, u64 start, u64 end)
{
	u32 i;

	for (i = grant->first; i < grant->nr_maps; i++) {
		struct wd_mapping *mapping = wd_grant_mapping(grant, i);

		if (mapping->kind != WD_MAPPING_FREE && mapping->mdl == mdl &&
		    mapping->va < end && start < mapping->va + mapping->bytes)
			return mapping;
	}
	return NULL;
}

/**
 * wd_check_map() - look at a range that is to be mapped
 * @adapter: verified
 * @call: the arguments of MapTransfer or MapTransferEx
 */
bool wd_check_map(struct wd_adapter *adapter, const struct wd_check_call *call)
{
	u64 start = wd_mdl_va(call->mdl) + call->offset, end, address = 0;
	struct wd_mapping *mapping = NULL;
	struct wd_grant *grant;
	unsigned long flags;
	u64 room;
	bool fail;

	/* Version 1 reports this, and what is outside the MDL, in any case. */
	if (!call->bytes)
		return call->is_chain && wd_misuse(adapter, WD_REPORT_ZERO_LENGTH, call->routine,
						   call->mdl, 0, 0, "nothing to map");
	if (!call->is_chain && call->offset >= call->mdl->ByteCount)
		return false;
	room = wd_check_room(call->mdl, call->offset, call->is_chain);
	fail = wd_check_line(adapter, call->routine, call->mdl, start,
			     min_t(u64, call->bytes, room), call->to_device);
	if (call->bytes > room)
		fail |= call->is_chain ?
			wd_misuse(adapter, WD_REPORT_TOO_SMALL, call->routine, call->bytes - room,
				  0, 0, "the chain ends %llu bytes before the range",
				  call->bytes - room) :
			wd_misuse(adapter, WD_REPORT_BAD_BUFFER, call->routine, 3, call->mdl,
				  call->bytes, "%u bytes cross the end of the MDL's last page",
				  call->bytes);
	end = start + min_t(u64, call->bytes, room);
	grant = wd_grant_lock(adapter, call->base, &flags);
	if (!grant)
		return fail;
	mapping = wd_check_overlap(grant, call->mdl, start, end);
	if (mapping)
		address = mapping->va;
	wd_grant_unlock(grant, flags);
	if (mapping)
		fail |= wd_misuse(adapter, WD_REPORT_MAPPED_TWICE, call->routine, start, end,
				  address, "some of the range is mapped already");
	return fail;
}

/* What a set has mapped of what a flush is about */
struct wd_check_mapped {
	bool any;		/* ... at all */
	u32 bytes;		/* that the flush ends */
	u8 direction;
};

static void wd_check_selected(struct wd_grant *grant, const struct wd_check_call *call,
			      struct wd_check_mapped *mapped)
{
	u64 start = wd_mdl_va(call->mdl) + call->offset, end = start + call->bytes;
	u32 i, number = 0;

	mapped->any = grant->nr_live;
	for (i = grant->first; i < grant->nr_maps; i++) {
		const struct wd_mapping *mapping = wd_grant_mapping(grant, i);

		if (mapping->kind == WD_MAPPING_FREE || mapping->mdl != call->mdl)
			continue;
		if (mapping->va == start)
			number = mapping->call;
		if (mapping->va != start && !(mapping->va > start && mapping->va < end) &&
		    !(number && mapping->call == number))
			continue;
		mapped->bytes += mapping->bytes;
		mapped->direction = mapping->direction;
	}
}

/**
 * wd_check_flush() - look at what a flush is to end
 * @adapter: verified
 * @call: the arguments of FlushAdapterBuffers or FlushAdapterBuffersEx
 */
bool wd_check_flush(struct wd_adapter *adapter, const struct wd_check_call *call)
{
	u64 start = wd_mdl_va(call->mdl) + call->offset;
	struct wd_check_mapped mapped = {};
	struct wd_grant *grant;
	unsigned long flags;
	bool fail = false, was_to_device;
	u64 in_mdl;

	if (!call->base)
		return false;
	if (adapter->system)
		fail = wd_check_running(adapter, call->routine);
	grant = wd_grant_lock(adapter, call->base, &flags);
	if (grant) {
		wd_check_selected(grant, call, &mapped);
		wd_grant_unlock(grant, flags);
	}
	if (!call->is_chain && call->offset >= call->mdl->ByteCount)
		return fail | wd_misuse(adapter, WD_REPORT_NOT_IN_MDL, call->routine, start,
					call->mdl, 0, "CurrentVa is outside the MDL");
	if (!mapped.any)
		return fail | wd_misuse(adapter, WD_REPORT_FLUSH_NOTHING, call->routine,
					call->base, start, call->mdl,
					"nothing is mapped with these registers");
	if (!mapped.bytes)
		return fail | wd_misuse(adapter, WD_REPORT_FLUSH_OTHER, call->routine, call->base,
					start, call->mdl,
					"other ranges are mapped, but not this one");
	in_mdl = call->mdl->ByteCount - min_t(u64, call->offset, call->mdl->ByteCount);
	if (call->bytes > mapped.bytes)
		fail |= wd_misuse(adapter, WD_REPORT_MISC, call->routine, 1, in_mdl,
				  call->bytes - mapped.bytes,
				  "%u bytes flushed, %u are mapped", call->bytes, mapped.bytes);
	was_to_device = mapped.direction == DMA_TO_DEVICE;
	if (call->to_device != was_to_device)
		fail |= wd_misuse(adapter, WD_REPORT_DIRECTION, call->routine, was_to_device,
				  call->to_device, 0,
				  "mapped %s the device, flushed as if %s it",
				  call->to_device ? "from" : "to", call->to_device ? "to" : "from");
	return fail;
}

/**
 * wd_check_buffer() - look at a common buffer that is to be allocated
 * @adapter: verified
 * @routine: Windows' name of the routine
 * @bytes: the length
 */
bool wd_check_buffer(struct wd_adapter *adapter, const char *routine, u64 bytes)
{
	u64 most = (u64)adapter->max_regs * PAGE_SIZE;

	if (bytes <= most)
		return false;
	return wd_misuse(adapter, WD_REPORT_LARGE_BUFFER, routine, bytes, most, 0,
			 "%llu bytes are more than %u map registers stand for", bytes,
			 adapter->max_regs);
}

/**
 * wd_check_list() - look at a range that is to become a list
 * @adapter: verified
 * @mdl: first MDL of the chain, or NULL
 * @request: what the driver asks for
 */
bool wd_check_list(struct wd_adapter *adapter, PMDL mdl, const struct wd_list_request *request)
{
	bool is_ex = request->is_ex;
	struct wd_range range;
	u64 room;

	if (is_ex && wd_check_context(adapter, request->name, request->transfer_context))
		return true;
	if (!mdl || request->is_refused)
		return false;
	if (request->is_before)
		return wd_misuse(adapter, WD_REPORT_BAD_BUFFER, request->name, 1, request->va, mdl,
				 "CurrentVa is below the MDL's first byte");
	if (!request->bytes)
		return wd_misuse(adapter, WD_REPORT_ZERO_LENGTH, request->name, mdl, 0, 0,
				 "a list of no bytes");
	if (!is_ex && request->offset >= mdl->ByteCount)
		return wd_misuse(adapter, WD_REPORT_BAD_BUFFER, request->name, 2, request->va, mdl,
				 "CurrentVa is behind the first MDL");
	room = wd_check_room(mdl, request->offset, true);
	if (request->bytes > room)
		return is_ex ?
		       wd_misuse(adapter, WD_REPORT_TOO_SMALL, request->name,
				 request->bytes - room, 0, 0,
				 "the chain ends %llu bytes before the range",
				 request->bytes - room) :
		       wd_misuse(adapter, WD_REPORT_BAD_BUFFER, request->name, 3, mdl,
				 request->bytes, "%u bytes cross the end of the chain's last page",
				 request->bytes);
	if (wd_range_init(&range, mdl, request->offset, request->bytes))
		return false;
	if (range.regs > adapter->max_regs)
		return wd_check_regs(adapter, request->name, range.regs);
	if (request->buffer &&
	    wd_list_capacity(request->buffer_bytes, range.regs) < range.nr_pieces)
		return wd_misuse(adapter, WD_REPORT_TOO_SMALL, request->name, request->bytes, 0, 0,
				 "%u bytes of buffer are too few for the list",
				 request->buffer_bytes);
	return wd_check_line(adapter, request->name, mdl, wd_mdl_va(mdl) + request->offset,
			     request->bytes, request->direction == DMA_TO_DEVICE);
}
