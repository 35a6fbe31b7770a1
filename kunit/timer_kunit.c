// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers, and the clocks.
 */
#include <linux/delay.h>
#include <linux/timekeeping.h>

#include <kunit/test.h>

#include <wdmdma/clock.h>
#include <wdmdma/ex.h>
#include <wdmdma/timer.h>

#include "fixture.h"
#include "hardirq.h"

/* What a timer's DPC saw */
struct wk_ticks {
	KDPC dpc;
	KTIMER timer;
	atomic_t count;
	KIRQL irql;
	ktime_t last;
	unsigned int cancel_at;
	BOOLEAN cancelled;
};

static VOID wk_tick(PKDPC dpc, PVOID context, PVOID argument1, PVOID argument2)
{
	struct wk_ticks *ticks = context;

	ticks->irql = KeGetCurrentIrql();
	ticks->last = ktime_get();
	if (atomic_inc_return(&ticks->count) == ticks->cancel_at)
		ticks->cancelled = KeCancelTimer(&ticks->timer);
}

static void wk_ticks_init(struct wk_ticks *ticks, TIMER_TYPE type)
{
	*ticks = (struct wk_ticks){};
	KeInitializeTimerEx(&ticks->timer, type);
	KeInitializeDpc(&ticks->dpc, wk_tick, ticks);
}

static LARGE_INTEGER wk_in_ms(unsigned int ms)
{
	return (LARGE_INTEGER){ .QuadPart = ms * WK_MS };
}

static void wk_timer_queues_its_dpc_when_due(struct kunit *test)
{
	struct wk_ticks ticks;
	ktime_t start = ktime_get();

	wk_ticks_init(&ticks, NotificationTimer);
	KUNIT_EXPECT_FALSE(test, KeSetTimer(&ticks.timer, wk_in_ms(40), &ticks.dpc));
	KUNIT_EXPECT_FALSE(test, KeReadStateTimer(&ticks.timer));
	KUNIT_EXPECT_TRUE(test, wk_wait_for(atomic_read(&ticks.count)));
	KUNIT_EXPECT_GE(test, ktime_us_delta(ticks.last, start), 40000);
	KUNIT_EXPECT_EQ(test, ticks.irql, DISPATCH_LEVEL);
	KUNIT_EXPECT_TRUE(test, KeReadStateTimer(&ticks.timer));
	KUNIT_EXPECT_FALSE(test, KeCancelTimer(&ticks.timer));	/* it has gone off */
	msleep(60);
	KUNIT_EXPECT_EQ(test, atomic_read(&ticks.count), 1);
}

static void wk_cancelled_timer_does_not_go_off(struct kunit *test)
{
	struct wk_ticks ticks;

	wk_ticks_init(&ticks, NotificationTimer);
	KUNIT_EXPECT_FALSE(test, KeCancelTimer(&ticks.timer));	/* was never set */
	KeSetTimer(&ticks.timer, wk_in_ms(30), &ticks.dpc);
	KUNIT_EXPECT_TRUE(test, KeCancelTimer(&ticks.timer));
	KUNIT_EXPECT_FALSE(test, KeCancelTimer(&ticks.timer));
	msleep(60);
	KUNIT_EXPECT_EQ(test, atomic_read(&ticks.count), 0);
	KUNIT_EXPECT_FALSE(test, KeReadStateTimer(&ticks.timer));
}

static void wk_periodic_timer_goes_off_until_cancelled(struct kunit *test)
{
	struct wk_ticks ticks;
	ktime_t start = ktime_get();

	wk_ticks_init(&ticks, SynchronizationTimer);
	ticks.cancel_at = 5;
	KUNIT_EXPECT_FALSE(test, KeSetTimerEx(&ticks.timer, wk_in_ms(20), 20, &ticks.dpc));
	KUNIT_EXPECT_TRUE(test, wk_wait_for(atomic_read(&ticks.count) == 5));
	KUNIT_EXPECT_GE(test, ktime_us_delta(ticks.last, start), 100000);
	KUNIT_EXPECT_TRUE(test, ticks.cancelled);
	msleep(60);
	KUNIT_EXPECT_EQ(test, atomic_read(&ticks.count), 5);
}

/* Setting it anew takes back the first time; its state is that of the second. */
static void wk_timer_set_twice_goes_off_once(struct kunit *test)
{
	struct wk_ticks ticks;
	ktime_t start;

	wk_ticks_init(&ticks, NotificationTimer);
	KeSetTimer(&ticks.timer, wk_in_ms(1), NULL);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(&ticks.timer, 5000), STATUS_SUCCESS);
	KeSetTimer(&ticks.timer, wk_in_ms(20), &ticks.dpc);
	KUNIT_EXPECT_FALSE(test, KeReadStateTimer(&ticks.timer));
	start = ktime_get();
	KUNIT_EXPECT_TRUE(test, KeSetTimer(&ticks.timer, wk_in_ms(60), &ticks.dpc));
	KUNIT_EXPECT_TRUE(test, wk_wait_for(atomic_read(&ticks.count)));
	KUNIT_EXPECT_GE(test, ktime_us_delta(ticks.last, start), 60000);
	msleep(40);
	KUNIT_EXPECT_EQ(test, atomic_read(&ticks.count), 1);
}

