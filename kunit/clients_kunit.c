// SPDX-License-Identifier: GPL-2.0-only
/*
 * How drivers of version 3, and the frameworks that they are written with, call the table: whole
 * sequences of calls, with the liberties that are taken in the field.
 */
#include <linux/bottom_half.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "v3.h"
#include "verifier.h"

#define WK_SYNC	DMA_SYNCHRONOUS_CALLBACK

/*
 * A transaction: larger than one request may be, so it goes in fragments of at most R - 1 pages,
 * all with one context that is initialised once. The next fragment is started from inside the
 * routine of the one before, when the device is as quick as that.
 */
struct wk_transaction {
	struct wk_v3 v3;
	u8 context[DMA_TRANSFER_CONTEXT_SIZE_V1];
	PMDL mdl;
	u32 done, total;
	ULONG flags;
	PVOID buffer;			/* NULL: Get */
	ULONG buffer_bytes;
	bool write;
	u8 *device;
	PVOID base;			/* packet mode */
	ULONG short_by;			/* ... the device moves so many bytes less */
	struct wk_call call;
	NTSTATUS status;
	unsigned int fragments, nested;
};

static struct wk_transaction *wk_transaction(struct kunit *test, enum wk_way way, bool write)
{
	struct wk_transaction *all = kunit_kzalloc(test, sizeof(*all), GFP_KERNEL);
	struct wk_buffer *memory = wk_alloc_scattered(test, 64);
	PMDL mdls[3];

	KUNIT_ASSERT_NOT_NULL(test, all);
	all->v3 = wk_v3_way(test, way);
	mdls[0] = wk_mdl(test, memory, 77, 20 * PAGE_SIZE);
	mdls[1] = wk_mdl(test, memory, 22 * PAGE_SIZE - 1, 3);
	mdls[2] = wk_mdl(test, memory, 24 * PAGE_SIZE, 40 * PAGE_SIZE);
	all->mdl = wk_link(mdls, 3);
	all->total = 60 * PAGE_SIZE + 3;
	all->write = write;
	all->device = kunit_kzalloc(test, all->total, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, all->device);
	wk_fill(all->device, all->total, 95);
	wk_fill(memory->va, memory->bytes, 96);
	wk_context_init(&all->v3, all->context);
	wk_call_init(&all->call, all->v3.adapter, DeallocateObjectKeepRegisters);
	all->call.data = all;
	return all;
}

static void wk_expect_moved(struct kunit *test, struct wk_transaction *all)
{
	u8 *memory = kunit_kzalloc(test, all->total, GFP_KERNEL);

	KUNIT_EXPECT_EQ(test, all->status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, all->done, all->total);
	wk_chain_read(all->mdl, 0, memory, all->total);
	/* To print so much takes KUnit minutes. */
	KUNIT_EXPECT_FALSE_MSG(test, memcmp(memory, all->device, all->total), "wrong data");
	KUNIT_EXPECT_FALSE_MSG(test, all->v3.ops->CancelAdapterChannel(all->v3.adapter,
								       all->v3.object,
								       all->context),
			       "too late");
	wk_expect_free(&all->v3);
}

/* Bytes of the next fragment: R - 1 pages, whatever the MDLs make of them */
static ULONG wk_fragment(struct wk_transaction *all)
{
	DMA_TRANSFER_INFO info = {};
	ULONG bytes = min_t(ULONG, all->total - all->done, (all->v3.regs - 1) * PAGE_SIZE);

	/* Nobody looks at the status. */
	all->v3.ops->GetDmaTransferInfo(all->v3.adapter, all->mdl, all->done, bytes, all->write,
					&info);
	while (info.V1.MapRegisterCount > all->v3.regs) {
		bytes -= PAGE_SIZE;
		all->v3.ops->GetDmaTransferInfo(all->v3.adapter, all->mdl, all->done, bytes,
						all->write, &info);
	}
	return bytes;
}

static void wk_start_list_fragment(struct wk_transaction *all)
{
	struct wk_ask ask = {
		.context = all->context, .mdl = all->mdl, .offset = all->done,
		.bytes = wk_fragment(all), .flags = all->flags, .call = &all->call,
		.read = !all->write, .build = all->buffer, .buffer = all->buffer,
		.buffer_bytes = all->buffer_bytes,
	};

	all->fragments++;
	all->status = wk_list_ex(&all->v3, &ask);
}

