/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Objects that can be waited for: events, semaphores and mutexes here, timers in timer.h
 * and threads in thread.h.
 *
 * No Linux lock is in them, so they may be copied into freed memory, left without being
 * torn down, and freed as soon as a wait for them has returned.
 */
#ifndef WDMDMA_WAIT_H
#define WDMDMA_WAIT_H

#include <wdmdma/types.h>
#include <wdmdma/status.h>

/* What every object that can be waited for begins with */
typedef struct _DISPATCHER_HEADER {
	ULONG Type;		/* wdmdma's: the kind of object, with a mark */
	LONG SignalState;	/* above 0: signalled */
	LIST_ENTRY WaitListHead;
} DISPATCHER_HEADER, *PDISPATCHER_HEADER;

typedef enum _EVENT_TYPE {
	NotificationEvent,	/* stays signalled, releases all waiters */
	SynchronizationEvent	/* releases one waiter and is reset by that */
} EVENT_TYPE;

typedef struct _KEVENT {
	DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT, *PRKEVENT;

typedef struct _KSEMAPHORE {
	DISPATCHER_HEADER Header;
	LONG Limit;
} KSEMAPHORE, *PKSEMAPHORE, *PRKSEMAPHORE;

/* Owned by a thread, which may take it again */
typedef struct _KMUTANT {
	DISPATCHER_HEADER Header;
	PVOID OwnerThread;	/* Linux's task, or NULL */
} KMUTANT, *PKMUTANT, *PRKMUTANT, KMUTEX, *PKMUTEX, *PRKMUTEX;

typedef enum _WAIT_TYPE {
	WaitAll,		/* take all objects, at one moment at which all can be had */
	WaitAny			/* take the first that can be had */
} WAIT_TYPE;

struct wd_wait;

/* Memory that a wait for many objects needs for each of them */
typedef struct _KWAIT_BLOCK {
	LIST_ENTRY WaitListEntry;
	PDISPATCHER_HEADER Object;
	struct wd_wait *wait;
} KWAIT_BLOCK, *PKWAIT_BLOCK, *PRKWAIT_BLOCK;

#define THREAD_WAIT_OBJECTS 3		/* so many without an array of KWAIT_BLOCK */
#define MAXIMUM_WAIT_OBJECTS 64

typedef enum _KWAIT_REASON {
	Executive,
	FreePage,
	PageIn,
	PoolAllocation,
	DelayExecution,
	Suspended,
	UserRequest,
	WrExecutive
} KWAIT_REASON;

typedef LONG KPRIORITY;

/* Boosts of priority for who is woken: Linux has no such thing */
#define IO_NO_INCREMENT 0
#define IO_CD_ROM_INCREMENT 1
#define IO_DISK_INCREMENT 1
#define IO_VIDEO_INCREMENT 1
#define IO_PARALLEL_INCREMENT 1
#define IO_NETWORK_INCREMENT 2
#define IO_SERIAL_INCREMENT 2
#define IO_KEYBOARD_INCREMENT 6
#define IO_MOUSE_INCREMENT 6
#define IO_SOUND_INCREMENT 8
#define EVENT_INCREMENT 1
#define SEMAPHORE_INCREMENT 1
#define MUTANT_INCREMENT 1
#define LOW_PRIORITY 0
#define LOW_REALTIME_PRIORITY 16
#define HIGH_PRIORITY 31
#define MAXIMUM_PRIORITY 32

#ifdef __cplusplus
extern "C" {
#endif

/* Waiting. Documented in wdmdma/wait.c. */
NTSTATUS wdmdma_ke_wait_for_single_object(PVOID object, KWAIT_REASON reason,
					  KPROCESSOR_MODE mode, BOOLEAN alertable,
					  PLARGE_INTEGER timeout);
NTSTATUS wdmdma_ke_wait_for_multiple_objects(ULONG count, PVOID objects[], WAIT_TYPE type,
					     KWAIT_REASON reason, KPROCESSOR_MODE mode,
					     BOOLEAN alertable, PLARGE_INTEGER timeout,
					     PKWAIT_BLOCK blocks);
NTSTATUS wdmdma_ke_delay_execution_thread(KPROCESSOR_MODE mode, BOOLEAN alertable,
					  PLARGE_INTEGER interval);

/* The objects. Documented in wdmdma/object.c. */
void wdmdma_ke_initialize_event(PKEVENT event, EVENT_TYPE type, BOOLEAN state);
LONG wdmdma_ke_set_event(PKEVENT event, KPRIORITY increment, BOOLEAN wait);
LONG wdmdma_ke_pulse_event(PKEVENT event, KPRIORITY increment, BOOLEAN wait);
LONG wdmdma_ke_reset_event(PKEVENT event);
void wdmdma_ke_initialize_semaphore(PKSEMAPHORE semaphore, LONG count, LONG limit);
LONG wdmdma_ke_release_semaphore(PKSEMAPHORE semaphore, KPRIORITY increment, LONG adjustment,
				 BOOLEAN wait);
void wdmdma_ke_initialize_mutex(PKMUTEX mutex, ULONG level);
LONG wdmdma_ke_release_mutex(PKMUTEX mutex, BOOLEAN wait);
LONG wdmdma_ke_read_state(const DISPATCHER_HEADER *header);

#ifdef __cplusplus
}
#endif

#define KeWaitForSingleObject wdmdma_ke_wait_for_single_object
#define KeWaitForMultipleObjects wdmdma_ke_wait_for_multiple_objects
#define KeWaitForMutexObject wdmdma_ke_wait_for_single_object
#define KeDelayExecutionThread wdmdma_ke_delay_execution_thread
#define KeInitializeEvent wdmdma_ke_initialize_event
#define KeSetEvent wdmdma_ke_set_event
#define KePulseEvent wdmdma_ke_pulse_event
#define KeResetEvent wdmdma_ke_reset_event
#define KeClearEvent(event) ((void)wdmdma_ke_reset_event(event))
#define KeReadStateEvent(event) wdmdma_ke_read_state(&(event)->Header)
#define KeInitializeSemaphore wdmdma_ke_initialize_semaphore
#define KeReleaseSemaphore wdmdma_ke_release_semaphore
#define KeReadStateSemaphore(semaphore) wdmdma_ke_read_state(&(semaphore)->Header)
#define KeInitializeMutex wdmdma_ke_initialize_mutex
#define KeReleaseMutex wdmdma_ke_release_mutex
#define KeReadStateMutex(mutex) wdmdma_ke_read_state(&(mutex)->Header)

#endif /* WDMDMA_WAIT_H */
