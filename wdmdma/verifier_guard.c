// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guards: bytes around the driver's that nobody may write (verifier_guard).
 *
 *	area	the driver's bytes, and what was allocated before and behind them
 *
 * Next to the driver's bytes stands a tag, as far as there is room; the rest is filled. What has
 * changed when the area is looked at is reported, once on each side, and mended.
 *
 * A common buffer has a page before and one behind its extent, and the rest of its last page.
 * Address and logical address are page-aligned all the same. Large pages, memory that is not
 * cached, and what can be had without the two pages only, have but the rest of the last one.
 */
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "buffer.h"
#include "verifier_guard.h"

static const u8 wd_guard_tag[] = { 'D', 'm', 'a', 'V', 'r', 'f', 'y', '0' };

/**
 * wd_guard_set() - write the guards of an area
 * @area: the area
 */
void wd_guard_set(const struct wd_area *area)
{
	size_t tag = min(area->before, sizeof(wd_guard_tag));
	u8 *end = area->start + area->bytes;

	memset(area->start - area->before, WD_GUARD_FILL, area->before - tag);
	memcpy(area->start - tag, wd_guard_tag + sizeof(wd_guard_tag) - tag, tag);
	tag = min(area->behind, sizeof(wd_guard_tag));
	memcpy(end, wd_guard_tag, tag);
	memset(end + tag, WD_GUARD_FILL, area->behind - tag);
}

static void wd_damage_init(struct wd_damage *damage, const struct wd_area *area, s64 offset,
			   bool is_tag)
{
	struct wd_param at = { area->shown.value + offset, area->shown.is_pointer };
	struct wd_param bytes = { area->bytes, false };

	*damage = (struct wd_damage){
		.what = (offset < 0 ? 1 : 2) + (is_tag ? 0 : 3),
		.p3 = is_tag ? bytes : area->shown,
		.p4 = is_tag ? area->shown : at,
		.offset = offset,
		.bytes = area->bytes,
	};
}

/* The changed byte that is nearest to the driver's, before them */
static bool wd_guard_check_before(const struct wd_area *area, struct wd_damage *damage)
{
	size_t tag = min(area->before, sizeof(wd_guard_tag)), i;
	const u8 *end = area->start;

	for (i = 1; i <= tag; i++)
		if (end[-i] != wd_guard_tag[sizeof(wd_guard_tag) - i])
			break;
	if (i > tag && !memchr_inv(end - area->before, WD_GUARD_FILL, area->before - tag))
		return false;
	if (i > tag)
		while (end[-i] == WD_GUARD_FILL)
			i++;
	wd_damage_init(damage, area, -(s64)i, i <= tag);
	return true;
}

/* ... behind them */
static bool wd_guard_check_behind(const struct wd_area *area, struct wd_damage *damage)
{
	size_t tag = min(area->behind, sizeof(wd_guard_tag)), i;
	const u8 *start = area->start + area->bytes;
	const u8 *changed;

	for (i = 0; i < tag; i++)
		if (start[i] != wd_guard_tag[i])
			break;
	if (i == tag) {
		changed = memchr_inv(start + tag, WD_GUARD_FILL, area->behind - tag);
		if (!changed)
			return false;
		i = changed - start;
	}
	wd_damage_init(damage, area, area->bytes + i, i < tag);
	return true;
}

/**
 * wd_guard_check() - look at the guards of an area, and mend them
 * @area: the area
 * @damage: receives what was found, at most one on each side
 *
 * Return: how many.
 */
unsigned int wd_guard_check(const struct wd_area *area, struct wd_damage damage[2])
{
	unsigned int count = 0;

	count += wd_guard_check_before(area, &damage[count]);
	count += wd_guard_check_behind(area, &damage[count]);
	if (count)
		wd_guard_set(area);
	return count;
}

/**
 * wd_guard_report() - report a write to what is nobody's
 * @violation: whose it was; code and parameters are filled in here
 * @damage: what was found
 */
void wd_guard_report(struct wd_violation violation, const struct wd_damage *damage)
{
	violation.code = WD_REPORT_OVERRUN;
	violation.params[0].value = damage->what;
	violation.params[1] = damage->p3;
	violation.params[2] = damage->p4;
	if (damage->what == WD_DAMAGE_FREED)
		wd_violate(&violation, "byte %lld of a %s was written after that was freed",
			   damage->offset, violation.kind);
	else
		wd_violate(&violation, "byte %lld of a %s of %zu bytes was written",
			   damage->offset, violation.kind, damage->bytes);
}

static struct wd_area wd_buffer_area(const struct wd_buffer *buffer)
{
	return (struct wd_area){
		.start = buffer->va,
		.before = buffer->guard_bytes,
		.bytes = buffer->bytes,
		.behind = buffer->extent - buffer->bytes + buffer->guard_bytes,
		.shown = WD_PARAM(buffer->va),
	};
}

/* Only what the processor caches for a device that does not see it needs this. */
static void wd_buffer_sync_guards(struct wd_buffer *buffer, bool for_cpu)
{
	long guard = buffer->guard_bytes;

	wd_memory_sync(buffer, -guard, guard, for_cpu);
	wd_memory_sync(buffer, buffer->bytes, buffer->extent - buffer->bytes + guard, for_cpu);
}

