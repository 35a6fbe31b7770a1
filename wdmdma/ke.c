// SPDX-License-Identifier: GPL-2.0-only
/*
 * IRQL, spin locks, events and delays for ported drivers.
 *
 * Everything here goes by IRQL as ke.h defines it. What is small is an inline in the public header,
 * and this file exports it a second time for C++, which cannot see the inlines.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>

#include <wdmdma/ke.h>
#include <wdmdma/status.h>

#include "irql.h"

/* 100 ns units: from 1601, where Windows' time starts, to 1970 */
#define WD_EPOCH_TICKS 116444736000000000ULL

/* Upper half of KEVENT.type of an event that was initialised */
#define WD_EVENT_MARK 0x4b450000U
#define WD_EVENT_MARK_MASK 0xffff0000U

/* IRQL and processor */

/**
 * wdmdma_ke_get_current_irql() - how far the caller is from being allowed to sleep
 *
 * Context: Any IRQL.
 * Return: See KeGetCurrentIrql() in ke.h. DDI: KeGetCurrentIrql
 */
KIRQL wdmdma_ke_get_current_irql(void)
{
	return KeGetCurrentIrql();
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_get_current_irql, WDMDMA);

/**
 * wdmdma_ke_raise_irql() - go up to an IRQL
 * @new_irql: from DISPATCH_LEVEL on bottom halves go off, unless they are off
 *
 * Context: Any IRQL.
 * Return: The IRQL before, for KeLowerIrql. DDI: KeRaiseIrql
 */
KIRQL wdmdma_ke_raise_irql(KIRQL new_irql)
{
	return KfRaiseIrql(new_irql);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_raise_irql, WDMDMA);

/**
 * wdmdma_ke_lower_irql() - go back to a lower IRQL
 * @new_irql: what KeRaiseIrql stored
 *
 * Context: Any IRQL not below @new_irql. DDI: KeLowerIrql
 */
void wdmdma_ke_lower_irql(KIRQL new_irql)
{
	KeLowerIrql(new_irql);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_lower_irql, WDMDMA);

/**
 * wdmdma_ke_memory_barrier() - order all memory and register accesses
 *
 * Context: Any IRQL. DDI: KeMemoryBarrier
 */
void wdmdma_ke_memory_barrier(void)
{
	KeMemoryBarrier();
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_memory_barrier, WDMDMA);

/**
 * wdmdma_ke_stall_execution_processor() - wait by spinning
 * @microseconds: how long; Windows asks for 50 at most
 *
 * Context: Any IRQL; does not sleep. DDI: KeStallExecutionProcessor
 */
void wdmdma_ke_stall_execution_processor(ULONG microseconds)
{
	if (microseconds >= USEC_PER_MSEC)
		mdelay(microseconds / USEC_PER_MSEC);
	udelay(microseconds % USEC_PER_MSEC);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_stall_execution_processor, WDMDMA);

/* Spin locks */

/**
 * wdmdma_ke_initialize_spin_lock() - make memory a free spin lock
 * @lock: the memory
 * @lock_class: static object that lockdep knows this kind of lock by
 * @name: what lockdep calls it
 *
 * Context: Any IRQL. DDI: KeInitializeSpinLock
 */
void wdmdma_ke_initialize_spin_lock(PKSPIN_LOCK lock, struct wdmdma_lock_class *lock_class,
				    const char *name)
{
	spinlock_t *inner = wdmdma_spinlock(lock);

	spin_lock_init(inner);
	lockdep_set_class_and_name(inner, (struct lock_class_key *)lock_class, name);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_initialize_spin_lock, WDMDMA);

/**
 * wdmdma_ke_acquire_spin_lock() - go up to DISPATCH_LEVEL and take a lock
 * @lock: an initialised lock
 *
 * Context: <= DISPATCH_LEVEL; DISPATCH_LEVEL afterwards.
 * Return: The IRQL before, for KeReleaseSpinLock. DDI: KeAcquireSpinLock
 */
KIRQL wdmdma_ke_acquire_spin_lock(PKSPIN_LOCK lock)
	__acquires(lock)
{
	return KeAcquireSpinLockRaiseToDpc(lock);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_acquire_spin_lock, WDMDMA);

/**
 * wdmdma_ke_release_spin_lock() - give a lock back and lower the IRQL
 * @lock: the lock
 * @new_irql: what KeAcquireSpinLock stored
 *
 * Context: DISPATCH_LEVEL. DDI: KeReleaseSpinLock
 */
