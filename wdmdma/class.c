// SPDX-License-Identifier: GPL-2.0-only
/*
 * How an adapter maps, decided once, when it is made:
 *
 *	direct		untranslated, and the device reaches all memory: mapping cannot fail, unless
 *			the platform bounces everything (a forced swiotlb)
 *	translated	behind an IOMMU: mapping may fail for a while
 *	bounced		an untranslated device that cannot reach all memory, or needs one
 *			contiguous window: what it reaches is mapped directly, the rest copied
 *			through pages of wdmdma's own (bounce.c)
 *
 * For a device that is not coherent the platform may copy what is shorter than two cache lines, for
 * it may share one with something else (arm64, from 6.5 on). Own pages are used instead where there
 * are some; to the other classes it happens, and mapping may fail for a while.
 *
 * A swiotlb is never asked for a device that it may not suit: with less than 32 bits of reach its
 * pool can lie out of reach, so where bouncing is forced such a device gets own pages only.
 *
 * A struct device has one DMA mask, its adapters each have a reach. Translated addresses come from
 * below the mask, so the mask is the narrowest reach of the adapters alive; common buffers get the
 * reach of their own adapter for the duration of the allocation. wdmdma narrows what the host
 * driver set and never widens it.
 */
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/swiotlb.h>

#include "inject.h"
#include "internal.h"

/* The most promised where the swiotlb must hold it: 16 MiB at any offset. */
#define WD_SWIOTLB_REGS_MAX	4097U
/* One transfer gets at most this part of the addresses that a translated device reaches. */
#define WD_TRANSLATED_SHARE	8

/* A controller's limits are its own driver's; what wdmdma.h sets narrows them for this device. */
static u64 wd_class_host_limit(const struct wd_adapter *adapter)
{
	u64 mask = adapter->system ? dma_get_mask(adapter->dev) : adapter->wdev->host_mask;

	mask = min_not_zero(mask, adapter->dev->bus_dma_limit);
	return min_not_zero(mask, (u64)adapter->wdev->limits.last_address);
}

/*
 * Unset means 64 KiB to the DMA API, which would cut what the device can take. PCI's core sets just
 * that for every device, so there it says nothing; a host that means it sets the limit of wdmdma.h.
 */
static unsigned int wd_class_max_seg(const struct wd_adapter *adapter)
{
	const struct wd_device *wdev = adapter->wdev;
	unsigned int limit = wdev->limits.segment_bytes ? : UINT_MAX;

	if (adapter->system)
		return min(limit, dma_get_max_seg_size(adapter->dev));
	if (!wdev->dev->dma_parms)
		return min(limit, dma_get_max_seg_size(wdev->dev));
	if (!wdev->host_max_seg || (dev_is_pci(wdev->dev) && wdev->host_max_seg == SZ_64K))
		return limit;
	return min(limit, wdev->host_max_seg);
}

/* The line of addresses that no segment crosses: many devices count them in 32 bits. */
static u64 wd_class_boundary(u64 host_boundary)
{
	return min_not_zero(host_boundary, (u64)DMA_BIT_MASK(32));
}

/**
 * wd_class_note_host() - remember the limits that the host driver has set
 * @wdev: has no adapter
 *
 * Context: Process, wd_device.mutex held.
 */
void wd_class_note_host(struct wd_device *wdev)
{
	struct device_dma_parameters *parms = wdev->dev->dma_parms;

	lockdep_assert_held(&wdev->mutex);
	wdev->host_mask = dma_get_mask(wdev->dev);
	wdev->claimed_mask = wdev->host_mask;
	wdev->host_max_seg = parms ? parms->max_segment_size : 0;
	wdev->host_boundary = parms ? parms->segment_boundary_mask : 0;
}

/* A mask that is not what wdmdma left was set by the host driver meanwhile. */
static void wd_class_follow_host(struct wd_device *wdev)
{
	if (dma_get_mask(wdev->dev) != wdev->claimed_mask)
		wdev->host_mask = dma_get_mask(wdev->dev);
}

/* Does the device need one range of addresses that the IOMMU cannot make of any pages? */
static bool wd_class_needs_copy(const struct wd_adapter *adapter, bool platform_bounces)
{
	unsigned long granule = dma_get_merge_boundary(adapter->dev);

	return !adapter->scatter_gather && (platform_bounces || !granule || granule >= PAGE_SIZE);
}

