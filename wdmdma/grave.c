// SPDX-License-Identifier: GPL-2.0-only
/*
 * The graveyard of adapters: a dead one waits, and the oldest grave is opened when enough are dead.
 * What the verifier has looked at rests longer, so that its handle is told for longer.
 */
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/slab.h>

#include "internal.h"

/* So many dead adapters are kept before the oldest is used again. */
#define WD_GRAVES		64
#define WD_GRAVES_VERIFIED	1024	/* ... unless its minute is over (verifier.c) */

static DEFINE_SPINLOCK(wd_graveyard_lock);
static LIST_HEAD(wd_graveyard);		/* wd_graveyard_lock; oldest first */
static unsigned int wd_nr_graves;	/* wd_graveyard_lock */

/* The oldest dead adapter, if its memory may be used again */
static struct wd_adapter *wd_adapter_rested(void)
{
	struct wd_adapter *adapter;

	lockdep_assert_held(&wd_graveyard_lock);
	if (wd_nr_graves < WD_GRAVES)
		return NULL;
	adapter = list_first_entry(&wd_graveyard, struct wd_adapter, node);
	return !adapter->rests_until || wd_nr_graves >= WD_GRAVES_VERIFIED ||
	       time_after_eq(jiffies, adapter->rests_until) ? adapter : NULL;
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
	adapter = wd_adapter_rested();
	if (adapter) {
		list_del(&adapter->node);
		wd_nr_graves--;
	}
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
	unsigned long flags;

	spin_lock_irqsave(&wd_graveyard_lock, flags);
	list_add_tail(&adapter->node, &wd_graveyard);
	wd_nr_graves++;
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

	list_for_each_entry_safe(adapter, next, &wd_graveyard, node)
		kfree(adapter);
}
