// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ending system DMA early: CancelMappedTransfer, flushes of what runs, and the draining of a
 * channel that was told to stop.
 */
#include <linux/sizes.h>

#include "system.h"

static struct wk_run *wk_run(struct kunit *test)
{
	return wk_run_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST });
}

static ULONG wk_counter(struct wk_run *run)
{
	return run->sys.ops->ReadDmaCounter(run->sys.adapter);
}

/* What happens to the context before the transfer is mapped */
static void marked_before(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;

	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_INVALID_DEVICE_STATE);
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, run->length, WK_RUN_BYTES);
	/* Also with nothing to map; and the mark stays. */
	run->length = 0;
	KUNIT_EXPECT_EQ(test, wk_sys_map(sys, run->base, run->mdl, 0, &run->length, false, NULL),
			STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_CANCELLED);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_preps, 0);
	/* A flush takes it away, although it has nothing to flush. */
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_complete(test, sys->chan);
	wk_run_end(run);
	/* So does initialising the context. */
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	sys->ops->InitializeDmaTransferContext(sys->adapter, &sys->context);
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	/* By that name the owner can still be cancelled. */
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.counts[DmaCancelled]));
	wk_run_end(run);
	/* And the release of the channel. */
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	wk_sys_free(sys);
	run->base = wk_sys_own(sys);
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_complete(test, sys->chan);
	wk_run_end(run);
	wk_sys_free(sys);
}

/* Marked while the request waits: it is granted all the same, but maps nothing. */
static void marked_while_waiting(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;
	struct wk_context waiting, idle;
	struct wk_call call;

	sys->ops->InitializeDmaTransferContext(sys->adapter, &idle);
	KUNIT_EXPECT_EQ(test, sys->ops->CancelMappedTransfer(sys->adapter, &idle), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, sys->ops->CancelMappedTransfer(sys->adapter, &idle),
			STATUS_INVALID_DEVICE_STATE);
	KUNIT_EXPECT_EQ(test, wk_sys_ask_ex(sys, &waiting, 2, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, sys->ops->CancelMappedTransfer(sys->adapter, &waiting),
			STATUS_SUCCESS);
	/* The owner's transfer is another. */
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_complete(test, sys->chan);
	wk_run_end(run);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_sys_free(sys);
	KUNIT_EXPECT_EQ(test, call.count, 1);
	run->base = call.base;
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_CANCELLED);
	wk_sys_free(sys);
	/* The mark went with the request. */
	KUNIT_EXPECT_EQ(test, sys->ops->CancelMappedTransfer(sys->adapter, &waiting),
			STATUS_SUCCESS);
}

static void strangers(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;
	PDMA_ADAPTER master = wk_get_adapter(test, 3, SZ_64K, NULL);
	struct wk_context context = {};

	KUNIT_EXPECT_EQ(test, sys->ops->CancelMappedTransfer(sys->adapter, &context),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, sys->ops->CancelMappedTransfer(sys->adapter, NULL),
			STATUS_INVALID_PARAMETER);
	master->DmaOperations->InitializeDmaTransferContext(master, &context);
	KUNIT_EXPECT_EQ(test, sys->ops->CancelMappedTransfer(sys->adapter, &context),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, master->DmaOperations->CancelMappedTransfer(master, &context),
			STATUS_INVALID_PARAMETER);
	wk_sys_free(sys);
}

