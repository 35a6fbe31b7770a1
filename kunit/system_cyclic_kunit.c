// SPDX-License-Identifier: GPL-2.0-only
/*
 * System DMA that loops (AutoInitialize): over a common buffer, mapped once, until a flush.
 */
#include <linux/sizes.h>

#include "system.h"

#define WK_LOOP	SZ_16K

struct wk_loop {
	struct wk_sys sys;
	PVOID va;
	PHYSICAL_ADDRESS address;
	PMDL mdl;
	PVOID base;
	struct wk_done done;
};

static struct wk_loop *wk_loop_of(struct kunit *test, struct wk_dma_kind kind, ULONG version)
{
	struct wk_loop *loop = kunit_kzalloc(test, sizeof(*loop), GFP_KERNEL);
	DEVICE_DESCRIPTION description = wk_sys_description(version);

	KUNIT_ASSERT_NOT_NULL(test, loop);
	description.AutoInitialize = TRUE;
	description.MaximumLength = 0;	/* 2 registers: a loop needs none */
	loop->sys = wk_sys_of(test, wk_sys_bind(test, kind), description);
	loop->va = loop->sys.ops->AllocateCommonBuffer(loop->sys.adapter, WK_LOOP, &loop->address,
						       TRUE);
	KUNIT_ASSERT_NOT_NULL(test, loop->va);
	loop->mdl = IoAllocateMdl(loop->va, WK_LOOP, FALSE, FALSE, NULL);
	KUNIT_ASSERT_NOT_NULL(test, loop->mdl);
	MmBuildMdlForNonPagedPool(loop->mdl);
	loop->base = version == 3 ? wk_sys_own(&loop->sys) : wk_sys_own_v1(&loop->sys);
	return loop;
}

static struct wk_loop *wk_loop(struct kunit *test)
{
	return wk_loop_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST }, 3);
}

static void wk_loop_end(struct wk_loop *loop)
{
	wk_sys_free(&loop->sys);
	IoFreeMdl(loop->mdl);
	loop->sys.ops->FreeCommonBuffer(loop->sys.adapter, WK_LOOP, loop->address, loop->va, TRUE);
}

static ULONG wk_loop_map(struct wk_loop *loop, u32 bytes)
{
	ULONG length = bytes;

	KUNIT_ASSERT_EQ(loop->sys.test, wk_sys_map(&loop->sys, loop->base, loop->mdl, 0, &length,
						   false, &loop->done), STATUS_SUCCESS);
	return length;
}

/* The hardware moves on, and calls back at each end of a period. */
static void wk_turn(struct wk_loop *loop, u32 periods)
{
	struct wk_dma_chan *chan = loop->sys.chan;
	struct wk_dma_desc *desc = list_first_entry(&chan->issued, struct wk_dma_desc, node);

	while (periods--) {
		wk_dma_move(loop->sys.test, chan, desc->period);
		wk_dma_callback(loop->sys.test, chan, DMA_TRANS_NOERROR);
	}
}

/* Routines run from a tasklet, at once when bottom halves go on. */
static void wk_let_run(void)
{
	msleep(20);
}

static void as_audio_drivers_do(struct kunit *test)
{
	struct wk_loop *loop = wk_loop_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST }, 2);
	struct wk_sys *sys = &loop->sys;
	PVOID va = MmGetMdlVirtualAddress(loop->mdl);
	ULONG length = WK_LOOP;

	KUNIT_EXPECT_EQ(test, sys->regs, 2);
	sys->ops->MapTransfer(sys->adapter, loop->mdl, loop->base, va, &length, FALSE);
	KUNIT_EXPECT_EQ(test, length, WK_LOOP);
	/* A full pass reads Length, then it moves, and never is 0. */
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_LOOP);
	wk_dma_move(test, sys->chan, 100);
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_LOOP - 100);
	wk_dma_move(test, sys->chan, WK_LOOP - 100);
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_LOOP);
	wk_dma_callback(test, sys->chan, DMA_TRANS_NOERROR);
	wk_dma_move(test, sys->chan, WK_LOOP + 5);
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_LOOP - 5);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_preps, 1);
	/* The memory is shared: nothing to copy. */
	KUNIT_EXPECT_EQ(test, memcmp(loop->va + 5, sys->dma->memory + WK_LOOP + 5, 100), 0);
	KUNIT_EXPECT_EQ(test, wk_stats(test, sys->adapter).common_maps, 1);
	KUNIT_EXPECT_TRUE(test, sys->ops->FlushAdapterBuffers(sys->adapter, loop->mdl, loop->base,
							      va, WK_LOOP, FALSE));
	KUNIT_EXPECT_FALSE(test, wk_dma_is_busy(sys->chan));
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_LOOP - 5);
	wk_loop_end(loop);
}

