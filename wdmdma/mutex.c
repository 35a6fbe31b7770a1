// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fast and guarded mutexes, which are Linux mutexes.
 */
#include <linux/export.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>

#include <wdmdma/mutex.h>

#include "irql.h"

static struct mutex *wd_mutex(PFAST_MUTEX mutex)
{
	return (struct mutex *)mutex;
}

/**
 * wdmdma_ex_initialize_fast_mutex() - make memory a free mutex
 * @mutex: the memory
 * @lock_class: static object that lockdep knows this kind of mutex by
 * @name: what lockdep calls it
 *
 * Context: Any IRQL. DDI: ExInitializeFastMutex, KeInitializeGuardedMutex
 */
void wdmdma_ex_initialize_fast_mutex(PFAST_MUTEX mutex, struct wdmdma_lock_class *lock_class,
				     const char *name)
{
	__mutex_init(wd_mutex(mutex), name, (struct lock_class_key *)lock_class);
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_initialize_fast_mutex, WDMDMA);

/**
 * wdmdma_ex_acquire_fast_mutex() - take a mutex, waiting for it
 * @mutex: an initialised mutex that the caller has not
 *
 * Context: PASSIVE_LEVEL, and still afterwards; sleeps. Where that is impossible the mutex is not
 * taken. DDI: ExAcquireFastMutex, KeAcquireGuardedMutex
 */
void wdmdma_ex_acquire_fast_mutex(PFAST_MUTEX mutex)
{
	if (wd_irql_is_passive(NULL, "ExAcquireFastMutex"))
		mutex_lock(wd_mutex(mutex));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_acquire_fast_mutex, WDMDMA);

/**
 * wdmdma_ex_try_to_acquire_fast_mutex() - take a mutex if it is free
 * @mutex: an initialised mutex
 *
 * Context: PASSIVE_LEVEL.
 * Return: TRUE if the caller has it now. DDI: ExTryToAcquireFastMutex
 */
BOOLEAN wdmdma_ex_try_to_acquire_fast_mutex(PFAST_MUTEX mutex)
{
	return wd_irql_is_passive(NULL, "ExTryToAcquireFastMutex") &&
	       mutex_trylock(wd_mutex(mutex));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_try_to_acquire_fast_mutex, WDMDMA);

/**
 * wdmdma_ex_release_fast_mutex() - give a mutex back
 * @mutex: mutex that the caller has
 *
 * Context: PASSIVE_LEVEL. DDI: ExReleaseFastMutex, KeReleaseGuardedMutex
 */
void wdmdma_ex_release_fast_mutex(PFAST_MUTEX mutex)
{
	/* Where it could not be taken it is not given back either. */
	if (!wd_irql_is_passive(NULL, "ExReleaseFastMutex"))
		return;
	mutex_unlock(wd_mutex(mutex));
}
EXPORT_SYMBOL_NS_GPL(wdmdma_ex_release_fast_mutex, WDMDMA);
