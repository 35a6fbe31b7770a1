// SPDX-License-Identifier: GPL-2.0-only
/*
 * Deferred procedure calls.
 */
#include <linux/completion.h>
#include <linux/preempt.h>

#include <kunit/test.h>

#include <wdmdma/clock.h>
#include <wdmdma/ex.h>
#include <wdmdma/ke.h>

#include "fixture.h"
#include "hardirq.h"

/* What a DPC saw */
struct wk_seen {
	struct completion done;
	KIRQL irql;
	unsigned int count, limit;
	PVOID argument1, argument2;
	unsigned int *order, position;
};

static VOID wk_dpc_routine(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
	struct wk_seen *seen = context;

	seen->irql = in_softirq() ? KeGetCurrentIrql() : PASSIVE_LEVEL;
	seen->count++;
	seen->argument1 = argument1;
	seen->argument2 = argument2;
	if (seen->order)
		seen->position = (*seen->order)++;
	if (seen->count < seen->limit)
		KeInsertQueueDpc(dpc, argument1, argument2);
	complete(&seen->done);
}

static void wk_dpc_init(PKDPC dpc, struct wk_seen *seen)
{
	init_completion(&seen->done);
	KeInitializeDpc(dpc, wk_dpc_routine, seen);
}

static void wk_dpc_runs_once_for_an_insert(struct kunit *test)
{
	struct wk_seen seen = {};
	BOOLEAN first, second;
	unsigned int early;
	KIRQL old;
	KDPC dpc;

	wk_dpc_init(&dpc, &seen);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	first = KeInsertQueueDpc(&dpc, (PVOID)1, (PVOID)2);
	second = KeInsertQueueDpc(&dpc, (PVOID)3, (PVOID)4);
	early = seen.count;
	KeLowerIrql(old);
	wait_for_completion(&seen.done);
	KeFlushQueuedDpcs();

	KUNIT_EXPECT_EQ(test, first, TRUE);
	KUNIT_EXPECT_EQ(test, second, FALSE);
	KUNIT_EXPECT_EQ(test, early, 0);
	KUNIT_EXPECT_EQ(test, seen.count, 1);
	KUNIT_EXPECT_EQ(test, seen.irql, DISPATCH_LEVEL);
	KUNIT_EXPECT_PTR_EQ(test, seen.argument1, (PVOID)1);
	KUNIT_EXPECT_PTR_EQ(test, seen.argument2, (PVOID)2);

	KUNIT_EXPECT_EQ(test, KeInsertQueueDpc(&dpc, NULL, NULL), TRUE);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, seen.count, 2);
}

static void wk_dpc_can_be_taken_back(struct kunit *test)
{
	struct wk_seen seen = {};
	BOOLEAN removed, again;
	KIRQL old;
	KDPC dpc;

	wk_dpc_init(&dpc, &seen);
	KUNIT_EXPECT_EQ(test, KeRemoveQueueDpc(&dpc), FALSE);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	KeInsertQueueDpc(&dpc, NULL, NULL);
	removed = KeRemoveQueueDpc(&dpc);
	again = KeRemoveQueueDpc(&dpc);
	KeLowerIrql(old);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, removed, TRUE);
	KUNIT_EXPECT_EQ(test, again, FALSE);
	KUNIT_EXPECT_EQ(test, seen.count, 0);
}

static void wk_dpcs_run_in_order(struct kunit *test)
{
	static struct wk_seen seen[5];
	unsigned int i, order = 0;
	KDPC dpcs[5];
	KIRQL old;

	for (i = 0; i < 5; i++) {
		seen[i].order = &order;
		wk_dpc_init(&dpcs[i], &seen[i]);
	}
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	for (i = 0; i < 5; i++)
		KeInsertQueueDpc(&dpcs[i], NULL, NULL);
	KeLowerIrql(old);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, order, 5);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, seen[i].position, i);
}

static void wk_dpc_can_queue_itself(struct kunit *test)
{
	struct wk_seen seen = { .limit = 10 };
	unsigned int i;
	KDPC dpc;

	wk_dpc_init(&dpc, &seen);
	KeInsertQueueDpc(&dpc, NULL, NULL);
	for (i = 0; i < 20; i++)
		KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, seen.count, 10);
}

static VOID wk_dpc_frees_itself(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
	ExFreePoolWithTag(dpc, WK_TAG);
	KeSetEvent(context, IO_NO_INCREMENT, FALSE);
}

static void wk_dpc_can_free_itself_and_wake_a_waiter(struct kunit *test)
{
	PKDPC dpc = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*dpc), WK_TAG);
	LARGE_INTEGER timeout = { .QuadPart = 5000 * WK_MS };
	KEVENT event;

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KeInitializeEvent(&event, SynchronizationEvent, FALSE);
	KeInitializeDpc(dpc, wk_dpc_frees_itself, &event);
	KeInsertQueueDpc(dpc, NULL, NULL);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&event, Executive, KernelMode, FALSE,
						    &timeout), STATUS_SUCCESS);
}