/**
 * wd_guard_alloc() - wd_memory_alloc() for an adapter that is verified
 * @buffer: its guards are set
 * @wish: as there
 *
 * Return: as there.
 */
int wd_guard_alloc(struct wd_buffer *buffer, const struct wd_buffer_wish *wish)
{
	struct wd_area area;
	int ret = -ENOMEM;

	buffer->is_guarded = buffer->adapter->verifier_guards;
	/* A page more may make an order more, which the kernel has not got. */
	if (buffer->is_guarded && !wish->large_pages && wish->cache != WD_CACHE_UNCACHED) {
		buffer->guard_bytes = PAGE_SIZE;
		ret = wd_memory_alloc(buffer, wish);
	}
	if (ret) {
		buffer->guard_bytes = 0;
		ret = wd_memory_alloc(buffer, wish);
	}
	if (ret && wd_graves_open(buffer->wdev))
		ret = wd_memory_alloc(buffer, wish);
	if (ret || !buffer->is_guarded)
		return ret;
	area = wd_buffer_area(buffer);
	wd_guard_set(&area);
	wd_buffer_sync_guards(buffer, false);
	return 0;
}

static unsigned int wd_buffer_find_damage(struct wd_buffer *buffer, struct wd_damage damage[2])
{
	const struct wd_area area = wd_buffer_area(buffer);
	unsigned int count;

	wd_buffer_sync_guards(buffer, true);
	count = wd_guard_check(&area, damage);
	if (count)
		wd_buffer_sync_guards(buffer, false);
	return count;
}

/**
 * wd_guard_check_buffer() - report writes beside a common buffer
 * @buffer: its record has been removed
 * @adapter: of the call; NULL if there is none
 * @routine: Windows' name of the call
 *
 * Context: <= DISPATCH_LEVEL.
 */
void wd_guard_check_buffer(struct wd_buffer *buffer, struct wd_adapter *adapter,
			   const char *routine)
{
	const struct wd_violation violation = {
		.routine = routine,
		.adapter = adapter,
		.dev = buffer->wdev->dev,
		.kind = "common buffer",
		.object = buffer->va,
		.stack = buffer->stack,
	};
	struct wd_damage damage[2];
	unsigned int i, count;

	if (!buffer->is_guarded)
		return;
	count = wd_buffer_find_damage(buffer, damage);
	for (i = 0; i < count; i++)
		wd_guard_report(violation, &damage[i]);
}

/* The next guarded buffer of an adapter from @va on, which its device's lock keeps */
static struct wd_buffer *wd_guard_next(struct wd_adapter *adapter, const void *va)
{
	struct wd_device *wdev = adapter->wdev;
	size_t bytes = SIZE_MAX - (uintptr_t)va;
	struct wd_buffer *buffer;

	lockdep_assert_held(&wdev->buffers_lock);
	for (buffer = wd_buffer_first(wdev, va, bytes); buffer;
	     buffer = wd_buffer_next(buffer, va, bytes))
		/* A line of the cache may hold both what the driver uses and what is mended. */
		if (buffer->is_guarded && buffer->adapter_id == adapter->id &&
		    buffer->va >= va && buffer->memory != WD_MEMORY_CACHED)
			break;
	return buffer;
}

/**
 * wd_guard_check_buffers() - report writes beside the common buffers that an adapter has
 * @adapter: the adapter
 * @routine: Windows' name of the call
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: how many there were.
 */
unsigned int wd_guard_check_buffers(struct wd_adapter *adapter, const char *routine)
{
	struct wd_violation violation = {
		.routine = routine,
		.adapter = adapter,
		.kind = "common buffer",
	};
	struct wd_device *wdev = adapter->wdev;
	unsigned int i, count, total = 0;
	struct wd_damage damage[2];
	struct wd_buffer *buffer;
	const void *va = NULL;
	unsigned long flags;

	do {
		count = 0;
		spin_lock_irqsave(&wdev->buffers_lock, flags);
		buffer = wd_guard_next(adapter, va);
		if (buffer) {
			va = buffer->va + buffer->extent;
			violation.object = buffer->va;
			violation.stack = buffer->stack;
			count = wd_buffer_find_damage(buffer, damage);
		}
		spin_unlock_irqrestore(&wdev->buffers_lock, flags);
		for (i = 0; i < count; i++)
			wd_guard_report(violation, &damage[i]);
		total += count;
	} while (buffer);
	return total;
}

/**
 * wdmdma_check_guards() - look for writes beside an adapter's buffers now
 * @dma_adapter: the adapter
 *
 * Context: Any but a hard interrupt.
 * Return: how many were found and reported; -EINVAL for a NULL or dead adapter.
 */
int wdmdma_check_guards(PDMA_ADAPTER dma_adapter)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "wdmdma_check_guards");
	int count;

	if (!adapter)
		return -EINVAL;
	count = wd_guard_check_buffers(adapter, "wdmdma_check_guards");
	count += wd_slots_check(adapter, "wdmdma_check_guards");
	count += wd_graves_check(adapter, "wdmdma_check_guards");
	wd_adapter_leave();
	return count;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_check_guards, WDMDMA);
