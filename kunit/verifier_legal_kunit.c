// SPDX-License-Identifier: GPL-2.0-only
/*
 * Row 29 of the test matrix: what drivers do right gives no record, with the verifier at its
 * strictest, guards and copies included, and all routines called at the IRQL that Windows documents
 * for them.
 */
#include <linux/minmax.h>
#include <linux/sizes.h>

#include "from_mdl.h"
#include "system.h"
#include "verifier.h"

#define WK_LEGAL_PAGES	5
#define WK_LEGAL_BYTES	(WK_LEGAL_PAGES * PAGE_SIZE - 300)
#define WK_LEGAL_OFFSET	77

static const struct wdmdma_verifier wk_strict = { .level = 2, .guard = true, .bounce = true };
static u64 wk_before;

static int wk_init_strict(struct kunit *test)
{
	int ret = wk_init_verified(test);

	wk_set_verifier(test, &wk_strict);
	wk_before = wk_last_violation();
	return ret;
}

static int wk_init_strict_untranslated(struct kunit *test)
{
	int ret = wk_init_verified_untranslated(test);

	wk_set_verifier(test, &wk_strict);
	wk_before = wk_last_violation();
	return ret;
}

static void wk_exit_strict(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, wk_last_violation(), wk_before);
	wk_exit_verified(test);
}

/* A transfer of an MDL, and what the device has of it */
struct wk_move {
	struct kunit *test;
	PDMA_ADAPTER adapter;
	const DMA_OPERATIONS *ops;
	PDEVICE_OBJECT object;
	ULONG regs;
	PMDL mdl;
	u8 *va, *device;
	bool write;
	bool flush_once;		/* after all pieces, not after each */
	struct wk_call call;
};

static void wk_move_init(struct kunit *test, struct wk_move *move, ULONG version, bool gathers,
			 bool write)
{
	DEVICE_DESCRIPTION description = wk_description(version, gathers, 64, SZ_64K);
	struct wk_buffer *memory = wk_alloc_scattered(test, WK_LEGAL_PAGES);
	struct wk_world *world = test->priv;

	*move = (struct wk_move){ .test = test, .object = world->object, .write = write };
	move->adapter = wk_get_described_adapter(test, &description, &move->regs);
	KUNIT_ASSERT_NOT_NULL(test, move->adapter);
	move->ops = move->adapter->DmaOperations;
	move->mdl = wk_mdl(test, memory, WK_LEGAL_OFFSET, WK_LEGAL_BYTES);
	move->va = MmGetMdlVirtualAddress(move->mdl);
	move->device = kunit_kzalloc(test, WK_LEGAL_BYTES, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, move->device);
	wk_fill(memory->va, memory->bytes, 1);
	wk_fill(move->device, WK_LEGAL_BYTES, 2);
}

static void wk_device_moves(struct wk_move *move, u64 address, u32 offset, u32 bytes)
{
	if (move->write)
		wk_device_read(move->test, address, move->device + offset, bytes);
	else
		wk_device_write(move->test, address, move->device + offset, bytes);
}

static void wk_expect_moved(struct wk_move *move)
{
	KUNIT_EXPECT_FALSE_MSG(move->test, memcmp(move->va, move->device, WK_LEGAL_BYTES),
			       "wrong data");
}

/* Inside AdapterControl: as much as is left is asked for, and less may be got. */
static void wk_map_all(struct wk_call *call)
{
	struct wk_move *move = call->data;
	u32 done = 0;

	while (done < WK_LEGAL_BYTES) {
		ULONG bytes = WK_LEGAL_BYTES - done;
		PHYSICAL_ADDRESS address;

		address = move->ops->MapTransfer(move->adapter, move->mdl, call->base,
						 move->va + done, &bytes, move->write);
		KUNIT_ASSERT_GT(move->test, bytes, 0);
		wk_device_moves(move, address.QuadPart, done, bytes);
		if (!move->flush_once)
			KUNIT_EXPECT_TRUE(move->test,
					  move->ops->FlushAdapterBuffers(move->adapter, move->mdl,
									 call->base,
									 move->va + done, bytes,
									 move->write));
		done += bytes;
	}
}

