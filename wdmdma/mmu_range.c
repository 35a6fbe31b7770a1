// SPDX-License-Identifier: GPL-2.0-only
/*
 * The logical addresses of a domain: what is free, and which page is where.
 *
 * The IOMMU refuses neither a second mapping nor the removal of a part of one reliably, so every
 * question is answered from the table here. Mappings are made page by page: a part of a larger one
 * could not be taken away.
 */
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "irql.h"
#include "mmu.h"
#include "verifier.h"

/* Pages that are unmapped in one go */
#define WD_UNMAP_CHUNK 256
/* ... and that the IOMMU is given in one go */
#define WD_REPLAY_CHUNK 64

static struct wd_hole *wd_hole_over(struct wd_mmu_domain *domain, u64 first, u64 last)
{
	struct wd_hole *hole;

	list_for_each_entry(hole, &domain->holes, node)
		if (first <= hole->last && hole->first <= last)
			return hole;
	return NULL;
}

/**
 * wd_hole_add() - keep addresses from being mapped
 * @domain: the domain; wd_mmu_mutex is held
 * @first: number of the first page
 * @last: ... and the last
 *
 * Return: 0 or -ENOMEM.
 */
int wd_hole_add(struct wd_mmu_domain *domain, u64 first, u64 last)
{
	struct wd_hole *hole = kzalloc(sizeof(*hole), GFP_KERNEL);

	if (!hole)
		return -ENOMEM;
	hole->first = first;
	hole->last = last;
	list_add_tail(&hole->node, &domain->holes);
	return 0;
}

/* The first page in use from @first on, up to @last */
static bool wd_range_find_used(struct wd_mmu_domain *domain, u64 first, u64 last, u64 *used)
{
	unsigned long index = first;

	if (!xa_find(&domain->pages, &index, last, XA_PRESENT))
		return false;
	*used = index;
	return true;
}

/**
 * wd_range_is_used() - does the driver use some of a range?
 * @domain: the domain; wd_mmu_mutex is held
 * @first: number of the first page
 * @last: ... and the last
 */
bool wd_range_is_used(struct wd_mmu_domain *domain, u64 first, u64 last)
{
	struct wd_hole *hole;
	u64 used;

	list_for_each_entry(hole, &domain->holes, node)
		if (hole->token && first <= hole->last && hole->first <= last)
			return true;
	return wd_range_find_used(domain, first, last, &used);
}

/**
 * wd_range_is_free() - is nothing of a range in use?
 * @domain: the domain; wd_mmu_mutex is held
 * @first: number of the first page
 * @pages: how many, not 0
 */
bool wd_range_is_free(struct wd_mmu_domain *domain, u64 first, u64 pages)
{
	u64 used;

	return !wd_hole_over(domain, first, first + pages - 1) &&
	       !wd_range_find_used(domain, first, first + pages - 1, &used);
}

/**
 * wd_range_find() - choose addresses: the lowest that are free, aligned to their length
 * @domain: has an allocator; wd_mmu_mutex is held
 * @pages: how many, not 0
 * @min: first page that may be chosen
 * @max: last page that may be used
 * @first: receives the first page's number; never 0
 *
 * Return: 0; -ERANGE when so many do not fit between the limits; -ENOMEM when they are taken.
 */
int wd_range_find(struct wd_mmu_domain *domain, u64 pages, u64 min, u64 max, u64 *first)
{
	u64 align, candidate, used;
	struct wd_hole *hole;

	max = min(max, domain->last_page);
	min = max(min, 1ULL);
	if (min > max || pages > max - min + 1 || pages > BIT_ULL(62))
		return -ERANGE;
	align = roundup_pow_of_two(pages);
	candidate = ALIGN(min, align);
	if (candidate > max || pages - 1 > max - candidate)
		return -ERANGE;
	while (candidate <= max && pages - 1 <= max - candidate) {
		hole = wd_hole_over(domain, candidate, candidate + pages - 1);
		if (hole)
			used = hole->last;
		else if (!wd_range_find_used(domain, candidate, candidate + pages - 1, &used))
			break;
		if (used >= max)
			return -ENOMEM;
		candidate = ALIGN(used + 1, align);
	}
	if (candidate > max || pages - 1 > max - candidate)
		return -ENOMEM;
	*first = candidate;
	return 0;
}

/* Remembers what was mapped or unmapped, for who faults there. */
static void wd_range_note(const struct wd_mmu_domain *domain, u64 first, u64 pages, bool is_mapped)
{
	if (static_branch_unlikely(&wd_verifier_key) && domain->is_verified && pages)
		wd_fault_note_range(domain, first, pages, is_mapped);
}

