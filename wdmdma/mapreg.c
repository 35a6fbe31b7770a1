// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register sets: what a driver gets with the channel and names by its MapRegisterBase.
 *
 * A map register is the right to map one page. A set records what was mapped with it; its memory
 * comes in page-sized chunks, for up to WD_EAGER_REGS registers before the set is granted, so that
 * mapping allocates nothing. A larger set gets more when mapping comes that far. Released sets go
 * to a free list of the adapter and keep the former.
 *
 * A MapRegisterBase is an index and a generation, never a pointer: the index finds the grant in the
 * adapter's xarray, the generation tells a stale base from a live one.
 */
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "inject.h"
#include "internal.h"
#include "trace.h"
#include "verifier.h"

/* One scatterlist entry more than registers: the last one chains to the next chunk. */
#define WD_CHUNK_REGS	((PAGE_SIZE - sizeof(void *) - sizeof(struct scatterlist)) / \
			 (sizeof(struct wd_mapping) + sizeof(struct scatterlist)))

struct wd_chunk {
	struct wd_chunk *next;
	struct wd_mapping mappings[WD_CHUNK_REGS];
	struct scatterlist sgl[WD_CHUNK_REGS + 1];
};

static_assert(sizeof(struct wd_chunk) <= PAGE_SIZE);

#define WD_BASE_INDEX_BITS	(BITS_PER_LONG / 2)
#define WD_BASE_INDEX_MASK	((1UL << WD_BASE_INDEX_BITS) - 1)

/**
 * wd_grant_base() - the MapRegisterBase of a set
 * @grant: the set
 *
 * Return: never NULL, because indexes count from 1.
 */
PVOID wd_grant_base(const struct wd_grant *grant)
{
	return (PVOID)(((unsigned long)grant->generation << WD_BASE_INDEX_BITS) | grant->index);
}

static bool wd_grant_has_base(const struct wd_grant *grant, PVOID base)
{
	/* Pairs with wd_grant_open(). */
	return smp_load_acquire(&grant->granted) && wd_grant_base(grant) == base;
}

static struct wd_grant *wd_grant_create(struct wd_adapter *adapter)
{
	struct wd_grant *grant = kzalloc(sizeof(*grant), GFP_ATOMIC | __GFP_NOWARN);
	unsigned long flags;
	int ret;

	if (!grant)
		return NULL;
	spin_lock_init(&grant->lock);
	/* So that the bases of two adapters differ, too. */
	grant->generation = get_random_u32();
	INIT_LIST_HEAD(&grant->request.node);
	/* Not xa_alloc_irq(): the caller's interrupts may be off and must stay so. */
	xa_lock_irqsave(&adapter->grants, flags);
	ret = __xa_alloc(&adapter->grants, &grant->index, grant, XA_LIMIT(1, WD_BASE_INDEX_MASK),
			 GFP_ATOMIC | __GFP_NOWARN);
	xa_unlock_irqrestore(&adapter->grants, flags);
	if (ret) {
		kfree(grant);
		return NULL;
	}
	return grant;
}

/**
 * wd_grant_take() - take a set off the adapter's free list, or make one more
 * @adapter: the adapter
 * @regs: registers it must have memory for
 *
 * In steady state nothing is allocated: released sets keep their memory.
 *
 * Context: Any but a hard interrupt, the adapter's lock held.
 * Return: a set that is not granted yet, the caller's until wd_grant_drop(); or NULL.
 */
struct wd_grant *wd_grant_take(struct wd_adapter *adapter, u32 regs)
{
	struct wd_grant *grant;

	lockdep_assert_held(&adapter->lock);
	if (wd_injects(adapter->host, WDMDMA_FAIL_SETS))
		return NULL;
	wd_inject_prepare(adapter);
	grant = list_first_entry_or_null(&adapter->free_grants, struct wd_grant, request.node);
	if (grant)
		list_del_init(&grant->request.node);
	else
		grant = wd_grant_create(adapter);
	if (grant && wd_grant_reserve(adapter, grant, min(regs, WD_EAGER_REGS))) {
		wd_grant_drop(adapter, grant);
		return NULL;
	}
	return grant;
}

