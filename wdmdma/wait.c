// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for dispatcher objects (dispatch.h), and for time to pass.
 *
 * A wait hangs a block on each of its objects. Whoever signals an object looks through its blocks
 * and completes, in order, each wait that can have what it wants, taking the objects on its behalf:
 * so who has waited longest is served first, and a thread that wakes up owns what it waited for.
 * Nothing takes the object away from a waiter between being woken and running.
 *
 * No signal to a task ends a wait, as if it were not alertable.
 */
#include <linux/export.h>
#include <linux/hrtimer.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include <wdmdma/clock.h>
#include <wdmdma/rtl.h>
#include <wdmdma/wait.h>

#include "dispatch.h"
#include "irql.h"

DEFINE_SPINLOCK(wd_dispatch_lock);

/* One call of KeWaitForMultipleObjects, on the stack of the task that waits */
struct wd_wait {
	struct task_struct *task;
	PKWAIT_BLOCK blocks;
	ULONG count;
	WAIT_TYPE type;
	ULONG index;			/* of the object that ended it, for WaitAny */
	bool done;			/* wd_dispatch_lock for writing */
};

/**
 * wd_object_init() - make memory an object that can be waited for
 * @header: the memory
 * @kind: what it is to be
 * @state: above 0 to start signalled
 *
 * Context: Any.
 */
void wd_object_init(DISPATCHER_HEADER *header, enum wd_object_kind kind, LONG state)
{
	header->Type = kind;
	header->SignalState = state;
	InitializeListHead(&header->WaitListHead);
}

/**
 * wd_object_is() - is it an initialised object of a kind?
 * @header: any memory of that size, or NULL
 * @first: first kind that will do
 * @last: last kind that will do
 * @routine: whom to name in the report otherwise
 *
 * Context: Any.
 * Return: true if so.
 */
bool wd_object_is(const DISPATCHER_HEADER *header, enum wd_object_kind first,
		  enum wd_object_kind last, const char *routine)
{
	if (likely(header && header->Type >= first && header->Type <= last))
		return true;
	wd_report(WD_REPORT_OBJECT, NULL, routine, "%p is no initialised object of the right kind",
		  header);
	return false;
}

static bool wd_object_can_be_had(const DISPATCHER_HEADER *header, const struct task_struct *task)
{
	lockdep_assert_held(&wd_dispatch_lock);
	if (header->SignalState > 0)
		return true;
	return header->Type == WD_MUTEX &&
	       CONTAINING_RECORD(header, KMUTEX, Header)->OwnerThread == task;
}

static void wd_object_take_locked(DISPATCHER_HEADER *header, struct task_struct *task)
{
	lockdep_assert_held(&wd_dispatch_lock);
	switch (header->Type) {
	case WD_SYNCHRONIZATION_EVENT:
	case WD_SYNCHRONIZATION_TIMER:
		header->SignalState = 0;
		break;
	case WD_SEMAPHORE:
		header->SignalState--;
		break;
	case WD_MUTEX:
		header->SignalState--;
		CONTAINING_RECORD(header, KMUTEX, Header)->OwnerThread = task;
		break;
	}
}

/* Take what the wait wants, if it can be had now. */
static bool wd_wait_take_locked(struct wd_wait *wait)
{
	ULONG i;

	lockdep_assert_held(&wd_dispatch_lock);
	for (i = 0; i < wait->count; i++) {
		bool can = wd_object_can_be_had(wait->blocks[i].Object, wait->task);

		if (can && wait->type == WaitAny)
			break;
		if (!can && wait->type == WaitAll)
			return false;
	}
	if (wait->type == WaitAny) {
		if (i == wait->count)
			return false;
		wait->index = i;
		wd_object_take_locked(wait->blocks[i].Object, wait->task);
		return true;
	}
	for (i = 0; i < wait->count; i++)
		wd_object_take_locked(wait->blocks[i].Object, wait->task);
	return true;
}

static void wd_wait_hang_locked(struct wd_wait *wait)
{
	ULONG i;

	lockdep_assert_held(&wd_dispatch_lock);
	for (i = 0; i < wait->count; i++)
		InsertTailList(&wait->blocks[i].Object->WaitListHead,
			       &wait->blocks[i].WaitListEntry);
}

static void wd_wait_unhang_locked(struct wd_wait *wait)
{
	ULONG i;

	lockdep_assert_held(&wd_dispatch_lock);
	for (i = 0; i < wait->count; i++)
		RemoveEntryList(&wait->blocks[i].WaitListEntry);
}

