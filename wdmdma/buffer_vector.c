// SPDX-License-Identifier: GPL-2.0-only
/*
 * Vectors of common buffers: many of one size, found by index.
 *
 * What the driver holds is no pointer but a number that stands for the vector and is not given out
 * again soon, so that a stale one is told and a wrong one followed nowhere. Each element is a
 * common buffer with a record of its own; the vector knows it until it is freed.
 *
 * A vector outlives its adapter like the buffers it consists of.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "buffer.h"
#include "irql.h"
#include "ops.h"
#include "status.h"
#include "system.h"
#include "verifier.h"

/* A handle is odd, which a pointer to anything of a driver's seldom is. */
#define WD_VECTOR_HANDLE_SHIFT	1

struct wd_vector {
	u32 id;
	struct wd_device *wdev;			/* held */
	struct wd_adapter *adapter;		/* it may be dead, or another by now: */
	u64 adapter_id;				/* ... tell by its id */
	bool is_verified;			/* verifier.h */
	u32 stack;				/* where it was made */
	struct wd_engine *engine;		/* may still use elements; or NULL */
	struct work_struct free_work;
	struct rcu_head rcu;
	u32 nr_elements;
	struct wd_buffer *elements[];		/* buffers_lock; NULL: freed */
};

/* Of all devices, by id, so that a handle of another one is told. Looked up under RCU. */
static DEFINE_XARRAY_FLAGS(wd_vectors, XA_FLAGS_LOCK_IRQ | XA_FLAGS_ALLOC1);
static u32 wd_vectors_next;

static PDMA_COMMON_BUFFER_VECTOR wd_vector_handle(const struct wd_vector *vector)
{
	return (PVOID)((ULONG_PTR)vector->id << WD_VECTOR_HANDLE_SHIFT | 1);
}

/* The vector of the adapter that a handle stands for; reports if there is none. */
static struct wd_vector *wd_vector_find(struct wd_adapter *adapter,
					PDMA_COMMON_BUFFER_VECTOR handle, const char *routine)
{
	struct wd_vector *vector = NULL;

	if ((ULONG_PTR)handle & 1)
		vector = xa_load(&wd_vectors, (ULONG_PTR)handle >> WD_VECTOR_HANDLE_SHIFT);
	if (vector && vector->adapter_id == adapter->id)
		return vector;
	wd_misuse_stale(adapter, WD_REPORT_VECTOR, routine, "vector", handle, handle, 0, 0,
			"%p is not, or no longer, a vector of this adapter", handle);
	return NULL;
}

static void wd_vector_uncount(struct wd_vector *vector)
{
	/* Dead or not, it is still the same adapter (grave.c), until this is done. */
	atomic_dec(&vector->adapter->nr_vectors);
}

/* Makes a vector unknown. Returns false if somebody else was faster. */
static bool wd_vector_remove(struct wd_vector *vector)
{
	unsigned long flags;
	bool removed;

	xa_lock_irqsave(&wd_vectors, flags);
	removed = xa_load(&wd_vectors, vector->id) == vector;
	if (removed)
		__xa_erase(&wd_vectors, vector->id);
	xa_unlock_irqrestore(&wd_vectors, flags);
	if (removed)
		wd_vector_uncount(vector);
	return removed;
}

/* ... any one of a device; NULL if there is none */
static struct wd_vector *wd_vector_remove_one(struct wd_device *wdev)
{
	struct wd_vector *vector;
	unsigned long flags, id;

	/* Nobody's is freed before it is removed, which takes the lock. */
	xa_lock_irqsave(&wd_vectors, flags);
	xa_for_each(&wd_vectors, id, vector)
		if (vector->wdev == wdev)
			break;
	if (vector)
		__xa_erase(&wd_vectors, id);
	xa_unlock_irqrestore(&wd_vectors, flags);
	if (vector)
		wd_vector_uncount(vector);
	return vector;
}

/* Takes an element out of its vector; NULL if it was freed before. */
static struct wd_buffer *wd_vector_take(struct wd_vector *vector, u32 index)
{
	struct wd_device *wdev = vector->wdev;
	struct wd_buffer *buffer;
	unsigned long flags;

	spin_lock_irqsave(&wdev->buffers_lock, flags);
	buffer = vector->elements[index];
	if (buffer && buffer->removed)
		buffer = NULL;
	if (buffer) {
		vector->elements[index] = NULL;
		wd_buffer_remove(buffer);
	}
	spin_unlock_irqrestore(&wdev->buffers_lock, flags);
	return buffer;
}

