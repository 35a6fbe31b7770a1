// SPDX-License-Identifier: GPL-2.0-only
/*
 * CreateCommonBufferFromMdl: memory that the driver has already becomes a common buffer.
 *
 *	portion	the part of an MDL that is to become a buffer: whole pages of one MDL
 *
 * Behind an IOMMU any pages can be made one range; elsewhere they are where they are, and only
 * looked at. A copy would be no common buffer, so where the platform would make one the call fails
 * and the driver allocates a buffer instead.
 */
#include <linux/minmax.h>
#include <linux/slab.h>

#include "buffer.h"
#include "ops.h"
#include "status.h"
#include "verifier.h"
#include "walk.h"

/* What the configurations say. */
struct wd_mdl_wish {
	u64 first_address, last_address;
	u64 offset;
	u32 bytes;			/* 0: the whole MDL */
	enum dma_data_direction direction;
};

struct wd_portion {
	const PFN_NUMBER *pfns;
	void *va;
	u32 bytes;
	const MDL *mdl;
};

static int wd_mdl_wish_access(DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION_ACCESS_TYPE type,
			      enum dma_data_direction *direction)
{
	switch (type) {
	case CommonBufferHardwareAccessReadOnly:
		*direction = DMA_TO_DEVICE;
		return 0;
	case CommonBufferHardwareAccessWriteOnly:
		*direction = DMA_FROM_DEVICE;
		return 0;
	case CommonBufferHardwareAccessReadWrite:
		*direction = DMA_BIDIRECTIONAL;
		return 0;
	default:
		return -EINVAL;
	}
}

static int wd_mdl_wish_apply(struct wd_mdl_wish *wish,
			     const DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION *config)
{
	switch (config->ConfigType) {
	case CommonBufferConfigTypeLogicalAddressLimits:
		wish->first_address = config->LogicalAddressLimits.MinimumAddress.QuadPart;
		wish->last_address = config->LogicalAddressLimits.MaximumAddress.QuadPart;
		return wish->first_address > wish->last_address ? -EINVAL : 0;
	case CommonBufferConfigTypeSubSection:
		wish->offset = config->SubSection.Offset;
		wish->bytes = config->SubSection.Length;
		return wish->bytes && IS_ALIGNED(wish->offset | wish->bytes, PAGE_SIZE) ? 0 :
											  -EINVAL;
	case CommonBufferConfigTypeHardwareAccessPermissions:
		return wd_mdl_wish_access(config->HardwareAccessType, &wish->direction);
	default:
		return -EINVAL;
	}
}

/* No configuration may be there twice, so few are looked at however many there are. */
static int wd_mdl_wish_init(struct wd_mdl_wish *wish,
			    const DMA_COMMON_BUFFER_EXTENDED_CONFIGURATION *configs, u32 count)
{
	unsigned long seen = 0;
	int ret = 0;
	u32 i;

	*wish = (struct wd_mdl_wish){
		.last_address = U64_MAX,
		.direction = DMA_BIDIRECTIONAL,
	};
	if (count && !configs)
		return -EINVAL;
	for (i = 0; i < count && !ret; i++) {
		ret = wd_mdl_wish_apply(wish, &configs[i]);
		if (!ret && seen & BIT(configs[i].ConfigType))
			ret = -EINVAL;
		if (!ret)
			seen |= BIT(configs[i].ConfigType);
	}
	return ret;
}

/* Finds the part of the chain, which must lie inside one MDL. */
static int wd_portion_find(PMDL mdl, const struct wd_mdl_wish *wish, struct wd_portion *portion)
{
	struct wd_range range;
	u64 byte;

	if (!wish->bytes && mdl->Next)
		return -EINVAL;
	if (wd_range_init(&range, mdl, wish->offset, wish->bytes ? : mdl->ByteCount) ||
	    range.left > range.mdl->ByteCount - range.offset)
		return -EINVAL;
	byte = range.mdl->ByteOffset + range.offset;
	*portion = (struct wd_portion){
		.mdl = range.mdl,
		.pfns = MmGetMdlPfnArray(range.mdl) + (byte >> PAGE_SHIFT),
		.va = range.mdl->MappedSystemVa + range.offset,
		.bytes = range.left,
	};
	return IS_ALIGNED(byte | range.left, PAGE_SIZE) ? 0 : -EINVAL;
}