static void wk_packet(struct wk_move *move, IO_ALLOCATION_ACTION action)
{
	struct kunit *test = move->test;
	ULONG regs = WK_LEGAL_PAGES + 1;
	NTSTATUS status;

	wk_call_init(&move->call, move->adapter, action);
	move->call.inside = wk_map_all;
	move->call.data = move;
	local_bh_disable();
	status = move->ops->AllocateAdapterChannel(move->adapter, move->object, regs, wk_control,
						   &move->call);
	if (move->flush_once)
		move->ops->FlushAdapterBuffers(move->adapter, move->mdl, move->call.base, move->va,
					       WK_LEGAL_BYTES, move->write);
	if (action == KeepObject)
		move->ops->FreeAdapterChannel(move->adapter);
	else if (action == DeallocateObjectKeepRegisters)
		move->ops->FreeMapRegisters(move->adapter, move->call.base, regs);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, move->call.count, 1);
	wk_expect_moved(move);
}

/* packet.md, versions 0 to 2: each way to end, to flush and to move, with and without gathering */
static void packets(struct kunit *test)
{
	struct wk_move move;
	int i;

	for (i = 0; i < 8; i++) {
		wk_move_init(test, &move, i & 4 ? 2 : 1, !(i & 1), i & 2);
		/* A device that does not gather has one piece. */
		move.flush_once = i & 1 || i & 4;
		wk_packet(&move, move.flush_once ? KeepObject : DeallocateObject);
		wk_packet(&move, DeallocateObjectKeepRegisters);
		wk_put_adapter(test, move.adapter);
	}
}

/* scatter-gather.md, versions 1 and 2: Get, and Build in memory of the size that is calculated */
static void wk_list(struct wk_move *move, PVOID buffer, ULONG bytes)
{
	struct kunit *test = move->test;
	NTSTATUS status;
	u64 done;

	wk_call_init(&move->call, move->adapter, 0);
	local_bh_disable();
	if (buffer)
		status = move->ops->BuildScatterGatherList(move->adapter, move->object, move->mdl,
							   move->va, WK_LEGAL_BYTES,
							   wk_list_control, &move->call,
							   move->write, buffer, bytes);
	else
		status = move->ops->GetScatterGatherList(move->adapter, move->object, move->mdl,
							 move->va, WK_LEGAL_BYTES, wk_list_control,
							 &move->call, move->write);
	local_bh_enable();
	KUNIT_ASSERT_EQ(test, status, STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, move->call.count, 1);
	done = wk_list_bytes(move->call.list);
	KUNIT_EXPECT_EQ(test, done, WK_LEGAL_BYTES);
	if (move->write)
		wk_device_read_list(test, move->call.list, move->device);
	else
		wk_device_write_list(test, move->call.list, move->device);
	local_bh_disable();
	move->ops->PutScatterGatherList(move->adapter, move->call.list, move->write);
	local_bh_enable();
	wk_expect_moved(move);
}

static void lists(struct kunit *test)
{
	struct wk_move move;
	ULONG bytes;
	PVOID buffer;
	int i;

	for (i = 0; i < 4; i++) {
		wk_move_init(test, &move, DEVICE_DESCRIPTION_VERSION2, !(i & 1), i & 2);
		wk_list(&move, NULL, 0);
		KUNIT_ASSERT_EQ(test, move.ops->CalculateScatterGatherList(move.adapter, move.mdl,
									   move.va, WK_LEGAL_BYTES,
									   &bytes, NULL),
				STATUS_SUCCESS);
		buffer = kunit_kzalloc(test, bytes, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, buffer);
		wk_list(&move, buffer, bytes);
		wk_put_adapter(test, move.adapter);
	}
}

