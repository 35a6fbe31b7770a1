// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IOMMU interface: logical addresses that are reserved, so that mapping them later needs no
 * memory, and may be done at DISPATCH_LEVEL.
 *
 * The table of pages has its memory from the beginning. Of the IOMMU's page tables the same is
 * hoped: each page is mapped once, to a page of zeros, and taken away again, and most IOMMU drivers
 * keep the tables which that needed. Where one does not, mapping may fail for want of memory.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "internal.h"
#include "irql.h"
#include "mmu.h"

static DEFINE_XARRAY_FLAGS(wd_mmu_tokens, XA_FLAGS_LOCK_IRQ);	/* by address; RCU */

static struct wd_mmu_token *wd_token_find(PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN handle)
{
	return handle ? xa_load(&wd_mmu_tokens, (unsigned long)handle) : NULL;
}

/* Gives the IOMMU reason to make the tables for a page that nothing is mapped at. */
static int wd_token_touch(struct wd_mmu_domain *domain, u64 page)
{
	unsigned long flags;
	int ret = 0;

	spin_lock_irqsave(&domain->lock, flags);
	if (domain->linux_domain && !xa_load(&domain->pages, page)) {
		ret = wd_iommu_map_page(domain->linux_domain, page << PAGE_SHIFT,
					page_to_phys(ZERO_PAGE(0)), WDMDMA_IOMMU_READ,
					domain->is_coherent, GFP_ATOMIC | __GFP_NOWARN);
		if (!ret && wd_iommu_unmap(domain->linux_domain, page << PAGE_SHIFT,
					   PAGE_SIZE) != PAGE_SIZE) {
			wd_range_keep(domain, page);
			ret = -EIO;
		}
	}
	spin_unlock_irqrestore(&domain->lock, flags);
	cond_resched();
	return ret;
}

/* What the IOMMU has kept stays where it is. */
static void wd_token_give_up(struct wd_mmu_token *token, u64 pages)
{
	struct xarray *table = &token->domain->pages;

	while (pages--)
		if (!xa_load(table, token->hole.first + pages))
			xa_erase_irq(table, token->hole.first + pages);
}

/* Makes the memory that mapping the token's pages will need. */
static int wd_token_prepare(struct wd_mmu_token *token)
{
	u64 pages = token->hole.last - token->hole.first + 1, i;
	int ret = 0;

	for (i = 0; i < pages; i++) {
		u64 page = token->hole.first + i;

		ret = fatal_signal_pending(current) ? -ENOMEM :
		      xa_reserve_irq(&token->domain->pages, page, WD_GFP_ANY_LENGTH);
		if (ret)
			break;
		ret = wd_token_touch(token->domain, page);
		if (ret) {
			i++;
			break;
		}
	}
	if (ret)
		wd_token_give_up(token, i);
	return ret;
}

/**
 * wd_mmu_prepare_tokens() - a domain has got its Linux domain: make the tables for its tokens there
 * @domain: the domain
 *
 * Context: Process, wd_mmu_mutex held.
 * Return: 0, or the errno of the IOMMU driver.
 */
int wd_mmu_prepare_tokens(struct wd_mmu_domain *domain)
{
	struct wd_mmu_token *token;
	int ret = 0;
	u64 page;

	list_for_each_entry(token, &domain->tokens, node)
		for (page = token->hole.first; !ret && page <= token->hole.last; page++)
			ret = wd_token_touch(domain, page);
	return ret;
}

