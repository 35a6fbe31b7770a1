// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events, semaphores and mutexes: what signals the objects that wait.c waits for.
 */
#include <linux/export.h>
#include <linux/sched.h>

#include <wdmdma/rtl.h>
#include <wdmdma/wait.h>

#include "dispatch.h"
#include "irql.h"

/**
 * wdmdma_ke_read_state() - is an object signalled?
 * @header: what an initialised object begins with
 *
 * Context: Any IRQL.
 * Return: Above 0 if it is: 1, or what a semaphore has left. A mutex that is owned has 0, or less
 *	   by the times its owner took it again. DDI: KeReadStateEvent, KeReadStateSemaphore,
 *	   KeReadStateMutex, KeReadStateTimer
 */
LONG wdmdma_ke_read_state(const DISPATCHER_HEADER *header)
{
	return READ_ONCE(header->SignalState);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_read_state, WDMDMA);

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
	wd_object_init(&event->Header,
		       type == SynchronizationEvent ? WD_SYNCHRONIZATION_EVENT :
						      WD_NOTIFICATION_EVENT, state ? 1 : 0);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_initialize_event, WDMDMA);

/* Set an event to @state, and if @pulse back to 0 when its waiters have been released. */
static LONG wd_event_set(PKEVENT event, LONG state, bool pulse, const char *routine)
{
	unsigned long flags;
	LONG before;

	if (!wd_object_is(event ? &event->Header : NULL, WD_NOTIFICATION_EVENT,
			  WD_SYNCHRONIZATION_EVENT, routine))
		return 0;
	spin_lock_irqsave(&wd_dispatch_lock, flags);
	before = wd_object_set_locked(&event->Header, state);
	if (pulse)
		event->Header.SignalState = 0;
	spin_unlock_irqrestore(&wd_dispatch_lock, flags);
	return before;
}

/**
 * wdmdma_ke_set_event() - signal an event
 * @event: an initialised event
 * @increment: ignored; Linux has no such boost
 * @wait: ignored; the caller may wait next, or not
 *
 * A notification event releases all waiters and stays signalled. A synchronization event releases
 * the one that has waited longest, or else stays signalled for the next.
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: Nonzero if it was signalled before. DDI: KeSetEvent
 */
LONG wdmdma_ke_set_event(PKEVENT event, KPRIORITY increment, BOOLEAN wait)
{
	return wd_event_set(event, 1, false, "KeSetEvent");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_set_event, WDMDMA);

/**
 * wdmdma_ke_pulse_event() - release who waits for an event now, and leave it not signalled
 * @event: an initialised event
 * @increment: ignored
 * @wait: ignored
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: Nonzero if it was signalled before. DDI: KePulseEvent
 */
LONG wdmdma_ke_pulse_event(PKEVENT event, KPRIORITY increment, BOOLEAN wait)
{
	return wd_event_set(event, 1, true, "KePulseEvent");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_pulse_event, WDMDMA);

/**
 * wdmdma_ke_reset_event() - take an event's signal away
 * @event: an initialised event
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: Nonzero if it was signalled before. DDI: KeResetEvent, KeClearEvent
 */
LONG wdmdma_ke_reset_event(PKEVENT event)
{
	return wd_event_set(event, 0, false, "KeResetEvent");
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_reset_event, WDMDMA);

/**
 * wdmdma_ke_initialize_semaphore() - make memory a semaphore
 * @semaphore: the memory
 * @count: how many waits it releases to begin with
 * @limit: the most that the count may become
 *
 * Context: Any IRQL. DDI: KeInitializeSemaphore
 */
void wdmdma_ke_initialize_semaphore(PKSEMAPHORE semaphore, LONG count, LONG limit)
{
	wd_object_init(&semaphore->Header, WD_SEMAPHORE, count);
	semaphore->Limit = limit;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_initialize_semaphore, WDMDMA);

/**
 * wdmdma_ke_release_semaphore() - add to a semaphore's count
 * @semaphore: an initialised semaphore
 * @increment: ignored; Linux has no such boost
 * @adjustment: what to add
 * @wait: ignored; the caller may wait next, or not
 *
 * Where Windows raises STATUS_SEMAPHORE_LIMIT_EXCEEDED, because the limit would be passed or
 * @adjustment is negative, the count stays as it is, with a report.
 *
 * Context: Any IRQL (Windows: <= DISPATCH_LEVEL).
 * Return: The count before. DDI: KeReleaseSemaphore
 */
LONG wdmdma_ke_release_semaphore(PKSEMAPHORE semaphore, KPRIORITY increment, LONG adjustment,
				 BOOLEAN wait)
{
	static const char routine[] = "KeReleaseSemaphore";
	unsigned long flags;
	bool fits;
	LONG before;

	if (!wd_object_is(semaphore ? &semaphore->Header : NULL, WD_SEMAPHORE, WD_SEMAPHORE,
			  routine))
		return 0;
	spin_lock_irqsave(&wd_dispatch_lock, flags);
	before = semaphore->Header.SignalState;
	fits = adjustment >= 0 && (s64)before + adjustment <= semaphore->Limit;
	if (fits)
		wd_object_set_locked(&semaphore->Header, before + adjustment);
	spin_unlock_irqrestore(&wd_dispatch_lock, flags);
	if (!fits)
		wd_report(WD_REPORT_OBJECT, NULL, routine, "%d on top of %d passes the limit",
			  adjustment, before);
	return before;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_release_semaphore, WDMDMA);

/**
 * wdmdma_ke_initialize_mutex() - make memory a free mutex
 * @mutex: the memory
 * @level: ignored, 0
 *
 * Context: Any IRQL. DDI: KeInitializeMutex
 */
void wdmdma_ke_initialize_mutex(PKMUTEX mutex, ULONG level)
{
	wd_object_init(&mutex->Header, WD_MUTEX, 1);
	mutex->OwnerThread = NULL;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_initialize_mutex, WDMDMA);

/**
 * wdmdma_ke_release_mutex() - give a mutex back
 * @mutex: mutex that the caller has, by a wait
 * @wait: ignored; the caller may wait next, or not
 *
 * It is free when it has been released as often as it was taken. A thread that ends takes its
 * mutexes with it: they stay owned. Where Windows raises STATUS_MUTANT_NOT_OWNED nothing is done,
 * with a report.
 *
 * Context: PASSIVE_LEVEL (Windows: <= DISPATCH_LEVEL); does not sleep.
 * Return: 0 if it is free now, less if it is still the caller's. DDI: KeReleaseMutex
 */
LONG wdmdma_ke_release_mutex(PKMUTEX mutex, BOOLEAN wait)
{
	static const char routine[] = "KeReleaseMutex";
	unsigned long flags;
	LONG before;
	bool owned;

	if (!wd_object_is(mutex ? &mutex->Header : NULL, WD_MUTEX, WD_MUTEX, routine))
		return 0;
	spin_lock_irqsave(&wd_dispatch_lock, flags);
	before = mutex->Header.SignalState;
	owned = mutex->OwnerThread == current;
	if (owned) {
		if (!before)
			mutex->OwnerThread = NULL;
		wd_object_set_locked(&mutex->Header, before + 1);
	}
	spin_unlock_irqrestore(&wd_dispatch_lock, flags);
	if (!owned)
		wd_report(WD_REPORT_OBJECT, NULL, routine, "the caller does not own %p", mutex);
	return before;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_release_mutex, WDMDMA);