/* Complete every wait that the object's state allows. */
static void wd_object_wake_locked(DISPATCHER_HEADER *header)
{
	LIST_ENTRY *head = &header->WaitListHead;
	LIST_ENTRY *entry = head->Flink;

	lockdep_assert_held(&wd_dispatch_lock);
	while (entry != head && header->SignalState > 0) {
		struct wd_wait *wait = CONTAINING_RECORD(entry, KWAIT_BLOCK, WaitListEntry)->wait;

		if (!wd_wait_take_locked(wait)) {
			entry = entry->Flink;
			continue;
		}
		wd_wait_unhang_locked(wait);
		WRITE_ONCE(wait->done, true);
		/* Its stack, and so the wait, stays at least until the lock is released. */
		wake_up_process(wait->task);
		/* Several of the blocks that are gone may have been on this list. */
		entry = head->Flink;
	}
}

/**
 * wd_object_set_locked() - change an object's state and wake whom that releases
 * @header: the object
 * @state: the new state
 *
 * Context: Any, with wd_dispatch_lock held.
 * Return: The state before.
 */
LONG wd_object_set_locked(DISPATCHER_HEADER *header, LONG state)
{
	LONG before = header->SignalState;

	lockdep_assert_held(&wd_dispatch_lock);
	header->SignalState = state;
	wd_object_wake_locked(header);
	return before;
}

/* Time */

/* @time counts 100 ns: from now if it is not positive, else from 1601. Returns what is left. */
static u64 wd_ticks_left(LONGLONG time)
{
	LARGE_INTEGER now;

	if (time <= 0)
		return 0 - (u64)time;
	wdmdma_ke_query_system_time(&now);
	return time > now.QuadPart ? time - now.QuadPart : 0;
}

/**
 * wd_deadline() - when a time of Windows' comes
 * @time: 100 ns units, from now if negative, from 1601 if positive
 *
 * A date is turned into a span when this is called: setting the clock later does not move it.
 *
 * Context: Any.
 * Return: That moment of the monotonic clock, centuries ahead at most.
 */
ktime_t wd_deadline(LONGLONG time)
{
	u64 ticks = min_t(u64, wd_ticks_left(time), KTIME_MAX / 200);

	return ktime_add_safe(ktime_get(), ns_to_ktime(ticks * 100));
}

/* Sleep until the wait is done or the time has come; no deadline if it is NULL. */
static void wd_wait_sleep(struct wd_wait *wait, ktime_t *deadline)
{
	for (;;) {
		set_current_state(TASK_IDLE);
		if (READ_ONCE(wait->done))
			break;
		if (!deadline)
			schedule();
		else if (!schedule_hrtimeout_range(deadline, 0, HRTIMER_MODE_ABS))
			break;
	}
	__set_current_state(TASK_RUNNING);
}

static NTSTATUS wd_wait_result(const struct wd_wait *wait)
{
	return wait->type == WaitAny ? (NTSTATUS)(STATUS_WAIT_0 + wait->index) : STATUS_SUCCESS;
}

/* Look, and if need be sleep. Everything about the objects has been checked. */
static NTSTATUS wd_wait_run(struct wd_wait *wait, PLARGE_INTEGER timeout, const char *routine)
{
	ktime_t deadline = timeout ? wd_deadline(timeout->QuadPart) : 0;
	bool look_only = timeout && !timeout->QuadPart;
	bool may_sleep = look_only || wd_irql_is_passive(NULL, routine);
	unsigned long flags;
	bool taken;

	if (!may_sleep)
		return STATUS_UNSUCCESSFUL;
	spin_lock_irqsave(&wd_dispatch_lock, flags);
	taken = wd_wait_take_locked(wait);
	if (!taken && !look_only)
		wd_wait_hang_locked(wait);
	spin_unlock_irqrestore(&wd_dispatch_lock, flags);
	/* Not wait->done: whoever has just set that may still be busy with the wait. */
	if (taken)
		return wd_wait_result(wait);
	if (look_only)
		return STATUS_TIMEOUT;

	wd_wait_sleep(wait, timeout ? &deadline : NULL);
	/* Even when it is done: whoever did it must be through with this stack. */
	spin_lock_irqsave(&wd_dispatch_lock, flags);
	if (!wait->done)
		wd_wait_unhang_locked(wait);
	spin_unlock_irqrestore(&wd_dispatch_lock, flags);
	return wait->done ? wd_wait_result(wait) : STATUS_TIMEOUT;
}