void wdmdma_ke_release_spin_lock(PKSPIN_LOCK lock, KIRQL new_irql)
	__releases(lock)
{
	KeReleaseSpinLock(lock, new_irql);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_release_spin_lock, WDMDMA);

/**
 * wdmdma_ke_acquire_spin_lock_at_dpc_level() - take a lock
 * @lock: an initialised lock
 *
 * Context: DISPATCH_LEVEL. DDI: KeAcquireSpinLockAtDpcLevel
 */
void wdmdma_ke_acquire_spin_lock_at_dpc_level(PKSPIN_LOCK lock)
	__acquires(lock)
{
	KeAcquireSpinLockAtDpcLevel(lock);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_acquire_spin_lock_at_dpc_level, WDMDMA);

/**
 * wdmdma_ke_release_spin_lock_from_dpc_level() - give a lock back
 * @lock: lock of KeAcquireSpinLockAtDpcLevel
 *
 * Context: DISPATCH_LEVEL. DDI: KeReleaseSpinLockFromDpcLevel
 */
void wdmdma_ke_release_spin_lock_from_dpc_level(PKSPIN_LOCK lock)
	__releases(lock)
{
	KeReleaseSpinLockFromDpcLevel(lock);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_release_spin_lock_from_dpc_level, WDMDMA);

/**
 * wdmdma_ke_try_to_acquire_spin_lock_at_dpc_level() - take a lock if it is free
 * @lock: an initialised lock
 *
 * Context: DISPATCH_LEVEL.
 * Return: TRUE if the caller has the lock now.
 *	   DDI: KeTryToAcquireSpinLockAtDpcLevel
 */
BOOLEAN wdmdma_ke_try_to_acquire_spin_lock_at_dpc_level(PKSPIN_LOCK lock)
{
	return spin_trylock(wdmdma_spinlock(lock));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_try_to_acquire_spin_lock_at_dpc_level, WDMDMA);

/* Events */

static wait_queue_head_t *wd_event_queue(PKEVENT event)
{
	return (wait_queue_head_t *)event->opaque;
}

static EVENT_TYPE wd_event_type(PKEVENT event)
{
	return (EVENT_TYPE)(event->type & ~WD_EVENT_MARK_MASK);
}

/* Is the event signalled? If so, use up a synchronization event's signal. */
static bool wd_event_consume(PKEVENT event)
{
	wait_queue_head_t *queue = wd_event_queue(event);
	unsigned long flags;
	bool signalled;

	/*
	 * Under the lock, although it could be read without: who sees the signal may free
	 * the event, so the setter must be through with it.
	 */
	spin_lock_irqsave(&queue->lock, flags);
	signalled = event->signalled;
	if (wd_event_type(event) == SynchronizationEvent)
		event->signalled = 0;
	spin_unlock_irqrestore(&queue->lock, flags);
	return signalled;
}

/**
 * wdmdma_ke_initialize_event() - make memory an event
 * @event: the memory
 * @type: NotificationEvent or SynchronizationEvent
 * @state: TRUE to start signalled
 *
 * Context: Any IRQL. DDI: KeInitializeEvent
 */
void wdmdma_ke_initialize_event(PKEVENT event, EVENT_TYPE type, BOOLEAN state)
{
	event->type = WD_EVENT_MARK | type;
	event->signalled = state ? 1 : 0;
	init_waitqueue_head(wd_event_queue(event));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_initialize_event, WDMDMA);

/**
 * wdmdma_ke_set_event() - signal an event
 * @event: an initialised event
 * @increment: ignored; Linux has no such boost
 * @wait: ignored; the caller may wait next, or not
 *
 * Which of several waiters a synchronization event releases is not defined; Windows
 * mostly takes the first.
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: Nonzero if it was signalled before. DDI: KeSetEvent
 */
LONG wdmdma_ke_set_event(PKEVENT event, KPRIORITY increment, BOOLEAN wait)
{
	wait_queue_head_t *queue = wd_event_queue(event);
	unsigned long flags;
	LONG before;

	spin_lock_irqsave(&queue->lock, flags);
	before = event->signalled;
	event->signalled = 1;
	wake_up_all_locked(queue);
	spin_unlock_irqrestore(&queue->lock, flags);
	return before;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_set_event, WDMDMA);

/**
 * wdmdma_ke_reset_event() - take an event's signal away
 * @event: an initialised event
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: Nonzero if it was signalled before. DDI: KeResetEvent, KeClearEvent
 */
LONG wdmdma_ke_reset_event(PKEVENT event)
{
	wait_queue_head_t *queue = wd_event_queue(event);
	unsigned long flags;
	LONG before;

	spin_lock_irqsave(&queue->lock, flags);
	before = event->signalled;
	event->signalled = 0;
	spin_unlock_irqrestore(&queue->lock, flags);
	return before;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_reset_event, WDMDMA);

