// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA domains: GetDmaDomain, JoinDmaDomain, LeaveDmaDomain.
 *
 * A domain is a space of addresses. Each device has one of its own: untranslated devices whose bus
 * sees memory alike share one, which lives as long as the module; translated ones have that of
 * their IOMMU group. A device that has joined the own domain of another uses that one's addresses.
 * If it is its own anyway, joining is noted, and that is all. Else it gets the other's page table
 * (domain_attach.c).
 *
 * A handle is a number that no domain has twice. A domain that no adapter of its devices, no joiner
 * and no domain common buffer needs any more is dead, which is found out when somebody asks.
 */
#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include "buffer.h"
#include "domain.h"
#include "irql.h"
#include "ops.h"
#include "status.h"
#include "trace.h"
#include "verifier.h"

/* All domains, which device is in which, and their buffers */
DEFINE_MUTEX(wd_domains_mutex);

static DEFINE_XARRAY_ALLOC1(wd_domains);	/* wd_domains_mutex; by id */
static u32 wd_last_domain_id;			/* wd_domains_mutex */

/**
 * wd_domain_handle() - what drivers know a domain by
 * @domain: the domain
 */
HANDLE wd_domain_handle(const struct wd_domain *domain)
{
	return (HANDLE)(uintptr_t)domain->id;
}

static struct wd_domain *wd_domain_create(struct device *dev, struct iommu_group *group)
{
	struct wd_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);

	if (!domain)
		return NULL;
	INIT_LIST_HEAD(&domain->devices);
	INIT_LIST_HEAD(&domain->joiners);
	INIT_LIST_HEAD(&domain->buffers);
	/* A handle fits a pointer of 32 bits, and comes again after two thousand million. */
	if (xa_alloc_cyclic(&wd_domains, &domain->id, domain, XA_LIMIT(1, S32_MAX),
			    &wd_last_domain_id, GFP_KERNEL) < 0) {
		kfree(domain);
		return NULL;
	}
	domain->group = group;
	if (!group)
		domain->bus = get_device(dev);
	return domain;
}

/* Nobody joins it or has a buffer of it, and its devices have left. */
static void wd_domain_free(struct wd_domain *domain)
{
	struct wd_device *wdev, *next;

	lockdep_assert_held(&wd_domains_mutex);
	list_for_each_entry_safe(wdev, next, &domain->devices, own_node) {
		list_del_rcu(&wdev->own_node);
		wdev->own_domain = NULL;
	}
	xa_erase(&wd_domains, domain->id);
	if (domain->group)
		wd_iommu_group_put(domain->group);
	put_device(domain->bus);
	kfree_rcu(domain, rcu);
}

static bool wd_domain_is_needed(const struct wd_domain *domain)
{
	struct wd_device *wdev;

	lockdep_assert_held(&wd_domains_mutex);
	if (!domain->group || !list_empty(&domain->joiners) || !list_empty(&domain->buffers))
		return true;
	list_for_each_entry(wdev, &domain->devices, own_node)
		if (atomic_read(&wdev->nr_live))
			return true;
	return false;
}

/**
 * wd_domain_find() - the domain of a handle
 * @handle: any value
 *
 * Return: a live domain, as long as wd_domains_mutex is held; or NULL.
 */
struct wd_domain *wd_domain_find(HANDLE handle)
{
	struct wd_domain *domain = NULL;

	lockdep_assert_held(&wd_domains_mutex);
	if ((uintptr_t)handle <= S32_MAX)
		domain = xa_load(&wd_domains, (uintptr_t)handle);
	if (domain && !wd_domain_is_needed(domain)) {
		wd_domain_free(domain);
		domain = NULL;
	}
	return domain;
}

/* The domain that a device has without joining one; finds or makes it. */
static struct wd_domain *wd_domain_own(struct wd_device *wdev)
{
	struct iommu_group *group = NULL;
	struct wd_domain *domain;
	unsigned long id;