/* Resident, mapped where the kernel finds it, and memory? */
static bool wd_portion_is_fit(const struct wd_portion *portion)
{
	const CSHORT flags = portion->mdl->MdlFlags;
	u32 i;

	if (!(flags & (MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL)) ||
	    !(flags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL |
		       MDL_PARENT_MAPPED_SYSTEM_VA)) ||
	    flags & MDL_IO_SPACE || !portion->mdl->MappedSystemVa ||
	    !IS_ALIGNED((ULONG_PTR)portion->va, PAGE_SIZE))
		return false;
	for (i = 0; i < portion->bytes >> PAGE_SHIFT; i++)
		if (!pfn_valid(portion->pfns[i]))
			return false;
	return true;
}

/* Is it memory of a common buffer that was allocated? */
static bool wd_portion_is_common(struct wd_device *wdev, const struct wd_portion *portion)
{
	struct wd_buffer *buffer;
	bool is_common = false;

	spin_lock_irq(&wdev->buffers_lock);
	for (buffer = wd_buffer_first(wdev, portion->va, portion->bytes);
	     buffer && !is_common;
	     buffer = wd_buffer_next(buffer, portion->va, portion->bytes))
		is_common = buffer->memory != WD_MEMORY_MDL;
	spin_unlock_irq(&wdev->buffers_lock);
	return is_common;
}

static bool wd_portion_has_frames(const struct wd_portion *portion, unsigned long first,
				  unsigned long last)
{
	u32 i;

	for (i = 0; i < portion->bytes >> PAGE_SHIFT; i++)
		if (portion->pfns[i] >= first && portion->pfns[i] <= last)
			return true;
	return false;
}

/* Are some of the pages, wherever they are mapped, in a buffer of this adapter's already? */
static bool wd_portion_is_used(struct wd_adapter *adapter, const struct wd_portion *portion)
{
	struct wd_buffer *buffer;
	struct scatterlist *sg;
	unsigned int i;

	lockdep_assert_held(&adapter->wdev->mutex);
	list_for_each_entry(buffer, &adapter->wdev->mdl_buffers, mdl_node) {
		if (buffer->adapter_id != adapter->id || READ_ONCE(buffer->removed))
			continue;
		for_each_sgtable_sg(&buffer->sgt, sg, i) {
			unsigned long first = page_to_pfn(sg_page(sg));

			if (wd_portion_has_frames(portion, first,
						  first + (sg->length >> PAGE_SHIFT) - 1))
				return true;
			cond_resched();
		}
	}
	return false;
}

static int wd_mdl_map(struct wd_buffer *buffer, const struct wd_portion *portion,
		      const struct wd_buffer_wish *wish)
{
	struct wd_device *wdev = buffer->wdev;
	int ret = -EINVAL;

	mutex_lock(&wdev->mutex);
	/* Whose mask it is that the mapping may lower */
	if (wdev->map_as != wdev)
		mutex_lock_nested(&wdev->map_as->mutex, SINGLE_DEPTH_NESTING);
	if (!wd_portion_is_common(wdev, portion) &&
	    !wd_portion_is_used(buffer->adapter, portion))
		ret = wd_memory_map(buffer, portion->pfns, wish);
	if (!ret)
		list_add(&buffer->mdl_node, &wdev->mdl_buffers);
	if (wdev->map_as != wdev)
		mutex_unlock(&wdev->map_as->mutex);
	mutex_unlock(&wdev->mutex);
	return ret;
}

/**
 * wd_buffer_unmap() - undo what made a common buffer of an MDL
 * @buffer: its record has been removed
 *
 * Context: Process, may sleep.
 */
void wd_buffer_unmap(struct wd_buffer *buffer)
{
	struct wd_device *wdev = buffer->wdev;

	mutex_lock(&wdev->mutex);
	list_del(&buffer->mdl_node);
	mutex_unlock(&wdev->mutex);
	wd_memory_free(buffer);
}