static void cancelled_while_running(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;

	wk_run_start(run);
	wk_dma_move(test, sys->chan, 1000);
	local_bh_disable();
	wk_in_map = true;
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	wk_in_map = false;
	/* Not inside the call: the driver's lock may be held. */
	KUNIT_EXPECT_EQ(test, run->done.count, 0);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count));
	KUNIT_EXPECT_EQ(test, run->done.status, DmaCancelled);
	KUNIT_EXPECT_TRUE(test, run->done.bh_off);
	KUNIT_EXPECT_FALSE(test, run->done.in_map);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_pauses, 1);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_terminates, 1);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 1);
	KUNIT_EXPECT_EQ(test, wk_counter(run), WK_RUN_BYTES - 1000);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_INVALID_DEVICE_STATE);
	/* A flush is owed all the same. */
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_counter(run), WK_RUN_BYTES - 1000);
	KUNIT_EXPECT_EQ(test, memcmp(run->buffer->va, sys->dma->memory, 1000), 0);
	KUNIT_EXPECT_EQ(test, run->buffer->va[1000], wk_pattern(1, 1000));
	wk_sys_free(sys);
	KUNIT_EXPECT_EQ(test, run->done.count, 1);
	KUNIT_EXPECT_EQ(test, wk_counter(run), 0);
}

/* The hardware was faster: the routine is told that, once. */
static void cancelled_too_late(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;

	/* The callback has run already... */
	wk_run_start(run);
	wk_dma_complete(test, sys->chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count));
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	wk_run_end(run);
	/* ... or is still to come. */
	wk_run_start(run);
	wk_dma_move(test, sys->chan, U32_MAX);
	sys->chan->chan.completed_cookie = sys->chan->chan.cookie;
	KUNIT_EXPECT_EQ(test, wk_counter(run), 0);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	wk_dma_callback(test, sys->chan, DMA_TRANS_NOERROR);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count == 2));
	wk_run_end(run);
	KUNIT_EXPECT_EQ(test, run->done.counts[DmaComplete], 2);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_terminates, 0);
	wk_sys_free(sys);
}

/* Complete, but the callback is not there yet: v1 drivers flush by their device's interrupt. */
static void flushed_before_the_callback(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;

	wk_run_start(run);
	wk_dma_move(test, sys->chan, U32_MAX);
	sys->chan->chan.completed_cookie = sys->chan->chan.cookie;
	KUNIT_EXPECT_EQ(test, wk_at_dispatch(wk_run_end(run)), STATUS_SUCCESS);
	/* Nothing needs to be stopped, and the next can start at once. */
	KUNIT_EXPECT_EQ(test, sys->chan->nr_terminates, 0);
	wk_dma_callback(test, sys->chan, DMA_TRANS_NOERROR);
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_dma_is_busy(sys->chan));
	msleep(20);
	KUNIT_EXPECT_EQ(test, run->done.count, 0);
	wk_dma_complete(test, sys->chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count));
	wk_run_end(run);
	wk_sys_free(sys);
}

static void flushed_while_running(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;
	u32 mappings = wk_mappings(test);

	wk_run_start(run);
	wk_dma_move(test, sys->chan, 1000);
	/* Here it may sleep, so it waits. */
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 1);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	KUNIT_EXPECT_EQ(test, wk_counter(run), WK_RUN_BYTES - 1000);
	KUNIT_EXPECT_EQ(test, run->done.count, 0);
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_complete(test, sys->chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count));
	wk_run_end(run);
	wk_sys_free(sys);
	KUNIT_EXPECT_EQ(test, run->done.count, 1);
}

/*
 * Flushed at DISPATCH_LEVEL, and mapped again at once. The memory of the first stays mapped while
 * the hardware goes on; the second starts when it has stopped.
 */
