// SPDX-License-Identifier: GPL-2.0-only
/*
 * The routines that allocate and free single common buffers: memory that CPU and device use at the
 * same time (buffer.h).
 */
#include <linux/err.h>
#include <linux/numa.h>

#include "buffer.h"
#include "ops.h"
#include "system.h"
#include "verifier.h"

static PVOID wd_buffer_alloc_for(PDMA_ADAPTER dma_adapter, const char *routine,
				 const struct wd_buffer_wish *wish,
				 PPHYSICAL_ADDRESS logical_address)
{
	struct wd_adapter *adapter = wd_adapter_get(dma_adapter, routine);
	struct wd_buffer *buffer;
	PVOID va = NULL;

	if (!adapter)
		return NULL;
	if (wd_verifies(adapter) && wd_check_buffer(adapter, routine, wish->bytes))
		goto put;
	buffer = logical_address ? wd_buffer_alloc(adapter, wish) : ERR_PTR(-EINVAL);
	if (!IS_ERR(buffer)) {
		va = buffer->va;
		logical_address->QuadPart = buffer->dma;
		wd_buffer_publish(buffer);
	}
put:
	wd_adapter_put(adapter);
	return va;
}

/**
 * wdmdma_allocate_common_buffer() - allocate memory for CPU and device (AllocateCommonBuffer)
 * @dma_adapter: the adapter
 * @length: bytes, not 0
 * @logical_address: receives the device's address, untouched on failure
 * @cache_enabled: ignored, the platform decides
 *
 * Address and logical address are page-aligned, the contents zero. The buffer crosses no line of
 * 4 GiB and is owed a FreeCommonBuffer.
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: the buffer; NULL without memory in reach, for a length of 0, no place for the address, or
 * a dead or NULL adapter.
 */
PVOID wdmdma_allocate_common_buffer(PDMA_ADAPTER dma_adapter, ULONG length,
				    PPHYSICAL_ADDRESS logical_address, BOOLEAN cache_enabled)
{
	const struct wd_buffer_wish wish = {
		.bytes = length,
		.last_address = U64_MAX,
		.node = NUMA_NO_NODE,
	};

	return wd_buffer_alloc_for(dma_adapter, "AllocateCommonBuffer", &wish, logical_address);
}

/**
 * wdmdma_allocate_common_buffer_ex() - AllocateCommonBuffer with wishes (AllocateCommonBufferEx)
 * @dma_adapter: the adapter
 * @maximum_address: highest logical address of the buffer's last page, inclusive; NULL: none but
 * the adapter's
 * @length: bytes, not 0
 * @logical_address: receives the device's address, untouched on failure
 * @cache_enabled: FALSE: the processor is not to cache the buffer. On a coherent device that is
 * done where it can be (x86, in one physical piece of 4 MiB at most); else one line is logged and
 * the buffer is cached, which only a device that does not snoop can tell
 * @preferred_node: node whose memory is wanted; a hint
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: the buffer; NULL as AllocateCommonBuffer, or without memory below @maximum_address.
 */
PVOID wdmdma_allocate_common_buffer_ex(PDMA_ADAPTER dma_adapter, PPHYSICAL_ADDRESS maximum_address,
				       ULONG length, PPHYSICAL_ADDRESS logical_address,
				       BOOLEAN cache_enabled, NODE_REQUIREMENT preferred_node)
{
	const struct wd_buffer_wish wish = {
		.bytes = length,
		.last_address = maximum_address ? maximum_address->QuadPart : U64_MAX,
		.node = wd_buffer_node(preferred_node),
		.cache = cache_enabled ? WD_CACHE_PLATFORM : WD_CACHE_UNCACHED,
	};

	return wd_buffer_alloc_for(dma_adapter, "AllocateCommonBufferEx", &wish, logical_address);
}

