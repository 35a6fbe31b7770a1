// SPDX-License-Identifier: GPL-2.0-only
/*
 * System DMA as versions 1 and 2 do it: AllocateAdapterChannel, MapTransfer, FlushAdapterBuffers,
 * FreeAdapterChannel.
 */
#include <linux/sizes.h>

#include "system.h"

/* How a version 2 driver sees memory: a set, an MDL and what is to be moved */
struct wk_move {
	struct wk_sys sys;
	PVOID base;
	struct wk_buffer *buffer;
	PMDL mdl;
	u8 *va;				/* MmGetMdlVirtualAddress */
};

static struct wk_move wk_move_of(struct kunit *test, struct wk_dma_kind kind,
				 DEVICE_DESCRIPTION description, size_t offset, size_t bytes)
{
	struct wk_move move = {
		.sys = wk_sys_of(test, wk_sys_bind(test, kind), description),
		.buffer = wk_alloc_scattered(test, PFN_UP(offset + bytes)),
	};

	move.mdl = wk_mdl(test, move.buffer, offset, bytes);
	move.va = MmGetMdlVirtualAddress(move.mdl);
	move.base = wk_sys_own_v1(&move.sys);
	return move;
}

static struct wk_move wk_move(struct kunit *test, size_t offset, size_t bytes)
{
	return wk_move_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST }, wk_sys_description(2), offset,
			  bytes);
}

static PHYSICAL_ADDRESS wk_map(struct wk_move *move, u32 offset, ULONG *length, bool write)
{
	return move->sys.ops->MapTransfer(move->sys.adapter, move->mdl, move->base,
					  move->va + offset, length, write);
}

static BOOLEAN wk_flush(struct wk_move *move, u32 offset, ULONG length, bool write)
{
	return move->sys.ops->FlushAdapterBuffers(move->sys.adapter, move->mdl, move->base,
						  move->va + offset, length, write);
}

static void write_scattered(struct kunit *test)
{
	struct wk_move move = wk_move(test, 100, 3 * PAGE_SIZE + 500);
	struct wk_dma_chan *chan = move.sys.chan;
	ULONG length = 3 * PAGE_SIZE + 500;

	KUNIT_EXPECT_NE(test, wk_map(&move, 0, &length, true).QuadPart, -1);
	KUNIT_EXPECT_EQ(test, length, 3 * PAGE_SIZE + 500);
	/* Armed when the call returns, with a register, a width and a direction. */
	KUNIT_EXPECT_TRUE(test, wk_dma_is_busy(chan));
	KUNIT_EXPECT_EQ(test, chan->seen_nents, 4);
	KUNIT_EXPECT_EQ(test, chan->config.direction, DMA_MEM_TO_DEV);
	KUNIT_EXPECT_EQ(test, chan->config.dst_addr_width, 1);
	KUNIT_EXPECT_EQ(test, chan->config.src_addr_width, 1);
	KUNIT_EXPECT_EQ(test, chan->config.dst_maxburst, 1);
	wk_dma_complete(test, chan);
	KUNIT_EXPECT_EQ(test, move.sys.ops->ReadDmaCounter(move.sys.adapter), 0);
	KUNIT_EXPECT_TRUE(test, wk_flush(&move, 0, length, true));
	wk_sys_free(&move.sys);
	KUNIT_EXPECT_EQ(test, memcmp(move.sys.dma->memory, move.va, length), 0);
}

static void read_scattered(struct kunit *test)
{
	struct wk_move move = wk_move(test, 4000, 2 * PAGE_SIZE);
	ULONG length = 2 * PAGE_SIZE;

	wk_map(&move, 0, &length, false);
	KUNIT_EXPECT_EQ(test, move.sys.chan->config.direction, DMA_DEV_TO_MEM);
	wk_dma_complete(test, move.sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_flush(&move, 0, length, false));
	wk_sys_free(&move.sys);
	KUNIT_EXPECT_EQ(test, memcmp(move.sys.dma->memory, move.va, length), 0);
	KUNIT_EXPECT_EQ(test, move.buffer->va[3999], wk_pattern(1, 3999));
}

