// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timers for ported drivers.
 *
 * All timers that are set stand in one queue, ordered by when they are due, and one hrtimer goes
 * off when the first is. A KTIMER therefore holds nothing of Linux's that could still be running
 * once it has been taken off the queue. wd_dispatch_lock protects all of it.
 */
#include <linux/export.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/timerqueue.h>

#include <wdmdma/ke.h>
#include <wdmdma/rtl.h>
#include <wdmdma/timer.h>

#include "compat.h"
#include "dispatch.h"
#include "irql.h"
#include "runtime.h"

static struct timerqueue_head wd_timers;	/* wd_dispatch_lock */
static struct hrtimer wd_timers_due;

static struct timerqueue_node *wd_timer_node(PKTIMER timer)
{
	return (struct timerqueue_node *)timer->node;
}

/* Have the hrtimer go off when the first timer is due. */
static void wd_timers_arm_locked(void)
{
	struct timerqueue_node *first = timerqueue_getnext(&wd_timers);

	lockdep_assert_held(&wd_dispatch_lock);
	/* Never cancelled: to go off with nothing due does no harm. */
	if (first)
		hrtimer_start(&wd_timers_due, first->expires, HRTIMER_MODE_ABS);
}

static void wd_timer_insert_locked(PKTIMER timer, ktime_t due)
{
	struct timerqueue_node *node = wd_timer_node(timer);

	lockdep_assert_held(&wd_dispatch_lock);
	timerqueue_init(node);
	node->expires = due;
	timerqueue_add(&wd_timers, node);
	timer->set = 1;
}

static bool wd_timer_remove_locked(PKTIMER timer)
{
	lockdep_assert_held(&wd_dispatch_lock);
	if (!timer->set)
		return false;
	timerqueue_del(&wd_timers, wd_timer_node(timer));
	timer->set = 0;
	return true;
}

/* The timer is due: afterwards it may be freed, by whom it releases, unless it is periodic. */
static void wd_timer_expire_locked(PKTIMER timer, ktime_t now)
{
	ktime_t due = wd_timer_node(timer)->expires;
	PKDPC dpc = timer->Dpc;

	lockdep_assert_held(&wd_dispatch_lock);
	wd_timer_remove_locked(timer);
	if (timer->Period) {
		s64 period = ms_to_ktime(timer->Period);
		s64 missed = ktime_divns(ktime_sub(now, due), period);

		/* Periods that passed while interrupts were off are not made up for. */
		wd_timer_insert_locked(timer, ktime_add_ns(due, (missed + 1) * period));
	}
	wd_object_set_locked(&timer->Header, 1);
	if (dpc)
		wdmdma_ke_insert_queue_dpc(dpc, NULL, NULL);
}

static enum hrtimer_restart wd_timers_expire(struct hrtimer *hrtimer)
{
	struct timerqueue_node *node;
	unsigned long flags;
	ktime_t now;

	spin_lock_irqsave(&wd_dispatch_lock, flags);
	now = ktime_get();
	while ((node = timerqueue_getnext(&wd_timers)) && node->expires <= now)
		wd_timer_expire_locked(CONTAINING_RECORD((PVOID)node, KTIMER, node), now);
	wd_timers_arm_locked();
	spin_unlock_irqrestore(&wd_dispatch_lock, flags);
	return HRTIMER_NORESTART;	/* armed again above, if need be */
}

/**
 * wdmdma_ke_initialize_timer_ex() - make memory a timer
 * @timer: the memory; not while it is set
 * @type: NotificationTimer or SynchronizationTimer
 *
 * Context: Any IRQL. DDI: KeInitializeTimerEx, KeInitializeTimer
 */
void wdmdma_ke_initialize_timer_ex(PKTIMER timer, TIMER_TYPE type)
{
	RtlZeroMemory(timer, sizeof(*timer));
	wd_object_init(&timer->Header,
		       type == SynchronizationTimer ? WD_SYNCHRONIZATION_TIMER :
						      WD_NOTIFICATION_TIMER, 0);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_initialize_timer_ex, WDMDMA);

/**
 * wdmdma_ke_set_timer_ex() - set a timer, or set it anew
 * @timer: an initialised timer
 * @due_time: when, in 100 ns units: from now if negative, from 1601 if positive
 * @period: milliseconds between the times after the first; 0 for one time only
 * @dpc: DPC to queue each time, on the processor that takes the timer's interrupt; or NULL
 *
 * It is not signalled until then. A DPC that the timer queued before stays queued.
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: TRUE if it was set already. DDI: KeSetTimerEx, KeSetTimer
 */
BOOLEAN wdmdma_ke_set_timer_ex(PKTIMER timer, LARGE_INTEGER due_time, LONG period, PKDPC dpc)
{
	ktime_t due = wd_deadline(due_time.QuadPart);
	unsigned long flags;
	bool was_set;

	if (!wd_object_is(timer ? &timer->Header : NULL, WD_NOTIFICATION_TIMER,
			  WD_SYNCHRONIZATION_TIMER, "KeSetTimerEx"))
		return FALSE;
	spin_lock_irqsave(&wd_dispatch_lock, flags);
	was_set = wd_timer_remove_locked(timer);
	timer->Header.SignalState = 0;
	timer->Period = max(period, 0);
	timer->Dpc = dpc;
	wd_timer_insert_locked(timer, due);
	if (timerqueue_getnext(&wd_timers) == wd_timer_node(timer))
		wd_timers_arm_locked();
	spin_unlock_irqrestore(&wd_dispatch_lock, flags);
	return was_set;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_set_timer_ex, WDMDMA);

/**
 * wdmdma_ke_cancel_timer() - have a timer not go off any more
 * @timer: an initialised timer
 *
 * Afterwards it may be freed. Its DPC may be queued or running all the same: KeRemoveQueueDpc,
 * KeFlushQueuedDpcs. Whether it is signalled does not change.
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: TRUE if it was set, which a periodic one always is. DDI: KeCancelTimer
 */
BOOLEAN wdmdma_ke_cancel_timer(PKTIMER timer)
{
	unsigned long flags;
	bool was_set;

	if (!wd_object_is(timer ? &timer->Header : NULL, WD_NOTIFICATION_TIMER,
			  WD_SYNCHRONIZATION_TIMER, "KeCancelTimer"))
		return FALSE;
	spin_lock_irqsave(&wd_dispatch_lock, flags);
	was_set = wd_timer_remove_locked(timer);
	spin_unlock_irqrestore(&wd_dispatch_lock, flags);
	return was_set;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_cancel_timer, WDMDMA);

/**
 * wd_timer_init() - make the queue ready
 *
 * Context: Process.
 */
void __init wd_timer_init(void)
{
	timerqueue_init_head(&wd_timers);
	hrtimer_setup(&wd_timers_due, wd_timers_expire, CLOCK_MONOTONIC, HRTIMER_MODE_ABS);
}

/**
 * wd_timer_exit() - stop the clock
 *
 * For module unload, when no driver is left; what is still set lay in a driver's memory.
 *
 * Context: Process, may sleep.
 */
void wd_timer_exit(void)
{
	hrtimer_cancel(&wd_timers_due);
}