/**
 * wdmdma_allocate_common_buffer_with_bounds() - AllocateCommonBuffer inside bounds
 * (AllocateCommonBufferWithBounds)
 * @dma_adapter: the adapter
 * @minimum_address: lowest logical address of the buffer; NULL: none
 * @maximum_address: highest logical address of the buffer's last page, inclusive; NULL: none but
 * the adapter's
 * @length: bytes, not 0
 * @flags: 0, or DOMAIN_COMMON_BUFFER_LARGE_PAGE: the buffer starts on a line of 512 pages and takes
 * whole such pages, or the call fails
 * @cache_type: MmCached or MmNonCached, which win over the platform; NULL: the platform decides.
 * What is cached for a device that is not coherent is the driver's to flush (FlushDmaBuffer)
 * @preferred_node: node whose memory is wanted; a hint
 * @logical_address: receives the device's address, untouched on failure
 *
 * Linux cannot be asked for a lowest address: up to 16 buffers below it are kept until there is one
 * above. A buffer outside the bounds is never returned.
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: the buffer; NULL as AllocateCommonBuffer, for bounds that no buffer fits in, unknown
 * flags or another caching type.
 */
PVOID wdmdma_allocate_common_buffer_with_bounds(PDMA_ADAPTER dma_adapter,
						PPHYSICAL_ADDRESS minimum_address,
						PPHYSICAL_ADDRESS maximum_address, ULONG length,
						ULONG flags, PMEMORY_CACHING_TYPE cache_type,
						NODE_REQUIREMENT preferred_node,
						PPHYSICAL_ADDRESS logical_address)
{
	struct wd_buffer_wish wish = {
		.bytes = length,
		.first_address = minimum_address ? minimum_address->QuadPart : 0,
		.last_address = maximum_address ? maximum_address->QuadPart : U64_MAX,
		.node = wd_buffer_node(preferred_node),
		.large_pages = flags & DOMAIN_COMMON_BUFFER_LARGE_PAGE,
	};

	/* No length is what every adapter refuses. */
	if (flags & ~DOMAIN_COMMON_BUFFER_LARGE_PAGE ||
	    (cache_type && wd_buffer_cache(*cache_type, &wish.cache)))
		wish.bytes = 0;
	return wd_buffer_alloc_for(dma_adapter, "AllocateCommonBufferWithBounds", &wish,
				   logical_address);
}

/* The arguments of FreeCommonBuffer, and which of them are those of the buffer that was found. */
struct wd_free_call {
	struct wd_adapter *adapter;
	void *va;
	u64 bytes, dma;

	bool exists, at_start, is_element;
	bool length, address, same_adapter;
	struct {
		void *va;
		u64 bytes, dma, adapter_id;
	} found;
};

static void wd_free_compare(struct wd_free_call *call, const struct wd_buffer *buffer)
{
	call->exists = true;
	call->at_start = buffer->va == call->va;
	call->is_element = buffer->vector;
	call->length = buffer->bytes == call->bytes;
	call->address = buffer->dma == call->dma;
	call->same_adapter = buffer->adapter_id == call->adapter->id;
	call->found.va = buffer->va;
	call->found.bytes = buffer->bytes;
	call->found.dma = buffer->dma;
	call->found.adapter_id = buffer->adapter_id;
}

/* The buffer at the address. Two adapters may have made one of an MDL each: rather the caller's. */
static struct wd_buffer *wd_free_find_at(struct wd_free_call *call)
{
	struct wd_buffer *buffer, *found = NULL;

	for (buffer = wd_buffer_first(call->adapter->wdev, call->va, 1); buffer;
	     buffer = wd_buffer_next(buffer, call->va, 1))
		if (!found || buffer->adapter_id == call->adapter->id)
			found = buffer;
	if (found)
		wd_free_compare(call, found);
	return found;
}

/*
 * A buffer made of a part of an MDL may be named by any address of the MDL, so another buffer may
 * be there. Only a free that does not fit otherwise gets here.
 */
static struct wd_buffer *wd_free_find_mdl(struct wd_free_call *call)
{
	struct wd_device *wdev = call->adapter->wdev;
	struct wd_buffer *buffer;

	for (buffer = wd_buffer_first(wdev, NULL, SIZE_MAX); buffer;
	     buffer = wd_buffer_next(buffer, NULL, SIZE_MAX)) {
		if (buffer->memory == WD_MEMORY_MDL && buffer->dma == call->dma &&
		    buffer->adapter_id == call->adapter->id && call->va >= buffer->mdl_va &&
		    call->va < buffer->mdl_va + buffer->mdl_bytes) {
			wd_free_compare(call, buffer);
			call->at_start = true;
			return buffer;
		}
	}
	return NULL;
}

/* Finds the buffer and, when enough fits, takes its record away. */
static struct wd_buffer *wd_free_take(struct wd_free_call *call)
{
	struct wd_device *wdev = call->adapter->wdev;
	struct wd_buffer *buffer, *mdl_buffer;
	unsigned long flags;

