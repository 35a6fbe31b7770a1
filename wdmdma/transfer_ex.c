// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet mode of version 3: MapTransferEx.
 *
 * It maps a range of an MDL chain, piece by piece, and writes an element for each run of addresses.
 * It ends early where the list is full, the registers are used up or the DMA API has no more to
 * give, and succeeds with what it has got to; only where that is nothing it fails.
 *
 * With scatter/gather and without bouncing a piece is mapped in one go, and may give several
 * elements. Else each mapping is one run of addresses, as MapTransfer makes it. All mappings of one
 * call carry its number, by which a flush finds them.
 */
#include <linux/minmax.h>

#include "buffer.h"
#include "internal.h"
#include "irql.h"
#include "ops.h"
#include "status.h"
#include "system.h"
#include "transfer.h"
#include "verifier.h"
#include "walk.h"

static void wd_map_call_add_element(struct wd_map_call *call, u64 address, u32 bytes)
{
	SCATTER_GATHER_ELEMENT element = { .Address.QuadPart = address, .Length = bytes };

	call->list->Elements[call->list->NumberOfElements++] = element;
}

static u32 wd_map_call_room(const struct wd_map_call *call)
{
	return call->capacity - call->list->NumberOfElements;
}

static void wd_map_call_count(struct wd_map_call *call, struct wd_mapping *mapping, u64 byte)
{
	mapping->call = call->number;
	wd_transfer_count_mapping(call->adapter, call->grant, mapping, byte);
	call->va += mapping->bytes;
	call->bytes += mapping->bytes;
}

/* Bytes of the first segments of a mapping. */
static u32 wd_map_call_prefix(struct wd_mapping *mapping, u32 segments)
{
	struct scatterlist *sg;
	u32 bytes = 0, i;

	for_each_sg(mapping->sgl, sg, segments, i)
		bytes += sg_dma_len(sg);
	return bytes;
}

/*
 * Maps a piece, or as much of it as makes no more segments than there is room for. How many it will
 * be only the IOMMU knows; each further try ends where a segment ended.
 */
static int wd_map_call_segments(struct wd_map_call *call, struct wd_piece piece,
				struct wd_mapping *mapping)
{
	bool joins = call->adapter->class == WDMDMA_TRANSLATED;
	u32 room = wd_map_call_room(call);

	for (;;) {
		int ret = wd_transfer_list_runs(call->adapter, call->grant, piece,
						joins ? U32_MAX : room, mapping);

		if (ret)
			return ret;
		ret = wd_map_sg(call->adapter, mapping->sgl, mapping->nents, mapping->direction);
		if (ret <= (int)min_t(u32, room, INT_MAX))
			return ret;
		piece.left = wd_map_call_prefix(mapping, room);
		wd_unmap_sg(call->adapter, mapping->sgl, mapping->nents, mapping->direction, true);
	}
}

static int wd_map_call_list(struct wd_map_call *call, struct wd_piece piece,
			    struct wd_mapping *mapping)
{
	int segments = wd_map_call_segments(call, piece, mapping);
	struct scatterlist *sg;
	u32 i;

	if (segments < 0)
		return segments;
	mapping->kind = WD_MAPPING_SG;
	mapping->dma = sg_dma_address(mapping->sgl);
	call->grant->nr_sg += mapping->nents;
	for_each_sg(mapping->sgl, sg, segments, i)
		wd_map_call_add_element(call, sg_dma_address(sg), sg_dma_len(sg));
	return 0;
}

/* One run of addresses for the start of a range. */
static int wd_map_call_run(struct wd_map_call *call, struct wd_range *range,
			   struct wd_mapping *mapping)
{
	int ret = wd_transfer_map_range(call->adapter, call->grant, range, mapping);

	if (!ret)
		wd_map_call_add_element(call, mapping->dma, mapping->bytes);
	return ret;
}

