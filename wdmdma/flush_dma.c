// SPDX-License-Identifier: GPL-2.0-only
/*
 * FlushDmaBuffer: what device and processor wrote is exchanged, and everything stays mapped.
 *
 * Only where there is something between the two does it do anything: caches of a device that is not
 * coherent, or a copy in bounce pages. A mapping is known by its memory, not by its MDL: a list has
 * none, and a transfer of a chain knows the first only.
 */
#include <linux/minmax.h>
#include <linux/rbtree.h>

#include "buffer.h"
#include "ops.h"
#include "verifier.h"
#include "walk.h"

/* The memory to be flushed. */
struct wd_flush_memory {
	const PFN_NUMBER *pfns;
	u64 start, end;			/* from the start of the first page */
	phys_addr_t lowest, highest;	/* of its pages: most mappings are elsewhere */
};

static void wd_flush_memory_init(struct wd_flush_memory *memory, const MDL *mdl)
{
	u64 pages, i;

	*memory = (struct wd_flush_memory){
		.pfns = MmGetMdlPfnArray(mdl),
		.start = mdl->ByteOffset,
		.end = (u64)mdl->ByteOffset + mdl->ByteCount,
		.lowest = PHYS_ADDR_MAX,
	};
	pages = wd_span_pages(mdl->ByteOffset, mdl->ByteCount);
	for (i = 0; i < pages; i++) {
		memory->lowest = min(memory->lowest, PFN_PHYS(memory->pfns[i]));
		memory->highest = max(memory->highest, PFN_PHYS(memory->pfns[i]) + PAGE_SIZE - 1);
	}
}

/* Is some of the memory in [phys, phys + bytes)? */
static bool wd_flush_memory_meets(const struct wd_flush_memory *memory, phys_addr_t phys, u64 bytes)
{
	phys_addr_t last = phys + bytes - 1;
	u64 byte, here;

	if (phys > memory->highest || last < memory->lowest)
		return false;
	for (byte = memory->start; byte < memory->end; byte += here) {
		phys_addr_t start = PFN_PHYS(memory->pfns[byte >> PAGE_SHIFT]) +
				    offset_in_page(byte);

		here = min(PAGE_SIZE - offset_in_page(byte), memory->end - byte);
		if (start <= last && start + here - 1 >= phys)
			return true;
	}
	return false;
}

static bool wd_flush_memory_meets_sg(const struct wd_flush_memory *memory,
				     struct scatterlist *sgl, u32 nents)
{
	struct scatterlist *sg;
	u32 i;

	for_each_sg(sgl, sg, nents, i)
		if (wd_flush_memory_meets(memory, sg_phys(sg), sg->length))
			return true;
	return false;
}

/* A copy is made run by run: memory beside the MDL may have changed since it was mapped. */
static void wd_flush_bounced(struct wd_adapter *adapter, const struct wd_mapping *mapping,
			     const struct wd_flush_memory *memory, bool read)
{
	dma_addr_t dma = mapping->dma;
	u32 left = mapping->bytes;
	struct scatterlist *sg;
	u32 i, here;

	if (mapping->direction != (read ? DMA_FROM_DEVICE : DMA_TO_DEVICE))
		return;
	for_each_sg(mapping->sgl, sg, mapping->nents, i) {
		here = min(sg->length, left);
		if (wd_flush_memory_meets(memory, sg_phys(sg), here)) {
			if (read)
				wd_bounce_store(adapter, dma, sg, 1, here);
			else
				wd_bounce_reload(adapter, dma, sg, 1, here);
		}
		dma += here;
		left -= here;
	}
}

static bool wd_flush_memory_is_mapped(const struct wd_flush_memory *memory,
				      const struct wd_mapping *mapping)
{
	switch (mapping->kind) {
	case WD_MAPPING_SG:
		return wd_flush_memory_meets_sg(memory, mapping->sgl, mapping->nents);
	case WD_MAPPING_RUN:
	case WD_MAPPING_SPARE:
		return wd_flush_memory_meets(memory, page_to_phys(mapping->page) +
					     mapping->page_offset, mapping->bytes);
	default:
		return false;
	}
}

static void wd_flush_grant(struct wd_adapter *adapter, struct wd_grant *grant,
			   const struct wd_flush_memory *memory, bool read)
{
	u32 i;

	lockdep_assert_held(&grant->lock);
	if (!grant->granted || !grant->nr_live)
		return;
	for (i = grant->first; i < grant->nr_maps; i++) {
		const struct wd_mapping *mapping = wd_grant_mapping(grant, i);

		if (mapping->kind == WD_MAPPING_BOUNCE)
			wd_flush_bounced(adapter, mapping, memory, read);
		else if (!wd_flush_memory_is_mapped(memory, mapping))
			continue;
		else if (read)
			wd_grant_sync_mapping(adapter, grant, mapping, U32_MAX);
		else
			wd_grant_sync_for_device(adapter, grant, mapping);
	}
}