static void wk_end_list_fragment(struct wk_call *call)
{
	struct wk_transaction *all = call->data;

	all->nested += call->nested;
	if (all->write)
		wk_device_read_list(all->v3.test, call->list, all->device + all->done);
	else
		wk_device_write_list(all->v3.test, call->list, all->device + all->done);
	all->done += wk_list_bytes(call->list);
	all->v3.ops->PutScatterGatherList(all->v3.adapter, call->list, all->write);
	if (all->done < all->total)
		wk_start_list_fragment(all);
}

static void wk_calculate(struct wk_transaction *all, ULONG *regs)
{
	NTSTATUS status;

	status = all->v3.ops->CalculateScatterGatherList(all->v3.adapter, NULL, NULL,
							 all->v3.regs * PAGE_SIZE,
							 &all->buffer_bytes, regs);
	KUNIT_ASSERT_EQ(all->v3.test, status, STATUS_SUCCESS);
}

static void wk_transaction_in_fragments(struct kunit *test)
{
	int i;

	for (i = 0; i < 4; i++) {
		struct wk_transaction *all = wk_transaction(test, wk_way(test), i & 1);
		ULONG regs;

		all->call.inside = wk_end_list_fragment;
		if (i & 2) {
			/* One buffer for all fragments, of the size for R pages */
			wk_calculate(all, &regs);
			KUNIT_ASSERT_EQ(test, regs, all->v3.regs);
			all->buffer = kunit_kzalloc(test, all->buffer_bytes, GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, all->buffer);
		}
		local_bh_disable();
		wk_start_list_fragment(all);
		local_bh_enable();
		KUNIT_EXPECT_GE(test, all->fragments, 4);
		KUNIT_EXPECT_EQ(test, all->nested, 0);
		wk_expect_moved(test, all);
	}
}

/* The same with immediate execution: then a fragment inside the routine is called inside it. */
static void wk_transaction_with_immediate_execution(struct kunit *test)
{
	struct wk_transaction *all = wk_transaction(test, wk_way(test), true);

	all->call.inside = wk_end_list_fragment;
	all->flags = WK_SYNC;
	wk_start_list_fragment(all);
	KUNIT_EXPECT_EQ(test, all->nested, all->fragments - 1);
	wk_expect_moved(test, all);
}

/* Packet mode: a list of one element, flushed with what the device has moved. */
static void wk_move_packets(struct wk_transaction *all, ULONG bytes)
{
	struct kunit *test = all->v3.test;
	const DMA_OPERATIONS *ops = all->v3.ops;
	u8 list_memory[40] __aligned(8);
	SCATTER_GATHER_LIST *list = (SCATTER_GATHER_LIST *)list_memory;
	u32 end = all->done + bytes;

	static_assert(sizeof(*list) + sizeof(SCATTER_GATHER_ELEMENT) == 40);
	while (all->done < end) {
		ULONG mapped = end - all->done, moved;

		KUNIT_ASSERT_EQ(test, ops->MapTransferEx(all->v3.adapter, all->mdl, all->base,
							 all->done, 0, &mapped, all->write, list,
							 40, NULL, NULL), STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test, list->NumberOfElements, 1);
		KUNIT_ASSERT_EQ(test, list->Elements[0].Length, mapped);
		moved = mapped - min(mapped - 1, all->short_by);
		if (all->write)
			wk_device_read(test, list->Elements[0].Address.QuadPart,
				       all->device + all->done, moved);
		else
			wk_device_write(test, list->Elements[0].Address.QuadPart,
					all->device + all->done, moved);
		KUNIT_EXPECT_EQ(test, ops->FlushAdapterBuffersEx(all->v3.adapter, all->mdl,
								 all->base, all->done, moved,
								 all->write), STATUS_SUCCESS);
		all->done += moved;
	}
}

static void wk_start_packet_fragment(struct wk_transaction *all, ULONG regs)
{
	all->fragments++;
	all->status = wk_channel_ex(&all->v3, all->context, regs, all->flags, &all->call, NULL);
}

static void wk_packet_transaction(struct kunit *test)
{
	int i;

	for (i = 0; i < 4; i++) {
		struct wk_transaction *all = wk_transaction(test, wk_way(test), i & 1);
		unsigned int granted = 0;

		all->short_by = i & 2 ? 100 : 0;
		while (all->done < all->total) {
			ULONG bytes = wk_fragment(all), regs = all->v3.regs;

			wk_start_packet_fragment(all, regs);
			KUNIT_ASSERT_EQ(test, all->status, STATUS_SUCCESS);
			KUNIT_ASSERT_EQ(test, all->call.count, ++granted);
			all->base = all->call.base;
			wk_move_packets(all, bytes);
			wk_end_set(&all->v3, all->base, regs);
		}
		wk_expect_moved(test, all);
	}
}