/* Can the limits hold the buffer at all, and the system what the device is to be kept from? */
static int wd_mdl_fit_wish(const struct wd_adapter *adapter, const struct wd_mdl_wish *wish,
			   struct wd_buffer_wish *fitted)
{
	int ret;

	if (wish->direction != DMA_BIDIRECTIONAL && !adapter->is_translated)
		return -EOPNOTSUPP;
	fitted->first_address = wish->first_address;
	fitted->last_address = wish->last_address;
	ret = wd_buffer_fit_wish(adapter, fitted);
	/* Out of reach: of memory where it is, or of what the DMA API can be asked for. */
	if (ret == -ENOMEM)
		ret = adapter->is_translated ? -EOPNOTSUPP : -EINVAL;
	return ret;
}

static int wd_mdl_create(struct wd_adapter *adapter, const struct wd_mdl_wish *wish,
			 const struct wd_portion *portion, u64 *address)
{
	struct wd_buffer_wish fitted = { .bytes = portion->bytes };
	struct wd_buffer *buffer;
	int ret = wd_mdl_fit_wish(adapter, wish, &fitted);

	if (ret)
		return ret;
	buffer = wd_buffer_new(adapter, portion->bytes, portion->bytes);
	if (!buffer)
		return -ENOMEM;
	buffer->va = portion->va;
	buffer->mdl_va = portion->mdl->MappedSystemVa;
	buffer->mdl_bytes = portion->mdl->ByteCount;
	buffer->direction = wish->direction;
	ret = wd_mdl_map(buffer, portion, &fitted);
	if (ret) {
		wd_buffer_abandon(buffer);
		return ret;
	}
	*address = buffer->dma;
	wd_buffer_publish(buffer);
	return 0;
}

/**
 * wdmdma_create_common_buffer_from_mdl() - make memory of the driver's a common buffer
 * (CreateCommonBufferFromMdl)
 * @dma_adapter: the adapter
 * @mdl: locked or nonpaged, and mapped; of whole pages
 * @configs: what is asked for, each kind at most once: limits of the logical address, a part of
 * the chain, and what the device may do
 * @configs_count: entries of @configs
 * @logical_address: receives the device's address, untouched on failure
 *
 * The memory stays the driver's, who frees the buffer (FreeCommonBuffer, with the length of the
 * part) before he unlocks or frees it. On a device that is not coherent he flushes it, too
 * (FlushDmaBuffer).
 *
 * Context: PASSIVE_LEVEL, may sleep.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER for memory or configurations that do not fit, a
 * device that would get a copy, or a dead or NULL adapter; STATUS_NOT_SUPPORTED without an IOMMU
 * for a buffer that the device may only read or only write, and with one for a lowest address that
 * the kernel did not meet; STATUS_INSUFFICIENT_RESOURCES for want of memory or addresses. A driver
 * allocates a common buffer then.
 */
NTSTATUS wdmdma_create_common_buffer_from_mdl(PDMA_ADAPTER dma_adapter, PMDL mdl,
					      PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION configs,
					      ULONG configs_count,
					      PPHYSICAL_ADDRESS logical_address)
{
	struct wd_adapter *adapter = wd_adapter_get(dma_adapter, "CreateCommonBufferFromMdl");
	struct wd_portion portion;
	struct wd_mdl_wish wish;
	u64 address;
	int ret = -EINVAL;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (mdl && logical_address)
		ret = wd_mdl_wish_init(&wish, configs, configs_count);
	if (!ret)
		ret = wd_portion_find(mdl, &wish, &portion);
	if (wd_verifies(adapter) && !ret)
		wd_check_from_mdl(adapter, portion.mdl);
	if (!ret && !wd_portion_is_fit(&portion))
		ret = -EINVAL;
	if (!ret)
		ret = wd_mdl_create(adapter, &wish, &portion, &address);
	if (!ret)
		logical_address->QuadPart = address;
	wd_adapter_put(adapter);
	return wdmdma_status(ret);
}