NTSTATUS wd_mmu_reserve(PIOMMU_DMA_DOMAIN handle, SIZE_T size, PIOMMU_DMA_LOGICAL_ADDRESS explicit,
			PIOMMU_DMA_LOGICAL_ADDRESS min, PIOMMU_DMA_LOGICAL_ADDRESS max,
			PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN *result)
{
	struct wd_mmu_domain *domain;
	struct wd_mmu_token *token;
	NTSTATUS status;
	u64 first;
	int ret;

	if (!wd_irql_is_passive(NULL, "ReserveLogicalAddressRange"))
		return STATUS_INVALID_PARAMETER;
	mutex_lock(&wd_mmu_mutex);
	domain = wd_mmu_find_domain(handle);
	if (!domain || domain->type != DomainTypeTranslate)
		status = STATUS_INVALID_PARAMETER_1;
	else if (!size || size & ~PAGE_MASK)
		status = STATUS_INVALID_PARAMETER_2;
	else if (!result)
		status = STATUS_INVALID_PARAMETER;
	else
		status = wd_mmu_choose(domain, size >> PAGE_SHIFT, explicit, min, max,
				       STATUS_INVALID_PARAMETER_3, &first);
	if (!NT_SUCCESS(status))
		goto unlock;
	status = STATUS_INSUFFICIENT_RESOURCES;
	token = kzalloc(sizeof(*token), GFP_KERNEL);
	if (!token)
		goto unlock;
	token->public.LogicalAddressBase = first << PAGE_SHIFT;
	token->public.Size = size;
	token->domain = domain;
	token->hole.first = first;
	token->hole.last = first + (size >> PAGE_SHIFT) - 1;
	token->hole.token = token;
	ret = wd_token_prepare(token);
	if (!ret) {
		ret = xa_err(xa_store_irq(&wd_mmu_tokens, (unsigned long)&token->public, token,
					  GFP_KERNEL));
		if (ret)
			wd_token_give_up(token, size >> PAGE_SHIFT);
	}
	if (ret) {
		kfree(token);
		goto unlock;
	}
	list_add_tail(&token->hole.node, &domain->holes);
	list_add_tail(&token->node, &domain->tokens);
	*result = &token->public;
	status = STATUS_SUCCESS;
unlock:
	mutex_unlock(&wd_mmu_mutex);
	return status;
}

/**
 * wd_mmu_free_tokens() - free the tokens that were never freed
 *
 * Context: Process; nobody uses one.
 */
void wd_mmu_free_tokens(void)
{
	struct wd_mmu_token *token;
	unsigned long index;

	xa_for_each(&wd_mmu_tokens, index, token) {
		list_del(&token->hole.node);
		kfree(token);
	}
	xa_destroy(&wd_mmu_tokens);
}

NTSTATUS wd_mmu_free_reserved(PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN handle)
{
	NTSTATUS status = STATUS_INVALID_PARAMETER;
	struct wd_mmu_token *token;
	unsigned long flags;

	if (!wd_irql_is_passive(NULL, "FreeReservedLogicalAddressRange"))
		return status;
	mutex_lock(&wd_mmu_mutex);
	token = wd_token_find(handle);
	if (token) {
		spin_lock_irqsave(&token->domain->lock, flags);
		status = token->nr_mapped ? STATUS_RESOURCE_IN_USE : STATUS_SUCCESS;
		token->is_dying = !token->nr_mapped;
		spin_unlock_irqrestore(&token->domain->lock, flags);
	}
	if (NT_SUCCESS(status)) {
		xa_erase_irq(&wd_mmu_tokens, (unsigned long)handle);
		wd_token_give_up(token, token->hole.last - token->hole.first + 1);
		list_del(&token->hole.node);
		list_del(&token->node);
		/* Who found it before may still look at it. */
		synchronize_rcu();
		kfree(token);
	}
	mutex_unlock(&wd_mmu_mutex);
	return status;
}

/* Is nothing mapped of these pages of the token? */
static bool wd_token_is_free(struct wd_mmu_token *token, u64 first, u64 pages)
{
	u64 i;

	lockdep_assert_held(&token->domain->lock);
	for (i = 0; i < pages; i++)
		if (xa_load(&token->domain->pages, first + i))
			return false;
	return true;
}

static NTSTATUS wd_token_map(struct wd_mmu_token *token, u64 first,
			     const struct wd_physical *physical, ULONG permissions)
{
	struct wd_mmu_domain *domain = token->domain;
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&domain->lock, flags);
	if (token->is_dying) {
		spin_unlock_irqrestore(&domain->lock, flags);
		return STATUS_UNSUCCESSFUL;
	}
	if (!wd_token_is_free(token, first, physical->pages)) {
		spin_unlock_irqrestore(&domain->lock, flags);
		return STATUS_RESOURCE_IN_USE;
	}
	ret = wd_range_map_locked(domain, first, physical, WD_PAGE_TOKEN, permissions);
	if (!ret)
		token->nr_mapped += physical->pages;
	spin_unlock_irqrestore(&domain->lock, flags);
	return ret ? STATUS_INSUFFICIENT_RESOURCES : STATUS_SUCCESS;
}

