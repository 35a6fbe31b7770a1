// SPDX-License-Identifier: GPL-2.0-only
/*
 * Double buffering (verifier_bounce): a bus master's data goes through pages of wdmdma's, even if
 * the device reaches the driver's. What a device writes is in the driver's memory only after the
 * flush or the put, so that it is seen if one is missing. Where guards are on, a write beside the
 * data is found then, and one after it when the pages are used again or the adapter is put.
 *
 *	slot	pages of one block: a page, those of the data, and another page
 *
 * Nothing depends on it: where there is no slot the mapping is made as without the verifier. So
 * there is none for more than 64 map registers, for who asked for no copies (DMA_FAIL_ON_BOUNCE),
 * or for what was told to fail (wdmdma_fail_next_maps()); common buffers and system DMA never get
 * here.
 *
 * The bounce pages of the adapter (bounce.c), if it has some, are another matter; but to what
 * copies, a slot's address is that of a bounce page.
 */
#include <linux/bitmap.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "inject.h"
#include "transfer.h"
#include "verifier_guard.h"
#include "walk.h"

#define WD_SLOT_REGS	64U		/* of an adapter, as in Windows */
#define WD_SLOT_PAGES	(4 * WD_SLOT_REGS)	/* more than three each, and a power of 2 */
#define WD_SLOT_LEAST	8U		/* fewer are of no use */
#define WD_SLOT_FOUND	4U		/* overruns kept; more at once are lost */

struct wd_slot {
	u32 first, pages;		/* of the block, with those around the data */
	u32 offset;			/* of the data in its first page */
	u32 bytes;
	u32 left;			/* of @bytes not given back; 0: being made, or ended */
	u32 stack;			/* where the set or list was made */
};

struct wd_slots_found {
	struct wd_damage damage;
	u32 stack;
};

/* What an adapter has of it. */
struct wd_slots {
	/* immutable */
	struct page *page;
	u8 *va;
	dma_addr_t dma;
	u32 nr_pages;

	spinlock_t lock;		/* innermost */
	/* lock */
	u32 regs;			/* pages of data in use */
	u32 nr_found;
	DECLARE_BITMAP(busy, WD_SLOT_PAGES);
	u16 first[WD_SLOT_PAGES];	/* of the slot that the page is of */
	struct wd_slot slots[WD_SLOT_PAGES];	/* by first page */
	struct wd_slots_found found[WD_SLOT_FOUND];
};

/**
 * wd_slots_create() - give a verified adapter the pages for its slots, if there are some
 * @adapter: classified, and its device's masks claimed; not published
 *
 * Context: Process, wd_device.mutex held.
 */
