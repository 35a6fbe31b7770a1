// SPDX-License-Identifier: GPL-2.0-only
/*
 * The graveyard of adapters: a dead one waits, and the oldest grave is opened when enough are dead.
 * What was verified rests longer, so that its handle is told for longer. One whose common buffers
 * have not been freed rests until they are: they count in its memory.
 */
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/slab.h>

#include "internal.h"

struct wd_graveyard {
	struct list_head graves;	/* oldest first */
	unsigned int count;
	const unsigned int most;	/* so many are kept before the oldest is used again */
};

static DEFINE_SPINLOCK(wd_graveyard_lock);

/* wd_graveyard_lock; of adapters that were verified a minute is enough as well (verifier.c) */
static struct wd_graveyard wd_plain = { LIST_HEAD_INIT(wd_plain.graves), .most = 64 };
static struct wd_graveyard wd_verified = { LIST_HEAD_INIT(wd_verified.graves), .most = 1024 };

static bool wd_adapter_has_buffers(struct wd_adapter *adapter)
{
	return atomic_read(&adapter->nr_buffers) || atomic_read(&adapter->nr_vectors);
}

static struct wd_adapter *wd_graveyard_open(struct wd_graveyard *graveyard)
{
	struct wd_adapter *adapter = list_first_entry_or_null(&graveyard->graves,
							      struct wd_adapter, node);

	lockdep_assert_held(&wd_graveyard_lock);
	if (!adapter || (graveyard->count < graveyard->most &&
			 !(adapter->rests_until && time_after_eq(jiffies, adapter->rests_until))))
		return NULL;
	/* Another day: however many there are, one is looked at. */
	if (wd_adapter_has_buffers(adapter)) {
		list_move_tail(&adapter->node, &graveyard->graves);
		return NULL;
	}
	list_del(&adapter->node);
	graveyard->count--;
	return adapter;
}

/**
 * wd_adapter_unbury() - memory for an adapter: a dead one's, or new
 *
 * Context: Process, may sleep.
 * Return: an adapter, dead and otherwise zero; or NULL.
 */
struct wd_adapter *wd_adapter_unbury(void)
{
	struct wd_adapter *adapter;
	unsigned long flags;

	spin_lock_irqsave(&wd_graveyard_lock, flags);
	adapter = wd_graveyard_open(&wd_plain);
	if (!adapter)
		adapter = wd_graveyard_open(&wd_verified);
	spin_unlock_irqrestore(&wd_graveyard_lock, flags);

	if (!adapter) {
		adapter = kzalloc(sizeof(*adapter), GFP_KERNEL);
		if (!adapter)
			return NULL;
		spin_lock_init(&adapter->lock);
	}
	memset_startat(adapter, 0, users);
	return adapter;
}

/**
 * wd_adapter_bury() - keep the memory of a dead adapter, or of one that never lived
 * @adapter: owns nothing
 */
void wd_adapter_bury(struct wd_adapter *adapter)
{
	struct wd_graveyard *graveyard = adapter->rests_until ? &wd_verified : &wd_plain;
	unsigned long flags;

	spin_lock_irqsave(&wd_graveyard_lock, flags);
	list_add_tail(&adapter->node, &graveyard->graves);
	graveyard->count++;
	spin_unlock_irqrestore(&wd_graveyard_lock, flags);
}

/**
 * wd_adapter_exit_module() - free the graveyard
 *
 * Context: Process; no adapter is alive.
 */
void wd_adapter_exit_module(void)
{
	struct wd_adapter *adapter, *next;

	list_splice(&wd_verified.graves, &wd_plain.graves);
	list_for_each_entry_safe(adapter, next, &wd_plain.graves, node)
		kfree(adapter);
}
