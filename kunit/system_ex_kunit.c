// SPDX-License-Identifier: GPL-2.0-only
/*
 * System DMA of version 3: MapTransferEx over chains, and its completion routine.
 */
#include <linux/sizes.h>

#include "system.h"

static const struct wk_dma_kind wk_counting = { .granularity = DMA_RESIDUE_GRANULARITY_BURST };

/* A chain of three: 100 bytes, 2 pages scattered, 300 bytes */
static PMDL wk_chain(struct kunit *test)
{
	PMDL mdls[] = {
		wk_mdl(test, wk_alloc_contiguous(test, 1), 50, 100),
		wk_mdl(test, wk_alloc_scattered(test, 3), 1000, 2 * PAGE_SIZE),
		wk_mdl(test, wk_alloc_contiguous(test, 1), 0, 300),
	};

	return wk_link(mdls, ARRAY_SIZE(mdls));
}

#define WK_CHAIN_BYTES	(100 + 2 * PAGE_SIZE + 300)

static void a_chain_is_written(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, wk_counting);
	PVOID base = wk_sys_own(&sys);
	PMDL mdl = wk_chain(test);
	struct wk_done done = {};
	ULONG length = WK_CHAIN_BYTES - 40;
	u8 *expected = kunit_kzalloc(test, WK_CHAIN_BYTES, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, expected);
	wk_chain_read(mdl, 40, expected, WK_CHAIN_BYTES - 40);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 40, &length, true, &done),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, WK_CHAIN_BYTES - 40);
	KUNIT_EXPECT_EQ(test, sys.chan->seen_nents, 5);
	KUNIT_EXPECT_EQ(test, done.count, 0);
	wk_dma_complete(test, sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(done.count));
	KUNIT_EXPECT_EQ(test, done.count, 1);
	KUNIT_EXPECT_EQ(test, done.status, DmaComplete);
	KUNIT_EXPECT_PTR_EQ(test, done.adapter, sys.adapter);
	KUNIT_EXPECT_PTR_EQ(test, done.device_object, sys.object);
	KUNIT_EXPECT_TRUE(test, done.bh_off);
	KUNIT_EXPECT_FALSE(test, done.in_hardirq);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(&sys, base, mdl, 40, length, true), STATUS_SUCCESS);
	wk_sys_free(&sys);
	KUNIT_EXPECT_EQ(test, memcmp(sys.dma->memory, expected, length), 0);
	KUNIT_EXPECT_EQ(test, done.count, 1);
}

static void a_chain_is_read(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, wk_counting);
	PVOID base = wk_sys_own(&sys);
	PMDL mdl = wk_chain(test);
	struct wk_done done = {};
	ULONG length = WK_CHAIN_BYTES;
	u8 *got = kunit_kzalloc(test, WK_CHAIN_BYTES, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, got);
	wk_sys_map(&sys, base, mdl, 0, &length, false, &done);
	KUNIT_EXPECT_EQ(test, length, WK_CHAIN_BYTES);
	wk_dma_complete(test, sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(done.count));
	wk_sys_flush(&sys, base, mdl, 0, length, false);
	wk_sys_free(&sys);
	wk_chain_read(mdl, 0, got, WK_CHAIN_BYTES);
	KUNIT_EXPECT_EQ(test, memcmp(sys.dma->memory, got, WK_CHAIN_BYTES), 0);
}

