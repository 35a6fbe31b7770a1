// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls of every member of the tables (ops_calls.h).
 */
#include <linux/slab.h>

#include "ops_calls.h"

static void wk_op_put_adapter(struct wk_op *op)
{
	op->ops->PutDmaAdapter(op->adapter);
}

void wk_op_allocate_buffer(struct wk_op *op)
{
	op->result = (ULONG_PTR)op->ops->AllocateCommonBuffer(op->adapter, PAGE_SIZE,
							      &op->logical_address, TRUE);
}

static void wk_op_free_buffer(struct wk_op *op)
{
	op->ops->FreeCommonBuffer(op->adapter, PAGE_SIZE, op->logical_address,
				  MmGetMdlVirtualAddress(op->mdl), TRUE);
}

static void wk_op_allocate_channel(struct wk_op *op)
{
	op->result = (ULONG)op->ops->AllocateAdapterChannel(op->adapter, op->object, 1,
							    wk_control, &op->call);
}

void wk_op_flush(struct wk_op *op)
{
	op->result = op->ops->FlushAdapterBuffers(op->adapter, op->mdl, op->build_buffer,
						  MmGetMdlVirtualAddress(op->mdl), PAGE_SIZE, TRUE);
}

static void wk_op_free_channel(struct wk_op *op)
{
	op->ops->FreeAdapterChannel(op->adapter);
}

static void wk_op_free_registers(struct wk_op *op)
{
	op->ops->FreeMapRegisters(op->adapter, op->build_buffer, 1);
}

static void wk_op_map(struct wk_op *op)
{
	PHYSICAL_ADDRESS address;

	address = op->ops->MapTransfer(op->adapter, op->mdl, op->build_buffer,
				       MmGetMdlVirtualAddress(op->mdl), &op->length, TRUE);
	/* The address of a failure is all ones, and the length says so, too. */
	op->result = op->length ? 0 : address.QuadPart;
}

void wk_op_alignment(struct wk_op *op)
{
	op->result = op->ops->GetDmaAlignment(op->adapter);
}

static void wk_op_counter(struct wk_op *op)
{
	op->result = op->ops->ReadDmaCounter(op->adapter);
}

static void wk_op_get_list(struct wk_op *op)
{
	op->result = (ULONG)op->ops->GetScatterGatherList(op->adapter, op->object, op->mdl,
			MmGetMdlVirtualAddress(op->mdl), PAGE_SIZE, wk_list_control, &op->call,
			TRUE);
}

static void wk_op_put_list(struct wk_op *op)
{
	op->ops->PutScatterGatherList(op->adapter, op->build_buffer, TRUE);
}

void wk_op_calculate(struct wk_op *op)
{
	op->result = (ULONG)op->ops->CalculateScatterGatherList(op->adapter, op->mdl,
			MmGetMdlVirtualAddress(op->mdl), PAGE_SIZE, &op->size, &op->regs);
}

static void wk_op_build_list(struct wk_op *op)
{
	op->result = (ULONG)op->ops->BuildScatterGatherList(op->adapter, op->object, op->mdl,
			MmGetMdlVirtualAddress(op->mdl), PAGE_SIZE, wk_list_control, &op->call,
			TRUE, op->build_buffer, PAGE_SIZE);
}

static void wk_op_build_mdl(struct wk_op *op)
{
	op->result = (ULONG)op->ops->BuildMdlFromScatterGatherList(op->adapter, op->build_buffer,
								   op->mdl, &op->target);
}

void wk_op_adapter_info(struct wk_op *op)
{
	op->result = (ULONG)op->ops->GetDmaAdapterInfo(op->adapter, &op->info);
}

void wk_op_transfer_info(struct wk_op *op)
{
	op->result = (ULONG)op->ops->GetDmaTransferInfo(op->adapter, op->mdl, 0, PAGE_SIZE, TRUE,
							&op->transfer_info);
}

void wk_op_init_context(struct wk_op *op)
{
	op->result = (ULONG)op->ops->InitializeDmaTransferContext(op->adapter, op->context);
}

void wk_op_allocate_buffer_ex(struct wk_op *op)
{
	op->result = (ULONG_PTR)op->ops->AllocateCommonBufferEx(op->adapter, NULL, PAGE_SIZE,
			&op->logical_address, TRUE, MM_ANY_NODE_OK);
}

static void wk_op_allocate_channel_ex(struct wk_op *op)
{
	op->result = (ULONG)op->ops->AllocateAdapterChannelEx(op->adapter, op->object, op->context,
			1, DMA_SYNCHRONOUS_CALLBACK, wk_control, &op->call, &op->out);
}

static void wk_op_configure(struct wk_op *op)
{
	op->result = (ULONG)op->ops->ConfigureAdapterChannel(op->adapter, 1, op->build_buffer);
}

void wk_op_cancel(struct wk_op *op)
{
	op->result = op->ops->CancelAdapterChannel(op->adapter, op->object, op->context);
}