static void wk_important_dpcs_go_first(struct kunit *test)
{
	static struct wk_seen seen[3];
	unsigned int i, order = 0;
	KDPC dpcs[3];
	KIRQL old;

	for (i = 0; i < 3; i++) {
		seen[i] = (struct wk_seen){ .order = &order };
		wk_dpc_init(&dpcs[i], &seen[i]);
	}
	KeSetImportanceDpc(&dpcs[1], LowImportance);
	KeSetImportanceDpc(&dpcs[2], HighImportance);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	for (i = 0; i < 3; i++)
		KeInsertQueueDpc(&dpcs[i], NULL, NULL);
	KeLowerIrql(old);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, order, 3);
	KUNIT_EXPECT_EQ(test, seen[2].position, 0);
	KUNIT_EXPECT_EQ(test, seen[0].position, 1);
	KUNIT_EXPECT_EQ(test, seen[1].position, 2);
}

struct wk_where {
	ULONG processor;
};

static VOID wk_note_processor(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
	struct wk_where *where = context;

	where->processor = KeGetCurrentProcessorNumber();
}

static void wk_dpc_runs_on_its_target(struct kunit *test)
{
	ULONG last = KeQueryMaximumProcessorCount() - 1;
	struct wk_where where = { INVALID_PROCESSOR_INDEX };
	PROCESSOR_NUMBER number;
	unsigned int i;
	KDPC dpc;

	KeInitializeThreadedDpc(&dpc, wk_note_processor, &where);
	KUNIT_EXPECT_EQ(test, KeGetProcessorNumberFromIndex(last, &number), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeSetTargetProcessorDpcEx(&dpc, &number), STATUS_SUCCESS);
	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, KeInsertQueueDpc(&dpc, NULL, NULL), TRUE);
		KeFlushQueuedDpcs();
		KUNIT_EXPECT_EQ(test, where.processor, last);
		where.processor = INVALID_PROCESSOR_INDEX;
	}
	number.Number = 63;
	number.Group = 0xfffe;
	KUNIT_EXPECT_EQ(test, KeSetTargetProcessorDpcEx(&dpc, &number), STATUS_INVALID_PARAMETER);
}

/* The older routine has no answer: a processor that there is not changes nothing. */
static void wk_target_of_the_first_group(struct kunit *test)
{
	CCHAR last = cpumask_last(cpu_online_mask);
	struct wk_seen seen = {};
	KDPC dpc;

	wk_dpc_init(&dpc, &seen);
	KeSetTargetProcessorDpc(&dpc, 63);
	KeSetTargetProcessorDpc(&dpc, -1);
	KUNIT_EXPECT_EQ(test, dpc.target, 0);
	KeSetTargetProcessorDpc(&dpc, last);
	KUNIT_EXPECT_EQ(test, dpc.target, last + 1);
	KeSetTargetProcessorDpc(&dpc, 63);
	KUNIT_EXPECT_EQ(test, dpc.target, last + 1);
	KeInsertQueueDpc(&dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, seen.count, 1);
}

static void wk_insert_from_interrupt(void *dpc)
{
	KeInsertQueueDpc(dpc, NULL, NULL);
}

static void wk_interrupt_can_queue_a_dpc(struct kunit *test)
{
	struct wk_seen seen = {};
	KDPC dpc;

	wk_dpc_init(&dpc, &seen);
	wk_in_hard_interrupt(wk_insert_from_interrupt, &dpc);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, seen.count, 1);
	KUNIT_EXPECT_EQ(test, seen.irql, DISPATCH_LEVEL);
}

static void wk_flushing_at_dispatch_level_is_refused(struct kunit *test)
{
	KIRQL old;

	wk_expect_report(test, WD_REPORT_IRQL, 1);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	KeFlushQueuedDpcs();
	KeLowerIrql(old);
}

static struct kunit_case wk_dpc_cases[] = {
	KUNIT_CASE(wk_dpc_runs_once_for_an_insert),
	KUNIT_CASE(wk_dpc_can_be_taken_back),
	KUNIT_CASE(wk_dpcs_run_in_order),
	KUNIT_CASE(wk_dpc_can_queue_itself),
	KUNIT_CASE(wk_dpc_can_free_itself_and_wake_a_waiter),
	KUNIT_CASE(wk_important_dpcs_go_first),
	KUNIT_CASE(wk_dpc_runs_on_its_target),
	KUNIT_CASE(wk_target_of_the_first_group),
	KUNIT_CASE(wk_interrupt_can_queue_a_dpc),
	KUNIT_CASE(wk_flushing_at_dispatch_level_is_refused),
	{}
};

static struct kunit_suite wk_dpc_suite = {
	.name = "wdmdma_dpc",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_dpc_cases,
};

kunit_test_suite(wk_dpc_suite);