static void wd_flush_grants(struct wd_adapter *adapter, const struct wd_flush_memory *memory,
			    bool read)
{
	unsigned long index, flags;
	struct wd_grant *grant;

	xa_for_each(&adapter->grants, index, grant) {
		spin_lock_irqsave(&grant->lock, flags);
		wd_flush_grant(adapter, grant, memory, read);
		spin_unlock_irqrestore(&grant->lock, flags);
	}
}

/* One entry of a list that is mapped entry by entry. */
static void wd_flush_entry(struct wd_adapter *adapter, struct scatterlist *sg, u8 direction,
			   bool read)
{
	dma_addr_t dma = sg_dma_address(sg);

	if (!wd_map_is_bounced(adapter, sg) && read)
		wd_map_sync_page_for_cpu(adapter, dma, sg->length, direction);
	else if (!wd_map_is_bounced(adapter, sg))
		wd_map_sync_page_for_device(adapter, dma, sg->length, direction);
	else if (read)
		wd_bounce_store(adapter, dma, sg, 1, sg->length);
	else
		wd_bounce_reload(adapter, dma, sg, 1, sg->length);
}

static void wd_flush_list(struct wd_adapter *adapter, struct wd_list *list,
			  const struct wd_flush_memory *memory, bool read)
{
	struct scatterlist *sg;
	u32 i;

	if (list->direction != (read ? DMA_FROM_DEVICE : DMA_TO_DEVICE))
		return;
	if (list->each) {
		for_each_sg(list->sgl, sg, list->nr_sg, i)
			if (wd_flush_memory_meets(memory, sg_phys(sg), sg->length))
				wd_flush_entry(adapter, sg, list->direction, read);
	} else if (wd_flush_memory_meets_sg(memory, list->sgl, list->nr_sg)) {
		if (read)
			wd_map_sync_sg_for_cpu(adapter, list->sgl, list->nr_sg, list->direction);
		else
			wd_map_sync_sg_for_device(adapter, list->sgl, list->nr_sg,
						  list->direction);
	}
}

static void wd_flush_lists(struct wd_adapter *adapter, const struct wd_flush_memory *memory,
			   bool read)
{
	struct rb_node *node;
	unsigned long flags;

	spin_lock_irqsave(&adapter->lock, flags);
	for (node = rb_first(&adapter->lists); node; node = rb_next(node)) {
		struct wd_list *list = rb_entry(node, struct wd_list, node);

		if (READ_ONCE(list->state) == WD_LIST_LIVE)
			wd_flush_list(adapter, list, memory, read);
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
}

/* Is there anything between device and memory? */
static bool wd_flush_does_something(const struct wd_adapter *adapter)
{
	return adapter->class == WDMDMA_BOUNCED || adapter->platform_bounces ||
	       (wd_verifies(adapter) && adapter->slots) ||
	       READ_ONCE(adapter->can_fail) || wd_class_alignment(adapter) != 1;
}

/**
 * wdmdma_flush_dma_buffer() - exchange what device and processor wrote (FlushDmaBuffer)
 * @dma_adapter: the adapter
 * @mdl: mapped, or of a common buffer; the rest of its chain is not looked at
 * @read_operation: TRUE: what the device wrote is to be seen by the processor; FALSE: the other
 * way. Mappings of the other direction are left alone
 *
 * It ends nothing: FlushAdapterBuffers or PutScatterGatherList is still owed. Needed for common
 * buffers that are cached although the device is not coherent: those of MmCached, or of an MDL.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: STATUS_SUCCESS, also when there was nothing to do; STATUS_INVALID_PARAMETER without an
 * MDL, or for a dead or NULL adapter.
 */
NTSTATUS wdmdma_flush_dma_buffer(PDMA_ADAPTER dma_adapter, PMDL mdl, BOOLEAN read_operation)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "FlushDmaBuffer");
	struct wd_flush_memory memory;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (wd_verifies(adapter) && mdl)
		wd_note_flush(adapter, mdl);
	if (mdl && mdl->ByteCount && wd_mdl_is_ready(mdl) && wd_flush_does_something(adapter)) {
		wd_flush_memory_init(&memory, mdl);
		if (wd_class_alignment(adapter) != 1)
			wd_buffer_sync(adapter, mdl, read_operation);
		wd_flush_grants(adapter, &memory, read_operation);
		wd_flush_lists(adapter, &memory, read_operation);
	}
	wd_adapter_leave();
	return mdl ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