static void wk_op_map_ex(struct wk_op *op)
{
	op->result = (ULONG)op->ops->MapTransferEx(op->adapter, op->mdl, op->build_buffer, 0, 0,
			&op->length, TRUE, op->build_buffer, PAGE_SIZE, NULL, NULL);
}

static void wk_op_get_list_ex(struct wk_op *op)
{
	op->result = (ULONG)op->ops->GetScatterGatherListEx(op->adapter, op->object, op->context,
			op->mdl, 0, PAGE_SIZE, 0, wk_list_control, &op->call, TRUE, NULL, NULL,
			(PSCATTER_GATHER_LIST *)&op->out);
}

static void wk_op_build_list_ex(struct wk_op *op)
{
	op->result = (ULONG)op->ops->BuildScatterGatherListEx(op->adapter, op->object, op->context,
			op->mdl, 0, PAGE_SIZE, 0, wk_list_control, &op->call, TRUE,
			op->build_buffer, PAGE_SIZE, NULL, NULL, &op->out);
}

static void wk_op_flush_ex(struct wk_op *op)
{
	op->result = (ULONG)op->ops->FlushAdapterBuffersEx(op->adapter, op->mdl,
							   op->build_buffer, 0,
							   PAGE_SIZE, TRUE);
}

static void wk_op_free_object(struct wk_op *op)
{
	op->ops->FreeAdapterObject(op->adapter, DeallocateObject);
}

static void wk_op_cancel_mapped(struct wk_op *op)
{
	op->result = (ULONG)op->ops->CancelMappedTransfer(op->adapter, op->context);
}

static void wk_op_flush_dma(struct wk_op *op)
{
	op->result = (ULONG)op->ops->FlushDmaBuffer(op->adapter, op->mdl, FALSE);
}

void wk_op_allocate_bounds(struct wk_op *op)
{
	op->result = (ULONG_PTR)op->ops->AllocateCommonBufferWithBounds(op->adapter, NULL, NULL,
			PAGE_SIZE, 0, NULL, 0, &op->logical_address);
}

void wk_op_allocate_vector(struct wk_op *op)
{
	const PHYSICAL_ADDRESS low = { .QuadPart = 0 }, high = { .QuadPart = -1 };

	op->result = (ULONG)op->ops->AllocateCommonBufferVector(op->adapter, low, high, MmCached,
			0, 0, 1, PAGE_SIZE, (PDMA_COMMON_BUFFER_VECTOR *)&op->out);
}

/* An output is written in any case: it says that there is nothing. */
static void wk_op_get_element(struct wk_op *op)
{
	PHYSICAL_ADDRESS address = { .QuadPart = WK_UNTOUCHED };
	PVOID va = op;

	op->ops->GetCommonBufferFromVectorByIndex(op->adapter, op->build_buffer, 0, &va, &address);
	op->result = (ULONG_PTR)va | address.QuadPart;
}

static void wk_op_free_element(struct wk_op *op)
{
	op->ops->FreeCommonBufferFromVector(op->adapter, op->build_buffer, 0);
}

static void wk_op_free_vector(struct wk_op *op)
{
	op->ops->FreeCommonBufferVector(op->adapter, op->build_buffer);
}

void wk_op_create_from_mdl(struct wk_op *op)
{
	op->result = (ULONG)op->ops->CreateCommonBufferFromMdl(op->adapter, op->mdl, NULL, 0,
							       &op->logical_address);
}

