// SPDX-License-Identifier: GPL-2.0-only
/*
 * Common buffers for all devices of a domain: AllocateDomainCommonBuffer.
 *
 * Such a buffer is like others of its adapter, but its address is one that each member of the
 * domain reaches, and no device joins that does not.
 */
#include <linux/err.h>
#include <linux/nodemask.h>

#include "buffer.h"
#include "domain.h"
#include "ops.h"
#include "status.h"

/**
 * wd_domain_drop_buffer() - a domain has lost a buffer
 * @buffer: was allocated for it
 *
 * Context: Process, may sleep.
 */
void wd_domain_drop_buffer(struct wd_buffer *buffer)
{
	mutex_lock(&wd_domains_mutex);
	list_del(&buffer->domain_node);
	mutex_unlock(&wd_domains_mutex);
}

static struct wd_buffer *wd_domain_alloc(struct wd_adapter *adapter, struct wd_domain *domain,
					 struct wd_buffer_wish *wish)
{
	u64 reach = wd_domain_reach(domain, adapter);
	struct wd_buffer *buffer;

	lockdep_assert_held(&wd_domains_mutex);
	/* A limit that is none of the caller's does not make his impossible. */
	if (wish->bytes - 1 > wish->last_address)
		return ERR_PTR(-EINVAL);
	if (wish->bytes - 1 > reach)
		return ERR_PTR(-ENOMEM);
	wish->last_address = min(wish->last_address, reach);
	wish->domain = domain;
	buffer = wd_buffer_alloc(adapter, wish);
	if (!IS_ERR(buffer))
		list_add_tail(&buffer->domain_node, &domain->buffers);
	return buffer;
}

/**
 * wdmdma_allocate_domain_common_buffer() - allocate memory for all devices of a domain
 * (AllocateDomainCommonBuffer)
 * @dma_adapter: the buffer's owner, whose device is in the domain
 * @domain_handle: from GetDmaDomain
 * @maximum_address: highest logical address of the buffer's last page, inclusive; NULL: none but
 * the members'
 * @length: bytes, not 0
 * @flags: 0 or DOMAIN_COMMON_BUFFER_LARGE_PAGE
 * @cache_type: MmCached or MmNonCached; NULL: the platform decides
 * @preferred_node: node whose memory is wanted; a hint
 * @logical_address: receives the address that all members know it by
 * @virtual_address: receives the processor's
 *
 * Freed by FreeCommonBuffer, for all members at once. Both outputs are untouched on failure.
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER: a length of 0, no place for an output, unknown
 * flags or cache type, a maximum below the length, a dead or NULL adapter;
 * STATUS_INVALID_PARAMETER_2: no live domain; STATUS_ACCESS_DENIED: the device is not in it, or
 * a controller does its DMA; STATUS_INSUFFICIENT_RESOURCES: no memory, or none within all limits.
 */
NTSTATUS wdmdma_allocate_domain_common_buffer(PDMA_ADAPTER dma_adapter, HANDLE domain_handle,
					      PPHYSICAL_ADDRESS maximum_address, ULONG length,
					      ULONG flags, PMEMORY_CACHING_TYPE cache_type,
					      NODE_REQUIREMENT preferred_node,
					      PPHYSICAL_ADDRESS logical_address,
					      PVOID *virtual_address)
{
	struct wd_adapter *adapter = wd_adapter_get(dma_adapter, "AllocateDomainCommonBuffer");
	struct wd_buffer_wish wish = {
		.bytes = length,
		.last_address = maximum_address ? maximum_address->QuadPart : U64_MAX,
		.node = preferred_node < nr_node_ids && node_online(preferred_node) ?
			preferred_node : NUMA_NO_NODE,
		.large_pages = flags & DOMAIN_COMMON_BUFFER_LARGE_PAGE,
	};
	NTSTATUS status = STATUS_INVALID_PARAMETER;
	struct wd_domain *domain;
	struct wd_buffer *buffer;

	if (!adapter)
		return status;
	if (!length || !logical_address || !virtual_address ||
	    flags & ~DOMAIN_COMMON_BUFFER_LARGE_PAGE ||
	    (cache_type && *cache_type != MmCached && *cache_type != MmNonCached))
		goto out;
	if (cache_type)
		wish.cache = *cache_type == MmCached ? WD_CACHE_CACHED : WD_CACHE_UNCACHED;

	mutex_lock(&wd_domains_mutex);
	domain = wd_domain_find(domain_handle);
	if (!domain) {
		status = STATUS_INVALID_PARAMETER_2;
	} else if (adapter->system || wd_domain_current(adapter->wdev) != domain) {
		status = STATUS_ACCESS_DENIED;
	} else {
		buffer = wd_domain_alloc(adapter, domain, &wish);
		status = wdmdma_status(PTR_ERR_OR_ZERO(buffer));
		if (!IS_ERR(buffer)) {
			logical_address->QuadPart = buffer->dma;
			*virtual_address = buffer->va;
			wd_buffer_publish(buffer);
		}
	}
	mutex_unlock(&wd_domains_mutex);
out:
	wd_adapter_put(adapter);
	return status;
}