/*
 * Makes the elements of a vector that has been removed unknown, at once, wherever that is. They
 * stay until wd_vector_free(), but for those that the verifier keeps.
 */
static void wd_vector_unlink(struct wd_vector *vector, struct wd_adapter *adapter,
			     const char *routine)
{
	struct wd_device *wdev = vector->wdev;
	struct wd_buffer *buffer;
	unsigned long flags;
	bool is_kept;
	u32 i;

	for (i = 0; i < vector->nr_elements; i++) {
		spin_lock_irqsave(&wdev->buffers_lock, flags);
		buffer = vector->elements[i];
		is_kept = buffer && buffer->is_guarded && adapter && !adapter->system;
		if (buffer)
			wd_buffer_remove(buffer);
		if (is_kept)
			vector->elements[i] = NULL;
		spin_unlock_irqrestore(&wdev->buffers_lock, flags);
		if (buffer)
			wd_guard_check_buffer(buffer, adapter, routine);
		if (is_kept && !wd_grave_bury(buffer, adapter, routine))
			wd_buffer_free_soon(buffer);
	}
}

/* A call that found the vector earlier may look for an element until it is taken out here. */
static struct wd_buffer *wd_vector_empty(struct wd_vector *vector, u32 index)
{
	struct wd_device *wdev = vector->wdev;
	struct wd_buffer *buffer;

	spin_lock_irq(&wdev->buffers_lock);
	buffer = vector->elements[index];
	vector->elements[index] = NULL;
	spin_unlock_irq(&wdev->buffers_lock);
	return buffer;
}

/* Frees a vector that has been unlinked; returns how many elements there still were. */
static u32 wd_vector_free(struct wd_vector *vector)
{
	struct wd_device *wdev = vector->wdev;
	struct wd_buffer *buffer;
	u32 i, count = 0;

	/* A controller that was told to stop may not have stopped yet. */
	if (vector->engine)
		wd_system_wait(vector->engine);
	for (i = 0; i < vector->nr_elements; i++) {
		buffer = wd_vector_empty(vector, i);
		if (!buffer)
			continue;
		wd_buffer_free(buffer);
		count++;
	}
	kvfree_rcu(vector, rcu);
	wd_device_put(wdev);
	return count;
}

static void wd_vector_free_work(struct work_struct *work)
{
	wd_vector_free(container_of(work, struct wd_vector, free_work));
}

static void wd_vector_leak(struct wd_leak *leak, const struct wd_vector *vector)
{
	wd_leak(leak, "vector", wd_vector_handle(vector), vector->nr_elements, 0, vector->stack);
}

/**
 * wd_vector_leaks() - record the vectors that an adapter leaves
 * @leak: of a dying adapter
 *
 * Context: Any but a hard interrupt.
 */
void wd_vector_leaks(struct wd_leak *leak)
{
	struct wd_vector *vector;
	unsigned long flags, id;

	xa_lock_irqsave(&wd_vectors, flags);
	xa_for_each(&wd_vectors, id, vector)
		if (vector->adapter_id == leak->adapter->id)
			wd_vector_leak(leak, vector);
	xa_unlock_irqrestore(&wd_vectors, flags);
}

/**
 * wd_vector_free_all() - free the vectors of a device whose driver is gone
 * @wdev: the device; it has no adapter any more
 * @elements: increased by the elements that were left
 *
 * Context: Process, may sleep.
 * Return: number of vectors freed.
 */
unsigned int wd_vector_free_all(struct wd_device *wdev, unsigned int *elements)
{
	struct wd_leak leak = {
		.dev = wdev->dev,
		.code = WD_REPORT_BUFFERS_LEFT,
		.routine = "driver-unbind",
	};
	struct wd_vector *vector;
	unsigned int count = 0;

	while ((vector = wd_vector_remove_one(wdev))) {
		if (vector->is_verified)
			wd_vector_leak(&leak, vector);
		wd_vector_unlink(vector, NULL, "driver-unbind");
		*elements += wd_vector_free(vector);
		count++;
	}
	return count;
}

static int wd_vector_fill(struct wd_vector *vector, struct wd_buffer_wish wish)
{
	u32 i;

	wish.vector = vector;

	for (i = 0; i < vector->nr_elements; i++) {
		struct wd_buffer *buffer = wd_buffer_alloc(vector->adapter, &wish);

		if (IS_ERR(buffer))
			return PTR_ERR(buffer);
		vector->elements[i] = buffer;	/* nobody knows the vector yet */
		wd_buffer_publish(buffer);
	}
	return 0;
}