/**
 * wd_grant_drop() - put a set on the free list
 * @adapter: the adapter
 * @grant: closed, or never opened
 *
 * Context: Any, the adapter's lock held.
 */
void wd_grant_drop(struct wd_adapter *adapter, struct wd_grant *grant)
{
	lockdep_assert_held(&adapter->lock);
	list_add(&grant->request.node, &adapter->free_grants);
}

/**
 * wd_grant_reserve() - give a set the memory for its registers
 * @adapter: the adapter
 * @grant: the caller's, not granted; or granted and locked
 * @regs: registers to hold
 *
 * A set that was used before has its chunks: nothing is allocated then.
 *
 * Context: Any but a hard interrupt.
 * Return: 0 or -ENOMEM.
 */
int wd_grant_reserve(struct wd_adapter *adapter, struct wd_grant *grant, u32 regs)
{
	struct wd_chunk **tail = &grant->chunks;
	struct wd_chunk *last = NULL;

	if (adapter->can_fail && !adapter->bounce.nr_pages && !grant->spare.page) {
		int ret = wd_spare_alloc(adapter, &grant->spare);

		if (ret)
			return ret;
	}
	if (likely(grant->capacity >= regs && grant->chunks))
		return 0;

	for (; *tail; tail = &(*tail)->next)
		last = *tail;
	do {
		struct wd_chunk *chunk = (void *)get_zeroed_page(GFP_ATOMIC | __GFP_NOWARN);

		if (!chunk)
			return -ENOMEM;
		if (last)
			sg_chain(last->sgl, WD_CHUNK_REGS + 1, chunk->sgl);
		*tail = chunk;
		tail = &chunk->next;
		last = chunk;
		grant->capacity += WD_CHUNK_REGS;
	} while (grant->capacity < regs);
	return 0;
}

/* Gives back the memory of registers from @regs on. */
static void wd_grant_trim(struct wd_grant *grant, u32 regs)
{
	struct wd_chunk **tail = &grant->chunks;
	u32 capacity = 0;

	for (; *tail && capacity < regs; tail = &(*tail)->next)
		capacity += WD_CHUNK_REGS;
	grant->capacity = capacity;
	grant->near = NULL;
	while (*tail) {
		struct wd_chunk *chunk = *tail;

		*tail = chunk->next;
		free_page((unsigned long)chunk);
	}
}

/* Finds the chunk of an index, starting from the last one found: they are used in order. */
static struct wd_chunk *wd_grant_chunk(struct wd_grant *grant, u32 *index)
{
	if (!grant->near || *index < grant->near_index) {
		grant->near = grant->chunks;
		grant->near_index = 0;
	}
	for (; *index - grant->near_index >= WD_CHUNK_REGS; grant->near_index += WD_CHUNK_REGS)
		grant->near = grant->near->next;
	*index -= grant->near_index;
	return grant->near;
}

/**
 * wd_grant_mapping() - the record of one mapping
 * @grant: locked
 * @index: below its capacity
 */
struct wd_mapping *wd_grant_mapping(struct wd_grant *grant, u32 index)
{
	struct wd_chunk *chunk = wd_grant_chunk(grant, &index);

	return &chunk->mappings[index];
}

/**
 * wd_grant_sg() - a scatterlist entry of a set; sg_next() leads to the following ones
 * @grant: locked
 * @index: below its capacity
 */
struct scatterlist *wd_grant_sg(struct wd_grant *grant, u32 index)
{
	struct wd_chunk *chunk = wd_grant_chunk(grant, &index);

	return &chunk->sgl[index];
}

/**
 * wd_grant_open() - make a reserved set usable: its base is valid from here on
 * @grant: the caller's
 * @regs: registers it holds
 */
