/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Holds: the pages that are an MDL's to give back.
 */
#ifndef WDMDMA_HOLD_H
#define WDMDMA_HOLD_H

#include <linux/mm.h>
#include <linux/workqueue.h>

#include <wdmdma/types.h>
#include <wdmdma/mdl.h>

enum wd_hold_kind {
	WD_HOLD_PINNED,		/* pages of a process: MmProbeAndLockPages */
	WD_HOLD_ALLOCATED,	/* pages of this MDL alone: MmAllocatePagesForMdl */
};

enum wd_cache {
	WD_CACHE_UNDECIDED,	/* the first system mapping decides */
	WD_CACHE_WRITE_BACK,
	WD_CACHE_NONE,
	WD_CACHE_WRITE_COMBINE,
};

struct wd_hold {
	struct hlist_node node;	/* bucket lock */
	const MDL *mdl;		/* key, never followed; immutable, as are kind and write */
	enum wd_hold_kind kind;
	bool write;		/* the pages may have been written: dirty them */
	/* The MDL's own, and its driver uses it in one thread at a time */
	enum wd_cache cache;
	u32 first;		/* pages before it are no longer in the MDL ... */
	u32 first_held;		/* ... and before this one have been given back */
	u32 nr_pages;		/* of the array */
	void *va;		/* system mapping of all pages made in advance, or NULL */
	struct work_struct work;
	struct page *pages[];
};

enum wd_cache wd_cache_of(MEMORY_CACHING_TYPE type);
void *wd_alloc_any(size_t bytes);
struct wd_hold *wd_hold_alloc(PMDL mdl, enum wd_hold_kind kind, u32 nr_pages);
void wd_hold_insert(struct wd_hold *hold);
struct wd_hold *wd_hold_find(const MDL *mdl);
void wd_hold_release(struct wd_hold *hold);
bool wd_hold_drop_stale(const MDL *mdl, const char *routine);
void wd_hold_advance(struct wd_hold *hold, u32 pages);
int wd_hold_set_cache(struct wd_hold *hold, enum wd_cache cache);
pgprot_t wd_hold_prot(const struct wd_hold *hold, bool read_only);
void wd_hold_map(struct wd_hold *hold);

#endif