/* The register is where description, DeviceOffset and binding say together. */
static void the_register(struct kunit *test)
{
	const struct dma_slave_config template = {
		.src_maxburst = 4,
		.dst_maxburst = 8,
		.device_fc = true,
		.dst_addr = 1,
		.src_addr_width = 2,
	};
	struct wk_world *world = test->priv;
	const struct wdmdma_dma_binding binding = {
		.request_line = 3,
		.channel = 0,
		.name = "rx",
		.bus_offset = 0x7e000000LL - 0x3f000000LL,
		.config = &template,
	};
	struct wk_dma *dma = wk_dma_add(test, world->dev, wk_counting);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 1), 0, 64);
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	struct wk_sys sys;
	ULONG length = 64;
	PVOID base;

	KUNIT_ASSERT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
	description.DmaRequestLine = 3;
	description.DmaWidth = Width32Bits;
	description.DeviceAddress.QuadPart = 0x3f200000;
	sys = wk_sys_of(test, dma, description);
	base = wk_sys_own(&sys);
	sys.ops->MapTransferEx(sys.adapter, mdl, base, 0, 0x1000, &length, TRUE, NULL, 0, NULL,
			       NULL);
	KUNIT_EXPECT_EQ(test, sys.chan->config.dst_addr, 0x7e201000);
	KUNIT_EXPECT_EQ(test, sys.chan->config.dst_addr_width, 4);
	KUNIT_EXPECT_EQ(test, sys.chan->config.src_addr_width, 4);
	KUNIT_EXPECT_EQ(test, sys.chan->config.dst_maxburst, 8);
	KUNIT_EXPECT_TRUE(test, sys.chan->config.device_fc);
	wk_dma_complete(test, sys.chan);
	wk_sys_flush(&sys, base, mdl, 0, length, true);
	/* Another direction and another register, on the same channel */
	length = 64;
	sys.ops->MapTransferEx(sys.adapter, mdl, base, 0, 0xFFFFFFFF, &length, FALSE, NULL, 0, NULL,
			       NULL);
	KUNIT_EXPECT_EQ(test, sys.chan->config.src_addr, 0x7e200000ULL + 0xFFFFFFFF);
	KUNIT_EXPECT_EQ(test, sys.chan->config.direction, DMA_DEV_TO_MEM);
	wk_dma_complete(test, sys.chan);
	wk_sys_flush(&sys, base, mdl, 0, length, false);
	wk_sys_free(&sys);
}

static void a_list_is_filled(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, wk_counting);
	PVOID base = wk_sys_own(&sys);
	struct wk_buffer *buffer = wk_alloc_scattered(test, 4);
	PMDL mdl = wk_mdl(test, buffer, 0, 4 * PAGE_SIZE);
	struct {
		union {
			SCATTER_GATHER_LIST list;
			u8 bytes[16 + 24 * 3];
		};
		u64 behind;
	} memory;
	ULONG length = 4 * PAGE_SIZE;
	NTSTATUS status;
	unsigned int i;

	memset(&memory, 0x5A, sizeof(memory));
	status = sys.ops->MapTransferEx(sys.adapter, mdl, base, 0, 0, &length, TRUE, &memory.list,
					sizeof(memory.bytes), NULL, NULL);
	KUNIT_EXPECT_EQ(test, status, STATUS_SUCCESS);
	/* The list holds three, so that is what is transferred. */
	KUNIT_EXPECT_EQ(test, length, 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, memory.list.NumberOfElements, 3);
	KUNIT_EXPECT_EQ(test, memory.list.Reserved, 0);
	KUNIT_EXPECT_EQ(test, memory.behind, 0x5A5A5A5A5A5A5A5AULL);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, memory.list.Elements[i].Address.QuadPart,
				wk_phys(buffer, i * PAGE_SIZE));
		KUNIT_EXPECT_EQ(test, memory.list.Elements[i].Length, PAGE_SIZE);
	}
	wk_dma_complete(test, sys.chan);
	wk_sys_flush(&sys, base, mdl, 0, length, true);
	/* One element is the least. */
	length = PAGE_SIZE;
	status = sys.ops->MapTransferEx(sys.adapter, mdl, base, 0, 0, &length, TRUE, &memory.list,
					39, NULL, NULL);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	wk_sys_free(&sys);
}

