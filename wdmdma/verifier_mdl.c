// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the verifier knows of lists and MDLs that drivers hold: whether a list comes back as it was
 * handed out, and whether an MDL that is freed or unlocked is still mapped.
 *
 * The routines that free and unlock MDLs have no adapter, so all verified ones are asked.
 */
#include <linux/jhash.h>
#include <linux/rculist.h>

#include "list.h"
#include "verifier.h"

static DEFINE_SPINLOCK(wd_verified_lock);
static LIST_HEAD(wd_verified);		/* lock for writing, RCU; live and dying adapters */

/**
 * wd_verified_add() - an adapter's MDLs are to be found from now on
 * @adapter: verified, not published yet
 */
void wd_verified_add(struct wd_adapter *adapter)
{
	spin_lock_irq(&wd_verified_lock);
	list_add_rcu(&adapter->verified_node, &wd_verified);
	spin_unlock_irq(&wd_verified_lock);
}

/**
 * wd_verified_remove() - ... and no longer
 * @adapter: of wd_verified_add()
 *
 * Context: Process, may sleep.
 */
void wd_verified_remove(struct wd_adapter *adapter)
{
	spin_lock_irq(&wd_verified_lock);
	list_del_rcu(&adapter->verified_node);
	spin_unlock_irq(&wd_verified_lock);
	synchronize_rcu();
}

/* A number for the elements that the driver was given; reserved members are the driver's. */
static u32 wd_list_sum(const SCATTER_GATHER_LIST *list, u32 elements)
{
	u32 sum = elements, i;

	for (i = 0; i < elements; i++) {
		u64 address = list->Elements[i].Address.QuadPart;

		sum = jhash_3words(address, address >> 32, list->Elements[i].Length, sum);
	}
	return sum;
}

/**
 * wd_check_handed_out() - remember a list as the driver gets it
 * @list: mapped
 */
void wd_check_handed_out(struct wd_list *list)
{
	list->handed_elements = list->list->NumberOfElements;
	list->handed_sum = wd_list_sum(list->list, list->handed_elements);
}

/**
 * wd_check_put() - look at a list that comes back
 * @adapter: verified
 * @list: taken away from the adapter
 * @to_device: what the driver says
 */
void wd_check_put(struct wd_adapter *adapter, struct wd_list *list, bool to_device)
{
	const char *routine = "PutScatterGatherList";
	bool was_to_device = list->direction == DMA_TO_DEVICE;

	/* Made before the verifier's first look */
	if (!list->handed_elements)
		return;
	if (to_device != was_to_device)
		wd_misuse(adapter, WD_REPORT_DIRECTION, routine, was_to_device, to_device, 0,
			  "mapped %s the device, put as if %s it", was_to_device ? "to" : "from",
			  to_device ? "to" : "from");
	if (list->list->NumberOfElements != list->handed_elements ||
	    wd_list_sum(list->list, list->handed_elements) != list->handed_sum)
		wd_misuse(adapter, WD_REPORT_LIST_CHANGED, routine, list->list,
			  list->handed_elements, list->list->NumberOfElements,
			  "the list of %u elements is not what was handed out",
			  list->handed_elements);
}

static bool wd_grants_have(struct wd_adapter *adapter, PMDL mdl)
{
	struct wd_grant *grant;
	unsigned long index, flags;
	bool found = false;
	u32 i;

	xa_for_each(&adapter->grants, index, grant) {
		spin_lock_irqsave(&grant->lock, flags);
		for (i = grant->first; grant->granted && i < grant->nr_maps; i++) {
			const struct wd_mapping *mapping = wd_grant_mapping(grant, i);

			found |= mapping->kind != WD_MAPPING_FREE && mapping->mdl == mdl;
		}
		spin_unlock_irqrestore(&grant->lock, flags);
		if (found)
			break;
	}
	return found;
}

static bool wd_lists_have(struct wd_adapter *adapter, PMDL mdl)
{
	struct rb_node *node;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&adapter->lock, flags);
	for (node = rb_first(&adapter->lists); node && !found; node = rb_next(node)) {
		const struct wd_list *list = rb_entry(node, struct wd_list, node);

		found = list->mdl == mdl && list->state == WD_LIST_LIVE;
	}
	spin_unlock_irqrestore(&adapter->lock, flags);
	return found;
}

/**
 * wd_check_mdl_unused() - an MDL is about to be freed or unlocked: is it mapped?
 * @mdl: the MDL
 * @routine: Windows' name of the routine
 *
 * Context: <= DISPATCH_LEVEL; a verified adapter lives.
 */
void wd_check_mdl_unused(PMDL mdl, const char *routine)
{
	struct wd_adapter *adapter;

	rcu_read_lock();
	list_for_each_entry_rcu(adapter, &wd_verified, verified_node)
		if (wd_adapter_is_alive(adapter) &&
		    (wd_grants_have(adapter, mdl) || wd_lists_have(adapter, mdl)))
			wd_misuse(adapter, WD_REPORT_MDL_IN_USE, routine, mdl, 0, 0,
				  "MDL %p is still mapped for the device", mdl);
	rcu_read_unlock();
}

/**
 * wd_check_from_mdl() - look at memory that is to become a common buffer
 * @adapter: verified
 * @mdl: of that memory
 *
 * What is reported fails in any case.
 */
void wd_check_from_mdl(struct wd_adapter *adapter, const MDL *mdl)
{
	const char *routine = "CreateCommonBufferFromMdl";

	if (!(mdl->MdlFlags & (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL)))
		wd_misuse(adapter, WD_REPORT_NOT_LOCKED, routine, mdl, 0, 0,
			  "MDL %p does not describe locked memory", mdl);
	else if (!(mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL |
				    MDL_PARENT_MAPPED_SYSTEM_VA)))
		wd_misuse(adapter, WD_REPORT_NO_SYSTEM_ADDRESS, routine, mdl, 0, 0,
			  "MDL %p is not mapped for the kernel", mdl);
}
