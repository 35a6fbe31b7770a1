// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the verifier reports of system DMA: rows 24 and 25 of the test matrix, and the codes of
 * wdmdma's own.
 */
#include "system.h"
#include "verifier.h"

static const struct wk_dma_kind wk_burst = { .granularity = DMA_RESIDUE_GRANULARITY_BURST };

/* Row 24 */
static void flushed_while_running(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, wk_burst);
	struct wdmdma_violation found;
	u64 before;

	KUNIT_ASSERT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_move(test, run->sys.chan, 1000);
	before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	found = wk_expect_violation(test, before, WD_REPORT_FLUSH_RUNNING, "FlushAdapterBuffersEx");
	KUNIT_EXPECT_EQ(test, found.params[0], 0);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before + 1);
	wk_expect_report(test, WD_REPORT_FLUSH_RUNNING, 1);
	wk_sys_free(&run->sys);
	wk_sys_settle(&run->sys);
	run->base = wk_sys_own(&run->sys);

	/* Neither one that has ended, nor one that was cancelled */
	before = wk_last_violation();
	KUNIT_ASSERT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	wk_dma_complete(test, run->sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(run->done.count)));
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(&run->sys), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
	wk_sys_free(&run->sys);
}

static void cancelled_twice(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, wk_burst);
	u64 before = wk_last_violation();

	KUNIT_ASSERT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(&run->sys), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
	KUNIT_EXPECT_EQ(test, wk_sys_cancel(&run->sys), STATUS_INVALID_DEVICE_STATE);
	wk_expect_violation(test, before, WD_REPORT_CANCELLED_TWICE, "CancelMappedTransfer");
	wk_expect_report(test, WD_REPORT_CANCELLED_TWICE, 1);
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	wk_sys_free(&run->sys);
}

static void mapped_twice(struct kunit *test)
{
	struct wk_run *run = wk_run_of(test, wk_burst);
	PMDL other = wk_mdl(test, wk_alloc_scattered(test, 1), 0, 64);
	u64 before = wk_last_violation();
	ULONG length = 64;

	KUNIT_ASSERT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_sys_map(&run->sys, run->base, other, 0, &length, false, NULL),
			STATUS_INVALID_PARAMETER);
	wk_expect_violation(test, before, WD_REPORT_TWO_MAPS, "MapTransferEx");
	wk_expect_report(test, WD_REPORT_TWO_MAPS, 1);
	wk_dma_complete(test, run->sys.chan);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(READ_ONCE(run->done.count)));
	KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	wk_sys_free(&run->sys);
}

/* Row 25 */
static void channel_let_go(struct kunit *test)
{
	struct wk_sys sys = wk_sys(test, wk_burst);
	u64 before = wk_last_violation();
	struct wk_call call;
	struct wdmdma_violation found;

	wk_call_init(&call, sys.adapter, DeallocateObject);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, sys.ops->AllocateAdapterChannel(sys.adapter, NULL, 1, wk_control,
							      &call), STATUS_SUCCESS);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, call.count, 1);
	found = wk_expect_violation(test, before, WD_REPORT_ACTION, "AdapterControl");
	KUNIT_EXPECT_EQ(test, found.params[0], DeallocateObject);
	wk_expect_report(test, WD_REPORT_ACTION, 1);
	wk_sys_free(&sys);
}

static void wk_leave_preemption_off(struct wk_done *done)
{
	preempt_disable();
}

static void wk_leave_interrupts_off(struct wk_done *done)
{
	local_irq_disable();
}

/* A completion routine that does not come back as it was called; the machine goes on. */
static void completed_with_another_irql(struct kunit *test)
{
	void (*const leave[])(struct wk_done *done) = { wk_leave_preemption_off,
							wk_leave_interrupts_off };
	struct wk_run *run = wk_run_of(test, wk_burst);
	unsigned int i;
	u64 before;

	for (i = 0; i < ARRAY_SIZE(leave); i++) {
		before = wk_last_violation();
		run->done.inside = leave[i];
		KUNIT_ASSERT_EQ(test, wk_run_start(run), STATUS_SUCCESS);
		wk_dma_complete(test, run->sys.chan);
		KUNIT_EXPECT_TRUE(test, wk_wait_for(wk_last_violation() > before));
		wk_expect_violation(test, before, WD_REPORT_IMBALANCE, "DmaCompletionRoutine");
		wk_expect_report(test, WD_REPORT_IMBALANCE, 1);
		KUNIT_EXPECT_EQ(test, run->done.count, i + 1);
		KUNIT_EXPECT_EQ(test, wk_run_end(run), STATUS_SUCCESS);
	}
	wk_sys_free(&run->sys);
}

/* A note for what a bus master has no use for; not with the verifier off. */
static void not_for_bus_masters(struct kunit *test)
{
	PDMA_ADAPTER adapter = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION3, SZ_64K, NULL);
	u64 before = wk_last_violation();

	KUNIT_EXPECT_EQ(test, adapter->DmaOperations->ReadDmaCounter(adapter), 0);
	wk_expect_violation(test, before, WD_REPORT_NOTE, "ReadDmaCounter");
	before = wk_last_violation();
	KUNIT_EXPECT_EQ(test, adapter->DmaOperations->ConfigureAdapterChannel(adapter, 0, NULL),
			STATUS_NOT_IMPLEMENTED);
	wk_expect_violation(test, before, WD_REPORT_NOTE, "ConfigureAdapterChannel");
	wk_expect_report(test, WD_REPORT_NOTE, 2);

	before = wk_last_violation();
	wk_set_verifier(test, &(struct wdmdma_verifier){});
	adapter = wk_get_adapter(test, DEVICE_DESCRIPTION_VERSION3, SZ_64K, NULL);
	KUNIT_EXPECT_EQ(test, adapter->DmaOperations->ReadDmaCounter(adapter), 0);
	KUNIT_EXPECT_EQ(test, wk_last_violation(), before);
}

static struct kunit_case wk_cases[] = {
	KUNIT_CASE(flushed_while_running),
	KUNIT_CASE(cancelled_twice),
	KUNIT_CASE(mapped_twice),
	KUNIT_CASE(channel_let_go),
	KUNIT_CASE(completed_with_another_irql),
	KUNIT_CASE(not_for_bus_masters),
	{}
};

static struct kunit_suite wk_suite = {
	.name = "wdmdma_verifier_system",
	.suite_init = wk_dma_suite_init,
	.suite_exit = wk_dma_suite_exit,
	.init = wk_init_verified_untranslated,
	.exit = wk_exit_verified,
	.test_cases = wk_cases,
};

kunit_test_suite(wk_suite);
