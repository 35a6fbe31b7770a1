// SPDX-License-Identifier: GPL-2.0-only
/*
 * What leaks, one by one. A leak is one misuse and one report, however much is left; where the
 * adapter's use is verified, a detail for each object comes before that in the ring of records,
 * with where the object was made. So many of a kind, for the ring has no room for thousands.
 */
#include "buffer.h"
#include "verifier.h"

#define WD_LEAKS_SHOWN	32

/**
 * wd_leak() - record one object that is left
 * @leak: of whom, and for which report; may be used for one kind of object after another
 * @kind: of the object, a literal
 * @object: what the driver knows it by
 * @amount: its bytes; of a set, its registers; of a vector, its elements
 * @address: the device's, if it has one
 * @stack: where it was made
 *
 * Context: Any; prints nothing.
 */
void wd_leak(struct wd_leak *leak, const char *kind, const void *object, u64 amount, u64 address,
	     u32 stack)
{
	const struct wd_violation violation = {
		.code = leak->code,
		.routine = leak->routine,
		.adapter = leak->adapter,
		.dev = leak->dev,
		.params = { WD_PARAM(object), WD_PARAM(amount), WD_PARAM(address) },
		.kind = kind,
		.object = object,
		.stack = stack,
		.is_detail = true,
	};

	if (kind != leak->kind)
		leak->shown = 0;
	leak->kind = kind;
	if (leak->shown++ < WD_LEAKS_SHOWN)
		wd_violate(&violation, "left: %s of %llu", kind, amount);
}

/**
 * wd_leak_buffer() - record a common buffer that is left, unless it is an element of a vector
 * @leak: of whom
 * @buffer: the buffer, which nobody frees meanwhile
 */
void wd_leak_buffer(struct wd_leak *leak, const struct wd_buffer *buffer)
{
	if (!buffer->vector)
		wd_leak(leak, "common buffer", buffer->va, buffer->bytes, buffer->dma,
			buffer->stack);
}

/**
 * wd_leak_record_set() - record a register set that is left
 * @adapter: dying
 * @grant: locked, granted
 * @routine: on whose behalf
 * @shown: so many were recorded before
 */
void wd_leak_record_set(struct wd_adapter *adapter, const struct wd_grant *grant,
			const char *routine, unsigned int shown)
{
	struct wd_leak leak = {
		.adapter = adapter,
		.code = WD_REPORT_REGS_LEFT,
		.routine = routine,
	};

	if (shown < WD_LEAKS_SHOWN)
		wd_leak(&leak, "register set", wd_grant_base(grant), grant->regs, 0,
			grant->request.stack);
}

/**
 * wd_leak_record_list() - record a list that is left
 * @adapter: dying
 * @list: taken away from it
 * @routine: on whose behalf
 * @shown: so many were recorded before
 */
void wd_leak_record_list(struct wd_adapter *adapter, const struct wd_list *list,
			 const char *routine, unsigned int shown)
{
	struct wd_leak leak = {
		.adapter = adapter,
		.code = WD_REPORT_LISTS_LEFT,
		.routine = routine,
	};

	if (shown < WD_LEAKS_SHOWN)
		wd_leak(&leak, "list", list->list, list->bytes, 0, list->request.stack);
}

/**
 * wd_leak_buffers() - record the common buffers and vectors that an adapter leaves
 * @adapter: dying
 * @routine: on whose behalf
 *
 * Context: Any but a hard interrupt.
 */
void wd_leak_buffers(struct wd_adapter *adapter, const char *routine)
{
	struct wd_leak leak = {
		.adapter = adapter,
		.code = WD_REPORT_BUFFERS_LEFT,
		.routine = routine,
	};
	struct wd_device *wdev = adapter->wdev;
	struct wd_buffer *buffer;
	unsigned int vectors;
	unsigned long flags;

	spin_lock_irqsave(&wdev->buffers_lock, flags);
	for (buffer = wd_buffer_first(wdev, NULL, SIZE_MAX); buffer;
	     buffer = wd_buffer_next(buffer, NULL, SIZE_MAX))
		if (buffer->adapter_id == adapter->id)
			wd_leak_buffer(&leak, buffer);
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
	wd_vector_leaks(&leak);
	vectors = atomic_read(&adapter->nr_vectors);
	if (vectors)
		wd_misuse(adapter, WD_REPORT_VECTOR_LEFT, routine, vectors, 0, 0,
			  "adapter released with %u vectors", vectors);
}
