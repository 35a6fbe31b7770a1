// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is dead: handles that were released, so that a stale one is told with where its object was
 * made and released; and common buffers that were freed, which are kept for a while, filled, so
 * that a write into one is found.
 *
 * A buffer is kept until its minute is over, too many bytes are kept, memory is short, or the last
 * adapter of its device is gone. Behind an IOMMU it stays mapped: the DMA API cannot keep one
 * without the other, and what the device writes is found as well. Not kept are buffers of a DMA
 * domain and of system DMA, whose controller may still be writing, and those without guards.
 */
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "buffer.h"
#include "verifier_guard.h"

#define WD_DEAD		1024	/* a power of 2 */
#define WD_GRAVE_TIME	(60 * HZ)
#define WD_GRAVE_BYTES	(8UL << 20)

struct wd_dead {
	const char *kind, *routine;	/* literals; no kind: unused */
	const void *handle;
	u32 made, freed;		/* stacks */
};

static DEFINE_RAW_SPINLOCK(wd_dead_lock);
static struct wd_dead *wd_dead_ring;		/* set once */
static u32 wd_dead_next;		/* wd_dead_lock */

static DEFINE_SPINLOCK(wd_graves_lock);
static LIST_HEAD(wd_graves);		/* wd_graves_lock; of wd_buffer.grave_node, oldest first */
static size_t wd_graves_bytes;		/* wd_graves_lock */

static void wd_graves_work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(wd_graves_work, wd_graves_work_fn);

/**
 * wd_grave_begin() - be ready to remember what dies
 *
 * Without memory nothing is remembered.
 *
 * Context: Process, may sleep.
 */
void wd_grave_begin(void)
{
	struct wd_dead *dead;

	if (READ_ONCE(wd_dead_ring))
		return;
	dead = kvcalloc(WD_DEAD, sizeof(*dead), GFP_KERNEL);
	if (dead && cmpxchg(&wd_dead_ring, NULL, dead))
		kvfree(dead);
}

/**
 * wd_grave_exit() - forget it all
 *
 * Context: Process; no device is left, and so no grave.
 */
void wd_grave_exit(void)
{
	cancel_delayed_work_sync(&wd_graves_work);
	kvfree(wd_dead_ring);
}

/**
 * wd_dead_note() - remember a handle that has been released
 * @kind: of its object, a literal
 * @handle: what the driver knows it by
 * @made: stack of its making
 * @routine: Windows' name of the call that released it
 *
 * Context: Any.
 * Return: stack of this call.
 */
u32 wd_dead_note(const char *kind, const void *handle, u32 made, const char *routine)
{
	struct wd_dead dead = {
		.kind = kind,
		.routine = routine,
		.handle = handle,
		.made = made,
		.freed = wd_stack_save(),
	};
	unsigned long flags;

	if (READ_ONCE(wd_dead_ring)) {
		raw_spin_lock_irqsave(&wd_dead_lock, flags);
		wd_dead_ring[wd_dead_next++ % WD_DEAD] = dead;
		raw_spin_unlock_irqrestore(&wd_dead_lock, flags);
	}
	return dead.freed;
}

/**
 * wd_dead_find() - say of a stale handle what became of its object
 * @violation: with kind and object; the rest about the object is filled in, if it is known
 *
 * Context: Any.
 */
void wd_dead_find(struct wd_violation *violation)
{
	unsigned long flags;
	u32 i;

	if (!READ_ONCE(wd_dead_ring))
		return;
	raw_spin_lock_irqsave(&wd_dead_lock, flags);
	/* The newest first: addresses are used again. */
	for (i = 1; i <= WD_DEAD; i++) {
		const struct wd_dead *dead = &wd_dead_ring[(wd_dead_next - i) % WD_DEAD];

		if (!dead->kind || dead->handle != violation->object ||
		    strcmp(dead->kind, violation->kind))
			continue;
		violation->last = dead->routine;
		violation->stack = dead->made;
		violation->freed = dead->freed;
		break;
	}
	raw_spin_unlock_irqrestore(&wd_dead_lock, flags);
}

static void *wd_grave_start(const struct wd_buffer *buffer)
{
	return buffer->va - buffer->guard_bytes;
}

static size_t wd_grave_bytes(const struct wd_buffer *buffer)
{
	return buffer->extent + 2 * buffer->guard_bytes;
}

/**
 * wd_grave_bury() - keep a common buffer that has been freed
 * @buffer: its record has been removed, and its guards were checked
 * @adapter: of the call, which is in it; NULL: the driver is being unbound
 * @routine: Windows' name of the call
 *
 * Context: <= DISPATCH_LEVEL.
 * Return: false, and the caller frees it.
 */
