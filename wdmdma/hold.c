// SPDX-License-Identifier: GPL-2.0-only
/*
 * Holds: the pages that are an MDL's to give back, and the system mapping made of them in advance.
 *
 * They are remembered outside of the MDL, in a table by its address. The header and the page frame
 * numbers are the driver's: it shrinks ByteCount, initialises the header anew, or puts it in memory
 * of its own without room for anything of ours; and pages outlive the header when they cannot be
 * given back at once. What was taken is undone from here, whatever the MDL says by then.
 *
 * A hold whose MDL is gone is found when the next MDL at that address takes a hold, and reported.
 */
#include <linux/hash.h>
#include <linux/highmem.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#ifdef CONFIG_X86
#include <asm/set_memory.h>
#endif

#include <wdmdma/ex.h>

#include "hold.h"
#include "internal.h"
#include "irql.h"
#include "runtime.h"
#include "sysmap.h"

#define WD_HOLD_BITS	6

struct wd_hold_bucket {
	spinlock_t lock;	/* the list; innermost */
	struct hlist_head holds;
};

static struct wd_hold_bucket wd_hold_buckets[1 << WD_HOLD_BITS] = {
	[0 ... (1 << WD_HOLD_BITS) - 1] = {
		.lock = __SPIN_LOCK_UNLOCKED(wd_hold_buckets.lock),
	},
};

/*
 * Scattered pages can be mapped only where sleeping is allowed, and drivers ask for the mapping
 * where it is not, so it is made when the pages are locked.
 */
static bool wd_map_on_lock = true;
module_param_named(map_on_lock, wd_map_on_lock, bool, 0644);
MODULE_PARM_DESC(map_on_lock, "Map MDLs into the kernel when their pages are locked (default: on)");

/**
 * wdmdma_map_on_lock() - choose whether pages are mapped into the kernel when they are locked
 * @on: map MDLs that are locked or allocated from now on
 *
 * Context: Any.
 * Return: what was chosen before.
 */
bool wdmdma_map_on_lock(bool on)
{
	return xchg(&wd_map_on_lock, on);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_map_on_lock, WDMDMA);

static struct wd_hold_bucket *wd_hold_bucket(const MDL *mdl)
{
	return &wd_hold_buckets[hash_ptr(mdl, WD_HOLD_BITS)];
}

/**
 * wd_alloc_any() - memory of any size where sleeping may or may not be allowed
 * @bytes: how much
 *
 * Context: Any but an NMI. More than KMALLOC_MAX_SIZE only where sleeping is certainly allowed.
 * Return: the memory, for ExFreePool(), or NULL.
 */
void *wd_alloc_any(size_t bytes)
{
	if (wd_may_wait())
		return kvmalloc(bytes, WD_GFP_ANY_LENGTH);
	if (bytes > KMALLOC_MAX_SIZE)
		return NULL;
	return kmalloc(bytes, GFP_ATOMIC | __GFP_NOWARN);
}

/**
 * wd_cache_of() - what a cache type of Windows comes to
 * @type: the type
 *
 * Context: Any.
 * Return: the type here; RAM is cached unless @type says otherwise.
 */
enum wd_cache wd_cache_of(MEMORY_CACHING_TYPE type)
{
	switch (type) {
	case MmNotMapped:
		return WD_CACHE_UNDECIDED;
	case MmNonCached:
	case MmNonCachedUnordered:
		return WD_CACHE_NONE;
	case MmWriteCombined:
	case MmUSWCCached:
		return WD_CACHE_WRITE_COMBINE;
	default:
		return WD_CACHE_WRITE_BACK;
	}
}

static bool wd_hold_all_dirty(const struct wd_hold *hold, u32 end)
{
	u32 i;

	for (i = hold->first_held; i < end; i++)
		if (!PageDirty(compound_head(hold->pages[i])))
			return false;
	return true;
}

/*
 * Must giving back the pages before @end wait for something? A clean page is locked to make it
 * dirty. One that is found dirty and then cleaned was written out after the transfer.
 */
static bool wd_hold_sleeps(const struct wd_hold *hold, u32 end)
{
	if (hold->kind == WD_HOLD_PINNED)
		return hold->write && !wd_hold_all_dirty(hold, end);
	return hold->cache == WD_CACHE_NONE || hold->cache == WD_CACHE_WRITE_COMBINE;
}

/*
 * Without @may_sleep no page was clean a moment ago. One may be clean by now: looking again would
 * make it be locked here.
 */