void wd_grant_open(struct wd_grant *grant, u32 regs)
{
	grant->regs = regs;
	grant->window_shift = 0;
	/*
	 * No lock: nobody but a caller with a stale base can be looking, and for that the
	 * generation decides. Pairs with wd_grant_has_base().
	 */
	smp_store_release(&grant->granted, true);
}

/**
 * wd_grant_lock() - find the set of a MapRegisterBase and lock it
 * @adapter: the adapter
 * @base: any value
 * @flags: for spin_unlock_irqrestore(&grant->lock)
 *
 * Return: the set, or NULL for a base that is not, or no longer, valid.
 */
struct wd_grant *wd_grant_lock(struct wd_adapter *adapter, PVOID base, unsigned long *flags)
{
	struct wd_grant *grant = xa_load(&adapter->grants,
					 (unsigned long)base & WD_BASE_INDEX_MASK);

	if (!grant)
		return NULL;
	spin_lock_irqsave(&grant->lock, *flags);
	if (wd_grant_has_base(grant, base)) {
		__release(&grant->lock);
		return grant;
	}
	spin_unlock_irqrestore(&grant->lock, *flags);
	return NULL;
}

/**
 * wd_grant_unlock() - undo wd_grant_lock()
 * @grant: the set
 * @flags: from wd_grant_lock()
 */
void wd_grant_unlock(struct wd_grant *grant, unsigned long flags)
{
	__acquire(&grant->lock);
	spin_unlock_irqrestore(&grant->lock, flags);
}

/**
 * wd_grant_release_mapping() - undo one mapping
 * @adapter: the adapter
 * @grant: locked
 * @mapping: of @grant, not free
 * @valid_bytes: so many bytes go back to the driver's memory where wdmdma copies; U32_MAX all,
 * 0 none
 * @discard: drop what the device wrote wherever the platform copies
 */
void wd_grant_release_mapping(struct wd_adapter *adapter, struct wd_grant *grant,
			      struct wd_mapping *mapping, u32 valid_bytes, bool discard)
{
	lockdep_assert_held(&grant->lock);
	switch (mapping->kind) {
	case WD_MAPPING_RUN:
		wd_unmap_page(adapter, mapping->dma, mapping->bytes, mapping->direction, discard);
		break;
	case WD_MAPPING_SG:
		wd_unmap_sg(adapter, mapping->sgl, mapping->nents, mapping->direction, discard);
		break;
	case WD_MAPPING_BOUNCE:
		if (mapping->direction == DMA_FROM_DEVICE && valid_bytes && !discard)
			wd_bounce_store(adapter, mapping->dma, mapping->sgl, mapping->nents,
					min(valid_bytes, mapping->bytes));
		wd_bounce_give(adapter, mapping->dma, mapping->bytes);
		break;
	case WD_MAPPING_SPARE:
		if (mapping->direction == DMA_FROM_DEVICE && valid_bytes && !discard)
			wd_spare_to_memory(adapter, &grant->spare, mapping->page,
					   mapping->page_offset, min(valid_bytes, mapping->bytes));
		grant->spare.busy = false;
		break;
	default:
		break;
	}

	trace_wdmdma_unmap(adapter, grant, mapping);
	mapping->kind = WD_MAPPING_FREE;
	grant->live_bytes -= mapping->bytes;
	if (--grant->nr_live)
		return;
	/* The set is empty: all its registers can be used again. */
	grant->regs_used = 0;
	grant->first = 0;
	grant->nr_maps = 0;
	grant->nr_sg = 0;
}

/**
 * wd_grant_sync_mapping() - give the driver the data of a mapping that stays for a while
 * @adapter: the adapter
 * @grant: locked
 * @mapping: of @grant, not free
 * @valid_bytes: so many of it; to be released without data later
 */