/* Registers that were reserved once serve transfer after transfer, also ones that move nothing. */
static void wk_reserved_registers(struct kunit *test)
{
	struct wk_transaction *all = wk_transaction(test, wk_way(test), false);
	const DMA_OPERATIONS *ops = all->v3.ops;
	u8 list_memory[40] __aligned(8);
	unsigned int i;

	all->flags = WK_SYNC;
	wk_start_packet_fragment(all, all->v3.regs);
	KUNIT_ASSERT_EQ(test, all->status, STATUS_SUCCESS);
	all->base = all->call.base;
	for (i = 0; i < 10; i++) {
		ULONG mapped = 4 * PAGE_SIZE;

		KUNIT_ASSERT_EQ(test, ops->MapTransferEx(all->v3.adapter, all->mdl, all->base, 10,
							 0, &mapped, FALSE,
							 (PSCATTER_GATHER_LIST)list_memory, 40,
							 NULL, NULL), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, ops->FlushAdapterBuffersEx(all->v3.adapter, all->mdl,
								 all->base, 10, 0, FALSE),
				STATUS_SUCCESS);
	}
	wk_move_packets(all, all->total);
	wk_end_set(&all->v3, all->base, all->v3.regs);
	wk_expect_moved(test, all);
}

/* A transaction that is cancelled while it waits ends there, and another can start. */
static void wk_transaction_is_cancelled(struct kunit *test)
{
	struct wk_transaction *all = wk_transaction(test, wk_way(test), true);
	const DMA_OPERATIONS *ops = all->v3.ops;

	all->call.inside = wk_end_list_fragment;
	wk_own_channel(&all->v3, 1);
	wk_start_list_fragment(all);
	KUNIT_EXPECT_EQ(test, all->status, STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, ops->CancelAdapterChannel(all->v3.adapter, all->v3.object,
							  all->context));
	ops->FreeAdapterChannel(all->v3.adapter);
	KUNIT_EXPECT_EQ(test, all->done, 0);
	wk_context_init(&all->v3, all->context);
	wk_start_list_fragment(all);
	wk_expect_moved(test, all);
}

/*
 * A network adapter: packets wait side by side, each with a context in one array and a list in
 * another, at the stride that Calculate gives; whatever happens, FreeAdapterObject follows.
 */
#define WK_MTU		1514
#define WK_PACKETS	12

struct wk_net {
	struct wk_v3 v3;
	u8 *contexts, *lists;
	ULONG stride;
	PMDL packets[WK_PACKETS];
	bool sent[WK_PACKETS];
};

static struct wk_net wk_net(struct kunit *test, struct wk_v3 v3)
{
	struct wk_net net = { .v3 = v3 };
	struct wk_buffer *memory = wk_alloc_scattered(test, 2 * WK_PACKETS + 1);
	int i;

