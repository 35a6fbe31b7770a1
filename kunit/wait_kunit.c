// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting: events, semaphores and mutexes, one or many of them, and time.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/timekeeping.h>

#include <kunit/test.h>

#include <wdmdma/ex.h>
#include <wdmdma/ke.h>
#include <wdmdma/wait.h>

#include "fixture.h"
#include "hardirq.h"

static void wk_notification_event_stays(struct kunit *test)
{
	KEVENT event;

	KeInitializeEvent(&event, NotificationEvent, FALSE);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
	KUNIT_EXPECT_NE(test, KeSetEvent(&event, IO_NO_INCREMENT, FALSE), 0);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_SUCCESS);
	KUNIT_EXPECT_NE(test, KeReadStateEvent(&event), 0);
	KUNIT_EXPECT_NE(test, KeResetEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, KeResetEvent(&event), 0);

	KeInitializeEvent(&event, NotificationEvent, TRUE);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_SUCCESS);
}

static void wk_synchronization_event_is_used_up(struct kunit *test)
{
	KEVENT event;

	KeInitializeEvent(&event, SynchronizationEvent, TRUE);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL),
			STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_TIMEOUT);
	KeSetEvent(&event, IO_NO_INCREMENT, FALSE);
	KeSetEvent(&event, IO_NO_INCREMENT, FALSE);	/* no count is kept */
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_TIMEOUT);
}

struct wk_waiters {
	KEVENT event;
	atomic_t released;
	struct completion gone;
};

static int wk_waiter(void *data)
{
	struct wk_waiters *waiters = data;

	KeWaitForSingleObject(&waiters->event, Executive, KernelMode, FALSE, NULL);
	atomic_inc(&waiters->released);
	complete(&waiters->gone);
	return 0;
}

static int wk_count_released(struct wk_waiters *waiters, int at_least)
{
	unsigned int i;

	for (i = 0; i < 100 && atomic_read(&waiters->released) < at_least; i++)
		msleep(20);
	msleep(30);	/* for more than that to show */
	return atomic_read(&waiters->released);
}

static void wk_start_waiters(struct kunit *test, struct wk_waiters *waiters, EVENT_TYPE type)
{
	unsigned int i;

	atomic_set(&waiters->released, 0);
	init_completion(&waiters->gone);
	KeInitializeEvent(&waiters->event, type, FALSE);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(wk_waiter, waiters, "wk_waiter")));
	KUNIT_EXPECT_EQ(test, wk_count_released(waiters, 0), 0);
}

static void wk_event_releases_one_or_all(struct kunit *test)
{
	static struct wk_waiters waiters;
	unsigned int i;

	wk_start_waiters(test, &waiters, SynchronizationEvent);
	for (i = 1; i <= 3; i++) {
		KeSetEvent(&waiters.event, IO_NO_INCREMENT, FALSE);
		KUNIT_EXPECT_EQ(test, wk_count_released(&waiters, i), i);
		wait_for_completion(&waiters.gone);
	}
	wk_start_waiters(test, &waiters, NotificationEvent);
	KeSetEvent(&waiters.event, IO_NO_INCREMENT, FALSE);
	KUNIT_EXPECT_EQ(test, wk_count_released(&waiters, 3), 3);
	for (i = 0; i < 3; i++)
		wait_for_completion(&waiters.gone);
}

/* Milliseconds that a wait for an event that is never set takes */
static s64 wk_wait_ms(struct kunit *test, LONGLONG time)
{
	LARGE_INTEGER timeout = { .QuadPart = time };
	ktime_t start = ktime_get();
	KEVENT event;

	KeInitializeEvent(&event, SynchronizationEvent, FALSE);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&event, Executive, KernelMode, FALSE,
						    &timeout), STATUS_TIMEOUT);
	return ktime_ms_delta(ktime_get(), start);
}

static void wk_timeout_is_relative_or_a_date(struct kunit *test)
{
	const LONGLONG epoch = 116444736000000000LL;	/* 1970 counted from 1601 */
	LARGE_INTEGER interval = { .QuadPart = 30 * WK_MS };
	LONGLONG now;
	ktime_t start;
	s64 ms;

	ms = wk_wait_ms(test, 50 * WK_MS);
	KUNIT_EXPECT_GE(test, ms, 50);
	now = epoch + div_u64(ktime_get_real_ns(), 100);
	ms = wk_wait_ms(test, now - 60 * WK_MS);
	KUNIT_EXPECT_GE(test, ms, 55);		/* the two clocks may differ a little */
	KUNIT_EXPECT_LT(test, ms, 2000);
	KUNIT_EXPECT_LT(test, wk_wait_ms(test, 1), 1000);	/* long ago */

	start = ktime_get();
	KeDelayExecutionThread(KernelMode, FALSE, &interval);
	interval.QuadPart = 5 * WK_MS;
	KeDelayExecutionThread(KernelMode, FALSE, &interval);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start), 35);
}