static void mapped_again_while_draining(struct kunit *test, struct wk_run *run)
{
	struct wk_sys *sys = &run->sys;
	struct wk_buffer *other = wk_alloc_scattered(test, 2);
	PMDL mdl = wk_mdl(test, other, 0, WK_RUN_BYTES);
	struct wk_done done = {};
	ULONG length = WK_RUN_BYTES;
	u32 mappings, refs;

	sys->chan->synchronize_ms = 100;
	wk_run_start(run);
	mappings = wk_mappings(test);
	refs = page_count(run->buffer->pages[0]);
	wk_dma_move(test, sys->chan, 1000);
	KUNIT_EXPECT_EQ(test, wk_at_dispatch(wk_run_end(run)), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	local_bh_disable();
	if (!wk_stats(test, sys->adapter).bounced_bytes)
		KUNIT_EXPECT_EQ(test, page_count(run->buffer->pages[0]), refs + 1);
	KUNIT_EXPECT_EQ(test, memcmp(run->buffer->va, sys->dma->memory, 1000), 0);
	KUNIT_EXPECT_EQ(test, run->buffer->va[1000], wk_pattern(1, 1000));
	KUNIT_EXPECT_EQ(test, wk_sys_map(sys, run->base, mdl, 0, &length, true, &done),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, length, WK_RUN_BYTES);
	KUNIT_EXPECT_FALSE(test, wk_dma_is_busy(sys->chan));
	KUNIT_EXPECT_EQ(test, wk_counter(run), WK_RUN_BYTES);
	/* The hardware of the first goes on, and spoils nothing of the second. */
	wk_dma_go_on(test, sys->chan, U32_MAX);
	local_bh_enable();
	sys->chan->position = 0;
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_dma_is_busy(sys->chan)));
	KUNIT_EXPECT_EQ(test, sys->chan->nr_misissued, 0);
	KUNIT_EXPECT_EQ(test, page_count(run->buffer->pages[0]), refs);
	wk_dma_complete(test, sys->chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(done.count));
	wk_sys_flush(sys, run->base, mdl, 0, length, true);
	wk_sys_free(sys);
	KUNIT_EXPECT_EQ(test, memcmp(other->va, sys->dma->memory, WK_RUN_BYTES), 0);
	wk_expect_pattern(test, other->va, WK_RUN_BYTES, 1);
	KUNIT_EXPECT_EQ(test, run->done.count, 0);
	KUNIT_EXPECT_EQ(test, done.count, 1);
}

static void draining_direct(struct kunit *test)
{
	mapped_again_while_draining(test, wk_run(test));
}

static void draining_window(struct kunit *test)
{
	mapped_again_while_draining(test, wk_run_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST,
		.max_sg_burst = 1,
	}));
}

static void draining_pool(struct kunit *test)
{
	struct wk_run *run;

	wk_force_bounce(test, true);
	run = wk_run(test);
	wk_force_bounce(test, false);
	mapped_again_while_draining(test, run);
}

/* Cancelled, flushed without waiting, mapped again and cancelled before that could start. */
static void cancelled_before_it_starts(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;
	struct wk_done second = {}, third = {};
	ULONG length = WK_RUN_BYTES;

	sys->chan->synchronize_ms = 100;
	wk_run_start(run);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_map(sys, run->base, run->mdl, 0, &length, false, &second),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(sys, run->base, run->mdl, 0, length, false),
			STATUS_SUCCESS);
	/* This one is flushed before it could start, and says nothing. */
	KUNIT_EXPECT_EQ(test, wk_sys_map(sys, run->base, run->mdl, 0, &length, false, &third),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(sys, run->base, run->mdl, 0, length, false),
			STATUS_SUCCESS);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count && second.count));
	wk_sys_free(sys);
	wk_sys_settle(sys);
	KUNIT_EXPECT_EQ(test, run->done.count, 1);
	KUNIT_EXPECT_EQ(test, run->done.status, DmaCancelled);
	KUNIT_EXPECT_EQ(test, second.count, 1);
	KUNIT_EXPECT_EQ(test, second.status, DmaCancelled);
	KUNIT_EXPECT_EQ(test, third.count, 0);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_misissued, 0);
}

/*
 * A terminate drops what was prepared, so one that waits for the channel is not prepared before the
 * channel has drained, whatever is flushed before it.
 */