/* More than there can be is told at once, not when nothing is left for others. */
static int wd_vector_check(const struct wd_adapter *adapter, u32 count, struct wd_buffer_wish wish)
{
	int ret = wd_buffer_fit_wish(adapter, &wish);
	u64 bytes;

	if (!count || check_mul_overflow(wish.bytes, (u64)count, &bytes))
		return -EINVAL;
	if (ret)
		return ret;
	return bytes >> PAGE_SHIFT > totalram_pages() ||
	       bytes - 1 > wish.last_address - wish.first_address ? -ENOMEM : 0;
}

static int wd_vector_alloc(struct wd_adapter *adapter, u32 count,
			   const struct wd_buffer_wish *wish, PDMA_COMMON_BUFFER_VECTOR *handle)
{
	struct wd_vector *vector;
	int ret = wd_vector_check(adapter, count, *wish);

	if (ret)
		return ret;
	vector = kvzalloc(struct_size(vector, elements, count), WD_GFP_ANY_LENGTH);
	if (!vector)
		return -ENOMEM;
	vector->wdev = adapter->wdev;
	vector->adapter = adapter;
	vector->adapter_id = adapter->id;
	vector->is_verified = wd_verifies(adapter);
	vector->stack = wd_stack(adapter);
	vector->nr_elements = count;
	INIT_WORK(&vector->free_work, wd_vector_free_work);
	wd_device_hold(vector->wdev);
	ret = wd_vector_fill(vector, *wish);
	if (!ret)
		ret = xa_alloc_cyclic_irq(&wd_vectors, &vector->id, vector, xa_limit_32b,
					  &wd_vectors_next, GFP_KERNEL);
	if (ret < 0) {
		wd_vector_unlink(vector, NULL, "AllocateCommonBufferVector");
		wd_vector_free(vector);
		return ret;
	}
	atomic_inc(&adapter->nr_vectors);
	*handle = wd_vector_handle(vector);
	return 0;
}

/**
 * wdmdma_allocate_common_buffer_vector() - allocate many common buffers of one size
 * (AllocateCommonBufferVector)
 * @dma_adapter: the adapter
 * @low_address: lowest logical address of an element; 0: none
 * @high_address: highest logical address of an element's last page, inclusive; all ones: none but
 * the adapter's
 * @cache_type: MmCached or MmNonCached, as for AllocateCommonBufferWithBounds
 * @ideal_node: node whose memory is wanted; a hint
 * @flags: 0
 * @number_of_elements: not 0
 * @size_of_elements: bytes, not 0; each element has pages of its own
 * @vector_out: receives the vector, untouched on failure
 *
 * All elements or none. The vector is owed a FreeCommonBufferVector.
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for what no adapter could do, and for a dead or
 * NULL one; STATUS_INSUFFICIENT_RESOURCES without memory inside the bounds.
 */
NTSTATUS wdmdma_allocate_common_buffer_vector(PDMA_ADAPTER dma_adapter,
					      PHYSICAL_ADDRESS low_address,
					      PHYSICAL_ADDRESS high_address,
					      MEMORY_CACHING_TYPE cache_type, ULONG ideal_node,
					      ULONG flags, ULONG number_of_elements,
					      ULONGLONG size_of_elements,
					      PDMA_COMMON_BUFFER_VECTOR *vector_out)
{
	struct wd_adapter *adapter = wd_adapter_get(dma_adapter, "AllocateCommonBufferVector");
	struct wd_buffer_wish wish = {
		.bytes = size_of_elements,
		.first_address = low_address.QuadPart,
		.last_address = high_address.QuadPart,
		.node = wd_buffer_node(ideal_node),
	};
	int ret = -EINVAL;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (vector_out && !flags && !wd_buffer_cache(cache_type, &wish.cache))
		ret = wd_vector_alloc(adapter, number_of_elements, &wish, vector_out);
	wd_adapter_put(adapter);
	return wdmdma_status(ret);
}

static bool wd_vector_has(struct wd_adapter *adapter, const struct wd_vector *vector, u32 index,
			  const char *routine)
{
	if (index < vector->nr_elements)
		return true;
	wd_misuse(adapter, WD_REPORT_VECTOR_INDEX, routine, vector->nr_elements, index, 0,
		  "element %u of a vector of %u", index, vector->nr_elements);
	return false;
}

