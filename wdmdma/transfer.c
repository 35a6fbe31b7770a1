// SPDX-License-Identifier: GPL-2.0-only
/*
 * Packet mode: MapTransfer.
 *
 * MapTransfer has no way to say that it failed, and drivers program whatever it returns. So it
 * shortens instead of failing wherever it can; when nothing at all can be mapped it returns an
 * address of all ones and a length of 0, with one report.
 *
 * A direct mapping is one physically contiguous run. A translated one is everything the registers
 * cover, if the IOMMU joins it to one segment, else its first run, else a page of the set's own. A
 * bounced one is a run that the device reaches, or as many pages in a row that it does not as the
 * pool has contiguous ones. Without scatter/gather it is all that was asked for, through the set's
 * part of the window unless that is one run within reach, or joined by the IOMMU.
 */
#include <linux/minmax.h>

#include "buffer.h"
#include "internal.h"
#include "irql.h"
#include "ops.h"
#include "system.h"
#include "trace.h"
#include "transfer.h"
#include "verifier.h"
#include "walk.h"

static const PHYSICAL_ADDRESS wd_address_none = { .QuadPart = -1 };

/* Registers of a set that no mapping uses; with scatter/gather a set of none has R. */
static u32 wd_transfer_regs_left(const struct wd_adapter *adapter, const struct wd_grant *grant)
{
	u32 regs = grant->regs;

	if (!regs && adapter->scatter_gather)
		regs = adapter->max_regs;
	return regs - grant->regs_used;
}

/**
 * wd_transfer_fit() - shorten a range to what a set's registers, and their memory, allow
 * @adapter: the adapter
 * @grant: locked
 * @range: of one piece
 *
 * Return: 0; -ENOSPC when no register is left; -ENOMEM when there is no memory for one.
 */
int wd_transfer_fit(struct wd_adapter *adapter, struct wd_grant *grant, struct wd_range *range)
{
	u32 left = wd_transfer_regs_left(adapter, grant);
	u32 offset = (range->mdl->ByteOffset + range->offset) & ~PAGE_MASK;

	u32 room = grant->capacity - grant->regs_used;
	u32 wanted = min_t(u64, left, range->regs);

	if (!left)
		return -ENOSPC;
	/* Only a very large set, or one granted with no registers, can lack memory here. */
	if (wanted > room) {
		if (adapter->scatter_gather)
			wanted = min(wanted, WD_EAGER_REGS);
		wd_grant_reserve(adapter, grant, grant->regs_used + wanted);
		room = grant->capacity - grant->regs_used;
		left = min(left, room);
	}
	if (!left)
		return -ENOMEM;
	if (range->regs > left)
		wd_range_shorten(range, left * PAGE_SIZE - offset);
	return 0;
}

/**
 * wd_transfer_list_runs() - list the runs of a piece in free entries of a set
 * @adapter: the adapter
 * @grant: locked
 * @piece: what is to be mapped
 * @most: so many runs at most; then the mapping is shorter than the piece
 * @mapping: receives entries and length
 *
 * Return: 0; -EAGAIN when there are pages that are not memory.
 */
int wd_transfer_list_runs(struct wd_adapter *adapter, struct wd_grant *grant,
			  struct wd_piece piece, u32 most, struct wd_mapping *mapping)
{
	struct scatterlist *sg = wd_grant_sg(grant, grant->nr_sg);

	mapping->sgl = sg;
	mapping->nents = 0;
	mapping->bytes = 0;
	while (piece.left && mapping->nents < most) {
		struct wd_run run;

		wd_piece_next(&piece, adapter, &run);
		if (!wd_run_is_memory(&piece, &run))
			return -EAGAIN;
		if (mapping->nents++)
			sg = sg_next(sg);
		memset(sg, 0, sizeof(*sg));
		sg_set_page(sg, pfn_to_page(run.pfn), run.bytes, run.offset);
		mapping->bytes += run.bytes;
	}
	return 0;
}

/* Maps a piece of several runs, if the IOMMU makes one segment of it. */
static int wd_transfer_map_joined(struct wd_adapter *adapter, struct wd_grant *grant,
				  struct wd_piece piece, struct wd_mapping *mapping)
{
	int ret = wd_transfer_list_runs(adapter, grant, piece, U32_MAX, mapping);