void wd_grant_sync_mapping(struct wd_adapter *adapter, struct wd_grant *grant,
			   const struct wd_mapping *mapping, u32 valid_bytes)
{
	u32 bytes = min(valid_bytes, mapping->bytes);

	lockdep_assert_held(&grant->lock);
	if (mapping->direction != DMA_FROM_DEVICE || !bytes)
		return;
	switch (mapping->kind) {
	case WD_MAPPING_RUN:
		wd_map_sync_page_for_cpu(adapter, mapping->dma, bytes, mapping->direction);
		break;
	case WD_MAPPING_SG:
		wd_map_sync_sg_for_cpu(adapter, mapping->sgl, mapping->nents, mapping->direction);
		break;
	case WD_MAPPING_BOUNCE:
		wd_bounce_store(adapter, mapping->dma, mapping->sgl, mapping->nents, bytes);
		break;
	case WD_MAPPING_SPARE:
		wd_spare_to_memory(adapter, &grant->spare, mapping->page, mapping->page_offset,
				   bytes);
		break;
	default:
		break;
	}
}

/**
 * wd_grant_sync_for_device() - give the device what the processor wrote since a mapping was made
 * @adapter: the adapter
 * @grant: locked
 * @mapping: live; stays so. Bounce pages are the caller's to fill
 */
void wd_grant_sync_for_device(struct wd_adapter *adapter, struct wd_grant *grant,
			      const struct wd_mapping *mapping)
{
	lockdep_assert_held(&grant->lock);
	if (mapping->direction != DMA_TO_DEVICE)
		return;
	switch (mapping->kind) {
	case WD_MAPPING_RUN:
		wd_map_sync_page_for_device(adapter, mapping->dma, mapping->bytes,
					    mapping->direction);
		break;
	case WD_MAPPING_SG:
		wd_map_sync_sg_for_device(adapter, mapping->sgl, mapping->nents,
					  mapping->direction);
		break;
	case WD_MAPPING_SPARE:
		wd_spare_reload(adapter, &grant->spare, mapping->page, mapping->page_offset,
				mapping->bytes);
		break;
	default:
		break;
	}
}

/**
 * wd_grant_release_all() - undo every mapping of a set
 * @adapter: the adapter
 * @grant: locked
 * @discard: drop what the device wrote
 *
 * Return: bytes that were mapped.
 */
u64 wd_grant_release_all(struct wd_adapter *adapter, struct wd_grant *grant, bool discard)
{
	u64 bytes = 0;
	u32 i;

	lockdep_assert_held(&grant->lock);
	for (i = grant->first; grant->nr_live; i++) {
		struct wd_mapping *mapping = wd_grant_mapping(grant, i);

		if (mapping->kind == WD_MAPPING_FREE)
			continue;
		bytes += mapping->bytes;
		wd_grant_release_mapping(adapter, grant, mapping, discard ? 0 : U32_MAX, discard);
	}
	return bytes;
}

/**
 * wd_grant_swap() - exchange the mappings of two sets, and the memory of their records
 * @grant: locked
 * @other: locked, of the same adapter
 */
void wd_grant_swap(struct wd_grant *grant, struct wd_grant *other)
{
	swap(grant->regs_used, other->regs_used);
	swap(grant->first, other->first);
	swap(grant->nr_maps, other->nr_maps);
	swap(grant->nr_live, other->nr_live);
	swap(grant->live_bytes, other->live_bytes);
	swap(grant->nr_sg, other->nr_sg);
	swap(grant->chunks, other->chunks);
	swap(grant->capacity, other->capacity);
	swap(grant->spare, other->spare);
	grant->near = NULL;
	other->near = NULL;
}

/**
 * wd_grant_alloc() - a set that no driver will be granted
 *
 * Return: the set, or NULL.
 */
struct wd_grant *wd_grant_alloc(void)
{
	struct wd_grant *grant = kzalloc(sizeof(*grant), GFP_KERNEL);