/**
 * wdmdma_ke_read_state_event() - is an event signalled?
 * @event: an initialised event
 *
 * Context: Any IRQL.
 * Return: Nonzero if it is. DDI: KeReadStateEvent
 */
LONG wdmdma_ke_read_state_event(PKEVENT event)
{
	return READ_ONCE(event->signalled);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_read_state_event, WDMDMA);

/* @time counts 100 ns: from now if negative, else from 1601. Returns what is left. */
static u64 wd_ticks_left(LONGLONG time)
{
	u64 now;

	if (time <= 0)
		return 0 - (u64)time;
	now = div_u64(ktime_get_real_ns(), 100) + WD_EPOCH_TICKS;
	return (u64)time > now ? (u64)time - now : 0;
}

/* At least that long: up to a whole jiffy, and one for the one that has begun */
static long wd_ticks_to_jiffies(u64 ticks)
{
	u64 ns = min_t(u64, ticks, U64_MAX / 200) * 100;

	return min_t(u64, nsecs_to_jiffies64(ns + TICK_NSEC - 1) + 1, MAX_SCHEDULE_TIMEOUT - 1);
}

/**
 * wdmdma_ke_wait_for_single_object() - wait for an event
 * @object: an initialised KEVENT
 * @reason: ignored
 * @mode: ignored
 * @alertable: ignored: no signal ends the wait
 * @timeout: NULL to wait for ever; 0 to look only; negative for so many times 100 ns from
 *	     now, positive for a time of day counted from 1601. Rounded up to a jiffy.
 *
 * Context: PASSIVE_LEVEL, sleeps; <= DISPATCH_LEVEL with *@timeout 0.
 * Return: STATUS_SUCCESS, or STATUS_TIMEOUT (which NT_SUCCESS() counts as success);
 *	   STATUS_NOT_SUPPORTED for an object that is no event, STATUS_UNSUCCESSFUL where
 *	   sleeping is impossible. DDI: KeWaitForSingleObject
 */
NTSTATUS wdmdma_ke_wait_for_single_object(PVOID object, KWAIT_REASON reason,
					  KPROCESSOR_MODE mode, BOOLEAN alertable,
					  PLARGE_INTEGER timeout)
{
	PKEVENT event = object;
	wait_queue_head_t *queue = wd_event_queue(event);
	long left;

	if (WARN_ON_ONCE((event->type & WD_EVENT_MARK_MASK) != WD_EVENT_MARK))
		return STATUS_NOT_SUPPORTED;
	if (timeout && !timeout->QuadPart)
		return wd_event_consume(event) ? STATUS_SUCCESS : STATUS_TIMEOUT;
	if (!wd_irql_is_passive(NULL, "KeWaitForSingleObject"))
		return STATUS_UNSUCCESSFUL;

	if (!timeout) {
		wait_event_idle(*queue, wd_event_consume(event));
		return STATUS_SUCCESS;
	}
	left = wd_ticks_to_jiffies(wd_ticks_left(timeout->QuadPart));
	left = wait_event_idle_timeout(*queue, wd_event_consume(event), left);
	return left ? STATUS_SUCCESS : STATUS_TIMEOUT;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_wait_for_single_object, WDMDMA);

/**
 * wdmdma_ke_delay_execution_thread() - sleep
 * @mode: ignored
 * @alertable: ignored: no signal ends the sleep
 * @interval: as the timeout of KeWaitForSingleObject
 *
 * Context: PASSIVE_LEVEL; sleeps.
 * Return: STATUS_SUCCESS; STATUS_UNSUCCESSFUL where sleeping is impossible.
 *	   DDI: KeDelayExecutionThread
 */
NTSTATUS wdmdma_ke_delay_execution_thread(KPROCESSOR_MODE mode, BOOLEAN alertable,
					  PLARGE_INTEGER interval)
{
	u64 ticks = wd_ticks_left(interval->QuadPart);
	unsigned long microseconds;

	if (!wd_irql_is_passive(NULL, "KeDelayExecutionThread"))
		return STATUS_UNSUCCESSFUL;

	if (ticks < 20 * USEC_PER_MSEC * 10) {
		microseconds = DIV_ROUND_UP((unsigned long)ticks, 10);
		usleep_range(microseconds, microseconds + microseconds / 4 + 1);
	} else {
		schedule_timeout_idle(wd_ticks_to_jiffies(ticks));
	}
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_delay_execution_thread, WDMDMA);