bool wd_grave_bury(struct wd_buffer *buffer, struct wd_adapter *adapter, const char *routine)
{
	unsigned long flags;
	bool too_many;

	if (!buffer->is_verified)
		return false;
	buffer->freed = wd_dead_note("common buffer", buffer->va, buffer->stack, routine);
	if (!buffer->is_guarded || !adapter || adapter->system || buffer->domain ||
	    buffer->memory == WD_MEMORY_CACHED || wd_grave_bytes(buffer) > WD_GRAVE_BYTES)
		return false;
	memset(wd_grave_start(buffer), WD_GUARD_FILL, wd_grave_bytes(buffer));
	buffer->buried = jiffies;
	spin_lock_irqsave(&wd_graves_lock, flags);
	list_add_tail(&buffer->grave_node, &wd_graves);
	wd_graves_bytes += wd_grave_bytes(buffer);
	too_many = wd_graves_bytes > WD_GRAVE_BYTES;
	spin_unlock_irqrestore(&wd_graves_lock, flags);
	if (too_many)
		mod_delayed_work(wd_workqueue, &wd_graves_work, 0);
	else
		queue_delayed_work(wd_workqueue, &wd_graves_work, WD_GRAVE_TIME);
	return true;
}

/* Finds a byte that was written; mends it. */
static bool wd_grave_is_written(struct wd_buffer *buffer, struct wd_damage *damage)
{
	void *start = wd_grave_start(buffer);
	size_t bytes = wd_grave_bytes(buffer);
	void *changed = memchr_inv(start, WD_GUARD_FILL, bytes);

	if (!changed)
		return false;
	*damage = (struct wd_damage){
		.what = WD_DAMAGE_FREED,
		.p3 = WD_PARAM(changed),
		.p4 = { WD_GUARD_FILL, false },
		.offset = changed - buffer->va,
	};
	memset(start, WD_GUARD_FILL, bytes);
	return true;
}

static struct wd_violation wd_grave_violation(const struct wd_buffer *buffer, const char *routine)
{
	return (struct wd_violation){
		.routine = routine,
		.dev = buffer->wdev->dev,
		.kind = "common buffer",
		.object = buffer->va,
		.stack = buffer->stack,
		.freed = buffer->freed,
	};
}

static void wd_grave_open(struct wd_buffer *buffer)
{
	struct wd_damage damage;

	if (wd_grave_is_written(buffer, &damage))
		wd_guard_report(wd_grave_violation(buffer, "FreeCommonBuffer"), &damage);
	wd_buffer_free(buffer);
}

/* Is it time for a grave? @wdev: for all of that device */
static bool wd_grave_is_due(const struct wd_buffer *buffer, const struct wd_device *wdev)
{
	lockdep_assert_held(&wd_graves_lock);
	if (wdev)
		return buffer->wdev == wdev || buffer->map_as == wdev;
	return wd_graves_bytes > WD_GRAVE_BYTES ||
	       time_after_eq(jiffies, buffer->buried + WD_GRAVE_TIME);
}

/**
 * wd_graves_open() - free what is kept of a device
 * @wdev: the device; NULL: what has been kept long enough
 *
 * Context: Process, may sleep.
 * Return: how many were freed.
 */
unsigned int wd_graves_open(struct wd_device *wdev)
{
	struct wd_buffer *buffer, *found;
	unsigned int count = 0;

	do {
		found = NULL;
		spin_lock_irq(&wd_graves_lock);
		list_for_each_entry(buffer, &wd_graves, grave_node) {
			if (!wd_grave_is_due(buffer, wdev))
				continue;
			found = buffer;
			list_del(&found->grave_node);
			wd_graves_bytes -= wd_grave_bytes(found);
			break;
		}
		spin_unlock_irq(&wd_graves_lock);
		if (found) {
			wd_grave_open(found);
			count++;
		}
	} while (found);
	return count;
}

static void wd_graves_work_fn(struct work_struct *work)
{
	wd_graves_open(NULL);
	if (!list_empty_careful(&wd_graves))
		queue_delayed_work(wd_workqueue, &wd_graves_work, HZ);
}

/**
 * wd_graves_check() - look for writes into what is kept of an adapter's device
 * @adapter: the adapter
 * @routine: Windows' name of the call
 *
 * Context: Any but a hard interrupt.
 * Return: how many there were.
 */
unsigned int wd_graves_check(struct wd_adapter *adapter, const char *routine)
{
	struct wd_violation violation;
	struct wd_damage damage;
	struct wd_buffer *buffer;
	unsigned int count = 0;
	unsigned long flags;
	bool found;

	do {
		found = false;
		spin_lock_irqsave(&wd_graves_lock, flags);
		list_for_each_entry(buffer, &wd_graves, grave_node) {
			found = buffer->wdev == adapter->wdev &&
				wd_grave_is_written(buffer, &damage);
			if (found)
				break;
		}
		if (found)
			violation = wd_grave_violation(buffer, routine);
		spin_unlock_irqrestore(&wd_graves_lock, flags);
		if (found)
			wd_guard_report(violation, &damage);
		count += found;
	} while (found);
	return count;
}