static void wk_timer_can_be_waited_for(struct kunit *test)
{
	KTIMER notification, synchronization;
	ktime_t start = ktime_get();

	KeInitializeTimer(&notification);
	KeInitializeTimerEx(&synchronization, SynchronizationTimer);
	KeSetTimer(&notification, wk_in_ms(30), NULL);
	KeSetTimer(&synchronization, wk_in_ms(30), NULL);
	KUNIT_EXPECT_EQ(test, wk_look(&notification), STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(&notification, 5000), STATUS_SUCCESS);
	KUNIT_EXPECT_GE(test, ktime_us_delta(ktime_get(), start), 30000);
	KUNIT_EXPECT_EQ(test, wk_look(&notification), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(&synchronization, 5000), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_look(&synchronization), STATUS_TIMEOUT);	/* used up */
}

static void wk_timers_go_off_in_order(struct kunit *test)
{
	static const unsigned int ms[] = { 60, 20, 40, 20 };
	struct wk_ticks ticks[4];
	unsigned int i;

	for (i = 0; i < 4; i++) {
		wk_ticks_init(&ticks[i], NotificationTimer);
		KeSetTimer(&ticks[i].timer, wk_in_ms(ms[i]), &ticks[i].dpc);
	}
	KUNIT_EXPECT_TRUE(test, KeCancelTimer(&ticks[3].timer));
	KUNIT_EXPECT_TRUE(test, wk_wait_for(atomic_read(&ticks[0].count)));
	KUNIT_EXPECT_TRUE(test, ktime_before(ticks[1].last, ticks[2].last));
	KUNIT_EXPECT_TRUE(test, ktime_before(ticks[2].last, ticks[0].last));
	KUNIT_EXPECT_EQ(test, atomic_read(&ticks[3].count), 0);
}

/* Linux's own timer still goes off when the first one would have been due. */
static void wk_cancelled_timer_leaves_the_next_alone(struct kunit *test)
{
	struct wk_ticks first, second;
	ktime_t start = ktime_get();

	wk_ticks_init(&first, NotificationTimer);
	wk_ticks_init(&second, NotificationTimer);
	KeSetTimer(&second.timer, wk_in_ms(80), &second.dpc);
	KeSetTimer(&first.timer, wk_in_ms(20), &first.dpc);
	KUNIT_EXPECT_TRUE(test, KeCancelTimer(&first.timer));
	KUNIT_EXPECT_TRUE(test, wk_wait_for(atomic_read(&second.count)));
	KUNIT_EXPECT_GE(test, ktime_us_delta(second.last, start), 80000);
	KUNIT_EXPECT_EQ(test, atomic_read(&first.count), 0);
}

/* KASAN sees it if anything touches a timer that was cancelled, or that was waited for. */
static void wk_timer_may_be_freed_at_once(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		PKTIMER timer = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*timer), WK_TAG);

		KUNIT_ASSERT_NOT_NULL(test, timer);
		KeInitializeTimer(timer);
		KeSetTimerEx(timer, wk_in_ms(i % 2 ? 2 : 5000), i % 4 ? 0 : 1, NULL);
		if (i % 2)
			KUNIT_EXPECT_EQ(test, wk_wait_for_object(timer, 5000), STATUS_SUCCESS);
		else
			KUNIT_EXPECT_TRUE(test, KeCancelTimer(timer));
		ExFreePool(timer);
	}
	msleep(20);
}

static void wk_timer_goes_off_at_a_date(struct kunit *test)
{
	LARGE_INTEGER date;
	struct wk_ticks ticks;
	ktime_t start = ktime_get();

	wk_ticks_init(&ticks, NotificationTimer);
	KeQuerySystemTime(&date);
	date.QuadPart -= 50 * WK_MS;
	KeSetTimer(&ticks.timer, date, &ticks.dpc);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(atomic_read(&ticks.count)));
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ticks.last, start), 45);	/* two clocks */
	date.QuadPart = 1;				/* long ago */
	KeSetTimer(&ticks.timer, date, NULL);
	KUNIT_EXPECT_EQ(test, wk_wait_for_object(&ticks.timer, 1000), STATUS_SUCCESS);
}

static void wk_set_timer_from_interrupt(void *data)
{
	struct wk_ticks *ticks = data;

	KeSetTimer(&ticks->timer, wk_in_ms(1), &ticks->dpc);
}