static void one_after_the_other(struct kunit *test)
{
	struct wk_move move = wk_move(test, 0, 2 * PAGE_SIZE);
	ULONG length;
	u32 offset;

	for (offset = 0; offset < 2 * PAGE_SIZE; offset += 512) {
		length = 512;
		wk_map(&move, offset, &length, offset & 512);
		KUNIT_ASSERT_EQ(test, length, 512);
		wk_dma_complete(test, move.sys.chan);
		KUNIT_EXPECT_TRUE(test, wk_flush(&move, offset, 512, offset & 512));
	}
	wk_sys_free(&move.sys);
	KUNIT_EXPECT_EQ(test, move.sys.chan->nr_terminates, 0);
	KUNIT_EXPECT_EQ(test, move.sys.chan->nr_configs, 16);
}

static void the_second_map_is_refused(struct kunit *test)
{
	struct wk_move move = wk_move(test, 0, 2 * PAGE_SIZE);
	ULONG length = PAGE_SIZE, other = PAGE_SIZE;

	wk_map(&move, 0, &length, true);
	wk_expect_report(test, WD_REPORT_TWO_MAPS, 2);
	KUNIT_EXPECT_EQ(test, wk_map(&move, PAGE_SIZE, &other, true).QuadPart, -1);
	KUNIT_EXPECT_EQ(test, other, 0);
	wk_dma_complete(test, move.sys.chan);
	/* Nor is it without a flush once the first is over. */
	other = PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, wk_map(&move, PAGE_SIZE, &other, true).QuadPart, -1);
	KUNIT_EXPECT_EQ(test, move.sys.chan->nr_preps, 1);
	wk_flush(&move, 0, length, true);
	other = PAGE_SIZE;
	KUNIT_EXPECT_NE(test, wk_map(&move, PAGE_SIZE, &other, true).QuadPart, -1);
	wk_dma_complete(test, move.sys.chan);
	wk_flush(&move, PAGE_SIZE, other, true);
	wk_sys_free(&move.sys);
}

static void what_cannot_be_mapped(struct kunit *test)
{
	struct wk_move move = wk_move(test, 0, PAGE_SIZE);
	ULONG length = 0;

	wk_expect_report(test, WD_REPORT_ZERO_LENGTH, 1);
	KUNIT_EXPECT_EQ(test, wk_map(&move, 0, &length, true).QuadPart, -1);
	length = 16;
	wk_expect_report(test, WD_REPORT_NOT_IN_MDL, 1);
	KUNIT_EXPECT_EQ(test, wk_map(&move, PAGE_SIZE, &length, true).QuadPart, -1);
	KUNIT_EXPECT_EQ(test, length, 0);
	length = 16;
	wk_expect_report(test, WD_REPORT_REGS_FREED, 1);
	KUNIT_EXPECT_EQ(test, move.sys.ops->MapTransfer(move.sys.adapter, move.mdl, NULL, move.va,
							&length, TRUE).QuadPart, -1);
	length = 16;
	move.sys.chan->fail_prep = true;
	wk_expect_report(test, WD_REPORT_MISC, 3);
	KUNIT_EXPECT_EQ(test, wk_map(&move, 0, &length, true).QuadPart, -1);
	KUNIT_EXPECT_EQ(test, length, 0);
	move.sys.chan->fail_prep = false;
	move.sys.chan->fail_submit = true;
	length = 16;
	KUNIT_EXPECT_EQ(test, wk_map(&move, 0, &length, true).QuadPart, -1);
	KUNIT_EXPECT_EQ(test, length, 0);
	move.sys.chan->fail_submit = false;
	move.sys.chan->fail_config = true;
	length = 16;
	KUNIT_EXPECT_EQ(test, wk_map(&move, 0, &length, true).QuadPart, -1);
	move.sys.chan->fail_config = false;
	KUNIT_EXPECT_FALSE(test, wk_dma_is_busy(move.sys.chan));
	/* No flush is owed for any of these. */
	length = 16;
	KUNIT_EXPECT_NE(test, wk_map(&move, 0, &length, true).QuadPart, -1);
	wk_dma_complete(test, move.sys.chan);
	wk_flush(&move, 0, length, true);
	wk_sys_free(&move.sys);
}