static void flushed_before_it_starts(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;
	struct wk_done second = {}, third = {};
	ULONG length = WK_RUN_BYTES;

	wk_run_start(run);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_map(sys, run->base, run->mdl, 0, &length, false, &second),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(sys, run->base, run->mdl, 0, length, false),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_map(sys, run->base, run->mdl, 0, &length, false, &third),
			STATUS_SUCCESS);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_dma_is_busy(sys->chan)));
	wk_dma_complete(test, sys->chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(third.count));
	KUNIT_EXPECT_EQ(test, third.status, DmaComplete);
	KUNIT_EXPECT_EQ(test, second.count, 0);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(sys, run->base, run->mdl, 0, length, false),
			STATUS_SUCCESS);
	wk_sys_free(sys);
	/* What never started was never the controller's. */
	KUNIT_EXPECT_EQ(test, sys->chan->nr_preps, 2);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_terminates, 1);
}

/* The channel is not granted again before the hardware has stopped. */
static void granted_when_drained(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;
	struct wk_context context;
	struct wk_call call;
	PVOID base;

	sys->chan->synchronize_ms = 100;
	wk_run_start(run);
	wk_call_init(&call, sys->adapter, KeepObject);
	local_bh_disable();
	sys->ops->AllocateAdapterChannel(sys->adapter, sys->object, 2, wk_control, &call);
	wk_run_end(run);
	sys->ops->FreeAdapterChannel(sys->adapter);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	/* One that does not wait is refused. */
	KUNIT_EXPECT_EQ(test, wk_sys_try(sys, &context, 1, &base), STATUS_INSUFFICIENT_RESOURCES);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(call.count)));
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 1);
	KUNIT_EXPECT_TRUE(test, call.bh_off);
	wk_sys_free(sys);
}

static void wk_flush_inside(struct wk_done *done)
{
	struct wk_run *run = done->data;

	wk_run_end(run);
	wk_sys_free(&run->sys);
}

/* All that is allowed inside the routine, after a cancel */
static void released_inside_the_routine(struct kunit *test)
{
	struct wk_run *run = wk_run(test);

	run->done.inside = wk_flush_inside;
	run->done.data = run;
	wk_run_start(run);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(&run->sys), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(!wk_stats(test, run->sys.adapter).sets_live));
	KUNIT_EXPECT_EQ(test, run->done.count, 1);
}

/* Without a routine nobody is called. */
static void cancelled_without_a_routine(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;
	ULONG length = WK_RUN_BYTES;

	wk_sys_map(sys, run->base, run->mdl, 0, &length, false, NULL);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(sys, run->base, run->mdl, 0, length, false),
			STATUS_SUCCESS);
	wk_sys_free(sys);
}

/* A flush of something else is none of the transfer's. */
static void another_range(struct kunit *test)
{
	struct wk_run *run = wk_run(test);
	struct wk_sys *sys = &run->sys;
	PMDL other = wk_mdl(test, run->buffer, 0, 64);

	wk_run_start(run);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(sys, run->base, other, 0, 64, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(sys, NULL, run->mdl, 0, 64, false), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_flush(sys, run->base, NULL, 0, 64, false),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_TRUE(test, wk_dma_is_busy(sys->chan));
	wk_dma_complete(test, sys->chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count));
	wk_run_end(run);
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	wk_sys_free(sys);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(marked_before),
	KUNIT_CASE(marked_while_waiting),
	KUNIT_CASE(strangers),
	KUNIT_CASE(cancelled_while_running),
	KUNIT_CASE(cancelled_too_late),
	KUNIT_CASE(flushed_before_the_callback),
	KUNIT_CASE(flushed_while_running),
	KUNIT_CASE(draining_direct),
	KUNIT_CASE(draining_window),
	KUNIT_CASE(draining_pool),
	KUNIT_CASE(cancelled_before_it_starts),
	KUNIT_CASE(flushed_before_it_starts),
	KUNIT_CASE(granted_when_drained),
	KUNIT_CASE(released_inside_the_routine),
	KUNIT_CASE(cancelled_without_a_routine),
	KUNIT_CASE(another_range),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_cancel",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
