/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IRQL, spin locks and deferred procedure calls.
 *
 * DISPATCH_LEVEL is "bottom halves off". The routines go by IRQL as Windows does: going
 * up from below DISPATCH_LEVEL turns bottom halves off, going down below it turns them
 * on, and anything else changes nothing; so calls nest and pair in every way that is
 * legal on Windows, and do no harm with interrupts off, which counts as DISPATCH_LEVEL.
 *
 * The objects are opaque here, large enough for Linux's with every debugging option
 * (asserted in abi_runtime.c). The functions are exported by wdmdma and do for C++ too;
 * C gets the smallest as inlines.
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

/* Linux's spin locks are queued ones already, so there is nothing to queue on the stack */
typedef struct _KSPIN_LOCK_QUEUE {
	struct _KSPIN_LOCK_QUEUE *Next;
	PKSPIN_LOCK Lock;
} KSPIN_LOCK_QUEUE, *PKSPIN_LOCK_QUEUE;

typedef struct _KLOCK_QUEUE_HANDLE {
	KSPIN_LOCK_QUEUE LockQueue;
	KIRQL OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;

struct _KDPC;
typedef VOID KDEFERRED_ROUTINE(struct _KDPC *Dpc, PVOID DeferredContext,
			       PVOID SystemArgument1, PVOID SystemArgument2);
typedef __typeof__(KDEFERRED_ROUTINE) *PKDEFERRED_ROUTINE;

typedef enum _KDPC_IMPORTANCE {
	LowImportance,
	MediumImportance,
	HighImportance,		/* goes to the head of its queue; the others to the tail */
	MediumHighImportance
} KDPC_IMPORTANCE;

/* Nothing in it is the driver's; after the routine was called it may be freed */
typedef struct _KDPC {
	LIST_ENTRY entry;
	PVOID queue;		/* the processor's queue it is on, or NULL */
	PKDEFERRED_ROUTINE routine;
	PVOID context;
	PVOID argument1;
	PVOID argument2;
	ULONG importance;	/* KDPC_IMPORTANCE */
	ULONG target;		/* index of the processor to run on, plus 1; 0: the queuing one */
} KDPC, *PKDPC, *PRKDPC;

#ifdef __cplusplus
extern "C" {
#endif

/* IRQL. Documented in wdmdma/ke.c, as all of these are but the DPCs, in wdmdma/dpc.c. */
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
BOOLEAN wdmdma_ke_test_spin_lock(PKSPIN_LOCK lock);

/* Deferred procedure calls */
void wdmdma_ke_initialize_dpc(PKDPC dpc, PKDEFERRED_ROUTINE routine, PVOID context);
BOOLEAN wdmdma_ke_insert_queue_dpc(PKDPC dpc, PVOID argument1, PVOID argument2);
BOOLEAN wdmdma_ke_remove_queue_dpc(PKDPC dpc);
void wdmdma_ke_flush_queued_dpcs(void);
void wdmdma_ke_set_importance_dpc(PKDPC dpc, KDPC_IMPORTANCE importance);
void wdmdma_ke_set_target_processor_dpc(PKDPC dpc, CCHAR number);
NTSTATUS wdmdma_ke_set_target_processor_dpc_ex(PKDPC dpc, PPROCESSOR_NUMBER number);

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
#define KeTestSpinLock wdmdma_ke_test_spin_lock
#define KeInitializeDpc wdmdma_ke_initialize_dpc
#define KeInsertQueueDpc wdmdma_ke_insert_queue_dpc
#define KeRemoveQueueDpc wdmdma_ke_remove_queue_dpc
#define KeFlushQueuedDpcs wdmdma_ke_flush_queued_dpcs
#define KeSetImportanceDpc wdmdma_ke_set_importance_dpc
#define KeSetTargetProcessorDpc wdmdma_ke_set_target_processor_dpc
#define KeSetTargetProcessorDpcEx wdmdma_ke_set_target_processor_dpc_ex

/*
 * Windows runs a threaded DPC at DISPATCH_LEVEL where the administrator has turned threads
 * off for them, and routines must be written for both: here they always are ordinary ones.
 */
#define KeInitializeThreadedDpc wdmdma_ke_initialize_dpc

#if defined(__KERNEL__) && !defined(__cplusplus)

#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <asm/barrier.h>

#define WDMDMA_ACQUIRES(lock) __acquires(lock)
#define WDMDMA_RELEASES(lock) __releases(lock)

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

#define WDMDMA_ACQUIRES(lock)
#define WDMDMA_RELEASES(lock)

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

/* Keeps the compiler alone from moving accesses */
#define KeMemoryBarrierWithoutFence() __asm__ __volatile__("" : : : "memory")

#define KeRaiseIrql(new_irql, old_irql) ((void)(*(old_irql) = KfRaiseIrql(new_irql)))
#define KeRaiseIrqlToDpcLevel() KfRaiseIrql(DISPATCH_LEVEL)
#define KeAcquireSpinLock(lock, old_irql) \
	((void)(*(old_irql) = KeAcquireSpinLockRaiseToDpc(lock)))

/* For threaded and ordinary DPCs both, which are the same here */
#define KeAcquireSpinLockForDpc KeAcquireSpinLockRaiseToDpc
#define KeReleaseSpinLockForDpc KeReleaseSpinLock

/**
 * KeAcquireInStackQueuedSpinLock() - go up to DISPATCH_LEVEL and take a lock, in turn
 * @lock: an initialised lock; all who take it should take it in a queued way
 * @handle: the caller's, until the lock is released
 *
 * Context: <= DISPATCH_LEVEL; DISPATCH_LEVEL afterwards.
 * DDI: KeAcquireInStackQueuedSpinLock
 */
static inline void KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK lock, PKLOCK_QUEUE_HANDLE handle)
	WDMDMA_ACQUIRES(lock)
{
	handle->OldIrql = KeAcquireSpinLockRaiseToDpc(lock);
	handle->LockQueue.Next = NULL;
	handle->LockQueue.Lock = lock;
}

/**
 * KeReleaseInStackQueuedSpinLock() - give the lock back and lower the IRQL
 * @handle: handle of KeAcquireInStackQueuedSpinLock
 *
 * Context: DISPATCH_LEVEL. DDI: KeReleaseInStackQueuedSpinLock
 */
static inline void KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE handle)
	WDMDMA_RELEASES(handle->LockQueue.Lock)
{
	KeReleaseSpinLock(handle->LockQueue.Lock, handle->OldIrql);
}