/* Has the IOMMU been given this page, or will it be when it is mapped? */
static bool wd_page_is_real(const struct wd_mmu_domain *domain, u64 page)
{
	return domain->linux_domain && page < domain->nr_real;
}

/* Forgets pages that the IOMMU has not got any more. */
static void wd_range_forget(struct wd_mmu_domain *domain, u64 first, u64 pages)
{
	for (; pages; first++, pages--) {
		void *entry = xa_load(&domain->pages, first);

		if (entry && wd_page_kind(entry) == WD_PAGE_TOKEN)
			xa_store(&domain->pages, first, XA_ZERO_ENTRY, GFP_ATOMIC);
		else
			xa_erase(&domain->pages, first);
	}
}

/**
 * wd_range_keep() - the IOMMU could not unmap a page: its address is never given out again
 * @domain: locked
 * @page: its number; it has memory for its entry
 *
 * One report tells of the first of a domain. They end with the domain.
 */
void wd_range_keep(struct wd_mmu_domain *domain, u64 page)
{
	lockdep_assert_held(&domain->lock);
	xa_store(&domain->pages, page, wd_page_entry(0, WD_PAGE_KEPT, 0), GFP_ATOMIC);
	if (!domain->has_kept)
		wd_report(WD_REPORT_MMU_KEPT, NULL, "UnmapLogicalRange",
			  "the IOMMU did not unmap logical address 0x%llx: devices reach the memory",
			  page << PAGE_SHIFT);
	domain->has_kept = true;
}

/**
 * wd_range_unmap_locked() - unmap pages; no device reaches them afterwards
 * @domain: locked
 * @first: number of the first page; they are mapped
 * @pages: how many
 *
 * Context: <= DISPATCH_LEVEL. Nothing is allocated; entries of a token keep their memory.
 * Return: 0; -EIO when the IOMMU has some of them still (wd_range_keep()).
 */
int wd_range_unmap_locked(struct wd_mmu_domain *domain, u64 first, u64 pages)
{
	u64 i = 0, here, done;
	int ret = 0;

	lockdep_assert_held(&domain->lock);
	while (i < pages) {
		/* Less than an IOMMU's table: some drivers free one that is unmapped whole. */
		here = min_t(u64, pages - i, WD_UNMAP_CHUNK);
		if (wd_page_is_real(domain, first + i))
			here = min(here, domain->nr_real - (first + i));
		done = !wd_page_is_real(domain, first + i) ? here :
		       wd_iommu_unmap(domain->linux_domain, (first + i) << PAGE_SHIFT,
				      here << PAGE_SHIFT) >> PAGE_SHIFT;
		wd_range_forget(domain, first + i, done);
		wd_range_note(domain, first + i, done, false);
		i += done;
		if (done == here)
			continue;
		wd_range_keep(domain, first + i);
		ret = -EIO;
		i++;
	}
	return ret;
}

/**
 * wd_range_unmap() - wd_range_unmap_locked(), a part at a time
 * @domain: not locked; wd_mmu_mutex is held
 * @first: number of the first page
 * @pages: how many
 *
 * Context: Process, may sleep.
 * Return: as there.
 */
int wd_range_unmap(struct wd_mmu_domain *domain, u64 first, u64 pages)
{
	unsigned long flags;
	int ret = 0;
	u64 here;

	for (; pages; first += here, pages -= here) {
		here = min_t(u64, pages, WD_UNMAP_CHUNK);
		spin_lock_irqsave(&domain->lock, flags);
		if (wd_range_unmap_locked(domain, first, here))
			ret = -EIO;
		spin_unlock_irqrestore(&domain->lock, flags);
		cond_resched();
	}
	return ret;
}

static int wd_range_map_hardware(struct wd_mmu_domain *domain, u64 page, u64 pfn,
				 ULONG permissions, gfp_t gfp)
{
	if (!wd_page_is_real(domain, page))
		return 0;
	return wd_iommu_map_page(domain->linux_domain, page << PAGE_SHIFT, pfn << PAGE_SHIFT,
				 permissions, domain->is_coherent, gfp);
}

/**
 * wd_range_map_locked() - map pages of a token, all or none
 * @domain: locked
 * @first: number of the first page; they are free, and have memory for their entries
 * @physical: the memory
 * @kind: what they become
 * @permissions: the device's
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: 0, or the errno of the IOMMU driver.
 */
