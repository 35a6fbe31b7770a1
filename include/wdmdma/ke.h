/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IRQL, spin locks, events and deferred procedure calls.
 *
 * DISPATCH_LEVEL is "bottom halves off". The routines go by IRQL as Windows does: going
 * up from below DISPATCH_LEVEL turns bottom halves off, going down below it turns them
 * on, and anything else changes nothing; so calls nest and pair in every way that is
 * legal on Windows, and do no harm with interrupts off, which counts as DISPATCH_LEVEL.
 *
 * The objects are opaque here, large enough for Linux's with every debugging option
 * (asserted in abi.c). The functions are exported by wdmdma and do for C++ too; C gets
 * the smallest as inlines.
 */
#ifndef WDMDMA_KE_H
#define WDMDMA_KE_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>

/* A spinlock_t. Unlike Windows' it needs KeInitializeSpinLock even if it is zeroed. */
typedef struct _KSPIN_LOCK {
	ULONGLONG opaque[24];
} KSPIN_LOCK, *PKSPIN_LOCK;

/* What lockdep keeps a class of locks by: a struct lock_class_key */
struct wdmdma_lock_class {
	ULONGLONG opaque[4];
};

typedef enum _EVENT_TYPE {
	NotificationEvent,	/* stays signalled, releases all waiters */
	SynchronizationEvent	/* releases one waiter and is reset by that */
} EVENT_TYPE;

typedef struct _KEVENT {
	ULONG type;		/* EVENT_TYPE, with a mark of initialised events */
	LONG signalled;
	ULONGLONG opaque[26];	/* wait_queue_head_t; its lock protects the other two */
} KEVENT, *PKEVENT, *PRKEVENT;

struct _KDPC;
typedef VOID KDEFERRED_ROUTINE(struct _KDPC *Dpc, PVOID DeferredContext,
			       PVOID SystemArgument1, PVOID SystemArgument2);
typedef __typeof__(KDEFERRED_ROUTINE) *PKDEFERRED_ROUTINE;

/* Nothing in it is the driver's; after the routine was called it may be freed */
typedef struct _KDPC {
	LIST_ENTRY entry;
	PVOID queue;		/* the processor's queue it is on, or NULL */
	PKDEFERRED_ROUTINE routine;
	PVOID context;
	PVOID argument1;
	PVOID argument2;
} KDPC, *PKDPC, *PRKDPC;

typedef enum _KWAIT_REASON {
	Executive,
	FreePage,
	PageIn,
	PoolAllocation,
	DelayExecution,
	Suspended,
	UserRequest
} KWAIT_REASON;

typedef LONG KPRIORITY;

#define IO_NO_INCREMENT 0
#define EVENT_INCREMENT 1

#ifdef __cplusplus
extern "C" {
#endif

/* IRQL. Documented in wdmdma/ke.c, as all of these are. */
KIRQL wdmdma_ke_get_current_irql(void);
KIRQL wdmdma_ke_raise_irql(KIRQL new_irql);
void wdmdma_ke_lower_irql(KIRQL new_irql);
void wdmdma_ke_memory_barrier(void);
void wdmdma_ke_stall_execution_processor(ULONG microseconds);

/* Spin locks */
void wdmdma_ke_initialize_spin_lock(PKSPIN_LOCK lock, struct wdmdma_lock_class *lock_class,
				    const char *name);
KIRQL wdmdma_ke_acquire_spin_lock(PKSPIN_LOCK lock);
void wdmdma_ke_release_spin_lock(PKSPIN_LOCK lock, KIRQL new_irql);
void wdmdma_ke_acquire_spin_lock_at_dpc_level(PKSPIN_LOCK lock);
void wdmdma_ke_release_spin_lock_from_dpc_level(PKSPIN_LOCK lock);
BOOLEAN wdmdma_ke_try_to_acquire_spin_lock_at_dpc_level(PKSPIN_LOCK lock);

/* Events and waiting */
void wdmdma_ke_initialize_event(PKEVENT event, EVENT_TYPE type, BOOLEAN state);
LONG wdmdma_ke_set_event(PKEVENT event, KPRIORITY increment, BOOLEAN wait);
LONG wdmdma_ke_reset_event(PKEVENT event);
LONG wdmdma_ke_read_state_event(PKEVENT event);
NTSTATUS wdmdma_ke_wait_for_single_object(PVOID object, KWAIT_REASON reason,
					  KPROCESSOR_MODE mode, BOOLEAN alertable,
					  PLARGE_INTEGER timeout);
NTSTATUS wdmdma_ke_delay_execution_thread(KPROCESSOR_MODE mode, BOOLEAN alertable,
					  PLARGE_INTEGER interval);

/* Deferred procedure calls */
void wdmdma_ke_initialize_dpc(PKDPC dpc, PKDEFERRED_ROUTINE routine, PVOID context);
BOOLEAN wdmdma_ke_insert_queue_dpc(PKDPC dpc, PVOID argument1, PVOID argument2);
BOOLEAN wdmdma_ke_remove_queue_dpc(PKDPC dpc);
void wdmdma_ke_flush_queued_dpcs(void);

#ifdef __cplusplus
}
#endif

