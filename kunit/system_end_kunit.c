// SPDX-License-Identifier: GPL-2.0-only
/*
 * System DMA that ends otherwise than by a flush of what is complete: the channel or the adapter is
 * released, the controller is configured anew, a cancel meets an error, a flush comes too early.
 */
#include <kunit/test.h>
#include <linux/ktime.h>
#include <linux/sizes.h>

#include <wdmdma/ke.h>

#include "system.h"

/* A channel owned, and a transfer to memory that goes through a window */
static struct wk_run *wk_window_run(struct kunit *test, enum dma_residue_granularity granularity)
{
	return wk_run_of(test, (struct wk_dma_kind){
		.granularity = granularity,
		.max_sg_burst = 1,
	});
}

enum wk_state { WK_OWNED, WK_RUNS, WK_IS_DONE };

static void wk_bring_to(struct kunit *test, struct wk_run *run, enum wk_state state)
{
	if (state == WK_OWNED)
		return;
	KUNIT_ASSERT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	if (state == WK_RUNS) {
		wk_dma_move(test, run->sys.chan, 1000);
	} else {
		wk_dma_complete(test, run->sys.chan);
		KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count));
	}
}

/* The ways to release a channel */
struct wk_exit_way {
	const char *name;
	bool by_object;
	IO_ALLOCATION_ACTION action;
};

static const struct wk_exit_way wk_exit_ways[] = {
	{ "FreeAdapterChannel" },
	{ "FreeAdapterObject, DeallocateObject", true, DeallocateObject },
	{ "FreeAdapterObject, KeepRegisters", true, DeallocateObjectKeepRegisters },
};

KUNIT_ARRAY_PARAM_DESC(wk_exit_way, wk_exit_ways, name);

static void wk_let_go(struct kunit *test, struct wk_sys *sys)
{
	const struct wk_exit_way *way = test->param_value;

	/* A controller's registers are not to be kept. */
	if (way->action == DeallocateObjectKeepRegisters)
		wk_expect_report(test, WD_REPORT_ACTION, 1);
	local_bh_disable();
	if (way->by_object)
		sys->ops->FreeAdapterObject(sys->adapter, way->action);
	else
		sys->ops->FreeAdapterChannel(sys->adapter);
	local_bh_enable();
}

/*
 * Released while it runs: nothing is copied back and nobody called, also not by what the hardware
 * still does; the next one gets the channel when that has stopped.
 */
static void released_while_running(struct kunit *test)
{
	struct wk_run *run = wk_window_run(test, DMA_RESIDUE_GRANULARITY_BURST);
	struct wk_sys *sys = &run->sys;
	struct wk_call next;

	sys->chan->synchronize_ms = 100;
	wk_bring_to(test, run, WK_RUNS);
	KUNIT_EXPECT_EQ(test, wk_sys_ask(sys, 2, &next), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 1);
	wk_let_go(test, sys);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_terminates, 1);
	KUNIT_EXPECT_FALSE(test, sys->chan->nr_synchronizes || next.count);
	wk_dma_go_on(test, sys->chan, U32_MAX);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(next.count)));
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 1);
	wk_sys_free(sys);
	KUNIT_EXPECT_EQ(test, run->done.count, 0);
	wk_expect_pattern(test, run->buffer->va, WK_RUN_BYTES, 1);
}

/* Over, but not flushed: released at once, and nothing is copied back. */
static void released_when_done(struct kunit *test)
{
	struct wk_run *run = wk_window_run(test, DMA_RESIDUE_GRANULARITY_BURST);
	struct wk_sys *sys = &run->sys;

	wk_bring_to(test, run, WK_IS_DONE);
	wk_expect_report(test, WD_REPORT_NOT_FLUSHED, 1);
	wk_let_go(test, sys);
	KUNIT_EXPECT_EQ(test, wk_stats(test, sys->adapter).sets_live, 0);
	run->base = wk_sys_own(sys);
	wk_let_go(test, sys);
	KUNIT_EXPECT_EQ(test, wk_stats(test, sys->adapter).sets_live, 0);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_terminates, 0);
	KUNIT_EXPECT_EQ(test, run->done.count, 1);
	wk_expect_pattern(test, run->buffer->va, WK_RUN_BYTES, 1);
}

static const char * const wk_states[] = {
	[WK_OWNED] = "nothing mapped",
	[WK_RUNS] = "running",
	[WK_IS_DONE] = "complete, not flushed",
};

