/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walking an MDL chain: range -> pieces -> runs.
 *
 *	range	the bytes of one transfer: a start in a chain of MDLs, and a length
 *	piece	the part of a range that lies in one MDL
 *	run	physically contiguous bytes of one piece
 *
 * Each piece starts its own page, so registers are counted per piece (rules G1-G6).
 */
#ifndef WDMDMA_WALK_H
#define WDMDMA_WALK_H

#include <linux/mm.h>

#include <wdmdma/types.h>
#include <wdmdma/mdl.h>

struct wd_adapter;

struct wd_range {
	PMDL mdl;		/* MDL of the next piece */
	u64 offset;		/* of the next piece from the start of @mdl */
	u32 left;		/* bytes not yet handed out as pieces */
	u32 nr_pieces;
	u64 regs;		/* map registers of the whole range */
	bool is_ready;		/* its MDLs have been built or locked: their page frames count */
};

struct wd_piece {
	PMDL mdl;
	const PFN_NUMBER *pfns;	/* the whole array of @mdl */
	u64 byte;		/* next byte, counted from the start of the first page of @mdl */
	u32 left;		/* bytes not yet handed out as runs */
};

struct wd_run {
	unsigned long pfn;
	u32 offset;		/* in the first page */
	u32 bytes;
	bool bounced;		/* a page out of reach, of an adapter that bounces page by page */
};

/* Pages that @bytes starting @byte bytes into a page-aligned buffer touch. */
static inline u64 wd_span_pages(u64 byte, u64 bytes)
{
	return ((byte & ~PAGE_MASK) + bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

static inline bool wd_mdl_is_ready(const MDL *mdl)
{
	return mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | MDL_PARTIAL);
}

static inline ULONG_PTR wd_mdl_va(const MDL *mdl)
{
	return (ULONG_PTR)mdl->StartVa + mdl->ByteOffset;
}

/* Bytes of the last described page that lie behind the buffer (rule G4). */
static inline u32 wd_mdl_slack(const MDL *mdl)
{
	return -(mdl->ByteOffset + mdl->ByteCount) & ~PAGE_MASK;
}

int wd_range_init(struct wd_range *range, PMDL mdl, u64 offset, u32 bytes);
int wd_range_init_most(struct wd_range *range, PMDL mdl, u64 offset, u32 *bytes);
int wd_range_init_one(struct wd_range *range, PMDL mdl, u64 offset, u32 *bytes);
void wd_range_shorten(struct wd_range *range, u32 bytes);
void wd_range_next(struct wd_range *range, struct wd_piece *piece);
void wd_piece_next(struct wd_piece *piece, const struct wd_adapter *adapter, struct wd_run *run);
bool wd_run_reaches(const struct wd_adapter *adapter, const struct wd_run *run);
bool wd_run_is_memory(const struct wd_piece *piece, const struct wd_run *run);

#endif
