// SPDX-License-Identifier: GPL-2.0-only
/*
 * Controllers that fail, lack something, or go away.
 */
#include "hardirq.h"
#include "system.h"

static struct wk_run *wk_case(struct kunit *test, struct wk_dma_kind kind)
{
	kind.granularity = DMA_RESIDUE_GRANULARITY_BURST;
	return wk_run_of(test, kind);
}

static void failures(struct kunit *test)
{
	static const enum dmaengine_tx_result results[] = {
		DMA_TRANS_READ_FAILED, DMA_TRANS_WRITE_FAILED, DMA_TRANS_ABORTED,
	};
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){});
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(results); i++) {
		KUNIT_EXPECT_EQ(test, wk_run_start(c), STATUS_SUCCESS);
		wk_dma_move(test, c->sys.chan, 500);
		wk_dma_callback(test, c->sys.chan, results[i]);
		KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count == i + 1));
		KUNIT_EXPECT_EQ(test, c->done.status, DmaError);
		KUNIT_EXPECT_EQ(test, c->sys.ops->ReadDmaCounter(c->sys.adapter),
				WK_RUN_BYTES - 500);
		KUNIT_EXPECT_EQ(test, wk_run_end(c), STATUS_SUCCESS);
	}
	/* What had arrived is there. */
	KUNIT_EXPECT_EQ(test, memcmp(c->buffer->va, c->sys.dma->memory + 1000, 500), 0);
	wk_sys_free(&c->sys);
}

/* A provider that knows no results is asked for them. */
static void no_results(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){ .no_results = true });

	wk_run_start(c);
	wk_dma_complete(test, c->sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count == 1));
	KUNIT_EXPECT_EQ(test, c->done.status, DmaComplete);
	wk_run_end(c);
	wk_run_start(c);
	wk_dma_move(test, c->sys.chan, 500);
	wk_dma_callback(test, c->sys.chan, DMA_TRANS_READ_FAILED);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count == 2));
	KUNIT_EXPECT_EQ(test, c->done.status, DmaError);
	KUNIT_EXPECT_EQ(test, c->sys.ops->ReadDmaCounter(c->sys.adapter), WK_RUN_BYTES - 500);
	wk_run_end(c);
	wk_sys_free(&c->sys);
}

static void not_started(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){});
	struct wk_dma_chan *chan = c->sys.chan;
	u32 mappings = wk_mappings(test);

	chan->fail_prep = true;
	KUNIT_EXPECT_EQ(test, wk_run_start(c), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, c->length, WK_RUN_BYTES);
	chan->fail_prep = false;
	chan->fail_submit = true;
	KUNIT_EXPECT_EQ(test, wk_run_start(c), STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_EQ(test, c->length, WK_RUN_BYTES);
	chan->fail_submit = false;
	chan->fail_config = true;
	wk_expect_report(test, WD_REPORT_MISC, 1);
	KUNIT_EXPECT_EQ(test, wk_run_start(c), STATUS_INSUFFICIENT_RESOURCES);
	chan->fail_config = false;
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	/* No flush is owed, no routine called, and the next one works. */
	KUNIT_EXPECT_EQ(test, wk_run_start(c), STATUS_SUCCESS);
	wk_dma_complete(test, chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count));
	wk_run_end(c);
	wk_sys_free(&c->sys);
	KUNIT_EXPECT_EQ(test, c->done.count, 1);
}

/*
 * Mapped while the channel drained, and refused when it was to start: that is an error like others.
 */
static void not_started_later(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){});

	c->sys.chan->synchronize_ms = 100;
	wk_run_start(c);
	wk_at_dispatch(wk_run_end(c));
	KUNIT_EXPECT_EQ(test, wk_run_start(c), STATUS_SUCCESS);
	c->sys.chan->fail_submit = true;
	KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count));
	KUNIT_EXPECT_EQ(test, c->done.status, DmaError);
	KUNIT_EXPECT_EQ(test, c->sys.ops->ReadDmaCounter(c->sys.adapter), WK_RUN_BYTES);
	c->sys.chan->fail_submit = false;
	wk_run_end(c);
	/* No descriptor is made before, either. */
	wk_run_start(c);
	wk_at_dispatch(wk_run_end(c));
	KUNIT_EXPECT_EQ(test, wk_run_start(c), STATUS_SUCCESS);
	c->sys.chan->fail_prep = true;
	KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count == 2));
	KUNIT_EXPECT_EQ(test, c->done.counts[DmaError], 2);
	c->sys.chan->fail_prep = false;
	wk_run_end(c);
	wk_sys_free(&c->sys);
}