static void wk_state_name(const char * const *state, char *name)
{
	strscpy(name, *state, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(wk_state, wk_states, wk_state_name);

/* PutDmaAdapter where nobody may sleep: reported, the memory as it was, the channel free. */
static void put_at_dispatch(struct kunit *test)
{
	enum wk_state state = (const char * const *)test->param_value - wk_states;
	struct wk_run *run = wk_window_run(test, DMA_RESIDUE_GRANULARITY_BURST);
	struct wk_sys next = wk_sys_of(test, run->sys.dma, wk_sys_description(3));
	u32 mappings = wk_mappings(test);
	struct wk_call call;

	wk_bring_to(test, run, state);
	KUNIT_EXPECT_EQ(test, wk_sys_ask(&next, 2, &call), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	local_bh_disable();
	wk_put_adapter(test, run->sys.adapter);
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(call.count)));
	KUNIT_EXPECT_EQ(test, run->sys.chan->nr_terminates, state == WK_RUNS);
	wk_sys_free(&next);
	/* Its window has gone, too. */
	KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_mappings(test) <= mappings));
	KUNIT_EXPECT_EQ(test, run->done.count, state == WK_IS_DONE);
	wk_expect_pattern(test, run->buffer->va, WK_RUN_BYTES, 1);
}

static NTSTATUS wk_set_burst(struct dma_chan *chan, ULONG function_number, PVOID context,
			     struct dma_slave_config *config)
{
	config->src_maxburst = function_number;
	return STATUS_SUCCESS;
}

/* ConfigureAdapterChannel is about the next transfer, whatever the present one does. */
static void configured_for_the_next(struct kunit *test)
{
	struct wk_world *world = test->priv;
	const struct wdmdma_dma_binding binding = {
		.request_line = 3,
		.name = "rx",
		.configure = wk_set_burst,
	};
	DEVICE_DESCRIPTION description = wk_sys_description(3);
	struct wk_run run = { .buffer = wk_alloc_scattered(test, 2) };
	struct wk_dma_chan *chan;

	run.sys.dma = wk_sys_bind(test, (struct wk_dma_kind){});
	KUNIT_ASSERT_EQ(test, wdmdma_bind_dma_channel(world->object, &binding), 0);
	description.DmaRequestLine = 3;
	run.sys = wk_sys_of(test, run.sys.dma, description);
	run.base = wk_sys_own(&run.sys);
	run.mdl = wk_mdl(test, run.buffer, 0, WK_RUN_BYTES);
	chan = run.sys.chan;

	KUNIT_EXPECT_EQ(test, wk_run_start(&run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, chan->config.src_maxburst, 1);
	run.sys.ops->ConfigureAdapterChannel(run.sys.adapter, 4, NULL);
	KUNIT_EXPECT_EQ(test, chan->nr_configs, 1);
	KUNIT_EXPECT_TRUE(test, wk_dma_is_busy(chan));
	wk_dma_complete(test, chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run.done.count));
	KUNIT_EXPECT_EQ(test, run.done.status, DmaComplete);
	run.sys.ops->ConfigureAdapterChannel(run.sys.adapter, 8, NULL);
	KUNIT_EXPECT_EQ(test, chan->nr_configs, 1);
	KUNIT_EXPECT_EQ(test, wk_run_end(&run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, memcmp(run.buffer->va, run.sys.dma->memory, WK_RUN_BYTES), 0);

	KUNIT_EXPECT_EQ(test, wk_run_start(&run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, chan->config.src_maxburst, 8);
	wk_dma_complete(test, chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run.done.count == 2));
	wk_run_end(&run);
	wk_sys_free(&run.sys);
}

/*
 * Where nobody knows how much arrived, all of the window is copied back; what had not arrived is
 * what was in the buffer before.
 */
static void nobody_counts(struct kunit *test)
{
	struct wk_run *run = wk_window_run(test, DMA_RESIDUE_GRANULARITY_DESCRIPTOR);
	struct wk_sys *sys = &run->sys;

	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_move(test, sys->chan, PAGE_SIZE + 1000);
	KUNIT_EXPECT_EQ(test, sys->ops->ReadDmaCounter(sys->adapter), WK_RUN_BYTES);
	KUNIT_EXPECT_EQ(test, wk_at_dispatch(wk_run_end(run)), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, memcmp(run->buffer->va, sys->dma->memory, PAGE_SIZE + 1000), 0);
	wk_fill(run->buffer->va, PAGE_SIZE + 1000, 1);
	wk_expect_pattern(test, run->buffer->va, WK_RUN_BYTES, 1);
	wk_sys_free(sys);
	wk_sys_settle(sys);
}

/* The engine reports that it aborted what a cancel had ended already: that was the cancel. */
static void aborted_by_a_cancel(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, (struct wk_dma_kind){
		.granularity = DMA_RESIDUE_GRANULARITY_BURST,
		.no_terminate = true,
	});
	struct wk_sys *sys = &run->sys;

	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_move(test, sys->chan, 700);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	wk_dma_callback(test, sys->chan, DMA_TRANS_ABORTED);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count));
	KUNIT_EXPECT_EQ(test, run->done.status, DmaCancelled);
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	wk_sys_free(sys);
	KUNIT_EXPECT_EQ(test, run->done.count, 1);
}

static KSPIN_LOCK wk_driver_lock;