static void limited_by_the_controller(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, (struct wk_dma_kind){ .max_sg_burst = 2 });
	PVOID base = wk_sys_own(&sys);
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 4), 0, 4 * PAGE_SIZE);
	ULONG length = 4 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 0, &length, true, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, 2 * PAGE_SIZE);
	wk_dma_complete(test, sys.chan);
	wk_sys_flush(&sys, base, mdl, 0, length, true);
	/* MapTransfer is not cut: a controller takes longer lists, in parts. */
	length = 4 * PAGE_SIZE;
	sys.ops->MapTransfer(sys.adapter, mdl, base, MmGetMdlVirtualAddress(mdl), &length, TRUE);
	KUNIT_EXPECT_EQ(test, length, 4 * PAGE_SIZE);
	wk_dma_complete(test, sys.chan);
	sys.ops->FlushAdapterBuffers(sys.adapter, mdl, base, MmGetMdlVirtualAddress(mdl), length,
				     TRUE);
	wk_sys_free(&sys);
}

static void segments_are_cut(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, (struct wk_dma_kind){ .max_segment = SZ_8K });
	PVOID base = wk_sys_own(&sys);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 5), 0, 5 * PAGE_SIZE);
	ULONG length = 5 * PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 0, &length, true, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, 5 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, sys.chan->seen_nents, 3);
	wk_dma_complete(test, sys.chan);
	wk_sys_flush(&sys, base, mdl, 0, length, true);
	wk_sys_free(&sys);
}

/* What is not all of it ends with a whole unit of the register. */
static void whole_units(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	struct wk_sys sys;
	PMDL mdl = wk_mdl(test, wk_alloc_scattered(test, 4), 2, 3 * PAGE_SIZE);
	ULONG length = 3 * PAGE_SIZE - 2;
	PVOID base;

	description.DmaWidth = Width32Bits;
	sys = wk_sys_of(test, wk_sys_bind(test, (struct wk_dma_kind){ .max_sg_burst = 2 }),
			description);
	base = wk_sys_own(&sys);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 0, &length, true, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, 2 * PAGE_SIZE - 4);
	KUNIT_EXPECT_EQ(test, wk_dma_move(test, sys.chan, U32_MAX), 2 * PAGE_SIZE - 4);
	wk_dma_callback(test, sys.chan, DMA_TRANS_NOERROR);
	wk_sys_flush(&sys, base, mdl, 0, length, true);
	/* The end of the request is what it is... */
	length = 6;
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 0, &length, true, NULL), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, 6);
	wk_dma_complete(test, sys.chan);
	wk_sys_flush(&sys, base, mdl, 0, length, true);
	/* ... unless the controller does not like it. */
	length = 6;
	sys.chan->fail_prep = true;
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 0, &length, true, NULL),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, length, 6);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	sys.chan->fail_prep = false;
	wk_sys_free(&sys);
}

static void no_bytes(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, wk_counting);
	PVOID base = wk_sys_own(&sys);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 1), 0, 64);
	struct wk_done done = {};
	ULONG length = 0;

	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 0, &length, true, &done), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, sys.chan->nr_preps, 0);
	/* Nothing is owed: the next one can be mapped. */
	length = 64;
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 0, &length, true, &done), STATUS_SUCCESS);
	wk_dma_complete(test, sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(done.count));
	wk_sys_flush(&sys, base, mdl, 0, length, true);
	wk_sys_free(&sys);
	KUNIT_EXPECT_EQ(test, done.count, 1);
}

