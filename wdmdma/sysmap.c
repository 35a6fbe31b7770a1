// SPDX-License-Identifier: GPL-2.0-only
/*
 * System mappings of scattered pages.
 *
 * A mapping is made where the caller may sleep and given back anywhere. It has as many users as
 * addresses in it have been handed out: the MDL it was made for, and partial MDLs that share it.
 * They are told apart by nothing but the address, as the driver hands back no more than that. The
 * last user's going unmaps it, in a work item if need be.
 */
#include <linux/rbtree.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "internal.h"
#include "irql.h"
#include "sysmap.h"

struct wd_sysmap {
	struct rb_node node;	/* wd_sysmaps_lock, as is users */
	u32 users;
	u32 nr_pages;		/* immutable, as is va */
	void *va;
	struct work_struct work;
};

static DEFINE_SPINLOCK(wd_sysmaps_lock);	/* innermost */
static struct rb_root wd_sysmaps = RB_ROOT;	/* by va; they do not overlap */

/* How an address compares with those of a mapping: <0 before, 0 in it, >0 behind */
static int wd_sysmap_compare(const void *va, const struct wd_sysmap *map)
{
	if (va < map->va)
		return -1;
	return va < map->va + (size_t)map->nr_pages * PAGE_SIZE ? 0 : 1;
}

static int wd_sysmap_find_cmp(const void *va, const struct rb_node *node)
{
	return wd_sysmap_compare(va, rb_entry(node, struct wd_sysmap, node));
}

static bool wd_sysmap_less(struct rb_node *a, const struct rb_node *b)
{
	return wd_sysmap_find_cmp(rb_entry(a, struct wd_sysmap, node)->va, b) < 0;
}

static struct wd_sysmap *wd_sysmap_find_locked(const void *va)
{
	struct rb_node *node;

	lockdep_assert_held(&wd_sysmaps_lock);
	node = rb_find(va, &wd_sysmaps, wd_sysmap_find_cmp);
	return node ? rb_entry(node, struct wd_sysmap, node) : NULL;
}

static void wd_sysmap_destroy(struct wd_sysmap *map)
{
	vunmap(map->va);
	kfree(map);
}

static void wd_sysmap_work(struct work_struct *work)
{
	wd_sysmap_destroy(container_of(work, struct wd_sysmap, work));
}

/**
 * wd_sysmap_create() - map pages into the kernel's address space
 * @pages: the pages, in order
 * @nr_pages: how many
 * @prot: protection and cache type
 *
 * Context: Process, may sleep.
 * Return: address of the first page, with one user; NULL when out of memory.
 */
void *wd_sysmap_create(struct page **pages, u32 nr_pages, pgprot_t prot)
{
	struct wd_sysmap *map = kmalloc(sizeof(*map), GFP_KERNEL | __GFP_NOWARN);
	void *va;

	if (!map)
		return NULL;
	va = vmap(pages, nr_pages, VM_MAP, prot);
	if (!va) {
		kfree(map);
		return NULL;
	}
	map->va = va;
	map->nr_pages = nr_pages;
	map->users = 1;
	INIT_WORK(&map->work, wd_sysmap_work);
	spin_lock_irq(&wd_sysmaps_lock);
	rb_add(&map->node, &wd_sysmaps, wd_sysmap_less);
	spin_unlock_irq(&wd_sysmaps_lock);
	return va;
}

/**
 * wd_sysmap_get() - become one more user of a mapping
 * @va: any address
 *
 * Context: Any but an NMI.
 * Return: is @va in a mapping of wd_sysmap_create()?
 */
bool wd_sysmap_get(const void *va)
{
	struct wd_sysmap *map;
	unsigned long flags;

	spin_lock_irqsave(&wd_sysmaps_lock, flags);
	map = wd_sysmap_find_locked(va);
	if (map)
		map->users++;
	spin_unlock_irqrestore(&wd_sysmaps_lock, flags);
	return map;
}

/**
 * wd_sysmap_put() - stop being a user of a mapping
 * @va: any address in it; one that is in no mapping is left alone
 *
 * Context: Any but an NMI.
 * Return: is @va in a mapping of wd_sysmap_create()?
 */
bool wd_sysmap_put(const void *va)
{
	struct wd_sysmap *map;
	unsigned long flags;
	bool last = false;

	spin_lock_irqsave(&wd_sysmaps_lock, flags);
	map = wd_sysmap_find_locked(va);
	if (map && !--map->users) {
		rb_erase(&map->node, &wd_sysmaps);
		last = true;
	}
	spin_unlock_irqrestore(&wd_sysmaps_lock, flags);

	if (last && wd_may_sleep())
		wd_sysmap_destroy(map);
	else if (last)
		queue_work(wd_workqueue, &map->work);
	return map;
}