static void wk_take_the_lock(struct wk_done *done)
{
	KeAcquireSpinLockAtDpcLevel(&wk_driver_lock);
	KeReleaseSpinLockFromDpcLevel(&wk_driver_lock);
}

/* Drivers cancel with the lock held that their routine takes. */
static void cancelled_under_the_drivers_lock(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, (struct wk_dma_kind){});
	unsigned int i;

	KeInitializeSpinLock(&wk_driver_lock);
	run->done.inside = wk_take_the_lock;
	for (i = 1; i <= 10; i++) {
		unsigned long flags = 0;
		KIRQL irql;

		KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
		/* Also with interrupts off */
		KeAcquireSpinLock(&wk_driver_lock, &irql);
		if (i & 1)
			local_irq_save(flags);
		KUNIT_EXPECT_EQ(test, wk_sys_cancel(&run->sys), STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, run->done.count, i - 1);
		if (i & 1)
			local_irq_restore(flags);
		KeReleaseSpinLock(&wk_driver_lock, irql);
		KUNIT_EXPECT_TRUE(test, wk_wait_for(run->done.count == i));
		KUNIT_EXPECT_EQ(test, run->done.status, DmaCancelled);
		KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	}
	wk_sys_free(&run->sys);
}

/* A flush that may sleep waits for a channel to stop, but not for ever. */
static void stopping_takes_long(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, (struct wk_dma_kind){});
	struct wk_sys *sys = &run->sys;
	u32 refs = page_count(run->buffer->pages[0]);
	ktime_t start = ktime_get();
	s64 ms;

	sys->chan->synchronize_ms = 3000;
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	ms = ktime_ms_delta(ktime_get(), start);
	KUNIT_EXPECT_GE(test, ms, 900);
	KUNIT_EXPECT_LT(test, ms, 2900);
	/* The hardware may go on: its pages are kept, and nobody else gets the channel. */
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 0);
	KUNIT_EXPECT_EQ(test, page_count(run->buffer->pages[0]), refs + 1);
	wk_sys_free(sys);
	wk_sys_settle(sys);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 1);
	KUNIT_EXPECT_EQ(test, page_count(run->buffer->pages[0]), refs);
	KUNIT_EXPECT_EQ(test, run->done.count, 0);
}

/* Version 1's waits as well. */
static void stopping_version_1(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, (struct wk_dma_kind){});
	struct wk_sys *sys = &run->sys;
	PVOID va = MmGetMdlVirtualAddress(run->mdl);
	u32 mappings = wk_mappings(test);
	ULONG length = WK_RUN_BYTES;

	sys->chan->synchronize_ms = 100;
	sys->ops->MapTransfer(sys->adapter, run->mdl, run->base, va, &length, FALSE);
	KUNIT_EXPECT_EQ(test, length, WK_RUN_BYTES);
	KUNIT_EXPECT_TRUE(test, sys->ops->FlushAdapterBuffers(sys->adapter, run->mdl, run->base, va,
							      length, FALSE));
	KUNIT_EXPECT_EQ(test, sys->chan->nr_synchronizes, 1);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	wk_sys_free(sys);
}

/* MapTransfer, too, maps nothing for a context that bears a cancel mark. */
static void marked_before_version_1(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, (struct wk_dma_kind){});
	struct wk_sys *sys = &run->sys;
	PVOID va = MmGetMdlVirtualAddress(run->mdl);
	ULONG length = WK_RUN_BYTES;
	PHYSICAL_ADDRESS address;

	KUNIT_EXPECT_EQ(test, wk_sys_cancel(sys), STATUS_SUCCESS);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	address = sys->ops->MapTransfer(sys->adapter, run->mdl, run->base, va, &length, FALSE);
	KUNIT_EXPECT_EQ(test, address.QuadPart, -1);
	KUNIT_EXPECT_EQ(test, length, 0);
	KUNIT_EXPECT_EQ(test, sys->chan->nr_preps, 0);
	/* Its flush takes the mark away. */
	KUNIT_EXPECT_TRUE(test, sys->ops->FlushAdapterBuffers(sys->adapter, run->mdl, run->base, va,
							      0, FALSE));
	KUNIT_EXPECT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_complete(test, sys->chan);
	wk_run_end(run);
	wk_sys_free(sys);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE_PARAM(released_while_running, wk_exit_way_gen_params),
	KUNIT_CASE_PARAM(released_when_done, wk_exit_way_gen_params),
	KUNIT_CASE_PARAM(put_at_dispatch, wk_state_gen_params),
	KUNIT_CASE(configured_for_the_next),
	KUNIT_CASE(nobody_counts),
	KUNIT_CASE(aborted_by_a_cancel),
	KUNIT_CASE(cancelled_under_the_drivers_lock),
	KUNIT_CASE(stopping_takes_long),
	KUNIT_CASE(stopping_version_1),
	KUNIT_CASE(marked_before_version_1),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_end",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