static void wd_class_decide(struct wd_adapter *adapter)
{
	bool force_bounce = adapter->wdev->limits.force_bounce || wd_injects_bouncing(adapter);
	struct device *dev = adapter->dev;
	bool forced;

	adapter->copies_small = IS_ENABLED(CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC) &&
				!dev_is_dma_coherent(dev);
	adapter->is_translated = wd_iommu_translates(dev);
	if (adapter->is_translated) {
		adapter->platform_bounces = dma_max_mapping_size(dev) != SIZE_MAX;
		adapter->class = WDMDMA_TRANSLATED;
		if (force_bounce || wd_class_needs_copy(adapter, adapter->platform_bounces))
			adapter->class = WDMDMA_BOUNCED;
		adapter->can_fail = true;
		/* What the IOMMU does not join is copied whole. */
		adapter->bounces_all = true;
		return;
	}
	forced = is_swiotlb_force_bounce(dev);
	adapter->bus_differs = IS_ENABLED(CONFIG_ARCH_HAS_PHYS_TO_DMA) || dev->dma_range_map;
	adapter->class = WDMDMA_DIRECT;
	if (!adapter->scatter_gather || force_bounce ||
	    adapter->last_address < dma_get_required_mask(dev) ||
	    (forced && adapter->last_address < DMA_BIT_MASK(32)))
		adapter->class = WDMDMA_BOUNCED;
	adapter->bounces_all = forced || force_bounce;
	adapter->platform_bounces = forced && adapter->class == WDMDMA_DIRECT;
	adapter->can_fail = adapter->platform_bounces || adapter->copies_small;
}

static int wd_class_set_runs(struct wd_adapter *adapter, u64 max_run, u64 line)
{
	if (adapter->platform_bounces)
		max_run = min_t(u64, max_run, dma_max_mapping_size(adapter->dev));
	if (wd_fragments(adapter))
		max_run = min_t(u64, max_run, PAGE_SIZE);
	adapter->max_run_bytes = min3(max_run, line + 1, (u64)SZ_2G) & PAGE_MASK;
	adapter->line_pfn_mask = line >> PAGE_SHIFT;
	return adapter->max_run_bytes ? 0 : -EIO;
}

/* The line that no segment of the adapter crosses */
static u64 wd_class_line(const struct wd_adapter *adapter)
{
	return wd_class_boundary(adapter->system ? dma_get_seg_boundary(adapter->dev) :
				 adapter->wdev->host_boundary);
}

/**
 * wd_class_keep_runs() - let an adapter have runs of addresses as long as its own device takes
 * @adapter: has nothing mapped; its max_seg is set
 *
 * Context: Process, wd_device.mutex held.
 * Return: 0; -EIO when that is below a page.
 */
int wd_class_keep_runs(struct wd_adapter *adapter)
{
	return wd_class_set_runs(adapter, adapter->max_seg, wd_class_line(adapter));
}

/**
 * wd_class_choose() - decide how an adapter maps
 * @adapter: scatter_gather and last_address (the description's) are set; the rest is filled
 *
 * Context: Process, wd_device.mutex held.
 * Return: 0; -EIO when the device's segment limit is below a page.
 */
int wd_class_choose(struct wd_adapter *adapter)
{
	struct device *dev = adapter->dev;
	int ret;

	lockdep_assert_held(&adapter->wdev->mutex);

	wd_class_follow_host(adapter->wdev);
	adapter->last_address = min(adapter->last_address, wd_class_host_limit(adapter));
	wd_class_decide(adapter);
	adapter->max_seg = wd_class_max_seg(adapter);
	adapter->bounces_pages = adapter->class == WDMDMA_BOUNCED && adapter->scatter_gather;
	ret = wd_class_keep_runs(adapter);
	if (ret)
		return ret;
	/*
	 * With no cache to maintain and no swiotlb in play the attribute changes nothing for the
	 * device. It tells dma-debug that two live mappings may share a cache line, which Windows
	 * drivers may rely on.
	 */
	adapter->attrs = DMA_ATTR_NO_WARN;
	if (dev_is_dma_coherent(dev) && !adapter->platform_bounces)
		adapter->attrs |= DMA_ATTR_SKIP_CPU_SYNC;
	return 0;
}

