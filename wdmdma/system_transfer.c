// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a system-DMA transfer begins: MapTransfer, MapTransferEx and the v1 lists for a controller.
 *
 * Memory is mapped as for a bus master, into a list of wdmdma's own; the controller gets a
 * descriptor of it. The descriptor is made and submitted, and the transfer published, under the
 * engine's lock, and what the caller is told is written before: from then on its completion routine
 * may run, and free all that the caller has. Only then, with no lock held, is it issued. While the
 * channel is draining it is published as postponed; the drain makes its descriptor and starts it,
 * and if the controller refuses it then, the transfer ends with DmaError.
 */
#include <linux/minmax.h>

#include "buffer.h"
#include "internal.h"
#include "list.h"
#include "system.h"
#include "trace.h"
#include "transfer.h"
#include "walk.h"

/* What a transfer is made of, between the call and its xfer. */
struct wd_system_call {
	struct wd_adapter *adapter;
	struct wd_xfer *xfer;
	u32 notify_bytes;
};

/* May the owner start something? */
static int wd_system_admit(const struct wd_adapter *adapter)
{
	const struct wd_system *system = adapter->system;
	const struct wd_engine *engine = system->engine;

	lockdep_assert_held(&engine->lock);
	if (engine->owner != adapter || engine->is_leaving)
		return -ENOENT;
	if (system->is_cancelled)
		return -ECANCELED;
	return engine->current_xfer ? -EBUSY : 0;
}

static int wd_system_begin(struct wd_system_call *call, u32 device_offset)
{
	struct wd_adapter *adapter = call->adapter;
	struct wd_system *system = adapter->system;
	struct wd_engine *engine = system->engine;
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&engine->lock, flags);
	ret = wd_system_admit(adapter);
	if (!ret) {
		call->notify_bytes = system->notify_bytes;
		call->xfer = wd_xfer_take(engine, adapter);
		if (call->xfer) {
			call->xfer->device_object = system->device_object;
			call->xfer->config = system->config;
			call->xfer->device_address = system->device_address + device_offset;
		} else {
			ret = -ENOMEM;
		}
	}
	spin_unlock_irqrestore(&engine->lock, flags);
	return ret;
}

static void wd_system_give_up(struct wd_system_call *call)
{
	struct wd_engine *engine = call->xfer->engine;
	unsigned long flags;

	spin_lock_irqsave(&engine->lock, flags);
	wd_xfer_put(call->xfer);
	spin_unlock_irqrestore(&engine->lock, flags);
}

static void wd_system_add_sg(struct wd_system_call *call, u64 address, u32 bytes)
{
	struct scatterlist *sg = &call->adapter->system->sgl[call->xfer->nents++];

	memset(sg, 0, sizeof(*sg));
	sg_dma_address(sg) = address;
	sg_dma_len(sg) = bytes;
	/* Some controllers' drivers take the one for the other. */
	sg->length = bytes;
}

/*
 * The first @bytes of a list, as the controller gets it: a common buffer may be a long element, of
 * which it takes several. Returns how many bytes that is with @limit of the controller's.
 */
static u32 wd_system_fill_sg(struct wd_system_call *call, const SCATTER_GATHER_LIST *list,
			     u32 bytes, u32 limit)
{
	const struct wd_adapter *adapter = call->adapter;
	u32 left = bytes, i;

	limit = min(limit, adapter->max_regs);
	for (i = 0; left && i < list->NumberOfElements; i++) {
		u64 address = list->Elements[i].Address.QuadPart;
		u32 here = min(left, list->Elements[i].Length);

		while (here && call->xfer->nents < limit) {
			u32 most = min(here, adapter->max_run_bytes);

			wd_system_add_sg(call, address, most);
			address += most;
			here -= most;
			left -= most;
		}
	}
	sg_mark_end(&adapter->system->sgl[call->xfer->nents - 1]);
	return bytes - left;
}

/* Is there an end that the register's width does not divide? Controllers may refuse that. */
static bool wd_system_is_odd(const struct wd_system_call *call)
{
	const struct wd_system *system = call->adapter->system;
	u32 i;

	for (i = 0; i < call->xfer->nents; i++)
		if ((sg_dma_address(&system->sgl[i]) | sg_dma_len(&system->sgl[i])) &
		    (system->width - 1))
			return true;
	return false;
}

static int wd_system_submit(struct wd_system_call *call)
{
	int ret = wd_xfer_submit(call->xfer);

	return ret == -ENOMEM && wd_system_is_odd(call) ? -EPROTO : ret;
}

