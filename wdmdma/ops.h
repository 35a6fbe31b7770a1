/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The edge: one function for each table member, named like it. Each asserts its IRQL, finds its
 * adapter, makes one core call and turns the result into what the caller expects.
 */
#ifndef WDMDMA_OPS_H
#define WDMDMA_OPS_H

#include <wdmdma/types.h>
#include <wdmdma/io.h>
#include <wdmdma/dma.h>

int wd_ops_check(void);
const struct _DMA_OPERATIONS *wd_ops_for_version(ULONG description_version);

/* adapter.c */
VOID wdmdma_put_dma_adapter(PDMA_ADAPTER dma_adapter);
ULONG wdmdma_get_dma_alignment(PDMA_ADAPTER dma_adapter);

/* common_buffer.c */
PVOID wdmdma_allocate_common_buffer(PDMA_ADAPTER dma_adapter, ULONG length,
				    PPHYSICAL_ADDRESS logical_address, BOOLEAN cache_enabled);
VOID wdmdma_free_common_buffer(PDMA_ADAPTER dma_adapter, ULONG length,
			       PHYSICAL_ADDRESS logical_address, PVOID virtual_address,
			       BOOLEAN cache_enabled);

/* channel.c */
NTSTATUS wdmdma_allocate_adapter_channel(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					 ULONG number_of_map_registers,
					 PDRIVER_CONTROL execution_routine, PVOID context);
VOID wdmdma_free_adapter_channel(PDMA_ADAPTER dma_adapter);
VOID wdmdma_free_map_registers(PDMA_ADAPTER dma_adapter, PVOID map_register_base,
			       ULONG number_of_map_registers);

/* transfer.c */
PHYSICAL_ADDRESS wdmdma_map_transfer(PDMA_ADAPTER dma_adapter, PMDL mdl, PVOID map_register_base,
				     PVOID current_va, PULONG length, BOOLEAN write_to_device);
ULONG wdmdma_read_dma_counter(PDMA_ADAPTER dma_adapter);

/* flush.c */
BOOLEAN wdmdma_flush_adapter_buffers(PDMA_ADAPTER dma_adapter, PMDL mdl, PVOID map_register_base,
				     PVOID current_va, ULONG length, BOOLEAN write_to_device);

/* sglist.c */
NTSTATUS wdmdma_get_scatter_gather_list(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					PMDL mdl, PVOID current_va, ULONG length,
					PDRIVER_LIST_CONTROL execution_routine, PVOID context,
					BOOLEAN write_to_device);
VOID wdmdma_put_scatter_gather_list(PDMA_ADAPTER dma_adapter, PSCATTER_GATHER_LIST scatter_gather,
				    BOOLEAN write_to_device);
NTSTATUS wdmdma_calculate_scatter_gather_list(PDMA_ADAPTER dma_adapter, PMDL mdl, PVOID current_va,
					      ULONG length, PULONG scatter_gather_list_size,
					      PULONG number_of_map_registers);
NTSTATUS wdmdma_build_scatter_gather_list(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					  PMDL mdl, PVOID current_va, ULONG length,
					  PDRIVER_LIST_CONTROL execution_routine, PVOID context,
					  BOOLEAN write_to_device, PVOID scatter_gather_buffer,
					  ULONG scatter_gather_length);
NTSTATUS wdmdma_build_mdl_from_scatter_gather_list(PDMA_ADAPTER dma_adapter,
						   PSCATTER_GATHER_LIST scatter_gather,
						   PMDL original_mdl, PMDL *target_mdl);

#endif