	lockdep_assert_held(&wd_domains_mutex);
	if (wdev->own_domain)
		return wdev->own_domain;
	if (wd_iommu_translates(wdev->dev))
		group = wd_iommu_group(wdev->dev);
	xa_for_each(&wd_domains, id, domain)
		if (domain->group == group &&
		    (group || (wd_map_same_bus(domain->bus, wdev->dev) &&
			       dev_is_dma_coherent(domain->bus) ==
			       dev_is_dma_coherent(wdev->dev))))
			break;
	if (!domain)
		domain = wd_domain_create(wdev->dev, group);
	else if (group)
		wd_iommu_group_put(group);
	if (!domain) {
		wd_iommu_group_put(group);
		return NULL;
	}
	wdev->own_domain = domain;
	list_add_tail_rcu(&wdev->own_node, &domain->devices);
	if (!wdev->joined && !list_empty(&domain->joiners))
		rcu_assign_pointer(wdev->shared, domain);
	return domain;
}

/**
 * wd_domain_current() - the domain that a device's addresses are of
 * @wdev: the device; wd_domains_mutex is held
 *
 * Return: the domain, or NULL without memory.
 */
struct wd_domain *wd_domain_current(struct wd_device *wdev)
{
	return wdev->joined ? : wd_domain_own(wdev);
}

/**
 * wd_domain_count() - how many devices use a domain, as far as they were asked about
 * @domain: the domain; wd_domains_mutex is held
 */
unsigned int wd_domain_count(const struct wd_domain *domain)
{
	struct wd_device *wdev;
	unsigned int count = 0;

	list_for_each_entry(wdev, &domain->devices, own_node)
		count += !wdev->joined || wdev->joined == domain;
	list_for_each_entry(wdev, &domain->joiners, joined_node)
		count += wdev->own_domain != domain;
	return count;
}

/* Whether others' common buffers are looked for: those of devices which share by a join. */
static void wd_domain_note_sharing(struct wd_domain *domain)
{
	bool is_shared = !list_empty(&domain->joiners);
	struct wd_device *wdev;

	list_for_each_entry(wdev, &domain->devices, own_node)
		if (!wdev->joined || wdev->joined == domain)
			rcu_assign_pointer(wdev->shared, is_shared ? domain : NULL);
	list_for_each_entry(wdev, &domain->joiners, joined_node)
		rcu_assign_pointer(wdev->shared, domain);
}

static u64 wd_device_reach(struct wd_device *wdev)
{
	struct wd_adapter *adapter;
	u64 reach = U64_MAX;

	mutex_lock(&wdev->mutex);
	list_for_each_entry(adapter, &wdev->adapters, node)
		if (wd_adapter_is_alive(adapter) && !adapter->system)
			reach = min(reach, adapter->last_address);
	mutex_unlock(&wdev->mutex);
	return reach;
}

/**
 * wd_domain_reach() - highest address that all members of a domain can be given
 * @domain: the domain; wd_domains_mutex is held
 * @adapter: one of them, which allocates
 *
 * Everybody has the identity without asking for it, so there only who joined counts.
 */
u64 wd_domain_reach(struct wd_domain *domain, struct wd_adapter *adapter)
{
	u64 reach = adapter->last_address;
	struct wd_device *wdev;

	lockdep_assert_held(&wd_domains_mutex);
	list_for_each_entry(wdev, &domain->joiners, joined_node)
		reach = min(reach, wd_device_reach(wdev));
	if (!domain->group)
		return reach;
	list_for_each_entry(wdev, &domain->devices, own_node)
		if (!wdev->joined)
			reach = min(reach, wd_device_reach(wdev));
	return reach;
}

/* Would a device that joins have buffers that it cannot be given? */
static bool wd_domain_is_reached(const struct wd_domain *domain, u64 reach)
{
	const struct wd_buffer *buffer;

	list_for_each_entry(buffer, &domain->buffers, domain_node)
		if (buffer->dma + buffer->extent - 1 > reach)
			return false;
	return true;
}

/* The device whose page table a joiner gets, referenced: its last put may be on its way. */
static struct wd_device *wd_domain_owner(struct wd_domain *domain)
{
	struct wd_device *wdev;

	list_for_each_entry(wdev, &domain->devices, own_node)
		if (!wdev->joined && !wdev->blocked && wd_device_get(&wdev->object))
			return wdev;
	return NULL;
}

/* Whoever is in @unused then is put by the caller, without the mutex. */
static int wd_domain_join(struct wd_adapter *adapter, struct wd_domain *domain,
			  struct wd_device **unused)
{
	struct wd_device *wdev = adapter->wdev, *owner;
	struct wd_domain *own = wd_domain_own(wdev);
	int ret = 0;