/* Tells the caller what will be transferred; the list may be shorter than what was mapped. */
static void wd_system_tell(const struct wd_system_call *call, struct wd_system_request *request)
{
	const struct wd_system *system = call->adapter->system;
	PSCATTER_GATHER_LIST list = request->list;
	u32 i;

	request->address = sg_dma_address(&system->sgl[0]);
	*request->length = call->xfer->bytes;
	if (!list)
		return;
	list->NumberOfElements = min(call->xfer->nents, request->capacity);
	list->Reserved = 0;
	for (i = 0; i < list->NumberOfElements; i++) {
		list->Elements[i].Address.QuadPart = sg_dma_address(&system->sgl[i]);
		list->Elements[i].Length = sg_dma_len(&system->sgl[i]);
		list->Elements[i].Reserved = 0;
	}
}

/*
 * From here on the transfer is the engine's. @request: whom to tell; NULL: a list tells by itself.
 */
static int wd_system_publish(struct wd_system_call *call, struct wd_system_request *request)
{
	struct wd_xfer *xfer = call->xfer;
	struct wd_engine *engine = xfer->engine;
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&engine->lock, flags);
	ret = wd_system_admit(call->adapter);
	xfer->is_postponed = engine->nr_draining;
	if (!ret && !xfer->is_postponed)
		ret = wd_system_submit(call);
	if (!ret) {
		if (request)
			wd_system_tell(call, request);
		engine->current_xfer = xfer;
		trace_wdmdma_system_started(xfer);
		xfer->is_starting = !xfer->is_postponed;
		/* The hardware's, and that of wd_system_start(). */
		xfer->refs += 1 + xfer->is_starting;
	}
	if (ret || xfer->is_postponed)
		call->xfer = NULL;
	if (ret)
		wd_xfer_put(xfer);
	spin_unlock_irqrestore(&engine->lock, flags);
	return ret;
}

/* Cuts a mapping that is shorter than wanted to whole units of the register. */
static int wd_system_cut(const struct wd_adapter *adapter, u32 wanted, u32 *bytes)
{
	if (*bytes < wanted)
		*bytes = round_down(*bytes, adapter->system->width);
	return *bytes ? 0 : -ENOMEM;
}

static int wd_system_map_pieces(struct wd_system_call *call, struct wd_grant *grant,
				const struct wd_system_request *request, struct wd_range *range,
				u32 wanted)
{
	struct wd_adapter *adapter = call->adapter;
	struct wd_map_call map = {
		.adapter = adapter,
		.grant = grant,
		.mdl = request->mdl,
		.va = call->xfer->va,
		.direction = request->direction,
		.number = ++grant->nr_calls,
		.list = adapter->system->elements,
		.capacity = min(adapter->max_regs, request->capacity),
	};
	u32 bytes;
	int ret;

	/* MapTransfer is to do all that it is asked for, however many elements that makes. */
	if (request->is_chain)
		map.capacity = min(map.capacity, adapter->system->engine->sg_limit);
	map.list->NumberOfElements = 0;
	ret = wd_map_call(&map, range);
	if (ret)
		return ret;
	bytes = map.bytes;
	ret = wd_system_cut(adapter, wanted, &bytes);
	/* Elements cut here are of whole pages, and so of whole units. */
	if (!ret)
		call->xfer->bytes = wd_system_fill_sg(call, map.list, bytes, map.capacity);
	return ret;
}

/* What loops is one range of a common buffer, and takes no registers. */
static int wd_system_map_loop(struct wd_system_call *call, struct wd_grant *grant,
			      const struct wd_system_request *request,
			      const struct wd_range *range)
{
	struct wd_xfer *xfer = call->xfer;
	u32 notify = call->notify_bytes ? : range->left;
	u32 width = call->adapter->system->width;
	struct wd_mapping *mapping;
	dma_addr_t dma;

	if (range->nr_pieces != 1 || range->left % notify || notify % width ||
	    wd_buffer_find(call->adapter, range->mdl, range->offset, range->left,
			   request->direction, &dma))
		return -EOPNOTSUPP;
	/* Memory for a record is there, unless it is parked. */
	if (wd_grant_reserve(call->adapter, grant, 1))
		return -ENOMEM;
	xfer->is_cyclic = true;
	xfer->bytes = range->left;
	xfer->notify_bytes = notify;
	mapping = wd_transfer_new_mapping(grant, request->mdl, xfer->va, request->direction);
	mapping->kind = WD_MAPPING_COMMON;
	mapping->bytes = range->left;
	mapping->dma = dma;
	mapping->call = ++grant->nr_calls;
	trace_wdmdma_map(call->adapter, grant, mapping);
	grant->nr_maps++;
	grant->nr_live++;
	grant->live_bytes += mapping->bytes;
	atomic64_inc(&call->adapter->common_maps);
	atomic64_add(mapping->bytes, &call->adapter->mapped_bytes);
	wd_system_add_sg(call, dma, xfer->bytes);
	sg_mark_end(call->adapter->system->sgl);
	return 0;
}