static void wd_vector_report_freed(struct wd_adapter *adapter, u32 index, const char *routine)
{
	wd_misuse(adapter, WD_REPORT_VECTOR_ELEMENT, routine, index, 0, 0,
		  "element %u has been freed before", index);
}

/**
 * wdmdma_get_common_buffer_from_vector_by_index() - the addresses of an element
 * (GetCommonBufferFromVectorByIndex)
 * @dma_adapter: the adapter
 * @vector: from AllocateCommonBufferVector
 * @index: 0 for the first
 * @virtual_address: receives the processor's address; may be NULL
 * @logical_address: receives the device's; may be NULL
 *
 * Both are 0 for an element that there is not, with a report.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 */
VOID wdmdma_get_common_buffer_from_vector_by_index(PDMA_ADAPTER dma_adapter,
						   PDMA_COMMON_BUFFER_VECTOR vector, ULONG index,
						   PVOID *virtual_address,
						   PPHYSICAL_ADDRESS logical_address)
{
	static const char routine[] = "GetCommonBufferFromVectorByIndex";
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, routine);
	struct wd_vector *found = NULL;
	struct wd_buffer *buffer;
	dma_addr_t dma = 0;
	unsigned long flags;
	void *va = NULL;

	if (adapter)
		found = wd_vector_find(adapter, vector, routine);
	if (found && wd_vector_has(adapter, found, index, routine)) {
		spin_lock_irqsave(&found->wdev->buffers_lock, flags);
		buffer = found->elements[index];
		if (buffer) {
			va = buffer->va;
			dma = buffer->dma;
		}
		spin_unlock_irqrestore(&found->wdev->buffers_lock, flags);
		if (!va)
			wd_vector_report_freed(adapter, index, routine);
	}
	if (virtual_address)
		*virtual_address = va;
	if (logical_address)
		logical_address->QuadPart = dma;
	if (adapter)
		wd_adapter_leave();
}

/**
 * wdmdma_free_common_buffer_from_vector() - free one element (FreeCommonBufferFromVector)
 * @dma_adapter: the adapter
 * @vector: from AllocateCommonBufferVector; stays
 * @index: of the element, which is dead from now on
 *
 * Context: <= DISPATCH_LEVEL; above PASSIVE_LEVEL the memory is released a little later.
 */
VOID wdmdma_free_common_buffer_from_vector(PDMA_ADAPTER dma_adapter,
					   PDMA_COMMON_BUFFER_VECTOR vector, ULONG index)
{
	static const char routine[] = "FreeCommonBufferFromVector";
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, routine);
	struct wd_buffer *buffer = NULL;
	struct wd_vector *found;

	if (!adapter)
		return;
	found = wd_vector_find(adapter, vector, routine);
	if (found && wd_vector_has(adapter, found, index, routine)) {
		buffer = wd_vector_take(found, index);
		if (!buffer)
			wd_vector_report_freed(adapter, index, routine);
	}
	if (buffer)
		wd_guard_check_buffer(buffer, adapter, routine);
	if (buffer && adapter->system)
		buffer->engine = wd_engine_get(adapter->system->engine);
	if (buffer && wd_grave_bury(buffer, adapter, routine))
		buffer = NULL;
	wd_adapter_leave();
	if (buffer)
		wd_buffer_free_soon(buffer);
}

/**
 * wdmdma_free_common_buffer_vector() - free a vector (FreeCommonBufferVector)
 * @dma_adapter: the adapter
 * @vector: from AllocateCommonBufferVector, with or without elements left, which are freed
 *
 * Context: <= DISPATCH_LEVEL; above PASSIVE_LEVEL the memory is released a little later.
 */
VOID wdmdma_free_common_buffer_vector(PDMA_ADAPTER dma_adapter, PDMA_COMMON_BUFFER_VECTOR vector)
{
	static const char routine[] = "FreeCommonBufferVector";
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, routine);
	struct wd_vector *found;

	if (!adapter)
		return;
	found = wd_vector_find(adapter, vector, routine);
	if (found && !wd_vector_remove(found))
		found = NULL;
	if (found) {
		wd_vector_unlink(found, adapter, routine);
		wd_dead(adapter, "vector", vector, found->stack, routine);
	}
	if (found && adapter->system)
		found->engine = wd_engine_get(adapter->system->engine);
	wd_adapter_leave();
	if (!found)
		return;
	if (wd_may_sleep())
		wd_vector_free(found);
	else
		queue_work(wd_workqueue, &found->free_work);
}
