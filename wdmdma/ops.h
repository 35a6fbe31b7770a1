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
PVOID wdmdma_allocate_common_buffer_ex(PDMA_ADAPTER dma_adapter, PPHYSICAL_ADDRESS maximum_address,
				       ULONG length, PPHYSICAL_ADDRESS logical_address,
				       BOOLEAN cache_enabled, NODE_REQUIREMENT preferred_node);
PVOID wdmdma_allocate_common_buffer_with_bounds(PDMA_ADAPTER dma_adapter,
						PPHYSICAL_ADDRESS minimum_address,
						PPHYSICAL_ADDRESS maximum_address, ULONG length,
						ULONG flags, PMEMORY_CACHING_TYPE cache_type,
						NODE_REQUIREMENT preferred_node,
						PPHYSICAL_ADDRESS logical_address);
VOID wdmdma_free_common_buffer(PDMA_ADAPTER dma_adapter, ULONG length,
			       PHYSICAL_ADDRESS logical_address, PVOID virtual_address,
			       BOOLEAN cache_enabled);

/* buffer_mdl.c */
NTSTATUS wdmdma_create_common_buffer_from_mdl(PDMA_ADAPTER dma_adapter, PMDL mdl,
					      PDMA_COMMON_BUFFER_EXTENDED_CONFIGURATION configs,
					      ULONG configs_count,
					      PPHYSICAL_ADDRESS logical_address);

/* buffer_vector.c */
NTSTATUS wdmdma_allocate_common_buffer_vector(PDMA_ADAPTER dma_adapter,
					      PHYSICAL_ADDRESS low_address,
					      PHYSICAL_ADDRESS high_address,
					      MEMORY_CACHING_TYPE cache_type, ULONG ideal_node,
					      ULONG flags, ULONG number_of_elements,
					      ULONGLONG size_of_elements,
					      PDMA_COMMON_BUFFER_VECTOR *vector_out);
VOID wdmdma_get_common_buffer_from_vector_by_index(PDMA_ADAPTER dma_adapter,
						   PDMA_COMMON_BUFFER_VECTOR vector, ULONG index,
						   PVOID *virtual_address,
						   PPHYSICAL_ADDRESS logical_address);
VOID wdmdma_free_common_buffer_from_vector(PDMA_ADAPTER dma_adapter,
					   PDMA_COMMON_BUFFER_VECTOR vector, ULONG index);
VOID wdmdma_free_common_buffer_vector(PDMA_ADAPTER dma_adapter, PDMA_COMMON_BUFFER_VECTOR vector);

/* flush_dma.c */
NTSTATUS wdmdma_flush_dma_buffer(PDMA_ADAPTER dma_adapter, PMDL mdl, BOOLEAN read_operation);

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

/* system.c */
ULONG wdmdma_read_dma_counter(PDMA_ADAPTER dma_adapter);
NTSTATUS wdmdma_configure_adapter_channel(PDMA_ADAPTER dma_adapter, ULONG function_number,
					  PVOID context);

/* flush.c */
BOOLEAN wdmdma_flush_adapter_buffers(PDMA_ADAPTER dma_adapter, PMDL mdl, PVOID map_register_base,
				     PVOID current_va, ULONG length, BOOLEAN write_to_device);
NTSTATUS wdmdma_flush_adapter_buffers_ex(PDMA_ADAPTER dma_adapter, PMDL mdl,
					 PVOID map_register_base, ULONGLONG offset, ULONG length,
					 BOOLEAN write_to_device);

/* sglist.c, list_mdl.c */
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

/* channel_ex.c */
NTSTATUS wdmdma_allocate_adapter_channel_ex(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					    PVOID dma_transfer_context,
					    ULONG number_of_map_registers, ULONG flags,
					    PDRIVER_CONTROL execution_routine,
					    PVOID execution_context, PVOID *map_register_base);
VOID wdmdma_free_adapter_object(PDMA_ADAPTER dma_adapter, IO_ALLOCATION_ACTION allocation_action);

/* context.c */
NTSTATUS wdmdma_initialize_dma_transfer_context(PDMA_ADAPTER dma_adapter,
						PVOID dma_transfer_context);
BOOLEAN wdmdma_cancel_adapter_channel(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
				      PVOID dma_transfer_context);
NTSTATUS wdmdma_cancel_mapped_transfer(PDMA_ADAPTER dma_adapter, PVOID dma_transfer_context);

/* transfer_ex.c */
NTSTATUS wdmdma_map_transfer_ex(PDMA_ADAPTER dma_adapter, PMDL mdl, PVOID map_register_base,
				ULONGLONG offset, ULONG device_offset, PULONG length,
				BOOLEAN write_to_device, PSCATTER_GATHER_LIST scatter_gather_buffer,
				ULONG scatter_gather_buffer_length,
				PDMA_COMPLETION_ROUTINE dma_completion_routine,
				PVOID completion_context);

/* sglist_ex.c */
NTSTATUS wdmdma_get_scatter_gather_list_ex(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					   PVOID dma_transfer_context, PMDL mdl, ULONGLONG offset,
					   ULONG length, ULONG flags,
					   PDRIVER_LIST_CONTROL execution_routine, PVOID context,
					   BOOLEAN write_to_device,
					   PDMA_COMPLETION_ROUTINE dma_completion_routine,
					   PVOID completion_context,
					   PSCATTER_GATHER_LIST *scatter_gather_list);
NTSTATUS wdmdma_build_scatter_gather_list_ex(PDMA_ADAPTER dma_adapter, PDEVICE_OBJECT device_object,
					     PVOID dma_transfer_context, PMDL mdl, ULONGLONG offset,
					     ULONG length, ULONG flags,
					     PDRIVER_LIST_CONTROL execution_routine, PVOID context,
					     BOOLEAN write_to_device, PVOID scatter_gather_buffer,
					     ULONG scatter_gather_length,
					     PDMA_COMPLETION_ROUTINE dma_completion_routine,
					     PVOID completion_context, PVOID scatter_gather_list);

/* info.c */
NTSTATUS wdmdma_get_dma_adapter_info(PDMA_ADAPTER dma_adapter, PDMA_ADAPTER_INFO adapter_info);
NTSTATUS wdmdma_get_dma_transfer_info(PDMA_ADAPTER dma_adapter, PMDL mdl, ULONGLONG offset,
				      ULONG length, BOOLEAN write_only,
				      PDMA_TRANSFER_INFO transfer_info);

/* domain.c */
HANDLE wdmdma_get_dma_domain(PDMA_ADAPTER dma_adapter);
NTSTATUS wdmdma_join_dma_domain(PDMA_ADAPTER dma_adapter, HANDLE domain_handle);
NTSTATUS wdmdma_leave_dma_domain(PDMA_ADAPTER dma_adapter);

/* domain_buffer.c */
NTSTATUS wdmdma_allocate_domain_common_buffer(PDMA_ADAPTER dma_adapter, HANDLE domain_handle,
					      PPHYSICAL_ADDRESS maximum_address, ULONG length,
					      ULONG flags, PMEMORY_CACHING_TYPE cache_type,
					      NODE_REQUIREMENT preferred_node,
					      PPHYSICAL_ADDRESS logical_address,
					      PVOID *virtual_address);

#endif