	KUNIT_ASSERT_EQ(test, v3.ops->CalculateScatterGatherList(v3.adapter, NULL,
								 (PVOID)(PAGE_SIZE - 1), WK_MTU,
								 &net.stride, NULL),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ_MSG(test, net.stride % 8, 0, "every second list is misaligned");
	net.contexts = kunit_kzalloc(test, WK_PACKETS * DMA_TRANSFER_CONTEXT_SIZE_V1, GFP_KERNEL);
	net.lists = kunit_kzalloc(test, WK_PACKETS * net.stride, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, net.contexts);
	KUNIT_ASSERT_NOT_NULL(test, net.lists);
	/* Each across a page line, and with an empty MDL in front */
	for (i = 0; i < WK_PACKETS; i++) {
		PMDL mdls[] = {
			wk_mdl(test, memory, 2 * i * PAGE_SIZE, 0),
			wk_mdl(test, memory, (2 * i + 1) * PAGE_SIZE - 700 - i, WK_MTU),
		};

		net.packets[i] = wk_link(mdls, 2);
		wk_fill(MmGetMdlVirtualAddress(mdls[1]), WK_MTU, i);
	}
	return net;
}

/* What the framework does for one packet. True: it is the device's now. */
static NTSTATUS wk_send(struct kunit *test, struct wk_net *net, int i)
{
	PVOID context = net->contexts + i * DMA_TRANSFER_CONTEXT_SIZE_V1;
	PVOID buffer = net->lists + i * net->stride;
	PSCATTER_GATHER_LIST list = NULL;
	u8 data[WK_MTU];
	NTSTATUS status;
	PMDL view;

	local_bh_disable();
	net->v3.ops->InitializeDmaTransferContext(net->v3.adapter, context);
	status = net->v3.ops->BuildScatterGatherListEx(net->v3.adapter, net->v3.object, context,
			net->packets[i], 0, WK_MTU, WK_SYNC, NULL, NULL, TRUE, buffer,
			net->stride, NULL, NULL, &list);
	net->v3.ops->FreeAdapterObject(net->v3.adapter, DeallocateObjectKeepRegisters);
	local_bh_enable();
	net->sent[i] = !status;
	if (status) {
		KUNIT_EXPECT_NULL(test, list);
		return status;
	}
	KUNIT_EXPECT_PTR_EQ(test, (PVOID)list, buffer);
	KUNIT_EXPECT_GE(test, list->NumberOfElements, 1);
	KUNIT_EXPECT_EQ(test, net->v3.ops->BuildMdlFromScatterGatherList(net->v3.adapter, list,
									 net->packets[i], &view),
			STATUS_SUCCESS);
	/* A view of the driver's own memory, or of a copy that starts with the packet */
	if (view != net->packets[i]) {
		KUNIT_EXPECT_EQ(test, MmGetMdlByteCount(view), WK_MTU);
		KUNIT_EXPECT_NULL(test, view->Next);
	}
	wk_device_read_list(test, list, data);
	wk_expect_pattern(test, data, WK_MTU, i);
	return status;
}

static void wk_complete(struct wk_net *net, int i)
{
	wk_put_ex(&net->v3, (PSCATTER_GATHER_LIST)(net->lists + i * net->stride));
	/* Some do it again when all is over. */
	net->v3.ops->FreeAdapterObject(net->v3.adapter, DeallocateObjectKeepRegisters);
	net->sent[i] = false;
}

static void wk_network_packets(struct kunit *test)
{
	struct wk_net net = wk_net(test, wk_v3_way(test, wk_way(test)));
	int i, round, started = 0;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < WK_PACKETS; i++)
			started += !wk_send(test, &net, i);
		KUNIT_EXPECT_GE(test, started, 8 * (round + 1));
		/* The device finishes in an order of its own. */
		for (i = 0; i < WK_PACKETS; i++) {
			int other = (i * 5 + round) % WK_PACKETS;

			if (net.sent[other])
				wk_complete(&net, other);
		}
	}
	wk_expect_free(&net.v3);
}

/* What does not fit now is sent later. */
static void wk_network_packets_with_a_small_pool(struct kunit *test)
{
	struct wk_net net = wk_net(test, wk_v3_pool(test, 4));
	int next = 0, i, tries;

	for (tries = 0; next < WK_PACKETS; tries++) {
		NTSTATUS status = wk_send(test, &net, next);

		if (!status) {
			next++;
			continue;
		}
		KUNIT_ASSERT_EQ(test, status, STATUS_INSUFFICIENT_RESOURCES);
		for (i = 0; !net.sent[i]; i++)
			KUNIT_ASSERT_LT(test, i, WK_PACKETS - 1);
		wk_complete(&net, i);
	}
	KUNIT_EXPECT_EQ_MSG(test, tries, WK_PACKETS + 10, "two packets at a time");
	for (i = 0; i < WK_PACKETS; i++)
		if (net.sent[i])
			wk_complete(&net, i);
	wk_expect_free(&net.v3);
}

/* A driver with its context on the stack, which waits for its routine, and keeps the channel */
static IO_ALLOCATION_ACTION wk_keep_and_signal(PDEVICE_OBJECT object, PIRP irp, PVOID base,
					       PVOID context)
{
	struct wk_call *call = context;

	call->base = base;
	complete(&call->done);
	return KeepObject;
}