static void shortened_to_what_there_is(struct kunit *test)
{
	struct wk_move move = wk_move(test, 0, 20 * PAGE_SIZE);
	ULONG length = 20 * PAGE_SIZE;

	/* R is 17 */
	wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 1);
	KUNIT_EXPECT_NE(test, wk_map(&move, 0, &length, true).QuadPart, -1);
	KUNIT_EXPECT_EQ(test, length, 17 * PAGE_SIZE);
	wk_dma_complete(test, move.sys.chan);
	wk_flush(&move, 0, length, true);
	/* Behind the MDL there is nothing; the rest of the last page is tolerated. */
	length = 2 * PAGE_SIZE;
	KUNIT_EXPECT_NE(test, wk_map(&move, 19 * PAGE_SIZE, &length, true).QuadPart, -1);
	KUNIT_EXPECT_EQ(test, length, PAGE_SIZE);
	wk_dma_complete(test, move.sys.chan);
	wk_flush(&move, 19 * PAGE_SIZE, length, true);
	wk_sys_free(&move.sys);
}

/* One that takes one element gets scattered memory through a window, and all of it. */
static void window(struct kunit *test)
{
	struct wk_move move = wk_move_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST,
		.max_sg_burst = 1,
	}, wk_sys_description(2), 10, 3 * PAGE_SIZE);
	ULONG length = 3 * PAGE_SIZE;

	wk_map(&move, 0, &length, true);
	KUNIT_EXPECT_EQ(test, length, 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, move.sys.chan->seen_nents, 1);
	wk_dma_complete(test, move.sys.chan);
	wk_flush(&move, 0, length, true);
	KUNIT_EXPECT_EQ(test, memcmp(move.sys.dma->memory, move.va, length), 0);

	wk_fill(move.sys.dma->memory, WK_DMA_BYTES, 9);
	move.sys.chan->position = 0;
	length = 3 * PAGE_SIZE;
	wk_map(&move, 0, &length, false);
	wk_dma_complete(test, move.sys.chan);
	KUNIT_EXPECT_NE(test, memcmp(move.sys.dma->memory, move.va, length), 0);
	wk_flush(&move, 0, length, false);
	wk_sys_free(&move.sys);
	KUNIT_EXPECT_EQ(test, memcmp(move.sys.dma->memory, move.va, length), 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, move.sys.adapter).mapping, WDMDMA_BOUNCED);
}

/* Memory that the controller does not reach goes through pages that it does. */
static void out_of_reach(struct kunit *test)
{
	struct wk_move move;
	ULONG length = 2 * PAGE_SIZE;

	wk_force_bounce(test, true);
	move = wk_move(test, 200, 2 * PAGE_SIZE);
	wk_force_bounce(test, false);
	wk_map(&move, 0, &length, false);
	KUNIT_EXPECT_EQ(test, length, 2 * PAGE_SIZE);
	/* Only 5000 bytes come, and no more are copied back than that. */
	wk_dma_move(test, move.sys.chan, 5000);
	move.va[6000]++;
	KUNIT_EXPECT_TRUE(test, wk_flush(&move, 0, length, false));
	wk_sys_free(&move.sys);
	KUNIT_EXPECT_EQ(test, memcmp(move.sys.dma->memory, move.va, 5000), 0);
	KUNIT_EXPECT_EQ(test, move.va[5000], wk_pattern(1, 5200));
	KUNIT_EXPECT_EQ(test, move.va[6000], (u8)(wk_pattern(1, 6200) + 1));
	KUNIT_EXPECT_EQ(test, wk_stats(test, move.sys.adapter).mapping, WDMDMA_BOUNCED);
}