/* Maps the start of a range of one piece. */
static int wd_map_call_range(struct wd_map_call *call, struct wd_range range)
{
	u64 byte = range.mdl->ByteOffset + range.offset;
	struct wd_range whole = range;
	struct wd_mapping *mapping;
	struct wd_piece piece;
	dma_addr_t unused;
	int ret;

	mapping = wd_transfer_new_mapping(call->grant, call->mdl, call->va, call->direction);
	if (call->adapter->class == WDMDMA_BOUNCED || !call->adapter->scatter_gather ||
	    wd_slots_serve(call->adapter, call->grant) ||
	    wd_buffer_find(call->adapter, range.mdl, range.offset, range.left,
			   call->direction, &unused) != -ENOENT) {
		ret = wd_map_call_run(call, &range, mapping);
	} else {
		wd_range_next(&range, &piece);
		ret = wd_map_call_list(call, piece, mapping);
		/* Less may be to be had: a run, or what cannot fail. */
		if (ret == -ENOMEM)
			ret = wd_map_call_run(call, &whole, mapping);
		else if (ret == -EAGAIN)
			ret = -EFAULT;
	}
	if (!ret)
		wd_map_call_count(call, mapping, byte);
	return ret;
}

/* Maps a range of one piece, or the start of it. */
static int wd_map_call_piece(struct wd_map_call *call, struct wd_range range)
{
	u32 wanted = range.left;
	u32 start = call->bytes;
	int ret = 0;

	while (!ret && call->bytes - start < wanted) {
		struct wd_range rest = range;

		rest.offset += call->bytes - start;
		wd_range_shorten(&rest, wanted - (call->bytes - start));
		ret = wd_map_call_room(call) ? wd_transfer_fit(call->adapter, call->grant, &rest) :
					       -ENOSPC;
		if (!ret)
			ret = wd_map_call_range(call, rest);
	}
	return ret;
}

/**
 * wd_map_call() - map a range, or as much of it as list and registers allow
 * @call: its list is empty
 * @range: used up
 *
 * Return: 0; an errno when nothing was mapped.
 */
int wd_map_call(struct wd_map_call *call, struct wd_range *range)
{
	int ret = 0;

	lockdep_assert_held(&call->grant->lock);
	while (!ret && range->nr_pieces) {
		struct wd_piece piece;

		wd_range_next(range, &piece);
		ret = wd_map_call_piece(call, (struct wd_range){
			.mdl = piece.mdl,
			.offset = piece.byte - piece.mdl->ByteOffset,
			.left = piece.left,
			.nr_pieces = 1,
			.is_ready = true,
			.regs = wd_span_pages(piece.byte, piece.left),
		});
	}
	return call->bytes ? 0 : ret;
}

static int wd_map_call_begin(struct wd_adapter *adapter, PMDL mdl, u64 offset, u32 *bytes,
			     struct wd_range *range)
{
	int ret = wd_range_init_most(range, mdl, offset, bytes);

	if (!ret && !range->is_ready)
		return -EFAULT;
	return ret;
}

static u32 wd_map_call_capacity(PSCATTER_GATHER_LIST list, ULONG bytes)
{
	if (!list || bytes < sizeof(*list))
		return 0;
	return (bytes - sizeof(*list)) / sizeof(SCATTER_GATHER_ELEMENT);
}

/* Nothing to transfer is nothing to start, but for a context that was cancelled. */
static int wd_map_call_system(struct wd_adapter *adapter, struct wd_system_request *request)
{
	PSCATTER_GATHER_LIST list = request->list;
	int ret;

	if (*request->length)
		return wd_system_map(adapter, request);
	ret = wd_system_check_base(adapter, request->base);
	if (!ret && list) {
		list->NumberOfElements = 0;
		list->Reserved = 0;
	}
	return ret;
}

static bool wd_map_call_is_refused(struct wd_adapter *adapter, PMDL mdl, PVOID base, u64 offset,
				   u32 bytes, bool to_device)
{
	const struct wd_check_call call = {
		.routine = "MapTransferEx",
		.mdl = mdl,
		.base = base,
		.offset = offset,
		.bytes = bytes,
		.to_device = to_device,
		.is_chain = true,
	};

	return wd_check_map(adapter, &call);
}

