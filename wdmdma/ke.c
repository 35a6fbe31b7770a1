// SPDX-License-Identifier: GPL-2.0-only
/*
 * IRQL and spin locks for ported drivers.
 *
 * Everything here goes by IRQL as ke.h defines it. What is small is an inline in the public header,
 * and this file exports it a second time for C++, which cannot see the inlines.
 */
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/spinlock.h>
#include <linux/time64.h>

#include <wdmdma/ke.h>

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

/**
 * wdmdma_ke_test_spin_lock() - is a lock free?
 * @lock: an initialised lock
 *
 * Context: DISPATCH_LEVEL.
 * Return: TRUE if nobody had it when it was looked at. DDI: KeTestSpinLock
 */
BOOLEAN wdmdma_ke_test_spin_lock(PKSPIN_LOCK lock)
{
	return !spin_is_locked(wdmdma_spinlock(lock));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ke_test_spin_lock, WDMDMA);