	if (ret)
		return ret;
	ret = wd_map_sg(adapter, mapping->sgl, mapping->nents, mapping->direction);
	if (ret < 0)
		return ret;
	if (ret > 1) {
		wd_unmap_sg(adapter, mapping->sgl, mapping->nents, mapping->direction, true);
		return -EAGAIN;
	}
	mapping->kind = WD_MAPPING_SG;
	mapping->dma = sg_dma_address(mapping->sgl);
	grant->nr_sg += mapping->nents;
	return 0;
}

/**
 * wd_transfer_load() - copy a piece into bounce pages with contiguous addresses
 * @adapter: the adapter
 * @grant: locked
 * @piece: what is to be mapped
 * @dma: of the first page
 * @mapping: its direction is set; the rest is filled
 *
 * Return: 0; -EFAULT when there are pages that are not memory.
 */
int wd_transfer_load(struct wd_adapter *adapter, struct wd_grant *grant, struct wd_piece piece,
		     dma_addr_t dma, struct wd_mapping *mapping)
{
	int ret = wd_transfer_list_runs(adapter, grant, piece, U32_MAX, mapping);

	if (ret)
		return ret == -EAGAIN ? -EFAULT : ret;
	mapping->kind = WD_MAPPING_BOUNCE;
	mapping->dma = dma + offset_in_page(piece.byte);
	grant->nr_sg += mapping->nents;
	wd_bounce_load(adapter, mapping->dma, mapping->sgl, mapping->nents, mapping->bytes);
	return 0;
}

/* The set's registers are pages of its part of the window: those not used yet are free. */
static int wd_transfer_map_window(struct wd_adapter *adapter, struct wd_grant *grant,
				  struct wd_piece piece, struct wd_mapping *mapping)
{
	u32 page = grant->request.window + grant->window_shift + grant->regs_used;

	if (grant->no_bounce)
		return -ENOMEM;
	return wd_transfer_load(adapter, grant, piece, adapter->bounce.pages[page].dma, mapping);
}

/* Pages in a row, from the start of a piece, that the device does not reach; at least the first. */
static u32 wd_transfer_out_of_reach(struct wd_adapter *adapter, struct wd_piece piece)
{
	u32 pages = 0;

	while (piece.left) {
		struct wd_run run;

		wd_piece_next(&piece, adapter, &run);
		if (pages && !run.bounced)
			break;
		pages++;
	}
	return pages;
}

/* Some pages of the pool take the place of as many pages of a piece. */
static int wd_transfer_map_pool(struct wd_adapter *adapter, struct wd_grant *grant,
				struct wd_piece piece, struct wd_mapping *mapping)
{
	dma_addr_t dma;
	u32 pages;
	int ret;

	if (!grant->regs)
		return -ENXIO;
	if (grant->no_bounce)
		return -ENOMEM;
	pages = wd_bounce_take(adapter, wd_transfer_out_of_reach(adapter, piece), &dma);
	if (!pages)
		return -ENOMEM;
	piece.left = min_t(u64, piece.left, (u64)pages * PAGE_SIZE - offset_in_page(piece.byte));
	ret = wd_transfer_load(adapter, grant, piece, dma, mapping);
	if (ret)
		wd_bounce_give(adapter, dma, pages * PAGE_SIZE);
	return ret;
}

/**
 * wd_transfer_map_run() - map one run where it is
 * @adapter: the adapter
 * @run: memory
 * @mapping: its direction is set; the rest is filled
 *
 * Return: 0 or an errno of wd_map_page().
 */
int wd_transfer_map_run(struct wd_adapter *adapter, const struct wd_run *run,
			struct wd_mapping *mapping)
{
	int ret = wd_map_page(adapter, pfn_to_page(run->pfn), run->offset, run->bytes,
			      mapping->direction, &mapping->dma);

	if (ret)
		return ret;
	mapping->kind = WD_MAPPING_RUN;
	mapping->page = pfn_to_page(run->pfn);
	mapping->page_offset = run->offset;
	mapping->bytes = run->bytes;
	return 0;
}

/**
 * wd_transfer_map_spare() - copy the first page of a run through the set's own
 * @adapter: the adapter
 * @grant: locked
 * @run: memory
 * @mapping: its direction is set; the rest is filled
 *
 * Return: 0; -ENOMEM when the page is in use, or there is none.
 */