static void what_is_refused(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, wk_counting);
	PVOID base = wk_sys_own(&sys);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 1), 0, 64);
	PMDL unbuilt = IoAllocateMdl(mdl, 64, FALSE, FALSE, NULL);
	u8 *buffer = kunit_kzalloc(test, SZ_1K, GFP_KERNEL);
	ULONG length = 64;
	struct wk_call call;
	NTSTATUS status;

	KUNIT_ASSERT_NOT_NULL(test, buffer);
	wk_call_init(&call, sys.adapter, KeepObject);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, NULL, 0, &length, true, NULL),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 0, NULL, true, NULL),
			STATUS_INVALID_PARAMETER);
	wk_expect_report(test, WD_REPORT_NOT_IN_MDL, 1);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 64, &length, true, NULL),
			STATUS_INVALID_PARAMETER);
	wk_expect_report(test, WD_REPORT_REGS_FREED, 1);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base + 1, mdl, 0, &length, true, NULL),
			STATUS_INVALID_PARAMETER);
	wk_expect_report(test, WD_REPORT_NOT_LOCKED, 1);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, unbuilt, 0, &length, true, NULL),
			STATUS_INVALID_PARAMETER);
	IoFreeMdl(unbuilt);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 0, &length, true, NULL), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_TWO_MAPS, 1);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, base, mdl, 0, &length, true, NULL),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, length, 64);
	wk_dma_complete(test, sys.chan);
	wk_sys_flush(&sys, base, mdl, 0, length, true);
	/* The lists of version 3 are for bus masters. */
	status = sys.ops->GetScatterGatherListEx(sys.adapter, sys.object, &sys.context, mdl, 0, 64,
						 0, wk_list_control, &call, TRUE, NULL, NULL, NULL);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	status = sys.ops->BuildScatterGatherListEx(sys.adapter, sys.object, &sys.context, mdl, 0,
						   64, 0, wk_list_control, &call, TRUE, buffer,
						   SZ_1K, NULL, NULL, NULL);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	wk_sys_free(&sys);
	KUNIT_EXPECT_EQ(test, call.count, 0);
}

struct wk_rounds {
	struct wk_sys *sys;
	PVOID base;
	PMDL mdl;
	ULONG length;		/* of the round in hand; final when the routine runs */
	ULONG seen[8];
	u32 moved, total;
};

/* As KMDF does: flush, then map the rest, or release the channel. */
static void wk_next_round(struct wk_done *done)
{
	struct wk_rounds *rounds = done->data;

	rounds->seen[done->count - 1] = rounds->length;
	wk_sys_flush(rounds->sys, rounds->base, rounds->mdl, rounds->moved, rounds->length, true);
	rounds->moved += rounds->length;
	rounds->length = rounds->total - rounds->moved;
	if (!rounds->length) {
		rounds->sys->ops->FreeAdapterChannel(rounds->sys->adapter);
		return;
	}
	wk_in_map = true;
	wk_sys_map(rounds->sys, rounds->base, rounds->mdl, rounds->moved, &rounds->length, true,
		   done);
	wk_in_map = false;
}

/*
 * The controller is through before MapTransferEx returns. The routine does not run inside that, nor
 * inside itself, and finds the length that was mapped.
 */
static void complete_at_once(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, (struct wk_dma_kind){ .max_sg_burst = 2 });
	struct wk_rounds rounds = {
		.sys = &sys,
		.base = wk_sys_own(&sys),
		.mdl = wk_mdl(test, wk_alloc_scattered(test, 6), 0, 6 * PAGE_SIZE - 10),
		.length = 6 * PAGE_SIZE - 10,
		.total = 6 * PAGE_SIZE - 10,
	};
	struct wk_done done = { .inside = wk_next_round, .data = &rounds };
	u8 *expected = kunit_kzalloc(test, rounds.total, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, expected);
	wk_chain_read(rounds.mdl, 0, expected, rounds.total);
	sys.chan->auto_complete = true;
	local_bh_disable();
	wk_in_map = true;
	KUNIT_EXPECT_EQ(test, wk_sys_map(&sys, rounds.base, rounds.mdl, 0, &rounds.length, true,
					 &done), STATUS_SUCCESS);
	wk_in_map = false;
	KUNIT_EXPECT_EQ(test, done.count, 0);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, wk_wait_for(rounds.moved == rounds.total));
	KUNIT_EXPECT_EQ(test, done.count, 3);
	KUNIT_EXPECT_FALSE(test, done.in_map);
	KUNIT_EXPECT_EQ(test, rounds.seen[0], 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, rounds.seen[1], 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, rounds.seen[2], 2 * PAGE_SIZE - 10);
	KUNIT_EXPECT_EQ(test, memcmp(sys.dma->memory, expected, rounds.total), 0);
	KUNIT_EXPECT_EQ(test, sys.chan->nr_terminates, 0);
}