/**
 * wdmdma_map_transfer_ex() - map a range of an MDL chain (MapTransferEx)
 * @dma_adapter: the adapter
 * @mdl: first MDL of the chain, built or locked
 * @map_register_base: of the set to use
 * @offset: of the first byte, counted from the start of @mdl over the chain
 * @device_offset: system DMA: added to the description's DeviceAddress, which makes the address of
 * the device's register; a bus master's is ignored
 * @length: in: bytes wanted; out: bytes mapped, which may be fewer. Untouched on failure
 * @write_to_device: TRUE: memory to device
 * @scatter_gather_buffer: receives the elements; (its length - 16) / 24 of them. System DMA can do
 * without, and has no use for them
 * @scatter_gather_buffer_length: bytes, at least 40
 * @dma_completion_routine: system DMA: called at DISPATCH_LEVEL, perhaps before this returns, once
 * when the transfer has ended, unless a flush or the release of the channel ends it; of a looping
 * one each time a notification length has passed, and when it is cancelled. May be NULL
 * @completion_context: for @dma_completion_routine
 *
 * Each success with bytes is owed a FlushAdapterBuffersEx for @mdl and @offset. System DMA has been
 * started then, or will be as soon as the controller has got rid of what was cancelled or flushed
 * before it ended.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: STATUS_SUCCESS, also for a length of 0, which maps nothing;
 * STATUS_INSUFFICIENT_RESOURCES: nothing could be mapped, may work after a flush;
 * STATUS_CANCELLED: system DMA, and CancelMappedTransfer has marked the context;
 * STATUS_INVALID_PARAMETER: no or too small a list, no MDL or length, @offset behind the chain, not
 * a register set, memory that is not locked, a system-DMA transfer that was not flushed before, or
 * one that cannot loop over that range, or a dead or NULL adapter.
 */
NTSTATUS wdmdma_map_transfer_ex(PDMA_ADAPTER dma_adapter, PMDL mdl, PVOID map_register_base,
				ULONGLONG offset, ULONG device_offset, PULONG length,
				BOOLEAN write_to_device, PSCATTER_GATHER_LIST scatter_gather_buffer,
				ULONG scatter_gather_buffer_length,
				PDMA_COMPLETION_ROUTINE dma_completion_routine,
				PVOID completion_context)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "MapTransferEx");
	struct wd_map_call call = {
		.adapter = adapter,
		.mdl = mdl,
		.direction = write_to_device ? DMA_TO_DEVICE : DMA_FROM_DEVICE,
		.list = scatter_gather_buffer,
		.capacity = wd_map_call_capacity(scatter_gather_buffer,
						 scatter_gather_buffer_length),
	};
	u32 bytes = length ? *length : 0;
	struct wd_range range;
	unsigned long flags;
	int ret = -EINVAL;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (wd_verifies(adapter) && mdl && length &&
	    wd_map_call_is_refused(adapter, mdl, map_register_base, offset, bytes,
				   write_to_device))
		goto leave;
	if (adapter->system) {
		struct wd_system_request request = {
			.mdl = mdl,
			.base = map_register_base,
			.offset = offset,
			.is_chain = true,
			.device_offset = device_offset,
			.direction = call.direction,
			.list = scatter_gather_buffer,
			.capacity = scatter_gather_buffer ? call.capacity : U32_MAX,
			.routine = dma_completion_routine,
			.context = completion_context,
			.length = length,
		};

		if (!mdl || !length || !request.capacity)
			goto leave;
		ret = wd_map_call_system(adapter, &request);
		goto report;
	}
	if (!mdl || !length || !call.capacity)
		goto leave;
	if (bytes) {
		ret = wd_map_call_begin(adapter, mdl, offset, &bytes, &range);
		if (ret)
			goto report;
	}
	ret = -ENOENT;
	call.grant = wd_grant_lock(adapter, map_register_base, &flags);
	if (!call.grant)
		goto report;
	call.va = wd_mdl_va(mdl) + offset;
	call.number = ++call.grant->nr_calls;
	call.list->NumberOfElements = 0;
	call.list->Reserved = 0;
	ret = bytes ? wd_map_call(&call, &range) : 0;
	wd_grant_unlock(call.grant, flags);
	wd_slots_report(adapter, "MapTransferEx");
	if (!ret)
		*length = call.bytes;
report:
	if (ret && ret != -ENOMEM && ret != -ECANCELED)
		wd_transfer_report(adapter, "MapTransferEx", ret);
	if (ret == -ENOSPC || ret == -ENXIO)
		ret = -ENOMEM;
	else if (ret == -ERANGE || ret == -ENOENT || ret == -EBUSY || ret == -EOPNOTSUPP ||
		 ret == -EPROTO)
		ret = -EINVAL;
leave:
	wd_adapter_leave();
	return wdmdma_status(ret);
}
