// SPDX-License-Identifier: GPL-2.0-only
/*
 * The rest of the Windows kernel that DMA drivers call: IRQL, spin locks, events, DPCs,
 * pool, debug output.
 *
 * Everything here goes by IRQL as ke.h defines it. What is small is an inline in the
 * public headers, and this file exports it a second time for C++, which cannot see the
 * inlines.
 *
 * DPCs: each processor has a queue and a tasklet that empties it. A KDPC is on one queue
 * or on none, as its queue member says. Once it has been taken off nothing here touches
 * it again, so its routine may queue it again or free it, as on Windows. The DPCs of one
 * queue run in order and one at a time.
 */
#include <linux/completion.h>
#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/llist.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <wdmdma/dbg.h>
#include <wdmdma/ex.h>
#include <wdmdma/hal.h>
#include <wdmdma/ke.h>
#include <wdmdma/rtl.h>
#include <wdmdma/status.h>

#include "runtime.h"

/* 100 ns units: from 1601, where Windows' time starts, to 1970 */
#define WD_EPOCH_TICKS 116444736000000000ULL

/* Upper half of KEVENT.type of an event that was initialised */
#define WD_EVENT_MARK 0x4b450000U
#define WD_EVENT_MARK_MASK 0xffff0000U

/* Longest format DbgPrint translates, in bytes; what is longer is cut */
#define WD_FORMAT_BYTES 256

static bool wd_cannot_sleep(const char *routine)
{
	return WARN_ONCE(KeGetCurrentIrql() >= DISPATCH_LEVEL,
			 KBUILD_MODNAME ": %s must sleep and cannot at DISPATCH_LEVEL\n", routine);
}

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
	return spin_trylock(wdmdma_spinlock(lock)) ? TRUE : FALSE;
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
	if (wd_cannot_sleep("KeWaitForSingleObject"))
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

	if (wd_cannot_sleep("KeDelayExecutionThread"))
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

/* Deferred procedure calls */

/**
 * struct wd_dpc_queue - the DPCs of one processor
 * @lock: protects the list, the depth and the links of the DPCs on it
 * @list: the DPCs, first to run first; a head of zeros is an empty list too
 * @depth: DPCs on the list
 * @tasklet: runs them
 */
struct wd_dpc_queue {
	spinlock_t lock; /* list, depth, links; innermost */
	LIST_ENTRY list;
	unsigned int depth;
	struct tasklet_struct tasklet;
};

/* A DPC that tells when all before it are done */
struct wd_dpc_marker {
	KDPC dpc;
	struct completion done;
};

static void wd_dpc_queue_run(struct tasklet_struct *tasklet);

/* Initialised at build time, so that it needs no call before the first driver's */
static DEFINE_PER_CPU(struct wd_dpc_queue, wd_dpc_queues) = {
	.lock = __SPIN_LOCK_UNLOCKED(wd_dpc_queues.lock),
	.tasklet = {
		.callback = wd_dpc_queue_run,
		.use_callback = true,
	},
};

static void wd_dpc_unlink_locked(struct wd_dpc_queue *queue, PKDPC dpc)
{
	lockdep_assert_held(&queue->lock);
	RemoveEntryList(&dpc->entry);
	queue->depth--;
	/* Pairs with cmpxchg() in wd_dpc_insert(), which may then write the arguments */
	smp_store_release(&dpc->queue, NULL);
}

/* Take the first DPC off. Returns a copy, as the DPC is its owner's from then on. */
static bool wd_dpc_pop(struct wd_dpc_queue *queue, KDPC *copy, PKDPC *original)
{
	PKDPC dpc = NULL;

	spin_lock_irq(&queue->lock);
	if (queue->depth) {
		dpc = CONTAINING_RECORD(queue->list.Flink, KDPC, entry);
		*copy = *dpc;
		wd_dpc_unlink_locked(queue, dpc);
	}
	spin_unlock_irq(&queue->lock);
	*original = dpc;
	return dpc;
}