int wd_range_map_locked(struct wd_mmu_domain *domain, u64 first,
			const struct wd_physical *physical, enum wd_page_kind kind,
			ULONG permissions)
{
	int ret = 0;
	u64 i;

	lockdep_assert_held(&domain->lock);
	for (i = 0; !ret && i < physical->pages; i++) {
		u64 pfn = wd_physical_pfn(physical, i);

		void *entry = wd_page_entry(pfn, kind, permissions);

		ret = wd_range_map_hardware(domain, first + i, pfn, permissions,
					    GFP_ATOMIC | __GFP_NOWARN);
		if (ret)
			break;
		xa_store(&domain->pages, first + i, i ? entry : wd_page_entry_mark(entry),
			 GFP_ATOMIC);
	}
	if (ret)
		wd_range_unmap_locked(domain, first, i);
	else
		wd_range_note(domain, first, physical->pages, true);
	return ret;
}

/**
 * wd_range_map() - map pages, all or none
 * @domain: the domain; wd_mmu_mutex is held
 * @first: number of the first page; they are free
 * @physical: the memory
 * @kind: what they become
 * @permissions: the device's
 *
 * Context: Process, may sleep.
 * Return: 0, -ENOMEM, or the errno of the IOMMU driver.
 */
int wd_range_map(struct wd_mmu_domain *domain, u64 first, const struct wd_physical *physical,
		 enum wd_page_kind kind, ULONG permissions)
{
	int ret = 0;
	u64 i;

	for (i = 0; i < physical->pages; i++) {
		u64 pfn = wd_physical_pfn(physical, i);

		if (fatal_signal_pending(current))
			ret = -ENOMEM;
		else
			ret = xa_err(xa_store_irq(&domain->pages, first + i,
						  wd_page_entry(pfn, kind, permissions),
						  WD_GFP_ANY_LENGTH));
		if (ret)
			break;
		ret = wd_range_map_hardware(domain, first + i, pfn, permissions,
					    WD_GFP_ANY_LENGTH);
		if (ret) {
			xa_erase_irq(&domain->pages, first + i);
			break;
		}
		cond_resched();
	}
	if (ret)
		wd_range_unmap(domain, first, i);
	else
		wd_range_note(domain, first, physical->pages, true);
	return ret;
}

/**
 * wd_range_is_kind() - are all pages of a range of a kind?
 * @domain: the domain
 * @first: number of the first page
 * @pages: how many
 * @kind: the kind
 */
bool wd_range_is_kind(struct wd_mmu_domain *domain, u64 first, u64 pages, enum wd_page_kind kind)
{
	u64 i;

	for (i = 0; i < pages; i++) {
		void *entry = xa_load(&domain->pages, first + i);

		if (!entry || wd_page_kind(entry) != kind)
			return false;
	}
	return true;
}

/* Gives the IOMMU the next pages, not too many at once; all, when @end comes back true. */
static int wd_range_replay_some(struct wd_mmu_domain *domain, bool *end)
{
	unsigned int count = 0;
	unsigned long index;
	void *entry;
	int ret;

	lockdep_assert_held(&domain->lock);
	xa_for_each_start(&domain->pages, index, entry, domain->nr_real) {
		if (count++ == WD_REPLAY_CHUNK) {
			domain->nr_real = index;
			return 0;
		}
		ret = wd_iommu_map_page(domain->linux_domain, (u64)index << PAGE_SHIFT,
					wd_page_pfn(entry) << PAGE_SHIFT,
					wd_page_permissions(entry), domain->is_coherent,
					GFP_ATOMIC | __GFP_NOWARN);
		if (ret)
			return ret;
	}
	domain->nr_real = U64_MAX;
	*end = true;
	return 0;
}

/**
 * wd_range_replay() - let the IOMMU have the mappings that were made before it was known
 * @domain: has no Linux domain; wd_mmu_mutex is held
 * @linux_domain: becomes its; empty
 *
 * Tokens are mapped and unmapped meanwhile: below wd_mmu_domain.nr_real in both.
 *
 * Context: Process, may sleep.
 * Return: 0, or the errno of the IOMMU driver: @linux_domain is the caller's to free, with what is
 * mapped.
 */
int wd_range_replay(struct wd_mmu_domain *domain, struct iommu_domain *linux_domain)
{
	unsigned long flags;
	bool end = false;
	int ret;

	spin_lock_irqsave(&domain->lock, flags);
	domain->linux_domain = linux_domain;
	domain->nr_real = 0;
	spin_unlock_irqrestore(&domain->lock, flags);
	do {
		cond_resched();
		spin_lock_irqsave(&domain->lock, flags);
		ret = wd_range_replay_some(domain, &end);
		if (ret)
			domain->linux_domain = NULL;
		spin_unlock_irqrestore(&domain->lock, flags);
	} while (!ret && !end);
	return ret;
}