static int wd_system_map_locked(struct wd_system_call *call, struct wd_grant *grant,
				struct wd_system_request *request, struct wd_range *range)
{
	u32 wanted = range->left;
	int ret;

	lockdep_assert_held(&grant->lock);
	ret = wd_system_begin(call, request->device_offset);
	if (ret)
		return ret;
	call->xfer->va = wd_mdl_va(request->mdl) + request->offset;
	call->xfer->direction = request->direction;
	call->xfer->routine = request->routine;
	call->xfer->context = request->context;
	if (call->adapter->system->is_cyclic)
		ret = wd_system_map_loop(call, grant, request, range);
	else
		ret = wd_system_map_pieces(call, grant, request, range, wanted);
	if (ret)
		wd_system_give_up(call);
	else
		ret = wd_system_publish(call, request);
	if (ret)
		wd_grant_release_all(call->adapter, grant, true);
	return ret;
}

/**
 * wd_system_map() - map a range and start the controller on it
 * @adapter: for system DMA
 * @request: what is wanted
 *
 * After a success nothing of the caller's may be looked at.
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: 0; -ECANCELED: the context bears a cancel mark; -EBUSY: the transfer before was not
 * flushed; -EOPNOTSUPP: it cannot loop over that; -EPROTO: the controller refuses what is no whole
 * unit of the register; -EIO, -ENOMEM: of the controller; an errno of wd_transfer_report(). Then
 * nothing is mapped, and nothing was written.
 */
int wd_system_map(struct wd_adapter *adapter, struct wd_system_request *request)
{
	struct wd_system_call call = { .adapter = adapter };
	u32 bytes = *request->length;
	struct wd_grant *grant;
	struct wd_range range;
	unsigned long flags;
	int ret;

	if (request->is_chain)
		ret = wd_range_init_most(&range, request->mdl, request->offset, &bytes);
	else
		ret = wd_range_init_one(&range, request->mdl, request->offset, &bytes);
	if (!ret && !range.is_ready)
		ret = -EFAULT;
	if (ret)
		return ret;
	grant = wd_grant_lock(adapter, request->base, &flags);
	if (!grant)
		return -ENOENT;
	ret = wd_system_map_locked(&call, grant, request, &range);
	wd_grant_unlock(grant, flags);
	if (!ret && call.xfer)
		wd_system_start(call.xfer);
	return ret;
}

/**
 * wd_system_check_base() - could something be mapped with a set?
 * @adapter: for system DMA
 * @base: of the set
 *
 * Return: as wd_system_map().
 */
int wd_system_check_base(struct wd_adapter *adapter, PVOID base)
{
	struct wd_engine *engine = adapter->system->engine;
	unsigned long flags, engine_flags;
	struct wd_grant *grant = wd_grant_lock(adapter, base, &flags);
	int ret;

	if (!grant)
		return -ENOENT;
	spin_lock_irqsave(&engine->lock, engine_flags);
	ret = wd_system_admit(adapter);
	spin_unlock_irqrestore(&engine->lock, engine_flags);
	wd_grant_unlock(grant, flags);
	return ret;
}

/**
 * wd_system_start_list() - start the controller on a list
 * @adapter: for system DMA
 * @list: granted and mapped; shows the driver one element afterwards
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: 0; -EINVAL, -EIO, -ENOMEM: of the controller; -ENOENT: the adapter has died.
 */
int wd_system_start_list(struct wd_adapter *adapter, struct wd_list *list)
{
	struct wd_system_call call = { .adapter = adapter };
	PSCATTER_GATHER_LIST elements = adapter->system->elements;
	int ret = wd_system_begin(&call, 0);
	u64 address;

	if (ret)
		return ret;
	call.xfer->bytes = list->bytes;
	call.xfer->direction = list->direction;
	if (wd_system_fill_sg(&call, elements, list->bytes, U32_MAX) != list->bytes) {
		wd_system_give_up(&call);
		return -EIO;
	}
	address = elements->Elements[0].Address.QuadPart;
	ret = wd_system_publish(&call, NULL);
	if (ret)
		return ret == -EPROTO ? -EINVAL : ret;
	/* Its addresses mean nothing to the driver. */
	list->list->NumberOfElements = 1;
	list->list->Reserved = 0;
	list->list->Elements[0] = (SCATTER_GATHER_ELEMENT) {
		.Address.QuadPart = address,
		.Length = list->bytes,
	};
	if (call.xfer)
		wd_system_start(call.xfer);
	return 0;
}
