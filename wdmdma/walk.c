// SPDX-License-Identifier: GPL-2.0-only
/*
 * The walk over an MDL chain (walk.h). Only the headers of the chain and the page frame numbers of
 * the range are read, and nothing is remembered: drivers rewrite their MDLs between calls.
 */
#include <linux/minmax.h>
#include <linux/mm.h>

#include "internal.h"
#include "walk.h"

static u32 wd_range_piece_bytes(const struct wd_range *range)
{
	u64 in_mdl = range->mdl->ByteCount - range->offset;
	u64 with_slack = in_mdl + wd_mdl_slack(range->mdl);

	/* The last piece takes the tolerated excess with it; a range never ends in another's. */
	if (range->left > in_mdl && range->left <= with_slack && range->nr_pieces == 1)
		return range->left;
	return min_t(u64, in_mdl, range->left);
}

/* Finds a range and counts what it needs; *@excess bytes of it lie behind the chain. */
static int wd_range_find(struct wd_range *range, PMDL mdl, u64 offset, u32 bytes, u32 *excess)
{
	u32 links = WD_CHAIN_MAX;
	u32 left = bytes;
	PMDL last = NULL;

	if (!mdl || !bytes)
		return -EINVAL;

	while (offset >= mdl->ByteCount) {
		offset -= mdl->ByteCount;
		mdl = mdl->Next;
		if (!mdl)
			return -ERANGE;
		if (!--links)
			return -EINVAL;
	}

	*range = (struct wd_range){
		.mdl = mdl,
		.offset = offset,
		.left = bytes,
		.is_ready = true,
	};
	for (; left && mdl; mdl = mdl->Next) {
		u32 in_mdl = min_t(u64, mdl->ByteCount - offset, left);

		if (!--links)
			return -EINVAL;
		if (!in_mdl)
			continue;
		range->is_ready &= wd_mdl_is_ready(mdl);
		range->regs += wd_span_pages(mdl->ByteOffset + offset, in_mdl);
		range->nr_pieces++;
		left -= in_mdl;
		offset = 0;
		last = mdl;
	}
	/* Excess inside the last page needs no register of its own. */
	*excess = left <= wd_mdl_slack(last) ? 0 : left;
	return 0;
}

/**
 * wd_range_init() - find a range in an MDL chain and count what it needs
 * @range: filled; wd_range_next() hands out range->nr_pieces pieces
 * @mdl: first MDL
 * @offset: first byte, counted from the start of @mdl
 * @bytes: length
 *
 * Context: Any.
 * Return: 0; -EINVAL for no bytes, no MDL or an endless chain; -ERANGE when the range starts at or
 * behind the end of the chain; -E2BIG when it ends too far behind it (rule G4).
 */
int wd_range_init(struct wd_range *range, PMDL mdl, u64 offset, u32 bytes)
{
	u32 excess;
	int ret = wd_range_find(range, mdl, offset, bytes, &excess);

	if (!ret && excess)
		ret = -E2BIG;
	return ret;
}

/**
 * wd_range_init_most() - wd_range_init(), shortened to what the chain holds
 * @range: filled
 * @mdl: first MDL
 * @offset: first byte, counted from the start of @mdl
 * @bytes: length wanted; on success the length found
 *
 * Context: Any.
 * Return: 0; -EINVAL and -ERANGE as wd_range_init().
 */
int wd_range_init_most(struct wd_range *range, PMDL mdl, u64 offset, u32 *bytes)
{
	u32 excess;
	int ret = wd_range_find(range, mdl, offset, *bytes, &excess);

	if (ret)
		return ret;
	range->left -= excess;
	*bytes -= excess;
	return 0;
}

/**
 * wd_range_init_one() - find a range in a single MDL, shortened to what the MDL holds
 * @range: filled
 * @mdl: the MDL; its Next is ignored
 * @offset: first byte, counted from the start of @mdl
 * @bytes: length wanted, not 0; on success the length found
 *
 * Context: Any.
 * Return: 0; -ERANGE as wd_range_init().
 */