static void no_pause(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){ .no_pause = true });

	wk_run_start(c);
	wk_dma_move(test, c->sys.chan, 77);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(&c->sys), STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count));
	KUNIT_EXPECT_EQ(test, c->done.status, DmaCancelled);
	KUNIT_EXPECT_EQ(test, c->sys.ops->ReadDmaCounter(c->sys.adapter), WK_RUN_BYTES - 77);
	wk_run_end(c);
	wk_sys_free(&c->sys);
}

/* One that cannot be stopped is waited for, and its memory stays where it is. */
static void no_terminate(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){ .no_terminate = true });
	u32 mappings = wk_mappings(test);
	struct wk_call call;

	wk_run_start(c);
	wk_dma_move(test, c->sys.chan, 77);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(&c->sys), STATUS_SUCCESS);
	msleep(50);
	KUNIT_EXPECT_EQ(test, c->done.count, 0);
	wk_dma_complete(test, c->sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count));
	KUNIT_EXPECT_EQ(test, c->done.status, DmaCancelled);
	wk_run_end(c);

	wk_run_start(c);
	KUNIT_EXPECT_EQ(test, wk_run_end(c), STATUS_SUCCESS);
	KUNIT_EXPECT_GT(test, wk_mappings(test), mappings);
	wk_call_init(&call, c->sys.adapter, KeepObject);
	c->sys.ops->AllocateAdapterChannel(c->sys.adapter, c->sys.object, 0, wk_control, &call);
	wk_sys_free(&c->sys);
	msleep(50);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	wk_dma_complete(test, c->sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(call.count)));
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	wk_sys_free(&c->sys);
	KUNIT_EXPECT_EQ(test, c->done.count, 1);
}

/* But not for ever: the device may never ask for the rest. */
static void no_terminate_and_no_end(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){ .no_terminate = true });
	u32 mappings;

	wk_run_start(c);
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_MISC, 1);
	mappings = wk_mappings(test);
	wk_put_adapter(test, c->sys.adapter);
	msleep(200);
	KUNIT_EXPECT_EQ(test, wk_mappings(test), mappings);
	/* The end of the test unbinds the driver, and must not wait for ever. */
}

/* Where nothing can be waited for, a callback may come when nobody expects it any more. */
static void no_synchronize(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){ .no_synchronize = true });
	const struct dmaengine_result outcome = { .result = DMA_TRANS_NOERROR };
	struct wk_dma_chan *chan = c->sys.chan;

	wk_run_start(c);
	KUNIT_EXPECT_EQ(test, wk_run_end(c), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, chan->nr_terminates, 1);
	chan->late.callback_result(chan->late.callback_param, &outcome);
	wk_run_start(c);
	wk_dma_move(test, chan, 500);
	local_bh_disable();
	chan->late.callback_result(chan->late.callback_param, &outcome);
	local_bh_enable();
	msleep(20);
	KUNIT_EXPECT_EQ(test, c->done.count, 0);
	KUNIT_EXPECT_EQ(test, c->sys.ops->ReadDmaCounter(c->sys.adapter), WK_RUN_BYTES - 500);
	wk_dma_complete(test, chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count));
	wk_run_end(c);
	wk_sys_free(&c->sys);
	KUNIT_EXPECT_EQ(test, c->done.count, 1);
}

static void wk_call_back(void *data)
{
	const struct dmaengine_result outcome = { .result = DMA_TRANS_NOERROR };
	struct wk_dma_chan *chan = data;
	struct wk_dma_desc *desc = list_first_entry(&chan->issued, struct wk_dma_desc, node);

	chan->chan.completed_cookie = desc->tx.cookie;
	desc->tx.callback_result(desc->tx.callback_param, &outcome);
}