int wd_transfer_map_spare(struct wd_adapter *adapter, struct wd_grant *grant,
			  const struct wd_run *run, struct wd_mapping *mapping)
{
	if (!grant->spare.page || grant->spare.busy || grant->no_bounce)
		return -ENOMEM;
	mapping->kind = WD_MAPPING_SPARE;
	mapping->page = pfn_to_page(run->pfn);
	mapping->page_offset = run->offset;
	mapping->bytes = min_t(u32, run->bytes, PAGE_SIZE - run->offset);
	mapping->dma = grant->spare.dma + run->offset;
	grant->spare.busy = true;
	wd_spare_to_device(adapter, &grant->spare, mapping->page, run->offset, mapping->bytes);
	return 0;
}

/* @run is the first of @piece. */
static int wd_transfer_map_bounced(struct wd_adapter *adapter, struct wd_grant *grant,
				   const struct wd_piece *piece, const struct wd_run *run,
				   struct wd_mapping *mapping)
{
	bool is_direct = adapter->scatter_gather ?
			 !run->bounced :
			 run->bytes == piece->left && wd_run_reaches(adapter, run);
	int ret = -EAGAIN;

	if (is_direct)
		ret = wd_transfer_map_run(adapter, run, mapping);
	if (!ret)
		return 0;
	return adapter->scatter_gather ? wd_transfer_map_pool(adapter, grant, *piece, mapping) :
					 wd_transfer_map_window(adapter, grant, *piece, mapping);
}

static int wd_transfer_map_memory(struct wd_adapter *adapter, struct wd_grant *grant,
				  struct wd_range *range, struct wd_mapping *mapping)
{
	struct wd_piece piece, rest;
	struct wd_run run;
	int ret = -EAGAIN;

	wd_range_next(range, &piece);
	/* One segment cannot be longer than that. */
	piece.left = min_t(u64, piece.left, adapter->max_run_bytes - (piece.byte & ~PAGE_MASK));
	rest = piece;
	wd_piece_next(&rest, adapter, &run);
	if (!wd_run_is_memory(&piece, &run))
		return -EFAULT;

	if (wd_verifies(adapter) && !wd_slots_map(adapter, grant, piece, &run, mapping))
		return 0;
	if (adapter->class == WDMDMA_BOUNCED)
		return wd_transfer_map_bounced(adapter, grant, &piece, &run, mapping);
	if (rest.left && adapter->class == WDMDMA_TRANSLATED)
		ret = wd_transfer_map_joined(adapter, grant, piece, mapping);
	if (ret && (adapter->scatter_gather || !rest.left))
		ret = wd_transfer_map_run(adapter, &run, mapping);
	/* What cannot fail. */
	if (ret && adapter->scatter_gather)
		ret = wd_transfer_map_spare(adapter, grant, &run, mapping);
	else if (ret)
		ret = wd_transfer_map_window(adapter, grant, piece, mapping);
	return ret;
}

/* Finds a range inside a common buffer, which has an address already (B11). */
static int wd_transfer_map_common(struct wd_adapter *adapter, const struct wd_range *range,
				  struct wd_mapping *mapping)
{
	int ret = wd_buffer_find(adapter, range->mdl, range->offset, range->left,
				 mapping->direction, &mapping->dma);

	if (ret)
		return ret;
	mapping->kind = WD_MAPPING_COMMON;
	mapping->bytes = range->left;
	atomic64_inc(&adapter->common_maps);
	atomic64_add(mapping->bytes, &adapter->mapped_bytes);
	return 0;
}

/**
 * wd_transfer_map_range() - map as much of a range as one run of addresses can hold
 * @adapter: the adapter
 * @grant: locked
 * @range: of one piece that fits; used up
 * @mapping: the record to fill; identity and direction are set
 *
 * Return: 0, and the record is not counted yet; or an errno, and nothing is mapped.
 */
int wd_transfer_map_range(struct wd_adapter *adapter, struct wd_grant *grant,
			  struct wd_range *range, struct wd_mapping *mapping)
{
	int ret = wd_transfer_map_common(adapter, range, mapping);

	if (ret == -ENOENT)
		ret = wd_transfer_map_memory(adapter, grant, range, mapping);
	return ret;
}

/**
 * wd_transfer_new_mapping() - the record that the next mapping of a set will have
 * @grant: locked, with a register left
 * @mdl: what the driver names the mapping by
 * @va: ... and where in it: see struct wd_mapping
 * @direction: of the transfer
 */