/* Version 3: requests that wait, are cancelled, and are granted; transfers that end early */
static void version_3(struct kunit *test)
{
	struct wk_v3 v3 = wk_v3_pool(test, WK_REGS);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 1), 0, PAGE_SIZE);
	u8 list_memory[40] __aligned(8);
	DMA_TRANSFER_INFO info = { .Version = DMA_TRANSFER_INFO_VERSION1 };
	struct wk_context context;
	ULONG mapped = PAGE_SIZE;
	struct wk_call call;
	PVOID base;

	KUNIT_EXPECT_EQ(test, v3.ops->GetDmaTransferInfo(v3.adapter, mdl, 0, mapped, TRUE, &info),
			STATUS_SUCCESS);
	KUNIT_EXPECT_GT(test, v3.ops->GetDmaAlignment(v3.adapter), 0);
	wk_call_init(&call, v3.adapter, KeepObject);
	wk_context_init(&v3, &context);
	local_bh_disable();
	base = wk_own_channel(&v3, 1);
	wk_channel_ex(&v3, &context, 1, 0, &call, NULL);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, v3.ops->CancelAdapterChannel(v3.adapter, v3.object, &context));
	KUNIT_EXPECT_FALSE(test, v3.ops->CancelAdapterChannel(v3.adapter, v3.object, &context));
	KUNIT_EXPECT_EQ(test, v3.ops->MapTransferEx(v3.adapter, mdl, base, 0, 0, &mapped, TRUE,
						    (PSCATTER_GATHER_LIST)list_memory, 40, NULL,
						    NULL), STATUS_SUCCESS);
	/* The device moved less. */
	KUNIT_EXPECT_EQ(test, v3.ops->FlushAdapterBuffersEx(v3.adapter, mdl, base, 0, mapped / 2,
							    TRUE), STATUS_SUCCESS);
	v3.ops->FreeAdapterObject(v3.adapter, KeepObject);
	v3.ops->FreeAdapterObject(v3.adapter, DeallocateObject);
	v3.ops->FreeAdapterObject(v3.adapter, DeallocateObjectKeepRegisters);
	wk_context_init(&v3, &context);
	local_bh_disable();
	wk_channel_ex(&v3, &context, 1, 0, &call, NULL);
	v3.ops->FreeAdapterChannel(v3.adapter);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, call.count, 1);
}

/* Lists of version 3, by context after context */
static void lists_of_version_3(struct kunit *test)
{
	struct wk_rig rig;
	struct wk_context context;
	struct wk_call call;
	int i;

	for (i = WK_CHANNEL; i <= WK_BUILD; i++) {
		rig = wk_rig(test, i);
		wk_context_init(&rig.v3, &context);
		wk_lasting_call(&rig, &call);
		local_bh_disable();
		wk_request(&rig, &context, 2, 0, &call);
		if (call.count)
			wk_end(&rig, &call, 2);
		wk_passing_call(&rig, &call);
		wk_request(&rig, &context, 3, DMA_SYNCHRONOUS_CALLBACK, &call);
		local_bh_enable();
		KUNIT_EXPECT_EQ(test, call.count, 1);
	}
}