	if (!own)
		return -ENOMEM;
	if (adapter->system || !wd_domain_is_reached(domain, wd_device_reach(wdev)))
		return -EOPNOTSUPP;
	if (own != domain) {
		if (!own->group || !domain->group)
			return -EOPNOTSUPP;
		if (!list_empty(&own->joiners))
			return -EBUSY;
		owner = wd_domain_owner(domain);
		ret = owner ? wd_domain_attach(wdev, owner) : -EOPNOTSUPP;
		if (ret)
			*unused = owner;
	}
	if (ret)
		return ret;
	wdev->joined = domain;
	wdev->joiner_id = adapter->id;
	wdev->ousted_id = 0;
	list_add_tail_rcu(&wdev->joined_node, &domain->joiners);
	wd_domain_note_sharing(domain);
	trace_wdmdma_domain_joined(wdev, domain, adapter->id);
	return 0;
}

/* Undoes a join. Whoever mapped for the device is put by the caller, without the mutex. */
static int wd_domain_leave(struct wd_device *wdev, struct wd_device **owner)
{
	struct wd_domain *domain = wdev->joined;
	int ret = 0;

	lockdep_assert_held(&wd_domains_mutex);
	*owner = NULL;
	if (wdev->map_as != wdev) {
		*owner = wdev->map_as;
		ret = wd_domain_detach(wdev);
	}
	if (ret) {
		*owner = NULL;
		return ret;
	}
	trace_wdmdma_domain_left(wdev, domain, wdev->joiner_id);
	wdev->joined = NULL;
	wdev->joiner_id = 0;
	list_del_rcu(&wdev->joined_node);
	RCU_INIT_POINTER(wdev->shared, NULL);
	wd_domain_note_sharing(domain);
	if (wdev->own_domain && wdev->own_domain != domain)
		wd_domain_note_sharing(wdev->own_domain);
	/* Who looks for buffers may still be walking the list that it was on. */
	synchronize_rcu();
	return 0;
}

static void wd_domain_put_owner(struct wd_device *owner)
{
	if (owner)
		wd_device_put(owner);
}

/**
 * wd_domain_renew() - a device gets its first adapter: an old handle of its domain is dead
 * @wdev: has no live adapter
 *
 * Context: Process, may sleep.
 */
void wd_domain_renew(struct wd_device *wdev)
{
	mutex_lock(&wd_domains_mutex);
	if (wdev->own_domain && !wd_domain_is_needed(wdev->own_domain))
		wd_domain_free(wdev->own_domain);
	mutex_unlock(&wd_domains_mutex);
}

/**
 * wd_domain_adapter_gone() - an adapter was released; if it had joined a domain, leave that
 * @wdev: its device
 * @adapter_id: its number
 *
 * While other adapters of the device have something outstanding the device stays where it is; when
 * the next of them goes this is tried again.
 *
 * Context: Process, may sleep.
 */
void wd_domain_adapter_gone(struct wd_device *wdev, u64 adapter_id)
{
	struct wd_device *owner = NULL;

	if (!READ_ONCE(wdev->joined))
		return;
	mutex_lock(&wd_domains_mutex);
	if (wdev->joiner_id == adapter_id)
		wdev->joiner_id = 0;
	if (wdev->joined && !wdev->joiner_id)
		wd_domain_leave(wdev, &owner);
	mutex_unlock(&wd_domains_mutex);
	wd_domain_put_owner(owner);
}

/* Makes a device leave that maps as @owner, if it is idle; a Leave that it owes succeeds later. */
static bool wd_domain_oust(struct wd_device *joiner, struct wd_device *owner)
{
	struct wd_device *left = NULL;
	bool has_left;
	u64 joiner_id;

	mutex_lock(&wd_domains_mutex);
	joiner_id = joiner->joiner_id;
	if (joiner->map_as == owner && !wd_domain_leave(joiner, &left))
		joiner->ousted_id = joiner_id;
	has_left = joiner->map_as != owner;
	mutex_unlock(&wd_domains_mutex);
	wd_domain_put_owner(left);
	return has_left;
}