struct wd_mapping *wd_transfer_new_mapping(struct wd_grant *grant, PMDL mdl, u64 va,
					   enum dma_data_direction direction)
{
	struct wd_mapping *mapping = wd_grant_mapping(grant, grant->nr_maps);

	*mapping = (struct wd_mapping){
		.mdl = mdl,
		.va = va,
		.direction = direction,
	};
	return mapping;
}

/**
 * wd_transfer_count_mapping() - count a mapping that has been made
 * @adapter: the adapter
 * @grant: locked
 * @mapping: from wd_transfer_new_mapping(), mapped
 * @byte: where in its page it starts
 */
void wd_transfer_count_mapping(struct wd_adapter *adapter, struct wd_grant *grant,
			       const struct wd_mapping *mapping, u64 byte)
{
	u32 bytes = mapping->bytes;

	grant->nr_maps++;
	grant->nr_live++;
	grant->live_bytes += bytes;
	grant->regs_used += wd_span_pages(byte, bytes);
	/* Last: before it, the arguments would have to be kept for what follows. */
	trace_wdmdma_map(adapter, grant, mapping);
}

static int wd_transfer_map(struct wd_adapter *adapter, struct wd_grant *grant, PMDL mdl,
			   ULONG_PTR va, enum dma_data_direction direction, u32 *bytes,
			   dma_addr_t *dma)
{
	/* Below the start of the MDL the difference is huge, hence outside. */
	u64 offset = va - wd_mdl_va(mdl);
	struct wd_mapping *mapping;
	struct wd_range range;
	u64 wanted;
	int ret;

	lockdep_assert_held(&grant->lock);
	ret = wd_range_init_one(&range, mdl, offset, bytes);
	if (ret)
		return ret;
	if (!range.is_ready)
		return -EFAULT;
	wanted = range.regs;
	ret = wd_transfer_fit(adapter, grant, &range);
	if (ret)
		return ret;
	if (range.regs < wanted && !adapter->scatter_gather)
		wd_misuse(adapter, WD_REPORT_NOT_FLUSHED, "MapTransfer", 0, 0, 0,
			  "transfer shortened to the %llu registers left in the set", range.regs);

	mapping = wd_transfer_new_mapping(grant, mdl, va, direction);
	ret = wd_transfer_map_range(adapter, grant, &range, mapping);
	if (ret)
		return ret;
	wd_transfer_count_mapping(adapter, grant, mapping, mdl->ByteOffset + offset);
	*bytes = mapping->bytes;
	*dma = mapping->dma;
	return 0;
}

/**
 * wd_transfer_report() - report why nothing could be mapped
 * @adapter: the adapter
 * @routine: Windows' name of the routine
 * @ret: the errno
 */
void wd_transfer_report(struct wd_adapter *adapter, const char *routine, int ret)
{
	switch (ret) {
	case -EINVAL:
		wd_misuse(adapter, WD_REPORT_ZERO_LENGTH, routine, 0, 0, 0, "nothing to map");
		break;
	case -ERANGE:
		wd_misuse(adapter, WD_REPORT_NOT_IN_MDL, routine, 0, 0, 0,
			  "CurrentVa is outside the MDL");
		break;
	case -EFAULT:
		wd_misuse(adapter, WD_REPORT_NOT_LOCKED, routine, 0, 0, 0,
			  "the MDL does not describe locked memory");
		break;
	case -ENOSPC:
		wd_misuse(adapter, WD_REPORT_NOT_FLUSHED, routine, 0, 0, 0,
			  "no register is left in the set; a flush is missing");
		break;
	case -ENXIO:
		wd_misuse(adapter, WD_REPORT_MISC, routine, 0, 0, 0,
			  "memory out of the device's reach, and a set of no registers to bounce it");
		break;
	case -ENOENT:
		wd_misuse(adapter, WD_REPORT_REGS_FREED, routine, 0, 0, 0,
			  "MapRegisterBase is not, or no longer, a register set");
		break;
	case -EBUSY:
		wd_misuse(adapter, WD_REPORT_TWO_MAPS, routine, 0, 0, 0,
			  "the transfer before was not flushed");
		break;
	case -EPROTO:
		wd_misuse(adapter, WD_REPORT_MISC, routine, 0, 0, 0,
			  "the controller refuses what does not divide into its register");
		break;
	case -EOPNOTSUPP:
		wd_misuse(adapter, WD_REPORT_MISC, routine, 0, 0, 0,
			  "what loops must be one range of a common buffer, in whole notifications");
		break;
	default:
		wd_misuse(adapter, WD_REPORT_MISC, routine, 0, 0, 0, "cannot map (%d)", ret);
		break;
	}
}