static void wd_hold_unpin(struct wd_hold *hold, u32 end, bool may_sleep)
{
	struct page **pages = hold->pages + hold->first_held;
	u32 nr_pages = end - hold->first_held;

	if (may_sleep && wd_hold_sleeps(hold, end))
		unpin_user_pages_dirty_lock(pages, nr_pages, true);
	else
		unpin_user_pages(pages, nr_pages);
	hold->first_held = end;
}

#ifdef CONFIG_X86
/* A page must have one cache type in all its mappings, the linear one included. */
static int wd_hold_set_linear_cache(struct wd_hold *hold, enum wd_cache cache)
{
	switch (cache) {
	case WD_CACHE_NONE:
		return set_pages_array_uc(hold->pages, hold->nr_pages);
	case WD_CACHE_WRITE_COMBINE:
		return set_pages_array_wc(hold->pages, hold->nr_pages);
	default:
		return set_pages_array_wb(hold->pages, hold->nr_pages);
	}
}
#else
static int wd_hold_set_linear_cache(struct wd_hold *hold, enum wd_cache cache)
{
	return 0;
}
#endif

/**
 * wd_hold_set_cache() - decide the cache type of allocated pages, once
 * @hold: of kind WD_HOLD_ALLOCATED, its cache type undecided
 * @cache: a decided type
 *
 * Context: Process, may sleep; for WD_CACHE_WRITE_BACK any.
 * Return: 0, -EAGAIN when sleeping would be necessary and is not certainly allowed, or -ENOMEM.
 */
int wd_hold_set_cache(struct wd_hold *hold, enum wd_cache cache)
{
	int ret = 0;

	if (cache == WD_CACHE_NONE || cache == WD_CACHE_WRITE_COMBINE) {
		if (!wd_may_wait())
			return -EAGAIN;
		/* What was made in advance is of the wrong type. */
		if (hold->va)
			wd_sysmap_put(hold->va);
		hold->va = NULL;
		ret = wd_hold_set_linear_cache(hold, cache);
	}
	if (!ret)
		hold->cache = cache;
	return ret;
}

static void wd_hold_free_pages(struct wd_hold *hold)
{
	u32 i;

	if (wd_hold_sleeps(hold, hold->nr_pages))
		wd_hold_set_linear_cache(hold, WD_CACHE_WRITE_BACK);
	for (i = 0; i < hold->nr_pages; i++)
		__free_page(hold->pages[i]);
}

static void wd_hold_destroy(struct wd_hold *hold, bool may_sleep)
{
	if (hold->va)
		wd_sysmap_put(hold->va);
	if (hold->kind == WD_HOLD_PINNED)
		wd_hold_unpin(hold, hold->nr_pages, may_sleep);
	else
		wd_hold_free_pages(hold);
	ExFreePool(hold);
}

static void wd_hold_work(struct work_struct *work)
{
	wd_hold_destroy(container_of(work, struct wd_hold, work), true);
}

/**
 * wd_hold_alloc() - make a hold without pages
 * @mdl: whose it will be
 * @kind: what pages
 * @nr_pages: room for so many, and the number there will be
 *
 * Context: Any but an NMI; sleeps where that is certainly allowed.
 * Return: the hold, for wd_hold_insert() or ExFreePool(), or NULL.
 */
struct wd_hold *wd_hold_alloc(PMDL mdl, enum wd_hold_kind kind, u32 nr_pages)
{
	struct wd_hold *hold = wd_alloc_any(struct_size(hold, pages, nr_pages));

	if (!hold)
		return NULL;
	*hold = (struct wd_hold){ .mdl = mdl, .kind = kind, .nr_pages = nr_pages };
	INIT_WORK(&hold->work, wd_hold_work);
	return hold;
}

/**
 * wd_hold_insert() - make a hold that has its pages known
 * @hold: complete; its MDL has no other
 *
 * Context: Any but an NMI.
 */
void wd_hold_insert(struct wd_hold *hold)
{
	struct wd_hold_bucket *bucket = wd_hold_bucket(hold->mdl);
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	hlist_add_head(&hold->node, &bucket->holds);
	spin_unlock_irqrestore(&bucket->lock, flags);
}

/**
 * wd_hold_find() - the hold of an MDL
 * @mdl: any MDL
 *
 * Context: Any but an NMI.
 * Return: the hold, which stays until the MDL's driver has it released, or NULL.
 */
struct wd_hold *wd_hold_find(const MDL *mdl)
{
	struct wd_hold_bucket *bucket = wd_hold_bucket(mdl);
	struct wd_hold *hold, *found = NULL;
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	hlist_for_each_entry(hold, &bucket->holds, node) {
		if (hold->mdl == mdl) {
			found = hold;
			break;
		}
	}
	spin_unlock_irqrestore(&bucket->lock, flags);
	return found;
}