static void a_prefix(struct kunit *test)
{
	struct wk_loop *loop = wk_loop(test);

	KUNIT_EXPECT_EQ(test, wk_loop_map(loop, SZ_4K), SZ_4K);
	wk_dma_move(test, loop->sys.chan, SZ_4K + 10);
	KUNIT_EXPECT_EQ(test, loop->sys.ops->ReadDmaCounter(loop->sys.adapter), SZ_4K - 10);
	KUNIT_EXPECT_EQ(test, memcmp(loop->va, loop->sys.dma->memory + SZ_4K, 10), 0);
	wk_sys_flush(&loop->sys, loop->base, loop->mdl, 0, SZ_4K, false);
	wk_loop_end(loop);
}

static void each_pass_is_announced(struct kunit *test)
{
	struct wk_loop *loop = wk_loop(test);

	wk_loop_map(loop, WK_LOOP);
	wk_turn(loop, 3);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 3);
	KUNIT_EXPECT_EQ(test, loop->done.counts[DmaComplete], 3);
	KUNIT_EXPECT_TRUE(test, loop->done.bh_off);
	/* A flush that may sleep ends it for good, silently. */
	wk_dma_move(test, loop->sys.chan, 10);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(&loop->sys, loop->base, loop->mdl, 0, WK_LOOP, false),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, loop->sys.chan->nr_synchronizes, 1);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 3);
	wk_loop_end(loop);
}

static NTSTATUS wk_set_notify(struct wk_loop *loop, ULONG *bytes)
{
	return loop->sys.ops->ConfigureAdapterChannel(loop->sys.adapter,
						      WDMDMA_SET_NOTIFICATION_LENGTH, bytes);
}

static void notification_length(struct kunit *test)
{
	struct wk_loop *loop = wk_loop(test);
	struct wk_sys *sys = &loop->sys;
	ULONG notify = WK_LOOP / 4, length = WK_LOOP;
	struct wk_dma_desc *desc;

	KUNIT_EXPECT_EQ(test, wk_set_notify(loop, NULL), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_set_notify(loop, &notify), STATUS_SUCCESS);
	wk_loop_map(loop, WK_LOOP);
	desc = list_first_entry(&sys->chan->issued, struct wk_dma_desc, node);
	KUNIT_EXPECT_EQ(test, desc->period, WK_LOOP / 4);
	wk_turn(loop, 6);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 6);
	/* One late callback for several periods is one call at least. */
	wk_dma_move(test, sys->chan, WK_LOOP / 2);
	wk_dma_callback(test, sys->chan, DMA_TRANS_NOERROR);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 7);
	/* A callback without a boundary is none. */
	wk_dma_move(test, sys->chan, 10);
	wk_dma_callback(test, sys->chan, DMA_TRANS_NOERROR);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 7);
	wk_sys_flush(sys, loop->base, loop->mdl, 0, WK_LOOP, false);

	/* It must divide the length. */
	notify = 5000;
	KUNIT_EXPECT_EQ(test, wk_set_notify(loop, &notify), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_EQ(test, wk_sys_map(sys, loop->base, loop->mdl, 0, &length, false, NULL),
			STATUS_INVALID_PARAMETER);
	wk_loop_end(loop);
}

/*
 * What the controller still holds belongs to the next boundary: it has not called back before the
 * bytes of this one were in memory.
 */
static void boundaries_in_flight(struct kunit *test)
{
	struct wk_loop *loop = wk_loop(test);
	struct wk_sys *sys = &loop->sys;
	ULONG notify = WK_LOOP / 4;

	KUNIT_EXPECT_EQ(test, wk_set_notify(loop, &notify), STATUS_SUCCESS);
	wk_loop_map(loop, WK_LOOP);
	sys->chan->in_flight = 16;
	wk_turn(loop, 1);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 1);
	/* The counter does count it. */
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_LOOP - notify + 16);
	wk_turn(loop, 4);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 5);
	wk_sys_flush(sys, loop->base, loop->mdl, 0, WK_LOOP, false);
	wk_loop_end(loop);
}

/* Where the counter moves by periods only, periods are shorter than what is announced. */
static void counting_by_periods(struct kunit *test)
{
	struct wk_loop *loop = wk_loop_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_SEGMENT }, 3);
	struct wk_sys *sys = &loop->sys;

	wk_loop_map(loop, WK_LOOP);
	wk_turn(loop, 1);
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_LOOP - SZ_4K);
	wk_turn(loop, 2);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 0);
	wk_turn(loop, 1);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 1);
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_LOOP);
	wk_sys_flush(sys, loop->base, loop->mdl, 0, WK_LOOP, false);
	wk_loop_end(loop);
}

/* One that does not count: periods are. */
static void not_counting(struct kunit *test)
{
	struct wk_loop *loop = wk_loop_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_DESCRIPTOR }, 3);
	struct wk_sys *sys = &loop->sys;

	wk_loop_map(loop, WK_LOOP);
	wk_turn(loop, 2);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 2);
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_LOOP);
	wk_sys_flush(sys, loop->base, loop->mdl, 0, WK_LOOP, false);
	wk_loop_end(loop);
}