/* No sleep at DISPATCH_LEVEL, whatever is asked for; looking is allowed. */
static void wk_waiting_at_dispatch_level_is_refused(struct kunit *test)
{
	LARGE_INTEGER timeout = { .QuadPart = WK_MS };
	NTSTATUS forever, timed, delay, first, second;
	KEVENT event;
	KIRQL old;

	wk_expect_report(test, WD_REPORT_IRQL, 3);
	KeInitializeEvent(&event, SynchronizationEvent, TRUE);
	KeRaiseIrql(DISPATCH_LEVEL, &old);
	forever = KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, NULL);
	timed = KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout);
	delay = KeDelayExecutionThread(KernelMode, FALSE, &timeout);
	first = wk_look(&event);
	second = wk_look(&event);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, forever, STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, timed, STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, delay, STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, first, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, second, STATUS_TIMEOUT);
}

static void wk_semaphore_counts(struct kunit *test)
{
	KSEMAPHORE semaphore;

	wk_expect_report(test, WD_REPORT_OBJECT, 2);
	KeInitializeSemaphore(&semaphore, 1, 3);
	KUNIT_EXPECT_EQ(test, wk_look(&semaphore), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_look(&semaphore), STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 2, FALSE), 0);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 1, FALSE), 2);
	/* Past the limit, where Windows raises, and backwards */
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 1, FALSE), 3);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, -1, FALSE), 3);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 3);
	KUNIT_EXPECT_EQ(test, wk_look(&semaphore), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 2);
}

struct wk_other {
	KMUTEX mutex;
	NTSTATUS look;
	struct completion gone;
};

static int wk_other_looks(void *data)
{
	struct wk_other *other = data;

	other->look = wk_look(&other->mutex);
	if (other->look == STATUS_SUCCESS)
		KeReleaseMutex(&other->mutex, FALSE);
	complete(&other->gone);
	return 0;
}

static NTSTATUS wk_look_from_elsewhere(struct kunit *test, struct wk_other *other)
{
	init_completion(&other->gone);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(wk_other_looks, other, "wk_other")));
	wait_for_completion(&other->gone);
	return other->look;
}

static void wk_mutex_is_its_owners(struct kunit *test)
{
	struct wk_other other;

	wk_expect_report(test, WD_REPORT_OBJECT, 1);
	KeInitializeMutex(&other.mutex, 0);
	KUNIT_EXPECT_EQ(test, wk_look_from_elsewhere(test, &other), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_look(&other.mutex), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, wk_look(&other.mutex), STATUS_SUCCESS);	/* and again */
	KUNIT_EXPECT_LE(test, KeReadStateMutex(&other.mutex), 0);
	KUNIT_EXPECT_EQ(test, wk_look_from_elsewhere(test, &other), STATUS_TIMEOUT);
	KUNIT_EXPECT_LT(test, KeReleaseMutex(&other.mutex, FALSE), 0);	/* still owned */
	KUNIT_EXPECT_EQ(test, wk_look_from_elsewhere(test, &other), STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&other.mutex, FALSE), 0);
	KUNIT_EXPECT_EQ(test, wk_look_from_elsewhere(test, &other), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&other.mutex), 1);
	KeReleaseMutex(&other.mutex, FALSE);				/* nobody's */
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&other.mutex), 1);
}

static NTSTATUS wk_wait_many(PVOID *objects, ULONG count, WAIT_TYPE type, unsigned int ms)
{
	LARGE_INTEGER timeout = { .QuadPart = ms * WK_MS };

	return KeWaitForMultipleObjects(count, objects, type, Executive, KernelMode, FALSE,
					&timeout, NULL);
}

static void wk_wait_for_any_takes_one(struct kunit *test)
{
	KEVENT a, b;
	KSEMAPHORE c;
	PVOID objects[] = { &a, &b, &c };

	KeInitializeEvent(&a, SynchronizationEvent, FALSE);
	KeInitializeEvent(&b, SynchronizationEvent, TRUE);
	KeInitializeSemaphore(&c, 1, 1);
	KUNIT_EXPECT_EQ(test, wk_wait_many(objects, 3, WaitAny, 0), STATUS_WAIT_1);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&c), 1);
	KUNIT_EXPECT_EQ(test, wk_wait_many(objects, 3, WaitAny, 0), STATUS_WAIT_2);
	KUNIT_EXPECT_EQ(test, wk_wait_many(objects, 3, WaitAny, 20), STATUS_TIMEOUT);
	/* The wait that timed out left nothing behind that could use the signal up. */
	KeSetEvent(&a, IO_NO_INCREMENT, FALSE);
	KUNIT_EXPECT_EQ(test, wk_wait_many(objects, 3, WaitAny, 0), STATUS_WAIT_0);
}