/* common-buffer.md */
static void common_buffers(struct kunit *test)
{
	struct wk_made made = {
		.v3 = wk_v3_way(test, WK_DIRECT),
		.memory = wk_alloc_contiguous(test, WK_PAGES),
		.address.QuadPart = WK_UNTOUCHED,
	};
	PHYSICAL_ADDRESS low = {}, high = { .QuadPart = -1 }, address;
	PDMA_COMMON_BUFFER_VECTOR vector;
	struct wk_v3 *v3 = &made.v3;
	PVOID va;
	PMDL mdl;

	made.mdl = wk_mdl(test, made.memory, 0, WK_BYTES);
	va = v3->ops->AllocateCommonBuffer(v3->adapter, 100, &address, TRUE);
	KUNIT_ASSERT_NOT_NULL(test, va);
	memset(va, 0xA5, 100);
	wk_device_write(test, address.QuadPart, "device", 6);
	mdl = IoAllocateMdl(va, 100, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, mdl);
	MmBuildMdlForNonPagedPool(mdl);
	v3->ops->FlushDmaBuffer(v3->adapter, mdl, TRUE);
	KUNIT_EXPECT_FALSE(test, memcmp(va, "device", 6));
	IoFreeMdl(mdl);
	v3->ops->FreeCommonBuffer(v3->adapter, 100, address, va, TRUE);

	va = v3->ops->AllocateCommonBufferEx(v3->adapter, NULL, PAGE_SIZE, &address, FALSE,
					     MM_ANY_NODE_OK);
	KUNIT_ASSERT_NOT_NULL(test, va);
	v3->ops->FreeCommonBuffer(v3->adapter, PAGE_SIZE, address, va, FALSE);

	KUNIT_ASSERT_EQ(test, v3->ops->AllocateCommonBufferVector(v3->adapter, low, high, MmCached,
								  0, 0, 3, 100, &vector),
			STATUS_SUCCESS);
	v3->ops->GetCommonBufferFromVectorByIndex(v3->adapter, vector, 2, &va, &address);
	memset(va, 0xA5, 100);
	v3->ops->FreeCommonBufferFromVector(v3->adapter, vector, 2);
	v3->ops->FreeCommonBufferVector(v3->adapter, vector);

	KUNIT_ASSERT_EQ(test, wk_create(&made, NULL, 0), STATUS_SUCCESS);
	wk_free(&made, WK_BYTES, made.address.QuadPart, made.memory->va);
	v3->ops->GetDmaDomain(v3->adapter);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(packets),
	KUNIT_CASE(lists),
	KUNIT_CASE(version_3),
	KUNIT_CASE(lists_of_version_3),
	KUNIT_CASE(common_buffers),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_verifier_legal",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init_strict,
	.exit = wk_exit_strict,
	.test_cases = wk_cases,
};

static const struct wk_dma_kind wk_burst = { .granularity = DMA_RESIDUE_GRANULARITY_BURST };

/* system-dma.md: a transfer that ends, one that is cancelled, and the counter meanwhile */
static void system_transfers(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, wk_burst);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 2), 0, WK_RUN_BYTES);
	struct wk_done done = {};
	ULONG length = WK_RUN_BYTES;
	PVOID base = wk_at_dispatch(wk_sys_own(&sys));
	int i;

	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_EQ(test, wk_sys_map(&sys, base, mdl, 0, &length, false, &done),
				STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, length, WK_RUN_BYTES);
		wk_dma_move(test, sys.chan, 1000);
		KUNIT_EXPECT_LE(test, sys.ops->ReadDmaCounter(sys.adapter), WK_RUN_BYTES);
		if (i)
			KUNIT_EXPECT_EQ(test, wk_sys_cancel(&sys), STATUS_SUCCESS);
		else
			wk_dma_complete(test, sys.chan);
		KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(done.count) == i + 1));
		KUNIT_EXPECT_EQ(test, wk_sys_flush(&sys, base, mdl, 0, length, false),
				STATUS_SUCCESS);
	}
	wk_sys_free(&sys);
}

/* Versions 1 and 2: no routine is called, the driver waits for its device */
static void system_transfers_of_version_1(struct kunit *test)
{
	struct wk_sys sys = wk_sys_of(test, wk_sys_bind(test, wk_burst), wk_sys_description(1));
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 2), 0, WK_RUN_BYTES);
	u8 *va = MmGetMdlVirtualAddress(mdl);
	PVOID base = wk_sys_own_v1(&sys);
	ULONG length = WK_RUN_BYTES;

	sys.ops->MapTransfer(sys.adapter, mdl, base, va, &length, TRUE);
	KUNIT_ASSERT_EQ(test, length, WK_RUN_BYTES);
	wk_dma_complete(test, sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(!sys.ops->ReadDmaCounter(sys.adapter)));
	KUNIT_EXPECT_TRUE(test, sys.ops->FlushAdapterBuffers(sys.adapter, mdl, base, va, length,
							     TRUE));
	wk_sys_free(&sys);
}

static struct kunit_case wk_system_cases[] = {
	KUNIT_CASE(system_transfers),
	KUNIT_CASE(system_transfers_of_version_1),
	{}
};

static struct kunit_suite wk_system_suite = {
	.name = "wdmdma_verifier_legal_system",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_strict_untranslated,
	.exit = wk_exit_strict,
	.test_cases = wk_system_cases,
};

kunit_test_suites(&wk_suite, &wk_system_suite);