void wd_slots_create(struct wd_adapter *adapter)
{
	struct wd_slots *slots;
	u32 pages;

	if (!adapter->verifier_bounces || adapter->system)
		return;
	slots = kzalloc(sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return;
	spin_lock_init(&slots->lock);
	for (pages = WD_SLOT_PAGES; pages >= WD_SLOT_LEAST; pages /= 2) {
		slots->page = wd_map_alloc_block(adapter, pages, &slots->dma);
		if (slots->page && wd_bounce_block_is_good(adapter, slots->dma, pages))
			break;
		if (slots->page)
			wd_map_free_block(adapter, pages, slots->page, slots->dma);
	}
	if (pages < WD_SLOT_LEAST) {
		kfree(slots);
		return;
	}
	slots->nr_pages = pages;
	slots->va = page_address(slots->page);
	memset(slots->va, WD_GUARD_FILL, pages * PAGE_SIZE);
	wd_map_sync_for_device(adapter, slots->dma, pages * PAGE_SIZE);
	adapter->slots = slots;
}

/**
 * wd_slots_destroy() - undo wd_slots_create()
 * @adapter: nothing of it is mapped
 *
 * Context: Process, may sleep.
 */
void wd_slots_destroy(struct wd_adapter *adapter)
{
	struct wd_slots *slots = adapter->slots;

	if (!slots)
		return;
	wd_map_free_block(adapter, slots->nr_pages, slots->page, slots->dma);
	kfree(slots);
	adapter->slots = NULL;
}

/**
 * wd_slots_would_serve() - may a request's mappings use slots?
 * @adapter: verified
 * @regs: of the request
 * @no_bounce: it asked for no copies
 */
bool wd_slots_would_serve(const struct wd_adapter *adapter, u32 regs, bool no_bounce)
{
	return adapter->slots && regs && regs <= WD_SLOT_REGS && !no_bounce &&
	       !(static_branch_unlikely(&wd_inject_key) && wd_inject_may_fail_maps(adapter));
}

/**
 * wd_slots_hold() - is it the address of a slot?
 * @adapter: verified
 * @dma: any address
 */
bool wd_slots_hold(const struct wd_adapter *adapter, dma_addr_t dma)
{
	const struct wd_slots *slots = adapter->slots;

	return slots && dma - slots->dma < (u64)slots->nr_pages * PAGE_SIZE;
}

/**
 * wd_slots_va() - the memory behind an address of a slot
 * @adapter: verified
 * @dma: wd_slots_hold()s it
 */
void *wd_slots_va(const struct wd_adapter *adapter, dma_addr_t dma)
{
	return adapter->slots->va + (dma - adapter->slots->dma);
}

static dma_addr_t wd_slot_dma(const struct wd_slots *slots, const struct wd_slot *slot)
{
	return slots->dma + (dma_addr_t)slot->first * PAGE_SIZE;
}

static u8 *wd_slot_va(const struct wd_slots *slots, const struct wd_slot *slot)
{
	return slots->va + slot->first * PAGE_SIZE;
}

static struct wd_area wd_slot_area(const struct wd_slots *slots, const struct wd_slot *slot)
{
	size_t before = PAGE_SIZE + slot->offset;

	return (struct wd_area){
		.start = wd_slot_va(slots, slot) + before,
		.before = before,
		.bytes = slot->bytes,
		.behind = slot->pages * PAGE_SIZE - before - slot->bytes,
		.shown = { wd_slot_dma(slots, slot) + before, false },
	};
}

static void wd_slots_note(struct wd_slots *slots, const struct wd_damage *damage, u32 stack)
{
	lockdep_assert_held(&slots->lock);
	if (slots->nr_found < WD_SLOT_FOUND)
		slots->found[slots->nr_found++] = (struct wd_slots_found){
			.damage = *damage,
			.stack = stack,
		};
}

/* Pages that are free were filled, and the device has no business there. Mends what it finds. */
static bool wd_slots_check_free(struct wd_slots *slots, u32 first, u32 pages,
				struct wd_damage *damage)
{
	u8 *va = slots->va + first * PAGE_SIZE;
	u8 *changed = memchr_inv(va, WD_GUARD_FILL, pages * PAGE_SIZE);

	if (!changed)
		return false;
	*damage = (struct wd_damage){
		.what = WD_DAMAGE_FREED,
		.p3 = { slots->dma + (changed - slots->va), false },
		.p4 = { WD_GUARD_FILL, false },
		.offset = offset_in_page(changed),
	};
	memset(va, WD_GUARD_FILL, pages * PAGE_SIZE);
	return true;
}

static struct wd_slot *wd_slot_reserve(struct wd_slots *slots, u32 regs)
{
	struct wd_slot *slot = NULL;
	unsigned long flags;
	u32 first, i;

	spin_lock_irqsave(&slots->lock, flags);
	first = bitmap_find_next_zero_area(slots->busy, slots->nr_pages, 0, regs + 2, 0);
	if (first < slots->nr_pages && slots->regs + regs <= WD_SLOT_REGS) {
		bitmap_set(slots->busy, first, regs + 2);
		slots->regs += regs;
		for (i = 0; i < regs + 2; i++)
			slots->first[first + i] = first;
		slot = &slots->slots[first];
		*slot = (struct wd_slot){ .first = first, .pages = regs + 2 };
	}
	spin_unlock_irqrestore(&slots->lock, flags);
	return slot;
}

/* A slot for data that starts at @offset of a page; @dma receives the address of that page. */
static int wd_slot_take(struct wd_adapter *adapter, u32 offset, u32 bytes, u32 stack,
			dma_addr_t *dma)
{
	struct wd_slots *slots = adapter->slots;
	u64 regs = wd_span_pages(offset, bytes);
	struct wd_damage damage;
	struct wd_slot *slot;
	struct wd_area area;
	unsigned long flags;
	bool found = false;

	slot = regs <= WD_SLOT_REGS ? wd_slot_reserve(slots, regs) : NULL;
	if (!slot)
		return -ENOSPC;
	slot->offset = offset;
	slot->bytes = bytes;
	slot->stack = stack;
	if (adapter->verifier_guards) {
		wd_map_sync_for_cpu(adapter, wd_slot_dma(slots, slot), slot->pages * PAGE_SIZE);
		found = wd_slots_check_free(slots, slot->first, slot->pages, &damage);
		area = wd_slot_area(slots, slot);
		wd_guard_set(&area);
		wd_map_sync_for_device(adapter, wd_slot_dma(slots, slot), slot->pages * PAGE_SIZE);
	}
	*dma = wd_slot_dma(slots, slot) + PAGE_SIZE;
	spin_lock_irqsave(&slots->lock, flags);
	if (found)
		wd_slots_note(slots, &damage, 0);
	slot->left = bytes;
	spin_unlock_irqrestore(&slots->lock, flags);
	return 0;
}

/* Nobody uses it any more: its pages are filled, and free. */
static void wd_slot_end(struct wd_adapter *adapter, struct wd_slot *slot)
{
	struct wd_slots *slots = adapter->slots;
	struct wd_area area = wd_slot_area(slots, slot);
	struct wd_damage damage[2];
	unsigned int count = 0, i;
	unsigned long flags;

	if (adapter->verifier_guards) {
		wd_map_sync_for_cpu(adapter, wd_slot_dma(slots, slot), slot->pages * PAGE_SIZE);
		count = wd_guard_check(&area, damage);
		memset(wd_slot_va(slots, slot), WD_GUARD_FILL, slot->pages * PAGE_SIZE);
		wd_map_sync_for_device(adapter, wd_slot_dma(slots, slot), slot->pages * PAGE_SIZE);
	}
	spin_lock_irqsave(&slots->lock, flags);
	for (i = 0; i < count; i++)
		wd_slots_note(slots, &damage[i], slot->stack);
	bitmap_clear(slots->busy, slot->first, slot->pages);
	slots->regs -= slot->pages - 2;
	spin_unlock_irqrestore(&slots->lock, flags);
}

/**
 * wd_slots_give() - give back data of a slot, which ends when all of it has been
 * @adapter: verified
 * @dma: wd_slots_hold()s it
 * @bytes: of one slot
 *
 * Context: Any.
 */
void wd_slots_give(struct wd_adapter *adapter, dma_addr_t dma, u32 bytes)
{
	struct wd_slots *slots = adapter->slots;
	struct wd_slot *slot;
	unsigned long flags;
	bool ends;

	spin_lock_irqsave(&slots->lock, flags);
	slot = &slots->slots[slots->first[(dma - slots->dma) >> PAGE_SHIFT]];
	slot->left -= bytes;
	ends = !slot->left;
	spin_unlock_irqrestore(&slots->lock, flags);
	if (ends)
		wd_slot_end(adapter, slot);
}

/* Is it addresses without a gap that a range is to have, wherever its pages are? */
static bool wd_slots_join(const struct wd_adapter *adapter)
{
	return !adapter->scatter_gather || adapter->class == WDMDMA_TRANSLATED;
}

/**
 * wd_slots_map() - map a piece, or its first run, through a slot
 * @adapter: verified
 * @grant: locked
 * @piece: what is to be mapped
 * @run: its first run
 * @mapping: its direction is set; the rest is filled
 *
 * Context: Any.
 * Return: 0; an errno, and it is to be mapped otherwise.
 */
int wd_slots_map(struct wd_adapter *adapter, struct wd_grant *grant, struct wd_piece piece,
		 const struct wd_run *run, struct wd_mapping *mapping)
{
	u32 offset = offset_in_page(piece.byte);
	dma_addr_t dma;
	int ret;

	if (!wd_slots_would_serve(adapter, grant->regs, grant->no_bounce))
		return -ENOSPC;
	if (!wd_slots_join(adapter))
		piece.left = run->bytes;
	ret = wd_slot_take(adapter, offset, piece.left, grant->request.stack, &dma);
	if (ret)
		return ret;
	ret = wd_transfer_load(adapter, grant, piece, dma, mapping);
	if (ret)
		wd_slots_give(adapter, dma + offset, piece.left);
	return ret;
}

/* Entries from @sg on that a slot is to have, whose bytes are returned; 0: it cannot be. */
static u32 wd_slots_group(const struct wd_adapter *adapter, struct scatterlist *sg, u32 left,
			  u32 *nents)
{
	u32 most = adapter->max_run_bytes - sg->offset;
	u32 bytes = sg->length;

	*nents = 1;
	if (!wd_slots_join(adapter))
		return bytes;
	for (; *nents < left && IS_ALIGNED(sg->offset + sg->length, PAGE_SIZE); ++*nents) {
		sg = sg_next(sg);
		if (sg->offset)
			break;
		if (bytes + sg->length > most)
			return adapter->scatter_gather ? bytes : 0;
		bytes += sg->length;
	}
	return bytes;
}

/**
 * wd_slots_map_list() - map all of a list through slots
 * @adapter: verified
 * @list: filled, not mapped
 *
 * Context: Any.
 * Return: entries, each mapped by itself; 0: it is to be mapped otherwise.
 */
u32 wd_slots_map_list(struct wd_adapter *adapter, struct wd_list *list)
{
	struct scatterlist *sg = list->sgl, *done;
	u32 n = 0, nents, bytes, i;
	dma_addr_t dma;

	if (!wd_slots_would_serve(adapter, list->request.regs, list->no_bounce))
		return 0;
	while (n < list->nr_sg) {
		bytes = wd_slots_group(adapter, sg, list->nr_sg - n, &nents);
		if (!bytes || wd_slot_take(adapter, sg->offset, bytes, list->request.stack, &dma))
			goto undo;
		dma += sg->offset;
		for (i = 0; i < nents; i++, n++, dma += sg->length, sg = sg_next(sg)) {
			sg_dma_address(sg) = dma;
			sg_dma_len(sg) = sg->length;
			wd_bounce_load(adapter, dma, sg, 1, sg->length);
		}
	}
	return n;
undo:
	for_each_sg(list->sgl, done, n, i)
		wd_slots_give(adapter, sg_dma_address(done), done->length);
	return 0;
}

/**
 * wd_slots_report_found() - report what has been found since it was last reported
 * @adapter: verified; nothing of it is locked
 * @routine: Windows' name of the call. If several processors map at once, another one's
 *
 * Context: Any.
 */
void wd_slots_report_found(struct wd_adapter *adapter, const char *routine)
{
	struct wd_violation violation = { .adapter = adapter, .routine = routine };
	struct wd_slots *slots = adapter->slots;
	struct wd_slots_found found;
	unsigned long flags;

	while (slots && READ_ONCE(slots->nr_found)) {
		spin_lock_irqsave(&slots->lock, flags);
		if (!slots->nr_found) {
			spin_unlock_irqrestore(&slots->lock, flags);
			break;
		}
		found = slots->found[--slots->nr_found];
		spin_unlock_irqrestore(&slots->lock, flags);
		violation.kind = found.damage.what == WD_DAMAGE_FREED ? "page of a mapping" :
									"mapping";
		violation.stack = found.stack;
		wd_guard_report(violation, &found.damage);
	}
}

/* Looks at one slot, or at free pages, from a page on; returns the page behind. */
static u32 wd_slots_check_from(struct wd_adapter *adapter, struct wd_slots *slots, u32 first)
{
	struct wd_slot *slot = &slots->slots[slots->first[first]];
	bool is_coherent = wd_class_alignment(adapter) == 1;
	struct wd_damage damage[2];
	unsigned int count = 0, i;
	struct wd_area area;
	u32 end;

	lockdep_assert_held(&slots->lock);
	if (!test_bit(first, slots->busy)) {
		end = find_next_bit(slots->busy, slots->nr_pages, first);
		count = wd_slots_check_free(slots, first, end - first, damage);
	} else {
		end = slot->first + slot->pages;
		area = wd_slot_area(slots, slot);
		/* A line of the cache may hold both what the device writes and what is mended. */
		if (slot->left && is_coherent)
			count = wd_guard_check(&area, damage);
	}
	for (i = 0; i < count; i++)
		wd_slots_note(slots, &damage[i], test_bit(first, slots->busy) ? slot->stack : 0);
	return end;
}

/**
 * wd_slots_check() - look for writes beside mappings, and into what is not mapped any more
 * @adapter: verified; nothing of it is locked
 * @routine: Windows' name of the call
 *
 * Context: Any but a hard interrupt.
 * Return: how many were reported, those that had been found before among them.
 */
unsigned int wd_slots_check(struct wd_adapter *adapter, const char *routine)
{
	struct wd_slots *slots = adapter->slots;
	unsigned int total = 0;
	unsigned long flags;
	u32 first = 0;

	if (!slots || !adapter->verifier_guards)
		return 0;
	while (first < slots->nr_pages) {
		spin_lock_irqsave(&slots->lock, flags);
		first = wd_slots_check_from(adapter, slots, first);
		total += slots->nr_found;
		spin_unlock_irqrestore(&slots->lock, flags);
		wd_slots_report_found(adapter, routine);
	}
	return total;
}