/* A macro, so that each place that initialises locks makes a lockdep class of its own */
#define KeInitializeSpinLock(lock) \
	do { \
		static struct wdmdma_lock_class wdmdma_class; \
		wdmdma_ke_initialize_spin_lock((lock), &wdmdma_class, #lock); \
	} while (0)

#define KeStallExecutionProcessor wdmdma_ke_stall_execution_processor
#define KeInitializeEvent wdmdma_ke_initialize_event
#define KeSetEvent wdmdma_ke_set_event
#define KeResetEvent wdmdma_ke_reset_event
#define KeClearEvent(event) ((void)wdmdma_ke_reset_event(event))
#define KeReadStateEvent wdmdma_ke_read_state_event
#define KeWaitForSingleObject wdmdma_ke_wait_for_single_object
#define KeDelayExecutionThread wdmdma_ke_delay_execution_thread
#define KeInitializeDpc wdmdma_ke_initialize_dpc
#define KeInsertQueueDpc wdmdma_ke_insert_queue_dpc
#define KeRemoveQueueDpc wdmdma_ke_remove_queue_dpc
#define KeFlushQueuedDpcs wdmdma_ke_flush_queued_dpcs

#if defined(__KERNEL__) && !defined(__cplusplus)

#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <asm/barrier.h>

static inline spinlock_t *wdmdma_spinlock(PKSPIN_LOCK lock)
{
	return (spinlock_t *)lock;
}

/**
 * KeGetCurrentIrql() - how far the caller is from being allowed to sleep
 *
 * Context: Any IRQL.
 * Return: WDMDMA_DIRQL in a hard interrupt (HIGH_LEVEL in an NMI), DISPATCH_LEVEL with
 *	   bottom halves or interrupts off, else PASSIVE_LEVEL. DDI: KeGetCurrentIrql
 */
static inline KIRQL KeGetCurrentIrql(void)
{
	if (in_nmi())
		return HIGH_LEVEL;
	if (in_hardirq())
		return WDMDMA_DIRQL;
	if (in_softirq() || irqs_disabled())
		return DISPATCH_LEVEL;
	return PASSIVE_LEVEL;
}

static inline KIRQL KfRaiseIrql(KIRQL new_irql)
{
	KIRQL old_irql = KeGetCurrentIrql();

	if (old_irql < DISPATCH_LEVEL && new_irql >= DISPATCH_LEVEL)
		local_bh_disable();
	return old_irql;
}

/**
 * KeLowerIrql() - go back to a lower IRQL
 * @new_irql: what KeRaiseIrql stored, or KeAcquireSpinLock
 *
 * Context: Any IRQL not below @new_irql. DDI: KeLowerIrql
 */
static inline void KeLowerIrql(KIRQL new_irql)
{
	if (new_irql < DISPATCH_LEVEL && KeGetCurrentIrql() >= DISPATCH_LEVEL)
		local_bh_enable();
}

static inline KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK lock)
	__acquires(lock)
{
	KIRQL old_irql = KfRaiseIrql(DISPATCH_LEVEL);

	spin_lock(wdmdma_spinlock(lock));
	return old_irql;
}

/**
 * KeReleaseSpinLock() - give a spin lock back and lower the IRQL
 * @lock: lock of KeAcquireSpinLock
 * @new_irql: what KeAcquireSpinLock stored
 *
 * Context: DISPATCH_LEVEL. DDI: KeReleaseSpinLock
 */
static inline void KeReleaseSpinLock(PKSPIN_LOCK lock, KIRQL new_irql)
	__releases(lock)
{
	spin_unlock(wdmdma_spinlock(lock));
	KeLowerIrql(new_irql);
}

static inline void KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK lock)
	__acquires(lock)
{
	spin_lock(wdmdma_spinlock(lock));
}

static inline void KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK lock)
	__releases(lock)
{
	spin_unlock(wdmdma_spinlock(lock));
}

#define KeTryToAcquireSpinLockAtDpcLevel(lock) ((BOOLEAN)spin_trylock(wdmdma_spinlock(lock)))

/* For memory and device registers both; what it pairs with is the driver's */
#define KeMemoryBarrier() mb()

#else /* C++, or no kernel */

#define KeGetCurrentIrql wdmdma_ke_get_current_irql
#define KfRaiseIrql wdmdma_ke_raise_irql
#define KeLowerIrql wdmdma_ke_lower_irql
#define KeAcquireSpinLockRaiseToDpc wdmdma_ke_acquire_spin_lock
#define KeReleaseSpinLock wdmdma_ke_release_spin_lock
#define KeAcquireSpinLockAtDpcLevel wdmdma_ke_acquire_spin_lock_at_dpc_level
#define KeReleaseSpinLockFromDpcLevel wdmdma_ke_release_spin_lock_from_dpc_level
#define KeTryToAcquireSpinLockAtDpcLevel wdmdma_ke_try_to_acquire_spin_lock_at_dpc_level
#define KeMemoryBarrier wdmdma_ke_memory_barrier

#endif

#define KeRaiseIrql(new_irql, old_irql) ((void)(*(old_irql) = KfRaiseIrql(new_irql)))
#define KeRaiseIrqlToDpcLevel() KfRaiseIrql(DISPATCH_LEVEL)
#define KeAcquireSpinLock(lock, old_irql) \
	((void)(*(old_irql) = KeAcquireSpinLockRaiseToDpc(lock)))

#endif /* WDMDMA_KE_H */