/* Some controllers call back in their interrupt; a routine never runs there. */
static void called_back_in_an_interrupt(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){});

	wk_run_start(c);
	wk_dma_move(test, c->sys.chan, U32_MAX);
	wk_in_hard_interrupt(wk_call_back, c->sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count));
	KUNIT_EXPECT_FALSE(test, c->done.in_hardirq);
	KUNIT_EXPECT_TRUE(test, c->done.bh_off);
	KUNIT_EXPECT_EQ(test, c->done.status, DmaComplete);
	wk_run_end(c);
	wk_sys_free(&c->sys);
}

/* A callback that comes twice counts once. */
static void called_back_twice(struct kunit *test)
{
	const struct dmaengine_result outcome = { .result = DMA_TRANS_NOERROR };
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){});
	struct dma_async_tx_descriptor tx;

	wk_run_start(c);
	tx = list_first_entry(&c->sys.chan->issued, struct wk_dma_desc, node)->tx;
	wk_dma_complete(test, c->sys.chan);
	tx.callback_result(tx.callback_param, &outcome);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(c->done.count));
	wk_run_end(c);
	wk_sys_free(&c->sys);
	msleep(20);
	KUNIT_EXPECT_EQ(test, c->done.count, 1);
}

/* The controller's driver is unbound while a transfer runs: the host's goes first. */
static void the_controller_goes(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){});
	struct wk_world *world = test->priv;
	struct wk_call call;

	wk_run_start(c);
	wk_call_init(&call, c->sys.adapter, KeepObject);
	c->sys.ops->AllocateAdapterChannel(c->sys.adapter, c->sys.object, 0, wk_control, &call);
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	device_release_driver(&c->sys.dma->pdev->dev);
	KUNIT_EXPECT_NULL(test, world->dev->driver);
	KUNIT_EXPECT_GT(test, c->sys.chan->nr_synchronizes, 0);
	KUNIT_EXPECT_EQ(test, c->sys.chan->chan.client_count, 0);
	KUNIT_EXPECT_EQ(test, call.count, 0);
	KUNIT_EXPECT_EQ(test, c->done.count, 0);
	world->object = NULL;
	memset(world->adapters, 0, sizeof(world->adapters));
}

/* The host's driver is unbound. */
static void the_host_goes(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){});

	wk_run_start(c);
	wk_expect_report(test, WD_REPORT_CHANNEL_LEFT, 1);
	wk_expect_report(test, WD_REPORT_REGS_LEFT, 1);
	wk_expect_report(test, WD_REPORT_DEVICE_OBJECT, 1);
	wk_unbind(test);
	KUNIT_EXPECT_EQ(test, c->sys.chan->chan.client_count, 0);
	KUNIT_EXPECT_GT(test, c->sys.chan->nr_synchronizes, 0);
}

static void dead_and_null_adapters(struct kunit *test)
{
	struct wk_run *c = wk_case(test, (struct wk_dma_kind){});
	const DMA_OPERATIONS *ops = c->sys.ops;
	ULONG length = 64;

	wk_sys_free(&c->sys);
	wk_put_adapter(test, c->sys.adapter);
	wk_expect_report(test, WD_REPORT_DEAD_ADAPTER, 5);
	wk_expect_report(test, WD_REPORT_NULL_ADAPTER, 1);
	KUNIT_EXPECT_EQ(test, ops->ReadDmaCounter(c->sys.adapter), 0);
	KUNIT_EXPECT_EQ(test, ops->ReadDmaCounter(NULL), 0);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(&c->sys), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, ops->ConfigureAdapterChannel(c->sys.adapter, 0, NULL),
			STATUS_NOT_IMPLEMENTED);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&c->sys, c->base, c->mdl, 0, &length, true, NULL),
			STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_run_end(c), STATUS_INVALID_PARAMETER);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(failures),
	KUNIT_CASE(no_results),
	KUNIT_CASE(not_started),
	KUNIT_CASE(not_started_later),
	KUNIT_CASE(no_pause),
	KUNIT_CASE(no_terminate),
	KUNIT_CASE(no_terminate_and_no_end),
	KUNIT_CASE(no_synchronize),
	KUNIT_CASE(called_back_in_an_interrupt),
	KUNIT_CASE(called_back_twice),
	KUNIT_CASE(the_controller_goes),
	KUNIT_CASE(the_host_goes),
	KUNIT_CASE(dead_and_null_adapters),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_system_error",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_untranslated,
	.exit = wk_exit,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