static void device_object_is_the_requests(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, wk_counting);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 1), 0, 64);
	DEVICE_OBJECT other = {};
	struct wk_done done = {};
	struct wk_call call;
	ULONG length = 64;

	sys.object = &other;
	KUNIT_EXPECT_EQ(test, wk_sys_ask_ex(&sys, &sys.context, 2, &call), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, call.count, 1);
	wk_sys_map(&sys, call.base, mdl, 0, &length, true, &done);
	wk_dma_complete(test, sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(done.count));
	KUNIT_EXPECT_PTR_EQ(test, done.device_object, &other);
	wk_sys_flush(&sys, call.base, mdl, 0, length, true);
	sys.ops->FreeAdapterObject(sys.adapter, KeepObject);
	KUNIT_EXPECT_EQ(test, wk_stats(test, sys.adapter).sets_live, 1);
	wk_expect_report(test, WD_REPORT_ACTION, 1);
	sys.ops->FreeAdapterObject(sys.adapter, DeallocateObjectKeepRegisters);
	KUNIT_EXPECT_EQ(test, wk_stats(test, sys.adapter).sets_live, 0);
	/* Nobody owns it: silence. */
	sys.ops->FreeAdapterObject(sys.adapter, DeallocateObjectKeepRegisters);
	sys.ops->FreeAdapterObject(sys.adapter, DeallocateObject);
}

static NTSTATUS wk_configure(struct dma_chan *chan, ULONG function_number, PVOID context,
			     struct dma_slave_config *config)
{
	if (function_number != 0x42)
		return STATUS_NOT_IMPLEMENTED;
	config->dst_maxburst = *(ULONG *)context;
	config->dst_addr = 0xBAD;
	return STATUS_SUCCESS;
}

static void configuring(struct kunit *test)
{
	struct wk_world *world = test->priv;
	const struct wdmdma_dma_binding binding = {
		.request_line = 3,
		.channel = 1,
		.name = "rx",
		.configure = wk_configure,
	};
	struct wk_dma *dma = wk_sys_bind(test, wk_counting);
	struct wk_sys plain = wk_sys_of(test, dma, wk_sys_description(3)), sys;
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	PMDL mdl = wk_mdl(test, wk_alloc_contiguous(test, 1), 0, 64);
	ULONG burst = 16, length = 64;
	NTSTATUS status;
	PVOID base;

	KUNIT_EXPECT_EQ(test, plain.ops->ConfigureAdapterChannel(plain.adapter, 0x42, &burst),
			STATUS_NOT_IMPLEMENTED);
	/* Bound under another line as well: the same channel */
	KUNIT_ASSERT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
	description.DmaRequestLine = 3;
	description.DmaChannel = 1;
	sys = wk_sys_of(test, dma, description);
	KUNIT_EXPECT_EQ(test, sys.ops->ConfigureAdapterChannel(sys.adapter, 0x42, &burst),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, sys.ops->ConfigureAdapterChannel(sys.adapter, 0x43, NULL),
			STATUS_NOT_IMPLEMENTED);
	status = sys.ops->ConfigureAdapterChannel(sys.adapter, WDMDMA_SET_NOTIFICATION_LENGTH,
						  &burst);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	base = wk_sys_own(&sys);
	wk_sys_map(&sys, base, mdl, 0, &length, true, NULL);
	KUNIT_EXPECT_EQ(test, dma->chans[0].config.dst_maxburst, 16);
	KUNIT_EXPECT_EQ(test, dma->chans[0].config.dst_addr, WK_DMA_REGISTER);
	wk_dma_complete(test, &dma->chans[0]);
	wk_sys_flush(&sys, base, mdl, 0, length, true);
	wk_sys_free(&sys);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(a_chain_is_written),
	KUNIT_CASE(a_chain_is_read),
	KUNIT_CASE(the_register),
	KUNIT_CASE(a_list_is_filled),
	KUNIT_CASE(limited_by_the_controller),
	KUNIT_CASE(segments_are_cut),
	KUNIT_CASE(whole_units),
	KUNIT_CASE(no_bytes),
	KUNIT_CASE(what_is_refused),
	KUNIT_CASE(complete_at_once),
	KUNIT_CASE(device_object_is_the_requests),
	KUNIT_CASE(configuring),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_ex",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