/**
 * wd_hold_release() - give back all pages of a hold, and the hold
 * @hold: from wd_hold_find()
 *
 * Context: Any but an NMI. What must sleep is done later where that is not certainly allowed.
 */
void wd_hold_release(struct wd_hold *hold)
{
	struct wd_hold_bucket *bucket = wd_hold_bucket(hold->mdl);
	bool may_sleep = wd_may_sleep();
	unsigned long flags;

	spin_lock_irqsave(&bucket->lock, flags);
	hlist_del(&hold->node);
	spin_unlock_irqrestore(&bucket->lock, flags);

	/* No page goes before its mapping: another owner must not find it mapped. */
	if (!may_sleep && (hold->va || wd_hold_sleeps(hold, hold->nr_pages)))
		queue_work(wd_workqueue, &hold->work);
	else
		wd_hold_destroy(hold, may_sleep);
}

/**
 * wd_hold_drop_stale() - release what an earlier MDL at this address never did
 * @mdl: MDL that has no hold yet
 * @routine: Windows' name of the routine that finds out
 *
 * Context: Any but an NMI.
 * Return: was there something?
 */
bool wd_hold_drop_stale(const MDL *mdl, const char *routine)
{
	struct wd_hold *hold = wd_hold_find(mdl);

	if (!hold)
		return false;
	wd_report(WD_REPORT_MISC, NULL, routine, "%u pages of MDL %p were never %s",
		  hold->nr_pages - hold->first_held, mdl,
		  hold->kind == WD_HOLD_PINNED ? "unlocked" : "freed");
	wd_hold_release(hold);
	return true;
}

/**
 * wd_hold_advance() - the MDL no longer begins with some pages
 * @hold: of the MDL
 * @pages: so many
 *
 * Pinned ones are given back, unless that must sleep where it may not be allowed: those go when
 * the rest is released. Allocated ones stay for MmFreePagesFromMdl.
 *
 * Context: Any but an NMI.
 */
void wd_hold_advance(struct wd_hold *hold, u32 pages)
{
	bool may_sleep = wd_may_sleep();

	hold->first = min(hold->first + pages, hold->nr_pages);
	if (hold->kind == WD_HOLD_PINNED && (may_sleep || !wd_hold_sleeps(hold, hold->first)))
		wd_hold_unpin(hold, hold->first, may_sleep);
}

/* Pages that follow each other are mapped already, in the linear mapping. */
static bool wd_hold_is_linear(const struct wd_hold *hold)
{
	u32 i;

	if (hold->cache > WD_CACHE_WRITE_BACK)
		return false;
	for (i = 0; i < hold->nr_pages; i++)
		if (PageHighMem(hold->pages[i]) ||
		    page_to_pfn(hold->pages[i]) != page_to_pfn(hold->pages[0]) + i)
			return false;
	return true;
}

/**
 * wd_hold_prot() - protection and cache type of system mappings of a hold's pages
 * @hold: a hold; NULL stands for any other memory
 * @read_only: not to be written through
 *
 * Context: Any.
 * Return: the type for vmap().
 */
pgprot_t wd_hold_prot(const struct wd_hold *hold, bool read_only)
{
	pgprot_t prot = read_only ? PAGE_KERNEL_RO : PAGE_KERNEL;

	switch (hold ? hold->cache : WD_CACHE_WRITE_BACK) {
	case WD_CACHE_NONE:
		return pgprot_noncached(prot);
	case WD_CACHE_WRITE_COMBINE:
		return pgprot_writecombine(prot);
	default:
		return prot;
	}
}

/**
 * wd_hold_map() - map pages in advance, if that is wanted, necessary and possible
 * @hold: with its pages
 *
 * Context: Process, may sleep.
 */
void wd_hold_map(struct wd_hold *hold)
{
	if (READ_ONCE(wd_map_on_lock) && !wd_hold_is_linear(hold))
		hold->va = wd_sysmap_create(hold->pages, hold->nr_pages,
					    wd_hold_prot(hold, false));
}

/**
 * wd_hold_exit() - release what drivers that are gone never did
 *
 * For module unload, when no driver is left and while wd_workqueue still runs.
 *
 * Context: Process, may sleep.
 */
void wd_hold_exit(void)
{
	struct wd_hold *hold;
	struct hlist_node *next;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wd_hold_buckets); i++)
		hlist_for_each_entry_safe(hold, next, &wd_hold_buckets[i].holds, node)
			wd_hold_drop_stale(hold->mdl, "driver-unload");
}