/* Without a count, what the driver says is what counts. */
static void an_ignored_count(struct kunit *test)
{
	DEVICE_DESCRIPTION description = wk_sys_description(2);
	struct wk_move move;
	ULONG length = 2 * PAGE_SIZE;

	description.IgnoreCount = TRUE;
	move = wk_move_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST,
		.max_sg_burst = 1,
	}, description, 0, 2 * PAGE_SIZE);
	wk_map(&move, 0, &length, false);
	wk_dma_move(test, move.sys.chan, PAGE_SIZE + 1000);
	KUNIT_EXPECT_EQ(test, move.sys.ops->ReadDmaCounter(move.sys.adapter), 2 * PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, wk_flush(&move, 0, PAGE_SIZE, false));
	wk_sys_free(&move.sys);
	KUNIT_EXPECT_EQ(test, memcmp(move.sys.dma->memory, move.va, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, move.va[PAGE_SIZE], wk_pattern(1, PAGE_SIZE));
}

static void only_keep_object(struct kunit *test)
{
	static const IO_ALLOCATION_ACTION actions[] = {
		DeallocateObject, DeallocateObjectKeepRegisters, 77,
	};
	struct wk_sys sys = wk_sys(test, (struct wk_dma_kind){});
	struct wk_call call, other;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(actions); i++) {
		wk_call_init(&call, sys.adapter, actions[i]);
		wk_call_init(&other, sys.adapter, KeepObject);
		wk_expect_report(test, WD_REPORT_ACTION, 1);
		sys.ops->AllocateAdapterChannel(sys.adapter, sys.object, 2, wk_control, &call);
		KUNIT_EXPECT_EQ(test, call.count, 1);
		sys.ops->AllocateAdapterChannel(sys.adapter, sys.object, 2, wk_control, &other);
		KUNIT_EXPECT_EQ(test, other.count, 0);
		wk_sys_free(&sys);
		KUNIT_EXPECT_EQ(test, other.count, 1);
		wk_sys_free(&sys);
	}
}

static void freeing_without_a_flush(struct kunit *test)
{
	struct wk_move move = wk_move(test, 0, PAGE_SIZE);
	ULONG length = PAGE_SIZE;

	/* While it runs, and when it is over: one report, and the controller is stopped. */
	wk_map(&move, 0, &length, false);
	wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 2);
	wk_sys_free(&move.sys);
	KUNIT_EXPECT_EQ(test, move.sys.chan->nr_terminates, 1);
	wk_sys_settle(&move.sys);
	move.base = wk_sys_own_v1(&move.sys);
	length = PAGE_SIZE;
	wk_map(&move, 0, &length, false);
	wk_dma_complete(test, move.sys.chan);
	wk_sys_free(&move.sys);
	KUNIT_EXPECT_EQ(test, move.sys.chan->nr_terminates, 1);
}

static void freeing_registers_stops(struct kunit *test)
{
	struct wk_move move = wk_move(test, 0, PAGE_SIZE);
	ULONG length = PAGE_SIZE;

	wk_map(&move, 0, &length, false);
	wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 1);
	wk_expect_report(test, WD_REPORT_REGS_FREED, 1);
	move.sys.ops->FreeMapRegisters(move.sys.adapter, move.base, move.sys.regs);
	KUNIT_EXPECT_EQ(test, move.sys.chan->nr_terminates, 1);
	wk_sys_free(&move.sys);
	wk_sys_settle(&move.sys);
	wk_expect_report(test, WD_REPORT_CHANNEL_FREED, 1);
	wk_sys_free(&move.sys);
}

static void putting_while_running(struct kunit *test)
{
	struct wk_move move = wk_move(test, 0, PAGE_SIZE);
	ULONG length = PAGE_SIZE;

	wk_map(&move, 0, &length, false);
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_put_adapter(test, move.sys.adapter);
	KUNIT_EXPECT_EQ(test, move.sys.chan->nr_terminates, 1);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(move.sys.chan->nr_synchronizes));
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(write_scattered),
	KUNIT_CASE(read_scattered),
	KUNIT_CASE(one_after_the_other),
	KUNIT_CASE(the_second_map_is_refused),
	KUNIT_CASE(what_cannot_be_mapped),
	KUNIT_CASE(shortened_to_what_there_is),
	KUNIT_CASE(window),
	KUNIT_CASE(out_of_reach),
	KUNIT_CASE(an_ignored_count),
	KUNIT_CASE(only_keep_object),
	KUNIT_CASE(freeing_without_a_flush),
	KUNIT_CASE(freeing_registers_stops),
	KUNIT_CASE(putting_while_running),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_transfer",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