/* System DMA: what is mapped is also started. */
static int wd_transfer_start(struct wd_adapter *adapter, PMDL mdl, PVOID base, ULONG_PTR va,
			     bool to_device, u32 *bytes, dma_addr_t *dma)
{
	struct wd_system_request request = {
		.mdl = mdl,
		.base = base,
		/* Below the start of the MDL the difference is huge, hence outside. */
		.offset = va - wd_mdl_va(mdl),
		.direction = to_device ? DMA_TO_DEVICE : DMA_FROM_DEVICE,
		.capacity = U32_MAX,
		.length = bytes,
	};
	u64 in_mdl = mdl->ByteCount - min_t(u64, request.offset, mdl->ByteCount);
	u32 wanted = min_t(u64, *bytes, in_mdl);
	int ret = wd_system_map(adapter, &request);

	if (ret)
		return ret;
	*dma = request.address;
	if (*bytes < wanted)
		wd_misuse(adapter, WD_REPORT_NOT_FLUSHED, "MapTransfer", 0, 0, 0,
			  "transfer shortened to %u bytes, what the set can map", *bytes);
	return 0;
}

static bool wd_map_is_refused(struct wd_adapter *adapter, PMDL mdl, PVOID base, u64 offset,
			      u32 bytes, bool to_device)
{
	const struct wd_check_call call = {
		.routine = "MapTransfer",
		.mdl = mdl,
		.base = base,
		.offset = offset,
		.bytes = bytes,
		.to_device = to_device,
	};

	return wd_check_map(adapter, &call);
}

/**
 * wdmdma_map_transfer() - map a piece of one MDL for the device (MapTransfer)
 * @dma_adapter: the adapter
 * @mdl: built or locked; its Next is not followed
 * @map_register_base: a granted set
 * @current_va: index into @mdl: MmGetMdlVirtualAddress() plus an offset. Never dereferenced
 * @length: bytes wanted; receives the bytes mapped, which may be fewer
 * @write_to_device: TRUE: memory to device
 *
 * Until FlushAdapterBuffers the bytes belong to the device. For system DMA the controller is
 * running when this returns, and @length is as asked for unless the set or the MDL is too small.
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: the address to give to the device, which system DMA has no use for. All ones, with a
 * length of 0, when nothing can be mapped.
 */
PHYSICAL_ADDRESS wdmdma_map_transfer(PDMA_ADAPTER dma_adapter, PMDL mdl, PVOID map_register_base,
				     PVOID current_va, PULONG length, BOOLEAN write_to_device)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "MapTransfer");
	PHYSICAL_ADDRESS address = wd_address_none;
	u32 bytes = length ? *length : 0;
	struct wd_grant *grant = NULL;
	unsigned long flags;
	dma_addr_t dma;
	int ret = -EINVAL;

	if (!adapter)
		goto out;
	if (wd_verifies(adapter) && mdl &&
	    wd_map_is_refused(adapter, mdl, map_register_base,
			      (ULONG_PTR)current_va - wd_mdl_va(mdl), bytes, write_to_device))
		goto leave;
	if (adapter->system && mdl && bytes) {
		ret = wd_transfer_start(adapter, mdl, map_register_base, (ULONG_PTR)current_va,
					write_to_device, &bytes, &dma);
	} else if (mdl && bytes) {
		ret = -ENOENT;
		grant = wd_grant_lock(adapter, map_register_base, &flags);
	}
	if (grant) {
		ret = wd_transfer_map(adapter, grant, mdl, (ULONG_PTR)current_va,
				      write_to_device ? DMA_TO_DEVICE : DMA_FROM_DEVICE, &bytes,
				      &dma);
		wd_grant_unlock(grant, flags);
	}
	wd_slots_report(adapter, "MapTransfer");
	if (ret)
		wd_transfer_report(adapter, "MapTransfer", ret);
	else
		address.QuadPart = dma;
leave:
	wd_adapter_leave();
out:
	if (length)
		*length = address.QuadPart == wd_address_none.QuadPart ? 0 : bytes;
	return address;
}