/**
 * KeAcquireInStackQueuedSpinLockAtDpcLevel() - take a lock, in turn
 * @lock: an initialised lock
 * @handle: the caller's, until the lock is released
 *
 * Context: DISPATCH_LEVEL. DDI: KeAcquireInStackQueuedSpinLockAtDpcLevel
 */
static inline void KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK lock,
							    PKLOCK_QUEUE_HANDLE handle)
	WDMDMA_ACQUIRES(lock)
{
	KeAcquireSpinLockAtDpcLevel(lock);
	handle->LockQueue.Next = NULL;
	handle->LockQueue.Lock = lock;
}

/**
 * KeReleaseInStackQueuedSpinLockFromDpcLevel() - give the lock back
 * @handle: handle of KeAcquireInStackQueuedSpinLockAtDpcLevel
 *
 * Context: DISPATCH_LEVEL. DDI: KeReleaseInStackQueuedSpinLockFromDpcLevel
 */
static inline void KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE handle)
	WDMDMA_RELEASES(handle->LockQueue.Lock)
{
	KeReleaseSpinLockFromDpcLevel(handle->LockQueue.Lock);
}

#define KeAcquireInStackQueuedSpinLockForDpc KeAcquireInStackQueuedSpinLock
#define KeReleaseInStackQueuedSpinLockForDpc KeReleaseInStackQueuedSpinLock

#endif /* WDMDMA_KE_H */
