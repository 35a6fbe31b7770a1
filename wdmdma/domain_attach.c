// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device that has joined the domain of another one, with a page table of its own before.
 *
 * The IOMMU lets it use the owner's page table. The DMA API knows nothing of that: asked for the
 * joiner it gives addresses of the joiner's old table. So all that the joiner's adapters have
 * mapped is mapped for the owner's struct device from then on (wd_device.map_as), under the owner's
 * mask and segment limits, which must suit the joiner's adapters. What an adapter keeps mapped is
 * made anew; all else must be gone, which wd_device_block() sees to.
 *
 * The owner's driver must not go before: a device link tells the driver core so.
 */
#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/minmax.h>
#include <linux/slab.h>

#include "domain.h"
#include "internal.h"
#include "verifier.h"

/* Can the owner's addresses be given to the joiner's adapters? */
static int wd_attach_check(struct wd_device *joiner, struct wd_device *owner)
{
	if (dev_is_dma_coherent(joiner->dev) != dev_is_dma_coherent(owner->dev))
		return -EOPNOTSUPP;
	return owner->blocked ? -EBUSY : 0;
}

/*
 * Makes what an adapter keeps mapped, its own pages, for another struct device: in a copy of the
 * adapter, for calls look at the real one meanwhile, which is as before until wd_home_move().
 */
static int wd_home_make(struct wd_adapter *adapter, struct device *dev)
{
	struct wd_adapter *home = kmemdup(adapter, sizeof(*adapter), GFP_KERNEL);
	u32 pages = adapter->bounce.nr_pages;

	if (!home)
		return -ENOMEM;
	home->dev = dev;
	home->bounce = (struct wd_bounce){};
	home->slots = NULL;
	adapter->next_home = home;
	wd_slots_create(home);
	return pages ? wd_bounce_create(home, pages, pages) : 0;
}

static void wd_home_move(struct wd_adapter *adapter)
{
	struct wd_grant *grant;

	/* All sets are free. They get another spare page when they are taken. */
	spin_lock_irq(&adapter->lock);
	list_for_each_entry(grant, &adapter->free_grants, request.node)
		wd_spare_free(adapter, &grant->spare);
	swap(adapter->dev, adapter->next_home->dev);
	swap(adapter->bounce, adapter->next_home->bounce);
	swap(adapter->slots, adapter->next_home->slots);
	spin_unlock_irq(&adapter->lock);
}

/* Frees the home that the adapter does not have. */
static void wd_home_end(struct wd_adapter *adapter)
{
	struct wd_adapter *home = adapter->next_home;

	if (!home)
		return;
	wd_bounce_destroy(home);
	wd_slots_destroy(home);
	adapter->next_home = NULL;
	kfree(home);
}

/* Moves the adapters to another struct device, or none of them. */
static int wd_attach_rehome(struct wd_device *joiner, struct device *dev)
{
	struct wd_adapter *adapter;
	int ret = 0;

	list_for_each_entry(adapter, &joiner->adapters, node)
		if (!ret && !adapter->system)
			ret = wd_home_make(adapter, dev);
	list_for_each_entry(adapter, &joiner->adapters, node) {
		if (!ret && !adapter->system)
			wd_home_move(adapter);
		wd_home_end(adapter);
	}
	return ret;
}

/* The owner's limits are those of all whose memory is mapped for it. */
static int wd_attach_claim(struct wd_device *joiner, struct wd_device *owner)
{
	struct wd_adapter *adapter;
	int ret;

	list_for_each_entry(adapter, &joiner->adapters, node) {
		ret = adapter->system ? 0 : wd_class_claim_as(adapter, owner);
		if (ret)
			return ret;
	}
	return 0;
}

/* The joiner maps for itself again. */
static void wd_attach_unclaim(struct wd_device *joiner, struct wd_device *owner)
{
	struct wd_adapter *adapter;

	joiner->map_as = joiner;
	list_for_each_entry(adapter, &joiner->adapters, node)
		wd_class_keep_runs(adapter);	/* which it had before */
	if (!--owner->nr_mapped_as) {
		owner->mapped_as_reach = U64_MAX;
		owner->mapped_as_max_seg = UINT_MAX;
	}
	wd_class_claim_masks(owner);
}

static int wd_attach_locked(struct wd_device *joiner, struct wd_device *owner)
{
	int ret = wd_attach_check(joiner, owner);

	if (ret)
		return ret;
	if (list_empty(&owner->adapters) && !owner->nr_mapped_as)
		wd_class_note_host(owner);
	ret = wd_iommu_join(owner->dev, joiner->dev);
	if (ret)
		return ret;
	joiner->map_as = owner;
	owner->nr_mapped_as++;
	ret = wd_attach_claim(joiner, owner);
	if (!ret)
		ret = wd_attach_rehome(joiner, owner->dev);
	if (ret) {
		wd_attach_unclaim(joiner, owner);
		wd_iommu_leave(owner->dev, joiner->dev);
		return ret;
	}
	/* If the owner depends on the joiner there is none: wd_domain_unbind() copes. */
	device_link_add(joiner->dev, owner->dev, DL_FLAG_AUTOREMOVE_CONSUMER);
	return 0;
}

/**
 * wd_domain_attach() - let a device use the page table of another
 * @joiner: translated, and so are both in groups of their own
 * @owner: whose page table it is; referenced by the caller, which the join keeps
 *
 * Context: Process, wd_domains_mutex held.
 * Return: 0; an errno of status.c, and nothing has changed.
 */
int wd_domain_attach(struct wd_device *joiner, struct wd_device *owner)
{
	int ret;

	lockdep_assert_held(&wd_domains_mutex);
	mutex_lock(&joiner->mutex);
	mutex_lock_nested(&owner->mutex, SINGLE_DEPTH_NESTING);
	ret = READ_ONCE(owner->unbinding) || READ_ONCE(joiner->unbinding) ? -EOPNOTSUPP :
	      joiner->blocked ? -EBUSY : wd_device_block(joiner);
	if (!ret) {
		ret = wd_attach_locked(joiner, owner);
		wd_device_unblock(joiner);
	}
	mutex_unlock(&owner->mutex);
	mutex_unlock(&joiner->mutex);
	return ret;
}

/**
 * wd_domain_detach() - undo wd_domain_attach()
 * @joiner: maps as another
 *
 * The reference to that one is the caller's then.
 *
 * Context: Process, wd_domains_mutex held.
 * Return: 0; -EBUSY while something is outstanding; -ENOMEM.
 */
int wd_domain_detach(struct wd_device *joiner)
{
	struct wd_device *owner = joiner->map_as;
	int ret;

	lockdep_assert_held(&wd_domains_mutex);
	mutex_lock(&joiner->mutex);
	mutex_lock_nested(&owner->mutex, SINGLE_DEPTH_NESTING);
	ret = wd_device_block(joiner);
	if (!ret) {
		ret = wd_attach_rehome(joiner, joiner->dev);
		if (!ret) {
			wd_iommu_leave(owner->dev, joiner->dev);
			wd_attach_unclaim(joiner, owner);
		}
		wd_device_unblock(joiner);
	}
	mutex_unlock(&owner->mutex);
	mutex_unlock(&joiner->mutex);
	return ret;
}