static void wk_wait_for_all_takes_all_or_none(struct kunit *test)
{
	KEVENT a, b;
	PVOID objects[] = { &a, &b };

	KeInitializeEvent(&a, SynchronizationEvent, TRUE);
	KeInitializeEvent(&b, SynchronizationEvent, FALSE);
	KUNIT_EXPECT_EQ(test, wk_wait_many(objects, 2, WaitAll, 20), STATUS_TIMEOUT);
	KUNIT_EXPECT_NE(test, KeReadStateEvent(&a), 0);		/* none */
	KeSetEvent(&b, IO_NO_INCREMENT, FALSE);
	KUNIT_EXPECT_EQ(test, wk_wait_many(objects, 2, WaitAll, 20), STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&a), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&b), 0);
}

struct wk_all_waiter {
	KEVENT a, b;
	NTSTATUS status;
	struct completion gone;
};

static int wk_wait_for_both(void *data)
{
	struct wk_all_waiter *waiter = data;
	PVOID objects[] = { &waiter->a, &waiter->b };

	waiter->status = wk_wait_many(objects, 2, WaitAll, 5000);
	complete(&waiter->gone);
	return 0;
}

/* While one waits for both, another may have the one that is there. */
static void wk_sleeping_wait_for_all_holds_nothing(struct kunit *test)
{
	struct wk_all_waiter waiter = {};

	init_completion(&waiter.gone);
	KeInitializeEvent(&waiter.a, SynchronizationEvent, FALSE);
	KeInitializeEvent(&waiter.b, SynchronizationEvent, FALSE);
	KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(wk_wait_for_both, &waiter, "wk_all")));
	msleep(30);
	KeSetEvent(&waiter.a, IO_NO_INCREMENT, FALSE);
	msleep(30);
	KUNIT_EXPECT_EQ(test, wk_look(&waiter.a), STATUS_SUCCESS);
	KeSetEvent(&waiter.b, IO_NO_INCREMENT, FALSE);
	msleep(30);
	KUNIT_EXPECT_FALSE(test, completion_done(&waiter.gone));
	KeSetEvent(&waiter.a, IO_NO_INCREMENT, FALSE);
	wait_for_completion(&waiter.gone);
	KUNIT_EXPECT_EQ(test, waiter.status, STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&waiter.a), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&waiter.b), 0);
}

static void wk_wait_for_many_needs_blocks(struct kunit *test)
{
	KWAIT_BLOCK blocks[5];
	PVOID objects[5], twice[2];
	LARGE_INTEGER now = {};
	KEVENT events[5];
	unsigned int i;

	wk_expect_report(test, WD_REPORT_OBJECT, 2);
	for (i = 0; i < 5; i++) {
		KeInitializeEvent(&events[i], NotificationEvent, i == 4);
		objects[i] = &events[i];
	}
	KUNIT_EXPECT_EQ(test, wk_wait_many(objects, 5, WaitAny, 0), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, wk_wait_many(objects, 0, WaitAny, 0), STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, KeWaitForMultipleObjects(5, objects, WaitAny, Executive, KernelMode,
						       FALSE, &now, blocks), STATUS_WAIT_0 + 4);
	twice[0] = &events[4];
	twice[1] = &events[4];
	KUNIT_EXPECT_EQ(test, wk_wait_many(twice, 2, WaitAll, 0), STATUS_INVALID_PARAMETER_MIX);
	KUNIT_EXPECT_EQ(test, wk_wait_many(twice, 2, WaitAny, 0), STATUS_WAIT_0);
}