const struct wk_member wk_members[WK_MEMBERS] = {
	{ "PutDmaAdapter", wk_op_put_adapter, 0 },
	{ "AllocateCommonBuffer", wk_op_allocate_buffer, 0 },
	{ "FreeCommonBuffer", wk_op_free_buffer, 0 },
	{ "AllocateAdapterChannel", wk_op_allocate_channel, (ULONG)STATUS_INVALID_PARAMETER },
	{ "FlushAdapterBuffers", wk_op_flush, FALSE },
	{ "FreeAdapterChannel", wk_op_free_channel, 0 },
	{ "FreeMapRegisters", wk_op_free_registers, 0 },
	{ "MapTransfer", wk_op_map, U64_MAX },
	{ "GetDmaAlignment", wk_op_alignment, 1, true },
	{ "ReadDmaCounter", wk_op_counter, 0 },
	{ "GetScatterGatherList", wk_op_get_list, (ULONG)STATUS_INVALID_PARAMETER },
	{ "PutScatterGatherList", wk_op_put_list, 0 },
	{ "CalculateScatterGatherList", wk_op_calculate, (ULONG)STATUS_INVALID_PARAMETER, true },
	{ "BuildScatterGatherList", wk_op_build_list, (ULONG)STATUS_INVALID_PARAMETER },
	{ "BuildMdlFromScatterGatherList", wk_op_build_mdl, (ULONG)STATUS_INVALID_PARAMETER },
	{ "GetDmaAdapterInfo", wk_op_adapter_info, (ULONG)STATUS_INVALID_PARAMETER },
	{ "GetDmaTransferInfo", wk_op_transfer_info, (ULONG)STATUS_INVALID_PARAMETER },
	{ "InitializeDmaTransferContext", wk_op_init_context, (ULONG)STATUS_INVALID_PARAMETER },
	{ "AllocateCommonBufferEx", wk_op_allocate_buffer_ex, 0 },
	{ "AllocateAdapterChannelEx", wk_op_allocate_channel_ex,
	  (ULONG)STATUS_INVALID_PARAMETER },
	{ "ConfigureAdapterChannel", wk_op_configure, (ULONG)STATUS_NOT_IMPLEMENTED },
	{ "CancelAdapterChannel", wk_op_cancel, FALSE },
	{ "MapTransferEx", wk_op_map_ex, (ULONG)STATUS_INVALID_PARAMETER },
	{ "GetScatterGatherListEx", wk_op_get_list_ex, (ULONG)STATUS_INVALID_PARAMETER },
	{ "BuildScatterGatherListEx", wk_op_build_list_ex, (ULONG)STATUS_INVALID_PARAMETER },
	{ "FlushAdapterBuffersEx", wk_op_flush_ex, (ULONG)STATUS_INVALID_PARAMETER },
	{ "FreeAdapterObject", wk_op_free_object, 0 },
	{ "CancelMappedTransfer", wk_op_cancel_mapped, (ULONG)STATUS_INVALID_PARAMETER },
	{ "FlushDmaBuffer", wk_op_flush_dma, (ULONG)STATUS_INVALID_PARAMETER },
	{ "AllocateCommonBufferWithBounds", wk_op_allocate_bounds, 0 },
	{ "AllocateCommonBufferVector", wk_op_allocate_vector, (ULONG)STATUS_INVALID_PARAMETER },
	{ "GetCommonBufferFromVectorByIndex", wk_op_get_element, 0 },
	{ "FreeCommonBufferFromVector", wk_op_free_element, 0 },
	{ "FreeCommonBufferVector", wk_op_free_vector, 0 },
	{ "CreateCommonBufferFromMdl", wk_op_create_from_mdl, (ULONG)STATUS_INVALID_PARAMETER },
};

void wk_op_init(struct kunit *test, struct wk_op *op, const DMA_OPERATIONS *ops,
		PDMA_ADAPTER adapter)
{
	struct wk_world *world = test->priv;
	struct wk_buffer *buffer = wk_alloc_contiguous(test, 1);

	*op = (struct wk_op){
		.ops = ops,
		.adapter = adapter,
		.object = world->object,
		.mdl = wk_mdl(test, buffer, 0, PAGE_SIZE),
		.build_buffer = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL),
		.logical_address.QuadPart = WK_UNTOUCHED,
		.size = WK_UNTOUCHED,
		.regs = WK_UNTOUCHED,
	};
	KUNIT_ASSERT_NOT_NULL(test, op->build_buffer);
	wk_call_init(&op->call, adapter, DeallocateObject);
	memset(&op->info, 0x5A, sizeof(op->info));
	op->info.Version = DMA_ADAPTER_INFO_VERSION1;
	memset(&op->transfer_info, 0x5A, sizeof(op->transfer_info));
	op->transfer_info.Version = DMA_TRANSFER_INFO_VERSION1;
	memset(op->context, 0x5A, sizeof(op->context));
}

void wk_op_prepare(struct wk_op *op)
{
	op->length = PAGE_SIZE;
	op->target = op->mdl + 1;	/* any other pointer */
	op->out = NULL;
	op->result = 0;
}

void wk_expect_member_refuses(struct kunit *test, const struct wk_op *op,
			      const struct wk_member *member)
{
	KUNIT_EXPECT_EQ_MSG(test, op->result, member->refused, "result of %s", member->name);
	KUNIT_EXPECT_EQ_MSG(test, op->call.count, 0, "%s called the routine", member->name);
	KUNIT_EXPECT_EQ_MSG(test, op->logical_address.QuadPart, WK_UNTOUCHED,
			    "%s wrote an address", member->name);
	KUNIT_EXPECT_EQ(test, op->size, WK_UNTOUCHED);
	KUNIT_EXPECT_EQ(test, op->regs, WK_UNTOUCHED);
	KUNIT_EXPECT_PTR_EQ(test, op->target, op->mdl + 1);
	KUNIT_EXPECT_NULL_MSG(test, op->out, "%s stored a set or list", member->name);
	KUNIT_EXPECT_EQ(test, op->info.V1.DmaAddressWidth, WK_UNTOUCHED);
	KUNIT_EXPECT_EQ(test, op->transfer_info.V1.MapRegisterCount, WK_UNTOUCHED);
	KUNIT_EXPECT_FALSE_MSG(test, memchr_inv(op->context, 0x5A, sizeof(op->context)),
			       "%s wrote a context", member->name);
}