/**
 * wdmdma_ke_wait_for_single_object() - wait for an event, semaphore, mutex, timer or thread
 * @object: an initialised object
 * @reason: ignored
 * @mode: ignored
 * @alertable: ignored: no signal ends the wait
 * @timeout: NULL to wait for ever; 0 to look only; negative for so many times 100 ns from
 *	     now, positive for a time of day counted from 1601
 *
 * The object may be freed as soon as this has returned. A mutex is the caller's then.
 *
 * Context: PASSIVE_LEVEL, sleeps; any IRQL with *@timeout 0 (Windows: <= DISPATCH_LEVEL).
 * Return: STATUS_SUCCESS, or STATUS_TIMEOUT (which NT_SUCCESS() counts as success);
 *	   STATUS_NOT_SUPPORTED for what is no such object, STATUS_UNSUCCESSFUL where
 *	   sleeping is impossible. DDI: KeWaitForSingleObject
 */
NTSTATUS wdmdma_ke_wait_for_single_object(PVOID object, KWAIT_REASON reason,
					  KPROCESSOR_MODE mode, BOOLEAN alertable,
					  PLARGE_INTEGER timeout)
{
	static const char routine[] = "KeWaitForSingleObject";
	KWAIT_BLOCK block = { .Object = object };
	struct wd_wait wait = {
		.task = current,
		.blocks = &block,
		.count = 1,
		.type = WaitAll,
	};

	if (!wd_object_is(object, WD_NOTIFICATION_EVENT, WD_OBJECT_KINDS_END - 1, routine))
		return STATUS_NOT_SUPPORTED;
	block.wait = &wait;
	return wd_wait_run(&wait, timeout, routine);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_wait_for_single_object, WDMDMA);

static bool wd_objects_repeat(ULONG count, PVOID objects[])
{
	ULONG i, j;

	for (i = 1; i < count; i++)
		for (j = 0; j < i; j++)
			if (objects[i] == objects[j])
				return true;
	return false;
}

/**
 * wdmdma_ke_wait_for_multiple_objects() - wait for one of, or all of, several objects
 * @count: how many, 64 at most
 * @objects: initialised events, semaphores, mutexes, timers, threads
 * @type: WaitAny: the first in the array that can be had is taken. WaitAll: none is taken
 *	  before all can be had
 * @reason: ignored
 * @mode: ignored
 * @alertable: ignored: no signal ends the wait
 * @timeout: as for KeWaitForSingleObject
 * @blocks: @count of them in nonpaged memory, or NULL up to 3 objects
 *
 * Context: PASSIVE_LEVEL, sleeps; any IRQL with *@timeout 0 (Windows: <= DISPATCH_LEVEL).
 * Return: STATUS_WAIT_0 plus the object's index for WaitAny, STATUS_SUCCESS for WaitAll;
 *	   STATUS_TIMEOUT; STATUS_INVALID_PARAMETER for a bad @count or no @blocks for it,
 *	   STATUS_INVALID_PARAMETER_MIX for WaitAll with an object twice,
 *	   STATUS_NOT_SUPPORTED for what is no such object, STATUS_UNSUCCESSFUL where
 *	   sleeping is impossible. DDI: KeWaitForMultipleObjects
 */
NTSTATUS wdmdma_ke_wait_for_multiple_objects(ULONG count, PVOID objects[], WAIT_TYPE type,
					     KWAIT_REASON reason, KPROCESSOR_MODE mode,
					     BOOLEAN alertable, PLARGE_INTEGER timeout,
					     PKWAIT_BLOCK blocks)
{
	static const char routine[] = "KeWaitForMultipleObjects";
	KWAIT_BLOCK own[THREAD_WAIT_OBJECTS];
	struct wd_wait wait = {
		.task = current,
		.blocks = blocks ? : own,
		.count = count,
		.type = type,
	};
	ULONG i;

	if (!count || count > (blocks ? MAXIMUM_WAIT_OBJECTS : THREAD_WAIT_OBJECTS)) {
		wd_report(WD_REPORT_OBJECT, NULL, routine, "%u objects %s wait blocks", count,
			  blocks ? "with" : "without");
		return STATUS_INVALID_PARAMETER;
	}
	if (type == WaitAll && wd_objects_repeat(count, objects))
		return STATUS_INVALID_PARAMETER_MIX;
	for (i = 0; i < count; i++) {
		if (!wd_object_is(objects[i], WD_NOTIFICATION_EVENT, WD_OBJECT_KINDS_END - 1,
				  routine))
			return STATUS_NOT_SUPPORTED;
		wait.blocks[i].Object = objects[i];
		wait.blocks[i].wait = &wait;
	}
	return wd_wait_run(&wait, timeout, routine);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_wait_for_multiple_objects, WDMDMA);

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
	struct wd_wait nothing = { .task = current };
	ktime_t deadline = wd_deadline(interval->QuadPart);

	if (!wd_irql_is_passive(NULL, "KeDelayExecutionThread"))
		return STATUS_UNSUCCESSFUL;
	wd_wait_sleep(&nothing, &deadline);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_delay_execution_thread, WDMDMA);
