// SPDX-License-Identifier: GPL-2.0-only
/*
 * THE MAP: which function serves which member of DMA_OPERATIONS, for each table version.
 *
 * Every table is allocated in full, so that a driver may look at a member of a later version and
 * find NULL. Size says where its own version ends, and every member below Size is there.
 */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/stddef.h>

#include "ops.h"

#define WD_TABLE_SIZE(last) offsetofend(DMA_OPERATIONS, last)

#define WD_MEMBERS_V1							\
	.PutDmaAdapter		= wdmdma_put_dma_adapter,		\
	.AllocateCommonBuffer	= wdmdma_allocate_common_buffer,	\
	.FreeCommonBuffer	= wdmdma_free_common_buffer,		\
	.AllocateAdapterChannel	= wdmdma_allocate_adapter_channel,	\
	.FlushAdapterBuffers	= wdmdma_flush_adapter_buffers,		\
	.FreeAdapterChannel	= wdmdma_free_adapter_channel,		\
	.FreeMapRegisters	= wdmdma_free_map_registers,		\
	.MapTransfer		= wdmdma_map_transfer,			\
	.GetDmaAlignment	= wdmdma_get_dma_alignment,		\
	.ReadDmaCounter		= wdmdma_read_dma_counter,		\
	.GetScatterGatherList	= wdmdma_get_scatter_gather_list,	\
	.PutScatterGatherList	= wdmdma_put_scatter_gather_list

#define WD_MEMBERS_V2								\
	WD_MEMBERS_V1,								\
	.CalculateScatterGatherList	= wdmdma_calculate_scatter_gather_list,	\
	.BuildScatterGatherList		= wdmdma_build_scatter_gather_list,	\
	.BuildMdlFromScatterGatherList	= wdmdma_build_mdl_from_scatter_gather_list

#define WD_MEMBERS_V3								\
	WD_MEMBERS_V2,								\
	.GetDmaAdapterInfo	= wdmdma_get_dma_adapter_info,			\
	.GetDmaTransferInfo	= wdmdma_get_dma_transfer_info,			\
	.InitializeDmaTransferContext = wdmdma_initialize_dma_transfer_context,	\
	.AllocateCommonBufferEx	= wdmdma_allocate_common_buffer_ex,		\
	.AllocateAdapterChannelEx = wdmdma_allocate_adapter_channel_ex,		\
	.ConfigureAdapterChannel = wdmdma_configure_adapter_channel,		\
	.CancelAdapterChannel	= wdmdma_cancel_adapter_channel,		\
	.MapTransferEx		= wdmdma_map_transfer_ex,			\
	.GetScatterGatherListEx	= wdmdma_get_scatter_gather_list_ex,		\
	.BuildScatterGatherListEx = wdmdma_build_scatter_gather_list_ex,	\
	.FlushAdapterBuffersEx	= wdmdma_flush_adapter_buffers_ex,		\
	.FreeAdapterObject	= wdmdma_free_adapter_object,			\
	.CancelMappedTransfer	= wdmdma_cancel_mapped_transfer,		\
	.AllocateDomainCommonBuffer = wdmdma_allocate_domain_common_buffer,	\
	.JoinDmaDomain		= wdmdma_join_dma_domain,			\
	.LeaveDmaDomain		= wdmdma_leave_dma_domain,			\
	.GetDmaDomain		= wdmdma_get_dma_domain,				\
	.FlushDmaBuffer		= wdmdma_flush_dma_buffer,			\
	.AllocateCommonBufferWithBounds = wdmdma_allocate_common_buffer_with_bounds, \
	.AllocateCommonBufferVector = wdmdma_allocate_common_buffer_vector,	\
	.GetCommonBufferFromVectorByIndex = wdmdma_get_common_buffer_from_vector_by_index, \
	.FreeCommonBufferFromVector = wdmdma_free_common_buffer_from_vector,	\
	.FreeCommonBufferVector	= wdmdma_free_common_buffer_vector,		\
	.CreateCommonBufferFromMdl = wdmdma_create_common_buffer_from_mdl

static const DMA_OPERATIONS wd_ops_v1 = {
	.Size = WD_TABLE_SIZE(PutScatterGatherList),
	WD_MEMBERS_V1,
};

static const DMA_OPERATIONS wd_ops_v2 = {
	.Size = WD_TABLE_SIZE(BuildMdlFromScatterGatherList),
	WD_MEMBERS_V2,
};

static const DMA_OPERATIONS wd_ops_v3 = {
	.Size = sizeof(DMA_OPERATIONS),
	WD_MEMBERS_V3,
};

/**
 * wd_ops_for_version() - the table of a DEVICE_DESCRIPTION version
 * @description_version: DEVICE_DESCRIPTION.Version
 *
 * Return: the table, or NULL for a version that is not offered.
 */
const DMA_OPERATIONS *wd_ops_for_version(ULONG description_version)
{
	switch (description_version) {
	case DEVICE_DESCRIPTION_VERSION:
	case DEVICE_DESCRIPTION_VERSION1:
		return &wd_ops_v1;
	case DEVICE_DESCRIPTION_VERSION2:
		return &wd_ops_v2;
	case DEVICE_DESCRIPTION_VERSION3:
		return &wd_ops_v3;
	default:
		return NULL;
	}
}

static bool wd_ops_is_whole(const DMA_OPERATIONS *ops)
{
	const void * const *member = (const void *)&ops->PutDmaAdapter;
	const void *end = (const void *)ops + ops->Size;

	for (; (const void *)member < end; member++)
		if (!*member)
			return false;
	return true;
}

/**
 * wd_ops_check() - is there a function for every member that a table's Size promises?
 *
 * Return: 0, or -EINVAL, which stops the module from loading.
 */
int __init wd_ops_check(void)
{
	return wd_ops_is_whole(&wd_ops_v1) && wd_ops_is_whole(&wd_ops_v2) &&
	       wd_ops_is_whole(&wd_ops_v3) ? 0 : -EINVAL;
}