/* Runs what is there now; what the routines queue again waits for the next round */
static void wd_dpc_queue_run(struct tasklet_struct *tasklet)
{
	struct wd_dpc_queue *queue = container_of(tasklet, struct wd_dpc_queue, tasklet);
	unsigned int batch = READ_ONCE(queue->depth);
	KDPC copy;
	PKDPC dpc;

	while (batch-- && wd_dpc_pop(queue, &copy, &dpc))
		copy.routine(dpc, copy.context, copy.argument1, copy.argument2);
	if (READ_ONCE(queue->depth))
		tasklet_schedule(&queue->tasklet);
}

static bool wd_dpc_insert(struct wd_dpc_queue *queue, PKDPC dpc, PVOID argument1,
			  PVOID argument2)
{
	unsigned long flags;
	bool inserted;

	spin_lock_irqsave(&queue->lock, flags);
	/* Pairs with smp_store_release() in wd_dpc_unlink_locked() */
	inserted = !cmpxchg(&dpc->queue, NULL, (PVOID)queue);
	if (inserted) {
		dpc->argument1 = argument1;
		dpc->argument2 = argument2;
		if (!queue->list.Flink)
			InitializeListHead(&queue->list);
		InsertTailList(&queue->list, &dpc->entry);
		queue->depth++;
		tasklet_schedule(&queue->tasklet);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	return inserted;
}

/**
 * wdmdma_ke_initialize_dpc() - make memory a DPC
 * @dpc: the memory; not while it is queued
 * @routine: what to call, at DISPATCH_LEVEL in softirq context
 * @context: its second argument
 *
 * Context: Any IRQL. DDI: KeInitializeDpc
 */
void wdmdma_ke_initialize_dpc(PKDPC dpc, PKDEFERRED_ROUTINE routine, PVOID context)
{
	RtlZeroMemory(dpc, sizeof(*dpc));
	dpc->routine = routine;
	dpc->context = context;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_initialize_dpc, WDMDMA);

/**
 * wdmdma_ke_insert_queue_dpc() - have a DPC's routine called soon, on this processor
 * @dpc: an initialised DPC
 * @argument1: the routine's third argument
 * @argument2: its fourth
 *
 * Context: Any IRQL.
 * Return: FALSE if it is queued already; then the arguments stay what they were.
 *	   DDI: KeInsertQueueDpc
 */
BOOLEAN wdmdma_ke_insert_queue_dpc(PKDPC dpc, PVOID argument1, PVOID argument2)
{
	return wd_dpc_insert(raw_cpu_ptr(&wd_dpc_queues), dpc, argument1, argument2);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_insert_queue_dpc, WDMDMA);

/**
 * wdmdma_ke_remove_queue_dpc() - take back a DPC that has not been called yet
 * @dpc: an initialised DPC
 *
 * Context: Any IRQL.
 * Return: TRUE if it was queued and will not be called; FALSE if it was not, and then its
 *	   routine may be running. DDI: KeRemoveQueueDpc
 */
BOOLEAN wdmdma_ke_remove_queue_dpc(PKDPC dpc)
{
	struct wd_dpc_queue *queue;
	unsigned long flags;
	bool removed = false;

	/* Once more if it has moved to another queue before that one's lock was taken */
	while (!removed && (queue = READ_ONCE(dpc->queue))) {
		spin_lock_irqsave(&queue->lock, flags);
		removed = READ_ONCE(dpc->queue) == queue;
		if (removed)
			wd_dpc_unlink_locked(queue, dpc);
		spin_unlock_irqrestore(&queue->lock, flags);
	}
	return removed;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_remove_queue_dpc, WDMDMA);

static VOID wd_dpc_marker_routine(PKDPC dpc, PVOID done, PVOID argument1, PVOID argument2)
{
	complete(done);
}

/* Wait until every DPC that is on the queue now has returned */
static void wd_dpc_queue_flush(struct wd_dpc_queue *queue)
{
	struct wd_dpc_marker marker;

	init_completion(&marker.done);
	wdmdma_ke_initialize_dpc(&marker.dpc, wd_dpc_marker_routine, &marker.done);
	wd_dpc_insert(queue, &marker.dpc, NULL, NULL);
	wait_for_completion(&marker.done);
}

/**
 * wdmdma_ke_flush_queued_dpcs() - wait until every DPC queued so far has returned
 *
 * Context: PASSIVE_LEVEL; sleeps. DDI: KeFlushQueuedDpcs
 */
void wdmdma_ke_flush_queued_dpcs(void)
{
	int cpu;

	if (wd_cannot_sleep("KeFlushQueuedDpcs"))
		return;
	for_each_possible_cpu(cpu)
		wd_dpc_queue_flush(per_cpu_ptr(&wd_dpc_queues, cpu));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_flush_queued_dpcs, WDMDMA);

/* Pool */

/* Large blocks freed where vfree() is not allowed; each holds its own link */
static LLIST_HEAD(wd_late_frees);

static void wd_free_late(struct work_struct *work)
{
	struct llist_node *node = llist_del_all(&wd_late_frees);

	while (node) {
		struct llist_node *next = node->next;

		kvfree(node);
		node = next;
	}
}

static DECLARE_WORK(wd_late_free_work, wd_free_late);

/* Pool is legal at DISPATCH_LEVEL, so sleep only where that is provably right */
static gfp_t wd_pool_gfp(POOL_FLAGS flags)
{
	if (preemptible())
		return GFP_KERNEL | __GFP_NOWARN;
	if ((flags & POOL_FLAG_PAGED) && KeGetCurrentIrql() < DISPATCH_LEVEL)
		return GFP_KERNEL | __GFP_NOWARN;
	return GFP_ATOMIC | __GFP_NOWARN;
}

/*
 * kmalloc() aligns powers of two to themselves; the sizes between them that it has, 96
 * and 192, promise less than the 16 bytes (or the cache line) a pool block has.
 */
static size_t wd_pool_bytes(POOL_FLAGS flags, SIZE_T bytes)
{
	size_t least = (flags & POOL_FLAG_CACHE_ALIGNED) ? L1_CACHE_BYTES : 16;

	if (bytes <= least)
		return least;
	return bytes <= 192 ? roundup_pow_of_two(bytes) : bytes;
}

/**
 * wdmdma_ex_allocate_pool2() - allocate memory
 * @flags: POOL_FLAG_*; RAISE_ON_FAILURE raises nothing here
 * @bytes: length
 * @tag: not kept
 *
 * Cleared unless POOL_FLAG_UNINITIALIZED is given. The caller owes ExFreePool.
 *
 * Context: <= DISPATCH_LEVEL, below it for POOL_FLAG_PAGED; sleeps only where it may.
 * Return: The memory, or NULL. DDI: ExAllocatePool2
 */
PVOID wdmdma_ex_allocate_pool2(POOL_FLAGS flags, SIZE_T bytes, ULONG tag)
{
	gfp_t gfp = wd_pool_gfp(flags);

	if (!(flags & POOL_FLAG_UNINITIALIZED))
		gfp |= __GFP_ZERO;
	return kvmalloc(wd_pool_bytes(flags, bytes), gfp);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_allocate_pool2, WDMDMA);

/**
 * wdmdma_ex_free_pool() - free memory of ExAllocatePool and its like
 * @block: the memory: anything kvfree() takes
 *
 * Context: <= DISPATCH_LEVEL; does not sleep. DDI: ExFreePool
 */
void wdmdma_ex_free_pool(PVOID block)
{
	if (!is_vmalloc_addr(block) || preemptible()) {
		kvfree(block);
	} else {
		llist_add(block, &wd_late_frees);
		schedule_work(&wd_late_free_work);
	}
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_free_pool, WDMDMA);

/* Interlocked lists: legal at any IRQL, so the lock must not be used otherwise */

/**
 * wdmdma_ex_interlocked_insert_head_list() - put an entry first
 * @head: the list
 * @entry: the entry
 * @lock: lock of this list that is given to these three routines only
 *
 * Context: Any IRQL.
 * Return: The entry that was first, or NULL. DDI: ExInterlockedInsertHeadList
 */
PLIST_ENTRY wdmdma_ex_interlocked_insert_head_list(PLIST_ENTRY head, PLIST_ENTRY entry,
						   PKSPIN_LOCK lock)
{
	PLIST_ENTRY first;
	unsigned long flags;

	spin_lock_irqsave(wdmdma_spinlock(lock), flags);
	first = head->Flink;
	InsertHeadList(head, entry);
	spin_unlock_irqrestore(wdmdma_spinlock(lock), flags);
	return first == head ? NULL : first;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_interlocked_insert_head_list, WDMDMA);

/**
 * wdmdma_ex_interlocked_insert_tail_list() - put an entry last
 * @head: the list
 * @entry: the entry
 * @lock: lock of this list that is given to these three routines only
 *
 * Context: Any IRQL.
 * Return: The entry that was last, or NULL. DDI: ExInterlockedInsertTailList
 */
PLIST_ENTRY wdmdma_ex_interlocked_insert_tail_list(PLIST_ENTRY head, PLIST_ENTRY entry,
						   PKSPIN_LOCK lock)
{
	PLIST_ENTRY last;
	unsigned long flags;

	spin_lock_irqsave(wdmdma_spinlock(lock), flags);
	last = head->Blink;
	InsertTailList(head, entry);
	spin_unlock_irqrestore(wdmdma_spinlock(lock), flags);
	return last == head ? NULL : last;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_interlocked_insert_tail_list, WDMDMA);

/**
 * wdmdma_ex_interlocked_remove_head_list() - take the first entry off
 * @head: the list
 * @lock: lock of this list that is given to these three routines only
 *
 * Context: Any IRQL.
 * Return: The entry, or NULL if there is none. DDI: ExInterlockedRemoveHeadList
 */
PLIST_ENTRY wdmdma_ex_interlocked_remove_head_list(PLIST_ENTRY head, PKSPIN_LOCK lock)
{
	PLIST_ENTRY entry = NULL;
	unsigned long flags;

	spin_lock_irqsave(wdmdma_spinlock(lock), flags);
	if (!IsListEmpty(head))
		entry = RemoveHeadList(head);
	spin_unlock_irqrestore(wdmdma_spinlock(lock), flags);
	return entry;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_interlocked_remove_head_list, WDMDMA);

/* Device registers */

/**
 * wdmdma_read_register() - read a device register, for C++
 * @reg: the register, in memory of ioremap()
 * @bytes: its width: 1, 2, 4, or 8 on a 64-bit kernel
 *
 * Context: Any IRQL.
 * Return: The value; all ones for a width there is not. DDI: READ_REGISTER_ULONG
 */
ULONG64 wdmdma_read_register(const volatile void *reg, ULONG bytes)
{
	switch (bytes) {
	case 1:
		return READ_REGISTER_UCHAR(reg);
	case 2:
		return READ_REGISTER_USHORT(reg);
	case 4:
		return READ_REGISTER_ULONG(reg);
#ifdef CONFIG_64BIT
	case 8:
		return READ_REGISTER_ULONG64(reg);
#endif
	}
	WARN_ON_ONCE(1);
	return U64_MAX;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_read_register, WDMDMA);

/**
 * wdmdma_write_register() - write a device register, for C++
 * @reg: the register, in memory of ioremap()
 * @value: what to write
 * @bytes: its width: 1, 2, 4, or 8 on a 64-bit kernel
 *
 * Context: Any IRQL. DDI: WRITE_REGISTER_ULONG
 */
void wdmdma_write_register(volatile void *reg, ULONG64 value, ULONG bytes)
{
	switch (bytes) {
	case 1:
		WRITE_REGISTER_UCHAR(reg, value);
		break;
	case 2:
		WRITE_REGISTER_USHORT(reg, value);
		break;
	case 4:
		WRITE_REGISTER_ULONG(reg, value);
		break;
#ifdef CONFIG_64BIT
	case 8:
		WRITE_REGISTER_ULONG64(reg, value);
		break;
#endif
	default:
		WARN_ON_ONCE(1);
	}
}
EXPORT_SYMBOL_NS_GPL(wdmdma_write_register, WDMDMA);

/* Debug output */

/*
 * Writes Linux's form of the conversion that follows a '%' to @to (7 bytes and no end)
 * and returns how much of @from that was; *@to_bytes is how much was written. Only the
 * size and the letter: flags, width and precision mean the same on both sides.
 */
static size_t wd_translate_conversion(char *to, size_t *to_bytes, const char *from)
{
	const char *start = from;
	const char *size = "";
	bool wide = false;
	char letter;

	if (!strncmp(from, "I64", 3) || !strncmp(from, "I32", 3)) {
		size = from[1] == '6' ? "ll" : "";
		from += 3;
	} else if (!strncmp(from, "ll", 2) || !strncmp(from, "hh", 2)) {
		size = from[0] == 'l' ? "ll" : "hh";
		from += 2;
	} else if (*from && strchr("Iztjhlw", *from)) {
		wide = *from == 'l' || *from == 'w';
		size = *from == 'h' ? "h" : wide ? "" : "z";
		from++;
	}

	letter = *from;
	if (!letter)
		letter = '%';
	else if (letter == 's' && wide)
		letter = 'p';
	else if (strchr("SZn", letter))
		letter = 'p';
	else if (letter == 'C')
		letter = 'c';
	else if (!strchr("diouxXcsp", letter))
		letter = '%';
	if (strchr("psc%", letter))
		size = "";

	/* Letters right behind %p would ask printk() for one of its own formats */
	*to_bytes = scnprintf(to, 8, "%s%c%s", size, letter,
			      letter == 'p' && isalnum(from[1]) ? " " : "");
	return from - start + (*from ? 1 : 0);
}

/*
 * Windows' format @from in Linux's words. LONG and its `l` have 32 bits there; wide
 * strings come out as pointers, and what the kernel's printf() has not, which is floating
 * point, as a percent sign that takes no argument.
 */
static void wd_translate_format(char *to, size_t to_bytes, const char *from)
{
	char *end = to + to_bytes - 1;
	size_t prefix, conversion;

	while (*from && to < end) {
		if (*from != '%') {
			*to++ = *from++;
			continue;
		}
		prefix = 1 + strspn(from + 1, "-+ #0123456789.*");
		/* Never half a conversion: the arguments would be taken for others */
		if (to + prefix + 8 > end)
			break;
		memcpy(to, from, prefix);
		to += prefix;
		from += prefix;
		from += wd_translate_conversion(to, &conversion, from);
		to += conversion;
	}
	*to = '\0';
}

/* The text is the driver's own, so nothing is put before it */
static void wd_log(ULONG level, struct va_format *text)
{
	switch (level) {
	case DPFLTR_ERROR_LEVEL:
		pr_err("%pV", text);
		break;
	case DPFLTR_WARNING_LEVEL:
		pr_warn("%pV", text);
		break;
	default:
		pr_info("%pV", text);
	}
}

/**
 * wdmdma_dbg_print_ex() - write to the kernel log
 * @component: ignored
 * @level: DPFLTR_ERROR_LEVEL, DPFLTR_WARNING_LEVEL or something less important
 * @format: as printf() takes it on Windows, at most 256 bytes
 *
 * Context: Any IRQL.
 * Return: STATUS_SUCCESS. DDI: DbgPrint, DbgPrintEx
 */
ULONG wdmdma_dbg_print_ex(ULONG component, ULONG level, const char *format, ...)
{
	char translated[WD_FORMAT_BYTES];
	struct va_format vaf = { .fmt = translated };
	va_list args;

	wd_translate_format(translated, sizeof(translated), format);
	va_start(args, format);
	vaf.va = &args;
	wd_log(level, &vaf);
	va_end(args);
	return STATUS_SUCCESS;
}
EXPORT_SYMBOL_NS_GPL(wdmdma_dbg_print_ex, WDMDMA);

/**
 * wd_runtime_exit() - wait for what still runs in this file
 *
 * For module unload: when no driver is left, tasklets and the work item may be.
 *
 * Context: Process context; sleeps.
 */
void wd_runtime_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		tasklet_kill(per_cpu_ptr(&wd_dpc_queues.tasklet, cpu));
	flush_work(&wd_late_free_work);
}
