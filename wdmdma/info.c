// SPDX-License-Identifier: GPL-2.0-only
/*
 * What version 3 tells before a transfer: GetDmaAdapterInfo, GetDmaTransferInfo. Nothing is mapped,
 * allocated or locked.
 */
#include <linux/bitops.h>

#include "internal.h"
#include "irql.h"
#include "list.h"
#include "ops.h"
#include "status.h"
#include "system.h"
#include "walk.h"

static DMA_ADAPTER_INFO_V1 wd_adapter_info(const struct wd_adapter *adapter)
{
	DMA_ADAPTER_INFO_V1 info = {
		.ReadDmaCounterAvailable = FALSE,
		.ScatterGatherLimit = adapter->scatter_gather ? MAXULONG : 1,
		.DmaAddressWidth = fls64(adapter->last_address),
		.MinimumTransferUnit = 1,
	};

	return info;
}

/**
 * wdmdma_get_dma_adapter_info() - what an adapter can do (GetDmaAdapterInfo)
 * @dma_adapter: the adapter
 * @adapter_info: Version is DMA_ADAPTER_INFO_VERSION1 or 0; V1 is filled, on success only
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: STATUS_SUCCESS; STATUS_NOT_SUPPORTED: another version; STATUS_INVALID_PARAMETER: no
 * place, or a dead or NULL adapter.
 */
NTSTATUS wdmdma_get_dma_adapter_info(PDMA_ADAPTER dma_adapter, PDMA_ADAPTER_INFO adapter_info)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "GetDmaAdapterInfo");
	NTSTATUS status = STATUS_SUCCESS;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (!adapter_info)
		status = STATUS_INVALID_PARAMETER;
	else if (adapter_info->Version > DMA_ADAPTER_INFO_VERSION1)
		status = STATUS_NOT_SUPPORTED;
	else
		adapter_info->V1 = adapter->system ? wd_system_info(adapter) :
						     wd_adapter_info(adapter);
	wd_adapter_leave();
	return status;
}

/* Registers and elements of a range; the latter no fewer than any part of it will make. */
static int wd_transfer_info(struct wd_adapter *adapter, PMDL mdl, u64 offset, u32 bytes, u32 *regs,
			    u32 *elements)
{
	struct wd_range range;
	u32 unused_pages;
	bool unused;
	int ret;

	*regs = 0;
	*elements = 0;
	if (mdl && !bytes)
		return 0;
	ret = wd_range_init(&range, mdl, offset, bytes);
	if (ret)
		return ret;
	*regs = range.regs;
	/* What has no page frames yet may turn out to be a run for each page. */
	*elements = adapter->scatter_gather ? range.regs : range.nr_pieces;
	if (!adapter->scatter_gather || !range.is_ready)
		return 0;
	return wd_list_count(adapter, range, DMA_NONE, elements, &unused_pages, &unused);
}

/**
 * wdmdma_get_dma_transfer_info() - what a transfer will need (GetDmaTransferInfo)
 * @dma_adapter: the adapter
 * @mdl: first MDL of a chain
 * @offset: of the first byte, counted from the start of @mdl over the chain
 * @length: bytes
 * @write_only: ignored: reading takes the same
 * @transfer_info: Version is 0, 1 or 2; its part of that version (0 is 1) is filled on success
 *
 * Context: <= DISPATCH_LEVEL, does not sleep.
 * Return: STATUS_SUCCESS; STATUS_NOT_SUPPORTED: another version; STATUS_BUFFER_TOO_SMALL: the range
 * ends behind the chain; STATUS_INVALID_PARAMETER: no place, no MDL, @offset behind the chain, or a
 * dead or NULL adapter; STATUS_INSUFFICIENT_RESOURCES: a common buffer that the device cannot use.
 */
NTSTATUS wdmdma_get_dma_transfer_info(PDMA_ADAPTER dma_adapter, PMDL mdl, ULONGLONG offset,
				      ULONG length, BOOLEAN write_only,
				      PDMA_TRANSFER_INFO transfer_info)
{
	struct wd_adapter *adapter = wd_adapter_enter(dma_adapter, "GetDmaTransferInfo");
	u32 regs, elements;
	int ret = -EINVAL;

	if (!adapter)
		return STATUS_INVALID_PARAMETER;
	if (!transfer_info)
		goto leave;
	ret = -EOPNOTSUPP;
	if (transfer_info->Version > DMA_TRANSFER_INFO_VERSION2)
		goto leave;
	ret = wd_transfer_info(adapter, mdl, offset, length, &regs, &elements);
	if (ret)
		goto leave;
	transfer_info->V1.MapRegisterCount = regs;
	transfer_info->V1.ScatterGatherElementCount = elements;
	transfer_info->V1.ScatterGatherListSize = wd_list_size(regs);
	if (transfer_info->Version == DMA_TRANSFER_INFO_VERSION2)
		transfer_info->V2.LogicalPageCount = regs;
leave:
	wd_adapter_leave();
	return wdmdma_status(ret == -ERANGE ? -EINVAL : ret);
}