NTSTATUS wd_mmu_map_reserved(PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN handle, SIZE_T offset,
			     ULONG permissions, PIOMMU_MAP_PHYSICAL_ADDRESS address,
			     PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment)
{
	struct wd_physical physical;
	struct wd_mmu_token *token;
	NTSTATUS status;
	u64 size;

	if (!wd_irql_is_dispatch(NULL, "MapReservedLogicalRange"))
		return STATUS_INVALID_PARAMETER;
	rcu_read_lock();
	token = wd_token_find(handle);
	size = token ? token->public.Size : 0;
	if (!token || !segment)
		status = STATUS_INVALID_PARAMETER;
	else if (offset & ~PAGE_MASK || offset >= size)
		status = STATUS_INVALID_PARAMETER_2;
	else if (!wd_permissions_are_good(permissions))
		status = STATUS_INVALID_PARAMETER_3;
	else if (!wd_physical_init(&physical, address) ||
		 physical.pages > (size - offset) >> PAGE_SHIFT)
		status = STATUS_INVALID_PARAMETER_4;
	else
		status = wd_token_map(token, token->hole.first + (offset >> PAGE_SHIFT), &physical,
				      permissions);
	rcu_read_unlock();
	if (NT_SUCCESS(status)) {
		segment->OwningToken = handle;
		segment->Offset = offset;
		segment->Size = physical.pages << PAGE_SHIFT;
	}
	return status;
}

/* Could this be what wd_mmu_map_reserved() filled? */
static bool wd_segment_is_good(const struct wd_mmu_token *token, u64 offset, u64 size)
{
	return size && !((offset | size) & ~PAGE_MASK) && offset < token->public.Size &&
	       size <= token->public.Size - offset;
}

static bool wd_is_of_segment(const void *entry)
{
	return entry && wd_page_kind(entry) == WD_PAGE_TOKEN;
}

/* ... all that was mapped in one call, and is still, and nothing else? */
static bool wd_segment_is_mapped(struct wd_mmu_token *token, u64 first, u64 pages)
{
	struct wd_mmu_domain *domain = token->domain;
	void *entry;
	u64 i;

	lockdep_assert_held(&domain->lock);
	for (i = 0; i < pages; i++) {
		entry = xa_load(&domain->pages, first + i);
		if (!wd_is_of_segment(entry) || wd_page_is_first(entry) != !i)
			return false;
	}
	entry = first + i <= token->hole.last ? xa_load(&domain->pages, first + i) : NULL;
	return !wd_is_of_segment(entry) || wd_page_is_first(entry);
}

NTSTATUS wd_mmu_unmap_reserved(PIOMMU_DMA_LOGICAL_ADDRESS_TOKEN_MAPPED_SEGMENT segment)
{
	NTSTATUS status = STATUS_INVALID_PARAMETER;
	struct wd_mmu_token *token;
	unsigned long flags;
	u64 first, pages;

	if (!segment || !wd_irql_is_dispatch(NULL, "UnmapReservedLogicalRange"))
		return status;
	rcu_read_lock();
	token = wd_token_find(segment->OwningToken);
	if (token && wd_segment_is_good(token, segment->Offset, segment->Size)) {
		first = token->hole.first + (segment->Offset >> PAGE_SHIFT);
		pages = segment->Size >> PAGE_SHIFT;
		spin_lock_irqsave(&token->domain->lock, flags);
		if (wd_segment_is_mapped(token, first, pages)) {
			status = wd_range_unmap_locked(token->domain, first, pages) ?
				 STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
			token->nr_mapped -= pages;
		}
		spin_unlock_irqrestore(&token->domain->lock, flags);
	}
	rcu_read_unlock();
	if (status != STATUS_INVALID_PARAMETER)
		segment->OwningToken = NULL;
	return status;
}
