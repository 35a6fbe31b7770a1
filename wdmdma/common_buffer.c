// SPDX-License-Identifier: GPL-2.0-only
/*
 * The routines that allocate and free single common buffers: memory that CPU and device use at the
 * same time (buffer.h).
 */
#include <linux/err.h>
#include <linux/nodemask.h>

#include "buffer.h"
#include "ops.h"
#include "system.h"

static PVOID wd_buffer_alloc_for(PDMA_ADAPTER dma_adapter, const char *routine,
				 const struct wd_buffer_wish *wish,
				 PPHYSICAL_ADDRESS logical_address)
{
	struct wd_adapter *adapter = wd_adapter_get(dma_adapter, routine);
	struct wd_buffer *buffer;
	PVOID va = NULL;

	if (!adapter)
		return NULL;
	buffer = logical_address ? wd_buffer_alloc(adapter, wish) : ERR_PTR(-EINVAL);
	if (!IS_ERR(buffer)) {
		va = buffer->va;
		logical_address->QuadPart = buffer->dma;
	}
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
		.node = preferred_node < nr_node_ids && node_online(preferred_node) ?
			preferred_node : NUMA_NO_NODE,
		.cache = cache_enabled ? WD_CACHE_PLATFORM : WD_CACHE_UNCACHED,
	};

	return wd_buffer_alloc_for(dma_adapter, "AllocateCommonBufferEx", &wish, logical_address);
}

/* Which of the arguments of FreeCommonBuffer are those of the buffer? */
struct wd_free_match {
	bool exists, at_start, length, address, same_adapter;
};

/* Finds the buffer and, when enough fits, takes its record away. */
static struct wd_buffer *wd_buffer_take(struct wd_adapter *adapter, void *va, u32 bytes, u64 dma,
					struct wd_free_match *match)
{
	struct wd_device *wdev = adapter->wdev;
	struct wd_buffer *buffer;
	unsigned long flags;

	spin_lock_irqsave(&wdev->buffers_lock, flags);
	buffer = wd_buffer_first(wdev, va);
	if (buffer) {
		*match = (struct wd_free_match){
			.exists = true,
			.at_start = buffer->va == va,
			.length = buffer->bytes == bytes,
			.address = buffer->dma == dma,
			.same_adapter = buffer->adapter_id == adapter->id,
		};
		if (match->at_start && (match->length || match->address))
			wd_buffer_remove(buffer);
		else
			buffer = NULL;
	}
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
	return buffer;
}

static void wd_buffer_report(struct wd_adapter *adapter, void *va,
			     const struct wd_free_match *match)
{
	if (!match->exists)
		wd_report(WD_REPORT_BUFFER_FREED, adapter->host, "FreeCommonBuffer",
			  "%p is not, or no longer, a common buffer", va);
	else if (!match->at_start)
		wd_report(WD_REPORT_BUFFER_ARGUMENTS, adapter->host, "FreeCommonBuffer",
			  "%p is inside a common buffer, not its start; nothing is freed", va);
	else if (!match->length && !match->address)
		wd_report(WD_REPORT_BUFFER_ARGUMENTS, adapter->host, "FreeCommonBuffer",
			  "neither length nor logical address are those of %p; nothing is freed",
			  va);
	else if (!match->length || !match->address)
		wd_report(WD_REPORT_BUFFER_ARGUMENTS, adapter->host, "FreeCommonBuffer",
			  "the %s is not that of %p; it is freed",
			  match->length ? "logical address" : "length", va);
	else if (!match->same_adapter)
		wd_report(WD_REPORT_BUFFER_ARGUMENTS, adapter->host, "FreeCommonBuffer",
			  "%p belongs to another adapter; it is freed", va);
}

/**
 * wdmdma_free_common_buffer() - free a common buffer (FreeCommonBuffer)
 * @dma_adapter: the adapter
 * @length: as allocated
 * @logical_address: as allocated
 * @virtual_address: as allocated; it and one of the other two decide, with a report if the third
 * differs
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
	struct wd_free_match match = {};
	struct wd_buffer *buffer = NULL;

	if (!adapter)
		return;
	if (virtual_address)
		buffer = wd_buffer_take(adapter, virtual_address, length, logical_address.QuadPart,
					&match);
	wd_buffer_report(adapter, virtual_address, &match);
	if (buffer && adapter->system)
		buffer->engine = wd_engine_get(adapter->system->engine);
	wd_adapter_leave();

	if (buffer)
		wd_buffer_free_soon(buffer);
}