	if (grant)
		spin_lock_init(&grant->lock);
	return grant;
}

/**
 * wd_grant_destroy() - free a set
 * @adapter: no call uses it any more
 * @grant: nothing is mapped with it
 */
void wd_grant_destroy(struct wd_adapter *adapter, struct wd_grant *grant)
{
	wd_grant_trim(grant, 0);
	wd_spare_free(adapter, &grant->spare);
	kfree(grant);
}

/* Unmaps what is left and makes the base invalid. */
static void wd_grant_close_locked(struct wd_adapter *adapter, struct wd_grant *grant, u32 *mappings,
				  u64 *bytes)
{
	*mappings = grant->nr_live;
	*bytes = wd_grant_release_all(adapter, grant, true);
	grant->granted = false;
	grant->generation++;
	if (grant->capacity > WD_EAGER_REGS + WD_CHUNK_REGS)
		wd_grant_trim(grant, WD_EAGER_REGS);
}

/**
 * wd_grant_close() - end a set: unmap what is left without copying back, invalidate its base
 * @adapter: the adapter
 * @base: MapRegisterBase of the set
 * @routine: Windows' name of the routine that ends it, for the report of what was left mapped
 *
 * Context: Any but a hard interrupt.
 * Return: the set, now the caller's; or NULL when the base is not valid (any more).
 */
struct wd_grant *wd_grant_close(struct wd_adapter *adapter, PVOID base, const char *routine)
{
	unsigned long flags;
	struct wd_grant *grant = wd_grant_lock(adapter, base, &flags);
	u32 mappings;
	u64 bytes;

	if (!grant)
		return NULL;
	wd_grant_close_locked(adapter, grant, &mappings, &bytes);
	wd_grant_unlock(grant, flags);

	wd_slots_report(adapter, routine);
	wd_dead(adapter, "register set", base, grant->request.stack, routine);
	if (!mappings)
		return grant;
	wd_misuse(adapter, WD_REPORT_FREED_MAPPED, routine, mappings, 0, 0,
		  "register set freed with %u mappings that were not flushed", mappings);
	wd_misuse(adapter, WD_REPORT_NOT_FLUSHED, routine, bytes,
		  (u64)adapter->max_regs * PAGE_SIZE, 0, "%llu bytes were not flushed", bytes);
	return grant;
}

/**
 * wd_grant_close_all() - end every set of a dying adapter
 * @adapter: dead
 * @routine: on whose behalf; NULL: nothing is recorded of what is left
 * @regs: receives how many registers they had
 *
 * Context: Any but a hard interrupt, inside an RCU read-side section or with a reference.
 * Return: number of sets that were still allocated.
 */
u32 wd_grant_close_all(struct wd_adapter *adapter, const char *routine, u32 *regs)
{
	struct wd_grant *grant;
	unsigned long index, flags;
	u32 sets = 0, mappings;
	u64 bytes;

	*regs = 0;
	xa_for_each(&adapter->grants, index, grant) {
		spin_lock_irqsave(&grant->lock, flags);
		if (grant->granted) {
			*regs += grant->regs;
			if (routine)
				wd_leak_set(adapter, grant, routine, sets);
			wd_grant_close_locked(adapter, grant, &mappings, &bytes);
			sets++;
		}
		spin_unlock_irqrestore(&grant->lock, flags);
	}
	return sets;
}

/**
 * wd_grant_free_all() - free the sets of a dead adapter
 * @adapter: dead, and no call uses it any more
 *
 * Context: Process, may sleep.
 */
void wd_grant_free_all(struct wd_adapter *adapter)
{
	struct wd_grant *grant;
	unsigned long index;
	u32 unused;

	/* One that a call opened while the adapter died. */
	wd_grant_close_all(adapter, NULL, &unused);
	xa_for_each(&adapter->grants, index, grant)
		wd_grant_destroy(adapter, grant);
	xa_destroy(&adapter->grants);
}
