/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fast and guarded mutexes: Linux mutexes, so lockdep watches them. They cannot be waited
 * for with KeWaitForSingleObject (a KMUTEX can, see wait.h) nor taken twice.
 *
 * Linux delivers nothing like an APC to a thread in the kernel: APC_LEVEL is
 * PASSIVE_LEVEL, and critical and guarded regions are empty.
 */
#ifndef WDMDMA_MUTEX_H
#define WDMDMA_MUTEX_H

#include <wdmdma/types.h>
#include <wdmdma/ke.h>

/* A struct mutex */
typedef struct _FAST_MUTEX {
	ULONGLONG opaque[32];
} FAST_MUTEX, *PFAST_MUTEX, KGUARDED_MUTEX, *PKGUARDED_MUTEX;

#ifdef __cplusplus
extern "C" {
#endif

/* Documented in wdmdma/mutex.c */
void wdmdma_ex_initialize_fast_mutex(PFAST_MUTEX mutex, struct wdmdma_lock_class *lock_class,
				     const char *name);
void wdmdma_ex_acquire_fast_mutex(PFAST_MUTEX mutex);
BOOLEAN wdmdma_ex_try_to_acquire_fast_mutex(PFAST_MUTEX mutex);
void wdmdma_ex_release_fast_mutex(PFAST_MUTEX mutex);

#ifdef __cplusplus
}
#endif

/* A macro, so that each place that initialises mutexes makes a lockdep class of its own */
#define ExInitializeFastMutex(mutex) \
	do { \
		static struct wdmdma_lock_class wdmdma_class; \
		wdmdma_ex_initialize_fast_mutex((mutex), &wdmdma_class, #mutex); \
	} while (0)

#define ExAcquireFastMutex wdmdma_ex_acquire_fast_mutex
#define ExAcquireFastMutexUnsafe wdmdma_ex_acquire_fast_mutex
#define ExTryToAcquireFastMutex wdmdma_ex_try_to_acquire_fast_mutex
#define ExReleaseFastMutex wdmdma_ex_release_fast_mutex
#define ExReleaseFastMutexUnsafe wdmdma_ex_release_fast_mutex

#define KeInitializeGuardedMutex ExInitializeFastMutex
#define KeAcquireGuardedMutex wdmdma_ex_acquire_fast_mutex
#define KeAcquireGuardedMutexUnsafe wdmdma_ex_acquire_fast_mutex
#define KeTryToAcquireGuardedMutex wdmdma_ex_try_to_acquire_fast_mutex
#define KeReleaseGuardedMutex wdmdma_ex_release_fast_mutex
#define KeReleaseGuardedMutexUnsafe wdmdma_ex_release_fast_mutex

#define KeEnterCriticalRegion() ((void)0)
#define KeLeaveCriticalRegion() ((void)0)
#define KeEnterGuardedRegion() ((void)0)
#define KeLeaveGuardedRegion() ((void)0)
#define KeAreApcsDisabled() ((BOOLEAN)FALSE)
#define KeAreAllApcsDisabled() ((BOOLEAN)(KeGetCurrentIrql() > PASSIVE_LEVEL))

#endif /* WDMDMA_MUTEX_H */