	spin_lock_irqsave(&wdev->buffers_lock, flags);
	buffer = wd_free_find_at(call);
	if (!call->at_start || !call->length || !call->address) {
		mdl_buffer = wd_free_find_mdl(call);
		if (mdl_buffer)
			buffer = mdl_buffer;
	}
	if (call->at_start && !call->is_element && (call->length || call->address))
		wd_buffer_remove(buffer);
	else
		buffer = NULL;
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
	return buffer;
}

/* What is wrong with the arguments: parameter 2 of the report. */
enum wd_free_mistake {
	WD_FREE_LENGTH = 1,
	WD_FREE_ADDRESS,
	WD_FREE_VA,
	WD_FREE_ADAPTER,
};

static void wd_free_report(const struct wd_free_call *call)
{
	struct wd_adapter *adapter = call->adapter;
	const char *routine = "FreeCommonBuffer";

	if (!call->exists)
		wd_misuse_stale(adapter, WD_REPORT_BUFFER_FREED, routine, "common buffer",
				call->va, 1, call->va, 0,
				"%p is not, or no longer, a common buffer", call->va);
	else if (call->is_element)
		wd_misuse(adapter, WD_REPORT_BUFFER_ARGUMENTS, routine, WD_FREE_VA, call->va,
			  call->found.va, "%p belongs to a vector; nothing is freed", call->va);
	else if (!call->at_start)
		wd_misuse(adapter, WD_REPORT_BUFFER_ARGUMENTS, routine, WD_FREE_VA, call->va,
			  call->found.va,
			  "%p is inside a common buffer, not its start; nothing is freed",
			  call->va);
	else if (!call->length && !call->address)
		wd_misuse(adapter, WD_REPORT_BUFFER_ARGUMENTS, routine, WD_FREE_LENGTH,
			  call->bytes, call->found.bytes,
			  "neither length nor logical address are those of %p; nothing is freed",
			  call->va);
	else if (!call->length)
		wd_misuse(adapter, WD_REPORT_BUFFER_ARGUMENTS, routine, WD_FREE_LENGTH,
			  call->bytes, call->found.bytes,
			  "the length is not that of %p; it is freed", call->va);
	else if (!call->address)
		wd_misuse(adapter, WD_REPORT_BUFFER_ARGUMENTS, routine, WD_FREE_ADDRESS,
			  call->dma, call->found.dma,
			  "the logical address is not that of %p; it is freed", call->va);
	else if (!call->same_adapter)
		wd_misuse(adapter, WD_REPORT_BUFFER_ARGUMENTS, routine, WD_FREE_ADAPTER,
			  adapter->id, call->found.adapter_id,
			  "%p belongs to another adapter; it is freed", call->va);
}

/**
 * wdmdma_free_common_buffer() - free a common buffer (FreeCommonBuffer)
 * @dma_adapter: the adapter
 * @length: as allocated
 * @logical_address: as allocated
 * @virtual_address: as allocated; it and one of the other two decide, with a report if the third
 * differs. For a buffer made of an MDL with the right logical address: any address of the MDL
 * @cache_enabled: ignored
 *
 * The device must not use the buffer any more.
 *
 * Context: <= DISPATCH_LEVEL; above PASSIVE_LEVEL the memory is released a little later.
 */
VOID wdmdma_free_common_buffer(PDMA_ADAPTER dma_adapter, ULONG length,
			       PHYSICAL_ADDRESS logical_address, PVOID virtual_address,
			       BOOLEAN cache_enabled)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "FreeCommonBuffer");
	struct wd_free_call call = {
		.adapter = adapter,
		.va = virtual_address,
		.bytes = length,
		.dma = logical_address.QuadPart,
	};
	struct wd_buffer *buffer = NULL;

	if (!adapter)
		return;
	if (virtual_address)
		buffer = wd_free_take(&call);
	wd_free_report(&call);
	if (buffer)
		wd_guard_check_buffer(buffer, adapter, "FreeCommonBuffer");
	if (buffer && adapter->system)
		buffer->engine = wd_engine_get(adapter->system->engine);
	if (buffer && wd_grave_bury(buffer, adapter, "FreeCommonBuffer"))
		buffer = NULL;
	wd_adapter_leave();
	if (buffer)
		wd_buffer_free_soon(buffer);
}