/* A controller that wants two periods gets them; announced is each pass all the same. */
static void two_periods_at_least(struct kunit *test)
{
	struct wk_loop *loop = wk_loop_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST,
		.min_periods = 2,
	}, 3);
	struct wk_sys *sys = &loop->sys;
	struct wk_dma_desc *desc;

	KUNIT_EXPECT_EQ(test, wk_loop_map(loop, WK_LOOP), WK_LOOP);
	desc = list_first_entry(&sys->chan->issued, struct wk_dma_desc, node);
	KUNIT_EXPECT_EQ(test, desc->period, WK_LOOP / 2);
	wk_turn(loop, 1);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 0);
	wk_turn(loop, 1);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 1);
	wk_turn(loop, 4);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 3);
	wk_sys_flush(sys, loop->base, loop->mdl, 0, WK_LOOP, false);
	wk_loop_end(loop);
}

static void cancelled(struct kunit *test)
{
	struct wk_loop *loop = wk_loop(test);
	struct wk_sys *sys = &loop->sys;

	wk_loop_map(loop, WK_LOOP);
	wk_turn(loop, 1);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(loop->done.counts[DmaCancelled]));
	KUNIT_EXPECT_EQ(test, loop->done.count, 2);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(sys, loop->base, loop->mdl, 0, WK_LOOP, false),
			STATUS_SUCCESS);
	wk_let_run();
	KUNIT_EXPECT_EQ(test, loop->done.count, 2);
	/* It can be started again. */
	wk_loop_map(loop, WK_LOOP);
	KUNIT_EXPECT_TRUE(test, wk_dma_is_busy(sys->chan));
	wk_sys_flush(sys, loop->base, loop->mdl, 0, WK_LOOP, false);
	wk_loop_end(loop);
}

static void an_error_ends_it(struct kunit *test)
{
	struct wk_loop *loop = wk_loop(test);
	struct wk_sys *sys = &loop->sys;

	wk_loop_map(loop, WK_LOOP);
	wk_dma_move(test, sys->chan, 1000);
	wk_dma_callback(test, sys->chan, DMA_TRANS_READ_FAILED);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(loop->done.count));
	KUNIT_EXPECT_EQ(test, loop->done.counts[DmaError], 1);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_terminates, 1);
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_LOOP - 1000);
	wk_sys_flush(sys, loop->base, loop->mdl, 0, WK_LOOP, false);
	wk_loop_end(loop);
}

static void only_common_buffers(struct kunit *test)
{
	struct wk_loop *loop = wk_loop(test);
	struct wk_sys *sys = &loop->sys;
	PMDL plain = wk_mdl(test, wk_alloc_contiguous(test, 2), 0, SZ_8K);
	PVOID va = MmGetMdlVirtualAddress(plain);
	ULONG length = SZ_8K;
	PHYSICAL_ADDRESS address;
	struct wk_call call;
	NTSTATUS status;

	wk_expect_report(test, WD_REPORT_MISC, 2);
	KUNIT_EXPECT_EQ(test, wk_sys_map(sys, loop->base, plain, 0, &length, false, NULL),
			STATUS_INVALID_PARAMETER);
	address = sys->ops->MapTransfer(sys->adapter, plain, loop->base, va, &length, FALSE);
	KUNIT_EXPECT_EQ(test, address.QuadPart, -1);
	KUNIT_EXPECT_EQ(test, length, 0);
	/* And no lists. */
	wk_call_init(&call, sys->adapter, DeallocateObject);
	status = sys->ops->GetScatterGatherList(sys->adapter, sys->object, plain, va, SZ_8K,
						wk_list_control, &call, TRUE);
	KUNIT_EXPECT_EQ(test, status, STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_loop_end(loop);
}

/*
 * Flushed at DISPATCH_LEVEL, and the buffer freed at once: it stays until the hardware has stopped.
 */
static void the_buffer_outlives_the_hardware(struct kunit *test)
{
	struct wk_loop *loop = wk_loop(test);
	struct wk_sys *sys = &loop->sys;

	sys->chan->synchronize_ms = 100;
	wk_loop_map(loop, WK_LOOP);
	KUNIT_EXPECT_EQ(test, wk_at_dispatch(wk_sys_flush(sys, loop->base, loop->mdl, 0, WK_LOOP,
							  false)), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 0);
	wk_loop_end(loop);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 1);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(as_audio_drivers_do),
	KUNIT_CASE(a_prefix),
	KUNIT_CASE(each_pass_is_announced),
	KUNIT_CASE(notification_length),
	KUNIT_CASE(boundaries_in_flight),
	KUNIT_CASE(counting_by_periods),
	KUNIT_CASE(not_counting),
	KUNIT_CASE(two_periods_at_least),
	KUNIT_CASE(cancelled),
	KUNIT_CASE(an_error_ends_it),
	KUNIT_CASE(only_common_buffers),
	KUNIT_CASE(the_buffer_outlives_the_hardware),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_cyclic",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