static void wd_device_set_evicted(struct wd_device *wdev, bool is_evicted)
{
	struct wd_adapter *adapter;

	mutex_lock(&wdev->mutex);
	wdev->evicted = is_evicted;
	if (is_evicted)
		list_for_each_entry(adapter, &wdev->adapters, node)
			wd_adapter_kill(adapter, "driver-unbind");
	mutex_unlock(&wdev->mutex);
}

/* A device that maps as another whose driver goes first: what it has got of that is taken away. */
static void wd_domain_evict(struct wd_device *joiner, struct wd_device *owner)
{
	unsigned int elements = 0;

	wd_report(WD_REPORT_DOMAIN_LEFT, joiner->dev, "driver-unbind",
		  "the device whose domain it has joined goes; it leaves and loses what it has");
	if (wd_domain_oust(joiner, owner))
		return;
	wd_device_set_evicted(joiner, true);
	wait_event(joiner->refs_dropped, list_empty_careful(&joiner->adapters));
	/* First the vectors, which know their elements. */
	wd_vector_free_all(joiner, &elements);
	wd_buffer_free_all(joiner);
	wd_domain_oust(joiner, owner);
	wd_device_set_evicted(joiner, false);
}

static struct wd_device *wd_domain_find_mapped_as(struct wd_device *owner)
{
	struct wd_device *wdev, *found = NULL;

	mutex_lock(&wd_domains_mutex);
	if (owner->own_domain)
		list_for_each_entry(wdev, &owner->own_domain->joiners, joined_node)
			if (wdev->map_as == owner)
				found = wdev;
	if (found)
		wd_device_hold(found);
	mutex_unlock(&wd_domains_mutex);
	return found;
}

/**
 * wd_domain_unbind() - take a device out of all domains: its driver is gone
 * @wdev: has neither adapters nor common buffers any more
 *
 * The driver core unbinds the drivers of devices that have joined this one's domain before; only
 * where it could not be told of that are they still there.
 *
 * Context: Process, may sleep.
 */
void wd_domain_unbind(struct wd_device *wdev)
{
	struct wd_device *owner = NULL, *joiner;

	mutex_lock(&wd_domains_mutex);
	if (wdev->joined)
		wd_domain_leave(wdev, &owner);
	mutex_unlock(&wd_domains_mutex);
	wd_domain_put_owner(owner);

	while ((joiner = wd_domain_find_mapped_as(wdev))) {
		wd_domain_evict(joiner, wdev);
		wd_device_put(joiner);
	}
}

/**
 * wd_domain_forget() - a device is to be freed
 * @wdev: nobody refers to it
 *
 * Context: Process, may sleep.
 */
void wd_domain_forget(struct wd_device *wdev)
{
	struct wd_device *owner = NULL;
	struct wd_domain *own;

	mutex_lock(&wd_domains_mutex);
	if (wdev->joined)
		wd_domain_leave(wdev, &owner);
	own = wdev->own_domain;
	if (own) {
		list_del_rcu(&wdev->own_node);
		wdev->own_domain = NULL;
		RCU_INIT_POINTER(wdev->shared, NULL);
		if (!wd_domain_is_needed(own))
			wd_domain_free(own);
	}
	mutex_unlock(&wd_domains_mutex);
	wd_domain_put_owner(owner);
	if (own)
		synchronize_rcu();
}

/**
 * wd_domain_exit() - free the domains of untranslated devices
 */
void wd_domain_exit(void)
{
	struct wd_domain *domain;
	unsigned long id;

	mutex_lock(&wd_domains_mutex);
	xa_for_each(&wd_domains, id, domain)
		wd_domain_free(domain);
	mutex_unlock(&wd_domains_mutex);
}

/**
 * wdmdma_get_dma_domain() - the domain that an adapter's addresses are of (GetDmaDomain)
 * @dma_adapter: the adapter
 *
 * Adapters for which it is the same may use each other's logical addresses, as far as they reach.
 * It is the same at each call until the device joins a domain or leaves it. Nothing is owed for it.
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: a handle, also where there is no IOMMU; NULL without memory, or for a dead or NULL
 * adapter.
 */
HANDLE wdmdma_get_dma_domain(PDMA_ADAPTER dma_adapter)
{
	struct wd_adapter *adapter = wd_adapter_get(dma_adapter, "GetDmaDomain");
	struct wd_domain *domain;
	HANDLE handle = NULL;

	if (!adapter)
		return NULL;
	mutex_lock(&wd_domains_mutex);
	domain = wd_domain_current(adapter->wdev);
	if (domain)
		handle = wd_domain_handle(domain);
	mutex_unlock(&wd_domains_mutex);
	wd_adapter_put(adapter);
	return handle;
}