static void wk_what_is_no_object_is_refused(struct kunit *test)
{
	static UCHAR memory[sizeof(KEVENT)];
	PVOID objects[] = { memory };
	KSEMAPHORE semaphore;
	KEVENT event;
	PVOID other;

	wk_expect_report(test, WD_REPORT_OBJECT, 11);
	KUNIT_EXPECT_EQ(test, wk_look(memory), STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, wk_look(NULL), STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, wk_wait_many(objects, 1, WaitAny, 10), STATUS_NOT_SUPPORTED);
	KUNIT_EXPECT_EQ(test, KeSetEvent((PKEVENT)memory, IO_NO_INCREMENT, FALSE), 0);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex((PKMUTEX)memory, FALSE), 0);
	KUNIT_EXPECT_EQ(test, KeSetEvent(NULL, IO_NO_INCREMENT, FALSE), 0);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(NULL, FALSE), 0);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(NULL, IO_NO_INCREMENT, 1, FALSE), 0);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore((PKSEMAPHORE)memory, IO_NO_INCREMENT, 1, FALSE),
			0);
	/* Objects, but others */
	KeInitializeEvent(&event, NotificationEvent, FALSE);
	KeInitializeSemaphore(&semaphore, 0, 1);
	other = &event;
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(other, IO_NO_INCREMENT, 1, FALSE), 0);
	other = &semaphore;
	KUNIT_EXPECT_EQ(test, KeSetEvent(other, IO_NO_INCREMENT, FALSE), 0);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, wk_look(&semaphore), STATUS_TIMEOUT);
}

static int wk_set_from_pool(void *event)
{
	msleep(20);
	KeSetEvent(event, IO_NO_INCREMENT, FALSE);
	return 0;
}

/* KASAN sees it if the setter touches the event after having released its waiter. */
static void wk_event_may_be_freed_after_the_wait(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < 10; i++) {
		PKEVENT event = ExAllocatePoolZero(NonPagedPoolNx, sizeof(*event), WK_TAG);

		KUNIT_ASSERT_NOT_NULL(test, event);
		KeInitializeEvent(event, i % 2 ? SynchronizationEvent : NotificationEvent, FALSE);
		KUNIT_ASSERT_FALSE(test, IS_ERR(kthread_run(wk_set_from_pool, event, "wk_set")));
		KUNIT_EXPECT_EQ(test, wk_wait_for_object(event, 5000), STATUS_SUCCESS);
		ExFreePool(event);
	}
}

static void wk_pulse_releases_who_waits_now(struct kunit *test)
{
	static struct wk_waiters waiters;
	unsigned int i;

	wk_start_waiters(test, &waiters, NotificationEvent);
	KUNIT_EXPECT_EQ(test, KePulseEvent(&waiters.event, IO_NO_INCREMENT, FALSE), 0);
	KUNIT_EXPECT_EQ(test, wk_count_released(&waiters, 3), 3);
	for (i = 0; i < 3; i++)
		wait_for_completion(&waiters.gone);
	KUNIT_EXPECT_EQ(test, wk_look(&waiters.event), STATUS_TIMEOUT);
}

static void wk_set_from_interrupt(void *event)
{
	KeSetEvent(event, IO_NO_INCREMENT, FALSE);
}

static void wk_interrupt_can_set_an_event(struct kunit *test)
{
	KEVENT event;

	KeInitializeEvent(&event, SynchronizationEvent, FALSE);
	wk_in_hard_interrupt(wk_set_from_interrupt, &event);
	KUNIT_EXPECT_EQ(test, wk_look(&event), STATUS_SUCCESS);
}

static struct kunit_case wk_wait_cases[] = {
	KUNIT_CASE(wk_notification_event_stays),
	KUNIT_CASE(wk_synchronization_event_is_used_up),
	KUNIT_CASE(wk_event_releases_one_or_all),
	KUNIT_CASE(wk_timeout_is_relative_or_a_date),
	KUNIT_CASE(wk_waiting_at_dispatch_level_is_refused),
	KUNIT_CASE(wk_semaphore_counts),
	KUNIT_CASE(wk_mutex_is_its_owners),
	KUNIT_CASE(wk_wait_for_any_takes_one),
	KUNIT_CASE(wk_wait_for_all_takes_all_or_none),
	KUNIT_CASE(wk_sleeping_wait_for_all_holds_nothing),
	KUNIT_CASE(wk_wait_for_many_needs_blocks),
	KUNIT_CASE(wk_what_is_no_object_is_refused),
	KUNIT_CASE(wk_event_may_be_freed_after_the_wait),
	KUNIT_CASE(wk_pulse_releases_who_waits_now),
	KUNIT_CASE(wk_interrupt_can_set_an_event),
	{}
};

static struct kunit_suite wk_wait_suite = {
	.name = "wdmdma_wait",
	.suite_init = wk_suite_init,
	.suite_exit = wk_suite_exit,
	.init = wk_init,
	.exit = wk_exit,
	.test_cases = wk_wait_cases,
};

kunit_test_suite(wk_wait_suite);