static void wk_timer_misuse(struct kunit *test)
{
	static KTIMER never_initialised;
	struct wk_ticks ticks;

	wk_expect_report(test, WD_REPORT_OBJECT, 4);
	KUNIT_EXPECT_FALSE(test, KeSetTimer(NULL, wk_in_ms(1), NULL));
	KUNIT_EXPECT_FALSE(test, KeCancelTimer(NULL));
	KUNIT_EXPECT_FALSE(test, KeSetTimer(&never_initialised, wk_in_ms(1), NULL));
	KUNIT_EXPECT_FALSE(test, KeCancelTimer(&never_initialised));
	wk_ticks_init(&ticks, NotificationTimer);
	wk_in_hard_interrupt(wk_set_timer_from_interrupt, &ticks);
	KUNIT_EXPECT_TRUE(test, wk_wait_for(atomic_read(&ticks.count)));
}

static void wk_clocks_agree(struct kunit *test)
{
	LARGE_INTEGER before, after, frequency, ticks, later, day;
	ULONGLONG up = KeQueryInterruptTime(), working = KeQueryUnbiasedInterruptTime();
	LONGLONG passed;

	before = KeQueryPerformanceCounter(&frequency);
	KeQueryTickCount(&ticks);
	msleep(50);
	KeQueryTickCount(&later);
	after = KeQueryPerformanceCounter(NULL);
	passed = (after.QuadPart - before.QuadPart) * 1000 / frequency.QuadPart;
	KUNIT_EXPECT_GE(test, passed, 50);
	KUNIT_EXPECT_LT(test, passed, 5000);
	passed = (later.QuadPart - ticks.QuadPart) * KeQueryTimeIncrement() / 10000;
	KUNIT_EXPECT_GE(test, passed, 40);
	KUNIT_EXPECT_LT(test, passed, 5000);
	KUNIT_EXPECT_GE(test, KeQueryInterruptTime() - up, 500000);
	KUNIT_EXPECT_GE(test, KeQueryUnbiasedInterruptTime() - working, 500000);
	KUNIT_EXPECT_LT(test, KeQueryUnbiasedInterruptTime() - working, 50000000);
	/* Nothing has been suspended. */
	working = KeQueryUnbiasedInterruptTime();
	KUNIT_EXPECT_LT(test, KeQueryInterruptTime() - working, 10000000);
	/* 2020 to 2200, counted from 1601 */
	KeQuerySystemTimePrecise(&day);
	KUNIT_EXPECT_GT(test, day.QuadPart, 132223104000000000LL);
	KUNIT_EXPECT_LT(test, day.QuadPart, 189000000000000000LL);
}

static void wk_processors_are_linuxs(struct kunit *test)
{
	PROCESSOR_NUMBER number;
	KAFFINITY mask;

	KUNIT_EXPECT_EQ(test, KeQueryActiveProcessorCount(&mask), num_online_cpus());
	KUNIT_EXPECT_EQ(test, hweight_long(mask), min(num_online_cpus(), 64U));
	KUNIT_EXPECT_EQ(test, KeQueryMaximumProcessorCount(), nr_cpu_ids);
	KUNIT_EXPECT_EQ(test, KeQueryMaximumProcessorCountEx(0), min(nr_cpu_ids, 64U));
	KUNIT_EXPECT_EQ(test, KeQueryMaximumProcessorCountEx(200), 0);
	KUNIT_EXPECT_LT(test, KeGetCurrentProcessorNumberEx(&number), nr_cpu_ids);
	KUNIT_EXPECT_LT(test, KeGetProcessorIndexFromNumber(&number), nr_cpu_ids);
	KUNIT_EXPECT_EQ(test, KeGetProcessorNumberFromIndex(nr_cpu_ids, &number),
			STATUS_INVALID_PARAMETER);
}

static struct kunit_case wk_timer_cases[] = {
	KUNIT_CASE(wk_timer_queues_its_dpc_when_due),
	KUNIT_CASE(wk_cancelled_timer_does_not_go_off),
	KUNIT_CASE(wk_periodic_timer_goes_off_until_cancelled),
	KUNIT_CASE(wk_timer_set_twice_goes_off_once),
	KUNIT_CASE(wk_timer_can_be_waited_for),
	KUNIT_CASE(wk_timers_go_off_in_order),
	KUNIT_CASE(wk_cancelled_timer_leaves_the_next_alone),
	KUNIT_CASE(wk_timer_may_be_freed_at_once),
	KUNIT_CASE(wk_timer_goes_off_at_a_date),
	KUNIT_CASE(wk_timer_misuse),
	KUNIT_CASE(wk_clocks_agree),
	KUNIT_CASE(wk_processors_are_linuxs),
	{}
};

static struct kunit_suite wk_timer_suite = {
	.name = "wdmdma_timer",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_timer_cases,
};

kunit_test_suite(wk_timer_suite);