static void wk_context_on_the_stack(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_way(test, wk_way(test));
	struct wk_buffer *memory = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, memory, 50, PAGE_SIZE);
	CHAR buffer[DMA_TRANSFER_CONTEXT_SIZE_V1 + 1];
	DMA_TRANSFER_INFO info = { .Version = DMA_TRANSFER_INFO_VERSION1 };
	u8 list[16 + 2 * 24] __aligned(8);
	PVOID context = buffer + 1;
	ULONG bytes = PAGE_SIZE;
	struct wk_call call;

	wk_call_init(&call, v3.adapter, KeepObject);
	wk_context_init(&v3, context);
	KUNIT_ASSERT_EQ(test, v3.ops->GetDmaTransferInfo(v3.adapter, mdl, 0, bytes, TRUE, &info),
			STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, v3.ops->AllocateAdapterChannelEx(v3.adapter, v3.object, context,
							       min(info.V1.MapRegisterCount,
								   v3.regs), 0,
							       wk_keep_and_signal, &call, NULL),
			STATUS_SUCCESS);
	wait_for_completion(&call.done);
	KUNIT_EXPECT_EQ(test, v3.ops->MapTransferEx(v3.adapter, mdl, call.base, 0, 0x3F201000,
						    &bytes, TRUE, (PSCATTER_GATHER_LIST)list,
						    sizeof(list), NULL, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, bytes, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, v3.ops->FlushAdapterBuffersEx(v3.adapter, mdl, call.base, 0, bytes,
							    TRUE), STATUS_SUCCESS);
	/* The documented no-op, then the end */
	v3.ops->FreeAdapterObject(v3.adapter, KeepObject);
	v3.ops->FreeAdapterChannel(v3.adapter);
	wk_expect_free(&v3);
}

/* What a driver finds in a table it knows nothing of: by Size, or by looking for NULL */
static void wk_table_is_probed(struct kunit *test)
{
	ULONG version;

	for (version = 0; version <= 3; version++) {
		PDMA_ADAPTER adapter = wk_get_adapter(test, version, SZ_64K, NULL);
		const DMA_OPERATIONS *ops = adapter->DmaOperations;
		PHYSICAL_ADDRESS logical = {};
		PVOID va;

		KUNIT_EXPECT_EQ(test, ops->Size > offsetof(DMA_OPERATIONS, GetDmaAdapterInfo),
				version == 3);
		KUNIT_EXPECT_EQ(test, !!ops->GetDmaAdapterInfo, version == 3);
		KUNIT_EXPECT_EQ(test, ops->Size > offsetof(DMA_OPERATIONS, CancelMappedTransfer),
				version == 3);
		/* The newest member; without it a driver does with what there always was. */
		KUNIT_EXPECT_EQ(test, ops->Size > offsetof(DMA_OPERATIONS,
							   CreateCommonBufferFromMdl),
				version == 3);
		KUNIT_EXPECT_EQ(test, !!ops->CreateCommonBufferFromMdl, version == 3);
		va = ops->AllocateCommonBuffer(adapter, PAGE_SIZE, &logical, TRUE);
		KUNIT_ASSERT_NOT_NULL(test, va);
		KUNIT_EXPECT_NE_MSG(test, logical.QuadPart, 0, "0 means that there is none");
		ops->FreeCommonBuffer(adapter, PAGE_SIZE, logical, va, TRUE);
	}
}

static struct kunit_case wk_clients_cases[] = {
	KUNIT_CASE_PARAM(wk_transaction_in_fragments, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_transaction_with_immediate_execution, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_packet_transaction, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_reserved_registers, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_transaction_is_cancelled, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_network_packets, wk_way_gen_params),
	KUNIT_CASE(wk_network_packets_with_a_small_pool),
	KUNIT_CASE_PARAM(wk_context_on_the_stack, wk_way_gen_params),
	KUNIT_CASE(wk_table_is_probed),
	{}
};

/* KUnit keeps results in a case, so the other suite has cases of its own. */
static struct kunit_case wk_clients_verified_cases[] = {
	KUNIT_CASE_PARAM(wk_transaction_in_fragments, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_transaction_with_immediate_execution, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_packet_transaction, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_reserved_registers, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_transaction_is_cancelled, wk_way_gen_params),
	KUNIT_CASE_PARAM(wk_network_packets, wk_way_gen_params),
	KUNIT_CASE(wk_network_packets_with_a_small_pool),
	KUNIT_CASE_PARAM(wk_context_on_the_stack, wk_way_gen_params),
	KUNIT_CASE(wk_table_is_probed),
	{}
};

static struct kunit_suite wk_clients_suite = {
	.name = "wdmdma_clients",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_clients_cases,
};

/* The same with the verifier on, which finds nothing to report */
static struct kunit_suite wk_verified_suite = {
	.name = "wdmdma_clients_verified",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_verified,
	.exit = wk_exit_verified,
	.test_cases = wk_clients_verified_cases,
};

kunit_test_suites(&wk_clients_suite, &wk_verified_suite);