int wd_range_init_one(struct wd_range *range, PMDL mdl, u64 offset, u32 *bytes)
{
	u64 in_mdl;

	if (offset >= mdl->ByteCount)
		return -ERANGE;
	in_mdl = mdl->ByteCount - offset;
	if (*bytes > in_mdl + wd_mdl_slack(mdl))
		*bytes = in_mdl;
	*range = (struct wd_range){
		.mdl = mdl,
		.offset = offset,
		.left = *bytes,
		.nr_pieces = 1,
		.is_ready = wd_mdl_is_ready(mdl),
		.regs = wd_span_pages(mdl->ByteOffset + offset, *bytes),
	};
	return 0;
}

/**
 * wd_range_shorten() - end a range of one piece earlier
 * @range: from wd_range_init_one(), nothing taken off it yet
 * @bytes: new length, at most the present one and not 0
 */
void wd_range_shorten(struct wd_range *range, u32 bytes)
{
	range->left = bytes;
	range->regs = wd_span_pages(range->mdl->ByteOffset + range->offset, bytes);
}

/**
 * wd_range_next() - take the next piece off a range
 * @range: has a piece left
 * @piece: filled
 */
void wd_range_next(struct wd_range *range, struct wd_piece *piece)
{
	u32 bytes;

	while (range->offset >= range->mdl->ByteCount) {
		range->mdl = range->mdl->Next;
		range->offset = 0;
	}

	bytes = wd_range_piece_bytes(range);
	*piece = (struct wd_piece){
		.mdl = range->mdl,
		.pfns = MmGetMdlPfnArray(range->mdl),
		.byte = range->mdl->ByteOffset + range->offset,
		.left = bytes,
	};
	range->offset += bytes;
	range->left -= bytes;
	range->nr_pieces--;
}

/* May a run go on to the next page of an MDL? */
static bool wd_run_goes_on(const struct wd_adapter *adapter, const PFN_NUMBER *pfn)
{
	if (pfn[1] != pfn[0] + 1)
		return false;
	if (unlikely(adapter->bus_differs))
		return wd_map_joins_next(adapter, pfn[0]);
	return pfn[1] & adapter->line_pfn_mask;
}

/**
 * wd_piece_next() - take the next physically contiguous run off a piece
 * @piece: has bytes left
 * @adapter: says how long a run may be, and which lines of addresses it must not cross
 * @run: filled; a run that is cut ends on a page line. A page that is to be bounced is a run alone
 */
void wd_piece_next(struct wd_piece *piece, const struct wd_adapter *adapter, struct wd_run *run)
{
	const PFN_NUMBER *pfn = piece->pfns + (piece->byte >> PAGE_SHIFT);
	u32 offset = piece->byte & ~PAGE_MASK;
	u32 most = min(piece->left, adapter->max_run_bytes - offset);
	u32 bytes = PAGE_SIZE - offset;

	run->pfn = *pfn;
	run->offset = offset;
	run->bounced = unlikely(adapter->bounces_pages) &&
		       !wd_map_reaches_run(adapter, *pfn, offset, min(bytes, most));
	while (bytes < most && wd_run_goes_on(adapter, pfn)) {
		u32 next = min_t(u32, PAGE_SIZE, most - bytes);

		if (unlikely(adapter->bounces_pages) &&
		    (run->bounced || !wd_map_reaches_run(adapter, pfn[1], 0, next)))
			break;
		bytes += next;
		pfn++;
	}
	run->bytes = min(bytes, most);
	piece->byte += run->bytes;
	piece->left -= run->bytes;
}

/**
 * wd_run_reaches() - does the device of a bounced adapter reach all of a run?
 * @adapter: of class bounced
 * @run: from wd_piece_next()
 */
bool wd_run_reaches(const struct wd_adapter *adapter, const struct wd_run *run)
{
	return wd_map_reaches_run(adapter, run->pfn, run->offset, run->bytes);
}

/**
 * wd_run_is_memory() - can the pages of a run be given to the DMA API?
 * @piece: of the run
 * @run: from wd_piece_next()
 *
 * Frames of I/O space, and the all-ones frame that ends a short array, cannot.
 */
bool wd_run_is_memory(const struct wd_piece *piece, const struct wd_run *run)
{
	return !(piece->mdl->MdlFlags & MDL_IO_SPACE) && pfn_valid(run->pfn) &&
	       pfn_valid(run->pfn + ((run->offset + run->bytes - 1) >> PAGE_SHIFT));
}