/**
 * wdmdma_join_dma_domain() - use the addresses of another device's domain (JoinDmaDomain)
 * @dma_adapter: its device joins, with all adapters
 * @domain_handle: from GetDmaDomain of another adapter
 *
 * If the device gets another page table by that, addresses that it was given before are invalid. It
 * must not do DMA meanwhile. Owed a LeaveDmaDomain, by the same adapter.
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: STATUS_SUCCESS, also for the device's own domain; STATUS_INVALID_PARAMETER: it has joined
 * one, or a dead or NULL adapter; STATUS_INVALID_PARAMETER_2: no live domain;
 * STATUS_RESOURCE_IN_USE: the page table would change while something is outstanding, or others
 * use the device's own; STATUS_NOT_SUPPORTED: the two cannot share a page table, the adapter
 * reaches less than it takes, or is for system DMA; STATUS_ACCESS_DENIED: firmware has reserved
 * addresses for the device; STATUS_INSUFFICIENT_RESOURCES; STATUS_UNSUCCESSFUL.
 */
NTSTATUS wdmdma_join_dma_domain(PDMA_ADAPTER dma_adapter, HANDLE domain_handle)
{
	struct wd_adapter *adapter = wd_adapter_get(dma_adapter, "JoinDmaDomain");
	NTSTATUS status = STATUS_INVALID_PARAMETER;
	struct wd_device *unused = NULL;
	struct wd_domain *domain;

	if (!adapter)
		return status;
	wd_device_settle(adapter->wdev);
	mutex_lock(&wd_domains_mutex);
	domain = wd_domain_find(domain_handle);
	if (!domain)
		status = STATUS_INVALID_PARAMETER_2;
	else if (!adapter->wdev->joined)
		status = wdmdma_status(wd_domain_join(adapter, domain, &unused));
	mutex_unlock(&wd_domains_mutex);
	wd_domain_put_owner(unused);
	if (wd_verifies(adapter) && status == STATUS_RESOURCE_IN_USE)
		wd_misuse(adapter, WD_REPORT_DOMAIN, "JoinDmaDomain", WD_DOMAIN_JOIN_BUSY, 0, 0,
			  "something of the device is outstanding");
	wd_adapter_put(adapter);
	return status;
}

/**
 * wdmdma_leave_dma_domain() - go back to the device's own domain (LeaveDmaDomain)
 * @dma_adapter: the one that joined
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: STATUS_SUCCESS, also where the driver of the domain's owner has been unbound, which ended
 * the join; STATUS_INVALID_PARAMETER_1: this adapter has not joined any;
 * STATUS_RESOURCE_IN_USE: the page table would change while something is outstanding;
 * STATUS_INSUFFICIENT_RESOURCES; STATUS_INVALID_PARAMETER: a dead or NULL adapter.
 */
NTSTATUS wdmdma_leave_dma_domain(PDMA_ADAPTER dma_adapter)
{
	struct wd_adapter *adapter = wd_adapter_get(dma_adapter, "LeaveDmaDomain");
	NTSTATUS status = STATUS_INVALID_PARAMETER_1;
	struct wd_device *owner = NULL;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	wd_device_settle(adapter->wdev);
	mutex_lock(&wd_domains_mutex);
	if (adapter->wdev->joined && adapter->wdev->joiner_id == adapter->id) {
		status = wdmdma_status(wd_domain_leave(adapter->wdev, &owner));
	} else if (adapter->wdev->ousted_id == adapter->id) {
		adapter->wdev->ousted_id = 0;
		status = STATUS_SUCCESS;
	}
	mutex_unlock(&wd_domains_mutex);
	wd_domain_put_owner(owner);
	if (wd_verifies(adapter) && status == STATUS_INVALID_PARAMETER_1)
		wd_misuse(adapter, WD_REPORT_DOMAIN, "LeaveDmaDomain", WD_DOMAIN_LEAVE_UNJOINED, 0,
			  0, "this adapter has not joined a domain");
	wd_adapter_put(adapter);
	return status;
}