/**
 * wd_class_most_regs() - map registers that one transfer can always be given
 * @adapter: classified
 *
 * Translated addresses come in blocks of a power of two from what the device reaches, so a transfer
 * must leave room for others. Without scatter/gather it is one block that no limit cuts.
 */
u32 wd_class_most_regs(const struct wd_adapter *adapter)
{
	u64 regs = U32_MAX;

	if (adapter->class == WDMDMA_TRANSLATED)
		regs = min(regs, (adapter->last_address >> PAGE_SHIFT) / WD_TRANSLATED_SHARE);
	if (adapter->platform_bounces)
		regs = min(regs, (u64)WD_SWIOTLB_REGS_MAX);
	if (!adapter->scatter_gather)
		regs = min(regs, (u64)adapter->max_run_bytes >> PAGE_SHIFT);
	return regs;
}

/**
 * wd_class_alignment() - bytes to which buffers should be aligned; 1 on a coherent device
 * @adapter: classified
 */
u32 wd_class_alignment(const struct wd_adapter *adapter)
{
	return dev_is_dma_coherent(adapter->dev) ? 1 : dma_get_cache_alignment();
}

/**
 * wd_class_claim_masks() - set the device's DMA limits to what its live adapters need
 * @wdev: its adapter list has just changed
 *
 * With no adapter left, nor a device that maps as this one, the device gets back what its host
 * driver had set. Adapters for system DMA do not count: a controller does it.
 *
 * Context: Process, wd_device.mutex held.
 * Return: 0, or the errno of dma_set_mask().
 */
int wd_class_claim_masks(struct wd_device *wdev)
{
	struct device *dev = wdev->dev;
	u32 max_seg = UINT_MAX;
	struct wd_adapter *adapter;
	bool is_used = false;
	int ret = 0;
	u64 mask;

	lockdep_assert_held(&wdev->mutex);
	wd_class_follow_host(wdev);
	mask = wdev->host_mask;
	if (wdev->nr_mapped_as) {
		is_used = true;
		max_seg = wdev->mapped_as_max_seg;
		mask = min(mask, wdev->mapped_as_reach);
	}
	list_for_each_entry(adapter, &wdev->adapters, node) {
		if (adapter->system)
			continue;
		is_used = true;
		max_seg = min(max_seg, adapter->max_seg);
		if (adapter->is_translated)
			mask = min(mask, adapter->last_address);
	}
	if (dev->dma_parms && !is_used) {
		dev->dma_parms->max_segment_size = wdev->host_max_seg;
		dev->dma_parms->segment_boundary_mask = wdev->host_boundary;
	} else if (dev->dma_parms) {
		dma_set_max_seg_size(dev, max_seg);
		dma_set_seg_boundary(dev, wd_class_boundary(wdev->host_boundary));
	}

	if (mask != dma_get_mask(dev))
		ret = dma_set_mask(dev, mask);
	wdev->claimed_mask = dma_get_mask(dev);
	return ret;
}

/**
 * wd_class_claim_as() - let an adapter map as another device, which must suit it
 * @adapter: classified, has nothing mapped; its device has joined the domain of the other
 * @owner: that one
 *
 * The addresses that the owner is given, and how they are joined and cut, must be good for the
 * adapter as they are, for the owner may be using some. What it takes into account stays so until
 * no device maps as the owner any more.
 *
 * Context: Process, the wd_device.mutex of both held.
 * Return: 0; -EOPNOTSUPP when the owner is given addresses that the adapter does not reach, longer
 * segments than it takes, or shorter ones than it needs; the errno of dma_set_mask().
 */
int wd_class_claim_as(struct wd_adapter *adapter, struct wd_device *owner)
{
	unsigned int max_seg = dma_get_max_seg_size(owner->dev);
	u64 line = dma_get_seg_boundary(owner->dev);

	lockdep_assert_held(&owner->mutex);
	if (adapter->last_address < dma_get_mask(owner->dev) || adapter->max_seg < max_seg ||
	    wd_class_line(adapter) < line)
		return -EOPNOTSUPP;
	if (wd_class_set_runs(adapter, max_seg, line) ||
	    wd_class_most_regs(adapter) < max(adapter->max_regs, WD_REGS_FLOOR))
		return -EOPNOTSUPP;
	owner->mapped_as_reach = min(owner->mapped_as_reach, adapter->last_address);
	owner->mapped_as_max_seg = min(owner->mapped_as_max_seg, adapter->max_seg);
	return wd_class_claim_masks(owner);
}
